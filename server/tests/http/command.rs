//! The command line against a running server.

use std::io::{BufRead, BufReader, Write};
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::server::{Server, TempFile, tandem};

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = tandem(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|cause| {
        panic!("{cause}: {text}{}", String::from_utf8_lossy(&output.stderr))
    })
}

#[test]
fn what_is_loaded_is_found_matched_and_explained() {
    let server = Server::start(&[]);
    let url = server.url();
    let made = run(
        &["sample", "--jobs", "20", "--candidates", "0", "--seed", "3"],
        "",
    );
    let jobs = String::from_utf8(made.stdout).unwrap();
    assert_eq!(jobs.lines().count(), 20);
    let loaded = run(&["load", "-", "--kind", "jobs", "--url", &url], &jobs);
    assert_eq!(
        (
            loaded.status.code(),
            json(&loaded)["summary"]["created"].as_u64()
        ),
        (Some(0), Some(20))
    );

    let found = run(&["search", "jobs", "--limit", "3", "--url", &url], "");
    assert_eq!(json(&found)["hits"].as_array().unwrap().len(), 3);
    let filtered = run(
        &[
            "search",
            "jobs",
            "--filter",
            "years_min=0..50",
            "--url",
            &url,
        ],
        "",
    );
    assert!(filtered.status.success(), "{filtered:?}");
    let matched = run(
        &[
            "match",
            "--text",
            "-",
            "--kind",
            "candidates",
            "--url",
            &url,
        ],
        "Nurse and Python developer",
    );
    let id = json(&matched)["hits"][0]["id"].as_str().unwrap().to_owned();
    let explained = run(
        &[
            "explain",
            "--query",
            "nurse",
            "--to",
            &format!("jobs/{id}"),
            "--url",
            &url,
        ],
        "",
    );
    assert_eq!(json(&explained)["id"], id.as_str());
    let ranked = run(
        &[
            "rank", "--query", "", "--to", "jobs", "--ids", &id, "--url", &url,
        ],
        "",
    );
    assert_eq!(json(&ranked)["hits"][0]["id"], id.as_str());
}

#[test]
fn rejected_lines_are_counted_kept_and_shown_in_the_exit_code() {
    let server = Server::start(&[]);
    let rejects = TempFile::new("");
    let input = "{\"id\": \"1\", \"title\": \"x\"}\nnonsense\n{\"id\": \"2\", \"titel\": \"x\"}\n";
    let arguments = [
        "load",
        "-",
        "--kind",
        "jobs",
        "--rejects",
        rejects.path(),
        "--url",
        &server.url(),
    ];
    let loaded = run(&arguments, input);
    assert_eq!(loaded.status.code(), Some(5));
    let counts = json(&loaded);
    assert_eq!(
        (
            &counts["summary"]["created"],
            &counts["summary"]["rejected"]
        ),
        (&Value::from(1), &Value::from(2))
    );
    let kept = std::fs::read_to_string(&rejects.0).unwrap();
    let lines: Vec<Value> = kept
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[0]["line"], &lines[1]["line"]),
        (&Value::from(2), &Value::from(3))
    );
}

#[test]
fn errors_have_their_exit_code_and_say_what_to_do() {
    let server = Server::start(&[]);
    let url = server.url();
    let cases: [(&[&str], i32, &str); 6] = [
        (
            &["search", "jobs", "--url", "http://127.0.0.1:1"],
            3,
            "tandem serve",
        ),
        (
            &["search", "jobs", "--url", "ftp://x"],
            2,
            "not an http URL",
        ),
        (&["search", "job", "--url", &url], 4, "did you mean jobs?"),
        (
            &["match", "--from", "nonsense", "--url", &url],
            2,
            "KIND/ID",
        ),
        (
            &["load", "/nowhere.ndjson", "--kind", "jobs", "--url", &url],
            1,
            "cannot read",
        ),
        (&["frobnicate"], 2, "Usage"),
    ];
    for (arguments, code, expected) in cases {
        let ended = run(arguments, "");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn the_demo_is_a_server_with_documents() {
    let mut child = tandem(&[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--jobs",
        "30",
        "--candidates",
        "30",
    ])
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line.trim().rsplit(' ').next().unwrap().to_owned();
    let found = run(&["search", "candidates", "--url", &url], "");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(json(&found)["total"]["value"], 30);
}

#[test]
fn version_and_description_are_printed() {
    let version = json(&run(&["version", "--json"], ""));
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json(&run(&["openapi"], ""))["openapi"], "3.1.0");
}
