//! Erasing a person: a word that stands in everything they have is nowhere
//! afterwards, not in an answer and not in a byte of the data folder.

use std::io::{Read, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::durability::Folder;
use crate::server::{Answer, JSON, Server, TempFile, tandem};

/// Begins every word of the person that nobody else has. What stemming leaves of
/// `zqxcanary` and `Zqxcanary's` begins with it too.
const CANARY: &str = "zqxcanar";
const WORD: &str = "zqxcanary";
const DIMENSIONS: usize = 256;

fn command(folder: Option<&Folder>, more: &[&str]) -> Command {
    let mut command = tandem(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    if let Some(folder) = folder {
        command.args(["--data", folder.path()]);
    }
    command
        .args(more)
        .env("TANDEM_TEST_CHECKPOINT_CHANGES", "10")
        .env("TANDEM_TEST_MERGE_ROWS", "16");
    command
}

/// A key for each of two spaces, and their file.
fn keys() -> ([String; 2], TempFile) {
    let mut file = String::new();
    let keys = ["one", "two"].map(|space| {
        let made = ["key", "--name", "n", "--space", space, "--access", "write"];
        let made = tandem(&made).output().unwrap();
        file += &String::from_utf8(made.stdout).unwrap();
        let shown = String::from_utf8(made.stderr).unwrap();
        shown.trim().rsplit(' ').next().unwrap().to_owned()
    });
    (keys, TempFile::new(&file))
}

struct Seen<'a> {
    server: &'a Server,
    key: Option<&'a str>,
}

impl<'a> Seen<'a> {
    /// Of a server without keys.
    fn open(server: &'a Server) -> Self {
        Self { server, key: None }
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let key = self.key.map(|key| format!("Bearer {key}"));
        let mut headers = vec![("content-type", JSON)];
        headers.extend(key.as_ref().map(|key| ("authorization", key.as_str())));
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.server.send(method, path, &headers, body.as_bytes())
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null)
    }

    fn put(&self, path: &str, document: &Value) -> Answer {
        self.send("PUT", path, document)
    }

    /// Everything that says anything about documents, without sequence numbers.
    fn answers(&self) -> Vec<Value> {
        let vector = vector(7);
        let searches = [
            (
                "/v1/search/candidates",
                json!({"q": "baker", "facets": ["skills", "category"],
                "fields": ["*"], "limit": 100}),
            ),
            ("/v1/search/candidates", json!({"q": WORD, "limit": 100})),
            (
                "/v1/search/candidates",
                json!({"q": "bread", "vector": vector, "limit": 100}),
            ),
            (
                "/v1/search/jobs",
                json!({"q": "", "facets": ["company"], "limit": 100}),
            ),
            (
                "/v1/search/jobs",
                json!({"q": "zqxcanarx", "typo": true, "limit": 100}),
            ),
            (
                "/v1/match",
                json!({"from": {"kind": "jobs", "id": "j1"}, "limit": 100,
                "fields": ["*"]}),
            ),
            (
                "/v1/rank",
                json!({"from": {"kind": "jobs", "id": "j1"}, "limit": 100}),
            ),
        ];
        let mut answers: Vec<Value> = searches
            .into_iter()
            .map(|(path, mut body)| {
                body["now"] = json!("2026-11-20T00:00:00Z");
                let mut answer = self.send("POST", path, &body).expect(200).json();
                answer.as_object_mut().unwrap().remove("snapshot");
                answer
            })
            .collect();
        for query in ["zqx", "ba", ""] {
            for kind in ["jobs", "candidates"] {
                let path = format!("/v1/suggest/{kind}?q={query}&limit=100");
                answers.push(self.get(&path).expect(200).json()["suggestions"].take());
            }
        }
        let body = json!({"fields": ["*"], "now": "2026-11-20T00:00:00Z"});
        let exported = self
            .send("POST", "/v1/export/candidates", &body)
            .expect(200);
        answers.push(exported.lines().into());
        answers
    }

    fn documents_of(&self, subject: &str) -> Vec<String> {
        let held = self
            .get(&format!("/v1/subjects/{subject}"))
            .expect(200)
            .json();
        let held = held["documents"].as_array().unwrap().iter();
        held.map(|one| format!("{}/{}", one["kind"], one["id"]).replace('"', ""))
            .collect()
    }
}

fn vector(number: u64) -> Vec<f64> {
    let component = |at: u64| ((at * 31 + number * number * 17) % 19) as f64 - 9.0;
    (0..DIMENSIONS as u64).map(component).collect()
}

