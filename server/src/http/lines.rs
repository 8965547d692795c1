//! Splits a body into lines as it arrives. Owns the longest line; what a line
//! says is not looked at. The loaders' splitter pulls from a reader and would
//! hold a thread while a client pauses; this one is pushed and never waits.

use bytes::{Buf, Bytes, BytesMut};

/// A byte order mark, which some editors put in front of a file.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// One line of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number, from 1, blank lines counted.
    pub number: u64,
    /// Where it ends in the body, with its line end.
    pub end: u64,
    /// Its bytes without the line end; `None` when it was too long.
    pub bytes: Option<Bytes>,
}

/// Bytes that are not lines yet.
#[derive(Debug)]
pub(crate) struct Lines {
    rest: BytesMut,
    /// How much of `rest` is known to hold no line end.
    searched: usize,
    number: u64,
    /// Bytes that are lines by now, or dropped.
    taken: u64,
    line_bytes_max: usize,
    /// In a line that is too long: dropped up to its end.
    skipping: bool,
}

impl Lines {
    pub(crate) fn new(line_bytes_max: usize) -> Self {
        Self {
            rest: BytesMut::new(),
            searched: 0,
            number: 0,
            taken: 0,
            line_bytes_max,
            skipping: false,
        }
    }

    /// Adds bytes of the body.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
    }

    /// The next complete line that is not blank.
    pub(crate) fn next_line(&mut self) -> Option<Line> {
        loop {
            let unsearched = self.rest.get(self.searched..).unwrap_or_default();
            let Some(end) = unsearched.iter().position(|byte| *byte == b'\n') else {
                self.searched = self.rest.len();
                if self.rest.len() > self.line_bytes_max {
                    self.skipping = true;
                    self.taken += self.rest.len() as u64;
                    self.rest.clear();
                    self.searched = 0;
                }
                return None;
            };
            let line = self.rest.split_to(self.searched + end);
            self.taken += line.len() as u64 + 1;
            self.rest.advance(1);
            self.searched = 0;
            if let Some(line) = self.finish(line.freeze()) {
                return Some(line);
            }
        }
    }

    /// Bytes of the body that are lines by now: all, behind its last line.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// What is left at the end of the body, as its last line.
    pub(crate) fn last_line(&mut self) -> Option<Line> {
        let line = self.rest.split().freeze();
        self.taken += line.len() as u64;
        self.searched = 0;
        if line.is_empty() && !self.skipping {
            None
        } else {
            self.finish(line)
        }
    }

    fn finish(&mut self, line: Bytes) -> Option<Line> {
        self.number += 1;
        let mut line = line;
        if self.number == 1 && line.starts_with(MARK) {
            line.advance(MARK.len());
        }
        let too_long = std::mem::take(&mut self.skipping) || line.len() > self.line_bytes_max;
        if !too_long && line.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        Some(Line {
            number: self.number,
            end: self.taken,
            bytes: (!too_long).then_some(line),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    /// Numbers and texts of lines.
    type Found = Vec<(u64, Option<String>)>;

    /// The lines of a body that arrives in pieces of this size.
    fn split(body: &[u8], piece: usize) -> Found {
        let mut lines = Lines::new(5);
        let mut found = Vec::new();
        for bytes in body.chunks(piece) {
            lines.push(bytes);
            while let Some(line) = lines.next_line() {
                found.push(line);
            }
        }
        found.extend(lines.last_line());
        found
            .into_iter()
            .map(|line| {
                (
                    line.number,
                    line.bytes
                        .map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()),
                )
            })
            .collect()
    }

    #[test]
    fn where_a_line_ends_is_the_same_however_it_arrives() {
        let body = "\u{feff}a\r\n\n1234567\nbc\n\nde";
        for piece in [1, 2, 3, 7, 100] {
            let mut lines = Lines::new(5);
            let mut ends = Vec::new();
            for bytes in body.as_bytes().chunks(piece) {
                lines.push(bytes);
                while let Some(line) = lines.next_line() {
                    ends.push(line.end);
                }
            }
            ends.extend(lines.last_line().map(|line| line.end));
            assert_eq!(ends, [6, 15, 18, 21], "{piece}");
            assert_eq!(lines.taken(), body.len() as u64);
        }
    }

    #[test]
    fn lines_are_the_same_however_they_arrive() {
        let text = |line: &str| Some(line.to_owned());
        let cases: [(&str, Found); 7] = [
            ("", vec![]),
            ("a\nb\n", vec![(1, text("a")), (2, text("b"))]),
            ("a\n\n \r\nb", vec![(1, text("a")), (4, text("b"))]),
            (
                "12345\n123456\nx",
                vec![(1, text("12345")), (2, None), (3, text("x"))],
            ),
            ("1234567890123", vec![(1, None)]),
            ("\n\n", vec![]),
            ("\u{feff}a\nb", vec![(1, text("a")), (2, text("b"))]),
        ];
        for (body, expected) in cases {
            for piece in [1, 2, 3, 7, 100] {
                assert_eq!(
                    split(body.as_bytes(), piece),
                    expected,
                    "{body:?} in pieces of {piece}"
                );
            }
        }
    }
}
