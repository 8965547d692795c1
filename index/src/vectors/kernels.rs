//! Dot products of 8-bit and 16-bit vectors. Owns the instruction sets and all unsafe code
//! of the crate; knows nothing of rows or cells.
//!
//! Every version of a kernel returns the same bits: products are summed in `i32` with
//! wrap-around, which is associative, so lane order cannot show. Where the true sum fits
//! `i32` (see [`rows`](super::rows)) the wrapped sum is the true one.
//!
//! 8-bit rows are stored with 128 added, as `u8`: `vpdpbusd` multiplies unsigned by signed.
//! The query carries `128 × Σ query`, which is subtracted from each sum.

#![expect(
    unsafe_code,
    reason = "SIMD loads and calls into functions behind CPU detection"
)]

use std::sync::OnceLock;

use super::DIMENSIONS_MAX;

// The largest intermediate sums: u8 × i8, and the correction for the offset.
const _: () = assert!((DIMENSIONS_MAX as u64) * 255 * 127 < i32::MAX as u64);
const _: () = assert!((DIMENSIONS_MAX as u64) * 128 * 127 < i32::MAX as u64);

/// The 8-bit form of a query, with the correction for the rows' offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryLevels {
    values: Vec<i8>,
    offset: i32,
}

impl QueryLevels {
    /// Takes the 8-bit components of a query.
    pub fn new(values: Vec<i8>) -> Self {
        let sum = values
            .iter()
            .fold(0i32, |sum, &v| sum.wrapping_add(i32::from(v)));
        Self {
            values,
            offset: sum.wrapping_mul(128),
        }
    }

    /// Number of components.
    pub fn dimensions(&self) -> usize {
        self.values.len()
    }
}

/// An instruction set the kernels are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The best set this processor has, looked up once.
fn best() -> Set {
    static BEST: OnceLock<Set> = OnceLock::new();
    *BEST.get_or_init(|| available().pop().unwrap_or(Set::Portable))
}

/// The sets this processor has, best last.
fn available() -> Vec<Set> {
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(unused_mut, reason = "one set elsewhere")
    )]
    let mut sets = vec![Set::Portable];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            sets.push(Set::Avx2);
        }
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vnni")
        {
            sets.push(Set::Avx512);
        }
    }
    sets
}

/// Dot product of a row of 8-bit levels (each + 128) and a query, exact.
/// Components beyond the shorter of the two count as 0.
pub fn dot_i8(row: &[u8], query: &QueryLevels) -> i32 {
    if row.len() < query.dimensions() {
        // The correction is for the whole query; a shorter row needs a shorter query.
        let values = query.values.iter().take(row.len());
        return dot_i8(row, &QueryLevels::new(values.copied().collect()));
    }
    let mut dot = 0;
    sum_levels(best(), std::iter::once(row), query, |found| dot = found);
    dot
}

/// Dot product of two 16-bit vectors in wrapping `i32`; exact for unit vectors.
/// Components beyond the shorter of the two count as 0.
pub fn dot_i16(a: &[i16], b: &[i16]) -> i32 {
    let mut dot = 0;
    sum_words(best(), std::iter::once(a), b, |found| dot = found);
    dot
}

/// Appends the dot product of every consecutive row of `levels` with the query.
pub fn scan_i8(levels: &[u8], query: &QueryLevels, out: &mut Vec<i32>) {
    let rows = levels.chunks_exact(query.dimensions().max(1));
    out.reserve(rows.len());
    sum_levels(best(), rows, query, |dot| out.push(dot));
}

/// Appends the dot products of the listed rows of `levels` with the query, in list order.
/// A row that is not there counts as a row of zeros.
pub fn scan_i8_at(levels: &[u8], rows: &[u32], query: &QueryLevels, out: &mut Vec<i32>) {
    out.reserve(rows.len());
    let rows = rows
        .iter()
        .map(|&row| slice(levels, row, query.dimensions()));
    sum_levels(best(), rows, query, |dot| out.push(dot));
}

/// Appends the dot product of every consecutive row of `words` with the query.
pub fn scan_i16(words: &[i16], query: &[i16], out: &mut Vec<i32>) {
    let rows = words.chunks_exact(query.len().max(1));
    out.reserve(rows.len());
    sum_words(best(), rows, query, |dot| out.push(dot));
}

