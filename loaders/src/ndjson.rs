//! Splits NDJSON into lines. Owns line ends, numbers, offsets and the length bound; knows nothing of JSON.
//!
//! Invalid UTF-8 is left to the parser, which can say where it is.

use std::io::{self, BufRead};

/// One line that is not blank.
#[derive(Debug)]
pub struct Line {
    /// Counted from 1; blank lines count.
    pub number: u64,
    /// Where the line's first byte stands in the input (behind a byte order mark).
    pub offset: u64,
    /// What was read.
    pub content: Content,
}

/// What became of a line.
#[derive(Debug)]
pub enum Content {
    /// The line without its end (`\n` or `\r\n`).
    Bytes(Vec<u8>),
    /// The line is longer than allowed and was skipped; the next line follows as usual.
    TooLong {
        /// The line's length without its end.
        bytes: u64,
    },
    /// Reading failed in this line; nothing follows.
    Io(io::Error),
}

/// Why a line was not taken: shown and counted, never a reason to stop. Holds no text of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The line's number, from 1.
    pub line: u64,
    /// The field at fault, empty when it is the line as a whole.
    pub field: String,
    /// What is wrong, in lower case and without a full stop.
    pub reason: String,
}

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The lines of the input, each at most `line_bytes_max` long. Memory is bounded by that and the reader's buffer.
pub fn lines<R: BufRead>(reader: R, line_bytes_max: usize) -> Lines<R> {
    Lines {
        reader,
        line_bytes_max,
        number: 0,
        offset: 0,
        done: false,
    }
}

/// See [`lines`].
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    line_bytes_max: usize,
    number: u64,
    offset: u64,
    done: bool,
}

/// A raw line: what was kept of it and how long it was, without `\n`.
struct Raw {
    kept: Vec<u8>,
    bytes: u64,
    last: Option<u8>,
    /// Whether a `\n` ended it; without one the input is at its end.
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    fn raw(&mut self) -> io::Result<Raw> {
        // One more for `\r`, and the byte order mark: neither counts against the bound.
        let kept_max = self.line_bytes_max.saturating_add(1 + MARK.len());
        let mut raw = Raw {
            kept: Vec::new(),
            bytes: 0,
            last: None,
            ended: false,
        };
        while !raw.ended {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                break;
            }
            let end = memchr_newline(buffer);
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or(buffer);
            let room = kept_max - raw.kept.len();
            raw.kept.extend(part.iter().take(room));
            raw.bytes += part.len() as u64;
            raw.last = part.last().copied().or(raw.last);
            raw.ended = end.is_some();
            let used = part.len() + usize::from(raw.ended);
            self.reader.consume(used);
        }
        Ok(raw)
    }

    /// The line in the raw one, or nothing when it is blank.
    fn content(&self, raw: Raw, mark: usize) -> Option<Content> {
        let carriage = usize::from(raw.last == Some(b'\r'));
        let bytes = raw.bytes.saturating_sub((mark + carriage) as u64);
        if bytes > self.line_bytes_max as u64 {
            return Some(Content::TooLong { bytes });
        }
        let mut kept = raw.kept;
        kept.truncate(kept.len() - carriage);
        kept.drain(..mark);
        if kept.trim_ascii().is_empty() {
            None
        } else {
            Some(Content::Bytes(kept))
        }
    }
}

