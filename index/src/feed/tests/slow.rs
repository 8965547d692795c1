//! A disk that takes its time: what goes on while the log is synced.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;

use super::super::Feed;
use super::{SMALL, check, history};
use crate::disk::{Folder, MemoryFolder, coins};

/// Says that a sync has begun, and is told when it may end.
type Gate = (Sender<()>, Receiver<()>);

/// A folder of which the next sync waits at a gate.
struct Slow {
    inner: MemoryFolder,
    gate: Mutex<Option<Gate>>,
}

impl Folder for Slow {
    fn sync(&self, file: &str) -> io::Result<()> {
        let gate = self.gate.lock().unwrap().take();
        if let Some((begun, go)) = gate {
            begun.send(()).unwrap();
            let told = go.recv_timeout(Duration::from_mins(1));
            assert!(told.is_ok(), "nobody came past the sync");
        }
        self.inner.sync(file)
    }

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
        self.inner.append(file, bytes)
    }

    fn truncate(&self, file: &str, bytes: u64) -> io::Result<()> {
        self.inner.truncate(file, bytes)
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
}

#[test]
fn readers_and_the_writer_go_on_while_the_log_is_synced() {
    // Files are full in the middle of it, or not.
    for (seed, until) in [(37, 25), (38, 120)] {
        let history = history(seed, 140);
        let inner = MemoryFolder::default();
        let slow = Arc::new(Slow {
            inner: inner.clone(),
            gate: Mutex::default(),
        });
        let folder: Arc<dyn Folder> = Arc::<Slow>::clone(&slow);
        let (feed, _) = Feed::open(folder, SMALL, 0, &[], 0).unwrap();
        for batch in &history[..20] {
            batch.append(&feed).unwrap();
        }
        let ((begun, begins), (go, goes)) = (channel(), channel());
        *slow.gate.lock().unwrap() = Some((begun, goes));
        std::thread::scope(|scope| {
            let synced = scope.spawn(|| feed.sync(20, 200));
            begins.recv().unwrap();
            for batch in &history[20..until] {
                batch.append(&feed).unwrap();
            }
            assert_eq!(check(&feed, &history[..until], "while it is synced"), 0);
            go.send(()).unwrap();
            synced.join().unwrap().unwrap();
        });
        for seed in 0..20 {
            let left = inner.after_power_cut(coins(seed));
            let (feed, opened) = Feed::open(Arc::new(left), SMALL, 20, &[], 0).unwrap();
            assert_eq!((&opened.anew, &opened.damaged), (&None, &vec![]), "{seed}");
            for batch in &history[20..until] {
                batch.complete(&feed).unwrap();
            }
            assert_eq!(check(&feed, &history[..until], "after a power cut"), 0);
        }
    }
}
