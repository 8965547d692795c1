//! Background work on a store: bigger segments, and centroids for its vectors.
//! Owns what is worth doing and how; when and on which thread is the server's.
//! A job is taken from the store, run anywhere, and given back.

use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use crate::bits::Bits;
use crate::kinds::{KindId, Kinds};
use crate::segment::Segment;
use crate::snapshot::{Collection, Live};
use crate::store::{Store, enliven, merge, worth_a_merge};
use crate::vectors::{Cells, Centroids, EXACT_ROWS_MAX, RowsBuilder, cells_for, sample_max, train};

pub(crate) mod drift;
mod policy;

pub use policy::LARGE_SEGMENTS_MAX;

/// Segments of one kind to be made one.
#[derive(Debug)]
pub struct MergeJob {
    kinds: Arc<Kinds>,
    kind: KindId,
    number: u64,
    large: bool,
    centroids: Option<Arc<Centroids>>,
    sources: Vec<(Live, Vec<u32>)>,
}

/// A merged segment, to be given back to its store.
#[derive(Debug)]
pub struct Merged {
    kind: KindId,
    // Number of each source and the rows kept of it.
    sources: Vec<(u64, Vec<u32>)>,
    live: Live,
}

impl Merged {
    /// The kind of its rows.
    pub fn kind(&self) -> KindId {
        self.kind
    }
}

impl MergeJob {
    pub(crate) fn new(
        store: &Store,
        number: u64,
        kind: KindId,
        sources: &[Live],
        large: bool,
    ) -> Self {
        Self {
            kinds: Arc::clone(store.kinds()),
            kind,
            number,
            large,
            centroids: store.snapshot().collection(kind).centroids.clone(),
            sources: sources
                .iter()
                .map(|live| (live.clone(), live.alive.iter().collect()))
                .collect(),
        }
    }

    /// Builds the merged segment. Linear in the rows, seconds for 250,000.
    pub fn run(self) -> Merged {
        let sources: Vec<(&Live, &[u32])> = self
            .sources
            .iter()
            .map(|(live, kept)| (live, kept.as_slice()))
            .collect();
        let kind = self.kinds.by_id(self.kind);
        let centroids = self.centroids.as_deref();
        let live = merge(kind, self.number, centroids, &sources, self.large);
        Merged {
            kind: self.kind,
            sources: self
                .sources
                .into_iter()
                .map(|(live, kept)| (live.segment.number, kept))
                .collect(),
            live,
        }
    }
}

/// Vectors of one kind that want centroids.
#[derive(Debug)]
pub struct TrainJob {
    kind: KindId,
    generation: u64,
    dimensions: usize,
    collection: Arc<Collection>,
}

/// Centroids and the cells of the segments known to the job.
#[derive(Debug)]
pub struct Trained {
    kind: KindId,
    centroids: Arc<Centroids>,
    cells: Vec<(u64, Arc<Cells>)>,
}

impl TrainJob {
    /// Trains on a sample that depends on the living documents alone: the rows
    /// with the smallest hashes of their ids. `None` where too few have vectors.
    pub fn run(self) -> Option<Trained> {
        let mut rows: Vec<(u64, usize, u32)> = Vec::new();
        for (at, live) in self.collection.segments.iter().enumerate() {
            let with_vector = live
                .alive
                .iter()
                .filter(|row| live.segment.vectors.words(*row).is_some());
            rows.extend(with_vector.map(|row| (xxh3_64(live.segment.id(row).as_bytes()), at, row)));
        }
        let cells = cells_for(rows.len());
        let sample = sample_max(cells).min(rows.len());
        rows.sort_unstable_by_key(|(hash, at, row)| {
            (*hash, self.collection.segments[*at].segment.id(*row))
        });
        rows.truncate(sample);
        let mut builder = RowsBuilder::new(self.dimensions);
        for (_, at, row) in rows {
            let segment = &self.collection.segments[at].segment;
            builder.push_from(&segment.vectors, row).ok()?;
        }
        let centroids = Arc::new(train(&builder.finish(), cells, self.generation)?);
        let cells = self
            .collection
            .segments
            .iter()
            .filter_map(|live| {
                let cells = Cells::build(&live.segment.vectors, &centroids).ok()?;
                Some((live.segment.number, Arc::new(cells)))
            })
            .collect();
        Some(Trained {
            kind: self.kind,
            centroids,
            cells,
        })
    }
}

