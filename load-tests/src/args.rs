//! Command line. Owns names, defaults and bounds; a value that passes here is
//! not checked again.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::client::Target;
use crate::live_args::{ConsistencyArgs, MixedArgs, ReadyArgs, RoundsArgs, TailArgs, UpsertArgs};
use crate::requests::Work;

/// Open-loop HTTP load for a Tandem server on this machine.
#[derive(Parser)]
#[command(version)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Searches at a fixed arrival rate
    Search(OpenArgs),
    /// Matches of stored jobs and candidates at a fixed arrival rate
    Match(OpenArgs),
    /// Searches and matches together at a fixed arrival rate
    Mix(OpenArgs),
    /// As many requests as N connections get answered, for the maximum throughput
    Closed(ClosedArgs),
    /// Steps the arrival rate up until the p99 latency crosses a limit
    Step(StepArgs),
    /// Streams an NDJSON file into the server while reading its answers
    Load(LoadArgs),
    /// Writes at a rate with searches beside them, what the server takes meanwhile, and whether acknowledged is visible
    Mixed(MixedArgs),
    /// Documents replaced in bulk, alone and at a part of that rate beside searches
    Upsert(UpsertArgs),
    /// Writers and readers that hold every answer against what was acknowledged
    Consistency(ConsistencyArgs),
    /// Replaces every document again and again, and shows memory and disk
    Rounds(RoundsArgs),
    /// Writes until the journal has so many changes that a start must replay
    Tail(TailArgs),
    /// Time from a server's start to /readyz 200
    Ready(ReadyArgs),
}

/// Where the server is and how a run is shown.
#[derive(Args, Clone)]
pub(crate) struct ServerArgs {
    /// Server; loopback addresses only
    #[arg(long, default_value = "http://127.0.0.1:7700")]
    pub(crate) url: Target,
    /// Process id of the server, for its CPU time and memory
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// One JSON object instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is sent.
#[derive(Args, Clone)]
pub(crate) struct WorkArgs {
    /// Requests from a file instead of sampled ones: lines of {"path", "body"}, or words to search for
    #[arg(long)]
    pub(crate) queries: Option<PathBuf>,
    /// Kind that is searched
    #[arg(long, default_value = "jobs")]
    pub(crate) kind: String,
    /// Different requests to sample
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) distinct: u32,
    /// Documents of each kind to sample them from
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) sample: u32,
    /// Hits in an answer
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    pub(crate) limit: u32,
    /// Share of searches with a filter
    #[arg(long, default_value_t = 0.3, value_parser = share)]
    pub(crate) filtered: f64,
    /// Share of searches with facets
    #[arg(long, default_value_t = 0.2, value_parser = share)]
    pub(crate) faceted: f64,
    /// Share of matches in a mix
    #[arg(long, default_value_t = 0.25, value_parser = share)]
    pub(crate) matches: f64,
    /// Seed of the sampled requests and of the arrivals
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// How it is sent.
#[derive(Args, Clone)]
pub(crate) struct SendArgs {
    /// Seconds that are measured
    #[arg(long, default_value = "10", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Seconds of the same load before, which are not measured
    #[arg(long, default_value = "3", value_parser = seconds_or_none)]
    pub(crate) warmup: Duration,
    /// Connections, all kept open
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4_096))]
    pub(crate) connections: u16,
    /// Longest wait for an answer
    #[arg(long, default_value = "10000", value_parser = milliseconds)]
    pub(crate) timeout_ms: Duration,
    /// Check every n-th answer after the run
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) check_every: u32,
}

/// What every command that measures requests takes: where, what, how.
#[derive(Args, Clone)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) work: WorkArgs,
    #[command(flatten)]
    pub(crate) send: SendArgs,
}

/// Arguments of `search`, `match` and `mix`.
#[derive(Args)]
pub(crate) struct OpenArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Arrivals per second
    #[arg(long, default_value_t = 100.0, value_parser = rate)]
    pub(crate) rate: f64,
    /// How arrivals are spaced
    #[arg(long, value_enum, default_value_t = Arrivals::Poisson)]
    pub(crate) arrivals: Arrivals,
}

/// Arguments of `closed`.
#[derive(Args)]
pub(crate) struct ClosedArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// What is sent
    #[arg(value_enum, default_value_t = Work::Search)]
    pub(crate) of: Work,
}

