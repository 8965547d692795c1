// Starts the browser the tests and the screenshots share.
//
// TANDEM_URL  the server, such as http://127.0.0.1:8080 (`tandem demo`)
// CHROMIUM    the browser's program, /usr/bin/chromium by default

import { chromium } from "playwright-core";

const ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** The server under test, without a slash at the end. */
export const base = (process.env.TANDEM_URL ?? "").replace(/\/$/, "");
if (base === "") throw new Error("TANDEM_URL is not set: start `tandem demo` and name its address");

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
}

export const CV = `Software developer, seven years of experience

Builds web services and data pipelines. Designs databases, reviews code, automates tests and deployments, and helps colleagues to write programs that are easy to change.

Skills: Python, SQL, Java, Git, PostgreSQL, Docker`;
