//! The log of changes as docs/FORMAT.md describes it: headers, checksums of
//! groups, and that they follow each other. Owns reading it without its writer:
//! what a log of this version must be does not change when that does.

use std::collections::BTreeMap;

use super::Damage;
use crate::disk::Folder;

const MAGIC: &[u8; 8] = b"TANDEMF\n";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 24;
/// Checksum and bytes of the content.
const HEAD_BYTES: usize = 8;

/// First byte of the content of a group of changes.
const CHANGES: u8 = 2;

/// Spaces with the sequence number of their last change, and its file.
pub(super) type Changes = BTreeMap<String, (u64, String)>;

/// The position in a file's name.
pub(super) fn start_of(file: &str) -> Option<u64> {
    let digits = file.strip_prefix("feed-")?;
    let start = u64::from_str_radix(digits, 16).ok()?;
    (format!("feed-{start:016x}") == file).then_some(start)
}

/// Reads a file of the log, of which the next begins at `next`. What is to be said
/// of it. The last file may end with a group that is none: it comes again
/// from the journal.
pub(super) fn check(
    folder: &dyn Folder,
    file: &str,
    bytes: u64,
    next: Option<u64>,
    changes: &mut Changes,
) -> Result<String, Damage> {
    let damaged = |byte: usize, what: String| {
        Err(Damage {
            file: file.to_owned(),
            byte: byte as u64,
            what,
        })
    };
    let mut content = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX)];
    if let Err(cause) = folder.read(file, 0, &mut content) {
        return damaged(0, format!("cannot be read: {cause}"));
    }
    let start = start_of(file).unwrap_or_default();
    if let Err(what) = header(&content, start) {
        // A power cut may leave a file that was just begun without its header.
        return match next {
            None if content.len() < HEADER_BYTES => Ok("was never whole".to_owned()),
            _ => damaged(0, what),
        };
    }
    let (mut at, mut groups) = (HEADER_BYTES, 0);
    while at < content.len() {
        let Some(bytes) = group(&content[at..], start + at as u64) else {
            if next.is_none() {
                let left = content.len() - at;
                return Ok(format!(
                    "{groups} groups; {left} bytes from byte {at} come again from the journal"
                ));
            }
            return damaged(at, "a group does not fit its checksum".to_owned());
        };
        if let Some((space, sequence)) = changed(&content[at + HEAD_BYTES..at + bytes]) {
            changes.insert(space.to_owned(), (sequence, file.to_owned()));
        }
        at += bytes;
        groups += 1;
    }
    match next {
        Some(next) if next != start + bytes => {
            damaged(at, format!("the next file begins at position {next:#x}"))
        }
        _ => Ok(format!("{groups} groups")),
    }
}

/// Whatever is in the log was synced to the journal before, so a log that is
/// ahead of where spaces are shows that a part of the journal is missing.
pub(super) fn ahead(changes: &Changes, spaces: &BTreeMap<String, u64>) -> Option<Damage> {
    let reached = |space: &String| spaces.get(space).copied().unwrap_or(0);
    let mut ahead = changes.iter();
    let (space, (last, file)) = ahead.find(|(space, (last, _))| *last > reached(space))?;
    Some(Damage {
        file: file.clone(),
        byte: 0,
        what: format!(
            "it has change {last} of space {space}, checkpoint and journal end with {}: the end \
             of the journal is missing",
            reached(space)
        ),
    })
}

fn header(content: &[u8], start: u64) -> Result<(), String> {
    let Some(header) = content.get(..HEADER_BYTES) else {
        return Err("the header is cut short".to_owned());
    };
    let mut check = crc32fast::Hasher::new();
    check.update(&header[..12]);
    check.update(&header[16..]);
    if !header.starts_with(MAGIC) || header[12..16] != check.finalize().to_le_bytes() {
        return Err("the header does not fit its checksum".to_owned());
    }
    if header[8..12] != VERSION.to_le_bytes() {
        return Err(format!("of another format than version {VERSION}"));
    }
    if header[16..] != start.to_le_bytes() {
        return Err("the header has another position than the name".to_owned());
    }
    Ok(())
}

/// Of which space a group has changes, and at which sequence number.
fn changed(content: &[u8]) -> Option<(&str, u64)> {
    let (kind, rest) = content.split_first()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (space, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let sequence = rest.first_chunk()?;
    let space = std::str::from_utf8(space).ok()?;
    (*kind == CHANGES).then_some((space, u64::from_le_bytes(*sequence)))
}

/// Bytes of the whole group at the beginning of these, which stand at a position.
fn group(content: &[u8], position: u64) -> Option<usize> {
    let head: &[u8; HEAD_BYTES] = content.first_chunk()?;
    let (check, length) = head.split_at(4);
    let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
    let rest = content.get(4..HEAD_BYTES.checked_add(length)?)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&position.to_le_bytes());
    hasher.update(rest);
    (hasher.finalize().to_le_bytes() == *check).then_some(HEAD_BYTES + length)
}
