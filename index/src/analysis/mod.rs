//! Text analysis: from a text to its words, stems and query terms. Owns the
//! rules of docs/analysis.md; knows nothing of documents, fields or indexes.

mod detect;
mod fold;
mod language;
mod scan;
mod segment;
mod starts;
mod stem;
mod tokens;
mod words;

pub use detect::detect;
pub use fold::fold;
pub use language::Language;
pub use starts::Starts;
pub use words::{TermKey, Word, Words};

use stem::{StemCache, fold_stem};

/// Stands in every segment header; raised by any change of what a text's terms
/// are.
pub const ANALYSER_VERSION: u16 = 2;

/// More languages of a space than this are not looked up by a query.
pub const QUERY_LANGUAGES_MAX: usize = 4;

/// One word of a query and everything in an index that may stand for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryTerm {
    /// The folded word.
    pub word: String,
    /// Term texts and their keys: the word itself, then its stems, plain and
    /// tagged, without duplicates.
    pub alternatives: Vec<(String, TermKey)>,
}

/// Appends a text's words. Texts beyond 4 GiB are read up to that length.
pub fn analyse(text: &str, language: Option<Language>, words: &mut Words) {
    StemCache::with(|cache| {
        tokens::for_each(text, &mut |token| {
            let stem = language.and_then(|language| cache.tagged(language, token.lower));
            words.push(token.start, token.end, token.folded, stem);
        });
    });
}

/// Appends those of a text's words that may be among some, and what shares a
/// piece with them; a piece left out is a word of no letters, so that neighbours
/// are still neighbours. Finds every word `analyse` finds that `starts` knows.
pub fn analyse_for(text: &str, starts: &Starts, words: &mut Words) {
    let wanted = |piece: &[u8]| starts.may_be_in(piece);
    tokens::for_each_in(text, wanted, &mut |token| {
        words.push(token.start, token.end, token.folded, None);
    });
}

/// The words of a query, in order, each with its alternatives in the first
/// `QUERY_LANGUAGES_MAX` of `languages`.
pub fn query_terms(text: &str, languages: &[Language]) -> Vec<QueryTerm> {
    let mut terms = Vec::new();
    tokens::for_each(text, &mut |token| {
        let mut alternatives = vec![keyed(token.folded.to_owned())];
        for &language in languages.iter().take(QUERY_LANGUAGES_MAX) {
            for typed in [token.lower, token.folded] {
                if let Some(stem) = fold_stem(language, typed) {
                    let tagged = format!("~{}:{stem}", language.tag());
                    add(&mut alternatives, stem);
                    add(&mut alternatives, tagged);
                }
            }
        }
        terms.push(QueryTerm {
            word: token.folded.to_owned(),
            alternatives,
        });
    });
    terms
}

fn keyed(term: String) -> (String, TermKey) {
    let key = TermKey::of(&term);
    (term, key)
}

fn add(alternatives: &mut Vec<(String, TermKey)>, term: String) {
    if alternatives.iter().all(|(held, _)| *held != term) {
        alternatives.push(keyed(term));
    }
}

#[cfg(test)]
mod tests;
