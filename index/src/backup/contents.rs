//! The file `snapshot`: what a backup consists of. Owns its JSON and the
//! checksums of files; pure but for reading them.

use serde::{Deserialize, Serialize};

use super::{BackupError, SNAPSHOT_FILE};
use crate::disk::Folder;

/// Bytes of a file under one checksum.
pub const CHUNK_BYTES: usize = 1 << 20;
/// The version that is written and read.
pub const FORMAT_VERSION: u32 = 1;
/// What stands before the file's own checksum.
const OWN_CHECK: &str = ",\n  \"crc32\": \"";
/// What stands behind it.
const END: &str = "\"\n}\n";

/// What a backup consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// The version of this file.
    pub format: u32,
    /// The program that saved it.
    pub program: String,
    /// When saving began, in milliseconds since 1970: what was acknowledged before
    /// is in the backup.
    pub saved_ms: i64,
    /// The last frame of the journal.
    pub frame: u64,
    /// Spaces by name, with the sequence number of what they show.
    pub spaces: Vec<Space>,
    /// The first bytes of the ledger of erasures, in hexadecimal, where the server
    /// has one: they say which one belongs to the backup.
    pub ledger: Option<String>,
    /// How many bytes that ledger had.
    pub ledger_bytes: u64,
    /// Its files by name.
    pub files: Vec<Saved>,
}

/// A space in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Space {
    /// Its name.
    pub name: String,
    /// The sequence number of what it shows.
    pub sequence: u64,
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// Its name.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// CRC-32 of each 1 MiB, the last one shorter, in hexadecimal.
    pub crc32: Vec<String>,
}

/// All that is asked of a file of another version.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Contents {
    /// The bytes of the file.
    pub(super) fn write(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.truncate(text.len() - "\n}".len());
        let check = crc32fast::hash(text.as_bytes());
        Ok(format!("{text}{OWN_CHECK}{check:08x}{END}").into_bytes())
    }

    /// What the bytes of the file say.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, BackupError> {
        let damaged = |what: String| BackupError::damaged(SNAPSHOT_FILE, 0, what);
        let text = std::str::from_utf8(bytes).map_err(|cause| {
            let at = cause.valid_up_to() as u64;
            BackupError::damaged(SNAPSHOT_FILE, at, "this is no text")
        })?;
        let body = text.strip_suffix(END).and_then(|text| {
            let (text, check) = text.rsplit_once(OWN_CHECK)?;
            (check == format!("{:08x}", crc32fast::hash(text.as_bytes()))).then_some(text)
        });
        let body = body.ok_or_else(|| damaged("the file does not fit its checksum".to_owned()))?;
        let whole = format!("{body}\n}}");
        let version: Version =
            serde_json::from_str(&whole).map_err(|cause| damaged(cause.to_string()))?;
        if version.format != FORMAT_VERSION {
            return Err(damaged(format!(
                "format version {}, this program reads version {FORMAT_VERSION}",
                version.format
            )));
        }
        let contents: Self =
            serde_json::from_str(&whole).map_err(|cause| damaged(cause.to_string()))?;
        let is_name = |name: &str| !name.is_empty() && !name.contains(['/', '\0', '.']);
        match contents.files.iter().find(|file| !is_name(&file.name)) {
            Some(file) => Err(damaged(format!("`{}` is no file of a backup", file.name))),
            None => Ok(contents),
        }
    }
}

impl Saved {
    /// A file as it is.
    pub(super) fn of(
        folder: &dyn Folder,
        name: &str,
        bytes: u64,
        read: &mut dyn FnMut(u64),
    ) -> Result<Self, BackupError> {
        let mut crc32 = Vec::new();
        chunks(folder, name, bytes, &mut |chunk| {
            crc32.push(format!("{:08x}", crc32fast::hash(chunk)));
            read(chunk.len() as u64);
            true
        })?;
        Ok(Self {
            name: name.to_owned(),
            bytes,
            crc32,
        })
    }

