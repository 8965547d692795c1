//! The writing side of a space: turns batches of prepared changes into the next
//! snapshot. Owns sequence numbers, versions, tombstones and the tail; threads,
//! queues and clocks are the server's.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::analysis::Language;
use crate::bits::Bits;
use crate::document::{Document, Invalid, check_id};
use crate::kinds::{Kind, KindId, Kinds};
use crate::merge::drift::Looks;
use crate::row::{self, Row};
use crate::segment::Segment;
use crate::snapshot::{Collection, Live, Snapshot};
use crate::statistics::Delta;
use crate::vectors::{Cells, Centroids};

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

/// A change as it comes: put or delete of one document.
#[derive(Clone, Debug)]
pub enum Write {
    /// Create or replace.
    Put {
        /// Its kind.
        kind: KindId,
        /// The id of the path, where there is one.
        id: Option<String>,
        /// The document.
        document: Value,
    },
    /// Delete.
    Delete {
        /// Its kind.
        kind: KindId,
        /// Its id.
        id: String,
    },
}

/// A checked and analysed change.
#[derive(Clone, Debug)]
pub struct Prepared {
    kind: KindId,
    id: String,
    row: Option<Box<Row>>,
}

/// What a change is, as the journal keeps it.
#[derive(Clone, Copy, Debug)]
pub struct ChangeRef<'a> {
    /// Its kind.
    pub kind: KindId,
    /// The document's id.
    pub id: &'a str,
    /// The document; nothing for a delete.
    pub json: Option<&'a [u8]>,
}

