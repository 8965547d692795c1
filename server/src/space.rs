//! One tenant's documents as readers see them. Owns the snapshot that is
//! current and those kept for cursors; the store behind them is the writer's.

use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwap;
use tandem_index::Snapshot;
use tandem_index::feed::Feed;
use tokio::sync::watch;

use crate::limits::{PIN_AGE_MAX, PINS_MAX};
use crate::pins::Pins;
use crate::wire::problem::{Code, Outcome, Refusal};

/// A space.
pub struct Space {
    /// Its name, in front of the sequence number in answers.
    pub name: String,
    /// Its number, by which the writer finds its store.
    pub number: usize,
    current: ArcSwap<Snapshot>,
    pins: Pins<Snapshot>,
    feed: Option<Arc<Feed>>,
    changed: watch::Sender<()>,
}

impl Space {
    /// A space that shows this snapshot.
    pub fn new(name: String, number: usize, snapshot: Arc<Snapshot>) -> Self {
        Self {
            name,
            number,
            current: ArcSwap::new(snapshot),
            pins: Pins::new(PINS_MAX, PIN_AGE_MAX),
            feed: None,
            changed: watch::Sender::new(()),
        }
    }

    /// The same with a log of its changes.
    #[must_use]
    pub fn with_feed(mut self, feed: Arc<Feed>) -> Self {
        self.feed = Some(feed);
        self
    }

    /// The log of its changes, where there is one.
    pub fn feed(&self) -> Option<&Arc<Feed>> {
        self.feed.as_ref()
    }

    /// Wakes who waits for changes.
    pub fn wake(&self) {
        self.changed.send_replace(());
    }

    /// Told of every change from now on.
    pub fn follow(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// How many wait for changes.
    pub fn followers(&self) -> usize {
        self.changed.receiver_count()
    }

    /// The newest snapshot.
    pub fn current(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Shows a newer snapshot; the writer alone calls this.
    pub fn show(&self, snapshot: Arc<Snapshot>) {
        self.current.store(snapshot);
    }

    /// The snapshot a cursor goes on with, or the newest without one.
    pub fn for_cursor(&self, cursor: Option<&str>) -> Outcome<Arc<Snapshot>> {
        let current = self.current();
        let Some(cursor) = cursor else {
            return Ok(current);
        };
        let (sequence, _) = tandem_engine::cursor_sequence(cursor)?;
        if current.sequence == sequence {
            return Ok(current);
        }
        if sequence > current.sequence {
            return Err(Refusal::at(
                Code::InvalidCursor,
                "/cursor",
                "not a cursor of this server",
            ));
        }
        self.pins.find(sequence, Instant::now()).ok_or_else(|| {
            Refusal::at(
                Code::SnapshotGone,
                "/cursor",
                "the cursor's snapshot is no longer held; start again without it",
            )
        })
    }

    /// Keeps a snapshot whose cursor was given out.
    pub fn keep(&self, snapshot: &Arc<Snapshot>) {
        self.pins.keep(snapshot.sequence, snapshot, Instant::now());
    }

    /// Lets go of snapshots kept for too long.
    pub fn sweep(&self) {
        self.pins.sweep(Instant::now());
    }
}
