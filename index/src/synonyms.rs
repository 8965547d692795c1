//! Synonyms: what the words of a query also go by in ads and CVs. Owns the
//! reading of `data/synonyms.tsv`; knows nothing of scores.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::analysis::query_terms;

static BUILTIN: LazyLock<Synonyms> =
    LazyLock::new(|| Synonyms::read(include_str!("../data/synonyms.tsv")));

/// Words longest spellings are looked for in.
const SPELLING_WORDS_MAX: usize = 6;

/// Spellings by their first word.
#[derive(Debug, Default)]
pub struct Synonyms {
    by_first: HashMap<String, Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    words: Vec<String>,
    others: Vec<Vec<String>>,
    // Of the others, those it is a synonym of in turn.
    mutual: Vec<Vec<String>>,
    whole: bool,
}

/// A spelling found among the words of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// How many words it is.
    pub words: usize,
    /// Its synonyms, each word by word, folded.
    pub others: &'a [Vec<String>],
    /// Whether its words mean something else together, so that no synonyms of
    /// theirs apply.
    pub whole: bool,
}

impl Synonyms {
    /// The list that comes with the server.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    // A line is a sign and two or more spellings, apart by tabs: after `=` each is
    // a synonym of all others, after `==` too, and they are more than their words,
    // after `>` the others are synonyms of the first alone. `#` begins a comment.
    fn read(text: &str) -> Self {
        let mut synonyms = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut parts = line.split('\t');
            let sign = parts.next().unwrap_or("");
            let spellings: Vec<Vec<String>> = parts.map(folded).collect();
            let from = if sign == ">" { 1 } else { spellings.len() };
            for (at, spelling) in spellings.iter().enumerate().take(from) {
                for (other_at, other) in spellings.iter().enumerate() {
                    if other_at != at {
                        synonyms.add(spelling, other, sign);
                    }
                }
            }
        }
        synonyms
    }

    fn add(&mut self, spelling: &[String], other: &[String], sign: &str) {
        let Some(first) = spelling.first() else {
            return;
        };
        let entries = self.by_first.entry(first.clone()).or_default();
        let at = entries.iter().position(|entry| entry.words == spelling);
        let at = at.unwrap_or_else(|| {
            entries.push(Entry {
                words: spelling.to_vec(),
                others: Vec::new(),
                mutual: Vec::new(),
                whole: false,
            });
            entries.len() - 1
        });
        let entry = &mut entries[at];
        entry.whole |= sign == "==";
        let mut put = |list: fn(&mut Entry) -> &mut Vec<Vec<String>>| {
            let list = list(entry);
            if spelling != other && !list.iter().any(|held| held == other) {
                list.push(other.to_vec());
            }
        };
        put(|entry| &mut entry.others);
        if sign != ">" {
            put(|entry| &mut entry.mutual);
        }
    }

    /// The longest spelling that `words` begin with. The last word may be a plural
    /// in `s` of the spelling's.
    pub fn at(&self, words: &[&str]) -> Option<Found<'_>> {
        let entry = self.longest(words)?;
        Some(Found {
            words: entry.words.len(),
            others: &entry.others,
            whole: entry.whole,
        })
    }

    /// The shorter spellings within one, each with the position it begins at; of
    /// those that overlap the longest first. They have only the synonyms that mean
    /// the same both ways: a narrower word for "nurse" is wrong in "nurse aide".
    pub fn within(&self, spelling: &[&str]) -> Vec<(usize, Found<'_>)> {
        let mut found = Vec::new();
        let mut from = 0;
        while from < spelling.len() {
            let end = spelling.len() - usize::from(from == 0);
            let inner = spelling
                .get(from..end)
                .and_then(|words| self.longest(words));
            let Some(entry) = inner else {
                from += 1;
                continue;
            };
            let words = entry.words.len();
            if !entry.mutual.is_empty() {
                let others = entry.mutual.as_slice();
                let whole = entry.whole;
                found.push((
                    from,
                    Found {
                        words,
                        others,
                        whole,
                    },
                ));
            }
            from += words;
        }
        found
    }

    fn longest(&self, words: &[&str]) -> Option<&Entry> {
        let first = words.first()?;
        let singular = first.strip_suffix('s').filter(|rest| rest.len() > 1);
        let exact = self.by_first.get(*first);
        let single = singular.and_then(|first| self.by_first.get(first));
        let entries = exact.into_iter().chain(single).flatten();
        let mut best: Option<&Entry> = None;
        for entry in entries {
            let count = entry.words.len();
            let longer = best.is_none_or(|best| best.words.len() < count);
            if longer && says(words.get(..count), &entry.words) {
                best = Some(entry);
            }
        }
        best
    }
}

