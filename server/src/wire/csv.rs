//! Hits as comma-separated values (RFC 4180). Owns the columns of a kind and
//! how a value stands in a cell.

use serde_json::Value;
use tandem_engine::Request;
use tandem_index::Kind;
use tandem_index::kinds::{COMMON_MEMBERS, FieldType};

use super::answer::Hit;

/// The parts of a place, as documents name them.
const PLACE: [&str; 6] = ["text", "city", "region", "country", "lat", "lon"];
/// The parts of pay.
const PAY: [&str; 4] = ["min", "max", "currency", "period"];

/// The columns of an export: id, score, the distance where one is asked for,
/// then the fields, those with parts a column each.
#[derive(Debug)]
pub(crate) struct Table {
    distance: bool,
    /// Header, field, and the part of it.
    columns: Vec<(String, String, Option<&'static str>)>,
}

impl Table {
    /// The columns of a request's fields; the same for every row.
    pub(crate) fn new(kind: &Kind, request: &Request) -> Self {
        let all = || {
            let fields = kind.fields.iter().map(|field| field.name.clone());
            let common = COMMON_MEMBERS.into_iter().map(str::to_owned);
            common.chain(fields).collect()
        };
        let fields: Vec<String> = match &request.fields {
            None => kind.display.clone(),
            Some(names) if names.iter().any(|name| name == "*") => all(),
            Some(names) => names.clone(),
        };
        let mut columns = Vec::new();
        for field in fields.into_iter().filter(|field| field != "id") {
            let parts: &[&'static str] = match kind.field(&field).map(|known| known.field_type) {
                Some(FieldType::Place) => &PLACE,
                Some(FieldType::Pay) => &PAY,
                Some(_) | None => &[],
            };
            for part in parts {
                columns.push((format!("{field}.{part}"), field.clone(), Some(*part)));
            }
            if parts.is_empty() {
                columns.push((field.clone(), field, None));
            }
        }
        Self {
            distance: request.near.is_some(),
            columns,
        }
    }

    /// Writes the header line.
    pub(crate) fn head(&self, out: &mut Vec<u8>) {
        cell("id", out);
        out.extend(b",score");
        if self.distance {
            out.extend(b",distance_km");
        }
        for (header, _, _) in &self.columns {
            out.push(b',');
            cell(header, out);
        }
        out.extend(b"\r\n");
    }

    /// Writes the line of a hit.
    pub(crate) fn row(&self, hit: &Hit, out: &mut Vec<u8>) {
        cell(&hit.id, out);
        out.push(b',');
        // Of a document that says nothing, 0 would say something.
        if !hit.insufficient_data {
            out.extend(hit.score.to_string().as_bytes());
        }
        if self.distance {
            out.push(b',');
            if let Some(km) = hit.distance_km {
                out.extend(Value::from(km).to_string().as_bytes());
            }
        }
        for (_, field, part) in &self.columns {
            out.push(b',');
            let value = hit.document.get(field);
            let value = match (part, value) {
                (None, value) => value,
                (Some(part), Some(Value::Object(parts))) => parts.get(*part),
                // A place may be written as its text alone.
                (Some("text"), Some(text @ Value::String(_))) => Some(text),
                (Some(_), _) => None,
            };
            if let Some(value) = value {
                cell(&shown(value), out);
            }
        }
        out.extend(b"\r\n");
    }
}

/// A value as the text of a cell.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        // Amounts are kept as floating point; a table has no use for 60000.0.
        Value::Number(number) => {
            let text = number.to_string();
            text.strip_suffix(".0").unwrap_or(&text).to_owned()
        }
        Value::Bool(_) | Value::Object(_) => value.to_string(),
        // A career has parts of its own, which no cell can hold apart.
        Value::Array(values)
            if values
                .iter()
                .any(|one| one.is_object() && one.get("name").is_none()) =>
        {
            value.to_string()
        }
        Value::Array(values) => {
            let item = |value: &Value| match value.get("name") {
                // A skill with its details.
                Some(Value::String(name)) => name.clone(),
                Some(_) | None => shown(value),
            };
            let items: Vec<String> = values.iter().map(item).collect();
            items.join("; ")
        }
    }
}

/// Writes a cell, quoted where it must be. Spreadsheets run what begins like a
/// formula; an apostrophe before it makes it text. Numbers are none.
fn cell(text: &str, out: &mut Vec<u8>) {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number(text);
    let kept;
    let text = if is_formula {
        kept = format!("'{text}");
        &kept
    } else {
        text
    };
    let special = |c: char| matches!(c, ',' | '"' | '\n' | '\r');
    let edge = text.starts_with(' ') || text.ends_with(' ');
    if !edge && !text.contains(special) {
        out.extend(text.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// `-5`, `+1.5e3`; but not `-inf`.
fn is_number(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tandem_engine::{Request, Source};
    use tandem_index::Kinds;

    use super::Table;
    use crate::wire::answer::Hit;

    #[test]
    fn values_stand_in_the_column_of_their_field_or_part() {
        let kinds = Kinds::builtin();
        let kind = kinds.get("jobs").unwrap();
        let source = Source::Query {
            q: String::new(),
            vector: None,
        };
        let mut request = Request::new(source, Some("jobs".into()), 0);
        let fields = ["id", "title", "skills", "pay", "location", "remote"];
        request.fields = Some(fields.map(str::to_owned).to_vec());
        let table = Table::new(kind, &request);
        let hit = |document: serde_json::Value| Hit {
            kind: "jobs".into(),
            id: "a,1".into(),
            score: 7,
            low: 7,
            high: 9,
            completeness: 100,
            insufficient_data: document == json!({}),
            gates: Vec::new(),
            two_way: None,
            contributions: Vec::new(),
            document: document.as_object().unwrap().clone(),
            distance_km: None,
            highlights: None,
        };
        let mut out = Vec::new();
        table.head(&mut out);
        table.row(
            &hit(json!({"title": "Say \"hi\"\nthen go", "skills": ["SQL", {"name": "Go", "level": 3}],
                "pay": {"min": 5.0, "currency": "EUR"}, "location": "Berlin, Germany"})),
            &mut out,
        );
        table.row(
            &hit(json!({"location": {"city": "Bonn", "lat": 50.7}, "remote": "hybrid"})),
            &mut out,
        );
        table.row(&hit(json!({})), &mut out);
        let expected = "id,score,title,skills,pay.min,pay.max,pay.currency,pay.period,location.text,\
            location.city,location.region,location.country,location.lat,location.lon,remote\r\n\
            \"a,1\",7,\"Say \"\"hi\"\"\nthen go\",SQL; Go,5,,EUR,,\"Berlin, Germany\",,,,,,\r\n\
            \"a,1\",7,,,,,,,,Bonn,,,50.7,,hybrid\r\n\
            \"a,1\",,,,,,,,,,,,,,\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn what_begins_like_a_formula_is_text() {
        for (text, expected) in [
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("=1,2", "\"'=1,2\""),
            ("+49 30 1234", "'+49 30 1234"),
            ("-1+cmd", "'-1+cmd"),
            ("-inf", "'-inf"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("-5", "-5"),
            ("-52.4", "-52.4"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            let mut out = Vec::new();
            super::cell(text, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
