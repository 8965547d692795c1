// What the tests share: a visit that also holds two promises (nothing leaves
// the origin, nothing is written to the console), and ways to look at results.

import assert from "node:assert/strict";
import { base, launch } from "./browser.mjs";

export const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };

let browser;

/** The browser of a test file; `close` it after its tests. */
export async function open() {
  browser = await launch();
}

export async function close() {
  await browser.close();
}

/**
 * Runs `check(page, context)` at an address. `refused` allows the browser's own
 * note about an answer of 4xx; `route` stands between the page and /v1.
 */
export async function visit(hash, check, { viewport = DESKTOP, colorScheme, refused = false, route, hasTouch = false } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, hasTouch, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const foreign = [];
  const complaints = [];
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== new URL(base).origin && protocol !== "blob:") foreign.push(request.url());
  });
  page.on("console", (message) => {
    const expected = refused && message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !expected) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  try {
    if (route) await page.route("**/v1/**", route);
    await page.goto(`${base}/${hash}`);
    await check(page, context);
    assert.deepEqual(foreign, [], "requests left the origin");
    assert.deepEqual(complaints, [], "the console is not empty");
  } finally {
    await context.close();
  }
}

export const cards = (page) => page.locator(".results .card[data-id]");

/**
 * Waits until the results are those of what is typed and chosen: a change of
 * the address marks them busy at once, but the box waits for the next key
 * before it changes the address.
 */
export async function settled(page) {
  await page.waitForFunction(() => {
    const results = document.querySelector(".results");
    const box = document.querySelector("#q");
    const asked = new URLSearchParams(location.hash.split("?")[1]).get("q") ?? "";
    return results?.querySelector(".card[data-id], .empty, .problem") && !results.hasAttribute("aria-busy") && (!box || box.value.trim() === asked);
  });
}

/** One step back, and what it brings. */
export async function back(page) {
  await page.evaluate(() => new Promise((resolve) => {
    addEventListener("popstate", () => setTimeout(resolve), { once: true });
    history.back();
  }));
  await settled(page);
}

export async function total(page) {
  return Number((await page.locator(".total b").innerText()).replaceAll(/[^0-9]/g, ""));
}

export async function ids(page) {
  return cards(page).evaluateAll((list) => list.map((card) => card.dataset.id));
}

/** What a person sees of the results: ids and scores in order. */
export async function seen(page) {
  return cards(page).evaluateAll((list) => list.map((card) => `${card.dataset.id} ${card.querySelector(".score b")?.textContent ?? ""}`));
}

/** A word of the first title that can be searched for. */
export async function someWord(page) {
  const titles = await page.locator(".results .card-title").allInnerTexts();
  const word = titles.flatMap((title) => title.match(/\p{L}{4,}/gu) ?? []).at(0);
  assert.ok(word, "no title has a word of four letters");
  return word;
}

export async function type(page, text) {
  await page.locator("#q").fill(text);
  await settled(page);
  await page.keyboard.press("Escape");
}

/** The members of the last request a page sent to a path, as JSON. */
export function listen(page, path) {
  const bodies = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && new URL(request.url()).pathname.startsWith(path)) bodies.push(request.postDataJSON());
  });
  return { last: () => bodies.at(-1), all: bodies };
}

/** What the server itself answers, past the page. */
export async function ask(path, body) {
  const response = await fetch(`${base}${path}`, body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const answer = await response.json();
  assert.ok(response.ok, JSON.stringify(answer));
  return answer;
}

/** A city several jobs are in, from the server's own counts. */
export async function someCity() {
  const { facets } = await ask("/v1/search/jobs", { limit: 0, facets: ["location.city"] });
  return facets["location.city"][0].value;
}

/** The score of a card, after its bar and its list were added up. */
export async function checkedScore(card) {
  const parts = await card.evaluate((element) => {
    // A minus is written as one.
    const number = (text) => Number(text.trim().replace("−", "-"));
    const texts = (selector, within = element) => [...within.querySelectorAll(selector)].map((one) => number(one.textContent));
    const bar = element.querySelector(".bar");
    const { left, width } = bar.getBoundingClientRect();
    const places = [...bar.children].map((piece) => ({ taken: piece.classList.contains("taken"), box: piece.getBoundingClientRect() }));
    const right = Math.max(left, ...places.filter(({ taken }) => !taken).map(({ box }) => box.right));
    const covered = places.filter(({ taken }) => taken).reduce((sum, { box }) => sum + box.width, 0);
    const whisker = element.querySelector(".whisker")?.getBoundingClientRect();
    return {
      score: Number(bar.dataset.score),
      end: Number(bar.dataset.end),
      badge: number(element.querySelector(".score b").textContent),
      list: texts(".parts > li > .part-points b"),
      sum: texts(".sum b"),
      groups: [...element.querySelectorAll(".part-group")].map((group) => [texts("h4 b", group)[0], ...texts(".parts > li > .part-points b", group)]),
      subs: [...element.querySelectorAll(".parts > li:has(.part-subs)")].map((line) => [texts(".part-points b", line)[0], ...texts(".sub-points", line)]),
      filled: (right - left - covered) / width,
      whisker: whisker && [(whisker.left - left) / width, (whisker.right - left) / width],
    };
  });
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  // Figures have one decimal; tenths are compared, as those are whole.
  const tenths = (list) => sum(list.map((one) => Math.round(one * 10)));
  assert.equal(parts.end, parts.score, "what the bar leaves is not the score");
  assert.equal(tenths([parts.badge]), Math.round(parts.score / 1_000));
  assert.deepEqual(parts.sum, [parts.badge]);
  assert.equal(tenths(parts.list), tenths([parts.badge]), `${parts.list} of ${parts.badge}`);
  assert.ok(parts.groups.length > 0);
  for (const [whole, ...pieces] of [...parts.groups, ...parts.subs]) assert.equal(tenths(pieces), tenths([whole]), `${pieces} of ${whole}`);
  assert.ok(Math.abs(parts.filled - parts.score / 1_000_000) < 0.03, `a bar of ${parts.filled} for ${parts.score}`);
  if (parts.whisker) assert.ok(parts.whisker[0] - 0.01 <= parts.score / 1_000_000 && parts.score / 1_000_000 <= parts.whisker[1] + 0.01, `a score outside of what it can become: ${parts.whisker}`);
  return parts.score;
}
