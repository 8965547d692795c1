//! Positions of a CV: title, dates, and what the text says of them. Owns how a
//! period of a line finds its title; dates are `dates`', sums of years `years`'.
//!
//! A CV writes its positions in one way: the title in front of the period, behind
//! it, on the line before or on the next. The way that gives most titles with a
//! word of a profession in them decides, others are taken where it gives none.
//! Sure: 95 with such a word under a heading of experience, 80 with one of both,
//! 60 with neither.

mod dates;
mod titles;
mod years;

use super::{End, Fact, Month, Prose, Reading, Section, Value};
use dates::{Period, latest, periods};
use titles::{Piece, ROLE, best, speaks_of_study};
pub use years::{years_of, years_total};

/// Where a title stands, seen from its period.
const SLOTS: usize = 4;
const BEFORE: usize = 0;
const AFTER: usize = 1;
const LINE_BEFORE: usize = 2;
const LINE_AFTER: usize = 3;

/// Longer lines are no titles.
const TITLE_LINE_BYTES: usize = 120;
/// Lines about one position at most.
const POSITION_LINES: usize = 200;
/// Periods looked back at for the first of a section.
const PERIODS_BACK: usize = 16;
/// What is farther away on a line belongs to something else.
const NEAR_BYTES: usize = 200;
/// More words in front of a period are a sentence.
const FRONT_WORDS: usize = 18;

/// The latest month a CV names, which "current" means where nobody says the day.
pub fn latest_month(text: &str) -> Option<Month> {
    latest(text)
}

struct Found {
    period: Period,
    pieces: [Option<Piece>; SLOTS],
    section: Section,
    // The line says nothing else.
    alone: bool,
}

pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    if reading.prose != Prose::Cv {
        return;
    }
    let all = periods(reading.text);
    let found: Vec<Found> = all
        .iter()
        .enumerate()
        .filter_map(|(at, period)| look(reading, &all, at, *period))
        .collect();
    let main = main_slot(&found);
    let chosen: Vec<(Piece, &Found)> = found
        .iter()
        .filter_map(|one| Some((title(one, main)?, one)))
        .collect();
    for (at, (piece, one)) in chosen.iter().enumerate() {
        let from = piece.start.min(one.period.start);
        let next = chosen
            .get(at + 1)
            .map(|(piece, next)| piece.start.min(next.period.start));
        out.push(position(reading, *piece, one, (from, next)));
    }
}

fn position(
    reading: &Reading<'_>,
    piece: Piece,
    one: &Found,
    (from, next): (usize, Option<usize>),
) -> Fact {
    let named = piece.score >= ROLE;
    let under = one.section == Section::Experience;
    let behind = one.period.end.max(piece.end);
    let lines = reading
        .lines
        .partition_point(|line| (line.start as usize) < behind);
    let section_end = reading
        .lines
        .iter()
        .skip(lines)
        .take(POSITION_LINES)
        .find(|line| line.heading && line.section != Section::Experience);
    let end = section_end.map_or(text_end(reading, lines), |line| line.start as usize);
    let end = next.map_or(end, |next| end.min(next)).max(behind);
    Fact {
        value: Value::Position {
            from: Some(one.period.from),
            to: one.period.to.or(Some(End::Now)),
            dates: Some((one.period.start as u32, one.period.end as u32)),
            about: (from as u32, end as u32),
        },
        start: piece.start as u32,
        end: piece.end as u32,
        sure: match (named, under) {
            _ if is_volunteer(reading, piece, one) => VOLUNTEER,
            (true, true) => 95,
            (true, false) | (false, true) => 80,
            (false, false) => 60,
        },
    }
}

/// How sure a volunteer's position is to be work.
const VOLUNTEER: u8 = 40;

// Whether a title, or the line before it, speaks of volunteers.
fn is_volunteer(reading: &Reading<'_>, piece: Piece, one: &Found) -> bool {
    let line = reading.line_at(piece.start as u32);
    let from = line.map_or(piece.start, |line| line.start as usize);
    let floor = piece.start.min(one.period.start).saturating_sub(NEAR_BYTES);
    let from = reading.text.ceil_char_boundary(from.max(floor));
    let said = reading
        .text
        .get(from..piece.end.max(from))
        .unwrap_or_default()
        .to_lowercase();
    said.contains("volunteer")
        && !said.contains("volunteer coordinator")
        && !said.contains("volunteer manager")
        && !said.contains("volunteer services")
        || one.section == Section::Other
}
fn text_end(reading: &Reading<'_>, line: usize) -> usize {
    let behind = reading.lines.get(line + POSITION_LINES);
    behind.map_or(reading.text.len(), |line| line.start as usize)
}

// The slot most titles stand in.
fn main_slot(found: &[Found]) -> usize {
    let count = |slot: usize| {
        let titles = found.iter().filter_map(|one| one.pieces[slot]);
        titles.filter(|piece| piece.score >= ROLE).count()
    };
    (0..SLOTS)
        .rev()
        .max_by_key(|slot| count(*slot))
        .unwrap_or(BEFORE)
}

