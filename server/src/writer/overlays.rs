//! Overlays of the taxonomy, from the writer's side: conditions, versions, the
//! journal, and only then the snapshot that shows one. What is in one is the
//! index's; it was read and checked before it comes here.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tandem_index::Condition;
use tandem_index::disk::FileError;
use tandem_index::journal;
use tandem_index::taxonomy::{self, Taxonomy};
use tokio::sync::{mpsc, oneshot};

use super::{Message, Owner, Writer, failed, full, overloaded, why};
use crate::clock::now_ms;
use crate::compute::defect;
use crate::wire::problem::Outcome;

/// An overlay that is to be put or taken away.
pub(crate) struct Overlay {
    /// The space's number.
    pub space: usize,
    /// The taxonomy under it; none to take away the one there is.
    pub taxonomy: Option<Arc<Taxonomy>>,
    /// What must be true of the version held.
    pub conditions: Vec<Condition>,
    /// Who waits.
    pub reply: oneshot::Sender<Outcome<Overlaid>>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// There was none.
    Created,
    /// It took another one's place.
    Replaced,
    /// It is gone.
    Deleted,
    /// There was none to take away.
    Nothing,
    /// A condition was not true; this version is held.
    Unmet(Option<u64>),
}

/// What became of an overlay, now that it is visible.
#[derive(Clone, Copy, Debug)]
pub struct Overlaid {
    /// What was done.
    pub did: Did,
    /// The version it was given; of nothing done the last one.
    pub version: u64,
    /// The sequence number at which it is visible.
    pub sequence: u64,
}

impl Writer {
    /// Hands an overlay over when there is room, and waits until it is on disk,
    /// where there is one, and visible.
    pub async fn overlay(
        &self,
        space: usize,
        taxonomy: Option<Arc<Taxonomy>>,
        conditions: Vec<Condition>,
    ) -> Outcome<Overlaid> {
        let (reply, replied) = oneshot::channel();
        let overlay = Overlay {
            space,
            taxonomy,
            conditions,
            reply,
        };
        let sent = self.queue.try_send(Message::Overlay(overlay));
        sent.map_err(|cause| match cause {
            mpsc::error::TrySendError::Full(_) => overloaded(),
            mpsc::error::TrySendError::Closed(_) => self.stopped(),
        })?;
        replied.await.unwrap_or_else(|_gone| Err(defect()))
    }
}

impl Owner {
    /// Keeps an overlay, then shows it, then answers. Where the disk is full it is
    /// refused and nothing is different.
    pub(super) fn overlay(&mut self, order: Overlay) -> Result<(), FileError> {
        let Some(owned) = self.stores.get_mut(order.space) else {
            return Ok(());
        };
        let snapshot = owned.store.snapshot();
        let last = snapshot.taxonomy_version();
        let held = snapshot.taxonomy().put().map(|_| last);
        let overlaid = |did, version, sequence| Overlaid {
            did,
            version,
            sequence,
        };
        // As for documents: what is not there is not there under any condition.
        let refused = match (&order.taxonomy, held) {
            (None, None) => Some(Did::Nothing),
            _ if !order.conditions.iter().all(|one| one.is_met(held)) => Some(Did::Unmet(held)),
            _ => None,
        };
        if let Some(did) = refused {
            // A client that left does not need the answer.
            drop(order.reply.send(Ok(overlaid(did, last, snapshot.sequence))));
            return Ok(());
        }
        let (version, sequence) = (last + 1, snapshot.sequence + 1);
        if let Some(keeper) = self.keeper.as_mut() {
            let put = order.taxonomy.as_ref().and_then(|one| one.put());
            let batch = journal::Batch {
                space: &owned.space.name,
                sequence,
                at_ms: now_ms(),
                position: None,
                overlay: Some(journal::Overlay {
                    version,
                    put: put.map(|put| (put.form, put.text.as_str())),
                }),
                changes: Vec::new(),
            };
            match keeper.append(&[batch]) {
                Ok(()) => owned.kept = sequence,
                Err(cause @ FileError::Full { .. }) => {
                    tracing::warn!(%cause, "the disk is full: changes are refused, reads go on");
                    self.metrics.durable.full.fetch_add(1, Ordering::Relaxed);
                    drop(order.reply.send(Err(full())));
                    return Ok(());
                }
                Err(cause) => {
                    drop(order.reply.send(Err(failed(&why(&cause)))));
                    return Err(cause);
                }
            }
        }
        let did = match (&order.taxonomy, held) {
            (None, _) => Did::Deleted,
            (Some(_), None) => Did::Created,
            (Some(_), Some(_)) => Did::Replaced,
        };
        let taxonomy = order.taxonomy;
        let taxonomy = taxonomy.unwrap_or_else(|| Arc::clone(taxonomy::base()));
        owned.store.put_taxonomy(version, taxonomy);
        // Visible before it is acknowledged, as every write.
        owned.space.show(&owned.store.snapshot());
        drop(order.reply.send(Ok(overlaid(did, version, sequence))));
        Ok(())
    }
}
