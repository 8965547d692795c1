//! The one thread that writes. Owns the stores, the journal, the order of
//! changes and when a snapshot becomes visible; preparing documents and merging segments happen
//! elsewhere and come back through its queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc as threads;
use std::thread::{self, JoinHandle};

use tandem_index::journal::{self, Journal, JournalError};
use tandem_index::merge::{MergeJob, Merged, TrainJob, Trained};
use tandem_index::{Prepared, Store};
use tokio::sync::{mpsc, oneshot};

use crate::clock;
use crate::compute::defect;
use crate::feed::{self, Noted};
use crate::limits::{
    RETRY_AFTER_SECONDS, WRITER_BATCH_BYTES_MAX, WRITER_BATCH_MAX, WRITER_QUEUE_MAX,
};
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
    reply: oneshot::Sender<Outcome<Applied>>,
}

/// Changes of one space that become visible together, and who waits for how many.
struct Gathered {
    space: usize,
    changes: Vec<Prepared>,
    replies: Vec<(usize, oneshot::Sender<Outcome<Applied>>)>,
}

/// The way to the writer.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Message>,
}

/// A batch on its way; resolves when it is on disk and visible.
pub struct Pending(oneshot::Receiver<Outcome<Applied>>);

impl Writer {
    /// Starts the writer and its background thread. A store's number is its
    /// place. With a journal a change is on disk before it is visible.
    pub fn start(
        stores: Vec<(Arc<Space>, Store)>,
        journal: Option<Journal>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
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
            journal,
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
    /// Waits until the changes are on disk, where there is one, and visible.
    pub async fn applied(self) -> Outcome<Applied> {
        self.0.await.unwrap_or_else(|_gone| Err(defect()))
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
    journal: Option<Journal>,
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
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => return,
                Ok(Err(cause)) => {
                    tracing::error!(
                        %cause,
                        "the journal failed and the writer stopped; the server answers reads only"
                    );
                    refuse_rest(&mut messages);
                    return;
                }
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
    fn turn(
        &mut self,
        first: Message,
        messages: &mut mpsc::Receiver<Message>,
    ) -> Result<bool, JournalError> {
        let mut gathered: Vec<Gathered> = Vec::new();
        let (mut next, mut changes, mut bytes, mut going) = (Some(first), 0, 0, true);
        while let Some(message) = next.take() {
            match message {
                Message::Apply(batch) => {
                    changes += batch.changes.len();
                    bytes += batch.changes.iter().map(document_bytes).sum::<usize>();
                    gather(&mut gathered, batch);
                }
                Message::Install { space, made } => self.install(space, made),
                Message::Stop => {
                    going = false;
                    break;
                }
            }
            if changes < WRITER_BATCH_MAX && bytes < WRITER_BATCH_BYTES_MAX {
                next = messages.try_recv().ok();
            }
        }
        if let Err(cause) = self.keep(&gathered) {
            for (_, reply) in gathered.into_iter().flat_map(|one| one.replies) {
                // A client that left does not need the answer.
                drop(reply.send(Err(stopped())));
            }
            return Err(cause);
        }
        for gathered in gathered {
            self.apply(gathered);
        }
        Ok(going)
    }

    /// Writes what the changes will do to the journal and syncs it: from here
    /// on they survive, so from here on they may be seen.
    fn keep(&mut self, gathered: &[Gathered]) -> Result<(), JournalError> {
        let Some(journal) = &mut self.journal else {
            return Ok(());
        };
        let mut batches = Vec::with_capacity(gathered.len());
        for gathered in gathered {
            let Some(owned) = self.stores.get(gathered.space) else {
                continue;
            };
            let snapshot = owned.store.snapshot();
            let outcomes = owned.store.foresee(&gathered.changes);
            let changes: Vec<journal::Change<'_>> = gathered
                .changes
                .iter()
                .zip(outcomes)
                .filter(|(_, outcome)| outcome.result.has_effect())
                .map(|(prepared, outcome)| {
                    let change = prepared.change();
                    journal::Change {
                        kind: &owned.store.kinds().by_id(change.kind).name,
                        id: change.id,
                        version: outcome.version,
                        json: change.json,
                    }
                })
                .collect();
            if !changes.is_empty() {
                batches.push(journal::Batch {
                    space: &owned.space.name,
                    sequence: snapshot.sequence + 1,
                    changes,
                });
            }
        }
        if batches.is_empty() {
            return Ok(());
        }
        journal.append(&batches)
    }

    /// Applies changes of one space, shows the snapshot, then answers.
    fn apply(&mut self, gathered: Gathered) {
        let space = gathered.space;
        let Some(owned) = self.stores.get_mut(space) else {
            return;
        };
        let noted = gathered.changes.iter();
        let noted: Vec<Noted> = noted.map(|change| Noted::of(&change.change())).collect();
        let outcomes = owned.store.apply(gathered.changes);
        let snapshot = owned.store.snapshot();
        let sequence = snapshot.sequence;
        // Visible before it is acknowledged: a write that was answered is seen by every later read.
        owned.space.show(snapshot);
        let place = (sequence, clock::now_ms());
        feed::tell(&owned.space, owned.store.kinds(), place, &noted, &outcomes);
        let mut outcomes = outcomes.into_iter();
        for (count, reply) in gathered.replies {
            let outcomes = outcomes.by_ref().take(count).collect();
            // A client that left does not need the answer.
            drop(reply.send(Ok(Applied { outcomes, sequence })));
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

/// Adds a batch to those of its space.
fn gather(gathered: &mut Vec<Gathered>, batch: Batch) {
    let reply = (batch.changes.len(), batch.reply);
    match gathered.iter_mut().find(|one| one.space == batch.space) {
        Some(one) => {
            one.changes.extend(batch.changes);
            one.replies.push(reply);
        }
        None => gathered.push(Gathered {
            space: batch.space,
            changes: batch.changes,
            replies: vec![reply],
        }),
    }
}

fn document_bytes(prepared: &Prepared) -> usize {
    prepared.change().json.map_or(0, <[u8]>::len)
}

/// Answers what still waits for a writer that has stopped.
fn refuse_rest(messages: &mut mpsc::Receiver<Message>) {
    messages.close();
    while let Some(message) = messages.blocking_recv() {
        match message {
            // A client that left does not need the answer.
            Message::Apply(batch) => drop(batch.reply.send(Err(stopped()))),
            Message::Install { .. } | Message::Stop => {}
        }
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
