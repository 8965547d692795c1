//! Versions: changes that come in any order and any number of times lead to
//! the same documents, a journal leads back to them, deletes are remembered
//! for a week, conditions hold at the moment of the change.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use tandem_index::store::{DELETED_KEPT_MS, Tombstone};
use tandem_index::{Condition, Kinds, Prepared, Store, Write, WriteResult, prepare};

use crate::support::{Rng, TINY, put};

const NOTES: &str = r#"
[kinds.notes]
dimensions = 4
[kinds.notes.fields]
text = { type = "text", as = "text" }
"#;

fn kinds() -> Arc<Kinds> {
    Arc::new(Kinds::parse(NOTES).unwrap())
}

fn note(kinds: &Kinds, id: &str, version: Option<u64>, text: &str) -> Prepared {
    let mut document = json!({"id": id, "text": text});
    if let Some(version) = version {
        document["version"] = json!(version);
    }
    put(kinds, "notes", &document)
}

fn delete(kinds: &Kinds, id: &str, version: Option<u64>) -> Prepared {
    let write = Write::Delete {
        kind: kinds.get("notes").unwrap().id,
        id: id.to_owned(),
        version,
    };
    prepare(kinds, write).unwrap()
}

/// Every document with its version, every deleted id with that of its delete.
fn content(store: &Store) -> BTreeMap<String, (u64, String)> {
    let snapshot = store.snapshot();
    let kind = snapshot.kind("notes").unwrap().id;
    let deleted = store.deleted().of(kind);
    let mut found: BTreeMap<String, (u64, String)> = deleted
        .map(|(id, tombstone)| (id.to_owned(), (tombstone.version, String::new())))
        .collect();
    for live in &snapshot.collection(kind).segments {
        for row in live.alive.iter() {
            let json = String::from_utf8(live.segment.document(row).to_vec()).unwrap();
            let known = (live.segment.version(row), json);
            let other = found.insert(live.segment.id(row).to_owned(), known);
            assert_eq!(other, None, "held twice, or held and deleted");
        }
    }
    assert_eq!(
        store.deleted().count(kind) as u64 + snapshot.rows(kind),
        found.len() as u64
    );
    found
}

/// Changes of a few ids, no two of an id with the same version.
fn changes(kinds: &Kinds, rng: &mut Rng) -> Vec<(String, u64, Prepared)> {
    let mut changes = Vec::new();
    for id in 0..12 {
        let id = format!("n{id}");
        let mut version = rng.below(3) as u64;
        for _ in 0..=rng.below(8) {
            let change = if rng.chance(40) {
                delete(kinds, &id, Some(version))
            } else {
                note(
                    kinds,
                    &id,
                    Some(version),
                    &format!("text {version} of {id}"),
                )
            };
            changes.push((id.clone(), version, change));
            version += 1 + rng.below(4) as u64;
        }
    }
    changes
}

#[test]
fn any_order_and_repetition_of_versioned_changes_ends_in_the_same_documents() {
    let mut rng = Rng::new("orders", 11);
    let kinds = kinds();
    for _ in 0..40 {
        let changes = changes(&kinds, &mut rng);
        let mut last: BTreeMap<&str, &(String, u64, Prepared)> = BTreeMap::new();
        for change in &changes {
            last.insert(&change.0, change);
        }
        let expected: BTreeMap<String, (u64, String)> = last
            .values()
            .map(|(id, version, change)| {
                let json = change.change().json.unwrap_or_default().to_vec();
                (id.clone(), (*version, String::from_utf8(json).unwrap()))
            })
            .collect();
        for _ in 0..8 {
            // Each at least once, some several times, in any order.
            let mut order: Vec<usize> = (0..changes.len()).collect();
            order.extend((0..rng.below(60)).map(|_| rng.below(changes.len())));
            for at in (1..order.len()).rev() {
                order.swap(at, rng.below(at + 1));
            }
            let mut store = Store::new(Arc::clone(&kinds), TINY);
            let mut rest = order.as_slice();
            let mut at_ms = 0;
            while !rest.is_empty() {
                let (batch, left) = rest.split_at((1 + rng.below(9)).min(rest.len()));
                rest = left;
                let batch: Vec<Prepared> = batch.iter().map(|at| changes[*at].2.clone()).collect();
                let foreseen = store.foresee(&batch, at_ms);
                assert_eq!(store.apply(batch, at_ms), foreseen);
                at_ms += 1_000;
                if rng.chance(10) {
                    // A restart from a checkpoint in between changes nothing.
                    store = Store::restore(Arc::clone(&kinds), TINY, store.state());
                }
            }
            assert_eq!(content(&store), expected, "{order:?}");
        }
    }
}

