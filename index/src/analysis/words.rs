//! The words of one text: what the analyser hands to the index, the skill
//! dictionary and the highlighter. Owns the buffer; knows no tokenizer.

use xxhash_rust::xxh3::xxh3_64;

/// A term's fingerprint: the low 47 bits of XXH3-64 of its text. Bit 47 marks
/// a skill (`TermKey::skill`), whose low bits are the skill's number.
///
/// Two million distinct terms share a key with probability 1.4 %, which would
/// merge two terms' statistics; ids stay exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermKey(pub u64);

const SKILL_BIT: u64 = 1 << 47;

impl TermKey {
    /// The key of a term's text (a folded word, or a tagged stem).
    pub fn of(term: &str) -> Self {
        Self(xxh3_64(term.as_bytes()) & (SKILL_BIT - 1))
    }

    /// The key of a skill's number.
    pub fn skill(number: u32) -> Self {
        Self(SKILL_BIT | u64::from(number))
    }

    /// The skill's number, where this is a skill's key.
    pub fn as_skill(self) -> Option<u32> {
        (self.0 & SKILL_BIT != 0).then_some(self.0 as u32)
    }
}

/// Bytes of text to a word, as room is made for them.
const BYTES_A_WORD: usize = 6;

/// One word of a text.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// First byte of the word in the original text.
    pub start: u32,
    /// The byte after its last in the original text.
    pub end: u32,
    /// Key of the folded word.
    pub key: TermKey,
    /// Key of the tagged stem (`~en:manag`), where stem and word differ.
    pub stem_key: Option<TermKey>,
    folded: (u32, u32),
    stem: (u32, u32),
}

/// The words of a text in order. Reuse one for many texts: `clear` keeps the
/// memory. A word's position is its index.
#[derive(Default, Debug)]
pub struct Words {
    items: Vec<Word>,
    buffer: String,
}

impl Words {
    /// Forgets the words, keeps the memory.
    pub fn clear(&mut self) {
        self.items.clear();
        self.buffer.clear();
    }

    /// Makes room for the words of so many bytes of text.
    pub fn reserve(&mut self, bytes: usize) {
        self.items.reserve(bytes / BYTES_A_WORD);
        // Stems stand there beside the words.
        self.buffer.reserve(bytes + bytes / 2);
    }

    /// Appends a word: its byte range in the original text, its folded form and
    /// its tagged stem where that differs.
    pub fn push(&mut self, start: u32, end: u32, folded: &str, tagged_stem: Option<&str>) {
        let folded_range = self.store(folded);
        let stem = tagged_stem.map_or((0, 0), |stem| self.store(stem));
        self.items.push(Word {
            start,
            end,
            key: TermKey::of(folded),
            stem_key: tagged_stem.map(TermKey::of),
            folded: folded_range,
            stem,
        });
    }

    fn store(&mut self, text: &str) -> (u32, u32) {
        let start = self.buffer.len() as u32;
        self.buffer.push_str(text);
        (start, self.buffer.len() as u32)
    }

    /// Forgets the words behind the first so many.
    pub fn truncate(&mut self, words: usize) {
        self.items.truncate(words);
    }

    /// The words in order.
    pub fn items(&self) -> &[Word] {
        &self.items
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// A word's folded form. Panics only when `word` is of another `Words`.
    pub fn folded(&self, word: &Word) -> &str {
        self.slice(word.folded)
    }

    /// A word's tagged stem, empty where it has none.
    pub fn stem(&self, word: &Word) -> &str {
        self.slice(word.stem)
    }

    fn slice(&self, (start, end): (u32, u32)) -> &str {
        self.buffer.get(start as usize..end as usize).unwrap_or("")
    }
}
