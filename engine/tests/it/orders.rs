//! Orders by pay and distance, and caps, against brute force; pages add up to
//! the whole list.

use std::collections::HashMap;

use serde_json::{Value, json};
use tandem_engine::{Center, Condition, FacetRequest, Near, Request};
use tandem_index::gazetteer::distance_km;
use tandem_index::snapshot::Snapshot;

use crate::posts::{World, amounts, coordinates, texts};
use crate::support::{Rng, answer, ids, query};

// Reads an answer to its end in pages.
fn pages(snapshot: &Snapshot, request: &Request, limit: usize) -> Vec<String> {
    let mut request = Request {
        limit,
        ..request.clone()
    };
    let mut all = Vec::new();
    loop {
        let page = answer(snapshot, &request);
        assert!(page.hits.len() == limit || page.cursor.is_none());
        all.extend(ids(&page));
        request.cursor = page.cursor;
        if request.cursor.is_none() {
            return all;
        }
        assert!(all.len() < 10_000, "pages end");
    }
}

#[test]
fn orders_by_pay_and_distance_put_unknown_last_and_equals_by_id() {
    let mut rng = Rng::new("orders", 82);
    let world = World::new(&mut rng, 300);
    let snapshot = world.store.snapshot();
    let center = (48.9, 11.3);
    for (sort, falling) in [
        ("pay", false),
        ("-pay", true),
        ("distance", false),
        ("-distance", true),
    ] {
        let mut request = query("", "posts");
        request.limit = 1_000;
        request.sort = vec![sort.into()];
        request.near = Some(Near {
            center: Center::Point(center.0, center.1),
            km: 20_000.0,
            include_unknown: true,
        });
        let key = |post: &Value| -> Option<f64> {
            let key = if sort.ends_with("pay") {
                amounts(post, "EUR").map(|(_, most)| most)
            } else {
                coordinates(post).map(|own| distance_km(center, own))
            };
            key.map(|key| if falling { -key } else { key })
        };
        let mut expected: Vec<(f64, &str)> = world
            .posts
            .iter()
            .map(|post| (key(post).unwrap_or(f64::MAX), post["id"].as_str().unwrap()))
            .collect();
        expected.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
        let expected: Vec<&str> = expected.into_iter().map(|(_, id)| id).collect();
        let found = answer(&snapshot, &request);
        assert_eq!(ids(&found), expected, "{sort}");
        assert_eq!(pages(&snapshot, &request, 7), expected, "{sort}");
        for hit in &found.hits {
            let post = world
                .posts
                .iter()
                .find(|post| post["id"] == *hit.id)
                .unwrap();
            let km = coordinates(post).map(|own| distance_km(center, own));
            match (hit.distance_km, km) {
                (Some(shown), Some(km)) => assert!((shown - km).abs() <= 0.0501),
                (shown, km) => assert_eq!(shown, km),
            }
        }
    }
    let mut lost = query("", "posts");
    lost.sort = vec!["-pay".into(), "distance".into()];
    let failure = tandem_engine::answer(&snapshot, &lost, &mut |_| {}).unwrap_err();
    assert_eq!(failure.faults[0].pointer, "/sort/1");
}

#[test]
fn a_capped_list_is_the_full_one_with_the_surplus_left_out() {
    let mut rng = Rng::new("caps", 83);
    let world = World::new(&mut rng, 500);
    let snapshot = world.store.snapshot();
    let sorts: [&[&str]; 4] = [&[], &["-pay"], &["company", "-day"], &["size", "score"]];
    for (sort, q, field, count) in sorts.iter().flat_map(|sort| {
        let fields = [("company", 1), ("company", 3), ("colour", 2)];
        fields.map(|(field, count)| {
            (
                sort,
                if count == 3 { "alpha OR beta" } else { "" },
                field,
                count,
            )
        })
    }) {
        let mut request = query(q, "posts");
        request.limit = 1_000;
        request.sort = sort.iter().map(|&name| name.to_owned()).collect();
        let full = answer(&snapshot, &request);
        let mut taken: HashMap<String, usize> = HashMap::new();
        let expected: Vec<String> = ids(&full)
            .into_iter()
            .filter(|id| {
                let post = world.posts.iter().find(|post| post["id"] == **id).unwrap();
                let own = texts(post, field);
                let room = own
                    .iter()
                    .all(|value| taken.get(value).is_none_or(|n| *n < count));
                if room {
                    for value in own {
                        *taken.entry(value).or_default() += 1;
                    }
                }
                room
            })
            .collect();
        request.max_per = Some((field.into(), count));
        request.facets = vec![FacetRequest::new("colour", 50)];
        let capped = answer(&snapshot, &request);
        assert_eq!(ids(&capped), expected, "{sort:?} {field} {count}");
        assert_eq!(capped.total, full.total, "the total is uncapped");
        for limit in [1, 13, 50] {
            assert_eq!(
                pages(&snapshot, &request, limit),
                expected,
                "{sort:?} {field} {limit}"
            );
        }
        assert!(expected.len() < full.hits.len());
    }
}

