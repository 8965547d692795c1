//! The bytes of the change feed's files. Owns writing and reading them; pure.
//! docs/FORMAT.md describes them.

/// What the first bytes of a file say.
pub(super) const MAGIC: &[u8; 8] = b"TANDEMF\n";
/// The format this program writes and reads.
pub const FORMAT_VERSION: u32 = 1;
/// Magic, format version, checksum, position of the file's first byte.
pub(super) const HEADER_BYTES: usize = 24;
/// Checksum and bytes of the content.
pub(super) const HEAD_BYTES: usize = 8;
/// Largest content of a group.
pub(super) const CONTENT_BYTES_MAX: usize = 64 << 20;

const SPACES: u8 = 1;
const CHANGES: u8 = 2;
const MARK: u8 = 3;

const PUT: u8 = 1;
const DELETE: u8 = 2;
const ERASE: u8 = 3;

/// What was done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Created or replaced.
    Put {
        /// XXH3-64 of the document's bytes as they are stored.
        hash: u64,
    },
    /// Deleted.
    Delete,
    /// Erased: no trace may be kept. Nothing writes it yet.
    Erase,
}

/// A change, without the document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// Name of the kind.
    pub kind: &'a str,
    /// The document's id.
    pub id: &'a str,
    /// The version held since, or the one that was deleted.
    pub version: u64,
    /// What was done.
    pub operation: Operation,
}

/// Where a change of a space stands: its sequence number and the position of
/// its group. Zero is "none": positions begin behind a header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) sequence: u64,
    pub(super) position: u64,
}

/// What is in a group.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Group<'a> {
    /// What went before: the last change of every space that has had one.
    Spaces {
        at_ms: i64,
        frame: u64,
        spaces: Vec<(&'a str, Place)>,
    },
    /// Changes of one space at one sequence number.
    Changes {
        space: &'a str,
        sequence: u64,
        at_ms: i64,
        before: Place,
        changes: Vec<Change<'a>>,
    },
    /// Everything of the journal up to this frame stands before.
    Mark { frame: u64 },
}

/// A file's header.
pub(super) fn header(version: u32, start: u64) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&version.to_le_bytes());
    header[16..].copy_from_slice(&start.to_le_bytes());
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&header[..12]);
    checksum.update(&header[16..]);
    header[12..16].copy_from_slice(&checksum.finalize().to_le_bytes());
    header
}

/// The format version of an intact header at this position.
pub(super) fn version(bytes: &[u8], start: u64) -> Result<u32, &'static str> {
    let found = bytes.get(..HEADER_BYTES).ok_or("the header is cut short")?;
    if !found.starts_with(MAGIC) {
        return Err("not a file of the change feed");
    }
    let version = u32_of(&found[8..12]);
    if header(version, start) == found {
        Ok(version)
    } else {
        Err("the header is damaged")
    }
}

/// Adds a group of spaces.
pub(super) fn write_spaces<'a>(
    buffer: &mut Vec<u8>,
    position: u64,
    at_ms: i64,
    frame: u64,
    spaces: impl ExactSizeIterator<Item = (&'a str, Place)>,
) {
    write(buffer, position, |buffer| {
        buffer.push(SPACES);
        buffer.extend_from_slice(&at_ms.to_le_bytes());
        buffer.extend_from_slice(&frame.to_le_bytes());
        buffer.extend_from_slice(&(spaces.len() as u32).to_le_bytes());
        for (name, last) in spaces {
            put(buffer, name);
            put_place(buffer, last);
        }
    });
}

/// Adds a group of changes, which [`changes`] made.
pub(super) fn write_changes(
    buffer: &mut Vec<u8>,
    position: u64,
    (space, sequence, at_ms): (&str, u64, i64),
    before: Place,
    changes: &[u8],
) {
    write(buffer, position, |buffer| {
        buffer.push(CHANGES);
        put(buffer, space);
        buffer.extend_from_slice(&sequence.to_le_bytes());
        buffer.extend_from_slice(&at_ms.to_le_bytes());
        put_place(buffer, before);
        buffer.extend_from_slice(changes);
    });
}

/// Adds a mark.
pub(super) fn write_mark(buffer: &mut Vec<u8>, position: u64, frame: u64) {
    write(buffer, position, |buffer| {
        buffer.push(MARK);
        buffer.extend_from_slice(&frame.to_le_bytes());
    });
}

