//! `ready`: how long a server takes from its start to `/readyz` 200. Starts and
//! ends the command itself, or waits for one that is starting.

use std::collections::BTreeMap;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::api;
use crate::client::{Client, Outcome};
use crate::cold;
use crate::error::Error;
use crate::live_args::ReadyArgs;
use crate::metrics;
use crate::process;
use crate::report::{self, print, rounded};
use crate::requests::plain;
use crate::series;

/// Between two questions: it is the error of the figure.
const POLL: Duration = Duration::from_millis(5);
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// What of the journal a start replayed.
const REPLAYED: [&str; 2] = [
    "tandem_start_replayed_changes",
    "tandem_start_replayed_bytes",
];

/// One start.
#[derive(Debug)]
struct Start {
    /// From the start to the first answer of any status; none if the first was 200.
    answering_seconds: Option<f64>,
    ready_seconds: f64,
    /// Answers on the way, by status or fault.
    before: BTreeMap<String, u64>,
    rss_bytes: u64,
    cpu_seconds: f64,
    /// Changes and bytes of the journal that were replayed, as the server says.
    replayed: Option<[u64; 2]>,
    /// Bytes that came from a disk, not from the page cache.
    disk_bytes: Option<u64>,
    /// Documents held, by kind.
    documents: BTreeMap<String, u64>,
    /// From the signal to its end.
    end_seconds: Option<f64>,
}

/// Runs `ready`; whether the server became ready each time.
pub(crate) async fn command(args: &ReadyArgs) -> Result<bool, Error> {
    let data_bytes = args
        .folder
        .data
        .as_deref()
        .map(series::folder_bytes)
        .transpose()?;
    let mut starts = Vec::new();
    match (&args.command[..], args.server.pid) {
        ([], Some(pid)) => {
            let age = process::age(pid)?;
            let start = Instant::now().checked_sub(age).unwrap_or_else(Instant::now);
            let found = wait(args, pid, start, None).await?;
            if found.before.is_empty() {
                report::note(
                    "it was ready before it was asked: the time is the server's age, which is longer",
                );
            }
            starts.push(found);
        }
        ([], None) => {
            return Err(Error::Usage(
                "nothing to start: give the server's command behind --, or --pid of one that is starting".to_owned(),
            ));
        }
        (_, Some(_)) => {
            return Err(Error::Usage(
                "--pid and a command are two servers; give one of them".to_owned(),
            ));
        }
        (command, None) => {
            for _ in 0..args.repeat {
                starts.push(start_and_end(args, command).await?);
            }
        }
    }
    show(args, &starts, data_bytes)?;
    Ok(true)
}

/// A child that does not outlive the run, however that ends.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        if matches!(self.0.try_wait(), Ok(None)) {
            drop(self.0.kill());
            drop(self.0.wait());
        }
    }
}

async fn start_and_end(args: &ReadyArgs, command: &[String]) -> Result<Start, Error> {
    let mut client = Client::new(&args.server.url, ANSWER_MAX)?;
    if client.connect().await.is_ok() {
        return Err(Error::Usage(format!(
            "something answers at {} already: end it, or give --url and the command another port",
            args.server.url.address
        )));
    }
    let [program, rest @ ..] = command else {
        return Err(Error::Usage("the command is empty".to_owned()));
    };
    if let Some(folder) = args.folder.data.as_deref().filter(|_| args.cold) {
        cold::drop_cached(folder)?;
    }
    let start = Instant::now();
    let child = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|source| Error::io(format!("cannot start {program}"), source))?;
    let mut owned = Owned(child);
    let pid = owned.0.id();
    let mut found = wait(args, pid, start, Some(&mut owned)).await?;
    found.end_seconds = Some(end(args, &mut owned).await?);
    Ok(found)
}

/// Asks until the server is ready. Errors: it ended, or took too long.
async fn wait(
    args: &ReadyArgs,
    pid: u32,
    start: Instant,
    mut owned: Option<&mut Owned>,
) -> Result<Start, Error> {
    let request = plain(Method::GET, "/readyz", Bytes::new())?;
    let mut client = Client::new(&args.server.url, ANSWER_MAX)?;
    let mut before: BTreeMap<String, u64> = BTreeMap::new();
    let mut answering = None;
    let asked_until = Instant::now() + args.seconds_max;
    let ready = loop {
        if let Some(status) = owned.as_deref_mut().map(ended).transpose()?.flatten() {
            return Err(Error::Server(format!(
                "the command ended before it was ready: {status}"
            )));
        }
        let name = match client.send(&request, false).await {
            Outcome::Answered { status: 200, .. } => break start.elapsed(),
            Outcome::Answered { status, .. } => {
                answering.get_or_insert(start.elapsed());
                status.to_string()
            }
            Outcome::Failed(fault) => fault.name().to_owned(),
        };
        *before.entry(name).or_default() += 1;
        if Instant::now() >= asked_until {
            return Err(Error::Server(format!(
                "not ready after {:.1} s; its answers so far: {before:?}",
                start.elapsed().as_secs_f64()
            )));
        }
        tokio::time::sleep(POLL).await;
    };
    let usage = process::usage(pid)?;
    let disk_bytes = process::disk_bytes(pid);
    let replayed = metrics::values(&mut client, REPLAYED).await?;
    let (_, kinds) = api::get(&mut client, "/v1/kinds").await?;
    Ok(Start {
        answering_seconds: answering.map(|time| time.as_secs_f64()),
        ready_seconds: ready.as_secs_f64(),
        before,
        rss_bytes: usage.rss_bytes,
        cpu_seconds: usage.cpu_seconds,
        replayed: replayed[0].zip(replayed[1]).map(<[u64; 2]>::from),
        disk_bytes,
        documents: documents(&kinds),
        end_seconds: None,
    })
}

