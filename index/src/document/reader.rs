//! Reads a document's members into checked parts. Owns the rules of each field
//! type; every fault is gathered, none stops the reading.

use serde_json::{Map, Value};

use super::{
    Cell, Document, FieldFault, Group, InPosition, KEYWORD_BYTES_MAX, Level, Origin, SKILLS_MAX,
    VALUES_MAX, check_id, fault, parse_date_ms,
};
use crate::embed::check_vector;
use crate::kinds::{COMMON_MEMBERS, Field, FieldType, Kind, Meaning, did_you_mean};
use crate::{pay, place};

/// A document on its way.
pub(super) struct Reader<'k> {
    pub(super) kind: &'k Kind,
    pub(super) document: Document,
    /// The field that is read, by its number.
    pub(super) at: usize,
    pub(super) faults: Vec<FieldFault>,
}

pub(super) fn pointer(parts: &[&str]) -> String {
    parts.iter().fold(String::new(), |mut out, part| {
        out.push('/');
        out.push_str(&part.replace('~', "~0").replace('/', "~1"));
        out
    })
}

impl Reader<'_> {
    fn refuse(&mut self, parts: &[&str], detail: impl Into<String>) {
        self.faults
            .push(fault("invalid_value", pointer(parts), detail));
    }

    pub(super) fn unknown(&mut self, name: &str) {
        let known = self.kind.fields.iter().map(|field| field.name.as_str());
        let mut fault = fault(
            "unknown_field",
            pointer(&[name]),
            format!("{} have no such field", self.kind.name),
        );
        fault.did_you_mean = did_you_mean(name, known.chain(COMMON_MEMBERS));
        self.faults.push(fault);
    }

    pub(super) fn common(
        &mut self,
        members: &Map<String, Value>,
        path_id: Option<&str>,
        needs_id: bool,
    ) {
        let own = match members.get("id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id.clone()),
            // A fraction may be read back as another one.
            Some(Value::Number(number)) if number.is_u64() || number.is_i64() => {
                Some(number.to_string())
            }
            Some(_) => {
                self.refuse(&["id"], "an id is a string");
                None
            }
        };
        if let (Some(own), Some(path)) = (&own, path_id)
            && own != path
        {
            self.refuse(&["id"], "differs from the id in the path");
        }
        let id = path_id.map(str::to_owned).or(own).unwrap_or_default();
        if (needs_id || !id.is_empty())
            && let Err(invalid) = check_id(&id)
        {
            self.faults.extend(invalid.faults);
        }
        self.document.id = id;
        match members.get("version") {
            None | Some(Value::Null) => {}
            Some(value) => {
                self.document.version = value.as_u64();
                if self.document.version.is_none() {
                    let expected = "a version is a whole number from 0 to 18446744073709551615";
                    self.refuse(&["version"], expected);
                }
            }
        }
        match members.get("subject") {
            None | Some(Value::Null | Value::String(_)) => {}
            Some(_) => self.refuse(&["subject"], "a subject is a string"),
        }
        match members.get("language") {
            None | Some(Value::Null) => {}
            Some(Value::String(tag)) if !tag.is_empty() && tag.len() <= 35 => {
                self.document.language = Some(tag.clone());
            }
            Some(_) => self.refuse(&["language"], "a language is a BCP 47 tag such as \"en\""),
        }
        self.vector(members.get("vector"));
    }

    fn vector(&mut self, value: Option<&Value>) {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return;
        };
        let Some(list) = value.as_array() else {
            self.refuse(&["vector"], "a vector is a list of numbers");
            return;
        };
        let numbers: Option<Vec<f32>> = list.iter().map(|n| n.as_f64().map(|n| n as f32)).collect();
        match numbers {
            None => self.refuse(&["vector"], "a vector is a list of numbers"),
            Some(numbers) => match check_vector(&numbers, self.kind.dimensions) {
                Ok(()) => self.document.vector = Some(numbers),
                Err(error) => {
                    self.faults
                        .push(fault("invalid_vector", "/vector".into(), error.to_string()));
                }
            },
        }
    }

    fn set(&mut self, field: &Field, part: &str, cell: Cell) {
        let name = format!("{}{part}", field.name);
        if let Some(column) = self.kind.column(&name) {
            self.document.cells[column] = cell;
        }
    }

    fn text(&mut self, group: Group, text: String) {
        self.text_in(group, text, None);
    }

    fn text_in(&mut self, group: Group, text: String, position: Option<(u32, InPosition)>) {
        if !text.trim().is_empty() {
            self.document.texts.push((group, text));
            self.document.origins.push(Origin {
                field: self.at,
                position,
            });
        }
    }

    pub(super) fn field(&mut self, field: &Field, value: &Value) {
        let name = field.name.as_str();
        match field.field_type {
            FieldType::Text => match strings(value) {
                Some(parts) => {
                    let group = match field.meaning {
                        Some(Meaning::Title) => Group::Title,
                        Some(Meaning::Name) => Group::Name,
                        _ => Group::Text,
                    };
                    let before = self.document.texts.len();
                    self.text(group, parts.join("\n"));
                    if field.meaning == Some(Meaning::Education) {
                        let own = before..self.document.texts.len();
                        self.document.schools.extend(own);
                    }
                }
                None => self.refuse(&[name], "expected text or a list of texts"),
            },
            FieldType::Keyword => self.keyword(field, value),
            FieldType::Skills => self.skills(field, value),
            FieldType::Number => match value.as_f64() {
                Some(number) => self.set(field, "", Cell::Number(number)),
                None => self.refuse(&[name], "expected a number"),
            },
            FieldType::Date => match value.as_str().and_then(parse_date_ms) {
                Some(ms) => self.set(field, "", Cell::Number(ms as f64)),
                None => self.refuse(&[name], "expected an RFC 3339 date or date-time"),
            },
            FieldType::Flag => match value.as_bool() {
                Some(flag) => self.set(field, "", Cell::Words(vec![flag.to_string()])),
                None => self.refuse(&[name], "expected true or false"),
            },
            FieldType::Place => self.place(field, value),
            FieldType::Pay => self.pay(field, value),
            FieldType::Positions => self.positions(field, value),
            FieldType::Private => {
                collect_strings(value, &mut self.document.private);
                if let Some(column) = self.kind.person_column(name) {
                    self.document.cells[column] = names_of(value);
                }
            }
            FieldType::Stored => {}
        }
    }

    fn keyword(&mut self, field: &Field, value: &Value) {
        let name = field.name.as_str();
        let Some(mut values) = strings(value) else {
            self.refuse(&[name], "expected a string or a list of strings");
            return;
        };
        values.retain(|value| !value.trim().is_empty());
        if values.len() > VALUES_MAX || values.iter().any(|v| v.len() > KEYWORD_BYTES_MAX) {
            self.refuse(
                &[name],
                format!("at most {VALUES_MAX} values of {KEYWORD_BYTES_MAX} bytes"),
            );
            return;
        }
        if let Some(at) = values
            .iter()
            .position(|v| !field.values.is_empty() && !field.values.contains(v))
        {
            let mut fault = fault(
                "invalid_value",
                pointer(&[name]),
                format!("expected one of: {}", field.values.join(", ")),
            );
            fault.did_you_mean = did_you_mean(&values[at], field.values.iter().map(String::as_str));
            self.faults.push(fault);
            return;
        }
        if field.meaning == Some(Meaning::Name) {
            self.text(Group::Name, values.join("\n"));
        }
        if !values.is_empty() {
            self.set(field, "", Cell::Words(values));
        }
    }

    fn skills(&mut self, field: &Field, value: &Value) {
        let name = field.name.as_str();
        let Some(list) = value.as_array() else {
            self.refuse(&[name], "expected a list of skill names");
            return;
        };
        if list.len() > VALUES_MAX {
            self.refuse(&[name], format!("at most {VALUES_MAX} skills"));
            return;
        }
        let level = Level::listed(field.role, field.meaning);
        let mut names = Vec::with_capacity(list.len());
        for (at, item) in list.iter().enumerate() {
            let at = at.to_string();
            let skill = match item {
                Value::String(_) => Some(item),
                Value::Object(members) => {
                    if let Some(other) = members.keys().find(|key| *key != "name") {
                        let mut unknown = fault(
                            "unknown_field",
                            pointer(&[name, &at, other]),
                            "a skill has a name",
                        );
                        unknown.did_you_mean = Some("name".into());
                        self.faults.push(unknown);
                    }
                    members.get("name").filter(|name| name.is_string())
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
            };
            let skill = skill.and_then(Value::as_str);
            match skill {
                Some(skill) if skill.len() <= KEYWORD_BYTES_MAX => {
                    let skill = skill.trim();
                    if !skill.is_empty() {
                        names.push(skill.to_owned());
                    }
                }
                Some(_) => self.refuse(&[name, &at], "a skill's name is at most 1,024 bytes"),
                None => self.refuse(&[name, &at], "expected a skill's name or {name}"),
            }
        }
        if self.document.skills.len() + names.len() > SKILLS_MAX {
            self.refuse(&[name], format!("at most {SKILLS_MAX} skills in all"));
            return;
        }
        self.text(Group::Skills, names.join("\n"));
        self.document
            .skills
            .extend(names.iter().map(|n| (n.clone(), level)));
        if !names.is_empty() {
            self.set(field, "", Cell::Words(names));
        }
    }

    fn place(&mut self, field: &Field, value: &Value) {
        match place::parse(value) {
            Ok(place) => {
                for (part, word) in [
                    (".city", place.city),
                    (".region", place.region),
                    (".country", place.country),
                ] {
                    if let Some(word) = word {
                        self.set(field, part, Cell::Words(vec![word]));
                    }
                }
                if let Some((lat, lon)) = place.coordinates {
                    self.set(field, ".lat", Cell::Number(lat));
                    self.set(field, ".lon", Cell::Number(lon));
                }
                self.text(Group::Text, place.text);
            }
            Err((part, detail)) => {
                let parts = [field.name.as_str(), part];
                let used = if part.is_empty() { 1 } else { 2 };
                self.refuse(&parts[..used], detail);
            }
        }
    }

    fn pay(&mut self, field: &Field, value: &Value) {
        match pay::parse(value) {
            Ok(pay) => {
                for (part, number) in [(".min", pay.min), (".max", pay.max)] {
                    if let Some(number) = number {
                        self.set(field, part, Cell::Number(number));
                    }
                }
                if let Some(currency) = pay.currency {
                    self.set(field, ".currency", Cell::Words(vec![currency]));
                }
            }
            Err((part, detail)) => {
                let parts = [field.name.as_str(), part];
                let used = if part.is_empty() { 1 } else { 2 };
                self.refuse(&parts[..used], detail);
            }
        }
    }

    fn positions(&mut self, field: &Field, value: &Value) {
        let name = field.name.as_str();
        let Some(list) = value.as_array() else {
            self.refuse(&[name], "expected a list of positions");
            return;
        };
        for (number, item) in list.iter().enumerate() {
            let at = number.to_string();
            let Some(members) = item.as_object() else {
                self.refuse(&[name, &at], "expected {title, company, from, to, text}");
                continue;
            };
            for (member, value) in members {
                let known = ["title", "company", "from", "to", "text"];
                if !known.contains(&member.as_str()) {
                    let mut unknown = fault(
                        "unknown_field",
                        pointer(&[name, &at, member]),
                        "a position has title, company, from, to and text",
                    );
                    unknown.did_you_mean = did_you_mean(member, known);
                    self.faults.push(unknown);
                } else if !value.is_string() && !value.is_null() {
                    self.refuse(&[name, &at, member], "expected a string");
                }
            }
            for member in [InPosition::Title, InPosition::Text] {
                if let Some(Value::String(text)) = members.get(member.name()) {
                    let position = Some((number as u32, member));
                    self.text_in(Group::Text, text.clone(), position);
                }
            }
        }
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(list) => list
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

// The names a value says, as they are compared: a name, a list of them, or one in
// parts.
fn names_of(value: &Value) -> Cell {
    let mut names = Vec::new();
    match value {
        Value::String(name) => names.push(folded_name(name)),
        Value::Array(list) => {
            let strings = list.iter().filter_map(Value::as_str);
            names.extend(strings.take(VALUES_MAX).map(folded_name));
        }
        Value::Object(parts) => {
            let of = |keys: &[&str]| keys.iter().find_map(|key| parts.get(*key)?.as_str());
            names.extend(of(&WHOLE_NAMES).map(folded_name));
            let (given, family) = (of(&GIVEN_NAMES), of(&FAMILY_NAMES));
            let whole = [given, of(&["middle", "middle_name"]), family];
            let join = |parts: &[Option<&str>]| {
                let parts: Vec<&str> = parts.iter().flatten().copied().collect();
                folded_name(&parts.join(" "))
            };
            if given.is_some() && family.is_some() {
                names.push(join(&whole));
                names.push(join(&[given, family]));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    names.retain(|name| !name.is_empty() && name.len() <= KEYWORD_BYTES_MAX);
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Cell::Unknown;
    }
    Cell::Words(names)
}

const WHOLE_NAMES: [&str; 5] = ["full", "full_name", "name", "display", "text"];
const GIVEN_NAMES: [&str; 4] = ["given", "first", "given_name", "first_name"];
const FAMILY_NAMES: [&str; 5] = ["family", "last", "family_name", "last_name", "surname"];

/// A person's name as it is compared: folded, with single blanks.
pub fn folded_name(name: &str) -> String {
    let folded = crate::analysis::fold(name).replace(['’', '‘', '`'], "'");
    let words: Vec<&str> = folded.split_whitespace().collect();
    words.join(" ")
}

fn collect_strings(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|item| collect_strings(item, out)),
        Value::Object(members) => members.values().for_each(|item| collect_strings(item, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
