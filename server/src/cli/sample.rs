//! `tandem sample`: made-up jobs and candidates as NDJSON.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use tandem_loaders::sample::Sampler;

use super::error::{CliError, Exit};
use crate::clock;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// How many jobs
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    jobs: u64,
    /// How many candidates
    #[arg(long, value_name = "M", default_value_t = 1_000)]
    candidates: u64,
    /// The same seed makes the same documents
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The time the documents are seen from, RFC 3339; the present if not given
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// Folder for jobs.ndjson and candidates.ndjson; - prints all, jobs first
    #[arg(long, value_name = "DIR", default_value = "-")]
    out: PathBuf,
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    let now_ms = match &options.now {
        Some(now) => clock::parse_rfc3339_ms(now).ok_or_else(|| {
            CliError::new(Exit::Usage, format!("--now {now}: not an RFC 3339 time"))
        })?,
        None => clock::now_ms(),
    };
    let sampler = Sampler::new(options.seed, now_ms);
    let jobs = (0..options.jobs).map(|number| sampler.job(number));
    let candidates = (0..options.candidates).map(|number| sampler.candidate(number));
    if options.out.as_os_str() == "-" {
        let out = BufWriter::new(io::stdout().lock());
        return match write_lines(out, jobs.chain(candidates)) {
            Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
                Err(CliError::io("standard output", &cause))
            }
            Ok(()) | Err(_) => Ok(Exit::Done),
        };
    }
    let folder = &options.out;
    std::fs::create_dir_all(folder).map_err(|cause| failed(folder, &cause))?;
    write_file(&folder.join("jobs.ndjson"), jobs)?;
    write_file(&folder.join("candidates.ndjson"), candidates)?;
    Ok(Exit::Done)
}

fn write_file(path: &Path, lines: impl Iterator<Item = String>) -> Result<(), CliError> {
    let file = File::create(path).map_err(|cause| failed(path, &cause))?;
    write_lines(BufWriter::new(file), lines).map_err(|cause| failed(path, &cause))
}

fn write_lines(mut out: impl Write, lines: impl Iterator<Item = String>) -> io::Result<()> {
    for line in lines {
        out.write_all(line.as_bytes())?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

fn failed(path: &Path, cause: &io::Error) -> CliError {
    CliError::io(&format!("cannot write {}", path.display()), cause)
}
