// A score and where it comes from: a stacked bar, and the list behind it.

import { h, icon } from "./dom.js";
import * as format from "./format.js";

const SCORE_MAX = 1_000_000;

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
      title: `${format.partLabel(part.name)}: ${format.count(part.points)} of ${format.count(part.max)}${part.unknown ? ", unknown" : ""}`,
    }),
  );
  const spoken = hit.contributions.map((part) => `${format.partLabel(part.name)} ${format.score(part.points)}${part.unknown ? " (unknown)" : ""}`).join(", ");
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
  return h("div", { class: "breakdown" }, h("ul", { class: "parts" }, hit.contributions.map(part)),
    h("p", { class: "sum" }, "Sum", h("b", null, format.count(hit.score)), h("span", null, ` of ${format.count(SCORE_MAX)}`)));
}

function part(contribution) {
  const { name, points, max, unknown } = contribution;
  return h("li", { dataset: { part: name } },
    h("span", { class: "part-name", title: name }, h("i", { class: "dot", "aria-hidden": "true" }), format.partLabel(name), unknown && h("span", { class: "tag" }, "unknown")),
    h("span", { class: unknown ? "meter unknown" : "meter", "aria-hidden": "true" }, h("i", { vars: { "--share": max > 0 ? Math.min(1, points / max) : 0 } })),
    h("span", { class: "part-points" }, h("b", null, format.count(points)), ` / ${format.count(max)}`),
    skills("found", contribution.found),
    skills("missing", contribution.missing));
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
