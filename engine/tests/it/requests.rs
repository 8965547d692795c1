//! Random requests of every form, made of the documents they look for.

use serde_json::{Value, json};
use tandem_engine::{Center, Condition, FacetRequest, Near, Request, Source, WordsRule};

use crate::corpus::Corpus;
use crate::support::{NOW_MS, Rng};

const KINDS: [&str; 2] = ["jobs", "candidates"];

fn words_of(document: &Value) -> Vec<&str> {
    let texts = ["title", "headline", "description", "text", "company"];
    let texts = texts
        .into_iter()
        .filter_map(|name| document.get(name)?.as_str());
    texts
        .flat_map(str::split_whitespace)
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect()
}

/// A few words of a document.
pub(crate) fn plain_words(rng: &mut Rng, document: &Value, most: usize) -> String {
    let words: Vec<&str> = words_of(document)
        .into_iter()
        .filter(|word| word.chars().all(char::is_alphanumeric))
        .collect();
    let count = if words.is_empty() {
        0
    } else {
        1 + rng.below(most)
    };
    let chosen: Vec<&str> = (0..count).map(|_| *rng.pick(&words)).collect();
    chosen.join(" ")
}

/// A query as a person might type it, in every part of the language.
pub(crate) fn typed(rng: &mut Rng, documents: &[Value]) -> String {
    if rng.chance(5) {
        return String::new();
    }
    let words = words_of(rng.pick(documents));
    if words.is_empty() {
        return "engineer".into();
    }
    let mut clauses = Vec::new();
    for _ in 0..=rng.below(4) {
        let at = rng.below(words.len());
        let word = words[at];
        clauses.push(match rng.below(12) {
            0 => format!("+{word}"),
            1 => format!("-{word}"),
            2 => format!("title:{word}"),
            3 => format!("\"{}\"", words[at..words.len().min(at + 2)].join(" ")),
            4 => mistyped(rng, word),
            5 => words[at..words.len().min(at + 2)].concat(),
            _ => word.to_owned(),
        });
    }
    let mut text = clauses.join(" ");
    if rng.chance(20) {
        // Somebody still types.
        text.pop();
    }
    text
}

// A word with two letters swapped or one left out.
fn mistyped(rng: &mut Rng, word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = rng.below(letters.len());
    if rng.chance(50) {
        letters.remove(at);
    } else {
        letters.swap(at, at.saturating_sub(1));
    }
    letters.into_iter().collect()
}

fn source(rng: &mut Rng, corpus: &Corpus, to: &str) -> Source {
    let kind = *rng.pick(&KINDS);
    let document = rng.pick(corpus.of(kind)).clone();
    match rng.below(10) {
        0..=4 => Source::Query {
            q: typed(rng, corpus.of(to)),
            vector: None,
        },
        5..=6 => Source::Stored {
            kind: kind.into(),
            id: document["id"].as_str().unwrap().into(),
        },
        7 => Source::Inline {
            kind: kind.into(),
            document,
        },
        _ => Source::Text {
            kind: kind.into(),
            text: words_of(&document).join(" "),
        },
    }
}

fn condition(rng: &mut Rng, corpus: &Corpus, to: &str) -> (String, Condition) {
    let value = |rng: &mut Rng, member: &str, part: &str| -> Value {
        let held = (0..50).find_map(|_| {
            let value = rng.pick(corpus.of(to)).get(member)?;
            let value = if part.is_empty() {
                Some(value)
            } else {
                value.get(part)
            };
            value.filter(|value| value.is_string()).cloned()
        });
        held.unwrap_or_else(|| json!("none"))
    };
    let any = |values: Vec<Value>| Condition {
        any: Some(values),
        ..Condition::default()
    };
    let (name, mut condition) = match rng.below(6) {
        0 => {
            let values = vec![
                value(rng, "location", "country"),
                value(rng, "location", "country"),
            ];
            ("location.country", any(values))
        }
        1 => ("remote", any(vec![json!("remote"), json!("hybrid")])),
        2 => {
            let all = Condition {
                none: vec![json!("Microsoft Excel"), json!("Python")],
                ..Condition::default()
            };
            ("skills", all)
        }
        3 => {
            let name = if to == "jobs" {
                "pay.min"
            } else {
                "pay_wanted.min"
            };
            let range = Condition {
                gte: Some(json!(30_000 + rng.below(60_000))),
                ..Condition::default()
            };
            (name, range)
        }
        4 => {
            let name = if to == "jobs" {
                "posted_at"
            } else {
                "updated_at"
            };
            let range = Condition {
                gt: Some(json!("2026-10-01")),
                lte: Some(json!("2026-11-15")),
                ..Condition::default()
            };
            (name, range)
        }
        _ => {
            let wanted = any(vec![value(rng, "category", ""), value(rng, "category", "")]);
            ("category", wanted)
        }
    };
    condition.include_unknown = rng.chance(30);
    (name.to_owned(), condition)
}

