//! Evidence of facts: years, rank, degree, languages, certificates, place, days,
//! contract and the rest, each with the field or the words of prose it was read
//! from. Owns how they are shown; the values are the score's.

use tandem_index::document::{Group, show_date_ms};
use tandem_index::facts::{Value, language_name};
use tandem_index::gazetteer::distance_km;
use tandem_index::kinds::Meaning;

use super::document::Doc;
use super::{Line, Pair, Span, adjusted, percent};
use crate::answer::Contribution;
use crate::score::{
    Side, Sides, degree_of, degree_value, is_check, language_credit, language_of, rank_of,
    rank_value, same_word, years_value,
};

const DAY_MS: f64 = 86_400_000.0;

fn side(pair: &Pair<'_>, of: impl Fn(&Sides) -> Option<Side>) -> Option<Side> {
    of(&pair.question.query.source.as_ref()?.sides)
}

// A value that is met so far counts by how related the work is.
fn related(line: &mut Line, part: &Contribution) {
    let Some(met) = line.met.filter(|met| *met > 0 && part.max > 0) else {
        return;
    };
    let whole = f64::from(part.max) * f64::from(met) / 100.0;
    let counts = percent(f64::from(part.points) / whole);
    if counts < 99 {
        line.note = Some(format!(
            "counts {counts} %: that is how related the work of both sides is"
        ));
    }
}

fn number(value: f64) -> String {
    format!("{}", (value * 10.0).round() / 10.0)
}

pub(super) fn years(pair: &Pair<'_>, part: &Contribution, lines: &mut Vec<Line>) {
    let Some(side) = side(pair, |sides| sides.years) else {
        return;
    };
    let Some((wants, offers)) = pair.ends(side) else {
        return;
    };
    let of = |doc: &Doc<'_>| doc.number(doc.kind.facts().years);
    let (wanted, offered) = (of(wants), of(offers));
    let shown = |years: f64| format!("{} years", number(years));
    let mut line = Line {
        want: wanted.map(shown),
        have: offered.map(shown),
        met: wanted
            .zip(offered)
            .map(|(wanted, offered)| percent(years_value(side, wanted, offered))),
        how: "amount",
        ..Line::of(side, years_of(wants, wanted), years_of(offers, offered))
    };
    if wanted.is_some_and(|wanted| wanted <= 0.0) {
        line.met = Some(100);
    }
    related(&mut line, part);
    lines.push(line);
}

// A number of years that is said, else the positions it was counted from.
fn years_of(doc: &Doc<'_>, years: Option<f64>) -> Vec<Span> {
    let Some(years) = years else {
        return Vec::new();
    };
    if let Some(given) = doc.field(Meaning::Years) {
        return given;
    }
    let near = |a: f64| (a - years).abs() < 0.05;
    let same = doc.facts(|fact| matches!(fact, Value::Years { min, .. } if near(*min)));
    if !same.is_empty() {
        return same;
    }
    let positions =
        doc.facts(|fact| matches!(fact, Value::Position { from, .. } if from.is_some()));
    if positions.is_empty() {
        return doc.facts(|fact| matches!(fact, Value::Years { .. }));
    }
    positions
}

pub(super) fn seniority(pair: &Pair<'_>, part: &Contribution, lines: &mut Vec<Line>) {
    let Some(side) = side(pair, |sides| sides.seniority) else {
        return;
    };
    let Some((wants, offers)) = pair.ends(side) else {
        return;
    };
    let of = |doc: &Doc<'_>| doc.list(doc.kind.facts().seniority).to_vec();
    let (wanted, offered) = (of(wants), of(offers));
    let ranks =
        |words: &[String]| -> Vec<u8> { words.iter().filter_map(|word| rank_of(word)).collect() };
    let held = ranks(&offered);
    let apart = ranks(&wanted)
        .into_iter()
        .flat_map(|wanted| held.iter().map(move |held| wanted.abs_diff(*held)));
    let mut line = Line {
        want: joined(&wanted),
        have: joined(&offered),
        met: apart.min().map(|apart| percent(rank_value(apart))),
        how: "rank",
        ..Line::of(side, ranks_in(wants, &wanted), ranks_in(offers, &offered))
    };
    related(&mut line, part);
    lines.push(line);
}

