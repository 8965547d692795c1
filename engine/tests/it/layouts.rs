//! Answers depend on what is stored, never on how it is laid out: segments,
//! their form, tombstones, merges and the order of writing.

use rayon::prelude::*;
use serde_json::{Value, json};
use tandem_engine::Request;
use tandem_index::snapshot::Snapshot;
use tandem_index::{Store, StoreOptions};

use crate::corpus::Corpus;
use crate::requests;
use crate::support::{Rng, TINY, answer, canonical, delete, merge, prepared, put, store};

fn answers(snapshot: &Snapshot, requests: &[Request]) -> Vec<String> {
    requests
        .par_iter()
        .map(|request| canonical(&answer(snapshot, request)))
        .collect()
}

fn compare(name: &str, store: &Store, requests: &[Request], expected: &[String]) {
    let found = answers(&store.snapshot(), requests);
    for ((request, found), expected) in requests.iter().zip(&found).zip(expected) {
        assert!(
            found == expected,
            "{name}: {request:?}\n{found}\n{expected}"
        );
    }
}

// What is written beside the corpus and gone in the end: older versions,
// documents that are deleted.
struct Noise {
    before: Vec<tandem_index::Prepared>,
    deletes: Vec<tandem_index::Prepared>,
}

fn noise(corpus: &Corpus, other: &Corpus, rng: &mut Rng) -> Noise {
    let (mut before, mut deletes) = (Vec::new(), Vec::new());
    for kind in ["jobs", "candidates"] {
        for (at, document) in other.of(kind).iter().enumerate() {
            let mut document = document.clone();
            let id = if rng.chance(50) {
                rng.pick(corpus.of(kind))["id"].clone()
            } else {
                let id = format!("gone-{at}");
                deletes.push(delete(&corpus.kinds, kind, &id));
                json!(id)
            };
            document["id"] = id;
            before.push(put(&corpus.kinds, kind, &document));
        }
    }
    Noise {
        before: prepared(&corpus.kinds, before),
        deletes: prepared(&corpus.kinds, deletes),
    }
}

#[test]
fn answers_are_the_same_for_any_segments_tombstones_and_merges() {
    let mut rng = Rng::new("layouts", 61);
    let corpus = Corpus::sample(1_300, 1_200, 12);
    let noise = noise(&corpus, &Corpus::sample(300, 300, 13), &mut rng);
    let changes = corpus.changes();
    let requests: Vec<Request> = (0..1_000)
        .map(|_| requests::random(&mut rng, &corpus))
        .collect();

    let mut clean = store(&corpus.kinds, StoreOptions::default(), &changes, 256);
    let expected = answers(&clean.snapshot(), &requests);
    for (parts, large) in [
        (1, false),
        (4, false),
        (40, false),
        (1, true),
        (4, true),
        (40, true),
    ] {
        clean.relayout(parts, large);
        compare(
            &format!("{parts} segments, large {large}"),
            &clean,
            &requests,
            &expected,
        );
    }

    let mut written: Vec<_> = noise
        .before
        .iter()
        .chain(&changes)
        .chain(&noise.deletes)
        .cloned()
        .collect();
    let mut tombstones = store(&corpus.kinds, StoreOptions::default(), &written, 199);
    compare("tombstones", &tombstones, &requests, &expected);
    for kind in ["jobs", "candidates"] {
        let job = tombstones
            .merge_all_job(corpus.kinds.get(kind).unwrap().id)
            .unwrap();
        assert!(tombstones.install(job.run()));
    }
    compare("all merged", &tombstones, &requests, &expected);

    // Another order, other batches, merges in between.
    let mut shuffled = changes.clone();
    rng.shuffle(&mut shuffled);
    written = noise
        .before
        .into_iter()
        .chain(shuffled)
        .chain(noise.deletes)
        .collect();
    let mut merged = Store::new(std::sync::Arc::clone(&corpus.kinds), TINY);
    let mut merges = 0;
    for batch in written.chunks(17) {
        merged.apply(batch.to_vec(), 0);
        merges += merge(&mut merged);
    }
    let segments = merged
        .snapshot()
        .collection(corpus.kinds.get("jobs").unwrap().id)
        .segments
        .len();
    eprintln!("layouts: {merges} merges, {segments} segments of jobs in the end");
    assert!(merges > 5 && segments > 1);
    compare("another order with merges", &merged, &requests, &expected);
}

// Titles and skills of ads: what makes 22,000 rows quick to write.
fn short(jobs: &[Value]) -> Vec<Value> {
    let kept = [
        "id",
        "title",
        "company",
        "location",
        "skills",
        "remote",
        "posted_at",
    ];
    let short = |job: &Value| {
        let members = kept
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), job.get(*name)?.clone())));
        Value::Object(members.collect())
    };
    jobs.iter().map(short).collect()
}

fn train(store: &mut Store) {
    let job = store
        .train_job()
        .expect("more rows than an exact scan takes");
    let trained = job.run().expect("enough rows have vectors");
    store.install_centroids(&trained);
}

#[test]
fn cells_give_the_same_answers_for_any_segments() {
    let mut rng = Rng::new("cells", 62);
    let mut corpus = Corpus::sample(22_500, 150, 14);
    corpus.jobs = short(&corpus.jobs);
    let changes = corpus.changes();
    let mut requests: Vec<Request> = (0..150)
        .map(|_| requests::random(&mut rng, &corpus))
        .collect();
    for request in &mut requests {
        request.to = Some("jobs".into());
        request
            .filters
            .retain(|(name, _)| name == "location.country" || name == "remote");
        request.sort.clear();
        request.facets.retain(|facet| facet.field != "pay_wanted");
        request.plan = true;
    }
    let mut ordered = store(&corpus.kinds, StoreOptions::default(), &changes, 256);
    merge(&mut ordered);
    train(&mut ordered);
    let snapshot = ordered.snapshot();
    let probed = requests.iter().filter(|request| {
        let plan = answer(&snapshot, request).plan.unwrap();
        plan["legs"]["vectors.cells"].as_u64() > Some(0)
    });
    let probed = probed.count();
    assert!(probed > 50, "{probed} requests looked into cells");
    let expected = answers(&snapshot, &requests);
    for (parts, large) in [(1, true), (4, false), (40, false)] {
        ordered.relayout(parts, large);
        compare(
            &format!("{parts} segments with cells"),
            &ordered,
            &requests,
            &expected,
        );
    }
    // Written in another order, trained half-way, retrained in the end: a merge
    // that was out meanwhile comes back without the new cells.
    let mut shuffled = changes;
    rng.shuffle(&mut shuffled);
    let mut other = store(&corpus.kinds, StoreOptions::default(), &shuffled, 256);
    let out = other.merge_job();
    train(&mut other);
    if let Some(job) = out {
        assert!(other.install(job.run()));
    }
    compare("another order with cells", &other, &requests, &expected);
    eprintln!(
        "cells: {probed} of {} requests looked into cells",
        requests.len()
    );
}