/// Appends the dot products of the listed rows of `words` with the query, in list order.
/// A row that is not there counts as a row of zeros.
pub fn scan_i16_at(words: &[i16], rows: &[u32], query: &[i16], out: &mut Vec<i32>) {
    out.reserve(rows.len());
    let rows = rows.iter().map(|&row| slice(words, row, query.len()));
    sum_words(best(), rows, query, |dot| out.push(dot));
}

/// One row of a table, or nothing where the table ends before it.
#[inline]
fn slice<T>(table: &[T], row: u32, dimensions: usize) -> &[T] {
    let start = row as usize * dimensions;
    table.get(start..start + dimensions).unwrap_or_default()
}

/// Runs the 8-bit kernel of one instruction set over rows.
fn sum_levels<'a>(
    set: Set,
    rows: impl Iterator<Item = &'a [u8]>,
    query: &QueryLevels,
    mut each: impl FnMut(i32),
) {
    // An empty slice stands for a missing row: it gets no correction either.
    let each = |row: &[u8], sum: i32| {
        each(if row.is_empty() {
            0
        } else {
            sum.wrapping_sub(query.offset)
        });
    };
    match set {
        Set::Portable => portable::all_levels(rows, &query.values, each),
        // SAFETY: `available` found the features of this set on the running processor.
        #[cfg(target_arch = "x86_64")]
        Set::Avx2 => unsafe { avx2::all_levels(rows, &query.values, each) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Set::Avx512 => unsafe { avx512::all_levels(rows, &query.values, each) },
    }
}

/// Runs the 16-bit kernel of one instruction set over rows.
fn sum_words<'a>(
    set: Set,
    rows: impl Iterator<Item = &'a [i16]>,
    query: &[i16],
    mut each: impl FnMut(i32),
) {
    let each = |_: &[i16], sum: i32| each(sum);
    match set {
        Set::Portable => portable::all_words(rows, query, each),
        // SAFETY: `available` found the features of this set on the running processor.
        #[cfg(target_arch = "x86_64")]
        Set::Avx2 => unsafe { avx2::all_words(rows, query, each) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Set::Avx512 => unsafe { avx512::all_words(rows, query, each) },
    }
}

/// The safe twins: what every other version must equal.
mod portable {
    /// Calls `each` with every row and its sum of products with the query.
    pub(super) fn all_levels<'a>(
        rows: impl Iterator<Item = &'a [u8]>,
        query: &[i8],
        mut each: impl FnMut(&[u8], i32),
    ) {
        rows.for_each(|row| each(row, levels(row, query)));
    }

    /// Calls `each` with every row and its sum of products with the query.
    pub(super) fn all_words<'a>(
        rows: impl Iterator<Item = &'a [i16]>,
        query: &[i16],
        mut each: impl FnMut(&[i16], i32),
    ) {
        rows.for_each(|row| each(row, words(row, query)));
    }

    fn levels(row: &[u8], query: &[i8]) -> i32 {
        let products = row
            .iter()
            .zip(query)
            .map(|(&a, &b)| i32::from(a) * i32::from(b));
        products.fold(0, i32::wrapping_add)
    }

    fn words(row: &[i16], query: &[i16]) -> i32 {
        let products = row
            .iter()
            .zip(query)
            .map(|(&a, &b)| i32::from(a) * i32::from(b));
        products.fold(0, i32::wrapping_add)
    }
}

/// Writes the two loops over rows inside one instruction set, so that the kernel is inlined.
#[cfg(target_arch = "x86_64")]
macro_rules! loops {
    ($features:literal) => {
        /// Calls `each` with every row and its sum of products with the query.
        #[target_feature(enable = $features)]
        pub(super) fn all_levels<'a>(
            rows: impl Iterator<Item = &'a [u8]>,
            query: &[i8],
            mut each: impl FnMut(&[u8], i32),
        ) {
            for row in rows {
                each(row, levels(row, query));
            }
        }

        /// Calls `each` with every row and its sum of products with the query.
        #[target_feature(enable = $features)]
        pub(super) fn all_words<'a>(
            rows: impl Iterator<Item = &'a [i16]>,
            query: &[i16],
            mut each: impl FnMut(&[i16], i32),
        ) {
            for row in rows {
                each(row, words(row, query));
            }
        }
    };
}

