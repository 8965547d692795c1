// What the server made of a query: what it understood as filters, which other
// words it also looked for, and how to take each of that back.

import { conditionText, removable } from "./conditions.js";
import { h, icon } from "./dom.js";
import * as format from "./format.js";
import { current, go } from "./state.js";

const ALTERNATIVES_SHOWN = 4;

const WHY = { typo: "spelling", prefix: "beginning", joined: "written together", split: "written apart", synonym: "same meaning", skill: "same skill" };
const LABELS = { place: "Place", remote: "Work place", pay: "Pay", posted: "Posted", kind: "Left out" };

/** Everything there is to say about an answer to `state`, as nodes. */
export function understood(kind, answer, state) {
  const applied = answer.applied ?? {};
  return [
    didYouMean(answer.did_you_mean),
    applied.boolean && booleanLine(applied.boolean),
    // Where nothing was found, the list itself says what could be taken back.
    filters(kind, answer.hits.length > 0 ? applied.understood ?? [] : [], state.literal),
    expansions(applied.expansions ?? []),
    details(applied),
  ];
}

function didYouMean(text) {
  return text && h("p", { class: "did-you-mean" }, "Did you mean ", h("button", { class: "link strong", type: "button", dataset: { key: "did-you-mean" }, on: { click: () => go({ q: text }) } }, text), "?");
}

function booleanLine(text) {
  return h("p", { class: "boolean" }, h("span", { class: "understood-label" }, "Boolean"), h("code", null, text),
    h("button", { class: "link", type: "button", dataset: { key: "as-words" }, on: { click: () => go({ syntax: "words" }) } }, "Search as plain words"));
}

// Sent back as literal, a part of the query stays the words it is made of.
function take(text) {
  const { literal } = current();
  go({ literal: [...literal.filter((one) => one !== text), text] });
}

/**
 * What was understood and counts: the `text` it was said with, its `meaning` in
 * words, the `near` or the `filter` it became, and `takeBack`.
 */
export function understoodParts(kind, list = []) {
  return list.filter(({ overridden }) => !overridden).map(({ text, near, filter = {} }) => ({ text, meaning: meant(kind, { text, near, filter }), near, filter, takeBack: () => take(text) }));
}

function part(kind, one) {
  const meaning = meant(kind, one);
  const aside = one.overridden ? ", but a filter of your own counts instead" : "";
  return removable(LABELS[one.as] ?? format.label(one.as), meaning, () => take(one.text), { spoken: `“${one.text}” was understood as ${meaning}${aside}; search the words instead`, title: `From “${one.text}”${aside}`, muted: one.overridden });
}

function filters(kind, list, literal) {
  const chips = list.map((one) => part(kind, one));
  const words = literal.map((text) => removable("As words", `“${text}”`, () => go({ literal: current().literal.filter((one) => one !== text) }), { spoken: `Understand “${text}” again` }));
  if (chips.length + words.length === 0) return null;
  return h("div", { class: "understood" }, h("span", { class: "understood-label" }, chips.length > 0 ? "Understood" : "Taken literally"), h("ul", { class: "chips", "aria-label": "Understood from the words" }, chips, words));
}

function meant(kind, { near, filter, text }) {
  if (near) return `within ${format.count(near.km)} km of ${near.place}`;
  const parts = Object.entries(filter ?? {}).map(([field, condition]) => conditionText(kind, field, condition));
  return parts.filter(Boolean).join(", ") || `“${text}”`;
}

// One chip a word, whatever the reasons were that it also finds others.
function expansions(list) {
  const byWord = new Map();
  for (const { word, to, why } of list) {
    const held = byWord.get(word) ?? { others: new Map(), reasons: new Set() };
    for (const other of [to ?? []].flat()) {
      const folded = other.toLowerCase();
      if (folded !== word.toLowerCase() && !held.others.has(folded)) held.others.set(folded, other);
    }
    held.reasons.add(WHY[why] ?? why);
    byWord.set(word, held);
  }
  const chips = [...byWord].filter(([, { others }]) => others.size > 0).map(([word, { others, reasons }]) => expansion(word, [...others.values()], [...reasons].join(", ")));
  return chips.length > 0 && h("div", { class: "understood" }, h("span", { class: "understood-label" }, "Also found"), h("ul", { class: "chips", "aria-label": "Other words that were also looked for" }, chips));
}