impl Store {
    /// The next merge worth doing, if any: full small segments into a large
    /// one, large segments of a tier into one of the next, a segment whose rows
    /// are mostly dead into itself, or two where there are more than
    /// [`LARGE_SEGMENTS_MAX`]. At most one job of a store may be out.
    pub fn merge_job(&mut self) -> Option<MergeJob> {
        let snapshot = self.snapshot();
        let options = self.options();
        let kinds = Arc::clone(self.kinds());
        kinds.iter().find_map(|kind| {
            let worth = policy::worth_merging(snapshot.collection(kind.id), options)?;
            self.next_segment += 1;
            let number = self.next_segment - 1;
            let job = MergeJob::new(self, number, kind.id, &worth.sources, worth.large);
            Some(job)
        })
    }

    /// A merge of neighbours of the tail, if one is worth it: less pressing than
    /// any other work, since a batch that is applied merges them where nobody
    /// does. At most one job of a store may be out.
    pub fn tail_job(&mut self) -> Option<MergeJob> {
        let snapshot = self.snapshot();
        let options = self.options();
        let kinds = Arc::clone(self.kinds());
        kinds.iter().find_map(|kind| {
            let collection = snapshot.collection(kind.id);
            let neighbours = worth_a_merge(collection, options)?;
            self.next_segment += 1;
            let number = self.next_segment - 1;
            let sources = &collection.segments[neighbours];
            Some(MergeJob::new(self, number, kind.id, sources, false))
        })
    }

    /// A job that leaves a kind with one large segment, however large.
    pub fn merge_all_job(&mut self, kind: KindId) -> Option<MergeJob> {
        let snapshot = self.snapshot();
        let sources = &snapshot.collection(kind).segments;
        if sources.is_empty() {
            return None;
        }
        self.next_segment += 1;
        Some(MergeJob::new(
            self,
            self.next_segment - 1,
            kind,
            sources,
            true,
        ))
    }

    /// Puts a merged segment in its sources' place. Rows that died meanwhile
    /// are dead in it too. False, and nothing changes, where a source is gone.
    pub fn install(&mut self, merged: Merged) -> bool {
        let snapshot = self.snapshot();
        let mut collection = Collection::clone(snapshot.collection(merged.kind));
        let mut alive = Bits::full(merged.live.segment.rows() as usize);
        let mut next = 0;
        for (number, kept) in &merged.sources {
            let Some(live) = collection
                .segments
                .iter()
                .find(|l| l.segment.number == *number)
            else {
                return false;
            };
            for row in kept {
                if !live.alive.get(*row) {
                    alive.clear(next);
                }
                next += 1;
            }
        }
        let is_source = |live: &Live| {
            merged
                .sources
                .iter()
                .any(|(n, _)| *n == live.segment.number)
        };
        let place = collection.segments.iter().position(is_source).unwrap_or(0);
        collection.segments.retain(|live| !is_source(live));
        if alive.count() > 0 {
            let mut live = merged.live;
            live.alive = Arc::new(alive);
            // Centroids trained since the job was taken: its cells are not theirs.
            if let Some(centroids) = &collection.centroids
                && live
                    .cells
                    .as_ref()
                    .is_none_or(|c| c.generation() != centroids.generation())
            {
                live.cells = Cells::build(&live.segment.vectors, centroids)
                    .ok()
                    .map(Arc::new);
            }
            collection
                .segments
                .insert(place.min(collection.segments.len()), live);
        }
        self.publish(vec![(merged.kind, collection)]);
        true
    }

