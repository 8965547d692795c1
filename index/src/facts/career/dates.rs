//! Dates and periods as CVs write them: `02/2013 to Current`, `Jan 2010 – March
//! 2012`, `2005-2008`, `seit 2019`, `03.2015 – heute`. Owns their notation; says
//! nothing of what happened then.

use crate::facts::{End, Month};

/// A year alone may be so many years behind the latest date.
const BARE_YEARS_MAX: u16 = 6;
/// Years that a career may name.
const YEARS: std::ops::RangeInclusive<u16> = 1940..=2060;

/// A period, or a month alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Period {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) from: Month,
    /// None for a date alone.
    pub(super) to: Option<End>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Date {
    start: usize,
    end: usize,
    month: Month,
    // A four-digit year alone, which may be any number.
    bare: bool,
}

#[rustfmt::skip]
const MONTHS: [(&str, u8); 45] = [
    ("january", 1), ("february", 2), ("march", 3), ("april", 4), ("may", 5), ("june", 6), ("july", 7), ("august", 8),
    ("september", 9), ("october", 10), ("november", 11), ("december", 12), ("jan", 1), ("feb", 2), ("mar", 3), ("apr", 4),
    ("jun", 6), ("jul", 7), ("aug", 8), ("sept", 9), ("sep", 9), ("oct", 10), ("nov", 11), ("dec", 12),
    ("januar", 1), ("jänner", 1), ("februar", 2), ("märz", 3), ("mai", 5), ("juni", 6), ("juli", 7), ("oktober", 10),
    ("dezember", 12), ("okt", 10), ("dez", 12), ("janvier", 1), ("février", 2), ("mars", 3), ("avril", 4), ("juin", 6),
    ("juillet", 7), ("septembre", 9), ("octobre", 10), ("novembre", 11), ("décembre", 12),
];

// Seasons begin with these months.
const SEASONS: [(&str, u8); 6] = [
    ("spring", 3),
    ("summer", 6),
    ("fall", 9),
    ("autumn", 9),
    ("winter", 12),
    ("sommer", 6),
];

const NOWS: [&str; 17] = [
    "current",
    "currently",
    "present",
    "now",
    "today",
    "ongoing",
    "date",
    "heute",
    "aktuell",
    "jetzt",
    "continuing",
    "aujourd'hui",
    "actuel",
    "actualidad",
    "presente",
    "heden",
    "till date",
];

const JOINS: [&str; 20] = [
    "-", "–", "—", "‒", "−", "--", "to", "until", "till", "til", "through", "thru", "bis", "à",
    "tot", "/", "- to", "&ndash;", "â€“", "~",
];

/// The periods and dates of a text, in order.
pub(super) fn periods(text: &str) -> Vec<Period> {
    let dates = dates(text);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = dates.get(at) {
        at += 1;
        let mut period = Period {
            start: first.start,
            end: first.end,
            from: first.month,
            to: None,
        };
        if let Some(next) = dates.get(at).filter(|next| {
            joins(text, first.end, next.start)
                && !(first.bare && next.bare && is_version(text, first.start))
        }) {
            if next.month.year >= first.month.year {
                period.to = Some(End::At(next.month));
                period.end = next.end;
                at += 1;
            }
        } else if let Some(end) = now_behind(text, first.end) {
            period.to = Some(End::Now);
            period.end = end;
        } else if let Some((end, year)) = short_year(text, first) {
            period.to = Some(End::At(Month { year, month: None }));
            period.end = end;
        } else if let Some(start) = since(text, first.start) {
            period.to = Some(End::Now);
            period.start = start;
        }
        if period.to.is_some() || !first.bare {
            found.push(period);
        }
    }
    found
}

