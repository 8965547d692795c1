//! The one thread that writes. Owns the stores, the journal, the order of
//! changes and when a snapshot becomes visible; preparing documents, merging
//! segments and checkpoints happen elsewhere and come back through its queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc as threads;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tandem_index::disk::FileError;
use tandem_index::{Prepared, Store};
use tokio::sync::{mpsc, oneshot};

use crate::clock::now_ms;
use crate::compute::defect;
use crate::feed::{self, Noted};
use crate::limits::{
    RETRY_AFTER_SECONDS, WRITER_BATCH_BYTES_MAX, WRITER_BATCH_MAX, WRITER_QUEUE_MAX,
};
use crate::metrics::Metrics;
use crate::position::{self, Reached};
use crate::space::Space;
use crate::wire::problem::{Code, Outcome, Refusal};

mod background;
mod checkpoints;
mod erasing;
mod keeping;
mod overlays;

use background::{Job, Made};
use checkpoints::Keeper;
pub(crate) use checkpoints::{Disk, Policy};
use erasing::Erasing;
pub(crate) use erasing::{Erase, Erasures};
pub(crate) use overlays::{Did, Overlaid, Overlay};

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
    /// Erase a person and answer.
    Erase(Erase),
    /// Put or take away an overlay of the taxonomy and answer.
    Overlay(Overlay),
    /// A checkpoint is done, or something is due.
    Look,
    /// Stop when everything before this is done.
    Stop,
}

/// Changes of one space that are answered together.
struct Batch {
    space: usize,
    changes: Vec<Prepared>,
    reached: Option<Reached>,
    reply: oneshot::Sender<Outcome<Applied>>,
    since: Instant,
}

/// Changes of one space that become visible together, and who waits for them.
struct Gathered {
    space: usize,
    changes: Vec<Prepared>,
    /// What of which sources they have.
    reached: Vec<Reached>,
    replies: Vec<Reply>,
}

/// Who waits for how many changes, and since when.
struct Reply {
    changes: usize,
    to: oneshot::Sender<Outcome<Applied>>,
    since: Instant,
}

/// The way to the writer.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Message>,
    /// Why it stopped for good, once it has.
    failed: Arc<OnceLock<String>>,
}

/// A batch on its way; resolves when it is on disk and visible.
pub struct Pending(oneshot::Receiver<Outcome<Applied>>);