fn says(words: Option<&[&str]>, spelling: &[String]) -> bool {
    let Some((last, words)) = words.and_then(<[&str]>::split_last) else {
        return false;
    };
    let Some((last_spelt, spelt)) = spelling.split_last() else {
        return false;
    };
    let plural = last.strip_suffix('s');
    words.iter().eq(spelt.iter()) && (last == last_spelt || plural == Some(last_spelt))
}

fn folded(spelling: &str) -> Vec<String> {
    let terms = query_terms(spelling, &[]);
    let words = terms.into_iter().map(|term| term.word);
    words.take(SPELLING_WORDS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others(query: &str) -> Vec<String> {
        let words: Vec<&str> = query.split(' ').collect();
        let found = Synonyms::builtin().at(&words);
        let others = found.map_or(&[][..], |found| found.others);
        others.iter().map(|words| words.join(" ")).collect()
    }

    #[test]
    fn titles_and_departments_go_by_their_short_forms() {
        for (query, expected) in [
            ("rn", "registered nurse"),
            ("registered nurse", "rn"),
            ("registered nurses", "rn"),
            ("swe", "software engineer"),
            ("front end", "frontend"),
            ("frontend", "front end"),
            ("hr", "human resources"),
            ("programme", "program"),
            ("attorney", "lawyer"),
        ] {
            let found = others(query);
            assert!(
                found.iter().any(|other| other == expected),
                "{query}: {found:?}"
            );
        }
        assert_eq!(others("pm"), Vec::<String>::new());
        assert_eq!(others("zzz"), Vec::<String>::new());
        assert_eq!(others(""), Vec::<String>::new());
    }

    #[test]
    fn a_longer_spelling_leaves_those_inside_it_their_synonyms() {
        for (spelling, expected) in [
            ("frontend developer", vec!["0 front end", "1 dev"]),
            ("hr manager", vec!["0 human resources", "1 mgr"]),
            // Narrower words for a part are wrong for the whole.
            ("nurse aide", vec![]),
            ("cam programmer", vec![]),
            ("rn", vec![]),
        ] {
            let words: Vec<&str> = spelling.split(' ').collect();
            let found = Synonyms::builtin().within(&words).into_iter();
            let found: Vec<String> = found
                .map(|(at, found)| format!("{at} {}", found.others[0].join(" ")))
                .collect();
            assert_eq!(found, expected, "{spelling}");
        }
        for whole in ["dev ops", "cma accountant"] {
            let words: Vec<&str> = whole.split(' ').collect();
            assert!(Synonyms::builtin().at(&words).unwrap().whole, "{whole}");
        }
    }

    #[test]
    fn narrower_words_are_no_synonyms() {
        assert!(!others("accountant").contains(&"cpa".to_owned()));
        for (wider, narrower) in [
            ("entwickler", "softwareentwickler"),
            ("doctorate", "phd"),
            ("machinist", "cnc operator"),
        ] {
            assert!(others(wider).iter().any(|other| other == narrower));
            assert!(!others(narrower).iter().any(|other| other == wider));
        }
    }

    #[test]
    fn every_line_of_the_list_is_read_and_says_something_new() {
        let text = include_str!("../data/synonyms.tsv");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut count = 0;
        for line in lines {
            let parts: Vec<&str> = line.split('\t').collect();
            assert!(parts.len() > 2, "{line}");
            assert!(matches!(parts[0], "=" | "==" | ">"), "{line}");
            let mut words: Vec<Vec<String>> = parts[1..].iter().map(|part| folded(part)).collect();
            assert!(words.iter().all(|words| !words.is_empty()), "{line}");
            words.sort();
            words.dedup();
            assert_eq!(words.len(), parts.len() - 1, "the same twice: {line}");
            count += 1;
        }
        assert!(count >= 300, "{count} groups");
    }
}
