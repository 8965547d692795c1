//! Writes of `consistency`: puts and deletes one by one, and a quarter of the
//! writers in bulk.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use super::Shared;
use crate::api::{self, Shape};
use crate::client::{Client, Outcome, Prepared};
use crate::error::Error;
use crate::history::Op;
use crate::requests::{plain, post};

const AGAIN_AFTER: Duration = Duration::from_millis(20);
/// Documents of one bulk.
const BULK: usize = 4;

/// Writes to a range of documents that no other task writes to.
pub(super) async fn write(
    shared: Arc<Shared>,
    mut client: Client,
    own: Range<usize>,
) -> Result<(), Error> {
    let number = own.start / own.len().max(1);
    let in_bulk = number % BULK == BULK - 1;
    let mut versions = vec![0; own.len()];
    let mut newest = 0;
    let mut next = 0;
    while !shared.is_over() {
        let count = if in_bulk { BULK.min(own.len()) } else { 1 };
        let documents: Vec<usize> = (0..count)
            .map(|i| own.start + (next + i) % own.len())
            .collect();
        next += count;
        let writes: Vec<(usize, u64)> = begin(&shared, &documents);
        let token = if in_bulk {
            bulk(&shared, &mut client, &writes).await?
        } else {
            let version = &mut versions[documents[0] - own.start];
            one(&shared, &mut client, writes[0], version).await?
        };
        // Not acknowledged: the run is over.
        let Some(token) = token else { break };
        if token < newest {
            let evidence = json!({"before": newest, "now": token});
            shared.violation(
                "a later write was answered with a lower sequence",
                &evidence,
            );
        }
        newest = token;
        for (document, count) in writes {
            shared.acknowledge(document, count, token);
        }
    }
    Ok(())
}

/// Marks the next write of each document as sent.
fn begin(shared: &Shared, documents: &[usize]) -> Vec<(usize, u64)> {
    let mut progress = shared.progress();
    let mut next = |&document: &usize| {
        let progress = &mut progress[document];
        progress.sent = progress.acknowledged + 1;
        (document, progress.sent)
    };
    documents.iter().map(&mut next).collect()
}

/// One write, sent until it is acknowledged. Answers its sequence; none if the
/// run ended first.
async fn one(
    shared: &Shared,
    client: &mut Client,
    (document, count): (usize, u64),
    version: &mut u64,
) -> Result<Option<u64>, Error> {
    let path = format!("/v1/{}/{}", shared.shape.kind, shared.id(document));
    let is_delete = shared.plan.op(document, count) == Op::Delete;
    let request = if is_delete {
        plain(Method::DELETE, &path, Bytes::new())?
    } else {
        plain(
            Method::PUT,
            &path,
            shared.body(document, count, false).into(),
        )?
    };
    let mut again = false;
    while !(again && shared.is_over()) {
        let (status, answer) = match client.send(&request, true).await {
            Outcome::Answered { status, body } => (status, parse(&body)),
            // It may have been done or not: the same once more does no harm.
            Outcome::Failed(_) => (0, Value::Null),
        };
        match (status, is_delete) {
            (200 | 201, _) => {
                let behind_delete = count > 1 && shared.plan.op(document, count - 1) == Op::Delete;
                let now = answer["version"].as_u64().unwrap_or(0);
                if now <= *version && !is_delete {
                    if !behind_delete {
                        let evidence = evidence(&request, status, &answer, document, count);
                        shared.violation("a version did not rise", &evidence);
                    }
                    shared.counts().versions_restarted += 1;
                }
                *version = now;
                let write = (document, count);
                return Ok(sequence(shared, &request, status, &answer, write));
            }
            // An earlier try did it, and its answer was lost.
            (404, true) if again => return Ok(Some(shared.progress()[document].token)),
            (0 | 408 | 429 | 503 | 507, _) => {
                again = true;
                shared.counts().writes_again += 1;
                tokio::time::sleep(AGAIN_AFTER).await;
            }
            (404, true) => {
                let evidence = evidence(&request, status, &answer, document, count);
                shared.violation("a delete does not find a document that was put", &evidence);
                return Ok(None);
            }
            _ => return Err(api::refused(&path, status, &answer)),
        }
    }
    Ok(None)
}

/// Some writes in one bulk.
async fn bulk(
    shared: &Shared,
    client: &mut Client,
    writes: &[(usize, u64)],
) -> Result<Option<u64>, Error> {
    let line = |&(document, count): &(usize, u64)| match shared.plan.op(document, count) {
        Op::Delete => json!({"delete": shared.id(document)}).to_string(),
        Op::PutVector | Op::PutText => shared.body(document, count, true),
    };
    let lines: Vec<String> = writes.iter().map(line).collect();
    let path = format!("/v1/{}/bulk", shared.shape.kind);
    let request = plain(Method::POST, &path, lines.join("\n").into())?;
    let mut again = false;
    while !(again && shared.is_over()) {
        let (status, body) = match client.send(&request, true).await {
            Outcome::Answered { status, body } => (status, body),
            Outcome::Failed(_) => (0, Vec::new()),
        };
        let text = String::from_utf8_lossy(&body);
        let summary = text.lines().last().map(|line| parse(line.as_bytes()));
        let summary = summary.unwrap_or_default()["summary"].clone();
        match status {
            207 if summary["rejected"] == 0 => {
                return Ok(sequence(shared, &request, status, &summary, writes[0]));
            }
            0 | 207 | 408 | 429 | 503 | 507 => {
                again = true;
                shared.counts().writes_again += 1;
                tokio::time::sleep(AGAIN_AFTER).await;
            }
            _ => return Err(api::refused(&path, status, &parse(&body))),
        }
    }
    Ok(None)
}

fn sequence(
    shared: &Shared,
    request: &Prepared,
    status: u16,
    answer: &Value,
    (document, count): (usize, u64),
) -> Option<u64> {
    let token = api::sequence(&answer["sequence"]);
    if token.is_none() {
        let evidence = evidence(request, status, answer, document, count);
        shared.violation("a write was answered without a sequence", &evidence);
    }
    token
}

fn evidence(request: &Prepared, status: u16, answer: &Value, document: usize, count: u64) -> Value {
    json!({"request": format!("{} {}", request.method, request.uri), "status": status,
        "answer": answer, "document": document, "write": count})
}

fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// A document to try parameters on.
pub(super) async fn put_probe(client: &mut Client, shape: &Shape, id: &str) -> Result<(), Error> {
    let path = format!("/v1/{}/{id}", shape.kind);
    let body = json!({ shape.title.as_str(): "Nurse" });
    let mut request = post(&path, &body)?;
    request.method = Method::PUT;
    match api::exchange(client, &request).await? {
        (200 | 201, _) => Ok(()),
        (status, answer) => Err(api::refused(&path, status, &answer)),
    }
}

/// Deletes a document, whether it is there or not.
pub(super) async fn delete(client: &mut Client, kind: &str, id: &str) -> Result<(), Error> {
    let path = format!("/v1/{kind}/{id}");
    let request = plain(Method::DELETE, &path, Bytes::new())?;
    match api::exchange(client, &request).await? {
        (200 | 404, _) => Ok(()),
        (status, answer) => Err(api::refused(&path, status, &answer)),
    }
}

/// Takes the documents of the run away again.
pub(super) async fn clean(shared: &Shared, client: &mut Client) -> Result<(), Error> {
    let documents = shared.progress().len();
    for document in 0..documents {
        delete(client, &shared.shape.kind, &shared.id(document)).await?;
    }
    Ok(())
}
