//! The nearest rows of a snapshot. Owns the choice between scanning everything and looking
//! into the nearest cells, and how many; knows nothing of ids, filters or segments' origin.
//!
//! The answer depends on the set of allowed rows and the centroids, never on how the rows
//! are divided into parts: the plan is made from counts over all parts, the score that
//! chooses candidates is a function of row and query, and every cut has the caller's key for
//! ties.

use super::Cosine;
use super::cells::Cells;
use super::kernels;
use super::probe::{Effort, Probe};
use super::rows::{QueryVector, Rows};
use super::select::{Best, Candidate};
use super::train::Centroids;
use crate::bits::Bits;

/// Up to this many allowed rows all of them are compared in 16 bits.
pub const EXACT_ROWS_MAX: usize = 20_000;

/// Rows compared per call of a kernel: their numbers and products stay in the first cache.
const BLOCK_ROWS: usize = 1024;

/// The rows of one segment, as a query sees them.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Their vectors.
    pub rows: &'a Rows,
    /// Their grouping by cell. If one part that holds vectors has none, or is grouped by
    /// other centroids than those of [`Options`], all parts are compared exactly.
    pub cells: Option<&'a Cells>,
    /// The rows that may be found (alive, and passing the filter); all if `None`.
    pub allowed: Option<&'a Bits>,
}

/// How to search.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Most rows to return.
    pub k: usize,
    /// The centroids of the space and kind, once trained.
    pub centroids: Option<&'a Centroids>,
}

/// A row and its similarity to the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neighbour {
    /// Position of its part in the list searched.
    pub part: usize,
    /// Its number in that part.
    pub row: u32,
    /// Its similarity, from the 16-bit vectors.
    pub cosine: Cosine,
}

/// The nearest rows, and what it took to find them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Nearest first; equals by the caller's key.
    pub neighbours: Vec<Neighbour>,
    /// Whether every allowed row was compared.
    pub exact: bool,
    /// Allowed rows that have a vector.
    pub rows_allowed: usize,
    /// Rows compared with the query.
    pub rows_scanned: usize,
    /// Cells looked into; 0 if exact.
    pub cells_probed: usize,
}

/// The `k` rows nearest to the query.
///
/// `tie` orders rows of equal similarity, lowest first; for an answer that does not depend on
/// segments it must be a function of the document (its id), different for each. Parts of
/// other dimensions than the query's hold nothing to find.
pub fn nearest<K: Ord>(
    parts: &[Part<'_>],
    query: &QueryVector,
    options: &Options<'_>,
    tie: impl Fn(usize, u32) -> K,
) -> Found {
    let rows_allowed: usize = parts.iter().map(|part| part.rows_allowed(query)).sum();
    let centroids = options.centroids.filter(|centroids| {
        rows_allowed > EXACT_ROWS_MAX
            && centroids.dimensions() == query.dimensions()
            && parts
                .iter()
                .all(|part| part.is_grouped_by(centroids, query))
    });
    match centroids {
        None => scan(parts, query, options.k, rows_allowed, tie),
        Some(centroids) => {
            let effort = Effort::new(options.k, centroids.cells());
            let search = Probe {
                parts,
                query,
                k: options.k,
                effort,
            };
            search.run(centroids, rows_allowed, tie)
        }
    }
}

impl Part<'_> {
    /// Rows that may be found and have a vector.
    fn rows_allowed(&self, query: &QueryVector) -> usize {
        if self.rows.dimensions() != query.dimensions() {
            return 0;
        }
        match self.allowed {
            None => self.rows.with_vector(),
            Some(allowed) => allowed.count_and(self.rows.present()),
        }
    }

    fn is_grouped_by(&self, centroids: &Centroids, query: &QueryVector) -> bool {
        self.rows.with_vector() == 0
            || self.rows.dimensions() != query.dimensions()
            || self
                .cells
                .is_some_and(|cells| cells.generation() == centroids.generation())
    }
}

