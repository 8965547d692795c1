//! The text: BM25F of a query's words in a row. Owns the sums; what a term weighs
//! is the query's.

use tandem_index::document::GROUPS;
use tandem_index::segment::Segment;
use tandem_index::statistics::Statistics;

use super::needles::Needles;
use crate::query::{K1, Word, length_norms, weighted_frequency};

/// Scores rows for the words of one query.
pub(super) struct Text<'a> {
    words: &'a [Word],
    statistics: &'a Statistics,
    needles: Needles,
    weight: f64,
    // Of each word the parts of the groups in its best alternative, and its value.
    best: Vec<([f64; GROUPS], f64)>,
}

impl<'a> Text<'a> {
    pub(super) fn new(words: &'a [Word], statistics: &'a Statistics) -> Self {
        Self {
            words,
            statistics,
            needles: Needles::of(words),
            weight: words.iter().map(|word| word.weight).sum(),
            best: vec![([0.0; GROUPS], 0.0); words.len()],
        }
    }

    /// What each group adds to the value of the text, which is 0 to 1.
    pub(super) fn values(&mut self, segment: &Segment, row: u32) -> [f64; GROUPS] {
        let norms = length_norms(segment.terms.lengths(row), self.statistics);
        self.best.fill(([0.0; GROUPS], 0.0));
        let best = &mut self.best;
        let mut count = |word: u32, factor: f64, counts: [u32; GROUPS]| {
            let (parts, tf) = weighted_frequency(counts, norms);
            let saturated = factor * tf / (K1 + tf);
            let best = &mut best[word as usize];
            if saturated > best.1 {
                *best = (parts.map(|part| part / tf), saturated);
            }
        };
        self.needles.count(segment, row, &mut count);
        let mut sums = [0.0; GROUPS];
        for (word, (parts, saturated)) in self.words.iter().zip(&self.best) {
            for (sum, part) in sums.iter_mut().zip(parts) {
                *sum += word.weight * saturated * part;
            }
        }
        let whole = |sum: f64| {
            if self.weight > 0.0 {
                sum / self.weight
            } else {
                0.0
            }
        };
        sums.map(whole)
    }
}
