//! Titles of jobs in a CV's lines. Owns what speaks for and against a piece of a
//! line being one; the words are data (`data/facts/role.tsv`).

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::analysis::TermKey;
use crate::facts::Reading;
use crate::hash::PlainHash;

/// A piece of this score has a word of a profession.
pub(super) const ROLE: i32 = 4;
/// Words of a title at most.
const WORDS_MAX: usize = 14;

/// A piece of a line that may be a title.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) score: i32,
    /// Nothing but what no title has stands before it.
    pub(super) first: bool,
    /// It is of few words.
    pub(super) short: bool,
}

#[derive(Default)]
struct Lists {
    role: HashSet<TermKey, PlainHash>,
    rank: HashSet<TermKey, PlainHash>,
    employer: HashSet<TermKey, PlainHash>,
    study: HashSet<&'static str>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists::default();
    let file = include_str!("../../../data/facts/role.tsv");
    for (kind, words) in file.lines().filter_map(|line| line.split_once('\t')) {
        for word in words.split('|') {
            let key = TermKey::of(&crate::analysis::fold(word));
            match kind {
                "role" => {
                    lists.role.insert(key);
                }
                "rank" => {
                    lists.rank.insert(key);
                }
                "employer" => {
                    lists.employer.insert(key);
                }
                "study" => {
                    lists.study.insert(word);
                }
                _ => {}
            }
        }
    }
    lists
});

/// What CVs that were made anonymous, and forms, have in an employer's stead.
const FILLERS: [&str; 9] = [
    "Company Name",
    "City , State",
    "City, State",
    "City ,State",
    "COMPANY NAME",
    "Confidential",
    "N/A",
    "City",
    "State",
];

/// Signs that part a line; a dash only with blanks.
const SIGNS: [&str; 12] = [
    " - ", " – ", " — ", "|", "\t", "•", "·", " at ", " @ ", "â€“", "ï¼", ";",
];

/// Whether a piece says nothing: blanks, signs, what stands in an employer's
/// stead.
pub(super) fn is_filler(text: &str) -> bool {
    let mut rest = text.to_owned();
    for filler in FILLERS {
        rest = rest.replace(filler, " ");
    }
    !rest.chars().any(char::is_alphabetic)
}

/// Whether a text speaks of studies.
pub(super) fn speaks_of_study(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| word.len() > 1)
        .any(|word| LISTS.study.contains(word.to_lowercase().as_str()))
}

/// The likeliest title between two bytes of a line.
pub(super) fn best(reading: &Reading<'_>, start: usize, end: usize) -> Option<Piece> {
    let text = reading.text.get(start..end)?;
    let mut found: Option<Piece> = None;
    let mut first = true;
    for (from, to) in parts(text) {
        let (from, to) = trimmed(text, from, to);
        if from >= to || is_filler(text.get(from..to)?) {
            continue;
        }
        let pieces = commas(reading, start + from, start + to);
        for (from, to) in pieces {
            if let Some(mut piece) = scored(reading, from, to) {
                piece.first = first;
                if found.is_none_or(|held| piece.score > held.score) {
                    found = Some(piece);
                }
            }
            first = false;
        }
    }
    found
}

// The parts of a line between signs and fillers.
fn parts(text: &str) -> Vec<(usize, usize)> {
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    for sign in SIGNS.iter().chain(&FILLERS[..5]) {
        cuts.extend(
            text.match_indices(sign)
                .map(|(at, found)| (at, at + found.len())),
        );
    }
    cuts.sort_unstable();
    let mut parts = Vec::new();
    let mut from = 0;
    for (start, end) in cuts {
        if start >= from {
            parts.push((from, start));
        }
        from = from.max(end);
    }
    parts.push((from.min(text.len()), text.len()));
    parts
}

