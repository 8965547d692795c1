//! A file of a journal: its name, its header, and reading it in pieces.

use crate::disk::{FileError, Folder};

use super::frame::{FRAME_BYTES_MAX, Format, u32_of, u64_of};

/// What the first bytes of a file say, in every format.
const MAGIC: &[u8; 8] = b"TANDEMJ\n";
/// Magic, version, checksum of both: the same in every format there will be.
const PREFIX_BYTES: usize = 16;
/// The prefix, number of the first frame, four zeros, checksum of all this.
pub(super) const HEADER_BYTES: usize = 32;
/// The format that is written.
pub const FORMAT_VERSION: u32 = 2;
/// The one file of a journal of format 1.
pub(super) const OLD_FILE: &str = "journal";
/// How names begin.
const PREFIX: &str = "journal-";
/// Bytes read at a time.
const WINDOW_BYTES: usize = 1 << 20;

/// A file found in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) first: u64,
    pub(super) format: Format,
}

impl Found {
    pub(super) fn header_bytes(&self) -> u64 {
        match self.format {
            Format::One => PREFIX_BYTES as u64,
            Format::Two => HEADER_BYTES as u64,
        }
    }
}

/// The name of the file that begins with a frame.
pub(super) fn name(first: u64) -> String {
    format!("{PREFIX}{first:016x}")
}

/// The header of the file that begins with a frame.
pub(super) fn header(first: u64) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..PREFIX_BYTES].copy_from_slice(&prefix(FORMAT_VERSION));
    header[16..24].copy_from_slice(&first.to_le_bytes());
    let checksum = crc32fast::hash(&header[..28]);
    header[28..].copy_from_slice(&checksum.to_le_bytes());
    header
}

pub(super) fn prefix(version: u32) -> [u8; PREFIX_BYTES] {
    let mut prefix = [0; PREFIX_BYTES];
    prefix[..8].copy_from_slice(MAGIC);
    prefix[8..12].copy_from_slice(&version.to_le_bytes());
    let checksum = crc32fast::hash(&prefix[..12]);
    prefix[12..].copy_from_slice(&checksum.to_le_bytes());
    prefix
}

/// The journal's files in the order of their frames. Files of other parts are
/// passed over; a name that only begins as a journal's is refused, as it may
/// be a part of the journal that was renamed.
pub(super) fn find(folder: &dyn Folder) -> Result<Vec<Found>, FileError> {
    let listed = folder.list().map_err(|cause| FileError::Io {
        file: folder.name(),
        doing: "list",
        cause,
    })?;
    let mut found = Vec::new();
    for (file, bytes) in listed {
        if !file.starts_with(OLD_FILE) {
            continue;
        }
        let number = file
            .strip_prefix(PREFIX)
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .filter(|first| *first > 0 && name(*first) == file);
        let (first, format) = match number {
            Some(first) => (first, Format::Two),
            None if file == OLD_FILE => (1, Format::One),
            None => {
                return Err(FileError::Refused {
                    file: folder.path(&file),
                    offset: 0,
                    reason: "no file of a journal has this name; move it out of the folder, or \
                             give it back the name it had"
                        .to_owned(),
                });
            }
        };
        found.push(Found {
            name: file,
            bytes,
            first,
            format,
        });
    }
    found.sort_by_key(|file| (file.first, file.format == Format::Two));
    Ok(found)
}

/// What a file's header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// As it must be.
    Good,
    /// The power was cut while the file was created.
    Unborn,
}

