//! Answers of the change feed.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tandem_index::feed::{self, Operation};

/// What was done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Created or replaced.
    Put,
    /// Deleted.
    Delete,
    /// Erased: copies are to be erased too.
    Erase,
}

/// A change, without the document.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Change<'a> {
    /// Sequence number of the space at which it is visible.
    pub seq: u64,
    /// The document's kind.
    pub kind: Cow<'a, str>,
    /// The document's id.
    pub id: Cow<'a, str>,
    /// What was done.
    pub op: Op,
    /// The version held since, or the one that was deleted.
    pub version: u64,
    /// XXH3-64 of the document's bytes as `GET` answers them, in hex; of a put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Next {
    /// The position to go on behind, with the space and the history of documents it is of.
    pub next: String,
}

/// A line of an answer, as the schema of the whole names it.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum ChangesLine<'a> {
    /// One for every change.
    Change(Change<'a>),
    /// The last one.
    Next(Next),
}

impl<'a> Change<'a> {
    /// A change of the feed at its sequence number.
    pub fn new(seq: u64, change: &feed::Change<'a>) -> Self {
        let (op, hash) = match change.operation {
            Operation::Put { hash } => (Op::Put, Some(format!("{hash:016x}"))),
            Operation::Delete => (Op::Delete, None),
            Operation::Erase => (Op::Erase, None),
        };
        Self {
            seq,
            kind: Cow::Borrowed(change.kind),
            id: Cow::Borrowed(change.id),
            op,
            version: change.version,
            hash,
        }
    }
}
