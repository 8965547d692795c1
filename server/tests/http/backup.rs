//! Backups beside a server that works, restoring them, and verifying: what was
//! acknowledged before a save is in it, whatever was damaged or cut off is named,
//! and nobody who was erased since comes back. `TANDEM_TEST_SEED` repeats a run.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tandem_index::disk::MemoryFolder;
use tandem_index::verify::verify;

use crate::durability::{Folder, files};
use crate::recovery::random;
use crate::server::{Server, tandem};

const CANARY: &str = "zqxcanary";

#[expect(clippy::print_stdout, reason = "a run that failed is repeated by it")]
fn seed() -> u64 {
    let given = std::env::var("TANDEM_TEST_SEED").ok();
    let seed = given.and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        since.as_nanos() as u64
    });
    println!("TANDEM_TEST_SEED={seed}");
    seed
}

/// A server that checkpoints and merges all the time.
pub(crate) fn start(folder: &Folder, changes: u32) -> Server {
    let mut command = tandem(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    command
        .args(["--data", folder.path()])
        .env("TANDEM_TEST_CHECKPOINT_CHANGES", changes.to_string())
        .env("TANDEM_TEST_MERGE_ROWS", "16");
    Server::spawn(command)
}

pub(crate) fn stop(server: &mut Server) {
    server.terminate();
    assert_eq!(server.wait(), Some(0));
}

pub(crate) fn save(data: &Folder, to: &Folder, more: &[&str]) -> Command {
    let mut command = tandem(&["snapshot", "save", to.path(), "--data", data.path()]);
    command.args(more);
    command
}

pub(crate) fn restore(from: &Folder, to: &Folder, ledger: Option<&str>) -> Output {
    let mut command = tandem(&["snapshot", "restore", from.path(), "--data", to.path()]);
    command.args(
        ledger
            .map(|ledger| ["--ledger", ledger])
            .into_iter()
            .flatten(),
    );
    command.output().unwrap()
}

fn ledger(of: &Folder) -> String {
    format!("{}/ledger", of.path())
}
/// What it wrote to standard output, if it ended so.
pub(crate) fn said(output: &Output, code: i32) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}{error}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn error(output: &Output, code: i32) -> String {
    said(output, code);
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(crate) fn verified(folder: &Folder) -> Output {
    tandem(&["verify", folder.path()]).output().unwrap()
}

fn found(folder: &Folder, text: &str) -> Output {
    let arguments = ["verify", "--find", text, "--ignore-case", folder.path()];
    tandem(&arguments).output().unwrap()
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn job(number: u64, version: u64) -> Value {
    json!({"title": format!("Baker {version}"), "company": format!("Company {number}"),
        "description": "bread and rolls ".repeat(8), "version": version})
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was written beside the saves")]
fn a_backup_saved_beside_writes_has_all_that_was_acknowledged_before() {
    let mut dice = seed();
    let data = Folder::new("save");
    let mut server = start(&data, 100);
    let held: Mutex<BTreeMap<String, u64>> = Mutex::default();
    let done = AtomicBool::new(false);
    let writes = AtomicU64::new(0);
    let begun = Instant::now();
    let mut last = None;
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (server, held, done, writes) = (&server, &held, &done, &writes);
            let mut dice = random(&mut dice);
            scope.spawn(move || {
                for version in 1.. {
                    if done.load(Ordering::Relaxed) {
                        return;
                    }
                    let lines: Vec<String> = (0..8)
                        .map(|_| {
                            let number = random(&mut dice) % 500;
                            let mut job = job(number, version);
                            job["id"] = json!(format!("{writer}-{number}"));
                            job.to_string()
                        })
                        .collect();
                    let answer = server.bulk("jobs", &lines.join("\n"));
                    let mut held = held.lock().unwrap();
                    for line in answer.lines() {
                        if let (Some(id), Some(version)) =
                            (line["id"].as_str(), line["version"].as_u64())
                        {
                            held.insert(id.to_owned(), version);
                            writes.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
        let rounds: Vec<(Folder, BTreeMap<String, u64>)> = (0..6)
            .map(|round| {
                let wanted = writes.load(Ordering::Relaxed) + 300;
                while writes.load(Ordering::Relaxed) < wanted {
                    std::thread::yield_now();
                }
                let backup = Folder::new(&format!("save-{round}"));
                let before = held.lock().unwrap().clone();
                let more: &[&str] = if round % 2 == 0 { &[] } else { &["--copy"] };
                let output = save(&data, &backup, more).output().unwrap();
                assert!(said(&output, 0)["spaces"]["default"].as_u64() > Some(0));
                (backup, before)
            })
            .collect();
        done.store(true, Ordering::Relaxed);
        last = Some(rounds);
    });
    let rate = writes.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
    println!("{rate:.0} changes/s beside 6 saves");
    stop(&mut server);
    assert_eq!(said(&verified(&data), 0)["whole"], true);
    for (round, (backup, before)) in last.unwrap().into_iter().enumerate() {
        let checked = said(&verified(&backup), 0);
        assert_eq!(
            (&checked["whole"], &checked["backup"]),
            (&json!(true), &json!(true))
        );
        let to = Folder::new(&format!("restored-{round}"));
        said(&restore(&backup, &to, Some(&ledger(&data))), 0);
        assert_eq!(said(&verified(&to), 0)["whole"], true);
        let restored = start(&to, 100);
        let step = 1 + before.len() / 60;
        for (id, version) in before.iter().step_by(step) {
            let answer = restored.get(&format!("/v1/jobs/{id}")).expect(200);
            let found: u64 = answer
                .header("etag")
                .unwrap()
                .trim_matches('"')
                .parse()
                .unwrap();
            assert!(
                found >= *version,
                "round {round}, {id}: {found} is older than {version}"
            );
        }
        let kinds = restored.get("/v1/kinds").expect(200).json();
        let mut kinds = kinds["kinds"].as_array().unwrap().iter();
        let documents = kinds.find(|kind| kind["name"] == "jobs").unwrap()["documents"].as_u64();
        assert!(
            documents >= Some(before.len() as u64),
            "round {round}: {documents:?} of {}",
            before.len()
        );
        restored.put("/v1/jobs/new", &job(1, 1)).expect(201);
    }
}

#[test]
fn a_save_that_was_killed_is_recognised_wherever_it_was() {
    let data = Folder::new("killed");
    let mut server = start(&data, 20);
    for round in 0..8 {
        let lines: Vec<String> = (0..20)
            .map(|number| {
                let mut job = job(number, 1);
                job["id"] = json!(format!("{round}-{number}"));
                job.to_string()
            })
            .collect();
        server.bulk("jobs", &lines.join("\n"));
    }
    let mut interrupted = 0;
    for round in 0..24 {
        let backup = Folder::new(&format!("killed-{round}"));
        let path = Path::new(backup.path());
        // So many files are there when it is killed.
        let wanted = round % 8;
        let mut saving = save(&data, &backup, &["--copy"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let count = || std::fs::read_dir(path).map_or(0, Iterator::count);
        while count() < wanted && saving.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        saving.kill().unwrap();
        saving.wait().unwrap();
        let to = Folder::new(&format!("from-killed-{round}"));
        let restored = restore(&backup, &to, Some(&ledger(&data)));
        if path.join("snapshot").exists() {
            said(&verified(&backup), 0);
            said(&restored, 0);
            continue;
        }
        interrupted += 1;
        let output = verified(&backup);
        let why = error(&output, 1);
        let known = [
            "did not come to its end",
            "nothing in it is Tandem's",
            "cannot open",
        ];
        assert!(known.iter().any(|known| why.contains(known)), "{why}");
        let why = error(&restored, 1);
        let known = [
            "did not come to its end",
            "there is no file `snapshot`",
            "cannot open",
        ];
        assert!(known.iter().any(|known| why.contains(known)), "{why}");
        assert!(!to.has("manifest"));
        if path.join("snapshot.new").exists() {
            let again = error(&save(&data, &backup, &[]).output().unwrap(), 1);
            assert!(again.contains("did not come to its end here"), "{again}");
            let serve = ["serve", "--listen", "127.0.0.1:0", "--data", backup.path()];
            let why = error(&tandem(&serve).output().unwrap(), 1);
            assert!(why.contains("did not come to its end here"), "{why}");
        }
    }
    assert!(interrupted > 5, "{interrupted}");
    stop(&mut server);
}

/// A small backup: packs, and a journal behind them.
fn small(data: &Folder) -> Folder {
    let mut server = start(data, 30);
    for number in 0..40 {
        server.put(&format!("/v1/jobs/{number}"), &job(number, 1));
    }
    server.get("/v1/jobs/39").expect(200);
    // The checkpoint that is due is written beside the answers.
    data.wait_for("manifest");
    let backup = Folder::new(&format!("{}-backup", name(Path::new(data.path()))));
    said(&save(data, &backup, &[]).output().unwrap(), 0);
    server.kill();
    backup
}

#[test]
fn a_flipped_byte_of_any_file_of_a_backup_is_named_and_not_restored() {
    let data = Folder::new("flipped");
    let backup = small(&data);
    let mut dice = seed();
    let contents: Vec<(String, Vec<u8>)> = files(&backup)
        .iter()
        .map(|path| (name(path).to_owned(), std::fs::read(path).unwrap()))
        .filter(|(name, _)| name != "lock")
        .collect();
    let whole = verify(&MemoryFolder::with_files(contents.clone())).unwrap();
    assert_eq!(whole.damage, []);
    assert!(
        contents
            .iter()
            .any(|(name, _)| name.starts_with("journal-"))
    );
    for (at, (file, bytes)) in contents.iter().enumerate() {
        // Every byte of the first 100, the last 100, and some between.
        let between: Vec<usize> = (0..150)
            .map(|_| random(&mut dice) as usize % bytes.len())
            .collect();
        let ends = (0..bytes.len()).filter(|at| *at < 100 || *at + 100 >= bytes.len());
        for byte in ends.chain(between) {
            let mut damaged = contents.clone();
            damaged[at].1[byte] ^= 1 << (random(&mut dice) % 8);
            let report = verify(&MemoryFolder::with_files(damaged)).unwrap();
            let damage = report.damage.iter().find(|damage| damage.file == *file);
            assert!(damage.is_some(), "{file}, byte {byte}: {report:?}");
        }
    }
    let to = Folder::new("flipped-restored");
    for (file, bytes) in &contents {
        let path = Path::new(backup.path()).join(file);
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 2] ^= 8;
        // Packs may be the data folder's own: never written in place.
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, &damaged).unwrap();
        for output in [
            verified(&backup),
            restore(&backup, &to, Some(&ledger(&data))),
        ] {
            let why = error(&output, 1);
            assert!(
                why.contains(&format!("{file} is damaged at byte ")),
                "{why}"
            );
        }
        assert!(!Path::new(to.path()).exists());
        std::fs::write(&path, bytes).unwrap();
    }
    std::fs::remove_file(Path::new(backup.path()).join("manifest")).unwrap();
    let why = error(&restore(&backup, &to, Some(&ledger(&data))), 1);
    assert!(
        why.contains("manifest is damaged at byte 0: the file is missing"),
        "{why}"
    );
}

#[test]
fn nothing_is_restored_without_the_newest_ledger_and_nothing_over_something() {
    let data = Folder::new("ledger");
    let backup = small(&data);
    let to = Folder::new("ledger-restored");
    let why = error(&restore(&backup, &to, None), 2);
    assert!(
        why.contains("ledger of erasures") && why.contains("--ledger FILE"),
        "{why}"
    );
    let other = Folder::new("ledger-other");
    stop(&mut start(&other, 20));
    let why = error(&restore(&backup, &to, Some(&ledger(&other))), 1);
    assert!(
        why.contains("not that of the server the backup came from"),
        "{why}"
    );
    let why = error(
        &restore(&backup, &to, Some(&format!("{}/manifest", data.path()))),
        1,
    );
    assert!(why.contains("manifest.key"), "{why}");
    assert!(!Path::new(to.path()).exists());
    // Nothing but a new folder is written to, and no backup is served.
    let why = error(&restore(&backup, &other, Some(&ledger(&data))), 1);
    assert!(why.contains("restored into an empty folder"), "{why}");
    let why = error(&save(&data, &other, &[]).output().unwrap(), 1);
    assert!(why.contains("saved into a new folder"), "{why}");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data", backup.path()];
    let why = error(&tandem(&serve).output().unwrap(), 1);
    assert!(why.contains("this is a backup, not a data folder"), "{why}");
    let server = start(&data, 20);
    let why = error(&verified(&data), 1);
    assert!(why.contains("another process uses this folder") && why.contains("snapshot save"));
    drop(server);
}

fn person(id: &str) -> Value {
    json!({"id": id, "subject": id, "headline": format!("Baker {CANARY}"),
        "text": format!("{CANARY}s at night"), "version": 3})
}

#[test]
fn who_was_erased_since_the_backup_is_in_no_byte_of_what_is_restored() {
    let data = Folder::new("erased");
    let mut server = start(&data, 20);
    for number in 0..30 {
        server
            .put(&format!("/v1/jobs/{number}"), &job(number, 1))
            .expect(201);
    }
    server.put("/v1/candidates/ann", &person("ann")).expect(201);
    server
        .put("/v1/candidates/bob", &json!({"headline": "Baker"}))
        .expect(201);
    let old = format!("{}-old-ledger", data.path());
    for file in ["", ".key"] {
        std::fs::copy(format!("{}{file}", ledger(&data)), format!("{old}{file}")).unwrap();
    }
    let early = Folder::new("erased-early");
    said(&save(&data, &early, &[]).output().unwrap(), 0);
    said(&found(&early, CANARY), 1);
    server
        .send("DELETE", "/v1/subjects/ann?now=true", &[], b"")
        .expect(200);
    let late = Folder::new("erased-late");
    said(&save(&data, &late, &[]).output().unwrap(), 0);
    said(&found(&late, CANARY), 0);
    stop(&mut server);
    said(&found(&data, CANARY), 0);

    let to = Folder::new("erased-restored");
    let restored = said(&restore(&early, &to, Some(&ledger(&data))), 0);
    assert_eq!(restored["erased"], 1);
    said(&found(&to, CANARY), 0);
    assert!(
        !files(&to)
            .iter()
            .any(|file| name(file).starts_with("feed-"))
    );
    assert_eq!(said(&verified(&to), 0)["whole"], true);
    let server = start(&to, 20);
    server.get("/v1/candidates/ann").expect(404);
    server.get("/v1/candidates/bob").expect(200);
    server.get("/v1/jobs/29").expect(200);
    // The late one knows how long the ledger was.
    let why = error(&restore(&late, &Folder::new("erased-not"), Some(&old)), 1);
    assert!(why.contains("older than the backup"), "{why}");
    for file in ["", ".key"] {
        std::fs::remove_file(format!("{old}{file}")).unwrap();
    }
}

#[test]
fn a_text_is_found_in_every_part_and_not_once_it_is_replaced_and_rewritten() {
    let data = Folder::new("find");
    let mut server = start(&data, 20);
    let canary = json!({"title": format!("Baker {CANARY}"), "company": CANARY, "version": 1,
        "description": format!("begins {CANARY}s and ends")});
    for number in 0..40 {
        server
            .put(&format!("/v1/jobs/{number}"), &job(number, 1))
            .expect(201);
    }
    server.put("/v1/jobs/it", &canary).expect(201);
    server.kill();
    let journal = said(&found(&data, CANARY), 1);
    let parts = |answer: &Value| -> Vec<String> {
        let found = answer["found"].as_array().unwrap().iter();
        found
            .map(|one| one["part"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(parts(&journal).contains(&"put".to_owned()), "{journal}");
    let mut server = start(&data, 20);
    stop(&mut server);
    let packed = said(&found(&data, "ZQXcanary"), 1);
    for part in [
        "document",
        "dictionary of words",
        "words of a row",
        "title",
        "value of a field",
    ] {
        assert!(
            parts(&packed).contains(&part.to_owned()),
            "{part}: {packed}"
        );
    }
    let document = packed["found"].as_array().unwrap().iter();
    let mut document = document.filter(|one| one["part"] == "document");
    let document = document.next().unwrap();
    assert_eq!(
        (&document["kind"], &document["id"]),
        (&json!("jobs"), &json!("it"))
    );

    // Replaced, and then all others until merges and checkpoints have rewritten it.
    let mut server = start(&data, 20);
    server.put("/v1/jobs/it", &job(77, 2)).expect(200);
    let mut gone = false;
    for version in 2..40 {
        for number in 0..40 {
            server
                .put(&format!("/v1/jobs/{number}"), &job(number, version))
                .expect(200);
        }
        stop(&mut server);
        let output = found(&data, CANARY);
        gone = output.status.code() == Some(0);
        server = start(&data, 20);
        if gone {
            break;
        }
    }
    assert!(gone, "it is still there");
    stop(&mut server);
    assert_eq!(said(&verified(&data), 0)["whole"], true);
}
