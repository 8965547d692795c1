// The filter column. Owns which groups are open; the filters themselves live
// in the address, what is asked of a facet beyond its name in the wishes.

import { h, icon, swap } from "./dom.js";
import * as format from "./format.js";
import { isRule, placeFields, rangesOf } from "./kinds.js";
import { nearFields } from "./near.js";
import { rangeBody } from "./ranges.js";
import { current, go, refresh, toggled, withFilter } from "./state.js";
import { optionLabel, placeTree } from "./tree.js";
import { understoodParts } from "./understood.js";

const VALUES_SHOWN = 6;
const OPEN_AT_FIRST = 4;
const SEARCHABLE_FROM = 8;
const DEBOUNCE_MS = 150;

/**
 * A filter column drawn into `host`: `draw(kind, answer)` draws it again,
 * `update(kind, state)` follows the address before an answer is there,
 * `fault(error)` says at its field what was refused.
 */
export function filterColumn(host, wishes) {
  const open = new Map();
  const near = h("div");
  const groups = h("div", { class: "groups" });
  host.replaceChildren(near, groups);
  let nearOf;
  let last;
  let held = false;
  const redraw = () => last && draw(...last);
  // A thumb that is being dragged must not be replaced under the finger.
  groups.addEventListener("pointerdown", (event) => {
    held = event.target.matches("input[type=range]");
  });
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => {
    if (!held) return;
    held = false;
    setTimeout(() => groups.isConnected && redraw());
  });

  function update(kind, state) {
    if (nearOf?.kind !== kind) {
      nearOf = placeFields(kind).length > 0 ? { kind, ...nearFields(kind) } : { kind };
      near.replaceChildren(...(nearOf.node ? [section({ key: "near", title: "Near", active: 0, open, openFirst: true }, nearOf.node)] : []));
    }
    nearOf.update?.(state);
  }

  function draw(kind, answer) {
    last = [kind, answer];
    if (held) return;
    const read = understoodParts(kind, answer.applied?.understood);
    nearOf?.said?.(read.filter(({ near }) => near));
    const { filters } = current();
    const { facets } = answer;
    const places = placeFields(kind);
    const names = [...new Set(kind.facets.map((field) => places.find((place) => field.startsWith(`${place}.`)) ?? field))];
    const parts = names.map((field, i) => {
      const shared = { field, counted: facets?.[field] ?? [], filters, wishes, open, redraw, read: readOf(read, field), first: i < OPEN_AT_FIRST };
      return places.includes(field) ? placeGroup(shared) : group(shared);
    });
    const ranges = rangesOf(kind).map((range) => rangeGroup(range, answer, filters, readOf(read, range.field), open));
    swap(groups, parts.slice(0, 2), ranges, parts.slice(2));
  }
  return { draw, update, fault: (error) => nearOf?.fault?.(error) };
}

// What the words of the query say about a field, or about a level of a place.
function readOf(read, field) {
  return read.filter(({ filter }) => Object.keys(filter).some((name) => name === field || name.startsWith(`${field}.`)));
}

function fromWords(read) {
  return read.map(({ text, meaning }) => h("p", { class: "from-words" }, `From “${text}”: ${meaning}`));
}

// The values a condition of one field asks for, as the address would write them.
function valuesOf(condition) {
  return [condition?.any ?? condition ?? []].flat().filter((value) => typeof value !== "object").map(String);
}

function group({ field, counted, filters, wishes, open, read, first }) {
  const taken = new Map(read.flatMap(({ filter, takeBack }) => valuesOf(filter[field]).map((value) => [value, takeBack])));
  const selected = [...new Set([...filters[field] ?? [], ...taken.keys()])];
  const { search, more } = wishes.of(field);
  const counts = new Map(counted.map(({ value, count }) => [String(value), count]));
  // A selected value stays in the list when nothing is counted for it.
  const values = [...selected.filter((value) => !counts.has(value)), ...counted.map(({ value }) => String(value))];
  if (values.length === 0 && search === "") return null;
  const all = more || search !== "";
  const shown = values.filter((value, i) => all || i < VALUES_SHOWN || selected.includes(value));
  return section({ key: field, title: format.label(field), active: selected.length, open, openFirst: first || selected.length > 0 },
    fromWords(read),
    (values.length >= SEARCHABLE_FROM || search !== "") && searchBox(field, search, wishes),
    h("ul", { class: "values" }, shown.map((value) => option(field, value, counts.get(value) ?? 0, selected, taken.get(value)))),
    values.length === 0 && h("p", { class: "fine" }, `Nothing begins with “${search}”.`),
    search === "" && values.length > VALUES_SHOWN && moreButton(field, more, values.length - VALUES_SHOWN, wishes));
}

