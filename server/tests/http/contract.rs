//! The requests of docs/api.md, sent as they stand there.

use serde_json::json;

use crate::server::{JSON, Server};

#[test]
fn every_request_of_the_contract_is_answered() {
    let server = Server::start(&[]);
    let job = json!({"title": "Senior data engineer", "skills": ["Python", "SQL"],
        "description": "Nurse data, remote, triage", "location": {"city": "Berlin", "country": "DE", "lat": 52.5, "lon": 13.4}});
    server.put("/v1/jobs/j-17", &job).expect(201);
    let person = json!({"headline": "Nurse", "skills": ["Triage"], "years": 5});
    server.put("/v1/candidates/c-7", &person).expect(201);
    let contract = include_str!("../../../docs/api.md");
    let mut requests = 0;
    for block in contract.split("```json\n").skip(1) {
        let (block, _) = block.split_once("\n```").unwrap();
        let (head, body) = block.split_once('\n').unwrap_or((block, ""));
        let Some((method, path)) = head
            .split_once(' ')
            .filter(|(_, path)| path.starts_with("/v1/"))
        else {
            continue;
        };
        let answer = server.send(method, path, &[("content-type", JSON)], body.as_bytes());
        assert!(answer.status < 300, "{block}\n{}", answer.text());
        requests += 1;
    }
    assert!(requests >= 15, "{requests}");
    for line in contract
        .lines()
        .filter_map(|line| line.strip_prefix("`GET /v1/"))
    {
        let path = line.split('`').next().unwrap();
        server.get(&format!("/v1/{path}")).expect(200);
    }
}
