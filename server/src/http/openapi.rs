//! `/openapi.json`: the route table and the wire types as OpenAPI 3.1. Owns
//! putting them together, once.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::route::{Operation, ROUTES, Route};
use crate::wire::problem::{Code, Problem};
use crate::wire::{answer, query, request, write};

/// JSON text of the document.
pub fn document() -> &'static [u8] {
    static DOCUMENT: LazyLock<Vec<u8>> =
        LazyLock::new(|| serde_json::to_vec_pretty(&build()).unwrap_or_default());
    DOCUMENT.as_slice()
}

/// What the document says of an operation.
struct Description {
    summary: &'static str,
    /// Media type and schema of the body.
    body: Option<(&'static str, Value)>,
    /// Status, media type and schema of each answer that is no problem.
    answers: Vec<(&'static str, &'static str, Value)>,
}

const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";
const TEXT: &str = "text/plain";

fn build() -> Value {
    let mut schemas = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    schemas.inline_subschemas = false;
    let mut schemas = schemas.into_generator();
    let problem = schema::<Problem>(&mut schemas);
    let mut paths: Map<String, Value> = Map::new();
    for route in &ROUTES {
        let described = describe(route.operation, &mut schemas);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.to_lowercase()] = operation(route, described, &problem);
    }
    let codes: Map<String, Value> = Code::all()
        .map(|code| {
            (
                code.as_str().to_owned(),
                json!({"status": code.status(), "title": code.title()}),
            )
        })
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tandem",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Finds and matches jobs and candidates, and explains every point of the score.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "x-codes": codes,
    })
}

fn schema<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<T>().to_value()
}

fn operation(route: &Route, described: Description, problem: &Value) -> Value {
    let mut responses: Map<String, Value> = described
        .answers
        .into_iter()
        .map(|(status, media_type, schema)| {
            (status.to_owned(), json!({"description": described.summary, "content": {media_type: {"schema": schema}}}))
        })
        .collect();
    let refused = json!({
        "description": "what went wrong; x-codes lists the codes",
        "content": {"application/problem+json": {"schema": problem}},
    });
    responses.insert("default".to_owned(), refused);
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": described.summary,
        "parameters": parameters(route),
        "responses": responses,
    });
    if let Some((media_type, schema)) = described.body {
        operation["requestBody"] =
            json!({"required": true, "content": {media_type: {"schema": schema}}});
    }
    if route.access.is_some() {
        operation["security"] = json!([{"key": []}, {}]);
    }
    operation
}

/// `post_v1_search_kind`.
fn operation_id(route: &Route) -> String {
    let words = route
        .path
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    format!("{}_{}", route.method.to_lowercase(), words.join("_"))
        .trim_end_matches('_')
        .to_owned()
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    if route.operation == Operation::SearchQuery {
        parameters.extend(query::PARAMETERS.iter().map(|(name, description)| {
            json!({"name": name, "in": "query", "description": description, "schema": {"type": "string"}})
        }));
    }
    parameters
}

fn describe(operation: Operation, schemas: &mut SchemaGenerator) -> Description {
    let text = || vec![("200", TEXT, json!({"type": "string"}))];
    let (summary, body, answers) = match operation {
        Operation::Kinds => (
            "the kinds, their fields and how many documents each holds",
            None,
            ok::<answer::Kinds>(schemas),
        ),
        Operation::Get => (
            "one stored document",
            None,
            vec![("200", JSON, json!({"type": "object"}))],
        ),
        Operation::Put => {
            let written = schema::<write::Written>(schemas);
            let body = (JSON, json!({"type": "object"}));
            let answers = vec![("200", JSON, written.clone()), ("201", JSON, written)];
            ("create or replace one document", Some(body), answers)
        }
        Operation::Delete => ("delete one document", None, ok::<write::Written>(schemas)),
        Operation::Bulk => {
            let lines = vec![("207", NDJSON, schema::<write::BulkLine>(schemas))];
            let body = (
                NDJSON,
                json!({"type": "object", "description": "a document with id, or {\"delete\": ID}"}),
            );
            (
                "NDJSON, a JSON array, CSV, Parquet or XLSX in, packed or not; one result line per record out",
                Some(body),
                lines,
            )
        }
        Operation::Search => asked::<request::Search>("search one kind", schemas),
        Operation::SearchQuery => ("search one kind", None, ok::<answer::Answer>(schemas)),
        Operation::Match => {
            asked::<request::Match>("a document against the documents of a kind", schemas)
        }
        Operation::Rank => asked::<request::Rank>("the same score, exhaustively", schemas),
        Operation::Explain => {
            let body = (JSON, schema::<request::Pair>(schemas));
            (
                "the score of one pair",
                Some(body),
                ok::<answer::Explanation>(schemas),
            )
        }
        Operation::Live => ("the process is alive", None, text()),
        Operation::Ready => ("the server takes requests", None, text()),
        Operation::Metrics => ("counters in the Prometheus text format", None, text()),
        Operation::OpenApi => (
            "this document",
            None,
            vec![("200", JSON, json!({"type": "object"}))],
        ),
        Operation::Page => (
            "the page",
            None,
            vec![("200", "text/html", json!({"type": "string"}))],
        ),
        Operation::PageFile => (
            "a file of the page",
            None,
            vec![("200", "*/*", json!({"type": "string"}))],
        ),
    };
    Description {
        summary,
        body,
        answers,
    }
}

type Parts = (
    &'static str,
    Option<(&'static str, Value)>,
    Vec<(&'static str, &'static str, Value)>,
);

fn asked<T: JsonSchema>(summary: &'static str, schemas: &mut SchemaGenerator) -> Parts {
    let body = (JSON, schema::<T>(schemas));
    (summary, Some(body), ok::<answer::Answer>(schemas))
}

fn ok<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Vec<(&'static str, &'static str, Value)> {
    vec![("200", JSON, schema::<T>(schemas))]
}
