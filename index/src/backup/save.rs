//! Saving beside a server that works. Owns which files belong together, though
//! they come and go meanwhile.
//!
//! All files are opened at once and the manifest is read before and after: where
//! it is the same, they belong together, and open files stay readable whatever
//! becomes of their names. So only the opening is ever begun again, which takes
//! milliseconds; copying may take hours.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::contents::{Contents, FORMAT_VERSION, Saved, Space};
use super::ledger::belonging;
use super::{BackupError, Progress, SNAPSHOT_FILE, UNFINISHED_FILE};
use super::{begin, checkpoint, copy, create, first_file, io_at, is_no_data, sync_folder};
use crate::disk::{self, Folder, RealFolder};
use crate::journal;
use crate::witness::{self, Known};

/// How often the opening is begun again; a checkpoint takes longer than it.
const ATTEMPTS_MAX: usize = 100;
const MANIFEST_FILE: &str = "manifest";

/// Files that belong together, open.
struct Source {
    manifest: Option<Vec<u8>>,
    contents: checkpoint::Contents,
    /// Name, file, bytes.
    packs: Vec<(String, File, u64)>,
    journal: Vec<(String, File, u64)>,
}

/// Saves a data folder into a new one, without its lock and beside the server
/// that holds it. Everything acknowledged before is in the backup. `saved_ms` is
/// now, `program` the program's version.
///
/// Packs are linked where both folders are on one file system, or copied; with
/// `copy_all` everything is copied. Errors: nothing is left behind.
pub fn save(
    from: &Path,
    to: &Path,
    (program, saved_ms): (&str, i64),
    copy_all: bool,
    progress: Progress<'_>,
) -> Result<Contents, BackupError> {
    // Before anything else is looked at: all it says was there then.
    let known = witness::look(&RealFolder::beside(from)).map_err(BackupError::Journal)?;
    let known = known.unwrap_or_default();
    let source = check_source(from)?;
    check_target(from, to)?;
    let was_there = to.is_dir();
    disk::create_folder(to).map_err(io_at(to, "create"))?;
    begin(to)?;
    let saved = write(from, to, source, copy_all, progress).and_then(|found| {
        check_known(from, known, found.frame)?;
        let (ledger, ledger_bytes) = belonging(from, known)?;
        let contents = Contents {
            format: FORMAT_VERSION,
            program: program.to_owned(),
            saved_ms,
            frame: found.frame,
            spaces: found.spaces,
            ledger,
            ledger_bytes,
            files: found.files,
        };
        publish(to, &contents)?;
        Ok(contents)
    });
    if saved.is_err() {
        clear(to, was_there);
    }
    saved
}

/// Refuses a folder of which a part of the journal is missing.
fn check_known(from: &Path, known: Known, frame: u64) -> Result<(), BackupError> {
    if frame < known.frame {
        let why = format!(
            "it ends with frame {frame} of its journal and went on to frame {} before: a part of \
             it is missing; `tandem verify` says which",
            known.frame
        );
        return Err(BackupError::refused(from, why));
    }
    Ok(())
}

fn check_source(from: &Path) -> Result<Source, BackupError> {
    if !from.is_dir() {
        return Err(BackupError::refused(from, "there is no such folder"));
    }
    // Every server makes it first, and takes it away never.
    if !from.join(disk::LOCK_FILE).is_file() {
        return Err(BackupError::refused(
            from,
            "no server ever kept its data there",
        ));
    }
    if let Some(why) = is_no_data(from).map_err(io_at(from, "list"))? {
        return Err(BackupError::refused(from, why));
    }
    for _ in 0..ATTEMPTS_MAX {
        if let Some(source) = open(from)? {
            return Ok(source);
        }
    }
    let why = "its files change faster than they can be opened; is a process other than Tandem \
               at work there?";
    Err(BackupError::refused(from, why))
}

fn check_target(from: &Path, to: &Path) -> Result<(), BackupError> {
    if let Some(found) = first_file(to)? {
        let why = if found == UNFINISHED_FILE || to.join(UNFINISHED_FILE).exists() {
            "an earlier save did not come to its end here; remove the folder".to_owned()
        } else {
            format!("`{found}` is there; a backup is saved into a new folder")
        };
        return Err(BackupError::refused(to, why));
    }
    // The nearest folder above that is there.
    let above = to.ancestors().find_map(|path| {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        path.canonicalize().ok()
    });
    let data = from.canonicalize().map_err(io_at(from, "open"))?;
    if above.is_some_and(|above| above.starts_with(&data)) {
        return Err(BackupError::refused(to, "it is inside the data folder"));
    }
    Ok(())
}

