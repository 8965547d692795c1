//! Erasing a person. Owns whose documents are whose, finding all of one, and
//! taking what is dead of them out of segments; journaling, files and when it
//! happens are others'.
//!
//! A document is about its `subject`; one without, of a kind about persons, is
//! about its own id. There is no index of it: erasures are few, and a look
//! through all documents reads memory at full speed.

use std::collections::BTreeSet;

use memchr::memmem::Finder;
use serde::Deserialize;

use crate::kinds::{Kind, KindId};
use crate::ledger::{ErasedDocument, Ledger};
use crate::segment::Segment;
use crate::snapshot::{Live, Snapshot};
use crate::store::{Prepared, Store, Write, prepare};

mod rewrite;
#[cfg(test)]
mod tests;

pub use rewrite::{Looked, RewriteJob, Rewritten};

/// A document that is held, or was and is not out of the files yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Its kind.
    pub kind: KindId,
    /// Its id.
    pub id: String,
    /// The last version that is known.
    pub version: u64,
    /// Whether it is held.
    pub alive: bool,
}

impl Found {
    /// The change that erases it.
    pub fn erase(&self) -> Write {
        Write::Erase {
            kind: self.kind,
            id: self.id.clone(),
            version: self.version,
        }
    }
}

#[derive(Deserialize)]
struct About {
    subject: Option<String>,
}

/// Whom a document is about, if it is about anybody.
pub fn subject_of(kind: &Kind, id: &str, json: &[u8]) -> Option<String> {
    // Stored documents are JSON with a subject that is a string.
    let about: Option<About> = serde_json::from_slice(json).ok();
    about
        .and_then(|about| about.subject)
        .or_else(|| kind.person.then(|| id.to_owned()))
}

/// Everything in a snapshot that is about a subject, dead rows included; by kind
/// and id. With `seen`, only what stands in segments that one does not have.
/// Linear in the bytes of all documents.
pub fn find(snapshot: &Snapshot, subject: &str, seen: Option<&Snapshot>) -> Vec<Found> {
    // As a stored document has it: they are written by the same writer.
    let quoted = serde_json::to_vec(subject).unwrap_or_default();
    let finder = Finder::new(&quoted);
    let mut found = BTreeSet::new();
    for kind in snapshot.kinds().iter() {
        let collection = snapshot.collection(kind.id);
        let known = seen.map(|seen| &seen.collection(kind.id).segments);
        let is_known = |live: &&Live| {
            let number = live.segment.number;
            !known.is_some_and(|known| known.iter().any(|one| one.segment.number == number))
        };
        for live in collection.segments.iter().filter(is_known) {
            let rows = 0..live.segment.rows();
            for row in rows.filter(|row| is_about(kind, &live.segment, *row, subject, &finder)) {
                let id = live.segment.id(row);
                let version = live.segment.version(row);
                let alive = live.alive.get(row);
                if alive || snapshot.get(kind.id, id).is_none() {
                    found.insert(Found {
                        kind: kind.id,
                        id: id.to_owned(),
                        version,
                        alive,
                    });
                }
            }
        }
    }
    // Of several rows the newest says the version.
    let mut newest: Vec<Found> = Vec::with_capacity(found.len());
    for one in found {
        match newest.last_mut() {
            Some(last) if last.kind == one.kind && last.id == one.id => {
                last.version = last.version.max(one.version);
                last.alive |= one.alive;
            }
            _ => newest.push(one),
        }
    }
    newest
}

fn is_about(kind: &Kind, segment: &Segment, row: u32, subject: &str, finder: &Finder<'_>) -> bool {
    let json = segment.document(row);
    let id = segment.id(row);
    let may_be = (kind.person && id == subject) || finder.find(json).is_some();
    may_be && subject_of(kind, id, json).as_deref() == Some(subject)
}