/// A request for a search, match or list of similar documents.
pub(crate) fn random(rng: &mut Rng, corpus: &Corpus) -> Request {
    let to = *rng.pick(&KINDS);
    let mut request = Request::new(source(rng, corpus, to), Some(to.into()), NOW_MS);
    for _ in 0..rng.below(3) {
        let condition = condition(rng, corpus, to);
        if request.filters.iter().all(|held| held.0 != condition.0) {
            request.filters.push(condition);
        }
    }
    if rng.chance(40) {
        request.facets = ["category", "location.country", "skills", "remote"]
            .into_iter()
            .take(1 + rng.below(4))
            .map(|name| FacetRequest::new(name, 1 + rng.below(30)))
            .collect();
    }
    if rng.chance(20) {
        let sorts: [&[&str]; 4] = [
            &["-score"],
            &["category", "score"],
            &["-location.city"],
            &["remote"],
        ];
        request.sort = rng
            .pick(&sorts)
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
    }
    if rng.chance(20) {
        request.weights = vec![
            ("text".into(), 10.0),
            ("place".into(), rng.below(100) as f64),
        ];
    }
    if rng.chance(30) {
        narrow(rng, corpus, to, &mut request);
    }
    request.words = *rng.pick(&[WordsRule::Most, WordsRule::All, WordsRule::Any]);
    request.highlight = rng.chance(30);
    request.limit = *rng.pick(&[1, 10, 50]);
    request
}

// A Boolean expression of a document's words and a column.
fn expression(rng: &mut Rng, documents: &[Value]) -> String {
    let mut word = || {
        let document = rng.below(documents.len());
        let text = plain_words(rng, &documents[document], 1);
        if text.is_empty() {
            "team".into()
        } else {
            text.to_lowercase()
        }
    };
    let (a, b, c) = (word(), word(), word());
    format!("({a} OR \"{b}\" OR remote:HYBRID) AND NOT skills:{c}")
}

// What makes a match set smaller or an order other, beside filters on columns.
fn narrow(rng: &mut Rng, corpus: &Corpus, to: &str, request: &mut Request) {
    let pay = if to == "jobs" { "pay" } else { "pay_wanted" };
    if matches!(request.source, Source::Query { .. }) && rng.chance(40) {
        request.source = Source::Query {
            q: expression(rng, corpus.of(to)),
            vector: None,
        };
    }
    if rng.chance(30) {
        let place = *rng.pick(&["Berlin", "London", "Austin, TX"]);
        request.near = Some(Near {
            center: Center::Place(place.into()),
            km: *rng.pick(&[50.0, 500.0, 5_000.0]),
            include_unknown: rng.chance(50),
        });
        if rng.chance(30) {
            request.sort = vec!["distance".into()];
        }
    }
    if rng.chance(40) {
        let range = Condition {
            gte: Some(json!(2_000 + rng.below(4_000))),
            currency: Some((*rng.pick(&["EUR", "USD", "INR"])).into()),
            period: Some("month".into()),
            include_unknown: rng.chance(50),
            ..Condition::default()
        };
        request.filters.push((pay.into(), range));
    }
    if rng.chance(30) {
        let field = if to == "jobs" { "company" } else { "category" };
        request.max_per = Some((field.into(), 1 + rng.below(3)));
    }
    if rng.chance(20) {
        request.sort = vec![format!("-{pay}"), "location.country".into()];
    }
    if rng.chance(30) {
        let ids = corpus.of(to).iter().step_by(3);
        request.exclude = ids
            .map(|document| document["id"].as_str().unwrap().to_owned())
            .collect();
    }
    if rng.chance(50) {
        let mut ranges = FacetRequest::new(pay, 10);
        ranges.ranges = Some(vec![json!(30_000), json!(60_000), json!(90_000)]);
        let mut skills = FacetRequest::new("skills", 5);
        skills.search = Some("p".into());
        request.facets = vec![ranges, skills, FacetRequest::new("location", 3)];
    }
}
