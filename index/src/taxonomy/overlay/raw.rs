//! An overlay's members, checked for their types alone. Owns that every wrong
//! one is told, not only the first; what names mean is not its business.

use serde_json::{Map, Value};

use super::faults::{Faults, alike};
use super::{ALIASES_MAX, Form, LINKS_MAX, OTHERS_MAX, SKILLS_MAX, TITLES_MAX};

/// A text and where it stands.
pub(super) struct Placed {
    pub(super) at: String,
    pub(super) text: String,
}

#[derive(Default)]
pub(super) struct RawOverlay {
    pub(super) skills: Vec<RawSkill>,
    pub(super) links: Vec<RawLink>,
    pub(super) titles: Vec<RawTitle>,
}

pub(super) struct RawSkill {
    pub(super) at: String,
    pub(super) name: Placed,
    pub(super) category: Option<Placed>,
    pub(super) aliases: Vec<Placed>,
}

pub(super) struct RawLink {
    pub(super) at: String,
    pub(super) kind: Placed,
    pub(super) skill: Placed,
    pub(super) others: Vec<Placed>,
}

pub(super) struct RawTitle {
    pub(super) at: String,
    pub(super) title: Placed,
    pub(super) occupation: Placed,
}

impl RawOverlay {
    /// What of a text has the right types.
    pub(super) fn read(text: &str, form: Form, faults: &mut Faults) -> Self {
        let mut raw = Self::default();
        let value = match value(text, form) {
            Ok(value) => value,
            Err(said) => {
                faults.add("", said);
                return raw;
            }
        };
        let Some(whole) = object(&value, "", &["skills", "links", "titles"], faults) else {
            return raw;
        };
        for (at, one) in list(whole, "skills", SKILLS_MAX, faults) {
            raw.skills.extend(skill(one, at, faults));
        }
        for (at, one) in list(whole, "links", LINKS_MAX, faults) {
            raw.links.extend(link(one, at, faults));
        }
        for (at, one) in list(whole, "titles", TITLES_MAX, faults) {
            raw.titles.extend(title(one, at, faults));
        }
        raw
    }
}

fn value(text: &str, form: Form) -> Result<Value, String> {
    match form {
        Form::Json => {
            serde_json::from_str(text).map_err(|cause| format!("not valid JSON: {cause}"))
        }
        Form::Toml => toml::from_str(text).map_err(|cause| {
            let said = cause.message().trim().replace('\n', ", ");
            let Some(span) = cause.span() else {
                return format!("not valid TOML: {said}");
            };
            let before = text.get(..span.start).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before
                .rsplit('\n')
                .next()
                .map_or(0, |row| row.chars().count())
                + 1;
            format!("not valid TOML: line {line}, column {column}: {said}")
        }),
    }
}

fn skill(value: &Value, at: String, faults: &mut Faults) -> Option<RawSkill> {
    let known = ["name", "category", "aliases"];
    let held = object(value, &at, &known, faults)?;
    let category = held.contains_key("category");
    let category = category.then(|| text(held, &at, "category", faults));
    let aliases = texts(held, &at, "aliases", ALIASES_MAX, faults);
    Some(RawSkill {
        name: text(held, &at, "name", faults)?,
        category: category.flatten(),
        aliases,
        at,
    })
}

fn link(value: &Value, at: String, faults: &mut Faults) -> Option<RawLink> {
    let held = object(value, &at, &["kind", "skill", "others"], faults)?;
    if !held.contains_key("others") {
        faults.add(&member(&at, "others"), "is missing");
    }
    let others = texts(held, &at, "others", OTHERS_MAX, faults);
    let (kind, skill) = (
        text(held, &at, "kind", faults),
        text(held, &at, "skill", faults),
    );
    Some(RawLink {
        kind: kind?,
        skill: skill?,
        others,
        at,
    })
}

fn title(value: &Value, at: String, faults: &mut Faults) -> Option<RawTitle> {
    let held = object(value, &at, &["title", "occupation"], faults)?;
    let (title, occupation) = (
        text(held, &at, "title", faults),
        text(held, &at, "occupation", faults),
    );
    Some(RawTitle {
        title: title?,
        occupation: occupation?,
        at,
    })
}

fn member(at: &str, name: &str) -> String {
    if at.is_empty() {
        return name.to_owned();
    }
    format!("{at}.{name}")
}

/// The members of an object; others than the known ones are faults.
fn object<'v>(
    value: &'v Value,
    at: &str,
    known: &[&str],
    faults: &mut Faults,
) -> Option<&'v Map<String, Value>> {
    let Some(held) = value.as_object() else {
        faults.add(at, "must have named members");
        return None;
    };
    for name in held.keys().filter(|name| !known.contains(&name.as_str())) {
        let meant = alike(name, known.iter().copied());
        let all = known.join(", ");
        faults.add_meant(
            &member(at, &format!("{name:.80}")),
            format!("is none of {all}"),
            meant,
        );
    }
    Some(held)
}

/// The elements of a list with their places; none where it is not there.
fn list<'v>(
    held: &'v Map<String, Value>,
    name: &str,
    most: usize,
    faults: &mut Faults,
) -> Vec<(String, &'v Value)> {
    let Some(value) = held.get(name) else {
        return Vec::new();
    };
    let Some(list) = value.as_array() else {
        faults.add(name, "must be a list");
        return Vec::new();
    };
    faults.count(name, list.len(), most);
    let each = list.iter().take(most).enumerate();
    each.map(|(at, one)| (format!("{name}[{at}]"), one))
        .collect()
}

fn text(held: &Map<String, Value>, at: &str, name: &str, faults: &mut Faults) -> Option<Placed> {
    let at = member(at, name);
    match held.get(name) {
        Some(Value::String(text)) => Some(Placed {
            text: text.clone(),
            at,
        }),
        Some(_) => {
            faults.add(&at, "must be a string");
            None
        }
        None => {
            faults.add(&at, "is missing");
            None
        }
    }
}

fn texts(
    held: &Map<String, Value>,
    at: &str,
    name: &str,
    most: usize,
    faults: &mut Faults,
) -> Vec<Placed> {
    let at = member(at, name);
    let Some(value) = held.get(name) else {
        return Vec::new();
    };
    let Some(list) = value.as_array() else {
        faults.add(&at, "must be a list of strings");
        return Vec::new();
    };
    faults.count(&at, list.len(), most);
    let mut texts = Vec::new();
    for (number, one) in list.iter().take(most).enumerate() {
        let at = format!("{at}[{number}]");
        if let Value::String(text) = one {
            let text = text.clone();
            texts.push(Placed { at, text });
        } else {
            faults.add(&at, "must be a string");
        }
    }
    texts
}
