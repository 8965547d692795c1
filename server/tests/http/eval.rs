//! Ranking quality of a running server, measured by the command line.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::server::{Server, TempFile, run};

/// Topics and judgements of their own over a server's few documents.
struct Judged {
    server: Server,
    topics: TempFile,
    qrels: TempFile,
}

const NOW: &str = "2026-11-20T00:00:00Z";

impl Judged {
    fn new() -> Self {
        let server = Server::start(&[]);
        let job = |n: usize| {
            let title = [
                "Data engineer",
                "Registered nurse",
                "Pastry chef",
                "Accountant",
            ][n % 4];
            json!({"id": format!("j-{n:02}"), "title": title, "company": format!("Firm {}", n % 3)})
                .to_string()
        };
        let jobs: Vec<String> = (0..24).map(job).collect();
        server.bulk("jobs", &jobs.join("\n")).expect(207);
        let nurse = json!({"headline": "Registered nurse", "text": "Ten years in a clinic."});
        server.put("/v1/candidates/c-1", &nurse).expect(201);
        let topics = [
            json!({"topic": "T1", "to": "jobs", "q": "data engineer", "split": "tune"}),
            json!({"topic": "T2", "to": "jobs", "q": "registered nurse", "split": "tune"}),
            json!({"topic": "T3", "to": "jobs", "q": "pastry chef", "split": "tune"}),
            json!({"topic": "T4", "to": "jobs", "q": "accountant", "split": "held"}),
            json!({"topic": "T5", "to": "jobs", "from": "candidates", "id": "c-1", "split": "tune"}),
            json!({"topic": "T6", "to": "jobs", "q": "astronaut", "split": "tune"}),
        ];
        let topics: Vec<String> = topics.iter().map(Value::to_string).collect();
        // One relevant document each, so that nDCG is of its place alone.
        let qrels = "T1 0 j-08 1\nT1 0 j-00 0\nT2 0 j-13 2\nT3 0 j-22 1\nT4 0 j-03 1\nT5 0 j-05 3\nT6 0 j-01 0\n";
        Self {
            server,
            topics: TempFile::new(&topics.join("\n")),
            qrels: TempFile::new(qrels),
        }
    }

    fn eval(&self, arguments: &[&str]) -> std::process::Output {
        let url = self.server.url();
        let files = ["--topics", self.topics.path(), "--qrels", self.qrels.path()];
        let given = [
            &["eval"],
            &files[..],
            arguments,
            &["--now", NOW, "--url", &url],
        ]
        .concat();
        run(&given, "")
    }

