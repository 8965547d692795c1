//! Pay an ad offers. Owns which amounts of money are pay; how amounts are
//! written is `amount`'s.
//!
//! An amount is pay if the words before it say so and no nearer word says
//! otherwise ("bonus", "raised", "budget"); a range alone on its line, in the
//! title, or with a period behind it is pay too. Sure: 95 where words and period
//! are there, 80 without one of them, 60 for a number alone with its period.

mod amount;

use super::{Fact, Prose, Reading, Section, Value};
use amount::{Amount, Per, amounts, per, unit};

/// Bytes in front of an amount in which words say what it is.
const BEFORE_BYTES: usize = 110;
/// A line on which pay stands alone has so many other bytes at most.
const ALONE_BYTES: usize = 60;
/// Currencies that `$` may stand for.
const DOLLARS: [&str; 7] = ["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"];
/// Bytes behind an amount that may say that it is none.
const BEHIND_BYTES: usize = 48;

/// One amount or two that belong together.
#[derive(Clone, Copy, Debug)]
struct Range {
    start: usize,
    end: usize,
    low: f64,
    // None for one number.
    high: Option<f64>,
    open: bool,
    currency: &'static str,
    period: Option<&'static str>,
    other: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Pay,
    Earnings,
    Other,
    Nothing,
}

pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    if reading.prose != Prose::Ad {
        return;
    }
    let text = reading.text;
    let amounts = amounts(text);
    let mut found: Vec<(bool, Fact)> = Vec::new();
    let mut at = 0;
    while let Some(first) = amounts.get(at) {
        let (range, used) = range(text, first, amounts.get(at + 1));
        at += used;
        if let Some(range) = range
            && let Some((earnings, fact)) = judged(reading, range)
        {
            found.push((earnings, fact));
        }
    }
    join_sides(&mut found);
    // On-target earnings count only where no pay is said.
    let plain = found.iter().any(|(earnings, _)| !earnings);
    let kept = found
        .into_iter()
        .filter(|(earnings, _)| !(plain && *earnings));
    out.extend(kept.map(|(_, fact)| fact));
}

// "start at $18/hour … up to $40/hour": the two sides of one range, where
// nothing else is said.
fn join_sides(found: &mut Vec<(bool, Fact)>) {
    let [(_, first), (_, second)] = found.as_mut_slice() else {
        return;
    };
    let Value::Pay {
        min,
        max: max @ None,
        currency,
        period,
    } = &mut first.value
    else {
        return;
    };
    let Value::Pay {
        min: None,
        max: Some(most),
        currency: other,
        period: every,
    } = &second.value
    else {
        return;
    };
    if currency == other && period == every && min.is_some_and(|least| least < *most) {
        *max = Some(*most);
        found.truncate(1);
    }
}

// The range an amount begins, and how many amounts it takes.
fn range(text: &str, first: &Amount, next: Option<&Amount>) -> (Option<Range>, usize) {
    let behind = |end: usize| text.get(end..).unwrap_or_default();
    let (mut end, mut said) = (first.end, per(behind(first.end)));
    if let Per::Period(_, length) = said {
        end += length;
    }
    let one = |end: usize, said: Per| {
        let range = first
            .currency
            .filter(|_| !first.huge)
            .map(|currency| Range {
                start: first.start,
                end,
                low: first.value,
                high: None,
                open: first.open,
                currency,
                period: period(said),
                other: said == Per::Other,
            });
        (range, 1)
    };
    let Some(next) = next else {
        return one(end, said);
    };
    let gap = text.get(end..next.start).unwrap_or("\n");
    // "$90,000 - $110,000 CAD": the code says which dollars.
    let dollars = |code: Option<&str>| code.is_some_and(|code| DOLLARS.contains(&code));
    let named = first.currency == Some("USD") && dollars(next.currency);
    let currency = if named {
        next.currency
    } else {
        first.currency.or(next.currency)
    };
    let same = named
        || first.currency.is_none()
        || next.currency.is_none()
        || first.currency == next.currency;
    let (Some(currency), true) = (currency, same && connects(text, first, gap)) else {
        return one(end, said);
    };
    if first.huge || next.huge {
        return (None, 2);
    }
    let (mut low, mut high) = (first.value, next.value);
    // "80-100k", "$120-$140,000".
    if !first.thousands && low < 1_000.0 && high >= 10_000.0 {
        low *= 1_000.0;
    } else if first.thousands && !next.thousands && high < 1_000.0 {
        high *= 1_000.0;
    }
    if high < low {
        std::mem::swap(&mut low, &mut high);
    }
    // "$18/hour to 40 hours": two numbers of one thing are near each other.
    if high > low * 12.0 {
        return one(end, said);
    }
    end = next.end;
    match per(behind(next.end)) {
        Per::Period(name, length) => {
            said = Per::Period(name, length);
            end += length;
        }
        Per::Other => said = Per::Other,
        Per::Unsaid => {}
    }
    let range = Range {
        start: first.start,
        end,
        low,
        high: Some(high),
        open: false,
        currency,
        period: period(said),
        other: said == Per::Other,
    };
    (Some(range), 2)
}

