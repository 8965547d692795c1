//! What checkpoints promise: what is opened answers as what was written, whatever
//! happened to the folder, or says precisely why it cannot. Random tests print
//! their seed; `TANDEM_SEED` runs them from another one.

mod crash;
mod damage;
mod kinds;
mod layout;
mod overlays;

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Checkpoint, open, verify, write, write_all};
use crate::disk::{Folder, MemoryFolder};
use crate::kinds::Kinds;
use crate::snapshot::{Collection, Live};
use crate::store::{SpaceState, Store, StoreOptions, Write, prepare};
use crate::terms::Terms;
use crate::vectors::{Cells, RowsBuilder, train};

const KINDS: &str = r#"
[kinds.notes]
dimensions = 4
[kinds.notes.fields]
title = { type = "text", as = "title" }
text = { type = "text", as = "text" }
tags = { type = "keyword" }
size = { type = "number" }
known = { type = "skills", as = "skills" }
[kinds.others]
dimensions = 2
[kinds.others.fields]
text = { type = "text", as = "text" }
"#;

/// Small sizes, so that a few hundred rows make every form of segment.
const TINY: StoreOptions = StoreOptions {
    tail_rows_max: 32,
    large_rows_min: 64,
    segment_rows_max: 2_000,
};

/// SplitMix64.
struct Rng(u64);

