//! What a document does not say in a field, from its prose. Owns which facts fill
//! which field and as what value (docs/facts.md); what the document gives stays.
//! Deterministic: no clock, "current" is the latest month a CV names, or that of its
//! last update.

use serde_json::json;

use super::prose::month_of;
use crate::document::Cell;
use crate::facts::{
    Education, End, Fact, Month, Need, Prose, Reading, Spoken, Value, Workplace, certificate_named,
    latest_month, years_total,
};
use crate::kinds::{FactColumns, Kind, Meaning};
use crate::taxonomy::Taxonomy;
use crate::{pay, place};

/// Facts less sure than this, in percent, fill no field.
pub const SURE_MIN: u8 = 60;
/// The same of texts in other languages than English and German, for which the
/// readers were not made: only what is said in so many words.
pub const SURE_MIN_ELSEWHERE: u8 = 80;
/// A title's occupation less sure than this fills no field.
pub const OCCUPATION_SURE_MIN: u8 = 50;
/// The same of positions of a CV, whose titles are cut out of lines, and of titles in
/// other languages.
pub const OCCUPATION_SURE_MIN_ELSEWHERE: u8 = 80;
/// Most occupations of a document.
pub const OCCUPATIONS_MAX: usize = 3;

/// Positions of a CV that are looked at for occupations, the latest first.
const POSITIONS_MAX: usize = 5;
/// Nobody works longer.
const YEARS_MAX: f64 = 60.0;
/// Names of certificates that say only what sort of paper one is.
const UNNAMED: [&str; 3] = ["Certification", "Licence", "Registration"];

/// What was read of a document.
struct Said<'a> {
    reading: &'a Reading<'a>,
    facts: &'a [Fact],
    // In a language the readers were made for.
    is_read: bool,
    // When the document says it was last updated.
    updated: Option<Month>,
}

/// Whether a fact is sure enough to fill a field.
pub(super) fn is_sure(fact: &Fact, is_read: bool) -> bool {
    if is_read {
        return fact.sure >= SURE_MIN;
    }
    // What is guessed by words, and where the period or who it is of is: "distans" is
    // a course's as often as a job's, and 100–450 euros are no hour's.
    let least = match fact.value {
        Value::Industry(_) => return false,
        Value::Workplace(Workplace::Remote) | Value::Pay { period: "hour", .. } => 95,
        Value::Workplace(Workplace::Hybrid | Workplace::Onsite)
        | Value::Pay { .. }
        | Value::Skill(..)
        | Value::Unlisted(_)
        | Value::Years { .. }
        | Value::Education(..)
        | Value::Certificate(..)
        | Value::Language(..)
        | Value::Seniority(_)
        | Value::Place { .. }
        | Value::Contract(_)
        | Value::Position { .. } => SURE_MIN_ELSEWHERE,
    };
    fact.sure >= least
}

