//! The query language: words, phrases, musts, nots, fields. Owns the syntax;
//! knows nothing of kinds or words' analysis. Never fails.

/// What a clause asks of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Better with it.
    Plain,
    /// Only with it.
    Must,
    /// Only without it.
    Not,
}

/// One clause of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Plain, must or not.
    pub sign: Sign,
    /// The field in front of a colon.
    pub field: Option<String>,
    /// The words.
    pub text: String,
    /// Whether they stood in quotes.
    pub phrase: bool,
    /// Where the words begin in the query, in bytes.
    pub start: usize,
}

/// Splits a query into clauses. `is_field` says whether a name in front of a
/// colon is a field; where it is not, the colon is part of the word. A quote
/// that is never closed ends with the query.
pub fn parse(text: &str, is_field: impl Fn(&str) -> bool) -> Vec<Clause> {
    let whole = text;
    let mut clauses = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (sign, after) = match rest.chars().next() {
            Some('-') => (Sign::Not, skip(rest, 1)),
            Some('+') => (Sign::Must, skip(rest, 1)),
            _ => (Sign::Plain, rest),
        };
        // A sign before a space is a dash or a plus, not an operator.
        let (sign, after) = match after.chars().next() {
            Some(next) if !next.is_whitespace() => (sign, after),
            _ if sign == Sign::Plain => (sign, after),
            _ => {
                rest = after.trim_start();
                continue;
            }
        };
        let (field, after) = take_field(after, &is_field);
        let behind_field = after;
        let (text, phrase, after) = take_text(after);
        let quote = behind_field.chars().next().filter(|_| phrase);
        let start = whole.len() - behind_field.len() + quote.map_or(0, char::len_utf8);
        if text.chars().any(char::is_alphanumeric) {
            clauses.push(Clause {
                sign,
                field,
                text,
                phrase,
                start,
            });
        }
        rest = after.trim_start();
    }
    clauses
}

fn skip(text: &str, bytes: usize) -> &str {
    text.get(bytes..).unwrap_or("")
}

pub(crate) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

fn take_field<'a>(text: &'a str, is_field: &impl Fn(&str) -> bool) -> (Option<String>, &'a str) {
    if let Some((name, after)) = text.split_once(':')
        && !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        && after
            .chars()
            .next()
            .is_some_and(|next| !next.is_whitespace())
        && is_field(name)
    {
        return (Some(name.to_owned()), after);
    }
    (None, text)
}

fn take_text(text: &str) -> (String, bool, &str) {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if is_quote(first) => {
            let inside = chars.as_str();
            match inside.char_indices().find(|(_, c)| is_quote(*c)) {
                Some((at, quote)) => (
                    inside.get(..at).unwrap_or("").to_owned(),
                    true,
                    skip(inside, at + quote.len_utf8()),
                ),
                None => (inside.to_owned(), true, ""),
            }
        }
        _ => {
            let end = text
                .char_indices()
                .find(|(_, c)| c.is_whitespace() || is_quote(*c))
                .map_or(text.len(), |(at, _)| at);
            (
                text.get(..end).unwrap_or("").to_owned(),
                false,
                skip(text, end),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Vec<String> {
        parse(text, |name| name == "title")
            .into_iter()
            .map(|clause| {
                let sign = match clause.sign {
                    Sign::Plain => "",
                    Sign::Must => "+",
                    Sign::Not => "-",
                };
                let field = clause.field.map(|f| format!("{f}:")).unwrap_or_default();
                let quote = if clause.phrase { "'" } else { "" };
                format!("{sign}{field}{quote}{}{quote}", clause.text)
            })
            .collect()
    }

    #[test]
    fn queries_as_people_type_them() {
        let cases: [(&str, &[&str]); 12] = [
            ("data engineer", &["data", "engineer"]),
            ("  +must -not plain ", &["+must", "-not", "plain"]),
            ("\"event streaming\" x", &["'event streaming'", "x"]),
            ("-\"no agencies\"", &["-'no agencies'"]),
            (
                "title:senior +title:\"data lead\"",
                &["title:senior", "+title:'data lead'"],
            ),
            ("http://x.y c:d", &["http://x.y", "c:d"]),
            ("c++ c# full-time - -", &["c++", "c#", "full-time"]),
            ("\"never closed", &["'never closed'"]),
            ("a\"b\"c", &["a", "'b'", "c"]),
            ("“curly quotes”", &["'curly quotes'"]),
            ("title: senior", &["title:", "senior"]),
            ("\"\" + - : ::", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_query_panics_and_no_clause_is_empty(text in any::<String>()) {
            for clause in parse(&text, |_| true) {
                prop_assert!(clause.text.chars().any(char::is_alphanumeric));
            }
        }
    }
}
