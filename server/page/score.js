// A score and where it comes from: a stacked bar, and the list behind it.

import { h, icon } from "./dom.js";
import * as format from "./format.js";

const SCORE_MAX = 1_000_000;
const TENTH = 1_000;

/**
 * The bar: one piece per contribution, as wide as its points are of a full
 * score. An unknown part is hatched, so that it is not taken for a bad one.
 */
export function bar(hit) {
  const pieces = hit.contributions.filter((part) => part.points > 0).map((part) =>
    h("i", {
      class: part.unknown ? "unknown" : undefined,
      dataset: { part: part.name, points: part.points },
      vars: { "--share": part.points / SCORE_MAX },
      title: `${format.partName(part.name)}: ${format.score(part.points)} of ${format.score(part.max)}${part.unknown ? ", unknown" : ""}`,
    }),
  );
  const spoken = hit.contributions.map((part) => `${format.partName(part.name)} ${format.score(part.points)}${part.unknown ? " (unknown)" : ""}`).join(", ");
  return h("div", { class: "bar", role: "img", "aria-label": `Score ${format.score(hit.score)} of 100: ${spoken}`, dataset: { score: hit.score } }, pieces);
}

/** The score as a number people can compare; the exact one is its tooltip. */
export function badge(hit) {
  return h("span", { class: "score", title: `${format.count(hit.score)} of ${format.count(SCORE_MAX)} points` },
    h("span", { class: "sr" }, "Score "), format.score(hit.score));
}

/** Every contribution with its points, what it could reach, and the skills behind it. */
export function reasons(hit) {
  const key = `${hit.kind}/${hit.id}:why`;
  return h("details", { class: "why" },
    h("summary", { dataset: { key } }, "Why this score"),
    breakdown(hit));
}

/** The list behind `reasons`, without its fold. */
export function breakdown(hit) {
  return h("div", { class: "breakdown" }, h("ul", { class: "parts" }, lines(hit.contributions).map(line)),
    h("p", { class: "sum", title: `${format.count(hit.score)} of ${format.count(SCORE_MAX)} points` }, "Sum", h("b", null, format.score(hit.score)), h("span", null, " of 100")));
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
      if (!words) list.push(words = { name: "text", points: 0, max: one.max, unknown: false, subs: [] });
      words.points += one.points;
      words.subs.push(one);
    }
  }
  const total = contributions.reduce((sum, { points }) => sum + points, 0);
  const tenths = shared(list, Math.round(total / TENTH));
  return list.map((one, i) => {
    const own = shared(one.subs, tenths[i]);
    return { ...one, text: format.tenths(tenths[i]), subs: one.subs.map((sub, at) => ({ ...sub, text: format.tenths(own[at]) })) };
  });
}

// Points as whole tenths that add up to `total`: what rounding down leaves goes
// to those that lost most by it, unless it would lift one over its maximum.
function shared(parts, total) {
  const out = parts.map(({ points }) => Math.floor(points / TENTH));
  const lost = parts.map(({ points, max }, i) => ({ i, rest: points % TENTH, fits: out[i] < Math.round(max / TENTH) }));
  lost.sort((a, b) => b.fits - a.fits || b.rest - a.rest || a.i - b.i);
  const left = total - out.reduce((sum, one) => sum + one, 0);
  for (const { i } of lost.slice(0, left)) out[i] += 1;
  return out;
}

function line(one) {
  const { name, points, max, unknown, text } = one;
  return h("li", { dataset: { part: name } },
    h("span", { class: "part-name", title: name }, h("i", { class: "dot", "aria-hidden": "true" }), format.partLabel(name), unknown && h("span", { class: "tag" }, "unknown")),
    meter(one),
    h("span", { class: "part-points", title: `${format.count(points)} of ${format.count(max)} points` }, h("b", null, text), ` / ${format.score(max)}`),
    one.subs.some((sub) => sub.points > 0) && h("ul", { class: "part-subs" }, one.subs.filter((sub) => sub.points > 0).map((sub) => h("li", { dataset: { part: sub.name } },
      h("span", { class: "part-name", title: sub.name }, h("i", { class: "dot", "aria-hidden": "true" }), format.partLabel(sub.name)),
      h("span", { class: "sub-points", title: `${format.count(sub.points)} points` }, sub.text)))),
    skills("found", one.found),
    skills("missing", one.missing));
}

/** How much of its maximum a line reached; the line of words is divided as its parts are. */
export function meter({ points, max, unknown, subs, name }) {
  const share = (value) => (max > 0 ? Math.min(1, value / max) : 0);
  const pieces = subs.length > 0 ? subs.filter((sub) => sub.points > 0) : [{ name, points }];
  return h("span", { class: unknown ? "meter unknown" : "meter", "aria-hidden": "true" }, pieces.map((piece) => h("i", { dataset: { part: piece.name }, vars: { "--share": share(piece.points) } })));
}

function skills(which, names) {
  const list = format.skillNames(names);
  if (list.length === 0) return null;
  return h("div", { class: "part-skills" }, h("span", { class: "part-skills-label" }, which === "found" ? "Found" : "Missing"), skillChips(which, list));
}

/** Skills that were `found` or are `missing`, as chips. */
export function skillChips(which, names) {
  return h("ul", { class: "chips" }, names.map((name) => h("li", { class: `chip ${which}` }, which === "found" ? icon("check") : icon("close"), name)));
}

/** The names of all skills a hit's contributions found, in lower case. */
export function foundSkills(hit) {
  return new Set(hit.contributions.flatMap((one) => format.skillNames(one.found)).map((name) => name.toLowerCase()));
}
