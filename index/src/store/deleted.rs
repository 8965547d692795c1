//! What a space remembers beside its documents: the versions of deleted ids,
//! and how far sources of changes were read. Owns how long; both are persistent
//! maps, so that a checkpoint gets its own for nothing.

use std::sync::Arc;

use imbl::{HashMap, OrdSet};

use crate::kinds::KindId;

/// How long the version of a deleted id is remembered: 7 days.
pub const DELETED_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Deleted ids of a kind forgotten in one batch: after a quiet week there may
/// be a million, and the writer has others to serve.
const FORGET_MAX: usize = 1_024;

/// A delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// Its version.
    pub version: u64,
    /// When it was applied, in milliseconds since 1970.
    pub at_ms: i64,
}

/// The deleted ids of a space with their versions. Cloning is O(kinds).
#[derive(Clone, Debug, Default)]
pub struct Deleted {
    kinds: Vec<Ids>,
}

#[derive(Clone, Debug, Default)]
struct Ids {
    by_id: HashMap<Arc<str>, Tombstone>,
    // The same by age, oldest first.
    by_age: OrdSet<(i64, Arc<str>)>,
}

impl Deleted {
    /// None, of so many kinds.
    pub fn new(kinds: usize) -> Self {
        Self {
            kinds: vec![Ids::default(); kinds],
        }
    }

    /// The version of an id's delete, if it is remembered at that time.
    pub fn version(&self, kind: KindId, id: &str, at_ms: i64) -> Option<u64> {
        // Age counts, not whether it was forgotten already: outcomes depend on
        // changes and their times alone.
        let tombstone = self.ids(kind)?.by_id.get(id)?;
        (!is_old(tombstone.at_ms, at_ms)).then_some(tombstone.version)
    }

    /// Every deleted id of a kind, oldest delete first, those of one time by id.
    pub fn of(&self, kind: KindId) -> impl Iterator<Item = (&str, Tombstone)> {
        self.ids(kind).into_iter().flat_map(|ids| {
            let found = |(_, id): &(i64, Arc<str>)| ids.by_id.get_key_value(&**id);
            ids.by_age
                .iter()
                .filter_map(found)
                .map(|(id, tombstone)| (&**id, *tombstone))
        })
    }

    /// How many ids of a kind are in it.
    pub fn count(&self, kind: KindId) -> usize {
        self.ids(kind).map_or(0, |ids| ids.by_id.len())
    }

    /// Whether a kind's are the same ones in both. O(1); may say no to equal
    /// ones that came about apart from each other.
    pub fn is_same(&self, kind: KindId, other: &Self) -> bool {
        match (self.ids(kind), other.ids(kind)) {
            (Some(one), Some(other)) => {
                one.by_id.ptr_eq(&other.by_id) || one.by_id.is_empty() && other.by_id.is_empty()
            }
            (one, other) => one.is_none() && other.is_none(),
        }
    }

    /// Remembers a delete in the place of an earlier one of the same id.
    pub fn remember(&mut self, kind: KindId, id: &str, tombstone: Tombstone) {
        self.drop_id(kind, id);
        let place = usize::from(kind.0);
        if place >= self.kinds.len() {
            self.kinds.resize(place + 1, Ids::default());
        }
        let ids = &mut self.kinds[place];
        let id: Arc<str> = id.into();
        ids.by_age.insert((tombstone.at_ms, Arc::clone(&id)));
        ids.by_id.insert(id, tombstone);
    }

    /// Forgets an id: its document is back, or nothing of it may stay.
    pub fn drop_id(&mut self, kind: KindId, id: &str) {
        let Some(ids) = self.kinds.get_mut(usize::from(kind.0)) else {
            return;
        };
        if let Some((id, tombstone)) = ids.by_id.remove_with_key(id) {
            ids.by_age.remove(&(tombstone.at_ms, id));
        }
    }

    /// Forgets what is too old at that time, some at once.
    pub(super) fn forget(&mut self, at_ms: i64) {
        for ids in &mut self.kinds {
            for _ in 0..FORGET_MAX {
                if !ids.by_age.get_min().is_some_and(|(t, _)| is_old(*t, at_ms)) {
                    break;
                }
                if let Some((_, id)) = ids.by_age.remove_min() {
                    ids.by_id.remove(&*id);
                }
            }
        }
    }

    fn ids(&self, kind: KindId) -> Option<&Ids> {
        self.kinds.get(usize::from(kind.0))
    }
}

fn is_old(deleted_ms: i64, at_ms: i64) -> bool {
    at_ms.saturating_sub(deleted_ms) >= DELETED_KEPT_MS
}

/// How far each source of changes was read, in the source's own counting.
/// Cloning is O(1).
#[derive(Clone, Debug, Default)]
pub struct Positions(HashMap<Arc<str>, u64>);

impl Positions {
    /// The position of a source.
    pub fn get(&self, source: &str) -> Option<u64> {
        self.0.get(source).copied()
    }

    /// Sets it.
    pub fn set(&mut self, source: &str, position: u64) {
        self.0.insert(source.into(), position);
    }

    /// Forgets a source.
    pub fn forget(&mut self, source: &str) {
        self.0.remove(source);
    }

    /// How many sources there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every source with its position, by name.
    pub fn sorted(&self) -> Vec<(&str, u64)> {
        let mut all: Vec<(&str, u64)> = self.0.iter().map(|(name, at)| (&**name, *at)).collect();
        all.sort_unstable();
        all
    }
}
