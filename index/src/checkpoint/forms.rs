//! What the archives in blocks look like. Owns the shapes; each part of a segment
//! fills its own and checks it when it is read. `docs/FORMAT.md` says what every
//! field is.

use rkyv::rend::{f64_le, i16_le, i64_le, u16_le, u32_le, u64_le};
use rkyv::with::InlineAsBox;
use rkyv::{Archive, Deserialize, Serialize};

use crate::document::GROUPS;
use crate::row::Entry;
use crate::vectors::cells::CellStart;

/// Why an archive that is as it was written cannot be used: it contradicts itself.
pub(crate) type Contradiction = &'static str;

/// All of a segment but its documents' bytes.
#[derive(Archive, Serialize)]
pub(crate) struct SegmentForm<'a> {
    pub(crate) number: u64,
    #[rkyv(with = InlineAsBox)]
    pub(crate) ids: &'a [u8],
    #[rkyv(with = InlineAsBox)]
    pub(crate) id_ends: &'a [u64],
    pub(crate) id_hashes: Vec<u64>,
    pub(crate) id_rows: Vec<u32>,
    #[rkyv(with = InlineAsBox)]
    pub(crate) versions: &'a [u64],
    #[rkyv(with = InlineAsBox)]
    pub(crate) document_ends: &'a [u64],
    pub(crate) terms: TermsForm<'a>,
    pub(crate) text: TextForm<'a>,
    pub(crate) vectors: RowsForm<'a>,
    pub(crate) columns: Vec<ColumnForm<'a>>,
    pub(crate) titles: KeywordsForm<'a>,
}

/// Terms of rows.
#[derive(Archive, Serialize)]
pub(crate) struct TermsForm<'a> {
    #[rkyv(with = InlineAsBox)]
    pub(crate) starts: &'a [u32],
    #[rkyv(with = InlineAsBox)]
    pub(crate) entries: &'a [Entry],
    #[rkyv(with = InlineAsBox)]
    pub(crate) token_starts: &'a [u32],
    #[rkyv(with = InlineAsBox)]
    pub(crate) tokens: &'a [u16],
    #[rkyv(with = InlineAsBox)]
    pub(crate) lengths: &'a [[u16; GROUPS]],
    #[rkyv(with = InlineAsBox)]
    pub(crate) skill_counts: &'a [u16],
}

/// Postings.
#[derive(Archive, Serialize)]
pub(crate) enum TextForm<'a> {
    /// The small form.
    Small(SmallForm<'a>),
    /// The files of a tantivy segment.
    Large(Vec<FileForm<'a>>),
}

/// The small form of postings.
#[derive(Archive, Serialize)]
pub(crate) struct SmallForm<'a> {
    #[rkyv(with = InlineAsBox)]
    pub(crate) arena: &'a str,
    #[rkyv(with = InlineAsBox)]
    pub(crate) ends: &'a [u32],
    #[rkyv(with = InlineAsBox)]
    pub(crate) starts: &'a [u32],
    #[rkyv(with = InlineAsBox)]
    pub(crate) postings: &'a [u32],
}

/// A file inside a block.
#[derive(Archive, Serialize)]
pub(crate) struct FileForm<'a> {
    #[rkyv(with = InlineAsBox)]
    pub(crate) name: &'a str,
    #[rkyv(with = InlineAsBox)]
    pub(crate) bytes: &'a [u8],
}

/// A bitmap.
#[derive(Archive, Serialize)]
pub(crate) struct BitsForm<'a> {
    pub(crate) bits: u64,
    #[rkyv(with = InlineAsBox)]
    pub(crate) words: &'a [u64],
}

/// Vectors of rows.
#[derive(Archive, Serialize)]
pub(crate) struct RowsForm<'a> {
    pub(crate) dimensions: u64,
    pub(crate) present: BitsForm<'a>,
    #[rkyv(with = InlineAsBox)]
    pub(crate) words: &'a [i16],
}

/// A column.
#[derive(Archive, Serialize)]
pub(crate) enum ColumnForm<'a> {
    /// Exact strings.
    Keywords(KeywordsForm<'a>),
    /// Numbers; NaN is unknown.
    Numbers(NumbersForm<'a>),
}

/// Numbers.
#[derive(Archive, Serialize)]
pub(crate) struct NumbersForm<'a> {
    #[rkyv(with = InlineAsBox)]
    pub(crate) values: &'a [f64],
}

