//! What the writer does between two writes: changes one at a time, the background
//! done with its work before the next, `cargo run -p tandem-index --example tail
//! -- CHANGES`. Times are of the wall: on a busy machine the longest says so.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a command for developers"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use tandem_index::{Kinds, Prepared, Store, StoreOptions, Write, prepare};
use tandem_loaders::sample::Sampler;

const NOW_MS: i64 = 1_795_132_800_000;
const DOCUMENTS: u64 = 5_000;

fn main() {
    let changes = std::env::args().nth(1);
    let changes: u64 = changes.map_or(20_000, |changes| changes.parse().unwrap());
    let kinds = Arc::new(Kinds::builtin());
    let documents = documents(&kinds);
    let mut store = Store::new(kinds, StoreOptions::default());
    let mut steps = Vec::new();
    let mut background = Duration::ZERO;
    let mut random = 1_u64;
    for _ in 0..changes {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let one = documents[(random >> 33) as usize % documents.len()].clone();
        let started = Instant::now();
        store.apply(vec![one], 0);
        steps.push(started.elapsed());
        while let Some(job) = store.merge_job().or_else(|| store.tail_job()) {
            let started = Instant::now();
            let merged = job.run();
            background += started.elapsed();
            let started = Instant::now();
            store.install(merged);
            steps.push(started.elapsed());
        }
    }
    steps.sort_unstable();
    let ms = |share: f64| steps[((steps.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{} steps of the writer: p50 {:.3} ms, p99 {:.3}, p99.9 {:.3}, longest {:.3}; background {:.2} s",
        steps.len(),
        ms(0.5),
        ms(0.99),
        ms(0.999),
        ms(1.0),
        background.as_secs_f64()
    );
}

fn documents(kinds: &Kinds) -> Vec<Prepared> {
    let kind = kinds.get("jobs").unwrap().id;
    let sampler = Sampler::new(1, NOW_MS);
    let document = |number| {
        let put = Write::Put {
            kind,
            id: None,
            document: serde_json::from_str(&sampler.job(number)).unwrap(),
        };
        prepare(kinds, put).unwrap()
    };
    (0..DOCUMENTS).map(document).collect()
}
