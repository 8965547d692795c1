//! Reads of `consistency`: by id, by a word, by a vector and by rank, each with
//! the sequence it has to show.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use super::{EXACT_DOCUMENTS_MAX, KINDS, Shared, count_of};
use crate::api;
use crate::client::{Client, Outcome, Prepared};
use crate::error::Error;
use crate::history::{Op, Progress, Shown};
use crate::random::Random;
use crate::requests::{plain, post};
use crate::writes::{contribution, exact, hit};

const GET: usize = 0;
const WORD: usize = 1;
const VECTOR: usize = 2;
const RANK: usize = 3;
const AHEAD: usize = 4;
/// Sequences a read is ahead of what was acknowledged, at most.
const AHEAD_MAX: usize = 20;
/// Bytes of an answer kept as evidence.
const EVIDENCE_BYTES: usize = 4_000;

/// One read and what it must show.
struct Ask {
    kind: usize,
    document: usize,
    before: Progress,
    /// Sequence the answer must have at least.
    sequence: u64,
    request: Prepared,
}

/// Reads until the run is over.
pub(super) async fn read(shared: Arc<Shared>, mut client: Client, seed: u64) -> Result<(), Error> {
    let mut random = Random::new(seed);
    let mut newest = 0;
    while !shared.is_over() {
        let documents = shared.progress().len();
        let document = random.below(documents);
        let kind = random.below(KINDS.len());
        let ask = shared.ask(kind, document, &mut random)?;
        shared.send(&mut client, &ask, &mut newest).await?;
    }
    Ok(())
}

/// Reads every document once more when nothing is written any more.
pub(super) async fn read_all(shared: &Shared, client: &mut Client) -> Result<(), Error> {
    let mut random = Random::new(shared.plan.seed);
    let (documents, mut newest) = (shared.progress().len(), 0);
    for document in 0..documents {
        for kind in [GET, WORD, VECTOR, RANK] {
            let ask = shared.ask(kind, document, &mut random)?;
            shared.send(client, &ask, &mut newest).await?;
        }
    }
    Ok(())
}

impl Shared {
    /// Makes a read of a document. What was acknowledged is taken first, so
    /// that the answer must have it.
    fn ask(&self, kind: usize, document: usize, random: &mut Random) -> Result<Ask, Error> {
        let before = self.progress()[document];
        let newest = self.newest.load(Ordering::SeqCst);
        let has_vector = before.acknowledged > 0
            && self.plan.op(document, before.acknowledged) == Op::PutVector
            && self.shape.dimensions > 0;
        let kind = match kind {
            VECTOR if !has_vector => WORD,
            AHEAD if !self.min_sequence.member => GET,
            kind => kind,
        };
        let sequence = match kind {
            AHEAD => newest + 1 + random.below(AHEAD_MAX) as u64,
            _ if random.chance(0.5) => newest.max(before.token),
            _ => before.token,
        };
        let token = if random.chance(0.5) {
            format!("{}:{sequence}", self.space)
        } else {
            sequence.to_string()
        };
        let request = self.request(kind, document, has_vector.then_some(before), &token)?;
        Ok(Ask {
            kind,
            document,
            before,
            sequence,
            request,
        })
    }

    fn request(
        &self,
        kind: usize,
        document: usize,
        with_vector: Option<Progress>,
        token: &str,
    ) -> Result<Prepared, Error> {
        let shape = &self.shape;
        if kind == GET {
            let mut path = format!("/v1/{}/{}", shape.kind, self.id(document));
            if self.min_sequence.parameter {
                path = format!("{path}?min_sequence={token}");
            }
            return plain(Method::GET, &path, Bytes::new());
        }
        let word = self.word(document);
        let mut body = exact(if kind == VECTOR { "" } else { &word });
        body["fields"] = json!([shape.title]);
        if self.min_sequence.member {
            body["min_sequence"] = token.into();
        }
        if let Some(before) = with_vector {
            let vector = self.vector(document, before.acknowledged);
            // As it was written, digit for digit.
            let mut text = String::new();
            crate::documents::push_vector(&mut text, &vector);
            body["vector"] = serde_json::from_str(&text).unwrap_or_default();
        }
        if kind == RANK {
            body["to"] = shape.kind.as_str().into();
            body["ids"] = json!([self.id(document)]);
            return post("/v1/rank", &body);
        }
        post(&format!("/v1/search/{}", shape.kind), &body)
    }

