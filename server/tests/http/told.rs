//! What `load` and `map` say of tables that are not as they should be.

use serde_json::{Value, json};

use crate::server::{Server, TempFile, run};

/// Five ads, of which one has no id and four are alike but for it.
const GAP: &str = "Job ID,Job Title,Company,Location\n\
    A1,Nurse,Acme,Berlin\nA2,Nurse,Acme,Berlin\n,Nurse,Acme,Berlin\nA4,Nurse,Acme,Berlin\nA5,Cook,Acme,Berlin\n";
/// No id at all, and three ads that are the same.
const ALIKE: &str = "Job Title,Company,Location\n\
    Nurse,Acme,Berlin\nNurse,Acme,Berlin\nNurse,Acme,Berlin\nCook,Acme,Berlin\n";

fn file(name: &str, text: impl AsRef<[u8]>) -> TempFile {
    let file = TempFile::absent(name);
    std::fs::write(file.path(), text).unwrap();
    file
}

/// Exit code, what is said, and the report where there is one.
fn said(arguments: &[&str]) -> (Option<i32>, String, Value) {
    let ended = run(arguments, "");
    let stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
    let report = serde_json::from_slice(&ended.stdout).unwrap_or_default();
    (ended.status.code(), stderr, report)
}

#[test]
fn a_dry_run_counts_what_a_load_then_does() {
    let server = Server::start(&[]);
    let url = server.url();
    let members = ["created", "replaced", "deleted", "stale", "rejected"];
    let versions = "{\"id\": \"v\", \"title\": \"Cook\", \"version\": 3}\n\
        {\"id\": \"v\", \"title\": \"Cook\", \"version\": 2}\n\
        {\"delete\": \"v\"}\n{\"id\": \"v\", \"title\": \"Cook\"}\n";
    let auto = ["--mapping", "auto"].as_slice();
    for (name, text, how, exit, expected) in [
        ("gap.csv", GAP, auto, 5, [4, 0, 0, 0, 1]),
        ("alike.csv", ALIKE, auto, 0, [2, 2, 0, 0, 0]),
        (
            "versions.ndjson",
            versions,
            &["--kind", "jobs"],
            0,
            [2, 0, 1, 1, 0],
        ),
    ] {
        let file = file(name, text);
        let base = [&["load", file.path(), "--json", "--url", &url], how].concat();
        let dry = said(&[&base[..], &["--dry-run"]].concat());
        let real = said(&base);
        for (which, (code, stderr, report)) in [("dry", &dry), ("real", &real)] {
            let found = members.map(|member| report["summary"][member].as_u64());
            assert_eq!(
                found,
                expected.map(Some),
                "{name} {which}: {stderr} {report}"
            );
            assert_eq!(*code, Some(exit), "{name} {which}");
        }
        let hints = dry.2["files"][0]["hints"].to_string();
        assert_eq!(
            hints.contains("which they replace"),
            name == "alike.csv",
            "{hints}"
        );
    }
    for id in ["A1", "A2", "A4", "A5"] {
        server.get(&format!("/v1/jobs/{id}")).expect(200);
    }
}

#[test]
fn a_record_without_the_id_is_named_and_a_hash_says_what_it_replaces() {
    let gap = file("gap-named.csv", GAP);
    let base = [
        "load",
        gap.path(),
        "--mapping",
        "auto",
        "--dry-run",
        "--json",
    ];
    let (_, stderr, report) = said(&base);
    assert!(stderr.contains("id = Job ID"), "{stderr}");
    let reject = &report["rejected"][0];
    assert_eq!(
        (&reject["code"], &reject["field"]),
        (&json!("missing"), &json!("id"))
    );
    assert!(
        reject["first"].as_str().unwrap().contains("line 4"),
        "{reject}"
    );
    let (code, _, mapped) = said(&["map", gap.path(), "--json"]);
    assert_eq!((code, &mapped["made"]), (Some(0), &json!(4)));
    let note = mapped["fields"][0]["notes"][0].as_str().unwrap();
    assert!(note.starts_with("1 of 5 records"), "{note}");
    let alike = file("alike-named.csv", ALIKE);
    let (_, stderr, _) = said(&["load", alike.path(), "--mapping", "auto", "--dry-run"]);
    assert!(stderr.contains("2 of 4 records"), "{stderr}");
}

const NUL: &[u8] = b"id,title\n1,Cook of \0 many meals\n2,Baker of \0 bread\n";

#[test]
fn what_has_no_record_is_loaded_as_nothing_and_says_why() {
    let nul = file("nul.csv", NUL);
    let empty = file("empty.csv", "");
    let header = file("header.csv", "id,title\n");
    let good = file("good.csv", "id,job title\n1,Cook\n");
    let load = |paths: &[&str]| {
        let how = ["--mapping", "auto", "--dry-run", "--json"];
        said(&[&["load"], paths, &how].concat())
    };
    for (path, exit, expected) in [
        (nul.path(), 5, "NUL bytes"),
        (empty.path(), 0, "there is no record in it"),
        (header.path(), 0, "there is no record in it"),
    ] {
        let (code, stderr, report) = load(&[path]);
        assert_eq!(code, Some(exit), "{path}: {stderr} {report}");
        assert!(report.to_string().contains(expected), "{report}");
        assert!(
            !stderr.contains("taken for") && !stderr.contains("id ="),
            "{stderr}"
        );
        // The kind is that of the first file that has a record.
        let (code, stderr, report) = load(&[path, good.path()]);
        assert_eq!(code, Some(exit), "{path}: {stderr} {report}");
        assert!(stderr.contains("good.csv: taken for jobs"), "{stderr}");
        assert_eq!(report["summary"]["created"], 1);
    }
}

#[test]
fn map_says_in_plain_words_what_it_cannot_look_at() {
    let nul = file("nul-map.csv", NUL);
    let empty = file("empty-map.csv", "");
    let header = file("header-map.csv", "id,title\n");
    for (path, expected) in [
        (nul.path(), "line 2: it has NUL bytes"),
        (empty.path(), "it is empty"),
        (header.path(), "it has a header and no row below it"),
        (".", "it is a folder; name a file in it"),
        ("no-such.csv", "no-such.csv: there is no such file"),
    ] {
        let (code, stderr, _) = said(&["map", path]);
        assert_eq!(code, Some(1), "{path}: {stderr}");
        assert!(
            stderr.contains(expected) && !stderr.contains("line 0"),
            "{stderr}"
        );
    }
}
