//! The plain words of a query as understanding reads them: folded, with where
//! they stand. Owns the cutting; knows no meaning.

use std::ops::Range;

use tandem_index::analysis::fold;

use crate::parse::{Clause, Sign, is_quote, parse};

/// A plain word of a query.
#[derive(Clone, Debug)]
pub(crate) struct Token<'q> {
    /// Its bytes in the query, without the punctuation around it.
    pub(crate) range: Range<usize>,
    /// As typed.
    pub(crate) raw: &'q str,
    /// Folded.
    pub(crate) text: String,
    /// Words of different runs have something else between them.
    pub(crate) run: usize,
    /// Whether a comma stands behind it.
    pub(crate) comma: bool,
}

/// Whether a clause is a plain word: no sign, no quotes, no field.
pub(crate) fn is_plain(clause: &Clause) -> bool {
    clause.sign == Sign::Plain && !clause.phrase && clause.field.is_none()
}

/// The tokens of a query's plain clauses, and the signs that stand between them
/// on their own, which are no clauses: `80.000 €`, `60k - 70k`.
pub(crate) fn tokens<'q>(q: &'q str, clauses: &[Clause]) -> Vec<Token<'q>> {
    let mut out = Vec::new();
    let mut run = 0;
    let mut done = 0;
    for clause in clauses {
        signs(&mut out, q, done..clause.start, run);
        done = clause.start + clause.text.len();
        if !is_plain(clause) {
            run += 1;
            continue;
        }
        let range = clause.start..done;
        let text = q.get(range.clone()).unwrap_or("");
        let mut from = 0;
        for (at, comma) in cuts(text) {
            push(
                &mut out,
                q,
                range.start + from..range.start + at,
                (run, comma),
            );
            from = at + usize::from(comma);
        }
    }
    signs(&mut out, q, done..q.len(), run);
    out
}

// Pieces of a gap that touch no clause.
fn signs<'q>(out: &mut Vec<Token<'q>>, q: &'q str, gap: Range<usize>, run: usize) {
    let text = q.get(gap.clone()).unwrap_or("");
    let mut from = 0;
    for piece in text.split_inclusive(char::is_whitespace) {
        let sign = piece.trim_end();
        let start = gap.start + from;
        from += piece.len();
        let ends = sign.len() < piece.len() || start + sign.len() == q.len();
        let plain = sign.chars().all(|c| !c.is_alphanumeric() && !is_quote(c));
        if ends && plain && !sign.is_empty() && sign.len() <= 8 {
            push(out, q, start..start + sign.len(), (run, false));
        }
    }
}

// Ends of the parts of a word, and whether a comma ends them: `Berlin,Germany`
// is two, `80,000` one.
fn cuts(text: &str) -> Vec<(usize, bool)> {
    let mut cuts: Vec<(usize, bool)> = Vec::new();
    for (at, _) in text.match_indices([',', ';']) {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let behind = text.get(at + 1..).and_then(|t| t.chars().next());
        if !(digit(before) && digit(behind)) {
            cuts.push((at, true));
        }
    }
    cuts.push((text.len(), false));
    cuts
}

fn push<'q>(
    out: &mut Vec<Token<'q>>,
    q: &'q str,
    range: Range<usize>,
    (run, comma): (usize, bool),
) {
    let text = q.get(range.clone()).unwrap_or("");
    let kept = text.trim_start_matches(['(', '[', '{', '\'', '’', '*', '•', ',', ';', '!', '?']);
    let start = range.start + text.len() - kept.len();
    let kept = kept.trim_end_matches([')', ']', '}', '\'', '’', '*', ':', '.', '!', '?', ',', ';']);
    if kept.is_empty() {
        if let Some(last) = out.last_mut() {
            last.comma |= comma;
        }
        return;
    }
    out.push(Token {
        range: start..start + kept.len(),
        raw: kept,
        text: fold(kept).replace('’', "'"),
        run,
        comma,
    });
}

/// The tokens of a text on its own.
pub(crate) fn of_text(text: &str) -> Vec<Token<'_>> {
    tokens(text, &parse(text, |_| false))
}

/// How many tokens a phrase of folded words has, if the tokens begin with it.
pub(crate) fn phrase(tokens: &[Token], text: &str) -> Option<usize> {
    let mut count = 0;
    for word in text.split(' ') {
        if tokens.get(count)?.text != word {
            return None;
        }
        count += 1;
    }
    Some(count)
}

/// The letters and digits of some tokens, end to end: `full-time` and `full
/// time` are the same.
pub(crate) fn compact<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let chars = texts.into_iter().flat_map(str::chars);
    chars.filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_where_they_stand() {
        let q = "Rust, (Berlin,Germany) 80,000 \"in quotes\" München. -not x € -";
        let clauses = parse(q, |_| false);
        let shown: Vec<(String, usize, bool)> = tokens(q, &clauses)
            .into_iter()
            .map(|token| {
                assert_eq!(q.get(token.range.clone()), Some(token.raw));
                (token.text, token.run, token.comma)
            })
            .collect();
        let expected = [
            ("rust", 0, true),
            ("berlin", 0, true),
            ("germany", 0, false),
            ("80,000", 0, false),
            ("munchen", 1, false),
            ("x", 2, false),
            ("€", 2, false),
            ("-", 2, false),
        ];
        let expected = expected.map(|(text, run, comma)| (text.to_owned(), run, comma));
        assert_eq!(shown, expected);
    }
}
