// Searching in a real browser against a real server with the sample's jobs and
// candidates. Nothing here knows a certain document: words, counts and names
// are read from the page or the server first.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask, back, cards, checkedScore, close, ids, listen, open, settled, someCity, someWord, total, type, visit } from "./helpers.mjs";

before(open);
after(close);

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
      await page.locator(".read summary").click();
      assert.ok(await page.locator(".read .chip").first().isVisible());
      await back(page);
      assert.equal(await total(page), all);
      assert.equal(await page.locator("#q").inputValue(), "");
    }));

  test("the cards stay where they are while the next answer is on its way", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const word = await someWord(page);
      await page.evaluate(() => {
        globalThis.least = Infinity;
        const list = document.querySelector(".cards");
        new MutationObserver(() => {
          globalThis.least = Math.min(globalThis.least, list.querySelectorAll(".card[data-id]").length);
        }).observe(list, { childList: true });
      });
      await page.locator("#q").pressSequentially(word, { delay: 30 });
      await settled(page);
      assert.ok((await page.evaluate(() => globalThis.least)) > 0, "the list was empty between two answers");
      assert.equal(await page.evaluate(() => document.activeElement.id), "q");
    }));

  test("people are shown blind where that is chosen, also in a document", () =>
    visit("#/search/candidates?q=nurse", async (page) => {
      await settled(page);
      const sent = listen(page, "/v1/search/");
      await page.getByLabel("Blind", { exact: true }).check();
      await page.waitForFunction(() => location.hash.includes("blind=true"));
      await settled(page);
      assert.equal(sent.last().blind, true);
      const read = page.waitForRequest((request) => /\/v1\/candidates\/.*\?blind=true$/.test(request.url()));
      await page.locator(".card-title").first().click();
      await read;
      await page.locator("#document .fields").waitFor();
      assert.equal(await page.locator("#document .fields .tag", { hasText: "private" }).count(), 0);
    }));

  test("what is blind stays so from tab to tab and into a match", () =>
    visit("#/search/candidates?q=nurse&blind=true", async (page) => {
      await settled(page);
      const sent = listen(page, "/v1/search/");
      await page.locator("#tabs a", { hasText: "Jobs" }).click();
      await page.waitForFunction(() => !location.hash.includes("candidates"));
      await settled(page);
      await page.locator("#tabs a", { hasText: "Candidates" }).click();
      await page.waitForFunction(() => location.hash.includes("/candidates") && location.hash.includes("blind=true"));
      await settled(page);
      assert.equal(sent.last().blind, true);
      const match = listen(page, "/v1/match");
      await page.locator(".card[data-id] [data-action=match]").first().click();
      await page.waitForFunction(() => location.hash.startsWith("#/match") && location.hash.includes("blind=true"));
      await page.locator(".card[data-id]").first().waitFor();
      assert.equal(match.last().blind, true);
    }));

  test("a search score sums up", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      await type(page, await someWord(page));
      assert.ok((await cards(page).count()) > 0);
      for (const card of (await cards(page).all()).slice(0, 5)) await checkedScore(card);
    }));

  test("more pages append without repeats, and a shared address opens them all", () =>
    visit("#/search/jobs", async (page, context) => {
      await settled(page);
      for (let pages = 2; pages <= 3; pages += 1) {
        const held = await cards(page).count();
        await page.locator(".button.more").click();
        await page.waitForFunction((n) => document.querySelectorAll(".results .card[data-id]").length > n, held);
      }
      const seen = await ids(page);
      assert.equal(new Set(seen).size, seen.length);
      const again = await context.newPage();
      await again.goto(page.url());
      await settled(again);
      assert.deepEqual(await ids(again), seen);
    }));

  test("every order the page offers is one the server knows", () =>
    visit("#/search/jobs?near=" + encodeURIComponent("52.5,13.4") + "&km=20000", async (page) => {
      await settled(page);
      const sorts = await page.locator(".sort option").evaluateAll((options) => options.map((option) => option.value));
      assert.ok(sorts.includes("distance") && sorts.includes("-pay"), sorts.join());
      for (const sort of sorts) {
        await page.locator(".sort select").selectOption(sort);
        await settled(page);
        assert.ok((await cards(page).count()) > 0, `sort ${sort}`);
      }
    }));

  test("at most two hits a company, on request", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const most = (list) => Math.max(...Object.values(list.reduce((counts, name) => ({ ...counts, [name]: (counts[name] ?? 0) + 1 }), {})));
      const company = await page.locator('.filters input[data-field="company"]').first().getAttribute("data-value");
      await page.goto(`${page.url().split("#")[0]}#/search/jobs?filter.company=${encodeURIComponent(company)}`);
      await settled(page);
      const before = (await page.locator(".results .card-sub").allInnerTexts()).length;
      assert.ok(before > 2, `${company} has ${before} jobs`);
      const all = await total(page);
      await page.locator(".toggle input").check();
      await settled(page);
      assert.equal(most(await page.locator(".results .card-sub").allInnerTexts()), 2);
      assert.equal(await total(page), all, "the total is that of the match set, uncapped");
      assert.match(page.url(), /max_per=company:2/);
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

  test("nothing found is said, with searches that find something", () =>
    visit(`#/search/jobs?q=${encodeURIComponent("+nurse -nurse")}`, async (page) => {
      await page.locator(".empty .example").first().waitFor();
      assert.equal(await total(page), 0);
      const examples = await page.locator(".empty .example").evaluateAll((list) => list.map((one) => one.getAttribute("href")));
      for (const href of examples) {
        await page.goto(`${page.url().split("#")[0]}${href}`);
        await settled(page);
        assert.ok((await total(page)) > 0, `the example ${href} finds nothing`);
      }
    }));
});

