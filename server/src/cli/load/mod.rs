//! `tandem load`: files, folders or standard input into a running server, with
//! what was rejected and why. Owns the options and what is read how; `feed`
//! sends, `report` counts.

mod deliver;
mod dry;
mod feed;
mod follow;
mod follow_report;
mod ids;
mod kinds;
mod progress;
mod report;
mod tail;

use std::io::{Cursor, Read};
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use clap::Args;
use tandem_loaders::format::{Files, Format, Header, Input, Options as Reading, files, open};
use tandem_loaders::intake::{Intake, Item, Shape};
use tandem_loaders::mapping::propose::Proposal;
use tandem_loaders::mapping::{Field, Mapping};
use tandem_loaders::natural::Natural;
use tandem_loaders::record::Reject;

use super::client::{Server, run as run_client};
use super::error::{CliError, Exit};
use super::print;
use crate::limits::LINE_BYTES_MAX;
use crate::suggest;
pub(super) use dry::check;
use dry::dry_run;
use ids::Ids;
use kinds::{ask_kinds, fields_named, kinds_of, proposed_kind};
use progress::Progress;
use report::{Place, Report};

/// The mapping that is proposed for each file.
const AUTO: &str = "auto";

#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(super) struct Options {
    /// Files and folders; - is standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The kind of the documents; a mapping may name it instead, and
    /// --mapping auto takes the kind `tandem map` would propose
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// How columns become fields: a mapping file, the name of a built-in one,
    /// or auto for what `tandem map` proposes for each file.
    /// Without it columns are named like fields (location.city), and JSON is
    /// taken as it stands
    #[arg(long, value_name = "FILE|NAME|auto")]
    mapping: Option<String>,
    /// The format, where name and content do not tell:
    /// ndjson, json, csv, tsv, parquet, xlsx
    #[arg(long, value_name = "FORMAT", value_parser = format_named)]
    format: Option<Format>,
    /// The row of a table's header, where titles stand above it: counted from 1,
    /// as an editor counts lines and a workbook rows. It comes before what the
    /// mapping says
    #[arg(long, value_name = "N", value_parser = row_numbered)]
    header_row: Option<NonZeroU64>,
    /// Number columns that have the same name (a, a 2) instead of refusing them
    #[arg(long)]
    number_duplicates: bool,
    /// Write file, line, field, code and reason of every reject here, as
    /// NDJSON, and of fields that were left out ("dropped": true); - is
    /// standard output
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Stop after so many records
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Read, map and check everything, send nothing; the counts are those of a load
    /// into an empty server
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: the kinds to check against instead of the built-in ones
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    kinds: Option<PathBuf>,
    /// The counts as JSON, also on a terminal
    #[arg(long)]
    json: bool,
    /// Go on with what is appended to a file, or comes from standard input, until
    /// stopped: NDJSON only. How far it is the server keeps with the documents, so
    /// that it goes on exactly there, whatever ended in between
    #[arg(long, conflicts_with_all = ["dry_run", "limit", "header_row", "number_duplicates"])]
    follow: bool,
    /// The name the server keeps the position under; a file's full path, if not given
    #[arg(long, value_name = "NAME", requires = "follow")]
    source: Option<String>,
    /// Standard input does not repeat what it said before: it goes on where the
    /// source is
    #[arg(long, requires = "follow")]
    live: bool,
    #[command(flatten)]
    server: Server,
}

const EXAMPLES: &str = "\
Formats: NDJSON, JSON arrays, CSV and TSV (comma, semicolon, tab or bar), Parquet, XLSX; \
gzip and zstd are unpacked, UTF-8, UTF-16 and older encodings are told apart.

Examples:
  tandem load jobs.ndjson --kind jobs
  tandem load exports/ --kind jobs --mapping mapping.toml --rejects rejects.ndjson
  tandem load jobs.csv.gz --kind jobs --mapping jobs_structured --dry-run
  zcat dump.gz | tandem load - --kind candidates --format csv
  tandem load changes.ndjson --kind jobs --follow   # and what is appended to it
  tail -F log | tandem load - --kind jobs --follow --source log --live
  tandem load report.xlsx --mapping mapping.toml --header-row 3   # below two rows of titles

Exit codes: 0 everything was accepted; 1 failed, or a file could not be read to its end; \
2 wrong usage; 3 the server cannot be reached; 4 it refused the request; 5 some records were rejected.
Loading the same files again is safe: documents are replaced by id.";

