//! What a query is understood to say: a list of queries by hand, filters against
//! a walk over every row, and what a client can take back.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use tandem_engine::{Answer, Condition, Request, Syntax};
use tandem_index::analysis::query_terms;
use tandem_index::columns::Column;
use tandem_index::document::parse_date_ms;
use tandem_index::gazetteer::{distance_km, find};
use tandem_index::rates::convert;
use tandem_index::segment::Segment;
use tandem_index::snapshot::Snapshot;
use tandem_index::{Kinds, StoreOptions};

use crate::corpus::Corpus;
use crate::support::{self, Rng, TINY, answer, canonical, ids, prepared, put, seed, store};

const QUERIES: &str = include_str!("understanding.tsv");

// Words that are also names of places, in every document.
const ORDINARY: &str = "We are a nice team. Reading, mobile, orange county, split, bath, cork, \
    essen, turkey, jordan, chad, georgia, drama, march and java, join us, it is normal. ";

// Documents with places, so that a name's share can be told.
fn documents() -> Vec<Value> {
    let places = [
        ("Berlin, Germany", 6),
        ("Munich, Germany", 4),
        ("Hamburg, Germany", 3),
        ("New York, NY", 4),
        ("San Francisco, CA", 3),
        ("London, UK", 3),
        ("Paris, France", 3),
        ("Austin, TX", 3),
    ];
    let contracts = [
        "full-time",
        "Part-Time",
        "permanent",
        "internship",
        "freelance",
    ];
    let remotes = ["remote", "hybrid", "onsite"];
    let mut out = Vec::new();
    for (place, count) in places {
        for at in 0..count {
            let number = out.len();
            let mut job = json!({
                "id": format!("j{number}"),
                "title": "Rust engineer",
                "description": format!("{ORDINARY} We work in {place}, remote or not, 80k."),
                "location": place,
                "posted_at": format!("2026-{:02}-{:02}", 1 + number % 11, 1 + number % 20),
                "category": if at == 0 { "permanent" } else { "Engineering" },
            });
            if number % 3 > 0 {
                job["remote"] = json!(remotes[number % remotes.len()]);
                job["contract"] = json!(contracts[number % contracts.len()]);
                let min = 40_000 + 2_000 * number;
                job["pay"] = json!({"min": min, "max": min + 10_000, "currency": "EUR"});
            }
            out.push(job);
        }
    }
    out
}

static WORLD: LazyLock<Arc<Snapshot>> = LazyLock::new(|| {
    let kinds = Arc::new(Kinds::builtin());
    let changes = documents()
        .iter()
        .map(|job| put(&kinds, "jobs", job))
        .collect();
    store(
        &kinds,
        StoreOptions::default(),
        &prepared(&kinds, changes),
        7,
    )
    .snapshot()
});

// Capitals make a query Boolean, and nothing of that is understood.
fn query(q: &str, to: &str) -> Request {
    let mut request = support::query(q, to);
    request.reading.syntax = Syntax::Words;
    request
}

fn understood(answer: &Answer) -> Vec<Value> {
    let list = answer.applied.get("understood").and_then(Value::as_array);
    list.cloned().unwrap_or_default()
}

fn shown(answer: &Answer) -> String {
    let mut out = String::new();
    for one in understood(answer) {
        if !out.is_empty() {
            out.push_str(" ; ");
        }
        let (text, sort) = (one["text"].as_str().unwrap(), one["as"].as_str().unwrap());
        write!(out, "{text}|{sort}|").unwrap();
        if let Some(near) = one.get("near") {
            let place = near["place"].as_str().unwrap();
            let city = place.split(", ").next().unwrap();
            write!(out, "{city}@{}", near["km"].as_f64().unwrap()).unwrap();
        } else {
            let filter = one.get("filter").map(Value::to_string);
            out.push_str(&filter.unwrap_or_else(|| "-".into()));
        }
    }
    if out.is_empty() { "-".into() } else { out }
}

