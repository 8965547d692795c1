//! Skills that no dictionary has: names beside technologies in a list (`Spark, Hudi,
//! Presto`), in ads names that end with an activity (`margin analysis`), and what the
//! weights of `likely` take for one. Owns the patterns; what words do in such a name
//! is `data/facts/phrase.tsv`. Confidence: 80 in a list, 60 by an activity or where the
//! weights are for it, 50 where they are not but the guess still pays.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use crate::analysis::{TermKey, Word};
use crate::hash::{KeyFilter, PlainHash};

use super::likely::{self, BLANK, Name, WORDS_MAX, is_sign};
use super::need::need_at;
use super::{Fact, Prose, Reading, Section, Value};

/// How sure a name in a list of technologies is.
const LISTED: u8 = 80;

/// How sure an activity is, and what is more likely a skill than not.
const SAID: u8 = 60;

/// How sure a guess is.
const GUESSED: u8 = 50;

/// A guess needs these odds, as `likely::odds` has them: one in three.
const ODDS_MIN: i32 = -11;

/// Of a longer run of words the last so many may be a name.
const LONG_WORDS: usize = 3;

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
    let long = words.len() > WORDS_MAX;
    if long {
        words.start = words.end - LONG_WORDS;
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
    let line = reading.line_at(start)?;
    if cut || line.heading || !speaks_of_work(line.section) {
        return None;
    }
    let plain = !long && named.iter().all(|word| marks(word) & SOFT == 0);
    let ending = marks(&items[words.end - 1]);
    let (front, back) = (items[whole.start].start, items[whole.end - 1].end);
    let beside = plain
        && ending & (GENERIC | WEAK) == 0
        && is_capital(reading.text, start)
        && is_item(reading.text, front, back)
        && (last.is_some_and(|last| lists(reading.text, last, start))
            || beside_technology(reading.text, start, end, first, known));
    let active = plain
        && words.len() > 1
        && ending & HEAD != 0
        && reading.prose == Prose::Ad
        && line.section != Section::Open;
    let sure = if beside {
        LISTED
    } else if active {
        SAID
    } else {
        let before = first.checked_sub(1).and_then(|at| known.get(at));
        let behind = known.get(first);
        let name = Name {
            items,
            whole,
            words,
            section: line.section,
            beside: (
                before.is_some_and(|name| lists(reading.text, name.end, start)),
                behind.is_some_and(|name| lists(reading.text, end, name.start)),
            ),
        };
        match likely::odds(reading, &name)? {
            0.. => SAID,
            ODDS_MIN..0 => GUESSED,
            _ => return None,
        }
    };
    Some(Fact {
        value: Value::Unlisted(need_at(reading, start, end)?),
        start,
        end,
        sure,
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
    let before = text
        .get(..start as usize)
        .unwrap_or("")
        .trim_end_matches(BLANK);
    let after = text
        .get(end as usize..)
        .unwrap_or("")
        .trim_start_matches(BLANK);
    let opens = before.ends_with(" and") || before.ends_with(" or");
    let left = before.chars().next_back();
    let closes = after.starts_with("and ") || after.starts_with("or ");
    let right = after.chars().next();
    let left =
        opens || left.is_none_or(|letter| is_sign(letter) || matches!(letter, ':' | '-' | '–'));
    left && (closes || right.is_none_or(|letter| is_sign(letter) || letter == '.'))
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