// A CV's rank is that of its title, else of its latest position.
fn ranks_in(doc: &Doc<'_>, ranks: &[String]) -> Vec<Span> {
    let spans = all_of(doc, Meaning::Seniority, ranks);
    if !spans.is_empty() || ranks.is_empty() {
        return spans;
    }
    let title = doc.words.whole(Group::Title);
    let title = title.and_then(|place| doc.span(&place, false, 80));
    let positions = || doc.facts(|fact| matches!(fact, Value::Position { .. }));
    title.map_or_else(positions, |title| vec![title])
}

fn joined(words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| words.join(", "))
}

fn all_of(doc: &Doc<'_>, meaning: Meaning, values: &[String]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for span in values.iter().flat_map(|value| doc.value(meaning, value)) {
        if !spans.contains(&span) {
            spans.push(span);
        }
    }
    spans
}

pub(super) fn degree(pair: &Pair<'_>, part: &Contribution, lines: &mut Vec<Line>) {
    let Some(side) = side(pair, |sides| sides.degree) else {
        return;
    };
    let Some((wants, offers)) = pair.ends(side) else {
        return;
    };
    let of = |doc: &Doc<'_>| {
        let held = doc.list(doc.kind.facts().degree).iter();
        held.filter_map(|word| Some((degree_of(word)?, word.clone())))
            .collect::<Vec<_>>()
    };
    // The least that is wanted; where both are compared each side's highest.
    let wanted = of(wants);
    let wanted = if side == Side::Both {
        wanted.into_iter().max()
    } else {
        wanted.into_iter().min()
    };
    let offered = of(offers).into_iter().max();
    let spans = |doc: &Doc<'_>, one: &Option<(u8, String)>| {
        let value = one.as_ref().map(|one| one.1.as_str());
        value.map_or_else(Vec::new, |value| doc.value(Meaning::Degree, value))
    };
    let (a, b) = (spans(wants, &wanted), spans(offers, &offered));
    let levels = wanted.as_ref().zip(offered.as_ref());
    let mut line = Line {
        met: levels.map(|(wanted, offered)| percent(degree_value(side, wanted.0, offered.0))),
        want: wanted.map(|one| one.1),
        have: offered.map(|one| one.1),
        how: "level",
        ..Line::of(side, a, b)
    };
    related(&mut line, part);
    lines.push(line);
}

// What is required and what is welcome, each with its field.
fn wishes<'d>(
    doc: &'d Doc<'_>,
    columns: [Option<usize>; 2],
    meanings: [Meaning; 2],
) -> Vec<(&'d String, &'static str, Meaning)> {
    let needs = ["required", "preferred"];
    let all = columns.into_iter().zip(needs).zip(meanings);
    let all = all.flat_map(|((column, need), meaning)| {
        doc.list(column)
            .iter()
            .map(move |value| (value, need, meaning))
    });
    all.collect()
}

const LANGUAGES: [Meaning; 2] = [Meaning::Languages, Meaning::LanguagesPreferred];
const CERTIFICATES: [Meaning; 2] = [Meaning::Certificates, Meaning::CertificatesPreferred];

