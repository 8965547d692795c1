//! Documents of tables whose columns are fields already. Owns what a cell
//! becomes: text where a field is text, a number where it is a number, a list
//! where it is a list, as an export writes them. A cell that is not what its
//! field takes stays as it is, so that the check of documents says what is
//! wrong with it.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::mapping::Field;
use crate::record::{Record, Reject};

/// What the cells of a column become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Text,
    Number,
    Flag,
    /// Exact values, `; ` between them.
    Values,
    /// Names, `;` between them.
    Names,
    /// Text, or JSON that stands in a cell.
    Json,
}

/// How the columns of a kind become its fields.
#[derive(Clone, Debug, Default)]
pub struct Natural {
    cells: HashMap<String, Cell>,
}

impl Natural {
    /// For a kind with these fields.
    pub fn new(fields: &[Field]) -> Self {
        let mut cells: HashMap<String, Cell> = fields
            .iter()
            .map(|field| {
                let cell = match field.field_type.as_str() {
                    "number" => Cell::Number,
                    "flag" => Cell::Flag,
                    "keyword" => Cell::Values,
                    "skills" => Cell::Names,
                    "place" | "pay" | "positions" | "private" | "stored" => Cell::Json,
                    _ => Cell::Text,
                };
                (field.name.clone(), cell)
            })
            .collect();
        for field in fields {
            let parts: &[&str] = match field.field_type.as_str() {
                "pay" => &["min", "max"],
                "place" => &["lat", "lon"],
                _ => &[],
            };
            for part in parts {
                cells.insert(format!("{}.{part}", field.name), Cell::Number);
            }
        }
        cells.insert("version".to_owned(), Cell::Number);
        cells.insert("vector".to_owned(), Cell::Json);
        Self { cells }
    }

    /// The document of a record. Empty cells are left out; dots in a column's
    /// name lead into parts.
    ///
    /// # Errors
    /// A column that is a field in one place and a part's parent in another.
    pub fn apply(&self, record: Record) -> Result<Value, Reject> {
        let mut document = Map::new();
        for (name, value) in record.fields {
            let cell = self.cells.get(&name).copied().unwrap_or(Cell::Text);
            let Some(value) = convert(cell, value) else {
                continue;
            };
            if !insert(&mut document, &name, value) {
                return Err(Reject::new(
                    record.number,
                    "columns",
                    "it is a field of its own and has parts in other columns",
                )
                .field(name));
            }
        }
        Ok(Value::Object(document))
    }
}

/// What a cell becomes; nothing where it is empty.
fn convert(cell: Cell, value: Value) -> Option<Value> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text,
        // An id or a postal code that a workbook keeps as a number.
        Value::Number(number) if matches!(cell, Cell::Text | Cell::Values | Cell::Names) => {
            return Some(Value::String(number.to_string()));
        }
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            return Some(other);
        }
    };
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    let converted = match cell {
        Cell::Number => number(trimmed),
        Cell::Flag => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(Value::Bool(true)),
            "false" | "0" | "no" => Some(Value::Bool(false)),
            _ => None,
        },
        Cell::Values => list(trimmed, "; "),
        Cell::Names => list(trimmed, ";").or_else(|| Some(vec![trimmed].into())),
        Cell::Json if trimmed.starts_with(['{', '[']) => serde_json::from_str(trimmed).ok(),
        Cell::Text | Cell::Json => None,
    };
    Some(converted.unwrap_or(Value::String(text)))
}

fn number(text: &str) -> Option<Value> {
    // JSON's own numbers only: 1,234 could be either.
    serde_json::from_str::<serde_json::Number>(text)
        .ok()
        .map(Value::Number)
}

fn list(text: &str, separator: &str) -> Option<Value> {
    let items = || text.split(separator).map(str::trim);
    text.contains(separator)
        .then(|| items().filter(|item| !item.is_empty()).collect())
}

/// Puts a value where a name with dots says; false when something else is there.
fn insert(object: &mut Map<String, Value>, name: &str, value: Value) -> bool {
    let Some((first, rest)) = name.split_once('.') else {
        if object.contains_key(name) {
            return false;
        }
        object.insert(name.to_owned(), value);
        return true;
    };
    let parent = object
        .entry(first)
        .or_insert_with(|| Value::Object(Map::new()));
    parent
        .as_object_mut()
        .is_some_and(|parent| insert(parent, rest, value))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Natural;
    use crate::mapping::Field;
    use crate::record::Record;

    fn document(columns: Value) -> Result<Value, String> {
        let types = [
            ("title", "text"),
            ("company", "keyword"),
            ("skills", "skills"),
            ("years", "number"),
            ("open", "flag"),
            ("location", "place"),
            ("pay", "pay"),
            ("experience", "positions"),
            ("posted_at", "date"),
        ];
        let fields = types.map(|(name, field_type)| Field {
            name: name.to_owned(),
            field_type: field_type.to_owned(),
            meaning: None,
        });
        let Value::Object(fields_of_record) = columns else {
            panic!("not an object");
        };
        let record = Record {
            number: 2,
            fields: fields_of_record,
        };
        Natural::new(&fields)
            .apply(record)
            .map_err(|reject| reject.to_string())
    }

    #[test]
    fn cells_become_what_their_field_takes() {
        let columns = json!({
            "id": 5, "version": "3", "title": " 2024 ", "company": "A; B", "skills": "Go;  Rust ;",
            "years": "2.5", "open": "Yes", "location.city": "Ulm", "location.lat": "48.4",
            "location.country": "", "pay.min": "60000", "pay.currency": "EUR", "posted_at": "2026-01-02",
            "experience": "[{\"title\": \"Cook\"}]"
        });
        let expected = json!({
            "id": "5", "version": 3, "title": " 2024 ", "company": ["A", "B"], "skills": ["Go", "Rust"],
            "years": 2.5, "open": true, "location": {"city": "Ulm", "lat": 48.4},
            "pay": {"min": 60_000, "currency": "EUR"}, "posted_at": "2026-01-02",
            "experience": [{"title": "Cook"}]
        });
        assert_eq!(document(columns).unwrap(), expected);
    }

    #[test]
    fn what_is_no_value_of_its_field_stays_for_the_check_of_documents() {
        let odd = json!({"years": "two", "open": "perhaps", "pay.min": "60k", "experience": "[1"});
        let kept =
            json!({"years": "two", "open": "perhaps", "pay": {"min": "60k"}, "experience": "[1"});
        assert_eq!(document(odd).unwrap(), kept);
        let both = document(json!({"location": "Ulm", "location.city": "Ulm"}));
        assert!(both.unwrap_err().contains("location.city"));
        let empty = document(json!({"title": "  ", "skills": null})).unwrap();
        assert_eq!(empty, json!({}));
    }
}
