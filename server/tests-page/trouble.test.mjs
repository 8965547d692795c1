// Shared addresses, and what goes wrong: bad requests, missing documents,
// markup in data, keys, a server that is gone.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { base } from "./browser.mjs";
import { ask, cards, close, open, seen, settled, someWord, total, type, visit } from "./helpers.mjs";

before(open);
after(close);

describe("address", () => {
  test("holds the whole state: somebody else sees the same", async () => {
    let link;
    let mine;
    let chips;
    await visit("#/search/jobs", async (page) => {
      await settled(page);
      await type(page, await someWord(page));
      await page.locator(".filters input[data-field]").first().check();
      await settled(page);
      await page.locator(".toggle input").check();
      await settled(page);
      await page.locator(".weights-button").click();
      await page.locator('input[data-weight="similarity"]').press("End");
      await page.waitForFunction(() => location.hash.includes("weight.similarity=100"));
      await page.locator(".preview").waitFor({ state: "detached" });
      await settled(page);
      link = page.url();
      mine = await seen(page);
      chips = await page.locator(".chips.active .chip").allInnerTexts();
    });
    await visit(link.slice(link.indexOf("#")), async (page) => {
      await settled(page);
      assert.deepEqual(await seen(page), mine);
      assert.deepEqual(await page.locator(".chips.active .chip").allInnerTexts(), chips);
      assert.ok(await page.locator(".toggle input").isChecked());
    });
  });

  test("back and forward walk through the states", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const start = await seen(page);
      await page.locator(".filters input[data-field]").first().check();
      await settled(page);
      const filtered = await seen(page);
      await page.goBack();
      await page.waitForFunction(() => !location.hash.includes("filter."));
      await settled(page);
      assert.deepEqual(await seen(page), start);
      await page.goForward();
      await page.waitForFunction(() => location.hash.includes("filter."));
      await settled(page);
      assert.deepEqual(await seen(page), filtered);
    }));

  test("back leads to where one was, pages and all", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      await page.locator(".button.more").click();
      await page.waitForFunction(() => document.querySelectorAll(".results .card[data-id]").length > 20);
      const before = await seen(page);
      const link = page.locator('[data-action="similar"]').nth(30);
      await link.scrollIntoViewIfNeeded();
      const top = await page.waitForFunction(() => history.state?.y === scrollY && scrollY > 0 && scrollY);
      await link.click();
      await page.locator(".results .bar").first().waitFor();
      await page.goBack();
      await page.locator("#q").waitFor();
      await settled(page);
      assert.deepEqual(await seen(page), before);
      assert.ok(Math.abs((await page.evaluate(() => scrollY)) - (await top.jsonValue())) < 60);
    }));

  test("nonsense in it never breaks the page", async () => {
    for (const hash of ["#/search/jobs?pages=-3&weight.text=abc&compare=x&compare=x", "#/%%%", "#/match?from=nobody&to=nowhere", "#/search/jobs?filter.pay=abc..&filter.pay.currency=EURO", "#/search/jobs?q=%00%ff&sort=nothing&max_per=company&km=-1&near=Berlin"]) {
      await visit(hash, async (page) => {
        await page.locator(".card[data-id], .problem, .empty").first().waitFor();
      }, { refused: true });
    }
  });
});

