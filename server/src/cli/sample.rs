//! `tandem sample`: made-up jobs and candidates, and requests for them, as NDJSON.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use clap::{Args, ValueEnum};
use rayon::prelude::*;
use tandem_loaders::sample::{AskedKind, Asking, Sampler};

use super::error::{CliError, Exit};
use crate::clock;

/// Documents of a kind of which nothing else is said.
const DOCUMENTS_DEFAULT: u64 = 1_000;
/// Lines made in one go by one thread, some 4 MB at most.
const BLOCK_LINES: u64 = 1_024;
/// Blocks a thread makes before its round is written.
const ROUND_BLOCKS: usize = 2;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// How many jobs; 1000 if not given and no requests are
    #[arg(long, value_name = "N")]
    jobs: Option<u64>,
    /// How many candidates; 1000 if not given and no requests are
    #[arg(long, value_name = "M")]
    candidates: Option<u64>,
    /// How many requests: searches and matches as {"kind", "search"} and {"match"}
    #[arg(long, value_name = "Q")]
    queries: Option<u64>,
    /// The kind the requests look in; both if not given
    #[arg(long, value_name = "KIND", value_enum, requires = "queries")]
    kind: Option<Kind>,
    /// Requests have words of the first N jobs and candidates of the seed; 1000, or as many as are made
    #[arg(long, value_name = "N", requires = "queries", value_parser = clap::value_parser!(u64).range(1..))]
    of: Option<u64>,
    /// The same seed makes the same documents and requests
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The time the documents are seen from, RFC 3339; the present if not given
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// Threads; as many as there are cores if not given. The output is the same for any number
    #[arg(long, value_name = "T", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Folder for jobs.ndjson, candidates.ndjson and queries.ndjson; - prints all, in this order
    #[arg(long, value_name = "DIR", default_value = "-")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Jobs,
    Candidates,
}

/// One sort of lines: the file's name, how many, and what appends one.
struct Part<'a> {
    name: &'static str,
    count: u64,
    append: &'a (dyn Fn(u64, &mut Vec<u8>) + Sync),
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    let now_ms = match &options.now {
        Some(now) => clock::parse_rfc3339_ms(now).ok_or_else(|| {
            CliError::new(Exit::Usage, format!("--now {now}: not an RFC 3339 time"))
        })?,
        None => clock::now_ms(),
    };
    let sampler = Sampler::new(options.seed, now_ms);
    // Who asks for requests wants no documents that were not asked for.
    let default = if options.queries.is_none() {
        DOCUMENTS_DEFAULT
    } else {
        0
    };
    let jobs = options.jobs.unwrap_or(default);
    let candidates = options.candidates.unwrap_or(default);
    let asking = Asking {
        kind: options.kind.map(|kind| match kind {
            Kind::Jobs => AskedKind::Jobs,
            Kind::Candidates => AskedKind::Candidates,
        }),
        documents: options.of.unwrap_or_else(|| words_of(jobs, candidates)),
    };
    let parts = [
        Part {
            name: "jobs.ndjson",
            count: jobs,
            append: &|number, out| sampler.write_job(number, out),
        },
        Part {
            name: "candidates.ndjson",
            count: candidates,
            append: &|number, out| sampler.write_candidate(number, out),
        },
        Part {
            name: "queries.ndjson",
            count: options.queries.unwrap_or(0),
            append: &|number, out| sampler.write_query(asking, number, out),
        },
    ];
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.map_or(0, usize::from))
        .build()
        .map_err(|cause| CliError::new(Exit::Failed, format!("cannot start threads: {cause}")))?;
    if options.out.as_os_str() == "-" {
        return print(&pool, &parts);
    }
    let folder = &options.out;
    std::fs::create_dir_all(folder).map_err(|cause| failed(folder, &cause))?;
    let asked = [
        options.queries.is_none() || options.jobs.is_some(),
        options.queries.is_none() || options.candidates.is_some(),
        options.queries.is_some(),
    ];
    for (part, _) in parts.iter().zip(asked).filter(|(_, asked)| *asked) {
        let path = folder.join(part.name);
        let file = File::create(&path).map_err(|cause| failed(&path, &cause))?;
        write_lines(&pool, part, file).map_err(|cause| failed(&path, &cause))?;
    }
    Ok(Exit::Done)
}

/// How many documents of a kind requests have words of: those both kinds have, where both are made.
fn words_of(jobs: u64, candidates: u64) -> u64 {
    let made = [jobs, candidates].into_iter().filter(|count| *count > 0);
    made.min().unwrap_or(DOCUMENTS_DEFAULT)
}

fn print(pool: &rayon::ThreadPool, parts: &[Part<'_>]) -> Result<Exit, CliError> {
    for part in parts {
        match write_lines(pool, part, io::stdout()) {
            Ok(()) => {}
            Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => break,
            Err(cause) => return Err(CliError::io("standard output", &cause)),
        }
    }
    Ok(Exit::Done)
}

/// Writes the part's lines in their order. A round of blocks is made by all threads while the one before is written,
/// so that memory holds three rounds at most, however many lines there are.
fn write_lines(
    pool: &rayon::ThreadPool,
    part: &Part<'_>,
    mut out: impl Write + Send,
) -> io::Result<()> {
    let round_lines = BLOCK_LINES * (ROUND_BLOCKS * pool.current_num_threads()) as u64;
    let (send, receive) = mpsc::sync_channel::<Vec<Vec<u8>>>(1);
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || -> io::Result<()> {
            for block in receive.into_iter().flatten() {
                out.write_all(&block)?;
            }
            out.flush()
        });
        let mut first = 0;
        while first < part.count {
            let end = first.saturating_add(round_lines).min(part.count);
            // A writer that has failed says why below.
            if send.send(round(pool, part, first..end)).is_err() {
                break;
            }
            first = end;
        }
        drop(send);
        writer
            .join()
            .unwrap_or_else(|_panic| Err(io::Error::other("the writer panicked")))
    })
}

/// The lines in blocks, made in parallel.
fn round(pool: &rayon::ThreadPool, part: &Part<'_>, lines: Range<u64>) -> Vec<Vec<u8>> {
    let blocks = (lines.end - lines.start).div_ceil(BLOCK_LINES);
    pool.install(|| {
        (0..blocks)
            .into_par_iter()
            .map(|block| {
                let first = lines.start + block * BLOCK_LINES;
                let mut text = Vec::with_capacity(1 << 21);
                for number in first..(first + BLOCK_LINES).min(lines.end) {
                    (part.append)(number, &mut text);
                    text.push(b'\n');
                }
                text
            })
            .collect()
    })
}

fn failed(path: &Path, cause: &io::Error) -> CliError {
    CliError::io(&format!("cannot write {}", path.display()), cause)
}
