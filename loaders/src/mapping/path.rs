//! Where a mapping finds a value in a record: a column's name, or a path of
//! members. Knows nothing of what the value means.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// The name under which the element of `each` is addressed.
pub(super) const ITEM: &str = "item";

/// The column that keeps the ids of documents of one record apart.
pub(super) const ITEM_SUFFIX: &str = "item_suffix";

/// A column by its whole name, else members from outside in:
/// `structured.locations`, `departments.0.name`, `offices.*.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    full: String,
}

/// What paths are looked up in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) fields: &'a Map<String, Value>,
    pub(super) item: Option<&'a Value>,
}

impl Path {
    pub(super) fn new(full: &str) -> Self {
        Self {
            full: full.to_owned(),
        }
    }

    /// The path as the mapping writes it.
    pub fn as_str(&self) -> &str {
        &self.full
    }

    /// The first member: what a sample of JSON records must have.
    pub(super) fn first(&self) -> &str {
        self.full
            .split_once('.')
            .map_or(self.full.as_str(), |(first, _)| first)
    }

    /// The value, `None` where there is none.
    pub(super) fn find<'a>(&self, scope: Scope<'a>) -> Option<Cow<'a, Value>> {
        if let Some(value) = scope.fields.get(&self.full) {
            return Some(Cow::Borrowed(value));
        }
        let (first, rest) = match self.full.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (self.full.as_str(), None),
        };
        let start = if first == ITEM && scope.item.is_some() {
            scope.item
        } else {
            scope.fields.get(first)
        }?;
        match rest {
            None => Some(Cow::Borrowed(start)),
            Some(rest) => walk(start, rest),
        }
    }
}

fn walk<'a>(value: &'a Value, path: &str) -> Option<Cow<'a, Value>> {
    let (step, rest) = match path.split_once('.') {
        Some((step, rest)) => (step, Some(rest)),
        None => (path, None),
    };
    let found = match value {
        // Members may have dots in their names: the whole rest comes first.
        Value::Object(members) => match members.get(path) {
            Some(found) => return Some(Cow::Borrowed(found)),
            None => members.get(step)?,
        },
        Value::Array(items) if step == "*" => {
            let all = items.iter().filter_map(|item| match rest {
                None => Some(item.clone()),
                Some(rest) => walk(item, rest).map(Cow::into_owned),
            });
            return Some(Cow::Owned(Value::Array(all.collect())));
        }
        Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    match rest {
        None => Some(Cow::Borrowed(found)),
        Some(rest) => walk(found, rest),
    }
}

/// A value as text: numbers and flags as written in JSON, lists joined with
/// `; `. `None` for an object, which has no text of its own.
pub(super) fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => Some(Cow::Borrowed("")),
        Value::String(text) => Some(Cow::Borrowed(text.trim())),
        Value::Bool(_) | Value::Number(_) => Some(Cow::Owned(value.to_string())),
        Value::Array(items) => {
            let texts: Option<Vec<_>> = items.iter().map(text_of).collect();
            let texts: Vec<_> = texts?.into_iter().filter(|text| !text.is_empty()).collect();
            Some(Cow::Owned(texts.join("; ")))
        }
        Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_come_before_members_and_lists_are_walked() {
        let record = json!({
            "a.b": 1, "a": {"b": 2, "c": {"d": [3, 4]}, "e.f": 5},
            "list": [{"n": "x"}, {"n": "y"}, {}]
        });
        let item = json!({"title": "t"});
        let scope = Scope {
            fields: record.as_object().unwrap(),
            item: Some(&item),
        };
        let cases = [
            ("a.b", Some(json!(1))),
            ("a.c.d", Some(json!([3, 4]))),
            ("a.c.d.1", Some(json!(4))),
            ("a.e.f", Some(json!(5))),
            ("list.*.n", Some(json!(["x", "y"]))),
            ("list.0.n", Some(json!("x"))),
            ("item.title", Some(json!("t"))),
            ("a.x", None),
            ("a.b.c", None),
            ("list.9.n", None),
            ("zzz", None),
        ];
        for (path, expected) in cases {
            let found = Path::new(path).find(scope).map(Cow::into_owned);
            assert_eq!(found, expected, "{path}");
        }
    }
}