/// Both slices cut to the shorter, in blocks of `N` and a remainder padded with zeros, so
/// that the remainder goes through the same instructions.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "a call per block would cost more than the block"
)]
fn blocks<A: Copy + Default, B: Copy + Default, const N: usize>(
    a: &[A],
    b: &[B],
    mut each: impl FnMut(&[A; N], &[B; N]),
) {
    let shared = a.len().min(b.len());
    let (a, a_rest) = a[..shared].as_chunks::<N>();
    let (b, b_rest) = b[..shared].as_chunks::<N>();
    for (a, b) in a.iter().zip(b) {
        each(a, b);
    }
    if !a_rest.is_empty() {
        let (mut a, mut b) = ([A::default(); N], [B::default(); N]);
        a[..a_rest.len()].copy_from_slice(a_rest);
        b[..b_rest.len()].copy_from_slice(b_rest);
        each(&a, &b);
    }
}

/// AVX2: both sides widened to 16 bits, because `vpmaddubsw` would saturate.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_loadu_si128, _mm256_add_epi32, _mm256_cvtepi8_epi16, _mm256_cvtepu8_epi16,
        _mm256_loadu_si256, _mm256_madd_epi16, _mm256_setzero_si256, _mm256_storeu_si256,
    };

    loops!("avx2");

    #[inline]
    #[target_feature(enable = "avx2")]
    fn levels(row: &[u8], query: &[i8]) -> i32 {
        let mut sums = _mm256_setzero_si256();
        super::blocks::<_, _, 16>(row, query, |a, b| {
            // SAFETY: each pointer is to 16 readable bytes; the load needs no alignment.
            let (a, b) = unsafe {
                (
                    _mm_loadu_si128(a.as_ptr().cast()),
                    _mm_loadu_si128(b.as_ptr().cast()),
                )
            };
            let products = _mm256_madd_epi16(_mm256_cvtepu8_epi16(a), _mm256_cvtepi8_epi16(b));
            sums = _mm256_add_epi32(sums, products);
        });
        total(sums)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn words(row: &[i16], query: &[i16]) -> i32 {
        let mut sums = _mm256_setzero_si256();
        super::blocks::<_, _, 16>(row, query, |a, b| {
            // SAFETY: each pointer is to 32 readable bytes; the load needs no alignment.
            let (a, b) = unsafe {
                (
                    _mm256_loadu_si256(a.as_ptr().cast()),
                    _mm256_loadu_si256(b.as_ptr().cast()),
                )
            };
            sums = _mm256_add_epi32(sums, _mm256_madd_epi16(a, b));
        });
        total(sums)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn total(sums: __m256i) -> i32 {
        let mut lanes = [0i32; 8];
        // SAFETY: `lanes` is 32 writable bytes; the store needs no alignment.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), sums) };
        lanes.into_iter().fold(0, i32::wrapping_add)
    }
}

/// AVX-512 with VNNI: multiply and add in one instruction, 64 or 32 components at a time.
#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        _mm512_dpbusd_epi32, _mm512_dpwssd_epi32, _mm512_loadu_si512, _mm512_reduce_add_epi32,
        _mm512_setzero_si512,
    };

    loops!("avx512f,avx512bw,avx512vnni");

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    fn levels(row: &[u8], query: &[i8]) -> i32 {
        let mut sums = _mm512_setzero_si512();
        super::blocks::<_, _, 64>(row, query, |a, b| {
            // SAFETY: each pointer is to 64 readable bytes; the load needs no alignment.
            let (a, b) = unsafe {
                (
                    _mm512_loadu_si512(a.as_ptr().cast()),
                    _mm512_loadu_si512(b.as_ptr().cast()),
                )
            };
            sums = _mm512_dpbusd_epi32(sums, a, b);
        });
        _mm512_reduce_add_epi32(sums)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    fn words(row: &[i16], query: &[i16]) -> i32 {
        let mut sums = _mm512_setzero_si512();
        super::blocks::<_, _, 32>(row, query, |a, b| {
            // SAFETY: each pointer is to 64 readable bytes; the load needs no alignment.
            let (a, b) = unsafe {
                (
                    _mm512_loadu_si512(a.as_ptr().cast()),
                    _mm512_loadu_si512(b.as_ptr().cast()),
                )
            };
            sums = _mm512_dpwssd_epi32(sums, a, b);
        });
        _mm512_reduce_add_epi32(sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn levels(set: Set, row: &[u8], query: &QueryLevels) -> i32 {
        let mut dot = 0;
        sum_levels(set, std::iter::once(row), query, |found| dot = found);
        dot
    }

    fn words(set: Set, a: &[i16], b: &[i16]) -> i32 {
        let mut dot = 0;
        sum_words(set, std::iter::once(a), b, |found| dot = found);
        dot
    }

    #[test]
    fn extremes_do_not_saturate_on_any_set() {
        for set in available() {
            for length in [1, 15, 16, 17, 63, 64, 65, 256, 300, DIMENSIONS_MAX] {
                let query = QueryLevels::new(vec![127; length]);
                let expected = 127 * 127 * length as i32;
                assert_eq!(
                    levels(set, &vec![255; length], &query),
                    expected,
                    "{set:?} {length}"
                );
                let lowest = vec![i16::MIN; length];
                let wrapped = (1i64 << 30).wrapping_mul(length as i64) as i32;
                assert_eq!(words(set, &lowest, &lowest), wrapped, "{set:?} {length}");
            }
        }
    }

    #[test]
    fn a_missing_row_has_no_similarity() {
        let query = QueryLevels::new(vec![3, -5, 7]);
        let mut out = Vec::new();
        scan_i8_at(&[228, 128, 128], &[0, 1, u32::MAX], &query, &mut out);
        assert_eq!(out, [300, 0, 0]);
    }

    #[test]
    fn a_short_row_counts_as_padded_with_zeros() {
        assert_eq!(dot_i8(&[129, 129], &QueryLevels::new(vec![3, -5, 7])), -2);
        assert_eq!(
            dot_i8(&[129, 129, 129, 129], &QueryLevels::new(vec![3, -5])),
            -2
        );
        assert_eq!(dot_i16(&[1, 2, 3], &[4]), 4);
    }

    proptest! {
        #[test]
        fn every_set_equals_the_plain_sum(
            (a, b) in (0usize..600).prop_flat_map(|n| (vec(any::<u8>(), n), vec(-127i8..=127, n)))
        ) {
            let plain: i32 = a.iter().zip(&b).map(|(&a, &b)| (i32::from(a) - 128) * i32::from(b)).sum();
            let query = QueryLevels::new(b);
            for set in available() {
                prop_assert_eq!(levels(set, &a, &query), plain, "{:?}", set);
            }
        }

        #[test]
        fn every_set_equals_the_plain_sum_of_words(
            (a, b) in (0usize..600).prop_flat_map(|n| (vec(any::<i16>(), n), vec(any::<i16>(), n)))
        ) {
            let plain: i64 = a.iter().zip(&b).map(|(&a, &b)| i64::from(a) * i64::from(b)).sum();
            for set in available() {
                prop_assert_eq!(words(set, &a, &b), plain as i32, "{:?}", set);
            }
        }

        #[test]
        fn scans_equal_single_products(
            dimensions in 1usize..140,
            seed in vec(any::<u8>(), 140 * 9),
            rows in vec(0u32..9, 0..20),
        ) {
            let table = &seed[..dimensions * 9];
            let query = QueryLevels::new(seed.iter().rev().take(dimensions).map(|&v| (v / 2) as i8).collect());
            let single: Vec<i32> = table.chunks(dimensions).map(|row| dot_i8(row, &query)).collect();
            let (mut all, mut listed) = (Vec::new(), Vec::new());
            scan_i8(table, &query, &mut all);
            scan_i8_at(table, &rows, &query, &mut listed);
            prop_assert_eq!(&all, &single);
            prop_assert_eq!(listed, rows.iter().map(|&row| single[row as usize]).collect::<Vec<_>>());

            let words: Vec<i16> = table.iter().map(|&v| i16::from(v) * 100 - 12_700).collect();
            let query = words[..dimensions].to_vec();
            let single: Vec<i32> = words.chunks(dimensions).map(|row| dot_i16(row, &query)).collect();
            let (mut all, mut listed) = (Vec::new(), Vec::new());
            scan_i16(&words, &query, &mut all);
            scan_i16_at(&words, &rows, &query, &mut listed);
            prop_assert_eq!(&all, &single);
            prop_assert_eq!(listed, rows.iter().map(|&row| single[row as usize]).collect::<Vec<_>>());
        }
    }
}
