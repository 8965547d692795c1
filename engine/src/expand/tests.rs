//! Small collections whose words are known by heart.

use std::sync::Arc;

use tandem_index::{Kinds, Store, StoreOptions, Write, prepare};

use super::*;

// Ads by title and text; each is stored `times` times.
fn store(ads: &[(&str, &str, usize)]) -> Store {
    let kinds = Arc::new(Kinds::builtin());
    let mut store = Store::new(Arc::clone(&kinds), StoreOptions::default());
    let kind = kinds.get("jobs").unwrap().id;
    let mut changes = Vec::new();
    for (nth, (title, text, times)) in ads.iter().enumerate() {
        for copy in 0..*times {
            let document = serde_json::json!({
                "id": format!("{nth}-{copy}"), "title": title, "description": text,
                "language": "en",
            });
            let id = None;
            changes.push(prepare(&kinds, Write::Put { kind, id, document }).unwrap());
        }
    }
    store.apply(changes);
    store
}

fn read(store: &Store, q: &str, open: bool, reading: &Reading) -> Expanded {
    let snapshot = store.snapshot();
    let collection = snapshot.collection(snapshot.kind("jobs").unwrap().id);
    expand(collection, &[Language::En], q, open, reading)
}

fn shown(expanded: &Expanded) -> Vec<String> {
    let shown = expanded.shown.iter();
    shown
        .map(|one| format!("{} {}: {}", one.why.as_str(), one.word, one.to.join(", ")))
        .collect()
}

fn ads() -> Store {
    store(&[
        ("Software Engineer", "We build search engines in Rust", 30),
        ("Frontend Developer", "React, JavaScript and node.js", 12),
        ("Registered Nurse", "Care for patients on the ward", 20),
        ("RN", "Night shift", 5),
        ("Kubernetes Administrator", "Clusters of many machines", 10),
        ("Product Manager", "Own the product and its road map", 20),
        ("Prodigy", "A word for one ad", 1),
    ])
}

#[test]
fn words_are_taken_for_what_the_documents_say() {
    let store = ads();
    let cases: [(&str, bool, &[&str]); 14] = [
        (
            "software enginer",
            false,
            &["typo enginer: engineer, engines"],
        ),
        ("softwrae engineer", false, &["typo softwrae: software"]),
        (
            "kuberntse admin",
            false,
            &["typo kuberntse: kubernetes", "synonym admin: administrator"],
        ),
        (
            "productmanager",
            false,
            &["split productmanager: product manager"],
        ),
        (
            "front end developer",
            false,
            &["synonym front end: frontend"],
        ),
        ("prod uct", false, &["joined prod uct: product"]),
        ("rn", false, &["synonym rn: registered nurse"]),
        ("registered nurse", false, &["synonym registered nurse: rn"]),
        (
            "k8s",
            false,
            &["skill k8s: Kubernetes, Kubernetes clusters"],
        ),
        ("softw", true, &["prefix softw: software"]),
        ("softw", false, &[]),
        ("sofwta", true, &["typo sofwta: software"]),
        ("software engineer", true, &[]),
        ("qqq zzzz 12345 c++ +", true, &[]),
    ];
    for (q, open, expected) in cases {
        let expanded = read(&store, q, open, &Reading::default());
        let found = shown(&expanded);
        let found: Vec<&String> = found
            .iter()
            .filter(|one| !one.starts_with("synonym software"))
            .collect();
        assert_eq!(found, expected, "{q}");
    }
}

#[test]
fn every_switch_and_literal_words_turn_their_part_off() {
    let store = ads();
    let with = |change: fn(&mut Reading)| {
        let mut reading = Reading::default();
        change(&mut reading);
        shown(&read(&store, "rn enginer prod uct softw", true, &reading))
    };
    let whys = |shown: Vec<String>| -> Vec<String> {
        let mut whys: Vec<String> = shown
            .iter()
            .filter_map(|one| Some(one.split_once(' ')?.0.to_owned()))
            .collect();
        whys.sort();
        whys
    };
    let all = ["joined", "prefix", "synonym", "typo"];
    assert_eq!(whys(with(|_| {})), all);
    assert_eq!(
        whys(with(|r| r.synonyms = false)),
        ["joined", "prefix", "typo"]
    );
    assert_eq!(
        whys(with(|r| r.prefix = false)),
        ["joined", "synonym"]
            .into_iter()
            .chain(["typo"])
            .collect::<Vec<_>>()
    );
    assert_eq!(whys(with(|r| r.typo = false)), ["prefix", "synonym"]);
    let literal = whys(with(|r| {
        r.literal = vec!["Enginer".into(), "prod UCT".into()];
    }));
    assert_eq!(literal, ["prefix", "synonym"]);
}

#[test]
fn a_rare_word_keeps_its_weight_and_outweighs_what_it_is_taken_for() {
    let store = ads();
    let expanded = read(&store, "prodigy", false, &Reading::default());
    let word = &expanded.words[0];
    assert_eq!(word.known, 1);
    assert!(expanded.corrections.is_empty());
    let others = word.alternatives.iter().filter(|one| one.why == Why::Typo);
    assert!(others.into_iter().all(|one| one.factor < 0.5));
}

#[test]
fn a_correction_keeps_the_syntax_of_the_query() {
    let store = ads();
    let q = "+title:\"x\" Enginer -kuberntse, (sofware)";
    let expanded = read(&store, "Enginer sofware", false, &Reading::default());
    assert_eq!(
        corrected(q, &expanded.corrections),
        "+title:\"x\" Engineer -kuberntse, (software)"
    );
}

#[test]
fn of_several_corrections_the_one_beside_its_neighbours_is_meant() {
    let store = store(&[
        (
            "Manager",
            "We develop what others sell, and develop it well",
            30,
        ),
        ("Frontend Developer", "React", 12),
    ]);
    for (q, meant) in [
        ("frontend developr", "frontend developer"),
        ("developr", "develop"),
        ("we developr", "we develop"),
    ] {
        let expanded = read(&store, q, false, &Reading::default());
        assert_eq!(corrected(q, &expanded.corrections), meant);
    }
}
