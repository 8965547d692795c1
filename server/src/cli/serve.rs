//! `tandem serve`: the server as a process. Owns files, addresses, signals,
//! logging and the runtime.

use std::future::Future;
use std::io::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use clap::Args;
use tandem_index::rates::{self, Rates};
use tandem_index::{Kinds, Store};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tracing_subscriber::filter::LevelFilter;

use super::error::{CliError, Exit};
use super::{esco, print};
use crate::app::{App, Config, StartError};
use crate::data::{self, Restored};
use crate::http::cors::{Cors, Origin};
use crate::http::serve;
use crate::keys::Keys;
use crate::limits::DEADLINE_MS_DEFAULT;
use crate::metrics::Metrics;

/// The signal of a file that grows beyond the process's limit, on Linux and macOS.
const SIGXFSZ: i32 = 25;

/// Where a server listens when nothing else is said.
pub(super) const LISTEN_DEFAULT: &str = "127.0.0.1:7700";

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Address and port; port 0 takes a free one. Other than loopback needs --key-file
    #[arg(long, value_name = "ADDR", default_value = LISTEN_DEFAULT)]
    listen: String,
    /// Folder that keeps documents over a restart or a crash, made if needed. Without it they are
    /// in memory only
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The kinds of documents, in place of jobs and candidates
    #[arg(long, value_name = "FILE")]
    kinds: Option<PathBuf>,
    #[command(flatten)]
    currencies: Currencies,
    /// Folder with ESCO's CSV files (skills_en.csv, occupations_de.csv, ...), also in folders of
    /// it: links between skills, and titles of other languages
    #[arg(long, value_name = "DIR")]
    esco: Option<PathBuf>,
    /// Who may use the server: [[keys]] with name, space, access, sha256 and blind (see `tandem key`)
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Show documents about people without names, contacts, ages and the like, whatever a request
    /// asks for; `blind = true` in the key file does it for one key
    #[arg(long)]
    blind: bool,
    #[command(flatten)]
    pages: Pages,
    /// Threads that compute; all cores if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// How long a request may take
    #[arg(long, value_name = "MS", default_value_t = DEADLINE_MS_DEFAULT)]
    deadline_ms: u64,
    /// Within which time an erased person is out of every file: a number with s, m, h or d
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = crate::erase::parse_within)]
    erase_within: Duration,
    /// How long a change waits for a checkpoint at most; then what was deleted leaves the journal:
    /// a number with s, m, h or d
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = crate::erase::parse_within)]
    checkpoint_within: Duration,
    /// What is logged to standard error: error, warn, info (each request) or off
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: LevelFilter,
}

/// Whose pages may use the server.
#[derive(Debug, Args)]
pub(super) struct Pages {
    /// An origin whose pages may call the API from a browser, such as https://jobs.example.com
    /// (repeatable); * for every page there is. Without it a browser lets none but the server's own
    #[arg(long, value_name = "ORIGIN")]
    cors_origin: Vec<Origin>,
}

impl Pages {
    pub(super) fn cors(&self, has_keys: bool) -> Cors {
        let cors = Cors::new(self.cors_origin.clone());
        if cors.is_open() && !has_keys {
            tracing::warn!(
                "without keys and with --cors-origin * every page that is open on this machine can read and change everything"
            );
        }
        cors
    }
}

/// What pay is converted with.
#[derive(Debug, Args)]
pub(super) struct Currencies {
    /// Rates of currencies, in place of the built-in table: lines of code, tab, units for one euro,
    /// and one of `date`, tab, YYYY-MM-DD
    #[arg(long, value_name = "FILE")]
    rates: Option<PathBuf>,
}

