//! The server and the command line of Tandem. Owns the process: connections,
//! threads, timers, limits, keys and spaces, and the only types on the wire.
//! How documents are kept is `tandem_index`'s, how questions are answered is
//! `tandem_engine`'s.

pub mod app;
pub mod cli;
mod clock;
mod compute;
pub mod data;
mod durable;
mod erase;
mod feed;
pub mod http;
pub mod keys;
pub mod limits;
mod metrics;
mod pins;
pub mod position;
pub mod priority;
mod read_json;
mod space;
mod suggest;
mod timing;
pub mod wire;
mod writer;
