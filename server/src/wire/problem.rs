//! Errors on the wire: RFC 9457 problems with the codes of docs/api.md.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tandem_index::document::{FieldFault, Invalid};

/// What went wrong, as a client tells errors apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The body is not JSON, or not UTF-8.
    InvalidJson,
    /// A member is missing or of the wrong type.
    InvalidRequest,
    /// A body member or query parameter no route knows.
    UnknownMember,
    /// No such kind.
    UnknownKind,
    /// A field the kind does not have.
    UnknownField,
    /// A profile of the score that is not there.
    UnknownProfile,
    /// A condition its field cannot have.
    InvalidFilter,
    /// A Boolean query that cannot be read.
    InvalidQuery,
    /// A cursor that is forged, damaged, or of another query.
    InvalidCursor,
    /// The cursor's snapshot is no longer held.
    SnapshotGone,
    /// Changes behind the position are no longer held.
    ChangesGone,
    /// The position is one this server has not reached.
    ChangesAhead,
    /// The position or sequence number is of another history of the documents.
    OtherHistory,
    /// A field the kind does not have or a value it cannot take.
    InvalidDocument,
    /// An id of 0 or more than 512 bytes, or with control characters.
    InvalidId,
    /// NaN, infinite, zero, or of the wrong dimension.
    InvalidVector,
    /// No such document or route.
    NotFound,
    /// The route has no such method.
    MethodNotAllowed,
    /// An equal or newer version is held.
    StaleVersion,
    /// A condition of the request is not true.
    PreconditionFailed,
    /// The body did not come in time.
    RequestTimeout,
    /// Over the body limit.
    PayloadTooLarge,
    /// The route cannot answer in any type of `Accept`.
    NotAcceptable,
    /// Not JSON or NDJSON.
    UnsupportedMediaType,
    /// No key.
    Unauthorized,
    /// A key without that right.
    Forbidden,
    /// A queue is full.
    Overloaded,
    /// The request ran out of time.
    DeadlineExceeded,
    /// `min_sequence` is not visible yet.
    NotYetVisible,
    /// A source's position is below where the lines begin.
    PositionGap,
    /// Starting or stopping.
    NotReady,
    /// The disk or a defect ended writing for good; reads go on.
    WriterStopped,
    /// The disk is full; nothing was changed.
    StorageFull,
    /// A defect.
    Internal,
}

/// Each code with its name, status and title.
const CODES: [(Code, &str, u16, &str); 34] = [
    (
        Code::InvalidJson,
        "invalid_json",
        400,
        "The body is not valid JSON",
    ),
    (
        Code::InvalidRequest,
        "invalid_request",
        400,
        "The request is not valid",
    ),
    (
        Code::UnknownMember,
        "unknown_member",
        400,
        "The request has an unknown member",
    ),
    (
        Code::UnknownKind,
        "unknown_kind",
        404,
        "There is no such kind",
    ),
    (
        Code::UnknownField,
        "unknown_field",
        400,
        "The kind has no such field",
    ),
    (
        Code::UnknownProfile,
        "unknown_profile",
        400,
        "There is no such profile",
    ),
    (
        Code::InvalidFilter,
        "invalid_filter",
        400,
        "A filter is not valid",
    ),
    (
        Code::InvalidQuery,
        "invalid_query",
        400,
        "The query is not valid",
    ),
    (
        Code::InvalidCursor,
        "invalid_cursor",
        400,
        "The cursor is not valid",
    ),
    (
        Code::SnapshotGone,
        "snapshot_gone",
        410,
        "The cursor's snapshot is gone",
    ),
    (
        Code::ChangesGone,
        "changes_gone",
        410,
        "Changes behind the position are gone",
    ),
    (
        Code::ChangesAhead,
        "changes_ahead",
        409,
        "The position is ahead of this server",
    ),
    (
        Code::OtherHistory,
        "other_history",
        409,
        "The position is of another history of the documents",
    ),
    (
        Code::InvalidDocument,
        "invalid_document",
        422,
        "The document is not valid",
    ),
    (Code::InvalidId, "invalid_id", 400, "The id is not valid"),
    (
        Code::InvalidVector,
        "invalid_vector",
        400,
        "The vector is not valid",
    ),
    (Code::NotFound, "not_found", 404, "Not found"),
    (
        Code::MethodNotAllowed,
        "method_not_allowed",
        405,
        "The method is not allowed",
    ),
    (
        Code::StaleVersion,
        "stale_version",
        409,
        "An equal or newer version is held",
    ),
    (
        Code::PreconditionFailed,
        "precondition_failed",
        412,
        "A condition of the request is not true",
    ),
    (
        Code::RequestTimeout,
        "request_timeout",
        408,
        "The body did not come in time",
    ),
    (
        Code::PayloadTooLarge,
        "payload_too_large",
        413,
        "The body is too large",
    ),
    (
        Code::NotAcceptable,
        "not_acceptable",
        406,
        "The route cannot answer in that media type",
    ),
    (
        Code::UnsupportedMediaType,
        "unsupported_media_type",
        415,
        "The media type is not supported",
    ),
    (Code::Unauthorized, "unauthorized", 401, "A key is needed"),
    (
        Code::Forbidden,
        "forbidden",
        403,
        "The key has no right to this",
    ),
    (
        Code::Overloaded,
        "overloaded",
        429,
        "The server is overloaded",
    ),
    (
        Code::DeadlineExceeded,
        "deadline_exceeded",
        503,
        "The request ran out of time",
    ),
    (
        Code::NotYetVisible,
        "not_yet_visible",
        503,
        "The sequence number is not visible yet",
    ),
    (
        Code::PositionGap,
        "position_gap",
        409,
        "Lines of the source are missing in between",
    ),
    (
        Code::NotReady,
        "not_ready",
        503,
        "The server is starting or stopping",
    ),
    (
        Code::WriterStopped,
        "writer_stopped",
        503,
        "Writing has failed and is over until the server is started again",
    ),
    (Code::StorageFull, "storage_full", 507, "The disk is full"),
    (Code::Internal, "internal", 500, "A defect of the server"),
];

