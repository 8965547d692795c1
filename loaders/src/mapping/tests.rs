//! The language of mapping files: what records become, and what is said of
//! files that are wrong.

use serde_json::{Value, json};

use super::*;
use crate::record::Record;

fn map(mapping: &str, record: Value) -> Mapped {
    let mapping = Mapping::parse(mapping).unwrap_or_else(|error| panic!("{error}\n{mapping}"));
    let Value::Object(fields) = record else {
        panic!("an object");
    };
    mapping.map(&Record { number: 7, fields })
}

/// The document of `[fields]` rules, beside its id.
fn made(rules: &str, record: Value) -> Value {
    let mapped = map(
        &format!("[fields]\nid = {{ value = \"1\" }}\n{rules}"),
        record,
    );
    assert_eq!(mapped.rejects, [], "{rules}");
    let mut document = mapped.documents.into_iter().next().unwrap();
    document.as_object_mut().unwrap().remove("id");
    document
}

#[test]
fn texts_are_chosen_cut_and_mapped() {
    let cases = [
        ("a = \"X\"", json!({"X": " v "}), json!({"a": "v"})),
        (
            "a = [\"X\", \"Y\"]",
            json!({"X": "", "Y": "v"}),
            json!({"a": "v"}),
        ),
        ("a = \"X\"", json!({"X": "N/A"}), json!({})),
        (
            "a = \"X.y.0.z\"",
            json!({"X": {"y": [{"z": 5}]}}),
            json!({"a": "5"}),
        ),
        (
            "a = { value = [1, true] }",
            json!({}),
            json!({"a": ["1", "true"]}),
        ),
        (
            "a = { template = \"{X}-{Y}\" }",
            json!({"X": "p", "Y": 3}),
            json!({"a": "p-3"}),
        ),
        (
            "a = { template = \"{X}-{Y}\" }",
            json!({"X": ""}),
            json!({}),
        ),
        (
            "a = { join = [\"X\", \"Y\", \"Z\"], with = \" | \" }",
            json!({"X": "p", "Y": "", "Z": "q"}),
            json!({"a": "p | q"}),
        ),
        (
            "a = { column = \"X\", pattern = '(\\d+)' }",
            json!({"X": "no 42!"}),
            json!({"a": "42"}),
        ),
        (
            "a = { column = \"X\", pattern = '(\\d+)' }",
            json!({"X": "none"}),
            json!({}),
        ),
        (
            "a = { column = \"X\", replace = [[\"-\", \" \"]], letters = \"sentence\" }",
            json!({"X": "BIG-DATA"}),
            json!({"a": "Big data"}),
        ),
        (
            "a = { column = \"X\", letters = \"calm\" }",
            json!({"X": "STAFF ACCOUNTANT"}),
            json!({"a": "Staff Accountant"}),
        ),
        (
            "a = { column = \"X\", letters = \"calm\" }",
            json!({"X": "iOS Developer"}),
            json!({"a": "iOS Developer"}),
        ),
        (
            "a = { column = \"X\", map = { FT = \"full-time\", 1 = true } }",
            json!({"X": "ft"}),
            json!({"a": "full-time"}),
        ),
        (
            "a = { column = \"X\", map = { FT = \"full-time\" } }",
            json!({"X": "other"}),
            json!({"a": "other"}),
        ),
        (
            "a = { column = \"X\", map = { FT = \"full-time\" }, other = \"drop\" }",
            json!({"X": "other"}),
            json!({}),
        ),
        (
            "a = { column = \"X\", default = \"none given\" }",
            json!({}),
            json!({"a": "none given"}),
        ),
        (
            "a = { column = \"X\", max = 3 }",
            json!({"X": "äöüß"}),
            json!({"a": "äöü"}),
        ),
    ];
    for (rules, record, expected) in cases {
        assert_eq!(made(rules, record), expected, "{rules}");
    }
}

