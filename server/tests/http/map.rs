//! `tandem map` with the real binary: a table nobody mapped becomes documents.

use std::process::Output;

use serde_json::{Value, json};

use crate::load::DRY;
use crate::server::{Server, TempFile, run};

const TABLE: &str = "\
Kennziffer;Stellenbezeichnung;Arbeitgeber;Arbeitsort;Gehalt;Datum;Interna
K-1;Bäckerin;Brot & Söhne;\"Köln, Deutschland\";2.600 € im Monat;03.03.2026;x
K-2;Programmierer;Muster GmbH;\"Ulm, Deutschland\";60.000 - 70.000 € p.a.;04.03.2026;y
K-3;Fahrer;Muster GmbH;\"Bonn, Deutschland\";nach Tarif;bald;
";

/// Loads standard input into a server with a mapping.
fn load(server: &Server, mapping: &str, more: &[&str], input: &str) -> Output {
    let url = server.url();
    let base = ["load", "-", "--mapping", mapping, "--url", &url];
    run(&[&base, more].concat(), input)
}

#[test]
fn what_map_proposes_load_takes() {
    let out = TempFile::absent("proposed.toml");
    let path = out.path();
    let mapped = run(&["map", "-", "--out", path], TABLE);
    let shown = String::from_utf8(mapped.stdout.clone()).unwrap();
    assert_eq!(mapped.status.code(), Some(0), "{mapped:?}");
    assert!(
        shown.contains("Of 3 records") && shown.contains("3 documents"),
        "{shown}"
    );
    assert!(
        shown.contains("1 left out: posted_at not_a_date"),
        "{shown}"
    );
    let toml = std::fs::read_to_string(path).unwrap();
    for line in [
        "kind = \"jobs\"",
        "title = \"Stellenbezeichnung\"",
        "id = \"Kennziffer\"",
        "#   \"Interna\"",
    ] {
        assert!(toml.contains(line), "{line}\n{toml}");
    }
    let server = Server::start(&[]);
    let loaded = load(&server, path, &["--json"], TABLE);
    assert_eq!(loaded.status.code(), Some(0), "{loaded:?}");
    let document = server.get("/v1/jobs/K-1").json();
    assert_eq!(
        document["pay"],
        json!({"min": 2600, "max": 2600, "currency": "EUR", "period": "month"})
    );
    assert_eq!(document["location"]["city"], "Köln");
    assert_eq!(document["posted_at"], "2026-03-03");
    let again = run(&["map", "-", "--out", path], TABLE);
    assert_eq!(
        again.status.code(),
        Some(2),
        "a corrected mapping is not overwritten"
    );
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force"));
    assert_eq!(std::fs::read_to_string(path).unwrap(), toml);
    std::fs::write(path, "corrected").unwrap();
    let forced = run(&["map", "-", "--output", path, "--force"], TABLE);
    assert_eq!(forced.status.code(), Some(0), "{forced:?}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), toml);
    let nothing = run(&["map", "-", "--force"], TABLE);
    assert_eq!(nothing.status.code(), Some(2), "--force of what");
}

#[test]
fn titles_above_a_header_are_told_and_written_down() {
    let out = TempFile::absent("titled.toml");
    let path = out.path();
    let titled = format!("Offene Stellen, Stand: 4. März\n\n{TABLE}");
    let mapped = run(&["map", "-", "-o", path], &titled);
    assert_eq!(mapped.status.code(), Some(0), "{mapped:?}");
    let toml = std::fs::read_to_string(path).unwrap();
    assert!(toml.contains("\nheader_row = 3\n"), "{toml}");
    // What is said is as good as what is told.
    let said = run(&["map", "-", "--header-row", "3", "--json"], &titled);
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!((&said["header_row"], &said["made"]), (&json!(3), &json!(3)));
    assert_eq!(said["mapping"], toml);
    let plain = run(&["map", "-", "--json"], TABLE);
    let plain: Value = serde_json::from_slice(&plain.stdout).unwrap();
    assert_eq!(plain["header_row"], json!(null));
    assert!(!plain["mapping"].as_str().unwrap().contains("header_row"));
    let first = run(&["map", "-", "--header-row", "1", "--json"], TABLE);
    let first: Value = serde_json::from_slice(&first.stdout).unwrap();
    assert_eq!(first, plain, "the first row is the header anyway");

    let server = Server::start(&[]);
    let loaded = load(&server, path, &["--json"], &titled);
    assert_eq!(loaded.status.code(), Some(0), "{loaded:?}");
    assert!(loaded.stderr.is_empty(), "no progress but on a terminal");
    assert_eq!(server.get("/v1/jobs/K-3").json()["title"], "Fahrer");
    let loaded = load(&server, "auto", &["--kind", "jobs"], &titled);
    let stderr = String::from_utf8_lossy(&loaded.stderr).into_owned();
    assert_eq!(loaded.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("header in row 3"), "{stderr}");
}

#[test]
fn standard_output_is_one_mapping_file() {
    let mapped = run(&["map", "-", "--kind", "jobs"], TABLE);
    let toml = String::from_utf8(mapped.stdout).unwrap();
    let mapping = tandem_loaders::mapping::Mapping::parse(&toml).unwrap();
    assert!(mapping.fields().contains("pay"));
    let mapped = run(&["map", "-", "--json"], TABLE);
    let answer: Value = serde_json::from_slice(&mapped.stdout).unwrap();
    assert_eq!(
        (&answer["kind"], &answer["made"]),
        (&json!("jobs"), &json!(3))
    );
    assert_eq!(answer["left_out"][0]["column"], "Interna");
    assert_eq!(answer["documents"][1]["title"], "Programmierer");
}

#[test]
fn auto_loads_without_a_mapping_file() {
    let server = Server::start(&[]);
    let loaded = load(&server, "auto", &["--kind", "jobs"], TABLE);
    let stderr = String::from_utf8_lossy(&loaded.stderr).into_owned();
    assert_eq!(loaded.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("title = Stellenbezeichnung"), "{stderr}");
    assert_eq!(server.get("/v1/jobs/K-2").json()["title"], "Programmierer");
}

#[test]
fn what_cannot_be_mapped_says_why() {
    for (arguments, input, code, said) in [
        (vec!["--kind", "jbos"], TABLE, 2, "did you mean jobs"),
        (vec![], "", 1, "no record"),
        (vec![], "a,b\n", 1, "no record"),
        (vec!["--format", "ndjsn"], TABLE, 2, "did you mean ndjson"),
        (vec!["--records", "0"], TABLE, 2, "--records"),
    ] {
        let ended = run(&[&["map", "-"], &arguments[..]].concat(), input);
        let stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}

#[test]
fn records_inside_one_document_are_loaded_one_by_one() {
    let inside =
        r#"{"count": 2, "results": [{"id": 1, "title": "Cook"}, {"id": 2, "title": "Baker"}]}"#;
    let server = Server::start(&[]);
    let headers = [("content-type", "application/json")];
    server
        .send(
            "POST",
            "/v1/jobs/bulk?mapping=auto",
            &headers,
            inside.as_bytes(),
        )
        .expect(207);
    assert_eq!(
        server.get("/v1/jobs/2").expect(200).json()["title"],
        "Baker"
    );
    let mapped = run(&["map", "-", "--kind", "jobs"], inside);
    let shown = String::from_utf8(mapped.stdout).unwrap();
    assert!(shown.contains("Of 2 records (json"), "{shown}");
}

#[test]
fn auto_takes_the_kind_map_would_propose_and_says_so() {
    let file = TempFile::absent("kindless.csv");
    std::fs::write(file.path(), TABLE).unwrap();
    let path = file.path();
    let rejects = TempFile::absent("kindless.ndjson");
    let loaded = run(
        &[
            "load",
            path,
            "--mapping",
            "auto",
            "--dry-run",
            "--json",
            "--rejects",
            rejects.path(),
        ],
        "",
    );
    let stderr = String::from_utf8_lossy(&loaded.stderr).into_owned();
    // A field that is left out is no reject.
    assert_eq!(loaded.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("taken for jobs"), "{stderr}");
    let written = std::fs::read_to_string(rejects.path()).unwrap();
    let line: Value = serde_json::from_str(written.trim()).unwrap();
    assert_eq!(
        (&line["dropped"], &line["field"], &line["code"]),
        (&json!(true), &json!("posted_at"), &json!("not_a_date"))
    );
    // So it does of standard input, which is read once.
    let piped = run(
        &["load", "-", "--mapping", "auto", "--dry-run", "--json"],
        TABLE,
    );
    let stderr = String::from_utf8_lossy(&piped.stderr).into_owned();
    assert_eq!(piped.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("taken for jobs"), "{stderr}");
    let [named, piped] = [loaded, piped].map(|ended| {
        let report: Value = serde_json::from_slice(&ended.stdout).unwrap();
        report["summary"].clone()
    });
    assert_eq!(named, piped);
}

#[test]
fn records_without_ids_say_what_to_try() {
    let loaded = run(&DRY, TABLE);
    assert_eq!(loaded.status.code(), Some(5));
    let report: Value = serde_json::from_slice(&loaded.stdout).unwrap();
    let hint = report["files"][0]["hints"][0].as_str().unwrap();
    for said in [
        "Kennziffer, Stellenbezeichnung",
        "--mapping auto",
        "tandem map",
    ] {
        assert!(hint.contains(said), "{hint}");
    }
    let lines = "{\"title\": \"Cook\"}\n{\"id\": \"2\", \"title\": \"Baker\"}\n";
    let loaded = run(&DRY, lines);
    let report: Value = serde_json::from_slice(&loaded.stdout).unwrap();
    assert_eq!(report["files"][0]["hints"], json!([]), "one has an id");
}
