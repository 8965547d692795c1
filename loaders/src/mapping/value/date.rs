//! Dates as people write them. A date that can mean two days is none: the
//! mapping says what is meant (`day_first`, `formats`).

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::Fault;
use crate::mapping::path::{Path, text_of};

/// Years outside are misreadings: `2099-01-01` in an ad means "no end".
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2040;
const NAMED: [&str; 5] = ["iso", "epoch_s", "epoch_ms", "excel", "year"];

/// How a mapping says dates are written.
#[derive(Clone, Debug, Default)]
pub(in crate::mapping) struct DateRule {
    formats: Vec<String>,
    day_first: Option<bool>,
    reference: Option<Date>,
    pub(in crate::mapping) reference_column: Option<Path>,
}

impl DateRule {
    /// Checks formats and reference; an error names the key.
    pub(in crate::mapping) fn new(
        formats: Vec<String>,
        day_first: Option<bool>,
        reference: Option<&str>,
        reference_column: Option<Path>,
    ) -> Result<Self, (&'static str, String)> {
        for format in &formats {
            let known = NAMED.contains(&format.as_str());
            let probe = Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC);
            let writes = jiff::fmt::strtime::format(format, &probe);
            if !known && (!format.contains('%') || writes.is_err()) {
                let what = format!(
                    "`{}` is neither a pattern such as %d/%m/%Y nor one of {}",
                    format.escape_debug(),
                    NAMED.join(", ")
                );
                return Err(("formats", what));
            }
        }
        let reference = match reference {
            None => None,
            Some(text) => Some(
                text.parse()
                    .map_err(|_cause| ("reference", "expected a date: 2026-11-20".to_owned()))?,
            ),
        };
        Ok(Self {
            formats,
            day_first,
            reference,
            reference_column,
        })
    }
}

/// An RFC 3339 date or date-time. `reference`: the day "3 days ago" counts
/// from, where a column has it.
pub(in crate::mapping) fn make(
    value: &Value,
    rule: &DateRule,
    reference: Option<&Value>,
) -> Result<Option<String>, Fault> {
    let text = text_of(value).unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    if !rule.formats.is_empty() {
        let made = rule
            .formats
            .iter()
            .find_map(|format| in_format(&text, format));
        return made
            .map(Some)
            .ok_or_else(|| Fault::new("not_a_date", "in none of the formats the mapping names"));
    }
    let given = reference.and_then(text_of);
    let given = given.and_then(|text| usual(&text, rule).ok()?.get(..10)?.parse().ok());
    if let Some(made) = relative(&text, given.or(rule.reference))? {
        return Ok(Some(made));
    }
    usual(&text, rule).map(Some)
}

fn not_a_date() -> Fault {
    Fault::new("not_a_date", "not a date that is known to be one")
}

fn in_format(text: &str, format: &str) -> Option<String> {
    match format {
        "iso" => iso(text),
        "epoch_s" => epoch(text.parse().ok()?, 1_000),
        "epoch_ms" => epoch(text.parse().ok()?, 1),
        // Days since 1899-12-30, as spreadsheets keep dates.
        "excel" => {
            let days: f64 = text.parse().ok()?;
            let start = Date::new(1899, 12, 30).ok()?;
            let day = start.checked_add((days.floor() as i64).days()).ok()?;
            shown(day)
        }
        "year" => shown(Date::new(text.parse().ok()?, 1, 1).ok()?),
        pattern => {
            let found = jiff::fmt::strtime::parse(pattern, text).ok()?;
            if let Ok(time) = found.to_timestamp() {
                return shown_time(time);
            }
            match found.to_datetime() {
                Ok(time) if time.time() != jiff::civil::Time::midnight() => local(time),
                _ => shown(found.to_date().ok()?),
            }
        }
    }
}

fn shown(day: Date) -> Option<String> {
    YEARS.contains(&day.year()).then(|| day.to_string())
}

fn shown_time(time: Timestamp) -> Option<String> {
    let seconds = Timestamp::from_second(time.as_second()).ok()?;
    let text = seconds.to_string();
    let year: i16 = text.get(..4)?.parse().ok()?;
    YEARS.contains(&year).then_some(text)
}

// A time of no zone is read as UTC: at most half a day off.
fn local(time: DateTime) -> Option<String> {
    let zoned = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    shown_time(zoned.timestamp())
}

fn epoch(number: f64, unit_ms: i64) -> Option<String> {
    let ms = (number * unit_ms as f64) as i64;
    shown_time(Timestamp::from_millisecond(ms).ok()?)
}

