//! Several searches in one request, and suggestions.

use serde_json::{Value, json};

use crate::server::Server;

fn filled() -> Server {
    let server = Server::start(&[]);
    let jobs: Vec<String> = (0..20)
        .map(|n| {
            let company = ["ACME", "Globex"][n % 2];
            json!({"id": format!("j-{n:02}"), "title": "Data engineer", "company": company})
                .to_string()
        })
        .collect();
    server.bulk("jobs", &jobs.join("\n")).expect(207);
    server
        .put("/v1/candidates/c-1", &json!({"headline": "Nurse"}))
        .expect(201);
    server
}

#[test]
fn each_search_is_answered_as_it_would_be_alone() {
    let server = filled();
    let now = "2026-11-20T00:00:00Z";
    let bodies = [
        ("jobs", json!({"q": "data", "limit": 3, "now": now})),
        (
            "jobs",
            json!({"filters": {"company": "ACME"}, "facets": ["company"], "now": now}),
        ),
        ("candidates", json!({"q": "nurse", "now": now})),
    ];
    let searches: Vec<Value> = bodies
        .iter()
        .map(|(kind, body)| {
            let mut search = body.clone();
            search["kind"] = json!(kind);
            search
        })
        .collect();
    let together = server
        .post("/v1/search", &json!({"searches": searches}))
        .expect(200)
        .json();
    assert_eq!(together["answers"].as_array().unwrap().len(), 3);
    for (place, (kind, body)) in bodies.iter().enumerate() {
        let alone = server.post(&format!("/v1/search/{kind}"), body).expect(200);
        assert_eq!(together["answers"][place]["status"], 200);
        assert_eq!(
            together["answers"][place]["answer"],
            alone.json(),
            "{place}"
        );
    }
}

#[test]
fn a_search_that_is_wrong_does_not_take_the_others_with_it() {
    let server = filled();
    let searches = json!([
        {"kind": "jobs", "limit": 1},
        {"kind": "job"},
        {"kind": "jobs", "filter": {}},
        {"kind": "jobs", "filters": {"compny": "x"}},
        7,
        {"q": "no kind"},
        {"kind": "jobs", "q": "data", "limit": 2},
    ]);
    let body = json!({"searches": searches});
    let answers = server.post("/v1/search", &body).expect(207).json();
    let expected: [(u64, &str, &str, &str); 7] = [
        (200, "", "", ""),
        (404, "unknown_kind", "/kind", "jobs"),
        (400, "unknown_member", "/filter", "filters"),
        (400, "unknown_field", "/filters/compny", "company"),
        (400, "invalid_request", "", ""),
        (400, "invalid_request", "/kind", ""),
        (200, "", "", ""),
    ];
    for (place, (status, code, pointer, suggestion)) in expected.into_iter().enumerate() {
        let one = &answers["answers"][place];
        assert_eq!(one["status"], status, "{place}: {one}");
        if status == 200 {
            assert!(one["answer"]["hits"].is_array() && one["problem"].is_null());
            continue;
        }
        let fault = &one["problem"]["errors"][0];
        assert_eq!(one["problem"]["code"], code, "{place}: {one}");
        assert_eq!(fault["pointer"], pointer, "{place}: {one}");
        assert_eq!(
            fault["did_you_mean"].as_str().unwrap_or_default(),
            suggestion,
            "{place}: {one}"
        );
    }
    let snapshots = answers["answers"].as_array().unwrap().iter();
    let named: Vec<&Value> = snapshots
        .map(|one| &one["answer"]["snapshot"])
        .filter(|name| !name.is_null())
        .collect();
    assert!(named.len() == 2 && named[0] == named[1], "{named:?}");
    let many = json!({"searches": vec![json!({"kind": "jobs"}); 33]});
    let refused = server.post("/v1/search", &many).expect(400).json();
    assert_eq!(refused["errors"][0]["pointer"], "/searches");
}

#[test]
fn a_cursor_of_several_searches_goes_on_alone() {
    let server = filled();
    let body = json!({"q": "data", "limit": 15, "now": "2026-11-20T00:00:00Z"});
    let mut search = body.clone();
    search["kind"] = json!("jobs");
    let first = server
        .post("/v1/search", &json!({"searches": [search]}))
        .expect(200)
        .json();
    server
        .put("/v1/jobs/new", &json!({"title": "Data data"}))
        .expect(201);
    let mut next = body;
    next["cursor"] = first["answers"][0]["answer"]["cursor"].clone();
    let rest = server.post("/v1/search/jobs", &next).expect(200);
    assert_eq!(rest.ids().len(), 5);
}

#[test]
fn suggestions_follow_what_is_typed_and_what_is_stored() {
    let server = filled();
    let suggestions = |query: &str| {
        let answer = server.get(&format!("/v1/suggest/jobs?{query}")).expect(200);
        answer.json()["suggestions"].clone()
    };
    let found = suggestions("q=dat&types=title");
    let expected = json!([{"text": "Data engineer", "type": "title", "count": 20,
        "highlight": "<mark>Dat</mark>a engineer"}]);
    assert_eq!(found, expected);
    assert_eq!(suggestions("q=glo")[0]["type"], "company");
    assert_eq!(suggestions("q=zzzz"), json!([]));
    for n in 0..20 {
        let path = format!("/v1/jobs/j-{n:02}");
        server.send("DELETE", &path, &[], b"").expect(200);
    }
    assert_eq!(suggestions(""), json!([]));
}
