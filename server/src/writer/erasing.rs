//! Erasing, from the writer's side: a person's documents go in one change, and
//! everything that still has a byte of them is written anew in the background.
//! Owns the order of ledger, journal and snapshots, and when rewriting begins.
//!
//! The ledger is written first: a crash at any moment behind it is made good at
//! the next start, from the ledger alone. A *pass* is one time through all
//! segments, then a checkpoint in new files; it does all erasures there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tandem_index::checkpoint::Moved;
use tandem_index::disk::FileError;
use tandem_index::erase::{self, Found, Looked, Rewritten};
use tandem_index::ledger::Ledger;
use tandem_index::{KindId, Prepared, Snapshot, Store};
use tokio::sync::{mpsc, oneshot};

use super::background::Job;
use super::checkpoints::Keeper;
use super::keeping::keep;
use super::{Gathered, Message, Owner, failed, full, why};
use crate::clock::now_ms;
use crate::limits::ERASE_RETRY;
use crate::wire::problem::Outcome;

/// Who was erased, and how long files may have something of them.
pub struct Erasures {
    /// The ledger.
    pub ledger: Arc<Ledger>,
    /// Within which time all is rewritten.
    pub within: Duration,
}

/// An erasure that is asked for.
pub struct Erase {
    /// The space's number.
    pub space: usize,
    /// Whose documents.
    pub subject: String,
    /// The snapshot they were looked for in.
    pub seen: Arc<Snapshot>,
    /// What was found there.
    pub found: Vec<Found>,
    /// Whether rewriting begins at once.
    pub now: bool,
    /// Who waits.
    pub reply: oneshot::Sender<Outcome<Erased>>,
}

/// An erasure that no later answer knows anything of.
pub struct Erased {
    /// The first sequence number without them.
    pub sequence: u64,
    /// Resolves when every file is rewritten.
    pub done: oneshot::Receiver<()>,
}

/// What is to be rewritten, and when.
pub(super) struct Erasing {
    ledger: Arc<Ledger>,
    within: Duration,
    wake: mpsc::WeakSender<Message>,
    /// Spaces with something erased since the last pass began.
    dirty: BTreeSet<usize>,
    /// And kinds: their centroids may have been trained on it.
    train: BTreeSet<(usize, KindId)>,
    due: Option<Instant>,
    pass: Option<Pass>,
    /// Who waits for everything up to a record.
    waiting: Vec<(u64, oneshot::Sender<()>)>,
    /// When the writer is woken.
    timer: Option<Instant>,
}

struct Pass {
    through: u64,
    /// Spaces whose segments are not clean yet.
    left: BTreeMap<usize, Looked>,
    /// Kinds whose centroids are to be trained again.
    train: BTreeSet<(usize, KindId)>,
    /// Those of them that are being trained.
    training: BTreeSet<(usize, KindId)>,
    /// Whether files are being written.
    files: bool,
}

impl Erasing {
    pub(super) fn new(erasures: Erasures, wake: mpsc::WeakSender<Message>) -> Self {
        Self {
            ledger: erasures.ledger,
            within: erasures.within,
            wake,
            dirty: BTreeSet::new(),
            train: BTreeSet::new(),
            due: None,
            pass: None,
            waiting: Vec::new(),
            timer: None,
        }
    }

    /// The next part of a pass in a space, if one is under way and not through it.
    pub(super) fn job(&mut self, space: usize, store: &mut Store) -> Option<Job> {
        let pass = self.pass.as_mut()?;
        if let Some(looked) = pass.left.get(&space) {
            if let Some(job) = store.rewrite_job(looked.clone()) {
                return Some(Job::Rewrite(Box::new(job)));
            }
            pass.left.remove(&space);
        }
        while let Some(place) = pass.train.iter().find(|(one, _)| *one == space).copied() {
            pass.train.remove(&place);
            if let Some(job) = store.retrain_job(place.1) {
                pass.training.insert(place);
                return Some(Job::Train(job));
            }
        }
        None
    }

    /// Training is over; of what was erased, where this pass asked for it.
    pub(super) fn trained(&mut self, space: usize) -> Option<KindId> {
        let pass = self.pass.as_mut()?;
        let place = pass
            .training
            .iter()
            .find(|(one, _)| *one == space)
            .copied()?;
        pass.training.remove(&place);
        Some(place.1)
    }

    /// Takes over what a part of a pass made.
    pub(super) fn rewritten(&mut self, space: usize, store: &mut Store, made: Rewritten) {
        match (made, &mut self.pass) {
            (Rewritten::Clean, Some(pass)) => drop(pass.left.remove(&space)),
            (Rewritten::Clean, None) => {}
            (Rewritten::Merged(merged, looked), pass) => {
                // Where its source is gone, so are the rows: merging takes living ones alone.
                if let Some(pass) = pass {
                    pass.train.insert((space, merged.kind()));
                    pass.left.insert(space, looked);
                }
                store.install(*merged);
            }
        }
    }

