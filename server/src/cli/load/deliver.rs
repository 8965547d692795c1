//! Chunks of a followed source to the server. Owns telling what a refusal
//! means: try again, go back to where the server is, or give up.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::cli::client::{Server, passes, refused};
use crate::cli::error::{CliError, Exit};
use crate::wire::answer::Source;
use crate::wire::problem::{Code, Problem};
use crate::wire::write::{BulkLine, LineResult, Summary, WriteResult};

/// How long an answer may take: disks may be slow, a server that is gone is not
/// always noticed.
const PATIENCE: Duration = Duration::from_mins(1);

/// What came of a request.
pub(super) enum Sent {
    /// It was answered to its end.
    Done(Summary, Vec<LineResult>),
    /// It makes sense to try again.
    Later(String),
    /// The server is not as far as was thought.
    Behind,
}

/// The way to the server.
pub(super) struct Target<'a> {
    pub(super) server: &'a Server,
    pub(super) kind: &'a str,
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl Target<'_> {
    /// Sends lines of a source; `to` where their bytes are not the source's own.
    pub(super) async fn send(
        &self,
        source: &str,
        (from, to): (u64, Option<u64>),
        body: Vec<u8>,
    ) -> Result<Sent, CliError> {
        let mut path = format!(
            "/v1/{}/bulk?source={}&from={from}",
            encoded(self.kind),
            encoded(source)
        );
        if let Some(to) = to {
            path.extend(["&to=", &to.to_string()]);
        }
        let body = Full::new(Bytes::from(body));
        let (status, answer) = match self.exchange("POST", &path, body).await? {
            Ok(answered) => answered,
            Err(why) => return Ok(Sent::Later(why)),
        };
        if !(200..300).contains(&status) {
            return match problem(status, &answer) {
                Some(problem) if problem.code == Code::PositionGap => Ok(Sent::Behind),
                problem => later(status, problem.as_ref(), &answer),
            };
        }
        let mut rejects = Vec::new();
        for line in answer.split(|byte| *byte == b'\n') {
            if line.is_empty() {
                continue;
            }
            match serde_json::from_slice(line) {
                Ok(BulkLine::Summary(last)) => return Ok(Sent::Done(last.summary, rejects)),
                Ok(BulkLine::Problem(last)) => {
                    return later(last.problem.status, Some(&last.problem), line);
                }
                Ok(BulkLine::Result(result)) if result.result == WriteResult::Rejected => {
                    rejects.push(result);
                }
                Ok(BulkLine::Result(_) | BulkLine::Range(_)) => {}
                Err(cause) => return Ok(Sent::Later(format!("its answer broke off: {cause}"))),
            }
        }
        Ok(Sent::Later("its answer broke off".to_owned()))
    }

    /// How far the server has a source; `Err` inside is why to ask again.
    pub(super) async fn position(&self, source: &str) -> Result<Result<u64, String>, CliError> {
        let path = format!("/v1/sources/{}", encoded(source));
        let (status, answer) = match self.exchange("GET", &path, Full::default()).await? {
            Ok(answered) => answered,
            Err(why) => return Ok(Err(why)),
        };
        let problem = problem(status, &answer);
        if problem
            .as_ref()
            .is_some_and(|one| one.code == Code::NotFound)
        {
            return Ok(Ok(0));
        }
        if !(200..300).contains(&status) {
            return match later(status, problem.as_ref(), &answer)? {
                Sent::Later(why) => Ok(Err(why)),
                Sent::Done(..) | Sent::Behind => Ok(Err(String::new())),
            };
        }
        serde_json::from_slice::<Source>(&answer)
            .map(|source| Ok(source.position))
            .map_err(|cause| {
                let what = format!("the server's answer is not understood: {cause}");
                CliError::new(Exit::Failed, what)
            })
    }

    /// Has the server forget a source, known or not; `Err` inside is why to ask again.
    pub(super) async fn forget(&self, source: &str) -> Result<Result<(), String>, CliError> {
        let path = format!("/v1/sources/{}", encoded(source));
        let (status, answer) = match self.exchange("DELETE", &path, Full::default()).await? {
            Ok(answered) => answered,
            Err(why) => return Ok(Err(why)),
        };
        if (200..300).contains(&status) || status == 404 {
            return Ok(Ok(()));
        }
        match later(status, problem(status, &answer).as_ref(), &answer)? {
            Sent::Later(why) => Ok(Err(why)),
            Sent::Done(..) | Sent::Behind => Ok(Err(String::new())),
        }
    }

    /// Status and body; `Err` inside is why the server could not be asked.
    async fn exchange(
        &self,
        method: &str,
        path: &str,
        body: Full<Bytes>,
    ) -> Result<Result<(u16, Bytes), String>, CliError> {
        let exchange = async {
            let response = self
                .server
                .send(method, path, "application/x-ndjson", body)
                .await?;
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.map_err(|cause| {
                CliError::new(Exit::Unreachable, format!("the answer broke off: {cause}"))
            })?;
            Ok::<_, CliError>((status, body.to_bytes()))
        };
        match tokio::time::timeout(PATIENCE, exchange).await {
            Ok(Ok(answered)) => Ok(Ok(answered)),
            Ok(Err(error)) if error.exit == Exit::Unreachable => Ok(Err(error.what)),
            Ok(Err(error)) => Err(error),
            Err(_elapsed) => Ok(Err(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }
}

fn problem(status: u16, body: &[u8]) -> Option<Problem> {
    (status >= 400)
        .then(|| serde_json::from_slice(body).ok())
        .flatten()
}

/// What a refusal means where it may be another one later.
fn later(status: u16, problem: Option<&Problem>, body: &[u8]) -> Result<Sent, CliError> {
    if passes(status) {
        let why = problem.map_or_else(
            || format!("it answers {status}"),
            |problem| format!("{} ({})", problem.detail, problem.code.as_str()),
        );
        return Ok(Sent::Later(why));
    }
    Err(refused(status, body))
}
