//! Answers to writes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problem::{Code, Problem};

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteResult {
    /// The document is new.
    Created,
    /// The document was there and is replaced.
    Replaced,
    /// The document is gone.
    Deleted,
    /// An equal or newer version is held or was deleted: nothing was done.
    Stale,
    /// The line of the source was kept before; it was not looked at.
    Repeated,
    /// Nothing was done.
    Rejected,
}

/// The answer to PUT, PATCH and DELETE of a document.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Written {
    /// The document's kind.
    pub kind: String,
    /// The document's id.
    pub id: String,
    /// The document's version, or that of the delete.
    pub version: u64,
    /// Space and sequence number at which it is visible.
    pub sequence: String,
    /// What was done.
    pub result: WriteResult,
}

/// The result of one line of a bulk body.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LineResult {
    /// The line, from 1.
    pub line: u64,
    /// The document's id, where the line has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What was done.
    pub result: WriteResult,
    /// The document's version, unless rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// JSON pointer into the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// A name that exists and looks like the one given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
}

impl LineResult {
    /// A result without its details.
    pub fn new(line: u64, id: Option<String>, result: WriteResult) -> Self {
        Self {
            line,
            id,
            result,
            version: None,
            code: None,
            pointer: None,
            detail: None,
            did_you_mean: None,
        }
    }
}

/// Counts of a bulk body: `lines` is the sum of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Lines that were not blank.
    pub lines: u64,
    /// New documents.
    pub created: u64,
    /// Replaced documents.
    pub replaced: u64,
    /// Deleted documents.
    pub deleted: u64,
    /// Lines with an equal or older version than the one held.
    pub stale: u64,
    /// Lines of the source that were kept before.
    #[serde(default)]
    pub repeated: u64,
    /// Lines that were not understood, or delete what is not there.
    pub rejected: u64,
    /// Space and sequence number at which all of it is visible.
    pub sequence: String,
    /// How far the source is read, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
}

/// The last line of a bulk answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SummaryLine {
    /// The counts.
    pub summary: Summary,
}

/// The last line of a bulk answer that ends before the body: what was answered
/// is kept, nothing else is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProblemLine {
    /// Why.
    pub problem: Problem,
}

/// The results of neighbouring lines that had the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RangeResult {
    /// The first and the last line.
    pub lines: [u64; 2],
    /// How many of them had a result: blank ones have none.
    pub count: u64,
    /// What was done with each.
    pub result: WriteResult,
}

/// A line of a bulk answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum BulkLine {
    /// The last one.
    Summary(SummaryLine),
    /// The last one of an answer that ends early.
    Problem(ProblemLine),
    /// Several lines that a client was slow to read of, or that were repeated.
    Range(RangeResult),
    /// One for every other line of the body.
    Result(LineResult),
}

impl Summary {
    /// Counts one line.
    pub fn count(&mut self, result: WriteResult) {
        self.add(result, 1);
    }

    /// Counts lines with the same result.
    pub fn add(&mut self, result: WriteResult, count: u64) {
        self.lines += count;
        match result {
            WriteResult::Created => self.created += count,
            WriteResult::Replaced => self.replaced += count,
            WriteResult::Deleted => self.deleted += count,
            WriteResult::Stale => self.stale += count,
            WriteResult::Repeated => self.repeated += count,
            WriteResult::Rejected => self.rejected += count,
        }
    }
}
