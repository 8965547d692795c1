//! Blind answers: on every route that shows a document, asked for or forced.

use serde_json::{Value, json};

use crate::server::{Answer, JSON, Server, TempFile, run, tandem};

fn person() -> Value {
    json!({"id": "p-1", "headline": "Nurse", "name": "Zoe Quackenbush", "email": "zoe@mail.example",
        "text": "Zoe Quackenbush\nzoe@mail.example\nAge: 34\nSummary\nNurse in triage.\nEducation\nNursing school, 2010"})
}

fn is_blind(text: &str) -> bool {
    let text = text.to_lowercase();
    let private = ["quackenbush", "zoe", "mail.example", "age: 34", "2010"];
    private.iter().all(|one| !text.contains(one))
}

fn filled(server: &Server) {
    server.put("/v1/candidates/p-1", &person()).expect(201);
    let job = json!({"title": "Nurse", "description": "Triage. Write to hr@ward.example"});
    server.put("/v1/jobs/j-1", &job).expect(201);
}

/// Every way to see a document.
fn ways(blind: bool) -> Vec<(&'static str, &'static str, Value)> {
    let with = |mut body: Value| {
        if blind {
            body["blind"] = json!(true);
        }
        body["fields"] = json!(["*"]);
        body
    };
    let from = json!({"kind": "jobs", "id": "j-1"});
    let get = if blind {
        "/v1/candidates/p-1?blind=true"
    } else {
        "/v1/candidates/p-1"
    };
    let query = if blind {
        "/v1/search/candidates?q=nurse&fields=*&blind=true"
    } else {
        "/v1/search/candidates?q=nurse&fields=*"
    };
    let one = with(json!({"kind": "candidates", "q": "nurse"}));
    vec![
        ("GET", get, Value::Null),
        ("GET", query, Value::Null),
        ("POST", "/v1/search/candidates", with(json!({"q": "nurse"}))),
        ("POST", "/v1/search", json!({"searches": [one]})),
        (
            "POST",
            "/v1/match",
            with(json!({"from": from, "highlight": true})),
        ),
        ("POST", "/v1/rank", with(json!({"from": from}))),
        (
            "POST",
            "/v1/explain",
            with(json!({"from": from, "to": {"kind": "candidates", "id": "p-1"}})),
        ),
        ("POST", "/v1/export/candidates", with(json!({"q": "nurse"}))),
        ("POST", "/v1/export/match", with(json!({"from": from}))),
    ]
}

fn ask(server: &Server, key: Option<&str>, (method, path, body): &(&str, &str, Value)) -> Answer {
    let authorization = format!("Bearer {}", key.unwrap_or_default());
    let mut headers = vec![("content-type", JSON)];
    if key.is_some() {
        headers.push(("authorization", &authorization));
    }
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    server
        .send(method, path, &headers, body.as_bytes())
        .expect(200)
}

#[test]
fn every_way_to_see_a_document_can_be_blind() {
    let server = Server::start(&[]);
    filled(&server);
    for (open, blind) in ways(false).iter().zip(&ways(true)) {
        let shown = ask(&server, None, open).text();
        assert!(!is_blind(&shown), "{} {shown}", open.1);
        let shown = ask(&server, None, blind).text();
        assert!(
            is_blind(&shown) && shown.contains("p-1"),
            "{} {shown}",
            blind.1
        );
        assert!(shown.contains("[name]"), "{} {shown}", blind.1);
    }
    // Ads are about nobody.
    let job = server.get("/v1/jobs/j-1?blind=true").expect(200).text();
    assert!(job.contains("hr@ward.example"));
    for wrong in ["blind=yes", "blnd=true"] {
        let path = format!("/v1/candidates/p-1?{wrong}");
        let refused = server.get(&path).expect(400).json();
        assert!(refused["errors"][0]["pointer"].is_string(), "{refused}");
    }
    let url = server.url();
    for blind in [&[][..], &["--blind"]] {
        let mut arguments = vec![
            "search",
            "candidates",
            "nurse",
            "--fields",
            "*",
            "--json",
            "--url",
            &url,
        ];
        arguments.extend(blind);
        let output = run(&arguments, "");
        let shown = String::from_utf8(output.stdout).unwrap();
        assert_eq!(is_blind(&shown), !blind.is_empty(), "{shown}");
        assert!(shown.contains("p-1"), "{shown}");
    }
}

