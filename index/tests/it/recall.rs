//! Cells against the exact scan on 100,000 generated vectors, unfiltered and filtered.

use tandem_index::bits::Bits;
use tandem_index::vectors::mixture::Mixture;
use tandem_index::vectors::{
    Cells, Options, Part, QueryVector, Rows, RowsBuilder, cells_for, nearest, sample_max, train,
};

const DIMENSIONS: usize = 256;
const ROWS: u32 = 100_000;
const QUERIES: usize = 100;

#[test]
fn cells_find_98_of_100_of_the_exact_top_ten_at_any_filter() {
    let mut vectors = Mixture::new(DIMENSIONS, 64, 7);
    let mut builder = RowsBuilder::new(DIMENSIONS);
    for vector in vectors.by_ref().take(ROWS as usize) {
        builder.push(Some(&vector)).unwrap();
    }
    let rows = builder.finish();
    let queries: Vec<QueryVector> = vectors
        .take(QUERIES)
        .map(|vector| QueryVector::new(&vector).unwrap())
        .collect();
    let cells = cells_for(rows.len());
    let step = rows.len().div_ceil(sample_max(cells)).max(1);
    let sampled: Vec<u32> = (0..ROWS).step_by(step).collect();
    let sample = Rows::merge(DIMENSIONS, &[(&rows, &sampled)]).unwrap();
    let centroids = train(&sample, cells, 1).unwrap();
    let grouped = Cells::build(&rows, &centroids).unwrap();
    for percent in [100, 30, 10, 1] {
        let allowed = Bits::from_fn(ROWS as usize, |row| {
            row.wrapping_mul(0x9e37_79b9)
                .rotate_left(13)
                .wrapping_mul(0x85eb_ca6b)
                >> 16
                < 65_536 * percent / 100
        });
        let part = Part {
            rows: &rows,
            cells: Some(&grouped),
            allowed: Some(&allowed),
        };
        let (mut shared, mut expected) = (0, 0);
        for query in &queries {
            let search =
                |centroids| nearest(&[part], query, &Options { k: 10, centroids }, |_, row| row);
            let (exact, found) = (search(None), search(Some(&centroids)));
            assert_eq!(found.exact, percent <= 10);
            expected += exact.neighbours.len();
            shared += exact
                .neighbours
                .iter()
                .filter(|n| found.neighbours.contains(n))
                .count();
        }
        let recall = shared as f64 / expected as f64;
        assert!(recall >= 0.98, "{percent} %: recall@10 {recall}");
    }
}
