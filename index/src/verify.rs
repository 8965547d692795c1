//! Verifying a folder: every checksum of every file, and what files say about
//! each other. Owns the order of it and the report; what a file must be is said
//! where it is written. Changes nothing.

use std::collections::{BTreeMap, HashMap};
use std::io;

use crate::backup;
use crate::checkpoint::{self, CheckpointError, Visited};
use crate::disk::{FileError, Folder};
use crate::journal::{self, Batch, Misfit, Needed, Operation};
use crate::ledger::{self, KEY_FILE, LEDGER_FILE};
use crate::store::DELETED_KEPT_MS;
use crate::witness::{self, Known, WITNESS_FILE};

mod feed;
mod find;
#[cfg(test)]
mod tests;

pub use find::{FOUND_MAX, Finding, Findings, Needle, find};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the checkpoint consists of.
    Manifest,
    /// A part of the checkpoint.
    Pack,
    /// A part of the journal.
    Journal,
    /// A part of the log of changes.
    Feed,
    /// The ledger of erasures, or its key.
    Ledger,
    /// What the folder has had.
    Witness,
    /// What a backup consists of.
    Snapshot,
    /// Nothing of Tandem's.
    Other,
}

impl Part {
    /// What a file is by its name.
    pub fn of(file: &str) -> Self {
        match file {
            "manifest" | "manifest.new" => Self::Manifest,
            "ledger" | "ledger.key" => Self::Ledger,
            "witness" | "witness.new" => Self::Witness,
            backup::SNAPSHOT_FILE | backup::UNFINISHED_FILE => Self::Snapshot,
            "journal" => Self::Journal,
            _ if checkpoint::is_pack(file) => Self::Pack,
            _ if file.starts_with("journal-") => Self::Journal,
            _ if crate::feed::is_file(file) => Self::Feed,
            _ => Self::Other,
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Pack => "pack",
            Self::Journal => "journal",
            Self::Feed => "feed",
            Self::Ledger => "ledger",
            Self::Witness => "witness",
            Self::Snapshot => "snapshot",
            Self::Other => "other",
        }
    }
}

/// Where a file is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub file: String,
    /// Where in it.
    pub byte: u64,
    /// What is wrong there; never a document's text.
    pub what: String,
}

/// A file and what was found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// Its name.
    pub file: String,
    /// What it is.
    pub part: Part,
    /// How long it is.
    pub bytes: u64,
    /// What is to be said of it.
    pub about: String,
}

/// What was found in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files by name.
    pub files: Vec<FileReport>,
    /// What the checkpoint consists of.
    pub checkpoint: checkpoint::Report,
    /// Frames of the journal behind it.
    pub frames: u64,
    /// Changes in them.
    pub changes: u64,
    /// Spaces with the sequence number of their last change.
    pub spaces: BTreeMap<String, u64>,
    /// Whether this is a backup.
    pub is_backup: bool,
    /// Damage, at most one of each part; the most precise first.
    pub damage: Vec<Damage>,
}

