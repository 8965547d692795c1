//! How likely some words are the name of a skill that no dictionary has: a sum of
//! weights of the words, of those beside them and of where they stand. Owns what is
//! weighed; the weights are `data/facts/name.tsv`, learned beforehand from labels by
//! `data/facts/name.py`, which weighs the same.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use crate::analysis::{TermKey, Word};
use crate::hash::PlainHash;

use super::{Prose, Reading, Section};

/// What a word can be of a name: all of it, its last word, one before that; or the
/// word in front of it or behind it.
const ROLES: usize = 5;
const ALONE: usize = 0;
const LAST: usize = 1;
const EARLIER: usize = 2;
const BEFORE: usize = 3;
const BEHIND: usize = 4;

type Roles = [i8; ROLES];

/// What stands on a side of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Word,
    And,
    Sign,
    // Before it a colon or a dash, behind it a stop.
    Dash,
    Colon,
}

const LEFT: [(&str, Side); 4] = [
    ("word", Side::Word),
    ("and", Side::And),
    ("sign", Side::Sign),
    ("dash", Side::Dash),
];
const RIGHT: [(&str, Side); 5] = [
    ("word", Side::Word),
    ("and", Side::And),
    ("sign", Side::Sign),
    ("dot", Side::Dash),
    ("colon", Side::Colon),
];

/// Sorts of sections by which the sides are weighed: what lists skills, what asks
/// for them, others.
const SORTS: [&str; 3] = ["x", "rq", "sk"];

/// Sections that name skills in words of their own.
const SECTIONS: [(&str, Section); 7] = [
    ("Open", Section::Open),
    ("Required", Section::Required),
    ("Preferred", Section::Preferred),
    ("Duties", Section::Duties),
    ("Experience", Section::Experience),
    ("Skills", Section::Skills),
    ("Summary", Section::Summary),
];

/// The longest name, in words.
pub(super) const WORDS_MAX: usize = 4;

struct Weights {
    words: HashMap<u64, Roles, PlainHash>,
    unknown: Roles,
    // By sort of text.
    one: [i32; 2],
    many: [i32; 2],
    sections: [[i32; SECTIONS.len()]; 2],
    sides: [[[i32; SORTS.len()]; RIGHT.len()]; LEFT.len()],
    count: [i32; WORDS_MAX],
    before: i32,
    behind: i32,
    capitals: i32,
    inner_capital: i32,
    all_begin_capital: i32,
    trimmed: i32,
    // By whether a name of the dictionary stands before it and behind it in a list.
    beside: [[i32; 2]; 2],
}

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| Weights::of(TABLE));

const TABLE: &str = include_str!("../../data/facts/name.tsv");

impl Weights {
    fn of(table: &str) -> Self {
        let mut held: HashMap<&str, i32> = HashMap::new();
        let mut words = HashMap::default();
        let mut unknown = [0; ROLES];
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        for (name, value) in lines.filter_map(|line| line.split_once('\t')) {
            if let Some(name) = name.strip_prefix('=') {
                held.insert(name, value.parse().unwrap_or(0));
                continue;
            }
            let mut roles = [0; ROLES];
            for (role, weight) in roles.iter_mut().zip(value.split(' ')) {
                *role = weight.parse().unwrap_or(0);
            }
            match name {
                "?" => unknown = roles,
                word => _ = words.insert(TermKey::of(word).0, roles),
            }
        }
        let get = |name: &str| held.get(name).copied().unwrap_or(0);
        let by_prose = |name: &str| ["ad", "cv"].map(|prose| get(&format!("{prose} {name}")));
        let mut sections = [[0; SECTIONS.len()]; 2];
        for (at, (name, _)) in SECTIONS.iter().enumerate() {
            [sections[0][at], sections[1][at]] = by_prose(name);
        }
        let sides = LEFT.map(|(left, _)| {
            RIGHT.map(|(right, _)| SORTS.map(|sort| get(&format!("{left} {right} {sort}"))))
        });
        Self {
            words,
            unknown,
            one: by_prose("one"),
            many: by_prose("many"),
            sections,
            sides,
            count: [1, 2, 3, 4].map(|count| get(&format!("words {count}"))),
            before: get("before"),
            behind: get("behind"),
            capitals: get("acro"),
            inner_capital: get("camel"),
            all_begin_capital: get("allcap"),
            trimmed: get("trimmed"),
            beside: [["00", "01"], ["10", "11"]]
                .map(|pair| pair.map(|name| get(&format!("beside {name}")))),
        }
    }

