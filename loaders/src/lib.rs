//! Tandem's loaders: how foreign data becomes documents.
//!
//! Owns the synthetic sample, the formats that are read, what a record of
//! them is, and mappings from records to documents. Knows nothing of how documents are stored or found.

pub mod format;
pub mod intake;
pub mod mapping;
pub mod natural;
pub mod record;
pub mod sample;
pub mod strict;
