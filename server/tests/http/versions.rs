//! Versions over HTTP: conditions, merge patches, deletes with a version,
//! expiry.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::durability::Folder;
use crate::server::{Answer, JSON, Server, TempFile};

const PATCH: &str = "application/merge-patch+json";

impl Server {
    fn patch(&self, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        self.send("PATCH", path, &[("content-type", PATCH)], body.as_bytes())
    }

    fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], b"")
    }
}

fn code(answer: &Answer) -> String {
    answer.json()["code"].as_str().unwrap().to_owned()
}

#[test]
fn conditions_are_answered_as_rfc_9110_has_them() {
    let server = Server::start(&[]);
    // Version 2 is held of `a`; of `b` nothing is.
    let reset = || {
        server.delete("/v1/jobs/a");
        server.delete("/v1/jobs/b");
        let version = server
            .put("/v1/jobs/a", &json!({"title": "Baker"}))
            .expect(201)
            .json()["version"]
            .as_u64()
            .unwrap();
        format!("\"{version}\"")
    };
    // Method, document, header, value (TAG is the tag held), status.
    for (method, id, name, value, status) in [
        ("GET", "a", "if-none-match", "TAG", 304),
        ("GET", "a", "if-none-match", "W/TAG", 304),
        ("GET", "a", "if-none-match", "\"999\", TAG", 304),
        ("GET", "a", "if-none-match", "*", 304),
        ("GET", "a", "if-none-match", "\"999\"", 200),
        ("GET", "a", "if-match", "TAG", 200),
        ("GET", "a", "if-match", "W/TAG", 412),
        ("GET", "a", "if-match", "\"999\"", 412),
        ("GET", "b", "if-none-match", "*", 404),
        ("GET", "b", "if-match", "*", 404),
        ("HEAD", "a", "if-none-match", "TAG", 304),
        ("PUT", "a", "if-match", "TAG", 200),
        ("PUT", "a", "if-match", "*", 200),
        ("PUT", "a", "if-match", "\"999\", TAG", 200),
        ("PUT", "a", "if-match", "\"999\"", 412),
        ("PUT", "a", "if-match", "W/TAG", 412),
        ("PUT", "a", "if-none-match", "*", 412),
        ("PUT", "a", "if-none-match", "TAG", 412),
        ("PUT", "a", "if-none-match", "\"999\"", 200),
        ("PUT", "b", "if-match", "*", 412),
        ("PUT", "b", "if-match", "TAG", 412),
        ("PUT", "b", "if-none-match", "*", 201),
        ("PATCH", "a", "if-match", "TAG", 200),
        ("PATCH", "a", "if-match", "\"999\"", 412),
        ("PATCH", "a", "if-none-match", "*", 412),
        // A request that would be no success anyway is answered as without
        // its conditions (13.2.1).
        ("PATCH", "b", "if-match", "*", 404),
        ("DELETE", "a", "if-match", "TAG", 200),
        ("DELETE", "a", "if-match", "\"999\"", 412),
        ("DELETE", "a", "if-none-match", "*", 412),
        ("DELETE", "b", "if-match", "TAG", 404),
        // What is no list of tags is refused, never taken for "no condition".
        ("PUT", "a", "if-match", "2", 400),
        ("PUT", "a", "if-match", "", 400),
        ("DELETE", "a", "if-match", "*, TAG", 400),
        ("GET", "a", "if-none-match", "\"2", 400),
    ] {
        let tag = reset();
        let value = value.replace("TAG", &tag);
        let what = format!("{method} {id} {name}: {value}");
        let (media_type, body) = match method {
            "PUT" => (JSON, "{\"title\": \"Cook\"}"),
            "PATCH" => (PATCH, "{\"title\": \"Cook\"}"),
            _ => (JSON, ""),
        };
        let headers = [("content-type", media_type), (name, value.as_str())];
        let answer = server.send(method, &format!("/v1/jobs/{id}"), &headers, body.as_bytes());
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        if status == 412 {
            assert_eq!(code(&answer), "precondition_failed", "{what}");
        }
        if status < 400 {
            let written = method != "GET" && method != "HEAD";
            assert!(answer.header("etag").is_some(), "{what}");
            let is_new = answer.header("etag") != Some(&*tag);
            assert_eq!(is_new, written && method != "DELETE", "{what}");
        } else if id == "a" {
            let read = server.get("/v1/jobs/a").expect(200);
            assert_eq!(read.header("etag"), Some(&*tag), "nothing was done: {what}");
        }
    }
}

