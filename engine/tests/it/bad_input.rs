//! Bad input never panics: it is refused with faults that point at it, and
//! leaves nothing behind.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};
use tandem_engine::{
    Condition, FacetRequest, Failure, Request, Scope, Source, WordsRule, answer, explain,
};
use tandem_index::{Kinds, Snapshot, Store, prepare};

use crate::corpus::Corpus;
use crate::support::{NOW_MS, TINY, canonical, put, query, seed, store};

static WORLD: LazyLock<Arc<Snapshot>> = LazyLock::new(|| {
    let corpus = Corpus::sample(60, 60, 16);
    store(&corpus.kinds, TINY, &corpus.changes(), 20).snapshot()
});

fn names() -> BoxedStrategy<String> {
    let known = [
        "id",
        "version",
        "language",
        "subject",
        "vector",
        "title",
        "company",
        "description",
        "location",
        "remote",
        "skills",
        "skills_preferred",
        "years_min",
        "pay",
        "pay.min",
        "location.city",
        "location.lat",
        "posted_at",
        "url",
        "headline",
        "text",
        "experience",
        "name",
        "score",
        "*",
    ];
    prop_oneof![8 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()].boxed()
}

fn texts() -> BoxedStrategy<String> {
    let odd = [
        "",
        " ",
        "C++ C# .NET R&D",
        "2026-01-01",
        "9999-99-99",
        "-262144-01-01",
        "remote",
        "\u{0}",
        "\u{feff}ﬁ①",
        "e\u{301}\u{200d}👩‍💻",
        "مرحبا ١٢٣",
        "職位要求 データ",
        "Phone: 555-123-4567\nJane Doe\n",
        "\"",
        "+ - \"\" :",
        "title:",
        "İıŞß",
    ];
    prop_oneof![
        4 => prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
        3 => any::<String>(),
        2 => "[a-z+\\-\": ]{0,60}",
    ]
    .boxed()
}

fn numbers() -> BoxedStrategy<Value> {
    prop_oneof![
        any::<i64>().prop_map(|n| json!(n)),
        any::<u64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        prop::sample::select(vec![json!(0), json!(-0.0), json!(1e308), json!(5e-324)]),
    ]
    .boxed()
}

