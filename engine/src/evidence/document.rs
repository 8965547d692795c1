//! One side of an explanation: a document, what it says and where. Owns which
//! field or which words of prose a value of a row came from.

use serde_json::Value as Json;
use tandem_index::document::{Cell, Document};
use tandem_index::evidence::{self, Evidence as Said, Place};
use tandem_index::facts::{Need, Spoken, Value, Workplace, certificate_named, spoken};
use tandem_index::kinds::{Kind, Meaning};
use tandem_index::row::{self, SURE_MIN};

use super::{SPANS_MAX, Span, Text, Texts};
use crate::score::{degree_name, same_word};

/// A document, read again.
pub(super) struct Read {
    document: Document,
    cells: Vec<Cell>,
    /// The language it is written in, by its tag.
    language: Option<&'static str>,
    said: Vec<Said>,
}

impl Read {
    pub(super) fn of(kind: &Kind, document: Document) -> Self {
        let said = evidence::of(kind, &document);
        let row = row::analyse(kind, document.clone());
        Self {
            document,
            cells: row.cells,
            language: row.language.map(tandem_index::analysis::Language::tag),
            said,
        }
    }

    pub(super) fn stored(kind: &Kind, document: &Json, id: &str) -> Option<Self> {
        let document = Document::parse(kind, document.clone(), Some(id), true).ok()?;
        Some(Self::of(kind, document))
    }
}

/// A document with its words.
pub(super) struct Doc<'d> {
    pub(super) kind: &'d Kind,
    read: &'d Read,
    pub(super) words: evidence::Texts<'d>,
}

impl<'d> Doc<'d> {
    pub(super) fn of(kind: &'d Kind, read: &'d Read) -> Self {
        Self {
            kind,
            read,
            words: evidence::Texts::of(kind, &read.document),
        }
    }

    pub(super) fn language(&self) -> Option<&'static str> {
        self.read.language
    }

    pub(super) fn number(&self, column: Option<usize>) -> Option<f64> {
        match self.read.cells.get(column?)? {
            Cell::Number(number) => Some(*number),
            Cell::Unknown | Cell::Words(_) => None,
        }
    }

    pub(super) fn list(&self, column: Option<usize>) -> &[String] {
        match column.and_then(|at| self.read.cells.get(at)) {
            Some(Cell::Words(words)) => words,
            Some(Cell::Unknown | Cell::Number(_)) | None => &[],
        }
    }

    /// Where a skill stands, lists first.
    pub(super) fn skill(&self, skill: u32) -> Vec<Span> {
        let of = |listed: bool| {
            let said = self.read.said.iter();
            said.filter(move |said| {
                said.listed == listed && said.skill.is_some_and(|own| own.0 == skill)
            })
        };
        let all = of(true).chain(of(false));
        all.filter_map(|said| self.said(said))
            .take(SPANS_MAX)
            .collect()
    }

    /// How much prose wants a skill it names.
    pub(super) fn need(&self, skill: u32) -> Option<Need> {
        let mut said = self.read.said.iter();
        let is = |said: &&Said| said.skill.is_some_and(|own| own.0 == skill);
        said.find(is).and_then(Said::need)
    }

    /// Where facts of a sort stand that are sure enough to fill a field.
    pub(super) fn facts(&self, is: impl Fn(&Value) -> bool) -> Vec<Span> {
        let said = self.read.said.iter();
        let sure = said.filter(|said| !said.listed && said.sure >= SURE_MIN && is(&said.value));
        sure.filter_map(|said| self.said(said))
            .take(SPANS_MAX)
            .collect()
    }

    fn said(&self, said: &Said) -> Option<Span> {
        let place = Place {
            pointer: said.pointer.clone(),
            start: said.start,
            end: said.end,
        };
        self.span(&place, said.listed, said.sure)
    }

    /// A place as a span.
    pub(super) fn span(&self, place: &Place, given: bool, sure: u8) -> Option<Span> {
        let string = self.read.document.json.pointer(&place.pointer)?.as_str()?;
        let text = string.get(place.start as usize..place.end as usize)?;
        let before = string.get(..place.start as usize)?;
        let units = |text: &str| text.encode_utf16().count() as u32;
        let start = units(before);
        Some(Span {
            pointer: place.pointer.clone(),
            bytes: Some((place.start, place.end)),
            utf16: Some((start, start + units(text))),
            text: text.to_owned(),
            given,
            sure,
        })
    }

    /// Words that are said, as spans.
    pub(super) fn spans(&self, places: &[Place]) -> Vec<Span> {
        let spans = places
            .iter()
            .filter_map(|place| self.span(place, false, 100));
        spans.take(SPANS_MAX).collect()
    }

    /// A whole value of the document.
    pub(super) fn whole(&self, pointer: String) -> Option<Span> {
        match self.read.document.json.pointer(&pointer)? {
            Json::Null => None,
            Json::String(text) => {
                let place = Place {
                    start: 0,
                    end: text.len() as u32,
                    pointer,
                };
                self.span(&place, true, 100)
            }
            value @ (Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => {
                Some(Span {
                    pointer,
                    bytes: None,
                    utf16: None,
                    text: plain(value),
                    given: true,
                    sure: 100,
                })
            }
        }
    }

    fn given(&self, meaning: Meaning) -> Option<(String, &Json)> {
        let field = self.kind.meaning(meaning)?;
        let value = self.read.document.json.get(&field.name)?;
        let is_empty = match value {
            Json::Null => true,
            Json::String(text) => text.trim().is_empty(),
            Json::Array(items) => items.is_empty(),
            Json::Bool(_) | Json::Number(_) | Json::Object(_) => false,
        };
        let name = field.name.replace('~', "~0").replace('/', "~1");
        (!is_empty).then(|| (format!("/{name}"), value))
    }

    /// The field of a meaning, where the document gives it.
    pub(super) fn field(&self, meaning: Meaning) -> Option<Vec<Span>> {
        let (pointer, _) = self.given(meaning)?;
        Some(self.whole(pointer).into_iter().collect())
    }

    /// Where a value of a row's cell was read: in a field that gives it, or in prose.
    pub(super) fn value(&self, meaning: Meaning, value: &str) -> Vec<Span> {
        let Some((pointer, given)) = self.given(meaning) else {
            return self.facts(|fact| says(meaning, value, fact));
        };
        let Json::Array(items) = given else {
            return self.whole(pointer).into_iter().collect();
        };
        let items = items.iter().enumerate();
        let same = items.filter(|(_, item)| {
            let item = item.as_str().unwrap_or_default();
            same_word(item, value)
                || certificate_named(item) == Some(value)
                || spoken(item).and_then(Spoken::shown).as_deref() == Some(value)
        });
        let spans: Vec<Span> = same
            .filter_map(|(at, _)| self.whole(format!("{pointer}/{at}")))
            .collect();
        if spans.is_empty() {
            return self.whole(pointer).into_iter().collect();
        }
        spans
    }

    /// Its texts: prose in the kind's order, then what else is pointed at.
    pub(super) fn texts(&self, pointers: &[String]) -> Texts {
        let json = &self.read.document.json;
        let mut texts: Vec<Text> = Vec::new();
        for field in &self.kind.fields {
            let name = field.name.replace('~', "~0").replace('/', "~1");
            let is_read = self.read.document.origins.iter().any(|origin| {
                let of = self.kind.fields.get(origin.field);
                of.is_some_and(|of| of.name == field.name)
            });
            if let Some(value) = json.get(&field.name).filter(|_| is_read) {
                strings(&format!("/{name}"), value, &mut texts);
            }
        }
        for pointer in pointers {
            let held = texts.iter().any(|text| text.pointer == *pointer);
            if let Some(span) = self.whole(pointer.clone()).filter(|_| !held) {
                texts.push(Text {
                    pointer: span.pointer,
                    text: span.text,
                });
            }
        }
        let id = &self.read.document.id;
        Texts {
            kind: self.kind.name.clone(),
            id: Some(id.clone()).filter(|id| !id.is_empty()),
            texts,
        }
    }
}

