//! A table of rates of the user's own, with the real binary.

use serde_json::{Value, json};

use crate::server::{Server, TempFile, tandem};

// Two dollars are a euro, so that nobody takes it for the built-in table.
const RATES: &str = "# ours\ndate\t2030-01-02\nsource\tour bank\nUSD\t2\tfixed\nSEK\t10\n";

fn with_jobs(arguments: &[&str]) -> Server {
    let server = Server::start(arguments);
    for (id, amount, currency) in [
        ("dollars", 100_000, "USD"),
        ("euros", 50_001, "EUR"),
        ("crowns", 490_000, "SEK"),
        ("pounds", 900_000, "GBP"),
    ] {
        let pay = json!({"min": amount, "max": amount, "currency": currency});
        let job = json!({"title": "Nurse", "pay": pay, "location": "London"});
        server.put(&format!("/v1/jobs/{id}"), &job).expect(201);
    }
    server
}

fn found(server: &Server, body: &Value) -> (Vec<String>, Value) {
    let answer = server.post("/v1/search/jobs", body).expect(200);
    let mut ids = answer.ids();
    if body.get("sort").is_none() {
        ids.sort_unstable();
    }
    (ids, answer.json())
}

#[test]
fn everything_converts_with_the_table_that_was_given() {
    let file = TempFile::new(RATES);
    let server = with_jobs(&["--rates", file.path()]);
    let ours = json!({"date": "2030-01-02", "source": "our bank"});
    for (bound, currency, expected) in [
        (50_000, "EUR", vec!["dollars", "euros"]),
        (50_001, "EUR", vec!["euros"]),
        (100_002, "USD", vec!["euros"]),
        (500_000, "SEK", vec!["dollars", "euros"]),
        (490_000, "SEK", vec!["crowns", "dollars", "euros"]),
    ] {
        let filter = json!({"filters": {"pay": {"gte": bound, "currency": currency}}});
        let (ids, answer) = found(&server, &filter);
        assert_eq!(ids, expected, "{bound} {currency}");
        assert_eq!(answer["applied"]["rates"], ours);
    }
    let (ids, answer) = found(&server, &json!({"sort": ["-pay"]}));
    // A currency without a rate in this table is unknown, and stands last.
    assert_eq!(ids, ["euros", "dollars", "crowns", "pounds"]);
    assert_eq!(answer["applied"]["rates"], ours);
    let facet = json!({"field": "pay", "ranges": [49_500, 50_001], "currency": "EUR"});
    let (_, answer) = found(&server, &json!({"facets": [facet]}));
    let counts: Vec<&Value> = answer["facets"]["pay"]
        .as_array()
        .unwrap()
        .iter()
        .map(|range| &range["count"])
        .collect();
    assert_eq!(counts, [1, 1, 1]);
    // The score: who wants 50,000 euros is paid that by 100,000 dollars.
    let wants = json!({"headline": "Nurse", "pay_wanted": {"min": 50_000, "currency": "EUR"}});
    let from = json!({"kind": "candidates", "document": wants});
    let of = |id: &str| {
        let to = json!({"kind": "jobs", "id": id});
        let body = json!({"from": from, "to": to});
        let explained = server.post("/v1/explain", &body).expect(200).json();
        let parts = explained["contributions"].as_array().unwrap();
        let pay = parts.iter().find(|part| part["name"] == "pay").unwrap();
        (pay["points"] == pay["max"], pay["unknown"] == true)
    };
    assert_eq!(of("dollars"), (true, false));
    assert_eq!(of("crowns"), (false, false));
    assert_eq!(of("pounds"), (false, true));
}

#[test]
fn a_currency_the_table_does_not_have_has_no_rate() {
    let file = TempFile::new(RATES);
    let server = with_jobs(&["--rates", file.path()]);
    let refused = server
        .post(
            "/v1/search/jobs",
            &json!({"filters": {"pay": {"gte": 1, "currency": "GBP"}}}),
        )
        .expect(400)
        .json();
    assert_eq!(refused["code"], "invalid_filter");
    let detail = refused["detail"].as_str().unwrap();
    assert!(
        detail.contains("no rate for the currency `GBP`"),
        "{detail}"
    );
    // An amount that cannot be compared stays words; others become filters.
    let understood = |q: &str| {
        let (_, answer) = found(&server, &json!({"q": q}));
        answer["applied"]["understood"].clone()
    };
    assert_eq!(understood("nurse 80k gbp"), json!([]));
    let (_, answer) = found(&server, &json!({"q": "nurse 80k gbp"}));
    let warning = "an amount in GBP stays words: the table of rates has none for it";
    assert_eq!(answer["warnings"], json!([warning]));
    assert_eq!(understood("nurse 80k sek")[0]["as"], "pay");
    // The place's own currency is taken only where it has a rate.
    assert_eq!(
        understood("nurse london 30k")[1]["filter"]["pay"]["currency"],
        "EUR"
    );
}

#[test]
fn without_a_table_and_without_a_source_the_answer_says_which() {
    let built_in = with_jobs(&[]);
    let body = json!({"filters": {"pay": {"gte": 1}}});
    let (ids, answer) = found(&built_in, &body);
    assert_eq!(ids.len(), 4);
    let source = &answer["applied"]["rates"]["source"];
    assert!(
        source
            .as_str()
            .unwrap()
            .starts_with("European Central Bank")
    );
    let file = TempFile::new("date\t2030-01-02\nUSD\t2\n");
    let named = with_jobs(&["--rates", file.path()]);
    let (_, answer) = found(&named, &body);
    let name = file.0.file_name().unwrap().to_str().unwrap();
    assert_eq!(answer["applied"]["rates"]["source"], name);
}

#[test]
fn a_table_that_cannot_be_used_ends_the_start_with_line_and_reason() {
    let cases = [
        ("date\t2030-01-02\nUSD\t1,1\n", "line 2: `1,1` is no rate"),
        (
            "date\t2030-01-02\nDOLLAR\t1\n",
            "line 2: `DOLLAR` is no ISO 4217 code",
        ),
        (
            "date\tyesterday\nUSD\t1\n",
            "line 1: `yesterday` is no date",
        ),
        ("USD\t1\nUSD\t1\n", "line 2: USD stands on line 1 already"),
        ("USD\t1\n", "needs a line `date`"),
        ("", "has no rate"),
        ("USD\t1e15\n", "to 1000000000000)"),
    ];
    let missing = ["serve", "--rates", "no such folder/rates.tsv"];
    let ended = tandem(&missing).output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(
        said.contains("cannot read no such folder/rates.tsv"),
        "{said}"
    );
    for (text, reason) in cases {
        let file = TempFile::new(text);
        for command in ["serve", "demo"] {
            let listen = ["--listen", "127.0.0.1:0", "--rates", file.path()];
            let mut command = tandem(&[command]);
            let ended = command.args(listen).output().unwrap();
            let said = String::from_utf8(ended.stderr).unwrap();
            assert_eq!(ended.status.code(), Some(2), "{said}");
            assert!(said.contains(reason), "{said}");
            assert!(said.contains(file.path()), "{said}");
        }
    }
}
