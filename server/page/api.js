// Alone talks to the server. Owns the API key and turns every
// failure into a `Problem`; knows nothing of the page.

const KEY = "tandem.key";

/** What went wrong, as problem+json says it. */
export class Problem extends Error {
  constructor(fields) {
    super(fields.title);
    this.fields = fields;
  }
}

let onUnauthorized = () => {};

/** `listener` is called whenever the server asks for a key. */
export function whenUnauthorized(listener) {
  onUnauthorized = listener;
}

/** Keeps the key for this tab only; an empty one forgets it. */
export function setKey(key) {
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
}

/** The kinds the server holds. */
export function kinds(signal) {
  return call("GET", "/v1/kinds", undefined, signal);
}

let known;

/** The profiles of the score, asked for once; none where the server does not say. */
export function profiles() {
  known ??= call("GET", "/v1/profiles").then(({ answer }) => answer.profiles, () => {
    known = undefined;
    return [];
  });
  return known;
}

/** One stored document; `blind` leaves out who it is about. */
export function read(kind, id, signal, blind) {
  return call("GET", `/v1/${encodeURIComponent(kind)}/${encodeURIComponent(id)}${blind ? "?blind=true" : ""}`, undefined, signal);
}

/** Any POST of the contract: search, match. */
export function post(path, body, signal) {
  return call("POST", path, body, signal);
}

/** What could be meant by the beginning of a text: GET /v1/suggest of a kind. */
export function suggest(kind, params, signal) {
  return call("GET", `/v1/suggest/${encodeURIComponent(kind)}?${new URLSearchParams(params)}`, undefined, signal);
}

/** The same request as a shell command, to start from. */
export function asCurl(path, body) {
  const json = JSON.stringify(body).replaceAll("'", "'\\''");
  return `curl -s ${location.origin}${path} -H 'content-type: application/json' -d '${json}'`;
}

/** Every hit of a search or match as a file: POST /v1/export. */
export async function exported(path, body) {
  const response = await send("POST", path, body, undefined, "text/csv");
  return response.blob();
}

async function call(method, path, body, signal) {
  const response = await send(method, path, body, signal, "application/json");
  return { answer: await response.json(), ms: serverMs(response) };
}

async function send(method, path, body, signal, accept) {
  const headers = { accept };
  if (body !== undefined) headers["content-type"] = "application/json";
  const key = sessionStorage.getItem(KEY);
  if (key) headers.authorization = `Bearer ${key}`;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(navigator.onLine === false
      ? { status: 0, title: "You are offline", detail: "This is asked again as soon as there is a connection." }
      : { status: 0, title: "The server did not answer", detail: "It may have been stopped, or the connection is gone." });
  }
  if (response.status === 401) onUnauthorized();
  if (!response.ok) throw new Problem(await problemOf(response));
  return response;
}

async function problemOf(response) {
  const fallback = { status: response.status, title: `The server answered ${response.status}`, detail: response.statusText };
  try {
    return { ...fallback, ...(await response.json()) };
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return fallback;
  }
}

// `total` when the server names one, else the sum of its phases.
function serverMs(response) {
  const header = response.headers.get("server-timing") ?? "";
  const phases = [...header.matchAll(/([\w.-]+)[^,]*?;\s*dur=([\d.]+)/g)].map(([, name, ms]) => [name, Number(ms)]);
  const total = phases.find(([name]) => name === "total");
  if (total) return total[1];
  return phases.length > 0 ? phases.reduce((sum, [, ms]) => sum + ms, 0) : undefined;
}
