//! Erasing on a folder that fails, or loses its power, at any call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tandem_index::disk::{Folder, MemoryFolder, coins};
use tandem_index::erase;
use tandem_index::{Kinds, Prepared, Write, prepare};

use super::{Running, SPACES, put};

const CANARY: &str = "zqxcanary";

/// Changes behind a checkpoint at which the next is due.
const CHANGES: u64 = 6;

fn start(folder: &MemoryFolder, kinds: &Arc<Kinds>) -> Running {
    Running::start(folder, kinds, CHANGES, None)
}

/// Whether it was answered, and whether the files are rewritten. One that
/// cannot be waits for its next try; that is not waited for.
fn erased(server: &Running, subject: &str) -> (bool, bool) {
    let Some((sequence, done)) = server.erase(0, subject, true) else {
        return (false, false);
    };
    assert_eq!(server.spaces[0].read_before(sequence), 0);
    let done = server
        .runtime
        .block_on(async { tokio::time::timeout(Duration::from_millis(300), done).await });
    (true, matches!(done, Ok(Ok(()))))
}

fn holds(server: &Running, subject: &str) -> usize {
    let found = erase::find(&server.spaces[0].current(), subject, None);
    found.iter().filter(|one| one.alive).count()
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
    let server = start(&folder, kinds);
    for n in 0..5 {
        server
            .apply(0, vec![put(kinds, &format!("j{n}"), "Baker", 1)])
            .unwrap();
    }
    for version in 1..3 {
        let ann = json!({"id": "ann", "headline": CANARY, "version": version});
        let job = json!({"id": "a1", "title": CANARY, "subject": "ann", "version": version});
        server
            .apply(0, vec![person(kinds, "candidates", ann)])
            .unwrap();
        server.apply(0, vec![person(kinds, "jobs", job)]).unwrap();
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
        let server = start(&folder, &kinds);
        folder.fail_at(call);
        let (answered, done) = erased(&server, "ann");
        assert!(!answered || holds(&server, "ann") == 0);
        assert!(!done || !has_canary(&folder), "call {call}");
        server.stop();
        for seed in 0..4 {
            let after = folder.after_power_cut(coins(seed));
            let server = start(&after, &kinds);
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
            assert_eq!(holds(&server, "ann"), if recorded { 0 } else { 2 });
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
    let server = start(&folder, &kinds);
    let held: u64 = folder.list().unwrap().iter().map(|(_, bytes)| bytes).sum();
    // Room for the record in the ledger, none for the frame in the journal.
    folder.full_at(held + 160);
    assert_eq!(erased(&server, "ann"), (false, false));
    assert_eq!(holds(&server, "ann"), 2);
    assert!(server.ledger.subject(SPACES[0], "ann").is_none());
    folder.full_at(u64::MAX);
    assert_eq!(erased(&server, "ann"), (true, true));
    assert!(!has_canary(&folder));
    server.stop();
}