pub(super) fn languages(pair: &Pair<'_>, lines: &mut Vec<Line>) {
    let Some(side) = side(pair, |sides| sides.languages) else {
        return;
    };
    let Some((wants, offers)) = pair.ends(side) else {
        return;
    };
    let columns = |doc: &Doc<'_>| {
        let facts = doc.kind.facts();
        [facts.languages, facts.languages_preferred]
    };
    let held = wishes(offers, columns(offers), LANGUAGES);
    let written = offers.language().and_then(language_name);
    for (value, need, meaning) in wishes(wants, columns(wants), LANGUAGES) {
        let (name, level) = language_of(value);
        let same = held
            .iter()
            .filter(|(held, ..)| same_word(language_of(held).0, name));
        let best = same
            .map(|(held, _, meaning)| {
                (
                    language_credit(level, language_of(held).1).0,
                    *held,
                    *meaning,
                )
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let mut line = Line {
            want: Some(value.clone()),
            need: Some(need),
            ..Line::of(side, wants.value(meaning, value), Vec::new())
        };
        let writes = side != Side::Both && written.is_some_and(|own| same_word(own, name));
        match best {
            Some((credit, held, meaning)) => {
                line.met = Some(percent(credit));
                line.have = Some(held.clone());
                line.how = if credit < 1.0 { "level" } else { "same" };
                line.put_offers(side, offers.value(meaning, held));
            }
            None if writes => {
                line.met = Some(percent(language_credit(level, 0).0));
                line.have = written.map(str::to_owned);
                line.how = "written_in";
                line.note = Some(format!("the text is written in {name}"));
            }
            None => {
                line.met = (!held.is_empty()).then_some(0);
                line.how = "missing";
            }
        }
        lines.push(line);
    }
}

pub(super) fn certificates(pair: &Pair<'_>, lines: &mut Vec<Line>) {
    let Some(side) = side(pair, |sides| sides.certificates) else {
        return;
    };
    let Some((wants, offers)) = pair.ends(side) else {
        return;
    };
    let columns = |doc: &Doc<'_>| {
        let facts = doc.kind.facts();
        [facts.certificates, facts.certificates_preferred]
    };
    let held = wishes(offers, columns(offers), CERTIFICATES);
    for (value, need, meaning) in wishes(wants, columns(wants), CERTIFICATES) {
        // Checks are made when somebody is hired.
        if side != Side::Both && is_check(value) {
            continue;
        }
        let found = held.iter().find(|(held, ..)| same_word(held, value));
        let mut line = Line {
            want: Some(value.clone()),
            need: Some(need),
            have: found.map(|found| found.0.clone()),
            met: (!held.is_empty()).then_some(if found.is_some() { 100 } else { 0 }),
            ..Line::of(side, wants.value(meaning, value), Vec::new())
        };
        match found {
            Some((name, _, meaning)) => {
                let spans = offers.value(*meaning, name);
                if !spans.is_empty() && !spans.iter().any(|span| same_word(&span.text, value)) {
                    line.how = "alias";
                }
                line.put_offers(side, spans);
            }
            None => line.how = "missing",
        }
        lines.push(line);
    }
}

pub(super) fn place(pair: &Pair<'_>, part: &Contribution, lines: &mut Vec<Line>) {
    let Some(side) = side(pair, |sides| sides.place) else {
        return;
    };
    let Some(source) = pair.source else {
        return;
    };
    let hit = &pair.hit;
    let names = |doc: &Doc<'_>| {
        let at = doc.kind.facts().city?;
        let parts = (at..at + 3).filter_map(|at| doc.list(Some(at)).first());
        let mut names: Vec<String> = parts.cloned().collect();
        let remote = doc.list(doc.kind.facts().remote).first();
        names.extend(
            remote
                .filter(|_| doc.kind.meaning(Meaning::Remote).is_some())
                .cloned(),
        );
        joined(&names)
    };
    let point = |doc: &Doc<'_>| {
        let at = doc.kind.facts().city?;
        doc.number(Some(at + 3)).zip(doc.number(Some(at + 4)))
    };
    let km = point(source)
        .zip(point(hit))
        .map(|(a, b)| distance_km(a, b));
    let (wants, offers) = if side == Side::Row {
        (hit, source)
    } else {
        (source, hit)
    };
    lines.push(Line {
        want: names(wants),
        have: names(offers),
        met: adjusted(part),
        how: "distance",
        note: km.map(|km| format!("{km:.0} km apart: 25 and less count all, 100 nothing")),
        ..Line::of(side, place_in(wants), place_in(offers))
    });
}

fn place_in(doc: &Doc<'_>) -> Vec<Span> {
    let remote = doc.list(doc.kind.facts().remote);
    let said = || {
        let city = doc.kind.facts().city;
        let own = city.and_then(|at| doc.list(Some(at)).first());
        let is = |said: &String| own.is_none_or(|own| own == said);
        doc.facts(|fact| matches!(fact, Value::Place { city, .. } if is(city)))
    };
    let mut spans = doc.field(Meaning::Place).unwrap_or_else(said);
    spans.extend(all_of(doc, Meaning::Remote, remote));
    spans
}

pub(super) fn availability(pair: &Pair<'_>, part: &Contribution, lines: &mut Vec<Line>) {
    let Some(side) = side(pair, |sides| sides.available) else {
        return;
    };
    let Some((wants, offers)) = pair.ends(side) else {
        return;
    };
    let of = |doc: &Doc<'_>| doc.number(doc.kind.facts().available);
    let (wanted, offered) = (of(wants), of(offers));
    let late = wanted
        .zip(offered)
        .map(|(wanted, offered)| (offered - wanted) / DAY_MS);
    let spans = |doc: &Doc<'_>| doc.field(Meaning::Available).unwrap_or_default();
    lines.push(Line {
        want: wanted.map(day),
        have: offered.map(day),
        met: adjusted(part),
        how: "date",
        note: late
            .filter(|late| *late > 0.0)
            .map(|late| format!("{late:.0} days late")),
        ..Line::of(side, spans(wants), spans(offers))
    });
}

