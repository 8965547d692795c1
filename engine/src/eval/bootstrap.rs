//! Bootstrap intervals of a mean over queries. Owns resampling and its random
//! numbers; the seed comes from outside, so the same values give the same
//! interval on every machine.

use super::metrics::mean;

/// Resamples an interval is taken from.
pub const RESAMPLES: usize = 10_000;

/// Measures nearer to each other than this are the same: what is left when
/// shares with the same value are summed in another order.
pub(super) const EQUAL: f64 = 1e-9;

/// Mean of some values and its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Mean of the values themselves, not of the resamples.
    pub mean: f64,
    /// 2.5th percentile of the resampled means.
    pub low: f64,
    /// 97.5th percentile of the resampled means.
    pub high: f64,
}

impl Interval {
    /// Whether 0 lies outside: for a difference, that it is more than chance at 95 %.
    pub fn excludes_zero(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// Percentile bootstrap of the mean: [`RESAMPLES`] resamples with replacement.
/// None if there are no values or one is not finite.
pub fn bootstrap(values: &[f64], seed: u64) -> Option<Interval> {
    let mut means = resampled(values, seed)?;
    means.sort_unstable_by(f64::total_cmp);
    Some(Interval {
        mean: mean(values),
        low: percentile(&means, 0.025),
        high: percentile(&means, 0.975),
    })
}

/// Interval of the mean of `a − b`, the two measured on the same queries in the
/// same order: a resample draws queries, so what makes a query hard for both
/// systems cancels out. None if the lengths differ, as [`bootstrap`] otherwise.
pub fn paired_bootstrap(a: &[f64], b: &[f64], seed: u64) -> Option<Interval> {
    bootstrap(&differences(a, b)?, seed)
}

/// How sure it is that `a` is better than `b`: the share in 0..=1 of the resamples
/// of [`paired_bootstrap`] whose mean of `a − b` is above 0. One in which the two
/// are equal does not count. None as there.
pub fn paired_better(a: &[f64], b: &[f64], seed: u64) -> Option<f64> {
    let means = resampled(&differences(a, b)?, seed)?;
    let better = means.iter().filter(|&&mean| mean > EQUAL).count();
    Some(better as f64 / means.len() as f64)
}

fn differences(a: &[f64], b: &[f64]) -> Option<Vec<f64>> {
    (a.len() == b.len()).then(|| a.iter().zip(b).map(|(a, b)| a - b).collect())
}

fn resampled(values: &[f64], seed: u64) -> Option<Vec<f64>> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut random = Random::new(seed);
    let mut means = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        let mut sum = 0.0;
        for _ in 0..values.len() {
            sum += values[random.below(values.len())];
        }
        means.push(sum / values.len() as f64);
    }
    Some(means)
}

/// Value at a share in 0..=1 of sorted values, between two of them by a straight
/// line (the rule of numpy and R-7).
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

/// SplitMix64 (Steele, Lea, Flood 2014): passes BigCrush, and a seed of 0 is fine.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in 0..bound by the high half of the product; its bias of
    /// bound / 2^64 is far below what 10,000 resamples can show.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_are_those_of_splitmix64() {
        // First three of seed 1234567, as in the reference program.
        let mut random = Random::new(1_234_567);
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        for value in expected {
            assert_eq!(random.next(), value);
        }
    }

    #[test]
    fn the_interval_holds_the_mean_and_is_the_same_every_time() {
        let values: Vec<f64> = (0..40).map(|each| f64::from(each % 7) / 7.0).collect();
        let interval = bootstrap(&values, 7).unwrap();
        assert!(interval.low < interval.mean && interval.mean < interval.high);
        assert_eq!(Some(interval), bootstrap(&values, 7));
        assert_ne!(Some(interval), bootstrap(&values, 8));
        // Against the normal approximation: 1.96 standard errors each side.
        let mean = mean(&values);
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 40.0;
        let half = 1.96 * (variance / 40.0).sqrt();
        assert!((interval.high - interval.low - 2.0 * half).abs() < 0.05 * half);
    }

    #[test]
    fn degenerate_values_have_a_degenerate_interval_or_none() {
        let interval = bootstrap(&[0.25; 5], 1).unwrap();
        assert_eq!(
            (interval.low, interval.mean, interval.high),
            (0.25, 0.25, 0.25)
        );
        assert_eq!(bootstrap(&[], 1), None);
        assert_eq!(bootstrap(&[0.5, f64::NAN], 1), None);
        assert_eq!(paired_bootstrap(&[0.5], &[0.5, 0.5], 1), None);
    }

    #[test]
    fn pairing_finds_a_small_gain_on_queries_of_very_different_hardness() {
        let base: Vec<f64> = (0..40).map(|each| f64::from(each) / 50.0).collect();
        let better: Vec<f64> = base.iter().map(|value| value + 0.02).collect();
        let gain = paired_bootstrap(&better, &base, 3).unwrap();
        assert!(gain.excludes_zero() && (gain.mean - 0.02).abs() < 1e-9);
        let (one, two) = (bootstrap(&better, 3).unwrap(), bootstrap(&base, 3).unwrap());
        assert!(
            two.high > one.low,
            "the intervals of the two overlap all the same"
        );
        assert!(!paired_bootstrap(&base, &base, 3).unwrap().excludes_zero());
    }

    #[test]
    fn how_sure_a_gain_is_grows_with_the_queries_that_have_it() {
        let base = [0.5; 20];
        let better = |gained: usize| {
            let mut values = base;
            values[..gained].fill(0.6);
            paired_better(&values, &base, 5).unwrap()
        };
        // A resample of 20 lacks k given queries with (1 − k / 20)^20.
        for (gained, expected) in [(0, 0.0), (1, 0.642), (2, 0.878), (3, 0.961), (20, 1.0)] {
            let found = better(gained);
            assert!((found - expected).abs() < 0.02, "{gained}: {found}");
        }
        assert_eq!(paired_better(&base, &[0.6; 20], 5), Some(0.0));
        assert_eq!(paired_better(&base, &[0.6], 5), None);
    }

    #[test]
    fn percentiles_lie_between_neighbours() {
        for (share, expected) in [(0.0, 1.0), (0.5, 2.5), (1.0, 4.0)] {
            let found = percentile(&[1.0, 2.0, 3.0, 4.0], share);
            assert!((found - expected).abs() < 1e-12);
        }
    }
}
