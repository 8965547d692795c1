//! The pay model. Invented: log-normal by occupation, level and place, plausible, measured nowhere.

use serde::Serialize;

use super::career::Level;
use super::data::{City, Country, Data, Occupation};
use super::rng::{Rng, grow};

/// A pay range in the documents' natural form.
#[derive(Clone, Serialize)]
pub(super) struct Pay {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max: Option<f64>,
    pub(super) currency: &'static str,
    pub(super) period: &'static str,
}

/// Full-time hours of a year.
const YEAR_HOURS: f64 = 2_080.0;

/// The spread of the logarithm of pay within an occupation, a level and a place.
const SPREAD: f64 = 0.17;

/// US dollars a year by job zone, before all factors.
const ZONE_USD: [f64; 5] = [31_000.0, 37_500.0, 54_000.0, 84_000.0, 104_000.0];

/// Country, currency, its amount per US dollar of pay, period of salaries, period of low pay.
const PLACES: [(&str, &str, f64, &str, &str); 18] = [
    ("US", "USD", 1.0, "year", "hour"),
    ("GB", "GBP", 0.56, "year", "hour"),
    ("DE", "EUR", 0.72, "year", "month"),
    ("FR", "EUR", 0.58, "year", "month"),
    ("NL", "EUR", 0.68, "year", "month"),
    ("CA", "CAD", 1.0, "year", "hour"),
    ("IN", "INR", 15.0, "year", "month"),
    ("IE", "EUR", 0.72, "year", "hour"),
    ("CH", "CHF", 1.12, "year", "month"),
    ("AT", "EUR", 0.66, "year", "month"),
    ("SE", "SEK", 6.6, "month", "month"),
    ("ES", "EUR", 0.46, "year", "year"),
    ("AU", "AUD", 1.2, "year", "hour"),
    ("PL", "PLN", 2.3, "month", "month"),
    ("IT", "EUR", 0.48, "year", "month"),
    ("BE", "EUR", 0.66, "month", "month"),
    ("PT", "EUR", 0.36, "year", "month"),
    ("SG", "SGD", 1.0, "month", "month"),
];

fn place_factor(city: &City) -> f64 {
    let region = match city.region {
        "CA" | "DC" => 1.15,
        "NY" | "MA" | "WA" | "NJ" => 1.12,
        "CT" | "MD" | "CO" | "VA" | "IL" => 1.04,
        "MS" | "AR" | "WV" | "AL" | "OK" | "LA" | "KY" => 0.86,
        "TN" | "SC" | "NM" | "ID" | "IN" | "MO" | "KS" => 0.92,
        _ => 1.0,
    };
    let name = match city.name {
        "San Francisco" | "San Jose" | "Zürich" => 1.15,
        "New York" | "London" | "Munich" | "Paris" | "Seattle" | "Boston" => 1.1,
        "Frankfurt" | "Amsterdam" | "Dublin" | "Stuttgart" | "Hamburg" | "Toronto" | "Sydney"
        | "Bengaluru" => 1.05,
        _ => 1.0,
    };
    region * name
}

fn round_to(amount: f64, step: f64) -> f64 {
    (amount / step).round() * step
}

/// The range an ad offers for the occupation at the level in the place.
pub(super) fn offer(
    rng: &mut Rng,
    data: &Data,
    occupation: &Occupation,
    level: Level,
    country: &Country,
    city: &City,
) -> Pay {
    let (_, currency, rate, salaried, low) = PLACES
        .iter()
        .find(|place| place.0 == country.code)
        .copied()
        .unwrap_or(PLACES[0]);
    let common = occupation.common.as_ref().map_or(1.0, |common| common.pay);
    // Preparation counts more for lower zones in the same group: group factors are damped there.
    let group = data.groups[occupation.group].pay;
    let base =
        ZONE_USD[usize::from(occupation.zone.clamp(1, 5)) - 1] * group * common * level.pay();
    let year = base * rate * place_factor(city) * occupation.pay * grow(SPREAD * rng.bell());
    let spread = 0.06 + 0.16 * rng.unit();
    let period = if occupation.zone <= 2 && level.pay() < 1.3 {
        low
    } else {
        salaried
    };
    let (parts, step) = match (period, currency) {
        ("hour", _) => (YEAR_HOURS, if rng.chance(50) { 0.5 } else { 0.25 }),
        ("month", "INR" | "SEK") => (12.0, 500.0),
        ("month", _) => (12.0, 50.0),
        (_, "INR") => (1.0, 50_000.0),
        (_, _) => (1.0, if rng.chance(70) { 1_000.0 } else { 500.0 }),
    };
    // No range starts below what a legal minimum would be.
    let floor = if period == "hour" && currency != "GBP" {
        12.5
    } else if period == "hour" {
        12.25
    } else {
        0.0
    };
    let min = round_to(year * (1.0 - spread) / parts, step).max(floor);
    let max = round_to(year * (1.0 + spread) / parts, step).max(min + step);
    Pay {
        min: Some(min),
        max: rng.chance(90).then_some(max),
        currency,
        period,
    }
}

/// How many of 100 ads of the country say their pay.
pub(super) fn told_percent(country: &str) -> usize {
    match country {
        "US" => 40,
        "GB" | "IE" => 55,
        _ => 22,
    }
}

/// The pay as an ad would write it: "$52,000 – $61,000 a year".
pub(super) fn written(pay: &Pay) -> String {
    let sign = match pay.currency {
        "USD" | "CAD" | "AUD" | "SGD" => "$",
        "GBP" => "£",
        "EUR" => "€",
        "INR" => "₹",
        _ => "",
    };
    let unit = if sign.is_empty() {
        format!(" {}", pay.currency)
    } else {
        String::new()
    };
    let each = match pay.period {
        "hour" => " an hour",
        "month" => " a month",
        _ => " a year",
    };
    match (pay.min, pay.max) {
        (Some(min), Some(max)) => {
            format!("{sign}{} – {sign}{}{unit}{each}", amount(min), amount(max))
        }
        (Some(one), None) | (None, Some(one)) => format!("{sign}{}{unit}{each}", amount(one)),
        (None, None) => String::new(),
    }
}

fn amount(value: f64) -> String {
    if value < 1_000.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut out = String::with_capacity(digits.len() + 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
