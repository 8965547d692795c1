//! A hasher for keys that are hashes already. Owns nothing else.

use std::hash::{BuildHasherDefault, Hasher};

/// Takes the key as its own hash, spread over the high bits too.
#[derive(Default, Clone, Copy, Debug)]
pub struct PlainHasher(u64);

/// Builds `PlainHasher`s.
pub type PlainHash = BuildHasherDefault<PlainHasher>;

impl Hasher for PlainHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        // Keys use 48 bits; hash tables also look at the topmost ones.
        self.0 = (self.0 ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
