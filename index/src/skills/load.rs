//! Reads data/skills/skills.tsv. Owns the file's format: number, name,
//! category, aliases, flags. A line it cannot read is left out; a test holds
//! that the built-in file has none.

use crate::analysis::{Words, analyse};

use super::trie::{Needs, Rule, Spelling, Trie};
use super::{Category, Dictionary, Skill, SkillId};

/// The number of phrases that swallow a skill's name and are no skill.
pub(super) const DECOY: u32 = 0;

/// Numbers beyond this are a broken file: the table by number is dense.
const NUMBER_MAX: u32 = 1 << 20;

const PLAIN: Rule = Rule {
    case: false,
    needs: Needs::Nothing,
};

impl Dictionary {
    /// Reads a dictionary from the text of a data file.
    pub(super) fn read(file: &'static str) -> Self {
        let mut dictionary = Self {
            skills: Vec::new(),
            by_number: Vec::new(),
            trie: Trie::default(),
        };
        let mut words = Words::default();
        for line in lines(file) {
            let Some((number, skill)) = parse(line) else {
                continue;
            };
            match skill {
                Some(skill) => dictionary.add(skill, &mut words),
                None => dictionary.add_spellings(number, aliases_of(line), &mut words),
            }
        }
        dictionary.trie.finish();
        dictionary
    }

    fn add(&mut self, skill: Skill, words: &mut Words) {
        let number = skill.id.0;
        // A name that stands among its aliases with a mark has that mark only.
        let ruled = aliases(skill.aliases).any(|(text, _)| text == skill.name);
        let name = (!ruled).then_some((skill.name, PLAIN));
        self.add_spellings(
            number,
            name.into_iter().chain(aliases(skill.aliases)),
            words,
        );
        self.skills.push(skill);
        let at = number as usize;
        if self.by_number.len() <= at {
            self.by_number.resize(at + 1, 0);
        }
        self.by_number[at] = self.skills.len() as u32;
    }

    fn add_spellings(
        &mut self,
        skill: u32,
        spellings: impl Iterator<Item = (&'static str, Rule)>,
        words: &mut Words,
    ) {
        for (text, rule) in spellings {
            words.clear();
            analyse(text, None, words);
            let keys = words.items().iter().map(|word| word.key);
            self.trie.insert(keys, Spelling { skill, text, rule });
        }
    }
}

/// The file's lines that are not comments.
pub(super) fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A line's number and skill; no skill for the line of decoys.
pub(super) fn parse(line: &'static str) -> Option<(u32, Option<Skill>)> {
    let mut columns = line.split('\t');
    let number: u32 = columns.next()?.parse().ok()?;
    let name = columns.next()?;
    let category = match columns.next()? {
        "technical" => Category::Technical,
        "tool" => Category::Tool,
        "domain" => Category::Domain,
        "general" => Category::General,
        "language" => Category::Language,
        "none" => return (number == DECOY).then_some((number, None)),
        _ => return None,
    };
    let aliases = columns.next()?;
    let flags = columns.next()?;
    let skill = Skill {
        id: SkillId(number),
        name,
        category,
        hot: flags.split(' ').any(|flag| flag == "hot"),
        in_demand: flags.split(' ').any(|flag| flag == "demand"),
        aliases,
    };
    (number != DECOY && number <= NUMBER_MAX).then_some((number, Some(skill)))
}

fn aliases_of(line: &'static str) -> impl Iterator<Item = (&'static str, Rule)> {
    aliases(line.split('\t').nth(3).unwrap_or(""))
}

/// The aliases of a column, each with its rule: `=` only this case, `?` only in
/// context, `!` only near a technical skill.
pub(super) fn aliases(column: &'static str) -> impl Iterator<Item = (&'static str, Rule)> {
    column
        .split('|')
        .filter(|alias| !alias.is_empty())
        .map(|alias| {
            let mut rule = PLAIN;
            let text = alias.trim_start_matches(|mark| {
                match mark {
                    '=' => rule.case = true,
                    '?' => rule.needs = Needs::Context,
                    '!' => rule.needs = Needs::Technology,
                    _ => return false,
                }
                true
            });
            (text, rule)
        })
}
