// A hit as a card. Draws by the meaning and type of the fields, so works
// for any kind; decides nothing about searching.

import { h, icon, marks, unmarked } from "./dom.js";
import * as format from "./format.js";
import { fieldAs, titleField, typeOf } from "./kinds.js";
import { address, blank, COMPARED_MAX, current, go } from "./state.js";
import { badge, bar, foundSkills, reasons } from "./score.js";

const SKILLS_SHOWN = 8;
// Letters of a text that stand for a missing title.
const HEADLINE = 70;

/** The card of a hit. `kind` is the hit's kind; `scored` shows its score. */
export function card(hit, kind, { scored }) {
  const document = hit.document ?? {};
  const highlights = hit.highlights ?? {};
  return h("article", { class: "card", dataset: { id: hit.id } },
    h("div", { class: "card-head" },
      h("div", { class: "card-name" }, heading(hit, kind, document, highlights), subtitle(kind, document, highlights)),
      scored ? badge(hit) : actions(hit, kind, { compare: true })),
    facts(kind, document, hit.distance_km),
    skills(hit, kind, document),
    snippet(kind, highlights),
    scored && bar(hit),
    scored && h("div", { class: "card-foot" }, actions(hit, kind, { compare: true }), why(hit)));
}

// The reasons, and the way to the words they were read from.
function why(hit) {
  const doc = `${hit.kind}/${hit.id}`;
  const reason = reasons(hit);
  reason.append(h("button", { class: "button", type: "button", dataset: { action: "evidence", key: `${doc}:evidence` }, on: { click: () => go({ open: `why:${doc}` }) } }, icon("search"), "Show it in the texts"));
  return reason;
}

/** "Find matches" and "Similar" for one document, as links; in a list also "Compare". */
export function actions(hit, kind, { compare = false } = {}) {
  const to = (target) => address({ ...blank(""), view: "match", from: kind.name, id: hit.id, to: target });
  const name = nameOf(hit, kind);
  return h("div", { class: "actions" },
    kind.matches !== kind.name && h("a", { class: "action", href: to(kind.matches), dataset: { action: "match" }, "aria-label": `Find matching ${kind.matches} for ${name}` }, icon("match"), "Find matches"),
    h("a", { class: "action", href: to(kind.name), dataset: { action: "similar" }, "aria-label": `Find ${kind.name} similar to ${name}` }, icon("similar"), "Similar"),
    compare && h("button", { class: "action", type: "button", "aria-pressed": String(current().compare.includes(hit.id)), "aria-label": `Compare ${name}`, dataset: { compare: hit.id, key: `compare:${hit.id}` }, on: { click: () => toggleCompared(hit.id) } }, icon("compare"), "Compare"));
}

/** Takes a document into the comparison or out of it; a new one pushes out the oldest. */
export function toggleCompared(id) {
  const { compare } = current();
  const next = compare.includes(id) ? compare.filter((one) => one !== id) : [...compare, id].slice(-COMPARED_MAX);
  go({ compare: next }, { replace: true });
}

/** What a document is called: its title, else how its text begins. */
export function nameOf(hit, kind) {
  const title = titleOf(hit, kind);
  if (title !== undefined) return format.decoded(title);
  const found = Object.entries(hit.highlights ?? {}).find(([name]) => typeOf(kind, name) === "text")?.[1];
  const text = found ? unmarked(found[0] ?? "") : texts(kind).map((name) => hit.document?.[name]).find((one) => typeof one === "string");
  return format.beginning(text ?? "", HEADLINE) || `Untitled ${format.singular(kind.name)}`;
}

/** What tells documents of one title apart: organisation or category, and place; the id where these are not known or there is no title. */
export function asideOf(hit, kind) {
  const document = hit.document ?? {};
  const above = subtitleField(kind, document);
  const place = fieldAs(kind, "place");
  const title = titleOf(hit, kind);
  const parts = [[document[above] ?? []].flat().map(format.plain).join(", "), place && format.place(document[place] ?? ""), title === undefined && hit.id];
  // A category often says the title again.
  return parts.filter((part) => part && part.toLowerCase() !== title?.toLowerCase()).join(" · ") || hit.id;
}

function titleOf({ document }, kind) {
  const title = document?.[titleField(kind)];
  return typeof title === "string" && title.trim() !== "" ? title : undefined;
}

function texts(kind) {
  const text = fieldAs(kind, "text");
  return [...new Set([text, ...[...kind.fields].filter(([, { type }]) => type === "text").map(([name]) => name)])].filter(Boolean);
}

