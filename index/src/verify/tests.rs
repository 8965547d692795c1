//! What verifying sees beside checksums, and what looking for a text finds.

use super::*;
use crate::checkpoint::write;
use crate::disk::{MemoryFolder, coins};
use crate::journal::{Batch, Change as JournalChange, Journal};
use crate::kinds::Kinds;
use crate::store::{Store, StoreOptions, Write, prepare};
use crate::witness::{History, Witness};
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

/// A journal behind it, and the witness of a folder that was served.
fn journaled(folder: &MemoryFolder, batches: &[Step<'_>]) {
    let witness = Witness::open(Arc::new(folder.clone()), History::of(7)).unwrap();
    witness.reached(3).unwrap();
    let shared = Arc::new(folder.clone());
    let (mut journal, _) = Journal::open(shared, 3, |_, _| Ok(())).unwrap();
    for (sequence, at_ms, changes) in batches {
        let batch = Batch {
            space: "default",
            sequence: *sequence,
            at_ms: *at_ms,
            position: None,
            overlay: None,
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

/// A log of changes of so many bytes a file: twelve groups, the first six of them
/// up to frame 3 of the journal, the others not synced.
fn with_log(folder: &MemoryFolder, file_bytes_max: u64, id_bytes: usize) {
    let options = crate::feed::Options {
        file_bytes_max,
        ..crate::feed::Options::DISK
    };
    let (feed, _) = crate::feed::Feed::open(Arc::new(folder.clone()), options, 0, &[], 0).unwrap();
    for sequence in 1..=12 {
        let id = format!("{sequence:0>id_bytes$}");
        let change = crate::feed::Change {
            kind: "jobs",
            id: &id,
            version: sequence,
            operation: match sequence % 3 {
                0 => crate::feed::Operation::Delete,
                _ => crate::feed::Operation::Put {
                    hash: sequence << 40,
                },
            },
        };
        let space = ["default", "two"][sequence as usize % 2];
        feed.append(space, sequence, 0, &[change, change]).unwrap();
        if sequence == 6 {
            feed.sync(3, 0).unwrap();
        }
    }
}

fn log_files(folder: &MemoryFolder) -> Vec<(String, Vec<u8>)> {
    let files = folder.files().into_iter();
    files
        .filter(|(file, _)| Part::of(file) == Part::Feed)
        .collect()
}

/// What is said of the log alone, beside a checkpoint at frame 3.
fn verify_log(folder: &MemoryFolder) -> Report {
    let listed = folder.list().unwrap().into_iter();
    let files = listed.map(|(file, bytes)| FileReport {
        part: Part::of(&file),
        about: String::new(),
        file,
        bytes,
    });
    let mut report = Report {
        files: files.collect(),
        ..Report::default()
    };
    feed::verify(folder, 3, false, &mut report).unwrap();
    report
}

fn about<'a>(report: &'a Report, file: &str) -> &'a str {
    let held = report.files.iter().find(|held| held.file == file);
    &held.unwrap().about
}

/// Where the header and the groups of a file of the log begin.
fn groups(bytes: &[u8]) -> Vec<usize> {
    let mut starts = vec![0, 24];
    while let Some(head) = bytes
        .get(starts[starts.len() - 1]..)
        .filter(|rest| !rest.is_empty())
    {
        let content = u32::from_le_bytes(head[4..8].try_into().unwrap());
        starts.push(starts[starts.len() - 1] + 8 + content as usize);
    }
    starts
}

#[test]
fn every_flipped_byte_of_the_log_of_changes_is_named_by_its_group() {
    // Several files, one file, and groups over several sectors of the disk.
    for (file_bytes_max, id_bytes) in [(300, 5), (1 << 20, 5), (1 << 20, 400)] {
        let folder = checkpointed("plain");
        with_log(&folder, file_bytes_max, id_bytes);
        let report = verify(&folder).unwrap();
        assert_eq!(report.damage, []);
        let log = log_files(&folder);
        assert_eq!(log.len() > 3, file_bytes_max == 300);
        let count = groups(&log[0].1).len() - 2;
        assert_eq!(about(&report, &log[0].0), format!("{count} groups"));
        for (file, bytes) in &log {
            for at in 0..bytes.len() {
                for bit in [0, at % 8] {
                    let mut damaged = bytes.clone();
                    damaged[at] ^= 1 << bit;
                    folder.set(file, damaged);
                    let report = verify_log(&folder);
                    let [damage] = report.damage.as_slice() else {
                        panic!("{file}, byte {at}: {:?}", report.damage);
                    };
                    let group = groups(bytes).into_iter().rfind(|start| *start <= at);
                    let expected = (file, group.unwrap() as u64);
                    assert_eq!((&damage.file, damage.byte), expected, "byte {at}");
                }
            }
            let damaged = verify(&folder).unwrap().damage;
            assert_eq!((damaged.len(), &damaged[0].file), (1, file));
            folder.set(file, bytes.clone());
        }
    }
}

#[test]
fn a_torn_end_of_the_log_of_changes_is_no_damage_where_the_journal_has_the_rest() {
    let folder = checkpointed("plain");
    with_log(&folder, 1 << 20, 5);
    let [(file, bytes)] = log_files(&folder).try_into().unwrap();
    let starts = groups(&bytes);
    // Header, spaces, six changes, the mark.
    let marked = starts[9];
    for end in 0..bytes.len() {
        folder.set(&file, bytes[..end].to_vec());
        let report = verify_log(&folder);
        let said: Vec<&str> = report.damage.iter().map(|one| one.what.as_str()).collect();
        let about = about(&report, &file);
        if end < marked {
            assert!(
                said.len() == 1 && said[0].contains("changes are missing"),
                "{end}: {said:?}"
            );
        } else {
            assert!(said.is_empty(), "{end}: {said:?}");
            let is_torn = about.contains("torn at byte");
            assert_eq!(is_torn, !starts.contains(&end), "{end}: {about}");
        }
    }
    // A file that is missing between others is damage too.
    let folder = checkpointed("plain");
    with_log(&folder, 300, 5);
    let log = log_files(&folder);
    let (missing, next) = (&log[1].0, &log[2].0);
    folder.remove(missing).unwrap();
    let report = verify(&folder).unwrap();
    assert_eq!(report.damage.len(), 1, "{:?}", report.damage);
    assert_eq!(&report.damage[0].file, next);
}

#[test]
fn what_a_power_cut_leaves_of_the_log_of_changes_is_no_damage() {
    let mut torn = 0;
    for seed in 0..60 {
        let folder = checkpointed("plain");
        folder.sync_folder().unwrap();
        with_log(&folder, 1 << 20, 2_000);
        let left = folder.after_power_cut(coins(seed));
        let report = verify(&left).unwrap();
        assert_eq!(report.damage, [], "{seed}");
        let torn_here = report
            .files
            .iter()
            .filter(|file| file.about.contains("torn"));
        torn += torn_here.count();
    }
    assert!(torn > 10, "{torn}");
}

/// The same without some of its files.
fn without(folder: &MemoryFolder, prefixes: &[&str]) -> MemoryFolder {
    let files = folder.files().into_iter();
    let left = files.filter(|(name, _)| !prefixes.iter().any(|prefix| name.starts_with(prefix)));
    MemoryFolder::with_files(left)
}

#[test]
fn what_a_start_or_a_restore_refuses_is_damage() {
    let json: Option<&[u8]> = Some(b"{\"title\":\"x\"}");
    let whole = checkpointed("word");
    journaled(&whole, &[(90, 2_000, vec![change("j1", 6, json)])]);
    assert_eq!(verify(&whole).unwrap().damage, []);
    // A start without a manifest reads the journal from its first frame, and so does this.
    let said = verify(&without(&whole, &["manifest"])).unwrap().damage;
    let needed = crate::journal::Needed {
        behind: 0,
        least: 3,
    };
    let left: Arc<dyn Folder> = Arc::new(without(&whole, &["manifest"]));
    let start = Journal::open(left, needed, |_, _| Ok(())).unwrap_err();
    assert!(
        said[0].what.contains("frames 1 to 3 are missing"),
        "{said:?}"
    );
    assert!(start.to_string().contains(&said[0].what), "{start}");
    // Nothing says that this is all there is: a backup without its list of files.
    let said = verify(&without(&whole, &["witness"])).unwrap().damage;
    assert!(
        said[0].what.contains("a backup that is not whole"),
        "{said:?}"
    );
    assert_eq!(said[0].file, "snapshot");
    // An empty folder is a new one.
    assert_eq!(verify(&MemoryFolder::default()).unwrap().damage, []);
}
