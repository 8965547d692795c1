//! What of a hit is met, in part or not, by name. Owns the lists that stand
//! beside contributions and gates; the numbers come from `score`.

use std::collections::HashMap;

use serde_json::{Map, Value};
use tandem_index::facts::language_name;
use tandem_index::segment::Segment;
use tandem_index::taxonomy::CREDIT_WHOLE;

use crate::answer::{Gate, PartMet};
use crate::prepare::Question;
use crate::profiles::{ALL_MUSTS, Must};
use crate::score::words::{degree_name, is_check, rank_name};
use crate::score::{Score, Scorer, Side, SourceFacts, language_credit, language_of, same_word};
use crate::sources::unknown_skill_names;

/// Names beside one contribution.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) found: Vec<String>,
    pub(crate) partial: Vec<PartMet>,
    pub(crate) missing: Vec<String>,
    /// What is missing of what is required.
    required: Vec<String>,
}

impl Names {
    // `percent`: how much of it is met.
    fn add(&mut self, wanted: String, held: impl FnOnce() -> Option<String>, percent: u8) {
        match percent {
            0 => self.missing.push(wanted),
            1..=99 => match held() {
                Some(held) => self.partial.push(PartMet {
                    wanted,
                    held,
                    percent,
                }),
                None => self.missing.push(wanted),
            },
            _ => self.found.push(wanted),
        }
    }

    fn sort(&mut self) {
        self.found.sort_unstable();
        self.partial
            .sort_unstable_by(|a, b| a.wanted.cmp(&b.wanted));
        self.missing.sort_unstable();
        self.required.sort_unstable();
    }
}

/// The names of a pair, by contribution.
pub(crate) fn names(
    question: &Question<'_>,
    scorer: &mut Scorer<'_>,
    (segment, row): (&Segment, u32),
    document: &Map<String, Value>,
) -> HashMap<&'static str, Names> {
    let mut out = HashMap::new();
    let [required, preferred] = skills(question, scorer, (segment, row), document);
    out.insert("skills.required", required);
    out.insert("skills.preferred", preferred);
    if let Some(source) = &question.query.source {
        out.insert("certificates", certificates(question, source, segment, row));
        out.insert("languages", languages(question, source, segment, row));
        out.insert("degree", degree(question, source, segment, row));
        out.insert("seniority", seniority(question, source, segment, row));
    }
    out.values_mut().for_each(Names::sort);
    out
}

fn percent(credit: u16) -> u8 {
    let percent = u32::from(credit) * 100 / u32::from(CREDIT_WHOLE);
    // Never nothing for something.
    if credit > 0 { percent.max(1) as u8 } else { 0 }
}

fn skills(
    question: &Question<'_>,
    scorer: &mut Scorer<'_>,
    (segment, row): (&Segment, u32),
    document: &Map<String, Value>,
) -> [Names; 2] {
    let mut out = [Names::default(), Names::default()];
    let mut all = Vec::new();
    if !scorer.wanted(segment, row, |wanted| all.push(wanted)) {
        return out;
    }
    let mut own: Option<HashMap<u32, String>> = None;
    let mut name = |number: u32| {
        question.name_of(number).or_else(|| {
            let names = own.get_or_insert_with(|| {
                unknown_skill_names(question.kind, &Value::Object(document.clone()))
            });
            names.get(&number).cloned()
        })
    };
    for wanted in all {
        let Some(skill) = name(wanted.skill) else {
            continue;
        };
        let list = &mut out[usize::from(!wanted.required)];
        if wanted.required && wanted.credit == 0 {
            list.required.push(skill.clone());
        }
        list.add(skill, || name(wanted.by), percent(wanted.credit));
    }
    out
}

fn values(segment: &Segment, row: u32, column: Option<usize>) -> Vec<&str> {
    let Some(held) = column.and_then(|at| segment.columns[at].keywords()) else {
        return Vec::new();
    };
    let ordinals = held.of(row).iter();
    ordinals.map(|ordinal| held.value(*ordinal)).collect()
}

fn certificates(
    question: &Question<'_>,
    source: &SourceFacts,
    segment: &Segment,
    row: u32,
) -> Names {
    let mut names = Names::default();
    let Some(side) = source.sides.certificates else {
        return names;
    };
    let facts = question.kind.facts();
    let required = values(segment, row, facts.certificates);
    let preferred = values(segment, row, facts.certificates_preferred);
    let row = required.iter().map(|name| (*name, true));
    let row: Vec<(&str, bool)> = row
        .chain(preferred.iter().map(|name| (*name, false)))
        .collect();
    let own = source.certificates.iter();
    let own: Vec<(&str, bool)> = own
        .map(|one| (one.name.as_str(), one.weight >= 1.0))
        .collect();
    let (wanted, held) = if side == Side::Row {
        (row, own)
    } else {
        (own, row)
    };
    if held.is_empty() {
        return names;
    }
    for (name, required) in wanted.into_iter().filter(|(name, _)| !is_check(name)) {
        let has = held.iter().any(|(held, _)| same_word(held, name));
        if required && !has {
            names.required.push(name.to_owned());
        }
        names.add(name.to_owned(), || None, if has { 100 } else { 0 });
    }
    names
}

