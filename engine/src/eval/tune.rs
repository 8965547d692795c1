//! Search for better weights, one at a time. Owns the order of the steps, which
//! are kept and when it ends; what weights are worth is told by the caller.
//!
//! A coordinate search: every name in turn, the heaviest first, is multiplied and
//! divided by a factor, and the better of the two is kept if it is better for sure
//! enough. A factor is gone round with until a round keeps nothing, then comes
//! the next, smaller one. The same values give the same steps everywhere.

use std::collections::BTreeMap;

use super::bootstrap::{EQUAL, paired_better};
use super::metrics::mean;

/// What weights are multiplied and divided by, one factor after the other.
pub const FACTORS: [f64; 3] = [2.0, 1.5, 1.2];
/// Rounds with one factor.
pub const ROUNDS_MAX: usize = 3;
/// How sure it must be that a step is better. With 0.8, two topics of twenty
/// that gain would carry a step that changes nothing on the others (0.88 of the
/// resamples have one of them); with this it takes three.
pub const SURE_MIN: f64 = 0.9;
/// The least a step must gain in the mean: less is not worth another weight.
pub const GAIN_MIN: f64 = 0.001;
/// The greatest weight a request takes.
pub const WEIGHT_MAX: f64 = 100.0;

/// Where a weight of 0 begins, as there is nothing to multiply.
const WEIGHT_FIRST: f64 = 5.0;

/// Weights by name.
pub type Weights = BTreeMap<String, f64>;

/// One setting that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The weight that was changed.
    pub name: String,
    /// What it was.
    pub from: f64,
    /// What was tried.
    pub to: f64,
    /// Mean over the topics with it.
    pub mean: f64,
    /// What it has more than the best so far.
    pub gain: f64,
    /// How sure it is that it is better than the best so far, in 0..=1.
    pub better: f64,
}

impl Step {
    /// Whether it gains enough, for sure enough.
    pub fn is_better(&self) -> bool {
        self.gain >= GAIN_MIN && self.better >= SURE_MIN
    }
}

/// What was tried and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    /// The weights in the end, all of them.
    pub weights: Weights,
    /// Values of the topics at the start.
    pub start: Vec<f64>,
    /// Values of the topics in the end.
    pub end: Vec<f64>,
    /// Every setting tried, in order, and whether it was kept.
    pub steps: Vec<(Step, bool)>,
}

/// Looks for weights with a greater mean of `measure`, which tells the values of
/// the topics, always the same ones in the same order. `told` hears of every step
/// once it is decided whether it is kept. Errors: those of the two.
pub fn tune<E>(
    start: &Weights,
    seed: u64,
    mut measure: impl FnMut(&Weights) -> Result<Vec<f64>, E>,
    mut told: impl FnMut(&Step, bool) -> Result<(), E>,
) -> Result<Tuning, E> {
    let values = measure(start)?;
    let mut search = Search {
        tuning: Tuning {
            weights: start.clone(),
            start: values.clone(),
            end: values,
            steps: Vec::new(),
        },
        tried: vec![start.clone()],
        seed,
    };
    let order = order(start);
    for factor in FACTORS {
        for _ in 0..ROUNDS_MAX {
            let mut kept = false;
            for name in &order {
                let before = search.tuning.steps.len();
                kept |= search.turn(name, factor, &mut measure)?;
                for (step, kept) in search.tuning.steps.iter().skip(before) {
                    told(step, *kept)?;
                }
            }
            if !kept {
                break;
            }
        }
    }
    Ok(search.tuning)
}

struct Search {
    tuning: Tuning,
    /// Settings measured, so that none is again: a way back is no way on.
    tried: Vec<Weights>,
    seed: u64,
}

