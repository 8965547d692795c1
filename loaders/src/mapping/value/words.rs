//! Words for yes and no, for where work is done, and for languages.

use serde_json::Value;

use super::Fault;
use crate::mapping::path::text_of;

const YES: [&str; 16] = [
    "true",
    "yes",
    "y",
    "1",
    "x",
    "t",
    "on",
    "ja",
    "j",
    "oui",
    "sí",
    "si",
    "wahr",
    "vrai",
    "sim",
    "verdadeiro",
];
const NO: [&str; 14] = [
    "false", "no", "n", "0", "f", "off", "nein", "nee", "nej", "non", "falsch", "faux", "falso",
    "não",
];

/// True or false.
pub(in crate::mapping) fn flag(value: &Value) -> Result<bool, Fault> {
    let text = text_of(value).unwrap_or_default().to_lowercase();
    match text.as_str() {
        yes if YES.contains(&yes) || yes == "✓" => Ok(true),
        no if NO.contains(&no) => Ok(false),
        _ => Err(Fault::new("not_a_flag", "neither yes nor no")),
    }
}

const HYBRID: [&str; 6] = [
    "hybrid",
    "hybride",
    "híbrido",
    "teilweise",
    "partially remote",
    "partial remote",
];
const REMOTE: [&str; 13] = [
    "remote",
    "remotely",
    "work from home",
    "wfh",
    "home office",
    "homeoffice",
    "telecommute",
    "télétravail",
    "teletrabajo",
    "remoto",
    "distans",
    "anywhere",
    "thuiswerk",
];
const ONSITE: [&str; 8] = [
    "onsite",
    "on-site",
    "on site",
    "in-office",
    "in office",
    "vor ort",
    "sur site",
    "presencial",
];

/// `remote`, `hybrid` or `onsite` where the words say so. A flag or yes says
/// remote; no says nothing, for it may be hybrid.
pub(in crate::mapping) fn remote(value: &Value) -> Option<&'static str> {
    let text = text_of(value)?.to_lowercase();
    if YES.contains(&text.as_str()) {
        return Some("remote");
    }
    let has = |words: &[&str]| words.iter().any(|word| has_word(&text, word));
    let not_remote = ["not remote", "no remote", "non-remote", "kein remote"];
    if has(&HYBRID) {
        Some("hybrid")
    } else if not_remote.iter().any(|words| text.contains(words)) {
        Some("onsite")
    } else if has(&REMOTE) {
        Some("remote")
    } else if has(&ONSITE) {
        Some("onsite")
    } else {
        None
    }
}

// Whether a word stands in a text as a word: `remoteness` is not remote.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(start, _)| {
        let before = text.get(..start).and_then(|text| text.chars().next_back());
        let after = text
            .get(start + word.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

const LANGUAGES: [(&str, &[&str]); 22] = [
    (
        "en",
        &["english", "englisch", "anglais", "inglés", "engels", "eng"],
    ),
    (
        "de",
        &[
            "german", "deutsch", "allemand", "alemán", "duits", "deu", "ger",
        ],
    ),
    (
        "fr",
        &[
            "french",
            "français",
            "francais",
            "französisch",
            "francés",
            "frans",
            "fra",
            "fre",
        ],
    ),
    (
        "es",
        &[
            "spanish", "español", "espanol", "spanisch", "espagnol", "spa",
        ],
    ),
    (
        "nl",
        &[
            "dutch",
            "nederlands",
            "niederländisch",
            "néerlandais",
            "nld",
            "dut",
        ],
    ),
    (
        "it",
        &["italian", "italiano", "italienisch", "italien", "ita"],
    ),
    ("pt", &["portuguese", "português", "portugiesisch", "por"]),
    ("sv", &["swedish", "svenska", "schwedisch", "swe"]),
    ("da", &["danish", "dansk", "dan"]),
    ("no", &["norwegian", "norsk", "nor", "nb", "nn"]),
    ("fi", &["finnish", "suomi", "fin"]),
    ("pl", &["polish", "polski", "polnisch", "pol"]),
    ("cs", &["czech", "čeština", "ces", "cze"]),
    ("hu", &["hungarian", "magyar", "hun"]),
    ("ro", &["romanian", "română", "ron", "rum"]),
    ("ru", &["russian", "русский", "rus"]),
    ("uk", &["ukrainian", "українська", "ukr"]),
    ("tr", &["turkish", "türkçe", "tur"]),
    ("el", &["greek", "ελληνικά", "ell", "gre"]),
    ("ar", &["arabic", "العربية", "ara"]),
    ("zh", &["chinese", "中文", "zho", "chi"]),
    ("ja", &["japanese", "日本語", "jpn"]),
];

/// A BCP 47 code of a language's name or code.
pub(in crate::mapping) fn language(text: &str) -> Result<String, Fault> {
    let plain = text.trim().to_lowercase().replace('_', "-");
    let known = LANGUAGES
        .iter()
        .find(|(code, names)| *code == plain || names.contains(&plain.as_str()));
    if let Some((code, _)) = known {
        return Ok((*code).to_owned());
    }
    let (code, rest) = plain.split_once('-').unwrap_or((&plain, ""));
    let is_code = (2..=3).contains(&code.len()) && code.chars().all(|c| c.is_ascii_lowercase());
    let is_rest = rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && rest.len() <= 16;
    if is_code && is_rest {
        return Ok(plain);
    }
    Err(Fault::new(
        "not_a_language",
        "neither a language's code nor a name that is known",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn yes_and_no_in_several_languages() {
        for yes in [
            json!("Yes"),
            json!(true),
            json!(1),
            json!("ja"),
            json!("VERDADEIRO"),
        ] {
            assert!(flag(&yes).unwrap(), "{yes}");
        }
        for no in [
            json!("no"),
            json!(false),
            json!("0"),
            json!("FALSO"),
            json!("Nein"),
        ] {
            assert!(!flag(&no).unwrap(), "{no}");
        }
        assert_eq!(flag(&json!("perhaps")).unwrap_err().code, "not_a_flag");
    }

    #[test]
    fn where_work_is_done() {
        let cases = [
            (json!("Remote (US)"), Some("remote")),
            (json!("Hybrid remote"), Some("hybrid")),
            (json!("100% Homeoffice"), Some("remote")),
            (json!("On-site"), Some("onsite")),
            (json!("not remote"), Some("onsite")),
            (json!("télétravail"), Some("remote")),
            (json!(true), Some("remote")),
            (json!(false), None),
            (json!("Berlin"), None),
            (json!("remoteness"), None),
            (json!(["Berlin", "Remote"]), Some("remote")),
        ];
        for (value, expected) in cases {
            assert_eq!(remote(&value), expected, "{value}");
        }
    }

    #[test]
    fn languages_by_name_and_code() {
        for (text, code) in [
            ("German", "de"),
            ("fr", "fr"),
            ("pt_BR", "pt-br"),
            ("eng", "en"),
            ("Svenska", "sv"),
        ] {
            assert_eq!(language(text).unwrap(), code);
        }
        assert_eq!(language("Klingonish!").unwrap_err().code, "not_a_language");
    }
}
