//! Many writes in one request. Owns the way from lines to result lines, with
//! bounded memory: a reader that prepares batches and hands them to the writer,
//! and an answerer that writes what became of them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;
use tandem_index::{KindId, Kinds, Prepared, Write, WriteResult as Did};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::ask::unknown_kind;
use super::body;
use super::call::Call;
use super::lines::{Line, Lines};
use super::records::{self, Records};
use super::respond::{Body, NDJSON};
use super::stream::{Sink, stream};
use crate::app::App;
use crate::compute::defect;
use crate::limits::{
    BULK_ANSWER_BYTES_MAX, BULK_BATCH_BYTES_MAX, BULK_IDLE, BULK_LINES_MAX, BULK_PAUSE,
    ID_BYTES_MAX, LINE_BYTES_MAX,
};
use crate::read_json::{self, Strict};
use crate::space::Space;
use crate::wire::answer::snapshot_name;
use crate::wire::problem::{Code, Outcome, Refusal};
use crate::wire::write::{LineResult, Summary, SummaryLine, WriteResult};
use crate::writer::Pending;

/// A bulk request under way.
struct Load {
    app: Arc<App>,
    space: Arc<Space>,
    kind: KindId,
    _place: OwnedSemaphorePermit,
}

/// What a body has in the place of a line.
pub(super) enum Entry {
    /// A document's JSON, or a delete.
    Line(Line),
    /// What a reader could make no document of.
    Rejected(Box<LineResult>),
}

impl Entry {
    fn bytes(&self) -> usize {
        match self {
            Self::Line(line) => line.bytes.as_ref().map_or(0, bytes::Bytes::len),
            Self::Rejected(_) => 0,
        }
    }
}

/// Lines handed to the writer: what is known of each, and the rest to come.
struct Sent {
    lines: Vec<Known>,
    pending: Option<Pending>,
}

/// What is known of a line before the writer answered.
enum Known {
    /// It will not be written.
    Rejected(Box<LineResult>),
    /// The writer's next outcome is its own.
    Change(u64),
}

/// Starts a load; the answer is written while the body is read.
pub(super) fn bulk(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    let kinds = &call.app.kinds;
    let kind = kinds
        .get(&call.params.kind)
        .ok_or_else(|| unknown_kind(kinds, &call.params.kind))?;
    let records = records::wanted(&call.headers, call.query.as_deref(), kind)?;
    let kind = kind.id;
    let place = Arc::clone(&call.app.bulks)
        .try_acquire_owned()
        .map_err(|_full| Refusal::new(Code::Overloaded, "too many bulk requests are under way"))?;
    let body = rest.take().ok_or_else(defect)?;
    let (sink, answer) = stream(BULK_ANSWER_BYTES_MAX);
    let load = Load {
        app: call.app,
        space: call.space,
        kind,
        _place: place,
    };
    tokio::spawn(run(load, body, records, sink));
    let mut response = Response::new(Body::Right(answer));
    *response.status_mut() = StatusCode::MULTI_STATUS;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    Ok(response)
}

async fn run(load: Load, mut body: Incoming, records: Option<Records>, sink: Sink) {
    let (batches, sent) = mpsc::channel(1);
    let reading = async {
        match records {
            None => read(&load, &mut body, batches).await,
            Some(records) => {
                let (pieces, entries) = records::start(records);
                tokio::try_join!(
                    records::pump(&mut body, pieces),
                    collect(&load, entries, batches)
                )
                .map(|((), ())| ())
            }
        }
    };
    let (read, answered) = tokio::join!(reading, answer(sent, &sink));
    let (Ok(()), Some((mut summary, sequence))) = (read, answered) else {
        sink.break_off();
        return;
    };
    load.app.metrics.rejected(summary.rejected);
    let sequence = sequence.unwrap_or_else(|| load.space.current().sequence);
    summary.sequence = snapshot_name(&load.space.name, sequence);
    let mut line = Vec::new();
    push_line(&mut line, &SummaryLine { summary });
    if !sink.send(line, BULK_IDLE).await {
        sink.break_off();
    }
}

