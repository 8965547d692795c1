//! The small form of postings: sorted terms, and for each its rows. Built in
//! one pass over the rows, merged without looking at them again.

use std::collections::HashMap;

use super::Pattern;
use crate::analysis::TermKey;
use crate::checkpoint::forms::{ArchivedSmallForm, Contradiction, SmallForm, copied, divides};
use crate::hash::PlainHash;
use crate::row::Row;

/// Most rows the small form can number.
pub const ROWS_MAX: usize = u16::MAX as usize;

/// Postings of up to 65,535 rows.
#[derive(Debug, Default)]
pub struct SmallText {
    arena: String,
    ends: Vec<u32>,
    starts: Vec<u32>,
    // Row in the high half, frequency in the low one.
    postings: Vec<u32>,
}

impl SmallText {
    /// Builds the postings of rows, numbered as they come.
    pub fn build(rows: &[Row]) -> Self {
        debug_assert!(rows.len() <= ROWS_MAX);
        let mut numbers: HashMap<TermKey, u32, PlainHash> = HashMap::default();
        let mut texts: Vec<(&str, u32)> = Vec::new();
        let mut found: Vec<(u32, u32)> = Vec::new();
        for (row, analysed) in rows.iter().enumerate() {
            for (entry, text) in analysed.entries.iter().zip(analysed.term_texts.iter()) {
                let number = *numbers.entry(entry.key()).or_insert_with(|| {
                    texts.push((text, texts.len() as u32));
                    texts.len() as u32 - 1
                });
                found.push((number, (row as u32) << 16 | entry.posting()));
            }
        }
        texts.sort_unstable();
        let mut order = vec![0_u32; texts.len()];
        for (at, (_, number)) in texts.iter().enumerate() {
            order[*number as usize] = at as u32;
        }
        Self::assemble(texts.iter().map(|(text, _)| *text), &order, &found)
    }

