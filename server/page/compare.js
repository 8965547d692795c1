// Up to three documents of a kind side by side: what each got for what, which
// skills were found, and their fields in one table.

import { post, read } from "./api.js";
import { asideOf, nameOf, toggleCompared } from "./cards.js";
import { valueNode } from "./document.js";
import { h, icon } from "./dom.js";
import * as format from "./format.js";
import { titleField } from "./kinds.js";
import { problem } from "./problem.js";
import { badge, bounds, gates, grouped, lines, meter, partly, skillChips } from "./score.js";
import { closeOverlay, COMPARED_MAX, current, go } from "./state.js";

/** The bar at the bottom that holds what was chosen; `update(kind, state, find)`. */
export function compareTray(host) {
  const names = new Map();
  let last;
  let drawn = "";

  const called = (hit, kind) => ({ text: nameOf(hit, kind), aside: asideOf(hit, kind) });

  // A shared address may hold documents the list does not show.
  function name(kind, id, find, state) {
    const key = `${kind.name}/${id}`;
    const hit = find(id);
    if (hit) names.set(key, called(hit, kind));
    else if (!names.has(key)) {
      names.set(key, { text: id, aside: "" });
      read(kind.name, id, undefined, state.blind).then(({ answer }) => {
        names.set(key, called({ id, document: answer.document ?? answer }, kind));
        update(...last);
      }).catch(() => {
        // Its id stays its name; the comparison says what is wrong.
      });
    }
    return names.get(key);
  }

  function update(kind, state, find) {
    last = [kind, state, find];
    host.hidden = state.compare.length === 0 || !kind;
    document.documentElement.classList.toggle("with-tray", !host.hidden);
    if (host.hidden) {
      drawn = "";
      return host.replaceChildren();
    }
    // Left alone where nothing changed: the focus comes back to its button
    // when the comparison closes.
    const key = JSON.stringify([kind.name, state.compare.map((id) => [id, name(kind, id, find, state)])]);
    if (key === drawn) return undefined;
    drawn = key;
    return host.replaceChildren(h("div", { class: "wrap tray-row" },
      h("ul", { class: "chips" }, state.compare.map((id) => {
        const { text, aside } = name(kind, id, find, state);
        const whole = aside ? `${text}, ${aside}` : text;
        return h("li", null, h("button", { class: "chip remove", type: "button", title: whole, "aria-label": `Do not compare ${whole}`, on: { click: () => toggleCompared(id) } }, h("span", { class: "chip-text" }, text, aside && h("span", { class: "chip-aside" }, aside)), icon("close")));
      })),
      h("p", { class: "fine" }, state.compare.length < 2 ? `Choose another of the ${kind.name}` : `${state.compare.length} of at most ${COMPARED_MAX}`),
      h("button", { class: "button primary", type: "button", disabled: state.compare.length < 2, dataset: { action: "open-compare" }, title: "Compare (C)", "aria-keyshortcuts": "Shift+C", on: { click: () => go({ open: "compare" }) } }, icon("compare"), "Compare"),
      h("button", { class: "link", type: "button", on: { click: () => go({ compare: [], open: "" }, { replace: true }) } }, "Clear")));
  }
  return { update };
}

/**
 * The dialog of the comparison. `show(kind, state, question)` opens or closes
 * it as the state says; `question` is what is asked of both sides (`q` or
 * `from`), undefined where nothing is.
 */
export function compareDialog(dialog) {
  let shown = "";
  let abort = new AbortController();
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    closeOverlay("open");
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) closeOverlay("open");
  });

  async function show(kind, state, question) {
    const open = kind && state.open === "compare" && state.compare.length > 1;
    const key = open ? JSON.stringify([kind.name, state.compare, question]) : "";
    if (key === shown) return;
    shown = key;
    abort.abort();
    if (!open) return dialog.close();
    draw(dialog, kind, h("p", { class: "boot" }, "Loading …"));
    if (!dialog.open) dialog.showModal();
    await load(kind, state.compare, question);
  }

  async function load(kind, ids, question) {
    abort = new AbortController();
    const { signal } = abort;
    try {
      const { hits, gone } = await fetchAll(kind, ids, question, signal);
      if (!signal.aborted) draw(dialog, kind, [gone.length > 0 && missing(kind, gone), table(kind, hits)]);
    } catch (error) {
      if (error.name !== "AbortError") draw(dialog, kind, problem(error, () => load(kind, ids, question)));
    }
  }
  return { show };
}

// The whole documents, and their scores where something was asked: all by the
// one function that scores, so they are those of the list.
async function fetchAll(kind, ids, question, signal) {
  const replies = await Promise.allSettled(ids.map(async (id) => {
    const { answer } = await read(kind.name, id, signal, current().blind);
    return { kind: kind.name, id, document: answer.document ?? answer, contributions: [] };
  }));
  // What was deleted since the link was made does not take the others with it.
  const failed = replies.find(({ status, reason }) => status === "rejected" && reason.fields?.status !== 404);
  const hits = replies.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
  if (failed || hits.length === 0) throw (failed ?? replies[0]).reason;
  const gone = ids.filter((id) => hits.every((hit) => hit.id !== id));
  if (!question) return { hits, gone };
  const { answer } = await post("/v1/rank", { ...question, to: kind.name, ids: hits.map(({ id }) => id), limit: hits.length, fields: [] }, signal);
  return { hits: hits.map((hit) => ({ ...hit, ...scoreOf(answer.hits.find(({ id }) => id === hit.id)) })), gone };
}

function missing(kind, gone) {
  const text = gone.length === 1 ? `One of the ${kind.name} is not stored any more: ` : `${gone.length} of the ${kind.name} are not stored any more: `;
  return h("p", { class: "warning", role: "status" }, icon("warn"), h("span", null, text, gone.join(", ")));
}

