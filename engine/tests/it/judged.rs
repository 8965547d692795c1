//! What was judged belongs to the documents of the shared data folder: every
//! label of a fact lies at words of its document, every graded CV is there.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use tandem_engine::eval::Qrels;
use tandem_engine::eval::facts::{Half, parse};

use crate::corpus::rows;

const ADS: &str = include_str!("../../judged/facts/ads.ndjson");
const CVS: &str = include_str!("../../judged/facts/cvs.ndjson");

#[test]
fn every_label_lies_in_its_document() {
    // Of the documents labelled first every other one is held back.
    for (labels, documents, first, title, text) in [
        (ADS, 160, 100, "title", "description"),
        (CVS, 70, 40, "headline", "text"),
    ] {
        let labelled = parse(labels).unwrap();
        assert_eq!(labelled.len(), documents);
        for one in &labelled {
            let half = if one.number < first && one.number % 2 == 1 {
                Half::Held
            } else {
                Half::Tune
            };
            assert_eq!(one.half, half, "{}", one.number);
        }
        let set = &labelled[0].set;
        let file = format!("{set}.ndjson.zst");
        let Some(rows) = rows("did not hold labels against their documents", &file) else {
            continue;
        };
        let mut wanted: HashMap<(String, String), _> = labelled
            .iter()
            .map(|one| ((one.source.clone(), one.id.clone()), one))
            .collect();
        for row in rows {
            let member = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            if let Some(one) = wanted.remove(&(member("source"), member("id"))) {
                let labels = one.labels(&member(title), &member(text)).unwrap();
                assert!(!labels.is_empty(), "{set} {}", one.number);
            }
        }
        assert!(
            wanted.is_empty(),
            "{set}: {} documents are not there",
            wanted.len()
        );
    }
}

const TOPICS: &str = include_str!("../../judged/topics.ndjson");
const QRELS: &str = include_str!("../../judged/qrels.txt");
const REASONS: &str = include_str!("../../judged/reasons.tsv");

#[test]
fn every_topic_is_judged_and_every_grade_has_its_reason() {
    let qrels = Qrels::parse(QRELS).unwrap();
    let topics: Vec<Value> = TOPICS
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(topics.len(), 84);
    for (at, topic) in topics.iter().enumerate() {
        let name = format!("T{:02}", at + 1);
        assert_eq!(topic["topic"], name);
        let split = if at % 2 == 0 { "tune" } else { "held" };
        assert_eq!(topic["split"], split, "{name}");
        assert!(qrels.judgements(&name).count() >= 10, "{name}");
    }
    assert_eq!(qrels.queries().count(), topics.len());
    let mut reasons = 0;
    for line in REASONS.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[topic, document, grade, reason] = columns.as_slice() else {
            panic!("{line}");
        };
        let grade: u32 = grade.parse().unwrap();
        assert!(grade <= 3 && !reason.is_empty(), "{line}");
        assert_eq!(qrels.grade(topic, document), Some(grade), "{line}");
        reasons += 1;
    }
    assert_eq!(reasons, qrels.len());
}

// Ids of ads are made by a mapping, those of CVs are what the set has.
#[test]
fn every_judged_cv_is_there() {
    let Some(rows) = rows("did not run", "resumes_livecareer.ndjson.zst") else {
        return;
    };
    let there: HashSet<String> = rows
        .map(|row| format!("livecareer:{}", row["id"].as_str().unwrap_or_default()))
        .collect();
    let (mut sources, mut graded) = (0, 0);
    let mut cvs = HashSet::new();
    for line in TOPICS.lines() {
        let topic: Value = serde_json::from_str(line).unwrap();
        if topic["to"] == "candidates" {
            cvs.insert(topic["topic"].as_str().unwrap().to_owned());
        }
        if topic["from"] == "candidates" {
            assert!(there.contains(topic["id"].as_str().unwrap()), "{line}");
            sources += 1;
        }
    }
    for line in QRELS.lines() {
        let columns: Vec<&str> = line.split(' ').collect();
        if cvs.contains(columns[0]) {
            assert!(there.contains(columns[2]), "{line}");
            graded += 1;
        }
    }
    assert_eq!(sources, 26);
    assert!(graded > 500, "{graded}");
}
