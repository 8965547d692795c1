//! What the tests share: random numbers from a printed seed, documents.

use serde_json::Value;
use tandem_index::{Kinds, Prepared, StoreOptions, Write, prepare};
use tandem_loaders::sample::Sampler;

/// 2026-11-20T00:00:00Z.
const NOW_MS: i64 = 1_795_132_800_000;

/// Small sizes, so that a few hundred rows make every form of segment.
pub(crate) const TINY: StoreOptions = StoreOptions {
    tail_rows_max: 64,
    large_rows_min: 128,
    segment_rows_max: 2_000,
};

/// SplitMix64.
pub(crate) struct Rng(u64);

impl Rng {
    /// Seeded by `TANDEM_SEED`, or else by `seed`; prints which.
    pub(crate) fn new(test: &str, seed: u64) -> Self {
        let given = std::env::var("TANDEM_SEED")
            .ok()
            .and_then(|text| text.parse().ok());
        let seed = given.unwrap_or(seed);
        eprintln!("{test}: TANDEM_SEED={seed}");
        Self(seed)
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
}

/// Synthetic jobs.
pub(crate) fn jobs(count: u64, seed: u64) -> Vec<Value> {
    let sampler = Sampler::new(seed, NOW_MS);
    (0..count)
        .map(|at| serde_json::from_str(&sampler.job(at)).unwrap())
        .collect()
}

pub(crate) fn put(kinds: &Kinds, kind: &str, document: &Value) -> Prepared {
    let write = Write::Put {
        kind: kinds.get(kind).unwrap().id,
        id: None,
        document: document.clone(),
    };
    prepare(kinds, write).unwrap()
}

pub(crate) fn delete(kinds: &Kinds, kind: &str, id: &str) -> Prepared {
    let write = Write::Delete {
        kind: kinds.get(kind).unwrap().id,
        id: id.to_owned(),
        version: None,
    };
    prepare(kinds, write).unwrap()
}
