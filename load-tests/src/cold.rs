//! Cold files: what the page cache holds of a folder goes, so that who reads it
//! next reads the disk.

use std::path::Path;

use crate::error::Error;

/// Drops the files of a folder from the page cache. Nobody may have them mapped:
/// such pages stay.
#[cfg(target_os = "linux")]
pub(crate) fn drop_cached(folder: &Path) -> Result<(), Error> {
    use rustix::fs::{Advice, fadvise};
    let failed = |what: &Path, source| Error::io(format!("cannot drop {}", what.display()), source);
    for entry in std::fs::read_dir(folder).map_err(|source| failed(folder, source))? {
        let path = entry.map_err(|source| failed(folder, source))?.path();
        if !path.is_file() {
            continue;
        }
        let file = std::fs::File::open(&path).map_err(|source| failed(&path, source))?;
        // Pages that are not written yet are not dropped.
        file.sync_all().map_err(|source| failed(&path, source))?;
        fadvise(&file, 0, None, Advice::DontNeed).map_err(|error| failed(&path, error.into()))?;
    }
    Ok(())
}

/// Says that there is no way to.
#[cfg(not(target_os = "linux"))]
pub(crate) fn drop_cached(_folder: &Path) -> Result<(), Error> {
    let what = "--cold drops files from the page cache by posix_fadvise, on Linux alone";
    Err(Error::Usage(what.to_owned()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn files_are_as_they_were_and_a_folder_that_is_not_there_is_an_error() {
        let folder = std::env::temp_dir().join(format!("tandem-cold-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("inside")).unwrap();
        let file = folder.join("journal-1");
        std::fs::write(&file, vec![7; 100_000]).unwrap();
        drop_cached(&folder).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), vec![7; 100_000]);
        std::fs::remove_dir_all(&folder).unwrap();
        let error = drop_cached(&folder).unwrap_err().to_string();
        assert!(error.starts_with("cannot drop "), "{error}");
    }
}
