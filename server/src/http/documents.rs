//! One document: get, put, patch, delete.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, ETAG, HeaderName};
use hyper::{Response, StatusCode};
use serde_json::{Map, Value};
use tandem_index::{KindId, Kinds, Prepared, Write, WriteResult as Did, privacy};

use super::ask::unknown_kind;
use super::body;
use super::call::Call;
use super::conditions::{Conditions, tag_of};
use super::patch::{self, Patch};
use super::respond::{self, Body, JSON};
use crate::compute::defect;
use crate::limits::{DOCUMENT_BYTES_MAX, ID_BYTES_MAX};
use crate::read_json::{self, Strict};
use crate::wire::parameters::{BLIND, DELETE};
use crate::wire::problem::{Code, Outcome, Refusal};
use crate::wire::query;
use crate::wire::write::{WriteResult, Written};
use crate::writer::Applied;

/// What a PATCH may have as its body (RFC 5789).
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

pub(super) fn get(call: &Call) -> Outcome<Response<Body>> {
    let (kind, id) = address(call)?;
    let blind = blind(call.query.as_deref())? || call.blind;
    let conditions = Conditions::read(&call.headers)?;
    let snapshot = call.space.current();
    let stored = snapshot.get(kind, id).ok_or_else(not_found)?;
    let held = Some(stored.version);
    if conditions.matches.is_some_and(|one| !one.is_met(held)) {
        return Err(unmet(held));
    }
    let unchanged = conditions.matches_none.is_some_and(|one| !one.is_met(held));
    let mut response = if unchanged {
        let mut response = respond::bytes(StatusCode::NOT_MODIFIED, JSON, "");
        response.headers_mut().remove(CONTENT_TYPE);
        response
    } else {
        let shown = if blind {
            masked(&call.app.kinds, kind, stored.json)?
        } else {
            stored.json.to_vec()
        };
        respond::bytes(StatusCode::OK, JSON, shown)
    };
    respond::set(&mut response, ETAG, &tag_of(stored.version));
    Ok(response)
}

/// A stored document as a blind answer shows it.
fn masked(kinds: &Kinds, kind: KindId, json: &[u8]) -> Outcome<Vec<u8>> {
    let mut members: Map<String, Value> =
        serde_json::from_slice(json).map_err(|_never| defect())?;
    privacy::show(kinds.by_id(kind), &mut members);
    respond::to_json(&members)
}

pub(super) async fn put(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    let (kind, id) = address(&call)?;
    let id = id.to_owned();
    body::require_json(&call.headers)?;
    let conditions = Conditions::read(&call.headers)?;
    let mut body = read(&call, rest).await?;
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
    write(&call, kind, prepared, &conditions).await
}

pub(super) async fn patch(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    let (kind, id) = address(&call)?;
    let id = id.to_owned();
    if let Err(refusal) = body::require_patch(&call.headers) {
        let mut response = respond::problem(refusal, &call.id, None);
        respond::set(&mut response, ACCEPT_PATCH, "application/merge-patch+json");
        return Ok(response);
    }
    let conditions = Conditions::read(&call.headers)?.all().cloned().collect();
    let mut body = read(&call, rest).await?;
    let parsed = call.app.prepares.run(call.deadline, move || {
        let Strict(patch) = read_json::read(&mut body)?;
        Ok(patch)
    });
    let patch = Patch {
        kind,
        id,
        merge: parsed.await?,
        conditions,
    };
    let applied = patch::apply(&call.app, &call.space, &patch, call.deadline).await?;
    answer(&call, kind, applied)
}

pub(super) async fn delete(call: Call) -> Outcome<Response<Body>> {
    let (kind, id) = address(&call)?;
    let conditions = Conditions::read(&call.headers)?;
    let prepared = tandem_index::prepare(
        &call.app.kinds,
        Write::Delete {
            kind,
            id: id.to_owned(),
            version: version(call.query.as_deref())?,
        },
    )?;
    write(&call, kind, prepared, &conditions).await
}

/// Whether a document is asked for without what is private.
fn blind(query: Option<&str>) -> Outcome<bool> {
    let mut blind = false;
    for (name, value) in query::pairs(query.unwrap_or_default(), &[])? {
        if name != "blind" {
            return Err(query::unknown(&name, BLIND.map(|(known, ..)| known)));
        }
        blind = query::one_of(&name, &value, [("true", true), ("false", false)])?;
    }
    Ok(blind)
}

/// The version of a delete.
fn version(query: Option<&str>) -> Outcome<Option<u64>> {
    let mut version = None;
    for (name, value) in query::pairs(query.unwrap_or_default(), &[])? {
        if name != "version" {
            return Err(query::unknown(&name, DELETE.map(|(known, ..)| known)));
        }
        // "+7" would be " 7" in a query string, and is no version anywhere else.
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        let given = value.parse().ok().filter(|_| digits);
        let expected = "must be a whole number from 0 to 18446744073709551615";
        version = Some(given.ok_or_else(|| query::wrong(&name, expected))?);
    }
    Ok(version)
}

async fn read(call: &Call, rest: &mut Option<Incoming>) -> Outcome<Vec<u8>> {
    match rest {
        Some(rest) => body::read(rest, DOCUMENT_BYTES_MAX, call.deadline).await,
        None => Ok(Vec::new()),
    }
}

/// Hands one change to the writer and answers what became of it.
async fn write(
    call: &Call,
    kind: KindId,
    prepared: Prepared,
    conditions: &Conditions,
) -> Outcome<Response<Body>> {
    let prepared = conditions
        .all()
        .fold(prepared, |prepared, one| prepared.when(one.clone()));
    let pending = call
        .app
        .writer
        .try_apply(call.space.number, vec![prepared], None)?;
    let applied = pending.applied().await?;
    answer(call, kind, applied)
}

/// Answers what became of one change.
fn answer(call: &Call, kind: KindId, applied: Applied) -> Outcome<Response<Body>> {
    let outcome = applied.outcomes.into_iter().next().ok_or_else(defect)?;
    let (status, result) = match outcome.result {
        Did::Created => (StatusCode::CREATED, WriteResult::Created),
        Did::Replaced => (StatusCode::OK, WriteResult::Replaced),
        Did::Deleted => (StatusCode::OK, WriteResult::Deleted),
        Did::Stale => {
            let is_held = call.space.current().get(kind, &outcome.id).is_some();
            let state = if is_held { "is held" } else { "was deleted" };
            let detail = format!(
                "version {} {state}, which is equal or newer",
                outcome.version
            );
            return Err(Refusal::new(Code::StaleVersion, detail));
        }
        Did::NotFound => return Err(not_found()),
        Did::Unmet => {
            let snapshot = call.space.current();
            let held = snapshot.get(kind, &outcome.id);
            return Err(unmet(held.map(|held| held.version)));
        }
    };
    let written = Written {
        kind: call.params.kind.clone(),
        id: outcome.id,
        version: outcome.version,
        sequence: call.space.token(applied.sequence),
        result,
    };
    let mut response = respond::json(status, &written)?;
    respond::set(&mut response, ETAG, &tag_of(written.version));
    Ok(response)
}

/// The refusal of a request whose condition is not true.
fn unmet(held: Option<u64>) -> Refusal {
    let detail = match held {
        Some(version) => {
            format!("version {version} is held, which is not what If-Match or If-None-Match says")
        }
        None => "there is no such document, which is not what If-Match says".to_owned(),
    };
    Refusal::new(Code::PreconditionFailed, detail)
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

fn not_found() -> Refusal {
    Refusal::new(Code::NotFound, "there is no such document")
}