    fn roles(&self, word: &Word) -> &Roles {
        self.words.get(&word.key.0).unwrap_or(&self.unknown)
    }
}

/// Words that may be a name.
pub(super) struct Name<'a> {
    /// All words of the text.
    pub(super) items: &'a [Word],
    /// The words up to the next sign, stop or word that no name has.
    pub(super) whole: Range<usize>,
    /// Those of them that may be the name.
    pub(super) words: Range<usize>,
    /// The section they stand in.
    pub(super) section: Section,
    /// Whether a name of the dictionary stands before and behind it in its list.
    pub(super) beside: (bool, bool),
}

/// The odds that a name is a skill: their logarithm, in sixteenths.
pub(super) fn odds(reading: &Reading<'_>, name: &Name<'_>) -> Option<i32> {
    let weights = &*WEIGHTS;
    let prose = usize::from(reading.prose == Prose::Cv);
    let named = name.items.get(name.words.clone())?;
    let (last, earlier) = named.split_last()?;
    let (start, end) = (named.first()?.start as usize, last.end as usize);
    let mut sum = weights.count.get(earlier.len())?
        + weights.beside[usize::from(name.beside.0)][usize::from(name.beside.1)];
    if earlier.is_empty() {
        sum += weights.one[prose] + i32::from(weights.roles(last)[ALONE]);
    } else {
        let sum_of_earlier: i32 = earlier
            .iter()
            .map(|word| i32::from(weights.roles(word)[EARLIER]))
            .sum();
        sum += weights.many[prose]
            + i32::from(weights.roles(last)[LAST])
            + sum_of_earlier / earlier.len() as i32;
    }
    sum += shape(weights, reading.text.get(start..end)?, earlier.is_empty());
    if name.whole.start < name.words.start {
        sum += weights.trimmed;
    }
    sum += around(weights, reading.text, name);
    let place = SECTIONS
        .iter()
        .position(|(_, section)| *section == name.section)?;
    Some(sum + weights.sections[prose][place])
}

fn shape(weights: &Weights, written: &str, one: bool) -> i32 {
    if !one {
        let mut parts = written.split_whitespace();
        let all = parts.all(|part| part.starts_with(char::is_uppercase));
        return if all { weights.all_begin_capital } else { 0 };
    }
    let upper = written.chars().any(char::is_uppercase);
    let lower = written.chars().any(char::is_lowercase);
    if upper && !lower && written.chars().nth(1).is_some() {
        weights.capitals
    } else if lower && written.chars().skip(1).any(char::is_uppercase) {
        weights.inner_capital
    } else {
        0
    }
}

/// What stands on both sides, and the words there.
fn around(weights: &Weights, text: &str, name: &Name<'_>) -> i32 {
    let (Some(first), Some(last)) = (
        name.items.get(name.whole.start),
        name.whole
            .end
            .checked_sub(1)
            .and_then(|at| name.items.get(at)),
    ) else {
        return 0;
    };
    let front = text.get(..first.start as usize).unwrap_or("");
    let back = text.get(last.end as usize..).unwrap_or("");
    let (left, right) = (
        left(front.trim_end_matches(BLANK)),
        right(back.trim_start_matches(BLANK)),
    );
    let sort = match name.section {
        Section::Skills => 2,
        Section::Required | Section::Preferred => 1,
        Section::Open
        | Section::Duties
        | Section::Offered
        | Section::About
        | Section::Legal
        | Section::Education
        | Section::Experience
        | Section::Certificates
        | Section::Languages
        | Section::Summary
        | Section::Other => 0,
    };
    let place = |sides: &[(&str, Side)], side| sides.iter().position(|(_, held)| *held == side);
    let mut sum = match (place(&LEFT, left), place(&RIGHT, right)) {
        (Some(left), Some(right)) => weights.sides[left][right][sort],
        _ => 0,
    };
    let before = name
        .whole
        .start
        .checked_sub(1)
        .and_then(|at| name.items.get(at));
    let before = before.filter(|word| {
        let gap = text.get(word.end as usize..first.start as usize);
        gap.is_some_and(|gap| gap.trim_matches(BLANK).is_empty())
    });
    if let Some(word) = before {
        sum += weights.before + i32::from(weights.roles(word)[BEFORE]);
    }
    let behind = name.items.get(name.whole.end);
    if let Some(word) = behind.filter(|_| right == Side::Word) {
        sum += weights.behind + i32::from(weights.roles(word)[BEHIND]);
    }
    sum
}

