// A list of hits with everything around it: total, what was understood,
// warnings, errors, loading, more. Search and match both draw theirs with it.

import { asCurl, exported, post } from "./api.js";
import { card } from "./cards.js";
import { activeFilters } from "./conditions.js";
import { h, icon, swap } from "./dom.js";
import * as format from "./format.js";
import { moved } from "./motion.js";
import { problem } from "./problem.js";
import { capField } from "./request.js";
import { current, go } from "./state.js";
import { coded, understood, understoodParts } from "./understood.js";
import { weightPanel } from "./weights.js";

const LIMIT = 20;
const SKELETONS = 5;
const COPIED_MS = 2_000;

/**
 * A results area in `host`. `run(request)` with `{path, body, kind, scored,
 * empty, sorts}` shows the pages the address names; an answer that arrives
 * after a newer request is dropped. `onAnswer(answer)` sees every first page,
 * `onProblem(error)` every refusal and answers whether it showed it itself;
 * `nothing()` gives the nodes for an empty answer.
 */
export function results(host, { onAnswer, onProblem, nothing }) {
  // Stays in place, so that screen readers notice that its text changed.
  const live = h("p", { class: "sr", role: "status" });
  const head = h("div", { class: "results-head" });
  const notes = h("div", { class: "notes" });
  const list = h("div", { class: "cards" });
  const foot = h("div", { class: "results-foot" });
  const panel = weightPanel();
  host.replaceChildren(live, head, panel.panel, panel.note, notes, list, foot);
  let abort = new AbortController();
  let request;
  let asked = "";
  let hits = [];
  let shown = "";
  let questioned = "";
  let first;

  async function ask(body) {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    host.setAttribute("aria-busy", "true");
    try {
      const reply = await post(request.path, body, signal);
      return signal.aborted ? undefined : reply;
    } finally {
      if (!signal.aborted) host.removeAttribute("aria-busy");
    }
  }

  async function run(next, { again = false } = {}) {
    const text = JSON.stringify([next.path, next.body]);
    request = next;
    if (text === asked && !again) return compared();
    asked = text;
    if (list.querySelector(".card") === null) list.replaceChildren(...Array.from({ length: SKELETONS }, skeleton));
    try {
      const reply = await ask({ ...next.body, limit: LIMIT * current().pages });
      if (reply) drawFirst(reply);
    } catch (error) {
      drawProblem(error);
    }
  }

  function drawFirst(reply) {
    const { answer } = reply;
    const state = current();
    first = reply;
    hits = answer.hits;
    host.removeAttribute("data-stale");
    onAnswer?.(answer);
    drawHead();
    swap(notes, understood(request.kind, answer, state), warnings(answer));
    panel.update(answer.applied ?? {}, state);
    // Where only the weights are others, the eye can follow the same hits.
    const { weights, profile, ...rest } = request.body;
    const question = JSON.stringify([request.path, rest]);
    drawCards(hits, { glide: question === questioned });
    questioned = question;
    drawFoot(answer);
    host.dispatchEvent(new Event("answered", { bubbles: true }));
  }

  // The same hits are not drawn again: nothing flickers while only counts change.
  function drawCards(next, { glide = false } = {}) {
    const text = JSON.stringify([next, request.scored]);
    // Why nothing was found differs from one query to the next.
    if (text === shown && next.length > 0) return compared();
    shown = text;
    const draw = () => {
      const unfolded = [...list.querySelectorAll("details[open] > summary")].map((summary) => summary.dataset.key);
      swap(list, next.length > 0 ? next.map((hit) => card(hit, request.kind, request)) : emptyState());
      // What somebody reads stays open while the hits change around it.
      for (const summary of list.querySelectorAll("details > summary")) summary.parentNode.open = unfolded.includes(summary.dataset.key);
    };
    if (glide) moved(list, draw);
    else draw();
  }

  function compared() {
    const chosen = new Set(current().compare);
    for (const button of list.querySelectorAll("[data-compare]")) button.setAttribute("aria-pressed", String(chosen.has(button.dataset.compare)));
  }

  function drawHead() {
    const { answer, ms } = first ?? {};
    const state = current();
    const line = h("div", { class: "results-line" },
      answer?.total ? total(answer.total, ms) : h("p", { class: "total" }),
      tools(state, answer));
    swap(head, line, activeFilters(request.kind, state));
  }

  function tools(state, answer) {
    const cap = capField(request.kind);
    return h("div", { class: "tools" },
      cap && h("label", { class: "toggle" }, h("input", { type: "checkbox", checked: state.max_per !== "", dataset: { key: "cap" }, on: { change: (event) => go({ max_per: event.target.checked ? `${cap}:2` : "" }) } }), h("span", null, `Max 2 per ${format.label(cap).toLowerCase()}`)),
      request.kind.person && h("label", { class: "toggle" }, h("input", { type: "checkbox", checked: state.blind !== "", dataset: { key: "blind" }, on: { change: (event) => go({ blind: event.target.checked ? "true" : "" }) } }), h("span", { title: "Without names, photos, contacts, ages, births and the like" }, "Blind")),
      request.scored && panel.button,
      sortMenu(request, state, answer));
  }

  function total({ value, rule }, ms) {
    const counted = format.counted(value, request.kind.name);
    // A match ranks everything that passes the filters: that is no number of finds.
    const text = request.best && value > 0 ? `Best of ${counted}` : counted;
    const meaning = format.rule(rule, request.kind.name);
    if (live.textContent !== text) live.textContent = text;
    return h("p", { class: "total" }, h("b", null, text), ms !== undefined && h("span", { class: "ms" }, `in ${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`),
      h("button", { class: "tip", type: "button", "aria-label": `What was counted: ${meaning}`, dataset: { tip: meaning, key: "rule" } }, icon("info")));
  }

  function drawFoot(answer) {
    const more = answer.cursor && h("button", { class: "button more", type: "button", dataset: { key: "more" }, on: { click: () => loadMore(answer.cursor) } }, "Show more");
    swap(foot, more, hits.length > 0 && h("p", { class: "shown" }, `${format.count(hits.length)} of ${format.count(answer.total.value)} shown`, share(), curl(), csv()));
  }

  async function loadMore(cursor) {
    foot.querySelector(".more").disabled = true;
    try {
      const reply = await ask({ ...request.body, limit: LIMIT, cursor });
      if (!reply) return;
      hits = [...hits, ...reply.answer.hits];
      shown = JSON.stringify([hits, request.scored]);
      const cards = reply.answer.hits.map((hit) => card(hit, request.kind, request));
      list.append(...cards);
      drawFoot(reply.answer);
      cards[0]?.querySelector(".card-title").focus({ preventScroll: true });
      go({ pages: current().pages + 1 }, { replace: true });
    } catch (error) {
      if (error.name !== "AbortError") foot.replaceChildren(problem(error, () => loadMore(cursor)));
    }
  }

  function drawProblem(error) {
    if (error.name === "AbortError") return;
    asked = "";
    const said = onProblem?.(error);
    // A half-typed query is said at the box; what was found before stays.
    if (said && list.querySelector(".card[data-id]")) return host.setAttribute("data-stale", "");
    forget();
    drawHead();
    notes.replaceChildren();
    foot.replaceChildren();
    list.replaceChildren(said
      ? h("div", { class: "empty" }, icon("search"), h("h3", null, "Nothing was searched"), h("p", null, "Mend the query above, or try another."), nothing?.())
      : problem(error, () => run(request, { again: true })));
  }

  function emptyState() {
    const state = current();
    const filtered = Object.keys(state.filters).length > 0 || state.near !== "";
    const { understood, without } = first?.answer.applied ?? {};
    const parts = understoodParts(request.kind, understood);
    const ways = (without ?? []).toSorted((a, b) => b.total - a.total).map((way) => ({ ...way, name: `Without ${way.parts.map((text) => `“${text}”`).join(" and ")}` }));
    const helps = without === undefined ? "" : ways.length > 0 ? "There is something:" : filtered ? "Fewer of them do not help." : "The other words find nothing without them either: try fewer or other words.";
    const together = parts.length > 0 ? `Nothing fits all of: ${parts.map(({ meaning }) => meaning).join(", ")}${filtered ? ", and the filters" : ""}. ${helps}` : "Nothing passes all filters together.";
    return h("div", { class: "empty" }, icon("search"), h("h3", null, request.empty ?? `No ${request.kind.name} found`),
      h("p", null, filtered || parts.length > 0 ? together : "Try fewer or other words."),
      ways.length > 0 && h("ul", { class: "chips relax", "aria-label": "Search for less" }, ways.map(({ name, q, total }) => h("li", null, h("button", { class: "chip remove", type: "button", on: { click: () => go({ q }) } }, h("span", { class: "chip-text" }, name), h("b", null, format.counted(total, request.kind.name)))))),
      h("div", { class: "row" },
        state.near !== "" && state["near.unknown"] !== "include" && h("button", { class: "button", type: "button", on: { click: () => go({ "near.unknown": "include" }) } }, "Also unknown places"),
        filtered && h("button", { class: "button", type: "button", on: { click: () => go({ filters: {}, near: "" }) } }, "Clear all filters")),
      nothing?.());
  }

  function share() {
    // A link would lead to an empty form: the text is not in it.
    if (request.unlinked) return h("span", { class: "unlinked" }, "No link: a pasted text is in no address");
    return navigator.clipboard && copyButton("link", "Copy link", () => location.href, "share");
  }

  function curl() {
    const { path, body } = request;
    return navigator.clipboard && copyButton("copy", "Copy as curl", () => asCurl(path, { ...body, limit: LIMIT }), "curl");
  }

  // What is shown leaves with what is asked; the order is the same.
  function csv() {
    const { facets, ...body } = request.body;
    const path = request.path === "/v1/match" ? "/v1/export/match" : request.path.replace("/v1/search/", "/v1/export/");
    const name = `${request.kind.name}.csv`;
    const button = h("button", { class: "link", type: "button", dataset: { key: "csv" }, on: { click: async () => {
      button.disabled = true;
      try {
        save(await exported(path, body), name);
      } catch (error) {
        foot.append(problem(error));
      }
      button.disabled = false;
    } } }, icon("down"), "CSV of all");
    return button;
  }

  function forget() {
    first = undefined;
    hits = [];
    shown = "";
    live.textContent = "";
    host.removeAttribute("data-stale");
  }

  /** Empties the area and shows `nodes` instead. */
  function clear(...nodes) {
    abort.abort();
    asked = "";
    forget();
    host.removeAttribute("aria-busy");
    for (const area of [head, notes, foot]) area.replaceChildren();
    panel.panel.hidden = true;
    panel.note.hidden = true;
    list.replaceChildren(...nodes);
  }

  return { run, clear, again: () => request && run(request, { again: true }), find: (id) => hits.find((hit) => hit.id === id) };
}