impl Currencies {
    /// Makes the table the process's own, before anything is loaded or asked.
    pub(super) fn install(&self) -> Result<(), CliError> {
        let Some(path) = &self.rates else {
            return Ok(());
        };
        let wrong = |cause: rates::RatesError| {
            CliError::new(Exit::Usage, format!("{}: {cause}", path.display()))
        };
        // Answers name the table; where it lies on this machine is not theirs to say.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = std::fs::read(path).map_err(|cause| {
            let what = format!("cannot read {}: {cause}", path.display());
            CliError::new(Exit::Usage, what)
        })?;
        let rates = Rates::read(&bytes).map_err(wrong)?;
        rates::install(rates.or_source(&name)).map_err(wrong)
    }
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    options.currencies.install()?;
    let kinds = kinds(options.kinds.as_deref())?;
    let mut config = Config::new(Arc::new(kinds));
    if let Some(path) = &options.key_file {
        let keys = Keys::parse(&read(path)?)
            .map_err(|cause| CliError::new(Exit::Usage, format!("{}: {cause}", path.display())))?;
        config.keys = Some(keys);
    }
    config.blind = options.blind;
    if let Some(threads) = options.threads {
        config.threads = usize::from(threads);
    }
    config.deadline = Duration::from_millis(options.deadline_ms);
    config.data.clone_from(&options.data);
    config.erase_within = options.erase_within;
    config.checkpoints.age = options.checkpoint_within;
    tuned(&mut config)?;
    start_log(options.log);
    if let Some(folder) = &options.esco {
        esco::install(folder)?;
    }
    config.cors = options.pages.cors(config.keys.is_some());
    serve(
        &options.listen,
        config,
        |_store| {},
        |address, restored| {
            let kept = restored.map(kept).unwrap_or_default();
            print::line(&format!("tandem listens on http://{address}{kept}"))
        },
    )
}

/// The kinds of a file, or jobs and candidates.
pub(super) fn kinds(file: Option<&Path>) -> Result<Kinds, CliError> {
    match file {
        Some(path) => Kinds::parse(&read(path)?)
            .map_err(|cause| CliError::new(Exit::Usage, format!("{}: {cause}", path.display()))),
        None => Ok(Kinds::builtin()),
    }
}

/// What tests change so that little data is checkpointed and merged often; see
/// [`crate::limits`] for what it is without.
fn tuned(config: &mut Config) -> Result<(), CliError> {
    let number = |name: &str| {
        let Ok(text) = std::env::var(name) else {
            return Ok(None);
        };
        let number: Option<usize> = text.parse().ok().filter(|number| *number > 0);
        let wrong = || CliError::new(Exit::Usage, format!("{name} is not a number above 0"));
        number.map(Some).ok_or_else(wrong)
    };
    if let Some(changes) = number("TANDEM_TEST_CHECKPOINT_CHANGES")? {
        config.checkpoints.changes = changes as u64;
    }
    if let Some(bytes) = number("TANDEM_TEST_CHECKPOINT_BYTES")? {
        config.checkpoints.bytes = bytes as u64;
    }
    if let Some(rows) = number("TANDEM_TEST_MERGE_ROWS")? {
        config.store.large_rows_min = rows;
        config.store.tail_rows_max = rows.div_ceil(4);
        config.store.segment_rows_max = rows.saturating_mul(16);
    }
    Ok(())
}

/// The line that says what start-up found on disk.
fn kept(restored: &Restored) -> String {
    let Restored {
        folder,
        checkpoint,
        opened,
        unopened,
        took,
    } = restored;
    if let Some(cut) = &opened.cut {
        tracing::warn!(
            file = cut.file,
            offset = cut.offset,
            bytes = cut.bytes,
            reason = cut.reason,
            "cut off the journal's torn end: a write nobody was told of"
        );
    }
    if !unopened.is_empty() {
        tracing::warn!(
            spaces = unopened.len(),
            "the data folder has spaces no key opens; they are kept as they are"
        );
    }
    let checkpoint = match checkpoint {
        Some(documents) => format!("a checkpoint of {documents} documents and "),
        None => String::new(),
    };
    format!(
        "\n{}: {checkpoint}{} changes ({} bytes) read in {:.1} s",
        folder.display(),
        opened.changes,
        opened.bytes,
        took.as_secs_f64()
    )
}

