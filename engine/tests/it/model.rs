//! The store against a plain map, through what readers see: search, totals,
//! facets, documents.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tandem_engine::FacetRequest;
use tandem_index::merge::Merged;
use tandem_index::row::stored_json;
use tandem_index::{Kinds, Outcome, Store, Write, WriteResult};

use crate::support::{Rng, TINY, answer, delete, prepared, query};

const NOTES: &str = r#"
[kinds.notes]
dimensions = 4
[kinds.notes.fields]
text = { type = "text", as = "text" }
colour = { type = "keyword" }
"#;

const COLOURS: [&str; 3] = ["red", "green", "blue"];

#[derive(Default)]
struct Model {
    notes: BTreeMap<String, (u64, Value)>,
    deleted: BTreeMap<String, u64>,
    unique: usize,
}

impl Model {
    fn put(&mut self, id: &str, version: Option<u64>, document: Value) -> Outcome {
        let held = self.notes.get(id).map(|(version, _)| *version);
        let outcome = |version, result| Outcome {
            id: id.to_owned(),
            version,
            result,
            has_effect: result != WriteResult::Stale,
        };
        let last = held.or(self.deleted.get(id).copied());
        if let (Some(last), Some(given)) = (last, version)
            && given <= last
        {
            return outcome(last, WriteResult::Stale);
        }
        let version = version.unwrap_or(last.unwrap_or(0) + 1);
        self.deleted.remove(id);
        self.notes.insert(id.to_owned(), (version, document));
        let result = if held.is_some() {
            WriteResult::Replaced
        } else {
            WriteResult::Created
        };
        outcome(version, result)
    }

    fn delete(&mut self, id: &str) -> Outcome {
        let (version, result) = if let Some((version, _)) = self.notes.remove(id) {
            (version, WriteResult::Deleted)
        } else {
            let version = self.deleted.get(id).copied().unwrap_or(0);
            (version, WriteResult::NotFound)
        };
        if result == WriteResult::Deleted {
            self.deleted.insert(id.to_owned(), version);
        }
        Outcome {
            id: id.to_owned(),
            version,
            result,
            has_effect: result == WriteResult::Deleted,
        }
    }

    fn random(&mut self, rng: &mut Rng, kinds: &Kinds) -> (Write, Outcome) {
        let id = format!("n{}", rng.below(150));
        if rng.chance(25) {
            return (delete(kinds, "notes", &id), self.delete(&id));
        }
        self.unique += 1;
        let mut document = json!({"id": id, "text": format!("note w{}x common", self.unique)});
        if rng.chance(80) {
            document["colour"] = json!(*rng.pick(&COLOURS));
        }
        let version = rng.chance(40).then(|| rng.below(12) as u64);
        if let Some(version) = version {
            document["version"] = json!(version);
        }
        let outcome = self.put(&id, version, document.clone());
        (crate::support::put(kinds, "notes", &document), outcome)
    }

    fn check(&self, store: &Store, rng: &mut Rng) {
        let snapshot = store.snapshot();
        let kind = snapshot.kind("notes").unwrap().id;
        assert_eq!(snapshot.rows(kind), self.notes.len() as u64);
        for at in 0..150 {
            let id = format!("n{at}");
            let stored = snapshot
                .get(kind, &id)
                .map(|s| (s.version, stored_json(s.json)));
            assert_eq!(stored.as_ref(), self.notes.get(&id), "{id}");
        }
        for _ in 0..20 {
            let word = format!("w{}x", 1 + rng.below(self.unique.max(1)));
            let holds = |note: &Value| {
                note["text"]
                    .as_str()
                    .unwrap()
                    .contains(&format!(" {word} "))
            };
            let living = self.notes.iter().filter(|(_, (_, note))| holds(note));
            let expected: Vec<&String> = living.map(|(id, _)| id).collect();
            for q in [word.clone(), format!("+{word}"), format!("\"note {word}\"")] {
                let found = answer(&snapshot, &query(&q, "notes"));
                let ids: Vec<&String> = found.hits.iter().map(|hit| &hit.id).collect();
                assert_eq!(ids, expected, "{q}");
            }
        }
        let mut request = query("common", "notes");
        request.facets = vec![FacetRequest::new("colour", 10)];
        request.limit = 1_000;
        let found = answer(&snapshot, &request);
        assert_eq!(found.total.unwrap().value, self.notes.len() as u64);
        for colour in COLOURS {
            let held = self
                .notes
                .values()
                .filter(|(_, note)| note["colour"] == colour)
                .count();
            let counted = found.facets[0].1.iter().find(|value| value.value == colour);
            assert_eq!(
                counted.map_or(0, |value| value.count),
                held as u64,
                "{colour}"
            );
        }
    }
}

#[test]
fn the_store_is_a_map_through_any_writes_and_merges() {
    let mut rng = Rng::new("model", 81);
    let mut tails = 0;
    let kinds = Arc::new(Kinds::parse(NOTES).unwrap());
    for _ in 0..4 {
        let (mut model, mut store) = (Model::default(), Store::new(Arc::clone(&kinds), TINY));
        let mut out: Option<(Merged, bool)> = None;
        for _ in 0..150 {
            let count = 1 + rng.below(40);
            let (writes, expected): (Vec<Write>, Vec<Outcome>) =
                (0..count).map(|_| model.random(&mut rng, &kinds)).unzip();
            let outcomes = store.apply(prepared(&kinds, writes), 0);
            assert_eq!(outcomes, expected);
            // A merge comes back some batches after it was taken.
            if let Some((merged, of_tail)) = out.take_if(|_| rng.chance(40)) {
                let installed = store.install(merged);
                // Those of the tail may be merged by a batch meanwhile.
                assert!(installed || of_tail, "its sources stay until it is back");
                tails += u32::from(installed && of_tail);
            }
            if out.is_none() {
                out = (store.merge_job().map(|job| (job.run(), false)))
                    .or_else(|| Some((store.tail_job()?.run(), true)));
            }
            if rng.chance(10) {
                model.check(&store, &mut rng);
            }
        }
        model.check(&store, &mut rng);
    }
    assert!(tails > 10, "{tails} merges of the tail");
}

#[test]
fn a_must_or_phrase_alone_finds_every_document_that_has_it() {
    let kinds = Arc::new(Kinds::builtin());
    let jobs = [
        json!({"id": "a", "title": "Gardener", "description": "Hedges, lawns and a quibble about roses in the park."}),
        json!({"id": "b", "title": "Tax accountant", "description": "Ledgers. No quibble about audits."}),
        json!({"id": "c", "title": "Pilot", "description": "Flights."}),
    ];
    let writes = jobs
        .iter()
        .map(|job| crate::support::put(&kinds, "jobs", job))
        .collect();
    let store = crate::support::store(&kinds, TINY, &prepared(&kinds, writes), 10);
    for q in [
        "quibble",
        "+quibble",
        "\"quibble about\"",
        "+quibble -pilot",
    ] {
        let mut ids = crate::support::ids(&answer(&store.snapshot(), &query(q, "jobs")));
        ids.sort_unstable();
        assert_eq!(ids, ["a", "b"], "{q}");
    }
}
