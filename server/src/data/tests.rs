//! The writer, the journal and checkpoints together, on a folder in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tandem_index::disk::{Folder, MemoryFolder, coins};
use tandem_index::journal::{Batch, Change, Operation};
use tandem_index::ledger::Ledger;
use tandem_index::witness::{History, Witness};
use tandem_index::{Kinds, Prepared, Store, StoreOptions, Write, prepare};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::{Found, OpenError};
use crate::clock::now_ms;
use crate::metrics::Metrics;
use crate::space::Space;
use crate::wire::problem::{Code, Outcome};
use crate::writer::{Applied, Disk, Erase, Erasures, Policy, Writer};

mod erase;
mod missing;
mod model;
mod numbers;
mod pressure;

const SPACES: [&str; 2] = ["one", "two"];

/// Sizes at which a few changes are merged.
fn options() -> StoreOptions {
    StoreOptions {
        tail_rows_max: 4,
        large_rows_min: 8,
        segment_rows_max: 64,
    }
}

fn stores(kinds: &Arc<Kinds>) -> BTreeMap<String, Store> {
    let store = || Store::new(Arc::clone(kinds), options());
    SPACES
        .iter()
        .map(|name| ((*name).to_owned(), store()))
        .collect()
}

/// A change that depends on the number alone: puts with and without a
/// version, and deletes, of a few ids of two kinds.
fn change(kinds: &Kinds, number: u64) -> Prepared {
    let dice = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let kind = kinds
        .get(["jobs", "candidates"][dice as usize % 2])
        .unwrap()
        .id;
    let id = format!("id {}", dice / 2 % 7);
    let title = ["title", "headline"][dice as usize % 2];
    let write = match dice / 14 % 4 {
        0 => Write::Delete {
            kind,
            id,
            version: (dice / 56).is_multiple_of(3).then_some(dice / 168 % 9),
        },
        1 => Write::Put {
            kind,
            id: Some(id),
            document: json!({title: number.to_string(), "version": dice / 56 % 9}),
        },
        _ => Write::Put {
            kind,
            id: None,
            document: json!({"id": id, title: number.to_string()}),
        },
    };
    prepare(kinds, write).unwrap()
}

/// Every document of every space with its version, and sequence numbers.
fn content(kinds: &Kinds, stores: &BTreeMap<String, Store>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, store) in stores {
        let snapshot = store.snapshot();
        found.push(format!("{name} {}", snapshot.sequence));
        for (kind, id) in kinds
            .iter()
            .flat_map(|kind| (0..7).map(move |id| (kind.id, id)))
        {
            let stored = snapshot.get(kind, &format!("id {id}"));
            found.push(format!("{stored:?}"));
        }
    }
    found
}

/// What a folder holds, opened with a witness of its own.
fn restore(
    folder: Arc<dyn Folder>,
    kinds: &Arc<Kinds>,
    options: StoreOptions,
    stores: &mut BTreeMap<String, Store>,
) -> Result<(Found, Arc<Witness>), OpenError> {
    let witness = Witness::open(Arc::clone(&folder), History::of(7)).map_err(OpenError::File)?;
    let found = super::restore(folder, &witness, kinds, options, stores)?;
    Ok((found, Arc::new(witness)))
}

/// A writer on a folder, as a start leaves it.
struct Running {
    writer: Writer,
    handle: std::thread::JoinHandle<()>,
    spaces: Vec<Arc<Space>>,
    ledger: Arc<Ledger>,
    runtime: Runtime,
    metrics: Arc<Metrics>,
}

