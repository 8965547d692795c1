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
/// nine tenths of any corpus; 16,384 slots hold about 2 MB.
const CACHE_SLOTS: usize = 1 << 14;

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

struct Entry {
    language: Language,
    lower: Box<str>,
    tagged: Option<Box<str>>,
}

/// A direct-mapped cache of tagged stems, one per thread.
pub(super) struct StemCache {
    slots: Vec<Option<Entry>>,
}

thread_local! {
    static CACHE: RefCell<StemCache> = const { RefCell::new(StemCache { slots: Vec::new() }) };
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
            self.slots.resize_with(CACHE_SLOTS, || None);
        }
        let slot = xxh3_64(lower.as_bytes()) as usize % CACHE_SLOTS;
        let held = self.slots.get_mut(slot)?;
        let fits = held
            .as_ref()
            .is_some_and(|entry| entry.language == language && *entry.lower == *lower);
        if !fits {
            *held = None;
        }
        held.get_or_insert_with(|| Entry {
            language,
            lower: lower.into(),
            tagged: tagged_stem(language, lower).map(String::into_boxed_str),
        })
        .tagged
        .as_deref()
    }
}
