//! Writes of an open loop, and whether an acknowledged one is visible. Owns
//! what is written and what has to be found; arrivals and latency are the loop's.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::api::{self, MinSequence};
use crate::client::{Client, Outcome, Prepared};
use crate::documents::{Maker, Which};
use crate::error::Error;
use crate::requests::plain;

/// What looking for acknowledged writes has shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visible {
    /// Writes looked for by id and by text.
    pub(crate) looked_for: u64,
    /// Writes that were not visible, or without their vector.
    pub(crate) missing: u64,
    /// Writes replaced by a later one before they were looked for.
    pub(crate) overwritten: u64,
    /// Writes that could not be looked for: an error, or no time.
    pub(crate) unsure: u64,
    /// Of the first that was missing.
    pub(crate) first: Option<String>,
    /// Why the first could not be looked for.
    pub(crate) first_unsure: Option<String>,
}

/// Replaces documents, one after another, again and again.
pub(crate) struct Writes {
    maker: Maker,
    kind: String,
    documents: usize,
    check_every: usize,
    min_sequence: MinSequence,
    visible: Mutex<Visible>,
}

/// An acknowledged write that is to be looked for.
pub(crate) struct Written {
    index: usize,
    id: String,
    answer: Vec<u8>,
}

/// What looking for one write has shown.
enum Seen {
    Visible,
    Overwritten,
    Missing(String),
}

impl Writes {
    pub(crate) fn new(
        maker: Maker,
        kind: &str,
        documents: usize,
        check_every: usize,
        min_sequence: MinSequence,
    ) -> Self {
        Self {
            maker,
            kind: kind.to_owned(),
            documents,
            check_every,
            min_sequence,
            visible: Mutex::default(),
        }
    }