fn memchr_newline(buffer: &[u8]) -> Option<usize> {
    buffer.iter().position(|&byte| byte == b'\n')
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        while !self.done {
            self.number += 1;
            let (number, start) = (self.number, self.offset);
            let raw = match self.raw() {
                Ok(raw) => raw,
                Err(error) => {
                    self.done = true;
                    return Some(Line {
                        number,
                        offset: start,
                        content: Content::Io(error),
                    });
                }
            };
            self.done = !raw.ended;
            self.offset = start + raw.bytes + u64::from(raw.ended);
            let mark = if number == 1 && raw.kept.starts_with(MARK) {
                MARK.len()
            } else {
                0
            };
            if let Some(content) = self.content(raw, mark) {
                return Some(Line {
                    number,
                    offset: start + mark as u64,
                    content,
                });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::{BufReader, Read};

    /// (number, offset, text), with "!n" for a line of n bytes that is too long.
    fn split(reader: impl Read, chunk: usize, line_bytes_max: usize) -> Vec<(u64, u64, Vec<u8>)> {
        lines(BufReader::with_capacity(chunk, reader), line_bytes_max)
            .map(|line| match line.content {
                Content::Bytes(bytes) => (line.number, line.offset, bytes),
                Content::TooLong { bytes } => {
                    (line.number, line.offset, format!("!{bytes}").into_bytes())
                }
                Content::Io(error) => (line.number, line.offset, format!("?{error}").into_bytes()),
            })
            .collect()
    }

    #[test]
    fn lines_are_split_numbered_and_bounded() {
        type Case = (
            &'static str,
            &'static [u8],
            &'static [(u64, u64, &'static [u8])],
        );
        let cases: [Case; 13] = [
            ("nothing", b"", &[]),
            (
                "no last line end",
                b"{}\n[]",
                &[(1, 0, b"{}"), (2, 3, b"[]")],
            ),
            ("last line end", b"{}\n", &[(1, 0, b"{}")]),
            (
                "windows line ends",
                b"{}\r\n[]\r\n",
                &[(1, 0, b"{}"), (2, 4, b"[]")],
            ),
            (
                "blank lines count",
                b"\n \t\n{}\n\r\n1",
                &[(3, 4, b"{}"), (5, 9, b"1")],
            ),
            ("a byte order mark", b"\xEF\xBB\xBF{}\n", &[(1, 3, b"{}")]),
            (
                "a byte order mark alone",
                b"\xEF\xBB\xBF\n{}",
                &[(2, 4, b"{}")],
            ),
            (
                "a mark inside is content",
                b"{}\n\xEF\xBB\xBF1",
                &[(1, 0, b"{}"), (2, 3, b"\xEF\xBB\xBF1")],
            ),
            (
                "as long as allowed",
                b"12345678\r\n1",
                &[(1, 0, b"12345678"), (2, 10, b"1")],
            ),
            (
                "one too long",
                b"123456789\n1",
                &[(1, 0, b"!9"), (2, 10, b"1")],
            ),
            (
                "much too long",
                b"1234567890123456\r\n1",
                &[(1, 0, b"!16"), (2, 18, b"1")],
            ),
            (
                "marked and as long as allowed",
                b"\xEF\xBB\xBF12345678\r\n",
                &[(1, 3, b"12345678")],
            ),
            (
                "not UTF-8",
                b"\xFF\xFE\n{}",
                &[(1, 0, b"\xFF\xFE"), (2, 3, b"{}")],
            ),
        ];
        for (name, input, expected) in cases {
            for chunk in [1, 2, 3, 7, 64] {
                let found = split(input, chunk, 8);
                let found: Vec<_> = found
                    .iter()
                    .map(|(number, offset, bytes)| (*number, *offset, &**bytes))
                    .collect();
                assert_eq!(found, expected, "{name}, chunks of {chunk}");
            }
        }
    }

    struct Failing(u8);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            match self.0 {
                1 => Err(io::ErrorKind::Interrupted.into()),
                2 => {
                    buffer[..4].copy_from_slice(b"1\n22");
                    Ok(4)
                }
                _ => Err(io::Error::other("gone")),
            }
        }
    }

    #[test]
    fn failed_read_is_told_once_and_ends_the_lines() {
        assert_eq!(
            split(Failing(0), 16, 8),
            [(1, 0, b"1".to_vec()), (2, 2, b"?gone".to_vec())]
        );
    }

    proptest! {
        #[test]
        fn chunk_size_changes_nothing(input in prop::collection::vec(prop::sample::select(b"ab{}\n\r \xEF\xBB\xBF".to_vec()), 0..200), chunk in 1_usize..40, max in 0_usize..20) {
            let whole = split(&*input, 4_096, max);
            prop_assert_eq!(&split(&*input, chunk, max), &whole);
            for (number, offset, bytes) in whole {
                let before = &input[..usize::try_from(offset).expect("the input is in memory")];
                prop_assert_eq!(before.split(|&byte| byte == b'\n').count() as u64, number);
                if !bytes.starts_with(b"!") {
                    prop_assert!(bytes.len() <= max);
                    prop_assert!(input[before.len()..].starts_with(&bytes));
                }
            }
        }
    }
}
