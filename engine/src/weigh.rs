//! What of a request decides the score: profile, weights, musts, boosts. Owns
//! their checks and what of them is shown; what they do is the score's.

use serde_json::{Map, Value, json};
use tandem_index::kinds::{Kind, did_you_mean};

use crate::answer::Fault;
use crate::components::{ALL, BOOST_BOUNDS, Component, Weights};
use crate::filter::{Filter, compile, pointer};
use crate::profiles::{self, ALL_MUSTS, Must, Profile};
use crate::query::{BOOSTS_MAX, Boost, Query};
use crate::request::{BoostRequest, Request};

/// Longest label of a boost, in bytes.
pub const BOOST_LABEL_BYTES_MAX: usize = 80;

/// A request's checked wishes for the score.
pub(crate) struct Weighing {
    profile: &'static Profile,
    weights: Weights,
    musts: u8,
    boosts: Vec<Boost>,
}

impl Weighing {
    /// Reads them; every fault is reported.
    pub(crate) fn of(
        kind: &Kind,
        request: &Request,
        from_document: bool,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let profile = profile(request, from_document, faults);
        Self {
            profile,
            weights: weights(request, profile, from_document, faults),
            // Words have no wants; their `musts` are words.
            musts: if from_document {
                musts(request, profile, faults)
            } else {
                0
            },
            boosts: boosts(kind, request, faults),
        }
    }

    /// Makes them the query's.
    pub(crate) fn put(self, query: &mut Query, applied: &mut Map<String, Value>) {
        let shown = json!({"name": self.profile.name, "version": self.profile.version});
        applied.insert("profile".into(), shown);
        query.weights = self.weights;
        query.musts = self.musts;
        query.boosts = self.boosts;
    }
}

/// Shows what a query is scored by.
pub(crate) fn show(query: &Query, kind: &Kind, applied: &mut Map<String, Value>) {
    let weight = |component: Component| {
        let weight = query.weights[component as usize];
        (component.as_str().to_owned(), json!(weight))
    };
    let shown = ALL
        .into_iter()
        .filter(|component| uses(query, kind, *component));
    let shown: Map<String, Value> = shown.map(weight).collect();
    applied.insert("weights".into(), Value::Object(shown));
    if query.musts != 0 {
        let musts = ALL_MUSTS
            .into_iter()
            .filter(|must| query.musts & must.bit() != 0);
        let musts: Vec<&str> = musts.map(Must::as_str).collect();
        applied.insert("musts".into(), json!(musts));
    }
    if !query.boosts.is_empty() {
        let boosts = query.boosts.iter().map(|boost| {
            let filters: Map<String, Value> = boost.filters.iter().map(Filter::shown).collect();
            json!({"label": boost.label, "points": boost.points, "filters": filters})
        });
        let boosts: Vec<Value> = boosts.collect();
        applied.insert("boosts".into(), json!(boosts));
    }
}

// Whether a weight can make any difference to this query.
fn uses(query: &Query, kind: &Kind, component: Component) -> bool {
    if query.weights[component as usize] <= 0.0 {
        return false;
    }
    let facts = kind.facts();
    let sides = query.source.as_ref().map(|source| source.sides);
    let matches = sides.is_some();
    match component {
        Component::Text => !query.words.is_empty(),
        Component::Similarity => query.vector.is_some(),
        Component::Skills => matches || !query.asked.is_empty(),
        Component::StandIns | Component::Experience | Component::Title => matches,
        Component::Years => sides.is_some_and(|sides| sides.years.is_some()),
        Component::Seniority => sides.is_some_and(|sides| sides.seniority.is_some()),
        Component::Education => {
            sides.is_some_and(|sides| sides.degree.or(sides.languages).is_some())
        }
        Component::Degree => sides.is_some_and(|sides| sides.degree.is_some()),
        Component::Languages => sides.is_some_and(|sides| sides.languages.is_some()),
        Component::Certificates => sides.is_some_and(|sides| sides.certificates.is_some()),
        Component::Place => sides.is_some_and(|sides| sides.place.is_some()),
        Component::Pay => sides.is_some_and(|sides| sides.pay.is_some()),
        Component::Availability => sides.is_some_and(|sides| sides.available.is_some()),
        Component::Contract => sides.is_some_and(|sides| sides.contract.is_some()),
        Component::Freshness => facts.posted.is_some(),
        Component::Rating => facts.rating.is_some(),
    }
}