fn documents(kinds: &Value) -> BTreeMap<String, u64> {
    let each = |kind: &Value| {
        let documents = kind["documents"].as_u64()?;
        Some((kind["name"].as_str()?.to_owned(), documents))
    };
    kinds["kinds"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(each)
        .collect()
}

fn ended(owned: &mut Owned) -> Result<Option<ExitStatus>, Error> {
    let waited = owned.0.try_wait();
    waited.map_err(|source| Error::io("cannot wait for the command", source))
}

/// Ends a server. Answers how long that took.
async fn end(args: &ReadyArgs, owned: &mut Owned) -> Result<f64, Error> {
    let start = Instant::now();
    process::end(owned.0.id(), args.kill)?;
    while ended(owned)?.is_none() {
        if start.elapsed() > args.seconds_max {
            return Err(Error::Server(
                "the command does not end when told to".to_owned(),
            ));
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(start.elapsed().as_secs_f64())
}

fn show(args: &ReadyArgs, starts: &[Start], data_bytes: Option<u64>) -> Result<(), Error> {
    if args.server.json {
        let shown = starts.iter().map(|start| {
            json!({"answering_seconds": start.answering_seconds.map(rounded),
                "ready_seconds": rounded(start.ready_seconds), "before": start.before,
                "rss_bytes": start.rss_bytes, "cpu_seconds": rounded(start.cpu_seconds),
                "replayed_changes": start.replayed.map(|replayed| replayed[0]),
                "replayed_bytes": start.replayed.map(|replayed| replayed[1]),
                "disk_read_bytes": start.disk_bytes, "cold": args.cold,
                "documents": start.documents, "end_seconds": start.end_seconds.map(rounded)})
        });
        return print(json!({"work": "ready", "data_bytes": data_bytes,
            "starts": shown.collect::<Vec<Value>>()}));
    }
    if let Some(bytes) = data_bytes {
        print(format_args!("data folder: {:.1} MB", bytes as f64 / 1e6))?;
    }
    for start in starts {
        let documents: Vec<String> = start
            .documents
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        print(format_args!(
            "ready after {:.3} s ({:.2} CPU s), {:.1} MB resident, {}",
            start.ready_seconds,
            start.cpu_seconds,
            start.rss_bytes as f64 / 1e6,
            documents.join(", ")
        ))?;
        if let Some([changes, bytes]) = start.replayed {
            print(format_args!(
                "  replayed {changes} changes, {:.1} MB of the journal",
                bytes as f64 / 1e6
            ))?;
        }
        if let Some(bytes) = start.disk_bytes {
            let cold = if args.cold {
                ", after dropping the files from the page cache"
            } else {
                ""
            };
            print(format_args!(
                "  {:.1} MB came from the disk{cold}",
                bytes as f64 / 1e6
            ))?;
        }
        if let Some(seconds) = start.answering_seconds {
            print(format_args!(
                "  answered that it was not after {seconds:.3} s"
            ))?;
        }
        if let Some(seconds) = start.end_seconds {
            print(format_args!("  ended {seconds:.3} s after the signal"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        ready: ReadyArgs,
    }

    fn args(line: &[&str]) -> ReadyArgs {
        Line::parse_from(["x"].iter().chain(line)).ready
    }

    #[tokio::test]
    async fn a_command_that_ends_or_is_not_there_is_an_error() {
        // Port 1 is nobody's: nothing answers there.
        let url = ["--url", "http://127.0.0.1:1"];
        let cases: [(&[&str], &str); 4] = [
            (&["--", "false"], "the command ended before it was ready"),
            (&["--", "/no/such/server"], "cannot start /no/such/server"),
            (&[], "nothing to start"),
            (&["--pid", "1", "--", "true"], "are two servers"),
        ];
        for (line, expected) in cases {
            let line = [&url[..], line].concat();
            let error = command(&args(&line)).await.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[tokio::test]
    async fn a_command_that_never_gets_ready_is_given_up_and_ended() {
        let line = [
            "--url",
            "http://127.0.0.1:1",
            "--seconds-max",
            "0.1",
            "--",
            "sleep",
            "77",
        ];
        let error = command(&args(&line)).await.unwrap_err().to_string();
        assert!(error.starts_with("not ready after 0.1 s"), "{error}");
        assert!(error.contains("connect"), "{error}");
    }
}
