//! Result lines on their way to a client. Owns how much of them is held for one
//! that does not read: lines are single up to a bound, then those that were
//! accepted fold into ranges, so that a client may read only at the end; what
//! was rejected stays single, and beyond a larger bound has to wait.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use serde::Serialize;
use tokio::sync::Notify;

use super::stream::Broken;
use crate::wire::write::{LineResult, RangeResult, WriteResult};

/// Bytes of result lines that go out as one piece.
const PIECE_BYTES: usize = 32 << 10;
/// What a range is counted as while it waits: about the bytes of its line.
const RANGE_BYTES: usize = 64;

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Bytes up to which every line is single.
    pub single: usize,
    /// Bytes from which on nothing is added.
    pub most: usize,
}

#[derive(Debug)]
enum Part {
    /// Lines as they are sent.
    Text(Vec<u8>),
    /// A line that still grows.
    Range(RangeResult),
}

#[derive(Debug, Default)]
struct Queue {
    parts: VecDeque<Part>,
    bytes: usize,
    /// Nothing comes any more.
    ended: bool,
    /// And what came is not all.
    broken: bool,
    /// The client left.
    left: bool,
    waker: Option<Waker>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    room: Notify,
    bounds: Bounds,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics while it is held; a line more or less is no defect anyway.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writing end. The body ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Answers(Arc<Shared>);

/// The reading end: a response body.
#[derive(Debug)]
pub(crate) struct AnswerBody(Arc<Shared>);

/// Result lines within bounds.
pub(crate) fn answers(bounds: Bounds) -> (Answers, AnswerBody) {
    let shared = Arc::new(Shared {
        queue: Mutex::default(),
        room: Notify::new(),
        bounds,
    });
    (Answers(Arc::clone(&shared)), AnswerBody(shared))
}

impl Answers {
    /// Adds results of lines, in order. False when the client left.
    pub(crate) fn results(&self, results: impl Iterator<Item = LineResult>) -> bool {
        let mut queue = self.0.queue();
        for result in results {
            queue.add(&result, self.0.bounds.single);
        }
        wake(queue)
    }

    /// Adds a line that is no result. False when the client left.
    pub(crate) fn line(&self, line: &impl Serialize) -> bool {
        let mut queue = self.0.queue();
        queue.text(line);
        wake(queue)
    }

    /// Ends the body as broken.
    pub(crate) fn break_off(&self) {
        self.0.queue().broken = true;
    }

    /// Waits until more may be added. False when the client left, or does not
    /// read for so long.
    pub(crate) async fn room(&self, wait: Duration) -> bool {
        let free = async {
            loop {
                let changed = self.0.room.notified();
                {
                    let queue = self.0.queue();
                    if queue.left || queue.bytes < self.0.bounds.most {
                        return !queue.left;
                    }
                }
                changed.await;
            }
        };
        tokio::time::timeout(wait, free).await.unwrap_or(false)
    }
}

/// Tells the reader that there is something. False when it left.
fn wake(mut queue: MutexGuard<'_, Queue>) -> bool {
    let (waker, left) = (queue.waker.take(), queue.left);
    drop(queue);
    if let Some(waker) = waker {
        waker.wake();
    }
    !left
}

impl Queue {
    fn add(&mut self, result: &LineResult, single_bytes: usize) {
        let folds = match result.result {
            WriteResult::Created
            | WriteResult::Replaced
            | WriteResult::Deleted
            | WriteResult::Stale => self.bytes >= single_bytes,
            // There is nothing to say of one that its neighbours do not say.
            WriteResult::Repeated => true,
            WriteResult::Rejected => false,
        };
        if !folds {
            self.text(result);
            return;
        }
        if let Some(Part::Range(range)) = self.parts.back_mut()
            && range.result == result.result
        {
            range.lines[1] = result.line;
            range.count += 1;
            return;
        }
        self.bytes += RANGE_BYTES;
        self.parts.push_back(Part::Range(RangeResult {
            lines: [result.line; 2],
            count: 1,
            result: result.result,
        }));
    }

