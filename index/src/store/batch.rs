//! Batches of changes to one kind. Owns how rows come to stand in segments: a
//! new small one a batch.

use std::collections::HashMap;
use std::sync::Arc;

use super::change::{Known, Outcome, Prepared};
use super::deleted::{Deleted, Tombstone};
use super::{ErasedIds, StoreOptions, tail};
use crate::analysis::Language;
use crate::bits::Bits;
use crate::kinds::Kind;
use crate::row::Row;
use crate::segment::Segment;
use crate::snapshot::{Collection, Live};
use crate::statistics::Delta;
use crate::vectors::{Cells, Centroids};

/// A batch of one kind: rows to add, rows to bury.
pub(super) struct Batch<'a> {
    kind: &'a Kind,
    erased: Option<&'a ErasedIds>,
    before: &'a Collection,
    deleted: &'a mut Deleted,
    at_ms: i64,
    rows: Vec<Option<Row>>,
    versions: Vec<u64>,
    // id → its place among `rows`, or None where this batch deleted it.
    pending: HashMap<String, Option<usize>>,
    buried: Vec<(usize, u32)>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(
        (kind, erased): (&'a Kind, Option<&'a ErasedIds>),
        before: &'a Collection,
        deleted: &'a mut Deleted,
        at_ms: i64,
    ) -> Self {
        Self {
            kind,
            erased,
            before,
            deleted,
            at_ms,
            rows: Vec::new(),
            versions: Vec::new(),
            pending: HashMap::new(),
            buried: Vec::new(),
        }
    }

    /// Whether no document came or went.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.buried.is_empty()
    }

    /// Takes a change in.
    pub(super) fn change(&mut self, prepared: Prepared) -> Outcome {
        let pending = self.pending.get(&prepared.id).copied();
        let stored = match pending {
            Some(_) => None,
            None => self.before.find(&prepared.id),
        };
        let held = match (pending, stored) {
            (Some(Some(at)), _) => Some(self.versions[at]),
            (None, Some((segment, row))) => {
                Some(self.before.segments[segment].segment.version(row))
            }
            (Some(None) | None, _) => None,
        };
        let known = held.map_or_else(|| self.buried(&prepared.id), Known::Held);
        let effect = prepared.effect(known);
        let Prepared {
            id, row, erases, ..
        } = prepared;
        if !effect.changes {
            return Outcome::new(id, effect);
        }
        if let Some(Some(at)) = pending {
            self.rows[at] = None;
        }
        if let Some(place) = stored {
            self.buried.push(place);
        }
        if let Some(row) = row {
            self.deleted.drop_id(self.kind.id, &id);
            self.pending.insert(id.clone(), Some(self.rows.len()));
            self.rows.push(Some(*row));
            self.versions.push(effect.version);
        } else if erases {
            // The ledger remembers it, without its name.
            self.deleted.drop_id(self.kind.id, &id);
            self.pending.insert(id.clone(), None);
        } else {
            let tombstone = Tombstone {
                version: effect.version,
                at_ms: self.at_ms,
            };
            self.deleted.remember(self.kind.id, &id, tombstone);
            self.pending.insert(id.clone(), None);
        }
        Outcome::new(id, effect)
    }

    /// What is known of an id that is not held.
    fn buried(&self, id: &str) -> Known {
        let erased = self.erased;
        let erased = erased.and_then(|one| one.version(&self.kind.name, id));
        let deleted = self.deleted.version(self.kind.id, id, self.at_ms);
        let last = deleted.max(erased);
        last.map_or(Known::Nothing, Known::Deleted)
    }

    /// The collection after the batch.
    pub(super) fn finish(
        self,
        kind: &Kind,
        next_segment: &mut u64,
        options: StoreOptions,
    ) -> Collection {
        let mut collection = self.before.clone();
        let mut delta = Delta::default();
        for (at, row) in self.buried {
            let live = &mut collection.segments[at];
            Arc::make_mut(&mut live.alive).clear(row);
            delta.row(&live.segment.terms, row, language(&live.segment, row), -1);
        }
        let (rows, versions): (Vec<Row>, Vec<u64>) = self
            .rows
            .into_iter()
            .zip(self.versions)
            .filter_map(|(row, version)| Some((row?, version)))
            .unzip();
        if !rows.is_empty() {
            let number = take(next_segment);
            let segment = Segment::from_rows(kind, number, &rows, versions);
            for row in 0..segment.rows() {
                delta.row(&segment.terms, row, language(&segment, row), 1);
            }
            let live = enliven(segment, &collection);
            collection.segments.push(live);
        }
        collection.statistics.apply(delta);
        tail::compact(kind, &mut collection, next_segment, options);
        collection
    }
}

pub(super) fn take(next_segment: &mut u64) -> u64 {
    *next_segment += 1;
    *next_segment - 1
}

fn language(segment: &Segment, row: u32) -> Option<Language> {
    segment.columns[0].word(row).and_then(Language::from_tag)
}

/// A new segment with all rows alive, grouped by the collection's centroids.
pub(crate) fn enliven(segment: Segment, collection: &Collection) -> Live {
    let cells = collection.centroids.as_ref().map(|centroids| {
        Arc::new(
            Cells::build(&segment.vectors, centroids)
                .expect("centroids and rows of a kind have its dimensions"),
        )
    });
    Live {
        alive: Arc::new(Bits::full(segment.rows() as usize)),
        segment: Arc::new(segment),
        cells,
    }
}

/// Kept rows of several segments, one behind the other, as one segment with all
/// rows alive. `large` chooses the form of its postings.
pub(crate) fn merge(
    kind: &Kind,
    number: u64,
    centroids: Option<&Centroids>,
    sources: &[(&Live, &[u32])],
    large: bool,
) -> Live {
    let segments: Vec<(&Segment, &[u32])> = sources
        .iter()
        .map(|(live, kept)| (&*live.segment, *kept))
        .collect();
    let segment = Segment::merge(kind, number, &segments, large);
    Live {
        alive: Arc::new(Bits::full(segment.rows() as usize)),
        cells: group_merged(centroids, sources, &segment),
        segment: Arc::new(segment),
    }
}

/// The cells of merged rows: from the sources' cells where all have those of
/// `centroids`, else by looking at the centroids again.
fn group_merged(
    centroids: Option<&Centroids>,
    sources: &[(&Live, &[u32])],
    merged: &Segment,
) -> Option<Arc<Cells>> {
    let centroids = centroids?;
    let cells: Option<Vec<(&Cells, &[u32])>> = sources
        .iter()
        .map(|(live, kept)| Some((live.cells.as_deref()?, *kept)))
        .collect();
    let (generation, dimensions) = (centroids.generation(), centroids.dimensions());
    let cells = cells
        .and_then(|cells| Cells::merge(generation, dimensions, &cells).ok())
        .or_else(|| Cells::build(&merged.vectors, centroids).ok());
    cells.map(Arc::new)
}
