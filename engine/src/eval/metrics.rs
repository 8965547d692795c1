//! Ranking measures. Owns the formulas; reads no text and draws no sample.
//!
//! Every measure takes a ranking, best first. A document nobody judged has
//! grade 0, and a document that stands in a ranking twice counts where it
//! stands first; its second place is one of grade 0. All values are in 0..=1.

use std::collections::{BTreeSet, HashSet};

use super::qrels::{Qrels, Run};

pub(super) const NDCG_DEPTH: usize = 10;
const RECALL_DEPTH: usize = 100;
/// Lowest grade that counts as relevant unless asked otherwise; that of `trec_eval`.
const RELEVANT_FROM: u32 = 1;

/// Measures of one ranking, or their means over queries; each in 0..=1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// nDCG at 10, see [`ndcg`].
    pub ndcg10: f64,
    /// Average precision over the whole ranking, see [`average_precision`].
    pub map: f64,
    /// Reciprocal rank of the first relevant document, see [`reciprocal_rank`].
    pub mrr: f64,
    /// Recall at 100, see [`recall`].
    pub recall100: f64,
    /// Share of the first 10 that somebody judged: how far the others can be trusted.
    pub judged10: f64,
}

/// Measures of every query of a judged set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Query and its measures, in order of query ids.
    pub queries: Vec<(String, Measures)>,
    /// Queries left out because no document of theirs is relevant: every
    /// system would have 0 there.
    pub left_out: Vec<String>,
}

impl Evaluation {
    /// Of these queries alone. Those nobody judged are left out like those
    /// without a relevant document, and named.
    #[must_use]
    pub fn of(mut self, queries: &BTreeSet<&str>) -> Self {
        self.queries
            .retain(|(query, _)| queries.contains(query.as_str()));
        let measured: HashSet<&str> = self.queries.iter().map(|(query, _)| &**query).collect();
        let missing = queries.iter().filter(|query| !measured.contains(**query));
        self.left_out = missing.map(|query| (*query).to_owned()).collect();
        self
    }

    /// Mean over the queries; all 0 if there is none.
    pub fn mean(&self) -> Measures {
        let of = |pick: fn(&Measures) -> f64| mean(&self.values(pick));
        Measures {
            ndcg10: of(|measures| measures.ndcg10),
            map: of(|measures| measures.map),
            mrr: of(|measures| measures.mrr),
            recall100: of(|measures| measures.recall100),
            judged10: of(|measures| measures.judged10),
        }
    }

    /// One measure of every query, in order of query ids, as the bootstrap takes it.
    pub fn values(&self, pick: impl Fn(&Measures) -> f64) -> Vec<f64> {
        self.queries.iter().map(|(_, each)| pick(each)).collect()
    }
}

/// Measures of every judged query that has a relevant document.
///
/// A query without a ranking counts as 0 (`trec_eval -c`), so two systems are
/// always compared on the same queries. `relevant_from` as in [`measure_from`].
pub fn evaluate(qrels: &Qrels, run: &Run, relevant_from: u32) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for query in qrels.queries() {
        if qrels.relevant(query, relevant_from.max(1)) == 0 {
            evaluation.left_out.push(query.to_owned());
            continue;
        }
        let ranking: Vec<&str> = run.ranking(query).iter().map(String::as_str).collect();
        let measures = measure_from(qrels, query, &ranking, relevant_from);
        evaluation.queries.push((query.to_owned(), measures));
    }
    evaluation
}

/// Measures of one ranking; grade 1 and more is relevant.
pub fn measure(qrels: &Qrels, query: &str, ranking: &[&str]) -> Measures {
    measure_from(qrels, query, ranking, RELEVANT_FROM)
}

/// Measures of one ranking where `relevant_from` is the lowest relevant grade.
///
/// nDCG uses the grades themselves and does not depend on it. 0 is taken as 1:
/// otherwise everything nobody judged would be relevant.
pub fn measure_from(qrels: &Qrels, query: &str, ranking: &[&str], relevant_from: u32) -> Measures {
    let relevant_from = relevant_from.max(1);
    let grades = grades(qrels, query, ranking);
    let all: Vec<u32> = qrels.judgements(query).map(|(_, grade)| grade).collect();
    let relevant: Vec<bool> = grades.iter().map(|&grade| grade >= relevant_from).collect();
    let relevant_count = qrels.relevant(query, relevant_from);
    Measures {
        ndcg10: ndcg(&grades, &all, NDCG_DEPTH),
        map: average_precision(&relevant, relevant_count),
        mrr: reciprocal_rank(&relevant),
        recall100: recall(&relevant, relevant_count, RECALL_DEPTH),
        judged10: judged(qrels, query, ranking, NDCG_DEPTH),
    }
}

