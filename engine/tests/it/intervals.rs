//! Adding a true fact, to whichever side offers it, never leaves the interval
//! that was announced without it.

use std::sync::Arc;

use serde_json::{Map, Value};
use tandem_engine::{Hit, Request, explain};
use tandem_index::{Kinds, Snapshot};

use crate::random_facts::{
    CANDIDATE_OFFERS, JOB_OFFERS, inline, part, whole_candidate, whole_job, wishes, without,
};
use crate::support::{Rng, TINY, merge, prepared, put, store};

/// Documents of each kind, each in so many forms that say less and less.
const DOCUMENTS: usize = 150;
const FORMS: usize = 4;

struct World {
    snapshot: Arc<Snapshot>,
    jobs: Vec<Vec<Map<String, Value>>>,
    candidates: Vec<Vec<Map<String, Value>>>,
}

fn named(mut document: Map<String, Value>, form: usize) -> Map<String, Value> {
    let id = format!("{}-{form}", document["id"].as_str().unwrap());
    document.insert("id".into(), id.into());
    document
}

// A document, then the same with less and less said of what it offers.
fn forms(rng: &mut Rng, whole: &Map<String, Value>, offers: &[&str]) -> Vec<Map<String, Value>> {
    let mut forms = vec![whole.clone()];
    for _ in 1..FORMS {
        let last = forms.last().unwrap().clone();
        forms.push(without(rng, &last, offers));
    }
    forms
        .into_iter()
        .enumerate()
        .map(|(form, one)| named(one, form))
        .collect()
}

fn world(rng: &mut Rng) -> World {
    let kinds = Arc::new(Kinds::builtin());
    let mut of = |kind: &str, offers: &[&str]| -> Vec<Vec<Map<String, Value>>> {
        let mut document = |at: usize| {
            let id = format!("{kind}{at}");
            let whole = if kind == "jobs" {
                whole_job(rng, &id)
            } else {
                whole_candidate(rng, &id)
            };
            // What is not there to begin with can be a want.
            let first = if rng.chance(50) {
                whole
            } else {
                part(rng, &whole)
            };
            forms(rng, &first, offers)
        };
        (0..DOCUMENTS).map(&mut document).collect()
    };
    let jobs = of("jobs", &JOB_OFFERS);
    let candidates = of("candidates", &CANDIDATE_OFFERS);
    let mut writes = Vec::new();
    for (kind, list) in [("jobs", &jobs), ("candidates", &candidates)] {
        let all = list.iter().flatten();
        writes.extend(all.map(|one| put(&kinds, kind, &Value::Object(one.clone()))));
    }
    let mut store = store(&kinds, TINY, &prepared(&kinds, writes), 64);
    merge(&mut store);
    World {
        snapshot: store.snapshot(),
        jobs,
        candidates,
    }
}

fn hit(world: &World, request: &Request, to: &str, id: &str) -> Option<Hit> {
    match explain(&world.snapshot, request, to, id) {
        Ok(hit) => Some(hit),
        // A source that says nothing at all.
        Err(failure) => {
            assert_eq!(failure.faults[0].pointer, "/from", "{failure}");
            None
        }
    }
}

fn check(less: &Hit, more: &Hit, request: &Request, fields: &[&Map<String, Value>; 2]) {
    let inside = less.low <= more.score && more.score <= less.high;
    assert!(
        inside,
        "{} is not in {} … {}\nless: {:#?}\nmore: {:#?}\nless says {}\nmore says {}\n{request:?}",
        more.score,
        less.low,
        less.high,
        less.contributions,
        more.contributions,
        Value::Object(fields[0].clone()),
        Value::Object(fields[1].clone()),
    );
}

fn id(document: &Map<String, Value>) -> &str {
    document["id"].as_str().unwrap()
}

#[test]
fn a_true_fact_of_the_row_never_leaves_the_interval() {
    let mut rng = Rng::new("row facts", 71);
    let world = world(&mut rng);
    let (mut pairs, mut known) = (0, 0);
    for _ in 0..4_000 {
        let (kind, to) = *rng.pick(&[
            ("jobs", "candidates"),
            ("candidates", "jobs"),
            ("candidates", "candidates"),
        ]);
        let (sources, rows) = (
            if kind == "jobs" {
                &world.jobs
            } else {
                &world.candidates
            },
            if to == "jobs" {
                &world.jobs
            } else {
                &world.candidates
            },
        );
        let source = rng.pick(sources);
        let mut request = inline(kind, rng.pick(source), to);
        wishes(&mut rng, to, &mut request);
        let forms = rng.pick(rows).clone();
        let hits: Vec<Option<Hit>> = forms
            .iter()
            .map(|form| hit(&world, &request, to, id(form)))
            .collect();
        for less in 1..FORMS {
            for more in 0..less {
                if let (Some(a), Some(b)) = (&hits[less], &hits[more]) {
                    check(a, b, &request, &[&forms[less], &forms[more]]);
                    pairs += 1;
                    known += usize::from(a.high - a.low < 300_000);
                }
            }
        }
    }
    eprintln!("intervals: {pairs} pairs of rows, {known} known to 300,000 points");
    assert!(pairs > 20_000 && known > pairs / 50, "{pairs} {known}");
}

#[test]
fn a_true_fact_of_the_source_never_leaves_the_interval() {
    let mut rng = Rng::new("source facts", 72);
    let world = world(&mut rng);
    let mut pairs = 0;
    for _ in 0..4_000 {
        let (kind, to) = *rng.pick(&[("jobs", "candidates"), ("candidates", "jobs")]);
        let (whole, offers): (Map<String, Value>, &[&str]) = if kind == "jobs" {
            (whole_job(&mut rng, "s"), &JOB_OFFERS)
        } else {
            (whole_candidate(&mut rng, "s"), &CANDIDATE_OFFERS)
        };
        let whole = if rng.chance(50) {
            whole
        } else {
            part(&mut rng, &whole)
        };
        let mut request = inline(kind, &whole, to);
        wishes(&mut rng, to, &mut request);
        let forms = forms(&mut rng, &whole, offers);
        let rows = if to == "jobs" {
            &world.jobs
        } else {
            &world.candidates
        };
        let of_row = rng.pick(rows);
        let row = rng.pick(of_row);
        let hits: Vec<Option<Hit>> = forms
            .iter()
            .map(|form| {
                let source = inline(kind, form, to).source;
                let request = Request {
                    source,
                    ..request.clone()
                };
                hit(&world, &request, to, id(row))
            })
            .collect();
        for less in 1..FORMS {
            for more in 0..less {
                if let (Some(a), Some(b)) = (&hits[less], &hits[more]) {
                    check(a, b, &request, &[&forms[less], &forms[more]]);
                    pairs += 1;
                }
            }
        }
    }
    eprintln!("intervals: {pairs} pairs of sources");
    assert!(pairs > 10_000, "{pairs}");
}