/// What a store holds that its ledger says is erased: documents at or below the
/// erased version, and with `since` every document of a subject that was erased
/// at that time or later, in milliseconds since 1970. Also deleted ids.
pub fn condemned(store: &Store, since: Option<i64>) -> Vec<Found> {
    let Some(erased) = store.erased() else {
        return Vec::new();
    };
    let (ledger, space) = (&*erased.ledger, &*erased.space);
    if ledger.is_empty() {
        return Vec::new();
    }
    let snapshot = store.snapshot();
    let mut found = BTreeSet::new();
    for kind in store.kinds().iter() {
        for live in &snapshot.collection(kind.id).segments {
            for row in live.alive.iter() {
                let (id, version) = (live.segment.id(row), live.segment.version(row));
                let by_id = || is_erased_id(ledger, space, kind, id, version);
                let by_subject = || {
                    let since = since?;
                    let subject = subject_of(kind, id, live.segment.document(row))?;
                    let erasure = ledger.subject(space, &subject)?;
                    (erasure.at_ms >= since).then_some(())
                };
                if by_id() || by_subject().is_some() {
                    found.insert(Found {
                        kind: kind.id,
                        id: id.to_owned(),
                        version,
                        alive: true,
                    });
                }
            }
        }
        for (id, tombstone) in store.deleted().of(kind.id) {
            let version = tombstone.version;
            if is_erased_id(ledger, space, kind, id, version) {
                found.insert(Found {
                    kind: kind.id,
                    id: id.to_owned(),
                    version,
                    alive: false,
                });
            }
        }
    }
    found.into_iter().collect()
}

fn is_erased_id(ledger: &Ledger, space: &str, kind: &Kind, id: &str, version: u64) -> bool {
    let erased = ledger.document(space, &kind.name, id);
    erased.is_some_and(|erased| version <= erased)
}

/// Deleted ids of a store that are a subject's own: of persons, their id.
pub fn deleted_ids(store: &Store, subject: &str) -> Vec<Found> {
    let persons = store.kinds().iter().filter(|kind| kind.person);
    let found = persons.filter_map(|kind| {
        let mut all = store.deleted().of(kind.id);
        let (_, tombstone) = all.find(|(id, _)| *id == subject)?;
        Some(Found {
            kind: kind.id,
            id: subject.to_owned(),
            version: tombstone.version,
            alive: false,
        })
    });
    found.collect()
}

/// The changes that erase what was found, and what the ledger is to have of
/// each document. One of which there can be no change is left out; none is, of what
/// was stored.
pub fn planned<'a>(
    store: &'a Store,
    found: &'a [Found],
    at_ms: i64,
) -> (Vec<Prepared>, Vec<ErasedDocument<'a>>) {
    let kinds = store.kinds();
    let prepared = found.iter();
    let prepared = prepared.filter_map(|one| Some((one, prepare(kinds, one.erase()).ok()?)));
    let (found, changes): (Vec<&Found>, Vec<Prepared>) = prepared.unzip();
    let outcomes = store.foresee(&changes, at_ms);
    let documents = found.into_iter().zip(outcomes);
    let documents = documents.map(|(one, outcome)| ErasedDocument {
        kind: &kinds.by_id(one.kind).name,
        id: &one.id,
        version: outcome.version,
    });
    (changes, documents.collect())
}

/// Takes everything out of stores that was erased after they were written, and
/// the rows with it: for whoever restores a backup made at `since_ms`. The ledger
/// is the one in force, never one of the backup's time. How many documents went.
///
/// A checkpoint written with `checkpoint::write_all` of the stores' states then
/// has nothing of them.
pub fn apply<'a>(
    ledger: &std::sync::Arc<Ledger>,
    spaces: impl IntoIterator<Item = (&'a str, &'a mut Store)>,
    since_ms: i64,
    at_ms: i64,
) -> u64 {
    let mut gone = 0;
    for (space, store) in spaces {
        *store = store
            .clone()
            .with_ledger(space, std::sync::Arc::clone(ledger));
        let condemned = condemned(store, Some(since_ms));
        gone += condemned.iter().filter(|one| one.alive).count() as u64;
        let (changes, _) = planned(store, &condemned, at_ms);
        if !changes.is_empty() {
            store.apply(changes, at_ms);
        }
        rewrite(store);
    }
    gone
}

/// Takes dead rows of everything erased out of a store's segments, all at once.
pub fn rewrite(store: &mut Store) {
    let mut looked = BTreeSet::new();
    while let Some(job) = store.rewrite_job(looked) {
        match job.run() {
            Rewritten::Clean => return,
            Rewritten::Merged(merged, seen) => {
                looked = seen;
                store.install(*merged);
            }
        }
    }
}
