//! What each point was read from, over HTTP: as JSON with spans of both
//! documents, as Markdown, in hits of a match. What is evidence of what is tested in
//! the engine.

use serde_json::{Value, json};

use crate::server::{JSON, Server, run};

const NOW: &str = "2026-11-20T00:00:00Z";

fn job() -> Value {
    json!({"id": "j", "title": "Data engineer", "skills": ["JavaScript", "Snowboarding"],
        "description": "We need PostgreSQL, 5+ years of experience and fluent German 😀. Kubernetes is a plus.",
        "pay": {"max": 80000, "currency": "EUR"}, "location": "Berlin, Germany"})
}

fn candidate() -> Value {
    json!({"id": "c", "headline": "Data engineer", "skills": ["React", "postgres"], "location": "Potsdam, Germany",
        "text": "😀 Six years of experience. German (native). I run k8s daily. Mail me: ada@example.org",
        "email": "ada@example.org", "pay_wanted": {"min": 95000, "currency": "USD"}})
}

fn server() -> Server {
    let server = Server::start(&[]);
    server.bulk("jobs", &job().to_string()).expect(207);
    server
        .bulk("candidates", &candidate().to_string())
        .expect(207);
    server
}

fn question() -> Value {
    json!({"from": {"kind": "jobs", "id": "j"}, "now": NOW})
}

fn pair() -> Value {
    let mut body = question();
    body["to"] = json!({"kind": "candidates", "id": "c"});
    body
}

#[test]
fn spans_cut_the_documents_in_bytes_and_in_utf16() {
    let server = server();
    let answer = server.post("/v1/explain", &pair()).expect(200).json();
    let evidence = &answer["evidence"];
    let mut spans = 0;
    for line in evidence["lines"].as_array().unwrap() {
        for (side, document) in [("source", job()), ("document", candidate())] {
            for span in line[side].as_array().unwrap() {
                let pointer = span["pointer"].as_str().unwrap();
                let value = document.pointer(pointer).unwrap();
                let text = span["text"].as_str().unwrap();
                assert!(!text.contains("ada@"), "{span}");
                let Some(string) = value.as_str() else {
                    assert!(span.get("bytes").is_none(), "{span}");
                    continue;
                };
                let range = |unit: &str| {
                    let at = |end: usize| span[unit][end].as_u64().unwrap() as usize;
                    at(0)..at(1)
                };
                assert_eq!(string.get(range("bytes")), Some(text));
                let units: Vec<u16> = string.encode_utf16().collect();
                assert_eq!(String::from_utf16(&units[range("utf16")]).unwrap(), text);
                let texts = evidence[side]["texts"].as_array().unwrap();
                let shown = texts.iter().find(|one| one["pointer"] == pointer).unwrap();
                assert_eq!(shown["text"], string);
                spans += 1;
            }
        }
    }
    assert!(spans > 10, "{evidence:#}");
    let lines = evidence["lines"].as_array().unwrap();
    let script = lines
        .iter()
        .find(|line| line["want"] == "JavaScript")
        .unwrap();
    assert_eq!(
        (&script["have"], &script["how"]),
        (&json!("React"), &json!("path"))
    );
    let pay = lines
        .iter()
        .find(|line| line["contribution"] == "pay")
        .unwrap();
    assert_eq!(pay["conversion"]["into_currency"], "USD");
}

#[test]
fn evidence_is_asked_for_and_costs_no_point() {
    let server = server();
    let full = server.post("/v1/explain", &pair()).expect(200).json();
    let mut plain = pair();
    plain["evidence"] = json!(false);
    let plain = server.post("/v1/explain", &plain).expect(200).json();
    assert!(plain.get("evidence").is_none());
    assert_eq!(full["contributions"], plain["contributions"]);
    let mut matched = question();
    let without = server.post("/v1/match", &matched).expect(200).json();
    assert!(without["hits"][0].get("evidence").is_none());
    matched["evidence"] = json!(true);
    let with = server.post("/v1/match", &matched).expect(200).json();
    assert_eq!(
        with["hits"][0]["evidence"]["lines"],
        full["evidence"]["lines"]
    );
    assert!(with["hits"][0]["evidence"].get("document").is_none());
    matched["limit"] = json!(51);
    let refused = server.post("/v1/match", &matched).expect(400).json();
    assert_eq!(refused["errors"][0]["pointer"], "/limit");
    let found = server
        .get("/v1/search/jobs?q=data&evidence=true")
        .expect(200)
        .json();
    let lines = &found["hits"][0]["evidence"]["lines"];
    assert_eq!(lines[0]["document"][0]["text"], "Data", "{lines}");
}

#[test]
fn markdown_is_a_report_for_people() {
    let server = server();
    let headers = [("content-type", JSON), ("accept", "text/markdown")];
    let body = pair().to_string();
    let answer = server.send("POST", "/v1/explain", &headers, body.as_bytes());
    let answer = answer.expect(200);
    let media = answer.header("content-type").unwrap();
    assert_eq!(media, "text/markdown; charset=utf-8");
    let report = answer.text();
    for part in [
        "# candidates c: Data engineer",
        " of 100**",
        "| skills |",
        "## Met in part",
        "React needs JavaScript",
        "## Missing",
        "**Snowboarding** (required)",
        "“postgres” (skills 1)",
        "95,000 USD",
        "## What is open",
    ] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
    let printed = run(
        &[
            "explain",
            "--url",
            &server.url(),
            "--from",
            "jobs/j",
            "--to",
            "candidates/c",
            "--markdown",
        ],
        "",
    );
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(
        printed.starts_with("# candidates c: Data engineer\n"),
        "{printed}"
    );
}
