// Building elements. Owns: text becomes text nodes, never markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. `props`: `class`, `dataset`, `vars` (CSS custom properties),
 * `on` (listeners); other names are attributes, `true` for an empty one,
 * `false`, `null` and `undefined` for none. Children that are null or false
 * are left out; strings become text nodes.
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "vars") for (const [key, v] of Object.entries(value)) element.style.setProperty(key, v);
    else if (name === "on") for (const [key, v] of Object.entries(value)) element.addEventListener(key, v);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...shown(children));
  return element;
}

function shown(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

const PATHS = {
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.3 15.3 20 20",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  place: "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11zM12 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z",
  pay: "M4 7h16v10H4zM12 14.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM7 10v4M17 10v4",
  date: "M5 6.5h14V20H5zM5 10.5h14M9 4v4M15 4v4",
  case: "M4 8.5h16V19H4zM9 8.5V5.5h6v3M4 13h16",
  years: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.3l3 1.9",
  remote: "M5 6h14v9H5zM3 18.5h18",
  match: "M9 5.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15 5.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13",
  similar: "M8 8h12v12H8zM4 16V4h12",
  filter: "M4 6h16M7 12h10M10 18h4",
  info: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 11v5M12 8v.2",
  warn: "M12 4.5 21 19.5H3zM12 10v4.5M12 17v.2",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  company: "M5 20V5h9v15M14 10h5v10M3 20h18M8 8.5h3M8 12h3M8 15.5h3",
  compare: "M12 4v16M4 7h5v10H4zM15 7h5v10h-5z",
  weights: "M6 4v6M6 14v6M12 4v10M12 18v2M18 4v2M18 10v10M4 12h4M10 16h4M16 8h4",
  link: "M10 14l4-4M8.5 11.5 6 14a3.5 3.5 0 0 0 5 5l2.500-2.500M15.500 12.500 18 10a3.500 3.500 0 0 0-5-5l-2.500 2.500",
  keys: "M3 7h18v10H3zM7 10.500h.1M11 10.500h.1M15 10.500h.1M8 14h8",
  upload: "M12 15V4M8 8l4-4 4 4M5 15v5h14v-5",
  near: "M12 4v3M12 17v3M4 12h3M17 12h3M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10",
  save: "M6 4h12v16l-6-4-6 4z",
  down: "M7 10l5 5 5-5",
  out: "M13 5h6v6M19 5l-9 9M10 6H5v13h13v-5",
};

/** A 24 × 24 line icon that screen readers skip. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.info);
  svg.append(path);
  return svg;
}

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x27;": "'", "&#x2F;": "/", "&amp;": "&" };

/**
 * A highlight as nodes: text, and `mark` elements for what stands between
 * `<mark>` and `</mark>`. Any other tag stays visible text: the server
 * promises to have escaped it, and the page does not have to believe that.
 * `shown` is what becomes of a text.
 */
export function marks(highlight, shown = (text) => text) {
  let inside = false;
  const nodes = [];
  for (const part of String(highlight).split(/(<\/?mark>)/)) {
    if (part === "<mark>") inside = true;
    else if (part === "</mark>") inside = false;
    else if (part !== "") {
      const text = shown(part.replace(/&(?:lt|gt|quot|amp|#39|#x27|#x2F);/g, (entity) => ENTITIES[entity]));
      nodes.push(inside ? h("mark", null, text) : text);
    }
  }
  return nodes;
}

/** The text of a highlight without its marks. */
export function unmarked(highlight) {
  return marks(highlight).map((node) => (typeof node === "string" ? node : node.textContent)).join("");
}

/**
 * Replaces what `host` holds and gives the focus back to the element with the
 * same `data-key`, so that a redrawn list does not throw keyboard users out.
 * A text field also keeps what was typed meanwhile and where the caret is.
 */
export function swap(host, ...children) {
  const active = document.activeElement;
  const key = host.contains(active) ? active.dataset.key : undefined;
  const caret = key === undefined ? undefined : caretOf(active);
  host.replaceChildren(...shown(children));
  if (key === undefined) return;
  const again = [...host.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key);
  again?.focus({ preventScroll: true });
  if (again && caret) {
    again.value = caret.value;
    if (caret.at !== null) again.setSelectionRange(caret.at, caret.at);
  }
}

// Only fields of text have a caret; those of numbers answer null.
function caretOf(element) {
  return element.matches("input:not([type=checkbox], [type=radio], [type=range])") ? { value: element.value, at: element.selectionStart } : undefined;
}
