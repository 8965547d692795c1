//! What the writer and start-up tell the change feed. Owns making a change of
//! the feed from one of a store; when it is told is the writer's.

use tandem_index::feed::{self, Change, Feed, Operation};
use tandem_index::{ChangeRef, KindId, Kinds, Outcome, WriteResult};

use crate::space::Space;

/// What is kept of a change while it is applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted {
    kind: KindId,
    hash: Option<u64>,
    erases: bool,
}

impl Noted {
    /// Of a change that is about to be applied.
    pub(crate) fn of(change: &ChangeRef<'_>) -> Self {
        Self {
            kind: change.kind,
            hash: change.json.map(feed::hash),
            erases: change.erases,
        }
    }

    /// As the feed has it, now that it is known what became of it; nothing
    /// where no document is another one since.
    fn change<'a>(self, kinds: &'a Kinds, outcome: &'a Outcome) -> Option<Change<'a>> {
        let is_put = matches!(outcome.result, WriteResult::Created | WriteResult::Replaced);
        let operation = match self.hash {
            Some(hash) if is_put => Operation::Put { hash },
            None if outcome.result == WriteResult::Deleted && self.erases => Operation::Erase,
            None if outcome.result == WriteResult::Deleted => Operation::Delete,
            Some(_) | None => return None,
        };
        Some(Change {
            kind: &kinds.by_id(self.kind).name,
            id: &outcome.id,
            version: outcome.version,
            operation,
        })
    }
}

fn changes<'a>(kinds: &'a Kinds, noted: &[Noted], outcomes: &'a [Outcome]) -> Vec<Change<'a>> {
    let both = noted.iter().zip(outcomes);
    both.filter_map(|(noted, outcome)| noted.change(kinds, outcome))
        .collect()
}

/// Tells the feed what was applied at a sequence number; whether there is
/// something new in it. Called before the snapshot is shown, so that whoever
/// sees that finds its changes; readers of the feed are shown no more than
/// the snapshot they could read has, and woken behind it.
#[must_use]
pub(crate) fn tell(
    space: &Space,
    kinds: &Kinds,
    (sequence, now_ms): (u64, i64),
    noted: &[Noted],
    outcomes: &[Outcome],
) -> bool {
    let Some(feed) = space.feed() else {
        return false;
    };
    let changes = changes(kinds, noted, outcomes);
    if changes.is_empty() {
        return false;
    }
    if let Err(cause) = feed.append(&space.name, sequence, now_ms, &changes) {
        tracing::error!(%cause, "the log of changes takes nothing; what it lacks is written later");
    }
    true
}

/// The changes of one sequence number of a space, collected while the journal
/// is replayed.
#[derive(Debug, Default)]
pub(crate) struct Completion {
    sequence: u64,
    at_ms: i64,
    noted: Vec<Noted>,
    outcomes: Vec<Outcome>,
}

impl Completion {
    /// Takes a change that was applied again; those of a sequence number come
    /// one after the other.
    pub(crate) fn add(
        &mut self,
        to: (&Feed, &str, &Kinds),
        (sequence, at_ms): (u64, i64),
        noted: Noted,
        outcome: Outcome,
    ) {
        if sequence != self.sequence {
            self.end(to);
            (self.sequence, self.at_ms) = (sequence, at_ms);
        }
        self.noted.push(noted);
        self.outcomes.push(outcome);
    }

    /// Adds what was collected, unless the log has it.
    pub(crate) fn end(&mut self, (feed, space, kinds): (&Feed, &str, &Kinds)) {
        let (noted, outcomes) = (
            std::mem::take(&mut self.noted),
            std::mem::take(&mut self.outcomes),
        );
        let changes = changes(kinds, &noted, &outcomes);
        // What a full disk does not take waits in memory, which is said when it is tried
        // again: no reason not to start.
        drop(feed.complete(space, self.sequence, self.at_ms, &changes));
    }
}
