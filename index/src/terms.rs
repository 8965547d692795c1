//! The terms of each row: which words and skills it has, how often in which
//! group, and its words in order. Owns the layout; the score reads it for any
//! row, whatever segment the row is in.

use rkyv::rend::u16_le;

use crate::analysis::TermKey;
use crate::checkpoint::forms::{ArchivedTermsForm, Contradiction, TermsForm, copied, divides};
use crate::document::{GROUPS, Group};
use crate::row::{Entry, GAPS, Row, gap};

/// Terms of consecutive rows.
#[derive(Debug, Default)]
pub struct Terms {
    starts: Vec<u32>,
    entries: Vec<Entry>,
    token_starts: Vec<u32>,
    tokens: Vec<u16>,
    lengths: Vec<[u16; GROUPS]>,
    skill_counts: Vec<u16>,
}

impl Terms {
    /// No rows yet.
    pub fn new() -> Self {
        Self {
            starts: vec![0],
            token_starts: vec![0],
            ..Self::default()
        }
    }

    /// Appends a row.
    pub fn push(&mut self, row: &Row) {
        self.append(&row.entries, &row.tokens, row.lengths);
    }

    /// Appends a row of other terms.
    pub fn push_from(&mut self, other: &Self, row: u32) {
        self.append(other.entries(row), other.tokens(row), other.lengths(row));
    }

    fn append(&mut self, entries: &[Entry], tokens: &[u16], lengths: [u16; GROUPS]) {
        self.entries.extend_from_slice(entries);
        self.starts.push(self.entries.len() as u32);
        self.tokens.extend_from_slice(tokens);
        self.token_starts.push(self.tokens.len() as u32);
        self.lengths.push(lengths);
        let skills = entries
            .iter()
            .rev()
            .take_while(|entry| entry.key().as_skill().is_some());
        self.skill_counts.push(skills.count() as u16);
    }

