//! The requests of docs/api.md and README.md, sent as they stand there to the
//! demo; those that look for something find something.

use serde_json::Value;

use crate::server::{Answer, JSON, Server, TempFile, tandem};

fn demo() -> Server {
    Server::spawn(tandem(&["demo", "--listen", "127.0.0.1:0"]))
}

/// Whether an answer of this path has a hit, or is of a route without hits.
fn finds(path: &str, answer: &Answer) -> bool {
    let full = |value: &Value| value.as_array().is_some_and(|list| !list.is_empty());
    let hit = |answer: &Value| full(&answer["hits"]) || answer["total"]["value"].as_u64() > Some(0);
    if path.starts_with("/v1/export/") {
        // A table has a line of names in front.
        return answer.text().lines().count() > 1;
    }
    if path.starts_with("/v1/suggest/") {
        return full(&answer.json()["suggestions"]);
    }
    if path == "/v1/explain" {
        return answer.json()["score"].as_u64() > Some(0);
    }
    if path == "/v1/search" {
        let answers = answer.json()["answers"].take();
        let mut answers = answers.as_array().unwrap().iter();
        return answers.all(|one| hit(&one["answer"]));
    }
    let asks = ["/v1/search/", "/v1/match", "/v1/rank"];
    !asks.iter().any(|route| path.starts_with(route)) || hit(&answer.json())
}

#[test]
fn every_request_of_the_contract_is_answered() {
    let server = demo();
    let contract = include_str!("../../../docs/api.md");
    let mut requests = 0;
    for block in contract.split("```json\n").skip(1) {
        let (block, _) = block.split_once("\n```").unwrap();
        let (head, body) = block.split_once('\n').unwrap_or((block, ""));
        let Some((method, path)) = head
            .split_once(' ')
            .filter(|(_, path)| path.starts_with("/v1/"))
        else {
            continue;
        };
        let media_type = match method {
            "PATCH" => "application/merge-patch+json",
            _ => JSON,
        };
        let headers = [("content-type", media_type)];
        let answer = server.send(method, path, &headers, body.as_bytes());
        assert!(answer.status < 300, "{block}\n{}", answer.text());
        assert!(finds(path, &answer), "{block}\n{}", answer.text());
        requests += 1;
    }
    assert!(requests >= 15, "{requests}");
    for line in contract
        .lines()
        .filter_map(|line| line.strip_prefix("`GET /v1/"))
    {
        let path = format!("/v1/{}", line.split('`').next().unwrap());
        let answer = server.get(&path).expect(200);
        assert!(finds(&path, &answer), "{path}\n{}", answer.text());
    }
}

/// The words of a shell's commands: quotes, no variables; a line ends a command
/// outside quotes.
fn commands(script: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let (mut word, mut quote, mut open) = (String::new(), None, false);
    for c in script.chars().chain(['\n']) {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (None, '\'' | '"') => (quote, open) = (Some(c), true),
            (None, ' ' | '\n') => {
                if open {
                    commands.last_mut().unwrap().push(std::mem::take(&mut word));
                }
                open = false;
                if c == '\n' {
                    commands.push(Vec::new());
                }
            }
            (Some(_) | None, c) => {
                word.push(c);
                open = true;
            }
        }
    }
    commands
}

#[test]
fn every_example_of_the_readme_finds_something() {
    let server = demo();
    let cv = TempFile::new("Registered nurse, 6 years in emergency care, triage");
    let table = TempFile::new("");
    let readme = include_str!("../../../README.md");
    let blocks = readme.split("```sh\n").skip(1);
    let blocks = blocks.map(|block| block.split_once("\n```").unwrap().0);
    let (mut curls, mut runs) = (0, 0);
    for command in blocks.flat_map(commands) {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let shown = words.join(" ");
        match words[..] {
            ["curl", ..] => {
                curl(&server, &words, &shown);
                curls += 1;
            }
            [
                "tandem",
                verb @ ("search" | "match" | "explain" | "suggest" | "export"),
                ref rest @ ..,
            ] => {
                let mut arguments = vec![verb];
                arguments.extend(rest.iter().map(|word| match *word {
                    "cv.txt" => cv.path(),
                    "hits.csv" => table.path(),
                    word => word,
                }));
                if verb == "export" {
                    arguments.push("--force");
                }
                let output = tandem(&arguments)
                    .env("TANDEM_URL", server.url())
                    .output()
                    .unwrap();
                assert!(output.status.success(), "{shown}: {output:?}");
                let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
                let found = match verb {
                    "explain" => answer["score"].as_u64() > Some(0),
                    "export" => answer["hits"].as_u64() > Some(0),
                    "suggest" => answer["suggestions"][0].is_object(),
                    _ => answer["hits"][0].is_object(),
                };
                assert!(found, "{shown}: {answer}");
                runs += 1;
            }
            _ => {}
        }
    }
    assert!(curls >= 6 && runs >= 4, "{curls} {runs}");
}

fn curl(server: &Server, words: &[&str], shown: &str) {
    let (mut method, mut headers, mut body, mut url) = (None, Vec::new(), "", "");
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        match *word {
            "-H" => headers.extend(rest.next().unwrap().split_once(": ")),
            "-X" => method = rest.next().copied(),
            "-d" => body = rest.next().unwrap(),
            word => url = word,
        }
    }
    let path = url.strip_prefix("http://127.0.0.1:7700").unwrap();
    let method = method.unwrap_or(if body.is_empty() { "GET" } else { "POST" });
    let answer = server.send(method, path, &headers, body.as_bytes());
    assert!(answer.status < 300, "{shown}\n{}", answer.text());
    assert!(finds(path, &answer), "{shown}\n{}", answer.text());
}
