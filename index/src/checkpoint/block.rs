//! Blocks and the packs they stand in. Owns framing and checksums: what is read
//! from here is what was written, byte for byte. Knows nothing of what it means.

use std::collections::HashMap;
use std::io;

use bytes::Bytes;
use crc32fast::Hasher;
use rayon::prelude::*;
use rkyv::api::high::{HighSerializer, HighValidator, to_bytes_in};
use rkyv::bytecheck::CheckBytes;
use rkyv::rancor;
use rkyv::ser::allocator::ArenaHandle;
use rkyv::ser::writer::IoWriter;
use rkyv::util::AlignedVec;
use rkyv::{Archive, Deserialize, Portable, Serialize};

use super::CheckpointError;
use super::manifest::MANIFEST;
use crate::disk::Folder;

/// Bytes under one checksum, and the most that is held back before it is written.
pub(super) const CHUNK_BYTES: usize = 1 << 20;
/// Blocks begin at a multiple of this.
pub(super) const ALIGNMENT: usize = 16;
/// Bytes of a pack's header, and of a block's seal.
pub(super) const HEADER_BYTES: usize = 32;
/// Version of packs and manifests.
pub(super) const VERSION: u32 = 1;

const PACK_MAGIC: &[u8; 8] = b"TNDMPACK";
pub(super) const SEAL_MAGIC: &[u8; 8] = b"TNDMSEAL";

const _: () = assert!(CHUNK_BYTES.is_multiple_of(ALIGNMENT) && HEADER_BYTES == 2 * ALIGNMENT);

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockKind {
    /// A segment but for its documents.
    Segment = 1,
    /// The documents of a segment.
    Documents = 2,
    /// The rows of a segment by cell.
    Cells = 3,
    /// The centroids of a kind.
    Centroids = 4,
    /// What changes of a kind.
    State = 5,
    /// A space's overlay of the taxonomy, as it was put.
    Overlay = 6,
}

/// Where a block stands, and the checksum of its seal: no other block passes
/// for it.
#[derive(Archive, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) pack: u64,
    pub(super) offset: u64,
    pub(super) bytes: u64,
    pub(super) check: u32,
}

impl Place {
    /// Bytes in the pack, with seal, checksums and padding.
    pub(super) fn footprint(&self) -> u64 {
        let content = self.bytes.next_multiple_of(ALIGNMENT as u64);
        let chunks = content.div_ceil(CHUNK_BYTES as u64);
        (content + HEADER_BYTES as u64).saturating_add((4 * chunks).next_multiple_of(16))
    }
}

/// A pack's name.
pub(super) fn pack_name(number: u64) -> String {
    format!("pack-{number:016x}")
}

/// The number of the pack of that name.
pub(super) fn pack_number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("pack-")?;
    let number = u64::from_str_radix(digits, 16).ok()?;
    (pack_name(number) == name).then_some(number)
}

/// 28 bytes and their checksum.
pub(super) fn sealed(magic: [u8; 8], parts: [u32; 5]) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(&magic);
    for (at, part) in parts.iter().enumerate() {
        header[8 + 4 * at..12 + 4 * at].copy_from_slice(&part.to_le_bytes());
    }
    let check = crc32fast::hash(&header[..28]);
    header[28..].copy_from_slice(&check.to_le_bytes());
    header
}

/// What [`sealed`] was given, and the checksum; `None` for damaged bytes.
pub(super) fn unsealed(header: &[u8]) -> Option<([u8; 8], [u32; 5], u32)> {
    let header: &[u8; HEADER_BYTES] = header.try_into().ok()?;
    let word = |at: usize| {
        u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    let mut magic = [0; 8];
    magic.copy_from_slice(&header[..8]);
    let check = check_of(header);
    (crc32fast::hash(&header[..28]) == check).then(|| (magic, [8, 12, 16, 20, 24].map(word), check))
}

fn check_of(header: &[u8; HEADER_BYTES]) -> u32 {
    u32::from_le_bytes([header[28], header[29], header[30], header[31]])
}

pub(super) fn halves(value: u64) -> (u32, u32) {
    (value as u32, (value >> 32) as u32)
}

/// Writes a new pack, a chunk at a time. The file is there once it has a block.
pub(super) struct PackWriter<'a> {
    folder: &'a dyn Folder,
    number: u64,
    file: String,
    // Bytes of the file, with those still in the buffer.
    bytes: u64,
    buffer: Vec<u8>,
    failed: Option<CheckpointError>,
}

// The content of one block while it is written.
struct Content<'p, 'a> {
    pack: &'p mut PackWriter<'a>,
    bytes: u64,
    chunk: Hasher,
    chunk_bytes: usize,
    checks: Vec<u8>,
}

/// What rkyv writes an archive to.
pub(super) type Out<'o> = IoWriter<&'o mut dyn io::Write>;

