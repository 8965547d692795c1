//! The data folder at start-up: opens the checkpoint, then the journal behind
//! it, and brings the spaces back to where that ends. Owns replaying; the
//! formats are the index's, appending and the next checkpoint the writer's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use tandem_index::backup;
use tandem_index::checkpoint::{self, Checkpoint, CheckpointError};
use tandem_index::disk::{FileError, Folder, RealFolder};
use tandem_index::feed::{self, Feed, FeedError};
use tandem_index::journal::{Batch, Journal, Misfit, Needed, Opened, Operation, Position};
use tandem_index::ledger::Ledger;
use tandem_index::store::BATCH_CHANGES_MAX;
use tandem_index::taxonomy::{self, Put};
use tandem_index::witness::Witness;
use tandem_index::{KindId, Kinds, Prepared, Store, StoreOptions, Write, prepare};

use crate::app::Config;
use crate::clock;
use crate::durable::Timed;
use crate::erase;
use crate::feed::{Completion, Noted};
use crate::limits::{REPLAY_BYTES_MAX, REPLAY_CHANGES_MAX, SEQUENCE_GAP};
use crate::metrics::Metrics;
use crate::writer::Disk;

/// What start-up found in a data folder.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The folder.
    pub folder: PathBuf,
    /// Documents in the checkpoint, if there is one.
    pub checkpoint: Option<u64>,
    /// What is in the journal behind it.
    pub opened: Opened,
    /// Spaces no key opens, kept as they are.
    pub unopened: BTreeSet<String>,
    /// How long reading took.
    pub took: Duration,
}

/// Why a data folder cannot be used.
#[derive(Debug)]
pub enum OpenError {
    /// The folder itself.
    Folder {
        /// The folder.
        folder: String,
        /// Why it cannot be opened.
        cause: std::io::Error,
    },
    /// Its checkpoint.
    Checkpoint(CheckpointError),
    /// A file of its journal, its ledger of erasures, or its witness.
    File(FileError),
    /// Its log of changes.
    Feed(FeedError),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder { folder, cause } => write!(f, "{folder}: cannot open: {cause}"),
            Self::Checkpoint(cause) => cause.fmt(f),
            Self::File(cause) => cause.fmt(f),
            Self::Feed(cause) => cause.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Folder { cause, .. } => Some(cause),
            Self::Checkpoint(cause) => Some(cause),
            Self::File(cause) => Some(cause),
            Self::Feed(cause) => Some(cause),
        }
    }
}

/// Refuses a folder that is there and no data folder. Nothing is created.
pub(crate) fn check(path: &Path) -> Result<(), OpenError> {
    let refused = |cause| OpenError::Folder {
        folder: path.display().to_string(),
        cause,
    };
    match backup::is_no_data(path).map_err(refused)? {
        Some(why) => Err(refused(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            why,
        ))),
        None => Ok(()),
    }
}

/// Opens a folder and brings the stores, by name of space, to where it ends.
/// Spaces without a store get one.
pub(crate) fn open(
    path: &Path,
    config: &Config,
    metrics: &Arc<Metrics>,
    stores: &mut BTreeMap<String, Store>,
) -> Result<(Disk, Restored, Ledger), OpenError> {
    let started = Instant::now();
    check(path)?;
    let folder = RealFolder::open(path).map_err(|cause| OpenError::Folder {
        folder: path.display().to_string(),
        cause,
    })?;
    let folder: Arc<dyn Folder> = Arc::new(Timed::new(folder, Arc::clone(metrics)));
    let no_random = |cause| OpenError::Folder {
        folder: path.display().to_string(),
        cause,
    };
    let (key, history) = (
        erase::random().map_err(no_random)?,
        erase::history().map_err(no_random)?,
    );
    let witness = Witness::open(Arc::clone(&folder), history).map_err(OpenError::File)?;
    let witness = Arc::new(witness);
    let ledger = Ledger::open(Arc::clone(&folder), key, Arc::clone(&witness));
    let ledger = ledger.map_err(OpenError::File)?;
    let known: BTreeSet<String> = stores.keys().cloned().collect();
    let shared = Arc::clone(&folder);
    let found = restore(shared, &witness, &config.kinds, config.store, stores)?;
    let bytes = found.journal.bytes_behind();
    metrics.durable.replayed(found.opened.changes, bytes);
    let has_data = found.checkpoint.is_some() || found.journal.last_frame() > 0;
    if has_data && !witness.was_there() {
        tracing::warn!("the folder had no witness: what is there was taken as all there is");
    }
    let restored = Restored {
        folder: path.to_owned(),
        checkpoint: found.checkpoint.as_ref().map(|_| found.documents),
        opened: found.opened,
        unopened: stores
            .keys()
            .filter(|name| !known.contains(*name))
            .cloned()
            .collect(),
        took: started.elapsed(),
    };
    let disk = Disk {
        folder,
        journal: found.journal,
        checkpoint: found.checkpoint,
        feed: Arc::new(found.feed),
        witness,
        policy: config.checkpoints,
    };
    Ok((disk, restored, ledger))
}

