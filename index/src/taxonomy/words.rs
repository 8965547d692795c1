//! A job title's words: folded, singular, written out, and what each is good
//! for. Owns the meaning of data/taxonomy/words.tsv; knows no occupations.

use std::collections::HashMap;
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

use crate::analysis::fold;
use crate::hash::PlainHash;

/// Words of a title beyond these are not read: a title is no text.
const WORDS_MAX: usize = 24;

/// Words that begin with the same letters, this many, say about the same.
const STEM_BYTES: usize = 5;
const STEM: u64 = 0x7374_656d;

/// Most words a spelling of words.tsv has.
const SPELLING_WORDS_MAX: usize = 5;

static LEXICON: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::read(include_str!("../../data/taxonomy/words.tsv")));

/// One word that says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Hash of the folded, singular word.
    pub(super) key: u64,
    /// Hash of its first letters, which `accountant` and `accounting` share.
    pub(super) stem: u64,
    /// Which part of the title it stands in: commas, dashes and brackets part it.
    pub(super) part: u8,
    /// It says how senior, not what: `senior`, `II`.
    pub(super) level: bool,
    /// The last word of its part before "of": what the rest only describes.
    pub(super) head: bool,
}

/// A title's words without noise.
#[derive(Debug, Default)]
pub(super) struct Title {
    pub(super) words: Vec<Word>,
}

impl Title {
    /// Reads a title. Never fails; a title of noise has no words.
    pub(super) fn read(title: &str) -> Self {
        let folded = fold(title);
        let raw = pieces(&folded);
        LEXICON.clean(&raw)
    }

    /// The words of some parts, with the words of level or without.
    pub(super) fn of(&self, parts: std::ops::Range<u8>, level: bool) -> impl Iterator<Item = Word> {
        let words = self.words.iter().copied();
        words.filter(move |word| parts.contains(&word.part) && (level || !word.level))
    }

    /// How many parts there are.
    pub(super) fn parts(&self) -> u8 {
        self.words.last().map_or(0, |word| word.part + 1)
    }
}

/// A number for some words, whatever their order; none for no words.
pub(super) fn bag(words: impl Iterator<Item = Word>) -> Option<u64> {
    let mut sum = 0_u64;
    let mut some = false;
    for word in words {
        sum = sum.wrapping_add(mix(word.key));
        some = true;
    }
    some.then_some(sum)
}

