//! Guesses: what an unknown or rare word was probably meant to be. Owns typos,
//! beginnings and splits; walks the vocabulary of every segment.

use std::collections::{BTreeMap, BTreeSet};

use tandem_index::analysis::query_terms;
use tandem_index::statistics::Statistics;
use tandem_index::text::{PATTERN_LETTERS_MAX, Pattern, TextPart};

use super::{Expander, JOINED_FACTOR, ONE_EDIT_LETTERS, keyed};
use crate::legs::phrase_rows;
use crate::query::{Alternative, STEM_FACTOR, Why, Word};

/// Words from this length on are corrected by two.
const TWO_EDITS_LETTERS: usize = 8;
/// Least letters of a beginning.
const PREFIX_LETTERS: usize = 2;
/// Most corrections of a word.
const TYPOS_MAX: usize = 8;
/// Most words that begin with the last one.
const PREFIXES_MAX: usize = 16;
/// Corrections whose stems count too.
const STEMMED_TYPOS: usize = 3;
/// A word that begins with the last one is at least one in so many of the best.
const PREFIX_RATIO: u32 = 1_000;
/// Corrections that are looked for beside their neighbours.
const CONTEXT_TYPOS: usize = 4;
/// A known word is taken for something more frequent only from this ratio on.
const FREQUENT_RATIO: u32 = 10;
const PREFIX_FACTOR: f64 = 0.6;
/// By edits: of unknown words, and of words that a few documents have. The
/// latter may well be meant: what they are taken for must not stand above them.
const TYPO_FACTORS: [f64; 2] = [0.7, 0.5];
const RARE_TYPO_FACTORS: [f64; 2] = [0.3, 0.2];

