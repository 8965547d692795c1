//! What a document says as the source of a match, and which side wants what.
//! Owns the reading of cells as facts; the formulas are in the files beside.

use std::collections::HashMap;
use std::sync::LazyLock;

use tandem_index::document::{Cell, Group, Level};
use tandem_index::facts::language_name;
use tandem_index::kinds::{FactColumns, Kind, Meaning, Role};
use tandem_index::row::Row;
use tandem_index::taxonomy::{OccupationId, Occupations};

use super::words;
use crate::query::{PayFact, PlaceFact};

/// Weight of what is welcome, that of what is required being 1.
pub(super) const PREFERRED: f64 = 0.5;

/// Whose want a fact meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The source wants, the row offers.
    Source,
    /// The row wants, the source offers.
    Row,
    /// Neither or both: what they say is compared, the source asks.
    Both,
}

/// Who wants what; `None` where one of the kinds has no such field.
#[derive(Clone, Copy, Debug)]
pub struct Sides {
    /// Skills, title, text and vector.
    pub lead: Side,
    /// Years.
    pub years: Option<Side>,
    /// Rank.
    pub seniority: Option<Side>,
    /// Degree.
    pub degree: Option<Side>,
    /// Languages.
    pub languages: Option<Side>,
    /// Certificates.
    pub certificates: Option<Side>,
    /// Place: who wants to work remotely.
    pub place: Option<Side>,
    /// Remote work alone.
    pub remote: Option<Side>,
    /// Pay.
    pub pay: Option<Side>,
    /// From when.
    pub available: Option<Side>,
    /// How somebody is employed.
    pub contract: Option<Side>,
}

impl Sides {
    fn of(source: &Kind, target: &Kind) -> Self {
        let side = |a: Role, b: Role| match (a == Role::Wants, b == Role::Wants) {
            (true, false) => Side::Source,
            (false, true) => Side::Row,
            _ => Side::Both,
        };
        let of = |meaning: Meaning| {
            let roles = [source, target].map(|kind| kind.meaning(meaning).map(|field| field.role));
            Some(side(roles[0]?, roles[1]?))
        };
        let remote = of(Meaning::Remote);
        let places = [source, target].map(|kind| {
            let facts = kind.facts();
            facts.city.is_some() || facts.remote.is_some()
        });
        Self {
            lead: side(source.skills_role(), target.skills_role()),
            years: of(Meaning::Years),
            seniority: of(Meaning::Seniority),
            degree: of(Meaning::Degree),
            languages: of(Meaning::Languages),
            certificates: of(Meaning::Certificates),
            place: (places == [true; 2]).then(|| remote.unwrap_or(Side::Both)),
            remote,
            pay: of(Meaning::Pay),
            available: of(Meaning::Available),
            contract: of(Meaning::Contract),
        }
    }
}

/// A certificate, wanted or held.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// As written.
    pub name: String,
    /// 1 if it is required, ½ if it is welcome.
    pub weight: f64,
}

/// A language, wanted or spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    /// As written.
    pub shown: String,
    /// Without its level.
    pub name: String,
    /// 1 (A1) to 7 (native), 0 where it is not said.
    pub level: u8,
    /// 1 if it is required, ½ if it is welcome.
    pub weight: f64,
}

/// What a document says as the source.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what a document says, or can say, one by one"
)]
pub struct SourceFacts {
    /// Who wants what.
    pub sides: Sides,
    /// Where the rows have their facts.
    pub columns: FactColumns,
    /// Whether it lists skills, has a title and a text, and says where it is: only
    /// then its skills are known.
    pub complete: bool,
    /// Whether it says where it is, which are words of its text too.
    pub placed: bool,
    /// Whether vectors of both kinds can be compared.
    pub comparable: bool,
    /// Whether its kind can say that it is remote.
    pub can_be_remote: bool,
    /// Years of experience.
    pub years: Option<f64>,
    /// Ranks.
    pub ranks: Vec<u8>,
    /// Occupations.
    pub occupations: Vec<OccupationId>,
    /// The least degree wanted, the highest held.
    pub degree: Option<u8>,
    /// Languages.
    pub languages: Vec<Spoken>,
    /// The language it is written in, where it offers some: whoever it is about
    /// speaks it, however well.
    pub written: Option<String>,
    /// Certificates.
    pub certificates: Vec<Certificate>,
    /// Place.
    pub place: Option<PlaceFact>,
    /// Pay.
    pub pay: Option<PayFact>,
    /// From when, milliseconds since 1970.
    pub available: Option<f64>,
    /// How somebody is employed.
    pub contract: Vec<String>,
}

static OCCUPATIONS: LazyLock<HashMap<&'static str, OccupationId>> = LazyLock::new(|| {
    let all = Occupations::builtin().iter();
    all.map(|(id, occupation)| (occupation.title, id)).collect()
});

/// The occupation of O*NET's title.
pub(super) fn occupation(title: &str) -> Option<OccupationId> {
    OCCUPATIONS.get(title).copied()
}

