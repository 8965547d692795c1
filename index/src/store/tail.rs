//! The tail: the small segments new rows first stand in. Owns which neighbours
//! of it become one. Few rows are copied at once, by who applies the batch;
//! more in the background, since writes wait for the one and not for the other.

use std::ops::Range;

use super::StoreOptions;
use super::batch::{merge, take};
use crate::kinds::Kind;
use crate::snapshot::{Collection, Live};

/// So many times fewer rows than a full small segment may have are merged at
/// once: 256, which with all smaller ones before takes 2 to 3 ms of CPU for
/// documents of 1.4 KB.
const AT_ONCE_SHARE: usize = 16;
/// Neighbours that are worth a merge in the background.
const NEIGHBOURS_MIN: usize = 4;
/// With more of them the background is behind, and they are merged at once: a
/// query looks at every one. More than are left where none is worth a merge.
const NEIGHBOURS_MAX: usize = 16;

/// Whether a small segment is full: it leaves the tail.
fn is_full(live: &Live, options: StoreOptions) -> bool {
    rows(live) > options.tail_rows_max / 2
}

/// Small segments at the end that are not full.
pub(crate) fn in_tail(collection: &Collection, options: StoreOptions) -> Range<usize> {
    let in_tail = |live: &&Live| !live.segment.is_large() && !is_full(live, options);
    let tail = collection.segments.iter().rev().take_while(in_tail).count();
    collection.segments.len() - tail..collection.segments.len()
}

/// Neighbours of the tail that are worth a merge in the background.
pub(crate) fn worth_a_merge(
    collection: &Collection,
    options: StoreOptions,
) -> Option<Range<usize>> {
    worth_merging(collection, grown(collection, options), options)
}

/// Merges what is merged at once.
pub(super) fn compact(
    kind: &Kind,
    collection: &mut Collection,
    next_segment: &mut u64,
    options: StoreOptions,
) {
    loop {
        // Segments of only dead rows answer nothing.
        collection.segments.retain(|live| {
            live.segment.is_large() || is_full(live, options) || live.alive.count() > 0
        });
        let Some(neighbours) = pair(collection, options).or_else(|| too_many(collection, options))
        else {
            return;
        };
        let merged = merged(kind, collection, neighbours.clone(), take(next_segment));
        drop(collection.segments.splice(neighbours, [merged]));
    }
}

fn rows(live: &Live) -> usize {
    live.segment.rows() as usize
}

// The most rows that are merged at once.
fn at_once(options: StoreOptions) -> usize {
    (options.tail_rows_max / AT_ONCE_SHARE).max(2)
}

// Whether merging at once is done with a segment of the tail.
fn is_grown(live: &Live, options: StoreOptions) -> bool {
    rows(live) > at_once(options) / 2
}

// The tail up to the last segment that is grown.
fn grown(collection: &Collection, options: StoreOptions) -> Range<usize> {
    let tail = in_tail(collection, options);
    let growing = collection.segments[tail.clone()].iter().rev();
    let growing = growing.take_while(|live| !is_grown(live, options)).count();
    tail.start..tail.end - growing
}

// The end is kept like a binary counter: neighbours of similar size become one,
// so that a row is copied about log2(256 / batch) times.
fn pair(collection: &Collection, options: StoreOptions) -> Option<Range<usize>> {
    let count = collection.segments.len();
    let [.., first, second] = collection.segments.as_slice() else {
        return None;
    };
    let growing = |live: &Live| !live.segment.is_large() && !is_grown(live, options);
    let alike = rows(first) <= 2 * rows(second);
    (growing(first) && growing(second) && alike).then(|| count - 2..count)
}

fn too_many(collection: &Collection, options: StoreOptions) -> Option<Range<usize>> {
    let grown = grown(collection, options);
    if grown.len() <= NEIGHBOURS_MAX {
        return None;
    }
    worth_merging(collection, grown, options)
}

// The first segment that is not bigger than those behind it together, and these:
// with it a row's segment doubles at least, so a row is copied log2(4,096 / 256)
// times at most. What is left where there is none halves from one to the next.
fn worth_merging(
    collection: &Collection,
    among: Range<usize>,
    options: StoreOptions,
) -> Option<Range<usize>> {
    let alive: Vec<usize> = collection.segments[among.clone()]
        .iter()
        .map(|live| live.alive.count())
        .collect();
    let mut behind = alive.iter().sum::<usize>();
    let first = alive.iter().position(|rows| {
        behind -= rows;
        *rows <= behind
    })?;
    let mut sum = 0;
    let fitting = alive[first..].iter().take_while(|rows| {
        sum += **rows;
        sum <= options.tail_rows_max
    });
    // Where not all fit, those that do are a full segment.
    let fitting = fitting.count();
    (alive.len() - first >= NEIGHBOURS_MIN)
        .then(|| among.start + first..among.start + first + fitting)
}

fn merged(kind: &Kind, collection: &Collection, neighbours: Range<usize>, number: u64) -> Live {
    let lives = &collection.segments[neighbours];
    let kept: Vec<Vec<u32>> = lives
        .iter()
        .map(|live| live.alive.iter().collect())
        .collect();
    let sources: Vec<(&Live, &[u32])> = lives
        .iter()
        .zip(&kept)
        .map(|(live, kept)| (live, kept.as_slice()))
        .collect();
    merge(
        kind,
        number,
        collection.centroids.as_deref(),
        &sources,
        false,
    )
}
