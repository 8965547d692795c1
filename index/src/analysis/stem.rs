//! Stems: which words have one, the tagged term, and a small cache in front of
//! the stemmers. A stem depends on language and word alone, so the cache
//! changes speed only.

use std::cell::RefCell;

use frostem::Stemmer;
use xxhash_rust::xxh3::xxh3_64;

use super::fold::fold_into;
use super::language::Language;

/// Shorter words (go, bi) have no endings, longer ones are no words.
const STEM_BYTES: std::ops::RangeInclusive<usize> = 3..=48;

/// Slots of a thread's cache, a power of two. The commonest 8,000 words are
/// nine tenths of any corpus; 16,384 slots hold 1 MB.
const CACHE_SLOTS: usize = 1 << 14;

/// What a slot has for a word and its stem. Longer ones, one word in thousands, are
/// stemmed each time.
const ENTRY_BYTES: usize = 61;

/// The folded stem of a lower-case word; `None` where the language has no
/// stemmer or the word is none of its own.
pub(super) fn fold_stem(language: Language, lower: &str) -> Option<String> {
    let (algorithm, script) = language.stemmer()?;
    if !STEM_BYTES.contains(&lower.len()) || !lower.chars().all(|letter| script.holds(letter)) {
        return None;
    }
    let stem = Stemmer::new(algorithm).stem(lower);
    let mut folded = String::with_capacity(stem.len());
    fold_into(&stem, &mut folded);
    (!folded.is_empty()).then_some(folded)
}

/// The tagged stem of a lower-case word, where it differs from the folded word.
fn tagged_stem(language: Language, lower: &str) -> Option<String> {
    let stem = fold_stem(language, lower)?;
    let mut folded = String::with_capacity(lower.len());
    fold_into(lower, &mut folded);
    (stem != folded).then(|| format!("~{}:{stem}", language.tag()))
}

/// A word and its tagged stem in one line of the processor's cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Entry {
    /// None of a free slot.
    language: Option<Language>,
    /// Bytes of the word, and of its stem behind it; 0 where it has none.
    lower: u8,
    tagged: u8,
    bytes: [u8; ENTRY_BYTES],
}

const FREE: Entry = Entry {
    language: None,
    lower: 0,
    tagged: 0,
    bytes: [0; ENTRY_BYTES],
};

impl Entry {
    fn has(&self, language: Language, lower: &str) -> bool {
        let held = self.bytes.get(..usize::from(self.lower));
        self.language == Some(language) && held == Some(lower.as_bytes())
    }

    /// Holds a word and its stem; false where both are too long.
    fn hold(&mut self, language: Language, lower: &str, tagged: &str) -> bool {
        let both = lower.bytes().chain(tagged.bytes());
        if lower.len() + tagged.len() > ENTRY_BYTES {
            return false;
        }
        for (slot, byte) in self.bytes.iter_mut().zip(both) {
            *slot = byte;
        }
        self.language = Some(language);
        (self.lower, self.tagged) = (lower.len() as u8, tagged.len() as u8);
        true
    }

    fn stem(&self) -> Option<&str> {
        let (from, length) = (usize::from(self.lower), usize::from(self.tagged));
        let stem = self.bytes.get(from..from + length)?;
        str::from_utf8(stem).ok().filter(|stem| !stem.is_empty())
    }
}

/// A direct-mapped cache of tagged stems, one per thread.
pub(super) struct StemCache {
    slots: Vec<Entry>,
    // The last stem that no slot holds.
    long: Option<String>,
}

thread_local! {
    static CACHE: RefCell<StemCache> = const { RefCell::new(StemCache { slots: Vec::new(), long: None }) };
}

impl StemCache {
    /// Lends the thread's cache.
    pub(super) fn with<T>(work: impl FnOnce(&mut Self) -> T) -> T {
        CACHE.with_borrow_mut(work)
    }

    /// The tagged stem of a lower-case word, where it differs from its folded
    /// form.
    pub(super) fn tagged(&mut self, language: Language, lower: &str) -> Option<&str> {
        if !STEM_BYTES.contains(&lower.len()) {
            return None;
        }
        if self.slots.is_empty() {
            self.slots.resize(CACHE_SLOTS, FREE);
        }
        let slot = xxh3_64(lower.as_bytes()) as usize % CACHE_SLOTS;
        let held = self.slots.get_mut(slot)?;
        if !held.has(language, lower) {
            let tagged = tagged_stem(language, lower);
            if !held.hold(language, lower, tagged.as_deref().unwrap_or("")) {
                self.long = tagged;
                return self.long.as_deref();
            }
        }
        held.stem()
    }
}
