// The page: header, views by address, theme, keyboard.

import * as api from "./api.js";
import { compareDialog, compareTray } from "./compare.js";
import { documentDialog } from "./document.js";
import { h, icon } from "./dom.js";
import { evidenceDialog } from "./evidence.js";
import * as format from "./format.js";
import { helpDialog } from "./help.js";
import { fromAnswer, unknown } from "./kinds.js";
import { matchView } from "./match.js";
import { problem } from "./problem.js";
import { searchView } from "./search.js";
import { address, blank, current, go, start } from "./state.js";

const SCROLLED_MS = 150;

const main = document.getElementById("main");
const tabs = document.getElementById("tabs");
const dialog = documentDialog(document.getElementById("document"));
const comparison = compareDialog(document.getElementById("compare"));
const evidence = evidenceDialog(document.getElementById("evidence"));
const tray = compareTray(document.getElementById("tray"));
const help = helpDialog(document.getElementById("help"));
let kinds = [];
let view;
let mounted = "";
// Where the page was scrolled to when this step of the history was left.
let scrolledTo;
let popped = false;
let query = "";

theme(document.getElementById("theme"));
document.getElementById("help-button").append(icon("keys"));
document.getElementById("help-button").addEventListener("click", help);
connection(document.getElementById("offline"));
scrolling();
keyForm(document.getElementById("key"));
keyboard();
document.querySelector("[data-skip]").addEventListener("click", (event) => {
  // What follows # is the state, so the jump is made by hand.
  event.preventDefault();
  main.focus();
});
boot();

async function boot() {
  try {
    kinds = fromAnswer((await api.kinds()).answer);
    if (kinds.length === 0) throw new Error("The server has no kinds.");
  } catch (error) {
    main.replaceChildren(problem(error, boot));
    return;
  }
  mounted = "";
  if (view) draw(current());
  else start(draw);
}

function draw(state) {
  if (state.view === "search" && state.kind === "") {
    go({ kind: kinds[0].name }, { replace: true });
    return;
  }
  const key = state.view === "match" ? "match" : `search:${state.kind}`;
  if (key !== mounted) {
    mounted = key;
    view = state.view === "match" ? matchView(main, kinds) : searchView(main, kinds.find(({ name }) => name === state.kind) ?? unknown(state.kind));
    scrollTo(0, 0);
  } else if (popped || state.q === query) scrollBack();
  else scrollTo(0, 0); // Another query has other hits: they begin at the top.
  popped = false;
  query = state.q;
  header(state);
  view.update(state);
  const question = view.question(state);
  dialog.show(state.doc, kinds, question && { kind: view.kind().name, body: question });
  comparison.show(view.kind(), state, question);
  evidence.show(state, kinds, question);
  tray.update(view.kind(), state, view.find);
}

// Back leads to where one was: at once where the list is still there, else
// when it has been asked for again.
function scrolling() {
  history.scrollRestoration = "manual";
  let timer;
  addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(() => history.replaceState({ ...history.state, y: scrollY }, ""), SCROLLED_MS);
  }, { passive: true });
  addEventListener("popstate", (event) => {
    clearTimeout(timer);
    popped = true;
    scrolledTo = event.state?.y;
  });
  main.addEventListener("answered", scrollBack);
}

function scrollBack() {
  if (scrolledTo !== undefined) scrollTo(0, scrolledTo);
  scrolledTo = undefined;
}

function connection(note) {
  const show = () => {
    note.hidden = navigator.onLine !== false;
  };
  for (const name of ["online", "offline"]) addEventListener(name, show);
  show();
}

function header(state) {
  const tab = (text, href, active, extra) => h("a", { href, "aria-current": active ? "page" : undefined }, text, extra);
  tabs.replaceChildren(
    ...kinds.map((kind) => tab(format.label(kind.name), address(blank(kind.name)), state.view === "search" && state.kind === kind.name, h("span", { class: "tab-count" }, format.count(kind.documents)))),
    tab("Match", address({ ...blank(""), view: "match" }), state.view === "match"));
  tabs.scrollLeft = tabs.querySelector("[aria-current]")?.offsetLeft - tabs.offsetLeft;
  const place = state.view === "match" ? "Match" : format.label(state.kind);
  document.title = `${state.q ? `${state.q} · ` : ""}${place} · Tandem`;
}

function theme(button) {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const other = () => ((root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark" ? "light" : "dark");
  const show = () => {
    button.replaceChildren(icon(other() === "dark" ? "moon" : "sun"));
    button.title = `Use the ${other()} theme`;
    button.setAttribute("aria-label", button.title);
  };
  button.addEventListener("click", () => {
    root.dataset.theme = other();
    show();
    try {
      localStorage.setItem("tandem.theme", root.dataset.theme);
    } catch {
      // Storage can be forbidden; the choice then lasts as long as the page.
    }
  });
  dark.addEventListener("change", show);
  show();
}

function keyForm(form) {
  api.whenUnauthorized(() => {
    form.hidden = false;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    api.setKey(form.elements["key-input"].value.trim());
    form.hidden = true;
    if (kinds.length === 0) boot();
    else view?.again();
  });
}

function keyboard() {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
    const { target, key } = event;
    const writing = target.matches?.("input:not([type=checkbox], [type=radio], [type=range]), textarea, select");
    if (key === "Escape" && writing) target.blur();
    else if (key === "/" && !writing) act(event, () => view?.focus());
    else if (key === "?" && !writing) act(event, help);
    else if (key === "w" && !writing) onCard(event, ".why > summary");
    else if (key === "c" && !writing) onCard(event, "[data-compare]");
    else if (key === "C" && !writing) compareChosen(event);
    else if (key === "j" && !writing) step(event, 1);
    else if (key === "k" && !writing) step(event, -1);
    else if ((key === "ArrowDown" || key === "ArrowUp") && walks(target)) step(event, key === "ArrowDown" ? 1 : -1);
  });
}

// A letter that means a control of the hit the focus is in.
function onCard(event, selector) {
  const control = event.target.closest?.(".results .card")?.querySelector(selector);
  if (control) act(event, () => control.click());
}

function compareChosen(event) {
  const button = document.querySelector('[data-action="open-compare"]');
  // Focused, so that the focus is back at it when the comparison closes.
  if (button && !button.disabled) act(event, () => {
    button.focus({ preventScroll: true });
    button.click();
  });
}

// Arrows walk the cards only from the search box and from a card's title;
// anywhere else they scroll, as everywhere on the web.
function walks(target) {
  return target === view?.input ? target.matches("input") : target.matches?.(".results .card-title");
}

function step(event, by) {
  const titles = [...main.querySelectorAll(".results .card-title")];
  const card = document.activeElement?.closest(".results .card");
  const at = card ? titles.findIndex((title) => card.contains(title)) : -1;
  if (at === 0 && by < 0) act(event, () => view.focus());
  const next = titles[at < 0 ? (by > 0 ? 0 : -1) : at + by];
  if (next) act(event, () => {
    next.focus({ preventScroll: true });
    next.closest(".card").scrollIntoView({ block: "nearest" });
  });
}

function act(event, action) {
  event.preventDefault();
  action();
}
