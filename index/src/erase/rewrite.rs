//! Merging segments anew from their living rows, so that dictionaries, postings,
//! vectors, names and documents lose what is erased.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::subject_of;
use crate::kinds::{Kind, KindId};
use crate::merge::{MergeJob, Merged};
use crate::segment::Segment;
use crate::snapshot::Live;
use crate::store::{ErasedIds, Store};
use crate::text::SMALL_ROWS_MAX;

/// Segments that were looked at and have no erased rows, by kind and number.
pub type Looked = BTreeSet<(KindId, u64)>;

/// A look through a store's dead rows for the next segment that has erased ones.
#[derive(Debug)]
pub struct RewriteJob {
    store: Store,
    erased: ErasedIds,
    number: u64,
    looked: Looked,
}

/// What the look found.
#[derive(Debug)]
pub enum Rewritten {
    /// No segment has any.
    Clean,
    /// This one had, and is merged anew; and what was looked at before it.
    Merged(Box<Merged>, Looked),
}

impl Store {
    /// The next part of rewriting; `looked` is from the one before, or empty.
    /// `None` without a ledger, or one that is empty. Counts as the one job of
    /// the store that may be out.
    pub fn rewrite_job(&mut self, looked: Looked) -> Option<RewriteJob> {
        let erased = self.erased()?.clone();
        if erased.ledger.is_empty() {
            return None;
        }
        self.next_segment += 1;
        Some(RewriteJob {
            number: self.next_segment - 1,
            store: self.clone(),
            erased,
            looked,
        })
    }
}

impl RewriteJob {
    /// Finds the next segment and merges it. Linear in dead rows, then in the
    /// rows of one segment.
    pub fn run(mut self) -> Rewritten {
        let (snapshot, kinds) = (self.store.snapshot(), Arc::clone(self.store.kinds()));
        for kind in kinds.iter() {
            for live in &snapshot.collection(kind.id).segments {
                let place = (kind.id, live.segment.number);
                if self.looked.insert(place) && self.has_erased(kind, live) {
                    return self.merge(kind.id, live);
                }
            }
        }
        Rewritten::Clean
    }

    fn has_erased(&self, kind: &Kind, live: &Live) -> bool {
        let dead = (0..live.segment.rows()).filter(|row| !live.alive.get(*row));
        let mut dead = dead.filter(|row| self.is_erased(kind, &live.segment, *row));
        dead.next().is_some()
    }

    fn is_erased(&self, kind: &Kind, segment: &Segment, row: u32) -> bool {
        let ErasedIds { space, ledger } = &self.erased;
        let id = segment.id(row);
        let erased = ledger.document(space, &kind.name, id);
        erased.is_some_and(|erased| segment.version(row) <= erased)
            || subject_of(kind, id, segment.document(row))
                .is_some_and(|subject| ledger.subject(space, &subject).is_some())
    }

    fn merge(self, kind: KindId, live: &Live) -> Rewritten {
        let living = live.alive.count();
        let options = self.store.options();
        // As the policy of merging has it: few rows are better off in the small form.
        let large = live.segment.is_large() && living >= options.large_rows_min / 4
            || living > SMALL_ROWS_MAX;
        let sources = std::slice::from_ref(live);
        let job = MergeJob::new(&self.store, self.number, kind, sources, large);
        Rewritten::Merged(Box::new(job.run()), self.looked)
    }
}
