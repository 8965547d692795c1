// For everybody: keys alone, names and roles, contrast, small and large screens.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { cards, close, ids, open, PHONE, settled, someWord, type, visit } from "./helpers.mjs";

before(open);
after(close);

const VIEWS = ["#/search/jobs?q=remote%20developer", "#/search/jobs?filter.pay=60000..&near=Berlin&km=500", "#/search/candidates", "#/match?from=candidates&to=jobs"];

describe("keyboard", () => {
  test("search, walk, explain, open and close without a mouse", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const word = await someWord(page);
      const focused = () => page.evaluate(() => document.activeElement.closest(".card")?.dataset.id ?? document.activeElement.id);
      await page.keyboard.press("/");
      assert.equal(await focused(), "q");
      await page.keyboard.type(word);
      await page.keyboard.press("Enter");
      await settled(page);
      const [first, second] = await ids(page);
      await page.keyboard.press("ArrowDown");
      assert.equal(await focused(), first);
      await page.keyboard.press("j");
      assert.equal(await focused(), second);
      await page.keyboard.press("k");
      assert.equal(await focused(), first);
      await page.keyboard.press("w");
      assert.ok(await page.locator(".card .parts").first().isVisible());
      await page.keyboard.press("c");
      assert.equal(await page.locator("[data-compare]").first().getAttribute("aria-pressed"), "true");
      await page.locator(".card-title").first().focus();
      await page.keyboard.press("Enter");
      await page.locator("#document .explain .breakdown").waitFor();
      assert.ok(await page.evaluate(() => document.querySelector("#document").contains(document.activeElement)));
      await page.keyboard.press("Escape");
      await page.locator("dialog[open]").waitFor({ state: "detached" });
      assert.equal(await focused(), first);
      await page.keyboard.press("k");
      assert.equal(await focused(), "q");
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await page.locator("#help[open]").waitFor();
      await page.keyboard.press("Escape");
      await page.locator("#help[open]").waitFor({ state: "detached" });
    }));

  test("a whole search by Tab alone reaches every control once, in the order of the page", () =>
    visit("#/search/jobs?q=nurse", async (page) => {
      await settled(page);
      await page.keyboard.press("Tab");
      assert.match(await page.evaluate(() => document.activeElement.textContent), /skip/i);
      const stops = [];
      for (let i = 0; i < 60; i += 1) {
        await page.keyboard.press("Tab");
        stops.push(await page.evaluate(() => {
          const one = document.activeElement;
          one.dataset.stop ??= String(Math.random());
          const { width, height } = one.getBoundingClientRect();
          const style = getComputedStyle(one);
          return { stop: one.dataset.stop, name: one.outerHTML.slice(0, 80), seen: width > 0 && height > 0, marked: style.outlineStyle !== "none" || one.matches("input[type=range], .card-title, #main") };
        }));
      }
      assert.equal(new Set(stops.map(({ stop }) => stop)).size, stops.length, "a stop came twice");
      assert.deepEqual(stops.filter(({ seen, marked }) => !seen || !marked), [], "a stop without a visible focus");
    }));
});

/** Runs in the page: what a checker of accessibility would complain about. */
function complaints() {
  const list = [];
  const shown = (one) => one.checkVisibility() && !one.closest("[aria-hidden=true]");
  const say = (what, one) => list.push(`${what}: ${one.outerHTML.slice(0, 120)}`);
  const name = (one) => (one.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("").trim() || one.getAttribute("aria-label") || [...(one.labels ?? [])].map((label) => label.textContent).join("").trim() || one.textContent.trim() || one.querySelector("img[alt]")?.alt || "";
  for (const one of document.querySelectorAll("a[href], button, input, select, textarea, summary, [role=option], [role=slider], dialog[open], [role=region], nav, aside, section[aria-label]")) if (shown(one) && !name(one)) say("no name", one);
  for (const one of document.querySelectorAll("input:not([type=checkbox], [type=radio], [type=file]), select, textarea")) if (shown(one) && !one.getAttribute("aria-label") && !one.labels?.length) say("only a placeholder", one);
  for (const one of document.querySelectorAll("img")) if (!one.hasAttribute("alt")) say("no alt", one);
  const seen = new Set();
  for (const one of document.querySelectorAll("[id]")) {
    if (seen.has(one.id)) say("id twice", one);
    seen.add(one.id);
  }
  for (const attribute of ["aria-controls", "aria-describedby", "aria-labelledby", "for"]) for (const one of document.querySelectorAll(`[${attribute}]`)) {
    // A description may be there only while there is a fault to describe; a
    // dialog gets its title when it opens.
    if (attribute === "aria-describedby" || one.matches("dialog:not([open])")) continue;
    for (const id of one.getAttribute(attribute).split(" ")) if (!document.getElementById(id)) say(`${attribute} names nothing`, one);
  }
  if (document.querySelectorAll("main").length !== 1) list.push("not one main");
  if (document.querySelectorAll("h1").length !== 1) list.push("not one h1");
  if (!document.documentElement.lang) list.push("no language");
  for (const one of document.querySelectorAll("a a, button button, a button, button a, label button")) say("a control in a control", one);
  for (const one of document.querySelectorAll("ul > :not(li, template), ol > :not(li)")) say("a list of something else", one);
  for (const one of document.querySelectorAll("[tabindex]")) if (one.tabIndex > 0) say("a tab order of its own", one);
  for (const one of document.querySelectorAll("[role=listbox] > :not([role=option])")) say("a listbox of something else", one);
  return list;
}

/** Runs in the page: the texts whose contrast is below WCAG AA. */
function weakTexts() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parse = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor);
      if (color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const weak = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "");
    const field = element.matches("input:not([type=checkbox], [type=radio], [type=range], [type=file]), textarea");
    if ((!own && !field) || !element.checkVisibility() || element.disabled || element.closest(".sr, .skip, dialog:not([open]), noscript, option")) continue;
    const colors = [getComputedStyle(element).color, ...(field ? [getComputedStyle(element, "::placeholder").color] : [])];
    for (const color of colors) {
      const [a, b] = [luminance(parse(color)), luminance(behind(element))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) weak.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
    }
  }
  return [...weak];
}