impl Expander<'_> {
    // A word that no document has may be unfinished, mistyped or two; one that a
    // few have may be, too.
    pub(super) fn guess(&mut self, at: usize, open: bool) {
        let word = self.out.words[at].word.clone();
        let held = self.frequency(&word);
        let begun = if open && self.reading.prefix {
            self.begun(&word, held)
        } else {
            Vec::new()
        };
        let rare = held <= self.rare();
        let plain = word.chars().all(char::is_alphabetic);
        let (mut typos, mut split) = (Vec::new(), None);
        if self.reading.typo && rare && plain {
            split = self.split(&word);
            typos = self.typos(&word, held);
            // Typing on is likelier than having mistyped.
            let best = |found: &[Candidate]| found.iter().map(|one| one.frequency).max();
            if best(&begun) >= best(&typos) && !begun.is_empty() {
                typos.clear();
            }
            if typos.is_empty() && begun.is_empty() && split.is_none() && open {
                typos = self.mistyped_beginning(&word);
            }
        }
        self.add_words(at, &begun, Why::Prefix);
        self.add_words(at, &typos, Why::Typo);
        if let Some((halves, _)) = &split {
            self.add_spelling(at, at + 1, halves, JOINED_FACTOR, Why::Split);
            self.show(at, at + 1, vec![halves.join(" ")], Why::Split);
        }
        if held == 0 {
            self.correct(at, &begun, &typos, split.as_ref());
        }
    }

    // Words at most this frequent may be mistyped.
    fn rare(&self) -> u32 {
        (self.statistics.rows() / 5_000).max(1) as u32
    }

    fn add_words(&mut self, at: usize, found: &[Candidate], why: Why) {
        for (place, one) in found.iter().enumerate() {
            let mut terms = query_terms(&one.word, self.languages).into_iter();
            let stems = terms.next().map_or(Vec::new(), |term| term.alternatives);
            let stems = if why == Why::Typo && place < STEMMED_TYPOS {
                stems
            } else {
                vec![keyed(&one.word)]
            };
            for (nth, term) in stems.into_iter().enumerate() {
                if self.statistics.frequency(term.1) > 0 {
                    let alternative = Alternative {
                        terms: vec![term],
                        factor: one.factor * if nth == 0 { 1.0 } else { STEM_FACTOR },
                        why,
                    };
                    self.add(at, at + 1, &alternative);
                }
            }
        }
        let names = found.iter().map(|one| one.word.clone()).collect();
        self.show(at, at + 1, names, why);
    }

    fn correct(
        &mut self,
        at: usize,
        begun: &[Candidate],
        typos: &[Candidate],
        split: Option<&(Vec<String>, u32)>,
    ) {
        let word = &self.out.words[at].word.clone();
        let best = self.meant(at, typos);
        let begun = begun.iter().map(|one| one.frequency).max().unwrap_or(0);
        let typo = best.map_or(0, |one| one.frequency);
        let halves = split.map_or(0, |split| split.1);
        let meant = if halves > 0 && halves >= typo {
            split.map(|split| split.0.join(" "))
        } else {
            best.map(|one| one.word.clone())
        };
        let inflected = meant.as_ref().is_some_and(|meant| {
            stems_known(&self.out.words[at], self.statistics)
                && (meant.starts_with(word) || word.starts_with(meant.as_str()))
        });
        if let Some(meant) = meant.filter(|_| !inflected && begun < typo.max(halves)) {
            self.out.corrections.push((word.clone(), meant));
        }
    }

    // Of the likeliest corrections the one that stands most often beside the
    // word's neighbours: "frontend developr" means developer, although develop is
    // more frequent. Somebody else's slip is no better than one's own.
    fn meant<'a>(&self, at: usize, typos: &'a [Candidate]) -> Option<&'a Candidate> {
        let often = typos.iter().find(|one| one.frequency > self.rare());
        let best = often.or(typos.first())?;
        let likely = typos
            .iter()
            .filter(|one| one.edits == best.edits && one.frequency > self.rare())
            .take(CONTEXT_TYPOS);
        let words = &self.out.words;
        let before = at.checked_sub(1).map(|at| &words[at].word);
        let after = words.get(at + 1).map(|word| &word.word);
        let beside = |one: &Candidate| -> u32 {
            let pairs = [
                before.map(|before| [before.as_str(), one.word.as_str()]),
                after.map(|after| [one.word.as_str(), after.as_str()]),
            ];
            let pairs = pairs.into_iter().flatten();
            pairs
                .map(|pair| {
                    let phrase = Alternative {
                        terms: pair.map(keyed).into(),
                        factor: 1.0,
                        why: Why::Typo,
                    };
                    phrase_rows(self.collection, &phrase)
                })
                .sum()
        };
        let mut meant = best;
        let mut most = 0;
        for one in likely {
            let rows = beside(one);
            if rows > most {
                (meant, most) = (one, rows);
            }
        }
        Some(meant)
    }

    fn each_part(&self, mut each: impl FnMut(&TextPart)) {
        for live in &self.collection.segments {
            each(&live.segment.text);
        }
    }

    // Words of living documents that begin with a word, most frequent first.
    fn begun(&self, word: &str, held: u32) -> Vec<Candidate> {
        let letters = word.chars().count();
        let least = held.saturating_mul(FREQUENT_RATIO).max(1);
        let possible = u64::from(least) <= self.statistics.rows();
        if letters < PREFIX_LETTERS || !possible || word.contains(['~', '+', '#']) {
            return Vec::new();
        }
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        self.each_part(|part| {
            part.terms_from(word, &mut |term| {
                if term != word && !found.contains_key(term) {
                    let frequency = self.frequency(term);
                    if frequency > 0 {
                        found.insert(term.to_owned(), frequency);
                    }
                }
            });
        });
        // What is no more frequent than the word itself is not what it begins; what
        // is far less frequent than others is a missing blank.
        let best = found.values().max().copied().unwrap_or(0);
        if best < least {
            return Vec::new();
        }
        found.retain(|_, frequency| *frequency >= best / PREFIX_RATIO);
        let mut begun: Vec<Candidate> = found
            .into_iter()
            .map(|(word, frequency)| Candidate {
                word,
                frequency,
                edits: 0,
                factor: PREFIX_FACTOR,
            })
            .collect();
        likeliest(&mut begun, PREFIXES_MAX);
        begun
    }

    // Words of living documents a few edits away, likeliest first.
    fn typos(&self, word: &str, held: u32) -> Vec<Candidate> {
        let letters = word.chars().count();
        if !(ONE_EDIT_LETTERS..=PATTERN_LETTERS_MAX).contains(&letters) {
            return Vec::new();
        }
        let mut typos = self.within(Pattern::new(word, 1), word, held);
        let known = typos.iter().any(|one| one.frequency > self.rare());
        if letters >= TWO_EDITS_LETTERS && !known {
            typos.extend(self.within(Pattern::new(word, 2), word, held));
            typos.sort_unstable_by(|a, b| a.word.cmp(&b.word));
            typos.dedup_by(|a, b| a.word == b.word);
        }
        likeliest(&mut typos, TYPOS_MAX);
        typos
    }

    // The last word, neither a word nor the beginning of one: the beginning of one
    // with an edit.
    fn mistyped_beginning(&self, word: &str) -> Vec<Candidate> {
        let letters = word.chars().count();
        if !self.reading.prefix || !(ONE_EDIT_LETTERS..=PATTERN_LETTERS_MAX).contains(&letters) {
            return Vec::new();
        }
        let mut found = self.within(Pattern::beginning(word, 1), word, 0);
        for one in &mut found {
            one.factor = TYPO_FACTORS[1];
        }
        likeliest(&mut found, TYPOS_MAX);
        found
    }

    fn within(&self, pattern: Option<Pattern>, word: &str, held: u32) -> Vec<Candidate> {
        let Some(pattern) = pattern else {
            return Vec::new();
        };
        let least = held.saturating_mul(FREQUENT_RATIO).max(1);
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut found = Vec::new();
        self.each_part(|part| {
            part.similar(&pattern, &mut |term, edits| {
                let plain = term != word && term.chars().all(char::is_alphabetic);
                if !plain || seen.contains(term) {
                    return;
                }
                seen.insert(term.to_owned());
                let frequency = self.frequency(term);
                if frequency >= least {
                    let factors = if held == 0 {
                        TYPO_FACTORS
                    } else {
                        RARE_TYPO_FACTORS
                    };
                    found.push(Candidate {
                        word: term.to_owned(),
                        frequency,
                        edits,
                        factor: factors[usize::from(edits > 1)],
                    });
                }
            });
        });
        found
    }

    // The two words that a word is most often written as, and in how many rows.
    fn split(&self, word: &str) -> Option<(Vec<String>, u32)> {
        let rare = self.rare();
        let mut splits: Vec<(u32, &str, &str)> = Vec::new();
        for (at, _) in word.char_indices() {
            let Some((first, second)) = word.split_at_checked(at) else {
                continue;
            };
            let whole = first.chars().count() > 1 && second.chars().count() > 1;
            let rarer = self.frequency(first).min(self.frequency(second));
            if whole && rarer > rare {
                splits.push((rarer, first, second));
            }
        }
        splits.sort_unstable_by(|a, b| b.cmp(a));
        let mut best: Option<(Vec<String>, u32)> = None;
        for (_, first, second) in splits.into_iter().take(3) {
            let phrase = Alternative {
                terms: vec![keyed(first), keyed(second)],
                factor: JOINED_FACTOR,
                why: Why::Split,
            };
            let rows = phrase_rows(self.collection, &phrase);
            if rows > best.as_ref().map_or(0, |best| best.1) {
                best = Some((vec![first.to_owned(), second.to_owned()], rows));
            }
        }
        best
    }
}

fn stems_known(word: &Word, statistics: &Statistics) -> bool {
    let mut stems = word.alternatives.iter();
    stems.any(|one| one.why == Why::Stem && one.frequency(statistics) > 0)
}

/// A word of living documents that may have been meant.
#[derive(Clone, Debug, PartialEq)]
struct Candidate {
    word: String,
    frequency: u32,
    edits: u8,
    factor: f64,
}

// Fewest edits first, then most frequent, then by text; the first `most`.
fn likeliest(found: &mut Vec<Candidate>, most: usize) {
    found.sort_unstable_by(|a, b| {
        (a.edits.cmp(&b.edits))
            .then(b.frequency.cmp(&a.frequency))
            .then_with(|| a.word.cmp(&b.word))
    });
    found.truncate(most);
}
