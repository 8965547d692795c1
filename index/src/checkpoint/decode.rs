//! Every block of a pack, also those no manifest names any more, and the text in
//! it. Owns finding blocks by their seals, and taking out of them what is packed.

use super::CheckpointError;
use super::block::unsealed;
use super::block::{ALIGNMENT, BlockKind, HEADER_BYTES, Packs, Place, SEAL_MAGIC, pack_number};
use super::forms::{ArchivedSegmentForm, ArchivedStateForm, copied, cut};
use super::load;
use crate::columns::{Column, Keywords};
use crate::disk::Folder;
use crate::terms::Terms;
use crate::text::TextPart;

/// The text of a segment but for its documents.
pub(crate) struct Texts {
    /// Where its block stands.
    pub(crate) offset: u64,
    /// Ids of its rows.
    pub(crate) ids: Vec<String>,
    /// Words of its rows.
    pub(crate) terms: Terms,
    /// Its dictionary.
    pub(crate) text: TextPart,
    /// Values of fields.
    pub(crate) columns: Vec<Column>,
    /// Titles, as they are suggested.
    pub(crate) titles: Keywords,
}

/// Deleted ids whose version is remembered.
pub(crate) struct Deleted {
    /// Where their block stands.
    pub(crate) offset: u64,
    /// The ids.
    pub(crate) ids: Vec<String>,
}

/// Whether a file is a pack by its name.
pub(crate) fn is_pack(file: &str) -> bool {
    pack_number(file).is_some()
}

/// Takes the text out of every block of a pack, be it in use or not.
pub(crate) fn texts(
    folder: &dyn Folder,
    file: &str,
    segment: &mut dyn FnMut(Texts),
    deleted: &mut dyn FnMut(Deleted),
) -> Result<(), CheckpointError> {
    let Some(number) = pack_number(file) else {
        return Ok(());
    };
    let mapped = (folder.map(file)).map_err(|cause| CheckpointError::io(file, cause))?;
    let packs = Packs::open(folder, [(number, mapped.len() as u64)])?;
    for (kind, place) in blocks(number, &mapped) {
        if kind == BlockKind::Segment as u32 {
            segment(packs.archive(BlockKind::Segment, place, |form| text_of(form, place))?);
        } else if kind == BlockKind::State as u32 {
            deleted(packs.archive(BlockKind::State, place, |form| deleted_of(form, place))?);
        }
    }
    Ok(())
}

fn text_of(form: &ArchivedSegmentForm<'_>, place: Place) -> Result<Texts, String> {
    let terms = Terms::from_form(&form.terms)?;
    let rows = terms.rows() as usize;
    let columns = form.columns.iter();
    let columns = columns.map(|column| Column::from_form(column, rows));
    let ids = std::str::from_utf8(&form.ids).map_err(|cause| cause.to_string())?;
    let ids = cut(ids, &copied(&form.id_ends)).ok_or("an id is cut")?;
    Ok(Texts {
        offset: place.offset,
        ids: ids.into_iter().map(str::to_owned).collect(),
        text: TextPart::from_form(&form.text, rows)?,
        columns: columns.collect::<Result<_, _>>()?,
        titles: Keywords::from_form(&form.titles, rows)?,
        terms,
    })
}

fn deleted_of(form: &ArchivedStateForm<'_>, place: Place) -> Result<Deleted, String> {
    let ids = load::deleted(&form.deleted)?.into_iter();
    Ok(Deleted {
        offset: place.offset,
        ids: ids.map(|(id, _)| id).collect(),
    })
}

/// The blocks of a pack, by their seals, which stand behind them.
fn blocks(pack: u64, mapped: &[u8]) -> Vec<(u32, Place)> {
    let mut found = Vec::new();
    let places = (HEADER_BYTES..mapped.len()).step_by(ALIGNMENT);
    for at in places {
        let seal = mapped.get(at..at + HEADER_BYTES);
        let seal = seal.filter(|seal| seal.starts_with(SEAL_MAGIC));
        let Some((_, parts, check)) = seal.and_then(unsealed) else {
            continue;
        };
        let bytes = u64::from(parts[1]) | u64::from(parts[2]) << 32;
        let content = bytes.checked_next_multiple_of(ALIGNMENT as u64);
        let offset = content.and_then(|content| (at as u64).checked_sub(content));
        let Some(offset) = offset else {
            continue;
        };
        let place = Place {
            pack,
            offset,
            bytes,
            check,
        };
        found.push((parts[0], at as u64, place));
    }
    // Bytes in a block that look like a seal are none. The last seal of a pack is one.
    let mut end = u64::MAX;
    let mut whole: Vec<(u32, Place)> = Vec::new();
    for (kind, at, place) in found.into_iter().rev() {
        if at < end {
            end = place.offset;
            whole.push((kind, place));
        }
    }
    whole.reverse();
    whole
}

#[cfg(test)]
mod tests {
    use super::super::block::{PackWriter, pack_name};
    use super::*;
    use crate::disk::MemoryFolder;

    #[test]
    fn every_block_of_a_pack_is_found_by_its_seal() {
        let folder = MemoryFolder::default();
        let mut pack = PackWriter::new(&folder, 1);
        let mut written = Vec::new();
        for bytes in [0, 1, 15, 16, 17, 1 << 20, (1 << 20) + 1, 3 << 20] {
            let content: Vec<u8> = (0..bytes).map(|at: u32| at as u8).collect();
            written.push(pack.raw(BlockKind::Documents, &content).unwrap());
        }
        pack.finish().unwrap();
        let mapped = folder.map(&pack_name(1)).unwrap();
        let found = blocks(1, &mapped);
        assert!(found.iter().all(|(kind, _)| *kind == 2));
        let found: Vec<Place> = found.into_iter().map(|(_, place)| place).collect();
        assert_eq!(found, written);
    }
}
