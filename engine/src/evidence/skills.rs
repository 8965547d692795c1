//! Evidence of skills: which is wanted by which words, what meets it, by which
//! name or path. Owns the names of skills no dictionary has, by their own bytes.

use std::collections::HashSet;

use tandem_index::facts::Need;
use tandem_index::skills::SkillId;
use tandem_index::taxonomy::{Relation, Way};

use super::{Line, Pair, Span, Step};
use crate::met::percent;
use crate::score::{Scorer, Side, Wanted, same_word};

/// The wanted skills of one contribution, those that weigh most first.
pub(super) fn lines(
    pair: &Pair<'_>,
    scorer: &mut Scorer<'_>,
    required: bool,
    lines: &mut Vec<Line>,
) {
    let mut all: Vec<Wanted> = Vec::new();
    let offers = scorer.wanted(pair.segment, pair.row, |wanted| {
        if wanted.required == required {
            all.push(wanted);
        }
    });
    all.sort_by(|a, b| {
        let weights = b.weight.total_cmp(&a.weight);
        weights.then(a.skill.cmp(&b.skill))
    });
    let mut seen = HashSet::new();
    all.retain(|wanted| seen.insert(wanted.skill));
    for wanted in all {
        lines.extend(line(pair, &wanted, offers));
    }
}

fn line(pair: &Pair<'_>, wanted: &Wanted, offers: bool) -> Option<Line> {
    let side = match &pair.question.query.source {
        // Words want what they name; they stand in no document.
        None => {
            let found = pair.hit.skill(wanted.by);
            return Some(met(
                pair,
                wanted,
                offers,
                Line::of(Side::Source, Vec::new(), found),
            ));
        }
        Some(source) => source.sides.lead,
    };
    let (wants, has) = pair.ends(side)?;
    let asked = wants.skill(wanted.skill);
    let held = if wanted.credit > 0 {
        has.skill(wanted.by)
    } else {
        Vec::new()
    };
    Some(met(pair, wanted, offers, Line::of(side, asked, held)))
}

fn met(pair: &Pair<'_>, wanted: &Wanted, offers: bool, line: Line) -> Line {
    let (asked, held) = match line.wanted_by {
        Some("document") => (&line.document, &line.source),
        _ => (&line.source, &line.document),
    };
    let name = name(pair, wanted.skill, asked);
    let by = (wanted.credit > 0).then(|| self::name(pair, wanted.by, held));
    let linked = (wanted.credit > 0).then(|| linked(pair, wanted)).flatten();
    let path = if wanted.credit > 0 && wanted.by != wanted.skill && linked.is_none() {
        path(pair, wanted.by, wanted.skill)
    } else {
        Vec::new()
    };
    // Whichever side writes another name than the dictionary's.
    let other = |spans: &[Span], name: &str| {
        !spans.is_empty() && !spans.iter().any(|span| same_word(&span.text, name))
    };
    let how = match (wanted.credit, &by) {
        (0, _) | (_, None) => "missing",
        _ if linked.is_some() => "concept",
        _ if !path.is_empty() || wanted.by != wanted.skill => "path",
        (_, Some(by)) if other(held, by) || other(asked, &name) => "alias",
        _ => "same",
    };
    let said = match (line.wanted_by, &pair.source) {
        (Some("document"), _) => pair.hit.need(wanted.skill),
        (_, Some(source)) => source.need(wanted.skill),
        (_, None) => None,
    };
    let need = match said {
        _ if wanted.required => "required",
        Some(Need::Used) => "used",
        Some(Need::Required | Need::Preferred) | None => "preferred",
    };
    let written = how == "alias";
    let note = (!wanted.listed && !asked.is_empty())
        .then(|| "read from the text, not from a list of skills".to_owned());
    let note = match linked {
        Some(cosine) => Some(format!("no dictionary knows one; cosine {cosine:.2}")),
        None => note,
    };
    let note = match (written, held.first().or_else(|| asked.first()), note) {
        (true, Some(span), _) => Some(format!("written “{}”", span.text)),
        (_, _, note) => note,
    };
    Line {
        want: Some(name),
        need: Some(need),
        met: (offers || wanted.credit > 0).then(|| percent(wanted.credit)),
        have: by,
        how,
        path,
        note,
        ..line
    }
}

fn name(pair: &Pair<'_>, skill: u32, spans: &[Span]) -> String {
    let known = pair.question.name_of(skill);
    let said = || spans.first().map(|span| span.text.clone());
    known
        .or_else(said)
        .unwrap_or_else(|| "a skill without a name".to_owned())
}

// The cosine of two skills of which no dictionary knows one, where nothing else
// links them.
fn linked(pair: &Pair<'_>, wanted: &Wanted) -> Option<f64> {
    let (by, skill) = (SkillId(wanted.by), SkillId(wanted.skill));
    let all = pair.question.query.linked.iter();
    let found = all.filter(|one| {
        (one.phrase, one.concept) == (by, skill) || (one.concept, one.phrase) == (by, skill)
    });
    let known = pair.question.taxonomy.links().credit(by, skill);
    let best = found.max_by_key(|one| one.credit())?;
    (best.credit() == wanted.credit && known < wanted.credit).then_some(best.cosine)
}

fn path(pair: &Pair<'_>, from: u32, to: u32) -> Vec<Step> {
    let found = pair.question.taxonomy.path(SkillId(from), SkillId(to));
    let steps = found.into_iter().flat_map(|path| path.steps);
    let step = |step: tandem_index::taxonomy::Step| Step {
        from: name(pair, step.from.0, &[]),
        to: name(pair, step.to.0, &[]),
        relation: match step.relation {
            Relation::Same => "same",
            Relation::Is => "is",
            Relation::Needs => "needs",
            Relation::Like => "like",
            Relation::Near => "near",
            Relation::Sibling => "sibling",
            Relation::EscoIs => "esco_is",
            Relation::EscoNeeds => "esco_needs",
            Relation::EscoNear => "esco_near",
        },
        way: match step.way {
            Way::Up => "up",
            Way::Down => "down",
            Way::Side => "side",
        },
    };
    steps.map(step).collect()
}
