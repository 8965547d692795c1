//! `tandem map`: proposes a mapping for a table nobody mapped yet, and shows
//! the documents it would make. Owns what is shown; asks no server.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tandem_index::{Kind, Kinds};
use tandem_loaders::format::{Format, Header, Input, Options as Reading, open};
use tandem_loaders::intake::looked_at;
use tandem_loaders::mapping::propose::{COLUMNS_MAX, Proposal, best};
use tandem_loaders::mapping::{Field, Mapped, Mapping};
use tandem_loaders::record::{Record, Reject};

use super::error::{CliError, Exit};
use super::load::{check, fields_of, format_named, row_numbered};
use super::print;
use crate::suggest;

/// Documents a preview shows.
const PREVIEW_DOCUMENTS: usize = 10;
/// Letters of a text a preview shows.
const TEXT_LETTERS: usize = 160;

#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Options {
    /// The table: CSV, TSV, NDJSON, JSON, Parquet or XLSX, packed or not; - is
    /// standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The kind of the documents; without it the kind whose fields fit best
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// The kinds of your server, in place of the built-in ones
    #[arg(long, value_name = "FILE")]
    kinds: Option<PathBuf>,
    /// Write the mapping to this file, if it is not there yet
    #[arg(short, long, visible_alias = "output", value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite the file of --out if it is there
    #[arg(long, requires = "out")]
    force: bool,
    /// The row of the header, where titles stand above it and are not told:
    /// counted from 1, as an editor counts lines and a workbook rows
    #[arg(long, value_name = "N", value_parser = row_numbered)]
    header_row: Option<NonZeroU64>,
    /// Records to look at
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    records: u32,
    /// The format, where name and content do not tell:
    /// ndjson, json, csv, tsv, parquet, xlsx
    #[arg(long, value_name = "FORMAT", value_parser = format_named)]
    format: Option<Format>,
    /// Mapping, reasons and preview as JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  tandem map jobs.csv                                    # the mapping, then ten documents as comments
  tandem map jobs.csv --kind jobs --out jobs.toml        # the mapping to a file, the documents here
  tandem load jobs.csv --kind jobs --mapping jobs.toml --dry-run

Each field has its reason, how sure it is and a value beside it; correct what is wrong. \
docs/loading.md describes the language.";

/// What is known of a sample.
struct Sample {
    records: Vec<Record>,
    columns: Vec<String>,
    path: Option<String>,
    header_row: Option<u64>,
    rejects: Vec<Reject>,
    about: String,
}

