//! Checkpoints: all spaces at one frame of the journal, in files. Owns the
//! manifest, the packs of blocks it names and their checksums; when one is
//! written, and on which thread, is the server's. `docs/FORMAT.md` describes
//! every byte.
//!
//! Invariant: blocks are written once and never changed; a checkpoint is in force
//! when its manifest has taken the place of the one before, and everything that
//! one names is there until then.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Weak};

use crate::kinds::{Kind, Meaning};
use crate::segment::Segment;
use crate::snapshot::Collection;
use crate::store::{Deleted, SpaceState};
use crate::vectors::{Cells, Centroids};

mod block;
mod decode;
pub(crate) mod forms;
mod load;
mod manifest;
mod moved;
mod open;
#[cfg(test)]
mod tests;
mod verify;
mod write;

pub(crate) use decode::{Deleted as DeletedIds, Texts, is_pack, texts};
pub use manifest::{Contents, contents};
pub use moved::Moved;
pub use open::{Spaces, open};
pub use verify::{Report, verify};
pub(crate) use verify::{Visited, visit};
pub use write::{write, write_all};

/// What segments depend on beside their documents and their kind. To be raised
/// when analysis, embedding or a segment's parts mean something else; documents
/// are then analysed again when a checkpoint is opened.
const MEANING: u32 = 2;

/// A checkpoint that is in force.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Frames of the journal that are in it.
    pub frame: u64,
    /// Files that nobody needs any more and that could not be removed, with the
    /// reason; the next checkpoint tries again.
    pub left: Vec<(String, String)>,
    manifest: manifest::Manifest,
    known: HashMap<String, Vec<Known>>,
}

impl Checkpoint {
    /// Bytes of its packs.
    pub fn bytes(&self) -> u64 {
        self.manifest.packs.iter().map(|pack| pack.bytes).sum()
    }

    /// How many packs it consists of.
    pub fn packs(&self) -> usize {
        self.manifest.packs.len()
    }

    /// The spaces that are in it.
    pub fn spaces(&self) -> impl Iterator<Item = &str> {
        self.manifest.spaces.iter().map(|space| space.name.as_str())
    }
}

// What in memory the blocks of a kind hold, so that the next checkpoint writes
// only what is new. Nothing is kept alive by it but the deleted ids.
#[derive(Clone, Debug)]
struct Known {
    kind: String,
    collection: Weak<Collection>,
    deleted: Deleted,
    segments: Vec<(Weak<Segment>, Option<Weak<Cells>>)>,
    centroids: Option<Weak<Centroids>>,
}

impl Known {
    fn of(kind: &Kind, state: &SpaceState) -> Self {
        let collection = state.snapshot.collection(kind.id);
        let segments = collection.segments.iter().map(|live| {
            let cells = live.cells.as_ref().map(Arc::downgrade);
            (Arc::downgrade(&live.segment), cells)
        });
        Self {
            kind: kind.name.clone(),
            collection: Arc::downgrade(collection),
            deleted: state.deleted.clone(),
            segments: segments.collect(),
            centroids: collection.centroids.as_ref().map(Arc::downgrade),
        }
    }
}

/// Why a checkpoint could not be written or opened.
#[derive(Debug)]
pub enum CheckpointError {
    /// The folder failed. What was in force before still is, unless that is said
    /// of the manifest itself: then it is one of the two, and both are whole.
    Io {
        /// The file.
        file: String,
        /// What happened.
        cause: io::Error,
    },
    /// A file is not as it was written.
    Damaged {
        /// The file.
        file: String,
        /// Where.
        byte: u64,
        /// What is wrong there.
        what: String,
    },
    /// A file of another version.
    Version {
        /// The file.
        file: String,
        /// The version found.
        found: u32,
    },
    /// Documents that do not fit the kinds they are opened with.
    Kinds {
        /// The space.
        space: String,
        /// The kind.
        kind: String,
        /// What does not fit.
        what: String,
    },
}

impl CheckpointError {
    fn io(file: &str, cause: io::Error) -> Self {
        Self::Io {
            file: file.to_owned(),
            cause,
        }
    }

    fn damaged(file: &str, byte: u64, what: impl Into<String>) -> Self {
        Self::Damaged {
            file: file.to_owned(),
            byte,
            what: what.into(),
        }
    }

    fn version(file: &str, found: u32) -> Self {
        Self::Version {
            file: file.to_owned(),
            found,
        }
    }

    /// Whether there was no room: to be tried again when there is.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Io { cause, .. } => cause.kind() == io::ErrorKind::StorageFull,
            Self::Damaged { .. } | Self::Version { .. } | Self::Kinds { .. } => false,
        }
    }
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { file, cause } => write!(f, "{file}: {cause}"),
            Self::Damaged { file, byte, what } => {
                write!(f, "{file} is damaged at byte {byte}: {what}")
            }
            Self::Version { file, found } => write!(
                f,
                "{file} is of format version {found}, this program reads version {}",
                block::VERSION
            ),
            Self::Kinds { space, kind, what } => {
                write!(f, "kind `{kind}` of space `{space}`: {what}")
            }
        }
    }
}

impl std::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { cause, .. } => Some(cause),
            Self::Damaged { .. } | Self::Version { .. } | Self::Kinds { .. } => None,
        }
    }
}

/// A hash of what the segments of a kind depend on. Where it is another one than
/// when they were written, documents are analysed again.
fn shape(kind: &Kind) -> u64 {
    let mut lines = vec![format!("{MEANING} {} {}", kind.name, kind.dimensions)];
    lines.extend(kind.fields.iter().map(|field| {
        let (name, meaning) = (&field.name, field.meaning.map_or("", Meaning::as_str));
        format!("{name:?} {} {meaning} {}", field.field_type, field.role)
    }));
    let columns = kind.columns().iter();
    lines.extend(columns.map(|column| format!("{:?} {}", column.name, column.numeric)));
    lines.push(String::new());
    xxhash_rust::xxh3::xxh3_64(lines.join("\n").as_bytes())
}
