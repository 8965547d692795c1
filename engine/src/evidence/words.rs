//! Evidence of words: of the text, the title and the occupation, and what there
//! is to say of similarity. Owns which word of the source met which of the hit.

use tandem_index::analysis::{TermKey, Words, analyse};
use tandem_index::document::Group;
use tandem_index::facts::Value;
use tandem_index::kinds::Meaning;
use tandem_index::skills::{Dictionary, Skill, SkillId};
use tandem_index::taxonomy::Taxonomy;

use super::document::Doc;
use super::{Line, Pair, SPANS_MAX, Span, percent};
use crate::query::{Alternative, Why, Word};
use crate::score::{OCCUPATION_FACTOR, Side, kinship_of, similarity_value};

const GROUPS: [Group; 4] = [Group::Title, Group::Text, Group::Skills, Group::Name];

fn lead(pair: &Pair<'_>) -> Side {
    let source = pair.question.query.source.as_ref();
    source.map_or(Side::Source, |source| source.sides.lead)
}

/// The words of the query that a group of the hit says.
pub(super) fn text(pair: &Pair<'_>, group: Group, lines: &mut Vec<Line>) {
    for word in &pair.question.query.words {
        let Some((best, found)) = met(&pair.hit, word, group) else {
            continue;
        };
        lines.push(Line {
            want: Some(word.word.clone()),
            have: found.first().map(|span| span.text.clone()),
            met: Some(percent(best.factor)),
            how: best.why.as_str(),
            ..Line::of(Side::Source, in_source(pair, word, &GROUPS), found)
        });
    }
}

// The best way a group says a word, and where.
fn met<'w>(doc: &Doc<'_>, word: &'w Word, group: Group) -> Option<(&'w Alternative, Vec<Span>)> {
    let mut ways: Vec<&Alternative> = word.alternatives.iter().collect();
    ways.sort_by(|a, b| b.factor.total_cmp(&a.factor));
    ways.into_iter().find_map(|way| {
        let spans = said(doc, way, group);
        (!spans.is_empty()).then_some((way, spans))
    })
}

fn said(doc: &Doc<'_>, way: &Alternative, group: Group) -> Vec<Span> {
    let keys: Vec<TermKey> = way.terms.iter().map(|term| term.1).collect();
    let [skill] = keys.as_slice() else {
        return doc.spans(&doc.words.find(group, &keys, SPANS_MAX));
    };
    let Some(skill) = skill.as_skill() else {
        return doc.spans(&doc.words.find(group, &keys, SPANS_MAX));
    };
    // A skill counts as said in the text, wherever it is.
    if group != Group::Text {
        return Vec::new();
    }
    let spans = doc.skill(skill);
    if spans.is_empty() {
        return spelled(doc, skill);
    }
    spans
}

/// Where any name of a skill stands, fact or not.
fn spelled(doc: &Doc<'_>, skill: u32) -> Vec<Span> {
    let known = Dictionary::builtin().get(SkillId(skill));
    let spellings = known.into_iter().flat_map(Skill::spellings);
    let mut words = Words::default();
    for spelling in spellings {
        words.clear();
        analyse(spelling, None, &mut words);
        let keys: Vec<TermKey> = words.items().iter().map(|word| word.key).collect();
        for group in GROUPS {
            let spans = doc.spans(&doc.words.find(group, &keys, SPANS_MAX));
            if !spans.is_empty() {
                return spans;
            }
        }
    }
    Vec::new()
}

// Where the source says a word of its own.
fn in_source(pair: &Pair<'_>, word: &Word, groups: &[Group]) -> Vec<Span> {
    let Some(source) = pair.source else {
        return Vec::new();
    };
    let own = |way: &&Alternative| matches!(way.why, Why::Word | Why::Stem);
    for way in word.alternatives.iter().filter(own) {
        for group in groups {
            let spans = said(source, way, *group);
            if !spans.is_empty() {
                return spans;
            }
        }
    }
    Vec::new()
}

/// What the cosine says: it is of both texts as a whole.
pub(super) fn similarity(pair: &Pair<'_>, lines: &mut Vec<Line>) {
    let vector = pair.question.query.vector.as_ref();
    let cosine = vector.and_then(|vector| pair.segment.vectors.similarity(pair.row, vector));
    let note = cosine.map(|cosine| {
        let shown = cosine.value();
        format!("the texts as a whole have a cosine of {shown:.2}: 0.15 counts nothing, 0.85 all")
    });
    lines.push(Line {
        met: cosine.map(|cosine| percent(similarity_value(cosine))),
        how: "similarity",
        note,
        ..Line::of(lead(pair), Vec::new(), Vec::new())
    });
}

/// Words both titles have, and how far the occupations are related.
pub(super) fn title(pair: &Pair<'_>, lines: &mut Vec<Line>) {
    let side = lead(pair);
    for word in &pair.question.query.title {
        let Some((best, found)) = met(&pair.hit, word, Group::Title) else {
            continue;
        };
        let own = in_source(pair, word, &[Group::Title]);
        let (wants, offers) = match side {
            Side::Row => (found, own),
            Side::Source | Side::Both => (own, found),
        };
        lines.push(Line {
            want: Some(word.word.clone()),
            have: offers.first().map(|span| span.text.clone()),
            met: Some(100),
            how: best.why.as_str(),
            ..Line::of(side, wants, offers)
        });
    }
    let Some((wants, offers)) = pair.ends(side) else {
        return;
    };
    let of = |doc: &Doc<'_>| doc.list(doc.kind.facts().occupation).to_vec();
    let (wanted, held) = (of(wants), of(offers));
    let kin = wanted.iter().flat_map(|wanted| {
        let held = held.iter();
        held.map(move |held| (kinship_of(wanted, held), wanted, held))
    });
    // Of as close ones the first.
    let Some((kin, wanted, held)) =
        kin.reduce(|best, next| if next.0 > best.0 { next } else { best })
    else {
        return;
    };
    let note = format!(
        "occupations (O*NET): {wanted} and {held} are {}",
        related(kin)
    );
    lines.push(Line {
        want: Some(wanted.clone()),
        have: Some(held.clone()),
        met: Some(percent(OCCUPATION_FACTOR * kin)),
        how: "occupation",
        note: Some(note),
        ..Line::of(side, occupation(wants, wanted), occupation(offers, held))
    });
}

fn related(kin: f64) -> &'static str {
    match percent(kin) {
        100 => "the same",
        50..=99 => "related",
        30..=49 => "of the same minor group",
        1..=29 => "of the same major group",
        _ => "not related",
    }
}

// The titles an occupation was read from: the field, the title, positions.
fn occupation(doc: &Doc<'_>, occupation: &str) -> Vec<Span> {
    if let Some(given) = doc.field(Meaning::Occupation) {
        return given;
    }
    let means = |span: &Span| {
        let taxonomy = Taxonomy::builtin();
        let named = taxonomy.of_title(&span.text);
        named.is_some_and(|named| {
            let held = taxonomy.occupations().get(named.occupation);
            held.is_some_and(|held| held.title == occupation)
        })
    };
    let title = doc.words.whole(Group::Title);
    let title = title.and_then(|place| doc.span(&place, false, 100));
    let positions = doc.facts(|fact| matches!(fact, Value::Position { .. }));
    let mut spans: Vec<Span> = title
        .iter()
        .cloned()
        .chain(positions)
        .filter(means)
        .collect();
    if spans.is_empty() {
        spans.extend(title);
    }
    spans
}
