//! The command line against a running server.

use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::server::{Server, TempFile, run, tandem};

fn parsed(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|cause| {
        panic!("{cause}: {text}{}", String::from_utf8_lossy(&output.stderr))
    })
}

#[test]
fn what_is_loaded_is_found_matched_and_explained() {
    let server = Server::start(&[]);
    let url = server.url();
    let made = run(
        &["sample", "--jobs", "20", "--candidates", "0", "--seed", "3"],
        "",
    );
    let jobs = String::from_utf8(made.stdout).unwrap();
    assert_eq!(jobs.lines().count(), 20);
    let loaded = run(&["load", "-", "--kind", "jobs", "--url", &url], &jobs);
    assert_eq!(
        (
            loaded.status.code(),
            parsed(&loaded)["summary"]["created"].as_u64()
        ),
        (Some(0), Some(20))
    );

    let found = run(&["search", "jobs", "--limit", "3", "--url", &url], "");
    assert_eq!(parsed(&found)["hits"].as_array().unwrap().len(), 3);
    let filtered = run(
        &[
            "search",
            "jobs",
            "--filter",
            "years_min=0..50",
            "--url",
            &url,
        ],
        "",
    );
    assert!(filtered.status.success(), "{filtered:?}");
    let matched = run(
        &[
            "match",
            "--text",
            "-",
            "--kind",
            "candidates",
            "--url",
            &url,
        ],
        "Nurse and Python developer",
    );
    let id = parsed(&matched)["hits"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let explained = run(
        &[
            "explain",
            "--query",
            "nurse",
            "--to",
            &format!("jobs/{id}"),
            "--url",
            &url,
        ],
        "",
    );
    assert_eq!(parsed(&explained)["id"], id.as_str());
    let ranked = run(
        &[
            "rank", "--query", "", "--to", "jobs", "--ids", &id, "--url", &url,
        ],
        "",
    );
    assert_eq!(parsed(&ranked)["hits"][0]["id"], id.as_str());
}

#[test]
fn rejected_lines_are_counted_kept_and_shown_in_the_exit_code() {
    let server = Server::start(&[]);
    let rejects = TempFile::new("");
    let input = "{\"id\": \"1\", \"title\": \"x\"}\nnonsense\n{\"id\": \"2\", \"titel\": \"x\"}\n";
    let arguments = [
        "load",
        "-",
        "--kind",
        "jobs",
        "--rejects",
        rejects.path(),
        "--url",
        &server.url(),
    ];
    let loaded = run(&arguments, input);
    assert_eq!(loaded.status.code(), Some(5));
    let counts = parsed(&loaded);
    assert_eq!(
        (
            &counts["summary"]["created"],
            &counts["summary"]["rejected"]
        ),
        (&Value::from(1), &Value::from(2))
    );
    let kept = std::fs::read_to_string(&rejects.0).unwrap();
    let lines: Vec<Value> = kept
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[0]["line"], &lines[1]["line"]),
        (&Value::from(2), &Value::from(3))
    );
}

#[test]
fn errors_have_their_exit_code_and_say_what_to_do() {
    let server = Server::start(&[]);
    let url = server.url();
    let cases: [(&[&str], i32, &str); 6] = [
        (
            &["search", "jobs", "--url", "http://127.0.0.1:1"],
            3,
            "tandem serve",
        ),
        (
            &["search", "jobs", "--url", "ftp://x"],
            2,
            "not an http URL",
        ),
        (&["search", "job", "--url", &url], 4, "did you mean jobs?"),
        (
            &["match", "--from", "nonsense", "--url", &url],
            2,
            "KIND/ID",
        ),
        (
            &["load", "/nowhere.ndjson", "--kind", "jobs", "--url", &url],
            1,
            "cannot read",
        ),
        (&["frobnicate"], 2, "Usage"),
    ];
    for (arguments, code, expected) in cases {
        let ended = run(arguments, "");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn the_demo_is_a_server_with_documents() {
    let mut child = tandem(&[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--jobs",
        "30",
        "--candidates",
        "30",
    ])
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line.trim().rsplit(' ').next().unwrap().to_owned();
    let found = run(&["search", "candidates", "--url", &url], "");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(parsed(&found)["total"]["value"], 30);
}

#[test]
fn version_and_description_are_printed() {
    let version = parsed(&run(&["version", "--json"], ""));
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(parsed(&run(&["openapi"], ""))["openapi"], "3.1.0");
}

/// A server with a few documents.
fn filled() -> Server {
    let server = Server::start(&[]);
    let cities = [("Berlin", 52.52, 13.4), ("Hamburg", 53.55, 9.99)];
    let job = |n: usize| {
        let (city, lat, lon) = cities[n % 2];
        let title = ["Data engineer", "Registered nurse"][n % 2];
        json!({"id": format!("j-{n:02}"), "title": title, "company": format!("Firm {}", n % 3),
            "location": {"city": city, "country": "DE", "lat": lat, "lon": lon},
            "pay": {"min": 40_000 + 1_000 * n, "currency": "EUR"}})
        .to_string()
    };
    let jobs: Vec<String> = (0..20).map(job).collect();
    server.bulk("jobs", &jobs.join("\n")).expect(207);
    server
}

fn ids(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["id"].as_str().unwrap()).collect()
}

#[test]
fn options_of_a_search_become_its_members() {
    let server = filled();
    let url = server.url();
    let ask = |arguments: &[&str]| {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--url", &url]).collect();
        parsed(&run(&arguments, ""))
    };
    let near = ask(&[
        "search",
        "jobs",
        "--near",
        "52.5,13.4",
        "--km",
        "20",
        "--sort=-pay.min",
    ]);
    assert_eq!(ids(&near)[..2], ["j-18", "j-16"]);
    assert_eq!(near["total"]["value"], 10);
    let by_pay = ask(&[
        "search",
        "jobs",
        "--filter",
        "pay=50000..",
        "--filter",
        "pay.currency=EUR",
        "--facet",
        "company",
        "--facet",
        "pay=45000,55000",
    ]);
    assert_eq!(by_pay["total"]["value"], 10);
    assert_eq!(
        by_pay["facets"]["pay"].as_array().unwrap().len(),
        3,
        "{by_pay}"
    );
    let capped = ask(&[
        "search",
        "jobs",
        "engineer",
        "--max-per",
        "company=1",
        "--exclude",
        "j-00,j-02",
    ]);
    assert_eq!(ids(&capped).len(), 3);
    let boolean = ask(&[
        "search",
        "jobs",
        "nurse OR NOT nurse",
        "--boolean",
        "--limit",
        "20",
    ]);
    assert_eq!(ids(&boolean).len(), 20);
    let whole = ask(&["search", "jobs", "--limit", "9", "--sort", "-pay.min"]);
    let second = ask(&[
        "search", "jobs", "--limit", "3", "--page", "2", "--sort", "-pay.min",
    ]);
    assert_eq!(ids(&second), ids(&whole)[3..6]);
    let refused = run(&["search", "jobs", "--page", "9", "--url", &url], "");
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("only 2 pages"), "{said}");
    let whole = [
        "search", "jobs", "--page", "2", "--limit", "50", "--url", &url,
    ];
    let said = String::from_utf8(run(&whole, "").stderr).unwrap();
    assert!(said.contains("only 1 page of"), "{said}");
}

