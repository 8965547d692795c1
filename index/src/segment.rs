//! Segments: immutable sets of rows whose parts share row numbers. Owns
//! building and merging; knows nothing of deletes (a snapshot's alive bits) or
//! of when to merge.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use bytes::Bytes as Shared;
use xxhash_rust::xxh3::xxh3_64;

use crate::checkpoint::forms::{ArchivedSegmentForm, SegmentForm, copied, ends_at};
use crate::columns::{self, Column, Keywords};
use crate::kinds::Kind;
use crate::row::Row;
use crate::suggest::{Gone, Names};
use crate::terms::Terms;
use crate::text::{self, SmallText, TextPart};
use crate::vectors::{Rows, RowsBuilder};
use crate::vocabulary::Kept;

/// Most rows of a segment.
pub const SEGMENT_ROWS_MAX: usize = 250_000;

/// Strings of consecutive rows, end to end.
#[derive(Debug, Default)]
pub struct Blob {
    bytes: Shared,
    ends: Vec<u64>,
}

#[derive(Default)]
struct BlobBuilder {
    bytes: Vec<u8>,
    ends: Vec<u64>,
}

impl BlobBuilder {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len() as u64);
    }

    fn finish(self) -> Blob {
        Blob {
            bytes: self.bytes.into(),
            ends: self.ends,
        }
    }
}

impl Blob {
    fn from_form(bytes: Shared, ends: Vec<u64>, rows: usize) -> Result<Self, String> {
        if ends.len() == rows && ends_at(&ends, bytes.len()) {
            Ok(Self { bytes, ends })
        } else {
            Err("the rows' bytes do not fit their rows".to_owned())
        }
    }

    /// The bytes of a row.
    pub fn get(&self, row: u32) -> &[u8] {
        cut_row(&self.bytes, &self.ends, row)
    }

    fn held(&self) -> usize {
        self.bytes.len() + self.ends.len() * 8
    }
}

fn cut_row<'a>(bytes: &'a [u8], ends: &[u64], row: u32) -> &'a [u8] {
    let row = row as usize;
    let start = if row == 0 { 0 } else { ends[row - 1] };
    &bytes[start as usize..ends[row] as usize]
}

/// One segment.
#[derive(Debug)]
pub struct Segment {
    // In plain memory, or in a mapped file, which may be another one later.
    documents: Shared,
    is_mapped: bool,
    parts: Arc<Parts>,
}

impl Deref for Segment {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// All of a segment but the bytes of its documents.
#[derive(Debug)]
pub struct Parts {
    /// Its number, never used again in its space and kind.
    pub number: u64,
    ids: Blob,
    // (hash of the id, row), sorted.
    by_id: Vec<(u64, u32)>,
    versions: Vec<u64>,
    document_ends: Vec<u64>,
    /// Terms of each row.
    pub terms: Terms,
    /// Postings.
    pub text: TextPart,
    /// Vectors.
    pub vectors: Rows,
    /// Columns, in the order of the kind's.
    pub columns: Vec<Column>,
    /// Titles as they are suggested.
    pub titles: Keywords,
    // Of each column, then of the titles; made when first asked for.
    names: Vec<OnceLock<Names>>,
    pub(crate) gone: Gone,
    pub(crate) kept: Kept,
}

/// Bytes a segment holds, by component.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Bytes {
    /// Ids, versions, documents.
    pub documents: usize,
    /// Terms of each row.
    pub terms: usize,
    /// Postings, and what is kept of words looked for.
    pub postings: usize,
    /// Vectors.
    pub vectors: usize,
    /// Columns.
    pub columns: usize,
    /// Titles, and the names of columns that were asked for.
    pub names: usize,
}

impl Segment {
    /// Builds a segment of the tail. `versions` holds one version a row; a
    /// vector of the wrong length is left out (documents are checked before).
    ///
    /// # Panics
    /// Never: no vector fits every dimension.
    pub fn from_rows(kind: &Kind, number: u64, rows: &[Row], versions: Vec<u64>) -> Self {
        let mut terms = Terms::new();
        let mut ids = BlobBuilder::default();
        let mut documents = BlobBuilder::default();
        let mut vectors = RowsBuilder::new(kind.dimensions);
        for row in rows {
            terms.push(row);
            ids.push(row.id.as_bytes());
            documents.push(&row.json);
            if vectors.push(row.vector.as_deref()).is_err() {
                vectors.push(None).expect("no vector fits every dimension");
            }
        }
        let cells: Vec<&[crate::document::Cell]> =
            rows.iter().map(|row| row.cells.as_slice()).collect();
        let vectors = vectors.finish();
        let ids = ids.finish();
        let titles: Vec<&[String]> = rows.iter().map(|row| row.title.as_slice()).collect();
        let documents = documents.finish();
        let parts = Parts {
            titles: Keywords::build(&titles),
            names: unmade(kind.columns().len()),
            gone: Gone::default(),
            kept: Kept::new(terms.rows()),
            number,
            by_id: sorted_ids(&ids),
            ids,
            versions,
            document_ends: documents.ends,
            text: TextPart::Small(SmallText::build(rows)),
            terms,
            vectors,
            columns: columns::build(kind, &cells),
        };
        Self::in_memory(documents.bytes, parts)
    }

