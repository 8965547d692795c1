use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::file::{HEADER_BYTES, prefix};
use super::{Batch, Change, Journal, Misfit, Needed, Opened, Operation, Overlay, Position};
use crate::disk::{FileError, Folder, MemoryFolder, RealFolder, coins};
use crate::taxonomy::Form;

mod crashes;
mod files;
mod fixtures;
mod missing;

/// A frame's batches, owned.
type Frame = Vec<OwnBatch>;

#[derive(Clone, Debug, PartialEq, Eq)]
struct OwnBatch {
    space: String,
    sequence: u64,
    at_ms: i64,
    position: Option<(String, Option<u64>)>,
    overlay: Option<(u64, Option<(Form, String)>)>,
    changes: Vec<OwnChange>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct OwnChange {
    kind: String,
    id: String,
    version: u64,
    operation: OwnOperation,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum OwnOperation {
    Put(Vec<u8>),
    Delete,
    Erase,
}

fn borrowed(frame: &Frame) -> Vec<Batch<'_>> {
    let batches = frame.iter().map(|batch| Batch {
        space: &batch.space,
        sequence: batch.sequence,
        at_ms: batch.at_ms,
        position: (batch.position.as_ref()).map(|(source, position)| Position {
            source,
            position: *position,
        }),
        overlay: (batch.overlay.as_ref()).map(|(version, put)| Overlay {
            version: *version,
            put: put.as_ref().map(|(form, text)| (*form, text.as_str())),
        }),
        changes: batch.changes.iter().map(borrowed_change).collect(),
    });
    batches.collect()
}

fn borrowed_change(change: &OwnChange) -> Change<'_> {
    Change {
        kind: &change.kind,
        id: &change.id,
        version: change.version,
        operation: match &change.operation {
            OwnOperation::Put(json) => Operation::Put(json),
            OwnOperation::Delete => Operation::Delete,
            OwnOperation::Erase => Operation::Erase,
        },
    }
}

fn owned(batch: &Batch<'_>) -> OwnBatch {
    let change = |change: &Change<'_>| OwnChange {
        kind: change.kind.to_owned(),
        id: change.id.to_owned(),
        version: change.version,
        operation: match change.operation {
            Operation::Put(json) => OwnOperation::Put(json.to_vec()),
            Operation::Delete => OwnOperation::Delete,
            Operation::Erase => OwnOperation::Erase,
        },
    };
    OwnBatch {
        space: batch.space.to_owned(),
        sequence: batch.sequence,
        at_ms: batch.at_ms,
        position: (batch.position).map(|found| (found.source.to_owned(), found.position)),
        overlay: (batch.overlay).map(|found| {
            let put = found.put.map(|(form, text)| (form, text.to_owned()));
            (found.version, put)
        }),
        changes: batch.changes.iter().map(change).collect(),
    }
}

/// The journal behind a frame, as it is read, or the error.
fn read(
    folder: &MemoryFolder,
    needed: impl Into<Needed>,
) -> Result<(Journal, Opened, Vec<OwnBatch>), FileError> {
    let mut found = Vec::new();
    let (journal, opened) = Journal::open(Arc::new(folder.clone()), needed, |_, batch| {
        found.push(owned(&batch));
        Ok(())
    })?;
    Ok((journal, opened, found))
}

/// A journal of these frames, a new file before each of the numbers.
fn written(frames: &[Frame], rotated: &[u64]) -> MemoryFolder {
    let folder = MemoryFolder::default();
    let (mut journal, ..) = read(&folder, 0).unwrap();
    for (number, frame) in (1..).zip(frames) {
        if rotated.contains(&number) {
            journal.rotate();
        }
        journal.append(&borrowed(frame)).unwrap();
        assert_eq!(journal.last_frame(), number);
    }
    folder
}

/// A frame of one batch that only this number and salt have.
fn numbered(number: u64, salt: u64, json_bytes: usize) -> Frame {
    let change = |id: &str, operation| OwnChange {
        kind: "jobs".to_owned(),
        id: id.to_owned(),
        version: number,
        operation,
    };
    let json = format!("{{\"number\":{number},\"salt\":{salt},\"text\":\"");
    let json = [json.as_bytes(), &b"x".repeat(json_bytes)[..], &b"\"}"[..]].concat();
    vec![OwnBatch {
        space: "default".to_owned(),
        sequence: number,
        at_ms: 1_700_000_000_000 + salt.cast_signed(),
        position: number
            .is_multiple_of(2)
            .then(|| ("feed".to_owned(), Some(number))),
        overlay: None,
        changes: vec![
            change("a", OwnOperation::Put(json)),
            change("b", OwnOperation::Delete),
            change("c", OwnOperation::Erase),
        ],
    }]
}

fn several(count: u64) -> Vec<Frame> {
    (1..=count).map(|number| numbered(number, 0, 9)).collect()
}

