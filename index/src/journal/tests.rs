use proptest::prelude::*;

use super::{Batch, Change, Cut, HEADER_BYTES, Journal, JournalError, MARKER, Opened, header};
use crate::disk::{Disk, MemoryDisk, RealDisk};

/// A frame's batches, owned.
type Frame = Vec<OwnBatch>;
type OwnBatch = (String, u64, Vec<OwnChange>);
type OwnChange = (String, String, u64, Option<Vec<u8>>);

fn borrowed(frame: &Frame) -> Vec<Batch<'_>> {
    frame
        .iter()
        .map(|(space, sequence, changes)| Batch {
            space,
            sequence: *sequence,
            changes: changes
                .iter()
                .map(|(kind, id, version, json)| Change {
                    kind,
                    id,
                    version: *version,
                    json: json.as_deref(),
                })
                .collect(),
        })
        .collect()
}

fn owned(batch: &Batch<'_>) -> OwnBatch {
    let changes = batch.changes.iter().map(|change| {
        (
            change.kind.to_owned(),
            change.id.to_owned(),
            change.version,
            change.json.map(<[u8]>::to_vec),
        )
    });
    (batch.space.to_owned(), batch.sequence, changes.collect())
}

/// Batches as they are read, or the error.
fn read(disk: MemoryDisk) -> Result<(Journal, Opened, Vec<OwnBatch>), JournalError> {
    let mut found = Vec::new();
    let (journal, opened) = Journal::open(Box::new(disk), |_, batch| {
        found.push(owned(&batch));
        Ok(())
    })?;
    Ok((journal, opened, found))
}

/// A journal of frames: its bytes, and where each frame ends.
fn written(frames: &[Frame]) -> (Vec<u8>, Vec<usize>) {
    let disk = MemoryDisk::default();
    let (mut journal, _, _) = read(disk.clone()).unwrap();
    let ends = frames.iter().map(|frame| {
        journal.append(&borrowed(frame)).unwrap();
        disk.content().len()
    });
    let ends = ends.collect();
    (disk.content(), ends)
}

fn changes() -> impl Strategy<Value = Vec<OwnChange>> {
    let json = prop_oneof![
        Just(None),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Some),
        Just(Some(MARKER.repeat(3))),
    ];
    proptest::collection::vec(("[a-z]{1,5}", "\\PC{1,6}", any::<u64>(), json), 1..4)
}

fn frames() -> impl Strategy<Value = Vec<Frame>> {
    let batch = ("[a-z]{1,4}", any::<u64>(), changes());
    proptest::collection::vec(proptest::collection::vec(batch, 1..3), 1..5)
}

