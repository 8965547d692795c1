//! The marks of a suggestion: which letters of it were typed. The text itself
//! never changes.

use tandem_index::suggest::normal;

use super::{FUZZY_CHARS_MIN, Typed, begins_within_one_edit, is_like};
use crate::highlight::escape;

// What was typed, marked in a value: whole words of it, and the beginning the
// last one is of, or others are where no whole word is one. Words with an edit in
// them are marked whole.
pub(super) fn marked(text: &str, typed: &Typed) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let last: Vec<char> = typed.last.chars().collect();
    let words = words_of(text);
    let begins = |word: &str| !last.is_empty() && normal(word).starts_with(&typed.last);
    let exact = words
        .iter()
        .any(|(start, end)| begins(cut(text, *start, *end)));
    let plain_words: Vec<String> = words
        .iter()
        .map(|(start, end)| normal(cut(text, *start, *end)))
        .collect();
    // Those of the others that no word is, and of these that none begins with.
    let (begun, edited): (Vec<&String>, Vec<&String>) = typed
        .others
        .iter()
        .filter(|other| !plain_words.contains(other))
        .partition(|other| plain_words.iter().any(|word| word.starts_with(*other)));
    let mut done = 0;
    for (start, end) in words {
        let word = cut(text, start, end);
        let plain = normal(word);
        let to = if !last.is_empty() && plain.starts_with(&typed.last) {
            start + shortest_beginning(word, &typed.last)
        } else if let Some(other) = begun.iter().find(|other| plain.starts_with(**other)) {
            start + shortest_beginning(word, other)
        } else if edited.iter().any(|other| is_like(&plain, other))
            || typed.others.contains(&plain)
            || (!exact && last.len() >= FUZZY_CHARS_MIN && begins_within_one_edit(&plain, &last))
        {
            end
        } else {
            continue;
        };
        escape(cut(text, done, start), &mut out);
        out.push_str("<mark>");
        escape(cut(text, start, to), &mut out);
        out.push_str("</mark>");
        done = to;
    }
    escape(cut(text, done, text.len()), &mut out);
    out
}

fn cut(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or("")
}

// The words of a text as `normal` has them, as byte ranges.
fn words_of(text: &str) -> Vec<(usize, usize)> {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '+' | '#' | '&' | '.');
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        // A mark belongs to the letter before it.
        let mark = tandem_index::analysis::fold(c.encode_utf8(&mut [0; 4])).is_empty();
        match (inside(c) || (mark && start.is_some()), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    words.extend(start.map(|from| (from, text.len())));
    words
}

// The bytes of the shortest beginning of `word` that reads like `prefix`.
fn shortest_beginning(word: &str, prefix: &str) -> usize {
    let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.into_iter()
        .find(|end| normal(cut(word, 0, *end)).starts_with(prefix))
        .unwrap_or(word.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_typed_is_marked_and_the_rest_escaped() {
        let cases = [
            ("Data Engineer", "dat", "<mark>Dat</mark>a Engineer"),
            (
                "Senior Data Engineer",
                "data eng",
                "Senior <mark>Data</mark> <mark>Eng</mark>ineer",
            ),
            ("Zürich", "zur", "<mark>Zür</mark>ich"),
            (
                "Straße & Co <b>",
                "strass",
                "<mark>Straß</mark>e &amp; Co &lt;b&gt;",
            ),
            ("Engineer", "enginer", "<mark>Engineer</mark>"),
            ("Kubernetes", "k8s", "Kubernetes"),
            ("C++ Developer", "c++", "<mark>C++</mark> Developer"),
            ("Nurse", "", "Nurse"),
        ];
        for (text, q, expected) in cases {
            assert_eq!(marked(text, &Typed::new(q)), expected, "{text} {q}");
        }
    }

    proptest! {
        #[test]
        fn marks_never_change_the_text(text in any::<String>(), q in any::<String>()) {
            let marked = marked(&text, &Typed::new(&q));
            let mut plain = String::new();
            escape(&text, &mut plain);
            prop_assert_eq!(marked.replace("<mark>", "").replace("</mark>", ""), plain);
        }
    }
}