#[test]
fn a_server_that_is_blind_shows_nobody() {
    let server = Server::start(&["--blind"]);
    filled(&server);
    let subject = ("GET", "/v1/subjects/p-1", Value::Null);
    for way in ways(false).iter().chain([&subject]) {
        let shown = ask(&server, None, way).text();
        assert!(
            is_blind(&shown) && shown.contains("p-1"),
            "{} {shown}",
            way.1
        );
    }
    let named = json!({"filters": {"name": "Zoe Quackenbush"}});
    let refused = server
        .post("/v1/search/candidates", &named)
        .expect(400)
        .json();
    assert_eq!(refused["code"], "invalid_filter", "{refused}");
}

#[test]
fn a_blind_key_shows_nobody_and_another_does() {
    let key = |blind: &[&str]| {
        let mut arguments = vec!["key", "--name", "test", "--access", "write"];
        arguments.extend(blind);
        let made = tandem(&arguments).output().unwrap();
        let shown = String::from_utf8(made.stderr).unwrap();
        let key = shown.trim().rsplit(' ').next().unwrap().to_owned();
        (key, String::from_utf8(made.stdout).unwrap())
    };
    let ((open, first), (blind, second)) = (key(&[]), key(&["--blind"]));
    assert!(second.contains("blind = true"), "{second}");
    let file = TempFile::new(&(first + &second));
    let server = Server::start(&["--key-file", file.path()]);
    let authorization = format!("Bearer {open}");
    let headers = [
        ("content-type", JSON),
        ("authorization", authorization.as_str()),
    ];
    let job = json!({"title": "Nurse", "description": "Triage."}).to_string();
    server
        .send("PUT", "/v1/jobs/j-1", &headers, job.as_bytes())
        .expect(201);
    let body = person().to_string();
    server
        .send("PUT", "/v1/candidates/p-1", &headers, body.as_bytes())
        .expect(201);
    for way in ways(false) {
        assert!(
            !is_blind(&ask(&server, Some(&open), &way).text()),
            "{}",
            way.1
        );
        assert!(
            is_blind(&ask(&server, Some(&blind), &way).text()),
            "{}",
            way.1
        );
    }
}

#[test]
fn a_name_is_found_by_its_filter_and_by_nothing_else() {
    let server = Server::start(&[]);
    filled(&server);
    let path = "/v1/search/candidates";
    let found = server
        .get(&format!("{path}?filter.name=zoe+quackenbush"))
        .expect(200);
    assert_eq!(found.ids(), ["p-1"]);
    let found = server
        .post(path, &json!({"filters": {"name": "ZOE QUACKENBUSH"}}))
        .expect(200);
    assert_eq!(found.ids(), ["p-1"]);
    for wrong in [
        json!({"facets": ["name"]}),
        json!({"sort": ["name"]}),
        json!({"max_per": {"field": "name", "count": 1}}),
        json!({"filters": {"name": {"gte": "a"}}}),
        json!({"filters": {"name": {"none": ["Zoe Quackenbush"]}}}),
        json!({"q": "name:zoe"}),
        json!({"q": "name:zoe OR nurse"}),
    ] {
        let refused = server.post(path, &wrong).expect(400).json();
        let detail = refused["errors"][0]["detail"].as_str().unwrap_or_default();
        assert!(detail.contains("exact filter"), "{wrong}: {refused}");
    }
    let unknown = json!({"filters": {"name": "Jane Doe"}});
    let refused = server.post("/v1/search/jobs", &unknown).expect(400).json();
    assert_eq!(refused["code"], "unknown_field");
    let kinds = server.get("/v1/kinds").expect(200).json();
    let named = |kind: &Value| kind["columns"].to_string().contains("\"name\":\"name\"");
    assert!(!kinds["kinds"].as_array().unwrap().iter().any(named));
}
