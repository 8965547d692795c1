//! The witness: what a data folder has had. Owns one small file that says how far
//! the journal went at least, which ledger of erasures belongs to the folder and
//! which history of the documents it has, so that files which go missing between
//! two starts are not taken for files that never were.
//!
//! It only ever says what is on the medium already: whoever raises it has synced
//! before, so no power cut leaves a folder that has less than its witness says.
//! It does not say everything, as it is written with each new file of the
//! journal and not with each frame.

use std::fmt;
use std::io;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::{FileError, Folder, is_full};

#[cfg(test)]
mod tests;

/// Name of the witness's file.
pub const WITNESS_FILE: &str = "witness";
/// Its name until it is on the medium.
const NEW_FILE: &str = "witness.new";
/// What can be done about what is missing.
pub(crate) const WAY_OUT: &str = "put back what was there, or restore a backup; to go on with what is \
                           there, remove the file `witness` as well";

const MAGIC: [u8; 8] = *b"TANDEMW\n";
/// The format that is written.
pub const FORMAT_VERSION: u32 = 2;
/// The one before, which knew of no history.
const VERSION_1: u32 = 1;
const BYTES: usize = 64;

/// Which history of the documents a folder has. Within one a sequence number
/// names one state of a space. A restore begins another, and so does a start
/// that cannot tell what there was: what is known of the one before is then
/// never taken for this one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History(pub NonZeroU32);

impl History {
    /// One of random bits.
    pub fn of(random: u32) -> Self {
        Self(NonZeroU32::new(random).unwrap_or(NonZeroU32::MAX))
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// What a folder has had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// A frame that was on the medium: checkpoint and journal reach it.
    pub frame: u64,
    /// The ledger of erasures, once there is one.
    pub ledger: Option<KnownLedger>,
    /// The history of its documents, unless a program wrote this that knew of none.
    pub history: Option<History>,
}

/// Which ledger belongs to a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownLedger {
    /// What its header says of its key.
    pub check: [u8; 16],
    /// How long it was: it only grows.
    pub bytes: u64,
}

#[derive(Debug)]
struct State {
    known: Known,
    /// What the file says, where there is one.
    written: Option<Known>,
    failed: bool,
}

impl State {
    fn note(&mut self, ledger: KnownLedger) {
        let before = self.known.ledger.map_or(0, |known| known.bytes);
        let bytes = ledger.bytes.max(before);
        self.known.ledger = Some(KnownLedger { bytes, ..ledger });
    }
}

/// The witness of a folder that is worked on.
pub struct Witness {
    folder: Arc<dyn Folder>,
    was_there: bool,
    /// For documents of which nothing says what they were before.
    fresh: History,
    state: Mutex<State>,
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness")
            .field("folder", &self.folder.name())
            .finish_non_exhaustive()
    }
}

/// What the witness of a folder says; nothing where there is none: the folder is
/// new, of a program that had none, or somebody wants to go on with what is there.
/// Errors: damage.
pub fn look(folder: &dyn Folder) -> Result<Option<Known>, FileError> {
    let error = |doing, cause| FileError::Io {
        file: folder.path(WITNESS_FILE),
        doing,
        cause,
    };
    let files = folder.list().map_err(|cause| error("list", cause))?;
    let Some((_, bytes)) = files.iter().find(|(file, _)| file == WITNESS_FILE) else {
        return Ok(None);
    };
    let refused = |offset, reason: String| FileError::Refused {
        file: folder.path(WITNESS_FILE),
        offset,
        reason,
    };
    // As long as it is in every version there will be, at least.
    let mut found = vec![0; (*bytes).min(BYTES as u64) as usize];
    let read = folder.read(WITNESS_FILE, 0, &mut found);
    read.map_err(|cause| error("read", cause))?;
    if let Some(version) = u32_at(&found, 8)
        && found.starts_with(&MAGIC)
        && !matches!(version, FORMAT_VERSION | VERSION_1)
        && u32_at(&found, 12) == Some(crc32fast::hash(&found[..12]))
    {
        let reason = format!("format {version}; this program reads formats up to {FORMAT_VERSION}");
        return Err(refused(8, reason));
    }
    let known = parse(&found).filter(|_| *bytes == BYTES as u64);
    known.map(Some).ok_or_else(|| {
        let reason = "the file is damaged, so it cannot be told whether others are missing; to go \
                      on with what is there, remove it";
        refused(0, reason.to_owned())
    })
}

