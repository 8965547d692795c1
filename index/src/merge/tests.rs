use std::sync::Arc;

use serde_json::json;

use super::{LARGE_SEGMENTS_MAX, TrainJob};
use crate::store::{Prepared, StoreOptions, Write, prepare};
use crate::{KindId, Kinds, Store};

/// A 64th of the sizes in use: a million rows become 15,625.
const SCALE: usize = 64;

fn small() -> StoreOptions {
    let used = StoreOptions::default();
    StoreOptions {
        tail_rows_max: used.tail_rows_max / SCALE,
        large_rows_min: used.large_rows_min / SCALE,
        segment_rows_max: used.segment_rows_max / SCALE,
    }
}

fn kinds() -> (Arc<Kinds>, KindId) {
    let kinds = Arc::new(Kinds::builtin());
    let jobs = kinds.get("jobs").unwrap().id;
    (kinds, jobs)
}

fn put(kinds: &Kinds, kind: KindId, id: usize, title: &str) -> Prepared {
    let put = Write::Put {
        kind,
        id: Some(id.to_string()),
        document: json!({"title": title}),
    };
    prepare(kinds, put).unwrap()
}

fn delete(kinds: &Kinds, kind: KindId, id: usize) -> Prepared {
    let delete = Write::Delete {
        kind,
        id: id.to_string(),
        version: None,
    };
    prepare(kinds, delete).unwrap()
}

/// Large segments, full small ones, and rows held.
fn layout(store: &Store, kind: KindId) -> (usize, usize, usize) {
    let snapshot = store.snapshot();
    let segments = &snapshot.collection(kind).segments;
    let large = segments.iter().filter(|l| l.segment.is_large()).count();
    let rows = segments.iter().map(|l| l.segment.rows() as usize).sum();
    (large, segments.len() - large, rows)
}

/// Does what is worth doing; how many rows that copied.
fn settle(store: &mut Store) -> usize {
    let mut copied = 0;
    while let Some(job) = store.merge_job().or_else(|| store.tail_job()) {
        let merged = job.run();
        copied += merged.live.segment.rows() as usize;
        assert!(store.install(merged));
    }
    copied
}

#[test]
fn loading_a_million_rows_in_steps_leaves_eight_large_segments_at_most() {
    let (kinds, jobs) = kinds();
    let rows = 1_000_000 / SCALE;
    let template: Vec<Prepared> = (0..rows).map(|id| put(&kinds, jobs, id, "x")).collect();
    let mut store = Store::new(Arc::clone(&kinds), small());
    let mut copied = 0;
    for step in template.chunks(16) {
        store.apply(step.to_vec(), 0);
        copied += settle(&mut store);
        let (large, tail, _) = layout(&store, jobs);
        assert!(large <= LARGE_SEGMENTS_MAX, "{large} large segments");
        assert!(tail < 24, "{tail} small segments");
    }
    assert_eq!(store.snapshot().rows(jobs), rows as u64);
    // Each row goes through a tier or two and some that make room for others.
    assert!(copied < 8 * rows, "{copied} rows copied for {rows}");
}

#[test]
fn dead_rows_are_reclaimed_wherever_they_are() {
    let (kinds, jobs) = kinds();
    let mut store = Store::new(Arc::clone(&kinds), small());
    let rows = 1_500;
    for round in 0..6 {
        for from in (0..rows).step_by(100) {
            let replaced = (from..from + 100).map(|id| put(&kinds, jobs, id, &format!("t{round}")));
            store.apply(replaced.collect(), 0);
            settle(&mut store);
            let (.., held) = layout(&store, jobs);
            assert!(held <= rows * 10 / 7 + 200, "{held} rows held");
        }
    }
    // Deletes without any write that would fill the tail: large segments and full small ones
    // shrink, down to nothing.
    for left in (0..rows).rev() {
        store.apply(vec![delete(&kinds, jobs, left)], 0);
        settle(&mut store);
        let (.., held) = layout(&store, jobs);
        assert!(
            held <= left * 10 / 7 + 200,
            "{held} rows held, {left} alive"
        );
    }
    let snapshot = store.snapshot();
    assert_eq!(snapshot.rows(jobs), 0);
    assert!(snapshot.collection(jobs).segments.is_empty());
}

