//! Journals of every format there was, as they were written then.

use super::*;

fn fixture(version: &str) -> MemoryFolder {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let files = std::fs::read_dir(folder.join(version)).unwrap();
    MemoryFolder::with_files(files.map(Result::unwrap).filter_map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        let journal = name.starts_with("journal");
        journal.then(|| (name, std::fs::read(entry.path()).unwrap()))
    }))
}

/// What the fixtures hold: space, sequence, then kind, id, version, document.
fn content(found: &[OwnBatch]) -> Vec<String> {
    let mut lines = Vec::new();
    for batch in found {
        for change in &batch.changes {
            let done = match &change.operation {
                OwnOperation::Put(json) => String::from_utf8(json.clone()).unwrap(),
                OwnOperation::Delete => "delete".to_owned(),
                OwnOperation::Erase => "erase".to_owned(),
            };
            let (space, sequence) = (&batch.space, batch.sequence);
            let (kind, id, version) = (&change.kind, &change.id, change.version);
            lines.push(format!("{space} {sequence}: {kind} {id} {version} {done}"));
        }
    }
    lines
}

const ONE: [&str; 8] = [
    r#"default 1: jobs 1 7 {"id":"1","title":"Rust engineer","version":7}"#,
    r#"default 1: candidates ä 1 {"id":"ä","headline":"Köchin in Zürich"}"#,
    r#"default 2: jobs 2 1 {"id":"2","title":"Baker"}"#,
    "zwei 1: jobs 1 1 {\"id\":\"1\",\"title\":\"Nurse 👩\u{200d}⚕\u{fe0f}\"}",
    "default 3: jobs 1 7 delete",
    r#"default 4: jobs 2 2 {"id":"2","title":"Baker at night"}"#,
    "zwei 2: jobs 1 1 delete",
    r#"zwei 2: jobs 3 12 {"id":"3","title":"Carpenter","version":12}"#,
];

#[test]
fn a_journal_of_format_1_is_read_and_goes_on_in_files_of_today() {
    let folder = fixture("v1");
    let (mut journal, opened, found) = read(&folder, 0).unwrap();
    assert_eq!(content(&found), ONE);
    assert!(
        found
            .iter()
            .all(|one| one.at_ms == 0 && one.position.is_none())
    );
    assert_eq!((opened.frames, opened.changes, opened.cut), (5, 8, None));
    let old = folder.content("journal").unwrap();
    journal.append(&borrowed(&numbered(6, 0, 9))).unwrap();
    assert_eq!(folder.content("journal").unwrap(), old);
    assert_eq!(folder.list().unwrap()[1].0, "journal-0000000000000006");
    for behind in 0..=6 {
        let (_, opened, found) = read(&folder, behind).unwrap();
        assert_eq!(opened.frames, 6 - behind);
        assert!(found.is_empty() || found.ends_with(&numbered(6, 0, 9)));
    }
    // The old file goes with the first cut that reaches its end.
    journal.cut(4).unwrap();
    assert!(folder.content("journal").is_some());
    journal.cut(5).unwrap();
    assert!(folder.content("journal").is_none());
    assert_eq!(read(&folder, 5).unwrap().2, numbered(6, 0, 9));
}

#[test]
fn a_torn_end_of_format_1_is_cut_and_one_without_frames_goes() {
    let bytes = fixture("v1").content("journal").unwrap();
    let mut counts = Vec::new();
    for length in 0..bytes.len() {
        let folder = MemoryFolder::with_files([("journal".to_owned(), bytes[..length].to_vec())]);
        let (mut journal, opened, found) = read(&folder, 0).unwrap();
        assert_eq!(content(&found), ONE[..opened.changes as usize]);
        let next = opened.frames + 1;
        journal.append(&borrowed(&numbered(next, 0, 9))).unwrap();
        let (_, again, _) = read(&folder, 0).unwrap();
        assert_eq!((again.frames, again.cut), (next, None));
        counts.push(opened.frames);
    }
    assert_eq!((counts[0], counts.last()), (0, Some(&4)));
}

#[test]
fn every_flipped_byte_of_format_1_is_an_error_or_a_cut_end() {
    let bytes = fixture("v1").content("journal").unwrap();
    for (at, flip) in (0..bytes.len()).flat_map(|at| (1..=255).map(move |flip| (at, flip))) {
        let mut bad = bytes.clone();
        bad[at] ^= flip;
        let folder = MemoryFolder::with_files([("journal".to_owned(), bad.clone())]);
        match read(&folder, 0) {
            // This format cannot tell damage of its last frame from a torn end.
            Ok((_, opened, found)) => {
                assert_eq!(content(&found), ONE[..6]);
                assert!(opened.cut.is_some_and(|cut| cut.offset <= at as u64));
            }
            Err(FileError::Refused { offset, .. }) => {
                assert!(offset <= at as u64);
                assert_eq!(folder.files()[0].1, bad);
            }
            Err(other) => panic!("{other}"),
        }
    }
}

/// The frames of the fixture of format 2.
fn two() -> Vec<Frame> {
    let mut frames = several(3);
    frames.push(numbered(4, 7, 600));
    let mut both = numbered(5, 0, 0);
    both.extend(numbered(5, 1, 3));
    both[1].space = "zwei".to_owned();
    frames.push(both);
    frames
}

#[test]
fn a_journal_of_format_2_is_read_and_written_byte_for_byte() {
    let folder = fixture("v2");
    let (_, opened, found) = read(&folder, 0).unwrap();
    assert_eq!(found, two().concat());
    assert_eq!((opened.frames, opened.files, opened.cut), (5, 2, None));
    let written = written(&two(), &[4]);
    assert_eq!(written.files(), folder.files());
}
