//! A space's own spellings of skills. Owns finding them in a text; the
//! dictionary's are found by it.

use std::collections::HashMap;

use crate::analysis::{TermKey, Words, analyse};
use crate::skills::{Mention, SkillId};

/// Spellings by their words.
#[derive(Clone, Debug, Default)]
pub struct Names {
    of: HashMap<Box<[TermKey]>, SkillId>,
    /// Words of the longest.
    words_max: usize,
}

impl Names {
    pub(super) fn add(&mut self, text: &str, skill: SkillId) {
        let keys = keys(text);
        if !keys.is_empty() {
            self.words_max = self.words_max.max(keys.len());
            self.of.insert(keys.into_boxed_slice(), skill);
        }
    }

    /// The skill of exactly this spelling; case, accents and signs between words
    /// do not matter.
    pub fn exact(&self, text: &str) -> Option<SkillId> {
        if self.of.is_empty() {
            return None;
        }
        self.of.get(keys(text).as_slice()).copied()
    }

    /// The skills a text names, the longest spelling first at each word, in place
    /// of mentions they overlap. `words` are the analyser's words of `text`.
    pub fn find(&self, text: &str, words: &Words, mentions: &mut Vec<Mention>) {
        if self.of.is_empty() {
            return;
        }
        let items = words.items();
        let keys: Vec<TermKey> = items.iter().map(|word| word.key).collect();
        let mut at = 0;
        while at < keys.len() {
            let longest = self.words_max.min(keys.len() - at);
            let found = (1..=longest).rev().find_map(|count| {
                let skill = *self.of.get(keys.get(at..at + count)?)?;
                let joined = items.get(at..at + count)?.windows(2).all(|pair| {
                    let gap = text.get(pair[0].end as usize..pair[1].start as usize);
                    gap.is_some_and(|gap| !gap.contains([',', ';', ':', '\n', '(', ')', '|']))
                });
                joined.then_some((skill, count))
            });
            let Some((skill, count)) = found else {
                at += 1;
                continue;
            };
            let own = Mention {
                skill,
                start: items[at].start,
                end: items[at + count - 1].end,
                first_word: at as u32,
                end_word: (at + count) as u32,
            };
            mentions
                .retain(|held| held.end_word <= own.first_word || held.first_word >= own.end_word);
            mentions.push(own);
            at += count;
        }
        mentions.sort_by_key(|mention| mention.first_word);
    }
}

fn keys(text: &str) -> Vec<TermKey> {
    let mut words = Words::default();
    analyse(text, None, &mut words);
    words.items().iter().map(|word| word.key).collect()
}
