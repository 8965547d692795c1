//! The change feed: who follows it has what the server has.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::durability::Folder;
use crate::server::{Answer, JSON, NDJSON, Server, TempFile, read_answer, run, tandem};

const WRITERS: usize = 3;
const IDS: u64 = 7;
const KINDS: [(&str, &str); 2] = [("jobs", "title"), ("candidates", "headline")];

fn random(state: &mut u64) -> u64 {
    // Splitmix64.
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Sends a request; its answer, if it came whole.
fn request(address: &str, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: {JSON}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    if length.is_some_and(|length: usize| length != body.len()) {
        return None;
    }
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// Writes until no answer comes, or so many times.
fn write(address: &str, seed: u64, times: usize, done: &mpsc::Sender<()>) {
    let mut dice = seed;
    for _ in 0..times {
        let (kind, title) = KINDS[random(&mut dice) as usize % 2];
        // Writers share their ids.
        let path = format!("/v1/{kind}/id-{}", random(&mut dice) % IDS);
        let answer = if random(&mut dice).is_multiple_of(4) {
            request(address, "DELETE", &path, "")
        } else {
            let document = json!({title: format!("Title {}", random(&mut dice))});
            request(address, "PUT", &path, &document.to_string())
        };
        if answer.is_none() {
            return;
        }
        // Nobody counts any more once the server is killed.
        done.send(()).ok();
    }
}

/// One who follows the feed and fetches what changed.
struct Consumer {
    after: String,
    /// The number in `after`.
    at: u64,
    held: BTreeMap<(String, String), String>,
    changes: usize,
}

impl Consumer {
    fn new() -> Self {
        Self {
            after: "0".to_owned(),
            at: 0,
            held: BTreeMap::new(),
            changes: 0,
        }
    }

    /// Takes what there is; `None` when the server is gone.
    fn step(&mut self, address: &str, wait: u32) -> Option<usize> {
        let path = format!("/v1/changes?after={}&wait={wait}&limit=20", self.after);
        let (status, body) = request(address, "GET", &path, "")?;
        assert_eq!(status, 200, "{body}");
        let lines: Vec<Value> = body
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let (next, lines) = lines.split_last().unwrap();
        let mut before = self.at;
        for line in lines {
            let seq = line["seq"].as_u64().unwrap();
            assert!(seq > self.at && seq >= before, "{body}");
            before = seq;
            self.apply(address, line)?;
        }
        let next = next["next"].as_str().unwrap().to_owned();
        let (_, at) = next.rsplit_once('.').unwrap();
        self.at = at.parse().unwrap();
        assert!(self.at >= before, "{body}");
        // Only now: who is cut off before takes the same changes again.
        self.after = next;
        self.changes += lines.len();
        Some(lines.len())
    }

    fn apply(&mut self, address: &str, line: &Value) -> Option<()> {
        let (kind, id) = (line["kind"].as_str().unwrap(), line["id"].as_str().unwrap());
        let place = (kind.to_owned(), id.to_owned());
        let (status, document) = request(address, "GET", &format!("/v1/{kind}/{id}"), "")?;
        if status == 404 {
            self.held.remove(&place);
            return Some(());
        }
        self.held.insert(place, document);
        Some(())
    }
}

/// What the server has.
fn held(server: &Server) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for (kind, _) in KINDS {
        for id in (0..IDS).map(|id| format!("id-{id}")) {
            let answer = server.get(&format!("/v1/{kind}/{id}"));
            if answer.status == 200 {
                found.insert((kind.to_owned(), id), answer.text());
            }
        }
    }
    found
}

#[test]
#[expect(clippy::print_stdout, reason = "the seed of a failure")]
fn a_consumer_ends_with_the_servers_state_also_over_kill_9() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut dice = since.as_nanos() as u64;
    println!("seed {dice}");
    let folder = Folder::new("consumer");
    let mut consumer = Consumer::new();
    for _ in 0..4 {
        let mut server = Server::start(&["--data", folder.path()]);
        let address = server.address.clone();
        let kill_after = 20 + random(&mut dice) as usize % 150;
        let (done, writes) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..WRITERS {
                let (address, done, seed) = (&address, done.clone(), random(&mut dice));
                scope.spawn(move || write(address, seed, usize::MAX, &done));
            }
            drop(done);
            let (consumer, address) = (&mut consumer, &address);
            scope.spawn(move || while consumer.step(address, 5).is_some() {});
            for () in writes.iter().take(kill_after) {}
            server.kill();
        });
    }
    let server = Server::start(&["--data", folder.path()]);
    while consumer.step(&server.address, 0).unwrap() > 0 {}
    assert_eq!(consumer.held, held(&server));
    // One who comes late gets there too.
    let mut late = Consumer::new();
    while late.step(&server.address, 0).unwrap() > 0 {}
    assert_eq!(late.held, consumer.held);
    assert!(late.changes > 50, "{}", late.changes);
    assert_eq!(late.after, consumer.after);
}

