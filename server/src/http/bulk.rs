//! Many writes in one request. Owns the way from lines to result lines, with
//! bounded memory: a reader that prepares batches and hands them to the writer,
//! and an answerer that writes what became of them.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use rayon::prelude::*;
use tandem_index::KindId;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::answers::{Answers, Bounds, answers};
use super::ask::unknown_kind;
use super::body;
use super::bulk_lines::{Entry, Known, prepared, result};
use super::call::Call;
use super::lines::Lines;
use super::records::{self, Records};
use super::respond::{Body, NDJSON};
use super::sources::Origin;
use crate::app::App;
use crate::compute::defect;
use crate::limits::{
    BULK_ANSWER_BYTES_MAX, BULK_BATCH_BYTES_MAX, BULK_IDLE, BULK_LINES_MAX, BULK_PAUSE,
    BULK_SINGLE_BYTES_MAX, LINE_BYTES_MAX,
};
use crate::position::Reached;
use crate::space::Space;
use crate::wire::problem::{Code, Outcome, Refusal};
use crate::wire::write::{ProblemLine, Summary, SummaryLine};
use crate::writer::Pending;

/// A bulk request under way.
struct Load {
    app: Arc<App>,
    space: Arc<Space>,
    kind: KindId,
    origin: Option<Arc<Origin>>,
    /// The request's id.
    id: String,
    _place: OwnedSemaphorePermit,
}

/// Lines handed to the writer: what is known of each, and the rest to come.
struct Sent {
    lines: Vec<Known>,
    pending: Option<Pending>,
}

/// What came of the lines so far.
#[derive(Default)]
struct Tally {
    summary: Summary,
    /// Of the last batch that was written.
    sequence: Option<u64>,
}

/// Why a load ended before its end.
enum Ended {
    /// The client left.
    Left,
    /// It is told why.
    Refused(Refusal),
}

/// Starts a load; the answer is written while the body is read.
pub(super) async fn bulk(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    let kinds = &call.app.kinds;
    let kind = kinds
        .get(&call.params.kind)
        .ok_or_else(|| unknown_kind(kinds, &call.params.kind))?;
    let mut wanted = records::wanted(&call.headers, call.query.as_deref(), kind)?;
    let origin = match wanted.origin {
        Some(origin) => Some(Arc::new(origin.check(&call.space)?)),
        None => None,
    };
    let kind = kind.id;
    let place = Arc::clone(&call.app.bulks)
        .try_acquire_owned()
        .map_err(|_full| Refusal::new(Code::Overloaded, "too many bulk requests are under way"))?;
    if let (Some(records), Some(body)) = (&mut wanted.records, rest.as_mut()) {
        records::look(records, body, call.deadline).await?;
    }
    let body = rest.take().ok_or_else(defect)?;
    let (answers, answer) = answers(Bounds {
        single: BULK_SINGLE_BYTES_MAX,
        most: BULK_ANSWER_BYTES_MAX,
    });
    let load = Load {
        app: call.app,
        space: call.space,
        kind,
        origin,
        id: call.id,
        _place: place,
    };
    tokio::spawn(run(load, body, wanted.records, answers));
    let mut response = Response::new(Body::Right(answer.into()));
    *response.status_mut() = StatusCode::MULTI_STATUS;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    Ok(response)
}

async fn run(load: Load, mut body: Incoming, records: Option<Records>, answers: Answers) {
    let mut tally = Tally::default();
    let ended = load_all(&load, &mut body, records, &answers, &mut tally).await;
    load.app.metrics.rejected(tally.summary.rejected);
    let reached = match ended {
        Ok(()) => {
            let sequence = tally
                .sequence
                .unwrap_or_else(|| load.space.current().sequence);
            let mut summary = tally.summary;
            summary.sequence = load.space.token(sequence);
            summary.position = load.origin.as_ref().map(|one| one.position(&load.space));
            answers.line(&SummaryLine { summary })
        }
        Err(Ended::Left) => {
            answers.break_off();
            false
        }
        Err(Ended::Refused(refusal)) => {
            let problem = refusal.problem(&load.id);
            answers.line(&ProblemLine { problem })
        }
    };
    if reached {
        // The rest of a body that was refused is read, so that the client gets
        // to read why.
        body::drain(body);
    }
}

/// Reads, writes and answers all lines, as far as it goes.
async fn load_all(
    load: &Load,
    body: &mut Incoming,
    records: Option<Records>,
    answers: &Answers,
    tally: &mut Tally,
) -> Result<(), Ended> {
    let (batches, sent) = mpsc::channel(1);
    let mut feed = Feed {
        load,
        batches,
        batch: Vec::new(),
        bytes: 0,
        position: load.origin.as_ref().map_or(0, |origin| origin.begin()),
    };
    let mut reading = pin!(async move {
        let bytes = match records {
            None => read(&mut feed, body).await?,
            Some(records) => {
                let (head, pieces, entries) = records::start(records);
                tokio::try_join!(
                    records::pump(head, body, pieces),
                    collect(&mut feed, entries)
                )?;
                0
            }
        };
        feed.finish(bytes).await
    });
    let mut answering = pin!(answer(sent, answers, tally));
    let read = tokio::select! {
        read = &mut reading => read,
        // It goes on as long as there are batches, so it failed.
        answered = &mut answering => return answered,
    };
    // What is with the writer is answered, whatever became of the rest.
    answering.await?;
    read.map_err(Ended::Refused)
}

