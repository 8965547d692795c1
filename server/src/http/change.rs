//! What one JSON value of a bulk body asks for. Owns the forms of lines.

use serde_json::{Map, Value};
use tandem_index::{KindId, Write};

use crate::wire::problem::{Code, Outcome, Refusal};

/// A document, or `{"delete": ID}`, or `{"delete": ID, "version": N}`.
pub(crate) fn read(kind: KindId, value: Value) -> Outcome<Write> {
    let Some(members) = value.as_object().filter(|members| is_delete(members)) else {
        return Ok(Write::Put {
            kind,
            id: None,
            document: value,
        });
    };
    let refuse = |code, pointer, detail| Err(Refusal::at(code, pointer, detail));
    let Some(Value::String(id)) = members.get("delete") else {
        return refuse(Code::InvalidId, "/delete", "must be an id");
    };
    let version = members.get("version").filter(|given| !given.is_null());
    match version.map(Value::as_u64) {
        Some(None) => refuse(
            Code::InvalidDocument,
            "/version",
            "a version is a whole number from 0",
        ),
        None => Ok(delete(kind, id, None)),
        Some(given) => Ok(delete(kind, id, given)),
    }
}

/// A document has an id, so what has a delete and none is no document.
fn is_delete(members: &Map<String, Value>) -> bool {
    let known = |name: &String| name == "delete" || name == "version";
    members.contains_key("delete") && members.keys().all(known)
}

fn delete(kind: KindId, id: &str, version: Option<u64>) -> Write {
    Write::Delete {
        kind,
        id: id.to_owned(),
        version,
    }
}