/// Reads lines, prepares them in batches and hands these to the writer.
async fn read(load: &Load, body: &mut Incoming, batches: mpsc::Sender<Sent>) -> Outcome<()> {
    let mut lines = Lines::new(LINE_BYTES_MAX);
    let mut batch = Vec::new();
    let mut batch_bytes = 0;
    loop {
        let wait = if batch.is_empty() {
            BULK_IDLE
        } else {
            BULK_PAUSE
        };
        let ended = match tokio::time::timeout(wait, body::next(body)).await {
            // Nothing comes for now: what is there is not kept waiting for more.
            Err(_pause) if !batch.is_empty() => {
                send(load, std::mem::take(&mut batch), &batches).await?;
                batch_bytes = 0;
                continue;
            }
            Err(_idle) => {
                return Err(Refusal::new(
                    Code::DeadlineExceeded,
                    "the body stands still",
                ));
            }
            Ok(next) => match next? {
                Some(bytes) => {
                    lines.push(&bytes);
                    false
                }
                None => true,
            },
        };
        while let Some(line) = lines
            .next_line()
            .or_else(|| if ended { lines.last_line() } else { None })
        {
            let entry = Entry::Line(line);
            batch_bytes += entry.bytes();
            batch.push(entry);
            if batch.len() >= BULK_LINES_MAX || batch_bytes >= BULK_BATCH_BYTES_MAX {
                send(load, std::mem::take(&mut batch), &batches).await?;
                batch_bytes = 0;
            }
        }
        if ended {
            return if batch.is_empty() {
                Ok(())
            } else {
                send(load, batch, &batches).await
            };
        }
    }
}

/// Collects what a reader finds into batches and hands these to the writer.
async fn collect(
    load: &Load,
    mut entries: mpsc::Receiver<Entry>,
    batches: mpsc::Sender<Sent>,
) -> Outcome<()> {
    let mut batch = Vec::new();
    let mut batch_bytes = 0;
    loop {
        let next = if batch.is_empty() {
            Ok(entries.recv().await)
        } else {
            tokio::time::timeout(BULK_PAUSE, entries.recv()).await
        };
        let is_full = match next {
            Ok(Some(entry)) => {
                batch_bytes += entry.bytes();
                batch.push(entry);
                batch.len() >= BULK_LINES_MAX || batch_bytes >= BULK_BATCH_BYTES_MAX
            }
            Ok(None) if batch.is_empty() => return Ok(()),
            Ok(None) | Err(_) => true,
        };
        if is_full {
            send(load, std::mem::take(&mut batch), &batches).await?;
            batch_bytes = 0;
        }
    }
}

/// Prepares a batch and hands it to the writer and the answerer.
async fn send(load: &Load, batch: Vec<Entry>, batches: &mpsc::Sender<Sent>) -> Outcome<()> {
    let (kinds, kind) = (Arc::clone(&load.app.kinds), load.kind);
    let deadline = Instant::now() + BULK_IDLE;
    let prepare_all = move || {
        Ok(batch
            .into_par_iter()
            .map(|entry| match entry {
                Entry::Line(line) => prepare(&kinds, kind, line),
                Entry::Rejected(result) => (result.line, Err(result)),
            })
            .collect::<Vec<_>>())
    };
    let prepared = load
        .app
        .prepares
        .run_admitted(deadline, prepare_all)
        .await?;
    let mut changes = Vec::with_capacity(prepared.len());
    let mut lines = Vec::with_capacity(prepared.len());
    for (number, prepared) in prepared {
        lines.push(match prepared {
            Ok(change) => {
                changes.push(change);
                Known::Change(number)
            }
            Err(rejected) => Known::Rejected(rejected),
        });
    }
    let pending = if changes.is_empty() {
        None
    } else {
        Some(load.app.writer.apply(load.space.number, changes).await?)
    };
    let sent = batches.send(Sent { lines, pending }).await;
    sent.map_err(|_gone| Refusal::new(Code::InvalidRequest, "the client left"))
}