#[test]
fn the_environment_names_the_server_and_is_no_part_of_the_usage() {
    let server = filled();
    let with = |arguments: &[&str], url: &str| {
        let mut command = tandem(arguments);
        command.env("TANDEM_URL", url).env("TANDEM_KEY", "x");
        command.output().unwrap()
    };
    let found = parsed(&with(&["search", "jobs"], &server.url()));
    assert_eq!(found["total"]["value"], 20);
    let closed = with(&["search", "jobs"], "http://127.0.0.1:1");
    assert_eq!(closed.status.code(), Some(3));
    let given = ["search", "jobs", "--url", &server.url()];
    assert!(with(&given, "http://127.0.0.1:1").status.success());
    let wrong = with(&["search"], &server.url());
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(said.contains("<KIND>"), "{said}");
    assert!(!said.contains("--url") && !said.contains("--key"), "{said}");
}

#[test]
fn suggestions_and_exports_come_from_the_command_line() {
    let server = filled();
    let url = server.url();
    let suggested = parsed(&run(&["suggest", "jobs", "dat", "--url", &url], ""));
    assert_eq!(suggested["suggestions"][0]["text"], "Data engineer");
    let lines = run(&["export", "jobs", "nurse", "--url", &url], "");
    let lines = String::from_utf8(lines.stdout).unwrap();
    assert_eq!(lines.lines().count(), 10);
    let table = TempFile::new("");
    let arguments = [
        "export",
        "jobs",
        "--format",
        "csv",
        "--fields",
        "title",
        "--out",
        table.path(),
        "--url",
        &url,
    ];
    let kept = run(&arguments, "");
    let said = String::from_utf8_lossy(&kept.stderr).into_owned();
    assert_eq!(kept.status.code(), Some(2), "{said}");
    assert!(
        said.contains("is there already") && said.contains("--force"),
        "{said}"
    );
    assert_eq!(std::fs::read_to_string(&table.0).unwrap(), "");
    let forced = [&arguments[..], &["--force"]].concat();
    assert_eq!(parsed(&run(&forced, ""))["hits"], 20);
    let text = std::fs::read_to_string(&table.0).unwrap();
    assert!(
        text.starts_with("id,score,title\r\n") && text.lines().count() == 21,
        "{text}"
    );
    let cv = [
        "export",
        "--text",
        "-",
        "--kind",
        "candidates",
        "--max-per",
        "company=1",
        "--url",
        &url,
    ];
    let matched = run(&cv, "Registered nurse");
    assert_eq!(
        String::from_utf8(matched.stdout).unwrap().lines().count(),
        3,
        "{:?}",
        matched.stderr
    );
    let wrong = run(&["export", "job", "--url", &url], "");
    assert_eq!(wrong.status.code(), Some(4));
}

#[test]
fn colours_completions_and_help_follow_the_rules() {
    let said = |arguments: &[&str]| String::from_utf8(run(arguments, "").stdout).unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = said(&["completions", shell]);
        assert!(script.contains("explain-plan"), "{shell}");
    }
    let help = said(&["help"]);
    assert!(
        help.contains("Exit codes:") && help.contains("NO_COLOR"),
        "{help}"
    );
    // Every command there is, as the list of them says.
    let listed = help.split("Commands:").nth(1).unwrap();
    let listed = listed.split("Options:").next().unwrap();
    let commands: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() > 15, "{help}");
    for command in commands {
        assert!(
            said(&[command, "--help"]).contains("Examples:"),
            "{command}"
        );
    }
    let wrong = ["match", "--from", "nonsense"];
    let plain = run(&wrong, "").stderr;
    assert!(!plain.contains(&0x1b), "{plain:?}");
    let coloured = run(&[&wrong[..], &["--color", "always"]].concat(), "").stderr;
    assert!(coloured.contains(&0x1b));
    let key = parsed(&run(&["key", "--name", "x", "--json"], ""));
    assert!(key["key"].as_str().unwrap().starts_with("tdm_"));
}
