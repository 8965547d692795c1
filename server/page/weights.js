// Weights of the score's components: sliders, named profiles, and the order the
// loaded hits would have under other weights, without asking the server.

import { h, icon, swap } from "./dom.js";
import * as format from "./format.js";
import { current, go } from "./state.js";

const PROFILES = "tandem.profiles";
const WEIGHT_MAX = 100;
const CONFIRM_MS = 350;
const SCORE_MAX = 1_000_000;
const ORDER = ["text", "similarity", "skills", "title", "years", "place", "pay", "language", "industry", "remote", "freshness"];

/** The component a contribution belongs to: `skills.required` → `skills`. */
export function componentOf(name) {
  const dot = name.indexOf(".");
  return dot < 0 ? name : name.slice(0, dot);
}

/**
 * `hits` as they would be under the weights `to` when they were scored under
 * `from`: every contribution keeps its share of what its component can reach.
 * `complete` is false where a component had no weight before: what it would
 * add is not known here.
 */
export function reweighted(hits, from, to, { sorted }) {
  const total = (weights) => Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const [before, after] = [total(from), total(to)];
  const factor = (name) => {
    const component = componentOf(name);
    if (!from[component] || after === 0) return 0;
    return (to[component] ?? 0) / after / (from[component] / before);
  };
  const next = hits.map((hit) => {
    const contributions = hit.contributions.map((one) => ({ ...one, points: Math.floor(one.points * factor(one.name)), max: Math.min(SCORE_MAX, Math.floor(one.max * factor(one.name))) }));
    return { ...hit, contributions, score: contributions.reduce((sum, { points }) => sum + points, 0) };
  });
  if (sorted) next.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  return { hits: next, complete: Object.entries(to).every(([name, weight]) => weight === 0 || from[name] > 0) };
}

/**
 * The panel of sliders. `update(weights, chosen)` shows what an answer was
 * scored with; `preview(weights)` is called at every move of a slider, and the
 * address changes (so the server is asked) when it rests.
 */
export function weightPanel(preview) {
  const body = h("div", { class: "sliders" });
  const profiles = h("div", { class: "profiles" });
  const panel = h("section", { class: "weights panel", id: "weights", "aria-label": "Weights", hidden: true },
    h("div", { class: "weights-head" }, h("h3", null, "What counts"), profiles), body);
  const button = h("button", { class: "button weights-button", type: "button", "aria-label": "Weights", "aria-expanded": "false", "aria-controls": "weights", dataset: { key: "weights" }, on: { click: () => show(panel.hidden) } }, icon("weights"), h("span", null, "Weights"));
  const note = h("p", { class: "warning", role: "status", hidden: true }, icon("warn"), "All weights are 0: every score is 0, and the order says nothing.");
  const shown = new Map();
  let applied = {};
  let timer;

  function show(open) {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  }

  function values() {
    return Object.fromEntries([...shown].map(([name, { input }]) => [name, Number(input.value)]));
  }

  function checkSome() {
    note.hidden = shown.size === 0 || Object.values(values()).some((weight) => weight > 0);
  }

  function moved() {
    for (const [, { input, output }] of shown) output.value = input.value;
    checkSome();
    preview(values());
    clearTimeout(timer);
    timer = setTimeout(confirm, CONFIRM_MS);
  }

  function confirm() {
    clearTimeout(timer);
    if (!panel.isConnected) return;
    const differing = Object.entries(values()).filter(([name, weight]) => weight !== applied[name] || name in current().weights);
    go({ weights: { ...current().weights, ...Object.fromEntries(differing) } }, { typed: true });
  }

  function slider(name) {
    const input = h("input", { type: "range", min: 0, max: WEIGHT_MAX, step: 1, "aria-label": `Weight of ${format.partLabel(name)}`, dataset: { weight: name }, on: { input: moved, change: confirm } });
    const output = h("output", null);
    return { input, output, node: h("label", { class: "weight", dataset: { part: name } }, h("span", { class: "weight-name" }, h("i", { class: "dot", "aria-hidden": "true" }), format.partLabel(name)), input, output) };
  }

  function update(weights, chosen) {
    applied = weights;
    const names = [...new Set([...Object.keys(weights), ...Object.keys(chosen)])].sort((a, b) => place(a) - place(b));
    if (names.join() !== [...shown.keys()].join()) {
      shown.clear();
      for (const name of names) shown.set(name, slider(name));
      body.replaceChildren(...[...shown.values()].map(({ node }) => node));
    }
    for (const [name, { input, output }] of shown) {
      // What somebody is moving right now is newer than any answer.
      if (document.activeElement !== input || chosen[name] === undefined) input.value = String(chosen[name] ?? weights[name] ?? 0);
      output.value = input.value;
    }
    checkSome();
    button.classList.toggle("set", Object.keys(chosen).length > 0);
    drawProfiles(profiles, values, chosen);
  }
  return { button, panel, note, update };
}

function place(name) {
  const at = ORDER.indexOf(name);
  return at < 0 ? ORDER.length : at;
}

function drawProfiles(host, values, chosen) {
  const saved = read();
  const names = Object.keys(saved).sort();
  const active = names.find((name) => JSON.stringify(saved[name]) === JSON.stringify(chosen)) ?? "";
  const select = h("select", { "aria-label": "Saved weights", dataset: { key: "profile" }, on: { change: (event) => go({ weights: saved[event.target.value] ?? {} }) } },
    h("option", { value: "" }, Object.keys(chosen).length > 0 ? "Own weights" : "Usual weights"), names.map((name) => h("option", { value: name, selected: name === active }, name)));
  const name = h("input", { type: "text", name: "profile", maxlength: 40, placeholder: "Name", "aria-label": "Name for these weights", autocomplete: "off", dataset: { key: "profile-name" } });
  const form = h("form", { class: "save", on: { submit: (event) => {
    event.preventDefault();
    const text = name.value.trim();
    if (text === "") return name.focus();
    const weights = sorted(values());
    write({ ...read(), [text]: weights });
    name.blur();
    go({ weights });
    drawProfiles(host, values, weights);
  } } }, name, h("button", { class: "button", type: "submit" }, icon("save"), "Save"));
  swap(host, select,
    active && h("button", { class: "button", type: "button", "aria-label": `Delete the weights ${active}`, on: { click: () => {
      const rest = read();
      delete rest[active];
      write(rest);
      drawProfiles(host, values, chosen);
    } } }, "Delete"),
    form, h("button", { class: "button", type: "button", disabled: Object.keys(chosen).length === 0, on: { click: () => go({ weights: {} }) } }, "Reset"));

}

function sorted(weights) {
  return Object.fromEntries(Object.entries(weights).sort(([a], [b]) => (a < b ? -1 : 1)));
}

// Profiles stay in this browser; a link carries the weights themselves.
function read() {
  try {
    const saved = JSON.parse(localStorage.getItem(PROFILES) ?? "{}");
    return typeof saved === "object" && saved !== null ? saved : {};
  } catch {
    return {};
  }
}

function write(saved) {
  try {
    localStorage.setItem(PROFILES, JSON.stringify(saved));
  } catch {
    // Storage can be forbidden; the weights themselves are in the address.
  }
}