fn period(said: Per) -> Option<&'static str> {
    match said {
        Per::Period(name, _) => Some(name),
        Per::Other | Per::Unsaid => None,
    }
}

fn connects(text: &str, first: &Amount, gap: &str) -> bool {
    let word = gap.trim_matches([' ', '\u{a0}', '*', '\\', '.']);
    let joins = [
        "-", "–", "—", "‒", "−", "~", "to", "bis", "à", "tot", "till", "-to-", "up to", "- up to",
        "â€“", "&ndash;",
    ];
    if joins.iter().any(|join| join.eq_ignore_ascii_case(word)) {
        return true;
    }
    let ands = ["and", "und", "et", "en", "&", "och"];
    ands.iter().any(|join| join.eq_ignore_ascii_case(word)) && {
        let before = tail(text, first.start, 16);
        let opens = ["between", "zwischen", "entre", "tussen", "mellan", "from"];
        let last = before.split_whitespace().next_back().unwrap_or_default();
        opens.iter().any(|word| word.eq_ignore_ascii_case(last))
    }
}

fn tail(text: &str, end: usize, bytes: usize) -> &str {
    let from = text.ceil_char_boundary(end.saturating_sub(bytes));
    text.get(from..end).unwrap_or_default()
}

fn judged(reading: &Reading<'_>, range: Range) -> Option<(bool, Fact)> {
    let text = reading.text;
    if range.other {
        return None;
    }
    let before = tail(text, range.start, BEFORE_BYTES);
    let (mut says, before_period) = look_back(before);
    let behind = text.get(range.end..).unwrap_or_default().trim_start();
    if behind
        .get(..3)
        .is_some_and(|word| word.eq_ignore_ascii_case("ote"))
    {
        says = Says::Earnings;
    }
    let period = range.period.or(before_period);
    if says == Says::Other || spoilt(text, &range) {
        return None;
    }
    let in_title = reading
        .title
        .is_some_and(|(_, end)| range.start < end as usize);
    let section = reading.line_at(range.start as u32).map(|line| line.section);
    let sure = match (says, period, range.high) {
        (Says::Pay | Says::Earnings, Some(_), _) => 95,
        (Says::Pay | Says::Earnings, None, _) => 80,
        (_, Some(_), Some(_)) if section != Some(Section::About) => 80,
        (_, _, Some(_)) if in_title || alone(reading, &range) => 80,
        (_, _, None) if in_title => 60,
        (_, Some("hour"), None) if section != Some(Section::Offered) => 60,
        _ => return None,
    };
    let period = period.or_else(|| usual_period(range.low, range.currency))?;
    if !plausible(&range, period) {
        return None;
    }
    let (min, max) = match range.high {
        Some(high) => (Some(range.low), Some(high)),
        None => one_sided(text, &range, before),
    };
    let fact = Fact {
        value: Value::Pay {
            min,
            max,
            currency: range.currency,
            period,
        },
        start: range.start as u32,
        end: range.end as u32,
        sure,
    };
    Some((says == Says::Earnings, fact))
}

