//! Privacy: which bytes of a text are names, contacts, ages and the like of people,
//! and the text without them. Runs before analysis and embedding, and before a blind
//! answer is shown; docs/analysis.md says what is cut. Owns the patterns; stores and
//! logs nothing.

mod blind;
mod contacts;
mod document;
mod labels;
mod mentions;
mod names;
mod personal;
mod prose;
mod schools;
mod shape;

use std::borrow::Cow;
use std::ops::Range;

pub use blind::{is_about_people, show};
pub use document::cuts_of;

/// The header block of a CV: its first lines that are not empty.
const HEADER_LINES: usize = 10;

/// One line of a text: its bytes without blanks at the ends, and its number
/// among the lines that are not empty.
#[derive(Clone, Debug)]
struct Line {
    range: Range<usize>,
    number: usize,
}

impl Line {
    fn is_header(&self) -> bool {
        self.number < HEADER_LINES
    }
}

/// What a cut is of, as a blind answer says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// A person's name.
    Name,
    /// A way to a person: address, number, profile.
    Contact,
    /// A date of birth, or of school.
    Date,
    /// An age.
    Age,
    /// A gender, a marriage, a nationality and the like.
    Personal,
    /// A picture.
    Photo,
}

impl Mark {
    /// What stands in the place of the cut: `[name]`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "[name]",
            Self::Contact => "[contact]",
            Self::Date => "[date]",
            Self::Age => "[age]",
            Self::Personal => "[personal]",
            Self::Photo => "[photo]",
        }
    }
}

/// Bytes to cut, and what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The bytes.
    pub range: Range<usize>,
    /// What they are.
    pub mark: Mark,
}

/// Whom a text is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Nobody, as an ad: contacts alone are cut.
    Nobody,
    /// A person, in a few words: contacts, ages and the like, but a headline says no
    /// name that was not found elsewhere.
    Headline,
    /// A person, as a CV: personal lines, names and years of school go too.
    Person,
    /// Where a person went to school: every year goes too.
    School,
}

/// The byte ranges to cut, in order, apart from each other, at character
/// boundaries. `is_person` says that the text is about a person (a CV): then
/// personal lines and the name go too, else only contacts.
pub fn private_ranges(text: &str, is_person: bool) -> Vec<Range<usize>> {
    let about = if is_person {
        About::Person
    } else {
        About::Nobody
    };
    let cuts = cuts(text, about).into_iter();
    cuts.map(|cut| cut.range).collect()
}

/// What to cut of a text and why: as [`private_ranges`].
pub fn cuts(text: &str, about: About) -> Vec<Cut> {
    found(text, about).cuts
}

/// What was found in a text: what to cut, and whose names it says.
struct Found {
    cuts: Vec<Cut>,
    names: Vec<String>,
}

fn found(text: &str, about: About) -> Found {
    let lines = lines(text);
    let is_person = about != About::Nobody;
    let contacts = contacts::find(text, &lines, is_person);
    let mut cuts: Vec<Cut> = contacts
        .into_iter()
        .map(|range| Cut {
            mark: contacts::mark(text, &range),
            range,
        })
        .collect();
    let labelled = labels::find(text, &lines, is_person);
    cuts.extend(labelled.cuts);
    let mut names = Vec::new();
    if is_person {
        cuts.extend(personal::find(text, &lines, &labelled.strong));
        cuts = joined(cuts);
        let ways: Vec<Range<usize>> = cuts
            .iter()
            .filter(|cut| matches!(cut.mark, Mark::Contact | Mark::Name | Mark::Date))
            .map(|cut| cut.range.clone())
            .collect();
        let mut places = labelled.names;
        if about != About::Headline {
            places.extend(names::find(text, &lines, &ways));
            places.extend(prose::find(text));
        }
        for place in &places {
            let name = text.get(place.clone()).unwrap_or("");
            let name = shape::without_degrees(name).to_owned();
            if shape::looks_like_name(&name) && !names.contains(&name) {
                names.push(name);
            }
        }
        let of = |mark: Mark| move |range: Range<usize>| Cut { range, mark };
        cuts.extend(places.into_iter().map(of(Mark::Name)));
        cuts.extend(
            mentions::of_names(text, &names)
                .into_iter()
                .map(of(Mark::Name)),
        );
        let schools = schools::find(text, &lines, about == About::School);
        cuts.extend(schools.into_iter().map(of(Mark::Date)));
    }
    Found {
        cuts: joined(cuts),
        names,
    }
}