impl Search {
    /// Tries a weight both ways and keeps the better one if it is better for
    /// sure enough; whether it did.
    fn turn<E>(
        &mut self,
        name: &str,
        factor: f64,
        measure: &mut impl FnMut(&Weights) -> Result<Vec<f64>, E>,
    ) -> Result<bool, E> {
        let tuning = &mut self.tuning;
        let from = tuning.weights.get(name).copied().unwrap_or_default();
        let mut best: Option<(usize, Vec<f64>)> = None;
        let mut gain_best = f64::NEG_INFINITY;
        for to in both_ways(from, factor) {
            let mut weights = tuning.weights.clone();
            weights.insert(name.to_owned(), to);
            if self.tried.contains(&weights) {
                continue;
            }
            let values = measure(&weights)?;
            self.tried.push(weights);
            let step = step(name, (from, to), &values, &tuning.end, self.seed);
            if step.is_better() && step.gain > gain_best {
                gain_best = step.gain;
                best = Some((tuning.steps.len(), values));
            }
            tuning.steps.push((step, false));
        }
        let Some((at, values)) = best else {
            return Ok(false);
        };
        let (step, kept) = &mut tuning.steps[at];
        *kept = true;
        tuning.weights.insert(name.to_owned(), step.to);
        tuning.end = values;
        Ok(true)
    }
}

// The heaviest first, as they decide most; ties by name.
fn order(start: &Weights) -> Vec<String> {
    let mut names: Vec<(&String, f64)> = start.iter().map(|(name, at)| (name, *at)).collect();
    names.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    names.into_iter().map(|(name, _)| name.clone()).collect()
}

fn both_ways(from: f64, factor: f64) -> Vec<f64> {
    if from <= 0.0 {
        return vec![WEIGHT_FIRST];
    }
    let rounded = |weight: f64| (weight * 100.0).round() / 100.0;
    let mut ways = vec![
        rounded(from * factor).min(WEIGHT_MAX),
        rounded(from / factor),
    ];
    ways.retain(|to| *to > 0.0 && (to - from).abs() > EQUAL);
    ways
}

