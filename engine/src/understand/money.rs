//! Pay as people type it: `80k`, `€60-70k`, `25/h`, `up to 50 per hour`. Owns
//! what of a query's words is an amount of pay and what is only a number; knows
//! nothing of documents.

mod names;

use super::tokens::{Token, phrase};
use names::{ABOUT, AND, BETWEEN, COUNTED, CURRENCIES, HIGH, LOW, PERIODS};

/// Pay that was said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    /// At least.
    pub(crate) low: Option<f64>,
    /// At most.
    pub(crate) high: Option<f64>,
    /// One amount without a word of which side it bounds.
    pub(crate) plain: bool,
    /// ISO 4217 code, where one was named; `$` is `Some("$")`.
    pub(crate) currency: Option<&'static str>,
    /// hour, day, week, month or year.
    pub(crate) period: &'static str,
    /// The tokens that are numbers.
    pub(crate) numbers: Vec<usize>,
}

/// A number with what is written on to it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Amount {
    value: f64,
    thousands: bool,
    currency: Option<&'static str>,
    bound: Option<Side>,
    more: bool,
    period: Option<&'static str>,
    // The upper end of `60-70k`.
    upper: Option<Box<Amount>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Low,
    High,
}

fn currency(text: &str) -> Option<&'static str> {
    let of = |names: &[&str]| names.contains(&text);
    CURRENCIES
        .iter()
        .find(|(_, names)| of(names))
        .map(|(code, _)| *code)
}

fn period_of(text: &str) -> Option<&'static str> {
    let named = PERIODS.iter().find(|(_, names)| names.contains(&text));
    named.map(|(name, _)| *name)
}

// `eur`, and `eur/day`, which must be known to its end.
fn currency_with_period(text: &str) -> Option<(&'static str, Option<&'static str>)> {
    let cut = text.find('/').unwrap_or(text.len());
    let (name, period) = text.split_at_checked(cut)?;
    let code = currency(name)?;
    if period.is_empty() {
        return Some((code, None));
    }
    period_of(period).map(|period| (code, Some(period)))
}

// A sign or code at the beginning of a text, and what is behind it.
fn leading_currency(text: &str) -> (Option<&'static str>, &str) {
    let named = CURRENCIES
        .iter()
        .flat_map(|(code, names)| names.iter().map(move |name| (*code, *name)))
        .filter_map(|(code, name)| Some((code, name, text.strip_prefix(name)?)))
        .filter(|(_, _, rest)| !rest.starts_with(char::is_alphabetic) || rest.starts_with('k'))
        .max_by_key(|(_, name, _)| name.len());
    named.map_or((None, text), |(code, _, rest)| (Some(code), rest))
}

// The digits at the beginning as a number: `80`, `80,000`, `80.000`, `22.50`.
fn leading_number(text: &str) -> Option<(f64, &str)> {
    let end = text
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '’')))
        .map_or(text.len(), |(at, _)| at);
    let written = text.get(..end)?.trim_end_matches(['.', ',', '\'', '’']);
    let rest = text.get(written.len()..)?;
    let groups: Vec<&str> = written.split(['.', ',', '\'', '’']).collect();
    let (first, others) = groups.split_first()?;
    if first.is_empty() || first.len() > 9 {
        return None;
    }
    let digits = |groups: &[&str]| groups.concat().parse::<f64>().ok();
    let value = match others.split_last() {
        None => digits(&groups)?,
        Some((last, middle)) => {
            let threes = |groups: &[&str]| groups.iter().all(|group| group.len() == 3);
            if first.len() <= 3 && threes(others) {
                digits(&groups)?
            } else if threes(middle) && (1..=2).contains(&last.len()) {
                let whole = digits(&groups[..groups.len() - 1])?;
                format!("{whole}.{last}").parse().ok()?
            } else {
                return None;
            }
        }
    };
    Some((value, rest))
}