#[test]
fn of_many_writers_with_one_tag_one_wins() {
    let server = Server::start(&[]);
    server.put("/v1/jobs/1", &json!({"title": "0"})).expect(201);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut counted = 0;
                while counted < 10 {
                    let read = server.get("/v1/jobs/1").expect(200);
                    let title = read.json()["title"].as_str().unwrap().to_owned();
                    let next = title.parse::<u64>().unwrap() + 1;
                    let tag = read.header("etag").unwrap();
                    let body = json!({"title": next.to_string()}).to_string();
                    let headers = [("content-type", JSON), ("if-match", tag)];
                    let answer = server.send("PUT", "/v1/jobs/1", &headers, body.as_bytes());
                    match answer.status {
                        200 => counted += 1,
                        412 => {}
                        status => panic!("{status} {}", answer.text()),
                    }
                }
            });
        }
    });
    let read = server.get("/v1/jobs/1").expect(200);
    assert_eq!(read.json()["title"], "80");
    assert_eq!(read.header("etag"), Some("\"81\""));
}

#[test]
fn a_patch_changes_what_it_names_and_nothing_else() {
    let server = Server::start(&[]);
    let path = "/v1/jobs/p";
    let missing = server.patch(path, &json!({"title": "Cook"})).expect(404);
    assert_eq!(code(&missing), "not_found");
    server.get(path).expect(404);
    let document = json!({"title": "Baker", "company": "ACME", "skills": ["Bread", "Ovens"],
        "location": {"city": "Berlin", "country": "DE"}, "remote": "onsite"});
    server.put(path, &document).expect(201);
    let patch = json!({"title": "Pastry cook", "company": null, "skills": ["Cakes"],
        "location": {"city": "Hamburg"}, "unknown_to_all": null});
    let answer = server.patch(path, &patch).expect(200);
    assert_eq!(answer.header("etag"), Some("\"2\""));
    let written = answer.json();
    assert_eq!(
        (&written["result"], &written["version"]),
        (&json!("replaced"), &json!(2))
    );
    let expected = json!({"title": "Pastry cook", "skills": ["Cakes"],
        "location": {"city": "Hamburg", "country": "DE"}, "remote": "onsite"});
    let read = server.get(path).expect(200);
    assert_eq!(
        (read.json(), read.header("etag")),
        (expected, Some("\"2\""))
    );
    assert_eq!(
        server.get("/v1/search/jobs?q=pastry&words=all").ids(),
        ["p"]
    );
    assert_eq!(
        server.get("/v1/search/jobs?q=baker&words=all").ids(),
        [""; 0]
    );
    // What comes out is checked as a whole, and nothing is half done.
    for (patch, status, expected) in [
        (json!({"titel": "x"}), 422, "invalid_document"),
        (json!({"title": 5}), 422, "invalid_document"),
        (
            json!({"title": "x", "version": -1}),
            422,
            "invalid_document",
        ),
        (json!({"id": "other"}), 422, "invalid_document"),
        (json!("text"), 422, "invalid_document"),
        (json!([1]), 422, "invalid_document"),
        (json!(null), 422, "invalid_document"),
        (json!({"vector": [1, 2]}), 400, "invalid_vector"),
        (json!({"title": "x", "version": 2}), 409, "stale_version"),
    ] {
        let answer = server.patch(path, &patch).expect(status);
        assert_eq!(code(&answer), expected, "{patch}");
        assert_eq!(server.get(path).header("etag"), Some("\"2\""), "{patch}");
    }
    let typo = server.patch(path, &json!({"titel": "x"})).json();
    assert_eq!(typo["errors"][0]["did_you_mean"], "title");
    // Each fits, both together do not.
    let big = json!({"url": "x".repeat(3 << 20)});
    server.patch(path, &big).expect(200);
    let over = json!({"description": "bread ".repeat(350_000)});
    let answer = server.patch(path, &over);
    assert_eq!((answer.status, &*code(&answer)), (422, "invalid_document"));
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("4194304 is the most"), "{detail}");
}