/// Reads a file, a window at a time.
pub(super) struct Reader<'a> {
    folder: &'a dyn Folder,
    pub(super) file: &'a Found,
    window: Vec<u8>,
    from: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(folder: &'a dyn Folder, file: &'a Found) -> Self {
        Self {
            folder,
            file,
            window: Vec::new(),
            from: 0,
        }
    }

    /// Bytes from an offset, fewer at the end of the file.
    pub(super) fn bytes(&mut self, at: u64, count: usize) -> Result<&[u8], FileError> {
        let left = self.file.bytes.saturating_sub(at);
        let count = left.min(count as u64) as usize;
        let end = at + count as u64;
        if at < self.from || end > self.from + self.window.len() as u64 {
            let wanted = left.min(count.max(WINDOW_BYTES) as u64) as usize;
            self.window.clear();
            self.window.shrink_to(WINDOW_BYTES);
            self.window.resize(wanted, 0);
            self.from = at;
            let read = self.folder.read(&self.file.name, at, &mut self.window);
            read.map_err(|cause| FileError::Io {
                file: self.folder.path(&self.file.name),
                doing: "read",
                cause,
            })?;
        }
        let from = (at - self.from) as usize;
        Ok(&self.window[from..from + count])
    }

    /// The error for what is wrong at an offset.
    pub(super) fn refused(&self, offset: u64, reason: impl Into<String>) -> FileError {
        FileError::Refused {
            file: self.folder.path(&self.file.name),
            offset,
            reason: reason.into(),
        }
    }

    /// Checks the header.
    pub(super) fn header(&mut self) -> Result<Header, FileError> {
        let (first, format) = (self.file.first, self.file.format);
        let expected: &[u8] = match format {
            Format::One => &prefix(1),
            Format::Two => &header(first),
        };
        let short = self.file.bytes < expected.len() as u64;
        let found = self.bytes(0, HEADER_BYTES)?.to_vec();
        if !short && found.starts_with(expected) {
            return Ok(Header::Good);
        }
        let lost = self.bytes(0, super::frame::sector_end(0) as usize)?;
        if (short && expected.starts_with(&found)) || lost.iter().all(|byte| *byte == 0) {
            return match self.whole_frame_behind(0, first)? {
                Some(at) => Err(self.refused(
                    0,
                    format!("the header is lost, but a whole frame stands at byte {at}"),
                )),
                None => Ok(Header::Unborn),
            };
        }
        Err(self.wrong_header(&found))
    }

    /// Says what is wrong with a header.
    fn wrong_header(&self, found: &[u8]) -> FileError {
        if !found.starts_with(MAGIC) {
            return self.refused(0, "not a journal of Tandem");
        }
        let version = found.get(8..12).map_or(0, u32_of);
        if !found.starts_with(&prefix(version)) {
            return self.refused(8, "the header is damaged");
        }
        match version {
            1 | FORMAT_VERSION => {}
            _ => {
                return self.refused(
                    8,
                    format!("format {version}; this program reads formats 1 and {FORMAT_VERSION}"),
                );
            }
        }
        if (version == 1) != (self.file.format == Format::One) {
            return self.refused(
                8,
                format!("format {version}, which has other names of files"),
            );
        }
        let number = found.get(16..24).map_or(0, u64_of);
        if found == header(number) {
            let first = self.file.first;
            return self.refused(
                16,
                format!(
                    "its name says that it begins with frame {first}, its header frame {number}"
                ),
            );
        }
        self.refused(16, "the header is damaged")
    }

    /// The first place behind an offset where a whole frame stands that may
    /// follow what was read.
    pub(super) fn whole_frame_behind(
        &mut self,
        at: u64,
        next: u64,
    ) -> Result<Option<u64>, FileError> {
        use super::frame::MARKER;
        let mut from = at + 1;
        while from < self.file.bytes {
            let chunk = self.bytes(from, WINDOW_BYTES)?;
            let read = chunk.len();
            let places: Vec<usize> = (chunk.windows(MARKER.len()).enumerate())
                .filter(|(_, window)| *window == MARKER)
                .map(|(place, _)| place)
                .collect();
            for place in places {
                let place = from + place as u64;
                if self.whole_frame(place, next)? {
                    return Ok(Some(place));
                }
            }
            if read < WINDOW_BYTES {
                break;
            }
            // Overlapping by a marker less one byte, so that none is missed between chunks.
            from += (WINDOW_BYTES - MARKER.len() + 1) as u64;
        }
        Ok(None)
    }

    fn whole_frame(&mut self, at: u64, next: u64) -> Result<bool, FileError> {
        let (format, left) = (self.file.format, self.file.bytes - at);
        let head = self.bytes(at, format.head_bytes())?;
        if head.len() < format.head_bytes() {
            return Ok(false);
        }
        let Ok(head) = format.head(head) else {
            return Ok(false);
        };
        if head.number < next || head.bytes > left.min(FRAME_BYTES_MAX as u64) {
            return Ok(false);
        }
        let frame = self.bytes(at, head.bytes as usize)?;
        Ok(format.content(frame).is_some())
    }
}
