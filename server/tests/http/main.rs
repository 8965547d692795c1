//! The real binary over HTTP, as docs/api.md describes it. Every JSON answer is
//! held against its schema in `/openapi.json`.

#![expect(clippy::unwrap_used, reason = "tests; the helpers too")]

mod backup;
mod blind;
mod bounds;
mod bulk;
mod changes;
mod command;
mod connection;
mod contract;
mod cors;
mod description;
mod documents;
mod durability;
mod erase;
mod erase_files;
mod errors;
mod eval;
mod evidence;
mod export;
mod follow;
mod history;
mod kinds;
#[path = "../../../.ci/left_out.rs"]
mod left_out;
mod load;
mod map;
mod missing;
mod rates;
mod recovery;
mod sample;
mod schema;
mod score;
mod search;
mod searches;
mod server;
mod sources;
mod spaces;
mod taxonomy;
mod threads;
mod together;
mod told;
mod versions;
mod visible;
