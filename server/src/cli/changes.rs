//! `tandem changes`: what has changed, as NDJSON, once or on and on.

use bytes::Bytes;
use clap::Args;
use form_urlencoded::Serializer;
use http_body_util::Full;
use hyper::StatusCode;

use super::away::Away;
use super::client::{Server, collect, refuse, run as run_client};
use super::error::{CliError, Exit};
use super::print;
use crate::wire::changes::Next;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The position to go on behind: `next` of the last line, or X-Snapshot of an export
    #[arg(long, value_name = "POSITION", default_value = "0")]
    after: String,
    /// Go on with changes as they happen, also over a restart of the server
    #[arg(long)]
    follow: bool,
    /// Only changes of this kind (repeatable)
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    #[command(flatten)]
    server: Server,
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    run_client(follow(options))
}

async fn follow(options: &Options) -> Result<Exit, CliError> {
    let mut after = options.after.clone();
    let mut away = Away::default();
    if options.follow {
        // Nobody at the very first try is a mistake in the command; from then on a
        // follower outlives its server.
        options.server.reach().await?;
    }
    loop {
        let answer = match ask(options, &after).await {
            Err(error) if options.follow && error.exit == Exit::Unreachable => {
                tokio::time::sleep(away.wait(&error.what)).await;
                continue;
            }
            answer => answer?,
        };
        away.back();
        let (lines, next) = split(&answer)?;
        let is_end = lines.is_empty() && next == after;
        // A follower sees the position behind all changes that came, others at the end.
        let shown = match (options.follow, is_end) {
            (true, true) | (false, false) => lines,
            (true, false) | (false, true) => &answer[..],
        };
        if !print::raw(shown)? || (is_end && !options.follow) {
            return Ok(Exit::Done);
        }
        after = next;
    }
}

async fn ask(options: &Options, after: &str) -> Result<Bytes, CliError> {
    let mut query = Serializer::new(String::new());
    query.append_pair("after", after);
    for kind in &options.kind {
        query.append_pair("kind", kind);
    }
    if options.follow {
        query.append_pair("wait", "60");
    }
    let path = format!("/v1/changes?{}", query.finish());
    let server = &options.server;
    let answer = server
        .send("GET", &path, "application/json", Full::new(Bytes::new()))
        .await?;
    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
        let what = "the server takes no requests: it is starting or stopping";
        return Err(CliError::new(Exit::Unreachable, what));
    }
    if options.follow && answer.status() == StatusCode::TOO_MANY_REQUESTS {
        let what = "the server has no place for one more who waits";
        return Err(CliError::new(Exit::Unreachable, what));
    }
    collect(refuse(answer).await?).await
}

/// The changes of an answer, and its last line's position.
fn split(answer: &[u8]) -> Result<(&[u8], String), CliError> {
    let whole = answer.strip_suffix(b"\n").unwrap_or_default();
    let at = whole.iter().rposition(|byte| *byte == b'\n');
    let (lines, last) = whole.split_at(at.map_or(0, |at| at + 1));
    let next: Next = serde_json::from_slice(last).map_err(|_other| {
        CliError::new(
            Exit::Failed,
            "the server's answer is not of the change feed",
        )
        .hint("does --url name the right port?")
    })?;
    Ok((lines, next.next))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn the_last_line_is_the_position() {
        let (lines, next) = split(b"{\"seq\":1}\n{\"next\":\"a:1\"}\n").unwrap();
        assert_eq!((lines, next.as_str()), (&b"{\"seq\":1}\n"[..], "a:1"));
        assert_eq!(
            split(b"{\"next\":\"7\"}\n").unwrap(),
            (&b""[..], "7".to_owned())
        );
        assert!(split(b"hello\n").is_err() && split(b"").is_err());
    }
}