    /// Training worth doing: a kind that outgrew exact scans, or its centroids,
    /// or whose rows no longer fall into cells as they did.
    pub fn train_job(&mut self) -> Option<TrainJob> {
        let snapshot = self.snapshot();
        let kinds = Arc::clone(self.kinds());
        kinds.iter().find_map(|kind| {
            let collection = snapshot.collection(kind.id);
            let rows = collection.rows() as usize;
            let worth = match &collection.centroids {
                None => rows > EXACT_ROWS_MAX,
                // Below that nobody looks at cells.
                Some(_) => rows > EXACT_ROWS_MAX && self.looks.drifted(kind.id, collection),
            };
            worth.then(|| TrainJob {
                kind: kind.id,
                generation: snapshot.sequence,
                dimensions: kind.dimensions,
                collection: Arc::clone(collection),
            })
        })
    }

    /// Training of a kind that has centroids, worth it or not: what they were
    /// trained on was erased.
    pub fn retrain_job(&self, kind: KindId) -> Option<TrainJob> {
        let snapshot = self.snapshot();
        let collection = snapshot.collection(kind);
        collection.centroids.as_ref()?;
        Some(TrainJob {
            kind,
            generation: snapshot.sequence,
            dimensions: self.kinds().by_id(kind).dimensions,
            collection: Arc::clone(collection),
        })
    }

    /// Lets go of a kind's centroids and cells, where too few vectors are left to
    /// train on: they are then all looked at.
    pub fn drop_centroids(&mut self, kind: KindId) {
        let snapshot = self.snapshot();
        let mut collection = Collection::clone(snapshot.collection(kind));
        collection.centroids = None;
        for live in &mut collection.segments {
            live.cells = None;
        }
        self.publish(vec![(kind, collection)]);
    }

    /// Takes centroids over: every segment gets its cells in the same snapshot.
    pub fn install_centroids(&mut self, trained: &Trained) {
        let snapshot = self.snapshot();
        let mut collection = Collection::clone(snapshot.collection(trained.kind));
        collection.centroids = Some(Arc::clone(&trained.centroids));
        for live in &mut collection.segments {
            let known = trained
                .cells
                .iter()
                .find(|(n, _)| *n == live.segment.number);
            live.cells = match known {
                Some((_, cells)) => Some(Arc::clone(cells)),
                None => Cells::build(&live.segment.vectors, &trained.centroids)
                    .ok()
                    .map(Arc::new),
            };
        }
        self.looks.trained(trained.kind, &collection);
        self.publish(vec![(trained.kind, collection)]);
    }

    /// Splits or merges every kind into about `parts` segments, without
    /// changing an answer. For tests of that, and for tools.
    pub fn relayout(&mut self, parts: usize, large: bool) {
        let kinds = Arc::clone(self.kinds());
        let mut changed = Vec::new();
        for kind in kinds.iter() {
            let snapshot = self.snapshot();
            let before = snapshot.collection(kind.id);
            let rows = before.rows() as usize;
            let mut collection = Collection {
                segments: Vec::new(),
                ..Collection::clone(before)
            };
            let size = rows.div_ceil(parts.max(1)).max(1);
            let mut gathered: Vec<(usize, Vec<u32>)> = Vec::new();
            let mut count = 0;
            for (at, live) in before.segments.iter().enumerate() {
                for row in live.alive.iter() {
                    match gathered.last_mut() {
                        Some((last, kept)) if *last == at => kept.push(row),
                        _ => gathered.push((at, vec![row])),
                    }
                    count += 1;
                    if count == size {
                        self.close(kind.id, before, &mut gathered, large, &mut collection);
                        count = 0;
                    }
                }
            }
            if count > 0 {
                self.close(kind.id, before, &mut gathered, large, &mut collection);
            }
            changed.push((kind.id, collection));
        }
        self.publish(changed);
    }

    fn close(
        &mut self,
        kind: KindId,
        before: &Collection,
        gathered: &mut Vec<(usize, Vec<u32>)>,
        large: bool,
        into: &mut Collection,
    ) {
        let sources: Vec<(&Segment, &[u32])> = gathered
            .iter()
            .map(|(at, kept)| (&*before.segments[*at].segment, kept.as_slice()))
            .collect();
        self.next_segment += 1;
        let kinds = Arc::clone(self.kinds());
        let merged = Segment::merge(kinds.by_id(kind), self.next_segment - 1, &sources, large);
        into.segments.push(enliven(merged, into));
        gathered.clear();
    }
}

#[cfg(test)]
mod tests;
