//! The writing side of a space: turns batches of prepared changes into the next
//! snapshot. Owns sequence numbers, versions, tombstones and the tail; threads,
//! queues and clocks are the server's.

use std::collections::HashMap;
use std::sync::Arc;

use crate::checkpoint::Moved;
use crate::kinds::{KindId, Kinds};
use crate::ledger::Ledger;
use crate::merge::drift::Looks;
use crate::snapshot::{Collection, Snapshot};
use crate::taxonomy::Taxonomy;

mod batch;
mod change;
mod deleted;
mod patch;
mod tail;

use batch::Batch;
pub(crate) use batch::{enliven, merge};
use change::Known;
pub use change::{ChangeRef, Condition, Outcome, Prepared, Write, WriteResult, prepare};
pub use deleted::{DELETED_KEPT_MS, Deleted, Positions, Tombstone};
pub use patch::{merge_patch, patched};
pub(crate) use tail::{in_tail, worth_a_merge};

/// Changes of one batch.
pub const BATCH_CHANGES_MAX: usize = 256;

/// Sizes a store works with. The defaults are for use, others for tests.
#[derive(Clone, Copy, Debug)]
pub struct StoreOptions {
    /// Rows up to which small segments of the tail are merged into one.
    pub tail_rows_max: usize,
    /// Rows of full small segments that are worth a large one.
    pub large_rows_min: usize,
    /// Most rows of a large segment.
    pub segment_rows_max: usize,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            tail_rows_max: 4_096,
            large_rows_min: 16_384,
            segment_rows_max: crate::segment::SEGMENT_ROWS_MAX,
        }
    }
}

const _: () = assert!(BATCH_CHANGES_MAX <= 4_096, "a batch fits the tail");
const _: () = assert!(
    4_096 <= crate::text::SMALL_ROWS_MAX,
    "the tail fits the small form"
);

/// One space, from the writer's side.
#[derive(Clone, Debug)]
pub struct Store {
    kinds: Arc<Kinds>,
    options: StoreOptions,
    current: Arc<Snapshot>,
    pub(crate) next_segment: u64,
    pub(crate) looks: Looks,
    deleted: Deleted,
    positions: Positions,
    erased: Option<ErasedIds>,
}

/// What the ledger says of a space.
#[derive(Clone, Debug)]
pub(crate) struct ErasedIds {
    pub(crate) space: Arc<str>,
    pub(crate) ledger: Arc<Ledger>,
}

impl ErasedIds {
    /// The version an id was erased at.
    fn version(&self, kind: &str, id: &str) -> Option<u64> {
        self.ledger.document(&self.space, kind, id)
    }
}

/// All a checkpoint needs of a space, cheap to clone, immutable.
#[derive(Clone, Debug)]
pub struct SpaceState {
    /// The documents.
    pub snapshot: Arc<Snapshot>,
    /// The number of the next segment.
    pub next_segment: u64,
    /// The versions of deleted ids.
    pub deleted: Deleted,
    /// How far sources were read.
    pub positions: Positions,
}

impl Store {
    /// An empty space.
    pub fn new(kinds: Arc<Kinds>, options: StoreOptions) -> Self {
        let state = SpaceState {
            snapshot: Arc::new(Snapshot::empty(Arc::clone(&kinds))),
            next_segment: 1,
            deleted: Deleted::new(kinds.len()),
            positions: Positions::default(),
        };
        Self::restore(kinds, options, state)
    }

    /// A space as it was.
    pub fn restore(kinds: Arc<Kinds>, options: StoreOptions, state: SpaceState) -> Self {
        Self {
            kinds,
            options,
            current: state.snapshot,
            next_segment: state.next_segment,
            deleted: state.deleted,
            positions: state.positions,
            erased: None,
            looks: Looks::default(),
        }
    }

    /// The space as it is.
    pub fn state(&self) -> SpaceState {
        SpaceState {
            snapshot: self.snapshot(),
            next_segment: self.next_segment,
            deleted: self.deleted.clone(),
            positions: self.positions.clone(),
        }
    }

    /// The same under a ledger of erasures: what is in it under this name of the
    /// space does not come back.
    #[must_use]
    pub fn with_ledger(mut self, space: &str, ledger: Arc<Ledger>) -> Self {
        self.erased = Some(ErasedIds {
            space: space.into(),
            ledger,
        });
        self
    }

    pub(crate) fn erased(&self) -> Option<&ErasedIds> {
        self.erased.as_ref()
    }

    /// How far a source of changes was read.
    pub fn position(&self, source: &str) -> Option<u64> {
        self.positions.get(source)
    }

    /// Sets how far a source of changes was read.
    pub fn set_position(&mut self, source: &str, position: u64) {
        self.positions.set(source, position);
    }

    /// Forgets a source of changes.
    pub fn forget_position(&mut self, source: &str) {
        self.positions.forget(source);
    }

    /// How far each source of changes was read.
    pub fn positions(&self) -> &Positions {
        &self.positions
    }

