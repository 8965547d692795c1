//! What of a query is no fact, what passes a fact that was understood, and what
//! is said where nothing is found.

use std::sync::Arc;

use serde_json::{Value, json};
use tandem_engine::{Answer, Center, Near, Request, Syntax};
use tandem_index::snapshot::Snapshot;
use tandem_index::{Kinds, StoreOptions};

use crate::support::{self, answer, ids, prepared, put, store};

fn world(jobs: &[Value]) -> Arc<Snapshot> {
    let kinds = Arc::new(Kinds::builtin());
    let changes = jobs.iter().map(|job| put(&kinds, "jobs", job)).collect();
    let changes = prepared(&kinds, changes);
    store(&kinds, StoreOptions::default(), &changes, 50).snapshot()
}

fn query(q: &str) -> Request {
    let mut request = support::query(q, "jobs");
    request.reading.syntax = Syntax::Words;
    request
}

fn understood(answer: &Answer) -> Vec<String> {
    let list = answer.applied["understood"].as_array().unwrap();
    let text = |one: &Value| one["text"].as_str().unwrap().to_owned();
    list.iter().map(text).collect()
}

// In every document a word that begins with the name of a far city.
fn offices() -> Vec<Value> {
    let words = "Electrical manufacturing, uber, promethean, social agency, sources, baristas, \
        china, independent, shared, ukraine.";
    let mut jobs: Vec<Value> = (0..120)
        .map(|at| {
            let place = ["Paris, France", "Berlin, Germany"][at % 2];
            json!({"id": format!("j{at}"), "title": "Clerk", "description": words,
                "location": place})
        })
        .collect();
    let agen = "We work in Agen.";
    jobs.push(
        json!({"id": "agen", "title": "Cook", "description": agen, "location": "Agen, France"}),
    );
    jobs
}

#[test]
fn a_half_typed_word_is_no_place() {
    let snapshot = world(&offices());
    let begun = [
        "elec", "manuf", "ube", "prome", "soci", "agen", "sour", "baris", "chin", "inde", "shar",
    ];
    for name in begun {
        for q in [name.to_owned(), format!("clerk {name}")] {
            assert_eq!(understood(&answer(&snapshot, &query(&q))), [""; 0], "{q}");
        }
    }
    // A blank says that the word is whole: then only documents must be there.
    for (q, expected) in [
        ("agen ", vec!["agen"]),
        ("clerk paris ", vec!["paris"]),
        ("paris clerk", vec!["paris"]),
        ("baris ", vec![]),
        ("elec clerk", vec![]),
        ("tokyo ", vec![]),
        ("in tokyo", vec!["in tokyo"]),
        ("clerk indien", vec!["indien"]),
        ("clerk uk", vec!["uk"]),
    ] {
        assert_eq!(understood(&answer(&snapshot, &query(q))), expected, "{q}");
    }
}

#[test]
fn a_document_without_a_date_passes_no_date() {
    let job = |id: &str, posted: Option<&str>| {
        let text = "Engineer. Apply today, this month we hire.";
        json!({"id": id, "title": "Engineer", "description": text, "posted_at": posted})
    };
    let jobs = [
        job("none", None),
        job("new", Some("2026-11-20")),
        job("old", Some("2026-01-02")),
    ];
    let snapshot = world(&jobs);
    for q in ["engineer today", "engineer this month"] {
        assert_eq!(ids(&answer(&snapshot, &query(q))), ["new"], "{q}");
    }
}

#[test]
fn a_word_is_no_city_in_another_country() {
    let job = |id: &str, place: Option<&str>| {
        let text = "A nice team of developers.";
        json!({"id": id, "title": "Developer", "description": text, "location": place})
    };
    let jobs = [
        job("nowhere", None),
        job("france", Some("France")),
        job("states", Some("United States")),
        job("nice", Some("Nice, France")),
        job("berlin", Some("Berlin, Germany")),
        json!({"id": "other", "title": "Developer", "location": "France"}),
    ];
    let found = answer(&world(&jobs), &query("developer in nice"));
    assert_eq!(understood(&found), ["in nice"]);
    let mut found = ids(&found);
    found.sort();
    assert_eq!(found, ["france", "nice", "nowhere"]);
}

