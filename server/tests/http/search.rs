//! Search, match, rank and explain over HTTP; what they answer is tested in
//! the engine.

use serde_json::{Value, json};

use crate::server::Server;

fn filled() -> Server {
    let server = Server::start(&[]);
    let job = |n: usize| {
        let company = ["ACME", "Globex", "A&B"][n % 3];
        let skills = ["Python", "SQL"];
        json!({"id": format!("j-{n:02}"), "title": "Data engineer", "company": company, "skills": skills, "years_min": n % 7})
    };
    let jobs: Vec<String> = (0..30).map(|n| job(n).to_string()).collect();
    server.bulk("jobs", &jobs.join("\n")).expect(207);
    let candidates = "{\"id\": \"c-1\", \"headline\": \"Data engineer\", \"skills\": [\"Python\"], \"years\": 5}\n";
    server.bulk("candidates", candidates).expect(207);
    server
}

#[test]
fn the_get_twin_answers_the_same_bytes() {
    let server = filled();
    let now = "2026-11-20T00:00:00Z";
    let cases = [
        ("", json!({})),
        (
            "q=data+engineer&limit=3",
            json!({"q": "data engineer", "limit": 3}),
        ),
        (
            "facets=company,skills&count=exact&words=all&q=data",
            json!({"facets": ["company", "skills"], "words": "all", "q": "data"}),
        ),
        (
            "filter.company=A%26B&filter.company=ACME",
            json!({"filters": {"company": ["A&B", "ACME"]}}),
        ),
        (
            "filter.years_min=2..4&filter.years_min.unknown=include",
            json!({"filters": {"years_min": {"gte": 2, "lte": 4, "unknown": "include"}}}),
        ),
        (
            "sort=-years_min&fields=title,company&highlight=false",
            json!({"sort": ["-years_min"], "fields": ["title", "company"], "highlight": false}),
        ),
        (
            "q=data&weight.similarity=0&explain=plan",
            json!({"q": "data", "weights": {"similarity": 0}, "explain": "plan"}),
        ),
        (
            "q=enginer&typo=false&synonyms=false&understand=false&prefix=false&literal=data&syntax=words",
            json!({"q": "enginer", "typo": false, "synonyms": false, "understand": false, "prefix": false,
                "literal": ["data"], "syntax": "words"}),
        ),
        (
            "near=52.5,13.4&km=80&near.unknown=include&sort=distance&max_per=company:2&exclude=j-01,j-02",
            json!({"near": {"lat": 52.5, "lon": 13.4, "km": 80, "unknown": "include"}, "sort": ["distance"],
                "max_per": {"field": "company", "count": 2}, "exclude": ["j-01", "j-02"]}),
        ),
        (
            "filter.pay=60000..&filter.pay.currency=USD&filter.pay.unknown=include&facets=pay,location\
             &facet.pay.ranges=40000,60000&facet.pay.currency=EUR&facet.company.search=gl",
            json!({"filters": {"pay": {"gte": 60000, "currency": "USD", "unknown": "include"}},
                "facets": [{"field": "pay", "ranges": [40000, 60000], "currency": "EUR"}, "location",
                    {"field": "company", "search": "gl"}]}),
        ),
        (
            "q=title:data+AND+(engineer+OR+nurse)",
            json!({"q": "title:data AND (engineer OR nurse)"}),
        ),
        (
            "q=data&profile=technology&weight.rating=0",
            json!({"q": "data", "profile": "technology", "weights": {"rating": 0}}),
        ),
    ];
    for (query, mut body) in cases {
        body["now"] = json!(now);
        let get = server
            .get(&format!("/v1/search/jobs?{query}&now={now}"))
            .expect(200);
        let post = server.post("/v1/search/jobs", &body).expect(200);
        assert_eq!(get.text(), post.text(), "{query}");
    }
}

