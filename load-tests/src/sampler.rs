//! Asks the server what it holds and makes requests from that. Uses only
//! documented routes, before the run starts.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::ask;
use crate::args::{ServerArgs, WorkArgs};
use crate::client::{Client, Prepared};
use crate::error::Error;
use crate::random::Random;
use crate::requests::{Work, post};
use crate::words::{self, Style, Vocabulary};

const TIMEOUT: Duration = Duration::from_secs(30);
const PAGE_HITS: usize = 500;
/// Text fields a kind may have; those the server does not know are left out.
const TITLE_FIELDS: [&str; 3] = ["title", "headline", "occupation"];
/// Facet fields a kind may have.
const FACET_FIELDS: [&str; 9] = [
    "company",
    "skills",
    "remote",
    "location.country",
    "location.city",
    "employment",
    "category",
    "industry",
    "language",
];
const FACET_VALUES: usize = 50;
const JOBS: &str = "jobs";
const CANDIDATES: &str = "candidates";

/// Requests made from what the server holds, in an order given by the seed.
pub(crate) async fn sample(
    work: Work,
    server: &ServerArgs,
    args: &WorkArgs,
) -> Result<Vec<Prepared>, Error> {
    let mut client = Client::new(&server.url, TIMEOUT)?;
    client.connect().await?;
    let distinct = args.distinct as usize;
    let matches = match work {
        Work::Search => 0,
        Work::Match => distinct,
        Work::Mix => (distinct as f64 * args.matches).round() as usize,
    };
    let mut random = Random::new(args.seed);
    let mut requests = Vec::with_capacity(distinct);
    if matches < distinct {
        let vocabulary = learn(&mut client, &args.kind, args.sample as usize).await?;
        let style = Style {
            filtered: args.filtered,
            faceted: args.faceted,
            limit: args.limit,
        };
        let path = format!("/v1/search/{}", args.kind);
        for _ in matches..distinct {
            requests.push(post(
                &path,
                &words::search(&vocabulary, &style, &mut random),
            )?);
        }
    }
    if matches > 0 {
        let jobs = ids(&mut client, JOBS, args.sample as usize).await?;
        let candidates = ids(&mut client, CANDIDATES, args.sample as usize).await?;
        for index in 0..matches {
            let body = match_body(index, &jobs, &candidates, args.limit, &mut random);
            requests.push(post("/v1/match", &body)?);
        }
    }
    random.shuffle(&mut requests);
    Ok(requests)
}

/// A match in one direction or, every other time, the opposite one.
fn match_body(
    index: usize,
    jobs: &[String],
    candidates: &[String],
    limit: u32,
    random: &mut Random,
) -> Value {
    let (kind, ids, to) = if index.is_multiple_of(2) {
        (JOBS, jobs, CANDIDATES)
    } else {
        (CANDIDATES, candidates, JOBS)
    };
    let id = random.pick(ids);
    json!({"from": {"kind": kind, "id": id}, "to": to, "limit": limit})
}

async fn ids(client: &mut Client, kind: &str, count: usize) -> Result<Vec<String>, Error> {
    let mut vocabulary = Vocabulary::default();
    page(client, kind, count, &[], &mut vocabulary).await?;
    Ok(vocabulary.ids)
}

/// Titles, skills and facet values of some documents of a kind.
async fn learn(client: &mut Client, kind: &str, count: usize) -> Result<Vocabulary, Error> {
    let mut vocabulary = Vocabulary::default();
    let path = format!("/v1/search/{kind}");
    for field in FACET_FIELDS {
        let facet = json!({"field": field, "limit": FACET_VALUES});
        let body = json!({"q": "", "limit": 0, "facets": [facet]});
        if let (200, answer) = ask(client, &path, &body).await? {
            let values = answer["facets"][field].as_array().into_iter().flatten();
            let values: Vec<Value> = values.map(|each| each["value"].clone()).collect();
            if !values.is_empty() {
                vocabulary.facets.push((field.to_owned(), values));
            }
        }
    }
    let mut fields = Vec::new();
    for field in TITLE_FIELDS.into_iter().chain(["skills"]) {
        let body = json!({"q": "", "limit": 0, "count": "none", "fields": [field]});
        if ask(client, &path, &body).await?.0 == 200 {
            fields.push(field);
        }
    }
    page(client, kind, count, &fields, &mut vocabulary).await?;
    if vocabulary.titles.is_empty() && vocabulary.skills.is_empty() {
        return Err(Error::Server(format!(
            "documents of kind {kind:?} show neither titles nor skills to make queries from; name a file with --queries"
        )));
    }
    Ok(vocabulary)
}

