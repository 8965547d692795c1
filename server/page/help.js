// The dialog of shortcuts and of what can be typed into the box.

import { h, icon } from "./dom.js";

const KEYS = [
  [["/"], "go to the search box"],
  [["↓", "↑"], "walk the proposals, then the hits"],
  [["j", "k"], "next and previous hit"],
  [["Enter"], "search, take a proposal, open a hit"],
  [["w"], "why this score"],
  [["c"], "compare this hit"],
  [["C"], "show what was chosen to compare, side by side"],
  [["Esc"], "close"],
  [["?"], "this list"],
];

const SYNTAX = [
  ["remote rust berlin 80k", "what says a place, pay, a date or the like becomes a filter you can take away"],
  ["\"event streaming\"", "these words in this order"],
  ["+spark -intern", "must have, must not have"],
  ["title:senior", "in one field"],
  ["(rust OR go) AND NOT php", "Boolean, read strictly: exactly what it says"],
  ["location.country:DE AND pay.min:>=60000", "fields and ranges in Boolean"],
];

/** Fills `dialog` once; the answer opens it. */
export function helpDialog(dialog) {
  const close = () => dialog.close();
  dialog.append(
    h("header", { class: "dialog-head" }, h("h2", { id: "help-title" }, "Shortcuts and search words"), h("button", { class: "icon-button", type: "button", "aria-label": "Close", on: { click: close } }, icon("close"))),
    h("div", { class: "dialog-body", tabindex: 0, role: "region", "aria-labelledby": "help-title" },
      h("h3", null, "Keys"), h("dl", { class: "help keys-help" }, KEYS.map(([keys, text]) => h("div", null, h("dt", null, keys.map((key) => h("kbd", null, key))), h("dd", null, text)))),
      h("h3", null, "What can be typed"), h("dl", { class: "help" }, SYNTAX.map(([code, text]) => h("div", null, h("dt", null, h("code", null, code)), h("dd", null, text))))));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) close();
  });
  return () => dialog.open || dialog.showModal();
}
