// Match: a pasted text or a stored document on one side, the ranked hits of a
// kind on the other. Pasted texts live in this file's memory alone: they are
// never stored and never part of the address.

import { post, read } from "./api.js";
import { asideOf, nameOf } from "./cards.js";
import { facts } from "./document.js";
import { h, icon } from "./dom.js";
import { filterColumn, filterDrawer } from "./facets.js";
import * as format from "./format.js";
import { fieldAs, sortsOf, titleField } from "./kinds.js";
import { problem } from "./problem.js";
import { facetWishes, matchBody, weights } from "./request.js";
import { results } from "./results.js";
import { current, go } from "./state.js";
import { ACCEPT, textOf } from "./upload.js";

const DEBOUNCE_MS = 120;
const PICKER_HITS = 6;

const EXAMPLE = "Data analyst, six years of experience\n\nDesigns reports and dashboards, writes SQL daily, builds pipelines in Python and keeps a PostgreSQL warehouse healthy.\n\nSkills: SQL, Python, PostgreSQL, Tableau, Microsoft Excel, statistics";
// What belongs to one list of matches and not to the next.
const UNFILTERED = { filters: {}, near: "", max_per: "", sort: "", compare: [], open: "", doc: "" };
const pasted = new Map();
// The text that was last asked for, by kind: typing alone does not search.
const submitted = new Map();

function textName(kind) {
  if (kind.name === "candidates") return "a CV";
  if (kind.name === "jobs") return "a job ad";
  return `the text of a ${format.singular(kind.name)}`;
}

/** The match view in `host`. */
export function matchView(host, kinds) {
  const source = h("section", { class: "source panel", "aria-label": "What to match" });
  const column = h("div");
  const drawer = filterDrawer(column);
  const main = h("section", { class: "results", "aria-label": "Matches" });
  host.replaceChildren(h("h1", { class: "sr" }, "Match"), h("div", { class: "columns wide" }, h("div", { class: "side" }, source, drawer), main));
  const wishes = facetWishes();
  const filters = filterColumn(column, wishes);
  const target = () => byName(kinds, current().to) ?? kinds[0];
  const area = results(main, { onAnswer: (answer) => {
    drawer.hidden = false;
    filters.draw(target(), answer);
    drawer.total(format.counted(answer.total.value, target().name));
    filters.fault();
  }, onProblem: (error) => filters.fault(error) });
  let drawn = "";
  let input;

  function update(raw) {
    const { state, from, to } = settle(raw, kinds);
    drawer.count(to, state);
    filters.update(to, state);
    const key = [state.from, state.id, to.name, state.blind].join("\n");
    if (key !== drawn) {
      drawn = key;
      input = drawSource(source, { kinds, from, to, id: state.id, submit: () => {
        update(current());
        // On a phone the results are below what was pasted.
        if (main.offsetTop > source.offsetTop) main.scrollIntoView();
      } });
    }
    const side = sideOf(state, from);
    if (!side) {
      drawer.hidden = true;
      area.clear(invitation(from, to));
      return;
    }
    area.run({ path: "/v1/match", body: matchBody(side, to, state, wishes), kind: to, scored: true, best: true, unlinked: side.text !== undefined, empty: `No matching ${to.name}`, sorts: (near) => sortsOf(to, near) });
  }

  function question(state) {
    const side = sideOf(state, byName(kinds, state.from) ?? kinds[0]);
    return side && { from: side, ...weights(state) };
  }
  return { update, question, find: area.find, kind: target, focus: () => input?.focus(), get input() { return input; }, again: area.again };
}

// The `from` of a request: undefined while nothing is chosen or pasted.
function sideOf(state, from) {
  if (state.id !== "") return { kind: from.name, id: state.id };
  const text = submitted.get(from.name);
  return text && { kind: from.name, text };
}

// Fills what an address leaves out: a link may name as little as `#/match`.
function settle(state, kinds) {
  const from = byName(kinds, state.from) ?? byName(kinds, "candidates") ?? kinds[0];
  const to = byName(kinds, state.to) ?? byName(kinds, from.matches) ?? from;
  const settled = { ...state, from: from.name, to: to.name };
  if (state.from !== from.name || state.to !== to.name) go({ from: from.name, to: to.name }, { replace: true });
  return { state: settled, from, to };
}

function byName(kinds, name) {
  return kinds.find((kind) => kind.name === name);
}

// Draws the left side and answers the element `/` goes to.
function drawSource(host, { kinds, from, to, id, submit }) {
  const body = h("div", { class: "source-body" });
  const draw = (name, text, pressed, choose) => h("button", { type: "button", "aria-pressed": String(pressed), dataset: { key: name }, on: { click: choose } }, text);
  const modes = h("div", { class: "segments", role: "group", "aria-label": "Where it comes from" });
  let target;
  const show = (stored) => {
    modes.replaceChildren(
      draw("mode:text", "Paste text", !stored, () => (id ? go({ ...UNFILTERED, id: "" }) : show(false))),
      draw("mode:stored", "Stored document", stored, () => show(true)));
    target = stored ? (id ? drawChosen(body, from, id, () => drawPicker(body, from)) : drawPicker(body, from)) : drawText(body, from, submit);
  };
  host.replaceChildren(
    h("div", { class: "pair" },
      kindSelect("From", kinds, from, (name) => go({ ...UNFILTERED, from: name, id: "", to: byName(kinds, name).matches })),
      kindSelect("Find", kinds, to, (name) => go({ ...UNFILTERED, to: name }))),
    modes, body);
  show(id !== "");
  return target;
}

