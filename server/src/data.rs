//! The data folder at start-up: opens the journal and brings the spaces back to
//! where it ends. Owns replaying; the format is the index's, appending the
//! writer's.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use tandem_index::disk::{Disk, Folder, RealFolder};
use tandem_index::feed::{Feed, Options};
use tandem_index::journal::{Batch, Journal, JournalError, Misfit, Opened};
use tandem_index::store::BATCH_CHANGES_MAX;
use tandem_index::{KindId, Kinds, Prepared, Store, Write, prepare};

use crate::app::StartError;
use crate::clock;
use crate::feed::{Completion, Noted};
use crate::limits::{REPLAY_BYTES_MAX, REPLAY_CHANGES_MAX};

/// The journal's file in the data folder.
const JOURNAL_FILE: &str = "journal";

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
) -> Result<(Journal, Feed, Replayed), StartError> {
    let started = Instant::now();
    let real = RealFolder::open(folder).map_err(|cause| {
        StartError::Journal(JournalError::Io {
            file: folder.display().to_string(),
            doing: "open",
            cause,
        })
    })?;
    let real: Arc<dyn Folder> = Arc::new(real);
    let now_ms = clock::now_ms();
    // The journal is never cut, so whatever the log lacks is in it.
    let (feed, log) = Feed::open(
        Arc::clone(&real),
        Options::DISK,
        0,
        &reached(stores),
        now_ms,
    )
    .map_err(StartError::Feed)?;
    for reason in log.damaged.iter().chain(&log.anew) {
        tracing::error!(
            reason,
            "changes before this are gone from the log of changes"
        );
    }
    if let Some(cut) = &log.cut {
        tracing::warn!(
            cut,
            "cut the torn end of the log of changes; the journal has it"
        );
    }
    let disk = Box::new(InFolder(real));
    let (journal, opened, left_alone) =
        replay(disk, kinds, stores, Some(&feed)).map_err(StartError::Journal)?;
    let ahead = feed.completed(&reached(stores), now_ms);
    if let Some(reason) = ahead.map_err(StartError::Feed)? {
        tracing::error!(reason);
    }
    let replayed = Replayed {
        folder: folder.to_owned(),
        opened,
        left_alone,
        took: started.elapsed(),
    };
    Ok((journal, feed, replayed))
}

/// The sequence numbers the stores are at.
pub(crate) fn reached(stores: &BTreeMap<String, Store>) -> Vec<(&str, u64)> {
    let stores = stores.iter();
    stores
        .map(|(name, store)| (name.as_str(), store.snapshot().sequence))
        .collect()
}

/// The journal's one file in a folder that has others too.
struct InFolder(Arc<dyn Folder>);

impl Disk for InFolder {
    fn name(&self) -> String {
        self.0.path(JOURNAL_FILE)
    }

    fn bytes(&self) -> io::Result<u64> {
        let files = self.0.list()?;
        let file = files.iter().find(|(name, _)| name == JOURNAL_FILE);
        Ok(file.map_or(0, |(_, bytes)| *bytes))
    }

    fn read(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if buffer.is_empty() {
            // Also where the file is not there yet.
            return Ok(());
        }
        self.0.read(JOURNAL_FILE, offset, buffer)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.append(JOURNAL_FILE, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync(JOURNAL_FILE)
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        // A new journal begins with this: from here on its name survives.
        self.0.append(JOURNAL_FILE, &[])?;
        self.0.sync_folder()?;
        self.0.truncate(JOURNAL_FILE, bytes)
    }
}

/// Replays a journal. Also counts the changes of spaces that are not there.
pub(crate) fn replay(
    disk: Box<dyn Disk>,
    kinds: &Kinds,
    stores: &mut BTreeMap<String, Store>,
    feed: Option<&Feed>,
) -> Result<(Journal, Opened, u64), JournalError> {
    let mut replay = Replay {
        kinds,
        feed,
        stores,
        waiting: Vec::new(),
        bytes: 0,
        reached: HashMap::new(),
        left_alone: 0,
    };
    let (journal, opened) = Journal::open(disk, |offset, batch| replay.batch(offset, &batch))?;
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
    sequence: u64,
    version: u64,
    kind: KindId,
    id: String,
    json: Option<Vec<u8>>,
}

/// Changes are collected over batches, so that preparing them keeps all cores
/// busy: what the stores hold in the end depends on their order alone.
struct Replay<'a> {
    kinds: &'a Kinds,
    feed: Option<&'a Feed>,
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
            self.bytes += change.json.map_or(0, <[u8]>::len);
            self.waiting.push(Waiting {
                offset,
                space: batch.space.to_owned(),
                sequence: batch.sequence,
                version: change.version,
                kind: kind.id,
                id: change.id.to_owned(),
                json: change.json.map(<[u8]>::to_vec),
            });
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
                apply_again(
                    store,
                    changes,
                    self.feed.map(|feed| (feed, space, self.kinds)),
                )?;
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
        None => Write::Delete { kind, id },
    };
    prepare(kinds, write).map_err(|invalid| {
        let name = &kinds.by_id(kind).name;
        misfit(format!(
            "a document of the kind `{name}` does not fit the kind as it is now: {invalid}"
        ))
    })
}

