//! The change feed: which document changed at which sequence number, for those
//! who follow a space. Owns its log, how long that is kept and what a crash may
//! leave of it; knows names and hashes, no document's text.
//!
//! The log is derived: whatever it loses since it was last synced is in the
//! journal and is appended again at start-up. So a torn end is cut, and where
//! more than that is missing the log begins anew: who asks for what is not
//! there is told so, never given less.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::Folder;

mod format;
mod look;
mod memory;
mod open;
mod read;
mod state;

pub use format::{Change, FORMAT_VERSION, Operation};
use format::{HEAD_BYTES, HEADER_BYTES, Place};
pub(crate) use look::look;
pub use open::Opened;
use open::start_of;
pub use read::{Read, ReadError};
use state::{Extent, State, Track, Waiting};

/// Whether a file of a data folder is one of the log's, by its name.
pub fn is_file(name: &str) -> bool {
    start_of(name).is_some()
}

/// Bytes of changes that may wait for a disk that takes none.
const WAITING_BYTES_MAX: usize = 4 << 20;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// How much is kept, in which pieces.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Size at which a file is full.
    pub file_bytes_max: u64,
    /// Age at which a file takes no more changes.
    pub file_age_ms: i64,
    /// Bytes of all files.
    pub kept_bytes_max: u64,
    /// Age of the newest change of a file at which it goes.
    pub kept_ms: i64,
}

impl Options {
    /// On disk: seven days, at most 1 GiB.
    pub const DISK: Self = Self {
        file_bytes_max: 16 << 20,
        file_age_ms: DAY_MS,
        kept_bytes_max: 1 << 30,
        kept_ms: 7 * DAY_MS,
    };
    /// In memory: seven days, at most 64 MiB.
    pub const MEMORY: Self = Self {
        file_bytes_max: 4 << 20,
        kept_bytes_max: 64 << 20,
        ..Self::DISK
    };
}

/// Why the log cannot be used as it is.
#[derive(Debug)]
pub enum FeedError {
    /// The system refused something.
    Io {
        /// The file.
        file: String,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        cause: io::Error,
    },
    /// A file of another program version; it was left as it is.
    Refused {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { file, doing, cause } => write!(f, "{file}: cannot {doing}: {cause}"),
            Self::Refused { file, reason } => write!(f, "{file}: {reason}"),
        }
    }
}

impl std::error::Error for FeedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { cause, .. } => Some(cause),
            Self::Refused { .. } => None,
        }
    }
}

/// The log of all spaces' changes. One writes, many read at the same time.
pub struct Feed {
    folder: Arc<dyn Folder>,
    options: Options,
    state: Mutex<State>,
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("folder", &self.folder.name())
            .finish_non_exhaustive()
    }
}

/// Hash of a document as a change has it: XXH3-64 of its bytes.
pub fn hash(document: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(document)
}

impl Feed {
    /// Adds the changes of a space at a sequence number above its last.
    /// Readers see them at once; they survive a crash of the process, and a
    /// power cut once synced.
    ///
    /// Errors: the disk took nothing. No change is missed by that: they wait in
    /// memory (readers are told that the end is not known) and are written with
    /// the next call; where too many wait, they are dropped and the log begins
    /// anew behind them.
    pub fn append(
        &self,
        space: &str,
        sequence: u64,
        at_ms: i64,
        changes: &[Change<'_>],
    ) -> Result<(), FeedError> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut state = self.state();
        let waiting = Waiting {
            space: space.to_owned(),
            sequence,
            at_ms,
            changes: format::changes(changes),
        };
        state.waiting_bytes += waiting.changes.len() + waiting.space.len();
        state.waiting.push_back(waiting);
        let written = self.write_waiting(&mut state, at_ms);
        if written.is_err() && state.waiting_bytes > WAITING_BYTES_MAX {
            state.waiting_bytes = 0;
            for one in std::mem::take(&mut state.waiting) {
                state.lost.insert(one.space, one.sequence);
            }
        }
        written
    }

    /// Syncs the log, before the journal is cut behind this frame: from now on
    /// the log alone has what came before. Readers and [`Self::append`] do not wait
    /// for the disk meanwhile. Where this fails the journal may be
    /// cut all the same; after a restart the log then begins anew.
    pub fn sync(&self, frame: u64, now_ms: i64) -> Result<(), FeedError> {
        let Some(start) = self.mark(frame, now_ms)? else {
            return Ok(());
        };
        let file = name(start);
        let synced = self.folder.sync(&file);
        if synced.is_err() {
            let mut state = self.state();
            // A file that went meanwhile was synced when the next one was begun, or is of a
            // log that began anew.
            if !state.files.contains_key(&start) {
                return Ok(());
            }
            // Nothing is known of the file any more: it is not to be written behind.
            let lasts = state
                .spaces
                .iter()
                .map(|(name, track)| (name.clone(), track.last.sequence));
            state.lost = lasts.collect();
        }
        self.done(&file, "sync", synced)
    }

