//! Skills that no dictionary has, by the patterns they stand in: names beside
//! technologies in a list (`Spark, Hudi, Presto`), and in ads names that end with an
//! activity (`margin analysis`). Owns the patterns; what words do in such a name is
//! `data/facts/phrase.tsv`. Confidence: 80 in a list, 60 else. Items of skill lists
//! without a technology beside them are left out: two in three were none.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use crate::analysis::{TermKey, Word};
use crate::hash::{KeyFilter, PlainHash};

use super::need::need_at;
use super::{Fact, Prose, Reading, Section, Value};

/// Names of more words are sentences.
const WORDS_MAX: usize = 4;

/// How sure a name in a list of technologies is.
const LISTED: u8 = 80;

type Marks = u8;
const BREAK: Marks = 1;
const START: Marks = 2;
const WEAK: Marks = 4;
const TAIL: Marks = 8;
const GENERIC: Marks = 16;
const HEAD: Marks = 32;
const SOFT: Marks = 64;

static MARKS: LazyLock<HashMap<u64, Marks, PlainHash>> = LazyLock::new(|| {
    let mut marks: HashMap<u64, Marks, PlainHash> = HashMap::default();
    let lines = include_str!("../../data/facts/phrase.tsv").lines();
    for (value, words) in lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
    {
        let mark = match value {
            "start" => START,
            "weak" => WEAK,
            "tail" => TAIL,
            "generic" => GENERIC,
            "head" => HEAD,
            "soft" => SOFT,
            _ => BREAK,
        };
        for word in words.split(' ') {
            let mut add = |form: &str| *marks.entry(TermKey::of(form).0).or_default() |= mark;
            add(word);
            if value == "verb" {
                forms(word, &mut add);
            }
        }
    }
    marks
});

static MARKED: LazyLock<KeyFilter> = LazyLock::new(|| KeyFilter::of(MARKS.keys().copied()));

/// The forms of a regular verb.
fn forms(verb: &str, add: &mut impl FnMut(&str)) {
    let stem = verb.strip_suffix('e').unwrap_or(verb);
    let ends_y = verb
        .strip_suffix('y')
        .filter(|rest| !rest.ends_with(['a', 'e', 'o', 'u']));
    add(&ends_y.map_or_else(|| format!("{verb}s"), |rest| format!("{rest}ies")));
    add(&format!("{verb}es"));
    add(&ends_y.map_or_else(|| format!("{stem}ed"), |rest| format!("{rest}ied")));
    add(&format!("{stem}ing"));
    if let Some(last) = verb.chars().last() {
        add(&format!("{verb}{last}ed"));
        add(&format!("{verb}{last}ing"));
    }
}

/// A name of the dictionary in the text, a fact or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// First byte.
    pub(super) start: u32,
    /// The byte behind the last.
    pub(super) end: u32,
    /// It names a technology.
    pub(super) technology: bool,
}

/// Appends the unlisted skills of a text that touch no name `known`, in order.
pub(super) fn read(reading: &Reading<'_>, known: &[Known], out: &mut Vec<Fact>) {
    let items = reading.words.items();
    let mut last = None;
    let mut at = 0;
    while at < items.len() {
        let (end, next) = run(reading, items, at);
        if end > at
            && let Some(fact) = name(reading, items, at..end, (known, last))
        {
            if fact.sure == LISTED {
                last = Some(fact.end);
            }
            out.push(fact);
        }
        at = next;
    }
}

fn marks(word: &Word) -> Marks {
    let marked = MARKED.may_have(word.key.0);
    marked
        .then(|| MARKS.get(&word.key.0).copied())
        .flatten()
        .unwrap_or(0)
}

/// The end of the run of words from here that one name may have, and where the
/// next may begin.
fn run(reading: &Reading<'_>, items: &[Word], at: usize) -> (usize, usize) {
    let mut end = at;
    while let Some(word) = items.get(end) {
        if end > at && !joins(reading.text, items[end - 1].end, word.start) {
            return (end, end);
        }
        let held = marks(word);
        let digit = reading
            .text
            .as_bytes()
            .get(word.start as usize)
            .is_some_and(u8::is_ascii_digit);
        let verb = held & START != 0 && end == at && begins(reading, word.start);
        if held & BREAK != 0 && held & HEAD == 0 || verb || digit {
            return (end, end + 1);
        }
        end += 1;
    }
    (end, end)
}

fn joins(text: &str, from: u32, to: u32) -> bool {
    let gap = text
        .get(from as usize..to.max(from) as usize)
        .unwrap_or("\n");
    matches!(gap, " " | "-" | "" | "'s " | "’s " | "‑")
}