/// Documents that stay, before the person's and behind them.
fn others(seen: &Seen<'_>, from: u64, to: u64) {
    for n in from..to {
        let candidate = json!({"headline": format!("Baker {n}"), "text": "Bread and rolls",
            "skills": ["Python", format!("Skill {}", n % 3)], "category": "food",
            "vector": vector(n + 100)});
        seen.put(&format!("/v1/candidates/p{n}"), &candidate)
            .expect(201);
        let job = json!({"title": format!("Baker {n}"), "company": format!("Firm {}", n % 4)});
        seen.put(&format!("/v1/jobs/j{n}"), &job).expect(201);
    }
}

/// The person, in everything there is: alive, replaced, deleted, of two kinds.
fn person(seen: &Seen<'_>, subject: &str, id: &str) {
    let word = WORD;
    let profile = json!({"headline": format!("Baker {word}"), "text": format!("Bread {word}s works"),
        "name": "Zqxcanary Smith", "email": "zqxcanary@example.com", "skills": [word, "Python"],
        "category": word, "vector": vector(7), "location": {"city": "Zqxcanaryville"}});
    seen.put(&format!("/v1/candidates/{id}"), &json!({"headline": word}))
        .expect(201);
    seen.put(&format!("/v1/candidates/{id}"), &profile)
        .expect(200);
    for n in 0..3 {
        let job = json!({"title": word, "company": format!("{word} Ltd"), "subject": subject});
        seen.put(&format!("/v1/jobs/{id}-{n}"), &job).expect(201);
    }
    seen.send("DELETE", &format!("/v1/jobs/{id}-1"), &Value::Null)
        .expect(200);
}

/// Holds answers against each other and shows where they differ first.
#[track_caller]
fn assert_same(left: &[Value], right: &[Value]) {
    assert_eq!(left.len(), right.len());
    for (at, (left, right)) in left.iter().zip(right).enumerate() {
        if left != right {
            let (left, right) = (left.to_string(), right.to_string());
            let mut chars = left.chars().zip(right.chars());
            let from = chars
                .position(|(a, b)| a != b)
                .unwrap_or(0)
                .saturating_sub(100);
            let part = |text: &str| text.chars().skip(from).take(300).collect::<String>();
            panic!("answer {at}:\n{}\n{}", part(&left), part(&right));
        }
    }
}

fn has_canary(text: &str) -> bool {
    text.to_lowercase().contains(CANARY)
}

/// Files of a folder with the person's word in them.
fn files_with_canary(folder: &Folder) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        // It may be gone since it was listed.
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        let lower = bytes.to_ascii_lowercase();
        if lower
            .windows(CANARY.len())
            .any(|part| part == CANARY.as_bytes())
        {
            found.push(entry.file_name().into_string().unwrap());
        }
    }
    found
}

fn states(receipt: &Value) -> Vec<String> {
    let stores = receipt["stores"].as_array().unwrap().iter();
    stores
        .filter(|store| store["state"] == "pending")
        .map(|store| store["store"].as_str().unwrap().to_owned())
        .collect()
}

const WAITS: &str = "\ntandem_erasure_pending_seconds ";

fn found_everywhere(seen: &Seen<'_>, folder: &Folder) {
    let before = seen.answers();
    let finding = before
        .iter()
        .filter(|one| has_canary(&one.to_string()))
        .count();
    assert!(finding >= 9, "{finding}");
    assert!(!files_with_canary(folder).is_empty());
    let exported = seen.get("/v1/subjects/ann").expect(200).json();
    assert_eq!(
        seen.documents_of("ann"),
        ["candidates/ann", "jobs/ann-0", "jobs/ann-2"]
    );
    assert_eq!(
        exported["documents"][0]["document"]["name"],
        "Zqxcanary Smith"
    );
    assert!(exported["erasure"].is_null());
}

fn masked(seen: &Seen<'_>, folder: &Folder, never: &Seen<'_>) {
    let page = json!({"q": "baker", "limit": 2});
    let first = seen
        .send("POST", "/v1/search/candidates", &page)
        .expect(200)
        .json();

    let receipt = seen
        .send("DELETE", "/v1/subjects/ann", &Value::Null)
        .expect(202)
        .json();
    let pending = [
        "segments",
        "dictionaries",
        "vectors",
        "journal",
        "checkpoints",
    ];
    assert_eq!(states(&receipt), pending, "{receipt:#}");
    assert!(!has_canary(&receipt.to_string()));
    assert!(receipt["sequence"].as_str().unwrap().starts_with("one:"));
    let metrics = seen.get("/metrics").expect(200).text();
    assert!(metrics.contains(WAITS) && !metrics.contains(&format!("{WAITS}0\n")));
    assert_same(&seen.answers(), &never.answers());
    assert!(seen.documents_of("ann").is_empty());
    seen.get("/v1/candidates/ann").expect(404);
    let next = json!({"q": "baker", "limit": 2, "cursor": first["cursor"]});
    let gone = seen
        .send("POST", "/v1/search/candidates", &next)
        .expect(410);
    assert_eq!(gone.json()["code"], "snapshot_gone");
    assert!(
        !files_with_canary(folder).is_empty(),
        "nothing was left to rewrite"
    );
}

