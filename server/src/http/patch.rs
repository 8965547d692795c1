//! Merge patches of stored documents. Owns that a patch is of the document it
//! meets: two at a time are both in the result, none is lost.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tandem_index::row::stored_json;
use tandem_index::store::patched;
use tandem_index::{Condition, KindId, Write, WriteResult, prepare};
use tokio::sync::Mutex;

use crate::app::App;
use crate::compute::{defect, too_late};
use crate::limits::{DOCUMENT_BYTES_MAX, PATCH_QUEUES};
use crate::space::Space;
use crate::wire::problem::{Code, Outcome, Refusal};
use crate::writer::Applied;

/// What is to be done to a document.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    /// Its kind.
    pub kind: KindId,
    /// Its id.
    pub id: String,
    /// The merge patch.
    pub merge: Value,
    /// What must be true of it.
    pub conditions: Vec<Condition>,
}

/// Patches of one document wait for each other, so that none has to begin
/// again because of another; a queue is of many documents.
#[derive(Debug)]
pub struct PatchQueues([Mutex<()>; PATCH_QUEUES]);

impl Default for PatchQueues {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl PatchQueues {
    fn of(&self, space: usize, patch: &Patch) -> &Mutex<()> {
        let mut hasher = DefaultHasher::new();
        (space, patch.kind.0, &patch.id).hash(&mut hasher);
        &self.0[hasher.finish() as usize % PATCH_QUEUES]
    }
}

/// Patches a document and waits until that is on disk and visible: one outcome,
/// as the writer gives it. A document that changes meanwhile is patched anew.
pub(super) async fn apply(
    app: &App,
    space: &Space,
    patch: &Patch,
    deadline: Instant,
) -> Outcome<Applied> {
    let queue = app.patches.of(space.number, patch).lock();
    let _turn = tokio::time::timeout_at(deadline.into(), queue)
        .await
        .map_err(|_elapsed| too_late())?;
    // Tries end with the request's time, not with their number: on a busy machine
    // somebody who puts the same document can be ahead many times in a row.
    while Instant::now() < deadline {
        let snapshot = space.current();
        let Some(stored) = snapshot.get(patch.kind, &patch.id) else {
            return Ok(undone(patch, WriteResult::NotFound, 0, snapshot.sequence));
        };
        let version = stored.version;
        if !patch.conditions.iter().all(|one| one.is_met(Some(version))) {
            return Ok(undone(
                patch,
                WriteResult::Unmet,
                version,
                snapshot.sequence,
            ));
        }
        let (kinds, json) = (Arc::clone(&app.kinds), stored.json.to_vec());
        let (kind, id, change) = (patch.kind, patch.id.clone(), patch.merge.clone());
        let prepared = app.prepares.run(deadline, move || {
            let document = patched(stored_json(&json), version, change);
            let put = Write::Put {
                kind,
                id: Some(id),
                document,
            };
            let prepared = prepare(&kinds, put)?;
            let bytes = prepared.change().json.map_or(0, <[u8]>::len);
            if bytes > DOCUMENT_BYTES_MAX {
                let detail = format!(
                    "the patched document has {bytes} bytes, {DOCUMENT_BYTES_MAX} is the most"
                );
                return Err(Refusal::at(Code::InvalidDocument, "", detail));
            }
            Ok(prepared.when(Condition::Version(vec![version])))
        });
        let pending = app
            .writer
            .try_apply(space.number, vec![prepared.await?], None)?;
        let applied = pending.applied().await?;
        let outcome = applied.outcomes.first().ok_or_else(defect)?;
        if outcome.result != WriteResult::Unmet {
            return Ok(applied);
        }
    }
    let detail = "others change the document all the time; try again";
    Err(Refusal::new(Code::Overloaded, detail))
}

fn undone(patch: &Patch, result: WriteResult, version: u64, sequence: u64) -> Applied {
    let outcome = tandem_index::Outcome {
        id: patch.id.clone(),
        version,
        result,
        has_effect: false,
    };
    Applied {
        outcomes: vec![outcome],
        sequence,
    }
}
