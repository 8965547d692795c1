//! Names and contacts of people are no words, no vector and no skill: swapping
//! them changes no score, and no search finds them.

use std::sync::Arc;

use serde_json::{Value, json};
use tandem_engine::{Request, Source};
use tandem_index::{Kinds, StoreOptions};

use crate::support::{NOW_MS, answer, prepared, put, query, store};

struct Person {
    name: Value,
    in_text: &'static str,
    email: &'static str,
    phone: &'static str,
    words: &'static [&'static str],
}

const CASES: usize = 3;

fn people() -> [Person; CASES] {
    [
        Person {
            name: json!("Ottoline Vanterpool"),
            in_text: "Ottoline Vanterpool",
            email: "ottoline@vanterpool.example",
            phone: "+49 30 5550 1234",
            words: &["ottoline", "vanterpool"],
        },
        Person {
            name: json!("Java Cook"),
            in_text: "Java Cook",
            email: "java.cook@mail.example",
            phone: "(555) 123-4567",
            words: &["cook"],
        },
        Person {
            name: json!("Żaneta Brzęczyszczykiewicz-Ødegård"),
            in_text: "Żaneta Brzęczyszczykiewicz-Ødegård",
            email: "z@b.example",
            phone: "0151 2345678901",
            words: &["brzeczyszczykiewicz", "odegard"],
        },
    ]
}

fn candidate(person: &Person) -> Value {
    let Person {
        in_text,
        email,
        phone,
        ..
    } = person;
    let text = format!(
        "{in_text}\n{email} | {phone}\n\nSummary\nNurse with ten years in emergency rooms, triage and wound care.\n\
         Experience\nHead nurse at the city hospital. {in_text} led a team of twelve and trained new staff in Excel.\n"
    );
    json!({
        "id": "p",
        "headline": format!("Emergency nurse {in_text}"),
        "text": text,
        "skills": ["Triage"],
        "name": person.name,
        "email": email,
        "phone": phone,
        "links": [format!("https://people.example/{email}")],
    })
}

fn others() -> Vec<(&'static str, Value)> {
    vec![
        (
            "candidates",
            json!({"id": "q", "headline": "Cook", "text": "Cook in hotels, menus and banquets."}),
        ),
        (
            "jobs",
            json!({"id": "nurse", "title": "Emergency nurse", "skills": ["Triage"],
            "description": "Triage and wound care in the emergency room. Excel."}),
        ),
        (
            "jobs",
            json!({"id": "java", "title": "Java cook", "skills": ["Java"], "description": "Java all day."}),
        ),
    ]
}

#[test]
fn a_swapped_name_changes_no_score_and_no_search_finds_it() {
    let kinds = Arc::new(Kinds::builtin());
    let answers = people().map(|person| {
        let document = candidate(&person);
        let mut writes = vec![put(&kinds, "candidates", &document)];
        writes.extend(
            others()
                .iter()
                .map(|(kind, document)| put(&kinds, kind, document)),
        );
        let store = store(
            &kinds,
            StoreOptions::default(),
            &prepared(&kinds, writes),
            10,
        );
        let snapshot = store.snapshot();
        let statistics = &snapshot
            .collection(kinds.get("candidates").unwrap().id)
            .statistics;
        let held: Vec<&str> = person
            .words
            .iter()
            .copied()
            .filter(|word| *word != "cook")
            .filter(|word| statistics.frequency(tandem_index::analysis::TermKey::of(word)) > 0)
            .collect();
        assert!(held.is_empty(), "{held:?} are words of the index");
        for word in person.words {
            let found = answer(&snapshot, &query(&format!("+{word}"), "candidates"));
            assert!(
                found.hits.iter().all(|hit| hit.id != "p"),
                "{word} finds the person"
            );
        }
        let inline = Source::Inline {
            kind: "candidates".into(),
            document: document.clone(),
        };
        let stored = |kind: &str, id: &str| Source::Stored {
            kind: kind.into(),
            id: id.into(),
        };
        let mut scores = Vec::new();
        for (source, to) in [
            (inline, "jobs"),
            (stored("candidates", "p"), "jobs"),
            (stored("jobs", "nurse"), "candidates"),
            (stored("jobs", "java"), "candidates"),
        ] {
            let mut request = Request::new(source, Some(to.into()), NOW_MS);
            request.fields = Some(Vec::new());
            scores.push(answer(&snapshot, &request).hits);
        }
        scores
    });
    for other in &answers[1..] {
        assert_eq!(*other, answers[0], "a name changed a score");
    }
}

#[test]
fn private_values_that_overlap_are_cut_whole() {
    let kinds = Arc::new(Kinds::builtin());
    let document = json!({
        "id": "p",
        "headline": "Nurse Xanthippe Quackenbush",
        "text": "Summary\nXanthippe Quackenbush is a nurse, and Xanthippe likes to lead.",
        "name": {"given": "Xanthippe", "full": "Xanthippe Quackenbush"},
    });
    let changes = prepared(&kinds, vec![put(&kinds, "candidates", &document)]);
    let store = store(&kinds, StoreOptions::default(), &changes, 1);
    let snapshot = store.snapshot();
    let statistics = &snapshot
        .collection(kinds.get("candidates").unwrap().id)
        .statistics;
    for (word, expected) in [("xanthippe", 0), ("quackenbush", 0), ("nurse", 1)] {
        let held = statistics.frequency(tandem_index::analysis::TermKey::of(word));
        assert_eq!(held, expected, "{word}");
    }
}
