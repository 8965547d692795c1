//! `tandem verify`: checks a data folder or a backup, or looks for a text in it.
//! Owns options, tables and exit codes; what must be true is the index's to say.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tandem_index::disk::RealFolder;
use tandem_index::verify::{self, Finding, Findings, Needle, Part, Report};

use super::error::{CliError, Exit};
use super::print;

/// Places that are printed; JSON has more.
const PLACES_SHOWN: usize = 40;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The data folder of a server that is stopped, or a backup
    folder: PathBuf,
    /// Look for this text in everything, also what is packed, and say where it is
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
    /// Look for the text in any case of letters
    #[arg(long, requires = "find")]
    ignore_case: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    let needle = options.find.as_deref();
    let needle = needle.map(|text| Needle::new(text, options.ignore_case));
    let needle = needle.transpose();
    let needle = needle.map_err(|what| CliError::new(Exit::Usage, format!("--find: {what}")))?;
    let folder = open(&options.folder)?;
    let io = |cause: io::Error| CliError::io(&options.folder.display().to_string(), &cause);
    let as_json = options.json || !print::is_terminal();
    let files = tandem_index::disk::Folder::list(&folder).map_err(io)?;
    if files.iter().all(|(file, _)| Part::of(file) == Part::Other) {
        let what = format!(
            "{}: nothing in it is Tandem's: no data folder, and no backup that was ever whole",
            options.folder.display()
        );
        return Err(CliError::new(Exit::Failed, what));
    }
    if let Some(needle) = needle {
        let findings = verify::find(&folder, &needle).map_err(io)?;
        return found(&findings, as_json);
    }
    let report = verify::verify(&folder).map_err(io)?;
    verified(&report, as_json)
}

fn open(path: &Path) -> Result<RealFolder, CliError> {
    RealFolder::look(path).map_err(|cause| {
        let error = CliError::io(&format!("{}: cannot open", path.display()), &cause);
        if cause.kind() == io::ErrorKind::ResourceBusy {
            error
                .hint("stop the server, or verify a backup: tandem snapshot save FOLDER --data DIR")
        } else {
            error
        }
    })
}

fn verified(report: &Report, as_json: bool) -> Result<Exit, CliError> {
    if as_json {
        print::line(&report_json(report).to_string())?;
    } else {
        print::line(&report_table(report))?;
    }
    match report.damage.first() {
        None => Ok(Exit::Done),
        Some(damage) => {
            let (file, byte, what) = (&damage.file, damage.byte, &damage.what);
            let what = format!("{file} is damaged at byte {byte}: {what}");
            Err(CliError::new(Exit::Failed, what)
                .hint("docs/operations.md says what to do with a folder that is refused"))
        }
    }
}

fn report_json(report: &Report) -> serde_json::Value {
    let files: Vec<_> = report
        .files
        .iter()
        .map(|file| {
            let part = file.part.as_str();
            json!({"file": file.file, "part": part, "bytes": file.bytes, "about": file.about})
        })
        .collect();
    let damage: Vec<_> = report
        .damage
        .iter()
        .map(|damage| json!({"file": damage.file, "byte": damage.byte, "what": damage.what}))
        .collect();
    let checked = &report.checkpoint;
    json!({
        "whole": report.damage.is_empty(),
        "backup": report.is_backup,
        "damage": damage,
        "files": files,
        "checkpoint": {"frame": checked.frame, "packs": checked.packs, "bytes": checked.bytes,
            "spaces": checked.spaces, "segments": checked.segments, "rows": checked.rows,
            "documents": checked.documents, "deleted": checked.deleted},
        "journal": {"frames": report.frames, "changes": report.changes},
        "spaces": report.spaces,
    })
}

fn report_table(report: &Report) -> String {
    let width = |of: &dyn Fn(&verify::FileReport) -> usize, least: usize| {
        report.files.iter().map(of).max().unwrap_or(0).max(least)
    };
    let name = width(&|file| file.file.len(), 4);
    let bytes = width(&|file| file.bytes.to_string().len(), 5);
    let mut lines = vec![format!(
        "{:name$}  {:8}  {:>bytes$}  ",
        "file", "part", "bytes"
    )];
    for file in &report.files {
        let damage = report.damage.iter().find(|damage| damage.file == file.file);
        let about = damage.map_or_else(
            || file.about.clone(),
            |damage| format!("DAMAGED at byte {}: {}", damage.byte, damage.what),
        );
        let part = file.part.as_str();
        let line = format!(
            "{:name$}  {part:8}  {:>bytes$}  {about}",
            file.file, file.bytes
        );
        lines.push(line.trim_end().to_owned());
    }
    lines.push(String::new());
    lines.push(format!("checkpoint: {}", report.checkpoint));
    lines.push(format!(
        "journal behind it: {} changes in {} frames",
        report.changes, report.frames
    ));
    if report.damage.is_empty() {
        lines.push("whole: every checksum fits, and all parts agree".to_owned());
    }
    lines.join("\n")
}

fn found(findings: &Findings, as_json: bool) -> Result<Exit, CliError> {
    if as_json {
        print::line(&findings_json(findings).to_string())?;
    } else {
        for finding in findings.found.iter().take(PLACES_SHOWN) {
            print::line(&place(finding))?;
        }
        let more = findings.count.saturating_sub(PLACES_SHOWN as u64);
        if more > 0 {
            print::line(&format!("and {more} places more"))?;
        }
        print::line(&format!(
            "{} in {} files of {} bytes",
            if findings.count == 0 {
                "not found"
            } else {
                "found"
            },
            findings.files,
            findings.bytes
        ))?;
    }
    match findings.undecoded.first() {
        Some(first) => {
            let what = format!("not everything could be looked through: {first}");
            Err(CliError::new(Exit::Failed, what))
        }
        None if findings.count > 0 => Ok(Exit::Failed),
        None => Ok(Exit::Done),
    }
}

fn place(finding: &Finding) -> String {
    let mut text = format!("{}: {}", finding.file, finding.part);
    let names = [
        ("space", &finding.space),
        ("kind", &finding.kind),
        ("id", &finding.id),
    ];
    for (name, value) in names.iter().filter(|(_, value)| !value.is_empty()) {
        // An id may hold anything.
        let value = value.escape_debug();
        text.extend([", ", name, " ", &value.to_string()]);
    }
    if let Some(row) = finding.row {
        text.extend([", row ", &row.to_string()]);
    }
    if let Some(byte) = finding.byte {
        text.extend([", byte ", &byte.to_string()]);
    }
    text
}

fn findings_json(findings: &Findings) -> serde_json::Value {
    let found: Vec<_> = findings
        .found
        .iter()
        .map(|finding| {
            let text = |value: &String| (!value.is_empty()).then(|| value.clone());
            json!({"file": finding.file, "part": finding.part, "space": text(&finding.space),
                "kind": text(&finding.kind), "id": text(&finding.id), "row": finding.row,
                "byte": finding.byte})
        })
        .collect();
    json!({"count": findings.count, "found": found, "files": findings.files,
        "bytes": findings.bytes, "undecoded": findings.undecoded})
}