describe("nothing found", () => {
  const Q = "remote rust 80k berlin senior last week";

  for (const q of ["remote developer 200k last week", "remote nurse 400k berlin last week"]) {
    test(`${q}: what was understood is said, and what finds something without the least of it offered`, () =>
      visit(`#/search/jobs?q=${encodeURIComponent(q)}`, async (page) => {
        await page.locator(".empty .relax .chip").first().waitFor();
        const text = await page.locator(".results").innerText();
        assert.match(text, /Nothing fits all of: .*remote.*00,000.*since/);
        assert.doesNotMatch(text, /`|0 hits/);
        const { hits, applied } = await ask("/v1/search/jobs", { q });
        assert.equal(hits.length, 0);
        const [best] = applied.without.toSorted((a, b) => b.total - a.total);
        const way = page.locator(".empty .relax .chip").first();
        assert.equal(Number((await way.locator("b").innerText()).replaceAll(/[^0-9]/g, "")), best.total);
        await way.click();
        await cards(page).first().waitFor();
        await settled(page);
        assert.equal(await total(page), best.total);
        assert.equal(await page.locator("#q").inputValue(), best.q);
      }));
  }

  test("where nothing helps nothing is offered", () => {
    const route = async (call) => {
      const response = await call.fetch();
      if (!call.request().url().includes("/v1/search/")) return call.fulfill({ response });
      const answer = await response.json();
      return call.fulfill({ response, json: { ...answer, applied: { ...answer.applied, without: [] }, warnings: ["0 hits, also without `remote` or `400k`"] } });
    };
    return visit(`#/search/jobs?q=${encodeURIComponent(Q)}`, async (page) => {
      await page.locator(".empty").waitFor();
      assert.match(await page.locator(".empty").innerText(), /find nothing without them either/);
      assert.equal(await page.locator(".empty .relax").count(), 0);
      assert.doesNotMatch(await page.locator(".results").innerText(), /`|0 hits/);
    }, { route });
  });

  test("the filters show what the words say, and take it back", () =>
    visit("#/search/jobs?q=remote+developer+30k+eur+last+month", async (page) => {
      await settled(page);
      const currency = page.getByLabel("Pay, currency");
      await page.waitForFunction(() => document.querySelector("[data-key='pay:gte']")?.value === "30000");
      assert.equal(await currency.inputValue(), "EUR");
      assert.ok(await page.locator(".filters input[data-field=remote][data-value=remote]").isChecked());
      assert.ok(await page.locator(".filters input[type=radio]:checked").getAttribute("value"));
      assert.match(await page.locator(".filters").innerText(), /From “remote”/);
      assert.ok(!page.url().includes("filter."), "what the words say is in the address");
      // Another bound is a filter of one's own, in the currency that is shown.
      await page.locator("[data-key='pay:gte']").fill("40000");
      await page.locator("[data-key='pay:gte']").press("Enter");
      await page.waitForFunction(() => location.hash.includes("filter.pay=40000..&filter.pay.currency=EUR"));
      await settled(page);
      await page.locator(".filters input[data-field=remote][data-value=remote]").uncheck();
      await page.waitForFunction(() => location.hash.includes("literal=remote"));
      await settled(page);
      assert.ok(!(await page.locator(".filters input[data-field=remote][data-value=remote]").isChecked()));
    }));

  test("near a place can include the documents without one", () => {
    const route = async (call) => {
      if (call.request().postDataJSON()?.near?.unknown === "include" || !call.request().url().includes("/v1/search/")) return call.continue();
      const response = await call.fetch();
      const answer = await response.json();
      return call.fulfill({ response, json: { ...answer, hits: [], cursor: null, total: { ...answer.total, value: 0 } } });
    };
    return visit("#/search/jobs?near=Berlin", async (page) => {
      await page.locator(".empty").getByRole("button", { name: "Also unknown places" }).click();
      await cards(page).first().waitFor();
      assert.match(page.url(), /near\.unknown=include/);
    }, { route });
  });
});

describe("cards", () => {
  const changed = (change) => async (call) => {
    if (!call.request().url().includes("/v1/search/")) return call.continue();
    const response = await call.fetch();
    const answer = await response.json();
    for (const hit of answer.hits) change(hit);
    return call.fulfill({ response, json: answer });
  };

  for (const width of [700, 1024, 1280]) {
    test(`${width} wide: however long a title is, the actions beside it are one line`, () =>
      visit("#/search/jobs", async (page) => {
        await settled(page);
        const lines = await page.locator(".card .actions").evaluateAll((list) => list.map((one) => new Set([...one.children].map((action) => Math.round(action.getBoundingClientRect().top))).size));
        assert.ok(lines.length > 0);
        assert.deepEqual(lines.filter((count) => count !== 1), []);
      }, { viewport: { width, height: 900 }, route: changed((hit) => {
        hit.document.title = "Senior Principal Software Development Engineer in Test, Distributed Systems and Reliability, Central Europe (all genders)";
        hit.highlights = {};
      }) }));
  }

  test("a document without a title is called by its text, with its id small", () =>
    visit("#/search/jobs?q=nurse", async (page) => {
      await settled(page);
      const title = page.locator(".card-title").first();
      assert.equal(await title.innerText(), "Seeking a nurse for nights");
      assert.equal(await page.locator(".card-id").first().innerText(), (await ids(page))[0]);
    }, { route: changed((hit) => {
      delete hit.document.title;
      hit.highlights = { description: ["Seeking a <mark>nurse</mark> for nights"] };
    }) }));

  test("entities of the source are signs, and no snippet begins with an address", () =>
    visit("#/search/jobs?q=nurse", async (page) => {
      await settled(page);
      assert.equal(await page.locator(".card-title").first().innerText(), "R&D nurse <b>l'air</b>");
      assert.equal(await page.locator(".card-title b").count(), 0);
      assert.equal((await page.locator(".snippet").first().innerText()).trim(), "The ward needs a nurse.");
    }, { route: changed((hit) => {
      hit.document.title = "R&amp;D nurse &lt;b&gt;l&apos;air&lt;/b&gt;";
      hit.highlights = { title: ["R&amp;amp;D <mark>nurse</mark> &amp;lt;b&amp;gt;l&amp;apos;air&amp;lt;/b&amp;gt;"], description: ["https://example.com/<mark>nurse</mark>/1 The ward needs a <mark>nurse</mark>."] };
    }) }));

  test("another query begins at the top", () =>
    visit("#/search/jobs?q=nurse", async (page) => {
      await settled(page);
      await page.evaluate(() => scrollTo(0, 900));
      await page.locator("#q").evaluate((input) => {
        input.value = "engineer";
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
      await page.waitForFunction(() => location.hash.includes("engineer") && scrollY === 0);
    }));
});

describe("proposals", () => {
  test("are a combobox: arrows walk, Enter takes, Escape closes, the focus stays", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const box = page.locator("#q");
      await box.pressSequentially((await someWord(page)).slice(0, 3).toLowerCase());
      const list = page.locator('.box [role="listbox"]');
      await list.waitFor();
      assert.equal(await box.getAttribute("aria-expanded"), "true");
      assert.equal(await box.getAttribute("aria-controls"), await list.getAttribute("id"));
      await page.keyboard.press("ArrowDown");
      const active = await box.getAttribute("aria-activedescendant");
      assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true");
      assert.equal(await page.evaluate(() => document.activeElement.id), "q");
      await page.keyboard.press("Escape");
      await list.waitFor({ state: "hidden" });
      assert.equal(await box.getAttribute("aria-expanded"), "false");
      await page.keyboard.press("Alt+ArrowDown");
      await list.waitFor();
      await page.keyboard.press("ArrowDown");
      const before = page.url();
      await page.keyboard.press("Enter");
      await page.waitForFunction((url) => location.href !== url, before);
      await settled(page);
      await list.waitFor({ state: "hidden" });
      assert.ok((await total(page)) > 0);
    }));

  test("an organisation becomes a filter", async () => {
    const { suggestions } = await ask("/v1/suggest/jobs?q=&limit=5&types=company");
    const { text } = suggestions[0];
    await visit("#/search/jobs", async (page) => {
      await settled(page);
      await page.locator("#q").pressSequentially(text);
      await page.locator('[role="option"]', { hasText: "company" }).first().click();
      await settled(page);
      assert.equal(new URLSearchParams(page.url().split("?")[1]).get("filter.company"), text);
      assert.equal(await page.locator("#q").inputValue(), "");
      assert.ok((await total(page)) > 0);
    });
  });
});

describe("what was understood", () => {
  test("is a chip, and taking it away sends the words as they stand", () =>
    visit(`#/search/jobs?q=${encodeURIComponent("remote manager")}`, async (page) => {
      const sent = listen(page, "/v1/search/jobs");
      const chip = page.locator(".understood .chip.remove").first();
      await chip.waitFor();
      assert.match(await chip.innerText(), /remote/);
      const filtered = await total(page);
      await chip.click();
      await settled(page);
      assert.deepEqual(sent.last().literal, ["remote"]);
      assert.match(page.url(), /literal=remote/);
      assert.notEqual(await total(page), filtered);
      await page.locator(".understood .chip.remove", { hasText: "As words" }).click();
      await settled(page);
      assert.equal(await total(page), filtered);
    }));

  test("a misspelt word is corrected, named, and can be taken as it is", () =>
    visit(`#/search/jobs?q=${encodeURIComponent("enginere")}`, async (page) => {
      const chip = page.locator(".chip.expansion").first();
      await chip.waitFor();
      assert.match(await chip.innerText(), /engineer/);
      assert.ok((await total(page)) > 0);
      const meant = page.locator(".did-you-mean button");
      await meant.click();
      await settled(page);
      assert.equal(await page.locator("#q").inputValue(), "engineer");
    }));

  test("Boolean is shown in its normal form and can be read as words instead", () =>
    visit(`#/search/jobs?q=${encodeURIComponent("nurse AND NOT manager")}`, async (page) => {
      await page.locator(".boolean code").waitFor();
      await page.locator(".boolean button").click();
      await settled(page);
      assert.match(page.url(), /syntax=words/);
      assert.equal(await page.locator(".boolean").count(), 0);
    }));

  test("a Boolean query that breaks off is said at its place, and the hits stay", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const before = await ids(page);
      await page.locator("#q").fill("(nurse AND manager");
      await page.locator(".query-fault .point").waitFor();
      assert.ok((await page.locator(".query-fault").innerText()).includes("(nurse AND manager"));
      assert.equal(await page.locator("#q").getAttribute("aria-invalid"), "");
      assert.deepEqual(await ids(page), before);
      await page.locator("#q").fill("(nurse AND manager) OR engineer");
      await page.locator(".query-fault").waitFor({ state: "detached" });
      assert.equal(await page.locator("#q").getAttribute("aria-invalid"), null);
    }, { refused: true }));
});

describe("a query that cannot be read", () => {
  const fault = (page) => page.locator(".query-fault");

  test("is said for a shared link too, which does not wait for ever", () =>
    visit(`#/search/jobs?q=${encodeURIComponent("(nurse OR engineer")}`, async (page) => {
      await fault(page).waitFor();
      await settled(page);
      assert.equal(await page.locator(".skeleton").count(), 0);
      assert.equal(await page.locator(".query-fault .point").innerText(), "(");
      await page.locator(".empty .example").first().click();
      await cards(page).first().waitFor();
      assert.equal(await fault(page).count(), 0);
    }, { refused: true }));

  test("an unknown field is marked as a whole word, and put right by its button", () =>
    visit(`#/search/jobs?q=${encodeURIComponent("nurse OR titel:manager")}`, async (page) => {
      await fault(page).waitFor();
      assert.match(await fault(page).innerText(), /This query cannot be read/);
      assert.equal(await page.locator(".query-fault .point").innerText(), "titel:manager");
      await fault(page).getByRole("button", { name: "title" }).click();
      await settled(page);
      assert.equal(await page.locator("#q").inputValue(), "nurse OR title:manager");
      assert.ok((await total(page)) > 0);
    }, { refused: true }));

  test("one that is too long is no Boolean one", () =>
    visit(`#/search/jobs?q=${"nurse+".repeat(2_500)}`, async (page) => {
      await fault(page).waitFor();
      const text = await fault(page).innerText();
      assert.match(text, /cannot be read/);
      assert.match(text, /bytes/);
      assert.doesNotMatch(text, /Boolean|plain words/);
    }, { refused: true }));
});

describe("sharing", () => {
  test("the copy buttons have names, and say for a moment that they did it", () =>
    visit("#/search/jobs?q=nurse", async (page, context) => {
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await settled(page);
      for (const [name, copied] of [["Copy link", /#\/search\/jobs\?q=nurse/], ["Copy as curl", /^curl /]]) {
        const button = page.getByRole("button", { name });
        await button.click();
        await page.getByRole("button", { name: "Copied" }).waitFor();
        assert.match(await page.evaluate(() => navigator.clipboard.readText()), copied);
        await button.waitFor();
      }
    }));
});

describe("places", () => {
  test("a place with a radius, from its proposals; wider finds more", async () => {
    const city = await someCity();
    await visit("#/search/jobs", async (page) => {
      await settled(page);
      const all = await total(page);
      const field = page.locator('input[name="near"]');
      await field.pressSequentially(city.slice(0, 4));
      await page.locator('.near [role="option"]', { hasText: city }).first().click();
      await page.waitForFunction(() => location.hash.includes("near="));
      await settled(page);
      const near = await total(page);
      assert.ok(near > 0 && near < all, `${near} of ${all} near ${city}`);
      assert.ok((await page.locator(".distance").count()) > 0);
      await page.locator('select[name="km"]').selectOption("500");
      await settled(page);
      assert.ok((await total(page)) >= near);
      await page.locator(".sort select").selectOption("distance");
      await settled(page);
      const away = (await page.locator(".distance").allInnerTexts()).map((text) => (text.includes("less") ? 0 : Number(text.replaceAll(/[^0-9]/g, ""))));
      assert.deepEqual(away, away.toSorted((a, b) => a - b));
      await page.locator(".chips.active .chip", { hasText: "Near" }).click();
      await settled(page);
      assert.equal(await total(page), all);
    });
  });

  test("a place nobody knows is said at its field", () =>
    visit("#/search/jobs", async (page) => {
      await settled(page);
      const field = page.locator('input[name="near"]');
      await field.fill("Xyzzyville");
      await page.keyboard.press("Enter");
      await page.locator(".near-fault:not(:empty)").waitFor();
      assert.match(await page.locator(".near-fault").innerText(), /Xyzzyville/);
      assert.equal(await field.getAttribute("aria-invalid"), "");
      await page.locator(".chips.active .chip", { hasText: "Near" }).click();
      await settled(page);
      assert.equal(await page.locator(".near-fault").innerText(), "");
      assert.ok((await total(page)) > 0);
    }, { refused: true }));
});

describe("export", () => {
  test("saves every hit of the search as CSV, in the order of the page", () =>
    visit("#/search/jobs?q=nurse", async (page) => {
      await settled(page);
      const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV of all" }).click()]);
      assert.equal(saved.suggestedFilename(), "jobs.csv");
      const chunks = [];
      for await (const chunk of await saved.createReadStream()) chunks.push(chunk);
      const lines = Buffer.concat(chunks).toString("utf8").split(/\r?\n/);
      assert.match(lines[0], /^\ufeff?id,score/);
      assert.ok(lines.length > (await total(page)));
      const first = await ids(page);
      assert.ok(lines[1].startsWith(first[0]), `${lines[1].slice(0, 40)} is not ${first[0]}`);
    }));
});