    fn text(&mut self, line: &impl Serialize) {
        let is_open =
            matches!(self.parts.back(), Some(Part::Text(text)) if text.len() < PIECE_BYTES);
        if !is_open {
            self.parts.push_back(Part::Text(Vec::new()));
        }
        if let Some(Part::Text(text)) = self.parts.back_mut() {
            self.bytes += push_line(text, line);
        }
    }
}

/// Appends a line of JSON; how many bytes it has.
fn push_line(text: &mut Vec<u8>, line: &impl Serialize) -> usize {
    let before = text.len();
    if serde_json::to_writer(&mut *text, line).is_err() {
        // Wire types have string keys and a vector takes every byte, so this is
        // never reached; half a line would be worse than none.
        text.truncate(before);
        return 0;
    }
    text.push(b'\n');
    text.len() - before
}

impl Drop for Answers {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.ended = true;
        wake(queue);
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.left = true;
        queue.parts.clear();
        drop(queue);
        self.0.room.notify_one();
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let mut queue = self.0.queue();
        let text = match queue.parts.pop_front() {
            Some(Part::Text(text)) => {
                queue.bytes -= text.len();
                text
            }
            Some(Part::Range(range)) => {
                queue.bytes -= RANGE_BYTES;
                let mut text = Vec::new();
                push_line(&mut text, &range);
                text
            }
            None if queue.ended && queue.broken => return Poll::Ready(Some(Err(Broken))),
            None if queue.ended => return Poll::Ready(None),
            None => {
                queue.waker = Some(context.waker().clone());
                return Poll::Pending;
            }
        };
        drop(queue);
        self.0.room.notify_one();
        Poll::Ready(Some(Ok(Frame::data(text.into()))))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt;
    use serde_json::{Value, json};

    use super::{Bounds, answers};
    use crate::wire::write::LineResult;
    use crate::wire::write::WriteResult::{Created, Rejected, Repeated, Stale};

    const SOON: Duration = Duration::from_millis(10);

    async fn read(mut body: super::AnswerBody) -> Vec<Value> {
        let mut text = Vec::new();
        while let Some(frame) = body.frame().await {
            text.extend(frame.unwrap().into_data().unwrap());
        }
        let lines = text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    #[tokio::test]
    async fn accepted_lines_fold_beyond_a_bound_and_errors_stay_single() {
        let (out, body) = answers(Bounds {
            single: 100,
            most: 10_000,
        });
        let line = |number, result| LineResult::new(number, Some("x".to_owned()), result);
        assert!(out.results([line(1, Repeated), line(2, Repeated)].into_iter()));
        let created = (3..=100).map(|number| line(number, Created));
        assert!(out.results(created));
        let rest = [
            line(101, Rejected),
            line(102, Rejected),
            line(104, Created),
            line(105, Stale),
            line(107, Stale),
        ];
        assert!(out.results(rest.into_iter()));
        assert!(out.room(SOON).await);
        drop(out);
        let lines = read(body).await;
        assert_eq!(
            lines[0],
            json!({"lines": [1, 2], "count": 2, "result": "repeated"})
        );
        assert_eq!(lines[1], json!({"line": 3, "id": "x", "result": "created"}));
        let folded = lines
            .iter()
            .position(|line| line["lines"][1] == 100)
            .unwrap();
        assert_eq!(lines[folded]["result"], "created");
        assert_eq!(
            lines[folded]["lines"][0].as_u64().unwrap(),
            folded as u64 + 2
        );
        assert_eq!(lines[folded + 1]["line"], 101);
        assert_eq!(lines[folded + 2]["line"], 102);
        assert_eq!(
            lines[folded + 3],
            json!({"lines": [104, 104], "count": 1, "result": "created"})
        );
        assert_eq!(
            lines[folded + 4],
            json!({"lines": [105, 107], "count": 2, "result": "stale"})
        );
        assert_eq!(lines.len(), folded + 5);
    }

    #[tokio::test]
    async fn errors_nobody_reads_have_to_wait_and_a_client_that_left_is_noticed() {
        let (out, mut body) = answers(Bounds {
            single: 10,
            most: 100,
        });
        let rejected = || (1..=9).map(|number| LineResult::new(number, None, Rejected));
        assert!(out.room(SOON).await);
        assert!(out.results(rejected()));
        assert!(!out.room(SOON).await);
        let (room, frame) = tokio::join!(out.room(Duration::from_secs(9)), body.frame());
        assert!(room && frame.is_some());
        assert!(out.results(rejected()));
        drop(body);
        assert!(!out.room(Duration::from_secs(9)).await);
        assert!(!out.results(rejected()));
    }
}
