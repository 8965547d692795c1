//! The manifest: which blocks a checkpoint consists of. Owns its file and how it
//! takes the place of the one before.

use rkyv::{Archive, Deserialize, Serialize, rancor};

use super::CheckpointError;
use super::block::{self, HEADER_BYTES, Place, VERSION, sealed, unsealed};
use super::forms::PositionForm;
use crate::disk::Folder;

/// The manifest's file.
pub(super) const MANIFEST: &str = "manifest";
/// Its file until it is on the medium.
pub(super) const MANIFEST_NEW: &str = "manifest.new";

const MAGIC: &[u8; 8] = b"TNDMMANI";
/// Version of manifests with overlays. One without is written as it was before
/// there were any, so that a folder without is everybody's.
const VERSION_OVERLAYS: u32 = 2;

/// A checkpoint's table of contents.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// Frames of the journal that are in it.
    pub(super) frame: u64,
    /// Above the number of every pack there ever was.
    pub(super) next_pack: u64,
    /// By number.
    pub(super) packs: Vec<PackEntry>,
    /// By name.
    pub(super) spaces: Vec<SpaceEntry>,
    /// By space; those that never had one are left out.
    pub(super) overlays: Vec<OverlayEntry>,
}

/// A manifest of version 1.
#[derive(Archive, Serialize, Deserialize)]
struct ManifestOne {
    frame: u64,
    next_pack: u64,
    packs: Vec<PackEntry>,
    spaces: Vec<SpaceEntry>,
}

/// A space's overlay of the taxonomy.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub(super) struct OverlayEntry {
    pub(super) space: String,
    /// Of the overlay, or of taking the last one away.
    pub(super) version: u64,
    /// Code of the form it is written in; 0 without one.
    pub(super) form: u8,
    pub(super) text: Option<Place>,
}

/// A pack that is needed.
#[derive(Archive, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PackEntry {
    pub(super) number: u64,
    pub(super) bytes: u64,
}

/// A space.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub(super) struct SpaceEntry {
    pub(super) name: String,
    pub(super) sequence: u64,
    pub(super) next_segment: u64,
    /// By source.
    pub(super) positions: Vec<PositionForm>,
    /// In the order of the kinds; those that never held anything are left out.
    pub(super) kinds: Vec<KindEntry>,
}

/// A kind in a space.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub(super) struct KindEntry {
    pub(super) name: String,
    /// What its segments depend on (see `shape`).
    pub(super) shape: u64,
    pub(super) state: Place,
    pub(super) centroids: Option<Place>,
    /// In the order of the snapshot.
    pub(super) segments: Vec<SegmentEntry>,
}

/// A segment.
#[derive(Archive, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentEntry {
    pub(super) number: u64,
    pub(super) rows: Place,
    pub(super) documents: Place,
    pub(super) cells: Option<Place>,
}

/// What a checkpoint consists of, as its manifest says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Frames of the journal that are in it.
    pub frame: u64,
    /// Names of its packs, with their bytes.
    pub packs: Vec<(String, u64)>,
    /// Names of its spaces, with their sequence numbers.
    pub spaces: Vec<(String, u64)>,
}

/// What the bytes of a manifest say. Errors: damage.
pub fn contents(bytes: &[u8]) -> Result<Contents, CheckpointError> {
    let manifest = Manifest::parse(bytes)?;
    let packs = manifest.packs.iter();
    let spaces = manifest.spaces.into_iter();
    Ok(Contents {
        frame: manifest.frame,
        packs: packs
            .map(|pack| (block::pack_name(pack.number), pack.bytes))
            .collect(),
        spaces: spaces.map(|space| (space.name, space.sequence)).collect(),
    })
}

impl ManifestOne {
    fn of(manifest: &Manifest) -> Self {
        Self {
            frame: manifest.frame,
            next_pack: manifest.next_pack,
            packs: manifest.packs.clone(),
            spaces: manifest.spaces.clone(),
        }
    }
}

impl From<ManifestOne> for Manifest {
    fn from(one: ManifestOne) -> Self {
        Self {
            frame: one.frame,
            next_pack: one.next_pack,
            packs: one.packs,
            spaces: one.spaces,
            overlays: Vec::new(),
        }
    }
}

impl KindEntry {
    /// The places of its blocks.
    pub(super) fn places(&mut self) -> impl Iterator<Item = (block::BlockKind, &mut Place)> {
        use block::BlockKind::{Cells, Centroids, Documents, Segment, State};
        let segments = self.segments.iter_mut().flat_map(|segment| {
            let own = [
                (Segment, &mut segment.rows),
                (Documents, &mut segment.documents),
            ];
            let cells = segment.cells.as_mut().map(|place| (Cells, place));
            own.into_iter().chain(cells)
        });
        let centroids = self.centroids.as_mut().map(|place| (Centroids, place));
        segments.chain(centroids).chain([(State, &mut self.state)])
    }
}

