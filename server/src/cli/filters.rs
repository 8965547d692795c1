//! `--filter FIELD=VALUE` and `--weight NAME=N` as the JSON the API takes, with
//! the rules of the GET twin.

use serde_json::{Map, Value};

use super::client::Server;
use super::error::{CliError, Exit};

/// The `filters` member; asks the server which columns hold numbers.
pub(super) fn filters(
    server: &Server,
    kind: &str,
    given: &[String],
) -> Result<Option<Value>, CliError> {
    if given.is_empty() {
        return Ok(None);
    }
    let kinds = server.ask("GET", "/v1/kinds", None)?;
    let numeric = |field: &str| is_numeric(&kinds, kind, field);
    let mut filters = Map::new();
    for filter in given {
        let (field, value) = split(filter, "--filter")?;
        add(&mut filters, field, value, &numeric);
    }
    Ok(Some(Value::Object(filters)))
}

/// The `weights` member.
pub(super) fn weights(given: &[String]) -> Result<Option<Value>, CliError> {
    let mut weights = Map::new();
    for weight in given {
        let (name, value) = split(weight, "--weight")?;
        let number: f64 = value.parse().map_err(|_text| {
            CliError::new(
                Exit::Usage,
                format!("--weight {weight}: {value} is not a number"),
            )
        })?;
        weights.insert(name.to_owned(), Value::from(number));
    }
    Ok((!weights.is_empty()).then_some(Value::Object(weights)))
}

/// Splits `NAME=VALUE`.
pub(super) fn split<'a>(given: &'a str, option: &str) -> Result<(&'a str, &'a str), CliError> {
    given
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| {
            CliError::new(
                Exit::Usage,
                format!("{option} {given}: expected NAME=VALUE"),
            )
        })
}

fn is_numeric(kinds: &Value, kind: &str, field: &str) -> bool {
    let kinds = kinds["kinds"].as_array().into_iter().flatten();
    kinds
        .filter(|known| known["name"] == kind)
        .flat_map(|known| known["columns"].as_array().into_iter().flatten())
        .any(|column| column["name"] == field && column["numeric"] == true)
}

fn add(filters: &mut Map<String, Value>, field: &str, value: &str, numeric: &dyn Fn(&str) -> bool) {
    let scalar = |text: &str| match text.parse::<f64>() {
        Ok(number) if numeric(field) => Value::from(number),
        Ok(_) | Err(_) => Value::from(text),
    };
    let entry = filters
        .entry(field)
        .or_insert_with(|| Value::Object(Map::new()));
    if let Some((from, to)) = value.split_once("..") {
        for (bound, text) in [("gte", from), ("lte", to)] {
            if !text.is_empty() {
                entry[bound] = scalar(text);
            }
        }
    } else if let Some(values) = entry["any"].as_array_mut() {
        values.push(scalar(value));
    } else {
        entry["any"] = Value::Array(vec![scalar(value)]);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{add, weights};

    #[test]
    fn filters_follow_the_rules_of_the_query_string() {
        let mut filters = Map::new();
        let numeric = |field: &str| field == "years";
        for (field, value) in [
            ("city", "Bonn"),
            ("city", "12"),
            ("years", "3..5"),
            ("years", "4"),
        ] {
            add(&mut filters, field, value, &numeric);
        }
        let expected = json!({"city": {"any": ["Bonn", "12"]}, "years": {"gte": 3.0, "lte": 5.0, "any": [4.0]}});
        assert_eq!(Value::Object(filters), expected);
    }

    #[test]
    fn weights_are_numbers() {
        assert_eq!(
            weights(&["text=5".into()]).unwrap(),
            Some(json!({"text": 5.0}))
        );
        assert!(weights(&["text=much".into()]).is_err());
        assert!(weights(&["text".into()]).is_err());
    }
}
