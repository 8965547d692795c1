//! Erasing on a folder that fails, or loses its power, at any call.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tandem_index::disk::{Folder, MemoryFolder, coins};
use tandem_index::erase;
use tandem_index::ledger::Ledger;
use tandem_index::witness::Witness;
use tandem_index::{Kinds, Prepared, Store, Write, prepare};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::super::restore;
use super::{SPACES, options, put, stores};
use crate::metrics::Metrics;
use crate::space::Space;
use crate::writer::{Disk, Erase, Erasures, Policy, Writer};

const CANARY: &str = "zqxcanary";

struct Server {
    writer: Writer,
    handle: std::thread::JoinHandle<()>,
    spaces: Vec<Arc<Space>>,
    ledger: Arc<Ledger>,
    runtime: Runtime,
}

impl Server {
    fn start(folder: &MemoryFolder, kinds: &Arc<Kinds>) -> Self {
        let mut stores: BTreeMap<String, Store> = stores(kinds);
        let shared: Arc<dyn Folder> = Arc::new(folder.clone());
        let witness = Arc::new(Witness::open(Arc::clone(&shared)).unwrap());
        let ledger = Ledger::open(Arc::clone(&shared), [3; 32], Arc::clone(&witness));
        let ledger = Arc::new(ledger.unwrap());
        let found = restore(Arc::clone(&shared), &witness, kinds, options(), &mut stores);
        let found = found.unwrap();
        let feed = Arc::new(found.feed);
        let disk = Disk {
            folder: shared,
            journal: found.journal,
            checkpoint: found.checkpoint,
            feed: Arc::clone(&feed),
            witness,
            policy: Policy {
                changes: 6,
                ..Policy::default()
            },
        };
        let mut spaces = Vec::new();
        let mut handed = Vec::new();
        for (number, (name, store)) in stores.into_iter().enumerate() {
            let space = Space::new(name.clone(), number, &store.snapshot());
            let space = Arc::new(space.with_feed(Arc::clone(&feed)));
            spaces.push(Arc::clone(&space));
            handed.push((space, store.with_ledger(&name, Arc::clone(&ledger))));
        }
        let erasures = Erasures {
            ledger: Arc::clone(&ledger),
            within: Duration::from_hours(1),
        };
        let metrics = Arc::new(Metrics::new());
        let (writer, handle) = Writer::start(handed, Some(disk), erasures, metrics).unwrap();
        Self {
            writer,
            handle,
            spaces,
            ledger,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap(),
        }
    }

    fn write(&self, changes: Vec<Prepared>) {
        let applied = self
            .runtime
            .block_on(async { self.writer.apply(0, changes, None).await?.applied().await });
        applied.unwrap();
    }

    /// Whether it was answered, and whether the files are rewritten. One that
    /// cannot be waits for its next try; that is not waited for.
    fn erase(&self, subject: &str) -> (bool, bool) {
        let (reply, replied) = oneshot::channel();
        let seen = self.spaces[0].current();
        let order = Erase {
            space: 0,
            subject: subject.to_owned(),
            found: erase::find(&seen, subject, None),
            seen,
            now: true,
            reply,
        };
        self.runtime.block_on(async {
            if self.writer.erase(order).await.is_err() {
                return (false, false);
            }
            let Ok(Ok(erased)) = replied.await else {
                return (false, false);
            };
            assert_eq!(self.spaces[0].read_before(erased.sequence), 0);
            let done = tokio::time::timeout(Duration::from_millis(300), erased.done).await;
            (true, matches!(done, Ok(Ok(()))))
        })
    }

    fn holds(&self, subject: &str) -> usize {
        let found = erase::find(&self.spaces[0].current(), subject, None);
        found.iter().filter(|one| one.alive).count()
    }

    fn stop(self) {
        self.runtime.block_on(self.writer.stop());
        self.handle.join().unwrap();
    }
}

fn has_canary(folder: &MemoryFolder) -> bool {
    let files = folder.files().into_iter();
    let mut bytes = files.map(|(_, bytes)| bytes);
    bytes.any(|bytes| {
        let mut parts = bytes.windows(CANARY.len());
        parts.any(|part| part == CANARY.as_bytes())
    })
}

fn person(kinds: &Kinds, kind: &str, document: serde_json::Value) -> Prepared {
    let write = Write::Put {
        kind: kinds.get(kind).unwrap().id,
        id: None,
        document,
    };
    prepare(kinds, write).unwrap()
}

fn filled(kinds: &Arc<Kinds>) -> MemoryFolder {
    let folder = MemoryFolder::default();
    let server = Server::start(&folder, kinds);
    for n in 0..5 {
        server.write(vec![put(kinds, &format!("j{n}"), "Baker", 1)]);
    }
    for version in 1..3 {
        let ann = json!({"id": "ann", "headline": CANARY, "version": version});
        let job = json!({"id": "a1", "title": CANARY, "subject": "ann", "version": version});
        server.write(vec![person(kinds, "candidates", ann)]);
        server.write(vec![person(kinds, "jobs", job)]);
    }
    server.stop();
    folder
}

#[test]
fn an_erasure_survives_a_disk_that_fails_or_loses_power_at_any_call() {
    let kinds = Arc::new(Kinds::builtin());
    let begun = filled(&kinds);
    assert!(has_canary(&begun));
    for call in 1.. {
        let folder = begun.after_power_cut(|| true);
        let server = Server::start(&folder, &kinds);
        folder.fail_at(call);
        let (answered, done) = server.erase("ann");
        assert!(!answered || server.holds("ann") == 0);
        assert!(!done || !has_canary(&folder), "call {call}");
        server.stop();
        for seed in 0..4 {
            let after = folder.after_power_cut(coins(seed));
            let server = Server::start(&after, &kinds);
            let recorded = server.ledger.subject(SPACES[0], "ann").is_some();
            assert!(recorded || !answered, "call {call}, seed {seed}");
            let since = Instant::now();
            while server.ledger.pending().is_some() {
                assert!(
                    since.elapsed() < Duration::from_secs(20),
                    "call {call}, seed {seed}"
                );
                std::thread::sleep(Duration::from_millis(1));
            }
            assert_eq!(server.holds("ann"), if recorded { 0 } else { 2 });
            assert!(!recorded || !has_canary(&after), "call {call}, seed {seed}");
            let kind = kinds.get("jobs").unwrap().id;
            assert!(server.spaces[0].current().get(kind, "j4").is_some());
            server.stop();
        }
        if done {
            return;
        }
    }
}

#[test]
fn a_full_disk_refuses_an_erasure_and_nothing_is_different() {
    let kinds = Arc::new(Kinds::builtin());
    let folder = filled(&kinds);
    let server = Server::start(&folder, &kinds);
    let held: u64 = folder.list().unwrap().iter().map(|(_, bytes)| bytes).sum();
    // Room for the record in the ledger, none for the frame in the journal.
    folder.full_at(held + 160);
    assert_eq!(server.erase("ann"), (false, false));
    assert_eq!(server.holds("ann"), 2);
    assert!(server.ledger.subject(SPACES[0], "ann").is_none());
    folder.full_at(u64::MAX);
    assert_eq!(server.erase("ann"), (true, true));
    assert!(!has_canary(&folder));
    server.stop();
}
