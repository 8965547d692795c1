//! Where a request's time went, for `Server-Timing`.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Phases of one request in order.
#[derive(Debug)]
pub(crate) struct Timing {
    last: Instant,
    phases: Vec<(&'static str, Duration)>,
}

impl Timing {
    /// Starts the first phase.
    pub(crate) fn start() -> Self {
        Self {
            last: Instant::now(),
            phases: Vec::with_capacity(8),
        }
    }

    /// Ends a phase and starts the next.
    pub(crate) fn end(&mut self, phase: &'static str) {
        let now = Instant::now();
        self.phases.push((phase, now - self.last));
        self.last = now;
    }

    /// The header's value, in milliseconds.
    pub(crate) fn header(&self) -> String {
        let mut text = String::new();
        for (name, took) in &self.phases {
            let comma = if text.is_empty() { "" } else { ", " };
            // Writing to a string cannot fail.
            let _written = write!(text, "{comma}{name};dur={:.3}", took.as_secs_f64() * 1e3);
        }
        text
    }
}