// Currencies of which people say a month's pay, and from where on it is a
// year's.
const MONTHLY: [(&str, f64); 10] = [
    ("PLN", 40_000.0),
    ("CZK", 300_000.0),
    ("HUF", 3_000_000.0),
    ("RON", 40_000.0),
    ("SEK", 120_000.0),
    ("NOK", 120_000.0),
    ("DKK", 120_000.0),
    ("AMD", 5_000_000.0),
    ("PHP", 150_000.0),
    ("AED", 60_000.0),
];

// Where no period is said: hours are paid in tens, years in ten thousands.
fn usual_period(amount: f64, currency: &str) -> Option<&'static str> {
    if let Some((_, year)) = MONTHLY.iter().find(|(code, _)| *code == currency) {
        return Some(if amount < *year { "month" } else { "year" });
    }
    match amount {
        10_000.0.. => Some("year"),
        250.0.. => Some("month"),
        7.0..200.0 => Some("hour"),
        _ => None,
    }
}

// Bounds for currencies of about a dollar's worth; others are worth less.
fn plausible(range: &Range, period: &str) -> bool {
    let (least, most) = match period {
        "hour" => (3.0, 1_000.0),
        "day" => (20.0, 10_000.0),
        "week" => (50.0, 30_000.0),
        "month" => (150.0, 100_000.0),
        _ => (4_000.0, 3_000_000.0),
    };
    let big = ["USD", "EUR", "GBP", "CAD", "AUD", "NZD", "SGD", "CHF"].contains(&range.currency);
    range.low >= least && (!big || range.high.unwrap_or(range.low) <= most)
}

fn one_sided(text: &str, range: &Range, before: &str) -> (Option<f64>, Option<f64>) {
    let ends = |phrases: &[&str]| {
        let before = before.trim_end().trim_end_matches([':', '*']).trim_end();
        let start = before.len().saturating_sub(24);
        let last = before.get(before.ceil_char_boundary(start)..);
        let last = last.unwrap_or_default().to_lowercase();
        phrases.iter().any(|phrase| last.ends_with(phrase))
    };
    let behind = text.get(range.end..).unwrap_or_default();
    let next: String = behind.trim_start().chars().take(12).collect();
    let next = next.to_lowercase();
    let amount = Some(range.low);
    let most = [
        "up to",
        "upto",
        "maximum",
        "max",
        "max.",
        "maximum of",
        "bis zu",
        "jusqu'à",
        "to a maximum of",
    ];
    let least = [
        "from",
        "starting at",
        "starts at",
        "start at",
        "starting from",
        "minimum",
        "minimum of",
        "at least",
        "min",
        "min.",
        "ab",
        "à partir de",
        "begins at",
        "starting rate",
    ];
    if ends(&most) || next.starts_with("max") {
        (None, amount)
    } else if range.open
        || ends(&least)
        || next.starts_with("minimum")
        || next.starts_with("and up")
    {
        (amount, None)
    } else {
        (amount, amount)
    }
}

// Whether the range is all its line says, but for a few signs and words.
fn alone(reading: &Reading<'_>, range: &Range) -> bool {
    let Some(line) = reading.line_at(range.start as u32) else {
        return false;
    };
    let (start, end) = (line.start as usize, (line.end as usize).max(range.end));
    // Before letters are counted: a text may be one line.
    if end - start > (range.end - range.start) + ALONE_BYTES {
        return false;
    }
    let letters = |from: usize, to: usize| {
        let part = reading.text.get(from..to).unwrap_or_default();
        part.chars().filter(|c| c.is_alphabetic()).count()
    };
    letters(start, range.start) + letters(range.end, end) <= 24
}

#[rustfmt::skip]
const PAY_WORDS: [&str; 58] = [
    "salary", "salaries", "salay", "pay", "paid", "pays", "paying", "payrate", "compensation", "comp", "wage", "wages",
    "remuneration", "earn", "earns", "earning", "earnings", "ctc", "rate", "rates", "gehalt", "jahresgehalt",
    "monatsgehalt", "bruttogehalt", "einstiegsgehalt", "vergütung", "lohn", "stundenlohn", "bruttojahresgehalt",
    "rémunération", "salaire", "tjm", "vergoeding", "stagevergoeding", "salaris", "lön", "månadslön", "grundlön",
    "gage", "salarisindicatie", "salario", "retribución", "stipendio", "ral", "verdienst", "jahresbrutto", "enumeration",
    "package", "internship", "base", "tarif", "taux", "honorarium", "tuntipalkka", "bruttolön", "brutto", "payscale", "payband",
];

