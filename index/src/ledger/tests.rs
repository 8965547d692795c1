use std::sync::Arc;

use super::{ErasedDocument, KEY_FILE, LEDGER_FILE, Ledger};
use crate::disk::{FileError, Folder, MemoryFolder, coins};
use crate::witness::{History, WITNESS_FILE, Witness};

const KEY: [u8; 32] = [7; 32];

fn open(folder: &MemoryFolder) -> Result<Ledger, FileError> {
    open_with(folder, KEY).map(|(ledger, _)| ledger)
}

/// With a witness that is not written.
fn open_with(folder: &MemoryFolder, key: [u8; 32]) -> Result<(Ledger, Arc<Witness>), FileError> {
    let shared: Arc<dyn Folder> = Arc::new(folder.clone());
    let witness = Arc::new(Witness::open(Arc::clone(&shared), History::of(7))?);
    let ledger = Ledger::open(shared, key, Arc::clone(&witness))?;
    Ok((ledger, witness))
}

/// As a start does it.
fn start(folder: &MemoryFolder) -> Result<Ledger, FileError> {
    start_with(folder, KEY)
}

fn start_with(folder: &MemoryFolder, key: [u8; 32]) -> Result<Ledger, FileError> {
    let (ledger, witness) = open_with(folder, key)?;
    witness.reached(0)?;
    Ok(ledger)
}

fn record(ledger: &Ledger, subject: &str, version: u64) -> Result<super::Mark, FileError> {
    let documents = ["jobs", "candidates"].map(|kind| ErasedDocument {
        kind,
        id: subject,
        version,
    });
    ledger.record("one", subject, &documents, 10 + version as i64)
}

fn bytes(folder: &MemoryFolder, file: &str) -> Vec<u8> {
    folder.map(file).unwrap().to_vec()
}

fn with(files: &[(&str, &[u8])]) -> MemoryFolder {
    let folder = MemoryFolder::default();
    for (file, bytes) in files {
        folder.append(file, bytes).unwrap();
        folder.sync(file).unwrap();
    }
    folder.sync_folder().unwrap();
    folder
}

#[test]
fn what_is_recorded_is_found_by_who_knows_the_name_alone() {
    let folder = MemoryFolder::default();
    let ledger = open(&folder).unwrap();
    assert!(ledger.is_empty() && ledger.pending().is_none());
    record(&ledger, "ann-canary", 3).unwrap();
    record(&ledger, "bob", 4).unwrap();
    ledger.undo(record(&ledger, "bob", 9).unwrap()).unwrap();
    ledger.undo(record(&ledger, "eve", 9).unwrap()).unwrap();
    ledger.done(1, 50).unwrap();
    for ledger in [ledger, open(&folder).unwrap()] {
        let ann = ledger.subject("one", "ann-canary").unwrap();
        assert_eq!((ann.number, ann.at_ms, ann.documents), (1, 13, 2));
        assert_eq!(ann.done_ms, Some(50));
        let bob = ledger.subject("one", "bob").unwrap();
        assert_eq!((bob.number, bob.done_ms), (2, None));
        assert_eq!(ledger.pending(), Some(14));
        assert_eq!(ledger.document("one", "jobs", "bob"), Some(4));
        assert_eq!(ledger.document("two", "jobs", "bob"), None);
        assert_eq!(ledger.document("one", "jobs", "eve"), None);
        assert!(ledger.subject("one", "eve").is_none());
        assert!(ledger.subject("two", "bob").is_none());
        assert_eq!(ledger.last(), 3);
    }
    let written = bytes(&folder, LEDGER_FILE);
    assert!(memchr::memmem::find(&written, b"canary").is_none());
}

#[test]
fn a_power_cut_at_any_call_loses_nothing_that_was_answered() {
    for call in 1.. {
        let folder = MemoryFolder::default();
        folder.fail_at(call);
        let mut answered = 0;
        let outcome = open(&folder).and_then(|ledger| {
            for version in 1..4 {
                record(&ledger, &format!("s{version}"), version)?;
                answered = version;
            }
            ledger.done(2, 90)
        });
        for seed in 0..8 {
            let after = folder.after_power_cut(coins(seed));
            let ledger = open(&after).unwrap();
            for version in 1..=answered {
                let subject = format!("s{version}");
                assert_eq!(ledger.document("one", "jobs", &subject), Some(version));
            }
            assert!(
                ledger
                    .subject("one", &format!("s{}", answered + 2))
                    .is_none()
            );
        }
        if outcome.is_ok() {
            return;
        }
    }
}

