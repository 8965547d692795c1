//! One rule of a mapping file, checked: where its value comes from, what is
//! done to it, what type it is. Owns the keys of rules.

use regex::Regex;
use toml::{Table, Value};

use super::MappingError;
use super::path::Path;
use super::rule::{
    Convert, Letters, OnError, Other, PayParts, Piece, PlaceParts, Rule, Source, ValueMap,
};
use super::table::{Keys, nearest, texts, to_json};
use super::value::date::DateRule;
use super::value::pay::PayRule;

type Result<T> = std::result::Result<T, MappingError>;

const SOURCE: [&str; 7] = [
    "column", "columns", "join", "with", "template", "value", "hash",
];
const STEPS: [&str; 11] = [
    "type", "pattern", "replace", "letters", "map", "other", "max", "default", "required",
    "on_error", "optional",
];
const TYPES: [(&str, &[&str]); 13] = [
    ("text", &[]),
    ("html", &[]),
    ("json", &[]),
    ("id", &[]),
    ("list", &["split"]),
    ("number", &[]),
    ("flag", &[]),
    ("remote", &[]),
    ("language", &[]),
    (
        "date",
        &["formats", "day_first", "reference", "reference_column"],
    ),
    (
        "pay",
        &[
            "min_column",
            "max_column",
            "currency",
            "currency_column",
            "period",
            "period_column",
        ],
    ),
    (
        "place",
        &[
            "city",
            "region",
            "country",
            "lat",
            "lon",
            "in_country",
            "read",
        ],
    ),
    ("keyword", &[]),
];

pub(super) fn on_error(keys: &Keys<'_>) -> Result<Option<OnError>> {
    choice(
        keys,
        "on_error",
        &[
            ("reject", OnError::Reject),
            ("drop_field", OnError::DropField),
        ],
    )
}