function expansion(word, others, why) {
  const shown = others.slice(0, ALTERNATIVES_SHOWN).join(", ") + (others.length > ALTERNATIVES_SHOWN ? " …" : "");
  return h("li", null, h("button", { class: "chip expansion", type: "button", title: others.join(", "), "aria-label": `“${word}” also finds ${shown} (${why}); search “${word}” alone`, on: { click: () => take(word) } },
    h("span", { class: "chip-field" }, word), h("span", { class: "chip-text" }, "→ ", shown), h("span", { class: "why-tag" }, why), icon("close")));
}

// The members of `applied` people can check at a glance, with their wording.
const READ = { words: "word", unknown_words: "not found", skills: "skill", skills_wanted: "wants", skills_offered: "offers", phrases: "phrase", musts: "must have", nots: "without", concepts: "about" };

function details(applied) {
  const chips = Object.entries(READ).flatMap(([name, label]) => [applied[name] ?? []].flat().map((one) => ({ label, text: appliedText(one) }))).filter(({ text }) => text !== "");
  if (chips.length === 0) return null;
  return h("details", { class: "read" }, h("summary", { dataset: { key: "read" } }, "How it was read"),
    h("ul", { class: "chips" }, chips.map(({ label, text }) => h("li", { class: "chip applied" }, h("span", { class: "chip-field" }, label), text))));
}

function appliedText(value) {
  if (value === null || value === undefined || value === false) return "";
  if (typeof value !== "object") return String(value);
  if (typeof value.name === "string") return value.name;
  const parts = Object.entries(value).filter(([, one]) => one !== null && typeof one !== "object");
  return parts.map(([key, one]) => (key === "field" ? `${one}:` : String(one))).join(" ");
}

/** Whether the server reads what was typed as a Boolean query. */
export function isBoolean({ q, syntax }) {
  return syntax === "boolean" || (syntax === "" && /(?:^|[\s(])(?:AND|OR|NOT)(?=[\s(]|$)/.test(q.replaceAll(/"[^"]*"?/g, "")));
}

/**
 * A query that cannot be read, at the place where it goes wrong: the word or
 * sign at fault marked in the query, and the server's own words.
 */
export function queryFault(error, state) {
  const fault = (error.fields?.errors ?? []).find(({ pointer }) => pointer === "/q") ?? (error.fields?.code === "invalid_query" ? error.fields : undefined);
  if (!fault) return undefined;
  const { before, word, after } = pointed(state.q, fault.detail);
  const meant = [fault.did_you_mean ?? []].flat()[0];
  const wrong = /`([^`]+)`/.exec(fault.detail ?? "")?.[1];
  const mended = meant && wrong && word?.startsWith(wrong) && `${before}${meant}${word.slice(wrong.length)}${after}`;
  return h("div", { class: "query-fault", id: "q-fault" },
    h("p", null, icon("warn"), h("b", null, "This query cannot be read"), fault.detail && [": ", sentence(fault.detail)], meant && [". Did you mean ", mended ? h("button", { class: "link strong", type: "button", on: { click: () => go({ q: mended }) } }, meant) : h("b", null, meant), "?"]),
    word !== undefined && h("pre", { class: "pointed" }, before, h("span", { class: "point" }, word), after),
    isBoolean(state) && h("p", null, h("button", { class: "link", type: "button", on: { click: () => go({ syntax: "words" }) } }, "Search as plain words")));
}

// The query in three: `word` is what stands where the server points to, a sign
// of the grammar by itself or a whole word. Positions count letters from 1;
// the one behind the last letter is the end.
function pointed(q, detail = "") {
  const position = Number(/(?:character|position) (\d+)/.exec(detail)?.[1] ?? Number.NaN);
  if (!Number.isFinite(position)) return {};
  const letters = [...q];
  const at = Math.min(Math.max(position - 1, 0), letters.length);
  const rest = letters.slice(at).join("");
  const word = /^(?:[()"]|[^\s()"]+)/.exec(rest)?.[0] ?? " ";
  return { before: letters.slice(0, at).join(""), word, after: rest.slice(word.length) };
}

// The server's words as the end of a sentence, its names set as code.
function sentence(detail) {
  return coded(/^has /.test(detail) ? `it ${detail}` : detail);
}

/** Words of the server as nodes: what it sets between backticks is code. */
export function coded(text) {
  return text.split(/`([^`]*)`/).map((part, i) => (i % 2 === 1 ? h("code", null, part) : part));
}