/// Exact strings: a sorted dictionary, and numbers into it for each row.
#[derive(Archive, Serialize)]
pub(crate) struct KeywordsForm<'a> {
    pub(crate) arena: String,
    pub(crate) ends: Vec<u64>,
    #[rkyv(with = InlineAsBox)]
    pub(crate) starts: &'a [u32],
    #[rkyv(with = InlineAsBox)]
    pub(crate) ordinals: &'a [u32],
}

/// The rows of a segment by cell.
#[derive(Archive, Serialize)]
pub(crate) struct CellsForm<'a> {
    pub(crate) generation: u64,
    pub(crate) dimensions: u64,
    #[rkyv(with = InlineAsBox)]
    pub(crate) directory: &'a [CellStart],
    #[rkyv(with = InlineAsBox)]
    pub(crate) rows: &'a [u32],
    #[rkyv(with = InlineAsBox)]
    pub(crate) levels: &'a [u8],
    #[rkyv(with = InlineAsBox)]
    pub(crate) scales: &'a [u16],
}

/// The centroids of a kind.
#[derive(Archive, Serialize)]
pub(crate) struct CentroidsForm<'a> {
    pub(crate) generation: u64,
    pub(crate) dimensions: u64,
    #[rkyv(with = InlineAsBox)]
    pub(crate) levels: &'a [u8],
    #[rkyv(with = InlineAsBox)]
    pub(crate) scales: &'a [u16],
}

/// What changes of a kind in a space.
#[derive(Archive, Serialize)]
pub(crate) struct StateForm<'a> {
    pub(crate) alive: Vec<BitsForm<'a>>,
    pub(crate) statistics: StatisticsForm,
    pub(crate) deleted: DeletedForm,
}

/// Live statistics, terms by key.
#[derive(Archive, Serialize)]
pub(crate) struct StatisticsForm {
    pub(crate) rows: u64,
    pub(crate) lengths: [u64; GROUPS],
    pub(crate) keys: Vec<u64>,
    pub(crate) counts: Vec<u32>,
    pub(crate) languages: Vec<LanguageForm>,
}

/// A language and how many rows have it.
#[derive(Archive, Serialize)]
pub(crate) struct LanguageForm {
    pub(crate) tag: String,
    pub(crate) rows: u64,
}

/// Deleted ids in byte order, with what is remembered of them.
#[derive(Archive, Serialize, Default)]
pub(crate) struct DeletedForm {
    pub(crate) ids: String,
    pub(crate) ends: Vec<u64>,
    pub(crate) versions: Vec<u64>,
    pub(crate) at_ms: Vec<i64>,
}

/// A position reached in a source.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub(crate) struct PositionForm {
    pub(crate) source: String,
    pub(crate) position: u64,
}

/// Archived numbers as the machine's. Whole arrays of them are copied in bulk:
/// on a little-endian machine the loop becomes a `memcpy`.
pub(crate) trait Native: Copy {
    type Native;
    fn native(self) -> Self::Native;
}

macro_rules! native {
    ($($archived:ty => $native:ty),+ $(,)?) => {$(
        impl Native for $archived {
            type Native = $native;
            fn native(self) -> $native {
                self.to_native()
            }
        }
    )+};
}
native!(u16_le => u16, u32_le => u32, u64_le => u64, i16_le => i16, i64_le => i64, f64_le => f64);

/// A copy of an archived array.
pub(crate) fn copied<A: Native>(archived: &[A]) -> Vec<A::Native> {
    archived.iter().map(|value| value.native()).collect()
}

/// Whether `starts` divides `total` things into as many parts as `parts`.
pub(crate) fn divides(starts: &[u32], parts: usize, total: usize) -> bool {
    starts.len() == parts + 1
        && starts[0] == 0
        && starts.is_sorted()
        && starts[parts] as usize == total
}

/// Whether `ends` divides `total` bytes into as many parts as it is long.
pub(crate) fn ends_at(ends: &[u64], total: usize) -> bool {
    ends.is_sorted() && ends.last().copied().unwrap_or(0) == total as u64
}

/// Strings end to end, cut apart; `None` where an end is within a letter.
pub(crate) fn cut<'a>(arena: &'a str, ends: &[u64]) -> Option<Vec<&'a str>> {
    let mut start = 0;
    let mut parts = Vec::with_capacity(ends.len());
    for end in ends {
        let end = usize::try_from(*end).ok()?;
        parts.push(arena.get(start..end)?);
        start = end;
    }
    (start == arena.len()).then_some(parts)
}