#[test]
fn lines_say_what_changed_and_nothing_of_documents() {
    let server = Server::start(&[]);
    let job = json!({"title": "Secret baker"});
    server.put("/v1/jobs/a", &job).expect(201);
    server.put("/v1/jobs/a", &job).expect(200);
    server
        .put("/v1/candidates/b", &json!({"headline": "x"}))
        .expect(201);
    server.send("DELETE", "/v1/jobs/a", &[], b"").expect(200);
    // No change.
    server.send("DELETE", "/v1/jobs/a", &[], b"").expect(404);
    let document = server.get("/v1/candidates/b").expect(200).text();

    let answer = server.get("/v1/changes").expect(200);
    assert_eq!(answer.header("content-type"), Some(NDJSON));
    assert!(!answer.text().contains("Secret"));
    let lines = answer.lines();
    let said: Vec<String> = lines[..4]
        .iter()
        .map(|line| {
            format!(
                "{} {} {} {}",
                line["seq"], line["kind"], line["op"], line["version"]
            )
        })
        .collect();
    let expected = [
        "1 \"jobs\" \"put\" 1",
        "2 \"jobs\" \"put\" 2",
        "3 \"candidates\" \"put\" 1",
        "4 \"jobs\" \"delete\" 2",
    ];
    assert_eq!(said, expected);
    assert_eq!(
        lines[2]["hash"],
        format!("{:016x}", xxh3_64(document.as_bytes()))
    );
    assert_eq!(lines[3].get("hash"), None);
    let at = |sequence| server.token(sequence);
    assert_eq!(lines[4], json!({"next": at(4)}));

    let only = server
        .get(&format!("/v1/changes?after={}&kind=jobs&limit=1", at(1)))
        .expect(200)
        .lines();
    assert_eq!((only.len(), &only[0]["seq"]), (2, &json!(2)));
    let end = server
        .get(&format!("/v1/changes?after={}", at(4)))
        .expect(200)
        .lines();
    assert_eq!(end, [json!({"next": at(4)})]);
    // A read like others: it has what the write with this token did.
    let seen = server.get(&format!(
        "/v1/changes?after={}&min_sequence={}",
        at(3),
        at(4)
    ));
    assert_eq!(seen.expect(200).lines()[0]["seq"], 4);
    let ahead = server.get(&format!("/v1/changes?after={}", at(5_000)));
    assert_eq!(ahead.expect(409).json()["code"], "changes_ahead");

    // The command prints the same.
    let printed = run(&["changes", "--url", &server.url(), "--after", &at(2)], "");
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert_eq!(printed.lines().count(), 3, "{printed}");
    assert!(
        printed.ends_with(&format!("{{\"next\":\"{}\"}}\n", at(4))),
        "{printed}"
    );
}

