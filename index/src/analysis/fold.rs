//! Folding: lower case and accents off. Owns the letter table of
//! docs/analysis.md; knows no words.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// A whole text's folded form: NFKC, lower case, accents off; punctuation and
/// blanks stay. For comparing names of skills, places, companies.
/// `fold(fold(text)) == fold(text)`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    if text.is_ascii() {
        folded.push_str(text);
        folded.make_ascii_lowercase();
    } else {
        let mut lower = String::with_capacity(text.len());
        lower_into(&text.nfkc().collect::<String>(), &mut lower);
        fold_into(&lower, &mut folded);
        // A mark that fell off may have kept two Korean letters apart.
        folded = folded.nfkc().collect();
    }
    folded
}

/// Appends the lower-case form of normalised text, normalised again (lower case
/// can open a composition: İ is i and a combining point).
pub(super) fn lower_into(normalised: &str, lower: &mut String) {
    lower.extend(normalised.chars().flat_map(char::to_lowercase).nfkc());
}

/// Appends the folded form of lower-case, normalised text.
pub(super) fn fold_into(lower: &str, folded: &mut String) {
    for letter in lower.chars() {
        match letter {
            // Latin and Greek: base letters of the canonical decomposition.
            '\u{c0}'..='\u{24f}'
            | '\u{1e00}'..='\u{1eff}'
            | '\u{370}'..='\u{3ff}'
            | '\u{1f00}'..='\u{1fff}' => decompose_canonical(letter, |part| {
                if !is_combining_mark(part) {
                    fold_base(part, folded);
                }
            }),
            // Marks left over, and vowel points of Hebrew and Arabic, tatweel.
            '\u{300}'..='\u{36f}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{591}'..='\u{5bd}'
            | '\u{5bf}'..='\u{5c7}'
            | '\u{64b}'..='\u{65f}'
            | '\u{640}'
            | '\u{670}' => {}
            'أ' | 'إ' | 'آ' => folded.push('ا'),
            'ё' => folded.push('е'),
            // Arabic and Persian digits.
            '\u{660}'..='\u{669}' => push_digit(letter, '\u{660}', folded),
            '\u{6f0}'..='\u{6f9}' => push_digit(letter, '\u{6f0}', folded),
            _ => folded.push(letter),
        }
    }
}

fn push_digit(digit: char, zero: char, folded: &mut String) {
    let value = u32::from(digit) - u32::from(zero);
    folded.extend(char::from_digit(value, 10));
}

/// Letters whose accent is part of the letter and has no decomposition.
fn fold_base(letter: char, folded: &mut String) {
    match letter {
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'þ' => folded.push_str("th"),
        'ø' => folded.push('o'),
        'đ' | 'ð' => folded.push('d'),
        'ł' => folded.push('l'),
        'ħ' => folded.push('h'),
        'ı' => folded.push('i'),
        'ŋ' => folded.push('n'),
        'ŧ' => folded.push('t'),
        'ς' => folded.push('σ'),
        other => folded.push(other),
    }
}