/// Normalised discounted cumulative gain of the first `depth` places.
///
/// The variant is that of Burges et al. 2005 ("Learning to rank using gradient
/// descent"): gain 2^grade − 1, discount log2(place + 1) with places from 1;
/// `trec_eval` has the gain linear instead. `all` are the grades of every judged
/// document of the query: the ideal order is theirs, not that of the ranking.
/// 0 if none of them is above 0.
pub fn ndcg(grades: &[u32], all: &[u32], depth: usize) -> f64 {
    let mut ideal = all.to_vec();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let best = dcg(&ideal, depth);
    if best > 0.0 {
        dcg(grades, depth) / best
    } else {
        0.0
    }
}

fn dcg(grades: &[u32], depth: usize) -> f64 {
    let mut sum = 0.0;
    for (index, &grade) in grades.iter().take(depth).enumerate() {
        sum += (f64::from(grade).exp2() - 1.0) / ((index + 2) as f64).log2();
    }
    sum
}

/// Mean over the relevant documents of the precision at the place where each
/// stands; one that is missing has precision 0. `relevant_count` counts those
/// the query has, found or not; the answer is 0 if it has none.
pub fn average_precision(relevant: &[bool], relevant_count: usize) -> f64 {
    let mut found = 0;
    let mut sum = 0.0;
    for (index, _) in relevant.iter().enumerate().filter(|&(_, &hit)| hit) {
        found += 1;
        sum += f64::from(found) / (index + 1) as f64;
    }
    ratio(sum, relevant_count)
}

/// 1 / place of the first relevant document, 0 if there is none.
pub fn reciprocal_rank(relevant: &[bool]) -> f64 {
    let first = relevant.iter().position(|&hit| hit);
    first.map_or(0.0, |index| 1.0 / (index + 1) as f64)
}

/// Share of the relevant documents that stand in the first `depth` places; 0 if
/// the query has none.
pub fn recall(relevant: &[bool], relevant_count: usize, depth: usize) -> f64 {
    let found = relevant.iter().take(depth).filter(|&&hit| hit).count();
    ratio(found as f64, relevant_count)
}

/// Share of the first `depth` documents that somebody judged; of a shorter
/// ranking, the share of what there is. 0 for an empty one.
pub fn judged(qrels: &Qrels, query: &str, ranking: &[&str], depth: usize) -> f64 {
    let first = ranking.iter().take(depth);
    let places = first.len();
    let known = first.filter(|document| qrels.grade(query, document).is_some());
    ratio(known.count() as f64, places)
}

/// Arithmetic mean; 0 of no values.
pub fn mean(values: &[f64]) -> f64 {
    ratio(values.iter().sum(), values.len())
}

fn ratio(sum: f64, count: usize) -> f64 {
    if count == 0 { 0.0 } else { sum / count as f64 }
}

