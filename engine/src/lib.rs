//! Tandem's engine: how a question is answered.
//!
//! Pure: (snapshot, request, now) → answer. Owns the query and filter language,
//! retrieval, the score, explanation, facets, pages and evaluation. Reads no
//! clock, starts no thread, does no I/O.

pub mod answer;
pub mod boolean;
pub mod cap;
pub mod components;
pub mod cursor;
pub mod eval;
pub mod evidence;
pub mod expand;
pub mod export;
pub mod facets;
pub mod filter;
mod guess;
pub mod highlight;
pub mod hits;
pub mod legs;
mod met;
pub mod near;
mod nothing;
pub mod page;
pub mod parse;
pub mod prepare;
pub mod profiles;
pub mod query;
mod reduce;
pub mod request;
pub mod retrieve;
pub mod run;
pub mod score;
pub mod sources;
mod stored;
pub mod suggest;
pub mod understand;
pub mod weigh;

pub use answer::{
    Answer, Contribution, FacetValue, Failure, Fault, Gate, Hit, PartMet, Total, TwoWay, Wants,
};
pub use cursor::{CursorPlace, cursor_place};
pub use request::{
    BoostRequest, Center, Condition, FacetRequest, Near, Reading, Request, Scope, Source, Syntax,
    WordsRule,
};
pub use run::{answer, explain};
