//! What is cut of a document: its texts looked at together, because a name that one
//! of them says stands in the others too.

use super::{About, Cut, Found, Mark, found, joined, mentions};
use crate::document::{Document, Group};
use crate::kinds::Kind;

/// Private values shorter than this say nothing.
const VALUE_BYTES_MIN: usize = 3;

/// What to cut of each text of a document, in the order of its texts.
pub fn cuts_of(kind: &Kind, document: &Document) -> Vec<Vec<Cut>> {
    let person = kind.is_person();
    let texts: Vec<(About, &str)> = document
        .texts
        .iter()
        .enumerate()
        .map(|(at, (group, text))| {
            let school = document.schools.contains(&at);
            (about(person, *group, school), text.as_str())
        })
        .collect();
    let private = if person { &document.private[..] } else { &[] };
    together(&texts, private)
}

/// Whom a text of a group is about.
fn about(person: bool, group: Group, school: bool) -> About {
    match group {
        Group::Text if person && school => About::School,
        Group::Text if person => About::Person,
        Group::Title if person => About::Headline,
        Group::Title | Group::Name | Group::Skills | Group::Text => About::Nobody,
    }
}

/// What to cut of texts of one document: what each says of itself, every mention of
/// a private value, and every name that one of them was found to say.
pub(super) fn together(texts: &[(About, &str)], private: &[String]) -> Vec<Vec<Cut>> {
    let mut all: Vec<Found> = texts
        .iter()
        .map(|(about, text)| found(text, *about))
        .collect();
    let mut names: Vec<String> = Vec::new();
    for name in all.iter().flat_map(|found| &found.names) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let values = || {
        let values = private.iter().map(|value| value.trim());
        values.filter(|value| value.len() >= VALUE_BYTES_MIN)
    };
    if names.is_empty() && values().next().is_none() {
        return all.into_iter().map(|found| found.cuts).collect();
    }
    let of = |mark: Mark| move |range| Cut { range, mark };
    for (found, (_, text)) in all.iter_mut().zip(texts) {
        found.cuts.extend(
            mentions::of_names(text, &names)
                .into_iter()
                .map(of(Mark::Name)),
        );
        for value in values() {
            let mark = mark_of(value);
            found
                .cuts
                .extend(mentions::mentions(text, value).into_iter().map(of(mark)));
        }
    }
    all.into_iter().map(|found| joined(found.cuts)).collect()
}

/// What a private value is shown as: names have no digits and no signs of addresses.
fn mark_of(value: &str) -> Mark {
    let address = |letter: char| letter.is_ascii_digit() || matches!(letter, '@' | '/' | ':');
    if value.contains(address) {
        Mark::Contact
    } else {
        Mark::Name
    }
}
