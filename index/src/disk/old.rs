//! The file behind a journal. Owns calls to the system, the lock of a data
//! folder, and a double in memory that fails where a test says; knows nothing
//! of what the bytes mean.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Name of the file whose lock says that a process works on the folder.
const LOCK_FILE: &str = "lock";

/// One file that is only appended to, or cut at its end. After an error
/// nothing is known of the bytes since the last sync.
pub trait Disk: Send {
    /// What the file is called in errors.
    fn name(&self) -> String;
    /// Bytes of the file.
    fn bytes(&self) -> io::Result<u64>;
    /// Fills the buffer from an offset.
    fn read(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
    /// Adds bytes at the end. They survive a power cut only once synced.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns when everything appended and cut is on the medium.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file to its first `bytes`.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
}

/// A file in a data folder, which it holds locked.
#[derive(Debug)]
pub struct RealDisk {
    path: PathBuf,
    file: File,
    // The lock goes with the descriptor, so also with a process that is killed.
    _lock: File,
}

impl RealDisk {
    /// Opens or creates the file in the folder, and the folder (for its owner
    /// alone). Errors: `ResourceBusy` when another process holds the folder.
    pub fn open(folder: &Path, name: &str) -> io::Result<Self> {
        create_folder(folder)?;
        let lock = open(&folder.join(LOCK_FILE))?;
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
        let path = folder.join(name);
        let file = open(&path)?;
        // A new file is there after a power cut only when its folder is synced.
        File::open(folder)?.sync_all()?;
        Ok(Self {
            path,
            file,
            _lock: lock,
        })
    }
}

fn create_folder(folder: &Path) -> io::Result<()> {
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

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}

impl Disk for RealDisk {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)
    }
}

/// Bytes that survive a power cut together.
const BLOCK_BYTES: usize = 4_096;

/// A file in memory for tests: clones are the same file, calls that change it
/// fail where told, and the power can be cut.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    bytes: Vec<u8>,
    synced: usize,
    calls: u64,
    fail_at: Option<u64>,
}

impl MemoryDisk {
    /// A file with these bytes, all synced.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(Memory {
            synced: bytes.len(),
            bytes,
            ..Memory::default()
        })))
    }

    /// The n-th call from now that changes the file fails, and every later one;
    /// a failing append leaves half of its bytes.
    pub fn fail_at(&self, call: u64) {
        self.with(|memory| memory.fail_at = Some(memory.calls + call));
    }

    /// What is found after a power cut: everything synced, and of the rest the
    /// blocks for which `survives` says so; lost ones before them are zeros.
    pub fn after_power_cut(&self, mut survives: impl FnMut() -> bool) -> Vec<u8> {
        self.with(|memory| {
            let mut found = memory.bytes[..memory.synced].to_vec();
            let mut at = memory.synced;
            while at < memory.bytes.len() {
                let end = (at / BLOCK_BYTES + 1) * BLOCK_BYTES;
                let end = end.min(memory.bytes.len());
                if survives() {
                    found.resize(at, 0);
                    found.extend_from_slice(&memory.bytes[at..end]);
                }
                at = end;
            }
            found
        })
    }

    /// All bytes, synced or not.
    pub fn content(&self) -> Vec<u8> {
        self.with(|memory| memory.bytes.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Memory {
    fn fails(&mut self) -> io::Result<()> {
        self.calls += 1;
        if self.fail_at.is_some_and(|call| self.calls >= call) {
            return Err(io::Error::other("the disk fails on purpose"));
        }
        Ok(())
    }
}

impl Disk for MemoryDisk {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.with(|memory| memory.bytes.len() as u64))
    }

    fn read(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.with(|memory| {
            let from = usize::try_from(offset).unwrap_or(usize::MAX);
            let held = from
                .checked_add(buffer.len())
                .and_then(|to| memory.bytes.get(from..to))
                .ok_or(io::ErrorKind::UnexpectedEof)?;
            buffer.copy_from_slice(held);
            Ok(())
        })
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.with(|memory| {
            let done = memory.fails();
            let written = if done.is_ok() {
                bytes.len()
            } else {
                bytes.len() / 2
            };
            memory.bytes.extend_from_slice(&bytes[..written]);
            done
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.with(|memory| {
            memory.fails()?;
            memory.synced = memory.bytes.len();
            Ok(())
        })
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.with(|memory| {
            memory.fails()?;
            memory.bytes.truncate(bytes as usize);
            memory.synced = memory.synced.min(memory.bytes.len());
            Ok(())
        })
    }
}
