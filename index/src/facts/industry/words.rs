//! What the words of a person's work say of the field: points a field, by every
//! word of the text once. Owns how words are counted; which words speak for what
//! is `industry_words.tsv`, made of O*NET's occupations.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::FIELDS;
use crate::analysis::{TermKey, fold};
use crate::facts::Reading;
use crate::hash::PlainHash;

/// A word's fields, as places in `FIELDS`, and how much it speaks for each.
type Spoken = Vec<(usize, u32)>;

static WORDS: LazyLock<HashMap<TermKey, Spoken, PlainHash>> = LazyLock::new(|| {
    let file = include_str!("../../../data/facts/industry_words.tsv");
    let lines = file.lines().filter_map(|line| line.split_once('\t'));
    let fields = |told: &str| -> Spoken {
        let pairs = told.split('|').filter_map(|pair| pair.split_once(' '));
        let pairs = pairs.filter_map(|(name, weight)| {
            let field = FIELDS.iter().position(|field| *field == name)?;
            Some((field, weight.parse().ok()?))
        });
        pairs.collect()
    };
    lines
        .map(|(word, told)| (TermKey::of(&fold(word)), fields(told)))
        .collect()
});

/// What words say: points of each field, and the bytes of the word that says most.
pub(super) struct Told {
    pub(super) points: [u32; FIELDS.len()],
    pub(super) first: [Option<(u32, u32, u32)>; FIELDS.len()],
}

/// Counts the words of a text.
pub(super) fn told(reading: &Reading<'_>) -> Told {
    let mut told = Told {
        points: [0; FIELDS.len()],
        first: [None; FIELDS.len()],
    };
    let mut seen: HashSet<TermKey, PlainHash> = HashSet::default();
    for word in reading.words.items() {
        let Some(fields) = WORDS.get(&word.key) else {
            continue;
        };
        if !seen.insert(word.key) {
            continue;
        }
        for (field, weight) in fields {
            told.points[*field] += weight;
            let held = &mut told.first[*field];
            if held.is_none_or(|(_, _, most)| *weight > most) {
                *held = Some((word.start, word.end, *weight));
            }
        }
    }
    told
}
