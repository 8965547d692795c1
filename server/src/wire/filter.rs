//! Conditions on the wire. Owns the forms a condition may be written in; which
//! conditions a field can have is the engine's to say.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use tandem_engine::Condition;

use super::problem::{Code, Fault};
use crate::read_json::Strict;
use crate::suggest;

/// Field → condition; all must hold.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Filters(
    #[schemars(with = "BTreeMap<String, ConditionForm>")]
    #[serde(deserialize_with = "strict")]
    pub Map<String, Value>,
);

// A field named twice would lose one of its conditions.
fn strict<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    match Strict::deserialize(deserializer)?.0 {
        Value::Object(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(D::Error::custom(
                "expected an object of field and condition",
            ))
        }
    }
}

/// One value of a field.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(
    dead_code,
    reason = "the schema of a condition; the fields are read by hand"
)]
enum Scalar {
    /// A name or a date.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
}

/// A condition: a value, a list (any of them), or its parts.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(
    dead_code,
    reason = "the schema of a condition; the fields are read by hand"
)]
enum ConditionForm {
    /// This value.
    One(Scalar),
    /// Any of these.
    Any(Vec<Scalar>),
    /// All parts must hold.
    Parts(Parts),
}

/// The parts of a condition; all must hold.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the schema of a condition; the fields are read by hand"
)]
struct Parts {
    /// At least one of these.
    any: Option<Vec<Scalar>>,
    /// Every one of these.
    all: Option<Vec<Scalar>>,
    /// None of these.
    none: Option<Vec<Scalar>>,
    /// At least.
    gte: Option<Scalar>,
    /// More than.
    gt: Option<Scalar>,
    /// At most.
    lte: Option<Scalar>,
    /// Less than.
    lt: Option<Scalar>,
    /// Whether a document without the field passes.
    unknown: Option<Unknown>,
    /// The currency of a condition on `pay`.
    currency: Option<String>,
    /// What the bounds of a condition on `pay` are for: hour, day, week, month or year.
    period: Option<String>,
}

/// What happens to a document without the field.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "the schema of a condition; the fields are read by hand"
)]
enum Unknown {
    /// It does not pass.
    Exclude,
    /// It passes.
    Include,
}

/// The members of a condition written as an object.
const PARTS: [&str; 10] = [
    "any", "all", "none", "gte", "gt", "lte", "lt", "unknown", "currency", "period",
];

impl Filters {
    /// The conditions, or everything wrong with them.
    pub fn conditions(self) -> Result<Vec<(String, Condition)>, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut conditions = Vec::with_capacity(self.0.len());
        for (field, value) in self.0 {
            let pointer = format!("/filters/{}", suggest::escape(&field));
            conditions.push((field, condition(value, &pointer, &mut faults)));
        }
        if faults.is_empty() {
            Ok(conditions)
        } else {
            Err(faults)
        }
    }
}

/// One condition; what is wrong with it goes to `faults`.
fn condition(value: Value, pointer: &str, faults: &mut Vec<Fault>) -> Condition {
    match value {
        Value::Array(values) => Condition {
            any: Some(scalars(values, pointer, faults)),
            ..Condition::default()
        },
        Value::Object(parts) => from_parts(parts, pointer, faults),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Condition {
            any: Some(scalar(value, pointer, faults).into_iter().collect()),
            ..Condition::default()
        },
    }
}

