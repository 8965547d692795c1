//! What a word of a query also matches: mistyped, unfinished, split and joined
//! words, synonyms, other names of skills. Owns the rules of docs/analysis.md;
//! what is found depends on the living documents alone, never on their layout.

mod guess;
mod sentence;

pub(crate) use guess::may_be_meant;
use tandem_index::analysis::{Language, TermKey, Words, analyse, query_terms};
use tandem_index::skills::{Category, Dictionary, SkillId};
use tandem_index::snapshot::Collection;
use tandem_index::statistics::Statistics;
use tandem_index::synonyms::{Found, Synonyms};
use tandem_index::taxonomy::Taxonomy;

use crate::query::{Alternative, STEM_FACTOR, Why, Word};
use crate::reduce::is_silent;
use crate::request::Reading;

/// Words from this length on are corrected by one edit.
pub const ONE_EDIT_LETTERS: usize = 4;
/// Most synonyms of a spelling.
const SYNONYMS_MAX: usize = 8;
/// A joined word must be at least one in so many of the rarer half's rows; below,
/// it is somebody's missing blank.
const JOINED_RATIO: u32 = 200;

const JOINED_FACTOR: f64 = 0.9;
const SYNONYM_FACTOR: f64 = 0.9;

/// What a word or several were also taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion {
    /// The number of its first word.
    pub at: usize,
    /// As typed, folded.
    pub word: String,
    /// What also matches, likeliest first.
    pub to: Vec<String>,
    /// Why.
    pub why: Why,
}

/// The words of a query with all that they match.
#[derive(Debug, Default)]
pub struct Expanded {
    /// The words in order.
    pub words: Vec<Word>,
    /// What was added.
    pub shown: Vec<Expansion>,
    /// Words no document has, and what was probably meant.
    pub corrections: Vec<(String, String)>,
    /// Words some documents have, and the far more frequent ones probably meant.
    pub suspected: Vec<(String, String)>,
    /// The unfinished last word and what it probably becomes, where no document
    /// has it.
    pub finished: Option<(String, String)>,
}

struct Expander<'a> {
    collection: &'a Collection,
    taxonomy: &'a Taxonomy,
    statistics: &'a Statistics,
    languages: &'a [Language],
    reading: &'a Reading,
    // Words that stand as they are, and words that are right as they are.
    literal: Vec<bool>,
    right: Vec<bool>,
    // How many known words were held against the vocabulary.
    looks: usize,
    out: Expanded,
}

/// Reads the words of a query. `open` says whether the last one may go on.
pub fn expand(
    (collection, taxonomy): (&Collection, &Taxonomy),
    languages: &[Language],
    text: &str,
    open: bool,
    reading: &Reading,
) -> Expanded {
    let statistics = &collection.statistics;
    let words: Vec<Word> = query_terms(text, languages)
        .into_iter()
        .map(|term| Word::new(term.word, term.alternatives, statistics))
        .collect();
    let count = words.len();
    let mut expander = Expander {
        collection,
        taxonomy,
        statistics,
        languages,
        reading,
        literal: literal(&words, &reading.literal),
        right: words.iter().map(|word| is_silent(&word.word)).collect(),
        looks: 0,
        out: Expanded {
            words,
            ..Expanded::default()
        },
    };
    expander.skills(text);
    expander.synonyms();
    if reading.typo {
        expander.joined();
    }
    for at in 0..count {
        // What is right as it is may still go on.
        let open = open && at + 1 == count;
        if !expander.literal[at] && (open || !expander.right[at]) {
            expander.guess(at, open);
        }
    }
    expander.out.shown.sort_by_key(|one| one.at);
    expander.out
}

// Which words of the query are to be taken as they stand.
fn literal(words: &[Word], phrases: &[String]) -> Vec<bool> {
    let mut literal = vec![false; words.len()];
    for phrase in phrases {
        let phrase: Vec<String> = spelt(phrase);
        for at in 0..words.len() {
            let held = words[at..].iter().take(phrase.len());
            if !phrase.is_empty() && held.map(|word| &word.word).eq(phrase.iter()) {
                literal[at..at + phrase.len()].fill(true);
            }
        }
    }
    literal
}

fn spelt(text: &str) -> Vec<String> {
    query_terms(text, &[])
        .into_iter()
        .map(|term| term.word)
        .collect()
}

fn keyed(word: &str) -> (String, TermKey) {
    (word.to_owned(), TermKey::of(word))
}

fn contains(words: &[String], part: &[String]) -> bool {
    words
        .windows(part.len().max(1))
        .any(|window| window == part)
}

