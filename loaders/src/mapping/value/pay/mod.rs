//! Pay as people write it: "60-70k €", "$53K-$91K (Glassdoor est.)", "20 €/h",
//! "Up to $120k". Owns how amounts, currency and period are told from a text;
//! what is written unclearly is an error that says what is missing, never a
//! guess. A text without an amount ("competitive") says nothing.

mod found;
mod tokens;

use serde_json::{Map, Value};

use super::{Fault, money, number};
use crate::mapping::path::text_of;
use found::Found;
use tokens::What;

/// What a mapping or a record says of pay beside the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::mapping) struct PayRule {
    currency: Option<String>,
    period: Option<&'static str>,
}

/// Pay in its own currency and period.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::mapping) struct Pay {
    pub(in crate::mapping) min: Option<f64>,
    pub(in crate::mapping) max: Option<f64>,
    pub(in crate::mapping) currency: String,
    pub(in crate::mapping) period: &'static str,
}

/// What a period's pay can be, in dollars; outside it is a misreading.
const PLAUSIBLE: [(&str, f64, f64); 5] = [
    ("hour", 1.0, 600.0),
    ("day", 10.0, 6_000.0),
    ("week", 40.0, 15_000.0),
    ("month", 80.0, 30_000.0),
    ("year", 3_000.0, 5_000_000.0),
];
/// From here an amount without a period is a year's: nobody earns it in a month.
const YEAR_FROM: f64 = 26_000.0;
/// From here one that is written in thousands: "£25K" is a year's.
const YEAR_FROM_K: f64 = 10_000.0;
/// Up to here an amount with a sign and without a period is an hour's: nobody
/// earns so little in a day.
const HOUR_TO: f64 = 40.0;

impl PayRule {
    /// Checks currency and period; an error names the key.
    pub(in crate::mapping) fn new(
        currency: Option<&str>,
        period: Option<&str>,
    ) -> Result<Self, (&'static str, String)> {
        let currency = match currency {
            None => None,
            Some(text) => Some(currency_of(text).ok_or((
                "currency",
                "expected an ISO 4217 code such as EUR".to_owned(),
            ))?),
        };
        let period = match period {
            None => None,
            Some(text) => Some(period_of(text).ok_or((
                "period",
                "expected hour, day, week, month or year".to_owned(),
            ))?),
        };
        Ok(Self { currency, period })
    }

    /// The rule with what columns of the record say.
    pub(in crate::mapping) fn told(
        &self,
        currency: Option<&str>,
        period: Option<&str>,
    ) -> Result<Self, Fault> {
        let mut rule = self.clone();
        if let Some(text) = currency {
            let code = currency_of(text);
            rule.currency = Some(code.ok_or_else(|| {
                Fault::new(
                    "unknown_currency",
                    "the currency's column has no code, sign or word that is known",
                )
            })?);
        }
        if let Some(text) = period {
            let found = period_of(text);
            rule.period = Some(found.ok_or_else(|| {
                Fault::new(
                    "unknown_period",
                    "the period's column names no hour, day, week, month or year",
                )
            })?);
        }
        Ok(rule)
    }
}

fn currency_of(text: &str) -> Option<String> {
    let text = text.trim();
    let is_code = text.len() == 3 && text.chars().all(|c| c.is_ascii_uppercase());
    let known = money::code(text).map(str::to_owned);
    known.or_else(|| is_code.then(|| text.to_owned()))
}

// "year", "YEARLY", "per hour", "1 YEAR", "h".
fn period_of(text: &str) -> Option<&'static str> {
    let words = text.to_lowercase();
    let mut words = words.split(|c: char| !c.is_alphabetic() && c != '.');
    words.find_map(|word| tokens::period_after_per(word.trim_end_matches('.')))
}

impl Pay {
    /// As documents have it.
    pub(in crate::mapping) fn to_json(&self) -> Value {
        let mut parts = Map::new();
        for (name, amount) in [("min", self.min), ("max", self.max)] {
            if let Some(amount) = amount {
                parts.insert(name.to_owned(), number::json(amount));
            }
        }
        parts.insert("currency".to_owned(), self.currency.as_str().into());
        parts.insert("period".to_owned(), self.period.into());
        Value::Object(parts)
    }
}

