//! Both forms of postings answer alike: which rows have a term, how often.

use std::collections::BTreeMap;
use std::sync::Arc;

use tandem_index::text::{Pattern, TextPart};
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
        store.apply(batch.to_vec(), 0);
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
    let terms: Vec<String> = listed(&small.text).into_keys().collect();
    for (nth, word) in ["enginer", "developr", "kuberentes", "мир", "a", "zzzzzzzz"]
        .into_iter()
        .enumerate()
    {
        for edits in [1, 2] {
            for pattern in [Pattern::new(word, edits), Pattern::beginning(word, edits)] {
                let pattern = pattern.unwrap();
                let found = [&small.text, &large.text].map(|text| {
                    let mut found = Vec::new();
                    text.similar(&pattern, &mut |term, edits| {
                        found.push((term.to_owned(), edits));
                    });
                    found
                });
                let each = terms
                    .iter()
                    .filter_map(|term| Some((term.clone(), pattern.edits(term)?)));
                assert_eq!(found[0], each.collect::<Vec<_>>(), "{word} {edits}");
                assert_eq!(found[0], found[1], "{word} {edits}");
                assert!(nth > 1 || !found[0].is_empty(), "{word} is like some word");
            }
        }
    }
    for beginning in ["eng", "se", "~en:", "", "\u{10FFFF}"] {
        let found = [&small.text, &large.text].map(|text| {
            let mut found = Vec::new();
            text.terms_from(beginning, &mut |term| found.push(term.to_owned()));
            found
        });
        let each = terms
            .iter()
            .filter(|term| term.starts_with(beginning))
            .cloned();
        assert_eq!(found[0], each.collect::<Vec<_>>(), "{beginning}");
        assert_eq!(found[0], found[1], "{beginning}");
    }
    let mut rows = 0;
    large.text.postings("no such term", &mut |_, _| rows += 1);
    assert_eq!(rows, 0);
}
