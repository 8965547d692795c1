//! Answers as HTTP. Owns bodies and the headers every answer has.

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::stream::Stream;
use crate::limits::RETRY_AFTER_SECONDS;
use crate::wire::problem::{Code, Outcome, Refusal};

/// A body known in full, or one that is written while the request is read.
pub(super) type Body = Either<Full<Bytes>, Stream>;

/// JSON.
pub(super) const JSON: &str = "application/json";
/// A JSON value a line.
pub(super) const NDJSON: &str = "application/x-ndjson";
/// Comma-separated values.
pub(super) const CSV: &str = "text/csv; charset=utf-8";
/// Markdown (RFC 7763).
pub(super) const MARKDOWN: &str = "text/markdown; charset=utf-8";
/// RFC 9457.
const PROBLEM: &str = "application/problem+json";
/// Where a request's time went.
pub(super) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// An answer with a body of this type.
pub(super) fn bytes(
    status: StatusCode,
    media_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::new(body.into())));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// JSON as bytes. Fails only on a defect: wire types have string keys.
pub(super) fn to_json(value: &impl Serialize) -> Outcome<Vec<u8>> {
    serde_json::to_vec(value).map_err(|_never| crate::compute::defect())
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Outcome<Response<Body>> {
    Ok(bytes(status, JSON, to_json(value)?))
}

/// A text answer of the operations routes.
pub(super) fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    bytes(status, "text/plain; charset=utf-8", body)
}

/// Sets a header; a value that cannot stand in one is left out.
pub(super) fn set(response: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// A refusal as a problem.
pub(super) fn problem(refusal: Refusal, request_id: &str, allow: Option<&str>) -> Response<Body> {
    let code = refusal.code;
    let problem = refusal.problem(request_id);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = bytes(status, PROBLEM, body);
    match code {
        Code::Overloaded | Code::NotReady | Code::NotYetVisible | Code::StorageFull => {
            set(&mut response, RETRY_AFTER, &RETRY_AFTER_SECONDS.to_string());
        }
        Code::Unauthorized => set(&mut response, WWW_AUTHENTICATE, "Bearer"),
        Code::MethodNotAllowed => set(&mut response, ALLOW, allow.unwrap_or_default()),
        Code::InvalidJson
        | Code::InvalidRequest
        | Code::UnknownMember
        | Code::UnknownKind
        | Code::UnknownField
        | Code::UnknownProfile
        | Code::InvalidFilter
        | Code::InvalidQuery
        | Code::InvalidCursor
        | Code::SnapshotGone
        | Code::ChangesGone
        | Code::ChangesAhead
        | Code::OtherHistory
        | Code::InvalidDocument
        | Code::InvalidId
        | Code::InvalidVector
        | Code::NotFound
        | Code::StaleVersion
        | Code::PositionGap
        | Code::PreconditionFailed
        | Code::RequestTimeout
        | Code::PayloadTooLarge
        | Code::NotAcceptable
        | Code::UnsupportedMediaType
        | Code::Forbidden
        | Code::DeadlineExceeded
        | Code::WriterStopped
        | Code::Internal => {}
    }
    response
}