#[test]
fn a_patch_has_one_media_type_and_its_body_is_strict() {
    let server = Server::start(&[]);
    server.put("/v1/jobs/p", &json!({"title": "x"})).expect(201);
    for media_type in [JSON, "application/json-patch+json", "text/plain", ""] {
        let headers = [("content-type", media_type)];
        let answer = server
            .send("PATCH", "/v1/jobs/p", &headers, b"{\"title\": \"y\"}")
            .expect(415);
        assert_eq!(code(&answer), "unsupported_media_type");
        assert_eq!(answer.header("accept-patch"), Some(PATCH));
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
    }
    let headers = [(
        "content-type",
        "Application/Merge-Patch+JSON; charset=utf-8",
    )];
    server
        .send("PATCH", "/v1/jobs/p", &headers, b"{\"title\": \"y\"}")
        .expect(200);
    let headers = [("content-type", PATCH)];
    for body in [
        "",
        "{\"title\": \"y\"",
        "{\"title\": \"y\", \"title\": \"z\"}",
    ] {
        server
            .send("PATCH", "/v1/jobs/p", &headers, body.as_bytes())
            .expect(400);
    }
    server.patch("/v1/flats/p", &json!({})).expect(404);
}

#[test]
fn a_patch_has_the_versions_of_a_put() {
    let server = Server::start(&[]);
    let path = "/v1/jobs/p";
    server
        .put(path, &json!({"title": "a", "version": 5}))
        .expect(201);
    // The patch, the version answered, the version the document says.
    for (patch, version, said) in [
        (json!({"title": "b"}), 6, json!(6)),
        (json!({"title": "c", "version": 9}), 9, json!(9)),
        (json!({"version": null}), 10, Value::Null),
        (json!({"title": "d"}), 11, Value::Null),
        (json!({}), 12, Value::Null),
    ] {
        let written = server.patch(path, &patch).expect(200).json();
        assert_eq!(written["version"], version, "{patch}");
        assert_eq!(server.get(path).json()["version"], said, "{patch}");
    }
    server.delete(path).expect(200);
    server.patch(path, &json!({"title": "e"})).expect(404);
    let last = json!({"title": "a", "version": u64::MAX});
    server.put("/v1/jobs/last", &last).expect(201);
    let answer = server.patch("/v1/jobs/last", &json!({"title": "b"}));
    assert_eq!((answer.status, &*code(&answer)), (409, "stale_version"));
}

#[test]
fn patches_at_a_time_are_all_in_the_document() {
    let fields: Vec<String> = (0..6)
        .map(|at| format!("f{at} = {{ type = \"keyword\" }}"))
        .collect();
    let kinds = format!(
        "[kinds.notes]\n[kinds.notes.fields]\n{}\n",
        fields.join("\n")
    );
    let file = TempFile::new(&kinds);
    let server = Server::start(&["--kinds", file.path()]);
    server.put("/v1/notes/n", &json!({})).expect(201);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let patching: Vec<_> = (0..6)
            .map(|at| {
                let server = &server;
                scope.spawn(move || {
                    for value in 1..=20 {
                        let patch = json!({format!("f{at}"): value.to_string()});
                        server.patch("/v1/notes/n", &patch).expect(200);
                    }
                })
            })
            .collect();
        // Somebody writes others all the while.
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                server.put("/v1/notes/other", &json!({"f0": "x"}));
            }
        });
        for one in patching {
            one.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    let read = server.get("/v1/notes/n").expect(200);
    assert_eq!(read.header("etag"), Some("\"121\""));
    for at in 0..6 {
        assert_eq!(read.json()[format!("f{at}")], "20");
    }
}

