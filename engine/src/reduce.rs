//! A document reduced to a query: its telling words and its title. Owns the one
//! rule of docs/score.md, the same in match, rank and explain.

use tandem_index::analysis::{TermKey, query_terms};
use tandem_index::document::{GROUPS, Group};
use tandem_index::row::Row;
use tandem_index::statistics::Statistics;

use crate::query::{DOCUMENT_WORDS_MAX, GROUP_WEIGHTS, QUERY_WORDS_MAX, Word};
use crate::score::rank_of;

// Whether a word says what a document is about: numbers, dates and the words a
// sentence is built with do not, however rare they are in documents of the
// other kind ("my" in ads, "jun" in a career).
pub(crate) fn tells(word: &str) -> bool {
    !word.bytes().any(|b| b.is_ascii_digit()) && word.chars().count() > 1 && !is_silent(word)
}

/// Whether a word is one that sentences and dates are built with.
pub(crate) fn is_silent(word: &str) -> bool {
    SILENT.binary_search(&word).is_ok()
}

// Sorted.
const SILENT: [&str; 93] = [
    "about",
    "after",
    "all",
    "also",
    "am",
    "an",
    "and",
    "any",
    "apr",
    "april",
    "are",
    "as",
    "at",
    "aug",
    "august",
    "be",
    "been",
    "both",
    "but",
    "by",
    "can",
    "city",
    "company",
    "dec",
    "december",
    "each",
    "feb",
    "february",
    "for",
    "from",
    "had",
    "has",
    "have",
    "he",
    "her",
    "his",
    "if",
    "in",
    "into",
    "is",
    "it",
    "its",
    "jan",
    "january",
    "jul",
    "july",
    "jun",
    "june",
    "mar",
    "march",
    "may",
    "me",
    "more",
    "my",
    "name",
    "nov",
    "november",
    "oct",
    "october",
    "of",
    "on",
    "or",
    "other",
    "our",
    "sep",
    "sept",
    "september",
    "she",
    "state",
    "such",
    "summary",
    "than",
    "that",
    "the",
    "their",
    "them",
    "these",
    "they",
    "this",
    "those",
    "through",
    "to",
    "us",
    "was",
    "we",
    "were",
    "which",
    "while",
    "who",
    "with",
    "would",
    "you",
    "your",
];

/// BM25's k3: how fast repetitions in a document saturate when it is the query.
const K3: f64 = 8.0;

/// The rule that reduces a document to a query: of its words that the target
/// kind has, the 32 with the greatest idf · tf/(8 + tf), ties by key, where tf
/// counts a word of the title three times, of listed skills twice.
pub(crate) fn words(row: &Row, statistics: &Statistics) -> Vec<Word> {
    let mut chosen: Vec<(f64, TermKey, &str)> = Vec::new();
    for (entry, text) in row.entries.iter().zip(row.term_texts.iter()) {
        if text.starts_with('~') || !tells(text) {
            continue;
        }
        let frequency = statistics.frequency(entry.key());
        if frequency == 0 {
            continue;
        }
        let tf: f64 = (0..GROUPS)
            .map(|group| GROUP_WEIGHTS[group].0 * f64::from(entry.count(group)))
            .sum();
        let weight = statistics.idf(frequency) * tf / (K3 + tf);
        chosen.push((weight, entry.key(), text));
    }
    let order = |a: &(f64, TermKey, &str), b: &(f64, TermKey, &str)| {
        b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
    };
    if chosen.len() > DOCUMENT_WORDS_MAX {
        chosen.select_nth_unstable_by(DOCUMENT_WORDS_MAX, order);
        chosen.truncate(DOCUMENT_WORDS_MAX);
    }
    chosen.sort_unstable_by(order);
    let languages: Vec<_> = row.language.into_iter().collect();
    chosen
        .into_iter()
        .map(|(weight, _, text)| {
            let mut terms = query_terms(text, &languages);
            let alternatives = match terms.len() {
                1 => terms.remove(0).alternatives,
                _ => vec![(text.to_owned(), TermKey::of(text))],
            };
            Word {
                weight,
                ..Word::new(text.to_owned(), alternatives, statistics)
            }
        })
        .collect()
}

/// What a word of rank weighs in a title, beside those of the work: `seniority`
/// compares ranks.
const RANK_FACTOR: f64 = 0.3;

/// A document's title as words that titles of the target kind may have, short
/// forms beside long ones.
pub(crate) fn title(row: &Row, statistics: &Statistics) -> Vec<Word> {
    let languages: Vec<_> = row.language.into_iter().collect();
    row.entries
        .iter()
        .zip(row.term_texts.iter())
        .filter(|(entry, text)| {
            entry.key().as_skill().is_none()
                && entry.count(Group::Title as usize) > 0
                && !text.starts_with('~')
        })
        .take(QUERY_WORDS_MAX)
        .map(|(_, text)| {
            let mut terms = query_terms(text, &languages);
            let mut alternatives = match terms.len() {
                1 => terms.remove(0).alternatives,
                _ => vec![(text.to_string(), TermKey::of(text))],
            };
            let short = SHORT.iter().find_map(|(short, long)| match text {
                text if text == *short => Some(*long),
                text if text == *long => Some(*short),
                _ => None,
            });
            alternatives.extend(short.map(|other| (other.to_owned(), TermKey::of(other))));
            let mut word = Word::new(text.to_string(), alternatives, statistics);
            if is_rank(text) {
                word.weight *= RANK_FACTOR;
            }
            word
        })
        .filter(|word| word.frequency > 0)
        .collect()
}

// Ranks that are not the work itself, as `manager` is.
fn is_rank(word: &str) -> bool {
    rank_of(word).is_some_and(|rank| rank <= 4) || ["sr", "jr", "ii", "iii", "iv"].contains(&word)
}

const SHORT: [(&str, &str); 7] = [
    ("asst", "assistant"),
    ("dev", "developer"),
    ("eng", "engineer"),
    ("jr", "junior"),
    ("mgr", "manager"),
    ("rep", "representative"),
    ("sr", "senior"),
];