impl Code {
    fn row(self) -> &'static (Code, &'static str, u16, &'static str) {
        // The table is in the order of the enum; a test holds it to that.
        &CODES[self as usize]
    }

    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        self.row().2
    }

    /// What it is, in words.
    pub fn title(self) -> &'static str {
        self.row().3
    }

    /// The code of a name from the engine or the index. An unknown name is a
    /// defect of ours and answered as one.
    pub fn of(name: &str) -> Self {
        if name == "invalid_value" {
            // A document's value; the kinds' word for it.
            return Self::InvalidDocument;
        }
        CODES
            .iter()
            .find(|row| row.1 == name)
            .map_or(Self::Internal, |row| row.0)
    }

    /// Every code.
    pub fn all() -> impl Iterator<Item = Code> {
        CODES.iter().map(|row| row.0)
    }
}

/// One thing wrong with a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// JSON pointer into the body, or `/` and the name of a query parameter.
    pub pointer: String,
    /// What is wrong.
    pub code: Code,
    /// What happened.
    pub detail: String,
    /// A name that exists and looks like the one given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
}

/// An answer that says what went wrong: RFC 9457.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Where the code is described.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the code means.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened.
    pub detail: String,
    /// The request's id, as in `X-Request-Id`.
    pub instance: String,
    /// What went wrong.
    pub code: Code,
    /// Each thing wrong, where there are several or it has a place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
}

/// Why a request is not answered; becomes a [`Problem`] where its id is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What went wrong.
    pub code: Code,
    /// What happened.
    pub detail: String,
    /// Each thing wrong.
    pub errors: Vec<Fault>,
}

/// What a handler returns.
pub type Outcome<T> = Result<T, Refusal>;

impl Refusal {
    /// A refusal without a place in the request.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// A refusal because of one place in the request.
    pub fn at(code: Code, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::because(vec![Fault {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
            did_you_mean: None,
        }])
    }

    /// A refusal because of these; the first one's code is the answer's.
    pub fn because(errors: Vec<Fault>) -> Self {
        let (code, detail) = errors
            .first()
            .map_or((Code::Internal, String::new()), |fault| {
                (fault.code, fault.detail.clone())
            });
        Self {
            code,
            detail,
            errors,
        }
    }

    /// The problem of the request with this id.
    pub fn problem(self, request_id: &str) -> Problem {
        Problem {
            kind: format!("/openapi.json#{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail,
            instance: request_id.to_owned(),
            code: self.code,
            errors: self.errors,
        }
    }
}

impl From<FieldFault> for Fault {
    fn from(fault: FieldFault) -> Self {
        Self {
            pointer: fault.pointer,
            code: Code::of(fault.code),
            detail: fault.detail,
            did_you_mean: fault.did_you_mean,
        }
    }
}

impl From<tandem_engine::Failure> for Refusal {
    fn from(failure: tandem_engine::Failure) -> Self {
        let mut refusal = Self::because(failure.faults.into_iter().map(Fault::from).collect());
        // A document of a match is refused as it would be in a PUT.
        let inline = |fault: &Fault| fault.pointer.starts_with("/from/document");
        if refusal.code == Code::UnknownField && refusal.errors.first().is_some_and(inline) {
            refusal.code = Code::InvalidDocument;
        }
        refusal
    }
}

impl From<Invalid> for Refusal {
    /// A document's faults are `invalid_document` as a whole, but for ids and
    /// vectors, which have codes of their own.
    fn from(invalid: Invalid) -> Self {
        let mut refusal = Self::because(invalid.faults.into_iter().map(Fault::from).collect());
        if refusal.code == Code::UnknownField {
            refusal.code = Code::InvalidDocument;
        }
        refusal
    }
}

#[cfg(test)]
mod tests {
    use super::{CODES, Code};

    #[test]
    fn codes_stand_in_the_order_of_the_enum_under_their_wire_name() {
        for (place, row) in CODES.iter().enumerate() {
            assert_eq!(row.0 as usize, place);
            assert_eq!(serde_json::to_value(row.0).unwrap(), row.1);
            assert_eq!(Code::of(row.1), row.0);
        }
        assert_eq!(CODES.len(), Code::Internal as usize + 1);
    }
}
