//! The data folder at start-up: opens the journal and brings the spaces back to
//! where it ends. Owns replaying; the format is the index's, appending the
//! writer's.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use tandem_index::disk::{Folder, RealFolder};
use tandem_index::journal::{Batch, Journal, JournalError, Misfit, Opened, Position};
use tandem_index::store::BATCH_CHANGES_MAX;
use tandem_index::{KindId, Kinds, Prepared, Store, Write, prepare};

use crate::clock::now_ms;
use crate::limits::{REPLAY_BYTES_MAX, REPLAY_CHANGES_MAX};

/// What start-up found in a data folder.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The folder.
    pub folder: PathBuf,
    /// What is in the journal.
    pub opened: Opened,
    /// Changes of spaces this server does not have, left where they are.
    pub left_alone: u64,
    /// How long reading took.
    pub took: Duration,
}

/// Opens a folder and replays its journal into the stores, by name of space.
pub(crate) fn open(
    folder: &Path,
    kinds: &Kinds,
    stores: &mut BTreeMap<String, Store>,
) -> Result<(Journal, Replayed), JournalError> {
    let started = Instant::now();
    let disk = RealFolder::open(folder).map_err(|cause| JournalError::Io {
        file: folder.display().to_string(),
        doing: "open",
        cause,
    })?;
    let (journal, opened, left_alone) = replay(Arc::new(disk), kinds, stores)?;
    let replayed = Replayed {
        folder: folder.to_owned(),
        opened,
        left_alone,
        took: started.elapsed(),
    };
    Ok((journal, replayed))
}

/// Replays a journal. Also counts the changes of spaces that are not there.
pub(crate) fn replay(
    folder: Arc<dyn Folder>,
    kinds: &Kinds,
    stores: &mut BTreeMap<String, Store>,
) -> Result<(Journal, Opened, u64), JournalError> {
    let mut replay = Replay {
        kinds,
        stores,
        waiting: Vec::new(),
        bytes: 0,
        reached: HashMap::new(),
        left_alone: 0,
    };
    let (journal, opened) = Journal::open(folder, 0, |offset, batch| replay.batch(offset, &batch))?;
    replay.apply().map_err(|misfit| journal.refuse(misfit))?;
    let left_alone = replay.left_alone;
    for (space, sequence) in replay.reached {
        if let Some(store) = stores.get_mut(&space) {
            store.resume_at(sequence);
        }
    }
    Ok((journal, opened, left_alone))
}

/// A change that was read and not applied yet.
struct Waiting {
    offset: u64,
    space: String,
    version: u64,
    kind: KindId,
    id: String,
    json: Option<Vec<u8>>,
}

/// Changes are collected over batches, so that preparing them keeps all cores
/// busy: what the stores hold in the end depends on their order alone.
struct Replay<'a> {
    kinds: &'a Kinds,
    stores: &'a mut BTreeMap<String, Store>,
    waiting: Vec<Waiting>,
    bytes: usize,
    reached: HashMap<String, u64>,
    left_alone: u64,
}

impl Replay<'_> {
    fn batch(&mut self, offset: u64, batch: &Batch<'_>) -> Result<(), Misfit> {
        if !self.stores.contains_key(batch.space) {
            self.left_alone += batch.changes.len() as u64;
            return Ok(());
        }
        for change in &batch.changes {
            let kind = self.kinds.get(change.kind).ok_or_else(|| Misfit {
                offset,
                reason: format!(
                    "a change of the kind `{}`, which this server does not have",
                    change.kind
                ),
            })?;
            self.bytes += change.operation.json().map_or(0, <[u8]>::len);
            self.waiting.push(Waiting {
                offset,
                space: batch.space.to_owned(),
                version: change.version,
                kind: kind.id,
                id: change.id.to_owned(),
                json: change.operation.json().map(<[u8]>::to_vec),
            });
        }
        // Nobody sees the stores before all is replayed: a position may be ahead meanwhile.
        if let (Some(Position { source, position }), Some(store)) =
            (batch.position, self.stores.get_mut(batch.space))
        {
            store.set_position(source, position);
        }
        self.reached.insert(batch.space.to_owned(), batch.sequence);
        if self.waiting.len() >= REPLAY_CHANGES_MAX || self.bytes >= REPLAY_BYTES_MAX {
            self.apply()?;
        }
        Ok(())
    }

    fn apply(&mut self) -> Result<(), Misfit> {
        let waiting = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        let prepared: Vec<Prepared> = waiting
            .par_iter()
            .map(|change| prepare_again(self.kinds, change))
            .collect::<Result<_, _>>()?;
        let mut by_space: BTreeMap<&str, Vec<(&Waiting, Prepared)>> = BTreeMap::new();
        for (change, prepared) in waiting.iter().zip(prepared) {
            let changes = by_space.entry(&change.space).or_default();
            changes.push((change, prepared));
        }
        for (space, changes) in by_space {
            if let Some(store) = self.stores.get_mut(space) {
                apply_again(store, changes)?;
            }
        }
        Ok(())
    }
}

