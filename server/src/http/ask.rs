//! Search, match, rank and explain. Owns the way from a body to an answer's
//! bytes, all of it on the threads that compute.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderValue, VARY};
use hyper::{HeaderMap, Response, StatusCode};
use tandem_engine::Request;
use tandem_index::Kinds;

use super::body;
use super::call::Call;
use super::respond::{self, Body, JSON, MARKDOWN, SERVER_TIMING};
use super::visible;
use crate::limits::REQUEST_BYTES_MAX;
use crate::space::Space;
use crate::timing::Timing;
use crate::wire::answer::{Answer, Explanation, Hit};
use crate::wire::at_least::AtLeast;
use crate::wire::problem::{Code, Fault, Outcome, Refusal};
use crate::wire::query;
use crate::wire::report::report;
use crate::wire::request::{Match, Pair, Rank, Search};
use crate::{clock, read_json, suggest};

pub(super) async fn search(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    require_kind(&call.app.kinds, &call.params.kind)?;
    let kind = call.params.kind.clone();
    let read = move |body: &mut [u8]| {
        let mut search = read_json::read_object::<Search>(body)?;
        let at_least = search.at_least();
        Ok((search.request(&kind, clock::now_ms())?, at_least))
    };
    ask(call, rest, read).await
}

pub(super) async fn search_query(call: Call) -> Outcome<Response<Body>> {
    require_kind(&call.app.kinds, &call.params.kind)?;
    let (kind, kinds) = (call.params.kind.clone(), Arc::clone(&call.app.kinds));
    let query = call.query.clone().unwrap_or_default();
    let blind = call.blind;
    let read = move || {
        let known = kinds.get(&kind).ok_or_else(crate::compute::defect)?;
        let mut request = query::read(&query, known)?.request(&kind, clock::now_ms())?;
        request.blind |= blind;
        Ok((request, None))
    };
    compute(&call, read, answer).await
}

pub(super) async fn match_(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    let read = |body: &mut [u8]| {
        let mut question = read_json::read_object::<Match>(body)?;
        let at_least = question.at_least();
        Ok((question.request(clock::now_ms())?, at_least))
    };
    ask(call, rest, read).await
}

pub(super) async fn rank(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    let read = |body: &mut [u8]| {
        let mut question = read_json::read_object::<Rank>(body)?;
        let at_least = question.at_least();
        Ok((question.request(clock::now_ms())?, at_least))
    };
    ask(call, rest, read).await
}

pub(super) async fn explain(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    let mut body = read_body(&call, rest).await?;
    let is_report = wants_markdown(&call.headers);
    let blind = call.blind;
    let read = move || {
        let mut pair = read_json::read_object::<Pair>(&mut body)?;
        let at_least = pair.at_least();
        let (mut request, to) = pair.request(clock::now_ms())?;
        // A report is made of what is evidence.
        request.evidence |= is_report;
        request.blind |= blind;
        Ok(((request, to), at_least))
    };
    let mut response = compute(&call, read, move |(request, to), space, timing| {
        let snapshot = space.current();
        let hit = tandem_engine::explain(&snapshot, &request, &to.kind, &to.id)?;
        timing.end("score");
        let snapshot = space.token(snapshot.sequence);
        let explanation = Explanation {
            hit: Hit::from(hit),
            snapshot,
        };
        if is_report {
            return Ok(report(&explanation).into_bytes());
        }
        respond::to_json(&explanation)
    })
    .await?;
    if is_report {
        let markdown = HeaderValue::from_static(MARKDOWN);
        response.headers_mut().insert(CONTENT_TYPE, markdown);
    }
    let vary = HeaderValue::from_static("Accept");
    response.headers_mut().append(VARY, vary);
    Ok(response)
}

/// Whether `Accept` names Markdown in front of JSON.
fn wants_markdown(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter();
    let listed = values.filter_map(|value| value.to_str().ok());
    let mut types = listed.flat_map(|value| value.split(',')).map(|one| {
        let essence = one.split(';').next().unwrap_or_default();
        essence.trim().to_ascii_lowercase()
    });
    types.find_map(|essence| match essence.as_str() {
        "text/markdown" => Some(true),
        "application/json" | "application/*" | "*/*" => Some(false),
        _ => None,
    }) == Some(true)
}

/// A question in a body.
async fn ask(
    call: Call,
    rest: &mut Option<Incoming>,
    read: impl FnOnce(&mut [u8]) -> Outcome<(Request, Option<AtLeast>)> + Send + 'static,
) -> Outcome<Response<Body>> {
    let mut body = read_body(&call, rest).await?;
    let blind = call.blind;
    let read = move || {
        let (mut request, at_least) = read(&mut body)?;
        request.blind |= blind;
        Ok((request, at_least))
    };
    compute(&call, read, answer).await
}

pub(super) async fn read_body(call: &Call, rest: &mut Option<Incoming>) -> Outcome<Vec<u8>> {
    body::require_json(&call.headers)?;
    match rest {
        Some(rest) => body::read(rest, REQUEST_BYTES_MAX, call.deadline).await,
        None => Ok(Vec::new()),
    }
}

/// Answers on the threads that compute.
pub(super) async fn compute<Q: Send + 'static>(
    call: &Call,
    read: impl FnOnce() -> Outcome<(Q, Option<AtLeast>)> + Send + 'static,
    answer: impl FnOnce(Q, &Space, &mut Timing) -> Outcome<Vec<u8>> + Send + 'static,
) -> Outcome<Response<Body>> {
    let write = |question, space: &Space, timing: &mut Timing| {
        let body = answer(question, space, timing)?;
        timing.end("write");
        Ok(body)
    };
    let (body, timing) = visible::compute(call, read, write).await?;
    let mut response = respond::bytes(StatusCode::OK, JSON, body);
    respond::set(&mut response, SERVER_TIMING, &timing.header());
    Ok(response)
}

/// The bytes of an answer.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the last to see the request, like every other answer"
)]
fn answer(request: Request, space: &Space, timing: &mut Timing) -> Outcome<Vec<u8>> {
    let snapshot = space.for_cursor(request.cursor.as_deref())?;
    let answer = tandem_engine::answer(&snapshot, &request, &mut |phase| timing.end(phase))?;
    if answer.cursor.is_some() {
        space.keep(&snapshot);
    }
    respond::to_json(&Answer::new(answer, space.of()))
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
        pointer: "/kind".to_owned(),
        code: Code::UnknownKind,
        detail: format!("there is no such kind; there are {}", names.join(", ")),
        did_you_mean: suggest::nearest(name, names),
    }])
}
