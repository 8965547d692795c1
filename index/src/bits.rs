//! A plain bitmap over row numbers. Owns the words and nothing else: it does not know
//! whether a set bit means "alive", "passes the filter" or "has a vector".

use crate::checkpoint::forms::{ArchivedBitsForm, BitsForm, Contradiction, copied};

const WORD: usize = 64;

/// A fixed-length bitmap, one bit a row.
///
/// Invariant: bits at or beyond `len` are zero, so that counting and iterating need no mask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// `len` bits, all clear.
    pub fn new(len: usize) -> Self {
        Self {
            words: vec![0; len.div_ceil(WORD)],
            len,
        }
    }

    /// `len` bits, all set.
    pub fn full(len: usize) -> Self {
        let mut bits = Self {
            words: vec![u64::MAX; len.div_ceil(WORD)],
            len,
        };
        bits.clear_beyond_len();
        bits
    }

    /// `len` bits, each set where `is_set` says so.
    pub fn from_fn(len: usize, mut is_set: impl FnMut(u32) -> bool) -> Self {
        let mut bits = Self::new(len);
        for (at, word) in bits.words.iter_mut().enumerate() {
            let first = at * WORD;
            for bit in 0..WORD.min(len - first) {
                *word |= u64::from(is_set((first + bit) as u32)) << bit;
            }
        }
        bits
    }

    /// Number of bits, set or not.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no bit at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends one bit.
    pub fn push(&mut self, set: bool) {
        if self.len.is_multiple_of(WORD) {
            self.words.push(0);
        }
        self.len += 1;
        if set {
            self.set((self.len - 1) as u32);
        }
    }

    /// Sets a bit. A bit beyond the end is ignored (and is a bug of the caller).
    #[inline]
    pub fn set(&mut self, bit: u32) {
        let bit = bit as usize;
        debug_assert!(bit < self.len, "bit {bit} of {}", self.len);
        if bit < self.len {
            self.words[bit / WORD] |= 1 << (bit % WORD);
        }
    }

    /// Clears a bit. A bit beyond the end is clear already.
    #[inline]
    pub fn clear(&mut self, bit: u32) {
        let bit = bit as usize;
        if let Some(word) = self.words.get_mut(bit / WORD) {
            *word &= !(1 << (bit % WORD));
        }
    }

    /// Whether a bit is set; false beyond the end.
    #[inline]
    pub fn get(&self, bit: u32) -> bool {
        let bit = bit as usize;
        self.words
            .get(bit / WORD)
            .is_some_and(|word| word >> (bit % WORD) & 1 == 1)
    }

    /// Number of set bits.
    pub fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Number of bits set in both, without building the intersection.
    pub fn count_and(&self, other: &Self) -> usize {
        let pairs = self.words.iter().zip(&other.words);
        pairs.map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// Keeps the bits set in both. What `other` is too short for counts as clear.
    pub fn and_assign(&mut self, other: &Self) {
        let shared = self.words.len().min(other.words.len());
        self.words[shared..].fill(0);
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a &= b;
        }
    }

    /// Adds the bits set in `other`; those beyond this bitmap's end are dropped.
    pub fn or_assign(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a |= b;
        }
        self.clear_beyond_len();
    }

    /// Clears the bits set in `other`.
    pub fn and_not_assign(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a &= !b;
        }
    }

    /// The numbers of the set bits, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| Ones {
            word,
            first: (at * WORD) as u32,
        })
    }

    /// The numbers of the bits set in both, ascending, without building the intersection.
    pub fn iter_and<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = u32> + 'a {
        let both = self.words.iter().zip(&other.words).map(|(a, b)| a & b);
        both.enumerate().flat_map(|(at, word)| Ones {
            word,
            first: (at * WORD) as u32,
        })
    }

    /// The words, least significant bit first; bits beyond `len` are zero.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    pub(crate) fn form(&self) -> BitsForm<'_> {
        BitsForm {
            bits: self.len as u64,
            words: &self.words,
        }
    }

    pub(crate) fn from_form(form: &ArchivedBitsForm<'_>) -> Result<Self, Contradiction> {
        let len = form.bits.to_native() as usize;
        let words = copied(&form.words);
        let used = len % WORD;
        let beyond = (words.last()).is_some_and(|last| used != 0 && last >> used != 0);
        if words.len() != len.div_ceil(WORD) || beyond {
            return Err("a bitmap is of another length than its words");
        }
        Ok(Self { words, len })
    }

    fn clear_beyond_len(&mut self) {
        let used = self.len % WORD;
        if used != 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << used) - 1;
        }
    }
}

/// The set bits of one word.
struct Ones {
    word: u64,
    first: u32,
}

impl Iterator for Ones {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        if self.word == 0 {
            return None;
        }
        let bit = self.word.trailing_zeros();
        self.word &= self.word - 1;
        Some(self.first + bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bits(values: &[bool]) -> Bits {
        Bits::from_fn(values.len(), |bit| values[bit as usize])
    }

    #[test]
    fn a_full_bitmap_has_exactly_its_length() {
        for len in [0, 1, 63, 64, 65, 128, 1000] {
            assert_eq!(Bits::full(len).count(), len);
            assert_eq!(Bits::full(len).iter().count(), len);
            assert_eq!(Bits::new(len).count(), 0);
        }
    }

    #[test]
    fn bits_beyond_the_end_are_false_and_clearing_them_is_harmless() {
        let mut bits = Bits::full(70);
        bits.clear(70);
        bits.clear(4_000_000_000);
        assert_eq!(bits.count(), 70);
        assert!(bits.get(69) && !bits.get(70) && !bits.get(u32::MAX));
    }

    #[test]
    fn a_longer_operand_adds_no_bits() {
        let mut short = Bits::new(3);
        short.or_assign(&Bits::full(200));
        assert_eq!(short, Bits::full(3));
        let mut long = Bits::full(200);
        long.and_assign(&Bits::full(3));
        assert_eq!(long.iter().collect::<Vec<_>>(), [0, 1, 2]);
    }

    proptest! {
        #[test]
        fn equals_a_vector_of_booleans(
            (a, b) in (0usize..300).prop_flat_map(|len| {
                let one = proptest::collection::vec(any::<bool>(), len);
                (one.clone(), one)
            })
        ) {
            let model = |f: fn(bool, bool) -> bool| -> Vec<bool> {
                a.iter().zip(&b).map(|(&a, &b)| f(a, b)).collect()
            };
            let apply = |f: fn(&mut Bits, &Bits)| {
                let mut left = bits(&a);
                f(&mut left, &bits(&b));
                left
            };
            prop_assert_eq!(apply(Bits::and_assign), bits(&model(|a, b| a && b)));
            prop_assert_eq!(apply(Bits::or_assign), bits(&model(|a, b| a || b)));
            prop_assert_eq!(apply(Bits::and_not_assign), bits(&model(|a, b| a && !b)));
            let both = apply(Bits::and_assign);
            prop_assert_eq!(bits(&a).count_and(&bits(&b)), both.count());
            prop_assert!(bits(&a).iter_and(&bits(&b)).eq(both.iter()));
            let mut pushed = Bits::default();
            for &set in &a {
                pushed.push(set);
            }
            prop_assert_eq!(&pushed, &bits(&a));
            let listed: Vec<u32> = (0..a.len() as u32).filter(|&at| a[at as usize]).collect();
            prop_assert_eq!(pushed.iter().collect::<Vec<_>>(), listed);
        }
    }
}