#[test]
fn types_read_what_people_write() {
    let cases = [
        (
            "a = { column = \"X\", type = \"list\", split = [\"/\"], max = 5 }",
            json!({"X": "Go/ Rust /go/JavaScript"}),
            json!({"a": ["Go", "Rust"]}),
        ),
        (
            "a = { column = \"X.*.n\", type = \"list\" }",
            json!({"X": [{"n": "p"}, {"n": "q"}]}),
            json!({"a": ["p", "q"]}),
        ),
        (
            "a = { column = \"X\", type = \"html\" }",
            json!({"X": "<p>a</p><ul><li>b</li></ul>"}),
            json!({"a": "a\n\n- b"}),
        ),
        (
            "a = { column = \"X\", type = \"json\" }",
            json!({"X": {"y": [1]}}),
            json!({"a": {"y": [1]}}),
        ),
        (
            "a = { column = \"X\", type = \"number\" }",
            json!({"X": "1.234,5"}),
            json!({"a": 1234.5}),
        ),
        (
            "a = { column = \"X\", type = \"flag\" }",
            json!({"X": "ja"}),
            json!({"a": true}),
        ),
        (
            "a = { column = \"X\", type = \"date\" }",
            json!({"X": "3. März 2026"}),
            json!({"a": "2026-03-03"}),
        ),
        (
            "a = { column = \"X\", type = \"date\", reference_column = \"Y\" }",
            json!({"X": "2 days ago", "Y": "2026-03-03"}),
            json!({"a": "2026-03-01"}),
        ),
        (
            "language = \"X\"",
            json!({"X": "Deutsch"}),
            json!({"language": "de"}),
        ),
        (
            "a = { type = \"place\", city = \"C\", country = \"L\", lat = \"lat\", lon = \"lon\" }",
            json!({"C": "Köln", "L": "Deutschland", "lat": "50.938", "lon": 6.957}),
            json!({"a": {"city": "Köln", "country": "DE", "lat": 50.938, "lon": 6.957}}),
        ),
        (
            "a = { column = \"X\", type = \"pay\", currency = \"CHF\" }",
            json!({"X": "90-100k"}),
            json!({"a": {"min": 90000, "max": 100_000, "currency": "CHF", "period": "year"}}),
        ),
        (
            "a = { column = \"X\", type = \"pay\" }",
            json!({"X": "negotiable"}),
            json!({}),
        ),
    ];
    for (rules, record, expected) in cases {
        assert_eq!(made(rules, record), expected, "{rules}");
    }
}

#[test]
fn ids_are_stable_and_short() {
    let id = |rule: &str, record: Value| {
        let mapped = map(&format!("[fields]\nid = {rule}"), record);
        mapped
            .documents
            .first()
            .map(|document| document["id"].clone())
    };
    let hash = "{ hash = [\"a\", \"b\"] }";
    let one = id(hash, json!({"a": "X", "b": "Y"})).unwrap();
    assert_eq!(one.as_str().unwrap().len(), 16);
    assert_eq!(id(hash, json!({"b": " y", "a": "x "})), Some(one.clone()));
    assert_ne!(id(hash, json!({"a": "XY"})), Some(one));
    assert_ne!(id(hash, json!({"a": "X"})), id(hash, json!({"b": "X"})));
    assert_eq!(id(hash, json!({"c": "X"})), None);
    assert_eq!(id("\"a\"", json!({"a": 12})), Some(json!("12")));
    assert_eq!(id("\"a\"", json!({"a": "x\ny"})), Some(json!("x y")));
    let long = id("\"a\"", json!({"a": format!("uber:{}", "x".repeat(200))})).unwrap();
    assert!(
        long.as_str().unwrap().starts_with("uber:") && long.as_str().unwrap().len() == 21,
        "{long}"
    );
}

#[test]
fn a_value_that_cannot_be_read_rejects_its_record_or_drops_its_field() {
    let rules = |on_error: &str| {
        format!(
            "{on_error}\n[fields]\nid = \"id\"\nposted_at = {{ column = \"d\", type = \"date\" }}\n"
        )
    };
    let record = json!({"id": "1", "d": "soon"});
    let mapped = map(&rules(""), record.clone());
    assert_eq!(mapped.documents, [] as [Value; 0]);
    let reject = &mapped.rejects[0];
    assert_eq!(
        (reject.line, reject.field.as_deref(), reject.code),
        (7, Some("posted_at"), "not_a_date")
    );
    assert!(!reject.reason.contains("soon"), "a reason shows no value");
    let mapped = map(&rules("on_error = \"drop_field\""), record);
    assert_eq!(mapped.documents, [json!({"id": "1"})]);
    assert_eq!(mapped.dropped[0].code, "not_a_date");
    let mapped = map(
        &rules("on_error = \"drop_field\""),
        json!({"d": "2026-01-01"}),
    );
    assert_eq!(
        (mapped.rejects[0].code, mapped.rejects[0].field.as_deref()),
        ("missing", Some("id"))
    );
}

#[test]
fn skips_cases_parts_and_extras() {
    let mapping = r#"
        empty = ["-1"]
        each = "roles"
        [[skip]]
        when = { text = "" }
        reason = "without text"
        [fields]
        id = { template = "x{n}{item_suffix}" }
        title = ["item.name", "text"]
        pay = { column = "pay", type = "pay", on_error = "drop_field" }
        [[case]]
        when = { source = ["a", "b"], n = { not = "3" } }
        [case.fields]
        pay = { column = "pay", type = "pay", currency = "EUR" }
        title = false
        [extras]
        field = "rest"
    "#;
    let mapped = map(
        mapping,
        json!({"n": 1, "text": "t", "pay": "60k", "source": "c", "roles": [{"name": "r"}, {"name": "s"}], "more": 5}),
    );
    assert_eq!(
        mapped.documents,
        [
            json!({"id": "x1", "title": "r", "rest": {"more": 5}}),
            json!({"id": "x1-2", "title": "s", "rest": {"more": 5}})
        ]
    );
    assert_eq!(mapped.dropped.len(), 2);
    let mapped = map(
        mapping,
        json!({"n": 2, "text": "t", "pay": "60k", "source": "A"}),
    );
    assert_eq!(mapped.documents[0]["pay"]["currency"], "EUR");
    assert!(mapped.documents[0].get("title").is_none());
    let mapped = map(
        mapping,
        json!({"n": 3, "text": "t", "pay": "-1", "source": "a"}),
    );
    assert_eq!(mapped.documents, [json!({"id": "x3", "title": "t"})]);
    let mapped = map(mapping, json!({"n": 2, "text": " "}));
    assert_eq!(
        (mapped.documents.len(), mapped.skipped),
        (0, vec!["without text".to_owned()])
    );
    let records = "records = \"jobs\"\n[fields]\nid = \"id\"";
    let mapped = map(records, json!({"jobs": [{"id": 1}, 2, {"id": 3}]}));
    assert_eq!(
        (mapped.documents.len(), mapped.rejects[0].code),
        (2, "not_an_object")
    );
}

