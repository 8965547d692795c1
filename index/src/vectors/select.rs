//! The best few of many. Owns the cut; knows nothing of what is compared.

use std::cmp::Ordering;

/// Something with a score, in a row of a part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<S> {
    pub(super) score: S,
    pub(super) part: u32,
    pub(super) row: u32,
}

/// Keeps the best `limit` candidates of all that are offered: highest score first, equal
/// scores by `tie`, lowest first. Because `tie` orders rows whatever part they stand in,
/// the choice does not depend on the order of offers.
pub(super) struct Best<S, F> {
    limit: usize,
    kept: Vec<Candidate<S>>,
    /// Scores below are out already.
    floor: Option<S>,
    tie: F,
}

impl<S: Copy + PartialOrd, K: Ord, F: Fn(usize, u32) -> K> Best<S, F> {
    /// `limit` 0 keeps nothing. Scores must have a total order (no NaN).
    pub(super) fn new(limit: usize, tie: F) -> Self {
        Self {
            limit,
            kept: Vec::new(),
            floor: None,
            tie,
        }
    }

    /// Offers one candidate.
    #[inline]
    pub(super) fn offer(&mut self, candidate: Candidate<S>) {
        if self.floor.is_some_and(|floor| candidate.score < floor) {
            return;
        }
        self.kept.push(candidate);
        // Room for as many again: each cut halves the list, so its cost is spread thin.
        if self.kept.len() >= self.limit.saturating_mul(2).saturating_add(64) {
            self.cut();
        }
    }

    /// The best, in order.
    pub(super) fn into_sorted(mut self) -> Vec<Candidate<S>> {
        self.cut();
        let tie = &self.tie;
        self.kept.sort_unstable_by(|a, b| order(a, b, tie));
        self.kept
    }

    /// The best, in no particular order.
    pub(super) fn into_unsorted(mut self) -> Vec<Candidate<S>> {
        self.cut();
        self.kept
    }

    fn cut(&mut self) {
        if self.kept.len() <= self.limit {
            return;
        }
        if self.limit == 0 {
            self.kept.clear();
            return;
        }
        let tie = &self.tie;
        let (_, last, _) = self
            .kept
            .select_nth_unstable_by(self.limit - 1, |a, b| order(a, b, tie));
        self.floor = Some(last.score);
        self.kept.truncate(self.limit);
    }
}

/// Best first. The tie key is only made for equal scores: it may cost a look-up.
fn order<S: PartialOrd, K: Ord>(
    a: &Candidate<S>,
    b: &Candidate<S>,
    tie: impl Fn(usize, u32) -> K,
) -> Ordering {
    let by_score = b.score.partial_cmp(&a.score).unwrap_or(Ordering::Equal);
    by_score.then_with(|| tie(a.part as usize, a.row).cmp(&tie(b.part as usize, b.row)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_sorting_everything(
            scores in proptest::collection::vec(0i32..20, 0..600),
            limit in 0usize..50,
        ) {
            let mut best = Best::new(limit, |_, row| u32::MAX - row);
            let mut all: Vec<(i32, u32)> = Vec::new();
            for (row, &score) in scores.iter().enumerate() {
                best.offer(Candidate { score, part: 0, row: row as u32 });
                all.push((score, row as u32));
            }
            all.sort_unstable_by(|a, b| b.cmp(a));
            all.truncate(limit);
            let found: Vec<_> = best.into_sorted().iter().map(|c| (c.score, c.row)).collect();
            prop_assert_eq!(found, all);
        }
    }
}