/// Blanks within a line.
pub(super) const BLANK: [char; 3] = [' ', '\t', '\u{a0}'];

fn left(before: &str) -> Side {
    if before.ends_with(" and") || before.ends_with(" or") || before.ends_with(" &") {
        return Side::And;
    }
    match before.chars().next_back() {
        Some(':' | '-' | '–') => Side::Dash,
        Some(letter) if !is_sign(letter) => Side::Word,
        _ => Side::Sign,
    }
}

fn right(behind: &str) -> Side {
    if behind.starts_with("and ") || behind.starts_with("or ") || behind.starts_with("& ") {
        return Side::And;
    }
    match behind.chars().next() {
        Some('.') => Side::Dash,
        Some(':') => Side::Colon,
        Some(letter) if !is_sign(letter) => Side::Word,
        _ => Side::Sign,
    }
}

/// Whether a letter parts the items of a list.
pub(super) fn is_sign(letter: char) -> bool {
    matches!(
        letter,
        ',' | ';' | '\n' | '\r' | '•' | '·' | '●' | '▪' | '◦' | '|' | '/' | '(' | ')' | '*'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Words, analyse};

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        let mut words = 0;
        for line in lines {
            let (name, value) = line.split_once('\t').unwrap();
            if name.starts_with('=') {
                value.parse::<i32>().unwrap();
            } else {
                let weights: Vec<i8> = value.split(' ').map(|one| one.parse().unwrap()).collect();
                assert_eq!(weights.len(), ROLES, "{line}");
                words += 1;
            }
        }
        assert_eq!(WEIGHTS.words.len() + 1, words);
        let sides = WEIGHTS.sides.as_flattened().as_flattened();
        assert!(sides.iter().any(|weight| *weight != 0));
        assert!(WEIGHTS.one[0] != 0 && WEIGHTS.many[1] != 0 && WEIGHTS.beside[0][0] != 0);
    }

    #[test]
    fn sides_are_told() {
        assert_eq!(left("skills in Java and"), Side::And);
        assert_eq!(left("Skills:"), Side::Dash);
        assert_eq!(left(""), Side::Sign);
        assert_eq!(left("prepared"), Side::Word);
        assert_eq!(right("or Go"), Side::And);
        assert_eq!(right("."), Side::Dash);
        assert_eq!(right(""), Side::Sign);
        assert_eq!(right("for clients"), Side::Word);
    }

    // The odds of the last words of a text, which stand under `Skills` in a CV.
    fn odds_of(text: &str, count: usize) -> i32 {
        let mut words = Words::default();
        analyse(text, None, &mut words);
        let reading = Reading::new(text, Prose::Cv, &words);
        let items = words.items();
        let name = Name {
            items,
            whole: items.len() - count..items.len(),
            words: items.len() - count..items.len(),
            section: Section::Skills,
            beside: (false, false),
        };
        odds(&reading, &name).unwrap()
    }

    #[test]
    fn activities_are_likelier_than_what_everybody_says() {
        let pairs = [
            (("accident reports", 2), ("happy family", 2)),
            (("surplus analysis", 2), ("last year", 2)),
            (("inspections", 1), ("people", 1)),
        ];
        for ((likely, count), (other, words)) in pairs {
            assert!(odds_of(likely, count) > odds_of(other, words), "{likely}");
        }
    }
}
