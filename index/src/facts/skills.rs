//! The skills of a text: what an ad wants and uses, what a CV shows. Owns which
//! mentions of the dictionary's names are no facts: soft skills, spoken
//! languages, subjects of degrees, departments the work is done with, benefits,
//! the employer's business. Confidence: 95 in a list or under a heading, 80 in a
//! sentence.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::analysis::{TermKey, Word};
use crate::hash::PlainHash;
use crate::skills::{Category, Dictionary, Mention, Skill};

use super::need::{cues_around, need_at};
use super::unlisted::{self, Known};
use super::{Cue, Fact, Need, Prose, Reading, Section, Value, What};

/// What a dictionary's skill may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// A general skill that can be checked.
    Hard,
    /// Another fact, or none.
    Never,
    /// Also a department and a subject.
    Field,
}

static SORTS: LazyLock<HashMap<u32, Sort, PlainHash>> = LazyLock::new(|| {
    let lines = include_str!("../../data/facts/skill.tsv").lines();
    let mut sorts = HashMap::default();
    for (value, names) in lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
    {
        let sort = match value {
            "hard" => Sort::Hard,
            "field" => Sort::Field,
            _ => Sort::Never,
        };
        let dictionary = Dictionary::builtin();
        for skill in names.split('|').filter_map(|name| dictionary.named(name)) {
            sorts.insert(skill.0, sort);
        }
    }
    sorts
});

/// Words for persons: who ends with one does a skill.
static AGENTS: LazyLock<HashSet<u64, PlainHash>> = LazyLock::new(|| {
    let lines = include_str!("../../data/facts/skill.tsv").lines();
    let words = lines.filter_map(|line| line.strip_prefix("agent\t"));
    words
        .flat_map(|words| words.split(' '))
        .map(|word| TermKey::of(word).0)
        .collect()
});

/// The subjects of a degree stand at most this far behind it.
const SUBJECT_BYTES: u32 = 150;

/// A skill's name before one of these is that of a certificate or a degree.
const PAPERS: [&str; 8] = [
    "certificate",
    "certificates",
    "certification",
    "license",
    "licence",
    "diploma",
    "degree",
    "degrees",
];

/// Reads the skills of a text.
pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    let mentions = &reading.mentions;
    let known: Vec<Known> = mentions.iter().map(known).collect();
    let mut found: Vec<(Need, Mention)> = Vec::with_capacity(mentions.len());
    for mention in mentions {
        if let Some(need) = wanted(reading, mention) {
            found.push((need, *mention));
        }
    }
    let mut best: HashMap<u32, Need, PlainHash> = HashMap::default();
    for (need, mention) in &found {
        let held = best.entry(mention.skill.0).or_insert(*need);
        *held = (*held).min(*need);
    }
    for (need, mention) in &mut found {
        *need = best.get(&mention.skill.0).copied().unwrap_or(*need);
    }
    found.sort_by_key(|(need, mention)| (*need, mention.start));
    out.extend(found.into_iter().map(|(need, mention)| Fact {
        value: Value::Skill(mention.skill, need),
        start: mention.start,
        end: mention.end,
        sure: sure(reading, &mention),
    }));
    unlisted::read(reading, &known, out);
}

fn known(mention: &Mention) -> Known {
    let skill = Dictionary::builtin().get(mention.skill);
    Known {
        start: mention.start,
        end: mention.end,
        technology: skill
            .is_some_and(|skill| matches!(skill.category, Category::Technical | Category::Tool)),
    }
}

/// How much a mention is wanted; nothing where it is no fact of the text.
fn wanted(reading: &Reading<'_>, mention: &Mention) -> Option<Need> {
    let skill = Dictionary::builtin().get(mention.skill)?;
    let sort = SORTS.get(&mention.skill.0).copied();
    let counts = match skill.category {
        Category::Technical | Category::Tool | Category::Domain => sort != Some(Sort::Never),
        Category::General => sort == Some(Sort::Hard),
        Category::Language => false,
    };
    if !counts || is_other_name(reading, mention, skill) {
        return None;
    }
    match reading.prose {
        Prose::Ad => wanted_in_ad(reading, mention, skill, sort),
        Prose::Cv => shown_in_cv(reading, mention).then_some(Need::Used),
    }
}

/// Whether a mention names who does the skill, where the skill itself is not
/// called so ("recruiter"), or stands in the name of such a person or of a paper
/// ("quality control manager", "teaching certificate").
fn is_other_name(reading: &Reading<'_>, mention: &Mention, skill: &Skill) -> bool {
    if matches!(skill.category, Category::Technical | Category::Tool) {
        return false;
    }
    let items = reading.words.items();
    let named = |word: &Word| AGENTS.contains(&word.key.0);
    let last = items.get(mention.end_word.saturating_sub(1) as usize);
    let done = last.is_some_and(|word| {
        let name = skill.name.rsplit(' ').next().unwrap_or("");
        named(word) && !name.eq_ignore_ascii_case(reading.words.folded(word))
    });
    let next = items.get(mention.end_word as usize);
    let next = next.filter(|word| word.start == mention.end + 1);
    done || next.is_some_and(|word| named(word) || PAPERS.contains(&reading.words.folded(word)))
}

fn wanted_in_ad(
    reading: &Reading<'_>,
    mention: &Mention,
    skill: &Skill,
    sort: Option<Sort>,
) -> Option<Need> {
    let need = need_at(reading, mention.start, mention.end)?;
    let cues = cues_around(reading, mention.start);
    if sort == Some(Sort::Field) && is_subject(cues, mention) {
        return None;
    }
    let with =
        |cue: &Cue| cue.what == What::Need && cue.value == "with" && cue.end <= mention.start;
    if sort == Some(Sort::Field) && cues.iter().any(with) {
        return None;
    }
    let named = reading
        .line_at(mention.start)
        .is_some_and(|line| line.heading);
    if named && skill.category == Category::Domain && reading.lines.len() > 1 {
        return None;
    }
    Some(need)
}

/// Whether a mention is the subject of a degree: "degree in Statistics, Physics".
/// Nothing is one behind "experience" in the same sentence.
fn is_subject(cues: &[Cue], mention: &Mention) -> bool {
    let before = || cues.iter().filter(|cue| cue.end <= mention.start);
    let degree =
        |cue: &Cue| cue.what == What::Education || cue.what == What::Need && cue.value == "subject";
    before().any(|cue| degree(cue) && cue.end + SUBJECT_BYTES >= mention.start)
        && !before().any(|cue| cue.what == What::Need && cue.value.starts_with("asked"))
}

/// Whether a CV shows a skill by a mention: not in its schooling, its interests
/// and in the name of a job.
fn shown_in_cv(reading: &Reading<'_>, mention: &Mention) -> bool {
    let Some(line) = reading.line_at(mention.start) else {
        return true;
    };
    let dropped = matches!(
        line.section,
        Section::Education | Section::Other | Section::Languages | Section::Certificates
    );
    !dropped && !line.heading
}

fn sure(reading: &Reading<'_>, mention: &Mention) -> u8 {
    let listed = reading.line_at(mention.start).is_some_and(|line| {
        matches!(
            line.section,
            Section::Required | Section::Preferred | Section::Skills
        )
    });
    if listed { 95 } else { 80 }
}
