// Values and names as people read them. Value in, text out.

const LOCALE = "en";
const INTEGER = new Intl.NumberFormat(LOCALE);
const DECIMAL = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const DAY = new Intl.DateTimeFormat(LOCALE, { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" });
const RELATIVE = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
const COUNTRY = new Intl.DisplayNames([LOCALE], { type: "region", fallback: "code" });
const MS_PER_DAY = 86_400_000;

const LABELS = {
  "location.city": "City",
  "location.country": "Country",
  "location.region": "Region",
  posted_at: "Posted",
  updated_at: "Updated",
  expires_at: "Expires",
  years: "Years of experience",
  years_min: "Years asked for",
  pay_wanted: "Pay wanted",
  skills_preferred: "Preferred skills",
  url: "Link",
};

/** `open_to` → `Open to`; names of the default kinds have their own wording. */
export function label(field) {
  if (LABELS[field]) return LABELS[field];
  const words = field.replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const PARTS = {
  text: "Words",
  "text.title": "in the title",
  "text.text": "in the text",
  "text.name": "in the name",
  "text.skills": "in the skills",
  similarity: "Similar meaning",
  skills: "Skills",
  "skills.required": "Required skills",
  "skills.preferred": "Preferred skills",
  stand_ins: "Text for skills",
  experience: "Experience",
  title: "Title",
  years: "Years",
  seniority: "Seniority",
  education: "Education",
  degree: "Degree",
  languages: "Languages",
  certificates: "Certificates",
  place: "Place",
  pay: "Pay",
  availability: "Availability",
  contract: "Contract",
  remote: "Remote work",
  freshness: "Freshness",
  rating: "Rating",
  floor: "Not below 0",
  ceiling: "Not above 100",
  gate: "Gate",
};

const GROUPS = { search: "Search", adjustment: "Adjustments", limit: "Limit" };

/** The name of a group of contributions. */
export function groupLabel(name) {
  return GROUPS[name] ?? partLabel(name);
}

/** A contribution's name for people; one the page does not know stays as it is. */
export function partLabel(name) {
  return PARTS[name] ?? name.replace(/^boost:/, "");
}

/** The same where it stands alone: `Words in the title`. */
export function partName(name) {
  return name.startsWith("text.") ? `${PARTS.text} ${partLabel(name)}` : partLabel(name);
}

/** `1,234`. */
export function count(value) {
  return INTEGER.format(value);
}

/** Points of a million as 0.0 to 100.0. */
export function score(points) {
  return tenths(Math.round(points / 1_000));
}

/** Tenths of a point of 100: `914` → `91.4`, `-12` → `−1.2`. */
export function tenths(value) {
  return `${value < 0 ? "−" : ""}${(Math.abs(value) / 10).toFixed(1)}`;
}

/** The singular of a kind's name, for sentences. */
export function singular(kind) {
  if (/ies$/.test(kind)) return kind.replace(/ies$/, "y");
  return /[^s]s$/.test(kind) ? kind.slice(0, -1) : kind;
}

/** `n` with the kind's name: `1 job`, `1,234 jobs`. */
export function counted(n, kind) {
  return `${count(n)} ${n === 1 ? singular(kind) : kind}`;
}

/** The rule of a total in plain words. */
export function rule(text, kind) {
  const plain = text.replace(/^the documents/, `the ${kind}`)
    .replace(/ and match the expression$/, " and say exactly what the Boolean query asks for")
    .replace(/ most similar with a cosine of at least [\d.]+$/, " closest in meaning");
  return `${plain.charAt(0).toUpperCase()}${plain.slice(1)}.`;
}

/** A place: text, or its parts from narrow to wide. */
export function place(value) {
  if (typeof value === "string") return value;
  if (value === null || typeof value !== "object") return "";
  if (typeof value.text === "string" && value.text) return value.text;
  const parts = [value.city, value.region, value.country && country(value.country)].filter(Boolean);
  return parts.filter((part, i) => part !== parts[i - 1]).join(", ");
}

/** `DE` → `Germany`; anything that is not a country code stays. */
export function country(code) {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  return COUNTRY.of(code) ?? code;
}

/** An amount with its currency; without one a plain number. */
export function money(value, currency) {
  const digits = Number.isInteger(value) ? 0 : 2;
  try {
    return new Intl.NumberFormat(LOCALE, { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  } catch {
    return `${DECIMAL.format(value)}${currency ? ` ${currency}` : ""}`;
  }
}

/** An amount in few signs, for narrow places: `€80K`. */
export function moneyShort(value, currency) {
  try {
    return new Intl.NumberFormat(LOCALE, { style: "currency", currency, notation: "compact", maximumFractionDigits: 1 }).format(value);
  } catch {
    return money(value, currency);
  }
}

/** `year` → `a year`. */
export function per(period) {
  return `${period === "hour" ? "an" : "a"} ${period}`;
}

/** A distance of at least a kilometre in whole ones. */
export function distance(km) {
  return km < 1 ? "less than 1 km away" : `${count(Math.round(km))} km away`;
}

/** Pay as a range with its period: `€60,000 – €80,000 a year`. */
export function pay(value) {
  if (value === null || typeof value !== "object") return value === undefined || value === null ? "" : String(value);
  const { min, max, currency, period } = value;
  const every = period ? ` ${per(period)}` : "";
  const low = typeof min === "number";
  const high = typeof max === "number";
  if (low && high && min !== max) return `${money(min, currency)} – ${money(max, currency)}${every}`;
  if (low && high) return `${money(min, currency)}${every}`;
  if (low) return `from ${money(min, currency)}${every}`;
  if (high) return `up to ${money(max, currency)}${every}`;
  return "";
}

/** A date within a month as a distance, an older or later one as a day. */
export function date(value, now = Date.now()) {
  const time = Date.parse(value);
  if (Number.isNaN(time)) return String(value);
  const days = Math.round((time - now) / MS_PER_DAY);
  return Math.abs(days) <= 30 ? RELATIVE.format(days, "day") : DAY.format(time);
}

/** A date as a day, for tooltips and the document. */
export function day(value) {
  const time = Date.parse(value);
  return Number.isNaN(time) ? String(value) : DAY.format(time);
}

/** Years with their unit. */
export function years(value) {
  return `${DECIMAL.format(value)} ${value === 1 ? "year" : "years"}`;
}

/** The names in a skills field: strings, or objects with a name. */
export function skillNames(value) {
  const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return list.map((skill) => (typeof skill === "object" && skill !== null ? skill.name : skill)).filter((name) => typeof name === "string" && name !== "");
}

const NAMED = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'", nbsp: " ", ndash: "–", mdash: "—", hellip: "…", bull: "•", rsquo: "’", lsquo: "‘", ldquo: "“", rdquo: "”", eacute: "é", egrave: "è", agrave: "à", ccedil: "ç", auml: "ä", ouml: "ö", uuml: "ü", szlig: "ß", euro: "€" };

/** A text whose source left HTML's entities in it; what is none stays. */
export function decoded(text) {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name) return NAMED[name] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 31 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** How a text begins, in whole words of at most `letters`. */
export function beginning(text, letters) {
  const line = decoded(text).replaceAll(/(?:https?:\/\/|www\.)\S*/gi, " ").replaceAll(/\s+/g, " ").trim();
  if (line.length <= letters) return line;
  const cut = line.slice(0, letters + 1);
  const end = cut.lastIndexOf(" ");
  return `${(end > 0 ? cut.slice(0, end) : [...cut].slice(0, letters).join("")).replace(/[\s,;:–|-]+$/, "")} …`;
}

/** Any scalar as text. */
export function plain(value) {
  if (typeof value === "number") return DECIMAL.format(value);
  if (typeof value === "boolean") return value ? "Yes" : "No";
  return String(value);
}

/** A facet's value as text. */
export function facetValue(field, value) {
  return /country$/.test(field) ? country(String(value)) : String(value);
}