    // `found` holds (term number, posting) with rows rising for each term;
    // `order` maps a term's number to its place among the sorted texts.
    fn assemble<'a>(
        texts: impl Iterator<Item = &'a str>,
        order: &[u32],
        found: &[(u32, u32)],
    ) -> Self {
        let mut text = Self::default();
        for term in texts {
            text.arena.push_str(term);
            text.ends.push(text.arena.len() as u32);
        }
        let mut starts = vec![0_u32; text.ends.len() + 1];
        for (number, _) in found {
            starts[order[*number as usize] as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        text.postings = vec![0; found.len()];
        for (number, posting) in found {
            let place = &mut next[order[*number as usize] as usize];
            text.postings[*place as usize] = *posting;
            *place += 1;
        }
        text.starts = starts;
        text
    }

    /// The kept rows of several segments, one segment behind the other.
    pub fn merge(sources: &[(&Self, &[u32])]) -> Self {
        let mut terms: Vec<(&str, u32, u32)> = Vec::new();
        for (source, (text, _)) in sources.iter().enumerate() {
            let numbers = 0..text.ends.len() as u32;
            terms.extend(numbers.map(|term| (text.term(term), source as u32, term)));
        }
        // By term alone: each source is a sorted run, which the stable sort merges
        // in linear time and leaves in the sources' order.
        terms.sort_by_key(|(term, _, _)| *term);
        let mut renumbered: Vec<Vec<u32>> = Vec::new();
        let mut first_row = 0_u32;
        for (text, rows) in sources {
            let mut map = vec![u32::MAX; text.rows_bound(rows)];
            for (at, row) in rows.iter().enumerate() {
                map[*row as usize] = first_row + at as u32;
            }
            first_row += rows.len() as u32;
            renumbered.push(map);
        }
        let mut merged = Self {
            starts: vec![0],
            ..Self::default()
        };
        let mut at = 0;
        while at < terms.len() {
            let text = terms[at].0;
            let before = merged.postings.len();
            while at < terms.len() && terms[at].0 == text {
                let (_, source, term) = terms[at];
                let map = &renumbered[source as usize];
                for posting in sources[source as usize].0.list(term) {
                    match map.get((posting >> 16) as usize) {
                        Some(row) if *row != u32::MAX => {
                            merged.postings.push(row << 16 | (posting & 0xFFFF));
                        }
                        Some(_) | None => {}
                    }
                }
                at += 1;
            }
            if merged.postings.len() > before {
                merged.arena.push_str(text);
                merged.ends.push(merged.arena.len() as u32);
                merged.starts.push(merged.postings.len() as u32);
            }
        }
        merged
    }

    fn rows_bound(&self, kept: &[u32]) -> usize {
        let held = self.postings.iter().map(|posting| posting >> 16).max();
        let kept = kept.iter().copied().max();
        held.max(kept).map_or(0, |row| row as usize + 1)
    }

    fn term(&self, number: u32) -> &str {
        let number = number as usize;
        let start = if number == 0 {
            0
        } else {
            self.ends[number - 1]
        };
        self.arena
            .get(start as usize..self.ends[number] as usize)
            .unwrap_or("")
    }

    fn list(&self, number: u32) -> &[u32] {
        let number = number as usize;
        &self.postings[self.starts[number] as usize..self.starts[number + 1] as usize]
    }

    pub(super) fn postings(&self, term: &str, each: &mut impl FnMut(u32, u32)) {
        let (mut low, mut high) = (0_u32, self.ends.len() as u32);
        while low < high {
            let middle = low.midpoint(high);
            match self.term(middle).cmp(term) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    for posting in self.list(middle) {
                        each(posting >> 16, posting & 0xFFFF);
                    }
                    return;
                }
            }
        }
    }

    pub(super) fn terms(&self, each: &mut impl FnMut(&str)) {
        for number in 0..self.ends.len() as u32 {
            each(self.term(number));
        }
    }

    // The first term from number `from` on that is not below, by `below`: steps
    // that double, then a binary search.
    fn skip(&self, from: u32, below: impl Fn(&str) -> bool) -> u32 {
        let count = self.ends.len() as u32;
        let (mut low, mut high, mut step) = (from, from, 1);
        while high < count && below(self.term(high)) {
            low = high + 1;
            high = high.saturating_add(step).min(count);
            step *= 2;
        }
        while low < high {
            let middle = low.midpoint(high);
            if below(self.term(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    pub(super) fn similar(&self, pattern: &Pattern, each: &mut impl FnMut(&str, u8)) {
        let mut number = 0;
        while (number as usize) < self.ends.len() {
            let term = self.term(number);
            match pattern.read(term) {
                Ok(edits) => {
                    if let Some(edits) = edits {
                        each(term, edits);
                    }
                    number += 1;
                }
                // No term that begins so is taken.
                Err(bytes) => {
                    let dead = &term.as_bytes()[..bytes];
                    number = self.skip(number + 1, |term| term.as_bytes().starts_with(dead));
                }
            }
        }
    }

    pub(super) fn terms_from(&self, beginning: &str, each: &mut impl FnMut(&str)) {
        let mut number = self.skip(0, |term| term < beginning);
        while (number as usize) < self.ends.len() && self.term(number).starts_with(beginning) {
            each(self.term(number));
            number += 1;
        }
    }

    pub(super) fn form(&self) -> SmallForm<'_> {
        SmallForm {
            arena: &self.arena,
            ends: &self.ends,
            starts: &self.starts,
            postings: &self.postings,
        }
    }

    pub(super) fn from_form(
        form: &ArchivedSmallForm<'_>,
        rows: usize,
    ) -> Result<Self, Contradiction> {
        let text = Self {
            arena: (*form.arena).to_owned(),
            ends: copied(&form.ends),
            starts: copied(&form.starts),
            postings: copied(&form.postings),
        };
        let fits = divides(&text.starts, text.ends.len(), text.postings.len())
            && text.ends.is_sorted()
            && text.ends.last().copied().unwrap_or(0) as usize == text.arena.len()
            && (text.ends.iter()).all(|end| text.arena.is_char_boundary(*end as usize))
            && (text.postings.iter()).all(|posting| ((posting >> 16) as usize) < rows);
        if fits {
            Ok(text)
        } else {
            Err("the postings do not fit their rows")
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.arena.len() + (self.ends.len() + self.starts.len() + self.postings.len()) * 4
    }
}
