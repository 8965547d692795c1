//! A million random pairs of a query and a row: the parts of a score add up to
//! it, whatever is said, weighed, boosted or a must.

use std::sync::Arc;

use rayon::prelude::*;
use serde_json::{Map, Value};
use tandem_engine::components::POINTS;
use tandem_engine::prepare::prepare;
use tandem_engine::score::{Score, Scorer};
use tandem_engine::{Request, explain};
use tandem_index::{Kinds, Snapshot};

use crate::random_facts::{inline, part, prose, whole_candidate, whole_job, wishes};
use crate::support::{Rng, TINY, merge, prepared, put, query, store};

const ROWS: usize = 400;
const QUERIES: usize = 2_500;

fn documents(rng: &mut Rng, kind: &str) -> Vec<Map<String, Value>> {
    let document = |rng: &mut Rng, at: usize| {
        let id = format!("{kind}-{at}");
        let whole = if kind == "jobs" {
            whole_job(rng, &id)
        } else {
            whole_candidate(rng, &id)
        };
        part(rng, &whole)
    };
    (0..ROWS).map(|at| document(rng, at)).collect()
}

fn world(rng: &mut Rng) -> (Arc<Snapshot>, [Vec<Map<String, Value>>; 2]) {
    let kinds = Arc::new(Kinds::builtin());
    let all = ["jobs", "candidates"].map(|kind| documents(rng, kind));
    let writes = ["jobs", "candidates"]
        .into_iter()
        .zip(&all)
        .flat_map(|(kind, list)| {
            let kinds = Arc::clone(&kinds);
            list.iter()
                .map(move |one| put(&kinds, kind, &Value::Object(one.clone())))
        });
    let mut store = store(&kinds, TINY, &prepared(&kinds, writes.collect()), 50);
    merge(&mut store);
    (store.snapshot(), all)
}

fn request(rng: &mut Rng, all: &[Vec<Map<String, Value>>; 2]) -> Request {
    let to = *rng.pick(&["jobs", "candidates"]);
    let mut request = if rng.chance(20) {
        let words = rng.below(4);
        query(
            &if words == 0 {
                String::new()
            } else {
                prose(rng, words)
            },
            to,
        )
    } else {
        let (kind, list) = *rng.pick(&[("jobs", &all[0]), ("candidates", &all[1])]);
        inline(kind, rng.pick(list), to)
    };
    wishes(rng, to, &mut request);
    request
}

fn check(score: &Score, request: &Request) {
    let sum: i32 = score.parts.iter().map(|part| part.points).sum();
    let total = score.total();
    assert_eq!(sum + score.limit + score.gate, total as i32, "{request:?}");
    assert!(total <= POINTS, "{request:?}");
    let (low, high) = score.interval();
    assert!(
        low <= total && total <= high && high <= POINTS,
        "{low} {total} {high} {request:?}"
    );
    assert!(score.completeness() <= 100, "{request:?}");
    let mut adjusted = (0, 0);
    let named = tandem_engine::score::PART_NAMES.len();
    for (at, part) in score.parts.iter().enumerate() {
        let ordered = [part.min, part.low, part.points, part.high, part.max];
        assert!(ordered.is_sorted(), "{at}: {part:?} {request:?}");
        assert!(
            !part.unknown || part.points == 0,
            "{at}: {part:?} {request:?}"
        );
        if (named - 6..named).contains(&at) {
            adjusted = (adjusted.0 + part.min, adjusted.1 + part.max);
        }
    }
    let asks_nothing = adjusted.1 >= POINTS as i32;
    assert!(
        asks_nothing || (adjusted.0 >= -270_000 && adjusted.1 <= 40_000),
        "{adjusted:?}"
    );
    let boosts: i32 = score.parts[named..].iter().map(|part| part.points).sum();
    assert!((-30_000..=10_000).contains(&boosts), "{request:?}");
    assert!(score.failed == 0 || total == 0, "{request:?}");
    assert!(!score.insufficient || total == 0, "{request:?}");
}

// How many rows were scored, gated, said nothing, had a limit.
type Counts = [usize; 4];

fn scored(snapshot: &Snapshot, request: &Request, explained: usize) -> Counts {
    let question = match prepare(snapshot, request) {
        Ok(question) => question,
        // A source that says nothing.
        Err(failure) => {
            assert_eq!(failure.faults[0].pointer, "/from", "{failure}");
            return [0; 4];
        }
    };
    let collection = question.collection;
    let mut scorer = Scorer::new(&question.query, question.kind, &collection.statistics);
    let mut counts = [0; 4];
    for live in &collection.segments {
        for row in live.alive.iter() {
            let score = scorer.score(&live.segment, row);
            check(&score, request);
            counts[0] += 1;
            counts[1] += usize::from(score.failed != 0);
            counts[2] += usize::from(score.insufficient);
            counts[3] += usize::from(score.limit != 0);
            if counts[0] % ROWS == explained % ROWS {
                let id = live.segment.id(row);
                let hit = explain(snapshot, request, &question.kind.name, id).unwrap();
                let sum: i32 = hit.contributions.iter().map(|part| part.points).sum();
                assert_eq!((sum, hit.score), (score.total() as i32, score.total()));
                assert_eq!((hit.low, hit.high), score.interval());
                assert_eq!(hit.gates.is_empty(), score.failed == 0);
                if let Some(two_way) = hit.two_way {
                    let both = two_way.source_wants.points + two_way.document_wants.points;
                    assert_eq!(both, sum, "{request:?}");
                }
            }
        }
    }
    counts
}

#[test]
fn a_million_pairs_add_up() {
    let mut rng = Rng::new("shares", 61);
    let (snapshot, all) = world(&mut rng);
    let mut total = [0; 4];
    while total[0] < 1_000_000 {
        let requests: Vec<Request> = (0..QUERIES).map(|_| request(&mut rng, &all)).collect();
        let counts = requests.par_iter().enumerate();
        let counts = counts.map(|(at, request)| scored(&snapshot, request, at));
        let sum = counts.reduce(|| [0; 4], |a, b| std::array::from_fn(|at| a[at] + b[at]));
        total = std::array::from_fn(|at| total[at] + sum[at]);
    }
    let [pairs, gated, nothing, limited] = total;
    eprintln!(
        "shares: {pairs} pairs, {gated} gated, {nothing} say nothing, {limited} cut at an end"
    );
    assert!(gated > 1_000 && nothing > 100 && limited > 1_000);
}
