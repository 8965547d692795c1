//! Documents to the server: one request for all files, its lines written while
//! results are read. Owns which result belongs to which line of which file.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::report::{Place, Report};
use super::{Plan, read_all};
use crate::cli::client::{Server, refuse};
use crate::cli::error::{CliError, Exit};
use crate::http::lines::Lines;
use crate::http::stream::{Sink, stream};
use crate::limits::LINE_BYTES_MAX;
use crate::wire::write::BulkLine;

/// Bytes collected before they are sent.
const CHUNK_BYTES: usize = 64 << 10;
/// Bytes sent ahead of the connection.
const AHEAD_BYTES: usize = 1 << 20;
/// How long the server may take to make room.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long a started chunk waits for more.
const PAUSE: Duration = Duration::from_millis(200);
/// After so long without a document an empty line is sent: the server gives up
/// on a body that stands still, and standard input may be slow.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// Loads all files with one request.
pub(super) async fn load(server: &Server, plan: Plan, report: Arc<Report>) -> Result<(), CliError> {
    let kind = utf8_percent_encode(&plan.kind, NON_ALPHANUMERIC).to_string();
    let (sink, body) = stream(AHEAD_BYTES);
    let outbox = Arc::new(Outbox {
        chunk: Mutex::new(Chunk {
            bytes: Vec::new(),
            places: Vec::new(),
            sent: Instant::now(),
        }),
        sink,
        report: Arc::clone(&report),
    });
    let beat = tokio::spawn(keep_moving(Arc::downgrade(&outbox)));
    let reading = tokio::task::spawn_blocking({
        let report = Arc::clone(&report);
        move || {
            let read = read_all(&plan, &report, |place, json| outbox.push(place, &json));
            if read.is_err() {
                outbox.sink.break_off();
            } else {
                Handle::current().block_on(outbox.flush());
            }
            read
        }
    });
    let path = format!("/v1/{kind}/bulk");
    let response = server
        .send("POST", &path, "application/x-ndjson", body)
        .await;
    let ended = match response {
        Ok(response) => match refuse(response).await {
            Ok(response) => read_results(response.into_body(), &report).await,
            Err(refused) => Err(refused),
        },
        Err(unreachable) => Err(unreachable),
    };
    beat.abort();
    ended?;
    reading
        .await
        .map_err(|_panic| CliError::new(Exit::Failed, "reading the files met a defect"))?
}

/// Lines on their way.
struct Outbox {
    chunk: Mutex<Chunk>,
    sink: Sink,
    report: Arc<Report>,
}

struct Chunk {
    bytes: Vec<u8>,
    places: Vec<Place>,
    /// When the last one was sent.
    sent: Instant,
}

impl Outbox {
    /// Adds a document; false when the server takes no more.
    fn push(&self, place: Place, json: &[u8]) -> bool {
        let mut chunk = self.chunk.blocking_lock();
        chunk.bytes.extend_from_slice(json);
        chunk.bytes.push(b'\n');
        chunk.places.push(place);
        chunk.bytes.len() < CHUNK_BYTES || Handle::current().block_on(self.send(&mut chunk))
    }

    async fn flush(&self) -> bool {
        let mut chunk = self.chunk.lock().await;
        chunk.bytes.is_empty() || self.send(&mut chunk).await
    }

    async fn send(&self, chunk: &mut Chunk) -> bool {
        // Known before a result can come.
        self.report.sent(chunk.places.drain(..));
        let bytes = std::mem::take(&mut chunk.bytes);
        chunk.sent = Instant::now();
        self.sink.send(bytes, PATIENCE).await
    }
}

/// Sends what waits for more, and signs of life.
async fn keep_moving(outbox: Weak<Outbox>) {
    loop {
        tokio::time::sleep(PAUSE).await;
        let Some(outbox) = outbox.upgrade() else {
            return;
        };
        let mut chunk = outbox.chunk.lock().await;
        if chunk.bytes.is_empty() && chunk.sent.elapsed() < SIGN_OF_LIFE {
            continue;
        }
        if chunk.bytes.is_empty() {
            chunk.bytes.push(b'\n');
        }
        if !outbox.send(&mut chunk).await {
            return;
        }
    }
}

/// Reads result lines up to the summary.
async fn read_results(mut body: Incoming, report: &Report) -> Result<(), CliError> {
    let mut lines = Lines::new(LINE_BYTES_MAX);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|cause| broke_off(&cause.to_string()))?;
        lines.push(frame.data_ref().map_or(&[][..], |bytes| bytes));
        while let Some(line) = lines.next_line() {
            let bytes = line.bytes.unwrap_or_default();
            let line =
                serde_json::from_slice(&bytes).map_err(|cause| broke_off(&cause.to_string()))?;
            match line {
                BulkLine::Summary(last) => {
                    report.visible_at(&last.summary.sequence);
                    return Ok(());
                }
                BulkLine::Problem(last) => return Err(broke_off(&last.problem.detail)),
                BulkLine::Range(range) => report.answered_alike(&range)?,
                BulkLine::Result(result) => report.answered(&result)?,
            }
        }
    }
    Err(broke_off("no summary came"))
}

fn broke_off(why: &str) -> CliError {
    CliError::new(
        Exit::Failed,
        format!("the server's answer broke off: {why}"),
    )
    .hint("what was answered before that is stored; loading the files again is safe")
}
