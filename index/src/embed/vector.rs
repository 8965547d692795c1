//! Checks of vectors that come from outside, and the one normalisation.
//! Knows nothing of text or models.

use std::fmt;

/// Why a caller's vector is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VectorError {
    /// Another length than the space's vectors have.
    Dimensions {
        /// Length of the vector given.
        found: usize,
        /// Dimensions of the space.
        expected: usize,
    },
    /// The value at this position (from 0) is not a number.
    NotANumber {
        /// Position of the first such value.
        position: usize,
    },
    /// The value at this position (from 0) is infinite.
    Infinite {
        /// Position of the first such value.
        position: usize,
    },
    /// Every value is zero: the vector has no direction.
    Zero,
}

impl fmt::Display for VectorError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dimensions { found, expected } => write!(
                out,
                "vector has {found} dimensions, the space has {expected}"
            ),
            Self::NotANumber { position } => {
                write!(out, "vector value at position {position} is not a number")
            }
            Self::Infinite { position } => {
                write!(out, "vector value at position {position} is infinite")
            }
            Self::Zero => out.write_str("vector is zero in every dimension"),
        }
    }
}

impl std::error::Error for VectorError {}

/// Whether a caller's vector can be stored and compared: the right length,
/// every value finite, not all zero. It need not be of unit length.
///
/// Errors: the first fault found, in that order.
pub fn check_vector(values: &[f32], dimensions: usize) -> Result<(), VectorError> {
    if values.len() != dimensions {
        return Err(VectorError::Dimensions {
            found: values.len(),
            expected: dimensions,
        });
    }
    for (position, value) in values.iter().enumerate() {
        if value.is_nan() {
            return Err(VectorError::NotANumber { position });
        }
        if value.is_infinite() {
            return Err(VectorError::Infinite { position });
        }
    }
    if values.iter().all(|value| *value == 0.0) {
        return Err(VectorError::Zero);
    }
    Ok(())
}

/// Scales finite `values` to unit length; `false`, and untouched, where all are
/// zero. Same bytes on every machine: products and sums in f64 in a fixed
/// order, one square root, plain divisions.
pub fn normalize(values: &mut [f32]) -> bool {
    let length = length_of(values.iter().map(|value| f64::from(*value)));
    if length == 0.0 {
        return false;
    }
    for value in values {
        *value = (f64::from(*value) / length) as f32;
    }
    true
}

/// Euclidean length. Squares of any finite f32 or i32 neither overflow nor
/// vanish in f64, so only the zero vector has length 0.
pub(super) fn length_of(values: impl Iterator<Item = f64>) -> f64 {
    let mut squares = 0.0;
    for value in values {
        squares += value * value;
    }
    squares.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_own_error() {
        let cases: [(&[f32], Result<(), VectorError>); 8] = [
            (&[0.5, -2.0, 0.0], Ok(())),
            (&[f32::MIN_POSITIVE / 2.0, 0.0, 0.0], Ok(())),
            (
                &[1.0, 2.0],
                Err(VectorError::Dimensions {
                    found: 2,
                    expected: 3,
                }),
            ),
            (
                &[],
                Err(VectorError::Dimensions {
                    found: 0,
                    expected: 3,
                }),
            ),
            (
                &[1.0, f32::NAN, f32::INFINITY],
                Err(VectorError::NotANumber { position: 1 }),
            ),
            (
                &[1.0, 0.0, f32::INFINITY],
                Err(VectorError::Infinite { position: 2 }),
            ),
            (
                &[f32::NEG_INFINITY, 0.0, 0.0],
                Err(VectorError::Infinite { position: 0 }),
            ),
            (&[0.0, -0.0, 0.0], Err(VectorError::Zero)),
        ];
        for (values, expected) in cases {
            assert_eq!(check_vector(values, 3), expected, "{values:?}");
        }
        let message = check_vector(&[1.0, 2.0], 3).unwrap_err().to_string();
        assert_eq!(message, "vector has 2 dimensions, the space has 3");
    }

    #[test]
    fn extreme_finite_vectors_become_unit() {
        for scale in [f32::MAX, f32::MIN_POSITIVE, f32::from_bits(1), 1.0] {
            let mut values = [scale, -scale, 0.0, scale];
            assert!(normalize(&mut values));
            let length = length_of(values.iter().map(|value| f64::from(*value)));
            assert!((length - 1.0).abs() < 1e-6, "{scale}");
        }
        let mut zero = [0.0; 4];
        assert!(!normalize(&mut zero));
        assert_eq!(zero.map(f32::to_bits), [0; 4]);
    }
}