#[test]
fn settled_changes_lead_to_the_same_documents_at_any_time_in_any_batches() {
    let mut rng = Rng::new("settled", 12);
    let kinds = kinds();
    for _ in 0..30 {
        let mut store = Store::new(Arc::clone(&kinds), TINY);
        let mut journal: Vec<(Prepared, u64)> = Vec::new();
        let mut at_ms = 0;
        for number in 0..300 {
            let id = format!("n{}", rng.below(10));
            let given = rng.chance(50).then(|| rng.below(40) as u64);
            let change = if rng.chance(40) {
                delete(&kinds, &id, given)
            } else {
                note(&kinds, &id, given, &format!("note {number}"))
            };
            // Days pass between them: some deletes are forgotten on the way.
            at_ms += rng.below(DELETED_KEPT_MS as usize / 3) as i64;
            let outcome = store.apply(vec![change.clone()], at_ms).remove(0);
            if outcome.has_effect {
                journal.push((change, outcome.version));
            }
        }
        let mut again = Store::new(Arc::clone(&kinds), TINY);
        let mut rest = journal.as_slice();
        while !rest.is_empty() {
            let (batch, left) = rest.split_at((1 + rng.below(30)).min(rest.len()));
            rest = left;
            let settled: Vec<Prepared> = batch
                .iter()
                .map(|(change, version)| change.clone().settled(*version))
                .collect();
            let outcomes = again.apply(settled, 0);
            for (outcome, (_, version)) in outcomes.iter().zip(batch) {
                assert!(
                    outcome.has_effect && outcome.version == *version,
                    "{outcome:?}"
                );
            }
        }
        let held = |store: &Store| -> Vec<_> {
            let found = content(store).into_iter();
            found.filter(|(_, (_, json))| !json.is_empty()).collect()
        };
        assert_eq!(held(&again), held(&store));
    }
}

#[test]
fn a_delete_is_remembered_for_seven_days() {
    let kinds = kinds();
    let kind = kinds.get("notes").unwrap().id;
    for (waited, expected) in [
        (0, WriteResult::Stale),
        (DELETED_KEPT_MS - 1, WriteResult::Stale),
        (DELETED_KEPT_MS, WriteResult::Created),
        // A clock that was set back does not make it forget.
        (-1_000, WriteResult::Stale),
    ] {
        let mut store = Store::new(Arc::clone(&kinds), TINY);
        store.apply(vec![note(&kinds, "a", Some(5), "x")], 10_000);
        let gone = store
            .apply(vec![delete(&kinds, "a", Some(9))], 10_000)
            .remove(0);
        assert_eq!((gone.result, gone.version), (WriteResult::Deleted, 9));
        let late = vec![note(&kinds, "a", Some(9), "late")];
        let foreseen = store.foresee(&late, 10_000 + waited);
        let outcome = store.apply(late, 10_000 + waited);
        assert_eq!((outcome[0].result, &outcome), (expected, &foreseen));
        assert_eq!(
            store.deleted().count(kind),
            usize::from(expected == WriteResult::Stale)
        );
    }
}

#[test]
fn what_is_forgotten_takes_no_room_and_no_batch_long() {
    let kinds = kinds();
    let kind = kinds.get("notes").unwrap().id;
    let mut store = Store::new(Arc::clone(&kinds), TINY);
    let ids: Vec<String> = (0..3_000).map(|id| id.to_string()).collect();
    let batch = |ids: &[String]| ids.iter().map(|id| delete(&kinds, id, Some(1))).collect();
    for (at, ids) in ids.chunks(100).enumerate() {
        store.apply(batch(ids), at as i64);
    }
    let before = store.state();
    assert_eq!(store.deleted().count(kind), 3_000);
    assert!(store.deleted().is_same(kind, &before.deleted));
    let mut counts = Vec::new();
    while store.deleted().count(kind) > 0 {
        store.apply(Vec::new(), DELETED_KEPT_MS + 100);
        counts.push(store.deleted().count(kind));
    }
    assert!(counts.len() > 1 && counts.len() < 5, "{counts:?}");
    assert!(!store.deleted().is_same(kind, &before.deleted));
    // What a checkpoint holds stays as it was.
    let first: Vec<(&str, Tombstone)> = before.deleted.of(kind).take(2).collect();
    let of = |version, at_ms| Tombstone { version, at_ms };
    assert_eq!(first, [("0", of(1, 0)), ("1", of(1, 0))]);
}

