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

#[test]
fn a_disk_that_fails_ends_writing_but_not_reading() {
    let folder = Folder::new("fails");
    // Files may have so many blocks; with the signal ignored a write fails, and not for want of
    // room that may come back.
    let limited = "trap '' XFSZ; ulimit -f 16; exec \"$@\"";
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
            break answer.expect(503).json();
        }
        acknowledged += 1;
        assert!(acknowledged < 1_000, "the limit has no effect");
    };
    assert_eq!(refused["code"], "not_ready");
    assert!(acknowledged > 2);
    let again = server.put("/v1/jobs/small", &json!({"title": "x"}));
    assert_eq!(again.expect(503).json()["code"], "not_ready");
    server.get("/readyz").expect(503);
    server.get("/livez").expect(200);
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
