//! The plain map: documents by id, and what each change does to them. Owns the
//! rules of versions and conditions once more, by hand.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tandem_index::{Condition, Kinds, Outcome, Prepared, Write, WriteResult, prepare};

use super::NAMES;

/// A document that is held.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub version: u64,
    pub document: Value,
}

/// The documents of a kind, and versions of ids that are not held any more.
#[derive(Clone, Debug, Default)]
pub(super) struct Documents {
    pub held: BTreeMap<String, Held>,
    pub gone: BTreeMap<String, u64>,
}

/// A space, by kind.
pub(super) type Model = [Documents; NAMES.len()];

/// A change and what it makes of its document.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub kind: usize,
    pub id: String,
    pub document: Option<Value>,
    pub version: Option<u64>,
    pub conditions: Vec<Condition>,
}

impl Change {
    pub(super) fn prepared(&self, kinds: &Kinds) -> Prepared {
        let kind = kinds.get(NAMES[self.kind]).unwrap().id;
        let write = match &self.document {
            Some(document) => Write::Put {
                kind,
                id: None,
                document: document.clone(),
            },
            None => Write::Delete {
                kind,
                id: self.id.clone(),
                version: self.version,
            },
        };
        let conditions = self.conditions.iter().cloned();
        conditions.fold(prepare(kinds, write).unwrap(), Prepared::when)
    }
}

fn is_met(condition: &Condition, held: Option<u64>) -> bool {
    match (condition, held) {
        (Condition::Exists, held) => held.is_some(),
        (Condition::Absent, held) => held.is_none(),
        (Condition::Version(those), Some(held)) => those.contains(&held),
        (Condition::Version(_), None) => false,
        (Condition::NotVersion(those), Some(held)) => !those.contains(&held),
        (Condition::NotVersion(_), None) => true,
    }
}

impl Documents {
    /// Does a change as docs/api.md says.
    pub(super) fn apply(&mut self, change: &Change) -> Outcome {
        let held = self.held.get(&change.id).map(|one| one.version);
        let last = held.or(self.gone.get(&change.id).copied());
        let met = change.conditions.iter().all(|one| is_met(one, held));
        let is_old = change.version.is_some_and(|given| Some(given) <= last);
        let (result, version) = match (&change.document, held) {
            (None, None) if !met => (WriteResult::NotFound, 0),
            _ if !met => (WriteResult::Unmet, held.unwrap_or(0)),
            _ if is_old => (WriteResult::Stale, last.unwrap_or(0)),
            (Some(_), _) => {
                let next = last.map_or(1, |last| last + 1);
                let result = match held {
                    Some(_) => WriteResult::Replaced,
                    None => WriteResult::Created,
                };
                (result, change.version.unwrap_or(next))
            }
            (None, Some(held)) => (WriteResult::Deleted, change.version.unwrap_or(held)),
            (None, None) => {
                let version = change.version.or(last).unwrap_or(0);
                (WriteResult::NotFound, version)
            }
        };
        let has_effect = match result {
            WriteResult::Created | WriteResult::Replaced | WriteResult::Deleted => true,
            // One with a version is remembered.
            WriteResult::NotFound => met && change.version.is_some(),
            WriteResult::Stale | WriteResult::Unmet => false,
        };
        match (&change.document, has_effect) {
            (_, false) => {}
            (Some(document), true) => {
                self.gone.remove(&change.id);
                let document = document.clone();
                self.held
                    .insert(change.id.clone(), Held { version, document });
            }
            (None, true) => {
                self.held.remove(&change.id);
                self.gone.insert(change.id.clone(), version);
            }
        }
        Outcome {
            id: change.id.clone(),
            version,
            result,
            has_effect,
        }
    }

    /// Takes out what is about a person.
    pub(super) fn erase(&mut self, subject: &str, is_person: bool) {
        let is_about = |id: &String, held: &Held| match held.document["subject"].as_str() {
            Some(about) => about == subject,
            None => is_person && id == subject,
        };
        for (id, held) in self.held.extract_if(.., |id, held| is_about(id, held)) {
            self.gone.insert(id, held.version);
        }
    }
}

/// A merge patch of members alone, done by hand.
pub(super) fn merged(held: &Held, patch: &Map<String, Value>) -> Value {
    let mut document = held.document.clone();
    let members = document.as_object_mut().unwrap();
    for (name, value) in patch {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    // A document that says its version says another one, now that it is another.
    if members.contains_key("version") && !patch.contains_key("version") {
        members.insert("version".to_owned(), json!(held.version + 1));
    }
    document
}
