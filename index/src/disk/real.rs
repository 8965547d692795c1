//! A folder of the file system. Owns open files, the lock, and the unsafe code
//! of mapped memory.
#![expect(
    unsafe_code,
    reason = "mapping a file: data folders are larger than memory should be"
)]

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use memmap2::Mmap;

use super::{Folder, LOCK_FILE, check_name};

/// A folder of the file system, held locked.
#[derive(Debug)]
pub struct RealFolder {
    path: PathBuf,
    /// Files stay open from their first use to their removal: an error of
    /// writing back is then told to the sync that follows, whoever appended.
    open: Mutex<HashMap<String, Arc<File>>>,
    read_only: bool,
    // The lock goes with the descriptor, so also with a process that is killed.
    lock: Option<File>,
}

impl RealFolder {
    /// Opens or creates the folder (for its owner alone) and locks it. Errors:
    /// `ResourceBusy` when another process holds it.
    pub fn open(path: &Path) -> io::Result<Self> {
        create_folder(path)?;
        let lock = options().create(true).open(path.join(LOCK_FILE))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(
                    io::ErrorKind::ResourceBusy,
                    "another process uses this folder",
                ));
            }
            Err(TryLockError::Error(cause)) => return Err(cause),
        }
        Ok(Self {
            path: path.to_owned(),
            open: Mutex::default(),
            read_only: false,
            lock: Some(lock),
        })
    }

    /// Opens a folder to be read only; nothing in it is changed or created. Where
    /// it has a lock, that is shared with others who only read. Errors:
    /// `ResourceBusy` when a process that writes holds it.
    pub fn look(path: &Path) -> io::Result<Self> {
        let lock = match File::open(path.join(LOCK_FILE)) {
            Ok(lock) => Some(lock),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => None,
            Err(cause) => return Err(cause),
        };
        match lock.as_ref().map_or(Ok(()), File::try_lock_shared) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(
                    io::ErrorKind::ResourceBusy,
                    "another process uses this folder",
                ));
            }
            Err(TryLockError::Error(cause)) => return Err(cause),
        }
        if !path.is_dir() {
            let kind = io::ErrorKind::NotADirectory;
            return Err(io::Error::new(kind, "there is no such folder"));
        }
        Ok(Self {
            path: path.to_owned(),
            open: Mutex::default(),
            read_only: true,
            lock,
        })
    }

    /// A folder to be read without its lock, beside whoever works on it: files may
    /// grow, go and be replaced meanwhile, so nothing of it is to be mapped.
    pub(crate) fn beside(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            open: Mutex::default(),
            read_only: true,
            lock: None,
        }
    }

    fn check_writable(&self) -> io::Result<()> {
        if self.read_only {
            let kind = io::ErrorKind::ReadOnlyFilesystem;
            return Err(io::Error::new(kind, "the folder was opened to be read"));
        }
        Ok(())
    }

    fn opened(&self) -> MutexGuard<'_, HashMap<String, Arc<File>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open file of a name; created only where told.
    fn file(&self, file: &str, create: bool) -> io::Result<Arc<File>> {
        check_name(file)?;
        let mut opened = self.opened();
        if let Some(held) = opened.get(file) {
            return Ok(Arc::clone(held));
        }
        if create {
            self.check_writable()?;
        }
        let path = self.path.join(file);
        let new = if self.read_only {
            File::open(path)?
        } else {
            options().create(create).open(path)?
        };
        let new = Arc::new(new);
        opened.insert(file.to_owned(), Arc::clone(&new));
        Ok(new)
    }
}

/// Refuses a file that was removed by somebody else.
fn has_name(open: &File) -> io::Result<()> {
    if open.metadata()?.nlink() > 0 {
        return Ok(());
    }
    let kind = io::ErrorKind::NotFound;
    Err(io::Error::new(
        kind,
        "the file was removed while it was in use",
    ))
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).mode(0o600);
    options
}

pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.is_dir())
        .collect();
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    // A new folder is there after a power cut only when its parent is synced.
    for made in missing {
        let parent = made.parent().filter(|path| !path.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

impl Folder for RealFolder {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn list(&self) -> io::Result<Vec<(String, u64)>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            // Names that are no UTF-8 are nobody's here.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let about = match entry.metadata() {
                Ok(about) => about,
                // Removed meanwhile.
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
                Err(cause) => return Err(cause),
            };
            if about.is_file() && name != LOCK_FILE {
                files.push((name, about.len()));
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    fn read(&self, file: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file(file, false)?.read_exact_at(buffer, offset)
    }

    fn map(&self, file: &str) -> io::Result<Bytes> {
        let file = self.file(file, false)?;
        if file.metadata()?.len() == 0 {
            return Ok(Bytes::new());
        }
        // SAFETY: the bytes must not change while they are mapped. The folder is locked
        // against other processes of Tandem that write (a backup has no lock, and nothing
        // writes to one), and within this one a mapped file is never
        // cut (what `map` asks for), only appended to behind the map, renamed or removed.
        let mapped = unsafe { Mmap::map(&*file)? };
        Ok(Bytes::from_owner(mapped))
    }

    fn append(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let open = self.file(file, true)?;
        has_name(&open)?;
        (&*open).write_all(bytes)
    }

    fn truncate(&self, file: &str, bytes: u64) -> io::Result<()> {
        self.check_writable()?;
        self.file(file, false)?.set_len(bytes)
    }

    fn sync(&self, file: &str) -> io::Result<()> {
        let open = self.file(file, false)?;
        open.sync_data()?;
        // What is on the medium without a name is gone with the process.
        has_name(&open)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.check_writable()?;
        check_name(from)?;
        check_name(to)?;
        let mut opened = self.opened();
        std::fs::rename(self.path.join(from), self.path.join(to))?;
        let moved = opened.remove(from);
        opened.remove(to);
        if let Some(moved) = moved {
            opened.insert(to.to_owned(), moved);
        }
        Ok(())
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        self.check_writable()?;
        check_name(file)?;
        // Freeing a large file takes long, and the journal's appends want the lock: the
        // last descriptor is closed behind it. A name that is gone is not used again at
        // once by another thread.
        let removed = std::fs::remove_file(self.path.join(file));
        let held = self.opened().remove(file);
        drop(held);
        removed
    }

    fn sync_folder(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    fn check(&self) -> io::Result<()> {
        let Some(lock) = &self.lock else {
            return Ok(());
        };
        has_name(lock)?;
        let (held, found) = (lock.metadata()?, self.path.join(LOCK_FILE).metadata()?);
        if (held.dev(), held.ino()) == (found.dev(), found.ino()) {
            return Ok(());
        }
        Err(io::Error::other("the folder was replaced by another"))
    }
}
