//! Where a document's texts stand in its JSON. Owns the way back from a byte of a
//! text to the string it is of.

use serde_json::Value;

use super::reader::pointer;
use crate::kinds::Kind;

/// Which string of a position a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InPosition {
    /// Its title.
    Title,
    /// What was done there.
    Text,
}

impl InPosition {
    /// The member's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "text",
        }
    }
}

/// Where one text of a document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Number of the field in its kind.
    pub field: usize,
    /// Which of a list of positions, and which string of it.
    pub position: Option<(u32, InPosition)>,
}

impl Origin {
    /// Whether both are of the same position.
    pub(crate) fn is_of_same(self, other: Self) -> bool {
        let number = |origin: Self| origin.position.map(|(number, _)| number);
        self.field == other.field && number(self).is_some() && number(self) == number(other)
    }

    /// The pointer (RFC 6901) to the string that bytes of the text stand in, and
    /// where in that string; `None` where they are of several strings, as texts of
    /// a list are joined by line ends.
    pub fn place(
        self,
        kind: &Kind,
        json: &Value,
        (start, end): (usize, usize),
    ) -> Option<(String, usize, usize)> {
        let name = kind.fields.get(self.field)?.name.as_str();
        if let Some((number, member)) = self.position {
            let at = number.to_string();
            return Some((pointer(&[name, &at, member.name()]), start, end));
        }
        match json.get(name)? {
            Value::Array(items) => {
                let mut behind = 0;
                for (number, item) in items.iter().enumerate() {
                    let from = behind;
                    let to = from + item.as_str()?.len();
                    behind = to + 1;
                    if (from..=to).contains(&start) {
                        let place = (start - from, end.checked_sub(from)?);
                        let found = (pointer(&[name, &number.to_string()]), place.0, place.1);
                        return (end <= to).then_some(found);
                    }
                }
                None
            }
            Value::String(_) => Some((pointer(&[name]), start, end)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        }
    }
}
