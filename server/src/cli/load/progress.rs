//! How far a load is: one line on the terminal, drawn over itself. Owns that it
//! is never wider than the terminal, that other lines do not run into it, and
//! that nothing is drawn where standard error is no terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::cli::print;

/// How often the line is drawn anew; what takes less draws none.
const DRAW: Duration = Duration::from_millis(100);
/// Columns of a terminal that does not say how many it has.
const WIDTH: usize = 80;
/// Columns of the bar, at least and at most.
const BAR_MIN: usize = 8;
const BAR_MAX: usize = 40;
/// To the line's end, erased.
const ERASE: &str = "\u{1b}[K";

/// What the line says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Far {
    /// Bytes of the sources that were read.
    pub(super) position: u64,
    /// Records that were read.
    pub(super) read: u64,
    /// Records with a result, and those that were skipped.
    pub(super) done: u64,
    /// Those of them that were rejected.
    pub(super) rejected: u64,
}

/// The line.
pub(super) struct Progress {
    /// Bytes of all sources, where they are known.
    bytes: Option<u64>,
    started: Instant,
    /// `None` where nothing is drawn.
    shown: Option<Mutex<Shown>>,
}

struct Shown {
    at: Instant,
    is_there: bool,
    ended: bool,
}

impl Progress {
    /// `quiet`: other lines come to the same terminal all the time.
    pub(super) fn new(bytes: Option<u64>, quiet: bool) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let draws = !quiet && !dumb && io::stderr().is_terminal();
        let started = Instant::now();
        let shown = draws.then(|| {
            Mutex::new(Shown {
                at: started,
                is_there: false,
                ended: false,
            })
        });
        Self {
            bytes,
            started,
            shown,
        }
    }

    fn shown(&self) -> Option<MutexGuard<'_, Shown>> {
        let shown = self.shown.as_ref()?;
        Some(shown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether it is time to draw.
    pub(super) fn is_due(&self) -> bool {
        self.shown()
            .is_some_and(|shown| !shown.ended && shown.at.elapsed() >= DRAW)
    }

    pub(super) fn draw(&self, far: Far) {
        let Some(mut shown) = self.shown().filter(|shown| !shown.ended) else {
            return;
        };
        let width = terminal_size::terminal_size_of(io::stderr())
            .map(|(width, _)| usize::from(width.0))
            .filter(|width| *width > 0);
        let width = width.unwrap_or(WIDTH);
        let text = line(far, self.bytes, self.started.elapsed(), width);
        put(&format!("\r{text}{ERASE}"));
        (shown.at, shown.is_there) = (Instant::now(), true);
    }

    /// Writes a line that stays, and not into this one.
    pub(super) fn note(&self, text: &str) {
        let mut shown = self.shown();
        erase(shown.as_deref_mut());
        print::note(text);
    }

    /// Erases the line for good.
    pub(super) fn end(&self) {
        if let Some(mut shown) = self.shown() {
            erase(Some(&mut shown));
            shown.ended = true;
        }
    }
}

fn erase(shown: Option<&mut Shown>) {
    if let Some(shown) = shown.filter(|shown| shown.is_there) {
        put(&format!("\r{ERASE}"));
        shown.is_there = false;
    }
}

fn put(text: &str) {
    // In one piece; where there is nobody to tell there is nothing to do.
    let mut err = io::stderr().lock();
    drop(err.write_all(text.as_bytes()).and_then(|()| err.flush()));
}