function kindSelect(text, kinds, selected, choose) {
  return h("label", { class: "field" }, h("span", null, text), h("select", { name: text.toLowerCase(), dataset: { key: text }, on: { change: (event) => choose(event.target.value) } },
    kinds.map((kind) => h("option", { value: kind.name, selected: kind === selected }, format.label(kind.name)))));
}

function drawText(host, from, submit) {
  const area = h("textarea", { id: "paste", rows: 11, spellcheck: "false", "aria-describedby": "paste-note paste-fault" });
  area.value = pasted.get(from.name) ?? "";
  const button = h("button", { class: "button primary", type: "submit" }, icon("match"), "Find matches");
  const fault = h("p", { class: "paste-fault", id: "paste-fault", role: "alert" });
  const sync = () => {
    pasted.set(from.name, area.value);
    button.disabled = area.value.trim() === "";
  };
  const send = () => {
    sync();
    if (button.disabled) return;
    fault.textContent = "";
    submitted.set(from.name, area.value.trim());
    submit();
  };
  const take = async (file) => {
    if (!file) return;
    try {
      area.value = await textOf(file);
      send();
    } catch (error) {
      fault.textContent = error.message;
    }
  };
  const form = h("form", { class: "paste", on: { submit: (event) => {
    event.preventDefault();
    send();
  } } }, h("label", { for: "paste" }, `Paste ${textName(from)}, or drop a text file here`), area, fault,
    h("p", { class: "fine", id: "paste-note" }, "Plain text. It is sent to this server to be matched, and neither stored nor put into the address: a reload forgets it."),
    h("div", { class: "row" }, button, fileButton(take), from.name === "candidates" && h("button", { class: "link", type: "button", on: { click: () => {
      area.value = EXAMPLE;
      send();
    } } }, "Use an example")));
  area.addEventListener("input", sync);
  area.addEventListener("paste", () => setTimeout(send));
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
  });
  droppable(form, take);
  sync();
  host.replaceChildren(form);
  return area;
}

function fileButton(take) {
  const input = h("input", { type: "file", class: "sr", id: "upload", accept: ACCEPT, on: { change: () => {
    take(input.files[0]);
    // The same file can be chosen again after it was mended.
    input.value = "";
  } } });
  return h("span", { class: "upload" }, input, h("label", { class: "button", for: "upload" }, icon("upload"), "Text file"));
}

function droppable(form, take) {
  const isFile = (event) => [...event.dataTransfer.types].includes("Files");
  form.addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) form.classList.remove("dropping");
  });
  form.addEventListener("drop", (event) => {
    form.classList.remove("dropping");
    if (!isFile(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
}

function drawChosen(host, kind, id, change) {
  const box = h("div", { class: "chosen" }, h("p", { class: "boot" }, "Loading …"));
  const button = h("button", { class: "button", type: "button", on: { click: () => change().focus() } }, "Choose another");
  host.replaceChildren(box, h("div", { class: "row" }, button));
  load();
  return button;

  async function load() {
    try {
      const { answer } = await read(kind.name, id, undefined, current().blind);
      const document = answer.document ?? answer;
      const sub = fieldAs(kind, "name");
      box.replaceChildren(
        h("h2", null, h("a", { class: "card-title", href: "#", on: { click: (event) => {
          event.preventDefault();
          go({ doc: `${kind.name}/${id}` });
        } } }, nameOf({ id, document }, kind))),
        sub && document[sub] ? h("p", { class: "card-sub" }, String(document[sub])) : "",
        facts(kind, document, [...kind.fields.keys()].filter((name) => name === titleField(kind) || name === sub || kind.fields.get(name).type === "stored" || !kind.display.includes(name))));
    } catch (error) {
      box.replaceChildren(problem(error, load));
    }
  }
}

function drawPicker(host, kind) {
  const list = h("ul", { class: "picks" });
  const input = h("input", { type: "search", autocomplete: "off", spellcheck: "false", placeholder: `Search ${kind.name}`, "aria-label": `Search ${kind.name} to choose one` });
  let abort = new AbortController();
  let timer;
  const ask = async () => {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    try {
      const { answer } = await post(`/v1/search/${encodeURIComponent(kind.name)}`, { q: input.value.trim(), limit: PICKER_HITS, count: "none", highlight: false }, signal);
      if (signal.aborted) return;
      list.replaceChildren(...answer.hits.map((hit) => pick(hit, kind)));
      if (answer.hits.length === 0) list.replaceChildren(h("li", { class: "fine" }, `No ${kind.name} found`));
    } catch (error) {
      if (error.name !== "AbortError") list.replaceChildren(h("li", null, problem(error, ask)));
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, DEBOUNCE_MS);
  });
  host.replaceChildren(h("div", { class: "picker" }, input, list));
  ask();
  return input;
}

function pick(hit, kind) {
  return h("li", null, h("button", { type: "button", on: { click: () => go({ ...UNFILTERED, id: hit.id }) } }, h("b", null, nameOf(hit, kind)), h("span", null, asideOf(hit, kind))));
}

function invitation(from, to) {
  return h("div", { class: "empty" }, icon("match"), h("h3", null, `Ranked ${to.name} appear here`),
    h("p", null, `Paste ${textName(from)}, or choose a stored ${format.singular(from.name)}. Every hit says which points it got, and for what.`));
}