fn example() -> Vec<Frame> {
    let change = |id: &str, json: &str| {
        let json = (!json.is_empty()).then(|| json.as_bytes().to_vec());
        ("jobs".to_owned(), id.to_owned(), 7, json)
    };
    let batch = |sequence, changes| vec![("default".to_owned(), sequence, changes)];
    vec![
        batch(1, vec![change("a", "{\"title\":\"x\"}"), change("b", "{}")]),
        batch(2, vec![change("a", "")]),
        batch(4, vec![change("c", "{\"title\":\"y\"}")]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(frames in frames()) {
        let (bytes, _) = written(&frames);
        let (_, opened, found) = read(MemoryDisk::new(bytes.clone())).unwrap();
        prop_assert_eq!(found, frames.concat());
        prop_assert_eq!(opened.frames, frames.len() as u64);
        prop_assert_eq!((opened.bytes, opened.cut), (bytes.len() as u64, None));
    }

    #[test]
    fn every_prefix_is_read_as_its_whole_frames_and_goes_on(frames in frames()) {
        let (bytes, ends) = written(&frames);
        for length in 0..bytes.len() {
            let disk = MemoryDisk::new(bytes[..length].to_vec());
            let (mut journal, opened, found) = read(disk.clone()).unwrap();
            let whole = ends.iter().filter(|end| **end <= length).count();
            prop_assert_eq!(&found, &frames[..whole].concat());
            let end = if whole == 0 { HEADER_BYTES } else { ends[whole - 1] };
            prop_assert_eq!(opened.cut.is_some(), length > end);
            journal.append(&borrowed(&frames[0])).unwrap();
            let (_, again, _) = read(disk).unwrap();
            prop_assert_eq!((again.frames, again.cut), (whole as u64 + 1, None));
        }
    }

    #[test]
    fn every_flipped_byte_is_an_error_or_a_cut_end(frames in frames(), flip in 1_u8..=255) {
        let (bytes, ends) = written(&frames);
        let last = if ends.len() == 1 { HEADER_BYTES } else { ends[ends.len() - 2] };
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= flip;
            let disk = MemoryDisk::new(bad.clone());
            match read(disk.clone()) {
                Ok((_, opened, found)) => {
                    prop_assert!(at >= last, "byte {} is inside", at);
                    prop_assert_eq!(opened.cut.map(|cut| cut.offset), Some(last as u64));
                    prop_assert_eq!(found, frames[..frames.len() - 1].concat());
                }
                Err(JournalError::Refused { offset, .. }) => {
                    prop_assert!(at < last && offset <= at as u64);
                    prop_assert_eq!(disk.content(), bad, "a refused journal is left as it is");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }

    #[test]
    fn acknowledged_frames_survive_any_failure_and_power_cut(
        frames in frames(), call in 1_u64..14, survives in any::<u64>(),
    ) {
        let disk = MemoryDisk::default();
        disk.fail_at(call);
        let mut acknowledged = 0;
        if let Ok((mut journal, ..)) = read(disk.clone()) {
            for frame in &frames {
                if journal.append(&borrowed(frame)).is_err() {
                    prop_assert!(journal.append(&borrowed(frame)).is_err(), "never tried again");
                    break;
                }
                acknowledged += 1;
            }
        }
        let mut block = 0_u32;
        let found = disk.after_power_cut(|| {
            block += 1;
            survives >> (block % 64) & 1 == 1
        });
        let (_, opened, found) = read(MemoryDisk::new(found)).unwrap();
        // The one that failed may be whole, but nothing else.
        prop_assert!(opened.frames == acknowledged || opened.frames == acknowledged + 1);
        prop_assert_eq!(found, frames[..opened.frames as usize].concat());
    }
}

// A frame of many blocks of which some survive is one torn end: nothing of it
// was acknowledged, and no part of it passes for a frame.
#[test]
fn a_frame_of_many_blocks_survives_whole_or_not_at_all() {
    let document = vec![b'x'; 6_000];
    let one = ("jobs".to_owned(), "a".to_owned(), 1, Some(document));
    let large = vec![("default".to_owned(), 5, vec![one; 4])];
    for survivors in 0..1_u32 << 7 {
        let (bytes, _) = written(&example());
        let disk = MemoryDisk::new(bytes);
        let (mut journal, _, before) = read(disk.clone()).unwrap();
        disk.fail_at(2);
        assert!(journal.append(&borrowed(&large)).is_err());
        let mut block = 0;
        let found = disk.after_power_cut(|| {
            block += 1;
            survivors >> (block - 1) & 1 == 1
        });
        assert!((6..=7).contains(&block), "{block} blocks");
        let (_, opened, after) = read(MemoryDisk::new(found)).unwrap();
        let whole = (1 << block) - 1;
        assert_eq!(opened.frames, 3 + u64::from(survivors & whole == whole));
        assert_eq!(after[..3], before);
    }
}

#[test]
fn errors_say_where_and_why() {
    let (bytes, ends) = written(&example());
    let mut damaged = bytes.clone();
    damaged[ends[0] + 30] ^= 1;
    let mut newer = bytes.clone();
    newer[..HEADER_BYTES].copy_from_slice(&header(2));
    let mut missing = bytes[..ends[0]].to_vec();
    missing.extend_from_slice(&bytes[ends[1]..]);
    let cases = [
        (
            damaged,
            ends[0],
            "checksum is wrong, but a whole frame follows",
        ),
        (newer, 8, "format 2; this program reads format 1"),
        (missing, ends[0], "frame 3 stands where frame 2 must be"),
        (b"{\"title\": \"not one\"}".to_vec(), 0, "not a journal"),
    ];
    for (bytes, expected, why) in cases {
        match read(MemoryDisk::new(bytes)) {
            Err(JournalError::Refused { offset, reason, .. }) => {
                assert_eq!(offset, expected as u64, "{reason}");
                assert!(reason.contains(why), "{reason}");
            }
            other => panic!("{why}: {other:?}"),
        }
    }
}

#[test]
fn a_real_file_is_locked_kept_and_cut() {
    let folder = std::env::temp_dir().join(format!("tandem-journal-{}", std::process::id()));
    let open = || RealDisk::open(&folder.join("deep"), "journal");
    let frames = example();
    let mut disk = open().unwrap();
    let busy = open().unwrap_err();
    assert_eq!(busy.kind(), std::io::ErrorKind::ResourceBusy);
    let (bytes, ends) = written(&frames);
    disk.append(&bytes[..bytes.len() - 1]).unwrap();
    drop(disk);
    let (journal, opened) = Journal::open(Box::new(open().unwrap()), |_, _| Ok(())).unwrap();
    drop(journal);
    assert_eq!(
        opened.cut.map(|Cut { offset, .. }| offset),
        Some(ends[1] as u64)
    );
    assert_eq!(open().unwrap().bytes().unwrap(), ends[1] as u64);
    std::fs::remove_dir_all(&folder).unwrap();
}
