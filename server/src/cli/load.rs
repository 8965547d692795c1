//! `tandem load`: NDJSON files into a running server, with what was rejected
//! and why.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use indicatif::{ProgressBar, ProgressStyle};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::client::{Server, refuse, run as run_client};
use super::error::{CliError, Exit};
use super::print;
use crate::http::lines::Lines;
use crate::http::stream::{Sink, stream};
use crate::limits::LINE_BYTES_MAX;
use crate::wire::write::{LineResult, Summary, SummaryLine, WriteResult};

/// Bytes read from a file at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// Bytes read ahead of the connection.
const AHEAD_BYTES: usize = 1 << 20;
/// How long the server may take to make room.
const PATIENCE: Duration = Duration::from_mins(5);

#[derive(Debug, Args)]
pub(super) struct Options {
    /// NDJSON files: a document a line, or {"delete": "ID"}; - is standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The kind of the documents
    #[arg(long, value_name = "KIND")]
    kind: String,
    /// Write the result of each rejected line to this file, as NDJSON
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// The counts as JSON, also on a terminal
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

/// What the server said of all files.
#[derive(Default)]
struct Loaded {
    total: Summary,
    /// Code and pointer → how many, and the first of them.
    reasons: BTreeMap<(String, String), (u64, String)>,
    rejects: Option<BufWriter<File>>,
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    let started = Instant::now();
    let mut loaded = Loaded::default();
    if let Some(path) = &options.rejects {
        let file = File::create(path).map_err(|cause| cannot("write", path, &cause))?;
        loaded.rejects = Some(BufWriter::new(file));
    }
    for path in &options.paths {
        run_client(load(options, path, &mut loaded))?;
    }
    if let (Some(rejects), Some(path)) = (&mut loaded.rejects, &options.rejects) {
        rejects
            .flush()
            .map_err(|cause| cannot("write", path, &cause))?;
    }
    let took = started.elapsed();
    if options.json || !print::is_terminal() {
        print::line(&as_json(&loaded, took).to_string())?;
    } else {
        print::line(&as_text(&loaded, took))?;
    }
    Ok(if loaded.total.rejected > 0 {
        Exit::Rejected
    } else {
        Exit::Done
    })
}

/// Loads one file with one request.
async fn load(options: &Options, path: &Path, loaded: &mut Loaded) -> Result<(), CliError> {
    let (input, bytes): (Box<dyn Read + Send>, Option<u64>) = if path.as_os_str() == "-" {
        (Box::new(std::io::stdin()), None)
    } else {
        let file = File::open(path).map_err(|cause| cannot("read", path, &cause))?;
        let bytes = file
            .metadata()
            .ok()
            .filter(std::fs::Metadata::is_file)
            .map(|file| file.len());
        (Box::new(file), bytes)
    };
    let bar = progress(bytes, path);
    let (sink, body) = stream(AHEAD_BYTES);
    let (owned, moved) = (path.to_owned(), bar.clone());
    let reading = tokio::task::spawn_blocking(move || pump(input, &sink, &moved, &owned));
    let kind = utf8_percent_encode(&options.kind, NON_ALPHANUMERIC);
    let response = options
        .server
        .send(
            "POST",
            &format!("/v1/{kind}/bulk"),
            "application/x-ndjson",
            body,
        )
        .await;
    let response = refuse(response?).await?;
    let ended = read_results(response.into_body(), path, loaded, &bar).await;
    bar.finish_and_clear();
    ended?;
    reading
        .await
        .map_err(|_panic| CliError::new(Exit::Failed, "reading the file met a defect"))?
}

/// Reads a file into the request's body.
fn pump(
    mut input: Box<dyn Read + Send>,
    sink: &Sink,
    bar: &ProgressBar,
    path: &Path,
) -> Result<(), CliError> {
    let runtime = tokio::runtime::Handle::current();
    loop {
        let mut chunk = vec![0; CHUNK_BYTES];
        let read = match input.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(cause) => {
                sink.break_off();
                return Err(cannot("read", path, &cause));
            }
        };
        chunk.truncate(read);
        bar.inc(read as u64);
        if !runtime.block_on(sink.send(chunk, PATIENCE)) {
            // The server refused the rest; its answer says why.
            return Ok(());
        }
    }
}

