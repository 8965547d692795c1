//! The ledger of erasures beside a backup. Owns which one belongs to it and
//! putting it into a restored folder; what it says is the ledger's own.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use super::{BackupError, Contents, create, io_at, sync_folder};

/// The ledger's file in a data folder.
const LEDGER_FILE: &str = "ledger";
/// Its key's, and what is put behind the name of a ledger elsewhere.
const KEY_FILE: &str = "ledger.key";
/// Bytes that tell one ledger from another: they hold a check of its key.
const HEADER_BYTES: usize = 32;
const KEY_BYTES: usize = 48;
const MAGIC: &[u8; 8] = b"TANDEML\n";
const KEY_MAGIC: &[u8; 8] = b"TANDEMK\n";

/// A ledger and its key.
pub struct LedgerFiles {
    ledger: Vec<u8>,
    key: Vec<u8>,
}

impl LedgerFiles {
    /// Reads a ledger and the key beside it, named as the ledger with `.key`
    /// behind. Errors: what is no ledger or no key, a ledger that is not that of the
    /// server a backup came from, or is older than the backup.
    pub fn read(path: &Path, of: &Contents) -> Result<Self, BackupError> {
        let mut key_path = path.as_os_str().to_owned();
        key_path.push(".key");
        let key_path = Path::new(&key_path);
        let files = Self {
            ledger: fs::read(path).map_err(io_at(path, "read"))?,
            key: fs::read(key_path).map_err(io_at(key_path, "read"))?,
        };
        let damaged = |path: &Path, what: &str| {
            Err(BackupError::damaged(&path.display().to_string(), 0, what))
        };
        if !is_sealed(files.ledger.get(..HEADER_BYTES), MAGIC) {
            return damaged(
                path,
                "this is no ledger of erasures, or its header is damaged",
            );
        }
        if files.key.len() != KEY_BYTES || !is_sealed(Some(&files.key), KEY_MAGIC) {
            return damaged(key_path, "this is no key of a ledger, or it is damaged");
        }
        let header = hex(&files.ledger[..HEADER_BYTES]);
        if of
            .ledger
            .as_ref()
            .is_some_and(|expected| *expected != header)
        {
            let why = "this ledger is not that of the server the backup came from";
            return Err(BackupError::refused(path, why));
        }
        if (files.ledger.len() as u64) < of.ledger_bytes {
            let why = "this ledger is older than the backup; the newest one is needed";
            return Err(BackupError::refused(path, why));
        }
        Ok(files)
    }

    /// Whether anything was ever erased.
    pub fn has_erasures(&self) -> bool {
        self.ledger.len() > HEADER_BYTES
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

/// Whether bytes begin with a magic and end with the checksum of the rest.
fn is_sealed(bytes: Option<&[u8]>, magic: &[u8; 8]) -> bool {
    let Some((body, check)) = bytes.and_then(<[u8]>::split_last_chunk::<4>) else {
        return false;
    };
    body.starts_with(magic) && crc32fast::hash(body).to_le_bytes() == *check
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Which ledger belongs to a data folder, and how long it is.
pub(super) fn belonging(from: &Path) -> Result<(Option<String>, u64), BackupError> {
    let path = from.join(LEDGER_FILE);
    let open = match File::open(&path) {
        Ok(open) => open,
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
