//! A load that sends nothing: documents are checked as a server would, and
//! counted as an empty one would count them. Owns what is kept of their ids.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use tandem_index::document::Document;
use tandem_index::{Kind, KindId, Kinds, Write};
use tandem_loaders::record::Reject;

use super::report::{Place, Report, reject_of};
use super::{Plan, read_all};
use crate::cli::error::CliError;
use crate::http::change;
use crate::wire::problem::Refusal;
use crate::wire::write::WriteResult;

/// Ids that are kept, of each a hash and a version: as many as a table of 72 MB
/// takes, so that a dry run has bounded memory too.
const IDS_MAX: usize = 3_670_016;

/// What a line asks for.
pub(in crate::cli) struct Change {
    id: String,
    version: Option<u64>,
    deletes: bool,
}

/// Checks documents as the server would, without its state.
pub(super) fn dry_run(plan: &Plan, kinds: &Kinds, report: &Report) -> Result<(), CliError> {
    let Some(kind) = kinds.get(&plan.kind) else {
        return Ok(());
    };
    let mut held = Held::new(IDS_MAX);
    let mut again: Option<(Place, u64)> = None;
    let mut beyond: Option<Place> = None;
    let mut failed = None;
    read_all(plan, report, |place, json| {
        let counted = match check(kind, json) {
            Ok(change) => {
                let result = held.write(&change);
                if result == WriteResult::Replaced {
                    again.get_or_insert((place, 0)).1 += 1;
                }
                if held.is_full {
                    beyond.get_or_insert(place);
                }
                report.count(place, result);
                Ok(())
            }
            Err(mut reject) => {
                reject.line = place.line;
                report.reject(place.file, &reject)
            }
        };
        failed = counted.err();
        failed.is_none()
    })?;
    if let Some((first, count)) = again {
        let what = format!(
            "{count} of them have the id of one before, which they replace; the first is in line {}",
            first.line
        );
        report.hint(first.file, what);
    }
    if let Some(first) = beyond {
        let what = format!(
            "from line {} on new ids are not kept, there are more than {IDS_MAX}: what repeats them counts as created",
            first.line
        );
        report.hint(first.file, what);
    }
    failed.map_or(Ok(()), Err)
}

/// Checks a document as the server would; the reject is of line 0.
pub(in crate::cli) fn check(kind: &Kind, mut json: Vec<u8>) -> Result<Change, Reject> {
    let refused = |refusal: Refusal| {
        let pointer = refusal.errors.first().map(|fault| fault.pointer.clone());
        reject_of(
            0,
            refusal.code.as_str(),
            pointer.as_deref(),
            &refusal.detail,
        )
    };
    let crate::read_json::Strict(document) = crate::read_json::read(&mut json).map_err(refused)?;
    // The kind's number is the server's: here it stands for nothing.
    match change::read(KindId(0), document).map_err(refused)? {
        Write::Put { document, .. } => Document::parse(kind, document, None, true)
            .map(|document| Change {
                id: document.id,
                version: document.version,
                deletes: false,
            })
            .map_err(|invalid| refused(invalid.into())),
        Write::Delete { id, version, .. } => Ok(Change {
            id,
            version,
            deletes: true,
        }),
        Write::Erase { id, version, .. } => Ok(Change {
            id,
            version: Some(version),
            deletes: true,
        }),
    }
}

/// What an empty server would hold by now: of each id a hash and the version,
/// or that of its delete.
struct Held {
    versions: HashMap<u64, u64>,
    most: usize,
    /// An id was not kept.
    is_full: bool,
    hashes: RandomState,
}

impl Held {
    fn new(most: usize) -> Self {
        Self {
            versions: HashMap::new(),
            most,
            is_full: false,
            hashes: RandomState::new(),
        }
    }

    /// What a server does with a change. That an id is deleted is in the last
    /// bit of its hash.
    fn write(&mut self, change: &Change) -> WriteResult {
        let hash = self.hashes.hash_one(&change.id);
        let (there, gone) = (hash & !1, hash | 1);
        let (held, deleted) = (
            self.versions.get(&there).copied(),
            self.versions.get(&gone).copied(),
        );
        let last = held.or(deleted);
        let version = match (change.version, last) {
            (Some(version), Some(last)) if version <= last => return WriteResult::Stale,
            (Some(version), _) => version,
            // A delete without a version has that of its document.
            (None, Some(last)) if change.deletes => last,
            (None, Some(last)) => last.saturating_add(1),
            // Nothing is remembered of it.
            (None, None) if change.deletes => return WriteResult::Deleted,
            (None, None) => 1,
        };
        if last.is_none() && self.versions.len() >= self.most {
            self.is_full = true;
        } else {
            let (key, other) = if change.deletes {
                (gone, there)
            } else {
                (there, gone)
            };
            self.versions.remove(&other);
            self.versions.insert(key, version);
        }
        if change.deletes {
            // Whether the server has what no line brought, nobody asked it.
            WriteResult::Deleted
        } else if held.is_some() {
            WriteResult::Replaced
        } else {
            WriteResult::Created
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(id: &str, version: Option<u64>) -> Change {
        Change {
            id: id.to_owned(),
            version,
            deletes: false,
        }
    }

    fn delete(id: &str, version: Option<u64>) -> Change {
        Change {
            deletes: true,
            ..put(id, version)
        }
    }

    #[test]
    fn changes_are_counted_as_an_empty_server_counts_them() {
        let mut held = Held::new(10);
        for (change, expected) in [
            (put("a", None), WriteResult::Created),
            (put("b", None), WriteResult::Created),
            (put("a", None), WriteResult::Replaced),
            (put("a", Some(2)), WriteResult::Stale),
            (put("a", Some(3)), WriteResult::Replaced),
            (delete("a", Some(3)), WriteResult::Stale),
            (delete("a", None), WriteResult::Deleted),
            (put("a", Some(3)), WriteResult::Stale),
            (put("a", None), WriteResult::Created),
            (delete("d", None), WriteResult::Deleted),
            (put("d", Some(1)), WriteResult::Created),
            (delete("c", Some(7)), WriteResult::Deleted),
            (put("c", Some(7)), WriteResult::Stale),
            (put("c", Some(8)), WriteResult::Created),
        ] {
            let found = held.write(&change);
            assert_eq!(found, expected, "{} {:?}", change.id, change.version);
        }
        assert!(!held.is_full);
    }

    #[test]
    fn ids_beyond_the_bound_are_not_kept_and_it_is_known() {
        let mut held = Held::new(2);
        let results: Vec<WriteResult> = ["a", "b", "b", "c", "c", "a"]
            .map(|id| held.write(&put(id, None)))
            .to_vec();
        let (created, replaced) = (WriteResult::Created, WriteResult::Replaced);
        assert_eq!(
            results,
            [created, created, replaced, created, created, replaced]
        );
        assert!(held.is_full && held.versions.len() == 2);
    }
}
