//! Dates as people type them: `last week`, `since march 2026`, `past 3 days`.
//! Owns the words; days are of UTC, counted from the request's now.

use super::tokens::{Token, phrase};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

const SAID_OF: [&str; 14] = [
    "posted in the",
    "posted within the",
    "posted since",
    "posted",
    "published",
    "updated",
    "added",
    "in the",
    "within the",
    "during the",
    "over the",
    "veroffentlicht",
    "innerhalb der",
    "in den",
];
const LAST: [&str; 22] = [
    "last",
    "past",
    "previous",
    "letzte",
    "letzten",
    "letzter",
    "letzter",
    "vergangene",
    "vergangenen",
    "derniers",
    "dernieres",
    "derniere",
    "dernier",
    "ces derniers",
    "ces dernieres",
    "les derniers",
    "the last",
    "the past",
    "der letzten",
    "den letzten",
    "des letzten",
    "die letzten",
];
const SINCE: [&str; 5] = ["since", "seit", "depuis", "after", "newer than"];

#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Hour,
    Day,
    Week,
    Month,
}

fn unit(text: &str) -> Option<Unit> {
    Some(match text {
        "hour" | "hours" | "hrs" | "stunde" | "stunden" | "heures" => Unit::Hour,
        "day" | "days" | "tag" | "tage" | "tagen" | "jour" | "jours" => Unit::Day,
        "week" | "weeks" | "woche" | "wochen" | "semaine" | "semaines" => Unit::Week,
        "month" | "months" | "monat" | "monate" | "monaten" | "mois" => Unit::Month,
        _ => return None,
    })
}

fn month(text: &str) -> Option<u32> {
    const NAMES: [&[&str]; 12] = [
        &["january", "jan", "januar", "janvier"],
        &["february", "feb", "februar", "fevrier"],
        &["march", "mar", "marz", "mars"],
        &["april", "apr", "avril"],
        &["may", "mai"],
        &["june", "jun", "juni", "juin"],
        &["july", "jul", "juli", "juillet"],
        &["august", "aug", "aout"],
        &["september", "sep", "sept", "septembre"],
        &["october", "oct", "oktober", "okt", "octobre"],
        &["november", "nov", "novembre"],
        &["december", "dec", "dezember", "dez", "decembre"],
    ];
    let at = NAMES.iter().position(|names| names.contains(&text))?;
    Some(at as u32 + 1)
}

/// Days since 1970 of a date of the Gregorian calendar (Howard Hinnant's
/// `days_from_civil`).
fn days(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year =
        (153 * (i64::from(month) + if month > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of days since 1970 (`civil_from_days`).
fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * month + 2) / 5 + 1) as u32;
    let month = (if month < 10 { month + 3 } else { month - 9 }) as u32;
    (year + era * 400 + i64::from(month <= 2), month, day)
}

fn month_days(year: i64, month: u32) -> u32 {
    let next = if month == 12 {
        days(year + 1, 1, 1)
    } else {
        days(year, month + 1, 1)
    };
    (next - days(year, month, 1)) as u32
}

// The same day some months earlier; the last of the month where it has fewer.
fn months_before(today: i64, count: i64) -> i64 {
    let (year, month, day) = civil(today);
    let at = year * 12 + i64::from(month) - 1 - count;
    let (year, month) = (at.div_euclid(12), at.rem_euclid(12) as u32 + 1);
    days(year, month, day.min(month_days(year, month)))
}

fn before(now_ms: i64, count: i64, unit: Unit) -> i64 {
    let today = now_ms.div_euclid(DAY_MS);
    match unit {
        Unit::Hour => now_ms - count * HOUR_MS,
        Unit::Day => (today - count) * DAY_MS,
        Unit::Week => (today - 7 * count) * DAY_MS,
        Unit::Month => months_before(today, count) * DAY_MS,
    }
}

fn number(text: &str) -> Option<i64> {
    let words = ["one", "two", "three", "four", "five", "six", "seven"];
    let worded = words
        .iter()
        .position(|word| *word == text)
        .map(|at| at as i64 + 1);
    let count = worded.or_else(|| text.parse().ok())?;
    (1..=730).contains(&count).then_some(count)
}

/// The time from which on documents are asked for, and how many tokens say it.
/// A person who says "last week" means the seven days before today as well as
/// today.
pub(crate) fn read(tokens: &[Token], now_ms: i64) -> Option<(usize, i64)> {
    let lead = SAID_OF.iter().filter_map(|text| phrase(tokens, text)).max();
    let lead = lead.unwrap_or(0);
    let rest = tokens.get(lead..)?;
    if let Some((count, from)) = core(rest, now_ms) {
        return Some((lead + count, from));
    }
    // `posted 3 days ago`.
    let count = number(&rest.first()?.text)?;
    let unit = unit(&rest.get(1)?.text)?;
    let ago = phrase(rest.get(2..)?, "ago").filter(|_| lead > 0)?;
    Some((lead + 2 + ago, before(now_ms, count, unit)))
}

