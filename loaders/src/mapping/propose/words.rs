//! Words of employment in German and French and as codes, and what Tandem's own
//! data calls them. Owns the value maps that are proposed for contracts, and what
//! tells a column of them.

use std::collections::{BTreeMap, BTreeSet};

use super::looks::Column;
use super::{names, quoted};

/// Words as [`names::plain`] writes them, by language.
const WORDS: [&[(&str, &str)]; 3] = [
    &[
        ("vollzeit", "full-time"),
        ("teilzeit", "part-time"),
        ("unbefristet", "permanent"),
        ("festanstellung", "permanent"),
        ("feste anstellung", "permanent"),
        ("befristet", "fixed-term"),
        ("zeitarbeit", "temporary"),
        ("arbeitnehmerüberlassung", "temporary"),
        ("aushilfe", "temporary"),
        ("saisonarbeit", "seasonal"),
        ("praktikum", "internship"),
        ("werkstudent", "working student"),
        ("werkstudentin", "working student"),
        ("freiberuflich", "freelance"),
        ("freiberufler", "freelance"),
        ("freie mitarbeit", "freelance"),
        ("ausbildung", "apprenticeship"),
    ],
    &[
        ("cdi", "permanent"),
        ("cdd", "fixed-term"),
        ("temps plein", "full-time"),
        ("temps complet", "full-time"),
        ("temps partiel", "part-time"),
        ("intérim", "temporary"),
        ("stage", "internship"),
        ("alternance", "apprenticeship"),
        ("apprentissage", "apprenticeship"),
        ("indépendant", "freelance"),
        ("saisonnier", "seasonal"),
    ],
    &[
        ("ft", "full-time"),
        ("pt", "part-time"),
        ("f t", "full-time"),
        ("p t", "part-time"),
        ("perm", "permanent"),
        ("temp", "temporary"),
        ("ftc", "fixed-term"),
    ],
];
/// What needs no map, as [`names::plain`] writes it.
const ENGLISH: [&str; 13] = [
    "full time",
    "part time",
    "permanent",
    "temporary",
    "fixed term",
    "contract",
    "contractor",
    "internship",
    "freelance",
    "apprenticeship",
    "seasonal",
    "casual",
    "working student",
];
/// What stands between two words of one value.
const BETWEEN: [&str; 7] = [",", ";", "/", "|", "+", " und ", " et "];

/// The language of a word and what it is called, by its plain form.
fn known(text: &str) -> Option<(usize, &'static str)> {
    // "Vollzeit (40 h)", "à temps plein", "en CDI".
    let plain = names::plain(text);
    let plain = ["in ", "a ", "en "]
        .iter()
        .find_map(|word| plain.strip_prefix(word))
        .unwrap_or(&plain);
    WORDS.iter().enumerate().find_map(|(language, words)| {
        let (_, to) = words.iter().find(|(word, _)| names::plain(word) == plain)?;
        Some((language, *to))
    })
}

/// The share of a column's values that are words of employment and nothing else.
/// None of those that all are one code: `PT` is Portugal too.
pub(super) fn share(column: &Column) -> f64 {
    let is_word =
        |text: &str| known(text).is_some() || ENGLISH.contains(&names::plain(text).as_str());
    let is_said =
        |text: &String| is_word(text) || text.split([',', ';', '/', '|', '+']).all(is_word);
    let texts = column.texts();
    let different: BTreeSet<&String> = texts.iter().collect();
    if different.len() == 1 && different.iter().all(|text| text.len() <= 4) {
        return 0.0;
    }
    texts.iter().filter(|text| is_said(text)).count() as f64 / texts.len().max(1) as f64
}

/// A value map as TOML for a column that has such words: every word of its
/// languages, and the values of the sample that are written otherwise.
pub(super) fn map(column: &Column) -> Option<String> {
    let mut languages = [false; WORDS.len()];
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for text in column.texts() {
        let mut parts = vec![text.as_str()];
        // "Werkstudent (m/w/d)" is one word.
        for mark in BETWEEN.iter().filter(|_| known(text).is_none()) {
            parts = parts.iter().flat_map(|part| part.split(*mark)).collect();
        }
        parts.retain(|part| !part.trim().is_empty());
        let read = parts.iter().map(|part| known(part));
        for (language, _) in read.clone().flatten() {
            languages[language] = true;
        }
        if read.clone().all(|word| word.is_none()) {
            continue;
        }
        let mut made: Vec<String> = Vec::new();
        for (word, part) in read.zip(&parts) {
            let made_of = quoted(word.map_or(part.trim(), |(_, to)| to));
            if !made.contains(&made_of) {
                made.push(made_of);
            }
        }
        let to = match made.as_slice() {
            [only] => only.clone(),
            all => format!("[{}]", all.join(", ")),
        };
        seen.insert(text.trim().to_lowercase(), to);
    }
    let words = WORDS.iter().zip(languages).filter(|(_, is)| *is);
    for (word, to) in words.flat_map(|(words, _)| words.iter()) {
        seen.entry((*word).to_owned()).or_insert_with(|| quoted(to));
    }
    let pairs = seen
        .iter()
        .map(|(from, to)| format!("{} = {to}", quoted(from)));
    let pairs: Vec<String> = pairs.collect();
    (!pairs.is_empty()).then(|| format!("map = {{ {} }}", pairs.join(", ")))
}
