// What the score is made of: the server's profiles, sliders for the weights that
// go over one, and weights kept under a name. The server is asked for every
// change: what a weight does to a pair depends on what both documents say.

import { profiles as askProfiles } from "./api.js";
import { h, icon, swap } from "./dom.js";
import * as format from "./format.js";
import { NO_MUSTS } from "./request.js";
import { current, go } from "./state.js";

const PROFILES = "tandem.profiles";
const WEIGHT_MAX = 100;
const CONFIRM_MS = 120;
const ADJUSTMENTS = ["place", "pay", "availability", "contract", "freshness", "rating"];
// Headings and the weights below them, of a match and of a search.
const MATCH = [
  ["Groups", ["skills", "experience", "education", "certificates"]],
  ["Skills: what stands in for them", ["text", "similarity", "stand_ins"]],
  ["Inside experience", ["title", "years", "seniority"]],
  ["Inside education", ["degree", "languages"]],
  ["Adjustments, in percent", ADJUSTMENTS],
];
const MUSTS = ["certificates", "languages", "degree", "years", "skills.required", "remote", "pay", "contract"];
const SEARCH = [["Search", ["text", "similarity", "skills"]], ["Adjustments, in percent", ADJUSTMENTS]];

/**
 * The panel of profile and sliders. `update(applied, state)` shows what an
 * answer was scored with; the address changes, so that the server is asked,
 * when a slider rests.
 */
export function weightPanel() {
  const body = h("div", { class: "sliders" });
  const own = h("div", { class: "profiles" });
  const named = h("div", { class: "profile-row" });
  const musts = h("fieldset", { class: "musts" });
  const panel = h("section", { class: "weights panel", id: "weights", "aria-label": "Weights", hidden: true },
    h("div", { class: "weights-head" }, h("h3", null, "What counts"), own), named, musts, body);
  const button = h("button", { class: "button weights-button", type: "button", "aria-label": "Weights", "aria-expanded": "false", "aria-controls": "weights", dataset: { key: "weights" }, on: { click: () => show(panel.hidden) } }, icon("weights"), h("span", null, "Weights"));
  const note = h("p", { class: "warning", role: "status", hidden: true }, icon("warn"), "All weights are 0: every score is 0, and the order says nothing.");
  const shown = new Map();
  let applied = {};
  let timer;
  let last;

  function show(open) {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open && last) drawNamed(named, ...last);
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

  function update({ weights = {}, profile, from, musts: wanted = [] }, state) {
    const chosen = state.weights;
    applied = weights;
    const sections = sectionsOf([...new Set([...Object.keys(weights), ...Object.keys(chosen)])], from !== undefined);
    const names = sections.flatMap(([, list]) => list);
    if (names.join() !== [...shown.keys()].join()) {
      shown.clear();
      for (const name of names) shown.set(name, slider(name));
      body.replaceChildren(...sections.map(([heading, list]) => h("div", { class: "slider-group", role: "group", "aria-label": heading }, h("h4", null, heading), list.map((name) => shown.get(name).node))));
    }
    for (const [name, { input, output }] of shown) {
      // What somebody is moving right now is newer than any answer.
      if (document.activeElement !== input || chosen[name] === undefined) input.value = String(chosen[name] ?? weights[name] ?? 0);
      output.value = input.value;
    }
    checkSome();
    button.classList.toggle("set", Object.keys(chosen).length > 0 || state.profile !== "" || state.musts !== "");
    musts.hidden = from === undefined;
    if (!musts.hidden) drawMusts(musts, wanted);
    last = [profile, state.profile];
    if (!panel.hidden) drawNamed(named, ...last);
    drawProfiles(own, values, chosen);
  }
  return { button, panel, note, update };
}

// The headings that have a weight, and those weights; what is under none comes last.
function sectionsOf(names, isMatch) {
  const sections = (isMatch ? MATCH : SEARCH).map(([heading, list]) => [heading, list.filter((name) => names.includes(name))]);
  const placed = new Set(sections.flatMap(([, list]) => list));
  return [...sections, ["Others", names.filter((name) => !placed.has(name)).sort()]].filter(([, list]) => list.length > 0);
}

// Wants that take all points where they are not met.
function drawMusts(host, wanted) {
  const toggle = () => {
    const list = [...host.querySelectorAll("input:checked")].map(({ value }) => value);
    go({ musts: list.length > 0 ? list.join(",") : NO_MUSTS });
  };
  swap(host, h("legend", null, "Must be met, else no points"), MUSTS.map((name) => h("label", { class: "toggle" }, h("input", { type: "checkbox", value: name, checked: wanted.includes(name), dataset: { key: `must:${name}` }, on: { change: toggle } }), h("span", null, format.partLabel(name)))));
}

// The server's profiles: which one counts, what for, and what it insists on.
async function drawNamed(host, applied, chosen) {
  const list = await askProfiles();
  const now = list.find(({ name }) => name === applied?.name);
  const select = h("select", { name: "score-profile", dataset: { key: "score-profile" }, on: { change: (event) => go({ profile: event.target.value }) } },
    h("option", { value: "" }, "Usual"), list.map(({ name }) => h("option", { value: name, selected: name === chosen }, format.label(name))));
  swap(host, h("label", { class: "sort" }, h("span", null, "Profile"), select),
    now && h("p", { class: "fine" }, `${now.why}${now.musts.length > 0 ? `; must: ${now.musts.map(format.partLabel).join(", ")}` : ""} (${now.name}, version ${applied.version})`));
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
