//! JSON a line. Owns finding the lines; a line that cannot be one is rejected
//! and the next is read.

use super::text::{Piece, broken, check, too_large};
use super::window::Window;
use crate::record::Reject;

/// The lines of a source that are not blank.
pub(super) struct Lines {
    window: Window,
    /// Lines before the one being read.
    number: u64,
    /// How much of the window has no line end.
    searched: usize,
    bytes_max: usize,
    done: bool,
}

impl Lines {
    pub(super) fn new(window: Window, bytes_max: usize) -> Self {
        Self {
            window,
            number: 0,
            searched: 0,
            bytes_max,
            done: false,
        }
    }

    /// Drops the window up to the line's end.
    fn skip_line(&mut self) -> std::io::Result<()> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', self.window.bytes()) {
                self.window.advance(end + 1);
                return Ok(());
            }
            let held = self.window.bytes().len();
            self.window.advance(held);
            if !self.window.more()? {
                return Ok(());
            }
        }
    }

    fn piece(&self, number: u64, end: usize) -> Option<Result<Piece, Reject>> {
        let line = self.window.bytes().get(..end).unwrap_or_default();
        if line.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        Some(check(number, line).map(|_text| Piece {
            number,
            bytes: line.to_vec(),
        }))
    }
}

impl Iterator for Lines {
    type Item = Result<Piece, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            let number = self.number + 1;
            let bytes = self.window.bytes();
            let unsearched = bytes.get(self.searched..).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', unsearched) {
                let end = self.searched + end;
                let found = if end > self.bytes_max {
                    Some(Err(too_large(number, self.bytes_max)))
                } else {
                    self.piece(number, end)
                };
                self.window.advance(end + 1);
                self.searched = 0;
                self.number = number;
                if found.is_some() {
                    return found;
                }
                continue;
            }
            self.searched = bytes.len();
            if self.searched > self.bytes_max {
                self.searched = 0;
                self.number = number;
                if let Err(cause) = self.skip_line() {
                    self.done = true;
                    return Some(Err(broken(number, &cause)));
                }
                return Some(Err(too_large(number, self.bytes_max)));
            }
            match self.window.more() {
                Ok(true) => {}
                Ok(false) => {
                    self.done = true;
                    return self.piece(number, self.searched);
                }
                Err(cause) => {
                    self.done = true;
                    return Some(Err(broken(number, &cause)));
                }
            }
        }
        None
    }
}
