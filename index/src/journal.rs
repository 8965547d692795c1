//! The journal of changes. Owns its format, what a power cut may leave of it
//! and when a change is on disk; knows nothing of stores and spaces but names.
//!
//! Frames are numbered on from 1 over all files; a file is named after its
//! first. A frame is what is synced at once: all of it survives a power cut, or
//! nobody was told of it. Every byte is described in docs/FORMAT.md.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Arc;

use crate::disk::Folder;

mod file;
mod frame;
mod open;

pub use file::FORMAT_VERSION;
use file::{Found, HEADER_BYTES};
use frame::Format;
pub use frame::{Batch, Change, FRAME_BYTES_MAX, Operation, Position};
use open::Start;

/// Bytes of a file beyond which the next frame begins a new one.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// Bytes of the buffer for frames that are kept between them.
const BUFFER_BYTES_KEPT: usize = 1 << 20;
/// Bytes of frames that are weighed together.
const WEIGHT_BYTES: u64 = 64 << 10;

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
    /// There is no room for a write. It was undone: nothing of it is kept, all
    /// before it is, and later ones may be tried.
    Full {
        /// The file.
        file: String,
        /// Bytes for which there is no room.
        bytes: u64,
    },
    /// The file is not what it must be. All is left as it was found.
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
            Self::Full { file, bytes } => {
                write!(
                    f,
                    "{file}: no room for {bytes} bytes; nothing of them was kept"
                )
            }
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
            Self::Full { .. } | Self::Refused { .. } => None,
        }
    }
}

/// Why whoever reads a journal cannot use a change of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The place of its frame, as it was handed out.
    pub offset: u64,
    /// Why; never a document's text.
    pub reason: String,
}

/// What was found when a journal was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Frames behind the checkpoint.
    pub frames: u64,
    /// Changes in them.
    pub changes: u64,
    /// Files as they are now.
    pub files: u64,
    /// Bytes of these files.
    pub bytes: u64,
    /// The end that was cut off, if there was one.
    pub cut: Option<Cut>,
}

/// An end that was no whole frame: what a crash leaves of a write that nobody
/// was told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The file.
    pub file: String,
    /// Where it began.
    pub offset: u64,
    /// How long it was.
    pub bytes: u64,
    /// What was wrong with it.
    pub reason: String,
}

/// A journal that takes changes.
pub struct Journal {
    folder: Arc<dyn Folder>,
    /// Files in order; the last may take more frames.
    files: Vec<Piece>,
    /// Bytes of the last file, where the next frame goes to it.
    open: Option<u64>,
    next: u64,
    file_bytes_max: u64,
    weights: VecDeque<Weight>,
    starts: Vec<Start>,
    buffer: Vec<u8>,
    failed: bool,
}

/// A file and its first frame.
#[derive(Clone, Debug)]
struct Piece {
    name: String,
    first: u64,
}

