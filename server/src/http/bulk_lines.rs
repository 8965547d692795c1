//! Lines of a bulk body as changes, and what became of them as result lines.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;
use tandem_index::{KindId, Kinds, Prepared, WriteResult as Did};

use super::change;
use super::lines::Line;
use super::sources::Origin;
use crate::compute::defect;
use crate::limits::{ID_BYTES_MAX, LINE_BYTES_MAX};
use crate::read_json::{self, Strict};
use crate::wire::problem::{Code, Refusal};
use crate::wire::write::{LineResult, WriteResult};

/// What a body has in the place of a line.
pub(super) enum Entry {
    /// A document's JSON, or a delete.
    Line(Line),
    /// What a reader could make no document of.
    Rejected(Box<LineResult>),
}

impl Entry {
    /// Bytes that are held for it.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Line(line) => line.bytes.as_ref().map_or(0, bytes::Bytes::len),
            Self::Rejected(_) => 0,
        }
    }

    /// Where it ends in the body, where that is known.
    pub(super) fn end(&self) -> Option<u64> {
        match self {
            Self::Line(line) => Some(line.end),
            Self::Rejected(_) => None,
        }
    }
}

/// What is known of a line before the writer answered.
pub(super) enum Known {
    /// It will not be written.
    Settled(Box<LineResult>),
    /// The writer's next outcome is its own.
    Change(u64),
    /// The same of a source's line, whose version is its position.
    Sourced(u64),
}

/// What becomes of an entry, as far as can be told without the store.
pub(super) fn prepared(
    kinds: &Kinds,
    kind: KindId,
    origin: Option<&Origin>,
    entry: Entry,
) -> (Known, Option<Prepared>) {
    let line = match entry {
        Entry::Rejected(result) => return (Known::Settled(result), None),
        Entry::Line(line) => line,
    };
    let (number, end) = (line.number, line.end);
    if origin.is_some_and(|origin| origin.is_repeated(end)) {
        let repeated = LineResult::new(number, None, WriteResult::Repeated);
        return (Known::Settled(Box::new(repeated)), None);
    }
    match prepare(kinds, kind, line) {
        Ok(change) => {
            let Some(origin) = origin else {
                return (Known::Change(number), Some(change));
            };
            let change = change.or_version(origin.version(number, end));
            (Known::Sourced(number), Some(change))
        }
        Err(rejected) => (Known::Settled(rejected), None),
    }
}

/// A line as a change, or why it is none.
fn prepare(kinds: &Kinds, kind: KindId, line: Line) -> Result<Prepared, Box<LineResult>> {
    let number = line.number;
    let refused = |id, refusal| Box::new(rejected(number, id, refusal));
    let Some(bytes) = line.bytes else {
        let detail = format!("the line has more than {LINE_BYTES_MAX} bytes");
        return Err(refused(
            None,
            Refusal::at(Code::PayloadTooLarge, "", detail),
        ));
    };
    let Strict(document) =
        read_json::read(&mut Vec::from(bytes)).map_err(|refusal| refused(None, refusal))?;
    let id = document
        .get("id")
        .or_else(|| document.get("delete"))
        .and_then(Value::as_str);
    let id = id.filter(|id| id.len() <= ID_BYTES_MAX).map(str::to_owned);
    // A document that brings the analysis down costs its own line only.
    let prepared = catch_unwind(AssertUnwindSafe(|| {
        Ok(tandem_index::prepare(kinds, change::read(kind, document)?)?)
    }))
    .unwrap_or_else(|_panic| Err(defect()));
    prepared.map_err(|refusal| refused(id, refusal))
}

/// The result line of a change that reached the writer.
pub(super) fn result(number: u64, is_sourced: bool, outcome: tandem_index::Outcome) -> LineResult {
    let result = match outcome.result {
        Did::Created => WriteResult::Created,
        Did::Replaced => WriteResult::Replaced,
        Did::Deleted => WriteResult::Deleted,
        // The delete is remembered, and its source may say it of what it never sent.
        Did::NotFound if is_sourced && outcome.has_effect => WriteResult::Deleted,
        Did::Stale => WriteResult::Stale,
        // Lines of bulk have no conditions.
        Did::Unmet => return rejected(number, Some(outcome.id), defect()),
        Did::NotFound => {
            let refusal = Refusal::at(Code::NotFound, "/delete", "there is no such document");
            return rejected(number, Some(outcome.id), refusal);
        }
    };
    LineResult {
        version: Some(outcome.version),
        ..LineResult::new(number, Some(outcome.id), result)
    }
}

pub(super) fn rejected(number: u64, id: Option<String>, refusal: Refusal) -> LineResult {
    let fault = refusal.errors.into_iter().next();
    let (pointer, did_you_mean) = fault.map_or((None, None), |fault| {
        (Some(fault.pointer), fault.did_you_mean)
    });
    LineResult {
        code: Some(refusal.code),
        pointer,
        detail: Some(refusal.detail),
        did_you_mean,
        ..LineResult::new(number, id, WriteResult::Rejected)
    }
}
