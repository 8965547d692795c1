//! The bytes of a frame, in every format. Owns writing and reading them; pure.

use crate::taxonomy::Form;

/// First bytes of a frame. 0xFF is in no UTF-8, so no document holds it.
pub(super) const MARKER: [u8; 4] = [0xFF, b'T', b'J', 0xFF];
/// Largest frame.
pub const FRAME_BYTES_MAX: usize = 1 << 30;
/// Frames begin at multiples of this, so that no part of one that a sector
/// holds is so short that a single bad byte makes it look like a lost one.
pub(super) const ALIGNED_BYTES: usize = 8;
/// Bytes a medium writes all or none of.
const SECTOR_BYTES: usize = 512;
/// Marker, bytes of the content, number, checksum of the content, checksum of
/// all this.
const HEAD_BYTES: usize = 24;
/// Marker, checksum of the rest, bytes of the content, number.
const HEAD_BYTES_ONE: usize = 20;
/// What fills a frame up, at least once: the last sector of an intact frame is
/// never all zeros.
const FILL: u8 = 0xFF;

const _: () = assert!(
    FRAME_BYTES_MAX <= u32::MAX as usize,
    "lengths are four bytes"
);
const _: () =
    assert!(SECTOR_BYTES.is_multiple_of(ALIGNED_BYTES) && HEAD_BYTES.is_multiple_of(ALIGNED_BYTES));

const PUT: u8 = 1;
const DELETE: u8 = 2;
const ERASE: u8 = 3;

const NO_POSITION: u8 = 0;
const POSITION: u8 = 1;
const FORGOTTEN: u8 = 2;
const OVERLAY: u8 = 3;

/// What stands in the place of an overlay's form where it was taken away.
const NO_OVERLAY: u8 = 0;

/// Changes of one space that become visible together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch<'a> {
    /// The space's name.
    pub space: &'a str,
    /// Sequence number of the snapshot that shows them.
    pub sequence: u64,
    /// Wall clock at which they were applied, in milliseconds since 1970; 0 in
    /// format 1.
    pub at_ms: i64,
    /// How far a source has been read with them, or that it is forgotten.
    pub position: Option<Position<'a>>,
    /// What became of the space's overlay of the taxonomy with them.
    pub overlay: Option<Overlay<'a>>,
    /// The changes that had an effect, in order.
    pub changes: Vec<Change<'a>>,
}

/// What became of the position of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position<'a> {
    /// The source's name.
    pub source: &'a str,
    /// The position reached in it; none where the source is forgotten.
    pub position: Option<u64>,
}

/// An overlay of the taxonomy that was put or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlay<'a> {
    /// The version it was given, or that of taking it away.
    pub version: u64,
    /// How it is written, and all of it; none where it was taken away.
    pub put: Option<(Form, &'a str)>,
}

/// A change and the version it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// Name of the kind.
    pub kind: &'a str,
    /// The document's id.
    pub id: &'a str,
    /// The version held since: of the document, or of the delete. In format 1 a
    /// delete has the version that was deleted.
    pub version: u64,
    /// What was done.
    pub operation: Operation<'a>,
}

/// What a change did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation<'a> {
    /// The document is this JSON.
    Put(&'a [u8]),
    /// The document is gone; its version is remembered.
    Delete,
    /// The document is gone from everything that is kept.
    Erase,
}

impl<'a> Operation<'a> {
    /// The document, where there is one.
    pub fn json(self) -> Option<&'a [u8]> {
        match self {
            Self::Put(json) => Some(json),
            Self::Delete | Self::Erase => None,
        }
    }
}

