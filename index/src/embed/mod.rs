//! Embedding: text to a unit vector, with the model built in. Owns the model,
//! its tokenizer and the check of callers' own vectors; knows nothing of kinds,
//! fields or how vectors are stored.
//!
//! The model is potion-base-8M (static: a vector per token, summed), kept in
//! `data/model` with its licence and the command that made it.
//!
//! **Truncation**, as in the reference implementation (model2vec): the first
//! [`CHARACTERS_MAX`] characters of a text are read (512 × the median token
//! length of 6), cut into tokens, the first [`TOKENS_MAX`] tokens are kept,
//! then the unknown ones among them are dropped.
//!
//! Invariant: the same text gives the same bytes on every machine. Rows are
//! summed as integers, which is exact; the length is summed in f64 in a fixed
//! order; the rest is square root and division, which IEEE 754 fixes.

mod model;
#[cfg(test)]
mod tests;
mod tokens;
mod vector;

pub use vector::{VectorError, check_vector, normalize};

use model::Model;
use std::sync::LazyLock;
use tokens::{Tokenizer, Tokens};

/// Length of every vector of the built-in model.
pub const DIMENSIONS: usize = 256;

/// Name of the built-in model and its generation: vectors of different
/// generations must not be compared.
pub const MODEL: &str = "potion-base-8M/1";

/// Tokens of a text that count, unknown ones included.
pub const TOKENS_MAX: usize = 512;

/// Characters of a text that are read: [`TOKENS_MAX`] × the median length of a
/// token in the vocabulary, 6.
pub const CHARACTERS_MAX: usize = TOKENS_MAX * 6;

static BYTES: &[u8] = include_bytes!("../../data/model/potion-base-8m.bin");

static BUILTIN: LazyLock<Embedder> = LazyLock::new(|| {
    Embedder::parse(BYTES).expect("the built-in model is checked by a test of this module")
});

/// Turns text into unit vectors. Shared freely between threads; a call
/// allocates nothing.
pub struct Embedder {
    model: Model,
    tokenizer: Tokenizer,
}

impl Embedder {
    /// The built-in model. The first call checks and indexes it (milliseconds,
    /// so a server calls it at start), later ones are free.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    fn parse(bytes: &'static [u8]) -> Result<Self, model::ModelError> {
        let model = Model::parse(bytes)?;
        let tokenizer = Tokenizer::new(model.vocabulary())
            .ok_or(model::ModelError::Count("bytes in a token"))?;
        Ok(Self { model, tokenizer })
    }

    /// Writes the unit vector of `text`; `false`, with `out` zeroed, where it
    /// holds no known token. Long texts are truncated, see the module.
    ///
    /// # Panics
    /// If `out` is not [`DIMENSIONS`] long: a mistake of the caller, never of
    /// the data.
    pub fn embed(&self, text: &str, out: &mut [f32]) -> bool {
        assert_eq!(out.len(), DIMENSIONS, "length of the output vector");
        let mut tokens = Tokens::new();
        self.tokenizer.tokenize(text, &mut tokens);
        let sums = self.model.sum(tokens.ids());
        write_unit(&sums.map(f64::from), out)
    }

    /// Writes the unit vector of several texts: the sum of each part's own unit
    /// vector times its weight, normalised; so a title keeps its weight however
    /// long the body is. Parts without a known token, and weights that are not
    /// finite and above 0, add nothing; `false`, with `out` zeroed, where
    /// nothing remains. Each part is truncated by itself.
    ///
    /// # Panics
    /// If `out` is not [`DIMENSIONS`] long, as [`Embedder::embed`].
    pub fn embed_parts(&self, parts: &[(&str, f32)], out: &mut [f32]) -> bool {
        let mut sums = [0.0f64; DIMENSIONS];
        for &(text, weight) in parts {
            let counts = weight.is_finite() && weight > 0.0;
            if counts && self.embed(text, out) {
                for (sum, value) in sums.iter_mut().zip(out.iter()) {
                    *sum += f64::from(weight) * f64::from(*value);
                }
            }
        }
        write_unit(&sums, out)
    }
}

/// `sums` scaled to unit length; `false`, with `out` zeroed, where all are 0.
fn write_unit(sums: &[f64; DIMENSIONS], out: &mut [f32]) -> bool {
    let length = vector::length_of(sums.iter().copied());
    if length == 0.0 {
        out.fill(0.0);
        return false;
    }
    for (value, sum) in out.iter_mut().zip(sums) {
        *value = (sum / length) as f32;
    }
    true
}
