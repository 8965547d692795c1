//! Opening a ledger: its key, its records, and the end a crash may leave.

use std::sync::{Arc, Mutex};

use super::format::{CUT_OFF, HEADER_BYTES, KEY_BYTES, Key, MARKER, Record, check_header, header};
use super::format::{read_key, write_key};
use super::{KEY_FILE, LEDGER_FILE, Ledger, State};
use crate::disk::{FileError, Folder};
use crate::witness::{KnownLedger, Witness};

/// What can be done about a ledger that is not the one it was.
const WAY_OUT: &str = "put back the newest copy of it and of its key; to go on without what it \
                       knew, remove the file `witness` as well";
/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

impl Ledger {
    /// Opens the ledger of a folder, or makes one with this key. A torn end, of
    /// which nobody was told, is cut off (see `is_torn`). The witness is written by
    /// whoever opens the rest.
    ///
    /// Errors: damage, a key that is not the ledger's, a ledger without its key or
    /// the other way round, one that the witness knows and that is missing, shorter
    /// or another one: then nothing may be said of what was erased.
    pub fn open(
        folder: Arc<dyn Folder>,
        fresh: [u8; KEY_BYTES],
        witness: Arc<Witness>,
    ) -> Result<Self, FileError> {
        let mut ledger = Self::opened(folder, fresh, witness.known().ledger)?;
        witness.will_have_ledger(ledger.known(&ledger.state()));
        ledger.witness = Some(witness);
        Ok(ledger)
    }

    /// The ledger in a copy of its files that may be written to, held against what
    /// is known of it. Errors: as [`Self::open`].
    pub(crate) fn look(
        folder: Arc<dyn Folder>,
        known: Option<KnownLedger>,
    ) -> Result<Self, FileError> {
        Self::opened(folder, [0; KEY_BYTES], known)
    }

    fn opened(
        folder: Arc<dyn Folder>,
        fresh: [u8; KEY_BYTES],
        known: Option<KnownLedger>,
    ) -> Result<Self, FileError> {
        let files = Files::of(&*folder)?;
        files.check(&*folder, known)?;
        let key = match files.key.filter(|_| files.ledger.is_some()) {
            // The key is synced before the ledger begins, and the ledger's header
            // before anything is erased: a crash in the first start leaves no more.
            None => make(&*folder, fresh)?,
            Some(bytes) => {
                let bytes = read(&*folder, KEY_FILE, bytes)?;
                let key = read_key(&bytes);
                key.map_err(|reason| refuse(&*folder, KEY_FILE, 0, &reason))?
            }
        };
        let key = Key::new(key);
        let held = files.ledger.unwrap_or(0);
        let bytes = if held < HEADER_BYTES as u64 {
            begin(&*folder, &key, held)?;
            header(&key)
        } else {
            read(&*folder, LEDGER_FILE, held)?
        };
        check_header(&bytes, &key).map_err(|reason| refuse(&*folder, LEDGER_FILE, 0, &reason))?;
        if known.is_some_and(|known| known.check != key.check()) {
            let reason = format!(
                "this is not the ledger of this folder, so who was erased here is not known; {WAY_OUT}"
            );
            return Err(refuse(&*folder, LEDGER_FILE, 12, &reason));
        }
        let state = records(&*folder, &bytes, known.map_or(0, |known| known.bytes))?;
        Ok(Self {
            folder: Some(folder),
            witness: None,
            key,
            state: Mutex::new(state),
        })
    }
}

/// Refuses what [`Ledger::open`] refuses before it reads anything.
pub(crate) fn check_files(
    folder: &dyn Folder,
    known: Option<KnownLedger>,
) -> Result<(), FileError> {
    Files::of(folder)?.check(folder, known)
}

/// Which files of a ledger there are, with their bytes.
struct Files {
    key: Option<u64>,
    ledger: Option<u64>,
    /// Whether there are documents, or were.
    has_data: bool,
}

impl Files {
    fn of(folder: &dyn Folder) -> Result<Self, FileError> {
        let files = folder.list();
        let files = files.map_err(|cause| io(folder, "", "list", cause))?;
        let bytes_of = |name: &str| {
            let found = files.iter().find(|(file, _)| file == name);
            found.map(|(_, bytes)| *bytes)
        };
        let of_data = |name: &str| name == "manifest" || name.starts_with("journal-");
        Ok(Self {
            key: bytes_of(KEY_FILE),
            ledger: bytes_of(LEDGER_FILE),
            has_data: files.iter().any(|(file, _)| of_data(file)),
        })
    }

