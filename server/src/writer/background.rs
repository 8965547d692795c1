//! Background work on stores: merging and training, one job after the other on
//! threads of their own that let queries go first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc as threads;
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};
use tandem_index::merge::{MergeJob, Merged, TrainJob, Trained};
use tokio::sync::mpsc;

use super::Message;

/// How much less than a thread that answers a background thread gets: about a
/// third where both want a core.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// Background work of one space; at most one is out at a time.
pub(super) enum Job {
    /// A bigger segment.
    Merge(MergeJob),
    /// Centroids for the vectors.
    Train(TrainJob),
}

/// What background work made.
pub(super) enum Made {
    /// A segment in the place of its parts.
    Merged(Merged),
    /// Centroids and cells.
    Trained(Trained),
    /// Too few vectors to train on: not tried again soon.
    Untrained,
    /// A defect: everything stays as it is.
    Failed,
}

/// Starts the thread; what it makes goes back to the writer.
pub(super) fn start(back: mpsc::Sender<Message>) -> std::io::Result<threads::Sender<(usize, Job)>> {
    let (jobs, todo) = threads::channel();
    // Half the cores: grouping vectors by cells is spread over them.
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let pool = ThreadPoolBuilder::new()
        .num_threads(cores.div_ceil(2))
        .thread_name(|number| format!("background-{number}"))
        .start_handler(|_| let_queries_go_first())
        .build()
        .map_err(std::io::Error::other)?;
    thread::Builder::new()
        .name("background".to_owned())
        .spawn(move || work(&todo, &pool, &back))?;
    Ok(jobs)
}

/// Lowers the priority of the calling thread, and of those it starts.
pub(super) fn let_queries_go_first() {
    // On Linux a thread has a priority of its own; elsewhere the whole process would be slowed.
    #[cfg(target_os = "linux")]
    if let Err(cause) = rustix::process::nice(NICE) {
        tracing::debug!(%cause, "background work has the priority of queries");
    }
}

/// Does background work, one job after the other, until the writer is gone.
fn work(jobs: &threads::Receiver<(usize, Job)>, pool: &ThreadPool, back: &mpsc::Sender<Message>) {
    let_queries_go_first();
    for (space, job) in jobs {
        let made = catch_unwind(AssertUnwindSafe(|| {
            pool.install(|| match job {
                Job::Merge(job) => Made::Merged(job.run()),
                Job::Train(job) => job.run().map_or(Made::Untrained, Made::Trained),
            })
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