/// What was found in a folder.
pub(crate) struct Found {
    pub journal: Journal,
    pub opened: Opened,
    pub checkpoint: Option<Checkpoint>,
    /// Documents in the checkpoint.
    pub documents: u64,
    pub feed: Feed,
}

/// Opens the checkpoint and the log of changes, replays the journal behind them.
pub(crate) fn restore(
    folder: Arc<dyn Folder>,
    witness: &Witness,
    kinds: &Arc<Kinds>,
    options: StoreOptions,
    stores: &mut BTreeMap<String, Store>,
) -> Result<Found, OpenError> {
    let now_ms = clock::now_ms();
    let found = checkpoint::open(&*folder, kinds).map_err(OpenError::Checkpoint)?;
    let (checkpoint, spaces) =
        found.map_or((None, Vec::new()), |(one, spaces)| (Some(one), spaces));
    let (mut documents, mut reached) = (0, BTreeMap::new());
    for (name, state) in spaces {
        let rows = kinds.iter().map(|kind| state.snapshot.rows(kind.id));
        documents += rows.sum::<u64>();
        reached.insert(name.clone(), state.snapshot.sequence);
        stores.insert(name, Store::restore(Arc::clone(kinds), options, state));
    }
    let behind = checkpoint.as_ref().map_or(0, |one| one.frame);
    let (feed, log) = open_feed(Arc::clone(&folder), behind, &reached, now_ms)?;
    let mut replay = Replay {
        kinds,
        options,
        feed: &feed,
        stores,
        waiting: Vec::new(),
        bytes: 0,
        reached,
        overlays: BTreeMap::new(),
    };
    let needed = Needed {
        behind,
        least: witness.known().frame,
    };
    let (journal, opened) =
        Journal::open(folder, needed, |offset, batch| replay.batch(offset, &batch))
            .map_err(OpenError::File)?;
    replay
        .apply()
        .map_err(|misfit| OpenError::File(journal.refuse(misfit)))?;
    let (reached, overlays) = (replay.reached, replay.overlays);
    for (space, (version, put)) in overlays {
        if let Some(store) = stores.get_mut(&space) {
            let base = taxonomy::base();
            let under = put.map(|put| Arc::new(base.under(put)));
            store.restore_taxonomy(version, under.unwrap_or_else(|| Arc::clone(base)));
        }
    }
    for (space, store) in stores.iter() {
        let snapshot = store.snapshot();
        let faults = snapshot.taxonomy().faults().len();
        if faults > 0 {
            tracing::warn!(
                space,
                faults,
                "parts of an overlay do not hold any more and are left out; GET /v1/taxonomy names them"
            );
        }
    }
    // Without a witness somebody wants to go on with what is there.
    if let Some(why) = feed.is_ahead(&named(&reached), SEQUENCE_GAP)
        && witness.was_there()
    {
        return Err(OpenError::File(journal.ends_too_early(&why)));
    }
    let ahead = feed.completed(&named(&reached), SEQUENCE_GAP, now_ms);
    let ahead = ahead.map_err(OpenError::Feed)?;
    if let Some(reason) = &ahead {
        tracing::error!(reason);
    }
    // Whoever followed the log, or waits for a write of before, is not to take what comes
    // for what was.
    if ahead.is_some() || log.anew.is_some() {
        witness.begin_history();
    }
    // Last, as from here on nothing may be missing; all of it was synced when it was opened.
    let noted = witness.reached(journal.last_frame());
    noted.map_err(OpenError::File)?;
    for (space, sequence) in reached {
        if let (1.., Some(store)) = (sequence, stores.get_mut(&space)) {
            store.resume_at(sequence + SEQUENCE_GAP);
        }
    }
    Ok(Found {
        journal,
        opened,
        checkpoint,
        documents,
        feed,
    })
}

fn named(reached: &BTreeMap<String, u64>) -> Vec<(&str, u64)> {
    let reached = reached.iter();
    reached.map(|(name, at)| (name.as_str(), *at)).collect()
}

/// Opens the log of changes for spaces as the checkpoint has them, and says
/// what of it is gone.
fn open_feed(
    folder: Arc<dyn Folder>,
    behind: u64,
    spaces: &BTreeMap<String, u64>,
    now_ms: i64,
) -> Result<(Feed, feed::Opened), OpenError> {
    let (feed, log) = Feed::open(folder, feed::Options::DISK, behind, &named(spaces), now_ms)
        .map_err(OpenError::Feed)?;
    for reason in &log.damaged {
        tracing::error!(
            reason,
            "changes before this are gone from the log of changes"
        );
    }
    match &log.anew {
        Some(reason) if log.was_there => tracing::error!(
            reason,
            "changes before this are gone from the log of changes"
        ),
        // As behind a restore.
        Some(_) => tracing::info!("there is no log of changes: it begins here"),
        None => {}
    }
    if let Some(cut) = &log.cut {
        tracing::warn!(
            cut,
            "cut the torn end of the log of changes; the journal has it"
        );
    }
    Ok((feed, log))
}

