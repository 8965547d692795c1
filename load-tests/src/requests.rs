//! The requests of a run, all built before it starts. Owns files of requests
//! and the shape of bodies; what they ask for comes from the sampler.

use std::path::Path;

use bytes::Bytes;
use clap::ValueEnum;
use hyper::{Method, Uri};
use serde_json::{Value, json};

use crate::args::{ServerArgs, WorkArgs};
use crate::client::Prepared;
use crate::error::Error;
use crate::sampler;

const FILE_BYTES_MAX: u64 = 1 << 30;
const REQUESTS_MAX: usize = 1_000_000;

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Work {
    /// Searches of one kind
    Search,
    /// Stored jobs against candidates, and stored candidates against jobs
    Match,
    /// Both
    Mix,
}

impl Work {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Match => "match",
            Self::Mix => "mix",
        }
    }
}

/// Requests of a run: those of a file if one is named, otherwise sampled from
/// what the server holds.
pub(crate) async fn prepare(
    work: Work,
    server: &ServerArgs,
    args: &WorkArgs,
) -> Result<Vec<Prepared>, Error> {
    match &args.queries {
        Some(path) => read(path, args),
        None => sampler::sample(work, server, args).await,
    }
}

/// A POST with a JSON body.
pub(crate) fn post(path: &str, body: &Value) -> Result<Prepared, Error> {
    Ok(Prepared {
        method: Method::POST,
        uri: uri(path)?,
        body: Bytes::from(body.to_string()),
    })
}

/// A request with this method, and a body where it has one.
pub(crate) fn plain(method: Method, path: &str, body: Bytes) -> Result<Prepared, Error> {
    Ok(Prepared {
        method,
        uri: uri(path)?,
        body,
    })
}

fn uri(path: &str) -> Result<Uri, Error> {
    let uri: Option<Uri> = path.parse().ok();
    uri.filter(|uri| path.starts_with('/') && uri.authority().is_none())
        .ok_or_else(|| Error::Usage(format!("{path:?} is no path")))
}

fn read(path: &Path, args: &WorkArgs) -> Result<Vec<Prepared>, Error> {
    let failed = |source| Error::io(format!("cannot read {}", path.display()), source);
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(Error::Usage(format!(
            "{} has {bytes} bytes, at most {FILE_BYTES_MAX} are read",
            path.display()
        )));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let mut requests = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let request = parse_line(line, args).map_err(|error| {
            Error::Usage(format!("{} line {}: {error}", path.display(), index + 1))
        })?;
        requests.push(request);
        if requests.len() > REQUESTS_MAX {
            return Err(Error::Usage(format!(
                "{} has more than {REQUESTS_MAX} requests",
                path.display()
            )));
        }
    }
    if requests.is_empty() {
        return Err(Error::Usage(format!("{} is empty", path.display())));
    }
    Ok(requests)
}

/// A request of a line: `{"path", "body"}` as it stands (a GET without `body`),
/// `{"kind", "search"}` and `{"match"}` as `tandem sample --queries` writes
/// them, anything else as words to search for.
fn parse_line(line: &str, args: &WorkArgs) -> Result<Prepared, Error> {
    if !line.starts_with('{') {
        let body = json!({"q": line, "limit": args.limit});
        return post(&format!("/v1/search/{}", args.kind), &body);
    }
    let value: Value =
        serde_json::from_str(line).map_err(|error| Error::Usage(format!("no JSON: {error}")))?;
    if let (Some(kind), Some(body)) = (value["kind"].as_str(), value.get("search")) {
        return post(&format!("/v1/search/{kind}"), body);
    }
    if let Some(body) = value.get("match") {
        return post("/v1/match", body);
    }
    let path = value["path"].as_str();
    let path = path.ok_or_else(|| Error::Usage("path is missing".to_owned()))?;
    match value.get("body") {
        Some(body) => post(path, body),
        None => Ok(Prepared {
            method: Method::GET,
            uri: uri(path)?,
            body: Bytes::new(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        work: WorkArgs,
    }

    #[test]
    fn lines_are_requests_or_words() {
        let args = Line::parse_from(["x", "--kind", "courses", "--limit", "3"]).work;
        let cases = [
            (
                "rust +async",
                Ok((
                    "POST",
                    "/v1/search/courses",
                    r#"{"limit":3,"q":"rust +async"}"#,
                )),
            ),
            (
                r#"{"path":"/v1/match","body":{"from":1}}"#,
                Ok(("POST", "/v1/match", r#"{"from":1}"#)),
            ),
            (
                r#"{"path":"/v1/search/jobs?q=a%20b"}"#,
                Ok(("GET", "/v1/search/jobs?q=a%20b", "")),
            ),
            (
                r#"{"kind":"courses","search":{"q":"rust"}}"#,
                Ok(("POST", "/v1/search/courses", r#"{"q":"rust"}"#)),
            ),
            (
                r#"{"match":{"from":2}}"#,
                Ok(("POST", "/v1/match", r#"{"from":2}"#)),
            ),
            (r#"{"body":{}}"#, Err("path is missing")),
            (r#"{"search":{}}"#, Err("path is missing")),
            (
                r#"{"path":"http://10.0.0.1/"}"#,
                Err(r#""http://10.0.0.1/" is no path"#),
            ),
            (r#"{"path":"v1"}"#, Err(r#""v1" is no path"#)),
            (r#"{"path":"/a b"}"#, Err(r#""/a b" is no path"#)),
            (
                "{",
                Err("no JSON: EOF while parsing an object at line 1 column 1"),
            ),
        ];
        for (line, expected) in cases {
            match (parse_line(line, &args), expected) {
                (Ok(found), Ok((method, uri, body))) => {
                    assert_eq!(found.method.as_str(), method);
                    assert_eq!(found.uri.to_string(), uri);
                    // The order of members depends on features other crates turn on.
                    let read =
                        |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
                    assert_eq!(read(&found.body), read(body.as_bytes()));
                }
                (Err(found), Err(expected)) => assert_eq!(found.to_string(), expected),
                (found, _) => panic!("{line}: {:?}", found.is_ok()),
            }
        }
    }
}
