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

#[test]
fn frames_that_were_on_disk_are_missed() {
    let unborn = || {
        let mut files = two();
        files[1].1.fill(0);
        files
    };
    let ends = "the journal ends here, cut short or without a later file: ";
    // The files, frames of the checkpoint, the frame that was there; file, byte, reason.
    let cases: Vec<(Files, u64, u64, &str, u64, String)> = vec![
        (
            without(FOUR),
            0,
            4,
            ONE,
            two()[0].1.len() as u64,
            format!("{ends}frame 4 is missing, which was on disk; "),
        ),
        (
            without(FOUR),
            0,
            6,
            ONE,
            two()[0].1.len() as u64,
            format!("{ends}frames 4 to 6 are missing, which were on disk; "),
        ),
        (
            Vec::new(),
            0,
            1,
            ONE,
            0,
            "there is no journal behind the checkpoint: frame 1 is missing".to_owned(),
        ),
        (
            Vec::new(),
            3,
            4,
            FOUR,
            0,
            "there is no journal behind the checkpoint: frame 4 is missing".to_owned(),
        ),
        (
            cut(0),
            0,
            4,
            FOUR,
            0,
            "the file is empty: frame 4".to_owned(),
        ),
        (
            cut(0),
            3,
            4,
            FOUR,
            0,
            "the file is empty: frame 4".to_owned(),
        ),
        (
            cut(20),
            3,
            4,
            FOUR,
            0,
            "the file's header is lost: frame 4".to_owned(),
        ),
        (
            unborn(),
            3,
            4,
            FOUR,
            0,
            "the file's header is lost: frame 4".to_owned(),
        ),
        (cut(32), 3, 4, FOUR, 32, format!("{ends}frame 4 is")),
        (cut(100), 3, 4, FOUR, 32, format!("{ends}frame 4 is")),
        (
            cut(end(1)),
            0,
            6,
            FOUR,
            end(1),
            format!("{ends}frames 5 to 6"),
        ),
        (
            cut(end(2) - 1),
            3,
            5,
            FOUR,
            end(1),
            format!("{ends}frame 5"),
        ),
    ];
    for (number, (files, behind, least, file, byte, why)) in cases.into_iter().enumerate() {
        let folder = MemoryFolder::with_files(files.clone());
        let refused = read(&folder, Needed { behind, least }).map(drop);
        let said = refused.unwrap_err().to_string();
        let expected = format!("memory/{file}, byte {byte}: {why}");
        assert!(said.starts_with(&expected), "{number}: {said}");
        assert!(said.contains("restore a backup") && said.contains("remove the file `witness`"));
        assert_eq!(folder.files(), files, "what is refused is left as it is");
        // Whoever wants to goes on with what is there.
        let (journal, ..) = read(&folder, behind).unwrap();
        assert!((behind..least).contains(&journal.last_frame()), "{number}");
    }
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