/// What is read, and how.
struct Plan {
    files: Files,
    /// What was read of standard input to tell the kind by.
    looked_at: Mutex<Vec<u8>>,
    kind: String,
    shape: Shape,
    reading: Reading,
    limit: Option<u64>,
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    if options.follow {
        return follow::run(options);
    }
    let started = Instant::now();
    let files = files(&options.paths).map_err(|(path, cause)| {
        CliError::io(&format!("cannot read {}", path.display()), &cause)
    })?;
    if files.found.is_empty() {
        let what = "there is no file to load in the folders given";
        return Err(CliError::new(Exit::Usage, what).hint(
            "files of folders are taken by their endings, such as .ndjson, .csv.gz, .parquet",
        ));
    }
    let named = options.mapping.as_deref().filter(|name| *name != AUTO);
    let mapping = named.map(find_mapping).transpose()?;
    // What is wrong with the command is said before a server is asked.
    let said = kind_of(options, mapping.as_ref())?;
    let mut reading = Reading {
        format: options.format,
        header: header_of(options, mapping.as_ref()),
        number_duplicates: options.number_duplicates,
        ..Reading::default()
    };
    let checks = options.dry_run.then(|| kinds_of(options)).transpose()?;
    let known: Vec<(String, Vec<Field>)> = match &checks {
        Some(kinds) => kinds
            .iter()
            .map(|kind| (kind.name.clone(), fields_of(kind)))
            .collect(),
        None => ask_kinds(&options.server)?,
    };
    let (kind, looked_at) = match said {
        Some(kind) => (kind, Vec::new()),
        None => proposed_kind(&files, &reading, &known)?,
    };
    let fields = fields_named(&known, &kind, options.dry_run)?;
    let shape = if let Some(mapping) = mapping {
        mapping
            .check_fields(&fields)
            .map_err(|error| CliError::new(Exit::Usage, format!("the mapping: {error}")))?;
        reading.records = mapping.records().map(str::to_owned);
        Shape::Mapping(Arc::new(mapping))
    } else if options.mapping.is_some() {
        Shape::Auto {
            kind: kind.clone(),
            fields: fields.into(),
        }
    } else {
        Shape::Natural(Arc::new(Natural::new(&fields)))
    };
    let plan = Plan {
        files,
        looked_at: Mutex::new(looked_at),
        kind,
        shape,
        reading,
        limit: options.limit,
    };
    let report = Arc::new(Report::new(
        options.rejects.as_deref(),
        progress(options, &plan),
    )?);
    let ended = match checks {
        Some(kinds) => dry_run(&plan, &kinds, &report),
        None => run_client(feed::load(&options.server, plan, Arc::clone(&report))),
    };
    let exit = report.finish(options.json, options.dry_run, started.elapsed())?;
    ended.map(|()| exit)
}

pub(super) fn format_named(name: &str) -> Result<Format, String> {
    Format::named(name).ok_or_else(|| {
        let names = Format::ALL.map(Format::as_str);
        let meant = suggest::nearest(name, names)
            .map_or(String::new(), |name| format!("; did you mean {name}?"));
        format!("there are {}{meant}", names.join(", "))
    })
}

pub(super) fn row_numbered(text: &str) -> Result<NonZeroU64, String> {
    text.parse().map_err(|_cause: std::num::ParseIntError| {
        "rows count from 1: 3 where two rows of titles stand above the header".to_owned()
    })
}

/// Where the header is: as said, else as the mapping says; told where the
/// mapping is proposed.
fn header_of(options: &Options, mapping: Option<&Mapping>) -> Header {
    match (options.header_row, mapping) {
        (Some(row), _) => Header::Row(row),
        (None, Some(mapping)) => Header::of(mapping.header_row()),
        (None, None) if options.mapping.is_some() => Header::Told,
        (None, None) => Header::First,
    }
}

/// A mapping file, or a built-in mapping.
fn find_mapping(name: &str) -> Result<Mapping, CliError> {
    let wrong = |error: &dyn std::fmt::Display| {
        CliError::new(Exit::Usage, format!("--mapping {name}: {error}"))
    };
    if let Some(mapping) = Mapping::builtin(name) {
        return Ok(mapping.clone());
    }
    match std::fs::read_to_string(name) {
        Ok(text) => Mapping::parse(&text).map_err(|error| wrong(&error)),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            let names: Vec<&str> = Mapping::builtins().collect();
            Err(wrong(&Mapping::no_builtin(name)).hint(format!(
                "there is no such file either; built in are {}",
                names.join(", ")
            )))
        }
        Err(cause) => Err(wrong(&cause)),
    }
}

/// The kind that is said; `None` where it is to be proposed.
fn kind_of(options: &Options, mapping: Option<&Mapping>) -> Result<Option<String>, CliError> {
    let meant = mapping.and_then(Mapping::kind);
    match (&options.kind, meant) {
        (Some(kind), Some(meant)) if kind != meant => Err(CliError::new(
            Exit::Usage,
            format!("--kind {kind}: the mapping makes documents of kind {meant}"),
        )),
        (Some(kind), _) => Ok(Some(kind.clone())),
        (None, Some(meant)) => Ok(Some(meant.to_owned())),
        (None, None) if options.mapping.as_deref() == Some(AUTO) => Ok(None),
        (None, None) => Err(CliError::new(
            Exit::Usage,
            "say which kind the documents are of: --kind KIND",
        )),
    }
}

