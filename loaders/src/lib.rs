//! Tandem's loaders: how foreign data becomes documents.
//!
//! Owns the synthetic sample and what records of a source are. Knows nothing of
//! how documents are stored or found.

pub mod mapping;
pub mod record;
pub mod sample;
