//! Documents: from a kind's natural JSON to checked parts. Owns validation and
//! its faults; knows nothing of analysis or storage.

mod origin;
mod reader;

use serde_json::{Map, Value};

use crate::facts::{Need, Prose};
use crate::kinds::{COMMON_MEMBERS, Kind, Meaning, Role};
pub use origin::{InPosition, Origin};
use reader::Reader;

pub use reader::folded_name;

/// Longest id, in bytes.
pub const ID_BYTES_MAX: usize = 512;
/// Longest keyword, in bytes.
pub const KEYWORD_BYTES_MAX: usize = 1_024;
/// Most skills a document may list, over all its fields.
pub const SKILLS_MAX: usize = 4_096;
/// Most values of one keyword or skills field.
pub const VALUES_MAX: usize = 1_000;

/// One thing wrong with a document, or with what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// JSON pointer into the document or request, such as `/filters/compny`.
    pub pointer: String,
    /// Of a document `unknown_field`, `invalid_value`, `invalid_id` or
    /// `invalid_vector`; of a request a code of docs/api.md.
    pub code: &'static str,
    /// What is wrong, lower case, without a full stop; never the document's own
    /// text.
    pub detail: String,
    /// A name that exists and looks like the one given.
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
    pub fn new(code: &'static str, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
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
    /// The work does it; nobody is asked for it.
    pub const USED: Self = Self(8);
    /// Found in prose and not listed. Alone it says only that the skill is named:
    /// nobody wants, offers or uses it there.
    pub const FOUND: Self = Self(16);

    /// The level of a listed skill in a field of that role and meaning.
    pub fn listed(role: Role, meaning: Option<Meaning>) -> Self {
        match (role, meaning) {
            (Role::Wants, Some(Meaning::SkillsPreferred)) => Self::PREFERRED,
            (Role::Wants, _) => Self::REQUIRED,
            (Role::Is | Role::Offers, _) => Self::OFFERED,
        }
    }

    /// The level of a skill found in prose of a kind with that skills role, where
    /// nobody reads how much it is wanted.
    pub fn found(role: Role) -> Self {
        match role {
            Role::Wants => Self(Self::PREFERRED.0 | Self::FOUND.0),
            Role::Is | Role::Offers => Self(Self::OFFERED.0 | Self::FOUND.0),
        }
    }

    /// The level of a skill that prose says is needed so much.
    pub fn said(prose: Prose, need: Need) -> Self {
        let level = match (prose, need) {
            (Prose::Cv, _) => Self::OFFERED,
            (Prose::Ad, Need::Required) => Self::REQUIRED,
            (Prose::Ad, Need::Preferred) => Self::PREFERRED,
            (Prose::Ad, Need::Used) => Self::USED,
        };
        Self(level.0 | Self::FOUND.0)
    }

    /// Whether it has one of these bits.
    pub fn has(self, bits: Self) -> bool {
        self.0 & bits.0 != 0
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
    /// Where each of the texts stands in the document.
    pub origins: Vec<Origin>,
    /// A cell for each column of the kind.
    pub cells: Vec<Cell>,
    /// Listed skills as written.
    pub skills: Vec<(String, Level)>,
    /// Values of private fields, to be cut from the texts.
    pub private: Vec<String>,
    /// Which of the texts are about schools alone, whose years are cut.
    pub schools: Vec<usize>,
    /// The document as it came.
    pub json: Value,
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
    if id.is_empty() {
        return Err(Invalid::new("invalid_id", "/id", "an id is needed"));
    }
    if id.len() > ID_BYTES_MAX {
        return Err(Invalid::new(
            "invalid_id",
            "/id",
            format!(
                "an id has 1 to {ID_BYTES_MAX} bytes, this one has {}",
                id.len()
            ),
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
                origins: Vec::new(),
                cells: vec![Cell::Unknown; kind.columns().len()],
                skills: Vec::new(),
                private: Vec::new(),
                schools: Vec::new(),
                json: Value::Null,
            },
            faults: Vec::new(),
            at: 0,
        };
        reader.common(&members, id, needs_id);
        for name in members.keys() {
            if !COMMON_MEMBERS.contains(&name.as_str()) && kind.field(name).is_none() {
                reader.unknown(name);
            }
        }
        for (at, field) in kind.fields.iter().enumerate() {
            if let Some(value) = members.get(&field.name).filter(|value| !value.is_null()) {
                reader.at = at;
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
            Invalid::new(
                "invalid_value",
                "/text",
                format!("{} have no text field", kind.name),
            )
        })?;
        let mut members = Map::new();
        members.insert(field.name.clone(), Value::String(text.to_owned()));
        Self::parse(kind, Value::Object(members), None, false)
    }
}

/// A time in milliseconds since 1970 as RFC 3339, in UTC.
pub fn show_date_ms(ms: i64) -> String {
    // Not as a timestamp: that ends a day before the calendar does.
    EPOCH
        .checked_add(jiff::SignedDuration::from_millis(ms))
        .map_or_else(|_far| ms.to_string(), |time| format!("{time}Z"))
}

const EPOCH: jiff::civil::DateTime = jiff::civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// Milliseconds since 1970 of an RFC 3339 date or date-time; a date is its
/// midnight in UTC. `None` for anything else.
pub fn parse_date_ms(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_millisecond());
    }
    // The last day of the calendar, "never", is no timestamp of every zone.
    let time = match text.strip_suffix(['Z', 'z']) {
        Some(utc) if utc.starts_with("9999-12-3") => utc.parse().ok()?,
        Some(_) => return None,
        None => text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0),
    };
    i64::try_from(time.duration_since(EPOCH).as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::{parse_date_ms, show_date_ms};

    #[test]
    fn dates_reach_to_the_end_of_the_calendar() {
        for (text, shown) in [
            ("1970-01-01", Some("1970-01-01T00:00:00Z")),
            ("1969-12-31T23:59:59.5Z", Some("1969-12-31T23:59:59.5Z")),
            ("2026-11-20T12:00:00+02:00", Some("2026-11-20T10:00:00Z")),
            ("9999-12-31", Some("9999-12-31T00:00:00Z")),
            ("9999-12-31T23:59:59Z", Some("9999-12-31T23:59:59Z")),
            ("9999-12-32", None),
            ("10000-01-01", None),
            ("2026-11-20Z", None),
        ] {
            let found = parse_date_ms(text).map(show_date_ms);
            assert_eq!(found.as_deref(), shown, "{text}");
        }
    }
}
