//! A folder in memory, for servers that keep nothing on disk. Owns bytes alone;
//! there is nothing to sync, and nothing fails.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::disk::Folder;

/// Files in memory.
#[derive(Debug, Default)]
pub(super) struct Held(Mutex<BTreeMap<String, Vec<u8>>>);

impl Held {
    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Folder for Held {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn list(&self) -> io::Result<Vec<(String, u64)>> {
        let files = self.files();
        let sized = files.iter();
        Ok(sized
            .map(|(name, bytes)| (name.clone(), bytes.len() as u64))
            .collect())
    }

    fn read(&self, file: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let files = self.files();
        let bytes = files.get(file).ok_or(io::ErrorKind::NotFound)?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let held = from
            .checked_add(buffer.len())
            .and_then(|to| bytes.get(from..to))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(held);
        Ok(())
    }

    fn map(&self, file: &str) -> io::Result<Bytes> {
        let files = self.files();
        let bytes = files.get(file).ok_or(io::ErrorKind::NotFound)?;
        Ok(Bytes::copy_from_slice(bytes))
    }

    fn append(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let mut files = self.files();
        let held = files.entry(file.to_owned()).or_default();
        held.extend_from_slice(bytes);
        Ok(())
    }

    fn truncate(&self, file: &str, bytes: u64) -> io::Result<()> {
        let mut files = self.files();
        let held = files.get_mut(file).ok_or(io::ErrorKind::NotFound)?;
        held.truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
        Ok(())
    }

    fn sync(&self, _file: &str) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut files = self.files();
        let held = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), held);
        Ok(())
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        let removed = self.files().remove(file);
        removed
            .map(drop)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn sync_folder(&self) -> io::Result<()> {
        Ok(())
    }
}
