//! What stands around a place of a text: its sentence in words, its neighbours.
//! Knows no kind of fact; how much something is wanted is `need`.

use std::collections::HashSet;
use std::ops::Range;

use crate::analysis::TermKey;
use crate::hash::PlainHash;

use super::{Cue, Reading, Section, What};

/// A sentence is not followed further than this many words to either side.
const SENTENCE_WORDS_MAX: usize = 40;
/// A line at least this long may have been wrapped: it goes on in the next.
const WRAPPED_BYTES_MIN: u32 = 50;

/// Folded words to look for, by their keys.
pub(super) struct WordSet(HashSet<TermKey, PlainHash>);

impl WordSet {
    /// The words between blanks.
    pub(super) fn of(words: &str) -> Self {
        Self(words.split_whitespace().map(TermKey::of).collect())
    }

    /// Whether a folded word is among them.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.contains(&TermKey::of(word))
    }
}

impl Reading<'_> {
    /// The byte behind the title, 0 where there is none.
    pub(super) fn title_end(&self) -> u32 {
        self.title.map_or(0, |(_, end)| end)
    }

    /// A word's folded text, empty where there is no such word.
    pub(super) fn folded(&self, word: usize) -> &str {
        let items = self.words.items();
        items.get(word).map_or("", |item| self.words.folded(item))
    }

    /// A word as written.
    pub(super) fn written(&self, word: usize) -> &str {
        let items = self.words.items();
        items
            .get(word)
            .map_or("", |item| self.part(item.start, item.end))
    }

    /// Bytes of the text, empty where there are none.
    pub(super) fn part(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    /// What stands between a word and the one before it.
    pub(super) fn gap(&self, word: usize) -> &str {
        let items = self.words.items();
        let from = word
            .checked_sub(1)
            .and_then(|before| items.get(before))
            .map_or(0, |before| before.end);
        let to = items
            .get(word)
            .map_or(self.text.len() as u32, |item| item.start);
        self.part(from, to)
    }

    /// The byte a word begins at.
    pub(super) fn start_of(&self, word: usize) -> u32 {
        let items = self.words.items();
        items
            .get(word)
            .map_or(self.text.len() as u32, |item| item.start)
    }

    /// The byte behind a word.
    pub(super) fn end_of(&self, word: usize) -> u32 {
        let items = self.words.items();
        items
            .get(word)
            .map_or(self.text.len() as u32, |item| item.end)
    }

    /// The first word that begins at a byte or behind it.
    pub(super) fn word_from(&self, byte: u32) -> usize {
        self.words.items().partition_point(|word| word.start < byte)
    }

    /// The cues of one kind that begin among some words.
    pub(super) fn cues_near(&self, what: What, words: Range<usize>) -> impl Iterator<Item = &Cue> {
        let first = self
            .cues
            .partition_point(|cue| (cue.first_word as usize) < words.start);
        self.cues
            .iter()
            .skip(first)
            .take_while(move |cue| (cue.first_word as usize) < words.end)
            .filter(move |cue| cue.what == what)
    }

    /// Whether one of some words stands among the words of a range.
    pub(super) fn any(&self, range: Range<usize>, words: &[&str]) -> bool {
        range
            .into_iter()
            .any(|word| words.contains(&self.folded(word)))
    }

    /// The same of a set of words.
    pub(super) fn any_of(&self, range: Range<usize>, words: &WordSet) -> bool {
        let items = self.words.items();
        let range = range.start.min(items.len())..range.end.min(items.len());
        items
            .get(range)
            .is_some_and(|items| items.iter().any(|item| words.0.contains(&item.key)))
    }

    /// The section a byte stands in.
    pub(super) fn section(&self, byte: u32) -> Section {
        self.line_at(byte)
            .map_or(Section::Open, |line| line.section)
    }

    /// Whether a byte stands where nobody is asked for anything: benefits, the
    /// employer, law.
    pub(super) fn aside(&self, byte: u32) -> bool {
        matches!(
            self.section(byte),
            Section::Offered | Section::About | Section::Legal
        )
    }

    /// The words of the sentence a word stands in.
    pub(super) fn sentence(&self, word: usize) -> Range<usize> {
        let lowest = word.saturating_sub(SENTENCE_WORDS_MAX);
        let highest = (word + SENTENCE_WORDS_MAX).min(self.words.len());
        let mut first = word;
        while first > lowest && !self.breaks(first) {
            first -= 1;
        }
        let mut end = (word + 1).min(highest);
        while end < highest && !self.breaks(end) {
            end += 1;
        }
        first..end
    }

    /// Whether a new sentence begins with a word.
    pub(super) fn breaks(&self, word: usize) -> bool {
        let gap = self.gap(word);
        if gap.len() == 1 && gap != "\n" && gap != "." && gap != "|" {
            return false;
        }
        let next = self.written(word).chars().next();
        let small = next.is_some_and(char::is_lowercase);
        if gap.contains('\n') {
            let before = self.start_of(word.saturating_sub(1));
            let long = self
                .line_at(before)
                .is_some_and(|line| line.end - line.start >= WRAPPED_BYTES_MIN);
            let plain = gap
                .trim_matches([' ', '\n', '\r', ',', '(', '\t'])
                .is_empty();
            return !(small && long && plain && gap.matches('\n').count() == 1);
        }
        let mut letters = gap.chars().peekable();
        while let Some(letter) = letters.next() {
            let blank_next = letters.peek().is_none_or(|next| next.is_whitespace());
            match letter {
                ';' | '|' | '•' | '·' | '●' | '▪' | '◦' | '✓' | '\u{f000}'..='\u{f0ff}' =>
                {
                    return true;
                }
                '.' | '!' | '?' if !small && (blank_next || gap == ".") => return true,
                '*' | '-' | '–' if !small && gap.starts_with(' ') && blank_next => {
                    return next.is_some_and(char::is_uppercase);
                }
                _ => {}
            }
        }
        gap == "  " || gap == "   "
    }
}