#[test]
fn versions_go_on_behind_a_delete() {
    let kinds = kinds();
    let mut store = Store::new(Arc::clone(&kinds), TINY);
    let (created, replaced) = (WriteResult::Created, WriteResult::Replaced);
    let (deleted, missing, stale) = (
        WriteResult::Deleted,
        WriteResult::NotFound,
        WriteResult::Stale,
    );
    // A change, what becomes of it, the version answered, whether it is kept.
    for (at, (change, result, version, has_effect)) in [
        (note(&kinds, "a", None, "1"), created, 1, true),
        (note(&kinds, "a", None, "2"), replaced, 2, true),
        (delete(&kinds, "a", Some(2)), stale, 2, false),
        (delete(&kinds, "a", None), deleted, 2, true),
        (delete(&kinds, "a", None), missing, 2, false),
        (note(&kinds, "a", Some(2), "late"), stale, 2, false),
        (note(&kinds, "a", None, "3"), created, 3, true),
        (delete(&kinds, "a", Some(7)), deleted, 7, true),
        (note(&kinds, "a", Some(6), "late"), stale, 7, false),
        (delete(&kinds, "a", Some(7)), stale, 7, false),
        (delete(&kinds, "a", Some(8)), missing, 8, true),
        (note(&kinds, "a", Some(8), "late"), stale, 8, false),
        (note(&kinds, "a", None, "9"), created, 9, true),
        (delete(&kinds, "b", None), missing, 0, false),
        (delete(&kinds, "b", Some(0)), missing, 0, true),
        (note(&kinds, "b", Some(0), "late"), stale, 0, false),
        (note(&kinds, "b", None, "1"), created, 1, true),
        (delete(&kinds, "c", Some(u64::MAX)), missing, u64::MAX, true),
        (note(&kinds, "c", None, "none"), stale, u64::MAX, false),
    ]
    .into_iter()
    .enumerate()
    {
        let before = store.snapshot().sequence;
        let outcome = store.apply(vec![change], 0).remove(0);
        let found = (outcome.result, outcome.version, outcome.has_effect);
        assert_eq!(found, (result, version, has_effect), "change {at}");
        let after = store.snapshot().sequence;
        assert_eq!(after - before, u64::from(has_effect), "change {at}");
    }
}

#[test]
fn a_change_without_a_version_may_get_that_of_its_source() {
    let kinds = kinds();
    let mut store = Store::new(Arc::clone(&kinds), TINY);
    for (change, result, version) in [
        (
            note(&kinds, "a", None, "x").or_version(40),
            WriteResult::Created,
            40,
        ),
        (
            note(&kinds, "a", None, "x").or_version(40),
            WriteResult::Stale,
            40,
        ),
        (
            note(&kinds, "a", Some(41), "x").or_version(99),
            WriteResult::Replaced,
            41,
        ),
        (
            delete(&kinds, "a", None).or_version(41),
            WriteResult::Stale,
            41,
        ),
        (
            delete(&kinds, "a", None).or_version(42),
            WriteResult::Deleted,
            42,
        ),
    ] {
        let outcome = store.apply(vec![change], 0).remove(0);
        assert_eq!((outcome.result, outcome.version), (result, version));
    }
}

#[test]
fn conditions_hold_when_the_change_is_applied_also_inside_a_batch() {
    let kinds = kinds();
    let put = |version| note(&kinds, "a", version, "x");
    let (created, replaced) = (WriteResult::Created, WriteResult::Replaced);
    let (deleted, unmet) = (WriteResult::Deleted, WriteResult::Unmet);
    let batch = [
        (put(None).when(Condition::Exists), unmet),
        (put(None).when(Condition::Version(vec![0, 1])), unmet),
        (put(None).when(Condition::NotVersion(vec![1])), created),
        (put(None).when(Condition::Absent), unmet),
        (put(None).when(Condition::NotVersion(vec![1])), unmet),
        (put(None).when(Condition::Version(vec![5, 1])), replaced),
        (put(None).when(Condition::Version(vec![1])), unmet),
        // A condition is looked at before the version.
        (put(Some(1)).when(Condition::Version(vec![1])), unmet),
        (
            put(Some(1)).when(Condition::Version(vec![2])),
            WriteResult::Stale,
        ),
        (
            put(None)
                .when(Condition::Exists)
                .when(Condition::NotVersion(vec![2])),
            unmet,
        ),
        (
            delete(&kinds, "a", None).when(Condition::Version(vec![1])),
            unmet,
        ),
        (
            delete(&kinds, "a", None).when(Condition::Version(vec![2])),
            deleted,
        ),
        // What is not there is not found, under any condition, and not remembered.
        (
            delete(&kinds, "a", Some(70)).when(Condition::Version(vec![2])),
            WriteResult::NotFound,
        ),
        (put(Some(3)).when(Condition::Absent), created),
    ];
    for size in [1, 3, batch.len()] {
        let mut store = Store::new(Arc::clone(&kinds), TINY);
        for batch in batch.chunks(size) {
            let (changes, expected): (Vec<Prepared>, Vec<WriteResult>) =
                batch.iter().cloned().unzip();
            let foreseen = store.foresee(&changes, 0);
            let outcomes = store.apply(changes, 0);
            assert_eq!(outcomes, foreseen);
            let results: Vec<WriteResult> = outcomes.iter().map(|one| one.result).collect();
            assert_eq!(results, expected);
        }
    }
}

#[test]
fn positions_are_part_of_the_state() {
    let mut store = Store::new(kinds(), TINY);
    assert_eq!(store.position("feed"), None);
    store.set_position("feed", 7);
    let state = store.state();
    store.set_position("feed", 9);
    store.set_position("other", 1);
    assert_eq!(store.positions().sorted(), [("feed", 9), ("other", 1)]);
    let before = Store::restore(kinds(), TINY, state);
    assert_eq!(before.positions().sorted(), [("feed", 7)]);
}