function moreButton(field, more, rest, wishes) {
  return h("button", { class: "link", type: "button", dataset: { key: `${field}:all` }, on: { click: () => {
    wishes.set(field, { more: !more });
    refresh();
  } } }, more ? "Show fewer" : `Show ${rest} more`);
}

function searchBox(field, search, wishes) {
  let timer;
  return h("input", { class: "facet-search", type: "search", value: search, placeholder: `Find in ${format.label(field).toLowerCase()}`, "aria-label": `Find in ${format.label(field)}`, spellcheck: "false", autocomplete: "off", dataset: { key: `${field}:find` }, on: {
    input: (event) => {
      clearTimeout(timer);
      const { target } = event;
      timer = setTimeout(() => {
        wishes.set(field, { search: target.value.trim() });
        refresh();
      }, DEBOUNCE_MS);
    },
  } });
}

function section({ key, title, active, open, openFirst }, ...children) {
  const details = h("details", { class: "facet", open: open.get(key) ?? openFirst },
    h("summary", { dataset: { key } }, title, active > 0 && h("span", { class: "badge" }, h("span", { class: "sr" }, "active: "), String(active))),
    h("div", { class: "facet-body", role: "group", "aria-label": title }, children));
  // `toggle` also fires when the element is inserted open; only a user's
  // click or key press is a choice worth keeping.
  details.firstChild.addEventListener("click", () => open.set(key, !details.open));
  return details;
}

// `takeBack` is how a value goes that the words of the query say.
function option(field, value, count, selected, takeBack) {
  const text = format.facetValue(field, value);
  const input = h("input", { type: "checkbox", checked: selected.includes(value), dataset: { key: `${field}=${value}`, field, value }, on: {
    change: () => (takeBack ? takeBack() : go({ filters: toggled(current().filters, field, value) })),
  } });
  return h("li", null, optionLabel(input, text, count));
}

function placeGroup({ field, counted, filters, wishes, open, redraw, read, first }) {
  const levels = ["country", "region", "city"].map((level) => `${field}.${level}`);
  const active = levels.reduce((sum, level) => sum + (filters[level]?.length ?? 0), read.length);
  const { more, search } = wishes.of(field);
  if (counted.length === 0 && active === 0 && search === "") return null;
  return section({ key: field, title: format.label(field), active, open, openFirst: first || active > 0 },
    fromWords(read),
    searchBox(field, search, wishes),
    placeTree({ field, counted, filters, open, redraw, searched: search !== "", shown: more || search ? Infinity : VALUES_SHOWN }),
    counted.length === 0 && search !== "" && h("p", { class: "fine" }, `Nothing begins with “${search}”.`),
    search === "" && counted.length > VALUES_SHOWN && moreButton(field, more, counted.length - VALUES_SHOWN, wishes));
}

// A range the words of the query say is shown as if it were set here.
function rangeGroup(range, { facets, applied }, filters, read, open) {
  const [said] = filters[range.field] ? [] : read;
  const { gte, gt, lte, lt, ...rules } = said?.filter[range.field] ?? {};
  const shown = said ? { ...filters, [range.field]: [`${gte ?? gt ?? ""}..${lte ?? lt ?? ""}`] } : filters;
  if (said) for (const rule of ["currency", "period"]) if (rules[rule]) shown[`${range.field}.${rule}`] = [rules[rule]];
  const active = shown[range.field]?.length ?? 0;
  const body = rangeBody({ ...range, shown, takeBack: said?.takeBack }, facets, applied?.rates);
  return body && section({ key: `range:${range.field}`, title: format.label(range.field), active, open, openFirst: range.slider || range.type === "date" || active > 0 }, fromWords(said ? [said] : []), body);
}

/** A column that folds into a button on a phone. */
export function filterDrawer(column) {
  const number = h("span", { class: "badge", hidden: true });
  const button = h("button", { class: "button filters-button", type: "button", "aria-expanded": "false", "aria-controls": "filters-body" }, icon("filter"), "Filters", number);
  const done = h("button", { class: "button primary filters-done", type: "button" }, "Show the results");
  const body = h("div", { class: "filters-body", id: "filters-body" }, column, done);
  const aside = h("aside", { class: "filters", "aria-label": "Filters" }, button, body);
  const toggle = () => button.setAttribute("aria-expanded", String(aside.classList.toggle("open")));
  button.addEventListener("click", toggle);
  done.addEventListener("click", () => {
    toggle();
    button.focus();
    button.scrollIntoView({ block: "nearest" });
  });
  aside.total = (text) => {
    done.textContent = `Show ${text}`;
  };
  aside.count = (kind, state) => {
    const n = Object.keys(state.filters).filter((field) => !isRule(kind, state.filters, field)).length + (state.near ? 1 : 0);
    number.textContent = String(n);
    number.hidden = n === 0;
  };
  return aside;
}
