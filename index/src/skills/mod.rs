//! The skill dictionary: finds skills in the words of an ad or a CV, and names
//! a skill a document lists. Owns the meaning of data/skills/skills.tsv; knows
//! nothing of documents, fields or scores. Skills a document lists that are in
//! no dictionary are not its business.

mod context;
mod find;
mod load;
mod senses;
#[cfg(test)]
mod tests;
mod trie;

use std::fmt;
use std::sync::LazyLock;

use crate::analysis::{TermKey, Words, analyse};
pub(crate) use find::is_flat;
use trie::Trie;

const BUILTIN: &str = include_str!("../../data/skills/skills.tsv");

static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::read(BUILTIN));

/// A skill's number: stable between versions of the dictionary, never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SkillId(pub u32);

impl SkillId {
    /// The key the index holds this skill under.
    pub fn key(self) -> TermKey {
        TermKey::skill(self.0)
    }

    /// The skill of a key, where it is a skill's.
    pub fn from_key(key: TermKey) -> Option<Self> {
        key.as_skill().map(Self)
    }
}

impl From<SkillId> for u32 {
    fn from(id: SkillId) -> Self {
        id.0
    }
}

impl fmt::Display for SkillId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What sort of skill it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Programming, data, cloud, networks, security.
    Technical,
    /// A named application.
    Tool,
    /// Knowledge and practice of a field: `Accounts Payable`, `Welding`.
    Domain,
    /// What every field asks for: `Leadership`.
    General,
    /// A human language.
    Language,
}

impl Category {
    /// The word of the data file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Technical => "technical",
            Self::Tool => "tool",
            Self::Domain => "domain",
            Self::General => "general",
            Self::Language => "language",
        }
    }

    /// Names of these prove that a text speaks of technology, so an ambiguous
    /// one close by is meant as technology too.
    fn is_technology(self) -> bool {
        match self {
            Self::Technical | Self::Tool => true,
            Self::Domain | Self::General | Self::Language => false,
        }
    }
}

/// One skill of the dictionary.
#[derive(Clone, Debug)]
pub struct Skill {
    /// Its number.
    pub id: SkillId,
    /// The name answers show: `Microsoft Excel`.
    pub name: &'static str,
    /// What sort of skill it is.
    pub category: Category,
    /// O*NET calls it a hot technology: often asked for in all postings.
    pub hot: bool,
    /// O*NET calls it in demand for some occupation.
    pub in_demand: bool,
    aliases: &'static str,
}

impl Skill {
    /// Every spelling that means this skill, without its rules. The name is
    /// among them.
    pub fn spellings(&self) -> impl Iterator<Item = &'static str> {
        let name = std::iter::once(self.name);
        name.chain(load::aliases(self.aliases).map(|(text, _)| text))
    }
}

/// A skill found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Which skill.
    pub skill: SkillId,
    /// First byte in the original text.
    pub start: u32,
    /// The byte after the last in the original text.
    pub end: u32,
    /// First word of the mention, as an index into `Words::items`.
    pub first_word: u32,
    /// The word after its last.
    pub end_word: u32,
}

/// All skills, and the spellings they go by.
#[derive(Debug)]
pub struct Dictionary {
    skills: Vec<Skill>,
    /// Index into `skills` plus one by skill number; 0 is a free number.
    by_number: Vec<u32>,
    trie: Trie,
}

impl Dictionary {
    /// The dictionary that comes with the server.
    pub fn builtin() -> &'static Self {
        &DICTIONARY
    }

    /// Appends the skills `text` mentions, in order; of overlapping ones the
    /// first, of those the longest. `words` are the analyser's words of `text`.
    pub fn find(&self, text: &str, words: &Words, mentions: &mut Vec<Mention>) {
        find::find(self, text, words, mentions);
    }

    /// The skill a document lists by this name. Case, accents, blanks and
    /// bracketed qualifiers (`PYTHON (primary)`, `Python - 5 years`) do not
    /// matter; nor do the rules for running text, because a list of skills is
    /// all context an ambiguous name needs.
    pub fn named(&self, name: &str) -> Option<SkillId> {
        let mut words = Words::default();
        if let Some(skill) = self.exact(name, &mut words) {
            return Some(skill);
        }
        let plain = without_brackets(name);
        if let Some(skill) = self.exact(&plain, &mut words) {
            return Some(skill);
        }
        [": ", " - ", " – ", " — ", ","]
            .iter()
            .filter_map(|cut| plain.split_once(cut))
            .find_map(|(head, _)| self.exact(head, &mut words))
    }

    fn exact(&self, name: &str, words: &mut Words) -> Option<SkillId> {
        words.clear();
        analyse(name, None, words);
        let keys = words.items().iter().map(|word| word.key);
        let spelling = self.trie.spellings(self.trie.walk(keys)?).first()?;
        (spelling.skill != load::DECOY).then_some(SkillId(spelling.skill))
    }

    /// The skill of a number.
    pub fn get(&self, id: SkillId) -> Option<&Skill> {
        let at = self.by_number.get(id.0 as usize)?.checked_sub(1)?;
        self.skills.get(at as usize)
    }

    /// How many skills there are.
    pub fn len(&self) -> usize {
        self.skills.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.skills.is_empty()
    }

    /// The skills by number.
    pub fn iter(&self) -> impl Iterator<Item = &Skill> {
        self.skills.iter()
    }
}

/// The text without what stands in brackets; an open bracket never closed ends
/// it.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    plain
}
