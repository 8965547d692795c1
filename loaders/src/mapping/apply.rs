//! From a record to documents: follows the rules of a mapping, and says of
//! what it leaves out why. Reads no clock; the same record and mapping make
//! the same document.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::path::{ITEM_SUFFIX, Path, Scope, text_of};
use super::rule::{
    Convert, Extras, OnError, PayParts, Piece, PlaceParts, Rule, Source, Test, When,
};
use super::steps::{cut, hash, id, step};
use super::value::{Fault, date, html, list, number, pay, place, words};
use super::{Mapped, Mapping};
use crate::record::{Record, Reject};

/// Ways to say nothing in every table; a mapping's `empty` adds its own.
const NOTHING: [&str; 4] = ["n/a", "null", "nan", "#n/a"];

type Read<T> = Result<Option<T>, Fault>;

impl Mapping {
    /// Makes the documents of a record.
    pub fn map(&self, record: &Record) -> Mapped {
        let mut mapped = Mapped::default();
        let array = self.records.as_ref().and_then(|path| {
            path.find(Scope {
                fields: &record.fields,
                item: None,
            })
        });
        match array.as_deref() {
            Some(Value::Array(items)) => {
                for item in items {
                    match item {
                        Value::Object(fields) => self.each(fields, record.number, &mut mapped),
                        Value::Null
                        | Value::Bool(_)
                        | Value::Number(_)
                        | Value::String(_)
                        | Value::Array(_) => mapped.rejects.push(Reject::new(
                            record.number,
                            "not_an_object",
                            "an element of the records is no object",
                        )),
                    }
                }
            }
            Some(_) | None => self.each(&record.fields, record.number, &mut mapped),
        }
        mapped
    }

    fn each(&self, fields: &Map<String, Value>, line: u64, mapped: &mut Mapped) {
        let whole = Scope { fields, item: None };
        let Some(each) = &self.each else {
            return self.one(whole, line, mapped);
        };
        match each.find(whole).as_deref() {
            Some(Value::Array(items)) if !items.is_empty() => {
                for (place, item) in items.iter().enumerate() {
                    // Ids of further documents of a record: `{item_suffix}`.
                    let mut fields = fields.clone();
                    if place > 0 {
                        let suffix = format!("-{}", place + 1);
                        fields.insert(ITEM_SUFFIX.to_owned(), suffix.into());
                    }
                    let scope = Scope {
                        fields: &fields,
                        item: Some(item),
                    };
                    self.one(scope, line, mapped);
                }
            }
            // A record without the list is a document of its own.
            _ => self.one(whole, line, mapped),
        }
    }

    fn one(&self, scope: Scope<'_>, line: u64, mapped: &mut Mapped) {
        let reader = Reader {
            mapping: self,
            scope,
            dropped: RefCell::default(),
        };
        if let Some(skip) = self.skips.iter().find(|skip| reader.holds(&skip.when)) {
            mapped.skipped.push(skip.reason.clone());
            return;
        }
        let mut document = Map::new();
        for (field, rule) in reader.rules() {
            let value = reader.value(rule);
            let parts = reader.dropped.take().into_iter();
            mapped
                .dropped
                .extend(parts.map(|fault| Reject::new(line, fault.code, fault.what).field(field)));
            match value {
                Ok(Some(value)) => {
                    document.insert(field.to_owned(), value);
                }
                Ok(None) if rule.required => {
                    let what = "nothing in the columns of a required field";
                    mapped
                        .rejects
                        .push(Reject::new(line, "missing", what).field(field));
                    return;
                }
                Ok(None) => {}
                Err(fault) => {
                    let reject = Reject::new(line, fault.code, fault.what).field(field);
                    if rule.required || self.on_error(rule) == OnError::Reject {
                        mapped.rejects.push(reject);
                        return;
                    }
                    mapped.dropped.push(reject);
                }
            }
        }
        if let Some(extras) = &self.extras {
            let rest = reader.extras(extras);
            if !rest.is_empty() {
                document.insert(extras.field.clone(), Value::Object(rest));
            }
        }
        mapped.documents.push(Value::Object(document));
    }

    fn on_error(&self, rule: &Rule) -> OnError {
        rule.on_error.or(self.on_error).unwrap_or(OnError::Reject)
    }
}

struct Reader<'a> {
    mapping: &'a Mapping,
    scope: Scope<'a>,
    /// Parts of the field being read that were left out.
    dropped: RefCell<Vec<Fault>>,
}

impl<'a> Reader<'a> {
    /// The rules for this record, those of its cases in the place of the others.
    fn rules(&self) -> Vec<(&'a str, &'a Rule)> {
        let own = self.mapping.rules.iter();
        let mut rules: Vec<(&str, &Rule)> = own.map(|rule| (rule.field.as_str(), rule)).collect();
        for case in &self.mapping.cases {
            if !self.holds(&case.when) {
                continue;
            }
            for (field, rule) in &case.fields {
                rules.retain(|(name, _)| name != field);
                rules.extend(rule.iter().map(|rule| (field.as_str(), rule)));
            }
        }
        rules
    }

