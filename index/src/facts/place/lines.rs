//! Places in titles, behind labels and alone on lines. Owns those patterns.

use super::name::{self, Named};
use crate::facts::Reading;

/// Lines at the beginning on which a place may stand alone.
const FIRST_LINES: usize = 6;
/// Longer lines are sentences, and shorter ones with a full stop.
const FIRST_LINE_BYTES: u32 = 80;
const FIRST_SENTENCE_BYTES: u32 = 60;
/// A city named without any cue has so many people.
const TITLE_POPULATION: u32 = 35_000;

pub(super) fn from_title(reading: &Reading<'_>, found: &mut Vec<(u8, Named)>) {
    let Some((_, end)) = reading.title else {
        return;
    };
    segments(reading, 0, end, 90, found);
}

// Places that fill a part of a line between dashes, bars, commas and brackets,
// or stand behind "in".
fn segments(reading: &Reading<'_>, start: u32, end: u32, sure: u8, found: &mut Vec<(u8, Named)>) {
    let items = reading.words.items();
    let first = items.partition_point(|word| word.start < start);
    let mut at = first;
    while items.get(at).is_some_and(|word| word.start < end) {
        let named = opens(reading, first, at).and_then(|open| {
            let named = name::at(reading, at).or_else(|| name::in_region(reading, at))?;
            let closed = closes(reading, named.next, end);
            let fits = named.end <= end as usize
                && if at == first {
                    false
                } else {
                    closed || open == Open::In
                };
            let wide = named.population == 0 && named.city.is_empty();
            (fits && (wide || named.population >= TITLE_POPULATION || !named.region.is_empty()))
                .then_some(named)
        });
        if let Some(named) = named {
            at = named.next;
            found.push((sure, named));
        } else {
            at += 1;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Sign,
    In,
}

// What a part of a line begins with.
fn opens(reading: &Reading<'_>, first: usize, at: usize) -> Option<Open> {
    let items = reading.words.items();
    if at == first {
        return Some(Open::Sign);
    }
    let before = items.get(at.checked_sub(1)?)?;
    if matches!(reading.words.folded(before), "in" | "bei" | "near") {
        return Some(Open::In);
    }
    let gap = reading
        .text
        .get(before.end as usize..items.get(at)?.start as usize)?;
    let where_word = matches!(
        reading.words.folded(before),
        "remote" | "hybrid" | "onsite" | "site" | "based" | "or" | "office"
    );
    (gap.contains(['(', ')', '|', ',', '[', '/', ':', '@', '–', '—', '•'])
        || gap.contains(" -")
        || gap.contains("- ")
        || (where_word && gap.trim().is_empty()))
    .then_some(Open::Sign)
}

fn closes(reading: &Reading<'_>, next: usize, end: u32) -> bool {
    let items = reading.words.items();
    let Some(word) = items.get(next).filter(|word| word.start < end) else {
        return true;
    };
    let from = items
        .get(next.saturating_sub(1))
        .map_or(0, |before| before.end);
    let gap = reading
        .text
        .get(from as usize..word.start as usize)
        .unwrap_or_default();
    gap.contains([')', '|', ',', ']', '/', '(', '–', '—', ';', '•', '*'])
        || gap.contains(" -")
        || gap.contains("- ")
        || matches!(
            reading.words.folded(word),
            "or" | "and" | "based" | "area" | "office" | "only" | "hybrid" | "remote"
        )
}

pub(super) fn from_lines(reading: &Reading<'_>, found: &mut Vec<(u8, Named)>) {
    let items = reading.words.items();
    let body = reading.title.map_or(0, |(_, end)| end);
    let lines = reading
        .lines
        .iter()
        .filter(|line| line.start > body || body == 0);
    for (number, line) in lines.enumerate() {
        let first = items.partition_point(|word| word.start < line.start);
        let end = items.partition_point(|word| word.start < line.end);
        if number < FIRST_LINES && end > first && is_short(reading, line.start, line.end) {
            let alone = name::at(reading, first).or_else(|| name::state(reading, first));
            if let Some(named) = alone.filter(|named| {
                is_told(named) && (named.next >= end || only_ways(reading, named.next, end))
            }) {
                found.push((80, named));
            } else if end - first <= 14 && number < 4 && line.end - line.start > 3 {
                let mut more = Vec::new();
                segments(reading, line.start, line.end, 80, &mut more);
                found.extend(more.into_iter().filter(|(_, named)| {
                    named.population >= TITLE_POPULATION && !named.country.is_empty()
                }));
            }
        }
        if number >= FIRST_LINES {
            break;
        }
        if number == 0 {
            before_pay(reading, first, end.min(first + 14), found);
        }
    }
}

fn is_short(reading: &Reading<'_>, start: u32, end: u32) -> bool {
    let line = reading.text.get(start as usize..end as usize);
    let stops = line.is_none_or(|line| line.ends_with('.') || line.contains(". "));
    end - start
        < if stops {
            FIRST_SENTENCE_BYTES
        } else {
            FIRST_LINE_BYTES
        }
}

// Small towns have names that are words too: "Come".
fn is_told(named: &Named) -> bool {
    named.city.is_empty() || named.population >= TITLE_POPULATION || !named.region.is_empty()
}

// "Sales Manager Wakefield £25,000": the short form of boards that put title,
// place and pay in front.
fn before_pay(reading: &Reading<'_>, first: usize, end: usize, found: &mut Vec<(u8, Named)>) {
    let items = reading.words.items();
    let range = items.get(first).zip(items.get(end.saturating_sub(1)));
    let line = range.and_then(|(from, to)| {
        reading
            .text
            .get(from.start as usize..(to.end as usize + 8).min(reading.text.len()))
    });
    if !line.is_some_and(|line| line.contains(['*', '£', '$', '€'])) {
        return;
    }
    for at in first + 1..end {
        if let Some(named) = name::at(reading, at) {
            let rest = reading.text.get(named.end..).unwrap_or_default();
            if rest.trim_start().starts_with(['*', '£', '$', '€']) && !rest.starts_with('\n') {
                found.push((80, named));
                return;
            }
        }
    }
}

// Whether only words about the way of working are left.
fn only_ways(reading: &Reading<'_>, from: usize, end: usize) -> bool {
    let items = reading.words.items();
    let ways = [
        "remote",
        "hybrid",
        "onsite",
        "on",
        "site",
        "full",
        "part",
        "time",
        "permanent",
        "contract",
        "office",
        "area",
        "based",
    ];
    items.get(from..end).is_some_and(|rest| {
        rest.iter()
            .all(|word| ways.contains(&reading.words.folded(word)))
    })
}

/// Labels that are words of sentences too: they need their colon.
#[rustfmt::skip]
const WORDS: [&str; 10] = [
    "ort", "city", "sede", "workplace", "plats", "travail", "affectation", "trabalho", "trabajo", "kontor",
];

/// "Location: X", "LOCATION X", "Work location" with the place on the next line.
/// `glued`: "…ApparelLocation: Leeds", where a line end was lost.
pub(super) fn labelled(
    reading: &Reading<'_>,
    at: usize,
    glued: bool,
    found: &mut Vec<(u8, Named)>,
) {
    let items = reading.words.items();
    let Some(word) = items.get(at) else {
        return;
    };
    let Some(line) = reading.line_at(word.start) else {
        return;
    };
    let first = items.partition_point(|word| word.start < line.start);
    let end = items.partition_point(|word| word.start < line.end);
    let (folded, line_end) = (reading.words.folded(word), line.end);
    let upper = glued
        || reading
            .text
            .get(word.start as usize..)
            .is_some_and(|rest| rest.starts_with(char::is_uppercase));
    let behind = reading
        .text
        .get(word.end as usize..line_end as usize)
        .unwrap_or_default();
    let colon = behind
        .trim_start_matches(['*', ' ', '_', '(', 's', ')'])
        .starts_with([':', '-', '–']);
    let heading = behind
        .trim_matches(['*', ' ', ':', '_', '#', '-'])
        .is_empty();
    let short = WORDS.contains(&folded);
    let begins = at == first || (at <= first + 3 && upper);
    if upper && !colon && !heading && !begins && !short {
        // "Work Location Richmond" of a form without line ends.
        let before = at.checked_sub(1).and_then(|at| items.get(at));
        let label = before.is_some_and(|word| {
            matches!(
                reading.words.folded(word),
                "work" | "job" | "primary" | "position"
            )
        });
        let named =
            name::at(reading, at + 1).filter(|named| label && named.population >= TITLE_POPULATION);
        if let Some(named) = named {
            found.push((80, named));
            return;
        }
        addressed(reading, at + 1, end.min(at + 14), found);
    }

    if !(colon || heading && begins || upper && !short && begins) || !(upper || colon) {
        return;
    }
    let from = at + 1;
    let limit = if heading {
        // The next line that is not empty.
        let behind = reading.lines.partition_point(|line| line.start < line_end);
        let line = reading.lines.get(behind);
        line.map_or(from, |line| {
            items.partition_point(|word| word.start < line.end)
        })
    } else {
        end
    };
    let label = Label {
        from,
        limit: limit.min(from + 14),
        sure: if colon || heading { 95 } else { 80 },
        // On the line as it was written, whether or not it is read as two.
        town: colon && same_line(reading, word.end, from),
    };
    after_label(reading, label, found);
}

// Whether a word stands on the written line of a byte before it.
fn same_line(reading: &Reading<'_>, byte: u32, at: usize) -> bool {
    let start = reading
        .words
        .items()
        .get(at)
        .map(|word| word.start as usize);
    let between = start.and_then(|start| reading.text.get(byte as usize..start));
    between.is_some_and(|between| !between.contains('\n'))
}

// "Location 907 Floyd Ave, Richmond, VA 23284": within a line only an address
// with its state counts.
fn addressed(reading: &Reading<'_>, from: usize, limit: usize, found: &mut Vec<(u8, Named)>) {
    let named = (from..limit).find_map(|at| {
        let named = name::at(reading, at)?;
        let full = !named.city.is_empty() && !named.region.is_empty();
        full.then_some(named)
    });
    found.extend(named.map(|named| (80, named)));
}

#[derive(Clone, Copy, Debug)]
struct Label {
    // The first word behind it, and the word no place of it stands at.
    from: usize,
    limit: usize,
    sure: u8,
    // A town the gazetteer does not know may stand there.
    town: bool,
}

// The places behind a label: the first, and those joined to it.
fn after_label(reading: &Reading<'_>, label: Label, found: &mut Vec<(u8, Named)>) {
    let Label {
        from,
        limit,
        sure,
        town,
    } = label;
    let items = reading.words.items();
    let mut at = from;
    let mut any = false;
    while at < limit {
        let named = name::at(reading, at)
            .or_else(|| name::state(reading, at))
            .or_else(|| name::glued(reading, at));
        if let Some(named) = named {
            at = named.next;
            any = true;
            // "United States-Walker", "US-CA-San Francisco".
            if named.city.is_empty()
                && let Some(town) = behind_dash(reading, at)
            {
                found.push((sure, town));
                return;
            }
            found.push((sure, named));
            let next = items.get(at).map(|word| reading.words.folded(word));
            let gap = items.get(at).map_or("\n", |word| {
                let before = items.get(at - 1).map_or(word.start, |before| before.end);
                reading
                    .text
                    .get(before as usize..word.start as usize)
                    .unwrap_or("\n")
            });
            // "New York or Boston", "Berlin / Hamburg"; else the first it is.
            if matches!(next, Some("or" | "and" | "oder" | "und" | "ou")) {
                at += 1;
            } else if !matches!(gap.trim(), "/" | "|" | ";" | "&" | "•" | ",") || gap.contains('\n')
            {
                return;
            }
        } else {
            let skipped = items.get(at).map(|word| reading.words.folded(word));
            let way = matches!(
                skipped,
                Some(
                    "remote"
                        | "hybrid"
                        | "onsite"
                        | "on"
                        | "site"
                        | "the"
                        | "in"
                        | "office"
                        | "fully"
                        | "full"
                        | "is"
                        | "s"
                        | "our"
                        | "us"
                        | "based"
                        | "near"
                        | "from"
                        | "downtown"
                        | "home"
                        | "person"
                        | "work"
                )
            );
            if any {
                return;
            }
            if !way {
                // A town the gazetteer does not know, or an address before it.
                let unknown = name::unknown(reading, at)
                    .filter(|named| named.known || (town && at == from && lonely(reading, named)));
                if let Some(named) = unknown {
                    found.push((if named.known { 80 } else { 70 }, named));
                    return;
                }
            }
            at += 1;
        }
    }
}

// The town behind a country and a dash, as forms of employers write it.
fn behind_dash(reading: &Reading<'_>, at: usize) -> Option<Named> {
    let items = reading.words.items();
    let gap = |at: usize| {
        let (before, word) = (items.get(at.checked_sub(1)?)?, items.get(at)?);
        reading.text.get(before.end as usize..word.start as usize)
    };
    let mut town = at;
    // A state's code between them.
    if gap(at + 1).is_some_and(|gap| gap == "-") && name::state(reading, at).is_some() {
        town += 1;
    }
    if !matches!(gap(at)?, "-" | " - ") {
        return None;
    }
    let named = name::at(reading, town).filter(|named| !named.city.is_empty());
    named.or_else(|| name::unknown(reading, town).filter(|named| lonely(reading, named)))
}

// Whether a name ends its line, or what it labels.
fn lonely(reading: &Reading<'_>, named: &Named) -> bool {
    let rest = reading.text.get(named.end..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    // Another label: "Current location:" above "Salary expectation:".
    if line.trim_start().starts_with(':') {
        return false;
    }
    let line = line.trim_matches([' ', '.', '*', ',', ')', ':']);
    let next = line.split_whitespace().next().unwrap_or_default();
    let label = [
        "salary",
        "hours",
        "type",
        "pay",
        "contract",
        "reports",
        "department",
    ];
    line.is_empty()
        || label
            .iter()
            .any(|word| next.trim_end_matches(':').eq_ignore_ascii_case(word))
}