/// Spreads a key over all bits.
pub(super) fn mix(key: u64) -> u64 {
    let key = (key ^ (key >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    key ^ (key >> 29)
}

/// The key and stem of a word as `Title::read` makes them.
fn keys_of(word: &[u8]) -> Keys {
    let mut buffer = [0_u8; 48];
    let word = singular(word, &mut buffer);
    Keys {
        word: xxh3_64(word),
        stem: xxh3_64(&word[..word.len().min(STEM_BYTES)]) ^ STEM,
    }
}

#[derive(Clone, Copy, Debug)]
struct Keys {
    word: u64,
    stem: u64,
}

/// A piece of a folded title: a word's key, or what ends a part.
#[derive(Clone, Copy, Debug)]
struct Piece {
    keys: Keys,
    part: u8,
    number: bool,
}

fn pieces(folded: &str) -> Vec<Piece> {
    let bytes = folded.as_bytes();
    // `senior-analytics-engineer` is a title out of an address.
    let slug = !folded.contains(' ');
    let mut found = Vec::with_capacity(12);
    let (mut part, mut at) = (0_u8, 0);
    // In the bracket of `Technicien(ne)`, which parts nothing.
    let mut ending = false;
    while at < bytes.len() && found.len() < WORDS_MAX {
        if !is_letter(bytes, at) {
            let glued = bytes[at] == b'(' && at > 0 && is_letter(bytes, at - 1);
            let closes = ending && bytes[at] == b')';
            ending = glued || ending && !closes;
            let apart = !glued && !closes && parts(bytes, at, slug);
            if apart && found.last().is_some_and(|last: &Piece| last.part == part) {
                part = part.saturating_add(1);
            }
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_letter(bytes, at) {
            at += 1;
        }
        let word = &bytes[start..at];
        let gender = ending || start > 0 && bytes[start - 1] == b'/';
        if gender && matches!(word, b"in" | b"innen" | b"e" | b"ne" | b"trice" | b"euse") {
            continue;
        }
        found.push(Piece {
            keys: keys_of(word),
            part,
            number: word.iter().all(u8::is_ascii_digit),
        });
    }
    found
}

/// Letters, digits, bytes of other scripts, and the signs of `c++`, `c#`, `.net`
/// and `node.js`.
fn is_letter(bytes: &[u8], at: usize) -> bool {
    let letter = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80)
    };
    match bytes[at] {
        b'+' | b'#' => at > 0 && (letter(at - 1) || bytes[at - 1] == b'+') && !letter(at + 1),
        b'.' => {
            letter(at + 1)
                && (at == 0
                    || matches!(bytes[at - 1], b' ' | b'/')
                    || bytes.get(at + 1..at + 3) == Some(b"js"))
        }
        // Dashes, bullets and quotes outside ASCII begin with this byte.
        0xE2 => false,
        0x80..=0xBF => !bytes[at.saturating_sub(2)..at].contains(&0xE2),
        _ => letter(at),
    }
}

/// Whether a byte that is no letter parts a title.
fn parts(bytes: &[u8], at: usize, slug: bool) -> bool {
    match bytes[at] {
        b',' | b'|' | b'(' | b')' | b'[' | b']' | b':' | b';' | b'@' | b'\n' | b'\t' | 0xE2 => true,
        b'-' => !slug && (at == 0 || bytes[at - 1] == b' ' || bytes.get(at + 1) == Some(&b' ')),
        _ => false,
    }
}

/// A word in the singular, `salesperson` as `salesman`.
fn singular<'b>(word: &[u8], buffer: &'b mut [u8; 48]) -> &'b [u8] {
    let length = word.len().min(buffer.len());
    buffer[..length].copy_from_slice(&word[..length]);
    let held = &buffer[..length];
    let mut end = length;
    let mut tail: &[u8] = b"";
    if (held.ends_with(b"people") || held.ends_with(b"person")) && length > 8 {
        (end, tail) = (length - 6, b"man");
    } else if held.ends_with(b"woman") && length > 7 {
        (end, tail) = (length - 5, b"man");
    } else if held.ends_with(b"men") && length > 4 && held != b"women" {
        (end, tail) = (length - 3, b"man");
    } else if held.ends_with(b"ies") && length > 4 {
        (end, tail) = (length - 3, b"y");
    } else if [&b"ches"[..], b"shes", b"xes", b"sses"]
        .iter()
        .any(|e| held.ends_with(e))
    {
        end = length - 2;
    } else if held.ends_with(b"s")
        && length > 3
        && !matches!(held[length - 2], b's' | b'u' | b'i' | b'.')
    {
        end = length - 1;
    }
    buffer[end..end + tail.len()].copy_from_slice(tail);
    &buffer[..end + tail.len()]
}

/// What a spelling of words.tsv is good for.
#[derive(Clone, Debug)]
enum Sense {
    Level,
    Noise,
    Link,
    Of,
    Words(Box<[Keys]>),
}

#[derive(Debug)]
struct Lexicon {
    /// By the keys of a spelling's words, put together.
    senses: HashMap<u64, Sense, PlainHash>,
    /// How many words the longest spelling that begins with a word has.
    longest: HashMap<u64, u8, PlainHash>,
    levels: Vec<u64>,
}

