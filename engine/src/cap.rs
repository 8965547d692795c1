//! Caps: at most so many hits that share a value. Owns the counting along an
//! order; what comes first stays.

use std::collections::HashMap;

use tandem_index::snapshot::Collection;

use crate::retrieve::At;

/// How many of each value have been taken.
pub struct Cap<'a> {
    collection: &'a Collection,
    column: usize,
    count: usize,
    taken: HashMap<&'a str, usize>,
}

impl<'a> Cap<'a> {
    /// Nothing taken yet.
    pub fn new(collection: &'a Collection, (column, count): (usize, usize)) -> Self {
        Self {
            collection,
            column,
            count,
            taken: HashMap::new(),
        }
    }

    fn values(&self, at: At) -> impl Iterator<Item = &'a str> + use<'a> {
        let segment = &self.collection.segments[at.segment as usize].segment;
        let held = segment.columns[self.column].keywords();
        held.into_iter()
            .flat_map(move |held| held.of(at.row).iter().map(|ordinal| held.value(*ordinal)))
    }

    /// Whether a row may still be taken. A row without a value always may.
    pub fn has_room(&self, at: At) -> bool {
        let full = |value: &str| self.taken.get(value).is_some_and(|n| *n >= self.count);
        !self.values(at).any(full)
    }

    /// Takes a row if it may be; it counts for all of its values.
    pub fn take(&mut self, at: At) -> bool {
        let room = self.has_room(at);
        if room {
            for value in self.values(at) {
                *self.taken.entry(value).or_default() += 1;
            }
        }
        room
    }
}