/// Writes a frame behind what is in the buffer.
pub(super) fn write(
    buffer: &mut Vec<u8>,
    number: u64,
    batches: &[Batch<'_>],
) -> Result<(), String> {
    let from = buffer.len();
    buffer.resize(from + HEAD_BYTES, 0);
    for batch in batches {
        write_batch(buffer, batch);
    }
    let content = buffer.len() - from - HEAD_BYTES;
    if content + HEAD_BYTES + ALIGNED_BYTES > FRAME_BYTES_MAX {
        return Err(format!(
            "{content} bytes of changes at once; a frame has {FRAME_BYTES_MAX} at most"
        ));
    }
    let checksum = crc32fast::hash(&buffer[from + HEAD_BYTES..]);
    let head = &mut buffer[from..from + HEAD_BYTES];
    head[..4].copy_from_slice(&MARKER);
    head[4..8].copy_from_slice(&(content as u32).to_le_bytes());
    head[8..16].copy_from_slice(&number.to_le_bytes());
    head[16..20].copy_from_slice(&checksum.to_le_bytes());
    let checksum = crc32fast::hash(&head[..20]);
    head[20..].copy_from_slice(&checksum.to_le_bytes());
    buffer.resize(from + filled(content), FILL);
    Ok(())
}

/// Bytes of a whole frame.
fn filled(content: usize) -> usize {
    (HEAD_BYTES + content) / ALIGNED_BYTES * ALIGNED_BYTES + ALIGNED_BYTES
}

fn write_batch(buffer: &mut Vec<u8>, batch: &Batch<'_>) {
    put(buffer, batch.space.as_bytes());
    buffer.extend_from_slice(&batch.sequence.to_le_bytes());
    buffer.extend_from_slice(&batch.at_ms.to_le_bytes());
    if let Some(Overlay { version, put: held }) = batch.overlay {
        buffer.push(OVERLAY);
        buffer.extend_from_slice(&version.to_le_bytes());
        buffer.push(held.map_or(NO_OVERLAY, |(form, _)| form.code()));
        put(buffer, held.map_or(&[], |(_, text)| text.as_bytes()));
    }
    match batch.position {
        None => buffer.push(NO_POSITION),
        Some(Position { source, position }) => {
            buffer.push(position.map_or(FORGOTTEN, |_| POSITION));
            put(buffer, source.as_bytes());
            buffer.extend(position.map(u64::to_le_bytes).into_iter().flatten());
        }
    }
    buffer.extend_from_slice(&(batch.changes.len() as u32).to_le_bytes());
    for change in &batch.changes {
        buffer.push(match change.operation {
            Operation::Put(_) => PUT,
            Operation::Delete => DELETE,
            Operation::Erase => ERASE,
        });
        put(buffer, change.kind.as_bytes());
        put(buffer, change.id.as_bytes());
        buffer.extend_from_slice(&change.version.to_le_bytes());
        if let Some(json) = change.operation.json() {
            put(buffer, json);
        }
    }
}

fn put(buffer: &mut Vec<u8>, bytes: &[u8]) {
    buffer.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    buffer.extend_from_slice(bytes);
}

/// How frames are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One file, read only.
    One,
    /// What is written today.
    Two,
}

/// What a frame's head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) number: u64,
    /// Bytes of the whole frame.
    pub(super) bytes: u64,
}

impl Format {
    pub(super) fn head_bytes(self) -> usize {
        match self {
            Self::One => HEAD_BYTES_ONE,
            Self::Two => HEAD_BYTES,
        }
    }