    /// Background work met a defect: the pass begins again, later.
    pub(super) fn failed(&mut self) {
        if let Some(pass) = self.pass.take() {
            self.dirty.extend(pass.left.into_keys());
            self.train
                .extend(pass.train.into_iter().chain(pass.training));
            self.due = Some(Instant::now() + ERASE_RETRY);
        }
    }

    fn begin(&mut self) {
        self.due = None;
        let dirty = std::mem::take(&mut self.dirty).into_iter();
        self.pass = Some(Pass {
            through: self.ledger.last(),
            left: dirty.map(|space| (space, Looked::new())).collect(),
            train: std::mem::take(&mut self.train),
            training: BTreeSet::new(),
            files: false,
        });
    }

    /// The pass is over: everything it was for is nowhere any more.
    fn finish(&mut self) {
        let Some(pass) = self.pass.take() else {
            return;
        };
        if let Err(cause) = self.ledger.done(pass.through, now_ms()) {
            // Nothing is lost by it: the next pass has little to do.
            tracing::error!(%cause, "could not note that erased documents are out of all files");
            self.due = Some(Instant::now() + ERASE_RETRY);
            return;
        }
        tracing::info!(
            through = pass.through,
            "what was erased is out of all files"
        );
        for (number, waits) in std::mem::take(&mut self.waiting) {
            if number > pass.through {
                self.waiting.push((number, waits));
                continue;
            }
            // Whoever asked may have left.
            waits.send(()).ok();
        }
        if self.ledger.pending().is_some() {
            let later = if self.waiting.is_empty() {
                self.within / 2
            } else {
                Duration::ZERO
            };
            self.due_in(later);
        }
    }

    fn due_in(&mut self, later: Duration) {
        let at = Instant::now() + later;
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// Has the writer woken at that moment, if nothing wakes it before.
    fn wake_at(&mut self, at: Instant) {
        let now = Instant::now();
        if (self.timer).is_some_and(|timer| timer > now && timer <= at) {
            return;
        }
        self.timer = Some(at);
        let wake = self.wake.clone();
        let sleeping = thread::Builder::new()
            .name("erase-timer".to_owned())
            .spawn(move || {
                thread::sleep(at.saturating_duration_since(now));
                if let Some(wake) = wake.upgrade() {
                    // A writer that is gone needs no waking.
                    drop(wake.blocking_send(Message::Look));
                }
            });
        if let Err(cause) = sleeping {
            tracing::warn!(%cause, "erased documents are rewritten with the next write");
        }
    }
}

impl Owner {
    /// Erases a person: ledger, journal, snapshot, and only then the answer.
    pub(super) fn erase(&mut self, order: Erase) -> Result<(), FileError> {
        let Some(owned) = self.stores.get(order.space) else {
            return Ok(());
        };
        let (space, at_ms) = (order.space, now_ms());
        let found = gather(&owned.store, &order);
        let Erase {
            subject,
            seen,
            now,
            reply,
            ..
        } = order;
        // It is one of the older snapshots that nobody is to hold.
        drop(seen);
        let ledger = Arc::clone(&self.erasing.ledger);
        let known = ledger.subject(&owned.space.name, &subject);
        let recorded = match known.filter(|_| found.is_empty()) {
            Some(known) => Ok(Some(known.number)),
            None => self.erase_found(space, &subject, &found, at_ms),
        };
        let refusal = match &recorded {
            Ok(Some(_)) => None,
            Ok(None) => Some(full()),
            Err(cause) => Some(failed(&why(cause))),
        };
        if let Some(refusal) = refusal {
            // A client that left does not need the answer.
            drop(reply.send(Err(refusal)));
        } else {
            self.answer(space, &subject, now, reply);
        }
        recorded.map(drop)
    }

    /// Answers an erasure that is recorded and applied.
    fn answer(
        &mut self,
        space: usize,
        subject: &str,
        now: bool,
        reply: oneshot::Sender<Outcome<Erased>>,
    ) {
        let owned = &self.stores[space];
        let erasure = self.erasing.ledger.subject(&owned.space.name, subject);
        let (done, waits) = oneshot::channel();
        if let Some(pending) = erasure.filter(|erasure| erasure.done_ms.is_none()) {
            self.erasing.waiting.push((pending.number, done));
            let later = if now {
                Duration::ZERO
            } else {
                // The other half is for the work itself.
                self.erasing.within / 2
            };
            self.erasing.due_in(later);
        } else {
            // Its other end is at hand.
            done.send(()).ok();
        }
        let erased = Erased {
            sequence: self.stores[space].store.snapshot().sequence,
            done: waits,
        };
        drop(reply.send(Ok(erased)));
    }

