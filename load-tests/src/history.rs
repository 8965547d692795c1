//! What was written, what was acknowledged, and what a read may show. Pure: no
//! server, no clock. Every document has one writer, so what may be seen of it
//! lies between the last acknowledged write and the last that was sent.

use crate::random::Random;

/// A write to a document: what its `count`-th one is follows from the seed, so
/// that a reader needs no copy of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// With a vector of its own.
    PutVector,
    /// The server makes the vector.
    PutText,
    Delete,
}

/// Where a document is in its row of writes; 0 is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Sent, so it may be visible.
    pub(crate) sent: u64,
    /// Acknowledged, so it must be.
    pub(crate) acknowledged: u64,
    /// Sequence it was acknowledged with.
    pub(crate) token: u64,
}

/// The row of writes of all documents.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Share of deletes.
    pub(crate) deletes: f64,
}

/// What a read showed of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// As its `count`-th write made it.
    Held(u64),
    Absent,
}

impl Plan {
    /// The `count`-th write to a document; the first is 1.
    pub(crate) fn op(&self, document: usize, count: u64) -> Op {
        let mut random = self.random(document, count);
        // Every other at most, so that no delete finds its document gone.
        if count.is_multiple_of(2) && random.chance(self.deletes * 2.0) {
            Op::Delete
        } else if random.chance(0.5) {
            Op::PutVector
        } else {
            Op::PutText
        }
    }

    /// Random numbers of one write.
    pub(crate) fn random(&self, document: usize, count: u64) -> Random {
        let document = (document as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Random::new(self.seed ^ document ^ count.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    /// Whether a read may show this: `before` is the progress when it was sent,
    /// `sent` how far writes were when it was answered. Errors: what is wrong.
    pub(crate) fn judge(
        &self,
        document: usize,
        before: Progress,
        sent: u64,
        shown: Shown,
    ) -> Result<(), String> {
        let acknowledged = before.acknowledged;
        match shown {
            Shown::Held(count) if count < acknowledged => Err(format!(
                "shows write {count}, write {acknowledged} was acknowledged with sequence {} before the read",
                before.token
            )),
            Shown::Held(count) if count > sent => {
                Err(format!("shows write {count}, only {sent} were sent"))
            }
            Shown::Held(count) if self.op(document, count) == Op::Delete => {
                Err(format!("shows write {count}, which is a delete"))
            }
            Shown::Held(_) => Ok(()),
            Shown::Absent => {
                let gone = |count: u64| count == 0 || self.op(document, count) == Op::Delete;
                if (acknowledged..=sent).any(gone) {
                    return Ok(());
                }
                Err(format!(
                    "does not show the document; write {acknowledged}, a put, was acknowledged with sequence {} before the read and no delete was sent since",
                    before.token
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Plan = Plan {
        seed: 4,
        deletes: 0.2,
    };

    fn after(acknowledged: u64) -> Progress {
        Progress {
            sent: acknowledged,
            acknowledged,
            token: 10 * acknowledged,
        }
    }

    /// A document and the number of a write to it that is a delete.
    fn delete() -> (usize, u64) {
        let mut all = (0..100).flat_map(|document| (1..100).map(move |count| (document, count)));
        all.find(|&(document, count)| PLAN.op(document, count) == Op::Delete)
            .unwrap()
    }

    #[test]
    fn a_plan_has_all_ops_in_their_shares_and_no_two_deletes_in_a_row() {
        let ops: Vec<Op> = (1..=10_000).map(|count| PLAN.op(3, count)).collect();
        let count = |op| ops.iter().filter(|&&each| each == op).count();
        assert!((1_800..2_200).contains(&count(Op::Delete)));
        assert!((3_700..4_300).contains(&count(Op::PutVector)));
        assert!(!ops.windows(2).any(|two| two == [Op::Delete, Op::Delete]));
        assert_eq!(PLAN.op(3, 77), PLAN.op(3, 77));
    }

    #[test]
    fn a_read_shows_what_was_acknowledged_or_sent_since() {
        let (document, count) = delete();
        let judge = |before, sent, shown| PLAN.judge(document, before, sent, shown);
        // Before the delete.
        let put = after(count - 1);
        assert_eq!(judge(put, count - 1, Shown::Held(count - 1)), Ok(()));
        assert_eq!(judge(put, count, Shown::Absent), Ok(()));
        assert_eq!(judge(put, count + 1, Shown::Held(count + 1)), Ok(()));
        for (sent, shown, part) in [
            (count - 1, Shown::Absent, "no delete was sent since"),
            (count - 1, Shown::Held(count - 2), "was acknowledged"),
            (count - 1, Shown::Held(count + 1), "were sent"),
            (count, Shown::Held(count), "is a delete"),
        ] {
            let error = judge(put, sent, shown).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        // Behind it.
        assert_eq!(judge(after(count), count, Shown::Absent), Ok(()));
        assert!(judge(after(count), count, Shown::Held(count - 1)).is_err());
        // Never written.
        assert_eq!(judge(after(0), 0, Shown::Absent), Ok(()));
    }
}
