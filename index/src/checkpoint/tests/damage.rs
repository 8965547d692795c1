//! Files that are not as they were written.

use super::*;
use crate::checkpoint::CheckpointError;
use crate::checkpoint::block::HEADER_BYTES;

/// The folder of a small index, at most 64 KiB, with every kind of block, in two
/// packs; and what it holds.
fn small() -> (MemoryFolder, Vec<(String, SpaceState)>) {
    let mut rng = Rng(11);
    let mut store = lived(&mut rng, 8, 30);
    store.relayout(2, true);
    train_now(&mut store, 4);
    let folder = MemoryFolder::default();
    let first = write(&folder, None, 3, &[named("a", &store)]).unwrap();
    change(&mut rng, &mut store, 30, 9);
    let spaces = vec![named("a", &store)];
    let second = write(&folder, Some(&first), 4, &spaces).unwrap();
    assert_eq!(second.packs(), 2);
    let bytes: usize = folder.files().iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(bytes <= 64 << 10, "{bytes} bytes");
    (folder, spaces)
}

/// That a damaged folder is refused with file and place, or answers as before.
fn assert_refused_or_right(
    damaged: &MemoryFolder,
    file: &str,
    spaces: &[(String, SpaceState)],
) -> bool {
    match open(damaged, &kinds()) {
        Ok(found) => {
            let (checkpoint, states) = found.expect("a manifest is there");
            assert_eq!(checkpoint.frame, 4);
            for ((_, state), (_, expected)) in states.iter().zip(spaces) {
                assert_same(state, expected);
            }
            assert_eq!(states.len(), spaces.len());
            false
        }
        Err(cause) => {
            let text = cause.to_string();
            assert!(text.starts_with(file), "{file}: {text}");
            match cause {
                CheckpointError::Damaged { byte, what, .. } => {
                    let bytes = damaged.content(file).map_or(0, |bytes| bytes.len());
                    assert!(byte <= bytes as u64 && !what.is_empty(), "{text}");
                }
                CheckpointError::Io { .. } => assert!(damaged.content(file).is_none(), "{text}"),
                CheckpointError::Version { .. } | CheckpointError::Kinds { .. } => {
                    panic!("{file}: {text}")
                }
            }
            assert!(verify(damaged).is_err());
            true
        }
    }
}

fn with(files: &[(String, Vec<u8>)], at: usize, bytes: Vec<u8>) -> MemoryFolder {
    let folder = MemoryFolder::with_files(files.iter().cloned());
    folder.set(&files[at].0, bytes);
    folder
}

#[test]
fn every_flipped_byte_is_refused_by_file_and_place() {
    let (folder, spaces) = small();
    let files = folder.files();
    let mut rng = Rng::new("flips", 12);
    let mut right = 0;
    for (at, (file, bytes)) in files.iter().enumerate() {
        for byte in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[byte] ^= 1 << rng.below(8);
            let damaged = with(&files, at, flipped);
            right += u64::from(!assert_refused_or_right(&damaged, file, &spaces));
        }
    }
    // Only in blocks that the second checkpoint does not need.
    let (mut checkpoint, _) = opened(&folder);
    let places = checkpoint.manifest.places();
    let needed: u64 = places.map(|(_, place)| place.footprint()).sum();
    assert_eq!(right, checkpoint.bytes() - needed - 2 * HEADER_BYTES as u64);
    assert!(right > 0);
}

#[test]
fn files_cut_anywhere_are_refused() {
    let (folder, spaces) = small();
    let files = folder.files();
    for (at, (file, bytes)) in files.iter().enumerate() {
        for length in 0..bytes.len() {
            let damaged = with(&files, at, bytes[..length].to_vec());
            assert!(
                assert_refused_or_right(&damaged, file, &spaces),
                "{file} {length}"
            );
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(assert_refused_or_right(
            &with(&files, at, longer),
            file,
            &spaces
        ));
    }
}

#[test]
fn missing_and_swapped_files_are_refused() {
    let (folder, spaces) = small();
    let files = folder.files();
    let [(_, manifest), (one, first), (two, second)] = files.as_slice() else {
        panic!("three files");
    };
    for file in [one, two] {
        let left = files.iter().filter(|(name, _)| name != file).cloned();
        let left = MemoryFolder::with_files(left);
        assert!(assert_refused_or_right(&left, file, &spaces));
    }
    let left = MemoryFolder::with_files(files[1..].iter().cloned());
    let refused = open(&left, &kinds()).unwrap_err().to_string();
    assert!(
        refused.contains("manifest") && refused.contains("missing"),
        "{refused}"
    );

    let swapped = with(&files, 1, second.clone());
    swapped.set(two, first.clone());
    assert!(assert_refused_or_right(&swapped, one, &spaces));
    assert!(assert_refused_or_right(
        &with(&files, 0, first.clone()),
        "manifest",
        &spaces
    ));
    assert!(assert_refused_or_right(
        &with(&files, 1, manifest.clone()),
        one,
        &spaces
    ));

    // The pack of another index, of the same name and length.
    let (other, _) = other_index(first.len());
    let refused = open(&with(&files, 1, other), &kinds()).unwrap_err();
    assert!(
        matches!(refused, CheckpointError::Damaged { .. }),
        "{refused}"
    );
}

fn other_index(length: usize) -> (Vec<u8>, usize) {
    let store = lived(&mut Rng(99), 9, 30);
    let folder = MemoryFolder::default();
    write(&folder, None, 1, &[named("a", &store)]).unwrap();
    let mut bytes = folder.files().swap_remove(1).1;
    let own = bytes.len();
    bytes.resize(length, 0);
    (bytes, own)
}

#[test]
fn a_later_version_is_named() {
    let (folder, _) = small();
    for (at, (file, bytes)) in folder.files().iter().enumerate() {
        let mut later = bytes.clone();
        later[8] = 9;
        let check = crc32fast::hash(&later[..28]).to_le_bytes();
        later[28..32].copy_from_slice(&check);
        let refused = open(&with(&folder.files(), at, later), &kinds()).unwrap_err();
        assert!(
            matches!(refused, CheckpointError::Version { found: 9, .. }),
            "{refused}"
        );
        assert!(refused.to_string().starts_with(file.as_str()));
    }
}

#[test]
fn verifying_finds_parts_that_contradict_each_other() {
    let store = lived(&mut Rng(13), 20, 30);
    let kind = store.kinds().get("notes").unwrap().id;
    let broken = |change: &dyn Fn(&mut Collection)| {
        let mut store = store.clone();
        let mut collection = Collection::clone(store.snapshot().collection(kind));
        change(&mut collection);
        store.publish(vec![(kind, collection)]);
        let folder = MemoryFolder::default();
        write(&folder, None, 1, &[named("a", &store)]).unwrap();
        verify(&folder).map(drop).map_err(|cause| cause.to_string())
    };
    assert_eq!(broken(&|_| {}), Ok(()));
    let cleared = broken(&|collection| {
        let live = &mut collection.segments[0];
        let row = live.alive.iter().next().unwrap();
        Arc::make_mut(&mut live.alive).clear(row);
    });
    assert!(cleared.unwrap_err().contains("statistics"));
    let twice = broken(&|collection| {
        let live = collection.segments[0].clone();
        collection.segments.push(live);
        collection.statistics = crate::checkpoint::load::counted(&collection.segments);
    });
    assert!(twice.unwrap_err().contains("alive twice"));
}