/// What the mapping makes of the sample.
#[derive(Default)]
struct Preview {
    documents: Vec<Value>,
    made: usize,
    skipped: usize,
    /// Field and code → how many, and the first of them.
    rejected: BTreeMap<(String, &'static str), (usize, String)>,
    dropped: BTreeMap<(String, &'static str), (usize, String)>,
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    let kinds = match &options.kinds {
        None => Kinds::builtin(),
        Some(path) => {
            let wrong = |cause: &dyn std::fmt::Display| {
                CliError::new(Exit::Usage, format!("{}: {cause}", path.display()))
            };
            let text = std::fs::read_to_string(path).map_err(|cause| wrong(&cause))?;
            Kinds::parse(&text).map_err(|cause| wrong(&cause))?
        }
    };
    let sample = read(options)?;
    let (kind, proposal) = choose(&kinds, options.kind.as_deref(), &sample)?;
    let source = options.file.display().to_string();
    let toml = proposal.to_toml(&source);
    let mapping = proposal.mapping().map_err(|error| {
        CliError::new(Exit::Failed, format!("the proposal is no mapping: {error}"))
    })?;
    let preview = preview(kind, &mapping, &sample);
    if let Some(path) = &options.out {
        write(path, &toml, options.force)?;
    }
    if options.json {
        print::line(&as_json(&proposal, &toml, &preview).to_string())?;
        return Ok(Exit::Done);
    }
    let shown = as_text(&preview, &sample);
    match &options.out {
        None => {
            // All of standard output is one mapping file.
            let lines: Vec<String> = shown.lines().map(|line| format!("# {line}")).collect();
            print::line(&format!("{toml}\n{}", lines.join("\n")))?;
        }
        Some(path) => print::line(&format!("wrote {}\n\n{shown}", path.display()))?,
    }
    Ok(Exit::Done)
}

fn read(options: &Options) -> Result<Sample, CliError> {
    let name = options.file.display();
    let input = if options.file.as_os_str() == "-" {
        Input::Stream(Box::new(std::io::stdin()))
    } else {
        Input::File(options.file.clone())
    };
    let reading = Reading {
        format: options.format,
        header: options.header_row.map_or(Header::Told, Header::Row),
        // Rather a column called `a 2` than no proposal.
        number_duplicates: true,
        ..Reading::default()
    };
    let mut reader = open(input, &reading)
        .map_err(|reject| CliError::new(Exit::Failed, format!("cannot read {name}: {reject}")))?;
    let most = options.records as usize;
    let (mut records, mut rejects) = (Vec::new(), Vec::new());
    for record in reader.by_ref() {
        match record {
            Ok(record) => records.push(record),
            Err(reject) => rejects.push(reject),
        }
        if records.len() >= most || rejects.len() >= most {
            break;
        }
    }
    let mut about = reader.about();
    let (records, columns, path) = looked_at(&reader, records);
    if path.is_some() {
        // One line is lines of JSON too, but not to who sees a document.
        about = about.replacen(Format::Ndjson.as_str(), Format::Json.as_str(), 1);
    }
    if records.is_empty() {
        let why = rejects
            .first()
            .map_or_else(|| nothing(&columns).to_owned(), Reject::to_string);
        return Err(CliError::new(
            Exit::Failed,
            format!("{name} has no record to look at: {why}"),
        )
        .hint("a table needs a header and a row, or JSON objects"));
    }
    if columns.len() > COLUMNS_MAX {
        let (found, most) = (columns.len(), COLUMNS_MAX);
        let what = format!("{name} has {found} columns, a mapping is proposed for at most {most}");
        return Err(CliError::new(Exit::Failed, what)
            .hint("write one for the columns that matter: docs/loading.md"));
    }
    Ok(Sample {
        records,
        columns,
        path,
        header_row: reader.header_row(),
        rejects,
        about,
    })
}

/// Why a source in which nothing is wrong has no record.
fn nothing(columns: &[String]) -> &'static str {
    if columns.is_empty() {
        "it is empty"
    } else {
        "it has a header and no row below it"
    }
}

/// The kind that was named, or the one whose fields fit best.
fn choose<'a>(
    kinds: &'a Kinds,
    named: Option<&str>,
    sample: &Sample,
) -> Result<(&'a Kind, Proposal), CliError> {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
    let fields: Vec<(&str, Vec<Field>)> = kinds
        .iter()
        .filter(|kind| named.is_none_or(|name| kind.name == name))
        .map(|kind| (kind.name.as_str(), fields_of(kind)))
        .collect();
    let all = fields
        .iter()
        .map(|(name, fields)| (*name, fields.as_slice()));
    let found = best(all, &sample.columns, &sample.records).and_then(|mut proposal| {
        proposal.records.clone_from(&sample.path);
        proposal.header_row = sample.header_row;
        Some((kinds.get(&proposal.kind)?, proposal))
    });
    found.ok_or_else(|| {
        let name = named.unwrap_or_default();
        let mut what = format!("there is no kind {name}");
        if let Some(name) = suggest::nearest(name, names.iter().copied()) {
            what.extend(["; did you mean ", &name, "?"]);
        }
        CliError::new(Exit::Usage, what).hint(format!("there are {}", names.join(", ")))
    })
}