/// Adds up to `count` documents, page after page.
async fn page(
    client: &mut Client,
    kind: &str,
    count: usize,
    fields: &[&str],
    vocabulary: &mut Vocabulary,
) -> Result<(), Error> {
    let path = format!("/v1/search/{kind}");
    let mut cursor = Value::Null;
    while vocabulary.ids.len() < count {
        let limit = PAGE_HITS.min(count - vocabulary.ids.len());
        let mut body =
            json!({"q": "", "limit": limit, "count": "none", "highlight": false, "cursor": cursor});
        if !fields.is_empty() {
            body["fields"] = json!(fields);
        }
        let (status, answer) = ask(client, &path, &body).await?;
        if status != 200 {
            return Err(Error::Server(format!(
                "{path} answers {status}: {}",
                answer["detail"].as_str().unwrap_or("no detail")
            )));
        }
        let hits = answer["hits"].as_array().map_or(&[][..], Vec::as_slice);
        for hit in hits {
            add(hit, vocabulary);
        }
        cursor = answer["cursor"].clone();
        // A page without hits ends it too: a server that keeps sending cursors
        // must not keep us here.
        if cursor.is_null() || hits.is_empty() {
            break;
        }
    }
    if vocabulary.ids.is_empty() {
        return Err(Error::Server(format!(
            "the server holds no documents of kind {kind:?}; load some first"
        )));
    }
    Ok(())
}

fn add(hit: &Value, vocabulary: &mut Vocabulary) {
    if let Some(id) = hit["id"].as_str() {
        vocabulary.ids.push(id.to_owned());
    }
    let document = &hit["document"];
    for field in TITLE_FIELDS {
        let title = words::words(document[field].as_str().unwrap_or_default());
        if !title.is_empty() {
            vocabulary.titles.push(title);
        }
    }
    let skills = document["skills"].as_array().into_iter().flatten();
    let skills: Vec<String> = skills
        .filter_map(|skill| skill.as_str().or_else(|| skill["name"].as_str()))
        .map(str::to_owned)
        .collect();
    if !skills.is_empty() {
        vocabulary.skills.push(skills);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_any_kind_are_learnt_from() {
        let mut vocabulary = Vocabulary::default();
        add(
            &json!({"id": "j", "document": {"title": "Data Engineer", "skills": ["SQL", {"name": "Go"}, 3]}}),
            &mut vocabulary,
        );
        add(
            &json!({"id": "c", "document": {"headline": "Nurse"}}),
            &mut vocabulary,
        );
        add(&json!({"id": "x", "document": null}), &mut vocabulary);
        add(&json!(null), &mut vocabulary);
        assert_eq!(vocabulary.ids, ["j", "c", "x"]);
        assert_eq!(vocabulary.titles, [vec!["Data", "Engineer"], vec!["Nurse"]]);
        assert_eq!(vocabulary.skills, [["SQL", "Go"]]);
    }

    #[test]
    fn matches_go_both_ways() {
        let (jobs, candidates) = (["j".to_owned()], ["c".to_owned()]);
        let mut random = Random::new(1);
        let body = match_body(0, &jobs, &candidates, 5, &mut random);
        assert_eq!(
            body,
            json!({"from": {"kind": "jobs", "id": "j"}, "to": "candidates", "limit": 5})
        );
        let body = match_body(1, &jobs, &candidates, 5, &mut random);
        assert_eq!(body["from"]["id"], "c");
        assert_eq!(body["to"], "jobs");
    }
}
