//! A source that grows: a file or standard input, as whole lines with their
//! positions. Owns what is read and not sent yet, and noticing that a file was
//! cut or that another has its name.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;
use xxhash_rust::xxh3::xxh3_64;

use crate::limits::LINE_BYTES_MAX;

/// Bytes sent together, if there are so many; a line may be longer.
const CHUNK_BYTES: usize = 512 << 10;
/// Bytes of a first line that tell files apart.
const FIRST_BYTES: usize = 4_096;

/// Whole lines, or one that is too long.
pub(super) struct Chunk {
    /// The offset in front of them.
    pub(super) from: u64,
    /// The offset behind them.
    pub(super) to: u64,
    /// Nothing, where the line is too long.
    pub(super) bytes: Vec<u8>,
}

/// What a source has next.
pub(super) enum Next {
    /// Lines.
    Chunk(Chunk),
    /// Nothing for now.
    Nothing,
    /// Nothing any more.
    End,
    /// The file became shorter than what was read of it.
    Cut,
    /// Another file has its name.
    Replaced,
}

/// Bytes that are no whole line yet.
#[derive(Default)]
struct Lines {
    rest: Vec<u8>,
    /// Where `rest` begins.
    offset: u64,
    /// Bytes of a line that is too long, dropped in front of `rest`.
    dropped: u64,
}

impl Lines {
    /// Where reading goes on.
    fn end(&self) -> u64 {
        self.offset + self.dropped + self.rest.len() as u64
    }

    /// Whole lines, or a line that is too long and has an end.
    fn take(&mut self) -> Option<Chunk> {
        let window = self.rest.get(..CHUNK_BYTES).unwrap_or(&self.rest);
        let last = window.iter().rposition(|byte| *byte == b'\n');
        let last = last.or_else(|| self.rest.iter().position(|byte| *byte == b'\n'));
        let Some(mut last) = last else {
            if self.rest.len() > LINE_BYTES_MAX {
                self.dropped += self.rest.len() as u64;
                self.rest.clear();
            }
            return None;
        };
        if self.dropped > 0 {
            // The end of the long line is the first one there is.
            last = self.rest.iter().position(|byte| *byte == b'\n')?;
        }
        let mut bytes: Vec<u8> = self.rest.drain(..=last).collect();
        let from = self.offset;
        self.offset += self.dropped + bytes.len() as u64;
        if self.dropped > 0 {
            bytes.clear();
            self.dropped = 0;
        }
        Some(Chunk {
            from,
            to: self.offset,
            bytes,
        })
    }

    /// What is left, as a last line without its end.
    fn last(&mut self) -> Option<Chunk> {
        if self.rest.is_empty() && self.dropped == 0 {
            return None;
        }
        let from = self.offset;
        self.offset = self.end();
        let mut bytes = std::mem::take(&mut self.rest);
        if std::mem::take(&mut self.dropped) > 0 {
            bytes.clear();
        }
        Some(Chunk {
            from,
            to: self.offset,
            bytes,
        })
    }
}

/// A file that grows.
pub(super) struct FileTail {
    path: PathBuf,
    file: File,
    lines: Lines,
}

impl FileTail {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: File::open(path)?,
            lines: Lines::default(),
        })
    }

    /// What tells the file from another that gets its name: its first line.
    /// Nothing while that has no end.
    pub(super) fn fingerprint(&mut self) -> io::Result<Option<u64>> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut first = Vec::new();
        self.file
            .by_ref()
            .take(FIRST_BYTES as u64)
            .read_to_end(&mut first)?;
        let end = first.iter().position(|byte| *byte == b'\n');
        Ok(match end {
            Some(end) => first.get(..end).map(xxh3_64),
            None => (first.len() == FIRST_BYTES).then(|| xxh3_64(&first)),
        })
    }

    /// Bytes it has now.
    pub(super) fn bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Goes to an offset.
    pub(super) fn go_to(&mut self, offset: u64) {
        self.lines = Lines {
            offset,
            ..Lines::default()
        };
    }

    /// How far whole lines were taken.
    pub(super) fn offset(&self) -> u64 {
        self.lines.offset
    }

    pub(super) fn next(&mut self) -> io::Result<Next> {
        // Asked first: what is appended before another takes the name is read.
        let replaced = self.is_replaced()?;
        loop {
            if let Some(chunk) = self.lines.take() {
                return Ok(Next::Chunk(chunk));
            }
            if self.bytes()? < self.lines.end() {
                return Ok(Next::Cut);
            }
            self.file.seek(SeekFrom::Start(self.lines.end()))?;
            let read = self
                .file
                .by_ref()
                .take(CHUNK_BYTES as u64)
                .read_to_end(&mut self.lines.rest)?;
            if read > 0 {
                continue;
            }
            if !replaced {
                return Ok(Next::Nothing);
            }
            // Nobody writes the end of its last line any more.
            return Ok(self.lines.last().map_or(Next::Replaced, Next::Chunk));
        }
    }

    /// Whether another file has the name. One that is gone may come back.
    fn is_replaced(&self) -> io::Result<bool> {
        let own = self.file.metadata()?;
        match std::fs::metadata(&self.path) {
            Ok(named) => Ok((named.dev(), named.ino()) != (own.dev(), own.ino())),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(cause) => Err(cause),
        }
    }
}

