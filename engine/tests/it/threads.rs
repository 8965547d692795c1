//! Answers do not depend on how many threads ask.

use rayon::prelude::*;
use tandem_engine::Request;
use tandem_index::StoreOptions;

use crate::corpus::Corpus;
use crate::requests;
use crate::support::{Rng, answer, store};

#[test]
fn answers_are_the_same_from_1_2_and_8_threads() {
    let mut rng = Rng::new("threads", 31);
    let corpus = Corpus::sample(1_200, 1_200, 8);
    let store = store(
        &corpus.kinds,
        StoreOptions::default(),
        &corpus.changes(),
        256,
    );
    let snapshot = store.snapshot();
    let requests: Vec<Request> = (0..1_000)
        .map(|_| requests::random(&mut rng, &corpus))
        .collect();
    let [one, two, eight] = [1, 2, 8].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| -> Vec<_> {
            requests
                .par_iter()
                .map(|request| answer(&snapshot, request))
                .collect()
        })
    });
    assert_eq!(one, two);
    assert_eq!(one, eight);
}
