//! Conditions on columns of strings: their values as documents keep them, and the rows
//! that have them.

use serde_json::Value;
use tandem_index::bits::Bits;
use tandem_index::columns::Keywords;
use tandem_index::gazetteer::{city_name, region_name};
use tandem_index::kinds::{FieldType, Kind};
use tandem_index::place::country_code;
use tandem_index::row::{skill_name, skill_number};

use super::bounds::Wrong;
use super::{Test, fold_equal, has_range};
use crate::request::Condition;

/// The test of a condition on a column of strings.
pub(super) fn words(kind: &Kind, name: &str, condition: &Condition) -> Result<Test, Wrong> {
    if has_range(condition) {
        return Err("a range needs a field of numbers or dates".into());
    }
    let list = |values: &[Value]| -> Result<Vec<String>, String> {
        values
            .iter()
            .map(|value| match value {
                Value::String(text) => as_stored(kind, name, text),
                Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => {
                    Err("a value is a string".to_owned())
                }
            })
            .collect()
    };
    Ok(Test::Words {
        any: condition.any.as_deref().map(list).transpose()?,
        all: list(&condition.all)?.into_iter().map(|v| vec![v]).collect(),
        none: list(&condition.none)?,
    })
}

// A value the way documents' values are kept: skills by the dictionary's name,
// countries by code, currencies in capitals, closed lists checked.
fn as_stored(kind: &Kind, column: &str, value: &str) -> Result<String, String> {
    let (name, part) = column.split_once('.').unwrap_or((column, ""));
    let Some(field) = kind.field(name) else {
        return Ok(value.to_owned());
    };
    match (field.field_type, part) {
        (FieldType::Skills, _) => Ok(skill_name(skill_number(value)).unwrap_or(value).to_owned()),
        (FieldType::Place, "country") => Ok(country_code(value).unwrap_or(value).to_owned()),
        (FieldType::Place, "region") => Ok(region_name(value, None).unwrap_or(value).to_owned()),
        (FieldType::Place, "city") => Ok(city_name(value).unwrap_or(value).to_owned()),
        (FieldType::Pay, "currency") => Ok(value.to_uppercase()),
        _ if field.values.is_empty() => Ok(value.to_owned()),
        _ => {
            let exact = field.values.iter().find(|known| *known == value);
            let like = |known: &&String| fold_equal(known, value);
            exact
                .or_else(|| field.values.iter().find(like))
                .cloned()
                .ok_or_else(|| format!("expected one of: {}", field.values.join(", ")))
        }
    }
}

/// The rows of a column that pass.
pub(super) fn rows(
    unknown: &Bits,
    column: &Keywords,
    any: Option<&[String]>,
    all: &[Vec<String>],
    none: &[String],
) -> Bits {
    let set = |values: &[String]| -> Bits {
        let mut bits = Bits::new(column.distinct());
        for ordinal in values.iter().filter_map(|value| column.ordinal(value)) {
            bits.set(ordinal);
        }
        bits
    };
    let any = any.map(set);
    if any.as_ref().is_some_and(|any| any.count() == 0) && unknown.count() == 0 {
        return Bits::new(unknown.len());
    }
    let none = set(none);
    let all: Vec<Bits> = all.iter().map(|group| set(group)).collect();
    Bits::from_fn(unknown.len(), |row| {
        let held = column.of(row);
        if held.is_empty() {
            return unknown.get(row);
        }
        let has = |wanted: &Bits| held.iter().any(|ordinal| wanted.get(*ordinal));
        any.as_ref().is_none_or(has) && !has(&none) && all.iter().all(has)
    })
}
