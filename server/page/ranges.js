// Filters with two ends: pay, years, numbers, and since when. Owns the slider
// with two thumbs and the bars above it that say how many documents are where.

import { boundsOf, rangeText } from "./conditions.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { daysAgo, SINCE_DAYS } from "./request.js";
import { current, go, refresh, withFilter } from "./state.js";
import { CURRENCIES, numberStops, payStops, PERIODS, prefer, rememberCurrency } from "./stops.js";

/**
 * The inside of a range's group, null where it has nothing to choose; `facets`
 * and `rates` are the answer's. `range.shown` are the filters it shows: those of
 * the address, or what the query's words say, which `range.takeBack` takes back.
 */
export function rangeBody(range, facets, rates) {
  const filters = range.shown;
  if (range.type === "date") return since(range, facets?.[range.field] ?? []);
  if (range.type === "pay") return payRange(range, facets, rates);
  return bounded(range, { counts: facets?.[range.field], filters, stops: range.slider ? numberStops() : undefined, text: (value) => format.count(value), unit: "" });
}

function payRange(range, facets, rates) {
  const filters = range.shown;
  const counted = facets?.[`${range.field}.currency`] ?? [];
  rememberCurrency(range.field, counted[0]?.value);
  const { currency, period, stops } = payStops(range.field, filters);
  // The bars are counted in the currency and period that are shown, from the next answer on.
  const asked = payStops(range.field, current().filters);
  const counts = asked.currency === currency && asked.period.name === period.name ? facets?.[range.field] : undefined;
  if (!counts && range.takeBack) {
    prefer(range.field, "currency", currency);
    prefer(range.field, "period", period.name);
    queueMicrotask(refresh);
  }
  const choice = (name, value, values, text) => h("label", { class: "rule" }, h("span", { class: "sr" }, `${format.label(range.field)}, ${name}`),
    h("select", { dataset: { key: `${range.field}:${name}` }, on: { change: (event) => rule(range, name, event.target.value) } },
      [...new Set([...values, value])].map((one) => h("option", { value: one, selected: one === value }, text(one)))));
  const currencies = counted.length > 0 ? counted.map(({ value }) => value) : CURRENCIES;
  return [
    h("div", { class: "rules" }, choice("currency", currency, currencies, (one) => one), choice("period", period.name, Object.keys(PERIODS), format.per)),
    bounded(range, { counts, filters, stops, scale: period.inYear, text: (value) => format.moneyShort(value, currency), unit: currency }),
    rates && h("p", { class: "fine rates", title: rates.source }, `Converted at the rates of ${format.day(rates.date)}.`),
  ];
}

// A bound keeps its number when only its currency or period changes.
function rule({ field, shown }, name, value) {
  prefer(field, name, value);
  const filters = { ...shown, ...current().filters };
  if (filters[field]) go({ filters: { ...filters, [`${field}.${name}`]: [value] } });
  else refresh();
}

function bounded(range, { counts, filters, stops, scale = 1, text, unit }) {
  const { gte = "", lte = "" } = boundsOf(filters[range.field]?.[0]);
  const title = format.label(range.field);
  const key = (name) => `${range.field}:${name}`;
  const number = (name, value, spoken) => h("label", null, h("span", null, spoken), h("input", { type: "number", name, min: 0, step: "any", inputmode: "decimal", value, placeholder: "any", "aria-label": `${title}, ${spoken.toLowerCase()}${unit && ` ${unit}`}`, dataset: { key: key(name) } }));
  const form = h("form", { class: "bounds", on: { submit: (event) => {
    event.preventDefault();
    apply(form, range);
  } } },
    stops && slider({ stops, low: gte, high: lte, title, text, counts, scale, key, choose: (low, high) => {
      form.elements.gte.value = low;
      form.elements.lte.value = high;
      apply(form, range);
    } }),
    number("gte", gte, "At least"), number("lte", lte, "At most"),
    h("label", { class: "value unknown-rule" }, h("input", { type: "checkbox", name: "unknown", checked: filters[`${range.field}.unknown`]?.[0] === "include", dataset: { key: key("unknown") } }), h("span", { class: "value-text" }, "Also where it is unknown")));
  // The thumbs have listeners of their own.
  form.addEventListener("change", (event) => event.target.type === "range" || apply(form, range));
  return form;
}

function apply(form, range) {
  const low = form.elements.gte.value;
  const high = form.elements.lte.value;
  const now = current().filters;
  if (low === "" && high === "" && range.takeBack) return range.takeBack();
  const filters = withFilter(now, range.field, low === "" && high === "" ? [] : [`${low}..${high}`]);
  if (range.type === "pay" && filters[range.field]) {
    const { currency, period } = payStops(range.field, now[range.field] ? now : range.shown);
    filters[`${range.field}.currency`] = [currency];
    if (period.name !== "year") filters[`${range.field}.period`] = [period.name];
  }
  if (filters[range.field] && form.elements.unknown.checked) filters[`${range.field}.unknown`] = ["include"];
  else delete filters[`${range.field}.unknown`];
  return go({ filters });
}

