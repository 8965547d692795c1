//! Files of a data folder that go missing between two starts: the start is refused
//! and says what is missing, what can be done, and how to go on without.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::durability::{Folder, refusal};
use crate::server::{Server, tandem};

fn path(folder: &Folder, file: &str) -> PathBuf {
    Path::new(folder.path()).join(file)
}

/// Another folder with the same files.
fn copy(folder: &Folder, name: &str) -> Folder {
    let to = Folder::new(name);
    std::fs::create_dir(to.path()).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), Path::new(to.path()).join(entry.file_name())).unwrap();
    }
    to
}

/// The newest file of the journal.
fn journal(folder: &Folder) -> String {
    let files = std::fs::read_dir(folder.path()).unwrap();
    let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("journal-")).collect();
    names.sort();
    names.pop().unwrap()
}

/// A folder as kill -9 leaves it: three jobs, and two in a checkpoint before them
/// where there is one. Ann is erased.
fn killed(name: &str, checkpoint: bool) -> Folder {
    let folder = Folder::new(name);
    let mut server = Server::start(&["--data", folder.path()]);
    let job = json!({"title": "Baker"});
    let put = |server: &Server, id: &str| {
        server.put(&format!("/v1/jobs/{id}"), &job).expect(201);
    };
    put(&server, "1");
    put(&server, "2");
    let ann = json!({"headline": "Baker", "subject": "ann"});
    server.put("/v1/candidates/ann", &ann).expect(201);
    if checkpoint {
        server.terminate();
        assert_eq!(server.wait(), Some(0));
        server = Server::start(&["--data", folder.path()]);
    }
    let erased = server.send("DELETE", "/v1/subjects/ann", &[], b"");
    assert!(erased.status < 300, "{erased:?}");
    for id in ["3", "4", "5"] {
        put(&server, id);
    }
    server.kill();
    folder
}

/// Refused with these words, and damaged for `verify` too; without the
/// witness it is served.
fn check(folder: &Folder, file: &str, words: &str) -> Server {
    let named = format!("{}, byte ", path(folder, file).display());
    for _ in 0..2 {
        let said = refusal(folder);
        assert!(said.contains(&named) && said.contains(words), "{said}");
        assert!(said.contains("remove the file `witness`"), "{said}");
    }
    let verified = tandem(&["verify", folder.path()]).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    assert_eq!(verified.status.code(), Some(1), "{said}");
    std::fs::remove_file(path(folder, "witness")).unwrap();
    Server::start(&["--data", folder.path()])
}

#[test]
fn a_journal_that_is_missing_or_cut_is_refused() {
    for checkpoint in [false, true] {
        let whole = killed(&format!("lost-{checkpoint}"), checkpoint);
        let name = journal(&whole);
        let bytes = std::fs::read(path(&whole, &name)).unwrap();
        let last = bytes.windows(4).rposition(|four| four == b"\xffTJ\xff");
        let cuts = [
            (None, "there is no journal behind the checkpoint: frame"),
            (Some(0), "the file is empty: frame"),
            (Some(32), "the journal ends here, cut short"),
            (
                last,
                "the journal ends here, but the log of changes has change",
            ),
        ];
        for (length, words) in cuts {
            let folder = copy(&whole, "lost-copy");
            match length {
                None => std::fs::remove_file(path(&folder, &name)).unwrap(),
                Some(length) => std::fs::write(path(&folder, &name), &bytes[..length]).unwrap(),
            }
            let backup = Folder::new("lost-backup");
            let save = ["snapshot", "save", backup.path(), "--data", folder.path()];
            let saved = tandem(&save).output().unwrap();
            let is_last = length == last;
            assert_eq!(saved.status.code(), Some(i32::from(!is_last)), "{saved:?}");
            let server = check(&folder, &name, words);
            server.get("/v1/jobs/5").expect(404);
            let held = server.get("/v1/jobs/1").status;
            assert_eq!(held, if checkpoint || is_last { 200 } else { 404 });
        }
        // As it is nothing is missing.
        let server = Server::start(&["--data", whole.path()]);
        server.get("/v1/jobs/5").expect(200);
    }
}

#[test]
fn a_ledger_that_is_missing_or_another_one_is_refused() {
    let other = killed("ledger-of-another", false);
    for checkpoint in [false, true] {
        let whole = killed(&format!("ledger-{checkpoint}"), checkpoint);
        let folder = copy(&whole, "ledger-copy");
        for file in ["ledger", "ledger.key"] {
            std::fs::remove_file(path(&folder, file)).unwrap();
        }
        drop(check(
            &folder,
            "ledger",
            "and its key, the file ledger.key, is missing",
        ));

        let folder = copy(&whole, "ledger-swapped");
        for file in ["ledger", "ledger.key"] {
            std::fs::copy(path(&other, file), path(&folder, file)).unwrap();
        }
        drop(check(
            &folder,
            "ledger",
            "this is not the ledger of this folder",
        ));

        let folder = copy(&whole, "ledger-older");
        let bytes = std::fs::read(path(&folder, "ledger")).unwrap();
        std::fs::write(path(&folder, "ledger"), &bytes[..32]).unwrap();
        drop(check(&folder, "ledger", "the ledger ends here, and had"));
    }
}

#[test]
fn a_witness_that_is_damaged_is_refused() {
    let folder = killed("witness", true);
    let mut bytes = std::fs::read(path(&folder, "witness")).unwrap();
    bytes[20] ^= 1;
    std::fs::write(path(&folder, "witness"), &bytes).unwrap();
    let said = refusal(&folder);
    assert!(
        said.contains("witness, byte 0: the file is damaged"),
        "{said}"
    );
    let verified = tandem(&["verify", folder.path()]).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(said.contains("witness is damaged at byte 0"), "{said}");
    std::fs::remove_file(path(&folder, "witness")).unwrap();
    let server = Server::start(&["--data", folder.path()]);
    server.get("/v1/jobs/5").expect(200);
}
