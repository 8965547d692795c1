//! The journal of changes. Owns its format, what a power cut may leave of it
//! and when a change is on disk; knows nothing of stores and spaces but names.
//!
//! All numbers are little-endian. The file is a header (magic, format version,
//! CRC-32 of both) and frames. A frame is what is synced at once: marker,
//! CRC-32 of the rest, bytes of the content, number of the frame, content. The
//! content is batches: space, sequence number of the snapshot that shows them,
//! how many changes; a change is operation, kind, id, version and, for a put,
//! the document as JSON.

use std::fmt;
use std::io;

use crate::disk::Disk;

mod frame;

pub use frame::{Batch, Change, FRAME_BYTES_MAX};
use frame::{FRAME_HEAD_BYTES, MARKER};

/// What the first bytes of the file say.
const MAGIC: &[u8; 8] = b"TANDEMJ\n";
/// The format this program writes and reads.
pub const FORMAT_VERSION: u32 = 1;
const HEADER_BYTES: usize = 16;
/// Bytes looked at together in the search for a frame behind a bad one.
const SEARCH_BYTES: usize = 1 << 20;

/// Why a journal cannot be used.
#[derive(Debug)]
pub enum JournalError {
    /// The system refused something.
    Io {
        /// The file.
        file: String,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        cause: io::Error,
    },
    /// The file is not what it must be; it was left as it is but for a torn end.
    Refused {
        /// The file.
        file: String,
        /// Where in it.
        offset: u64,
        /// Why; never a document's text.
        reason: String,
    },
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { file, doing, cause } => write!(f, "{file}: cannot {doing}: {cause}"),
            Self::Refused {
                file,
                offset,
                reason,
            } => write!(f, "{file}, byte {offset}: {reason}"),
        }
    }
}

impl std::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { cause, .. } => Some(cause),
            Self::Refused { .. } => None,
        }
    }
}

/// Why whoever reads a journal cannot use a change of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The offset of its frame.
    pub offset: u64,
    /// Why; never a document's text.
    pub reason: String,
}

/// What was found when a journal was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Whole frames.
    pub frames: u64,
    /// Changes in them.
    pub changes: u64,
    /// Bytes of the file as it is now.
    pub bytes: u64,
    /// The end that was cut off, if there was one.
    pub cut: Option<Cut>,
}

/// An end that was no whole frame: what a crash leaves of a write that nobody
/// was told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Where it began.
    pub offset: u64,
    /// How long it was.
    pub bytes: u64,
    /// What was wrong with it.
    pub reason: String,
}

