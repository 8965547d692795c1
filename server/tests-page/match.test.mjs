// Documents, matches, weights and the comparison.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CV } from "./browser.mjs";
import { back, cards, checkedScore, close, ids, listen, open, seen, settled, someWord, total, type, visit } from "./helpers.mjs";

before(open);
after(close);

const matched = (page) => page.locator(".results .bar").first().waitFor();

describe("document", () => {
  test("a card opens its document, with an address of its own and the score's parts", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      await type(page, await someWord(page));
      const title = await page.locator(".card-title").first().innerText();
      const score = await page.locator(".card .score").first().innerText();
      await page.locator(".card-title").first().click();
      await page.locator("#document .fields").waitFor();
      assert.equal(await page.locator("#document-title").innerText(), title);
      await page.locator("#document .explain .breakdown").waitFor();
      assert.equal(await page.locator("#document .explain .score").innerText(), score);
      const link = page.url();
      await back(page);
      await page.locator("dialog[open]").waitFor({ state: "detached" });
      await page.goto("about:blank");
      await page.goto(link);
      await page.locator("#document .explain .breakdown").waitFor();
      assert.equal(await page.locator("#document-title").innerText(), title);
    }));
});

describe("match", () => {
  test("a pasted CV ranks jobs, and the bars sum to the score", () =>
    visit("#/match?from=candidates&to=jobs", async (page) => {
      await page.locator("#paste").fill(CV);
      await page.getByRole("button", { name: "Find matches" }).click();
      await matched(page);
      assert.ok(!page.url().includes("Python"), "the pasted text is in the address");
      const scores = [];
      for (const card of (await cards(page).all()).slice(0, 10)) scores.push(await checkedScore(card));
      assert.deepEqual(scores, scores.toSorted((a, b) => b - a));
      assert.ok((await page.locator('.card-title[data-key^="jobs/"]').count()) > 0);
      assert.match(await page.locator(".total b").innerText(), /^Best of /);
      assert.equal(await page.getByRole("button", { name: "Copy link" }).count(), 0, "a link that leads to an empty form is offered");
      assert.match(await page.locator(".results-foot").innerText(), /pasted text is in no address/);
      assert.match(await page.locator("#paste-note").innerText(), /a reload forgets it/);
      const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
      assert.ok(!stored.includes("Python"), "the pasted text was stored");
    }));

  test("an uploaded text file is matched, in UTF-8, UTF-16 and Latin-1", () =>
    visit("#/match?from=candidates&to=jobs", async (page) => {
      const word = "Müller, ";
      for (const [name, buffer] of [["utf8.txt", Buffer.from(word + CV)], ["utf16.txt", Buffer.from(`\ufeff${word}${CV}`, "utf16le")], ["latin1.txt", Buffer.from(word + CV, "latin1")]]) {
        await page.locator("#upload").setInputFiles({ name, mimeType: "text/plain", buffer });
        await page.waitForFunction((text) => document.querySelector("#paste").value.startsWith(text), word);
        await matched(page);
        await settled(page);
        assert.equal(await page.locator(".paste-fault").innerText(), "", name);
      }
    }));

  test("what is no text is refused with a sentence that says what to do", () =>
    visit("#/match?from=candidates&to=jobs", async (page) => {
      for (const [name, head, said] of [["cv.pdf", "%PDF-1.7\n", /PDF.*paste/], ["cv.docx", "PK\u0003\u0004", /Word.*paste/], ["cv.bin", "a\0b\0", /not a text file.*paste/], ["cv.txt", "", /empty/], ["cv.txt", "x".repeat(1_000_001), /larger than 1 MB/]]) {
        await page.locator("#upload").setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(head, "latin1") });
        await page.waitForFunction((source) => new RegExp(source).test(document.querySelector(".paste-fault").textContent), said.source);
      }
      assert.equal(await page.locator("#paste").inputValue(), "");
      assert.equal(await page.locator(".results .bar").count(), 0);
    }));

  test("a dropped file is taken", () =>
    visit("#/match?from=candidates&to=jobs", async (page) => {
      const data = await page.evaluateHandle((text) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([text], "cv.txt", { type: "text/plain" }));
        return transfer;
      }, CV);
      await page.dispatchEvent("#paste", "dragover", { dataTransfer: data });
      assert.equal(await page.locator(".paste.dropping").count(), 1);
      await page.dispatchEvent("#paste", "drop", { dataTransfer: data });
      await matched(page);
      assert.equal(await page.locator("#paste").inputValue(), CV);
    }));

  test("\"Find matches\" on a job gives candidates, and on a candidate jobs", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      for (const [from, to] of [["jobs", "candidates"], ["candidates", "jobs"]]) {
        await page.locator('[data-action="match"]').first().click();
        await page.locator(`.results .card-title[data-key^="${to}/"]`).first().waitFor();
        await settled(page);
        const { searchParams } = new URL(page.url().replace("#/", ""));
        assert.deepEqual([searchParams.get("from"), searchParams.get("to")], [from, to]);
        assert.equal(await page.locator(`.results .card-title:not([data-key^="${to}/"])`).count(), 0);
        await page.locator(".chosen .card-title").waitFor();
      }
    }));

  test("\"Similar\" finds documents of the same kind, never the source", () =>
    visit("#/search/candidates", async (page) => {
      await settled(page);
      const [source] = await ids(page);
      await page.locator('[data-action="similar"]').first().click();
      await matched(page);
      await settled(page);
      assert.ok(!(await ids(page)).includes(source));
      assert.ok((await page.locator('.results .card-title[data-key^="candidates/"]').count()) > 0);
    }));

  test("a stored document can be picked, and its matches filtered", () =>
    visit("#/match?from=jobs&to=candidates", async (page) => {
      await page.getByRole("button", { name: "Stored document" }).click();
      await page.locator(".picks button").first().click();
      await matched(page);
      await settled(page);
      const all = await total(page);
      await page.locator(".filters input[data-field]").first().check();
      await settled(page);
      assert.ok((await total(page)) <= all);
      assert.match(page.url(), /filter\./);
    }));
});

