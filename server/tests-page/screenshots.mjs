// Saves pictures of the page to the folder SCREENSHOTS, for a look and for the
// README. See browser.mjs for the server and the browser.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { base, CV, launch } from "./browser.mjs";

const folder = process.env.SCREENSHOTS ?? "screenshots";
const SIZES = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const QUERY = process.env.QUERY ?? "nurse";
const SEARCH = `#/search/jobs?q=${encodeURIComponent(QUERY)}`;

const SCENES = {
  async start(page) {
    await open(page, "#/search/jobs");
  },
  async proposals(page) {
    await open(page, "#/search/jobs");
    await page.locator("#q").pressSequentially(QUERY.slice(0, 3));
    await page.locator('[role="option"]').first().waitFor();
    await page.keyboard.press("ArrowDown");
  },
  async search(page) {
    await open(page, SEARCH);
  },
  async understood(page) {
    await open(page, `#/search/jobs?q=${encodeURIComponent("remote enginere 40k")}`);
  },
  async boolean(page) {
    await open(page, `#/search/jobs?q=${encodeURIComponent("(nurse OR engineer) AND NOT manager")}`);
  },
  async fault(page) {
    await open(page, SEARCH);
    await page.locator("#q").fill("(nurse OR engineer");
    await page.locator(".query-fault").waitFor();
  },
  async reasons(page) {
    await open(page, SEARCH);
    await page.locator(".why summary").first().click();
  },
  async weights(page) {
    await open(page, SEARCH);
    await page.locator(".weights-button").click();
    await page.locator('input[data-weight="freshness"]').press("Home");
    await page.waitForFunction(() => location.hash.includes("weight.freshness=0"));
  },
  async filters(page, size) {
    await open(page, "#/search/jobs?filter.pay=40000..120000&filter.pay.currency=USD&near=New%20York&km=500");
    if (size === "phone") await page.locator(".filters-button").click();
    await page.locator(".tree .twist").first().click();
  },
  async compare(page) {
    await open(page, SEARCH);
    for (const i of [0, 1, 2]) await page.locator("[data-compare]").nth(i).click();
    await page.locator('[data-action="open-compare"]').click();
    await page.locator("table.compare").waitFor();
  },
  async tray(page) {
    await open(page, SEARCH);
    for (const i of [0, 1]) await page.locator("[data-compare]").nth(i).click();
  },
  async document(page) {
    await open(page, SEARCH);
    await page.locator(".card-title").first().click();
    await page.locator("#document .explain .breakdown").waitFor();
  },
  async help(page) {
    await open(page, "#/search/jobs");
    await page.keyboard.press("?");
  },
  async paste(page) {
    await page.goto(`${base}/#/match?from=candidates&to=jobs`);
    await page.locator("#paste").waitFor();
  },
  async refused(page) {
    await page.goto(`${base}/#/match?from=candidates&to=jobs`);
    await page.locator("#upload").setInputFiles({ name: "cv.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") });
    await page.locator(".paste-fault:not(:empty)").waitFor();
  },
  async match(page) {
    await page.goto(`${base}/#/match?from=candidates&to=jobs`);
    await page.locator("#paste").fill(CV);
    await page.getByRole("button", { name: "Find matches" }).click();
    await page.locator(".why summary").first().click();
  },
  async profile(page) {
    await page.goto(`${base}/#/match?from=candidates&to=jobs&profile=consulting&musts=skills.required`);
    await page.locator("#paste").fill(CV);
    await page.getByRole("button", { name: "Find matches" }).click();
    await page.locator(".card[data-id]").first().waitFor();
    await page.locator(".weights-button").click();
    await page.locator(".profile-row select").waitFor();
  },
  async candidates(page) {
    await open(page, SEARCH);
    await page.locator('[data-action="match"]').first().click();
    await page.locator(".source .chosen .fields").waitFor();
    await page.locator(".results .bar").first().waitFor();
    await page.locator(".why summary").first().click();
  },
  async loading(page) {
    await page.route("**/v1/search/**", () => {});
    await page.goto(`${base}/${SEARCH}`);
    await page.locator(".skeleton").first().waitFor();
  },
  async empty(page) {
    await page.goto(`${base}/#/search/jobs?q=${encodeURIComponent("+nurse -nurse")}`);
    await page.locator(".empty .example").first().waitFor();
  },
  async error(page) {
    await page.goto(`${base}/#/search/jobs?filter.compny=ACME`);
    await page.locator(".problem").waitFor();
  },
  async offline(page) {
    await open(page, "#/search/jobs");
    await page.context().setOffline(true);
    await page.locator("#q").fill(QUERY);
    await page.locator(".problem").waitFor();
  },
};

async function open(page, hash) {
  await page.goto(`${base}/${hash}`);
  await page.locator(".card[data-id]").first().waitFor();
}

mkdirSync(folder, { recursive: true });
const only = process.env.SCENES?.split(",");
const browser = await launch();
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [name, scene] of Object.entries(SCENES)) {
      if (only && !only.includes(name)) continue;
      const page = await browser.newPage({ viewport, colorScheme, reducedMotion: "reduce" });
      await scene(page, size);
      if (name !== "loading") await page.locator(".results[aria-busy]").waitFor({ state: "detached" });
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
      await page.close();
    }
  }
}
await browser.close();