/** Runs in the page: controls a finger would miss. Links in running text may be small. */
function smallTargets() {
  const LEAST = 39.5;
  return [...document.querySelectorAll("a[href], button, input:not([type=checkbox], [type=radio], [type=file]), select, textarea, summary, label:has(input)")].filter((one) => one.checkVisibility() && !one.closest(".sr, .foot, h3, .compare thead, .tip, .skip") && !one.matches(".tip")).filter((one) => {
    const { width, height } = one.getBoundingClientRect();
    return width > 0 && (height < LEAST || width < LEAST);
  }).map((one) => `${one.outerHTML.slice(0, 100)} ${Math.round(one.getBoundingClientRect().width)}x${Math.round(one.getBoundingClientRect().height)}`);
}

/** Opens everything a view can show. */
async function unfold(page) {
  for (const one of [".why summary", ".read summary", ".weights-button", ".filters-button"]) {
    const found = page.locator(one).first();
    if ((await found.count()) > 0 && (await found.isVisible())) await found.click();
  }
  await page.locator(".facet:not([open]) > summary").evaluateAll((list) => list.forEach((summary) => summary.click()));
}

describe("for everybody", () => {
  for (const colorScheme of ["light", "dark"]) {
    test(`${colorScheme}: names, roles, ids and a contrast of 4.5 for every text`, async () => {
      for (const hash of VIEWS) {
        await visit(hash, async (page) => {
          await settled(page);
          await unfold(page);
          assert.deepEqual(await page.evaluate(complaints), [], hash);
          assert.deepEqual(await page.evaluate(weakTexts), [], hash);
        }, { colorScheme });
      }
    });

    test(`${colorScheme}: the dialogs, the proposals and a fault hold it too`, () =>
      visit("#/search/jobs", async (page) => {
        await settled(page);
        const check = async (what) => {
          assert.deepEqual(await page.evaluate(complaints), [], what);
          assert.deepEqual(await page.evaluate(weakTexts), [], what);
        };
        await page.locator("#q").pressSequentially("nur");
        await page.locator('[role="option"]').first().waitFor();
        await page.keyboard.press("ArrowDown");
        await check("proposals");
        await page.locator("#q").fill("nurse AND (");
        await page.locator(".query-fault").waitFor();
        await check("fault");
        await type(page, "nurse");
        await page.locator("[data-compare]").nth(0).click();
        await page.locator("[data-compare]").nth(1).click();
        await page.locator('[data-action="open-compare"]').click();
        await page.locator("table.compare").waitFor();
        await check("comparison");
        await page.keyboard.press("Escape");
        await page.locator(".card-title").first().click();
        await page.locator(".explain .breakdown").waitFor();
        await check("document");
      }, { colorScheme, refused: true }));
  }

  for (const width of [320, 390, 768, 1280, 3840]) {
    test(`${width} wide: nothing sticks out`, async () => {
      for (const hash of VIEWS) {
        await visit(hash, async (page) => {
          await settled(page);
          await unfold(page);
          const { inner, outer } = await page.evaluate(() => ({ inner: document.documentElement.scrollWidth, outer: document.documentElement.clientWidth }));
          assert.ok(inner <= outer, `${hash} is ${inner} wide in ${outer}`);
        }, { viewport: { width, height: 900 } });
      }
    });
  }

  test("on a phone every control is 40 px high and wide at least", async () => {
    for (const hash of VIEWS) {
      await visit(hash, async (page) => {
        await settled(page);
        await unfold(page);
        assert.deepEqual(await page.evaluate(smallTargets), [], hash);
      }, { viewport: PHONE, hasTouch: true });
    }
  });

  test("with reduced motion nothing moves", () =>
    visit("#/search/jobs?q=nurse", async (page) => {
      await settled(page);
      await page.locator(".weights-button").click();
      await page.locator('input[data-weight="freshness"]').press("End");
      assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
      assert.ok((await cards(page).count()) > 0);
    }));

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
