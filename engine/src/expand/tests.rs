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
    store.apply(changes, 0);
    store
}

fn read(store: &Store, q: &str, open: bool, reading: &Reading) -> Expanded {
    let snapshot = store.snapshot();
    let collection = snapshot.collection(snapshot.kind("jobs").unwrap().id);
    let stored = (&**collection, &**snapshot.taxonomy());
    expand(stored, &[Language::En], q, open, reading)
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
        // More titles have it, although fewer ads.
        ("developr", "developer"),
        ("we developr", "we develop"),
    ] {
        let expanded = read(&store, q, false, &Reading::default());
        assert_eq!(corrected(q, &expanded.corrections), meant);
    }
}

#[test]
fn the_last_word_goes_on_to_what_is_as_frequent() {
    let store = store(&[
        ("Pflege", "Nur nachts", 3),
        ("Nurse", "Care on the ward", 9),
        ("Closing date", "1 mar", 2),
        ("Marketing", "Campaigns", 6),
        ("Go", "Services", 4),
        ("Google", "Search", 5),
        ("Gold", "Jewelry", 2),
        ("Java", "Servers", 8),
        ("Javascript", "Pages", 7),
        ("Designer", "We design", 5),
        ("Designers", "We design more", 9),
        ("Care", "A home", 900),
        ("Career", "Cares", 1_001),
        ("Careless", "Cares", 1_002),
        ("Carer", "Cares", 1_003),
        ("Careworn", "Cares", 1_004),
    ]);
    let cases: [(&str, &[&str]); 8] = [
        // A word of another language, a month, a skill.
        ("nur", &["prefix nur: nurse"]),
        ("mar", &["prefix mar: marketing"]),
        ("go", &["prefix go: google"]),
        ("java nur", &["prefix nur: nurse"]),
        // What is finished: nothing it begins is as frequent, or its inflections.
        ("java", &[]),
        ("designer", &[]),
        // Not those in the middle.
        ("nur java", &[]),
        // Well known by itself: no more than three.
        ("care", &["prefix care: careworn, carer, careless"]),
    ];
    for (q, expected) in cases {
        assert_eq!(
            shown(&read(&store, q, true, &Reading::default())),
            expected,
            "{q}"
        );
    }
    let factor = |q: &str| {
        let words = read(&store, q, true, &Reading::default()).words;
        let mut begun = words[0].alternatives.iter();
        begun.find(|one| one.why == Why::Prefix).unwrap().factor
    };
    assert!(factor("go") < factor("nur") && factor("care") < factor("nur"));
}

#[test]
fn a_slip_that_several_made_is_asked_about() {
    let store = store(&[
        ("Software Engineer", "We build", 1_600),
        ("Sofware Engineer", "We build", 3),
        ("Marget", "We sell", 3),
        ("Dairy farmer", "Our readers", 3),
        ("Daily", "With leaders", 1_600),
        ("Market", "We sell", 299),
    ]);
    let expanded = read(&store, "sofware engineer", false, &Reading::default());
    assert_eq!(shown(&expanded)[0], "typo sofware: software");
    let pair = |wrong: &str, right: &str| vec![(wrong.to_owned(), right.to_owned())];
    assert_eq!(expanded.suspected, pair("sofware", "software"));
    // It may be meant: its rarity and its own documents count as they are.
    assert!(expanded.corrections.is_empty());
    let plain = Reading {
        typo: false,
        ..Reading::default()
    };
    let own = read(&store, "sofware engineer", false, &plain);
    assert!((own.words[0].weight - expanded.words[0].weight).abs() < f64::EPSILON);
    // Below the ratio, short, or begun otherwise it is a word of its own.
    for own in ["marget", "dairy", "readers"] {
        let expanded = read(&store, own, false, &Reading::default());
        assert!(expanded.suspected.is_empty(), "{own}");
        assert_eq!(shown(&expanded), Vec::<String>::new(), "{own}");
    }
}

#[test]
fn a_longer_synonym_leaves_the_shorter_ones_inside_it() {
    let store = store(&[
        ("FE Developer", "", 3),
        ("Frontend Developer", "", 9),
        ("Front end dev", "", 9),
    ]);
    let expanded = read(&store, "frontend developer", false, &Reading::default());
    let expected = [
        "synonym frontend developer: fe developer",
        "synonym frontend: front end",
        "synonym developer: dev",
    ];
    assert_eq!(shown(&expanded), expected);
}

#[test]
fn far_worse_corrections_and_words_of_sentences_are_none() {
    let store = store(&[
        ("Sales Manager", "We sell", 300),
        (
            "Clerk",
            "In a good manner, never in anger, noch Fragen with us",
            5,
        ),
        ("Cook", "Cooking in a hotel", 4),
        ("Registered Nurse", "Care for patients", 30),
        ("Ward aide", "Nursing with nurses, and nursing homes", 40),
    ]);
    let cases: [(&str, &str); 5] = [
        ("manger", "typo manger: manager"),
        // A name of a skill no document has is no slip.
        ("koch", "skill koch: Cooking, Cook"),
        ("koch nurse", "skill koch: Cooking, Cook"),
        // No content is missed into a word of sentences, but such a word may be.
        ("nuch", ""),
        ("wiht", "typo wiht: with"),
    ];
    for (q, expected) in cases {
        let expanded = read(&store, q, false, &Reading::default());
        let first = shown(&expanded).into_iter().next().unwrap_or_default();
        assert_eq!(first, expected, "{q}");
    }
    // What is unfinished is offered whole, as its neighbours have it, only beside
    // what was mistyped.
    let expanded = read(&store, "regstered nurs", true, &Reading::default());
    let mut meant = expanded.corrections;
    meant.extend(expanded.finished);
    assert_eq!(corrected("regstered nurs", &meant), "registered nurse");
    let expanded = read(&store, "registered nurs", true, &Reading::default());
    assert!(expanded.corrections.is_empty());
}
