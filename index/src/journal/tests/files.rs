//! Files that do not belong together, and what is said of them.

use super::*;

/// What is said of these files: file, byte, reason.
fn refused(files: Vec<(String, Vec<u8>)>, behind: u64) -> (String, u64, String) {
    let folder = MemoryFolder::with_files(files.clone());
    let error = read(&folder, behind)
        .map(|(_, opened, _)| opened)
        .unwrap_err();
    let said = error.to_string();
    let JournalError::Refused {
        file,
        offset,
        reason,
    } = error
    else {
        panic!("{said}")
    };
    assert_eq!(folder.files(), files, "a refused journal is left as it is");
    assert_eq!(said, format!("{file}, byte {offset}: {reason}"));
    (file, offset, reason)
}

/// Nine frames in three files.
fn three() -> Vec<(String, Vec<u8>)> {
    written(&several(9), &[4, 7]).files()
}

#[test]
fn files_that_do_not_follow_each_other_are_refused() {
    type Files = Vec<(String, Vec<u8>)>;
    let overlap = written(&several(5), &[4]).files()[1].1.clone();
    let long = written(&several(5), &[]).files()[0].1.clone();
    let first_end = three()[0].1.len() as u64;
    let damage = |files: &mut Files, file: usize, at: usize| files[file].1[at] ^= 1;
    let rename = |files: &mut Files, file: usize, name: &str| files[file].0 = name.to_owned();
    type Case<'a> = (Box<dyn Fn(&mut Files) + 'a>, u64, &'a str, u64, &'a str);
    let cases: Vec<Case<'_>> = vec![
        (
            Box::new(|files| drop(files.remove(1))),
            0,
            "journal-0000000000000007",
            0,
            "frames 4 to 6 are missing",
        ),
        (
            Box::new(|files| drop(files.remove(0))),
            0,
            "journal-0000000000000004",
            0,
            "frames 1 to 3 are missing",
        ),
        (
            Box::new(|files| drop(files.drain(..2))),
            4,
            "journal-0000000000000007",
            0,
            "frames 5 to 6 are missing",
        ),
        // A file that ends too early.
        (
            Box::new(|files| files[1].1 = overlap.clone()),
            0,
            "journal-0000000000000007",
            0,
            "frames 6 to 6 are missing",
        ),
        (
            Box::new(|files| files[1].1.truncate(HEADER_BYTES)),
            0,
            "journal-0000000000000007",
            0,
            "frames 4 to 6 are missing",
        ),
        // A file that goes on into the next, read or not.
        (
            Box::new(|files| files[0].1 = long.clone()),
            0,
            "journal-0000000000000001",
            first_end,
            "frame 4 stands here, but `journal-0000000000000004` begins with frame 4",
        ),
        (
            Box::new(|files| files[0].1 = long.clone()),
            3,
            "journal-0000000000000001",
            first_end,
            "frame 4 stands here",
        ),
        // A torn end where none can be.
        (
            Box::new(|files| files[0].1.truncate(first_end as usize - 9)),
            0,
            "journal-0000000000000001",
            384,
            "but a later file follows",
        ),
        (
            Box::new(|files| files[1].1.clear()),
            0,
            "journal-0000000000000004",
            0,
            "the header is lost, but a later file follows",
        ),
        (
            Box::new(|files| files[1].1.fill(0)),
            0,
            "journal-0000000000000004",
            0,
            "the header is lost, but a later file follows",
        ),
        // Damage.
        (
            Box::new(|files| damage(files, 0, 60)),
            0,
            "journal-0000000000000001",
            32,
            "checksum is wrong, but the journal goes on",
        ),
        (
            Box::new(|files| damage(files, 0, 40)),
            0,
            "journal-0000000000000001",
            32,
            "checksum of the frame's head is wrong, but a whole frame follows",
        ),
        (
            Box::new(|files| damage(files, 2, first_end as usize - 40)),
            0,
            "journal-0000000000000007",
            384,
            "to give it up, cut the file to 384 bytes",
        ),
        // Names.
        (
            Box::new(|files| rename(files, 1, "journal-0000000000000005")),
            0,
            "journal-0000000000000005",
            16,
            "begins with frame 5, its header frame 4",
        ),
        (
            Box::new(|files| rename(files, 2, "journal-7")),
            0,
            "journal-7",
            0,
            "no file of a journal has this name",
        ),
        (
            Box::new(|files| rename(files, 2, "journal-0000000000000007.bak")),
            0,
            "journal-0000000000000007.bak",
            0,
            "no file of a journal",
        ),
        (
            Box::new(|files| rename(files, 2, "journal-000000000000000A")),
            0,
            "journal-000000000000000A",
            0,
            "no file of a journal",
        ),
        (
            Box::new(|files| rename(files, 0, "journal-0000000000000000")),
            0,
            "journal-0000000000000000",
            0,
            "no file of a journal",
        ),
        (
            Box::new(|files| rename(files, 0, "journal")),
            0,
            "journal",
            8,
            "format 2, which has other names of files",
        ),
        (
            Box::new(|files| files.insert(0, ("journal".to_owned(), old()))),
            0,
            "journal-0000000000000001",
            0,
            "`journal` begins with the same frame",
        ),
        // Formats.
        (
            Box::new(|files| files[2].1[..16].copy_from_slice(&prefix(3))),
            0,
            "journal-0000000000000007",
            8,
            "format 3; this program reads formats 1 and 2",
        ),
        (
            Box::new(|files| files[2].1 = old()),
            0,
            "journal-0000000000000007",
            8,
            "format 1, which has other names",
        ),
        (
            Box::new(|files| damage(files, 2, 9)),
            0,
            "journal-0000000000000007",
            8,
            "the header is damaged",
        ),
        (
            Box::new(|files| damage(files, 2, 20)),
            0,
            "journal-0000000000000007",
            16,
            "the header is damaged",
        ),
        (
            Box::new(|files| files[2].1 = b"{\"title\": \"not one\"}".to_vec()),
            0,
            "journal-0000000000000007",
            0,
            "not a journal",
        ),
        (
            Box::new(|files| files[0].1[..8].fill(b'x')),
            9,
            "journal-0000000000000001",
            0,
            "not a journal",
        ),
    ];
    for (number, (spoil, behind, file, offset, why)) in cases.into_iter().enumerate() {
        let mut files = three();
        spoil(&mut files);
        files.sort();
        let found = refused(files, behind);
        assert!(found.2.contains(why), "case {number}: {found:?}");
        assert_eq!(
            (found.0, found.1),
            (format!("memory/{file}"), offset),
            "case {number}: {}",
            found.2
        );
    }
}