    fn in_memory(documents: Shared, parts: Parts) -> Self {
        Self {
            documents,
            is_mapped: false,
            parts: Arc::new(parts),
        }
    }

    /// Merges the kept rows of several segments, one segment behind the other.
    /// `large` chooses the form of the postings.
    ///
    /// # Panics
    /// Where the sources are of different kinds.
    pub fn merge(kind: &Kind, number: u64, sources: &[(&Self, &[u32])], large: bool) -> Self {
        let mut terms = Terms::new();
        let mut ids = BlobBuilder::default();
        let mut documents = BlobBuilder::default();
        let mut versions = Vec::new();
        for (source, rows) in sources {
            for row in *rows {
                terms.push_from(&source.terms, *row);
                ids.push(source.ids.get(*row));
                documents.push(source.document(*row));
                versions.push(source.versions[*row as usize]);
            }
        }
        let text = if large {
            let parts: Vec<&TextPart> = sources.iter().map(|(source, _)| &source.text).collect();
            text::build_large(&parts, &terms)
        } else {
            let parts: Vec<(&TextPart, &[u32])> = sources
                .iter()
                .map(|(source, rows)| (&source.text, *rows))
                .collect();
            text::merge_small(&parts, &terms)
        };
        let parts: Vec<(&Rows, &[u32])> = sources
            .iter()
            .map(|(source, rows)| (&source.vectors, *rows))
            .collect();
        let vectors = Rows::merge(kind.dimensions, &parts)
            .expect("all segments of a kind have its dimensions");
        let column_parts: Vec<(&[Column], &[u32])> = sources
            .iter()
            .map(|(source, rows)| (source.columns.as_slice(), *rows))
            .collect();
        let ids = ids.finish();
        let titles: Vec<(&Keywords, &[u32])> = sources
            .iter()
            .map(|(source, rows)| (&source.titles, *rows))
            .collect();
        let documents = documents.finish();
        let merged = Parts {
            titles: Keywords::merge(&titles),
            names: unmade(kind.columns().len()),
            gone: Gone::default(),
            kept: Kept::new(terms.rows()),
            number,
            by_id: sorted_ids(&ids),
            ids,
            versions,
            document_ends: documents.ends,
            text,
            terms,
            vectors,
            columns: columns::merge(&column_parts),
        };
        // What readers ask for is made here, not when the next one waits for it.
        for at in 0..merged.names.len() {
            if sources.iter().any(|(s, _)| s.names[at].get().is_some()) {
                merged.names(at);
            }
        }
        for (source, _) in sources {
            merged.gone.prepare(&source.gone, &merged.columns);
        }
        Self::in_memory(documents.bytes, merged)
    }

