//! A hasher for keys that are hashes already, and a filter that says of most keys at
//! once that a table has them not. Owns nothing else.

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

/// Tells of most keys that are not in a table that they are not, from a few
/// kilobytes that stay near: most words of a text begin no name and no phrase.
#[derive(Default, Clone, Debug)]
pub struct KeyFilter {
    bits: Vec<u64>,
}

impl KeyFilter {
    /// Takes note of some keys: a bit for each of 16 times as many.
    pub fn of(keys: impl ExactSizeIterator<Item = u64>) -> Self {
        let words = (keys.len() / 4).next_power_of_two();
        let mut bits = vec![0; words];
        for key in keys {
            bits[Self::word(key, words)] |= 1 << (key & 63);
        }
        Self { bits }
    }

    fn word(key: u64, words: usize) -> usize {
        (key >> 6) as usize & (words - 1)
    }

    /// Whether a key may be one of them; true of all that are.
    pub fn may_have(&self, key: u64) -> bool {
        let words = self.bits.len();
        words > 0 && self.bits[Self::word(key, words)] >> (key & 63) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_has_all_its_keys_and_few_others() {
        let key = |number: u64| xxhash_rust::xxh3::xxh3_64(&number.to_le_bytes());
        let filter = KeyFilter::of((0..1_000).map(key).collect::<Vec<_>>().into_iter());
        assert!((0..1_000).all(|number| filter.may_have(key(number))));
        let others = (1_000..11_000).filter(|number| filter.may_have(key(*number)));
        assert!(others.count() < 1_000);
        assert!(!KeyFilter::default().may_have(key(1)));
    }
}