/// Reads result lines up to the summary.
async fn read_results(
    mut body: Incoming,
    path: &Path,
    loaded: &mut Loaded,
    bar: &ProgressBar,
) -> Result<(), CliError> {
    let mut lines = Lines::new(LINE_BYTES_MAX);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|cause| broke_off(path, &cause.to_string()))?;
        lines.push(frame.data_ref().map_or(&[][..], |bytes| bytes));
        while let Some(line) = lines.next_line() {
            let bytes = line.bytes.unwrap_or_default();
            if let Ok(last) = serde_json::from_slice::<SummaryLine>(&bytes) {
                loaded.add(&last.summary);
                return Ok(());
            }
            let result: LineResult = serde_json::from_slice(&bytes)
                .map_err(|cause| broke_off(path, &cause.to_string()))?;
            if result.result == WriteResult::Rejected {
                loaded.reject(path, &result)?;
                bar.set_message(format!(
                    "{} rejected",
                    loaded.reasons.values().map(|(count, _)| count).sum::<u64>()
                ));
            }
        }
    }
    Err(broke_off(path, "no summary came"))
}

impl Loaded {
    fn add(&mut self, file: &Summary) {
        let total = &mut self.total;
        total.lines += file.lines;
        total.created += file.created;
        total.replaced += file.replaced;
        total.deleted += file.deleted;
        total.stale += file.stale;
        total.rejected += file.rejected;
        total.sequence.clone_from(&file.sequence);
    }

    fn reject(&mut self, path: &Path, result: &LineResult) -> Result<(), CliError> {
        let code = result
            .code
            .map_or("internal", crate::wire::problem::Code::as_str);
        let pointer = result.pointer.clone().unwrap_or_default();
        let reason = self
            .reasons
            .entry((code.to_owned(), pointer))
            .or_insert_with(|| {
                let detail = result.detail.clone().unwrap_or_default();
                (
                    0,
                    format!("{} line {}: {detail}", path.display(), result.line),
                )
            });
        reason.0 += 1;
        if let Some(rejects) = &mut self.rejects {
            let mut line = serde_json::to_value(result)
                .map_err(|cause| CliError::new(Exit::Failed, format!("rejects: {cause}")))?;
            line["path"] = Value::from(path.display().to_string());
            writeln!(rejects, "{line}")
                .map_err(|cause| CliError::io("cannot write the rejects", &cause))?;
        }
        Ok(())
    }
}

fn progress(bytes: Option<u64>, path: &Path) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match bytes {
        Some(bytes) => (
            ProgressBar::new(bytes),
            "{prefix} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{prefix} {spinner} {bytes} {bytes_per_sec} {msg}",
        ),
    };
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style)
        .with_prefix(path.display().to_string())
}

fn as_json(loaded: &Loaded, took: Duration) -> Value {
    let reasons: Vec<Value> = loaded
        .reasons
        .iter()
        .map(|((code, pointer), (count, first))| {
            json!({"code": code, "pointer": pointer, "count": count, "first": first})
        })
        .collect();
    json!({"summary": loaded.total, "rejected": reasons, "took_ms": took.as_millis() as u64})
}

fn as_text(loaded: &Loaded, took: Duration) -> String {
    let total = &loaded.total;
    let rate = total.lines as f64 / took.as_secs_f64().max(1e-3);
    let mut text = format!(
        "{} lines in {:.1} s ({rate:.0}/s): {} created, {} replaced, {} deleted, {} stale, {} rejected; visible at {}",
        total.lines,
        took.as_secs_f64(),
        total.created,
        total.replaced,
        total.deleted,
        total.stale,
        total.rejected,
        total.sequence
    );
    for ((code, pointer), (count, first)) in &loaded.reasons {
        // Writing to a string cannot fail.
        let _written = write!(text, "\n  {count:>7}  {code} {pointer}  first: {first}");
    }
    text
}

fn cannot(doing: &str, path: &Path, cause: &std::io::Error) -> CliError {
    CliError::io(&format!("cannot {doing} {}", path.display()), cause)
}

fn broke_off(path: &Path, why: &str) -> CliError {
    CliError::new(
        Exit::Failed,
        format!("{}: the answer broke off: {why}", path.display()),
    )
    .hint("lines answered before that are stored; loading the file again is safe")
}
