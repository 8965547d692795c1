//! Filters: conditions on columns, compiled once, then a bitmap a segment. Owns
//! their checks and meaning.

use serde_json::{Map, Value, json};
use tandem_index::bits::Bits;
use tandem_index::columns::{Column, Keywords};
use tandem_index::document::parse_date_ms;
use tandem_index::gazetteer::{city_name, region_name};
use tandem_index::kinds::{ColumnDef, FieldType, Kind, did_you_mean};
use tandem_index::place::country_code;
use tandem_index::row::{skill_name, skill_number};
use tandem_index::segment::Segment;

use crate::answer::Fault;
use crate::request::Condition;

/// A checked condition on one column.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The column's number.
    pub column: usize,
    name: String,
    test: Test,
    include_unknown: bool,
    shown: Value,
}

#[derive(Clone, Debug)]
enum Test {
    Words {
        any: Option<Vec<String>>,
        all: Vec<String>,
        none: Vec<String>,
    },
    Numbers {
        any: Option<Vec<f64>>,
        none: Vec<f64>,
        low: Option<(f64, bool)>,
        high: Option<(f64, bool)>,
    },
}

/// Checks the conditions of a request against a kind. Every fault is reported.
pub fn compile(kind: &Kind, conditions: &[(String, Condition)]) -> Result<Vec<Filter>, Vec<Fault>> {
    let mut filters = Vec::with_capacity(conditions.len());
    let mut faults = Vec::new();
    for (name, condition) in conditions {
        match compile_one(kind, name, condition) {
            Ok(filter) => filters.push(filter),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(filters)
    } else {
        Err(faults)
    }
}

/// A JSON pointer to a member of a member, names escaped as RFC 6901 says.
pub fn pointer(member: &str, name: &str) -> String {
    format!("/{member}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The fault of a name that is no column of a kind.
pub fn unknown_column(kind: &Kind, member: &str, name: &str) -> Fault {
    Fault {
        pointer: pointer(member, name),
        code: "unknown_field",
        detail: format!("{} have no field to use here by this name", kind.name),
        did_you_mean: did_you_mean(name, kind.columns().iter().map(|c| c.name.as_str())),
    }
}

fn compile_one(kind: &Kind, name: &str, condition: &Condition) -> Result<Filter, Fault> {
    let Some(column) = kind.column(name) else {
        return Err(unknown_column(kind, "filters", name));
    };
    let def = &kind.columns()[column];
    let fault = |detail: String| Fault {
        pointer: pointer("filters", name),
        code: "invalid_filter",
        detail,
        did_you_mean: None,
    };
    let test = if def.numeric {
        numbers(def, condition).map_err(fault)?
    } else {
        words(kind, name, condition).map_err(fault)?
    };
    Ok(Filter {
        column,
        name: name.to_owned(),
        test,
        include_unknown: condition.include_unknown,
        shown: shown(condition),
    })
}

fn words(kind: &Kind, name: &str, condition: &Condition) -> Result<Test, String> {
    let ranges = [&condition.gte, &condition.gt, &condition.lte, &condition.lt];
    if ranges.iter().any(|bound| bound.is_some()) {
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
        all: list(&condition.all)?,
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
        _ if field.values.is_empty() || field.values.iter().any(|known| known == value) => {
            Ok(value.to_owned())
        }
        _ => Err(format!("expected one of: {}", field.values.join(", "))),
    }
}

fn numbers(def: &ColumnDef, condition: &Condition) -> Result<Test, String> {
    let number = |value: &Value| -> Result<f64, String> {
        if def.date {
            let ms = value.as_str().and_then(parse_date_ms);
            return ms
                .map(|ms| ms as f64)
                .ok_or("expected an RFC 3339 date".into());
        }
        value.as_f64().ok_or("expected a number".into())
    };
    let list = |values: &[Value]| {
        values
            .iter()
            .map(number)
            .collect::<Result<Vec<f64>, String>>()
    };
    if !condition.all.is_empty() {
        return Err("`all` needs a field that can have several values".into());
    }
    let bound = |inclusive: &Option<Value>, exclusive: &Option<Value>| match (inclusive, exclusive)
    {
        (Some(_), Some(_)) => Err("has two bounds on one side".to_owned()),
        (Some(value), None) => Ok(Some((number(value)?, true))),
        (None, Some(value)) => Ok(Some((number(value)?, false))),
        (None, None) => Ok(None),
    };
    let low = bound(&condition.gte, &condition.gt)?;
    let high = bound(&condition.lte, &condition.lt)?;
    if let (Some((low, _)), Some((high, _))) = (low, high)
        && low > high
    {
        return Err("the lower bound is above the upper one".into());
    }
    Ok(Test::Numbers {
        any: condition.any.as_deref().map(list).transpose()?,
        none: list(&condition.none)?,
        low,
        high,
    })
}

fn shown(condition: &Condition) -> Value {
    let mut out = Map::new();
    if let Some(any) = &condition.any {
        out.insert("any".into(), json!(any));
    }
    for (name, list) in [("all", &condition.all), ("none", &condition.none)] {
        if !list.is_empty() {
            out.insert(name.into(), json!(list));
        }
    }
    let bounds = [
        ("gte", &condition.gte),
        ("gt", &condition.gt),
        ("lte", &condition.lte),
        ("lt", &condition.lt),
    ];
    for (name, bound) in bounds {
        if let Some(bound) = bound {
            out.insert(name.into(), bound.clone());
        }
    }
    let unknown = if condition.include_unknown {
        "include"
    } else {
        "exclude"
    };
    out.insert("unknown".into(), json!(unknown));
    Value::Object(out)
}

impl Filter {
    /// The filter as `applied` shows it: name and condition.
    pub fn shown(&self) -> (String, Value) {
        (self.name.clone(), self.shown.clone())
    }

    /// The rows of a segment that pass. Linear in its rows.
    pub fn rows(&self, segment: &Segment) -> Bits {
        match (&self.test, &segment.columns[self.column]) {
            (Test::Words { any, all, none }, Column::Keywords(column)) => {
                self.word_rows(segment.rows(), column, any.as_deref(), all, none)
            }
            (
                Test::Numbers {
                    any,
                    none,
                    low,
                    high,
                },
                Column::Numbers(values),
            ) => Bits::from_fn(segment.rows() as usize, |row| {
                let value = values[row as usize];
                if value.is_nan() {
                    return self.include_unknown;
                }
                any.as_ref().is_none_or(|any| any.contains(&value))
                    && !none.contains(&value)
                    && low.is_none_or(|(b, inc)| value > b || (inc && value >= b))
                    && high.is_none_or(|(b, inc)| value < b || (inc && value <= b))
            }),
            // A compiled filter's test is of its column's type.
            (Test::Words { .. }, Column::Numbers(_))
            | (Test::Numbers { .. }, Column::Keywords(_)) => Bits::new(segment.rows() as usize),
        }
    }

    fn word_rows(
        &self,
        rows: u32,
        column: &Keywords,
        any: Option<&[String]>,
        all: &[String],
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
        let none = set(none);
        let mut wanted: Vec<&String> = all.iter().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let all = set(all);
        Bits::from_fn(rows as usize, |row| {
            let held = column.of(row);
            if held.is_empty() {
                return self.include_unknown;
            }
            any.as_ref()
                .is_none_or(|any| held.iter().any(|o| any.get(*o)))
                && !held.iter().any(|o| none.get(*o))
                && (wanted.is_empty()
                    || held.iter().filter(|o| all.get(**o)).count() == wanted.len())
        })
    }
}

/// The rows of a segment that are alive and pass every filter but those on the
/// column `except`.
pub fn allowed(filters: &[Filter], segment: &Segment, alive: &Bits, except: Option<usize>) -> Bits {
    let mut bits = alive.clone();
    for filter in filters
        .iter()
        .filter(|filter| Some(filter.column) != except)
    {
        bits.and_assign(&filter.rows(segment));
    }
    bits
}