#[test]
fn pages_of_a_cursor_make_the_whole_list_while_documents_change() {
    let server = filled();
    let mut body = json!({"q": "data", "limit": 7, "now": "2026-11-20T00:00:00Z"});
    let whole = server
        .post(
            "/v1/search/jobs",
            &json!({"q": "data", "limit": 100, "now": body["now"]}),
        )
        .ids();
    let mut pages = Vec::new();
    for page in 0.. {
        let answer = server.post("/v1/search/jobs", &body).expect(200);
        pages.extend(answer.ids());
        server
            .put(
                &format!("/v1/jobs/new-{page}"),
                &json!({"title": "Data data data"}),
            )
            .expect(201);
        body["cursor"] = answer.json()["cursor"].clone();
        if body["cursor"].is_null() {
            break;
        }
    }
    assert_eq!(pages, whole);
}

#[test]
fn a_snapshot_not_asked_for_is_let_go_when_too_many_are_kept() {
    let server = filled();
    let body = |cursor: &Value| json!({"q": "data", "limit": 5, "cursor": cursor});
    let first = server.post("/v1/search/jobs", &body(&Value::Null)).json()["cursor"].clone();
    for n in 0..65 {
        server
            .put(&format!("/v1/jobs/more-{n}"), &json!({"title": "Data"}))
            .expect(201);
        server
            .post("/v1/search/jobs", &body(&Value::Null))
            .expect(200);
    }
    let gone = server.post("/v1/search/jobs", &body(&first)).expect(410);
    assert_eq!(gone.json()["code"], "snapshot_gone");
}

#[test]
fn match_rank_and_explain_agree_on_a_pair() {
    let server = filled();
    let from = json!({"kind": "candidates", "id": "c-1"});
    let now = "2026-11-20T00:00:00Z";
    let matched = server
        .post("/v1/match", &json!({"from": from, "limit": 3, "now": now}))
        .expect(200)
        .json();
    let hit = &matched["hits"][0];
    assert_eq!(hit["kind"], "jobs");
    let ranked = server
        .post(
            "/v1/rank",
            &json!({"from": from, "ids": [hit["id"]], "now": now}),
        )
        .expect(200)
        .json();
    assert_eq!(ranked["hits"][0]["score"], hit["score"]);
    let pair = json!({"from": from, "to": {"kind": "jobs", "id": hit["id"]}, "now": now});
    let explained = server.post("/v1/explain", &pair).expect(200).json();
    assert_eq!(
        (&explained["score"], &explained["contributions"]),
        (&hit["score"], &hit["contributions"])
    );
    let points: i64 = hit["contributions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["points"].as_i64().unwrap())
        .sum();
    assert_eq!(hit["score"], points);
}

#[test]
fn a_pasted_cv_finds_jobs_and_an_inline_job_finds_candidates() {
    let server = filled();
    let cv = json!({"from": {"kind": "candidates", "text": "Data engineer. Python, SQL, Airflow."}, "limit": 5});
    assert_eq!(server.post("/v1/match", &cv).expect(200).ids().len(), 5);
    let job = json!({"from": {"kind": "jobs", "document": {"title": "Data engineer", "skills": ["Python"]}}});
    assert_eq!(server.post("/v1/match", &job).expect(200).ids(), ["c-1"]);
    let query =
        json!({"q": "data engineer", "to": "jobs", "filters": {"company": "ACME"}, "limit": 100});
    assert_eq!(server.post("/v1/rank", &query).expect(200).ids().len(), 10);
}

#[test]
fn the_page_and_the_operations_routes_answer() {
    let server = filled();
    let page = server.get("/").expect(200);
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'self'")
    );
    let tag = page.header("etag").unwrap();
    server
        .send("GET", "/", &[("if-none-match", tag)], b"")
        .expect(304);
    for part in page
        .text()
        .split('"')
        .filter(|part| part.starts_with("/page/"))
    {
        server.get(part).expect(200);
    }
    server.get("/page/..%2FCargo.toml").expect(404);
    server.get("/readyz").expect(200);
    let metrics = server.get("/metrics").expect(200).text();
    assert!(
        metrics.contains("tandem_documents{space=\"default\",kind=\"jobs\"} 30"),
        "{metrics}"
    );
    assert!(metrics.contains(
        "tandem_http_requests_total{route=\"/v1/{kind}/bulk\",method=\"POST\",status=\"207\"} 2"
    ));
}

