//! Lines of a source: positions that go with them, and answers that fold.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::time::Duration;

use serde_json::{Value, json};

use crate::durability::Folder;
use crate::server::{Answer, NDJSON, Server, read_answer};

fn send(server: &Server, query: &str, body: &str) -> Answer {
    let path = format!("/v1/jobs/bulk?{query}");
    server.send("POST", &path, &[("content-type", NDJSON)], body.as_bytes())
}

fn summary(answer: Answer) -> Value {
    answer.expect(207).lines().pop().unwrap()["summary"].clone()
}

const ONE: &str = "{\"id\": \"1\", \"title\": \"Cook\"}\n";
const TWO: &str = "{\"id\": \"2\", \"title\": \"Baker\"}\n";

#[test]
fn lines_up_to_the_position_are_skipped_and_gaps_refused() {
    let server = Server::start(&[]);
    server.get("/v1/sources/a").expect(404);
    let body = format!("{ONE}\n{TWO}\n");
    let first = summary(send(&server, "source=a", &body));
    assert_eq!(
        (&first["created"], &first["position"]),
        (&json!(2), &json!(body.len()))
    );
    let at = server.get("/v1/sources/a").expect(200).json();
    assert_eq!(at, json!({"name": "a", "position": body.len()}));
    // A document's version is where its line ends.
    for (id, end) in [("1", ONE.len()), ("2", ONE.len() + 1 + TWO.len())] {
        let held = server.get(&format!("/v1/jobs/{id}"));
        assert_eq!(
            held.header("etag"),
            Some(format!("\"{end}\"").as_str()),
            "{id}"
        );
    }
    let again = send(&server, "source=a&from=0", &body).expect(207).lines();
    assert_eq!(
        again[0],
        json!({"lines": [1, 3], "count": 2, "result": "repeated"})
    );
    assert_eq!(again[1]["summary"]["repeated"], 2);
    assert_eq!(again[1]["summary"]["lines"], 2);
    // Half of it is new.
    let more = format!("{body}{{\"delete\": \"1\"}}\nnonsense\n{{\"delete\": \"9\"}}\n");
    let (_, rest) = more.split_at(ONE.len());
    let lines = send(&server, &format!("source=a&from={}", ONE.len()), rest)
        .expect(207)
        .lines();
    let results: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["result"].as_str())
        .collect();
    assert_eq!(results, ["repeated", "deleted", "rejected", "deleted"]);
    assert_eq!(lines.last().unwrap()["summary"]["position"], more.len());
    // What was deleted at a position does not come back from before it.
    let late = json!({"title": "Cook", "version": more.len() - 1});
    server.put("/v1/jobs/9", &late).expect(409);
    let gap = send(&server, &format!("source=a&from={}", more.len() + 1), ONE).expect(409);
    let problem = gap.json();
    assert_eq!(problem["code"], "position_gap");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains(&more.len().to_string())
    );
    send(&server, "source=b&from=1", ONE).expect(409);
    assert_eq!(
        server.get("/v1/sources").expect(200).json()["sources"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_forgotten_source_stays_forgotten() {
    let folder = Folder::new("forget");
    let start = || Server::start(&["--data", folder.path()]);
    let forget = |server: &Server, name: &str| {
        server.send("DELETE", &format!("/v1/sources/{name}"), &[], b"")
    };
    let mut server = start();
    send(&server, "source=feed%2F1", ONE).expect(207);
    send(&server, "source=other", TWO).expect(207);
    let unknown = forget(&server, "feed%2F2").expect(404).json();
    assert_eq!(unknown["errors"][0]["did_you_mean"], "feed/1");
    let was = forget(&server, "feed%2F1").expect(200).json();
    assert_eq!(was, json!({"name": "feed/1", "position": ONE.len()}));
    forget(&server, "feed%2F1").expect(404);
    server.kill();
    server = start();
    server.get("/v1/sources/feed%2F1").expect(404);
    let rest = json!({"sources": [{"name": "other", "position": TWO.len()}]});
    assert_eq!(server.get("/v1/sources").expect(200).json(), rest);
    // It begins anew: what was in the middle has a gap in front of it. Documents stay.
    send(&server, &format!("source=feed%2F1&from={}", ONE.len()), TWO).expect(409);
    let again = summary(send(&server, "source=feed%2F1", ONE));
    let done = (&again["stale"], &again["repeated"], &again["position"]);
    assert_eq!(done, (&json!(1), &json!(0), &json!(ONE.len())));
    forget(&server, "feed%2F1").expect(200);
    // A clean stop leaves a checkpoint and no journal.
    server.terminate();
    assert_eq!(server.wait(), Some(0));
    server = start();
    assert_eq!(server.get("/v1/sources").expect(200).json(), rest);
    server.get("/v1/jobs/1").expect(200);
}

#[test]
fn positions_of_other_countings_are_kept_with_the_whole_body() {
    let server = Server::start(&[]);
    let table = "id,title\n1,Cook\n2,Baker\n";
    let csv = |query: &str| {
        let path = format!("/v1/jobs/bulk?{query}");
        server.send(
            "POST",
            &path,
            &[("content-type", "text/csv")],
            table.as_bytes(),
        )
    };
    csv("source=k").expect(400);
    let done = summary(csv("source=k&from=0&to=7"));
    assert_eq!(
        (&done["created"], &done["position"]),
        (&json!(2), &json!(7))
    );
    let again = summary(csv("source=k&from=0&to=7"));
    assert_eq!(
        (&again["repeated"], &again["position"]),
        (&json!(2), &json!(7))
    );
    let next = summary(csv("source=k&from=7&to=20"));
    assert_eq!(
        (&next["replaced"], &next["position"]),
        (&json!(2), &json!(20))
    );
    // Nothing but a position.
    assert_eq!(
        summary(send(&server, "source=k&from=20&to=21", ""))["position"],
        21
    );
    for (query, pointer) in [
        ("from=1", "/from"),
        ("to=1", "/to"),
        ("source=", "/source"),
        ("source=k&from=x", "/from"),
        ("source=k&from=-1", "/from"),
        ("source=k&from=5&to=4", "/to"),
        ("source=a%0Ab", "/source"),
        ("source=a&source=b", "/source"),
        ("sourcf=a", "/sourcf"),
    ] {
        let problem = send(&server, query, ONE).expect(400).json();
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{query}");
    }
}

#[test]
fn a_body_that_breaks_off_is_kept_up_to_its_last_whole_line() {
    let server = Server::start(&[]);
    let head = format!(
        "POST /v1/jobs/bulk?source=a HTTP/1.1\r\nhost: {}\r\ncontent-type: {NDJSON}\r\ntransfer-encoding: chunked\r\n\r\n",
        server.address
    );
    let mut stream = server.connect();
    stream.write_all(head.as_bytes()).unwrap();
    let part = format!("{ONE}{{\"id\": \"2\"");
    write!(stream, "{:x}\r\n{part}\r\n", part.len()).unwrap();
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("\"line\":1,") {
        let mut bytes = [0; 1024];
        let read = stream.read(&mut bytes).unwrap();
        assert!(read > 0);
        seen.extend_from_slice(&bytes[..read]);
    }
    drop(stream);
    let at = server.get("/v1/sources/a").expect(200).json();
    assert_eq!(at["position"], ONE.len());
    server.get("/v1/jobs/2").expect(404);
}

/// Resident memory in MiB.
fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib >> 10
}

#[test]
fn a_client_that_reads_only_at_the_end_gets_ranges_and_single_errors() {
    let server = Server::start(&[]);
    // More than what sockets hold of the answer; deletes, so that the server holds little.
    let mut body = String::new();
    let mut bad = Vec::new();
    let mut lines = 0_u64;
    while body.len() < 16 << 20 {
        lines += 1;
        if lines.is_multiple_of(5_000) {
            bad.push(lines);
            body.push_str("nonsense\n");
        } else {
            writeln!(body, "{{\"delete\": \"nobody-{lines}\", \"version\": 1}}").unwrap();
        }
    }
    lines += 1;
    body.push_str("{\"delete\": \"1\"}\n");
    server.bulk("jobs", ONE).expect(207);
    let before = resident(&server);
    let mut stream = server.connect();
    let head = format!(
        "POST /v1/jobs/bulk?source=s HTTP/1.1\r\nhost: {}\r\ncontent-type: {NDJSON}\r\ncontent-length: {}\r\n\r\n",
        server.address,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    // All of it is kept before anything is read.
    let until = std::time::Instant::now() + Duration::from_secs(100);
    while server.get("/v1/jobs/1").status == 200 {
        assert!(std::time::Instant::now() < until, "it stands still");
        std::thread::sleep(Duration::from_millis(50));
    }
    let grown = resident(&server).saturating_sub(before);
    assert!(grown < 400, "{grown} MiB");
    let answer = read_answer(&mut stream).expect(207);
    assert!(answer.body.len() < 14 << 20, "{}", answer.body.len());
    server.check("POST", "/v1/jobs/bulk", &answer);
    let (mut next, mut ranges, mut singles) = (1, 0, Vec::new());
    let mut results = answer.lines();
    let summary = results.pop().unwrap()["summary"].clone();
    for result in &results {
        if let Some(range) = result["lines"].as_array() {
            assert_eq!(range[0], next);
            next = range[1].as_u64().unwrap() + 1;
            let count = next - range[0].as_u64().unwrap();
            assert_eq!(
                (&result["count"], &result["result"]),
                (&json!(count), &json!("deleted"))
            );
            ranges += 1;
        } else {
            assert_eq!(result["line"], next);
            next += 1;
            if result["result"] == "rejected" {
                singles.push(result["line"].as_u64().unwrap());
            }
        }
    }
    assert_eq!((next, &singles), (lines + 1, &bad));
    assert!(
        ranges > 0 && results.len() < 240_000,
        "{ranges} {}",
        results.len()
    );
    assert_eq!(summary["lines"], lines);
    assert_eq!(summary["rejected"], bad.len());
}

#[test]
fn places_of_clients_that_vanish_are_free_again() {
    let server = Server::start(&[]);
    for _ in 0..3 {
        let (mut open, mut tries) = (Vec::new(), 0);
        while open.len() < 8 {
            let n = open.len();
            let mut stream = server.connect();
            let head = format!(
                "POST /v1/jobs/bulk HTTP/1.1\r\nhost: {}\r\ncontent-type: {NDJSON}\r\ntransfer-encoding: chunked\r\n\r\n",
                server.address
            );
            stream.write_all(head.as_bytes()).unwrap();
            let line = format!("{{\"id\": \"{n}\", \"title\": \"x\"}}\n");
            write!(stream, "{:x}\r\n{line}\r\n", line.len()).unwrap();
            let mut status = [0; 12];
            stream.read_exact(&mut status).unwrap();
            if &status == b"HTTP/1.1 207" {
                open.push(stream);
                continue;
            }
            // Those of the round before are not all free yet.
            assert_eq!(&status, b"HTTP/1.1 429");
            tries += 1;
            assert!(tries < 500, "still taken");
            std::thread::sleep(Duration::from_millis(20));
        }
        server.bulk("jobs", ONE).expect(429);
    }
}
