//! From text to tokens: cuts at blanks, normalises what is not ASCII while
//! keeping the way back to the original bytes, hands pieces to `scan`. Knows no
//! stems and stores nothing.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::fold::{fold_into, lower_into};
use super::scan::{Found, scan};

/// Folded words are cut here, at a character boundary.
const WORD_BYTES_MAX: usize = 64;

/// One word as the analyser sees it.
pub(super) struct Token<'a> {
    /// Its bytes in the original text.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Normalised, lower case, accents on: what stemmers read.
    pub(super) lower: &'a str,
    /// Accents off: what is indexed.
    pub(super) folded: &'a str,
}

/// Calls `emit` for every word of a text, in order.
pub(super) fn for_each(text: &str, emit: &mut impl FnMut(&Token)) {
    for_each_in(text, |_| true, emit);
}

/// The same without the words of ASCII pieces that are not `wanted`: each such
/// piece that has a word is one of no letters.
pub(super) fn for_each_in(
    text: &str,
    wanted: impl Fn(&[u8]) -> bool,
    emit: &mut impl FnMut(&Token),
) {
    // Ranges are 32 bits wide.
    let text = floor(text, u32::MAX as usize);
    let mut maker = TokenMaker::default();
    let mut piece = NormalPiece::default();
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        if bytes.get(start).is_some_and(u8::is_ascii_whitespace) {
            start += 1;
            continue;
        }
        if let Some(end) = spaced_pair(bytes, start) {
            maker.pair(text, start..end, emit);
            start = end;
            continue;
        }
        let (end, ascii) = piece_end(bytes, start);
        let raw = text.get(start..end).unwrap_or("");
        if ascii && !wanted(raw.as_bytes()) {
            if raw.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
                emit(&Token {
                    start: start as u32,
                    end: end as u32,
                    lower: "",
                    folded: "",
                });
            }
        } else if ascii {
            scan(raw, &mut |found| maker.ascii(start, raw, found, emit));
        } else {
            piece.normalise(raw, start);
            let NormalPiece {
                text: normal,
                starts,
                ends,
            } = &piece;
            scan(normal, &mut |found| {
                let range = found.range.clone();
                let first = starts.get(range.start).copied().unwrap_or(0);
                let last = range
                    .end
                    .checked_sub(1)
                    .and_then(|at| ends.get(at))
                    .copied();
                maker.normal(first..last.unwrap_or(first), normal, found, emit);
            });
        }
        start = end;
    }
}

/// The end of the piece (up to the next ASCII blank), and whether it is ASCII.
fn piece_end(bytes: &[u8], start: usize) -> (usize, bool) {
    let mut end = start;
    let mut union = 0;
    for &byte in bytes.iter().skip(start) {
        if byte.is_ascii_whitespace() {
            break;
        }
        union |= byte;
        end += 1;
    }
    (end, union < 0x80)
}

/// `R & D`: single letters around a sign between blanks are one word, or the
/// letter R would look like the language. `start` is the first byte of a piece.
fn spaced_pair(bytes: &[u8], start: usize) -> Option<usize> {
    let at = |offset: usize| bytes.get(start + offset).copied();
    let shape = at(0)?.is_ascii_alphabetic()
        && (at(1)?, at(2)?, at(3)?) == (b' ', b'&', b' ')
        && at(4)?.is_ascii_alphabetic();
    let ends =
        at(5).is_none_or(|next| next < 0x80 && !next.is_ascii_alphanumeric() && next != b'&');
    (shape && ends).then_some(start + 5)
}

/// A piece in NFKC and, for each of its bytes, the original bytes of its
/// cluster.
#[derive(Default)]
struct NormalPiece {
    text: String,
    starts: Vec<u32>,
    ends: Vec<u32>,
}

impl NormalPiece {
    fn normalise(&mut self, raw: &str, base: usize) {
        self.text.clear();
        self.starts.clear();
        self.ends.clear();
        let mut start = 0;
        while let Some(cluster) = raw.get(start..).filter(|rest| !rest.is_empty()) {
            let end = start + cluster_len(cluster);
            self.push(raw.get(start..end).unwrap_or(""));
            self.starts.resize(self.text.len(), (base + start) as u32);
            self.ends.resize(self.text.len(), (base + end) as u32);
            start = end;
        }
    }

    fn push(&mut self, cluster: &str) {
        let mut letters = cluster.chars();
        match (letters.next(), letters.next()) {
            (Some(letter @ '\0'..='\x7f'), None) => self.text.push(letter),
            (Some('’' | '‘' | 'ʼ' | '′' | '´'), None) => self.text.push('\''),
            (Some('♯'), None) => self.text.push('#'),
            (Some('‐' | '‑' | '–' | '—'), None) => self.text.push('-'),
            (Some('\u{200b}'), None) => self.text.push(' '),
            _ => self.text.extend(
                cluster
                    .chars()
                    .filter(|&letter| !is_invisible(letter))
                    .nfkc(),
            ),
        }
    }
}

/// Soft hyphen, joiners, byte order mark, variation selectors.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200c}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// Length of the first letter with everything NFKC may compose into it: marks,
/// invisible letters before marks, Hangul vowels and finals, half-width voicing.
fn cluster_len(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    letters
        .find(|&(_, letter)| {
            letter.is_ascii()
                || !(is_combining_mark(letter)
                    || is_invisible(letter)
                    || matches!(letter, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}'))
        })
        .map_or(text.len(), |(at, _)| at)
}

/// Lower-cases and folds what `scan` found, in buffers used again for each word.
#[derive(Default)]
struct TokenMaker {
    lower: String,
    folded: String,
}

impl TokenMaker {
    fn ascii(&mut self, base: usize, raw: &str, found: &Found, emit: &mut impl FnMut(&Token)) {
        self.lower.clear();
        self.lower.push_str(found.text(raw));
        self.lower.make_ascii_lowercase();
        let lower = floor(&self.lower, WORD_BYTES_MAX);
        let (start, end) = (base + found.range.start, base + found.range.end);
        emit(&Token {
            start: start as u32,
            end: end as u32,
            lower,
            folded: lower,
        });
    }

    fn normal(
        &mut self,
        range: Range<u32>,
        normal: &str,
        found: &Found,
        emit: &mut impl FnMut(&Token),
    ) {
        self.lower.clear();
        self.folded.clear();
        let text = found.text(normal);
        if text.is_ascii() {
            self.lower.push_str(text);
            self.lower.make_ascii_lowercase();
            self.folded.push_str(&self.lower);
        } else {
            lower_into(text, &mut self.lower);
            fold_into(&self.lower, &mut self.folded);
        }
        let folded = floor(&self.folded, WORD_BYTES_MAX);
        // A word of marks and vowel points alone folds to nothing.
        if !folded.is_empty() {
            emit(&Token {
                start: range.start,
                end: range.end,
                lower: &self.lower,
                folded,
            });
        }
    }

    fn pair(&mut self, text: &str, range: Range<usize>, emit: &mut impl FnMut(&Token)) {
        self.lower.clear();
        let raw = text.get(range.clone()).unwrap_or("");
        self.lower
            .extend(raw.chars().filter(|letter| *letter != ' '));
        self.lower.make_ascii_lowercase();
        let (start, end) = (range.start as u32, range.end as u32);
        emit(&Token {
            start,
            end,
            lower: &self.lower,
            folded: &self.lower,
        });
    }
}

/// The longest start of a text of at most `bytes_max` bytes.
fn floor(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max))
        .unwrap_or("")
}
