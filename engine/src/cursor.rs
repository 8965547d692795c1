//! Cursors: where the next page begins, and in which snapshot. Owns the
//! encoding. A cursor is not a secret; its checksum finds damage and guesses,
//! and what it names is checked again when it is used.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::answer::Failure;

/// What a cursor carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The history of documents the snapshot is of; 0 for none.
    pub history: u32,
    /// The snapshot's sequence number.
    pub sequence: u64,
    /// The `now` of the first page.
    pub now_ms: i64,
    /// Hash of everything else in the request.
    pub request: u64,
    /// Whether the last hit was behind the pool.
    pub behind_pool: bool,
    /// Id of the last hit.
    pub last: String,
}

const SEED: u64 = 0x7461_6e64_656d_0001;
const HEAD_BYTES: usize = 4 + 8 + 8 + 8 + 8 + 1;

impl Cursor {
    /// The cursor as text of A–Z, a–z, 0–9, `-` and `_`.
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(HEAD_BYTES + self.last.len());
        bytes.extend_from_slice(&self.history.to_le_bytes());
        bytes.extend_from_slice(&self.sequence.to_le_bytes());
        bytes.extend_from_slice(&self.now_ms.to_le_bytes());
        bytes.extend_from_slice(&self.request.to_le_bytes());
        bytes.push(u8::from(self.behind_pool));
        bytes.extend_from_slice(self.last.as_bytes());
        let sum = xxh3_64_with_seed(&bytes, SEED);
        bytes.extend_from_slice(&sum.to_le_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor. Errors: `invalid_cursor` for any text that `encode` did
    /// not make.
    pub fn decode(text: &str) -> Result<Self, Failure> {
        Self::read(text).ok_or_else(|| {
            Failure::new(
                "invalid_cursor",
                "/cursor",
                "the cursor is damaged or was not made by this server",
            )
        })
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
        if xxh3_64_with_seed(body, SEED).to_le_bytes() != sum {
            return None;
        }
        let (history, body) = body.split_first_chunk::<4>()?;
        let (sequence, body) = body.split_first_chunk::<8>()?;
        let (now, body) = body.split_first_chunk::<8>()?;
        let (request, body) = body.split_first_chunk::<8>()?;
        let (behind, last) = body.split_first()?;
        Some(Self {
            history: u32::from_le_bytes(*history),
            sequence: u64::from_le_bytes(*sequence),
            now_ms: i64::from_le_bytes(*now),
            request: u64::from_le_bytes(*request),
            behind_pool: *behind == 1,
            last: String::from_utf8(last.to_vec()).ok()?,
        })
    }
}

/// What a cursor needs: a snapshot, by its history and sequence number, and a `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorPlace {
    /// The history of documents; 0 for none.
    pub history: u32,
    /// The snapshot's sequence number.
    pub sequence: u64,
    /// The `now` of the first page.
    pub now_ms: i64,
}

/// Which snapshot and which `now` a cursor needs. Errors: `invalid_cursor`.
pub fn cursor_place(cursor: &str) -> Result<CursorPlace, Failure> {
    let Cursor {
        history,
        sequence,
        now_ms,
        ..
    } = Cursor::decode(cursor)?;
    Ok(CursorPlace {
        history,
        sequence,
        now_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_is_read_back_and_a_damaged_one_is_refused(
            history in any::<u32>(), sequence in any::<u64>(), now_ms in any::<i64>(), request in any::<u64>(),
            behind_pool in any::<bool>(), last in ".{0,40}", at in any::<prop::sample::Index>(),
        ) {
            let cursor = Cursor { history, sequence, now_ms, request, behind_pool, last };
            let text = cursor.encode();
            prop_assert_eq!(Cursor::decode(&text).unwrap(), cursor);
            let mut damaged = text.into_bytes();
            let at = at.index(damaged.len());
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).unwrap();
            prop_assert!(Cursor::decode(&damaged).is_err());
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            prop_assert!(Cursor::decode(&text).is_err());
        }
    }
}
