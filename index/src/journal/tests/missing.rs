//! Files that were there and are not, or not whole, any more.

use super::*;

const ONE: &str = "journal-0000000000000001";
const FOUR: &str = "journal-0000000000000004";

type Files = Vec<(String, Vec<u8>)>;

/// Six frames in two files; those of the second begin at 32, 200 or 216, and 384.
fn two() -> Files {
    written(&several(6), &[4]).files()
}

fn without(name: &str) -> Files {
    let mut files = two();
    files.retain(|(file, _)| file != name);
    files
}

/// The second file with so many of its bytes.
fn cut(bytes: u64) -> Files {
    let mut files = two();
    files[1].1.truncate(bytes as usize);
    files
}

/// Where the n-th frame of the second file ends.
fn end(frames: usize) -> u64 {
    let folder = written(&several(3 + frames as u64), &[4]);
    folder.list().unwrap()[1].1
}

/// Refused at this file and byte, for this reason, and left as it is; whoever
/// wants to goes on with what is there.
fn check(files: &Files, (behind, least): (u64, u64), place: (&str, u64), why: &str) {
    let folder = MemoryFolder::with_files(files.clone());
    let refused = read(&folder, Needed { behind, least }).map(drop);
    let said = refused.unwrap_err().to_string();
    let (file, byte) = place;
    let expected = format!("memory/{file}, byte {byte}: {why}");
    assert!(said.starts_with(&expected), "{said}");
    assert!(said.contains("restore a backup") && said.contains("remove the file `witness`"));
    assert_eq!(&folder.files(), files);
    let (journal, ..) = read(&folder, behind).unwrap();
    assert!((behind..least).contains(&journal.last_frame()), "{said}");
}

#[test]
fn frames_that_were_on_disk_are_missed() {
    let ends = "the journal ends here, cut short or without a later file: ";
    let one = format!("{ends}frame 4 is missing, which was on disk; ");
    let three = format!("{ends}frames 4 to 6 are missing, which were on disk; ");
    // The newest file, or all of them.
    let end_of_one = (ONE, two()[0].1.len() as u64);
    check(&without(FOUR), (0, 4), end_of_one, &one);
    check(&without(FOUR), (0, 6), end_of_one, &three);
    let none = "there is no journal behind the checkpoint: frame";
    check(
        &Vec::new(),
        (0, 1),
        (ONE, 0),
        &format!("{none} 1 is missing"),
    );
    check(
        &Vec::new(),
        (3, 4),
        (FOUR, 0),
        &format!("{none} 4 is missing"),
    );
    // Its content, or its first bytes.
    check(&cut(0), (0, 4), (FOUR, 0), "the file is empty: frame 4");
    check(&cut(0), (3, 4), (FOUR, 0), "the file is empty: frame 4");
    let lost = "the file's header is lost: frame 4";
    check(&cut(20), (3, 4), (FOUR, 0), lost);
    let mut zeros = two();
    zeros[1].1.fill(0);
    check(&zeros, (3, 4), (FOUR, 0), lost);
    // Its end, between frames or within one.
    check(&cut(32), (3, 4), (FOUR, 32), &one);
    check(&cut(100), (3, 4), (FOUR, 32), &one);
    let two_left = format!("{ends}frames 5 to 6 are missing");
    check(&cut(end(1)), (0, 6), (FOUR, end(1)), &two_left);
    let one_left = format!("{ends}frame 5 is missing");
    check(&cut(end(2) - 1), (3, 5), (FOUR, end(1)), &one_left);
}

#[test]
fn what_a_checkpoint_has_is_not_missed() {
    for behind in 0..=6 {
        for least in 0..=6 {
            let needed = Needed { behind, least };
            let folder = MemoryFolder::with_files(two());
            assert_eq!(read(&folder, needed).unwrap().0.last_frame(), 6);
            if least <= behind {
                read(&MemoryFolder::default(), needed).unwrap();
            }
        }
    }
}

#[test]
fn a_file_without_frames_of_format_1_is_missed_too() {
    let folder = MemoryFolder::with_files([("journal".to_owned(), prefix(1).to_vec())]);
    let needed = Needed {
        behind: 0,
        least: 2,
    };
    let said = read(&folder, needed).map(drop).unwrap_err().to_string();
    let expected = "memory/journal, byte 16: the file has no frame: frames 1 to 2 are missing";
    assert!(said.starts_with(expected), "{said}");
}
