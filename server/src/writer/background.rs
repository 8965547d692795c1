//! Background work on stores: merging and training, one job after the other on
//! threads of their own that let queries go first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc as threads;
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};
use tandem_index::Snapshot;
use tandem_index::disk::FileError;
use tandem_index::erase::{RewriteJob, Rewritten};
use tandem_index::merge::{MergeJob, Merged, TrainJob, Trained};
use tokio::sync::mpsc;

use super::{Message, Owner, TRAIN_AGAIN_AFTER, keeping};
use crate::limits::LOOK_EVERY;
use crate::priority::Priority;

/// Background work of one space; at most one is out at a time.
pub(super) enum Job {
    /// A bigger segment.
    Merge(MergeJob),
    /// Centroids for the vectors.
    Train(TrainJob),
    /// A segment without what was erased.
    Rewrite(Box<RewriteJob>),
    /// Lets go of a snapshot, and with it of segments that were merged: to free a
    /// large one takes longer than a write may.
    Forget(Arc<Snapshot>),
}

/// What background work made.
pub(super) enum Made {
    /// A segment in the place of its parts.
    Merged(Merged),
    /// Centroids and cells.
    Trained(Trained),
    /// A segment without what was erased, or that there is none to make.
    Rewritten(Rewritten),
    /// Too few vectors to train on: not tried again soon.
    Untrained,
    /// A defect: everything stays as it is.
    Failed,
}

/// Has the writer look every second whether something is due, or its folder gone,
/// also where nobody writes. Ends with the writer.
pub(super) fn tick(queue: mpsc::WeakSender<Message>) -> std::io::Result<()> {
    let ticking = thread::Builder::new().name("tick".to_owned());
    let ticking = ticking.spawn(move || {
        loop {
            thread::sleep(LOOK_EVERY);
            match queue.upgrade() {
                // A writer with something to do looks anyway.
                Some(queue) if !queue.is_closed() => drop(queue.try_send(Message::Look)),
                Some(_) | None => return,
            }
        }
    });
    ticking.map(drop)
}

impl Owner {
    /// Sends the most pressing background work of a space off, unless some is out.
    pub(super) fn begin_work(&mut self, space: usize) -> Result<(), FileError> {
        let Some(owned) = self.stores.get_mut(space) else {
            return Ok(());
        };
        if owned.working {
            return Ok(());
        }
        let store = &mut owned.store;
        let may_train = store.snapshot().sequence >= owned.train_from;
        let job = (self.erasing.job(space, store))
            .or_else(|| store.merge_job().map(Job::Merge))
            .or_else(|| Some(Job::Train(may_train.then(|| store.train_job())??)))
            .or_else(|| store.tail_job().map(Job::Merge));
        let Some(job) = job else {
            return Ok(());
        };
        // Where there is no room for it the next write tries again.
        if keeping::may_take_number(self.keeper.as_mut(), owned)? {
            owned.working = self.jobs.send((space, job)).is_ok();
        }
        Ok(())
    }

    /// Takes over what background work made.
    pub(super) fn install(&mut self, space: usize, made: Made) -> Result<(), FileError> {
        let Some(owned) = self.stores.get_mut(space) else {
            return Ok(());
        };
        owned.working = false;
        let before = owned.store.snapshot();
        match made {
            // A source that is gone meanwhile makes the merge worthless; the next one is new.
            Made::Merged(merged) => drop(owned.store.install(merged)),
            Made::Trained(trained) => {
                self.erasing.trained(space);
                owned.store.install_centroids(&trained);
            }
            Made::Untrained => {
                if let Some(kind) = self.erasing.trained(space) {
                    owned.store.drop_centroids(kind);
                }
                owned.train_from = owned.store.snapshot().sequence + TRAIN_AGAIN_AFTER;
            }
            // Tried again with the next write, not at once and forever.
            Made::Failed => {
                self.erasing.failed();
                return Ok(());
            }
            Made::Rewritten(made) => self.erasing.rewritten(space, &mut owned.store, made),
        }
        owned.space.show(&owned.store.snapshot());
        // A thread that is gone leaves it to this one.
        drop(self.jobs.send((space, Job::Forget(before))));
        if let Some(keeper) = &mut self.keeper {
            keeper.rebuilt();
        }
        self.begin_work(space)
    }
}

/// Starts the thread; what it makes goes back to the writer.
pub(super) fn start(back: mpsc::Sender<Message>) -> std::io::Result<threads::Sender<(usize, Job)>> {
    let (jobs, todo) = threads::channel();
    // Half the cores: grouping vectors by cells is spread over them.
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let pool = ThreadPoolBuilder::new()
        .num_threads(cores.div_ceil(2))
        .thread_name(|number| format!("background-{number}"))
        .start_handler(|_| Priority::Background.take())
        .build()
        .map_err(std::io::Error::other)?;
    thread::Builder::new()
        .name("background".to_owned())
        .spawn(move || work(&todo, &pool, &back))?;
    Ok(jobs)
}

/// Does background work, one job after the other, until the writer is gone.
fn work(jobs: &threads::Receiver<(usize, Job)>, pool: &ThreadPool, back: &mpsc::Sender<Message>) {
    Priority::Background.take();
    for (space, job) in jobs {
        let made = catch_unwind(AssertUnwindSafe(|| {
            pool.install(|| match job {
                Job::Rewrite(job) => Some(Made::Rewritten(job.run())),
                Job::Merge(job) => Some(Made::Merged(job.run())),
                Job::Train(job) => Some(job.run().map_or(Made::Untrained, Made::Trained)),
                Job::Forget(snapshot) => {
                    drop(snapshot);
                    None
                }
            })
        }));
        let made = made.unwrap_or_else(|_panic| {
            tracing::error!("background work met a defect; the segments stay as they are");
            Some(Made::Failed)
        });
        let Some(made) = made else { continue };
        if back
            .blocking_send(Message::Install { space, made })
            .is_err()
        {
            return;
        }
    }
}
