//! Files that do not belong together, and what is said of them.

use super::*;

/// What is said of these files: file, byte, reason.
fn refused(files: &[(String, Vec<u8>)], behind: u64) -> (String, u64, String) {
    let folder = MemoryFolder::with_files(files.to_vec());
    let error = read(&folder, behind)
        .map(|(_, opened, _)| opened)
        .unwrap_err();
    let said = error.to_string();
    let FileError::Refused {
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

type Files = Vec<(String, Vec<u8>)>;

/// What is done to the files of `three`.
enum Spoil {
    Remove(&'static [usize]),
    /// Another content of a file.
    Replace(usize, Vec<u8>),
    Cut(usize, usize),
    Fill(usize, usize, u8),
    /// A bad bit in a byte.
    Damage(usize, usize),
    Rename(usize, &'static str),
    Add(&'static str, Vec<u8>),
}

fn spoilt(spoil: Spoil) -> Files {
    let mut files = three();
    match spoil {
        Spoil::Remove(gone) => {
            for at in gone.iter().rev() {
                files.remove(*at);
            }
        }
        Spoil::Replace(file, bytes) => files[file].1 = bytes,
        Spoil::Cut(file, bytes) => files[file].1.truncate(bytes),
        Spoil::Fill(file, bytes, with) => files[file].1[..bytes].fill(with),
        Spoil::Damage(file, at) => files[file].1[at] ^= 1,
        Spoil::Rename(file, name) => files[file].0 = name.to_owned(),
        Spoil::Add(name, bytes) => files.push((name.to_owned(), bytes)),
    }
    files.sort();
    files
}

/// The three files by their first frame; each has frames at 32, 200 or 216, and
/// 384, and this many bytes.
const ENDS: usize = 552;

/// What is done, the checkpoint's frame; the file, byte and reason that are named.
type Case = (Spoil, u64, &'static str, u64, &'static str);

fn check(cases: Vec<Case>) {
    assert_eq!(three()[0].1.len(), ENDS);
    for (number, (spoil, behind, file, offset, why)) in cases.into_iter().enumerate() {
        let found = refused(&spoilt(spoil), behind);
        assert!(found.2.contains(why), "case {number}: {found:?}");
        let place = (format!("memory/journal{file}"), offset);
        assert_eq!((found.0, found.1), place, "case {number}: {}", found.2);
    }
}

const ONE: &str = "-0000000000000001";
const FOUR: &str = "-0000000000000004";
const SEVEN: &str = "-0000000000000007";

#[test]
fn files_that_do_not_follow_each_other_are_refused() {
    let short = written(&several(5), &[4]).files()[1].1.clone();
    let long = || written(&several(5), &[]).files()[0].1.clone();
    let later = "but a later file follows";
    check(vec![
        (
            Spoil::Remove(&[1]),
            0,
            SEVEN,
            0,
            "frames 4 to 6 are missing",
        ),
        (Spoil::Remove(&[0]), 0, FOUR, 0, "frames 1 to 3 are missing"),
        (
            Spoil::Remove(&[0, 1]),
            4,
            SEVEN,
            0,
            "frames 5 to 6 are missing",
        ),
        // A file that ends too early.
        (Spoil::Replace(1, short), 0, SEVEN, 0, "frame 6 is missing"),
        (
            Spoil::Cut(1, HEADER_BYTES),
            0,
            SEVEN,
            0,
            "frames 4 to 6 are missing",
        ),
        // A file that goes on into the next, read or not.
        (
            Spoil::Replace(0, long()),
            0,
            ONE,
            552,
            "frame 4 stands here, but `journal-0000000000000004` begins",
        ),
        (
            Spoil::Replace(0, long()),
            3,
            ONE,
            552,
            "frame 4 stands here",
        ),
        // A torn end where none can be.
        (Spoil::Cut(0, ENDS - 9), 0, ONE, 384, later),
        (Spoil::Cut(1, 0), 0, FOUR, 0, later),
        (Spoil::Fill(1, ENDS, 0), 0, FOUR, 0, later),
        (Spoil::Cut(1, 3), 9, FOUR, 0, later),
    ]);
}

#[test]
fn damage_is_refused_where_it_is() {
    let mut headless = written(&several(12), &[4, 7]).files()[2].1.clone();
    headless[..512].fill(0);
    check(vec![
        (
            Spoil::Damage(0, 60),
            0,
            ONE,
            32,
            "checksum is wrong, but the journal goes on at byte 200",
        ),
        (
            Spoil::Damage(0, 40),
            0,
            ONE,
            32,
            "head is wrong, but a whole frame follows at byte 200",
        ),
        (
            Spoil::Damage(1, ENDS - 40),
            0,
            FOUR,
            384,
            "to give it up, cut the file to 384 bytes",
        ),
        (
            Spoil::Damage(2, 385),
            0,
            SEVEN,
            384,
            "to give it up, cut the file to 384 bytes",
        ),
        (Spoil::Damage(2, 9), 0, SEVEN, 8, "the header is damaged"),
        (Spoil::Damage(2, 20), 0, SEVEN, 16, "the header is damaged"),
        (Spoil::Fill(2, 40, 0), 0, SEVEN, 0, "not a journal"),
        (
            Spoil::Replace(2, headless),
            0,
            SEVEN,
            0,
            "the header is lost, but a whole frame stands at byte",
        ),
        (Spoil::Fill(0, 8, b'x'), 9, ONE, 0, "not a journal"),
    ]);
}

#[test]
fn names_and_formats_that_do_not_fit_are_refused() {
    let text = b"{\"title\": \"not one\"}".to_vec();
    let newer = [&prefix(3)[..], &[0; 100]].concat();
    let named = "no file of a journal has this name";
    check(vec![
        (
            Spoil::Rename(1, "journal-0000000000000005"),
            0,
            "-0000000000000005",
            16,
            "begins with frame 5, its header frame 4",
        ),
        (Spoil::Rename(2, "journal-7"), 0, "-7", 0, named),
        (
            Spoil::Rename(2, "journal-0000000000000007.bak"),
            0,
            "-0000000000000007.bak",
            0,
            named,
        ),
        (
            Spoil::Rename(2, "journal-000000000000000A"),
            0,
            "-000000000000000A",
            0,
            named,
        ),
        (
            Spoil::Rename(0, "journal-0000000000000000"),
            0,
            "-0000000000000000",
            0,
            named,
        ),
        (
            Spoil::Rename(0, "journal"),
            0,
            "",
            8,
            "format 2, which has other names of files",
        ),
        (
            Spoil::Add("journal", old()),
            0,
            ONE,
            0,
            "`journal` begins with the same frame",
        ),
        (
            Spoil::Replace(2, newer),
            0,
            SEVEN,
            8,
            "format 3; this program reads formats 1 and 2",
        ),
        (
            Spoil::Replace(2, old()),
            0,
            SEVEN,
            8,
            "format 1, which has other names",
        ),
        (Spoil::Replace(2, text), 0, SEVEN, 0, "not a journal"),
    ]);
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
