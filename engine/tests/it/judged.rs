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
        let Some(rows) = rows("labels of facts", &format!("{set}.ndjson.zst")) else {
            return;
        };
        let mut wanted: HashMap<(&str, &str), _> = labelled
            .iter()
            .map(|one| ((one.source.as_str(), one.id.as_str()), one))
            .collect();
        for row in rows {
            let member = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let (source, id) = (member("source"), member("id"));
            if let Some(one) = wanted.remove(&(source.as_str(), id.as_str())) {
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