impl Writer {
    /// Starts the writer and its background threads. A store's number is its
    /// place. With a disk a change is on it before it is visible.
    pub fn start(
        stores: Vec<(Arc<Space>, Store)>,
        disk: Option<Disk>,
        erasures: Erasures,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (queue, messages) = mpsc::channel(WRITER_QUEUE_MAX);
        let jobs = background::start(queue.clone())?;
        let has_disk = disk.is_some();
        let keeper = disk
            .map(|disk| Keeper::start(disk, Arc::clone(&metrics), queue.clone()))
            .transpose()?;
        let erasing = Erasing::new(erasures, queue.downgrade());
        let stores = stores
            .into_iter()
            .map(|(space, store)| Owned {
                space,
                store,
                working: false,
                train_from: 0,
                kept: 0,
            })
            .collect();
        let failed = Arc::new(OnceLock::new());
        let owner = Owner {
            failed: Arc::clone(&failed),
            stores,
            keeper,
            erasing,
            jobs,
            metrics,
        };
        if has_disk {
            background::tick(queue.downgrade())?;
        }
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || owner.run(messages))?;
        Ok((Self { queue, failed }, thread))
    }

    /// Hands changes over, or refuses them when the queue is full.
    pub fn try_apply(
        &self,
        space: usize,
        changes: Vec<Prepared>,
        reached: Option<Reached>,
    ) -> Outcome<Pending> {
        let (reply, replied) = oneshot::channel();
        match self.queue.try_send(Message::Apply(Batch {
            space,
            changes,
            reached,
            reply,
            since: Instant::now(),
        })) {
            Ok(()) => Ok(Pending(replied)),
            Err(mpsc::error::TrySendError::Full(_)) => Err(overloaded()),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(self.stopped()),
        }
    }

    /// Hands changes over when there is room, with what of a source they have:
    /// the position behind it is kept together with them.
    pub async fn apply(
        &self,
        space: usize,
        changes: Vec<Prepared>,
        reached: Option<Reached>,
    ) -> Outcome<Pending> {
        let (reply, replied) = oneshot::channel();
        let message = Message::Apply(Batch {
            space,
            changes,
            reached,
            reply,
            since: Instant::now(),
        });
        self.queue
            .send(message)
            .await
            .map_err(|_closed| self.stopped())?;
        Ok(Pending(replied))
    }

    /// Hands an erasure over when there is room.
    pub async fn erase(&self, erase: Erase) -> Outcome<()> {
        let sent = self.queue.send(Message::Erase(erase)).await;
        sent.map_err(|_closed| self.stopped())
    }

    /// Asks the writer to stop behind everything in its queue.
    pub async fn stop(&self) {
        // A writer that is gone has stopped.
        drop(self.queue.send(Message::Stop).await);
    }

    /// Batches that wait for it.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Why it stopped for good, where it did.
    pub fn failed(&self) -> Option<&str> {
        self.failed.get().map(String::as_str)
    }

    fn stopped(&self) -> Refusal {
        match self.failed() {
            Some(why) => failed(why),
            None => Refusal::new(Code::NotReady, "the server takes no more changes"),
        }
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

fn failed(why: &str) -> Refusal {
    let detail = format!("the server takes no more changes, reads go on: {why}");
    Refusal::new(Code::WriterStopped, detail)
}

/// What failed, for clients: not where the folder is on the server's machine.
fn why(cause: &FileError) -> String {
    let name = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    match cause {
        FileError::Io { file, doing, cause } => format!("{}: cannot {doing}: {cause}", name(file)),
        FileError::Full { file, .. } => format!("{}: no room", name(file)),
        FileError::Refused { file, reason, .. } => format!("{}: {reason}", name(file)),
    }
}

fn overloaded() -> Refusal {
    let detail = format!("the write queue is full; come back in {RETRY_AFTER_SECONDS} s");
    Refusal::new(Code::Overloaded, detail)
}

fn full() -> Refusal {
    let detail = "the disk with the documents is full; nothing was changed, reads go on";
    Refusal::new(Code::StorageFull, detail)
}

/// A space's store with what only the writer knows of it.
struct Owned {
    space: Arc<Space>,
    store: Store,
    working: bool,
    /// Sequence number from which training is worth another try.
    train_from: u64,
    /// The last sequence number this process knows to be on disk.
    kept: u64,
}

/// What the writer thread owns.
struct Owner {
    failed: Arc<OnceLock<String>>,
    stores: Vec<Owned>,
    keeper: Option<Keeper>,
    erasing: Erasing,
    jobs: threads::Sender<(usize, Job)>,
    metrics: Arc<Metrics>,
}

impl Owner {
    fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        if let Err(cause) = self.begin() {
            stop_for(&cause, &mut messages, &self.failed);
            return;
        }
        while let Some(first) = messages.blocking_recv() {
            // A store that panicked may be half changed: nothing may be written
            // after that. Readers keep the last good snapshot.
            let going = catch_unwind(AssertUnwindSafe(|| self.turn(first, &mut messages)));
            match going {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => {
                    if let Some(keeper) = &mut self.keeper {
                        keeper.finish(&self.stores);
                    }
                    return;
                }
                Ok(Err(cause)) => {
                    stop_for(&cause, &mut messages, &self.failed);
                    return;
                }
                Err(_panic) => {
                    // It is told once.
                    drop(self.failed.set("a defect, which the log has".to_owned()));
                    tracing::error!(
                        "the writer met a defect and stopped; the server answers reads only"
                    );
                    return;
                }
            }
        }
    }

    /// Goes on with what an earlier life left, and with work in the background.
    fn begin(&mut self) -> Result<(), FileError> {
        self.resume_erasing()?;
        for space in 0..self.stores.len() {
            self.begin_work(space)?;
        }
        self.look()
    }

    /// Takes what is waiting, up to a batch. False when it is time to stop.
    fn turn(
        &mut self,
        first: Message,
        messages: &mut mpsc::Receiver<Message>,
    ) -> Result<bool, FileError> {
        let mut gathered: Vec<Gathered> = Vec::new();
        let (mut next, mut changes, mut bytes, mut going) = (Some(first), 0, 0, true);
        let (mut erase, mut overlay) = (None, None);
        while let Some(message) = next.take() {
            match message {
                Message::Apply(batch) => {
                    self.metrics.durable.waited.took(batch.since.elapsed());
                    changes += batch.changes.len();
                    bytes += batch.changes.iter().map(document_bytes).sum::<usize>();
                    gather(&mut gathered, batch);
                }
                Message::Install { space, made } => self.install(space, made)?,
                Message::Look => {}
                // Behind what came before it, in front of what comes after.
                Message::Erase(one) => {
                    erase = Some(one);
                    break;
                }
                Message::Overlay(one) => {
                    overlay = Some(one);
                    break;
                }
                Message::Stop => {
                    going = false;
                    break;
                }
            }
            if changes < WRITER_BATCH_MAX && bytes < WRITER_BATCH_BYTES_MAX {
                next = messages.try_recv().ok();
            }
        }
        self.write(gathered)?;
        if let Some(erase) = erase {
            self.erase(erase)?;
        }
        if let Some(overlay) = overlay {
            self.overlay(overlay)?;
        }
        self.look()?;
        Ok(going)
    }

    /// Keeps changes, then shows them, then answers. Where the disk is full they
    /// are refused and nothing is different: the next may fit again.
    fn write(&mut self, gathered: Vec<Gathered>) -> Result<(), FileError> {
        // One time for both: what is kept is what happens.
        let at_ms = now_ms();
        let refuse = |gathered: Vec<Gathered>, refusal: &dyn Fn() -> Refusal| {
            for reply in gathered.into_iter().flat_map(|one| one.replies) {
                // A client that left does not need the answer.
                drop(reply.to.send(Err(refusal())));
            }
        };
        match keeping::keep(self.keeper.as_mut(), &mut self.stores, &gathered, at_ms) {
            Ok(()) => {}
            Err(cause @ FileError::Full { .. }) => {
                tracing::warn!(%cause, "the disk is full: changes are refused, reads go on");
                let full_batches = &self.metrics.durable.full;
                full_batches.fetch_add(gathered.len() as u64, Ordering::Relaxed);
                refuse(gathered, &full);
                return Ok(());
            }
            Err(cause) => {
                refuse(gathered, &|| failed(&why(&cause)));
                return Err(cause);
            }
        }
        for gathered in gathered {
            self.apply(gathered, at_ms)?;
        }
        Ok(())
    }

    /// Begins a checkpoint where one is due, and waits for one that has fallen
    /// too far behind.
    fn look(&mut self) -> Result<(), FileError> {
        if let Some(keeper) = &mut self.keeper {
            keeper.check()?;
            keeper.look(&self.stores);
        }
        self.look_at_erasing()
    }

    /// Applies changes of one space, shows the snapshot, then answers.
    fn apply(&mut self, gathered: Gathered, at_ms: i64) -> Result<(), FileError> {
        let space = gathered.space;
        let Some(owned) = self.stores.get_mut(space) else {
            return Ok(());
        };
        let started = Instant::now();
        let noted = gathered.changes.iter();
        let noted: Vec<Noted> = noted.map(|change| Noted::of(&change.change())).collect();
        let outcomes = owned.store.apply(gathered.changes, at_ms);
        let moved = position::moved(&owned.store, &gathered.reached);
        position::take(&mut owned.store, &moved);
        let snapshot = owned.store.snapshot();
        let sequence = snapshot.sequence;
        let place = (sequence, at_ms);
        let is_news = feed::tell(&owned.space, owned.store.kinds(), place, &noted, &outcomes);
        // Visible before it is acknowledged: a write that was answered is seen by every later read.
        owned.space.show(&snapshot);
        if !moved.is_empty() {
            owned.space.show_positions(owned.store.positions().clone());
        }
        if is_news {
            owned.space.wake();
        }
        let mut outcomes = outcomes.into_iter();
        let durable = &self.metrics.durable;
        durable.applied.took(started.elapsed());
        for reply in gathered.replies {
            let outcomes = outcomes.by_ref().take(reply.changes).collect();
            durable.visible.took(reply.since.elapsed());
            // A client that left does not need the answer.
            drop(reply.to.send(Ok(Applied { outcomes, sequence })));
        }
        self.begin_work(space)
    }
}

