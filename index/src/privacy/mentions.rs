//! Where a text says a value or a name again: in any case, with or without accents,
//! the last name first, behind a title. Whole words only.

use std::ops::Range;

use unicode_normalization::char::decompose_canonical;

use super::merged;

/// Longer values are no names.
const NAME_WORDS_MAX: usize = 5;

/// Words of a value that say nothing alone.
const WORD_CHARS_MIN: usize = 3;

const TITLES: [&str; 8] = ["mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau"];

/// A text's characters as they are compared, each with the byte it begins at; runs
/// of blanks are one.
struct Plain {
    letters: Vec<char>,
    at: Vec<usize>,
}

impl Plain {
    fn of(text: &str) -> Self {
        let mut plain = Self {
            letters: Vec::with_capacity(text.len()),
            at: Vec::with_capacity(text.len() + 1),
        };
        for (at, letter) in text.char_indices() {
            let letter = plain_letter(letter);
            if letter == ' ' && plain.letters.last() == Some(&' ') {
                continue;
            }
            plain.letters.push(letter);
            plain.at.push(at);
        }
        plain.at.push(text.len());
        plain
    }

    /// Where the words of `value` stand as whole words.
    fn find(&self, value: &[char], out: &mut Vec<Range<usize>>) {
        let Some(first) = value.first() else {
            return;
        };
        let inside = |at: Option<usize>| {
            at.and_then(|at| self.letters.get(at))
                .is_some_and(|letter| letter.is_alphanumeric())
        };
        let wordy = |letter: Option<&char>| letter.is_some_and(|letter| letter.is_alphanumeric());
        let mut start = 0;
        while let Some(step) = self
            .letters
            .get(start..)
            .and_then(|rest| rest.iter().position(|letter| letter == first))
        {
            let at = start + step;
            start = at + 1;
            let end = at + value.len();
            if self.letters.get(at..end) != Some(value)
                || wordy(value.first()) && inside(at.checked_sub(1)) && !is_sign(value.first())
                || wordy(value.last()) && inside(Some(end)) && !is_sign(value.last())
            {
                continue;
            }
            if let (Some(from), Some(to)) = (self.at.get(at), self.end(end)) {
                out.push(*from..to);
                start = end;
            }
        }
    }

    /// The byte behind the character in front of `end`, without blanks of a run.
    fn end(&self, end: usize) -> Option<usize> {
        self.at.get(end).copied()
    }
}

/// Scripts without blanks have no whole words.
fn is_sign(letter: Option<&char>) -> bool {
    letter.is_some_and(|letter| matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'))
}

fn plain_letter(letter: char) -> char {
    if letter.is_ascii() {
        return if letter.is_ascii_whitespace() {
            ' '
        } else {
            letter.to_ascii_lowercase()
        };
    }
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    match lower {
        'ł' => 'l',
        'ø' => 'o',
        'đ' | 'ð' => 'd',
        'ı' => 'i',
        '’' | '‘' => '\'',
        '‐' | '‑' | '–' => '-',
        _ if lower.is_whitespace() => ' ',
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            let mut base = None;
            decompose_canonical(lower, |part| {
                base.get_or_insert(part);
            });
            base.unwrap_or(lower)
        }
        _ => lower,
    }
}

fn plain(value: &str) -> Vec<char> {
    Plain::of(value.trim()).letters
}

/// Where a text says a private value: the whole value in any case, and where it
/// reads like a name (up to five words of letters), also the last name first and
/// each of its words of three letters or more, as written.
pub(crate) fn mentions(text: &str, value: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let held = Plain::of(text);
    held.find(&plain(value), &mut found);
    let parts: Vec<&str> = value.split_whitespace().collect();
    let letters = |c: char| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’' | ',');
    let is_name = value.chars().all(|c| letters(c) || c.is_whitespace());
    if parts.len() <= NAME_WORDS_MAX && is_name {
        turned(&held, value, &mut found);
        for part in parts {
            let part = part.trim_matches(['.', ',']);
            if part.chars().count() >= WORD_CHARS_MIN {
                found.extend(whole_words(text, part));
            }
        }
    }
    found
}

/// Where a text says names again that it was found to say: whole, the last name
/// first, or the last name behind a title.
pub(super) fn of_names(text: &str, names: &[String]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if names.is_empty() {
        return found;
    }
    let held = Plain::of(text);
    for name in names {
        held.find(&plain(name), &mut found);
        turned(&held, name, &mut found);
    }
    merged(found)
}

/// "Doe, Jane", "Doe Jane" and "Ms Doe" for "Jane Doe".
fn turned(held: &Plain, name: &str, found: &mut Vec<Range<usize>>) {
    let parts: Vec<&str> = name
        .split_whitespace()
        .map(|part| part.trim_end_matches(','))
        .collect();
    let [first @ .., last] = parts.as_slice() else {
        return;
    };
    if first.is_empty() || first.len() >= NAME_WORDS_MAX {
        return;
    }
    let first = first.join(" ");
    held.find(&plain(&format!("{last}, {first}")), found);
    held.find(&plain(&format!("{last} {first}")), found);
    if last.chars().count() >= WORD_CHARS_MIN {
        for title in TITLES {
            held.find(&plain(&format!("{title}. {last}")), found);
            held.find(&plain(&format!("{title} {last}")), found);
        }
    }
}

fn whole_words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .map(|(at, found)| at..at + found.len())
        .filter(move |range| {
            let before = text.get(..range.start).and_then(|t| t.chars().next_back());
            let behind = text.get(range.end..).and_then(|t| t.chars().next());
            !inside(before) && !inside(behind)
        })
}
