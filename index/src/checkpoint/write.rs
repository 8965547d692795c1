//! Writing checkpoints. Owns what is new, what moves out of packs that are mostly
//! dead, and the order in which files come and go.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use super::block::{BlockKind, PackWriter, Packs, Place, pack_name, pack_number};
use super::forms::{DeletedForm, PositionForm, StateForm};
use super::manifest::{
    KindEntry, MANIFEST, MANIFEST_NEW, Manifest, OverlayEntry, PackEntry, SegmentEntry, SpaceEntry,
};
use super::{Checkpoint, CheckpointError, Known, shape};
use crate::disk::Folder;
use crate::kinds::Kind;
use crate::snapshot::Live;
use crate::store::SpaceState;
use crate::vectors::{Cells, Centroids};

/// Writes a checkpoint: what is not in one of the packs of the checkpoint before
/// goes to a new pack. Spaces that are not given stay as they are in the one
/// before. `frame` is how many frames of the journal the states contain.
///
/// Holds a chunk of 1 MiB and, one kind at a time, sorted copies of the
/// statistics, the deleted ids and the different strings of columns.
///
/// Errors: the checkpoint before is in force, and may be given again; see
/// [`CheckpointError::Io`] for the one exception.
pub fn write(
    folder: &dyn Folder,
    before: Option<&Checkpoint>,
    frame: u64,
    spaces: &[(String, SpaceState)],
) -> Result<Checkpoint, CheckpointError> {
    Writing::new(folder, before, false)?.run(frame, spaces)
}

/// Like [`write()`], but everything goes to a new pack, so that no file is left
/// from before: nothing that is in no state any more is in any file then, where
/// [`Checkpoint::left`] is empty.
pub fn write_all(
    folder: &dyn Folder,
    before: Option<&Checkpoint>,
    frame: u64,
    spaces: &[(String, SpaceState)],
) -> Result<Checkpoint, CheckpointError> {
    Writing::new(folder, before, true)?.run(frame, spaces)
}

struct Writing<'a> {
    folder: &'a dyn Folder,
    before: Option<&'a Checkpoint>,
    // Whether nothing stays where it is.
    all: bool,
    number: u64,
    pack: PackWriter<'a>,
}

impl<'a> Writing<'a> {
    fn new(
        folder: &'a dyn Folder,
        before: Option<&'a Checkpoint>,
        all: bool,
    ) -> Result<Self, CheckpointError> {
        let mut files = list(folder)?;
        if before.is_none() {
            begin(folder, &mut files)?;
        }
        // Above all there are, those of attempts that failed too.
        let held = files.iter().filter_map(|file| pack_number(file));
        let number = held
            .map(|number| number.saturating_add(1))
            .max()
            .unwrap_or(1);
        let number = number.max(before.map_or(1, |before| before.manifest.next_pack));
        Ok(Self {
            folder,
            before,
            all,
            number,
            pack: PackWriter::new(folder, number),
        })
    }

    fn run(
        mut self,
        frame: u64,
        spaces: &[(String, SpaceState)],
    ) -> Result<Checkpoint, CheckpointError> {
        let (folder, number) = (self.folder, self.number);
        let written = self.fill(frame, spaces).and_then(|manifest| {
            let manifest = self.finish(manifest)?;
            manifest.stage(folder)?;
            Ok(manifest)
        });
        let manifest = match written {
            Ok(manifest) => manifest,
            Err(cause) => {
                // Room for others; what cannot be removed goes with the next one.
                for file in [pack_name(number), MANIFEST_NEW.to_owned()] {
                    drop(folder.remove(&file));
                }
                return Err(cause);
            }
        };
        Manifest::publish(folder)?;
        let known = spaces.iter().map(|(name, state)| {
            let kinds = state.snapshot.kinds().iter();
            (
                name.clone(),
                kinds.map(|kind| Known::of(kind, state)).collect(),
            )
        });
        Ok(Checkpoint {
            frame,
            left: remove_unneeded(folder, &manifest),
            manifest,
            known: known.collect(),
        })
    }

    fn fill(
        &mut self,
        frame: u64,
        spaces: &[(String, SpaceState)],
    ) -> Result<Manifest, CheckpointError> {
        let before = self.before.map(|before| before.manifest.spaces.as_slice());
        let mut entries: Vec<SpaceEntry> = before.unwrap_or_default().to_vec();
        let overlays = self.before.map(|before| before.manifest.overlays.clone());
        let mut overlays = overlays.unwrap_or_default();
        for (name, state) in spaces {
            overlays.retain(|held| held.space != *name);
            overlays.extend(self.overlay(name, state)?);
            let entry = self.space(name, state)?;
            match entries.binary_search_by(|held| held.name.as_str().cmp(name)) {
                Ok(at) => entries[at] = entry,
                Err(at) => entries.insert(at, entry),
            }
        }
        overlays.sort_by(|one, next| one.space.cmp(&next.space));
        let packs = self.before.map(|before| before.manifest.packs.clone());
        Ok(Manifest {
            frame,
            next_pack: self.number,
            packs: packs.unwrap_or_default(),
            spaces: entries,
            overlays,
        })
    }