type Words = fn(&Said<'_>) -> Vec<String>;
type Column = fn(&FactColumns) -> Option<usize>;

const WORDS: [(Meaning, Column, Words); 10] = [
    (Meaning::Degree, |columns| columns.degree, degree),
    (
        Meaning::Certificates,
        |columns| columns.certificates,
        |said| certificates(said, false),
    ),
    (
        Meaning::CertificatesPreferred,
        |columns| columns.certificates_preferred,
        |said| certificates(said, true),
    ),
    (
        Meaning::Languages,
        |columns| columns.languages,
        |said| languages(said, false),
    ),
    (
        Meaning::LanguagesPreferred,
        |columns| columns.languages_preferred,
        |said| languages(said, true),
    ),
    (Meaning::Seniority, |columns| columns.seniority, seniority),
    (Meaning::Contract, |columns| columns.contract, contract),
    (
        Meaning::Occupation,
        |columns| columns.occupation,
        occupations,
    ),
    (Meaning::Remote, |columns| columns.remote, remote),
    (Meaning::Industry, |columns| columns.industry, industry),
];

/// Fills the cells of fields a document of `kind` says nothing in from what was
/// read of its prose. `facts` are those sure enough, in order; `is_read` says that
/// the readers were made for its language.
pub(super) fn fill(
    kind: &Kind,
    reading: &Reading<'_>,
    (facts, is_read): (&[Fact], bool),
    cells: &mut [Cell],
) {
    let columns = kind.facts();
    let updated = columns.posted.and_then(|at| cells.get(at));
    let said = Said {
        reading,
        facts,
        is_read,
        updated: updated.and_then(month_of),
    };
    for (meaning, column, words) in WORDS {
        let open = column(&columns).filter(|at| cells.get(*at) == Some(&Cell::Unknown));
        if let Some(at) = open {
            let mut found = words(&said);
            let allowed = kind.meaning(meaning).map(|field| &field.values);
            if let Some(allowed) = allowed.filter(|values| !values.is_empty()) {
                found.retain(|value| allowed.contains(value));
            }
            if !found.is_empty() {
                cells[at] = Cell::Words(found);
            }
        }
    }
    if let Some(at) = columns.years.filter(|at| cells[*at] == Cell::Unknown)
        && let Some(years) = years(&said)
    {
        cells[at] = Cell::Number(years);
    }
    // Parts of one field: a document that gives one has given all.
    if let Some(at) = columns.pay_min
        && is_open(&cells[at..at + 3])
    {
        fill_pay(&said, &mut cells[at..at + 3]);
    }
    if let Some(at) = columns.city.filter(|_| is_place_open(kind, cells)) {
        fill_place(&said, &mut cells[at..at + 5]);
    }
}

/// Whether a document says nothing of its place in a field that its kind has.
pub(super) fn is_place_open(kind: &Kind, cells: &[Cell]) -> bool {
    kind.facts()
        .city
        .is_some_and(|at| is_open(&cells[at..at + 5]))
}

fn is_open(cells: &[Cell]) -> bool {
    cells.iter().all(|cell| *cell == Cell::Unknown)
}

/// Certificates a document gives, by the names facts have, so that both meet.
pub(super) fn rename_certificates(kind: &Kind, cells: &mut [Cell]) {
    let columns = kind.facts();
    let fields = [
        (Meaning::Certificates, columns.certificates),
        (
            Meaning::CertificatesPreferred,
            columns.certificates_preferred,
        ),
    ];
    for (meaning, column) in fields {
        let closed = kind
            .meaning(meaning)
            .is_none_or(|field| !field.values.is_empty());
        if let Some(Cell::Words(names)) = column.filter(|_| !closed).map(|at| &mut cells[at]) {
            let given = std::mem::take(names);
            for name in given {
                let name = certificate_named(&name).map_or(name, str::to_owned);
                push_new(names, name);
            }
        }
    }
}

fn push_new(names: &mut Vec<String>, name: String) {
    if !names.contains(&name) {
        names.push(name);
    }
}

// The least that is required of who applies; the highest somebody has.
fn degree(said: &Said<'_>) -> Vec<String> {
    let levels = said.facts.iter().filter_map(|fact| {
        let Value::Education(level, need) = fact.value else {
            return None;
        };
        (need != Need::Preferred).then_some(level)
    });
    let level = match said.reading.prose {
        Prose::Ad => levels.min(),
        Prose::Cv => levels.max(),
    };
    let name = level.map(|level| match level {
        Education::Secondary => "secondary",
        Education::Vocational => "vocational",
        Education::Bachelor => "bachelor",
        Education::Master => "master",
        Education::Doctorate => "doctorate",
    });
    name.map(str::to_owned).into_iter().collect()
}

fn certificates(said: &Said<'_>, preferred: bool) -> Vec<String> {
    let mut names = Vec::new();
    for fact in said.facts {
        if let Value::Certificate(name, need) = fact.value
            && (need == Need::Preferred) == preferred
            && !UNNAMED.contains(&name)
        {
            push_new(&mut names, name.to_owned());
        }
    }
    names
}

fn languages(said: &Said<'_>, preferred: bool) -> Vec<String> {
    let mut names = Vec::new();
    for fact in said.facts {
        if let Value::Language(code, level, need) = fact.value
            && (need == Need::Preferred) == preferred
        {
            names.extend(Spoken { code, level }.shown());
        }
    }
    names
}

// Of an ad what it says; of a CV the rank in its title, else in the latest job's.
fn seniority(said: &Said<'_>) -> Vec<String> {
    let rank = match said.reading.prose {
        Prose::Ad => said.facts.iter().find_map(|fact| {
            let Value::Seniority(rank) = fact.value else {
                return None;
            };
            Some(rank)
        }),
        Prose::Cv => said
            .reading
            .title
            .into_iter()
            .chain(positions(said).first().map(|fact| (fact.start, fact.end)))
            .find_map(|(start, end)| said.reading.rank_of(start, end)),
    };
    rank.map(str::to_owned).into_iter().collect()
}

fn contract(said: &Said<'_>) -> Vec<String> {
    let mut ways = Vec::new();
    for fact in said.facts {
        if let Value::Contract(way) = fact.value {
            push_new(&mut ways, way.replace('_', "-"));
        }
    }
    ways
}

// Positions with a title, the latest first.
fn positions<'a>(said: &Said<'a>) -> Vec<&'a Fact> {
    // By year and month of its end and its beginning.
    type Month = (u16, u8);
    let mut held: Vec<(Month, Month, &Fact)> = Vec::new();
    for fact in said.facts {
        if let Value::Position {
            from, to, dates, ..
        } = &fact.value
            // A position without a title has only its dates.
            && *dates != Some((fact.start, fact.end))
        {
            let month = |month: &crate::facts::Month| (month.year, month.month.unwrap_or(12));
            let to = match to {
                Some(End::At(at)) => month(at),
                Some(End::Now) => (u16::MAX, 12),
                None => (0, 0),
            };
            held.push((to, from.as_ref().map_or((0, 0), month), fact));
        }
    }
    held.sort_by_key(|(to, from, fact)| std::cmp::Reverse((*to, *from, u32::MAX - fact.start)));
    held.into_iter().map(|(_, _, fact)| fact).collect()
}

