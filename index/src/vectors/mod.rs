//! Nearest rows by cosine. Owns quantisation, the dot-product kernels, the cells (rows
//! grouped by the nearest trained centroid) and the search over the parts of a snapshot.
//! Knows nothing of documents, embeddings models, filters' meaning or files.
//!
//! Everything that decides a result is integer arithmetic or one fixed sequence of floating
//! point operations per row, so an answer is the same bytes for every segment layout, thread
//! count and instruction set:
//!
//! - a row's vector is `round(32,767 × unit vector)` in 16 bits; the dot product of two of
//!   them is the similarity everyone else sees ([`Cosine`]);
//! - its 8-bit form is derived from the 16 bits by integer division, serves only to choose
//!   the candidates that are rescored in 16 bits, and is a function of the row alone;
//! - a row belongs to one cell, a function of the row and the centroids alone;
//! - ties are cut by a key the caller supplies, never by row number.

pub mod cells;
pub mod kernels;
pub mod mixture;
mod probe;
pub mod rows;
pub mod search;
mod select;
pub mod train;

pub use cells::Cells;
pub use rows::{QueryVector, Rows, RowsBuilder};
pub use search::{EXACT_ROWS_MAX, Found, Neighbour, Options, Part, nearest};
pub use train::{Centroids, cells_for, sample_max, train};

/// Most dimensions a vector may have: sums of products of 8-bit and 16-bit rows fit `i32`
/// up to here (see [`rows`] and [`kernels`]).
pub const DIMENSIONS_MAX: usize = 4096;

/// Every component of a stored vector is within ± this.
pub const COMPONENT_MAX: i16 = i16::MAX;

/// Similarity of two unit vectors: the dot product of their 16-bit forms, cosine × 32,767².
///
/// Rounding of the components can carry it past full scale by about `√dimensions / 32,767`
/// (0.05 % at 256 dimensions); [`Cosine::value`] clamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cosine(pub i32);

impl Cosine {
    /// What a cosine of 1 is in fixed point.
    pub const ONE: Self = Self(COMPONENT_MAX as i32 * COMPONENT_MAX as i32);

    /// The cosine, in −1..=1.
    pub fn value(self) -> f64 {
        (f64::from(self.0) / f64::from(Self::ONE.0)).clamp(-1.0, 1.0)
    }
}

/// Why a vector was refused. All of them are the caller's data, none is a fault of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VectorError {
    /// The vector has another length than its space.
    Dimensions {
        /// Components in the vector.
        found: usize,
        /// Components every vector of the space has.
        expected: usize,
    },
    /// A component is NaN or infinite.
    NotFinite {
        /// Its position in the vector.
        at: usize,
    },
    /// The vector has no direction.
    Zero,
    /// The cells were grouped by other centroids than those they meet.
    Generation {
        /// Generation of the cells.
        found: u64,
        /// Generation asked for.
        expected: u64,
    },
}

impl std::fmt::Display for VectorError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dimensions { found, expected } => {
                write!(f, "vector has {found} dimensions, the space has {expected}")
            }
            Self::NotFinite { at } => write!(f, "component {at} of the vector is not finite"),
            Self::Zero => write!(f, "vector is zero and has no direction"),
            Self::Generation { found, expected } => {
                write!(f, "cells are of generation {found}, expected {expected}")
            }
        }
    }
}

impl std::error::Error for VectorError {}
