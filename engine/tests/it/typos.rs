//! Misspelt titles and skills find what was meant, and what is spelt right is
//! never worse for it. The suite is `tests/data/misspelt.tsv`, 500 terms with one
//! slip each.

use std::collections::HashMap;

use rayon::prelude::*;
use serde_json::{Value, json};
use tandem_engine::{Answer, Request, Scope};
use tandem_index::analysis::{Words, analyse, query_terms};
use tandem_index::snapshot::Snapshot;
use tandem_index::{Store, StoreOptions};

use crate::corpus::{Corpus, real_jobs};
use crate::support::{answer, query, store};

/// A misspelt query of the suite.
struct Case {
    term: &'static str,
    query: &'static str,
    wrong: &'static str,
    right: &'static str,
}

fn cases() -> Vec<(bool, Case)> {
    let lines = include_str!("../data/misspelt.tsv").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let cases: Vec<(bool, Case)> = lines
        .map(|line| {
            let mut parts = line.split('\t');
            let mut next = || parts.next().unwrap();
            let title = next() == "title";
            let case = Case {
                term: next(),
                query: next(),
                wrong: next(),
                right: next(),
            };
            (title, case)
        })
        .collect();
    assert_eq!(cases.len(), 500);
    cases
}

// Synthetic ads, and for every term one ad whose title or listed skill it is.
fn corpus() -> Corpus {
    let mut corpus = Corpus::sample(2_000, 0, 71);
    for (at, (title, case)) in cases().iter().enumerate() {
        let id = format!("meant-{at}");
        corpus.jobs.push(if *title {
            json!({"id": id, "title": case.term})
        } else {
            json!({"id": id, "title": "Specialist", "skills": [case.term]})
        });
    }
    corpus
}

// The five likeliest words a word was taken for, of every reason.
fn taken_for(answer: &Answer, word: &str) -> Vec<String> {
    let shown = answer.applied["expansions"].as_array().unwrap();
    let of_word = shown.iter().filter(|one| one["word"] == word);
    let to = of_word.flat_map(|one| one["to"].as_array().unwrap().iter().take(5));
    to.map(|word| word.as_str().unwrap().to_owned()).collect()
}

#[test]
fn misspelt_titles_and_skills_find_what_was_meant() {
    let corpus = corpus();
    let store = store(
        &corpus.kinds,
        StoreOptions::default(),
        &corpus.changes(),
        256,
    );
    let snapshot = store.snapshot();
    let (mut named, mut found, mut both, mut off, mut missed) = (0, 0, 0, 0, Vec::new());
    for (at, (_, case)) in cases().iter().enumerate() {
        let mut request = query(case.query, "jobs");
        request.limit = 5;
        let answered = answer(&snapshot, &request);
        let id = format!("meant-{at}");
        let hit = answered.hits.iter().any(|hit| hit.id == id);
        let word = taken_for(&answered, case.wrong)
            .iter()
            .any(|to| to == case.right);
        named += u32::from(word);
        found += u32::from(hit);
        both += u32::from(word || hit);
        if !word && !hit {
            missed.push(format!(
                "{} ({}): {}",
                case.query, case.right, answered.applied["expansions"]
            ));
        }
        request.reading.typo = false;
        let plain = answer(&snapshot, &request);
        off += u32::from(plain.hits.iter().any(|hit| hit.id == id));
    }
    eprintln!(
        "typos: of 500, {both} found: {named} by the word meant, {found} by the ad in the top 5 \
         ({off} with typo off)"
    );
    for missed in missed {
        eprintln!("  missed: {missed}");
    }
    assert!(both >= 475, "{both} of 500");
    assert!(found >= 475, "{found} of 500 ads in the top 5");
}

#[test]
fn what_was_meant_is_said_and_can_be_refused() {
    let corpus = corpus();
    let changes = corpus.changes();
    let store = store(&corpus.kinds, StoreOptions::default(), &changes, 256);
    let snapshot = store.snapshot();
    let mut request = query("Senior +engineer Softwrae", "jobs");
    request.highlight = true;
    let meant = answer(&snapshot, &request);
    assert_eq!(
        meant.did_you_mean.as_deref(),
        Some("Senior +engineer Software")
    );
    let shown = meant.applied["expansions"].as_array().unwrap();
    let typo = shown.iter().find(|one| one["why"] == "typo").unwrap();
    assert_eq!(typo["word"], "softwrae");
    assert_eq!(typo["to"][0], "software");
    assert_eq!(meant.applied["unknown_words"], json!(["softwrae"]));
    let marked = |hit: &tandem_engine::Hit| {
        let highlights = hit.highlights.iter().flatten();
        let mut texts = highlights.flat_map(|(_, texts)| texts);
        texts.any(|text| text.to_lowercase().contains("<mark>software</mark>"))
    };
    assert!(meant.hits.iter().any(marked));
    // As it is meant, it is found with all its points.
    let right = answer(&snapshot, &query("Senior +engineer Software", "jobs"));
    assert_eq!(right.did_you_mean, None);
    assert_eq!(
        meant.total.as_ref().map(|t| t.value),
        right.total.map(|t| t.value)
    );
    for change in [
        |request: &mut Request| request.reading.typo = false,
        |request: &mut Request| request.reading.literal = vec!["softwrae".into()],
    ] {
        let mut refused = request.clone();
        change(&mut refused);
        let refused = answer(&snapshot, &refused);
        let shown = refused.applied["expansions"].as_array().unwrap();
        assert!(
            shown.iter().all(|one| one["word"] != "softwrae"),
            "{shown:?}"
        );
        assert_eq!(refused.did_you_mean, None);
    }
}

