//! HTTP. Owns the transport: connections, routes, bodies, headers; what a
//! request means is decided in `wire`, what it answers in engine and index.

mod ask;
mod body;
mod bulk;
mod call;
mod changes;
mod documents;
mod export;
pub(crate) mod lines;
mod openapi;
mod ops;
mod page;
mod records;
mod respond;
pub mod route;
mod searches;
pub mod serve;
pub(crate) mod stream;
mod suggest;

pub use openapi::document as openapi_document;
