//! What each part of a match comes to: shares, unknowns, musts, adjustments,
//! boosts, whose wants were met.

use std::sync::Arc;

use serde_json::{Value, json};
use tandem_engine::{BoostRequest, Condition, Contribution, Hit, Request, Source, explain};
use tandem_index::{Kinds, Snapshot};

use crate::support::{NOW_MS, TINY, answer, ids, prepared, put, query, store};

fn world(documents: &[(&str, Value)]) -> Arc<Snapshot> {
    let kinds = Arc::new(Kinds::builtin());
    let writes = documents
        .iter()
        .map(|(kind, one)| put(&kinds, kind, one))
        .collect();
    store(&kinds, TINY, &prepared(&kinds, writes), 3).snapshot()
}

fn ask(kind: &str, document: &Value, to: &str) -> Request {
    let source = Source::Inline {
        kind: kind.into(),
        document: document.clone(),
    };
    let mut request = Request::new(source, Some(to.into()), NOW_MS);
    request.limit = 100;
    request
}

fn of<'h>(hit: &'h Hit, name: &str) -> Option<&'h Contribution> {
    hit.contributions.iter().find(|part| part.name == name)
}

// A job against a candidate, from the job's side.
fn pair(job: &Value, candidate: &Value, change: impl Fn(&mut Request)) -> Hit {
    let mut candidate = candidate.clone();
    candidate["id"] = json!("c");
    let other = json!({"id": "o", "headline": "Gardener", "text": "Roses and hedges.", "skills": ["Welding"]});
    let snapshot = world(&[("candidates", candidate), ("candidates", other)]);
    let mut request = ask("jobs", job, "candidates");
    change(&mut request);
    explain(&snapshot, &request, "candidates", "c").unwrap()
}

fn job() -> Value {
    json!({
        "title": "Data engineer", "description": "Pipelines.", "skills": ["Python", "Kubernetes"],
        "years_min": 4, "seniority": "senior", "degree": "bachelor", "languages": ["German C1"],
        "languages_preferred": ["French"], "certificates": ["PMP", "CPA"],
        "occupation": ["Software Developers"], "location": "Berlin, Germany", "remote": "onsite",
        "contract": ["full_time", "permanent"], "pay": {"min": 60_000, "max": 70_000, "currency": "EUR"},
        "starts_at": "2027-01-01"
    })
}

fn candidate() -> Value {
    json!({
        "headline": "Data engineer", "text": "Pipelines.", "skills": ["Python", "Kubernetes"],
        "years": 6, "seniority": "senior", "degree": "master",
        "languages": ["German native", "French A2"], "certificates": ["pmp", "CPA"],
        "occupation": ["Software Developers"], "location": "Berlin, Germany", "remote": "onsite",
        "open_to": ["permanent"], "pay_wanted": {"min": 65_000, "currency": "EUR"},
        "available_from": "2026-12-01", "updated_at": "2026-11-20", "rating": 4.5, "ratings": 400
    })
}

fn without(mut document: Value, fields: &[&str]) -> Value {
    for field in fields {
        document.as_object_mut().unwrap().remove(*field);
    }
    document
}

