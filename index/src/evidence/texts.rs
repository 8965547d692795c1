//! The words of a document, and where each stands in its JSON. Owns the way from
//! a term to pointers; recomputed when an explanation asks, stored nowhere.

use std::ops::Range;

use serde_json::Value as Json;

use crate::analysis::{self, TermKey, Words};
use crate::document::{Document, Group, Origin};
use crate::kinds::Kind;
use crate::row;

/// Bytes of a string of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Pointer (RFC 6901) to the string.
    pub pointer: String,
    /// First byte in it, as UTF-8.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

struct Text {
    group: Group,
    origin: Origin,
    words: Words,
    cut: Vec<Range<usize>>,
}

/// The texts of a document as they are analysed.
pub struct Texts<'d> {
    kind: &'d Kind,
    document: &'d Document,
    read: Vec<Text>,
}

impl<'d> Texts<'d> {
    /// Takes the texts of a document of `kind` apart, without what privacy cuts.
    pub fn of(kind: &'d Kind, document: &'d Document) -> Self {
        let masked = row::masked(kind, document);
        let language = row::language_of(document, &masked);
        let texts = masked.into_iter().zip(&document.origins);
        let texts = texts.map(|(text, origin)| {
            let mut words = Words::default();
            analysis::analyse(&text.text, language, &mut words);
            Text {
                group: text.group,
                origin: *origin,
                words,
                cut: text.cut,
            }
        });
        Self {
            kind,
            document,
            read: texts.collect(),
        }
    }

    /// Where a group says these words one behind the other; each is a word or its
    /// stem. At most `most` places, in the order of the texts.
    pub fn find(&self, group: Group, keys: &[TermKey], most: usize) -> Vec<Place> {
        let mut places = Vec::new();
        for text in self.read.iter().filter(|text| text.group == group) {
            for said in text.words.items().windows(keys.len().max(1)) {
                let is = |(word, key): (&analysis::Word, &TermKey)| {
                    word.key == *key || word.stem_key == Some(*key)
                };
                if keys.is_empty() || !said.iter().zip(keys).all(is) {
                    continue;
                }
                let (Some(first), Some(last)) = (said.first(), said.last()) else {
                    continue;
                };
                places.extend(self.place(text, first.start as usize, last.end as usize));
                if places.len() == most {
                    return places;
                }
            }
        }
        places
    }

    /// The whole of the first text of a group, where nothing was cut out of it.
    pub fn whole(&self, group: Group) -> Option<Place> {
        let text = self.read.iter().find(|text| text.group == group)?;
        let words = text.words.items();
        let (first, last) = (words.first()?, words.last()?);
        self.place(text, first.start as usize, last.end as usize)
    }

    fn place(&self, text: &Text, start: usize, end: usize) -> Option<Place> {
        let is_cut = |cut: &Range<usize>| cut.start < end && start < cut.end;
        if text.cut.iter().any(is_cut) {
            return None;
        }
        let json = &self.document.json;
        let (pointer, start, end) = if text.group == Group::Skills {
            self.in_list(text.origin, start, end)?
        } else {
            text.origin.place(self.kind, json, (start, end))?
        };
        Some(Place {
            pointer,
            start: start as u32,
            end: end as u32,
        })
    }

    // Skills are one text, trimmed, a line each; empty names are left out.
    fn in_list(&self, origin: Origin, start: usize, end: usize) -> Option<(String, usize, usize)> {
        let name = self.kind.fields.get(origin.field)?.name.as_str();
        let mut from = 0;
        for (at, item) in self.document.json.get(name)?.as_array()?.iter().enumerate() {
            let (string, member) = listed_name(item)?;
            let trimmed = string.trim();
            if trimmed.is_empty() {
                continue;
            }
            let to = from + trimmed.len();
            if (from..to).contains(&start) {
                let blank = string.len() - string.trim_start().len();
                let name = name.replace('~', "~0").replace('/', "~1");
                let place = (start - from + blank, end.checked_sub(from)? + blank);
                return (end <= to).then(|| (format!("/{name}/{at}{member}"), place.0, place.1));
            }
            from = to + 1;
        }
        None
    }
}

/// The name of an item of a list of skills, and the member it is.
pub(super) fn listed_name(item: &Json) -> Option<(&str, &'static str)> {
    match item {
        Json::String(name) => Some((name.as_str(), "")),
        Json::Object(members) => Some((members.get("name")?.as_str()?, "/name")),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => None,
    }
}
