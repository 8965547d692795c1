//! A stretch of a source that is held while a record is looked for in it. Owns
//! how much is held; knows nothing of what the bytes say.

use std::io::{self, Read};

/// Bytes asked for at a time while records are short.
const CHUNK_BYTES: usize = 128 << 10;

/// Bytes read and not used yet.
pub(super) struct Window {
    input: Box<dyn Read + Send>,
    /// Room, of which `start..end` is held.
    room: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    /// Why it ended, until that is told.
    failure: Option<io::Error>,
}

impl Window {
    pub(super) fn new(input: Box<dyn Read + Send>) -> Self {
        Self {
            input,
            room: Vec::new(),
            start: 0,
            end: 0,
            ended: false,
            failure: None,
        }
    }

    /// What is held.
    pub(super) fn bytes(&self) -> &[u8] {
        self.room.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether what is held is the source's end, and not where it broke.
    pub(super) fn is_ended(&self) -> bool {
        self.ended && self.failure.is_none()
    }

    /// Lets go of so many bytes.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.start = self.end.min(self.start + bytes);
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

    /// Reads once.
    fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        self.make_room();
        let read = loop {
            let room = self.room.get_mut(self.end..).unwrap_or_default();
            match self.input.read(room) {
                Ok(read) => break read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => {
                    self.failure = Some(cause);
                    break 0;
                }
            }
        };
        self.end += read;
        self.ended = read == 0;
        read > 0
    }

    /// Makes room behind what is held: as much again as is held, so that long
    /// records are moved and looked through in linear time.
    fn make_room(&mut self) {
        let held = self.end - self.start;
        if self.start > 0 {
            self.room.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, held);
        }
        let wanted = 2 * held.max(CHUNK_BYTES);
        if self.room.len() < held + CHUNK_BYTES / 2 {
            self.room.resize(wanted, 0);
        } else if self.room.len() > 16 * CHUNK_BYTES && wanted == 2 * CHUNK_BYTES {
            // One long record is no reason to hold its room for ever.
            self.room.truncate(wanted);
            self.room.shrink_to_fit();
        }
    }
}