impl Lexicon {
    fn read(text: &str) -> Self {
        let mut lexicon = Self {
            senses: HashMap::default(),
            longest: HashMap::default(),
            levels: Vec::new(),
        };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((left, right)) = line.split_once('\t') else {
                continue;
            };
            let sense = match left {
                "level" => Sense::Level,
                "noise" => Sense::Noise,
                "link" => Sense::Link,
                _ => {
                    let keys = right
                        .split(' ')
                        .map(|word| keys_of(word.as_bytes()))
                        .collect();
                    lexicon.put(left, Sense::Words(keys));
                    continue;
                }
            };
            for word in right.split(' ') {
                lexicon.put(word, sense.clone());
            }
            if left == "level" {
                lexicon.levels = right
                    .split(' ')
                    .map(|word| keys_of(word.as_bytes()).word)
                    .collect();
            }
        }
        for word in ["of", "de", "des", "du", "der"] {
            lexicon.put(word, Sense::Of);
        }
        lexicon.levels.sort_unstable();
        lexicon
    }

    fn put(&mut self, spelling: &str, sense: Sense) {
        let keys: Vec<u64> = spelling
            .split(' ')
            .map(|word| keys_of(word.as_bytes()).word)
            .collect();
        let Some(first) = keys.first() else { return };
        let longest = self.longest.entry(*first).or_insert(0);
        *longest = (*longest).max(keys.len().min(SPELLING_WORDS_MAX) as u8);
        self.senses.insert(together(&keys), sense);
    }

    /// The longest spelling that begins here, and how many words it is.
    fn sense(&self, pieces: &[Piece]) -> Option<(&Sense, usize)> {
        let first = pieces.first()?;
        let longest = usize::from(*self.longest.get(&first.keys.word)?).min(pieces.len());
        let mut keys = [0_u64; SPELLING_WORDS_MAX];
        for (slot, piece) in keys.iter_mut().zip(pieces) {
            *slot = piece.keys.word;
        }
        (1..=longest).rev().find_map(|length| {
            let whole = pieces[..length]
                .iter()
                .all(|piece| piece.part == first.part);
            let sense = self.senses.get(&together(keys.get(..length)?))?;
            whole.then_some((sense, length))
        })
    }

    fn clean(&self, raw: &[Piece]) -> Title {
        let mut words: Vec<Word> = Vec::with_capacity(raw.len() + 4);
        let (mut at, mut extra, mut ofs) = (0, 0_u8, false);
        while let Some(piece) = raw.get(at) {
            let part = piece.part.saturating_add(extra);
            let (sense, length) = self
                .sense(&raw[at..])
                .map_or((None, 1), |(s, l)| (Some(s), l));
            at += length;
            let mut push = |keys: Keys, level: bool| {
                let head = !level && !ofs;
                if head {
                    // The head moves on to the last word before an "of".
                    for word in words.iter_mut().filter(|word| word.part == part) {
                        word.head = false;
                    }
                }
                words.push(Word {
                    key: keys.word,
                    stem: keys.stem,
                    part,
                    level,
                    head,
                });
            };
            match sense {
                Some(Sense::Level) => push(piece.keys, true),
                Some(Sense::Noise) => {}
                Some(Sense::Of) => ofs = true,
                Some(Sense::Link) => extra = extra.saturating_add(1),
                Some(Sense::Words(keys)) => {
                    for keys in keys {
                        push(*keys, self.levels.binary_search(&keys.word).is_ok());
                    }
                }
                None if piece.number => {}
                None => push(piece.keys, false),
            }
            if raw.get(at).is_some_and(|next| next.part != piece.part) {
                ofs = false;
            }
        }
        renumber(&mut words);
        Title { words }
    }
}

/// Parts without words leave no gap.
fn renumber(words: &mut [Word]) {
    let (mut last, mut part) = (None, 0_u8);
    for word in words {
        if last.is_some_and(|last| last != word.part) {
            part = part.saturating_add(1);
        }
        last = Some(word.part);
        word.part = part;
    }
}

fn together(keys: &[u64]) -> u64 {
    keys.iter()
        .fold(keys.len() as u64, |sum, key| mix(sum.rotate_left(17) ^ key))
}
