//! Tandem's loaders: how foreign data becomes documents.
//!
//! Owns the synthetic sample; lines of NDJSON are split by the server as they
//! come in. Knows nothing of how documents are stored or found.

pub mod sample;
