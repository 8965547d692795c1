//! Both forms of postings answer alike: which rows have a term, how often.

use std::collections::BTreeMap;
use std::sync::Arc;

use tandem_index::text::TextPart;
use tandem_index::{Kinds, Prepared, Store, StoreOptions};

use crate::support::{jobs, put};

// Term → (row, frequency), rising.
fn listed(text: &TextPart) -> BTreeMap<String, Vec<(u32, u32)>> {
    let mut terms: Vec<String> = Vec::new();
    text.terms(&mut |term| terms.push(term.to_owned()));
    assert!(terms.is_sorted(), "terms come in byte order");
    let rows = |term: &String| {
        let mut rows = Vec::new();
        text.postings(term, &mut |row, frequency| rows.push((row, frequency)));
        rows
    };
    terms
        .iter()
        .map(|term| (term.clone(), rows(term)))
        .collect()
}

#[test]
fn small_and_large_postings_are_the_same() {
    let kinds = Arc::new(Kinds::builtin());
    let changes: Vec<Prepared> = jobs(300, 4)
        .iter()
        .map(|job| put(&kinds, "jobs", job))
        .collect();
    let mut store = Store::new(Arc::clone(&kinds), StoreOptions::default());
    for batch in changes.chunks(37) {
        store.apply(batch.to_vec());
    }
    let kind = kinds.get("jobs").unwrap().id;
    store.relayout(1, false);
    let small = store.snapshot();
    store.relayout(1, true);
    let large = store.snapshot();
    let [small, large] =
        [&small, &large].map(|snapshot| &snapshot.collection(kind).segments[0].segment);
    assert!(!small.is_large() && large.is_large());
    assert_eq!(small.rows(), 300);
    assert_eq!(listed(&small.text), listed(&large.text));
    for row in 0..small.rows() {
        assert_eq!(small.terms.entries(row), large.terms.entries(row));
        assert_eq!(small.terms.tokens(row), large.terms.tokens(row));
        assert_eq!(small.document(row), large.document(row));
        assert_eq!(small.vectors.words(row), large.vectors.words(row));
    }
    let mut rows = 0;
    large.text.postings("no such term", &mut |_, _| rows += 1);
    assert_eq!(rows, 0);
}
