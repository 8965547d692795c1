//! Guesses: what an unknown or rare word was probably meant to be. Owns typos,
//! beginnings and splits; asks the vocabulary of every segment.

use std::collections::HashSet;

use tandem_index::analysis::{TermKey, query_terms};
use tandem_index::hash::PlainHash;
use tandem_index::row::Posting;
use tandem_index::statistics::Statistics;
use tandem_index::text::PATTERN_LETTERS_MAX;
use tandem_index::vocabulary::{Alike, Likeness};

use tandem_index::skills::Dictionary;

use super::sentence::is_sentence;
use super::{Expander, JOINED_FACTOR, ONE_EDIT_LETTERS, keyed};
use crate::legs::phrase_rows;
use crate::query::{Alternative, STEM_FACTOR, Why, Word};
use crate::reduce::is_silent;

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
/// One that more documents have, only from this ratio on.
const MISSPELT_RATIO: u32 = 100;
/// Least letters of such a word: shorter ones have neighbours by chance ("dairy",
/// "daily").
const MISSPELT_LETTERS: usize = 6;
/// Most known words of a query that are held against the vocabulary.
const MISSPELT_MAX: usize = 4;
/// Most words that begin with a last one that is well known by itself.
const PREFIXES_OF_KNOWN: usize = 3;
/// Of corrections with as many edits, those so many times less likely than the
/// best are left out.
const LIKELY_RATIO: u64 = 200;
/// How much less likely a correction is that changes the first letter; and one
/// that stands in no title and is no skill.
const UNLIKELY: u64 = 10;
const PREFIX_FACTOR: f64 = 0.6;
/// Of a word that stands for itself: what it begins must not stand above it.
const PREFIX_OF_KNOWN_FACTOR: f64 = 0.2;
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
            self.begun(at, held)
        } else {
            Vec::new()
        };
        let plain = word.chars().all(char::is_alphabetic);
        let (mut typos, mut split) = (Vec::new(), None);
        if self.reading.typo && plain && !self.right[at] {
            if held <= self.rare() {
                split = self.split(&word);
                typos = self.typos(&word, held);
            } else if held <= self.seldom() && begun.is_empty() {
                typos = self.misspelt(&word, held);
            }
            // Typing on is likelier than having mistyped.
            let best = |found: &[Candidate]| found.iter().map(|one| one.frequency).max();
            if best(&begun) >= best(&typos) && !begun.is_empty() {
                typos.clear();
            }
            if typos.is_empty()
                && begun.is_empty()
                && split.is_none()
                && open
                && held <= self.rare()
            {
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
            if typos.is_empty()
                && split.is_none()
                && let Some(whole) = self.meant(at, &begun)
            {
                self.out.finished = Some((word, whole.word.clone()));
            }
        } else {
            self.suspect(at, held, &typos);
        }
    }

    // Words at most this frequent may be mistyped.
    fn rare(&self) -> u32 {
        (self.statistics.rows() / 5_000).max(1) as u32
    }

    // Words at most this frequent may be a slip that several made.
    fn seldom(&self) -> u32 {
        (self.statistics.rows() / 500).max(1) as u32
    }

    // What some documents say may be how they misspell something far more
    // frequent; the word may still be meant.
    fn suspect(&mut self, at: usize, held: u32, typos: &[Candidate]) {
        let least = held.saturating_mul(MISSPELT_RATIO);
        let word = &self.out.words[at].word;
        if word.chars().count() < MISSPELT_LETTERS {
            return;
        }
        let often = |one: &&Candidate| {
            one.edits == 1 && one.frequency >= least && begin_alike(word, &one.word)
        };
        let likely: Vec<Candidate> = typos.iter().filter(often).cloned().collect();
        if let Some(meant) = self.meant(at, &likely) {
            let pair = (self.out.words[at].word.clone(), meant.word.clone());
            self.out.suspected.push(pair);
        }
    }

    // The far more frequent words one edit from one that some documents have.
    // Each look walks the vocabulary, so a query has a few.
    fn misspelt(&mut self, word: &str, held: u32) -> Vec<Candidate> {
        let letters = word.chars().count();
        let least = u64::from(held) * u64::from(MISSPELT_RATIO);
        let possible = least <= self.statistics.rows() && self.looks < MISSPELT_MAX;
        if !possible || !(MISSPELT_LETTERS..=PATTERN_LETTERS_MAX).contains(&letters) {
            return Vec::new();
        }
        self.looks += 1;
        let mut found = self.within(Likeness::Edits(1), word, held);
        found.retain(|one| u64::from(one.frequency) >= least && begin_alike(word, &one.word));
        likeliest(&mut found, TYPOS_MAX);
        found
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
    // word's neighbours ("we developr" means develop), and without them the one in
    // most titles: "developr" means developer, although develop is more frequent.
    // Somebody else's slip is no better than one's own.
    fn meant<'a>(&self, at: usize, typos: &'a [Candidate]) -> Option<&'a Candidate> {
        let often = typos.iter().find(|one| one.frequency > self.rare());
        let best = often.or(typos.first())?;
        let likely = typos
            .iter()
            .filter(|one| one.edits == best.edits && one.frequency > self.rare())
            .take(CONTEXT_TYPOS);
        let words = &self.out.words;
        // The word before stands there as it was meant.
        let before = at.checked_sub(1).map(|at| &words[at].word);
        let corrections = self.out.corrections.iter();
        let before = before.map(|word| {
            let meant = corrections.into_iter().find(|(wrong, _)| wrong == word);
            meant.map_or(word, |(_, meant)| meant)
        });
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
        let likely: Vec<(u32, &Candidate)> = likely.map(|one| (beside(one), one)).collect();
        let most = likely.iter().map(|(rows, _)| *rows).max().unwrap_or(0);
        let mut meant = None;
        for (_, one) in likely.into_iter().filter(|(rows, _)| *rows == most) {
            let titles = self.titles(&one.word);
            if meant.is_none_or(|(_, held)| titles > held) {
                meant = Some((one, titles));
            }
        }
        Some(meant.map_or(best, |(one, _)| one))
    }

    // The living rows with a word in their title.
    fn titles(&self, word: &str) -> u32 {
        let mut titles = 0;
        for live in &self.collection.segments {
            live.segment.text.postings(word, &mut |row, posting| {
                let there = Posting::read(posting).title > 0 && live.alive.get(row);
                titles += u32::from(there);
            });
        }
        titles
    }

    // Each word of the segments' vocabularies that is like one, once.
    fn each_alike(&self, word: &str, likeness: Likeness, mut each: impl FnMut(&Alike)) {
        let mut seen: HashSet<TermKey, PlainHash> = HashSet::default();
        let segments = &self.collection.segments;
        for live in segments {
            for one in live.segment.alike(word, likeness).iter() {
                if segments.len() == 1 || seen.insert(one.key) {
                    each(one);
                }
            }
        }
    }

    // Words of living documents that begin with a word, most frequent first. Of a
    // known one those at least as frequent, which are no inflections of it: they
    // match by their stem.
    fn begun(&self, at: usize, held: u32) -> Vec<Candidate> {
        let word = self.out.words[at].word.as_str();
        if word.chars().count() < PREFIX_LETTERS || word.contains(['~', '+', '#']) {
            return Vec::new();
        }
        let mut found: Vec<(String, u32)> = Vec::new();
        self.each_alike(word, Likeness::Begins, |one| {
            let frequency = self.statistics.frequency(one.key);
            if &*one.word != word && frequency >= held.max(1) {
                found.push((one.word.to_string(), frequency));
            }
        });
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let goes_on =
            |(term, _): &(String, u32)| held == 0 || !(is_silent(term) || self.inflects(at, term));
        let mut begun: Vec<(String, u32)> = Vec::new();
        begun.extend(found.into_iter().filter(goes_on).take(PREFIXES_MAX));
        let best = begun.first().map_or(0, |best| best.1);
        let (most, factor) = self.beginnings(at, held, best);
        begun.truncate(most);
        // What is far less frequent than others is a missing blank.
        begun.retain(|(_, frequency)| *frequency >= best / PREFIX_RATIO);
        begun
            .into_iter()
            .map(|(word, frequency)| Candidate {
                word,
                frequency,
                edits: 0,
                factor,
            })
            .collect()
    }

    // How many words a last word may begin, and their factor. The more frequent the
    // word and the nearer the best of what it begins, the likelier it is finished;
    // the name of a skill is.
    fn beginnings(&self, at: usize, held: u32, best: u32) -> (usize, f64) {
        let far = best >= held.saturating_mul(FREQUENT_RATIO);
        let named = self.right[at] && !is_silent(&self.out.words[at].word);
        let most = if far || held <= self.seldom() {
            PREFIXES_MAX
        } else {
            PREFIXES_OF_KNOWN
        };
        let factor = if held > 0 && (named || most < PREFIXES_MAX) {
            PREFIX_OF_KNOWN_FACTOR
        } else {
            PREFIX_FACTOR
        };
        (most, factor)
    }

    // Whether a term has a stem of a word of the query.
    fn inflects(&self, at: usize, term: &str) -> bool {
        let held = &self.out.words[at].alternatives;
        let stems = |terms: &[(String, TermKey)]| {
            let of = held.iter().filter(|one| one.why == Why::Stem);
            of.into_iter().any(|one| one.terms == terms)
        };
        let terms = query_terms(term, self.languages).into_iter();
        let mut others = terms.flat_map(|term| term.alternatives.into_iter().skip(1));
        others.any(|other| stems(&[other]))
    }

    // Words of living documents a few edits away, likeliest first.
    fn typos(&self, word: &str, held: u32) -> Vec<Candidate> {
        let letters = word.chars().count();
        if !(ONE_EDIT_LETTERS..=PATTERN_LETTERS_MAX).contains(&letters) {
            return Vec::new();
        }
        let mut typos = self.within(Likeness::Edits(1), word, held);
        let known = typos.iter().any(|one| one.frequency > self.rare());
        if letters >= TWO_EDITS_LETTERS && !known {
            typos.extend(self.within(Likeness::Edits(2), word, held));
            typos.sort_unstable_by(|a, b| a.word.cmp(&b.word));
            typos.dedup_by(|a, b| a.word == b.word);
        }
        likeliest(&mut typos, TYPOS_MAX);
        self.leave_unlikely(word, &mut typos);
        typos
    }

    // A far better correction keeps out the far worse ones: `manger` is a manager
    // who is neither a manner nor in anger.
    fn leave_unlikely(&self, word: &str, found: &mut Vec<Candidate>) {
        if found.len() < 2 {
            return;
        }
        let likely = |one: &Candidate| {
            let (first, named) = (begin_alike(word, &one.word), self.is_named(&one.word));
            let slips = [first, named].into_iter().filter(|fits| !fits).count();
            u64::from(one.frequency) * UNLIKELY.pow(2 - slips as u32)
        };
        let scores: Vec<(u8, u64)> = found.iter().map(|one| (one.edits, likely(one))).collect();
        let mut at = 0;
        found.retain(|one| {
            let of_edits = scores.iter().filter(|(edits, _)| *edits == one.edits);
            let best = of_edits.map(|(_, score)| *score).max().unwrap_or(0);
            at += 1;
            scores[at - 1].1 * LIKELY_RATIO >= best
        });
    }

    // Whether a word is of a title, or names a skill.
    fn is_named(&self, word: &str) -> bool {
        Dictionary::builtin().named(word).is_some() || self.titles(word) > 0
    }

    // The last word, neither a word nor the beginning of one: the beginning of one
    // with an edit.
    fn mistyped_beginning(&self, word: &str) -> Vec<Candidate> {
        let letters = word.chars().count();
        if !self.reading.prefix || !(ONE_EDIT_LETTERS..=PATTERN_LETTERS_MAX).contains(&letters) {
            return Vec::new();
        }
        let mut found = self.within(Likeness::BeginsWithin(1), word, 0);
        for one in &mut found {
            one.factor = TYPO_FACTORS[1];
        }
        likeliest(&mut found, TYPOS_MAX);
        self.leave_unlikely(word, &mut found);
        found
    }

    fn within(&self, likeness: Likeness, word: &str, held: u32) -> Vec<Candidate> {
        let least = held.saturating_mul(FREQUENT_RATIO).max(1);
        let factors = if held == 0 {
            TYPO_FACTORS
        } else {
            RARE_TYPO_FACTORS
        };
        let mut found = Vec::new();
        self.each_alike(word, likeness, |one| {
            let frequency = self.statistics.frequency(one.key);
            let plain = || &*one.word != word && one.word.chars().all(char::is_alphabetic);
            if frequency >= least && plain() && may_be_meant(word, &one.word) {
                found.push(Candidate {
                    word: one.word.to_string(),
                    frequency,
                    edits: one.edits,
                    factor: factors[usize::from(one.edits > 1)],
                });
            }
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

// Slips seldom change the first letter; other words often do.
fn begin_alike(word: &str, other: &str) -> bool {
    word.chars().next() == other.chars().next()
}

// A word that sentences are built with is only meant by its own letters, some
// swapped: `wiht`, but not `koch` for noch.
pub(crate) fn may_be_meant(word: &str, other: &str) -> bool {
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    !(is_silent(other) || is_sentence(other)) || letters(word) == letters(other)
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