fn day(ms: f64) -> String {
    let shown = show_date_ms(ms as i64);
    shown.split('T').next().unwrap_or_default().to_owned()
}

pub(super) fn contract(pair: &Pair<'_>, part: &Contribution, lines: &mut Vec<Line>) {
    let Some(side) = side(pair, |sides| sides.contract) else {
        return;
    };
    let Some((wants, offers)) = pair.ends(side) else {
        return;
    };
    let of = |doc: &Doc<'_>| doc.list(doc.kind.facts().contract).to_vec();
    let (wanted, offered) = (of(wants), of(offers));
    let spans = |doc: &Doc<'_>, ways: &[String]| all_of(doc, Meaning::Contract, ways);
    lines.push(Line {
        want: joined(&wanted),
        have: joined(&offered),
        met: adjusted(part),
        ..Line::of(side, spans(wants, &wanted), spans(offers, &offered))
    });
}

pub(super) fn freshness(pair: &Pair<'_>, part: &Contribution, lines: &mut Vec<Line>) {
    let posted = pair.hit.number(pair.hit.kind.facts().posted);
    let now_ms = pair.question.query.now_ms as f64;
    let age = posted.map(|posted| ((now_ms - posted) / DAY_MS).max(0.0));
    lines.push(Line {
        have: posted.map(day),
        met: adjusted(part),
        how: "date",
        note: age.map(|age| format!("{age:.0} days old, worth half after 30 days")),
        document: pair.hit.field(Meaning::Posted).unwrap_or_default(),
        ..Line::default()
    });
}

pub(super) fn rating(pair: &Pair<'_>, part: &Contribution, lines: &mut Vec<Line>) {
    let facts = pair.hit.kind.facts();
    let (rating, ratings) = (
        pair.hit.number(facts.rating),
        pair.hit.number(facts.ratings),
    );
    let of = ratings.map_or_else(
        || "1 rating".to_owned(),
        |count| format!("{count:.0} ratings"),
    );
    let mut document = pair.hit.field(Meaning::Rating).unwrap_or_default();
    document.extend(pair.hit.field(Meaning::Ratings).unwrap_or_default());
    lines.push(Line {
        have: rating.map(|rating| format!("{} of 5, {of}", number(rating))),
        met: adjusted(part),
        how: "amount",
        note: rating.map(|_| "counted with five ratings of 3.5".to_owned()),
        document,
        ..Line::default()
    });
}

/// Boosts, limits and gates: what they are about stands in the request or in the
/// sum, not in the documents.
pub(super) fn rest(pair: &Pair<'_>, name: &str, part: &Contribution, lines: &mut Vec<Line>) {
    let label = name.strip_prefix("boost:");
    let mut boosts = pair.question.query.boosts.iter();
    let boost = boosts.find(|boost| Some(boost.label.as_str()) == label);
    let (how, note) = match (boost, name) {
        (Some(_), _) if part.points == 0 => ("filter", "the document does not pass its filters"),
        (Some(_), _) => ("filter", "the document passes its filters"),
        (None, "floor") => ("limit", "no score is below 0"),
        (None, "ceiling") => ("limit", "no score is above 1,000,000"),
        (None, _) if part.unknown => ("gate", "it is not known whether every must is met"),
        (None, _) => ("gate", "a must that is not met takes all points"),
    };
    let columns = boost.into_iter().flat_map(|boost| &boost.filters);
    let columns = columns.flat_map(|filter| &filter.columns);
    let kind = pair.hit.kind;
    let mut fields: Vec<&str> = columns
        .filter_map(|at| kind.columns().get(*at)?.name.split('.').next())
        .collect();
    fields.sort_unstable();
    fields.dedup();
    let document = fields
        .into_iter()
        .filter_map(|field| pair.hit.whole(format!("/{field}")));
    lines.push(Line {
        want: label.map(str::to_owned),
        how,
        note: Some(note.to_owned()),
        document: document.collect(),
        ..Line::default()
    });
}