fn preview(kind: &Kind, mapping: &Mapping, sample: &Sample) -> Preview {
    let mut preview = Preview::default();
    for reject in &sample.rejects {
        count(&mut preview.rejected, reject);
    }
    for record in &sample.records {
        let Mapped {
            documents,
            rejects,
            dropped,
            skipped,
        } = mapping.map(record);
        preview.skipped += skipped.len();
        for reject in &rejects {
            count(&mut preview.rejected, reject);
        }
        for reject in &dropped {
            count(&mut preview.dropped, reject);
        }
        for document in documents {
            // As the server would check it.
            match check(kind, document.to_string().into_bytes()) {
                Ok(_change) => {
                    preview.made += 1;
                    if preview.documents.len() < PREVIEW_DOCUMENTS {
                        preview.documents.push(document);
                    }
                }
                Err(mut reject) => {
                    reject.line = record.number;
                    count(&mut preview.rejected, &reject);
                }
            }
        }
    }
    preview
}

fn count(counts: &mut BTreeMap<(String, &'static str), (usize, String)>, reject: &Reject) {
    let key = (reject.field.clone().unwrap_or_default(), reject.code);
    let (times, _) = counts.entry(key).or_insert_with(|| (0, reject.to_string()));
    *times += 1;
}

fn as_text(preview: &Preview, sample: &Sample) -> String {
    let mut lines = vec![format!(
        "Of {} records ({}): {} documents, {} skipped, {} rejected",
        sample.records.len() + sample.rejects.len(),
        sample.about,
        preview.made,
        preview.skipped,
        preview
            .rejected
            .values()
            .map(|(times, _)| times)
            .sum::<usize>(),
    )];
    for (what, counts) in [
        ("rejected", &preview.rejected),
        ("left out", &preview.dropped),
    ] {
        for ((field, code), (times, first)) in counts {
            let of = if field.is_empty() { "" } else { " " };
            lines.push(format!(
                "  {times} {what}: {field}{of}{code}, first at {first}"
            ));
        }
    }
    lines.push(format!(
        "The first {}, long texts cut:",
        preview.documents.len()
    ));
    for document in &preview.documents {
        lines.push(cut(document).to_string());
    }
    lines.join("\n")
}

fn cut(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let short: String = text.chars().take(TEXT_LETTERS).collect();
            Value::String(if short.len() < text.len() {
                format!("{short}…")
            } else {
                short
            })
        }
        Value::Array(items) => items.iter().map(cut).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), cut(value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn as_json(proposal: &Proposal, toml: &str, preview: &Preview) -> Value {
    let fields = proposal.fields.iter().map(|field| {
        json!({
            "field": field.field,
            "rule": field.rule,
            "columns": field.columns,
            "confidence": field.confidence,
            "why": field.why,
            "sample": field.sample,
            "notes": field.notes,
        })
    });
    let left_out = proposal
        .left_out
        .iter()
        .map(|left| json!({"column": left.column, "why": left.why, "sample": left.sample}));
    let counts = |counts: &BTreeMap<(String, &'static str), (usize, String)>| -> Value {
        let counts = counts.iter().map(|((field, code), (times, first))| {
            json!({"field": field, "code": code, "count": times, "first": first})
        });
        counts.collect()
    };
    json!({
        "kind": proposal.kind,
        "header_row": proposal.header_row,
        "mapping": toml,
        "fields": fields.collect::<Value>(),
        "left_out": left_out.collect::<Value>(),
        "documents": preview.documents,
        "made": preview.made,
        "skipped": preview.skipped,
        "rejected": counts(&preview.rejected),
        "dropped": counts(&preview.dropped),
    })
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), CliError> {
    let failed =
        |cause: &std::io::Error| CliError::io(&format!("cannot write {}", path.display()), cause);
    // Made and checked in one step: a file that comes between is kept, too.
    let made = if force {
        File::create(path)
    } else {
        File::create_new(path)
    };
    let mut file = made.map_err(|cause| {
        if force || cause.kind() != std::io::ErrorKind::AlreadyExists {
            return failed(&cause);
        }
        let what = format!("{} is there already; nothing was written", path.display());
        CliError::new(Exit::Usage, what)
            .hint("a mapping you corrected is not overwritten: name another file, or --force overwrites it")
    })?;
    file.write_all(text.as_bytes())
        .map_err(|cause| failed(&cause))
}