    fn holds(&self, when: &When) -> bool {
        when.0.iter().all(|(path, test)| {
            let value = self.find(path);
            let text = value.as_deref().and_then(text_of).unwrap_or_default();
            let plain = text.to_lowercase();
            match test {
                Test::Empty => value.is_none(),
                Test::Present => value.is_some(),
                Test::OneOf(values) => values.contains(&plain),
                Test::NoneOf(values) => !values.contains(&plain),
                Test::Matches(pattern) => pattern.is_match(&text),
            }
        })
    }

    /// What a column says, `None` where it says nothing.
    fn find(&self, path: &Path) -> Option<Cow<'a, Value>> {
        path.find(self.scope)
            .filter(|value| !self.is_nothing(value))
    }

    fn is_nothing(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Bool(_) => false,
            Value::Number(_) => {
                !self.mapping.empty.is_empty() && self.mapping.empty.contains(&value.to_string())
            }
            Value::String(text) => {
                let text = text.trim();
                // Long text is never a way to say nothing.
                text.is_empty()
                    || text.len() <= 64 && {
                        let plain = text.to_lowercase();
                        NOTHING.contains(&plain.as_str()) || self.mapping.empty.contains(&plain)
                    }
            }
            Value::Array(items) => items.iter().all(|item| self.is_nothing(item)),
            Value::Object(members) => members.is_empty(),
        }
    }

    fn value(&self, rule: &Rule) -> Read<Value> {
        let found = match self.source(rule)? {
            Some(value) => self.steps(rule, value)?,
            None => None,
        };
        let made = if let Convert::Pay(pay, parts) = &rule.convert {
            self.pay(pay, parts, found)?
        } else if let Convert::Place(parts) = &rule.convert {
            self.place(parts, found)?
        } else if let Some(value) = found {
            self.convert(&rule.convert, rule.max, value)?
        } else {
            None
        };
        let made = made.filter(|value| !self.is_nothing(value));
        Ok(cut(made, rule.max).or_else(|| rule.default.clone()))
    }

    fn source(&self, rule: &Rule) -> Read<Cow<'a, Value>> {
        let texts = |columns: &[Path]| -> Result<Vec<String>, Fault> {
            let found = columns.iter().filter_map(|path| {
                let value = self.find(path)?;
                Some(
                    text_of(&value)
                        .map(Cow::into_owned)
                        .ok_or_else(|| is_object(path)),
                )
            });
            found.collect()
        };
        let text = |text: String| Cow::Owned(Value::String(text));
        Ok(match &rule.source {
            Source::Columns(columns) => columns.iter().find_map(|path| self.find(path)),
            Source::Constant(value) => Some(Cow::Owned(value.clone())),
            Source::Parts => None,
            Source::Join { columns, with } => {
                Some(text(texts(columns)?.join(with))).filter(|value| !self.is_nothing(value))
            }
            Source::Template(pieces) => self.template(pieces)?.map(text),
            Source::Hash(columns) => {
                let found = texts(columns)?;
                (!found.is_empty()).then(|| {
                    let all = columns.iter().map(|path| self.find(path));
                    // Nothing in a column counts too: (a, -) is not (-, a).
                    let all = all.map(|value| {
                        let value = value.as_deref().and_then(text_of);
                        value.unwrap_or_default().to_lowercase()
                    });
                    text(hash(&all.collect::<Vec<_>>().join("\u{1f}")))
                })
            }
        })
    }

    fn template(&self, pieces: &[Piece]) -> Read<String> {
        let (mut text, mut said, mut has_columns) = (String::new(), false, false);
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Column(path) => {
                    let value = self.find(path);
                    // The suffix is nothing a record says.
                    let counts = path.as_str() != ITEM_SUFFIX;
                    has_columns |= counts;
                    if let Some(value) = value {
                        said |= counts;
                        text.push_str(&text_of(&value).ok_or_else(|| is_object(path))?);
                    }
                }
            }
        }
        Ok((said || !has_columns).then_some(text))
    }

    /// Pattern, replacements, letters and value map; lists item by item.
    fn steps(&self, rule: &Rule, value: Cow<'a, Value>) -> Read<Value> {
        let plain = rule.pattern.is_none()
            && rule.replace.is_empty()
            && rule.letters.is_none()
            && rule.map.is_none();
        if plain {
            return Ok(Some(value.into_owned()));
        }
        match value.as_ref() {
            Value::Array(items) => {
                let mut all = Vec::new();
                for item in items {
                    all.extend(step(rule, item)?.filter(|value| !self.is_nothing(value)));
                }
                Ok((!all.is_empty()).then_some(Value::Array(all)))
            }
            one @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_)) => Ok(step(rule, one)?.filter(|value| !self.is_nothing(value))),
        }
    }

    fn convert(&self, convert: &Convert, max: Option<usize>, value: Value) -> Read<Value> {
        let text = || {
            text_of(&value).ok_or_else(|| Fault::new("not_text", "is an object; name a part of it"))
        };
        Ok(match convert {
            // A constant or a list says what it means.
            Convert::Text if value.is_array() => Some(list::make(value, &[], max)?),
            Convert::Text => Some(Value::String(text()?.into_owned())),
            Convert::Html => Some(Value::String(html::to_text(&text()?))),
            Convert::Id => Some(Value::String(id(&text()?))),
            Convert::List { split } => Some(list::make(value, split, max)?),
            Convert::Number => number::make(&value)?,
            Convert::Date(rule) => {
                let reference = rule
                    .reference_column
                    .as_ref()
                    .and_then(|path| self.find(path));
                date::make(&value, rule, reference.as_deref())?.map(Value::String)
            }
            Convert::Flag => Some(Value::Bool(words::flag(&value)?)),
            Convert::Remote => words::remote(&value).map(Into::into),
            Convert::Language => Some(words::language(&text()?)?.into()),
            Convert::Json | Convert::Pay(..) | Convert::Place(_) => Some(value),
        })
    }

    fn pay(&self, rule: &pay::PayRule, parts: &PayParts, text: Option<Value>) -> Read<Value> {
        let column = |path: &Option<Path>| path.as_ref().and_then(|path| self.find(path));
        let (min, max) = (column(&parts.min), column(&parts.max));
        let word = |path: &Option<Path>| -> Option<String> {
            column(path)
                .as_deref()
                .and_then(text_of)
                .map(Cow::into_owned)
        };
        let (currency, period) = (word(&parts.currency), word(&parts.period));
        let rule = rule.told(currency.as_deref(), period.as_deref())?;
        if min.is_some() || max.is_some() {
            return pay::from_amounts(min.as_deref(), max.as_deref(), &rule);
        }
        match text {
            Some(value @ Value::Object(_)) => Ok(Some(value)),
            Some(value) => {
                let text = text_of(&value).unwrap_or_default();
                Ok(pay::from_text(&text, &rule)?.map(|pay| pay.to_json()))
            }
            None => Ok(None),
        }
    }

    fn place(&self, parts: &PlaceParts, text: Option<Value>) -> Read<Value> {
        let word = |rule: &Option<Rule>| -> Read<String> {
            let Some(rule) = rule else { return Ok(None) };
            let value = self.value(rule)?;
            Ok(value.as_ref().and_then(text_of).map(Cow::into_owned))
        };
        let degrees = |rule: &Option<Rule>| -> Read<f64> {
            let Some(rule) = rule else { return Ok(None) };
            let value = self.value(rule)?;
            value.as_ref().map(place::degrees).transpose()
        };
        let items = match &text {
            Some(Value::Object(_)) => return Ok(text),
            Some(Value::Array(items)) => items.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        let texts = items.iter().filter(|_| parts.read).filter_map(text_of);
        let mut made = place::first(texts, parts.in_country.as_deref());
        made.text = text.as_ref().and_then(text_of).map(Cow::into_owned);
        made.overlay(
            word(&parts.city)?,
            word(&parts.region)?,
            word(&parts.country)?,
        );
        made.without_country_as_city();
        let placed = degrees(&parts.lat).and_then(|lat| made.at(lat, degrees(&parts.lon)?));
        let lat = parts.lat.as_ref();
        match placed {
            Err(fault) if lat.is_some_and(|rule| rule.on_error == Some(OnError::DropField)) => {
                self.dropped.borrow_mut().push(fault);
            }
            placed => placed?,
        }
        Ok(made.to_json())
    }

    fn extras(&self, extras: &Extras) -> Map<String, Value> {
        if !extras.columns.is_empty() {
            let found = extras.columns.iter().filter_map(|path| {
                let value = self.find(path)?.into_owned();
                Some((path.as_str().to_owned(), value))
            });
            return found.collect();
        }
        let used: BTreeSet<&str> = self
            .mapping
            .columns()
            .into_iter()
            .flat_map(|(_, path)| [path.as_str(), path.first()])
            .collect();
        let rest = self.scope.fields.iter();
        rest.filter(|(name, value)| {
            !used.contains(name.as_str()) && *name != ITEM_SUFFIX && !self.is_nothing(value)
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
    }
}

fn is_object(path: &Path) -> Fault {
    let what = format!(
        "column `{}` is an object; name a part of it",
        path.as_str().escape_debug()
    );
    Fault::new("not_text", what)
}