#[test]
fn a_patch_and_puts_of_the_same_document_leave_one_of_both() {
    let server = Server::start(&[]);
    let path = "/v1/jobs/p";
    let whole = |at: usize| json!({"title": format!("t{at}"), "company": format!("c{at}")});
    server.put(path, &whole(0)).expect(201);
    thread::scope(|scope| {
        scope.spawn(|| {
            for at in 1..40 {
                server.put(path, &whole(at)).expect(200);
            }
        });
        for _ in 0..40 {
            server.patch(path, &json!({"remote": "remote"})).expect(200);
        }
    });
    // Every change got a version; title and company are those of one PUT.
    let read = server.get(path).expect(200);
    assert_eq!(read.header("etag"), Some("\"80\""));
    let document = read.json();
    let (title, company) = (
        document["title"].as_str().unwrap(),
        document["company"].as_str().unwrap(),
    );
    assert_eq!(
        title.trim_start_matches('t'),
        company.trim_start_matches('c')
    );
    assert_eq!(title, "t39");
}

#[test]
fn a_delete_with_a_version_keeps_older_documents_out() {
    let folder = Folder::new("versions");
    let serve = || Server::start(&["--data", folder.path()]);
    let mut server = serve();
    let put = |server: &Server, id: &str, version: u64| {
        let document = json!({"title": "x", "version": version});
        server.put(&format!("/v1/jobs/{id}"), &document).status
    };
    // The delete overtook the document: 404, and remembered.
    server.delete("/v1/jobs/early?version=7").expect(404);
    assert_eq!(put(&server, "early", 7), 409);
    let late = server.put("/v1/jobs/early", &json!({"title": "x", "version": 6}));
    let detail = late.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("version 7 was deleted"), "{detail}");
    assert_eq!(put(&server, "a", 5), 201);
    for version in [4, 5] {
        let path = format!("/v1/jobs/a?version={version}");
        assert_eq!(code(&server.delete(&path).expect(409)), "stale_version");
    }
    let gone = server.delete("/v1/jobs/a?version=9").expect(200);
    assert_eq!(gone.header("etag"), Some("\"9\""));
    assert_eq!(gone.json()["version"], 9);
    assert_eq!(put(&server, "b", 3), 201);
    server.delete("/v1/jobs/b").expect(200);
    // Lines of bulk say it too, in any order.
    let lines = "{\"delete\": \"c\", \"version\": 4}\n{\"id\": \"c\", \"version\": 3}\n\
        {\"id\": \"c\", \"version\": 5}\n{\"delete\": \"c\", \"version\": 5}\n\
        {\"delete\": \"c\", \"version\": 6}\n{\"delete\": \"c\"}\n{\"delete\": \"c\", \"version\": -1}\n\
        {\"delete\": 5, \"version\": 1}\n";
    let results = server.bulk("jobs", lines).expect(207).lines();
    let results: Vec<(&str, &Value)> = results[..8]
        .iter()
        .map(|line| {
            let result = line["code"].as_str().or(line["result"].as_str());
            (result.unwrap(), &line["version"])
        })
        .collect();
    let none = Value::Null;
    let (five, six, four) = (json!(5), json!(6), json!(4));
    assert_eq!(
        results,
        [
            ("not_found", &none),
            ("stale", &four),
            ("created", &five),
            ("stale", &five),
            ("deleted", &six),
            ("not_found", &none),
            ("invalid_document", &none),
            ("invalid_id", &none),
        ]
    );
    for _ in 0..2 {
        // Nothing deleted is back, after kill -9 too.
        for (id, version) in [("early", 7), ("a", 9), ("b", 3), ("c", 6)] {
            server.get(&format!("/v1/jobs/{id}")).expect(404);
            assert_eq!(put(&server, id, version), 409, "{id}");
        }
        server.kill();
        server = serve();
    }
    // Without a version a document goes on behind its delete.
    let next = server.put("/v1/jobs/a", &json!({"title": "x"})).expect(201);
    assert_eq!(next.json()["version"], 10);
    assert_eq!(put(&server, "b", 4), 201);
}

