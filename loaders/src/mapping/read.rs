//! From the text of a mapping file to a checked `Mapping`. Owns the keys of the
//! language and their meaning; docs/loading.md describes them.

use std::num::NonZeroU64;

use toml::{Table, Value};

use super::path::Path;
use super::rule::{Case, Extras, Skip, Test, When};
use super::rules::{on_error, regex, rule};
use super::table::{Keys, texts, to_json};
use super::{Mapping, MappingError};

type Result<T> = std::result::Result<T, MappingError>;

const TOP: [&str; 11] = [
    "about",
    "kind",
    "records",
    "header_row",
    "each",
    "empty",
    "on_error",
    "skip",
    "fields",
    "case",
    "extras",
];

pub(super) fn mapping(text: &str) -> Result<Mapping> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let table: Table = text
        .parse()
        .map_err(|cause: toml::de::Error| MappingError::new("", cause.to_string().trim_end()))?;
    let keys = Keys::new(&table, "", &TOP)?;
    let path = |key: &str| -> Result<Option<Path>> { Ok(keys.text(key)?.map(Path::new)) };
    let mut mapping = Mapping {
        about: keys.text("about")?.map(str::to_owned),
        kind: keys.text("kind")?.map(str::to_owned),
        records: path("records")?,
        header_row: header_row(&keys)?,
        each: path("each")?,
        empty: keys.texts("empty")?.unwrap_or_default(),
        on_error: on_error(&keys)?,
        ..Mapping::default()
    };
    for empty in &mut mapping.empty {
        *empty = empty.trim().to_lowercase();
    }
    for skip in keys.tables("skip")? {
        let skip = Keys::new(skip, "skip", &["when", "reason"])?;
        mapping.skips.push(Skip {
            when: when(&skip)?,
            reason: skip
                .text("reason")?
                .ok_or_else(|| skip.error("reason", "a skip needs a reason"))?
                .to_owned(),
        });
    }
    let fields = keys
        .table("fields")?
        .ok_or_else(|| MappingError::new("fields", "a mapping needs [fields]"))?;
    for (name, value) in fields {
        mapping.rules.push(rule(name, value, "fields")?);
    }
    for case in keys.tables("case")? {
        let case = Keys::new(case, "case", &["when", "fields"])?;
        let fields = case
            .table("fields")?
            .ok_or_else(|| case.error("fields", "a case needs [case.fields]"))?;
        let fields = fields.iter().map(|(name, value)| {
            let rule = match value.as_bool() {
                Some(false) => None,
                Some(true) | None => Some(rule(name, value, "case.fields")?),
            };
            Ok((name.clone(), rule))
        });
        mapping.cases.push(Case {
            when: when(&case)?,
            fields: fields.collect::<Result<_>>()?,
        });
    }
    mapping.extras = keys.table("extras")?.map(extras).transpose()?;
    Ok(mapping)
}

fn header_row(keys: &Keys<'_>) -> Result<Option<NonZeroU64>> {
    let Some(value) = keys.get("header_row") else {
        return Ok(None);
    };
    let row = value.as_integer().and_then(|row| u64::try_from(row).ok());
    let row = row.and_then(NonZeroU64::new).ok_or_else(|| {
        let what = "expected the row of the header, counted from 1: 3 where two rows of titles stand above it";
        keys.error("header_row", what)
    })?;
    if keys.get("records").is_some() {
        let what = "is for CSV, TSV and XLSX, and `records` for JSON: leave one of them out";
        return Err(keys.error("header_row", what));
    }
    Ok(Some(row))
}

fn extras(table: &Table) -> Result<Extras> {
    let keys = Keys::new(table, "extras", &["field", "columns"])?;
    let field = keys
        .text("field")?
        .ok_or_else(|| keys.error("field", "extras need the field they go to"))?;
    let columns = keys.texts("columns")?.unwrap_or_default();
    Ok(Extras {
        field: field.to_owned(),
        columns: columns.iter().map(|column| Path::new(column)).collect(),
    })
}

fn when(keys: &Keys<'_>) -> Result<When> {
    let table = keys
        .table("when")?
        .filter(|table| !table.is_empty())
        .ok_or_else(|| keys.error("when", "expected conditions: when = { column = \"value\" }"))?;
    let at = keys.path("when");
    let tests = table.iter().map(|(column, value)| {
        let test = test(value, &format!("{at}.{column}"))?;
        Ok((Path::new(column), test))
    });
    tests.collect::<Result<_>>().map(When)
}

fn test(value: &Value, at: &str) -> Result<Test> {
    let plain = |value: &Value| -> Result<Vec<String>> {
        let all = match value {
            Value::Boolean(_) | Value::Integer(_) | Value::Float(_) => {
                Some(vec![to_json(value).to_string()])
            }
            Value::String(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => {
                texts(value)
            }
        };
        let all = all.ok_or_else(|| {
            MappingError::new(
                at,
                "expected a value, a list of texts, or { empty, present, not, matches }",
            )
        })?;
        Ok(all.iter().map(|text| text.trim().to_lowercase()).collect())
    };
    let Value::Table(table) = value else {
        let values = plain(value)?;
        return Ok(if values == [""] {
            Test::Empty
        } else {
            Test::OneOf(values)
        });
    };
    let keys = Keys::new(table, at, &["empty", "present", "not", "matches"])?;
    let asked = (
        keys.flag("empty")?,
        keys.flag("present")?,
        table.get("not"),
        keys.text("matches")?,
    );
    match asked {
        (Some(is), None, None, None) => Ok(if is { Test::Empty } else { Test::Present }),
        (None, Some(is), None, None) => Ok(if is { Test::Present } else { Test::Empty }),
        (None, None, Some(not), None) => Ok(Test::NoneOf(plain(not)?)),
        (None, None, None, Some(pattern)) => Ok(Test::Matches(regex(pattern, at)?)),
        _ => Err(MappingError::new(
            at,
            "expected one of empty, present, not, matches",
        )),
    }
}
