//! Which files a list of paths stands for. Owns walking folders, in the order
//! of names; opens nothing.

use std::io;
use std::path::{Path, PathBuf};

use super::Format;

/// Files of some paths.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// What is to be read, in order; `-` is standard input.
    pub found: Vec<PathBuf>,
    /// Files of folders that have no name of a format that is read.
    pub skipped: Vec<PathBuf>,
}

/// Files by path; folders by what is in them, at any depth, hidden files and
/// linked folders left out. A path that cannot be looked at is an error with
/// its name.
pub fn files(paths: &[PathBuf]) -> Result<Files, (PathBuf, io::Error)> {
    let mut files = Files::default();
    for path in paths {
        if path.as_os_str() == "-" {
            files.found.push(path.clone());
            continue;
        }
        let about = std::fs::metadata(path).map_err(|cause| (path.clone(), cause))?;
        if about.is_dir() {
            walk(path, &mut files).map_err(|cause| (path.clone(), cause))?;
        } else {
            files.found.push(path.clone());
        }
    }
    Ok(files)
}

fn walk(folder: &Path, files: &mut Files) -> io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&path, files)?;
        } else if kind.is_symlink() && path.is_dir() {
            // A link may lead back to where it stands.
            files.skipped.push(path);
        } else if Format::of_name(&path).is_some() {
            files.found.push(path);
        } else {
            files.skipped.push(path);
        }
    }
    Ok(())
}
