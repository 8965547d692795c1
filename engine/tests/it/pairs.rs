//! The same pair has the same score and contributions wherever it is asked for.

use tandem_engine::{Request, Scope, Source, explain};

use crate::corpus::Corpus;
use crate::requests;
use crate::support::{Rng, answer, ids, store};
use tandem_index::StoreOptions;

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
    let mut rng = Rng::new("inline", 12);
    let corpus = Corpus::sample(120, 120, 6);
    let store = store(
        &corpus.kinds,
        StoreOptions::default(),
        &corpus.changes(),
        50,
    );
    let snapshot = store.snapshot();
    for _ in 0..60 {
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
            answer(
                &snapshot,
                &Request::new(source, Some(to.into()), crate::support::NOW_MS),
            )
            .hits
        });
        assert_eq!(stored, inline);
    }
}