/// Standard input.
pub(super) struct InputTail {
    pieces: mpsc::Receiver<io::Result<Vec<u8>>>,
    lines: Lines,
    /// Bytes that are loaded already and still to come.
    skip: u64,
    ended: bool,
}

impl InputTail {
    /// Standard input whose first byte has this offset; `skip` bytes of it are
    /// loaded already.
    pub(super) fn start(offset: u64, skip: u64) -> Self {
        let (sender, pieces) = mpsc::channel(4);
        // A thread of its own: reading standard input cannot be given up.
        std::thread::spawn(move || {
            let mut input = io::stdin().lock();
            loop {
                let mut piece = vec![0; 64 << 10];
                let read = input.read(&mut piece);
                let ends = !matches!(read, Ok(1..));
                let read = read.map(|read| {
                    piece.truncate(read);
                    piece
                });
                if sender.blocking_send(read).is_err() || ends {
                    return;
                }
            }
        });
        Self {
            pieces,
            lines: Lines {
                offset: offset + skip,
                ..Lines::default()
            },
            skip,
            ended: false,
        }
    }

    /// Bytes that were to be skipped and did not come.
    pub(super) fn skip(&self) -> u64 {
        self.skip
    }

    /// Waits for more, unless there are lines.
    pub(super) async fn next(&mut self) -> io::Result<Next> {
        loop {
            if let Some(chunk) = self.lines.take() {
                return Ok(Next::Chunk(chunk));
            }
            if self.ended {
                return Ok(self.lines.last().map_or(Next::End, Next::Chunk));
            }
            match self.pieces.recv().await {
                Some(piece) => {
                    let piece = piece?;
                    self.ended = piece.is_empty();
                    let skipped = (piece.len() as u64).min(self.skip);
                    self.skip -= skipped;
                    let rest = piece.get(skipped as usize..).unwrap_or_default();
                    self.lines.rest.extend_from_slice(rest);
                }
                None => self.ended = true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_and_too_long_ones_are_passed_over() {
        let long = vec![b'x'; LINE_BYTES_MAX + 10];
        let mut text = b"a\nbc\n".to_vec();
        text.extend(&long);
        text.extend(b"\nd\ne");
        for piece in [1 << 10, 1 << 16, 10 << 20] {
            let mut lines = Lines::default();
            let (mut next, mut kept, mut passed) = (0, Vec::new(), 0);
            for bytes in text.chunks(piece) {
                lines.rest.extend_from_slice(bytes);
                while let Some(chunk) = lines.take() {
                    assert_eq!(chunk.from, next, "{piece}");
                    next = chunk.to;
                    passed += u64::from(chunk.bytes.is_empty());
                    // A line that fits the buffer is the server's to refuse.
                    kept.extend(
                        chunk
                            .bytes
                            .split_inclusive(|byte| *byte == b'\n')
                            .filter(|line| line.len() < 9)
                            .flatten()
                            .copied(),
                    );
                }
            }
            assert_eq!(kept, b"a\nbc\nd\n", "{piece}");
            assert!(passed <= 1);
            let last = lines.last().unwrap();
            assert_eq!((last.from, last.bytes.as_slice()), (next, b"e".as_slice()));
            assert_eq!(last.to, text.len() as u64);
            assert!(lines.last().is_none());
        }
    }
}
