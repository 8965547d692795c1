//! What the writer writes to the journal: changes before they are applied, and
//! sequence numbers before background work takes more of them than a restart
//! leaves out. Owns that order; files are the keeper's.

use tandem_index::disk::FileError;
use tandem_index::journal;

use super::checkpoints::Keeper;
use super::{Gathered, Owned};
use crate::clock::now_ms;
use crate::limits::SEQUENCE_GAP;
use crate::position;

/// Writes what the changes will do to the journal and syncs it: from here
/// on they survive, so from here on they may be seen.
pub(super) fn keep(
    keeper: Option<&mut Keeper>,
    stores: &mut [Owned],
    gathered: &[Gathered],
    at_ms: i64,
) -> Result<(), FileError> {
    let Some(keeper) = keeper else {
        return Ok(());
    };
    let moved = gathered.iter().map(|one| match stores.get(one.space) {
        Some(owned) => position::moved(&owned.store, &one.reached),
        None => Vec::new(),
    });
    let moved: Vec<_> = moved.collect();
    let mut batches = Vec::with_capacity(gathered.len());
    let mut reached = Vec::with_capacity(gathered.len());
    for (gathered, moved) in gathered.iter().zip(&moved) {
        let Some(owned) = stores.get(gathered.space) else {
            continue;
        };
        let snapshot = owned.store.snapshot();
        let outcomes = owned.store.foresee(&gathered.changes, at_ms);
        let changes: Vec<journal::Change<'_>> = gathered
            .changes
            .iter()
            .zip(outcomes)
            .filter(|(_, outcome)| outcome.has_effect)
            .map(|(prepared, outcome)| {
                let change = prepared.change();
                journal::Change {
                    kind: &owned.store.kinds().by_id(change.kind).name,
                    id: change.id,
                    version: outcome.version,
                    operation: match change.json {
                        Some(json) => journal::Operation::Put(json),
                        None if change.erases => journal::Operation::Erase,
                        None => journal::Operation::Delete,
                    },
                }
            })
            .collect();
        let mut positions = moved.iter().map(|(source, position)| journal::Position {
            source,
            position: *position,
        });
        if changes.is_empty() && positions.len() == 0 {
            continue;
        }
        // A position alone changes nothing that is seen.
        let sequence = snapshot.sequence + u64::from(!changes.is_empty());
        reached.push((gathered.space, sequence));
        let batch = |position, changes| journal::Batch {
            space: &owned.space.name,
            sequence,
            at_ms,
            position,
            overlay: None,
            changes,
        };
        // In one frame with the changes, so with all of them or none.
        batches.push(batch(positions.next(), changes));
        batches.extend(positions.map(|position| batch(Some(position), Vec::new())));
    }
    if batches.is_empty() {
        return Ok(());
    }
    keeper.append(&batches)?;
    drop(batches);
    for (space, sequence) in reached {
        if let Some(owned) = stores.get_mut(space) {
            owned.kept = sequence;
        }
    }
    Ok(())
}

/// Whether background work may take the space's next sequence number. Those it
/// takes are not in the journal; a restart goes on [`SEQUENCE_GAP`] behind the
/// last that is. So where they come near to that, and behind a restart, the
/// number reached is written down first.
pub(super) fn may_take_number(
    keeper: Option<&mut Keeper>,
    owned: &mut Owned,
) -> Result<bool, FileError> {
    let sequence = owned.store.snapshot().sequence;
    // Without a disk nothing is left behind.
    let Some(keeper) = keeper.filter(|_| sequence + 1 >= owned.kept + SEQUENCE_GAP) else {
        return Ok(true);
    };
    let reached = journal::Batch {
        space: &owned.space.name,
        sequence,
        at_ms: now_ms(),
        position: None,
        overlay: None,
        changes: Vec::new(),
    };
    match keeper.append(&[reached]) {
        Ok(()) => {
            owned.kept = sequence;
            Ok(true)
        }
        Err(FileError::Full { .. }) => Ok(false),
        Err(cause) => Err(cause),
    }
}
