//! The bytes of the ledger and of its key, and the hashes in it. Pure.

use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;

/// Bytes of the key.
pub const KEY_BYTES: usize = 32;
/// The format written.
pub const VERSION: u32 = 1;

/// A keyed hash of names.
pub(super) type Mac = [u8; 32];

/// Why a record that is shorter than it says is none.
pub(super) const CUT_OFF: &str = "a record is cut off";
const MAGIC: [u8; 8] = *b"TANDEML\n";
const KEY_MAGIC: [u8; 8] = *b"TANDEMK\n";
pub(crate) const HEADER_BYTES: usize = 32;
pub(super) const KEY_FILE_BYTES: usize = 48;
/// Begins a record. 0xFF is in no UTF-8.
pub(super) const MARKER: [u8; 4] = [0xFF, b'T', b'L', 0xFF];
pub(super) const HEAD_BYTES: usize = 64;
const DOCUMENT_BYTES: usize = 40;

const ERASED: u32 = 1;
const DONE: u32 = 2;

/// The key of the hashes.
pub(super) struct Key([u8; KEY_BYTES]);

impl Key {
    pub(super) fn new(key: [u8; KEY_BYTES]) -> Self {
        Self(key)
    }

    pub(super) fn subject(&self, space: &str, subject: &str) -> Mac {
        self.mac(b's', &[space, subject])
    }

    pub(super) fn document(&self, space: &str, kind: &str, id: &str) -> Mac {
        self.mac(b'd', &[space, kind, id])
    }

    /// Tells keys apart; in the header of the ledger that was written with it.
    pub(super) fn check(&self) -> [u8; 16] {
        let mac = self.mac(b'k', &[]);
        *mac.first_chunk().unwrap_or(&[0; 16])
    }

    // Each name behind its length, so that no two lists of names read the same.
    fn mac(&self, tag: u8, names: &[&str]) -> Mac {
        // An HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return Mac::default();
        };
        mac.update(&[tag]);
        for name in names {
            mac.update(&(name.len() as u32).to_le_bytes());
            mac.update(name.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

/// The file with a key.
pub(super) fn write_key(key: &[u8; KEY_BYTES]) -> Vec<u8> {
    let mut bytes = KEY_MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(key);
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

pub(super) fn read_key(bytes: &[u8]) -> Result<[u8; KEY_BYTES], String> {
    let (Some(body), Some(crc)) = (bytes.get(..KEY_FILE_BYTES - 4), u32_at(bytes, 44)) else {
        return Err("the file is too short for a key".to_owned());
    };
    if bytes.len() != KEY_FILE_BYTES
        || crc32fast::hash(body) != crc
        || !body.starts_with(&KEY_MAGIC)
    {
        return Err("this is no key, or a damaged one".to_owned());
    }
    check_version(u32_at(bytes, 8))?;
    let key = body.get(12..).and_then(|key| key.first_chunk());
    key.copied()
        .ok_or_else(|| "the key is too short".to_owned())
}

pub(super) fn header(key: &Key) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&key.check());
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// Whether the header is whole and of this key.
pub(super) fn check_header(bytes: &[u8], key: &Key) -> Result<(), String> {
    let (Some(body), Some(crc)) = (bytes.get(..HEADER_BYTES - 4), u32_at(bytes, 28)) else {
        return Err("the file is too short for a header".to_owned());
    };
    if crc32fast::hash(body) != crc || !body.starts_with(&MAGIC) {
        return Err("this is no ledger, or its header is damaged".to_owned());
    }
    check_version(u32_at(bytes, 8))?;
    if body.get(12..) == Some(key.check().as_slice()) {
        Ok(())
    } else {
        Err("the ledger was written with another key than the one in ledger.key".to_owned())
    }
}

fn check_version(found: Option<u32>) -> Result<(), String> {
    match found {
        Some(VERSION) => Ok(()),
        found => Err(format!(
            "format version {}, this program reads version {VERSION}",
            found.unwrap_or_default()
        )),
    }
}

/// What stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// A subject was erased, with these documents and their versions.
    Erased {
        number: u64,
        at_ms: i64,
        subject: Mac,
        documents: Vec<(Mac, u64)>,
    },
    /// Files are rewritten for every record up to one.
    Done {
        number: u64,
        at_ms: i64,
        through: u64,
    },
}

impl Record {
    pub(super) fn number(&self) -> u64 {
        match self {
            Self::Erased { number, .. } | Self::Done { number, .. } => *number,
        }
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let (tag, number, at_ms, subject, documents) = match self {
            Self::Erased {
                number,
                at_ms,
                subject,
                documents,
            } => (ERASED, *number, *at_ms, *subject, documents.as_slice()),
            Self::Done {
                number,
                at_ms,
                through,
            } => {
                let mut place = Mac::default();
                place[..8].copy_from_slice(&through.to_le_bytes());
                (DONE, *number, *at_ms, place, [].as_slice())
            }
        };
        let mut bytes = MARKER.to_vec();
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&tag.to_le_bytes());
        bytes.extend_from_slice(&(documents.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&at_ms.to_le_bytes());
        bytes.extend_from_slice(&subject);
        for (mac, version) in documents {
            bytes.extend_from_slice(mac);
            bytes.extend_from_slice(&version.to_le_bytes());
        }
        let crc = crc32fast::hash(&bytes[8..]);
        bytes[4..8].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The record at the beginning of the bytes and its length.
    pub(super) fn read(bytes: &[u8]) -> Result<(Self, usize), &'static str> {
        let head = bytes.get(..HEAD_BYTES).ok_or(CUT_OFF)?;
        if !head.starts_with(&MARKER) {
            return Err("no record begins here");
        }
        let cut = CUT_OFF;
        let count = u32_at(head, 12).ok_or(cut)? as usize;
        let length = count
            .checked_mul(DOCUMENT_BYTES)
            .and_then(|bytes| bytes.checked_add(HEAD_BYTES))
            .ok_or(cut)?;
        let record = bytes.get(..length).ok_or(cut)?;
        let checked = record.get(8..).ok_or(cut)?;
        if Some(crc32fast::hash(checked)) != u32_at(head, 4) {
            return Err("the checksum of a record is wrong");
        }
        let number = u64_at(head, 16).ok_or(cut)?;
        let at_ms = u64_at(head, 24).ok_or(cut)? as i64;
        let subject = mac_at(head, 32).ok_or(cut)?;
        let read = match u32_at(head, 8) {
            Some(ERASED) => {
                let documents = record.get(HEAD_BYTES..).ok_or(cut)?;
                let documents = documents
                    .chunks_exact(DOCUMENT_BYTES)
                    .filter_map(|one| Some((mac_at(one, 0)?, u64_at(one, 32)?)));
                Self::Erased {
                    number,
                    at_ms,
                    subject,
                    documents: documents.collect(),
                }
            }
            Some(DONE) => Self::Done {
                number,
                at_ms,
                through: u64_at(&subject, 0).ok_or(cut)?,
            },
            _ => return Err("a record of a kind this program does not know"),
        };
        Ok((read, length))
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let found = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*found))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let found = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*found))
}

fn mac_at(bytes: &[u8], at: usize) -> Option<Mac> {
    bytes.get(at..)?.first_chunk().copied()
}