fn changes() -> impl Strategy<Value = Vec<OwnChange>> {
    let operation = prop_oneof![
        Just(OwnOperation::Delete),
        Just(OwnOperation::Erase),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(OwnOperation::Put),
        Just(OwnOperation::Put(super::frame::MARKER.repeat(3))),
        // JSON holds no zero byte; what has none for a sector is not taken for lost.
        Just(OwnOperation::Put(vec![b' '; 2_000])),
    ];
    let change = ("[a-z]{1,5}", "\\PC{1,6}", any::<u64>(), operation);
    let change = change.prop_map(|(kind, id, version, operation)| OwnChange {
        kind,
        id,
        version,
        operation,
    });
    proptest::collection::vec(change, 1..4)
}

fn frames() -> impl Strategy<Value = Vec<Frame>> {
    let position = proptest::option::of(("[a-z]{1,9}", any::<Option<u64>>()));
    let form = prop_oneof![Just(Form::Toml), Just(Form::Json)];
    let put = proptest::option::of((form, "\\PC{0,30}"));
    let overlay = proptest::option::of((any::<u64>(), put));
    let batch = (
        "[a-z]{1,4}",
        any::<u64>(),
        any::<i64>(),
        position,
        overlay,
        changes(),
    );
    let batch = batch.prop_map(
        |(space, sequence, at_ms, position, overlay, changes)| OwnBatch {
            space,
            sequence,
            at_ms,
            position,
            overlay,
            changes,
        },
    );
    proptest::collection::vec(proptest::collection::vec(batch, 1..3), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(frames in frames(), rotated in any::<u8>(), behind in 0_u64..6) {
        let rotated: Vec<u64> = (1..6).filter(|number| rotated >> number & 1 == 1).collect();
        let folder = written(&frames, &rotated);
        let behind = behind.min(frames.len() as u64);
        let (journal, opened, found) = read(&folder, behind).unwrap();
        prop_assert_eq!(found, frames[behind as usize..].concat());
        prop_assert_eq!(opened.frames, frames.len() as u64 - behind);
        prop_assert_eq!(journal.last_frame(), frames.len() as u64);
        let bytes = folder.files().iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>();
        prop_assert_eq!((opened.bytes, opened.cut), (bytes, None));
    }

    #[test]
    fn every_prefix_is_read_as_its_whole_frames_and_goes_on(frames in frames()) {
        let name = super::file::name(1);
        let mut ends = vec![HEADER_BYTES];
        for count in 1..=frames.len() {
            ends.push(written(&frames[..count], &[]).content(&name).unwrap().len());
        }
        let bytes = written(&frames, &[]).content(&name).unwrap();
        for length in 0..bytes.len() {
            let folder = MemoryFolder::with_files([(name.clone(), bytes[..length].to_vec())]);
            let (mut journal, opened, found) = read(&folder, 0).unwrap();
            let whole = ends[1..].iter().filter(|end| **end <= length).count();
            prop_assert_eq!(&found, &frames[..whole].concat());
            prop_assert_eq!(opened.cut.is_some(), length != 0 && !ends.contains(&length));
            journal.append(&borrowed(&frames[0])).unwrap();
            let (_, again, _) = read(&folder, 0).unwrap();
            prop_assert_eq!((again.frames, again.cut), (whole as u64 + 1, None));
        }
    }

    #[test]
    fn every_flipped_byte_is_the_right_answer_or_a_refusal(
        frames in frames(), rotated in any::<u8>(), behind in 0_u64..3, flip in 1_u8..=255,
    ) {
        let rotated: Vec<u64> = (1..6).filter(|number| rotated >> number & 1 == 1).collect();
        let behind = behind.min(frames.len() as u64);
        let files = written(&frames, &rotated).files();
        for file in 0..files.len() {
            for at in 0..files[file].1.len() {
                let mut bad = files.clone();
                bad[file].1[at] ^= flip;
                let folder = MemoryFolder::with_files(bad.clone());
                match read(&folder, behind) {
                    Ok((_, opened, found)) => {
                        prop_assert_eq!(opened.cut, None, "{} byte {}", bad[file].0, at);
                        prop_assert_eq!(found, frames[behind as usize..].concat());
                    }
                    Err(FileError::Refused { file: named, offset, reason }) => {
                        prop_assert_eq!(named, folder.path(&bad[file].0), "{}", reason);
                        prop_assert!(offset <= at as u64);
                    }
                    Err(other) => panic!("{other}"),
                }
                prop_assert_eq!(folder.files(), bad, "all is left as it was");
            }
        }
    }
}

// The bytes of a small journal are few enough for every value of every byte.
#[test]
fn every_value_of_every_byte_is_the_right_answer_or_a_refusal() {
    let frames = several(4);
    let files = written(&frames, &[3]).files();
    let mut refused = 0;
    for (file, at, flip) in (0..files.len())
        .flat_map(|file| (0..files[file].1.len()).map(move |at| (file, at)))
        .flat_map(|(file, at)| (1..=255_u8).map(move |flip| (file, at, flip)))
    {
        let mut bad = files.clone();
        bad[file].1[at] ^= flip;
        match read(&MemoryFolder::with_files(bad), 0) {
            Ok((_, opened, found)) => assert_eq!((opened.cut, found), (None, frames.concat())),
            Err(FileError::Refused { .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    // All but the bytes that fill frames up.
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let filling = bytes * 255 - refused;
    assert!((4..=4 * 8).contains(&(filling / 255)), "{filling}");
}

// A frame of many blocks of which some survive is one torn end: nothing of it
// was acknowledged, and no part of it passes for a frame.
#[test]
fn a_frame_of_many_blocks_survives_whole_or_not_at_all() {
    for lead in [0, 3_300, 3_700, 4_000] {
        for survivors in 0..1_u32 << 6 {
            let folder = written(&[numbered(1, 0, lead)], &[]);
            let (mut journal, ..) = read(&folder, 0).unwrap();
            folder.fail_at(2);
            let large = numbered(2, 0, 18_000);
            assert!(journal.append(&borrowed(&large)).is_err());
            let mut block = 0;
            let found = folder.after_power_cut(|| {
                block += 1;
                survivors >> (block - 1) & 1 == 1
            });
            assert!((5..=6).contains(&block), "{block} blocks");
            let (_, opened, after) = read(&found, 0).unwrap();
            let whole = (1 << block) - 1;
            assert_eq!(
                opened.frames,
                1 + u64::from(survivors & whole == whole),
                "{lead} {survivors:b}"
            );
            assert_eq!(after[..1], numbered(1, 0, lead));
        }
    }
}

#[test]
fn what_is_behind_the_last_cut_is_weighed() {
    let folder = MemoryFolder::default();
    let (mut journal, ..) = read(&folder, 0).unwrap();
    assert_eq!((journal.bytes_behind(), journal.changes_behind()), (0, 0));
    for frame in &several(4) {
        journal.append(&borrowed(frame)).unwrap();
    }
    let bytes = folder.list().unwrap()[0].1 - HEADER_BYTES as u64;
    assert_eq!(journal.bytes_behind(), bytes);
    assert_eq!(journal.changes_behind(), 12);
    journal.rotate();
    journal.append(&borrowed(&numbered(5, 0, 9))).unwrap();
    journal.cut(3).unwrap();
    assert_eq!(journal.changes_behind(), 15, "weighed together");
    journal.cut(4).unwrap();
    assert_eq!(journal.changes_behind(), 3);
    let (again, ..) = read(&folder, 4).unwrap();
    assert_eq!(again.changes_behind(), journal.changes_behind());
    assert_eq!(again.bytes_behind(), journal.bytes_behind());
}

#[test]
fn files_rotate_when_they_are_full_and_go_when_they_are_cut() {
    let folder = MemoryFolder::default();
    let (mut journal, ..) = read(&folder, 0).unwrap();
    journal.file_bytes_max = 2_000;
    let frames: Vec<Frame> = (1..=30).map(|number| numbered(number, 0, 300)).collect();
    for frame in &frames {
        journal.append(&borrowed(frame)).unwrap();
    }
    let files = folder.list().unwrap();
    assert!(files.len() > 5 && files.iter().all(|(_, bytes)| *bytes <= 2_000));
    // A frame that is larger than a file has one for itself.
    let large = numbered(31, 0, 5_000);
    journal.append(&borrowed(&large)).unwrap();
    journal.append(&borrowed(&numbered(32, 0, 1))).unwrap();
    assert_eq!(folder.list().unwrap().len(), files.len() + 2);
    for through in 0..=32 {
        journal.cut(through).unwrap();
        let left = folder.list().unwrap();
        let (.., found) = read(&folder, through).unwrap();
        assert_eq!(found.len() as u64, 32 - through);
        assert_eq!(left.is_empty(), through == 32);
    }
    journal.append(&borrowed(&numbered(33, 0, 1))).unwrap();
    let (journal, _, found) = read(&folder, 32).unwrap();
    assert_eq!((journal.last_frame(), found), (33, numbered(33, 0, 1)));
}

#[test]
fn an_overlay_is_written_as_the_format_says() {
    let text = "[[skills]]\nname = 'Acme'\n";
    let batch = |overlay| OwnBatch {
        space: "one".to_owned(),
        sequence: 7,
        at_ms: 9,
        position: None,
        overlay: Some(overlay),
        changes: Vec::new(),
    };
    let string = |text: &str| [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let head = [
        string("one"),
        7_u64.to_le_bytes().to_vec(),
        9_i64.to_le_bytes().to_vec(),
    ];
    let put = [&[3][..], &2_u64.to_le_bytes(), &[1], &string(text)].concat();
    let gone = [&[3][..], &3_u64.to_le_bytes(), &[0], &string("")].concat();
    let tail = [0; 5];
    for (overlay, said) in [
        ((2, Some((Form::Toml, text.to_owned()))), put),
        ((3, None), gone),
    ] {
        let frames = [vec![batch(overlay)]];
        let folder = written(&frames, &[]);
        let bytes = folder.content(&super::file::name(1)).unwrap();
        let content = [&head.concat()[..], &said, &tail].concat();
        let at = HEADER_BYTES + 24;
        assert_eq!(bytes[at..at + content.len()], content);
        assert_eq!(read(&folder, 0).unwrap().2, frames.concat());
    }
}
