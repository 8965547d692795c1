//! Centroids: trained from a sample, then fixed for a generation. Owns k-means and the
//! choice of the nearest cells; knows nothing of the rows grouped by them.
//!
//! Training is the same bytes for any number of threads: assignments are integer arithmetic
//! per row, sums of rows are integers, and the rest is one fixed sequence per cell.

use rayon::prelude::*;

use super::kernels::{self, QueryLevels};
use super::rows::{self, QueryVector, Rows};
use crate::checkpoint::forms::{ArchivedCentroidsForm, CentroidsForm, Contradiction, copied};

/// Fewest and most cells a space is divided into.
pub const CELLS_MIN: usize = 128;
/// See [`CELLS_MIN`].
pub const CELLS_MAX: usize = 4096;

/// Rounds of assigning and averaging.
const ROUNDS: usize = 8;

/// Centroids compared while they stay in the first cache: 16 KiB at 256 dimensions.
const TILE_CELLS: usize = 64;

/// Rows assigned together, and the unit of work for a thread.
pub(super) const BLOCK_ROWS: usize = 256;

const _: () = assert!(CELLS_MIN.is_power_of_two() && CELLS_MAX.is_power_of_two());

/// How many cells suit a number of rows: twice its square root, to the nearest power of two.
///
/// Twice, because smaller cells find more for the same number of rows compared: on 100,000
/// rows of real text and 20,000 rows compared, recall@10 was 0.975 with 256 cells and 0.985
/// with 512 for queries unlike the rows (titles against pieces of descriptions).
pub fn cells_for(rows: usize) -> usize {
    let squared = rows.min(CELLS_MAX * CELLS_MAX).saturating_mul(4);
    let squared = squared.clamp(CELLS_MIN * CELLS_MIN, CELLS_MAX * CELLS_MAX);
    let below = 1 << squared.isqrt().ilog2();
    // Nearest on a logarithmic scale: the border between n and 2n is at n · √2.
    if squared >= 2 * below * below {
        2 * below
    } else {
        below
    }
}

/// How many rows are worth sampling to train a number of cells. Four times as many trained
/// six times as long and moved recall by less than 0.001.
pub fn sample_max(cells: usize) -> usize {
    cells * 64
}

/// The centres of the cells of one (space, kind), shared by all its segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Centroids {
    generation: u64,
    dimensions: usize,
    table: Table,
}

/// Unit vectors in 8 bits, with the factor that makes their products comparable.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Table {
    levels: Vec<u8>,
    /// Largest 16-bit component of each vector.
    scales: Vec<u16>,
}

/// The nearest centroid of a row.
#[derive(Debug, Clone, Copy)]
struct Assigned {
    cell: u32,
    closeness: f32,
}

impl Centroids {
    /// Which training this is; cells are only of use together with the same generation.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Components a vector has.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.table.scales.len()
    }

    pub(crate) fn form(&self) -> CentroidsForm<'_> {
        CentroidsForm {
            generation: self.generation,
            dimensions: self.dimensions as u64,
            levels: &self.table.levels,
            scales: &self.table.scales,
        }
    }

    pub(crate) fn from_form(
        form: &ArchivedCentroidsForm<'_>,
        expected: Option<usize>,
    ) -> Result<Self, Contradiction> {
        let dimensions = form.dimensions.to_native() as usize;
        let fits = expected.is_none_or(|expected| expected == dimensions)
            && dimensions <= super::DIMENSIONS_MAX
            && !form.scales.is_empty()
            && form.levels.len() == form.scales.len() * dimensions;
        if !fits {
            return Err("the centroids do not fit their kind");
        }
        Ok(Self {
            generation: form.generation.to_native(),
            dimensions,
            table: Table {
                levels: form.levels.to_vec(),
                scales: copied(&form.scales),
            },
        })
    }

    /// The cell of a vector: its nearest centroid, the lowest-numbered of equals.
    /// `None` if the vector is of another length.
    pub fn cell(&self, vector: &QueryVector) -> Option<u32> {
        (vector.dimensions() == self.dimensions)
            .then(|| self.table.nearest(&[&vector.levels], self.dimensions)[0].cell)
    }

    /// The cell of each of the listed rows that has a vector, with the row's number.
    pub(super) fn cells_of(&self, rows: &Rows, listed: &[u32]) -> Vec<(u32, u32)> {
        let queries: Vec<(u32, QueryLevels)> = (listed.iter())
            .filter_map(|&row| Some((row, QueryLevels::new(rows::levels(rows.words(row)?).0))))
            .collect();
        let levels: Vec<&QueryLevels> = queries.iter().map(|(_, levels)| levels).collect();
        let assigned = self.table.nearest(&levels, self.dimensions);
        assigned
            .iter()
            .zip(&queries)
            .map(|(assigned, (row, _))| (assigned.cell, *row))
            .collect()
    }

    /// The cells in order of nearness, found batch by batch as far as they are asked for.
    pub(super) fn ranking(&self, query: &QueryVector) -> Ranking {
        Ranking {
            cells: (0..).zip(self.table.closeness(&query.levels)).collect(),
            taken: 0,
        }
    }
}

