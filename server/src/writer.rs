//! The one thread that writes. Owns the stores, the order of changes and when
//! a snapshot becomes visible; preparing documents and merging segments happen
//! elsewhere and come back through its queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc as threads;
use std::thread::{self, JoinHandle};

use tandem_index::merge::{MergeJob, Merged, TrainJob, Trained};
use tandem_index::{Prepared, Store};
use tokio::sync::{mpsc, oneshot};

use crate::compute::defect;
use crate::limits::{RETRY_AFTER_SECONDS, WRITER_BATCH_MAX, WRITER_QUEUE_MAX};
use crate::space::Space;
use crate::wire::problem::{Code, Outcome, Refusal};

/// What became of a batch, now that it is visible.
pub struct Applied {
    /// One outcome for every change, in order.
    pub outcomes: Vec<tandem_index::Outcome>,
    /// Sequence number of the snapshot that shows them.
    pub sequence: u64,
}

/// Batches after which training that found too few vectors is tried again.
const TRAIN_AGAIN_AFTER: u64 = 1_000;

/// What the writer does next.
enum Message {
    /// Apply these changes and answer.
    Apply(Batch),
    /// Take over what background work made.
    Install { space: usize, made: Made },
    /// Stop when everything before this is done.
    Stop,
}

/// Background work of one space; at most one is out at a time.
enum Job {
    /// A bigger segment.
    Merge(MergeJob),
    /// Centroids for the vectors.
    Train(TrainJob),
}

/// What background work made.
enum Made {
    /// A segment in the place of its parts.
    Merged(Merged),
    /// Centroids and cells.
    Trained(Trained),
    /// Too few vectors to train on: not tried again soon.
    Untrained,
    /// A defect: everything stays as it is.
    Failed,
}

/// Changes of one space that are answered together.
struct Batch {
    space: usize,
    changes: Vec<Prepared>,
    reply: oneshot::Sender<Applied>,
}

/// The way to the writer.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Message>,
}

/// A batch on its way; resolves when it is visible.
pub struct Pending(oneshot::Receiver<Applied>);

impl Writer {
    /// Starts the writer and its background thread. A store's number is its place.
    pub fn start(stores: Vec<(Arc<Space>, Store)>) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (queue, messages) = mpsc::channel(WRITER_QUEUE_MAX);
        let (work_for, jobs) = threads::channel();
        let back = queue.clone();
        thread::Builder::new()
            .name("background".to_owned())
            .spawn(move || work(&jobs, &back))?;
        let stores = stores
            .into_iter()
            .map(|(space, store)| Owned {
                space,
                store,
                working: false,
                train_from: 0,
            })
            .collect();
        let owner = Owner {
            stores,
            jobs: work_for,
        };
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || owner.run(messages))?;
        Ok((Self { queue }, thread))
    }

    /// Hands changes over, or refuses them when the queue is full.
    pub fn try_apply(&self, space: usize, changes: Vec<Prepared>) -> Outcome<Pending> {
        let (reply, replied) = oneshot::channel();
        match self.queue.try_send(Message::Apply(Batch {
            space,
            changes,
            reply,
        })) {
            Ok(()) => Ok(Pending(replied)),
            Err(mpsc::error::TrySendError::Full(_)) => {
                let detail =
                    format!("the write queue is full; come back in {RETRY_AFTER_SECONDS} s");
                Err(Refusal::new(Code::Overloaded, detail))
            }
            Err(mpsc::error::TrySendError::Closed(_)) => Err(stopped()),
        }
    }

    /// Hands changes over when there is room.
    pub async fn apply(&self, space: usize, changes: Vec<Prepared>) -> Outcome<Pending> {
        let (reply, replied) = oneshot::channel();
        let message = Message::Apply(Batch {
            space,
            changes,
            reply,
        });
        self.queue
            .send(message)
            .await
            .map_err(|_closed| stopped())?;
        Ok(Pending(replied))
    }

    /// Asks the writer to stop behind everything in its queue.
    pub async fn stop(&self) {
        // A writer that is gone has stopped.
        drop(self.queue.send(Message::Stop).await);
    }

    /// Whether the writer still takes changes.
    pub fn runs(&self) -> bool {
        !self.queue.is_closed()
    }
}

impl Pending {
    /// Waits until the changes are visible.
    pub async fn applied(self) -> Outcome<Applied> {
        self.0.await.map_err(|_gone| defect())
    }
}

fn stopped() -> Refusal {
    Refusal::new(Code::NotReady, "the server takes no more changes")
}

