// An error as people can use it, with a way on; what developers want to know
// is folded away.

import { Problem } from "./api.js";
import { h, icon } from "./dom.js";
import * as format from "./format.js";
import { current, go, withFilter } from "./state.js";

// Refusals that asking again can change: a key, a slow answer, too much at once.
const PASSING = new Set([401, 408, 425, 429]);

/** The panel of an error; `retry` is called by its button, and when the connection is back. */
export function problem(error, retry) {
  const fields = error instanceof Problem ? error.fields : { title: "Something went wrong on this page", detail: error.message };
  const { status, errors = [] } = fields;
  const { title, detail } = plainly(fields);
  const others = errors.map((one) => one.detail).filter((one, i, all) => one && one !== fields.detail && all.indexOf(one) === i);
  const refused = status >= 400 && status < 500 && !PASSING.has(status);
  const panel = h("div", { class: "problem", role: "alert" }, icon("warn"),
    h("div", null,
      h("h3", null, title ?? "The request failed"),
      detail && h("p", null, detail),
      others.length > 0 && h("ul", null, others.map((one) => h("li", null, one))),
      refused ? ways(fields) : retry && h("button", { class: "button", type: "button", on: { click: retry } }, "Try again"),
      technical(fields)));
  if (retry && status === 0) addEventListener("online", () => panel.isConnected && retry(), { once: true });
  return panel;
}

// What the server refused in the words of the page, where it was something
// that was chosen on it.
function plainly({ title, detail, code, errors = [] }) {
  const [, part, name] = place(errors[0]);
  if (code === "unknown_field" && part === "filters") return { title: `There is no filter “${format.label(name)}”` };
  if (code === "unknown_field" && part === "sort") return { title: "There is no such order" };
  if (part === "filters" && name) return { title: `The filter “${format.label(name)}” cannot be read`, detail };
  if (part === "near" && current().near) return { title: `“${current().near}” cannot be used as a place`, detail };
  return { title, detail };
}

// `/filters/company` → ["", "filters", "company"].
function place(one) {
  return (one?.pointer ?? "").split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

// The changes of the address that lead out of a refusal.
function ways({ status, code, errors = [] }) {
  if (code === "unknown_kind") return h("a", { class: "button", href: "#/" }, "To the start page");
  if (status !== 400 && status !== 422) return null;
  const state = current();
  const button = (text, change) => h("button", { class: "button", type: "button", on: { click: () => go(change) } }, text);
  const buttons = errors.flatMap((one) => {
    const [, part, name] = place(one);
    const meant = [one.did_you_mean ?? []].flat()[0];
    if (part === "filters" && meant && state.filters[name]) return h("p", null, "Did you mean ", button(format.label(meant), { filters: { ...withFilter(state.filters, name, []), [meant]: state.filters[name] } }), "?");
    if (part === "sort" && state.sort) return button("Usual order", { sort: "" });
    if (part === "max_per" && state.max_per) return button("Without the limit", { max_per: "" });
    if (part === "weights" && Object.keys(state.weights).length > 0) return button("Usual weights", { weights: {} });
    return [];
  });
  const filtered = Object.keys(state.filters).length > 0 || state.near !== "";
  return h("div", { class: "row" }, buttons, filtered && button("Clear filters", { filters: {}, near: "" }));
}

function technical({ status, code, detail, instance, errors = [] }) {
  const head = [status > 0 && String(status), code, instance].filter(Boolean).join(" · ");
  if (head === "" && errors.length === 0) return null;
  return h("details", { class: "problem-foot" }, h("summary", null, "Details"),
    h("p", null, head),
    errors.length > 0 ? h("ul", null, errors.map((one) => h("li", null, one.pointer && h("code", null, one.pointer), one.detail ?? one.code))) : detail && h("p", null, detail));
}
