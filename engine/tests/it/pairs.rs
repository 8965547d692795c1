//! The same pair has the same score and contributions wherever it is asked for.

use std::sync::Arc;

use tandem_engine::{Request, Scope, Source, explain};
use tandem_index::{Kinds, StoreOptions};

use crate::corpus::{Corpus, real_candidates, real_jobs};
use crate::requests;
use crate::support::{NOW_MS, Rng, answer, ids, store};

#[test]
fn a_pair_scores_alike_in_search_match_rank_and_explain() {
    let mut rng = Rng::new("pairs", 11);
    // More than the pool takes whole, so that hits come from legs.
    let corpus = Corpus::sample(1_500, 1_300, 5);
    let store = store(
        &corpus.kinds,
        StoreOptions::default(),
        &corpus.changes(),
        256,
    );
    let snapshot = store.snapshot();
    let mut pairs = 0;
    for _ in 0..250 {
        let request = requests::random(&mut rng, &corpus);
        let found = answer(&snapshot, &request);
        let to = request.to.clone().unwrap();
        let ranked = answer(
            &snapshot,
            &Request {
                scope: Scope::Ids(ids(&found)),
                limit: 1_000,
                ..request.clone()
            },
        );
        assert_eq!(ranked.hits.len(), found.hits.len(), "{request:?}");
        let everything = answer(
            &snapshot,
            &Request {
                scope: Scope::All,
                limit: 1_000,
                ..request.clone()
            },
        );
        for hit in &found.hits {
            let explained = explain(&snapshot, &request, &to, &hit.id).unwrap();
            assert_eq!(*hit, explained, "{request:?}");
            let named = ranked.hits.iter().find(|ranked| ranked.id == hit.id);
            assert_eq!(named, Some(hit), "{request:?}");
            if let Some(ranked) = everything.hits.iter().find(|ranked| ranked.id == hit.id) {
                assert_eq!(ranked, hit, "{request:?}");
            }
            pairs += 1;
        }
    }
    eprintln!("pairs: {pairs} scored four times");
    assert!(pairs > 1_000, "{pairs}");
}

#[test]
fn a_stored_source_and_the_same_one_inline_score_alike() {
    stored_and_inline(&Corpus::sample(120, 120, 6), 60);
    // What real prose says, and what privacy cuts out of it.
    let sampled = "ran on the sample only";
    if let Some((jobs, candidates)) = real_jobs(sampled, 60).zip(real_candidates(sampled)) {
        let candidates = candidates.into_iter().step_by(6).collect();
        let mut corpus = Corpus {
            kinds: Arc::new(Kinds::builtin()),
            jobs,
            candidates,
        };
        corpus.accepted("stored and inline");
        stored_and_inline(&corpus, 400);
    }
}

// The one is read from its segment, the other is analysed.
fn stored_and_inline(corpus: &Corpus, times: usize) {
    let mut rng = Rng::new("inline", 12);
    let store = store(
        &corpus.kinds,
        StoreOptions::default(),
        &corpus.changes(),
        50,
    );
    let snapshot = store.snapshot();
    for _ in 0..times {
        let (kind, to) = *rng.pick(&[("jobs", "candidates"), ("candidates", "jobs")]);
        let document = rng.pick(corpus.of(kind)).clone();
        let id = document["id"].as_str().unwrap().to_owned();
        let stored = Source::Stored {
            kind: kind.into(),
            id,
        };
        let inline = Source::Inline {
            kind: kind.into(),
            document,
        };
        let [stored, inline] = [stored, inline].map(|source| {
            let request = Request::new(source, Some(to.into()), NOW_MS);
            let answer = answer(&snapshot, &request);
            (answer.applied, answer.hits)
        });
        assert_eq!(stored, inline);
    }
}