#[test]
fn a_position_that_is_gone_says_how_to_restart() {
    // The demo's own documents were never changes.
    let server = Server::spawn(tandem(&["demo", "--listen", "127.0.0.1:0"]));
    let gone = server.get("/v1/changes?after=0").expect(410).json();
    assert_eq!(
        (&gone["code"], &gone["errors"][0]["pointer"]),
        (&json!("changes_gone"), &json!("/after"))
    );
    let detail = gone["detail"].as_str().unwrap();
    assert!(
        detail.contains("oldest position is") && detail.contains("X-Snapshot"),
        "{detail}"
    );
    let export = server
        .post(
            "/v1/export/jobs",
            &json!({"q": "nurse", "fields": ["title"]}),
        )
        .expect(200);
    let position = export.header("x-snapshot").unwrap();
    let from_there = server
        .get(&format!("/v1/changes?after={position}"))
        .expect(200);
    assert_eq!(from_there.lines().len(), 1);
    server
        .put("/v1/jobs/new", &json!({"title": "x"}))
        .expect(201);
    let more = server
        .get(&format!("/v1/changes?after={position}"))
        .expect(200);
    assert_eq!(more.lines()[0]["id"], "new");
}

#[test]
fn other_tenants_changes_are_invisible() {
    let made: Vec<(String, String)> = ["one", "two"]
        .map(|space| {
            let key = tandem(&[
                "key", "--name", space, "--space", space, "--access", "write",
            ])
            .output()
            .unwrap();
            let shown = String::from_utf8(key.stderr).unwrap();
            let key_text = shown.trim().rsplit(' ').next().unwrap().to_owned();
            (
                format!("Bearer {key_text}"),
                String::from_utf8(key.stdout).unwrap(),
            )
        })
        .into();
    let file = TempFile::new(&format!("{}{}", made[0].1, made[1].1));
    let server = Server::start(&["--key-file", file.path()]);
    let ask = |key: &str, method: &str, path: &str, body: &str| -> Answer {
        let headers = [("content-type", JSON), ("authorization", key)];
        server.send(method, path, &headers, body.as_bytes())
    };
    let (one, two) = (&made[0].0, &made[1].0);
    let waiting = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| ask(two, "GET", "/v1/changes?wait=2", ""));
        for id in 0..5 {
            ask(one, "PUT", &format!("/v1/jobs/{id}"), "{\"title\": \"x\"}").expect(201);
        }
        waiting.join().unwrap()
    });
    let next = waiting.expect(200).lines()[0]["next"].clone();
    let next = next.as_str().unwrap();
    assert!(next.starts_with("two:") && next.ends_with(".0"), "{next}");
    assert_eq!(
        ask(one, "GET", "/v1/changes", "").expect(200).lines().len(),
        6
    );
    let of_one = next.replace("two:", "one:");
    ask(two, "GET", &format!("/v1/changes?after={of_one}"), "").expect(400);
    let ahead = next.replace(".0", ".1");
    ask(two, "GET", &format!("/v1/changes?after={ahead}"), "").expect(409);
    server.get("/v1/changes").expect(401);
}

/// How many wait, as the server counts them.
fn followers(server: &Server) -> u64 {
    let text = server.get("/metrics").expect(200).text();
    let line = text
        .lines()
        .find(|line| line.starts_with("tandem_change_followers{"));
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}

fn wait(server: &Server, after: &str) -> TcpStream {
    let mut stream = server.connect();
    let ask = format!(
        "GET /v1/changes?wait=60&after={after} HTTP/1.1\r\nhost: {}\r\n\r\n",
        server.address
    );
    stream.write_all(ask.as_bytes()).unwrap();
    stream
}

/// Asks until it is so; a minute at most.
fn until(server: &Server, expected: u64) {
    let started = Instant::now();
    while followers(server) != expected {
        assert!(
            started.elapsed().as_secs() < 60,
            "{} follow",
            followers(server)
        );
    }
}