// One token as an amount; the whole token must be one.
fn amount(text: &str) -> Option<Amount> {
    let mut out = Amount::default();
    let mut rest = text;
    for (sign, side) in [
        (">=", Side::Low),
        ("<=", Side::High),
        (">", Side::Low),
        ("<", Side::High),
    ] {
        if let Some(behind) = rest.strip_prefix(sign) {
            (rest, out.bound) = (behind, Some(side));
            break;
        }
    }
    rest = rest.trim_start_matches('~');
    (out.currency, rest) = leading_currency(rest);
    (out.value, rest) = leading_number(rest)?;
    if let Some(behind) = rest.strip_prefix('k') {
        (rest, out.thousands) = (behind, true);
    }
    if out.currency.is_none() {
        (out.currency, rest) = leading_currency(rest);
        if let Some(behind) = rest.strip_prefix('k').filter(|_| out.currency.is_some()) {
            (rest, out.thousands) = (behind, true);
        }
    }
    if let Some(behind) = rest.strip_prefix('+') {
        (rest, out.more) = (behind, true);
    }
    if rest.is_empty() {
        return Some(out);
    }
    if rest.starts_with('/') {
        out.period = period_of(rest);
        return out.period.is_some().then_some(out);
    }
    let behind = rest
        .strip_prefix(['-', '–', '—'])
        .or_else(|| rest.strip_prefix(".."))?;
    let upper = amount(behind)?;
    if upper.bound.is_some() || upper.upper.is_some() || upper.more {
        return None;
    }
    out.period = upper.period;
    out.upper = Some(Box::new(upper));
    Some(out)
}

// The longest of some phrases at the beginning: how many tokens it has.
fn any_phrase(tokens: &[Token], phrases: &[&str]) -> usize {
    let lengths = phrases.iter().filter_map(|text| phrase(tokens, text));
    lengths.max().unwrap_or(0)
}

struct Reader<'t, 'q> {
    tokens: &'t [Token<'q>],
    at: usize,
    currency: Option<&'static str>,
    // Written on to the currency: `500 eur/day`.
    period: Option<&'static str>,
    numbers: Vec<usize>,
}

impl Reader<'_, '_> {
    fn rest(&self) -> &[Token<'_>] {
        self.tokens.get(self.at..).unwrap_or(&[])
    }

    fn skip(&mut self, phrases: &[&str]) -> bool {
        let count = any_phrase(self.rest(), phrases);
        self.at += count;
        count > 0
    }

    fn take_currency(&mut self) {
        let next = self.rest().first().map(|token| token.text.as_str());
        if self.currency.is_none()
            && let Some((code, period)) = next.and_then(currency_with_period)
        {
            self.currency = Some(code);
            self.period = period;
            self.at += 1;
        }
    }

    // `80k`, `80 k`, `80 000`, `EUR 80k`, `80k EUR`.
    fn amount(&mut self) -> Option<Amount> {
        self.take_currency();
        let mut amount = amount(&self.rest().first()?.text)?;
        self.numbers.push(self.at);
        self.at += 1;
        let plain = amount.upper.is_none() && !amount.thousands && amount.period.is_none();
        let group =
            |token: &Token| token.text.len() == 3 && token.text.bytes().all(|b| b.is_ascii_digit());
        if plain && (1.0..1_000.0).contains(&amount.value) && !amount.more {
            while let Some(token) = self.rest().first().filter(|token| group(token)) {
                amount.value = amount.value * 1_000.0 + token.text.parse::<f64>().ok()?;
                self.numbers.push(self.at);
                self.at += 1;
            }
        }
        if plain && self.skip(&["k", "tsd"]) {
            amount.thousands = true;
        }
        let inside = amount.upper.as_ref().and_then(|upper| upper.currency);
        self.currency = self.currency.or(amount.currency).or(inside);
        self.take_currency();
        if self.skip(&["+"]) {
            amount.more = true;
        }
        Some(amount)
    }

    fn period(&mut self) -> Option<&'static str> {
        // `40 € / Std`.
        if let [slash, unit, ..] = self.rest()
            && slash.text == "/"
            && let Some(name) = period_of(&format!("/{}", unit.text))
        {
            self.at += 2;
            return Some(name);
        }
        let of = |names: &[&str]| any_phrase(self.rest(), names);
        let (name, count) = PERIODS
            .iter()
            .map(|(name, names)| (*name, of(names)))
            .max_by_key(|(_, count)| *count)?;
        self.at += count;
        (count > 0).then_some(name)
    }
}

