//! The vectors of one segment. Owns quantisation and the 16-bit rows; knows nothing of cells
//! or search.
//!
//! **Why the products fit `i32`.** A component is stored as `round(32,767 · u)` with `u` the
//! component of a vector normalised in `f64`, clamped to ± 32,767. So the stored vector is at
//! most 32,767 long, plus ½ · √dimensions through rounding, plus the relative error of the
//! normalisation, which is below 10⁻¹⁰. By Cauchy–Schwarz a product of two of them is at most
//! (32,767 + ½ · √4,096 + 1)² = 32,800² ≈ 1.0758 · 10⁹ < 2³¹. At 256 dimensions that is
//! 1.0743 · 10⁹, a hair over 2³⁰.

use super::kernels::{self, QueryLevels};
use super::{COMPONENT_MAX, Cosine, DIMENSIONS_MAX, VectorError};
use crate::bits::Bits;
use crate::checkpoint::forms::{ArchivedRowsForm, Contradiction, RowsForm, copied};

// √DIMENSIONS_MAX is 64; see the proof above.
const _: () = assert!(DIMENSIONS_MAX <= 64 * 64);
const _: () = assert!((32_767u64 + 32 + 1) * (32_767 + 32 + 1) < i32::MAX as u64);

/// Brings a vector to unit length and to 16 bits a component.
///
/// The sum of squares is taken in `f64` in component order: the same bytes everywhere.
/// Errors: a component that is not finite, no direction (all zero), too many dimensions.
pub fn quantise(vector: &[f32]) -> Result<Vec<i16>, VectorError> {
    if vector.len() > DIMENSIONS_MAX {
        return Err(VectorError::Dimensions {
            found: vector.len(),
            expected: DIMENSIONS_MAX,
        });
    }
    if let Some(at) = vector.iter().position(|v| !v.is_finite()) {
        return Err(VectorError::NotFinite { at });
    }
    unit_words(vector.iter().map(|&v| f64::from(v))).ok_or(VectorError::Zero)
}

/// A direction in 16 bits a component; `None` if there is none. Components are finite and
/// small enough for their squares (the square of the largest `f32` is).
pub(super) fn unit_words(vector: impl Iterator<Item = f64> + Clone) -> Option<Vec<i16>> {
    let squares = vector.clone().fold(0.0, |sum, v| sum + v * v);
    if squares == 0.0 {
        return None;
    }
    let full = f64::from(COMPONENT_MAX);
    let length = squares.sqrt();
    Some(
        vector
            .map(|v| (v / length * full).round().clamp(-full, full) as i16)
            .collect(),
    )
}

/// The 8-bit form of a 16-bit row, in integers: the largest component becomes ± 127.
/// Returns the levels and the factor that makes products of levels comparable between rows.
pub(super) fn levels(row: &[i16]) -> (Vec<i8>, u16) {
    let scale = row
        .iter()
        .map(|v| v.unsigned_abs())
        .max()
        .unwrap_or(0)
        .max(1);
    let max = i32::from(scale);
    let level = |&v: &i16| {
        let doubled = i32::from(v) * 254;
        // Rounds half away from zero: the division of integers cuts towards zero.
        ((doubled + doubled.signum() * max) / (2 * max)) as i8
    };
    (row.iter().map(level).collect(), scale)
}

/// A level as it is stored in tables of rows.
pub(super) fn stored_level(level: i8) -> u8 {
    level.cast_unsigned() ^ 0x80
}

/// A query in both forms: 8 bits to choose candidates, 16 bits to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryVector {
    words: Vec<i16>,
    pub(super) levels: QueryLevels,
}

impl QueryVector {
    /// Quantises a vector of any positive length. Errors: see [`quantise`].
    pub fn new(vector: &[f32]) -> Result<Self, VectorError> {
        Ok(Self::from_words(quantise(vector)?))
    }

    fn from_words(words: Vec<i16>) -> Self {
        let levels = QueryLevels::new(levels(&words).0);
        Self { words, levels }
    }

    /// Number of components.
    pub fn dimensions(&self) -> usize {
        self.words.len()
    }

    /// The components in 16 bits.
    pub fn words(&self) -> &[i16] {
        &self.words
    }
}

/// The vectors of one segment, by row number. A row may have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    dimensions: usize,
    /// Row after row; zeros where a row has no vector, so that a row is found by its number.
    words: Vec<i16>,
    present: Bits,
    with_vector: usize,
}

