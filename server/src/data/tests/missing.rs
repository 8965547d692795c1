//! Files that go missing between two starts, as a writer left them.

use std::sync::Arc;

use tandem_index::Kinds;
use tandem_index::disk::{Folder, MemoryFolder};
use tandem_index::witness::WITNESS_FILE;

use super::{Running, options, put, restore, stores};

/// A folder as kill -9 leaves it: seven changes in frames of their own, the first
/// five of them in a checkpoint where there is one.
fn killed(kinds: &Arc<Kinds>, checkpoint: bool) -> MemoryFolder {
    let folder = MemoryFolder::default();
    let mut running = Running::start(&folder, kinds, u64::MAX, None);
    for number in 1..=7 {
        if number == 6 && checkpoint {
            running.stop();
            running = Running::start(&folder, kinds, u64::MAX, None);
        }
        let change = put(kinds, &number.to_string(), "x", number);
        running.apply(0, vec![change]).unwrap();
    }
    let left = folder.after_power_cut(|| true);
    running.stop();
    left
}

/// How many documents a start finds, or why it is refused.
fn start(folder: &MemoryFolder, kinds: &Arc<Kinds>) -> Result<u64, String> {
    let mut after = stores(kinds);
    let opened = restore(Arc::new(folder.clone()), kinds, options(), &mut after);
    opened.map_err(|cause| cause.to_string())?;
    let kind = kinds.get("jobs").unwrap().id;
    Ok(after["one"].snapshot().rows(kind))
}

/// Refused, with these words, and again, and left as it was but for the log of
/// changes; without the witness it is opened.
fn refused(folder: &MemoryFolder, kinds: &Arc<Kinds>, words: &str, left: u64) {
    let files = || {
        let mut files = folder.files();
        files.retain(|(name, _)| !name.starts_with("feed-"));
        files
    };
    let before = files();
    for _ in 0..2 {
        let said = start(folder, kinds).unwrap_err();
        assert!(said.contains(words), "{said}");
        assert!(said.contains("remove the file `witness`"), "{said}");
        assert_eq!(files(), before);
    }
    folder.remove(WITNESS_FILE).unwrap();
    assert_eq!(start(folder, kinds), Ok(left));
    // From here on this is what there has to be.
    assert_eq!(start(folder, kinds), Ok(left));
    assert!(folder.content(WITNESS_FILE).is_some());
}

/// The newest file of the journal and its bytes.
fn newest(folder: &MemoryFolder) -> (String, Vec<u8>) {
    let mut files = folder.files();
    files.retain(|(name, _)| name.starts_with("journal-"));
    files.pop().unwrap()
}

#[test]
fn a_journal_that_goes_missing_is_refused_with_and_without_a_checkpoint() {
    let kinds = Arc::new(Kinds::builtin());
    for (checkpoint, left) in [(false, 0), (true, 5)] {
        let whole = killed(&kinds, checkpoint);
        assert_eq!(start(&whole.after_power_cut(|| true), &kinds), Ok(7));
        let (name, bytes) = newest(&whole);
        let folder = || whole.after_power_cut(|| true);
        // The file is gone, with or without the log of changes.
        for with_feed in [true, false] {
            let folder = folder();
            folder.remove(&name).unwrap();
            if !with_feed {
                for (file, _) in folder.files() {
                    if file.starts_with("feed-") {
                        folder.remove(&file).unwrap();
                    }
                }
            }
            refused(&folder, &kinds, "there is no journal behind", left);
        }
        for (length, words) in [
            (0, "the file is empty"),
            (20, "header is lost"),
            (32, "the journal ends here"),
            (90, "the journal ends here"),
        ] {
            let folder = folder();
            folder.set(&name, bytes[..length].to_vec());
            refused(&folder, &kinds, words, left);
        }
        // Whole frames are missing at its end, which the log of changes knows.
        let last = bytes
            .windows(4)
            .rposition(|four| four == b"\xffTJ\xff")
            .unwrap();
        let folder = folder();
        folder.set(&name, bytes[..last].to_vec());
        let words = "but the log of changes has change";
        refused(&folder, &kinds, words, 6);
    }
}

#[test]
fn a_manifest_that_goes_missing_is_refused() {
    let kinds = Arc::new(Kinds::builtin());
    let folder = killed(&kinds, true);
    folder.remove("manifest").unwrap();
    let said = start(&folder, &kinds).unwrap_err();
    assert!(said.contains("frames 1 to 5 are missing"), "{said}");
    // And where no journal is left that would show it.
    let folder = MemoryFolder::default();
    let running = Running::start(&folder, &kinds, u64::MAX, None);
    running.apply(0, vec![put(&kinds, "1", "x", 1)]).unwrap();
    running.stop();
    folder.remove("manifest").unwrap();
    refused(&folder, &kinds, "there is no journal behind", 0);
}

#[test]
fn a_folder_from_before_there_was_a_witness_is_opened_and_gets_one() {
    let kinds = Arc::new(Kinds::builtin());
    for checkpoint in [false, true] {
        let folder = killed(&kinds, checkpoint);
        folder.remove(WITNESS_FILE).unwrap();
        assert_eq!(start(&folder, &kinds), Ok(7));
        folder.remove(&newest(&folder).0).unwrap();
        let said = start(&folder, &kinds).unwrap_err();
        assert!(said.contains("missing, which w"), "{said}");
    }
}
