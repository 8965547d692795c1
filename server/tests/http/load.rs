//! Loads of tables: over HTTP in every content type, and with the command line.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::server::{Answer, Server, TempFile, run, tandem};

pub(crate) const CSV: &str = "text/csv; charset=utf-8";
/// Standard input as jobs, checked and not sent, with a report.
pub(crate) const DRY: [&str; 6] = ["load", "-", "--kind", "jobs", "--dry-run", "--json"];
const TABLE: &str = "id,title,skills,location.city,pay.min\n\
    1,Köchin,Cooking; HACCP,München,30000\n\
    2,\"Cook, night\",,,\n\
    3,too few\n\
    4,Baker,,Ulm,much\n";

pub(crate) fn send(server: &Server, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    server.send("POST", path, headers, body)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_table_is_loaded_row_by_row() {
    let server = Server::start(&[]);
    let lines = send(
        &server,
        "/v1/jobs/bulk",
        &[("content-type", CSV)],
        TABLE.as_bytes(),
    )
    .expect(207)
    .lines();
    let results: Vec<Value> = lines[..4]
        .iter()
        .map(|line| json!([line["line"], line["result"], line["code"], line["pointer"]]))
        .collect();
    assert_eq!(
        results,
        [
            json!([2, "created", null, null]),
            json!([3, "created", null, null]),
            json!([4, "rejected", "invalid_document", ""]),
            json!([5, "rejected", "invalid_document", "/pay/min"]),
        ]
    );
    assert_eq!(lines[4]["summary"]["created"], 2);
    let first = server.get("/v1/jobs/1").expect(200).json();
    assert_eq!(first["skills"], json!(["Cooking", "HACCP"]));
    assert_eq!(first["location"], json!({"city": "München"}));
    assert_eq!(first["pay"], json!({"min": 30_000}));
}

#[test]
fn bodies_are_unpacked_and_told_apart() {
    let server = Server::start(&[]);
    let array =
        b"[{\"id\": \"1\", \"title\": \"Cook\"},\n {\"id\": \"2\", \"title\": \"Baker\"}]".to_vec();
    let lines =
        b"{\"id\": \"1\", \"title\": \"Cook\"}\n{\"id\": \"2\", \"title\": \"Baker\"}\n".to_vec();
    let tabs = b"id\ttitle\n1\tCook\n2\tBaker\n".to_vec();
    let utf16: Vec<u8> = "\u{feff}id,title\n1,Köchin\n2,Bäcker\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let (json, ndjson) = ("application/json", "application/x-ndjson");
    let zst = zstd::encode_all(lines.as_slice(), 3).unwrap();
    for (name, media_type, encoding, body) in [
        ("an array", json, None, array.clone()),
        ("lines called JSON", json, None, lines.clone()),
        ("a packed array", json, Some("gzip"), gzip(&array)),
        ("packed lines", ndjson, Some("gzip"), gzip(&lines)),
        ("zstd", ndjson, Some("zstd"), zst),
        ("tabs", "text/tab-separated-values", None, tabs.clone()),
        (
            "packed tabs",
            "text/tab-separated-values",
            Some("x-gzip"),
            gzip(&tabs),
        ),
        ("UTF-16", CSV, None, utf16),
    ] {
        let mut headers = vec![("content-type", media_type)];
        headers.extend(encoding.map(|encoding| ("content-encoding", encoding)));
        let results = send(&server, "/v1/jobs/bulk", &headers, &body)
            .expect(207)
            .lines();
        let summary = &results.last().unwrap()["summary"];
        assert_eq!(
            (&summary["lines"], &summary["rejected"]),
            (&json!(2), &json!(0)),
            "{name}: {results:?}"
        );
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let server = Server::start(&[]);
    let lines = b"{\"id\": \"1\", \"title\": \"Cook\"}\n".repeat(2_000);
    let cut = gzip(&lines);
    let cut = &cut[..cut.len() - 6];
    let bomb = gzip(&vec![b'\n'; 100 << 20]);
    let ndjson = "application/x-ndjson";
    for (name, media_type, encoding, body, code) in [
        ("cut off", ndjson, "gzip", cut, "invalid_request"),
        (
            "a bomb",
            ndjson,
            "gzip",
            bomb.as_slice(),
            "payload_too_large",
        ),
        (
            "duplicate columns",
            CSV,
            "identity",
            b"id,title,id\n1,2,3\n".as_slice(),
            "invalid_request",
        ),
        (
            "no Parquet",
            "application/vnd.apache.parquet",
            "identity",
            b"nonsense",
            "invalid_request",
        ),
    ] {
        let headers = [("content-type", media_type), ("content-encoding", encoding)];
        let results = send(&server, "/v1/jobs/bulk", &headers, body)
            .expect(207)
            .lines();
        let last = &results[results.len() - 2];
        assert_eq!(last["code"], code, "{name}: {last}");
    }
    let twice = ("content-encoding", "gzip");
    let unknown = [
        (vec![("content-type", "text/plain")], 415),
        (vec![("content-type", CSV), ("content-encoding", "br")], 415),
        (vec![("content-type", CSV), ("content-encoding", "")], 415),
        (vec![("content-type", CSV), twice, twice], 415),
        (vec![], 415),
    ];
    for (headers, status) in unknown {
        send(&server, "/v1/jobs/bulk", &headers, b"id\n1\n").expect(status);
    }
    let headers = [("content-type", CSV)];
    let refused = send(&server, "/v1/jobs/bulk?maping=x", &headers, b"")
        .expect(400)
        .json();
    assert_eq!(refused["errors"][0]["did_you_mean"], "mapping");
    let refused = send(
        &server,
        "/v1/jobs/bulk?mapping=jobs_structurd",
        &headers,
        b"",
    )
    .expect(400)
    .json();
    assert_eq!(refused["errors"][0]["did_you_mean"], "jobs_structured");
}

#[test]
fn a_header_below_titles_is_where_it_is_said_to_be() {
    let server = Server::start(&[]);
    let titled = format!("Open positions\n\n{TABLE}");
    let csv = [("content-type", CSV)];
    for path in [
        "/v1/jobs/bulk?header_row=3",
        "/v1/jobs/bulk?mapping=auto",
        "/v1/jobs/bulk?mapping=auto&header_row=3",
    ] {
        let lines = send(&server, path, &csv, titled.as_bytes())
            .expect(207)
            .lines();
        let first = (&lines[0]["line"], &lines[0]["id"]);
        assert_eq!(first, (&json!(4), &json!("1")), "{path}: {lines:?}");
        let ragged = (&lines[2]["line"], &lines[2]["result"]);
        assert_eq!(ragged, (&json!(6), &json!("rejected")), "{path}: {lines:?}");
    }
    let plain = send(&server, "/v1/jobs/bulk", &csv, TABLE.as_bytes()).lines();
    let first = send(
        &server,
        "/v1/jobs/bulk?header_row=1",
        &csv,
        TABLE.as_bytes(),
    )
    .lines();
    let without_versions = |lines: &[Value]| -> Vec<Value> {
        let lines = lines.iter().filter(|line| line["line"].is_u64());
        lines
            .map(|line| json!([line["line"], line["id"], line["result"], line["detail"]]))
            .collect()
    };
    assert_eq!(without_versions(&first), without_versions(&plain));
    for (row, media_type, said) in [
        ("30", CSV, "ends with row 7"),
        ("2", "application/x-ndjson", "ndjson has no header row"),
    ] {
        let path = format!("/v1/jobs/bulk?header_row={row}");
        let lines = send(
            &server,
            &path,
            &[("content-type", media_type)],
            titled.as_bytes(),
        )
        .expect(207)
        .lines();
        assert_eq!(lines[0]["line"], 0, "{lines:?}");
        assert!(
            lines[0]["detail"].as_str().unwrap().contains(said),
            "{lines:?}"
        );
    }
    for query in ["header_row=0", "header_row=x", "header_row=-1"] {
        let refused = send(&server, &format!("/v1/jobs/bulk?{query}"), &csv, b"");
        let refused = refused.expect(400).json();
        assert_eq!(refused["errors"][0]["pointer"], "/header_row", "{refused}");
    }
}

#[test]
fn a_header_row_is_taken_from_the_command_before_the_mapping() {
    let mapping =
        TempFile::new("kind = \"jobs\"\nheader_row = 2\n[fields]\nid = \"Nr\"\ntitle = \"Name\"\n");
    let base = ["load", "-", "--mapping", mapping.path(), "--dry-run"];
    let at = |row: &'static str| [&base[..], &["--header-row", row]].concat();
    let two = b"Jobs\nNr,Name\n1,Cook\n2\n";
    let three = b"Jobs\nof May\nNr,Name\n1,Cook\n2,Baker\n";
    let loaded = run(&base, two);
    let report = json_of(&loaded);
    assert_eq!(report["summary"]["created"], 1, "{loaded:?}");
    let first = report["rejected"][0]["first"].as_str().unwrap();
    assert!(first.contains("line 4"), "{first}");
    let loaded = run(&at("3"), three);
    assert_eq!(json_of(&loaded)["summary"]["created"], 2, "{loaded:?}");
    assert_eq!(run(&base, three).status.code(), Some(1), "another header");
    let beyond = run(&at("9"), three);
    let stdout = String::from_utf8_lossy(&beyond.stdout).into_owned();
    assert_eq!(beyond.status.code(), Some(1), "{stdout}");
    assert!(stdout.contains("ends with row 5"), "{stdout}");
    for row in ["0", "x", "1.5"] {
        let wrong = run(&at(row), three);
        let stderr = String::from_utf8_lossy(&wrong.stderr).into_owned();
        assert_eq!(wrong.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("rows count from 1"), "{stderr}");
    }
}

pub(crate) fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|cause| panic!("{cause}: {output:?}"))
}