fn languages(question: &Question<'_>, source: &SourceFacts, segment: &Segment, row: u32) -> Names {
    let mut names = Names::default();
    let Some(side) = source.sides.languages else {
        return names;
    };
    let facts = question.kind.facts();
    let required = values(segment, row, facts.languages);
    let preferred = values(segment, row, facts.languages_preferred);
    let row_at = row;
    let row = required.iter().map(|name| (*name, true));
    let row: Vec<(&str, bool)> = row
        .chain(preferred.iter().map(|name| (*name, false)))
        .collect();
    let own = source.languages.iter();
    let own: Vec<(&str, bool)> = own
        .map(|one| (one.shown.as_str(), one.weight >= 1.0))
        .collect();
    // Who writes in a language speaks it.
    let tag = (segment.columns.first()).and_then(|column| column.word(row_at));
    let (wanted, mut held, written) = match side {
        Side::Row => (row, own, source.written.as_deref()),
        Side::Source => (own, row, tag.and_then(language_name)),
        Side::Both => (own, row, None),
    };
    let spoken = |name: &str| {
        held.iter()
            .any(|(held, _)| same_word(language_of(held).0, name))
    };
    held.extend(
        written
            .filter(|name| !spoken(name))
            .map(|name| (name, false)),
    );
    if held.is_empty() {
        return names;
    }
    for (shown, required) in wanted {
        let (name, level) = language_of(shown);
        let best = (held.iter())
            .filter(|(held, _)| same_word(language_of(held).0, name))
            .map(|(held, _)| (language_credit(level, language_of(held).1), *held))
            .max_by(|a, b| a.0.0.total_cmp(&b.0.0));
        let credit = best.map_or(0.0, |(credit, _)| credit.0);
        if required && best.is_none_or(|(credit, _)| credit.2 < 1.0) {
            names.required.push(shown.to_owned());
        }
        let held = || best.map(|(_, held)| held.to_owned());
        names.add(shown.to_owned(), held, (credit * 100.0).round() as u8);
    }
    names
}

fn degree(question: &Question<'_>, source: &SourceFacts, segment: &Segment, row: u32) -> Names {
    let mut names = Names::default();
    let held = values(segment, row, question.kind.facts().degree);
    let held = held.into_iter().filter_map(crate::score::degree_of);
    let (wanted, offered) = match source.sides.degree {
        Some(Side::Row) => (held.min(), source.degree),
        Some(Side::Source | Side::Both) => (source.degree, held.max()),
        None => (None, None),
    };
    if let (Some(wanted), Some(offered)) = (wanted, offered) {
        if offered >= wanted {
            names.found.push(degree_name(offered).to_owned());
        } else {
            names.missing.push(degree_name(wanted).to_owned());
            names.required.push(degree_name(wanted).to_owned());
        }
    }
    names
}

fn seniority(question: &Question<'_>, source: &SourceFacts, segment: &Segment, row: u32) -> Names {
    let mut names = Names::default();
    let held = values(segment, row, question.kind.facts().seniority);
    let held: Vec<u8> = held.into_iter().filter_map(crate::score::rank_of).collect();
    let (wanted, offered) = match source.sides.seniority {
        Some(Side::Row) => (&held, &source.ranks),
        Some(Side::Source | Side::Both) => (&source.ranks, &held),
        None => return names,
    };
    if offered.is_empty() {
        return names;
    }
    for rank in wanted {
        let name = rank_name(*rank).to_owned();
        if offered.contains(rank) {
            names.found.push(name);
        } else {
            names.missing.push(name);
        }
    }
    names
}

/// The musts a hit does not meet.
pub(crate) fn gates(score: &Score, names: &HashMap<&'static str, Names>) -> Vec<Gate> {
    let failed = ALL_MUSTS
        .into_iter()
        .filter(|must| score.failed & must.bit() != 0);
    let gate = |must: Must| {
        let named = names.get(must.as_str());
        let reason = match must {
            Must::Certificates => "a required certificate is not among those held",
            Must::Languages => "a required language is not spoken as it is asked for",
            Must::Degree => "the degree is lower than the one asked for",
            Must::Years => "there are fewer years of experience than asked for",
            Must::SkillsRequired => "a required skill is not held, nor anything close enough to it",
            Must::Remote => "remote work is not offered as it is wanted",
            Must::Pay => "less is paid than is wanted",
            Must::Contract => "it is not the hours or the form of contract that is wanted",
        };
        let mut missing = named.map_or_else(Vec::new, |named| named.required.clone());
        if let Some(named) = named.filter(|_| must == Must::SkillsRequired) {
            let far = named
                .partial
                .iter()
                .filter(|part| part.percent < crate::score::MUST_PERCENT);
            missing.extend(far.map(|part| part.wanted.clone()));
            missing.sort_unstable();
        }
        Gate {
            must: must.as_str(),
            reason: reason.to_owned(),
            missing,
        }
    };
    failed.map(gate).collect()
}
