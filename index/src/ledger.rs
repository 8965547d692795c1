//! The ledger of erasures: which subjects and documents were erased, when, and
//! whether every file is rewritten since. Owns its file, its key, and what a
//! power cut may leave of both; knows no name, only keyed hashes of names.
//!
//! It is never part of a checkpoint or a backup: what is older than an erasure
//! is held against it. A record is written and synced at once, so all of it
//! survives, or nobody was told of it.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::{FileError, Folder, is_full};
use crate::witness::{KnownLedger, Witness};

mod format;
mod open;
#[cfg(test)]
mod tests;

pub(crate) use format::HEADER_BYTES;
pub use format::{KEY_BYTES, VERSION};
use format::{Key, Mac, Record};
pub(crate) use open::check_files;

/// Name of the ledger's file.
pub const LEDGER_FILE: &str = "ledger";
/// Name of the file with its key.
pub const KEY_FILE: &str = "ledger.key";

/// A document that is erased.
#[derive(Clone, Copy, Debug)]
pub struct ErasedDocument<'a> {
    /// Name of its kind.
    pub kind: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Nothing with this version or an older one comes back.
    pub version: u64,
}

/// What the ledger says of a subject: its last erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Number of the record.
    pub number: u64,
    /// When it was erased, in milliseconds since 1970.
    pub at_ms: i64,
    /// How many documents.
    pub documents: u64,
    /// When every file was rewritten.
    pub done_ms: Option<i64>,
}

/// A record that may still be taken back.
#[derive(Debug)]
pub struct Mark {
    number: u64,
    bytes: u64,
    subject: (Mac, Option<Held>),
    documents: Vec<(Mac, Option<u64>)>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    number: u64,
    at_ms: i64,
    documents: u64,
}

/// Everything in the file.
#[derive(Debug, Default)]
struct State {
    bytes: u64,
    last: u64,
    subjects: HashMap<Mac, Held>,
    documents: HashMap<Mac, u64>,
    /// Through which record, and when; both rise.
    done: Vec<(u64, i64)>,
    /// When the oldest record was made that is not done.
    pending: Option<i64>,
    failed: bool,
}

/// The ledger. One writes, many may look.
pub struct Ledger {
    folder: Option<Arc<dyn Folder>>,
    witness: Option<Arc<Witness>>,
    key: Key,
    state: Mutex<State>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the key.
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

impl Ledger {
    /// A ledger that ends with the process, as the documents do.
    pub fn in_memory(key: [u8; KEY_BYTES]) -> Self {
        Self {
            folder: None,
            witness: None,
            key: Key::new(key),
            state: Mutex::default(),
        }
    }

