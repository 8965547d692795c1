//! One request from its headers to its answer's. Owns request ids, keys,
//! dispatch, the log line and the counters.

use std::future::Future;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HOST, HeaderName};
use hyper::{HeaderMap, Request, Response};
use tracing::Level;

use super::cors::Asked;
use super::respond::{self, Body, SERVER_TIMING};
use super::route::{self, Found, Operation, Params, ROUTES, Route};
use super::serve::Door;
use super::{
    ask, body, bulk, changes, documents, export, ops, page, searches, sources, subjects, suggest,
    taxonomy, visible,
};
use crate::app::{App, DEFAULT_SPACE};
use crate::compute::defect;
use crate::keys::{Access, hex};
use crate::metrics::Metrics;
use crate::space::Space;
use crate::wire::at_least::MIN_SEQUENCE;
use crate::wire::problem::{Code, Fault, Outcome, Refusal};
use crate::wire::query;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

const NO_ROUTE: &str = "no route has this path; /openapi.json lists them";

/// A request on its way to a handler.
pub(super) struct Call {
    /// The server.
    pub app: Arc<App>,
    /// The space its key opens; for open routes the first one, which they do not look at.
    pub space: Arc<Space>,
    /// Whether its answer is blind, whatever it asks for.
    pub blind: bool,
    /// The path's variable parts.
    pub params: Params,
    /// The request's id.
    pub id: String,
    /// The query string.
    pub query: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// When its time is up.
    pub deadline: Instant,
}

/// Answers a request, also where the server is still starting.
pub(super) async fn at(door: &Door, request: Request<Incoming>) -> Response<Body> {
    let asked = door.cors.asked(request.method(), request.headers());
    let mut response = if let Some(response) = preflight(door, &asked, &request) {
        body::drain(request.into_body());
        response
    } else {
        match door.app() {
            Some(app) => answer(Arc::clone(app), request).await,
            None => early(door, request),
        }
    };
    asked.mark(&mut response);
    response
}

/// What a browser's question in the name of a page is answered, if it is one:
/// it has no key, and asks before the server is ready too.
fn preflight(door: &Door, asked: &Asked, request: &Request<Incoming>) -> Option<Response<Body>> {
    let started = Instant::now();
    let allowed = asked.preflight();
    if allowed.is_none() && !asked.is_refused() {
        return None;
    }
    let id = request_id(request.headers());
    let refused = || {
        let detail = "pages of this origin may not use this server; `serve --cors-origin` names those that may";
        respond::problem(Refusal::new(Code::Forbidden, detail), &id, None)
    };
    let mut response = allowed.unwrap_or_else(refused);
    finish(&door.metrics, &mut response, None, &id, "", started);
    Some(response)
}

/// What a server that is still starting answers: its health, and `not_ready`.
fn early(door: &Door, request: Request<Incoming>) -> Response<Body> {
    let started = Instant::now();
    let (parts, incoming) = request.into_parts();
    body::drain(incoming);
    let id = request_id(&parts.headers);
    let found = match route::find(parts.method.as_str(), parts.uri.path()) {
        Found::Route(place, _) => Some(place),
        Found::Method(_) | Found::Nothing => None,
    };
    let operation = found.and_then(|place| Some(ROUTES.get(place)?.operation));
    let mut response = match operation {
        Some(Operation::Live) => ops::live(),
        Some(Operation::Ready) => ops::not_ready(),
        Some(Operation::Metrics) => ops::early_metrics(&door.metrics),
        _ => {
            let detail =
                "the server is starting: it reads its documents; /readyz says when it is done";
            respond::problem(Refusal::new(Code::NotReady, detail), &id, None)
        }
    };
    finish(&door.metrics, &mut response, found, &id, "", started);
    response
}

/// Answers a request, whatever happens.
async fn answer(app: Arc<App>, request: Request<Incoming>) -> Response<Body> {
    let started = Instant::now();
    let (parts, incoming) = request.into_parts();
    let id = request_id(&parts.headers);
    let trace = header(&parts.headers, &TRACE_PARENT)
        .filter(|value| is_plain(value))
        .unwrap_or_default()
        .to_owned();
    let found = route::find(parts.method.as_str(), parts.uri.path());
    let place = match &found {
        Found::Route(place, _) => Some(*place),
        Found::Method(_) | Found::Nothing => None,
    };
    let mut rest = Some(incoming);
    let outcome = match found {
        Found::Route(place, params) => match ROUTES.get(place) {
            Some(route) => {
                let handled = handle(
                    Arc::clone(&app),
                    (route, &id),
                    params,
                    parts,
                    &mut rest,
                    started,
                );
                guard(handled).await.map_err(|refusal| (refusal, None))
            }
            None => Err((defect(), None)),
        },
        Found::Method(allow) => Err(if let Some(refusal) = misspelt(&app, parts.uri.path()) {
            (refusal, None)
        } else {
            let detail = format!("this path takes {allow}");
            (Refusal::new(Code::MethodNotAllowed, detail), Some(allow))
        }),
        Found::Nothing => {
            let nothing = || Refusal::new(Code::NotFound, NO_ROUTE);
            let refusal = misspelt(&app, parts.uri.path()).unwrap_or_else(nothing);
            Err((refusal, None))
        }
    };
    if let Some(rest) = rest {
        body::drain(rest);
    }
    let mut response =
        outcome.unwrap_or_else(|(refusal, allow)| respond::problem(refusal, &id, allow.as_deref()));
    finish(&app.metrics, &mut response, place, &id, &trace, started);
    response
}

