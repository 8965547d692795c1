//! Match sets, totals, facets, orders and caps against brute force over the
//! JSON of the documents: every way of narrowing a search, mixed at random.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use tandem_engine::{Center, Condition, FacetRequest, FacetValue, Near, Request, Syntax};
use tandem_index::gazetteer::distance_km;

use crate::posts::{COLOURS, PERIODS, WORDS, World, amounts, coordinates, texts};
use crate::support::{Rng, answer, ids, merge, query};

// What one part of a request asks, twice: for the engine, and for brute force.
type Test = Box<dyn Fn(&Value) -> bool>;

#[derive(Default)]
struct Asked {
    // Field of the filter, "" for what no facet leaves out.
    tests: Vec<(&'static str, Test)>,
    named: HashMap<&'static str, Vec<String>>,
}

impl Asked {
    fn keeps(&self, post: &Value, own: &[&str]) -> bool {
        let counted = self.tests.iter().filter(|(field, _)| !own.contains(field));
        counted.map(|(_, test)| test).all(|test| test(post))
    }
}

fn values(list: &[&str]) -> Vec<Value> {
    list.iter().map(|value| json!(value)).collect()
}

fn strings(
    rng: &mut Rng,
    field: &'static str,
    of: &[&'static str],
    asked: &mut Asked,
) -> Condition {
    let picked: Vec<&'static str> = (0..=rng.below(2)).map(|_| *rng.pick(of)).collect();
    let (unknown, negative) = (rng.chance(30), rng.chance(25));
    let held = picked.clone();
    let test = move |post: &Value| {
        let own = texts(post, field);
        if own.is_empty() {
            return unknown;
        }
        own.iter().any(|value| held.contains(&value.as_str())) != negative
    };
    asked.tests.push((field, Box::new(test)));
    let mut condition = Condition {
        include_unknown: unknown,
        ..Condition::default()
    };
    if negative {
        condition.none = values(&picked);
    } else {
        condition.any = Some(values(&picked));
        let names = picked.iter().map(|name| (*name).to_owned());
        asked.named.entry(field).or_default().extend(names);
    }
    condition
}

fn numbers(rng: &mut Rng, asked: &mut Asked) -> Condition {
    let (low, high) = (rng.below(20) as f64 / 4.0, 5.0 + rng.below(20) as f64 / 4.0);
    let (open, unknown) = (rng.chance(50), rng.chance(30));
    let test = move |post: &Value| match post.get("size").and_then(Value::as_f64) {
        None => unknown,
        Some(size) => size >= low && (size < high || (!open && size <= high)),
    };
    asked.tests.push(("size", Box::new(test)));
    let mut condition = Condition {
        gte: Some(json!(low)),
        include_unknown: unknown,
        ..Condition::default()
    };
    if open {
        condition.lt = Some(json!(high));
    } else {
        condition.lte = Some(json!(high));
    }
    condition
}

fn wages(rng: &mut Rng, asked: &mut Asked) -> Condition {
    let currency = *rng.pick(&["EUR", "USD", "INR"]);
    let (period, factor) = *rng.pick(&PERIODS);
    let scale = if currency == "INR" { 90.0 } else { 1.0 };
    let low = ((30 + rng.below(40)) as f64 * 1_000.0 * scale / factor).round();
    let high = low + ((5 + rng.below(40)) as f64 * 1_000.0 * scale / factor).round();
    let (has_low, unknown) = (rng.chance(70), rng.chance(30));
    let has_high = !has_low || rng.chance(50);
    let test = move |post: &Value| match amounts(post, currency) {
        None => unknown,
        Some((least, most)) => {
            (!has_low || most >= low * factor) && (!has_high || least <= high * factor)
        }
    };
    asked.tests.push(("pay", Box::new(test)));
    Condition {
        gte: has_low.then(|| json!(low)),
        lte: has_high.then(|| json!(high)),
        currency: (currency != "EUR" || rng.chance(50)).then(|| currency.to_owned()),
        period: (period != "year" || rng.chance(50)).then(|| period.to_owned()),
        include_unknown: unknown,
        ..Condition::default()
    }
}

// "Munixen, Germany" as its parts, in any case.
fn place(rng: &mut Rng, asked: &mut Asked) -> Condition {
    let (given, city, country) = *rng.pick(&[
        ("bexlin, germany", Some("Bexlin"), Some("DE")),
        ("MUNIXEN, Germany", Some("Munixen"), Some("DE")),
        ("Germany", None, Some("DE")),
        ("Suvaqa", Some("Suvaqa"), None),
    ]);
    let unknown = rng.chance(30);
    let test = move |post: &Value| {
        if post.get("location").is_none() {
            return unknown;
        }
        let is = |part: &str, wanted: Option<&str>| {
            wanted.is_none_or(|wanted| post["location"][part] == *wanted)
        };
        is("city", city) && is("country", country)
    };
    asked.tests.push(("location", Box::new(test)));
    Condition {
        any: Some(values(&[given])),
        include_unknown: unknown,
        ..Condition::default()
    }
}

fn near(rng: &mut Rng, asked: &mut Asked) -> Near {
    let centers = [
        (52.5, 13.4),
        (48.9, 11.3),
        (-16.0, 179.9),
        (31.0, -97.0),
        (89.9, 0.0),
    ];
    let (lat, lon) = *rng.pick(&centers);
    let km = *rng.pick(&[1.0, 20.0, 60.0, 200.0, 900.0, 8_000.0, 20_038.0]);
    let unknown = rng.chance(30);
    let test = move |post: &Value| match coordinates(post) {
        None => unknown,
        Some(own) => distance_km((lat, lon), own) <= km,
    };
    asked.tests.push(("", Box::new(test)));
    Near {
        center: Center::Point(lat, lon),
        km,
        include_unknown: unknown,
    }
}

// A query of words, of an expression, or none.
fn text(rng: &mut Rng, asked: &mut Asked) -> String {
    let (a, b) = (*rng.pick(&WORDS), *rng.pick(&WORDS));
    let colour = *rng.pick(&COLOURS);
    let size = rng.below(8) as f64;
    let has = |post: &Value, word: &str| post["text"] == *word;
    let (q, test): (String, Test) = match rng.below(6) {
        0 | 1 => return String::new(),
        2 => (a.to_owned(), Box::new(move |post| has(post, a))),
        3 => (
            format!("({a} OR {b}) AND NOT colour:\"{colour}\""),
            Box::new(move |post| {
                (has(post, a) || has(post, b)) && !texts(post, "colour").contains(&colour.into())
            }),
        ),
        4 => (
            format!("NOT {a} size:>={size}"),
            Box::new(move |post| {
                !has(post, a) && post["size"].as_f64().is_some_and(|own| own >= size)
            }),
        ),
        _ => (
            format!("{a} OR location.country:de"),
            Box::new(move |post| {
                has(post, a) || post.pointer("/location/country") == Some(&json!("DE"))
            }),
        ),
    };
    asked.tests.push(("", test));
    q
}

fn facets(rng: &mut Rng) -> Vec<FacetRequest> {
    let days = ["2026-01-05", "2026-01-12", "2026-01-20"];
    let mut colour = FacetRequest::new("colour", 1 + rng.below(6));
    if rng.chance(40) {
        colour.search = Some((*rng.pick(&["BL", "sky", "g", "ue"])).into());
    }
    let mut size = FacetRequest::new("size", 10);
    size.ranges = Some(vec![json!(1), json!(2.5), json!(7)]);
    let mut day = FacetRequest::new("day", 10);
    day.ranges = Some(values(&days));
    let mut pay = FacetRequest::new("pay", 10);
    pay.ranges = Some(vec![json!(40_000), json!(60_000), json!(80_000)]);
    pay.currency = rng.chance(50).then(|| "USD".to_owned());
    let location = FacetRequest::new("location", 1 + rng.below(5));
    vec![colour, size, day, pay, location]
}

fn brute_values(posts: &[&Value], facet: &FacetRequest, named: &[String]) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for value in posts.iter().flat_map(|post| texts(post, &facet.field)) {
        *counts.entry(value).or_default() += 1;
    }
    for name in named {
        counts.entry(name.clone()).or_default();
    }
    let searched = facet.search.as_deref().unwrap_or("").to_lowercase();
    let mut list: Vec<(String, u64)> = counts
        .into_iter()
        .filter(|(value, _)| {
            let mut words = value.split(' ');
            named.contains(value) || words.any(|w| w.to_lowercase().starts_with(&searched))
        })
        .collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let kept = list.iter().enumerate();
    kept.filter(|(at, (value, _))| *at < facet.limit || named.contains(value))
        .map(|(_, found)| found.clone())
        .collect()
}

// A range is counted as the filter of that range would count it.
fn brute_ranges(
    posts: &[&Value],
    bounds: &[f64],
    span: impl Fn(&Value) -> Option<(f64, f64)>,
) -> Vec<u64> {
    let spans: Vec<(f64, f64)> = posts.iter().filter_map(|post| span(post)).collect();
    let mut counts = Vec::new();
    for at in 0..=bounds.len() {
        let from = at.checked_sub(1).map(|at| bounds[at]);
        let to = bounds.get(at);
        let inside = spans.iter().filter(|(least, most)| {
            from.is_none_or(|from| *most >= from) && to.is_none_or(|to| *least < *to)
        });
        let count = inside.count() as u64;
        if at > 0 || count > 0 {
            counts.push(count);
        }
    }
    counts
}

// The tree as paths: of every node what leads to it, and its count.
fn paths(nodes: &[FacetValue], above: &str, out: &mut BTreeMap<String, u64>) {
    for node in nodes {
        let field = node.field.as_deref().unwrap();
        let path = format!("{above}/{field}={}", node.value);
        paths(&node.children, &path, out);
        out.insert(path, node.count);
    }
}

fn brute_tree(posts: &[&Value]) -> BTreeMap<String, u64> {
    let mut out = BTreeMap::new();
    for post in posts {
        let mut path = String::new();
        for part in ["country", "region", "city"] {
            if let Some(value) = texts(post, &format!("location.{part}")).first() {
                path = format!("{path}/location.{part}={value}");
                *out.entry(path.clone()).or_default() += 1;
            }
        }
    }
    out
}

fn check_facets(
    request: &Request,
    posts: &[Value],
    asked: &Asked,
    found: &[(String, Vec<FacetValue>)],
) {
    for (facet, (name, values)) in request.facets.iter().zip(found) {
        assert_eq!(&facet.field, name);
        let own: &[&str] = match name.as_str() {
            "location" => &["location", "location.country", "location.city"],
            other => &[other],
        };
        let kept: Vec<&Value> = posts.iter().filter(|post| asked.keeps(post, own)).collect();
        let counts: Vec<u64> = values.iter().map(|value| value.count).collect();
        let label = format!("{name}: {request:?}");
        match name.as_str() {
            "colour" => {
                let named = asked.named.get("colour").cloned().unwrap_or_default();
                let list: Vec<(String, u64)> =
                    values.iter().map(|v| (v.value.clone(), v.count)).collect();
                assert_eq!(list, brute_values(&kept, facet, &named), "{label}");
            }
            "size" => {
                let size = |post: &Value| post["size"].as_f64().map(|size| (size, size));
                assert_eq!(
                    counts,
                    brute_ranges(&kept, &[1.0, 2.5, 7.0], size),
                    "{label}"
                );
            }
            "day" => {
                // The day of the month tells the order.
                let day = |post: &Value| -> Option<(f64, f64)> {
                    let day: f64 = post["day"]
                        .as_str()?
                        .split('-')
                        .next_back()?
                        .parse()
                        .unwrap();
                    Some((day, day))
                };
                assert_eq!(
                    counts,
                    brute_ranges(&kept, &[5.0, 12.0, 20.0], day),
                    "{label}"
                );
            }
            "pay" => {
                let currency = facet.currency.as_deref().unwrap_or("EUR");
                let bounds = [40_000.0, 60_000.0, 80_000.0];
                let expected = brute_ranges(&kept, &bounds, |post| amounts(post, currency));
                assert_eq!(counts, expected, "{label}");
            }
            _ => {
                let all = brute_tree(&kept);
                let mut shown = BTreeMap::new();
                paths(values, "", &mut shown);
                for (path, count) in &shown {
                    let expected = all.get(path).copied().unwrap_or(0);
                    assert_eq!(*count, expected, "{path} {label}");
                }
                let tops = all
                    .keys()
                    .filter(|path| path.matches('/').count() == 1)
                    .count();
                let named = |field: &str| asked.named.get(field).into_iter().flatten();
                assert!(values.len() >= tops.min(facet.limit), "{label}");
                if facet.limit >= 5 {
                    let missing = all.keys().find(|path| !shown.contains_key(*path));
                    assert_eq!(missing, None, "{label}");
                }
                for field in ["location.country", "location.city"] {
                    for value in named(field) {
                        let node = format!("/{field}={value}");
                        assert!(
                            shown.keys().any(|path| path.ends_with(&node)),
                            "{node} {label}"
                        );
                    }
                }
            }
        }
    }
}

fn request(rng: &mut Rng, world: &World) -> (Request, Asked) {
    let mut asked = Asked::default();
    let mut request = query(&text(rng, &mut asked), "posts");
    request.limit = 1_000;
    request.reading.syntax = Syntax::Auto;
    request.facets = facets(rng);
    let mut filters: Vec<(&str, Condition)> = Vec::new();
    if rng.chance(30) {
        filters.push(("colour", strings(rng, "colour", &COLOURS, &mut asked)));
    }
    if rng.chance(25) {
        filters.push(("size", numbers(rng, &mut asked)));
    }
    if rng.chance(35) {
        filters.push(("pay", wages(rng, &mut asked)));
    }
    if rng.chance(20) {
        filters.push(("location", place(rng, &mut asked)));
    }
    if rng.chance(25) {
        let cities = ["Bexlin", "Parix", "Apiaqa"];
        filters.push((
            "location.city",
            strings(rng, "location.city", &cities, &mut asked),
        ));
    }
    if rng.chance(15) {
        let codes = ["DE", "US"];
        filters.push((
            "location.country",
            strings(rng, "location.country", &codes, &mut asked),
        ));
    }
    request.filters = filters
        .into_iter()
        .map(|(name, condition)| (name.to_owned(), condition))
        .collect();
    request.near = rng.chance(30).then(|| near(rng, &mut asked));
    if rng.chance(20) {
        let mut out: Vec<String> = (0..rng.below(40))
            .map(|_| rng.pick(&world.posts)["id"].as_str().unwrap().to_owned())
            .collect();
        out.push("nobody".into());
        request.exclude.clone_from(&out);
        let test = move |post: &Value| !out.iter().any(|id| post["id"] == **id);
        asked.tests.push(("", Box::new(test)));
    }
    (request, asked)
}

#[test]
fn a_thousand_filtered_queries_count_as_brute_force_does() {
    let mut rng = Rng::new("matches", 81);
    let mut world = World::new(&mut rng, 500);
    let mut hits = 0;
    for round in 0..1_000 {
        if round % 20 == 19 {
            world.change(&mut rng);
        }
        if round % 250 == 249 {
            merge(&mut world.store);
        }
        let (request, asked) = request(&mut rng, &world);
        let found = answer(&world.store.snapshot(), &request);
        let kept = world.posts.iter().filter(|post| asked.keeps(post, &[]));
        let mut expected: Vec<&str> = kept.map(|post| post["id"].as_str().unwrap()).collect();
        expected.sort_unstable();
        let mut ids = ids(&found);
        ids.sort_unstable();
        assert_eq!(ids, expected, "round {round}: {request:?}");
        assert_eq!(found.total.unwrap().value, expected.len() as u64);
        check_facets(&request, &world.posts, &asked, &found.facets);
        hits += ids.len();
    }
    assert!(hits > 10_000, "the queries find something: {hits}");
}
