//! Pay as people write it: "60-70k €", "$53K-$91K (Glassdoor est.)", "20 €/h",
//! "Up to $120k". Owns how amounts, currency and period are told from a text;
//! what is written unclearly is an error that says what is missing, never a
//! guess. A text without an amount ("competitive") says nothing.

mod tokens;

use serde_json::{Map, Value};

use super::{Fault, money, number};
use crate::mapping::path::text_of;
use tokens::{Token, What};

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
        let found = tokens.iter().find_map(|token| match token.what {
            What::Amount { number, unit } => Some(number * unit.unwrap_or(1.0)),
            _ => None,
        });
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

/// An amount or a range of two, in the tokens `start..end`.
#[derive(Clone, Debug)]
struct Found {
    start: usize,
    end: usize,
    low: (f64, Option<f64>),
    high: Option<(f64, Option<f64>)>,
    /// The token that names the currency.
    currency: Option<usize>,
}

const RANGE_WORDS: [&str; 13] = [
    "to", "bis", "à", "a", "and", "und", "et", "y", "hasta", "tot", "till", "til", "do",
];

impl Found {
    /// The next amount at or after a token, with the one it reaches to.
    fn after(tokens: &[Token], from: usize) -> Option<Self> {
        let amount = |place: usize| match tokens.get(place)?.what {
            What::Amount { number, unit } => Some((number, unit)),
            _ => None,
        };
        let is_sign = |place: usize| {
            let what = tokens.get(place).map(|token| &token.what);
            matches!(what, Some(What::Currency(_) | What::Dollar | What::Krone))
        };
        let at = (from..tokens.len()).find(|place| amount(*place).is_some())?;
        let before = at
            .checked_sub(1)
            .filter(|place| *place >= from && is_sign(*place));
        let mut found = Self {
            start: before.unwrap_or(at),
            end: at + 1,
            low: amount(at)?,
            high: None,
            currency: before,
        };
        if is_sign(found.end) && !starts_next(tokens, found.end) {
            found.currency = found.currency.or(Some(found.end));
            found.end += 1;
        }
        let mut place = skip_period(tokens, found.end);
        let reaches = match tokens.get(place).map(|token| &token.what) {
            Some(What::Dash) => true,
            Some(What::Word(word)) => RANGE_WORDS.contains(&word.as_str()),
            _ => false,
        };
        if !reaches {
            return Some(found);
        }
        place += 1;
        let second = Some(place).filter(|place| is_sign(*place));
        place += usize::from(second.is_some());
        if let Some(high) = amount(place) {
            found.high = Some(high);
            found.end = place + 1;
            found.currency = found.currency.or(second);
            if is_sign(found.end) && !starts_next(tokens, found.end) {
                found.currency = found.currency.or(Some(found.end));
                found.end += 1;
            }
        }
        Some(found)
    }

    /// Numbers that are no pay: shares, percentages, years, hours a week.
    fn is_noise(&self, tokens: &[Token]) -> bool {
        let percent = |place: usize| {
            let what = tokens.get(place).map(|token| &token.what);
            matches!(what, Some(What::Percent))
        };
        if percent(self.end) || self.is_numbered(tokens) {
            return true;
        }
        let next = tokens.get(self.end).map(|token| &token.what);
        let counted = match next {
            Some(What::Word(word)) => COUNTED.contains(&word.as_str()),
            _ => false,
        };
        self.currency.is_none() && counted
    }

    // "FP-07" is a grade: a word, a dash and the number without a space.
    fn is_numbered(&self, tokens: &[Token]) -> bool {
        let token = |back: usize| tokens.get(self.start.checked_sub(back)?);
        let (word, dash, number) = (token(2), token(1), token(0));
        matches!(word.map(|token| &token.what), Some(What::Word(_)))
            && dash.is_some_and(|dash| dash.what == What::Dash && dash.glued)
            && number.is_some_and(|number| number.glued)
    }

    fn read(&self, tokens: &[Token], rule: &PayRule) -> Result<Option<Pay>, Fault> {
        let own = self.currency.and_then(|place| tokens.get(place));
        let mut currency = match own {
            Some(token) => sign(&token.what, rule)?,
            None => None,
        };
        let is_indian = [Some(self.low), self.high]
            .into_iter()
            .flatten()
            .any(|(_, unit)| matches!(unit, Some(unit) if unit == 1e5 || unit == 1e7));
        if currency.is_none() {
            // "Salary in EUR: 60-70k", "6-8 LPA", and what the mapping says.
            let elsewhere = tokens
                .iter()
                .find_map(|token| sign(&token.what, rule).ok()?);
            let indian = is_indian.then(|| "INR".to_owned());
            currency = elsewhere.or(indian).or_else(|| rule.currency.clone());
        }
        let bounds = self.bounds(tokens);
        if bounds.is_nothing() {
            return Ok(None);
        }
        let currency = currency.ok_or_else(no_currency)?;
        let (before, after) = self.around(tokens);
        let period = tokens::period_in(after)
            .or_else(|| tokens::period_in(tokens.get(self.start..self.end).unwrap_or_default()))
            .or_else(|| tokens::period_in(before))
            .or(rule.period)
            .or_else(|| bounds.inferred(&currency))
            .or_else(|| tokens::period_in(tokens));
        bounds.checked(currency, period).map(Some)
    }

