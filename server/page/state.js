// What the page shows, as the part of the address behind `#`, so that links
// can be shared and back and forward work. Owns the address; draws nothing.
//
//   #/search/jobs?q=nurse&filter.company=ACME&filter.pay=60000..&sort=-posted_at
//   #/match?from=candidates&id=c-7&to=jobs&weight.skills=60&musts=years,pay
//   either with &near=Berlin&km=20, &max_per=company:2, &profile=sales, &blind=true, &pages=3,
//   &compare=j-1&compare=j-2&open=compare, or &doc=jobs/j-17 for the open document
//
// Members are written as the GET twin of search writes them. A pasted text is
// never put into the address: a CV does not belong into a link or a history.

/** How many documents can be held side by side. */
export const COMPARED_MAX = 3;
const PAGES_MAX = 50;
const SEARCH = ["q", "syntax", "sort"];
const MATCH = ["from", "id", "to", "sort", "musts"];
const BOTH = ["near", "km", "near.unknown", "max_per", "profile", "blind", "open", "doc"];
// What may change without starting again at the first page.
const BESIDE = new Set(["pages", "open", "doc", "compare"]);

let listener = () => {};
let typing = false;

/** A search without anything asked; who looks without names goes on to. */
export function blank(kind) {
  return { ...parse(""), kind, blind: current().blind };
}

/** Reads an address; anything unreadable becomes the start page. */
export function parse(hash) {
  const [, path, query] = /^#?\/?([^?]*)\??(.*)$/s.exec(hash);
  const params = new URLSearchParams(query);
  const view = path === "match" ? "match" : "search";
  const state = { view, kind: view === "match" ? "" : path.replace(/^search\/?/, ""), filters: {}, weights: {} };
  for (const name of [...SEARCH, ...MATCH, ...BOTH]) state[name] = params.get(name) ?? "";
  state.literal = params.getAll("literal");
  state.compare = [...new Set(params.getAll("compare"))].slice(0, COMPARED_MAX);
  state.pages = Math.min(PAGES_MAX, Math.max(1, Math.trunc(Number(params.get("pages")) || 1)));
  for (const [name, value] of params) {
    if (name.startsWith("filter.")) (state.filters[name.slice(7)] ??= []).push(value);
    else if (name.startsWith("weight.") && value !== "" && Number.isFinite(Number(value))) state.weights[name.slice(7)] = Number(value);
  }
  return state;
}

/** The address of a state: the same state always has the same one. */
export function address(state) {
  const params = new URLSearchParams();
  const match = state.view === "match";
  for (const name of [...(match ? MATCH : SEARCH), ...BOTH]) if (state[name]) params.set(name, state[name]);
  if (!match) for (const text of state.literal ?? []) params.append("literal", text);
  for (const id of state.compare ?? []) params.append("compare", id);
  if (state.pages > 1) params.set("pages", String(state.pages));
  for (const name of Object.keys(state.weights ?? {}).sort()) params.set(`weight.${name}`, String(state.weights[name]));
  for (const field of Object.keys(state.filters ?? {}).sort()) for (const value of state.filters[field]) params.append(`filter.${field}`, value);
  const query = params.toString().replaceAll("%2F", "/").replaceAll("%3A", ":").replaceAll("%2C", ",");
  return `#/${match ? "match" : `search/${state.kind}`}${query ? `?${query}` : ""}`;
}

/** The current state. */
export function current() {
  return parse(location.hash);
}

/** The state after a change, by the rules every change obeys. */
export function changed(state, change) {
  const next = { ...state, ...change };
  if (!("pages" in change) && Object.keys(change).some((name) => !BESIDE.has(name))) next.pages = 1;
  // What was taken literally is forgotten with the words it was about.
  if ("q" in change && !("literal" in change)) next.literal = state.literal.filter((text) => next.q.toLowerCase().includes(text.toLowerCase()));
  if (!next.near) Object.assign(next, { km: "", "near.unknown": "", sort: next.sort === "distance" ? "" : next.sort });
  return next;
}

/**
 * Changes the state. A run of keystrokes (`typed`) is one step in the
 * history, everything else is a step of its own unless `replace` is set.
 */
export function go(change, { replace = false, typed = false } = {}) {
  const next = address(changed(current(), change));
  if (next === location.hash) return;
  const merge = replace || (typed && typing);
  typing = typed;
  history[merge ? "replaceState" : "pushState"]({ inside: true }, "", next);
  listener(current());
}

/** Draws the current state again: something beside the address has changed. */
export function refresh() {
  listener(current());
}

/** Closes what lies over the page (`doc` or `open`): a step back when it was opened here. */
export function closeOverlay(name) {
  if (!current()[name]) return;
  if (history.state?.inside) history.back();
  else go({ [name]: "" }, { replace: true });
}

/** A filter value switched on or off. */
export function toggled(filters, field, value) {
  const values = filters[field] ?? [];
  const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
  return withFilter(filters, field, next);
}

/** `filters` with the values of one field; none removes it and what belongs to it. */
export function withFilter(filters, field, values) {
  const next = { ...filters, [field]: values };
  if (values.length > 0) return next;
  for (const part of ["", ".unknown", ".currency", ".period"]) delete next[`${field}${part}`];
  return next;
}

/** Calls `draw` now and at each change. */
export function start(draw) {
  listener = draw;
  addEventListener("popstate", () => {
    typing = false;
    listener(current());
  });
  draw(current());
}
