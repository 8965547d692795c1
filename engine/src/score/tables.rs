//! What a segment's values mean to one query, each worked out once. Owns the
//! caches that keep strings out of the score of a row.

use std::collections::HashMap;

use tandem_index::bits::Bits;
use tandem_index::columns::{Column, Keywords};
use tandem_index::hash::PlainHash;
use tandem_index::segment::Segment;

/// By a value's number: what it means, once it was asked for.
#[derive(Debug)]
pub(super) struct Table<T> {
    known: Vec<Option<T>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { known: Vec::new() }
    }
}

impl<T: Copy> Table<T> {
    /// What a value means.
    pub(super) fn get(&mut self, held: &Keywords, ordinal: u32, read: impl FnOnce(&str) -> T) -> T {
        if self.known.is_empty() {
            self.known.resize(held.distinct(), None);
        }
        *self.known[ordinal as usize].get_or_insert_with(|| read(held.value(ordinal)))
    }

    /// What a row's first value means.
    pub(super) fn first(
        &mut self,
        column: &Column,
        row: u32,
        read: impl FnOnce(&str) -> T,
    ) -> Option<T> {
        let held = column.keywords()?;
        let ordinal = held.of(row).first()?;
        Some(self.get(held, *ordinal, read))
    }
}

/// A value among those of the source: which, and at which level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    /// Its place in the source's list.
    pub(super) at: Option<u16>,
    /// Level of a language.
    pub(super) level: u8,
}

/// The tables of one segment.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Whether city, region and country are the source's.
    pub(super) places: [Table<bool>; 3],
    /// Remote, hybrid, on site.
    pub(super) remote: Table<Remote>,
    /// What an amount of the source's is multiplied with to be in the currency.
    pub(super) currency: Table<Option<f64>>,
    /// Ranks.
    pub(super) seniority: Table<Option<u8>>,
    /// Levels.
    pub(super) degree: Table<Option<u8>>,
    /// How close an occupation is to the source's.
    pub(super) occupation: Table<f64>,
    /// Required and preferred certificates among the source's.
    pub(super) certificates: [Table<Own>; 2],
    /// Required and preferred languages among the source's.
    pub(super) languages: [Table<Own>; 2],
    /// Whether the language a row is written in is each of the source's.
    pub(super) written: Vec<Table<bool>>,
    /// Ways of being employed.
    pub(super) contract: Table<Contract>,
    /// The rows each boost is for.
    pub(super) boosts: Option<Vec<Bits>>,
}

/// The tables of every segment that was looked at.
#[derive(Debug, Default)]
pub(super) struct BySegment {
    places: HashMap<u64, usize, PlainHash>,
    tables: Vec<Tables>,
    // Number and place of the last one: rows come a segment at a time.
    last: Option<(u64, usize)>,
}

impl BySegment {
    /// A segment's tables.
    pub(super) fn of(&mut self, segment: &Segment) -> &mut Tables {
        let number = segment.number;
        let place = match self.last {
            Some((last, place)) if last == number => place,
            Some(_) | None => {
                let place = *self.places.entry(number).or_insert(self.tables.len());
                if place == self.tables.len() {
                    self.tables.push(Tables::default());
                }
                self.last = Some((number, place));
                place
            }
        };
        &mut self.tables[place]
    }
}

/// How somebody works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remote {
    /// From anywhere.
    Anywhere,
    /// Now here, now there.
    Hybrid,
    /// At the place.
    Onsite,
    /// A kind's own word.
    Other,
}

impl Remote {
    /// What a cell's word means.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "remote" => Self::Anywhere,
            "hybrid" => Self::Hybrid,
            "onsite" => Self::Onsite,
            _ => Self::Other,
        }
    }

    /// Whether an offer is what is wanted; of words of a kind's own nobody knows.
    pub(super) fn meets(self, wanted: Self) -> Option<bool> {
        match (wanted, self) {
            (Self::Other, _) | (_, Self::Other) => None,
            (Self::Anywhere, offered) => Some(offered == Self::Anywhere),
            (Self::Hybrid, offered) => Some(offered != Self::Onsite),
            (Self::Onsite, offered) => Some(offered != Self::Anywhere),
        }
    }
}

/// A way of being employed, beside the source's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contract {
    /// Whether it is about hours, not form.
    pub(super) hours: bool,
    /// Whether the source has it too.
    pub(super) common: bool,
}