fn trimmed(text: &str, from: usize, to: usize) -> (usize, usize) {
    let part = text.get(from..to).unwrap_or_default();
    let sign = |c: char| !c.is_alphanumeric();
    let start = from + (part.len() - part.trim_start_matches(sign).len());
    let end = from
        + part
            .trim_end_matches(|c: char| sign(c) && !matches!(c, ')' | '+' | '#'))
            .len();
    (start, end.max(start))
}

// A part at its commas, where the pieces are of different kinds: "Director,
// Business Development" stays whole, "Engineer, Acme Inc., Berlin" does not.
fn commas(reading: &Reading<'_>, from: usize, to: usize) -> Vec<(usize, usize)> {
    let text = reading.text.get(from..to).unwrap_or_default();
    if !text.contains(", ") {
        return vec![(from, to)];
    }
    let mut pieces: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for piece in text.split(", ") {
        let (start, end) = trimmed(text, at, at + piece.len());
        at += piece.len() + 2;
        let (start, end) = (from + start, from + end);
        let rank = pieces
            .last()
            .is_some_and(|last| is_rank(reading, last.0, last.1));
        match pieces.last_mut() {
            Some(last) if rank && count(reading, start, end, &LISTS.employer) == 0 => last.1 = end,
            _ => pieces.push((start, end)),
        }
    }
    pieces
}

fn is_rank(reading: &Reading<'_>, from: usize, to: usize) -> bool {
    let words = words(reading, from, to);
    let last = words.last().map(|word| word.key);
    (1..=3).contains(&words.len()) && last.is_some_and(|key| LISTS.rank.contains(&key))
}

fn words<'a>(reading: &Reading<'a>, from: usize, to: usize) -> &'a [crate::analysis::Word] {
    let items = reading.words.items();
    let first = items.partition_point(|word| (word.start as usize) < from);
    let end = items.partition_point(|word| (word.start as usize) < to);
    items.get(first..end).unwrap_or_default()
}

fn count(
    reading: &Reading<'_>,
    from: usize,
    to: usize,
    list: &HashSet<TermKey, PlainHash>,
) -> usize {
    let words = words(reading, from, to);
    words.iter().filter(|word| list.contains(&word.key)).count()
}

fn scored(reading: &Reading<'_>, from: usize, to: usize) -> Option<Piece> {
    let words = words(reading, from, to);
    let text = reading.text.get(from..to)?;
    if words.is_empty() || words.len() > WORDS_MAX * 2 {
        return None;
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let first = text.chars().next()?;
    let roles = count(reading, from, to, &LISTS.role);
    let employers = count(reading, from, to, &LISTS.employer);
    let mut score = 0;
    if letters < 2 {
        return None;
    }
    if roles > 0 {
        score += ROLE;
        let last = words.iter().rev().find(|word| (word.end - word.start) > 3);
        score += i32::from(last.is_some_and(|word| LISTS.role.contains(&word.key)));
    }
    if first.is_lowercase() {
        score -= if roles > 0 { 1 } else { 3 };
    }
    if words.len() > 9 {
        score -= 2;
    }
    if words.len() > WORDS_MAX {
        score -= 4;
    }
    if employers > 0 {
        score -= if roles > 0 { 1 } else { 3 };
    }
    // "Chairman 2012 Building Committee": a list of years.
    if text
        .as_bytes()
        .windows(4)
        .any(|four| four.iter().all(u8::is_ascii_digit))
    {
        score -= 5;
    }
    let verb = text.split_whitespace().next().unwrap_or_default();
    let titled = [
        "Licensed",
        "Certified",
        "Registered",
        "Accredited",
        "Advanced",
    ]
    .contains(&verb);
    if verb.ends_with("ed") && words.len() > 2 && !titled {
        score -= 4;
    }
    if text.ends_with('.') || text.contains(". ") {
        score -= 3;
    }
    Some(Piece {
        start: from,
        end: to,
        score,
        first: false,
        short: words.len() <= WORDS_MAX,
    })
}
