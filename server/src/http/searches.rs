//! Several searches in one request, on one snapshot. Owns keeping what becomes
//! of one apart from the others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::{Response, StatusCode};
use rayon::prelude::*;
use serde_json::Value;
use tandem_index::Snapshot;

use super::ask::{read_body, unknown_kind};
use super::call::Call;
use super::respond::{self, Body, JSON, SERVER_TIMING};
use super::visible;
use crate::clock;
use crate::compute::{defect, too_late};
use crate::limits::SEARCHES_MAX;
use crate::read_json::{self, Strict};
use crate::space::Space;
use crate::timing::Timing;
use crate::wire::answer::{Answer, Answers, OneAnswer};
use crate::wire::problem::{Code, Outcome, Refusal};
use crate::wire::request::{OneSearch, Searches};

pub(super) async fn searches(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    let mut body = read_body(&call, rest).await?;
    let (id, deadline, blind) = (call.id.clone(), call.deadline, call.blind);
    let read = move || {
        let asked = read_json::read_object::<Searches>(&mut body)?;
        let searches = asked.searches;
        if searches.is_empty() || searches.len() > SEARCHES_MAX {
            let detail = format!("1 to {SEARCHES_MAX} searches, not {}", searches.len());
            return Err(Refusal::at(Code::InvalidRequest, "/searches", detail));
        }
        Ok((searches, asked.min_sequence))
    };
    let answer = move |searches: Vec<Strict>, space: &Space, timing: &mut Timing| {
        let (snapshot, now_ms) = (space.current(), clock::now_ms());
        let answers: Vec<OneAnswer> = searches
            .into_par_iter()
            .map(|Strict(search)| {
                let answered = if Instant::now() >= deadline {
                    Err(too_late())
                } else {
                    let one = || answer(search, &snapshot, (space, blind), now_ms);
                    catch_unwind(AssertUnwindSafe(one)).unwrap_or_else(|_panic| Err(defect()))
                };
                of(answered, &id)
            })
            .collect();
        timing.end("answer");
        let all = answers.iter().all(|one| one.status == 200);
        let body = respond::to_json(&Answers { answers })?;
        timing.end("write");
        Ok((all, body))
    };
    let ((all, body), timing) = visible::compute(&call, read, answer).await?;
    let status = if all {
        StatusCode::OK
    } else {
        StatusCode::MULTI_STATUS
    };
    let mut response = respond::bytes(status, JSON, body);
    respond::set(&mut response, SERVER_TIMING, &timing.header());
    Ok(response)
}

fn answer(
    search: Value,
    snapshot: &Arc<Snapshot>,
    (space, blind): (&Space, bool),
    now_ms: i64,
) -> Outcome<Answer> {
    let search = read_json::from_value::<OneSearch>(search)?;
    if snapshot.kind(&search.kind).is_none() {
        return Err(unknown_kind(snapshot.kinds(), &search.kind));
    }
    let mut request = search.request(now_ms)?;
    request.blind |= blind;
    let answer = tandem_engine::answer(snapshot, &request, &mut |_phase| {})?;
    if answer.cursor.is_some() {
        space.keep(snapshot);
    }
    Ok(Answer::new(answer, space.of()))
}

fn of(answered: Outcome<Answer>, id: &str) -> OneAnswer {
    match answered {
        Ok(answer) => OneAnswer {
            status: 200,
            answer: Some(answer),
            problem: None,
        },
        Err(refusal) => OneAnswer {
            status: refusal.code.status(),
            answer: None,
            problem: Some(refusal.problem(id)),
        },
    }
}
