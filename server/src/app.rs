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
use tandem_index::ledger::Ledger;
use tandem_index::{Kinds, Store, StoreOptions};
use tokio::sync::Semaphore;

use crate::clock;
use crate::compute::Pool;
use crate::data::{self, OpenError, Restored};
use crate::erase;
use crate::http::PatchQueues;
use crate::http::cors::Cors;
use crate::keys::Keys;
use crate::limits::{
    BULKS_MAX, CHANGES_WAITING_MAX, DEADLINE_MS_DEFAULT, ERASE_WITHIN_DEFAULT, EXPORTS_MAX,
    READS_WAITING_PER_THREAD, WRITES_WAITING_MAX,
};
use crate::metrics::Metrics;
use crate::priority::Priority;
use crate::space::Space;
use crate::writer::{Disk, Erasures, Policy, Writer};

/// The space of a server without keys.
pub const DEFAULT_SPACE: &str = "default";

/// How a server is to run.
pub struct Config {
    /// The kinds it holds.
    pub kinds: Arc<Kinds>,
    /// Who may use it; `None` is everybody who reaches it, on loopback only.
    pub keys: Option<Keys>,
    /// Whether every answer is blind.
    pub blind: bool,
    /// Whose pages may use it.
    pub cors: Cors,
    /// Threads that compute.
    pub threads: usize,
    /// How long a request may take.
    pub deadline: Duration,
    /// The folder that keeps documents over a restart; `None` keeps them in
    /// memory only.
    pub data: Option<PathBuf>,
    /// When what is kept is checkpointed.
    pub checkpoints: Policy,
    /// Within which time what was erased is out of every file.
    pub erase_within: Duration,
    /// Sizes the spaces' stores work with.
    pub store: StoreOptions,
}

impl Config {
    /// The built-in kinds, no keys, a thread for each core.
    pub fn new(kinds: Arc<Kinds>) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            kinds,
            keys: None,
            blind: false,
            cors: Cors::default(),
            threads,
            deadline: Duration::from_millis(DEADLINE_MS_DEFAULT),
            data: None,
            checkpoints: Policy::default(),
            erase_within: ERASE_WITHIN_DEFAULT,
            store: StoreOptions::default(),
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
    /// The data folder.
    Data(OpenError),
    /// The log of changes.
    Feed(FeedError),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Threads(_) => f.write_str("could not start the threads that compute"),
            Self::Writer(_) => f.write_str("could not start the thread that writes"),
            Self::Data(cause) => cause.fmt(f),
            Self::Feed(cause) => cause.fmt(f),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Threads(cause) => Some(cause),
            Self::Writer(cause) => Some(cause),
            Self::Data(cause) => cause.source(),
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
    /// Whether every answer is blind.
    pub blind: bool,
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
    pub metrics: Arc<Metrics>,
    /// Where patches of one document wait for each other.
    pub patches: PatchQueues,
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
    /// Who was erased.
    pub ledger: Arc<Ledger>,
    /// Within which time what was erased is out of every file.
    pub erase_within: Duration,
    /// What was read at start-up, where documents are kept on disk.
    pub restored: Option<Restored>,
    stopping: AtomicBool,
}

impl App {
    /// Puts the parts together. `fill` may load each space's store before it
    /// is seen; what the data folder has of a space takes that one's place. The handle is the writer's
    /// thread, which ends after `Writer::stop`.
    pub fn start(
        config: Config,
        metrics: Arc<Metrics>,
        fill: impl Fn(&mut Store),
    ) -> Result<(Arc<Self>, JoinHandle<()>), StartError> {
        let names: Vec<String> = match &config.keys {
            Some(keys) => keys.spaces().into_iter().map(str::to_owned).collect(),
            None => vec![DEFAULT_SPACE.to_owned()],
        };
        let mut filled = BTreeMap::new();
        for name in names {
            let mut store = Store::new(Arc::clone(&config.kinds), config.store);
            fill(&mut store);
            filled.insert(name, store);
        }
        let (kept, ledger) = match &config.data {
            Some(path) => {
                let (disk, restored, ledger) =
                    data::open(path, &config, &metrics, &mut filled).map_err(StartError::Data)?;
                (Some((disk, restored)), ledger)
            }
            // Nobody but this process reads it: its key keeps nothing secret.
            None => (None, Ledger::in_memory(erase::random().unwrap_or_default())),
        };
        Self::over(config, metrics, filled, kept, ledger)
    }

    /// Puts the parts together over stores, by name of space, and where they are
    /// kept.
    pub(crate) fn over(
        config: Config,
        metrics: Arc<Metrics>,
        filled: BTreeMap<String, Store>,
        kept: Option<(Disk, Restored)>,
        ledger: Ledger,
    ) -> Result<(Arc<Self>, JoinHandle<()>), StartError> {
        let (disk, restored) = kept.unzip();
        let ledger = Arc::new(ledger);
        let feed = match &disk {
            Some(disk) => Arc::clone(&disk.feed),
            None => Arc::new(in_memory(&filled).map_err(StartError::Feed)?),
        };
        // In memory every process begins one.
        let history = match &disk {
            Some(disk) => disk.witness.history(),
            None => erase::history().map_err(StartError::Writer)?,
        };
        let unopened = restored.as_ref().map(|restored| &restored.unopened);
        let mut stores = Vec::with_capacity(filled.len());
        let mut spaces = BTreeMap::new();
        for (number, (name, store)) in filled.into_iter().enumerate() {
            let space = Space::new(name.clone(), number, &store.snapshot(), history);
            let space = Arc::new(space.with_feed(Arc::clone(&feed)));
            space.show_positions(store.positions().clone());
            // Spaces no key opens are kept, but nobody finds them.
            if unopened.is_none_or(|unopened| !unopened.contains(&name)) {
                spaces.insert(name.clone(), Arc::clone(&space));
            }
            stores.push((space, store.with_ledger(&name, Arc::clone(&ledger))));
        }
        let threads = config.threads.max(1);
        let reads = Pool::new(
            ("read", Priority::Answers),
            threads,
            threads * (1 + READS_WAITING_PER_THREAD),
        );
        let prepares = Pool::new(("prepare", Priority::Writes), threads, WRITES_WAITING_MAX);
        let erasures = Erasures {
            ledger: Arc::clone(&ledger),
            within: config.erase_within,
        };
        let (writer, handle) = Writer::start(stores, disk, erasures, Arc::clone(&metrics))
            .map_err(StartError::Writer)?;
        let app = Self {
            kinds: config.kinds,
            keys: config.keys,
            blind: config.blind,
            spaces,
            reads: reads.map_err(StartError::Threads)?,
            prepares: prepares.map_err(StartError::Threads)?,
            writer,
            metrics,
            patches: PatchQueues::default(),
            bulks: Arc::new(Semaphore::new(BULKS_MAX)),
            exports: Arc::new(Semaphore::new(EXPORTS_MAX)),
            followers: Arc::new(Semaphore::new(CHANGES_WAITING_MAX)),
            feed,
            deadline: config.deadline,
            ledger,
            erase_within: config.erase_within,
            restored,
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

/// A log of changes that is not kept over a restart.
fn in_memory(stores: &BTreeMap<String, Store>) -> Result<Feed, FeedError> {
    let spaces: Vec<(&str, u64)> = stores
        .iter()
        .map(|(name, store)| (name.as_str(), store.snapshot().sequence))
        .collect();
    Feed::in_memory(&spaces, clock::now_ms())
}
