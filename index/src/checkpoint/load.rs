//! From blocks to what is held in memory. Owns reading; what a checkpoint as a
//! whole must be is others'.

use std::sync::Arc;

use super::CheckpointError;
use super::block::{BlockKind, Packs, Place, pack_name};
use super::forms::{
    ArchivedCellsForm, ArchivedCentroidsForm, ArchivedDeletedForm, ArchivedSegmentForm,
    ArchivedStateForm, copied, cut, ends_at,
};
use super::manifest::{OverlayEntry, SegmentEntry};
use crate::analysis::Language;
use crate::bits::Bits;
use crate::segment::Segment;
use crate::snapshot::Live;
use crate::statistics::{Delta, Statistics};
use crate::store::Tombstone;
use crate::taxonomy::{Form, Put};
use crate::vectors::{Cells, Centroids};

/// What a state block holds, its alive bits by segment.
pub(super) struct State {
    pub(super) alive: Vec<Arc<Bits>>,
    pub(super) statistics: Statistics,
    /// In the order of the deletes.
    pub(super) deleted: Vec<(String, Tombstone)>,
}

pub(super) fn segment(packs: &Packs, entry: &SegmentEntry) -> Result<Segment, CheckpointError> {
    let documents = packs.block(BlockKind::Documents, entry.documents)?;
    packs.archive(
        BlockKind::Segment,
        entry.rows,
        |form: &ArchivedSegmentForm| {
            let segment = Segment::from_form(form, documents)?;
            if segment.number == entry.number {
                Ok(segment)
            } else {
                Err(format!(
                    "this is segment {}, not {}",
                    segment.number, entry.number
                ))
            }
        },
    )
}

/// The overlay of a space, where it has one.
pub(super) fn overlay(packs: &Packs, entry: &OverlayEntry) -> Result<Option<Put>, CheckpointError> {
    let Some(place) = entry.text else {
        return Ok(None);
    };
    let bytes = packs.block(BlockKind::Overlay, place)?;
    let text = String::from_utf8(bytes.to_vec());
    match (text, Form::of_code(entry.form)) {
        (Ok(text), Some(form)) => Ok(Some(Put { form, text })),
        (Err(cause), _) => Err(contradiction(
            place,
            format!("an overlay is no text: {cause}"),
        )),
        (_, None) => Err(contradiction(place, "an overlay is in no known form")),
    }
}

pub(super) fn cells(
    packs: &Packs,
    place: Place,
    segment: &Segment,
    centroids: &Centroids,
) -> Result<Cells, CheckpointError> {
    packs.archive(BlockKind::Cells, place, |form: &ArchivedCellsForm| {
        Ok(Cells::from_form(form, &segment.vectors, centroids)?)
    })
}

pub(super) fn centroids(
    packs: &Packs,
    place: Place,
    dimensions: Option<usize>,
) -> Result<Centroids, CheckpointError> {
    packs.archive(
        BlockKind::Centroids,
        place,
        |form: &ArchivedCentroidsForm| Ok(Centroids::from_form(form, dimensions)?),
    )
}

pub(super) fn state(packs: &Packs, place: Place) -> Result<State, CheckpointError> {
    packs.archive(BlockKind::State, place, |form: &ArchivedStateForm| {
        let alive = form
            .alive
            .iter()
            .map(|bits| Ok(Arc::new(Bits::from_form(bits)?)));
        Ok(State {
            alive: alive.collect::<Result<Vec<_>, String>>()?,
            statistics: Statistics::from_form(&form.statistics)?,
            deleted: deleted(&form.deleted)?,
        })
    })
}

pub(super) fn deleted(form: &ArchivedDeletedForm) -> Result<Vec<(String, Tombstone)>, String> {
    let ends = copied(&form.ends);
    let count = ends.len();
    if !ends_at(&ends, form.ids.len()) || form.versions.len() != count || form.at_ms.len() != count
    {
        return Err("the deleted ids do not fit their versions".to_owned());
    }
    let ids = cut(&form.ids, &ends).ok_or("a deleted id is cut")?;
    let tombstones = form.versions.iter().zip(form.at_ms.iter());
    Ok(ids
        .into_iter()
        .zip(tombstones)
        .map(|(id, (version, at_ms))| {
            let tombstone = Tombstone {
                version: version.to_native(),
                at_ms: at_ms.to_native(),
            };
            (id.to_owned(), tombstone)
        })
        .collect())
}

/// The statistics of the living rows, counted.
pub(super) fn counted(segments: &[Live]) -> Statistics {
    let mut statistics = Statistics::default();
    for live in segments {
        let segment = &live.segment;
        let mut delta = Delta::default();
        for row in live.alive.iter() {
            let language = segment.columns.first().and_then(|column| column.word(row));
            delta.row(
                &segment.terms,
                row,
                language.and_then(Language::from_tag),
                1,
            );
        }
        statistics.apply(delta);
    }
    statistics
}

/// An error about what a block says, at its place.
pub(super) fn contradiction(place: Place, what: impl Into<String>) -> CheckpointError {
    CheckpointError::damaged(&pack_name(place.pack), place.offset, what)
}