fn step(name: &str, (from, to): (f64, f64), values: &[f64], best: &[f64], seed: u64) -> Step {
    Step {
        name: name.to_owned(),
        from,
        to,
        mean: mean(values),
        gain: mean(values) - mean(best),
        better: paired_better(values, best, seed).unwrap_or(0.0),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::convert::Infallible;

    use super::*;

    const TOPICS: usize = 20;

    fn weights(of: &[(&str, f64)]) -> Weights {
        of.iter()
            .map(|(name, at)| ((*name).to_owned(), *at))
            .collect()
    }

    /// Tunes a made-up system: what each of the topics has with weights.
    fn tuned(start: &[(&str, f64)], value: impl Fn(&Weights, usize) -> f64) -> Tuning {
        let measure = |weights: &Weights| {
            let values = (0..TOPICS).map(|topic| value(weights, topic)).collect();
            Ok::<_, Infallible>(values)
        };
        let mut heard = Vec::new();
        let hear = |step: &Step, kept: bool| {
            heard.push((step.clone(), kept));
            Ok(())
        };
        let found = tune(&weights(start), 7, measure, hear).unwrap();
        assert_eq!(heard, found.steps);
        found
    }

    #[test]
    fn the_best_weights_of_a_made_up_system_are_come_near_to() {
        // Best at text 45 and skills 12; the third weight is for nothing.
        let far = |at: f64, best: f64| (at / best).ln().abs();
        let value = |weights: &Weights, topic: usize| {
            let off = far(weights["text"], 45.0) + far(weights["skills"], 12.0);
            0.9 - 0.1 * off - 0.01 * topic as f64
        };
        let found = tuned(&[("text", 10.0), ("skills", 30.0), ("pay", 3.0)], value);
        let (text, skills) = (found.weights["text"], found.weights["skills"]);
        assert!(far(text, 45.0) < 0.2_f64.ln_1p(), "{text}");
        assert!(far(skills, 12.0) < 0.2_f64.ln_1p(), "{skills}");
        assert!((found.weights["pay"] - 3.0).abs() < EQUAL);
        assert!(mean(&found.end) > mean(&found.start) + 0.1);
        // The heaviest was tried first, up and then down.
        let tried: Vec<(&str, f64)> = found.steps[..2]
            .iter()
            .map(|(step, _)| (step.name.as_str(), step.to))
            .collect();
        assert_eq!(tried, [("skills", 60.0), ("skills", 15.0)]);
        assert!(!found.steps[0].1 && found.steps[1].1);
    }

    #[test]
    fn what_came_of_it_is_the_sum_of_the_kept_steps() {
        let value = |weights: &Weights, topic: usize| {
            ((weights["a"] * 3.0 + weights["b"] * topic as f64) * 0.37)
                .sin()
                .abs()
        };
        let found = tuned(&[("a", 20.0), ("b", 7.0)], value);
        let mut at = weights(&[("a", 20.0), ("b", 7.0)]);
        let mut gained = 0.0;
        for (step, kept) in &found.steps {
            assert!(!kept || step.is_better());
            assert!((at[&step.name] - step.from).abs() < EQUAL || !kept);
            if *kept {
                at.insert(step.name.clone(), step.to);
                gained += step.gain;
            }
        }
        assert_eq!(at, found.weights);
        assert!((mean(&found.end) - mean(&found.start) - gained).abs() < 1e-9);
        assert_eq!(found, tuned(&[("a", 20.0), ("b", 7.0)], value));
    }

    #[test]
    fn a_gain_that_two_topics_carry_is_not_kept() {
        let value = |gaining: usize| {
            move |weights: &Weights, topic: usize| {
                let gains = weights["a"] > 10.0 && topic < gaining;
                if gains { 0.9 } else { 0.5 }
            }
        };
        for (gaining, kept) in [(0, 0), (1, 0), (2, 0), (3, 1), (TOPICS, 1)] {
            let found = tuned(&[("a", 10.0)], value(gaining));
            let count = found.steps.iter().filter(|(_, kept)| *kept).count();
            assert_eq!(count, kept, "{gaining} topics: {:?}", found.steps);
        }
    }

    #[test]
    fn a_gain_too_small_to_matter_is_not_kept() {
        let value = |weights: &Weights, _: usize| 0.5 + weights["a"] * 1e-6;
        let found = tuned(&[("a", 10.0)], value);
        assert!(
            found
                .steps
                .iter()
                .all(|(step, kept)| !kept && step.gain < GAIN_MIN)
        );
        assert!(found.steps[0].0.better > 0.99);
    }

    #[test]
    fn weights_stay_in_range_and_no_setting_is_measured_twice() {
        let mut seen: Vec<Weights> = Vec::new();
        let measure = |weights: &Weights| {
            assert!(!seen.contains(weights), "{weights:?} again");
            assert!(weights.values().all(|at| (0.0..=WEIGHT_MAX).contains(at)));
            seen.push(weights.clone());
            let all: f64 = weights.values().sum();
            Ok::<_, Infallible>(vec![all / 1_000.0; TOPICS])
        };
        let start = weights(&[("most", WEIGHT_MAX), ("high", 70.0), ("none", 0.0)]);
        let found = tune(&start, 1, measure, |_, _| Ok(())).unwrap();
        assert!((found.weights["most"] - WEIGHT_MAX).abs() < EQUAL);
        assert!((found.weights["high"] - WEIGHT_MAX).abs() < EQUAL);
        assert!(found.weights["none"] >= WEIGHT_FIRST);
        let most = 2 * start.len() * FACTORS.len() * ROUNDS_MAX;
        assert!(found.steps.len() <= most && seen.len() == found.steps.len() + 1);
    }

    #[test]
    fn a_failure_ends_the_search() {
        let mut left = 3;
        let failing = |_: &Weights| {
            left -= 1;
            if left > 0 {
                Ok(vec![0.5; TOPICS])
            } else {
                Err("gone")
            }
        };
        let start = weights(&[("a", 10.0), ("b", 10.0)]);
        assert_eq!(tune(&start, 1, failing, |_, _| Ok(())), Err("gone"));
        let same = |_: &Weights| Ok(vec![0.5; TOPICS]);
        assert_eq!(tune(&start, 1, same, |_, _| Err("away")), Err("away"));
        let none = |_: &Weights| Ok::<_, Infallible>(Vec::new());
        let nothing = tune(&start, 1, none, |_, _| Ok(())).unwrap();
        assert!(!nothing.steps.is_empty() && nothing.steps.iter().all(|(_, kept)| !kept));
    }
}