#[test]
fn misspelt_words_of_real_ads_are_taken_for_those_meant() {
    let Some(jobs) = real_jobs("did not run", 2) else {
        return;
    };
    let mut corpus = Corpus::sample(0, 0, 1);
    corpus.jobs = jobs;
    let changes = corpus.accepted("typos");
    let mut store = store(&corpus.kinds, StoreOptions::default(), &changes, 2_048);
    store.relayout(1, true);
    let snapshot = store.snapshot();
    let statistics = &collection(&snapshot).statistics;
    let frequency = |word: &str| statistics.frequency(tandem_index::analysis::TermKey::of(word));
    let rare = (statistics.rows() / 5_000).max(1) as u32;
    let (mut there, mut named, mut known) = (0, 0, 0);
    for (_, case) in cases() {
        // What no ad says cannot be meant; what some ads misspell alike is known.
        if frequency(case.right) <= rare {
            continue;
        }
        there += 1;
        let answered = answer(&snapshot, &query(case.query, "jobs"));
        if taken_for(&answered, case.wrong)
            .iter()
            .any(|to| to == case.right)
        {
            named += 1;
        } else if frequency(case.wrong) > rare {
            known += 1;
        } else {
            eprintln!(
                "  missed: {} ({}): {}",
                case.query, case.right, answered.applied["expansions"]
            );
        }
    }
    eprintln!(
        "typos on real ads: {named} of {there} words meant are named; {known} slips are known words there"
    );
    assert!(there > 200);
    assert!(
        f64::from(named) >= 0.95 * f64::from(there - known),
        "{named} of {there}, {known} known"
    );
}

fn collection(snapshot: &Snapshot) -> &tandem_index::snapshot::Collection {
    snapshot.collection(snapshot.kind("jobs").unwrap().id)
}

// Every word of a document, folded.
fn words_of(document: &Value) -> Vec<String> {
    let mut words = Words::default();
    let strings = |value: &Value| -> Vec<String> {
        match value {
            Value::String(text) => vec![text.clone()],
            Value::Array(list) => list
                .iter()
                .filter_map(|one| one.as_str().or(one["name"].as_str()))
                .map(str::to_owned)
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
        }
    };
    let texts = ["title", "company", "skills", "description"].map(|name| strings(&document[name]));
    let mut out = Vec::new();
    for text in texts.into_iter().flatten() {
        words.clear();
        analyse(&text, None, &mut words);
        out.extend(
            words
                .items()
                .iter()
                .map(|word| words.folded(word).to_owned()),
        );
    }
    out.sort();
    out.dedup();
    out
}

// Whether typos and beginnings count.
type Switches = (bool, bool);

// The ids in order.
fn ranked(snapshot: &Snapshot, q: &str, switches: Switches) -> Vec<String> {
    let mut request: Request = query(q, "jobs");
    request.scope = Scope::All;
    request.limit = 200;
    request.fields = Some(vec!["id".into()]);
    (request.reading.typo, request.reading.prefix) = switches;
    answer(snapshot, &request)
        .hits
        .into_iter()
        .map(|hit| hit.id)
        .collect()
}

fn never_demoted(test: &str, store: &Store, jobs: &[Value], least: usize) {
    never_demoted_by(test, store, jobs, least, (false, true));
    never_demoted_by(test, store, jobs, least, (true, false));
}

