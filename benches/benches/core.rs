//! What the parts of a write and of a read cost, on synthetic documents.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use serde_json::Value;
use tandem_engine::{FacetRequest, Request, Scope, Source, answer};
use tandem_index::{Kinds, Snapshot, Store, StoreOptions, Write, prepare};
use tandem_loaders::sample::Sampler;
use tantivy::schema::{STORED, Schema, TEXT};
use tantivy::{Index, TantivyDocument, doc};

const NOW_MS: i64 = 1_790_000_000_000;
const JOBS: u64 = 10_000;

fn job(index: u64) -> Value {
    serde_json::from_str(&Sampler::new(7, NOW_MS).job(index)).expect("the sample is JSON")
}

fn put(kinds: &Kinds, document: Value) -> Write {
    Write::Put {
        kind: kinds.get("jobs").expect("a built-in kind").id,
        id: None,
        document,
    }
}

fn store(rows: u64) -> Store {
    let kinds = Arc::new(Kinds::builtin());
    let mut store = Store::new(Arc::clone(&kinds), StoreOptions::default());
    for first in (0..rows).step_by(256) {
        let batch = (first..rows.min(first + 256))
            .map(|index| prepare(&kinds, put(&kinds, job(index))).expect("the sample is valid"));
        store.apply(batch.collect(), 0);
    }
    store
}

fn writes(criterion: &mut Criterion) {
    let kinds = Kinds::builtin();
    let mut group = criterion.benchmark_group("write");
    group.bench_function("prepare one ad", |bencher| {
        let document = job(1);
        bencher.iter(|| prepare(&kinds, put(&kinds, document.clone())));
    });
    for batch in [1_u64, 256] {
        group.bench_function(format!("apply {batch} to 4,000 rows"), |bencher| {
            let before = store(4_000);
            let changes: Vec<_> = (10_000..10_000 + batch)
                .map(|index| prepare(&kinds, put(&kinds, job(index))).expect("valid"))
                .collect();
            bencher.iter_batched(
                || (before.clone(), changes.clone()),
                |(mut store, changes)| store.apply(changes, 0),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

// What DESIGN asks to be measured first: could tiny tantivy segments be the tail?
fn tiny_tantivy_segments(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tantivy segment");
    for rows in [1, 10, 100] {
        group.bench_function(format!("build and open {rows} rows"), |bencher| {
            let mut schema = Schema::builder();
            let text = schema.add_text_field("text", TEXT | STORED);
            let schema = schema.build();
            let words = job(1)["description"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            bencher.iter(|| {
                let mut writer = Index::builder()
                    .schema(schema.clone())
                    .single_segment_index_writer(
                        tantivy::directory::RamDirectory::create(),
                        15_000_000,
                    )
                    .expect("in memory");
                for _ in 0..rows {
                    let document: TantivyDocument = doc!(text => words.as_str());
                    writer.add_document(document).expect("in memory");
                }
                let index = writer.finalize().expect("in memory");
                black_box(index.reader().expect("in memory").searcher().num_docs())
            });
        });
    }
    group.finish();
}

fn ask(snapshot: &Snapshot, request: &Request) {
    black_box(answer(snapshot, request, &mut |_| {}).expect("a valid request"));
}

fn reads(criterion: &mut Criterion) {
    let snapshot = store(JOBS).snapshot();
    let mut group = criterion.benchmark_group("read 10,000 jobs");
    let query = |q: &str| Source::Query {
        q: q.to_owned(),
        vector: None,
    };
    let mut search = Request::new(
        query("senior software developer"),
        Some("jobs".into()),
        NOW_MS,
    );
    group.bench_function("search, 3 words", |b| b.iter(|| ask(&snapshot, &search)));
    search.count = false;
    group.bench_function("search, 3 words, no count", |b| {
        b.iter(|| ask(&snapshot, &search));
    });
    search.count = true;
    search.facets = vec![
        FacetRequest::new("skills", 20),
        FacetRequest::new("company", 20),
        FacetRequest::new("location.city", 20),
    ];
    group.bench_function("search, 3 words, 3 facets", |b| {
        b.iter(|| ask(&snapshot, &search));
    });
    search.highlight = true;
    group.bench_function("search, facets, highlights", |b| {
        b.iter(|| ask(&snapshot, &search));
    });
    let cv = "Registered nurse with ten years in intensive care, triage and patient education.";
    let source = Source::Text {
        kind: "candidates".into(),
        text: cv.into(),
    };
    let mut matched = Request::new(source, None, NOW_MS);
    group.bench_function("match a short CV", |b| b.iter(|| ask(&snapshot, &matched)));
    matched.scope = Scope::All;
    group.bench_function("rank by a short CV", |b| {
        b.iter(|| ask(&snapshot, &matched));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(3));
    targets = writes, tiny_tantivy_segments, reads
}
criterion_main!(benches);
