//! What the values of a column look like. Owns the measures; knows no names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::names::Concept;
use crate::mapping::path::{Path, Scope, text_of};
use crate::mapping::value::{date, html, number, pay, place, words};
use crate::record::Record;

/// A column and what its values are like, of the sample.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// What is said, without the empty cells.
    values: Vec<Value>,
    texts: Vec<String>,
    /// Which records say it.
    places: Vec<usize>,
    records: usize,
}

/// Letters from which text is prose, whatever its column is called.
const PROSE_LETTERS: f64 = 200.0;

/// The share of values with commas alone from which commas separate, beside
/// other separators.
const COMMAS_MIN: f64 = 0.05;

/// The share of records an id must say something in: those without one are
/// rejected, and nobody gives away more than a few for the sake of an id.
const ID_FILLED_MIN: f64 = 0.9;
/// From so many records on one may lack it, whatever share that is.
const ID_RECORDS_MIN: usize = 4;

/// The share of a column's values that look like something.
type Share = fn(&Column) -> f64;

/// What hardly looks like anything else: the share of values that look like it,
/// the least share, and how sure that makes it. Anything could be a title.
const LOOKS: [(Concept, Share, f64, f64); 9] = [
    (
        Concept::Posted,
        |column| column.share(has_year).min(column.dates().known),
        0.9,
        0.5,
    ),
    (Concept::Pay, |column| column.share(is_pay), 0.6, 0.55),
    (Concept::Url, |column| column.share(is_url), 0.9, 0.5),
    (Concept::Email, |column| column.share(is_email), 0.9, 0.6),
    (Concept::Description, Column::prose, 0.9, 0.5),
    (Concept::Skills, |column| column.share(is_listed), 0.7, 0.45),
    (Concept::Location, |column| column.share(is_place), 0.7, 0.5),
    (Concept::Remote, |column| column.share(is_remote), 0.9, 0.45),
    (Concept::Contract, super::words::share, 0.9, 0.5),
];

