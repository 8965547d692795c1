//! Musts and gates, profiles, boosts, the ends of the scale, documents that say
//! nothing.

use std::sync::Arc;

use serde_json::{Value, json};
use tandem_engine::{BoostRequest, Condition, Contribution, Hit, Request, Source, explain};
use tandem_index::{Kinds, Snapshot};

use crate::support::{NOW_MS, TINY, answer, ids, prepared, put, query, store};

type Change = Box<dyn Fn(&mut Request)>;

pub(crate) fn world(documents: &[(&str, Value)]) -> Arc<Snapshot> {
    let kinds = Arc::new(Kinds::builtin());
    let writes = documents
        .iter()
        .map(|(kind, one)| put(&kinds, kind, one))
        .collect();
    store(&kinds, TINY, &prepared(&kinds, writes), 3).snapshot()
}

pub(crate) fn ask(kind: &str, document: &Value, to: &str) -> Request {
    let source = Source::Inline {
        kind: kind.into(),
        document: document.clone(),
    };
    let mut request = Request::new(source, Some(to.into()), NOW_MS);
    request.limit = 100;
    request
}

pub(crate) fn of<'h>(hit: &'h Hit, name: &str) -> Option<&'h Contribution> {
    hit.contributions.iter().find(|part| part.name == name)
}

// A job against a candidate, from the job's side.
pub(crate) fn pair(job: &Value, candidate: &Value, change: impl Fn(&mut Request)) -> Hit {
    let mut candidate = candidate.clone();
    candidate["id"] = json!("c");
    let other = json!({"id": "o", "headline": "Gardener", "text": "Roses and hedges.", "skills": ["Welding"]});
    let snapshot = world(&[("candidates", candidate), ("candidates", other)]);
    let mut request = ask("jobs", job, "candidates");
    change(&mut request);
    explain(&snapshot, &request, "candidates", "c").unwrap()
}

pub(crate) fn job() -> Value {
    json!({
        "title": "Data engineer", "description": "Pipelines.", "skills": ["Python", "Kubernetes"],
        "years_min": 4, "seniority": "senior", "degree": "bachelor", "languages": ["German C1"],
        "languages_preferred": ["French"], "certificates": ["PMP", "CPA"],
        "occupation": ["Software Developers"], "location": "Berlin, Germany", "remote": "onsite",
        "contract": ["full_time", "permanent"], "pay": {"min": 60_000, "max": 70_000, "currency": "EUR"},
        "starts_at": "2027-01-01"
    })
}

pub(crate) fn candidate() -> Value {
    json!({
        "headline": "Data engineer", "text": "Pipelines.", "skills": ["Python", "Kubernetes"],
        "years": 6, "seniority": "senior", "degree": "master",
        "languages": ["German native", "French A2"], "certificates": ["pmp", "CPA"],
        "occupation": ["Software Developers"], "location": "Berlin, Germany", "remote": "onsite",
        "open_to": ["permanent"], "pay_wanted": {"min": 65_000, "currency": "EUR"},
        "available_from": "2026-12-01", "updated_at": "2026-11-20", "rating": 4.5, "ratings": 400
    })
}

pub(crate) fn without(mut document: Value, fields: &[&str]) -> Value {
    for field in fields {
        document.as_object_mut().unwrap().remove(*field);
    }
    document
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

#[test]
fn wrong_wishes_for_the_score_are_named() {
    let snapshot = world(&[("candidates", json!({"id": "c", "headline": "Cook"}))]);
    let boost = |label: &str, points: i32, field: &str| BoostRequest {
        label: label.into(),
        points,
        filters: vec![(
            field.into(),
            Condition {
                any: Some(vec![json!("remote")]),
                ..Condition::default()
            },
        )],
    };
    let cases: [(Change, &str, Option<&str>); 7] = [
        (
            Box::new(|r| r.profile = Some("finanse".into())),
            "/profile",
            Some("finance"),
        ),
        (
            Box::new(|r| r.musts = Some(vec!["degree".into(), "certificate".into()])),
            "/musts/1",
            Some("certificates"),
        ),
        (
            Box::new(|r| r.weights = vec![("experiense".into(), 1.0)]),
            "/weights/experiense",
            Some("experience"),
        ),
        (
            Box::new(move |r| r.boosts = vec![boost("", 1, "remote")]),
            "/boosts/0/label",
            None,
        ),
        (
            Box::new(move |r| r.boosts = vec![boost("a", 1, "remote"), boost("a", 2, "remote")]),
            "/boosts/1/label",
            None,
        ),
        (
            Box::new(move |r| r.boosts = vec![boost("x", 10_001, "remote")]),
            "/boosts/0/points",
            None,
        ),
        (
            Box::new(move |r| r.boosts = vec![boost("x", -1, "remot")]),
            "/boosts/0/filters/remot",
            Some("remote"),
        ),
    ];
    for (change, pointer, meant) in cases {
        let mut request = ask("jobs", &job(), "candidates");
        change(&mut request);
        let failure = tandem_engine::answer(&snapshot, &request, &mut |_| {}).unwrap_err();
        let faults = failure.faults.iter();
        let faults: Vec<(&str, Option<&str>)> = faults
            .map(|fault| (fault.pointer.as_str(), fault.did_you_mean.as_deref()))
            .collect();
        assert_eq!(faults, [(pointer, meant)]);
    }
}