fn occupations(said: &Said<'_>) -> Vec<String> {
    let latest = match said.reading.prose {
        Prose::Ad => Vec::new(),
        Prose::Cv => positions(said),
    };
    let of_title = if said.is_read {
        OCCUPATION_SURE_MIN
    } else {
        OCCUPATION_SURE_MIN_ELSEWHERE
    };
    let places = said.reading.title.into_iter();
    let places = places.map(|(start, end)| (start, end, of_title));
    let latest = latest.into_iter().take(POSITIONS_MAX);
    let latest = latest.map(|fact| (fact.start, fact.end, OCCUPATION_SURE_MIN_ELSEWHERE));
    let taxonomy = Taxonomy::builtin();
    let mut names = Vec::new();
    for (start, end, least) in places.chain(latest) {
        let title = said.reading.text.get(start as usize..end as usize);
        let named = title.and_then(|title| taxonomy.of_title(title));
        if let Some(named) = named.filter(|named| named.sure >= least)
            && let Some(occupation) = taxonomy.occupations().get(named.occupation)
        {
            push_new(&mut names, occupation.title.to_owned());
        }
        if names.len() == OCCUPATIONS_MAX {
            break;
        }
    }
    names
}

// The surest; of places as sure, what lies between them.
fn remote(said: &Said<'_>) -> Vec<String> {
    let places = || {
        said.facts.iter().filter_map(|fact| {
            let Value::Workplace(place) = fact.value else {
                return None;
            };
            Some((fact.sure, place))
        })
    };
    let Some(sure) = places().map(|(sure, _)| sure).max() else {
        return Vec::new();
    };
    let mut held = places().filter(|(held, _)| *held == sure);
    let Some((_, first)) = held.next() else {
        return Vec::new();
    };
    let place = if held.any(|(_, other)| other != first) {
        Workplace::Hybrid
    } else {
        first
    };
    let name = match place {
        Workplace::Remote => "remote",
        Workplace::Hybrid => "hybrid",
        Workplace::Onsite => "onsite",
    };
    vec![name.to_owned()]
}

fn industry(said: &Said<'_>) -> Vec<String> {
    let named = said.facts.iter().find_map(|fact| {
        let Value::Industry(name) = fact.value else {
            return None;
        };
        Some(name.to_owned())
    });
    named.into_iter().collect()
}