/// Arguments of `step`.
#[derive(Args)]
pub(crate) struct StepArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// What is sent
    #[arg(value_enum, default_value_t = Work::Search)]
    pub(crate) of: Work,
    /// How arrivals are spaced
    #[arg(long, value_enum, default_value_t = Arrivals::Poisson)]
    pub(crate) arrivals: Arrivals,
    /// Highest p99 latency that holds
    #[arg(long, default_value_t = 10.0, value_parser = rate)]
    pub(crate) p99_ms: f64,
    /// First arrival rate
    #[arg(long, default_value_t = 100.0, value_parser = rate)]
    pub(crate) from: f64,
    /// Highest arrival rate
    #[arg(long, default_value_t = 20_000.0, value_parser = rate)]
    pub(crate) to: f64,
    /// Rate of a step over that of the one before
    #[arg(long, default_value_t = 1.4, value_parser = factor)]
    pub(crate) factor: f64,
    /// More runs to narrow the last rate that held and the first that did not
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=10))]
    pub(crate) refine: u8,
}

/// Arguments of `load`.
#[derive(Args)]
pub(crate) struct LoadArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// NDJSON file, a document a line
    pub(crate) file: PathBuf,
    /// Kind of the documents
    #[arg(long)]
    pub(crate) kind: String,
    /// Start a new request after so many MiB; 0 streams the file in one
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=4_096))]
    pub(crate) request_mib: u32,
    /// Longest the server may say nothing
    #[arg(long, default_value = "60000", value_parser = milliseconds)]
    pub(crate) timeout_ms: Duration,
    /// Longest the whole load may take
    #[arg(long, default_value = "3600", value_parser = seconds)]
    pub(crate) seconds_max: Duration,
}

/// How arrivals are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Arrivals {
    /// Independent of one another, as those of many people are
    Poisson,
    /// Evenly
    Constant,
}

fn bounded(text: &str, low: f64, high: f64) -> Result<f64, String> {
    let value: f64 = text
        .parse()
        .map_err(|error| format!("not a number: {error}"))?;
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(format!("not in {low}..={high}"))
    }
}

pub(crate) fn rate(text: &str) -> Result<f64, String> {
    bounded(text, 0.1, 200_000.0)
}

pub(crate) fn share(text: &str) -> Result<f64, String> {
    bounded(text, 0.0, 1.0)
}

fn factor(text: &str) -> Result<f64, String> {
    bounded(text, 1.01, 10.0)
}

pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    bounded(text, 0.1, 86_400.0).map(Duration::from_secs_f64)
}

fn seconds_or_none(text: &str) -> Result<Duration, String> {
    bounded(text, 0.0, 3_600.0).map(Duration::from_secs_f64)
}

pub(crate) fn milliseconds(text: &str) -> Result<Duration, String> {
    bounded(text, 1.0, 600_000.0).map(|value| Duration::from_secs_f64(value / 1e3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_bounds_are_refused_with_a_reason() {
        use clap::CommandFactory;
        CommandLine::command().debug_assert();
        let cases = [
            ("search --rate 0", "not in 0.1..=200000"),
            ("search --rate NaN", "not in 0.1..=200000"),
            ("search --seconds inf", "not in 0.1..=86400"),
            ("search --connections 0", "is not in 1..=4096"),
            ("search --url http://10.0.0.1", "not a loopback address"),
            ("closed everything", "invalid value 'everything'"),
            ("step --factor 1", "not in 1.01..=10"),
            ("load --kind jobs", "<FILE>"),
            ("mixed --changes 0", "not in 0.1..=200000"),
            ("upsert --at 1.5", "not in 0..=1"),
            ("rounds --rounds 2", "is not in 3..=1000"),
            ("consistency --writers 0", "is not in 1..=1024"),
            ("mixed --vectors some", "invalid value 'some'"),
            ("tail --changes 0", "is not in 1..=100000000"),
            ("tail --kill", "--pid <PID>"),
            ("ready --cold", "--data <DATA>"),
            ("ready --cold --data x --pid 1", "cannot be used with"),
        ];
        for (line, expected) in cases {
            let words = ["x"].into_iter().chain(line.split(' '));
            let error = CommandLine::try_parse_from(words).err().unwrap();
            assert!(error.to_string().contains(expected), "{line}: {error}");
        }
        assert!(CommandLine::try_parse_from(["x", "mix", "--rate", "5"]).is_ok());
    }
}