/// Adds a batch to those of its space.
fn gather(gathered: &mut Vec<Gathered>, batch: Batch) {
    let reply = Reply {
        changes: batch.changes.len(),
        to: batch.reply,
        since: batch.since,
    };
    match gathered.iter_mut().find(|one| one.space == batch.space) {
        Some(one) => {
            one.changes.extend(batch.changes);
            one.reached.extend(batch.reached);
            one.replies.push(reply);
        }
        None => gathered.push(Gathered {
            space: batch.space,
            changes: batch.changes,
            reached: batch.reached.into_iter().collect(),
            replies: vec![reply],
        }),
    }
}

fn document_bytes(prepared: &Prepared) -> usize {
    prepared.change().json.map_or(0, <[u8]>::len)
}

/// Answers what still waits for a writer that stops for good.
fn stop_for(cause: &FileError, messages: &mut mpsc::Receiver<Message>, told: &OnceLock<String>) {
    tracing::error!(
        %cause,
        "the data folder failed and the writer stopped; the server answers reads only"
    );
    let why = why(cause);
    // It is told once. Before the queue is closed: who finds it so learns why.
    drop(told.set(why.clone()));
    messages.close();
    let stopped = || failed(&why);
    while let Some(message) = messages.blocking_recv() {
        match message {
            // A client that left does not need the answer.
            Message::Apply(batch) => drop(batch.reply.send(Err(stopped()))),
            Message::Erase(erase) => drop(erase.reply.send(Err(stopped()))),
            Message::Overlay(overlay) => drop(overlay.reply.send(Err(stopped()))),
            Message::Install { .. } | Message::Look | Message::Stop => {}
        }
    }
}
