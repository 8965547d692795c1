//! The index's promises: the store is a map, its statistics are a count, its
//! segments hold what was put in. Random tests print their seed;
//! `TANDEM_SEED` runs them from another one.

#![expect(clippy::print_stderr, reason = "tests print their seeds")]
#![expect(
    clippy::unwrap_used,
    reason = "what the tests share stands outside of them"
)]

mod recall;
mod statistics;
mod store;
mod support;
mod text;
mod versions;