describe("weights", () => {
  /** Puts a slider on a value, as a hand would: many small moves. */
  async function slide(page, name, value) {
    await page.locator(`input[data-weight="${name}"]`).evaluate((input, to) => {
      input.focus();
      input.value = to;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }, String(value));
  }

  test("a slider asks the server for the new order, and what is read stays open", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      await type(page, await someWord(page));
      const before = await seen(page);
      await page.locator(".weights-button").click();
      await page.locator(".why summary").first().click();
      const read = await page.locator(".card:has(.why[open])").getAttribute("data-id");
      const sent = listen(page, "/v1/search/");
      await slide(page, "similarity", 100);
      await page.waitForFunction(() => location.hash.includes("weight.similarity=100"));
      await settled(page);
      assert.deepEqual(sent.last().weights, { similarity: 100 });
      const after = await seen(page);
      assert.notDeepEqual(after, before, "the slider changed nothing");
      const scores = after.map((one) => Number(one.split(" ").at(-1)));
      assert.deepEqual(scores, scores.toSorted((a, b) => b - a));
      if ((await ids(page)).includes(read)) assert.equal(await page.locator(".card:has(.why[open])").getAttribute("data-id"), read, "what was being read was folded");
      for (const card of (await cards(page).all()).slice(0, 3)) await checkedScore(card);
    }));

  test("are kept under a name, chosen again, and reset", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      await type(page, await someWord(page));
      const usual = await seen(page);
      await page.locator(".weights-button").click();
      await slide(page, "similarity", 95);
      await page.waitForFunction(() => location.hash.includes("weight.similarity=95"));
      await settled(page);
      await page.locator('input[name="profile"]').fill("By meaning");
      await page.keyboard.press("Enter");
      await settled(page);
      await page.getByRole("button", { name: "Reset" }).click();
      await page.waitForFunction(() => !location.hash.includes("weight."));
      await settled(page);
      assert.deepEqual((await seen(page)).map((one) => one.split(" ")[0]), usual.map((one) => one.split(" ")[0]));
      await page.reload();
      await settled(page);
      await page.locator(".weights-button").click();
      await page.getByLabel("Saved weights").selectOption("By meaning");
      await page.waitForFunction(() => location.hash.includes("weight.similarity=95"));
      await settled(page);
      assert.equal(await page.locator('input[data-weight="similarity"]').inputValue(), "95");
      await page.getByRole("button", { name: "Delete the weights By meaning" }).click();
      assert.equal(await page.getByLabel("Saved weights").locator("option", { hasText: "By meaning" }).count(), 0);
    }));

  test("of 0 everywhere are said to order nothing", () =>
    visit("#/search/jobs?q=nurse&weight.text=0&weight.similarity=0&weight.skills=0&weight.freshness=0&weight.rating=0", async (page) => {
      await settled(page);
      const note = page.getByText("All weights are 0");
      await note.waitFor();
      await page.locator(".weights-button").click();
      await slide(page, "text", 50);
      await note.waitFor({ state: "hidden" });
    }));

  test("are those of the address in a match too", () =>
    visit("#/match?from=candidates&to=jobs&weight.skills=100", async (page) => {
      const sent = listen(page, "/v1/match");
      await page.getByRole("button", { name: "Use an example" }).click();
      await matched(page);
      assert.deepEqual(sent.last().weights, { skills: 100 });
    }));
});

