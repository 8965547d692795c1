//! Segments whose documents are in new files. Owns finding where they are now:
//! a file that was removed stays readable as long as one segment is served from it,
//! with everything else that was in it.

use std::sync::Arc;

use super::block::{BlockKind, Packs, pack_name};
use super::manifest::SpaceEntry;
use super::{Checkpoint, CheckpointError, Known};
use crate::disk::Folder;
use crate::kinds::{Kind, KindId};
use crate::segment::Segment;
use crate::store::SpaceState;

/// A segment with its documents in a file of the checkpoint, to take the place of
/// the one with the same number.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Its kind.
    pub kind: KindId,
    /// The segment.
    pub segment: Arc<Segment>,
}

impl Checkpoint {
    /// The segments of states it was written from that are served from mapped
    /// files, now from its own; by name of the space. The next checkpoint knows
    /// them for those it has. Reads and checks their documents.
    pub fn moved(
        &mut self,
        folder: &dyn Folder,
        spaces: &[(String, SpaceState)],
    ) -> Result<Vec<(String, Vec<Moved>)>, CheckpointError> {
        let packs = self.manifest.packs.iter();
        let packs = Packs::open(folder, packs.map(|pack| (pack.number, pack.bytes)))?;
        let mut all = Vec::new();
        for (name, state) in spaces {
            let mut moved = Vec::new();
            let held = &self.manifest.spaces;
            let at = held.binary_search_by(|space| space.name.as_str().cmp(name));
            let held = at.ok().map(|at| &held[at]);
            for kind in state.snapshot.kinds().iter() {
                for live in &state.snapshot.collection(kind.id).segments {
                    if live.segment.is_mapped() {
                        let segment = find(&packs, held, kind, &live.segment)?;
                        moved.push((kind, &live.segment, segment));
                    }
                }
            }
            let known = self.known.get_mut(name);
            let known = known.map_or(&mut [][..], Vec::as_mut_slice);
            let moved = moved.into_iter().map(|(kind, before, segment)| {
                know(known, kind, before, &segment);
                Moved {
                    kind: kind.id,
                    segment,
                }
            });
            let moved: Vec<Moved> = moved.collect();
            if !moved.is_empty() {
                all.push((name.clone(), moved));
            }
        }
        Ok(all)
    }
}

fn know(known: &mut [Known], kind: &Kind, before: &Arc<Segment>, now: &Arc<Segment>) {
    let of_kind = known.iter_mut().filter(|known| known.kind == kind.name);
    for (held, _) in of_kind.flat_map(|known| &mut known.segments) {
        if held.as_ptr() == Arc::as_ptr(before) {
            *held = Arc::downgrade(now);
        }
    }
}

fn find(
    packs: &Packs,
    space: Option<&SpaceEntry>,
    kind: &Kind,
    segment: &Segment,
) -> Result<Arc<Segment>, CheckpointError> {
    let kinds = space.map_or(&[][..], |space| &space.kinds);
    let entries = kinds.iter().filter(|held| held.name == kind.name);
    let mut entries = entries.flat_map(|held| &held.segments);
    let Some(entry) = entries.find(|entry| entry.number == segment.number) else {
        let what = format!("segment {} is not in it", segment.number);
        return Err(CheckpointError::damaged(super::manifest::MANIFEST, 0, what));
    };
    let place = entry.documents;
    let documents = packs.block(BlockKind::Documents, place)?;
    let moved = segment.moved(documents).ok_or_else(|| {
        let what = "these are the documents of another segment";
        CheckpointError::damaged(&pack_name(place.pack), place.offset, what)
    })?;
    Ok(Arc::new(moved))
}
