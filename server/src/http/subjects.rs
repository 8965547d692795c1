//! Persons: everything held about one, and erasing them.

use std::sync::Arc;
use std::time::Instant;

use hyper::{Response, StatusCode};
use serde_json::Value;
use tandem_index::{Snapshot, erase, privacy};
use tokio::sync::oneshot;

use super::call::Call;
use super::respond::{self, Body, JSON};
use crate::compute::defect;
use crate::erase::{masked, receipt};
use crate::limits::{ERASE_MASK_WAIT, ERASE_NOW_WAIT, ID_BYTES_MAX};
use crate::wire::parameters::ERASE;
use crate::wire::problem::{Code, Outcome, Refusal};
use crate::wire::query;
use crate::wire::subjects::{HeldDocument, State, Subject};
use crate::writer::Erase;

pub(super) async fn get(call: Call) -> Outcome<Response<Body>> {
    let subject = subject(&call)?.to_owned();
    let (app, space, blind) = (Arc::clone(&call.app), Arc::clone(&call.space), call.blind);
    let job = move || {
        let snapshot = space.current();
        let erasure = app.ledger.subject(&space.name, &subject);
        let erasure = erasure.map(|erasure| receipt(&app, &subject, erasure, 0));
        respond::to_json(&Subject {
            documents: documents(&snapshot, &subject, blind)?,
            subject,
            erasure,
            snapshot: space.token(snapshot.sequence),
        })
    };
    let body = call.app.reads.run(call.deadline, job).await?;
    Ok(respond::bytes(StatusCode::OK, JSON, body))
}

fn documents(snapshot: &Snapshot, subject: &str, blind: bool) -> Outcome<Vec<HeldDocument>> {
    let found = erase::find(snapshot, subject, None).into_iter();
    let held = found.filter(|one| one.alive).map(|one| {
        let stored = snapshot.get(one.kind, &one.id).ok_or_else(defect)?;
        let kind = snapshot.kinds().by_id(one.kind);
        let mut document = serde_json::from_slice(stored.json).map_err(|_never| defect())?;
        if blind && let Value::Object(members) = &mut document {
            privacy::show(kind, members);
        }
        Ok(HeldDocument {
            kind: kind.name.clone(),
            document,
            version: stored.version,
            id: one.id,
        })
    });
    held.collect()
}

pub(super) async fn erase(call: Call) -> Outcome<Response<Body>> {
    let name = subject(&call)?.to_owned();
    let now = now(call.query.as_deref())?;
    let (space, subject) = (Arc::clone(&call.space), name.clone());
    // Looking through all documents is not the writer's: it looks only at what came since.
    let look = move || {
        let seen = space.current();
        let found = erase::find(&seen, &subject, None);
        Ok((seen, found))
    };
    let (seen, found) = call.app.prepares.run(call.deadline, look).await?;
    let (reply, replied) = oneshot::channel();
    let order = Erase {
        space: call.space.number,
        subject: name.clone(),
        seen,
        found,
        now,
        reply,
    };
    call.app.writer.erase(order).await?;
    let erased = replied.await.unwrap_or_else(|_gone| Err(defect()))?;
    let until = Instant::now() + ERASE_MASK_WAIT;
    let readers = masked(&call.space, erased.sequence, until).await;
    if now {
        // Where it takes longer, or the writer stopped, the receipt says so.
        drop(tokio::time::timeout(ERASE_NOW_WAIT, erased.done).await);
    }
    let erasure = call.app.ledger.subject(&call.space.name, &name);
    let mut receipt = receipt(&call.app, &name, erasure.ok_or_else(defect)?, readers);
    receipt.sequence = Some(call.space.token(erased.sequence));
    let status = match receipt.state {
        State::Done => StatusCode::OK,
        State::Pending | State::Kept | State::Unreachable | State::Absent => StatusCode::ACCEPTED,
    };
    respond::json(status, &receipt)
}

fn now(query: Option<&str>) -> Outcome<bool> {
    let mut now = false;
    for (name, value) in query::pairs(query.unwrap_or_default(), &[])? {
        now = match (name.as_str(), value.as_str()) {
            ("now", "true") => true,
            ("now", "false") => false,
            ("now", _) => return Err(query::wrong(&name, "must be true or false")),
            _ => return Err(query::unknown(&name, ERASE.map(|(known, ..)| known))),
        };
    }
    Ok(now)
}

/// The person of the path.
fn subject(call: &Call) -> Outcome<&str> {
    let refuse = |detail: &str| Err(Refusal::at(Code::InvalidId, "/id", detail));
    match call.params.id.as_deref() {
        None => refuse("the id is not UTF-8"),
        Some("") => refuse("the id is empty"),
        Some(id) if id.len() > ID_BYTES_MAX => refuse("the id has more than 512 bytes"),
        Some(id) => Ok(id),
    }
}
