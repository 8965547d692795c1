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

/** The fields that are places with columns of their own. */
export function placeFields(kind) {
  return [...kind.fields].filter(([name, field]) => field.type === "place" && kind.columns.has(`${name}.city`)).map(([name]) => name);
}

/** Whether a range of `rangesOf` is one of pay. */
export function isPayField(range) {
  return range.type === "pay";
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
    if (isRule(kind, filters, field)) continue;
    const type = typeOf(kind, field);
    const condition = conditionOf(type, values);
    const unknown = filters[`${field}.unknown`]?.[0];
    const rules = unknown === undefined ? {} : { unknown };
    if (type === "pay") for (const rule of ["currency", "period"]) if (filters[`${field}.${rule}`]) rules[rule] = filters[`${field}.${rule}`][0];
    if (Object.keys(rules).length === 0) out[field] = condition;
    else out[field] = { ...(isObject(condition) ? condition : { any: [condition].flat() }), ...rules };
  }
  return out;
}

/**
 * Whether a filter of the address is no condition but a rule of another one:
 * `pay.currency` beside `pay`, `pay.unknown`, or what is left of them alone.
 */
export function isRule(kind, filters, field) {
  const dot = field.lastIndexOf(".");
  if (dot < 0) return false;
  const [base, rule] = [field.slice(0, dot), field.slice(dot + 1)];
  if (rule === "unknown") return filters[base] !== undefined;
  return typeOf(kind, base) === "pay" && (rule === "period" || (rule === "currency" && filters[base] !== undefined));
}

function conditionOf(type, values) {
  const range = values.length === 1 && (type === "number" || type === "date" || type === "pay") ? rangeOf(type, values[0]) : undefined;
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
  if ((type === "number" || type === "pay") && value.trim() !== "" && Number.isFinite(Number(value))) return Number(value);
  if (type === "flag" && (value === "true" || value === "false")) return value === "true";
  return value;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The range filters worth offering: pay, numbers, and when it was posted. */
export function rangesOf(kind) {
  const ranges = [];
  for (const [name, field] of kind.fields) {
    if (field.type === "pay" && kind.columns.has(`${name}.max`)) ranges.push({ field: name, type: "pay", slider: true });
    else if (field.type === "number" && kind.columns.has(name)) ranges.push({ field: name, type: "number", slider: field.as === "years" });
    else if (field.type === "date" && field.as !== "expires" && kind.columns.has(name)) ranges.push({ field: name, type: "date" });
  }
  const order = ["pay", "number", "date"];
  return ranges.sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
}

/** The orders worth offering besides the score, as `sort` members. */
export function sortsOf(kind, { near }) {
  const sorts = near ? [{ sort: "distance", text: "Nearest first" }] : [];
  for (const [name, field] of kind.fields) {
    if (field.type === "date" && field.as === "posted") sorts.push({ sort: `-${name}`, text: "Newest first" });
    else if (field.type === "pay" && field.as === "pay" && field.role === "wants") sorts.push({ sort: "pay", text: "Pay: low to high" });
    else if (field.type === "pay" && field.as === "pay") sorts.push({ sort: "-pay", text: "Pay: high to low" });
    else if (field.type === "number" && field.as === "years") sorts.push({ sort: `-${name}`, text: "Experience: most first" }, { sort: name, text: "Experience: least first" });
  }
  return sorts;
}
