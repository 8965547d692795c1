//! What a segment's vocabulary answers: words alike, words that begin alike, and
//! rows with a phrase. Owns nothing that changes: a segment never does, so each
//! answer is kept, within bounds, for the next query with the word.

use std::sync::Arc;

use crate::analysis::TermKey;
use crate::document::Group;
use crate::memo::Memo;
use crate::row::Posting;
use crate::segment::Segment;
use crate::statistics::Statistics;
use crate::text::{Pattern, TextPart, term_key};

/// Bytes kept a row of the segment, for words and for phrases each.
const BYTES_A_ROW: usize = 16;
/// Segments of fewer rows keep nothing: they are gone soon, and quickly asked.
const ROWS_MIN: u32 = 1_024;

/// How a word of the vocabulary is like another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// At most so many edits away, 1 or 2 (see `Pattern`).
    Edits(u8),
    /// It begins with something that is at most so many edits away.
    BeginsWithin(u8),
    /// It begins with it.
    Begins,
}

/// A word of a segment.
#[derive(Debug)]
pub struct Alike {
    /// The word.
    pub word: Box<str>,
    /// Its key.
    pub key: TermKey,
    /// How many edits away it is.
    pub edits: u8,
}

/// What was asked of a segment's vocabulary.
#[derive(Debug)]
pub(crate) struct Kept {
    alike: Memo<String, Alike>,
    phrases: Memo<Vec<TermKey>, (u32, u32)>,
}

impl Kept {
    pub(crate) fn new(rows: u32) -> Self {
        let bytes = if rows < ROWS_MIN {
            0
        } else {
            rows as usize * BYTES_A_ROW
        };
        Self {
            alike: Memo::new(bytes),
            phrases: Memo::new(bytes),
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.alike.bytes() + self.phrases.bytes()
    }
}

impl Likeness {
    // Told apart by a byte no word has.
    fn key(self, word: &str) -> String {
        let tag = match self {
            Self::Edits(edits) => char::from(b'0' + edits.min(9)),
            Self::BeginsWithin(edits) => char::from(b'a' + edits.min(9)),
            Self::Begins => '*',
        };
        format!("{tag}\u{0}{word}")
    }

    fn list(self, text: &TextPart, word: &str) -> Vec<Alike> {
        let mut out = Vec::new();
        let mut push = |term: &str, edits| {
            out.push(Alike {
                word: term.into(),
                key: term_key(term),
                edits,
            });
        };
        let pattern = match self {
            Self::Begins => {
                text.terms_from(word, &mut |term| push(term, 0));
                return out;
            }
            Self::Edits(edits) => Pattern::new(word, edits),
            Self::BeginsWithin(edits) => Pattern::beginning(word, edits),
        };
        if let Some(pattern) = pattern {
            text.similar(&pattern, &mut push);
        }
        out
    }
}

impl Segment {
    /// The words of the segment that are like a word, in byte order; none for
    /// edits of a word of more than `PATTERN_LETTERS_MAX` letters. Walks the
    /// vocabulary the first time.
    pub fn alike(&self, word: &str, likeness: Likeness) -> Arc<[Alike]> {
        let make = || likeness.list(&self.text, word);
        self.kept.alike.get(likeness.key(word).as_str(), make)
    }

    /// The rows that have a phrase's words one behind the other, rising, each with
    /// what a posting of it would be. The first time linear in the postings of its
    /// words and in the rows that have them all.
    pub fn phrase(
        &self,
        terms: &[(String, TermKey)],
        statistics: &Statistics,
    ) -> Arc<[(u32, u32)]> {
        let keys: Vec<TermKey> = terms.iter().map(|(_, key)| *key).collect();
        self.kept.phrases.get(keys.as_slice(), || {
            let rows = self.rows_with_all(terms, statistics).into_iter();
            rows.filter_map(|row| Some((row, self.phrase_posting(row, &keys)?)))
                .collect()
        })
    }

    /// What `phrase` says, if it was asked for lately.
    pub fn known_phrase(&self, keys: &[TermKey]) -> Option<Arc<[(u32, u32)]>> {
        self.kept.phrases.kept(keys)
    }

    // Rows that have every one of some words, rising.
    fn rows_with_all(&self, terms: &[(String, TermKey)], statistics: &Statistics) -> Vec<u32> {
        let mut terms: Vec<&(String, TermKey)> = terms.iter().collect();
        terms.sort_by_key(|(_, key)| statistics.frequency(*key));
        let mut rows: Vec<u32> = Vec::new();
        for (at, (text, _)) in terms.into_iter().enumerate() {
            if at == 0 {
                self.text.postings(text, &mut |row, _| rows.push(row));
                continue;
            }
            if rows.is_empty() {
                break;
            }
            let (mut next, mut kept) = (0, 0);
            self.text.postings(text, &mut |row, _| {
                while next < rows.len() && rows[next] < row {
                    next += 1;
                }
                if rows.get(next) == Some(&row) {
                    rows[kept] = row;
                    kept += 1;
                    next += 1;
                }
            });
            rows.truncate(kept);
        }
        rows
    }

    fn phrase_posting(&self, row: u32, keys: &[TermKey]) -> Option<u32> {
        let counts = self.terms.phrase_counts(row, keys);
        let title = counts[Group::Title as usize];
        let rest: u32 = counts.iter().sum::<u32>() - title;
        let posting = Posting {
            title: title.min(3),
            rest: rest.min(15),
        };
        (title + rest > 0).then(|| posting.write())
    }
}
