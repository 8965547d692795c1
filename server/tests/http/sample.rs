//! Sampled documents and requests are what the server takes, and the same for any number of threads.

use std::process::Output;

use serde_json::{Value, json};

use crate::server::{Server, tandem};

const NOW: &str = "2026-11-20T00:00:00Z";

fn sample(args: &[&str]) -> Vec<u8> {
    let made: Output = tandem(&["sample", "--now", NOW, "--seed", "3"])
        .args(args)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    made.stdout
}

#[test]
fn output_has_the_same_bytes_for_any_number_of_threads() {
    let counts = [
        "--jobs",
        "5000",
        "--candidates",
        "2500",
        "--queries",
        "3000",
    ];
    let one = sample(&[&counts[..], &["--threads", "1"]].concat());
    assert_eq!(one.split(|byte| *byte == b'\n').count() - 1, 10_500);
    for threads in ["2", "7"] {
        let many = sample(&[&counts[..], &["--threads", threads]].concat());
        assert!(many == one, "{threads} threads wrote other bytes");
    }
    let fewer = sample(&["--jobs", "1500", "--candidates", "0"]);
    assert!(
        one.starts_with(&fewer),
        "a larger sample begins with the smaller one"
    );
}

#[test]
fn sampled_requests_are_taken_and_find_something() {
    let server = Server::start(&[]);
    for (kind, args) in [
        ("jobs", ["--jobs", "600", "--candidates", "0"]),
        ("candidates", ["--jobs", "0", "--candidates", "600"]),
    ] {
        let body = sample(&args);
        let answer = server.bulk(kind, &String::from_utf8(body).unwrap());
        let lines = answer.expect(207).lines();
        let created = lines.iter().filter(|line| line["result"] == "created");
        assert_eq!(created.count(), 600, "{:?}", lines.last());
    }
    let (mut searches, mut empty) = (0, 0);
    let lines = sample(&["--queries", "1200", "--of", "600"]);
    for line in String::from_utf8(lines).unwrap().lines() {
        let request: Value = serde_json::from_str(line).unwrap();
        let (path, mut body) = match request["kind"].as_str() {
            Some(kind) => (format!("/v1/search/{kind}"), request["search"].clone()),
            None => ("/v1/match".to_owned(), request["match"].clone()),
        };
        body["now"] = json!(NOW);
        let answer = server.post(&path, &body);
        assert_eq!(answer.status, 200, "{line}: {}", answer.text());
        if body.get("q").is_some() {
            searches += 1;
            empty += usize::from(answer.json()["hits"].as_array().unwrap().is_empty());
        }
    }
    assert!(empty * 4 < searches, "{empty} of {searches} found nothing");
}
