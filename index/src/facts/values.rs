//! Values of facts as fields hold them: certificates by their usual names,
//! languages by English names with a level behind. Owns both notations and how
//! what people write in such fields is read; the names are the book's.

use super::book::{self, LANGUAGES};
use super::{Cue, Fluency, What};
use crate::analysis::{Words, analyse};

/// A field's value of more words is a sentence.
const WORDS_MAX: usize = 12;

/// A language and how well it is spoken, as a field says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// ISO 639-1 code.
    pub code: &'static str,
    /// How well.
    pub level: Fluency,
}

/// The English name of a language by its ISO 639-1 code.
pub fn language_name(code: &str) -> Option<&'static str> {
    LANGUAGES.get(code).copied()
}

/// Reads what a field says of one language: `German`, `German C1`, `Deutsch
/// (fließend)`, `de`. `None` where no language is named, or two.
pub fn spoken(value: &str) -> Option<Spoken> {
    let value = value.trim();
    if let Some((code, _)) = LANGUAGES.get_key_value(value.to_ascii_lowercase().as_str()) {
        return Some(Spoken {
            code,
            level: Fluency::Any,
        });
    }
    let mut words = Words::default();
    let cues = cues(value, &mut words)?;
    let mut named = cues.iter().filter(|cue| cue.what == What::Language);
    let first = named.next().filter(|cue| cue.value != "-")?;
    if named.any(|cue| cue.value != first.value) {
        return None;
    }
    let levels = cues.iter().filter(|cue| cue.what == What::Fluency);
    let levels = levels.filter_map(|cue| super::languages::fluency_of(cue.value));
    // A level of the framework says more than a word.
    let level = levels.reduce(|held, next| match (held, next) {
        (Fluency::Cefr(_), _) => held,
        (_, Fluency::Cefr(_)) => next,
        _ => held,
    });
    // "Business" alone is a level only behind a language.
    let last = value.rsplit(' ').next().unwrap_or_default();
    let business = last
        .eq_ignore_ascii_case("business")
        .then_some(Fluency::Business);
    Some(Spoken {
        code: first.value,
        level: level.or(business).unwrap_or(Fluency::Any),
    })
}

impl Spoken {
    /// As fields hold it: `German`, `German C1`, `German native`.
    pub fn shown(self) -> Option<String> {
        let name = language_name(self.code)?;
        Some(match self.level.name() {
            Some(level) => format!("{name} {level}"),
            None => name.to_owned(),
        })
    }
}

impl Fluency {
    /// The word of a field for it; none where it is not said.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Any => return None,
            Self::Basic => "basic",
            Self::Conversational => "conversational",
            Self::Business => "business",
            Self::Fluent => "fluent",
            Self::Native => "native",
            Self::Cefr(1) => "A1",
            Self::Cefr(2) => "A2",
            Self::Cefr(3) => "B1",
            Self::Cefr(4) => "B2",
            Self::Cefr(5) => "C1",
            Self::Cefr(_) => "C2",
        })
    }
}

/// The usual name of a certificate, where the whole value is a name of the book.
pub fn certificate_named(value: &str) -> Option<&'static str> {
    let mut words = Words::default();
    let cues = cues(value, &mut words)?;
    let whole = |cue: &&Cue| {
        cue.what == What::Certificate && cue.first_word == 0 && cue.end_word as usize == words.len()
    };
    let name = cues.iter().find(whole)?.value.trim_end_matches('?');
    // What stands behind `*` needs a name beside it.
    (name != "-" && !name.starts_with('*')).then_some(name)
}

fn cues(value: &str, words: &mut Words) -> Option<Vec<Cue>> {
    if value.len() > crate::document::KEYWORD_BYTES_MAX {
        return None;
    }
    analyse(value, None, words);
    (1..=WORDS_MAX)
        .contains(&words.len())
        .then(|| book::cues(value, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_read_as_people_write_them() {
        let cases = [
            ("German", Some("German")),
            ("de", Some("German")),
            ("EN", Some("English")),
            ("German C1", Some("German C1")),
            ("Deutsch (fließend)", Some("German fluent")),
            ("English - native", Some("English native")),
            ("Spanish: B2", Some("Spanish B2")),
            ("Polish", Some("Polish")),
            ("French and German", None),
            ("C1", None),
            ("", None),
            ("Klingon", None),
        ];
        for (written, shown) in cases {
            let found = spoken(written).and_then(Spoken::shown);
            assert_eq!(found.as_deref(), shown, "{written}");
        }
    }

    #[test]
    fn what_is_shown_of_a_language_is_read_back() {
        for code in LANGUAGES.keys().copied() {
            for level in [
                Fluency::Any,
                Fluency::Basic,
                Fluency::Conversational,
                Fluency::Business,
                Fluency::Fluent,
                Fluency::Native,
                Fluency::Cefr(1),
                Fluency::Cefr(4),
                Fluency::Cefr(6),
            ] {
                let one = Spoken { code, level };
                let shown = one.shown().unwrap();
                assert_eq!(spoken(&shown), Some(one), "{shown}");
            }
        }
    }

    #[test]
    fn certificates_go_by_their_usual_names() {
        let cases = [
            ("CDL", Some("CDL")),
            ("Commercial Driver's License", Some("CDL")),
            ("class A CDL", Some("CDL")),
            ("driver's license", Some("Driving licence")),
            ("Führerschein Klasse B", Some("Driving licence")),
            ("a CDL and a truck", None),
            ("certification", None),
            ("", None),
        ];
        for (written, name) in cases {
            assert_eq!(certificate_named(written), name, "{written}");
        }
    }
}