fn years(said: &Said<'_>) -> Option<f64> {
    match said.reading.prose {
        Prose::Ad => years_wanted(said),
        Prose::Cv => {
            let named = latest_month(said.reading.text);
            let total = years_total(said.facts, named.max(said.updated));
            let told = || {
                let told = said.facts.iter().filter_map(|fact| {
                    let Value::Years { min, .. } = fact.value else {
                        return None;
                    };
                    Some(min)
                });
                told.reduce(f64::max)
            };
            // Months say no more than a tenth of a year.
            let years = total.or_else(told)?;
            (years <= YEARS_MAX).then(|| (years * 10.0).round() / 10.0)
        }
    }
}

// What every statement asks for: the most of their least numbers, but the least of
// alternatives in one sentence ("5 years or a degree and 2 years"). What is only
// welcome counts not, and a weak statement only where no other is.
fn years_wanted(said: &Said<'_>) -> Option<f64> {
    let asked = || {
        said.facts.iter().filter_map(|fact| {
            let Value::Years { min, .. } = fact.value else {
                return None;
            };
            let softened = said.reading.is_softened(fact.start, fact.end);
            (!softened).then_some((min, fact))
        })
    };
    let sure = asked().map(|(_, fact)| fact.sure).max()?.min(80);
    let mut most: Option<f64> = None;
    let mut before: Option<(f64, &Fact)> = None;
    for (years, fact) in asked().filter(|(_, fact)| fact.sure >= sure) {
        let least = match before {
            Some((held, other)) if is_alternative(said.reading, other, fact) => held.min(years),
            Some((held, _)) => {
                most = Some(most.map_or(held, |most| most.max(held)));
                years
            }
            None => years,
        };
        before = Some((least, fact));
    }
    let (last, _) = before?;
    Some(most.map_or(last, |most| most.max(last)))
}

fn is_alternative(reading: &Reading<'_>, one: &Fact, other: &Fact) -> bool {
    let same = reading.sentence_at(one.start) == reading.sentence_at(other.start);
    let between = reading.text.get(one.end as usize..other.start as usize);
    same && between.is_some_and(|text| text.split_whitespace().any(|word| word == "or"))
}

// Of several ranges as sure the first: others are of other places or ranks.
fn fill_pay(said: &Said<'_>, cells: &mut [Cell]) {
    let ranges = said.facts.iter().filter_map(|fact| {
        let Value::Pay {
            min,
            max,
            currency,
            period,
        } = fact.value
        else {
            return None;
        };
        Some((fact.sure, min, max, currency, period))
    });
    let surest = ranges.reduce(|held, next| if next.0 > held.0 { next } else { held });
    let Some((_, min, max, currency, period)) = surest else {
        return;
    };
    let Some(times) = pay::per_year(period) else {
        return;
    };
    let number =
        |amount: Option<f64>| amount.map_or(Cell::Unknown, |amount| Cell::Number(amount * times));
    cells[0] = number(min);
    cells[1] = number(max);
    if !currency.is_empty() {
        cells[2] = Cell::Words(vec![currency.to_owned()]);
    }
}

// The surest, of several the first; coordinates are those of its city.
fn fill_place(said: &Said<'_>, cells: &mut [Cell]) {
    let places = said.facts.iter().filter_map(|fact| {
        let Value::Place {
            city,
            region,
            country,
        } = &fact.value
        else {
            return None;
        };
        Some((fact.sure, city, region, country))
    });
    let surest = places.reduce(|held, next| if next.0 > held.0 { next } else { held });
    let Some((_, city, region, country)) = surest else {
        return;
    };
    let mut parts = serde_json::Map::new();
    for (name, part) in [("city", city), ("region", region), ("country", country)] {
        if !part.is_empty() {
            parts.insert(name.to_owned(), json!(part));
        }
    }
    let Ok(place) = place::parse(&serde_json::Value::Object(parts)) else {
        return;
    };
    let words = [place.city, place.region, place.country];
    for (cell, word) in cells.iter_mut().zip(words) {
        if let Some(word) = word {
            *cell = Cell::Words(vec![word]);
        }
    }
    if let Some((lat, lon)) = place.coordinates {
        cells[3] = Cell::Number(lat);
        cells[4] = Cell::Number(lon);
    }
}
