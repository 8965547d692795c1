//! `/openapi.json` against what routes really take: every parameter, media type
//! and content encoding that is taken is listed, and every listed one is taken.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::server::{JSON, Server};

/// A route as the description has it.
struct Described {
    method: String,
    path: String,
    parameters: Vec<Value>,
    content: BTreeSet<String>,
}

impl Described {
    fn all(document: &Value) -> Vec<Self> {
        let mut found = Vec::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let content = operation["requestBody"]["content"].as_object();
                found.push(Self {
                    method: method.to_uppercase(),
                    // A route of its own for each kind of variable part.
                    path: path
                        .replace("{kind}", "jobs")
                        .replace("{id}", "nobody")
                        .replace("{file}", "app.css"),
                    parameters: operation["parameters"].as_array().unwrap().clone(),
                    content: content
                        .map(|content| content.keys().cloned().collect())
                        .unwrap_or_default(),
                });
            }
        }
        found
    }

    fn listed(&self, place: &str) -> impl Iterator<Item = &Value> {
        self.parameters
            .iter()
            .filter(move |parameter| parameter["in"] == place)
    }

    fn names(&self) -> BTreeSet<String> {
        let names = self
            .listed("query")
            .map(|one| one["name"].as_str().unwrap());
        names.map(str::to_owned).collect()
    }

    /// Whether the route takes a parameter, whatever its value.
    fn takes(&self, server: &Server, name: &str, value: &str) -> bool {
        let path = format!("{}?{name}={}", self.path, value.replace(' ', "+"));
        // Nothing is written: the body is empty.
        let media_type = self.content.first().map_or(JSON, String::as_str);
        let answer = server.send(&self.method, &path, &[("content-type", media_type)], b"");
        answer.status < 400 || {
            assert!(
                !answer.body.is_empty(),
                "{} {path}: {answer:?}",
                self.method
            );
            let problem = answer.json();
            let pointer = problem["errors"][0]["pointer"].as_str().unwrap_or_default();
            !(problem["code"] == "unknown_member" && pointer == format!("/{name}"))
        }
    }
}

/// Every word that could be the name of a parameter: those of the contract and
/// of the description.
fn words(document: &Value) -> BTreeSet<String> {
    let contract = include_str!("../../../docs/api.md");
    let text = format!("{contract}\n{document}");
    let letters = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
    let words = text
        .split(|c: char| !letters(c))
        .map(|word| word.trim_matches('.'));
    words
        .filter(|word| (1..=20).contains(&word.len()))
        .map(str::to_owned)
        .collect()
}

/// Whether a word is the name listed, with a name in the place of `FIELD`.
fn stands_for(listed: &str, word: &str) -> bool {
    let parts = listed
        .split_once("FIELD")
        .or_else(|| listed.split_once("NAME"));
    let Some((before, behind)) = parts else {
        return listed == word;
    };
    let inside = word
        .strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(behind));
    inside.is_some_and(|name| !name.is_empty())
}

// The page's parameters are its own state: it takes all and lists none.
fn is_page(route: &Described) -> bool {
    route.path == "/" || route.path.starts_with("/page/")
}

#[test]
fn every_parameter_a_route_takes_is_listed_and_every_listed_one_taken() {
    let server = Server::start(&[]);
    let document = server.get("/openapi.json").json();
    let words = words(&document);
    assert!(words.len() > 500, "{}", words.len());
    let (mut listed, mut routes) = (0, 0);
    for route in Described::all(&document)
        .iter()
        .filter(|route| !is_page(route))
    {
        let names = route.names();
        for parameter in route.listed("query") {
            let name = parameter["name"].as_str().unwrap();
            let name = name.replace("FIELD", "pay").replace("NAME", "text");
            let value = parameter["example"].as_str().unwrap_or_default();
            assert!(route.takes(&server, &name, value), "{} {name}", route.path);
            listed += 1;
        }
        // A route that takes none says so of the first, whatever its name.
        let tried: Vec<&String> = if names.is_empty() {
            words.iter().take(3).collect()
        } else {
            words.iter().collect()
        };
        for word in tried {
            let is_listed = names.iter().any(|name| stands_for(name, word));
            let taken = route.takes(&server, word, "x");
            assert_eq!(taken, is_listed, "{} {} {word}", route.method, route.path);
        }
        routes += 1;
    }
    assert!(listed > 30 && routes > 15, "{listed} {routes}");
}

#[test]
fn every_body_a_route_takes_is_listed_and_every_listed_one_taken() {
    let server = Server::start(&[]);
    let document = server.get("/openapi.json").json();
    let routes = Described::all(&document);
    let mut types: BTreeSet<&str> = routes
        .iter()
        .flat_map(|route| route.content.iter().map(String::as_str))
        .collect();
    assert!(types.contains("text/csv") && types.len() >= 9, "{types:?}");
    types.extend([
        "text/plain",
        "text/html",
        "application/xml",
        "application/zip",
    ]);
    types.extend([
        "application/octet-stream",
        "multipart/form-data",
        "text/json",
    ]);
    for route in routes.iter().filter(|route| !route.content.is_empty()) {
        let unsupported = |headers: &[(&str, &str)]| {
            let answer = server.send(&route.method, &route.path, headers, b"");
            answer.status == 415
        };
        for media_type in &types {
            let is_listed = route.content.contains(*media_type);
            let taken = !unsupported(&[("content-type", media_type)]);
            assert_eq!(taken, is_listed, "{} {media_type}", route.path);
        }
        let own = route.content.first().unwrap();
        let header = route
            .listed("header")
            .find(|header| header["name"] == "Content-Encoding");
        for encoding in ["gzip", "x-gzip", "zstd", "br", "deflate", "compress"] {
            let is_listed = header.is_some_and(|header| {
                let known = header["schema"]["enum"].as_array().unwrap();
                known.iter().any(|one| one == encoding)
            });
            let taken = !unsupported(&[("content-type", own), ("content-encoding", encoding)]);
            assert_eq!(taken, is_listed, "{} {encoding}", route.path);
        }
    }
}
