//! Boolean expressions match exactly what they say, over documents one can read;
//! what is no expression says where it is wrong.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use serde_json::{Value, json};
use tandem_engine::{Failure, Request, Syntax};
use tandem_index::snapshot::Snapshot;
use tandem_index::{Kinds, StoreOptions};

use crate::support::{answer, delete, ids, prepared, put, query, store};

fn ads() -> Vec<Value> {
    let mut ads = vec![
        json!({"id": "a", "title": "Senior Rust Engineer", "company": "Acme",
            "description": "We build event streaming systems in Rust and Go. Kubernetes is our home.",
            "location": {"city": "Berlin", "country": "DE"}, "remote": "remote", "contract": "Full-time",
            "pay": {"min": 70_000, "max": 90_000, "currency": "EUR"}, "posted_at": "2026-01-10",
            "skills": ["Rust", "Go"]}),
        json!({"id": "b", "title": "Go Developer", "company": "Google",
            "description": "Kubernetes and Docker in production. PHP is a plus.",
            "location": {"city": "Munich", "country": "DE"}, "remote": "hybrid", "contract": "full-time",
            "pay": {"min": 60_000, "max": 75_000, "currency": "EUR"}, "posted_at": "2026-02-01"}),
        json!({"id": "c", "title": "PHP Developer", "company": "Acme",
            "description": "Laravel and Symfony, legacy systems.",
            "location": {"city": "Paris", "country": "FR"}, "remote": "onsite", "contract": "Part-time",
            "pay": {"min": 40_000, "max": 50_000, "currency": "EUR"}, "posted_at": "2025-12-24"}),
        json!({"id": "d", "title": "Data Engineer", "company": "Datawerk",
            "description": "Streaming event data with Kafka and Python.",
            "location": {"city": "Austin", "region": "TX", "country": "US"}, "remote": "remote",
            "pay": {"min": 150_000, "max": 180_000, "currency": "USD"}, "posted_at": "2026-03-15"}),
        json!({"id": "e", "title": "Nurse", "company": "Charité",
            "description": "Care of patients in intensive care.",
            "location": {"city": "Berlin", "country": "DE"}, "remote": "onsite"}),
        json!({"id": "f", "title": "Product Manager", "company": "Rust & Sons",
            "description": "Managing products and people.",
            "location": {"city": "London", "country": "GB"}, "remote": "hybrid",
            "pay": {"min": 55_000, "currency": "GBP"}, "posted_at": "2026-01-01"}),
        json!({"id": "g", "title": "C++ Engineer", "company": "Quant",
            "description": "Low latency trading systems in C++ and C#.",
            "pay": {"max": 200_000, "currency": "USD"}, "posted_at": "2026-01-31T12:00:00Z"}),
        json!({"id": "h", "title": "Full-time Driver", "company": "Moves",
            "description": "Drives a truck full time, or part time.",
            "location": {"city": "Berlin", "country": "DE"}, "contract": "full-time"}),
        json!({"id": "i", "title": "Engineering Manager", "company": "Acme Corp",
            "description": "Manages engineers. Not a hands-on role."}),
        json!({"id": "j", "title": "Frontend Developer", "company": "Webby",
            "description": "Node.js, React and TypeScript. Remote first.",
            "remote": "remote", "years_min": 5}),
        json!({"id": "k", "title": "Intern"}),
    ];
    for ad in &mut ads {
        ad["language"] = json!("en");
    }
    ads
}

static ADS: LazyLock<Arc<Snapshot>> = LazyLock::new(|| {
    let kinds = Arc::new(Kinds::builtin());
    let writes = ads().iter().map(|ad| put(&kinds, "jobs", ad)).collect();
    let mut store = store(
        &kinds,
        StoreOptions::default(),
        &prepared(&kinds, writes),
        3,
    );
    // What a deleted document said matches nothing.
    let gone = json!({"id": "z", "title": "Zebra rust keeper", "contract": "FULL-TIME"});
    store.apply(prepared(&kinds, vec![put(&kinds, "jobs", &gone)]), 0);
    store.apply(prepared(&kinds, vec![delete(&kinds, "jobs", "z")]), 0);
    store.snapshot()
});

fn boolean(q: &str) -> Request {
    let mut request = query(q, "jobs");
    request.reading.syntax = Syntax::Boolean;
    request.limit = 100;
    request
}

fn found(q: &str) -> String {
    let answer = answer(&ADS, &boolean(q));
    let mut ids = ids(&answer);
    assert_eq!(answer.total.unwrap().value, ids.len() as u64, "{q}");
    ids.sort_unstable();
    ids.join(" ")
}

