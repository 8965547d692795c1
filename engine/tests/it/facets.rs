//! Filters and facets against brute force over the JSON of the documents.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tandem_engine::{Condition, FacetRequest, FacetValue, Request, Scope, Source};
use tandem_index::{Kinds, StoreOptions};

use crate::support::{NOW_MS, Rng, TINY, answer, delete, merge, prepared, put, query, store};

// Vectors of four numbers, so that nothing is in a match set for its similarity.
const NOTES: &str = r#"
[kinds.notes]
matches = "notes"
dimensions = 4
[kinds.notes.fields]
text = { type = "text", as = "text" }
colour = { type = "keyword" }
shape = { type = "keyword" }
size = { type = "number" }
day = { type = "date", as = "posted" }
done = { type = "flag" }
"#;

const COLOURS: [&str; 5] = ["red", "green", "blue", "Green", "infra red"];
const SHAPES: [&str; 3] = ["round", "square", "long"];
const WORDS: [&str; 4] = ["alpha", "beta", "gamma", "delta"];

fn note(rng: &mut Rng, at: usize) -> Value {
    let mut note = json!({"id": format!("n{at:04}"), "text": *rng.pick(&WORDS)});
    if rng.chance(80) {
        let count = 1 + rng.below(3);
        note["colour"] = (0..count).map(|_| json!(*rng.pick(&COLOURS))).collect();
    }
    if rng.chance(70) {
        note["shape"] = json!(*rng.pick(&SHAPES));
    }
    if rng.chance(70) {
        note["size"] = json!(rng.below(20) as f64 / 2.0);
    }
    if rng.chance(70) {
        note["day"] = json!(format!("2026-01-{:02}", 1 + rng.below(20)));
    }
    if rng.chance(70) {
        note["done"] = json!(rng.chance(50));
    }
    note
}

fn values(note: &Value, field: &str) -> Vec<String> {
    let text = |value: &Value| match (value.as_str(), value.as_f64()) {
        (Some(text), _) => text.to_owned(),
        (None, Some(number)) => number.to_string(),
        (None, None) => value.to_string(),
    };
    let mut values: Vec<String> = match note.get(field) {
        None => Vec::new(),
        Some(Value::Array(list)) => list.iter().map(text).collect(),
        Some(value) => vec![text(value)],
    };
    values.sort_unstable();
    values.dedup();
    values
}

// Days of one month in one format compare as texts.
fn less(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a < b,
        _ => a.as_str() < b.as_str(),
    }
}

fn passes(note: &Value, field: &str, condition: &Condition) -> bool {
    let held = values(note, field);
    let Some(value) = note.get(field) else {
        return condition.include_unknown;
    };
    let texts = |list: &[Value]| -> Vec<String> {
        list.iter()
            .flat_map(|value| values(&json!({"v": value}), "v"))
            .collect()
    };
    condition
        .any
        .as_ref()
        .is_none_or(|any| texts(any).iter().any(|v| held.contains(v)))
        && texts(&condition.all).iter().all(|v| held.contains(v))
        && !texts(&condition.none).iter().any(|v| held.contains(v))
        && condition
            .gte
            .as_ref()
            .is_none_or(|bound| !less(value, bound))
        && condition.gt.as_ref().is_none_or(|bound| less(bound, value))
        && condition
            .lte
            .as_ref()
            .is_none_or(|bound| !less(bound, value))
        && condition.lt.as_ref().is_none_or(|bound| less(value, bound))
}

fn list(rng: &mut Rng, of: &[&str]) -> Vec<Value> {
    (0..=rng.below(3)).map(|_| json!(*rng.pick(of))).collect()
}

fn condition(rng: &mut Rng, field: &str) -> Condition {
    let mut condition = Condition {
        include_unknown: rng.chance(40),
        ..Condition::default()
    };
    match field {
        "colour" | "shape" => {
            let of: &[&str] = if field == "colour" { &COLOURS } else { &SHAPES };
            if rng.chance(60) {
                condition.any = Some(list(rng, of));
            }
            if rng.chance(25) {
                condition.all = list(rng, of);
            }
            if rng.chance(30) {
                condition.none = list(rng, of);
            }
            if rng.chance(5) {
                condition.any = Some(Vec::new());
            }
        }
        "done" => condition.any = Some(vec![json!(rng.chance(50))]),
        _ => {
            let mut bound = |low: usize, wide: usize| {
                let at = low + rng.below(wide);
                if field == "size" {
                    json!(at as f64 / 2.0)
                } else {
                    json!(format!("2026-01-{:02}", at + 1))
                }
            };
            let (low, high) = (bound(0, 10), bound(10, 9));
            match rng.below(5) {
                0 => condition.gte = Some(low),
                1 => condition.lt = Some(high),
                2 => (condition.gt, condition.lte) = (Some(low), Some(high)),
                3 => condition.any = Some(vec![low, high]),
                _ => condition.none = vec![low, high],
            }
        }
    }
    condition
}

fn brute_facet(notes: &[&Value], field: &str) -> Vec<FacetValue> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for value in notes.iter().flat_map(|note| values(note, field)) {
        *counts.entry(value).or_default() += 1;
    }
    let mut values: Vec<FacetValue> = counts
        .into_iter()
        .map(|(value, count)| FacetValue {
            value,
            count,
            ..FacetValue::default()
        })
        .collect();
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    values
}