/// Reads everything of a data folder or a backup. Needs as much memory as the
/// largest kind of a space. Damage is reported, not an error.
pub fn verify(folder: &dyn Folder) -> io::Result<Report> {
    let listed = folder.list()?;
    let files = listed.into_iter().map(|(file, bytes)| FileReport {
        part: Part::of(&file),
        about: String::new(),
        file,
        bytes,
    });
    let mut report = Report {
        files: files.collect(),
        ..Report::default()
    };
    let has = |report: &Report, name: &str| report.files.iter().any(|held| held.file == name);
    report.is_backup = has(&report, backup::SNAPSHOT_FILE);
    let mut journaled = Journaled::default();
    let witness = verify_witness(folder, &mut report);
    let known = witness.unwrap_or_default();
    let of_witness = std::mem::take(&mut report.damage);
    let needed = Needed {
        behind: manifest(folder, &mut report),
        least: known.frame,
    };
    verify_journal(folder, needed, &mut report, &mut journaled);
    // What is wrong with the checkpoint comes first: it explains the rest.
    let of_journal = std::mem::take(&mut report.damage);
    verify_checkpoint(folder, &mut report, &journaled);
    report.damage.extend(of_journal);
    let is_whole = report.damage.is_empty();
    // Without a witness a start begins the log of changes anew.
    let is_witnessed = is_whole && witness.is_some();
    feed::verify(folder, needed.behind, is_witnessed, &mut report)?;
    verify_ledger(folder, &mut report, known)?;
    report.damage.extend(of_witness);
    if report.is_backup {
        verify_backup(folder, &mut report);
    } else if has(&report, backup::UNFINISHED_FILE) {
        let what = "a save or a restore did not come to its end: the folder is not whole";
        report.add(backup::UNFINISHED_FILE, 0, what.to_owned());
        report.damage.rotate_right(1);
    }
    if witness.is_none() && is_bare(&report) {
        // A restore refuses it too; a start takes it, and makes what is missing.
        let what = "neither this file nor a witness nor a log of changes is there: this is a backup \
                    that is not whole, or a data folder that was not served since they were removed";
        report.add(backup::SNAPSHOT_FILE, 0, what.to_owned());
    }
    for file in &mut report.files {
        if file.part == Part::Other {
            "not Tandem's, not looked at".clone_into(&mut file.about);
        }
    }
    Ok(report)
}

impl Report {
    fn add(&mut self, file: &str, byte: u64, what: String) {
        // Files of a folder that is real are named with their path.
        let file = file.rsplit('/').next().unwrap_or(file).to_owned();
        self.damage.push(Damage { file, byte, what });
    }

    fn add_file(&mut self, part: &str, cause: FileError) {
        match cause {
            FileError::Refused {
                file,
                offset,
                reason,
            } => self.add(&file, offset, reason),
            FileError::Io { .. } | FileError::Full { .. } => self.add(part, 0, cause.to_string()),
        }
    }

    fn add_checkpoint(&mut self, cause: &CheckpointError) {
        match cause {
            CheckpointError::Damaged { file, byte, what } => self.add(file, *byte, what.clone()),
            CheckpointError::Io { file, .. } | CheckpointError::Version { file, .. } => {
                self.add(file, 0, cause.to_string());
            }
            CheckpointError::Kinds { .. } => self.add("manifest", 0, cause.to_string()),
        }
    }

    fn note(&mut self, file: &str, about: String) {
        let name = file.rsplit('/').next().unwrap_or(file);
        if let Some(held) = self.files.iter_mut().find(|held| held.file == name) {
            held.about = about;
        }
    }
}

/// How far the checkpoint goes, and what is to be said of its files. Where that
/// cannot be known, the journal is read from its beginning.
fn manifest(folder: &dyn Folder, report: &mut Report) -> u64 {
    let mut contents = checkpoint::Contents::default();
    let is_there = report.files.iter().any(|held| held.file == "manifest");
    // Without one a start reads the journal from its beginning, whatever packs there are.
    let mut unknown = false;
    // What is wrong with it is said by whoever opens it as a whole.
    if is_there {
        let read = folder
            .map("manifest")
            .map(|bytes| checkpoint::contents(&bytes));
        if let Ok(Ok(read)) = read {
            contents = read;
            let about = format!("journal up to frame {}", contents.frame);
            report.note("manifest", about);
        } else {
            unknown = true;
        }
    }
    if unknown && let Ok(files) = journal::files(folder) {
        contents.frame = files.first().map_or(0, |(_, first)| first - 1);
    }
    for file in &mut report.files {
        if file.part == Part::Pack && !contents.packs.iter().any(|(name, _)| *name == file.file) {
            "not in use; goes with the next checkpoint".clone_into(&mut file.about);
        }
        if file.file == "manifest.new" || file.file == "witness.new" {
            "not in force; goes with the next one".clone_into(&mut file.about);
        }
    }
    report.spaces = contents.spaces.into_iter().collect();
    contents.frame
}

/// A document of the journal.
type Key = (String, String, String);

/// What the journal says about documents of the checkpoint.
#[derive(Default)]
struct Journaled {
    /// Version and time of the first change, and of the last.
    documents: HashMap<Key, (Change, Change)>,
}

#[derive(Clone, Copy)]
struct Change {
    version: u64,
    at_ms: i64,
    is_put: bool,
}