describe("what a score says", () => {
  const EXAMPLE = "#/match?from=candidates&to=jobs";

  async function example(page) {
    await page.getByRole("button", { name: "Use an example" }).click();
    await matched(page);
    await settled(page);
  }

  test("groups and their shares, what was taken, and what it can become", () =>
    visit(EXAMPLE, async (page) => {
      await example(page);
      for (const card of (await cards(page).all()).slice(0, 10)) await checkedScore(card);
      await page.locator(".why summary").first().click();
      const groups = await page.locator(".card:has(.why[open]) .part-group").evaluateAll((list) => list.map((one) => one.dataset.group));
      assert.ok(groups.includes("skills") && groups.includes("experience") && groups.includes("adjustment"), groups);
      assert.match(await page.locator(".card:has(.why[open]) .part-group h4").first().innerText(), /Skills\s*\d+\.\d \/ \d+\.\d/);
      assert.match(await page.locator(".card:has(.why[open]) .breakdown").innerText(), /% of it is known/);
      const taken = await page.locator(".results .bar .taken").evaluateAll((list) => list.filter(({ dataset }) => Number(dataset.points) <= -1_000).map(({ title }) => title));
      assert.ok(taken.length > 0, "nothing was taken");
      for (const title of taken) assert.match(title, /: −\d/, "what is taken has no minus");
      assert.match(await page.locator(".bar-box").first().getAttribute("aria-label"), /^Score [\d.]+ of 100.* when more is said, \d+ % known: .*Required skills/);
    }));

  test("a profile is chosen, asked for, named, and part of the address", () =>
    visit(EXAMPLE, async (page) => {
      await example(page);
      const before = await seen(page);
      await page.locator(".weights-button").click();
      const sent = listen(page, "/v1/match");
      await page.locator('select[name="score-profile"]').selectOption("sales");
      await page.waitForFunction(() => location.hash.includes("profile=sales"));
      await settled(page);
      assert.equal(sent.last().profile, "sales");
      assert.equal(await page.locator('input[data-weight="experience"]').inputValue(), "45");
      await page.getByText("(sales, version 1)").waitFor();
      assert.notDeepEqual(await seen(page), before);
      await page.locator('select[name="score-profile"]').selectOption("");
      await page.waitForFunction(() => !location.hash.includes("profile="));
      await settled(page);
      assert.deepEqual(await seen(page), before);
    }));

  test("what does not meet a must has a reason and no percentage", () =>
    // By date, since by score they stand behind all others.
    visit("#/match?from=candidates&id=cand-0000007&to=jobs&sort=-posted_at", async (page) => {
      await matched(page);
      await settled(page);
      await page.locator(".weights-button").click();
      const sent = listen(page, "/v1/match");
      await page.getByLabel("Required skills", { exact: true }).check();
      await page.waitForFunction(() => location.hash.includes("musts=skills.required"));
      await settled(page);
      assert.deepEqual(sent.last().musts, ["skills.required"]);
      const gated = page.locator(".results .card:has(.gates)");
      assert.ok((await gated.count()) > 0, "nothing is gated");
      const card = gated.first();
      assert.equal(await card.locator(".score").innerText(), "gated");
      assert.match(await card.locator(".gates").innerText(), /^Required skills: a required skill is not held.*: ./);
      assert.equal(await card.locator(".bar").count(), 0);
      // None at all is something else than those of the profile.
      await page.getByLabel("Required skills", { exact: true }).uncheck();
      await page.waitForFunction(() => location.hash.includes("musts=none"));
      await settled(page);
      assert.deepEqual(sent.last().musts, []);
      assert.equal(await gated.count(), 0);
    }));

  test("a document that says nothing has words in the place of a percentage", () => {
    // The demo has no empty document, so one of its answers becomes that of one.
    const route = async (call) => {
      const response = await call.fetch();
      const answer = await response.json();
      const hit = answer.hits?.at(-1);
      if (hit) Object.assign(hit, { score: 0, low: 0, completeness: 0, insufficient_data: true, contributions: hit.contributions.map((part) => ({ ...part, points: 0, unknown: true, low: part.min, high: part.max })) });
      return call.fulfill({ response, json: answer });
    };
    return visit(EXAMPLE, async (page) => {
      await example(page);
      const card = cards(page).last();
      assert.equal(await card.locator(".score").innerText(), "insufficient data");
      assert.equal(await card.locator(".bar").count(), 0);
      await card.locator(".why summary").click();
      assert.match(await card.locator(".sum").innerText(), /^Insufficient data/);
      assert.doesNotMatch(await card.locator(".sum").innerText(), /\d/);
    }, { route });
  });
});

