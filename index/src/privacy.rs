//! Privacy: which bytes of a text are names and contacts of people, and the
//! text without them. Runs before analysis and embedding; docs/analysis.md says
//! what is cut. Owns the patterns; stores and logs nothing.

mod contacts;
mod labels;
mod names;

use std::borrow::Cow;
use std::ops::Range;

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

/// The byte ranges to cut, in order, apart from each other, at character
/// boundaries. `is_person` says that the text is about a person (a CV): then
/// personal lines and the name go too, else only contacts.
pub fn private_ranges(text: &str, is_person: bool) -> Vec<Range<usize>> {
    let lines = lines(text);
    let mut ranges = contacts::find(text, &lines, is_person);
    ranges.extend(labels::find(text, &lines, is_person));
    if is_person {
        ranges = merged(ranges);
        let names = names::find(text, &lines, &ranges);
        ranges.extend(names);
    }
    merged(ranges)
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

/// Where a text says a private value: the whole value in any case, and where it
/// reads like a name (up to five words of letters), each of its words of three
/// letters or more, as written.
pub(crate) fn mentions(text: &str, value: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // ASCII folding keeps byte positions.
    let (low_text, low_value) = (text.to_ascii_lowercase(), value.to_ascii_lowercase());
    found.extend(
        low_text
            .match_indices(&low_value)
            .map(|(at, s)| at..at + s.len()),
    );
    let parts: Vec<&str> = value.split_whitespace().collect();
    let letters = |c: char| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’');
    if parts.len() <= 5 && value.chars().all(|c| letters(c) || c.is_whitespace()) {
        for part in parts.iter().filter(|part| part.chars().count() >= 3) {
            found.extend(whole_words(text, part));
        }
    }
    found
}

fn whole_words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .map(|(at, found)| at..at + found.len())
        .filter(move |range| {
            let before = text.get(..range.start).and_then(|t| t.chars().next_back());
            let behind = text.get(range.end..).and_then(|t| t.chars().next());
            !inside(before) && !inside(behind)
        })
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