#[test]
fn an_empty_answer_says_which_part_it_comes_from() {
    let job = |id: &str, posted: &str, pay: u32| {
        let pay = json!({"min": pay, "max": pay, "currency": "EUR"});
        json!({"id": id, "title": "Rust engineer", "posted_at": posted, "pay": pay})
    };
    let jobs = [
        job("1", "2026-11-19", 50_000),
        job("2", "2026-11-18", 55_000),
        job("3", "2026-02-01", 95_000),
    ];
    let snapshot = world(&jobs);
    let q = "rust 80k last week";
    let found = answer(&snapshot, &query(q));
    assert_eq!(ids(&found), [""; 0]);
    assert_eq!(
        found.warnings,
        ["0 hits; without `80k` 2, without `last week` 1"]
    );
    assert_eq!(
        found.applied["without"],
        json!([
            {"parts": ["80k"], "q": "rust last week", "total": 2},
            {"parts": ["last week"], "q": "rust 80k", "total": 1},
        ])
    );
    // Neither helps alone.
    let neither = world(&[job("4", "2026-02-01", 50_000)]);
    let found = answer(&neither, &query(q));
    assert_eq!(found.warnings, ["0 hits; without `80k` and `last week` 1"]);
    let without = json!([{"parts": ["80k", "last week"], "q": "rust", "total": 1}]);
    assert_eq!(found.applied["without"], without);
    assert_eq!(
        ids(&answer(&neither, &query("rust"))),
        ["4"],
        "the query that is offered finds what it says"
    );
    let mut uncounted = query(q);
    uncounted.count = false;
    assert_eq!(answer(&snapshot, &uncounted).warnings, [""; 0]);
    assert_eq!(answer(&snapshot, &query("rust 80k")).warnings, [""; 0]);
}

#[test]
fn an_amount_is_in_the_currency_of_the_place() {
    let jobs: Vec<Value> = (0..6)
        .map(|at| {
            let place = ["Austin, TX", "Austin, TX", "Berlin, Germany"][at % 3];
            json!({"id": format!("j{at}"), "title": "Rust engineer", "location": place,
                "description": format!("In {place}."),
                "pay": {"min": 70_000, "max": 90_000, "currency": "USD"}})
        })
        .collect();
    let snapshot = world(&jobs);
    for (q, expected) in [
        ("rust 80k", "USD"),
        ("rust 80k berlin", "EUR"),
        ("germany 80k rust", "EUR"),
        ("rust 80k austin", "USD"),
        ("rust 80k berlin austin", "USD"),
        ("rust $80k berlin", "USD"),
    ] {
        let found = answer(&snapshot, &query(q));
        let list = found.applied["understood"].as_array().unwrap();
        let pay = list.iter().find(|one| one["as"] == "pay").unwrap();
        assert_eq!(pay["filter"]["pay"]["currency"], expected, "{q}");
    }
}

#[test]
fn a_place_has_one_name_everywhere() {
    let snapshot = world(&offices());
    for name in ["Berlin", "Paris"] {
        let said = answer(&snapshot, &query(&format!("clerk in {name}")));
        let mut request = query("clerk");
        request.near = Some(Near {
            center: Center::Place(name.into()),
            km: 50.0,
            include_unknown: false,
        });
        let asked = answer(&snapshot, &request).applied["near"]["place"].clone();
        assert!(asked.is_string());
        assert_eq!(said.applied["near"]["place"], asked);
        assert_eq!(said.applied["understood"][0]["near"]["place"], asked);
    }
    let berlin = &answer(&snapshot, &query("clerk in berlin")).applied["near"]["place"];
    assert_eq!(*berlin, "Berlin, DE");
}
