//! The score on the wire: what of a request decides it, and what a hit says of
//! it. Owns the JSON shapes; the numbers are the engine's (docs/score.md).

use schemars::JsonSchema;
use serde::de::Deserializer;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tandem_engine::BoostRequest;
use tandem_engine::components::{ALL, Component};
use tandem_engine::profiles::{Must, Profile};

use super::filter::Filters;
use super::problem::{Code, Fault, Outcome, Refusal};
use crate::limits::{BOOST_LABEL_MAX, BOOSTS_MAX};

/// Points for the documents that pass filters.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"label": "preferred contractor", "filters": {"company": "ACME"}, "points": 5000}))]
pub struct Boost {
    /// Its name in answers (`boost:LABEL`), not the same twice.
    #[schemars(length(min = 1, max = 64))]
    pub label: String,
    /// Conditions on fields; all must hold.
    pub filters: Filters,
    /// What it gives; all boosts of a request together at most that much too.
    #[schemars(range(min = -30000, max = 10000))]
    pub points: i32,
}

/// Reads a list of objects that may be left out, or be null.
pub(super) fn boosts<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Vec<Boost>>, D::Error> {
    // What serde derives also takes a list of the members in order.
    struct One(Boost);
    impl<'de> Deserialize<'de> for One {
        fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
            super::members::object(reader).map(One)
        }
    }
    let list = Option::<Vec<One>>::deserialize(reader)?;
    Ok(list.map(|list| list.into_iter().map(|one| one.0).collect()))
}

impl Boost {
    /// The engine's boosts. Errors: too many, a label of the wrong length, and
    /// every condition that cannot be read.
    pub(super) fn requests(boosts: Vec<Self>) -> Outcome<Vec<BoostRequest>> {
        let invalid =
            |pointer: String, detail: String| Refusal::at(Code::InvalidRequest, pointer, detail);
        if boosts.len() > BOOSTS_MAX {
            let detail = format!("at most {BOOSTS_MAX} boosts");
            return Err(invalid("/boosts".to_owned(), detail));
        }
        let one = |(place, boost): (usize, Self)| {
            let at = format!("/boosts/{place}");
            let letters = boost.label.trim().chars().count();
            if !(1..=BOOST_LABEL_MAX).contains(&letters) {
                let detail = format!("a label has 1 to {BOOST_LABEL_MAX} characters");
                return Err(invalid(format!("{at}/label"), detail));
            }
            let filters = boost.filters.conditions().map_err(|faults| {
                let placed = faults.into_iter().map(|fault| Fault {
                    pointer: format!("{at}{}", fault.pointer),
                    ..fault
                });
                Refusal::because(placed.collect())
            })?;
            Ok(BoostRequest {
                label: boost.label,
                points: boost.points,
                filters,
            })
        };
        boosts.into_iter().enumerate().map(one).collect()
    }
}

/// A want that is met in part, by something close to it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(example = json!({"wanted": "PostgreSQL", "held": "MySQL", "percent": 50}))]
pub struct PartMet {
    /// What is wanted.
    pub wanted: String,
    /// What is held instead.
    pub held: String,
    /// How much of the want that meets, 1 to 99.
    pub percent: u8,
}

/// One part of a score.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(example = json!({"name": "skills.required", "group": "skills", "points": 120_000, "min": 0, "max": 240_000,
    "low": 120_000, "high": 120_000, "unknown": false, "found": ["Python"],
    "partial": [{"wanted": "PostgreSQL", "held": "MySQL", "percent": 50}], "missing": ["dbt"]}))]
pub struct Contribution {
    /// The component: `text.title`, `similarity`, `boost:LABEL`, …
    pub name: String,
    /// `skills`, `experience`, `education`, `certificates`; of a search `search`;
    /// `adjustment`, `limit`, `gate`.
    pub group: String,
    /// What it adds to the score, `min` to `max`; less than 0 takes.
    pub points: i32,
    /// The least it could have added for this query.
    pub min: i32,
    /// The most it could have added.
    pub max: i32,
    /// The least it can come to for this document when more is said.
    pub low: i32,
    /// The most.
    pub high: i32,
    /// Whether the document says nothing about it.
    pub unknown: bool,
    /// Names found, of those asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<String>,
    /// Names asked for that are met in part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partial: Vec<PartMet>,
    /// Names asked for and not found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// A must that is known not to be met.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(example = json!({"must": "certificates", "reason": "a required certificate is not among those held",
    "missing": ["CPA"]}))]
