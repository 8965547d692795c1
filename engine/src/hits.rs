//! Hits: a row as an answer shows it. Owns which fields, contributions and
//! highlights; the numbers come from `score`.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};
use tandem_index::analysis::Language;
use tandem_index::privacy;
use tandem_index::row::stored_json;
use tandem_index::segment::Segment;

use crate::answer::{Contribution, Hit, TwoWay, Wants};
use crate::evidence::Explainer;
use crate::highlight::Highlighter;
use crate::met::{self, Names};
use crate::prepare::Question;
use crate::retrieve::At;
use crate::score::{
    BASE, EDUCATION_END, EXPERIENCE_END, PART_NAMES, Part, SKILLS_END, Score, Scorer,
};

/// Shows rows of one question.
pub struct Shower<'a> {
    question: &'a Question<'a>,
    scorer: Scorer<'a>,
    highlighter: Option<Highlighter>,
    explainer: Option<Explainer<'a>>,
}

impl<'a> Shower<'a> {
    /// A shower, with or without highlights.
    pub fn new(question: &'a Question<'a>, highlight: bool) -> Self {
        Self::of(question, question.scorer(), highlight)
    }

    /// A shower that goes on with the question's scorer.
    pub(crate) fn of(question: &'a Question<'a>, scorer: Scorer<'a>, highlight: bool) -> Self {
        Self {
            question,
            scorer,
            highlighter: highlight.then(|| Highlighter::new(&question.query)),
            explainer: None,
        }
    }

    /// Its hits also say what each point was read from.
    #[must_use]
    pub(crate) fn with(mut self, explainer: Option<Explainer<'a>>) -> Self {
        self.explainer = explainer;
        self
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
        let names = met::names(
            self.question,
            &mut self.scorer,
            (segment, at.row),
            &document,
        );
        let kind = self.question.kind;
        let stored = self
            .explainer
            .as_ref()
            .map(|_| Value::Object(document.clone()));
        if self.question.blind {
            privacy::show(kind, &mut document);
        }
        let language = segment.columns[0].word(at.row).and_then(Language::from_tag);
        let highlights = self
            .highlighter
            .as_mut()
            .map(|highlighter| highlighter.highlight(kind, language, &document));
        let (low, high) = score.interval();
        let contributions = contributions(self.question, &score, &names);
        let explained = self.explainer.as_ref().zip(stored);
        let evidence = explained.map(|(explainer, stored)| {
            let scorer = &mut self.scorer;
            explainer.evidence(scorer, (segment, at.row), &stored, &contributions)
        });
        let two_way = self.question.query.source.as_ref().map(|source| {
            let wants = |(points, max)| Wants { points, max };
            let [source, row] = score.two_way(&source.sides).map(wants);
            TwoWay {
                source_wants: source,
                document_wants: row,
            }
        });
        Hit {
            kind: kind.name.clone(),
            id: segment.id(at.row).to_owned(),
            score: score.total(),
            low,
            high,
            completeness: score.completeness(),
            insufficient_data: score.insufficient,
            gates: met::gates(&score, &names),
            two_way,
            contributions,
            document: self.shown(document),
            distance_km: self.distance(segment, at.row),
            highlights,
            evidence,
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
}

// The parts of the score, each under its name.
fn contributions(
    question: &Question<'_>,
    score: &Score,
    names: &HashMap<&'static str, Names>,
) -> Vec<Contribution> {
    let mut out = Vec::new();
    let boosts = question.query.boosts.iter();
    let boosts = boosts.map(|boost| Cow::Owned(format!("boost:{}", boost.label)));
    let all = PART_NAMES.into_iter().map(Cow::Borrowed).chain(boosts);
    for (at, (name, part)) in all.zip(score.parts).enumerate() {
        if !part.is_active() {
            continue;
        }
        let Names {
            found,
            partial,
            missing,
            ..
        } = names.get(&*name).cloned().unwrap_or_default();
        out.push(Contribution {
            group: group(at, question.query.source.is_some()),
            found,
            partial,
            missing,
            ..plain(name, part)
        });
    }
    let limit = |points: i32| Part {
        points,
        min: points.min(0),
        max: points.max(0),
        low: points.min(0),
        high: points.max(0),
        unknown: false,
    };
    if score.limit != 0 {
        let name = if score.limit > 0 { "floor" } else { "ceiling" };
        out.push(Contribution {
            group: "limit",
            ..plain(Cow::Borrowed(name), limit(score.limit))
        });
    }
    if score.gate != 0 || score.failed | score.unsure != 0 {
        let open = score.failed == 0;
        let all = score.total() as i32;
        out.push(Contribution {
            group: "gate",
            unknown: open,
            low: if open { -all } else { score.gate },
            min: if open { -all } else { score.gate },
            ..plain(Cow::Borrowed("gate"), limit(score.gate))
        });
    }
    out
}

fn plain(name: Cow<'static, str>, part: Part) -> Contribution {
    Contribution {
        name,
        group: "",
        points: part.points,
        min: part.min,
        max: part.max,
        low: part.low,
        high: part.high,
        unknown: part.unknown,
        found: Vec::new(),
        partial: Vec::new(),
        missing: Vec::new(),
    }
}

fn group(part: usize, matches: bool) -> &'static str {
    match part {
        0..SKILLS_END if !matches => "search",
        0..SKILLS_END => "skills",
        SKILLS_END..EXPERIENCE_END => "experience",
        EXPERIENCE_END..EDUCATION_END => "education",
        EDUCATION_END..BASE => "certificates",
        _ => "adjustment",
    }
}