/// Opens everything that belongs together; nothing where it changed meanwhile.
fn open(from: &Path) -> Result<Option<Source>, BackupError> {
    let manifest = manifest(from)?;
    let contents = match &manifest {
        Some(bytes) => checkpoint::contents(bytes).map_err(BackupError::Checkpoint)?,
        None => checkpoint::Contents::default(),
    };
    let listed = journal_files(from)?;
    let mut packs = Vec::new();
    for (name, bytes) in &contents.packs {
        match File::open(from.join(name)) {
            Ok(file) => packs.push((name.clone(), file, *bytes)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                return gone(from, manifest.as_deref(), name);
            }
            Err(cause) => return Err(io_at(&from.join(name), "open")(cause)),
        }
    }
    let mut journal = Vec::new();
    for name in &listed {
        let path = from.join(name);
        match File::open(&path) {
            Ok(file) => {
                let bytes = file.metadata().map_err(io_at(&path, "open"))?.len();
                journal.push((name.clone(), file, bytes));
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(io_at(&path, "open")(cause)),
        }
    }
    let same = self::manifest(from)? == manifest && journal_files(from)? == listed;
    Ok(same.then_some(Source {
        manifest,
        contents,
        packs,
        journal,
    }))
}

/// A pack is not there: because of a newer checkpoint, or it is missing.
fn gone(from: &Path, manifest: Option<&[u8]>, pack: &str) -> Result<Option<Source>, BackupError> {
    if self::manifest(from)?.as_deref() == manifest {
        return Err(BackupError::damaged(pack, 0, "the file is missing"));
    }
    Ok(None)
}

fn manifest(from: &Path) -> Result<Option<Vec<u8>>, BackupError> {
    match fs::read(from.join(MANIFEST_FILE)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(io_at(&from.join(MANIFEST_FILE), "read")(cause)),
    }
}

fn journal_files(from: &Path) -> Result<Vec<String>, BackupError> {
    let found = journal::files(&RealFolder::beside(from)).map_err(BackupError::Journal)?;
    Ok(found.into_iter().map(|(name, _)| name).collect())
}

/// What was written.
struct Written {
    frame: u64,
    spaces: Vec<Space>,
    files: Vec<Saved>,
}

fn write(
    from: &Path,
    to: &Path,
    source: Source,
    copy_all: bool,
    progress: Progress<'_>,
) -> Result<Written, BackupError> {
    let sizes = source.packs.iter().chain(&source.journal);
    // Everything is copied and then read for its checksum.
    let total = 2 * sizes.map(|(_, _, bytes)| bytes).sum::<u64>();
    let mut done = 0;
    let mut count = |bytes: u64| {
        done += bytes;
        progress(done.min(total), total);
    };
    // The journal first: it may go on for as long as this takes.
    for (name, mut file, bytes) in source.journal {
        copy(&mut file, &to.join(&name), bytes, &mut count)?;
    }
    for (name, mut file, bytes) in source.packs {
        let linked = !copy_all && fs::hard_link(from.join(&name), to.join(&name)).is_ok();
        if linked {
            count(bytes);
        } else {
            copy(&mut file, &to.join(&name), bytes, &mut count)?;
        }
    }
    if let Some(bytes) = source.manifest {
        let path = to.join(MANIFEST_FILE);
        let written = create(&path).and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        });
        written.map_err(io_at(&path, "write"))?;
    }
    let (frame, spaces) = cut(to, &source.contents)?;
    sync_folder(to)?;
    let folder = RealFolder::beside(to);
    let mut files = Vec::new();
    for (name, bytes) in folder.list().map_err(io_at(to, "list"))? {
        if name != UNFINISHED_FILE {
            files.push(Saved::of(&folder, &name, bytes, &mut count)?);
        }
    }
    Ok(Written {
        frame,
        spaces,
        files,
    })
}

/// Reads the journal as a start would, and cuts off a frame that was just being
/// written: nobody was told of it yet. The last frame, and where spaces are.
fn cut(to: &Path, contents: &checkpoint::Contents) -> Result<(u64, Vec<Space>), BackupError> {
    let mut spaces: BTreeMap<String, u64> = contents.spaces.iter().cloned().collect();
    let folder = RealFolder::beside(to);
    let opened = journal::look(&folder, contents.frame, |_place, batch| {
        spaces.insert(batch.space.to_owned(), batch.sequence);
        Ok(())
    })
    .map_err(BackupError::Journal)?;
    if let Some(cut) = opened.cut {
        let path = Path::new(&cut.file);
        let done = if cut.offset == 0 {
            fs::remove_file(path)
        } else {
            let open = fs::OpenOptions::new().write(true).open(path);
            open.and_then(|file| {
                file.set_len(cut.offset)?;
                file.sync_all()
            })
        };
        done.map_err(io_at(path, "cut"))?;
    }
    let spaces = spaces.into_iter();
    let spaces = spaces.map(|(name, sequence)| Space { name, sequence });
    Ok((contents.frame + opened.frames, spaces.collect()))
}

fn publish(to: &Path, contents: &Contents) -> Result<(), BackupError> {
    let (new, path) = (to.join(UNFINISHED_FILE), to.join(SNAPSHOT_FILE));
    let bytes = contents.write().map_err(io::Error::other);
    let written = bytes.and_then(|bytes| {
        let mut file = fs::OpenOptions::new().write(true).open(&new)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&new, &path)
    });
    written.map_err(io_at(&path, "write"))?;
    sync_folder(to)
}

/// Removes what a save that failed has written: the folder was empty before. The
/// mark goes last.
fn clear(to: &Path, was_there: bool) {
    let files = fs::read_dir(to).into_iter().flatten().flatten();
    for file in files.filter(|file| file.file_name() != UNFINISHED_FILE) {
        drop(fs::remove_file(file.path()));
    }
    drop(fs::remove_file(to.join(UNFINISHED_FILE)));
    if !was_there {
        drop(fs::remove_dir(to));
    }
}
