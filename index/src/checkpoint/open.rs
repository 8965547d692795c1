//! Opening the checkpoint of a folder. Owns how its blocks become spaces again,
//! many at a time, and what happens where kinds are others than they were.

use std::sync::Arc;

use rayon::prelude::*;

use super::block::{Packs, pack_number};
use super::load::{self, State, contradiction};
use super::manifest::{KindEntry, MANIFEST, Manifest, SpaceEntry};
use super::{Checkpoint, CheckpointError, Known, shape};
use crate::bits::Bits;
use crate::disk::Folder;
use crate::document::Document;
use crate::kinds::{Kind, Kinds};
use crate::row::{self, stored_json};
use crate::segment::Segment;
use crate::snapshot::{Collection, Live, Snapshot};
use crate::store::{Deleted, Positions, SpaceState, Tombstone};
use crate::taxonomy;

/// Rows of a segment made of documents that were analysed anew: merged in the
/// background like any full one of the tail.
const REBUILT_ROWS: usize = 4_096;

/// Spaces by name.
pub type Spaces = Vec<(String, SpaceState)>;

/// The checkpoint in force and its spaces, or nothing where none was ever
/// written. Documents are served from the mapped packs, everything else is copied;
/// every byte is checked first. Documents of a kind that was changed since are
/// analysed anew. Changes nothing in the folder.
///
/// Errors: damage, with its place; kinds that are gone; documents that do not fit
/// their changed kind.
pub fn open(
    folder: &dyn Folder,
    kinds: &Arc<Kinds>,
) -> Result<Option<(Checkpoint, Spaces)>, CheckpointError> {
    let Some((manifest, packs)) = manifest(folder)? else {
        return Ok(None);
    };
    let spaces = manifest.spaces.par_iter();
    let spaces = spaces.map(|entry| {
        let mut state = space(&packs, kinds, entry)?;
        if let Some(held) = manifest.overlay(&entry.name) {
            let overlay = load::overlay(&packs, held)?;
            let taxonomy = overlay.map_or_else(
                || Arc::clone(taxonomy::base()),
                |put| Arc::new(taxonomy::base().under(put)),
            );
            let snapshot = state.snapshot.with_taxonomy(held.version, taxonomy);
            state.snapshot = Arc::new(snapshot);
        }
        Ok((entry.name.clone(), state))
    });
    let spaces: Spaces = spaces.collect::<Result<_, CheckpointError>>()?;
    let known = spaces
        .iter()
        .zip(&manifest.spaces)
        .map(|((name, state), entry)| {
            // What was analysed anew is in no block yet.
            let is_written = |kind: &&Kind| {
                let written = entry.kinds.iter().find(|held| held.name == kind.name);
                written.is_some_and(|held| held.shape == shape(kind))
            };
            let written = kinds.iter().filter(is_written);
            (
                name.clone(),
                written.map(|kind| Known::of(kind, state)).collect(),
            )
        });
    let checkpoint = Checkpoint {
        frame: manifest.frame,
        left: Vec::new(),
        known: known.collect(),
        manifest,
    };
    Ok(Some((checkpoint, spaces)))
}

/// The manifest in force and its packs.
pub(super) fn manifest(folder: &dyn Folder) -> Result<Option<(Manifest, Packs)>, CheckpointError> {
    let files = folder.list();
    let files = files.map_err(|cause| CheckpointError::io(&folder.name(), cause))?;
    if !files.iter().any(|(file, _)| file == MANIFEST) {
        // The first pack may have been written when its manifest was not; a second
        // one is begun only when a manifest is on the medium.
        return match files.iter().find(|(file, _)| pack_number(file) > Some(1)) {
            Some((file, _)) => {
                let what = format!("the file is missing, but {file} is there");
                Err(CheckpointError::damaged(MANIFEST, 0, what))
            }
            None => Ok(None),
        };
    }
    let manifest = Manifest::read(folder)?;
    let packs = manifest.packs.iter().map(|pack| (pack.number, pack.bytes));
    let packs = Packs::open(folder, packs)?;
    Ok(Some((manifest, packs)))
}