#[test]
fn the_version_of_a_delete_is_a_whole_number() {
    let server = Server::start(&[]);
    for (query, pointer, code_expected) in [
        ("version=", "/version", "invalid_request"),
        ("version=x", "/version", "invalid_request"),
        ("version=-1", "/version", "invalid_request"),
        ("version=%2B1", "/version", "invalid_request"),
        (
            "version=18446744073709551616",
            "/version",
            "invalid_request",
        ),
        ("version=1&version=2", "/version", "invalid_request"),
        ("versoin=1", "/versoin", "unknown_member"),
    ] {
        let answer = server.delete(&format!("/v1/jobs/a?{query}")).expect(400);
        assert_eq!(code(&answer), code_expected, "{query}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{query}");
    }
}

#[test]
fn expired_documents_are_in_no_answer_that_finds_documents() {
    let server = Server::start(&[]);
    for (id, expires) in [
        ("over", json!("2020-01-01")),
        ("open", json!("2999-01-01")),
        ("ever", Value::Null),
    ] {
        let document = json!({"title": "Baker", "company": "ACME", "skills": ["Python"],
            "expires_at": expires});
        server.put(&format!("/v1/jobs/{id}"), &document).expect(201);
    }
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    let found = ["ever", "open"];
    assert_eq!(sorted(server.get("/v1/search/jobs?q=baker").ids()), found);
    assert_eq!(
        sorted(server.get("/v1/search/jobs?now=2019-01-01").ids()).len(),
        3
    );
    let counted = server.get("/v1/search/jobs?facets=company").json();
    assert_eq!(counted["facets"]["company"][0]["count"], 2, "{counted}");
    assert_eq!(counted["total"]["value"], 2);
    let from =
        json!({"kind": "candidates", "document": {"headline": "Baker", "skills": ["Python"]}});
    let matched = server.post("/v1/match", &json!({"from": from.clone()}));
    assert_eq!(sorted(matched.expect(200).ids()), found);
    let ids = json!({"from": from.clone(), "ids": ["over", "open", "ever"]});
    assert_eq!(
        sorted(server.post("/v1/rank", &ids).expect(200).ids()),
        found
    );
    for (path, body) in [
        ("/v1/export/jobs", json!({"q": "baker"})),
        ("/v1/export/match", json!({"from": from})),
    ] {
        let lines = server.post(path, &body).expect(200).lines();
        let ids = lines
            .iter()
            .map(|line| line["id"].as_str().unwrap().to_owned());
        assert_eq!(sorted(ids.collect()), found, "{path}");
    }
    server.get("/v1/jobs/over").expect(200);
    let documents = || {
        let mut kinds = server.get("/v1/kinds").expect(200).json()["kinds"].take();
        let mut kinds = kinds.as_array_mut().unwrap().iter_mut();
        kinds.find(|kind| kind["name"] == "jobs").unwrap()["documents"].take()
    };
    let suggested = || {
        let found = server.get("/v1/suggest/jobs?q=ba").expect(200).json();
        found["suggestions"][0]["count"].as_u64()
    };
    assert_eq!((documents(), suggested()), (json!(2), Some(2)));
    // A patch of the date brings it back.
    server
        .patch("/v1/jobs/over", &json!({"expires_at": "2999-01-01"}))
        .expect(200);
    assert_eq!(server.get("/v1/search/jobs?q=baker").ids().len(), 3);
    assert_eq!((documents(), suggested()), (json!(3), Some(3)));
}
