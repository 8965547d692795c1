//! Answers to writes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problem::Code;

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
    /// Lines that were not understood, or delete what is not there.
    pub rejected: u64,
    /// Space and sequence number at which all of it is visible.
    pub sequence: String,
}

/// The last line of a bulk answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SummaryLine {
    /// The counts.
    pub summary: Summary,
}

/// A line of a bulk answer, as the schema of the whole names it.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum BulkLine {
    /// One for every line of the body.
    Result(LineResult),
    /// The last one.
    Summary(SummaryLine),
}

impl Summary {
    /// Counts one line.
    pub fn count(&mut self, result: WriteResult) {
        self.lines += 1;
        match result {
            WriteResult::Created => self.created += 1,
            WriteResult::Replaced => self.replaced += 1,
            WriteResult::Deleted => self.deleted += 1,
            WriteResult::Stale => self.stale += 1,
            WriteResult::Rejected => self.rejected += 1,
        }
    }
}
