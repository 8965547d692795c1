//! A body that is written while it is read. Owns how many bytes may wait for a
//! client that does not read.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use super::answers::AnswerBody;
use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// How long an abandoned body stays open behind its last words.
const LINGER: Duration = Duration::from_millis(500);

/// The reading end: a response body.
#[derive(Debug)]
pub(crate) enum Stream {
    /// Bytes in the order they were sent.
    Chunks(Chunks),
    /// Result lines, which may fold.
    Answers(AnswerBody),
}

/// What was sent and not read yet.
#[derive(Debug)]
pub(crate) struct Chunks {
    chunks: mpsc::UnboundedReceiver<Chunk>,
    abandoned: Arc<AtomicBool>,
}

impl From<AnswerBody> for Stream {
    fn from(answers: AnswerBody) -> Self {
        Self::Answers(answers)
    }
}

/// Bytes, and the room they take until they are read.
type Chunk = Result<(Bytes, Room), Broken>;

#[derive(Debug)]
enum Room {
    Shared(#[expect(dead_code, reason = "given back when dropped")] OwnedSemaphorePermit),
    /// That of an abandoned body's last words.
    Last(#[expect(dead_code, reason = "given back when dropped")] OwnedSemaphorePermit),
}

/// The body ends before its end, so that the client does not take it for whole.
#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer broke off")
    }
}

impl std::error::Error for Broken {}

/// The writing end.
#[derive(Debug)]
pub(crate) struct Sink {
    chunks: mpsc::UnboundedSender<Chunk>,
    room: Arc<Semaphore>,
    bytes_max: usize,
    abandoned: Arc<AtomicBool>,
}

/// A body with room for so many unread bytes.
pub(crate) fn stream(bytes_max: usize) -> (Sink, Stream) {
    let (sender, chunks) = mpsc::unbounded_channel();
    let abandoned = Arc::new(AtomicBool::new(false));
    (
        Sink {
            chunks: sender,
            room: Arc::new(Semaphore::new(bytes_max)),
            bytes_max,
            abandoned: Arc::clone(&abandoned),
        },
        Stream::Chunks(Chunks { chunks, abandoned }),
    )
}

impl Sink {
    /// Sends bytes, waiting for room so long. False when the client left or
    /// does not read.
    pub(crate) async fn send(&self, bytes: Vec<u8>, wait: Duration) -> bool {
        // One chunk larger than all the room takes all of it.
        let size = bytes.len().min(self.bytes_max) as u32;
        let room =
            tokio::time::timeout(wait, Arc::clone(&self.room).acquire_many_owned(size)).await;
        match room {
            Ok(Ok(place)) => self
                .chunks
                .send(Ok((bytes.into(), Room::Shared(place))))
                .is_ok(),
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Ends the body as broken after these bytes; what the client did not read yet
    /// is dropped. Waits so long for it to read them.
    pub(crate) async fn abandon(&self, last: Vec<u8>, wait: Duration) {
        self.abandoned.store(true, Ordering::Release);
        let room = Arc::new(Semaphore::new(1));
        if let Ok(place) = Arc::clone(&room).try_acquire_owned() {
            drop(self.chunks.send(Ok((last.into(), Room::Last(place)))));
            let taken = tokio::time::timeout(wait, room.acquire()).await;
            if taken.is_ok() {
                // A connection that breaks drops what it did not write yet.
                tokio::time::sleep(LINGER).await;
            }
        }
        self.break_off();
    }

    /// Ends the body as broken.
    pub(crate) fn break_off(&self) {
        // A client that left has noticed already.
        drop(self.chunks.send(Err(Broken)));
    }
}

impl Chunks {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        loop {
            return match self.chunks.poll_recv(context) {
                Poll::Ready(Some(Ok((_, Room::Shared(_)))))
                    if self.abandoned.load(Ordering::Acquire) =>
                {
                    continue;
                }
                Poll::Ready(Some(Ok((bytes, _room)))) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Poll::Ready(Some(Err(broken))) => Poll::Ready(Some(Err(broken))),
                Poll::Ready(None) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            };
        }
    }
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match &mut *self {
            Self::Chunks(chunks) => chunks.poll(context),
            Self::Answers(answers) => Pin::new(answers).poll_frame(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt;

    use super::stream;

    #[tokio::test]
    async fn unread_bytes_are_bounded() {
        let (sink, mut body) = stream(10);
        assert!(sink.send(vec![0; 8], Duration::from_secs(9)).await);
        assert!(!sink.send(vec![0; 8], Duration::from_millis(10)).await);
        body.frame().await.unwrap().unwrap();
        assert!(sink.send(vec![0; 80], Duration::from_secs(9)).await);
        drop(body);
        assert!(!sink.send(vec![0; 1], Duration::from_secs(9)).await);
    }

    #[tokio::test]
    async fn an_abandoned_body_says_only_its_last_words() {
        let (sink, mut body) = stream(10);
        assert!(sink.send(vec![1; 8], Duration::from_secs(9)).await);
        let reading = async {
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), vec![2]);
            assert!(body.frame().await.unwrap().is_err());
        };
        tokio::join!(sink.abandon(vec![2], Duration::from_secs(9)), reading);
    }
}