function scoreOf(hit) {
  // The document shown is the whole one, which was read by itself.
  const { document, ...score } = hit ?? {};
  return score;
}

function draw(dialog, kind, body) {
  dialog.replaceChildren(
    h("header", { class: "dialog-head" }, h("div", null, h("p", { class: "eyebrow" }, "Side by side"), h("h2", { id: "compare-title" }, `Compare ${kind.name}`)),
      h("button", { class: "icon-button", type: "button", "aria-label": "Close", on: { click: () => closeOverlay("open") } }, icon("close"))),
    h("div", { class: "dialog-body", tabindex: 0, role: "region", "aria-labelledby": "compare-title" }, body));
}

function table(kind, hits) {
  const scored = hits.some((hit) => hit.contributions.length > 0);
  const best = Math.max(...hits.map((hit) => hit.score ?? -1));
  const columns = hits.map((hit) => grouped(lines(hit.contributions)));
  const names = [...new Set(columns.flat().map(({ name }) => name))];
  return h("table", { class: "compare", vars: { "--columns": hits.length } },
    h("thead", null, h("tr", null, h("td", null), hits.map((hit) => h("th", { scope: "col" },
      h("a", { class: "card-title", href: "#", on: { click: (event) => {
        event.preventDefault();
        go({ doc: `${kind.name}/${hit.id}`, open: "" });
      } } }, nameOf(hit, kind)),
      h("p", { class: "card-sub" }, asideOf(hit, kind)),
      hit.score !== undefined && h("p", { class: "compare-score" }, badge(hit), hit.score === best && h("span", { class: "tag best" }, "highest")))))),
    scored && h("tbody", { class: "compare-parts" }, h("tr", null, h("th", { scope: "row" }, "When more is said"), hits.map(outlook)), names.map((name) => groupRows(name, columns))),
    scored && skillRows(hits),
    h("tbody", null, group("Fields", hits.length), fieldRows(kind, hits)));
}

function group(text, columns) {
  return h("tr", { class: "group" }, h("th", { scope: "colgroup", colspan: columns + 1 }, text));
}

function outlook({ low, high, completeness, score, insufficient_data: silent, gates: unmet = [] }) {
  if (score === undefined || silent || unmet.length > 0) return h("td", null, "–");
  return h("td", null, low < high ? `${format.score(low)} to ${format.score(high)}` : "the same", h("span", { class: "known" }, ` ${completeness} % known`));
}

// A group's sum of each, and its parts below.
function groupRows(name, columns) {
  const groups = columns.map((list) => list.find((group) => group.name === name));
  const lists = groups.map((group) => group?.parts ?? []);
  const names = [...new Set(lists.flat().map((part) => part.name))];
  return [
    h("tr", { class: "group", dataset: { group: name } }, h("th", { scope: "row" }, format.groupLabel(name)), groups.map((group) => h("td", null, group
      ? h("span", { class: "part-points" }, h("b", null, group.text), group.max > 0 && ` / ${format.score(group.max)}`) : "–"))),
    names.map((part) => partRows(part, lists)),
  ];
}

function partRows(name, columns) {
  const parts = columns.map((list) => list.find((part) => part.name === name));
  const most = Math.max(...parts.map((part) => part?.points ?? 0));
  const row = h("tr", { dataset: { part: name } }, partHead(name),
    parts.map((part) => h("td", { class: part && part.points === most && most > 0 ? "most" : undefined }, part
      ? [meter(part), h("span", { class: "part-points" }, h("b", null, part.text), bounds(part)), part.unknown && h("span", { class: "tag" }, "unknown")]
      : "–")));
  const subs = [...new Set(parts.flatMap((part) => part?.subs ?? []).filter(({ points }) => points > 0).map((sub) => sub.name))];
  return [row, subs.map((sub) => h("tr", { class: "sub", dataset: { part: sub } }, partHead(sub),
    parts.map((part) => h("td", null, h("span", { class: "sub-points" }, part?.subs.find((one) => one.name === sub)?.text ?? "–")))))];
}

function partHead(name) {
  return h("th", { scope: "row" }, h("i", { class: "dot", "aria-hidden": "true" }), format.partLabel(name));
}

function skillRows(hits) {
  const of = (hit, which) => [...new Set(hit.contributions.filter(({ name }) => name.startsWith("skills")).flatMap((part) => (which === "partial" ? (part.partial ?? []).map(partly) : format.skillNames(part[which]))))];
  const rows = [["found", "Skills found"], ["partial", "Skills met in part"], ["missing", "Skills missing"]].filter(([which]) => hits.some((hit) => of(hit, which).length > 0));
  if (rows.length === 0) return null;
  return h("tbody", null, group("Skills", hits.length), rows.map(([which, text]) => h("tr", null, h("th", { scope: "row" }, text),
    hits.map((hit) => h("td", null, of(hit, which).length > 0 ? skillChips(which, of(hit, which)) : "–")))));
}

function fieldRows(kind, hits) {
  const names = [...kind.fields.keys()].filter((name) => name !== titleField(kind) && kind.fields.get(name).type !== "private");
  return names.flatMap((name) => {
    const cells = hits.map((hit) => valueNode(kind, name, hit.document[name]));
    if (cells.every((cell) => cell === null)) return [];
    const same = new Set(hits.map((hit) => JSON.stringify(hit.document[name]))).size === 1;
    return h("tr", { class: same ? "same" : undefined }, h("th", { scope: "row" }, format.label(name)), cells.map((cell) => h("td", null, h("div", { class: "cell" }, cell ?? "–"))));
  });
}
