//! `tandem search`, `match`, `rank` and `explain`.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::client::Server;
use super::error::{CliError, Exit};
use super::filters::{filters, weights};
use super::{print, table};

/// How an answer is asked for and shown.
#[derive(Debug, Args)]
struct Common {
    /// Only documents with this: FIELD=VALUE, FIELD=10..20, FIELD=10.. (repeatable)
    #[arg(long = "filter", value_name = "FIELD=VALUE")]
    filters: Vec<String>,
    /// The weight of a part of the score, 0 to 100 (repeatable)
    #[arg(long = "weight", value_name = "NAME=N")]
    weights: Vec<String>,
    /// Hits in the answer
    #[arg(long, default_value_t = 10)]
    limit: usize,
    #[command(flatten)]
    output: Output,
}

/// Where to ask and how to show it.
#[derive(Debug, Args)]
struct Output {
    /// The server's JSON, also on a terminal
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

/// What is matched.
#[derive(Debug, Args)]
struct Source {
    /// A stored document
    #[arg(long, value_name = "KIND/ID", group = "source")]
    from: Option<String>,
    /// A file of plain text, such as a CV; - is standard input. Needs --kind
    #[arg(long, value_name = "FILE", group = "source", requires = "kind")]
    text: Option<PathBuf>,
    /// A file with one document in JSON; - is standard input. Needs --kind
    #[arg(long, value_name = "FILE", group = "source", requires = "kind")]
    document: Option<PathBuf>,
    /// The kind of --text or --document
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct SearchOptions {
    /// The kind to search
    kind: String,
    /// Words, "a phrase", +must, -not, field:word
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct MatchOptions {
    #[command(flatten)]
    source: Source,
    /// The kind to look in; the one the document's kind matches if not given
    #[arg(long, value_name = "KIND")]
    to: Option<String>,
    #[command(flatten)]
    common: Common,
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
    common: Common,
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
    /// The weight of a part of the score, 0 to 100 (repeatable)
    #[arg(long = "weight", value_name = "NAME=N")]
    weights: Vec<String>,
    #[command(flatten)]
    output: Output,
}

pub(super) fn search(options: &SearchOptions) -> Result<Exit, CliError> {
    let mut body = json!({"q": options.words.join(" ")});
    options.common.fill(&mut body, &options.kind)?;
    let kind = utf8_percent_encode(&options.kind, NON_ALPHANUMERIC);
    options
        .common
        .output
        .show(&format!("/v1/search/{kind}"), &body, table::hits)
}

pub(super) fn match_(options: &MatchOptions) -> Result<Exit, CliError> {
    let from = options.source.from()?.ok_or_else(nothing_to_match)?;
    let kind = to_kind(options.to.as_deref(), Some(&from), &options.common)?;
    let mut body = json!({"from": from});
    if let Some(to) = &options.to {
        body["to"] = Value::from(to.as_str());
    }
    options.common.fill(&mut body, &kind)?;
    options.common.output.show("/v1/match", &body, table::hits)
}

pub(super) fn rank(options: &RankOptions) -> Result<Exit, CliError> {
    let from = options.source.from()?;
    let mut body = match (&from, &options.query) {
        (Some(from), _) => json!({"from": from}),
        (None, Some(query)) => json!({"q": query}),
        (None, None) => return Err(nothing_to_match()),
    };
    if let Some(to) = &options.to {
        body["to"] = Value::from(to.as_str());
    }
    if !options.ids.is_empty() {
        body["ids"] = json!(options.ids);
    }
    let kind = to_kind(options.to.as_deref(), from.as_ref(), &options.common)?;
    options.common.fill(&mut body, &kind)?;
    options.common.output.show("/v1/rank", &body, table::hits)
}

pub(super) fn explain(options: &ExplainOptions) -> Result<Exit, CliError> {
    let (kind, id) = kind_and_id(&options.to, "--to")?;
    let mut body = match (options.source.from()?, &options.query) {
        (Some(from), _) => json!({"from": from}),
        (None, Some(query)) => json!({"q": query}),
        (None, None) => return Err(nothing_to_match()),
    };
    body["to"] = json!({"kind": kind, "id": id});
    if let Some(weights) = weights(&options.weights)? {
        body["weights"] = weights;
    }
    options
        .output
        .show("/v1/explain", &body, table::explanation)
}

impl Common {
    /// Adds what was asked for; filters are those of `kind`.
    fn fill(&self, body: &mut Value, kind: &str) -> Result<(), CliError> {
        body["limit"] = Value::from(self.limit);
        if let Some(filters) = filters(&self.output.server, kind, &self.filters)? {
            body["filters"] = filters;
        }
        if let Some(weights) = weights(&self.weights)? {
            body["weights"] = weights;
        }
        Ok(())
    }
}

impl Output {
    fn show(
        &self,
        path: &str,
        body: &Value,
        table: fn(&Value, usize) -> String,
    ) -> Result<Exit, CliError> {
        let answer = self.server.ask("POST", path, Some(body))?;
        if self.json || !print::is_terminal() {
            print::line(&answer.to_string())?;
        } else {
            print::line(table(&answer, print::width()).trim_end())?;
        }
        Ok(Exit::Done)
    }
}

impl Source {
    /// The `from` member.
    fn from(&self) -> Result<Option<Value>, CliError> {
        if let Some(from) = &self.from {
            let (kind, id) = kind_and_id(from, "--from")?;
            return Ok(Some(json!({"kind": kind, "id": id})));
        }
        let kind = self.kind.as_deref().unwrap_or_default();
        if let Some(path) = &self.text {
            return Ok(Some(json!({"kind": kind, "text": read(path)?})));
        }
        let Some(path) = &self.document else {
            return Ok(None);
        };
        let document: Value = serde_json::from_str(&read(path)?)
            .map_err(|cause| CliError::new(Exit::Usage, format!("{}: {cause}", path.display())))?;
        Ok(Some(json!({"kind": kind, "document": document})))
    }
}

/// The kind that is looked in; asks the server only when filters need it.
fn to_kind(to: Option<&str>, from: Option<&Value>, common: &Common) -> Result<String, CliError> {
    if let Some(to) = to {
        return Ok(to.to_owned());
    }
    if common.filters.is_empty() {
        return Ok(String::new());
    }
    let from = from
        .and_then(|from| from["kind"].as_str())
        .unwrap_or_default();
    let kinds = common.output.server.ask("GET", "/v1/kinds", None)?;
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

fn kind_and_id<'a>(given: &'a str, option: &str) -> Result<(&'a str, &'a str), CliError> {
    given
        .split_once('/')
        .filter(|(kind, id)| !kind.is_empty() && !id.is_empty())
        .ok_or_else(|| {
            CliError::new(
                Exit::Usage,
                format!("{option} {given}: expected KIND/ID, such as jobs/j-17"),
            )
        })
}

fn read(path: &Path) -> Result<String, CliError> {
    let failed =
        |cause: &std::io::Error| CliError::io(&format!("cannot read {}", path.display()), cause);
    if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|cause| failed(&cause))?;
        return Ok(text);
    }
    std::fs::read_to_string(path).map_err(|cause| failed(&cause))
}

fn nothing_to_match() -> CliError {
    CliError::new(Exit::Usage, "nothing to start from")
        .hint("give --from KIND/ID, or --text FILE with --kind KIND")
}
