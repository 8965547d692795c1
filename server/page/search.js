// The search of one kind: box, filters, results.

import { combobox } from "./combobox.js";
import { h, icon } from "./dom.js";
import { filterColumn, filterDrawer } from "./facets.js";
import * as format from "./format.js";
import { sortsOf } from "./kinds.js";
import { facetWishes, query, searchBody, weights } from "./request.js";
import { results } from "./results.js";
import { address, blank, current, go } from "./state.js";
import { exampleLinks, exampleSearches, proposals, taken } from "./suggest.js";
import { isBoolean, queryFault } from "./understood.js";

const DEBOUNCE_MS = 100;

/** The view of one kind in `host`: `update` draws a state, `focus` goes to the box. */
export function searchView(host, kind) {
  const input = h("input", { id: "q", type: "text", name: "q", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search", placeholder: `Search ${kind.name}: title, skill, place, pay`, "aria-describedby": "q-fault" });
  const list = combobox(input, { label: "Proposals", load: (text, signal) => proposals(kind, text, signal), choose: (one) => {
    const change = taken(kind, current(), one);
    input.value = change.q;
    go(change);
  } });
  const fault = h("div", { class: "fault-host", "aria-live": "polite" });
  const hint = h("div", { class: "hint" });
  const form = h("form", { class: "search", role: "search", "aria-label": `Search ${kind.name}` },
    h("label", { class: "sr", for: "q" }, `Search ${kind.name}`), h("div", { class: "box" }, icon("search"), input, h("kbd", { "aria-hidden": "true" }, "/"), clearButton(input), list.nodes), fault, hint);
  const column = h("div");
  const drawer = filterDrawer(column);
  const main = h("section", { class: "results", "aria-label": "Results" });
  host.replaceChildren(h("h1", { class: "sr" }, `Search ${kind.name}`), form, h("div", { class: "columns" }, drawer, main));
  const wishes = facetWishes();
  const filters = filterColumn(column, wishes);
  const area = results(main, {
    onAnswer: (answer) => {
      fault.replaceChildren();
      input.removeAttribute("aria-invalid");
      filters.draw(kind, answer);
      drawer.total(format.counted(answer.total.value, kind.name));
      filters.fault();
    },
    onProblem: (error) => {
      filters.fault(error);
      const shown = queryFault(error, current());
      fault.replaceChildren(...(shown ? [shown] : []));
      input.toggleAttribute("aria-invalid", Boolean(shown));
      return Boolean(shown);
    },
    nothing: () => examples(kind),
  });
  typed(form, input);

  function update(state) {
    if (document.activeElement !== input || input.value.trim() !== state.q) input.value = state.q;
    drawer.count(kind, state);
    filters.update(kind, state);
    drawHint(hint, kind, state);
    const scored = state.q.trim() !== "" || state.sort.includes("score");
    area.run({ path: `/v1/search/${encodeURIComponent(kind.name)}`, body: searchBody(kind, state, wishes), kind, scored, sorts: (near) => sortsOf(kind, near) });
  }
  const focus = () => {
    input.focus();
    input.select();
  };
  const question = (state) => (state.q.trim() === "" ? undefined : { ...query(state), ...weights(state) });
  return { update, question, find: area.find, kind: () => kind, focus, input, again: area.again };
}

function clearButton(input) {
  return h("button", { class: "icon-button clear", type: "button", "aria-label": "Clear the search", on: { click: () => {
    input.value = "";
    input.focus();
    go({ q: "", doc: "" });
  } } }, icon("close"));
}

// Under an empty box stand examples, under a filled one what else can be typed.
function drawHint(hint, kind, state) {
  const mode = state.q === "" ? "examples" : isBoolean(state) ? "boolean" : "words";
  if (hint.dataset.mode === mode) return;
  hint.dataset.mode = mode;
  if (mode === "examples") hint.replaceChildren(examples(kind));
  else if (mode === "boolean") hint.replaceChildren(h("p", { class: "fine" }, h("b", null, "Boolean"), ", read strictly: AND, OR, NOT, parentheses, ", h("code", null, "\"a phrase\""), ", ", h("code", null, "field:value"), ", ", h("code", null, "pay.min:>=60000")));
  else hint.replaceChildren(h("p", { class: "fine" }, h("code", null, "\"a phrase\""), h("code", null, "+must"), h("code", null, "-not"), h("code", null, "title:word"), h("code", null, "AND OR NOT")));
}

function examples(kind) {
  const host = h("div", { class: "try" });
  exampleSearches(kind).then((list) => {
    if (list.length > 0) host.replaceChildren(h("span", { class: "understood-label" }, "Try"), exampleLinks(list, blank(kind.name), address));
  });
  return host;
}

function typed(form, input) {
  let timer;
  const apply = () => {
    clearTimeout(timer);
    go({ q: input.value.trim(), doc: "" }, { typed: true });
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // The view may have gone while the timer ran.
      if (input.isConnected) apply();
    }, DEBOUNCE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
}