/// Lines on their way to the writer.
struct Feed<'a> {
    load: &'a Load,
    batches: mpsc::Sender<Sent>,
    batch: Vec<Entry>,
    bytes: usize,
    /// The source's position behind the last batch.
    position: u64,
}

impl Feed<'_> {
    async fn push(&mut self, entry: Entry) -> Outcome<()> {
        self.bytes += entry.bytes();
        self.batch.push(entry);
        if self.batch.len() >= BULK_LINES_MAX || self.bytes >= BULK_BATCH_BYTES_MAX {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Outcome<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let end = self.batch.iter().rev().find_map(Entry::end);
        let origin = self.load.origin.as_ref();
        let behind = origin.and_then(|origin| origin.behind(end?));
        self.send(behind).await
    }

    /// The end of a body of so many bytes.
    async fn finish(mut self, body_bytes: u64) -> Outcome<()> {
        self.flush().await?;
        let origin = self.load.origin.as_ref();
        match origin.map(|origin| origin.end(body_bytes)) {
            Some(end) if end > self.position => self.send(Some(end)).await,
            Some(_) | None => Ok(()),
        }
    }

    /// Prepares the batch and hands it to the writer and the answerer; the
    /// position behind it is kept with it.
    async fn send(&mut self, behind: Option<u64>) -> Outcome<()> {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        let reached = self.reached(behind);
        let load = self.load;
        let (kinds, kind) = (Arc::clone(&load.app.kinds), load.kind);
        let origin = load.origin.clone();
        let deadline = Instant::now() + BULK_IDLE;
        let prepare_all = move || {
            let one = |entry| prepared(&kinds, kind, origin.as_deref(), entry);
            Ok(batch.into_par_iter().map(one).unzip())
        };
        let prepared: (Vec<Known>, Vec<_>) = load
            .app
            .prepares
            .run_admitted(deadline, prepare_all)
            .await?;
        let (lines, changes) = prepared;
        let changes: Vec<_> = changes.into_iter().flatten().collect();
        let pending = if changes.is_empty() && reached.is_none() {
            None
        } else {
            let writer = &load.app.writer;
            Some(writer.apply(load.space.number, changes, reached).await?)
        };
        let sent = self.batches.send(Sent { lines, pending }).await;
        sent.map_err(|_gone| Refusal::new(Code::InvalidRequest, "the client left"))
    }

    fn reached(&mut self, behind: Option<u64>) -> Option<Reached> {
        let (origin, behind) = (self.load.origin.as_ref()?, behind?);
        let reached = origin.reached(self.position, behind);
        self.position = self.position.max(behind);
        reached
    }
}

/// Reads lines to the body's end; how many bytes it had.
async fn read(feed: &mut Feed<'_>, body: &mut Incoming) -> Outcome<u64> {
    let mut lines = Lines::new(LINE_BYTES_MAX);
    loop {
        let wait = if feed.batch.is_empty() {
            BULK_IDLE
        } else {
            BULK_PAUSE
        };
        let ended = match tokio::time::timeout(wait, body::next(body)).await {
            // Nothing comes for now: what is there is not kept waiting for more.
            Err(_pause) if !feed.batch.is_empty() => {
                feed.flush().await?;
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
            feed.push(Entry::Line(line)).await?;
        }
        if ended {
            return Ok(lines.taken());
        }
    }
}

/// Collects what a reader finds.
async fn collect(feed: &mut Feed<'_>, mut entries: mpsc::Receiver<Entry>) -> Outcome<()> {
    loop {
        let next = if feed.batch.is_empty() {
            Ok(entries.recv().await)
        } else {
            tokio::time::timeout(BULK_PAUSE, entries.recv()).await
        };
        match next {
            Ok(Some(entry)) => feed.push(entry).await?,
            Ok(None) => return feed.flush().await,
            Err(_pause) => feed.flush().await?,
        }
    }
}

/// Writes result lines in order.
async fn answer(
    mut sent: mpsc::Receiver<Sent>,
    answers: &Answers,
    tally: &mut Tally,
) -> Result<(), Ended> {
    let lost = || Ended::Refused(defect());
    while let Some(batch) = sent.recv().await {
        let mut outcomes = Vec::new();
        if let Some(pending) = batch.pending {
            let applied = pending.applied().await.map_err(Ended::Refused)?;
            tally.sequence = Some(applied.sequence);
            outcomes = applied.outcomes;
        }
        let mut outcomes = outcomes.into_iter();
        let mut results = Vec::with_capacity(batch.lines.len());
        for known in batch.lines {
            let line = match known {
                Known::Settled(line) => *line,
                Known::Change(number) => result(number, false, outcomes.next().ok_or_else(lost)?),
                Known::Sourced(number) => result(number, true, outcomes.next().ok_or_else(lost)?),
            };
            tally.summary.count(line.result);
            results.push(line);
        }
        if !answers.results(results.into_iter()) || !answers.room(BULK_IDLE).await {
            return Err(Ended::Left);
        }
    }
    Ok(())
}