    fn overlay(
        &mut self,
        name: &str,
        state: &SpaceState,
    ) -> Result<Option<OverlayEntry>, CheckpointError> {
        let version = state.snapshot.taxonomy_version();
        if version == 0 {
            return Ok(None);
        }
        // A version is given once, so one that is held is this one.
        let held = self.before.and_then(|before| before.manifest.overlay(name));
        if let Some(held) = held.filter(|held| held.version == version && !self.all) {
            return Ok(Some(held.clone()));
        }
        let put = state.snapshot.taxonomy().put();
        let text = match put {
            Some(put) => Some(self.pack.raw(BlockKind::Overlay, put.text.as_bytes())?),
            None => None,
        };
        Ok(Some(OverlayEntry {
            space: name.to_owned(),
            version,
            form: put.map_or(0, |put| put.form.code()),
            text,
        }))
    }

    fn space(&mut self, name: &str, state: &SpaceState) -> Result<SpaceEntry, CheckpointError> {
        let before = self.before.and_then(|before| {
            let spaces = &before.manifest.spaces;
            let at = spaces
                .binary_search_by(|held| held.name.as_str().cmp(name))
                .ok()?;
            Some((&spaces[at], before.known.get(name)?))
        });
        let mut kinds = Vec::new();
        for kind in state.snapshot.kinds().iter() {
            let held = before.and_then(|(entry, known)| {
                let entry = entry.kinds.iter().find(|held| held.name == kind.name)?;
                let known = known.iter().find(|known| known.kind == kind.name)?;
                Some((entry, known))
            });
            let held = held.filter(|_| !self.all);
            kinds.extend(self.kind(kind, state, held)?);
        }
        let position = |(source, position): (&str, u64)| PositionForm {
            source: source.to_owned(),
            position,
        };
        Ok(SpaceEntry {
            name: name.to_owned(),
            sequence: state.snapshot.sequence,
            next_segment: state.next_segment,
            positions: state.positions.sorted().into_iter().map(position).collect(),
            kinds,
        })
    }

    fn kind(
        &mut self,
        kind: &Kind,
        state: &SpaceState,
        held: Option<(&KindEntry, &Known)>,
    ) -> Result<Option<KindEntry>, CheckpointError> {
        let collection = state.snapshot.collection(kind.id);
        let is_same = |known: &Known| {
            known.collection.as_ptr() == Arc::as_ptr(collection)
                && known.deleted.is_same(kind.id, &state.deleted)
        };
        if let Some((entry, _)) = held.filter(|(_, known)| is_same(known)) {
            return Ok(Some(entry.clone()));
        }
        let is_nothing = collection.segments.is_empty()
            && collection.centroids.is_none()
            && collection.statistics.terms() == 0
            && state.deleted.count(kind.id) == 0;
        if is_nothing {
            return Ok(None);
        }
        let mut segments = Vec::with_capacity(collection.segments.len());
        for live in &collection.segments {
            let held = held.and_then(|(entry, known)| {
                let segment = Arc::as_ptr(&live.segment);
                let at = (known.segments.iter()).position(|held| held.0.as_ptr() == segment)?;
                Some((entry.segments.get(at)?, known.segments[at].1.as_ref()))
            });
            segments.push(self.segment(live, held)?);
        }
        let centroids = match &collection.centroids {
            Some(centroids) => Some(self.centroids(centroids, held)?),
            None => None,
        };
        let alive = collection.segments.iter().map(|live| live.alive.form());
        let form = StateForm {
            alive: alive.collect(),
            statistics: collection.statistics.form(),
            deleted: deleted(kind, state),
        };
        Ok(Some(KindEntry {
            name: kind.name.clone(),
            shape: shape(kind),
            state: self.pack.archive(BlockKind::State, &form)?,
            centroids,
            segments,
        }))
    }
}