fn old() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1/journal");
    std::fs::read(path).unwrap()
}

#[test]
fn files_of_other_parts_are_passed_over() {
    let mut files = three();
    for name in [
        "manifest",
        "pack-0000000000000001",
        "feed-7",
        "ledger",
        "notes",
    ] {
        files.push((name.to_owned(), b"anything".to_vec()));
    }
    let folder = MemoryFolder::with_files(files);
    assert_eq!(read(&folder, 0).unwrap().1.frames, 9);
}

// A cut that was interrupted leaves files which the checkpoint makes needless,
// any of them; and no file at all may be left.
#[test]
fn files_before_the_checkpoint_may_be_there_or_not() {
    let files = three();
    for kept in 0..1_u32 << 3 {
        let left = |at: &usize| kept >> at & 1 == 1;
        let held: Vec<_> = (0..3).filter(left).map(|at| files[at].clone()).collect();
        for behind in [9, 12] {
            let folder = MemoryFolder::with_files(held.clone());
            let (mut journal, opened, found) = read(&folder, behind).unwrap();
            assert_eq!((opened.frames, found.len()), (0, 0));
            assert_eq!(journal.last_frame(), behind);
            let frame = numbered(behind + 1, 0, 9);
            journal.append(&borrowed(&frame)).unwrap();
            let (mut journal, _, found) = read(&folder, behind).unwrap();
            assert_eq!(found, frame);
            journal.rotate();
            journal.cut(behind + 1).unwrap();
            assert_eq!(folder.list().unwrap(), []);
        }
    }
}

#[test]
fn a_change_that_does_not_fit_is_named_with_its_file_and_byte() {
    let folder = written(&several(9), &[4, 7]);
    let mut places = Vec::new();
    let kept = |place, _: Batch<'_>| {
        places.push(place);
        Ok(())
    };
    let (journal, _) = Journal::open(Arc::new(folder.clone()), 0, kept).unwrap();
    for (number, place) in places.iter().enumerate() {
        let misfit = || Misfit {
            offset: *place,
            reason: "why".to_owned(),
        };
        let said = journal.refuse(misfit()).to_string();
        let begin = number / 3 * 3;
        let offset = HEADER_BYTES as u64 + place - places[begin];
        let expected = format!("memory/journal-{:016x}, byte {offset}: why", begin + 1);
        assert_eq!(said, expected);
        let mut count = 0;
        let refused = Journal::open(Arc::new(folder.clone()), 0, |_, _| {
            count += 1;
            if count > number {
                Err(misfit())
            } else {
                Ok(())
            }
        });
        assert_eq!(refused.unwrap_err().to_string(), said);
    }
}

#[test]
fn a_real_folder_keeps_cuts_and_goes_on() {
    let path = std::env::temp_dir().join(format!("tandem-journal-{}", std::process::id()));
    let open = || {
        let folder: Arc<dyn Folder> = Arc::new(RealFolder::open(&path.join("deep")).unwrap());
        let mut found = Vec::new();
        let (journal, opened) = Journal::open(Arc::clone(&folder), 0, |_, batch| {
            found.push(owned(&batch));
            Ok(())
        })
        .unwrap();
        (folder, journal, opened, found)
    };
    let frames = several(6);
    let (folder, mut journal, ..) = open();
    for frame in &frames {
        journal.append(&borrowed(frame)).unwrap();
        if journal.last_frame() == 3 {
            journal.rotate();
        }
    }
    let names: Vec<String> = folder
        .list()
        .unwrap()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        ["journal-0000000000000001", "journal-0000000000000004"]
    );
    let bytes = folder.list().unwrap()[1].1;
    folder.truncate(&names[1], bytes - 1).unwrap();
    drop((folder, journal));
    let (folder, mut journal, opened, found) = open();
    assert_eq!(found, frames[..5].concat());
    assert_eq!(opened.cut.unwrap().file, folder.path(&names[1]));
    journal.append(&borrowed(&frames[5])).unwrap();
    drop((folder, journal));
    let (folder, mut journal, opened, found) = open();
    assert_eq!((opened.cut, found), (None, frames.concat()));
    journal.cut(5).unwrap();
    assert_eq!(folder.list().unwrap().len(), 1);
    drop((folder, journal));
    std::fs::remove_dir_all(&path).unwrap();
}