fn title(one: &Found, main: usize) -> Option<Piece> {
    let under = one.section == Section::Experience;
    // Years alone without a profession are of clubs and causes.
    let least = if under && one.period.from.month.is_some() {
        0
    } else {
        ROLE
    };
    let fits = |piece: &Piece| piece.score >= least;
    // A date alone counts only where the others do.
    if one.period.to.is_none() {
        return one.pieces[main].filter(|piece| under && piece.score >= ROLE);
    }
    one.pieces[main]
        .filter(fits)
        .or_else(|| {
            let others = one
                .pieces
                .iter()
                .flatten()
                .filter(|piece| piece.score >= ROLE);
            others.copied().max_by_key(|piece| piece.score)
        })
        .or_else(|| {
            // Years count without a title too; then the dates stand for it.
            let dated = one.alone || one.period.from.month.is_some();
            (under && dated).then_some(Piece {
                start: one.period.start,
                end: one.period.end,
                score: -1,
                first: true,
                short: true,
            })
        })
}

// The titles that may belong to a period; None for periods that are none of a
// career.
fn look(reading: &Reading<'_>, all: &[Period], at: usize, period: Period) -> Option<Found> {
    let text = reading.text;
    let number = reading
        .lines
        .partition_point(|line| line.start as usize <= period.start)
        .checked_sub(1)?;
    let line = reading.lines.get(number)?;
    // "January 2012", "to", "May 2014" may stand on lines of their own.
    let last = reading
        .lines
        .partition_point(|line| (line.start as usize) < period.end)
        .checked_sub(1)?;
    // Of long lines what is near: a CV may come without line ends.
    let floor = text.ceil_char_boundary(period.start.saturating_sub(NEAR_BYTES));
    let start = (line.start as usize).max(floor);
    let end = (reading.lines.get(last)?.end as usize).max(period.end);
    let end = end.min(text.floor_char_boundary(text.len().min(period.end + NEAR_BYTES)));
    let section = line.section;
    if between(all, start, end)
        .iter()
        .filter(|other| other.to.is_some())
        .count()
        > 1
    {
        return None;
    }
    let (front, back) = (text.get(start..period.start)?, text.get(period.end..end)?);
    if front.split_whitespace().count() > FRONT_WORDS || is_clause(front) {
        return None;
    }
    if period.to.is_none()
        && !(front.trim().is_empty() && first_of_section(reading, all, at, section))
    {
        return None;
    }
    let near = |number: usize| {
        let line = reading.lines.get(number)?;
        let length = (line.end - line.start) as usize;
        let dated = !between(all, line.start as usize, line.end as usize).is_empty();
        (!line.heading && length <= TITLE_LINE_BYTES && !dated)
            .then_some((line.start as usize, line.end as usize))
    };
    let bare = titles::is_filler(front);
    let mut pieces = [None; SLOTS];
    pieces[BEFORE] = best(reading, start, period.start);
    pieces[AFTER] = best(reading, period.end, end)
        .filter(|piece| piece.first || piece.score >= ROLE && piece.short);
    if bare {
        let before = number.checked_sub(1).and_then(near);
        pieces[LINE_BEFORE] = before
            .filter(|(_, end)| {
                !text
                    .get(..*end)
                    .is_some_and(|text| text.ends_with(['.', ';']))
            })
            .and_then(|(start, end)| best(reading, start, end))
            .filter(|piece| piece.short);
        if titles::is_filler(back) || pieces[AFTER].is_none() {
            let after = reading.lines.get(last + 1).filter(|line| !line.heading);
            pieces[LINE_AFTER] = after
                .and_then(|line| best(reading, line.start as usize, line.end as usize))
                .filter(|piece| piece.short && piece.first);
        }
    }
    // What was studied has dates too.
    let studied = speaks_of_study(front) || speaks_of_study(back);
    let has_role = pieces.iter().flatten().any(|piece| piece.score >= ROLE);
    let learning = matches!(
        section,
        Section::Education | Section::Certificates | Section::Languages
    );
    // A short line with a profession in it is a job wherever it stands.
    let short = front.split_whitespace().count() + back.split_whitespace().count() <= 8;
    if (studied || learning) && (!has_role || learning && (studied || !short)) {
        return None;
    }
    Some(Found {
        period,
        pieces,
        section,
        alone: bare && titles::is_filler(back),
    })
}

// The periods that begin between two bytes.
fn between(all: &[Period], start: usize, end: usize) -> &[Period] {
    let first = all.partition_point(|period| period.start < start);
    let behind = all.partition_point(|period| period.start < end);
    all.get(first..behind).unwrap_or_default()
}

// "… from 2006-2011", "during May 2010 to …": part of a sentence.
fn is_clause(front: &str) -> bool {
    let last = front.split_whitespace().next_back().unwrap_or_default();
    let words = front.split_whitespace().count();
    let leads = [
        "from", "during", "between", "in", "of", "for", "the", "since", "by", "through", "and",
        "was", "on",
    ];
    words > 1 && leads.contains(&last)
}

// Whether no period stands before in the same section.
fn first_of_section(reading: &Reading<'_>, all: &[Period], at: usize, section: Section) -> bool {
    if section != Section::Experience {
        return false;
    }
    let before = all.iter().take(at).rev().take(PERIODS_BACK).any(|other| {
        let line = reading.line_at(other.start as u32);
        line.is_some_and(|line| line.section == section)
    });
    !before
}

#[cfg(test)]
mod tests;