// "2026-03-03", "2026-03-03T10:00:00+01:00", "2026-03-03 10:00", "2026-03".
fn iso(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let starts = bytes.len() >= 7
        && bytes.iter().take(4).all(u8::is_ascii_digit)
        && bytes.get(4) == Some(&b'-');
    if !starts {
        return None;
    }
    if text.len() == 7 {
        return shown(format!("{text}-01").parse().ok()?);
    }
    if text.len() == 10 {
        return shown(text.parse().ok()?);
    }
    let zoned = text.trim_end_matches("UTC").trim_end();
    let with_zone = if zoned.len() < text.len() {
        format!("{zoned}Z")
    } else {
        text.to_owned()
    };
    let time: Option<Timestamp> = with_zone.parse().ok();
    if let Some(time) = time {
        // Midnight is a day that was made into a time.
        let midnight = time.as_second() % 86_400 == 0;
        return if midnight {
            shown(text.get(..10)?.parse().ok()?)
        } else {
            shown_time(time)
        };
    }
    let time: DateTime = text.parse().ok()?;
    if time.time() == jiff::civil::Time::midnight() {
        return shown(time.date());
    }
    local(time)
}

/// The forms that mean one day whoever writes them.
fn usual(text: &str, rule: &DateRule) -> Result<String, Fault> {
    let text = text.trim().trim_end_matches('.');
    if let Some(made) = iso(text) {
        return Ok(made);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits(text);
    }
    let words = split(text);
    if words.iter().any(|word| month(word).is_some()) {
        return named(&words).ok_or_else(not_a_date);
    }
    numeric(text, rule)
}

fn digits(text: &str) -> Result<String, Fault> {
    let number = text.parse::<f64>().map_err(|_cause| not_a_date())?;
    let made = match text.len() {
        4 => return Err(Fault::new("year_alone", "a year alone is no date")),
        8 => jiff::fmt::strtime::parse("%Y%m%d", text)
            .ok()
            .and_then(|found| shown(found.to_date().ok()?)),
        9 | 10 => epoch(number, 1_000),
        12 | 13 => epoch(number, 1),
        _ => None,
    };
    made.ok_or_else(not_a_date)
}

fn split(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '-' | '/' | '(' | ')'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

const MONTHS: [(i8, &str); 12] = [
    (
        1,
        "jan january januar jänner janvier enero gennaio januari janeiro ene gen janv",
    ),
    (
        2,
        "feb february februar février fevrier febrero febbraio februari fevereiro févr fev",
    ),
    (3, "mar march märz maerz mars marzo maart março mrz mär"),
    (4, "apr april avril abril aprile avr abr"),
    (5, "may mai mayo maggio mei maj maio mag"),
    (6, "jun june juni juin junio giugno junho giu"),
    (7, "jul july juli juillet julio luglio julho juil lug"),
    (8, "aug august août aout agosto augustus augusti ago"),
    (
        9,
        "sep sept september septembre septiembre settembre setembro set",
    ),
    (
        10,
        "oct october oktober octobre octubre ottobre outubro okt ott out",
    ),
    (11, "nov november novembre noviembre novembro"),
    (
        12,
        "dec december dezember décembre decembre diciembre dicembre dezembro dez déc dic",
    ),
];

fn month(word: &str) -> Option<i8> {
    MONTHS
        .iter()
        .find(|(_, names)| names.split(' ').any(|name| name == word))
        .map(|(number, _)| *number)
}

// "Mar 3, 2026", "3. März 2026", "Friday, September 19, 2025", "3 March 2026
// 10:00", "3rd of March 2026", "March 2026": one month, one year, at most one day.
fn named(words: &[String]) -> Option<String> {
    let mut found = words.iter().filter_map(|word| month(word));
    let month = found.next()?;
    if found.next().is_some_and(|other| other != month) {
        return None;
    }
    let (mut year, mut day) = (None, None);
    for word in words {
        if word.contains(':') {
            continue;
        }
        let length = word.bytes().take_while(u8::is_ascii_digit).count();
        let (number, suffix) = word.split_at(length);
        let Ok(number) = number.parse::<i16>() else {
            continue;
        };
        let ordinal = ["", "st", "nd", "rd", "th", "er", "º"].contains(&suffix);
        let place = match (length, ordinal) {
            (4, true) => &mut year,
            (1 | 2, true) => &mut day,
            _ => return None,
        };
        if place.replace(number).is_some() {
            return None;
        }
    }
    // A month alone is its first day.
    let day = i8::try_from(day.unwrap_or(1)).ok()?;
    shown(Date::new(year?, month, day).ok()?)
}

// "03.03.2026" is day first everywhere; "03/04/2026" is March in one country
// and April in another.
fn numeric(text: &str, rule: &DateRule) -> Result<String, Fault> {
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date.trim_end_matches(','), Some(time.trim())),
        None => (text, None),
    };
    if time.is_some_and(|time| !time.contains(':')) {
        return Err(not_a_date());
    }
    let mark = date
        .chars()
        .find(|c| !c.is_ascii_digit())
        .filter(|c| matches!(c, '.' | '/' | '-'))
        .ok_or_else(not_a_date)?;
    let parts: Vec<&str> = date.split(mark).collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let numbers: Option<Vec<i16>> = parts.iter().map(|part| part.parse().ok()).collect();
    let numbers = numbers.ok_or_else(not_a_date)?;
    let made = |year: i16, month: i16, day: i16| {
        let part = |number: i16| i8::try_from(number).ok();
        let date = Date::new(year, part(month)?, part(day)?).ok()?;
        shown(date)
    };
    let read = match (numbers.as_slice(), lengths.as_slice()) {
        ([year, month, day], [4, 1 | 2, 1 | 2]) => made(*year, *month, *day),
        ([first, second, year], [1 | 2, 1 | 2, 4]) => {
            let day_first = match rule.day_first {
                Some(is) => is,
                None if mark == '.' || *first > 12 || first == second => true,
                None if *second > 12 => false,
                None => {
                    let what = "day or month first? say day_first = true or false";
                    return Err(Fault::new("ambiguous_date", what));
                }
            };
            // What the rule says and cannot be, as 7/30/2020 with the day first, is an error.
            if day_first {
                made(*year, *second, *first)
            } else {
                made(*year, *first, *second)
            }
        }
        ([month, year], [1 | 2, 4]) => made(*year, *month, 1),
        ([_, _, _], [1 | 2, 1 | 2, 2]) => {
            let what = "a year of two digits: name the format";
            return Err(Fault::new("ambiguous_date", what));
        }
        _ => None,
    };
    read.ok_or_else(not_a_date)
}

