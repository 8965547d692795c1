use std::sync::Arc;

use serde_json::{Value, json};

use super::{Found, apply, condemned, deleted_ids, find, planned, rewrite};
use crate::checkpoint;
use crate::disk::{Folder, MemoryFolder};
use crate::ledger::Ledger;
use crate::store::{Prepared, Store, StoreOptions, Write, WriteResult, prepare};
use crate::{KindId, Kinds};

const CANARY: &str = "zqxcanary";

fn kinds() -> Arc<Kinds> {
    Arc::new(Kinds::builtin())
}

fn kind(kinds: &Kinds, name: &str) -> KindId {
    kinds.get(name).unwrap().id
}

fn put(kinds: &Kinds, name: &str, document: Value) -> Prepared {
    let write = Write::Put {
        kind: kind(kinds, name),
        id: None,
        document,
    };
    prepare(kinds, write).unwrap()
}

fn delete(kinds: &Kinds, name: &str, id: &str) -> Prepared {
    let write = Write::Delete {
        kind: kind(kinds, name),
        id: id.to_owned(),
        version: None,
    };
    prepare(kinds, write).unwrap()
}

fn store(kinds: &Arc<Kinds>, ledger: &Arc<Ledger>) -> Store {
    Store::new(Arc::clone(kinds), StoreOptions::default()).with_ledger("one", Arc::clone(ledger))
}

/// Documents of a person and of others, some replaced and some deleted.
fn fill(store: &mut Store, kinds: &Kinds) {
    let person = json!({"id": "ann \"x\"", "headline": format!("Baker {CANARY}"), "skills": [CANARY],
        "name": CANARY, "version": 7});
    let others = (0..40).map(|n| {
        put(
            kinds,
            "candidates",
            json!({"id": format!("p{n}"), "headline": format!("Baker {n}")}),
        )
    });
    store.apply(others.collect(), 1);
    store.apply(
        vec![
            put(
                kinds,
                "candidates",
                json!({"id": "ann \"x\"", "headline": CANARY, "version": 3}),
            ),
            put(
                kinds,
                "jobs",
                json!({"id": "j1", "title": CANARY, "subject": "ann \"x\""}),
            ),
            put(
                kinds,
                "jobs",
                json!({"id": "j2", "title": CANARY, "subject": "ann \"x\""}),
            ),
            put(
                kinds,
                "jobs",
                json!({"id": "j3", "title": CANARY, "subject": "ann \"x\""}),
            ),
            put(
                kinds,
                "jobs",
                json!({"id": "ann \"x\"", "title": "no person"}),
            ),
            put(
                kinds,
                "candidates",
                json!({"id": "bob", "headline": "b", "links": "ann \"x\""}),
            ),
            put(
                kinds,
                "candidates",
                json!({"id": "eve", "headline": "e", "subject": "bob"}),
            ),
        ],
        1,
    );
    store.apply(
        vec![
            put(kinds, "candidates", person),
            delete(kinds, "jobs", "j2"),
            // About somebody else since.
            put(
                kinds,
                "jobs",
                json!({"id": "j3", "title": "Cook", "subject": "bob"}),
            ),
        ],
        1,
    );
}

fn places(kinds: &Kinds, found: &[Found]) -> Vec<String> {
    let place = |one: &Found| {
        let name = &kinds.by_id(one.kind).name;
        format!("{name}/{} {} {}", one.id, one.version, one.alive)
    };
    found.iter().map(place).collect()
}

/// Records and applies as the writer does.
fn erase(store: &mut Store, ledger: &Ledger, subject: &str, at_ms: i64) -> usize {
    let mut found = find(&store.snapshot(), subject, None);
    found.extend(deleted_ids(store, subject));
    let (changes, documents) = planned(store, &found, at_ms);
    assert_eq!((changes.len(), documents.len()), (found.len(), found.len()));
    ledger.record("one", subject, &documents, at_ms).unwrap();
    let versions: Vec<u64> = documents.iter().map(|one| one.version).collect();
    let outcomes = store.apply(changes, at_ms);
    let applied: Vec<u64> = outcomes.iter().map(|one| one.version).collect();
    assert_eq!(applied, versions);
    found.len()
}

fn checkpointed(store: &Store) -> Vec<u8> {
    let folder = MemoryFolder::default();
    let spaces = [("one".to_owned(), store.state())];
    checkpoint::write_all(&folder, None, 1, &spaces).unwrap();
    let report = checkpoint::verify(&folder).unwrap();
    assert!(report.rows >= report.documents);
    let files = folder.list().unwrap().into_iter();
    files
        .flat_map(|(file, _)| folder.map(&file).unwrap().to_vec())
        .collect()
}

