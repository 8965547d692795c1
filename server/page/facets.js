// The filter column and the chips of active filters. Owns which groups are
// open; the filters themselves live in the address.

import { h, icon, swap } from "./dom.js";
import * as format from "./format.js";
import { rangesOf, typeOf } from "./kinds.js";
import { current, go, toggled, withFilter } from "./state.js";

const VALUES_SHOWN = 6;
const OPEN_AT_FIRST = 5;
const MS_PER_DAY = 86_400_000;
const SINCE_DAYS = [["Any time", 0], ["Last 7 days", 7], ["Last 30 days", 30], ["Last 90 days", 90]];

/** A filter column drawn into `host`; `draw(kind, facets)` draws it again. */
export function filterColumn(host) {
  const open = new Map();
  const expanded = new Set();
  let last;
  const redraw = () => last && draw(...last);
  function draw(kind, facets) {
    last = [kind, facets];
    const { filters } = current();
    const groups = kind.facets.map((field, i) => group(kind, field, facets?.[field] ?? [], filters[field] ?? [], { open, expanded, redraw, first: i < OPEN_AT_FIRST }));
    swap(host, groups, rangesOf(kind).map((range) => rangeGroup(range, filters, open)));
  }
  return { draw };
}

function group(kind, field, counted, selected, { open, expanded, redraw, first }) {
  const counts = new Map(counted.map(({ value, count }) => [String(value), count]));
  // A selected value stays in the list when nothing is counted for it.
  const values = [...counted.map(({ value }) => value), ...selected.filter((value) => !counts.has(value))];
  if (values.length === 0) return null;
  const key = `${kind.name}:${field}`;
  const all = expanded.has(key);
  const shown = values.filter((value, i) => all || i < VALUES_SHOWN || selected.includes(String(value)));
  return section(key, format.label(field), selected.length, open, first || selected.length > 0,
    h("ul", { class: "values" }, shown.map((value) => option(field, value, counts.get(String(value)) ?? 0, selected))),
    values.length > VALUES_SHOWN && h("button", { class: "link", type: "button", dataset: { key: `${key}:all` }, on: { click: () => {
      if (all) expanded.delete(key);
      else expanded.add(key);
      redraw();
    } } }, all ? "Show fewer" : `Show ${values.length - VALUES_SHOWN} more`));
}

function section(key, title, active, open, openFirst, ...children) {
  const details = h("details", { class: "facet", open: open.get(key) ?? openFirst },
    h("summary", { dataset: { key } }, title, active > 0 && h("span", { class: "badge" }, h("span", { class: "sr" }, "active: "), String(active))),
    h("div", { class: "facet-body", role: "group", "aria-label": title }, children));
  // `toggle` also fires when the element is inserted open; only a user's
  // click or key press is a choice worth keeping.
  details.firstChild.addEventListener("click", () => open.set(key, !details.open));
  return details;
}

function option(field, value, count, selected) {
  const text = format.facetValue(field, value);
  const input = h("input", { type: "checkbox", checked: selected.includes(String(value)), dataset: { key: `${field}=${value}`, field, value: String(value) }, on: {
    change: () => go({ filters: toggled(current().filters, field, String(value)) }),
  } });
  return h("li", null, h("label", { class: "value" }, input, h("span", { class: "value-text", title: text }, text), h("span", { class: "value-count" }, format.count(count))));
}

function rangeGroup(range, filters, open) {
  const active = filters[range.field]?.length ?? 0;
  const title = format.label(range.of);
  return section(`range:${range.field}`, title, active, open, active > 0, range.type === "date" ? since(range, filters) : bounds(range, filters, title));
}

function since(range, filters) {
  const value = filters[range.field]?.[0] ?? "";
  const days = SINCE_DAYS.map(([text, n]) => [text, n === 0 ? "" : `${new Date(Date.now() - n * MS_PER_DAY).toISOString().slice(0, 10)}..`]);
  if (!days.some(([, v]) => v === value)) days.push([rangeText(range.field, "date", value), value]);
  return h("select", { "aria-label": format.label(range.of), dataset: { key: range.field }, on: {
    change: (event) => go({ filters: withFilter(current().filters, range.field, event.target.value ? [event.target.value] : []) }),
  } }, days.map(([text, v]) => h("option", { value: v, selected: v === value }, text)));
}

function bounds(range, filters, title) {
  const [low = "", high = ""] = (filters[range.field]?.[0] ?? "").split("..");
  const form = h("form", { class: "bounds", on: { change: () => apply(form, range), submit: (event) => {
    event.preventDefault();
    apply(form, range);
  } } },
    range.bounds.map((bound) => h("label", null, `${bound === "gte" ? "At least" : "At most"}${range.unit === "a year" ? ", a year" : ""}`,
      h("input", { type: "number", name: bound, min: 0, step: "any", inputmode: "decimal", value: bound === "gte" ? low : high, "aria-label": `${title}, ${bound === "gte" ? "at least" : "at most"}`, dataset: { key: `${range.field}:${bound}` } }))),
    h("label", { class: "value unknown-rule" }, h("input", { type: "checkbox", name: "unknown", checked: filters[`${range.field}.unknown`]?.[0] === "include", dataset: { key: `${range.field}:unknown` } }), h("span", { class: "value-text" }, "Include unknown")));
  return form;
}

function apply(form, range) {
  const low = form.elements.gte?.value ?? "";
  const high = form.elements.lte?.value ?? "";
  const value = low === "" && high === "" ? [] : [`${low}..${high}`];
  const filters = withFilter(current().filters, range.field, value);
  if (value.length > 0) {
    if (form.elements.unknown.checked) filters[`${range.field}.unknown`] = ["include"];
    else delete filters[`${range.field}.unknown`];
  }
  go({ filters });
}

function rangeText(field, type, value) {
  const [low, high] = value.split("..");
  if (high === undefined) return value;
  const text = (bound) => (type === "date" ? format.day(bound) : format.count(Number(bound)));
  if (low && high) return `${text(low)} to ${text(high)}`;
  if (low) return type === "date" ? `since ${text(low)}` : `at least ${text(low)}`;
  return type === "date" ? `until ${text(high)}` : `at most ${text(high)}`;
}

/** The active filters as chips that remove themselves. */
export function activeFilters(kind, filters) {
  const chips = Object.entries(filters).filter(([field]) => !(field.endsWith(".unknown") && filters[field.slice(0, -8)])).flatMap(([field, values]) => values.map((value) => chip(kind, field, value)));
  if (chips.length === 0) return null;
  return h("ul", { class: "chips active", "aria-label": "Active filters" }, chips,
    chips.length > 1 && h("li", null, h("button", { class: "link", type: "button", on: { click: () => go({ filters: {} }) } }, "Clear all")));
}

function chip(kind, field, value) {
  const type = typeOf(kind, field);
  const shown = type === "number" || type === "date" ? rangeText(field, type, value) : format.facetValue(field, value);
  const text = current().filters[`${field}.unknown`]?.[0] === "include" ? `${shown} or unknown` : shown;
  return h("li", null, h("button", { class: "chip remove", type: "button", "aria-label": `Remove filter ${format.label(field)}: ${text}`, on: {
    click: () => go({ filters: toggled(current().filters, field, value) }),
  } }, h("span", { class: "chip-field" }, format.label(field)), text, icon("close")));
}