/// The part of a group that does not depend on where it stands.
pub(super) fn changes(changes: &[Change<'_>]) -> Vec<u8> {
    let mut buffer = (changes.len() as u32).to_le_bytes().to_vec();
    for change in changes {
        let (operation, hash) = match change.operation {
            Operation::Put { hash } => (PUT, Some(hash)),
            Operation::Delete => (DELETE, None),
            Operation::Erase => (ERASE, None),
        };
        buffer.push(operation);
        put(&mut buffer, change.kind);
        put(&mut buffer, change.id);
        buffer.extend_from_slice(&change.version.to_le_bytes());
        if let Some(hash) = hash {
            buffer.extend_from_slice(&hash.to_le_bytes());
        }
    }
    buffer
}

fn write(buffer: &mut Vec<u8>, position: u64, content: impl FnOnce(&mut Vec<u8>)) {
    let head = buffer.len();
    buffer.resize(head + HEAD_BYTES, 0);
    content(buffer);
    let bytes = (buffer.len() - head - HEAD_BYTES) as u32;
    buffer[head + 4..head + 8].copy_from_slice(&bytes.to_le_bytes());
    let checksum = checksum(position, &buffer[head + 4..]);
    buffer[head..head + 4].copy_from_slice(&checksum.to_le_bytes());
}

/// Of the position too: a group is none where it does not belong.
fn checksum(position: u64, rest: &[u8]) -> u32 {
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&position.to_le_bytes());
    checksum.update(rest);
    checksum.finalize()
}

fn put(buffer: &mut Vec<u8>, text: &str) {
    buffer.extend_from_slice(&(text.len() as u32).to_le_bytes());
    buffer.extend_from_slice(text.as_bytes());
}

fn put_place(buffer: &mut Vec<u8>, place: Place) {
    buffer.extend_from_slice(&place.sequence.to_le_bytes());
    buffer.extend_from_slice(&place.position.to_le_bytes());
}

/// Bytes of the group with this head, as it says.
pub(super) fn group_bytes(head: &[u8]) -> Option<usize> {
    let content = u32_of(head.get(4..HEAD_BYTES)?) as usize;
    (content <= CONTENT_BYTES_MAX).then_some(HEAD_BYTES + content)
}

/// The group at the beginning of the bytes, and how many of them it takes.
pub(super) fn read(bytes: &[u8], position: u64) -> Result<(Group<'_>, usize), &'static str> {
    let head = bytes.get(..HEAD_BYTES).ok_or("a group is cut short")?;
    let whole = group_bytes(head).ok_or("a group is longer than any")?;
    let group = bytes.get(..whole).ok_or("a group is cut short")?;
    if checksum(position, &group[4..]) != u32_of(&head[..4]) {
        return Err("a group's checksum is wrong");
    }
    let mut reader = Reader::new(&group[HEAD_BYTES..]);
    let content = reader.group().filter(|_| reader.rest.is_empty());
    let content = content.ok_or("a group's content is not as this format has it")?;
    Ok((content, whole))
}

/// Whether these bytes begin a group and end before it does: a write that was
/// cut short. One that only says it is longer than it is ends nowhere else.
pub(super) fn is_cut_short(bytes: &[u8]) -> bool {
    let Some(head) = bytes.get(..HEAD_BYTES) else {
        return true;
    };
    if group_bytes(head).is_none_or(|whole| whole <= bytes.len()) {
        return false;
    }
    let mut reader = Reader::new(&bytes[HEAD_BYTES..]);
    reader.group().is_none() && reader.ran_out
}

/// What is left to read.
struct Reader<'a> {
    rest: &'a [u8],
    /// More was wanted than there is.
    ran_out: bool,
}

impl<'a> Reader<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self {
            rest,
            ran_out: false,
        }
    }

    fn group(&mut self) -> Option<Group<'a>> {
        Some(match self.byte()? {
            SPACES => {
                let (at_ms, frame) = (self.u64()? as i64, self.u64()?);
                let mut spaces = Vec::new();
                for _ in 0..self.u32()? {
                    spaces.push((self.text()?, self.place()?));
                }
                Group::Spaces {
                    at_ms,
                    frame,
                    spaces,
                }
            }
            CHANGES => {
                let (space, sequence) = (self.text()?, self.u64()?);
                let (at_ms, before) = (self.u64()? as i64, self.place()?);
                let mut changes = Vec::new();
                for _ in 0..self.u32()? {
                    changes.push(self.change()?);
                }
                Group::Changes {
                    space,
                    sequence,
                    at_ms,
                    before,
                    changes,
                }
            }
            MARK => Group::Mark { frame: self.u64()? },
            _ => return None,
        })
    }

    fn change(&mut self) -> Option<Change<'a>> {
        let operation = self.byte()?;
        let (kind, id, version) = (self.text()?, self.text()?, self.u64()?);
        let operation = match operation {
            PUT => Operation::Put { hash: self.u64()? },
            DELETE => Operation::Delete,
            ERASE => Operation::Erase,
            _ => return None,
        };
        Some(Change {
            kind,
            id,
            version,
            operation,
        })
    }

    fn place(&mut self) -> Option<Place> {
        Some(Place {
            sequence: self.u64()?,
            position: self.u64()?,
        })
    }

    fn text(&mut self) -> Option<&'a str> {
        let bytes = self.u32()?;
        std::str::from_utf8(self.take(bytes as usize)?).ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4).map(u32_of)
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            self.ran_out = true;
            return None;
        };
        self.rest = rest;
        Some(taken)
    }
}

fn u32_of(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}