#[test]
fn every_route_of_the_contract_is_in_the_description() {
    let server = Server::start(&[]);
    let document = server.get("/openapi.json").expect(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    let contract = include_str!("../../../docs/api.md");
    let mut routes = 0;
    for line in contract.lines().filter(|line| {
        line.starts_with("| `GET") || line.starts_with("| `P") || line.starts_with("| `D")
    }) {
        let cell = line.split('|').nth(1).unwrap();
        for names in cell.split('`').filter(|names| names.contains(" /")) {
            let (method, paths) = names.split_once(' ').unwrap();
            for path in paths.split(' ') {
                let operation = &document["paths"][path][method.to_lowercase()];
                assert!(operation["operationId"].is_string(), "{method} {path}");
                routes += 1;
            }
        }
    }
    assert!(routes >= 15, "{routes}");
    let codes = document["x-codes"].as_object().unwrap();
    let (_, errors) = contract.split_once("\n## Errors").unwrap();
    let (errors, _) = errors.split_once("\n## ").unwrap();
    for code in codes.keys() {
        assert!(
            errors.contains(&format!("`{code}`")),
            "{code} is not in the table"
        );
    }
    for line in errors.lines().filter(|line| line.starts_with("| `")) {
        let mut cells = line.split('|').skip(1);
        let names = cells.next().unwrap();
        let statuses: Vec<u16> = cells
            .next()
            .unwrap()
            .split(',')
            .filter_map(|s| s.trim().parse().ok())
            .collect();
        let names = names.split('`').filter(|name| {
            name.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !name.is_empty()
        });
        for (name, status) in names.zip(statuses) {
            assert_eq!(
                codes.get(name).map(|code| code["status"].clone()),
                Some(json!(status)),
                "{name}"
            );
        }
    }
}

#[test]
fn every_member_and_parameter_is_in_the_contract() {
    let server = Server::start(&[]);
    let document = server.get("/openapi.json").expect(200).json();
    let contract = include_str!("../../../docs/api.md");
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut members = 0;
    for name in [
        "Search",
        "OneSearch",
        "Searches",
        "Match",
        "Rank",
        "Pair",
        "ExportSearch",
        "ExportMatch",
        "From",
        "Near",
        "MaxPer",
        "CountedFacet",
        "Parts",
        "Answer",
        "Hit",
        "Contribution",
        "FacetValue",
        "Suggestion",
        "Answers",
        "OneAnswer",
    ] {
        let schema = schemas
            .get(name)
            .unwrap_or_else(|| panic!("no schema {name}"));
        assert!(schema["description"].is_string(), "{name}");
        for (member, schema) in schema["properties"].as_object().unwrap() {
            let said = [format!("`{member}`"), format!("\"{member}\"")];
            assert!(
                said.iter().any(|said| contract.contains(said)),
                "{name}.{member}"
            );
            let described = schema["description"].is_string() || schema["$ref"].is_string();
            assert!(described, "{name}.{member} has no description");
            members += 1;
        }
    }
    assert!(members > 100, "{members}");
    for (path, parameters) in [("/v1/search/{kind}", 34), ("/v1/suggest/{kind}", 6)] {
        let known = document["paths"][path]["get"]["parameters"]
            .as_array()
            .unwrap();
        assert_eq!(known.len(), parameters);
        for parameter in known {
            let name = parameter["name"].as_str().unwrap();
            let name = name.trim_end_matches(".NAME").trim_end_matches(".FIELD");
            assert!(contract.contains(name), "{name}");
        }
    }
}
