//! Loads of odd sources: what is in none, what nobody recognises, and reports
//! that stay short.

use std::fmt::Write as _;

use crate::load::{CSV, DRY, json_of, send};
use crate::server::{Server, run};

#[test]
fn a_report_names_some_groups_of_rejects_and_counts_the_others() {
    let mut lines = String::new();
    for place in 0..250 {
        writeln!(
            lines,
            "{{\"id\": \"{place}\", \"title\": \"x\", \"member_{place}\": 1}}"
        )
        .unwrap();
    }
    let report = json_of(&run(&DRY, lines.as_bytes()));
    assert_eq!(report["summary"]["rejected"], 250);
    assert_eq!(report["rejected"].as_array().unwrap().len(), 100);
    assert_eq!(report["rejected_in_other_groups"], 150);
}

#[test]
fn a_source_with_nothing_in_it_says_so() {
    for (text, is_empty) in [
        ("", true),
        ("id,title\n", true),
        ("id,title\n1,Cook\n", false),
    ] {
        let ended = run(&DRY, text.as_bytes());
        assert_eq!(ended.status.code(), Some(0), "{text}");
        let hints = &json_of(&ended)["files"][0]["hints"];
        let said = hints.to_string().contains("no record");
        assert_eq!(said, is_empty, "{text}: {hints}");
    }
}

#[test]
fn auto_refuses_a_table_it_knows_nothing_of() {
    let table = b"foo,bar\n1,2\n";
    let ended = run(&[&DRY[..], &["--mapping", "auto"]].concat(), table);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let first = &json_of(&ended)["rejected"][0];
    assert_eq!(first["code"], "columns");
    assert!(first["first"].as_str().unwrap().contains("--header-row"));
    let server = Server::start(&[]);
    let results = send(
        &server,
        "/v1/jobs/bulk?mapping=auto",
        &[("content-type", CSV)],
        table,
    )
    .expect(207)
    .lines();
    assert_eq!(results[0]["code"], "invalid_request");
    assert!(
        results[0]["detail"]
            .as_str()
            .unwrap()
            .contains("?header_row=")
    );
    assert_eq!(results.len(), 2);
}
