//! A name is found by the exact filter alone, and a blind answer has none.

use std::sync::Arc;

use serde_json::{Value, json};
use tandem_engine::{BoostRequest, Condition, FacetRequest, Request, Source, Syntax};
use tandem_index::{Kinds, Snapshot, StoreOptions};

use crate::support::{NOW_MS, TINY, answer, delete, ids, merge, prepared, put, query, store};

fn people() -> Vec<Value> {
    vec![
        json!({
            "id": "1", "headline": "Nurse Zoë Quackenbush, 34 years old", "name": "Zoë  Quackenbush",
            "email": "zoe@mail.example", "phone": "+49 30 5550 1234", "photo": "https://cdn.example/z.jpg",
            "text": "Zoë Quackenbush\nzoe@mail.example | +49 30 5550 1234\nAge: 34\nGender: female\n\
                Date of birth: 12 May 1988\nSummary\nZOE QUACKENBUSH is a nurse with triage skills.\n\
                Experience\nCity Hospital 2012 - 2019 Head Nurse\nTriage and wound care.\n\
                Education\nBachelor of Nursing, June 2010, State University",
            "education": ["Bachelor of Nursing 2010", "High School 2006"],
            "experience": [{"title": "Head Nurse", "company": "City Hospital", "from": "2012", "to": "2019",
                "text": "Ms. Quackenbush led triage."}],
            "skills": ["Triage"], "source": "sent by Zoë Quackenbush",
        }),
        json!({"id": "2", "headline": "Nurse", "name": {"given": "John", "family": "Doe"}, "text": "Triage in wards."}),
        json!({"id": "3", "headline": "Cook", "name": ["Jane Doe", "Jane Roe"], "text": "Menus."}),
        json!({"id": "4", "headline": "Cook", "text": "Menus and banquets."}),
    ]
}

fn snapshot() -> (Arc<Kinds>, Arc<Snapshot>) {
    let kinds = Arc::new(Kinds::builtin());
    let writes = people()
        .iter()
        .map(|one| put(&kinds, "candidates", one))
        .collect();
    let store = store(
        &kinds,
        StoreOptions::default(),
        &prepared(&kinds, writes),
        2,
    );
    (kinds, store.snapshot())
}

fn named(name: &str) -> Request {
    let condition = Condition {
        any: Some(vec![json!(name)]),
        ..Condition::default()
    };
    let mut request = query("", "candidates");
    request.filters = vec![("name".into(), condition)];
    request
}

#[test]
fn a_person_is_found_by_the_whole_name() {
    let (_, snapshot) = snapshot();
    for (name, expected) in [
        ("Zoë Quackenbush", &["1"][..]),
        ("zoe quackenbush", &["1"]),
        ("  ZOE   QUACKENBUSH ", &["1"]),
        ("Quackenbush", &[]),
        ("Zoe Quackenbus", &[]),
        ("Zoe Q*", &[]),
        ("John Doe", &["2"]),
        ("John", &[]),
        ("Jane Doe", &["3"]),
        ("jane roe", &["3"]),
        ("Doe", &[]),
    ] {
        let found = answer(&snapshot, &named(name));
        assert_eq!(ids(&found), expected, "{name}");
        assert!(found.warnings.is_empty(), "{name}: {:?}", found.warnings);
    }
}

#[test]
fn a_name_is_good_for_nothing_but_its_filter() {
    let (_, snapshot) = snapshot();
    let mut asked: Vec<(&str, Request)> = Vec::new();
    let mut ask = |what: &'static str, change: &dyn Fn(&mut Request)| {
        let mut request = query("", "candidates");
        change(&mut request);
        asked.push((what, request));
    };
    ask("facet", &|request| {
        request.facets = vec![FacetRequest::new("name", 10)];
    });
    ask("facet search", &|request| {
        let mut facet = FacetRequest::new("name", 10);
        facet.search = Some("zo".into());
        request.facets = vec![facet];
    });
    ask("sort", &|request| request.sort = vec!["-name".into()]);
    ask("max_per", &|request| {
        request.max_per = Some(("name".into(), 1));
    });
    let of = |condition: Condition| {
        move |request: &mut Request| request.filters = vec![("name".into(), condition.clone())]
    };
    let name = || vec![json!("Zoe Quackenbush")];
    ask(
        "none",
        &of(Condition {
            none: name(),
            ..Condition::default()
        }),
    );
    ask(
        "all",
        &of(Condition {
            all: name(),
            ..Condition::default()
        }),
    );
    ask(
        "range",
        &of(Condition {
            gte: Some(json!("A")),
            ..Condition::default()
        }),
    );
    ask(
        "unknown",
        &of(Condition {
            any: Some(name()),
            include_unknown: true,
            ..Condition::default()
        }),
    );
    ask(
        "number",
        &of(Condition {
            any: Some(vec![json!(1)]),
            ..Condition::default()
        }),
    );
    for (what, q) in [
        ("words", "name:Quackenbush"),
        ("must", "+name:quackenbush"),
        ("phrase", "name:\"Zoe Quackenbush\""),
        ("boolean", "name:zoe OR nurse"),
        ("not", "nurse AND NOT name:\"zoe quackenbush\""),
    ] {
        asked.push((what, query(q, "candidates")));
    }
    let mut strict = query("name:\"Zoe Quackenbush\"", "candidates");
    strict.reading.syntax = Syntax::Boolean;
    asked.push(("strict", strict));
    for (what, request) in asked {
        let failure = tandem_engine::answer(&snapshot, &request, &mut |_| {}).unwrap_err();
        assert!(failure.to_string().contains("name"), "{what}: {failure}");
        assert!(
            failure.faults[0].did_you_mean.is_none(),
            "{what}: {failure:?}"
        );
    }
    // A kind without such a field says what it has.
    let mut jobs = named("Jane Doe");
    jobs.to = Some("jobs".into());
    let failure = tandem_engine::answer(&snapshot, &jobs, &mut |_| {}).unwrap_err();
    assert_eq!(failure.faults[0].code, "unknown_field");
    // A name misspelt in the filter's own name is asked about.
    let mut misspelt = named("Jane Doe");
    misspelt.filters[0].0 = "nmae".into();
    let failure = tandem_engine::answer(&snapshot, &misspelt, &mut |_| {}).unwrap_err();
    assert_eq!(failure.faults[0].did_you_mean.as_deref(), Some("name"));
    // No words, no suggestions of it.
    for q in ["quackenbush", "zoe", "roe"] {
        let found = answer(&snapshot, &query(&format!("+{q}"), "candidates"));
        assert!(found.hits.is_empty(), "{q}");
    }
}

