//! What the living documents say of a name: how many have its words, how many
//! are there, and which words it may be the beginning of. Owns no rule of what
//! follows from it.

use tandem_index::analysis::query_terms;
use tandem_index::bits::Bits;
use tandem_index::suggest::normal;
use tandem_index::vocabulary::Likeness;

use super::{Ground, PEOPLE_MIN, SHARE};

/// How many living documents have a name's words, and where these are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// Those that have all the words.
    pub(super) rows: u64,
    /// Of these, those that say where they are.
    pub(super) known: u64,
    /// Of these, those at the place.
    pub(super) there: u64,
}

impl Share {
    /// Whether the documents with the words say that the place is meant.
    pub(super) fn is_home(self, population: u32) -> bool {
        let one_in = if population >= PEOPLE_MIN { SHARE } else { 2 };
        self.there > 0 && self.there * one_in >= self.known
    }
}

/// The share of a place in the documents with its words: 0 its city, 1 region, 2
/// country. Linear in the words' postings.
pub(super) fn having(ground: &Ground<'_>, texts: &[&str], part: usize, value: &str) -> Share {
    let mut share = Share::default();
    let words: Vec<String> = texts
        .iter()
        .flat_map(|text| query_terms(text, &[]))
        .map(|term| term.word)
        .collect();
    for live in &ground.collection.segments {
        let segment = &live.segment;
        let mut all = (*live.alive).clone();
        for word in &words {
            let mut with = Bits::new(segment.rows() as usize);
            segment.text.postings(word, &mut |row, _| with.set(row));
            all.and_assign(&with);
        }
        share.rows += all.count() as u64;
        let Some(column) = segment.columns[ground.city + part].keywords() else {
            continue;
        };
        let ordinal = column.ordinal(value);
        for row in all.iter() {
            let held = column.of(row);
            share.known += u64::from(!held.is_empty());
            share.there += u64::from(ordinal.is_some_and(|one| held.contains(&one)));
        }
    }
    share
}

/// Whether a living document is at a place of this name, however it is spelt: 0
/// its city, 1 region, 2 country.
pub(super) fn lives(ground: &Ground<'_>, part: usize, name: &str) -> bool {
    let (column, name) = (ground.city + part, normal(name));
    ground.collection.segments.iter().any(|live| {
        let (Some(names), Some(values)) = (live.segment.names(column), live.segment.values(column))
        else {
            return false;
        };
        let Some(found) = names.find(&name) else {
            return false;
        };
        let dead = names.dead(values, &live.alive);
        let spellings = names.spellings(found).iter();
        spellings
            .into_iter()
            .any(|one| names.living_spelling(*one, &dead) > 0)
    })
}

/// In how many documents the most frequent longer word stands that begins with a
/// name of one word; 0 where none does.
pub(super) fn longer(ground: &Ground<'_>, texts: &[&str]) -> u64 {
    let [text] = texts else {
        return 0;
    };
    let Some(word) = query_terms(text, &[])
        .into_iter()
        .next()
        .map(|term| term.word)
    else {
        return 0;
    };
    let mut most = 0;
    for live in &ground.collection.segments {
        for one in live.segment.alike(&word, Likeness::Begins).iter() {
            if *one.word != word {
                most = most.max(ground.collection.statistics.frequency(one.key));
            }
        }
    }
    u64::from(most)
}
