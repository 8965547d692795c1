//! Checks a value against the subset of JSON Schema that `/openapi.json` uses.

use serde_json::Value;

/// Everything in which `value` differs from `schema`.
pub(crate) fn differences(
    document: &Value,
    schema: &Value,
    value: &Value,
    at: &str,
) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#'));
        return match target {
            Some(target) => differences(document, target, value, at),
            None => vec![format!("{at}: no schema {reference}")],
        };
    }
    let mut found = Vec::new();
    if let Some(kinds) = types(schema)
        && !kinds.iter().any(|kind| has_type(value, kind))
    {
        found.push(format!("{at}: not a {}", kinds.join(" or ")));
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        found.push(format!("{at}: {value} is not one of {allowed:?}"));
    }
    if let Some(only) = schema.get("const")
        && only != value
    {
        found.push(format!("{at}: {value} is not {only}"));
    }
    for (name, several) in [("anyOf", true), ("oneOf", false)] {
        if let Some(choices) = schema[name].as_array() {
            let fit = choices
                .iter()
                .filter(|choice| differences(document, choice, value, at).is_empty())
                .count();
            if fit == 0 || (fit > 1 && !several) {
                found.push(format!("{at}: {fit} of {name} fit"));
            }
        }
    }
    found.extend(members(document, schema, value, at));
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for (place, value) in values.iter().enumerate() {
            found.extend(differences(
                document,
                items,
                value,
                &format!("{at}/{place}"),
            ));
        }
    }
    found
}

fn members(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let Some(members) = value.as_object() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for name in schema["required"].as_array().into_iter().flatten() {
        if !members.contains_key(name.as_str().unwrap()) {
            found.push(format!("{at}: {name} is missing"));
        }
    }
    for (name, value) in members {
        let at = format!("{at}/{name}");
        match (
            schema["properties"].get(name),
            schema.get("additionalProperties"),
        ) {
            (None, Some(Value::Bool(true)) | None) => {
                // Schemas of answers name every member, so one that is not named is a mistake.
                if schema.get("properties").is_some() {
                    found.push(format!("{at}: not in the schema"));
                }
            }
            (None, Some(Value::Bool(false))) => found.push(format!("{at}: not allowed")),
            (Some(schema), _) | (None, Some(schema)) => {
                found.extend(differences(document, schema, value, &at));
            }
        }
    }
    found
}

fn types(schema: &Value) -> Option<Vec<String>> {
    match &schema["type"] {
        Value::String(kind) => Some(vec![kind.clone()]),
        Value::Array(kinds) => Some(
            kinds
                .iter()
                .map(|kind| kind.as_str().unwrap().to_owned())
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn has_type(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("type {other}"),
    }
}

#[test]
fn differences_are_found() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a"],
        "properties": {"a": {"type": ["integer", "null"]}, "b": {"enum": ["x"]}, "c": {"items": {"type": "string"}}},
    });
    let cases = [
        (serde_json::json!({"a": 1, "b": "x", "c": ["y"]}), 0),
        (serde_json::json!({"a": null}), 0),
        (serde_json::json!({"a": 1.5}), 1),
        (serde_json::json!({"b": "y"}), 2),
        (serde_json::json!({"a": 1, "c": [1, 2]}), 2),
        (serde_json::json!({"a": 1, "d": 1}), 1),
    ];
    for (value, count) in cases {
        let found = differences(&schema, &schema, &value, "");
        assert_eq!(found.len(), count, "{value}: {found:?}");
    }
}
