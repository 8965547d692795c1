//! A document as a blind answer shows it: private fields left out, and in its texts a
//! mark such as `[name]` for everything analysis cuts.

use serde_json::{Map, Value};

use super::document::together;
use super::{About, Cut, Mark, cuts, found, joined, marked, mentions};
use crate::kinds::{Field, FieldType, Kind, Meaning};

/// Members that stay as they are: none says who somebody is, and ids are how one asks
/// for them.
const KEPT: [&str; 4] = ["id", "version", "language", "vector"];

/// Whether documents of a kind are about people, and so blind answers mask them.
pub fn is_about_people(kind: &Kind) -> bool {
    kind.person || kind.is_person()
}

/// Masks a stored document. Kinds that are not about people stay as they are.
pub fn show(kind: &Kind, document: &mut Map<String, Value>) {
    if !is_about_people(kind) {
        return;
    }
    let mut private = Vec::new();
    for field in &kind.fields {
        if field.field_type == FieldType::Private
            && let Some(value) = document.remove(&field.name)
        {
            strings(&value, &mut private);
        }
    }
    // Whom the document is about may be an address.
    if let Some(subject) = document.remove("subject") {
        strings(&subject, &mut private);
    }
    let texts = texts(kind, document);
    let about: Vec<(About, &str)> = texts
        .iter()
        .map(|text| (text.about, text.whole.as_str()))
        .collect();
    let cut = together(&about, &private);
    let said = about
        .iter()
        .flat_map(|(about, text)| found(text, *about).names);
    let told = private.iter().filter(|value| value.trim().len() >= 3);
    let names: Vec<String> = said.chain(told.cloned()).collect();
    for (text, cuts) in texts.iter().zip(&cut) {
        put(document, text, cuts);
    }
    for (name, value) in document.iter_mut() {
        let is_text = kind
            .field(name)
            .is_some_and(|field| field.field_type == FieldType::Text);
        if !KEPT.contains(&name.as_str()) && !is_text {
            plain(value, &names);
        }
    }
}

/// A text of a document, of one string or of several below each other.
struct Text {
    about: About,
    whole: String,
    /// Where the strings are: a field's, or a member of one of its positions.
    field: String,
    position: Option<(usize, &'static str)>,
}

fn texts(kind: &Kind, document: &Map<String, Value>) -> Vec<Text> {
    let mut out = Vec::new();
    for field in &kind.fields {
        let Some(value) = document.get(&field.name) else {
            continue;
        };
        match field.field_type {
            FieldType::Text => {
                let mut parts = Vec::new();
                strings(value, &mut parts);
                out.push(Text {
                    about: about(field),
                    whole: parts.join("\n"),
                    field: field.name.clone(),
                    position: None,
                });
            }
            FieldType::Positions => {
                for (at, position) in value.as_array().into_iter().flatten().enumerate() {
                    for member in ["title", "text"] {
                        if let Some(text) = position.get(member).and_then(Value::as_str) {
                            out.push(Text {
                                about: About::Person,
                                whole: text.to_owned(),
                                field: field.name.clone(),
                                position: Some((at, member)),
                            });
                        }
                    }
                }
            }
            FieldType::Keyword
            | FieldType::Skills
            | FieldType::Number
            | FieldType::Date
            | FieldType::Flag
            | FieldType::Place
            | FieldType::Pay
            | FieldType::Private
            | FieldType::Stored => {}
        }
    }
    out
}

fn about(field: &Field) -> About {
    match field.meaning {
        Some(Meaning::Title) => About::Headline,
        Some(Meaning::Education) => About::School,
        Some(Meaning::Name) => About::Nobody,
        _ => About::Person,
    }
}

/// Puts a masked text in the place of its strings.
fn put(document: &mut Map<String, Value>, text: &Text, cuts: &[Cut]) {
    if cuts.is_empty() {
        return;
    }
    let Some(value) = document.get_mut(&text.field) else {
        return;
    };
    if let Some((at, member)) = text.position {
        if let Some(place) = value.get_mut(at).and_then(|one| one.get_mut(member)) {
            *place = Value::String(marked(&text.whole, cuts).into_owned());
        }
        return;
    }
    match value {
        Value::String(one) => *one = marked(&text.whole, cuts).into_owned(),
        Value::Array(list) => {
            let mut start = 0;
            for one in list {
                let Value::String(one) = one else {
                    continue;
                };
                let end = start + one.len();
                let inside: Vec<Cut> = cuts
                    .iter()
                    .filter_map(|cut| within(cut, start, end))
                    .collect();
                *one = marked(one, &inside).into_owned();
                // Behind the line end that joins them.
                start = end + 1;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
    }
}

/// The part of a cut within the bytes of one string, counted from its start.
fn within(cut: &Cut, start: usize, end: usize) -> Option<Cut> {
    let (from, to) = (cut.range.start.max(start), cut.range.end.min(end));
    (from < to).then(|| Cut {
        range: from - start..to - start,
        mark: cut.mark,
    })
}

/// Masks contacts and whole names in values that are no prose, at any depth.
fn plain(value: &mut Value, names: &[String]) {
    match value {
        Value::String(text) => {
            let mut found = cuts(text, About::Nobody);
            let said = mentions::of_names(text, names).into_iter();
            found.extend(said.map(|range| Cut {
                range,
                mark: Mark::Name,
            }));
            if !found.is_empty() {
                *text = marked(text, &joined(found)).into_owned();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| plain(one, names)),
        Value::Object(members) => members.values_mut().for_each(|one| plain(one, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn strings(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|one| strings(one, out)),
        Value::Object(members) => members.values().for_each(|one| strings(one, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
