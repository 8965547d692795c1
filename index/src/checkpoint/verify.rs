//! Verifying a checkpoint: every checksum, and everything its parts say about each
//! other. Owns the counting again of what is otherwise believed.

use std::collections::HashSet;
use std::fmt;

use super::CheckpointError;
use super::block::{HEADER_BYTES, Packs, Place, pack_name};
use super::load::{self, contradiction, counted};
use super::manifest::{KindEntry, MANIFEST, Manifest, SegmentEntry};
use super::open::{collection, manifest};
use crate::disk::Folder;
use crate::row::{Entry, GAPS};
use crate::segment::Segment;
use crate::snapshot::{Collection, Live};
use crate::store::Tombstone;
use crate::text::term_key;

/// What a checkpoint that was found whole consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Frames of the journal that are in it.
    pub frame: u64,
    /// Packs.
    pub packs: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Spaces.
    pub spaces: usize,
    /// Segments.
    pub segments: usize,
    /// Rows, alive or not.
    pub rows: u64,
    /// Documents.
    pub documents: u64,
    /// Deleted ids whose version is remembered.
    pub deleted: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} documents in {} rows of {} segments, {} spaces; {} deleted ids; {} packs of {} \
             bytes; journal up to frame {}",
            self.documents,
            self.rows,
            self.segments,
            self.spaces,
            self.deleted,
            self.packs,
            self.bytes,
            self.frame
        )
    }
}

/// Reads the whole checkpoint and counts again what is otherwise believed:
/// statistics, postings, places of ids, cells, ids that are alive twice, documents
/// that are no JSON. Needs as much memory as its largest kind. A folder without a
/// checkpoint is whole and empty.
pub fn verify(folder: &dyn Folder) -> Result<Report, CheckpointError> {
    visit(folder, &mut |_visited| Ok(()))
}

/// A kind of a space that was found whole.
pub(crate) struct Visited<'a> {
    pub(crate) space: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) collection: &'a Collection,
    pub(crate) deleted: &'a [(String, Tombstone)],
    /// Names of the packs in which the documents of each segment are.
    pub(crate) documents: Vec<String>,
    state: Place,
}

impl Visited<'_> {
    /// An error about what the kind's state says.
    pub(crate) fn contradiction(&self, what: String) -> CheckpointError {
        contradiction(self.state, what)
    }
}