/// The latest month a text names. Years alone count too, if they are not far
/// behind the dates: "2050" is no date.
pub(super) fn latest(text: &str) -> Option<Month> {
    let order = |month: &Month| (month.year, month.month.unwrap_or(12));
    let periods = periods(text);
    let ends = periods.iter().filter_map(|period| match period.to {
        Some(End::At(month)) => Some(month),
        Some(End::Now) | None => None,
    });
    let froms = periods
        .iter()
        .filter(|period| !is_ahead(text, period.start));
    let froms = froms.map(|period| period.from);
    let sure = froms.chain(ends).max_by_key(order)?;
    let dates = dates(text);
    let dates = dates.iter().filter(|date| !is_ahead(text, date.start));
    let month = dates.clone().filter(|date| !date.bare);
    let month = month
        .map(|date| date.month)
        .chain([sure])
        .max_by_key(order)?;
    // A year alone says more if it is a later one, or a date by itself.
    let bare = dates.filter(|date| date.month.year > month.year || ends_phrase(text, date.end));
    let bare = bare
        .map(|date| date.month)
        .filter(|date| date.month.is_none() && date.year <= sure.year + BARE_YEARS_MAX);
    bare.chain([month]).max_by_key(order)
}

// Whether what ends here is not said of the next word: "in 2015.", but "the 2015
// incentive plans".
fn ends_phrase(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default();
    let Some(next) = rest.strip_prefix(' ') else {
        return !rest.starts_with(char::is_alphanumeric);
    };
    let word = next.split(' ').next().unwrap_or_default();
    !word.starts_with(char::is_alphabetic)
        || matches!(
            word,
            "and" | "to" | "with" | "by" | "at" | "for" | "in" | "through" | "as" | "when"
        )
}

// "MS Windows Server 2000/2003", "Office 2010-2016".
fn is_version(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default().trim_end();
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next();
    let names = [
        "windows",
        "server",
        "office",
        "exchange",
        "sql",
        "excel",
        "word",
        "access",
        "outlook",
        "sharepoint",
        "project",
        "autocad",
        "visio",
        "powerpoint",
        "quickbooks",
        "studio",
        "solidworks",
        "revit",
    ];
    word.is_some_and(|word| names.iter().any(|name| name.eq_ignore_ascii_case(word)))
}

/// Words before a date that is not yet, within so many bytes.
const AHEAD_BYTES: usize = 32;

// "Expected May 2016", "license expires 08/2018".
fn is_ahead(text: &str, start: usize) -> bool {
    let from = text.ceil_char_boundary(start.saturating_sub(AHEAD_BYTES));
    let before = text.get(from..start).unwrap_or_default();
    let before = before.rsplit('\n').next().unwrap_or_default();
    let before = before.to_ascii_lowercase();
    let words = [
        "expected",
        "anticipated",
        "expire",
        "expiration",
        "expiry",
        "valid until",
        "valid through",
        "projected",
        "candidate",
        "renewal",
    ];
    words.iter().any(|word| before.contains(word))
}

fn joins(text: &str, from: usize, to: usize) -> bool {
    let Some(gap) = text.get(from..to).filter(|gap| gap.len() <= 24) else {
        return false;
    };
    // "30 Oct 2011 to 3 Nov 2011": the day is no part of the second date.
    let word = gap
        .trim()
        .trim_end_matches(|c: char| c.is_ascii_digit() || c == ',');
    let word = word.trim_matches(['(', ')', ',', '.', ' ', '\u{a0}', '*', '|']);
    gap.matches('\n').count() <= 3 && JOINS.iter().any(|join| join.eq_ignore_ascii_case(word))
}

// A word for now behind a date and a word that joins them.
fn now_behind(text: &str, end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    let trimmed = rest.trim_start_matches([' ', ')', ',', '\n', '\u{a0}']);
    let join = JOINS.iter().filter(|join| {
        let head = trimmed.get(..join.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(join))
    });
    let join = join.max_by_key(|join| join.len())?;
    let behind = trimmed.get(join.len()..)?;
    let word = behind.trim_start_matches([' ', '(', '\n', '\u{a0}', '-']);
    let word = strip_word(strip_word(word, "the"), "till");
    let now = NOWS.iter().find(|now| {
        let head = word.get(..now.len());
        let next = word.get(now.len()..).and_then(|rest| rest.chars().next());
        head.is_some_and(|head| head.eq_ignore_ascii_case(now))
            && !next.is_some_and(char::is_alphanumeric)
    })?;
    Some(text.len() - word.len() + now.len())
}

