//! One document: put, get, delete.

use serde_json::json;

use crate::server::Server;

#[test]
fn a_document_lives_from_put_to_delete() {
    let server = Server::start(&[]);
    let path = "/v1/jobs/a%2Fb%20%C3%BC";
    let document = json!({"title": "Baker", "company": "ACME"});
    let created = server.put(path, &document).expect(201);
    assert_eq!(created.header("etag"), Some("\"1\""));
    let created = created.json();
    assert_eq!(
        (&created["id"], &created["version"], &created["result"]),
        (&json!("a/b ü"), &json!(1), &json!("created"))
    );
    assert!(
        created["sequence"]
            .as_str()
            .unwrap()
            .starts_with("default:")
    );
    let read = server.get(path).expect(200);
    assert_eq!(read.json()["title"], "Baker");
    let tag = read.header("etag").unwrap();
    let unchanged = server
        .send("GET", path, &[("if-none-match", tag)], b"")
        .expect(304);
    assert_eq!(
        (unchanged.header("etag"), unchanged.body.len()),
        (Some(tag), 0)
    );
    let replaced = server
        .put(path, &json!({"title": "Cook"}))
        .expect(200)
        .json();
    assert_eq!(
        (&replaced["version"], &replaced["result"]),
        (&json!(2), &json!("replaced"))
    );
    server
        .send("GET", path, &[("if-none-match", tag)], b"")
        .expect(200);
    assert_eq!(server.get("/v1/search/jobs?q=baker").ids(), [""; 0]);
    let deleted = server.send("DELETE", path, &[], b"").expect(200).json();
    assert_eq!(deleted["result"], "deleted");
    server.get(path).expect(404);
    server.send("DELETE", path, &[], b"").expect(404);
    assert_eq!(server.get("/v1/search/jobs?q=cook").ids(), [""; 0]);
}

#[test]
fn an_older_version_does_not_replace_a_newer_one() {
    let server = Server::start(&[]);
    server
        .put("/v1/jobs/1", &json!({"title": "New", "version": 9}))
        .expect(201);
    for version in [8, 9] {
        let refused = server
            .put("/v1/jobs/1", &json!({"title": "Old", "version": version}))
            .expect(409);
        assert_eq!(refused.json()["code"], "stale_version");
    }
    let read = server.get("/v1/jobs/1").expect(200);
    assert_eq!(
        (read.json()["title"].clone(), read.header("etag")),
        (json!("New"), Some("\"9\""))
    );
    server
        .put("/v1/jobs/1", &json!({"title": "Newer", "version": 10}))
        .expect(200);
}

#[test]
fn a_document_named_bulk_is_a_document() {
    let server = Server::start(&[]);
    server
        .put("/v1/jobs/bulk", &json!({"title": "x"}))
        .expect(201);
    server.get("/v1/jobs/bulk").expect(200);
}

#[test]
fn a_write_that_was_answered_is_seen_by_the_next_read() {
    let server = Server::start(&[]);
    for n in 0..50 {
        let written = server
            .put(
                &format!("/v1/jobs/{n}"),
                &json!({"title": format!("Unique{n}")}),
            )
            .expect(201)
            .json();
        let found = server.get(&format!("/v1/search/jobs?q=unique{n}&words=all"));
        assert!(found.ids().contains(&n.to_string()));
        assert_eq!(found.json()["snapshot"], written["sequence"]);
    }
}

#[test]
fn versions_are_exact_up_to_the_last_one() {
    let server = Server::start(&[]);
    // As text: a number of JSON above 2^53 must not go through a float.
    for version in [
        "0",
        "1",
        "9007199254740993",
        "9223372036854775808",
        "18446744073709551615",
    ] {
        let path = format!("/v1/jobs/v{version}");
        let body = format!("{{\"title\": \"Cook\", \"version\": {version}}}");
        let json = [("content-type", "application/json")];
        let put = || server.send("PUT", &path, &json, body.as_bytes());
        let written = put().expect(201);
        let tag = format!("\"{version}\"");
        assert_eq!(written.header("etag"), Some(&*tag));
        let given: u64 = version.parse().unwrap();
        assert_eq!(written.json()["version"], given);
        let read = server.get(&path).expect(200);
        assert_eq!(read.header("etag"), Some(&*tag));
        assert_eq!(read.json()["version"], given, "{}", read.text());
        // The same again is stale, and says which is held.
        let stale = put().expect(409).json();
        let detail = stale["detail"].as_str().unwrap();
        assert!(
            detail.contains(&format!("version {version} is held")),
            "{detail}"
        );
        let line = format!("{{\"id\": \"v{version}\", \"version\": {version}}}");
        let results = server.bulk("jobs", &line).expect(207).lines();
        assert_eq!(results[0]["result"], "stale");
        assert_eq!(results[0]["version"], given);
        // Without one it is the next; behind the last there is none.
        let next = server.put(&path, &json!({"title": "Chef"}));
        match given.checked_add(1) {
            Some(next_version) => assert_eq!(next.expect(200).json()["version"], next_version),
            None => assert_eq!(next.expect(409).json()["code"], "stale_version"),
        }
    }
    let beyond = b"{\"title\": \"Cook\", \"version\": 18446744073709551616}";
    let json = [("content-type", "application/json")];
    let refused = server
        .send("PUT", "/v1/jobs/beyond", &json, beyond)
        .expect(422)
        .json();
    assert_eq!(refused["errors"][0]["pointer"], "/version", "{refused}");
}
