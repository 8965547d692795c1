//! What a request says of the score and what a hit tells of it, over HTTP: profiles,
//! musts and gates, boosts, intervals, whose wants were met, documents that say
//! nothing. The numbers themselves are tested in the engine.

use serde_json::{Value, json};

use crate::server::{JSON, Server};

const NOW: &str = "2026-11-20T00:00:00Z";

/// A job and four people: who holds what it requires, who does not, who does not
/// say, and of whom nothing is known.
fn ward() -> Server {
    let server = Server::start(&[]);
    let job = json!({"id": "ward", "title": "Registered nurse", "description": "Night shifts in emergency care",
        "skills": ["Triage", "Patient care", "Wound care"], "certificates": ["RN"], "languages": ["German B2"],
        "degree": "bachelor", "years_min": 3, "location": "Berlin, Germany",
        "pay": {"min": 40000, "max": 50000, "currency": "EUR"}});
    server.bulk("jobs", &job.to_string()).expect(207);
    let nurse = |id: &str, more: Value| {
        let mut nurse = json!({"id": id, "headline": "Registered nurse", "text": "Emergency care, night shifts",
            "skills": ["Triage", "Patient care"], "years": 5});
        let members = nurse.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        nurse.to_string()
    };
    let people = [
        nurse(
            "holds",
            json!({"certificates": ["RN"], "languages": ["German C1"], "degree": "bachelor",
            "location": "Berlin, Germany"}),
        ),
        nurse(
            "lacks",
            json!({"certificates": ["CPA"], "languages": ["German C1"], "location": "Berlin, Germany"}),
        ),
        nurse("silent", json!({})),
        nurse(
            "dear",
            json!({"certificates": ["RN"], "pay_wanted": {"min": 200_000, "currency": "EUR"},
            "location": "Munich, Germany"}),
        ),
        json!({"id": "blank"}).to_string(),
    ];
    server.bulk("candidates", &people.join("\n")).expect(207);
    server
}

fn from_ward(more: &Value) -> Value {
    let mut body = json!({"from": {"kind": "jobs", "id": "ward"}, "now": NOW});
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    body
}

fn hit<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let mut hits = answer["hits"].as_array().unwrap().iter();
    hits.find(|hit| hit["id"] == id).unwrap()
}

fn part<'a>(hit: &'a Value, name: &str) -> &'a Value {
    let parts = hit["contributions"].as_array().unwrap();
    parts
        .iter()
        .find(|part| part["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {hit}"))
}

fn explained(server: &Server, id: &str, more: &Value) -> Value {
    let mut body = from_ward(more);
    body["to"] = json!({"kind": "candidates", "id": id});
    server.post("/v1/explain", &body).expect(200).json()
}