/// Serves until the process is asked to stop. It listens at once, but has
/// nothing to say but its health until documents are read; `ready` is told the
/// address then.
pub(super) fn serve(
    listen: &str,
    config: Config,
    fill: impl Fn(&mut Store) + Send + 'static,
    ready: impl FnOnce(SocketAddr, Option<&Restored>) -> Result<(), CliError>,
) -> Result<Exit, CliError> {
    let addresses = addresses(listen, config.keys.is_some())?;
    if let Some(path) = &config.data {
        // Before anybody is told of an address, and before anything is created.
        data::check(path).map_err(|cause| CliError::new(Exit::Failed, cause.to_string()))?;
    }
    let metrics = Arc::new(Metrics::new());
    let runtime = runtime(config.threads)?;
    let mut writer = None;
    runtime.block_on(async {
        let listener = TcpListener::bind(addresses.as_slice())
            .await
            .map_err(|cause| {
                CliError::io(&format!("cannot listen on {listen}"), &cause)
                    .hint("choose another port with --listen")
            })?;
        let address = listener
            .local_addr()
            .map_err(|cause| CliError::io("listener", &cause))?;
        let shutdown = shutdown().map_err(|cause| CliError::io("signals", &cause))?;
        // A file beyond what `ulimit -f` allows is a write that fails, and no end of the process.
        let _caught = signal(SignalKind::from_raw(SIGXFSZ))
            .map_err(|cause| CliError::io("signals", &cause))?;
        if config.data.is_some() {
            tracing::info!(%address, "listens and reads its documents; not ready yet");
        }
        let cors = config.cors.clone();
        let started = start(config, Arc::clone(&metrics), fill)?;
        let writer = &mut writer;
        let starting = async move {
            let failed = |cause: &str| CliError::new(Exit::Failed, cause);
            let (app, handle) = started
                .await
                .map_err(|_gone| failed("the start met a defect; the log has it"))?
                .map_err(|cause| failed(&cause.to_string()))?;
            *writer = Some(handle);
            Ok(app)
        };
        let ready = |app: &App| ready(address, app.restored.as_ref());
        serve::run(listener, metrics, cors, starting, ready, shutdown).await
    })?;
    // Connections that were cut off do not hold the process.
    runtime.shutdown_background();
    if writer.is_some_and(|writer| writer.join().is_err()) {
        return Err(CliError::new(
            Exit::Failed,
            "the writer met a defect; the log has it",
        ));
    }
    Ok(Exit::Done)
}

/// What a start comes to.
type Started = Result<(Arc<App>, JoinHandle<()>), StartError>;

/// Starts the server's parts on a thread of their own: reading documents takes
/// all cores, and health is answered meanwhile.
fn start(
    config: Config,
    metrics: Arc<Metrics>,
    fill: impl Fn(&mut Store) + Send + 'static,
) -> Result<oneshot::Receiver<Started>, CliError> {
    let (told, started) = oneshot::channel();
    thread::Builder::new()
        .name("start".to_owned())
        // Nobody waits for it any more where the process is stopping.
        .spawn(move || drop(told.send(App::start(config, metrics, fill))))
        .map_err(|cause| CliError::io("cannot start the thread that starts", &cause))?;
    Ok(started)
}

fn runtime(threads: usize) -> Result<Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.clamp(1, 8))
        .thread_name("http")
        .enable_all()
        .build()
        .map_err(|cause| CliError::io("cannot start the threads that serve", &cause))
}

/// Resolves when the process is asked to stop.
fn shutdown() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// The addresses of a name, if serving on them is safe.
fn addresses(listen: &str, has_keys: bool) -> Result<Vec<SocketAddr>, CliError> {
    let wrong = |cause: &std::io::Error| {
        CliError::new(Exit::Usage, format!("--listen {listen}: {cause}"))
            .hint("give an address and a port, such as 127.0.0.1:7700")
    };
    let addresses: Vec<SocketAddr> = listen
        .to_socket_addrs()
        .map_err(|cause| wrong(&cause))?
        .collect();
    if !has_keys && let Some(public) = addresses.iter().find(|address| !address.ip().is_loopback())
    {
        let what = format!(
            "refusing to listen on {public} without keys: everybody who reaches it could read and change everything"
        );
        let hint = "add --key-file FILE (`tandem key --name NAME --access write` makes an entry), or listen on 127.0.0.1";
        return Err(CliError::new(Exit::Usage, what).hint(hint));
    }
    Ok(addresses)
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path)
        .map_err(|cause| CliError::io(&format!("cannot read {}", path.display()), &cause))
}

/// JSON lines on standard error. Panics are logged with their place alone:
/// their text may hold a part of a document.
pub(super) fn start_log(level: LevelFilter) {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_max_level(level)
        .with_writer(|| Quiet)
        .init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "a defect");
    }));
}

/// Standard error; nobody reading it is no reason to fail.
struct Quiet;

impl Write for Quiet {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        drop(std::io::stderr().write_all(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[test]
    fn only_loopback_is_served_without_keys() {
        for (listen, has_keys, allowed) in [
            ("127.0.0.1:0", false, true),
            ("[::1]:0", false, true),
            ("0.0.0.0:0", false, false),
            ("10.0.0.1:80", false, false),
            ("0.0.0.0:0", true, true),
            ("nonsense", true, false),
        ] {
            assert_eq!(addresses(listen, has_keys).is_ok(), allowed, "{listen}");
        }
    }
}
