// What the page promises, in a real browser against a real server with the
// sample's jobs and candidates. Nothing here knows a certain document: words,
// counts and names are read from the page first. See browser.mjs for how the
// server and the browser are named.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { base, CV, launch } from "./browser.mjs";

const PHONE = { width: 360, height: 740 };
let browser;

before(async () => {
  browser = await launch();
});
after(() => browser.close());

/**
 * Runs `check(page)` at an address. Every visit also holds two promises: no
 * request leaves the origin, and nothing is written to the console.
 * `refused` allows the browser's own note about an answer of 4xx.
 */
async function visit(hash, check, { viewport, colorScheme, refused = false, route } = {}) {
  const context = await browser.newContext({ viewport: viewport ?? { width: 1280, height: 900 }, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const foreign = [];
  const complaints = [];
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(base).origin) foreign.push(request.url());
  });
  page.on("console", (message) => {
    const expected = refused && message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !expected) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  try {
    if (route) await page.route("**/v1/**", route);
    await page.goto(`${base}/${hash}`);
    await check(page);
    assert.deepEqual(foreign, [], "requests left the origin");
    assert.deepEqual(complaints, [], "the console is not empty");
  } finally {
    await context.close();
  }
}

const cards = (page) => page.locator(".results .card");

/**
 * Waits until the results are those of what is typed and chosen: a change of
 * the address marks them busy at once, but the box waits for the next key
 * before it changes the address.
 */
async function settled(page) {
  await page.waitForFunction(() => {
    const results = document.querySelector(".results");
    const box = document.querySelector("#q");
    const asked = new URLSearchParams(location.hash.split("?")[1]).get("q") ?? "";
    return results?.querySelector(".card, .empty, .problem") && !results.hasAttribute("aria-busy") && (!box || box.value.trim() === asked);
  });
}

/** One step back, and what it brings. */
async function back(page) {
  await page.evaluate(() => new Promise((resolve) => {
    addEventListener("popstate", () => setTimeout(resolve), { once: true });
    history.back();
  }));
  await settled(page);
}

async function total(page) {
  return Number((await page.locator(".total b").innerText()).replaceAll(/[^0-9]/g, ""));
}

async function ids(page) {
  return cards(page).evaluateAll((list) => list.map((card) => card.dataset.id));
}

/** A word of the first title that can be searched for. */
async function someWord(page) {
  const titles = await page.locator(".results .card-title").allInnerTexts();
  const word = titles.flatMap((title) => title.match(/\p{L}{4,}/gu) ?? []).at(0);
  assert.ok(word, "no title has a word of four letters");
  return word;
}

async function type(page, text) {
  await page.locator("#q").fill(text);
  await settled(page);
}

