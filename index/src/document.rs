//! Documents: from a kind's natural JSON to checked parts. Owns validation and
//! its faults; knows nothing of analysis or storage.

use serde_json::{Map, Value};

use crate::embed::check_vector;
use crate::kinds::{COMMON_MEMBERS, Field, FieldType, Kind, Meaning, Role, did_you_mean};
use crate::place;

/// Longest id, in bytes.
pub const ID_BYTES_MAX: usize = 512;
/// Longest keyword, in bytes.
pub const KEYWORD_BYTES_MAX: usize = 1_024;
/// Most values of one keyword or skills field.
pub const VALUES_MAX: usize = 1_000;

/// One thing wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// JSON pointer into the document.
    pub pointer: String,
    /// `unknown_field`, `invalid_value`, `invalid_id` or `invalid_vector`.
    pub code: &'static str,
    /// What is wrong; never the document's own text.
    pub detail: String,
    /// A field that exists and looks like the one given.
    pub did_you_mean: Option<String>,
}

/// Why a document was not taken: at least one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// What is wrong, in the document's order.
    pub faults: Vec<FieldFault>,
}

impl Invalid {
    /// One fault.
    pub fn new(
        code: &'static str,
        pointer: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            faults: vec![fault(code, pointer.into(), detail)],
        }
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{}: {}", fault.pointer, fault.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

/// Which of the four scored groups a text belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The title or headline.
    Title = 0,
    /// The organisation.
    Name = 1,
    /// Names of listed skills.
    Skills = 2,
    /// All other prose.
    Text = 3,
}

/// How many groups there are.
pub const GROUPS: usize = 4;

/// One value of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// The document does not say.
    Unknown,
    /// Exact strings.
    Words(Vec<String>),
    /// A number; dates are milliseconds since 1970.
    Number(f64),
}

/// How a document has a skill. Bits, because it may be several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Level(pub u8);

impl Level {
    /// Wanted and required.
    pub const REQUIRED: Self = Self(1);
    /// Wanted, not required.
    pub const PREFERRED: Self = Self(2);
    /// Offered.
    pub const OFFERED: Self = Self(4);

    /// The level of a listed skill in a field of that role and meaning.
    pub fn listed(role: Role, meaning: Option<Meaning>) -> Self {
        match (role, meaning) {
            (Role::Wants, Some(Meaning::SkillsPreferred)) => Self::PREFERRED,
            (Role::Wants, _) => Self::REQUIRED,
            (Role::Is | Role::Offers, _) => Self::OFFERED,
        }
    }

    /// The level of a skill found in prose of a kind with that skills role.
    pub fn found(role: Role) -> Self {
        match role {
            Role::Wants => Self::PREFERRED,
            Role::Is | Role::Offers => Self::OFFERED,
        }
    }
}

/// A checked document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its id; empty for an inline document that has none.
    pub id: String,
    /// The version it came with.
    pub version: Option<u64>,
    /// The language it says it is in.
    pub language: Option<String>,
    /// A vector of the caller's own.
    pub vector: Option<Vec<f32>>,
    /// Texts to analyse, in the order of the kind's fields.
    pub texts: Vec<(Group, String)>,
    /// A cell for each column of the kind.
    pub cells: Vec<Cell>,
    /// Listed skills as written.
    pub skills: Vec<(String, Level)>,
    /// Values of private fields, to be cut from the texts.
    pub private: Vec<String>,
    /// The document as it came.
    pub json: Value,
}

struct Reader<'k> {
    kind: &'k Kind,
    document: Document,
    faults: Vec<FieldFault>,
}

fn fault(code: &'static str, pointer: String, detail: impl Into<String>) -> FieldFault {
    FieldFault {
        pointer,
        code,
        detail: detail.into(),
        did_you_mean: None,
    }
}

/// Checks an id: 1 to 512 bytes without control characters.
pub fn check_id(id: &str) -> Result<(), Invalid> {
    if id.is_empty() || id.len() > ID_BYTES_MAX {
        return Err(Invalid::new(
            "invalid_id",
            "/id",
            format!("an id has 1 to {ID_BYTES_MAX} bytes, this one has {}", id.len()),
        ));
    }
    if id.chars().any(char::is_control) {
        return Err(Invalid::new(
            "invalid_id",
            "/id",
            "an id has no control characters",
        ));
    }
    Ok(())
}