impl Rows {
    /// Number of rows, with or without a vector.
    pub fn len(&self) -> usize {
        self.present.len()
    }

    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Components a vector has.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The rows that have a vector.
    pub fn present(&self) -> &Bits {
        &self.present
    }

    /// Number of rows that have a vector.
    pub fn with_vector(&self) -> usize {
        self.with_vector
    }

    /// The 16-bit vector of a row, if it has one.
    pub fn words(&self, row: u32) -> Option<&[i16]> {
        if !self.present.get(row) {
            return None;
        }
        let start = row as usize * self.dimensions;
        self.words.get(start..start + self.dimensions)
    }

    /// All 16-bit vectors, row after row.
    pub(super) fn table(&self) -> &[i16] {
        &self.words
    }

    /// A row's vector as a query, for "documents like this one".
    pub fn query(&self, row: u32) -> Option<QueryVector> {
        self.words(row)
            .map(|words| QueryVector::from_words(words.to_vec()))
    }

    /// The similarity of a row and a query; `None` if the row has no vector or the query is
    /// of another length.
    pub fn similarity(&self, row: u32, query: &QueryVector) -> Option<Cosine> {
        if query.dimensions() != self.dimensions {
            return None;
        }
        self.words(row)
            .map(|words| Cosine(kernels::dot_i16(words, &query.words)))
    }

    /// The listed rows of each source, one source after the other, renumbered from 0.
    /// A listed row that a source does not have becomes a row without a vector.
    /// Errors: rows of other dimensions.
    pub fn merge(dimensions: usize, sources: &[(&Self, &[u32])]) -> Result<Self, VectorError> {
        let mut merged = RowsBuilder::new(dimensions);
        let rows = sources.iter().map(|(_, kept)| kept.len()).sum::<usize>();
        merged.words.reserve(rows * dimensions);
        for (source, kept) in sources {
            for &row in *kept {
                merged.push_from(source, row)?;
            }
        }
        Ok(merged.finish())
    }

    pub(crate) fn form(&self) -> RowsForm<'_> {
        RowsForm {
            dimensions: self.dimensions as u64,
            present: self.present.form(),
            words: &self.words,
        }
    }

    pub(crate) fn from_form(
        form: &ArchivedRowsForm<'_>,
        rows: usize,
    ) -> Result<Self, Contradiction> {
        let dimensions = form.dimensions.to_native() as usize;
        let present = Bits::from_form(&form.present)?;
        if present.len() != rows
            || dimensions > DIMENSIONS_MAX
            || form.words.len() != rows * dimensions
        {
            return Err("the vectors do not fit their rows");
        }
        Ok(Self {
            dimensions,
            with_vector: present.count(),
            words: copied(&form.words),
            present,
        })
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.words[..]) + size_of_val(self.present.words())
    }
}

/// Takes vectors row by row.
#[derive(Debug, Clone)]
pub struct RowsBuilder {
    dimensions: usize,
    words: Vec<i16>,
    present: Bits,
}

impl RowsBuilder {
    /// A builder for vectors of `dimensions` components.
    pub fn new(dimensions: usize) -> Self {
        Self {
            dimensions,
            words: Vec::new(),
            present: Bits::default(),
        }
    }

    /// Appends a row; `None` is a document without a vector.
    /// Errors: the vector's length, or see [`quantise`]; the row is not appended then.
    pub fn push(&mut self, vector: Option<&[f32]>) -> Result<(), VectorError> {
        let Some(vector) = vector else {
            self.push_words(None);
            return Ok(());
        };
        if vector.len() != self.dimensions {
            return Err(VectorError::Dimensions {
                found: vector.len(),
                expected: self.dimensions,
            });
        }
        self.push_words(Some(&quantise(vector)?));
        Ok(())
    }

    /// Appends a row of another segment as it is stored there; a row that is not there is one
    /// without a vector. Errors: a source of other dimensions.
    pub fn push_from(&mut self, source: &Rows, row: u32) -> Result<(), VectorError> {
        if source.dimensions != self.dimensions {
            return Err(VectorError::Dimensions {
                found: source.dimensions,
                expected: self.dimensions,
            });
        }
        self.push_words(source.words(row));
        Ok(())
    }

    /// The rows pushed so far.
    pub fn finish(self) -> Rows {
        Rows {
            dimensions: self.dimensions,
            with_vector: self.present.count(),
            words: self.words,
            present: self.present,
        }
    }

