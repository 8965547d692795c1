//! What is told of ids that are not whole, and of members inside objects.

use super::tests::{jobs, table};
use super::*;
use serde_json::json;

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

#[test]
fn members_inside_objects_are_company_and_pay() {
    let cases = [
        json!({"id": "1", "job": {"title": "Cook", "org": {"name": "Acme", "id": "o-1"}},
            "comp": {"min": 50_000, "max": 60_000, "cur": "EUR", "per": "year"}}),
        json!({"id": "1", "title": "Cook", "company": {"name": "Acme", "url": "https://a.example"},
            "salary": {"range": {"min": 50_000, "max": 60_000}, "currency": "EUR", "unit": "year"}}),
        // schema.org's JobPosting.
        json!({"identifier": "1", "title": "Cook", "hiringOrganization": {"@type": "Organization", "name": "Acme"},
            "baseSalary": {"currency": "EUR", "value": {"minValue": 50_000, "maxValue": 60_000, "unitText": "YEAR"}}}),
        json!({"id": "1", "title": "Cook", "employer": {"display_name": "Acme"},
            "pay": {"minimum": 50_000, "maximum": 60_000, "currency_code": "EUR", "interval": "year"}}),
        json!({"id": "1", "title": "Cook", "company": "Acme", "salary_min": 50_000,
            "salary_max": 60_000, "currency": "EUR", "period": "year"}),
        json!({"id": "1", "title": "Cook", "company": "Acme", "min_salary": 50_000,
            "max_salary": 60_000, "salary_currency": "EUR", "salary_period": "year"}),
        json!({"id": "1", "title": "Cook", "org": "Acme", "pay_min": 50_000,
            "pay_max": 60_000, "pay_ccy": "EUR", "pay_unit": "year"}),
    ];
    for record in cases {
        let records = [Record {
            number: 1,
            fields: record.as_object().unwrap().clone(),
        }];
        let columns = columns_of(&records);
        let proposal = propose("jobs", &jobs(), &columns, &records);
        let toml = proposal.to_toml("jobs.ndjson");
        let mapped = proposal.mapping().unwrap().map(&records[0]);
        let document = &mapped.documents[0];
        assert_eq!(document["title"], "Cook", "{toml}");
        assert_eq!(document["company"], "Acme", "{toml}");
        assert_eq!(
            document["pay"],
            json!({"min": 50_000, "max": 60_000, "currency": "EUR", "period": "year"}),
            "{toml}"
        );
    }
}
