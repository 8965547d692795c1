//! `load`: streams an NDJSON file into the bulk route and reads the answers
//! while it is still sending. A client that sent everything first would stop
//! for good once the answers fill the socket.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::channel::{Channel, Sender};
use hyper::{Method, Request, Uri};
use serde_json::{Value, json};

use crate::answers::Answers;
use crate::args::{LoadArgs, ServerArgs};
use crate::client::{self, Target};
use crate::error::Error;
use crate::report::{Costs, print, rounded};

const BATCH_BYTES: usize = 256 << 10;
/// At a pace, so that lines come evenly.
const PACED_BATCH_BYTES: usize = 16 << 10;
/// Longest an upload of made documents may take.
const UPLOAD_MAX: Duration = Duration::from_hours(24);
/// Batches between the file and the socket.
const BATCHES_WAITING: usize = 4;
const LINE_BYTES_MAX: u64 = 64 << 20;
const PROBLEM_BYTES_MAX: usize = 64 << 10;

type Body = Channel<Bytes>;

/// Runs `load`; whether every document was taken.
pub(crate) async fn command(args: &LoadArgs) -> Result<bool, Error> {
    let what = || format!("cannot open {}", args.file.display());
    let file = File::open(&args.file).map_err(|source| Error::io(what(), source))?;
    let reader = BufReader::with_capacity(BATCH_BYTES, file);
    let mut source = Source::new(Box::new(reader), u64::from(args.request_mib) << 20, None);
    let route = Route {
        url: args.server.url.clone(),
        kind: args.kind.clone(),
        silence: args.timeout_ms,
    };
    let before = Costs::now(args.server.pid)?;
    let start = Instant::now();
    let deadline = start + args.seconds_max;
    let mut answers = Answers::default();
    let mut requests = 0_u64;
    while !source.is_at_end()? {
        requests += 1;
        let (lines, blank) = (source.lines, source.blank);
        answers.begin(lines);
        source = request(&route, source, &mut answers, deadline).await?;
        let sent = source.lines - lines;
        answers.end(sent - (source.blank - blank)..=sent)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let costs = Costs::since(&before, args.server.pid)?;
    let figures = Figures {
        requests,
        bytes: source.bytes,
        seconds,
        costs,
    };
    show(&answers, &figures, args.server.json)?;
    Ok(answers.rejected == 0 && answers.total() > 0)
}

/// What an upload has done.
#[derive(Clone, Debug)]
pub(crate) struct Uploaded {
    pub(crate) lines: u64,
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
}

impl Uploaded {
    /// Lines answered in a second.
    pub(crate) fn per_second(&self) -> f64 {
        self.lines as f64 / self.seconds.max(1e-9)
    }
}

/// Sends lines in one request until they end, at most so many in a second.
/// Errors: also a line that was not accepted, since then less was written than
/// the figures say.
pub(crate) async fn upload(
    server: &ServerArgs,
    kind: &str,
    silence: Duration,
    lines: Box<dyn BufRead + Send>,
    per_second: Option<f64>,
) -> Result<Uploaded, Error> {
    let route = Route {
        url: server.url.clone(),
        kind: kind.to_owned(),
        silence,
    };
    let start = Instant::now();
    let mut answers = Answers::default();
    answers.begin(0);
    let source = Source::new(lines, 0, per_second);
    let source = request(&route, source, &mut answers, start + UPLOAD_MAX).await?;
    answers.end(source.lines..=source.lines)?;
    if let Some(first) = answers.shown.first() {
        return Err(Error::Server(format!(
            "{} of {} documents were rejected, the first: {first}",
            answers.rejected, source.lines
        )));
    }
    Ok(Uploaded {
        lines: source.lines,
        bytes: source.bytes,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// Where lines go.
struct Route {
    url: Target,
    kind: String,
    /// Longest the server may say nothing.
    silence: Duration,
}

struct Figures {
    requests: u64,
    bytes: u64,
    seconds: f64,
    costs: Costs,
}

/// Lines of the file, in batches that end where a line ends.
struct Source {
    reader: Box<dyn BufRead + Send>,
    /// Bytes after which a request ends; 0 for no end.
    request_bytes: u64,
    /// Lines in a second; as fast as they are taken without.
    per_second: Option<f64>,
    lines: u64,
    /// Lines without a document, which a server may answer or skip.
    blank: u64,
    bytes: u64,
}

impl Source {
    fn new(reader: Box<dyn BufRead + Send>, request_bytes: u64, per_second: Option<f64>) -> Self {
        Self {
            reader,
            request_bytes,
            per_second,
            lines: 0,
            blank: 0,
            bytes: 0,
        }
    }

    fn is_at_end(&mut self) -> Result<bool, Error> {
        let rest = self.reader.fill_buf();
        Ok(rest
            .map_err(|source| Error::io("cannot read the file", source))?
            .is_empty())
    }

    /// Next whole lines, about 256 KiB of them, or 16 KiB at a pace; none at the
    /// end.
    fn batch(&mut self) -> Result<Option<Bytes>, Error> {
        let bytes = self.per_second.map_or(BATCH_BYTES, |_| PACED_BATCH_BYTES);
        let mut batch = Vec::with_capacity(bytes + (bytes >> 2));
        while batch.len() < bytes {
            let before = batch.len();
            let mut line = self.reader.by_ref().take(LINE_BYTES_MAX);
            let read = line
                .read_until(b'\n', &mut batch)
                .map_err(|source| Error::io("cannot read the file", source))?;
            if read == 0 {
                break;
            }
            self.lines += 1;
            self.blank += u64::from(batch[before..].trim_ascii().is_empty());
            if read as u64 == LINE_BYTES_MAX {
                return Err(Error::Usage(format!(
                    "line {} has {LINE_BYTES_MAX} bytes or more",
                    self.lines
                )));
            }
        }
        self.bytes += batch.len() as u64;
        Ok((!batch.is_empty()).then(|| Bytes::from(batch)))
    }
}

/// One bulk request. Gives the source back where the next one goes on.
async fn request(
    route: &Route,
    source: Source,
    answers: &mut Answers,
    deadline: Instant,
) -> Result<Source, Error> {
    let path = format!("/v1/{}/bulk", route.kind);
    let uri: Uri = path
        .parse()
        .map_err(|error| Error::Usage(format!("{path:?} is no path: {error}")))?;
    let mut connection = client::connect::<Body>(&route.url).await?;
    let (sender, body) = Channel::new(BATCHES_WAITING);
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri;
    *request.headers_mut() = client::headers(&route.url, "application/x-ndjson")?;
    let moved = Arc::new(AtomicU64::new(0));
    let mut feeding = tokio::spawn(feed(source, sender, Arc::clone(&moved)));
    let reading = async {
        let answer = connection
            .send_request(request)
            .await
            .map_err(|error| Error::Server(format!("{path}: {error}")))?;
        read(&path, answer, answers, &moved).await?;
        (&mut feeding)
            .await
            .map_err(|error| Error::Server(format!("reading the file failed: {error}")))?
    };
    let outcome = tokio::select! {
        outcome = reading => outcome,
        error = watch(route.silence, deadline, &moved) => Err(error),
    };
    feeding.abort();
    outcome
}

/// Sends lines until the file or the request ends, or nobody takes them.
///
/// Reads the file on the thread that also answers: 256 KiB from the page cache
/// take less than handing them to another thread and back.
async fn feed(
    mut source: Source,
    mut sender: Sender<Bytes>,
    moved: Arc<AtomicU64>,
) -> Result<Source, Error> {
    let end = match source.request_bytes {
        0 => u64::MAX,
        bytes => source.bytes.saturating_add(bytes),
    };
    let start = Instant::now();
    while source.bytes < end
        && let Some(batch) = source.batch()?
    {
        if sender.send_data(batch).await.is_err() {
            break;
        }
        moved.fetch_add(1, Ordering::Relaxed);
        if let Some(per_second) = source.per_second {
            let due = start + Duration::from_secs_f64(source.lines as f64 / per_second);
            tokio::time::sleep_until(due.into()).await;
        }
    }
    Ok(source)
}

/// Ends when nothing has moved for a while, or at the deadline.
async fn watch(silence: Duration, deadline: Instant, moved: &AtomicU64) -> Error {
    let mut before = u64::MAX;
    loop {
        let now = moved.load(Ordering::Relaxed);
        if now == before {
            return Error::Server(format!("nothing moved for {} s", silence.as_secs_f64()));
        }
        before = now;
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Error::Server("the load took longer than --seconds-max".to_owned());
        }
        tokio::time::sleep(silence.min(left)).await;
    }
}

async fn read(
    path: &str,
    mut answer: hyper::Response<hyper::body::Incoming>,
    answers: &mut Answers,
    moved: &AtomicU64,
) -> Result<(), Error> {
    let status = answer.status().as_u16();
    let mut problem = Vec::new();
    while let Some(frame) = answer.frame().await {
        let frame = frame.map_err(|error| Error::Server(format!("{path}: {error}")))?;
        moved.fetch_add(1, Ordering::Relaxed);
        let Some(data) = frame.data_ref() else {
            continue;
        };
        if status == 207 {
            answers.take(data)?;
        } else if problem.len() < PROBLEM_BYTES_MAX {
            problem.extend_from_slice(data);
        }
    }
    if status == 207 {
        return Ok(());
    }
    let problem: Value = serde_json::from_slice(&problem).unwrap_or_default();
    let detail = problem["detail"].as_str().unwrap_or("no detail");
    Err(Error::Server(format!("{path} answers {status}: {detail}")))
}

fn show(answers: &Answers, figures: &Figures, json: bool) -> Result<(), Error> {
    let total = answers.total();
    let per_second = |count: f64| count / figures.seconds.max(1e-9);
    let server = figures.costs.server;
    let cpu_ms = server.map(|usage| usage.cpu_seconds * 1e3 / total.max(1) as f64);
    if json {
        return print(json!({
            "work": "load",
            "requests": figures.requests,
            "lines": total,
            "accepted": total - answers.rejected,
            "rejected": answers.rejected,
            "results": answers.results,
            "codes": answers.codes,
            "first_rejected": answers.shown,
            "bytes": figures.bytes,
            "seconds": rounded(figures.seconds),
            "lines_per_second": rounded(per_second(total as f64)),
            "server": server.map(|usage| json!({
                "cpu_seconds": rounded(usage.cpu_seconds),
                "cpu_ms_per_line": cpu_ms.map(rounded),
                "rss_bytes": usage.rss_bytes,
            })),
            "client_cpu_seconds": rounded(figures.costs.client_cpu_seconds),
        }));
    }
    print(format_args!(
        "{total} lines in {:.2} s: {:.0} lines/s, {:.1} MB/s; {} accepted, {} rejected",
        figures.seconds,
        per_second(total as f64),
        per_second(figures.bytes as f64 / 1e6),
        total - answers.rejected,
        answers.rejected
    ))?;
    for (name, count) in answers.results.iter().chain(&answers.codes) {
        print(format_args!("  {name}: {count}"))?;
    }
    for line in &answers.shown {
        print(format_args!("  {line}"))?;
    }
    if let (Some(usage), Some(cpu_ms)) = (server, cpu_ms) {
        print(format_args!(
            "server: {:.2} CPU s, {cpu_ms:.3} CPU ms a line, {:.0} MB resident",
            usage.cpu_seconds,
            usage.rss_bytes as f64 / 1e6
        ))?;
    }
    Ok(())
}