impl Manifest {
    /// The places of all blocks.
    pub(super) fn places(&mut self) -> impl Iterator<Item = (block::BlockKind, &mut Place)> {
        let kinds = self.spaces.iter_mut().flat_map(|space| &mut space.kinds);
        let overlays = self.overlays.iter_mut();
        let texts = overlays.filter_map(|held| held.text.as_mut());
        kinds
            .flat_map(KindEntry::places)
            .chain(texts.map(|place| (block::BlockKind::Overlay, place)))
    }

    /// The overlay of a space that has or had one.
    pub(super) fn overlay(&self, space: &str) -> Option<&OverlayEntry> {
        self.overlays.iter().find(|held| held.space == space)
    }

    /// Reads the manifest of a folder that has one.
    pub(super) fn read(folder: &dyn Folder) -> Result<Self, CheckpointError> {
        let mapped =
            (folder.map(MANIFEST)).map_err(|cause| CheckpointError::io(MANIFEST, cause))?;
        Self::parse(&mapped)
    }

    /// Reads the bytes of a manifest.
    pub(super) fn parse(mapped: &[u8]) -> Result<Self, CheckpointError> {
        let damaged =
            |at: usize, what: &str| Err(CheckpointError::damaged(MANIFEST, at as u64, what));
        let Some((header, content)) = mapped.split_at_checked(HEADER_BYTES) else {
            return damaged(mapped.len(), "the file is cut off");
        };
        let Some((magic, parts, _)) = unsealed(header) else {
            return damaged(0, "the header does not fit its checksum");
        };
        if magic != *MAGIC {
            return damaged(0, "this is no manifest");
        }
        if parts[0] != VERSION && parts[0] != VERSION_OVERLAYS {
            return Err(CheckpointError::version(MANIFEST, parts[0]));
        }
        let bytes = u64::from(parts[2]) | u64::from(parts[3]) << 32;
        if content.len() as u64 != bytes || parts[1] != 0 {
            return damaged(
                mapped.len(),
                &format!("the file should have {} bytes", bytes + 32),
            );
        }
        if crc32fast::hash(content) != parts[4] {
            return damaged(HEADER_BYTES, "the content does not fit its checksum");
        }
        let read = |manifest: &ArchivedManifest| {
            rkyv::deserialize::<Self, rancor::Error>(manifest).map_err(|cause| cause.to_string())
        };
        let read_one = |manifest: &ArchivedManifestOne| {
            rkyv::deserialize::<ManifestOne, rancor::Error>(manifest)
                .map(Self::from)
                .map_err(|cause| cause.to_string())
        };
        let manifest = if parts[0] == VERSION {
            block::with_root(content, read_one)
        } else {
            block::with_root(content, read)
        };
        manifest.map_err(|what| CheckpointError::damaged(MANIFEST, HEADER_BYTES as u64, what))
    }

    /// Puts the manifest beside the one in force, on the medium; packs it names are
    /// found after a power cut from here on.
    pub(super) fn stage(&self, folder: &dyn Folder) -> Result<(), CheckpointError> {
        let (version, content) = if self.overlays.is_empty() {
            let one = ManifestOne::of(self);
            (VERSION, rkyv::to_bytes::<rancor::Error>(&one))
        } else {
            (VERSION_OVERLAYS, rkyv::to_bytes::<rancor::Error>(self))
        };
        let content = content.map_err(|cause| {
            CheckpointError::io(MANIFEST_NEW, std::io::Error::other(cause.to_string()))
        })?;
        let (low, high) = block::halves(content.len() as u64);
        let check = crc32fast::hash(&content);
        let mut bytes = sealed(*MAGIC, [version, 0, low, high, check]).to_vec();
        bytes.extend_from_slice(&content);
        let staged = || {
            // One that could not take its place.
            if (folder.list()?.iter()).any(|(file, _)| file == MANIFEST_NEW) {
                folder.remove(MANIFEST_NEW)?;
            }
            folder.append(MANIFEST_NEW, &bytes)?;
            folder.sync(MANIFEST_NEW)?;
            folder.sync_folder()
        };
        staged().map_err(|cause| CheckpointError::io(MANIFEST_NEW, cause))
    }

    /// Puts the staged manifest in force. After an error nobody knows which is.
    pub(super) fn publish(folder: &dyn Folder) -> Result<(), CheckpointError> {
        (folder.rename(MANIFEST_NEW, MANIFEST))
            .and_then(|()| folder.sync_folder())
            .map_err(|cause| CheckpointError::io(MANIFEST, cause))
    }
}