/// A change that was read and not applied yet.
struct Waiting {
    offset: u64,
    space: String,
    sequence: u64,
    at_ms: i64,
    version: u64,
    kind: KindId,
    id: String,
    json: Option<Vec<u8>>,
    erases: bool,
}

/// Changes are collected over batches, so that preparing them keeps all cores
/// busy: what the stores hold in the end depends on their order alone.
struct Replay<'a> {
    kinds: &'a Arc<Kinds>,
    options: StoreOptions,
    feed: &'a Feed,
    stores: &'a mut BTreeMap<String, Store>,
    waiting: Vec<Waiting>,
    bytes: usize,
    /// The last sequence number of each space that is on disk.
    reached: BTreeMap<String, u64>,
    /// The last overlay of each space that has one in the journal.
    overlays: BTreeMap<String, (u64, Option<Put>)>,
}

impl Replay<'_> {
    fn batch(&mut self, offset: u64, batch: &Batch<'_>) -> Result<(), Misfit> {
        // A space no key opens is kept like the others: the next checkpoint takes the
        // journal's place, and must have all that was in it.
        if !self.stores.contains_key(batch.space) {
            let store = Store::new(Arc::clone(self.kinds), self.options);
            self.stores.insert(batch.space.to_owned(), store);
        }
        for change in &batch.changes {
            let kind = self.kinds.get(change.kind).ok_or_else(|| Misfit {
                offset,
                reason: format!(
                    "a change of the kind `{}`, which this server does not have",
                    change.kind
                ),
            })?;
            let json = match change.operation {
                Operation::Put(json) => Some(json.to_vec()),
                Operation::Delete | Operation::Erase => None,
            };
            self.bytes += json.as_ref().map_or(0, Vec::len);
            self.waiting.push(Waiting {
                offset,
                space: batch.space.to_owned(),
                sequence: batch.sequence,
                at_ms: batch.at_ms,
                version: change.version,
                kind: kind.id,
                id: change.id.to_owned(),
                json,
                erases: matches!(change.operation, Operation::Erase),
            });
        }
        // Nobody sees the stores before all is replayed: a position may be ahead meanwhile.
        if let (Some(Position { source, position }), Some(store)) =
            (batch.position, self.stores.get_mut(batch.space))
        {
            match position {
                Some(position) => store.set_position(source, position),
                None => store.forget_position(source),
            }
        }
        if let Some(overlay) = batch.overlay {
            let put = overlay.put.map(|(form, text)| Put {
                form,
                text: text.to_owned(),
            });
            let held = (overlay.version, put);
            self.overlays.insert(batch.space.to_owned(), held);
        }
        let reached = self.reached.entry(batch.space.to_owned()).or_default();
        *reached = batch.sequence.max(*reached);
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
                apply_again(store, (self.feed, space), changes)?;
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
        None if change.erases => Write::Erase {
            kind,
            id,
            version: change.version,
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

fn apply_again(
    store: &mut Store,
    (feed, space): (&Feed, &str),
    changes: Vec<(&Waiting, Prepared)>,
) -> Result<(), Misfit> {
    let kinds = Arc::clone(store.kinds());
    let mut completion = Completion::default();
    let mut changes = changes.into_iter().peekable();
    while changes.peek().is_some() {
        let (were, prepared): (Vec<&Waiting>, Vec<Prepared>) =
            changes.by_ref().take(BATCH_CHANGES_MAX).unzip();
        // One time for all of them: what they lead to is settled, and deletes may be
        // remembered some moments longer.
        let at_ms = were.iter().map(|was| was.at_ms).max().unwrap_or_default();
        let noted: Vec<Noted> = prepared
            .iter()
            .map(|change| Noted::of(&change.change()))
            .collect();
        let outcomes = store.apply(prepared, at_ms);
        for ((was, noted), outcome) in were.into_iter().zip(noted).zip(outcomes) {
            if outcome.version != was.version || !outcome.has_effect {
                return Err(Misfit {
                    offset: was.offset,
                    reason: format!(
                        "a change that led to version {} now leads to version {}",
                        was.version, outcome.version
                    ),
                });
            }
            let place = (was.sequence, was.at_ms);
            completion.add((feed, space, &kinds), place, noted, outcome);
        }
    }
    completion.end((feed, space, &kinds));
    Ok(())
}

#[cfg(test)]
mod tests;
