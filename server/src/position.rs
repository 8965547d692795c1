//! How far a source of changes is read. Owns the rule that a position is only
//! ever moved on without a gap; where it is kept is the store's and the
//! journal's.

use std::sync::Arc;

use tandem_index::Store;

/// What of a source a batch has, from one position to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The source's name.
    pub source: Arc<str>,
    /// The position in front of the batch.
    pub from: u64,
    /// The position behind it.
    pub to: u64,
}

/// Where these batches, in order, bring the positions of a store. A batch
/// behind one that was refused has a gap in front of it and moves nothing:
/// its lines come again.
pub(crate) fn moved(store: &Store, reached: &[Reached]) -> Vec<(Arc<str>, u64)> {
    let mut moved: Vec<(Arc<str>, u64)> = Vec::new();
    for one in reached {
        let place = moved.iter().position(|(source, _)| *source == one.source);
        let now = match place.and_then(|place| moved.get(place)) {
            Some((_, now)) => *now,
            None => store.position(&one.source).unwrap_or(0),
        };
        if one.from > now || one.to <= now {
            continue;
        }
        match place.and_then(|place| moved.get_mut(place)) {
            Some((_, now)) => *now = one.to,
            None => moved.push((Arc::clone(&one.source), one.to)),
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tandem_index::{Kinds, Store, StoreOptions};

    use super::{Reached, moved};

    /// Batches, and where they bring which source.
    type Case<'a> = (Vec<Reached>, Vec<(&'a str, u64)>);

    #[test]
    fn positions_move_on_and_never_over_a_gap() {
        let mut store = Store::new(Arc::new(Kinds::builtin()), StoreOptions::default());
        store.set_position("a", 10);
        let reached = |source: &str, from, to| Reached {
            source: source.into(),
            from,
            to,
        };
        let cases: [Case<'_>; 7] = [
            (vec![], vec![]),
            (vec![reached("a", 10, 12)], vec![("a", 12)]),
            (vec![reached("a", 0, 9)], vec![]),
            (vec![reached("a", 0, 11)], vec![("a", 11)]),
            (vec![reached("a", 11, 15)], vec![]),
            (
                vec![
                    reached("a", 10, 12),
                    reached("b", 0, 3),
                    reached("a", 12, 20),
                ],
                vec![("a", 20), ("b", 3)],
            ),
            (
                vec![reached("a", 10, 12), reached("a", 13, 20)],
                vec![("a", 12)],
            ),
        ];
        for (batches, expected) in cases {
            let found = moved(&store, &batches);
            let found: Vec<(&str, u64)> = found.iter().map(|(name, at)| (&**name, *at)).collect();
            assert_eq!(found, expected, "{batches:?}");
        }
    }
}