// The profile a request names, or the usual one.
fn profile(request: &Request, from_document: bool, faults: &mut Vec<Fault>) -> &'static Profile {
    let usual = if from_document {
        profiles::DEFAULT
    } else {
        profiles::SEARCH
    };
    let name = request.profile.as_deref().unwrap_or(usual);
    if let Some(profile) = profiles::named(name) {
        return profile;
    }
    let names = profiles::all().iter().map(|profile| profile.name.as_str());
    faults.push(Fault {
        pointer: "/profile".into(),
        code: "unknown_profile",
        detail: "there is no such profile of the score".into(),
        did_you_mean: did_you_mean(name, names),
    });
    &profiles::all()[0]
}

fn weights(
    request: &Request,
    profile: &Profile,
    from_document: bool,
    faults: &mut Vec<Fault>,
) -> Weights {
    let mut weights = if from_document {
        profile.matching
    } else {
        profile.search
    };
    for (name, weight) in &request.weights {
        match Component::from_name(name) {
            Some(component) if (0.0..=100.0).contains(weight) => {
                weights[component as usize] = *weight;
            }
            Some(_) => faults.push(Fault {
                pointer: pointer("weights", name),
                code: "invalid_request",
                detail: "a weight is 0 to 100".into(),
                did_you_mean: None,
            }),
            None => faults.push(Fault {
                pointer: pointer("weights", name),
                code: "unknown_member",
                detail: "no component of the score has this name".into(),
                // Contributions of the text name the field too: `text.title`.
                did_you_mean: name
                    .split_once('.')
                    .map(|(part, field)| if field == "title" { field } else { part })
                    .filter(|part| Component::from_name(part).is_some())
                    .map(str::to_owned)
                    .or_else(|| did_you_mean(name, ALL.into_iter().map(Component::as_str))),
            }),
        }
    }
    weights
}

// By bit.
fn musts(request: &Request, profile: &Profile, faults: &mut Vec<Fault>) -> u8 {
    let Some(given) = &request.musts else {
        return profile.musts.iter().fold(0, |all, must| all | must.bit());
    };
    let mut all = 0;
    for (at, name) in given.iter().enumerate() {
        match Must::from_name(name) {
            Some(must) => all |= must.bit(),
            None => faults.push(Fault {
                pointer: format!("/musts/{at}"),
                code: "unknown_member",
                detail: "nothing of this name can be a must".into(),
                did_you_mean: did_you_mean(name, ALL_MUSTS.into_iter().map(Must::as_str)),
            }),
        }
    }
    all
}

fn boosts(kind: &Kind, request: &Request, faults: &mut Vec<Fault>) -> Vec<Boost> {
    let mut refuse = |pointer: String, detail: String| {
        faults.push(Fault {
            pointer,
            code: "invalid_request",
            detail,
            did_you_mean: None,
        });
    };
    if request.boosts.len() > BOOSTS_MAX {
        refuse("/boosts".into(), format!("at most {BOOSTS_MAX} boosts"));
        return Vec::new();
    }
    let (low, high) = BOOST_BOUNDS;
    for (at, boost) in request.boosts.iter().enumerate() {
        let before = &request.boosts[..at];
        let label = boost.label.trim();
        if label.is_empty() || label.len() > BOOST_LABEL_BYTES_MAX {
            let what = format!("a label has 1 to {BOOST_LABEL_BYTES_MAX} bytes");
            refuse(format!("/boosts/{at}/label"), what);
        } else if before.iter().any(|held| held.label.trim() == label) {
            refuse(
                format!("/boosts/{at}/label"),
                "two boosts have this label".into(),
            );
        }
        if !(low..=high).contains(&boost.points) {
            let what = format!("a boost gives {low} to {high} points");
            refuse(format!("/boosts/{at}/points"), what);
        }
        if boost.filters.is_empty() {
            refuse(
                format!("/boosts/{at}/filters"),
                "a boost needs a filter".into(),
            );
        }
    }
    let compiled = request.boosts.iter().enumerate().map(|(at, boost)| {
        let BoostRequest {
            label,
            points,
            filters,
        } = boost;
        let filters = compile(kind, filters).unwrap_or_else(|found| {
            faults.extend(found.into_iter().map(|fault| Fault {
                pointer: format!("/boosts/{at}{}", fault.pointer),
                ..fault
            }));
            Vec::new()
        });
        let named = filters.iter().filter(|filter| filter.is_person());
        faults.extend(named.map(|filter| Fault {
            pointer: format!("/boosts/{at}{}", pointer("filters", &filter.shown().0)),
            code: "invalid_filter",
            detail: "a name finds a document and never scores it".into(),
            did_you_mean: None,
        }));
        Boost {
            label: label.trim().to_owned(),
            points: *points,
            filters,
        }
    });
    compiled.collect()
}
