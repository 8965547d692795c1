//! Hits: a row as an answer shows it. Owns which fields, contributions and
//! highlights; the numbers come from `score`.

use std::collections::HashMap;

use serde_json::{Map, Value};
use tandem_index::analysis::Language;
use tandem_index::document::Level;
use tandem_index::privacy;
use tandem_index::row::stored_json;
use tandem_index::segment::Segment;

use crate::answer::{Contribution, Hit};
use crate::highlight::Highlighter;
use crate::prepare::Question;
use crate::retrieve::At;
use crate::score::{PART_NAMES, Score, Scorer, has_skill};
use crate::sources::unknown_skill_names;

/// Shows rows of one question.
pub struct Shower<'a> {
    question: &'a Question<'a>,
    scorer: Scorer<'a>,
    highlighter: Option<Highlighter>,
}

#[derive(Default)]
struct Skills {
    found: Vec<String>,
    missing: Vec<String>,
}

impl<'a> Shower<'a> {
    /// A shower, with or without highlights.
    pub fn new(question: &'a Question<'a>, highlight: bool) -> Self {
        let statistics = &question.collection.statistics;
        Self {
            question,
            scorer: Scorer::new(&question.query, question.kind, statistics),
            highlighter: highlight.then(|| Highlighter::new(&question.query)),
        }
    }

    /// A row as a hit.
    pub fn hit(&mut self, at: At) -> Hit {
        let segment = &self.question.collection.segments[at.segment as usize].segment;
        let score = self.scorer.score(segment, at.row);
        let mut document = match stored_json(segment.document(at.row)) {
            Value::Object(members) => members,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Map::new(),
        };
        let skills = self.skills(segment, at.row, &document);
        let kind = self.question.kind;
        if self.question.blind {
            privacy::show(kind, &mut document);
        }
        let language = segment.columns[0].word(at.row).and_then(Language::from_tag);
        let highlights = self
            .highlighter
            .as_mut()
            .map(|highlighter| highlighter.highlight(kind, language, &document));
        Hit {
            kind: kind.name.clone(),
            id: segment.id(at.row).to_owned(),
            score: score.total(),
            contributions: contributions(&score, skills),
            document: self.shown(document),
            distance_km: self.distance(segment, at.row),
            highlights,
        }
    }

    // To the hundred metres, which is more than a city's coordinates say.
    fn distance(&self, segment: &Segment, row: u32) -> Option<f64> {
        let km = self.question.near.as_ref()?.distance_km(segment, row)?;
        Some((km * 10.0).round() / 10.0)
    }

    fn shown(&self, mut document: Map<String, Value>) -> Map<String, Value> {
        match &self.question.fields {
            None => document,
            Some(fields) => fields
                .iter()
                .filter_map(|name| document.remove(name).map(|value| (name.clone(), value)))
                .collect(),
        }
    }

    // Names of required and preferred skills, found and missing.
    fn skills(&self, segment: &Segment, row: u32, document: &Map<String, Value>) -> [Skills; 2] {
        let query = &self.question.query;
        let mut out = [Skills::default(), Skills::default()];
        let held = segment.terms.skills(row);
        if held.is_empty() {
            return out;
        }
        if held
            .iter()
            .any(|entry| entry.payload() as u8 & query.asked_levels != 0)
        {
            for asked in &query.asked {
                let list = &mut out[usize::from(!asked.required)];
                let found = has_skill(held, asked.skill.0, query.asked_levels);
                let list = if found {
                    &mut list.found
                } else {
                    &mut list.missing
                };
                list.extend(self.question.name_of(asked.skill.0));
            }
        }
        if query.wanted_levels != 0 && !query.offered.is_empty() {
            let mut own: Option<HashMap<u32, String>> = None;
            for entry in held {
                let level = entry.payload() as u8 & query.wanted_levels;
                let Some(number) = entry.key().as_skill().filter(|_| level != 0) else {
                    continue;
                };
                let list = &mut out[usize::from(level & Level::REQUIRED.0 == 0)];
                let skill = tandem_index::skills::SkillId(number);
                let found = query.offered.binary_search(&skill).is_ok();
                let list = if found {
                    &mut list.found
                } else {
                    &mut list.missing
                };
                let name = self.question.name_of(number).or_else(|| {
                    let names = own.get_or_insert_with(|| {
                        unknown_skill_names(self.question.kind, &Value::Object(document.clone()))
                    });
                    names.get(&number).cloned()
                });
                list.extend(name);
            }
        }
        for list in &mut out {
            list.found.sort_unstable();
            list.missing.sort_unstable();
        }
        out
    }
}

fn contributions(score: &Score, skills: [Skills; 2]) -> Vec<Contribution> {
    let [required, preferred] = skills;
    let mut out = Vec::new();
    let mut lists = HashMap::from([
        ("skills.required", required),
        ("skills.preferred", preferred),
    ]);
    for (part, name) in PART_NAMES.into_iter().enumerate() {
        if score.max[part] == 0 && score.points[part] == 0 {
            continue;
        }
        let Skills { found, missing } = lists.remove(name).unwrap_or_default();
        out.push(Contribution {
            name,
            points: score.points[part],
            max: score.max[part],
            unknown: score.unknown >> part & 1 == 1,
            found,
            missing,
        });
    }
    out
}