impl Writing<'_> {
    fn segment(
        &mut self,
        live: &Live,
        held: Option<(&SegmentEntry, Option<&Weak<Cells>>)>,
    ) -> Result<SegmentEntry, CheckpointError> {
        let segment = &live.segment;
        let (rows, documents) = match held {
            Some((entry, _)) => (entry.rows, entry.documents),
            None => (
                self.pack.archive(BlockKind::Segment, &segment.form())?,
                self.pack.raw(BlockKind::Documents, segment.documents())?,
            ),
        };
        let same = |cells: &Arc<Cells>| {
            let (entry, known) = held?;
            entry
                .cells
                .filter(|_| known.is_some_and(|known| known.as_ptr() == Arc::as_ptr(cells)))
        };
        let cells = match &live.cells {
            Some(cells) => Some(match same(cells) {
                Some(place) => place,
                None => self.pack.archive(BlockKind::Cells, &cells.form())?,
            }),
            None => None,
        };
        Ok(SegmentEntry {
            number: segment.number,
            rows,
            documents,
            cells,
        })
    }

    fn centroids(
        &mut self,
        centroids: &Arc<Centroids>,
        held: Option<(&KindEntry, &Known)>,
    ) -> Result<Place, CheckpointError> {
        let held = held.and_then(|(entry, known)| {
            let same = known.centroids.as_ref()?.as_ptr() == Arc::as_ptr(centroids);
            entry.centroids.filter(|_| same)
        });
        match held {
            Some(place) => Ok(place),
            None => self.pack.archive(BlockKind::Centroids, &centroids.form()),
        }
    }

    /// Empties packs of which less than half is needed, and ends the new one.
    fn finish(mut self, mut manifest: Manifest) -> Result<Manifest, CheckpointError> {
        let mut needed: HashMap<u64, u64> = HashMap::new();
        for (_, place) in manifest.places() {
            *needed.entry(place.pack).or_default() += place.footprint();
        }
        let needed_of = |pack: &PackEntry| needed.get(&pack.number).copied().unwrap_or(0);
        let is_spent = |pack: &PackEntry| self.all || needed_of(pack) * 2 < pack.bytes;
        let (spent, mut kept): (Vec<PackEntry>, Vec<PackEntry>) =
            manifest.packs.iter().partition(|pack| is_spent(pack));
        let from = spent.iter().filter(|pack| needed_of(pack) > 0);
        let from = Packs::open(self.folder, from.map(|pack| (pack.number, pack.bytes)))?;
        for (kind, place) in manifest.places() {
            if spent.iter().any(|pack| pack.number == place.pack) {
                *place = self.pack.raw(kind, &from.block(kind, *place)?)?;
            }
        }
        let number = self.number;
        if let Some(bytes) = self.pack.finish()? {
            kept.push(PackEntry { number, bytes });
            manifest.next_pack = number.saturating_add(1);
        }
        manifest.packs = kept;
        Ok(manifest)
    }
}

fn deleted(kind: &Kind, state: &SpaceState) -> DeletedForm {
    let mut form = DeletedForm::default();
    for (id, tombstone) in state.deleted.of(kind.id) {
        form.ids.push_str(id);
        form.ends.push(form.ids.len() as u64);
        form.versions.push(tombstone.version);
        form.at_ms.push(tombstone.at_ms);
    }
    form
}

fn list(folder: &dyn Folder) -> Result<Vec<String>, CheckpointError> {
    let files = folder.list();
    let files = files.map_err(|cause| CheckpointError::io(&folder.name(), cause))?;
    Ok(files.into_iter().map(|(file, _)| file).collect())
}

// Before the first checkpoint, so that a second pack without a manifest is a
// sign of damage: see `open`.
fn begin(folder: &dyn Folder, files: &mut Vec<String>) -> Result<(), CheckpointError> {
    let begun = if files.iter().any(|file| file == MANIFEST) {
        folder.sync_folder()
    } else {
        let mut packs = files.extract_if(.., |file| pack_number(file).is_some());
        packs.try_for_each(|file| folder.remove(&file))
    };
    begun.map_err(|cause| CheckpointError::io(&folder.name(), cause))
}

// The manifest is in force: what it does not name is in nobody's way, so a
// failure is reported but does not undo the checkpoint.
fn remove_unneeded(folder: &dyn Folder, manifest: &Manifest) -> Vec<(String, String)> {
    let files = match folder.list() {
        Ok(files) => files,
        Err(cause) => return vec![(folder.name(), cause.to_string())],
    };
    let is_needed = |number| manifest.packs.iter().any(|pack| pack.number == number);
    let unneeded = files
        .into_iter()
        .map(|(file, _)| file)
        .filter(|file| pack_number(file).is_some_and(|number| !is_needed(number)));
    let mut left = Vec::new();
    let mut removed = Vec::new();
    for file in unneeded {
        match folder.remove(&file) {
            Ok(()) => removed.push(file),
            Err(cause) => left.push((file, cause.to_string())),
        }
    }
    if !removed.is_empty()
        && let Err(cause) = folder.sync_folder()
    {
        // A power cut may bring them back.
        let cause = cause.to_string();
        left.extend(removed.into_iter().map(|file| (file, cause.clone())));
    }
    left
}