pub struct Gate {
    /// Which: `certificates`, `languages`, …
    pub must: String,
    /// Why it is not met, in words.
    pub reason: String,
    /// What is missing, where there are names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// What one side's wants came to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Wants {
    /// Points of the contributions that meet them.
    pub points: i32,
    /// The most these could have added.
    pub max: i32,
}

/// Whose wants were met how far; the points of both add up to the score.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(example = json!({"source_wants": {"points": 512_000, "max": 1_000_000},
    "document_wants": {"points": -12_000, "max": 20_000}}))]
pub struct TwoWay {
    /// What the source wants.
    pub source_wants: Wants,
    /// What the document wants.
    pub document_wants: Wants,
}

impl From<tandem_engine::Contribution> for Contribution {
    fn from(part: tandem_engine::Contribution) -> Self {
        let partial = part.partial.into_iter().map(|part| PartMet {
            wanted: part.wanted,
            held: part.held,
            percent: part.percent,
        });
        Self {
            name: part.name.into_owned(),
            group: part.group.to_owned(),
            points: part.points,
            min: part.min,
            max: part.max,
            low: part.low,
            high: part.high,
            unknown: part.unknown,
            found: part.found,
            partial: partial.collect(),
            missing: part.missing,
        }
    }
}

impl From<tandem_engine::Gate> for Gate {
    fn from(gate: tandem_engine::Gate) -> Self {
        Self {
            must: gate.must.to_owned(),
            reason: gate.reason,
            missing: gate.missing,
        }
    }
}

impl From<tandem_engine::TwoWay> for TwoWay {
    fn from(both: tandem_engine::TwoWay) -> Self {
        let wants = |wants: tandem_engine::Wants| Wants {
            points: wants.points,
            max: wants.max,
        };
        Self {
            source_wants: wants(both.source_wants),
            document_wants: wants(both.document_wants),
        }
    }
}

/// A profile of the score: named weights and musts.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Profile")]
pub struct WireProfile {
    /// Its name in `profile`.
    pub name: String,
    /// Raised with every change.
    pub version: u32,
    /// What it is for, in a line.
    pub why: String,
    /// How a match shares the million among its groups.
    pub groups: Shares,
    /// Component → weight of a match.
    pub weights: super::members::Weights,
    /// Component → weight of a search.
    pub search_weights: super::members::Weights,
    /// What takes all points where it is known not to be met.
    pub musts: Vec<String>,
}

/// Weights of the groups of a match.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(example = json!({"skills": 40, "experience": 30, "education": 20, "certificates": 10}))]
pub struct Shares {
    /// Skills, with text and similarity standing in for them.
    pub skills: f64,
    /// Title, years, seniority.
    pub experience: f64,
    /// Degree and languages.
    pub education: f64,
    /// Certificates and licences.
    pub certificates: f64,
}

/// The profiles of a server, by name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Profiles {
    /// Every profile.
    pub profiles: Vec<WireProfile>,
}

impl Profiles {
    /// Those of the engine.
    pub fn all() -> Self {
        let profiles = tandem_engine::profiles::all().iter();
        Self {
            profiles: profiles.map(WireProfile::from).collect(),
        }
    }
}

impl From<&Profile> for WireProfile {
    fn from(profile: &Profile) -> Self {
        let of = |component: Component| profile.matching[component as usize];
        let named = |weights: &tandem_engine::components::Weights, in_search: bool| {
            let shown = ALL
                .into_iter()
                .filter(|component| !in_search || is_of_search(*component));
            let shown = shown.map(|one| (one.as_str().to_owned(), weights[one as usize]));
            super::members::Weights(shown.collect())
        };
        Self {
            name: profile.name.clone(),
            version: profile.version,
            why: profile.why.clone(),
            groups: Shares {
                skills: of(Component::Skills),
                experience: of(Component::Experience),
                education: of(Component::Education),
                certificates: of(Component::Certificates),
            },
            weights: named(&profile.matching, false),
            search_weights: named(&profile.search, true),
            musts: profile
                .musts
                .iter()
                .map(|must| Must::as_str(*must).to_owned())
                .collect(),
        }
    }
}

// The others are of pairs of documents.
fn is_of_search(component: Component) -> bool {
    let names = [
        Component::Text,
        Component::Similarity,
        Component::Skills,
        Component::Freshness,
        Component::Rating,
    ];
    names.contains(&component)
}