fn rewritten(seen: &Seen<'_>, folder: &Folder, never: &Seen<'_>) {
    let receipt = seen
        .send("DELETE", "/v1/subjects/ann?now=true", &Value::Null)
        .expect(200)
        .json();
    assert!(
        states(&receipt).is_empty() && receipt["state"] == "done",
        "{receipt:#}"
    );
    assert_eq!(files_with_canary(folder), [""; 0]);
    assert_same(&seen.answers(), &never.answers());
    let metrics = seen.get("/metrics").expect(200).text();
    assert!(metrics.contains(&format!("{WAITS}0\n")));
}

fn does_not_come_back(seen: &Seen<'_>, folder: &Folder) {
    let held = seen.get("/v1/subjects/ann").expect(200).json();
    assert_eq!(held["erasure"]["state"], "done");
    let mut replay = json!({"headline": WORD, "version": 2});
    let stale = seen.put("/v1/candidates/ann", &replay).expect(409).json();
    assert_eq!(stale["code"], "stale_version");
    let deleted = json!({"title": WORD, "version": 1});
    seen.put("/v1/jobs/ann-1", &deleted).expect(409);
    replay["version"] = json!(3);
    seen.put("/v1/candidates/ann", &replay).expect(201);
    assert_eq!(seen.documents_of("ann"), ["candidates/ann"]);
    let receipt = seen
        .send("DELETE", "/v1/subjects/ann?now=true", &Value::Null)
        .expect(200);
    assert_eq!(receipt.json()["documents"], 1);
    assert_eq!(files_with_canary(folder), [""; 0]);
}

#[test]
fn a_person_is_gone_from_every_answer_at_once_and_then_from_every_byte() {
    let folder = Folder::new("erase");
    let (keys, file) = keys();
    let start = || Server::spawn(command(Some(&folder), &["--key-file", file.path()]));
    let mut server = start();
    let [one, two] = [0, 1].map(|at| Some(keys[at].as_str()));
    let seen = Seen {
        server: &server,
        key: one,
    };
    others(&seen, 0, 20);
    person(&seen, "ann", "ann");
    others(&seen, 20, 30);
    let other = Seen {
        server: &server,
        key: two,
    };
    other
        .put("/v1/candidates/ann", &json!({"headline": "Another Ann"}))
        .expect(201);
    // A server that never had the person.
    let never = Server::spawn(command(None, &[]));
    let never = Seen::open(&never);
    others(&never, 0, 30);

    found_everywhere(&seen, &folder);
    masked(&seen, &folder, &never);
    rewritten(&seen, &folder, &never);
    assert_eq!(other.documents_of("ann"), ["candidates/ann"]);

    // It does not come back: not after a restart, not by a replay of what is older.
    server.kill();
    let server = start();
    let seen = Seen {
        server: &server,
        key: one,
    };
    assert_same(&seen.answers(), &never.answers());
    assert_eq!(files_with_canary(&folder), [""; 0]);
    does_not_come_back(&seen, &folder);
    let other = Seen {
        server: &server,
        key: two,
    };
    assert_eq!(other.documents_of("ann"), ["candidates/ann"]);
}

