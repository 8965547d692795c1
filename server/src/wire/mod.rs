//! The types on the wire. Owns the JSON shapes of docs/api.md and their
//! schemas; what they mean is decided in engine and index.

pub mod answer;
pub mod at_least;
pub mod changes;
pub mod csv;
pub mod evidence;
pub mod filter;
pub mod members;
pub mod parameters;
mod parts;
pub mod problem;
pub mod query;
pub mod report;
pub mod request;
pub mod score;
pub mod subjects;
pub mod taxonomy;
pub mod token;
pub mod write;