/// Headers, counters and log of an answer.
fn finish(
    metrics: &Metrics,
    response: &mut Response<Body>,
    place: Option<usize>,
    id: &str,
    trace: &str,
    started: Instant,
) {
    let took = started.elapsed();
    let status = response.status().as_u16();
    let total = format!("total;dur={:.3}", took.as_secs_f64() * 1e3);
    let timing = match header(response.headers(), &SERVER_TIMING) {
        Some(phases) => format!("{phases}, {total}"),
        None => total,
    };
    respond::set(response, SERVER_TIMING, &timing);
    respond::set(response, REQUEST_ID, id);
    metrics.request(place, status, took);
    let (route, method) = place
        .and_then(|place| ROUTES.get(place))
        .map_or(("none", ""), |r| (r.path, r.method));
    let took_us = took.as_micros() as u64;
    let operation = place
        .and_then(|place| ROUTES.get(place))
        .map(|r| r.operation);
    match level(operation, status) {
        Level::ERROR => {
            tracing::error!(id, route, method, status, took_us, trace, "answered");
        }
        Level::WARN => tracing::warn!(id, route, method, status, took_us, trace, "answered"),
        _ => tracing::info!(id, route, method, status, took_us, trace, "answered"),
    }
}

/// How loud an answer is in the log. A probe that is told "not yet" has its
/// answer; who comes too early, or asks for too much time, is not a defect.
fn level(operation: Option<Operation>, status: u16) -> Level {
    match (operation, status) {
        (Some(Operation::Ready), _) | (_, ..500) => Level::INFO,
        (_, 503) => Level::WARN,
        (_, _) => Level::ERROR,
    }
}

async fn handle(
    app: Arc<App>,
    (route, id): (&Route, &str),
    params: Params,
    parts: hyper::http::request::Parts,
    rest: &mut Option<Incoming>,
    started: Instant,
) -> Outcome<Response<Body>> {
    let (space, blind) = authorise(&app, route, &parts.headers)?;
    let blind = blind || app.blind;
    if app.is_stopping() && route.path.starts_with("/v1/") {
        return Err(Refusal::new(Code::NotReady, "the server is stopping"));
    }
    let deadline = started + app.deadline;
    let query = parts.uri.query();
    let query = if route.operation.is_read() {
        let (query, at_least) = visible::asked(&parts.headers, query)?;
        for one in at_least {
            let sequence = one.in_space(space.of())?;
            space.reach(sequence, deadline).await?;
        }
        query
    } else {
        query.map(str::to_owned)
    };
    if !params.kind.is_empty()
        && app.kinds.get(&params.kind).is_none()
        && let Some(refusal) = misspelt(&app, parts.uri.path())
    {
        return Err(refusal);
    }
    let call = Call {
        app,
        space,
        blind,
        params,
        id: id.to_owned(),
        query,
        headers: parts.headers,
        deadline,
    };
    refuse_parameters(route.operation, call.query.as_deref())?;
    match route.operation {
        Operation::Kinds => ops::kinds(call).await,
        Operation::Profiles => ops::profiles(),
        Operation::Get => documents::get(&call),
        Operation::Put => documents::put(call, rest).await,
        Operation::Patch => documents::patch(call, rest).await,
        Operation::Delete => documents::delete(call).await,
        Operation::Subject => subjects::get(call).await,
        Operation::Erase => subjects::erase(call).await,
        Operation::Bulk => bulk::bulk(call, rest).await,
        Operation::Search => ask::search(call, rest).await,
        Operation::SearchQuery => ask::search_query(call).await,
        Operation::Searches => searches::searches(call, rest).await,
        Operation::Suggest => suggest::suggest(call).await,
        Operation::Export => export::search(call, rest).await,
        Operation::ExportMatch => export::match_(call, rest).await,
        Operation::Changes => changes::changes(call).await,
        Operation::Match => ask::match_(call, rest).await,
        Operation::Rank => ask::rank(call, rest).await,
        Operation::Explain => ask::explain(call, rest).await,
        Operation::Sources => sources::all(&call),
        Operation::SourceOf => sources::one(&call),
        Operation::Forget => sources::forget(call).await,
        Operation::Taxonomy => beside(call, taxonomy::get).await,
        Operation::PutTaxonomy => taxonomy::put(call, rest).await,
        Operation::DeleteTaxonomy => taxonomy::delete(call).await,
        Operation::SkillOf => beside(call, taxonomy::skill).await,
        Operation::TitleOf => beside(call, taxonomy::title).await,
        Operation::Live => Ok(ops::live()),
        Operation::Ready => Ok(ops::ready(&call)),
        Operation::Metrics => Ok(ops::metrics(&call)),
        Operation::OpenApi => Ok(ops::openapi()),
        Operation::Page => page::file("index.html", &call.headers),
        Operation::PageFile => page::file(&call.params.file, &call.headers),
    }
}