#[test]
fn files_are_rewritten_by_themselves_within_the_time_that_is_set() {
    let folder = Folder::new("erase-within");
    let server = Server::spawn(command(Some(&folder), &["--erase-within", "2s"]));
    let seen = Seen::open(&server);
    others(&seen, 0, 8);
    person(&seen, "a/b ü", "a%2Fb%20%C3%BC");
    let path = "/v1/subjects/a%2Fb%20%C3%BC";
    assert_eq!(
        seen.send("DELETE", path, &Value::Null).expect(202).json()["state"],
        "pending"
    );
    let started = Instant::now();
    while seen.get(path).expect(200).json()["erasure"]["state"] != "done" {
        assert!(started.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(files_with_canary(&folder), [""; 0]);
    // Of a person nothing is known of there is a receipt too.
    let nobody = seen
        .send("DELETE", "/v1/subjects/nobody?now=true", &Value::Null)
        .expect(200);
    assert_eq!(nobody.json()["documents"], 0);
    let wrong = seen
        .send("DELETE", "/v1/subjects/nobody?nows=true", &Value::Null)
        .expect(400);
    assert_eq!(wrong.json()["errors"][0]["did_you_mean"], "now");
}

#[test]
fn kill_9_at_any_moment_of_an_erasure_leaves_all_or_nothing_and_it_is_taken_up_again() {
    let folder = Folder::new("erase-kill");
    let mut erased = 0;
    for round in 0_u64..16 {
        let mut server = Server::spawn(command(Some(&folder), &[]));
        let id = format!("ann{round}");
        let seen = Seen::open(&server);
        others(&seen, 3 * round, 3 * round + 3);
        person(&seen, &id, &id);
        let mut stream = server.connect();
        let request = format!(
            "DELETE /v1/subjects/{id}?now=true HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            server.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_micros(round * round * 400));
        server.kill();
        let mut answer = String::new();
        // An answer that was cut off is none.
        let told = stream.read_to_string(&mut answer).is_ok() && answer.contains(" 20");
        let server = Server::spawn(command(Some(&folder), &[]));
        let seen = Seen::open(&server);
        let path = format!("/v1/subjects/{id}");
        let held = seen.get(&path).expect(200).json();
        if held["erasure"].is_null() {
            assert!(!told, "round {round}");
            assert_eq!(seen.documents_of(&id).len(), 3, "round {round}");
            seen.send("DELETE", &format!("{path}?now=true"), &Value::Null)
                .expect(200);
        } else {
            erased += 1;
        }
        let started = Instant::now();
        while seen.get(&path).expect(200).json()["erasure"]["state"] != "done" {
            assert!(started.elapsed() < Duration::from_secs(30), "round {round}");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(seen.documents_of(&id).is_empty(), "round {round}");
        assert_eq!(files_with_canary(&folder), [""; 0], "round {round}");
        let kinds = seen.get("/v1/kinds").expect(200).json();
        let counts = kinds["kinds"].as_array().unwrap().iter();
        assert!(
            counts
                .clone()
                .all(|kind| kind["documents"] == 3 * round + 3),
            "{kinds}"
        );
    }
    assert!(erased > 0, "no round was interrupted in the middle");
}

#[test]
fn an_export_of_before_stops_with_a_line_that_says_so() {
    let server = Server::spawn(command(None, &[]));
    let seen = Seen::open(&server);
    let text = "bread and rolls ".repeat(300);
    let jobs: Vec<String> = (0..4_000)
        .map(|n| {
            json!({"id": format!("j{n:04}"), "title": "Baker", "description": text}).to_string()
        })
        .collect();
    server.bulk("jobs", &jobs.join("\n")).expect(207);
    person(&seen, "ann", "ann");
    let mut stream = server.connect();
    let body = json!({"fields": ["*"]}).to_string();
    let request = format!(
        "POST /v1/export/jobs HTTP/1.1\r\nhost: {}\r\ncontent-type: {JSON}\r\n\
         content-length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut begun = [0; 4_096];
    stream.read_exact(&mut begun).unwrap();
    let receipt = seen
        .send("DELETE", "/v1/subjects/ann?now=true", &Value::Null)
        .expect(200)
        .json();
    assert_eq!(receipt["state"], "done", "{receipt:#}");
    // Nothing of this server outlives it, and the receipt says so.
    let stores = receipt["stores"].as_array().unwrap();
    let store = |name: &str| stores.iter().find(|store| store["store"] == name).unwrap();
    for (name, state) in [
        ("journal", "absent"),
        ("checkpoints", "absent"),
        ("backups", "absent"),
        ("ledger", "kept"),
        ("change_feed", "kept"),
    ] {
        assert_eq!(store(name)["state"], state, "{receipt:#}");
    }
    let note = store("ledger")["note"].as_str().unwrap();
    assert!(
        note.contains("without --data: it ends with the process"),
        "{note}"
    );
    let mut rest = Vec::new();
    // It ends broken, so that nobody takes it for whole.
    drop(stream.read_to_end(&mut rest));
    let rest = String::from_utf8_lossy(&rest);
    let is_told = rest.contains("\"code\":\"snapshot_gone\"");
    assert!(is_told, "{} bytes", rest.len());
    assert!(!rest.ends_with("0\r\n\r\n"));
}