/// Pay whose bounds have columns of their own.
pub(in crate::mapping) fn from_amounts(
    min: Option<&Value>,
    max: Option<&Value>,
    rule: &PayRule,
) -> Result<Option<Value>, Fault> {
    let mut currency = rule.currency.clone();
    let mut amount = |value: Option<&Value>| -> Result<Option<f64>, Fault> {
        let Some(value) = value else { return Ok(None) };
        if let Some(number) = value.as_f64() {
            return Ok(Some(number));
        }
        let text = text_of(value).unwrap_or_default();
        let tokens = tokens::of(&text);
        if currency.is_none() {
            currency = tokens
                .iter()
                .find_map(|token| sign(&token.what, rule).ok()?);
        }
        let found = tokens.iter().find_map(tokens::Token::amount);
        let found = found.map(|(number, unit)| number * unit.unwrap_or(1.0));
        found
            .map(Some)
            .ok_or_else(|| Fault::new("not_pay", "no amount in the column"))
    };
    let (min, max) = (amount(min)?, amount(max)?);
    let bounds = Bounds {
        min,
        max,
        signed: true,
        in_k: false,
    };
    if bounds.is_nothing() {
        return Ok(None);
    }
    let currency = currency.ok_or_else(no_currency)?;
    let period = rule.period.or_else(|| bounds.inferred(&currency));
    bounds
        .checked(currency, period)
        .map(|pay| Some(pay.to_json()))
}

/// Pay from a text; `None` where it has no amount.
pub(in crate::mapping) fn from_text(text: &str, rule: &PayRule) -> Result<Option<Pay>, Fault> {
    let tokens = tokens::of(text);
    let mut matches = Vec::new();
    let mut from = 0;
    while let Some(found) = Found::after(&tokens, from) {
        from = found.end;
        if !found.is_noise(&tokens) {
            matches.push(found);
        }
    }
    // Amounts beside a currency come first: "4 days a week, $52K".
    matches.sort_by_key(|found| found.currency.is_none());
    let mut first = None;
    for found in &matches {
        match found.read(&tokens, rule) {
            Ok(Some(pay)) => return Ok(Some(pay)),
            Ok(None) => {}
            Err(fault) => first = first.or(Some(fault)),
        }
    }
    first.map_or(Ok(None), Err)
}

fn no_currency() -> Fault {
    Fault::new(
        "no_currency",
        "an amount without a currency: say currency = \"…\"",
    )
}

/// The currency a sign says.
fn sign(what: &What, rule: &PayRule) -> Result<Option<String>, Fault> {
    let default = rule.currency.as_deref();
    match what {
        What::Currency(code) => Ok(Some((*code).to_owned())),
        What::Dollar => {
            let own = default.filter(|code| money::DOLLARS.contains(code));
            Ok(Some(own.unwrap_or("USD").to_owned()))
        }
        What::Krone => {
            let own = default.filter(|code| money::KRONER.contains(code));
            own.map(|code| Some(code.to_owned())).ok_or_else(|| {
                Fault::new(
                    "no_currency",
                    "kr is of Sweden, Norway, Denmark or Iceland: say currency = \"…\"",
                )
            })
        }
        What::Amount { .. }
        | What::Percent
        | What::Dash
        | What::Slash
        | What::Plus
        | What::Break
        | What::Word(_)
        | What::Other => Ok(None),
    }
}

struct Bounds {
    min: Option<f64>,
    max: Option<f64>,
    /// Whether a currency stands beside the amounts.
    signed: bool,
    /// Whether they are written in thousands.
    in_k: bool,
}

impl Bounds {
    fn amounts(&self) -> impl Iterator<Item = f64> {
        [self.min, self.max]
            .into_iter()
            .flatten()
            .filter(|amount| *amount != 0.0)
    }

    fn is_nothing(&self) -> bool {
        self.amounts().next().is_none()
    }

    /// The period the amounts leave no doubt about.
    fn inferred(&self, currency: &str) -> Option<&'static str> {
        let scale = money::scale(currency);
        let year_from = if self.in_k { YEAR_FROM_K } else { YEAR_FROM };
        if self.amounts().any(|amount| amount >= year_from * scale) {
            return Some("year");
        }
        let small = self.amounts().all(|amount| amount <= HOUR_TO * scale);
        (self.signed && small).then_some("hour")
    }

    fn checked(self, currency: String, period: Option<&'static str>) -> Result<Pay, Fault> {
        let period = period.ok_or_else(|| {
            Fault::new(
                "no_period",
                "an amount of an hour, a day, a month or a year: say period = \"…\"",
            )
        })?;
        let scale = money::scale(&currency);
        let fits = PLAUSIBLE
            .iter()
            .find(|(name, ..)| *name == period)
            .is_some_and(|(_, least, most)| {
                self.amounts()
                    .all(|amount| (least * scale..=most * scale).contains(&amount))
            });
        if !fits {
            let what = format!("an amount that cannot be the pay of one {period}");
            return Err(Fault::new("implausible_pay", what));
        }
        let known = |amount: Option<f64>| amount.filter(|amount| *amount != 0.0);
        let (min, max) = (known(self.min), known(self.max));
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            return Err(Fault::new(
                "implausible_pay",
                "the lowest is above the highest",
            ));
        }
        Ok(Pay {
            min,
            max,
            currency,
            period,
        })
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
