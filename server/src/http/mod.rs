//! HTTP. Owns the transport: connections, routes, bodies, headers; what a
//! request means is decided in `wire`, what it answers in engine and index.

pub(crate) mod answers;
mod ask;
mod body;
mod bulk;
mod bulk_lines;
mod call;
pub(crate) mod change;
mod changes;
mod conditions;
pub mod cors;
mod documents;
mod export;
pub(crate) mod lines;
mod openapi;
mod ops;
mod page;
mod patch;
mod records;
mod respond;
pub mod route;
mod searches;
pub mod serve;
mod sources;
pub(crate) mod stream;
mod subjects;
mod suggest;
mod taxonomy;
mod visible;

pub use openapi::document as openapi_document;
pub use patch::PatchQueues;