impl Document {
    /// Checks a document of `kind`. `id` is the one of the path, if there is
    /// one; a stored document needs one, an inline one does not
    /// (`needs_id: false`). Every fault is reported, not only the first.
    pub fn parse(
        kind: &Kind,
        json: Value,
        id: Option<&str>,
        needs_id: bool,
    ) -> Result<Self, Invalid> {
        let Value::Object(members) = json else {
            return Err(Invalid::new(
                "invalid_value",
                "",
                "a document is a JSON object",
            ));
        };
        let mut reader = Reader {
            kind,
            document: Self {
                id: String::new(),
                version: None,
                language: None,
                vector: None,
                texts: Vec::new(),
                cells: vec![Cell::Unknown; kind.columns().len()],
                skills: Vec::new(),
                private: Vec::new(),
                json: Value::Null,
            },
            faults: Vec::new(),
        };
        reader.common(&members, id, needs_id);
        for name in members.keys() {
            if !COMMON_MEMBERS.contains(&name.as_str()) && kind.field(name).is_none() {
                reader.unknown(name);
            }
        }
        for field in &kind.fields {
            if let Some(value) = members.get(&field.name).filter(|value| !value.is_null()) {
                reader.field(field, value);
            }
        }
        if !reader.faults.is_empty() {
            return Err(Invalid {
                faults: reader.faults,
            });
        }
        reader.document.json = Value::Object(members);
        Ok(reader.document)
    }

    /// A document with only its text field: a pasted CV or ad.
    pub fn from_text(kind: &Kind, text: &str) -> Result<Self, Invalid> {
        let field = kind.meaning(Meaning::Text).ok_or_else(|| {
            Invalid::new("invalid_value", "/text", format!("{} have no text field", kind.name))
        })?;
        let mut members = Map::new();
        members.insert(field.name.clone(), Value::String(text.to_owned()));
        Self::parse(kind, Value::Object(members), None, false)
    }
}

fn pointer(parts: &[&str]) -> String {
    parts.iter().fold(String::new(), |mut out, part| {
        out.push('/');
        out.push_str(&part.replace('~', "~0").replace('/', "~1"));
        out
    })
}

impl Reader<'_> {
    fn refuse(&mut self, parts: &[&str], detail: impl Into<String>) {
        self.faults.push(fault("invalid_value", pointer(parts), detail));
    }

    fn unknown(&mut self, name: &str) {
        let known = self.kind.fields.iter().map(|field| field.name.as_str());
        let mut fault = fault(
            "unknown_field",
            pointer(&[name]),
            format!("{} have no such field", self.kind.name),
        );
        fault.did_you_mean = did_you_mean(name, known.chain(COMMON_MEMBERS));
        self.faults.push(fault);
    }

    fn common(&mut self, members: &Map<String, Value>, path_id: Option<&str>, needs_id: bool) {
        let own = match members.get("id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
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
        if needs_id || !id.is_empty() {
            if let Err(invalid) = check_id(&id) {
                self.faults.extend(invalid.faults);
            }
        }
        self.document.id = id;
        match members.get("version") {
            None | Some(Value::Null) => {}
            Some(value) => match value.as_u64() {
                Some(version) => self.document.version = Some(version),
                None => self.refuse(&["version"], "a version is a whole number from 0"),
            },
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
        let numbers: Option<Vec<f32>> =
            list.iter().map(|n| n.as_f64().map(|n| n as f32)).collect();
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
        if !text.trim().is_empty() {
            self.document.texts.push((group, text));
        }
    }

    fn field(&mut self, field: &Field, value: &Value) {
        let name = field.name.as_str();
        match field.field_type {
            FieldType::Text => match strings(value) {
                Some(parts) => {
                    let group = match field.meaning {
                        Some(Meaning::Title) => Group::Title,
                        Some(Meaning::Name) => Group::Name,
                        _ => Group::Text,
                    };
                    self.text(group, parts.join("\n"));
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
            FieldType::Private => collect_strings(value, &mut self.document.private),
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
            fault.did_you_mean =
                did_you_mean(&values[at], field.values.iter().map(String::as_str));
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
                Value::String(skill) => Some(skill),
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
                    match members.get("name") {
                        Some(Value::String(skill)) => Some(skill),
                        _ => None,
                    }
                }
                _ => None,
            };
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
        self.text(Group::Skills, names.join("\n"));
        self.document.skills.extend(names.iter().map(|n| (n.clone(), level)));
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
        match crate::pay::parse(value) {
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
        for (at, item) in list.iter().enumerate() {
            let at = at.to_string();
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
            for member in ["title", "text"] {
                if let Some(Value::String(text)) = members.get(member) {
                    self.text(Group::Text, text.clone());
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
        _ => None,
    }
}

fn collect_strings(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|item| collect_strings(item, out)),
        Value::Object(members) => members.values().for_each(|item| collect_strings(item, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Milliseconds since 1970 of an RFC 3339 date or date-time; a date is its
/// midnight in UTC. `None` for anything else.
pub fn parse_date_ms(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_millisecond());
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_millisecond())
}