fn core(tokens: &[Token], now_ms: i64) -> Option<(usize, i64)> {
    let today = now_ms.div_euclid(DAY_MS);
    let fixed = [
        ("today", today),
        ("heute", today),
        ("aujourd'hui", today),
        ("yesterday", today - 1),
        ("gestern", today - 1),
        ("this week", today - (today + 3).rem_euclid(7)),
        ("diese woche", today - (today + 3).rem_euclid(7)),
        ("cette semaine", today - (today + 3).rem_euclid(7)),
        ("this month", first_of_month(today)),
        ("diesen monat", first_of_month(today)),
        ("ce mois", first_of_month(today)),
        ("semaine derniere", today - 7),
        ("mois dernier", months_before(today, 1)),
    ];
    let said = fixed
        .iter()
        .filter_map(|(text, from)| Some((phrase(tokens, text)?, from * DAY_MS)));
    if let Some(found) = said.max_by_key(|(count, _)| *count) {
        return Some(found);
    }
    if let Some(lead) = LAST.iter().filter_map(|text| phrase(tokens, text)).max() {
        return last(tokens.get(lead..)?, now_ms).map(|(count, from)| (lead + count, from));
    }
    let lead = SINCE.iter().filter_map(|text| phrase(tokens, text)).max()?;
    since(tokens.get(lead..)?, now_ms).map(|(count, from)| (lead + count, from))
}

fn first_of_month(today: i64) -> i64 {
    let (year, month, _) = civil(today);
    days(year, month, 1)
}

// `3 days`, `week`, `24h`, `7d`.
fn last(tokens: &[Token], now_ms: i64) -> Option<(usize, i64)> {
    let first = &tokens.first()?.text;
    if let Some(unit) = unit(first) {
        return Some((1, before(now_ms, 1, unit)));
    }
    for (ending, unit) in [('h', Unit::Hour), ('d', Unit::Day)] {
        if let Some(count) = first.strip_suffix(ending).and_then(number) {
            return Some((1, before(now_ms, count, unit)));
        }
    }
    let count = number(first)?;
    Some((2, before(now_ms, count, unit(&tokens.get(1)?.text)?)))
}

// `march 2026`, `2026-03-01`, `2026-03`, `yesterday`, `last week`.
fn since(tokens: &[Token], now_ms: i64) -> Option<(usize, i64)> {
    let today = now_ms.div_euclid(DAY_MS);
    let first = &tokens.first()?.text;
    let (this_year, this_month, _) = civil(today);
    let year = |text: &str| {
        let year: i64 = text.parse().ok().filter(|_| text.len() == 4)?;
        // What is since long ago is about experience, not about a posting.
        (this_year - 5..=this_year).contains(&year).then_some(year)
    };
    if let Some(month) = month(first) {
        if let Some(year) = tokens.get(1).and_then(|token| year(&token.text)) {
            return Some((2, days(year, month, 1) * DAY_MS));
        }
        let year = if month > this_month {
            this_year - 1
        } else {
            this_year
        };
        return Some((1, days(year, month, 1) * DAY_MS));
    }
    let parts: Vec<&str> = first.split('-').collect();
    if parts.len() > 1 {
        let (year, month) = (year(parts[0])?, parts[1].parse().ok()?);
        let day: u32 = parts.get(2).map_or(Some(1), |day| day.parse().ok())?;
        let real = (1..=12).contains(&month) && day >= 1 && day <= month_days(year, month);
        return (real && parts.len() <= 3).then(|| (1, days(year, month, day) * DAY_MS));
    }
    if let Some(year) = year(first) {
        return Some((1, days(year, 1, 1) * DAY_MS));
    }
    let is_since = SINCE.contains(&first.as_str());
    if is_since { None } else { core(tokens, now_ms) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::tokens::of_text;
    use tandem_index::document::{parse_date_ms, show_date_ms};

    #[test]
    fn dates_as_people_type_them() {
        // A Friday.
        let now = parse_date_ms("2026-11-20T15:30:00Z").unwrap();
        let cases = [
            ("today", "2026-11-20T00:00:00Z 1"),
            ("yesterday", "2026-11-19T00:00:00Z 1"),
            ("last week", "2026-11-13T00:00:00Z 2"),
            ("past 3 days", "2026-11-17T00:00:00Z 3"),
            ("last 24 hours", "2026-11-19T15:30:00Z 3"),
            ("last 24h", "2026-11-19T15:30:00Z 2"),
            ("last month", "2026-10-20T00:00:00Z 2"),
            ("last 2 months", "2026-09-20T00:00:00Z 3"),
            ("this week", "2026-11-16T00:00:00Z 2"),
            ("this month", "2026-11-01T00:00:00Z 2"),
            ("since march 2026", "2026-03-01T00:00:00Z 3"),
            ("since december", "2025-12-01T00:00:00Z 2"),
            ("since 2026-02-28", "2026-02-28T00:00:00Z 2"),
            ("since last week", "2026-11-13T00:00:00Z 3"),
            ("posted in the last 7 days", "2026-11-13T00:00:00Z 6"),
            ("posted 2 weeks ago", "2026-11-06T00:00:00Z 4"),
            ("letzte Woche", "2026-11-13T00:00:00Z 2"),
            ("seit März 2026", "2026-03-01T00:00:00Z 3"),
            ("semaine dernière", "2026-11-13T00:00:00Z 2"),
            ("last mile", "-"),
            ("last 5 years", "-"),
            ("since 1990", "-"),
            ("since 2026-02-30", "-"),
            ("3 days", "-"),
            ("2 weeks ago", "-"),
            ("new", "-"),
            ("march 2026", "-"),
            ("since since since", "-"),
            ("last", "-"),
        ];
        for (text, expected) in cases {
            let found = read(&of_text(text), now).map_or_else(
                || "-".to_owned(),
                |(count, from)| format!("{} {count}", show_date_ms(from)),
            );
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn days_and_dates_are_one_another() {
        for day in (-800_000..800_000).step_by(37) {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
            assert!((1..=month_days(year, month)).contains(&of_month));
        }
    }
}
