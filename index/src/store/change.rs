//! Changes: what is asked of one document, under which conditions, and what
//! becomes of it. Owns the rules of versions; knows nothing of segments.

use serde_json::Value;

use crate::document::{Document, Invalid, check_id};
use crate::kinds::{KindId, Kinds};
use crate::row::{self, Row};

/// A change as it comes: put or delete of one document.
#[derive(Clone, Debug)]
pub enum Write {
    /// Create or replace.
    Put {
        /// Its kind.
        kind: KindId,
        /// The id of the path, where there is one.
        id: Option<String>,
        /// The document.
        document: Value,
    },
    /// Delete.
    Delete {
        /// Its kind.
        kind: KindId,
        /// Its id.
        id: String,
        /// The version of the delete: nothing with an equal or older one comes
        /// back. Without one it is that of the document.
        version: Option<u64>,
    },
}

/// What must be true of a document when the change is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It is there.
    Exists,
    /// It is not there.
    Absent,
    /// It is there, in one of these versions.
    Version(Vec<u64>),
    /// It is not there in any of these versions.
    NotVersion(Vec<u64>),
}

impl Condition {
    /// Whether it is true where this version of the document is held.
    pub fn is_met(&self, held: Option<u64>) -> bool {
        match self {
            Self::Exists => held.is_some(),
            Self::Absent => held.is_none(),
            Self::Version(versions) => held.is_some_and(|held| versions.contains(&held)),
            Self::NotVersion(versions) => held.is_none_or(|held| !versions.contains(&held)),
        }
    }
}

/// A checked and analysed change.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(super) kind: KindId,
    pub(super) id: String,
    pub(super) row: Option<Box<Row>>,
    version: Option<u64>,
    settled: bool,
    conditions: Vec<Condition>,
}

/// What a change is, as the journal keeps it.
#[derive(Clone, Copy, Debug)]
pub struct ChangeRef<'a> {
    /// Its kind.
    pub kind: KindId,
    /// The document's id.
    pub id: &'a str,
    /// The document; nothing for a delete.
    pub json: Option<&'a [u8]>,
}

/// What is known of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The document is held in this version.
    Held(u64),
    /// It is not, and the last delete had this version.
    Deleted(u64),
    /// Nothing.
    Nothing,
}

/// What a change does where something is known of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Effect {
    pub(super) result: WriteResult,
    pub(super) version: u64,
    pub(super) changes: bool,
}

impl Effect {
    fn new(result: WriteResult, version: u64) -> Self {
        let changes = match result {
            WriteResult::Created | WriteResult::Replaced | WriteResult::Deleted => true,
            WriteResult::Stale | WriteResult::NotFound | WriteResult::Unmet => false,
        };
        Self {
            result,
            version,
            changes,
        }
    }
}

