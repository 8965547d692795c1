//! Documents that say a random part of all that can be scored, in fields; their
//! prose and titles say no facts, so that a field that is left out is unknown.

use serde_json::{Map, Value, json};
use tandem_engine::{BoostRequest, Condition, Request, Source};

use crate::support::{NOW_MS, Rng};

const SKILLS: [&str; 14] = [
    "Python",
    "Java",
    "JavaScript",
    "React",
    "Kubernetes",
    "Docker",
    "PostgreSQL",
    "MySQL",
    "Triage",
    "Wound Care",
    "Welding",
    "Microsoft Excel",
    "Underwater Basketry",
    "Glass Whispering",
];
const TITLES: [&str; 10] = [
    "Software developer",
    "Data engineer",
    "Nurse",
    "Welder",
    "Accountant",
    "Software engineer",
    "Cook",
    "Sales representative",
    "Teacher",
    "Gardener",
];
const OCCUPATIONS: [&str; 6] = [
    "Software Developers",
    "Web Developers",
    "Registered Nurses",
    "Welders, Cutters, Solderers, and Brazers",
    "Accountants and Auditors",
    "Nobody's Work",
];
const WORDS: [&str; 20] = [
    "people", "garden", "river", "harbour", "machine", "colour", "letter", "window", "paper",
    "kitchen", "street", "friendly", "quiet", "careful", "python", "welding", "triage", "docker",
    "morning", "bridge",
];
const DEGREES: [&str; 5] = ["secondary", "vocational", "bachelor", "master", "doctorate"];
const RANKS: [&str; 9] = [
    "intern",
    "junior",
    "mid",
    "senior",
    "lead",
    "manager",
    "director",
    "executive",
    "wizard",
];
const CERTIFICATES: [&str; 5] = [
    "PMP",
    "CPA",
    "Registered Nurse",
    "AWS Cloud",
    "Crane Ticket",
];
const LANGUAGES: [&str; 9] = [
    "German",
    "German B1",
    "German native",
    "French",
    "French A2",
    "English C1",
    "English",
    "Dutch C2",
    "Klingon",
];
const CONTRACTS: [&str; 6] = [
    "full_time",
    "part_time",
    "permanent",
    "freelance",
    "Full-Time",
    "on a whim",
];
const PLACES: [&str; 5] = [
    "Berlin, Germany",
    "Potsdam, DE",
    "Germany",
    "London, UK",
    "Kleindorf",
];
const REMOTE: [&str; 3] = ["remote", "hybrid", "onsite"];

/// What a candidate says of what is wanted from one.
pub(crate) const CANDIDATE_OFFERS: [&str; 13] = [
    "headline",
    "skills",
    "years",
    "degree",
    "certificates",
    "languages",
    "seniority",
    "occupation",
    "location",
    "available_from",
    "rating",
    "ratings",
    "updated_at",
];
/// What a job says of what is wanted from one.
pub(crate) const JOB_OFFERS: [&str; 7] = [
    "pay",
    "location",
    "remote",
    "contract",
    "posted_at",
    "rating",
    "ratings",
];

fn some(rng: &mut Rng, of: &[&str], most: usize) -> Value {
    let mut list: Vec<&str> = of.to_vec();
    rng.shuffle(&mut list);
    list.truncate(1 + rng.below(most));
    json!(list)
}

pub(crate) fn prose(rng: &mut Rng, words: usize) -> String {
    let said: Vec<&str> = (0..words).map(|_| *rng.pick(&WORDS)).collect();
    format!("There is a {} there.", said.join(" and a "))
}

fn date(rng: &mut Rng) -> Value {
    json!(format!(
        "202{}-{:02}-{:02}",
        5 + rng.below(3),
        1 + rng.below(12),
        1 + rng.below(28)
    ))
}

fn pay(rng: &mut Rng) -> Value {
    let low = 20_000 + rng.below(80_000);
    let mut pay = json!({"min": low, "max": low + rng.below(30_000)});
    if rng.chance(15) {
        pay.as_object_mut()
            .unwrap()
            .remove(*rng.pick(&["min", "max"]));
    }
    if rng.chance(85) {
        pay["currency"] = json!(rng.pick(&["EUR", "USD", "JPY", "XTS"]));
    }
    pay
}

/// A candidate that says all there is to say.
pub(crate) fn whole_candidate(rng: &mut Rng, id: &str) -> Map<String, Value> {
    let document = json!({
        "id": id, "language": "en", "headline": rng.pick(&TITLES), "text": prose(rng, 24),
        "skills": some(rng, &SKILLS, 6), "years": rng.below(30), "degree": rng.pick(&DEGREES),
        "certificates": some(rng, &CERTIFICATES, 3), "languages": some(rng, &LANGUAGES, 4),
        "seniority": rng.pick(&RANKS), "occupation": some(rng, &OCCUPATIONS, 2),
        "location": rng.pick(&PLACES), "remote": rng.pick(&REMOTE), "pay_wanted": pay(rng),
        "open_to": some(rng, &CONTRACTS, 3), "available_from": date(rng),
        "rating": rng.below(51) as f64 / 10.0, "ratings": rng.below(200),
        "updated_at": date(rng),
    });
    document.as_object().unwrap().clone()
}