impl Expander<'_> {
    fn frequency(&self, word: &str) -> u32 {
        self.statistics.frequency(TermKey::of(word))
    }

    fn spans_literal(&self, from: usize, to: usize) -> bool {
        self.literal[from..to].contains(&true)
    }

    fn typed(&self, from: usize, to: usize) -> Vec<String> {
        let words = self.out.words[from..to].iter();
        words.map(|word| word.word.clone()).collect()
    }

    fn add(&mut self, from: usize, to: usize, alternative: &Alternative) {
        for word in &mut self.out.words[from..to] {
            word.add(alternative.clone(), self.statistics);
        }
    }

    fn is_shown(&self, at: usize, name: &String) -> bool {
        let mut shown = self.out.shown.iter();
        shown.any(|one| one.at == at && one.to.contains(name))
    }

    fn show(&mut self, from: usize, to: usize, names: Vec<String>, why: Why) {
        if !names.is_empty() {
            let word = self.typed(from, to).join(" ");
            self.out.shown.push(Expansion {
                at: from,
                word,
                to: names,
                why,
            });
        }
    }

    // A word or phrase, its words all known, as alternative of words of the query;
    // the stems of a single word count as well.
    fn add_spelling(&mut self, from: usize, to: usize, spelling: &[String], factor: f64, why: Why) {
        if let [single] = spelling {
            let terms = query_terms(single, self.languages).into_iter();
            for (at, term) in terms.flat_map(|term| term.alternatives).enumerate() {
                if self.statistics.frequency(term.1) == 0 {
                    continue;
                }
                let factor = if at == 0 {
                    factor
                } else {
                    factor * STEM_FACTOR
                };
                let alternative = Alternative {
                    terms: vec![term],
                    factor,
                    why,
                };
                self.add(from, to, &alternative);
            }
            return;
        }
        let alternative = Alternative {
            terms: spelling.iter().map(|word| keyed(word)).collect(),
            factor,
            why,
        };
        // A document with the phrase has the words they share as they are.
        let words = self.out.words[from..to].iter_mut();
        for word in words.filter(|word| !spelling.contains(&word.word)) {
            word.add(alternative.clone(), self.statistics);
        }
    }

    // The skills the query names, in their other spellings.
    fn skills(&mut self, text: &str) {
        let mut words = Words::default();
        analyse(text, None, &mut words);
        let mut mentions = Vec::new();
        Dictionary::builtin().find(text, &words, &mut mentions);
        self.taxonomy.names().find(text, &words, &mut mentions);
        let mut found: Vec<(SkillId, usize, usize)> = mentions
            .iter()
            .map(|m| (m.skill, m.first_word as usize, m.end_word as usize))
            .collect();
        let count = self.out.words.len();
        if found.is_empty() && count > 0 {
            let named = self.taxonomy.skill_named(text);
            found.extend(named.map(|skill| (skill, 0, count)));
        }
        // Of words no document has, each by itself: `koch` is a cook, whatever stands
        // beside it.
        for at in 0..count {
            let word = &self.out.words[at].word;
            let free = found
                .iter()
                .all(|(_, from, to)| !(*from..*to).contains(&at));
            if free && !is_silent(word) && self.frequency(word) == 0 {
                let named = self.taxonomy.skill_named(word);
                found.extend(named.map(|skill| (skill, at, at + 1)));
            }
        }
        for (skill, from, to) in found.into_iter().filter(|(_, _, to)| *to <= count) {
            self.right[from..to].fill(true);
            if self.reading.synonyms && !self.spans_literal(from, to) {
                self.skill(skill, from, to);
            }
        }
    }

    fn skill(&mut self, skill: SkillId, from: usize, to: usize) {
        if self.taxonomy.own_skill(skill).is_some() {
            return self.own_skill(skill, from, to);
        }
        let Some(known) = Dictionary::builtin().get(skill) else {
            return;
        };
        // A trade's skill goes by names of its parts ("nursing care"), and a title
        // names it in passing ("data engineer"): those are no other names. A single
        // word that no document has finds nothing without them.
        let typed = self.typed(from, to);
        let exact = matches!(known.category, Category::Technical | Category::Tool)
            && (to - from == 1 || spelt(known.name) == typed);
        let unheard = to - from == 1 && self.frequency(&typed[0]) == 0;
        if !exact && !unheard {
            return;
        }
        let frequency = self.statistics.frequency(skill.key());
        // A word more frequent than the skill it names is how the skill is mostly
        // called; its other names would hardly find more.
        let named = to - from == 1 && frequency <= self.frequency(&typed[0]);
        if frequency == 0 || named {
            return;
        }
        let known_words = |words: &Vec<String>| {
            !words.is_empty()
                && !contains(words, &typed)
                && words.iter().all(|word| self.frequency(word) > 0)
        };
        let mut spellings: Vec<(&str, Vec<String>)> = Vec::new();
        for name in known.spellings() {
            let words = spelt(name);
            if known_words(&words) && spellings.iter().all(|(_, held)| *held != words) {
                spellings.push((name, words));
            }
        }
        if spellings.is_empty() {
            return;
        }
        let alternative = Alternative {
            terms: vec![(
                tandem_index::row::skill_term(skill),
                TermKey::skill(skill.0),
            )],
            factor: SYNONYM_FACTOR,
            why: Why::Skill,
        };
        self.add(from, to, &alternative);
        // The skill counts once a document; its name as often as it is said.
        if let Some((_, name)) = spellings.iter().find(|(name, _)| *name == known.name) {
            self.add_spelling(from, to, name, SYNONYM_FACTOR, Why::Skill);
        }
        let names = spellings.iter().take(SYNONYMS_MAX);
        let names = names.map(|(name, _)| (*name).to_owned()).collect();
        self.show(from, to, names, Why::Skill);
    }

    // A skill the space's overlay names: it says that all spellings are the same.
    fn own_skill(&mut self, skill: SkillId, from: usize, to: usize) {
        let taxonomy = self.taxonomy;
        let typed = self.typed(from, to);
        for number in taxonomy.links().numbers(skill) {
            if self.statistics.frequency(number.key()) > 0 {
                let alternative = Alternative {
                    terms: vec![(tandem_index::row::skill_term(number), number.key())],
                    factor: SYNONYM_FACTOR,
                    why: Why::Skill,
                };
                self.add(from, to, &alternative);
            }
        }
        let mut names: Vec<String> = Vec::new();
        let mut held: Vec<Vec<String>> = vec![typed];
        for name in taxonomy.spellings(skill) {
            let words = spelt(name);
            let known = !words.is_empty() && words.iter().all(|word| self.frequency(word) > 0);
            if known && !held.contains(&words) && names.len() < SYNONYMS_MAX {
                self.add_spelling(from, to, &words, SYNONYM_FACTOR, Why::Skill);
                names.push(name.to_owned());
                held.push(words);
            }
        }
        self.show(from, to, names, Why::Skill);
    }

    fn synonyms(&mut self) {
        let typed = self.typed(0, self.out.words.len());
        let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
        let mut from = 0;
        while from < typed.len() {
            let Some(found) = Synonyms::builtin().at(&typed[from..]) else {
                from += 1;
                continue;
            };
            let to = from + found.words;
            self.synonym(from, &found);
            if !found.whole {
                for (at, inner) in Synonyms::builtin().within(&typed[from..to]) {
                    self.synonym(from + at, &inner);
                }
            }
            from = to;
        }
    }

    fn synonym(&mut self, from: usize, found: &Found<'_>) {
        let to = from + found.words;
        self.right[from..to].fill(true);
        if !self.reading.synonyms || self.spans_literal(from, to) {
            return;
        }
        let mut names = Vec::new();
        for other in found.others.iter().take(SYNONYMS_MAX) {
            if other.iter().all(|word| self.frequency(word) > 0) {
                self.add_spelling(from, to, other, SYNONYM_FACTOR, Why::Synonym);
                names.push(other.join(" "));
            }
        }
        self.show(from, to, names, Why::Synonym);
    }

    // Neighbours that are often written as one word.
    fn joined(&mut self) {
        for at in 1..self.out.words.len() {
            let pair = self.typed(at - 1, at + 1);
            let [first, second] = pair.as_slice() else {
                continue;
            };
            if self.spans_literal(at - 1, at + 1) || is_silent(first) || is_silent(second) {
                continue;
            }
            let rarer = self.frequency(first).min(self.frequency(second));
            let mut names = Vec::new();
            let mut found = false;
            for joined in [format!("{first}{second}"), format!("{first}.{second}")] {
                let frequency = self.frequency(&joined);
                let letters = joined.chars().count();
                let often = u64::from(frequency) * u64::from(JOINED_RATIO) >= u64::from(rarer);
                if frequency > 0 && often && letters > ONE_EDIT_LETTERS {
                    found = true;
                    let spelling = [joined];
                    self.add_spelling(at - 1, at + 1, &spelling, JOINED_FACTOR, Why::Joined);
                    let [joined] = spelling;
                    if !self.is_shown(at - 1, &joined) {
                        names.push(joined);
                    }
                }
            }
            if found {
                self.right[at - 1..=at].fill(true);
            }
            self.show(at - 1, at + 1, names, Why::Joined);
        }
    }
}

/// A text with its words corrected, its other signs kept.
pub fn corrected(text: &str, corrections: &[(String, String)]) -> String {
    let mut words = Words::default();
    analyse(text, None, &mut words);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for word in words.items() {
        let (start, end) = (word.start as usize, word.end as usize);
        let folded = words.folded(word);
        let found = corrections.iter().find(|(wrong, _)| wrong == folded);
        let Some((_, meant)) = found.filter(|_| start >= done) else {
            continue;
        };
        out.push_str(text.get(done..start).unwrap_or(""));
        let capital = text
            .get(start..end)
            .and_then(|word| word.chars().next())
            .is_some_and(char::is_uppercase);
        let mut letters = meant.chars();
        match letters.next() {
            Some(first) if capital => out.extend(first.to_uppercase()),
            Some(first) => out.push(first),
            None => {}
        }
        out.push_str(letters.as_str());
        done = end;
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}

#[cfg(test)]
mod tests;
