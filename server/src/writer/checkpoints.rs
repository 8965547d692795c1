//! What the writer keeps on disk: the journal, and when it is folded into a
//! checkpoint. Owns the policy; the checkpoint is written by a thread of its
//! own from states that do not change, while the writer goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc as threads;
use std::thread;
use std::time::{Duration, Instant};

use tandem_index::checkpoint::{self, Checkpoint, CheckpointError, Moved};
use tandem_index::disk::{FileError, Folder, LOCK_FILE};
use tandem_index::feed::Feed;
use tandem_index::journal::{Batch, Journal};
use tandem_index::store::SpaceState;
use tandem_index::witness::Witness;
use tokio::sync::mpsc;

use super::{Message, Owned};
use crate::clock::now_ms;
use crate::limits::{
    CHECKPOINT_BEHIND_FACTOR, CHECKPOINT_BYTES, CHECKPOINT_CHANGES, CHECKPOINT_RETRY,
    CHECKPOINT_WITHIN_DEFAULT,
};
use crate::metrics::Metrics;
use crate::priority::Priority;

/// When a checkpoint is due.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Changes in the journal behind the last one.
    pub changes: u64,
    /// Bytes of the journal behind the last one.
    pub bytes: u64,
    /// Age of the oldest change or merge that is not in one.
    pub age: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            changes: CHECKPOINT_CHANGES,
            bytes: CHECKPOINT_BYTES,
            age: CHECKPOINT_WITHIN_DEFAULT,
        }
    }
}

impl Policy {
    /// Whether so much is behind, times a factor.
    fn is_reached(&self, journal: &Journal, factor: u64) -> bool {
        journal.changes_behind() >= self.changes.saturating_mul(factor)
            || journal.bytes_behind() >= self.bytes.saturating_mul(factor)
    }
}

/// The data folder as start-up left it.
pub struct Disk {
    /// The folder.
    pub folder: Arc<dyn Folder>,
    /// Its journal, ready to take changes.
    pub journal: Journal,
    /// Its checkpoint, if it has one.
    pub checkpoint: Option<Checkpoint>,
    /// Its log of changes.
    pub feed: Arc<Feed>,
    /// What it has had.
    pub witness: Arc<Witness>,
    /// When the next one is due.
    pub policy: Policy,
}

/// Spaces to be checkpointed as they were behind a frame.
struct Order {
    frame: u64,
    spaces: Vec<(String, SpaceState)>,
    /// Whether no file from before may stay.
    whole: bool,
}

/// What became of an order; nothing where it failed.
type Made = Option<Written>;

/// A checkpoint that is in force.
struct Written {
    frame: u64,
    /// Whether all files from before are gone.
    is_clean: bool,
    moved: MovedOf,
}

/// Segments whose documents are in other files now, by name of the space.
pub(super) type MovedOf = Vec<(String, Vec<Moved>)>;

/// How far a checkpoint is of which nothing from before is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whole {
    /// Nobody asked for it.
    No,
    /// The next one is to be.
    Wanted,
    /// The one that is out will be.
    Out,
    /// It is there.
    Done,
}

/// Journal and checkpoints, from the writer's side.
pub(super) struct Keeper {
    journal: Journal,
    witness: Arc<Witness>,
    folder: Arc<dyn Folder>,
    policy: Policy,
    orders: threads::Sender<Order>,
    made: threads::Receiver<Made>,
    /// Whether an order is out; at most one is.
    out: bool,
    /// When a checkpoint that failed is tried again.
    retry: Option<Instant>,
    /// Whether segments were merged since the last checkpoint.
    rebuilt: bool,
    /// Since when there is something that is in no checkpoint.
    behind_since: Option<Instant>,
    whole: Whole,
    /// Of the last checkpoint of which nothing from before is left.
    moved: MovedOf,
    metrics: Arc<Metrics>,
}