    pub(crate) fn form(&self) -> TermsForm<'_> {
        TermsForm {
            starts: &self.starts,
            entries: &self.entries,
            token_starts: &self.token_starts,
            tokens: &self.tokens,
            lengths: &self.lengths,
            skill_counts: &self.skill_counts,
        }
    }

    pub(crate) fn from_form(form: &ArchivedTermsForm<'_>) -> Result<Self, Contradiction> {
        let entry = |entry: &crate::row::ArchivedEntry| Entry(entry.0.to_native());
        let terms = Self {
            starts: copied(&form.starts),
            entries: form.entries.iter().map(entry).collect(),
            token_starts: copied(&form.token_starts),
            tokens: copied(&form.tokens),
            lengths: (form.lengths.iter())
                .map(|lengths| lengths.map(u16_le::to_native))
                .collect(),
            skill_counts: copied(&form.skill_counts),
        };
        let rows = terms.lengths.len();
        let fits = divides(&terms.starts, rows, terms.entries.len())
            && divides(&terms.token_starts, rows, terms.tokens.len())
            && terms.skill_counts.len() == rows
            && (terms.starts.windows(2).zip(&terms.skill_counts))
                .all(|(ends, skills)| ends[1] - ends[0] >= u32::from(*skills));
        if fits {
            Ok(terms)
        } else {
            Err("the terms do not fit their rows")
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> u32 {
        self.lengths.len() as u32
    }

    /// A row's terms by key; skills stand last.
    pub fn entries(&self, row: u32) -> &[Entry] {
        let row = row as usize;
        &self.entries[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    /// A row's words and stems.
    pub fn words(&self, row: u32) -> &[Entry] {
        let entries = self.entries(row);
        &entries[..entries.len() - self.skill_count(row) as usize]
    }

    /// A row's skills.
    pub fn skills(&self, row: u32) -> &[Entry] {
        let entries = self.entries(row);
        &entries[entries.len() - self.skill_count(row) as usize..]
    }

    /// How many skills a row has.
    pub fn skill_count(&self, row: u32) -> u32 {
        u32::from(self.skill_counts[row as usize])
    }

    /// A row's entry for a term. Keys of words are hashes, hence even: where a
    /// word would stand is guessed and corrected, one or two cache lines a look.
    pub fn get(&self, row: u32, key: TermKey) -> Option<Entry> {
        if key.as_skill().is_none() {
            return word_of(self.words(row), key);
        }
        let (skills, from) = (self.skills(row), Entry(key.0 << 16));
        let at = skills.partition_point(|entry| *entry < from);
        skills.get(at).copied().filter(|entry| entry.key() == key)
    }

    /// A row's words in order, as numbers of its entries.
    pub fn tokens(&self, row: u32) -> &[u16] {
        let row = row as usize;
        &self.tokens[self.token_starts[row] as usize..self.token_starts[row + 1] as usize]
    }

    /// Words in each group of a row.
    pub fn lengths(&self, row: u32) -> [u16; GROUPS] {
        self.lengths[row as usize]
    }

    /// Whether a row has these words one behind the other in one text, of one
    /// group where `group` says so. Linear in the row's words.
    pub fn has_phrase(&self, row: u32, phrase: &[TermKey], group: Option<Group>) -> bool {
        let Some(numbers) = self.numbers(row, phrase) else {
            return false;
        };
        let Some((first, others)) = numbers.split_first() else {
            return false;
        };
        let tokens = self.tokens(row);
        let of_group = |from: usize| {
            let end = tokens[from..].iter().find(|token| **token >= GAPS);
            group.is_none_or(|group| end == Some(&gap(group)))
        };
        let mut at = 0;
        while let Some(next) = tokens[at..].iter().position(|token| token == first) {
            at += next + 1;
            if tokens[at..].starts_with(others) && of_group(at) {
                return true;
            }
        }
        false
    }

    /// How often a row has these words one behind the other in each group, at most
    /// 15. Linear in the row's words.
    pub fn phrase_counts(&self, row: u32, phrase: &[TermKey]) -> [u32; GROUPS] {
        let mut counts = [0; GROUPS];
        let Some(numbers) = self.numbers(row, phrase) else {
            return counts;
        };
        let Some((first, others)) = numbers.split_first() else {
            return counts;
        };
        let tokens = self.tokens(row);
        let mut found = 0;
        for (at, token) in tokens.iter().enumerate() {
            if *token >= GAPS {
                let group = usize::from(u16::MAX - token).min(GROUPS - 1);
                counts[group] = (counts[group] + found).min(15);
                found = 0;
            } else if token == first && tokens[at + 1..].starts_with(others) {
                found += 1;
            }
        }
        counts
    }

    // The numbers of a row's entries for these words, where it has them all.
    fn numbers(&self, row: u32, phrase: &[TermKey]) -> Option<Vec<u16>> {
        let entries = self.entries(row);
        let mut numbers = Vec::with_capacity(phrase.len());
        for key in phrase {
            let at = place_of(self.words(row), Entry(key.0 << 16));
            let found = entries.get(at).filter(|entry| entry.key() == *key);
            numbers.push(found.map(|_| at as u16)?);
        }
        Some(numbers)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.entries.len() * 8
            + self.tokens.len() * 2
            + self.lengths.len() * (4 * 3 + 2 + GROUPS * 2)
    }
}

/// The entry for a word among a row's words. As `Terms::get`, for who looks for
/// several.
pub fn word_of(words: &[Entry], key: TermKey) -> Option<Entry> {
    let at = place_of(words, Entry(key.0 << 16));
    words.get(at).copied().filter(|entry| entry.key() == key)
}

// The first entry not below `from`, found outwards from where evenly spread keys
// would have it.
fn place_of(entries: &[Entry], from: Entry) -> usize {
    let count = entries.len();
    let guess = ((u128::from(from.0) * count as u128) >> 63) as usize;
    let guess = guess.min(count);
    let (mut low, mut high, mut step) = (guess, guess, 1);
    while low > 0 && entries[low - 1] >= from {
        high = low - 1;
        low = low.saturating_sub(step);
        step *= 2;
    }
    step = 1;
    while high < count && entries[high] < from {
        low = high + 1;
        high = (high + step).min(count);
        step *= 2;
    }
    low + entries[low..high.max(low)].partition_point(|entry| *entry < from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_guessed_place_is_the_searched_one(
            mut keys in prop::collection::vec(0_u64..1 << 47, 0..200),
            near in any::<prop::sample::Index>(), shift in -2_i64..3, anywhere in 0_u64..1 << 47,
        ) {
            keys.sort_unstable();
            keys.dedup();
            let entries: Vec<Entry> = keys.iter().map(|key| Entry(key << 16 | 5)).collect();
            let close = keys.get(near.index(keys.len().max(1))).map_or(0, |key| {
                key.saturating_add_signed(shift).min((1 << 47) - 1)
            });
            for key in [close, anywhere] {
                let from = Entry(key << 16);
                let expected = entries.partition_point(|entry| *entry < from);
                prop_assert_eq!(place_of(&entries, from), expected);
            }
        }
    }
}
