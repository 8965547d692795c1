//! The filter that finds a person by name: the whole name, folded, and nothing less.
//! Owns what it refuses, since anything but equality would tell names bit by bit.

use serde_json::Value;
use tandem_index::document::folded_name;

use super::bounds::Wrong;
use super::has_range;
use crate::request::Condition;

/// What is said where a name is used for anything else.
pub(crate) fn only_by_filter(name: &str) -> String {
    format!(
        "{name:.80} is the name of a person: it is found by an exact filter alone, {{\"filters\": {{\"{name:.80}\": \"Jane Doe\"}}}}"
    )
}

/// The names a condition asks for, as documents' names are kept.
pub(super) fn compile(field: &str, condition: &Condition) -> Result<Vec<String>, Wrong> {
    let part = if has_range(condition) {
        "a range"
    } else if !condition.all.is_empty() {
        "`all`"
    } else if !condition.none.is_empty() {
        "`none`"
    } else if condition.include_unknown {
        "`unknown: include`"
    } else {
        ""
    };
    if !part.is_empty() {
        let only = only_by_filter(field);
        return Err(format!("{part} is not for names; {only}").into());
    }
    let Some(any) = &condition.any else {
        return Err(only_by_filter(field).into());
    };
    let folded = any.iter().map(|value| match value {
        Value::String(name) if name.trim().is_empty() => Err(Wrong::from("a name is not empty")),
        Value::String(name) => Ok(folded_name(name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(Wrong::from("a name is a string"))
        }
    });
    folded.collect()
}
