//! Every set of the shared data folder with its built-in mapping: what is read,
//! what becomes a document, what is rejected, skipped or left out, and why.
//! What is not there is left out, and said.

#![expect(clippy::unwrap_used, reason = "helpers of tests stand outside of them")]

#[path = "../../.ci/left_out.rs"]
mod left_out;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use left_out::left_out;
use tandem_loaders::format::{Input, Options, open};
use tandem_loaders::mapping::Mapping;

const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Counts of a load, one a line: `read`, `mapped`, `skipped: reason`,
/// `rejected: field code`, `dropped: field code`.
fn counts(path: &Path, mapping: &Mapping) -> BTreeMap<String, u64> {
    let options = Options {
        records: mapping.records().map(str::to_owned),
        ..Options::default()
    };
    let reader = open(Input::File(path.to_owned()), &options).unwrap();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut columns = BTreeSet::new();
    let mut count = |what: String, more: usize| {
        if more > 0 {
            *counts.entry(what).or_default() += more as u64;
        }
    };
    let mut ids = std::collections::HashSet::new();
    for record in reader {
        count("read".to_owned(), 1);
        let record = record.unwrap_or_else(|reject| panic!("{}: {reject}", path.display()));
        columns.extend(record.fields.keys().cloned());
        let mapped = mapping.map(&record);
        count("mapped".to_owned(), mapped.documents.len());
        for document in &mapped.documents {
            let id = document["id"].as_str().expect("a text").to_owned();
            count("ids given twice".to_owned(), usize::from(!ids.insert(id)));
        }
        for reason in mapped.skipped {
            count(format!("skipped: {reason}"), 1);
        }
        let field = |field: Option<String>| field.unwrap_or_default();
        for reject in mapped.rejects {
            count(
                format!("rejected: {} {}", field(reject.field), reject.code),
                1,
            );
        }
        for reject in mapped.dropped {
            count(
                format!("dropped: {} {}", field(reject.field), reject.code),
                1,
            );
        }
    }
    mapping
        .check_columns(&columns)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    counts
}

fn check(file: &str, mapping: &str, expected: &[(&str, u64)]) {
    let name = format!("../shared/data/{file}");
    let path = Path::new(CHECKOUT).join(&name);
    if !path.exists() {
        // The outermost folder that is not there says it once for all sets in it.
        let outer = Path::new(&name).ancestors();
        let missing = outer.take_while(|one| !Path::new(CHECKOUT).join(one).exists());
        let missing = missing.last().unwrap_or(Path::new(&name));
        left_out(&format!("did not load sets (no {})", missing.display()));
        return;
    }
    let mapping = Mapping::builtin(mapping).expect("built in");
    let found = counts(&path, mapping);
    let expected: BTreeMap<String, u64> = expected
        .iter()
        .map(|(what, count)| ((*what).to_owned(), *count))
        .collect();
    assert_eq!(found, expected, "{file}");
}

#[test]
fn job_ads_of_23_sources_load_with_their_counts() {
    check(
        "jobs_structured.ndjson.zst",
        "jobs_structured",
        &[
            ("read", 26_564),
            ("mapped", 26_564),
            // "Mensuel de 38000 Euros": a year's pay under the wrong word.
            ("dropped: pay implausible_pay", 25),
            ("dropped: pay no_period", 30),
            ("dropped: posted_at not_a_date", 6),
            ("dropped: posted_at year_alone", 3_496),
        ],
    );
}

#[test]
fn short_ads_load_with_their_counts() {
    check(
        "jobs_hn_whoishiring.ndjson.zst",
        "jobs_hn_whoishiring",
        &[
            ("read", 49_872),
            ("mapped", 49_872),
            // "$10M raised" between bars.
            ("dropped: pay implausible_pay", 74),
            ("dropped: pay no_period", 15),
        ],
    );
    check(
        "jobs_hn_2023_structured.ndjson.zst",
        "jobs_hn_2023",
        &[
            ("read", 2_278),
            ("mapped", 4_896),
            ("dropped: pay no_currency", 124),
            ("dropped: pay no_period", 5),
        ],
    );
}

#[test]
fn federal_announcements_load_with_their_counts() {
    check(
        "jobs_usajobs.ndjson.zst",
        "jobs_usajobs",
        &[
            ("read", 46_091),
            ("mapped", 46_091),
            ("dropped: posted_at not_a_date", 1),
            ("dropped: expires_at not_a_date", 1),
        ],
    );
}

#[test]
fn anonymised_cvs_load_with_their_counts() {
    check(
        "resumes_livecareer.ndjson.zst",
        "resumes_livecareer",
        &[("read", 2_483), ("mapped", 2_483)],
    );
}

#[test]
fn job_boards_load_with_their_counts() {
    for (file, mapping, count) in [
        ("feeds/ashby_boards/AlephAlpha.json", "ashby", 10),
        ("feeds/ashby_boards/Aspora.json", "ashby", 18),
        ("feeds/ashby_boards/Blockworks.json", "ashby", 13),
        ("feeds/ashby_boards/ClassDojo.json", "ashby", 12),
        ("feeds/ashby_boards/Clicklease.json", "ashby", 9),
        ("feeds/ashby_boards/Coder.json", "ashby", 11),
        ("feeds/ats/ashby.json", "ashby", 2),
        ("feeds/ats/greenhouse.json", "greenhouse", 2),
        ("feeds/ats/lever.json", "lever", 2),
    ] {
        check(file, mapping, &[("read", count), ("mapped", count)]);
    }
}
