// A list of hits with everything around it: total, what was understood,
// warnings, errors, loading, more. Search and match both draw theirs with it.

import { asCurl, post, Problem } from "./api.js";
import { card } from "./cards.js";
import { h, icon, swap } from "./dom.js";
import { activeFilters } from "./facets.js";
import * as format from "./format.js";
import { current, go } from "./state.js";

const LIMIT = 20;

/**
 * A results area in `host`. `run(request)` with `{path, body, kind, scored,
 * empty, toolbar}` shows the first page; an answer that arrives after a newer
 * request is dropped. `onAnswer(answer)` sees every first page.
 */
export function results(host, onAnswer) {
  // Stays in place, so that screen readers notice that its text changed.
  const live = h("p", { class: "sr", role: "status" });
  const head = h("div", { class: "results-head" });
  const notes = h("div", { class: "notes" });
  const list = h("div", { class: "cards" });
  const foot = h("div", { class: "results-foot" });
  host.replaceChildren(live, head, notes, list, foot);
  let abort = new AbortController();
  let request;
  let asked = "";

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
    if (text === asked && !again) return;
    asked = text;
    if (!list.hasChildNodes()) list.replaceChildren(h("p", { class: "boot" }, "Searching …"));
    try {
      const reply = await ask({ ...next.body, limit: LIMIT });
      if (reply) drawFirst(reply);
    } catch (error) {
      drawProblem(error);
    }
  }

  function drawFirst({ answer, ms }) {
    drawHead(totalLine(answer.total, ms), curl());
    swap(notes, understood(answer.applied), warnings(answer.warnings));
    swap(list, answer.hits.length > 0 ? answer.hits.map((hit) => card(hit, request.kind, request)) : emptyState());
    drawFoot(answer);
    onAnswer?.(answer);
  }

  function drawHead(...left) {
    swap(head, h("div", { class: "results-line" }, left, request.toolbar), activeFilters(request.kind, current().filters));
  }

  function totalLine({ value, rule }, ms) {
    live.textContent = format.counted(value, request.kind.name);
    return h("p", { class: "total" }, h("b", null, live.textContent), ms !== undefined && h("span", { class: "ms" }, `in ${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`),
      h("button", { class: "tip", type: "button", "aria-label": `What was counted: ${rule}`, dataset: { tip: rule, key: "rule" } }, icon("info")));
  }

  function drawFoot(answer) {
    const more = answer.cursor && h("button", { class: "button more", type: "button", dataset: { key: "more" }, on: { click: () => loadMore(answer.cursor) } }, "Load more");
    const shown = list.querySelectorAll(".card").length;
    swap(foot, more, shown > 0 && h("p", { class: "shown" }, `${format.count(shown)} of ${format.count(answer.total.value)} shown`));
  }

  async function loadMore(cursor) {
    foot.querySelector(".more").disabled = true;
    try {
      const reply = await ask({ ...request.body, limit: LIMIT, cursor });
      if (!reply) return;
      const cards = reply.answer.hits.map((hit) => card(hit, request.kind, request));
      list.append(...cards);
      drawFoot(reply.answer);
      cards[0]?.querySelector(".card-title").focus({ preventScroll: true });
    } catch (error) {
      if (error.name !== "AbortError") foot.replaceChildren(problem(error, () => loadMore(cursor)));
    }
  }

  function drawProblem(error) {
    if (error.name === "AbortError") return;
    asked = "";
    drawHead();
    notes.replaceChildren();
    foot.replaceChildren();
    list.replaceChildren(problem(error, () => run(request, { again: true })));
  }

  function emptyState() {
    const filtered = Object.keys(current().filters).length > 0;
    return h("div", { class: "empty" }, icon("search"), h("h3", null, request.empty ?? `No ${request.kind.name} found`),
      h("p", null, filtered ? "Nothing passes all filters together." : "Try fewer or other words."),
      filtered && h("button", { class: "button", type: "button", on: { click: () => go({ filters: {} }) } }, "Clear all filters"));
  }

  function curl() {
    const { path, body } = request;
    const button = h("button", { class: "link curl", type: "button", dataset: { key: "curl" }, on: { click: async () => {
      await navigator.clipboard.writeText(asCurl(path, { ...body, limit: LIMIT }));
      button.lastChild.textContent = "Copied";
    } } }, icon("copy"), h("span", null, "Copy as curl"));
    return navigator.clipboard && button;
  }

  /** Empties the area and shows `nodes` instead. */
  function clear(...nodes) {
    abort.abort();
    asked = "";
    host.removeAttribute("aria-busy");
    head.replaceChildren();
    notes.replaceChildren();
    foot.replaceChildren();
    list.replaceChildren(...nodes);
  }

  return { run, clear, again: () => request && run(request, { again: true }) };
}

/** An error as the server explained it, with a way on. */
export function problem(error, retry) {
  const fields = error instanceof Problem ? error.fields : { title: "Something went wrong on this page", detail: error.message };
  const { title, detail, status, code, errors = [], instance } = fields;
  return h("div", { class: "problem", role: "alert" }, icon("warn"),
    h("div", null,
      h("h3", null, title ?? "The request failed"),
      detail && h("p", null, detail),
      errors.length > 0 && h("ul", null, errors.map((one) => h("li", null, one.pointer && h("code", null, one.pointer), one.detail ?? one.code, one.did_you_mean && h("span", null, ". Did you mean ", h("b", null, [one.did_you_mean].flat().join(", ")), "?")))),
      h("p", { class: "problem-foot" }, [status > 0 && String(status), code, instance].filter(Boolean).join(" · ")),
      retry && h("button", { class: "button", type: "button", on: { click: retry } }, "Try again")));
}

function warnings(list = []) {
  return list.map((warning) => h("p", { class: "warning" }, icon("warn"), typeof warning === "string" ? warning : (warning.detail ?? warning.code ?? JSON.stringify(warning))));
}

// The members of `applied` people can check at a glance, with their wording.
const APPLIED = { words: "words", musts: "must have", nots: "without", phrases: "phrase", skills: "skill", fields: "in field" };
// Said elsewhere on the page: the filter chips, the sort menu.
const SAID = new Set(["expired", "similarity", "filters", "sort", "facets", "limit", "weights", "from", "to", "kind", "now"]);

/** What the server understood, as chips; null when there is nothing to say. */
function understood(applied) {
  const chips = Object.entries(applied ?? {}).filter(([name]) => !SAID.has(name)).flatMap(([name, value]) => [value].flat().map((one) => appliedChip(name, one)));
  const shown = chips.filter(Boolean);
  return shown.length > 0 && h("div", { class: "understood" }, h("span", { class: "understood-label" }, "Understood as"), h("ul", { class: "chips" }, shown));
}

function appliedChip(name, value) {
  const text = appliedText(value);
  if (text === "") return null;
  return h("li", { class: `chip applied ${name}` }, name !== "words" && h("span", { class: "chip-field" }, APPLIED[name] ?? format.label(name)), name === "phrases" ? `“${text}”` : text);
}

function appliedText(value) {
  if (value === null || value === undefined || value === false) return "";
  if (typeof value !== "object") return String(value);
  if (typeof value.name === "string") return value.name;
  const parts = Object.entries(value).filter(([, one]) => one !== null && typeof one !== "object");
  return parts.map(([key, one]) => (key === "field" ? `${one}:` : String(one))).join(" ");
}
