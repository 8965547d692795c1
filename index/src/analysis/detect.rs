//! Language detection on a bounded prefix. Deterministic; owns the letters and
//! words that tell the languages `whichlang` does not know.

use std::borrow::Cow;

use whichlang::Lang;

use super::language::Language;

/// Only this much of a text is looked at.
const DETECT_BYTES_MAX: usize = 1_000;

/// Fewer letters say too little.
const DETECT_LETTERS_MIN: usize = 20;

/// Languages told by their commonest words: words rare in every other language
/// here, and words that only tell it from its neighbours.
const COMMON_WORDS: [(Language, &[&str], &[&str]); 3] = [
    (
        Language::Da,
        &["og", "til", "ikke", "fra", "være", "hvor"],
        &["af", "dig", "efter", "at"],
    ),
    (
        Language::Fi,
        &[
            "ja", "että", "tai", "sekä", "ovat", "olet", "sinulla", "myös", "jos",
        ],
        &[],
    ),
    (
        Language::No,
        &["og", "til", "ikke", "fra", "være", "hvor"],
        &["av", "deg", "etter", "å"],
    ),
];

/// A list wins with this share of the words, in per cent, and this many:
/// running text of its own language has 6 to 9 per cent, any other under 1.
const COMMON_WORDS_PERCENT: usize = 4;
const COMMON_WORDS_MIN: usize = 3;
/// Bytes of the longest of them, and as many again: lower case may be shorter.
const COMMON_WORD_BYTES_MAX: usize = 16;

/// The language of a text, from its first `DETECT_BYTES_MAX` bytes; `None` for
/// fewer than `DETECT_LETTERS_MIN` letters (a letter of Chinese, Japanese or
/// Korean counts as three).
pub fn detect(text: &str) -> Option<Language> {
    let mut end = text.len().min(DETECT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let prefix = text.get(..end)?;
    let letters = Letters::count(prefix);
    if letters.all < DETECT_LETTERS_MIN {
        return None;
    }
    letters
        .language()
        .or_else(|| by_common_words(prefix))
        .or_else(|| Some(from_whichlang(whichlang::detect_language(prefix))))
}

/// How many letters there are, and of those that tell a language.
#[derive(Default)]
struct Letters {
    all: usize,
    greek: usize,
    thai: usize,
    ukrainian: usize,
    polish: usize,
    czech: usize,
    hungarian: usize,
    romanian: usize,
    vietnamese: usize,
}

impl Letters {
    fn count(text: &str) -> Self {
        let mut letters = Self::default();
        for letter in text.chars() {
            if letter.is_ascii() {
                letters.all += usize::from(letter.is_ascii_alphabetic());
                continue;
            }
            letters.all += usize::from(letter.is_alphabetic());
            match letter {
                '\u{370}'..='\u{3ff}' => letters.greek += 1,
                '\u{e00}'..='\u{e7f}' => letters.thai += 1,
                'і' | 'ї' | 'є' | 'ґ' | 'І' | 'Ї' | 'Є' | 'Ґ' => letters.ukrainian += 1,
                'ł' | 'ś' | 'ż' | 'ź' | 'Ł' | 'Ś' | 'Ż' | 'Ź' => letters.polish += 1,
                'ě' | 'ř' | 'ů' | 'Ě' | 'Ř' | 'Ů' => letters.czech += 1,
                'ő' | 'ű' | 'Ő' | 'Ű' => letters.hungarian += 1,
                'ă' | 'ț' | 'ţ' | 'Ă' | 'Ț' | 'Ţ' => letters.romanian += 1,
                'ơ' | 'ư' | 'ạ'..='ỹ' => letters.vietnamese += 1,
                '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => {
                    letters.all += 2;
                }
                _ => {}
            }
        }
        letters
    }

    fn language(&self) -> Option<Language> {
        // One letter in 70 is well under what running text has, and well over
        // what one name or place of that language brings into another's text.
        let told = [
            (self.greek, 2, Language::El),
            (self.thai, 2, Language::Th),
            (self.ukrainian, 70, Language::Uk),
            (self.polish, 70, Language::Pl),
            (self.czech, 70, Language::Cs),
            (self.hungarian, 70, Language::Hu),
            (
                self.romanian.saturating_sub(self.vietnamese),
                70,
                Language::Ro,
            ),
        ];
        told.into_iter()
            .find(|&(count, one_in, _)| count * one_in > self.all)
            .map(|(_, _, language)| language)
    }
}

fn by_common_words(text: &str) -> Option<Language> {
    let mut words = 0;
    let mut found = [(0, 0); COMMON_WORDS.len()];
    for word in text.split(|letter: char| !letter.is_alphabetic()) {
        if word.is_empty() {
            continue;
        }
        words += 1;
        // None of theirs is longer.
        if word.len() > COMMON_WORD_BYTES_MAX {
            continue;
        }
        let mut plain = [0; COMMON_WORD_BYTES_MAX];
        let lower = if word.is_ascii() {
            let plain = &mut plain[..word.len()];
            plain.copy_from_slice(word.as_bytes());
            plain.make_ascii_lowercase();
            Cow::Borrowed(&*plain)
        } else {
            Cow::Owned(word.to_lowercase().into_bytes())
        };
        let is_in = |words: &[&str]| words.iter().any(|one| one.as_bytes() == &*lower);
        for ((_, common, telling), counts) in COMMON_WORDS.iter().zip(&mut found) {
            counts.0 += usize::from(is_in(common));
            counts.1 += usize::from(is_in(telling));
        }
    }
    let languages = COMMON_WORDS.iter().map(|(language, ..)| *language);
    let (counts, language) = found
        .into_iter()
        .zip(languages)
        .max_by_key(|(counts, _)| *counts)?;
    let share = counts.0 * 100 >= words * COMMON_WORDS_PERCENT;
    (share && counts.0 >= COMMON_WORDS_MIN).then_some(language)
}

fn from_whichlang(language: Lang) -> Language {
    match language {
        Lang::Ara => Language::Ar,
        Lang::Cmn => Language::Zh,
        Lang::Deu => Language::De,
        Lang::Eng => Language::En,
        Lang::Fra => Language::Fr,
        Lang::Hin => Language::Hi,
        Lang::Ita => Language::It,
        Lang::Jpn => Language::Ja,
        Lang::Kor => Language::Ko,
        Lang::Nld => Language::Nl,
        Lang::Por => Language::Pt,
        Lang::Rus => Language::Ru,
        Lang::Spa => Language::Es,
        Lang::Swe => Language::Sv,
        Lang::Tur => Language::Tr,
        Lang::Vie => Language::Vi,
    }
}
