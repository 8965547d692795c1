//! What the tests share: random numbers from a printed seed, stores, answers.

use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;
use tandem_engine::{Answer, Request, Source};
use tandem_index::snapshot::Snapshot;
use tandem_index::{Kinds, Prepared, Store, StoreOptions, Write, prepare};

/// The `now` of all tests: 2026-11-20T00:00:00Z.
pub(crate) const NOW_MS: i64 = 1_795_132_800_000;

/// Small sizes, so that a few hundred rows make every form of segment.
pub(crate) const TINY: StoreOptions = StoreOptions {
    tail_rows_max: 64,
    large_rows_min: 128,
    segment_rows_max: 2_000,
};

/// `TANDEM_SEED`, or else `default`; prints which.
pub(crate) fn seed(test: &str, default: u64) -> u64 {
    let given = std::env::var("TANDEM_SEED").ok();
    let seed = given.and_then(|text| text.parse().ok()).unwrap_or(default);
    eprintln!("{test}: TANDEM_SEED={seed}");
    seed
}

/// SplitMix64.
pub(crate) struct Rng(u64);

impl Rng {
    /// Seeded by `TANDEM_SEED`, or else by `default`; prints which.
    pub(crate) fn new(test: &str, default: u64) -> Self {
        Self(seed(test, default))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

pub(crate) fn put(kinds: &Kinds, kind: &str, document: &Value) -> Write {
    Write::Put {
        kind: kinds.get(kind).unwrap().id,
        id: None,
        document: document.clone(),
    }
}

pub(crate) fn delete(kinds: &Kinds, kind: &str, id: &str) -> Write {
    Write::Delete {
        kind: kinds.get(kind).unwrap().id,
        id: id.to_owned(),
        version: None,
    }
}

/// Checked and analysed on every core, in order. Panics for a bad document.
pub(crate) fn prepared(kinds: &Kinds, writes: Vec<Write>) -> Vec<Prepared> {
    writes
        .into_par_iter()
        .map(|write| prepare(kinds, write).unwrap())
        .collect()
}

/// A store to which `changes` were applied in batches.
pub(crate) fn store(
    kinds: &Arc<Kinds>,
    options: StoreOptions,
    changes: &[Prepared],
    batch: usize,
) -> Store {
    let mut store = Store::new(Arc::clone(kinds), options);
    for batch in changes.chunks(batch) {
        store.apply(batch.to_vec(), 0);
    }
    store
}

/// Runs every merge worth doing.
pub(crate) fn merge(store: &mut Store) -> usize {
    let mut merges = 0;
    while let Some(job) = store.merge_job().or_else(|| store.tail_job()) {
        assert!(store.install(job.run()), "no source went away meanwhile");
        merges += 1;
    }
    merges
}

pub(crate) fn query(q: &str, to: &str) -> Request {
    let source = Source::Query {
        q: q.to_owned(),
        vector: None,
    };
    Request::new(source, Some(to.to_owned()), NOW_MS)
}

pub(crate) fn answer(snapshot: &Snapshot, request: &Request) -> Answer {
    tandem_engine::answer(snapshot, request, &mut |_| {})
        .unwrap_or_else(|failure| panic!("{failure}\n{request:?}"))
}

/// An answer without what is allowed to differ between equal stores: where it
/// was read from, and how.
pub(crate) fn canonical(answer: &Answer) -> String {
    let same = Answer {
        sequence: 0,
        cursor: answer.cursor.as_ref().map(|_| String::new()),
        plan: None,
        ..answer.clone()
    };
    format!("{same:?}")
}

pub(crate) fn ids(answer: &Answer) -> Vec<String> {
    answer.hits.iter().map(|hit| hit.id.clone()).collect()
}