    /// Shows another overlay of the taxonomy, or none, from the next sequence number
    /// on. Documents stay as they are: it is looked at when they are compared.
    pub fn put_taxonomy(&mut self, version: u64, taxonomy: Arc<Taxonomy>) {
        let next = self.current.with_taxonomy(version, taxonomy);
        self.current = Arc::new(next.next(Vec::new(), self.current.sequence + 1));
    }

    /// The same under the sequence number there is: it was put before a restart.
    pub fn restore_taxonomy(&mut self, version: u64, taxonomy: Arc<Taxonomy>) {
        self.current = Arc::new(self.current.with_taxonomy(version, taxonomy));
    }

    /// The versions of deleted ids.
    pub fn deleted(&self) -> &Deleted {
        &self.deleted
    }

    /// What readers see now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current)
    }

    /// The sizes it works with.
    pub fn options(&self) -> StoreOptions {
        self.options
    }

    /// Applies a batch in order and makes the next snapshot, in which all of it
    /// is visible. `at_ms` is the time, in milliseconds since 1970: what was
    /// deleted longer ago than [`DELETED_KEPT_MS`] is forgotten. One outcome a change.
    pub fn apply(&mut self, batch: Vec<Prepared>, at_ms: i64) -> Vec<Outcome> {
        self.deleted.forget(at_ms);
        let mut outcomes: Vec<Option<Outcome>> = vec![None; batch.len()];
        let mut by_kind: Vec<Vec<(usize, Prepared)>> = Vec::new();
        by_kind.resize_with(self.kinds.len(), Vec::new);
        for (at, prepared) in batch.into_iter().enumerate() {
            by_kind[usize::from(prepared.kind.0)].push((at, prepared));
        }
        let mut changed = Vec::new();
        let mut has_effect = false;
        for (number, changes) in by_kind.into_iter().enumerate() {
            if changes.is_empty() {
                continue;
            }
            let kind = KindId(number as u16);
            let before = self.current.collection(kind);
            let mut batch = Batch::new(
                (self.kinds.by_id(kind), self.erased.as_ref()),
                before,
                &mut self.deleted,
                at_ms,
            );
            for (at, prepared) in changes {
                let outcome = batch.change(prepared);
                has_effect |= outcome.has_effect;
                outcomes[at] = Some(outcome);
            }
            if batch.is_empty() {
                continue;
            }
            let kind_data = self.kinds.by_id(kind);
            let next = batch.finish(kind_data, &mut self.next_segment, self.options);
            changed.push((kind, next));
        }
        // A delete that is only remembered changes no collection, but it is in
        // the journal under a sequence number of its own.
        if has_effect {
            self.publish(changed);
        }
        outcomes.into_iter().flatten().collect()
    }

    /// What [`Self::apply`] would answer to these changes now, so that they can
    /// be kept elsewhere first. Cheap: only ids are looked up.
    pub fn foresee(&self, batch: &[Prepared], at_ms: i64) -> Vec<Outcome> {
        let mut pending: HashMap<(KindId, &str), Known> = HashMap::new();
        batch
            .iter()
            .map(|prepared| {
                let place = (prepared.kind, prepared.id.as_str());
                let known = *pending
                    .entry(place)
                    .or_insert_with(|| self.known(prepared.kind, &prepared.id, at_ms));
                let effect = prepared.effect(known);
                if effect.changes {
                    let now = match prepared.row {
                        Some(_) => Known::Held(effect.version),
                        None => Known::Deleted(effect.version),
                    };
                    pending.insert(place, now);
                }
                Outcome::new(prepared.id.clone(), effect)
            })
            .collect()
    }

    fn known(&self, kind: KindId, id: &str, at_ms: i64) -> Known {
        if let Some(stored) = self.current.get(kind, id) {
            return Known::Held(stored.version);
        }
        let name = &self.kinds.by_id(kind).name;
        let erased = self.erased.as_ref();
        let erased = erased.and_then(|erased| erased.version(name, id));
        let deleted = self.deleted.version(kind, id, at_ms).max(erased);
        deleted.map_or(Known::Nothing, Known::Deleted)
    }

    /// Goes on from a sequence number that was reached before a restart, unless
    /// a later one is reached already.
    pub fn resume_at(&mut self, sequence: u64) {
        if sequence > self.current.sequence {
            self.current = Arc::new(self.current.next(Vec::new(), sequence));
        }
    }

    /// Makes the next snapshot of changed collections.
    pub(crate) fn publish(&mut self, changed: Vec<(KindId, Collection)>) {
        let sequence = self.current.sequence + 1;
        self.current = Arc::new(self.current.next(changed, sequence));
    }

    /// Serves the documents of segments from where they are now. Nothing a reader
    /// sees is different, so the sequence number is the same.
    pub fn take_moved(&mut self, moved: &[Moved]) {
        if let Some(snapshot) = self.current.moved(moved) {
            self.current = Arc::new(snapshot);
        }
    }

    /// The kinds it holds.
    pub fn kinds(&self) -> &Arc<Kinds> {
        &self.kinds
    }
}