    /// Refuses to begin a new ledger in the place of one that is missing.
    fn check(&self, folder: &dyn Folder, known: Option<KnownLedger>) -> Result<(), FileError> {
        let is_gone = self.ledger.is_none_or(|bytes| bytes < HEADER_BYTES as u64);
        if let Some(known) = known.filter(|_| is_gone) {
            let key = if self.key.is_none() {
                " and its key, the file ledger.key,"
            } else {
                ""
            };
            let reason = format!(
                "the ledger of erasures{key} is missing or empty, and had {} bytes, so who was \
                 erased is not known; {WAY_OUT}, and ledger.key",
                known.bytes
            );
            return Err(refuse(folder, LEDGER_FILE, 0, &reason));
        }
        // The first start makes both before there is anything else.
        if is_gone && self.has_data && self.key.is_some() {
            let reason = "its key is there, but the ledger is not, so who was erased is not known: \
                          put it back, or remove ledger.key too to begin a new one";
            return Err(refuse(folder, LEDGER_FILE, 0, reason));
        }
        if self.key.is_none() && self.ledger.is_some() {
            let reason = "the ledger is there, but its key, the file ledger.key, is not";
            return Err(refuse(folder, KEY_FILE, 0, reason));
        }
        Ok(())
    }
}

/// Takes the records; `least` bytes of them were there before.
fn records(folder: &dyn Folder, bytes: &[u8], least: u64) -> Result<State, FileError> {
    let mut state = State::default();
    let mut at = HEADER_BYTES;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        match Record::read(rest) {
            Ok((record, length)) if record.number() == state.last + 1 => {
                state.take(record, at as u64);
                at += length;
            }
            Ok(_) => {
                let reason = "the records are not numbered on";
                return Err(refuse(folder, LEDGER_FILE, at as u64, reason));
            }
            Err(reason) if is_followed(rest) || !is_torn(rest, at, reason) => {
                return Err(refuse(folder, LEDGER_FILE, at as u64, reason));
            }
            // A crash leaves what was synced.
            Err(_) if (at as u64) < least => break,
            Err(_) => {
                let cut = folder.truncate(LEDGER_FILE, at as u64);
                cut.map_err(|cause| io(folder, LEDGER_FILE, "cut", cause))?;
                break;
            }
        }
    }
    if (at as u64) < least {
        let reason = format!(
            "the ledger ends here, and had {least} bytes: this is an older copy, or it was cut \
             short, so who was erased since is not known; {WAY_OUT}"
        );
        return Err(refuse(folder, LEDGER_FILE, at as u64, &reason));
    }
    // Whole records of a process that was killed may not be synced yet.
    let synced = folder.sync(LEDGER_FILE);
    synced.map_err(|cause| io(folder, LEDGER_FILE, "sync", cause))?;
    state.bytes = at as u64;
    Ok(state)
}

/// Whether the end that begins at this byte may be of a write that a crash cut:
/// shorter than it says, or with a sector that was never written. All else was
/// written, and somebody may have been told of it.
fn is_torn(rest: &[u8], at: usize, reason: &str) -> bool {
    let first = (SECTOR_BYTES - at % SECTOR_BYTES).min(rest.len());
    let (first, others) = rest.split_at(first);
    let mut sectors = std::iter::once(first).chain(others.chunks(SECTOR_BYTES));
    reason == CUT_OFF || sectors.any(|sector| sector.iter().all(|byte| *byte == 0))
}

/// Whether a whole record stands somewhere behind the first byte.
fn is_followed(bytes: &[u8]) -> bool {
    let begins = memchr::memmem::find_iter(bytes.get(1..).unwrap_or_default(), &MARKER);
    begins
        .filter_map(|at| bytes.get(at + 1..))
        .any(|rest| Record::read(rest).is_ok())
}

fn make(folder: &dyn Folder, key: [u8; KEY_BYTES]) -> Result<[u8; KEY_BYTES], FileError> {
    forget(folder, KEY_FILE)?;
    let made = folder
        .append(KEY_FILE, &write_key(&key))
        .and_then(|()| folder.sync(KEY_FILE))
        .and_then(|()| folder.sync_folder());
    made.map_err(|cause| io(folder, KEY_FILE, "write", cause))?;
    Ok(key)
}

fn begin(folder: &dyn Folder, key: &Key, held: u64) -> Result<(), FileError> {
    if held > 0 {
        forget(folder, LEDGER_FILE)?;
    }
    let made = folder
        .append(LEDGER_FILE, &header(key))
        .and_then(|()| folder.sync(LEDGER_FILE))
        .and_then(|()| folder.sync_folder());
    made.map_err(|cause| io(folder, LEDGER_FILE, "write", cause))
}

fn forget(folder: &dyn Folder, file: &str) -> Result<(), FileError> {
    match folder.remove(file) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(io(folder, file, "remove", cause))
        }
        Err(_) | Ok(()) => Ok(()),
    }
}

fn read(folder: &dyn Folder, file: &str, bytes: u64) -> Result<Vec<u8>, FileError> {
    let mut buffer = vec![0; bytes as usize];
    let filled = folder.read(file, 0, &mut buffer);
    filled.map_err(|cause| io(folder, file, "read", cause))?;
    Ok(buffer)
}

fn io(folder: &dyn Folder, file: &str, doing: &'static str, cause: std::io::Error) -> FileError {
    FileError::Io {
        file: folder.path(file),
        doing,
        cause,
    }
}

fn refuse(folder: &dyn Folder, file: &str, offset: u64, reason: &str) -> FileError {
    FileError::Refused {
        file: folder.path(file),
        offset,
        reason: reason.to_owned(),
    }
}
