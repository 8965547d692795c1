//! The book of phrases: what words of a text may say a fact. Owns the format of
//! `data/facts/*.tsv`: a value, a tab, its phrases between `|`; `=` before a
//! phrase means only in this case; a value `=` is the phrase itself; lines that
//! begin with `#` are comments. All
//! files are one trie over words' keys, so a text is walked once.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::analysis::{TermKey, Word, Words, analyse};
use crate::hash::{KeyFilter, PlainHash};

/// A kind of phrase: one file of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Headings of sections: values are names of `Section`.
    Heading,
    /// `required`, `preferred`: how much something is wanted.
    Need,
    /// Levels of education.
    Education,
    /// Certificates, licences, clearances.
    Certificate,
    /// Names of spoken languages; values are ISO 639-1 codes.
    Language,
    /// How well a language is spoken.
    Fluency,
    /// Ranks.
    Seniority,
    /// Places of work: remote, hybrid, onsite.
    Workplace,
    /// Ways of being employed.
    Contract,
    /// What an employer's field shows by.
    Industry,
    /// Units of time and numbers in words, months' names.
    Time,
}

const KINDS: usize = 11;

const FILES: [(What, &str); KINDS] = [
    (What::Heading, include_str!("../../data/facts/heading.tsv")),
    (What::Need, include_str!("../../data/facts/need.tsv")),
    (
        What::Education,
        include_str!("../../data/facts/education.tsv"),
    ),
    (
        What::Certificate,
        include_str!("../../data/facts/certificate.tsv"),
    ),
    (
        What::Language,
        include_str!("../../data/facts/language.tsv"),
    ),
    (What::Fluency, include_str!("../../data/facts/fluency.tsv")),
    (
        What::Seniority,
        include_str!("../../data/facts/seniority.tsv"),
    ),
    (
        What::Workplace,
        include_str!("../../data/facts/workplace.tsv"),
    ),
    (
        What::Contract,
        include_str!("../../data/facts/contract.tsv"),
    ),
    (
        What::Industry,
        include_str!("../../data/facts/industry.tsv"),
    ),
    (What::Time, include_str!("../../data/facts/time.tsv")),
];

/// A phrase of the book in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cue {
    /// Which kind of phrase.
    pub what: What,
    /// What it means: the first column of its file.
    pub value: &'static str,
    /// First byte in the text.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
    /// Its first word, as an index into `Words::items`.
    pub first_word: u32,
    /// The word behind its last.
    pub end_word: u32,
}

#[derive(Clone, Copy, Debug)]
struct Phrase {
    what: What,
    value: &'static str,
    // As written, where the case matters.
    cased: Option<&'static str>,
}

/// Where a word leads: the node, and the phrases that end there.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    node: u32,
    from: u32,
    end: u32,
}

#[derive(Debug, Default)]
struct Book {
    // Most words of a text lead nowhere.
    known: KeyFilter,
    edges: HashMap<u64, Step, PlainHash>,
    phrases: Vec<Phrase>,
}

static BOOK: LazyLock<Book> = LazyLock::new(Book::read);

// Keys are hashes of 47 bits, so node and key can be mixed into one.
fn edge(node: u32, key: TermKey) -> u64 {
    (key.0 ^ (u64::from(node) << 40)).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(node)
}

impl Book {
    fn read() -> Self {
        let mut book = Self::default();
        // Phrases by the node they end at.
        let mut ends = vec![Vec::new()];
        let mut words = Words::default();
        for (what, file) in FILES {
            let lines = file.lines().filter(|line| !line.starts_with('#'));
            for (value, phrases) in lines.filter_map(|line| line.split_once('\t')) {
                for phrase in phrases.split('|').filter(|phrase| !phrase.is_empty()) {
                    let bare = phrase.strip_prefix('=');
                    let text = bare.unwrap_or(phrase);
                    words.clear();
                    analyse(text, None, &mut words);
                    let node = book.walk(words.items(), &mut ends);
                    if node != 0 {
                        ends[node as usize].push(Phrase {
                            what,
                            value: if value == "=" { text } else { value },
                            cased: bare,
                        });
                    }
                }
            }
        }
        for step in book.edges.values_mut() {
            step.from = book.phrases.len() as u32;
            book.phrases.append(&mut ends[step.node as usize]);
            step.end = book.phrases.len() as u32;
        }
        book.known = KeyFilter::of(book.edges.keys().copied());
        book
    }

