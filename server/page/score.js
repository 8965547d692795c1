// A score and where it comes from: a stacked bar, and the list behind it. What
// is no comparison (gated, insufficient data) never gets a number.

import { h, icon } from "./dom.js";
import * as format from "./format.js";

const SCORE_MAX = 1_000_000;
const TENTH = 1_000;
// Their points are added and taken; no share of the million is theirs.
const OPEN_GROUPS = new Set(["adjustment", "limit", "gate"]);

/**
 * What a score is made of at a glance: a bar as long as the score is of a full
 * one, struck where adjustments took from it, with a whisker for what it can
 * become. Of a gated hit the reasons, of one that says nothing a word instead.
 */
export function bar(hit) {
  if (hit.insufficient_data) return h("p", { class: "no-score" }, icon("info"), "It says nothing that could be scored.");
  if (hit.gates?.length > 0) return gates(hit);
  const { pieces, end } = stack(hit.contributions);
  const spoken = hit.contributions.filter(({ points, unknown }) => points !== 0 || unknown).map((part) => `${format.partName(part.name)} ${part.unknown ? "unknown" : format.score(part.points)}`).join(", ");
  return h("div", { class: "bar-box", role: "img", "aria-label": `${standing(hit)}: ${spoken}` },
    h("div", { class: "bar", dataset: { score: hit.score, end } }, pieces.map((piece) => h("i", {
      class: piece.points < 0 ? "taken" : undefined,
      dataset: { part: piece.name, points: piece.points },
      vars: { "--from": piece.from / SCORE_MAX, "--to": piece.to / SCORE_MAX },
      title: `${format.partName(piece.name)}: ${format.score(piece.points)}${piece.points < 0 ? "" : ` of ${format.score(piece.max)}`}`,
    }))),
    hit.low < hit.high && h("i", { class: "whisker", vars: { "--from": hit.low / SCORE_MAX, "--to": hit.high / SCORE_MAX }, title: `${interval(hit)} when more is said` }));
}

// What adds side by side, then what takes away laid over its end, from the
// right: what is left uncovered is the score.
function stack(contributions) {
  const pieces = [];
  let end = 0;
  for (const part of contributions) if (part.points > 0 && part.group !== "limit") pieces.push({ ...part, from: end, to: end += part.points });
  for (const part of contributions) if (part.points < 0) pieces.push({ ...part, to: Math.max(0, end), from: Math.max(0, end += part.points) });
  return { pieces: pieces.filter(({ from, to }) => from < to), end: Math.max(0, Math.min(SCORE_MAX, end)) };
}

function interval({ low, high }) {
  return `${format.score(low)} to ${format.score(high)}`;
}

function standing(hit) {
  const range = hit.low < hit.high ? `, ${interval(hit)} when more is said, ${hit.completeness} % known` : "";
  return `Score ${format.score(hit.score)} of 100${range}`;
}

/** Which musts are not met, and why; null where all are. */
export function gates({ gates: list = [] }) {
  return list.length > 0 && h("ul", { class: "gates" }, list.map(({ must, reason, missing = [] }) =>
    h("li", { class: "warning" }, icon("warn"), h("span", null, h("b", null, `${format.partLabel(must)}: `), reason, missing.length > 0 && `: ${missing.join(", ")}`))));
}

/** The score as a number people can compare; the exact one is its tooltip. What is no comparison is a word. */
export function badge(hit) {
  if (hit.insufficient_data) return h("span", { class: "score word" }, "insufficient data");
  if (hit.gates?.length > 0) return h("span", { class: "score word" }, "gated");
  return h("span", { class: "score", title: `${format.count(hit.score)} of ${format.count(SCORE_MAX)} points${hit.low < hit.high ? `, ${interval(hit)} of 100 when more is said` : ""}` },
    h("span", { class: "sr" }, "Score "), h("b", null, format.score(hit.score)),
    hit.completeness < 100 && h("span", { class: "known" }, ` ${hit.completeness} % known`));
}

/** Every contribution with its points, what it could reach, and the skills behind it. */
export function reasons(hit) {
  const key = `${hit.kind}/${hit.id}:why`;
  return h("details", { class: "why" },
    h("summary", { dataset: { key } }, "Why this score"),
    breakdown(hit));
}

/** The list behind `reasons`, without its fold: a group each, and what they come to. */
export function breakdown(hit) {
  return h("div", { class: "breakdown" }, grouped(lines(hit.contributions)).map(({ name, text, max, parts }) =>
    h("section", { class: "part-group", dataset: { group: name } },
      h("h4", null, format.groupLabel(name), h("span", { class: "part-points" }, h("b", null, text), max > 0 && ` / ${format.score(max)}`)),
      h("ul", { class: "parts" }, parts.map(line)))),
    totals(hit));
}

function totals(hit) {
  if (hit.insufficient_data) return h("p", { class: "sum" }, "Insufficient data: no score");
  const { source_wants: source, document_wants: document } = hit.two_way ?? {};
  const wants = ({ points, max }) => `${format.score(points)} of ${format.score(max)}`;
  return [
    h("p", { class: "sum", title: `${format.count(hit.score)} of ${format.count(SCORE_MAX)} points` }, "Sum", h("b", null, format.score(hit.score)), h("span", null, " of 100")),
    h("p", { class: "outlook" }, hit.low < hit.high && `${interval(hit)} when more is said · `, `${hit.completeness} % of it is known`),
    source && h("p", { class: "outlook" }, `What the source asks for came to ${wants(source)}${document.max > 0 || document.points !== 0 ? `, what the document asks for to ${wants(document)}` : ""}`),
  ];
}

/**
 * Lines by group, in their order: `text` adds the lines up as they are shown,
 * `max` is the group's share (none where points are only added and taken).
 */