fn failure(q: &str) -> Failure {
    tandem_engine::answer(&ADS, &boolean(q), &mut |_| {}).expect_err(q)
}

const SUITE: [(&str, &str); 103] = [
    ("rust", "a f"),
    ("RUST", "a f"),
    ("rust AND go", "a"),
    ("rust OR go", "a b f"),
    ("rust AND NOT go", "f"),
    ("rust NOT go", "f"),
    ("NOT rust", "b c d e g h i j k"),
    ("rust go", "a"),
    ("(rust OR go) AND NOT php", "a f"),
    ("rust -go", "f"),
    ("-rust -go", "c d e g h i j k"),
    ("NOT (rust OR go)", "c d e g h i j k"),
    ("-(rust OR go)", "c d e g h i j k"),
    ("NOT NOT rust", "a f"),
    ("NOT (NOT rust)", "a f"),
    ("--rust", "a f"),
    ("+rust", "a f"),
    ("rust OR go AND php", "a b f"),
    ("go AND php OR rust", "a b f"),
    ("(rust OR go) AND php", "b"),
    ("rust OR NOT developer", "a d e f g h i k"),
    ("\"event streaming\"", "a"),
    ("“event streaming”", "a"),
    ("\"streaming event\"", "d"),
    ("event streaming", "a d"),
    ("\"event streaming\" OR \"streaming event\"", "a d"),
    ("NOT \"event streaming\" streaming", "d"),
    ("-\"event streaming\" event", "d"),
    ("engineer", "a d g i"),
    ("engineering", "a d g i"),
    ("\"engineers\"", "i"),
    ("title:engineer", "a d g i"),
    ("title:engineering NOT title:senior", "d g i"),
    ("title:\"engineering manager\"", "i"),
    ("description:engineer", "i"),
    ("title:rust", "a"),
    ("company:rust", "f"),
    ("company:acme", "a c i"),
    ("company:\"acme corp\"", "i"),
    ("company:acme -company:corp", "a c"),
    ("company:(acme OR google)", "a b c i"),
    ("title:(rust OR php OR nurse)", "a c e"),
    ("title:(developer AND NOT php)", "b j"),
    ("title:(senior company:acme)", "a"),
    ("NOT title:(developer OR engineer)", "e f h k"),
    ("skills:rust", "a"),
    ("skills:php", ""),
    ("location.country:DE", "a b e h"),
    ("location.country:Germany", "a b e h"),
    (
        "location.country:germany OR location.country:FR",
        "a b c e h",
    ),
    ("location.city:berlin", "a e h"),
    ("location.city:\"Berlin\"", "a e h"),
    ("location.city:(berlin OR paris)", "a c e h"),
    ("NOT location.country:DE", "c d f g i j k"),
    ("location:\"Berlin, Germany\"", "a e h"),
    ("location:Germany", "a b e h"),
    ("location:\"Austin, TX\"", "d"),
    ("location.region:TX", "d"),
    ("remote:remote", "a d j"),
    ("remote:Remote", "a d j"),
    ("remote:(remote OR hybrid)", "a b d f j"),
    ("contract:\"Full-time\"", "a"),
    ("contract:full-time", "b h"),
    ("contract:FULL-TIME", "a b h"),
    ("contract:\"part-time\"", "c"),
    ("pay.min:>=60000", "a b d"),
    ("pay.min:>60000", "a d"),
    ("pay.min:60000..80000", "a b"),
    ("pay.min:..55000", "c f"),
    ("pay.min:150000..", "d"),
    ("pay.min:60000", "b"),
    ("pay.max:<=75000", "b c"),
    ("pay.max:<75000", "c"),
    ("pay:>=80000", "a d g"),
    ("pay:<45000", "c"),
    ("pay:70000..72000", "a b"),
    ("NOT pay:>=80000", "b c e f h i j k"),
    ("posted_at:>=2026-01-01", "a b d f g"),
    ("posted_at:2026-01-01..2026-02-01", "a b f g"),
    ("posted_at:<2026-01-01", "c"),
    ("posted_at:2026-01-31", "g"),
    (
        "posted_at:>2026-01-31T11:59:59Z AND posted_at:<2026-02-01",
        "g",
    ),
    ("NOT posted_at:>=2026-01-01", "c e h i j k"),
    ("years_min:>=3", "j"),
    ("years_min:5", "j"),
    ("full-time", "h"),
    ("NOT full-time", "a b c d e f g i j k"),
    ("\"full time\" AND driver", "h"),
    ("c++ AND c# AND NOT rust", "g"),
    ("node.js", "j"),
    ("charite", "e"),
    ("company:charité", "e"),
    ("care AND (patients OR trucks)", "e"),
    ("berlin NOT remote:remote", "e h"),
    ("manager", "f i"),
    ("zebra", ""),
    ("NOT zebra", "a b c d e f g h i j k"),
    ("zebra OR nurse", "e"),
    ("part or full", "h"),
    ("\"not\" AND role", "i"),
    ("\"AND\"", "a b c d f g j"),
    ("rust (go OR (php AND (developer OR manager)))", "a"),
    (
        "title:senior OR remote:onsite OR pay.min:>100000",
        "a c d e",
    ),
];