    /// The tokens around, to the next amounts or breaks.
    fn around<'a>(&self, tokens: &'a [Token]) -> (&'a [Token], &'a [Token]) {
        let ends = |token: &Token| matches!(token.what, What::Amount { .. } | What::Break);
        let before = tokens.get(..self.start).unwrap_or_default();
        let after = tokens.get(self.end..).unwrap_or_default();
        let from = before.iter().rposition(ends).map_or(0, |place| place + 1);
        let to = after.iter().position(ends).unwrap_or(after.len());
        (
            before.get(from..).unwrap_or_default(),
            after.get(..to).unwrap_or_default(),
        )
    }

    fn bounds(&self, tokens: &[Token]) -> Bounds {
        let signed = self.currency.is_some();
        let (low, unit) = self.low;
        let in_k = [unit, self.high.and_then(|(_, unit)| unit)].contains(&Some(1e3));
        if let Some((high, high_unit)) = self.high {
            // "80-100k" and "€50K – 70": the k is meant for both.
            let shared = |own: Option<f64>, number: f64, other: Option<f64>| {
                own.or(other.filter(|_| number < 1_000.0)).unwrap_or(1.0)
            };
            return Bounds {
                min: Some(low * shared(unit, low, high_unit)),
                max: Some(high * shared(high_unit, high, unit)),
                signed,
                in_k,
            };
        }
        let amount = Some(low * unit.unwrap_or(1.0));
        let plus = tokens.get(self.end);
        let glued = plus.is_some_and(|token| token.what == What::Plus && token.glued);
        let (before, _) = self.around(tokens);
        let near = before.len().saturating_sub(3);
        let says = |words: &[&str]| {
            before.iter().skip(near).any(|token| match &token.what {
                What::Word(word) => words.contains(&word.as_str()),
                _ => false,
            })
        };
        let (min, max) = if says(&UP_TO) {
            (None, amount)
        } else if glued || says(&FROM) {
            (amount, None)
        } else {
            (amount, amount)
        };
        Bounds {
            min,
            max,
            signed,
            in_k,
        }
    }
}

const COUNTED: [&str; 37] = [
    "years",
    "yrs",
    "year",
    "jahre",
    "jahren",
    "ans",
    "años",
    "hours",
    "hrs",
    "h",
    "stunden",
    "heures",
    "horas",
    "days",
    "tage",
    "tagen",
    "jours",
    "días",
    "weeks",
    "wochen",
    "months",
    "monate",
    "monaten",
    "mois",
    "meses",
    "monatsgehälter",
    "monatsgehältern",
    "pagas",
    "mensualités",
    "mensualidades",
    "employees",
    "people",
    "shares",
    "options",
    "x",
    "stock",
    "st",
];
const UP_TO: [&str; 12] = [
    "up",
    "upto",
    "bis",
    "zu",
    "jusqu'à",
    "jusqu’à",
    "jusque",
    "hasta",
    "max",
    "maximum",
    "tot",
    "under",
];
const FROM: [&str; 16] = [
    "from",
    "ab",
    "starting",
    "starts",
    "start",
    "partir",
    "desde",
    "vanaf",
    "från",
    "min",
    "minimum",
    "least",
    "mindestens",
    "over",
    "above",
    "fra",
];

/// A sign before an amount belongs to that amount: "10 $20".
fn starts_next(tokens: &[Token], place: usize) -> bool {
    let glued = |place: usize| tokens.get(place).is_some_and(|token| token.glued);
    let next = tokens.get(place + 1).map(|token| &token.what);
    matches!(next, Some(What::Amount { .. })) && glued(place + 1) && !glued(place)
}

/// "$60,000 a year - $70,000 a year": the place behind the period.
fn skip_period(tokens: &[Token], from: usize) -> usize {
    let word = |place: usize| match tokens.get(place).map(|token| &token.what) {
        Some(What::Word(word)) => Some(word.as_str()),
        Some(What::Slash) => Some("per"),
        _ => None,
    };
    match (word(from), word(from + 1)) {
        (Some("per" | "a" | "an" | "pro" | "par"), Some(period))
            if tokens::period_after_per(period).is_some() =>
        {
            from + 2
        }
        _ => from,
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
