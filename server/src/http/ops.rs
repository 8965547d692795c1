//! Operations: health, counters, kinds, the API's description.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::{Response, StatusCode};
use tandem_index::{Kind, Snapshot};

use super::call::Call;
use super::openapi;
use super::respond::{self, Body, JSON};
use crate::clock;
use crate::metrics::{Metrics, header, line};
use crate::wire::answer::{Column, Field, Kind as WireKind, Kinds};
use crate::wire::problem::Outcome;
use crate::wire::score::Profiles;

pub(super) fn live() -> Response<Body> {
    respond::text(StatusCode::OK, "alive\n")
}

pub(super) fn ready(call: &Call) -> Response<Body> {
    if call.app.is_ready() {
        return respond::text(StatusCode::OK, "ready\n");
    }
    match call.app.writer.failed() {
        Some(why) => {
            let said = format!("not ready: the writer stopped, reads go on: {why}\n");
            respond::text(StatusCode::SERVICE_UNAVAILABLE, said)
        }
        None => not_ready(),
    }
}

pub(super) fn not_ready() -> Response<Body> {
    respond::text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
}

pub(super) fn metrics(call: &Call) -> Response<Body> {
    // A key sees the counts of its own space only.
    let snapshot = call.space.current();
    let space = Some((call.space.name.as_str(), &*snapshot));
    let queue = call.app.writer.waiting() as u64;
    let metrics = &call.app.metrics;
    metrics.durable.queue.store(queue, Ordering::Relaxed);
    let mut text = metrics.text(space, call.app.is_ready());
    let name = "tandem_writer_stopped";
    let help = "1 once writing has failed for good; /readyz says why.";
    header(&mut text, name, "gauge", help);
    let is_stopped = u8::from(call.app.writer.failed().is_some());
    line(&mut text, name, "", &is_stopped.to_string());
    let name = "tandem_erasure_pending_seconds";
    let help = "Age of the oldest erasure that is not out of every file yet; 0 without.";
    header(&mut text, name, "gauge", help);
    let pending = call.app.ledger.pending();
    let age_ms = pending.map_or(0, |since| (clock::now_ms() - since).max(0));
    line(&mut text, name, "", &(age_ms as f64 / 1e3).to_string());
    header(
        &mut text,
        "tandem_change_followers",
        "gauge",
        "Requests that wait for changes.",
    );
    let labels = format!("space=\"{}\"", call.space.name);
    let followers = call.space.followers().to_string();
    line(&mut text, "tandem_change_followers", &labels, &followers);
    prometheus(text)
}

/// Counters while the server is still starting: nothing of any space.
pub(super) fn early_metrics(metrics: &Metrics) -> Response<Body> {
    prometheus(metrics.text(None, false))
}

fn prometheus(text: String) -> Response<Body> {
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    respond::bytes(StatusCode::OK, media_type, text)
}

pub(super) fn openapi() -> Response<Body> {
    respond::bytes(StatusCode::OK, JSON, openapi::document())
}

pub(super) fn profiles() -> Outcome<Response<Body>> {
    respond::json(StatusCode::OK, &Profiles::all())
}

pub(super) async fn kinds(call: Call) -> Outcome<Response<Body>> {
    let (app, space) = (Arc::clone(&call.app), Arc::clone(&call.space));
    // Which documents have expired is counted, the first time of all of them.
    let count = move || {
        let (snapshot, now_ms) = (space.current(), clock::now_ms());
        let kinds = app.kinds.iter();
        respond::to_json(&Kinds {
            kinds: kinds
                .map(|kind| describe(kind, &snapshot, now_ms))
                .collect(),
            snapshot: space.token(snapshot.sequence),
        })
    };
    let body = call.app.reads.run(call.deadline, count).await?;
    Ok(respond::bytes(StatusCode::OK, JSON, body))
}

fn describe(kind: &Kind, snapshot: &Snapshot, now_ms: i64) -> WireKind {
    let fields = kind.fields.iter().map(|field| Field {
        name: field.name.clone(),
        kind_of: field.field_type.as_str().to_owned(),
        meaning: field.meaning.map(|meaning| meaning.as_str().to_owned()),
        role: field.role.as_str().to_owned(),
        values: field.values.clone(),
        unit: field.unit.clone(),
    });
    let columns = kind.columns().iter().filter(|column| !column.exact);
    let columns = columns.map(|column| Column {
        name: column.name.clone(),
        numeric: column.numeric,
    });
    WireKind {
        name: kind.name.clone(),
        matches: kind.matches.clone(),
        person: kind.person,
        documents: snapshot.collection(kind.id).current(kind, now_ms),
        dimensions: kind.dimensions,
        display: kind.display.clone(),
        facets: kind.facets.clone(),
        fields: fields.collect(),
        columns: columns.collect(),
    }
}
