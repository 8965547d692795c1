//! Backups: a data folder as it was at one moment, copied beside a server that
//! goes on. Owns which files belong together, their checksums, and how a copy that
//! did not come to its end is recognised; the files themselves are others'.
//!
//! Packs never change and the manifest is replaced as a whole, so a backup is a
//! manifest, the packs it names, and what stands of the journal behind it. The
//! file `snapshot` is written last: a folder without it is no backup. Not in one:
//! the ledger of erasures and its key, the lock, the log of changes.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::checkpoint::{self, CheckpointError};
use crate::disk::{FileError, Folder, LOCK_FILE, RealFolder};

mod contents;
mod ledger;
mod save;

pub use contents::{CHUNK_BYTES, Contents, FORMAT_VERSION, Saved, Space};
pub use ledger::LedgerFiles;
pub(crate) use ledger::opened as opened_ledger;
pub use save::save;

/// The file that says what a backup consists of, and that it is whole.
pub const SNAPSHOT_FILE: &str = "snapshot";
/// Its name while a folder is not whole yet: being saved to, or restored to.
pub const UNFINISHED_FILE: &str = "snapshot.new";

/// Told of the bytes that are done and of all there are.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Why a backup could not be made or used.
#[derive(Debug)]
pub enum BackupError {
    /// The system refused something.
    Io {
        /// The file or folder.
        file: String,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        cause: io::Error,
    },
    /// A file is not as it was saved.
    Damaged {
        /// The file.
        file: String,
        /// Where.
        byte: u64,
        /// What is wrong there.
        what: String,
    },
    /// A folder is not what it must be.
    Refused {
        /// The folder.
        folder: String,
        /// Why.
        why: String,
    },
    /// The checkpoint of the folder to be saved.
    Checkpoint(CheckpointError),
    /// The journal of the folder to be saved, or its witness.
    Journal(FileError),
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { file, doing, cause } => write!(f, "{file}: cannot {doing}: {cause}"),
            Self::Damaged { file, byte, what } => {
                write!(f, "{file} is damaged at byte {byte}: {what}")
            }
            Self::Refused { folder, why } => write!(f, "{folder}: {why}"),
            Self::Checkpoint(cause) => cause.fmt(f),
            Self::Journal(cause) => cause.fmt(f),
        }
    }
}

impl std::error::Error for BackupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { cause, .. } => Some(cause),
            Self::Damaged { .. } | Self::Refused { .. } => None,
            Self::Checkpoint(cause) => Some(cause),
            Self::Journal(cause) => Some(cause),
        }
    }
}

impl BackupError {
    pub(crate) fn damaged(file: &str, byte: u64, what: impl Into<String>) -> Self {
        Self::Damaged {
            file: file.to_owned(),
            byte,
            what: what.into(),
        }
    }

    fn refused(folder: &Path, why: impl Into<String>) -> Self {
        Self::Refused {
            folder: folder.display().to_string(),
            why: why.into(),
        }
    }
}

fn io_at(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> BackupError {
    let file = path.display().to_string();
    move |cause| BackupError::Io { file, doing, cause }
}

/// What keeps a server from working on a folder: a backup whose erased documents
/// would be back, or a copy that is not whole.
pub fn is_no_data(folder: &Path) -> io::Result<Option<&'static str>> {
    let has = |name: &str| folder.join(name).try_exists();
    Ok(if has(SNAPSHOT_FILE)? {
        Some("this is a backup, not a data folder; `tandem snapshot restore` makes one of it")
    } else if has(UNFINISHED_FILE)? {
        Some("a save or a restore did not come to its end here; remove the folder and begin again")
    } else {
        None
    })
}

/// What a backup consists of, every checksum checked. Errors: a save that did not
/// come to its end, damage with file and byte, files that are missing.
pub fn check(folder: &dyn Folder, progress: Progress<'_>) -> Result<Contents, BackupError> {
    let contents = contents(folder)?;
    let total = contents.files.iter().map(|file| file.bytes).sum();
    let mut done = 0;
    for saved in &contents.files {
        saved.check(folder, &mut |bytes| {
            done += bytes;
            progress(done, total);
        })?;
    }
    Ok(contents)
}