describe("search", () => {
  test("shows every kind with its count, cards and the total with its rule", () =>
    visit("", async (page) => {
      await settled(page);
      const { kinds } = await page.evaluate(async () => (await fetch("/v1/kinds")).json());
      const tabs = await page.locator("#tabs a").allInnerTexts();
      assert.equal(tabs.length, kinds.length + 1);
      const all = await total(page);
      assert.ok(all > 0 && all <= kinds[0].documents, `${all} of ${kinds[0].documents}`);
      assert.ok((await cards(page).count()) > 0);
      assert.ok((await page.locator(".tip").getAttribute("data-tip")).length > 0);
      assert.ok((await page.locator(".facet").count()) > 0);
    }));

  test("typing narrows, marks what was found and is part of the address", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const all = await total(page);
      const word = await someWord(page);
      await type(page, `+${word}`);
      assert.ok((await total(page)) < all, `+${word} finds as many as no word at all`);
      assert.match(page.url(), new RegExp(`q=%2B${encodeURIComponent(word)}`));
      assert.ok((await page.locator(".results mark").count()) > 0);
      assert.ok(await page.locator(".understood .chip").first().isVisible());
      await back(page);
      assert.equal(await total(page), all);
      assert.equal(await page.locator("#q").inputValue(), "");
    }));

  test("a facet filters by its own count, is in the address, and back restores", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const all = await total(page);
      const value = page.locator(".filters label.value:has(input[data-field])").first();
      const input = value.locator("input");
      const expected = Number((await value.locator(".value-count").innerText()).replaceAll(",", ""));
      const field = await input.getAttribute("data-field");
      await input.check();
      await settled(page);
      assert.equal(await total(page), expected);
      assert.ok(page.url().includes(`filter.${field}=`));
      assert.equal(await page.locator(".chips.active .chip").count(), 1);
      assert.ok(await page.evaluate(() => document.activeElement.matches("input[data-field]")), "the redrawn list lost the focus");
      await back(page);
      assert.equal(await total(page), all);
      assert.equal(await page.locator(".filters input:checked").count(), 0);
    }));

  test("two values of a facet are either of them; their chips take them away", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const all = await total(page);
      const inputs = page.locator('.filters input[data-field="company"]');
      const one = await inputs.nth(0).getAttribute("data-value");
      const two = await inputs.nth(1).getAttribute("data-value");
      const pick = (name) => page.locator(`.filters input[data-field="company"][data-value=${JSON.stringify(name)}]`).check();
      await pick(one);
      await settled(page);
      const first = await total(page);
      await pick(two);
      await settled(page);
      assert.ok((await total(page)) > first, "a second value did not add to the first");
      for (const chip of [one, two]) {
        await page.locator(".chips.active .chip.remove", { hasText: chip }).first().click();
        await settled(page);
      }
      assert.equal(await total(page), all);
    }));

  test("more pages append without repeats", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      for (let pages = 2; pages <= 3; pages += 1) {
        const held = await cards(page).count();
        await page.locator(".button.more").click();
        await page.waitForFunction((n) => document.querySelectorAll(".results .card").length > n, held);
      }
      const seen = await ids(page);
      assert.equal(new Set(seen).size, seen.length);
    }));

  test("every order the page offers is one the server knows", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const sorts = await page.locator(".sort option").evaluateAll((options) => options.map((option) => option.value));
      for (const sort of sorts) {
        await page.locator(".sort select").selectOption(sort);
        await settled(page);
        assert.ok((await cards(page).count()) > 0, `sort ${sort}`);
      }
    }));

  test("every filter group of every kind can be used", () =>
    visit("", async (page) => {
      await settled(page);
      for (const tab of await page.locator("#tabs a").all()) {
        if ((await tab.innerText()) === "Match") continue;
        await tab.click();
        await settled(page);
        await page.locator(".facet:not([open]) > summary").evaluateAll((list) => list.forEach((summary) => summary.click()));
        const number = page.locator(".facet input[type=number]").first();
        if ((await number.count()) === 0) continue;
        await number.fill("1");
        await page.keyboard.press("Enter");
        await settled(page);
        assert.equal(await page.locator(".problem").count(), 0);
        assert.equal(await page.locator(".chips.active .chip").count(), 1);
      }
    }));

  test("a request that was overtaken is dropped", () => {
    const isSlow = (request) => request.postData()?.includes('"q":"slow"') ?? false;
    // The slow request is never answered: only the page can end it.
    const route = (call) => (isSlow(call.request()) ? undefined : call.continue());
    return visit("#/search/jobs", async (page) => {
      await settled(page);
      const before = await ids(page);
      const asked = page.waitForEvent("request", isSlow);
      const dropped = page.waitForEvent("requestfailed", isSlow);
      await page.locator("#q").fill("slow");
      await asked;
      await type(page, "");
      await dropped;
      assert.deepEqual(await ids(page), before);
    }, { route });
  });

  test("nothing found is said, with a way out", () =>
    visit(`#/search/jobs?q=${encodeURIComponent("+nurse -nurse")}`, async (page) => {
      await page.locator(".empty").waitFor();
      assert.equal(await total(page), 0);
    }));
});

