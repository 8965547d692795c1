//! Which segments of a kind are worth merging next. Owns the bounds on their
//! number and on the dead rows they carry; building the merged one is
//! `MergeJob`'s.

use crate::snapshot::{Collection, Live};
use crate::store::{StoreOptions, in_tail};
use crate::text::SMALL_ROWS_MAX;

/// Large segments of about the same size that are worth merging.
const TIER_SEGMENTS: usize = 4;
/// Large segments of a kind: one more and two of them are merged, whatever their
/// size.
pub const LARGE_SEGMENTS_MAX: usize = 8;
/// Full small segments of a kind that are merged although they are few rows.
const SETTLED_SEGMENTS_MAX: usize = 16;
/// Beyond the size segments are merged up to, only so many times it is made to
/// keep their number bounded.
const OVERSIZE: usize = 4;

/// Segments to be made one, and its form.
pub(super) struct Worth {
    pub(super) sources: Vec<Live>,
    pub(super) large: bool,
}

fn held(live: &Live) -> usize {
    live.segment.rows() as usize
}

fn alive(live: &Live) -> usize {
    live.alive.count()
}

/// Whether so many rows are dead that rewriting the rest pays.
fn mostly_dead(held: usize, alive: usize) -> bool {
    alive * 10 < held * 7
}

/// Small segments the tail's own merging is done with: full ones, and what
/// rewriting left in front of others.
fn settled(collection: &Collection, options: StoreOptions) -> Vec<&Live> {
    let front = in_tail(collection, options).start;
    let front = collection.segments.iter().take(front);
    front.filter(|live| !live.segment.is_large()).collect()
}

/// The next merge worth doing, the most pressing first.
pub(super) fn worth_merging(collection: &Collection, options: StoreOptions) -> Option<Worth> {
    worth_settling(collection, options).or_else(|| {
        let mut large: Vec<&Live> = collection
            .segments
            .iter()
            .filter(|live| live.segment.is_large())
            .collect();
        // By living rows; equal ones stay in the order they are in.
        large.sort_by_key(|live| alive(live));
        let dead = large
            .iter()
            .find(|live| mostly_dead(held(live), alive(live)));
        if let Some(live) = dead {
            return Some(Worth {
                sources: vec![(*live).clone()],
                large: alive(live) >= options.large_rows_min / TIER_SEGMENTS
                    || alive(live) > SMALL_ROWS_MAX,
            });
        }
        let sources = worth_a_tier(&large, options).or_else(|| one_too_many(&large, options))?;
        Some(Worth {
            sources,
            large: true,
        })
    })
}

/// Settled small segments: enough for a large one, or too many rows dead.
fn worth_settling(collection: &Collection, options: StoreOptions) -> Option<Worth> {
    let settled = settled(collection, options);
    let living: usize = settled.iter().map(|live| alive(live)).sum();
    let rows: usize = settled.iter().map(|live| held(live)).sum();
    let large = living >= options.large_rows_min;
    let worth = large || mostly_dead(rows, living) || settled.len() > SETTLED_SEGMENTS_MAX;
    worth.then(|| Worth {
        sources: settled.into_iter().cloned().collect(),
        large: large || living > SMALL_ROWS_MAX,
    })
}

/// Segments of about the same size, as many as fit into one.
fn worth_a_tier(large: &[&Live], options: StoreOptions) -> Option<Vec<Live>> {
    let tier = |live: &Live| alive(live).max(1).ilog(4);
    large
        .chunk_by(|a, b| tier(a) == tier(b))
        .filter(|lives| lives.len() >= TIER_SEGMENTS)
        .find_map(|lives| {
            let mut rows = 0;
            let fitting: Vec<Live> = lives
                .iter()
                .take_while(|live| {
                    rows += alive(live);
                    rows <= options.segment_rows_max
                })
                .map(|live| (*live).clone())
                .collect();
            (fitting.len() > 1).then_some(fitting)
        })
}

/// Two segments, where there are more than may be: the smallest two of which
/// neither is twice the other, so that a few rows do not have a big segment
/// rewritten every time; the smallest two at all where there are none.
fn one_too_many(large: &[&Live], options: StoreOptions) -> Option<Vec<Live>> {
    if large.len() <= LARGE_SEGMENTS_MAX {
        return None;
    }
    let pairs = || {
        large
            .windows(2)
            .filter_map(|pair| <[&Live; 2]>::try_from(pair).ok())
    };
    let alike = |[small, big]: &[&Live; 2]| {
        alive(big) <= 2 * alive(small)
            && alive(small) + alive(big) <= OVERSIZE * options.segment_rows_max
    };
    let pair = pairs().find(alike).or_else(|| pairs().next())?;
    Some(pair.into_iter().cloned().collect())
}