    fn told(&self, arguments: &[&str]) -> Value {
        let output = self.eval(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The answer to one of the topics, with these members besides.
    fn ranked(&self, topic: &str, members: &Value) -> Value {
        let mut body = match topic {
            "T1" => json!({"q": "data engineer"}),
            "T2" => json!({"q": "registered nurse"}),
            "T3" => json!({"q": "pastry chef"}),
            "T4" => json!({"q": "accountant"}),
            _ => json!({"from": {"kind": "candidates", "id": "c-1"}}),
        };
        for (name, value) in [
            ("to", json!("jobs")),
            ("limit", json!(10)),
            ("now", json!(NOW)),
        ] {
            body[name] = value;
        }
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.server.post("/v1/rank", &body).expect(200).json()
    }
}

fn ids(answer: &Value) -> Vec<String> {
    let hits = answer["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["id"].as_str().unwrap().to_owned())
        .collect()
}

fn near(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

/// nDCG of a ranking with one relevant document.
fn ndcg(ids: &[String], relevant: &str) -> f64 {
    let place = ids.iter().position(|id| id == relevant);
    place.map_or(0.0, |place| 1.0 / ((place + 2) as f64).log2())
}

#[test]
fn a_diff_tells_what_the_server_ranks_differently() {
    let judged = Judged::new();
    let filtered = json!({"filters": {"company": "Firm 1"}});
    let (a, b) = (filtered.to_string(), TempFile::new("{}"));
    let told = judged.told(&["--diff", &a, b.path()]);
    assert_eq!((&told["a"], &told["b"]), (&filtered, &json!({})));
    assert_eq!(told["left_out"], json!(["T6"]));
    let relevant = BTreeMap::from([
        ("T1", "j-08"),
        ("T2", "j-13"),
        ("T3", "j-22"),
        ("T5", "j-05"),
    ]);
    let by_topic = told["by_topic"].as_array().unwrap();
    let topics: Vec<&str> = by_topic
        .iter()
        .map(|one| one["topic"].as_str().unwrap())
        .collect();
    assert_eq!(topics, ["T1", "T2", "T3", "T5"], "the tuning half alone");
    let mut differences = Vec::new();
    for one in by_topic {
        let topic = one["topic"].as_str().unwrap();
        let in_a = ids(&judged.ranked(topic, &filtered));
        let in_b = ids(&judged.ranked(topic, &json!({})));
        near(&one["a"], ndcg(&in_a, relevant[topic]));
        near(&one["b"], ndcg(&in_b, relevant[topic]));
        differences.push(ndcg(&in_b, relevant[topic]) - ndcg(&in_a, relevant[topic]));
        for (member, ranking, other) in [("entered", &in_b, &in_a), ("left", &in_a, &in_b)] {
            let moved = one[member].as_array().unwrap().iter();
            let moved: Vec<&str> = moved.map(|moved| moved["id"].as_str().unwrap()).collect();
            let expected: Vec<&String> = ranking.iter().filter(|id| !other.contains(id)).collect();
            assert_eq!(moved, expected, "{topic} {member}");
        }
    }
    let won = differences.iter().filter(|more| **more > 1e-9).count();
    let lost = differences.iter().filter(|more| **more < -1e-9).count();
    assert!(won > 0 && lost > 0, "{differences:?}");
    assert_eq!((&told["won"], &told["lost"]), (&json!(won), &json!(lost)));
    assert_eq!(told["tied"], json!(4 - won - lost));
    let mean = differences.iter().sum::<f64>() / 4.0;
    near(&told["ndcg10"]["difference"]["mean"], mean);
    let held = judged.told(&["--diff", "{}", "{}", "--split", "held"]);
    assert_eq!((&held["topics"], &held["tied"]), (&json!(1), &json!(1)));
}

#[test]
fn weights_are_tuned_on_the_tuning_half_from_those_the_server_has() {
    let judged = Judged::new();
    let told = judged.told(&["--tune"]);
    assert_eq!(told["split"], "tune");
    assert!(told["note"].as_str().unwrap().contains("flattered"));
    let forms = told["forms"].as_array().unwrap();
    let known: Vec<(&str, u64)> = forms
        .iter()
        .map(|form| {
            (
                form["form"].as_str().unwrap(),
                form["topics"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(known, [("search", 3), ("match", 1)]);
    for form in forms {
        let name = form["form"].as_str().unwrap();
        let topics = if name == "search" {
            &["T1", "T2", "T3"][..]
        } else {
            &["T5"]
        };
        let mut applied = Map::new();
        for topic in topics {
            let answer = judged.ranked(topic, &json!({}));
            applied.extend(answer["applied"]["weights"].as_object().unwrap().clone());
        }
        let names = |of: &Value| {
            of.as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(
            names(&form["request"]["weights"]),
            names(&Value::Object(applied.clone()))
        );
        let steps = form["steps"].as_array().unwrap();
        assert!(steps.len() >= applied.len(), "{name}: {steps:?}");
        let first = &steps[0];
        let weight = first["weight"].as_str().unwrap();
        near(&first["from"], applied[weight].as_f64().unwrap());

        // The table says the same of the start, and of the first step.
        let given = format!("{weight}={}", first["to"]);
        let table = [
            "--split",
            "tune",
            "--form",
            name,
            "--no-ablation",
            "--weight",
            &given,
        ];
        let table = judged.told(&table);
        let systems = table["systems"].as_array().unwrap().iter();
        let mean = |name: &str| {
            let system = systems
                .clone()
                .find(|system| system["system"] == name)
                .unwrap();
            system["ndcg10"]["mean"].as_f64().unwrap()
        };
        near(&form["start"]["ndcg10"]["mean"], mean("full"));
        near(&first["ndcg10"], mean("given"));
        let kept: f64 = steps
            .iter()
            .filter(|step| step["kept"] == true)
            .map(|step| step["gain"].as_f64().unwrap())
            .sum();
        near(&form["gain"]["mean"], kept);
        near(&form["end"]["ndcg10"]["mean"], mean("full") + kept);
    }
}

#[test]
fn the_ablation_is_of_the_weights_the_server_names() {
    let judged = Judged::new();
    let told = judged.told(&[]);
    let mut expected = vec!["text".to_owned(), "vectors".to_owned(), "full".to_owned()];
    for topic in ["T1", "T2", "T3", "T4", "T5"] {
        let answer = judged.ranked(topic, &json!({}));
        for name in answer["applied"]["weights"].as_object().unwrap().keys() {
            let system = format!("full without {name}");
            if !expected.contains(&system) {
                expected.push(system);
            }
        }
    }
    let systems = told["systems"].as_array().unwrap().iter();
    let systems: Vec<&str> = systems
        .map(|system| system["system"].as_str().unwrap())
        .collect();
    assert_eq!(systems, expected);
    assert_eq!(
        (&told["topics"], &told["left_out"]),
        (&json!(6), &json!(["T6"]))
    );
}

#[test]
fn what_eval_does_not_do_is_refused_with_a_reason() {
    let judged = Judged::new();
    let cases: [(&[&str], i32, &str); 8] = [
        (&["--tune", "--split", "held"], 2, "split tune alone"),
        (&["--tune", "--split", "all"], 2, "split tune alone"),
        (&["--tune", "--diff", "{}", "{}"], 2, "cannot be used with"),
        (&["--diff", "{}"], 2, "2 values"),
        (
            &["--diff", "{}", "{\"q\": \"rust\"}"],
            2,
            "q is the topic's",
        ),
        (
            &["--diff", "{}", "{\"weights\": {\"texts\": 1}}"],
            4,
            "did you mean text?",
        ),
        (&["--profile", "nobody"], 4, "profile"),
        (&["--split", "held", "--form", "match"], 2, "no topics"),
    ];
    for (arguments, code, expected) in cases {
        let ended = judged.eval(arguments);
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}