#[rustfmt::skip]
const OTHER_WORDS: [&str; 78] = [
    "bonus", "bonuses", "raised", "raising", "raise", "funding", "revenue", "revenues", "budget", "budgets", "valued",
    "valuation", "worth", "sales", "assets", "reimbursement", "reimbursements", "reimburse", "reimbursed", "allowance", "allowances", "insurance", "tuition",
    "stipend", "stipends", "grant", "grants", "prize", "prizes", "savings", "save", "saved", "endowment", "referral", "refer",
    "discount", "discounts", "credit", "credits", "fee", "fees", "cost", "costs", "deposit", "fund", "funds", "investment",
    "invest", "invested", "portfolio", "spend", "spending", "purchase", "transactions", "deals", "quota", "401k",
    "pension", "match", "matching", "wellness", "learning", "gift", "voucher", "vouchers", "loan", "loans", "debt",
    "commission", "commissions", "reward", "fine", "fines", "equity", "perk", "perks", "subsidy", "donated",
];

// What the words before an amount say, the nearest first, and the period they
// name.
fn look_back(before: &str) -> (Says, Option<&'static str>) {
    let (mut says, mut period) = (Says::Nothing, None);
    let mut past_amount = false;
    let words = before.rsplit(|c: char| !c.is_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        let is_in = |list: &[&str]| {
            list.iter().any(|one| one.eq_ignore_ascii_case(word))
                || (!word.is_ascii() && list.contains(&word.to_lowercase().as_str()))
        };
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            past_amount = true;
        }
        if period.is_none() && !past_amount && word.len() > 3 {
            period =
                unit(word).filter(|_| word.ends_with("ly") || word.len() > 4 || word == "hour");
        }
        if says != Says::Nothing {
            continue;
        }
        if word.eq_ignore_ascii_case("ote") || word.eq_ignore_ascii_case("target") {
            says = Says::Earnings;
        } else if is_in(&PAY_WORDS) {
            says = Says::Pay;
        } else if is_in(&OTHER_WORDS) {
            says = Says::Other;
        }
    }
    if says == Says::Other && trainee_allowance(before) {
        says = Says::Pay;
    }
    (says, period)
}

// What trainees get is called an allowance, a stipend or a fee.
fn trainee_allowance(before: &str) -> bool {
    let low = before.to_lowercase();
    let kinds = [
        "allowance",
        "stipend",
        "fee",
        "compensation",
        "reimbursement",
    ];
    let whose = [
        "internship",
        "graduation",
        "intern",
        "thesis",
        "placement",
        "training",
    ];
    kinds.iter().any(|kind| {
        let at = low.rfind(kind);
        let front = at.and_then(|at| low.get(..at)).unwrap_or_default();
        let last = front.split_whitespace().next_back().unwrap_or_default();
        whose.contains(&last)
    })
}

// Whether what stands behind says that it is no pay.
fn spoilt(text: &str, range: &Range) -> bool {
    let behind = text.get(range.end..).unwrap_or_default();
    let end = behind.floor_char_boundary(behind.len().min(BEHIND_BYTES));
    let behind = behind.get(..end).unwrap_or_default();
    // "$2,500 for 10 students".
    if behind.strip_prefix(" for ").is_some_and(|rest| {
        rest.starts_with("each")
            || rest.starts_with("every")
            || rest.starts_with(|c: char| c.is_ascii_digit())
    }) {
        return true;
    }
    // Up to the end of the sentence, another amount's words, or another field:
    // "per year Benefits: 401(k) Dental insurance".
    let stops = [
        "\n", ". ", "; ", ":", "+", " plus ", ", ", " and ", " with ", " & ",
    ];
    let end = stops.iter().filter_map(|stop| behind.find(stop)).min();
    let near = behind
        .get(..end.unwrap_or(behind.len()))
        .unwrap_or_default();
    let words = near.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty()).take(6).any(|word| {
        OTHER_WORDS
            .iter()
            .chain(&["annual"])
            .any(|one| one.eq_ignore_ascii_case(word))
    })
}

#[cfg(test)]
mod tests;