/// One of a few words.
fn choice<T: Copy>(keys: &Keys<'_>, key: &str, known: &[(&str, T)]) -> Result<Option<T>> {
    let Some(given) = keys.text(key)? else {
        return Ok(None);
    };
    if let Some((_, choice)) = known.iter().find(|(name, _)| *name == given) {
        return Ok(Some(*choice));
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let mut error = keys.error(
        key,
        format!("`{}` is none of {}", given.escape_debug(), names.join(", ")),
    );
    error.did_you_mean = nearest(given, names);
    Err(error)
}

pub(super) fn regex(pattern: &str, at: &str) -> Result<Regex> {
    Regex::new(pattern)
        .map_err(|cause| MappingError::new(at, format!("not a pattern: {}", last_line(&cause))))
}

// The last line of the explanation says what is wrong, those above draw it.
fn last_line(cause: &regex::Error) -> String {
    let text = cause.to_string();
    text.lines().last().unwrap_or_default().trim().to_owned()
}

/// A rule: a column's name, a list of them, or a table.
pub(super) fn rule(field: &str, value: &Value, at: &str) -> Result<Rule> {
    let at = format!("{at}.{field}");
    let source = match value {
        Value::Table(table) => return rule_table(field, table, &at),
        Value::String(_) | Value::Array(_) => texts(value),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => None,
    };
    let columns = source
        .filter(|columns| !columns.is_empty())
        .ok_or_else(|| {
            MappingError::new(
                &at,
                "expected a column, a list of columns or a table; a constant is { value = … }",
            )
        })?;
    Ok(Rule {
        field: field.to_owned(),
        source: Source::Columns(paths(&columns)),
        pattern: None,
        replace: Vec::new(),
        letters: None,
        map: None,
        convert: plain_type(field),
        max: None,
        default: None,
        required: field == "id",
        on_error: None,
        optional: false,
    })
}

fn plain_type(field: &str) -> Convert {
    match field {
        "id" => Convert::Id,
        "language" => Convert::Language,
        _ => Convert::Text,
    }
}

fn paths(columns: &[String]) -> Vec<Path> {
    columns.iter().map(|column| Path::new(column)).collect()
}

fn rule_table(field: &str, table: &Table, at: &str) -> Result<Rule> {
    let own = type_keys(table, at)?;
    let known: Vec<&str> = SOURCE
        .iter()
        .chain(&STEPS)
        .chain(own.map_or(&[][..], |(_, keys)| keys))
        .copied()
        .collect();
    let keys = Keys::new(table, at, &known)?;
    let source = source(&keys)?;
    let pairs = |key: &str| -> Result<Vec<(String, String)>> {
        let wrong = || keys.error(key, "expected [[\"from\", \"to\"], …]");
        let Some(value) = keys.get(key) else {
            return Ok(Vec::new());
        };
        let items = value.as_array().ok_or_else(wrong)?;
        let pair = |item: &Value| match texts(item).as_deref() {
            Some([from, to]) => Ok((from.clone(), to.clone())),
            _ => Err(wrong()),
        };
        items.iter().map(pair).collect()
    };
    let pattern = keys.text("pattern")?;
    Ok(Rule {
        field: field.to_owned(),
        source,
        pattern: pattern
            .map(|pattern| regex(pattern, &keys.path("pattern")))
            .transpose()?,
        replace: pairs("replace")?,
        letters: choice(
            &keys,
            "letters",
            &[
                ("lower", Letters::Lower),
                ("upper", Letters::Upper),
                ("title", Letters::Title),
                ("sentence", Letters::Sentence),
                ("calm", Letters::Calm),
            ],
        )?,
        map: value_map(&keys)?,
        convert: match own {
            None => plain_type(field),
            Some((name, _)) => convert(name, &keys)?,
        },
        max: keys.count("max")?,
        default: keys.get("default").map(to_json),
        required: keys.flag("required")?.unwrap_or(field == "id"),
        on_error: on_error(&keys)?,
        optional: keys.flag("optional")?.unwrap_or(false),
    })
}

fn type_keys(table: &Table, at: &str) -> Result<Option<(&'static str, &'static [&'static str])>> {
    let Some(value) = table.get("type") else {
        return Ok(None);
    };
    let at = format!("{at}.type");
    let given = value
        .as_str()
        .ok_or_else(|| MappingError::new(&at, "expected text"))?;
    if let Some((name, keys)) = TYPES.iter().find(|(name, _)| *name == given) {
        return Ok(Some((name, keys)));
    }
    let names = TYPES.map(|(name, _)| name);
    let mut error = MappingError::new(
        at,
        format!("`{}` is none of {}", given.escape_debug(), names.join(", ")),
    );
    error.did_you_mean = nearest(given, names);
    Err(error)
}

fn source(keys: &Keys<'_>) -> Result<Source> {
    let given: Vec<&str> = ["column", "columns", "join", "template", "value", "hash"]
        .into_iter()
        .filter(|key| keys.get(key).is_some())
        .collect();
    if keys.get("with").is_some() && given != ["join"] {
        return Err(keys.error("with", "belongs to join"));
    }
    let columns = |key: &str| {
        let columns = keys.texts(key)?.unwrap_or_default();
        if columns.is_empty() {
            return Err(keys.error(key, "names no column"));
        }
        Ok(paths(&columns))
    };
    Ok(match given.as_slice() {
        ["join"] => Source::Join {
            columns: columns("join")?,
            with: keys.text("with")?.unwrap_or(" ").to_owned(),
        },
        ["template"] => Source::Template(template(keys)?),
        ["value"] => Source::Constant(keys.get("value").map(to_json).unwrap_or_default()),
        ["hash"] => Source::Hash(columns("hash")?),
        // column or columns
        [key] => Source::Columns(columns(key)?),
        [] if is_in_parts(keys) => Source::Parts,
        [] => {
            return Err(MappingError::new(
                keys.path("column"),
                "no source: name a column, columns, join, template, value or hash",
            ));
        }
        [first, second, ..] => {
            return Err(keys.error(second, format!("a rule has one source, and has `{first}`")));
        }
    })
}

fn is_in_parts(keys: &Keys<'_>) -> bool {
    [
        "min_column",
        "max_column",
        "city",
        "region",
        "country",
        "lat",
        "in_country",
    ]
    .iter()
    .any(|part| keys.get(part).is_some())
}

fn template(keys: &Keys<'_>) -> Result<Vec<Piece>> {
    let mut rest = keys.text("template")?.unwrap_or_default();
    let mut pieces = Vec::new();
    while let Some((before, after)) = rest.split_once('{') {
        let (column, behind) = after
            .split_once('}')
            .ok_or_else(|| keys.error("template", "a { without its }"))?;
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        pieces.push(Piece::Column(Path::new(column.trim())));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

fn value_map(keys: &Keys<'_>) -> Result<Option<ValueMap>> {
    let other = choice(
        keys,
        "other",
        &[
            ("keep", Other::Keep),
            ("drop", Other::Drop),
            ("reject", Other::Reject),
        ],
    )?;
    let Some(table) = keys.table("map")? else {
        return match other {
            None => Ok(None),
            Some(_) => Err(keys.error("other", "belongs to map")),
        };
    };
    let values = table
        .iter()
        .map(|(from, to)| (from.trim().to_lowercase(), to_json(to)));
    Ok(Some(ValueMap {
        values: values.collect(),
        other: other.unwrap_or(Other::Keep),
    }))
}

fn convert(name: &str, keys: &Keys<'_>) -> Result<Convert> {
    let path = |key: &str| -> Result<Option<Path>> { Ok(keys.text(key)?.map(Path::new)) };
    Ok(match name {
        "html" => Convert::Html,
        "json" => Convert::Json,
        "id" => Convert::Id,
        "list" => Convert::List {
            split: keys
                .texts("split")?
                .unwrap_or_else(|| [",", ";", "|", "\n"].map(str::to_owned).to_vec()),
        },
        "number" => Convert::Number,
        "flag" => Convert::Flag,
        "remote" => Convert::Remote,
        "language" => Convert::Language,
        "date" => Convert::Date(
            DateRule::new(
                keys.texts("formats")?.unwrap_or_default(),
                keys.flag("day_first")?,
                keys.text("reference")?,
                path("reference_column")?,
            )
            .map_err(|(key, what)| keys.error(key, what))?,
        ),
        "pay" => {
            let rule = PayRule::new(keys.text("currency")?, keys.text("period")?)
                .map_err(|(key, what)| keys.error(key, what))?;
            let parts = PayParts {
                min: path("min_column")?,
                max: path("max_column")?,
                currency: path("currency_column")?,
                period: path("period_column")?,
            };
            Convert::Pay(rule, parts)
        }
        "place" => Convert::Place(Box::new(place(keys)?)),
        // "text" and "keyword": one text as it stands.
        _ => Convert::Text,
    })
}

fn place(keys: &Keys<'_>) -> Result<PlaceParts> {
    let at = keys.path("");
    let at = at.trim_end_matches('.');
    let part = |key: &str| keys.get(key).map(|value| rule(key, value, at)).transpose();
    let in_country = keys.text("in_country")?;
    if let Some(code) = in_country
        && tandem_index::gazetteer::country_code(code).is_none()
    {
        return Err(keys.error("in_country", "expected a country's name or ISO 3166-1 code"));
    }
    Ok(PlaceParts {
        city: part("city")?,
        region: part("region")?,
        country: part("country")?,
        lat: part("lat")?,
        lon: part("lon")?,
        in_country: in_country.map(str::to_owned),
        read: keys.flag("read")?.unwrap_or(true),
    })
}
