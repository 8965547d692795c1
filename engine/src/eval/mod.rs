//! Evaluation: judgements in, measures and their intervals out.
//!
//! Owns the TREC formats, the ranking measures, the bootstrap, what two rankings
//! differ in, and the search for better weights. Knows nothing of searching: a
//! ranking is a list of ids, and what weights are worth it is told. Reads no file,
//! prints no table. docs/evaluation.md is the page to this folder.

mod bootstrap;
mod compare;
pub mod facts;
mod metrics;
mod qrels;
mod tune;

pub use bootstrap::{Interval, RESAMPLES, bootstrap, paired_better, paired_bootstrap};
pub use compare::{Comparison, Moved, Pair, compare};
pub use metrics::{
    Evaluation, Measures, average_precision, evaluate, judged, mean, measure, measure_from, ndcg,
    recall, reciprocal_rank,
};
pub use qrels::{GRADE_MAX, Qrels, QrelsError, QrelsErrorKind, Run};
pub use tune::{FACTORS, GAIN_MIN, ROUNDS_MAX, SURE_MIN, Step, Tuning, WEIGHT_MAX, Weights, tune};
