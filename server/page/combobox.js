// A text field with a list of proposals, after the combobox pattern of
// WAI-ARIA: the focus stays in the field, arrows walk the list, Enter takes,
// Escape closes. Owns the list; what is proposed comes from outside.

import { h } from "./dom.js";

const DEBOUNCE_MS = 70;
let lists = 0;

/**
 * Makes `input` a combobox. `load(text, signal)` answers items of `{node,
 * spoken, item}` or groups nothing; `choose(item)` is called with one that was
 * taken. Answers the list, to be put beside the field, and `close`.
 */
export function combobox(input, { label, load, choose, openEmpty = false }) {
  lists += 1;
  const id = `proposals-${lists}`;
  const list = h("ul", { class: "proposals", id, role: "listbox", "aria-label": label, hidden: true });
  const live = h("p", { class: "sr", role: "status" });
  let items = [];
  let active = -1;
  let timer;
  let abort = new AbortController();
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocomplete: "off" })) input.setAttribute(name, value);

  function close() {
    clearTimeout(timer);
    abort.abort();
    list.hidden = true;
    live.textContent = "";
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function mark(next) {
    active = next;
    for (const [i, option] of [...list.children].entries()) option.setAttribute("aria-selected", String(i === active));
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", `${id}-${active}`);
      list.children[active].scrollIntoView({ block: "nearest" });
    }
  }

  function draw(next) {
    items = next;
    list.replaceChildren(...items.map(({ node, spoken }, i) => h("li", { class: "proposal", id: `${id}-${i}`, role: "option", "aria-selected": "false", "aria-label": spoken, on: {
      // The field must not lose the focus to its list.
      mousedown: (event) => event.preventDefault(),
      click: () => take(i),
    } }, node)));
    active = -1;
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
    input.removeAttribute("aria-activedescendant");
    live.textContent = items.length === 0 ? "" : `${items.length} ${items.length === 1 ? "proposal" : "proposals"}, arrow down to choose`;
  }

  function take(i) {
    const { item } = items[i];
    close();
    choose(item);
  }

  async function ask() {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    if (input.value.trim() === "" && !openEmpty) return close();
    try {
      const next = await load(input.value, signal);
      if (!signal.aborted && document.activeElement === input) draw(next);
    } catch {
      // Proposals are a help: without them the field works as it is.
      if (!signal.aborted) close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, DEBOUNCE_MS);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const { key, altKey } = event;
    if (key === "ArrowDown" && altKey && list.hidden) return held(event, ask);
    if (list.hidden) return key === "Enter" ? close() : undefined;
    if (key === "ArrowDown") held(event, () => mark(active + 1 >= items.length ? -1 : active + 1));
    else if (key === "ArrowUp") held(event, () => mark(active < 0 ? items.length - 1 : active - 1));
    else if (key === "Escape") held(event, close);
    else if (key === "Enter" && active >= 0) held(event, () => take(active));
    else if (key === "Enter") close();
  });
  return { nodes: [list, live], close };
}

function held(event, action) {
  event.preventDefault();
  action();
}
