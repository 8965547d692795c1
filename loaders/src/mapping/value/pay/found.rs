//! Amounts and ranges in a row of tokens, with what stands around them.

use super::super::Fault;
use super::tokens::{self, Token, What};
use super::{Bounds, Pay, PayRule, no_currency, sign};

/// An amount or a range of two, in the tokens `start..end`.
#[derive(Clone, Debug)]
pub(super) struct Found {
    start: usize,
    pub(super) end: usize,
    low: (f64, Option<f64>),
    high: Option<(f64, Option<f64>)>,
    /// The token that names the currency.
    pub(super) currency: Option<usize>,
}

/// Lakh and crore.
const INDIAN: [f64; 2] = [1e5, 1e7];
const RANGE_WORDS: [&str; 13] = [
    "to", "bis", "à", "a", "and", "und", "et", "y", "hasta", "tot", "till", "til", "do",
];

impl Found {
    /// The next amount at or after a token, with the one it reaches to.
    pub(super) fn after(tokens: &[Token], from: usize) -> Option<Self> {
        let amount = |place: usize| tokens.get(place)?.amount();
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
        let reaches = tokens.get(place).is_some_and(|token| {
            let word = token.word();
            token.what == What::Dash || word.is_some_and(|word| RANGE_WORDS.contains(&word))
        });
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
    pub(super) fn is_noise(&self, tokens: &[Token]) -> bool {
        let percent = |place: usize| {
            let what = tokens.get(place).map(|token| &token.what);
            matches!(what, Some(What::Percent))
        };
        if percent(self.end) || self.is_numbered(tokens) {
            return true;
        }
        let next = tokens.get(self.end).and_then(Token::word);
        let counted = next.is_some_and(|word| COUNTED.contains(&word));
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

    pub(super) fn read(&self, tokens: &[Token], rule: &PayRule) -> Result<Option<Pay>, Fault> {
        let own = self.currency.and_then(|place| tokens.get(place));
        let mut currency = match own {
            Some(token) => sign(&token.what, rule)?,
            None => None,
        };
        let is_indian = [Some(self.low), self.high]
            .into_iter()
            .flatten()
            .any(|(_, unit)| unit.is_some_and(|unit| INDIAN.contains(&unit)));
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
            before
                .iter()
                .skip(near)
                .any(|token| token.word().is_some_and(|word| words.contains(&word)))
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
    let word = |place: usize| {
        let token = tokens.get(place)?;
        token
            .word()
            .or((token.what == What::Slash).then_some("per"))
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