fn never_demoted_by(test: &str, store: &Store, jobs: &[Value], least: usize, less: Switches) {
    let snapshot = store.snapshot();
    let words: HashMap<String, Vec<String>> = jobs
        .par_iter()
        .map(|job| (job["id"].as_str().unwrap().to_owned(), words_of(job)))
        .collect();
    let counts: Vec<usize> = cases()
        .par_iter()
        .map(|(_, case)| {
            let asked: Vec<String> = query_terms(case.term, &[])
                .into_iter()
                .map(|term| term.word)
                .collect();
            let exact = |id: &String| {
                asked
                    .iter()
                    .all(|word| words[id].binary_search(word).is_ok())
            };
            let (on, off) = (
                ranked(&snapshot, case.term, (true, true)),
                ranked(&snapshot, case.term, less),
            );
            let having = |ids: &[String]| -> Vec<String> {
                ids.iter().filter(|id| exact(id)).cloned().collect()
            };
            let (with, without) = (having(&on), having(&off));
            let count = with.len().min(without.len());
            assert_eq!(
                with[..count],
                without[..count],
                "the order of ads that have {}",
                case.term
            );
            // Nothing without the words gets above one that has them.
            let place: HashMap<&String, usize> = off.iter().zip(0..).collect();
            let place = |id: &String| place.get(id).copied().unwrap_or(usize::MAX);
            for (at, id) in on.iter().enumerate().filter(|(_, id)| !exact(id)) {
                let passed = on[at..]
                    .iter()
                    .find(|other| exact(other) && place(other) < place(id));
                assert_eq!(
                    passed, None,
                    "{id} rises above an ad that has {}",
                    case.term
                );
            }
            with.len()
        })
        .collect();
    let with = counts.iter().filter(|count| **count > 0).count();
    eprintln!(
        "{test}: {with} of 500 correct queries have ads with all their words, {} in all",
        counts.iter().sum::<usize>()
    );
    assert!(with >= least, "{with} of at least {least}");
}

#[test]
fn what_is_spelt_right_is_never_demoted() {
    let corpus = corpus();
    let store = store(
        &corpus.kinds,
        StoreOptions::default(),
        &corpus.changes(),
        256,
    );
    never_demoted("exact words", &store, &corpus.jobs, 500);
}

#[test]
fn what_is_spelt_right_is_never_demoted_among_real_ads() {
    let Some(jobs) = real_jobs("did not run", 12) else {
        return;
    };
    let mut corpus = Corpus::sample(0, 0, 1);
    corpus.jobs = jobs;
    let changes = corpus.accepted("exact words");
    let store = store(&corpus.kinds, StoreOptions::default(), &changes, 2_048);
    never_demoted("exact words of real ads", &store, &corpus.jobs, 100);
}

#[test]
fn words_nobody_knows_match_nothing_by_chance() {
    let corpus = Corpus::sample(2_000, 0, 71);
    let changes = corpus.changes();
    let store = store(&corpus.kinds, StoreOptions::default(), &changes, 256);
    let snapshot = store.snapshot();
    let total = |q: &str| {
        let answered = answer(&snapshot, &query(q, "jobs"));
        (answered.total.unwrap().value, answered.warnings)
    };
    for q in ["asdfghjkl", "the asdfghjkl qwrtzp"] {
        let (count, warnings) = total(q);
        assert_eq!(count, 0, "{q}");
        assert!(
            warnings
                .iter()
                .any(|one| one.starts_with("no document has the words: ")),
            "{q}: {warnings:?}"
        );
    }
    // One known word, a slip or a known skill is enough.
    for q in ["asdfghjkl software engineer", "enginer"] {
        let (count, warnings) = total(q);
        assert!(count > 0, "{q}");
        assert!(
            warnings.iter().all(|one| !one.contains("no document")),
            "{q}"
        );
    }
}

#[test]
fn what_the_sample_data_is_asked_is_taken_for_what_a_person_meant() {
    let corpus = Corpus::sample(2_000, 0, 1);
    let changes = corpus.changes();
    let store = store(&corpus.kinds, StoreOptions::default(), &changes, 256);
    let snapshot = store.snapshot();
    let cases: [(&str, Option<&str>, &str, &[&str]); 4] = [
        ("manger", Some("manager"), "manger", &["manager"]),
        ("müncehn", Some("Munich"), "muncehn", &[]),
        (
            "regstered nurs",
            Some("registered nurse"),
            "regstered",
            &["registered"],
        ),
        ("koch", None, "koch", &["Cooking", "Chef de cuisine"]),
    ];
    for (q, meant, word, to) in cases {
        let answered = answer(&snapshot, &query(q, "jobs"));
        assert_eq!(answered.did_you_mean.as_deref(), meant, "{q}");
        let mut taken = taken_for(&answered, word);
        taken.truncate(2);
        assert_eq!(taken, to, "{q}");
        assert!(answered.total.unwrap().value > 0, "{q}");
    }
    let both = answer(&snapshot, &query("müncehn koch", "jobs"));
    assert_eq!(both.did_you_mean.as_deref(), Some("Munich koch"));
    assert_eq!(both.applied["understood"][0]["text"], "müncehn");
}
