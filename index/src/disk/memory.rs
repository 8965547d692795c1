//! A folder in memory. Owns what a disk may do at its worst: fail at any call,
//! run full, and lose anything that is not synced.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::{Folder, LOCK_FILE, check_name};

/// Bytes that survive a power cut together.
pub const BLOCK_BYTES: usize = 4_096;

/// A folder in memory: clones are the same folder, calls that change it fail
/// where told, and the power can be cut.
#[derive(Clone, Debug, Default)]
pub struct MemoryFolder(Arc<Mutex<Memory>>);

/// Falls of a coin that depend on the seed alone (SplitMix64).
pub fn coins(seed: u64) -> impl FnMut() -> bool {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) & 1 == 1
    }
}

#[derive(Debug, Default)]
struct Memory {
    /// Contents, by a number that is never used again.
    contents: BTreeMap<u64, Content>,
    /// Names as they are.
    names: BTreeMap<String, u64>,
    /// Names as they are on the medium.
    synced: BTreeMap<String, u64>,
    /// What has happened to names since, in order.
    moves: Vec<Move>,
    next: u64,
    calls: u64,
    fail_at: Option<u64>,
    full_at: Option<u64>,
}

/// What happened to names at once.
#[derive(Clone, Debug)]
enum Move {
    Created(String, u64),
    Renamed(String, String, u64),
    Removed(String),
}

impl Move {
    fn make(&self, names: &mut BTreeMap<String, u64>) {
        match self {
            Self::Created(name, content) => {
                names.insert(name.clone(), *content);
            }
            Self::Renamed(from, to, content) => {
                names.remove(from);
                names.insert(to.clone(), *content);
            }
            Self::Removed(name) => {
                names.remove(name);
            }
        }
    }
}

/// A file's bytes.
#[derive(Clone, Debug, Default)]
struct Content {
    bytes: Vec<u8>,
    /// What blocks have held since the last sync, the oldest on the medium for
    /// sure. Empty: the block was not there.
    before: BTreeMap<usize, Vec<Vec<u8>>>,
}