    // The node some words lead to, made where there is none.
    fn walk(&mut self, words: &[Word], ends: &mut Vec<Vec<Phrase>>) -> u32 {
        let mut node = 0;
        for word in words {
            let free = Step {
                node: ends.len() as u32,
                ..Step::default()
            };
            let step = self.edges.entry(edge(node, word.key)).or_insert(free);
            node = step.node;
            if node == free.node {
                ends.push(Vec::new());
            }
        }
        node
    }

    fn step(&self, node: u32, key: TermKey) -> Option<&Step> {
        let edge = edge(node, key);
        let known = self.known.may_have(edge);
        known.then(|| self.edges.get(&edge)).flatten()
    }

    fn phrases(&self, step: &Step) -> &[Phrase] {
        let phrases = self.phrases.get(step.from as usize..step.end as usize);
        phrases.unwrap_or(&[])
    }
}

/// The phrases of the book that stand in a text.
pub(super) fn cues(text: &str, words: &Words) -> Vec<Cue> {
    let book = &*BOOK;
    let items = words.items();
    let mut found = Vec::new();
    let mut taken = [0_usize; KINDS];
    // Of each kind of phrase the longest that begins at a word.
    let mut longest: Vec<(usize, Phrase)> = Vec::new();
    for (at, word) in items.iter().enumerate() {
        longest.clear();
        let (mut node, mut end) = (0, at);
        while let Some(next) = items.get(end) {
            let Some(step) = book.step(node, next.key) else {
                break;
            };
            if end > at && !joins(text, items[end - 1].end, next.start) {
                break;
            }
            node = step.node;
            end += 1;
            for phrase in book.phrases(step) {
                let written = || text.get(word.start as usize..next.end as usize);
                let one_line = phrase.what != What::Heading
                    || written().is_some_and(|text| !text.contains('\n'));
                if one_line && phrase.cased.is_none_or(|cased| written() == Some(cased)) {
                    match longest.iter_mut().find(|one| one.1.what == phrase.what) {
                        Some(held) => *held = (end, *phrase),
                        None => longest.push((end, *phrase)),
                    }
                }
            }
        }
        if longest.len() > 1 {
            longest.sort_unstable_by_key(|(_, phrase)| phrase.what);
        }
        for (end, phrase) in &longest {
            let taken = &mut taken[phrase.what as usize];
            if *taken <= at {
                *taken = *end;
                found.push(Cue {
                    what: phrase.what,
                    value: phrase.value,
                    start: word.start,
                    end: items[end - 1].end,
                    first_word: at as u32,
                    end_word: *end as u32,
                });
            }
        }
    }
    found
}

/// Names of spoken languages in English by their codes, as the book begins their
/// lines.
pub(super) static LANGUAGES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let (_, file) = FILES[What::Language as usize];
    let lines = file.lines().filter(|line| !line.starts_with(['#', '-']));
    let names = lines.filter_map(|line| line.split_once('\t'));
    let names = names.filter_map(|(code, phrases)| {
        let name = phrases.split('|').next()?.trim_start_matches('=');
        (code.len() == 2).then_some((code, name))
    });
    names.collect()
});

// Whether what stands between two words can stand inside a phrase; the analyser
// leaves the ends of `what's` and `you'll` out of the word.
fn joins(text: &str, from: u32, to: u32) -> bool {
    let gap = text
        .get(from as usize..to.max(from) as usize)
        .unwrap_or("\n");
    if gap == " " {
        return true;
    }
    let gap = gap.strip_prefix(['\'', '’']).map_or(gap, |rest| {
        let ends = [
            "s", "S", "ll", "LL", "re", "RE", "ve", "VE", "d", "D", "m", "M",
        ];
        ends.iter()
            .find_map(|end| rest.strip_prefix(end))
            .unwrap_or(rest)
    });
    gap.len() <= 4
        && gap.matches('\n').count() <= 1
        && gap.chars().all(|letter| {
            letter.is_whitespace()
                || matches!(letter, '-' | '‐' | '‑' | '–' | '/' | '\'' | '’' | '.' | '&')
        })
}