#[test]
fn a_replaced_or_deleted_name_finds_nobody() {
    let kinds = Arc::new(Kinds::builtin());
    let writes = people()
        .iter()
        .map(|one| put(&kinds, "candidates", one))
        .collect();
    let mut changes = prepared(&kinds, writes);
    let other = json!({"id": "1", "headline": "Nurse", "name": "Ann Other"});
    changes.extend(prepared(
        &kinds,
        vec![
            put(&kinds, "candidates", &other),
            delete(&kinds, "candidates", "3"),
        ],
    ));
    let mut store = store(&kinds, TINY, &changes, 1);
    for merged in [false, true] {
        let snapshot = store.snapshot();
        for (name, expected) in [
            ("Zoe Quackenbush", &[][..]),
            ("Jane Doe", &[]),
            ("ann other", &["1"]),
            ("John Doe", &["2"]),
        ] {
            assert_eq!(
                ids(&answer(&snapshot, &named(name))),
                expected,
                "{name} {merged}"
            );
        }
        merge(&mut store);
    }
}

fn shown(request: &Request) -> Vec<Value> {
    let (_, snapshot) = snapshot();
    let hits = answer(&snapshot, request).hits;
    hits.into_iter()
        .map(|hit| json!({"id": hit.id, "document": hit.document, "highlights": hit.highlights}))
        .collect()
}

#[test]
fn a_blind_answer_shows_no_person() {
    let mut request = query("nurse quackenbush triage zoe", "candidates");
    request.fields = Some(vec!["*".into()]);
    request.highlight = true;
    let open = json!(shown(&request)).to_string().to_lowercase();
    assert!(open.contains("quackenbush") && open.contains("1988"));
    request.blind = true;
    let hits = shown(&request);
    let blind = json!(hits).to_string();
    for private in [
        "quackenbush",
        "zoe",
        "zoë",
        "mail.example",
        "5550",
        "1988",
        "34",
        "female",
        "2010",
        "2006",
        "cdn.example",
        "z.jpg",
    ] {
        assert!(
            !blind.to_lowercase().contains(private),
            "{private} in {blind}"
        );
    }
    let first = &hits.iter().find(|hit| hit["id"] == "1").unwrap()["document"];
    for field in ["name", "email", "phone", "photo", "subject"] {
        assert!(first.get(field).is_none(), "{field}");
    }
    let text = first["text"].as_str().unwrap();
    for kept in [
        "[name]",
        "[contact]",
        "[date]",
        "City Hospital 2012 - 2019 Head Nurse",
        "Bachelor of Nursing",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert_eq!(first["experience"][0]["from"], "2012");
    assert_eq!(first["experience"][0]["text"], "[name] led triage.");
    assert_eq!(
        first["education"],
        json!(["Bachelor of Nursing [date]", "High School [date]"])
    );
    assert_eq!(first["skills"], json!(["Triage"]));
}

#[test]
fn blind_changes_what_is_shown_and_no_score() {
    let (_, snapshot) = snapshot();
    let source = Source::Stored {
        kind: "candidates".into(),
        id: "1".into(),
    };
    for source in [source, query("nurse triage", "candidates").source] {
        let mut request = Request::new(source, Some("candidates".into()), NOW_MS);
        request.fields = Some(Vec::new());
        let open = answer(&snapshot, &request).hits;
        request.blind = true;
        assert_eq!(answer(&snapshot, &request).hits, open);
    }
    let mut request = named("Jane Doe");
    request.blind = true;
    let failure = tandem_engine::answer(&snapshot, &request, &mut |_| {}).unwrap_err();
    assert_eq!(failure.faults[0].pointer, "/filters/name");
    assert!(failure.to_string().contains("blind"));
}

#[test]
fn a_name_scores_nobody() {
    let (_, snapshot) = snapshot();
    let mut request = query("nurse", "candidates");
    request.boosts = vec![BoostRequest {
        label: "known".into(),
        points: 10_000,
        filters: named("Zoë Quackenbush").filters,
    }];
    let refused = tandem_engine::answer(&snapshot, &request, &mut |_| {}).unwrap_err();
    let fault = &refused.faults[0];
    assert_eq!(
        (fault.pointer.as_str(), fault.code),
        ("/boosts/0/filters/name", "invalid_filter")
    );
}