// Every string of a value, each with its pointer.
fn strings(pointer: &str, value: &Json, texts: &mut Vec<Text>) {
    match value {
        Json::String(text) => texts.push(Text {
            pointer: pointer.to_owned(),
            text: text.clone(),
        }),
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                strings(&format!("{pointer}/{at}"), item, texts);
            }
        }
        Json::Object(members) => {
            for (name, item) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                strings(&format!("{pointer}/{name}"), item, texts);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// A value that is no string, in a line.
fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Json::Object(members) => {
            let parts = members.iter().filter(|(_, value)| !value.is_null());
            let parts = parts.map(|(name, value)| format!("{name} {}", plain(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => value.to_string(),
    }
}

// Whether a fact of prose is the one a cell has.
fn says(meaning: Meaning, value: &str, fact: &Value) -> bool {
    match fact {
        Value::Education(level, _) => {
            meaning == Meaning::Degree && degree_name(*level as u8) == value
        }
        Value::Certificate(name, _) => {
            matches!(
                meaning,
                Meaning::Certificates | Meaning::CertificatesPreferred
            ) && same_word(name, value)
        }
        Value::Language(code, level, _) => {
            let one = Spoken {
                code,
                level: *level,
            };
            let shown = one.shown();
            matches!(meaning, Meaning::Languages | Meaning::LanguagesPreferred)
                && shown.is_some_and(|shown| shown == value)
        }
        Value::Seniority(word) => meaning == Meaning::Seniority && *word == value,
        Value::Contract(word) => meaning == Meaning::Contract && same_word(word, value),
        Value::Workplace(place) => {
            let word = match place {
                Workplace::Remote => "remote",
                Workplace::Hybrid => "hybrid",
                Workplace::Onsite => "onsite",
            };
            meaning == Meaning::Remote && word == value
        }
        Value::Skill(..)
        | Value::Unlisted(_)
        | Value::Years { .. }
        | Value::Pay { .. }
        | Value::Place { .. }
        | Value::Industry(_)
        | Value::Position { .. } => false,
    }
}