/// Writes result lines in order. The counts, and the last sequence number if
/// anything was written; nothing when the client left or the writer stopped.
async fn answer(mut sent: mpsc::Receiver<Sent>, sink: &Sink) -> Option<(Summary, Option<u64>)> {
    let mut summary = Summary::default();
    let mut sequence = None;
    while let Some(batch) = sent.recv().await {
        let mut outcomes = Vec::new();
        if let Some(pending) = batch.pending {
            let applied = pending.applied().await.ok()?;
            sequence = Some(applied.sequence);
            outcomes = applied.outcomes;
        }
        let mut outcomes = outcomes.into_iter();
        let mut text = Vec::with_capacity(batch.lines.len() * 80);
        for known in batch.lines {
            let line = match known {
                Known::Rejected(line) => *line,
                Known::Change(number) => result(number, outcomes.next()?),
            };
            summary.count(line.result);
            push_line(&mut text, &line);
        }
        if !sink.send(text, BULK_IDLE).await {
            return None;
        }
    }
    Some((summary, sequence))
}

/// The result line of a change that reached the writer.
fn result(number: u64, outcome: tandem_index::Outcome) -> LineResult {
    let result = match outcome.result {
        Did::Created => WriteResult::Created,
        Did::Replaced => WriteResult::Replaced,
        Did::Deleted => WriteResult::Deleted,
        Did::Stale => WriteResult::Stale,
        // Lines of bulk have no conditions.
        Did::Unmet => return rejected(number, Some(outcome.id), defect()),
        Did::NotFound => {
            let refusal = Refusal::at(Code::NotFound, "/delete", "there is no such document");
            return rejected(number, Some(outcome.id), refusal);
        }
    };
    LineResult {
        version: Some(outcome.version),
        ..LineResult::new(number, Some(outcome.id), result)
    }
}

/// A line as a change, or why it is none.
fn prepare(kinds: &Kinds, kind: KindId, line: Line) -> (u64, Result<Prepared, Box<LineResult>>) {
    let number = line.number;
    let Some(bytes) = line.bytes else {
        let refusal = Refusal::at(
            Code::PayloadTooLarge,
            "",
            format!("the line has more than {LINE_BYTES_MAX} bytes"),
        );
        return (number, Err(Box::new(rejected(number, None, refusal))));
    };
    let Strict(document) = match read_json::read(&mut Vec::from(bytes)) {
        Ok(document) => document,
        Err(refusal) => return (number, Err(Box::new(rejected(number, None, refusal)))),
    };
    let id = document
        .get("id")
        .or_else(|| document.get("delete"))
        .and_then(Value::as_str);
    let id = id.filter(|id| id.len() <= ID_BYTES_MAX).map(str::to_owned);
    // A document that brings the analysis down costs its own line only.
    let prepared = catch_unwind(AssertUnwindSafe(|| {
        Ok(tandem_index::prepare(kinds, write(kind, document)?)?)
    }))
    .unwrap_or_else(|_panic| Err(defect()));
    (
        number,
        prepared.map_err(|refusal| Box::new(rejected(number, id, refusal))),
    )
}

/// A document, or `{"delete": "ID"}`.
fn write(kind: KindId, document: Value) -> Outcome<Write> {
    let delete = document
        .as_object()
        .filter(|members| members.len() == 1)
        .and_then(|members| members.get("delete"));
    match delete {
        Some(Value::String(id)) => Ok(Write::Delete {
            kind,
            id: id.clone(),
            version: None,
        }),
        Some(_) => Err(Refusal::at(Code::InvalidId, "/delete", "must be an id")),
        None => Ok(Write::Put {
            kind,
            id: None,
            document,
        }),
    }
}

pub(super) fn rejected(number: u64, id: Option<String>, refusal: Refusal) -> LineResult {
    let fault = refusal.errors.into_iter().next();
    let (pointer, did_you_mean) = fault.map_or((None, None), |fault| {
        (Some(fault.pointer), fault.did_you_mean)
    });
    LineResult {
        code: Some(refusal.code),
        pointer,
        detail: Some(refusal.detail),
        did_you_mean,
        ..LineResult::new(number, id, WriteResult::Rejected)
    }
}

fn push_line(text: &mut Vec<u8>, line: &impl Serialize) {
    let before = text.len();
    if serde_json::to_writer(&mut *text, line).is_err() {
        // Wire types have string keys and a vector takes every byte, so this is
        // never reached; half a line would be worse than none.
        text.truncate(before);
        return;
    }
    text.push(b'\n');
}
