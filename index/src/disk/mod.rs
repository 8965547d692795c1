//! The folder data is kept in. Owns calls to the system, the lock of a data
//! folder, and a double in memory that fails where a test says; knows nothing
//! of what the bytes mean.

use std::io;

use bytes::Bytes;

mod error;
mod memory;
mod real;

pub use error::FileError;
pub(crate) use error::is_full;
pub use memory::{BLOCK_BYTES, MemoryFolder, coins};
pub use real::RealFolder;
pub(crate) use real::create_folder;

/// Name of the file whose lock says that a process works on the folder.
pub const LOCK_FILE: &str = "lock";

/// A folder of files without subfolders. All calls may come from several
/// threads. What a call changed survives a power cut only once it is synced:
/// bytes with their file, names with the folder. After an error of a call that
/// changes something, nothing is known of what it did.
pub trait Folder: Send + Sync {
    /// What the folder is called in errors.
    fn name(&self) -> String;

    /// Every file with its bytes, sorted by name; not the lock.
    fn list(&self) -> io::Result<Vec<(String, u64)>>;

    /// Fills the buffer from an offset. Errors: `UnexpectedEof` where the file
    /// is shorter.
    fn read(&self, file: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// The whole file. Mapped into memory where the folder is real, so the
    /// file must not be cut while the bytes are held; it may be removed.
    fn map(&self, file: &str) -> io::Result<Bytes>;

    /// Adds bytes at the end of a file, which is created where it is not there.
    /// Errors: `StorageFull` where they do not fit; a part may be there then.
    fn append(&self, file: &str, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a file to its first `bytes`.
    fn truncate(&self, file: &str, bytes: u64) -> io::Result<()>;

    /// Returns when everything appended to the file and cut from it is on the
    /// medium.
    fn sync(&self, file: &str) -> io::Result<()>;

    /// Gives a file another name, in the place of a file that has it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file. Bytes mapped from it stay readable.
    fn remove(&self, file: &str) -> io::Result<()>;

    /// Returns when names that were created, changed or removed are so on the
    /// medium.
    fn sync_folder(&self) -> io::Result<()>;

    /// Whether the folder is still the one that was opened: its lock has its name.
    /// Errors: it was removed, or another stands in its place.
    fn check(&self) -> io::Result<()> {
        Ok(())
    }

    /// What a file of the folder is called in errors.
    fn path(&self, file: &str) -> String {
        format!("{}/{file}", self.name())
    }
}

/// Refuses what is no name of a file in a folder.
fn check_name(file: &str) -> io::Result<()> {
    if file.is_empty() || file.contains(['/', '\0']) || matches!(file, "." | ".." | LOCK_FILE) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("`{file}` is no name of a file"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
