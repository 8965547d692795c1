//! Arguments of the commands that write. Owns names, defaults and bounds, as
//! `args` does for the others.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::args::{Arrivals, RunArgs, ServerArgs, milliseconds, rate, seconds, share};

/// What is written.
#[derive(Args, Clone)]
pub(crate) struct DocumentArgs {
    /// Documents that are written and replaced, `load-0` and on
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) documents: u32,
    /// Texts of an NDJSON file of the kind in place of made-up ones
    #[arg(long)]
    pub(crate) texts: Option<PathBuf>,
    /// Whether documents come with a vector
    #[arg(long, value_enum, default_value_t = Vectors::None)]
    pub(crate) vectors: Vectors,
}

/// Where the vectors of documents come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Vectors {
    /// The server makes them
    None,
    /// Each document has one, of the kind's dimensions
    Supplied,
}

/// What is written in bulk.
#[derive(Args, Clone)]
pub(crate) struct UploadArgs {
    #[command(flatten)]
    pub(crate) documents: DocumentArgs,
    /// Longest the server may say nothing
    #[arg(long, default_value = "60000", value_parser = milliseconds)]
    pub(crate) silence_ms: Duration,
}

/// What is written, and where, by commands that do not search.
#[derive(Args, Clone)]
pub(crate) struct FillArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) upload: UploadArgs,
    /// Kind that is written
    #[arg(long, default_value = "jobs")]
    pub(crate) kind: String,
    /// Seed of the documents
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// The folder a server keeps its documents in.
#[derive(Args, Clone)]
pub(crate) struct FolderArgs {
    /// The server's data folder, for its bytes on disk
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
}

/// Arguments of `mixed`.
#[derive(Args)]
pub(crate) struct MixedArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) documents: DocumentArgs,
    /// Writes per second
    #[arg(long, default_value_t = 500.0, value_parser = rate)]
    pub(crate) changes: f64,
    /// Searches per second
    #[arg(long, default_value_t = 100.0, value_parser = rate)]
    pub(crate) searches: f64,
    /// How both are spaced
    #[arg(long, value_enum, default_value_t = Arrivals::Poisson)]
    pub(crate) arrivals: Arrivals,
    /// Look for every n-th document when its write was acknowledged
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) visible_every: u32,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    /// Write samples of memory, CPU, disk and latency here
    #[arg(long)]
    pub(crate) csv: Option<PathBuf>,
    /// Draw them here
    #[arg(long)]
    pub(crate) svg: Option<PathBuf>,
    /// Seconds between two samples
    #[arg(long, default_value = "1", value_parser = seconds)]
    pub(crate) every: Duration,
    /// Seconds after which memory should rise no more
    #[arg(long, default_value = "180", value_parser = seconds)]
    pub(crate) settled: Duration,
}

/// Arguments of `upsert`.
#[derive(Args)]
pub(crate) struct UpsertArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) upload: UploadArgs,
    /// Searches per second, idle and beside the upserts
    #[arg(long, default_value_t = 50.0, value_parser = rate)]
    pub(crate) searches: f64,
    /// Share of the reached rate that is kept up beside the searches
    #[arg(long, default_value_t = 0.6, value_parser = share)]
    pub(crate) at: f64,
}

/// Arguments of `rounds`.
#[derive(Args)]
pub(crate) struct RoundsArgs {
    #[command(flatten)]
    pub(crate) fill: FillArgs,
    /// How often every document is replaced
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(3..=1_000))]
    pub(crate) rounds: u32,
    /// Seconds a round has to settle in before it is measured
    #[arg(long, default_value = "5", value_parser = seconds)]
    pub(crate) settle: Duration,
    /// Highest ratio of the last round to the second that passes
    #[arg(long, default_value_t = 1.3, value_parser = rate)]
    pub(crate) ratio_max: f64,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
}

/// Arguments of `tail`.
#[derive(Args)]
pub(crate) struct TailArgs {
    #[command(flatten)]
    pub(crate) fill: FillArgs,
    /// Changes the journal is to have behind the last checkpoint: as many as a server lets it
    /// have, less one, is the longest tail
    #[arg(long, default_value_t = 2 * 16_384 - 1, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(crate) changes: u64,
    /// Then end the server of --pid with SIGKILL, so that its next start finds them
    #[arg(long, requires = "pid")]
    pub(crate) kill: bool,
}

/// Arguments of `consistency`.
#[derive(Args)]
pub(crate) struct ConsistencyArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Kind that is written and read
    #[arg(long, default_value = "jobs")]
    pub(crate) kind: String,
    /// Connections that write
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub(crate) writers: u16,
    /// Connections that read
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub(crate) readers: u16,
    /// Documents each writer has for itself
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub(crate) ids: u16,
    /// How long
    #[arg(long, default_value = "60", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Share of writes that delete
    #[arg(long, default_value_t = 0.1, value_parser = share)]
    pub(crate) deletes: f64,
    /// Longest wait for an answer
    #[arg(long, default_value = "10000", value_parser = milliseconds)]
    pub(crate) timeout_ms: Duration,
    /// Seed of what is written and read; from the clock if not given
    #[arg(long)]
    pub(crate) seed: Option<u64>,
}

/// Arguments of `ready`.
#[derive(Args)]
pub(crate) struct ReadyArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    /// How often the command is started
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) repeat: u32,
    /// End it with SIGKILL rather than SIGTERM, so that the next start finds a journal
    #[arg(long)]
    pub(crate) kill: bool,
    /// Drop the files of --data from the page cache before each start, so that it reads them from
    /// the disk; on Linux alone
    #[arg(long, requires = "data", conflicts_with = "pid")]
    pub(crate) cold: bool,
    /// Longest a start, or an end, may take
    #[arg(long, default_value = "600", value_parser = seconds)]
    pub(crate) seconds_max: Duration,
    /// Command that starts the server, behind `--`; without it --pid names one that is starting
    #[arg(last = true)]
    pub(crate) command: Vec<String>,
}