#[test]
fn a_power_cut_at_any_call_leaves_a_ledger_that_its_witness_knows() {
    for call in 1.. {
        let folder = MemoryFolder::default();
        folder.fail_at(call);
        let mut answered = 0;
        let outcome = start(&folder).and_then(|ledger| {
            for version in 1..4 {
                let mark = record(&ledger, &format!("s{version}"), version)?;
                // One that is taken back is not missed.
                if version == 2 {
                    ledger.undo(mark)?;
                    continue;
                }
                ledger.settle(mark)?;
                answered = version;
            }
            ledger.done(2, 90)
        });
        for seed in 0..40 {
            let after = folder.after_power_cut(coins(seed));
            let ledger = start(&after).unwrap_or_else(|cause| panic!("{call} {seed}: {cause}"));
            for version in [1, 3].into_iter().filter(|version| *version <= answered) {
                let subject = format!("s{version}");
                assert_eq!(ledger.document("one", "jobs", &subject), Some(version));
            }
            drop(ledger);
            start(&after.after_power_cut(|| false)).unwrap();
        }
        if outcome.is_ok() {
            return;
        }
    }
}

#[test]
fn a_ledger_that_is_missing_older_or_another_one_is_refused() {
    let folder = MemoryFolder::default();
    let ledger = start(&folder).unwrap();
    let empty = (bytes(&folder, KEY_FILE), bytes(&folder, LEDGER_FILE));
    for version in 1..3 {
        let mark = record(&ledger, &format!("s{version}"), version).unwrap();
        ledger.settle(mark).unwrap();
    }
    let (key, written) = (bytes(&folder, KEY_FILE), bytes(&folder, LEDGER_FILE));
    let witness = bytes(&folder, WITNESS_FILE);
    let other = MemoryFolder::default();
    let begun = start_with(&other, [9; 32]).unwrap();
    for version in 1..3 {
        record(&begun, "x", version).unwrap();
    }
    let other = (bytes(&other, KEY_FILE), bytes(&other, LEDGER_FILE));
    let no = Vec::new;
    let torn = [&written[..], &written[32..100]].concat();
    let cases = [
        (
            None,
            None,
            LEDGER_FILE,
            "and its key, the file ledger.key, is missing",
        ),
        (
            Some(key.clone()),
            None,
            LEDGER_FILE,
            "the ledger of erasures is missing",
        ),
        (
            Some(key.clone()),
            Some(no()),
            LEDGER_FILE,
            "is missing or empty",
        ),
        (
            Some(key.clone()),
            Some(written[..31].to_vec()),
            LEDGER_FILE,
            "is missing or empty",
        ),
        (
            None,
            Some(written.clone()),
            KEY_FILE,
            "its key, the file ledger.key, is not",
        ),
        (
            Some(other.0),
            Some(other.1),
            LEDGER_FILE,
            "not the ledger of this folder",
        ),
        (
            Some(empty.0),
            Some(empty.1),
            LEDGER_FILE,
            "byte 32: the ledger ends here",
        ),
        (
            Some(key.clone()),
            Some(written[..written.len() - 1].to_vec()),
            LEDGER_FILE,
            "the ledger ends here, and had 320 bytes",
        ),
        (Some(key.clone()), Some(written.clone()), "", ""),
        // A record nobody was told of.
        (Some(key), Some(torn), "", ""),
    ];
    for (key, ledger, file, why) in cases {
        let folder = with(&[(WITNESS_FILE, &witness)]);
        for (file, bytes) in [(KEY_FILE, key), (LEDGER_FILE, ledger)] {
            if let Some(bytes) = bytes {
                folder.set(file, bytes);
            }
        }
        let files = folder.files();
        let said = start(&folder).map(drop).map_err(|cause| cause.to_string());
        match why {
            "" => assert_eq!(said, Ok(())),
            why => {
                let said = said.unwrap_err();
                assert!(said.starts_with(&format!("memory/{file}, byte ")), "{said}");
                assert!(said.contains(why), "{said}");
                assert_eq!(folder.files(), files, "{said}");
            }
        }
    }
}