    fn push_words(&mut self, words: Option<&[i16]>) {
        self.present.push(words.is_some());
        match words {
            Some(words) => self.words.extend_from_slice(words),
            None => self.words.resize(self.words.len() + self.dimensions, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn bad_vectors_are_refused_with_a_reason() {
        let mut rows = RowsBuilder::new(2);
        let cases: [(&[f32], VectorError); 5] = [
            (
                &[1.0],
                VectorError::Dimensions {
                    found: 1,
                    expected: 2,
                },
            ),
            (&[1.0, f32::NAN], VectorError::NotFinite { at: 1 }),
            (&[f32::INFINITY, 0.0], VectorError::NotFinite { at: 0 }),
            (&[0.0, -0.0], VectorError::Zero),
            (
                &[],
                VectorError::Dimensions {
                    found: 0,
                    expected: 2,
                },
            ),
        ];
        for (vector, expected) in cases {
            assert_eq!(rows.push(Some(vector)), Err(expected));
        }
        assert!(rows.finish().is_empty());
        assert_eq!(QueryVector::new(&[]), Err(VectorError::Zero));
        assert!(quantise(&vec![1.0; DIMENSIONS_MAX + 1]).is_err());
    }

    #[test]
    fn the_longest_and_the_shortest_vectors_keep_their_direction() {
        for v in [f32::MAX, 1.0, f32::MIN_POSITIVE, 1e-45] {
            assert_eq!(quantise(&[v, 0.0]).unwrap(), [32_767, 0]);
            assert_eq!(quantise(&[0.0, -v]).unwrap(), [0, -32_767]);
        }
    }

    #[test]
    fn a_row_without_a_vector_has_no_similarity() {
        let mut rows = RowsBuilder::new(2);
        rows.push(None).unwrap();
        rows.push(Some(&[2.0, 0.0])).unwrap();
        let rows = rows.finish();
        let query = QueryVector::new(&[0.5, 0.0]).unwrap();
        assert_eq!(rows.similarity(0, &query), None);
        assert_eq!(rows.similarity(1, &query), Some(Cosine::ONE));
        assert_eq!(rows.similarity(2, &query), None);
        assert_eq!(rows.similarity(1, &QueryVector::new(&[1.0]).unwrap()), None);
        assert_eq!(rows.query(1), Some(query));
        assert_eq!(rows.with_vector(), 1);
    }

    #[test]
    fn merging_keeps_the_listed_rows_in_order() {
        let mut one = RowsBuilder::new(2);
        let mut two = RowsBuilder::new(2);
        for angle in [0.1f32, 0.2, 0.3] {
            one.push(Some(&[angle.cos(), angle.sin()])).unwrap();
            two.push(None).unwrap();
        }
        let (one, two) = (one.finish(), two.finish());
        let merged = Rows::merge(2, &[(&one, &[2, 0]), (&two, &[1]), (&one, &[1, 9])]).unwrap();
        let words: Vec<_> = (0..5).map(|row| merged.words(row)).collect();
        assert_eq!(
            words,
            [one.words(2), one.words(0), None, one.words(1), None]
        );
        assert!(Rows::merge(3, &[(&one, &[0])]).is_err());
    }

    proptest! {
        #[test]
        fn sixteen_bits_keep_the_cosine(
            (a, b) in (1usize..300).prop_flat_map(|n| (vec(-1f32..1.0, n), vec(-1f32..1.0, n)))
        ) {
            prop_assume!(a.iter().any(|&v| v.abs() > 0.01) && b.iter().any(|&v| v.abs() > 0.01));
            let sum = |a: &[f32], b: &[f32]| -> f64 {
                a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
            };
            let exact = sum(&a, &b) / (sum(&a, &a).sqrt() * sum(&b, &b).sqrt());
            let mut rows = RowsBuilder::new(a.len());
            rows.push(Some(&a)).unwrap();
            let found = rows.finish().similarity(0, &QueryVector::new(&b).unwrap()).unwrap();
            prop_assert!((found.value() - exact).abs() < 6e-4, "{} {}", found.value(), exact);
        }

        #[test]
        fn levels_round_to_the_nearest(row in vec(any::<i16>(), 1..80)) {
            let row: Vec<i16> = row.into_iter().map(|v| v.max(-32_767)).collect();
            let (levels, max) = levels(&row);
            for (&level, &word) in levels.iter().zip(&row) {
                let nearest = (f64::from(word) * 127.0 / f64::from(max)).round();
                prop_assert_eq!(level, nearest as i8);
                prop_assert_eq!(i32::from(stored_level(level)), i32::from(level) + 128);
            }
        }
    }
}
