//! "At least this sequence": a read that is to see a write names it. Owns where
//! a request may say so and that nobody waits on a thread that computes.

use hyper::HeaderMap;
use hyper::header::HeaderName;

use super::call::Call;
use crate::space::Space;
use crate::timing::Timing;
use crate::wire::at_least::{AtLeast, MIN_SEQUENCE};
use crate::wire::problem::Outcome;
use crate::wire::query;

/// The header, as proxies let it pass: names with `_` are dropped by some.
pub(super) const HEADER: HeaderName = HeaderName::from_static("min-sequence");
/// Its name as it is written.
pub(super) const HEADER_NAME: &str = "Min-Sequence";
/// What it is, for the description.
pub(super) const MEANING: &str = "waits until the space shows this sequence number, such as the `sequence` a write answered: \
     as it was answered";

/// Takes `min_sequence` out of the query string, so that routes read their own
/// parameters only. The second is what a query or a header asks for.
pub(super) fn asked(
    headers: &HeaderMap,
    query: Option<&str>,
) -> Outcome<(Option<String>, Vec<AtLeast>)> {
    let mut found = Vec::new();
    for value in headers.get_all(&HEADER) {
        found.push(AtLeast::read(value.to_str().unwrap_or_default())?);
    }
    let Some(query) = query else {
        return Ok((None, found));
    };
    let mut rest = Vec::new();
    let mut given = None;
    for part in query.split('&') {
        let pair = form_urlencoded::parse(part.as_bytes()).next();
        match pair {
            Some((name, _)) if name == MIN_SEQUENCE && given.is_some() => {
                return Err(query::wrong(MIN_SEQUENCE, "is given twice"));
            }
            Some((name, value)) if name == MIN_SEQUENCE => given = Some(AtLeast::read(&value)?),
            Some(_) | None => rest.push(part),
        }
    }
    if given.is_none() {
        return Ok((Some(query.to_owned()), found));
    }
    found.extend(given);
    let rest = rest.join("&");
    Ok(((!rest.is_empty()).then_some(rest), found))
}

/// The sequence number to wait for, where it is not visible yet.
pub(super) fn behind(space: &Space, at_least: Option<&AtLeast>) -> Outcome<Option<u64>> {
    let Some(at_least) = at_least else {
        return Ok(None);
    };
    let sequence = at_least.in_space(space.of())?;
    Ok((space.current().sequence < sequence).then_some(sequence))
}

/// What came of the first turn on a thread that computes.
enum Turn<Q, F, A> {
    Answered(A, Timing),
    Behind(u64, Q, F, Timing),
}

/// Reads a request and answers it on the threads that compute. One that asks
/// for what is not visible yet leaves them meanwhile.
pub(super) async fn compute<Q, A, F>(
    call: &Call,
    read: impl FnOnce() -> Outcome<(Q, Option<AtLeast>)> + Send + 'static,
    answer: F,
) -> Outcome<(A, Timing)>
where
    Q: Send + 'static,
    A: Send + 'static,
    F: FnOnce(Q, &Space, &mut Timing) -> Outcome<A> + Send + 'static,
{
    let space = std::sync::Arc::clone(&call.space);
    let mut timing = Timing::start();
    let first = move || {
        timing.end("queue");
        let (question, at_least) = read()?;
        timing.end("read");
        if let Some(sequence) = behind(&space, at_least.as_ref())? {
            return Ok(Turn::Behind(sequence, question, answer, timing));
        }
        let answered = answer(question, &space, &mut timing)?;
        Ok(Turn::Answered(answered, timing))
    };
    match call.app.reads.run(call.deadline, first).await? {
        Turn::Answered(answered, timing) => Ok((answered, timing)),
        Turn::Behind(sequence, question, answer, mut timing) => {
            call.space.reach(sequence, call.deadline).await?;
            let space = std::sync::Arc::clone(&call.space);
            let second = move || {
                timing.end("wait");
                let answered = answer(question, &space, &mut timing)?;
                Ok((answered, timing))
            };
            call.app.reads.run(call.deadline, second).await
        }
    }
}
