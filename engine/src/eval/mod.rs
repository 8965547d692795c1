//! Evaluation: judgements in, measures and their intervals out.
//!
//! Owns the TREC formats, the ranking measures and the bootstrap. Knows nothing
//! of searching: a ranking is a list of ids. Reads no file, prints no table.

mod bootstrap;
pub mod facts;
mod metrics;
mod qrels;

pub use bootstrap::{Interval, RESAMPLES, bootstrap, paired_bootstrap};
pub use metrics::{
    Evaluation, Measures, average_precision, evaluate, judged, mean, measure, measure_from, ndcg,
    recall, reciprocal_rank,
};
pub use qrels::{GRADE_MAX, Qrels, QrelsError, QrelsErrorKind, Run};
