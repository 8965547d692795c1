//! What every sampled document promises.

use std::collections::HashSet;

use serde_json::Value;

use super::Sampler;
use super::dates::{date_time, month_of, month_start};
use super::words::{article, inside};

/// 2026-11-20T00:00:00Z
pub(super) const NOW_MS: i64 = 1_795_132_800_000;
pub(super) const COUNT: u64 = 3_000;

pub(super) fn documents(kind: &str) -> Vec<Value> {
    let sampler = Sampler::new(42, NOW_MS);
    let line = |index| {
        if kind == "jobs" {
            sampler.job(index)
        } else {
            sampler.candidate(index)
        }
    };
    (0..COUNT)
        .map(|index| serde_json::from_str(&line(index)).expect("a JSON object"))
        .collect()
}

/// The names of a kind's fields, read from kinds.toml as plain lines.
fn fields(kind: &str) -> HashSet<String> {
    let head = format!("[kinds.{kind}.fields]");
    include_str!("../../../index/kinds.toml")
        .lines()
        .skip_while(|line| *line != head)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once(" = {"))
        .map(|(name, _)| name.to_owned())
        .chain(["id".to_owned(), "language".to_owned()])
        .collect()
}

fn assert_nothing_empty(id: &str, value: &Value) {
    match value {
        Value::Null => panic!("{id}: null"),
        Value::String(text) => {
            assert!(!text.trim().is_empty(), "{id}: empty text");
            assert!(
                !text.contains(['{', '}', '^']),
                "{id}: template left in {text}"
            );
        }
        Value::Array(items) => {
            assert!(!items.is_empty(), "{id}: empty list");
            for item in items {
                assert_nothing_empty(id, item);
            }
        }
        Value::Object(members) => members
            .values()
            .for_each(|item| assert_nothing_empty(id, item)),
        Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn document_depends_on_seed_and_index_alone() {
    let (one, other) = (Sampler::new(7, NOW_MS), Sampler::new(8, NOW_MS));
    for index in [0, 1, 99, 12_345, u64::from(u32::MAX)] {
        assert_eq!(one.job(index), Sampler::new(7, NOW_MS).job(index));
        assert_eq!(
            one.candidate(index),
            Sampler::new(7, NOW_MS).candidate(index)
        );
        assert_ne!(one.job(index), other.job(index));
        assert_ne!(one.candidate(index), other.candidate(index));
    }
}

#[test]
fn documents_have_fields_of_their_kind_and_none_empty() {
    for kind in ["jobs", "candidates"] {
        let known = fields(kind);
        assert!(known.len() > 15, "kinds.toml was read");
        let mut ids = HashSet::new();
        for document in documents(kind) {
            let id = document["id"].as_str().expect("an id").to_owned();
            for name in document.as_object().expect("an object").keys() {
                assert!(known.contains(name), "{id}: {name}");
            }
            assert_nothing_empty(&id, &document);
            assert!(ids.insert(id));
        }
    }
}

#[test]
fn prose_has_60_to_320_words_and_repeats_in_copies_only() {
    for (kind, field) in [("jobs", "description"), ("candidates", "text")] {
        let mut seen = HashSet::new();
        for document in documents(kind) {
            let id = document["id"].as_str().expect("an id");
            let text = document[field].as_str().expect("prose");
            let words = text.split_whitespace().count();
            assert!((60..=320).contains(&words), "{id} has {words} words");
            let new = seen.insert(text.to_owned());
            assert!(
                new || id.starts_with("job-") && id.len() > 11,
                "{id} is no copy"
            );
        }
    }
}

#[test]
fn careers_do_not_overlap_and_add_up_to_years() {
    let months = |date: &str| {
        let mut parts = date
            .split('-')
            .map(|part| part.parse::<i64>().expect("a number"));
        parts.next().unwrap_or(0) * 12 + parts.next().unwrap_or(0)
    };
    let now = months("2026-11-20");
    for document in documents("candidates") {
        let id = &document["id"];
        let positions = document["experience"].as_array().expect("positions");
        assert!((2..=6).contains(&positions.len()), "{id}");
        let mut worked = 0;
        let mut later_start = now;
        for (place, position) in positions.iter().enumerate() {
            let from = months(position["from"].as_str().expect("from"));
            let to = position["to"].as_str().map_or(now, months);
            assert!(
                position["to"].is_string() || place == 0,
                "{id}: only the newest goes on"
            );
            assert!(from < to && to <= later_start, "{id}: {position}");
            worked += to - from;
            later_start = from;
        }
        let Some(years) = document["years"].as_f64() else {
            continue;
        };
        assert!(
            (years - worked as f64 / 12.0).abs() <= 0.051,
            "{id}: {years} for {worked} months"
        );
    }
}

#[test]
fn grammar_of_articles_and_skills() {
    let cases = [
        ("Electrician", "an"),
        ("Nurse", "a"),
        ("UX Designer", "a"),
        ("HVAC Technician", "an"),
        ("University Lecturer", "a"),
        ("RN", "an"),
        ("Underwriter", "an"),
        ("SAP Consultant", "a"),
        ("Hourly Worker", "an"),
        ("Engineer", "an"),
        ("CNC Operator", "a"),
    ];
    for (title, expected) in cases {
        assert_eq!(article(title), expected, "{title}");
    }
    let cases = [
        ("Machine learning", "machine learning"),
        ("Welding", "welding"),
        ("Spring Boot", "Spring Boot"),
        ("SQL", "SQL"),
        ("Agile", "Agile"),
        ("Microsoft Excel", "Microsoft Excel"),
        ("MIG welding", "MIG welding"),
        ("Node.js", "Node.js"),
        ("P&L responsibility", "P&L responsibility"),
    ];
    for (skill, expected) in cases {
        assert_eq!(inside(skill), expected);
    }
}

#[test]
fn dates_follow_the_calendar() {
    let cases = [
        (0, "1970-01-01T00:00:00Z"),
        (NOW_MS, "2026-11-20T00:00:00Z"),
        (951_782_400_000, "2000-02-29T00:00:00Z"),
        (4_107_542_399_999, "2100-02-28T23:59:00Z"),
        (-60_000, "1969-12-31T23:59:00Z"),
    ];
    for (ms, expected) in cases {
        assert_eq!(date_time(ms), expected);
    }
    assert_eq!(month_start(month_of(NOW_MS)), "2026-11-01");
}