describe("document and match", () => {
  test("a card opens its document, with an address of its own", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const title = await page.locator(".card-title").first().innerText();
      await page.locator(".card-title").first().click();
      await page.locator("dialog .fields").waitFor();
      assert.equal(await page.locator("#document-title").innerText(), title);
      const link = page.url();
      await back(page);
      await page.locator("dialog[open]").waitFor({ state: "detached" });
      await page.goto("about:blank");
      await page.goto(link);
      await page.locator("dialog .fields").waitFor();
      assert.equal(await page.locator("#document-title").innerText(), title);
    }));

  test("a pasted CV ranks jobs, and the bars sum to the score", () =>
    visit("#/match?from=candidates&to=jobs", async (page) => {
      await page.locator("#paste").fill(CV);
      await page.getByRole("button", { name: "Find matches" }).click();
      await page.locator(".results .bar").first().waitFor();
      assert.ok(!page.url().includes("Python"), "the pasted text is in the address");
      const scores = [];
      for (const card of (await cards(page).all()).slice(0, 10)) scores.push(await checkedScore(card));
      assert.deepEqual(scores, scores.toSorted((a, b) => b - a));
      assert.ok((await page.locator('.card-title[data-key^="jobs/"]').count()) > 0);
    }));

  test("a search score sums up too", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      await type(page, await someWord(page));
      assert.ok((await cards(page).count()) > 0);
      for (const card of (await cards(page).all()).slice(0, 5)) await checkedScore(card);
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
      await page.locator(".results .bar").first().waitFor();
      await settled(page);
      assert.ok(!(await ids(page)).includes(source));
      assert.ok((await page.locator('.results .card-title[data-key^="candidates/"]').count()) > 0);
    }));

  test("a stored document can be picked, and its matches filtered", () =>
    visit("#/match?from=jobs&to=candidates", async (page) => {
      await page.getByRole("button", { name: "Stored document" }).click();
      await page.locator(".picks button").first().click();
      await page.locator(".results .bar").first().waitFor();
      await settled(page);
      const all = await total(page);
      await page.locator(".filters input[data-field]").first().check();
      await settled(page);
      assert.ok((await total(page)) <= all);
      assert.match(page.url(), /filter\./);
    }));
});

/** The score of a card, after its bar and its list were added up. */
async function checkedScore(card) {
  const parts = await card.evaluate((element) => {
    const number = (text) => Number(text.replaceAll(/[^0-9]/g, ""));
    const bar = element.querySelector(".bar");
    return {
      score: Number(bar.dataset.score),
      bar: [...bar.children].map((piece) => Number(piece.dataset.points)),
      list: [...element.querySelectorAll(".part-points b")].map((one) => number(one.textContent)),
      filled: [...bar.children].reduce((sum, piece) => sum + piece.getBoundingClientRect().width, 0) / bar.getBoundingClientRect().width,
    };
  });
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  assert.equal(sum(parts.bar), parts.score);
  assert.equal(sum(parts.list), parts.score);
  assert.ok(Math.abs(parts.filled - parts.score / 1_000_000) < 0.03, `a bar of ${parts.filled} for ${parts.score}`);
  return parts.score;
}

describe("keyboard", () => {
  test("search, walk, open and close without a mouse", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const word = await someWord(page);
      const focused = () => page.evaluate(() => document.activeElement.closest(".card")?.dataset.id ?? document.activeElement.id);
      await page.keyboard.press("/");
      assert.equal(await focused(), "q");
      await page.keyboard.type(word);
      await settled(page);
      const [first, second] = await ids(page);
      await page.keyboard.press("ArrowDown");
      assert.equal(await focused(), first);
      await page.keyboard.press("j");
      assert.equal(await focused(), second);
      await page.keyboard.press("k");
      assert.equal(await focused(), first);
      await page.keyboard.press("Enter");
      await page.locator("dialog .fields").waitFor();
      await page.keyboard.press("Escape");
      await page.locator("dialog[open]").waitFor({ state: "detached" });
      assert.equal(await focused(), first);
      await page.keyboard.press("k");
      assert.equal(await focused(), "q");
    }));

  test("every control has a name and the first stop leads past the header", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      await page.keyboard.press("Tab");
      assert.match(await page.evaluate(() => document.activeElement.textContent), /skip/i);
      const nameless = await page.evaluate(() => [...document.querySelectorAll("a, button, input, select, textarea, summary")].filter((one) => one.checkVisibility() && !(one.textContent.trim() || one.getAttribute("aria-label") || one.labels?.length || one.querySelector("img[alt]"))).map((one) => one.outerHTML));
      assert.deepEqual(nameless, []);
    }));
});

