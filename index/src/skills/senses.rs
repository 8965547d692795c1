//! Short forms that mean one thing in one trade and another in the next: RN is
//! a nurse, and beside Redux React Native. Owns the meaning of
//! data/skills/senses.tsv; the dictionary's own meaning stands where no word
//! near says otherwise.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::analysis::{TermKey, Words, analyse};
use crate::hash::PlainHash;

use super::{Dictionary, Mention, SkillId};

/// Words on either side that are looked at.
const NEAR_WORDS: usize = 8;

static SENSES: LazyLock<Senses> =
    LazyLock::new(|| Senses::read(include_str!("../../data/skills/senses.tsv")));

#[derive(Debug)]
struct Sense {
    spelling: &'static str,
    skill: SkillId,
    cues: Vec<TermKey>,
}

/// Senses by the key of their spelling.
#[derive(Debug, Default)]
struct Senses {
    by_word: HashMap<TermKey, Vec<Sense>, PlainHash>,
    lines_lost: usize,
}

impl Senses {
    fn read(text: &'static str) -> Self {
        let mut senses = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if senses.line(line).is_none() {
                senses.lines_lost += 1;
            }
        }
        senses
    }

    fn line(&mut self, line: &'static str) -> Option<()> {
        let mut parts = line.split('\t');
        let (spelling, name, cues) = (parts.next()?, parts.next()?, parts.next()?);
        let skill = Dictionary::builtin().named(name)?;
        let mut words = Words::default();
        analyse(spelling, None, &mut words);
        let [word] = words.items() else { return None };
        let mut cues: Vec<TermKey> = cues.split(' ').map(TermKey::of).collect();
        cues.sort_unstable();
        self.by_word.entry(word.key).or_default().push(Sense {
            spelling,
            skill,
            cues,
        });
        Some(())
    }
}

/// What the one word `at` of a text means by the words around it, where it is
/// one of the short forms and they say so. The sense with most words near, of
/// equal ones the first of the file.
fn meant(text: &str, words: &Words, at: usize) -> Option<SkillId> {
    let items = words.items();
    let word = items.get(at)?;
    let senses = SENSES.by_word.get(&word.key)?;
    let written = text.get(word.start as usize..word.end as usize)?;
    let from = at.saturating_sub(NEAR_WORDS);
    let to = (at + 1 + NEAR_WORDS).min(items.len());
    let around = items.get(from..to)?;
    let mut best = (0, None);
    for sense in senses.iter().filter(|sense| sense.spelling == written) {
        let told = |key: &TermKey| sense.cues.binary_search(key).is_ok();
        let count = around.iter().filter(|near| told(&near.key)).count();
        if count > best.0 {
            best = (count, Some(sense.skill));
        }
    }
    best.1
}

/// Gives the mentions of short forms from `from` on the sense their
/// neighbourhood gives them, and adds the forms that mean a skill only there.
pub(super) fn decide(text: &str, words: &Words, mentions: &mut Vec<Mention>, from: usize) {
    let mut next = from;
    let end = mentions.len();
    for (at, word) in words.items().iter().enumerate() {
        while next < end && mentions[next].end_word as usize <= at {
            next += 1;
        }
        if !SENSES.by_word.contains_key(&word.key) {
            continue;
        }
        let Some(skill) = meant(text, words, at) else {
            continue;
        };
        let held = mentions[..end].get_mut(next);
        let held = held.filter(|mention| mention.first_word as usize <= at);
        match held {
            Some(mention) if mention.end_word - mention.first_word == 1 => mention.skill = skill,
            // A part of a longer name.
            Some(_) => {}
            None => mentions.push(Mention {
                skill,
                start: word.start,
                end: word.end,
                first_word: at as u32,
                end_word: at as u32 + 1,
            }),
        }
    }
    if mentions.len() > end {
        mentions[from..].sort_by_key(|mention| mention.first_word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_senses_is_read() {
        assert_eq!(SENSES.lines_lost, 0);
        assert!(SENSES.by_word.len() >= 8);
    }
}