impl SourceFacts {
    /// What a row of `source` says to rows of `target`.
    pub fn of(source: &Kind, target: &Kind, row: &Row) -> Self {
        let facts = source.facts();
        let number = |at: Option<usize>| match row.cells[at?] {
            Cell::Number(number) => Some(number),
            Cell::Unknown | Cell::Words(_) => None,
        };
        let list = |at: Option<usize>| match at.map(|at| &row.cells[at]) {
            Some(Cell::Words(words)) => words.as_slice(),
            Some(Cell::Unknown | Cell::Number(_)) | None => &[],
        };
        let role = |meaning| source.meaning(meaning).map_or(Role::Is, |field| field.role);
        let degrees = list(facts.degree)
            .iter()
            .filter_map(|word| words::degree(word));
        let listed = row.entries.iter().any(|entry| {
            entry.key().as_skill().is_some() && entry.payload() as u8 & Level::FOUND.0 == 0
        });
        let placed = facts.city.is_none_or(|city| {
            let cells = &row.cells[city..city + 5];
            cells.iter().any(|cell| *cell != Cell::Unknown)
        });
        let has = |group: Group| row.lengths[group as usize] > 0;
        let weighted = [
            (facts.languages, 1.0),
            (facts.languages_preferred, PREFERRED),
        ];
        let languages = weighted.into_iter().flat_map(|(at, weight)| {
            list(at).iter().map(move |shown| {
                let (name, level) = words::language(shown);
                Spoken {
                    name: name.to_lowercase(),
                    shown: shown.clone(),
                    level,
                    weight,
                }
            })
        });
        let weighted = [
            (facts.certificates, 1.0),
            (facts.certificates_preferred, PREFERRED),
        ];
        let certificates = weighted.into_iter().flat_map(|(at, weight)| {
            let named = move |name: &String| Certificate {
                name: name.clone(),
                weight,
            };
            let checked = role(Meaning::Certificates) == Role::Wants;
            let counts = move |name: &&String| !(checked && words::is_check(name));
            list(at).iter().filter(counts).map(named)
        });
        Self {
            written: row
                .language
                .and_then(|language| language_name(language.tag()))
                .filter(|_| role(Meaning::Languages) == Role::Offers)
                .map(str::to_lowercase),
            sides: Sides::of(source, target),
            columns: target.facts(),
            complete: listed && has(Group::Title) && has(Group::Text) && placed,
            placed,
            comparable: source.dimensions == target.dimensions,
            can_be_remote: facts.remote.is_some(),
            years: number(facts.years),
            ranks: (list(facts.seniority).iter())
                .filter_map(|word| words::rank(word))
                .collect(),
            occupations: (list(facts.occupation).iter())
                .filter_map(|title| occupation(title))
                .collect(),
            degree: if role(Meaning::Degree) == Role::Wants {
                degrees.min()
            } else {
                degrees.max()
            },
            languages: each_once(languages),
            certificates: certificates_once(certificates),
            place: place(source, row),
            pay: pay(source, row),
            available: number(facts.available),
            contract: list(facts.contract).to_vec(),
        }
    }
}

// Of the same language twice the higher level and the greater weight.
fn each_once(all: impl Iterator<Item = Spoken>) -> Vec<Spoken> {
    let mut kept: Vec<Spoken> = Vec::new();
    for one in all {
        match kept.iter_mut().find(|held| held.name == one.name) {
            Some(held) => {
                if one.level > held.level {
                    held.level = one.level;
                    held.shown = one.shown;
                }
                held.weight = held.weight.max(one.weight);
            }
            None => kept.push(one),
        }
    }
    // Sums do not depend on where a document says them.
    kept.sort_by(|a, b| a.name.cmp(&b.name));
    kept
}

fn certificates_once(all: impl Iterator<Item = Certificate>) -> Vec<Certificate> {
    let mut kept: Vec<Certificate> = Vec::new();
    for one in all {
        if !kept.iter().any(|held| words::same(&held.name, &one.name)) {
            kept.push(one);
        }
    }
    kept
}

fn cell(row: &Row, at: usize) -> (Option<f64>, Option<&String>) {
    match &row.cells[at] {
        Cell::Number(number) => (Some(*number), None),
        Cell::Words(words) => (None, words.first()),
        Cell::Unknown => (None, None),
    }
}

fn place(kind: &Kind, row: &Row) -> Option<PlaceFact> {
    let facts = kind.facts();
    let mut place = PlaceFact {
        remote: facts.remote.and_then(|at| cell(row, at).1.cloned()),
        ..PlaceFact::default()
    };
    if let Some(city) = facts.city {
        place.names =
            [0, 1, 2].map(|part| cell(row, city + part).1.map(|name| name.to_lowercase()));
        place.coordinates = cell(row, city + 3).0.zip(cell(row, city + 4).0);
    }
    Some(place).filter(|place| *place != PlaceFact::default())
}

fn pay(kind: &Kind, row: &Row) -> Option<PayFact> {
    let at = kind.facts().pay_min?;
    let (min, max) = (cell(row, at).0, cell(row, at + 1).0);
    (min.is_some() || max.is_some()).then(|| PayFact {
        min: min.unwrap_or(f64::NAN),
        max: max.unwrap_or(f64::NAN),
        currency: cell(row, at + 2).1.cloned(),
    })
}