/// Grade of every place; a document that stood before has 0, so that no
/// measure can pass 1 by repeating itself.
fn grades(qrels: &Qrels, query: &str, ranking: &[&str]) -> Vec<u32> {
    let mut seen = HashSet::with_capacity(ranking.len());
    let mut grades = Vec::with_capacity(ranking.len());
    for &document in ranking {
        let grade = qrels.grade(query, document).unwrap_or(0);
        grades.push(if seen.insert(document) { grade } else { 0 });
    }
    grades
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::super::bootstrap::Random;
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} != {expected}");
    }

    fn qrels() -> Qrels {
        Qrels::parse("q 0 a 3\nq 0 b 2\nq 0 c 0\nq 0 d 1\nnone 0 a 0").unwrap()
    }

    #[test]
    fn measures_match_hand_computed_cases() {
        let qrels = qrels();
        // Ideal: 7/log2(2) + 3/log2(3) + 1/log2(4) = 7 + 3/1.584962500721156 + 0.5.
        let ideal = 7.0 + 3.0 / 1.584_962_500_721_156 + 0.5;
        let two_of_three = [
            (3.0 / 1.584_962_500_721_156 + 3.5) / ideal,
            (1.0 / 2.0 + 2.0 / 3.0) / 3.0,
            0.5,
            2.0 / 3.0,
            2.0 / 3.0,
        ];
        let third = 1.0 / 3.0;
        let cases: [(&[&str], [f64; 5]); 6] = [
            (&["a", "b", "d"], [1.0; 5]),
            (&[], [0.0; 5]),
            (&["x", "c"], [0.0, 0.0, 0.0, 0.0, 0.5]),
            // b at 2, a at 3: (3/log2(3) + 7/2) / ideal; precisions 1/2 and 2/3 of 3.
            (&["x", "b", "a"], two_of_three),
            // Repeating a earns nothing.
            (&["a", "a", "a"], [7.0 / ideal, third, 1.0, third, 1.0]),
            (&["d"], [1.0 / ideal, third, 1.0, third, 1.0]),
        ];
        for (ranking, expected) in cases {
            let found = measure(&qrels, "q", ranking);
            close(found.ndcg10, expected[0]);
            close(found.map, expected[1]);
            close(found.mrr, expected[2]);
            close(found.recall100, expected[3]);
            close(found.judged10, expected[4]);
        }
    }

    #[test]
    fn the_relevance_threshold_moves_all_but_ndcg() {
        let ranking = ["d", "b", "x", "a"];
        let (one, two) = (
            measure_from(&qrels(), "q", &ranking, 1),
            measure_from(&qrels(), "q", &ranking, 2),
        );
        close(one.ndcg10, two.ndcg10);
        close(one.mrr, 1.0);
        close(two.mrr, 0.5);
        // b at 2 and a at 4: precisions 1/2 and 2/4 of 2.
        close(two.map, 0.5);
        let zero = measure_from(&qrels(), "q", &ranking, 0);
        assert_eq!(zero, one, "0 is taken as 1");
    }

    #[test]
    fn depths_cut_where_they_say() {
        let mut ranking = vec!["x"; 100];
        ranking.push("a");
        let found = measure(&qrels(), "q", &ranking);
        close(found.recall100, 0.0);
        close(found.ndcg10, 0.0);
        close(found.mrr, 1.0 / 101.0);
        close(recall(&[false, true, true], 2, 2), 0.5);
        close(ndcg(&[0, 3], &[3], 1), 0.0);
    }

    #[test]
    fn queries_without_relevant_documents_are_left_out_and_missing_answers_are_zero() {
        let mut run = Run::default();
        run.insert("other".to_owned(), vec!["a".to_owned()]);
        let empty = evaluate(&qrels(), &run, 1);
        assert_eq!(empty.left_out, ["none"]);
        assert_eq!(empty.queries, [("q".to_owned(), Measures::default())]);
        run.insert("q".to_owned(), vec!["a".to_owned()]);
        close(evaluate(&qrels(), &run, 1).mean().mrr, 1.0);
        assert!(evaluate(&qrels(), &run, 4).queries.is_empty());
        assert_eq!(evaluate(&qrels(), &run, 4).mean(), Measures::default());
    }

    #[test]
    fn of_some_queries_the_others_do_not_count() {
        let mut run = Run::default();
        run.insert("q".to_owned(), vec!["a".to_owned()]);
        let of =
            |queries: &[&str]| evaluate(&qrels(), &run, 1).of(&queries.iter().copied().collect());
        let all = of(&["q", "none", "unjudged"]);
        assert_eq!(all.queries.len(), 1);
        assert_eq!(all.left_out, ["none", "unjudged"]);
        assert!(of(&["none"]).queries.is_empty());
        assert!(of(&["q"]).left_out.is_empty());
    }

    #[test]
    fn measures_stay_in_range_and_only_gain_when_a_better_document_moves_up() {
        for seed in 0..300 {
            let mut random = Random::new(seed);
            let size = 2 + random.below(30);
            let grades: Vec<u32> = (0..size).map(|_| random.below(4) as u32).collect();
            let ids: Vec<String> = (0..size).map(|id| format!("d{id}")).collect();
            let lines = ids.iter().zip(&grades);
            let text: Vec<String> = lines
                .map(|(id, grade)| format!("q 0 {id} {grade}"))
                .collect();
            let qrels = Qrels::parse(&text.join("\n")).unwrap();
            let mut ranking: Vec<&str> = ids.iter().map(String::as_str).collect();
            for end in (1..size).rev() {
                ranking.swap(end, random.below(end + 1));
            }
            let before = measure(&qrels, "q", &ranking);
            for value in [before.ndcg10, before.map, before.mrr, before.recall100] {
                assert!((0.0..=1.0).contains(&value), "seed {seed}: {value}");
            }
            let (upper, lower) = (random.below(size - 1), size - 1);
            let grade = |place: usize| qrels.grade("q", ranking[place]).unwrap_or(0);
            if grade(lower) > grade(upper) {
                ranking.swap(upper, lower);
                let after = measure(&qrels, "q", &ranking);
                assert!(after.ndcg10 >= before.ndcg10, "seed {seed}");
                assert!(after.map >= before.map - 1e-12, "seed {seed}");
                assert!(after.mrr >= before.mrr, "seed {seed}");
            }
            ranking.sort_by_key(|id| std::cmp::Reverse(qrels.grade("q", id)));
            let ideal = measure(&qrels, "q", &ranking);
            let expected = f64::from(u8::from(grades.iter().any(|&grade| grade > 0)));
            close(ideal.ndcg10, expected);
            close(ideal.map, expected);
        }
    }
}
