//! Names swapped in real CVs: whoever stands in a CV, its words, skills, vector and
//! so its scores are the same. Names of many origins, each of five places a name
//! stands in. CVs whose score changes are listed.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::{Value, json};
use tandem_engine::{Request, Scope, Source};
use tandem_index::document::Document;
use tandem_index::row::{Row, analyse};
use tandem_index::{Kinds, StoreOptions};

use crate::corpus::{real_candidates, real_jobs};
use crate::support::{NOW_MS, answer, prepared, put, store};

/// The first is what the others are held against.
const NAMES: [&str; 26] = [
    "Jane Doe",
    "Michael O'Connor",
    "Jürgen Müller-Lüdenscheidt",
    "Anke Schröder",
    "Ayşe Yılmaz",
    "Mehmet Öztürk",
    "Rahul Venkatesan",
    "Priya Raghunathan",
    "Zhang Wei",
    "王小明",
    "Mohammed bin Rashid Al-Farsi",
    "فاطمة الزهراء",
    "Grzegorz Brzęczyszczykiewicz",
    "Żaneta Wójcik",
    "María José García López",
    "João da Silva",
    "Oluwaseun Adebayo",
    "Chidinma Okonkwo-Eze",
    "Nguyễn Thị Minh Khai",
    "Trần Văn Đức",
    "Kim Min-jun",
    "Иван Петров",
    "Jean-Baptiste Lefèvre",
    "Björn Þórsson",
    "राहुल शर्मा",
    "Grace Mason",
];

const PLACES: [&str; 5] = [
    "first line",
    "`Name:` line",
    "contact block",
    "sentence",
    "last line",
];

/// Every so many of the real CVs; so many names in each of its places.
const STEP: usize = 10;
const NAMES_EACH: usize = 4;

/// A CV with a name in one of the places, in one of the forms it has there.
fn with_name(text: &str, place: usize, form: usize, name: &str) -> String {
    let (head, rest) = text.split_once('\n').unwrap_or((text, ""));
    match (place, form % 3) {
        (0, _) => format!("{name}\n{text}"),
        (1, 0) => format!("{head}\nName: {name}\n{rest}"),
        (1, 1) => format!("Full Name : {name}\n{text}"),
        (1, _) => format!("{head}\nName - {name}\n{rest}"),
        (2, 0) => format!("{head}\n{name} | (555) 123-4567 | mail@example.org\n{rest}"),
        (2, 1) => format!("{text}\nContact\n{name}\n12 Main Street\n+49 30 5550 1234\n"),
        (2, _) => format!("{name}\n12 Main Street, Springfield\nmail@example.org\n{text}"),
        (3, 0) => format!(
            "{head}\nSummary\n{name} is an accountant with ten years of experience.\n{rest}"
        ),
        (3, 1) => {
            format!("{head}\nMy name is {name}, and I have worked in this field for years.\n{rest}")
        }
        (3, _) => format!(
            "{head}\nProfile\nReliable and quick. {name} has over 12 years of experience in teams.\n{rest}"
        ),
        (_, 0) => format!("{text}\nSincerely,\n{name}"),
        (_, 1) => format!("{text}\n{name}"),
        (_, _) => format!("{text}\nReferences: {name}, former manager, (555) 987-6543"),
    }
}

fn row(kinds: &Kinds, document: &Value) -> Row {
    let kind = kinds.get("candidates").unwrap();
    analyse(
        kind,
        Document::parse(kind, document.clone(), None, true).unwrap(),
    )
}

/// All of a row that a score can see.
fn same(a: &Row, b: &Row) -> bool {
    a.entries == b.entries
        && a.tokens == b.tokens
        && a.lengths == b.lengths
        && a.cells == b.cells
        && a.vector == b.vector
        && a.language == b.language
        && a.title == b.title
}

struct Changed {
    id: String,
    place: usize,
    name: &'static str,
    document: Value,
    twin: Value,
}

/// The swaps of one CV after which its row is another one.
fn swaps(kinds: &Kinds, at: usize, candidate: &Value) -> Vec<Changed> {
    let text = candidate["text"].as_str().unwrap_or("");
    let mut changed = Vec::new();
    for place in 0..PLACES.len() {
        let form = at / NAMES.len() + at;
        let document = |name: &str| {
            let mut document = candidate.clone();
            document["text"] = json!(with_name(text, place, form, name));
            document
        };
        let first = document(NAMES[0]);
        let held = row(kinds, &first);
        for step in 0..NAMES_EACH {
            let name = NAMES[1 + (at * NAMES_EACH + place * 7 + step) % (NAMES.len() - 1)];
            let other = document(name);
            if !same(&held, &row(kinds, &other)) {
                changed.push(Changed {
                    id: candidate["id"].as_str().unwrap_or("").to_owned(),
                    place,
                    name,
                    document: first.clone(),
                    twin: other,
                });
            }
        }
    }
    changed
}

#[test]
fn a_swapped_name_changes_no_score_of_a_real_cv() {
    let test = "did not run";
    let Some(candidates) = real_candidates(test) else {
        return;
    };
    let Some(jobs) = real_jobs(test, 3_300) else {
        return;
    };
    let kinds = Arc::new(Kinds::builtin());
    let writes = jobs.iter().map(|job| put(&kinds, "jobs", job)).collect();
    let snapshot = store(
        &kinds,
        StoreOptions::default(),
        &prepared(&kinds, writes),
        100,
    )
    .snapshot();
    let chosen: Vec<&Value> = candidates.iter().step_by(STEP).collect();
    let changed: Vec<Changed> = chosen
        .par_iter()
        .enumerate()
        .flat_map_iter(|(at, candidate)| swaps(&kinds, at, candidate))
        .collect();
    let scores = |document: &Value| {
        let source = Source::Inline {
            kind: "candidates".into(),
            document: document.clone(),
        };
        let mut request = Request::new(source, Some("jobs".into()), NOW_MS);
        request.scope = Scope::All;
        request.fields = Some(Vec::new());
        answer(&snapshot, &request).hits
    };
    let mut listed: BTreeSet<&str> = BTreeSet::new();
    for one in &changed {
        if scores(&one.document) != scores(&one.twin) {
            let (id, place, name) = (&one.id, PLACES[one.place], one.name);
            eprintln!("{test}: {id} has another score with {name:?} in its {place}");
            listed.insert(&one.id);
        }
    }
    let share = listed.len() as f64 / chosen.len() as f64;
    eprintln!(
        "{test}: {} of {} CVs ({:.2} %), {} of {} swaps change a row",
        listed.len(),
        chosen.len(),
        share * 100.0,
        changed.len(),
        chosen.len() * PLACES.len() * NAMES_EACH
    );
    assert!(share <= 0.01, "{listed:?}");
    // Rows that are the same have the same scores.
    let alike = chosen.iter().enumerate().step_by(chosen.len() / 12);
    for (at, candidate) in alike {
        let text = candidate["text"].as_str().unwrap_or("");
        let [first, other] = [NAMES[0], NAMES[1 + at % (NAMES.len() - 1)]].map(|name| {
            let mut document = (*candidate).clone();
            document["text"] = json!(with_name(text, at % PLACES.len(), at, name));
            document
        });
        if !listed.contains(candidate["id"].as_str().unwrap_or("")) {
            assert_eq!(scores(&first), scores(&other), "{}", candidate["id"]);
        }
    }
}
