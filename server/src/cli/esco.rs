//! `serve --esco`: a deployer's ESCO files. Owns reading the folder; what the
//! files say is the index's.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tandem_index::taxonomy::{self, Esco, EscoFile, Occupations, Taxonomy};

use super::error::{CliError, Exit};

/// Makes what the files add part of the taxonomy under all spaces, before
/// anything is loaded or asked. Errors: a file that cannot be read, with its line.
pub(super) fn install(folder: &Path) -> Result<(), CliError> {
    let started = Instant::now();
    let files = files(folder)?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let esco = Esco::read(&name, &files, Occupations::builtin()).map_err(|cause| {
        CliError::new(Exit::Usage, format!("--esco {}: {cause}", folder.display()))
            .hint("ESCO's download is called classification, in CSV")
    })?;
    let taxonomy = Taxonomy::builtin().with_esco(&esco);
    if let Some(counts) = taxonomy.esco() {
        tracing::info!(
            version = counts.version,
            files = files.len(),
            skills = counts.skills,
            skills_unknown = counts.skills_unknown,
            links = counts.links,
            occupations = counts.occupations,
            occupations_unknown = counts.occupations_unknown,
            titles = counts.titles,
            took_ms = started.elapsed().as_millis() as u64,
            "read ESCO"
        );
    }
    if taxonomy::install(taxonomy) {
        return Ok(());
    }
    Err(CliError::new(Exit::Failed, "a taxonomy is in use already"))
}

/// The files of a folder, and of folders in it: a language has one, as they are
/// downloaded.
fn files(folder: &Path) -> Result<Vec<EscoFile>, CliError> {
    let mut paths = Vec::new();
    for path in list(folder)? {
        if path.is_dir() {
            paths.extend(list(&path)?);
        } else {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    let mut files = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_file() && EscoFile::is_read(&name) {
            files.push(EscoFile {
                text: read(&path)?,
                name: name.into_owned(),
            });
        }
    }
    Ok(files)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let failed = |cause: std::io::Error| {
        let what = format!("--esco: cannot read {}: {cause}", folder.display());
        CliError::new(Exit::Usage, what)
    };
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths.collect::<Result<_, _>>().map_err(failed)
}

fn read(path: &Path) -> Result<String, CliError> {
    let bytes = fs::read(path).map_err(|cause| {
        let what = format!("--esco: cannot read {}: {cause}", path.display());
        CliError::new(Exit::Usage, what)
    })?;
    String::from_utf8(bytes).map_err(|cause| {
        let at = cause.utf8_error().valid_up_to();
        let lines = cause.as_bytes().iter().take(at);
        let line = lines.filter(|byte| **byte == b'\n').count() + 1;
        let what = format!("--esco {}: line {line}: not UTF-8", path.display());
        CliError::new(Exit::Usage, what)
    })
}