impl Change {
    /// Whether it may stand behind another version of the document. Puts rise;
    /// a delete has at least the version it deletes; both begin anew once a
    /// deleted version is forgotten.
    fn may_follow(self, version: u64, deleted_ms: Option<i64>) -> bool {
        let forgotten = deleted_ms.is_some_and(|at_ms| self.at_ms - at_ms >= DELETED_KEPT_MS);
        // Format 1 has neither clock nor remembered deletes.
        let unknown = self.at_ms == 0;
        let rises = if self.is_put {
            self.version > version
        } else {
            self.version >= version
        };
        rises || forgotten || unknown
    }
}

impl Journaled {
    fn batch(&mut self, offset: u64, batch: &Batch<'_>) -> Result<(), Misfit> {
        let misfit = |reason: String| Err(Misfit { offset, reason });
        for change in &batch.changes {
            if let Operation::Put(json) = change.operation
                && serde_json::from_slice::<serde_json::Map<_, _>>(json).is_err()
            {
                return misfit("a document is no JSON object".to_owned());
            }
            let now = Change {
                version: change.version,
                at_ms: batch.at_ms,
                is_put: matches!(change.operation, Operation::Put(_)),
            };
            let key = (batch.space, change.kind, change.id);
            let key = (key.0.to_owned(), key.1.to_owned(), key.2.to_owned());
            let (_, last) = self.documents.entry(key).or_insert((now, now));
            // The first change of a document follows itself.
            let same = last.version == now.version && last.at_ms == now.at_ms;
            let deleted_ms = (!last.is_put).then_some(last.at_ms);
            if !same && !now.may_follow(last.version, deleted_ms) {
                let (version, before) = (now.version, last.version);
                return misfit(format!(
                    "version {version} of a document stands behind version {before}"
                ));
            }
            *last = now;
        }
        Ok(())
    }

    /// Holds the checkpoint's versions against the first ones of the journal.
    fn hold(&self, visited: &Visited<'_>) -> Result<(), CheckpointError> {
        let mut of_kind = self.documents.iter().filter(|((space, kind, _), _)| {
            space.as_str() == visited.space && kind.as_str() == visited.kind
        });
        let deleted: HashMap<&str, _> = visited
            .deleted
            .iter()
            .map(|(id, tombstone)| (id.as_str(), (tombstone.version, Some(tombstone.at_ms))))
            .collect();
        let wrong = of_kind.find_map(|((_, _, id), (first, _))| {
            let held = visited.collection.find(id);
            let held = held.map(|(segment, row)| {
                let segment = &visited.collection.segments[segment].segment;
                (segment.version(row), None)
            });
            let (version, deleted_ms) = held.or_else(|| deleted.get(id.as_str()).copied())?;
            (!first.may_follow(version, deleted_ms)).then_some((first.version, version))
        });
        match wrong {
            Some((first, version)) => Err(visited.contradiction(format!(
                "a document has version {version}, the journal behind it version {first}"
            ))),
            None => Ok(()),
        }
    }
}

/// Whether there are documents, and nothing of what every folder has beside them
/// that is a whole backup or was ever served.
fn is_bare(report: &Report) -> bool {
    let has = |part: Part| report.files.iter().any(|held| held.part == part);
    let is_old = report.files.iter().any(|held| held.file == "journal");
    let has_data = has(Part::Manifest) || has(Part::Journal);
    has_data
        && !is_old
        && ![Part::Snapshot, Part::Witness, Part::Feed]
            .into_iter()
            .any(has)
}

/// What the folder has had, as far as its witness says.
fn verify_witness(folder: &dyn Folder, report: &mut Report) -> Option<Known> {
    match witness::look(folder) {
        Ok(Some(known)) => {
            let about = format!("the journal reached frame {} at least", known.frame);
            report.note(WITNESS_FILE, about);
            Some(known)
        }
        Ok(None) => None,
        Err(cause) => {
            report.add_file(WITNESS_FILE, cause);
            None
        }
    }
}