fn from_parts(parts: Map<String, Value>, pointer: &str, faults: &mut Vec<Fault>) -> Condition {
    let mut condition = Condition::default();
    if parts.is_empty() {
        faults.push(fault(
            Code::InvalidFilter,
            pointer.to_owned(),
            "a condition needs at least one part",
        ));
    }
    for (name, value) in parts {
        let at = format!("{pointer}/{}", suggest::escape(&name));
        match name.as_str() {
            "any" => condition.any = Some(list(value, &at, faults)),
            "all" => condition.all = list(value, &at, faults),
            "none" => condition.none = list(value, &at, faults),
            "gte" => condition.gte = scalar(value, &at, faults),
            "gt" => condition.gt = scalar(value, &at, faults),
            "lte" => condition.lte = scalar(value, &at, faults),
            "lt" => condition.lt = scalar(value, &at, faults),
            "currency" => condition.currency = text(value, at, faults),
            "period" => condition.period = text(value, at, faults),
            "unknown" => match value.as_str() {
                Some("include") => condition.include_unknown = true,
                Some("exclude") => condition.include_unknown = false,
                Some(_) | None => faults.push(fault(
                    Code::InvalidFilter,
                    at,
                    "must be \"exclude\" or \"include\"",
                )),
            },
            _ => faults.push(Fault {
                pointer: at,
                code: Code::UnknownMember,
                detail: format!(
                    "a condition has no part of this name; it has {}",
                    PARTS.join(", ")
                ),
                did_you_mean: suggest::nearest(&name, PARTS),
            }),
        }
    }
    condition
}

fn list(value: Value, pointer: &str, faults: &mut Vec<Fault>) -> Vec<Value> {
    match value {
        Value::Array(values) => scalars(values, pointer, faults),
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            faults.push(fault(
                Code::InvalidFilter,
                pointer.to_owned(),
                "must be a list of values",
            ));
            Vec::new()
        }
    }
}

fn text(value: Value, pointer: String, faults: &mut Vec<Fault>) -> Option<String> {
    if let Value::String(text) = value {
        return Some(text);
    }
    faults.push(fault(Code::InvalidFilter, pointer, "must be a string"));
    None
}

fn scalars(values: Vec<Value>, pointer: &str, faults: &mut Vec<Fault>) -> Vec<Value> {
    values
        .into_iter()
        .enumerate()
        .filter_map(|(index, value)| scalar(value, &format!("{pointer}/{index}"), faults))
        .collect()
}

fn scalar(value: Value, pointer: &str, faults: &mut Vec<Fault>) -> Option<Value> {
    match value {
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            faults.push(fault(
                Code::InvalidFilter,
                pointer.to_owned(),
                "must be a string, a number or true or false",
            ));
            None
        }
    }
}

fn fault(code: Code, pointer: String, detail: &str) -> Fault {
    Fault {
        pointer,
        code,
        detail: detail.to_owned(),
        did_you_mean: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Filters;
    use crate::wire::problem::Code;

    #[test]
    fn every_form_of_a_condition_is_read() {
        let filters =
            json!({"a": "x", "b": ["x", 1], "c": {"none": ["y"], "gte": 3, "unknown": "include"}});
        let filters = Filters(filters.as_object().unwrap().clone());
        let read = filters.conditions().unwrap();
        assert_eq!(read[0].1.any, Some(vec![json!("x")]));
        assert_eq!(read[1].1.any, Some(vec![json!("x"), json!(1)]));
        assert_eq!(
            (read[2].1.none.clone(), read[2].1.gte.clone()),
            (vec![json!("y")], Some(json!(3)))
        );
        assert!(read[2].1.include_unknown);
    }

    #[test]
    fn wrong_conditions_are_named_where_they_stand() {
        let cases = [
            (json!({"a": null}), "/filters/a", Code::InvalidFilter),
            (
                json!({"a/b": {"all": 3}}),
                "/filters/a~1b/all",
                Code::InvalidFilter,
            ),
            (json!({"a": [1, {}]}), "/filters/a/1", Code::InvalidFilter),
            (json!({"a": {}}), "/filters/a", Code::InvalidFilter),
            (
                json!({"a": {"unknown": true}}),
                "/filters/a/unknown",
                Code::InvalidFilter,
            ),
            (
                json!({"a": {"gteq": 1}}),
                "/filters/a/gteq",
                Code::UnknownMember,
            ),
        ];
        for (filters, pointer, code) in cases {
            let faults = Filters(filters.as_object().unwrap().clone())
                .conditions()
                .unwrap_err();
            assert_eq!(
                (faults[0].pointer.as_str(), faults[0].code),
                (pointer, code)
            );
        }
    }
}
