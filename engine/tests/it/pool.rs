//! What match finds through its pool is what rank finds by scoring everything.

use std::collections::HashSet;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;
use tandem_engine::components::{ALL, Component};
use tandem_engine::{Request, Scope, Source};
use tandem_index::snapshot::Snapshot;
use tandem_index::{Kinds, StoreOptions};

use crate::corpus::{Corpus, real_candidates, real_jobs};
use crate::support::{NOW_MS, answer, ids, merge, store};

/// How many of the best by one component alone a lost hit is looked for in.
const LEG_ROWS: usize = 256;

/// How many of rank's top 10 match found, of how many, and what was lost.
#[derive(Default)]
struct Found {
    hits: usize,
    of: usize,
    // By whether a lost one is among the best by text, skills or similarity
    // alone, or by none of them.
    lost: [usize; 4],
}

fn top(snapshot: &Snapshot, request: &Request, scope: Scope) -> Vec<String> {
    let request = Request {
        scope,
        count: false,
        ..request.clone()
    };
    ids(&answer(snapshot, &request))
}

fn compare(snapshot: &Snapshot, request: &Request) -> Found {
    let ranked = top(snapshot, request, Scope::All);
    let matched: HashSet<String> = top(snapshot, request, Scope::Pool).into_iter().collect();
    let lost: Vec<&String> = ranked.iter().filter(|id| !matched.contains(*id)).collect();
    let mut found = Found {
        hits: ranked.len() - lost.len(),
        of: ranked.len(),
        lost: [0; 4],
    };
    for lost in lost {
        let legs = ["text", "skills", "similarity"].map(|leg| best_by(snapshot, request, leg));
        let any = legs.iter().any(|leg| leg.contains(lost));
        for (leg, count) in legs.iter().zip(&mut found.lost) {
            *count += usize::from(leg.contains(lost));
        }
        found.lost[3] += usize::from(!any);
    }
    found
}

// The documents with the most points of one component: nothing else counts.
fn best_by(snapshot: &Snapshot, request: &Request, component: &str) -> Vec<String> {
    let weight = |name: &'static str| match name {
        "skills" => 1.0,
        "stand_ins" if component != "skills" => 100.0,
        name if name == component => 1.0,
        _ => 0.0,
    };
    let names = ALL.into_iter().map(Component::as_str);
    let request = Request {
        weights: names.map(|name| (name.to_owned(), weight(name))).collect(),
        limit: LEG_ROWS,
        ..request.clone()
    };
    top(snapshot, &request, Scope::All)
}

fn direction(snapshot: &Snapshot, kind: &str, sources: &[Value]) -> Found {
    let step = (sources.len() / 500).max(1);
    let sources: Vec<&Value> = sources.iter().step_by(step).take(500).collect();
    let compare = |source: &&Value| {
        let source = Source::Stored {
            kind: kind.into(),
            id: source["id"].as_str().unwrap().into(),
        };
        compare(snapshot, &Request::new(source, None, NOW_MS))
    };
    let found = sources
        .par_iter()
        .map(compare)
        .reduce(Found::default, |mut a, b| {
            a.hits += b.hits;
            a.of += b.of;
            for (sum, count) in a.lost.iter_mut().zip(b.lost) {
                *sum += count;
            }
            a
        });
    let percent = 100.0 * found.hits as f64 / found.of as f64;
    let [text, skills, near, none] = found.lost;
    eprintln!(
        "pool: {} {kind}: {percent:.2} % of {} in rank's top 10 found by match; of those lost, among the best {LEG_ROWS} by text {text}, skills {skills}, vectors {near}, none {none}",
        sources.len(),
        found.of,
    );
    found
}

#[test]
fn match_finds_ranks_top_10() {
    let sampled = "ran on the sample only";
    let real = real_jobs(sampled, 1).zip(real_candidates(sampled));
    let mut corpus = match real {
        Some((jobs, candidates)) => Corpus {
            kinds: Arc::new(Kinds::builtin()),
            jobs,
            candidates,
        },
        None => Corpus::sample(8_000, 3_000, 15),
    };
    let changes = corpus.accepted("pool");
    let mut store = store(&corpus.kinds, StoreOptions::default(), &changes, 256);
    merge(&mut store);
    let job = store.train_job();
    if let Some(trained) = job.and_then(tandem_index::merge::TrainJob::run) {
        store.install_centroids(&trained);
    }
    let snapshot = store.snapshot();
    for (kind, sources) in [("candidates", &corpus.candidates), ("jobs", &corpus.jobs)] {
        let found = direction(&snapshot, kind, sources);
        assert!(
            found.hits * 100 >= found.of * 98,
            "{kind}: {} of {}",
            found.hits,
            found.of
        );
    }
}