describe("trouble", () => {
  test("a filter that does not exist is explained once, with ways out", async () => {
    const { facets } = await ask("/v1/search/jobs", { limit: 0, facets: ["company"] });
    const company = facets.company[0].value;
    await visit(`#/search/jobs?filter.compny=${encodeURIComponent(company)}`, async (page) => {
      const problem = page.locator(".problem[role=alert]");
      await problem.waitFor();
      const text = await problem.innerText();
      assert.match(text, /no filter “Compny”/);
      assert.doesNotMatch(text, /\/filters|unknown_field|Try again/, "what is for developers is not folded away");
      await problem.locator("summary").click();
      assert.match(await problem.innerText(), /\/filters\/compny/);
      await problem.getByRole("button", { name: "Company" }).click();
      await cards(page).first().waitFor();
      assert.equal(await problem.count(), 0);
      assert.equal(new URLSearchParams(page.url().split("?")[1]).get("filter.company"), company);
    }, { refused: true });
    await visit("#/search/jobs?filter.pay=abc..", async (page) => {
      const problem = page.locator(".problem[role=alert]");
      await problem.waitFor();
      const said = (await problem.innerText()).toLowerCase();
      const { detail } = await page.evaluate(async () => (await fetch("/v1/search/jobs", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ filters: { pay: { gte: "abc" } } }) })).json());
      assert.equal(said.split(detail.toLowerCase()).length, 2, `${said} does not say “${detail}” once`);
      await problem.getByRole("button", { name: "Clear filters" }).click();
      await cards(page).first().waitFor();
    }, { refused: true });
  });

  test("a comparison with a deleted document shows the others", async () => {
    const { hits } = await ask("/v1/search/jobs", { q: "nurse", limit: 2 });
    const link = hits.map(({ id }) => `&compare=${encodeURIComponent(id)}`).join("");
    await visit(`#/search/jobs?q=nurse${link}&compare=no-such-document&open=compare`, async (page) => {
      await page.locator("table.compare").waitFor();
      assert.equal(await page.locator(".compare thead th").count(), 2);
      assert.equal(await page.locator(".compare thead .score").count(), 2);
      assert.match(await page.locator("#compare .warning").innerText(), /no-such-document/);
    }, { refused: true });
  });

  test("an unknown kind and a missing document are explained", () =>
    visit("#/search/nosuchkind", async (page) => {
      await page.locator(".problem").waitFor();
      await page.goto(`${base}/#/search/jobs?doc=jobs/no-such-document`);
      await page.locator("dialog .problem").waitFor();
      await page.goto(`${base}/#/search/jobs?compare=no-such&compare=no-such-either&open=compare`);
      await page.locator("#compare .problem").waitFor();
    }, { refused: true }));

  test("a server that is gone is said, and asked again on request", () => {
    let gone = false;
    const route = (call) => (gone ? call.abort("connectionrefused") : call.continue());
    return visit("#/search/jobs", async (page) => {
      await settled(page);
      gone = true;
      await page.locator("#q").fill("nurse");
      await page.locator(".problem").waitFor();
      assert.match(await page.locator(".problem").innerText(), /did not answer/);
      gone = false;
      await page.getByRole("button", { name: "Try again" }).click();
      await cards(page).first().waitFor();
      assert.ok((await total(page)) > 0);
    }, { refused: true, route });
  });

  test("offline is said, and ends by itself", () =>
    visit("#/search/jobs", async (page, context) => {
      await settled(page);
      await context.setOffline(true);
      await page.locator("#offline").waitFor();
      await page.locator("#q").fill("nurse");
      await page.locator(".problem").waitFor();
      assert.match(await page.locator(".problem").innerText(), /offline/);
      await context.setOffline(false);
      await cards(page).first().waitFor();
      assert.ok(await page.locator("#offline").isHidden());
    }, { refused: true }));

  test("a highlight cannot bring markup with it", () => {
    const route = async (request) => {
      const response = await request.fetch();
      const answer = await response.json();
      for (const hit of answer.hits ?? []) {
        hit.document.title = "<img src=x onerror=alert(1)> title";
        hit.highlights = { title: ["<img src=x onerror=alert(1)> <mark>title</mark>"], description: ["<script>1</script> a &lt;b&gt; <mark>c</mark>"] };
      }
      for (const one of answer.suggestions ?? []) one.highlight = "<img src=x onerror=alert(1)>";
      await request.fulfill({ response, json: answer });
    };
    return visit("#/search/jobs?q=nurse", async (page) => {
      await settled(page);
      await page.locator("#q").press("End");
      await page.locator("#q").pressSequentially("s");
      await settled(page);
      assert.equal(await page.locator("main img, main script").count(), 0);
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
