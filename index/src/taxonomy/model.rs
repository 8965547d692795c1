//! What a title's words say of its occupation, learned from all known titles:
//! every word, every pair of words and the head word point to occupations, the
//! fewer the stronger. Owns the weights; knows no spellings.

use super::occupations::OccupationId;
use super::words::{Word, mix};

/// Occupations a feature points to at most; the rest would hardly count.
const POSTINGS_MAX: usize = 40;
/// Words of a title whose pairs are looked at.
const WORDS_MAX: usize = 9;

// Found on one quarter of the titles with the model of another (tests.rs).
const PAIR_WEIGHT: f32 = 1.6;
const HEAD_WEIGHT: f32 = 2.0;
const WORD_WEIGHT: f32 = 1.0;
const STEM_WEIGHT: f32 = 1.0;
/// What a word of a later part counts.
const LATER_PART: f32 = 0.5;
/// Added to a feature's count, so that what was seen once is not certain.
const SMOOTH: f32 = 1.0;

const PAIR: u64 = 0x7061_6972;
const HEAD: u64 = 0x6865_6164;

#[derive(Clone, Copy, Debug)]
struct Posting {
    occupation: OccupationId,
    weight: f32,
}

/// Features by key, each with its occupations.
#[derive(Debug, Default)]
pub(super) struct Model {
    /// Key and where its postings begin; open addressing, a power of two.
    slots: Vec<(u64, u32, u32)>,
    postings: Vec<Posting>,
    occupations: usize,
}

/// Collects what a model is made of.
#[derive(Debug, Default)]
pub(super) struct Sample {
    seen: Vec<(u64, OccupationId, f32)>,
}

impl Sample {
    /// Adds a title of some occupations, each with its share.
    pub(super) fn add(&mut self, words: &[Word], shares: &[(OccupationId, f32)]) {
        each_feature(words, &mut |key, _| {
            for (occupation, share) in shares {
                self.seen.push((key, *occupation, *share));
            }
        });
    }

    pub(super) fn model(mut self, occupations: usize) -> Model {
        self.seen
            .sort_by_key(|(key, occupation, _)| (*key, *occupation));
        let mut model = Model {
            occupations,
            ..Model::default()
        };
        let mut features = Vec::new();
        for group in self.seen.chunk_by(|left, right| left.0 == right.0) {
            let from = model.postings.len() as u32;
            model.put(group);
            features.push((group[0].0, from, model.postings.len() as u32));
        }
        let size = (features.len() * 3 / 2).next_power_of_two().max(2);
        model.slots = vec![(0, 0, 0); size];
        for feature in features {
            let mut at = feature.0 as usize & (size - 1);
            while model.slots[at].2 != 0 {
                at = (at + 1) & (size - 1);
            }
            model.slots[at] = feature;
        }
        model
    }
}

impl Model {
    /// The postings of one feature's sightings, sorted by occupation.
    fn put(&mut self, group: &[(u64, OccupationId, f32)]) {
        let from = self.postings.len();
        let mut total = 0.0;
        for same in group.chunk_by(|left, right| left.1 == right.1) {
            let weight = same.iter().map(|(_, _, share)| *share).sum::<f32>();
            total += weight;
            self.postings.push(Posting {
                occupation: same[0].1,
                weight,
            });
        }
        let entropy: f32 = self.postings[from..]
            .iter()
            .map(|posting| posting.weight / total)
            .map(|p| -p * libm::logf(p))
            .sum();
        let told = 1.0 - entropy / libm::logf(self.occupations.max(2) as f32);
        let told = told.max(0.02);
        let held = &mut self.postings[from..];
        for posting in held.iter_mut() {
            posting.weight =
                told * libm::logf(1.0 + 100.0 * posting.weight / (total + SMOOTH)) / 4.6;
        }
        held.sort_by(|a, b| {
            b.weight
                .total_cmp(&a.weight)
                .then(a.occupation.cmp(&b.occupation))
        });
        self.postings.truncate(from + POSTINGS_MAX);
    }

    fn postings(&self, key: u64) -> &[Posting] {
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        loop {
            let (held, from, to) = self.slots[at];
            if to == 0 {
                return &[];
            }
            if held == key {
                return &self.postings[from as usize..to as usize];
            }
            at = (at + 1) & mask;
        }
    }

    /// The occupations the words point to, best first, with a score of 0 and
    /// more; at most `limit`.
    pub(super) fn score(&self, words: &[Word], limit: usize) -> Vec<(OccupationId, f32)> {
        let mut sums = vec![0.0_f32; self.occupations];
        let mut features = 0.0_f32;
        each_feature(words, &mut |key, weight| {
            features += weight;
            for posting in self.postings(key) {
                sums[usize::from(posting.occupation.0)] += posting.weight * weight;
            }
        });
        let mut best: Vec<(OccupationId, f32)> = Vec::with_capacity(limit + 1);
        let mut least = 0.0;
        for (at, sum) in sums.iter().enumerate().filter(|(_, sum)| **sum > 0.0) {
            if best.len() < limit || *sum > least {
                // Of equal ones the lower number stays before.
                let place = best.partition_point(|(_, other)| other >= sum);
                best.insert(place, (OccupationId(at as u16), *sum));
                best.truncate(limit);
                least = best.last().map_or(0.0, |(_, sum)| *sum);
            }
        }
        for (_, sum) in &mut best {
            *sum /= features.max(0.1);
        }
        best
    }

    /// Whether any title has this word.
    pub(super) fn knows(&self, word: Word) -> bool {
        !self.postings(mix(word.key)).is_empty()
    }
}

/// Every feature of some words with its weight.
fn each_feature(words: &[Word], each: &mut impl FnMut(u64, f32)) {
    let words = &words[..words.len().min(WORDS_MAX)];
    let counts = |word: Word| if word.part == 0 { 1.0 } else { LATER_PART };
    for (at, word) in words.iter().enumerate() {
        let counted = counts(*word);
        each(mix(word.key), counted * WORD_WEIGHT);
        each(mix(word.stem), counted * STEM_WEIGHT);
        if word.head && word.part == 0 {
            each(mix(word.key ^ HEAD), counted * HEAD_WEIGHT);
        }
        for other in &words[..at] {
            let pair = mix(word.key).wrapping_add(mix(other.key)) ^ PAIR;
            each(mix(pair), counted.min(counts(*other)) * PAIR_WEIGHT);
        }
    }
}
