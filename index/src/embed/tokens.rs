//! Text to token ids, exactly as the model's `tokenizer.json` asks for: BERT
//! normaliser (clean, space out ideographs, strip accents, lower case), BERT
//! pre-tokenizer, WordPiece. Owns this pipeline and nothing else; it is not the
//! analyser of the text index.
//!
//! The steps run in one pass over the characters with a word buffer on the
//! stack. Two facts make that the same as the reference's pass per step:
//! decomposing one character at a time skips canonical reordering, which moves
//! only marks that are stripped or stand in no token; and a hash match on bytes
//! can end only at a character boundary, because tokens are whole characters.

use super::{CHARACTERS_MAX, TOKENS_MAX};
use unicode_categories::UnicodeCategories;
use unicode_normalization::char::decompose_canonical;

/// A longer word is unknown.
const WORD_CHARACTERS_MAX: usize = 100;
/// Longest token, in bytes, without its `##`; longer ones are refused at start.
const PIECE_BYTES_MAX: usize = 32;
/// Slots of the hash table, a power of two at least twice the vocabulary.
const SLOTS: usize = 1 << 16;
const UNKNOWN: u16 = 1;
/// Literal text that is a token of its own, before any normalisation: what
/// follows the bracket, and the id.
const SPECIAL: [(&str, u16); 5] = [
    ("PAD]", 0),
    ("UNK]", UNKNOWN),
    ("CLS]", 2),
    ("SEP]", 3),
    ("MASK]", 4),
];

/// Token ids of one text, at most [`TOKENS_MAX`], unknown words left out.
pub(super) struct Tokens {
    ids: [u16; TOKENS_MAX],
    known: usize,
    /// Unknown words count here: the reference cuts first and drops them later.
    seen: usize,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self {
            ids: [0; TOKENS_MAX],
            known: 0,
            seen: 0,
        }
    }

    pub(super) fn ids(&self) -> &[u16] {
        &self.ids[..self.known]
    }

    fn is_full(&self) -> bool {
        self.seen == TOKENS_MAX
    }

    fn push(&mut self, id: u16) {
        if self.is_full() {
            return;
        }
        self.seen += 1;
        if id != UNKNOWN {
            self.ids[self.known] = id;
            self.known += 1;
        }
    }
}

/// The word being read, normalised.
struct Word {
    bytes: [u8; WORD_CHARACTERS_MAX * 4],
    length: usize,
    characters: usize,
}

impl Word {
    fn push(&mut self, character: char) {
        self.characters += 1;
        // Past the limit the word is unknown whatever it holds.
        if self.characters <= WORD_CHARACTERS_MAX {
            let room = &mut self.bytes[self.length..];
            self.length += character.encode_utf8(room).len();
        }
    }
}

/// A token where the hash of its bytes points to, with enough of it to tell it
/// from others: one place in memory is looked at for most words.
#[derive(Clone, Copy)]
struct Slot {
    /// Its first eight bytes without `##`, the first the lowest.
    head: u64,
    /// Where it stands in the vocabulary, without `##`.
    at: u32,
    id: u16,
    /// Its bytes without `##`; 0 is a free slot.
    length: u8,
    /// It starts a word.
    first: bool,
}

const FREE: Slot = Slot {
    head: 0,
    at: 0,
    id: 0,
    length: 0,
    first: false,
};

/// The vocabulary, indexed by a hash of each token's bytes.
pub(super) struct Tokenizer {
    vocabulary: &'static [u8],
    slots: Vec<Slot>,
}

impl Tokenizer {
    /// Indexes the lines of `vocabulary`; `None` where a token is longer than
    /// supported or there are more than half as many tokens as slots.
    pub(super) fn new(vocabulary: &'static [u8]) -> Option<Self> {
        let mut tokenizer = Self {
            vocabulary,
            slots: vec![FREE; SLOTS],
        };
        let mut end = 0;
        for (id, line) in vocabulary
            .split_inclusive(|&byte| byte == b'\n')
            .enumerate()
        {
            end += line.len();
            let id = u16::try_from(id).ok()?;
            let (first, piece) = piece_of(line.strip_suffix(b"\n")?);
            if piece.len() > PIECE_BYTES_MAX || usize::from(id) >= SLOTS / 2 {
                return None;
            }
            // No word is empty.
            if piece.is_empty() {
                continue;
            }
            let hash = piece
                .iter()
                .fold(seed(first), |hash, &byte| step(hash, byte));
            let mut slot = place(hash);
            while tokenizer.slots[slot].length != 0 {
                slot = (slot + 1) % SLOTS;
            }
            tokenizer.slots[slot] = Slot {
                head: head(piece),
                at: (end - 1 - piece.len()) as u32,
                id,
                length: piece.len() as u8,
                first,
            };
        }
        Some(tokenizer)
    }

    /// Appends the tokens of the first [`CHARACTERS_MAX`] characters of `text`.
    pub(super) fn tokenize(&self, text: &str, tokens: &mut Tokens) {
        let mut word = Word {
            bytes: [0; WORD_CHARACTERS_MAX * 4],
            length: 0,
            characters: 0,
        };
        let mut characters = truncated(text).chars();
        while let Some(character) = characters.next() {
            if tokens.is_full() {
                return;
            }
            if !character.is_ascii() {
                self.other(character, &mut word, tokens);
                continue;
            }
            match character {
                '[' => {
                    if let Some((id, rest)) = special(characters.as_str()) {
                        self.end_word(&mut word, tokens);
                        tokens.push(id);
                        characters = rest.chars();
                    } else {
                        self.alone(character, &mut word, tokens);
                    }
                }
                ' ' | '\t' | '\n' | '\r' => self.end_word(&mut word, tokens),
                _ if character.is_ascii_alphanumeric() => word.push(character.to_ascii_lowercase()),
                _ if character.is_ascii_control() => {}
                _ => self.alone(character, &mut word, tokens),
            }
        }
        self.end_word(&mut word, tokens);
    }