    /// Records and applies; the record's number, or nothing where the disk is full.
    fn erase_found(
        &mut self,
        space: usize,
        subject: &str,
        found: &[Found],
        at_ms: i64,
    ) -> Result<Option<u64>, FileError> {
        let owned = &self.stores[space];
        let (changes, documents) = erase::planned(&owned.store, found, at_ms);
        let ledger = Arc::clone(&self.erasing.ledger);
        let recorded = ledger.record(&owned.space.name, subject, &documents, at_ms);
        let mark = match recorded {
            Ok(mark) => mark,
            Err(FileError::Full { .. }) => return Ok(None),
            Err(cause) => return Err(cause),
        };
        match self.change(space, changes, at_ms) {
            Ok(()) => ledger.settle(mark)?,
            Err(FileError::Full { .. }) => {
                ledger.undo(mark)?;
                return Ok(None);
            }
            Err(cause) => return Err(cause),
        }
        self.erasing.dirty.insert(space);
        let kinds = found.iter().map(|one| (space, one.kind));
        self.erasing.train.extend(kinds);
        Ok(Some(ledger.last()))
    }

    /// Keeps and applies changes, and lets nobody see what was before.
    fn change(
        &mut self,
        space: usize,
        changes: Vec<Prepared>,
        at_ms: i64,
    ) -> Result<(), FileError> {
        if !changes.is_empty() {
            let gathered = Gathered {
                space,
                changes,
                reached: Vec::new(),
                replies: Vec::new(),
            };
            let kept = std::slice::from_ref(&gathered);
            keep(self.keeper.as_mut(), &mut self.stores, kept, at_ms)?;
            self.apply(gathered, at_ms)?;
        }
        let owned = &self.stores[space];
        owned.space.mask(owned.store.snapshot().sequence);
        Ok(())
    }

    /// Takes erasures up again that a stop interrupted: what is in the ledger is
    /// erased, whether or not the journal has it, and files are rewritten at once.
    pub(super) fn resume_erasing(&mut self) -> Result<(), FileError> {
        if self.erasing.ledger.pending().is_none() {
            return Ok(());
        }
        for space in 0..self.stores.len() {
            let store = &self.stores[space].store;
            let at_ms = now_ms();
            let condemned = erase::condemned(store, None);
            let (changes, _) = erase::planned(store, &condemned, at_ms);
            self.erasing.dirty.insert(space);
            if changes.is_empty() {
                continue;
            }
            match self.change(space, changes, at_ms) {
                Err(cause @ FileError::Full { .. }) => {
                    tracing::warn!(%cause, "an erasure that was interrupted waits for room");
                }
                done => done?,
            }
        }
        self.erasing.due_in(Duration::ZERO);
        Ok(())
    }

    /// Lets go of files that were removed and still have something of the erased:
    /// documents of others are served from the new ones.
    fn take_moved(&mut self) {
        let moved = self
            .keeper
            .as_mut()
            .map(Keeper::moved)
            .into_iter()
            .flatten();
        let moved: BTreeMap<String, Vec<Moved>> = moved.collect();
        for owned in &mut self.stores {
            if let Some(moved) = moved.get(&owned.space.name) {
                owned.store.take_moved(moved);
                owned.space.take_moved(&owned.store.snapshot(), moved);
            }
        }
    }

    /// Begins a pass that is due, and takes one on.
    pub(super) fn look_at_erasing(&mut self) -> Result<(), FileError> {
        let now = Instant::now();
        if self.erasing.pass.is_none() && self.erasing.due.is_some_and(|due| due <= now) {
            self.erasing.begin();
            for space in 0..self.stores.len() {
                self.begin_work(space)?;
            }
        }
        if let Some(pass) = &mut self.erasing.pass
            && pass.left.is_empty()
            && pass.train.is_empty()
            && pass.training.is_empty()
        {
            let begins = !std::mem::replace(&mut pass.files, true);
            let is_done = match &mut self.keeper {
                None => true,
                Some(keeper) => {
                    if begins {
                        keeper.want_whole();
                        keeper.look(&self.stores);
                    }
                    keeper.whole_is_done()
                }
            };
            if is_done {
                self.take_moved();
                self.erasing.finish();
            } else if let Some(retry) = self.keeper.as_ref().and_then(Keeper::retry) {
                self.erasing.wake_at(retry);
            }
        }
        if let Some(due) = self.erasing.due {
            self.erasing.wake_at(due);
        }
        Ok(())
    }
}

/// What is to go: what was found and is still about the subject, what came
/// since, and ids that were deleted before.
fn gather(store: &Store, order: &Erase) -> Vec<Found> {
    let snapshot = store.snapshot();
    let subject = order.subject.as_str();
    let is_still = |one: &&Found| {
        snapshot.get(one.kind, &one.id).is_none_or(|stored| {
            let kind = store.kinds().by_id(one.kind);
            erase::subject_of(kind, &one.id, stored.json).as_deref() == Some(subject)
        })
    };
    let mut found: Vec<Found> = order.found.iter().filter(is_still).cloned().collect();
    found.extend(erase::find(&snapshot, subject, Some(&order.seen)));
    found.extend(erase::deleted_ids(store, subject));
    // Of one document the last version that anybody knows.
    found.sort_by(|a, b| (a.kind, &a.id, b.version).cmp(&(b.kind, &b.id, a.version)));
    found.dedup_by(|a, b| a.kind == b.kind && a.id == b.id);
    found
}
