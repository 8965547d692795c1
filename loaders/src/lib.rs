//! Tandem's loaders: how foreign data becomes documents.
//!
//! Owns formats and sources: NDJSON, and the synthetic sample. Knows nothing of
//! how documents are stored or found.

pub mod ndjson;
pub mod sample;