impl Running {
    /// Opens the folder; `fail_at` counts calls from the moment it is open.
    fn start(
        folder: &MemoryFolder,
        kinds: &Arc<Kinds>,
        changes: u64,
        fail_at: Option<u64>,
    ) -> Self {
        let mut stores = stores(kinds);
        let shared: Arc<dyn Folder> = Arc::new(folder.clone());
        let opened = restore(Arc::clone(&shared), kinds, options(), &mut stores);
        let (found, witness) = opened.unwrap();
        let feed = Arc::new(found.feed);
        let ledger = Ledger::open(Arc::clone(&shared), [1; 32], Arc::clone(&witness));
        let ledger = Arc::new(ledger.unwrap());
        if let Some(call) = fail_at {
            folder.fail_at(call);
        }
        let disk = Disk {
            folder: shared,
            journal: found.journal,
            checkpoint: found.checkpoint,
            feed: Arc::clone(&feed),
            witness,
            policy: Policy {
                changes,
                ..Policy::default()
            },
        };
        let (mut spaces, mut handed) = (Vec::new(), Vec::new());
        for (number, (name, store)) in stores.into_iter().enumerate() {
            let space = Space::new(name.clone(), number, &store.snapshot(), History::of(7));
            let space = Arc::new(space.with_feed(Arc::clone(&feed)));
            spaces.push(Arc::clone(&space));
            handed.push((space, store.with_ledger(&name, Arc::clone(&ledger))));
        }
        let erasures = Erasures {
            ledger: Arc::clone(&ledger),
            within: Duration::from_hours(1),
        };
        let metrics = Arc::new(Metrics::new());
        let (writer, handle) =
            Writer::start(handed, Some(disk), erasures, Arc::clone(&metrics)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        Self {
            writer,
            handle,
            spaces,
            ledger,
            runtime,
            metrics,
        }
    }

    fn apply(&self, space: usize, batch: Vec<Prepared>) -> Outcome<Applied> {
        self.runtime
            .block_on(async { self.writer.apply(space, batch, None).await?.applied().await })
    }

    /// Erases a person: the sequence number without them, and who is told when
    /// the files are rewritten; nothing where it was refused.
    fn erase(
        &self,
        space: usize,
        subject: &str,
        now: bool,
    ) -> Option<(u64, oneshot::Receiver<()>)> {
        let (reply, replied) = oneshot::channel();
        let seen = self.spaces[space].current();
        let order = Erase {
            space,
            subject: subject.to_owned(),
            found: tandem_index::erase::find(&seen, subject, None),
            seen,
            now,
            reply,
        };
        self.runtime.block_on(async {
            self.writer.erase(order).await.ok()?;
            let erased = replied.await.ok()?.ok()?;
            Some((erased.sequence, erased.done))
        })
    }

    /// The lines of `/metrics`.
    fn metrics(&self) -> String {
        let snapshot = self.spaces[0].current();
        self.metrics.text(Some((SPACES[0], &snapshot)), true)
    }

    fn stop(self) {
        self.runtime.block_on(self.writer.stop());
        self.handle.join().unwrap();
    }
}

/// What a start finds: content and changes replayed.
fn reopened(folder: &MemoryFolder, kinds: &Arc<Kinds>) -> (Vec<String>, u64) {
    let mut after = stores(kinds);
    let (found, _) = restore(Arc::new(folder.clone()), kinds, options(), &mut after).unwrap();
    (content(kinds, &after), found.opened.changes)
}

fn put(kinds: &Kinds, id: &str, title: &str, version: u64) -> Prepared {
    let kind = kinds.get("jobs").unwrap().id;
    let document = json!({"id": id, "title": title, "version": version});
    let put = Write::Put {
        kind,
        id: None,
        document,
    };
    prepare(kinds, put).unwrap()
}

#[test]
fn checkpoint_and_replay_lead_to_the_same_documents_versions_and_sequences() {
    let kinds = Arc::new(Kinds::builtin());
    // Never checkpointed but at the stop, now and then, all the time.
    for checkpoint_at in [u64::MAX, 25, 1] {
        let folder = MemoryFolder::default();
        let mut before = stores(&kinds);
        let running = Running::start(&folder, &kinds, checkpoint_at, None);
        let mut number = 0;
        for round in 0..120 {
            let space = round % 2;
            let batch: Vec<Prepared> = (0..=round % 5)
                .map(|_| {
                    number += 1;
                    change(&kinds, number)
                })
                .collect();
            let store = before.get_mut(SPACES[space]).unwrap();
            let foreseen = store.foresee(&batch, now_ms());
            let expected = store.apply(batch.clone(), now_ms());
            assert_eq!(foreseen, expected);
            let applied = running.apply(space, batch).unwrap();
            assert_eq!(applied.outcomes, expected);
        }
        // A batch without an effect is not kept: the last ones have one.
        for (space, store) in before.values_mut().enumerate() {
            let last = put(&kinds, "id 0", "last", 1_000);
            store.apply(vec![last.clone()], now_ms());
            running.apply(space, vec![last]).unwrap();
        }
        let documents = |content: Vec<String>| -> Vec<String> {
            // Merging rises the sequence number too, at moments nobody knows.
            let is_name = |line: &String| SPACES.iter().any(|name| line.starts_with(name));
            content.into_iter().filter(|line| !is_name(line)).collect()
        };
        // The folder as kill -9 would leave it now, then as a clean stop does.
        let killed = folder.after_power_cut(|| true);
        let reached: Vec<u64> = (running.spaces.iter())
            .map(|space| space.current().sequence)
            .collect();
        running.stop();
        let expected = documents(content(&kinds, &before));
        assert_eq!(documents(reopened(&killed, &kinds).0), expected);
        let (stopped, replayed) = reopened(&folder, &kinds);
        assert_eq!(documents(stopped), expected);
        assert_eq!(replayed, 0, "a clean stop leaves nothing to replay");
        let mut after = stores(&kinds);
        restore(Arc::new(folder), &kinds, options(), &mut after).unwrap();
        for (store, reached) in after.values().zip(reached) {
            assert!(store.snapshot().sequence >= reached);
        }
    }
}

#[test]
fn a_space_no_key_opens_is_kept_through_checkpoints() {
    let kinds = Arc::new(Kinds::builtin());
    let folder = MemoryFolder::default();
    let running = Running::start(&folder, &kinds, u64::MAX, None);
    for space in 0..2 {
        running
            .apply(space, vec![put(&kinds, "a", "held", 7)])
            .unwrap();
    }
    let killed = folder.after_power_cut(|| true);
    running.stop();
    for folder in [killed, folder] {
        // From the journal, and from a checkpoint.
        let mut alone = stores(&kinds);
        alone.remove("two");
        restore(Arc::new(folder), &kinds, options(), &mut alone).unwrap();
        let kind = kinds.get("jobs").unwrap().id;
        let snapshot = alone["two"].snapshot();
        assert_eq!(snapshot.get(kind, "a").map(|held| held.version), Some(7));
    }
}

#[test]
fn a_disk_that_fails_or_loses_power_at_any_call_loses_nothing_acknowledged() {
    let kinds = Arc::new(Kinds::builtin());
    let kind = kinds.get("jobs").unwrap().id;
    let (mut call, mut refusals) = (0, 0);
    loop {
        call += 1;
        let folder = MemoryFolder::default();
        let running = Running::start(&folder, &kinds, 3, Some(call));
        let mut acknowledged = 0;
        let mut refused = None;
        for number in 1..=12 {
            let change = put(&kinds, &number.to_string(), "x", number);
            match running.apply(0, vec![change]) {
                Ok(_) => acknowledged = number,
                Err(refusal) => {
                    refused = Some(refusal.code);
                    break;
                }
            }
        }
        assert!(
            refused.is_none_or(|code| [Code::NotReady, Code::WriterStopped].contains(&code)),
            "{refused:?}"
        );
        refusals += u64::from(refused.is_some());
        assert_eq!(running.spaces[0].current().rows(kind), acknowledged);
        if refused.is_none() {
            running.stop();
        } else {
            running.handle.join().unwrap();
            assert!(!running.writer.runs());
        }
        for seed in 0..6 {
            let left = match seed {
                0 => folder.after_power_cut(|| false),
                1 => folder.after_power_cut(|| true),
                seed => folder.after_power_cut(coins(seed * 1_000 + call)),
            };
            let mut after = stores(&kinds);
            let (found, _) = restore(Arc::new(left), &kinds, options(), &mut after)
                .unwrap_or_else(|cause| panic!("call {call}, seed {seed}: {cause}"));
            let snapshot = after["one"].snapshot();
            let mut told = Vec::new();
            let all = found.feed.read("one", 0, |_, changes| {
                told.extend(changes.iter().map(|change| change.version));
                true
            });
            let held: Vec<u64> = (1..=snapshot.rows(kind)).collect();
            assert_eq!(told, held, "call {call}, seed {seed}: {all:?}");
            for number in 1..=12 {
                let held = snapshot.get(kind, &number.to_string());
                let held = held.map(|stored| stored.version);
                // The one on its way may have survived, those never sent not.
                let allowed = held == Some(number) && number <= acknowledged + 1
                    || held.is_none() && number > acknowledged;
                assert!(allowed, "call {call}, seed {seed}: {number} is {held:?}");
            }
        }
        if folder.calls() < call {
            break;
        }
    }
    assert!(
        call > 20 && refusals > 5,
        "{call} calls, {refusals} refusals"
    );
}

#[test]
fn a_full_disk_refuses_writes_and_takes_them_again_when_there_is_room() {
    let kinds = Arc::new(Kinds::builtin());
    let kind = kinds.get("jobs").unwrap().id;
    let folder = MemoryFolder::default();
    let running = Running::start(&folder, &kinds, 4, None);
    running
        .apply(0, vec![put(&kinds, "1", "first", 1)])
        .unwrap();
    let used: usize = folder.files().iter().map(|(_, bytes)| bytes.len()).sum();
    folder.full_at(used as u64 + 100);
    let long = "word ".repeat(200);
    let refused = "\ntandem_journal_full_total ";
    assert!(running.metrics().contains(&format!("{refused}0\n")));
    for number in 2..12_u64 {
        let refused = running.apply(0, vec![put(&kinds, &number.to_string(), &long, 1)]);
        assert_eq!(
            refused.err().map(|refusal| refusal.code),
            Some(Code::StorageFull)
        );
    }
    assert!(running.writer.runs());
    assert_eq!(running.spaces[0].current().rows(kind), 1);
    assert!(running.metrics().contains(&format!("{refused}10\n")));
    folder.full_at(u64::MAX);
    for number in 2..12_u64 {
        running
            .apply(0, vec![put(&kinds, &number.to_string(), &long, 1)])
            .unwrap();
    }
    running.stop();
    let mut after = stores(&kinds);
    restore(Arc::new(folder), &kinds, options(), &mut after).unwrap();
    assert_eq!(after["one"].snapshot().rows(kind), 11);
}

#[test]
fn a_journal_of_other_kinds_is_refused() {
    let kinds = Arc::new(Kinds::builtin());
    let folder = MemoryFolder::default();
    let opened = restore(
        Arc::new(folder.clone()),
        &kinds,
        options(),
        &mut stores(&kinds),
    );
    let mut journal = opened.unwrap().0.journal;
    let batch = |kind| Batch {
        space: "one",
        sequence: 1,
        at_ms: 1,
        position: None,
        overlay: None,
        changes: vec![Change {
            kind,
            id: "1",
            version: 1,
            operation: Operation::Put(b"{\"title\":\"x\"}"),
        }],
    };
    for (kind, expected) in [("jobs", None), ("flats", Some("kind `flats`"))] {
        journal.append(&[batch(kind)]).unwrap();
        let opened = restore(
            Arc::new(folder.clone()),
            &kinds,
            options(),
            &mut stores(&kinds),
        );
        let said = opened.err().map(|error| error.to_string());
        assert_eq!(said.is_some(), expected.is_some(), "{said:?}");
        assert!(said.unwrap_or_default().contains(expected.unwrap_or("")));
    }
}