#[test]
fn who_meets_everything_has_it_all() {
    let hit = pair(&job(), &candidate(), |_| {});
    let all = [
        "title",
        "years",
        "seniority",
        "degree",
        "languages",
        "certificates",
        "place",
        "pay",
        "availability",
        "contract",
    ];
    for name in all {
        let part = of(&hit, name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!((part.points, part.unknown), (part.max, false), "{name}");
        assert_eq!((part.low, part.high), (part.points, part.points), "{name}");
    }
    let max = |name: &str| of(&hit, name).unwrap().max;
    assert_eq!(
        [
            "title",
            "years",
            "seniority",
            "degree",
            "languages",
            "certificates"
        ]
        .map(max),
        [180_000, 75_000, 45_000, 120_000, 80_000, 100_000]
    );
    assert_eq!(
        ["place", "pay", "availability", "contract"].map(max),
        [10_000, 10_000, 0, 0]
    );
    assert_eq!(hit.completeness, 100);
    assert_eq!((hit.low, hit.high), (hit.score, hit.score));
    assert!(hit.gates.is_empty() && !hit.insufficient_data);
    let two_way = hit.two_way.unwrap();
    // Pay, contract and remote work are the candidate's wants.
    assert_eq!(
        (two_way.document_wants.points, two_way.document_wants.max),
        (20_000, 20_000)
    );
    assert_eq!(two_way.source_wants.points + 20_000, hit.score as i32);
    let groups: Vec<&str> = hit.contributions.iter().map(|part| part.group).collect();
    for group in [
        "skills",
        "experience",
        "education",
        "certificates",
        "adjustment",
    ] {
        assert!(groups.contains(&group), "{group}");
    }
}

#[test]
fn what_is_not_said_is_unknown_and_open() {
    let cases = [
        ("years", &["years"][..], 75_000),
        ("seniority", &["seniority"], 45_000),
        ("degree", &["degree"], 120_000),
        ("languages", &["languages"], 80_000),
        ("certificates", &["certificates"], 100_000),
        ("title", &["headline", "occupation"], 180_000),
        ("availability", &["available_from"], 0),
        ("freshness", &["updated_at"], 10_000),
        ("rating", &["rating"], 10_000),
        ("place", &["location", "remote"], 10_000),
    ];
    for (name, fields, max) in cases {
        let hit = pair(&job(), &without(candidate(), fields), |_| {});
        let part = of(&hit, name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(
            (part.points, part.unknown, part.max),
            (0, true, max),
            "{name}"
        );
        assert_eq!((part.low, part.high), (part.min, part.max), "{name}");
        assert!(hit.low < hit.high, "{name}");
        let shares = part.min == 0 && max > 0;
        assert_eq!(
            hit.completeness < 100,
            shares,
            "{name}: {}",
            hit.completeness
        );
    }
    // From the other side it is the row that does not say.
    let snapshot = world(&[("jobs", {
        let mut job = without(job(), &["pay", "contract"]);
        job["id"] = json!("j");
        job
    })]);
    let hit = explain(
        &snapshot,
        &ask("candidates", &candidate(), "jobs"),
        "jobs",
        "j",
    )
    .unwrap();
    for (name, max) in [("pay", 10_000), ("contract", 0)] {
        let part = of(&hit, name).unwrap();
        assert_eq!(
            (part.points, part.unknown, part.max),
            (0, true, max),
            "{name}"
        );
    }
}

#[test]
fn what_nobody_wants_is_no_part() {
    let wants = [
        "years_min",
        "seniority",
        "degree",
        "languages",
        "languages_preferred",
        "certificates",
        "starts_at",
    ];
    let hit = pair(&without(job(), &wants), &candidate(), |_| {});
    for name in [
        "years",
        "seniority",
        "degree",
        "languages",
        "certificates",
        "availability",
    ] {
        assert_eq!(of(&hit, name), None, "{name}");
    }
    // Skills and experience share alone, 40 : 30, all of experience is the title.
    assert_eq!(of(&hit, "title").unwrap().max, 428_571);
    let hit = pair(
        &job(),
        &without(candidate(), &["pay_wanted", "open_to"]),
        |_| {},
    );
    assert_eq!((of(&hit, "pay"), of(&hit, "contract")), (None, None));
}

#[test]
fn levels_of_what_is_offered_count() {
    let share = |field: &str, value: Value, name: &str| {
        let mut candidate = candidate();
        candidate[field] = value;
        let hit = pair(&job(), &candidate, |_| {});
        let part = of(&hit, name).unwrap().clone();
        (
            (part.points * 1_000 + part.max / 2) / part.max,
            part.found,
            part.missing,
        )
    };
    assert_eq!(share("degree", json!("vocational"), "degree").0, 600);
    assert_eq!(share("degree", json!("secondary"), "degree").0, 200);
    assert_eq!(share("years", json!(1), "years").0, 250);
    assert_eq!(share("seniority", json!("junior"), "seniority").0, 500);
    assert_eq!(share("seniority", json!("executive"), "seniority").0, 0);
    // German is required (1), French welcome (½).
    assert_eq!(share("languages", json!(["German C1"]), "languages").0, 667);
    assert_eq!(
        share("languages", json!(["German B1", "French"]), "languages").0,
        600
    );
    assert_eq!(
        share("languages", json!(["German", "French"]), "languages").0,
        800
    );
    let (_, found, missing) = share("languages", json!(["French B2"]), "languages");
    assert_eq!(
        (found, missing),
        (vec!["French".to_owned()], vec!["German C1".to_owned()])
    );
    let (half, found, missing) = share("certificates", json!(["CPA"]), "certificates");
    assert_eq!(
        (half, found, missing),
        (500, vec!["CPA".to_owned()], vec!["PMP".to_owned()])
    );
    // No word of the title, but the occupation: related, of one group, of another.
    let kin = |occupation: &str| {
        let mut candidate = candidate();
        candidate["headline"] = json!("Gardener");
        candidate["occupation"] = json!([occupation]);
        let hit = pair(&job(), &candidate, |_| {});
        (of(&hit, "title").unwrap().points + 900) / 1_800
    };
    assert_eq!(kin("Software Developers"), 90);
    assert_eq!(kin("Registered Nurses"), 0);
    assert!((18..=54).contains(&kin("Web Developers")));
}

#[test]
fn a_skill_is_met_in_part_by_what_is_close_to_it() {
    let of_skills = |skills: Value| {
        let job =
            json!({"title": "Baker", "description": "Bread.", "skills": ["JavaScript", "Welding"]});
        let hit = pair(
            &job,
            &json!({"headline": "Cook", "text": "Soup.", "skills": skills}),
            |_| {},
        );
        of(&hit, "skills.required").unwrap().clone()
    };
    let whole = of_skills(json!(["JavaScript", "Welding"]));
    assert_eq!((whole.points, whole.found.len()), (whole.max, 2));
    let part = of_skills(json!(["React", "Welding"]));
    assert!(
        part.points > part.max * 9 / 10 && part.points < part.max,
        "{part:?}"
    );
    assert_eq!(part.partial[0].wanted, "JavaScript");
    assert_eq!(part.partial[0].held, "React");
    assert_eq!(
        (
            part.partial[0].percent,
            part.found.len(),
            part.missing.len()
        ),
        (89, 1, 0)
    );
    let none = of_skills(json!(["Triage"]));
    assert_eq!(
        (none.points, none.missing.len(), none.unknown),
        (0, 2, false)
    );
    // Who searches for a skill wants that one.
    let snapshot = world(&[(
        "candidates",
        json!({"id": "r", "headline": "React", "skills": ["React"]}),
    )]);
    let hit = explain(
        &snapshot,
        &query("JavaScript", "candidates"),
        "candidates",
        "r",
    )
    .unwrap();
    assert_eq!(of(&hit, "skills.required").unwrap().points, 0);
}

#[test]
fn text_and_vector_stand_in_for_what_is_not_listed() {
    let max = |job: &Value, name: &str| {
        let hit = pair(job, &candidate(), |_| {});
        of(&hit, name).map_or(0, |part| part.max)
    };
    let bare = json!({"title": "Helper", "description": "Roses."});
    let full = json!({
        "title": "Helper", "description": "Roses.",
        "skills": ["Python", "Kubernetes", "Triage", "Wound Care", "Java", "Docker", "React",
            "MySQL", "PostgreSQL", "Blueprint Reading", "JavaScript", "Glass Whispering",
            "Underwater Basketry", "Scala", "Kotlin", "Rust", "Perl"]
    });
    let group = 571_428 + 1;
    assert_eq!(
        max(&bare, "text.text") + max(&bare, "similarity"),
        group / 2
    );
    assert!((max(&bare, "text.text") * 8 - group / 2 * 3).abs() < 16);
    assert_eq!(max(&bare, "skills.required"), group - group / 2);
    assert_eq!(max(&full, "text.text") + max(&full, "similarity"), 0);
    assert_eq!(max(&full, "skills.required"), group);
}

#[test]
fn a_must_that_is_not_met_takes_all_points() {
    let gated = |change: Value, must: &str| {
        let mut candidate = candidate();
        for (field, value) in change.as_object().unwrap() {
            candidate[field] = value.clone();
        }
        pair(&job(), &candidate, |r| r.musts = Some(vec![must.into()]))
    };
    let cases = [
        (
            json!({"certificates": ["PMP"]}),
            "certificates",
            vec!["CPA"],
        ),
        (
            json!({"languages": ["German B2", "French"]}),
            "languages",
            vec!["German C1"],
        ),
        (json!({"degree": "vocational"}), "degree", vec!["bachelor"]),
        (json!({"years": 3.5}), "years", vec![]),
        (
            json!({"skills": ["Python"]}),
            "skills.required",
            vec!["Kubernetes"],
        ),
        (json!({"remote": "remote"}), "remote", vec![]),
        (
            json!({"pay_wanted": {"min": 71_000, "currency": "EUR"}}),
            "pay",
            vec![],
        ),
        (json!({"open_to": ["freelance"]}), "contract", vec![]),
    ];
    for (change, must, missing) in cases {
        let hit = gated(change, must);
        assert_eq!((hit.score, hit.low, hit.high), (0, 0, 0), "{must}");
        assert_eq!(hit.gates.len(), 1, "{must}");
        assert_eq!(
            (hit.gates[0].must, &hit.gates[0].missing),
            (must, &missing.iter().map(|m| (*m).to_owned()).collect())
        );
        assert!(!hit.gates[0].reason.is_empty());
        let gate = of(&hit, "gate").unwrap();
        let rest: i32 = hit
            .contributions
            .iter()
            .filter(|part| part.name != "gate")
            .map(|part| part.points)
            .sum();
        assert!(rest > 0 && gate.points == -rest, "{must}");
        let two_way = hit.two_way.unwrap();
        assert_eq!(
            (two_way.source_wants.points, two_way.document_wants.points),
            (0, 0)
        );
        // Met, it changes nothing.
        let met = gated(json!({}), must);
        assert_eq!(
            met.score,
            pair(&job(), &candidate(), |_| {}).score,
            "{must}"
        );
        assert_eq!(of(&met, "gate"), None);
    }
}

#[test]
fn a_must_that_is_not_known_takes_nothing_and_promises_nothing() {
    for (field, must) in [
        ("certificates", "certificates"),
        ("languages", "languages"),
        ("degree", "degree"),
        ("years", "years"),
        ("skills", "skills.required"),
    ] {
        let mut less = without(candidate(), &[field]);
        // Names no skill.
        less["headline"] = json!("Helper");
        let hit = pair(&job(), &less, |r| r.musts = Some(vec![must.into()]));
        assert!(
            hit.score > 0 && hit.low == 0 && hit.gates.is_empty(),
            "{must}"
        );
        assert_eq!(
            of(&hit, "gate").map(|part| (part.points, part.unknown)),
            Some((0, true))
        );
        assert_eq!(hit.score, pair(&job(), &less, |_| {}).score, "{must}");
    }
}

#[test]
fn gated_hits_stand_last_and_stay() {
    let mut documents = Vec::new();
    for at in 0..6 {
        let mut one = candidate();
        one["id"] = json!(format!("c{at}"));
        if at % 2 == 0 {
            one["certificates"] = json!(["Something else"]);
        }
        documents.push(("candidates", one));
    }
    let snapshot = world(&documents);
    let mut request = ask("jobs", &job(), "candidates");
    request.profile = Some("healthcare".into());
    let found = answer(&snapshot, &request);
    assert_eq!(ids(&found), ["c1", "c3", "c5", "c0", "c2", "c4"]);
    assert_eq!(
        found.applied["profile"],
        json!({"name": "healthcare", "version": 1})
    );
    assert_eq!(found.applied["musts"], json!(["certificates"]));
    assert_eq!(found.applied["weights"]["certificates"], json!(30.0));
    request.musts = Some(Vec::new());
    let found = answer(&snapshot, &request);
    assert!(
        found
            .hits
            .iter()
            .all(|hit| hit.score > 0 && hit.gates.is_empty())
    );
    assert_eq!(
        answer(&snapshot, &ask("jobs", &job(), "candidates")).applied["profile"]["name"],
        "default"
    );
    assert_eq!(
        answer(&snapshot, &query("data", "candidates")).applied["profile"]["name"],
        "search"
    );
}

#[test]
fn an_empty_profile_has_no_score() {
    for said in [
        json!({}),
        json!({"updated_at": "2026-11-19", "location": "Berlin", "rating": 5}),
    ] {
        let hit = pair(&job(), &said, |_| {});
        assert!(hit.insufficient_data, "{said}");
        assert_eq!((hit.score, hit.low, hit.completeness), (0, 0, 0), "{said}");
        assert_eq!(hit.high, 1_000_000, "{said}");
        assert!(
            hit.contributions
                .iter()
                .all(|part| part.unknown && part.points == 0)
        );
    }
    let hit = pair(&job(), &json!({"years": 9}), |_| {});
    assert!(!hit.insufficient_data && hit.score > 0);
}

#[test]
fn boosts_are_bounded_together() {
    let boost = |label: &str, points: i32, country: &str| BoostRequest {
        label: label.into(),
        points,
        filters: vec![(
            "location.country".into(),
            Condition {
                any: Some(vec![json!(country)]),
                ..Condition::default()
            },
        )],
    };
    // Not so good that it stands at the ceiling.
    let worse = without(candidate(), &["certificates"]);
    let hit = pair(&job(), &worse, |r| {
        r.boosts = vec![
            boost("a", 7_000, "DE"),
            boost("b", 7_000, "DE"),
            boost("abroad", 9_000, "FR"),
            boost("c", -20_000, "DE"),
            boost("d", -20_000, "DE"),
        ];
    });
    let points = |name: &str| of(&hit, name).map(|part| part.points);
    assert_eq!(points("boost:a"), Some(7_000));
    assert_eq!(points("boost:b"), Some(3_000));
    assert_eq!(
        (points("boost:c"), points("boost:d")),
        (Some(-20_000), Some(-10_000))
    );
    assert_eq!(points("boost:abroad").unwrap_or(0), 0);
    let plain = pair(&job(), &worse, |_| {});
    assert_eq!(hit.score, plain.score - 20_000);
    // Where a document does not say where it is, the boost is open.
    let less = pair(&job(), &without(candidate(), &["location"]), |r| {
        r.boosts = vec![boost("a", 7_000, "DE")];
    });
    let part = of(&less, "boost:a").unwrap();
    assert_eq!((part.points, part.low, part.high), (0, 0, 7_000));
}

#[test]
fn a_sum_below_nothing_is_lifted_to_the_floor() {
    let job = json!({"title": "Baker", "description": "Bread.", "location": "Berlin, Germany",
        "degree": "doctorate", "pay": {"max": 20_000, "currency": "EUR"}});
    let candidate = json!({"headline": "Welder", "degree": "secondary", "location": "Austin, TX",
        "pay_wanted": {"min": 90_000, "currency": "EUR"}, "updated_at": "2020-01-01"});
    let hit = pair(&job, &candidate, |_| {});
    let floor = of(&hit, "floor").unwrap();
    assert!(floor.points > 0 && hit.score == 0, "{hit:?}");
    let whole = pair(&self::job(), &self::candidate(), |r| {
        r.weights = vec![("skills".into(), 0.0)];
    });
    assert_eq!(whole.score, 1_000_000);
    assert!(of(&whole, "ceiling").unwrap().points < 0);
}