impl Rng {
    #[expect(clippy::print_stderr, reason = "tests print their seeds")]
    fn new(test: &str, seed: u64) -> Self {
        let given = std::env::var("TANDEM_SEED").ok();
        let seed = given.and_then(|text| text.parse().ok()).unwrap_or(seed);
        eprintln!("{test}: TANDEM_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

fn kinds() -> Arc<Kinds> {
    Arc::new(Kinds::parse(KINDS).unwrap())
}

fn words(rng: &mut Rng, count: usize) -> String {
    const WORDS: [&str; 12] = [
        "rust", "server", "engineer", "müller", "night", "shift", "berlin", "python", "care",
        "東京", "driver", "senior",
    ];
    let word = |_| match rng.below(14) {
        at if at < WORDS.len() => WORDS[at].to_owned(),
        at => format!("w{}x{at}", rng.below(400)),
    };
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

fn document(rng: &mut Rng, kind: usize, id: &str) -> Value {
    let length = 3 + rng.below(20);
    let mut document = json!({"id": id, "text": words(rng, length)});
    if kind == 0 {
        document["title"] = json!(words(rng, 2));
        document["tags"] = json!(words(rng, 2).split(' ').collect::<Vec<_>>());
        if rng.chance(60) {
            document["size"] = json!(rng.below(1_000) as f64 / 8.0);
            document["known"] = json!(["Rust", words(rng, 1)]);
        }
    }
    if rng.chance(70) {
        let own: Vec<f64> = (0..4 - 2 * kind)
            .map(|_| rng.below(100) as f64 - 50.5)
            .collect();
        document["vector"] = json!(own);
    }
    document
}

/// Puts and deletes of both kinds, at most 16 ids of each, then more.
fn change(rng: &mut Rng, store: &mut Store, ids: usize, at_ms: i64) {
    let kinds = Arc::clone(store.kinds());
    let count = 1 + rng.below(24);
    let changes = (0..count).map(|_| {
        let kind = rng.below(2);
        let id = format!("n{}", rng.below(ids));
        let kind_id = kinds.get(["notes", "others"][kind]).unwrap().id;
        let write = if rng.chance(25) {
            Write::Delete {
                kind: kind_id,
                id,
                version: None,
            }
        } else {
            Write::Put {
                kind: kind_id,
                document: document(rng, kind, &id),
                id: None,
            }
        };
        prepare(&kinds, write).unwrap()
    });
    let changes = changes.collect();
    store.apply(changes, at_ms);
    store.set_position("feed.ndjson", at_ms as u64);
}

/// Centroids, as a training of the rows there are would give them.
fn train_now(store: &mut Store, cells: usize) {
    let kind = store.kinds().get("notes").unwrap();
    let before = store.snapshot();
    let mut collection = Collection::clone(before.collection(kind.id));
    let mut builder = RowsBuilder::new(kind.dimensions);
    for live in &collection.segments {
        for row in live.alive.iter() {
            builder.push_from(&live.segment.vectors, row).unwrap();
        }
    }
    let Some(centroids) = train(&builder.finish(), cells, before.sequence) else {
        return;
    };
    for live in &mut collection.segments {
        live.cells = Some(Arc::new(
            Cells::build(&live.segment.vectors, &centroids).unwrap(),
        ));
    }
    collection.centroids = Some(Arc::new(centroids));
    let id = kind.id;
    store.publish(vec![(id, collection)]);
}

/// A store after a while: merged, trained, with deletes.
fn lived(rng: &mut Rng, rounds: usize, ids: usize) -> Store {
    let mut store = Store::new(kinds(), TINY);
    for round in 0..rounds {
        change(rng, &mut store, ids, round as i64);
        live(rng, &mut store);
    }
    store
}

fn live(rng: &mut Rng, store: &mut Store) {
    if let Some(job) = store.merge_job() {
        store.install(job.run());
    }
    if rng.chance(8) {
        train_now(store, 8);
    }
    if rng.chance(2) {
        store.relayout(1 + rng.below(4), rng.chance(50));
    }
}

fn named(name: &str, store: &Store) -> (String, SpaceState) {
    (name.to_owned(), store.state())
}

/// That two states answer alike, to the last row.
fn assert_same(one: &SpaceState, other: &SpaceState) {
    assert_eq!(one.snapshot.sequence, other.snapshot.sequence);
    assert_eq!(one.next_segment, other.next_segment);
    assert_eq!(one.positions.sorted(), other.positions.sorted());
    for kind in one.snapshot.kinds().iter() {
        let deleted = |state: &SpaceState| -> Vec<_> {
            let ids = state.deleted.of(kind.id);
            ids.map(|(id, tombstone)| (id.to_owned(), tombstone))
                .collect()
        };
        assert_eq!(deleted(one), deleted(other));
        let (one, other) = (
            one.snapshot.collection(kind.id),
            other.snapshot.collection(kind.id),
        );
        assert_eq!(one.statistics, other.statistics);
        assert!(one.statistics.languages().eq(other.statistics.languages()));
        assert_eq!(one.centroids, other.centroids);
        assert_eq!(one.segments.len(), other.segments.len());
        for (one, other) in one.segments.iter().zip(&other.segments) {
            assert_same_rows(one, other);
        }
    }
}

fn assert_same_rows(one: &Live, other: &Live) {
    assert_eq!(one.alive, other.alive);
    assert_eq!(one.cells, other.cells);
    let (a, b) = (&one.segment, &other.segment);
    assert_eq!(
        (a.number, a.rows(), a.is_large()),
        (b.number, b.rows(), b.is_large())
    );
    assert_eq!(a.vectors, b.vectors);
    for row in 0..a.rows() {
        assert_eq!(a.id(row), b.id(row));
        assert_eq!(a.version(row), b.version(row));
        assert_eq!(a.document(row), b.document(row));
        assert!(b.find(a.id(row)).any(|found| found == row));
        let terms = |terms: &Terms| {
            let parts = (terms.entries(row).to_vec(), terms.tokens(row).to_vec());
            (parts, terms.lengths(row), terms.skill_count(row))
        };
        assert_eq!(terms(&a.terms), terms(&b.terms));
        for (one, other) in a.columns.iter().zip(&b.columns) {
            assert_eq!(one.number(row), other.number(row));
            let words = |column: &crate::columns::Column| -> Option<Vec<String>> {
                let column = column.keywords()?;
                Some(
                    column
                        .of(row)
                        .iter()
                        .map(|o| column.value(*o).to_owned())
                        .collect(),
                )
            };
            assert_eq!(words(one), words(other));
        }
        assert_eq!(a.titles.of(row), b.titles.of(row));
    }
    assert_eq!(a.columns.len(), b.columns.len());
    let postings = |segment: &crate::segment::Segment| {
        let mut all: Vec<(String, Vec<(u32, u32)>)> = Vec::new();
        segment
            .text
            .terms(&mut |term| all.push((term.to_owned(), Vec::new())));
        for (term, rows) in &mut all {
            segment
                .text
                .postings(term, &mut |row, count| rows.push((row, count)));
        }
        all
    };
    assert_eq!(postings(a), postings(b));
    for at in 0..=a.columns.len() {
        assert_eq!(a.names(at).is_some(), b.names(at).is_some());
    }
}

fn opened(folder: &dyn Folder) -> (Checkpoint, Vec<(String, SpaceState)>) {
    open(folder, &kinds())
        .unwrap()
        .expect("there is a checkpoint")
}

#[test]
fn what_is_opened_is_what_was_written_and_goes_on_alike() {
    let mut rng = Rng::new("checkpoint", 1);
    let mut forms = [false; 4];
    for round in 0..12 {
        let mut store = lived(&mut rng, 2 + 9 * round, 150);
        let small = lived(&mut rng, round % 3, 5);
        for kind in store.kinds().iter() {
            for live in &store.snapshot().collection(kind.id).segments {
                forms[usize::from(live.segment.is_large())] = true;
                forms[2] |= live.cells.is_some();
                forms[3] |= live.alive.count() < live.segment.rows() as usize;
            }
        }
        let spaces = [named("a", &store), named("small", &small)];
        let folder = MemoryFolder::default();
        let written = write(&folder, None, 17, &spaces).unwrap();
        assert_eq!((written.frame, written.packs()), (17, 1));
        let (checkpoint, states) = opened(&folder);
        assert_eq!(checkpoint.frame, 17);
        assert_eq!(checkpoint.bytes(), written.bytes());
        for ((name, state), (expected, before)) in states.iter().zip(&spaces) {
            assert_eq!(name, expected);
            assert_same(state, before);
        }
        let report = verify(&folder).unwrap();
        let documents: u64 = spaces.iter().map(|(_, state)| documents(state)).sum();
        assert_eq!((report.documents, report.spaces), (documents, 2));

        // The same bytes when it is written again.
        let again = MemoryFolder::default();
        write_all(&again, None, 17, &states).unwrap();
        assert_eq!(folder.files(), again.files());

        let mut restored = Store::restore(kinds(), TINY, states[0].1.clone());
        let seed = rng.next();
        for store in [&mut store, &mut restored] {
            let mut rng = Rng(seed);
            for round in 0..6 {
                change(&mut rng, store, 150, 1_000 + round);
                live(&mut rng, store);
            }
        }
        assert_same(&store.state(), &restored.state());
    }
    assert_eq!(forms, [true; 4], "small, large, in cells, with dead rows");
}

fn documents(state: &SpaceState) -> u64 {
    let kinds = state.snapshot.kinds().iter();
    kinds.map(|kind| state.snapshot.rows(kind.id)).sum()
}

#[test]
fn phrases_and_words_alike_are_found_in_what_was_opened() {
    let mut rng = Rng::new("phrases", 5);
    let store = lived(&mut rng, 60, 150);
    let folder = MemoryFolder::default();
    write(&folder, None, 1, &[named("a", &store)]).unwrap();
    let (_, states) = opened(&folder);
    let kind = store.kinds().get("notes").unwrap().id;
    let (before, after) = (store.snapshot(), &states[0].1.snapshot);
    let mut found = 0;
    let pairs = before
        .collection(kind)
        .segments
        .iter()
        .zip(&after.collection(kind).segments);
    for (one, other) in pairs {
        let phrase =
            ["rust", "server"].map(|word| (word.to_owned(), crate::analysis::TermKey::of(word)));
        let statistics = &before.collection(kind).statistics;
        let rows = one.segment.phrase(&phrase, statistics);
        assert_eq!(rows, other.segment.phrase(&phrase, statistics));
        found += rows.len();
        let likeness = crate::vocabulary::Likeness::Edits(1);
        let words = |live: &Live| -> Vec<String> {
            let alike = live.segment.alike("ruts", likeness);
            alike.iter().map(|word| word.word.to_string()).collect()
        };
        assert_eq!(words(one), words(other));
    }
    assert!(found > 0);
}