fn cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = QUERIES.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once('\t').unwrap())
}

#[test]
fn queries_are_understood_as_listed() {
    let mut wrong = String::new();
    let (mut some, mut none) = (0, 0);
    for (q, expected) in cases() {
        let found = shown(&answer(&WORLD, &query(q, "jobs")));
        if found != expected {
            writeln!(wrong, "{q}\n  expected {expected}\n  found    {found}").unwrap();
        }
        *(if expected == "-" {
            &mut none
        } else {
            &mut some
        }) += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(some >= 100 && none >= 50, "{some} and {none}");
}

#[test]
fn a_misspelt_place_is_offered_and_taken_unless_a_client_says_otherwise() {
    let asked = |q: &str, change: fn(&mut Request)| {
        let mut request = query(q, "jobs");
        change(&mut request);
        let answer = answer(&WORLD, &request);
        (shown(&answer), answer.did_you_mean.clone(), ids(&answer))
    };
    let (taken, meant, hits) = asked("müncehn rust", |_| {});
    assert_eq!(taken, "müncehn|place|Munich@50");
    assert_eq!(meant.as_deref(), Some("Munich rust"));
    assert_eq!(hits, asked("münchen rust", |_| {}).2);
    assert_eq!(hits.len(), 4);
    let (_, meant, _) = asked("Hambrug", |_| {});
    assert_eq!(meant.as_deref(), Some("Hamburg"));
    // Not understood it is still offered, unless it is meant as it stands.
    let (taken, meant, _) = asked("müncehn rust", |r| r.reading.understand = false);
    assert_eq!(
        (taken.as_str(), meant.as_deref()),
        ("-", Some("Munich rust"))
    );
    let refusals: [fn(&mut Request); 2] = [
        |request| request.reading.typo = false,
        |request| request.reading.literal = vec!["müncehn".into()],
    ];
    for refuse in refusals {
        let (taken, meant, _) = asked("müncehn rust", refuse);
        assert_eq!((taken.as_str(), meant), ("-", None));
    }
}

// The text of each part sent back gives the query without understanding.
#[test]
fn a_client_can_take_back_everything() {
    for (q, _) in cases() {
        let first = answer(&WORLD, &query(q, "jobs"));
        let texts = understood(&first);
        let texts = texts
            .iter()
            .map(|one| one["text"].as_str().unwrap().to_owned());
        let mut literal = query(q, "jobs");
        literal.reading.literal = texts.collect();
        let mut plain = literal.clone();
        plain.reading.understand = false;
        let (literal, mut plain) = (answer(&WORLD, &literal), answer(&WORLD, &plain));
        assert_eq!(understood(&literal), Vec::<Value>::new(), "{q}");
        plain.applied.insert("understood".into(), json!([]));
        let sorted = |answer: &Answer| {
            let mut answer = answer.clone();
            answer.applied.sort_keys();
            canonical(&answer)
        };
        assert_eq!(sorted(&literal), sorted(&plain), "{q}");
    }
}

#[test]
fn one_part_can_be_taken_back() {
    let q = "rust remote berlin last week";
    let mut request = query(q, "jobs");
    request.reading.literal = vec!["remote".into()];
    let one = answer(&WORLD, &request);
    let texts: Vec<Value> = understood(&one)
        .iter()
        .map(|one| one["text"].clone())
        .collect();
    assert_eq!(texts, ["berlin", "last week"]);
    // Words of a place still count for the score.
    assert_eq!(one.applied["words"], json!(["rust", "remote", "berlin"]));
}

#[test]
fn an_explicit_filter_wins() {
    let mut request = query("remote", "jobs");
    let hybrid = Condition {
        any: Some(vec![json!("hybrid")]),
        ..Condition::default()
    };
    request.filters.push(("remote".into(), hybrid));
    let found = answer(&WORLD, &request);
    assert_eq!(understood(&found)[0]["overridden"], json!(true));
    request.reading.understand = false;
    let Request { source, .. } = query("", "jobs");
    request.source = source;
    let mut both = [ids(&found), ids(&answer(&WORLD, &request))];
    for ids in &mut both {
        ids.sort();
    }
    assert_eq!(both[0], both[1]);
}

#[test]
fn nothing_is_understood_where_the_kind_has_no_such_field() {
    let kinds = r#"
        [kinds.notes.fields]
        text = { type = "text", as = "text" }
        when = { type = "date", as = "posted" }
        terms = { type = "keyword" }
    "#;
    let kinds = Arc::new(Kinds::parse(kinds).unwrap());
    let note = |id: &str, terms: &str| json!({"id": id, "text": "remote 80k berlin full time", "terms": terms});
    let notes = [
        note("1", "Full_Time"),
        note("2", "part time"),
        note("3", "x"),
    ];
    let changes = notes
        .iter()
        .map(|note| put(&kinds, "notes", note))
        .collect();
    let store = store(
        &kinds,
        StoreOptions::default(),
        &prepared(&kinds, changes),
        9,
    );
    let found = answer(
        &store.snapshot(),
        &query("remote 80k berlin full time today", "notes"),
    );
    let expected =
        r#"full time|terms|{"terms":"Full_Time"} ; today|posted|{"when":{"gte":"2026-11-20"}}"#;
    assert_eq!(shown(&found), expected);
}

// What a row passes by, read from its columns and terms one by one.
struct Walk<'a> {
    segment: &'a Segment,
    row: u32,
    snapshot: &'a Snapshot,
}

