//! Looking at the log without taking it over. Owns telling an end that a crash
//! may have left from damage; changes nothing.

use std::collections::BTreeMap;
use std::io;

use super::format::{self, FORMAT_VERSION, HEADER_BYTES};
use super::name;
use super::open::{scan_file, start_of};
use super::state::State;
use crate::disk::Folder;

/// What a disk writes whole or not at all, and reads as zeros where it never did.
const SECTOR_BYTES: usize = 512;
/// No group ends with so many zeros, also where one byte is another one: a name
/// of one letter behind its length, and a place of zeros.
const ZEROS_MIN: usize = 22;
/// Nor begins with so many: its length is among them.
const FIRST_ZEROS_MIN: usize = format::HEAD_BYTES;

/// The log as it stands in a folder.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Its files, in order.
    pub(crate) files: Vec<Looked>,
    /// Frames of the journal of which it has every change.
    pub(crate) frame: u64,
    /// Spaces it has changes of, with the sequence number of the last.
    pub(crate) last: BTreeMap<String, u64>,
}

/// A file of it.
#[derive(Debug)]
pub(crate) struct Looked {
    pub(crate) file: String,
    /// Whole groups, where all of them are.
    pub(crate) groups: u64,
    /// Where and why it is not whole.
    pub(crate) bad: Option<Bad>,
}

/// The first place that is not as it was written.
#[derive(Debug)]
pub(crate) struct Bad {
    pub(crate) byte: u64,
    pub(crate) reason: String,
    /// Whether a crash leaves the newest file so: opening cuts it there.
    pub(crate) torn: bool,
}

/// Reads every file. Errors: the folder cannot be listed.
pub(crate) fn look(folder: &dyn Folder) -> io::Result<Log> {
    let listed = folder.list()?;
    let files: BTreeMap<u64, u64> = listed
        .iter()
        .filter_map(|(file, bytes)| Some((start_of(file)?, *bytes)))
        .collect();
    let newest = files.last_key_value().map(|(start, _)| *start);
    let (mut log, mut state) = (Log::default(), State::default());
    for (&start, &bytes) in &files {
        let is_newest = Some(start) == newest;
        let end = (!state.files.is_empty()).then(|| state.end());
        let gap = end.filter(|end| *end != start).map(|end| Bad {
            byte: 0,
            reason: format!(
                "it begins at position {start:#x}, the file before it ends at {end:#x}"
            ),
            torn: false,
        });
        if gap.is_some() {
            state = State::default();
        }
        let scanned = scan(folder, &mut state, (start, bytes), is_newest);
        let (groups, bad) = match scanned {
            Ok(groups) => (groups, None),
            Err(bad) => (0, Some(bad)),
        };
        if bad.is_some() && !is_newest {
            // The next file says what went before it.
            state = State::default();
        }
        log.files.push(Looked {
            file: name(start),
            groups,
            bad: bad.or(gap),
        });
    }
    log.frame = state.frame;
    let changed = (state.spaces.into_iter()).filter(|(_, track)| track.last.position > 0);
    log.last = changed
        .map(|(space, track)| (space, track.last.sequence))
        .collect();
    Ok(log)
}

fn scan(
    folder: &dyn Folder,
    state: &mut State,
    (start, bytes): (u64, u64),
    is_newest: bool,
) -> Result<u64, Bad> {
    let bad = |reason: String| Bad {
        byte: 0,
        reason,
        torn: false,
    };
    let mut content = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX)];
    let read = folder.read(&name(start), 0, &mut content);
    read.map_err(|cause| bad(format!("cannot be read: {cause}")))?;
    if let Ok(version) = format::version(&content, start)
        && version != FORMAT_VERSION
    {
        let reason = format!("format {version}; this program reads format {FORMAT_VERSION}");
        return Err(bad(reason));
    }
    scan_file(state, &content, start).map_err(|(byte, reason)| Bad {
        byte,
        reason: reason.to_owned(),
        torn: is_newest && is_torn(&content, start, byte as usize),
    })
}

/// Whether a crash may have left the newest file so from a byte on, at which no
/// whole group begins: it ends within one, or a sector of one was never written.
/// No byte that is another one makes a whole group look so.
fn is_torn(content: &[u8], start: u64, at: usize) -> bool {
    if at < HEADER_BYTES {
        return content.len() < HEADER_BYTES || has_lost_sector(content, 0, HEADER_BYTES);
    }
    let rest = content.get(at..).unwrap_or_default();
    if format::read(rest, start + at as u64).is_ok() {
        // Whole, and not what has its place here.
        return false;
    }
    let whole = rest.get(..format::HEAD_BYTES).and_then(format::group_bytes);
    let end = at + whole.unwrap_or(format::HEAD_BYTES);
    format::is_cut_short(rest) || has_lost_sector(content, at, end)
}

/// Whether a sector that has something of these bytes is all zeros, as far as it
/// is not before them.
fn has_lost_sector(content: &[u8], from: usize, to: usize) -> bool {
    let mut at = from;
    while at < to.min(content.len()) {
        let end = (at + 1).next_multiple_of(SECTOR_BYTES).min(content.len());
        let least = if at == from {
            FIRST_ZEROS_MIN
        } else {
            ZEROS_MIN
        };
        if end - at >= least && content[at..end].iter().all(|byte| *byte == 0) {
            return true;
        }
        at = end;
    }
    false
}