/// A folder that is gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[test]
fn a_folder_of_formats_is_loaded_with_one_report() {
    let server = Server::start(&[]);
    let folder = Folder::new("load-folder");
    let mapping = folder.0.join("map.toml");
    std::fs::write(folder.0.join("a.csv.gz"), gzip(TABLE.as_bytes())).unwrap();
    std::fs::write(
        folder.0.join("b.json"),
        "[{\"id\": \"5\", \"title\": \"x\"},\n{\"id\": \"\"}]",
    )
    .unwrap();
    let lines = "{\"id\": \"7\", \"title\": \"x\"}\n".repeat(3);
    let cut = gzip(lines.repeat(1_000).as_bytes());
    std::fs::write(folder.0.join("c.ndjson"), &cut[..cut.len() - 3]).unwrap();
    std::fs::write(folder.0.join("readme.txt"), "no data").unwrap();
    let rejects = TempFile::new("");
    let path = folder.0.to_str().unwrap();
    let url = server.url();
    let arguments = [
        "load",
        path,
        "--kind",
        "jobs",
        "--rejects",
        rejects.path(),
        "--url",
        &url,
    ];
    let loaded = run(&arguments, b"");
    assert_eq!(
        loaded.status.code(),
        Some(1),
        "a file was cut off: {loaded:?}"
    );
    let report = json_of(&loaded);
    let files = report["files"].as_array().unwrap();
    let counts: Vec<Value> = files
        .iter()
        .map(|file| {
            json!([
                file["format"],
                file["created"],
                file["rejected"],
                file["incomplete"]
            ])
        })
        .collect();
    assert_eq!(counts[0], json!(["csv, gzip, UTF-8", 2, 2, false]));
    assert_eq!(counts[1], json!(["json, UTF-8", 1, 1, false]));
    assert_eq!(counts[2][3], true);
    let text = std::fs::read_to_string(&rejects.0).unwrap();
    let mut found: Vec<(String, u64, String)> = text
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let file = line["file"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
                .to_owned();
            (
                file,
                line["line"].as_u64().unwrap(),
                line["code"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    found.sort();
    let row = |file: &str, line, code: &str| (file.to_owned(), line, code.to_owned());
    assert_eq!(
        found[..3],
        [
            row("a.csv.gz", 4, "ragged"),
            row("a.csv.gz", 5, "invalid_document"),
            row("b.json", 2, "invalid_id"),
        ]
    );
    assert_eq!(
        (found[3].0.as_str(), found[3].2.as_str()),
        ("c.ndjson", "truncated")
    );
    assert!(!mapping.exists());
}

#[test]
fn a_mapping_makes_documents_and_a_dry_run_sends_none() {
    let server = Server::start(&[]);
    let url = server.url();
    let mapping =
        TempFile::new("kind = \"jobs\"\n[fields]\nid = \"Nr\"\ntitle = \"Job Title (EN)\"\n");
    let table = "Nr;Job Title (EN)\n1;Cook\n2;Baker\n";
    let base = ["load", "-", "--mapping", mapping.path(), "--url", &url];
    let dry = run(&[&base[..], &["--dry-run"]].concat(), table.as_bytes());
    assert_eq!(
        (dry.status.code(), &json_of(&dry)["summary"]["created"]),
        (Some(0), &json!(2))
    );
    server.get("/v1/jobs/1").expect(404);
    let limited = run(&[&base[..], &["--limit", "1"]].concat(), table.as_bytes());
    assert_eq!(json_of(&limited)["summary"]["created"], 1, "{limited:?}");
    server.get("/v1/jobs/2").expect(404);
    let loaded = run(&base, table.as_bytes());
    assert_eq!(json_of(&loaded)["summary"]["replaced"], 1);
    assert_eq!(server.get("/v1/jobs/2").json()["title"], "Baker");
    let misfit = run(&base, b"Nr;Title\n1;Cook\n");
    assert_eq!(misfit.status.code(), Some(1));
    assert!(
        misfit
            .stdout
            .windows(14)
            .any(|bytes| bytes == b"Job Title (EN)"),
        "{misfit:?}"
    );
    let other = run(&[&base[..], &["--kind", "candidates"]].concat(), b"");
    assert_eq!(other.status.code(), Some(2));
}

#[test]
fn a_dry_run_finds_what_the_server_would_reject() {
    let table = "id,title,titel\n1,Cook,\n2,Baker,x\n,Smith,\n";
    let dry = run(
        &["load", "-", "--kind", "jobs", "--dry-run", "--rejects", "-"],
        table.as_bytes(),
    );
    assert_eq!(dry.status.code(), Some(5), "{dry:?}");
    let rejects: Vec<Value> = String::from_utf8(dry.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let found: Vec<_> = rejects
        .iter()
        .map(|line| (line["line"].as_u64(), line["field"].as_str()))
        .collect();
    assert_eq!(found, [(Some(3), Some("titel")), (Some(4), Some("id"))]);
    for (arguments, code, said) in [
        (vec!["--kind", "jbos", "--dry-run"], 2, "there is no kind"),
        (
            vec!["--kind", "jobs", "--mapping", "jobs_structurd"],
            2,
            "jobs_structured",
        ),
        (
            vec!["--kind", "jobs", "--format", "ndjsn"],
            2,
            "did you mean ndjson",
        ),
        (vec![], 2, "--kind"),
    ] {
        let ended = run(&[&["load", "-"][..], &arguments[..]].concat(), b"");
        let stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_large_table_takes_little_memory() {
    let mut child = tandem(&DRY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"id,title,description\n").unwrap();
    let text = "a longer description, ".repeat(40);
    let mut sent = 0;
    for block in 0..60 {
        let rows = (0..1_000).fold(String::new(), |mut rows, n| {
            writeln!(rows, "{block}-{n},Cook,\"{text}\"").unwrap();
            rows
        });
        input.write_all(rows.as_bytes()).unwrap();
        sent += rows.len();
    }
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    drop(input);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(json_of(&ended)["summary"]["created"], 60_000);
    let peak_kb: usize = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .map_or(0, |line| {
            line.trim().trim_end_matches(" kB").parse().unwrap()
        });
    assert!(peak_kb < 60_000, "{peak_kb} kB at the peak of {sent} bytes");
}
