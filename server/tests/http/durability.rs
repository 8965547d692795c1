//! The data folder of a server: full disks, other processes, damage.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::{Server, tandem};

/// A data folder that is gone when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let name = format!("tandem-data-{}-{name}", std::process::id());
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name))
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Waits until a file is in it.
    pub(crate) fn wait_for(&self, name: &str) {
        let since = Instant::now();
        while !self.has(name) {
            assert!(since.elapsed() < Duration::from_mins(1), "no {name}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether a file is in it.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Paths of the files in a folder, in order.
pub(crate) fn files(folder: &Folder) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Waits until the server says that it is not ready; what it says.
fn not_ready(server: &Server) -> String {
    let since = Instant::now();
    loop {
        let answer = server.get("/readyz");
        if answer.status == 503 {
            return answer.text();
        }
        assert!(since.elapsed() < Duration::from_mins(1), "still ready");
        thread::sleep(Duration::from_millis(20));
    }
}

fn put_five(server: &Server) {
    let job = json!({"title": "Baker", "description": "bread and rolls ".repeat(30)});
    for id in 0..5 {
        server.put(&format!("/v1/jobs/{id}"), &job).expect(201);
    }
}

/// Writes are refused with the reason, reads go on, and everybody is told.
fn has_stopped_writing(server: &Server, words: &str) {
    let refused = server.put("/v1/jobs/new", &json!({"title": "x"}));
    let problem = refused.expect(503).json();
    assert_eq!(problem["code"], "writer_stopped", "{problem}");
    assert!(
        problem["title"].as_str().unwrap().contains("has failed"),
        "{problem}"
    );
    assert!(
        problem["detail"].as_str().unwrap().contains(words),
        "{problem}"
    );
    let said = not_ready(server);
    assert!(
        said.contains("writer stopped") && said.contains(words),
        "{said}"
    );
    let metrics = server.get("/metrics").expect(200).text();
    assert!(metrics.contains("\ntandem_ready 0\n"), "{metrics}");
    assert!(metrics.contains("\ntandem_writer_stopped 1\n"), "{metrics}");
    server.get("/livez").expect(200);
    server.get("/v1/jobs/0").expect(200);
    server.get("/v1/jobs/new").expect(404);
}

#[test]
fn a_folder_that_goes_away_ends_writing_but_not_reading() {
    let (folder, elsewhere) = (Folder::new("fails"), Folder::new("fails-elsewhere"));
    let server = Server::start(&["--data", folder.path()]);
    put_five(&server);
    let metrics = server.get("/metrics").expect(200).text();
    assert!(
        metrics.contains("\ntandem_ready 1\n") && metrics.contains("\ntandem_writer_stopped 0\n")
    );
    // Nobody writes: it is seen all the same.
    std::fs::rename(folder.path(), elsewhere.path()).unwrap();
    not_ready(&server);
    has_stopped_writing(&server, "lock: cannot find");
    drop(server);
    std::fs::rename(elsewhere.path(), folder.path()).unwrap();
    let server = Server::start(&["--data", folder.path()]);
    server.get("/v1/jobs/4").expect(200);
    server
        .put("/v1/jobs/new", &json!({"title": "x"}))
        .expect(201);
    std::fs::remove_dir_all(folder.path()).unwrap();
    not_ready(&server);
    let again = server.put("/v1/jobs/more", &json!({"title": "x"}));
    assert_eq!(again.expect(503).json()["code"], "writer_stopped");
}

#[test]
fn what_goes_to_a_removed_journal_is_not_acknowledged() {
    let folder = Folder::new("unlinked");
    let server = Server::start(&["--data", folder.path()]);
    put_five(&server);
    std::fs::remove_file(folder.0.join("journal-0000000000000001")).unwrap();
    has_stopped_writing(&server, "the file was removed");
}

#[test]
fn a_file_that_may_not_grow_refuses_writes_and_ends_nothing() {
    let folder = Folder::new("limited");
    // Files may have so many blocks, and nobody ignores the signal that says so.
    let limited = "ulimit -f 16; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", limited, "sh", env!("CARGO_BIN_EXE_tandem")]);
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    command.args(["--data", folder.path()]);
    let server = Server::spawn(command);
    let job = json!({"title": "Baker", "description": "bread and rolls ".repeat(30)});
    let mut acknowledged = 0;
    let refused = loop {
        let answer = server.put(&format!("/v1/jobs/{acknowledged}"), &job);
        if answer.status != 201 {
            break answer.expect(507).json();
        }
        acknowledged += 1;
        assert!(acknowledged < 1_000, "the limit has no effect");
    };
    assert_eq!(refused["code"], "storage_full");
    assert!(acknowledged > 2);
    server.get("/readyz").expect(200);
    server.get("/v1/jobs/0").expect(200);
    server.get(&format!("/v1/jobs/{acknowledged}")).expect(404);
    drop(server);

    let server = Server::start(&["--data", folder.path()]);
    server
        .get(&format!("/v1/jobs/{}", acknowledged - 1))
        .expect(200);
    server.get(&format!("/v1/jobs/{acknowledged}")).expect(404);
    server.put("/v1/jobs/small", &job).expect(201);
}

#[test]
fn deleted_text_leaves_the_folder_although_nobody_writes_any_more() {
    let folder = Folder::new("deleted");
    let mut command = tandem(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    command
        .args(["--data", folder.path(), "--checkpoint-within", "1s"])
        .env("TANDEM_TEST_MERGE_ROWS", "16");
    let server = Server::spawn(command);
    let canary = "zqdeletedcanary";
    let has_canary = || {
        files(&folder).iter().any(|file| {
            // It may go meanwhile.
            let bytes = std::fs::read(file).unwrap_or_default();
            has(&bytes, canary.as_bytes())
        })
    };
    for id in 0..40 {
        let job = json!({"title": "Baker", "description": canary});
        server.put(&format!("/v1/jobs/{id}"), &job).expect(201);
    }
    assert!(has_canary());
    for id in 0..40 {
        server
            .send("DELETE", &format!("/v1/jobs/{id}"), &[], b"")
            .expect(200);
    }
    let since = Instant::now();
    while has_canary() {
        assert!(since.elapsed() < Duration::from_mins(1), "still there");
        thread::sleep(Duration::from_millis(50));
    }
}

fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|part| part == wanted)
}