fn has(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

#[test]
fn all_of_a_person_is_found_and_nobody_else() {
    let (kinds, ledger) = (kinds(), Arc::new(Ledger::in_memory([1; 32])));
    let mut store = store(&kinds, &ledger);
    fill(&mut store, &kinds);
    let found = find(&store.snapshot(), "ann \"x\"", None);
    let expected = [
        "candidates/ann \"x\" 7 true",
        "jobs/j1 1 true",
        "jobs/j2 1 false",
    ];
    assert_eq!(places(&kinds, &found), expected);
    let found = find(&store.snapshot(), "bob", None);
    let expected = [
        "candidates/bob 1 true",
        "candidates/eve 1 true",
        "jobs/j3 2 true",
    ];
    assert_eq!(places(&kinds, &found), expected);
    // What came since another snapshot.
    let seen = store.snapshot();
    store.apply(
        vec![put(
            &kinds,
            "jobs",
            json!({"id": "j9", "title": "t", "subject": "bob"}),
        )],
        2,
    );
    let found = find(&store.snapshot(), "bob", Some(&seen));
    assert!(places(&kinds, &found).contains(&"jobs/j9 1 true".to_owned()));
}

#[test]
fn an_erased_document_is_stale_and_a_later_one_is_new() {
    let (kinds, ledger) = (kinds(), Arc::new(Ledger::in_memory([1; 32])));
    let mut store = store(&kinds, &ledger);
    fill(&mut store, &kinds);
    assert_eq!(erase(&mut store, &ledger, "ann \"x\"", 5), 3);
    assert!(
        store
            .deleted()
            .of(kind(&kinds, "jobs"))
            .all(|(id, _)| id != "j2")
    );
    let year = 400 * 24 * 60 * 60 * 1_000;
    let again = |version: u64| {
        put(
            &kinds,
            "candidates",
            json!({"id": "ann \"x\"", "headline": "h", "version": version}),
        )
    };
    for at_ms in [6, year] {
        let outcomes = store.apply(vec![again(3), again(7)], at_ms);
        assert!(
            outcomes
                .iter()
                .all(|one| one.result == WriteResult::Stale && one.version == 7)
        );
    }
    assert_eq!(
        store.apply(vec![again(8)], year)[0].result,
        WriteResult::Created
    );
    let without = put(&kinds, "jobs", json!({"id": "j1", "title": "t"}));
    let outcome = &store.apply(vec![without], year)[0];
    assert_eq!((outcome.result, outcome.version), (WriteResult::Created, 2));
}

#[test]
fn rewriting_takes_every_byte_and_leaves_what_a_store_without_the_person_has() {
    let (kinds, ledger) = (kinds(), Arc::new(Ledger::in_memory([1; 32])));
    for large in [false, true] {
        let mut store = store(&kinds, &ledger);
        fill(&mut store, &kinds);
        if large {
            for kind in kinds.iter() {
                let merged = store.merge_all_job(kind.id).unwrap().run();
                store.install(merged);
            }
            // A dead row in a large segment.
            let one = json!({"id": "ann \"x\"", "headline": CANARY, "version": 9});
            store.apply(vec![put(&kinds, "candidates", one)], 3);
        }
        assert!(has(&checkpointed(&store), CANARY));
        erase(&mut store, &ledger, "ann \"x\"", 5);
        assert!(has(&checkpointed(&store), CANARY));
        rewrite(&mut store);
        let bytes = checkpointed(&store);
        assert!(!has(&bytes, CANARY), "large: {large}");
        for kind in kinds.iter() {
            let snapshot = store.snapshot();
            let collection = snapshot.collection(kind.id);
            for live in &collection.segments {
                let mut terms = Vec::new();
                live.segment
                    .text
                    .terms(&mut |term| terms.push(term.to_owned()));
                assert!(!terms.iter().any(|term| term.contains(CANARY)));
            }
        }
        // Statistics equal those of a store that never had them.
        let mut other = Store::new(Arc::clone(&kinds), StoreOptions::default());
        for kind in kinds.iter() {
            let snapshot = store.snapshot();
            let mut documents = Vec::new();
            for live in &snapshot.collection(kind.id).segments {
                for row in live.alive.iter() {
                    documents.push(serde_json::from_slice(live.segment.document(row)).unwrap());
                }
            }
            let changes = documents
                .into_iter()
                .map(|one: Value| put(&kinds, &kind.name, one));
            other.apply(changes.collect(), 1);
            let (one, other) = (store.snapshot(), other.snapshot());
            assert_eq!(
                one.collection(kind.id).statistics,
                other.collection(kind.id).statistics
            );
        }
    }
}

#[test]
fn a_restored_backup_loses_who_was_erased_since() {
    let (kinds, ledger) = (kinds(), Arc::new(Ledger::in_memory([1; 32])));
    let mut live = store(&kinds, &ledger);
    fill(&mut live, &kinds);
    let backup = live.state();
    // A document of the person that is in the backup and was deleted later.
    live.apply(vec![delete(&kinds, "jobs", "j1")], 4);
    rewrite(&mut live);
    erase(&mut live, &ledger, "ann \"x\"", 50);
    let restore = |since: i64| {
        let mut store = Store::restore(Arc::clone(&kinds), StoreOptions::default(), backup.clone());
        let gone = apply(&ledger, [("one", &mut store)], since, 60);
        (gone, store)
    };
    let (gone, restored) = restore(10);
    assert_eq!(gone, 2);
    assert!(!has(&checkpointed(&restored), CANARY));
    assert!(condemned(&restored, Some(10)).is_empty());
    assert!(
        restored
            .snapshot()
            .get(kind(&kinds, "candidates"), "bob")
            .is_some()
    );
    assert!(
        restored
            .snapshot()
            .get(kind(&kinds, "jobs"), "j3")
            .is_some()
    );
    // Another space of that ledger has another subject of that name.
    let mut other = Store::restore(Arc::clone(&kinds), StoreOptions::default(), backup);
    assert_eq!(apply(&ledger, [("two", &mut other)], 10, 60), 0);
}
