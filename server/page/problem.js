// An error as the server explained it, with a way on.

import { Problem } from "./api.js";
import { h, icon } from "./dom.js";

/** The panel of an error; `retry` is called by its button, and when the connection is back. */
export function problem(error, retry) {
  const fields = error instanceof Problem ? error.fields : { title: "Something went wrong on this page", detail: error.message };
  const { title, detail, status, code, errors = [], instance } = fields;
  const panel = h("div", { class: "problem", role: "alert" }, icon("warn"),
    h("div", null,
      h("h3", null, title ?? "The request failed"),
      detail && h("p", null, detail),
      errors.length > 0 && h("ul", null, errors.map(fault)),
      h("p", { class: "problem-foot" }, [status > 0 && String(status), code, instance].filter(Boolean).join(" · ")),
      retry && h("button", { class: "button", type: "button", on: { click: retry } }, "Try again")));
  if (retry && status === 0) addEventListener("online", () => panel.isConnected && retry(), { once: true });
  return panel;
}

function fault({ pointer, detail, code, did_you_mean: meant }) {
  return h("li", null, pointer && h("code", null, pointer), detail ?? code, meant && h("span", null, ". Did you mean ", h("b", null, [meant].flat().join(", ")), "?"));
}
