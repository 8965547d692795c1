// What the page shows, as the part of the address behind `#`, so that links
// can be shared and back and forward work. Owns the address; draws nothing.
//
//   #/search/jobs?q=nurse&filter.company=ACME&filter.pay.max=60000..&sort=-posted_at
//   #/match?from=candidates&id=c-7&to=jobs
//   either with &doc=jobs/j-17 for the open document
//
// Filters are written as the GET twin of search writes them. A pasted text is
// never put into the address: a CV does not belong into a link or a history.

let listener = () => {};
let typing = false;

/** Reads an address; anything unreadable becomes the start page. */
export function parse(hash) {
  const [, path, query] = /^#?\/?([^?]*)\??(.*)$/s.exec(hash);
  const params = new URLSearchParams(query);
  const view = path === "match" ? "match" : "search";
  const state = { view, kind: view === "match" ? "" : path.replace(/^search\/?/, ""), q: params.get("q") ?? "", sort: params.get("sort") ?? "", filters: {}, doc: params.get("doc") ?? "" };
  state.from = params.get("from") ?? "";
  state.id = params.get("id") ?? "";
  state.to = params.get("to") ?? "";
  for (const [name, value] of params) {
    if (name.startsWith("filter.")) (state.filters[name.slice(7)] ??= []).push(value);
  }
  return state;
}

/** The address of a state: the same state always has the same one. */
export function address(state) {
  const params = new URLSearchParams();
  const match = state.view === "match";
  for (const name of match ? ["from", "id", "to"] : ["q", "sort"]) if (state[name]) params.set(name, state[name]);
  for (const field of Object.keys(state.filters).sort()) for (const value of state.filters[field]) params.append(`filter.${field}`, value);
  if (state.doc) params.set("doc", state.doc);
  const query = params.toString().replaceAll("%2F", "/");
  return `#/${match ? "match" : `search/${state.kind}`}${query ? `?${query}` : ""}`;
}

/** The current state. */
export function current() {
  return parse(location.hash);
}

/**
 * Changes the state. A run of keystrokes (`typed`) is one step in the
 * history, everything else is a step of its own unless `replace` is set.
 */
export function go(change, { replace = false, typed = false } = {}) {
  const next = address({ ...current(), ...change });
  if (next === location.hash) return;
  const merge = replace || (typed && typing);
  typing = typed;
  history[merge ? "replaceState" : "pushState"]({ inside: true }, "", next);
  listener(current());
}

/** Closes the open document: a step back when it was opened here. */
export function closeDocument() {
  if (!current().doc) return;
  if (history.state?.inside) history.back();
  else go({ doc: "" }, { replace: true });
}

/** A filter value switched on or off. */
export function toggled(filters, field, value) {
  const values = filters[field] ?? [];
  const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
  return withFilter(filters, field, next);
}

/** `filters` with the values of one field; none removes it and its rule for unknown. */
export function withFilter(filters, field, values) {
  const next = { ...filters, [field]: values };
  if (values.length > 0) return next;
  delete next[field];
  delete next[`${field}.unknown`];
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
