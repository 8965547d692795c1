//! Persons on the wire: what is held about one, and the receipt of an erasure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything held about a person.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// The person's id.
    pub subject: String,
    /// The documents about them, by kind and id.
    pub documents: Vec<HeldDocument>,
    /// The last erasure, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasure: Option<Receipt>,
    /// Space and sequence number of the snapshot this is from.
    pub snapshot: String,
}

/// A document about a person.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct HeldDocument {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u64,
    /// All of it, as it came.
    pub document: Value,
}

/// What became of an erasure. Has no text of a document.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// The person's id, as it was asked for.
    pub subject: String,
    /// `done` when every store is done.
    pub state: State,
    /// When they were erased from every answer.
    pub erased_at: String,
    /// By when nothing of them is in any file or segment.
    pub due_at: String,
    /// Since when that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<String>,
    /// Space and sequence number from which on they are gone; in the answer to the
    /// erasure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<String>,
    /// How many documents, those included that were deleted before and still in files.
    pub documents: u64,
    /// Each place that had something.
    pub stores: Vec<StoreState>,
}

/// What became of what a store had.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct StoreState {
    /// The store.
    pub store: String,
    /// What became of it.
    pub state: State,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// By when it will be done, or until when it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What is done there.
    pub note: String,
}

/// The state of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It has nothing of them any more.
    Done,
    /// It may still have something.
    Pending,
    /// It is there on purpose.
    Kept,
    /// Not in reach of this server.
    Unreachable,
    /// This server has no such store.
    Absent,
}

impl StoreState {
    /// A state without times.
    pub fn new(store: &str, state: State, note: &str) -> Self {
        Self {
            store: store.to_owned(),
            state,
            at: None,
            by: None,
            note: note.to_owned(),
        }
    }
}
