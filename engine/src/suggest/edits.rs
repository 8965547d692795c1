//! Mistyped words of what is being typed: what is at most one edit away.

use super::{FUZZY_CHARS_MIN, WHOLE_FUZZY_CHARS_MIN};

// Whether a word before the last may have been meant: it begins with what was
// typed, but for one edit. Of short ones an edit must leave the whole word.
pub(super) fn is_like(word: &str, typed: &str) -> bool {
    if word.starts_with(typed) {
        return true;
    }
    let wanted: Vec<char> = typed.chars().collect();
    if wanted.len() >= FUZZY_CHARS_MIN {
        begins_within_one_edit(word, &wanted)
    } else {
        wanted.len() >= WHOLE_FUZZY_CHARS_MIN && is_one_edit(word, &wanted)
    }
}

// Whether a whole word is one insertion, deletion, replacement or swap of
// neighbours away; its first letter stays.
fn is_one_edit(word: &str, wanted: &[char]) -> bool {
    let word: Vec<char> = word.chars().take(wanted.len() + 2).collect();
    let same = word.iter().zip(wanted).take_while(|(a, b)| a == b).count();
    let (word, wanted) = (&word[same..], &wanted[same..]);
    let ends = word.iter().rev().zip(wanted.iter().rev());
    let same_end = ends.take_while(|(a, b)| a == b).count();
    let (word, wanted) = (
        &word[..word.len() - same_end],
        &wanted[..wanted.len() - same_end],
    );
    same > 0
        && match (word, wanted) {
            ([a, b], [c, d]) => a == d && b == c,
            (word, wanted) => word.len() <= 1 && wanted.len() <= 1,
        }
}

// Whether some beginning of `word` is at most one insertion, deletion,
// replacement or swap of neighbours away from `wanted`.
pub(super) fn begins_within_one_edit(word: &str, wanted: &[char]) -> bool {
    let word: Vec<char> = word.chars().take(wanted.len() + 1).collect();
    let same = word.iter().zip(wanted).take_while(|(a, b)| a == b).count();
    if same == wanted.len() {
        return true;
    }
    let (word, wanted) = (&word[same..], &wanted[same..]);
    // One letter of `wanted` too many, another one, one missing, two swapped.
    word.starts_with(&wanted[1..])
        || word
            .get(1..)
            .is_some_and(|rest| rest.starts_with(&wanted[1..]))
        || word.get(1..).is_some_and(|rest| rest.starts_with(wanted))
        || (wanted.len() >= 2
            && word.len() >= 2
            && word[0] == wanted[1]
            && word[1] == wanted[0]
            && word[2..].starts_with(&wanted[2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_is_one_edit() {
        let cases = [
            ("engineer", "enginer", true),
            ("engineer", "enigne", true),
            ("engineer", "engineeer", true),
            ("engineer", "emgineer", true),
            ("engineer", "emgimeer", false),
            ("data", "dtaa", true),
            ("nurse", "nurce", true),
            ("nu", "nurse", false),
        ];
        for (word, typed, expected) in cases {
            let typed_chars: Vec<char> = typed.chars().collect();
            let near = begins_within_one_edit(word, &typed_chars);
            assert_eq!(near, expected, "{word} {typed}");
        }
    }

    #[test]
    fn a_word_before_the_last_may_be_a_beginning_or_one_edit_away() {
        let cases = [
            ("registered", "register", true),
            ("registered", "regsiter", true),
            ("project", "proj", true),
            ("data", "dta", true),
            ("date", "dta", false),
            ("sales", "dta", false),
            ("dtaxy", "dtb", false),
            ("and", "adn", true),
            ("manager", "ma", true),
            ("manager", "mn", false),
        ];
        for (word, typed, expected) in cases {
            assert_eq!(is_like(word, typed), expected, "{word} {typed}");
        }
    }
}
