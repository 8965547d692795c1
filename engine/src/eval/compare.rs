//! Two systems on the same topics, topic by topic. Owns which documents came and
//! went; the measures are `metrics`'.

use std::collections::BTreeSet;

use super::bootstrap::{EQUAL, Interval, paired_better, paired_bootstrap};
use super::metrics::{NDCG_DEPTH, evaluate, mean};
use super::qrels::{Qrels, Run};

/// A document among the first ten of one system and not of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its id.
    pub id: String,
    /// Its place where it is among the first ten, from 1.
    pub place: usize,
    /// Its grade; none if nobody judged it, which measures take as 0.
    pub grade: Option<u32>,
}

/// One topic with two systems.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The topic.
    pub topic: String,
    /// nDCG at 10 of the first system.
    pub a: f64,
    /// nDCG at 10 of the second.
    pub b: f64,
    /// Among the first ten of the second alone, best first.
    pub entered: Vec<Moved>,
    /// Among the first ten of the first alone, best first.
    pub left: Vec<Moved>,
}

impl Pair {
    /// What the second system has more, in −1..=1.
    pub fn difference(&self) -> f64 {
        self.b - self.a
    }
}

/// Two systems on the same topics.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The topics, in order of their names.
    pub pairs: Vec<Pair>,
    /// Topics that nobody judged or that have no relevant document.
    pub left_out: Vec<String>,
    /// Mean of the differences and its 95 % interval; none without a topic.
    pub difference: Option<Interval>,
    /// How sure it is that the second is better, in 0..=1; 0 without a topic.
    pub better: f64,
}

impl Comparison {
    /// Means of nDCG at 10 of the first and of the second system.
    pub fn means(&self) -> (f64, f64) {
        let of = |pick: fn(&Pair) -> f64| mean(&self.pairs.iter().map(pick).collect::<Vec<_>>());
        (of(|pair| pair.a), of(|pair| pair.b))
    }

    /// On how many topics the second won, lost, and tied.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |fits: fn(f64) -> bool| {
            let differences = self.pairs.iter().map(Pair::difference);
            differences.filter(|difference| fits(*difference)).count()
        };
        let (won, lost) = (count(|d| d > EQUAL), count(|d| d < -EQUAL));
        (won, lost, self.pairs.len() - won - lost)
    }
}

/// What `b` has more than `a` on these topics.
pub fn compare(qrels: &Qrels, a: &Run, b: &Run, topics: &BTreeSet<&str>, seed: u64) -> Comparison {
    let (of_a, of_b) = (
        evaluate(qrels, a, 1).of(topics),
        evaluate(qrels, b, 1).of(topics),
    );
    let values = |of: &super::Evaluation| of.values(|measures| measures.ndcg10);
    let (in_a, in_b) = (values(&of_a), values(&of_b));
    // Both are of every judged topic in order of names, whatever was answered.
    let topics = of_a.queries.iter().map(|(topic, _)| topic.as_str());
    let pairs = topics
        .zip(in_a.iter().zip(&in_b))
        .map(|(topic, (&a_has, &b_has))| Pair {
            topic: topic.to_owned(),
            a: a_has,
            b: b_has,
            entered: only_in(qrels, topic, b.ranking(topic), a.ranking(topic)),
            left: only_in(qrels, topic, a.ranking(topic), b.ranking(topic)),
        });
    Comparison {
        pairs: pairs.collect(),
        left_out: of_a.left_out,
        difference: paired_bootstrap(&in_b, &in_a, seed),
        better: paired_better(&in_b, &in_a, seed).unwrap_or(0.0),
    }
}

fn only_in(qrels: &Qrels, topic: &str, ranking: &[String], other: &[String]) -> Vec<Moved> {
    let other: BTreeSet<&str> = other.iter().take(NDCG_DEPTH).map(String::as_str).collect();
    let first = ranking.iter().take(NDCG_DEPTH).enumerate();
    first
        .filter(|(_, id)| !other.contains(id.as_str()))
        .map(|(index, id)| Moved {
            id: id.clone(),
            place: index + 1,
            grade: qrels.grade(topic, id),
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn run(rankings: &[(&str, &str)]) -> Run {
        let mut run = Run::default();
        for (topic, ids) in rankings {
            let ids = ids.split(' ').map(str::to_owned).collect();
            run.insert((*topic).to_owned(), ids);
        }
        run
    }

    #[test]
    fn topics_are_won_lost_or_tied_by_the_documents_that_came_and_went() {
        let qrels = "1 0 a 3\n1 0 b 0\n2 0 a 1\n3 0 a 2\n4 0 a 0\n5 0 a 1";
        let qrels = Qrels::parse(qrels).unwrap();
        let a = run(&[("1", "b x"), ("2", "a b"), ("3", "x a"), ("5", "x")]);
        let b = run(&[("1", "a y"), ("2", "b a"), ("3", "y a"), ("5", "a")]);
        let topics = BTreeSet::from(["1", "2", "3", "4", "6"]);
        let found = compare(&qrels, &a, &b, &topics, 1);
        assert_eq!(found.left_out, ["4", "6"]);
        assert_eq!(found.counts(), (1, 1, 1));
        let first = &found.pairs[0];
        assert_eq!((first.a, first.b, first.difference()), (0.0, 1.0, 1.0));
        let moved = |id: &str, place, grade| Moved {
            id: id.to_owned(),
            place,
            grade,
        };
        assert_eq!(first.entered, [moved("a", 1, Some(3)), moved("y", 2, None)]);
        assert_eq!(first.left, [moved("b", 1, Some(0)), moved("x", 2, None)]);
        assert!(found.pairs[1].entered.is_empty() && found.pairs[1].difference() < 0.0);
        let (in_a, in_b) = found.means();
        let difference = found.difference.unwrap();
        assert!((in_b - in_a - difference.mean).abs() < 1e-12);
        assert!(found.better > 0.5 && found.better < 1.0);
    }

    #[test]
    fn only_the_first_ten_count_and_nothing_against_nothing_is_nothing() {
        let qrels = Qrels::parse("q 0 a 1").unwrap();
        let long: Vec<String> = (0..11).map(|n| format!("d{n}")).collect();
        let (a, b) = (long.join(" "), long[1..].join(" "));
        let topics = BTreeSet::from(["q"]);
        let found = compare(&qrels, &run(&[("q", &a)]), &run(&[("q", &b)]), &topics, 1);
        let (entered, left) = (&found.pairs[0].entered, &found.pairs[0].left);
        assert_eq!((entered.len(), &*entered[0].id), (1, "d10"));
        assert_eq!((left.len(), &*left[0].id, left[0].place), (1, "d0", 1));
        assert_eq!((found.counts(), found.better), ((0, 0, 1), 0.0));
        let none = compare(&qrels, &a_run(), &a_run(), &BTreeSet::new(), 1);
        assert_eq!((none.difference, none.counts()), (None, (0, 0, 0)));
    }

    fn a_run() -> Run {
        run(&[("q", "a")])
    }
}
