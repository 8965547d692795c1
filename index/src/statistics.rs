//! Live statistics of one kind in one space: how many rows are alive, how long
//! their texts are, in how many of them a term stands. Owns the counting; exact
//! through replacements and deletes, and a snapshot keeps its own for nothing.

use std::collections::HashMap;
use std::sync::Arc;

use imbl::GenericHashMap;
use imbl::shared_ptr::DefaultSharedPtr;
use rkyv::rend::u64_le;

use crate::analysis::{Language, TermKey};
use crate::checkpoint::forms::{
    ArchivedStatisticsForm, Contradiction, LanguageForm, StatisticsForm,
};
use crate::document::GROUPS;
use crate::hash::PlainHash;
use crate::terms::Terms;

type Frequencies = GenericHashMap<TermKey, u32, PlainHash, DefaultSharedPtr>;

/// Live statistics. Cloning is O(1): the term table is a persistent map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    rows: u64,
    lengths: [u64; GROUPS],
    frequencies: Frequencies,
    // Of the dictionary's skills by number, as in `frequencies`: the score asks for
    // them row by row.
    skills: Arc<Vec<u32>>,
    languages: Vec<(Language, u64)>,
}

/// Most numbers of the dictionary's skills; others have a hash for a number.
const SKILLS_MAX: u32 = 1 << 16;

/// Changes gathered over a batch, applied to the table once a term.
#[derive(Default)]
pub struct Delta {
    rows: i64,
    lengths: [i64; GROUPS],
    frequencies: HashMap<TermKey, i32, PlainHash>,
    languages: HashMap<Language, i64>,
}

impl Delta {
    /// Counts a row in (`sign` 1) or out (−1).
    pub fn row(&mut self, terms: &Terms, row: u32, language: Option<Language>, sign: i32) {
        self.rows += i64::from(sign);
        for (sum, length) in self.lengths.iter_mut().zip(terms.lengths(row)) {
            *sum += i64::from(sign) * i64::from(length);
        }
        for entry in terms.entries(row) {
            *self.frequencies.entry(entry.key()).or_default() += sign;
        }
        if let Some(language) = language {
            *self.languages.entry(language).or_default() += i64::from(sign);
        }
    }
}

impl Statistics {
    /// The statistics after a batch. Linear in the batch's different terms.
    pub fn apply(&mut self, delta: Delta) {
        self.rows = self.rows.saturating_add_signed(delta.rows);
        for (sum, change) in self.lengths.iter_mut().zip(delta.lengths) {
            *sum = sum.saturating_add_signed(change);
        }
        for (key, change) in delta.frequencies {
            let held = self.frequencies.get(&key).copied().unwrap_or(0);
            let count = held.saturating_add_signed(change);
            if count == held {
                continue;
            }
            match count {
                0 => drop(self.frequencies.remove(&key)),
                _ => drop(self.frequencies.insert(key, count)),
            }
            self.put_skill(key, count);
        }
        for (language, change) in delta.languages {
            match self
                .languages
                .iter_mut()
                .find(|(held, _)| *held == language)
            {
                Some((_, count)) => *count = count.saturating_add_signed(change),
                None => self.languages.push((language, change.max(0) as u64)),
            }
        }
        self.languages.retain(|(_, count)| *count > 0);
        self.languages
            .sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    }

    fn put_skill(&mut self, key: TermKey, count: u32) {
        let Some(number) = key.as_skill().filter(|number| *number < SKILLS_MAX) else {
            return;
        };
        let number = number as usize;
        let skills = Arc::make_mut(&mut self.skills);
        if skills.len() <= number {
            skills.resize(number + 1, 0);
        }
        skills[number] = count;
        while skills.last() == Some(&0) {
            skills.pop();
        }
    }

    /// What a checkpoint keeps of them, terms by key: the same for equal ones.
    pub(crate) fn form(&self) -> StatisticsForm {
        let mut terms: Vec<(u64, u32)> = (self.frequencies.iter())
            .map(|(key, count)| (key.0, *count))
            .collect();
        terms.sort_unstable();
        let languages = self.languages.iter().map(|(language, rows)| LanguageForm {
            tag: language.tag().to_owned(),
            rows: *rows,
        });
        StatisticsForm {
            rows: self.rows,
            lengths: self.lengths,
            keys: terms.iter().map(|(key, _)| *key).collect(),
            counts: terms.iter().map(|(_, count)| *count).collect(),
            languages: languages.collect(),
        }
    }

    pub(crate) fn from_form(form: &ArchivedStatisticsForm) -> Result<Self, Contradiction> {
        if form.keys.len() != form.counts.len() {
            return Err("the statistics have terms without a count");
        }
        let mut languages = Vec::with_capacity(form.languages.len());
        for language in form.languages.iter() {
            let tag = Language::from_tag(&language.tag);
            languages.push((
                tag.ok_or("the statistics have an unknown language")?,
                language.rows.to_native(),
            ));
        }
        let keys = form.keys.iter().map(|key| TermKey(key.to_native()));
        let counts = form.counts.iter().map(|count| count.to_native());
        let mut statistics = Self {
            rows: form.rows.to_native(),
            lengths: form.lengths.map(u64_le::to_native),
            frequencies: keys.clone().zip(counts.clone()).collect(),
            skills: Arc::default(),
            languages,
        };
        for (key, count) in keys.zip(counts) {
            statistics.put_skill(key, count);
        }
        Ok(statistics)
    }

    /// Rows alive.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows a term stands in.
    pub fn frequency(&self, key: TermKey) -> u32 {
        if let Some(number) = key.as_skill().filter(|number| *number < SKILLS_MAX) {
            return self.skills.get(number as usize).copied().unwrap_or(0);
        }
        self.frequencies.get(&key).copied().unwrap_or(0)
    }

    /// Mean words in a group of a row, at least 1.
    pub fn mean_length(&self, group: usize) -> f64 {
        mean(self.lengths[group], self.rows)
    }

    /// Different terms.
    pub fn terms(&self) -> usize {
        self.frequencies.len()
    }

    /// The languages of the rows, most frequent first.
    pub fn languages(&self) -> impl Iterator<Item = Language> + '_ {
        self.languages.iter().map(|(language, _)| *language)
    }

    /// Rarity of a term that stands in `frequency` rows: ln(1 + (N − n + ½) / (n
    /// + ½)), the BM25 form that is never negative (Lucene's BM25Similarity).
    pub fn idf(&self, frequency: u32) -> f64 {
        let (rows, frequency) = (self.rows as f64, f64::from(frequency));
        let odds = ((rows - frequency).max(0.0) + 0.5) / (frequency + 0.5);
        libm::log(1.0 + odds)
    }
}

fn mean(sum: u64, rows: u64) -> f64 {
    if rows == 0 {
        1.0
    } else {
        (sum as f64 / rows as f64).max(1.0)
    }
}