/// What a backup says it consists of; its own checksum is checked.
pub fn contents(folder: &dyn Folder) -> Result<Contents, BackupError> {
    let name = folder.name();
    let files = folder.list();
    let files = files.map_err(io_at(Path::new(&name), "list"))?;
    let refused = |why: &str| BackupError::refused(Path::new(&name), why);
    let Some((_, bytes)) = files.iter().find(|(file, _)| file == SNAPSHOT_FILE) else {
        let unfinished = files.iter().any(|(file, _)| file == UNFINISHED_FILE);
        return Err(refused(if unfinished {
            "the save did not come to its end: this is no backup; remove the folder and save again"
        } else {
            "there is no file `snapshot`: this is no backup, or not a whole one"
        }));
    };
    let mut content = vec![0; usize::try_from(*bytes).unwrap_or(usize::MAX)];
    let read = folder.read(SNAPSHOT_FILE, 0, &mut content);
    read.map_err(io_at(Path::new(SNAPSHOT_FILE), "read"))?;
    Contents::parse(&content)
}

/// Copies a backup into an empty or absent folder, which a server does not take
/// before [`finish`]; until then it is held locked. Every checksum is checked
/// before anything is written, and what was copied once more.
pub fn restore(
    from: &Path,
    to: &Path,
    progress: Progress<'_>,
) -> Result<(Contents, RealFolder), BackupError> {
    let backup = RealFolder::look(from).map_err(io_at(from, "open"))?;
    let contents = check(&backup, &mut |_, _| ())?;
    if let Some(found) = first_file(to)? {
        return Err(BackupError::refused(
            to,
            format!("`{found}` is there; a backup is restored into an empty folder"),
        ));
    }
    let target = RealFolder::open(to).map_err(io_at(to, "open"))?;
    begin(to)?;
    let total = contents.files.iter().map(|file| file.bytes).sum();
    let mut done = 0;
    for saved in &contents.files {
        let source = from.join(&saved.name);
        let mut open = File::open(&source).map_err(io_at(&source, "open"))?;
        copy(
            &mut open,
            &to.join(&saved.name),
            saved.bytes,
            &mut |bytes| {
                done += bytes;
                progress(done, total);
            },
        )?;
        saved.check(&target, &mut |_| ())?;
    }
    sync_folder(to)?;
    Ok((contents, target))
}

/// Makes a restored folder one that a server takes.
pub fn finish(folder: &RealFolder) -> Result<(), BackupError> {
    let done = folder.sync_folder();
    let done = done.and_then(|()| folder.remove(UNFINISHED_FILE));
    let done = done.and_then(|()| folder.sync_folder());
    done.map_err(io_at(Path::new(&folder.name()), "finish"))
}

/// The first file of a folder, but for a lock that nobody needs.
fn first_file(folder: &Path) -> Result<Option<String>, BackupError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(io_at(folder, "list")(cause)),
    };
    for entry in entries {
        let name = entry.map_err(io_at(folder, "list"))?.file_name();
        if name != LOCK_FILE {
            return Ok(Some(name.to_string_lossy().into_owned()));
        }
    }
    Ok(None)
}

/// Marks a folder as not whole, on the medium.
fn begin(folder: &Path) -> Result<(), BackupError> {
    let path = folder.join(UNFINISHED_FILE);
    let made = create(&path).and_then(|file| file.sync_all());
    made.map_err(io_at(&path, "create"))?;
    sync_folder(folder)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

fn sync_folder(folder: &Path) -> Result<(), BackupError> {
    let synced = File::open(folder).and_then(|open| open.sync_all());
    synced.map_err(io_at(folder, "sync"))
}

/// Copies the first bytes of an open file to a new one, on the medium.
fn copy(
    from: &mut File,
    to: &Path,
    bytes: u64,
    copied: &mut dyn FnMut(u64),
) -> Result<(), BackupError> {
    let mut target = create(to).map_err(io_at(to, "create"))?;
    let mut left = bytes;
    let mut buffer = vec![0; CHUNK_BYTES];
    while left > 0 {
        let wanted = left.min(CHUNK_BYTES as u64) as usize;
        let chunk = &mut buffer[..wanted];
        // Cut meanwhile where a write was undone for want of room: nobody was told of it.
        let read = from.read(chunk).map_err(io_at(to, "copy"))?;
        if read == 0 {
            break;
        }
        target
            .write_all(&chunk[..read])
            .map_err(io_at(to, "write"))?;
        left -= read as u64;
        copied(read as u64);
    }
    target.sync_all().map_err(io_at(to, "sync"))
}
