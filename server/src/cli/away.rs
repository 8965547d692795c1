//! Waiting for a server that is away: said once, asked less and less often.

use std::time::{Duration, Instant};

use super::print::note;

/// How long a server that is away is left alone at first.
pub(super) const AWAY_MIN: Duration = Duration::from_millis(250);
/// And at most.
const AWAY_MAX: Duration = Duration::from_secs(5);

/// A server that is away, or is not.
#[derive(Default)]
pub(super) struct Away {
    since: Option<Instant>,
    wait: Duration,
}

impl Away {
    /// How long it is left alone now; says why it is waited for.
    pub(super) fn wait(&mut self, why: &str) -> Duration {
        if self.since.is_none() {
            note(&format!("waiting for the server: {why}"));
            self.since = Some(Instant::now());
        }
        self.wait = (self.wait * 2).clamp(AWAY_MIN, AWAY_MAX);
        self.wait
    }

    /// It is there; says so where it was not.
    pub(super) fn back(&mut self) {
        if let Some(since) = self.since.take() {
            let waited = since.elapsed().as_secs();
            note(&format!("the server is back after {waited} s"));
        }
        self.wait = Duration::ZERO;
    }
}