// The label says what happened for a moment. It has no role: a status would
// keep its text out of the button's name.
function copyButton(image, text, value, key) {
  const label = h("span", { "aria-live": "polite" }, text);
  let timer;
  const say = (words) => {
    label.textContent = words;
    clearTimeout(timer);
    if (words !== text) timer = setTimeout(say, COPIED_MS, text);
  };
  return h("button", { class: "link", type: "button", dataset: { key }, on: { click: () => navigator.clipboard.writeText(value()).then(() => say("Copied"), () => say("Not allowed")) } }, icon(image), label);
}

function save(blob, name) {
  const href = URL.createObjectURL(blob);
  h("a", { href, download: name }).click();
  // The browser has taken it by the next turn of its loop.
  setTimeout(() => URL.revokeObjectURL(href));
}

function sortMenu({ kind, scored, sorts }, state, answer) {
  const best = scored ? "Best match" : "Default order";
  // Distances need one middle; a query that names two places has none.
  const near = state.near !== "" || Boolean(answer?.applied?.near) || (answer?.applied?.understood ?? []).filter((one) => one.near).length === 1;
  const options = [{ sort: "", text: best }, ...sorts({ near })];
  if (!options.some(({ sort }) => sort === state.sort)) options.push({ sort: state.sort, text: format.label(state.sort.replace(/^-/, "")) });
  return h("label", { class: "sort" }, h("span", null, "Sort"), h("select", { name: "sort", dataset: { key: "sort" }, on: { change: (event) => go({ sort: event.target.value }) } },
    options.map(({ sort, text }) => h("option", { value: sort, selected: sort === state.sort }, text))));
}

function skeleton() {
  return h("div", { class: "card skeleton", "aria-hidden": "true" }, h("i", { class: "wide" }), h("i"), h("i", { class: "full" }));
}

// Why nothing was found is said, with ways out, where the hits would be.
function warnings({ warnings: list = [], applied }) {
  const said = applied?.without ? list.filter((warning) => !warning.startsWith("0 hits")) : list;
  return said.map((warning) => h("p", { class: "warning" }, icon("warn"), h("span", null, coded(warning))));
}
