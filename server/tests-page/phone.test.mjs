// Phones: no view is wider than the screen, whatever words are in it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask, close, open, settled, visit } from "./helpers.mjs";

before(open);
after(close);

const WIDTHS = [320, 360, 390];
const LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

const lengthened = (value) => (typeof value === "string" ? `${LONG} ${value} ${LONG}` : Array.isArray(value) ? value.map(lengthened) : value);

/** An answer whose names, chips and notes have words longer than a phone is wide. */
function stretched(answer) {
  const whole = (document) => Object.fromEntries(Object.entries(document).map(([name, value]) => [name, /_at$|^expires/.test(name) ? value : lengthened(value)]));
  for (const hit of answer.hits ?? []) Object.assign(hit, { document: whole(hit.document), highlights: {} });
  if (answer.document) answer.document = whole(answer.document);
  // A currency is sent back as it came.
  for (const [field, list] of Object.entries(answer.facets ?? {})) for (const one of list) if (!field.endsWith(".currency") && typeof one.value === "string") one.value = lengthened(one.value);
  if (!answer.applied) return answer;
  const { applied } = answer;
  applied.expansions = [...applied.expansions ?? [], { word: "short", to: lengthened(["b", "c"]), why: "synonym" }, { word: LONG, to: ["b"], why: "skill" }].map((one) => ({ ...one, to: lengthened(one.to) }));
  applied.words = lengthened(applied.words ?? []);
  answer.did_you_mean = `${LONG} ${LONG}`;
  answer.warnings = [...answer.warnings ?? [], `0 hits; without \`${LONG}\` 2`];
  return answer;
}

const stretching = async (route) => {
  const response = await route.fetch();
  if (!response.headers()["content-type"]?.includes("json") || new URL(route.request().url()).pathname === "/v1/kinds") return route.fulfill({ response });
  return route.fulfill({ response, json: stretched(await response.json()) });
};

/** Runs in the page: what is wider than what it stands in. */
function tooWide() {
  const list = [];
  // A strip that is meant to be pushed aside, and what is inside of it.
  const scrolled = (one) => one.parentElement !== document.body && (["auto", "scroll", "hidden"].includes(getComputedStyle(one.parentElement).overflowX) || scrolled(one.parentElement));
  for (const one of [document.documentElement, ...document.querySelectorAll("dialog[open], dialog[open] .dialog-body, main, .tray:not([hidden])")]) if (one.scrollWidth > one.clientWidth) list.push(`${one.tagName}.${one.className} is ${one.scrollWidth} wide in ${one.clientWidth}`);
  const { clientWidth } = document.documentElement;
  for (const one of document.querySelectorAll("body *")) {
    if (list.length === 0 || !one.checkVisibility() || one.closest(".sr, .skip") || scrolled(one)) continue;
    const { left, right, width } = one.getBoundingClientRect();
    if (width > 0 && (right > clientWidth + 0.5 || left < -0.5)) list.push(`${one.outerHTML.slice(0, 140)} from ${Math.round(left)} to ${Math.round(right)}`);
  }
  return list.slice(0, 6);
}

const press = (selector) => async (page) => {
  await page.locator(selector).first().click();
};

const comparing = async (page) => {
  for (const i of [0, 1, 2]) {
    await page.locator("[data-compare]").nth(i).click();
    await page.locator(".tray .chip").nth(i).waitFor();
  }
};

const VIEWS = [
  ["the start", "#/search/jobs"],
  ["a search", "#/search/jobs?q=software+engineer"],
  ["candidates", "#/search/candidates?q=nurse"],
  ["what was understood", "#/search/jobs?q=remote+developer+80k+berlin+last+month&literal=remote"],
  ["a Boolean search", `#/search/jobs?q=${LONG}+OR+nurse`],
  ["a fault", `#/search/jobs?q=${LONG}+AND+(`, (page) => page.locator(".query-fault").waitFor()],
  ["nothing", "#/search/jobs?q=remote+rust+80k+berlin+senior+last+week"],
  ["filters", `#/search/jobs?q=nurse&filter.pay=60000..&filter.company=${LONG}&near=Berlin&km=500`, press(".filters-button")],
  ["weights", "#/search/jobs?q=software+engineer", press(".weights-button")],
  ["why", "#/search/jobs?q=software+engineer", press(".why summary")],
  ["proposals", "#/search/jobs", async (page) => {
    await page.locator("#q").pressSequentially("nur");
    await page.locator('[role="option"]').first().waitFor();
  }],
  ["the tray", "#/search/jobs?q=software+engineer", comparing],
  ["a comparison", "#/search/jobs?q=software+engineer", async (page) => {
    await comparing(page);
    await page.locator('[data-action="open-compare"]').click();
    await page.locator("table.compare").waitFor();
  }],
  ["a document", "#/search/jobs?q=software+engineer", async (page) => {
    await page.locator(".card-title").first().click();
    await page.locator("#document .explain .breakdown").waitFor();
  }],
  ["help", "#/search/jobs", async (page) => {
    await page.locator("#help-button").click();
    await page.locator("#help[open]").waitFor();
  }],
  ["an empty match", "#/match?from=candidates&to=jobs", undefined, (page) => page.locator("#paste").waitFor()],
  ["a pasted match", "#/match?from=candidates&to=jobs", async (page) => {
    await page.locator("#paste").fill(`Nurse ${LONG}`);
    await page.getByRole("button", { name: "Find matches" }).click();
    await page.locator(".results .bar").first().waitFor();
  }, (page) => page.locator("#paste").waitFor()],
  ["a stored match", "a document"],
  ["a gated match", "a document&musts=skills.required&sort=-posted_at", press(".why summary")],
  ["a match's weights", "a document&profile=sales", press(".weights-button")],
  ["a problem", `#/search/jobs?filter.${LONG}=x`, (page) => page.locator(".problem summary").click()],
];

describe("phones", () => {
  for (const [words, route] of [["the demo's words", undefined], ["long words", stretching]]) {
    test(`${words}: every view is as wide as the screen`, async () => {
      const { hits } = await ask("/v1/search/candidates", { q: "nurse", limit: 1 });
      const wide = {};
      for (const [name, hash, act, ready = settled] of VIEWS) {
        const at = hash.replace(/^a document/, `#/match?from=candidates&id=${hits[0].id}&to=jobs`);
        await visit(at, async (page) => {
          await ready(page);
          await act?.(page);
          for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
            for (const width of WIDTHS) {
              await page.setViewportSize({ width, height: 800 });
              const list = await page.evaluate(tooWide);
              if (list.length > 0) wide[`${name}, ${width} px, ${colorScheme}`] = list;
            }
          }
        }, { viewport: { width: WIDTHS[0], height: 800 }, hasTouch: true, refused: true, route });
      }
      assert.deepEqual(wide, {});
    });
  }
});
