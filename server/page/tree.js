// Places as a tree: countries, their regions, their cities, each with its
// count. A filter holds one level at a time.

import { h, icon } from "./dom.js";
import * as format from "./format.js";
import { current, go, toggled, withFilter } from "./state.js";

const LEVELS = ["country", "region", "city"];
const CHILDREN_SHOWN = 12;

/**
 * The tree of a facet of type place. `open` remembers which branches
 * are; all of them where something is searched.
 */
export function placeTree({ field, counted, filters, open, redraw, searched, shown }) {
  const chosen = Object.fromEntries(LEVELS.map((level) => [level, filters[`${field}.${level}`] ?? []]));
  const seen = new Set();
  const tree = h("ul", { class: "values tree" }, branches(counted, { field, chosen, open, redraw, seen, path: "", searched, shown }));
  // A chosen place stays visible when nothing is counted for it.
  const lost = LEVELS.flatMap((level) => chosen[level].filter((value) => !seen.has(`${level}=${value}`)).map((value) => ({ level, value })));
  tree.prepend(...lost.map(({ level, value }) => h("li", null, h("div", { class: "branch" }, box({ field, level, value, count: 0, chosen })))));
  return tree;
}

function branches(list, context) {
  const { chosen } = context;
  return list.filter((one, i) => i < context.shown || holdsChosen(one, chosen)).map((one) => branch(one, context));
}

// What a value is: the last part of the column it is of, `location.city`.
function levelOf({ field }) {
  return field.slice(field.lastIndexOf(".") + 1);
}

function branch(one, context) {
  const { field, chosen, open, redraw, seen, path, searched } = context;
  const value = String(one.value);
  const level = levelOf(one);
  const here = `${path}/${value}`;
  const key = `${field}${here}`;
  const children = one.children ?? [];
  const isOpen = searched || (open.get(key) ?? children.some((child) => holdsChosen(child, chosen)));
  seen.add(`${level}=${value}`);
  const name = format.facetValue(`${field}.${level}`, value);
  return h("li", null,
    h("div", { class: "branch" },
      children.length > 0 ? h("button", { class: "twist", type: "button", "aria-expanded": String(isOpen), "aria-label": `Places in ${name}`, dataset: { key: `${key}:twist` }, on: { click: () => {
        open.set(key, !isOpen);
        redraw();
      } } }, icon("down")) : h("span", { class: "twist" }),
      box({ field, level, value, count: one.count, chosen })),
    isOpen && h("ul", { class: "values" }, branches(children, { ...context, path: here, shown: CHILDREN_SHOWN })));
}

function holdsChosen(one, chosen) {
  return chosen[levelOf(one)].includes(String(one.value)) || (one.children ?? []).some((child) => holdsChosen(child, chosen));
}

function box({ field, level, value, count, chosen }) {
  const path = `${field}.${level}`;
  const input = h("input", { type: "checkbox", checked: chosen[level].includes(value), dataset: { key: `${path}=${value}`, field: path, value }, on: {
    change: () => go({ filters: placeChosen(current().filters, field, level, value) }),
  } });
  return optionLabel(input, format.facetValue(path, value), count);
}

// One level of a place chosen: the other levels would only contradict it.
function placeChosen(filters, field, level, value) {
  let next = filters;
  for (const other of ["country", "region", "city"]) if (other !== level) next = withFilter(next, `${field}.${other}`, []);
  return toggled(next, `${field}.${level}`, value);
}

/** The label around a value's checkbox. */
export function optionLabel(input, text, count) {
  return h("label", { class: "value" }, input, h("span", { class: "value-text", title: text }, text), h("span", { class: "value-count" }, format.count(count)));
}
