//! A table of a mapping file, read with care: every key is known or is an
//! error that names the nearest one. Knows nothing of what the keys mean.

use toml::{Table, Value};

use super::MappingError;

/// A table and where it is in the file.
pub(super) struct Keys<'a> {
    table: &'a Table,
    at: String,
}

/// The name most like `given`, if one is like it at all.
pub(super) fn nearest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let plain = given.to_lowercase();
    names
        .into_iter()
        .map(|name| {
            let likeness = strsim::jaro_winkler(&plain, &name.to_lowercase());
            (likeness, name)
        })
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

impl<'a> Keys<'a> {
    /// Checks that every key is one of `known`.
    pub(super) fn new(table: &'a Table, at: &str, known: &[&str]) -> Result<Self, MappingError> {
        let keys = Self {
            table,
            at: at.to_owned(),
        };
        match table.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(keys),
            Some(key) => {
                let mut error = MappingError::new(
                    keys.path(key),
                    format!("unknown key `{}`", key.escape_debug()),
                );
                error.did_you_mean = nearest(key, known.iter().copied());
                if error.did_you_mean.is_none() {
                    error.what = format!("{}; known are {}", error.what, known.join(", "));
                }
                Err(error)
            }
        }
    }

    pub(super) fn path(&self, key: &str) -> String {
        if self.at.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.at)
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.table.get(key)
    }

    pub(super) fn error(&self, key: &str, what: impl Into<String>) -> MappingError {
        MappingError::new(self.path(key), what)
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, MappingError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.error(key, "expected text")),
        }
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, MappingError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Boolean(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.error(key, "expected true or false")),
        }
    }

    pub(super) fn count(&self, key: &str) -> Result<Option<usize>, MappingError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Integer(number)) if *number > 0 => Ok(usize::try_from(*number).ok()),
            Some(_) => Err(self.error(key, "expected a whole number above 0")),
        }
    }

    pub(super) fn table(&self, key: &str) -> Result<Option<&'a Table>, MappingError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Table(table)) => Ok(Some(table)),
            Some(_) => Err(self.error(key, "expected a table")),
        }
    }

    pub(super) fn tables(&self, key: &str) -> Result<Vec<&'a Table>, MappingError> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| {
                    item.as_table()
                        .ok_or_else(|| self.error(key, format!("expected [[{key}]] tables")))
                })
                .collect(),
            Some(_) => Err(self.error(key, format!("expected [[{key}]] tables"))),
        }
    }

    /// Text or a list of texts.
    pub(super) fn texts(&self, key: &str) -> Result<Option<Vec<String>>, MappingError> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => texts(value)
                .map(Some)
                .ok_or_else(|| self.error(key, "expected text or a list of texts")),
        }
    }
}

/// Text or a list of texts.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect(),
        Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Table(_) => None,
    }
}

/// A TOML value as JSON; dates as their text.
pub(super) fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::String(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Boolean(flag) => (*flag).into(),
        Value::Datetime(time) => time.to_string().into(),
        Value::Array(items) => items.iter().map(to_json).collect(),
        Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), to_json(value)))
            .collect(),
    }
}