describe("trouble", () => {
  test("a bad request is explained, and the way back works", () =>
    visit("#/search/jobs?filter.compny=ACME", async (page) => {
      const problem = page.locator(".problem[role=alert]");
      await problem.waitFor();
      const text = await problem.innerText();
      assert.match(text, /\/filters\/compny/);
      assert.match(text, /company/);
      await page.locator(".chip.remove").click();
      await cards(page).first().waitFor();
      assert.equal(await problem.count(), 0);
    }, { refused: true }));

  test("an unknown kind and a missing document are explained", () =>
    visit("#/search/nosuchkind", async (page) => {
      await page.locator(".problem").waitFor();
      await page.goto(`${base}/#/search/jobs?doc=jobs/no-such-document`);
      await page.locator("dialog .problem").waitFor();
    }, { refused: true }));

  test("a highlight cannot bring markup with it", () => {
    const route = async (request) => {
      const response = await request.fetch();
      const answer = await response.json();
      for (const hit of answer.hits ?? []) {
        hit.document.title = "<img src=x onerror=alert(1)> title";
        hit.highlights = { title: ["<img src=x onerror=alert(1)> <mark>title</mark>"], description: ["<script>1</script> a &lt;b&gt; <mark>c</mark>"] };
      }
      await request.fulfill({ response, json: answer });
    };
    return visit("#/search/jobs?q=title", async (page) => {
      await settled(page);
      assert.equal(await page.locator(".results img, .results script").count(), 0);
      assert.match(await page.locator(".snippet").first().innerText(), /<script>1<\/script> a <b> c/);
      assert.equal(await page.locator(".card-title mark").first().innerText(), "title");
    }, { route });
  });

  test("a server that wants a key is asked again with one, kept for the tab alone", () => {
    const route = (request) => {
      if (request.request().headers().authorization === "Bearer sesame") return request.continue();
      return request.fulfill({ status: 401, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: "A key is needed", status: 401, code: "unauthorized" }) });
    };
    return visit("#/search/jobs", async (page) => {
      await page.locator(".problem").waitFor();
      await page.locator("#key-input").fill("sesame");
      await page.keyboard.press("Enter");
      await cards(page).first().waitFor();
      assert.ok(await page.locator("#key").isHidden());
      assert.equal(await page.evaluate(() => Object.values(localStorage).includes("sesame")), false);
    }, { refused: true, route });
  });
});

describe("looks", () => {
  const views = ["#/search/jobs?q=developer", "#/search/candidates", "#/match?from=candidates&to=jobs"];
  for (const colorScheme of ["light", "dark"]) {
    test(`${colorScheme}, on a phone: nothing sticks out`, async () => {
      for (const hash of views) {
        await visit(hash, async (page) => {
          await settled(page);
          const why = page.locator(".why summary");
          if ((await why.count()) > 0) await why.first().click();
          const { inner, outer } = await page.evaluate(() => ({ inner: document.documentElement.scrollWidth, outer: document.documentElement.clientWidth }));
          assert.ok(inner <= outer, `${hash} is ${inner} wide in ${outer}`);
        }, { viewport: PHONE, colorScheme });
      }
    });

    test(`${colorScheme}: every text has a contrast of 4.5 at least`, async () => {
      for (const hash of views) {
        await visit(hash, async (page) => {
          await settled(page);
          const why = page.locator(".why summary");
          if ((await why.count()) > 0) await why.first().click();
          assert.deepEqual(await page.evaluate(weakTexts), [], hash);
        }, { colorScheme });
      }
    });
  }

  test("the theme can be chosen and is remembered", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await background();
      await page.locator("#theme").click();
      const dark = await background();
      assert.notEqual(dark, light);
      await page.reload();
      await settled(page);
      assert.equal(await background(), dark);
    }, { colorScheme: "light" }));
});

/** Runs in the page: the texts whose contrast is below WCAG AA. */
function weakTexts() {
  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const weak = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "");
    if (!own || !element.checkVisibility() || element.disabled || element.closest(".sr, .skip, dialog, noscript, option")) continue;
    const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...weak];
}
