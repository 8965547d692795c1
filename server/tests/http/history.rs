//! Histories: what a client knows of documents that are no longer there is never
//! taken for what is there now.

use serde_json::{Value, json};

use crate::durability::{Folder, refusal};
use crate::server::{Answer, Server, TempFile, tandem};

fn put(server: &Server, numbers: std::ops::Range<u32>) -> Vec<String> {
    let written = numbers.map(|number| {
        let job = json!({"title": format!("Baker {number}")});
        let answer = server.put(&format!("/v1/jobs/m{number}"), &job).expect(201);
        answer.json()["sequence"].as_str().unwrap().to_owned()
    });
    written.collect()
}

fn changes(server: &Server, after: &str) -> Answer {
    server.get(&format!("/v1/changes?after={after}&limit=10000"))
}

fn next(answer: Answer) -> String {
    let lines = answer.expect(200).lines();
    lines.last().unwrap()["next"].as_str().unwrap().to_owned()
}

fn succeeds(arguments: &[&str]) {
    let ended = tandem(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(0), "{said}");
}

/// 409 `other_history`, with words.
fn refused(answer: Answer, words: &str) {
    let problem = answer.expect(409).json();
    assert_eq!(problem["code"], "other_history", "{problem}");
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(words), "{detail}");
}

#[test]
fn a_restored_server_takes_nothing_of_before_for_its_own() {
    let (data, backup, to) = (
        Folder::new("history-data"),
        Folder::new("history-backup"),
        Folder::new("history-to"),
    );
    let mut command = tandem(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    command
        .args(["--data", data.path()])
        .env("TANDEM_TEST_CHECKPOINT_CHANGES", "20");
    let mut server = Server::spawn(command);
    put(&server, 0..50);
    data.wait_for("manifest");
    let search = json!({"q": "baker", "limit": 10});
    let cursor = |server: &Server| {
        let found = server.post("/v1/search/jobs", &search).expect(200).json();
        found["cursor"].as_str().unwrap().to_owned()
    };
    let cursor_of_saved = cursor(&server);
    succeeds(&["snapshot", "save", backup.path(), "--data", data.path()]);
    let written = put(&server, 50..90);
    server.send("DELETE", "/v1/jobs/m3", &[], b"").expect(200);
    let position = next(changes(&server, "0"));
    // The same over a restart: this is one history.
    server.kill();
    server = Server::start(&["--data", data.path()]);
    assert_eq!(next(changes(&server, &position)), position);
    let old = &written[written.len() - 1];
    server
        .get(&format!("/v1/kinds?min_sequence={old}"))
        .expect(200);
    server.kill();

    // Served as it is, the backup would have everybody erased since; nothing is made in it.
    let said = refusal(&backup);
    assert!(
        said.contains("this is a backup") && !said.contains("listens"),
        "{said}"
    );
    assert!(!backup.has("lock"));

    let ledger = format!("{}/ledger", data.path());
    let restore = ["snapshot", "restore", backup.path(), "--data", to.path()];
    succeeds(&[&restore[..], &["--ledger", &ledger]].concat());
    let log = TempFile::new("");
    let mut command = tandem(&["serve", "--listen", "127.0.0.1:0", "--data", to.path()]);
    command.stderr(std::fs::File::create(log.path()).unwrap());
    let mut server = Server::spawn(command);
    let said = std::fs::read_to_string(log.path()).unwrap();
    assert!(
        !said.contains("ERROR") && said.contains("it begins here"),
        "{said}"
    );
    for round in 0..3 {
        refused(changes(&server, &position), "export every kind");
        let bare = position.rsplit_once('.').unwrap().1;
        refused(changes(&server, bare), "export every kind");
        for token in [old.as_str(), old.rsplit_once('.').unwrap().1] {
            let read = server.get(&format!("/v1/kinds?min_sequence={token}"));
            refused(read, "write again");
        }
        let mut page = search.clone();
        page["cursor"] = Value::from(cursor_of_saved.as_str());
        let gone = server.post("/v1/search/jobs", &page).expect(410).json();
        assert_eq!(gone["code"], "snapshot_gone");
        // Its own writes pass the position; another start changes nothing.
        let own = put(&server, 100 * (round + 1)..100 * (round + 1) + 50);
        if round == 1 {
            let own = next(changes(&server, &own[0]));
            server.kill();
            server = Server::start(&["--data", to.path()]);
            assert_eq!(next(changes(&server, &own)), own, "its own history goes on");
        }
    }
    let export = server.post("/v1/export/jobs", &json!({"q": "baker"}));
    let from_there = export.header("x-snapshot").unwrap().to_owned();
    assert_eq!(next(changes(&server, &from_there)), from_there);
}

#[test]
fn nor_one_without_its_log_or_witness_nor_another_process_without_data() {
    let folder = Folder::new("history-lost");
    let mut server = Server::start(&["--data", folder.path()]);
    put(&server, 0..5);
    for file in ["witness", "feed"] {
        let position = next(changes(&server, &server.token(5)));
        server.terminate();
        assert_eq!(server.wait(), Some(0));
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with(file)
            {
                std::fs::remove_file(path).unwrap();
            }
        }
        server = Server::start(&["--data", folder.path()]);
        refused(changes(&server, &position), "export every kind");
    }
    let (one, other) = (Server::start(&[]), Server::start(&[]));
    put(&one, 0..3);
    put(&other, 0..9);
    refused(changes(&other, &one.token(3)), "export every kind");
    let read = other.get(&format!("/v1/kinds?min_sequence={}", one.token(3)));
    refused(read, "write again");
}