impl Prepared {
    /// What the change is: preparing it again gives an equal one.
    pub fn change(&self) -> ChangeRef<'_> {
        ChangeRef {
            kind: self.kind,
            id: &self.id,
            json: self.row.as_ref().map(|row| row.json.as_slice()),
        }
    }

    /// What it does where this version of its document is held, and the version
    /// that is held or was deleted then.
    fn effect(&self, held: Option<u64>) -> (WriteResult, u64) {
        match (&self.row, held) {
            (Some(row), Some(held)) => match row.version {
                Some(given) if given <= held => (WriteResult::Stale, held),
                // Nothing comes behind the last version there is.
                given => given
                    .or_else(|| held.checked_add(1))
                    .map_or((WriteResult::Stale, held), |version| {
                        (WriteResult::Replaced, version)
                    }),
            },
            (Some(row), None) => (WriteResult::Created, row.version.unwrap_or(1)),
            (None, Some(held)) => (WriteResult::Deleted, held),
            (None, None) => (WriteResult::NotFound, 0),
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteResult {
    /// A new document.
    Created,
    /// A document with a higher version took an older one's place.
    Replaced,
    /// The document is gone.
    Deleted,
    /// An equal or newer version is held; nothing was done.
    Stale,
    /// There was nothing to delete.
    NotFound,
}

impl WriteResult {
    /// Whether the space is another one since.
    pub fn has_effect(self) -> bool {
        match self {
            Self::Created | Self::Replaced | Self::Deleted => true,
            Self::Stale | Self::NotFound => false,
        }
    }
}

/// What became of a change, and of which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The document's id.
    pub id: String,
    /// The version now held, or the one that was deleted; 0 if there was none.
    pub version: u64,
    /// What was done.
    pub result: WriteResult,
}

/// Checks and analyses a change. Pure and slow (0.3 ms for an ad of 500 words):
/// run it beside the writer, many at a time.
pub fn prepare(kinds: &Kinds, write: Write) -> Result<Prepared, Invalid> {
    match write {
        Write::Put { kind, id, document } => {
            let document = Document::parse(kinds.by_id(kind), document, id.as_deref(), true)?;
            let row = row::analyse(kinds.by_id(kind), document);
            Ok(Prepared {
                kind,
                id: row.id.clone(),
                row: Some(Box::new(row)),
            })
        }
        Write::Delete { kind, id } => {
            check_id(&id)?;
            Ok(Prepared {
                kind,
                id,
                row: None,
            })
        }
    }
}

/// One space, from the writer's side.
#[derive(Clone, Debug)]
pub struct Store {
    kinds: Arc<Kinds>,
    options: StoreOptions,
    current: Arc<Snapshot>,
    pub(crate) next_segment: u64,
    pub(crate) looks: Looks,
}

impl Store {
    /// An empty space.
    pub fn new(kinds: Arc<Kinds>, options: StoreOptions) -> Self {
        Self {
            current: Arc::new(Snapshot::empty(Arc::clone(&kinds))),
            kinds,
            options,
            next_segment: 1,
            looks: Looks::default(),
        }
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
    /// is visible. One outcome a change.
    pub fn apply(&mut self, batch: Vec<Prepared>) -> Vec<Outcome> {
        let mut outcomes: Vec<Option<Outcome>> = vec![None; batch.len()];
        let mut by_kind: Vec<Vec<(usize, Prepared)>> = Vec::new();
        by_kind.resize_with(self.kinds.len(), Vec::new);
        for (at, prepared) in batch.into_iter().enumerate() {
            by_kind[usize::from(prepared.kind.0)].push((at, prepared));
        }
        let mut changed = Vec::new();
        for (number, changes) in by_kind.into_iter().enumerate() {
            if changes.is_empty() {
                continue;
            }
            let kind = KindId(number as u16);
            let mut batch = Batch::new(self.current.collection(kind));
            for (at, prepared) in changes {
                outcomes[at] = Some(batch.change(prepared));
            }
            if batch.is_empty() {
                continue;
            }
            let kind_data = self.kinds.by_id(kind);
            let next = batch.finish(kind_data, &mut self.next_segment, self.options);
            changed.push((kind, next));
        }
        if !changed.is_empty() {
            self.publish(changed);
        }
        outcomes.into_iter().flatten().collect()
    }

    /// What [`Self::apply`] would answer to these changes now, so that they can
    /// be kept elsewhere first. Cheap: only ids are looked up.
    pub fn foresee(&self, batch: &[Prepared]) -> Vec<Outcome> {
        let mut pending: HashMap<(KindId, &str), Option<u64>> = HashMap::new();
        batch
            .iter()
            .map(|prepared| {
                let place = (prepared.kind, prepared.id.as_str());
                let held = *pending.entry(place).or_insert_with(|| {
                    let stored = self.current.get(prepared.kind, &prepared.id);
                    stored.map(|stored| stored.version)
                });
                let (result, version) = prepared.effect(held);
                if result.has_effect() {
                    let now = prepared.row.is_some().then_some(version);
                    pending.insert(place, now);
                }
                Outcome {
                    id: prepared.id.clone(),
                    version,
                    result,
                }
            })
            .collect()
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

    /// The kinds it holds.
    pub fn kinds(&self) -> &Arc<Kinds> {
        &self.kinds
    }
}

// A batch of one kind: rows to add, rows to bury.
struct Batch<'a> {
    before: &'a Collection,
    rows: Vec<Option<Row>>,
    versions: Vec<u64>,
    // id → its place among `rows`, or None where this batch deleted it.
    pending: HashMap<String, Option<usize>>,
    buried: Vec<(usize, u32)>,
}

impl<'a> Batch<'a> {
    fn new(before: &'a Collection) -> Self {
        Self {
            before,
            rows: Vec::new(),
            versions: Vec::new(),
            pending: HashMap::new(),
            buried: Vec::new(),
        }
    }

    // Whether all was stale or not there: then nothing changes.
    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.buried.is_empty()
    }

    fn change(&mut self, prepared: Prepared) -> Outcome {
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
        let (result, version) = prepared.effect(held);
        let Prepared { id, row, .. } = prepared;
        if result == WriteResult::Stale {
            return Outcome {
                id,
                version,
                result,
            };
        }
        if let Some(Some(at)) = pending {
            self.rows[at] = None;
        }
        if let Some(place) = stored {
            self.buried.push(place);
        }
        if let Some(row) = row {
            self.pending.insert(id.clone(), Some(self.rows.len()));
            self.rows.push(Some(*row));
            self.versions.push(version);
        } else {
            self.pending.insert(id.clone(), None);
        }
        Outcome {
            id,
            version,
            result,
        }
    }

    fn finish(self, kind: &Kind, next_segment: &mut u64, options: StoreOptions) -> Collection {
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
        compact_tail(kind, &mut collection, next_segment, options);
        collection
    }
}

fn take(next_segment: &mut u64) -> u64 {
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

/// Whether a small segment is full: background merging takes it from here.
pub(crate) fn is_full(live: &Live, options: StoreOptions) -> bool {
    live.segment.rows() as usize > options.tail_rows_max / 2
}

// The tail is kept like a binary counter: neighbours of similar size become
// one, so that a row is copied about log2(4,096 / batch) times and a query sees
// about as many small segments.
fn compact_tail(
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
        let [.., first, second] = collection.segments.as_slice() else {
            return;
        };
        let small = |live: &Live| !live.segment.is_large() && !is_full(live, options);
        let (a, b) = (
            first.segment.rows() as usize,
            second.segment.rows() as usize,
        );
        if !small(first) || !small(second) || a > 2 * b || a + b > options.tail_rows_max {
            return;
        }
        let kept: Vec<Vec<u32>> = [first, second]
            .iter()
            .map(|live| live.alive.iter().collect())
            .collect();
        let sources = [
            (&*first.segment, kept[0].as_slice()),
            (&*second.segment, kept[1].as_slice()),
        ];
        let merged = Segment::merge(kind, take(next_segment), &sources, false);
        let sources = [(first, kept[0].as_slice()), (second, kept[1].as_slice())];
        let live = Live {
            alive: Arc::new(Bits::full(merged.rows() as usize)),
            cells: group_merged(collection.centroids.as_deref(), &sources, &merged),
            segment: Arc::new(merged),
        };
        collection.segments.truncate(collection.segments.len() - 2);
        collection.segments.push(live);
    }
}

/// The cells of merged rows: from the sources' cells where all have those of
/// `centroids`, else by looking at the centroids again.
pub(crate) fn group_merged(
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