    /// Reads a head of `head_bytes`; else why it is none.
    pub(super) fn head(self, head: &[u8]) -> Result<Head, &'static str> {
        if !head.starts_with(&MARKER) {
            return Err("no frame begins here");
        }
        match self {
            Self::One => Ok(Head {
                number: u64_of(&head[12..20]),
                bytes: u64::from(u32_of(&head[8..12])) + HEAD_BYTES_ONE as u64,
            }),
            Self::Two if crc32fast::hash(&head[..20]) != u32_of(&head[20..24]) => {
                Err("the checksum of the frame's head is wrong")
            }
            Self::Two => Ok(Head {
                number: u64_of(&head[8..16]),
                bytes: filled(u32_of(&head[4..8]) as usize) as u64,
            }),
        }
    }

    /// The content of a whole frame, where it is as it was written.
    pub(super) fn content(self, frame: &[u8]) -> Option<&[u8]> {
        match self {
            Self::One => {
                let (found, kept) = (crc32fast::hash(frame.get(8..)?), u32_of(&frame[4..8]));
                (found == kept).then(|| &frame[HEAD_BYTES_ONE..])
            }
            Self::Two => {
                let bytes = u32_of(frame.get(4..8)?) as usize;
                let content = frame.get(HEAD_BYTES..)?.get(..bytes)?;
                (crc32fast::hash(content) == u32_of(&frame[16..20])).then_some(content)
            }
        }
    }

    /// The batches of an intact frame's content.
    pub(super) fn batches(self, content: &[u8]) -> Result<Vec<Batch<'_>>, String> {
        let mut reader = Reader {
            format: self,
            left: content,
        };
        let mut batches = Vec::new();
        while !reader.left.is_empty() {
            let batch = reader.batch();
            batches.push(batch.ok_or("the frame's content is not as this format has it")?);
        }
        Ok(batches)
    }
}

/// Whether the medium has lost a sector of these bytes, which begin at an
/// offset of their file: what was never written is zeros.
pub(super) fn has_lost_sector(bytes: &[u8], at: u64) -> bool {
    let first = SECTOR_BYTES - (at % SECTOR_BYTES as u64) as usize;
    let (first, rest) = bytes.split_at(first.min(bytes.len()));
    std::iter::once(first)
        .chain(rest.chunks(SECTOR_BYTES))
        .any(|sector| !sector.is_empty() && sector.iter().all(|byte| *byte == 0))
}

/// Where the sector of an offset ends.
pub(super) fn sector_end(at: u64) -> u64 {
    (at / SECTOR_BYTES as u64 + 1) * SECTOR_BYTES as u64
}

/// What is left to read.
struct Reader<'a> {
    format: Format,
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    fn batch(&mut self) -> Option<Batch<'a>> {
        let space = self.text()?;
        let sequence = self.u64()?;
        let (mut at_ms, mut position, mut overlay) = (0, None, None);
        if self.format == Format::Two {
            at_ms = self.u64()?.cast_signed();
            if self.left.first() == Some(&OVERLAY) {
                overlay = Some(self.overlay()?);
            }
            position = match self.take(1)? {
                [NO_POSITION] => None,
                [POSITION] => Some(Position {
                    source: self.text()?,
                    position: Some(self.u64()?),
                }),
                [FORGOTTEN] => Some(Position {
                    source: self.text()?,
                    position: None,
                }),
                _ => return None,
            };
        }
        let count = self.take(4).map(u32_of)?;
        let mut changes = Vec::new();
        for _ in 0..count {
            changes.push(self.change()?);
        }
        Some(Batch {
            space,
            sequence,
            at_ms,
            position,
            overlay,
            changes,
        })
    }

    fn overlay(&mut self) -> Option<Overlay<'a>> {
        self.take(1)?;
        let (version, form, text) = (self.u64()?, *self.take(1)?.first()?, self.text()?);
        let put = match (Form::of_code(form), text) {
            (Some(form), text) => Some((form, text)),
            (None, "") if form == NO_OVERLAY => None,
            (None, _) => return None,
        };
        Some(Overlay { version, put })
    }

    fn change(&mut self) -> Option<Change<'a>> {
        let operation = *self.take(1)?.first()?;
        let (kind, id, version) = (self.text()?, self.text()?, self.u64()?);
        let operation = match (operation, self.format) {
            (PUT, _) => Operation::Put(self.bytes()?),
            (DELETE, _) => Operation::Delete,
            (ERASE, Format::Two) => Operation::Erase,
            _ => return None,
        };
        Some(Change {
            kind,
            id,
            version,
            operation,
        })
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.take(4).map(u32_of)?;
        self.take(count as usize)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take(8).map(u64_of)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.left.split_at_checked(count)?;
        self.left = rest;
        Some(taken)
    }
}

/// The number of four bytes.
pub(super) fn u32_of(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

pub(super) fn u64_of(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
