//! Bulk loads: a result line per line, whatever the lines are.

use std::fmt::Write as _;
use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::server::{NDJSON, Server, read_answer};

#[test]
fn malformed_line_7_of_10_is_reported_and_nine_load() {
    let server = Server::start(&[]);
    let body: String = (1..=10)
        .map(|n| {
            if n == 7 {
                "{\"id\": \"7\", \"title\"\n".into()
            } else {
                format!("{{\"id\": \"{n}\", \"title\": \"Cook\"}}\n")
            }
        })
        .collect();
    let results = server.bulk("jobs", &body).expect(207).lines();
    assert_eq!(results.len(), 11);
    for (place, result) in results[..10].iter().enumerate() {
        assert_eq!(result["line"], place + 1);
        assert_eq!(
            result["result"],
            if place == 6 { "rejected" } else { "created" }
        );
    }
    assert_eq!(results[6]["code"], "invalid_json");
    let summary = &results[10]["summary"];
    assert_eq!(
        (&summary["lines"], &summary["created"], &summary["rejected"]),
        (&json!(10), &json!(9), &json!(1))
    );
    let found = server.get("/v1/search/jobs?q=cook&limit=20");
    assert_eq!(found.ids().len(), 9);
    assert_eq!(
        found.json()["snapshot"],
        summary["sequence"],
        "written before it was answered"
    );
}

#[test]
fn every_kind_of_line_has_its_result() {
    let server = Server::start(&[]);
    let lines = [
        (
            "{\"id\": \"a\", \"title\": \"A\", \"version\": 3}",
            "created",
            None,
        ),
        (
            "{\"id\": \"a\", \"title\": \"A\", \"version\": 3}",
            "stale",
            None,
        ),
        (
            "{\"id\": \"a\", \"title\": \"B\", \"version\": 4}",
            "replaced",
            None,
        ),
        ("{\"delete\": \"a\"}", "deleted", None),
        ("{\"delete\": \"a\"}", "rejected", Some("not_found")),
        ("{\"delete\": 7}", "rejected", Some("invalid_id")),
        ("{\"title\": \"no id\"}", "rejected", Some("invalid_id")),
        (
            "{\"id\": \"\", \"title\": \"x\"}",
            "rejected",
            Some("invalid_id"),
        ),
        (
            "{\"id\": \"b\", \"titel\": \"x\"}",
            "rejected",
            Some("invalid_document"),
        ),
        (
            "{\"id\": \"b\", \"vector\": [1]}",
            "rejected",
            Some("invalid_vector"),
        ),
        ("[1]", "rejected", Some("invalid_document")),
        ("nonsense", "rejected", Some("invalid_json")),
    ];
    let body: String = lines
        .iter()
        .flat_map(|(line, _, _)| [*line, "\r\n\n"])
        .collect();
    let results = server.bulk("jobs", &body).expect(207).lines();
    for ((line, result, code), found) in lines.iter().zip(&results) {
        assert_eq!(
            (found["result"].as_str(), found["code"].as_str()),
            (Some(*result), *code),
            "{line}: {found}"
        );
    }
    let summary = &results[lines.len()]["summary"];
    assert_eq!(summary["lines"], lines.len());
    assert_eq!(
        (&summary["created"], &summary["stale"], &summary["rejected"]),
        (&json!(1), &json!(1), &json!(8))
    );
    assert_eq!(
        server.bulk("jobs", "").expect(207).lines()[0]["summary"]["lines"],
        0
    );
}

#[test]
fn results_come_while_the_body_is_still_sent() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    let head = format!(
        "POST /v1/jobs/bulk HTTP/1.1\r\nhost: {}\r\ncontent-type: {NDJSON}\r\ntransfer-encoding: chunked\r\n\r\n",
        server.address
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut seen = String::new();
    for n in 1..=3 {
        let line = format!("{{\"id\": \"{n}\", \"title\": \"x\"}}\n");
        write!(stream, "{:x}\r\n{line}\r\n", line.len()).unwrap();
        while !seen.contains(&format!("\"line\":{n},")) {
            let mut bytes = [0; 1024];
            let read = stream.read(&mut bytes).unwrap();
            assert!(read > 0, "closed after {seen}");
            seen.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        }
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    while !seen.contains("summary") {
        let mut bytes = [0; 1024];
        let read = stream.read(&mut bytes).unwrap();
        seen.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
}

#[test]
fn a_client_that_reads_only_at_the_end_gets_100000_results() {
    let server = Server::start(&[]);
    let body = (0..100_000).fold(String::new(), |mut body, n| {
        writeln!(body, "{{\"delete\": \"nobody-{n}\"}}").unwrap();
        body
    });
    let mut stream = server.connect();
    let head = format!(
        "POST /v1/jobs/bulk HTTP/1.1\r\nhost: {}\r\ncontent-type: {NDJSON}\r\ncontent-length: {}\r\n\r\n",
        server.address,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let answer = read_answer(&mut stream).expect(207);
    let results: Vec<Value> = answer.lines();
    assert_eq!(results.len(), 100_001);
    assert!(
        results[..100_000]
            .iter()
            .enumerate()
            .all(|(place, result)| result["line"] == place + 1)
    );
    assert_eq!(results[100_000]["summary"]["rejected"], 100_000);
}

#[test]
fn one_bulk_too_many_is_told_to_come_back() {
    let server = Server::start(&[]);
    let head = format!(
        "POST /v1/jobs/bulk HTTP/1.1\r\nhost: {}\r\ncontent-type: {NDJSON}\r\ntransfer-encoding: chunked\r\n\r\n",
        server.address
    );
    let mut open = Vec::new();
    for _ in 0..8 {
        let mut stream = server.connect();
        stream.write_all(head.as_bytes()).unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 207");
        open.push(stream);
    }
    let answer = server.bulk("jobs", "").expect(429);
    assert_eq!(answer.json()["code"], "overloaded");
    assert_eq!(answer.header("retry-after"), Some("1"));
}
