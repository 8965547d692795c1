//! A stretch of a source that is held while a record is looked for in it. Owns
//! how much is held; knows nothing of what the bytes say.

use std::io::{self, Read};

/// Bytes asked for at a time while records are short.
const CHUNK_BYTES: usize = 128 << 10;

/// Bytes read and not used yet.
pub(super) struct Window {
    input: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    ended: bool,
    /// Why it ended, until that is told.
    failure: Option<io::Error>,
}

impl Window {
    pub(super) fn new(input: Box<dyn Read + Send>) -> Self {
        Self {
            input,
            bytes: Vec::new(),
            start: 0,
            ended: false,
            failure: None,
        }
    }

    /// What is held.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Whether what is held is the source's end, and not where it broke.
    pub(super) fn is_ended(&self) -> bool {
        self.ended && self.failure.is_none()
    }

    /// Lets go of so many bytes.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.start = self.bytes.len().min(self.start + bytes);
    }

    /// Holds more; false at the end of the source.
    pub(super) fn more(&mut self) -> io::Result<bool> {
        let more = self.fill();
        match self.failure.take() {
            Some(failure) if !more => Err(failure),
            failure => {
                self.failure = failure;
                Ok(more)
            }
        }
    }

    /// Holds so many bytes, or all there are before the end or a failure.
    pub(super) fn hold(&mut self, bytes: usize) {
        while self.bytes().len() < bytes && self.fill() {}
    }

    /// Reads once. As much again is asked for as is held, so that a long record
    /// is looked through in linear time.
    fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        self.bytes.drain(..self.start);
        self.start = 0;
        let held = self.bytes.len();
        let wanted = held.max(CHUNK_BYTES);
        self.bytes.resize(held + wanted, 0);
        let read = loop {
            let room = self.bytes.get_mut(held..).unwrap_or_default();
            match self.input.read(room) {
                Ok(read) => break read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => {
                    self.failure = Some(cause);
                    break 0;
                }
            }
        };
        self.bytes.truncate(held + read);
        if self.bytes.capacity() > 8 * CHUNK_BYTES && held < CHUNK_BYTES {
            // One long record is no reason to hold its room for ever.
            self.bytes.shrink_to(4 * CHUNK_BYTES);
        }
        self.ended = read == 0;
        read > 0
    }
}
