//! `tandem load --follow`: goes on exactly where it was, whoever was killed.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::{Server, run, tandem};

/// A folder that is gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("tandem-follow-{}-{name}", std::process::id());
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A running `load --follow --json`.
struct Loader {
    child: Child,
    stdin: Option<ChildStdin>,
    steps: mpsc::Receiver<Value>,
    notes: mpsc::Receiver<String>,
}

impl Loader {
    fn start(url: &str, arguments: &[&str]) -> Self {
        let mut command: Command = tandem(&["load", "--follow", "--json", "--url", url]);
        command.args(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, steps) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let step = serde_json::from_str(&line).unwrap();
                // Nobody listens any more.
                drop(sender.send(step));
            }
        });
        let (sender, notes) = mpsc::channel();
        let err = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || {
            for line in err.lines().map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
        Self {
            stdin: child.stdin.take(),
            child,
            steps,
            notes,
        }
    }

    /// Waits for a step.
    #[track_caller]
    fn wait(&self, what: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.steps.recv_timeout(left) {
                Ok(step) if what(&step) => return step,
                Ok(_) => {}
                Err(why) => panic!("{why}: {:?}", self.notes.try_iter().collect::<Vec<_>>()),
            }
        }
    }

    /// Waits until it is at a position.
    #[track_caller]
    fn at(&self, position: usize) -> Value {
        self.wait(|step| step["position"] == position && step["state"] == "following")
    }

    /// Waits for a note with these words.
    #[track_caller]
    fn says(&self, words: &str) {
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let note = self.notes.recv_timeout(left);
            if note
                .unwrap_or_else(|_| panic!("never said: {words}"))
                .contains(words)
            {
                return;
            }
        }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it as Ctrl-C does; its exit code.
    fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn append(path: &str, text: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn line(id: usize, round: usize) -> String {
    format!("{{\"id\": \"{id}\", \"title\": \"Cook {round}\"}}\n")
}

fn version(server: &Server, id: usize) -> usize {
    let held = server.get(&format!("/v1/jobs/{id}")).expect(200);
    held.header("etag")
        .unwrap()
        .trim_matches('"')
        .parse()
        .unwrap()
}

#[test]
fn nothing_is_missing_or_double_whoever_is_killed() {
    const IDS: usize = 40;
    let folder = Folder::new("kills");
    let (file, data) = (folder.file("jobs.ndjson"), folder.file("data"));
    let serve = |listen: &str| {
        let mut command = tandem(&["serve", "--log", "off", "--data", &data, "--listen", listen]);
        command.stderr(Stdio::null());
        Server::spawn(command)
    };
    append(&file, &line(0, 0));
    let mut server = serve("127.0.0.1:0");
    let address = server.address.clone();
    let arguments = [file.as_str(), "--kind", "jobs", "--source", "s"];
    let mut loader = Loader::start(&server.url(), &arguments);
    // Where the last line of each id ends is the version it has to have.
    let (mut size, mut ends) = (line(0, 0).len(), vec![0; IDS]);
    ends[0] = size;
    for round in 1..=8 {
        let mut text = String::new();
        for n in 0..400 {
            let id = (n * 7 + round) % IDS;
            text.push_str(&line(id, round));
            ends[id] = size + text.len();
        }
        // A line that is cut in the middle waits for its end.
        let (start, rest) = text.split_at(text.len() - 9);
        append(&file, start);
        if round % 2 == 0 {
            server.kill();
            server = serve(&address);
        }
        if round % 3 == 0 {
            loader.kill();
            loader = Loader::start(&server.url(), &arguments);
        }
        append(&file, rest);
        size += text.len();
    }
    let last = loader.at(size);
    assert_eq!(last["summary"]["rejected"], 0, "{last}");
    let at = server.get("/v1/sources/s").expect(200).json();
    assert_eq!(at["position"], size);
    for (id, end) in ends.iter().enumerate() {
        assert_eq!(version(&server, id), *end, "{id}");
    }
    let found = server
        .get("/v1/search/jobs?q=cook&limit=0")
        .expect(200)
        .json();
    assert_eq!(found["total"]["value"], IDS);
    assert_eq!(loader.stop(), Some(0));
}

#[test]
fn a_server_that_is_away_is_waited_for() {
    let folder = Folder::new("away");
    let (file, data) = (folder.file("jobs.ndjson"), folder.file("data"));
    append(&file, &line(1, 1));
    let mut server = Server::start(&["--data", &data]);
    let address = server.address.clone();
    server.kill();
    let loader = Loader::start(&format!("http://{address}"), &[&file, "--kind", "jobs"]);
    loader.says("waiting for the server");
    let mut server = Server::spawn({
        let mut command = tandem(&["serve", "--log", "off", "--data", &data]);
        command.args(["--listen", &address]);
        command
    });
    loader.says("the server is back");
    loader.at(line(1, 1).len());
    server.kill();
    append(&file, &line(2, 1));
    loader.wait(|step| step["state"] == "waiting");
    let server = Server::spawn({
        let mut command = tandem(&["serve", "--log", "off", "--data", &data]);
        command.args(["--listen", &address]);
        command
    });
    loader.at(2 * line(1, 1).len());
    server.get("/v1/jobs/2").expect(200);
}

#[test]
fn a_server_that_still_starts_is_waited_for() {
    let folder = Folder::new("starts");
    let file = folder.file("jobs.ndjson");
    append(&file, &line(1, 1));
    let starting = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = starting.local_addr().unwrap().to_string();
    let loader = Loader::start(&format!("http://{address}"), &[&file, "--kind", "jobs"]);
    let (mut asks, _) = starting.accept().unwrap();
    // As far as the end of its request.
    let mut request = BufReader::new(asks.try_clone().unwrap()).lines();
    while request.next().unwrap().unwrap() != "" {}
    let body = json!({"type": "about:blank", "title": "x", "status": 503, "detail": "it starts",
        "instance": "1", "code": "not_ready", "errors": []})
    .to_string();
    let length = body.len();
    let answer = format!("HTTP/1.1 503 x\r\ncontent-length: {length}\r\n\r\n{body}");
    asks.write_all(answer.as_bytes()).unwrap();
    drop((asks, request, starting));
    loader.says("waiting for the server");
    let mut command = tandem(&["serve", "--log", "off", "--listen"]);
    command.arg(&address);
    let server = Server::spawn(command);
    loader.says("the server is back");
    loader.at(line(1, 1).len());
    server.get("/v1/jobs/1").expect(200);
}

#[test]
fn files_that_are_cut_or_replaced_are_read_anew_and_it_says_so() {
    let folder = Folder::new("rotate");
    let file = folder.file("jobs.ndjson");
    let server = Server::start(&[]);
    let start = || Loader::start(&server.url(), &[&file, "--kind", "jobs", "--source", "r"]);
    append(&file, &format!("{}{}", line(1, 1), line(2, 1)));
    let loader = start();
    let mut at = 2 * line(1, 1).len();
    loader.at(at);
    // Renamed and made anew; the last line of the old one never gets its end.
    append(&file, line(3, 1).trim_end());
    std::fs::rename(&file, folder.file("old")).unwrap();
    append(&file, &line(4, 2));
    loader.says("is another file now");
    at += line(3, 1).len() - 1 + line(4, 2).len();
    loader.at(at);
    server.get("/v1/jobs/3").expect(200);
    assert_eq!(version(&server, 4), at);
    // Cut in place, and begun with another line.
    std::fs::write(&file, line(5, 3).trim_end().replace("Cook 3", "C")).unwrap();
    loader.says("was cut");
    append(&file, "\n");
    at += line(5, 3).len() - 5;
    loader.at(at);
    assert_eq!(version(&server, 5), at);
    loader.kill();
    // Started again: it knows the file and goes on in it.
    append(&file, &line(6, 4));
    let loader = start();
    loader.says("goes on at byte");
    at += line(6, 4).len();
    let step = loader.at(at);
    assert_eq!(step["summary"]["created"], 1, "{step}");
    loader.kill();
    // Replaced while nobody looked.
    std::fs::remove_file(&file).unwrap();
    append(&file, &line(7, 5));
    let loader = start();
    loader.says("another file than before");
    at += line(7, 5).len();
    loader.at(at);
    assert_eq!(version(&server, 7), at);
    assert_eq!(loader.stop(), Some(0));
    // Forgotten: the file is read from its start again, and later ones go on in it.
    let forgotten = server.send("DELETE", "/v1/sources/r", &[], b"");
    assert_eq!(forgotten.expect(200).json()["position"], at);
    let loader = start();
    let step = loader.at(line(7, 5).len());
    assert_eq!(step["summary"]["stale"], 1, "{step}");
    loader.kill();
    append(&file, &line(8, 5));
    let loader = start();
    loader.says("goes on at byte");
    let step = loader.at(2 * line(7, 5).len());
    assert_eq!(step["summary"]["created"], 1, "{step}");
    assert_eq!(loader.stop(), Some(0));
}

#[test]
fn standard_input_is_skipped_up_to_where_the_source_is() {
    let server = Server::start(&[]);
    let send = |input: &str, more: &[&str]| {
        let url = server.url();
        let mut arguments = vec!["load", "-", "--follow", "--json", "--kind", "jobs"];
        arguments.extend(["--source", "in", "--url", &url]);
        arguments.extend(more);
        let done = run(&arguments, input);
        let out = String::from_utf8(done.stdout).unwrap();
        let last = out
            .lines()
            .last()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        (done.status.code(), last.unwrap_or_default())
    };
    let (one, two) = (line(1, 1), line(2, 1));
    let (code, last) = send(&one, &[]);
    assert_eq!((code, &last["summary"]["created"]), (Some(0), &json!(1)));
    // The whole again, and more; the last line has no end.
    let (code, last) = send(&format!("{one}{}", two.trim_end()), &[]);
    assert_eq!(
        (code, &last["summary"]["lines"]),
        (Some(0), &json!(1)),
        "{last}"
    );
    assert_eq!(last["position"], one.len() + two.len() - 1);
    let (code, _) = send(&one, &[]);
    assert_eq!(code, Some(1), "it is shorter than what was loaded");
    let (code, last) = send(&format!("nonsense\n{}", line(3, 1)), &["--live"]);
    assert_eq!(
        (code, &last["summary"]["created"]),
        (Some(5), &json!(1)),
        "{last}"
    );
    assert_eq!(
        version(&server, 3),
        one.len() + two.len() - 1 + 9 + one.len()
    );
    // Lines come as they are written.
    let mut loader = Loader::start(&server.url(), &["-", "--kind", "jobs", "--source", "slow"]);
    let mut stdin = loader.stdin.take().unwrap();
    for n in 4..7 {
        stdin.write_all(line(n, 1).as_bytes()).unwrap();
        loader.wait(|step| step["summary"]["created"] == n - 3);
    }
    drop(stdin);
    loader.wait(|step| step["state"] == "ended");
}

#[test]
fn a_mapping_is_applied_to_each_line_and_rejects_have_their_positions() {
    let folder = Folder::new("mapping");
    let (file, mapping) = (folder.file("in.ndjson"), folder.file("mapping.toml"));
    let rejects = folder.file("rejects.ndjson");
    std::fs::write(
        Path::new(&mapping),
        "kind = \"jobs\"\n[fields]\nid = \"Ref\"\ntitle = \"Name\"\n",
    )
    .unwrap();
    let rows = [
        "{\"Ref\": \"1\", \"Name\": \"Cook\"}\n",
        "broken\n",
        "{\"Name\": \"Nobody\"}\n",
        "{\"Ref\": \"2\", \"Name\": \"Baker\"}\n",
    ];
    append(&file, &rows.concat());
    let server = Server::start(&[]);
    let arguments = [file.as_str(), "--mapping", &mapping, "--rejects", &rejects];
    let loader = Loader::start(&server.url(), &arguments);
    let size = rows.concat().len();
    let step = loader.at(size);
    assert_eq!(step["summary"]["created"], 2, "{step}");
    let text = std::fs::read_to_string(&rejects).unwrap();
    let positions: Vec<u64> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["position"]
                .as_u64()
                .unwrap()
        })
        .collect();
    let second = rows[..2].concat().len() as u64;
    assert_eq!(positions, [second, second + rows[2].len() as u64], "{text}");
    append(&file, "{\"Ref\": \"1\", \"Name\": \"Chef\"}\n");
    let step = loader.at(size + rows[0].len());
    assert_eq!(step["summary"]["replaced"], 1, "{step}");
    assert_eq!(loader.stop(), Some(5));
}

#[test]
fn what_cannot_be_followed_says_what_can() {
    let folder = Folder::new("wrong");
    let csv = folder.file("jobs.csv");
    append(&csv, "id,title\n1,Cook\n");
    let follow = |arguments: &[&str]| {
        let mut all = vec![
            "load",
            "--follow",
            "--kind",
            "jobs",
            "--url",
            "http://127.0.0.1:9",
        ];
        all.extend(arguments);
        let done = run(&all, "");
        assert_eq!(done.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(done.stderr).unwrap()
    };
    assert!(follow(&[&csv]).contains("NDJSON"));
    assert!(follow(&["-"]).contains("--source"));
    assert!(follow(&[&csv, &csv]).contains("one file"));
    assert!(follow(&["-", "--source", "x", "--mapping", "auto"]).contains("tandem map"));
    assert!(follow(&["-", "--source", "x", "--format", "parquet"]).contains("NDJSON"));
    assert!(follow(&["-", "--source", "x", "--dry-run"]).contains("--dry-run"));
}
