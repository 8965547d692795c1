//! Dates as people type them: `last week`, `since march 2026`, `past 3 days`.
//! Owns the words; days are of UTC, counted from the request's now.

use jiff::Span;
use jiff::civil::Date;

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

fn month(text: &str) -> Option<i8> {
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
    Some(at as i8 + 1)
}

/// The day 1970-01-01, from which days are counted.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// Days since 1970 of a date; `None` for one the calendar does not have.
fn days(year: i16, month: i8, day: i8) -> Option<i64> {
    days_of(Date::new(year, month, day).ok()?)
}

fn days_of(date: Date) -> Option<i64> {
    Some(EPOCH.until((jiff::Unit::Day, date)).ok()?.get_days().into())
}

fn date_of(days: i64) -> Option<Date> {
    let days = Span::new().try_days(days).ok()?;
    EPOCH.checked_add(days).ok()
}

// The same day some months earlier; the last of the month where it has fewer.
fn months_before(today: i64, count: i64) -> Option<i64> {
    let months = Span::new().try_months(count).ok()?;
    days_of(date_of(today)?.checked_sub(months).ok()?)
}

fn before(now_ms: i64, count: i64, unit: Unit) -> Option<i64> {
    let today = now_ms.div_euclid(DAY_MS);
    Some(match unit {
        Unit::Hour => now_ms - count * HOUR_MS,
        Unit::Day => (today - count) * DAY_MS,
        Unit::Week => (today - 7 * count) * DAY_MS,
        Unit::Month => months_before(today, count)? * DAY_MS,
    })
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
    Some((lead + 2 + ago, before(now_ms, count, unit)?))
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
        ("this month", first_of_month(today)?),
        ("diesen monat", first_of_month(today)?),
        ("ce mois", first_of_month(today)?),
        ("semaine derniere", today - 7),
        ("mois dernier", months_before(today, 1)?),
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

fn first_of_month(today: i64) -> Option<i64> {
    days_of(date_of(today)?.first_of_month())
}

// `3 days`, `week`, `24h`, `7d`.
fn last(tokens: &[Token], now_ms: i64) -> Option<(usize, i64)> {
    let first = &tokens.first()?.text;
    if let Some(unit) = unit(first) {
        return Some((1, before(now_ms, 1, unit)?));
    }
    for (ending, unit) in [('h', Unit::Hour), ('d', Unit::Day)] {
        if let Some(count) = first.strip_suffix(ending).and_then(number) {
            return Some((1, before(now_ms, count, unit)?));
        }
    }
    let count = number(first)?;
    Some((2, before(now_ms, count, unit(&tokens.get(1)?.text)?)?))
}

// `march 2026`, `2026-03-01`, `2026-03`, `yesterday`, `last week`.
fn since(tokens: &[Token], now_ms: i64) -> Option<(usize, i64)> {
    let today = now_ms.div_euclid(DAY_MS);
    let first = &tokens.first()?.text;
    let now = date_of(today)?;
    let (this_year, this_month) = (now.year(), now.month());
    let year = |text: &str| {
        let year: i16 = text.parse().ok().filter(|_| text.len() == 4)?;
        // What is since long ago is about experience, not about a posting.
        (this_year - 5..=this_year).contains(&year).then_some(year)
    };
    if let Some(month) = month(first) {
        if let Some(year) = tokens.get(1).and_then(|token| year(&token.text)) {
            return Some((2, days(year, month, 1)? * DAY_MS));
        }
        let year = if month > this_month {
            this_year - 1
        } else {
            this_year
        };
        return Some((1, days(year, month, 1)? * DAY_MS));
    }
    let parts: Vec<&str> = first.split('-').collect();
    if parts.len() > 1 {
        let (year, month) = (year(parts[0])?, parts[1].parse().ok()?);
        let day = parts.get(2).map_or(Some(1), |day| day.parse().ok())?;
        let from = days(year, month, day).filter(|_| parts.len() <= 3)?;
        return Some((1, from * DAY_MS));
    }
    if let Some(year) = year(first) {
        return Some((1, days(year, 1, 1)? * DAY_MS));
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
    fn months_before_end_in_the_month_they_name() {
        for (today, count, from) in [
            ("2026-03-31", 1, "2026-02-28T00:00:00Z"),
            ("2024-03-31", 1, "2024-02-29T00:00:00Z"),
            ("2026-01-15", 2, "2025-11-15T00:00:00Z"),
            ("1970-01-01", 12, "1969-01-01T00:00:00Z"),
        ] {
            let now = parse_date_ms(today).unwrap();
            let text = format!("last {count} months");
            let found = read(&of_text(&text), now).map(|(_, from)| show_date_ms(from));
            assert_eq!(found.as_deref(), Some(from), "{today}");
        }
    }

    #[test]
    fn a_now_outside_the_calendar_reads_nothing_and_does_not_panic() {
        for now in [i64::MIN / 2, i64::MAX / 2, 253_402_300_800_000 + 800_000] {
            for text in [
                "this month",
                "last month",
                "since march",
                "since last month",
            ] {
                assert_eq!(read(&of_text(text), now), None, "{text} at {now}");
            }
        }
    }
}
