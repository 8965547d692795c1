//! The store against a plain map: outcomes, versions, documents, old snapshots,
//! through batches, merges that come back late, training and relayouts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tandem_index::merge::Merged;
use tandem_index::row::stored_json;
use tandem_index::{Kinds, Outcome, Prepared, Snapshot, Store, Write, WriteResult, prepare};

use crate::support::{Rng, TINY, put};

const NOTES: &str = r#"
[kinds.notes]
dimensions = 4
[kinds.notes.fields]
text = { type = "text", as = "text" }
[kinds.others]
dimensions = 2
[kinds.others.fields]
text = { type = "text", as = "text" }
"#;

const KINDS: [&str; 2] = ["notes", "others"];
const IDS: usize = 120;

type Held = BTreeMap<(usize, String), (u64, Value)>;

struct Model {
    kinds: Arc<Kinds>,
    held: Held,
    deleted: BTreeMap<(usize, String), u64>,
    written: usize,
}

impl Model {
    fn change(&mut self, rng: &mut Rng) -> (Prepared, Outcome) {
        let kind = rng.below(KINDS.len());
        let id = format!("n{}", rng.below(IDS));
        let key = (kind, id.clone());
        let held = self.held.get(&key).map(|(version, _)| *version);
        let last = held.or(self.deleted.get(&key).copied());
        let outcome = |version, result| Outcome {
            id: id.clone(),
            version,
            result,
            has_effect: !matches!(result, WriteResult::Stale | WriteResult::NotFound),
        };
        if rng.chance(30) {
            return self.delete(rng, kind, &id);
        }
        self.written += 1;
        let mut document = json!({"id": id, "text": format!("note w{}x common", self.written)});
        if rng.chance(60) {
            let own: Vec<f64> = (0..4 - 2 * kind)
                .map(|_| rng.below(100) as f64 - 50.5)
                .collect();
            document["vector"] = json!(own);
        }
        let given = rng.chance(40).then(|| rng.below(9) as u64);
        if let Some(version) = given {
            document["version"] = json!(version);
        }
        let change = put(&self.kinds, KINDS[kind], &document);
        if let (Some(given), Some(last)) = (given, last)
            && given <= last
        {
            return (change, outcome(last, WriteResult::Stale));
        }
        let version = given.unwrap_or(last.unwrap_or(0) + 1);
        self.deleted.remove(&key);
        self.held.insert(key, (version, document));
        let result = if held.is_some() {
            WriteResult::Replaced
        } else {
            WriteResult::Created
        };
        (change, outcome(version, result))
    }

    fn delete(&mut self, rng: &mut Rng, kind: usize, id: &str) -> (Prepared, Outcome) {
        let key = (kind, id.to_owned());
        let given = rng.chance(40).then(|| rng.below(12) as u64);
        let write = Write::Delete {
            kind: self.kinds.get(KINDS[kind]).unwrap().id,
            id: id.to_owned(),
            version: given,
        };
        let change = prepare(&self.kinds, write).unwrap();
        let held = self.held.get(&key).map(|(version, _)| *version);
        let last = held.or(self.deleted.get(&key).copied());
        let result = match (given, last) {
            (Some(given), Some(last)) if given <= last => WriteResult::Stale,
            _ if held.is_some() => WriteResult::Deleted,
            _ => WriteResult::NotFound,
        };
        let has_effect =
            result == WriteResult::Deleted || result == WriteResult::NotFound && given.is_some();
        let version = if result == WriteResult::Stale {
            last
        } else {
            given.or(last)
        };
        if has_effect {
            self.held.remove(&key);
            self.deleted.insert(key, version.unwrap());
        }
        let outcome = Outcome {
            id: id.to_owned(),
            version: version.unwrap_or(0),
            result,
            has_effect,
        };
        (change, outcome)
    }
}

fn check(held: &Held, snapshot: &Snapshot) {
    for (number, name) in KINDS.iter().enumerate() {
        let kind = snapshot.kind(name).unwrap().id;
        let rows = held.keys().filter(|(kind, _)| *kind == number).count();
        assert_eq!(snapshot.rows(kind), rows as u64);
        let alive: usize = snapshot
            .collection(kind)
            .segments
            .iter()
            .map(|live| live.alive.count())
            .sum();
        assert_eq!(alive, rows, "one living row a document");
        for at in 0..IDS {
            let id = format!("n{at}");
            let stored = snapshot
                .get(kind, &id)
                .map(|s| (s.version, stored_json(s.json)));
            assert_eq!(stored.as_ref(), held.get(&(number, id)));
        }
    }
}

#[test]
fn the_store_is_a_map_and_old_snapshots_stay_as_they_were() {
    let mut rng = Rng::new("store", 1);
    let mut tails = 0;
    let kinds = Arc::new(Kinds::parse(NOTES).unwrap());
    for _ in 0..6 {
        let mut model = Model {
            kinds: Arc::clone(&kinds),
            held: Held::new(),
            deleted: BTreeMap::new(),
            written: 0,
        };
        let mut store = Store::new(Arc::clone(&kinds), TINY);
        let mut out: Option<(Merged, bool)> = None;
        let mut kept: Vec<(Arc<Snapshot>, Held)> = Vec::new();
        for round in 0..200 {
            let count = 1 + rng.below(40);
            let (changes, expected): (Vec<Prepared>, Vec<Outcome>) =
                (0..count).map(|_| model.change(&mut rng)).unzip();
            let before = store.snapshot().sequence;
            let changed = |outcome: &Outcome| outcome.has_effect;
            assert_eq!(store.foresee(&changes, 0), expected);
            assert_eq!(store.apply(changes, 0), expected);
            assert_eq!(
                store.snapshot().sequence > before,
                expected.iter().any(changed)
            );
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
            if rng.chance(3) {
                // Takes the segments away under a merge that is out.
                store.relayout(1 + rng.below(5), rng.chance(50));
                if let Some((merged, _)) = out.take() {
                    let changed = store.install(merged);
                    assert!(!changed, "a merge whose sources are gone changes nothing");
                }
            }
            if round % 40 == 0 {
                kept.push((store.snapshot(), model.held.clone()));
            }
            if rng.chance(10) {
                check(&model.held, &store.snapshot());
            }
        }
        kept.push((store.snapshot(), model.held.clone()));
        for (snapshot, held) in &kept {
            check(held, snapshot);
        }
    }
    assert!(tails > 10, "{tails} merges of the tail");
}
