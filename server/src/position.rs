//! How far a source of changes is read. Owns the rule that a position is only
//! ever moved on without a gap; where it is kept is the store's and the
//! journal's.

use std::sync::Arc;

use tandem_index::Store;

/// What a batch does to the position of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The source's name.
    pub source: Arc<str>,
    /// What is done.
    pub step: Step,
}

/// A step of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The batch has what of the source is between these positions.
    On {
        /// The position in front of the batch.
        from: u64,
        /// The position behind it.
        to: u64,
    },
    /// The source is forgotten, as if nothing of it had been loaded.
    Forgotten,
}

/// Where these batches, in order, bring the positions of a store; none is where
/// it is forgotten. A batch
/// behind one that was refused has a gap in front of it and moves nothing:
/// its lines come again.
pub(crate) fn moved(store: &Store, reached: &[Reached]) -> Vec<(Arc<str>, Option<u64>)> {
    let mut moved: Vec<(Arc<str>, Option<u64>)> = Vec::new();
    for one in reached {
        let place = moved.iter().position(|(source, _)| *source == one.source);
        let now = match place.and_then(|place| moved.get(place)) {
            Some((_, now)) => *now,
            None => store.position(&one.source),
        };
        let next = match one.step {
            Step::Forgotten if now.is_none() => continue,
            Step::Forgotten => None,
            Step::On { from, to } if from > now.unwrap_or(0) || to <= now.unwrap_or(0) => continue,
            Step::On { to, .. } => Some(to),
        };
        match place.and_then(|place| moved.get_mut(place)) {
            Some((_, now)) => *now = next,
            None => moved.push((Arc::clone(&one.source), next)),
        }
    }
    moved
}

/// Brings a store's positions where [`moved`] says.
pub(crate) fn take(store: &mut Store, moved: &[(Arc<str>, Option<u64>)]) {
    for (source, to) in moved {
        match to {
            Some(to) => store.set_position(source, *to),
            None => store.forget_position(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tandem_index::{Kinds, Store, StoreOptions};

    use super::{Reached, Step, moved};

    /// Batches, and where they bring which source.
    type Case<'a> = (Vec<Reached>, Vec<(&'a str, Option<u64>)>);

    #[test]
    fn positions_move_on_and_never_over_a_gap() {
        let mut store = Store::new(Arc::new(Kinds::builtin()), StoreOptions::default());
        store.set_position("a", 10);
        let reached = |source: &str, from, to| Reached {
            source: source.into(),
            step: Step::On { from, to },
        };
        let forgotten = |source: &str| Reached {
            source: source.into(),
            step: Step::Forgotten,
        };
        let cases: [Case<'_>; 11] = [
            (vec![], vec![]),
            (vec![reached("a", 10, 12)], vec![("a", Some(12))]),
            (vec![reached("a", 0, 9)], vec![]),
            (vec![reached("a", 0, 11)], vec![("a", Some(11))]),
            (vec![reached("a", 11, 15)], vec![]),
            (
                vec![
                    reached("a", 10, 12),
                    reached("b", 0, 3),
                    reached("a", 12, 20),
                ],
                vec![("a", Some(20)), ("b", Some(3))],
            ),
            (
                vec![reached("a", 10, 12), reached("a", 13, 20)],
                vec![("a", Some(12))],
            ),
            (vec![forgotten("a")], vec![("a", None)]),
            (vec![forgotten("b")], vec![]),
            // What was on its way is behind a gap then, and begins anew from the start.
            (
                vec![forgotten("a"), reached("a", 10, 12)],
                vec![("a", None)],
            ),
            (
                vec![reached("a", 10, 12), forgotten("a"), reached("a", 0, 3)],
                vec![("a", Some(3))],
            ),
        ];
        for (batches, expected) in cases {
            let found = moved(&store, &batches);
            let found: Vec<(&str, Option<u64>)> =
                found.iter().map(|(name, at)| (&**name, *at)).collect();
            assert_eq!(found, expected, "{batches:?}");
        }
    }
}
