//! The ledger of erasures beside a backup. Owns which one belongs to it and
//! putting it into a restored folder; what it says is the ledger's own.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use super::{BackupError, Contents, create, io_at, sync_folder};
use crate::disk::{FileError, MemoryFolder};
use crate::ledger::{HEADER_BYTES, KEY_FILE, LEDGER_FILE, Ledger};
use crate::witness::Known;

/// A ledger and its key.
pub struct LedgerFiles {
    ledger: Vec<u8>,
    key: Vec<u8>,
}

impl LedgerFiles {
    /// Reads a ledger and the key beside it, named as the ledger with `.key`
    /// behind. Errors: what is no ledger or no key, a ledger that is not that of the
    /// server a backup came from, or is older than the backup.
    pub fn read(path: &Path, of: &Contents) -> Result<(Self, Arc<Ledger>), BackupError> {
        let mut key_path = path.as_os_str().to_owned();
        key_path.push(".key");
        let key_path = Path::new(&key_path);
        let files = Self {
            ledger: fs::read(path).map_err(io_at(path, "read"))?,
            key: fs::read(key_path).map_err(io_at(key_path, "read"))?,
        };
        let ledger = opened(&files.ledger, &files.key, Known::default()).map_err(|damage| {
            let path = if damage.of_key { key_path } else { path };
            BackupError::damaged(&path.display().to_string(), damage.byte, damage.what)
        })?;
        let header = files.ledger.get(..HEADER_BYTES).map(hex);
        if of.ledger.is_some() && of.ledger != header {
            let why = "this ledger is not that of the server the backup came from";
            return Err(BackupError::refused(path, why));
        }
        if (files.ledger.len() as u64) < of.ledger_bytes {
            let why = "this ledger is older than the backup; the newest one is needed";
            return Err(BackupError::refused(path, why));
        }
        Ok((files, Arc::new(ledger)))
    }

    /// Puts both into a folder, on the medium; the key first.
    pub fn place(&self, folder: &Path) -> Result<(), BackupError> {
        for (name, bytes) in [(KEY_FILE, &self.key), (LEDGER_FILE, &self.ledger)] {
            let path = folder.join(name);
            let written = create(&path).and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_all()
            });
            written.map_err(io_at(&path, "write"))?;
        }
        sync_folder(folder)
    }
}

/// Where a ledger or its key is not as it was written.
pub(crate) struct LedgerDamage {
    pub(crate) of_key: bool,
    pub(crate) byte: u64,
    pub(crate) what: String,
}

/// The ledger of these bytes, as a server opens it; nothing is written.
/// It is held against what the witness of its folder knows.
pub(crate) fn opened(ledger: &[u8], key: &[u8], known: Known) -> Result<Ledger, LedgerDamage> {
    let damage = |of_key, byte, what: String| LedgerDamage { of_key, byte, what };
    // A server makes a new one of less than a header.
    if ledger.len() < HEADER_BYTES {
        return Err(damage(false, 0, "this is no ledger of erasures".to_owned()));
    }
    let files = [(LEDGER_FILE, ledger), (KEY_FILE, key)];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    let folder = Arc::new(MemoryFolder::with_files(files));
    Ledger::look(folder, known.ledger).map_err(|cause| match cause {
        FileError::Refused {
            file,
            offset,
            reason,
        } => damage(file.ends_with(KEY_FILE), offset, reason),
        FileError::Io { .. } | FileError::Full { .. } => damage(false, 0, cause.to_string()),
    })
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// Which ledger belongs to a data folder, and how long it is.
pub(super) fn belonging(from: &Path, known: Known) -> Result<(Option<String>, u64), BackupError> {
    let path = from.join(LEDGER_FILE);
    let open = match File::open(&path) {
        Ok(open) => open,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound && known.ledger.is_some() => {
            let why = "its ledger of erasures is missing; put it back first";
            return Err(BackupError::refused(from, why));
        }
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok((None, 0)),
        Err(cause) => return Err(io_at(&path, "open")(cause)),
    };
    let bytes = open.metadata().map_err(io_at(&path, "open"))?.len();
    let mut header = Vec::new();
    let mut head = open.take(HEADER_BYTES as u64);
    head.read_to_end(&mut header)
        .map_err(io_at(&path, "read"))?;
    Ok((Some(hex(&header)), bytes))
}
