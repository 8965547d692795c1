//! `/openapi.json`: the route table and the wire types as OpenAPI 3.1. Owns
//! putting them together, once.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use tandem_loaders::format::Format;

use super::body::TOML;
use super::records;
use super::route::{Operation, ROUTES, Route};
use super::visible;
use crate::wire::at_least::MIN_SEQUENCE;
use crate::wire::problem::{Code, Problem};
use crate::wire::{answer, changes, request, score, subjects, taxonomy, write};

/// JSON text of the document.
pub fn document() -> &'static [u8] {
    static DOCUMENT: LazyLock<Vec<u8>> =
        LazyLock::new(|| serde_json::to_vec_pretty(&build()).unwrap_or_default());
    DOCUMENT.as_slice()
}

/// What the document says of an operation.
struct Description {
    summary: &'static str,
    /// Media types and schemas of the body; none where there is no body.
    body: Bodies,
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
    let mut responses: Map<String, Value> = Map::new();
    for (status, media_type, schema) in described.answers {
        let response = responses
            .entry(status)
            .or_insert_with(|| json!({"description": described.summary, "content": {}}));
        response["content"][media_type] = json!({"schema": schema});
    }
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
    if !described.body.is_empty() {
        let content: Map<String, Value> = described
            .body
            .into_iter()
            .map(|(media_type, schema)| (media_type.to_owned(), json!({"schema": schema})))
            .collect();
        operation["requestBody"] = json!({"required": true, "content": content});
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
    if route.operation == Operation::Bulk {
        parameters.push(json!({"name": "Content-Encoding", "in": "header",
            "description": "how the body is packed",
            "schema": {"type": "string", "enum": records::ENCODINGS, "default": "identity"}}));
    }
    if route.operation.is_read() {
        for (name, place) in [(MIN_SEQUENCE, "query"), (visible::HEADER_NAME, "header")] {
            parameters.push(
                json!({"name": name, "in": place, "description": visible::MEANING,
                "schema": {"type": "string"}, "example": "default:0"}),
            );
        }
    }
    if ["/v1/{kind}/{id}", "/v1/taxonomy"].contains(&route.path) {
        parameters.extend(conditions(route.operation));
    }
    let known = route.operation.parameters().unwrap_or_default();
    parameters.extend(known.iter().map(|(name, description, example)| {
        let mut parameter = json!({"name": name, "in": "query", "description": description,
            "schema": {"type": "string"}});
        if !example.is_empty() {
            parameter["example"] = json!(example);
        }
        parameter
    }));
    parameters
}

/// The headers that say what must be true of the document, or of the overlay.
fn conditions(operation: Operation) -> [Value; 2] {
    let none_match = if operation.is_read() {
        "entity tags of versions the client has; the answer is 304 if one of them is held"
    } else {
        "* for what must not be there, or entity tags of versions it must not have; otherwise 412"
    };
    let header = |name, description| {
        json!({"name": name, "in": "header", "description": description,
            "schema": {"type": "string"}, "example": "\"7\""})
    };
    let matches = "* for what must be there, or entity tags of versions, one of which it \
                   must have; otherwise 412";
    [
        header("If-Match", matches),
        header("If-None-Match", none_match),
    ]
}

fn describe(operation: Operation, schemas: &mut SchemaGenerator) -> Description {
    let (summary, body, answers) = match operation {
        Operation::Search => asked::<request::Search>("search one kind", schemas),
        Operation::SearchQuery => ("search one kind", Vec::new(), ok::<answer::Answer>(schemas)),
        Operation::Searches => {
            let body = vec![(JSON, schema::<request::SearchesSchema>(schemas))];
            let answers = schema::<answer::Answers>(schemas);
            let answers = vec![("200", JSON, answers.clone()), ("207", JSON, answers)];
            ("several searches on one snapshot", body, answers)
        }
        Operation::Suggest => {
            let summary = "titles, skills, companies and places as they are typed";
            (summary, Vec::new(), ok::<answer::Suggestions>(schemas))
        }
        Operation::Export => exported::<request::ExportSearch>("every hit of a search", schemas),
        Operation::ExportMatch => exported::<request::ExportMatch>("every hit of a match", schemas),
        Operation::Changes => {
            let lines = vec![("200", NDJSON, schema::<changes::ChangesLine<'_>>(schemas))];
            let summary = "what has changed behind a position, or changes within the time to wait";
            (summary, Vec::new(), lines)
        }
        Operation::Match => {
            asked::<request::Match>("a document against the documents of a kind", schemas)
        }
        Operation::Rank => asked::<request::Rank>("the same score, exhaustively", schemas),
        Operation::Explain => {
            let body = vec![(JSON, schema::<request::Pair>(schemas))];
            let mut answers = ok::<answer::Explanation>(schemas);
            let report = "a report for people: score, points by group, what is met and missing with quotes, what is open";
            answers.push((
                "200",
                "text/markdown",
                json!({"type": "string", "description": report}),
            ));
            (
                "the score of one pair, and what each point was read from",
                body,
                answers,
            )
        }
        Operation::Kinds => {
            let summary = "the kinds, their fields and how many documents each holds";
            (summary, Vec::new(), ok::<answer::Kinds>(schemas))
        }
        Operation::Profiles => {
            let summary = "the profiles of the score: named weights and musts";
            (summary, Vec::new(), ok::<score::Profiles>(schemas))
        }
        Operation::Sources => {
            let summary = "how far every source is read";
            (summary, Vec::new(), ok::<answer::Sources>(schemas))
        }
        Operation::SourceOf => {
            let summary = "how far one source is read";
            (summary, Vec::new(), ok::<answer::Source>(schemas))
        }
        Operation::Forget => {
            let summary = "forget a source: nothing of it counts as loaded; answers where it was";
            (summary, Vec::new(), ok::<answer::Source>(schemas))
        }
        Operation::Get
        | Operation::Put
        | Operation::Patch
        | Operation::Delete
        | Operation::Bulk => of_documents(operation, schemas),
        Operation::Taxonomy
        | Operation::PutTaxonomy
        | Operation::DeleteTaxonomy
        | Operation::SkillOf
        | Operation::TitleOf => of_taxonomy(operation, schemas),
        Operation::Subject => {
            let summary = "everything held about a person, and what became of erasing it";
            (summary, Vec::new(), ok::<subjects::Subject>(schemas))
        }
        Operation::Erase => {
            let receipt = schema::<subjects::Receipt>(schemas);
            let answers = vec![("200", JSON, receipt.clone()), ("202", JSON, receipt)];
            (
                "erase a person from everything that is kept",
                Vec::new(),
                answers,
            )
        }
        Operation::Live => text("the process is alive", TEXT),
        Operation::Ready => text("the server takes requests", TEXT),
        Operation::Metrics => text("counters in the Prometheus text format", TEXT),
        Operation::Page => text("the page", "text/html"),
        Operation::PageFile => text("a file of the page", "*/*"),
        Operation::OpenApi => {
            let answers = vec![("200", JSON, json!({"type": "object"}))];
            ("this document", Vec::new(), answers)
        }
    };
    Description {
        summary,
        body,
        answers,
    }
}

fn of_documents(operation: Operation, schemas: &mut SchemaGenerator) -> Parts {
    let document = || json!({"type": "object"});
    if operation == Operation::Put {
        let written = schema::<write::Written>(schemas);
        let answers = vec![("200", JSON, written.clone()), ("201", JSON, written)];
        let body = vec![(JSON, document())];
        return ("create or replace one document", body, answers);
    }
    if operation == Operation::Patch {
        let patch = json!({"description": "members to change; null takes one away (RFC 7396)"});
        let body = vec![("application/merge-patch+json", patch)];
        let answers = ok::<write::Written>(schemas);
        return ("change one document in part", body, answers);
    }
    if operation == Operation::Bulk {
        let lines = vec![("207", NDJSON, schema::<write::BulkLine>(schemas))];
        let summary = "NDJSON, a JSON array, CSV, Parquet or XLSX in, packed or not; one result line per record out";
        return (summary, records(), lines);
    }
    if operation == Operation::Delete {
        return (
            "delete one document",
            Vec::new(),
            ok::<write::Written>(schemas),
        );
    }
    let answers = vec![("200", JSON, document())];
    ("one stored document", Vec::new(), answers)
}

fn of_taxonomy(operation: Operation, schemas: &mut SchemaGenerator) -> Parts {
    if operation == Operation::PutTaxonomy {
        let written = schema::<taxonomy::OverlayWritten>(schemas);
        let answers = vec![("200", JSON, written.clone()), ("201", JSON, written)];
        let toml = json!({"type": "string", "description": "docs/taxonomy.md has the members"});
        let body = vec![(TOML, toml), (JSON, json!({"type": "object"}))];
        let summary = "put skills, links and titles of the space's own over the taxonomy";
        return (summary, body, answers);
    }
    if operation == Operation::DeleteTaxonomy {
        let summary = "take the space's overlay of the taxonomy away";
        return (summary, Vec::new(), ok::<taxonomy::OverlayWritten>(schemas));
    }
    if operation == Operation::SkillOf {
        let summary = "a skill by any of its spellings, its links and what meets a demand for it";
        return (summary, Vec::new(), ok::<taxonomy::Skill>(schemas));
    }
    if operation == Operation::TitleOf {
        let summary = "the occupation a job title is read as";
        return (summary, Vec::new(), ok::<taxonomy::Title>(schemas));
    }
    let summary = "the taxonomy's sources, and the space's overlay as it was put";
    (summary, Vec::new(), ok::<taxonomy::Taxonomy>(schemas))
}

/// The bodies of bulk.
fn records() -> Bodies {
    let line = || json!({"type": "object", "description": "a document with id, or {\"delete\": ID}, or {\"delete\": ID, \"version\": N}"});
    let columns = "a line of names (of fields, with dots for parts), then a line a document";
    let body = |format: Option<Format>| match format {
        Some(Format::Ndjson) => line(),
        Some(Format::Json) | None => {
            json!({"description": "an array of documents, or a document a line",
            "anyOf": [{"type": "array", "items": line()}, line()]})
        }
        Some(Format::Csv | Format::Tsv) => json!({"type": "string", "description": columns}),
        // Bytes are no JSON string, so their schema has no type.
        Some(Format::Parquet) => json!({"description": "a Parquet file, a column a field"}),
        Some(Format::Xlsx) => {
            json!({"description": "a workbook, whose first sheet that has rows is a table"})
        }
    };
    let types = records::TYPES.iter();
    types.map(|(name, format)| (*name, body(*format))).collect()
}

fn text(summary: &'static str, media_type: &'static str) -> Parts {
    let answers = vec![("200", media_type, json!({"type": "string"}))];
    (summary, Vec::new(), answers)
}

type Bodies = Vec<(&'static str, Value)>;

type Parts = (
    &'static str,
    Bodies,
    Vec<(&'static str, &'static str, Value)>,
);

fn asked<T: JsonSchema>(summary: &'static str, schemas: &mut SchemaGenerator) -> Parts {
    let body = vec![(JSON, schema::<T>(schemas))];
    (summary, body, ok::<answer::Answer>(schemas))
}

fn exported<T: JsonSchema>(summary: &'static str, schemas: &mut SchemaGenerator) -> Parts {
    let body = vec![(JSON, schema::<T>(schemas))];
    let csv = json!({"type": "string", "description": "id, score, then the fields; a place and pay a column a part"});
    let hits = schema::<answer::ExportLine>(schemas);
    (
        summary,
        body,
        vec![("200", NDJSON, hits), ("200", "text/csv", csv)],
    )
}

fn ok<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Vec<(&'static str, &'static str, Value)> {
    vec![("200", JSON, schema::<T>(schemas))]
}