    /// Writes down that everything up to a frame stands before; the file that is
    /// to be synced for that.
    fn mark(&self, frame: u64, now_ms: i64) -> Result<Option<u64>, FeedError> {
        let mut state = self.state();
        self.write_waiting(&mut state, now_ms)?;
        let Some((&start, _)) = state.files.last_key_value() else {
            return Ok(None);
        };
        if frame > state.frame {
            let mut mark = Vec::new();
            format::write_mark(&mut mark, state.end(), frame);
            self.write(&mut state, &mark)?;
            // A file that is begun before the sync is over says so too, rightly: this one is
            // synced before that.
            state.frame = frame;
        }
        Ok(Some(start))
    }

    /// Lets go of what is too old and writes what waits. Cheap when there is
    /// nothing to do; to be called now and then.
    pub fn tidy(&self, now_ms: i64) -> Result<(), FeedError> {
        let mut state = self.state();
        if state.is_stalled() {
            self.write_waiting(&mut state, now_ms)?;
        }
        self.rotate_if_due(&mut state, now_ms)?;
        self.retain(&mut state, now_ms);
        Ok(())
    }

    /// Sequence number of a space's newest change.
    pub fn last(&self, space: &str) -> u64 {
        self.state().last(space).sequence
    }

    /// The oldest sequence number behind which every change of a space is there.
    pub fn oldest(&self, space: &str) -> u64 {
        self.state()
            .spaces
            .get(space)
            .map_or(0, |track| track.floor)
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.state().bytes()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits, in order.
    fn write_waiting(&self, state: &mut State, now_ms: i64) -> Result<(), FeedError> {
        if !state.lost.is_empty() {
            for one in std::mem::take(&mut state.waiting) {
                state.lost.insert(one.space, one.sequence);
            }
            state.waiting_bytes = 0;
            for (space, sequence) in state.lost.clone() {
                state.spaces.insert(space, Track::known(at(sequence)));
            }
            for track in state.spaces.values_mut() {
                *track = Track::known(track.last);
            }
            return self.begin_anew(state, now_ms);
        }
        while let Some(one) = state.waiting.pop_front() {
            let written = self.write_one(state, &one);
            if written.is_err() {
                state.waiting.push_front(one);
                return written;
            }
            state.waiting_bytes = state
                .waiting_bytes
                .saturating_sub(one.changes.len() + one.space.len());
        }
        Ok(())
    }

    fn write_one(&self, state: &mut State, one: &Waiting) -> Result<(), FeedError> {
        self.rotate_if_due(state, one.at_ms)?;
        let place = Place {
            sequence: one.sequence,
            position: state.end(),
        };
        let mut group = Vec::with_capacity(one.changes.len() + 128);
        format::write_changes(
            &mut group,
            place.position,
            (&one.space, one.sequence, one.at_ms),
            state.last(&one.space),
            &one.changes,
        );
        self.write(state, &group)?;
        state.note(&one.space, place, one.at_ms);
        self.retain(state, one.at_ms);
        Ok(())
    }

    /// Adds bytes to the last file.
    fn write(&self, state: &mut State, bytes: &[u8]) -> Result<(), FeedError> {
        let Some((&start, file)) = state.files.last_key_value() else {
            let nothing = io::Error::other("there is no file to write to");
            return self.done("feed", "write", Err(nothing));
        };
        let (name, end) = (name(start), file.bytes);
        if state.ragged {
            self.done(&name, "cut", self.folder.truncate(&name, end))?;
            state.ragged = false;
        }
        let appended = self.folder.append(&name, bytes);
        state.ragged = appended.is_err();
        self.done(&name, "write", appended)?;
        if let Some(mut file) = state.files.last_entry() {
            file.get_mut().bytes += bytes.len() as u64;
        }
        Ok(())
    }

    fn rotate_if_due(&self, state: &mut State, now_ms: i64) -> Result<(), FeedError> {
        let Some((&start, file)) = state.files.last_key_value() else {
            return self.create(state, now_ms);
        };
        let old = now_ms.saturating_sub(file.created_ms) >= self.options.file_age_ms;
        if !file.used || !(old || file.bytes >= self.options.file_bytes_max) {
            return Ok(());
        }
        if state.ragged {
            let cut = self.folder.truncate(&name(start), file.bytes);
            self.done(&name(start), "cut", cut)?;
            state.ragged = false;
        }
        // What stands before a whole file is whole: so damage is told from a torn end.
        self.done(&name(start), "sync", self.folder.sync(&name(start)))?;
        self.create(state, now_ms)
    }

    /// Begins the next file with what went before it.
    fn create(&self, state: &mut State, now_ms: i64) -> Result<(), FeedError> {
        let start = state.end();
        let file = name(start);
        let mut bytes = format::header(FORMAT_VERSION, start).to_vec();
        let mut known: Vec<(&str, Place)> = state
            .spaces
            .iter()
            .map(|(name, track)| (name.as_str(), track.last))
            .collect();
        known.sort_unstable_by_key(|(name, _)| *name);
        let position = start + HEADER_BYTES as u64;
        format::write_spaces(&mut bytes, position, now_ms, state.frame, known.into_iter());
        // What an earlier try may have left.
        match self.folder.remove(&file) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                return self.done(&file, "remove", Err(cause));
            }
            Err(_) | Ok(()) => {}
        }
        let made = self
            .folder
            .append(&file, &bytes)
            .and_then(|()| self.folder.sync(&file))
            .and_then(|()| self.folder.sync_folder());
        self.done(&file, "create", made)?;
        let extent = Extent {
            bytes: bytes.len() as u64,
            created_ms: now_ms,
            last_ms: now_ms,
            used: false,
        };
        state.files.insert(start, extent);
        state.ragged = false;
        Ok(())
    }

    /// Removes the oldest files while they are too many or too old; never the
    /// one that is written.
    fn retain(&self, state: &mut State, now_ms: i64) {
        let mut removed = false;
        while let Some((&start, oldest)) = state.files.first_key_value() {
            let old = now_ms.saturating_sub(oldest.last_ms) >= self.options.kept_ms;
            let many = state.bytes() > self.options.kept_bytes_max;
            if state.files.len() < 2 || !(old || many) {
                break;
            }
            state.files.remove(&start);
            removed = true;
            // One that stays behind is read again at the next start, and goes then.
            drop(self.folder.remove(&name(start)));
        }
        if removed {
            self.raise_floors(state);
        }
    }

    /// The oldest file says what stood before it.
    fn raise_floors(&self, state: &mut State) {
        let Some((&start, _)) = state.files.first_key_value() else {
            return;
        };
        let said = self.first_group(start);
        let position = start + HEADER_BYTES as u64;
        let group = said.as_ref().ok();
        let group = group.and_then(|bytes| format::read(bytes, position).ok());
        let before: Option<HashMap<&str, u64>> = match group {
            Some((format::Group::Spaces { spaces, .. }, _)) => {
                let spaces = spaces.into_iter();
                Some(spaces.map(|(name, last)| (name, last.sequence)).collect())
            }
            Some((format::Group::Changes { .. } | format::Group::Mark { .. }, _)) | None => None,
        };
        for (name, track) in &mut state.spaces {
            match &before {
                Some(before) => track.raise(before.get(name.as_str()).copied().unwrap_or(0)),
                // It cannot be read: only who is at the end already misses nothing.
                None => track.raise(track.last.sequence),
            }
        }
    }

    fn first_group(&self, start: u64) -> io::Result<Vec<u8>> {
        let (file, offset) = (name(start), HEADER_BYTES as u64);
        let mut group = vec![0; HEAD_BYTES];
        self.folder.read(&file, offset, &mut group)?;
        let bytes = format::group_bytes(&group).ok_or(io::ErrorKind::InvalidData)?;
        group.resize(bytes, 0);
        self.folder.read(&file, offset, &mut group)?;
        Ok(group)
    }

    /// Drops every file; each space goes on behind its last change.
    fn begin_anew(&self, state: &mut State, now_ms: i64) -> Result<(), FeedError> {
        // Not where the old files end: should a power cut bring them back, the new one is
        // not taken for their next.
        let start = state.end() + 1;
        let before: Vec<u64> = state.files.keys().copied().collect();
        state.files.clear();
        for old in before {
            match self.folder.remove(&name(old)) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                    state.files.insert(old, Extent::whole(start - old));
                    return self.done(&name(old), "remove", Err(cause));
                }
                Err(_) | Ok(()) => {}
            }
        }
        state.files.insert(start, Extent::whole(0));
        let made = self.create(state, now_ms);
        if made.is_ok() {
            state.lost.clear();
        }
        made
    }

    fn done<T>(
        &self,
        file: &str,
        doing: &'static str,
        outcome: io::Result<T>,
    ) -> Result<T, FeedError> {
        outcome.map_err(|cause| FeedError::Io {
            file: self.folder.path(file),
            doing,
            cause,
        })
    }
}

fn at(sequence: u64) -> Place {
    Place {
        sequence,
        position: 0,
    }
}

/// A file's name by the position of its first byte.
fn name(start: u64) -> String {
    format!("feed-{start:016x}")
}

#[cfg(test)]
mod tests;