/// Answers a read on the threads that compute, as it takes more than a look.
async fn beside(
    call: Call,
    answer: fn(&Call) -> Outcome<Response<Body>>,
) -> Outcome<Response<Body>> {
    let (app, deadline) = (Arc::clone(&call.app), call.deadline);
    app.reads.run(deadline, move || answer(&call)).await
}

/// The refusal of a path that looks like a route's.
fn misspelt(app: &App, path: &str) -> Option<Refusal> {
    let kinds = app.kinds.iter().map(|kind| kind.name.as_str());
    let meant = route::meant(path, kinds)?;
    Some(Refusal::because(vec![Fault {
        pointer: String::new(),
        code: Code::NotFound,
        detail: NO_ROUTE.to_owned(),
        did_you_mean: Some(meant),
    }]))
}

/// Refuses query parameters of a route that takes none. The page's are its own
/// state, and the other routes read theirs themselves.
fn refuse_parameters(operation: Operation, query: Option<&str>) -> Outcome<()> {
    let takes_some = operation.parameters().is_none_or(|known| !known.is_empty());
    let first = query.and_then(|query| form_urlencoded::parse(query.as_bytes()).next());
    match first {
        Some((name, _)) if !takes_some => {
            let (known, detail) = if operation.is_read() {
                let only = "this route takes no query parameter but min_sequence";
                (Some(MIN_SEQUENCE), only)
            } else {
                (None, "this route takes no query parameters")
            };
            let mut refusal = query::unknown(&name, known);
            detail.clone_into(&mut refusal.detail);
            Err(refusal)
        }
        Some(_) | None => Ok(()),
    }
}

/// The space a request may see, if it may, and whether its key is blind.
fn authorise(app: &App, route: &Route, headers: &HeaderMap) -> Outcome<(Arc<Space>, bool)> {
    let space = |name: &str| app.spaces.get(name).map(Arc::clone).ok_or_else(defect);
    let Some(keys) = &app.keys else {
        is_local(headers)?;
        return Ok((space(DEFAULT_SPACE)?, false));
    };
    let Some(needed) = route.access else {
        let first = app.spaces.values().next();
        return Ok((first.map(Arc::clone).ok_or_else(defect)?, false));
    };
    let key = header(headers, &AUTHORIZATION)
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, key)| keys.find(key.trim()))
        .ok_or_else(|| {
            Refusal::new(
                Code::Unauthorized,
                "send Authorization: Bearer KEY with a key of this server",
            )
        })?;
    if key.access < needed {
        let needed = if needed == Access::Write {
            "writes"
        } else {
            "reads"
        };
        return Err(Refusal::new(
            Code::Forbidden,
            format!("this key is not for {needed}"),
        ));
    }
    Ok((space(&key.space)?, key.blind))
}

/// Without keys the server is for this machine: a page of another site must
/// not reach it by letting its own name point here.
fn is_local(headers: &HeaderMap) -> Outcome<()> {
    let Some(host) = header(headers, &HOST) else {
        return Ok(());
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    if name.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Forbidden,
        "a server without keys answers to localhost only",
    ))
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The client's request id if it is sane, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    if let Some(id) = header(headers, &REQUEST_ID).filter(|id| is_plain(id)) {
        return id.to_owned();
    }
    let mut random = [0_u8; 8];
    // Without randomness ids repeat, which is no reason to refuse a request.
    let _filled = getrandom::fill(&mut random);
    hex(&random)
}

fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(plain)
}

/// Turns a panic of a handler into a refusal.
async fn guard<T>(handled: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let mut handled = pin!(handled);
    std::future::poll_fn(move |context| {
        catch_unwind(AssertUnwindSafe(|| handled.as_mut().poll(context)))
            .unwrap_or_else(|_panic| Poll::Ready(Err(defect())))
    })
    .await
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::level;
    use crate::http::route::Operation;

    #[test]
    fn only_defects_are_logged_as_errors() {
        for (operation, status, expected) in [
            (Some(Operation::Ready), 200, Level::INFO),
            (Some(Operation::Ready), 503, Level::INFO),
            (Some(Operation::Search), 400, Level::INFO),
            (Some(Operation::Search), 503, Level::WARN),
            (None, 503, Level::WARN),
            (Some(Operation::Put), 500, Level::ERROR),
            (Some(Operation::Put), 507, Level::ERROR),
        ] {
            assert_eq!(level(operation, status), expected, "{operation:?} {status}");
        }
    }
}