impl Content {
    /// Remembers the blocks from an offset to the end, before they change.
    fn remember(&mut self, from: usize, to: usize) {
        for block in from / BLOCK_BYTES..to.div_ceil(BLOCK_BYTES) {
            let held = block_of(&self.bytes, block).to_vec();
            self.before.entry(block).or_default().push(held);
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        self.remember(self.bytes.len(), self.bytes.len() + bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    fn truncate(&mut self, bytes: usize) {
        self.remember(bytes, self.bytes.len());
        self.bytes.truncate(bytes);
    }

    /// What a power cut leaves: any version of every block.
    fn after_power_cut(&self, survives: &mut impl FnMut() -> bool) -> Vec<u8> {
        let mut found = self.bytes.clone();
        // From the end, so that a block knows whether anything is behind it.
        for (block, versions) in self.before.iter().rev() {
            if survives() {
                continue;
            }
            let mut older = versions.iter().rev().peekable();
            while let Some(version) = older.next() {
                if older.peek().is_none() || survives() {
                    put_block(&mut found, *block, version);
                    break;
                }
            }
        }
        found
    }
}

fn block_of(bytes: &[u8], block: usize) -> &[u8] {
    let from = (block * BLOCK_BYTES).min(bytes.len());
    let to = (from + BLOCK_BYTES).min(bytes.len());
    bytes.get(from..to).unwrap_or_default()
}

/// Puts a block in its place. It ends the file when nothing is behind it; else
/// what it lacks is zeros.
fn put_block(bytes: &mut Vec<u8>, block: usize, content: &[u8]) {
    let (from, to) = (block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
    if bytes.len() > to {
        bytes[from..to].fill(0);
    } else if content.is_empty() {
        // Blocks that were lost before this one are no end either.
        bytes.truncate(from);
        return;
    } else {
        bytes.resize(from, 0);
        bytes.resize(from + content.len(), 0);
    }
    bytes[from..from + content.len()].copy_from_slice(content);
}

impl MemoryFolder {
    /// A folder with these files, all synced.
    pub fn with_files(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let folder = Self::default();
        for (name, bytes) in files {
            folder.set(&name, bytes);
        }
        folder
    }

    /// Puts a synced file in the place of one of this name, whatever the folder
    /// was told to fail at.
    pub fn set(&self, file: &str, bytes: Vec<u8>) {
        self.with(|memory| {
            let content = Content {
                bytes,
                ..Content::default()
            };
            let number = memory.add(content);
            memory.names.insert(file.to_owned(), number);
            memory.synced.insert(file.to_owned(), number);
        });
    }

    /// All bytes of a file, synced or not.
    pub fn content(&self, file: &str) -> Option<Vec<u8>> {
        self.with(|memory| memory.content(file).map(|held| held.bytes.clone()).ok())
    }

    /// All files with all their bytes, synced or not, sorted by name.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        self.with(|memory| {
            let held = |(name, content): (&String, &u64)| {
                let bytes = memory.contents.get(content)?.bytes.clone();
                Some((name.clone(), bytes))
            };
            memory.names.iter().filter_map(held).collect()
        })
    }

    /// How many calls that change the folder there were.
    pub fn calls(&self) -> u64 {
        self.with(|memory| memory.calls)
    }

    /// The n-th call from now that changes the folder fails, and every later
    /// one; a failing append leaves half of its bytes.
    pub fn fail_at(&self, call: u64) {
        self.with(|memory| memory.fail_at = Some(memory.calls + call));
    }

    /// From now on the folder takes so many bytes, in files that are there:
    /// what an append has beyond them is `StorageFull`, the rest is written.
    pub fn full_at(&self, bytes: u64) {
        self.with(|memory| memory.full_at = Some(bytes));
    }

    /// What is found after a power cut, all synced then: everything that was
    /// synced, and of the rest the changes of blocks and of names for which
    /// `survives` says so. A block that was changed more than once may be found
    /// as it was in between; lost ones before the end are zeros.
    #[must_use]
    pub fn after_power_cut(&self, mut survives: impl FnMut() -> bool) -> Self {
        self.with(|memory| {
            let mut names = memory.synced.clone();
            for change in memory.moves.iter().filter(|_| survives()) {
                change.make(&mut names);
            }
            let mut found = Memory {
                next: memory.next,
                ..Memory::default()
            };
            for (name, number) in names {
                if let Some(content) = memory.contents.get(&number) {
                    // A file of two names has one content.
                    found.contents.entry(number).or_insert_with(|| Content {
                        bytes: content.after_power_cut(&mut survives),
                        ..Content::default()
                    });
                    found.names.insert(name, number);
                }
            }
            found.synced.clone_from(&found.names);
            Self(Arc::new(Mutex::new(found)))
        })
    }

    /// What another process finds after this one was killed: everything as it
    /// is, and as little of it synced. Nothing fails any more.
    #[must_use]
    pub fn after_kill(&self) -> Self {
        self.with(|memory| {
            Self(Arc::new(Mutex::new(Memory {
                contents: memory.contents.clone(),
                names: memory.names.clone(),
                synced: memory.synced.clone(),
                moves: memory.moves.clone(),
                next: memory.next,
                ..Memory::default()
            })))
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Memory {
    fn add(&mut self, content: Content) -> u64 {
        self.next += 1;
        self.contents.insert(self.next, content);
        self.next
    }

    fn content(&mut self, file: &str) -> io::Result<&mut Content> {
        let number = self.names.get(file);
        number
            .and_then(|number| self.contents.get_mut(number))
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn number(&self, file: &str) -> io::Result<u64> {
        let number = self.names.get(file).copied();
        number.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn fails(&mut self, file: &str) -> io::Result<()> {
        check_name(file)?;
        self.calls += 1;
        if self.fail_at.is_some_and(|call| self.calls >= call) {
            return Err(io::Error::other("the disk fails on purpose"));
        }
        Ok(())
    }

    fn moved(&mut self, change: Move) {
        change.make(&mut self.names);
        self.moves.push(change);
        self.forget();
    }

    /// Drops contents no name can lead to any more.
    fn forget(&mut self) {
        let moves = &self.moves;
        let (names, synced) = (&self.names, &self.synced);
        self.contents.retain(|number, _| {
            names.values().any(|named| named == number)
                || synced.values().any(|named| named == number)
                || moves.iter().any(|change| match change {
                    Move::Created(_, content) | Move::Renamed(_, _, content) => content == number,
                    Move::Removed(_) => false,
                })
        });
    }

    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        check_name(file)?;
        let done = self.fails(file);
        if self.number(file).is_err() {
            // A call that fails may have got as far as the name.
            let number = self.add(Content::default());
            self.moved(Move::Created(file.to_owned(), number));
        }
        let held: usize = (self.names.values())
            .filter_map(|number| self.contents.get(number))
            .map(|content| content.bytes.len())
            .sum();
        let room = self.full_at.map_or(usize::MAX, |most| {
            usize::try_from(most)
                .unwrap_or(usize::MAX)
                .saturating_sub(held)
        });
        let wanted = if done.is_ok() {
            bytes.len()
        } else {
            bytes.len() / 2
        };
        self.content(file)?.append(&bytes[..wanted.min(room)]);
        done?;
        if wanted > room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl Folder for MemoryFolder {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn list(&self) -> io::Result<Vec<(String, u64)>> {
        let mut files = self.files();
        files.retain(|(name, _)| name != LOCK_FILE);
        let sized = files.into_iter();
        Ok(sized
            .map(|(name, bytes)| (name, bytes.len() as u64))
            .collect())
    }

    fn read(&self, file: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.with(|memory| {
            let content = memory.content(file)?;
            let from = usize::try_from(offset).unwrap_or(usize::MAX);
            let held = from
                .checked_add(buffer.len())
                .and_then(|to| content.bytes.get(from..to))
                .ok_or(io::ErrorKind::UnexpectedEof)?;
            buffer.copy_from_slice(held);
            Ok(())
        })
    }

    fn map(&self, file: &str) -> io::Result<Bytes> {
        self.with(|memory| Ok(Bytes::from(memory.content(file)?.bytes.clone())))
    }

    fn append(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.with(|memory| memory.append(file, bytes))
    }

    fn truncate(&self, file: &str, bytes: u64) -> io::Result<()> {
        self.with(|memory| {
            memory.fails(file)?;
            let content = memory.content(file)?;
            content.truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
            Ok(())
        })
    }

    fn sync(&self, file: &str) -> io::Result<()> {
        self.with(|memory| {
            memory.fails(file)?;
            memory.content(file)?.before.clear();
            Ok(())
        })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        check_name(to)?;
        self.with(|memory| {
            memory.fails(from)?;
            let number = memory.number(from)?;
            memory.moved(Move::Renamed(from.to_owned(), to.to_owned(), number));
            Ok(())
        })
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        self.with(|memory| {
            memory.fails(file)?;
            memory.number(file)?;
            memory.moved(Move::Removed(file.to_owned()));
            Ok(())
        })
    }

    fn sync_folder(&self) -> io::Result<()> {
        self.with(|memory| {
            memory.fails("folder")?;
            memory.synced.clone_from(&memory.names);
            memory.moves.clear();
            memory.forget();
            Ok(())
        })
    }
}
