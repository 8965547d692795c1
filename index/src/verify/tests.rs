//! What verifying sees beside checksums, and what looking for a text finds.

use super::*;
use crate::checkpoint::write;
use crate::disk::MemoryFolder;
use crate::journal::{Batch, Change as JournalChange, Journal};
use crate::kinds::Kinds;
use crate::store::{Store, StoreOptions, Write, prepare};
use serde_json::json;
use std::sync::Arc;

const TINY: StoreOptions = StoreOptions {
    tail_rows_max: 4,
    large_rows_min: 8,
    segment_rows_max: 100,
};

fn put(store: &mut Store, id: &str, version: u64, word: &str) {
    let kinds = Arc::clone(store.kinds());
    let document = json!({"id": id, "title": format!("Title {word}"), "company": word,
        "description": format!("begins {word}s and ends"), "version": version});
    let change = Write::Put {
        kind: kinds.get("jobs").unwrap().id,
        id: None,
        document,
    };
    store.apply(vec![prepare(&kinds, change).unwrap()], 1_000);
}

/// A checkpoint of twenty documents, one with the word, and merges done.
fn checkpointed(word: &str) -> MemoryFolder {
    let mut store = Store::new(Arc::new(Kinds::builtin()), TINY);
    for id in 0..20 {
        let word = if id == 13 { word } else { "plain" };
        put(&mut store, &format!("j{id}"), 5, word);
        while let Some(job) = store.merge_job() {
            store.install(job.run());
        }
    }
    let folder = MemoryFolder::default();
    let spaces = [("default".to_owned(), store.state())];
    write(&folder, None, 3, &spaces).unwrap();
    folder
}

fn change<'a>(id: &'a str, version: u64, json: Option<&'a [u8]>) -> JournalChange<'a> {
    JournalChange {
        kind: "jobs",
        id,
        version,
        operation: json.map_or(Operation::Delete, Operation::Put),
    }
}

/// Sequence number, time, changes.
type Step<'a> = (u64, i64, Vec<JournalChange<'a>>);