/// The line: what matters most first, as much of it as the terminal has room
/// for, with a column left: a line that fills the last one wraps.
fn line(far: Far, bytes: Option<u64>, took: Duration, width: usize) -> String {
    let room = width.saturating_sub(1);
    let seconds = took.as_secs_f64().max(0.1);
    let rate = format!("{:.0}/s", far.done as f64 / seconds);
    let read = format!("{} read", far.read);
    let rejected = format!("{} rejected", far.rejected);
    let share = bytes.map(|bytes| share(far, bytes));
    let parts = match share {
        None => vec![read, rate, rejected],
        Some(share) => {
            let percent = format!("{:>3.0} %", (share * 100.0).floor());
            let mut parts = vec![percent];
            // Where nothing is done there is nothing to reckon from.
            if share > 0.0 && share < 1.0 {
                parts.push(format!("{} left", clock(seconds / share - seconds)));
            }
            parts.extend([rejected, rate, read]);
            parts
        }
    };
    let mut text = String::new();
    for part in parts {
        let between = if text.is_empty() { "" } else { ", " };
        if text.len() + between.len() + part.len() > room {
            return text;
        }
        text.extend([between, &part]);
    }
    let bar = room.saturating_sub(text.len() + 2).min(BAR_MAX);
    match share.filter(|_| bar >= BAR_MIN) {
        None => text,
        Some(share) => {
            let (done, open) = if print::has_colours() {
                ("█", "░")
            } else {
                ("#", "-")
            };
            let full = (share * bar as f64) as usize;
            format!("{}{}  {text}", done.repeat(full), open.repeat(bar - full))
        }
    }
}

/// How much of the sources has a result, in 0..=1. Of what is read the server
/// may have answered a part: a small file is read at once.
fn share(far: Far, bytes: u64) -> f64 {
    let read = far.position as f64 / bytes.max(1) as f64;
    let done = far.done as f64 / far.read.max(1) as f64;
    // Of one record several documents may be made.
    read.min(1.0) * done.min(1.0)
}

/// A time to go: `12 s`, `3 min`, `2 h 5 min`.
fn clock(seconds: f64) -> String {
    let seconds = seconds.clamp(0.0, 360_000.0).ceil() as u64;
    match (seconds / 3_600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAR: Far = Far {
        position: 750,
        read: 30_000,
        done: 20_000,
        rejected: 17,
    };

    #[test]
    fn the_line_says_what_matters_most_and_never_wraps() {
        let took = Duration::from_secs(10);
        for (width, expected) in [
            (40, " 50 %, 10 s left, 17 rejected, 2000/s"),
            (30, " 50 %, 10 s left, 17 rejected"),
            (12, " 50 %"),
            (3, ""),
        ] {
            assert_eq!(line(FAR, Some(1_000), took, width), expected, "{width}");
        }
        let wide = line(FAR, Some(1_000), took, 100);
        assert!(
            wide.ends_with("   50 %, 10 s left, 17 rejected, 2000/s, 30000 read"),
            "{wide}"
        );
        for bytes in [None, Some(0), Some(1), Some(1_000), Some(u64::MAX)] {
            for width in 0..200 {
                for seconds in [0, 1, 86_400 * 300] {
                    let line = line(FAR, bytes, Duration::from_secs(seconds), width);
                    assert!(line.chars().count() < width.max(1), "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn times_to_go_are_as_exact_as_they_are_known() {
        for (seconds, expected) in [
            (0.2, "1 s"),
            (59.5, "1 min"),
            (200.0, "3 min"),
            (7_500.0, "2 h 5 min"),
            (f64::MAX, "100 h 0 min"),
        ] {
            assert_eq!(clock(seconds), expected);
        }
    }

    #[test]
    fn what_is_read_and_not_answered_yet_is_not_done() {
        for (position, done, expected) in [
            (0, 0, "  0 %, 17 rejected, 0/s, 30000 read"),
            (1_000, 0, "  0 %, 17 rejected, 0/s, 30000 read"),
            (1_000, 15_000, " 50 %, 10 s left, 17 rejected, 1500/s"),
            (1_000, 30_000, "100 %, 17 rejected, 3000/s, 30000 read"),
            (1_000, 60_000, "100 %, 17 rejected, 6000/s, 30000 read"),
        ] {
            let far = Far {
                position,
                done,
                ..FAR
            };
            let line = line(far, Some(1_000), Duration::from_secs(10), 39);
            assert_eq!(line, expected);
        }
    }
}
