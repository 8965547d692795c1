//! A body that is written while it is read. Owns how many bytes may wait for a
//! client that does not read.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::answers::AnswerBody;
use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// The reading end: a response body.
#[derive(Debug)]
pub(crate) enum Stream {
    /// Bytes in the order they were sent.
    Chunks(mpsc::UnboundedReceiver<Chunk>),
    /// Result lines, which may fold.
    Answers(AnswerBody),
}

impl From<AnswerBody> for Stream {
    fn from(answers: AnswerBody) -> Self {
        Self::Answers(answers)
    }
}

/// Bytes, and the room they take until they are read.
pub(crate) type Chunk = Result<(Bytes, OwnedSemaphorePermit), Broken>;

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
}

/// A body with room for so many unread bytes.
pub(crate) fn stream(bytes_max: usize) -> (Sink, Stream) {
    let (sender, chunks) = mpsc::unbounded_channel();
    (
        Sink {
            chunks: sender,
            room: Arc::new(Semaphore::new(bytes_max)),
            bytes_max,
        },
        Stream::Chunks(chunks),
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
            Ok(Ok(place)) => self.chunks.send(Ok((bytes.into(), place))).is_ok(),
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Ends the body as broken.
    pub(crate) fn break_off(&self) {
        // A client that left has noticed already.
        drop(self.chunks.send(Err(Broken)));
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
            Self::Chunks(chunks) => chunks
                .poll_recv(context)
                .map(|chunk| chunk.map(|chunk| chunk.map(|(bytes, _room)| Frame::data(bytes)))),
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
}