impl Witness {
    /// Opens the witness of a folder; nothing is written yet. A folder without a
    /// history begins the fresh one. Errors: damage.
    pub fn open(folder: Arc<dyn Folder>, fresh: History) -> Result<Self, FileError> {
        let written = look(&*folder)?;
        let mut known = written.unwrap_or_default();
        known.history = Some(known.history.unwrap_or(fresh));
        Ok(Self {
            folder,
            was_there: written.is_some(),
            fresh,
            state: Mutex::new(State {
                known,
                written,
                failed: false,
            }),
        })
    }

    /// Whether the folder had one when it was opened.
    pub fn was_there(&self) -> bool {
        self.was_there
    }

    /// The history of the folder's documents.
    pub fn history(&self) -> History {
        self.state().known.history.unwrap_or(self.fresh)
    }

    /// From here on the documents have another history; written with the next call.
    pub fn begin_history(&self) {
        self.state().known.history = Some(self.fresh);
    }

    /// What it knows.
    pub fn known(&self) -> Known {
        self.state().known
    }

    /// Says that everything up to a frame is on the medium. Where there is no
    /// room the next call writes it: less is known meanwhile, nothing wrong.
    /// After any other error every later call fails.
    pub fn reached(&self, frame: u64) -> Result<(), FileError> {
        let mut state = self.state();
        state.known.frame = state.known.frame.max(frame);
        self.write(&mut state)
    }

    /// Says which ledger belongs to the folder, and how much of it is on the
    /// medium and stays. Errors: as [`Self::reached`].
    pub fn has_ledger(&self, ledger: KnownLedger) -> Result<(), FileError> {
        let mut state = self.state();
        state.note(ledger);
        self.write(&mut state)
    }

    /// The same, written with the next call: a start that is refused behind this
    /// leaves no witness where there was none.
    pub fn will_have_ledger(&self, ledger: KnownLedger) {
        self.state().note(ledger);
    }

    fn write(&self, state: &mut State) -> Result<(), FileError> {
        if state.written == Some(state.known) {
            return Ok(());
        }
        if state.failed {
            let cause = io::Error::other("an earlier write failed");
            return Err(self.error("write", cause));
        }
        state.failed = true;
        match self.put(&bytes(state.known, FORMAT_VERSION)) {
            Ok(()) => {}
            Err(cause) if is_full(&cause) => {
                self.forget().map_err(|cause| self.error("undo", cause))?;
                state.failed = false;
                return Ok(());
            }
            Err(cause) => return Err(self.error("write", cause)),
        }
        let synced = self.folder.sync_folder();
        synced.map_err(|cause| self.error("sync", cause))?;
        state.written = Some(state.known);
        state.failed = false;
        Ok(())
    }

    /// Puts the file in the place of the one before, whole or not at all.
    fn put(&self, bytes: &[u8]) -> io::Result<()> {
        self.forget()?;
        self.folder.append(NEW_FILE, bytes)?;
        self.folder.sync(NEW_FILE)?;
        self.folder.rename(NEW_FILE, WITNESS_FILE)
    }

    /// Removes one that could not take its place.
    fn forget(&self) -> io::Result<()> {
        match self.folder.remove(NEW_FILE) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
            Err(_) | Ok(()) => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, doing: &'static str, cause: io::Error) -> FileError {
        FileError::Io {
            file: self.folder.path(WITNESS_FILE),
            doing,
            cause,
        }
    }
}

fn bytes(known: Known, version: u32) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes.extend_from_slice(&known.frame.to_le_bytes());
    let ledger = known.ledger;
    bytes.extend_from_slice(&ledger.map_or(0, |ledger| ledger.bytes).to_le_bytes());
    bytes.extend_from_slice(&ledger.map_or([0; 16], |ledger| ledger.check));
    bytes.extend_from_slice(&u32::from(ledger.is_some()).to_le_bytes());
    let history = known.history.map_or(0, |history| history.0.get());
    bytes.extend_from_slice(&history.to_le_bytes());
    bytes.resize(BYTES - 4, 0);
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

fn parse(found: &[u8]) -> Option<Known> {
    let number = |at: usize| found.get(at..)?.first_chunk().copied();
    let ledger = match u32_at(found, 48)? {
        0 => None,
        _ => Some(KnownLedger {
            bytes: u64::from_le_bytes(number(24)?),
            check: *found.get(32..)?.first_chunk()?,
        }),
    };
    let known = Known {
        frame: u64::from_le_bytes(number(16)?),
        ledger,
        history: NonZeroU32::new(u32_at(found, 52)?).map(History),
    };
    let version = match known.history {
        Some(_) => FORMAT_VERSION,
        None => VERSION_1,
    };
    // What was read is what would be written: checksums, version, zeros.
    (bytes(known, version) == found).then_some(known)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let found = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*found))
}