fn apply_again(
    store: &mut Store,
    changes: Vec<(&Waiting, Prepared)>,
    feed: Option<(&Feed, &str, &Kinds)>,
) -> Result<(), Misfit> {
    let mut completion = Completion::default();
    let now_ms = clock::now_ms();
    let mut changes = changes.into_iter().peekable();
    while changes.peek().is_some() {
        let (were, prepared): (Vec<&Waiting>, Vec<Prepared>) =
            changes.by_ref().take(BATCH_CHANGES_MAX).unzip();
        let noted: Vec<Noted> = prepared
            .iter()
            .map(|one| Noted::of(&one.change()))
            .collect();
        let outcomes = store.apply(prepared);
        for ((was, outcome), noted) in were.into_iter().zip(outcomes).zip(noted) {
            if outcome.version != was.version || !outcome.result.has_effect() {
                return Err(Misfit {
                    offset: was.offset,
                    reason: format!(
                        "a change that led to version {} now leads to version {}",
                        was.version, outcome.version
                    ),
                });
            }
            if let Some(feed) = feed {
                let place = (was.sequence, now_ms);
                completion.add(feed, place, noted, outcome);
            }
        }
    }
    if let Some(feed) = feed {
        completion.end(feed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde_json::json;
    use tandem_index::disk::MemoryDisk;
    use tandem_index::{Kinds, Prepared, Store, StoreOptions, Write, prepare};

    use super::replay;
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
            0 => Write::Delete { kind, id },
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
        let disk = MemoryDisk::default();
        let mut before = stores(&kinds);
        let (journal, ..) = replay(Box::new(disk.clone()), &kinds, &mut before, None).unwrap();
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
            let foreseen = store.foresee(&batch);
            let expected = store.apply(batch.clone());
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
            store.apply(vec![last.clone()]);
            runtime
                .block_on(async { writer.apply(space, vec![last]).await?.applied().await })
                .unwrap();
        }
        runtime.block_on(writer.stop());
        handle.join().unwrap();

        let mut after = stores(&kinds);
        replay(Box::new(disk.clone()), &kinds, &mut after, None).unwrap();
        assert_eq!(content(&kinds, &after), content(&kinds, &before));
        let mut alone = stores(&kinds);
        alone.remove("two");
        let (_, opened, left_alone) = replay(Box::new(disk), &kinds, &mut alone, None).unwrap();
        assert!(left_alone > 0 && left_alone < opened.changes);
    }

    #[test]
    fn a_disk_that_fails_stops_the_writer_and_acknowledges_nothing_more() {
        let kinds = Arc::new(Kinds::builtin());
        for call in 1..8 {
            let disk = MemoryDisk::default();
            let mut empty = stores(&kinds);
            let (journal, ..) = replay(Box::new(disk.clone()), &kinds, &mut empty, None).unwrap();
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
            let left = MemoryDisk::new(disk.after_power_cut(|| false));
            replay(Box::new(left), &kinds, &mut after, None).unwrap();
            assert_eq!(after["one"].snapshot().rows(kind), acknowledged);
        }
    }

    #[test]
    fn a_journal_of_other_kinds_is_refused() {
        let kinds = Arc::new(Kinds::builtin());
        let disk = MemoryDisk::default();
        let (mut journal, ..) =
            replay(Box::new(disk.clone()), &kinds, &mut stores(&kinds), None).unwrap();
        let change = |kind| tandem_index::journal::Change {
            kind,
            id: "1",
            version: 1,
            json: Some(b"{\"title\":\"x\"}"),
        };
        let batch = |kind| tandem_index::journal::Batch {
            space: "one",
            sequence: 1,
            changes: vec![change(kind)],
        };
        journal.append(&[batch("jobs")]).unwrap();
        let before = disk.content();
        journal.append(&[batch("flats")]).unwrap();
        for (bytes, expected) in [(disk.content(), Some("kind `flats`")), (before, None)] {
            let opened = replay(
                Box::new(MemoryDisk::new(bytes)),
                &kinds,
                &mut stores(&kinds),
                None,
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