/// What frames weigh that stand next to each other.
#[derive(Clone, Copy, Debug)]
struct Weight {
    last: u64,
    bytes: u64,
    changes: u64,
    /// Whether the next frame is weighed apart.
    closed: bool,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("folder", &self.folder.name())
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Journal {
    /// Reads every batch behind frame `behind` (the last one in the checkpoint;
    /// 0 without) in order, with a place that a `Misfit` may name, and gets
    /// ready to take more. A torn end is cut off; damage, and files that do not
    /// follow each other, are an error and leave the folder as it is.
    pub fn open(
        folder: Arc<dyn Folder>,
        behind: u64,
        read: impl FnMut(u64, Batch<'_>) -> Result<(), Misfit>,
    ) -> Result<(Self, Opened), JournalError> {
        let mut weights = VecDeque::new();
        let weigh = |frame, bytes, changes| weigh(&mut weights, frame, bytes, changes);
        let found = open::read(&*folder, behind, read, weigh)?;
        let mut journal = Self {
            folder,
            files: found.files.iter().map(Piece::of).collect(),
            open: None,
            next: found.next.max(behind + 1),
            file_bytes_max: FILE_BYTES_MAX,
            weights,
            starts: found.starts,
            buffer: Vec::new(),
            failed: false,
        };
        let cut = found.opened.cut.as_ref();
        for empty in &found.empty {
            journal.io(&empty.name, "remove", |folder| folder.remove(&empty.name))?;
        }
        if let Some(last) = found.files.last() {
            let cut = cut.filter(|cut| cut.offset > 0);
            if let Some(cut) = cut {
                journal.io(&last.name, "cut", |folder| {
                    folder.truncate(&last.name, cut.offset)
                })?;
            }
            // A process that was killed may have left whole frames that are not synced
            // yet; from now on readers see them. The same holds for the file's name.
            journal.io(&last.name, "sync", |folder| folder.sync(&last.name))?;
            if last.format == Format::Two && found.next == journal.next {
                journal.open = Some(cut.map_or(last.bytes, |cut| cut.offset));
            }
        }
        journal.sync_folder()?;
        Ok((journal, found.opened))
    }

    /// Appends the batches as one frame and syncs. On return they survive a
    /// power cut, all or none. `Full`: the frame is not there, and the journal
    /// goes on. After any other error nothing is known of the medium (a sync
    /// that failed is not to be tried again): every later call fails.
    pub fn append(&mut self, batches: &[Batch<'_>]) -> Result<(), JournalError> {
        if self.failed {
            let cause = io::Error::other("an earlier write failed");
            return Err(self.error(&file::name(self.next), "write", cause));
        }
        self.failed = true;
        let mut buffer = std::mem::take(&mut self.buffer);
        let written = self.write(&mut buffer, batches);
        buffer.shrink_to(BUFFER_BYTES_KEPT);
        self.buffer = buffer;
        self.failed = !matches!(written, Ok(()) | Err(JournalError::Full { .. }));
        written
    }

    /// Number of the last frame; 0 before the first.
    pub fn last_frame(&self) -> u64 {
        self.next - 1
    }

    /// Bytes of frames since the last cut, to within 64 KiB where no file
    /// begins at the cut.
    pub fn bytes_behind(&self) -> u64 {
        self.weights.iter().map(|weight| weight.bytes).sum()
    }

    /// Changes since the last cut, as exact as the bytes.
    pub fn changes_behind(&self) -> u64 {
        self.weights.iter().map(|weight| weight.changes).sum()
    }

    /// Lets the next frame begin a new file, so that all before it can be cut.
    pub fn rotate(&mut self) {
        if self.files.last().is_some_and(|file| file.first < self.next) {
            self.open = None;
        }
        if let Some(weight) = self.weights.back_mut() {
            weight.closed = true;
        }
    }

    /// Removes the files of which every frame is in a checkpoint that ends with
    /// this one. After an error they are there or not; nothing else is lost.
    pub fn cut(&mut self, through: u64) -> Result<(), JournalError> {
        while (self.weights.front()).is_some_and(|weight| weight.last <= through) {
            self.weights.pop_front();
        }
        let end = |files: &[Piece], next: u64| files.get(1).map_or(next, |file| file.first);
        let mut removed = false;
        // From the oldest on: what a crash leaves has no gap.
        while let Some(file) = self.files.first()
            && end(&self.files, self.next) <= through.saturating_add(1)
        {
            let name = file.name.clone();
            let gone = self.io(&name, "remove", |folder| match folder.remove(&name) {
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
                done => done,
            });
            gone?;
            self.files.remove(0);
            removed = true;
        }
        if self.files.is_empty() {
            self.open = None;
        }
        if removed { self.sync_folder() } else { Ok(()) }
    }

    /// The error for a change that cannot be used.
    pub fn refuse(&self, misfit: Misfit) -> JournalError {
        open::refuse(&*self.folder, &self.starts, misfit)
    }

    fn write(&mut self, buffer: &mut Vec<u8>, batches: &[Batch<'_>]) -> Result<(), JournalError> {
        let number = self.next;
        buffer.clear();
        // The header goes with the first frame: a file without one says nothing.
        buffer.extend_from_slice(&file::header(number));
        let framed = frame::write(buffer, number, batches);
        framed
            .map_err(|reason| self.error(&file::name(number), "write", io::Error::other(reason)))?;
        let bytes = (buffer.len() - HEADER_BYTES) as u64;
        if (self.open)
            .is_some_and(|held| held > HEADER_BYTES as u64 && held + bytes > self.file_bytes_max)
        {
            self.rotate();
        }
        if let (Some(held), Some(last)) = (self.open, self.files.last()) {
            let name = last.name.clone();
            self.append_to(&name, &buffer[HEADER_BYTES..], |journal| {
                journal.io(&name, "cut", |folder| folder.truncate(&name, held))?;
                journal.io(&name, "sync", |folder| folder.sync(&name))
            })?;
            self.open = Some(held + bytes);
        } else {
            let name = file::name(number);
            self.append_to(&name, buffer, |journal| journal.forget(&name))?;
            // The name must survive as the frame does.
            self.sync_folder()?;
            self.open = Some(buffer.len() as u64);
            self.files.push(Piece {
                name,
                first: number,
            });
        }
        let changes = batches.iter().map(|batch| batch.changes.len() as u64).sum();
        weigh(&mut self.weights, number, bytes, changes);
        self.next += 1;
        Ok(())
    }

    /// Appends and syncs; undoes what there was no room for.
    fn append_to(
        &self,
        name: &str,
        bytes: &[u8],
        undo: impl FnOnce(&Self) -> Result<(), JournalError>,
    ) -> Result<(), JournalError> {
        match self.folder.append(name, bytes) {
            Ok(()) => self.io(name, "sync", |folder| folder.sync(name)),
            Err(cause) if is_full(&cause) => {
                undo(self)?;
                Err(JournalError::Full {
                    file: self.folder.path(name),
                    bytes: bytes.len() as u64,
                })
            }
            Err(cause) => Err(self.error(name, "write", cause)),
        }
    }

    /// Removes a new file that did not get its first frame.
    fn forget(&self, name: &str) -> Result<(), JournalError> {
        match self.folder.remove(name) {
            // There was no room for its name.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(cause) => Err(self.error(name, "remove", cause)),
            Ok(()) => self.sync_folder(),
        }
    }

    fn sync_folder(&self) -> Result<(), JournalError> {
        self.folder.sync_folder().map_err(|cause| JournalError::Io {
            file: self.folder.name(),
            doing: "sync",
            cause,
        })
    }

    fn io<T>(
        &self,
        name: &str,
        doing: &'static str,
        work: impl FnOnce(&dyn Folder) -> io::Result<T>,
    ) -> Result<T, JournalError> {
        work(&*self.folder).map_err(|cause| self.error(name, doing, cause))
    }

    fn error(&self, name: &str, doing: &'static str, cause: io::Error) -> JournalError {
        JournalError::Io {
            file: self.folder.path(name),
            doing,
            cause,
        }
    }
}

impl Piece {
    fn of(found: &Found) -> Self {
        Self {
            name: found.name.clone(),
            first: found.first,
        }
    }
}

/// Whether a write failed for want of room, which may come back.
fn is_full(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// Weighs a frame with the last ones, as long as they are few.
fn weigh(weights: &mut VecDeque<Weight>, frame: u64, bytes: u64, changes: u64) {
    match weights.back_mut() {
        Some(weight) if !weight.closed && weight.bytes + bytes <= WEIGHT_BYTES => {
            weight.last = frame;
            weight.bytes += bytes;
            weight.changes += changes;
        }
        _ => weights.push_back(Weight {
            last: frame,
            bytes,
            changes,
            closed: false,
        }),
    }
}

#[cfg(test)]
mod tests;
