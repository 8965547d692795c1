// Saves pictures of the page to the folder SCREENSHOTS, for a look and for the
// README. See browser.mjs for the server and the browser.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { base, CV, launch } from "./browser.mjs";

const folder = process.env.SCREENSHOTS ?? "screenshots";
const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const QUERY = process.env.QUERY ?? "nurse";

const SCENES = {
  async start(page) {
    await open(page, "#/search/jobs");
  },
  async search(page) {
    await open(page, `#/search/jobs?q=${encodeURIComponent(QUERY)}`);
  },
  async reasons(page) {
    await open(page, `#/search/jobs?q=${encodeURIComponent(QUERY)}`);
    await page.locator(".why summary").first().click();
  },
  async filters(page, size) {
    await open(page, "#/search/jobs");
    if (size === "phone") await page.locator(".filters-button").click();
    await page.locator('input[data-field="company"]').first().check();
    await page.locator(".chips.active").waitFor();
  },
  async document(page) {
    await open(page, "#/search/jobs");
    await page.locator(".card-title").first().click();
    await page.locator("dialog .fields").waitFor();
  },
  async paste(page) {
    await page.goto(`${base}/#/match?from=candidates&to=jobs`);
    await page.locator("#paste").waitFor();
  },
  async match(page) {
    await page.goto(`${base}/#/match?from=candidates&to=jobs`);
    await page.locator("#paste").fill(CV);
    await page.getByRole("button", { name: "Find matches" }).click();
    await page.locator(".why summary").first().click();
  },
  async candidates(page) {
    await open(page, `#/search/jobs?q=${encodeURIComponent(QUERY)}`);
    await page.locator('[data-action="match"]').first().click();
    await page.locator(".source .chosen .fields").waitFor();
    await page.locator(".results .bar").first().waitFor();
    await page.locator(".why summary").first().click();
  },
  async empty(page) {
    await page.goto(`${base}/#/search/jobs?q=${encodeURIComponent("nurse -nurse")}`);
    await page.locator(".empty").waitFor();
  },
  async error(page) {
    await page.goto(`${base}/#/search/jobs?filter.compny=ACME`);
    await page.locator(".problem").waitFor();
  },
};

async function open(page, hash) {
  await page.goto(`${base}/${hash}`);
  await page.locator(".card").first().waitFor();
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
      await page.locator(".results[aria-busy]").waitFor({ state: "detached" });
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
      await page.close();
    }
  }
}
await browser.close();