const AGO: [&str; 8] = [
    "ago", "vor", "il y a", "hace", "geleden", "sedan", "fa", "old",
];
const UNITS: [(&str, &str); 5] = [
    (
        "h",
        "h hr hrs hour hours stunde stunden heure heures hora horas uur uren timmar timme minute minutes minuten min mins",
    ),
    (
        "d",
        "d day days tag tagen tage jour jours día días dia dias dag dagen dagar giorno giorni",
    ),
    (
        "w",
        "w week weeks woche wochen semaine semaines semana semanas weken vecka veckor settimana settimane",
    ),
    (
        "m",
        "mo month months monat monaten mois mes meses maand maanden månad månader mese mesi",
    ),
    (
        "y",
        "y year years jahr jahren an ans año años jaar år anno anni",
    ),
];

/// "3 days ago", "yesterday", "30+ days ago": known only beside a reference.
fn relative(text: &str, reference: Option<Date>) -> Result<Option<String>, Fault> {
    let lower = text.to_lowercase();
    let lower = lower.trim_start_matches("posted").trim();
    let back = match lower {
        "today" | "heute" | "just now" | "just posted" | "aujourd'hui" | "hoy" | "vandaag"
        | "idag" | "new" => Some((0, "d")),
        "yesterday" | "gestern" | "hier" | "ayer" | "gisteren" | "igår" => Some((1, "d")),
        _ => counted(lower),
    };
    let Some((count, unit)) = back else {
        return Ok(None);
    };
    let reference = reference.ok_or_else(|| {
        Fault::new(
            "relative_date",
            "counts from a day the mapping does not give: say reference = \"2026-11-20\"",
        )
    })?;
    let span = match unit {
        "h" => 0.days(),
        "d" => count.days(),
        "w" => count.weeks(),
        "m" => count.months(),
        _ => count.years(),
    };
    let day = reference.checked_sub(span).ok().and_then(shown);
    day.map(Some).ok_or_else(not_a_date)
}

fn counted(text: &str) -> Option<(i32, &'static str)> {
    let is_ago = AGO
        .iter()
        .any(|word| text.starts_with(&format!("{word} ")) || text.ends_with(&format!(" {word}")));
    let short = text.len() <= 4 && text.ends_with(['d', 'w', 'h']);
    if !is_ago && !short {
        return None;
    }
    let start = text.find(|c: char| c.is_ascii_digit());
    let (count, rest) = match start {
        Some(start) => {
            let from = text.get(start..)?;
            let length = from.bytes().take_while(u8::is_ascii_digit).count();
            (from.get(..length)?.parse().ok()?, from.get(length..)?)
        }
        // "a week ago"
        None => (1, text),
    };
    let rest = rest.trim_start_matches('+');
    rest.split_whitespace().find_map(|word| {
        let unit = UNITS
            .iter()
            .find(|(_, names)| names.split(' ').any(|name| name == word));
        unit.map(|(unit, _)| (count, *unit))
    })
}

#[cfg(test)]
#[path = "date_tests.rs"]
mod tests;