function heading(hit, kind, document, highlights) {
  const field = titleField(kind);
  const title = titleOf(hit, kind);
  const marked = title && highlights[field]?.find((one) => unmarked(one) === title);
  const doc = `${kind.name}/${hit.id}`;
  const follow = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button > 0) return;
    event.preventDefault();
    go({ doc });
  };
  return h("h3", null, h("a", { class: "card-title", href: address({ ...current(), doc }), dataset: { key: doc }, on: { click: follow } }, marked ? marks(marked, format.decoded) : nameOf(hit, kind)),
    title === undefined && h("span", { class: "card-id" }, hit.id));
}

// An organisation's name, or what a document without one is filed under.
function subtitleField(kind, document) {
  return fieldAs(kind, "name") ?? fieldAs(kind, "industry", Object.keys(document)) ?? "category";
}

function subtitle(kind, document, highlights) {
  const name = subtitleField(kind, document);
  const value = document[name];
  if (value === undefined || value === null || value === "") return null;
  // A category often says the title again.
  if (String(value).toLowerCase() === String(document[titleField(kind)]).toLowerCase()) return null;
  const text = [value].flat().map(format.plain).join(", ");
  const marked = highlights[name]?.find((one) => unmarked(one) === text);
  return h("p", { class: "card-sub" }, marked ? marks(marked) : text);
}

// Place, pay, dates, numbers and short words, in the order of the document.
function facts(kind, document, distance) {
  const above = [subtitleField(kind, document), titleField(kind)];
  const shown = Object.entries(document).filter(([name, value]) => !above.includes(name) && value !== null && value !== "");
  return h("ul", { class: "facts" }, typeof distance === "number" && h("li", { class: "distance", title: "Distance" }, icon("near"), format.distance(distance)), shown.map(([name, value]) => fact(kind, name, value)));
}

function fact(kind, name, value) {
  const type = typeOf(kind, name);
  const meaning = kind.fields.get(name)?.as;
  const li = (image, text, title) => text && h("li", { title: title ?? format.label(name) }, icon(image), text);
  if (type === "place") return li("place", format.place(value));
  const wants = kind.fields.get(name)?.role === "wants" ? "wants " : "";
  if (type === "pay") return format.pay(value) && li("pay", wants + format.pay(value));
  if (type === "date") return li("date", h("time", { datetime: String(value) }, format.date(value)), `${format.label(name)} ${format.day(value)}`);
  if (type === "number" && meaning === "years") return li("years", format.years(value));
  if (type === "number") return h("li", { title: format.label(name) }, `${format.label(name)} ${format.plain(value)}`);
  if (type === "flag") return value === true && h("li", null, icon("check"), format.label(name));
  return type === "keyword" && li(meaning === "remote" ? "remote" : "case", [value].flat().map(format.plain).join(", "));
}

// Found skills come first: they are why the card is here.
function skills(hit, kind, document) {
  const found = foundSkills(hit);
  const names = [...kind.fields].filter(([, field]) => field.type === "skills").flatMap(([name]) => format.skillNames(document[name]));
  if (names.length === 0) return null;
  const isFound = (name) => found.has(name.toLowerCase());
  const ordered = [...names.filter(isFound), ...names.filter((name) => !isFound(name))];
  const rest = ordered.length - SKILLS_SHOWN;
  return h("ul", { class: "chips", "aria-label": "Skills" },
    ordered.slice(0, SKILLS_SHOWN).map((name) => h("li", { class: isFound(name) ? "chip found" : "chip" }, isFound(name) && icon("check"), name)),
    rest > 0 && h("li", { class: "chip more", title: ordered.slice(SKILLS_SHOWN).join(", ") }, `+${rest}`));
}

// A bare address says nothing about the text it begins.
function beheaded(fragment) {
  return fragment.replace(/^(?:[^\p{L}\p{N}<]*(?:<mark>)?(?:https?(?:<\/mark>)?:\/\/|www\.)\S*\s*)+/iu, "");
}

function snippet(kind, highlights) {
  const shown = [titleField(kind), fieldAs(kind, "name")];
  const found = Object.entries(highlights).filter(([name]) => !shown.includes(name) && typeOf(kind, name) === "text");
  const fragments = found.flatMap(([, list]) => list).map(beheaded).filter((one) => one.trim() !== "").slice(0, 2);
  if (fragments.length === 0) return null;
  return h("p", { class: "snippet" }, fragments.map((fragment, i) => [i > 0 && " … ", marks(fragment)]));
}