    /// What was seen so far.
    pub(crate) fn visible(&self) -> Visible {
        self.visible
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The write with this index.
    pub(crate) fn request(&self, index: usize) -> Option<Prepared> {
        let number = index % self.documents;
        // Round 0 are the documents loaded before the run.
        let round = 1 + (index / self.documents) as u64;
        // The same documents in every round, so that their titles always say
        // which write they are of. The others get no word of their own: half a
        // million of them would measure the dictionary.
        let canary = self.is_checked(index).then(|| canary(index));
        let body = self
            .maker
            .json(Which { number, round }, canary.as_deref(), false);
        let path = format!("/v1/{}/{}", self.kind, Maker::id(number));
        plain(Method::PUT, &path, body.into()).ok()
    }

    fn is_checked(&self, index: usize) -> bool {
        (index % self.documents).is_multiple_of(self.check_every)
    }

    /// Sends the write with this index. Answers what became of it, and what to
    /// look for if it is one of those and was acknowledged.
    pub(crate) async fn send(
        &self,
        client: &mut Client,
        request: &Prepared,
        (index, measured): (usize, bool),
    ) -> (Outcome, Option<Written>) {
        let checked = measured && self.is_checked(index);
        match client.send(request, checked).await {
            Outcome::Answered {
                status: status @ (200 | 201),
                body: answer,
            } if checked => {
                let body = Vec::new();
                let id = Maker::id(index % self.documents);
                let written = Written { index, id, answer };
                (Outcome::Answered { status, body }, Some(written))
            }
            outcome @ (Outcome::Answered { .. } | Outcome::Failed(_)) => (outcome, None),
        }
    }

    /// Looks for an acknowledged write by id and by text.
    pub(crate) async fn look_for(&self, client: &mut Client, written: &Written) {
        let seen = self.look(client, written).await;
        let mut visible = self.visible.lock().unwrap_or_else(PoisonError::into_inner);
        match seen {
            Ok(Seen::Visible) => visible.looked_for += 1,
            Ok(Seen::Overwritten) => visible.overwritten += 1,
            Ok(Seen::Missing(what)) => {
                visible.looked_for += 1;
                visible.missing += 1;
                visible.first.get_or_insert(what);
            }
            Err(error) => {
                visible.unsure += 1;
                visible.first_unsure.get_or_insert(error.to_string());
            }
        }
    }

    async fn look(&self, client: &mut Client, written: &Written) -> Result<Seen, Error> {
        let answer: Value = serde_json::from_slice(&written.answer).unwrap_or_default();
        let token = &answer["sequence"];
        let missing = |what: &str| {
            let id = &written.id;
            Ok(Seen::Missing(format!(
                "{id}, acknowledged as {token}: {what}"
            )))
        };
        if api::sequence(token).is_none() {
            return missing("the answer has no sequence token");
        }
        match self.stored(client, written, token).await? {
            Some(index) if index == written.index => {}
            Some(index) if index > written.index => return Ok(Seen::Overwritten),
            Some(_) => return missing("GET shows an older document"),
            None => return missing("GET finds no document, or one that was never written"),
        }
        let word = canary(written.index);
        let mut body = exact(&word);
        if self.min_sequence.member {
            body["min_sequence"] = token.clone();
        }
        let path = format!("/v1/search/{}", self.kind);
        let (status, answer) = api::ask(client, &path, &body).await?;
        if status != 200 {
            return Err(api::refused(&path, status, &answer));
        }
        match hit(&answer, &written.id) {
            Some(hit) if has_vector(hit) => Ok(Seen::Visible),
            Some(_) => missing("a search by its word finds it without a vector"),
            None => match self.stored(client, written, token).await? {
                Some(index) if index > written.index => Ok(Seen::Overwritten),
                _ => missing("GET shows it, a search by its word does not"),
            },
        }
    }

    /// Index of the write a stored document is of.
    async fn stored(
        &self,
        client: &mut Client,
        written: &Written,
        token: &Value,
    ) -> Result<Option<usize>, Error> {
        let mut path = format!("/v1/{}/{}", self.kind, written.id);
        if self.min_sequence.parameter {
            path.push_str("?min_sequence=");
            path.push_str(token.as_str().unwrap_or_default());
        }
        let request = plain(Method::GET, &path, Bytes::new())?;
        let (status, document) = api::exchange(client, &request).await?;
        match status {
            200 => Ok(index_of(&document[self.maker.title()])),
            404 => Ok(None),
            _ => Err(api::refused(&path, status, &document)),
        }
    }
}

fn canary(index: usize) -> String {
    format!("zq{index}")
}

/// Index in the canary at the end of a title.
fn index_of(title: &Value) -> Option<usize> {
    let (_, last) = title.as_str()?.rsplit_once(' ')?;
    last.strip_prefix("zq")?.parse().ok()
}

/// A search for one word as it stands.
pub(crate) fn exact(word: &str) -> Value {
    json!({"q": word, "limit": 10, "count": "none", "typo": false, "prefix": false,
        "synonyms": false, "understand": false, "highlight": false})
}

/// The hit with an id.
pub(crate) fn hit<'a>(answer: &'a Value, id: &str) -> Option<&'a Value> {
    answer["hits"]
        .as_array()?
        .iter()
        .find(|hit| hit["id"] == id)
}

/// A contribution of a hit.
pub(crate) fn contribution<'a>(hit: &'a Value, name: &str) -> Option<&'a Value> {
    let contributions = hit["contributions"].as_array()?;
    contributions.iter().find(|each| each["name"] == name)
}

/// Whether the score says that the document has a vector.
fn has_vector(hit: &Value) -> bool {
    contribution(hit, "similarity").is_some_and(|similarity| similarity["unknown"] == false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_says_which_write_it_is_of() {
        assert_eq!(index_of(&json!(format!("Nurse {}", canary(70)))), Some(70));
        for title in [json!("Nurse"), json!("Nurse zq"), json!("zq7"), json!(null)] {
            assert_eq!(index_of(&title), None, "{title}");
        }
    }

    #[test]
    fn a_hit_without_a_vector_is_told_from_one_with() {
        let answer = json!({"hits": [
            {"id": "a", "contributions": [{"name": "similarity", "points": 0, "unknown": false}]},
            {"id": "b", "contributions": [{"name": "similarity", "points": 0, "unknown": true}]},
            {"id": "c", "contributions": []}]});
        let has = |id| hit(&answer, id).map(has_vector);
        assert_eq!(has("a"), Some(true));
        assert_eq!(has("b"), Some(false));
        assert_eq!(has("c"), Some(false));
        assert_eq!(has("d"), None);
    }
}