impl Prepared {
    /// What the change is: preparing it again gives an equal one.
    pub fn change(&self) -> ChangeRef<'_> {
        ChangeRef {
            kind: self.kind,
            id: &self.id,
            json: self.row.as_ref().map(|row| row.json.as_slice()),
        }
    }

    /// The change with this version where it came without one: the position of
    /// its source, say.
    #[must_use]
    pub fn or_version(mut self, version: u64) -> Self {
        self.version.get_or_insert(version);
        self
    }

    /// The change under one condition more. All are looked at when it is
    /// applied: between that and the change no other comes.
    #[must_use]
    pub fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// The change as it was once decided: it leads to this version and has an
    /// effect whatever was forgotten since. Replaying a journal needs that.
    #[must_use]
    pub fn settled(mut self, version: u64) -> Self {
        self.version = Some(version);
        self.settled = true;
        self.conditions.clear();
        self
    }

    /// What it does.
    pub(super) fn effect(&self, known: Known) -> Effect {
        let held = match known {
            Known::Held(version) => Some(version),
            Known::Deleted(_) | Known::Nothing => None,
        };
        if !self.conditions.iter().all(|one| one.is_met(held)) {
            // Deleting what is not there is answered like that under any
            // condition (RFC 9110, 13.2.1), and nothing of it is remembered.
            return match (&self.row, held) {
                (None, None) => Effect::new(WriteResult::NotFound, 0),
                _ => Effect::new(WriteResult::Unmet, held.unwrap_or(0)),
            };
        }
        match &self.row {
            Some(_) => self.put(known),
            None => self.delete(known),
        }
    }

    fn put(&self, known: Known) -> Effect {
        let (last, result) = match known {
            Known::Held(version) => (Some(version), WriteResult::Replaced),
            Known::Deleted(_) if self.settled => (None, WriteResult::Created),
            Known::Deleted(version) => (Some(version), WriteResult::Created),
            Known::Nothing => (None, WriteResult::Created),
        };
        let Some(last) = last else {
            return Effect::new(result, self.version.unwrap_or(1));
        };
        // Nothing comes behind the last version there is.
        self.version
            .or_else(|| last.checked_add(1))
            .filter(|version| *version > last)
            .map_or(Effect::new(WriteResult::Stale, last), |version| {
                Effect::new(result, version)
            })
    }

    fn delete(&self, known: Known) -> Effect {
        let gone = |version| Effect {
            changes: true,
            ..Effect::new(WriteResult::NotFound, version)
        };
        match (known, self.version) {
            (Known::Held(held), None) => Effect::new(WriteResult::Deleted, held),
            // A delete without a version had that of its document.
            (Known::Held(held), Some(given)) if given > held || self.settled && given == held => {
                Effect::new(WriteResult::Deleted, given)
            }
            (Known::Held(held), Some(_)) => Effect::new(WriteResult::Stale, held),
            (Known::Deleted(last), None) => Effect::new(WriteResult::NotFound, last),
            (Known::Deleted(last), Some(given)) if given <= last && !self.settled => {
                Effect::new(WriteResult::Stale, last)
            }
            (Known::Nothing, None) => Effect::new(WriteResult::NotFound, 0),
            // Remembered: an older document that comes late does not come back.
            (Known::Deleted(_) | Known::Nothing, Some(given)) => gone(given),
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteResult {
    /// A new document.
    Created,
    /// A document with a higher version took an older one's place.
    Replaced,
    /// The document is gone.
    Deleted,
    /// An equal or newer version is held or was deleted; nothing was done.
    Stale,
    /// There was nothing to delete. With a version the delete is remembered.
    NotFound,
    /// A condition was not true; nothing was done.
    Unmet,
}

/// What became of a change, and of which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The document's id.
    pub id: String,
    /// The version now held, or that of the delete; 0 if there is none.
    pub version: u64,
    /// What was done.
    pub result: WriteResult,
    /// Whether the space is another one since: the change belongs in the
    /// journal. Of `NotFound` it is true where the delete is remembered.
    pub has_effect: bool,
}

impl Outcome {
    pub(super) fn new(id: String, effect: Effect) -> Self {
        Self {
            id,
            version: effect.version,
            result: effect.result,
            has_effect: effect.changes,
        }
    }
}

/// Checks and analyses a change. Pure and slow (0.3 ms for an ad of 500 words):
/// run it beside the writer, many at a time.
pub fn prepare(kinds: &Kinds, write: Write) -> Result<Prepared, Invalid> {
    let (kind, id, row, version) = match write {
        Write::Put { kind, id, document } => {
            let document = Document::parse(kinds.by_id(kind), document, id.as_deref(), true)?;
            let row = row::analyse(kinds.by_id(kind), document);
            let version = row.version;
            (kind, row.id.clone(), Some(Box::new(row)), version)
        }
        Write::Delete { kind, id, version } => {
            check_id(&id)?;
            (kind, id, None, version)
        }
    };
    Ok(Prepared {
        kind,
        id,
        row,
        version,
        settled: false,
        conditions: Vec::new(),
    })
}
