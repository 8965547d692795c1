//! Every score is the sum of its points, and hits stand in the order of
//! (score falling, id rising): here and in a script that knows only the JSON.

use std::io::Write as _;
use std::process::{Command, Stdio};

use rayon::prelude::*;
use serde_json::{Value, json};
use tandem_engine::{Answer, Request};
use tandem_index::StoreOptions;

use crate::corpus::Corpus;
use crate::left_out::left_out;
use crate::requests;
use crate::support::{Rng, answer, store};

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../load-tests/check_answers.py"
);

const ANSWERS: usize = 10_000;

fn wire(answer: &Answer) -> Value {
    let hits = answer.hits.iter().map(|hit| {
        let points = hit
            .contributions
            .iter()
            .map(|part| json!({"name": part.name, "points": part.points, "min": part.min, "max": part.max}));
        json!({"kind": hit.kind, "id": hit.id, "score": hit.score, "low": hit.low, "high": hit.high,
               "contributions": points.collect::<Vec<Value>>()})
    });
    json!({"hits": hits.collect::<Vec<Value>>(), "exact_until": answer.exact_until})
}

#[test]
fn points_sum_to_scores_and_scores_order_hits() {
    let mut rng = Rng::new("sums", 21);
    let corpus = Corpus::sample(1_200, 1_200, 7);
    let store = store(
        &corpus.kinds,
        StoreOptions::default(),
        &corpus.changes(),
        256,
    );
    let snapshot = store.snapshot();
    let requests: Vec<Request> = (0..ANSWERS)
        .map(|_| Request {
            sort: Vec::new(),
            ..requests::random(&mut rng, &corpus)
        })
        .collect();
    let lines: Vec<String> = requests
        .par_iter()
        .map(|request| checked(&answer(&snapshot, request), request))
        .collect();
    check_outside(&lines.concat());
}

// The answer as a line of JSON.
fn checked(found: &Answer, request: &Request) -> String {
    for hit in &found.hits {
        let sum: i32 = hit.contributions.iter().map(|part| part.points).sum();
        assert_eq!(sum, hit.score as i32, "{request:?}");
        assert!(hit.score <= 1_000_000, "{request:?}");
        assert!(hit.low <= hit.score && hit.score <= hit.high, "{request:?}");
        for part in &hit.contributions {
            assert!(
                part.min <= part.points && part.points <= part.max,
                "{part:?}"
            );
            assert!(
                part.low <= part.points && part.points <= part.high,
                "{part:?}"
            );
            assert!(part.min <= part.low && part.high <= part.max, "{part:?}");
            assert!(!part.unknown || part.points == 0, "{part:?}");
        }
        if let Some(two_way) = &hit.two_way {
            let both = two_way.source_wants.points + two_way.document_wants.points;
            assert_eq!(both, hit.score as i32, "{request:?}");
        }
    }
    let order = |at: usize| (std::cmp::Reverse(found.hits[at].score), &found.hits[at].id);
    let pool = found.exact_until.map_or(usize::MAX, |until| until as usize);
    let ordered = (1..found.hits.len()).all(|at| at == pool || order(at - 1) < order(at));
    assert!(ordered, "{request:?}");
    format!("{}\n", wire(found))
}

fn check_outside(lines: &str) {
    let script = Command::new("python3")
        .arg(SCRIPT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut script = match script {
        Ok(script) => script,
        Err(cause) => {
            left_out(&format!("did not run the script (python3: {cause})"));
            return;
        }
    };
    script
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let out = script.wait_with_output().unwrap();
    eprint!("sums: {}", String::from_utf8_lossy(&out.stdout));
    assert!(out.status.success(), "the script found a mismatch");
}