pub(super) fn fields_of(kind: &tandem_index::Kind) -> Vec<Field> {
    let fields = kind.fields.iter().map(|field| Field {
        name: field.name.clone(),
        field_type: field.field_type.as_str().to_owned(),
        meaning: field.meaning.map(|meaning| meaning.as_str().to_owned()),
    });
    fields.collect()
}

/// Reads all sources, up to the limit; `each` gets every document with its
/// place, and says whether to go on.
fn read_all(
    plan: &Plan,
    report: &Report,
    mut each: impl FnMut(Place, Vec<u8>) -> bool,
) -> Result<(), CliError> {
    let mut records = 0;
    let mut bytes_before = 0;
    for path in &plan.files.found {
        let file = report.begin(path);
        let input = if path.as_os_str() == "-" {
            let mut looked_at = plan
                .looked_at
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let head = Cursor::new(std::mem::take(&mut *looked_at));
            Input::Stream(Box::new(head.chain(std::io::stdin())))
        } else {
            Input::File(path.clone())
        };
        let reader = match open(input, &plan.reading) {
            Ok(reader) => reader,
            Err(reject) => {
                report.reject(file, &reject)?;
                bytes_before += std::fs::metadata(path).map_or(0, |about| about.len());
                continue;
            }
        };
        let mut intake = Intake::new(reader, plan.shape.clone());
        if let Some(proposal) = intake.proposal() {
            report.say(&proposal_note(path, proposal));
        }
        let mut ids = Ids::default();
        let mut was_rejected = false;
        let more = loop {
            if plan
                .limit
                .is_some_and(|limit| records + intake.records() >= limit)
            {
                break false;
            }
            let Some(item) = intake.next() else {
                break true;
            };
            if let (Item::Document { json, .. }, Shape::Natural(_)) = (&item, &plan.shape)
                && json.len() <= LINE_BYTES_MAX
            {
                ids.look(json);
            }
            was_rejected |= matches!(item, Item::Reject(_));
            let more = match item {
                Item::Document { line, json } if json.len() > LINE_BYTES_MAX => {
                    let what = format!("the document has more than {LINE_BYTES_MAX} bytes");
                    report.reject(file, &Reject::new(line, "too_large", what))?;
                    true
                }
                Item::Document { line, json } => each(Place { file, line }, json),
                Item::Reject(reject) => report.reject(file, &reject).map(|()| true)?,
                Item::Dropped(reject) => {
                    report.drop_field(file, &reject)?;
                    true
                }
                Item::Skipped { reason, .. } => {
                    report.skip(file, reason);
                    true
                }
            };
            if !more {
                break false;
            }
            if report.is_due() {
                report.draw(file, &intake, bytes_before);
            }
        };
        if let Some(hint) = ids.hint(path, intake.reader().columns()) {
            report.hint(file, hint);
        }
        if more && intake.records() == 0 && !was_rejected {
            report.hint(file, "there is no record in it".to_owned());
        }
        report.end(file, &intake, bytes_before);
        records += intake.records();
        bytes_before += intake.reader().bytes().unwrap_or_default();
        if !more {
            break;
        }
    }
    Ok(())
}

/// What was understood of a file nobody mapped.
fn proposal_note(path: &std::path::Path, proposal: &Proposal) -> String {
    let fields = proposal
        .fields
        .iter()
        .map(|field| match field.columns.as_slice() {
            // Which records are one document is not for `map` alone to say.
            [] if field.field == "id" => {
                format!("id = {} ({})", field.rule, field.notes.join("; "))
            }
            [] => format!("{} = {}", field.field, field.rule),
            columns => format!("{} = {}", field.field, columns.join(" + ")),
        });
    let header = proposal
        .header_row
        .map(|row| format!("header in row {row}"));
    let said: Vec<String> = header.into_iter().chain(fields).collect();
    let name = path.display();
    format!("{name}: {}; `tandem map {name}` says why", said.join(", "))
}

/// How far it is in the bytes of all files.
fn progress(options: &Options, plan: &Plan) -> Progress {
    let sizes = plan.files.found.iter().map(|path| {
        let about = std::fs::metadata(path).ok()?;
        about.is_file().then_some(about.len())
    });
    let rejects_shown = options
        .rejects
        .as_ref()
        .is_some_and(|to| to.as_os_str() == "-");
    Progress::new(sizes.sum(), rejects_shown && print::is_terminal())
}
