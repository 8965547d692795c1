//! Waiting to some ten microseconds. Owns the one part that differs between
//! systems: tokio's own timer ticks in milliseconds, which is as long as the
//! answers that are measured.

use std::io;
use std::time::Duration;

/// A timer in the event loop's own wait, so that nothing has to wake it.
#[cfg(target_os = "linux")]
pub(crate) struct Timer(tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>);

#[cfg(target_os = "linux")]
impl Timer {
    #[expect(
        deprecated,
        reason = "the replacement is unsafe; an OwnedFd keeps the promise it asks for"
    )]
    pub(crate) fn new() -> io::Result<Self> {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        tokio::io::unix::AsyncFd::with_interest(timer, tokio::io::Interest::READABLE).map(Self)
    }

    /// Ends after this time, at the earliest one nanosecond from now.
    pub(crate) async fn wait(&mut self, time: Duration) -> io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
        let expiry = Itimerspec {
            it_interval: Timespec::default(),
            it_value: Timespec {
                tv_sec: time.as_secs() as i64,
                // A value of 0 would disarm it.
                tv_nsec: i64::from(time.subsec_nanos().max(1)),
            },
        };
        timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &expiry)?;
        // Arming it again empties it and every expiry is an edge of its own, so
        // the counter in it is never read.
        self.0.readable().await?.clear_ready();
        Ok(())
    }
}

/// Elsewhere tokio's timer: late by up to a millisecond, which `lag p99` shows.
#[cfg(not(target_os = "linux"))]
pub(crate) struct Timer;

#[cfg(not(target_os = "linux"))]
impl Timer {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn wait(&mut self, time: Duration) -> io::Result<()> {
        tokio::time::sleep(time).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_wait_is_never_short_and_ends_again_and_again() {
        let mut timer = Timer::new().unwrap();
        for micros in [0, 1, 500, 2_000, 0, 300] {
            let (start, time) = (Instant::now(), Duration::from_micros(micros));
            timer.wait(time).await.unwrap();
            assert!(start.elapsed() >= time);
        }
    }
}
