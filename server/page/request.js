// From the state in the address to the bodies of requests. Owns what is asked
// for; draws nothing and sends nothing.

import { numberStops, payStops } from "./stops.js";
import { fieldAs, filtersOf, isPayField, placeFields, rangesOf } from "./kinds.js";

const VALUES = 20;
const VALUES_MORE = 200;
const MS_PER_DAY = 86_400_000;

/** What the address says where nothing is a must, whatever the profile says. */
export const NO_MUSTS = "none";

/** The spans of time the page offers, in days. */
export const SINCE_DAYS = [1, 3, 7, 14, 30, 90];

/** The day `days` before today, as filters write it. */
export function daysAgo(days, now = Date.now()) {
  return new Date(now - days * MS_PER_DAY).toISOString().slice(0, 10);
}

/**
 * What is asked of the facets beyond their names, by field: `search` a text,
 * `more` whether many values are wanted. Belongs to the page, not the address.
 */
export function facetWishes() {
  const wishes = new Map();
  const of = (field) => wishes.get(field) ?? { search: "", more: false };
  return { of, set: (field, change) => wishes.set(field, { ...of(field), ...change }) };
}

/** A search as the server wants it. */
export function searchBody(kind, state, wishes) {
  return { ...query(state), ...common(kind, state, wishes) };
}

/** A match of one side (a `from` member) with `kind`. */
export function matchBody(from, kind, state, wishes) {
  return { from, to: kind.name, ...common(kind, state, wishes) };
}

/** The members that decide a pair's score in a search: for rank and explain. */
export function query(state) {
  const body = { q: state.q };
  if (state.syntax) body.syntax = state.syntax;
  if (state.literal.length > 0) body.literal = state.literal;
  return body;
}

function common(kind, state, wishes) {
  const body = { filters: filtersOf(kind, state.filters), facets: facets(kind, state, wishes) };
  if (state.near) body.near = near(state);
  if (state.max_per) body.max_per = maxPer(state.max_per);
  if (state.sort) body.sort = state.sort.split(",");
  return { ...body, ...weights(state) };
}

/** The members that say what counts and how people are shown, left out where nothing was chosen. */
export function weights(state) {
  const body = state.profile ? { profile: state.profile } : {};
  if (state.blind) body.blind = true;
  // Words have no wants. No musts at all is something else than the profile's.
  if (state.view === "match" && state.musts) body.musts = state.musts === NO_MUSTS ? [] : state.musts.split(",");
  return Object.keys(state.weights).length > 0 ? { ...body, weights: state.weights } : body;
}

function near(state) {
  const point = /^\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*$/.exec(state.near);
  const center = point ? { lat: Number(point[1]), lon: Number(point[2]) } : { place: state.near };
  const body = { ...center };
  if (state.km !== "") body.km = Number.isFinite(Number(state.km)) ? Number(state.km) : state.km;
  if (state["near.unknown"]) body.unknown = state["near.unknown"];
  return body;
}

function maxPer(text) {
  const [field, count] = text.split(":");
  return { field, count: Number(count) };
}

/** The field hits can be capped by: an organisation's name. */
export function capField(kind) {
  const field = fieldAs(kind, "name");
  return field && kind.columns.has(field) ? field : undefined;
}

function facets(kind, state, wishes) {
  const places = placeFields(kind);
  const named = [];
  for (const field of kind.facets) {
    const place = places.find((name) => field.startsWith(`${name}.`));
    // A country and a city are levels of one facet.
    const shown = place ?? field;
    if (!named.includes(shown)) named.push(shown);
  }
  const all = [...named.map((field) => valueFacet(field, wishes)), ...rangesOf(kind).flatMap((range) => rangeFacets(range, state))];
  // A field is asked for once; one that has ranges is counted in them.
  return [...new Map(all.map((facet) => [facet.field, facet])).values()];
}

function valueFacet(field, wishes) {
  const { search, more } = wishes.of(field);
  const facet = { field, limit: more || search ? VALUES_MORE : VALUES };
  if (search) facet.search = search;
  return facet;
}

function rangeFacets(range, state) {
  if (range.type === "date") return [{ field: range.field, ranges: SINCE_DAYS.toReversed().map((days) => daysAgo(days)) }];
  if (isPayField(range)) {
    const { currency, period, stops } = payStops(range.field, state.filters);
    const yearly = stops.map((stop) => Math.round(stop * period.inYear));
    return [{ field: range.field, ranges: yearly, currency }, { field: `${range.field}.currency`, limit: VALUES }];
  }
  return range.slider ? [{ field: range.field, ranges: numberStops() }] : [];
}
