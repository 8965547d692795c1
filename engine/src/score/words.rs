//! The words of facts in cells: ranks, degrees, languages with a level, ways of
//! being employed. Owns their order; which words there are is the readers'.

/// Rank of a word of seniority, intern 0 to executive 7.
pub(crate) fn rank(word: &str) -> Option<u8> {
    place(word, &RANKS)
}

/// Level of a degree, secondary 0 to doctorate 4.
pub(crate) fn degree(word: &str) -> Option<u8> {
    place(word, &DEGREES)
}

/// The word of a degree's level.
pub(crate) fn degree_name(level: u8) -> &'static str {
    DEGREES.get(usize::from(level)).unwrap_or(&"doctorate")
}

/// The word of a rank.
pub(crate) fn rank_name(rank: u8) -> &'static str {
    RANKS.get(usize::from(rank)).unwrap_or(&"executive")
}

/// A language and its level, A1 1 to native 7, 0 where none is said: `German C1`.
pub(crate) fn language(value: &str) -> (&str, u8) {
    let value = value.trim();
    if let Some((name, last)) = value.rsplit_once(' ')
        && let Some(level) = place(last, &LEVELS)
    {
        return (name.trim_end(), level + 1);
    }
    (value, 0)
}

/// Whether a way of being employed is about hours, and whether it is the same as
/// one of a list.
pub(super) fn is_hours(word: &str) -> bool {
    ["full_time", "part_time"]
        .iter()
        .any(|known| same(known, word))
}

/// Whether a certificate is none but a check somebody goes through when hired,
/// which nobody lists: `Background check`, `Tuberculosis test`.
pub(crate) fn is_check(certificate: &str) -> bool {
    let last = certificate.trim_end().rsplit(' ').next();
    last.is_some_and(|last| same(last, "check") || same(last, "test"))
}

/// Whether two words are the same but for case, and blanks or dashes.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let plain = |c: char| if matches!(c, ' ' | '-') { '_' } else { c };
    let folded = |text: &str| -> Vec<char> {
        let letters = text.trim().chars().flat_map(char::to_lowercase);
        letters.map(plain).collect()
    };
    a == b || folded(a) == folded(b)
}

const RANKS: [&str; 8] = [
    "intern",
    "junior",
    "mid",
    "senior",
    "lead",
    "manager",
    "director",
    "executive",
];
const DEGREES: [&str; 5] = ["secondary", "vocational", "bachelor", "master", "doctorate"];
const LEVELS: [&str; 7] = ["a1", "a2", "b1", "b2", "c1", "c2", "native"];

fn place(word: &str, list: &[&str]) -> Option<u8> {
    let at = list
        .iter()
        .position(|known| word.eq_ignore_ascii_case(known));
    at.map(|at| at as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_stand_behind_languages() {
        assert_eq!(language("German C1"), ("German", 5));
        assert_eq!(language("German native"), ("German", 7));
        assert_eq!(language("German"), ("German", 0));
        assert_eq!(language(" Swiss German a2 "), ("Swiss German", 2));
        assert_eq!(language("C1"), ("C1", 0));
    }

    #[test]
    fn ways_of_writing_are_one() {
        assert!(same("full-time", "full_time") && same("Full Time", "full_time"));
        assert!(!same("part_time", "full_time"));
        assert!(is_hours("Part-Time") && !is_hours("permanent"));
    }
}
