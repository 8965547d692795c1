// The search of one kind: box, sort, filters, results.

import { h, icon } from "./dom.js";
import { filterColumn } from "./facets.js";
import * as format from "./format.js";
import { facetsOf, filtersOf, sortsOf } from "./kinds.js";
import { results } from "./results.js";
import { current, go } from "./state.js";

const DEBOUNCE_MS = 120;

/** The view of one kind in `host`: `update` draws a state, `focus` goes to the box. */
export function searchView(host, kind) {
  const input = h("input", { id: "q", type: "search", name: "q", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search", placeholder: `Search ${kind.name}`, "aria-describedby": "q-hint" });
  const form = h("form", { class: "search", role: "search", "aria-label": `Search ${kind.name}` },
    h("label", { class: "sr", for: "q" }, `Search ${kind.name}`), h("div", { class: "box" }, icon("search"), input, h("kbd", { "aria-hidden": "true" }, "/")),
    h("p", { class: "hint", id: "q-hint" }, h("code", null, "\"a phrase\""), h("code", null, "+must"), h("code", null, "-not"), h("code", null, "field:word")));
  const column = h("div", { class: "filters-body" });
  const drawer = filterDrawer(column);
  const main = h("section", { class: "results", "aria-label": "Results" });
  host.replaceChildren(h("h1", { class: "sr" }, `Search ${kind.name}`), form, h("div", { class: "columns" }, drawer, main));
  const filters = filterColumn(column);
  const area = results(main, (answer) => filters.draw(kind, answer.facets));
  typed(form, input);

  function update(state) {
    if (document.activeElement !== input || input.value.trim() !== state.q) input.value = state.q;
    drawer.count(state.filters);
    const body = { q: state.q, filters: filtersOf(kind, state.filters), facets: facetsOf(kind) };
    if (state.sort) body.sort = state.sort.split(",");
    const scored = state.q.trim() !== "" || state.sort.includes("score");
    area.run({ path: `/v1/search/${encodeURIComponent(kind.name)}`, body, kind, scored, toolbar: sortMenu(kind, state) });
  }
  const focus = () => {
    input.focus();
    input.select();
  };
  return { update, focus, input, again: area.again };
}

/** A column that folds into a button on a phone. */
export function filterDrawer(column) {
  const number = h("span", { class: "badge", hidden: true });
  const button = h("button", { class: "button filters-button", type: "button", "aria-expanded": "false", "aria-controls": "filters-body" }, icon("filter"), "Filters", number);
  column.id = "filters-body";
  const aside = h("aside", { class: "filters", "aria-label": "Filters" }, button, column);
  button.addEventListener("click", () => button.setAttribute("aria-expanded", String(aside.classList.toggle("open"))));
  aside.count = (filters) => {
    const n = Object.keys(filters).filter((field) => !field.endsWith(".unknown")).length;
    number.textContent = String(n);
    number.hidden = n === 0;
  };
  return aside;
}

function typed(form, input) {
  let timer;
  const apply = () => {
    clearTimeout(timer);
    go({ q: input.value.trim(), doc: "" }, { typed: true });
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // The view may have gone while the timer ran.
      if (input.isConnected) apply();
    }, DEBOUNCE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
}

function sortMenu(kind, state) {
  const best = state.q.trim() === "" ? "Default order" : "Best match";
  const options = [{ sort: "", text: best }, ...sortsOf(kind)];
  if (!options.some(({ sort }) => sort === state.sort)) options.push({ sort: state.sort, text: format.label(state.sort) });
  return h("label", { class: "sort" }, h("span", null, "Sort"), h("select", { name: "sort", dataset: { key: "sort" }, on: { change: (event) => go({ sort: event.target.value }) } },
    options.map(({ sort, text }) => h("option", { value: sort, selected: sort === current().sort }, text))));
}