/// The pay the tokens begin with, and how many of them say it.
pub(crate) fn read(tokens: &[Token]) -> Option<(usize, Said)> {
    let mut reader = Reader {
        tokens,
        at: 0,
        currency: None,
        period: None,
        numbers: Vec::new(),
    };
    reader.skip(&ABOUT);
    let mut side = None;
    let mut between = false;
    if reader.skip(&LOW) {
        side = Some(Side::Low);
    } else if reader.skip(&HIGH) {
        side = Some(Side::High);
    } else {
        between = reader.skip(&BETWEEN);
    }
    let first = reader.amount()?;
    let mut second = first.upper.clone().map(|upper| *upper);
    let mark = reader.at;
    if second.is_none() && side != Some(Side::High) && reader.skip(&AND) {
        second = reader.amount();
        if second.as_ref().is_none_or(|upper| upper.upper.is_some()) {
            second = None;
            reader.at = mark;
            reader.numbers.retain(|at| *at < mark);
        }
    }
    if between && second.is_none() {
        return None;
    }
    let of_number = first
        .period
        .or(second.as_ref().and_then(|upper| upper.period));
    let period = of_number.or(reader.period);
    let period = period.or_else(|| reader.period());
    // Either side of an amount may say it is pay: `80k salary`.
    let named = reader.skip(&["salary", "gehalt", "salaire", "gross", "brutto"]);
    if reader
        .rest()
        .first()
        .is_some_and(|next| COUNTED.contains(&next.text.as_str()))
    {
        return None;
    }
    let said = decide(&first, second.as_ref(), &reader, (side, period, named))?;
    Some((reader.at, said))
}

type Around = (Option<Side>, Option<&'static str>, bool);

// Whether the amounts are pay, and of which period.
fn decide(
    first: &Amount,
    second: Option<&Amount>,
    reader: &Reader<'_, '_>,
    (side, period, named): Around,
) -> Option<Said> {
    let thousands = |amount: &Amount| if amount.thousands { 1_000.0 } else { 1.0 };
    let mut low = first.value * thousands(first);
    let high = second.map(|upper| upper.value * thousands(upper));
    // `60-70k` is 60k to 70k.
    if second.is_some_and(|upper| upper.thousands) && !first.thousands && low < 1_000.0 {
        low *= 1_000.0;
    }
    let k = first.thousands || second.is_some_and(|upper| upper.thousands);
    let most = high.unwrap_or(low);
    if high.is_some_and(|high| high < low) || low <= 0.0 || most > 1e9 {
        return None;
    }
    let period = match (period, reader.currency) {
        (Some(period), Some(_)) => period,
        (Some(period), None) if k || usual(period, low, most) => period,
        // An amount with a currency has the period it is usual for.
        (None, Some(_)) if low >= 10_000.0 => "year",
        (None, Some(_)) if low >= 1_000.0 => "month",
        (None, Some(_)) if (5.0..250.0).contains(&low) && !k => "hour",
        // 401(k) and 403(b) are plans; less than 20k a year is more often a
        // count of something.
        (None, None) if k && low >= 20_000.0 && most < 1e6 && (low - 401_000.0).abs() > 1.0 => {
            "year"
        }
        (None, None) if named && low >= 10_000.0 => "year",
        _ => return None,
    };
    let side = side.or(first.bound);
    let more = first.more || second.is_some_and(|upper| upper.more);
    let (low, high) = match (side, high) {
        (_, Some(high)) => (Some(low), Some(high).filter(|_| !more)),
        (Some(Side::High), None) => (None, Some(low)),
        (Some(Side::Low) | None, None) => (Some(low), None),
    };
    Some(Said {
        plain: side.is_none() && high.is_none() && !more,
        low,
        high,
        currency: reader.currency,
        period,
        numbers: reader.numbers.clone(),
    })
}

// Whether an amount is one that people are paid in that period.
fn usual(period: &str, low: f64, most: f64) -> bool {
    let (least, greatest) = match period {
        "hour" => (5.0, 500.0),
        "day" => (50.0, 5_000.0),
        "week" => (200.0, 20_000.0),
        "month" => (500.0, 100_000.0),
        _ => (5_000.0, 5e6),
    };
    low >= least && most <= greatest
}

#[cfg(test)]
mod tests;