/// Like [`verify`], and shows each kind of each space.
pub(crate) fn visit(
    folder: &dyn Folder,
    each: &mut dyn FnMut(&Visited<'_>) -> Result<(), CheckpointError>,
) -> Result<Report, CheckpointError> {
    let Some((manifest, packs)) = manifest(folder)? else {
        return Ok(Report::default());
    };
    let mut report = Report {
        frame: manifest.frame,
        packs: manifest.packs.len(),
        bytes: manifest.packs.iter().map(|pack| pack.bytes).sum(),
        spaces: manifest.spaces.len(),
        ..Report::default()
    };
    listed(&manifest)?;
    for overlay in &manifest.overlays {
        load::overlay(&packs, overlay)?;
    }
    for space in &manifest.spaces {
        for entry in &space.kinds {
            verify_kind(&packs, (&space.name, entry), &mut report, each)?;
        }
    }
    Ok(report)
}

// Names stand once and in order, numbers are below the next ones.
fn listed(manifest: &Manifest) -> Result<(), CheckpointError> {
    let rises = |names: &mut dyn Iterator<Item = &str>| names.is_sorted_by(|one, next| one < next);
    let spaces = &manifest.spaces;
    let what = if !rises(&mut spaces.iter().map(|space| space.name.as_str())) {
        "the spaces are not in order"
    } else if (spaces.iter())
        .any(|space| !rises(&mut space.positions.iter().map(|held| held.source.as_str())))
    {
        "the positions of a space are not in the order of their sources"
    } else if (manifest.packs.iter()).any(|pack| pack.number >= manifest.next_pack) {
        "a pack has a number that is still to be used"
    } else if !rises(&mut manifest.overlays.iter().map(|held| held.space.as_str())) {
        "the overlays are not in the order of their spaces"
    } else if (manifest.overlays.iter())
        .any(|held| held.version == 0 || held.text.is_some() != (held.form != 0))
    {
        "an overlay has no version or no form"
    } else {
        return Ok(());
    };
    Err(CheckpointError::damaged(
        MANIFEST,
        HEADER_BYTES as u64,
        what,
    ))
}

fn verify_kind(
    packs: &Packs,
    (space, entry): (&str, &KindEntry),
    report: &mut Report,
    each: &mut dyn FnMut(&Visited<'_>) -> Result<(), CheckpointError>,
) -> Result<(), CheckpointError> {
    let (collection, deleted) = collection(packs, entry)?;
    let Collection {
        segments,
        statistics,
        ..
    } = &collection;
    if counted(segments) != *statistics {
        return Err(contradiction(
            entry.state,
            "the statistics are not those of the rows",
        ));
    }
    let mut alive: HashSet<&str> = HashSet::new();
    for (live, held) in segments.iter().zip(&entry.segments) {
        verify_segment(live, held)?;
        for row in live.alive.iter() {
            if !alive.insert(live.segment.id(row)) {
                return Err(contradiction(entry.state, "an id is alive twice"));
            }
        }
        report.rows += u64::from(live.segment.rows());
    }
    let mut ids: HashSet<&str> = HashSet::new();
    if !deleted
        .iter()
        .all(|(id, _)| ids.insert(id) && !alive.contains(id.as_str()))
    {
        return Err(contradiction(
            entry.state,
            "a deleted id is alive or there twice",
        ));
    }
    report.segments += segments.len();
    report.documents += alive.len() as u64;
    report.deleted += deleted.len() as u64;
    let documents = entry.segments.iter();
    each(&Visited {
        space,
        kind: &entry.name,
        collection: &collection,
        deleted: &deleted,
        documents: documents
            .map(|held| pack_name(held.documents.pack))
            .collect(),
        state: entry.state,
    })
}

fn verify_segment(live: &Live, entry: &SegmentEntry) -> Result<(), CheckpointError> {
    let segment = &live.segment;
    for row in 0..segment.rows() {
        let what = if !id_is_found(segment, row) {
            "an id is not found where it stands"
        } else if !terms_fit(segment, row) {
            "the terms of a row are not in order"
        } else if !document_is_json(segment, row) {
            "a document is no JSON object"
        } else {
            continue;
        };
        return Err(contradiction(entry.rows, format!("row {row}: {what}")));
    }
    if !postings_fit(segment) {
        return Err(contradiction(
            entry.rows,
            "the postings are not those of the rows",
        ));
    }
    if let (Some(cells), Some(place)) = (&live.cells, entry.cells) {
        let rows: HashSet<u32> = cells.grouped().collect();
        if rows.len() != cells.len() {
            return Err(contradiction(place, "a row is in two cells"));
        }
    }
    Ok(())
}

fn id_is_found(segment: &Segment, row: u32) -> bool {
    let id = segment.id(row);
    !id.is_empty() && segment.find(id).any(|found| found == row)
}

fn terms_fit(segment: &Segment, row: u32) -> bool {
    let terms = &segment.terms;
    let entries = terms.entries(row);
    let rises = |pair: &[Entry]| pair[0].key() < pair[1].key();
    let is_number = |token: &u16| *token >= GAPS || usize::from(*token) < entries.len();
    entries.windows(2).all(rises)
        && terms
            .skills(row)
            .iter()
            .all(|entry| entry.key().as_skill().is_some())
        && terms
            .words(row)
            .iter()
            .all(|entry| entry.key().as_skill().is_none())
        && terms.tokens(row).iter().all(is_number)
}

fn document_is_json(segment: &Segment, row: u32) -> bool {
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(segment.document(row))
        .is_ok()
}

// Every posting is an entry of its row, and there are as many of them.
fn postings_fit(segment: &Segment) -> bool {
    let terms = &segment.terms;
    let entries: usize = (0..segment.rows())
        .map(|row| terms.entries(row).len())
        .sum();
    let mut texts: Vec<String> = Vec::new();
    segment.text.terms(&mut |term| texts.push(term.to_owned()));
    let mut fits = texts.is_sorted();
    let mut postings = 0;
    for text in &texts {
        let key = term_key(text);
        let mut before = None;
        segment.text.postings(text, &mut |row, count| {
            let entry = (row < segment.rows())
                .then(|| terms.get(row, key))
                .flatten();
            fits &= entry.is_some_and(|entry| entry.posting() == count) && before < Some(row);
            before = Some(row);
            postings += 1;
        });
    }
    fits && postings == entries
}
