//! What durability costs, counted: the journal, checkpoints, and how long each
//! part of a write takes. Owns the numbers; who measures is the writer, the
//! folder it writes to, and the thread that checkpoints.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tandem_index::disk::Folder;

use crate::clock;
use crate::metrics::{header, line};

/// How the names of the journal's files begin.
const JOURNAL_FILES: &str = "journal";
/// How the names of checkpoints' files begin.
const PACK_FILES: &str = "pack-";

/// Upper bounds of the buckets of short times in microseconds.
const SHORT_US: [u64; 14] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 20_000, 50_000, 100_000, 250_000, 1_000_000,
    5_000_000,
];

/// A histogram of times.
#[derive(Debug, Default)]
pub(crate) struct Times {
    buckets: [AtomicU64; SHORT_US.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
}

impl Times {
    /// Counts one.
    pub(crate) fn took(&self, took: Duration) {
        let took_us = took.as_micros() as u64;
        for (bucket, bound) in self.buckets.iter().zip(SHORT_US) {
            if took_us <= bound {
                bucket.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(took_us, Ordering::Relaxed);
    }

    fn text(&self, text: &mut String, name: &str, help: &str) {
        header(text, name, "histogram", help);
        let bucket = format!("{name}_bucket");
        for (bound, count) in SHORT_US.iter().zip(&self.buckets) {
            let labels = format!("le=\"{}\"", *bound as f64 / 1e6);
            line(text, &bucket, &labels, &read(count).to_string());
        }
        let count = read(&self.count).to_string();
        line(text, &bucket, "le=\"+Inf\"", &count);
        let sum = read(&self.sum_us) as f64 / 1e6;
        line(text, &format!("{name}_sum"), "", &sum.to_string());
        line(text, &format!("{name}_count"), "", &count);
    }
}

/// Everything about durability that is counted.
#[derive(Debug, Default)]
pub(crate) struct Durable {
    /// From a batch's arrival in the queue to the writer taking it.
    pub waited: Times,
    /// Writing a frame to the journal, syncing included.
    pub appended: Times,
    /// Syncing alone.
    pub synced: Times,
    /// From the frame on disk to the snapshot that shows it.
    pub applied: Times,
    /// All of it: from a batch's arrival to its answer.
    pub visible: Times,
    /// Writes refused because the disk is full.
    pub full: AtomicU64,
    /// Batches waiting for the writer.
    pub queue: AtomicU64,
    journal: Journal,
    replayed: Replayed,
    checkpoints: Checkpoints,
}

/// What the start replayed of the journal.
#[derive(Debug, Default)]
struct Replayed {
    changes: AtomicU64,
    bytes: AtomicU64,
}

#[derive(Debug, Default)]
struct Journal {
    on: AtomicU64,
    frames: AtomicU64,
    bytes_behind: AtomicU64,
    changes_behind: AtomicU64,
}

#[derive(Debug, Default)]
struct Checkpoints {
    took: Times,
    bytes: AtomicU64,
    added_last: AtomicU64,
    bytes_held: AtomicU64,
    failures: AtomicU64,
    last_ms: AtomicU64,
}

impl Durable {
    /// Where the journal is now.
    pub(crate) fn journal(&self, frames: u64, bytes_behind: u64, changes_behind: u64) {
        self.journal.on.store(1, Ordering::Relaxed);
        self.journal.frames.store(frames, Ordering::Relaxed);
        self.journal
            .bytes_behind
            .store(bytes_behind, Ordering::Relaxed);
        self.journal
            .changes_behind
            .store(changes_behind, Ordering::Relaxed);
    }

    /// What the start replayed of the journal.
    pub(crate) fn replayed(&self, changes: u64, bytes: u64) {
        self.replayed.changes.store(changes, Ordering::Relaxed);
        self.replayed.bytes.store(bytes, Ordering::Relaxed);
    }

    /// Bytes written to checkpoints so far, also to those that failed.
    pub(crate) fn checkpoint_bytes(&self) -> u64 {
        read(&self.checkpoints.bytes)
    }

    /// A checkpoint was written: how long that took, the bytes it added, and
    /// those of all files it consists of.
    pub(crate) fn checkpoint(&self, took: Duration, added: u64, bytes: u64) {
        self.checkpoints.took.took(took);
        self.checkpoints.added_last.store(added, Ordering::Relaxed);
        self.checkpoints.bytes_held.store(bytes, Ordering::Relaxed);
        self.checkpoints
            .last_ms
            .store(clock::now_ms() as u64, Ordering::Relaxed);
    }

    /// A checkpoint failed.
    pub(crate) fn checkpoint_failed(&self) {
        self.checkpoints.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// The lines of `/metrics`.
    pub(crate) fn text(&self, text: &mut String) {
        let room = AtomicU64::new(crate::limits::WRITER_QUEUE_MAX as u64);
        numbers(
            text,
            [
                (
                    "tandem_write_queue",
                    "gauge",
                    "Batches waiting for the writer.",
                    &self.queue,
                ),
                (
                    "tandem_write_queue_max",
                    "gauge",
                    "Room for batches that wait for the writer.",
                    &room,
                ),
            ],
        );
        self.waited.text(
            text,
            "tandem_write_wait_seconds",
            "Time a batch of changes waits for the writer.",
        );
        self.applied.text(
            text,
            "tandem_write_apply_seconds",
            "Time from a frame on disk to the snapshot that shows it.",
        );
        self.visible.text(
            text,
            "tandem_write_visible_seconds",
            "Time from a batch's arrival to its answer, durable and visible.",
        );
        if read(&self.journal.on) == 1 {
            self.journal_text(text);
            self.checkpoint_text(text);
        }
    }

    fn journal_text(&self, text: &mut String) {
        let journal = &self.journal;
        numbers(
            text,
            [
                (
                    "tandem_journal_frames_total",
                    "counter",
                    "Frames ever written to the journal.",
                    &journal.frames,
                ),
                (
                    "tandem_journal_bytes",
                    "gauge",
                    "Bytes of the journal behind the last checkpoint.",
                    &journal.bytes_behind,
                ),
                (
                    "tandem_journal_changes",
                    "gauge",
                    "Changes in the journal behind the last checkpoint.",
                    &journal.changes_behind,
                ),
                (
                    "tandem_start_replayed_changes",
                    "gauge",
                    "Changes of the journal the start replayed.",
                    &self.replayed.changes,
                ),
                (
                    "tandem_start_replayed_bytes",
                    "gauge",
                    "Bytes of the journal the start replayed.",
                    &self.replayed.bytes,
                ),
                (
                    "tandem_journal_full_total",
                    "counter",
                    "Batches refused because the disk is full.",
                    &self.full,
                ),
            ],
        );
        self.appended.text(
            text,
            "tandem_journal_append_seconds",
            "Time to write a frame to the journal, syncing included.",
        );
        self.synced.text(
            text,
            "tandem_journal_fsync_seconds",
            "Time to sync the journal's file.",
        );
    }

    fn checkpoint_text(&self, text: &mut String) {
        let checkpoints = &self.checkpoints;
        checkpoints.took.text(
            text,
            "tandem_checkpoint_seconds",
            "Time to write a checkpoint.",
        );
        numbers(
            text,
            [
                (
                    "tandem_checkpoint_bytes_total",
                    "counter",
                    "Bytes written by checkpoints.",
                    &checkpoints.bytes,
                ),
                (
                    "tandem_checkpoint_last_bytes",
                    "gauge",
                    "Bytes written by the last checkpoint.",
                    &checkpoints.added_last,
                ),
                (
                    "tandem_checkpoint_failures_total",
                    "counter",
                    "Checkpoints that failed and are tried again.",
                    &checkpoints.failures,
                ),
            ],
        );
        let last_ms = read(&checkpoints.last_ms);
        if last_ms > 0 {
            let held = (
                "tandem_checkpoint_held_bytes",
                "gauge",
                "Bytes of the files the checkpoint in force consists of.",
                &checkpoints.bytes_held,
            );
            numbers(text, [held]);
            let name = "tandem_checkpoint_age_seconds";
            header(
                text,
                name,
                "gauge",
                "Time since the last checkpoint of this process.",
            );
            let age_ms = (clock::now_ms() as u64).saturating_sub(last_ms);
            line(text, name, "", &(age_ms as f64 / 1e3).to_string());
        }
    }
}

/// A line for each number: its name, type, what it says, and where it is counted.
fn numbers<const N: usize>(text: &mut String, numbers: [(&str, &str, &str, &AtomicU64); N]) {
    for (name, kind, help, number) in numbers {
        header(text, name, kind, help);
        line(text, name, "", &read(number).to_string());
    }
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// A folder that says how long the journal's syncs take.
pub(crate) struct Timed<F> {
    inner: F,
    times: Arc<crate::metrics::Metrics>,
}

impl<F: Folder> Timed<F> {
    /// Times what goes to a folder.
    pub(crate) fn new(inner: F, times: Arc<crate::metrics::Metrics>) -> Self {
        Self { inner, times }
    }
}

impl<F: Folder> Folder for Timed<F> {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn list(&self) -> io::Result<Vec<(String, u64)>> {
        self.inner.list()
    }

    fn read(&self, file: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.inner.read(file, offset, buffer)
    }

    fn map(&self, file: &str) -> io::Result<Bytes> {
        self.inner.map(file)
    }

    fn append(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let appended = self.inner.append(file, bytes);
        if appended.is_ok() && file.starts_with(PACK_FILES) {
            let written = &self.times.durable.checkpoints.bytes;
            written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
        appended
    }

    fn truncate(&self, file: &str, bytes: u64) -> io::Result<()> {
        self.inner.truncate(file, bytes)
    }

    fn sync(&self, file: &str) -> io::Result<()> {
        let started = Instant::now();
        let synced = self.inner.sync(file);
        if file.starts_with(JOURNAL_FILES) {
            self.times.durable.synced.took(started.elapsed());
        }
        synced
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.inner.rename(from, to)
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        self.inner.remove(file)
    }

    fn sync_folder(&self) -> io::Result<()> {
        self.inner.sync_folder()
    }

    fn check(&self) -> io::Result<()> {
        self.inner.check()
    }
}
