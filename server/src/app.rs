//! What a running server consists of. Owns putting it together; each part
//! looks after itself.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tandem_index::feed::{Feed, FeedError};
use tandem_index::journal::JournalError;
use tandem_index::{Kinds, Store, StoreOptions};
use tokio::sync::Semaphore;

use crate::clock;
use crate::compute::Pool;
use crate::data::{self, Replayed};
use crate::keys::Keys;
use crate::limits::{
    BULKS_MAX, CHANGES_WAITING_MAX, DEADLINE_MS_DEFAULT, EXPORTS_MAX, READS_WAITING_PER_THREAD,
    WRITES_WAITING_MAX,
};
use crate::metrics::Metrics;
use crate::space::Space;
use crate::writer::Writer;

/// The space of a server without keys.
pub const DEFAULT_SPACE: &str = "default";

/// How a server is to run.
pub struct Config {
    /// The kinds it holds.
    pub kinds: Arc<Kinds>,
    /// Who may use it; `None` is everybody who reaches it, on loopback only.
    pub keys: Option<Keys>,
    /// Threads that compute.
    pub threads: usize,
    /// How long a request may take.
    pub deadline: Duration,
    /// The folder that keeps documents over a restart; `None` keeps them in
    /// memory only.
    pub data: Option<PathBuf>,
}

impl Config {
    /// The built-in kinds, no keys, a thread for each core.
    pub fn new(kinds: Arc<Kinds>) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            kinds,
            keys: None,
            threads,
            deadline: Duration::from_millis(DEADLINE_MS_DEFAULT),
            data: None,
        }
    }
}

/// Why a server could not start.
#[derive(Debug)]
pub enum StartError {
    /// The threads that compute.
    Threads(rayon::ThreadPoolBuildError),
    /// The thread that writes.
    Writer(std::io::Error),
    /// The journal in the data folder.
    Journal(JournalError),
    /// The log of changes.
    Feed(FeedError),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Threads(_) => f.write_str("could not start the threads that compute"),
            Self::Writer(_) => f.write_str("could not start the thread that writes"),
            Self::Journal(cause) => cause.fmt(f),
            Self::Feed(cause) => cause.fmt(f),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Threads(cause) => Some(cause),
            Self::Writer(cause) => Some(cause),
            Self::Journal(cause) => cause.source(),
            Self::Feed(cause) => cause.source(),
        }
    }
}

/// A server's parts.
pub struct App {
    /// The kinds it holds.
    pub kinds: Arc<Kinds>,
    /// Who may use it.
    pub keys: Option<Keys>,
    /// Spaces by name.
    pub spaces: BTreeMap<String, Arc<Space>>,
    /// Where questions are answered.
    pub reads: Pool,
    /// Where documents are prepared. Apart from `reads`, so that a load does
    /// not stand in front of questions.
    pub prepares: Pool,
    /// The way to the writer.
    pub writer: Writer,
    /// Counters.
    pub metrics: Metrics,
    /// Room for bulk requests.
    pub bulks: Arc<Semaphore>,
    /// Room for exports.
    pub exports: Arc<Semaphore>,
    /// Room for requests for changes, waiting ones too.
    pub followers: Arc<Semaphore>,
    /// The log of all spaces' changes.
    pub feed: Arc<Feed>,
    /// How long a request may take.
    pub deadline: Duration,
    /// What was read at start-up, where documents are kept on disk.
    pub replayed: Option<Replayed>,
    stopping: AtomicBool,
}

impl App {
    /// Puts the parts together. `fill` may load each space's store before it
    /// is seen; then the journal is replayed. The handle is the writer's thread, which ends after
    /// `Writer::stop`.
    pub fn start(
        config: Config,
        fill: impl Fn(&mut Store),
    ) -> Result<(Arc<Self>, JoinHandle<()>), StartError> {
        let names: Vec<String> = match &config.keys {
            Some(keys) => keys.spaces().into_iter().map(str::to_owned).collect(),
            None => vec![DEFAULT_SPACE.to_owned()],
        };
        let mut filled = BTreeMap::new();
        for name in names {
            let mut store = Store::new(Arc::clone(&config.kinds), StoreOptions::default());
            fill(&mut store);
            filled.insert(name, store);
        }
        let (journal, feed, replayed) = match &config.data {
            Some(folder) => {
                let (journal, feed, replayed) = data::open(folder, &config.kinds, &mut filled)?;
                (Some(journal), feed, Some(replayed))
            }
            None => {
                let reached = data::reached(&filled);
                let feed = Feed::in_memory(&reached, clock::now_ms()).map_err(StartError::Feed)?;
                (None, feed, None)
            }
        };
        let feed = Arc::new(feed);
        let mut stores = Vec::with_capacity(filled.len());
        let mut spaces = BTreeMap::new();
        for (number, (name, store)) in filled.into_iter().enumerate() {
            let space = Space::new(name.clone(), number, store.snapshot());
            let space = Arc::new(space.with_feed(Arc::clone(&feed)));
            spaces.insert(name, Arc::clone(&space));
            stores.push((space, store));
        }
        let threads = config.threads.max(1);
        let reads = Pool::new("read", threads, threads * (1 + READS_WAITING_PER_THREAD));
        let prepares = Pool::new("prepare", threads, WRITES_WAITING_MAX);
        let (writer, handle) = Writer::start(stores, journal).map_err(StartError::Writer)?;
        let app = Self {
            kinds: config.kinds,
            keys: config.keys,
            spaces,
            reads: reads.map_err(StartError::Threads)?,
            prepares: prepares.map_err(StartError::Threads)?,
            writer,
            metrics: Metrics::new(),
            bulks: Arc::new(Semaphore::new(BULKS_MAX)),
            exports: Arc::new(Semaphore::new(EXPORTS_MAX)),
            followers: Arc::new(Semaphore::new(CHANGES_WAITING_MAX)),
            feed,
            deadline: config.deadline,
            replayed,
            stopping: AtomicBool::new(false),
        };
        Ok((Arc::new(app), handle))
    }

    /// Whether new requests are welcome.
    pub fn is_ready(&self) -> bool {
        !self.is_stopping() && self.writer.runs()
    }

    /// Whether a stop was asked for.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// From now on `/readyz` says no.
    pub fn begin_stop(&self) {
        self.stopping.store(true, Ordering::Release);
        // Who waits for changes is answered now.
        self.spaces.values().for_each(|space| space.wake());
    }
}