/// Cells still to be ranked; see [`Centroids::ranking`].
pub(super) struct Ranking {
    cells: Vec<(u32, f32)>,
    taken: usize,
}

impl Ranking {
    /// The next `count` nearest cells, in no particular order; fewer at the end.
    pub(super) fn take(&mut self, count: usize) -> &[(u32, f32)] {
        let rest = &mut self.cells[self.taken..];
        let count = count.min(rest.len());
        if count > 0 && count < rest.len() {
            // Equal closeness: the lower cell number, so that the cut is a function of the data.
            rest.select_nth_unstable_by(count - 1, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        }
        self.taken += count;
        &rest[..count]
    }
}

impl Table {
    fn new() -> Self {
        Self {
            levels: Vec::new(),
            scales: Vec::new(),
        }
    }

    fn push(&mut self, words: &[i16]) {
        let (levels, scale) = rows::levels(words);
        self.levels
            .extend(levels.into_iter().map(rows::stored_level));
        self.scales.push(scale);
    }

    /// Product of every vector of the table with the query, in a common unit.
    fn closeness(&self, query: &QueryLevels) -> impl Iterator<Item = f32> {
        let mut products = Vec::new();
        kernels::scan_i8(&self.levels, query, &mut products);
        products
            .into_iter()
            .zip(&self.scales)
            .map(|(dot, &scale)| closeness(dot, scale))
    }

    /// The nearest vector of the table for each query, the first of equals. A tile of the
    /// table stays in the first cache while all queries meet it.
    fn nearest(&self, queries: &[&QueryLevels], dimensions: usize) -> Vec<Assigned> {
        let unknown = Assigned {
            cell: 0,
            closeness: f32::NEG_INFINITY,
        };
        let mut best = vec![unknown; queries.len()];
        let mut products = Vec::with_capacity(TILE_CELLS);
        let tiles = self.levels.chunks(TILE_CELLS * dimensions.max(1));
        for (tile, levels) in tiles.enumerate() {
            let first = tile * TILE_CELLS;
            for (best, query) in best.iter_mut().zip(queries) {
                products.clear();
                kernels::scan_i8(levels, query, &mut products);
                for ((cell, &dot), &scale) in (first..).zip(&products).zip(&self.scales[first..]) {
                    let closeness = closeness(dot, scale);
                    if closeness > best.closeness {
                        *best = Assigned {
                            cell: cell as u32,
                            closeness,
                        };
                    }
                }
            }
        }
        best
    }
}

/// Product with a vector of the table, in a common unit. One conversion and one
/// multiplication: the same bits everywhere.
fn closeness(dot: i32, scale: u16) -> f32 {
    dot as f32 * f32::from(scale)
}

/// Trains `cells` centroids on the rows of `sample` that have a vector.
///
/// The sample's order is part of the input: seeds are taken from it at an even stride, so
/// order it by something that does not depend on segments (a hash of the id, say). More than
/// [`sample_max`] rows buy nothing. `None` if there are fewer vectors than cells, or no cells.
pub fn train(sample: &Rows, cells: usize, generation: u64) -> Option<Centroids> {
    let rows: Vec<(&[i16], QueryLevels, f32)> = (sample.present().iter())
        .filter_map(|row| sample.words(row))
        .map(|words| {
            let (levels, scale) = rows::levels(words);
            (words, QueryLevels::new(levels), f32::from(scale))
        })
        .collect();
    if cells == 0 || rows.len() < cells {
        return None;
    }
    let mut table = Table::new();
    for cell in 0..cells {
        table.push(rows[cell * rows.len() / cells].0);
    }
    for _ in 0..ROUNDS {
        let assigned: Vec<Assigned> = (rows.par_chunks(BLOCK_ROWS))
            .flat_map_iter(|block| {
                let queries: Vec<&QueryLevels> =
                    block.iter().map(|(_, levels, _)| levels).collect();
                let found = table.nearest(&queries, sample.dimensions());
                // A row's own scale makes the closeness comparable between rows.
                let scaled = |(mut found, row): (Assigned, &(_, _, f32))| {
                    found.closeness *= row.2;
                    found
                };
                found.into_iter().zip(block).map(scaled)
            })
            .collect();
        table = centres(&rows, &assigned, cells, sample.dimensions());
    }
    Some(Centroids {
        generation,
        dimensions: sample.dimensions(),
        table,
    })
}

/// The mean direction of the rows of each cell. A cell without one (no rows, or rows that
/// cancel out) is seeded again with a row that is far from its own centre.
fn centres(
    rows: &[(&[i16], QueryLevels, f32)],
    assigned: &[Assigned],
    cells: usize,
    dimensions: usize,
) -> Table {
    // Integers: their sum does not depend on the order of rows.
    let mut sums = vec![0i64; cells * dimensions];
    for ((words, ..), assigned) in rows.iter().zip(assigned) {
        let start = assigned.cell as usize * dimensions;
        for (sum, &word) in sums[start..start + dimensions].iter_mut().zip(*words) {
            *sum += i64::from(word);
        }
    }
    let mut far = Farthest::new(assigned);
    let mut table = Table::new();
    for sum in sums.chunks_exact(dimensions) {
        match rows::unit_words(sum.iter().map(|&sum| sum as f64)) {
            Some(words) => table.push(&words),
            None => table.push(rows[far.next_row()].0),
        }
    }
    table
}

/// Rows by distance from their centre, farthest first; sorted only when first asked.
struct Farthest<'a> {
    assigned: &'a [Assigned],
    order: Vec<u32>,
    taken: usize,
}