/// A space's store with what only the writer knows of it.
struct Owned {
    space: Arc<Space>,
    store: Store,
    working: bool,
    /// Sequence number from which training is worth another try.
    train_from: u64,
}

/// What the writer thread owns.
struct Owner {
    stores: Vec<Owned>,
    jobs: threads::Sender<(usize, Job)>,
}

impl Owner {
    fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        for space in 0..self.stores.len() {
            self.begin_work(space);
        }
        while let Some(first) = messages.blocking_recv() {
            // A store that panicked may be half changed: nothing may be written
            // after that. Readers keep the last good snapshot.
            let going = catch_unwind(AssertUnwindSafe(|| self.turn(first, &mut messages)));
            match going {
                Ok(true) => {}
                Ok(false) => return,
                Err(_panic) => {
                    tracing::error!(
                        "the writer met a defect and stopped; the server answers reads only"
                    );
                    return;
                }
            }
        }
    }

    /// Takes what is waiting, up to a batch. False when it is time to stop.
    fn turn(&mut self, first: Message, messages: &mut mpsc::Receiver<Message>) -> bool {
        let mut batches: Vec<Vec<Batch>> = Vec::new();
        batches.resize_with(self.stores.len(), Vec::new);
        let (mut next, mut changes, mut going) = (Some(first), 0, true);
        while let Some(message) = next.take() {
            match message {
                Message::Apply(batch) => {
                    changes += batch.changes.len();
                    if let Some(space) = batches.get_mut(batch.space) {
                        space.push(batch);
                    }
                }
                Message::Install { space, made } => self.install(space, made),
                Message::Stop => {
                    going = false;
                    break;
                }
            }
            if changes < WRITER_BATCH_MAX {
                next = messages.try_recv().ok();
            }
        }
        for (space, batches) in batches.into_iter().enumerate() {
            if !batches.is_empty() {
                self.apply(space, batches);
            }
        }
        going
    }

    /// Applies batches of one space, shows the snapshot, then answers.
    fn apply(&mut self, space: usize, batches: Vec<Batch>) {
        let Some(owned) = self.stores.get_mut(space) else {
            return;
        };
        let mut changes = Vec::new();
        let mut replies = Vec::with_capacity(batches.len());
        for batch in batches {
            replies.push((batch.changes.len(), batch.reply));
            changes.extend(batch.changes);
        }
        let mut outcomes = owned.store.apply(changes).into_iter();
        let snapshot = owned.store.snapshot();
        let sequence = snapshot.sequence;
        // Visible before it is acknowledged: a write that was answered is seen by every later read.
        owned.space.show(snapshot);
        for (count, reply) in replies {
            let outcomes = outcomes.by_ref().take(count).collect();
            // A client that left does not need the answer.
            drop(reply.send(Applied { outcomes, sequence }));
        }
        self.begin_work(space);
    }

    fn begin_work(&mut self, space: usize) {
        let Some(owned) = self.stores.get_mut(space) else {
            return;
        };
        if owned.working {
            return;
        }
        let mut job = owned.store.merge_job().map(Job::Merge);
        if job.is_none() && owned.store.snapshot().sequence >= owned.train_from {
            job = owned.store.train_job().map(Job::Train);
        }
        if let Some(job) = job {
            owned.working = self.jobs.send((space, job)).is_ok();
        }
    }

    fn install(&mut self, space: usize, made: Made) {
        let Some(owned) = self.stores.get_mut(space) else {
            return;
        };
        owned.working = false;
        match made {
            // A source that is gone meanwhile makes the merge worthless; the next one is new.
            Made::Merged(merged) => drop(owned.store.install(merged)),
            Made::Trained(trained) => owned.store.install_centroids(&trained),
            Made::Untrained => {
                owned.train_from = owned.store.snapshot().sequence + TRAIN_AGAIN_AFTER;
            }
            // Tried again with the next write, not at once and forever.
            Made::Failed => return,
        }
        owned.space.show(owned.store.snapshot());
        self.begin_work(space);
    }
}

/// Does background work, one job after the other, until the writer is gone.
fn work(jobs: &threads::Receiver<(usize, Job)>, back: &mpsc::Sender<Message>) {
    for (space, job) in jobs {
        let made = catch_unwind(AssertUnwindSafe(|| match job {
            Job::Merge(job) => Made::Merged(job.run()),
            Job::Train(job) => job.run().map_or(Made::Untrained, Made::Trained),
        }));
        let made = made.unwrap_or_else(|_panic| {
            tracing::error!("background work met a defect; the segments stay as they are");
            Made::Failed
        });
        if back
            .blocking_send(Message::Install { space, made })
            .is_err()
        {
            return;
        }
    }
}
