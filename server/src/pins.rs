//! Snapshots kept for cursors: a bounded number for a bounded time. Owns which
//! ones; what a cursor says is the engine's.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Kept snapshots, the one used longest ago first.
#[derive(Debug)]
pub(crate) struct Pins<T> {
    held: Mutex<VecDeque<Pin<T>>>,
    count_max: usize,
    age_max: Duration,
}

#[derive(Debug)]
struct Pin<T> {
    sequence: u64,
    used: Instant,
    snapshot: Arc<T>,
}

impl<T> Pins<T> {
    /// Keeps at most so many, each at most so long after its last use.
    pub(crate) fn new(count_max: usize, age_max: Duration) -> Self {
        Self {
            held: Mutex::new(VecDeque::new()),
            count_max,
            age_max,
        }
    }

    /// Keeps a snapshot; the one used longest ago makes room.
    pub(crate) fn keep(&self, sequence: u64, snapshot: &Arc<T>, now: Instant) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|pin| pin.sequence != sequence);
        if held.len() >= self.count_max {
            held.pop_front();
        }
        held.push_back(Pin {
            sequence,
            used: now,
            snapshot: Arc::clone(snapshot),
        });
    }

    /// The snapshot of this sequence number, if it is still kept.
    pub(crate) fn find(&self, sequence: u64, now: Instant) -> Option<Arc<T>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let pin = held.iter().find(|pin| pin.sequence == sequence)?;
        (now.duration_since(pin.used) <= self.age_max).then(|| Arc::clone(&pin.snapshot))
    }

    /// Lets go of those below this sequence number.
    pub(crate) fn drop_below(&self, sequence: u64) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|pin| pin.sequence >= sequence);
    }

    /// Puts others in the place of those this gives one for.
    pub(crate) fn change(&self, other: impl Fn(&T) -> Option<T>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for pin in held.iter_mut() {
            if let Some(other) = other(&pin.snapshot) {
                pin.snapshot = Arc::new(other);
            }
        }
    }

    /// Lets go of those that are too old.
    pub(crate) fn sweep(&self, now: Instant) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|pin| now.duration_since(pin.used) <= self.age_max);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::Pins;

    #[test]
    fn the_number_and_the_age_of_kept_snapshots_are_bounded() {
        let pins = Pins::new(2, Duration::from_secs(10));
        let start = Instant::now();
        for sequence in 1..=3 {
            pins.keep(sequence, &Arc::new(sequence), start);
        }
        assert_eq!(
            [1, 2, 3].map(|n| pins.find(n, start).is_some()),
            [false, true, true]
        );
        pins.keep(2, &Arc::new(2), start + Duration::from_secs(8));
        let later = start + Duration::from_secs(12);
        assert_eq!([2, 3].map(|n| pins.find(n, later).is_some()), [true, false]);
        pins.change(|held| (*held == 2).then_some(20));
        assert_eq!(pins.find(2, later).as_deref(), Some(&20));
        pins.sweep(later);
        assert!(pins.find(3, start).is_none());
    }
}