    /// Sends a read and holds its answer against what it must show.
    async fn send(&self, client: &mut Client, ask: &Ask, newest: &mut u64) -> Result<(), Error> {
        let Outcome::Answered { status, body } = client.send(&ask.request, true).await else {
            self.counts().refused += 1;
            return Ok(());
        };
        let sent = self.progress()[ask.document].sent;
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        self.counts().reads[ask.kind] += 1;
        let wrong = match (status, answer["code"].as_str()) {
            (503, Some("not_yet_visible")) if ask.kind == AHEAD => {
                self.counts().not_yet_visible += 1;
                return Ok(());
            }
            (503, Some("not_yet_visible")) => {
                Err("is answered as not yet visible, though it was acknowledged".to_owned())
            }
            (408 | 429 | 503, _) => {
                self.counts().refused += 1;
                return Ok(());
            }
            (200, _) | (404, Some("not_found")) => self.judge(ask, sent, status, &answer, newest),
            _ => return Err(api::refused(ask.request.uri.path(), status, &answer)),
        };
        let Err(what) = wrong else { return Ok(()) };
        if ask.kind == VECTOR && self.shape.documents > EXACT_DOCUMENTS_MAX && hits(&answer) == 0 {
            self.counts().misses_among_many += 1;
            return Ok(());
        }
        let shown: String = String::from_utf8_lossy(&body)
            .chars()
            .take(EVIDENCE_BYTES)
            .collect();
        let asked: String = String::from_utf8_lossy(&ask.request.body)
            .chars()
            .take(EVIDENCE_BYTES)
            .collect();
        let what = format!("{} by {} {what}", self.id(ask.document), KINDS[ask.kind]);
        self.violation(
            &what,
            &json!({"request": format!("{} {}", ask.request.method, ask.request.uri),
                "body": asked, "status": status, "answer": shown,
                "acknowledged_before": ask.before.acknowledged, "with_sequence": ask.before.token,
                "sent_until_answered": sent, "sequence_asked": ask.sequence}),
        );
        Ok(())
    }

    fn judge(
        &self,
        ask: &Ask,
        sent: u64,
        status: u16,
        answer: &Value,
        newest: &mut u64,
    ) -> Result<(), String> {
        let Ask {
            document, before, ..
        } = *ask;
        if ask.kind == GET {
            let shown = match (status, count_of(&answer[self.shape.title.as_str()])) {
                (404, _) => Shown::Absent,
                (_, Some(count)) => Shown::Held(count),
                (_, None) => return Err("shows a document that was never written".to_owned()),
            };
            return self.plan.judge(document, before, sent, shown);
        }
        let snapshot = api::sequence(&answer["snapshot"]).ok_or("has no snapshot in its answer")?;
        // Without the parameter what was acknowledged has to be seen all the same.
        let least = if self.min_sequence.member {
            ask.sequence
        } else {
            before.token
        };
        if snapshot < least {
            return Err(format!(
                "answers from snapshot {snapshot}, {least} was asked for"
            ));
        }
        if snapshot < *newest {
            return Err(format!(
                "answers from snapshot {snapshot} after one from {newest}"
            ));
        }
        *newest = snapshot;
        let Some(hit) = hit(answer, &self.id(document)) else {
            // Another write has another vector: then there is nothing to find.
            if ask.kind == VECTOR && sent > before.acknowledged {
                return Ok(());
            }
            return self.plan.judge(document, before, sent, Shown::Absent);
        };
        let title = &hit["document"][self.shape.title.as_str()];
        let count = count_of(title).ok_or("shows a document that was never written")?;
        self.plan
            .judge(document, before, sent, Shown::Held(count))?;
        self.judge_parts(ask, hit, count)
    }

    /// Whether the text and the vector of a hit are there, and of one write.
    fn judge_parts(&self, ask: &Ask, hit: &Value, count: u64) -> Result<(), String> {
        let similarity = contribution(hit, "similarity");
        let similarity = similarity.ok_or("is scored without a similarity part")?;
        if similarity["unknown"] != false {
            return Err(format!(
                "shows write {count} with its text but without a vector"
            ));
        }
        let text = contribution(hit, "text.title").and_then(|text| text["points"].as_i64());
        if ask.kind != VECTOR && text.unwrap_or(0) <= 0 {
            return Err(format!(
                "shows write {count}, whose title has the word, with no points for it"
            ));
        }
        let asked = ask.before.acknowledged;
        let with_vector = asked > 0
            && self.plan.op(ask.document, asked) == Op::PutVector
            && self.shape.dimensions > 0;
        let is_full = similarity["points"] == similarity["max"];
        match (with_vector, count == asked, is_full) {
            (true, true, false) => Err(format!(
                "shows write {count}, but its vector is not that of write {count}"
            )),
            (true, false, true) => Err(format!(
                "shows write {count} with the vector of write {asked}"
            )),
            _ => Ok(()),
        }
    }
}

fn hits(answer: &Value) -> usize {
    answer["hits"].as_array().map_or(0, Vec::len)
}
