// Filters in words, and the chips that take them away again.

import { h, icon } from "./dom.js";
import * as format from "./format.js";
import { isRule, typeOf } from "./kinds.js";
import { current, go, toggled, withFilter } from "./state.js";

/** A range as people say it: `at least €60,000`, `since Nov 13, 2026`. */
export function rangeText(type, { gte, lte, gt, lt, currency, period }) {
  const money = type === "pay";
  const per = money && period && period !== "year" ? ` ${format.per(period)}` : "";
  const text = (bound) => (type === "date" ? format.day(bound) : money ? format.money(Number(bound), currency) : format.count(Number(bound)));
  const low = gte ?? gt;
  const high = lte ?? lt;
  if (low !== undefined && high !== undefined) return `${text(low)} – ${text(high)}${per}`;
  if (low !== undefined) return `${type === "date" ? "since" : "at least"} ${text(low)}${per}`;
  return high === undefined ? "any" : `${type === "date" ? "until" : "at most"} ${text(high)}${per}`;
}

/** A condition as the server writes it (`applied`), in words. */
export function conditionText(kind, field, condition) {
  const type = typeOf(kind, field);
  if (condition === null || typeof condition !== "object") return format.facetValue(field, condition);
  if (Array.isArray(condition)) return condition.map((value) => format.facetValue(field, value)).join(" or ");
  const { any, all, none } = condition;
  const lists = [any && any.map((value) => format.facetValue(field, value)).join(" or "), all?.length > 0 && all.map((value) => format.facetValue(field, value)).join(" and "), none?.length > 0 && `not ${none.map((value) => format.facetValue(field, value)).join(" nor ")}`].filter(Boolean);
  const ranged = ["gte", "gt", "lte", "lt"].some((bound) => condition[bound] !== undefined && condition[bound] !== null);
  if (ranged) lists.push(rangeText(type, condition));
  return lists.join(", ");
}

/** The active filters as chips that remove themselves; null where there are none. */
export function activeFilters(kind, state) {
  const chips = [state.near && nearChip(state), ...Object.entries(state.filters).filter(([field]) => !isRule(kind, state.filters, field)).flatMap(([field, values]) => values.map((value) => filterChip(kind, field, value, state)))].filter(Boolean);
  if (chips.length === 0) return null;
  return h("ul", { class: "chips active", "aria-label": "Active filters" }, chips,
    chips.length > 1 && h("li", null, h("button", { class: "link", type: "button", on: { click: () => go({ filters: {}, near: "" }) } }, "Clear all")));
}

/** A chip with a cross. */
export function removable(field, text, remove, { spoken, title, muted = false } = {}) {
  return h("li", null, h("button", { class: muted ? "chip remove muted" : "chip remove", type: "button", title, "aria-label": spoken ?? `Remove ${field}: ${text}`, on: { click: remove } }, field && h("span", { class: "chip-field" }, field), h("span", { class: "chip-text" }, text), icon("close")));
}

function nearChip(state) {
  const orUnknown = state["near.unknown"] === "include" ? " or unknown" : "";
  return removable("Near", `${state.near}, ${state.km || 50} km${orUnknown}`, () => go({ near: "" }), { spoken: `Remove filter near ${state.near}` });
}

function filterChip(kind, field, value, { filters }) {
  const type = typeOf(kind, field);
  const shown = isRange(type, value) ? rangeText(type, { ...boundsOf(value), currency: filters[`${field}.currency`]?.[0], period: filters[`${field}.period`]?.[0] }) : format.facetValue(field, value);
  const text = filters[`${field}.unknown`]?.[0] === "include" ? `${shown} or unknown` : shown;
  const rest = () => {
    const now = current().filters;
    return isRange(type, value) ? withFilter(now, field, []) : toggled(now, field, value);
  };
  return removable(format.label(field), text, () => go({ filters: rest() }), { spoken: `Remove filter ${format.label(field)}: ${text}` });
}

function isRange(type, value) {
  return (type === "number" || type === "date" || type === "pay") && value.includes("..");
}

/** The bounds of a range as the address writes it; an open side is left out. */
export function boundsOf(value = "") {
  const [low = "", high = ""] = value.split("..");
  return { ...(low !== "" && { gte: low }), ...(high !== "" && { lte: high }) };
}
