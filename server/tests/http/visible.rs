//! `min_sequence`: a read names the write it is to see.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{JSON, Server};

/// Every read route: method, path, body.
fn reads() -> Vec<(&'static str, &'static str, Option<Value>)> {
    let cook = json!({"kind": "candidates", "text": "Cook, 6 years"});
    vec![
        ("GET", "/v1/kinds", None),
        ("GET", "/v1/jobs/1", None),
        ("GET", "/v1/search/jobs?q=cook", None),
        ("GET", "/v1/suggest/jobs?q=coo", None),
        ("POST", "/v1/search/jobs", Some(json!({"q": "cook"}))),
        (
            "POST",
            "/v1/search",
            Some(json!({"searches": [{"kind": "jobs", "q": "cook"}]})),
        ),
        ("POST", "/v1/export/jobs", Some(json!({"q": "cook"}))),
        ("POST", "/v1/export/match", Some(json!({"from": cook}))),
        ("POST", "/v1/match", Some(json!({"from": cook}))),
        ("POST", "/v1/rank", Some(json!({"from": cook}))),
        (
            "POST",
            "/v1/explain",
            Some(json!({"from": cook, "to": {"kind": "jobs", "id": "1"}})),
        ),
    ]
}

fn ask(
    server: &Server,
    (method, path, body): &(&str, &str, Option<Value>),
    query: Option<&str>,
    header: Option<&str>,
    member: Option<Value>,
) -> crate::server::Answer {
    let path = match (query, path.contains('?')) {
        (None, _) => (*path).to_owned(),
        (Some(query), false) => format!("{path}?min_sequence={query}"),
        (Some(query), true) => format!("{path}&min_sequence={query}"),
    };
    let mut headers = vec![("content-type", JSON)];
    headers.extend(header.map(|value| ("min-sequence", value)));
    let mut body = body.clone();
    if let (Some(body), Some(member)) = (&mut body, member) {
        body["min_sequence"] = member;
    }
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    server.send(method, &path, &headers, body.as_bytes())
}

#[test]
fn every_read_takes_the_token_of_a_write_in_every_place() {
    let server = Server::start(&[]);
    let written = server
        .put("/v1/jobs/1", &json!({"title": "Cook"}))
        .expect(201);
    let token = written.json()["sequence"].as_str().unwrap().to_owned();
    assert_eq!(token, server.token(1));
    let (_, short) = token.split_once(':').unwrap();
    for read in reads() {
        for value in [token.as_str(), short, "0"] {
            ask(&server, &read, Some(value), None, None).expect(200);
            ask(&server, &read, None, Some(value), None).expect(200);
            if read.2.is_some() {
                ask(&server, &read, None, None, Some(json!(value))).expect(200);
            }
        }
        let wrong = |answer: crate::server::Answer| {
            let problem = answer.expect(400).json();
            assert_eq!(problem["errors"][0]["pointer"], "/min_sequence", "{read:?}");
        };
        let of_other = format!("other:{short}");
        wrong(ask(&server, &read, Some(&of_other), None, None));
        wrong(ask(&server, &read, Some("soon"), None, None));
        wrong(ask(&server, &read, Some("0&min_sequence=0"), None, None));
        wrong(ask(&server, &read, None, Some("-1"), None));
        // Of another history, or of any: what they name may be nowhere here.
        for other in ["default:0000002a.1", "default:1", "1"] {
            let problem = ask(&server, &read, Some(other), None, None).expect(409);
            assert_eq!(problem.json()["code"], "other_history", "{read:?}");
            let problem = ask(&server, &read, None, Some(other), None).expect(409);
            assert_eq!(problem.json()["code"], "other_history", "{read:?}");
        }
        if read.2.is_some() {
            wrong(ask(&server, &read, None, None, Some(json!(-1))));
            wrong(ask(&server, &read, None, None, Some(json!(of_other))));
            wrong(ask(&server, &read, None, None, Some(json!(["default:1"]))));
        }
    }
    let problem = server.get("/v1/suggest/jobs?min_sequense=1").expect(400);
    assert_eq!(problem.json()["errors"][0]["did_you_mean"], "min_sequence");
    let problem = server.get("/v1/search/jobs?min_sequense=1").expect(400);
    assert_eq!(problem.json()["errors"][0]["did_you_mean"], "min_sequence");
    let problem = server.get("/v1/kinds?min_sequense=1").expect(400);
    assert_eq!(problem.json()["errors"][0]["did_you_mean"], "min_sequence");
}

#[test]
fn a_read_of_what_does_not_come_says_so() {
    let server = Server::start(&["--deadline-ms", "3000"]);
    server
        .put("/v1/jobs/1", &json!({"title": "Cook"}))
        .expect(201);
    thread::scope(|scope| {
        for read in reads() {
            let server = &server;
            scope.spawn(move || {
                let token = server.token(2);
                let member = read.2.as_ref().map(|_| json!(token));
                let query = member.is_none().then_some(token.as_str());
                let answer = ask(server, &read, query, None, member);
                assert_eq!(answer.status, 503, "{read:?}: {}", answer.text());
                assert_eq!(answer.json()["code"], "not_yet_visible", "{read:?}");
                assert_eq!(answer.header("retry-after"), Some("1"));
            });
        }
    });
}

#[test]
fn a_read_waits_for_a_write_that_comes_meanwhile() {
    // One thread computes: who waits must not hold it.
    let server = Server::start(&["--threads", "1"]);
    for (number, read) in reads().into_iter().enumerate() {
        let sequence = server.token(number as u64 + 1);
        let member = read.2.as_ref().map(|_| json!(sequence));
        let query = member.is_none().then_some(sequence.as_str());
        thread::scope(|scope| {
            let waiting = scope.spawn(|| ask(&server, &read, query, None, member.clone()));
            thread::sleep(Duration::from_millis(60));
            // Others are answered while it waits.
            server.get("/v1/search/jobs?q=x").expect(200);
            assert!(!waiting.is_finished(), "{read:?}");
            let title = json!({"title": format!("Cook {number}")});
            let written = server.put("/v1/jobs/1", &title);
            assert_eq!(written.json()["sequence"], sequence);
            let answer = waiting.join().unwrap().expect(200);
            if read.1.starts_with("/v1/search/jobs") {
                assert_eq!(answer.json()["hits"][0]["id"], "1", "{read:?}");
            }
        });
    }
}