#[test]
fn wrong_files_say_where_and_what_was_meant() {
    let cases = [
        ("[fields", "", None),
        ("kind = \"jobs\"", "fields", None),
        ("field = 1\n[fields]\nid = \"x\"", "field", Some("fields")),
        (
            "[fields]\nid = { colum = \"x\" }",
            "fields.id.colum",
            Some("column"),
        ),
        (
            "[fields]\nid = { column = \"x\", type = \"dat\" }",
            "fields.id.type",
            Some("date"),
        ),
        (
            "[fields]\nid = { column = \"x\", type = \"text\", split = [\",\"] }",
            "fields.id.split",
            None,
        ),
        (
            "[fields]\nid = { column = \"x\", value = 3 }",
            "fields.id.value",
            None,
        ),
        (
            "[fields]\nid = { type = \"text\" }",
            "fields.id.column",
            None,
        ),
        ("[fields]\nid = 5", "fields.id", None),
        ("[fields]\nid = { hash = [] }", "fields.id.hash", None),
        (
            "[fields]\nid = { column = \"x\", pattern = '(' }",
            "fields.id.pattern",
            None,
        ),
        (
            "[fields]\nid = { template = \"{x\" }",
            "fields.id.template",
            None,
        ),
        (
            "[fields]\np = { column = \"x\", type = \"pay\", currency = \"gold\" }",
            "fields.p.currency",
            None,
        ),
        (
            "[fields]\np = { column = \"x\", type = \"date\", formats = [\"dd.mm\"] }",
            "fields.p.formats",
            None,
        ),
        (
            "[fields]\np = { type = \"place\", city = { colum = \"x\" } }",
            "fields.p.city.colum",
            Some("column"),
        ),
        (
            "on_error = \"drop\"\n[fields]\nid = \"x\"",
            "on_error",
            Some("drop_field"),
        ),
        (
            "[[skip]]\nwhen = {}\nreason = \"r\"\n[fields]\nid = \"x\"",
            "skip.when",
            None,
        ),
        (
            "[[case]]\nwhen = { a = { is = 1 } }\n[case.fields]\n[fields]\nid = \"x\"",
            "case.when.a.is",
            None,
        ),
    ];
    for (text, at, meant) in cases {
        let error = Mapping::parse(text).unwrap_err();
        assert_eq!(
            (error.at.as_str(), error.did_you_mean.as_deref()),
            (at, meant),
            "{text}\n{error}"
        );
    }
}

#[test]
fn fields_and_columns_are_checked_before_anything_is_loaded() {
    let mapping = Mapping::parse(
        "[fields]\nid = \"Ref\"\ntitel = { column = \"Job.name\" }\nx = { column = \"Gone\", optional = true }",
    )
    .unwrap();
    let field = |name: &str| Field {
        name: name.to_owned(),
        field_type: "text".to_owned(),
        meaning: None,
    };
    let error = mapping
        .check_fields(&[field("title"), field("x")])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "fields.titel: the kind has no field `titel`; did you mean `title`?"
    );
    mapping.check_fields(&[field("titel"), field("x")]).unwrap();
    let columns = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
    mapping.check_columns(&columns(&["Ref", "Job"])).unwrap();
    let error = mapping
        .check_columns(&columns(&["Reff", "Job"]))
        .unwrap_err();
    assert_eq!(
        (error.at.as_str(), error.did_you_mean.as_deref()),
        ("fields.id", Some("Reff"))
    );
}

#[test]
fn a_header_row_is_a_row_and_for_tables() {
    let of = |line: &str| Mapping::parse(&format!("{line}\n[fields]\nid = \"a\"\n"));
    assert_eq!(of("").unwrap().header_row(), None);
    let row = of("header_row = 3").unwrap().header_row();
    assert_eq!(row.map(std::num::NonZeroU64::get), Some(3));
    for line in ["header_row = 0", "header_row = -1", "header_row = \"3\""] {
        let error = of(line).unwrap_err();
        assert_eq!(error.at, "header_row");
        assert!(error.what.contains("counted from 1"), "{error}");
    }
    let error = of("header_row = 3\nrecords = \"jobs\"").unwrap_err();
    assert!(error.what.contains("JSON"), "{error}");
    let error = of("header_rows = 3").unwrap_err();
    assert_eq!(error.did_you_mean.as_deref(), Some("header_row"));
}
