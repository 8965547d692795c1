use std::sync::Arc;

use super::{History, Known, KnownLedger, NEW_FILE, WITNESS_FILE, Witness, look};
use crate::disk::{FileError, Folder, MemoryFolder, coins};

fn open(folder: &MemoryFolder) -> Result<Witness, FileError> {
    Witness::open(Arc::new(folder.clone()), History::of(7))
}

fn ledger(bytes: u64) -> KnownLedger {
    KnownLedger {
        check: [7; 16],
        bytes,
    }
}

#[test]
fn what_it_was_told_it_says_and_never_less() {
    let folder = MemoryFolder::default();
    let witness = open(&folder).unwrap();
    assert!(!witness.was_there());
    assert_eq!(folder.files(), [], "who only looks writes nothing");
    witness.reached(5).unwrap();
    witness.has_ledger(ledger(32)).unwrap();
    witness.reached(3).unwrap();
    witness.has_ledger(ledger(16)).unwrap();
    let expected = Known {
        frame: 5,
        ledger: Some(ledger(32)),
        history: Some(History::of(7)),
    };
    let again = open(&folder).unwrap();
    assert!(again.was_there());
    assert_eq!((witness.known(), again.known()), (expected, expected));
    // What it knows already costs no write; what it will have goes with the next.
    let calls = folder.calls();
    again.reached(4).unwrap();
    again.will_have_ledger(ledger(40));
    assert_eq!(
        (folder.calls(), look(&folder).unwrap()),
        (calls, Some(expected))
    );
    again.reached(5).unwrap();
    let known = look(&folder).unwrap().unwrap();
    assert_eq!(known.ledger, Some(ledger(40)));
}

#[test]
fn a_power_cut_at_any_call_leaves_one_that_was_true() {
    for call in 1.. {
        let folder = MemoryFolder::default();
        folder.fail_at(call);
        let (mut told, mut tried) = (0, 0);
        let done = open(&folder).and_then(|witness| {
            for frame in 1..5 {
                tried = frame;
                witness.reached(frame)?;
                told = frame;
            }
            Ok(())
        });
        for seed in 0..40 {
            let left = folder.after_power_cut(coins(seed));
            let found = look(&left).unwrap().unwrap_or_default().frame;
            assert!((told..=tried).contains(&found), "{call} {seed}: {found}");
            // Whatever is left of a new one is in nobody's way.
            open(&left).unwrap().reached(9).unwrap();
            let left = left.after_power_cut(|| false);
            assert_eq!(look(&left).unwrap().unwrap_or_default().frame, 9);
            assert!(left.content(NEW_FILE).is_none());
        }
        if done.is_ok() {
            return;
        }
    }
}

#[test]
fn a_write_that_fails_is_not_tried_again() {
    let folder = MemoryFolder::default();
    let witness = open(&folder).unwrap();
    folder.fail_at(3);
    assert!(witness.reached(1).is_err());
    let calls = folder.calls();
    let said = witness.reached(2).unwrap_err().to_string();
    assert!(said.contains("an earlier write failed"), "{said}");
    assert_eq!(folder.calls(), calls);
}

#[test]
fn a_full_disk_makes_it_know_less_and_nothing_wrong() {
    let folder = MemoryFolder::default();
    let witness = open(&folder).unwrap();
    witness.reached(1).unwrap();
    folder.full_at(100);
    witness.reached(2).unwrap();
    assert_eq!(look(&folder).unwrap().unwrap().frame, 1);
    assert!(folder.content(NEW_FILE).is_none(), "no room is taken");
    folder.full_at(u64::MAX);
    witness.reached(2).unwrap();
    assert_eq!(look(&folder).unwrap().unwrap().frame, 2);
}

/// A file of a format, made from docs/FORMAT.md by another program.
fn fixture(version: u32) -> Vec<u8> {
    let bytes: &[u8] = match version {
        1 => include_bytes!("../../tests/fixtures/witness-1/witness"),
        _ => include_bytes!("../../tests/fixtures/witness-2/witness"),
    };
    bytes.to_vec()
}

fn with(bytes: Vec<u8>) -> MemoryFolder {
    MemoryFolder::with_files([(WITNESS_FILE.to_owned(), bytes)])
}

fn of_fixture() -> Known {
    let mut check = [0; 16];
    check.copy_from_slice(&(16..32).collect::<Vec<u8>>());
    Known {
        frame: 70_000,
        ledger: Some(KnownLedger {
            check,
            bytes: 1_234,
        }),
        history: None,
    }
}

#[test]
fn format_1_is_read_and_gets_a_history() {
    let folder = with(fixture(1));
    assert_eq!(look(&folder).unwrap(), Some(of_fixture()));
    let witness = open(&folder).unwrap();
    assert_eq!(witness.history(), History::of(7));
    witness.reached(0).unwrap();
    assert_eq!(folder.content(WITNESS_FILE), Some(fixture(2)));
}

#[test]
fn format_2_is_read_and_written_byte_for_byte() {
    let expected = Known {
        history: Some(History::of(7)),
        ..of_fixture()
    };
    assert_eq!(look(&with(fixture(2))).unwrap(), Some(expected));
    let folder = MemoryFolder::default();
    let witness = open(&folder).unwrap();
    witness.will_have_ledger(expected.ledger.unwrap());
    witness.reached(70_000).unwrap();
    assert_eq!(folder.content(WITNESS_FILE), Some(fixture(2)));
}

#[test]
fn a_history_stays_until_another_one_begins() {
    let folder = MemoryFolder::default();
    open(&folder).unwrap().reached(1).unwrap();
    let later = |folder: &MemoryFolder| Witness::open(Arc::new(folder.clone()), History::of(8));
    let witness = later(&folder).unwrap();
    assert_eq!(witness.history(), History::of(7));
    witness.begin_history();
    witness.reached(1).unwrap();
    assert_eq!(open(&folder).unwrap().history(), History::of(8));
    folder.remove(WITNESS_FILE).unwrap();
    assert_eq!(open(&folder).unwrap().history(), History::of(7));
    assert_eq!(History::of(0x2a).to_string(), "0000002a");
}

#[test]
fn every_flipped_byte_and_every_part_of_it_is_refused() {
    let refused = |bytes: Vec<u8>| {
        let folder = with(bytes.clone());
        let said = open(&folder).map(drop).unwrap_err().to_string();
        assert!(said.contains("the file is damaged"), "{said}");
        assert_eq!(folder.content(WITNESS_FILE), Some(bytes));
    };
    for version in [1, 2] {
        for at in 0..fixture(version).len() {
            for flip in 1..=255 {
                let mut bytes = fixture(version);
                bytes[at] ^= flip;
                refused(bytes);
            }
            refused(fixture(version)[..at].to_vec());
        }
        refused([fixture(version), vec![0]].concat());
    }
    let mut newer = fixture(2);
    newer[8] = 3;
    let check = crc32fast::hash(&newer[..12]);
    newer[12..16].copy_from_slice(&check.to_le_bytes());
    let said = open(&with(newer)).map(drop).unwrap_err().to_string();
    assert!(
        said.contains("format 3; this program reads formats up to 2"),
        "{said}"
    );
}
