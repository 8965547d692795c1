// Where the thumbs of the sliders stop. Pay differs by currency and period;
// the stops are round numbers of about the same worth.

const YEARLY = [20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 100_000, 120_000, 150_000, 200_000];
const YEARS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20];

/** Periods of pay, with how many there are in a year and the stops of a euro, dollar or pound. */
export const PERIODS = {
  year: { inYear: 1, stops: YEARLY },
  month: { inYear: 12, stops: [1_500, 2_000, 2_500, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000, 12_500, 15_000] },
  week: { inYear: 52, stops: [400, 500, 600, 800, 1_000, 1_200, 1_500, 2_000, 2_500, 3_000, 4_000] },
  day: { inYear: 260, stops: [80, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1_000] },
  hour: { inYear: 2_080, stops: [10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100] },
};

// A round number of units that is worth about a euro.
const UNITS = { SEK: 10, NOK: 10, DKK: 10, PLN: 5, CZK: 25, HUF: 400, RON: 5, TRY: 40, INR: 50, JPY: 150, CNY: 8, KRW: 1_500, HKD: 8, BRL: 5, MXN: 20, ZAR: 20, THB: 40, PHP: 50, IDR: 15_000, ILS: 4 };

/** Currencies offered before the data says which it has. */
export const CURRENCIES = ["EUR", "USD", "GBP", "CHF", "CAD", "AUD", "SEK", "PLN", "INR", "JPY"];

const usual = new Map();
const chosen = new Map();

/** Remembers the currency most documents have, so that the slider starts with it. */
export function rememberCurrency(field, currency) {
  if (currency && !usual.has(field)) usual.set(field, currency);
}

/** Keeps a choice of `currency` or `period` that no bound carries into the address yet. */
export function prefer(field, rule, value) {
  chosen.set(field, { ...chosen.get(field), [rule]: value });
}

/** The currency, period and stops of a pay filter as it is set now. */
export function payStops(field, filters) {
  const bound = filters[field] !== undefined;
  const of = (rule, fallback) => (bound ? filters[`${field}.${rule}`]?.[0] : chosen.get(field)?.[rule]) ?? fallback;
  const currency = of("currency", usual.get(field) ?? "EUR").toUpperCase();
  const name = of("period", "year");
  const period = PERIODS[name] ?? PERIODS.year;
  const unit = UNITS[currency] ?? 1;
  return { currency, period: { name: PERIODS[name] ? name : "year", ...period }, stops: period.stops.map((stop) => stop * unit) };
}

/** The stops for years of experience. */
export function numberStops() {
  return YEARS;
}