#[test]
fn a_batch_copies_few_rows_and_the_tail_stays_short_with_and_without_the_background() {
    let (kinds, jobs) = kinds();
    let at_once = StoreOptions::default().tail_rows_max / 16;
    for with_background in [true, false] {
        let mut store = Store::new(Arc::clone(&kinds), StoreOptions::default());
        let mut copied_at_most = 0;
        for id in 0..9_000 {
            let new = store.next_segment;
            // Every seventh replaces an earlier one.
            let id = if id % 7 == 0 { id / 2 } else { id };
            store.apply(vec![put(&kinds, jobs, id, "x")], 0);
            let snapshot = store.snapshot();
            let segments = &snapshot.collection(jobs).segments;
            let copied = segments.iter().filter(|live| live.segment.number >= new);
            let copied: u32 = copied.map(|live| live.segment.rows()).sum();
            copied_at_most = copied_at_most.max(copied as usize);
            if with_background {
                settle(&mut store);
            }
            // 16 neighbours, one that made them too many, a counter up to 128, full ones.
            let (_, tail, _) = layout(&store, jobs);
            assert!(tail <= 16 + 1 + 8 + 5, "{tail} small segments");
        }
        assert_eq!(copied_at_most > at_once, !with_background);
    }
}

fn train(store: &mut Store, kind: KindId) {
    let snapshot = store.snapshot();
    let job = TrainJob {
        kind,
        generation: snapshot.sequence,
        dimensions: store.kinds().by_id(kind).dimensions,
        collection: Arc::clone(snapshot.collection(kind)),
    };
    store.install_centroids(&job.run().unwrap());
}

#[test]
fn cells_that_drift_are_seen_and_training_again_settles_it() {
    let (kinds, jobs) = kinds();
    let mut store = Store::new(Arc::clone(&kinds), StoreOptions::default());
    let trades = [
        "baker", "nurse", "welder", "driver", "teacher", "lawyer", "cook", "painter",
    ];
    let places = [
        "school", "ship", "farm", "hotel", "mine", "bank", "shop", "court", "garden",
    ];
    let title = |id: usize| {
        let (trade, place) = (trades[id % 8], places[id / 8 % 9]);
        format!("{trade} {place} {}", places[id / 72 % 9])
    };
    let first: Vec<Prepared> = (0..2_500)
        .map(|id| put(&kinds, jobs, id, &title(id)))
        .collect();
    for batch in first.chunks(250) {
        store.apply(batch.to_vec(), 0);
    }
    train(&mut store, jobs);
    let drifted = |store: &mut Store| {
        let collection = Arc::clone(store.snapshot().collection(jobs));
        store.looks.drifted(jobs, &collection)
    };
    assert!(!drifted(&mut store));
    // More of the same is no drift.
    let more: Vec<Prepared> = (2_500..3_500)
        .map(|id| put(&kinds, jobs, id, &title(id)))
        .collect();
    store.apply(more, 0);
    assert!(!drifted(&mut store));
    // A flood of one sort is: it falls into a cell or two.
    let flood: Vec<Prepared> = (0..1_500)
        .map(|id| {
            put(
                &kinds,
                jobs,
                10_000 + id,
                &format!("kernel engineer rust {id}"),
            )
        })
        .collect();
    store.apply(flood, 0);
    assert!(drifted(&mut store));
    train(&mut store, jobs);
    assert!(!drifted(&mut store));
    // A process that did not see the training takes what it finds, unless that is far off.
    let state = store.state();
    let mut restored = Store::restore(Arc::clone(&kinds), StoreOptions::default(), state);
    assert!(!drifted(&mut restored));
}
