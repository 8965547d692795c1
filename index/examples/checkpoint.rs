//! How long a checkpoint takes to write and to open:
//! `cargo run -p tandem-index --example checkpoint -- ROWS FOLDER`. Where the
//! folder has a checkpoint already, it is only opened. Jobs are synthetic, brought
//! to about 4 KB with text of their own.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a command for developers"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use serde_json::Value;
use tandem_index::checkpoint;
use tandem_index::disk::RealFolder;
use tandem_index::merge::TrainJob;
use tandem_index::{Kinds, Prepared, Store, StoreOptions, Write, prepare};
use tandem_loaders::sample::Sampler;

const NOW_MS: i64 = 1_795_132_800_000;
const DOCUMENT_BYTES: usize = 4_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments
        .next()
        .map_or(20_000, |rows| rows.parse().unwrap());
    let path = arguments.next().expect("a folder");
    let kinds = Arc::new(Kinds::builtin());
    let folder = RealFolder::open(Path::new(&path)).unwrap();
    if checkpoint::open(&folder, &kinds).unwrap().is_none() {
        let store = filled(&kinds, rows);
        let started = Instant::now();
        let spaces = [("default".to_owned(), store.state())];
        let written = checkpoint::write(&folder, None, 1, &spaces).unwrap();
        let (seconds, bytes) = (started.elapsed().as_secs_f64(), written.bytes());
        println!("written: {bytes} bytes in {seconds:.2} s");
    }
    for _ in 0..3 {
        let started = Instant::now();
        let (checkpoint, spaces) = checkpoint::open(&folder, &kinds).unwrap().unwrap();
        let seconds = started.elapsed().as_secs_f64();
        for (name, state) in &spaces {
            for kind in kinds.iter() {
                let collection = state.snapshot.collection(kind.id);
                let (rows, segments) = (collection.rows(), collection.segments.len());
                let terms = collection.statistics.terms();
                let cells = collection.centroids.as_ref().map_or(0, |held| held.cells());
                println!(
                    "{name}/{}: {rows} rows, {segments} segments, {terms} terms, {cells} cells",
                    kind.name
                );
            }
        }
        println!("opened: {} bytes in {seconds:.2} s", checkpoint.bytes());
    }
}

fn filled(kinds: &Arc<Kinds>, rows: u64) -> Store {
    let mut store = Store::new(Arc::clone(kinds), StoreOptions::default());
    let kind = kinds.get("jobs").unwrap().id;
    let sampler = Sampler::new(1, NOW_MS);
    let prepared = |at: u64| -> Prepared {
        let mut document: Value = serde_json::from_str(&sampler.job(at)).unwrap();
        let member = ["description", "text"]
            .into_iter()
            .find(|name| document[name].is_string());
        let member = member.expect("a job has prose");
        let mut text = document[member].as_str().unwrap().to_owned();
        let mut other = 1;
        while text.len() < DOCUMENT_BYTES - 400 {
            let more: Value = serde_json::from_str(&sampler.job(at + other * rows)).unwrap();
            text.push(' ');
            text.push_str(more[member].as_str().unwrap());
            other += 1;
        }
        document[member] = text.into();
        prepare(
            kinds,
            Write::Put {
                kind,
                id: None,
                document,
            },
        )
        .unwrap()
    };
    let started = Instant::now();
    let all: Vec<u64> = (0..rows).collect();
    for batch in all.chunks(256) {
        let batch = batch.par_iter().map(|at| prepared(*at)).collect();
        store.apply(batch, NOW_MS);
        if let Some(job) = store.merge_job() {
            store.install(job.run());
        }
    }
    if let Some(trained) = store.train_job().and_then(TrainJob::run) {
        store.install_centroids(&trained);
    }
    println!(
        "filled: {rows} rows in {:.1} s",
        started.elapsed().as_secs_f64()
    );
    store
}