fn strip_word<'a>(text: &'a str, word: &str) -> &'a str {
    match text.get(..word.len()) {
        Some(head) if head.eq_ignore_ascii_case(word) => {
            let rest = text.get(word.len()..).unwrap_or_default();
            rest.strip_prefix(' ').unwrap_or(text)
        }
        _ => text,
    }
}

// "2017-21": a year and the end of one; months are no later than the twelfth.
fn short_year(text: &str, first: &Date) -> Option<(usize, u16)> {
    let rest = text.get(first.end..)?;
    let rest = rest.strip_prefix(['-', '–', '/']).filter(|_| first.bare)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number: u16 = rest.get(..digits).filter(|_| digits == 2)?.parse().ok()?;
    let year = first.month.year / 100 * 100 + number;
    let next = rest.get(2..)?.chars().next();
    let clean = !next.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '/');
    let sign = text.get(first.end..)?.len() - rest.len();
    (clean && number > 12 && year > first.month.year).then_some((first.end + sign + 2, year))
}

// "since 2019", "seit 03.2015": where the word begins.
fn since(text: &str, start: usize) -> Option<usize> {
    let before = text.get(..start)?.trim_end();
    let words = ["since", "seit", "ab", "depuis"];
    words.iter().find_map(|word| {
        let at = before.len().checked_sub(word.len())?;
        let free = before
            .get(..at)?
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric());
        (free && before.get(at..)?.eq_ignore_ascii_case(word)).then_some(at)
    })
}

fn dates(text: &str) -> Vec<Date> {
    let bytes = text.as_bytes();
    let mut found: Vec<Date> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let length = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let taken = found.last().map_or(0, |date| date.end);
        let date = match length {
            4 => whole_year(text, at, taken),
            2 => half_year(text, at, taken),
            _ => None,
        };
        at += length;
        if let Some(date) = date {
            at = at.max(date.end);
            found.push(date);
        }
    }
    found
}

// A date by its year of four digits, with the month before or behind it.
fn whole_year(text: &str, at: usize, taken: usize) -> Option<Date> {
    let year: u16 = text.get(at..at + 4)?.parse().ok()?;
    let before = text.get(taken..at)?;
    let glued = before
        .chars()
        .next_back()
        .is_some_and(|c| c.is_alphabetic() || matches!(c, '$' | '€' | '£' | '#' | '+'));
    let behind = text.get(at + 4..)?;
    let next = behind.chars().next();
    let part = next.is_some_and(|c| c.is_alphabetic() || c == '%')
        || next == Some(',')
            && behind
                .get(1..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if !YEARS.contains(&year) || part || (glued && month_word(before).is_none()) {
        return None;
    }
    let date = |start: usize, end: usize, month: Option<u8>| Date {
        start,
        end,
        month: Month { year, month },
        bare: month.is_none(),
    };
    if let Some((length, month)) = month_number(before).or_else(|| month_word(before)) {
        return Some(date(at - length, at + 4, Some(month)));
    }
    // "2013-02 –", "2013/02": months behind the year, of two digits.
    let sign = behind.strip_prefix(['-', '/', '.']);
    let digits = sign
        .and_then(|rest| rest.get(..2))
        .filter(|two| two.bytes().all(|byte| byte.is_ascii_digit()));
    let clean = sign
        .and_then(|rest| rest.get(2..))
        .is_none_or(|rest| !rest.starts_with(|c: char| c.is_ascii_digit() || c == '/'));
    if let Some(month) = digits
        .and_then(|two| two.parse().ok())
        .filter(|month| (1..=12).contains(month) && clean)
    {
        return Some(date(at, at + 7, Some(month)));
    }
    Some(date(at, at + 4, None))
}

// "02/", "02.", "15/02/", "02/15/" in front of a year: its bytes and the month.
fn month_number(before: &str) -> Option<(usize, u8)> {
    let trimmed = before.trim_end_matches(' ');
    let (front, sign) = match trimmed.chars().next_back()? {
        sign @ ('/' | '.' | '-') => (trimmed.get(..trimmed.len() - 1)?, sign),
        _ => return None,
    };
    let front = front.trim_end_matches(' ');
    let (start, last) = number_back(front)?;
    let mut length = before.len() - start;
    let outer = front.get(..start)?;
    let mut month = last;
    if let Some((from, first)) = outer.strip_suffix(sign).and_then(number_back) {
        // Day and month: American first the month, with points the day.
        month = if sign == '/' && first <= 12 {
            first
        } else {
            last
        };
        length = before.len() - from;
    } else if sign == '-' && outer.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    (1..=12).contains(&month).then_some((length, month))
}

// One or two digits at the end of a text: where they begin, and the number.
fn number_back(text: &str) -> Option<(usize, u8)> {
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let start = text.len() - digits;
    let number = text.get(start..).filter(|_| (1..=2).contains(&digits))?;
    Some((start, number.parse().ok()?))
}

// "Jan ", "March, ", "Sept. 3, ", "Fall " in front of a year.
fn month_word(before: &str) -> Option<(usize, u8)> {
    let trimmed = before.trim_end_matches([' ', ',', '.', '\'', '’', '\u{a0}', '/', '-', '_']);
    if before.len() - trimmed.len() > 4 {
        return None;
    }
    word_back(trimmed, before.len()).or_else(|| {
        // A day between month and year.
        let digits = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|ordinal| trimmed.strip_suffix(ordinal))
            .unwrap_or(trimmed);
        let (start, day) = number_back(digits)?;
        let front = trimmed.get(..start)?.trim_end_matches([' ', ',', '.']);
        word_back(front, before.len()).filter(|_| (1..=31).contains(&day))
    })
}

