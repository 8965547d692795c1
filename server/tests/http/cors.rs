//! Pages of other origins: what a browser asks and is told.

use serde_json::json;

use crate::server::{Answer, JSON, Server, run};

const OURS: &str = "https://jobs.example.com";
const OTHERS: &str = "https://elsewhere.example.com";

fn preflight(server: &Server, origin: &str, method: &str, path: &str) -> Answer {
    let asks = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", "content-type"),
    ];
    server.send("OPTIONS", path, &asks, b"")
}

/// The names of a header's list, in lower case.
fn list(answer: &Answer, name: &str) -> Vec<String> {
    let names = answer.header(name).unwrap_or_default().split(',');
    names.map(|one| one.trim().to_lowercase()).collect()
}

#[test]
fn a_page_of_a_named_origin_can_use_the_whole_api() {
    let server = Server::start(&[
        "--cors-origin",
        OURS,
        "--cors-origin",
        "http://localhost:3000",
    ]);
    for (origin, method, path) in [
        (OURS, "POST", "/v1/search/jobs"),
        (OURS, "PUT", "/v1/jobs/1"),
        (OURS, "GET", "/v1/nowhere"),
        ("http://localhost:3000", "DELETE", "/v1/jobs/1"),
    ] {
        let answer = preflight(&server, origin, method, path).expect(204);
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("access-control-max-age"), Some("600"));
        assert!(list(&answer, "access-control-allow-methods").contains(&method.to_lowercase()));
        let headers = list(&answer, "access-control-allow-headers");
        for name in [
            "content-type",
            "authorization",
            "if-match",
            "if-none-match",
            "min-sequence",
            "content-encoding",
        ] {
            assert!(headers.contains(&name.to_owned()), "{name}");
        }
        assert!(list(&answer, "vary").contains(&"origin".to_owned()));
    }
    let written = server.send(
        "PUT",
        "/v1/jobs/1",
        &[("origin", OURS), ("content-type", JSON)],
        json!({"title": "Nurse"}).to_string().as_bytes(),
    );
    let written = written.expect(201);
    assert_eq!(written.header("access-control-allow-origin"), Some(OURS));
    let exposed = list(&written, "access-control-expose-headers");
    for name in [
        "etag",
        "retry-after",
        "x-snapshot",
        "x-total",
        "x-request-id",
        "allow",
    ] {
        assert!(exposed.contains(&name.to_owned()), "{name}");
    }
    // A page can read what went wrong, too.
    for (method, path, status) in [
        ("GET", "/v1/jobs/1", 200),
        ("GET", "/v1/jobs/none", 404),
        ("GET", "/v1/nowhere/at/all", 404),
        ("POST", "/v1/jobs/1", 405),
        ("GET", "/v1/search/jobs?limit=x", 400),
        ("GET", "/healthz", 200),
    ] {
        let answer = server
            .send(method, path, &[("origin", OURS)], b"")
            .expect(status);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some(OURS),
            "{path}"
        );
        assert_eq!(answer.header("vary"), Some("Origin"), "{path}");
    }
}

#[test]
fn a_page_of_another_origin_is_told_nothing() {
    let server = Server::start(&["--cors-origin", OURS]);
    let refused = preflight(&server, OTHERS, "PUT", "/v1/jobs/1").expect(403);
    assert_eq!(refused.json()["code"], "forbidden");
    assert_eq!(refused.header("access-control-allow-origin"), None);
    assert!(list(&refused, "vary").contains(&"origin".to_owned()));
    for origins in [&[("origin", OTHERS)][..], &[("origin", "null")], &[]] {
        let answer = server.send("GET", "/v1/kinds", origins, b"").expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), None);
        // A cache between must not give it to a page that may.
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
}

#[test]
fn a_preflight_needs_no_key_and_what_follows_does() {
    let folder = std::env::temp_dir().join(format!("tandem-cors-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("keys.toml");
    let entry = "[[keys]]\nname = \"a\"\nspace = \"a\"\naccess = \"read\"\nsha256 = \"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\"\n";
    std::fs::write(&file, entry).unwrap();
    let server = Server::start(&["--cors-origin", "*", "--key-file", file.to_str().unwrap()]);
    std::fs::remove_dir_all(&folder).unwrap();
    let answer = preflight(&server, OTHERS, "GET", "/v1/kinds").expect(204);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert!(list(&answer, "access-control-allow-headers").contains(&"authorization".to_owned()));
    let asks = [("origin", OTHERS)];
    let answer = server.send("GET", "/v1/kinds", &asks, b"").expect(401);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(
        list(&answer, "access-control-expose-headers").contains(&"www-authenticate".to_owned())
    );
    let asks = [("origin", OTHERS), ("authorization", "Bearer secret")];
    let answer = server.send("GET", "/v1/kinds", &asks, b"").expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn without_origins_everything_is_as_ever() {
    let server = Server::start(&[]);
    let answer = preflight(&server, OURS, "POST", "/v1/search/jobs").expect(405);
    assert_eq!(answer.header("allow"), Some("POST, GET"));
    let answer = server
        .send("GET", "/v1/kinds", &[("origin", OURS)], b"")
        .expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("vary"), None);
    let wrong = run(
        &["serve", "--cors-origin", "https://jobs.example.com/app"],
        "",
    );
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("such as https://jobs.example.com"));
}
