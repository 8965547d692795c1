//! What is told of ids that are not whole, and of members inside objects.

use super::tests::{jobs, table};
use super::*;

/// The proposed id's rule, why, and notes; and how many of the records become
/// documents with an id of their own.
fn id_of(text: &str) -> (String, String, Vec<String>, usize) {
    let (header, records) = table(text);
    let proposal = propose("jobs", &jobs(), &header, &records);
    let id = proposal.fields[0].clone();
    assert_eq!(id.field, "id");
    let mapping = proposal.mapping().unwrap();
    let ids: BTreeSet<String> = records
        .iter()
        .flat_map(|record| mapping.map(record).documents)
        .map(|document| document["id"].to_string())
        .collect();
    (id.rule, id.why, id.notes, ids.len())
}

#[test]
fn an_id_that_few_records_lack_stays_the_id() {
    let (rule, why, notes, ids) = id_of(
        "Job ID ¦ Job Title ¦ Company ¦ Location
        A1 ¦ Nurse ¦ Acme ¦ Berlin
        A2 ¦ Nurse ¦ Acme ¦ Berlin
         ¦ Nurse ¦ Acme ¦ Berlin
        A4 ¦ Nurse ¦ Acme ¦ Berlin
        A5 ¦ Cook ¦ Acme ¦ Berlin",
    );
    assert_eq!((rule.as_str(), ids), ("\"Job ID\"", 4), "{why}");
    assert!(notes[0].contains("1 of 5 records"), "{notes:?}");
    // Of two that are called an id the one every record has.
    let (rule, ..) = id_of(
        "Job ID ¦ Reference ¦ Job Title
        A1 ¦ R1 ¦ Nurse
        A2 ¦ R2 ¦ Nurse
        A3 ¦ R3 ¦ Nurse
        A4 ¦ R4 ¦ Nurse
         ¦ R5 ¦ Nurse",
    );
    assert_eq!(rule, "\"Reference\"");
}

#[test]
fn an_id_that_many_lack_or_share_tells_apart_as_part_of_a_hash() {
    let (rule, why, _, ids) = id_of(
        "Job ID ¦ Job Title ¦ Company
        A1 ¦ Nurse ¦ Acme
        A2 ¦ Nurse ¦ Acme
         ¦ Nurse ¦ Acme
         ¦ Cook ¦ Acme",
    );
    assert_eq!(
        (rule.as_str(), ids),
        ("{ hash = [\"Job ID\", \"Job Title\", \"Company\"] }", 4)
    );
    assert!(
        why.contains("`Job ID`") && why.contains("2 of 4 records"),
        "{why}"
    );
    let (rule, why, notes, ids) = id_of(
        "Job ID ¦ Job Title ¦ Company
        A1 ¦ Nurse ¦ Acme
        A1 ¦ Cook ¦ Acme
        A1 ¦ cook ¦ Acme",
    );
    assert!(rule.contains("\"Job ID\""), "{rule}");
    assert!(why.contains("records share its values"), "{why}");
    assert_eq!(ids, 2);
    assert!(
        notes.iter().any(|note| note.starts_with("1 of 3 records")),
        "{notes:?}"
    );
    let (rule, why, notes, ids) = id_of(
        "Job Title ¦ Company
        Nurse ¦ Acme
        Cook ¦ Acme",
    );
    assert_eq!(
        (rule.as_str(), ids),
        ("{ hash = [\"Job Title\", \"Company\"] }", 2)
    );
    assert!(why.starts_with("no column is a unique id"), "{why}");
    assert_eq!(notes.len(), 1, "{notes:?}");
}