impl Keeper {
    /// Starts the thread that writes checkpoints.
    pub(super) fn start(
        disk: Disk,
        metrics: Arc<Metrics>,
        wake: mpsc::Sender<Message>,
    ) -> std::io::Result<Self> {
        let (orders, todo) = threads::channel();
        let (done, made) = threads::channel();
        let writes = Writes {
            folder: Arc::clone(&disk.folder),
            before: disk.checkpoint,
            feed: disk.feed,
            metrics: Arc::clone(&metrics),
        };
        thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || writes.run(&todo, &done, &wake))?;
        // How old what was replayed is nobody knows.
        let is_behind = disk.journal.changes_behind() > 0;
        let keeper = Self {
            behind_since: is_behind.then(Instant::now),
            journal: disk.journal,
            witness: disk.witness,
            folder: disk.folder,
            policy: disk.policy,
            orders,
            made,
            out: false,
            retry: None,
            rebuilt: false,
            whole: Whole::No,
            moved: Vec::new(),
            metrics,
        };
        keeper.count();
        Ok(keeper)
    }

    /// Appends a frame; on return it survives.
    pub(super) fn append(&mut self, batches: &[Batch<'_>]) -> Result<(), FileError> {
        let started = Instant::now();
        let appended = self.journal.append(batches);
        self.metrics.durable.appended.took(started.elapsed());
        self.count();
        appended?;
        if batches.iter().any(|batch| !batch.changes.is_empty()) {
            self.behind_since.get_or_insert_with(Instant::now);
        }
        let last = self.journal.last_frame();
        if self.journal.newest_begins_with() == Some(last) {
            // Before anybody is told of it: should the file be missing one day, that is seen.
            self.witness.reached(last)?;
        }
        Ok(())
    }

    /// Wants every file written anew, from now on, and the old ones gone.
    pub(super) fn want_whole(&mut self) {
        self.whole = Whole::Wanted;
    }

    /// Whether that is done; once.
    pub(super) fn whole_is_done(&mut self) -> bool {
        let is_done = self.whole == Whole::Done;
        if is_done {
            self.whole = Whole::No;
        }
        is_done
    }

    /// Segments that are still served from files that are gone, now from those
    /// that are there; once.
    pub(super) fn moved(&mut self) -> MovedOf {
        std::mem::take(&mut self.moved)
    }

    /// When what failed is tried again.
    pub(super) fn retry(&self) -> Option<Instant> {
        self.retry
    }

    /// Segments are others than in the last checkpoint.
    pub(super) fn rebuilt(&mut self) {
        self.rebuilt = true;
        self.behind_since.get_or_insert_with(Instant::now);
    }

    /// Whether the folder is still there: what is written to files that have no
    /// name any more is on no disk tomorrow.
    pub(super) fn check(&self) -> Result<(), FileError> {
        let found = self.folder.check();
        found.map_err(|cause| FileError::Io {
            file: self.folder.path(LOCK_FILE),
            doing: "find",
            cause,
        })
    }

    /// Takes over a checkpoint that is done and orders one that is due. Where
    /// the one on its way has fallen far behind, the writer waits for it: the
    /// queue fills and clients are told to come back, instead of a restart that
    /// takes longer and longer.
    pub(super) fn look(&mut self, stores: &[Owned]) {
        while let Ok(made) = self.made.try_recv() {
            self.take_over(made);
        }
        let patient = self.retry.is_none_or(|retry| Instant::now() >= retry);
        let is_wanted = self.whole == Whole::Wanted;
        let is_old = self
            .behind_since
            .is_some_and(|since| since.elapsed() >= self.policy.age);
        let is_due = is_wanted || is_old || self.policy.is_reached(&self.journal, 1);
        if !self.out && patient && is_due {
            self.order(stores);
        }
        if self.out
            && self
                .policy
                .is_reached(&self.journal, CHECKPOINT_BEHIND_FACTOR)
        {
            tracing::warn!("writes wait for a checkpoint");
            self.wait();
            // What was written meanwhile is a lot already.
            if self.retry.is_none() && self.policy.is_reached(&self.journal, 1) {
                self.order(stores);
            }
        }
    }

    /// The last checkpoint of a clean stop, so that the next start replays
    /// nothing.
    pub(super) fn finish(&mut self, stores: &[Owned]) {
        while self.out {
            self.wait();
        }
        if self.journal.changes_behind() > 0 || self.rebuilt {
            self.order(stores);
            self.wait();
        }
    }

    fn order(&mut self, stores: &[Owned]) {
        let whole = self.whole == Whole::Wanted;
        if whole {
            self.whole = Whole::Out;
        }
        let order = Order {
            whole,
            frame: self.journal.last_frame(),
            spaces: stores
                .iter()
                .map(|owned| (owned.space.name.clone(), owned.store.state()))
                .collect(),
        };
        // The next frame begins a file, so that those before it can go as a whole.
        self.journal.rotate();
        self.rebuilt = false;
        self.behind_since = None;
        // The thread is gone only after a defect outside of writing, and then for good.
        self.out = self.orders.send(order).is_ok();
    }

    fn wait(&mut self) {
        let made = self.made.recv().ok().flatten();
        self.take_over(made);
    }

    fn take_over(&mut self, made: Made) {
        self.out = false;
        let Some(written) = made else {
            if self.whole == Whole::Out {
                self.whole = Whole::Wanted;
            }
            // Nothing is lost by it: the journal still has everything.
            self.rebuilt();
            self.retry = Some(Instant::now() + CHECKPOINT_RETRY);
            return;
        };
        self.retry = None;
        let mut is_clean = written.is_clean;
        if self.whole == Whole::Out {
            self.moved = written.moved;
        }
        if let Err(cause) = self.journal.cut(written.frame) {
            // The files are behind the checkpoint and not read again; the next cut removes them.
            tracing::warn!(%cause, "could not remove the journal behind a checkpoint");
            is_clean = false;
        }
        match (self.whole, is_clean) {
            (Whole::Out, true) => self.whole = Whole::Done,
            (Whole::Out, false) => {
                self.whole = Whole::Wanted;
                self.retry = Some(Instant::now() + CHECKPOINT_RETRY);
            }
            (Whole::No | Whole::Wanted | Whole::Done, _) => {}
        }
        self.count();
    }

    fn count(&self) {
        self.metrics.durable.journal(
            self.journal.last_frame(),
            self.journal.bytes_behind(),
            self.journal.changes_behind(),
        );
    }
}