    /// Holds a file against its checksums.
    pub(crate) fn check(
        &self,
        folder: &dyn Folder,
        read: &mut dyn FnMut(u64),
    ) -> Result<(), BackupError> {
        let files = folder.list().map_err(|cause| BackupError::Io {
            file: folder.name(),
            doing: "list",
            cause,
        })?;
        let damaged = |at: u64, what: String| Err(BackupError::damaged(&self.name, at, what));
        let Some((_, bytes)) = files.iter().find(|(file, _)| *file == self.name) else {
            return damaged(0, "the file is missing".to_owned());
        };
        if *bytes != self.bytes {
            let at = self.bytes.min(*bytes);
            let what = format!("the file has {bytes} bytes, should have {}", self.bytes);
            return damaged(at, what);
        }
        let mut checks = self.crc32.iter();
        let mut at = 0;
        let mut wrong = None;
        chunks(folder, &self.name, self.bytes, &mut |chunk| {
            let found = format!("{:08x}", crc32fast::hash(chunk));
            if checks.next() != Some(&found) {
                wrong = Some((at, chunk.len()));
                return false;
            }
            at += chunk.len() as u64;
            read(chunk.len() as u64);
            true
        })?;
        match wrong {
            Some((at, length)) => damaged(
                at,
                format!("{length} bytes from here do not fit their checksum"),
            ),
            None if checks.next().is_some() => {
                let what = "the backup has more checksums of it than it has bytes".to_owned();
                damaged(self.bytes, what)
            }
            None => Ok(()),
        }
    }
}

/// Shows a file piece by piece, until one is not wanted.
fn chunks(
    folder: &dyn Folder,
    name: &str,
    bytes: u64,
    each: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<(), BackupError> {
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut at = 0;
    while at < bytes {
        let wanted = (bytes - at).min(CHUNK_BYTES as u64) as usize;
        let chunk = &mut buffer[..wanted];
        let read = folder.read(name, at, chunk);
        read.map_err(|cause| BackupError::Io {
            file: name.to_owned(),
            doing: "read",
            cause,
        })?;
        if !each(chunk) {
            return Ok(());
        }
        at += wanted as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::MemoryFolder;

    fn contents() -> Contents {
        Contents {
            format: FORMAT_VERSION,
            program: "1.2.3".to_owned(),
            saved_ms: 1_700_000_000_000,
            frame: 7,
            spaces: vec![Space {
                name: "default".to_owned(),
                sequence: 9,
            }],
            ledger: Some("00ff".to_owned()),
            ledger_bytes: 32,
            files: vec![Saved {
                name: "manifest".to_owned(),
                bytes: 3,
                crc32: vec!["352441c2".to_owned()],
            }],
        }
    }

    #[test]
    fn a_flipped_byte_of_the_list_of_files_is_seen() {
        let written = contents().write().unwrap();
        assert_eq!(Contents::parse(&written).unwrap(), contents());
        for at in 0..written.len() {
            for bit in [1, 0x20, 0x80] {
                let mut damaged = written.clone();
                damaged[at] ^= bit;
                assert!(Contents::parse(&damaged).is_err(), "byte {at}");
            }
            assert!(Contents::parse(&written[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_list_of_another_format_or_of_files_elsewhere_is_refused() {
        let newer = Contents {
            format: 2,
            ..contents()
        };
        let said = Contents::parse(&newer.write().unwrap()).unwrap_err();
        assert!(said.to_string().contains("format version 2"), "{said}");
        for name in ["../lock", "a/b", "", "."] {
            let mut elsewhere = contents();
            name.clone_into(&mut elsewhere.files[0].name);
            let said = Contents::parse(&elsewhere.write().unwrap()).unwrap_err();
            assert!(said.to_string().contains("no file of a backup"), "{said}");
        }
    }

    #[test]
    fn damage_of_a_file_is_named_by_its_chunk() {
        let content: Vec<u8> = (0..2 * CHUNK_BYTES + 5).map(|at| at as u8).collect();
        let files = [("pack-1".to_owned(), content.clone())];
        let folder = MemoryFolder::with_files(files);
        let bytes = content.len() as u64;
        let saved = Saved::of(&folder, "pack-1", bytes, &mut |_| ()).unwrap();
        assert_eq!(saved.crc32.len(), 3);
        saved.check(&folder, &mut |_| ()).unwrap();
        for (at, chunk) in [
            (0, 0),
            (CHUNK_BYTES, CHUNK_BYTES),
            (2 * CHUNK_BYTES + 4, 2 * CHUNK_BYTES),
        ] {
            let mut damaged = content.clone();
            damaged[at] ^= 4;
            folder.set("pack-1", damaged);
            let said = saved.check(&folder, &mut |_| ()).unwrap_err().to_string();
            let expected = format!("pack-1 is damaged at byte {chunk}: ");
            assert!(said.starts_with(&expected), "{said}");
        }
        folder.set("pack-1", content[..9].to_vec());
        let said = saved.check(&folder, &mut |_| ()).unwrap_err().to_string();
        assert!(said.contains("the file has 9 bytes"), "{said}");
    }
}