type Case = (Box<dyn Fn(&mut Request)>, &'static str);

fn wrong_radii() -> Vec<Case> {
    let near = |center: Center, km: f64, pointer: &'static str| -> Case {
        let change = move |r: &mut Request| {
            r.near = Some(Near {
                center: center.clone(),
                km,
                include_unknown: false,
            });
        };
        (Box::new(change), pointer)
    };
    let point = || Center::Point(1.0, 1.0);
    vec![
        near(point(), 0.0, "/near/km"),
        near(point(), -1.0, "/near/km"),
        near(point(), f64::NAN, "/near/km"),
        near(point(), f64::INFINITY, "/near/km"),
        near(Center::Point(f64::NAN, 1.0), 1.0, "/near/lat"),
        near(Center::Point(1.0, 180.5), 1.0, "/near/lon"),
        near(Center::Place("Zzyzxville".into()), 1.0, "/near/place"),
    ]
}

fn wrong_facets() -> Vec<Case> {
    let facet = |field: &'static str, ranges: Value, currency: &'static str, at: &'static str| {
        let change = move |r: &mut Request| {
            let mut facet = FacetRequest::new(field, 10);
            facet.ranges = ranges.as_array().cloned();
            facet.currency = (!currency.is_empty()).then(|| currency.to_owned());
            r.facets = vec![FacetRequest::new("colour", 1), facet];
        };
        (Box::new(change) as Box<dyn Fn(&mut Request)>, at)
    };
    let many: Vec<usize> = (0..101).collect();
    vec![
        facet("size", json!([]), "", "/facets/1/ranges"),
        facet("size", json!(many), "", "/facets/1/ranges"),
        facet("size", json!([1, 1]), "", "/facets/1/ranges/1"),
        facet("size", json!([2, 1]), "", "/facets/1/ranges/1"),
        facet("size", json!([1, "a"]), "", "/facets/1/ranges/1"),
        facet("day", json!(["soon"]), "", "/facets/1/ranges/0"),
        facet("colour", json!([1]), "", "/facets/1/ranges"),
        facet("location", json!([1]), "", "/facets/1/ranges"),
        facet("pay", json!(null), "", "/facets/1/ranges"),
        facet("pay", json!([1]), "ZZZ", "/facets/1/currency"),
        facet("size", json!(null), "EUR", "/facets/1/currency"),
        facet("payy", json!(null), "", "/facets/1/field"),
    ]
}

fn wrong_filters() -> Vec<Case> {
    let filter = |field: &'static str, condition: Condition, at: &'static str| -> Case {
        let change = move |r: &mut Request| r.filters = vec![(field.to_owned(), condition.clone())];
        (Box::new(change), at)
    };
    let low = |gte: Value, currency: &str, period: &str| Condition {
        gte: Some(gte),
        currency: (!currency.is_empty()).then(|| currency.to_owned()),
        period: (!period.is_empty()).then(|| period.to_owned()),
        ..Condition::default()
    };
    vec![
        filter("pay", Condition::default(), "/filters/pay"),
        filter("pay", low(json!("a"), "", ""), "/filters/pay/gte"),
        filter("pay", low(json!(-5), "", ""), "/filters/pay/gte"),
        filter("pay", low(json!(5), "ZZZ", ""), "/filters/pay/currency"),
        filter("pay", low(json!(5), "", "eon"), "/filters/pay/period"),
        filter("size", low(json!(5), "EUR", ""), "/filters/size"),
        filter("location", low(json!(5), "", ""), "/filters/location"),
    ]
}

fn wrong_members() -> Vec<Case> {
    let capped = |field: &'static str, count: usize, at: &'static str| -> Case {
        let change = move |r: &mut Request| r.max_per = Some((field.into(), count));
        (Box::new(change), at)
    };
    vec![
        capped("company", 0, "/max_per/count"),
        capped("size", 1, "/max_per/field"),
        capped("compny", 1, "/max_per/field"),
        capped("location", 1, "/max_per/field"),
        (
            Box::new(|r| r.exclude = vec!["p".into(); 10_001]),
            "/exclude",
        ),
        (
            Box::new(|r| r.sort = vec!["size".into(), "distanc".into()]),
            "/sort/1",
        ),
    ]
}

