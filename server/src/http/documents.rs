//! One document: get, put, delete.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{ETAG, IF_NONE_MATCH};
use hyper::{Response, StatusCode};
use tandem_index::{KindId, Prepared, Write, WriteResult as Did};

use super::ask::unknown_kind;
use super::body;
use super::call::Call;
use super::respond::{self, Body, JSON};
use crate::compute::defect;
use crate::limits::{DOCUMENT_BYTES_MAX, ID_BYTES_MAX};
use crate::read_json::{self, Strict};
use crate::wire::answer::snapshot_name;
use crate::wire::problem::{Code, Outcome, Refusal};
use crate::wire::write::{WriteResult, Written};

pub(super) fn get(call: &Call) -> Outcome<Response<Body>> {
    let (kind, id) = address(call)?;
    let snapshot = call.space.current();
    let stored = snapshot.get(kind, id).ok_or_else(not_found)?;
    let tag = etag(stored.version);
    let held = call
        .headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let unchanged = held.is_some_and(|held| {
        held.split(',')
            .any(|one| one.trim() == tag || one.trim() == "*")
    });
    let mut response = if unchanged {
        let mut response = respond::bytes(StatusCode::NOT_MODIFIED, JSON, "");
        response.headers_mut().remove(hyper::header::CONTENT_TYPE);
        response
    } else {
        respond::bytes(StatusCode::OK, JSON, stored.json.to_vec())
    };
    respond::set(&mut response, ETAG, &tag);
    Ok(response)
}

pub(super) async fn put(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    let (kind, id) = address(&call)?;
    let id = id.to_owned();
    body::require_json(&call.headers)?;
    let mut body = match rest {
        Some(rest) => body::read(rest, DOCUMENT_BYTES_MAX, call.deadline).await?,
        None => Vec::new(),
    };
    let kinds = Arc::clone(&call.app.kinds);
    let prepared = call.app.prepares.run(call.deadline, move || {
        let Strict(document) = read_json::read(&mut body)?;
        Ok(tandem_index::prepare(
            &kinds,
            Write::Put {
                kind,
                id: Some(id),
                document,
            },
        )?)
    });
    let prepared = prepared.await?;
    write(&call, prepared).await
}

pub(super) async fn delete(call: Call) -> Outcome<Response<Body>> {
    let (kind, id) = address(&call)?;
    let prepared = tandem_index::prepare(
        &call.app.kinds,
        Write::Delete {
            kind,
            id: id.to_owned(),
            version: None,
        },
    )?;
    write(&call, prepared).await
}

/// Hands one change to the writer and answers what became of it.
async fn write(call: &Call, prepared: Prepared) -> Outcome<Response<Body>> {
    let applied = call
        .app
        .writer
        .try_apply(call.space.number, vec![prepared])?
        .applied()
        .await?;
    let outcome = applied.outcomes.into_iter().next().ok_or_else(defect)?;
    let (status, result) = match outcome.result {
        Did::Created => (StatusCode::CREATED, WriteResult::Created),
        Did::Replaced => (StatusCode::OK, WriteResult::Replaced),
        Did::Deleted => (StatusCode::OK, WriteResult::Deleted),
        Did::Stale => {
            let detail = format!(
                "version {} is held, which is equal or newer",
                outcome.version
            );
            return Err(Refusal::new(Code::StaleVersion, detail));
        }
        Did::NotFound => return Err(not_found()),
        Did::Unmet => {
            let detail = format!("version {} is held", outcome.version);
            return Err(Refusal::new(Code::PreconditionFailed, detail));
        }
    };
    let written = Written {
        kind: call.params.kind.clone(),
        id: outcome.id,
        version: outcome.version,
        sequence: snapshot_name(&call.space.name, applied.sequence),
        result,
    };
    let mut response = respond::json(status, &written)?;
    if result != WriteResult::Deleted {
        respond::set(&mut response, ETAG, &etag(written.version));
    }
    Ok(response)
}

/// The kind and the id of the path.
fn address(call: &Call) -> Outcome<(KindId, &str)> {
    let kinds = &call.app.kinds;
    let kind = kinds
        .get(&call.params.kind)
        .ok_or_else(|| unknown_kind(kinds, &call.params.kind))?;
    let refuse = |detail: &str| Err(Refusal::at(Code::InvalidId, "/id", detail));
    match call.params.id.as_deref() {
        None => refuse("the id is not UTF-8"),
        Some("") => refuse("the id is empty"),
        Some(id) if id.len() > ID_BYTES_MAX => refuse("the id has more than 512 bytes"),
        Some(id) if id.chars().any(char::is_control) => refuse("the id has control characters"),
        Some(id) => Ok((kind.id, id)),
    }
}

fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

fn not_found() -> Refusal {
    Refusal::new(Code::NotFound, "there is no such document")
}