fn word_back(text: &str, whole: usize) -> Option<(usize, u8)> {
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphabetic())
        .last()?
        .0;
    let word = text.get(start..)?;
    let found = MONTHS.iter().chain(&SEASONS).find(|(name, _)| {
        name.eq_ignore_ascii_case(word) || (!word.is_ascii() && *name == word.to_lowercase())
    })?;
    Some((whole - start, found.1))
}

// "06/11", "Mar '09": a year of two digits counts only where a month stands
// before it and it cannot be a day.
fn half_year(text: &str, at: usize, taken: usize) -> Option<Date> {
    let number: u16 = text.get(at..at + 2)?.parse().ok()?;
    let before = text.get(taken..at)?;
    let behind = text.get(at + 2..)?;
    if behind.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '%')) {
        return None;
    }
    let year = if number <= 40 {
        2000 + number
    } else {
        1900 + number
    };
    let date = |length: usize, month: u8| Date {
        start: at - length,
        end: at + 2,
        month: Month {
            year,
            month: Some(month),
        },
        bare: false,
    };
    if before.ends_with(['\'', '’']) {
        let (length, month) = month_word(before)?;
        return Some(date(length, month));
    }
    let front = before.strip_suffix('/')?;
    let (start, month) = number_back(front)?;
    let free = front
        .get(..start)?
        .chars()
        .next_back()
        .is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '-' | '–' | '|' | ','));
    let joined = now_behind(text, at + 2).is_some()
        || pair_near(text, at + 2)
        || front
            .get(..start)?
            .trim_end()
            .ends_with(['-', '–', 'o', 'O']);
    ((1..=12).contains(&month) && free && joined).then_some(date(before.len() - start, month))
}

// Whether "- 08/13" follows.
fn pair_near(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default();
    let rest = rest.trim_start();
    let join = ["-", "–", "—", "to "]
        .iter()
        .find_map(|join| rest.strip_prefix(join));
    let Some(next) = join.map(str::trim_start) else {
        return false;
    };
    let digits = next.bytes().take_while(u8::is_ascii_digit).count();
    let sign = next.get(digits..).unwrap_or_default();
    let year = sign.get(1..3).unwrap_or_default();
    (1..=2).contains(&digits)
        && sign.starts_with('/')
        && year.len() == 2
        && year.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
