// What the server proposes while somebody types: titles, skills, companies,
// places of the documents it holds. Owns how a proposal changes the search.

import { suggest } from "./api.js";
import { h, icon, marks } from "./dom.js";
import * as format from "./format.js";
import { fieldAs, placeFields } from "./kinds.js";
import { changed } from "./state.js";

const SHOWN = 7;
const PLACES = 6;
const FEW = 3;
const EXAMPLES = 2;

const TYPES = {
  title: { icon: "case", text: "title" },
  skill: { icon: "check", text: "skill" },
  company: { icon: "company", text: "company, as a filter" },
  place: { icon: "place", text: "place, within 50 km" },
};

// The types a kind has; the server refuses others.
function typesOf(kind) {
  const has = { title: fieldAs(kind, "title"), skill: fieldAs(kind, "skills"), company: fieldAs(kind, "name"), place: placeFields(kind)[0] };
  return Object.keys(has).filter((type) => has[type] !== undefined);
}

/** Proposals for the whole text and, where those are few, for its last word. */
export async function proposals(kind, text, signal) {
  const q = text.trim();
  if (q === "" || /["()+:]|\b(?:AND|OR|NOT)\b/.test(q)) return [];
  const whole = await ask(kind, { q, limit: SHOWN }, signal);
  const list = whole.map((one) => ({ ...one, rest: "" }));
  const last = /^(.*\S)\s+(\S{2,})$/s.exec(q);
  if (list.length < FEW && last) {
    const more = await ask(kind, { q: last[2], limit: SHOWN, types: typesOf(kind).filter((type) => type !== "title").join() }, signal);
    list.push(...more.filter((one) => !list.some(({ text: held, type }) => held === one.text && type === one.type)).map((one) => ({ ...one, rest: last[1] })));
  }
  // What is already in the box is no proposal.
  return list.filter((one) => one.rest !== "" || one.type === "company" || one.type === "place" || one.text.toLowerCase() !== q.toLowerCase()).slice(0, SHOWN).map(option);
}

/** Proposals of places alone. */
export async function places(kind, text, signal) {
  const list = await ask(kind, { q: text.trim(), limit: PLACES, types: "place" }, signal);
  return list.map((one) => ({ item: one, spoken: one.text, node: line({ ...one, rest: "" }) }));
}

async function ask(kind, params, signal) {
  const { answer } = await suggest(kind.name, params, signal);
  return answer.suggestions;
}

function option(one) {
  return { item: one, spoken: `${one.rest ? `${one.rest} ` : ""}${one.text}, ${TYPES[one.type]?.text ?? one.type}, ${format.count(one.count)}`, node: line(one) };
}

function line({ text, type, count, highlight, rest, alias }) {
  const { icon: image, text: hint } = TYPES[type] ?? { icon: "search", text: type };
  return [icon(image), h("span", { class: "proposal-text" }, rest && h("span", { class: "proposal-rest" }, `${rest} `), marks(highlight ?? text, format.decoded), alias && h("span", { class: "proposal-rest" }, ` (${alias})`)),
    h("span", { class: "proposal-type" }, hint), h("span", { class: "proposal-count" }, format.count(count))];
}

/** What taking a proposal changes in `state`. */
export function taken(kind, state, { text, type, rest }) {
  const company = fieldAs(kind, "name");
  if (type === "company" && company) return { q: rest, filters: { ...state.filters, [company]: [text] } };
  if (type === "place") return { q: rest, near: text };
  return { q: rest ? `${rest} ${text}` : text };
}

const examples = new Map();

/**
 * Searches worth trying, made of what the documents of a kind are most often
 * about: a list of `{text, change}`, empty where the server has nothing.
 */
export function exampleSearches(kind) {
  if (!examples.has(kind.name)) examples.set(kind.name, made(kind).catch(() => {
    examples.delete(kind.name);
    return [];
  }));
  return examples.get(kind.name);
}

async function made(kind) {
  const known = typesOf(kind);
  const of = async (types) => (known.includes(types) ? (await ask(kind, { q: "", limit: EXAMPLES, types }, undefined)).map(({ text }) => text) : []);
  const [titles, skills, cities, companies] = await Promise.all(["title", "skill", "place", "company"].map(of));
  const list = [];
  if (titles[0]) list.push({ text: titles[0], change: { q: titles[0] } });
  if (titles[1] && cities[0]) list.push({ text: `${titles[1]} in ${cities[0]}`, change: { q: `${titles[1]} in ${cities[0]}` } });
  if (skills[0]) list.push({ text: `remote ${skills[0]}`, change: { q: `remote ${skills[0]}` } });
  if (skills[1] && titles[0]) list.push({ text: `${quoted(skills[0])} AND ${quoted(skills[1])}`, change: { q: `${quoted(skills[0])} AND ${quoted(skills[1])}` } });
  if (companies[0] && fieldAs(kind, "name")) list.push({ text: `at ${companies[0]}`, change: { filters: { [fieldAs(kind, "name")]: [companies[0]] } } });
  return list;
}

function quoted(text) {
  return /^\w+$/.test(text) ? text : `"${text}"`;
}

/** The examples as links over `blank`, the state they start from. */
export function exampleLinks(list, blank, address) {
  return h("ul", { class: "chips examples" }, list.map(({ text, change }) => h("li", null, h("a", { class: "chip example", href: address(changed(blank, change)) }, text))));
}
