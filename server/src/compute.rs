//! Threads that compute. Owns admission (a full queue answers), dropping work
//! nobody waits for, and turning a panic into that request's error.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tokio::sync::{Semaphore, oneshot};

use crate::priority::Priority;
use crate::wire::problem::{Code, Outcome, Refusal};

/// A pool of threads with a bounded number of jobs running and waiting.
#[derive(Debug)]
pub struct Pool {
    threads: Arc<ThreadPool>,
    room: Arc<Semaphore>,
}

impl Pool {
    /// A pool of so many threads with room for so many jobs.
    pub fn new(
        (name, priority): (&'static str, Priority),
        threads: usize,
        jobs_max: usize,
    ) -> Result<Self, ThreadPoolBuildError> {
        let threads = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(move |number| format!("{name}-{number}"))
            .start_handler(move |_| priority.take())
            .build()?;
        Ok(Self {
            threads: Arc::new(threads),
            room: Arc::new(Semaphore::new(jobs_max)),
        })
    }

    /// Runs a job, or refuses it when the queue is full.
    pub async fn run<T, F>(&self, deadline: Instant, job: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Outcome<T> + Send + 'static,
    {
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            return Err(Refusal::new(
                Code::Overloaded,
                "too many requests are waiting",
            ));
        };
        // The place is given back when the job ends, also if nobody waits for it any more.
        let job = move || {
            let _place = place;
            job()
        };
        self.run_admitted(deadline, job).await
    }

    /// Runs a job that is bounded elsewhere.
    pub async fn run_admitted<T, F>(&self, deadline: Instant, job: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Outcome<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.threads.spawn(move || {
            // A client that left, or whose time is up, costs nothing more.
            if answer.is_closed() || Instant::now() >= deadline {
                return;
            }
            let outcome =
                catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_panic| Err(defect()));
            // The client may have left meanwhile.
            drop(answer.send(outcome));
        });
        match tokio::time::timeout_at(deadline.into(), answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => Err(too_late()),
        }
    }
}

/// The refusal of a request that met a defect of ours.
pub(crate) fn defect() -> Refusal {
    Refusal::new(
        Code::Internal,
        "the request met a defect of the server; its instance is in the log",
    )
}

/// The refusal of a request whose time is up.
pub(crate) fn too_late() -> Refusal {
    Refusal::new(Code::DeadlineExceeded, "the request ran out of time")
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::Pool;
    use crate::priority::Priority;
    use crate::wire::problem::Code;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[tokio::test]
    async fn a_panic_is_the_error_of_one_job() {
        let pool = Pool::new(("test", Priority::Answers), 1, 4).unwrap();
        let broken = pool.run::<(), _>(soon(), || panic!("on purpose")).await;
        assert_eq!(broken.unwrap_err().code, Code::Internal);
        assert_eq!(pool.run(soon(), || Ok(7)).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_full_pool_refuses_and_a_late_job_is_not_begun() {
        let pool = Pool::new(("test", Priority::Answers), 1, 2).unwrap();
        let (go, wait) = mpsc::channel::<()>();
        let first = pool.run(soon(), move || {
            wait.recv().ok();
            Ok(())
        });
        let second = pool.run(
            Instant::now() + Duration::from_millis(20),
            || -> crate::wire::problem::Outcome<()> {
                unreachable!("its time is up before it begins")
            },
        );
        let third = async {
            let refused = pool.run(soon(), || Ok(())).await.unwrap_err().code;
            assert_eq!(refused, Code::Overloaded);
        };
        let release = async {
            tokio::time::sleep(Duration::from_millis(60)).await;
            go.send(()).unwrap();
        };
        let (first, second, (), ()) = tokio::join!(first, second, third, release);
        first.unwrap();
        assert_eq!(second.unwrap_err().code, Code::DeadlineExceeded);
    }
}