export function grouped(list) {
  const groups = new Map();
  for (const one of list) {
    const group = groups.get(one.group) ?? { name: one.group, tenths: 0, max: 0, parts: [] };
    groups.set(one.group, group);
    group.tenths += one.tenths;
    if (!OPEN_GROUPS.has(one.group)) group.max += one.max;
    group.parts.push(one);
  }
  return [...groups.values()].map((group) => ({ ...group, text: format.tenths(group.tenths) }));
}

/**
 * The contributions as lines for people: those of words share one maximum, so
 * they are one line with its `subs`. `text` is what to show of the points, such
 * that the lines add up to the score and the subs to their line.
 */
export function lines(contributions) {
  const list = [];
  for (const one of contributions) {
    if (!one.name.startsWith("text.")) list.push({ ...one, subs: [] });
    else {
      let words = list.find(({ name }) => name === "text");
      if (!words) list.push(words = { name: "text", group: one.group, points: 0, min: 0, max: one.max, low: 0, high: 0, unknown: one.unknown, subs: [] });
      for (const member of ["points", "low", "high"]) words[member] += one[member];
      words.subs.push(one);
    }
  }
  const total = contributions.reduce((sum, { points }) => sum + points, 0);
  const tenths = shared(list, Math.round(total / TENTH));
  return list.map((one, i) => {
    const own = shared(one.subs, tenths[i]);
    return { ...one, tenths: tenths[i], text: format.tenths(tenths[i]), subs: one.subs.map((sub, at) => ({ ...sub, text: format.tenths(own[at]) })) };
  });
}

// Points as whole tenths that add up to `total`: what rounding down leaves goes
// to those that lost most by it, unless it would lift one over its maximum.
function shared(parts, total) {
  const out = parts.map(({ points }) => Math.floor(points / TENTH));
  const lost = parts.map(({ points, max }, i) => ({ i, rest: points - out[i] * TENTH, fits: out[i] < Math.round(max / TENTH) }));
  lost.sort((a, b) => b.fits - a.fits || b.rest - a.rest || a.i - b.i);
  const left = total - out.reduce((sum, one) => sum + one, 0);
  for (const { i } of lost.slice(0, left)) out[i] += 1;
  return out;
}

function line(one) {
  const { name, points, min, max, unknown, text } = one;
  return h("li", { dataset: { part: name } },
    h("span", { class: "part-name", title: name }, h("i", { class: "dot", "aria-hidden": "true" }), format.partLabel(name), unknown && h("span", { class: "tag" }, "unknown")),
    meter(one),
    h("span", { class: "part-points", title: `${format.count(points)} of ${format.count(min)} to ${format.count(max)} points` }, h("b", null, text), bounds(one)),
    one.subs.some((sub) => sub.points > 0) && h("ul", { class: "part-subs" }, one.subs.filter((sub) => sub.points > 0).map((sub) => h("li", { dataset: { part: sub.name } },
      h("span", { class: "part-name", title: sub.name }, h("i", { class: "dot", "aria-hidden": "true" }), format.partLabel(sub.name)),
      h("span", { class: "sub-points", title: `${format.count(sub.points)} points` }, sub.text)))),
    skills("found", one.found),
    skills("partial", (one.partial ?? []).map(partly)),
    skills("missing", one.missing));
}

/** What the points of a line are of: ` / 12.5`, ` (−10.0 to 1.0)`; nothing of a limit or a gate. */
export function bounds({ group, min, max }) {
  if (group === "limit" || group === "gate") return "";
  return min < 0 ? ` (${format.score(min)} to ${format.score(max)})` : ` / ${format.score(max)}`;
}

/** `MySQL for PostgreSQL, 50 %`. */
export function partly({ wanted, held, percent }) {
  return `${held} for ${wanted}, ${percent} %`;
}

/**
 * Where a line stands between the least and the most it can add, from its zero
 * on; the line of words is divided as its parts are. What it can still become
 * is drawn pale.
 */
export function meter({ points, min = 0, max, low, high, subs, name }) {
  const at = (value) => (max > min ? Math.min(1, Math.max(0, (value - min) / (max - min))) : 0);
  const piece = (from, to, props) => h("i", { ...props, vars: { "--from": at(Math.min(from, to)), "--to": at(Math.max(from, to)) } });
  let end = 0;
  const pieces = subs.length > 0
    ? subs.filter((sub) => sub.points > 0).map((sub) => piece(end, end += sub.points, { dataset: { part: sub.name } }))
    : points !== 0 && [piece(0, points, { dataset: { part: name }, class: points < 0 ? "taken" : undefined })];
  return h("span", { class: min < 0 ? "meter signed" : "meter", vars: { "--zero": at(0) }, "aria-hidden": "true" },
    low < high && piece(low, high, { class: "open" }), pieces);
}

const SKILL_WORDS = { found: "Found", partial: "In part", missing: "Missing" };

function skills(which, names) {
  const list = format.skillNames(names);
  if (list.length === 0) return null;
  return h("div", { class: "part-skills" }, h("span", { class: "part-skills-label" }, SKILL_WORDS[which]), skillChips(which, list));
}

const SKILL_ICONS = { found: "check", partial: "similar", missing: "close" };

/** Skills that were `found`, met in `partial` or are `missing`, as chips. */
export function skillChips(which, names) {
  return h("ul", { class: "chips" }, names.map((name) => h("li", { class: `chip ${which}` }, icon(SKILL_ICONS[which]), name)));
}

/** The names of all skills a hit's contributions found, in lower case. */
export function foundSkills(hit) {
  return new Set(hit.contributions.filter(({ name }) => name.startsWith("skills")).flatMap((one) => format.skillNames(one.found)).map((name) => name.toLowerCase()));
}
