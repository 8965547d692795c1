//! Bad input: a clear error each, the server goes on, nothing is half done.

use serde_json::json;

use crate::server::{JSON, NDJSON, Server};

/// A bad request and what is answered.
struct Case {
    method: String,
    path: String,
    media_type: &'static str,
    body: Vec<u8>,
    status: u16,
    code: String,
    /// Of the first error; empty is not looked at, `-` is the body as a whole.
    pointer: String,
    suggestion: String,
}

/// method path | body | status code pointer suggestion
const QUESTIONS: &str = r#"
POST /v1/search/jobs | {"q":                            | 400 invalid_json -
POST /v1/search/jobs |                                  | 400 invalid_json -
POST /v1/search/jobs | {"vector": [NaN]}                | 400 invalid_json -
POST /v1/search/jobs | {"vector": [1, 2]}               | 400 invalid_vector /vector
POST /v1/search/jobs | {"vector": [1e39]}               | 400 invalid_vector
POST /v1/search/jobs | {"limit": "ten"}                 | 400 invalid_request /limit
POST /v1/search/jobs | {"limit": 1001}                  | 400 invalid_request /limit
POST /v1/search/jobs | {"now": "soon"}                  | 400 invalid_request /now
POST /v1/search/jobs | {"facets": [{"field": "company", "limit": 0}]} | 400 invalid_request /facets/0/limit
POST /v1/search/jobs | {"near": {}}                     | 400 invalid_request /near
POST /v1/search/jobs | {"near": {"lat": 5}}             | 400 invalid_request /near
POST /v1/search/jobs | {"near": {"place": "Rome", "lat": 5, "lon": 5}} | 400 invalid_request /near
POST /v1/search/jobs | {"near": {"lat": 91, "lon": 5}}  | 400 invalid_request /near/lat
POST /v1/search/jobs | {"near": {"lat": 1, "lon": 999}} | 400 invalid_request /near/lon
POST /v1/search/jobs | {"near": {"place": "Berln"}}     | 400 invalid_request /near/place Berlin
GET /v1/search/jobs?near=Berln |                        | 400 invalid_request /near/place Berlin
POST /v1/search/jobs | {"near": {"place": "Rome", "km": 0}} | 400 invalid_request /near/km
POST /v1/search/jobs | {"near": {"place": "Rome", "km": -1}} | 400 invalid_request /near/km
POST /v1/search/jobs | {"near": {"place": "Rome", "km": 30000}} | 400 invalid_request /near/km
POST /v1/search/jobs | {"near": {"plcae": "Rome"}}      | 400 unknown_member /near/plcae place
POST /v1/search/jobs | {"near": {"place": "Rome", "unknown": "maybe"}} | 400 invalid_request /near/unknown
POST /v1/search/jobs | {"max_per": {"field": "company", "count": 0}} | 400 invalid_request /max_per/count
POST /v1/search/jobs | {"max_per": {"field": "company"}} | 400 invalid_request /max_per/count
POST /v1/search/jobs | {"facets": [{"field": "pay", "range": [1]}]} | 400 unknown_member /facets/0/range ranges
POST /v1/search/jobs | {"facets": [7]}                  | 400 invalid_request /facets/0
POST /v1/search/jobs | {"weights": {"text": 1, "text": 2}} | 400 invalid_request /weights
POST /v1/search/jobs | {"q": "a", "q": "b"}             | 400 invalid_request /q
POST /v1/search/jobs | {"filters": {"company": {"any": ["a"], "any": ["b"]}}} | 400 invalid_request
POST /v1/search/jobs | {"syntax": "bool"}               | 400 invalid_request /syntax
POST /v1/search/jobs | {"typo": "no"}                   | 400 invalid_request /typo
POST /v1/search/jobs | {"sinonyms": false}              | 400 unknown_member /sinonyms synonyms
POST /v1/search/jobs?limit=3 | {}                       | 400 unknown_member /limit
GET /v1/search/jobs?facet.pay.range=1 |                 | 400 unknown_member /facet.pay.range facet.pay.ranges
GET /v1/search/jobs?syntx=boolean |                     | 400 unknown_member /syntx syntax
GET /healthz?x=1 |                                      | 400 unknown_member /x
GET /v1/suggest/job |                                   | 404 unknown_kind /kind jobs
GET /v1/search/jbs?q=x |                                | 404 unknown_kind /kind jobs
POST /v1/jbs/bulk |                                     | 404 unknown_kind /kind jobs
GET /v1/serch/jobs?q=x |                                | 404 not_found - /v1/search/jobs
POST /v1/exprt/jobs | {"q": "a"}                        | 404 not_found - /v1/export/jobs
GET /v1/kidns |                                         | 404 not_found - /v1/kinds
GET /v1/search/jobs?q=%zz |                             | 400 invalid_request /q
GET /v1/search/jobs?limit=3&q=100% |                    | 400 invalid_request /q
GET /v1/suggest/jobs?q=%4 |                             | 400 invalid_request /q
POST /v1/search/jobs | {"filters": {"pay": {"gte": "abc"}}} | 400 invalid_filter /filters/pay/gte
POST /v1/search/jobs | {"filters": {"pay": {"lt": -1}}} | 400 invalid_filter /filters/pay/lt
POST /v1/search/jobs | {"filters": {"pay": {"gte": 1, "period": "eon"}}} | 400 invalid_filter /filters/pay/period
POST /v1/search/jobs | {"filters": {"pay": {"gte": 1, "currency": "ZZZ"}}} | 400 invalid_filter /filters/pay/currency
POST /v1/search/jobs | {"filters": {"posted_at": {"lte": "soon"}}} | 400 invalid_filter /filters/posted_at/lte
POST /v1/search/jobs | {"words": "al"}                  | 400 invalid_request /words all
POST /v1/search/jobs | {"count": 5}                     | 400 invalid_request /count
GET /v1/suggest/jobs?limt=3 |                           | 400 unknown_member /limt limit
GET /v1/suggest/jobs?limit=0 |                          | 400 invalid_request /limit
GET /v1/suggest/jobs?types=skils |                      | 400 invalid_request /types skill
GET /v1/suggest/jobs?types= |                           | 400 invalid_request /types
GET /v1/suggest/jobs?types=skill, |                     | 400 invalid_request /types
GET /v1/suggest/jobs?types=skill,skill |                | 400 invalid_request /types
GET /v1/search/jobs?facets= |                           | 400 invalid_request /facets
GET /v1/search/jobs?facets=company, |                   | 400 invalid_request /facets
GET /v1/search/jobs?facets=company,company |            | 400 invalid_request /facets/1
GET /v1/search/jobs?fields= |                           | 400 invalid_request /fields
GET /v1/search/jobs?fields=title,,company |             | 400 invalid_request /fields
GET /v1/search/jobs?fields=title,title |                | 400 invalid_request /fields/1
GET /v1/search/jobs?sort= |                             | 400 invalid_request /sort
GET /v1/search/jobs?sort=pay,-pay |                     | 400 invalid_request /sort/1
GET /v1/search/jobs?exclude= |                          | 400 invalid_request /exclude
GET /v1/search/jobs?exclude=a,,b |                      | 400 invalid_request /exclude
GET /v1/search/jobs?filter.company= |                   | 400 invalid_request /filter.company
GET /v1/search/jobs?literal= |                          | 400 invalid_request /literal/0
GET /v1/search/jobs?facet.pay.ranges= |                 | 400 invalid_request /facet.pay.ranges
POST /v1/jobs/bulk?mapping=auto&mapping=auto |          | 400 invalid_request /mapping
POST /v1/jobs/bulk?maping=auto |                        | 400 unknown_member /maping mapping
POST /v1/jobs/bulk?mapping= |                           | 400 invalid_request /mapping
POST /v1/search/jobs | {"facets": ["company", {"field": "company"}]} | 400 invalid_request /facets/1
POST /v1/search/jobs | {"facets": [{"field": "pay", "ranges": []}]} | 400 invalid_request /facets/0/ranges
POST /v1/search/jobs | {"facets": [{"field": "pay", "ranges": [1], "search": "x"}]} | 400 invalid_request /facets/0/search
POST /v1/search/jobs | {"facets": [{"field": "posted_at", "ranges": ["2026-01-01"], "search": "2"}]} | 400 invalid_request /facets/0/search
POST /v1/search/jobs | {"facets": [{"field": "pay", "ranges": [1], "limit": 5}]} | 400 invalid_request /facets/0/limit
POST /v1/search/jobs | {"sort": ["company", "pay", "-company"]} | 400 invalid_request /sort/2
POST /v1/search/jobs | {"fields": ["title", "title"]}   | 400 invalid_request /fields/1
POST /v1/search/jobs | {"literal": ["80k", " "]}        | 400 invalid_request /literal/1
POST /v1/search | {}                                    | 400 invalid_request /searches
POST /v1/search | {"searches": []}                      | 400 invalid_request /searches
POST /v1/search | {"search": []}                        | 400 unknown_member /search searches
POST /v1/export/jobs | {"limit": 3}                     | 400 unknown_member /limit
POST /v1/export/jobs | {"filter": {}}                   | 400 unknown_member /filter filters
POST /v1/export/jobs | {"fields": ["compny"]}           | 400 unknown_field
POST /v1/export/job | {}                                | 404 unknown_kind /kind jobs
POST /v1/export/match | {}                              | 400 invalid_request /from
POST /v1/export/match | {"from": {"kind": "jobs", "id": "nobody"}} | 404 not_found
GET /v1/export/jobs |                                   | 405 method_not_allowed
POST /v1/match | {"from": {"kind": "jobs", "document": {"titel": "x"}}} | 422 invalid_document /from/document/titel title
POST /v1/match | {"from": {"kind": "jobs", "document": {"title": 7}}} | 422 invalid_document /from/document/title
POST /v1/match | {"from": {"kind": "jobs", "document": {"title": "x", "vector": [1]}}} | 400 invalid_vector /from/document/vector
POST /v1/match | {"from": {"kind": "jobs", "document": {"title": "x", "title": "y"}}} | 400 invalid_request /from/document
POST /v1/match | {"from": {"kind": "jobs", "text": "x"}, "q": "y"} | 400 unknown_member /q
POST /v1/rank | {"from": {"kind": "jobs", "text": "x"}, "typo": false} | 400 invalid_request /typo
POST /v1/search/jobs | {"filter": {}}                   | 400 unknown_member /filter filters
POST /v1/search/jobs | {"filters": {"compny": "x"}}     | 400 unknown_field /filters/compny company
POST /v1/search/jobs | {"filters": {"company": {}}}     | 400 invalid_filter /filters/company
POST /v1/search/jobs | {"filters": {"company": {"al": 1}}} | 400 unknown_member /filters/company/al all
POST /v1/search/jobs | {"facets": ["compny"]}           | 400 unknown_field
POST /v1/search/jobs | {"sort": ["compny"]}             | 400 unknown_field
POST /v1/search/jobs | {"fields": ["compny"]}           | 400 unknown_field
POST /v1/search/jobs | {"cursor": "forged"}             | 400 invalid_cursor
GET /v1/search/jobs?facet=company |                     | 400 unknown_member /facet facets
GET /v1/search/jobs?filters.company=x |                 | 400 unknown_member /filters.company filter.company
POST /v1/search/jobs | {"weights": {"text.title": 1}}   | 400 unknown_member /weights/text.title title
POST /v1/search/jobs | {"weights": {"text.skills": 1}}  | 400 unknown_member /weights/text.skills text
POST /v1/search/jobs | []                               | 400 invalid_request
POST /v1/search/jobs | null                             | 400 invalid_request
POST /v1/search/jobs | {"max_per": ["company", 1]}      | 400 invalid_request /max_per
POST /v1/explain | {"q": "x", "to": ["jobs", "1"]}      | 400 invalid_request /to
GET /v1/search/jobs?limit=x |                           | 400 invalid_request /limit
GET /v1/search/jobs?filter.compny=x |                   | 400 unknown_field /filters/compny company
GET /v1/search/job |                                    | 404 unknown_kind /kind jobs
GET /v1/kinds?x=1 |                                     | 400 unknown_member
DELETE /v1/search/jobs |                                | 405 method_not_allowed
PUT /v1/match |                                         | 405 method_not_allowed
GET /v1/nothing |                                       | 404 not_found
POST /v1/match | {"from": {"kind": "jobs", "id": "nobody"}} | 404 not_found
POST /v1/match | {"from": {"kind": "jobs"}}             | 400 invalid_request /from
POST /v1/match | {"from": {"kind": "jobs", "idd": "1"}} | 400 unknown_member /from/idd id
POST /v1/match | {}                                     | 400 invalid_request /from
POST /v1/match | {"from": {"kind": "job", "text": "x"}} | 404 unknown_kind
POST /v1/rank | {"q": "x"}                              | 400 invalid_request /to
POST /v1/rank | {"q": "x", "from": {"kind": "jobs", "id": "1"}} | 400 invalid_request /from
POST /v1/explain | {"q": "x", "to": {"kind": "jobs", "id": "nobody"}} | 404 not_found
"#;

/// The same for writes.
const WRITES: &str = r#"
PUT /v1/jobs/w | {"title":          | 400 invalid_json -
PUT /v1/jobs/w | []                 | 422 invalid_document
PUT /v1/jobs/w | {"titel": "x"}     | 422 invalid_document /titel title
PUT /v1/jobs/w | {"title": 7}       | 422 invalid_document /title
PUT /v1/jobs/w | {"vector": [1, 2]} | 400 invalid_vector /vector
PUT /v1/jobs/w | {"title": "x", "version": -1}  | 422 invalid_document /version
PUT /v1/jobs/w | {"title": "x", "version": 1.5} | 422 invalid_document /version
PUT /v1/jobs/w | {"title": "x", "version": 1.0} | 422 invalid_document /version
PUT /v1/jobs/w | {"title": "x", "version": "7"} | 422 invalid_document /version
PUT /v1/jobs/w | {"title": "x", "version": 1e3} | 422 invalid_document /version
PUT /v1/jobs/w | {"title": "x", "version": 18446744073709551616} | 422 invalid_document /version
PUT /v1/jobs/  | {"title": "x"}     | 400 invalid_id /id
PUT /v1/jobs/%0A | {"title": "x"}   | 400 invalid_id /id
PUT /v1/jobs/%FF | {"title": "x"}   | 400 invalid_id /id
PUT /v1/job/w | {"title": "x"}      | 404 unknown_kind /kind jobs
DELETE /v1/jobs/nobody |            | 404 not_found
GET /v1/jobs/nobody |               | 404 not_found
POST /v1/jobs/w | {}                | 405 method_not_allowed
"#;

fn table(text: &str) -> impl Iterator<Item = Case> {
    text.lines().filter(|line| !line.is_empty()).map(|line| {
        let cells: Vec<&str> = line.split(" | ").map(str::trim).collect();
        let [request, body, answer] = cells[..] else {
            panic!("{line}")
        };
        let (method, path) = request.split_once(' ').unwrap();
        let mut answer = answer.split(' ').map(str::to_owned);
        Case {
            method: method.to_owned(),
            path: path.to_owned(),
            media_type: JSON,
            body: body.as_bytes().to_vec(),
            status: answer.next().unwrap().parse().unwrap(),
            code: answer.next().unwrap(),
            pointer: answer.next().unwrap_or_default(),
            suggestion: answer.next().unwrap_or_default(),
        }
    })
}

/// Bodies and media types a line of text cannot hold.
fn others() -> impl Iterator<Item = Case> {
    let document = |vector: Vec<f64>| {
        json!({"title": "x", "vector": vector})
            .to_string()
            .into_bytes()
    };
    let (search, put, bulk) = (
        "POST /v1/search/jobs",
        "PUT /v1/jobs/w",
        "POST /v1/jobs/bulk",
    );
    let cases = [
        (
            search,
            JSON,
            b"{\"q\": \"\xff\"}".to_vec(),
            "400 invalid_json -",
        ),
        (search, JSON, vec![b'['; 100_000], "400 invalid_json -"),
        (
            search,
            "text/plain",
            b"{}".to_vec(),
            "415 unsupported_media_type",
        ),
        (
            put,
            JSON,
            document(vec![0.5; 255]),
            "400 invalid_vector /vector",
        ),
        (
            put,
            JSON,
            document(vec![0.0; 256]),
            "400 invalid_vector /vector",
        ),
        (
            put,
            "text/html",
            b"{}".to_vec(),
            "415 unsupported_media_type",
        ),
        (bulk, "text/plain", Vec::new(), "415 unsupported_media_type"),
        (
            "POST /v1/job/bulk",
            NDJSON,
            Vec::new(),
            "404 unknown_kind /kind jobs",
        ),
    ];
    cases
        .into_iter()
        .filter_map(|(request, media_type, body, answer)| {
            let case = table(&format!("{request} |  | {answer}")).next();
            case.map(|case| Case {
                media_type,
                body,
                ..case
            })
        })
}

#[test]
fn bad_requests_are_refused_with_their_code_and_place() {
    let server = Server::start(&[]);
    server
        .put("/v1/jobs/kept", &json!({"title": "Kept"}))
        .expect(201);
    for case in table(QUESTIONS).chain(table(WRITES)).chain(others()) {
        let headers = [
            ("content-type", case.media_type),
            ("x-request-id", "test-7"),
        ];
        let answer = server.send(&case.method, &case.path, &headers, &case.body);
        let problem = answer.json();
        let start = String::from_utf8_lossy(&case.body[..case.body.len().min(80)]).into_owned();
        let shown = format!("{} {} {start}: {problem}", case.method, case.path);
        assert_eq!(
            (answer.status, problem["code"].as_str()),
            (case.status, Some(&*case.code)),
            "{shown}"
        );
        assert_eq!(problem["status"], case.status, "{shown}");
        assert_eq!(problem["instance"], "test-7", "{shown}");
        assert_eq!(answer.header("x-request-id"), Some("test-7"), "{shown}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{shown}"
        );
        let first = &problem["errors"][0];
        if !case.pointer.is_empty() {
            assert_eq!(first["pointer"], case.pointer.trim_matches('-'), "{shown}");
        }
        if !case.suggestion.is_empty() {
            assert_eq!(first["did_you_mean"], case.suggestion, "{shown}");
        }
        assert_eq!(
            case.status == 405,
            answer.header("allow").is_some(),
            "{shown}"
        );
    }
    assert_eq!(
        server.get("/v1/search/jobs").ids(),
        ["kept"],
        "a refused write left something behind"
    );
}

#[test]
fn bodies_that_are_not_what_their_headers_say_are_refused() {
    let server = Server::start(&[]);
    let line = json!({"id": "1", "title": "Nurse"}).to_string();
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00";
    let zstd = b"\x28\xb5\x2f\xfd\x00\x00\x00\x00";
    for (encoding, body) in [
        ("gzip", line.as_bytes()),
        ("x-gzip", line.as_bytes()),
        ("zstd", line.as_bytes()),
        ("zstd", gzip),
        ("gzip", zstd),
        ("gzip", b"{"),
    ] {
        let headers = [("content-type", NDJSON), ("content-encoding", encoding)];
        let answer = server.send("POST", "/v1/jobs/bulk", &headers, body);
        let problem = answer.expect(400).json();
        assert_eq!(problem["code"], "invalid_request");
        let detail = problem["detail"].as_str().unwrap();
        let said = format!(
            "Content-Encoding says {}, but the body",
            encoding.trim_start_matches("x-")
        );
        assert!(detail.starts_with(&said), "{detail}");
    }
    let empty = [("content-type", NDJSON), ("content-encoding", "gzip")];
    server
        .send("POST", "/v1/jobs/bulk", &empty, b"")
        .expect(207);
    for (method, path, media_type) in [
        (
            "POST",
            "/v1/search/jobs",
            "application/json; charset=latin1",
        ),
        ("PUT", "/v1/jobs/1", "application/json; charset=utf-16"),
        (
            "POST",
            "/v1/jobs/bulk",
            "application/x-ndjson; charset=latin1",
        ),
    ] {
        let answer = server.send(method, path, &[("content-type", media_type)], b"{}");
        assert_eq!(answer.expect(415).json()["code"], "unsupported_media_type");
    }
    let utf8 = [("content-type", "application/json; charset=UTF-8")];
    server
        .send("POST", "/v1/search/jobs", &utf8, b"{}")
        .expect(200);
    assert!(server.get("/v1/search/jobs").ids().is_empty());
}

#[test]
fn what_is_wrong_is_said_in_words_of_the_api() {
    let server = Server::start(&[]);
    for (body, detail) in [
        (r#"{"words": "some"}"#, "must be all or most or any"),
        (
            r#"{"near": {"place": "Berlin", "unknown": "maybe"}}"#,
            "must be exclude or include",
        ),
        (r#"{"q": "a", "q": "b"}"#, "is given twice"),
        (r#"{"max_per": {"field": "company"}}"#, "is missing"),
        (r#"{"count": 5}"#, "expected a string"),
    ] {
        let json = [("content-type", JSON)];
        let answer = server.send("POST", "/v1/search/jobs", &json, body.as_bytes());
        assert_eq!(answer.expect(400).json()["detail"], detail, "{body}");
    }
}

#[test]
fn what_may_be_meant_is_said() {
    let server = Server::start(&[]);
    for body in [
        json!({"filters": {"compny": "x"}}),
        json!({"facets": ["compny"]}),
        json!({"sort": ["-compny"]}),
        json!({"fields": ["compny"]}),
    ] {
        let problem = server.post("/v1/search/jobs", &body).expect(400).json();
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("compny"), "{problem}");
    }
    let warnings = |path: &str| server.get(path).expect(200).json()["warnings"].to_string();
    let several = warnings("/v1/search/jobs?near=Springfield");
    for state in ["MO", "IL", "MA"] {
        assert!(
            several.contains(&format!("Springfield, {state}, US")),
            "{several}"
        );
    }
    assert_eq!(warnings("/v1/search/jobs?near=Springfield,+IL"), "[]");
    assert_eq!(warnings("/v1/search/jobs?near=Berlin"), "[]");
    // The words are corrected too; the name in the warning is the one written.
    server
        .put(
            "/v1/jobs/1",
            &json!({"title": "Nurse", "description": "title"}),
        )
        .expect(201);
    let field = warnings("/v1/search/jobs?q=titel:nurse");
    assert!(field.contains("titel: is no field"), "{field}");
    assert!(field.contains("did you mean title:?"), "{field}");
}

#[test]
fn an_id_of_10000_bytes_is_refused() {
    let server = Server::start(&[]);
    let path = format!("/v1/jobs/{}", "x".repeat(10_000));
    let answer = server.put(&path, &json!({"title": "x"})).expect(400);
    assert_eq!(answer.json()["code"], "invalid_id");
    let line = json!({"id": "x".repeat(10_000), "title": "x"}).to_string();
    let results = server.bulk("jobs", &line).expect(207).lines();
    assert_eq!(results[0]["code"], "invalid_id");
    server
        .put(
            &format!("/v1/jobs/{}", "x".repeat(512)),
            &json!({"title": "x"}),
        )
        .expect(201);
}

#[test]
fn large_bodies_are_refused_and_the_client_reads_why() {
    let server = Server::start(&[]);
    let large = vec![b' '; 100 << 20];
    for (method, path) in [
        ("PUT", "/v1/jobs/large"),
        ("POST", "/v1/search/jobs"),
        ("POST", "/v1/match"),
    ] {
        let answer = server
            .send(method, path, &[("content-type", JSON)], &large)
            .expect(413);
        assert_eq!(answer.json()["code"], "payload_too_large");
    }
    // The bulk route takes any length; one line of it may not be this long.
    let results = server
        .send(
            "POST",
            "/v1/jobs/bulk",
            &[("content-type", NDJSON)],
            &vec![b'x'; 3 << 20],
        )
        .expect(207)
        .lines();
    assert_eq!(
        (&results[0]["code"], &results[0]["line"]),
        (&json!("payload_too_large"), &json!(1))
    );
    assert_eq!(results.len(), 2);
}

#[test]
fn a_query_of_a_megabyte_is_refused() {
    let server = Server::start(&[]);
    let query = "word ".repeat(200_000);
    let answer = server
        .post("/v1/search/jobs", &json!({"q": query}))
        .expect(400)
        .json();
    assert_eq!(
        (&answer["code"], &answer["errors"][0]["pointer"]),
        (&json!("invalid_request"), &json!("/q"))
    );
    let query = "w".repeat(20_000);
    server
        .get(&format!("/v1/search/jobs?q={query}"))
        .expect(400);
    let most = "word ".repeat(1_600);
    server
        .post("/v1/search/jobs", &json!({"q": most}))
        .expect(200);
}
