//! Snapshots: what a reader sees, at one sequence number, for as long as it
//! likes. Owns nothing that changes.

use std::sync::Arc;

use crate::bits::Bits;
use crate::checkpoint::Moved;
use crate::kinds::{Kind, KindId, Kinds};
use crate::segment::Segment;
use crate::statistics::Statistics;
use crate::taxonomy::{self, Taxonomy};
use crate::vectors::{Cells, Centroids};
use crate::witness::History;

/// A segment and which of its rows are alive.
#[derive(Clone, Debug)]
pub struct Live {
    /// The rows.
    pub segment: Arc<Segment>,
    /// Those neither deleted nor replaced.
    pub alive: Arc<Bits>,
    /// Rows by cell, once the kind has centroids.
    pub cells: Option<Arc<Cells>>,
}

/// The documents of one kind in one space.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    /// Segments, oldest rows first.
    pub segments: Vec<Live>,
    /// Live statistics.
    pub statistics: Statistics,
    /// The centroids all segments' cells are of.
    pub centroids: Option<Arc<Centroids>>,
}

/// One space at one sequence number. Immutable.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Rises by one with every batch of changes.
    pub sequence: u64,
    /// The history of documents its number is of, where readers are shown it.
    pub history: Option<History>,
    kinds: Arc<Kinds>,
    collections: Vec<Arc<Collection>>,
    taxonomy: Arc<Taxonomy>,
    taxonomy_version: u64,
}

/// A stored document.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    /// The document as it came.
    pub json: &'a [u8],
    /// Its version.
    pub version: u64,
}

impl Collection {
    /// Where the living row of an id is: position of its segment, and row.
    pub fn find(&self, id: &str) -> Option<(usize, u32)> {
        self.segments
            .iter()
            .enumerate()
            .rev()
            .find_map(|(at, live)| {
                let row = live.segment.find(id).find(|row| live.alive.get(*row))?;
                Some((at, row))
            })
    }

    /// Living rows.
    pub fn rows(&self) -> u64 {
        self.statistics.rows()
    }

    /// Living rows that have not expired by a time in milliseconds since 1970.
    pub fn current(&self, kind: &Kind, now_ms: i64) -> u64 {
        let Some(expires) = kind.facts().expires else {
            return self.rows();
        };
        let lives = self.segments.iter();
        lives
            .map(|live| live.current(Some((expires, now_ms))))
            .sum()
    }
}

impl Snapshot {
    /// An empty space.
    pub fn empty(kinds: Arc<Kinds>) -> Self {
        let collections = (0..kinds.len())
            .map(|_| Arc::new(Collection::default()))
            .collect();
        Self {
            sequence: 0,
            history: None,
            kinds,
            collections,
            taxonomy: Arc::clone(taxonomy::base()),
            taxonomy_version: 0,
        }
    }

    /// The next snapshot, with some collections replaced.
    pub(crate) fn next(&self, changed: Vec<(KindId, Collection)>, sequence: u64) -> Self {
        let mut next = self.clone();
        next.sequence = sequence;
        for (kind, collection) in changed {
            next.collections[usize::from(kind.0)] = Arc::new(collection);
        }
        next
    }

    /// The same with skills and titles as an overlay of this version has them.
    pub(crate) fn with_taxonomy(&self, version: u64, taxonomy: Arc<Taxonomy>) -> Self {
        Self {
            taxonomy,
            taxonomy_version: version,
            ..self.clone()
        }
    }

    /// Skills, links and titles as this space has them: what it compares with.
    pub fn taxonomy(&self) -> &Arc<Taxonomy> {
        &self.taxonomy
    }

    /// The version of the space's overlay, or of taking the last one away; 0 where
    /// there never was one.
    pub fn taxonomy_version(&self) -> u64 {
        self.taxonomy_version
    }

    /// The same with the documents of segments where they are now; nothing where
    /// it has none of these. No answer is another one.
    pub fn moved(&self, moved: &[Moved]) -> Option<Self> {
        let mut next = self.clone();
        let mut is_other = false;
        for one in moved {
            let place = usize::from(one.kind.0);
            let held = next.collections.get(place).into_iter();
            let mut held = held.flat_map(|collection| &collection.segments);
            let at = held.position(|live| live.segment.number == one.segment.number);
            if let (Some(at), Some(collection)) = (at, next.collections.get_mut(place)) {
                let collection = Arc::make_mut(collection);
                collection.segments[at].segment = Arc::clone(&one.segment);
                is_other = true;
            }
        }
        is_other.then_some(next)
    }

    /// The kinds of the space.
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// The kind of that name.
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    /// The documents of a kind.
    pub fn collection(&self, kind: KindId) -> &Arc<Collection> {
        &self.collections[usize::from(kind.0)]
    }

    /// A stored document.
    pub fn get(&self, kind: KindId, id: &str) -> Option<Stored<'_>> {
        let collection = self.collection(kind);
        let (at, row) = collection.find(id)?;
        let segment = &collection.segments[at].segment;
        Some(Stored {
            json: segment.document(row),
            version: segment.version(row),
        })
    }

    /// Living documents of a kind.
    pub fn rows(&self, kind: KindId) -> u64 {
        self.collection(kind).rows()
    }
}