#[test]
fn what_is_wrong_with_narrowing_is_named() {
    let mut rng = Rng::new("narrowing", 84);
    let snapshot = World::new(&mut rng, 20).store.snapshot();
    let cases = [
        wrong_radii(),
        wrong_facets(),
        wrong_filters(),
        wrong_members(),
    ];
    for (change, pointer) in cases.into_iter().flatten() {
        let mut request = query("", "posts");
        change(&mut request);
        let failure = tandem_engine::answer(&snapshot, &request, &mut |_| {}).expect_err(pointer);
        let pointers: Vec<&str> = failure.faults.iter().map(|f| f.pointer.as_str()).collect();
        assert_eq!(pointers, [pointer], "{request:?}");
    }
    let mut whole = query("", "posts");
    whole.max_per = Some(("location".into(), 1));
    let failure = tandem_engine::answer(&snapshot, &whole, &mut |_| {}).unwrap_err();
    let suggested = failure.faults[0].did_you_mean.as_deref();
    assert_eq!(suggested, Some("location.city"));
    let mut most = query("", "posts");
    most.exclude = (0..10_000).map(|at| format!("p{at:04}")).collect();
    assert_eq!(answer(&snapshot, &most).total.unwrap().value, 0);
}

#[test]
fn a_mistyped_country_is_named_as_people_write_it() {
    let mut rng = Rng::new("countries", 86);
    let snapshot = World::new(&mut rng, 200).store.snapshot();
    for (value, meant) in [
        ("Germny", Some("Germany")),
        ("Untied States", Some("United States")),
        ("Fiiji", Some("Fiji")),
        // No document is there.
        ("Frnace", None),
    ] {
        let mut request = query("", "posts");
        request.filters = vec![(
            "location.country".into(),
            Condition {
                any: Some(vec![json!(value)]),
                ..Condition::default()
            },
        )];
        let found = answer(&snapshot, &request);
        let hint = meant.map_or_else(String::new, |name| format!("; did you mean \"{name}\"?"));
        let warning = format!("location.country: no document has \"{value}\"{hint}");
        assert_eq!(found.warnings, [warning]);
        let Some(name) = meant else { continue };
        request.filters[0].1.any = Some(vec![json!(name)]);
        assert!(
            answer(&snapshot, &request).total.unwrap().value > 0,
            "{name}"
        );
    }
}

#[test]
fn values_are_taken_as_documents_spell_them() {
    let mut rng = Rng::new("spellings", 85);
    let snapshot = World::new(&mut rng, 200).store.snapshot();
    let ask = |value: &str| {
        let mut request = query("", "posts");
        request.limit = 1_000;
        request.filters = vec![(
            "colour".into(),
            Condition {
                any: Some(vec![json!(value)]),
                ..Condition::default()
            },
        )];
        answer(&snapshot, &request)
    };
    let shown = |value: &str| ask(value).applied["filters"]["colour"]["any"].clone();
    assert_eq!(shown("Green"), json!(["Green"]));
    assert_eq!(shown("GREEN"), json!(["Green", "green"]));
    assert_eq!(shown("Blue Sky"), json!(["blue sky"]));
    let unknown = ask("blu sky");
    assert_eq!(unknown.total.unwrap().value, 0);
    let warning = "colour: no document has \"blu sky\"; did you mean \"blue sky\"?";
    assert_eq!(unknown.warnings, [warning]);
    // Several values, conditions and leaves of one column keep apart.
    let mut mixed = query("colour:GREEN OR colour:\"BLUE SKY\"", "posts");
    mixed.limit = 1_000;
    let leaves = ids(&answer(&snapshot, &mixed)).len();
    let both = Condition {
        any: Some(vec![json!("GREEN"), json!("blue sky")]),
        none: vec![json!("RED")],
        ..Condition::default()
    };
    let mut request = query("", "posts");
    request.filters = vec![("colour".into(), both)];
    let found = answer(&snapshot, &request);
    let shown = &found.applied["filters"]["colour"];
    assert_eq!(shown["any"], json!(["Green", "green", "blue sky"]));
    assert_eq!(shown["none"], json!(["red"]));
    let mut and = query(
        "(colour:GREEN OR colour:\"BLUE SKY\") AND colour:RED",
        "posts",
    );
    and.limit = 1_000;
    let red = ids(&answer(&snapshot, &and)).len();
    assert!(red > 0 && red < leaves);
    assert_eq!(found.total.unwrap().value, (leaves - red) as u64);
}