describe("comparison", () => {
  test("two hits side by side: their scores, parts and fields; the address opens it again", () =>
    visit("#/search/candidates", async (page, context) => {
      await settled(page);
      await type(page, await someWord(page));
      const scores = (await page.locator(".card .score b").allInnerTexts()).slice(0, 2);
      const titles = (await page.locator(".card-title").allInnerTexts()).slice(0, 2);
      for (const i of [0, 1]) await page.locator("[data-compare]").nth(i).click();
      assert.equal(await page.locator("[data-compare][aria-pressed=true]").count(), 2);
      await page.keyboard.press("Shift+C");
      await page.locator("table.compare").waitFor();
      assert.deepEqual(await page.locator(".compare thead .card-title").allInnerTexts(), titles);
      assert.deepEqual((await page.locator(".compare thead .score b").allInnerTexts()), scores);
      const sums = await page.locator(".compare-parts tr[data-part]:not(.sub)").evaluateAll((rows) => rows.reduce((sum, row) => sum.map((value, i) => value + Math.round(10 * Number(row.querySelectorAll("td")[i].querySelector(".part-points b")?.textContent.replace("−", "-") ?? 0))), [0, 0]));
      assert.deepEqual(sums, scores.map((score) => Math.round(10 * Number(score.replaceAll(/[^0-9.]/g, "")))), "the parts do not add up to the score above them");
      assert.ok((await page.locator(".compare tbody th[scope=row]").count()) > 5);
      const asides = await page.locator(".compare thead .card-sub").count();
      assert.equal(asides, 2, "columns say only their title");
      const other = await context.newPage();
      await other.goto(page.url());
      await other.locator("table.compare").waitFor();
      assert.deepEqual(await other.locator(".compare thead .card-title").allInnerTexts(), titles);
      await page.keyboard.press("Escape");
      await page.locator("dialog[open]").waitFor({ state: "detached" });
      assert.equal(await page.evaluate(() => document.activeElement.dataset.action), "open-compare");
      await page.locator(".tray .link", { hasText: "Clear" }).click();
      assert.equal(await page.locator("[data-compare][aria-pressed=true]").count(), 0);
      assert.ok(await page.locator("#tray").isHidden());
    }));

  test("a match compares skills found and missing; a fourth pushes out the first", () =>
    visit("#/match?from=candidates&to=jobs", async (page) => {
      await page.getByRole("button", { name: "Use an example" }).click();
      await matched(page);
      for (const i of [0, 1, 2, 3]) await page.locator("[data-compare]").nth(i).click();
      const held = await page.locator("[data-compare][aria-pressed=true]").evaluateAll((list) => list.map((one) => one.dataset.compare));
      assert.deepEqual(held, (await ids(page)).slice(1, 4));
      await page.locator('[data-action="open-compare"]').click();
      await page.locator("table.compare").waitFor();
      assert.equal(await page.locator(".compare thead th").count(), 3);
      assert.ok((await page.locator(".compare .chip.found").count()) > 0);
    }));
});