fn values() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        numbers(),
        texts().prop_map(Value::String),
        Just(json!({"min": 1, "max": 2, "currency": "EUR", "period": "hour"})),
        Just(json!({"city": "Berlin", "lat": 52.5, "lon": 13.4})),
        Just(json!([{"title": "x", "from": "2020"}])),
        Just(Value::Array(vec![json!(0.1); 256])),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((names(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

fn documents() -> BoxedStrategy<Value> {
    let object = prop::collection::vec((names(), values()), 0..8).prop_map(|members| {
        let mut object: Map<String, Value> = members.into_iter().collect();
        object.entry("id").or_insert_with(|| json!("x"));
        Value::Object(object)
    });
    prop_oneof![9 => object, 1 => values()].boxed()
}

fn conditions() -> BoxedStrategy<Condition> {
    let list = || prop::collection::vec(values(), 0..4);
    let bound = || prop::option::weighted(0.2, values());
    (
        prop::option::of(list()),
        list(),
        list(),
        bound(),
        bound(),
        bound(),
        bound(),
        any::<bool>(),
    )
        .prop_map(
            |(any, all, none, gte, gt, lte, lt, include_unknown)| Condition {
                any,
                all: if all.len() > 2 { all } else { Vec::new() },
                none: if none.len() > 2 { none } else { Vec::new() },
                gte,
                gt,
                lte,
                lt,
                include_unknown,
                ..Condition::default()
            },
        )
        .boxed()
}

fn kinds() -> BoxedStrategy<String> {
    prop_oneof![4 => Just("jobs".to_owned()), 4 => Just("candidates".to_owned()), 1 => texts()]
        .boxed()
}

fn sources() -> BoxedStrategy<Source> {
    let vector = prop::option::weighted(
        0.2,
        prop_oneof![
            prop::collection::vec(any::<f32>(), 0..4),
            prop::collection::vec(-1.0_f32..1.0, 256),
            prop::collection::vec(any::<f32>(), 256),
        ],
    );
    prop_oneof![
        4 => (texts(), vector).prop_map(|(q, vector)| Source::Query { q, vector }),
        1 => (kinds(), texts()).prop_map(|(kind, id)| Source::Stored { kind, id }),
        2 => (kinds(), documents()).prop_map(|(kind, document)| Source::Inline { kind, document }),
        2 => (kinds(), texts()).prop_map(|(kind, text)| Source::Text { kind, text }),
    ]
    .boxed()
}

fn requests() -> BoxedStrategy<Request> {
    let scope = prop_oneof![
        3 => Just(Scope::Pool),
        1 => Just(Scope::All),
        1 => prop::collection::vec(texts(), 0..3).prop_map(Scope::Ids),
    ];
    let lists = (
        prop::collection::vec((names(), conditions()), 0..2),
        prop::collection::vec(
            (names(), 0_usize..1_200).prop_map(|(name, limit)| FacetRequest::new(name, limit)),
            0..2,
        ),
        prop::collection::vec(
            prop_oneof![names(), names().prop_map(|n| format!("-{n}"))],
            0..2,
        ),
        prop::collection::vec(
            (
                prop_oneof![Just("text".to_owned()), Just("pay".to_owned()), names()],
                prop_oneof![0.0..100.0, any::<f64>()],
            ),
            0..2,
        ),
        prop::option::of(prop::collection::vec(names(), 0..3)),
    );
    let words = prop::sample::select(vec![WordsRule::All, WordsRule::Most, WordsRule::Any]);
    let rest = (
        0_usize..1_100,
        prop::option::weighted(0.1, texts()),
        any::<[bool; 3]>(),
        any::<i64>(),
        words,
    );
    (
        sources(),
        prop::option::weighted(0.9, kinds()),
        scope,
        lists,
        rest,
    )
        .prop_map(
            |(
                source,
                to,
                scope,
                (filters, facets, sort, weights, fields),
                (limit, cursor, flags, now_ms, words),
            )| Request {
                scope,
                filters,
                facets,
                sort,
                weights,
                fields,
                limit,
                cursor,
                words,
                count: flags[0],
                highlight: flags[1],
                plan: flags[2],
                ..Request::new(source, to, now_ms)
            },
        )
        .boxed()
}

fn is_pointer(pointer: &str) -> bool {
    let escaped = pointer
        .split('~')
        .skip(1)
        .all(|rest| rest.starts_with(['0', '1']));
    (pointer.is_empty() || pointer.starts_with('/')) && escaped
}

fn check_failure(failure: &Failure) -> Result<(), TestCaseError> {
    prop_assert!(!failure.faults.is_empty());
    for fault in &failure.faults {
        prop_assert!(is_pointer(&fault.pointer), "{:?}", fault);
        prop_assert!(
            !fault.detail.is_empty() && !fault.code.is_empty(),
            "{:?}",
            fault
        );
    }
    Ok(())
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 3_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed("bad input", 91)),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_request_panics(request in requests(), id in texts()) {
        match answer(&WORLD, &request, &mut |_| {}) {
            Ok(answer) => {
                prop_assert!(answer.hits.len() <= request.limit);
                for hit in &answer.hits {
                    let sum: i32 = hit.contributions.iter().map(|part| part.points).sum();
                    prop_assert_eq!(sum, hit.score as i32);
                    prop_assert!(hit.score <= 1_000_000);
                }
                prop_assert!(request.limit == 0 || answer.cursor.is_none() || answer.hits.len() == request.limit);
            }
            Err(failure) => check_failure(&failure)?,
        }
        if let Err(failure) = explain(&WORLD, &request, "jobs", &id) {
            check_failure(&failure)?;
        }
    }

    #[test]
    fn no_document_panics_and_a_refused_one_leaves_nothing(
        batch in prop::collection::vec((documents(), kinds()), 1..6),
    ) {
        let kinds = Arc::new(Kinds::builtin());
        let mut store = Store::new(Arc::clone(&kinds), TINY);
        let mut ids = std::collections::BTreeSet::new();
        for (document, kind) in batch {
            let Some(kind) = kinds.get(&kind) else { continue };
            let before = store.snapshot();
            match prepare(&kinds, put(&kinds, &kind.name, &document)) {
                Ok(change) => {
                    let outcome = store.apply(vec![change], 0).remove(0);
                    prop_assert!(store.snapshot().get(kind.id, &outcome.id).is_some());
                    ids.insert((kind.id, outcome.id));
                }
                Err(invalid) => {
                    prop_assert!(!invalid.faults.is_empty());
                    for fault in &invalid.faults {
                        prop_assert!(is_pointer(&fault.pointer), "{:?}", fault);
                    }
                    prop_assert!(Arc::ptr_eq(&before, &store.snapshot()));
                }
            }
        }
        let snapshot = store.snapshot();
        let rows: u64 = kinds.iter().map(|kind| snapshot.rows(kind.id)).sum();
        prop_assert_eq!(rows, ids.len() as u64);
        for (kind, id) in &ids {
            let source = Source::Stored { kind: kinds.by_id(*kind).name.clone(), id: id.clone() };
            let request = Request { highlight: true, fields: Some(vec!["*".into()]), ..Request::new(source, None, NOW_MS) };
            if let Err(failure) = answer(&snapshot, &request, &mut |_| {}) {
                check_failure(&failure)?;
                // A document without a word, a skill or a vector is the one refusal.
                let empty = failure.faults[0].detail.contains("says nothing");
                prop_assert!(empty, "a stored document matches: {}", failure);
            }
        }
        store.relayout(1, true);
        for to in ["jobs", "candidates"] {
            let every = query("", to);
            let before = answer(&snapshot, &every, &mut |_| {}).unwrap();
            let after = answer(&store.snapshot(), &every, &mut |_| {}).unwrap();
            prop_assert_eq!(canonical(&before), canonical(&after));
        }
    }
}

// A request with one thing wrong; the pointer to it and its code.
type Case = (Request, &'static str, &'static str);

fn with(change: impl Fn(&mut Request)) -> Request {
    let mut request = query("engineer", "jobs");
    change(&mut request);
    request
}

fn faulty_filters() -> Vec<Case> {
    let filter = |name: &str, gte: Option<Value>| {
        let condition = Condition {
            gte,
            ..Condition::default()
        };
        with(|r| r.filters = vec![(name.to_owned(), condition.clone())])
    };
    let text = || Some(json!("a"));
    vec![
        (filter("compny", None), "/filters/compny", "unknown_field"),
        (
            filter("company", text()),
            "/filters/company",
            "invalid_filter",
        ),
        (
            filter("posted_at", text()),
            "/filters/posted_at/gte",
            "invalid_filter",
        ),
        (
            filter("pay.min", text()),
            "/filters/pay.min/gte",
            "invalid_filter",
        ),
    ]
}

fn faulty_members() -> Vec<Case> {
    let facet =
        |name: &str, values: usize| with(|r| r.facets = vec![FacetRequest::new(name, values)]);
    let field = |name: &str| with(|r| r.fields = Some(vec![name.into()]));
    let weight = |name: &str, weight: f64| with(|r| r.weights = vec![(name.into(), weight)]);
    vec![
        (with(|r| r.to = Some("jbos".into())), "/to", "unknown_kind"),
        (with(|r| r.to = None), "/to", "invalid_request"),
        (with(|r| r.limit = 1_001), "/limit", "invalid_request"),
        (facet("compny", 5), "/facets/0/field", "unknown_field"),
        (facet("company", 0), "/facets/0/limit", "invalid_request"),
        (
            with(|r| r.sort = vec!["-tilte".into()]),
            "/sort/0",
            "unknown_field",
        ),
        (field("tilte"), "/fields/0", "unknown_field"),
        (field("a/b~c"), "/fields/0", "unknown_field"),
        (weight("a/b~c", 1.0), "/weights/a~1b~0c", "unknown_member"),
        (weight("text", f64::NAN), "/weights/text", "invalid_request"),
        (
            with(|r| r.cursor = Some("AAAA".into())),
            "/cursor",
            "invalid_cursor",
        ),
    ]
}

fn faulty_sources() -> Vec<Case> {
    let source = |source: Source| with(|r| r.source = source.clone());
    let vector = |values: Vec<f32>| {
        source(Source::Query {
            q: String::new(),
            vector: Some(values),
        })
    };
    let long = Source::Query {
        q: "x".repeat(9_000),
        vector: None,
    };
    let stored = Source::Stored {
        kind: "jobs".into(),
        id: "none".into(),
    };
    let inline = Source::Inline {
        kind: "jobs".into(),
        document: json!({"titel": 1}),
    };
    vec![
        (vector(vec![1.0; 3]), "/vector", "invalid_vector"),
        (vector(vec![f32::NAN; 256]), "/vector", "invalid_vector"),
        (vector(vec![0.0; 256]), "/vector", "invalid_vector"),
        (source(long), "/q", "invalid_request"),
        (source(stored), "/from/id", "not_found"),
        (source(inline), "/from/document/titel", "unknown_field"),
    ]
}

#[test]
fn what_is_wrong_with_a_request_is_named() {
    let cases = faulty_filters()
        .into_iter()
        .chain(faulty_members())
        .chain(faulty_sources());
    for (request, pointer, code) in cases {
        let failure = answer(&WORLD, &request, &mut |_| {}).unwrap_err();
        let faults: Vec<(&str, &str)> = failure
            .faults
            .iter()
            .map(|f| (f.pointer.as_str(), f.code))
            .collect();
        assert_eq!(faults, [(pointer, code)], "{request:?}");
    }
}

#[test]
fn a_document_that_was_taken_can_be_asked_for_by_its_id() {
    let kinds = Arc::new(Kinds::builtin());
    for id in [
        json!("x"),
        json!(7),
        json!(-7),
        json!(1.5),
        json!(4.968_787_930_140_634e197),
        json!(1e300),
    ] {
        let document = json!({"id": id, "title": "Engineer"});
        let Ok(change) = prepare(&kinds, put(&kinds, "jobs", &document)) else {
            continue;
        };
        let mut store = Store::new(Arc::clone(&kinds), TINY);
        let id = store.apply(vec![change], 0).remove(0).id;
        let stored = Source::Stored {
            kind: "jobs".into(),
            id: id.clone(),
        };
        let request = Request::new(stored, None, NOW_MS);
        let failure = answer(&store.snapshot(), &request, &mut |_| {}).err();
        assert_eq!(failure, None, "{id}");
    }
}