/**
 * Two native sliders over each other: thumb `i` stands at stop `i - 1`, the
 * outermost places mean no bound. Their bars are the counts between stops.
 */
function slider({ stops, low, high, title, text, counts, scale, key, choose }) {
  const last = stops.length + 1;
  const at = (value, open) => {
    if (value === "") return open;
    const i = stops.findIndex((stop) => stop >= Number(value));
    return i < 0 ? stops.length : i + 1;
  };
  const bars = heights(stops, counts, scale);
  const bar = h("div", { class: "histogram", "aria-hidden": "true" }, bars.map(({ share, count }) => h("i", { vars: { "--height": share }, title: format.count(count) })));
  const output = h("output", { class: "span-text" });
  const thumb = (name, value) => h("input", { type: "range", min: 0, max: last, step: 1, value, "aria-label": `${title}, ${name}`, dataset: { key: key(`thumb ${name}`) } });
  const from = thumb("at least", at(low, 0));
  const to = thumb("at most", at(high, last));
  const typed = new Map([[from, { at: Number(from.value), value: low }], [to, { at: Number(to.value), value: high }]]);
  // A thumb that was not moved stands for what was typed, which may lie between two stops.
  const bound = (thumb) => {
    const { at: start, value } = typed.get(thumb);
    const i = Number(thumb.value);
    if (i === start) return value;
    return i <= 0 || i >= last ? "" : String(stops[i - 1]);
  };
  const show = () => {
    const [a, b] = [Number(from.value), Number(to.value)];
    const [least, most] = [bound(from), bound(to)];
    const shown = (value) => text(Number(value));
    from.setAttribute("aria-valuetext", least === "" ? "no lower bound" : shown(least));
    to.setAttribute("aria-valuetext", most === "" ? "no upper bound" : shown(most));
    host.style.setProperty("--from", a / last);
    host.style.setProperty("--to", b / last);
    output.value = least === "" && most === "" ? "Any" : most === "" ? `${shown(least)} and more` : least === "" ? `up to ${shown(most)}` : `${shown(least)} – ${shown(most)}`;
    for (const [i, one] of [...bar.children].entries()) one.classList.toggle("inside", i >= a && i < b);
  };
  const host = h("div", { class: "slider" }, output, bar, h("div", { class: "track" }), from, to);
  from.addEventListener("input", () => {
    from.value = Math.min(Number(from.value), Number(to.value) - 1);
    show();
  });
  to.addEventListener("input", () => {
    to.value = Math.max(Number(to.value), Number(from.value) + 1);
    show();
  });
  for (const one of [from, to]) one.addEventListener("change", () => choose(bound(from), bound(to)));
  show();
  return host;
}

function heights(stops, counts = [], scale) {
  const lows = ["", ...stops.map((stop) => Math.round(stop * scale))];
  const byLow = new Map(counts.map(({ from, count }) => [from === undefined || from === null ? "" : Number(from), count]));
  const list = lows.map((from) => byLow.get(from) ?? 0);
  const most = Math.max(1, ...list);
  return list.map((count) => ({ count, share: count === 0 ? 0 : Math.max(0.06, count / most) }));
}

function since(range, counts) {
  const value = range.shown[range.field]?.[0] ?? "";
  const name = `since-${range.field}`;
  // The ranges lie side by side; "since" is everything from a day on.
  const total = (day) => counts.filter(({ from }) => from !== undefined && from !== null && String(from).slice(0, 10) >= day).reduce((sum, { count }) => sum + count, 0);
  const options = [{ text: "Any time", value: "" }, ...SINCE_DAYS.map((days) => ({ text: days === 1 ? "Since yesterday" : `Last ${days} days`, value: `${daysAgo(days)}..`, count: counts.length > 0 ? total(daysAgo(days)) : undefined }))];
  if (!options.some((one) => one.value === value)) options.push({ text: rangeText("date", boundsOf(value)), value });
  const worth = options.filter((one) => one.count !== 0 || one.value === value);
  if (worth.length === 1) return null;
  return h("ul", { class: "values" }, worth.map((one) => h("li", null, h("label", { class: "value" },
    h("input", { type: "radio", name, value: one.value, checked: one.value === value, dataset: { key: `${range.field}=${one.text}` }, on: { change: () => (one.value === "" && range.takeBack ? range.takeBack() : go({ filters: withFilter(current().filters, range.field, one.value ? [one.value] : []) })) } }),
    h("span", { class: "value-text" }, one.text), one.count !== undefined && h("span", { class: "value-count" }, format.count(one.count))))));
}
