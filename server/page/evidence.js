// Why a hit has its points, in the words of both documents: wants on one side,
// the two texts beside them, what belongs together lights up together. Texts and
// spans come from one answer, so they fit whatever the server masks.

import { post } from "./api.js";
import { nameOf } from "./cards.js";
import { h, icon } from "./dom.js";
import * as format from "./format.js";
import { unknown } from "./kinds.js";
import { problem } from "./problem.js";
import { badge, gates } from "./score.js";
import { closeOverlay } from "./state.js";

const PREFIX = "why:";

/**
 * The dialog; `show(state, kinds, question)` opens or closes it as the address
 * says. `question` is what documents of the shown kind are scored by.
 */
export function evidenceDialog(dialog) {
  let shown = "";
  let abort = new AbortController();
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    closeOverlay("open");
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) closeOverlay("open");
  });

  async function show(state, kinds, question) {
    const doc = state.open.startsWith(PREFIX) && question ? state.open.slice(PREFIX.length) : "";
    const key = doc && JSON.stringify([doc, question]);
    if (key === shown) return;
    shown = key;
    abort.abort();
    if (doc === "") return dialog.close();
    const slash = doc.indexOf("/");
    const name = doc.slice(0, slash);
    const kind = kinds.find((one) => one.name === name) ?? unknown(name);
    frame(dialog, "Why this score", h("div", { class: "dialog-body" }, h("p", { class: "boot" }, "Loading …")));
    if (!dialog.open) dialog.showModal();
    await load(kind, kinds, doc.slice(slash + 1), question);
  }

  async function load(kind, kinds, id, question) {
    abort = new AbortController();
    const { signal } = abort;
    try {
      const { answer } = await post("/v1/explain", { ...question, to: { kind: kind.name, id }, evidence: true }, signal);
      if (!signal.aborted) frame(dialog, nameOf(answer, kind), view(answer), badge(answer));
    } catch (error) {
      if (error.name !== "AbortError") frame(dialog, id, h("div", { class: "dialog-body" }, problem(error, () => load(kind, kinds, id, question))));
    }
  }
  return { show };
}

function frame(dialog, title, body, score) {
  const close = h("button", { class: "icon-button", type: "button", "aria-label": "Close", on: { click: () => closeOverlay("open") } }, icon("close"));
  const kept = dialog.contains(document.activeElement);
  dialog.replaceChildren(
    h("header", { class: "dialog-head" }, h("div", null, h("p", { class: "eyebrow" }, "Why this score"), h("h2", { id: "evidence-title" }, title), score), close),
    body);
  if (kept) close.focus();
}

// The list of wants, and the texts of both.
function view(hit) {
  const { source, document: target, lines = [] } = hit.evidence ?? {};
  const items = entries(lines);
  const panels = [source && panel("source", source, lines, items), target && panel("document", target, lines, items)].filter(Boolean);
  const list = wants(hit, items);
  const root = h("div", { class: panels.length > 1 ? "evidence" : "evidence alone" }, list, panels);
  lighting(root);
  return root;
}

// Lines as they are listed: words are many, so those of a contribution are one entry.
function entries(lines) {
  const list = [];
  lines.forEach((line, at) => {
    const words = line.contribution.startsWith("text.") ? "text" : line.contribution === "title" && line.how !== "occupation" ? "title" : undefined;
    const held = words && list.find((one) => one.words === words);
    if (held) held.lines.push(at);
    else list.push({ words, part: words ?? line.contribution, line, lines: [at] });
  });
  return list;
}

function wants(hit, items) {
  const groupOf = new Map(hit.contributions.map((part) => [part.name.startsWith("text.") ? "text" : part.name, part]));
  const groups = new Map();
  items.forEach((item, at) => {
    const name = groupOf.get(item.part)?.group ?? "adjustment";
    groups.set(name, [...(groups.get(name) ?? []), entry(hit, item, at)]);
  });
  return h("div", { class: "evidence-wants", role: "region", "aria-label": "What is wanted and what meets it", tabindex: 0 },
    hit.insufficient_data && h("p", { class: "warning" }, icon("info"), "It says nothing that could be scored."),
    gates(hit),
    [...groups].map(([name, list]) => h("section", null, h("h3", null, format.groupLabel(name)), h("ul", { class: "evidence-list" }, list))));
}

const SIGNS = { met: ["check", "Met"], part: ["similar", "Met in part"], missing: ["close", "Missing"], unknown: ["info", "Not known"] };

function standing({ met }) {
  if (met === null || met === undefined) return "unknown";
  return met >= 100 ? "met" : met > 0 ? "part" : "missing";
}

function entry(hit, { words, part, line, lines }, at) {
  const all = hit.evidence.lines;
  const state = words ? "met" : standing(line);
  const [image, spoken] = SIGNS[state];
  // The same word can stand in the title and in the text.
  const names = [...new Set(lines.map((one) => all[one].want))];
  const said = words
    ? [h("b", null, words === "text" ? `${names.length} words in common` : "Words of the title"), h("span", { class: "fine" }, names.join(", "))]
    : [h("b", null, line.want ?? line.have ?? format.partLabel(part)), line.need && h("span", { class: "tag" }, line.need), detail(line)];
  const nowhere = lines.every((one) => all[one].source.length + all[one].document.length === 0);
  return h("li", { dataset: { part, state } }, h("button", { type: "button", class: "evidence-entry", "aria-pressed": "false", dataset: { entry: at } },
    h("i", { class: "dot", "aria-hidden": "true" }), icon(image), h("span", { class: "sr" }, `${spoken}: `),
    h("span", { class: "evidence-said" }, h("span", { class: "evidence-part" }, format.partLabel(part)), said, nowhere && h("span", { class: "fine" }, "stands in neither text"))));
}