/// The thread that writes checkpoints.
struct Writes {
    folder: Arc<dyn Folder>,
    before: Option<Checkpoint>,
    feed: Arc<Feed>,
    metrics: Arc<Metrics>,
}

impl Writes {
    fn run(
        mut self,
        todo: &threads::Receiver<Order>,
        done: &threads::Sender<Made>,
        wake: &mpsc::Sender<Message>,
    ) {
        Priority::Background.take();
        for order in todo {
            let made = catch_unwind(AssertUnwindSafe(|| self.write(&order)));
            let made = made.unwrap_or_else(|_panic| {
                tracing::error!("a checkpoint met a defect; the journal keeps everything");
                self.metrics.durable.checkpoint_failed();
                None
            });
            if done.send(made).is_err() {
                return;
            }
            // A writer with something to do looks anyway.
            drop(wake.try_send(Message::Look));
        }
    }

    fn write(&mut self, order: &Order) -> Made {
        let started = Instant::now();
        let durable = &self.metrics.durable;
        let bytes_before = durable.checkpoint_bytes();
        let Order {
            frame,
            spaces,
            whole,
        } = order;
        // Before there is a checkpoint that makes the journal up to here superfluous: a crash
        // behind that leaves a log that needs nothing of it.
        if let Err(cause) = self.feed.sync(*frame, now_ms()) {
            tracing::error!(%cause, "the log of changes could not be synced; after a restart it may begin anew");
        }
        let write = if *whole {
            checkpoint::write_all
        } else {
            checkpoint::write
        };
        match write(&*self.folder, self.before.as_ref(), *frame, spaces) {
            Ok(mut checkpoint) => {
                let added = durable.checkpoint_bytes() - bytes_before;
                durable.checkpoint(started.elapsed(), added, checkpoint.bytes());
                log(&checkpoint, started.elapsed(), added);
                let mut is_clean = checkpoint.left.is_empty();
                let moved = moved(&mut checkpoint, &*self.folder, order);
                let moved = moved.unwrap_or_else(|cause| {
                    tracing::error!(%cause, "could not read documents from their new file");
                    is_clean = false;
                    Vec::new()
                });
                self.before = Some(checkpoint);
                Some(Written {
                    frame: *frame,
                    is_clean,
                    moved,
                })
            }
            Err(cause) => {
                durable.checkpoint_failed();
                let again_s = CHECKPOINT_RETRY.as_secs();
                tracing::error!(%cause, again_s, "a checkpoint failed; the journal keeps everything");
                None
            }
        }
    }
}

/// Where segments have their documents now, where no file from before may stay.
fn moved(
    checkpoint: &mut Checkpoint,
    folder: &dyn Folder,
    order: &Order,
) -> Result<MovedOf, CheckpointError> {
    if order.whole {
        checkpoint.moved(folder, &order.spaces)
    } else {
        Ok(Vec::new())
    }
}

fn log(checkpoint: &Checkpoint, took: Duration, added: u64) {
    let (frame, packs) = (checkpoint.frame, checkpoint.packs());
    let took_ms = took.as_millis() as u64;
    tracing::info!(frame, took_ms, added, packs, "checkpoint");
    for (file, cause) in &checkpoint.left {
        tracing::warn!(file, cause, "a file nobody needs could not be removed");
    }
}