/// The text with one blank in the place of every cut: nothing of it says how long
/// what was cut is. Cuts are those of this text.
pub fn without<'a>(text: &'a str, cuts: &[Cut]) -> Cow<'a, str> {
    if cuts.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut kept = 0;
    for cut in cuts {
        out.push_str(text.get(kept..cut.range.start).unwrap_or(""));
        out.push(' ');
        kept = cut.range.end;
    }
    out.push_str(text.get(kept..).unwrap_or(""));
    Cow::Owned(out)
}

/// The text with a mark in the place of every cut. Cuts are those of this text.
pub fn marked<'a>(text: &'a str, cuts: &[Cut]) -> Cow<'a, str> {
    if cuts.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut kept = 0;
    let mut last: Option<Mark> = None;
    for cut in cuts {
        let Some(before) = text.get(kept..cut.range.start) else {
            continue;
        };
        // "Jane [name] Doe" of two cuts side by side says it once.
        let again = last == Some(cut.mark) && before.chars().all(|c| matches!(c, ' ' | ',' | '|'));
        if !again {
            out.push_str(before);
            out.push_str(cut.mark.as_str());
        }
        last = Some(cut.mark);
        kept = cut.range.end;
    }
    out.push_str(text.get(kept..).unwrap_or(""));
    Cow::Owned(out)
}

/// The text with every byte of the ranges replaced by a blank: same length, so
/// that later ranges fit the original. Line ends stay. Ranges that are not of
/// this text (out of bounds, inside a character) are left as they are.
pub fn mask<'a>(text: &'a str, ranges: &[Range<usize>]) -> Cow<'a, str> {
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut kept = 0;
    for range in ranges {
        let (Some(before), Some(cut)) = (text.get(kept..range.start), text.get(range.clone()))
        else {
            continue;
        };
        masked.push_str(before);
        masked.extend(
            cut.bytes()
                .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
        );
        kept = range.end;
    }
    masked.push_str(text.get(kept..).unwrap_or(""));
    Cow::Owned(masked)
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for raw in text.split_inclusive('\n') {
        let trimmed = raw.trim_start();
        let first = start + raw.len() - trimmed.len();
        let kept = trimmed.trim_end();
        if !kept.is_empty() {
            lines.push(Line {
                range: first..first + kept.len(),
                number: lines.len(),
            });
        }
        start += raw.len();
    }
    lines
}

/// Sorted cuts without overlaps that cover the same bytes; of overlapping ones the
/// mark of the longest stays.
fn joined(mut cuts: Vec<Cut>) -> Vec<Cut> {
    cuts.retain(|cut| !cut.range.is_empty());
    cuts.sort_unstable_by_key(|cut| (cut.range.start, cut.range.end, cut.mark));
    let mut apart: Vec<(Cut, usize)> = Vec::with_capacity(cuts.len());
    for cut in cuts {
        let bytes = cut.range.len();
        match apart.last_mut() {
            Some((last, longest)) if cut.range.start <= last.range.end => {
                last.range.end = last.range.end.max(cut.range.end);
                if bytes > *longest {
                    last.mark = cut.mark;
                    *longest = bytes;
                }
            }
            _ => apart.push((cut, bytes)),
        }
    }
    apart.into_iter().map(|(cut, _)| cut).collect()
}

/// Sorted ranges without overlaps that cover the same bytes.
pub(crate) fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// A pattern of this module; the tests build every one.
fn pattern(source: &str) -> regex::Regex {
    regex::Regex::new(source).expect("patterns are constants that compile")
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_person;
