//! The languages the analyser knows: their tags, scripts and stemmers.

use frostem::Algorithm;

/// A language with a stemmer or a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant is its BCP 47 tag")]
pub enum Language {
    Ar,
    Cs,
    Da,
    De,
    El,
    En,
    Es,
    Fi,
    Fr,
    Hi,
    Hu,
    It,
    Ja,
    Ko,
    Nl,
    No,
    Pl,
    Pt,
    Ro,
    Ru,
    Sv,
    Th,
    Tr,
    Uk,
    Vi,
    Zh,
}

/// The letters a stemmer was written for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Greek,
    Cyrillic,
    Arabic,
    Devanagari,
}

impl Script {
    /// Whether a word's letter may be handed to a stemmer of this script.
    pub(super) fn holds(self, letter: char) -> bool {
        match self {
            Self::Latin => {
                letter.is_ascii_alphabetic()
                    || (('\u{c0}'..='\u{24f}').contains(&letter) && letter.is_alphabetic())
                    || ('\u{1e00}'..='\u{1eff}').contains(&letter)
            }
            Self::Greek => ('\u{370}'..='\u{3ff}').contains(&letter) && letter.is_alphabetic(),
            Self::Cyrillic => ('\u{400}'..='\u{52f}').contains(&letter) && letter.is_alphabetic(),
            Self::Arabic => ('\u{620}'..='\u{652}').contains(&letter),
            Self::Devanagari => ('\u{900}'..='\u{963}').contains(&letter),
        }
    }
}

impl Language {
    /// Every language, in the order of their tags.
    pub const ALL: [Self; 26] = [
        Self::Ar,
        Self::Cs,
        Self::Da,
        Self::De,
        Self::El,
        Self::En,
        Self::Es,
        Self::Fi,
        Self::Fr,
        Self::Hi,
        Self::Hu,
        Self::It,
        Self::Ja,
        Self::Ko,
        Self::Nl,
        Self::No,
        Self::Pl,
        Self::Pt,
        Self::Ro,
        Self::Ru,
        Self::Sv,
        Self::Th,
        Self::Tr,
        Self::Uk,
        Self::Vi,
        Self::Zh,
    ];

    /// The primary BCP 47 subtag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::Cs => "cs",
            Self::Da => "da",
            Self::De => "de",
            Self::El => "el",
            Self::En => "en",
            Self::Es => "es",
            Self::Fi => "fi",
            Self::Fr => "fr",
            Self::Hi => "hi",
            Self::Hu => "hu",
            Self::It => "it",
            Self::Ja => "ja",
            Self::Ko => "ko",
            Self::Nl => "nl",
            Self::No => "no",
            Self::Pl => "pl",
            Self::Pt => "pt",
            Self::Ro => "ro",
            Self::Ru => "ru",
            Self::Sv => "sv",
            Self::Th => "th",
            Self::Tr => "tr",
            Self::Uk => "uk",
            Self::Vi => "vi",
            Self::Zh => "zh",
        }
    }

    /// The language of a BCP 47 tag (`en`, `pt-BR`, `zh_Hans`), by its primary
    /// subtag in any case. `nb` and `nn` are Norwegian.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag).trim();
        if primary.eq_ignore_ascii_case("nb") || primary.eq_ignore_ascii_case("nn") {
            return Some(Self::No);
        }
        Self::ALL
            .into_iter()
            .find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The stemmer and the script it reads, where there is one.
    pub(super) fn stemmer(self) -> Option<(Algorithm, Script)> {
        let latin = |algorithm| Some((algorithm, Script::Latin));
        match self {
            Self::Ar => Some((Algorithm::Arabic, Script::Arabic)),
            Self::Cs => latin(Algorithm::Czech),
            Self::Da => latin(Algorithm::Danish),
            Self::De => latin(Algorithm::German),
            Self::El => Some((Algorithm::Greek, Script::Greek)),
            Self::En => latin(Algorithm::English),
            Self::Es => latin(Algorithm::Spanish),
            Self::Fi => latin(Algorithm::Finnish),
            Self::Fr => latin(Algorithm::French),
            Self::Hi => Some((Algorithm::Hindi, Script::Devanagari)),
            Self::Hu => latin(Algorithm::Hungarian),
            Self::It => latin(Algorithm::Italian),
            Self::Nl => latin(Algorithm::Dutch),
            Self::No => latin(Algorithm::Norwegian),
            Self::Pl => latin(Algorithm::Polish),
            Self::Pt => latin(Algorithm::Portuguese),
            Self::Ro => latin(Algorithm::Romanian),
            Self::Ru => Some((Algorithm::Russian, Script::Cyrillic)),
            Self::Sv => latin(Algorithm::Swedish),
            Self::Tr => latin(Algorithm::Turkish),
            Self::Uk => Some((Algorithm::Ukrainian, Script::Cyrillic)),
            Self::Ja | Self::Ko | Self::Th | Self::Vi | Self::Zh => None,
        }
    }
}
