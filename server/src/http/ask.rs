//! Search, match, rank and explain. Owns the way from a body to an answer's
//! bytes, all of it on the threads that compute.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Response, StatusCode};
use tandem_engine::Request;
use tandem_index::Kinds;

use super::body;
use super::call::Call;
use super::respond::{self, Body, JSON, SERVER_TIMING};
use crate::limits::REQUEST_BYTES_MAX;
use crate::space::Space;
use crate::timing::Timing;
use crate::wire::answer::{Answer, Explanation, Hit, snapshot_name};
use crate::wire::problem::{Code, Fault, Outcome, Refusal};
use crate::wire::query;
use crate::wire::request::{Match, Pair, Rank, Search};
use crate::{clock, read_json, suggest};

pub(super) async fn search(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    require_kind(&call.app.kinds, &call.params.kind)?;
    let kind = call.params.kind.clone();
    let read = move |body: &mut [u8], _: &Kinds| {
        read_json::read_object::<Search>(body)?.request(&kind, clock::now_ms())
    };
    ask(call, rest, read).await
}

pub(super) async fn search_query(call: Call) -> Outcome<Response<Body>> {
    require_kind(&call.app.kinds, &call.params.kind)?;
    let kind = call.params.kind.clone();
    let query = call.query.clone().unwrap_or_default();
    let read = move |kinds: &Kinds| {
        let known = kinds.get(&kind).ok_or_else(crate::compute::defect)?;
        query::read(&query, known)?.request(&kind, clock::now_ms())
    };
    compute(call, move |timing, kinds, space| {
        let request = read(kinds)?;
        timing.end("read");
        answer(&request, space, timing)
    })
    .await
}

pub(super) async fn match_(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    ask(call, rest, |body, _| {
        read_json::read_object::<Match>(body)?.request(clock::now_ms())
    })
    .await
}

pub(super) async fn rank(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    ask(call, rest, |body, _| {
        read_json::read_object::<Rank>(body)?.request(clock::now_ms())
    })
    .await
}

pub(super) async fn explain(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    let mut body = read_body(&call, rest).await?;
    compute(call, move |timing, _, space| {
        let (request, to) = read_json::read_object::<Pair>(&mut body)?.request(clock::now_ms())?;
        timing.end("read");
        let snapshot = space.current();
        let hit = tandem_engine::explain(&snapshot, &request, &to.kind, &to.id)?;
        timing.end("score");
        let snapshot = snapshot_name(&space.name, snapshot.sequence);
        respond::to_json(&Explanation {
            hit: Hit::from(hit),
            snapshot,
        })
    })
    .await
}

/// A question in a body.
async fn ask(
    call: Call,
    rest: &mut Option<Incoming>,
    read: impl FnOnce(&mut [u8], &Kinds) -> Outcome<Request> + Send + 'static,
) -> Outcome<Response<Body>> {
    let mut body = read_body(&call, rest).await?;
    compute(call, move |timing, kinds, space| {
        let request = read(&mut body, kinds)?;
        timing.end("read");
        answer(&request, space, timing)
    })
    .await
}

pub(super) async fn read_body(call: &Call, rest: &mut Option<Incoming>) -> Outcome<Vec<u8>> {
    body::require_json(&call.headers)?;
    match rest {
        Some(rest) => body::read(rest, REQUEST_BYTES_MAX, call.deadline).await,
        None => Ok(Vec::new()),
    }
}

/// Answers on the threads that compute.
pub(super) async fn compute(
    call: Call,
    job: impl FnOnce(&mut Timing, &Kinds, &Space) -> Outcome<Vec<u8>> + Send + 'static,
) -> Outcome<Response<Body>> {
    let app = Arc::clone(&call.app);
    let (kinds, space) = (Arc::clone(&app.kinds), call.space);
    let mut timing = Timing::start();
    let job = move || {
        timing.end("queue");
        let body = job(&mut timing, &kinds, &space)?;
        timing.end("write");
        Ok((body, timing.header()))
    };
    let (body, timing) = app.reads.run(call.deadline, job).await?;
    let mut response = respond::bytes(StatusCode::OK, JSON, body);
    respond::set(&mut response, SERVER_TIMING, &timing);
    Ok(response)
}

/// The bytes of an answer.
fn answer(request: &Request, space: &Space, timing: &mut Timing) -> Outcome<Vec<u8>> {
    let snapshot = space.for_cursor(request.cursor.as_deref())?;
    let answer = tandem_engine::answer(&snapshot, request, &mut |phase| timing.end(phase))?;
    if answer.cursor.is_some() {
        space.keep(&snapshot);
    }
    respond::to_json(&Answer::new(answer, &space.name))
}

/// Refuses a kind of the path that is not there, with one that looks like it.
pub(super) fn require_kind(kinds: &Kinds, name: &str) -> Outcome<()> {
    if kinds.get(name).is_some() {
        return Ok(());
    }
    Err(unknown_kind(kinds, name))
}

/// The refusal of a kind that is not there.
pub(super) fn unknown_kind(kinds: &Kinds, name: &str) -> Refusal {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
    Refusal::because(vec![Fault {
        pointer: String::new(),
        code: Code::UnknownKind,
        detail: format!("there is no such kind; there are {}", names.join(", ")),
        did_you_mean: suggest::nearest(name, names),
    }])
}
