//! `tandem snapshot`: saves a data folder beside the server that works on it, and
//! restores one. Owns options and what is printed; copying is the index's.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;
use tandem_index::backup::{self, BackupError, Contents, LedgerFiles};
use tandem_index::disk::{FileError, Folder, RealFolder};
use tandem_index::ledger::{KEY_BYTES, Ledger};
use tandem_index::witness::{History, Witness};

use super::error::{CliError, Exit};
use super::serve::{self, Currencies};
use super::{help, print};
use crate::clock::now_ms;
use crate::erase;

mod erased;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Save a data folder into a new one, beside the server that works on it
    #[command(after_help = help::SAVE)]
    Save(Save),
    /// Make a data folder of a backup
    #[command(after_help = help::RESTORE)]
    Restore(Restore),
}

#[derive(Debug, Args)]
pub(super) struct Save {
    /// The folder of the backup: new, or empty
    folder: PathBuf,
    /// The data folder; a server may be working on it
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Copy packs, also where both folders are on one file system and could share them
    #[arg(long)]
    copy: bool,
    /// What was saved as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The folder of the backup
    folder: PathBuf,
    /// The data folder to be made: new, or empty
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The newest ledger of erasures of the server the backup came from, its key beside it as
    /// FILE.key: what was erased since does not come back
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// The kinds of documents of that server, in place of jobs and candidates
    #[arg(long, value_name = "FILE")]
    kinds: Option<PathBuf>,
    #[command(flatten)]
    currencies: Currencies,
    /// What was restored as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Command) -> Result<Exit, CliError> {
    match command {
        Command::Save(options) => save(options),
        Command::Restore(options) => restore(options),
    }
}

fn save(options: &Save) -> Result<Exit, CliError> {
    let mut bar = Bar::new("saved");
    let program = env!("CARGO_PKG_VERSION");
    let saved = backup::save(
        &options.data,
        &options.folder,
        (program, now_ms()),
        options.copy,
        &mut |done, total| bar.draw(done, total),
    );
    bar.end();
    let contents = saved.map_err(|cause| failed(&cause))?;
    report("saved", &options.folder, &contents, None, options.json)
}

fn restore(options: &Restore) -> Result<Exit, CliError> {
    let Some(path) = &options.ledger else {
        let what = "a backup is not restored without the ledger of erasures: people erased since \
                    it was saved would be back";
        return Err(CliError::new(Exit::Usage, what)
            .hint("give --ledger FILE: the newest `ledger` of the server it came from, with its key beside it"));
    };
    let failed = |cause: BackupError| failed(&cause);
    options.currencies.install()?;
    let kinds = serve::kinds(options.kinds.as_deref())?;
    // All that can be refused is, before anything is written.
    let backup = RealFolder::look(&options.folder).map_err(|cause| {
        CliError::io(
            &format!("{}: cannot open", options.folder.display()),
            &cause,
        )
    })?;
    let contents = backup::contents(&backup).map_err(failed)?;
    let (files, ledger) = LedgerFiles::read(path, &contents).map_err(failed)?;
    let mut bar = Bar::new("restored");
    let restored = backup::restore(&options.folder, &options.data, &mut |done, total| {
        bar.draw(done, total);
    });
    bar.end();
    let (contents, folder) = restored.map_err(failed)?;
    files.place(&options.data).map_err(failed)?;
    let folder = Arc::new(folder);
    let history = erase::history().map_err(|cause| CliError::io("no random number", &cause))?;
    let witness = witness(&folder, history)
        .map_err(|cause| CliError::new(Exit::Failed, format!("not restored: {cause}")))?;
    let gone = erased::take_out((&folder, &witness), kinds, &ledger, contents.saved_ms)?;
    let noted = witness.reached(contents.frame);
    noted.map_err(|cause| CliError::new(Exit::Failed, format!("not restored: {cause}")))?;
    backup::finish(&folder).map_err(failed)?;
    let erased = Some(gone);
    report("restored", &options.data, &contents, erased, options.json)
}

/// Notes which ledger belongs to a restored folder, whose documents have a history of
/// their own from here on.
fn witness(folder: &Arc<RealFolder>, history: History) -> Result<Arc<Witness>, FileError> {
    let shared = || Arc::clone(folder) as Arc<dyn Folder>;
    let witness = Arc::new(Witness::open(shared(), history)?);
    // Both files are there, so the key for new ones is of no use.
    Ledger::open(shared(), [0; KEY_BYTES], Arc::clone(&witness))?;
    Ok(witness)
}

fn failed(cause: &BackupError) -> CliError {
    let error = CliError::new(Exit::Failed, cause.to_string());
    match cause {
        BackupError::Damaged { .. } => {
            error.hint("`tandem verify` on the folder lists all of its files")
        }
        BackupError::Io { .. }
        | BackupError::Refused { .. }
        | BackupError::Checkpoint(_)
        | BackupError::Journal(_) => error,
    }
}

fn report(
    done: &str,
    folder: &Path,
    contents: &Contents,
    erased: Option<u64>,
    as_json: bool,
) -> Result<Exit, CliError> {
    let bytes: u64 = contents.files.iter().map(|file| file.bytes).sum();
    let folder = folder.display().to_string();
    if as_json || !print::is_terminal() {
        let spaces = contents.spaces.iter();
        let spaces: serde_json::Map<String, serde_json::Value> = spaces
            .map(|space| (space.name.clone(), space.sequence.into()))
            .collect();
        let mut said = json!({"folder": folder, "files": contents.files.len(), "bytes": bytes,
            "frame": contents.frame, "spaces": spaces, "saved_ms": contents.saved_ms});
        if let Some(erased) = erased {
            said["erased"] = erased.into();
        }
        print::line(&said.to_string())?;
    } else {
        let erased = erased.map_or_else(String::new, |erased| {
            format!("; {erased} documents erased since were taken out")
        });
        print::line(&format!(
            "{done}: {folder} ({} files, {}, {} spaces, {} frames{erased})",
            contents.files.len(),
            megabytes(bytes),
            contents.spaces.len(),
            contents.frame
        ))?;
    }
    Ok(Exit::Done)
}

/// Bytes for people.
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// How far it is, on a terminal.
struct Bar {
    doing: &'static str,
    shown: Option<u64>,
    on: bool,
}

impl Bar {
    fn new(doing: &'static str) -> Self {
        Self {
            doing,
            shown: None,
            on: std::io::stderr().is_terminal(),
        }
    }

    fn draw(&mut self, done: u64, total: u64) {
        let percent = (done * 100).checked_div(total).unwrap_or(100);
        if !self.on || self.shown == Some(percent) {
            return;
        }
        self.shown = Some(percent);
        let line = format!("\r{} {percent} % of {}", self.doing, megabytes(total));
        let mut out = std::io::stderr().lock();
        // Where there is nobody to tell there is nothing to do.
        drop(out.write_all(line.as_bytes()).and_then(|()| out.flush()));
    }

    fn end(&self) {
        if self.shown.is_some() {
            print::note("");
        }
    }
}
