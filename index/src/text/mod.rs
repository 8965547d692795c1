//! Postings: which rows have a term, how often. Owns the two forms, one for the
//! small segments of the tail and one for large segments; both answer alike.

mod large;
mod similar;
mod small;

use std::collections::HashMap;

pub use large::LargeText;
pub use similar::{PATTERN_LETTERS_MAX, Pattern};
pub use small::{ROWS_MAX as SMALL_ROWS_MAX, SmallText};

use crate::analysis::TermKey;
use crate::checkpoint::forms::{ArchivedTextForm, TextForm};
use crate::hash::PlainHash;
use crate::terms::Terms;

/// Postings of one segment.
#[derive(Debug)]
pub enum TextPart {
    /// Sorted arrays in plain memory, for up to 65,535 rows.
    Small(SmallText),
    /// A tantivy segment.
    Large(LargeText),
}

impl TextPart {
    /// Calls `each(row, frequency)` for the rows that have a term, rising.
    /// Linear in their number.
    pub fn postings(&self, term: &str, each: &mut impl FnMut(u32, u32)) {
        match self {
            Self::Small(text) => text.postings(term, each),
            Self::Large(text) => text.postings(term, each),
        }
    }

    /// Calls `each` for every term, in byte order.
    pub fn terms(&self, each: &mut impl FnMut(&str)) {
        match self {
            Self::Small(text) => text.terms(each),
            Self::Large(text) => text.terms(each),
        }
    }

    /// Calls `each(term, edits)` for every term a pattern takes, in byte order.
    pub fn similar(&self, pattern: &Pattern, each: &mut impl FnMut(&str, u8)) {
        match self {
            Self::Small(text) => text.similar(pattern, each),
            Self::Large(text) => text.similar(pattern, each),
        }
    }

    /// Calls `each` for every term that begins with `beginning`, in byte order.
    pub fn terms_from(&self, beginning: &str, each: &mut impl FnMut(&str)) {
        match self {
            Self::Small(text) => text.terms_from(beginning, each),
            Self::Large(text) => text.terms_from(beginning, each),
        }
    }

    pub(crate) fn form(&self) -> TextForm<'_> {
        match self {
            Self::Small(text) => TextForm::Small(text.form()),
            Self::Large(text) => TextForm::Large(text.form()),
        }
    }

    pub(crate) fn from_form(form: &ArchivedTextForm<'_>, rows: usize) -> Result<Self, String> {
        match form {
            ArchivedTextForm::Small(form) => Ok(Self::Small(SmallText::from_form(form, rows)?)),
            ArchivedTextForm::Large(files) => Ok(Self::Large(LargeText::from_form(files, rows)?)),
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Small(text) => text.bytes(),
            Self::Large(text) => text.bytes(),
        }
    }
}

/// Texts of the terms of several segments by key.
struct TermTexts {
    arena: String,
    at: HashMap<TermKey, (u32, u32), PlainHash>,
}

impl TermTexts {
    fn of(parts: &[&TextPart]) -> Self {
        let mut texts = Self {
            arena: String::new(),
            at: HashMap::default(),
        };
        for part in parts {
            part.terms(&mut |term| {
                let key = term_key(term);
                if !texts.at.contains_key(&key) {
                    let start = texts.arena.len() as u32;
                    texts.arena.push_str(term);
                    texts.at.insert(key, (start, texts.arena.len() as u32));
                }
            });
        }
        texts
    }

    fn get(&self, key: TermKey) -> &str {
        let (start, end) = self.at.get(&key).copied().unwrap_or((0, 0));
        self.arena.get(start as usize..end as usize).unwrap_or("")
    }
}

/// The key of a term's text, which for a skill holds the skill's number.
pub fn term_key(term: &str) -> TermKey {
    term.strip_prefix("~skill:")
        .and_then(|number| number.parse().ok())
        .map_or_else(|| TermKey::of(term), TermKey::skill)
}

/// Builds the large form for the rows of `terms`, which came from `parts`.
pub fn build_large(parts: &[&TextPart], terms: &Terms) -> TextPart {
    TextPart::Large(LargeText::build(&TermTexts::of(parts), terms))
}

/// Merges small forms: `kept` says for each source which rows go on, in order.
/// The rows must fit the small form.
pub fn merge_small(sources: &[(&TextPart, &[u32])], terms: &Terms) -> TextPart {
    let small: Option<Vec<(&SmallText, &[u32])>> = sources
        .iter()
        .map(|(part, rows)| match part {
            TextPart::Small(text) => Some((text, *rows)),
            TextPart::Large(_) => None,
        })
        .collect();
    if let Some(small) = small {
        return TextPart::Small(SmallText::merge(&small));
    }
    let parts: Vec<&TextPart> = sources.iter().map(|(part, _)| *part).collect();
    build_large(&parts, terms)
}