impl<'a> PackWriter<'a> {
    pub(super) fn new(folder: &'a dyn Folder, number: u64) -> Self {
        let (low, high) = halves(number);
        let header = sealed(*PACK_MAGIC, [VERSION, 0, low, high, 0]);
        Self {
            folder,
            number,
            file: pack_name(number),
            bytes: HEADER_BYTES as u64,
            buffer: header.to_vec(),
            failed: None,
        }
    }

    /// Writes an archive as a block, without holding it in memory.
    pub(super) fn archive<T>(
        &mut self,
        kind: BlockKind,
        value: &T,
    ) -> Result<Place, CheckpointError>
    where
        T: for<'o, 's> Serialize<HighSerializer<Out<'o>, ArenaHandle<'s>, rancor::Error>>,
    {
        let mut content = Content::new(self);
        let written = to_bytes_in(value, IoWriter::new(&mut content as &mut dyn io::Write));
        match written.map(drop) {
            Ok(()) => content.seal(kind),
            Err(cause) => Err(self.failed.take().unwrap_or_else(|| {
                CheckpointError::io(&self.file, io::Error::other(cause.to_string()))
            })),
        }
    }

    /// Writes bytes as a block.
    pub(super) fn raw(&mut self, kind: BlockKind, bytes: &[u8]) -> Result<Place, CheckpointError> {
        let mut content = Content::new(self);
        content.put(bytes)?;
        content.seal(kind)
    }

    /// Ends the pack on the medium; its bytes, or nothing if it has no block.
    pub(super) fn finish(mut self) -> Result<Option<u64>, CheckpointError> {
        if self.bytes == HEADER_BYTES as u64 {
            return Ok(None);
        }
        self.flush()?;
        (self.folder.sync(&self.file)).map_err(|cause| CheckpointError::io(&self.file, cause))?;
        Ok(Some(self.bytes))
    }

    fn put(&mut self, mut bytes: &[u8]) -> Result<(), CheckpointError> {
        self.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            if self.buffer.len() == CHUNK_BYTES {
                self.flush()?;
            }
            bytes = later;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), CheckpointError> {
        let written = self.folder.append(&self.file, &self.buffer);
        self.buffer.clear();
        written.map_err(|cause| CheckpointError::io(&self.file, cause))
    }
}

impl<'p, 'a> Content<'p, 'a> {
    fn new(pack: &'p mut PackWriter<'a>) -> Self {
        Self {
            pack,
            bytes: 0,
            chunk: Hasher::new(),
            chunk_bytes: 0,
            checks: Vec::new(),
        }
    }

    fn put(&mut self, mut bytes: &[u8]) -> Result<(), CheckpointError> {
        self.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.chunk_bytes));
            self.pack.put(now)?;
            self.chunk.update(now);
            self.chunk_bytes += now.len();
            if self.chunk_bytes == CHUNK_BYTES {
                self.end_chunk();
            }
            bytes = later;
        }
        Ok(())
    }

    fn end_chunk(&mut self) {
        let chunk = std::mem::take(&mut self.chunk);
        self.checks.extend(chunk.finalize().to_le_bytes());
        self.chunk_bytes = 0;
    }

    fn seal(mut self, kind: BlockKind) -> Result<Place, CheckpointError> {
        let bytes = self.bytes;
        self.put(padding(bytes))?;
        if self.chunk_bytes > 0 {
            self.end_chunk();
        }
        let (low, high) = halves(bytes);
        let table = crc32fast::hash(&self.checks);
        let seal = sealed(*SEAL_MAGIC, [kind as u32, low, high, table, 0]);
        let offset = self.pack.bytes - bytes.next_multiple_of(ALIGNMENT as u64);
        self.pack.put(&seal)?;
        self.pack.put(&self.checks)?;
        self.pack.put(padding(self.checks.len() as u64))?;
        Ok(Place {
            pack: self.pack.number,
            offset,
            bytes,
            check: check_of(&seal),
        })
    }
}

