//! What the server says of itself, and the parameters it takes. Owns questions
//! asked outside the timed path; every answer is checked as far as it is used.

use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::client::{Client, Outcome, Prepared};
use crate::error::Error;
use crate::report;
use crate::requests::{plain, post};

/// What a kind's documents are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) kind: String,
    /// Components of a vector.
    pub(crate) dimensions: usize,
    /// Documents it holds.
    pub(crate) documents: u64,
    pub(crate) title: String,
    /// Of the text, where the kind has one beside the title.
    pub(crate) text: Option<String>,
    pub(crate) skills: Option<String>,
    /// Date from which on a document is in no answer.
    pub(crate) expires: Option<String>,
}

/// Where `min_sequence` is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MinSequence {
    /// As a member of a body.
    pub(crate) member: bool,
    /// As a parameter of a GET.
    pub(crate) parameter: bool,
}

/// Status and JSON of an answer; null if it is not JSON.
pub(crate) async fn ask(
    client: &mut Client,
    path: &str,
    body: &Value,
) -> Result<(u16, Value), Error> {
    exchange(client, &post(path, body)?).await
}

/// Status and JSON of a GET.
pub(crate) async fn get(client: &mut Client, path: &str) -> Result<(u16, Value), Error> {
    exchange(client, &plain(Method::GET, path, Bytes::new())?).await
}

/// Status and JSON of an answer; null if it is not JSON.
pub(crate) async fn exchange(
    client: &mut Client,
    request: &Prepared,
) -> Result<(u16, Value), Error> {
    match client.send(request, true).await {
        Outcome::Answered { status, body } => {
            Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
        }
        Outcome::Failed(fault) => Err(Error::Server(format!(
            "{} {}: {}",
            request.method,
            request.uri.path(),
            fault.name()
        ))),
    }
}

/// The shape of a kind. Errors: no such kind, or one without a title.
pub(crate) async fn shape(client: &mut Client, kind: &str) -> Result<Shape, Error> {
    let (status, answer) = get(client, "/v1/kinds").await?;
    if status != 200 {
        return Err(refused("/v1/kinds", status, &answer));
    }
    read_shape(&answer, kind)
}

fn read_shape(answer: &Value, kind: &str) -> Result<Shape, Error> {
    let kinds = answer["kinds"].as_array().map_or(&[][..], Vec::as_slice);
    let Some(found) = kinds.iter().find(|each| each["name"] == kind) else {
        let names: Vec<&str> = kinds.iter().filter_map(|k| k["name"].as_str()).collect();
        return Err(Error::Usage(format!(
            "the server has no kind {kind:?}, it has {}",
            names.join(", ")
        )));
    };
    let fields = found["fields"].as_array().map_or(&[][..], Vec::as_slice);
    let named = |member: &str, value: &str| {
        let field = fields.iter().find(|field| field[member] == value)?;
        field["name"].as_str().map(str::to_owned)
    };
    let title = named("as", "title").ok_or_else(|| {
        Error::Usage(format!(
            "kind {kind:?} has no title, a field `as = \"title\"`"
        ))
    })?;
    Ok(Shape {
        kind: kind.to_owned(),
        dimensions: found["dimensions"].as_u64().unwrap_or(0) as usize,
        documents: found["documents"].as_u64().unwrap_or(0),
        title,
        text: named("as", "text"),
        skills: named("as", "skills"),
        expires: named("as", "expires"),
    })
}

/// An error that says what the server answered.
pub(crate) fn refused(what: &str, status: u16, answer: &Value) -> Error {
    let detail = answer["detail"].as_str().unwrap_or("no detail");
    Error::Server(format!("{what} answers {status}: {detail}"))
}

/// Where the server takes `min_sequence`, tried on a document it holds. A
/// server that does not know it is read without, and a note says so.
pub(crate) async fn min_sequence(
    client: &mut Client,
    kind: &str,
    id: &str,
) -> Result<MinSequence, Error> {
    let body = json!({"q": "", "limit": 0, "count": "none", "min_sequence": "0"});
    let path = format!("/v1/search/{kind}");
    let member = takes(&path, ask(client, &path, &body).await?)?;
    let path = format!("/v1/{kind}/{id}?min_sequence=0");
    let parameter = takes(&path, get(client, &path).await?)?;
    if !(member && parameter) {
        report::note(
            "this server does not know min_sequence: reads go without it, and only what was acknowledged before they were sent is asked of them",
        );
    }
    Ok(MinSequence { member, parameter })
}

fn takes(what: &str, (status, answer): (u16, Value)) -> Result<bool, Error> {
    match (status, answer["code"].as_str()) {
        (200, _) => Ok(true),
        (400, Some("unknown_member")) => Ok(false),
        _ => Err(refused(what, status, &answer)),
    }
}

/// The number in a token such as `default:42`, or in `42`.
pub(crate) fn sequence(token: &Value) -> Option<u64> {
    let text = token.as_str()?;
    let number = text
        .rsplit_once([':', '.'])
        .map_or(text, |(_, number)| number);
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_whatever_its_fields_are_called() {
        let answer = json!({"kinds": [{"name": "courses", "dimensions": 8, "documents": 3, "fields": [
            {"name": "code", "type": "keyword"},
            {"name": "name", "type": "text", "as": "title"},
            {"name": "teaches", "type": "skills", "as": "skills"}]}]});
        let shape = read_shape(&answer, "courses").unwrap();
        assert_eq!((shape.title.as_str(), shape.text), ("name", None));
        assert_eq!((shape.dimensions, shape.documents), (8, 3));
        assert_eq!(shape.skills.as_deref(), Some("teaches"));
        let error = read_shape(&answer, "jobs").unwrap_err().to_string();
        assert_eq!(error, "the server has no kind \"jobs\", it has courses");
        assert!(read_shape(&json!(null), "jobs").is_err());
    }

    #[test]
    fn tokens_are_numbers_with_or_without_their_space() {
        let cases = [
            (json!("default:42"), Some(42)),
            (json!("a:b:7"), Some(7)),
            (json!("default:5f0c9a1e.42"), Some(42)),
            (json!("42"), Some(42)),
            (json!("default:"), None),
            (json!(42), None),
        ];
        for (token, expected) in cases {
            assert_eq!(sequence(&token), expected, "{token}");
        }
    }

    #[test]
    fn only_an_unknown_member_means_that_a_parameter_is_not_taken() {
        let problem = |code: &str| json!({"code": code, "detail": "d"});
        assert!(takes("x", (200, json!({}))).unwrap());
        assert!(!takes("x", (400, problem("unknown_member"))).unwrap());
        assert!(takes("x", (400, problem("invalid_request"))).is_err());
        assert!(takes("x", (503, problem("not_ready"))).is_err());
    }
}
