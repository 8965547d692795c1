//! What every text format asks of a record's bytes. Owns the checks and the
//! words of their rejects.

use std::io;

use serde_json::{Map, Value};

use crate::record::{Record, Reject};
use crate::strict::Strict;

/// The most JSON values of a record: what holds one in memory is many times its
/// bytes, `0,` thirty times.
const VALUES_MAX: usize = 100_000;

/// A record's JSON as it stands in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The line of its first byte.
    pub number: u64,
    /// JSON, or what stands in its place: UTF-8 without NUL bytes.
    pub bytes: Vec<u8>,
}

/// Text without what no record can have.
pub(super) fn check(line: u64, bytes: &[u8]) -> Result<&str, Reject> {
    let text = std::str::from_utf8(bytes).map_err(|_cause| {
        Reject::new(
            line,
            "invalid_text",
            "it has bytes that are no text in the source's encoding",
        )
    })?;
    if memchr::memchr(0, bytes).is_some() {
        return Err(Reject::new(
            line,
            "nul",
            "it has NUL bytes (0x00), which no text has; is the file binary, or in another encoding?",
        ));
    }
    Ok(text)
}

/// The members of a record that is a JSON object.
pub(super) fn object(piece: &Piece) -> Result<Record, Reject> {
    let number = piece.number;
    // A value and what parts it from the next are two bytes at least.
    if piece.bytes.len() > 2 * VALUES_MAX && values(&piece.bytes) > VALUES_MAX {
        let what = format!("it has more than {VALUES_MAX} values");
        return Err(Reject::new(number, "too_large", what));
    }
    match serde_json::from_slice(&piece.bytes) {
        Ok(Strict(Value::Object(fields))) => Ok(Record { number, fields }),
        Ok(Strict(
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_),
        )) => Err(Reject::new(number, "not_an_object", "it is not an object")),
        Err(cause) => Err(Reject::new(number, "invalid_json", reason(&cause))),
    }
}

/// At most how many values some JSON has: one behind each bracket and comma.
fn values(json: &[u8]) -> usize {
    let (mut values, mut place) = (1, 0);
    while let Some(byte) = json.get(place) {
        place += 1;
        match byte {
            b',' | b'[' | b'{' => values += 1,
            b'"' => loop {
                let rest = json.get(place..).unwrap_or_default();
                let Some(next) = memchr::memchr2(b'"', b'\\', rest) else {
                    return values;
                };
                place += next + 1;
                if rest.get(next) == Some(&b'"') {
                    break;
                }
                // What a backslash escapes.
                place += 1;
            },
            _ => {}
        }
    }
    values
}

/// What a JSON parser found, without the place of it within the record and
/// without the record's text.
fn reason(cause: &serde_json::Error) -> String {
    if cause.is_data() {
        // Ours alone: no other shape is asked for.
        return "a member is given twice".to_owned();
    }
    let text = cause.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("not JSON: {what} at byte {} of the line", cause.column())
}

/// A record that is longer than records may be.
pub(super) fn too_large(line: u64, bytes_max: usize) -> Reject {
    Reject::new(
        line,
        "too_large",
        format!("it has more than {bytes_max} bytes"),
    )
}

/// A source that cannot be read to its end.
pub(super) fn broken(line: u64, cause: &io::Error) -> Reject {
    let kind = cause.kind();
    let (code, what) = if kind == io::ErrorKind::UnexpectedEof {
        let what = "the packed data ends in its middle; what was before it is read";
        ("truncated", what.to_owned())
    } else if kind == io::ErrorKind::QuotaExceeded {
        ("unpacks_too_large", cause.to_string())
    } else if cause.raw_os_error().is_some() || kind == io::ErrorKind::BrokenPipe {
        ("unreadable", format!("it cannot be read on: {cause}"))
    } else {
        let what = format!("the packed data is damaged ({cause}); what was before it is read");
        ("damaged", what)
    };
    Reject::new(line, code, what)
}

/// Names of columns, or which of them are given twice.
pub(super) fn names(
    line: u64,
    header: Vec<String>,
    number_duplicates: bool,
) -> Result<Vec<String>, Reject> {
    let mut names: Vec<String> = Vec::with_capacity(header.len());
    let mut first = Map::new();
    let mut twice: Vec<String> = Vec::new();
    for (place, name) in header.into_iter().enumerate() {
        let name = match name.trim() {
            // Tools that write row numbers leave their column without a name.
            "" => format!("column {}", place + 1),
            name => name.to_owned(),
        };
        if !first.contains_key(&name) {
            first.insert(name.clone(), Value::from(1_u64));
            names.push(name);
            continue;
        }
        let count = first.get(&name).and_then(Value::as_u64).unwrap_or(1) + 1;
        first.insert(name.clone(), Value::from(count));
        if !twice.contains(&name) {
            twice.push(name.clone());
        }
        let mut numbered = format!("{name} {count}");
        while first.contains_key(&numbered) {
            numbered.push('\'');
        }
        first.insert(numbered.clone(), Value::from(1_u64));
        names.push(numbered);
    }
    if twice.is_empty() || number_duplicates {
        return Ok(names);
    }
    Err(Reject::new(
        line,
        "duplicate_header",
        format!(
            "columns are named twice: {}; rename them, or number the later ones (--number-duplicates)",
            twice.join(", ")
        ),
    ))
}