    /// Records an erasure; on return it survives a power cut. `Full`: it is not
    /// there. After any other error every later call fails.
    pub fn record(
        &self,
        space: &str,
        subject: &str,
        documents: &[ErasedDocument<'_>],
        at_ms: i64,
    ) -> Result<Mark, FileError> {
        let subject = self.key.subject(space, subject);
        let documents: Vec<(Mac, u64)> = documents
            .iter()
            .map(|one| (self.key.document(space, one.kind, one.id), one.version))
            .collect();
        let mut state = self.state();
        let number = state.last + 1;
        let bytes = state.bytes;
        let record = Record::Erased {
            number,
            at_ms,
            subject,
            documents,
        };
        self.append(&mut state, &record)?;
        Ok(state.take(record, bytes))
    }

    /// Takes the last record back: what it announced did not happen.
    pub fn undo(&self, mark: Mark) -> Result<(), FileError> {
        let mut state = self.state();
        if state.last != mark.number {
            return Ok(());
        }
        if let Some(folder) = &self.folder {
            state.failed = true;
            let cut = folder.truncate(LEDGER_FILE, mark.bytes);
            let cut = cut.and_then(|()| folder.sync(LEDGER_FILE));
            cut.map_err(|cause| self.error(LEDGER_FILE, "cut", cause))?;
            state.failed = false;
        }
        state.bytes = mark.bytes;
        state.last = mark.number - 1;
        restore(&mut state.subjects, mark.subject);
        for document in mark.documents {
            restore(&mut state.documents, document);
        }
        state.count_pending();
        Ok(())
    }

    /// Lets the last record stay for good: what it announced happened. A ledger
    /// without it is refused from now on.
    pub fn settle(&self, mark: Mark) -> Result<(), FileError> {
        drop(mark);
        self.tell(&self.state())
    }

    /// Says that all files are rewritten for every record up to this one.
    pub fn done(&self, through: u64, at_ms: i64) -> Result<(), FileError> {
        let mut state = self.state();
        let record = Record::Done {
            number: state.last + 1,
            at_ms,
            through,
        };
        self.append(&mut state, &record)?;
        let bytes = state.bytes;
        state.take(record, bytes);
        self.tell(&state)
    }

    /// The last erasure of a subject.
    pub fn subject(&self, space: &str, subject: &str) -> Option<Erasure> {
        let state = self.state();
        if state.subjects.is_empty() {
            return None;
        }
        let held = state.subjects.get(&self.key.subject(space, subject))?;
        let done = state
            .done
            .iter()
            .find(|(through, _)| *through >= held.number);
        Some(Erasure {
            number: held.number,
            at_ms: held.at_ms,
            documents: held.documents,
            done_ms: done.map(|(_, at_ms)| *at_ms),
        })
    }

    /// The version a document was erased at: nothing with it or an older one
    /// comes back.
    pub fn document(&self, space: &str, kind: &str, id: &str) -> Option<u64> {
        if self.is_empty() {
            return None;
        }
        let mac = self.key.document(space, kind, id);
        self.state().documents.get(&mac).copied()
    }

    /// Whether nothing was ever erased.
    pub fn is_empty(&self) -> bool {
        self.state().subjects.is_empty()
    }

    /// Number of the last record; 0 before the first.
    pub fn last(&self) -> u64 {
        self.state().last
    }

    /// When the oldest erasure was made for which files are not rewritten yet.
    pub fn pending(&self) -> Option<i64> {
        self.state().pending
    }

    fn append(&self, state: &mut State, record: &Record) -> Result<(), FileError> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        if state.failed {
            let cause = io::Error::other("an earlier write failed");
            return Err(self.error(LEDGER_FILE, "write", cause));
        }
        let bytes = record.write();
        state.failed = true;
        match folder.append(LEDGER_FILE, &bytes) {
            Ok(()) => {}
            Err(cause) if is_full(&cause) => {
                let cut = folder.truncate(LEDGER_FILE, state.bytes);
                let cut = cut.and_then(|()| folder.sync(LEDGER_FILE));
                cut.map_err(|cause| self.error(LEDGER_FILE, "cut", cause))?;
                state.failed = false;
                return Err(FileError::Full {
                    file: folder.path(LEDGER_FILE),
                    bytes: bytes.len() as u64,
                });
            }
            Err(cause) => return Err(self.error(LEDGER_FILE, "write", cause)),
        }
        let synced = folder.sync(LEDGER_FILE);
        synced.map_err(|cause| self.error(LEDGER_FILE, "sync", cause))?;
        state.bytes += bytes.len() as u64;
        state.failed = false;
        Ok(())
    }

    /// Tells the witness which ledger this is, and that all of it stays.
    fn tell(&self, state: &State) -> Result<(), FileError> {
        match &self.witness {
            Some(witness) => witness.has_ledger(self.known(state)),
            None => Ok(()),
        }
    }

    fn known(&self, state: &State) -> KnownLedger {
        KnownLedger {
            check: self.key.check(),
            bytes: state.bytes,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, file: &str, doing: &'static str, cause: io::Error) -> FileError {
        let folder = self.folder.as_ref();
        FileError::Io {
            file: folder.map_or_else(|| file.to_owned(), |folder| folder.path(file)),
            doing,
            cause,
        }
    }
}

impl State {
    /// Takes a record in that begins at this byte.
    fn take(&mut self, record: Record, begins: u64) -> Mark {
        self.last = record.number();
        let mut mark = Mark {
            number: self.last,
            bytes: begins,
            subject: (Mac::default(), None),
            documents: Vec::new(),
        };
        match record {
            Record::Erased {
                number,
                at_ms,
                subject,
                documents,
            } => {
                let held = Held {
                    number,
                    at_ms,
                    documents: documents.len() as u64,
                };
                mark.subject = (subject, self.subjects.insert(subject, held));
                for (mac, version) in documents {
                    let before = self.documents.get(&mac).copied();
                    let version = before.map_or(version, |before| before.max(version));
                    self.documents.insert(mac, version);
                    mark.documents.push((mac, before));
                }
            }
            Record::Done { at_ms, through, .. } => self.done.push((through, at_ms)),
        }
        self.count_pending();
        mark
    }

    fn count_pending(&mut self) {
        let through = self.done.last().map_or(0, |(through, _)| *through);
        let pending = self.subjects.values().filter(|held| held.number > through);
        self.pending = pending.map(|held| held.at_ms).min();
    }
}

fn restore<V>(map: &mut HashMap<Mac, V>, (mac, before): (Mac, Option<V>)) {
    match before {
        Some(before) => drop(map.insert(mac, before)),
        None => drop(map.remove(&mac)),
    }
}
