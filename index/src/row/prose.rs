//! What the prose of a document says of skills, and with which levels they become
//! terms. Owns the levels of what was found; other facts are `fill`'s.

use std::collections::HashSet;

use super::fill;
use super::{Terms, UNLISTED_MAX, Whole, prose_of, skill_name, skill_number};
use crate::analysis::Language;
use crate::document::{Cell, Level};
use crate::facts::{self, Fact, Prose};
use crate::hash::PlainHash;
use crate::kinds::Kind;
use crate::skills::{Dictionary, SkillId};

/// A skill that prose names, how, and its name where no dictionary has it.
pub(super) struct Named {
    skill: SkillId,
    level: Level,
    name: Option<String>,
}

/// Whether the readers were made for a language: English, German, or what is too
/// short to tell.
pub(crate) fn is_read(language: Option<Language>) -> bool {
    language.is_none_or(|language| matches!(language, Language::En | Language::De))
}

/// Reads the prose: fills what cells it can, and gives the skills that are named.
pub(super) fn read(
    kind: &Kind,
    whole: &Whole,
    language: Option<Language>,
    cells: &mut [Cell],
) -> Vec<Named> {
    fill::rename_certificates(kind, cells);
    let found = Level::found(kind.skills_role());
    let Some(prose) = prose_of(kind) else {
        let mut mentions = Vec::new();
        Dictionary::builtin().find(whole.text(), whole.words(), &mut mentions);
        let named = mentions.into_iter().map(|mention| Named {
            skill: mention.skill,
            level: found,
            name: None,
        });
        return named.collect();
    };
    let reading = whole.reading(prose);
    let mut facts = facts::read_with(&reading, fill::is_place_open(kind, cells));
    facts.retain(|fact| whole.is_public(fact));
    // Elsewhere nobody reads what "souhaité" says.
    let level = |need| {
        if is_read(language) {
            Level::said(prose, need)
        } else {
            found
        }
    };
    let mut skills = Vec::new();
    for fact in &facts {
        if let facts::Value::Skill(skill, need) = fact.value {
            skills.push(Named {
                skill,
                level: level(need),
                name: None,
            });
        }
    }
    if is_read(language) {
        unlisted(whole.text(), prose, &facts, &mut skills);
    }
    // What is named besides can still be searched by any of its names.
    skills.extend(reading.mentions.iter().map(|mention| Named {
        skill: mention.skill,
        level: Level::FOUND,
        name: None,
    }));
    facts.retain(|fact| fill::is_sure(fact, is_read(language)));
    fill::fill(kind, &reading, (&facts, is_read(language)), cells);
    skills
}

/// The month of a date.
pub(super) fn month_of(cell: &Cell) -> Option<facts::Month> {
    let Cell::Number(ms) = cell else {
        return None;
    };
    let time = jiff::Timestamp::from_millisecond(*ms as i64).ok()?;
    let date = jiff::tz::Offset::UTC.to_datetime(time);
    Some(facts::Month {
        year: u16::try_from(date.year()).ok()?,
        month: u8::try_from(date.month()).ok(),
    })
}

// Names no dictionary knows, the surest first, at most so many. A person's are not
// shown in facets: some may say who it is.
fn unlisted(text: &str, prose: Prose, facts: &[Fact], skills: &mut Vec<Named>) {
    let mut named: Vec<(&Fact, facts::Need)> = Vec::new();
    for fact in facts {
        if let facts::Value::Unlisted(need) = fact.value {
            named.push((fact, need));
        }
    }
    named.sort_by_key(|(fact, _)| (std::cmp::Reverse(fact.sure), fact.start));
    let mut held: Vec<SkillId> = Vec::new();
    for (fact, need) in named {
        let Some(name) = text.get(fact.start as usize..fact.end as usize) else {
            continue;
        };
        let skill = skill_number(name);
        if !held.contains(&skill) {
            if held.len() == UNLISTED_MAX {
                break;
            }
            held.push(skill);
        }
        skills.push(Named {
            skill,
            level: Level::said(prose, need),
            name: (prose == Prose::Ad).then(|| name.to_owned()),
        });
    }
}

/// Adds what a document lists and what its prose names: terms, and the names that
/// its facet shows.
pub(super) fn add_skills(
    kind: &Kind,
    terms: &mut Terms,
    cells: &mut [Cell],
    listed: &[(String, Level)],
    named: Vec<Named>,
) {
    let mut ours: HashSet<SkillId, PlainHash> = HashSet::default();
    for (name, level) in listed {
        let skill = skill_number(name);
        terms.skill(skill, *level);
        ours.insert(skill);
    }
    // What a document lists has the levels of its lists alone.
    let mut found: Vec<String> = Vec::new();
    let mut shown: HashSet<SkillId, PlainHash> = HashSet::default();
    for Named { skill, level, name } in named {
        let is_fact = level != Level::FOUND;
        // What is listed stands there as it is written.
        let is_new = skill_name(skill).is_some() || !ours.contains(&skill);
        if is_fact && is_new && shown.insert(skill) {
            found.extend(skill_name(skill).map(str::to_owned).or(name));
        }
        if !ours.contains(&skill) {
            terms.skill(skill, level);
        }
    }
    let Some(column) = kind.facts().skills else {
        return;
    };
    // The facet counts what a document has, under the dictionary's name,
    // whether it was listed or found.
    let mut names: Vec<String> = match &cells[column] {
        Cell::Words(names) => names
            .iter()
            .map(|name| skill_name(skill_number(name)).unwrap_or(name).to_owned())
            .collect(),
        Cell::Unknown | Cell::Number(_) => Vec::new(),
    };
    names.extend(found);
    names.sort_unstable();
    names.dedup();
    if !names.is_empty() {
        cells[column] = Cell::Words(names);
    }
}
