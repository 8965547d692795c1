//! One tenant's documents as readers see them. Owns the snapshot that is
//! current and those kept for cursors; the store behind them is the writer's.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use arc_swap::ArcSwap;
use tandem_index::Snapshot;
use tandem_index::checkpoint::Moved;
use tandem_index::feed::Feed;
use tandem_index::store::Positions;
use tandem_index::witness::History;
use tokio::sync::watch;

use crate::limits::{PIN_AGE_MAX, PINS_MAX};
use crate::pins::Pins;
use crate::wire::at_least::MIN_SEQUENCE;
use crate::wire::problem::{Code, Outcome, Refusal};
use crate::wire::token::Of;

/// A space.
pub struct Space {
    /// Its name, in front of the sequence number in answers.
    pub name: String,
    /// The history of its documents.
    pub history: History,
    /// Its number, by which the writer finds its store.
    pub number: usize,
    current: ArcSwap<Snapshot>,
    pins: Pins<Snapshot>,
    feed: Option<Arc<Feed>>,
    changed: watch::Sender<()>,
    /// The sequence number of `current`, for those who wait for one.
    shown: watch::Sender<u64>,
    positions: ArcSwap<Positions>,
    /// Snapshots that were current and that somebody may still read.
    older: Mutex<Vec<Weak<Snapshot>>>,
    /// Sequence number of the last erasure: nothing older is for anybody.
    erased: watch::Sender<u64>,
}

impl Space {
    /// A space that shows this snapshot.
    pub fn new(name: String, number: usize, snapshot: &Snapshot, history: History) -> Self {
        Self {
            name,
            history,
            number,
            positions: ArcSwap::default(),
            shown: watch::Sender::new(snapshot.sequence),
            current: ArcSwap::new(of_readers(snapshot, history)),
            pins: Pins::new(PINS_MAX, PIN_AGE_MAX),
            older: Mutex::default(),
            erased: watch::Sender::new(0),
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

    /// What tokens of its sequence numbers are of.
    pub fn of(&self) -> Of<'_> {
        Of {
            space: &self.name,
            history: self.history,
        }
    }

    /// A sequence number as answers name it: `default:5f0c9a1e.42`.
    pub fn token(&self, sequence: u64) -> String {
        self.of().token(sequence)
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
    pub fn show(&self, snapshot: &Snapshot) {
        let sequence = snapshot.sequence;
        let before = self.current.swap(of_readers(snapshot, self.history));
        let mut older = self.older.lock().unwrap_or_else(PoisonError::into_inner);
        older.retain(|one| one.strong_count() > 0);
        older.push(Arc::downgrade(&before));
        drop(older);
        self.shown.send_replace(sequence);
    }

    /// How far each source is read.
    pub fn positions(&self) -> Arc<Positions> {
        self.positions.load_full()
    }

    /// Shows how far each source is read; the writer alone calls this.
    pub fn show_positions(&self, positions: Positions) {
        self.positions.store(Arc::new(positions));
    }

    /// Waits until readers see this sequence number.
    pub async fn reach(&self, sequence: u64, deadline: Instant) -> Outcome<()> {
        let mut shown = self.shown.subscribe();
        let seen = shown.wait_for(|now| *now >= sequence);
        let seen = tokio::time::timeout_at(deadline.into(), seen).await;
        if matches!(seen, Ok(Ok(_))) {
            return Ok(());
        }
        let now = self.current().sequence;
        let detail = format!(
            "{} is at {now}, and {sequence} did not come in the time a request may take",
            self.name
        );
        Err(Refusal::at(
            Code::NotYetVisible,
            format!("/{MIN_SEQUENCE}"),
            detail,
        ))
    }

    /// Lets go of every snapshot before this one, in which somebody was erased;
    /// the writer alone calls this, when the snapshot is shown.
    pub fn mask(&self, sequence: u64) {
        // In this order: who keeps one meanwhile finds the number when it looks.
        self.erased.send_replace(sequence);
        self.pins.drop_below(sequence);
    }

    /// Sequence number of the last erasure; told of every later one.
    pub fn erasures(&self) -> watch::Receiver<u64> {
        self.erased.subscribe()
    }

    /// Shows a snapshot with documents where they are now, and keeps those of cursors
    /// so; the writer alone calls this.
    pub fn take_moved(&self, snapshot: &Snapshot, moved: &[Moved]) {
        self.show(snapshot);
        self.pins.change(|pinned| pinned.moved(moved));
    }

    /// How many snapshots before this one somebody still reads.
    pub fn read_before(&self, sequence: u64) -> usize {
        let older = self.older.lock().unwrap_or_else(PoisonError::into_inner);
        let held = older.iter().filter_map(Weak::upgrade);
        held.filter(|one| one.sequence < sequence).count()
    }

    /// The snapshot a cursor goes on with, or the newest without one.
    pub fn for_cursor(&self, cursor: Option<&str>) -> Outcome<Arc<Snapshot>> {
        let current = self.current();
        let Some(cursor) = cursor else {
            return Ok(current);
        };
        let place = tandem_engine::cursor_place(cursor)?;
        let gone = || {
            Refusal::at(
                Code::SnapshotGone,
                "/cursor",
                "the cursor's snapshot is no longer held; start again without it",
            )
        };
        // The same number may be another state there.
        if place.history != self.history.0.get() {
            return Err(gone());
        }
        let sequence = place.sequence;
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
        self.pins.find(sequence, Instant::now()).ok_or_else(gone)
    }

    /// Keeps a snapshot whose cursor was given out.
    pub fn keep(&self, snapshot: &Arc<Snapshot>) {
        self.pins.keep(snapshot.sequence, snapshot, Instant::now());
        let erased = *self.erased.borrow();
        if snapshot.sequence < erased {
            self.pins.drop_below(erased);
        }
    }

    /// Lets go of snapshots kept for too long.
    pub fn sweep(&self) {
        self.pins.sweep(Instant::now());
    }
}

/// A snapshot for readers alone, so that one sees whether somebody reads it: the
/// writer and checkpoints hold another. Costs a few counts of references.
fn of_readers(snapshot: &Snapshot, history: History) -> Arc<Snapshot> {
    let mut snapshot = Snapshot::clone(snapshot);
    snapshot.history = Some(history);
    Arc::new(snapshot)
}