#[test]
fn a_thousand_wait_are_woken_vanish_and_do_not_hold_a_stop() {
    // Descriptors: the test's own and the server's.
    let limited = "ulimit -n $(ulimit -Hn); exec \"$@\"";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", limited, "sh", env!("CARGO_BIN_EXE_tandem")]);
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    command.stderr(Stdio::null());
    let mut server = Server::spawn(command);
    server.put("/v1/jobs/1", &json!({"title": "x"})).expect(201);
    let (first, second) = (server.token(1), server.token(2));
    let mut streams: Vec<TcpStream> = (0..1_000).map(|_| wait(&server, &first)).collect();
    until(&server, 1_000);
    // Half of them leave.
    for stream in streams.drain(..500) {
        stream.shutdown(Shutdown::Both).unwrap();
    }
    until(&server, 500);
    let started = Instant::now();
    server.put("/v1/jobs/2", &json!({"title": "x"})).expect(201);
    for stream in &mut streams {
        let lines = read_answer(stream).expect(200).lines();
        assert_eq!((lines.len(), &lines[0]["id"]), (2, &json!("2")));
    }
    assert!(started.elapsed().as_secs() < 20);
    until(&server, 0);
    drop(streams);
    // Who waits when the server stops is answered at once.
    let mut last = wait(&server, &second);
    until(&server, 1);
    let started = Instant::now();
    server.terminate();
    assert_eq!(
        read_answer(&mut last).expect(200).lines(),
        [json!({"next": second})]
    );
    assert_eq!(server.wait(), Some(0));
    assert!(started.elapsed().as_secs() < 9);
}

/// A command that is ended when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The next request somebody sends, if it is one.
fn accept(listener: &TcpListener, running: &mut Running) -> Option<TcpStream> {
    let until = Instant::now() + Duration::from_mins(1);
    let mut stream = loop {
        match listener.accept() {
            Ok((stream, _)) => break stream,
            Err(cause) if cause.kind() == ErrorKind::WouldBlock => {
                let ended = running.0.try_wait().unwrap();
                assert!(ended.is_none(), "it ended: {ended:?}");
                assert!(Instant::now() < until, "nobody asks");
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(cause) => panic!("{cause}"),
        }
    };
    stream.set_nonblocking(false).unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap() == 0 {
            return None;
        }
        request.push(byte[0]);
    }
    Some(stream)
}

#[test]
fn a_follower_outlives_a_server_that_dies_before_its_first_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let follow = ["changes", "--follow", "--url", &url];
    let child = tandem(&follow)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut running = Running(child.unwrap());
    let lines = "{\"seq\":1}\n{\"next\":\"a:1\"}\n";
    let whole = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{lines}",
        lines.len()
    );
    let half = whole.replace("\"next\":\"a:1\"}\n", "");
    let starting = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
    let busy = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n";
    // It dies with the request, in the middle of the answer, starts, is full, answers.
    for answer in ["", &half, starting, busy, &whole] {
        let mut stream = loop {
            // The first connection asks for nothing: it looks whether anybody is there.
            if let Some(stream) = accept(&listener, &mut running) {
                break stream;
            }
        };
        stream.write_all(answer.as_bytes()).unwrap();
    }
    let mut out = BufReader::new(running.0.stdout.take().unwrap());
    let mut printed = String::new();
    for _ in 0..2 {
        out.read_line(&mut printed).unwrap();
    }
    assert_eq!(printed, lines);
    running.0.kill().unwrap();
    let mut said = String::new();
    running
        .0
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(said.matches("waiting for the server").count(), 1, "{said}");
    assert!(said.contains("the server is back"), "{said}");

    // Nobody at the very first try is said at once.
    drop(listener);
    let nobody = run(&follow, "");
    assert_eq!(nobody.status.code(), Some(3));
    let said = String::from_utf8(nobody.stderr).unwrap();
    assert!(
        said.contains("cannot reach") && !said.contains("waiting"),
        "{said}"
    );
}
