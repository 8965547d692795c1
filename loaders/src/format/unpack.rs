//! What a source is packed with. Owns telling by the first bytes, unpacking,
//! and the bound on what a small source may unpack to.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

/// How a source is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip, one member or several.
    Gzip,
    /// Zstandard, one frame or several.
    Zstd,
}

impl Packing {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// What the first bytes say a source is, where it is nothing that is read.
const UNREAD: [(&[u8], usize, &str); 9] = [
    (b"BZh", 0, "bzip2"),
    (b"\xFD7zXZ\0", 0, "xz"),
    (b"7z\xBC\xAF\x27\x1C", 0, "a 7z archive"),
    (b"Rar!\x1A\x07", 0, "a RAR archive"),
    (b"ustar", 257, "a tar archive"),
    (b"%PDF-", 0, "a PDF"),
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        0,
        "an Excel workbook of before 2007",
    ),
    (b"SQLite format 3\0", 0, "a SQLite database"),
    (b"ORC", 0, "an ORC file"),
];

/// What the bytes are, if it is something that is not read.
pub(super) fn unread(head: &[u8]) -> Option<&'static str> {
    UNREAD
        .iter()
        .find(|(magic, at, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic)))
        .map(|(_, _, name)| *name)
}

/// How bytes that begin like this are packed.
pub fn packing(head: &[u8]) -> Packing {
    // A zstd source may begin with a skippable frame, 0x184D2A50 to ..5F.
    let skippable = matches!(head, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..]);
    if head.starts_with(b"\x1F\x8B") {
        Packing::Gzip
    } else if head.starts_with(b"\x28\xB5\x2F\xFD") || skippable {
        Packing::Zstd
    } else {
        Packing::Plain
    }
}

/// A source with its first bytes put back in front.
pub(super) struct Headed {
    head: Cursor<Vec<u8>>,
    failure: Option<io::Error>,
    rest: Box<dyn Read + Send>,
}

impl Headed {
    /// Reads up to so many bytes ahead. A failure on the way comes behind what
    /// was read before it.
    pub(super) fn new(mut input: Box<dyn Read + Send>, bytes: usize) -> Self {
        let mut head = Vec::new();
        let read = (&mut input).take(bytes as u64).read_to_end(&mut head);
        Self {
            head: Cursor::new(head),
            failure: read.err(),
            rest: input,
        }
    }

    pub(super) fn head(&self) -> &[u8] {
        self.head.get_ref()
    }
}

impl Read for Headed {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.head.read(room)? {
            0 => match self.failure.take() {
                Some(failure) => Err(failure),
                None => self.rest.read(room),
            },
            read => Ok(read),
        }
    }
}

/// Counts what is read.
pub(super) struct Counted {
    pub(super) input: Box<dyn Read + Send>,
    pub(super) bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(room)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Refuses to unpack far more than a source has.
struct Bounded {
    input: Box<dyn Read + Send>,
    /// Packed bytes read.
    packed: Arc<AtomicU64>,
    unpacked: u64,
    free_bytes: u64,
    ratio_max: u64,
}

impl Read for Bounded {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(room)?;
        self.unpacked += read as u64;
        let packed = self.packed.load(Ordering::Relaxed);
        let bound = packed
            .saturating_mul(self.ratio_max)
            .saturating_add(self.free_bytes);
        if self.unpacked > bound {
            return Err(io::Error::new(
                io::ErrorKind::QuotaExceeded,
                format!("it unpacks to more than {} times its size", self.ratio_max),
            ));
        }
        Ok(read)
    }
}

/// What a source may unpack to.
#[derive(Clone, Copy, Debug)]
pub struct Unpacking {
    /// Bytes that are always fine.
    pub free_bytes: u64,
    /// Beyond them, so many times the packed size.
    pub ratio_max: u64,
    /// log₂ of the largest Zstandard window: it is held in memory.
    pub window_log_max: u32,
}

/// Unpacks.
pub(super) fn unpack(
    input: Box<dyn Read + Send>,
    packing: Packing,
    packed: Arc<AtomicU64>,
    limits: Unpacking,
) -> io::Result<Box<dyn Read + Send>> {
    let input: Box<dyn Read + Send> = match packing {
        Packing::Plain => return Ok(input),
        Packing::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(
            64 << 10,
            input,
        ))),
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::new(input)?;
            decoder.window_log_max(limits.window_log_max)?;
            Box::new(decoder)
        }
    };
    Ok(Box::new(Bounded {
        input,
        packed,
        unpacked: 0,
        free_bytes: limits.free_bytes,
        ratio_max: limits.ratio_max,
    }))
}