fn prepare_again(kinds: &Kinds, change: &Waiting) -> Result<Prepared, Misfit> {
    let misfit = |reason: String| Misfit {
        offset: change.offset,
        reason,
    };
    let (kind, id) = (change.kind, change.id.clone());
    let write = match &change.json {
        Some(json) => Write::Put {
            kind,
            id: Some(id),
            // Its text says line and column, nothing of the document.
            document: serde_json::from_slice(json)
                .map_err(|cause| misfit(format!("a document is not JSON: {cause}")))?,
        },
        None => Write::Delete {
            kind,
            id,
            version: None,
        },
    };
    let prepared = prepare(kinds, write).map_err(|invalid| {
        let name = &kinds.by_id(kind).name;
        misfit(format!(
            "a document of the kind `{name}` does not fit the kind as it is now: {invalid}"
        ))
    })?;
    Ok(prepared.settled(change.version))
}

fn apply_again(store: &mut Store, changes: Vec<(&Waiting, Prepared)>) -> Result<(), Misfit> {
    let mut changes = changes.into_iter().peekable();
    while changes.peek().is_some() {
        let (were, prepared): (Vec<&Waiting>, Vec<Prepared>) =
            changes.by_ref().take(BATCH_CHANGES_MAX).unzip();
        for (was, outcome) in were.into_iter().zip(store.apply(prepared, now_ms())) {
            if outcome.version != was.version || !outcome.has_effect {
                return Err(Misfit {
                    offset: was.offset,
                    reason: format!(
                        "a change that led to version {} now leads to version {}",
                        was.version, outcome.version
                    ),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde_json::json;
    use tandem_index::disk::MemoryFolder;
    use tandem_index::{Kinds, Prepared, Store, StoreOptions, Write, prepare};

    use super::replay;
    use crate::clock::now_ms;
    use crate::space::Space;
    use crate::wire::problem::Code;
    use crate::writer::Writer;

    const SPACES: [&str; 2] = ["one", "two"];

    fn stores(kinds: &Arc<Kinds>) -> BTreeMap<String, Store> {
        let store = || Store::new(Arc::clone(kinds), StoreOptions::default());
        SPACES
            .iter()
            .map(|name| ((*name).to_owned(), store()))
            .collect()
    }

    /// A change that depends on the number alone: puts with and without a
    /// version, and deletes, of a few ids of two kinds.
    fn change(kinds: &Kinds, number: u64) -> Prepared {
        let dice = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let kind = kinds
            .get(["jobs", "candidates"][dice as usize % 2])
            .unwrap()
            .id;
        let id = format!("id {}", dice / 2 % 7);
        let title = ["title", "headline"][dice as usize % 2];
        let write = match dice / 14 % 4 {
            0 => Write::Delete {
                kind,
                id,
                version: (dice / 56 % 3 == 0).then_some(dice / 168 % 9),
            },
            1 => Write::Put {
                kind,
                id: Some(id),
                document: json!({title: number.to_string(), "version": dice / 56 % 9}),
            },
            _ => Write::Put {
                kind,
                id: None,
                document: json!({"id": id, title: number.to_string()}),
            },
        };
        prepare(kinds, write).unwrap()
    }

    /// Every document of every space with its version, and sequence numbers.
    fn content(kinds: &Kinds, stores: &BTreeMap<String, Store>) -> Vec<String> {
        let mut found = Vec::new();
        for (name, store) in stores {
            let snapshot = store.snapshot();
            found.push(format!("{name} {}", snapshot.sequence));
            for (kind, id) in kinds
                .iter()
                .flat_map(|kind| (0..7).map(move |id| (kind.id, id)))
            {
                let stored = snapshot.get(kind, &format!("id {id}"));
                found.push(format!("{stored:?}"));
            }
        }
        found
    }

    #[test]
    fn replaying_leads_to_the_same_documents_versions_and_sequences() {
        let kinds = Arc::new(Kinds::builtin());
        let disk = MemoryFolder::default();
        let mut before = stores(&kinds);
        let (journal, ..) = replay(Arc::new(disk.clone()), &kinds, &mut before).unwrap();
        let spaces = spaces(&before);
        let handed = spaces.iter().cloned().zip(before.clone().into_values());
        let (writer, handle) = Writer::start(handed.collect(), Some(journal)).unwrap();
        let runtime = runtime();
        let mut number = 0;
        for round in 0..120 {
            let space = round % 2;
            let batch: Vec<Prepared> = (0..=round % 5)
                .map(|_| {
                    number += 1;
                    change(&kinds, number)
                })
                .collect();
            let store = before.get_mut(SPACES[space]).unwrap();
            let foreseen = store.foresee(&batch, now_ms());
            let expected = store.apply(batch.clone(), now_ms());
            assert_eq!(foreseen, expected);
            let applied = runtime
                .block_on(async { writer.apply(space, batch).await?.applied().await })
                .unwrap();
            assert_eq!(applied.outcomes, expected);
        }
        // A batch without an effect is not kept: the last ones have one.
        for (space, store) in before.values_mut().enumerate() {
            let kind = kinds.get("jobs").unwrap().id;
            let document = json!({"id": "id 0", "title": "last", "version": 1_000});
            let put = Write::Put {
                kind,
                id: None,
                document,
            };
            let last = prepare(&kinds, put).unwrap();
            store.apply(vec![last.clone()], now_ms());
            runtime
                .block_on(async { writer.apply(space, vec![last]).await?.applied().await })
                .unwrap();
        }
        runtime.block_on(writer.stop());
        handle.join().unwrap();

        let mut after = stores(&kinds);
        replay(Arc::new(disk.clone()), &kinds, &mut after).unwrap();
        assert_eq!(content(&kinds, &after), content(&kinds, &before));
        let mut alone = stores(&kinds);
        alone.remove("two");
        let (_, opened, left_alone) = replay(Arc::new(disk), &kinds, &mut alone).unwrap();
        assert!(left_alone > 0 && left_alone < opened.changes);
    }

    #[test]
    fn a_disk_that_fails_stops_the_writer_and_acknowledges_nothing_more() {
        let kinds = Arc::new(Kinds::builtin());
        for call in 1..8 {
            let disk = MemoryFolder::default();
            let mut empty = stores(&kinds);
            let (journal, ..) = replay(Arc::new(disk.clone()), &kinds, &mut empty).unwrap();
            disk.fail_at(call);
            let spaces = spaces(&empty);
            let handed = spaces.iter().cloned().zip(empty.into_values());
            let (writer, handle) = Writer::start(handed.collect(), Some(journal)).unwrap();
            let runtime = runtime();
            let mut acknowledged = 0;
            let refused = loop {
                let document = json!({"id": acknowledged.to_string(), "title": "x"});
                let kind = kinds.get("jobs").unwrap().id;
                let put = Write::Put {
                    kind,
                    id: None,
                    document,
                };
                let put = prepare(&kinds, put).unwrap();
                let applied =
                    runtime.block_on(async { writer.apply(0, vec![put]).await?.applied().await });
                match applied {
                    Ok(_) => acknowledged += 1,
                    Err(refusal) => break refusal.code,
                }
            };
            assert_eq!(refused, Code::NotReady);
            handle.join().unwrap();
            assert!(!writer.runs());
            let kind = kinds.get("jobs").unwrap().id;
            assert_eq!(spaces[0].current().rows(kind), acknowledged, "call {call}");
            let mut after = stores(&kinds);
            let left = disk.after_power_cut(|| false);
            replay(Arc::new(left), &kinds, &mut after).unwrap();
            assert_eq!(after["one"].snapshot().rows(kind), acknowledged);
        }
    }

    #[test]
    fn a_journal_of_other_kinds_is_refused() {
        let kinds = Arc::new(Kinds::builtin());
        let disk = MemoryFolder::default();
        let (mut journal, ..) =
            replay(Arc::new(disk.clone()), &kinds, &mut stores(&kinds)).unwrap();
        let change = |kind| tandem_index::journal::Change {
            kind,
            id: "1",
            version: 1,
            operation: tandem_index::journal::Operation::Put(b"{\"title\":\"x\"}"),
        };
        let batch = |kind| tandem_index::journal::Batch {
            space: "one",
            sequence: 1,
            at_ms: 0,
            position: None,
            changes: vec![change(kind)],
        };
        journal.append(&[batch("jobs")]).unwrap();
        let before = disk.files();
        journal.append(&[batch("flats")]).unwrap();
        for (files, expected) in [(disk.files(), Some("kind `flats`")), (before, None)] {
            let opened = replay(
                Arc::new(MemoryFolder::with_files(files)),
                &kinds,
                &mut stores(&kinds),
            );
            let said = opened.err().map(|error| error.to_string());
            assert_eq!(said.is_some(), expected.is_some(), "{said:?}");
            assert!(said.unwrap_or_default().contains(expected.unwrap_or("")));
        }
    }

    fn spaces(stores: &BTreeMap<String, Store>) -> Vec<Arc<Space>> {
        stores
            .iter()
            .enumerate()
            .map(|(number, (name, store))| {
                Arc::new(Space::new(name.clone(), number, store.snapshot()))
            })
            .collect()
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    }
}
