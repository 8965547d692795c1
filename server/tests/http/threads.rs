//! The bytes of an answer do not depend on how many threads compute it.

use serde_json::{Value, json};

use crate::server::{JSON, Server, tandem};

#[test]
fn answers_have_the_same_bytes_for_any_number_of_threads() {
    let made = tandem(&[
        "sample",
        "--jobs",
        "200",
        "--candidates",
        "80",
        "--seed",
        "7",
        "--now",
        "2026-11-20T00:00:00Z",
    ])
    .output()
    .unwrap();
    let lines = String::from_utf8(made.stdout).unwrap();
    let lines: Vec<&str> = lines.lines().collect();
    let (jobs, candidates) = lines.split_at(200);
    let now = "2026-11-20T00:00:00Z";
    let mut questions = vec![
        (
            "/v1/search/jobs",
            json!({"q": "senior data engineer berlin", "facets": ["company", "skills"], "limit": 50, "now": now}),
        ),
        (
            "/v1/search/jobs",
            json!({"q": "nurse -intern \"night shift\"", "sort": ["-posted_at"], "limit": 50, "now": now}),
        ),
        (
            "/v1/search/candidates",
            json!({"q": "python developr", "explain": "plan", "now": now}),
        ),
        (
            "/v1/match",
            json!({"from": {"kind": "candidates", "text": "Registered nurse, emergency care, triage"}, "limit": 50, "now": now}),
        ),
        (
            "/v1/rank",
            json!({"q": "accountant", "to": "jobs", "limit": 100, "now": now}),
        ),
        (
            "/v1/search",
            json!({"searches": [{"kind": "jobs", "q": "sales", "now": now}, {"kind": "candidates", "q": "sales", "now": now}]}),
        ),
        ("/v1/export/jobs", json!({"q": "manager", "now": now})),
    ];
    let narrowed = json!({"q": "engineer OR nurse OR manager", "near": {"place": "Berlin", "km": 2000}, "sort": ["distance"],
        "max_per": {"field": "company", "count": 1}, "exclude": ["job-0000001"], "limit": 50, "now": now,
        "facets": ["location", {"field": "pay", "ranges": [30000, 60000], "currency": "USD"}]});
    questions.push(("/v1/search/jobs", narrowed));
    let mut answers: Vec<Vec<Vec<u8>>> = Vec::new();
    for threads in ["1", "2", "8"] {
        let server = Server::start(&["--threads", threads]);
        // One by one: how a bulk body falls into batches depends on its arrival, and an
        // answer names the snapshot after them.
        for (kind, lines) in [("jobs", jobs), ("candidates", candidates)] {
            for line in lines {
                let document: Value = serde_json::from_str(line).unwrap();
                let id = document["id"].as_str().unwrap();
                server
                    .put(&format!("/v1/{kind}/{id}"), &document)
                    .expect(201);
            }
        }
        let bodies = questions.iter().map(|(path, body)| {
            let body = body.to_string();
            let answer = server.send("POST", path, &[("content-type", JSON)], body.as_bytes());
            answer.expect(200).body
        });
        let mut bodies: Vec<Vec<u8>> = bodies.collect();
        bodies.push(server.get("/v1/suggest/jobs?q=en").expect(200).body);
        // Each server's documents have a history of their own, which answers name, and
        // cursors have in them.
        let token = server.token(0);
        let history = token.trim_start_matches("default:").trim_end_matches('0');
        for body in &mut bodies {
            let text = String::from_utf8(std::mem::take(body)).unwrap();
            *body = without_cursors(&text.replace(history, "00000000.")).into_bytes();
        }
        answers.push(bodies);
    }
    let paths = questions.iter().map(|(path, _)| *path);
    for (place, path) in paths.chain(["/v1/suggest/jobs"]).enumerate() {
        assert!(answers[0][place].len() > 200, "{path} found nothing");
        for other in &answers[1..] {
            assert!(answers[0][place] == other[place], "{path} differs");
        }
    }
}

fn without_cursors(text: &str) -> String {
    let mut parts = text.split("\"cursor\":\"");
    let mut kept = parts.next().unwrap().to_owned();
    for part in parts {
        let (_, behind) = part.split_once('"').unwrap();
        kept.extend(["\"cursor\":\"", behind]);
    }
    kept
}