fn verify_journal(
    folder: &dyn Folder,
    needed: Needed,
    report: &mut Report,
    journaled: &mut Journaled,
) {
    let mut spaces = std::mem::take(&mut report.spaces);
    let read = journal::look(folder, needed, |offset, batch| {
        let reached = spaces.entry(batch.space.to_owned()).or_default();
        // A source's position alone is of the snapshot there is; changes and overlays make the next.
        let makes_next = !batch.changes.is_empty() || batch.overlay.is_some();
        let least = *reached + u64::from(makes_next);
        if batch.sequence < least {
            let (sequence, before) = (batch.sequence, *reached);
            return Err(Misfit {
                offset,
                reason: format!("sequence number {sequence} of a space stands behind {before}"),
            });
        }
        *reached = batch.sequence;
        journaled.batch(offset, &batch)
    });
    report.spaces = spaces;
    match read {
        Ok(opened) => {
            report.frames = opened.frames;
            report.changes = opened.changes;
            if let Some(cut) = opened.cut {
                let (bytes, offset) = (cut.bytes, cut.offset);
                report.note(
                    &cut.file,
                    format!("{bytes} bytes from byte {offset} are a write nobody was told of"),
                );
            }
        }
        Err(cause) => report.add_file("journal", cause),
    }
}

fn verify_checkpoint(folder: &dyn Folder, report: &mut Report, journaled: &Journaled) {
    match checkpoint::visit(folder, &mut |visited| journaled.hold(visited)) {
        Ok(checked) => report.checkpoint = checked,
        Err(cause) => report.add_checkpoint(&cause),
    }
}

fn verify_ledger(folder: &dyn Folder, report: &mut Report, known: Known) -> io::Result<()> {
    let has = |name: &str| report.files.iter().any(|file| file.file == name);
    if let Err(cause) = ledger::check_files(folder, known.ledger) {
        report.add_file(LEDGER_FILE, cause);
        return Ok(());
    }
    // The key is written before the ledger is begun.
    if !has(LEDGER_FILE) || !has(KEY_FILE) {
        return Ok(());
    }
    let (ledger, key) = (folder.map(LEDGER_FILE)?, folder.map(KEY_FILE)?);
    match backup::opened_ledger(&ledger, &key, known) {
        Ok(opened) => report.note(LEDGER_FILE, format!("{} records", opened.last())),
        Err(damage) => {
            let file = if damage.of_key { KEY_FILE } else { LEDGER_FILE };
            report.add(file, damage.byte, damage.what);
        }
    }
    Ok(())
}

fn verify_backup(folder: &dyn Folder, report: &mut Report) {
    let contents = match backup::contents(folder) {
        Ok(contents) => contents,
        Err(cause) => return report.add_backup(&cause),
    };
    let spaces = contents.spaces.iter();
    let spaces: BTreeMap<String, u64> = spaces
        .map(|space| (space.name.clone(), space.sequence))
        .collect();
    // What is damaged has nothing to be held against it.
    if report.damage.is_empty() && spaces != report.spaces {
        let what = "its sequence numbers are not those of the files".to_owned();
        report.add(backup::SNAPSHOT_FILE, 0, what);
    }
    for saved in &contents.files {
        let known = report.damage.iter().any(|damage| damage.file == saved.name);
        if !known && let Err(cause) = saved.check(folder, &mut |_| ()) {
            report.add_backup(&cause);
        }
    }
    let extra = report.files.iter().find(|file| {
        let listed = contents.files.iter().any(|saved| saved.name == file.file);
        !listed && !matches!(file.part, Part::Snapshot | Part::Other)
    });
    if let Some(extra) = extra.map(|file| file.file.clone()) {
        let what = "the file was not there when the backup was saved".to_owned();
        report.add(&extra, 0, what);
    }
}

impl Report {
    fn add_backup(&mut self, cause: &backup::BackupError) {
        match cause {
            backup::BackupError::Damaged { file, byte, what } => {
                self.add(file, *byte, what.clone());
            }
            backup::BackupError::Io { file, .. } => self.add(file, 0, cause.to_string()),
            backup::BackupError::Refused { .. }
            | backup::BackupError::Checkpoint(_)
            | backup::BackupError::Journal(_) => {
                self.add(backup::SNAPSHOT_FILE, 0, cause.to_string());
            }
        }
    }
}
