//! Highlights: where a hit's texts have the query's words. Owns fragments and
//! escaping; reads stored text, never the index.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};
use tandem_index::analysis::{self, Language, Starts, TermKey, Words};
use tandem_index::hash::PlainHash;
use tandem_index::kinds::{FieldType, Kind, Meaning};
use tandem_index::skills::{Dictionary, SkillId};

use crate::query::Query;

/// Fragments of one field at most.
const FRAGMENTS_MAX: usize = 2;
/// A fragment's length in bytes, about.
const FRAGMENT_BYTES: usize = 160;
/// A text is looked through in pieces of this many bytes, until there are
/// fragments enough.
const PIECE_BYTES: usize = 1_024;
/// Bytes of one text that are looked through.
const TEXT_BYTES_MAX: usize = 16 * PIECE_BYTES;

/// Makes highlights for one query.
pub struct Highlighter {
    keys: HashSet<TermKey, PlainHash>,
    // Phrases and names of skills, by their first word.
    phrases: HashMap<TermKey, Vec<Vec<TermKey>>, PlainHash>,
    // First letters of the stems among the keys: only words that begin like
    // one are worth stemming.
    beginnings: Vec<char>,
    // How all of them begin: other words are not worth reading.
    starts: Starts,
    words: Words,
    stemmed: Words,
}

impl Highlighter {
    /// A highlighter for the words, musts and phrases of a query.
    pub fn new(query: &Query) -> Self {
        let alternatives = query.words.iter().flat_map(|word| &word.alternatives);
        let mut single: Vec<(&String, TermKey)> = Vec::new();
        let mut phrases: HashMap<TermKey, Vec<Vec<TermKey>>, PlainHash> = HashMap::default();
        let mut starts = Starts::default();
        for alternative in alternatives {
            let sequences = match alternative.terms.as_slice() {
                [(text, key)] => {
                    let Some(skill) = key.as_skill() else {
                        single.push((text, *key));
                        continue;
                    };
                    spellings(SkillId(skill))
                }
                terms => vec![terms.to_vec()],
            };
            for terms in sequences {
                for (text, _) in &terms {
                    starts.add_word(text);
                }
                let keys: Vec<TermKey> = terms.into_iter().map(|(_, key)| key).collect();
                phrases.entry(keys[0]).or_default().push(keys);
            }
        }
        let words = single.into_iter();
        let needs = query.needs.iter().filter(|need| !need.absent);
        let needs = needs.flat_map(|need| need.terms.iter().map(|(text, key)| (text, *key)));
        let terms: Vec<(&String, TermKey)> = words.chain(needs).collect();
        let mut beginnings = Vec::new();
        for (text, _) in &terms {
            let tagged = text.strip_prefix('~').and_then(|text| text.split_once(':'));
            if let Some((language, stem)) = tagged {
                starts.add_stem(language, stem);
                beginnings.extend(stem.chars().next());
                beginnings.extend((language == "nl").then_some('g'));
            } else {
                starts.add_word(text);
            }
        }
        Self {
            beginnings,
            starts,
            keys: terms.iter().map(|(_, key)| *key).collect(),
            phrases,
            words: Words::default(),
            stemmed: Words::default(),
        }
    }

    /// Field → fragments of a document's texts: the whole title, and up to two
    /// fragments of every other text that has a word.
    pub fn highlight(
        &mut self,
        kind: &Kind,
        language: Option<Language>,
        document: &Map<String, Value>,
    ) -> Vec<(String, Vec<String>)> {
        let mut out = Vec::new();
        if self.keys.is_empty() && self.phrases.is_empty() {
            return out;
        }
        for field in &kind.fields {
            let text_like =
                field.field_type == FieldType::Text || field.meaning == Some(Meaning::Name);
            let Some(text) = document
                .get(&field.name)
                .and_then(Value::as_str)
                .filter(|_| text_like)
            else {
                continue;
            };
            let fragments = if field.meaning == Some(Meaning::Title) {
                self.whole(text, language)
            } else {
                self.fragments(text, language)
            };
            if !fragments.is_empty() {
                out.push((field.name.clone(), fragments));
            }
        }
        out
    }

    fn found(&mut self, text: &str, language: Option<Language>) -> Vec<(usize, usize)> {
        self.words.clear();
        analysis::analyse_for(text, &self.starts, &mut self.words);
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        let items = self.words.items();
        for (at, word) in items.iter().enumerate() {
            let range = (word.start as usize, word.end as usize);
            if ranges.last().is_some_and(|(_, end)| *end > range.0) {
                continue;
            }
            let says = |keys: &&Vec<TermKey>| {
                let said = items[at..].iter().map(|word| word.key);
                said.take(keys.len()).eq(keys.iter().copied())
            };
            let phrases = self.phrases.get(&word.key).into_iter().flatten();
            if let Some(longest) = phrases.filter(says).map(Vec::len).max() {
                ranges.push((range.0, items[at + longest - 1].end as usize));
                continue;
            }
            if self.keys.contains(&word.key) {
                ranges.push(range);
                continue;
            }
            let begins = self.words.folded(word).chars().next();
            if !begins.is_some_and(|first| self.beginnings.contains(&first)) {
                continue;
            }
            self.stemmed.clear();
            let alone = text.get(range.0..range.1).unwrap_or("");
            analysis::analyse(alone, language, &mut self.stemmed);
            let stems = self.stemmed.items().iter().filter_map(|word| word.stem_key);
            if stems.into_iter().any(|stem| self.keys.contains(&stem)) {
                ranges.push(range);
            }
        }
        ranges.dedup();
        ranges
    }