/// What a server that does not start says.
pub(crate) fn refusal(folder: &Folder) -> String {
    let ended = tandem(&["serve", "--listen", "127.0.0.1:0", "--data", folder.path()])
        .stdout(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1));
    String::from_utf8(ended.stderr).unwrap()
}

#[test]
fn a_folder_in_use_or_damaged_is_refused() {
    let folder = Folder::new("refused");
    let mut server = Server::start(&["--data", folder.path()]);
    for id in ["1", "2", "3"] {
        let put = server.put(&format!("/v1/jobs/{id}"), &json!({"title": "Baker"}));
        put.expect(201);
    }
    let said = refusal(&folder);
    assert!(
        said.contains(folder.path()) && said.contains("another process"),
        "{said}"
    );
    server.get("/readyz").expect(200);
    server.kill();

    let journal = folder.0.join("journal-0000000000000001");
    let whole = std::fs::read(&journal).unwrap();
    let mut damaged = whole.clone();
    damaged[60] ^= 1;
    std::fs::write(&journal, &damaged).unwrap();
    let said = refusal(&folder);
    assert!(
        said.contains("journal-0000000000000001, byte 32: the frame's checksum is wrong"),
        "{said}"
    );
    assert_eq!(std::fs::read(&journal).unwrap(), damaged);

    // An end that is torn is cut; the rest is there.
    let torn = [&whole[..], &whole[32..72]].concat();
    std::fs::write(&journal, torn).unwrap();
    let server = Server::start(&["--data", folder.path()]);
    server.get("/v1/jobs/3").expect(200);
    drop(server);
    assert_eq!(std::fs::read(&journal).unwrap(), whole);
}
