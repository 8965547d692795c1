//! `tandem search`, `match`, `rank`, `explain`, `suggest` and `export`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::{Args, ValueEnum};
use http_body_util::{BodyExt, Full};
use hyper::header::ACCEPT;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::client::{Server, refuse, run as run_client};
use super::error::{CliError, Exit};
use super::evidence::evidence;
use super::explain::explanation;
use super::options::{Choice, Page, Reading, Source, Wants, Weighing, kind_and_id};
use super::{print, table};

/// Where to ask and how to show it.
#[derive(Debug, Args)]
struct Output {
    /// The server's JSON, also on a terminal
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, Args)]
pub(super) struct SearchOptions {
    /// The kind to search
    kind: String,
    /// Words, "a phrase", +must, -not, field:word; or rust AND (go OR zig). In quotes for the shell
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
pub(super) struct MatchOptions {
    #[command(flatten)]
    source: Source,
    /// The kind to look in; the one the document's kind matches if not given
    #[arg(long, value_name = "KIND")]
    to: Option<String>,
    #[command(flatten)]
    wants: Wants,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
pub(super) struct RankOptions {
    #[command(flatten)]
    source: Source,
    /// A query in place of a document. Needs --to
    #[arg(long, value_name = "WORDS", group = "source", requires = "to")]
    query: Option<String>,
    /// The kind to look in
    #[arg(long, value_name = "KIND")]
    to: Option<String>,
    /// Only these documents, separated by commas
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    ids: Vec<String>,
    #[command(flatten)]
    wants: Wants,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
pub(super) struct ExplainOptions {
    #[command(flatten)]
    source: Source,
    /// A query in place of a document
    #[arg(long, value_name = "WORDS", group = "source")]
    query: Option<String>,
    /// The document whose score is explained
    #[arg(long, value_name = "KIND/ID")]
    to: String,
    #[command(flatten)]
    weighing: Weighing,
    #[command(flatten)]
    wants: Wants,
    /// Show the document without names, contacts, ages and the like, if it is about a person
    #[arg(long)]
    blind: bool,
    #[command(flatten)]
    reading: Reading,
    /// A report in Markdown, to be pasted into a mail
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
pub(super) struct SuggestOptions {
    /// The kind to look in
    kind: String,
    /// What is being typed; without it the most frequent are shown
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// Only these: title, skill, company, place, separated by commas
    #[arg(long, value_name = "TYPES")]
    types: Option<String>,
    /// Suggestions in the answer
    #[arg(long, default_value_t = 10)]
    limit: usize,
    #[command(flatten)]
    output: Output,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A hit a line in JSON, with the parts of its score
    Ndjson,
    /// A table: id, score, then the fields
    Csv,
}

#[derive(Debug, Args)]
pub(super) struct ExportOptions {
    /// The kind of the hits; of a match, where it is not the one the document's kind matches
    #[arg(required_unless_present = "source")]
    to: Option<String>,
    /// What is searched for; without it all documents that pass the filters
    #[arg(value_name = "WORDS", conflicts_with = "source")]
    words: Vec<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    wants: Wants,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    reading: Reading,
    /// How hits are written
    #[arg(long, value_enum, default_value = "ndjson")]
    format: Format,
    /// Where to; standard output if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite the file of --out if it is there
    #[arg(long, requires = "out")]
    force: bool,
    /// The count as JSON, when --out is given
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

pub(super) fn search(options: &SearchOptions) -> Result<Exit, CliError> {
    let server = &options.output.server;
    let mut body = json!({"q": options.words.join(" ")});
    options.choice.fill(&mut body, server, &options.kind)?;
    options.page.fill(&mut body, server, &options.kind)?;
    options.reading.fill(&mut body);
    let path = format!("/v1/search/{}", part(&options.kind));
    let answer = options.page.ask(server, &path, body)?;
    options.output.show(&answer, table::hits)
}

pub(super) fn match_(options: &MatchOptions) -> Result<Exit, CliError> {
    let server = &options.output.server;
    let from = options.source.from()?.ok_or_else(nothing_to_match)?;
    let needed = options.choice.needs_kind() || options.page.needs_kind();
    let kind = to_kind(options.to.as_deref(), Some(&from), needed, server)?;
    let mut body = json!({"from": from});
    if let Some(to) = &options.to {
        body["to"] = json!(to);
    }
    options.choice.fill(&mut body, server, &kind)?;
    options.page.fill(&mut body, server, &kind)?;
    options.wants.fill(&mut body);
    let answer = options.page.ask(server, "/v1/match", body)?;
    options.output.show(&answer, table::hits)
}

pub(super) fn rank(options: &RankOptions) -> Result<Exit, CliError> {
    let server = &options.output.server;
    let from = options.source.from()?;
    let mut body = asked(from.as_ref(), options.query.as_deref())?;
    if let Some(to) = &options.to {
        body["to"] = json!(to);
    }
    if !options.ids.is_empty() {
        body["ids"] = json!(options.ids);
    }
    let needed = options.choice.needs_kind() || options.page.needs_kind();
    let kind = to_kind(options.to.as_deref(), from.as_ref(), needed, server)?;
    options.choice.fill(&mut body, server, &kind)?;
    options.page.fill(&mut body, server, &kind)?;
    options.reading.fill(&mut body);
    options.wants.fill(&mut body);
    let answer = options.page.ask(server, "/v1/rank", body)?;
    options.output.show(&answer, table::hits)
}

pub(super) fn explain(options: &ExplainOptions) -> Result<Exit, CliError> {
    let (kind, id) = kind_and_id(&options.to, "--to")?;
    let mut body = asked(options.source.from()?.as_ref(), options.query.as_deref())?;
    body["to"] = json!({"kind": kind, "id": id});
    options.weighing.fill(&mut body)?;
    options.wants.fill(&mut body);
    if options.blind {
        body["blind"] = json!(true);
    }
    options.reading.fill(&mut body);
    let server = &options.output.server;
    if options.markdown {
        let report = server.read("POST", "/v1/explain", "text/markdown", &body)?;
        print::raw(&report)?;
        return Ok(Exit::Done);
    }
    let answer = server.ask("POST", "/v1/explain", Some(&body))?;
    options.output.show(&answer, |answer, width| {
        explanation(answer, width) + &evidence(answer, width)
    })
}

pub(super) fn suggest(options: &SuggestOptions) -> Result<Exit, CliError> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", &options.words.join(" "));
    query.append_pair("limit", &options.limit.to_string());
    if let Some(types) = &options.types {
        query.append_pair("types", types);
    }
    let path = format!("/v1/suggest/{}?{}", part(&options.kind), query.finish());
    let answer = options.output.server.ask("GET", &path, None)?;
    options.output.show(&answer, table::suggestions)
}

pub(super) fn export(options: &ExportOptions) -> Result<Exit, CliError> {
    if let Some(out) = options
        .out
        .as_ref()
        .filter(|out| !options.force && is_file(out))
    {
        let what = format!("{} is there already; nothing was written", out.display());
        return Err(CliError::new(Exit::Usage, what).hint("--force overwrites it"));
    }
    let from = options.source.from()?;
    let server = &options.server;
    let needed = options.choice.needs_kind();
    let kind = to_kind(options.to.as_deref(), from.as_ref(), needed, server)?;
    let (path, mut body) = match from {
        Some(from) => ("/v1/export/match".to_owned(), json!({"from": from})),
        None => (
            format!("/v1/export/{}", part(&kind)),
            json!({"q": options.words.join(" ")}),
        ),
    };
    if let (Some(to), Some(_)) = (&options.to, body.get("from")) {
        body["to"] = json!(to);
    }
    options.choice.fill(&mut body, server, &kind)?;
    options.reading.fill(&mut body);
    options.wants.fill(&mut body);
    let accept = match options.format {
        Format::Ndjson => "application/x-ndjson",
        Format::Csv => "text/csv",
    };
    let hits = run_client(download(options, &path, &body, accept))?;
    if let Some(out) = &options.out {
        let done = if options.json || !print::is_terminal() {
            json!({"hits": hits, "out": out}).to_string()
        } else {
            format!("{hits} hits written to {}", out.display())
        };
        print::line(&done)?;
    }
    Ok(Exit::Done)
}

/// Writes the body as it comes; how many hits it has.
async fn download(
    options: &ExportOptions,
    path: &str,
    body: &Value,
    accept: &'static str,
) -> Result<u64, CliError> {
    let body = Full::new(Bytes::from(body.to_string()));
    let headers = [(ACCEPT, accept)];
    let answer = options
        .server
        .send_with("POST", path, &headers, body)
        .await?;
    let mut answer = refuse(answer).await?;
    let hits = answer
        .headers()
        .get("x-total")
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0);
    let failed = |cause: &std::io::Error| CliError::io("cannot write the export", cause);
    let mut file = match &options.out {
        Some(out) => Some(BufWriter::new(File::create(out).map_err(|cause| {
            CliError::io(&format!("cannot write {}", out.display()), &cause)
        })?)),
        None => None,
    };
    while let Some(frame) = answer.body_mut().frame().await {
        let frame = frame.map_err(|cause| {
            CliError::new(Exit::Unreachable, format!("the export broke off: {cause}"))
                .hint("what was written is not whole; ask again")
        })?;
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        match &mut file {
            Some(file) => file.write_all(&bytes).map_err(|cause| failed(&cause))?,
            None if print::raw(&bytes)? => {}
            None => return Ok(hits),
        }
    }
    if let Some(mut file) = file {
        file.flush().map_err(|cause| failed(&cause))?;
    }
    Ok(hits)
}

impl Output {
    fn show(&self, answer: &Value, table: fn(&Value, usize) -> String) -> Result<Exit, CliError> {
        if self.json || !print::is_terminal() {
            print::line(&answer.to_string())?;
        } else {
            print::line(table(answer, print::width()).trim_end())?;
        }
        Ok(Exit::Done)
    }
}

/// A document, or a query.
fn asked(from: Option<&Value>, query: Option<&str>) -> Result<Value, CliError> {
    match (from, query) {
        (Some(from), _) => Ok(json!({"from": from})),
        (None, Some(query)) => Ok(json!({"q": query})),
        (None, None) => Err(nothing_to_match()),
    }
}

/// The kind that is looked in; asks the server only when it is needed.
fn to_kind(
    to: Option<&str>,
    from: Option<&Value>,
    needed: bool,
    server: &Server,
) -> Result<String, CliError> {
    if let Some(to) = to {
        return Ok(to.to_owned());
    }
    if !needed {
        return Ok(String::new());
    }
    let from = from
        .and_then(|from| from["kind"].as_str())
        .unwrap_or_default();
    let kinds = server.ask("GET", "/v1/kinds", None)?;
    let known = kinds["kinds"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|kind| kind["name"] == from);
    Ok(known
        .and_then(|kind| kind["matches"].as_str())
        .unwrap_or(from)
        .to_owned())
}

/// Whether writing there would destroy something; pipes and devices hold nothing.
fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file())
}

/// A name as a part of a path.
fn part(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

fn nothing_to_match() -> CliError {
    CliError::new(Exit::Usage, "nothing to start from")
        .hint("give --from KIND/ID, or --text FILE with --kind KIND")
}
