//! The engine's promises, one module a promise: each holds the engine against a
//! naive twin or against itself. Random tests print their seed; `TANDEM_SEED`
//! runs them from another one.

#![expect(
    clippy::print_stderr,
    reason = "tests print seeds, figures and what was left out"
)]
#![expect(
    clippy::unwrap_used,
    reason = "what the tests share stands outside of them"
)]

mod bad_input;
mod blind;
mod bm25;
mod boolean;
mod corpus;
mod courses;
mod evidence;
mod expressions;
mod facets;
mod facts;
mod gates;
mod intervals;
mod judged;
mod layouts;
#[path = "../../../.ci/left_out.rs"]
mod left_out;
mod matches;
mod model;
mod names;
mod orders;
mod pages;
mod pairs;
mod pool;
mod posts;
mod privacy;
mod random_facts;
mod readings;
mod requests;
mod shares;
mod suggestions;
mod sums;
mod support;
mod threads;
mod typos;
mod understanding;
mod wants;