impl io::Write for Content<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.put(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(cause) => {
                self.pack.failed = Some(cause);
                Err(io::Error::other("the pack could not be written"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn padding(bytes: u64) -> &'static [u8] {
    let over = (bytes % ALIGNMENT as u64) as usize;
    &[0; ALIGNMENT][..(ALIGNMENT - over) % ALIGNMENT]
}

/// The packs of a checkpoint, mapped. Every block is checked before it is given.
pub(super) struct Packs(HashMap<u64, (String, Bytes)>);

impl Packs {
    /// Maps packs of these numbers and lengths.
    pub(super) fn open(
        folder: &dyn Folder,
        packs: impl IntoIterator<Item = (u64, u64)>,
    ) -> Result<Self, CheckpointError> {
        let mut open = HashMap::new();
        for (number, bytes) in packs {
            let file = pack_name(number);
            let mapped = (folder.map(&file)).map_err(|cause| CheckpointError::io(&file, cause))?;
            if mapped.len() as u64 != bytes {
                let what = format!("the file has {} bytes, should have {bytes}", mapped.len());
                let at = bytes.min(mapped.len() as u64);
                return Err(CheckpointError::damaged(&file, at, what));
            }
            check_header(&file, number, &mapped)?;
            open.insert(number, (file, mapped));
        }
        Ok(Self(open))
    }

    /// The content of a block.
    pub(super) fn block(&self, kind: BlockKind, place: Place) -> Result<Bytes, CheckpointError> {
        let Some((file, mapped)) = self.0.get(&place.pack) else {
            let what = format!("it names {}, which it does not list", pack_name(place.pack));
            return Err(CheckpointError::damaged(MANIFEST, 0, what));
        };
        let damaged = |at: u64, what: &str| Err(CheckpointError::damaged(file, at, what));
        let offset = place.offset;
        // A block of more bytes than its file has no footprint worth computing.
        let fits = place.bytes <= mapped.len() as u64;
        let end = fits
            .then(|| offset.checked_add(place.footprint()))
            .flatten();
        if end.is_none_or(|end| end > mapped.len() as u64)
            || !offset.is_multiple_of(ALIGNMENT as u64)
        {
            return damaged(offset, "no block of the manifest's can stand here");
        }
        let content = offset as usize..(offset + place.bytes) as usize;
        let padded = content.end.next_multiple_of(ALIGNMENT);
        let behind = padded + HEADER_BYTES;
        let Some((magic, parts, check)) = unsealed(&mapped[padded..behind]) else {
            return damaged(padded as u64, "a block's seal does not fit its checksum");
        };
        let (low, high) = halves(place.bytes);
        let expected = [kind as u32, low, high, parts[3], 0];
        if check != place.check || magic != *SEAL_MAGIC || parts != expected {
            return damaged(padded as u64, "this is the seal of another block");
        }
        let bytes = &mapped[content.start..padded];
        let checks = behind + 4 * bytes.len().div_ceil(CHUNK_BYTES);
        let table = &mapped[behind..checks];
        if crc32fast::hash(table) != parts[3] {
            return damaged(
                behind as u64,
                "a block's checksums do not fit their checksum",
            );
        }
        if (mapped[checks..checks.next_multiple_of(ALIGNMENT)].iter()).any(|byte| *byte != 0) {
            return damaged(checks as u64, "padding is not zero");
        }
        let wrong =
            |(chunk, check): &(&[u8], &[u8])| crc32fast::hash(chunk).to_le_bytes() != **check;
        let chunks = bytes.par_chunks(CHUNK_BYTES).zip(table.par_chunks(4));
        if let Some(chunk) = chunks.position_first(|pair| wrong(&pair)) {
            let at = content.start + chunk * CHUNK_BYTES;
            let length = CHUNK_BYTES.min(padded - at);
            let what = format!("{length} bytes from here do not fit their checksum");
            return damaged(at as u64, &what);
        }
        Ok(mapped.slice(content))
    }

    /// Reads an archive by `read`, which says what contradicts itself in it.
    pub(super) fn archive<T, R>(
        &self,
        kind: BlockKind,
        place: Place,
        read: impl FnOnce(&T) -> Result<R, String>,
    ) -> Result<R, CheckpointError>
    where
        T: Portable + for<'v> CheckBytes<HighValidator<'v, rancor::Error>>,
    {
        let content = self.block(kind, place)?;
        with_root(&content, read)
            .map_err(|what| CheckpointError::damaged(&pack_name(place.pack), place.offset, what))
    }
}

/// Reads the archive in checked bytes, which are copied where they do not stand
/// as its numbers must.
pub(super) fn with_root<T, R>(
    bytes: &[u8],
    read: impl FnOnce(&T) -> Result<R, String>,
) -> Result<R, String>
where
    T: Portable + for<'v> CheckBytes<HighValidator<'v, rancor::Error>>,
{
    let mut copy = AlignedVec::<ALIGNMENT>::new();
    let bytes = if bytes.as_ptr().align_offset(ALIGNMENT) == 0 {
        bytes
    } else {
        copy.extend_from_slice(bytes);
        &copy
    };
    let root = rkyv::access::<T, rancor::Error>(bytes);
    read(root.map_err(|cause| format!("not a valid archive: {cause}"))?)
}

fn check_header(file: &str, number: u64, mapped: &[u8]) -> Result<(), CheckpointError> {
    let header = mapped.get(..HEADER_BYTES).and_then(unsealed);
    let Some((magic, parts, _)) = header else {
        let what = "the header does not fit its checksum";
        return Err(CheckpointError::damaged(file, 0, what));
    };
    if magic != *PACK_MAGIC {
        return Err(CheckpointError::damaged(file, 0, "this is no pack"));
    }
    if parts[0] != VERSION {
        return Err(CheckpointError::version(file, parts[0]));
    }
    let (low, high) = halves(number);
    if parts != [VERSION, 0, low, high, 0] {
        let found = u64::from(parts[2]) | u64::from(parts[3]) << 32;
        let what = format!("this is {}", pack_name(found));
        return Err(CheckpointError::damaged(file, 16, what));
    }
    Ok(())
}
