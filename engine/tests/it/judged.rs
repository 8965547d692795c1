//! The judged facts belong to the documents of the shared data folder: every
//! label lies at words of its document.

use std::collections::HashMap;

use tandem_engine::eval::facts::{Half, parse};

use crate::corpus::rows;

const ADS: &str = include_str!("../../judged/facts/ads.ndjson");
const CVS: &str = include_str!("../../judged/facts/cvs.ndjson");

#[test]
fn every_label_lies_in_its_document() {
    for (labels, documents, title, text) in [
        (ADS, 100, "title", "description"),
        (CVS, 40, "headline", "text"),
    ] {
        let labelled = parse(labels).unwrap();
        assert_eq!(labelled.len(), documents);
        for one in &labelled {
            let half = if one.number % 2 == 0 {
                Half::Tune
            } else {
                Half::Held
            };
            assert_eq!(one.half, half, "{}", one.number);
        }
        let set = &labelled[0].set;
        let file = format!("{set}.ndjson.zst");
        let Some(rows) = rows("labels of facts", &file) else {
            return;
        };
        let mut wanted: HashMap<(String, String), _> = labelled
            .iter()
            .map(|one| ((one.source.clone(), one.id.clone()), one))
            .collect();
        for row in rows {
            let member = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            if let Some(one) = wanted.remove(&(member("source"), member("id"))) {
                let labels = one.labels(&member(title), &member(text)).unwrap();
                assert!(!labels.is_empty(), "{set} {}", one.number);
            }
        }
        assert!(
            wanted.is_empty(),
            "{set}: {} documents are not there",
            wanted.len()
        );
    }
}
