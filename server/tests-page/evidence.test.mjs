// Why a hit has its points, in the words of both texts.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CV } from "./browser.mjs";
import { cards, close, listen, open, PHONE, settled, visit } from "./helpers.mjs";

before(open);
after(close);

async function explained(page) {
  await page.locator("#paste").fill(CV);
  await page.getByRole("button", { name: "Find matches" }).click();
  await settled(page);
  const card = cards(page).first();
  await card.locator(".why summary").click();
  await card.locator('[data-action="evidence"]').click();
  await page.locator(".evidence-text mark").first().waitFor();
}

test("every lit span is the text the server cut out, in both texts", () => visit("#/match?from=candidates&to=jobs", async (page) => {
  const answers = [];
  page.on("response", async (response) => {
    if (response.url().endsWith("/v1/explain")) answers.push(await response.json());
  });
  const asked = listen(page, "/v1/explain");
  await explained(page);
  assert.equal(asked.last().evidence, true);
  assert.equal(await page.locator(".evidence-text").count(), 2);
  const { evidence } = answers.at(-1);
  // Strings are shown as they came: nothing is lost between the marks.
  for (const side of ["source", "document"]) {
    const shown = await page.locator(`.evidence-text[data-side="${side}"] p:not(.eyebrow)`).evaluateAll((list) => list.map((one) => one.textContent));
    assert.deepEqual(shown.toSorted(), evidence[side].texts.map(({ text }) => text).toSorted());
  }
  const entries = page.locator(".evidence-entry");
  let lit = 0;
  for (let at = 0; at < await entries.count(); at += 1) {
    await entries.nth(at).hover();
    const texts = await page.locator("mark.lit").allTextContents();
    lit += texts.length;
  }
  assert.ok(lit > 0);
  const skill = evidence.lines.find(({ contribution, met, source, document }) => contribution.startsWith("skills.") && met === 100 && source[0]?.bytes && document[0]?.bytes);
  assert.ok(skill, "no skill of the example is met");
  await page.locator(".evidence-entry", { has: page.locator("b", { hasText: new RegExp(`^${skill.want.replaceAll(/[^\p{L}\d]/gu, ".")}$`, "u") }) }).first().hover();
  for (const side of ["source", "document"]) {
    const marks = (await page.locator(`[data-side="${side}"] mark.lit`).allTextContents()).join("|");
    assert.ok(marks.includes(skill[side][0].text), `${skill[side][0].text} is not lit in ${side}: ${marks}`);
  }
}));

test("the keyboard reaches a want, keeps it lit and closes the view", () => visit("#/match?from=candidates&to=jobs", async (page) => {
  await explained(page);
  const entry = page.locator('li[data-state="met"] > .evidence-entry').first();
  await entry.focus();
  assert.ok(await page.locator("mark.lit").count() > 0, "the focus lights nothing");
  await page.keyboard.press("Enter");
  assert.equal(await entry.getAttribute("aria-pressed"), "true");
  await page.keyboard.press("Tab");
  await page.locator(".evidence-text").first().focus();
  assert.ok(await page.locator("mark.lit").count() > 0, "what was pressed did not stay lit");
  // What is lit can be seen, in each text that has it.
  const hidden = await page.locator(".evidence-text").evaluateAll((list) => list.filter((text) => {
    const mark = text.querySelector("mark.lit");
    if (!mark) return false;
    const [inner, outer] = [mark.getBoundingClientRect(), text.getBoundingClientRect()];
    return inner.top < outer.top || inner.bottom > outer.bottom;
  }).length);
  assert.equal(hidden, 0);
  await page.keyboard.press("Escape");
  await page.locator("#evidence[open]").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.dataset.action), "evidence");
}));

test("a search shows the one text, and a link opens it again", () => visit("#/search/jobs?q=nurse", async (page) => {
  await settled(page);
  const card = cards(page).first();
  await card.locator(".why summary").click();
  await card.locator('[data-action="evidence"]').click();
  await page.locator(".evidence.alone .evidence-text mark").first().waitFor();
  await page.reload();
  await page.locator(".evidence.alone .evidence-text mark").first().waitFor();
}));

test("on a phone the wants and both texts stand below each other", () => visit("#/match?from=candidates&to=jobs", async (page) => {
  await explained(page);
  const boxes = await page.locator(".evidence > *").evaluateAll((list) => list.map((one) => one.getBoundingClientRect().toJSON()));
  assert.equal(boxes.length, 3);
  for (const [above, below] of [[boxes[0], boxes[1]], [boxes[1], boxes[2]]]) assert.ok(above.bottom <= below.top + 1);
  for (const box of boxes) assert.ok(box.left >= 0 && box.right <= PHONE.width && box.height > 80, JSON.stringify(box));
}, { viewport: PHONE }));