// What the facet's own filter asks for is in the list, if only with 0.
fn named(request: &Request, field: &str) -> Vec<String> {
    let own = request.filters.iter().filter(|(name, _)| name == field);
    let asked = own.flat_map(|(_, own)| own.any.iter().flatten().chain(&own.all));
    asked
        .filter(|_| field != "size")
        .map(|value| match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        })
        .collect()
}

fn check(
    request: &Request,
    notes: &[Value],
    word: Option<&str>,
    snapshot: &tandem_index::Snapshot,
) {
    let keeps = |note: &&Value, except: &str| {
        word.is_none_or(|word| note["text"] == word)
            && request
                .filters
                .iter()
                .filter(|(name, _)| name != except)
                .all(|(name, condition)| passes(note, name, condition))
    };
    let found = answer(snapshot, request);
    let matched: Vec<&Value> = notes.iter().filter(|note| keeps(note, "")).collect();
    let mut expected: Vec<&str> = matched
        .iter()
        .map(|note| note["id"].as_str().unwrap())
        .collect();
    expected.sort_unstable();
    let mut ids = crate::support::ids(&found);
    ids.sort_unstable();
    assert_eq!(ids, expected, "{request:?}");
    assert_eq!(
        found.total.unwrap().value,
        expected.len() as u64,
        "{request:?}"
    );
    for (field, values) in &found.facets {
        let counted: Vec<&Value> = notes.iter().filter(|note| keeps(note, field)).collect();
        let mut expected = brute_facet(&counted, field);
        for value in named(request, field) {
            if expected.iter().all(|held| held.value != value) {
                expected.push(FacetValue {
                    value,
                    ..FacetValue::default()
                });
            }
        }
        expected.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        assert_eq!(*values, expected, "{field}: {request:?}");
    }
}

#[test]
fn filters_and_facets_are_those_of_brute_force() {
    let mut rng = Rng::new("facets", 71);
    let kinds = Arc::new(Kinds::parse(NOTES).unwrap());
    let mut notes: Vec<Value> = (0..400).map(|at| note(&mut rng, at)).collect();
    let writes = notes
        .iter()
        .map(|note| put(&kinds, "notes", note))
        .collect();
    let mut store = store(&kinds, TINY, &prepared(&kinds, writes), 23);
    let fields = ["colour", "shape", "size", "day", "done"];
    for round in 0..600 {
        if round % 100 == 99 {
            let at = rng.below(notes.len());
            let gone = notes.swap_remove(at);
            let other = note(&mut rng, round + 1_000);
            let id = gone["id"].as_str().unwrap();
            let writes = vec![delete(&kinds, "notes", id), put(&kinds, "notes", &other)];
            notes.push(other);
            store.apply(prepared(&kinds, writes), 0);
            merge(&mut store);
        }
        let word = rng.chance(40).then(|| *rng.pick(&WORDS));
        let mut request = query(word.unwrap_or(""), "notes");
        request.limit = 1_000;
        // The facet of dates is counted in milliseconds; brute force keeps texts.
        request.facets = ["colour", "shape", "size", "done"]
            .map(|name| FacetRequest::new(name, 1_000))
            .into();
        for field in fields {
            if rng.chance(35) {
                request
                    .filters
                    .push((field.to_owned(), condition(&mut rng, field)));
            }
        }
        check(&request, &notes, word, &store.snapshot());
    }
}

#[test]
fn a_facet_without_its_own_filter_still_counts_within_the_named_or_similar_documents() {
    let mut rng = Rng::new("facets of a scope", 72);
    let kinds = Arc::new(Kinds::parse(NOTES).unwrap());
    let notes: Vec<Value> = (0..60).map(|at| note(&mut rng, at)).collect();
    let writes = notes
        .iter()
        .map(|note| put(&kinds, "notes", note))
        .collect();
    let store = store(
        &kinds,
        StoreOptions::default(),
        &prepared(&kinds, writes),
        60,
    );
    let filter = Condition {
        any: Some(vec![json!("round")]),
        include_unknown: true,
        ..Condition::default()
    };
    let request = |source: Source, scope: Scope| {
        let mut request = Request::new(source, Some("notes".into()), NOW_MS);
        request.scope = scope;
        request.facets = vec![FacetRequest::new("shape", 10)];
        request.filters = vec![("shape".into(), filter.clone())];
        answer(&store.snapshot(), &request).facets.remove(0).1
    };
    let source = notes.iter().find(|note| note["shape"] == "square").unwrap();
    let stored = Source::Stored {
        kind: "notes".into(),
        id: source["id"].as_str().unwrap().into(),
    };
    let others: Vec<&Value> = notes
        .iter()
        .filter(|note| note["id"] != source["id"])
        .collect();
    assert_eq!(
        request(stored, Scope::Pool),
        brute_facet(&others, "shape"),
        "a source is not its own hit"
    );
    let named: Vec<&Value> = notes.iter().take(20).collect();
    let ids = named
        .iter()
        .map(|note| note["id"].as_str().unwrap().to_owned())
        .collect();
    let all = Source::Query {
        q: String::new(),
        vector: None,
    };
    assert_eq!(
        request(all, Scope::Ids(ids)),
        brute_facet(&named, "shape"),
        "ids bound the match set"
    );
}
