//! One spelling for the many of a name: case, accents, signs and the short
//! forms of Saint, Fort and Mount go. The same as `fold` of
//! data/gazetteer/build.py; a test holds the two together.

use unicode_normalization::UnicodeNormalization;

/// A name's folded spelling; empty where nothing is left.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return plain(text).unwrap_or_else(|| join(&words(text.chars()), text.len()));
    }
    let folded = join(&words(text.nfkd()), text.len());
    if folded.is_ascii() {
        folded
    } else {
        folded.nfc().collect()
    }
}

// The same of ASCII in one pass; none where words have short forms, which need to
// know whether they are alone.
fn plain(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut start, mut since) = (0, 0);
    for byte in text.bytes() {
        match byte {
            b'\'' | b'`' => {}
            b'.' if since == 1 => since = 0,
            _ if is_break(char::from(byte)) => {
                if out.len() > start {
                    if is_short(out.get(start..)?) {
                        return None;
                    }
                    out.push(' ');
                    start = out.len();
                }
                since = 0;
            }
            _ => {
                since += 1;
                out.push(char::from(byte.to_ascii_lowercase()));
            }
        }
    }
    if is_short(out.get(start..)?) {
        return None;
    }
    out.truncate(out.trim_end_matches(' ').len());
    Some(out)
}

fn is_short(word: &str) -> bool {
    matches!(word, "saint" | "sankt" | "sainte" | "ft" | "mt")
}

fn words(chars: impl Iterator<Item = char>) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    // Characters since a blank or a point.
    let mut since = 0;
    for c in chars {
        match c {
            '\u{300}'..='\u{36f}'
            | '\''
            | '’'
            | 'ʼ'
            | 'ʻ'
            | '`'
            | '´'
            | '′'
            | '‘'
            | 'ʹ'
            | 'ʿ'
            | 'ʾ' => {}
            // The points of U.S.A. go, the one of St.Louis parts two words.
            '.' if since == 1 => since = 0,
            _ if is_break(c) => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                since = 0;
            }
            _ => {
                since += 1;
                for low in c.to_lowercase() {
                    push_plain(&mut word, low);
                }
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a character parts the words of a name.
pub(super) fn is_break(c: char) -> bool {
    c.is_ascii_whitespace()
        || (c.is_ascii_punctuation() && c != '\'' && c != '`')
        || matches!(c, '\u{a0}' | '‐' | '‑' | '–' | '—' | '・' | '·')
}

fn push_plain(word: &mut String, c: char) {
    match c {
        '\u{300}'..='\u{36f}' => {}
        'ß' => word.push_str("ss"),
        'æ' => word.push_str("ae"),
        'œ' => word.push_str("oe"),
        'þ' => word.push_str("th"),
        'ø' => word.push('o'),
        'đ' | 'ð' => word.push('d'),
        'ł' => word.push('l'),
        'ħ' => word.push('h'),
        'ı' => word.push('i'),
        'ŋ' => word.push('n'),
        _ => word.push(c),
    }
}

fn join(words: &[String], bytes: usize) -> String {
    let several = words.len() > 1;
    let mut out = String::with_capacity(bytes);
    for word in words {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(match word.as_str() {
            "saint" | "sankt" if several => "st",
            "sainte" if several => "ste",
            "ft" if several => "fort",
            "mt" if several => "mount",
            word => word,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn one_pass_says_what_words_joined_say(text in "[ -~\t\n]{0,24}|(saint|st|ft|mt|U)?[ .'-]{1,2}[a-zA-Z.]{0,8}") {
            let joined = join(&words(text.chars()), text.len());
            prop_assert_eq!(plain(&text).unwrap_or_else(|| joined.clone()), joined);
        }
    }
}
