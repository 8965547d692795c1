//! The types on the wire. Owns the JSON shapes of docs/api.md and their
//! schemas; what they mean is decided in engine and index.

pub mod answer;
pub mod at_least;
pub mod changes;
pub mod csv;
pub mod filter;
pub mod members;
pub mod parameters;
pub mod problem;
pub mod query;
pub mod request;
pub mod subjects;
pub mod taxonomy;
pub mod write;
