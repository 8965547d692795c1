//! A kind is data: one that is added by file loads, searches, matches, ranks
//! and explains.

use std::sync::Arc;

use serde_json::{Value, json};
use tandem_engine::{FacetRequest, Request, Source, explain};
use tandem_index::{Kinds, StoreOptions};

use crate::support::{NOW_MS, answer, ids, prepared, put, query, store};

const COURSES: &str = r#"
[kinds.courses]
matches = "candidates"
display = ["title", "provider", "skills"]
facets = ["provider", "level", "skills"]

[kinds.courses.fields]
title = { type = "text", as = "title" }
provider = { type = "keyword", as = "name" }
description = { type = "text", as = "text" }
skills = { type = "skills", as = "skills", role = "offers" }
level = { type = "keyword", values = ["beginner", "advanced"] }
hours = { type = "number", unit = "hours" }
online = { type = "flag" }
starts = { type = "date", as = "posted" }
"#;

fn documents() -> [(&'static str, Value); 7] {
    [
        (
            "courses",
            json!({"id": "c-spark", "title": "Data pipelines", "provider": "Open School",
            "description": "Building streaming pipelines with hands-on labs.",
            "skills": ["Apache Spark", "Python"], "level": "advanced", "hours": 40, "online": true,
            "starts": "2026-12-01"}),
        ),
        (
            "courses",
            json!({"id": "c-triage", "title": "Emergency nursing", "provider": "Care College",
            "skills": ["Triage", "Wound Care"], "level": "beginner", "online": false}),
        ),
        (
            "courses",
            json!({"id": "c-welding", "title": "Welding for beginners",
            "skills": ["Welding", "Blueprint Reading"], "level": "beginner", "hours": 12}),
        ),
        (
            "jobs",
            json!({"id": "j-data", "title": "Data engineer", "description": "Streaming pipelines.",
            "skills": ["Apache Spark", "Python"]}),
        ),
        (
            "jobs",
            json!({"id": "j-nurse", "title": "Nurse", "description": "Night shifts in the ER.",
            "skills": ["Triage", "Wound Care"]}),
        ),
        (
            "candidates",
            json!({"id": "p-weld", "headline": "Welder", "skills": ["Welding"],
            "text": "Ten years of welding in shipyards, reading drawings."}),
        ),
        (
            "candidates",
            json!({"id": "p-nurse", "headline": "Emergency nurse", "skills": ["Triage"],
            "text": "Emergency nursing, wound care, triage."}),
        ),
    ]
}

fn from(kind: &str, id: &str, to: &str) -> Request {
    let source = Source::Stored {
        kind: kind.into(),
        id: id.into(),
    };
    Request::new(source, Some(to.into()), NOW_MS)
}

#[test]
fn courses_added_by_file_load_search_and_match() {
    let kinds =
        Arc::new(Kinds::parse(&format!("{}{COURSES}", tandem_index::kinds::BUILTIN)).unwrap());
    assert_eq!(kinds.len(), 3);
    let writes = documents()
        .iter()
        .map(|(kind, document)| put(&kinds, kind, document))
        .collect();
    let store = store(
        &kinds,
        StoreOptions::default(),
        &prepared(&kinds, writes),
        3,
    );
    let snapshot = store.snapshot();

    let mut search = query("welding", "courses");
    search.facets = vec![
        FacetRequest::new("level", 20),
        FacetRequest::new("online", 20),
        FacetRequest::new("hours", 20),
    ];
    search.fields = Some(vec!["title".into(), "hours".into()]);
    let found = answer(&snapshot, &search);
    assert_eq!(found.hits[0].id, "c-welding");
    assert_eq!(
        found.hits[0].document,
        json!({"title": "Welding for beginners", "hours": 12})
            .as_object()
            .unwrap()
            .clone()
    );
    assert_eq!(found.facets.len(), 3);

    // By what is taught, whichever side asks.
    let cases = [
        ("jobs", "j-data", "courses", "c-spark"),
        ("jobs", "j-nurse", "courses", "c-triage"),
        ("candidates", "p-weld", "courses", "c-welding"),
        ("candidates", "p-nurse", "courses", "c-triage"),
        ("courses", "c-spark", "jobs", "j-data"),
        ("courses", "c-triage", "candidates", "p-nurse"),
    ];
    for (kind, id, to, expected) in cases {
        let request = from(kind, id, to);
        let found = answer(&snapshot, &request);
        assert_eq!(ids(&found)[0], expected, "{kind} {id} to {to}");
        let explained = explain(&snapshot, &request, to, expected).unwrap();
        assert_eq!(explained, found.hits[0]);
    }
    let asked = answer(&snapshot, &from("jobs", "j-nurse", "courses"));
    let required = asked.hits[0]
        .contributions
        .iter()
        .find(|part| part.name == "skills.required")
        .unwrap();
    assert_eq!(
        (
            required.points,
            required.found.len(),
            required.missing.len()
        ),
        (required.max, 2, 0)
    );
    let by_default = Request {
        to: None,
        ..from("courses", "c-triage", "")
    };
    assert_eq!(answer(&snapshot, &by_default).hits[0].kind, "candidates");
}

#[test]
fn a_document_of_an_added_kind_is_checked_like_any_other() {
    let kinds = Kinds::parse(&format!("{}{COURSES}", tandem_index::kinds::BUILTIN)).unwrap();
    let cases = [
        (json!({"id": "c", "titel": "x"}), "/titel", "unknown_field"),
        (
            json!({"id": "c", "level": "expert"}),
            "/level",
            "invalid_value",
        ),
        (json!({"id": "c", "hours": "12"}), "/hours", "invalid_value"),
        (
            json!({"id": "c", "online": "yes"}),
            "/online",
            "invalid_value",
        ),
        (
            json!({"id": "c", "starts": "tomorrow"}),
            "/starts",
            "invalid_value",
        ),
        (json!({"title": "x"}), "/id", "invalid_id"),
    ];
    for (document, pointer, code) in cases {
        let refused = tandem_index::prepare(&kinds, put(&kinds, "courses", &document)).unwrap_err();
        let faults: Vec<(&str, &str)> = refused
            .faults
            .iter()
            .map(|f| (f.pointer.as_str(), f.code))
            .collect();
        assert_eq!(faults, [(pointer, code)], "{document}");
    }
}