fn journaled(folder: &MemoryFolder, batches: &[Step<'_>]) {
    let shared = Arc::new(folder.clone());
    let (mut journal, _) = Journal::open(shared, 3, |_, _| Ok(())).unwrap();
    for (sequence, at_ms, changes) in batches {
        let batch = Batch {
            space: "default",
            sequence: *sequence,
            at_ms: *at_ms,
            position: None,
            changes: changes.clone(),
        };
        journal.append(&[batch]).unwrap();
    }
}

#[test]
fn versions_and_sequence_numbers_that_fall_are_damage() {
    let json: Option<&[u8]> = Some(b"{\"title\":\"x\"}");
    let week = DELETED_KEPT_MS + 3_000;
    let rows: [(&str, Vec<Step<'_>>); 9] = [
        (
            "",
            vec![
                (90, 2_000, vec![change("j1", 6, json), change("n", 1, json)]),
                (91, 2_001, vec![change("j1", 6, None)]),
                (92, week + 2_001, vec![change("j1", 1, json)]),
            ],
        ),
        (
            "a document has version 5, the journal behind it version 5",
            vec![(90, 2_000, vec![change("j1", 5, json)])],
        ),
        (
            "version 8 of a document stands behind version 9",
            vec![
                (90, 2_000, vec![change("j1", 9, json)]),
                (91, 2_001, vec![change("j1", 8, json)]),
            ],
        ),
        (
            "version 9 of a document stands behind version 9",
            vec![
                (90, 2_000, vec![change("j1", 9, None)]),
                (91, 2_001, vec![change("j1", 9, json)]),
            ],
        ),
        (
            "sequence number 90 of a space stands behind 90",
            vec![
                (90, 2_000, vec![change("j1", 6, json)]),
                (90, 2_000, vec![change("j2", 6, json)]),
            ],
        ),
        // Of a source that was read on without a change.
        (
            "",
            vec![
                (90, 2_000, vec![change("j1", 6, json)]),
                (90, 2_000, vec![]),
                (91, 2_000, vec![change("j2", 6, json)]),
            ],
        ),
        (
            "sequence number 1 of a space stands behind",
            vec![(1, 2_000, vec![change("j1", 6, json)])],
        ),
        (
            "a document is no JSON object",
            vec![(90, 2_000, vec![change("j1", 6, Some(b"[1]"))])],
        ),
        ("", vec![(90, 2_000, vec![change("j1", 5, None)])]),
    ];
    for (expected, batches) in rows {
        let folder = checkpointed("plain");
        journaled(&folder, &batches);
        let report = verify(&folder).unwrap();
        let said: Vec<&str> = report.damage.iter().map(|one| one.what.as_str()).collect();
        match expected {
            "" => assert!(said.is_empty(), "{said:?}"),
            expected => assert!(said.len() == 1 && said[0].contains(expected), "{said:?}"),
        }
    }
}

fn parts(folder: &MemoryFolder, needle: &Needle) -> Vec<&'static str> {
    let findings = find(folder, needle).unwrap();
    assert_eq!(findings.undecoded, [""; 0]);
    let mut parts: Vec<&str> = findings.found.iter().map(|found| found.part).collect();
    parts.sort_unstable();
    parts.dedup();
    parts
}

#[test]
fn a_word_is_found_in_every_part_that_has_it_packed_or_not() {
    let folder = checkpointed("zqxcanary");
    let needle = Needle::new("zqxcanary", false).unwrap();
    let everywhere = [
        "dictionary of words",
        "document",
        "raw bytes",
        "title",
        "value of a field",
        "words of a row",
    ];
    assert_eq!(parts(&folder, &needle), everywhere);
    for (text, ignore_case, expected) in [
        ("zqxcanarx", false, [].as_slice()),
        // The dictionary and words have no capitals, whoever asks.
        (
            "ZQXCANARY",
            false,
            &["dictionary of words", "words of a row"],
        ),
        ("ZQXCANARY", true, &everywhere),
        (
            "begins zqxcanarys AND",
            true,
            &["document", "raw bytes", "words of a row"],
        ),
        // Punctuation is not in the words.
        ("begins, zqxcanarys", false, &["words of a row"]),
        ("j13", false, &["document", "id", "raw bytes"]),
    ] {
        let needle = Needle::new(text, ignore_case).unwrap();
        assert_eq!(parts(&folder, &needle), expected, "{text}");
    }
}

#[test]
fn a_text_is_found_however_json_writes_it() {
    for (text, ignore_case, written) in [
        ("Zoë/x", false, r#"{"a":"Zoë\/x"}"#),
        ("Zoë", false, r#"{"a":"Zo\u00eb"}"#),
        ("Zoë", false, r#"{"a":"\u005ao\u00EB"}"#),
        ("ZOË", true, r#"{"a":"zo\u00eb"}"#),
        ("zoë", true, r#"{"a":"ZO\u00CB"}"#),
        ("a\"b\\c\nd", false, r#"{"a":"a\"b\\c\nd"}"#),
        ("👩x", false, r#"{"a":"\uD83D\udc69x"}"#),
        ("a.c", false, r#"{"a":"a.c"}"#),
    ] {
        let needle = Needle::new(text, ignore_case).unwrap();
        assert!(needle.is_in(written.as_bytes()), "{text} in {written}");
    }
    let needle = Needle::new("a.c", false).unwrap();
    assert!(!needle.is_in(b"abc"));
    assert!(!Needle::new("Zoë", false).unwrap().is_in("zoë".as_bytes()));
    assert!(Needle::new("", false).is_err());
}

/// A file of the log of changes with these contents of groups.
fn feed_file(start: u64, contents: &[&[u8]]) -> (String, Vec<u8>) {
    let mut file = b"TANDEMF\n".to_vec();
    file.extend_from_slice(&1_u32.to_le_bytes());
    let mut check = crc32fast::Hasher::new();
    check.update(&file);
    check.update(&start.to_le_bytes());
    file.extend_from_slice(&check.finalize().to_le_bytes());
    file.extend_from_slice(&start.to_le_bytes());
    for content in contents {
        let mut rest = (content.len() as u32).to_le_bytes().to_vec();
        rest.extend_from_slice(content);
        let mut check = crc32fast::Hasher::new();
        check.update(&(start + file.len() as u64).to_le_bytes());
        check.update(&rest);
        file.extend_from_slice(&check.finalize().to_le_bytes());
        file.extend_from_slice(&rest);
    }
    (format!("feed-{start:016x}"), file)
}

#[test]
fn damage_of_the_log_of_changes_is_named_by_its_group() {
    let first = feed_file(0, &[b"\x01spaces", b"\x02some changes", b"\x03mark"]);
    let second = feed_file(first.1.len() as u64, &[b"\x01more"]);
    let whole = MemoryFolder::with_files([first.clone(), second.clone()]);
    let report = verify(&whole).unwrap();
    assert_eq!(report.damage, []);
    assert_eq!(report.files[0].about, "3 groups");
    for at in 0..first.1.len() {
        let mut damaged = first.clone();
        damaged.1[at] ^= 1;
        let folder = MemoryFolder::with_files([damaged, second.clone()]);
        let report = verify(&folder).unwrap();
        let [damage] = report.damage.as_slice() else {
            panic!("byte {at}: {report:?}");
        };
        let group = [0, 24, 39, 60].iter().rfind(|start| **start <= at);
        assert_eq!(damage.file, first.0);
        assert_eq!(damage.byte, *group.unwrap() as u64, "byte {at}");
    }
    let alone = MemoryFolder::with_files([first, feed_file(999, &[b"\x01more"])]);
    let report = verify(&alone).unwrap();
    assert!(report.damage[0].what.contains("0x3e7"), "{report:?}");
}