impl Walk<'_> {
    fn column(&self, name: &str) -> &Column {
        let kind = self.snapshot.kind("jobs").unwrap();
        &self.segment.columns[kind.column(name).unwrap()]
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.column(name).number(self.row)
    }

    // Whether its text has one of these, word for word.
    fn has(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| {
            let terms = query_terms(phrase, &[]);
            let keys: Vec<_> = terms.iter().map(|term| term.alternatives[0].1).collect();
            self.segment.terms.has_phrase(self.row, &keys, None)
        })
    }

    fn one_of(&self, column: &str, values: &[&str], words: &[&str]) -> bool {
        match self.column(column).word(self.row) {
            Some(value) => values.contains(&value),
            None => self.has(words),
        }
    }

    fn passes(&self, part: &str) -> bool {
        match part {
            "remote" => self.one_of("remote", &["remote"], REMOTE),
            "onsite" => self.one_of("remote", &["onsite"], ONSITE),
            "germany" => self.one_of("location.country", &["DE"], &["germany"]),
            "last month" => match self.number("posted_at") {
                Some(ms) => ms >= parse_date_ms("2026-10-20").unwrap() as f64,
                None => self.has(&["last month"]),
            },
            "berlin" => {
                let berlin = find("Berlin").unwrap();
                let country = self.column("location.country").word(self.row);
                match self.number("location.lat").zip(self.number("location.lon")) {
                    Some(at) => distance_km((berlin.lat, berlin.lon), at) <= 50.0,
                    None => country.is_none_or(|it| it == "DE") && self.has(&["berlin"]),
                }
            }
            "60k eur" => {
                let (min, max) = (self.number("pay.min"), self.number("pay.max"));
                let currency = self.column("pay.currency").word(self.row);
                let most = max.or(min);
                match most.and_then(|most| convert(most, currency.unwrap_or("EUR"), "EUR")) {
                    Some(most) => most >= 60_000.0,
                    None => self.has(&["60k eur"]),
                }
            }
            other => panic!("no walk for {other}"),
        }
    }
}

const REMOTE: &[&str] = &[
    "remote",
    "wfh",
    "telework",
    "teleworking",
    "telecommute",
    "telecommuting",
    "teletravail",
    "homeworking",
];

const ONSITE: &[&str] = &["onsite", "presentiel"];