impl Column {
    pub(super) fn new(name: &str, records: &[Record]) -> Self {
        let path = Path::new(name);
        let found = records.iter().enumerate().filter_map(|(place, record)| {
            let scope = Scope {
                fields: &record.fields,
                item: None,
            };
            let value = path.find(scope)?.into_owned();
            let text = text_of(&value)?.into_owned();
            let says = !matches!(
                text.to_lowercase().as_str(),
                "" | "n/a" | "null" | "nan" | "none" | "-" | "[]"
            );
            says.then_some((value, (text, place)))
        });
        let (values, said): (_, Vec<(String, usize)>) = found.unzip();
        let (texts, places) = said.into_iter().unzip();
        Self {
            name: name.to_owned(),
            values,
            texts,
            places,
            records: records.len(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The share of records that say something in it.
    pub(super) fn filled(&self) -> f64 {
        self.texts.len() as f64 / self.records.max(1) as f64
    }

    /// Whether no value stands in two records.
    pub(super) fn is_unique(&self) -> bool {
        self.distinct() >= 1.0
    }

    /// How many records say nothing in it, and how many there are.
    pub(super) fn blanks(&self) -> (usize, usize) {
        (self.records - self.texts.len(), self.records)
    }

    /// What a record says in it.
    pub(super) fn text_of(&self, record: usize) -> Option<&str> {
        let place = self.places.binary_search(&record).ok()?;
        self.texts.get(place).map(String::as_str)
    }

    /// Whether its values are short enough to tell records apart by.
    pub(super) fn is_short(&self) -> bool {
        self.share(|text| text.len() <= 200 && !text.contains('\n')) >= 0.9
    }

    /// A value to show, cut.
    pub(super) fn sample(&self) -> String {
        let shortest = self.texts.iter().take(20).min_by_key(|text| {
            // One that shows the form: neither a stub nor a page.
            let letters = text.chars().count();
            (
                letters < 4,
                letters > 60,
                self.texts.iter().position(|other| other == *text),
            )
        });
        let text = shortest.map(String::as_str).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = text.chars().take(60).collect();
        if short.len() < text.len() {
            format!("{short}…")
        } else {
            short
        }
    }

    fn share(&self, fits: impl Fn(&str) -> bool) -> f64 {
        let fit = self.texts.iter().filter(|text| fits(text)).count();
        fit as f64 / self.texts.len().max(1) as f64
    }

    fn letters(&self) -> f64 {
        let all: usize = self.texts.iter().map(|text| text.chars().count()).sum();
        all as f64 / self.texts.len().max(1) as f64
    }

    fn distinct(&self) -> f64 {
        let different: BTreeSet<&str> = self.texts.iter().map(String::as_str).collect();
        different.len() as f64 / self.texts.len().max(1) as f64
    }

    /// How well the values fit what the column would be for, 0 to 1.
    pub(super) fn fits(&self, concept: Concept) -> f64 {
        match concept {
            Concept::Id => {
                let short = self.share(|text| text.len() <= 200 && !text.contains('\n'));
                let (blank, records) = self.blanks();
                let is_filled =
                    self.filled() >= ID_FILLED_MIN || (blank == 1 && records >= ID_RECORDS_MIN);
                if self.is_unique() && is_filled {
                    short * self.filled()
                } else {
                    0.0
                }
            }
            Concept::Title => self.share(|text| {
                let letters = text.chars().count();
                letters <= 200 && text.chars().any(char::is_alphabetic) && !is_url(text)
            }),
            Concept::Company
            | Concept::Industry
            | Concept::Category
            | Concept::Contract
            | Concept::Source
            | Concept::Education
            | Concept::OpenTo
            | Concept::Name => self.share(|text| {
                text.chars().count() <= 300
                    && !is_url(text)
                    && text.chars().any(char::is_alphabetic)
            }),
            Concept::Description | Concept::Section => {
                if self.share(|text| text.contains(' ')) < 0.5 {
                    0.0
                } else {
                    (0.5 + self.letters() / 200.0).min(1.0)
                }
            }
            Concept::Location => self.share(|text| {
                text.chars().count() <= 200
                    && text.chars().any(char::is_alphabetic)
                    && !is_url(text)
            }),
            Concept::City | Concept::Region | Concept::Country => self
                .share(|text| text.chars().count() <= 80 && text.chars().any(char::is_alphabetic)),
            Concept::Lat => self.degrees(90.0),
            Concept::Lon => self.degrees(180.0),
            Concept::Remote => {
                let known = self
                    .values
                    .iter()
                    .filter(|value| words::remote(value).is_some() || words::flag(value).is_ok());
                known.count() as f64 / self.values.len().max(1) as f64
            }
            Concept::Skills | Concept::SkillsPreferred | Concept::Languages => {
                self.share(|text| text.chars().count() <= 1_000 && !is_url(text))
            }
            Concept::Years => self.share(|text| {
                let years = number::of(&Value::from(text));
                matches!(years, Ok(Some(years)) if (0.0..=60.0).contains(&years))
            }),
            Concept::Pay => self
                .share(|text| text.chars().any(|c| c.is_ascii_digit()) && text.len() <= 400)
                .max(if self.share(|text| text.len() <= 400) > 0.9 {
                    0.5
                } else {
                    0.0
                }),
            Concept::PayMin | Concept::PayMax => {
                self.share(|text| text.chars().any(|c| c.is_ascii_digit()) && text.len() <= 40)
            }
            Concept::Currency => {
                self.share(|text| crate::mapping::value::money::code(text).is_some())
            }
            Concept::Period => {
                self.share(|text| text.len() <= 20 && text.chars().any(char::is_alphabetic))
            }
            Concept::Posted | Concept::Expires => self.dates().known,
            Concept::Url | Concept::Links | Concept::Photo => self.share(is_url),
            Concept::Language => self.share(|text| words::language(text).is_ok()),
            Concept::Email => self.share(is_email),
            Concept::Phone => {
                self.share(|text| text.chars().filter(char::is_ascii_digit).count() >= 6)
            }
        }
    }

    /// How sure the values alone make a column's purpose: only what hardly
    /// looks like anything else.
    pub(super) fn looks(&self, concept: Concept) -> f64 {
        LOOKS
            .iter()
            .find(|(known, ..)| *known == concept)
            .filter(|(_, share, least, _)| share(self) >= *least)
            .map_or(0.0, |(.., sure)| *sure)
    }

    // The share of values of several words, if they are long ones.
    fn prose(&self) -> f64 {
        if self.letters() < PROSE_LETTERS {
            return 0.0;
        }
        self.share(|text| text.contains(' '))
    }

    fn degrees(&self, most: f64) -> f64 {
        let fit = self
            .values
            .iter()
            .filter(|value| place::degrees(value).is_ok_and(|degrees| degrees.abs() <= most));
        fit.count() as f64 / self.values.len().max(1) as f64
    }

    /// Whether most of its values are places of several parts: `Austin, TX`.
    pub(super) fn is_of_parts(&self) -> bool {
        self.share(|text| text.contains(", ")) >= 0.5
    }

    /// Whether it says -1 where there is nothing to say, as the sets of Glassdoor do.
    pub(super) fn has_minus_one(&self) -> bool {
        self.texts.iter().any(|text| text.trim() == "-1")
    }

    pub(super) fn is_html(&self) -> bool {
        self.share(html::looks_like) >= 0.2
    }

    /// The separators its values have, of the usual ones.
    pub(super) fn separators(&self) -> Vec<&'static str> {
        let has = |mark: &str| self.texts.iter().any(|text| text.contains(mark));
        let mut marks: Vec<&str> = ["|", ";", "•", "\n"]
            .into_iter()
            .filter(|mark| has(mark))
            .collect();
        // "a; b, c" is split at the semicolon: commas count where they stand alone.
        let alone =
            |text: &str| text.contains(',') && !marks.iter().any(|mark| text.contains(*mark));
        if self.share(alone) >= COMMAS_MIN || (marks.is_empty() && has(",")) {
            marks.push(",");
        }
        marks
    }

    /// What is said, as text.
    pub(super) fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The currency nearly all values name that name one: with how many name it
    /// and how many name any.
    pub(super) fn currency(&self, period: Option<&str>) -> Option<(String, usize, usize)> {
        let rule = pay::PayRule::new(None, period.or(Some("year"))).ok()?;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for text in &self.texts {
            if let Ok(Some(pay)) = pay::from_text(text, &rule) {
                *counts.entry(pay.currency).or_default() += 1;
            }
        }
        let all: usize = counts.values().sum();
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.filter(|(_, count)| count * 10 >= all * 9)
            .map(|(code, count)| (code, count, all))
    }

    pub(super) fn is_list(&self) -> bool {
        self.values.iter().any(Value::is_array)
            || self.share(|text| text.starts_with('[') && text.ends_with(']')) > 0.5
    }

    /// How its dates are written.
    pub(super) fn dates(&self) -> Dates {
        let rule = date::DateRule::default();
        let mut dates = Dates::default();
        let mut known = 0_u32;
        for text in &self.texts {
            let made = date::make(&Value::from(text.as_str()), &rule, None);
            let fault = made.err().map(|fault| fault.code);
            let open = fault.filter(|code| ["ambiguous_date", "relative_date"].contains(code));
            known += u32::from(fault.is_none() || open.is_some());
            dates.faults.extend(open);
            dates.look(text);
        }
        dates.known = f64::from(known) / self.texts.len().max(1) as f64;
        dates
    }

    /// The share of values from which pay is read without being told more, and
    /// what most of the others lack.
    pub(super) fn pay_faults(
        &self,
        currency: Option<&str>,
        period: Option<&str>,
    ) -> Vec<&'static str> {
        let rule = pay::PayRule::new(currency, period).unwrap_or_default();
        let faults = self
            .texts
            .iter()
            .filter_map(|text| Some(pay::from_text(text, &rule).err()?.code));
        let mut seen: Vec<&'static str> = Vec::new();
        for fault in faults {
            if !seen.contains(&fault) {
                seen.push(fault);
            }
        }
        seen
    }
}

/// How a column's dates are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Dates {
    /// The share of dates.
    pub(super) known: f64,
    /// `ambiguous_date`, `relative_date`.
    pub(super) faults: BTreeSet<&'static str>,
    /// A value shows that the day, or the month, comes first.
    pub(super) day_first: bool,
    pub(super) month_first: bool,
    /// What stands between the numbers of dates with years of two digits.
    pub(super) short: BTreeSet<char>,
}