    fn whole(&mut self, text: &str, language: Option<Language>) -> Vec<String> {
        let text = text.get(..floor(text, 4 * FRAGMENT_BYTES)).unwrap_or("");
        let ranges = self.found(text, language);
        if ranges.is_empty() {
            return Vec::new();
        }
        vec![marked(text, 0, text.len(), &ranges)]
    }

    fn fragments(&mut self, text: &str, language: Option<Language>) -> Vec<String> {
        let mut fragments = Vec::new();
        let mut from = 0;
        while from < text.len().min(TEXT_BYTES_MAX) && fragments.len() < FRAGMENTS_MAX {
            let to = boundary(text, from + PIECE_BYTES);
            let piece = text.get(from..to).unwrap_or("");
            let ranges = self.found(piece, language);
            let mut done = 0;
            for (at, (start, _)) in ranges.iter().enumerate() {
                if *start < done || fragments.len() == FRAGMENTS_MAX {
                    continue;
                }
                let first = boundary_before(piece, start.saturating_sub(FRAGMENT_BYTES / 4));
                let last = boundary(piece, first + FRAGMENT_BYTES);
                fragments.push(marked(piece, first, last, &ranges[at..]));
                done = last;
            }
            if to <= from {
                break;
            }
            from = to;
        }
        fragments
    }
}

// A skill's names, word by word. Names of one or two letters are left out: out
// of a list of skills they mean too much else.
fn spellings(skill: SkillId) -> Vec<Vec<(String, TermKey)>> {
    let mut out = Vec::new();
    let mut words = Words::default();
    let known = Dictionary::builtin().get(skill);
    for name in known.iter().flat_map(|skill| skill.spellings()) {
        words.clear();
        analysis::analyse(name, None, &mut words);
        let items = words.items().iter();
        let terms: Vec<(String, TermKey)> = items
            .map(|word| (words.folded(word).to_owned(), word.key))
            .collect();
        if name.len() > 2 && !terms.is_empty() {
            out.push(terms);
        }
    }
    out
}

fn floor(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

// The end of the word that stands at a byte, or the byte's character where the
// word goes on for long.
fn boundary(text: &str, at: usize) -> usize {
    let at = floor(text, at);
    let rest = text.get(at..).unwrap_or("");
    let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
    if word <= FRAGMENT_BYTES {
        at + word
    } else {
        at
    }
}

fn boundary_before(text: &str, at: usize) -> usize {
    let at = floor(text, at);
    let before = text.get(..at).unwrap_or("");
    match before.char_indices().rev().find(|(_, c)| c.is_whitespace()) {
        Some((space, c)) if at - space <= FRAGMENT_BYTES / 4 => space + c.len_utf8(),
        _ => at,
    }
}

fn marked(text: &str, first: usize, last: usize, ranges: &[(usize, usize)]) -> String {
    let mut out = String::with_capacity(last - first + 32);
    let mut at = first;
    for (start, end) in ranges {
        if *start < at || *end > last {
            continue;
        }
        escape(text.get(at..*start).unwrap_or(""), &mut out);
        out.push_str("<mark>");
        escape(text.get(*start..*end).unwrap_or(""), &mut out);
        out.push_str("</mark>");
        at = *end;
    }
    escape(text.get(at..last).unwrap_or(""), &mut out);
    out
}

pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' => out.push(' '),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Alternative, Why, Word};
    use tandem_index::kinds::Kinds;
    use tandem_index::row::skill_term;
    use tandem_index::statistics::Statistics;

    #[test]
    fn phrases_and_names_of_skills_are_marked_whole() {
        let kubernetes = Dictionary::builtin().named("Kubernetes").unwrap();
        let alternatives: [(Vec<(String, TermKey)>, Why); 2] = [
            (
                ["registered", "nurse"]
                    .map(|word| (word.to_owned(), TermKey::of(word)))
                    .into(),
                Why::Synonym,
            ),
            (vec![(skill_term(kubernetes), kubernetes.key())], Why::Skill),
        ];
        let own = vec![("rn".to_owned(), TermKey::of("rn"))];
        let mut word = Word::new("rn".into(), own, &Statistics::default());
        for (terms, why) in alternatives {
            let factor = 0.9;
            word.add(Alternative { terms, factor, why }, &Statistics::default());
        }
        let query = Query {
            words: vec![word],
            ..Query::default()
        };
        let kinds = Kinds::builtin();
        let document = serde_json::json!({
            "title": "Registered Nurse (RN), registered & nurse",
            "description": "Runs on K8s, not on a nurse.",
        });
        let Value::Object(document) = document else {
            unreachable!("an object");
        };
        let jobs = kinds.get("jobs").unwrap();
        let found = Highlighter::new(&query).highlight(jobs, None, &document);
        let mut texts: Vec<&String> = found.iter().flat_map(|(_, texts)| texts).collect();
        texts.sort();
        texts.reverse();
        assert_eq!(
            texts,
            [
                "Runs on <mark>K8s</mark>, not on a nurse.",
                "<mark>Registered Nurse</mark> (<mark>RN</mark>), <mark>registered &amp; nurse</mark>",
            ]
        );
    }
}
