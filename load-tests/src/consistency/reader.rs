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
        // With its space in front or without.
        let history = match self.space.rsplit_once(':') {
            Some((_, history)) if random.chance(0.5) => history,
            Some(_) | None => self.space.as_str(),
        };
        let token = if history.is_empty() {
            sequence.to_string()
        } else {
            format!("{history}.{sequence}")
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
        if copies(answer, &self.id(document)) > 1 {
            return Err("is in one answer twice".to_owned());
        }
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

/// How often an answer has a document.
fn copies(answer: &Value, id: &str) -> usize {
    let hits = answer["hits"].as_array().into_iter().flatten();
    hits.filter(|hit| hit["id"] == id).count()
}

fn hits(answer: &Value) -> usize {
    answer["hits"].as_array().map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicU64;
    use std::time::Instant;

    use super::*;
    use crate::api::MinSequence;
    use crate::consistency::Counts;
    use crate::documents::{Maker, tests::shape};
    use crate::history::Plan;

    fn shared() -> Shared {
        let min_sequence = MinSequence {
            member: true,
            parameter: true,
        };
        Shared {
            plan: Plan {
                seed: 4,
                deletes: 0.0,
            },
            shape: shape(),
            maker: Maker::new(&shape(), None, false, 4).unwrap(),
            min_sequence,
            tag: "t".into(),
            space: "default".into(),
            progress: Mutex::new(vec![Progress::default()]),
            newest: AtomicU64::new(0),
            counts: Mutex::new(Counts::default()),
            start: Instant::now(),
            end: Instant::now(),
        }
    }

    /// A write with a vector of its own, not the first.
    fn count(shared: &Shared) -> u64 {
        let mut counts = 2..100;
        let found = counts.find(|&count| shared.plan.op(0, count) == Op::PutVector);
        found.unwrap()
    }

    /// A read of document 0 behind the acknowledged write `count`.
    fn ask(shared: &Shared, kind: usize, count: u64) -> Ask {
        let before = Progress {
            sent: count,
            acknowledged: count,
            token: 50,
        };
        shared.progress()[0] = before;
        let ask = shared.ask(kind, 0, &mut Random::new(1)).unwrap();
        assert_eq!(ask.sequence, 50);
        ask
    }

    fn answer(snapshot: u64, count: u64, points: i64, unknown: bool, text: i64) -> Value {
        json!({"snapshot": format!("default:{snapshot}"), "hits": [{
            "id": "check-t-0", "document": {"title": format!("Nurse zitn0 zv{count}")},
            "contributions": [
                {"name": "text.title", "points": text, "max": 600},
                {"name": "similarity", "points": points, "max": 300, "unknown": unknown}]}]})
    }

    #[test]
    fn a_wrong_search_is_told_from_a_right_one() {
        let shared = shared();
        let n = count(&shared);
        let ask = ask(&shared, WORD, n);
        let judge = |answer: &Value, sent| shared.judge(&ask, sent, 200, answer, &mut 0);
        assert_eq!(judge(&answer(50, n, 300, false, 5), n), Ok(()));
        // A later write may have come in between; its vector is another.
        assert_eq!(judge(&answer(51, n + 1, 0, false, 5), n + 1), Ok(()));
        let mut twice = answer(50, n, 300, false, 5);
        twice["hits"] = json!([twice["hits"][0], twice["hits"][0]]);
        let none = json!({"snapshot": "default:50", "hits": []});
        for (answer, part) in [
            (
                answer(50, n - 1, 0, false, 5),
                "was acknowledged with sequence 50",
            ),
            (answer(50, n + 7, 0, false, 5), "were sent"),
            (answer(49, n, 300, false, 5), "50 was asked for"),
            (answer(50, n, 0, true, 5), "without a vector"),
            (
                answer(50, n, 100, false, 5),
                "its vector is not that of write",
            ),
            (answer(50, n + 1, 300, false, 5), "with the vector of write"),
            (answer(50, n, 300, false, 0), "no points for it"),
            (twice, "twice"),
            (none, "does not show the document"),
            (json!({"hits": []}), "no snapshot"),
        ] {
            let error = judge(&answer, n + 1).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_reader_never_goes_back_in_time() {
        let shared = shared();
        let n = count(&shared);
        let ask = ask(&shared, RANK, n);
        let mut newest = 0;
        let mut judge = |snapshot| {
            shared.judge(
                &ask,
                n,
                200,
                &answer(snapshot, n, 300, false, 5),
                &mut newest,
            )
        };
        assert_eq!(judge(60), Ok(()));
        let error = judge(59).unwrap_err();
        assert_eq!(error, "answers from snapshot 59 after one from 60");
    }

    #[test]
    fn a_vector_search_finds_the_write_it_is_of_unless_another_followed() {
        let shared = shared();
        let n = count(&shared);
        let ask = ask(&shared, VECTOR, n);
        let none = json!({"snapshot": "default:50", "hits": []});
        assert!(shared.judge(&ask, n, 200, &none, &mut 0).is_err());
        assert_eq!(shared.judge(&ask, n + 1, 200, &none, &mut 0), Ok(()));
        let body: Value = serde_json::from_slice(&ask.request.body).unwrap();
        assert_eq!(body["vector"].as_array().unwrap().len(), 16);
        assert_eq!(api::sequence(&body["min_sequence"]), Some(50));
    }

    #[test]
    fn a_get_is_judged_by_its_title() {
        let shared = shared();
        let n = count(&shared);
        let ask = ask(&shared, GET, n);
        assert!(ask.request.uri.to_string().contains("?min_sequence="));
        let judge =
            |status, title: &str| shared.judge(&ask, n, status, &json!({"title": title}), &mut 0);
        assert_eq!(judge(200, &format!("x zv{n}")), Ok(()));
        assert!(judge(200, "x").is_err());
        assert!(judge(200, "x zv0").is_err());
        assert!(judge(404, "").is_err());
    }
}
