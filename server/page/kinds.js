// What the page knows about a kind: all of it comes from GET /v1/kinds, so a
// kind added by file works without a change here.

/** The kinds as a list, from the answer of GET /v1/kinds. */
export function fromAnswer(answer) {
  return answer.kinds.map((kind) => ({
    ...kind,
    matches: kind.matches ?? kind.name,
    fields: new Map(kind.fields.map((field) => [field.name, field])),
    columns: new Set(kind.columns.map(({ name }) => name)),
  }));
}

/** A kind the server does not have: asking for it gets the server's own answer. */
export function unknown(name) {
  return { name, documents: 0, matches: name, display: [], facets: [], fields: new Map(), columns: new Set() };
}

/** The type of a field, or of a part of one (`location.city`, `pay.max`). */
export function typeOf(kind, path) {
  const own = kind.fields.get(path)?.type;
  if (own) return own;
  const dot = path.lastIndexOf(".");
  const parent = dot < 0 ? undefined : kind.fields.get(path.slice(0, dot))?.type;
  if (parent === "pay") return /^(?:min|max)$/.test(path.slice(dot + 1)) ? "number" : "keyword";
  if (parent === "place") return /^(?:lat|lon)$/.test(path.slice(dot + 1)) ? "number" : "keyword";
  return undefined;
}

/** The `facets` member of a request: what the kind offers first. */
export function facetsOf(kind) {
  return kind.facets.map((field) => ({ field, limit: 30 }));
}

/** The first field with a meaning (`as`), restricted to `among` when given. */
export function fieldAs(kind, meaning, among) {
  for (const [name, field] of kind.fields) if (field.as === meaning && (!among || among.includes(name))) return name;
  return undefined;
}

/** The field that names a document: its title, else its first text. */
export function titleField(kind) {
  const title = fieldAs(kind, "title");
  if (title) return title;
  for (const [name, field] of kind.fields) if (field.type === "text") return name;
  return undefined;
}

/** The filters of a request, from the values in the address. */
export function filtersOf(kind, filters) {
  const out = {};
  for (const [field, values] of Object.entries(filters)) {
    const base = field.replace(/\.unknown$/, "");
    if (base !== field && filters[base]) continue;
    const condition = conditionOf(typeOf(kind, field), values);
    const unknown = filters[`${field}.unknown`]?.[0];
    if (unknown === undefined) out[field] = condition;
    else out[field] = { ...(isObject(condition) ? condition : { any: [condition].flat() }), unknown };
  }
  return out;
}

function conditionOf(type, values) {
  const range = values.length === 1 && (type === "number" || type === "date") ? rangeOf(type, values[0]) : undefined;
  if (range) return range;
  const typed = values.map((value) => typedValue(type, value));
  return typed.length === 1 ? typed[0] : typed;
}

function rangeOf(type, value) {
  const parts = value.split("..");
  if (parts.length !== 2) return undefined;
  const [gte, lte] = parts;
  const range = {};
  if (gte !== "") range.gte = typedValue(type, gte);
  if (lte !== "") range.lte = typedValue(type, lte);
  return range;
}

// What is no number is sent as it is: the server says best what is wrong.
function typedValue(type, value) {
  if (type === "number" && value.trim() !== "" && Number.isFinite(Number(value))) return Number(value);
  if (type === "flag" && (value === "true" || value === "false")) return value === "true";
  return value;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The range filters worth offering: numbers, pay, and when it was posted. */
export function rangesOf(kind) {
  const ranges = [];
  for (const [name, field] of kind.fields) {
    if (field.type === "pay") {
      // Who offers is asked for its best, who wants for its least.
      if (field.role === "wants") ranges.push({ field: `${name}.min`, of: name, type: "number", bounds: ["lte"], unit: "a year" });
      else ranges.push({ field: `${name}.max`, of: name, type: "number", bounds: ["gte"], unit: "a year" });
    } else if (field.type === "number") ranges.push({ field: name, of: name, type: "number", bounds: ["gte", "lte"], unit: field.unit });
    else if (field.type === "date" && field.as !== "expires") ranges.push({ field: name, of: name, type: "date", bounds: ["gte"] });
  }
  return ranges.filter(({ field }) => kind.columns.has(field));
}

/** The orders worth offering besides the score, as `sort` members. */
export function sortsOf(kind) {
  const sorts = [];
  for (const [name, field] of kind.fields) {
    if (field.type === "date" && field.as === "posted") sorts.push({ sort: `-${name}`, text: "Newest first" });
    else if (field.type === "pay" && field.role === "wants") sorts.push({ sort: `${name}.min`, text: "Pay: low to high" });
    else if (field.type === "pay") sorts.push({ sort: `-${name}.max`, text: "Pay: high to low" });
    else if (field.type === "number" && field.as === "years") sorts.push({ sort: `-${name}`, text: "Experience: most first" }, { sort: name, text: "Experience: least first" });
  }
  return sorts.filter(({ sort }) => kind.columns.has(sort.replace("-", "")));
}