const RELATIONS = { is: ["is a kind of", "is broader than"], needs: ["needs", "is needed for"], like: ["is like", "is like"] };

function step({ from, to, relation, way }) {
  const [up, down] = RELATIONS[relation.replace("esco_", "")] ?? ["is near", "is near"];
  return `${from} ${way === "down" ? down : up} ${to}`;
}

// What meets it, how, and how sure.
function detail({ want, have, met, path = [], note, source, document: target, wanted_by: by }) {
  const has = by === "document" ? source : target;
  const unsure = has.find(({ sure }) => sure < 100);
  const parts = [
    want && have && have !== want && `${have}${met > 0 && met < 100 ? `, ${met} %` : ""}`,
    path.map(step).join("; "),
    note,
    unsure && `read from prose, ${unsure.sure} % sure`,
  ].filter(Boolean);
  return parts.length > 0 && h("span", { class: "fine" }, parts.join(" · "));
}

// One side: its strings by field, with what lines point at marked.
function panel(side, { kind, id, texts }, lines, items) {
  const spans = new Map();
  items.forEach((item, entryAt) => {
    for (const at of item.lines) for (const span of lines[at][side]) {
      if (!spans.has(span.pointer)) spans.set(span.pointer, []);
      spans.get(span.pointer).push({ span, entry: entryAt, part: lines[at].contribution, faint: item.words !== undefined });
    }
  });
  const fields = new Map();
  for (const one of texts) {
    const field = one.pointer.split("/")[1];
    fields.set(field, [...(fields.get(field) ?? []), one]);
  }
  const name = `${format.singular(kind)}${id ? ` ${id}` : ", pasted"}`;
  return h("section", { class: "evidence-text", tabindex: 0, "aria-label": `Text of ${name}`, dataset: { side } },
    h("p", { class: "eyebrow" }, name),
    [...fields].map(([field, list]) => h("div", { class: "evidence-field" }, h("h4", null, format.label(field.replaceAll("~1", "/").replaceAll("~0", "~"))),
      list.map(({ pointer, text }) => h("p", null, marked(text, spans.get(pointer) ?? []))))));
}

// A text cut where a span begins or ends; a piece belongs to all spans over it.
function marked(text, spans) {
  const ranges = spans.map((one) => ({ ...one, from: one.span.utf16?.[0] ?? 0, to: one.span.utf16?.[1] ?? text.length }));
  const cuts = [...new Set([0, text.length, ...ranges.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  const nodes = [];
  for (let i = 0; i + 1 < cuts.length; i += 1) {
    const piece = text.slice(cuts[i], cuts[i + 1]);
    const over = ranges.filter(({ from, to }) => from <= cuts[i] && cuts[i + 1] <= to);
    // A want says more than a word both have.
    const first = over.find(({ faint }) => !faint) ?? over[0];
    if (!first) nodes.push(piece);
    else nodes.push(h("mark", { class: first.faint ? "faint" : undefined, dataset: { part: first.part, entries: [...new Set(over.map(({ entry: at }) => at))].join(" ") } }, piece));
  }
  return nodes;
}

// What the pointer or the focus is on lights up; a press keeps it lit.
function lighting(root) {
  let kept;
  const marks = (at) => [...root.querySelectorAll("mark")].filter((mark) => mark.dataset.entries.split(" ").includes(at));
  function light(at) {
    for (const mark of root.querySelectorAll("mark.lit")) mark.classList.remove("lit");
    root.classList.toggle("lighting", at !== undefined);
    for (const button of root.querySelectorAll(".evidence-entry")) button.parentNode.classList.toggle("lit", button.dataset.entry === at);
    if (at === undefined) return;
    for (const mark of marks(at)) mark.classList.add("lit");
    for (const text of root.querySelectorAll(".evidence-text")) {
      const mark = text.querySelector("mark.lit");
      if (mark) text.scrollTo({ top: Math.max(0, mark.offsetTop - text.clientHeight / 3) });
    }
  }
  const entryOf = (event) => event.target.closest?.(".evidence-entry")?.dataset.entry;
  const over = (event) => {
    const at = entryOf(event);
    if (at !== undefined) light(at);
  };
  const out = (event) => {
    if (entryOf(event) !== undefined) light(kept);
  };
  root.addEventListener("pointerover", over);
  root.addEventListener("pointerout", out);
  root.addEventListener("focusin", over);
  root.addEventListener("focusout", out);
  root.addEventListener("click", (event) => {
    const mark = event.target.closest?.("mark");
    const at = entryOf(event) ?? mark?.dataset.entries.split(" ")[0];
    if (at === undefined) return;
    kept = kept === at && !mark ? undefined : at;
    for (const button of root.querySelectorAll(".evidence-entry")) {
      button.setAttribute("aria-pressed", String(button.dataset.entry === kept));
      if (mark && button.dataset.entry === kept) button.scrollIntoView({ block: "nearest" });
    }
    light(kept ?? at);
  });
}