/// Whether a sentence begins here.
fn begins(reading: &Reading<'_>, byte: u32) -> bool {
    reading.sentence_at(byte).is_none_or(|sentence| {
        let before = reading.text.get(sentence.start as usize..byte as usize);
        before.is_some_and(|before| !before.contains(char::is_alphanumeric))
    })
}

/// Reads a run of words as the name of a skill; beside the names known stands the
/// end of the last one that was found in a list.
fn name(
    reading: &Reading<'_>,
    items: &[Word],
    whole: Range<usize>,
    (known, last): (&[Known], Option<u32>),
) -> Option<Fact> {
    let mut words = whole.clone();
    while words.len() > 1 && marks(&items[words.end - 1]) & TAIL != 0 {
        words.end -= 1;
    }
    while words.len() > 1 && marks(&items[words.start]) & WEAK != 0 {
        words.start += 1;
    }
    let (start, end) = (items.get(words.start)?.start, items.get(words.end - 1)?.end);
    let first = known.partition_point(|name| name.end <= start);
    if known.get(first).is_some_and(|name| name.start < end) {
        return None;
    }
    let named = items.get(words.clone())?;
    // "leading-edge analytics" is none of its second half.
    let cut = reading
        .text
        .get(..start as usize)
        .is_some_and(|text| text.ends_with('-'));
    let fits = !cut && words.len() <= WORDS_MAX && named.iter().all(|word| marks(word) & SOFT == 0);
    let line = reading.line_at(start)?;
    if !fits || line.heading || !speaks_of_work(line.section) {
        return None;
    }
    let ending = marks(&items[words.end - 1]);
    let item = is_item(
        reading.text,
        items[whole.start].start,
        items[whole.end - 1].end,
    );
    let beside = item
        && ending & (GENERIC | WEAK) == 0
        && is_capital(reading.text, start)
        && (last.is_some_and(|last| lists(reading.text, last, start))
            || beside_technology(reading.text, start, end, first, known));
    let active = words.len() > 1
        && ending & HEAD != 0
        && reading.prose == Prose::Ad
        && line.section != Section::Open;
    let need = need_at(reading, start, end).filter(|_| beside || active)?;
    Some(Fact {
        value: Value::Unlisted(need),
        start,
        end,
        sure: if beside { LISTED } else { 60 },
    })
}

/// Whether skills may be named in a section in words of its own.
fn speaks_of_work(section: Section) -> bool {
    match section {
        Section::Open
        | Section::Required
        | Section::Preferred
        | Section::Duties
        | Section::Experience
        | Section::Skills
        | Section::Summary => true,
        Section::Offered
        | Section::About
        | Section::Legal
        | Section::Education
        | Section::Certificates
        | Section::Languages
        | Section::Other => false,
    }
}

/// Whether signs of a list stand on both sides.
fn is_item(text: &str, start: u32, end: u32) -> bool {
    let blank = [' ', '\t', '\u{a0}'];
    let before = text
        .get(..start as usize)
        .unwrap_or("")
        .trim_end_matches(blank);
    let after = text
        .get(end as usize..)
        .unwrap_or("")
        .trim_start_matches(blank);
    let opens = before.ends_with(" and") || before.ends_with(" or");
    let left = before.chars().next_back();
    let closes = after.starts_with("and ") || after.starts_with("or ");
    let right = after.chars().next();
    let left =
        opens || left.is_none_or(|letter| is_sign(letter) || matches!(letter, ':' | '-' | '–'));
    left && (closes || right.is_none_or(|letter| is_sign(letter) || letter == '.'))
}

fn is_sign(letter: char) -> bool {
    matches!(
        letter,
        ',' | ';' | '\n' | '\r' | '•' | '·' | '●' | '▪' | '◦' | '|' | '/' | '(' | ')' | '*'
    )
}

fn is_capital(text: &str, start: u32) -> bool {
    text.get(start as usize..)
        .is_some_and(|rest| rest.starts_with(char::is_uppercase))
}

/// Whether the item before or behind in the list is a technology of the
/// dictionary: `Spark, Hudi, Presto`.
fn beside_technology(text: &str, start: u32, end: u32, next: usize, known: &[Known]) -> bool {
    let before = next.checked_sub(1).and_then(|at| known.get(at));
    before.is_some_and(|name| name.technology && lists(text, name.end, start))
        || known
            .get(next)
            .is_some_and(|name| name.technology && lists(text, end, name.start))
}

/// Whether only a list's sign or conjunction stands between two names.
fn lists(text: &str, from: u32, to: u32) -> bool {
    let gap = text.get(from as usize..to.max(from) as usize).unwrap_or("");
    matches!(
        gap.trim(),
        "," | "/" | ";" | "|" | "•" | "and" | "or" | "&" | ", and" | ", or"
    )
}
