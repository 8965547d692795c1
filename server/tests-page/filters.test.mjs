// The filter column: values, searching in them, places as a tree, ranges.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { back, close, ids, listen, open, settled, total, visit } from "./helpers.mjs";

before(open);
after(close);

const count = async (locator) => Number((await locator.innerText()).replaceAll(",", ""));

describe("filters", () => {
  test("a facet filters by its own count, is in the address, and back restores", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const all = await total(page);
      const value = page.locator(".filters label.value:has(input[data-field])").first();
      const input = value.locator("input");
      const expected = await count(value.locator(".value-count"));
      const field = await input.getAttribute("data-field");
      await input.check();
      await settled(page);
      assert.equal(await total(page), expected);
      assert.ok(page.url().includes(`filter.${field}=`));
      assert.equal(await page.locator(".chips.active .chip").count(), 1);
      assert.ok(await page.evaluate(() => document.activeElement.matches("input[data-field]")), "the redrawn list lost the focus");
      await back(page);
      assert.equal(await total(page), all);
      assert.equal(await page.locator(".filters input[data-field]:checked").count(), 0);
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

  test("searching in a facet keeps the hits, the focus and what is selected", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const hits = await ids(page);
      const field = page.locator('.facet-search[aria-label="Find in Company"]');
      const values = page.locator('.filters input[data-field="company"]');
      const name = await values.nth(3).getAttribute("data-value");
      const start = name.slice(0, 4);
      await field.pressSequentially(start);
      await page.waitForFunction((text) => [...document.querySelectorAll('.filters input[data-field="company"]')].every((one) => one.dataset.value.toLowerCase().split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(text.toLowerCase())) || one.dataset.value.toLowerCase().includes(text.toLowerCase())), start);
      assert.equal(await page.locator(`.filters input[data-value=${JSON.stringify(name)}]`).count(), 1);
      assert.equal(await page.evaluate(() => document.activeElement.value), start);
      assert.deepEqual(await ids(page), hits);
      await page.locator(`.filters input[data-value=${JSON.stringify(name)}]`).check();
      await settled(page);
      await field.fill("zzzzqq");
      await page.getByText("Nothing begins with").or(page.locator(`.filters input[data-value=${JSON.stringify(name)}]`)).first().waitFor();
      assert.ok(await page.locator(`.filters input[data-value=${JSON.stringify(name)}]`).isChecked(), "the selected value left the list");
    }));

  test("more values can be shown and put away", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const values = page.locator('.filters input[data-field="company"]');
      const few = await values.count();
      await page.locator('[data-key="company:all"]').click();
      await page.waitForFunction((n) => document.querySelectorAll('.filters input[data-field="company"]').length > n, few);
      await page.locator('[data-key="company:all"]').click();
      await page.waitForFunction((n) => document.querySelectorAll('.filters input[data-field="company"]').length === n, few);
    }));

  test("places are a tree: a country opens, its city filters by its count", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      await page.locator(".tree .twist[aria-expanded=false]").first().click();
      const deeper = page.locator(".tree .values .twist[aria-expanded=false]");
      if ((await deeper.count()) > 0) await deeper.first().click();
      const city = page.locator('.tree label:has(input[data-field="location.city"])').first();
      const expected = await count(city.locator(".value-count"));
      await city.locator("input").check();
      await settled(page);
      // A city's name may also be one of another region.
      assert.ok((await total(page)) >= expected && expected > 0);
      assert.match(page.url(), /filter\.location\.city=/);
      await page.locator('.tree input[data-field="location.country"]').first().check();
      await settled(page);
      assert.doesNotMatch(page.url(), /location\.city/, "two levels of places at once would contradict each other");
    }));

  test("every filter group of every kind can be used", () =>
    visit("", async (page) => {
      await settled(page);
      for (const tab of await page.locator("#tabs a").all()) {
        if ((await tab.innerText()) === "Match") continue;
        await tab.click();
        await settled(page);
        await page.locator(".facet:not([open]) > summary").evaluateAll((list) => list.forEach((summary) => summary.click()));
        const forms = await page.locator(".bounds").count();
        for (let i = 0; i < forms; i += 1) {
          await page.locator(".bounds").nth(i).locator('input[name="gte"]').fill("1");
          await page.keyboard.press("Enter");
          await settled(page);
          assert.equal(await page.locator(".problem").count(), 0);
          assert.equal(await page.locator(".chips.active .chip").count(), 1);
          await page.locator(".chips.active .chip").click();
          await settled(page);
        }
      }
    }));
});

describe("ranges", () => {
  test("the thumbs of pay filter by keys, in a currency and a period, and are in the address", () =>
    visit("#/search/jobs", async (page) => {
      const sent = listen(page, "/v1/search/jobs");
      await settled(page);
      const all = await total(page);
      const low = page.getByRole("slider", { name: "Pay, at least" });
      await low.focus();
      for (let i = 0; i < 4; i += 1) await page.keyboard.press("ArrowRight");
      await page.waitForFunction(() => /filter\.pay=\d+/.test(location.hash));
      await settled(page);
      assert.ok((await total(page)) < all);
      assert.match(await low.getAttribute("aria-valuetext"), /\d/);
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Pay, at least");
      const { pay } = sent.last().filters;
      assert.ok(pay.gte > 0 && /^[A-Z]{3}$/.test(pay.currency), JSON.stringify(pay));
      await page.getByLabel("Pay, period").selectOption("hour");
      await settled(page);
      assert.equal(sent.last().filters.pay.period, "hour");
      assert.equal(await page.locator(".problem").count(), 0);
      await page.locator(".chips.active .chip").click();
      await settled(page);
      assert.equal(await total(page), all);
    }));

  test("the bars above the slider are the counts between its stops", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const bars = await page.locator(".slider").first().locator(".histogram i").evaluateAll((list) => list.map((one) => Number(one.title.replaceAll(",", ""))));
      assert.ok(bars.filter((n) => n > 0).length > 2, bars.join());
      // Pay is a span and may lie in several bars, but in each only once.
      assert.ok(Math.max(...bars) <= (await total(page)), bars.join());
    }));

  test("the slider says what was typed, also between two of its stops", () =>
    visit("#/search/jobs?filter.pay=61500..&filter.pay.currency=USD", async (page) => {
      await settled(page);
      assert.match(await page.locator(".slider output").first().innerText(), /61\.5K and more/);
      assert.match(await page.getByRole("slider", { name: "Pay, at least" }).getAttribute("aria-valuetext"), /61\.5K/);
      await page.getByRole("slider", { name: "Pay, at most" }).press("ArrowLeft");
      await page.waitForFunction(() => /filter\.pay=61500\.\.\d+/.test(location.hash));
    }));

  test("a thumb never passes the other", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const [low, high] = [page.getByRole("slider", { name: "Years asked for, at least" }), page.getByRole("slider", { name: "Years asked for, at most" })];
      await high.focus();
      for (let i = 0; i < 30; i += 1) await page.keyboard.press("ArrowLeft");
      await settled(page);
      assert.ok(Number(await low.inputValue()) < Number(await high.inputValue()));
    }));

  test("since when, with counts that hold", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const preset = page.locator("label.value", { hasText: "Last 30 days" });
      const expected = await count(preset.locator(".value-count"));
      await preset.locator("input").check();
      await settled(page);
      assert.equal(await total(page), expected);
      assert.match(page.url(), /filter\.posted_at=\d{4}-\d\d-\d\d\.\./);
    }));
});
