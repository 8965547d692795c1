//! The rows of one segment, grouped by cell and in 8 bits, ready to be scanned. Owns the
//! grouping and its merging; knows nothing of how many cells a query looks at.

use rayon::prelude::*;

use super::VectorError;
use super::rows::{self, Rows};
use super::train::{BLOCK_ROWS, Centroids};
use crate::checkpoint::forms::{ArchivedCellsForm, CellsForm, Contradiction, copied};

/// The rows of one segment that have a vector, cell after cell.
///
/// Only cells that hold rows are listed, so that a segment of one row costs one entry however
/// many cells there are. Invariant: cells ascend, rows ascend within a cell; so the grouping
/// is the same whether it was built from rows or merged from other groupings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    generation: u64,
    dimensions: usize,
    directory: Vec<CellStart>,
    rows: Vec<u32>,
    /// One vector per entry of `rows`, in the same order.
    levels: Vec<u8>,
    /// Largest 16-bit component of each of these vectors.
    scales: Vec<u16>,
}

/// Where the rows of a cell begin; they end where the next cell begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, rkyv::Archive, rkyv::Serialize)]
pub(crate) struct CellStart {
    cell: u32,
    start: u32,
}

/// The rows of one cell, as a range of places in [`Cells`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Cells {
    /// Groups the rows that have a vector. Errors: centroids of another number of dimensions.
    pub fn build(rows: &Rows, centroids: &Centroids) -> Result<Self, VectorError> {
        if rows.dimensions() != centroids.dimensions() {
            return Err(VectorError::Dimensions {
                found: rows.dimensions(),
                expected: centroids.dimensions(),
            });
        }
        let present: Vec<u32> = rows.present().iter().collect();
        let mut order: Vec<(u32, u32)> = (present.par_chunks(BLOCK_ROWS))
            .flat_map_iter(|block| centroids.cells_of(rows, block))
            .collect();
        order.sort_unstable();
        let mut cells = Self::empty(centroids.generation(), rows.dimensions());
        for (cell, row) in order {
            let (levels, scale) = rows::levels(rows.words(row).unwrap_or_default());
            let levels: Vec<u8> = levels.into_iter().map(rows::stored_level).collect();
            cells.push(cell, row, &levels, scale);
        }
        Ok(cells)
    }

    /// The grouping of merged rows, without looking at the centroids again: the same sources
    /// and lists of kept rows as for [`Rows::merge`], each row listed at most once.
    /// Errors: sources of different generations.
    pub fn merge(
        generation: u64,
        dimensions: usize,
        sources: &[(&Self, &[u32])],
    ) -> Result<Self, VectorError> {
        let mut order: Vec<(u32, u32, usize, u32)> = Vec::new();
        let mut first = 0;
        for (at, (source, kept)) in sources.iter().enumerate() {
            source.check(generation, dimensions)?;
            source.renumber(kept, first, |cell, row, place| {
                order.push((cell, row, at, place));
            });
            first += kept.len() as u32;
        }
        order.sort_unstable();
        let mut cells = Self::empty(generation, dimensions);
        for (cell, row, at, place) in order {
            let source = sources[at].0;
            let start = place as usize * dimensions;
            let levels = &source.levels[start..start + dimensions];
            cells.push(cell, row, levels, source.scales[place as usize]);
        }
        Ok(cells)
    }

    /// The training of the centroids the rows are grouped by.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Number of rows grouped.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row has a vector.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds the rows of each cell to what others have.
    pub(crate) fn add_loads(&self, loads: &mut [u64]) {
        for (at, entry) in self.directory.iter().enumerate() {
            if let Some(load) = loads.get_mut(entry.cell as usize) {
                *load += u64::from(self.end(at) - entry.start);
            }
        }
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        self.directory.len() * size_of::<CellStart>()
            + self.rows.len() * (size_of::<u32>() + size_of::<u16>())
            + self.levels.len()
    }

    /// Where the rows of a cell are.
    #[inline]
    pub(crate) fn places(&self, cell: u32) -> Places {
        match self
            .directory
            .binary_search_by_key(&cell, |entry| entry.cell)
        {
            Ok(at) => Places {
                start: self.directory[at].start,
                end: self.end(at),
            },
            Err(_) => Places { start: 0, end: 0 },
        }
    }

    /// The rows that are in a cell, each as often as it is in one.
    pub(crate) fn grouped(&self) -> impl Iterator<Item = u32> + '_ {
        self.rows.iter().copied()
    }

    /// The row number at each place.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The 8-bit vector at each place, one after the other.
    pub(super) fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// What the 8-bit vector at each place is to be multiplied by.
    pub(super) fn scales(&self) -> &[u16] {
        &self.scales
    }

    pub(crate) fn form(&self) -> CellsForm<'_> {
        CellsForm {
            generation: self.generation,
            dimensions: self.dimensions as u64,
            directory: &self.directory,
            rows: &self.rows,
            levels: &self.levels,
            scales: &self.scales,
        }
    }

    /// The grouping of these rows by these centroids.
    pub(crate) fn from_form(
        form: &ArchivedCellsForm<'_>,
        of: &Rows,
        centroids: &Centroids,
    ) -> Result<Self, Contradiction> {
        let start = |entry: &ArchivedCellStart| CellStart {
            cell: entry.cell.to_native(),
            start: entry.start.to_native(),
        };
        let cells = Self {
            generation: form.generation.to_native(),
            dimensions: of.dimensions(),
            directory: form.directory.iter().map(start).collect(),
            rows: copied(&form.rows),
            levels: form.levels.to_vec(),
            scales: copied(&form.scales),
        };
        if cells.generation != centroids.generation()
            || form.dimensions.to_native() != centroids.dimensions() as u64
            || cells.dimensions != centroids.dimensions()
        {
            return Err("the cells are of other centroids");
        }
        let rises =
            |pair: &[CellStart]| pair[0].cell < pair[1].cell && pair[0].start < pair[1].start;
        let fits = cells.rows.len() == of.with_vector()
            && cells.scales.len() == cells.rows.len()
            && cells.levels.len() == cells.rows.len() * cells.dimensions
            && cells.rows.iter().all(|row| of.present().get(*row))
            && cells.directory.is_empty() == cells.rows.is_empty()
            && cells.directory.windows(2).all(rises)
            && cells.directory.first().is_none_or(|first| first.start == 0)
            && (cells.directory.last()).is_none_or(|last| {
                (last.start as usize) < cells.rows.len() && (last.cell as usize) < centroids.cells()
            });
        if fits {
            Ok(cells)
        } else {
            Err("the cells do not fit their rows")
        }
    }

    fn empty(generation: u64, dimensions: usize) -> Self {
        Self {
            generation,
            dimensions,
            directory: Vec::new(),
            rows: Vec::new(),
            levels: Vec::new(),
            scales: Vec::new(),
        }
    }

    /// Appends a row; cells and rows come in ascending order.
    fn push(&mut self, cell: u32, row: u32, levels: &[u8], scale: u16) {
        if self.directory.last().is_none_or(|last| last.cell != cell) {
            let start = self.rows.len() as u32;
            self.directory.push(CellStart { cell, start });
        }
        self.rows.push(row);
        self.levels.extend_from_slice(levels);
        self.scales.push(scale);
    }

    fn end(&self, at: usize) -> u32 {
        let next = self.directory.get(at + 1);
        next.map_or(self.rows.len() as u32, |next| next.start)
    }

    fn check(&self, generation: u64, dimensions: usize) -> Result<(), VectorError> {
        if self.generation != generation {
            return Err(VectorError::Generation {
                found: self.generation,
                expected: generation,
            });
        }
        if self.dimensions != dimensions {
            return Err(VectorError::Dimensions {
                found: self.dimensions,
                expected: dimensions,
            });
        }
        Ok(())
    }

    /// Calls `each` with cell, new row number and place of every kept row.
    fn renumber(&self, kept: &[u32], first: u32, mut each: impl FnMut(u32, u32, u32)) {
        const DROPPED: u32 = u32::MAX;
        let rows = self.rows.iter().max().map_or(0, |&last| last as usize + 1);
        let mut renumbered = vec![DROPPED; rows];
        for (new, &old) in (first..).zip(kept) {
            if let Some(slot) = renumbered.get_mut(old as usize) {
                *slot = new;
            }
        }
        for (at, entry) in self.directory.iter().enumerate() {
            for place in entry.start..self.end(at) {
                let new = renumbered[self.rows[place as usize] as usize];
                if new != DROPPED {
                    each(entry.cell, new, place);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::mixture::Mixture;
    use crate::vectors::rows::RowsBuilder;
    use crate::vectors::train::train;
    use proptest::prelude::*;

    /// Rows of which every 7th has no vector.
    fn rows(count: usize, seed: u64) -> Rows {
        let mut builder = RowsBuilder::new(16);
        for (at, vector) in Mixture::new(16, 8, seed).take(count).enumerate() {
            builder.push((at % 7 != 3).then_some(&vector[..])).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn every_row_with_a_vector_is_in_its_own_cell_and_nowhere_else() {
        let rows = rows(400, 1);
        let centroids = train(&rows, 16, 9).unwrap();
        let cells = Cells::build(&rows, &centroids).unwrap();
        assert_eq!(cells.len(), rows.with_vector());
        let mut seen = 0;
        for cell in 0..16 {
            let places = cells.places(cell);
            for place in places.start..places.end {
                let row = cells.rows()[place as usize];
                assert_eq!(centroids.cell(&rows.query(row).unwrap()), Some(cell));
                seen += 1;
            }
        }
        assert_eq!(seen, rows.with_vector());
        assert_eq!(cells.places(77).end, 0);
    }

    #[test]
    fn other_generations_and_dimensions_are_refused() {
        let rows = rows(60, 1);
        let centroids = train(&rows, 4, 9).unwrap();
        let cells = Cells::build(&rows, &centroids).unwrap();
        let generation = VectorError::Generation {
            found: 9,
            expected: 8,
        };
        assert_eq!(Cells::merge(8, 16, &[(&cells, &[0])]), Err(generation));
        assert!(Cells::merge(9, 17, &[(&cells, &[0])]).is_err());
        assert!(Cells::build(&RowsBuilder::new(3).finish(), &centroids).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn merging_groupings_equals_grouping_merged_rows(
            kept_one in proptest::sample::subsequence((0..90u32).collect::<Vec<_>>(), 0..=90),
            mut kept_two in proptest::sample::subsequence((0..50u32).collect::<Vec<_>>(), 0..=50),
            reversed in any::<bool>(),
        ) {
            if reversed {
                kept_two.reverse();
            }
            let (one, two) = (rows(90, 1), rows(50, 2));
            let centroids = train(&one, 8, 1).unwrap();
            let group = |rows: &Rows| Cells::build(rows, &centroids).unwrap();
            let merged = Rows::merge(16, &[(&one, &kept_one), (&two, &kept_two)]).unwrap();
            let cells = [(&group(&one), &kept_one[..]), (&group(&two), &kept_two[..])];
            prop_assert_eq!(Cells::merge(1, 16, &cells).unwrap(), group(&merged));
        }
    }
}