#[test]
fn an_expression_matches_exactly_what_it_says() {
    let wrong: Vec<String> = SUITE
        .iter()
        .filter(|(q, expected)| found(q) != **expected)
        .map(|(q, expected)| format!("{q}: expected {expected:?}, found {:?}", found(q)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_expression_is_shown_in_normal_form() {
    let cases = [
        ("(Rust OR go) -PHP", "(rust OR go) AND NOT php"),
        ("a AND (b AND (c OR (d OR e)))", "a AND b AND (c OR d OR e)"),
        ("a b OR c", "(a AND b) OR c"),
        ("NOT (a OR NOT NOT b)", "NOT (a OR b)"),
        ("title:(a OR \"B c\")", "title:a OR title:\"b c\""),
        ("full-time", "\"full time\""),
        (
            "pay.min:>=60000 remote:remote",
            "pay.min:>=60000 AND remote:remote",
        ),
    ];
    for (q, normal) in cases {
        let answer = answer(&ADS, &boolean(q));
        assert_eq!(answer.applied["boolean"], normal, "{q}");
        let again = boolean(normal);
        assert_eq!(
            ids(&crate::support::answer(&ADS, &again)),
            ids(&answer),
            "{normal}"
        );
    }
}

#[test]
fn only_what_looks_like_an_expression_is_one() {
    let cases = [
        ("rust AND go", true),
        ("NOT rust", true),
        ("(rust)OR(go)", true),
        ("rust and go", false),
        ("\"rust AND go\"", false),
        ("rust ANDROID", false),
        ("nurse Portland, OR", false),
        ("nurse Portland OR Salem", true),
        ("", false),
    ];
    for (q, expected) in cases {
        let found = answer(&ADS, &query(q, "jobs"));
        assert_eq!(found.applied.contains_key("boolean"), expected, "{q}");
        let mut words = query(q, "jobs");
        words.reading.syntax = Syntax::Words;
        assert!(!answer(&ADS, &words).applied.contains_key("boolean"), "{q}");
    }
}

#[test]
fn a_wrong_expression_says_what_is_wrong_and_where() {
    let cases = [
        ("", "the expression is empty"),
        ("  ", "the expression is empty"),
        ("(rust", "the `(` at character 1 is not closed"),
        ("ü (rust OR (go)", "the `(` at character 3 is not closed"),
        ("rust (", "the `(` at character 6 is not closed"),
        ("rust)", "the `)` at character 5 closes nothing"),
        (")", "the `)` at character 1 closes nothing"),
        ("rust ()", "the parentheses at character 6 are empty"),
        ("rust AND", "there is no word behind `AND` at character 6"),
        (
            "rust OR OR go",
            "there is no word behind `OR` at character 6",
        ),
        ("AND rust", "there is no word before `AND` at character 1"),
        ("(OR rust)", "there is no word before `OR` at character 2"),
        ("NOT", "there is no word behind `NOT` at character 1"),
        (
            "rust AND (go OR)",
            "there is no word behind `OR` at character 14",
        ),
        (
            "\"event streaming",
            "the quote at character 1 is not closed",
        ),
        ("rust & go", "`&` at character 6 has no letters or digits"),
        ("- rust", "`-` at character 1 has no letters or digits"),
        ("\"\"", "`` at character 1 has no letters or digits"),
        (
            "title: rust",
            "there is nothing behind `title:` at character 1",
        ),
        ("title:>=5", "`title` at character 1 is a field of words"),
        (
            "company:a..b",
            "`company` at character 1 is a field of words",
        ),
        ("remote:>=5", "is a field of words"),
        (
            "a tilte:(b c)",
            "`tilte` at character 3 is no field of jobs",
        ),
        (
            "remote:sometimes",
            "expected one of: remote, hybrid, onsite",
        ),
        ("pay.min:much", "`much` is no number"),
        ("pay.min:NaN", "`NaN` is no number"),
        ("pay.min:9..5", "the lower bound is above the upper one"),
        ("posted_at:yesterday", "expected an RFC 3339 date"),
    ];
    for (q, detail) in cases {
        let failure = failure(q);
        let fault = &failure.faults[0];
        assert_eq!(
            (fault.code, &*fault.pointer),
            ("invalid_query", "/q"),
            "{q}"
        );
        assert!(fault.detail.contains(detail), "{q}: {}", fault.detail);
    }
    let near = failure("tilte:rust");
    assert_eq!(near.faults[0].did_you_mean.as_deref(), Some("title"));
    let near = failure("location.contry:DE");
    assert_eq!(
        near.faults[0].did_you_mean.as_deref(),
        Some("location.country")
    );
}

#[test]
fn deep_and_long_expressions_are_bounded() {
    let nested = |depth: usize| format!("{}rust{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(found(&nested(50)), "a f");
    assert!(failure(&nested(51)).faults[0].detail.contains("50 times"));
    assert!(
        failure(&"(".repeat(8_000)).faults[0]
            .detail
            .contains("50 times")
    );
    assert_eq!(found(&"a ".repeat(1_000)), found("a"));
    let many = failure(&"a ".repeat(1_001)).faults.remove(0);
    assert!(many.detail.contains("1000 terms"), "{}", many.detail);
    assert_eq!(failure(&"rust ".repeat(10_000)).faults[0].pointer, "/q");
    let values: Vec<String> = (0..400).map(|at| format!("contract:x{at}")).collect();
    let unknown = answer(&ADS, &boolean(&values.join(" OR ")));
    assert_eq!((unknown.hits.len(), unknown.warnings.len()), (0, 4));
    assert_eq!(found(&format!("{}rust", "NOT ".repeat(2_000))), "a f");
    assert_eq!(
        found(&format!("{}rust", "-".repeat(8_001))),
        found("NOT rust")
    );
}

#[test]
fn a_clause_on_a_column_is_a_must_among_words() {
    let cases = [
        ("engineer remote:remote", "a d"),
        ("remote:remote", "a d j"),
        ("-remote:remote -location.country:DE", "c f g i k"),
        ("developer pay.min:>=60000", "b"),
        ("posted_at:2025-01-01..2025-12-31", "c"),
    ];
    for (q, expected) in cases {
        let mut request = query(q, "jobs");
        request.limit = 100;
        let answer = answer(&ADS, &request);
        // Similar rows may join the words' matches, but never pass a must.
        let mut ids = ids(&answer);
        ids.retain(|id| expected.contains(id) || !q.contains(' '));
        ids.sort_unstable();
        assert_eq!(ids.join(" "), expected, "{q}");
    }
    let odd = answer(&ADS, &query("nurse remote:sometimes", "jobs"));
    assert!(
        odd.warnings
            .iter()
            .any(|text| text.contains("expected one of"))
    );
    assert_eq!(ids(&odd)[0], "e");
}

proptest! {
    #[test]
    fn no_text_panics(text in "[a-z():\"<>=.+ -]{0,60}|\\PC{0,40}") {
        let _either = tandem_engine::answer(&ADS, &boolean(&text), &mut |_| {});
    }
}

#[test]
fn a_star_that_is_no_wildcard_is_said_to_be_left_out() {
    for (q, said) in [
        ("nurs* AND spark", true),
        ("nurse AND (*park OR airflow)", true),
        ("\"nurs*\" AND spark", false),
        ("nurse AND spark", false),
    ] {
        let warnings = answer(&ADS, &boolean(q)).warnings.join("; ");
        assert_eq!(
            warnings.contains("`*` is no wildcard"),
            said,
            "{q}: {warnings}"
        );
    }
}

#[test]
fn warnings_say_what_the_first_words_count_for_and_what_narrows_nothing() {
    let long: Vec<String> = (0..70).map(|n| format!("word{n}")).collect();
    let warned = |request| answer(&ADS, &request).warnings.join("; ");
    let scored = warned(boolean(&long.join(" OR ")));
    assert!(
        scored.contains("only the first 64 words count for the score"),
        "{scored}"
    );
    let words = warned(query(&long.join(" "), "jobs"));
    assert!(words.contains("only the first 64 words count;"), "{words}");
    for signs in ["\u{1F980}", "\"\"\"", "?!"] {
        let said = warned(query(signs, "jobs"));
        assert!(said.contains("no letter and no digit"), "{signs}: {said}");
    }
    for narrow in ["", " ", "c++", "\u{8ba1}"] {
        let said = warned(query(narrow, "jobs"));
        assert!(!said.contains("no letter"), "{narrow}: {said}");
    }
}