/// A job that says all there is to say.
pub(crate) fn whole_job(rng: &mut Rng, id: &str) -> Map<String, Value> {
    let document = json!({
        "id": id, "language": "en", "title": rng.pick(&TITLES), "description": prose(rng, 24),
        "skills": some(rng, &SKILLS, 5), "skills_preferred": some(rng, &SKILLS, 3),
        "years_min": rng.below(12), "degree": rng.pick(&DEGREES),
        "certificates": some(rng, &CERTIFICATES, 2),
        "certificates_preferred": some(rng, &CERTIFICATES, 2),
        "languages": some(rng, &LANGUAGES, 2), "languages_preferred": some(rng, &LANGUAGES, 2),
        "seniority": rng.pick(&RANKS), "occupation": some(rng, &OCCUPATIONS, 2),
        "location": rng.pick(&PLACES), "remote": rng.pick(&REMOTE), "pay": pay(rng),
        "contract": some(rng, &CONTRACTS, 2), "starts_at": date(rng),
        "rating": rng.below(51) as f64 / 10.0, "ratings": rng.below(200), "posted_at": date(rng),
    });
    document.as_object().unwrap().clone()
}

/// The document without a random part of these fields.
pub(crate) fn without(
    rng: &mut Rng,
    document: &Map<String, Value>,
    of: &[&str],
) -> Map<String, Value> {
    let mut less = document.clone();
    let share = rng.below(101);
    for field in of {
        if rng.chance(share) {
            less.remove(*field);
        }
    }
    // A title says an occupation too; another one would not be true.
    if (less.contains_key("headline") || less.contains_key("title"))
        && let Some(occupation) = document.get("occupation")
    {
        less.insert("occupation".into(), occupation.clone());
    }
    less
}

/// Any part of a document, down to nothing.
pub(crate) fn part(rng: &mut Rng, document: &Map<String, Value>) -> Map<String, Value> {
    let names: Vec<String> = document
        .keys()
        .filter(|name| *name != "id")
        .cloned()
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    without(rng, document, &names)
}

/// Wishes for the score: profile, weights, musts, boosts.
pub(crate) fn wishes(rng: &mut Rng, to: &str, request: &mut Request) {
    const MUSTS: [&str; 8] = [
        "certificates",
        "languages",
        "degree",
        "years",
        "skills.required",
        "remote",
        "pay",
        "contract",
    ];
    if rng.chance(50) {
        let profiles = tandem_engine::profiles::all();
        request.profile = Some(rng.pick(profiles).name.clone());
    }
    if rng.chance(30) {
        for component in tandem_engine::components::ALL {
            if rng.chance(40) {
                let weight = if rng.chance(30) {
                    0.0
                } else {
                    rng.below(1_001) as f64 / 10.0
                };
                request.weights.push((component.as_str().into(), weight));
            }
        }
    }
    if rng.chance(30) {
        let count = rng.below(3);
        request.musts = Some((0..count).map(|_| (*rng.pick(&MUSTS)).to_owned()).collect());
    }
    for at in 0..if rng.chance(30) { 1 + rng.below(4) } else { 0 } {
        request.boosts.push(boost(rng, to, at));
    }
}

fn boost(rng: &mut Rng, to: &str, at: usize) -> BoostRequest {
    let any = |value: &str| Condition {
        any: Some(vec![json!(value)]),
        include_unknown: false,
        ..Condition::default()
    };
    let filter = match rng.below(4) {
        0 => (
            "rating",
            Condition {
                gte: Some(json!(3)),
                ..Condition::default()
            },
        ),
        1 => ("location.country", any("DE")),
        2 => (
            if to == "jobs" { "contract" } else { "open_to" },
            any("full_time"),
        ),
        _ => (
            if to == "jobs" {
                "posted_at"
            } else {
                "updated_at"
            },
            Condition {
                gte: Some(json!("2026-06-01")),
                include_unknown: true,
                ..Condition::default()
            },
        ),
    };
    BoostRequest {
        label: format!("wish {at}"),
        points: rng.below(40_001) as i32 - 30_000,
        filters: vec![(filter.0.to_owned(), filter.1)],
    }
}

/// A document sent along.
pub(crate) fn inline(kind: &str, document: &Map<String, Value>, to: &str) -> Request {
    let source = Source::Inline {
        kind: kind.into(),
        document: Value::Object(document.clone()),
    };
    Request::new(source, Some(to.into()), NOW_MS)
}
