//! What a row's terms are looked through for: the ways to say a query's words.
//! Owns how a row is searched; what a count is worth is the score's.

use std::collections::HashMap;
use std::sync::Arc;

use tandem_index::analysis::TermKey;
use tandem_index::document::{GROUPS, Group};
use tandem_index::hash::PlainHash;
use tandem_index::row::Entry;
use tandem_index::segment::Segment;
use tandem_index::terms::word_of;

use crate::query::Word;

/// A row with fewer words than this times the needles is read through; in others
/// each needle is looked up.
const MERGE_FROM: usize = 32;

/// Keys of words are hashes of 47 bits; needles are marked by the highest of them.
const MARK_BITS: u32 = 12;

/// The alternatives of a query's words.
pub(super) struct Needles {
    single: Vec<Needle>,
    // A bit where there are needles: most words of a row are none.
    marks: Vec<u64>,
    others: Vec<Other>,
}

fn mark(key: TermKey) -> (usize, u64) {
    let at = key.0 >> (47 - MARK_BITS) & ((1 << MARK_BITS) - 1);
    ((at / 64) as usize, 1 << (at % 64))
}

// A word's alternative of one word, by key.
struct Needle {
    key: TermKey,
    word: u32,
    factor: f64,
}

// A word's alternative that is a phrase or a skill.
struct Other {
    keys: Vec<TermKey>,
    word: u32,
    factor: f64,
    // By number of the segment: the rows that have the phrase, where they are kept.
    rows: HashMap<u64, Option<PhraseRows>, PlainHash>,
}

type PhraseRows = Arc<[(u32, u32)]>;

impl Needles {
    pub(super) fn of(words: &[Word]) -> Self {
        let (mut single, mut others) = (Vec::new(), Vec::new());
        for (at, word) in words.iter().enumerate() {
            for alternative in &word.alternatives {
                let (word, factor) = (at as u32, alternative.factor);
                let keys: Vec<TermKey> = alternative.terms.iter().map(|term| term.1).collect();
                match keys.as_slice() {
                    [key] if key.as_skill().is_none() => {
                        let key = *key;
                        single.push(Needle { key, word, factor });
                    }
                    _ => others.push(Other {
                        keys,
                        word,
                        factor,
                        rows: HashMap::default(),
                    }),
                }
            }
        }
        single.sort_by_key(|needle: &Needle| (needle.key, needle.word));
        let mut marks = vec![0; 1 << (MARK_BITS - 6)];
        for needle in &single {
            let (at, bit) = mark(needle.key);
            marks[at] |= bit;
        }
        Self {
            single,
            marks,
            others,
        }
    }

    /// Calls `count(word, factor, how often in each group)` for the alternatives a
    /// row has.
    pub(super) fn count(
        &mut self,
        segment: &Segment,
        row: u32,
        count: &mut impl FnMut(u32, f64, [u32; GROUPS]),
    ) {
        let counts = |entry: Entry| std::array::from_fn(|group| entry.count(group));
        let held = segment.terms.words(row);
        if self.single.len() * MERGE_FROM < held.len() {
            for needle in &self.single {
                if let Some(entry) = word_of(held, needle.key) {
                    count(needle.word, needle.factor, counts(entry));
                }
            }
        } else {
            let mut left = self.single.as_slice();
            let is_marked = |entry: &&Entry| {
                let (at, bit) = mark(entry.key());
                self.marks[at] & bit != 0
            };
            for entry in held.iter().filter(is_marked) {
                let key = entry.key();
                let passed = left.iter().take_while(|needle| needle.key < key).count();
                left = &left[passed..];
                for needle in left.iter().take_while(|needle| needle.key == key) {
                    count(needle.word, needle.factor, counts(*entry));
                }
            }
        }
        for other in &mut self.others {
            let counts = other.counts(segment, row);
            if counts != [0; GROUPS] {
                count(other.word, other.factor, counts);
            }
        }
    }
}

impl Other {
    // How often a row has a phrase in each group; a skill counts as said once in
    // its text, because how often and where is not kept.
    fn counts(&mut self, segment: &Segment, row: u32) -> [u32; GROUPS] {
        let mut counts = [0; GROUPS];
        if let [skill] = self.keys.as_slice() {
            let held = segment.terms.get(row, *skill).is_some();
            counts[Group::Text as usize] = u32::from(held);
            return counts;
        }
        let known = self.rows.entry(segment.number);
        let known = known.or_insert_with(|| segment.known_phrase(&self.keys));
        let has_not = |rows: &PhraseRows| rows.binary_search_by_key(&row, |held| held.0).is_err();
        if known.as_ref().is_some_and(has_not) {
            return counts;
        }
        segment.terms.phrase_counts(row, &self.keys)
    }
}
