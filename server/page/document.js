// The dialog with everything a stored document says, and why it scored what
// it did where something was asked.

import { post, read } from "./api.js";
import { actions, nameOf } from "./cards.js";
import { h, icon } from "./dom.js";
import * as format from "./format.js";
import { fieldAs, titleField, typeOf, unknown } from "./kinds.js";
import { problem } from "./problem.js";
import { badge, bar, breakdown } from "./score.js";
import { closeOverlay, current } from "./state.js";

/**
 * The dialog; `show("jobs/j-17", kinds, question)` opens or changes it,
 * `show("")` closes it. `question` is `{kind, body}`: what documents of that
 * kind are scored by, undefined where nothing was asked.
 */
export function documentDialog(dialog) {
  let shown = "";
  let abort = new AbortController();
  // Esc fires `cancel`; the address decides, so that back and Esc agree.
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    closeOverlay("doc");
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) closeOverlay("doc");
  });

  async function show(doc, kinds, question) {
    if (doc === shown) return;
    shown = doc;
    abort.abort();
    if (doc === "") {
      dialog.close();
      return;
    }
    const slash = doc.indexOf("/");
    const kind = kinds.find(({ name }) => name === doc.slice(0, slash)) ?? unknown(doc.slice(0, slash));
    const id = doc.slice(slash + 1);
    draw(dialog, id, kind, h("p", { class: "boot" }, "Loading …"));
    if (!dialog.open) dialog.showModal();
    await load(kind, id, question?.kind === kind.name ? question.body : undefined);
  }

  async function load(kind, id, question) {
    abort = new AbortController();
    const { signal } = abort;
    try {
      const { answer } = await read(kind.name, id, signal, current().blind);
      if (signal.aborted) return;
      const document = answer.document ?? answer;
      const skip = [titleField(kind), fieldAs(kind, "name")];
      const why = h("section", { class: "explain", "aria-label": "Why this score" });
      draw(dialog, nameOf({ id, document }, kind), kind, [why, facts(kind, document, skip, true)], document[skip[1]], actions({ id, document }, kind));
      if (question) await explain(why, kind, id, question, signal);
    } catch (error) {
      if (error.name !== "AbortError") draw(dialog, id, kind, problem(error, () => load(kind, id, question)));
    }
  }
  return { show };
}

async function explain(host, kind, id, question, signal) {
  try {
    const { answer } = await post("/v1/explain", { ...question, to: { kind: kind.name, id }, evidence: false }, signal);
    if (signal.aborted) return;
    const hit = answer.hit ?? answer.hits?.[0] ?? answer;
    host.replaceChildren(h("div", { class: "explain-head" }, h("h3", null, "Why this score"), badge(hit)), bar(hit), breakdown(hit));
  } catch (error) {
    if (error.name !== "AbortError") host.replaceChildren(problem(error, () => explain(host, kind, id, question, signal)));
  }
}

function draw(dialog, title, kind, body, sub, foot) {
  const close = h("button", { class: "icon-button", type: "button", "aria-label": "Close", on: { click: () => closeOverlay("doc") } }, icon("close"));
  const kept = dialog.contains(document.activeElement);
  dialog.replaceChildren(
    h("header", { class: "dialog-head" },
      h("div", null, h("p", { class: "eyebrow" }, format.singular(kind.name)), h("h2", { id: "document-title" }, title), sub && h("p", { class: "card-sub" }, [sub].flat().join(", "))), close),
    h("div", { class: "dialog-body", tabindex: 0, role: "region", "aria-label": title }, body),
    foot ? h("footer", { class: "dialog-foot" }, foot) : "");
  if (kept) close.focus();
}

/**
 * The fields of a document as a list: in the kind's order, then what every
 * document can have, then prose and careers. `full` also shows the id and the like.
 */
export function facts(kind, document, skip = [], full = false) {
  const own = [...kind.fields.keys()].filter((name) => name in document);
  const rest = full ? Object.keys(document).filter((name) => !kind.fields.has(name)) : [];
  const blocks = own.filter((name) => isBlock(kind, name, document[name]));
  const rows = [...own.filter((name) => !blocks.includes(name)), ...rest, ...blocks].filter((name) => !skip.includes(name)).flatMap((name) => {
    const value = valueNode(kind, name, document[name]);
    if (value === null) return [];
    const isPrivate = kind.fields.get(name)?.type === "private";
    return h("div", { class: isBlock(kind, name, document[name]) ? "block" : undefined }, h("dt", null, format.label(name), isPrivate && h("span", { class: "tag" }, "private")), h("dd", null, value));
  });
  return h("dl", { class: "fields" }, rows);
}

function isBlock(kind, name, value) {
  const type = typeOf(kind, name);
  return type === "text" || type === "positions" || (typeof value === "string" && value.length > 120);
}

/** A value of a field for people; null where there is none. */
export function valueNode(kind, name, value) {
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return null;
  if (name === "vector" && Array.isArray(value)) return `${format.count(value.length)} numbers`;
  switch (typeOf(kind, name)) {
    case "skills":
      return h("ul", { class: "chips" }, format.skillNames(value).map((skill) => h("li", { class: "chip" }, skill)));
    case "place":
      return format.place(value);
    case "pay":
      return format.pay(value);
    case "date":
      return h("time", { datetime: String(value) }, `${format.day(value)}`);
    case "positions":
      return h("ol", { class: "career" }, [value].flat().map(position));
    default:
      return anyValue(value);
  }
}

function position(entry) {
  if (typeof entry !== "object" || entry === null) return h("li", null, String(entry));
  const { title, company, from, to, text } = entry;
  return h("li", null, h("b", null, title ?? ""), company && h("span", null, ` ${company}`), (from || to) && h("span", { class: "when" }, [from, to ?? "now"].filter(Boolean).join(" – ")), text && h("p", null, text));
}

function anyValue(value) {
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.map(format.plain).join(", ");
  if (typeof value === "object") return h("pre", null, JSON.stringify(value, null, 2));
  // Only web addresses become links: a stored `javascript:` stays text.
  if (typeof value === "string" && /^https?:\/\/\S+$/.test(value)) return h("a", { href: value, target: "_blank", rel: "noopener noreferrer" }, value, icon("out"));
  return format.plain(value);
}