    /// What a checkpoint keeps of it, but for [`Self::documents`].
    pub(crate) fn form(&self) -> SegmentForm<'_> {
        SegmentForm {
            number: self.number,
            ids: &self.ids.bytes,
            id_ends: &self.ids.ends,
            id_hashes: self.by_id.iter().map(|(hash, _)| *hash).collect(),
            id_rows: self.by_id.iter().map(|(_, row)| *row).collect(),
            versions: &self.versions,
            document_ends: &self.document_ends,
            terms: self.terms.form(),
            text: self.text.form(),
            vectors: self.vectors.form(),
            columns: self.columns.iter().map(Column::form).collect(),
            titles: self.titles.form(),
        }
    }

    /// The documents of all rows, end to end.
    pub(crate) fn documents(&self) -> &[u8] {
        &self.documents
    }

    /// A segment as a checkpoint kept it. The documents stay where they are; the
    /// rest is copied. Errors: parts that do not fit each other.
    pub(crate) fn from_form(
        form: &ArchivedSegmentForm<'_>,
        documents: Shared,
    ) -> Result<Self, String> {
        let terms = Terms::from_form(&form.terms)?;
        let rows = terms.rows() as usize;
        let ids = Shared::copy_from_slice(&form.ids);
        let column = |form| Column::from_form(form, rows);
        let columns = form
            .columns
            .iter()
            .map(column)
            .collect::<Result<Vec<_>, _>>()?;
        let hashes = form.id_hashes.iter().map(|hash| hash.to_native());
        let id_rows = form.id_rows.iter().map(|row| row.to_native());
        let ends = copied(&form.document_ends);
        let segment = Parts {
            number: form.number.to_native(),
            ids: Blob::from_form(ids, copied(&form.id_ends), rows)?,
            by_id: hashes.zip(id_rows).collect(),
            versions: copied(&form.versions),
            document_ends: Blob::from_form(documents.clone(), ends, rows)?.ends,
            text: TextPart::from_form(&form.text, rows)?,
            vectors: Rows::from_form(&form.vectors, rows)?,
            titles: Keywords::from_form(&form.titles, rows)?,
            names: unmade(columns.len()),
            gone: Gone::default(),
            columns,
            kept: Kept::new(terms.rows()),
            terms,
        };
        let fits = segment.versions.len() == rows
            && form.id_hashes.len() == rows
            && form.id_rows.len() == rows
            && segment.by_id.is_sorted()
            && segment.by_id.iter().all(|(_, row)| (*row as usize) < rows);
        if fits {
            Ok(Self {
                documents,
                is_mapped: true,
                parts: Arc::new(segment),
            })
        } else {
            Err("the ids do not fit their rows".to_owned())
        }
    }

    /// Whether its documents are in a mapped file.
    pub fn is_mapped(&self) -> bool {
        self.is_mapped
    }

    /// The same segment with its documents in another mapped file; nothing where
    /// these are not as long.
    pub(crate) fn moved(&self, documents: Shared) -> Option<Self> {
        (documents.len() == self.documents.len()).then(|| Self {
            documents,
            is_mapped: true,
            parts: Arc::clone(&self.parts),
        })
    }

    /// A row's document as it came.
    pub fn document(&self, row: u32) -> &[u8] {
        cut_row(&self.documents, &self.document_ends, row)
    }

    /// Bytes held, by component.
    pub fn bytes(&self) -> Bytes {
        let documents = self.documents.len() + self.document_ends.len() * 8;
        Bytes {
            documents: self.ids.held() + documents + self.versions.len() * 24,
            terms: self.terms.bytes(),
            postings: self.text.bytes() + self.kept.bytes(),
            vectors: self.vectors.bytes(),
            columns: self.columns.iter().map(Column::bytes).sum(),
            names: self.titles.bytes()
                + self.gone.bytes()
                + self
                    .names
                    .iter()
                    .filter_map(OnceLock::get)
                    .map(Names::bytes)
                    .sum::<usize>(),
        }
    }
}

impl Parts {
    /// How many rows it has, alive or not.
    pub fn rows(&self) -> u32 {
        self.terms.rows()
    }

    /// A row's id.
    pub fn id(&self, row: u32) -> &str {
        std::str::from_utf8(self.ids.get(row)).unwrap_or("")
    }

    /// A row's version.
    pub fn version(&self, row: u32) -> u64 {
        self.versions[row as usize]
    }

    /// The rows that have an id; at most one of them is alive in any snapshot.
    pub fn find<'a>(&'a self, id: &'a str) -> impl Iterator<Item = u32> + 'a {
        let hash = xxh3_64(id.as_bytes());
        let first = self.by_id.partition_point(|(held, _)| *held < hash);
        self.by_id[first..]
            .iter()
            .take_while(move |(held, _)| *held == hash)
            .map(|(_, row)| *row)
            .filter(move |row| self.id(*row) == id)
    }

    /// The different values of a column of strings and how often each stands; of
    /// the titles for the number behind the last column's. Made when first asked
    /// for: linear in rows, n log n in values.
    pub fn names(&self, column: usize) -> Option<&Names> {
        let values = self.values(column)?;
        let made = || Names::build(values, self.rows());
        Some(self.names.get(column)?.get_or_init(made))
    }

    /// The values `names` are made of.
    pub fn values(&self, column: usize) -> Option<&Keywords> {
        if column == self.columns.len() {
            return Some(&self.titles);
        }
        self.columns.get(column)?.keywords()
    }

    /// Whether its postings are of the large form.
    pub fn is_large(&self) -> bool {
        matches!(self.text, TextPart::Large(_))
    }
}

fn unmade(columns: usize) -> Vec<OnceLock<Names>> {
    (0..=columns).map(|_| OnceLock::new()).collect()
}

fn sorted_ids(ids: &Blob) -> Vec<(u64, u32)> {
    let mut by_id: Vec<(u64, u32)> = (0..ids.ends.len() as u32)
        .map(|row| (xxh3_64(ids.get(row)), row))
        .collect();
    by_id.sort_unstable();
    by_id
}