#[test]
fn a_ledger_from_before_there_was_a_witness_gets_one() {
    let folder = MemoryFolder::default();
    record(&open(&folder).unwrap(), "ann", 1).unwrap();
    drop(start(&folder).unwrap());
    folder.remove(LEDGER_FILE).unwrap();
    folder.remove(KEY_FILE).unwrap();
    let said = start(&folder).map(drop).unwrap_err().to_string();
    assert!(said.contains("is missing"), "{said}");
    // And on purpose a new one is begun.
    folder.remove(WITNESS_FILE).unwrap();
    assert!(start(&folder).unwrap().is_empty());
}

#[test]
fn damage_is_refused_or_was_never_answered() {
    let folder = MemoryFolder::default();
    let ledger = open(&folder).unwrap();
    for version in 1..4 {
        record(&ledger, &format!("s{version}"), version).unwrap();
    }
    let (key, written) = (bytes(&folder, KEY_FILE), bytes(&folder, LEDGER_FILE));
    let last = written.len() - 64 - 80;
    for at in 0..written.len() {
        let mut damaged = written.clone();
        damaged[at] ^= 0x40;
        let opened = open(&with(&[(KEY_FILE, &key), (LEDGER_FILE, &damaged)]));
        // With a greater count the last record is shorter than it says, like the torn
        // end of a write nobody was told of.
        let is_count = (last + 12..last + 16).contains(&at);
        assert_eq!(opened.is_ok(), is_count, "byte {at}");
    }
    for at in 0..key.len() {
        let mut damaged = key.clone();
        damaged[at] ^= 1;
        let opened = open(&with(&[(KEY_FILE, &damaged), (LEDGER_FILE, &written)]));
        assert!(matches!(opened, Err(FileError::Refused { .. })), "{at}");
    }
    let without = open(&with(&[(LEDGER_FILE, &written)]));
    assert!(without.unwrap_err().to_string().contains("ledger.key"));
    let other = with(&[]);
    open_with(&other, [9; 32]).unwrap();
    let other = bytes(&other, KEY_FILE);
    let opened = open(&with(&[(KEY_FILE, &other), (LEDGER_FILE, &written)]));
    assert!(opened.unwrap_err().to_string().contains("another key"));
}

#[test]
fn a_full_disk_takes_no_record_and_the_next_may_fit() {
    let folder = MemoryFolder::default();
    let ledger = open(&folder).unwrap();
    record(&ledger, "ann", 1).unwrap();
    let held: u64 = folder.list().unwrap().iter().map(|(_, bytes)| bytes).sum();
    folder.full_at(held + 20);
    assert!(matches!(
        record(&ledger, "bob", 1),
        Err(FileError::Full { .. })
    ));
    assert!(ledger.subject("one", "bob").is_none());
    folder.full_at(u64::MAX);
    record(&ledger, "bob", 2).unwrap();
    let opened = open(&folder).unwrap();
    assert_eq!(opened.document("one", "jobs", "bob"), Some(2));
}

/// Files of format 1, made from docs/FORMAT.md by another program.
#[test]
fn format_1_is_read() {
    let key = include_bytes!("../../tests/fixtures/ledger-v1/ledger.key");
    let written = include_bytes!("../../tests/fixtures/ledger-v1/ledger");
    let folder = with(&[(KEY_FILE, key), (LEDGER_FILE, written)]);
    let ledger = open(&folder).unwrap();
    let ann = ledger.subject("default", "ann").unwrap();
    let expected = super::Erasure {
        number: 1,
        at_ms: 1_000,
        documents: 2,
        done_ms: Some(2_000),
    };
    assert_eq!(ann, expected);
    let version = |kind: &str, id: &str| ledger.document("default", kind, id);
    assert_eq!(version("candidates", "ann"), Some(7));
    assert_eq!(version("jobs", "a1"), Some(u64::MAX));
    assert_eq!(version("jobs", "ann"), None);
    let zoe = ledger.subject("default", "Zo\u{eb}").unwrap();
    assert_eq!((zoe.number, zoe.done_ms), (3, None));
    assert_eq!((ledger.last(), ledger.pending()), (3, Some(3_000)));
    // Nothing of them is written otherwise today.
    ledger.record("default", "bob", &[], 4_000).unwrap();
    assert!(bytes(&folder, LEDGER_FILE).starts_with(written));
}
