//! The bytes of a frame. Owns writing and reading them; pure.

/// First bytes of a frame. 0xFF is in no UTF-8, so no document holds it.
pub(super) const MARKER: [u8; 4] = [0xFF, b'T', b'J', 0xFF];
/// Marker, checksum, bytes of the content, number.
pub(super) const FRAME_HEAD_BYTES: usize = 20;
/// Largest frame.
pub const FRAME_BYTES_MAX: usize = 1 << 30;

const _: () = assert!(
    FRAME_BYTES_MAX <= u32::MAX as usize,
    "lengths are four bytes"
);

const PUT: u8 = 1;
const DELETE: u8 = 2;

/// Changes of one space that become visible together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch<'a> {
    /// The space's name.
    pub space: &'a str,
    /// Sequence number of the snapshot that shows them.
    pub sequence: u64,
    /// The changes that had an effect, in order.
    pub changes: Vec<Change<'a>>,
}

/// A change and the version it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// Name of the kind.
    pub kind: &'a str,
    /// The document's id.
    pub id: &'a str,
    /// The version held since, or the one that was deleted.
    pub version: u64,
    /// The document; nothing for a delete.
    pub json: Option<&'a [u8]>,
}

/// Writes a frame in the place of the buffer's content.
pub(super) fn write(
    buffer: &mut Vec<u8>,
    number: u64,
    batches: &[Batch<'_>],
) -> Result<(), String> {
    buffer.clear();
    buffer.resize(FRAME_HEAD_BYTES, 0);
    for batch in batches {
        put(buffer, batch.space.as_bytes());
        buffer.extend_from_slice(&batch.sequence.to_le_bytes());
        buffer.extend_from_slice(&(batch.changes.len() as u32).to_le_bytes());
        for change in &batch.changes {
            buffer.push(if change.json.is_some() { PUT } else { DELETE });
            put(buffer, change.kind.as_bytes());
            put(buffer, change.id.as_bytes());
            buffer.extend_from_slice(&change.version.to_le_bytes());
            if let Some(json) = change.json {
                put(buffer, json);
            }
        }
    }
    if buffer.len() > FRAME_BYTES_MAX {
        return Err(format!(
            "{} bytes of changes at once; {FRAME_BYTES_MAX} is the most",
            buffer.len()
        ));
    }
    let content = (buffer.len() - FRAME_HEAD_BYTES) as u32;
    buffer[..4].copy_from_slice(&MARKER);
    buffer[8..12].copy_from_slice(&content.to_le_bytes());
    buffer[12..20].copy_from_slice(&number.to_le_bytes());
    let checksum = crc32fast::hash(&buffer[8..]);
    buffer[4..8].copy_from_slice(&checksum.to_le_bytes());
    Ok(())
}

fn put(buffer: &mut Vec<u8>, bytes: &[u8]) {
    buffer.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    buffer.extend_from_slice(bytes);
}

/// Bytes of the frame with this head.
pub(super) fn whole_bytes(head: &[u8; FRAME_HEAD_BYTES]) -> u64 {
    u64::from(u32_of(&head[8..12])) + FRAME_HEAD_BYTES as u64
}

/// The number of a loaded frame.
pub(super) fn number(frame: &[u8]) -> u64 {
    frame.get(12..20).map_or(0, u64_of)
}

/// Whether a loaded frame is as it was written.
pub(super) fn is_intact(frame: &[u8]) -> bool {
    frame.len() >= FRAME_HEAD_BYTES && crc32fast::hash(&frame[8..]) == u32_of(&frame[4..8])
}

/// The batches of an intact frame.
pub(super) fn batches(frame: &[u8]) -> Result<Vec<Batch<'_>>, String> {
    let mut reader = Reader(frame.get(FRAME_HEAD_BYTES..).unwrap_or_default());
    let mut batches = Vec::new();
    while !reader.0.is_empty() {
        let batch = reader.batch();
        batches.push(batch.ok_or("the frame's content is not as this format has it")?);
    }
    Ok(batches)
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn batch(&mut self) -> Option<Batch<'a>> {
        let space = self.text()?;
        let sequence = self.u64()?;
        let count = self.take(4).map(u32_of)?;
        let mut changes = Vec::new();
        for _ in 0..count {
            changes.push(self.change()?);
        }
        Some(Batch {
            space,
            sequence,
            changes,
        })
    }

    fn change(&mut self) -> Option<Change<'a>> {
        let operation = *self.take(1)?.first()?;
        let (kind, id, version) = (self.text()?, self.text()?, self.u64()?);
        let json = match operation {
            PUT => Some(self.bytes()?),
            DELETE => None,
            _ => return None,
        };
        Some(Change {
            kind,
            id,
            version,
            json,
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
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
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

fn u64_of(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
