//! Documents as lines of a bulk body, made as they are read.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::time::Instant;

use crate::documents::{Maker, Which};

/// Lines of documents that are replaced in turn.
pub(crate) struct Lines {
    maker: Arc<Maker>,
    /// Documents that are replaced in turn.
    documents: usize,
    /// Round of the first.
    round: u64,
    next: usize,
    end: End,
    line: Vec<u8>,
    read: usize,
}

/// Where lines end.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// After so many.
    Count(usize),
    /// With the one that is being made at a time.
    At(Instant),
}

impl Lines {
    pub(crate) fn new(maker: &Arc<Maker>, documents: usize, round: u64, end: End) -> Self {
        Self {
            maker: Arc::clone(maker),
            documents,
            round,
            next: 0,
            end,
            line: Vec::new(),
            read: 0,
        }
    }
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Lines {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let ended = match self.end {
            End::Count(count) => self.next >= count,
            End::At(time) => Instant::now() >= time,
        };
        if self.read == self.line.len() && !ended {
            let which = Which {
                number: self.next % self.documents,
                round: self.round + (self.next / self.documents) as u64,
            };
            self.line = self.maker.json(which, None, true).into_bytes();
            self.line.push(b'\n');
            self.read = 0;
            self.next += 1;
        }
        Ok(self.line.get(self.read..).unwrap_or_default())
    }

    fn consume(&mut self, bytes: usize) {
        self.read = (self.read + bytes).min(self.line.len());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::documents::tests::shape;

    #[test]
    fn lines_are_whole_documents_in_turn_and_end() {
        let maker = Arc::new(Maker::new(&shape(), None, false, 3).unwrap());
        let ids = |end| -> Vec<String> {
            let lines = Lines::new(&maker, 2, 0, end).lines();
            let document = |line: io::Result<String>| -> Value {
                serde_json::from_str(&line.unwrap()).unwrap()
            };
            lines.map(|line| document(line)["id"].to_string()).collect()
        };
        assert_eq!(
            ids(End::Count(3)),
            ["\"load-0\"", "\"load-1\"", "\"load-0\""]
        );
        assert!(ids(End::At(Instant::now())).is_empty());
    }
}