/// A journal that takes changes.
pub struct Journal {
    disk: Box<dyn Disk>,
    next: u64,
    buffer: Vec<u8>,
    failed: bool,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("file", &self.disk.name())
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Journal {
    /// Reads every batch in order, with the offset of its frame, and gets ready
    /// to take more. `read` may refuse a change. A torn end is cut
    /// off; damage before the end is an error and leaves the file as it is.
    pub fn open(
        disk: Box<dyn Disk>,
        mut read: impl FnMut(u64, Batch<'_>) -> Result<(), Misfit>,
    ) -> Result<(Self, Opened), JournalError> {
        let mut journal = Self {
            disk,
            next: 1,
            buffer: Vec::new(),
            failed: false,
        };
        let mut bytes = journal.io("read", |disk| disk.bytes())?;
        journal.begin(&mut bytes)?;
        let mut opened = Opened::default();
        let mut at = HEADER_BYTES as u64;
        while at < bytes {
            if let Err(reason) = journal.load(at, bytes)? {
                journal.cut(at, bytes, &reason)?;
                opened.cut = Some(Cut {
                    offset: at,
                    bytes: bytes - at,
                    reason,
                });
                break;
            }
            let refuse = |reason| journal.refused(at, reason);
            let number = frame::number(&journal.buffer);
            if number != journal.next {
                let expected = journal.next;
                return Err(refuse(format!(
                    "frame {number} stands where frame {expected} must be"
                )));
            }
            for batch in frame::batches(&journal.buffer).map_err(refuse)? {
                opened.changes += batch.changes.len() as u64;
                read(at, batch).map_err(|misfit| journal.refuse(misfit))?;
            }
            opened.frames += 1;
            at += journal.buffer.len() as u64;
            journal.next += 1;
        }
        // A process that was killed may have left whole frames that are not synced yet;
        // from now on readers see them.
        journal.io("sync", |disk| disk.sync())?;
        opened.bytes = at;
        Ok((journal, opened))
    }

    /// Appends the batches as one frame and syncs. On return they survive a
    /// power cut, all or none. After an error nothing is known of the medium
    /// (a sync that failed is not to be tried again): every later call fails.
    pub fn append(&mut self, batches: &[Batch<'_>]) -> Result<(), JournalError> {
        if self.failed {
            return Err(self.error("write", io::Error::other("an earlier write failed")));
        }
        self.failed = true;
        let mut buffer = std::mem::take(&mut self.buffer);
        let written = frame::write(&mut buffer, self.next, batches)
            .map_err(|reason| self.error("write", io::Error::other(reason)))
            .and_then(|()| self.io("write", |disk| disk.append(&buffer)))
            .and_then(|()| self.io("sync", |disk| disk.sync()));
        self.buffer = buffer;
        written?;
        self.next += 1;
        self.failed = false;
        Ok(())
    }

    /// The error for a change that cannot be used.
    pub fn refuse(&self, misfit: Misfit) -> JournalError {
        self.refused(misfit.offset, misfit.reason)
    }

    /// Checks the header; writes it where a new file has none yet.
    fn begin(&mut self, bytes: &mut u64) -> Result<(), JournalError> {
        let held = (*bytes).min(HEADER_BYTES as u64) as usize;
        let mut found = vec![0; held];
        self.io("read", |disk| disk.read(0, &mut found))?;
        let header = header(FORMAT_VERSION);
        let unborn = found.len() < HEADER_BYTES && header.starts_with(&found);
        let zeros = *bytes <= HEADER_BYTES as u64 && found.iter().all(|byte| *byte == 0);
        if unborn || zeros {
            // The power was cut while it was created: nothing was ever written to it.
            self.io("cut", |disk| disk.truncate(0))?;
            self.io("write", |disk| disk.append(&header))?;
            self.io("sync", |disk| disk.sync())?;
            *bytes = HEADER_BYTES as u64;
            return Ok(());
        }
        if found == header {
            return Ok(());
        }
        if !found.starts_with(MAGIC) {
            return Err(self.refused(0, "not a journal of Tandem".to_owned()));
        }
        let version = found.get(8..12).map_or(0, frame::u32_of);
        let reason = if self::header(version) == *found {
            format!("format {version}; this program reads format {FORMAT_VERSION}")
        } else {
            "the header is damaged".to_owned()
        };
        Err(self.refused(8, reason))
    }

    /// Loads the frame at an offset into the buffer; inside, why it is none.
    fn load(&mut self, at: u64, bytes: u64) -> Result<Result<(), String>, JournalError> {
        let left = bytes - at;
        if left < FRAME_HEAD_BYTES as u64 {
            return Ok(Err("the frame's head is cut short".to_owned()));
        }
        let mut head = [0; FRAME_HEAD_BYTES];
        self.io("read", |disk| disk.read(at, &mut head))?;
        if !head.starts_with(&MARKER) {
            return Ok(Err("no frame begins here".to_owned()));
        }
        let whole = frame::whole_bytes(&head);
        if whole > left.min(FRAME_BYTES_MAX as u64) {
            return Ok(Err(format!(
                "the frame has {whole} bytes, the file has {left} more"
            )));
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.resize(whole as usize, 0);
        let read = self.io("read", |disk| disk.read(at, &mut buffer));
        self.buffer = buffer;
        read?;
        Ok(if frame::is_intact(&self.buffer) {
            Ok(())
        } else {
            Err("the frame's checksum is wrong".to_owned())
        })
    }

    /// Cuts the end off, unless a good frame stands behind the bad one: what
    /// was synced before that one is not torn but damaged.
    fn cut(&mut self, at: u64, bytes: u64, reason: &str) -> Result<(), JournalError> {
        let mut from = at + 1;
        let mut chunk = Vec::new();
        while from < bytes {
            // Overlapping by a marker less one byte, so that none is missed between chunks.
            let wanted = (bytes - from).min(SEARCH_BYTES as u64) as usize;
            chunk.resize(wanted, 0);
            self.io("read", |disk| disk.read(from, &mut chunk))?;
            for place in markers(&chunk) {
                let behind = from + place as u64;
                let is_frame = self.load(behind, bytes)?.is_ok();
                if is_frame && frame::number(&self.buffer) >= self.next {
                    return Err(self.refused(
                        at,
                        format!(
                            "{reason}, but a whole frame follows at byte {behind}: the journal is damaged"
                        ),
                    ));
                }
            }
            if wanted < SEARCH_BYTES {
                break;
            }
            from += (SEARCH_BYTES - MARKER.len() + 1) as u64;
        }
        self.io("cut", |disk| disk.truncate(at))
    }

    fn io<T>(
        &mut self,
        doing: &'static str,
        work: impl FnOnce(&mut dyn Disk) -> io::Result<T>,
    ) -> Result<T, JournalError> {
        work(&mut *self.disk).map_err(|cause| self.error(doing, cause))
    }

    fn error(&self, doing: &'static str, cause: io::Error) -> JournalError {
        JournalError::Io {
            file: self.disk.name(),
            doing,
            cause,
        }
    }

    fn refused(&self, offset: u64, reason: String) -> JournalError {
        JournalError::Refused {
            file: self.disk.name(),
            offset,
            reason,
        }
    }
}

/// Where markers stand.
fn markers(bytes: &[u8]) -> Vec<usize> {
    bytes
        .windows(MARKER.len())
        .enumerate()
        .filter(|(_, window)| *window == MARKER)
        .map(|(at, _)| at)
        .collect()
}

fn header(version: u32) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&version.to_le_bytes());
    let checksum = crc32fast::hash(&header[..12]);
    header[12..].copy_from_slice(&checksum.to_le_bytes());
    header
}

#[cfg(test)]
mod tests;