impl<'a> Farthest<'a> {
    fn new(assigned: &'a [Assigned]) -> Self {
        Self {
            assigned,
            order: Vec::new(),
            taken: 0,
        }
    }

    /// The next row; never runs out, since there are at least as many rows as cells.
    fn next_row(&mut self) -> usize {
        if self.order.is_empty() {
            let closeness = |row: u32| self.assigned[row as usize].closeness;
            self.order = (0..self.assigned.len() as u32).collect();
            self.order
                .sort_by(|&a, &b| closeness(a).total_cmp(&closeness(b)));
        }
        let row = self.order[self.taken % self.order.len()];
        self.taken += 1;
        row as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::mixture::Mixture;
    use crate::vectors::rows::RowsBuilder;

    fn sample(rows: usize) -> Rows {
        let mut builder = RowsBuilder::new(24);
        for vector in Mixture::new(24, 12, 5).take(rows) {
            builder.push(Some(&vector)).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn the_number_of_cells_follows_the_square_root() {
        let cases = [
            (0, 128),
            (8_191, 128),
            (8_192, 256),
            (20_000, 256),
            (100_000, 512),
            (250_000, 1024),
            (1_000_000, 2048),
            (16_000_000, 4096),
            (usize::MAX, 4096),
        ];
        for (rows, cells) in cases {
            assert_eq!(cells_for(rows), cells, "{rows} rows");
        }
    }

    #[test]
    fn training_is_the_same_for_any_number_of_threads() {
        let sample = sample(1500);
        let train_on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| train(&sample, 32, 1)).unwrap()
        };
        assert_eq!(train_on(1), train_on(3));
    }

    #[test]
    fn too_few_vectors_train_nothing() {
        let sample = sample(7);
        assert_eq!(train(&sample, 8, 1), None);
        assert_eq!(train(&sample, 0, 1), None);
        assert_eq!(train(&RowsBuilder::new(0).finish(), 1, 1), None);
        assert_eq!(train(&sample, 7, 1).unwrap().cells(), 7);
    }

    #[test]
    fn equal_rows_do_not_break_training() {
        let mut builder = RowsBuilder::new(2);
        for _ in 0..50 {
            builder.push(Some(&[0.6, 0.8])).unwrap();
        }
        builder.push(None).unwrap();
        builder.push(Some(&[-1.0, 0.0])).unwrap();
        let rows = builder.finish();
        let centroids = train(&rows, 4, 1).unwrap();
        let cell = |row| centroids.cell(&rows.query(row).unwrap());
        assert_eq!(cell(0), cell(49));
        assert_ne!(cell(0), cell(51));
    }

    #[test]
    fn the_ranking_starts_with_the_own_cell_and_covers_all() {
        let sample = sample(1500);
        let centroids = train(&sample, 32, 1).unwrap();
        let query = sample.query(3).unwrap();
        let mut ranking = centroids.ranking(&query);
        assert_eq!(ranking.take(1)[0].0, centroids.cell(&query).unwrap());
        assert_eq!(ranking.take(20).len() + ranking.take(20).len(), 31);
        assert!(ranking.take(1).is_empty());
        let all: std::collections::BTreeSet<u32> = ranking.cells.iter().map(|c| c.0).collect();
        assert_eq!(all.len(), 32);
    }
}