/// Compares every allowed row.
fn scan<K: Ord>(
    parts: &[Part<'_>],
    query: &QueryVector,
    k: usize,
    rows_allowed: usize,
    tie: impl Fn(usize, u32) -> K,
) -> Found {
    let mut best = Best::new(k, tie);
    let (mut block, mut products) = (Vec::with_capacity(BLOCK_ROWS), Vec::new());
    for (at, part) in (0..).zip(parts) {
        if part.rows.dimensions() != query.dimensions() {
            continue;
        }
        let mut flush = |block: &mut Vec<u32>| {
            products.clear();
            kernels::scan_i16_at(part.rows.table(), block, query.words(), &mut products);
            for (&row, &score) in block.iter().zip(&products) {
                best.offer(Candidate {
                    score,
                    part: at,
                    row,
                });
            }
            block.clear();
        };
        let mut take = |row| {
            block.push(row);
            if block.len() == BLOCK_ROWS {
                flush(&mut block);
            }
        };
        match part.allowed {
            None => part.rows.present().iter().for_each(&mut take),
            Some(allowed) => part.rows.present().iter_and(allowed).for_each(&mut take),
        }
        flush(&mut block);
    }
    Found {
        neighbours: neighbours(best),
        exact: true,
        rows_allowed,
        rows_scanned: rows_allowed,
        cells_probed: 0,
    }
}

/// The best as they are returned.
pub(super) fn neighbours<K: Ord>(best: Best<i32, impl Fn(usize, u32) -> K>) -> Vec<Neighbour> {
    let neighbour = |c: Candidate<i32>| Neighbour {
        part: c.part as usize,
        row: c.row,
        cosine: Cosine(c.score),
    };
    best.into_sorted().into_iter().map(neighbour).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::mixture::Mixture;
    use crate::vectors::rows::RowsBuilder;
    use crate::vectors::train::train;
    use proptest::prelude::*;

    const DIMENSIONS: usize = 16;

    /// Rows of which every 11th has no vector and every 13th repeats an earlier one.
    fn rows(count: usize) -> Rows {
        let mut builder = RowsBuilder::new(DIMENSIONS);
        let vectors: Vec<Vec<f32>> = Mixture::new(DIMENSIONS, 10, 3).take(count).collect();
        for at in 0..count {
            let from = if at % 13 == 12 { at / 26 } else { at };
            builder
                .push((at % 11 != 5).then_some(&vectors[from][..]))
                .unwrap();
        }
        builder.finish()
    }

    /// A segment of some of the rows, shuffled: its rows' ids are their numbers in the whole.
    struct Segment {
        ids: Vec<u32>,
        rows: Rows,
        cells: Cells,
        allowed: Bits,
    }

    fn split(
        whole: &Rows,
        cells: &Cells,
        home: &[usize],
        segments: usize,
        allowed: &Bits,
    ) -> Vec<Segment> {
        let segment = |at| {
            let mut ids: Vec<u32> = (0..whole.len() as u32)
                .filter(|&id| home[id as usize] % segments == at)
                .collect();
            ids.sort_by_key(|id| id.wrapping_mul(0x9e37_79b9));
            Segment {
                rows: Rows::merge(DIMENSIONS, &[(whole, &ids)]).unwrap(),
                cells: Cells::merge(1, DIMENSIONS, &[(cells, &ids)]).unwrap(),
                allowed: Bits::from_fn(ids.len(), |row| allowed.get(ids[row as usize])),
                ids,
            }
        };
        (0..segments).map(segment).collect()
    }

    type Answer = (Vec<(u32, Cosine)>, bool, usize, usize, usize);

    fn answer(segments: &[Segment], found: &Found) -> Answer {
        let hits = found
            .neighbours
            .iter()
            .map(|n| (segments[n.part].ids[n.row as usize], n.cosine));
        (
            hits.collect(),
            found.exact,
            found.rows_allowed,
            found.rows_scanned,
            found.cells_probed,
        )
    }

    fn parts<'a>(segments: &'a [Segment]) -> Vec<Part<'a>> {
        let part = |segment: &'a Segment| Part {
            rows: &segment.rows,
            cells: Some(&segment.cells),
            allowed: Some(&segment.allowed),
        };
        segments.iter().map(part).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_layout_of_segments_does_not_show(
            home in proptest::collection::vec(0usize..1000, 900),
            alive in proptest::collection::vec(0u8..10, 900),
            query in 0u32..900,
            k in 1usize..60,
            rows_min in 0usize..300,
        ) {
            let whole = rows(900);
            let centroids = train(&whole, 24, 1).unwrap();
            let cells = Cells::build(&whole, &centroids).unwrap();
            let allowed = Bits::from_fn(900, |row| alive[row as usize] > 2);
            let query = whole.query(query).or_else(|| whole.query(0)).unwrap();
            let mut answers: Vec<(Answer, Answer)> = Vec::new();
            for count in [1, 4, 40] {
                let segments = split(&whole, &cells, &home, count, &allowed);
                let parts = parts(&segments);
                let id = |part: usize, row: u32| segments[part].ids[row as usize];
                let options = Options { k, centroids: Some(&centroids) };
                let exact = nearest(&parts, &query, &options, id);
                let effort = Effort { cells_min: 3, rows_min, rescored: k + 5 };
                let probe = Probe { parts: &parts, query: &query, k, effort };
                let probed = probe.run(&centroids, exact.rows_allowed, id);
                answers.push((answer(&segments, &exact), answer(&segments, &probed)));
            }
            prop_assert_eq!(&answers[0], &answers[1]);
            prop_assert_eq!(&answers[0], &answers[2]);
            prop_assert!(answers[0].0.1 && !answers[0].1.1);

            let mut expected: Vec<(std::cmp::Reverse<Cosine>, u32)> = allowed.iter()
                .filter_map(|row| Some((std::cmp::Reverse(whole.similarity(row, &query)?), row)))
                .collect();
            expected.sort_unstable();
            expected.truncate(k);
            let exact: Vec<_> = answers[0].0.0.iter().map(|&(id, c)| (std::cmp::Reverse(c), id)).collect();
            prop_assert_eq!(exact, expected);
        }
    }

    fn sample_of_other_dimensions() -> Rows {
        let mut builder = RowsBuilder::new(3);
        for vector in Mixture::new(3, 1, 1).take(9) {
            builder.push(Some(&vector)).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn cells_are_probed_above_the_limit_and_only_if_all_parts_have_them() {
        let whole = rows(24_000);
        let centroids = train(
            &Rows::merge(DIMENSIONS, &[(&whole, &(0..4000).collect::<Vec<_>>())]).unwrap(),
            64,
            7,
        )
        .unwrap();
        let cells = Cells::build(&whole, &centroids).unwrap();
        let few = rows(30);
        let options = Options {
            k: 10,
            centroids: Some(&centroids),
        };
        let query = whole.query(17).unwrap();
        let big = Part {
            rows: &whole,
            cells: Some(&cells),
            allowed: None,
        };
        let search = |parts: &[Part<'_>]| nearest(parts, &query, &options, |part, row| (part, row));

        let found = search(&[big]);
        assert!(!found.exact && found.rows_scanned < whole.with_vector());
        assert_eq!((found.neighbours[0].row, found.neighbours.len()), (17, 10));
        assert!(
            search(&[
                big,
                Part {
                    rows: &few,
                    cells: None,
                    allowed: None
                }
            ])
            .exact
        );
        let nothing = RowsBuilder::new(DIMENSIONS).finish();
        assert!(
            !search(&[
                Part {
                    rows: &nothing,
                    cells: None,
                    allowed: None
                },
                big
            ])
            .exact
        );
        let other = sample_of_other_dimensions();
        let foreign = Cells::build(&other, &train(&other, 2, 7).unwrap()).unwrap();
        let mixed = search(&[
            big,
            Part {
                rows: &other,
                cells: Some(&foreign),
                allowed: None,
            },
        ]);
        assert_eq!(mixed, found);
        let filter = Bits::from_fn(whole.len(), |row| row % 4 == 0);
        assert!(
            search(&[Part {
                allowed: Some(&filter),
                ..big
            }])
            .exact
        );
        let none = Options {
            k: 10,
            centroids: None,
        };
        assert!(nearest(&[big], &query, &none, |_, row| row).exact);
    }

    #[test]
    fn other_dimensions_and_no_rows_find_nothing() {
        let whole = rows(50);
        let part = Part {
            rows: &whole,
            cells: None,
            allowed: None,
        };
        let options = Options {
            k: 5,
            centroids: None,
        };
        let short = QueryVector::new(&[1.0]).unwrap();
        assert!(
            nearest(&[part], &short, &options, |_, row| row)
                .neighbours
                .is_empty()
        );
        assert!(
            nearest(&[], &short, &options, |_, row| row)
                .neighbours
                .is_empty()
        );
        let none = Options {
            k: 0,
            centroids: None,
        };
        assert!(
            nearest(&[part], &whole.query(0).unwrap(), &none, |_, row| row)
                .neighbours
                .is_empty()
        );
    }
}