fn walk(snapshot: &Snapshot, parts: &[&str]) -> BTreeSet<String> {
    let jobs = snapshot.kind("jobs").unwrap().id;
    let mut out = BTreeSet::new();
    for live in &snapshot.collection(jobs).segments {
        for row in live.alive.iter() {
            let walk = Walk {
                segment: &live.segment,
                row,
                snapshot,
            };
            let expires = walk.number("expires_at");
            let over = expires.is_some_and(|at| at <= support::NOW_MS as f64);
            if !over && parts.iter().all(|part| walk.passes(part)) {
                out.insert(live.segment.id(row).to_owned());
            }
        }
    }
    out
}

#[test]
fn what_is_understood_filters_as_a_walk_over_every_row_does() {
    let corpus = Corpus::sample(900, 0, 33);
    let mut changes = corpus.changes();
    let jobs = documents()
        .iter()
        .map(|job| put(&corpus.kinds, "jobs", job))
        .collect();
    changes.extend(prepared(&corpus.kinds, jobs));
    let store = store(&corpus.kinds, TINY, &changes, 50);
    let snapshot = store.snapshot();
    let parts = [
        "remote",
        "onsite",
        "germany",
        "last month",
        "berlin",
        "60k eur",
    ];
    let mut rng = Rng::new("understanding", 4);
    let mut hits = 0;
    for at in 0..60 {
        let mut some: Vec<&str> = parts.to_vec();
        rng.shuffle(&mut some);
        some.truncate(if at < 12 { 1 } else { 1 + rng.below(3) });
        // Two places of work would be either of them.
        if some.contains(&"remote") {
            some.retain(|part| *part != "onsite");
        }
        let mut request = query(&some.join(" "), "jobs");
        request.limit = 1_000;
        let found = answer(&snapshot, &request);
        assert_eq!(understood(&found).len(), some.len(), "{some:?}");
        let found: BTreeSet<String> = ids(&found).into_iter().collect();
        assert_eq!(found, walk(&snapshot, &some), "{some:?}");
        hits += found.len();
    }
    assert!(hits > 500, "only {hits} hits");
}

#[test]
fn places_named_together_are_either() {
    let count = |q: &str| answer(&WORLD, &query(q, "jobs")).total.unwrap().value;
    let (berlin, munich) = (count("berlin"), count("munich"));
    assert!(berlin > 0 && munich > 0);
    assert_eq!(count("berlin or munich"), berlin + munich);
}

#[test]
fn understanding_is_the_same_in_any_layout() {
    let corpus = Corpus::sample(400, 0, 8);
    let changes = corpus.changes();
    let mut store = store(&corpus.kinds, TINY, &changes, 50);
    let answers = |snapshot: &Snapshot| -> Vec<String> {
        let all = cases()
            .step_by(3)
            .map(|(q, _)| answer(snapshot, &query(q, "jobs")));
        all.map(|answer| canonical(&answer)).collect()
    };
    let expected = answers(&store.snapshot());
    for (parts, large) in [(1, false), (17, false), (2, true)] {
        store.relayout(parts, large);
        assert_eq!(answers(&store.snapshot()), expected, "{parts} segments");
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = cases()
        .flat_map(|(q, _)| q.split(' '))
        .chain([
            "\"", "€", "-", "+", "ß", "İ", "\u{301}", "💥", "…", "10.000", "k", "km", ",",
        ])
        .collect();
    let word = prop_oneof![
        4 => prop::sample::select(words).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(word, 0..9).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500,
        rng_seed: RngSeed::Fixed(seed("understanding any query", 11)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_query_panics_and_every_text_is_the_querys(q in pieces()) {
        let found = answer(&WORLD, &query(&q, "jobs"));
        for one in understood(&found) {
            let text = one["text"].as_str().unwrap();
            prop_assert!(!text.is_empty() && q.contains(text), "{text:?} of {q:?}");
        }
    }
}