    /// A character outside ASCII, through the normaliser's four steps.
    fn other(&self, character: char, word: &mut Word, tokens: &mut Tokens) {
        if character == '\u{fffd}' || character.is_other() {
            return;
        }
        if character.is_whitespace() {
            self.end_word(word, tokens);
            return;
        }
        let ideograph = is_ideograph(character);
        if ideograph {
            self.end_word(word, tokens);
        }
        decompose_canonical(character, |part| {
            if part.is_mark_nonspacing() {
                return;
            }
            for lower in part.to_lowercase() {
                if lower.is_ascii_punctuation() || lower.is_punctuation() {
                    self.alone(lower, word, tokens);
                } else {
                    word.push(lower);
                }
            }
        });
        if ideograph {
            self.end_word(word, tokens);
        }
    }

    /// Punctuation: a word of its own.
    fn alone(&self, character: char, word: &mut Word, tokens: &mut Tokens) {
        self.end_word(word, tokens);
        word.push(character);
        self.end_word(word, tokens);
    }

    /// Turns the word read so far into tokens and starts the next one.
    fn end_word(&self, word: &mut Word, tokens: &mut Tokens) {
        if word.characters == 0 {
            return;
        }
        let mut pieces = [0u16; WORD_CHARACTERS_MAX];
        let mut count = 0;
        let mut rest = &word.bytes[..word.length];
        let mut known = word.characters <= WORD_CHARACTERS_MAX;
        while known && !rest.is_empty() {
            if let Some((id, length)) = self.longest(rest, count == 0) {
                pieces[count] = id;
                count += 1;
                rest = &rest[length..];
            } else {
                known = false;
            }
        }
        if known {
            for &id in &pieces[..count] {
                tokens.push(id);
            }
        } else {
            tokens.push(UNKNOWN);
        }
        word.length = 0;
        word.characters = 0;
    }

    /// The longest token that `word` starts with and its length in bytes.
    fn longest(&self, word: &[u8], first: bool) -> Option<(u16, usize)> {
        let mut hashes = [0u64; PIECE_BYTES_MAX];
        let mut hash = seed(first);
        for (slot, &byte) in hashes.iter_mut().zip(word) {
            hash = step(hash, byte);
            *slot = hash;
        }
        let longest = word.len().min(PIECE_BYTES_MAX);
        let begins = head(word);
        (1..=longest).rev().find_map(|length| {
            let cut = (u64::MAX).unbounded_shr(64_u32.saturating_sub(8 * length as u32));
            let piece = (&word[..length], begins & cut);
            Some((self.find(piece, first, hashes[length - 1])?, length))
        })
    }

    fn find(&self, (piece, head): (&[u8], u64), first: bool, hash: u64) -> Option<u16> {
        let mut place = place(hash);
        loop {
            let slot = &self.slots[place];
            let length = usize::from(slot.length);
            if length == 0 {
                return None;
            }
            let alike = slot.head == head && length == piece.len() && slot.first == first;
            let at = slot.at as usize;
            if alike && (length <= 8 || &self.vocabulary[at..at + length] == piece) {
                return Some(slot.id);
            }
            place = (place + 1) % SLOTS;
        }
    }
}

/// The first eight bytes of some, the first the lowest; zeros behind fewer.
fn head(bytes: &[u8]) -> u64 {
    let mut head = [0; 8];
    let length = bytes.len().min(8);
    head[..length].copy_from_slice(&bytes[..length]);
    u64::from_le_bytes(head)
}

/// The part of `text` the reference reads: it cuts by characters first, so that
/// a book costs no more than a page.
fn truncated(text: &str) -> &str {
    // Characters are never more than bytes: short texts need no scan.
    if text.len() <= CHARACTERS_MAX {
        return text;
    }
    let end = text.char_indices().nth(CHARACTERS_MAX);
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// The special token whose text follows a bracket, and what comes after it.
fn special(after_bracket: &str) -> Option<(u16, &str)> {
    SPECIAL
        .iter()
        .find_map(|&(name, id)| Some((id, after_bracket.strip_prefix(name)?)))
}

/// Whether the token starts a word, and its bytes without the `##` that marks
/// the others.
fn piece_of(token: &[u8]) -> (bool, &[u8]) {
    match token.strip_prefix(b"##") {
        Some(piece) if !piece.is_empty() => (false, piece),
        Some(_) | None => (true, token),
    }
}

// Multiplicative hash: its prefixes are hashes of the text's prefixes, so one
// pass serves every length that `longest` tries. High bits are the mixed ones.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

fn seed(first: bool) -> u64 {
    if first { 0x51 } else { 0x2323 }
}

fn step(hash: u64, byte: u8) -> u64 {
    (hash.rotate_left(5) ^ u64::from(byte)).wrapping_mul(MULTIPLIER)
}

fn place(hash: u64) -> usize {
    (hash >> (64 - SLOTS.trailing_zeros())) as usize
}

/// The blocks BERT writes one word per character in; not Kana, not Hangul.
fn is_ideograph(character: char) -> bool {
    matches!(
        u32::from(character),
        0x4e00..=0x9fff
            | 0x3400..=0x4dbf
            | 0x2_0000..=0x2_a6df
            | 0x2_a700..=0x2_b73f
            | 0x2_b740..=0x2_b81f
            | 0x2_b920..=0x2_ceaf
            | 0xf900..=0xfaff
            | 0x2_f800..=0x2_fa1f
    )
}
