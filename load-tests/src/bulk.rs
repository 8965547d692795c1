//! `load`: streams an NDJSON file into the bulk route and reads the answers
//! while it is still sending. A client that sent everything first would stop
//! for good once the answers fill the socket.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::channel::{Channel, Sender};
use hyper::{Method, Request, Uri};
use serde_json::{Value, json};

use crate::args::LoadArgs;
use crate::client;
use crate::error::Error;
use crate::report::{Costs, print, rounded};

const BATCH_BYTES: usize = 256 << 10;
/// Batches between the file and the socket.
const BATCHES_WAITING: usize = 4;
const LINE_BYTES_MAX: u64 = 64 << 20;
const ANSWER_LINE_BYTES_MAX: usize = 1 << 20;
const PROBLEM_BYTES_MAX: usize = 64 << 10;
/// Rejected lines that are shown.
const SHOWN_MAX: usize = 10;

type Body = Channel<Bytes>;

/// Runs `load`; whether every document was taken.
pub(crate) async fn command(args: &LoadArgs) -> Result<bool, Error> {
    let what = || format!("cannot open {}", args.file.display());
    let file = File::open(&args.file).map_err(|source| Error::io(what(), source))?;
    let mut source = Source {
        reader: BufReader::with_capacity(BATCH_BYTES, file),
        request_bytes: u64::from(args.request_mib) << 20,
        lines: 0,
        blank: 0,
        bytes: 0,
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
        source = request(args, source, &mut answers, deadline).await?;
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

struct Figures {
    requests: u64,
    bytes: u64,
    seconds: f64,
    costs: Costs,
}

/// Lines of the file, in batches that end where a line ends.
struct Source {
    reader: BufReader<File>,
    /// Bytes after which a request ends; 0 for no end.
    request_bytes: u64,
    lines: u64,
    /// Lines without a document, which a server may answer or skip.
    blank: u64,
    bytes: u64,
}

impl Source {
    fn is_at_end(&mut self) -> Result<bool, Error> {
        let rest = self.reader.fill_buf();
        Ok(rest
            .map_err(|source| Error::io("cannot read the file", source))?
            .is_empty())
    }

    /// Next whole lines, about 256 KiB of them; none at the end.
    fn batch(&mut self) -> Result<Option<Bytes>, Error> {
        let mut batch = Vec::with_capacity(BATCH_BYTES + (BATCH_BYTES >> 2));
        while batch.len() < BATCH_BYTES {
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
    args: &LoadArgs,
    source: Source,
    answers: &mut Answers,
    deadline: Instant,
) -> Result<Source, Error> {
    let path = format!("/v1/{}/bulk", args.kind);
    let uri: Uri = path
        .parse()
        .map_err(|error| Error::Usage(format!("{path:?} is no path: {error}")))?;
    let mut connection = client::connect::<Body>(&args.server.url).await?;
    let (sender, body) = Channel::new(BATCHES_WAITING);
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri;
    *request.headers_mut() = client::headers(&args.server.url, "application/x-ndjson")?;
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
        error = watch(args.timeout_ms, deadline, &moved) => Err(error),
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
    while source.bytes < end
        && let Some(batch) = source.batch()?
    {
        if sender.send_data(batch).await.is_err() {
            break;
        }
        moved.fetch_add(1, Ordering::Relaxed);
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

/// Answer lines, counted as they come.
#[derive(Default)]
struct Answers {
    partial: Vec<u8>,
    /// Lines of the file in front of this request.
    lines_before: u64,
    results: BTreeMap<String, u64>,
    codes: BTreeMap<String, u64>,
    rejected: u64,
    shown: Vec<String>,
    counted: u64,
    summary_lines: Option<u64>,
}

impl Answers {
    fn begin(&mut self, lines_before: u64) {
        self.lines_before = lines_before;
        self.counted = 0;
        self.summary_lines = None;
        self.partial.clear();
    }

    fn total(&self) -> u64 {
        self.results.values().sum()
    }

    fn take(&mut self, data: &[u8]) -> Result<(), Error> {
        let mut pieces = data.split_inclusive(|&byte| byte == b'\n');
        pieces.try_for_each(|piece| {
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.partial);
                return self.line(&line);
            }
            if self.partial.len() > ANSWER_LINE_BYTES_MAX {
                return Err(Error::Server("an answer line does not end".to_owned()));
            }
            Ok(())
        })
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Error> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let answer: Value = serde_json::from_slice(line)
            .map_err(|error| Error::Server(format!("an answer line is no JSON: {error}")))?;
        if let Some(summary) = answer.get("summary") {
            self.summary_lines = Some(summary["lines"].as_u64().unwrap_or(0));
            return Ok(());
        }
        let result = answer["result"].as_str().unwrap_or("unknown");
        // Lines that had the same result may be answered together.
        let count = answer["count"].as_u64().unwrap_or(1);
        self.counted += count;
        *self.results.entry(result.to_owned()).or_default() += count;
        if result == "rejected" {
            self.rejected += 1;
            let text = |member: &str| answer[member].as_str().unwrap_or("-").to_owned();
            *self.codes.entry(text("code")).or_default() += 1;
            if self.shown.len() < SHOWN_MAX {
                let line = self.lines_before + answer["line"].as_u64().unwrap_or(0);
                self.shown.push(format!(
                    "line {line}: {} {} {}",
                    text("code"),
                    text("pointer"),
                    text("detail")
                ));
            }
        }
        Ok(())
    }

    /// Errors: the answer was cut off, or its lines are not those of its summary
    /// or of the request.
    fn end(&mut self, sent: RangeInclusive<u64>) -> Result<(), Error> {
        let rest = std::mem::take(&mut self.partial);
        self.line(&rest)?;
        match self.summary_lines {
            Some(lines) if lines == self.counted && sent.contains(&lines) => Ok(()),
            Some(lines) if lines == self.counted => Err(Error::Server(format!(
                "{} lines were sent, {lines} were answered",
                sent.end()
            ))),
            Some(lines) => Err(Error::Server(format!(
                "the summary has {lines} lines, {} were answered",
                self.counted
            ))),
            None => Err(Error::Server(
                "the answer ended without its summary".to_owned(),
            )),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_lines_are_counted_however_they_are_cut() {
        let text = "{\"line\":1,\"id\":\"rejected\",\"result\":\"created\",\"version\":1}\n\
            {\"line\":2,\"result\":\"rejected\",\"code\":\"invalid_json\",\"pointer\":\"/x\",\"detail\":\"d\"}\n\
            {\"summary\":{\"lines\":2}}\n";
        for size in 1..=text.len() {
            let mut answers = Answers::default();
            answers.begin(10);
            for piece in text.as_bytes().chunks(size) {
                answers.take(piece).unwrap();
            }
            answers.end(2..=2).unwrap();
            assert_eq!((answers.total(), answers.rejected), (2, 1));
            assert_eq!(answers.shown, ["line 12: invalid_json /x d"]);
            assert_eq!(answers.results["created"], 1);
        }
    }

    #[test]
    fn an_answer_that_is_cut_off_is_an_error() {
        let cases = [
            ("", "the answer ended without its summary"),
            (
                "{\"result\":\"created\"}\n",
                "the answer ended without its summary",
            ),
            (
                "{\"summary\":{\"lines\":1}}",
                "the summary has 1 lines, 0 were answered",
            ),
            (
                "{\"result\":\"created\"}\n{\"result\":\"created\"}\n{\"summary\":{\"lines\":2}}",
                "1 lines were sent, 2 were answered",
            ),
            (
                "{\"resu",
                "an answer line is no JSON: EOF while parsing a string at line 1 column 6",
            ),
        ];
        for (text, expected) in cases {
            let mut answers = Answers::default();
            answers.begin(0);
            answers.take(text.as_bytes()).unwrap();
            assert_eq!(answers.end(0..=1).unwrap_err().to_string(), expected);
        }
    }
}
