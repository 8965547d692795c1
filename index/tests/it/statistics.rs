//! Live statistics are a recount of the living documents, whatever was
//! replaced, deleted and merged on the way.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tandem_index::analysis::{Language, TermKey};
use tandem_index::document::{Document, GROUPS};
use tandem_index::row::{Row, analyse};
use tandem_index::{Kinds, Store};

use crate::support::{Rng, TINY, delete, jobs, put};

fn recount(store: &Store, kinds: &Kinds, living: &HashMap<String, Value>) {
    let kind = kinds.get("jobs").unwrap();
    let snapshot = store.snapshot();
    let statistics = &snapshot.collection(kind.id).statistics;
    let rows: Vec<Row> = living
        .values()
        .map(|job| {
            analyse(
                kind,
                Document::parse(kind, job.clone(), None, true).unwrap(),
            )
        })
        .collect();
    let mut frequencies: HashMap<TermKey, u32> = HashMap::new();
    let mut languages: HashMap<Language, u64> = HashMap::new();
    let mut lengths = [0.0; GROUPS];
    for row in &rows {
        for entry in &row.entries {
            *frequencies.entry(entry.key()).or_default() += 1;
        }
        for (sum, length) in lengths.iter_mut().zip(row.lengths) {
            *sum += f64::from(length);
        }
        if let Some(language) = row.language {
            *languages.entry(language).or_default() += 1;
        }
    }
    let count = rows.len() as f64;
    assert_eq!(statistics.rows(), rows.len() as u64);
    assert_eq!(
        statistics.terms(),
        frequencies.len(),
        "no term of the dead is left"
    );
    for (key, frequency) in frequencies {
        assert_eq!(statistics.frequency(key), frequency);
    }
    for (group, sum) in lengths.into_iter().enumerate() {
        let mean = (sum / count).max(1.0);
        assert!((statistics.mean_length(group) - mean).abs() < 1e-9 * mean);
    }
    let mut order: Vec<(u64, Language)> = languages
        .into_iter()
        .map(|(l, n)| (u64::MAX - n, l))
        .collect();
    order.sort_unstable();
    let expected: Vec<Language> = order.into_iter().map(|(_, language)| language).collect();
    assert_eq!(statistics.languages().collect::<Vec<_>>(), expected);
}

#[test]
fn statistics_are_a_recount_of_the_living() {
    let mut rng = Rng::new("statistics", 2);
    let kinds = Arc::new(Kinds::builtin());
    let sample = jobs(500, 3);
    let mut store = Store::new(Arc::clone(&kinds), TINY);
    let mut living: HashMap<String, Value> = HashMap::new();
    for round in 0..120 {
        let mut batch = Vec::new();
        for _ in 0..=rng.below(20) {
            let id = format!("j{}", rng.below(250));
            if rng.chance(30) {
                living.remove(&id);
                batch.push(delete(&kinds, "jobs", &id));
            } else {
                let mut job = sample[rng.below(sample.len())].clone();
                job["id"] = json!(id);
                batch.push(put(&kinds, "jobs", &job));
                living.insert(id, job);
            }
        }
        store.apply(batch, 0);
        while let Some(job) = store.merge_job().or_else(|| store.tail_job()) {
            assert!(store.install(job.run()));
        }
        if round % 10 == 9 {
            recount(&store, &kinds, &living);
        }
    }
    store.apply(
        living.keys().map(|id| delete(&kinds, "jobs", id)).collect(),
        0,
    );
    living.clear();
    recount(&store, &kinds, &living);
}
