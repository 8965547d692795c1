// "Near": a place with proposals, and a radius.

import { combobox } from "./combobox.js";
import { h, icon } from "./dom.js";
import { current, go } from "./state.js";
import { places } from "./suggest.js";

const RADII_KM = [5, 10, 25, 50, 100, 200, 500];
const KM = "50";

/**
 * The fields for place and radius. Made once and kept, so that a redrawn
 * column does not take the list of proposals away; `update` follows the state.
 */
export function nearFields(kind) {
  const input = h("input", { type: "text", name: "near", placeholder: "City or “City, country”", spellcheck: "false", "aria-label": "Near a place", "aria-describedby": "near-fault", dataset: { key: "near" } });
  const wrong = h("p", { class: "near-fault", id: "near-fault", role: "alert" });
  const { nodes, close } = combobox(input, { label: "Places", load: (text, signal) => places(kind, text, signal), choose: ({ text }) => {
    input.value = text;
    apply();
  } });
  const km = h("select", { name: "km", "aria-label": "Radius", dataset: { key: "near:km" } });
  const unknown = h("input", { type: "checkbox", name: "unknown", dataset: { key: "near:unknown" } });
  const read = h("div");
  const rest = h("div", { class: "near-rest" }, km, h("label", { class: "value" }, unknown, h("span", { class: "value-text" }, "Also unknown places")));
  const form = h("form", { class: "near", on: { submit: (event) => {
    event.preventDefault();
    close();
    apply();
  } } }, h("div", { class: "with-icon" }, icon("near"), input, nodes), wrong, read, rest);
  // A name that is left is taken; a proposal may be on its way, and is then the later one.
  input.addEventListener("change", () => setTimeout(() => input.isConnected && apply()));
  for (const one of [km, unknown]) one.addEventListener("change", apply);

  function apply() {
    const near = input.value.trim();
    go(near === "" ? { near: "" } : { near, km: km.value === KM ? "" : km.value, "near.unknown": unknown.checked ? "include" : "" });
  }

  function update(state) {
    if (document.activeElement !== input || state.near !== "") input.value = state.near;
    const chosen = state.km || KM;
    const radii = [...new Set([...RADII_KM.map(String), chosen])].sort((a, b) => Number(a) - Number(b));
    km.replaceChildren(...radii.map((one) => h("option", { value: one, selected: one === chosen }, `within ${one} km`)));
    unknown.checked = state["near.unknown"] === "include";
    rest.hidden = state.near === "";
  }
  // Says at the field what is wrong with it; nothing where `error` is about something else.
  function fault(error) {
    const one = (error?.fields?.errors ?? []).find(({ pointer }) => pointer?.startsWith("/near"));
    wrong.textContent = one ? `“${current().near}”: ${one.detail}.` : "";
    input.toggleAttribute("aria-invalid", Boolean(one));
  }

  // Says what the words of the query ask for, where no place is set here.
  function said(parts) {
    read.replaceChildren(...(current().near === "" ? parts : []).map(({ text, meaning }) => h("p", { class: "from-words" }, `From “${text}”: ${meaning}`)));
  }

  update(current());
  return { node: form, update, fault, said };
}