#[test]
fn a_must_that_is_not_met_takes_all_points_and_says_why() {
    let server = ward();
    let body = from_ward(&json!({"musts": ["certificates"]}));
    let free = server
        .post("/v1/match", &from_ward(&json!({})))
        .expect(200)
        .json();
    let answer = server.post("/v1/match", &body).expect(200).json();
    assert_eq!(answer["applied"]["musts"], json!(["certificates"]));
    let gated = hit(&answer, "lacks");
    assert_eq!(
        (&gated["score"], &gated["low"], &gated["high"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(gated["gates"][0]["must"], "certificates");
    assert_eq!(gated["gates"][0]["missing"], json!(["RN licence"]));
    assert!(
        gated["gates"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("certificate")
    );
    let without = hit(&free, "lacks")["score"].as_i64().unwrap();
    assert!(without > 0);
    assert_eq!(part(gated, "gate")["points"], json!(-without));
    // Nothing is gated for what it does not say, but it can still turn out so.
    let open = hit(&answer, "silent");
    assert!(open["gates"].is_null() && open["score"].as_u64() > Some(0));
    assert_eq!(open["low"], 0);
    assert_eq!(hit(&answer, "holds"), hit(&free, "holds"));
    let ids: Vec<&str> = answer["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids[0], "holds");
    let place = |id: &str| ids.iter().position(|held| *held == id).unwrap();
    assert!(place("lacks") > place("silent"), "{ids:?}");
    // The same pair, wherever it is asked for.
    let ranked = server.post("/v1/rank", &body).expect(200).json();
    let explained = explained(&server, "lacks", &json!({"musts": ["certificates"]}));
    let exported = server.post("/v1/export/match", &body).expect(200).lines();
    let exported = exported.iter().find(|hit| hit["id"] == "lacks").unwrap();
    for other in [hit(&ranked, "lacks"), &explained, exported] {
        for member in [
            "score",
            "low",
            "high",
            "completeness",
            "gates",
            "two_way",
            "contributions",
        ] {
            assert_eq!(other[member], gated[member], "{member}");
        }
    }
    // A profile brings its musts; a request can take them away.
    let healthcare = from_ward(&json!({"profile": "healthcare"}));
    let answer = server.post("/v1/match", &healthcare).expect(200).json();
    assert_eq!(hit(&answer, "lacks")["gates"][0]["must"], "certificates");
    let none = from_ward(&json!({"profile": "healthcare", "musts": []}));
    let answer = server.post("/v1/match", &none).expect(200).json();
    assert!(hit(&answer, "lacks")["gates"].is_null());
}

#[test]
fn who_says_nothing_has_insufficient_data_and_no_number_in_a_table() {
    let server = ward();
    let body = from_ward(&json!({}));
    let answer = server.post("/v1/rank", &body).expect(200).json();
    let blank = hit(&answer, "blank");
    assert_eq!(
        (&blank["insufficient_data"], &blank["score"]),
        (&json!(true), &json!(0))
    );
    assert_eq!(blank["completeness"], 0);
    let parts = blank["contributions"].as_array().unwrap();
    assert!(
        !parts.is_empty()
            && parts
                .iter()
                .all(|part| part["unknown"] == true && part["points"] == 0)
    );
    assert!(hit(&answer, "holds")["insufficient_data"].is_null());
    let headers = [("content-type", JSON), ("accept", "text/csv")];
    let table = server.send(
        "POST",
        "/v1/export/match",
        &headers,
        body.to_string().as_bytes(),
    );
    let text = table.expect(200).text();
    assert!(
        text.lines().any(|line| line.starts_with("blank,,")),
        "{text}"
    );
    assert!(
        !text.lines().any(|line| line.starts_with("holds,,")),
        "{text}"
    );
}

#[test]
fn more_that_is_said_stays_within_what_was_announced() {
    let server = ward();
    let before = explained(&server, "silent", &json!({}));
    let end = |hit: &Value, member: &str| hit[member].as_i64().unwrap();
    assert!(
        end(&before, "low") < end(&before, "score") && end(&before, "score") < end(&before, "high"),
        "{before}"
    );
    let open = part(&before, "certificates");
    assert_eq!(
        (&open["unknown"], &open["points"], &open["low"]),
        (&json!(true), &json!(0), &json!(0))
    );
    assert_eq!(
        (&open["high"], &open["group"]),
        (&open["max"], &json!("certificates"))
    );
    let mut known = end(&before, "completeness");
    let facts = [
        json!({"certificates": ["RN"]}),
        json!({"certificates": ["CPA"], "degree": "secondary"}),
        json!({"certificates": ["RN"], "degree": "master", "languages": ["German A2"], "location": "Munich, Germany"}),
    ];
    for facts in facts {
        let patch = [("content-type", "application/merge-patch+json")];
        server
            .send(
                "PATCH",
                "/v1/candidates/silent",
                &patch,
                facts.to_string().as_bytes(),
            )
            .expect(200);
        let after = explained(&server, "silent", &json!({}));
        let score = end(&after, "score");
        assert!(
            (end(&before, "low")..=end(&before, "high")).contains(&score),
            "{facts}: {before} {after}"
        );
        assert!(end(&after, "completeness") > known, "{facts}");
        known = end(&after, "completeness");
    }
}

#[test]
fn points_are_told_by_group_and_by_whose_wants_they_meet() {
    let server = ward();
    let dear = explained(&server, "dear", &json!({}));
    let parts = dear["contributions"].as_array().unwrap();
    let points = parts.iter().map(|part| part["points"].as_i64().unwrap());
    assert_eq!(dear["score"], points.sum::<i64>());
    let pay = part(&dear, "pay");
    assert_eq!(
        (&pay["group"], &pay["min"], &pay["points"]),
        (&json!("adjustment"), &json!(-80_000), &json!(-80_000))
    );
    let place = part(&dear, "place");
    assert!(
        place["points"].as_i64() < Some(0) && place["max"] == 10_000,
        "{place}"
    );
    // The person wants pay, and says where; the job wants all the rest.
    let two = &dear["two_way"];
    let wanted = place["points"].as_i64().unwrap() - 80_000;
    assert_eq!(
        two["document_wants"],
        json!({"points": wanted, "max": 20_000})
    );
    let source = two["source_wants"]["points"].as_i64().unwrap();
    assert_eq!(dear["score"], source + wanted);
    for group in ["skills", "experience", "education", "certificates"] {
        assert!(parts.iter().any(|part| part["group"] == group), "{group}");
    }
    let search = server
        .post("/v1/search/jobs", &json!({"q": "nurse", "now": NOW}))
        .expect(200)
        .json();
    let found = hit(&search, "ward");
    assert!(found["two_way"].is_null());
    assert_eq!(part(found, "text.title")["group"], "search");
}

#[test]
fn a_skill_close_to_the_one_asked_for_counts_in_part_and_says_so() {
    let server = Server::start(&[]);
    let job = json!({"title": "Database engineer", "skills": ["Kubernetes", "Python"]});
    let person =
        json!({"id": "c", "headline": "Database engineer", "skills": ["Docker", "Python"]});
    server.bulk("candidates", &person.to_string()).expect(207);
    let body = json!({"from": {"kind": "jobs", "document": job}, "now": NOW});
    let answer = server.post("/v1/match", &body).expect(200).json();
    let skills = part(hit(&answer, "c"), "skills.required");
    assert_eq!(skills["found"], json!(["Python"]));
    let partial = json!([{"wanted": "Kubernetes", "held": "Docker", "percent": 25}]);
    assert_eq!(skills["partial"], partial);
    assert!(skills["missing"].is_null(), "{skills}");
}

#[test]
fn boosts_add_and_take_by_label_in_searches_and_matches() {
    let server = ward();
    let boosts = json!([
        {"label": "lives here", "filters": {"location.city": "Berlin"}, "points": 6_000},
        {"label": "knows the ward", "filters": {"skills": "Triage"}, "points": -9_000},
    ]);
    let plain = explained(&server, "holds", &json!({}));
    let boosted = explained(&server, "holds", &json!({"boosts": boosts}));
    assert_eq!(part(&boosted, "boost:lives here")["points"], 6_000);
    assert_eq!(part(&boosted, "boost:knows the ward")["points"], -9_000);
    let scores = [&plain, &boosted].map(|hit| hit["score"].as_i64().unwrap());
    assert_eq!(scores[1], scores[0] - 3_000);
    let body = json!({"q": "nurse", "boosts": boosts, "now": NOW});
    let answer = server
        .post("/v1/search/candidates", &body)
        .expect(200)
        .json();
    assert_eq!(
        part(hit(&answer, "holds"), "boost:lives here")["points"],
        6_000
    );
    assert_eq!(answer["applied"]["boosts"][0]["label"], "lives here");
}

#[test]
fn every_profile_is_listed_and_can_be_asked_for() {
    let server = ward();
    let listed = server.get("/v1/profiles").expect(200).json();
    let profiles = listed["profiles"].as_array().unwrap();
    assert_eq!(profiles.len(), 12);
    let mut scores = Vec::new();
    for profile in profiles {
        let name = profile["name"].as_str().unwrap();
        assert!(!profile["why"].as_str().unwrap().is_empty());
        let body = from_ward(&json!({"profile": name, "limit": 1}));
        let answer = server.post("/v1/match", &body).expect(200).json();
        let applied = &answer["applied"];
        assert_eq!(
            applied["profile"],
            json!({"name": name, "version": profile["version"]})
        );
        for (group, weight) in profile["groups"].as_object().unwrap() {
            assert_eq!(&profile["weights"][group], weight, "{name}");
            assert_eq!(&applied["weights"][group], weight, "{name}");
        }
        let musts = applied.get("musts").cloned().unwrap_or_else(|| json!([]));
        assert_eq!(musts, profile["musts"], "{name}");
        scores.push(answer["hits"][0]["score"].as_u64().unwrap());
    }
    scores.sort_unstable();
    scores.dedup();
    assert!(scores.len() > 5, "profiles change nothing: {scores:?}");
    let usual = server.post("/v1/match", &from_ward(&json!({}))).json();
    assert_eq!(usual["applied"]["profile"]["name"], "default");
    let usual = server.get("/v1/search/jobs?q=nurse").json();
    assert_eq!(usual["applied"]["profile"]["name"], "search");
    // The weights of a request go over those of its profile.
    let body = from_ward(&json!({"profile": "legal", "weights": {"skills": 1}}));
    let applied = server.post("/v1/match", &body).expect(200).json()["applied"]["weights"].take();
    assert_eq!(
        (&applied["skills"], &applied["certificates"]),
        (&json!(1.0), &json!(20.0))
    );
}

/// A member of a match, and how it is refused: code, pointer, and what was meant.
const REFUSED: &str = r#"
{"profile": "helthcare"}            | unknown_profile /profile healthcare
{"musts": ["certificate"]}          | unknown_member /musts/0 certificates
{"musts": "certificates"}           | invalid_request /musts
{"must": ["pay"]}                   | unknown_member /must musts
{"boost": []}                       | unknown_member /boost boosts
{"weights": {"certificate": 5}}     | unknown_member /weights/certificate certificates
{"boosts": [["a", {"years": 5}, 1]]} | invalid_request /boosts/0
{"boosts": [{"label": " ", "filters": {"years": 5}, "points": 1}]} | invalid_request /boosts/0/label
{"boosts": [{"label": "a", "filters": {"years": 5}, "points": 10001}]} | invalid_request /boosts/0/points
{"boosts": [{"label": "a", "filters": {"years": 5}, "points": -30001}]} | invalid_request /boosts/0/points
{"boosts": [{"label": "a", "filters": {"years": 5}, "points": 0.5}]} | invalid_request /boosts/0/points
{"boosts": [{"label": "a", "filters": {"years": 5}, "points": 1, "point": 1}]} | unknown_member /boosts/0/point points
{"boosts": [{"label": "a", "filters": {"yeers": 5}, "points": 1}]} | unknown_field /boosts/0/filters/yeers years
{"boosts": [{"label": "a", "filters": {"years": {"most": 6}}, "points": 1}]} | unknown_member /boosts/0/filters/years/most
{"boosts": [{"label": "a", "filters": {}, "points": 1}]} | invalid_request /boosts/0/filters
"#;

#[test]
fn wishes_for_the_score_that_cannot_be_read_are_named() {
    let server = ward();
    for line in REFUSED.lines().filter(|line| !line.is_empty()) {
        let (more, expected) = line.split_once(" | ").unwrap();
        let body = from_ward(&serde_json::from_str(more.trim()).unwrap());
        let refused = server.post("/v1/match", &body).expect(400).json();
        let error = &refused["errors"][0];
        let said = [&refused["code"], &error["pointer"], &error["did_you_mean"]];
        let said: Vec<&str> = said.into_iter().filter_map(Value::as_str).collect();
        let expected: Vec<&str> = expected.split(' ').collect();
        // What was probably meant is only held where the line says it.
        assert_eq!(&said[..expected.len()], expected, "{line}: {refused}");
    }
    let boost = |label: String| json!({"label": label, "filters": {"years": 5}, "points": 1});
    let long = json!({"boosts": [boost("x".repeat(65))]});
    let many: Vec<Value> = (0..17).map(|n| boost(n.to_string())).collect();
    for (more, pointer) in [
        (long, "/boosts/0/label"),
        (json!({"boosts": many}), "/boosts"),
    ] {
        let refused = server.post("/v1/match", &from_ward(&more)).expect(400);
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
    }
    // Words have no wants.
    let words = json!({"q": "nurse", "to": "jobs", "musts": ["pay"]});
    let refused = server.post("/v1/rank", &words).expect(400).json();
    assert_eq!(refused["errors"][0]["pointer"], "/musts");
    let words = json!({"q": "nurse", "musts": ["pay"]});
    server.post("/v1/search/jobs", &words).expect(400);
    let refused = server.get("/v1/search/jobs?profile=serch").expect(400);
    assert_eq!(refused.json()["errors"][0]["did_you_mean"], "search");
}