fn space(
    packs: &Packs,
    kinds: &Arc<Kinds>,
    entry: &SpaceEntry,
) -> Result<SpaceState, CheckpointError> {
    let misfit = |held: &KindEntry, what: String| CheckpointError::Kinds {
        space: entry.name.clone(),
        kind: held.name.clone(),
        what,
    };
    let opened = entry.kinds.par_iter().map(|held| {
        let Some(kind) = kinds.get(&held.name) else {
            return Err(misfit(held, "the kinds file has no such kind".to_owned()));
        };
        let (collection, deleted) = collection(packs, held)?;
        if held.shape == shape(kind) && !has_columns(kind, &collection) {
            let what = "the columns or vectors are not those of the kind";
            return Err(contradiction(held.state, what));
        }
        Ok((held, kind, collection, deleted))
    });
    let opened: Vec<_> = opened.collect::<Result<_, CheckpointError>>()?;
    let mut next_segment = entry.next_segment;
    let mut deleted = Deleted::new(kinds.len());
    let mut collections = Vec::with_capacity(opened.len());
    for (held, kind, mut collection, ids) in opened {
        for (id, tombstone) in ids {
            deleted.remember(kind.id, &id, tombstone);
        }
        if held.shape != shape(kind) {
            collection = analysed_anew(kind, &collection, &mut next_segment)
                .map_err(|what| misfit(held, what))?;
        }
        collections.push((kind.id, collection));
    }
    let mut positions = Positions::default();
    for held in &entry.positions {
        positions.set(&held.source, held.position);
    }
    let snapshot = Snapshot::empty(Arc::clone(kinds)).next(collections, entry.sequence);
    Ok(SpaceState {
        snapshot: Arc::new(snapshot),
        next_segment,
        deleted,
        positions,
    })
}

type Opened = (Collection, Vec<(String, Tombstone)>);

/// The documents of a kind and its deleted ids.
pub(super) fn collection(packs: &Packs, entry: &KindEntry) -> Result<Opened, CheckpointError> {
    let segments = || {
        let segments = entry.segments.par_iter();
        let segments = segments.map(|entry| load::segment(packs, entry));
        segments.collect::<Result<Vec<Segment>, CheckpointError>>()
    };
    let (state, segments) = rayon::join(|| load::state(packs, entry.state), segments);
    let (state, segments) = (state?, segments?);
    let State {
        alive,
        statistics,
        deleted,
    } = state;
    let fits = alive.len() == segments.len()
        && (alive.iter().zip(&segments)).all(|(bits, held)| bits.len() == held.rows() as usize);
    if !fits {
        return Err(contradiction(
            entry.state,
            "the alive rows are of other segments",
        ));
    }
    let dimensions = segments.first().map(|segment| segment.vectors.dimensions());
    let centroids = match entry.centroids {
        Some(place) => Some(Arc::new(load::centroids(packs, place, dimensions)?)),
        None => None,
    };
    let parts: Vec<_> = segments
        .into_iter()
        .zip(alive)
        .zip(&entry.segments)
        .collect();
    let lives = parts.into_par_iter().map(|((segment, alive), entry)| {
        let cells = match (entry.cells, &centroids) {
            (Some(place), Some(centroids)) => {
                Some(Arc::new(load::cells(packs, place, &segment, centroids)?))
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return Err(contradiction(
                    entry.rows,
                    "the segment has cells or its kind has",
                ));
            }
        };
        Ok(Live {
            segment: Arc::new(segment),
            alive,
            cells,
        })
    });
    let collection = Collection {
        segments: lives.collect::<Result<_, CheckpointError>>()?,
        statistics,
        centroids,
    };
    Ok((collection, deleted))
}

fn has_columns(kind: &Kind, collection: &Collection) -> bool {
    let defined = kind.columns();
    collection.segments.iter().all(|live| {
        let columns = &live.segment.columns;
        live.segment.vectors.dimensions() == kind.dimensions
            && columns.len() == defined.len()
            && (columns.iter().zip(defined))
                .all(|(column, defined)| column.keywords().is_none() == defined.numeric)
    })
}

/// The living documents as the kind has them now. Linear in their text: about
/// 0.3 ms a document and thread.
fn analysed_anew(
    kind: &Kind,
    before: &Collection,
    next_segment: &mut u64,
) -> Result<Collection, String> {
    let rows = before.segments.iter().flat_map(|live| {
        let rows = live.alive.iter();
        rows.map(|row| (&*live.segment, row))
    });
    let rows: Vec<(&Segment, u32)> = rows.collect();
    let first = *next_segment;
    let segments = rows.par_chunks(REBUILT_ROWS).enumerate().map(|(at, rows)| {
        let mut analysed = Vec::with_capacity(rows.len());
        for (segment, row) in rows {
            let id = segment.id(*row);
            let json = stored_json(segment.document(*row));
            let document = Document::parse(kind, json, Some(id), true)
                .map_err(|reason| format!("document `{id}` does not fit it any more: {reason}"))?;
            analysed.push(row::analyse(kind, document));
        }
        let versions = rows.iter().map(|(segment, row)| segment.version(*row));
        let number = first + at as u64;
        let segment = Segment::from_rows(kind, number, &analysed, versions.collect());
        Ok(Live {
            alive: Arc::new(Bits::full(segment.rows() as usize)),
            segment: Arc::new(segment),
            cells: None,
        })
    });
    let segments: Vec<Live> = segments.collect::<Result<_, String>>()?;
    *next_segment += segments.len() as u64;
    Ok(Collection {
        statistics: load::counted(&segments),
        segments,
        centroids: None,
    })
}
