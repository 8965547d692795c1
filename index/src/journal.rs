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

use crate::disk::{FileError, Folder, is_full};
use crate::witness::WAY_OUT;

mod file;
mod frame;
mod open;

pub use file::FORMAT_VERSION;
use file::{Found, HEADER_BYTES};
use frame::Format;
pub use frame::{Batch, Change, FRAME_BYTES_MAX, Operation, Overlay, Position};
use open::Start;

/// Bytes of a file beyond which the next frame begins a new one.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// Bytes of the buffer for frames that are kept between them.
const BUFFER_BYTES_KEPT: usize = 1 << 20;
/// Bytes of frames that are weighed together.
const WEIGHT_BYTES: u64 = 64 << 10;

/// Why whoever reads a journal cannot use a change of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The place of its frame, as it was handed out.
    pub offset: u64,
    /// Why; never a document's text.
    pub reason: String,
}

/// Which frames a journal must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needed {
    /// Those behind this one (the last one in the checkpoint; 0 without).
    pub behind: u64,
    /// Those up to this one, which was on the medium.
    pub least: u64,
}

impl From<u64> for Needed {
    /// Those behind a frame, as many as there are.
    fn from(behind: u64) -> Self {
        Self { behind, least: 0 }
    }
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

/// Reads what [`Journal::open`] would, and changes nothing: a torn end stays.
pub fn look(
    folder: &dyn Folder,
    needed: impl Into<Needed>,
    read: impl FnMut(u64, Batch<'_>) -> Result<(), Misfit>,
) -> Result<Opened, FileError> {
    open::read(folder, needed.into(), read, |_frame, _bytes, _changes| {}).map(|found| found.opened)
}

/// Files that belong to a journal, with the number of each one's first frame,
/// in the order of these. Errors: as [`Journal::open`].
pub fn files(folder: &dyn Folder) -> Result<Vec<(String, u64)>, FileError> {
    let found = file::find(folder)?.into_iter();
    Ok(found.map(|file| (file.name, file.first)).collect())
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
    /// Reads every batch behind the checkpoint in order, with a place that a
    /// `Misfit` may name, and gets ready to take more. A torn end is cut off;
    /// damage, files that do not follow each other, and frames that are missing
    /// though they are needed, are an error and leave the folder as it is.
    pub fn open(
        folder: Arc<dyn Folder>,
        needed: impl Into<Needed>,
        read: impl FnMut(u64, Batch<'_>) -> Result<(), Misfit>,
    ) -> Result<(Self, Opened), FileError> {
        let needed = needed.into();
        let mut weights = VecDeque::new();
        let weigh = |frame, bytes, changes| weigh(&mut weights, frame, bytes, changes);
        let found = open::read(&*folder, needed, read, weigh)?;
        let mut journal = Self {
            folder,
            files: found.files.iter().map(Piece::of).collect(),
            open: None,
            next: found.next.max(needed.behind + 1),
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
    pub fn append(&mut self, batches: &[Batch<'_>]) -> Result<(), FileError> {
        if self.failed {
            let cause = io::Error::other("an earlier write failed");
            return Err(self.error(&file::name(self.next), "write", cause));
        }
        self.failed = true;
        let mut buffer = std::mem::take(&mut self.buffer);
        let written = self.write(&mut buffer, batches);
        buffer.shrink_to(BUFFER_BYTES_KEPT);
        self.buffer = buffer;
        self.failed = !matches!(written, Ok(()) | Err(FileError::Full { .. }));
        written
    }

    /// Number of the last frame; 0 before the first.
    pub fn last_frame(&self) -> u64 {
        self.next - 1
    }

    /// Number of the first frame of the newest file, where there is one.
    pub fn newest_begins_with(&self) -> Option<u64> {
        self.files.last().map(|file| file.first)
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
    pub fn cut(&mut self, through: u64) -> Result<(), FileError> {
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
    pub fn refuse(&self, misfit: Misfit) -> FileError {
        open::refuse(&*self.folder, &self.starts, misfit)
    }

    /// The error for a journal that something else shows not to be whole.
    pub fn ends_too_early(&self, why: &str) -> FileError {
        let next = file::name(self.next);
        let last = self.files.last().map_or(&next, |file| &file.name);
        FileError::Refused {
            file: self.folder.path(last),
            offset: self.open.unwrap_or(0),
            reason: format!("the journal ends here, but {why}; {WAY_OUT}"),
        }
    }

    fn write(&mut self, buffer: &mut Vec<u8>, batches: &[Batch<'_>]) -> Result<(), FileError> {
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
        undo: impl FnOnce(&Self) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        match self.folder.append(name, bytes) {
            Ok(()) => self.io(name, "sync", |folder| folder.sync(name)),
            Err(cause) if is_full(&cause) => {
                undo(self)?;
                Err(FileError::Full {
                    file: self.folder.path(name),
                    bytes: bytes.len() as u64,
                })
            }
            Err(cause) => Err(self.error(name, "write", cause)),
        }
    }

    /// Removes a new file that did not get its first frame.
    fn forget(&self, name: &str) -> Result<(), FileError> {
        match self.folder.remove(name) {
            // There was no room for its name.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(cause) => Err(self.error(name, "remove", cause)),
            Ok(()) => self.sync_folder(),
        }
    }

    fn sync_folder(&self) -> Result<(), FileError> {
        self.folder.sync_folder().map_err(|cause| FileError::Io {
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
    ) -> Result<T, FileError> {
        work(&*self.folder).map_err(|cause| self.error(name, doing, cause))
    }

    fn error(&self, name: &str, doing: &'static str, cause: io::Error) -> FileError {
        FileError::Io {
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
