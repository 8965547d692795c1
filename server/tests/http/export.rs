//! Exports: every hit in order, as lines or as a table.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::{JSON, Server};

const NOW: &str = "2026-11-20T00:00:00Z";

/// Titles that share few words, so that a search has a part chosen by its pool and a rest.
fn filled(count: usize) -> Server {
    let server = Server::start(&[]);
    let words = [
        "data", "cloud", "sales", "night", "senior", "junior", "lead",
    ];
    let job = |n: usize| {
        let title = format!("{} {} engineer", words[n % 7], words[n / 7 % 7]);
        json!({"id": format!("j-{n:04}"), "title": title, "company": format!("Firm, {} \"Ltd\"", n % 5),
            "skills": ["Python", "SQL"], "posted_at": format!("2026-{:02}-01", n % 11 + 1),
            "location": {"city": "Bonn", "country": "DE"}, "pay": {"min": 1000 * n, "currency": "EUR"}})
    };
    let jobs: Vec<String> = (0..count).map(|n| job(n).to_string()).collect();
    server.bulk("jobs", &jobs.join("\n")).expect(207);
    server
}

/// The hits of all pages.
fn paged(server: &Server, path: &str, body: &Value) -> Vec<Value> {
    let mut body = body.clone();
    body["limit"] = json!(97);
    let mut hits = Vec::new();
    loop {
        let answer = server.post(path, &body).expect(200).json();
        hits.extend(answer["hits"].as_array().unwrap().iter().cloned());
        if answer["cursor"].is_null() {
            return hits;
        }
        body["cursor"] = answer["cursor"].clone();
    }
}

#[test]
fn an_export_has_the_hits_of_all_pages_in_their_order() {
    let server = filled(900);
    let cases = [
        (
            "/v1/search/jobs",
            "/v1/export/jobs",
            json!({"highlight": false}),
        ),
        (
            "/v1/search/jobs",
            "/v1/export/jobs",
            json!({"q": "senior engineer", "highlight": false}),
        ),
        (
            "/v1/search/jobs",
            "/v1/export/jobs",
            json!({"q": "engineer", "sort": ["-posted_at"], "highlight": false}),
        ),
        (
            "/v1/search/jobs",
            "/v1/export/jobs",
            json!({"q": "nobody", "words": "all", "filters": {"company": "none"}, "highlight": false}),
        ),
        (
            "/v1/match",
            "/v1/export/match",
            json!({"from": {"kind": "jobs", "id": "j-0003"}, "to": "jobs", "fields": ["*"]}),
        ),
        (
            "/v1/match",
            "/v1/export/match",
            json!({"from": {"kind": "candidates", "text": "Senior data engineer, Python"}, "filters": {"pay.min": {"gte": 5000}}}),
        ),
    ];
    for (asked, export, mut body) in cases {
        body["now"] = json!(NOW);
        let hits = paged(&server, asked, &body);
        body.as_object_mut().unwrap().remove("highlight");
        let exported = server.post(export, &body).expect(200);
        assert_eq!(
            exported.header("content-type"),
            Some("application/x-ndjson")
        );
        assert_eq!(exported.header("x-total"), Some(&*hits.len().to_string()));
        assert_eq!(exported.lines(), hits, "{body}");
    }
}

#[test]
fn a_table_has_the_same_hits() {
    let server = filled(40);
    let body = json!({"q": "data", "fields": ["title", "company", "skills", "location", "pay"], "now": NOW});
    let headers = [("content-type", JSON), ("accept", "text/csv")];
    let body = body.to_string();
    let table = server.send("POST", "/v1/export/jobs", &headers, body.as_bytes());
    let table = table.expect(200);
    assert_eq!(
        table.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    let hits = server.send(
        "POST",
        "/v1/export/jobs",
        &[("content-type", JSON)],
        body.as_bytes(),
    );
    let hits = hits.lines();
    let text = table.text();
    let mut lines = text.lines();
    assert_eq!(
        lines.next().unwrap(),
        "id,score,title,company,skills,location.text,location.city,location.region,location.country,\
         location.lat,location.lon,pay.min,pay.max,pay.currency,pay.period"
    );
    assert!(!hits.is_empty());
    for hit in &hits {
        let document = &hit["document"];
        let company = document["company"].as_str().unwrap().replace('"', "\"\"");
        let expected = format!(
            "{},{},{},\"{company}\",Python; SQL,,Bonn,,DE,,,{},,EUR,",
            hit["id"].as_str().unwrap(),
            hit["score"],
            document["title"].as_str().unwrap(),
            document["pay"]["min"],
        );
        assert_eq!(lines.next(), Some(&*expected));
    }
    assert_eq!(lines.next(), None);
    let headers = [("content-type", JSON), ("accept", "image/png")];
    let refused = server.send("POST", "/v1/export/jobs", &headers, b"{}");
    assert_eq!(refused.expect(406).json()["code"], "not_acceptable");
}

#[test]
fn who_does_not_read_keeps_a_place_and_who_leaves_frees_it() {
    let server = Server::start(&[]);
    let text = "lorem ipsum dolor sit amet ".repeat(200);
    let jobs: Vec<String> = (0..4_000)
        .map(|n| json!({"id": n.to_string(), "title": "Cook", "url": text}).to_string())
        .collect();
    server.bulk("jobs", &jobs.join("\n")).expect(207);
    let body = json!({"fields": ["*"]}).to_string();
    let request = format!(
        "POST /v1/export/jobs HTTP/1.1\r\nhost: {}\r\ncontent-type: {JSON}\r\ncontent-length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    );
    // Four take every place; none reads more than the beginning.
    let mut waiting: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(request.as_bytes()).unwrap();
            let mut status = [0; 12];
            stream.read_exact(&mut status).unwrap();
            assert_eq!(&status, b"HTTP/1.1 200");
            stream
        })
        .collect();
    let refused = server.send("POST", "/v1/export/jobs", &[("content-type", JSON)], b"{}");
    assert_eq!(refused.expect(429).json()["code"], "overloaded");
    server.get("/v1/search/jobs?q=cook").expect(200);
    waiting.pop();
    let started = Instant::now();
    let all = loop {
        let answer = server.send("POST", "/v1/export/jobs", &[("content-type", JSON)], b"{}");
        if answer.status == 200 {
            break answer;
        }
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "the place is not freed"
        );
    };
    assert_eq!(all.lines().len(), 4_000);
}
