//! Keys and spaces: the key decides the space, a request cannot.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::server::{Answer, JSON, Server, TempFile, tandem};

/// Makes a key; the key and its entry for the file.
pub(crate) fn key(space: &str, access: &str) -> (String, String) {
    let made = tandem(&[
        "key", "--name", "test", "--space", space, "--access", access,
    ])
    .output()
    .unwrap();
    assert!(made.status.success());
    let shown = String::from_utf8(made.stderr).unwrap();
    (
        shown.trim().rsplit(' ').next().unwrap().to_owned(),
        String::from_utf8(made.stdout).unwrap(),
    )
}

fn send(server: &Server, key: &str, method: &str, path: &str, body: &Value) -> Answer {
    let authorization = format!("Bearer {key}");
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    server.send(
        method,
        path,
        &[("content-type", JSON), ("authorization", &authorization)],
        body.as_bytes(),
    )
}

#[test]
fn a_key_opens_its_own_space_only() {
    let (writer, writer_entry) = key("one", "write");
    let (reader, reader_entry) = key("one", "read");
    let (other, other_entry) = key("two", "write");
    let file = TempFile::new(&(writer_entry + &reader_entry + &other_entry));
    let server = Server::start(&["--key-file", file.path()]);
    let job = json!({"title": "Secret baker"});

    assert_eq!(
        server.get("/v1/kinds").expect(401).json()["code"],
        "unauthorized"
    );
    assert_eq!(
        server.get("/v1/kinds").header("www-authenticate"),
        Some("Bearer")
    );
    send(&server, "guess", "GET", "/v1/kinds", &Value::Null).expect(401);
    server.get("/metrics").expect(401);
    for open in ["/", "/healthz", "/livez", "/readyz", "/openapi.json"] {
        server.get(open).expect(200);
    }

    let refused = send(&server, &reader, "PUT", "/v1/jobs/1", &job).expect(403);
    assert_eq!(refused.json()["code"], "forbidden");
    let written = send(&server, &writer, "PUT", "/v1/jobs/1", &job)
        .expect(201)
        .json();
    assert!(written["sequence"].as_str().unwrap().starts_with("one:"));

    let search = json!({"q": "baker"});
    assert_eq!(
        send(&server, &reader, "POST", "/v1/search/jobs", &search).ids(),
        ["1"]
    );
    let before = send(&server, &other, "POST", "/v1/search/jobs", &search);
    assert_eq!(before.ids(), [""; 0]);
    let snapshot = before.json()["snapshot"].as_str().unwrap().to_owned();
    assert!(snapshot.starts_with("two:") && snapshot.ends_with(".0"));
    send(&server, &other, "GET", "/v1/jobs/1", &Value::Null).expect(404);
    send(&server, &other, "DELETE", "/v1/jobs/1", &Value::Null).expect(404);
    let metrics = send(&server, &other, "GET", "/metrics", &Value::Null)
        .expect(200)
        .text();
    assert!(!metrics.contains("space=\"one\""));
}

#[test]
fn a_public_address_without_keys_is_refused_at_start() {
    let cases: [(&[&str], &str); 3] = [
        (&["serve", "--listen", "0.0.0.0:0"], "--key-file"),
        (
            &[
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--key-file",
                "/nowhere.toml",
            ],
            "cannot read",
        ),
        (
            &[
                "demo",
                "--listen",
                "0.0.0.0:0",
                "--jobs",
                "1",
                "--candidates",
                "1",
            ],
            "--key-file",
        ),
    ];
    for (arguments, expected) in cases {
        let ended = tandem(arguments).stdout(Stdio::null()).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(
            !ended.status.success() && said.contains(expected),
            "{arguments:?}: {said}"
        );
    }
}
