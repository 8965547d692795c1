//! Tandem's loaders: how foreign data becomes documents.
//!
//! Owns the synthetic sample, the formats that are read and what a record of
//! them is. Knows nothing of how documents are stored or found.

pub mod format;
pub mod record;
pub mod sample;
pub mod strict;