impl Dates {
    // What a date in three numbers shows: "25/03/2026 14:30", "3.4.26".
    fn look(&mut self, text: &str) {
        let day = text
            .trim()
            .split([' ', 'T', ','])
            .next()
            .unwrap_or_default();
        let Some(mark) = day.chars().find(|c| matches!(c, '.' | '/' | '-')) else {
            return;
        };
        let parts: Vec<&str> = day.split(mark).collect();
        let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
        let ([first, second, _], [_, _, year]) = (numbers.as_slice(), parts.as_slice()) else {
            return;
        };
        if !matches!(year.len(), 2 | 4) || parts[0].len() > 2 {
            return;
        }
        // Between dots the day is first everywhere; that says nothing of other marks.
        self.day_first |= *first > 12 && *second <= 12;
        self.month_first |= *second > 12 && *first <= 12;
        if year.len() == 2 {
            self.short.insert(mark);
        }
    }
}

fn has_year(text: &str) -> bool {
    text.contains("19") || text.contains("20") || text.len() >= 10
}

fn is_pay(text: &str) -> bool {
    let signed = ['$', '€', '£'].iter().any(|sign| text.contains(*sign));
    signed && pay::from_text(text, &pay::PayRule::default()).is_ok_and(|pay| pay.is_some())
}

fn is_listed(text: &str) -> bool {
    let items: Vec<&str> = text.split([',', ';', '|']).collect();
    let named = text.chars().any(char::is_alphabetic);
    named && items.len() >= 3 && items.iter().all(|item| item.trim().split(' ').count() <= 4)
}

fn is_place(text: &str) -> bool {
    let place = place::read(text, None);
    text.len() <= 80 && place.city.is_some() && place.country.is_some()
}

fn is_flag(text: &str) -> bool {
    words::flag(&Value::from(text)).is_ok()
}

fn is_remote(text: &str) -> bool {
    // A flag may be of anything.
    text.len() <= 40 && !is_flag(text) && words::remote(&Value::from(text)).is_some()
}

fn is_url(text: &str) -> bool {
    let start = text.trim_start();
    start.starts_with("http://") || start.starts_with("https://") || start.starts_with("www.")
}

fn is_email(text: &str) -> bool {
    let parts = text.trim().split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains(' '))
}
