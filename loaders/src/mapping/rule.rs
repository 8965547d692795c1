//! What a mapping is made of, checked: rules for fields, conditions, cases.
//! Owns the types; `read` makes them from TOML, `apply` follows them.

use std::collections::HashMap;

use regex::Regex;
use serde_json::Value;

use super::path::Path;
use super::value::date::DateRule;
use super::value::pay::PayRule;

/// Where a rule's value comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The first of these columns that says something.
    Columns(Vec<Path>),
    /// The columns that say something, joined.
    Join { columns: Vec<Path>, with: String },
    /// `{column}` replaced by what the column says; nothing if none says anything.
    Template(Vec<Piece>),
    /// Always the same.
    Constant(Value),
    /// A stable hash of what these columns say.
    Hash(Vec<Path>),
    /// The parts have their own rules.
    Parts,
}

/// A piece of a template.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// As it stands.
    Text(String),
    /// What the column says.
    Column(Path),
}

/// What is done when a value cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnError {
    /// The record is rejected.
    Reject,
    /// The field is left out, and counted.
    DropField,
}

/// How letters are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    /// `all lower`
    Lower,
    /// `ALL UPPER`
    Upper,
    /// `Each Word`
    Title,
    /// `First letter`
    Sentence,
    /// Text all in capitals becomes `Each Word`, other text stays.
    Calm,
}

/// What becomes of values a value map does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Other {
    /// They stay.
    Keep,
    /// They say nothing.
    Drop,
    /// They cannot be read.
    Reject,
}

/// From values, lower case, to others.
#[derive(Clone, Debug)]
pub(super) struct ValueMap {
    pub(super) values: HashMap<String, Value>,
    pub(super) other: Other,
}

/// What a value is made into.
#[derive(Clone, Debug)]
pub(super) enum Convert {
    Text,
    Html,
    Json,
    Id,
    List { split: Vec<String> },
    Number,
    Date(DateRule),
    Flag,
    Remote,
    Language,
    Pay(PayRule, PayParts),
    Place(Box<PlaceParts>),
}

/// Pay that comes in columns of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct PayParts {
    pub(super) min: Option<Path>,
    pub(super) max: Option<Path>,
    pub(super) currency: Option<Path>,
    pub(super) period: Option<Path>,
}

/// A place that comes in columns of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct PlaceParts {
    pub(super) city: Option<Rule>,
    pub(super) region: Option<Rule>,
    pub(super) country: Option<Rule>,
    pub(super) lat: Option<Rule>,
    pub(super) lon: Option<Rule>,
    /// The country of places that name none.
    pub(super) in_country: Option<String>,
    /// Whether the text is read for city, region and country.
    pub(super) read: bool,
}

/// How one field is made.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) field: String,
    pub(super) source: Source,
    pub(super) pattern: Option<Regex>,
    pub(super) replace: Vec<(String, String)>,
    pub(super) letters: Option<Letters>,
    pub(super) map: Option<ValueMap>,
    pub(super) convert: Convert,
    pub(super) max: Option<usize>,
    pub(super) default: Option<Value>,
    pub(super) required: bool,
    pub(super) on_error: Option<OnError>,
    /// The columns may be missing from the data.
    pub(super) optional: bool,
}

/// What a column has to be for a condition to hold.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Empty,
    Present,
    OneOf(Vec<String>),
    NoneOf(Vec<String>),
    Matches(Regex),
}

/// All of these hold.
#[derive(Clone, Debug, Default)]
pub(super) struct When(pub(super) Vec<(Path, Test)>);

/// Records that become no document, and are counted.
#[derive(Clone, Debug)]
pub(super) struct Skip {
    pub(super) when: When,
    pub(super) reason: String,
}

/// Rules for some records alone: they replace those of the same field.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) when: When,
    /// `None`: these records do not have the field.
    pub(super) fields: Vec<(String, Option<Rule>)>,
}

/// A field that keeps columns as they stand.
#[derive(Clone, Debug)]
pub(super) struct Extras {
    pub(super) field: String,
    /// These columns; all that no rule names where there are none.
    pub(super) columns: Vec<Path>,
}

impl Rule {
    /// All columns the rule reads.
    pub(super) fn columns(&self) -> Vec<&Path> {
        let mut all: Vec<&Path> = match &self.source {
            Source::Columns(columns) | Source::Join { columns, .. } | Source::Hash(columns) => {
                columns.iter().collect()
            }
            Source::Template(pieces) => pieces
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Text(_) => None,
                    Piece::Column(path) => Some(path),
                })
                .collect(),
            Source::Constant(_) | Source::Parts => Vec::new(),
        };
        match &self.convert {
            Convert::Pay(_, parts) => {
                let parts = [&parts.min, &parts.max, &parts.currency, &parts.period];
                all.extend(parts.into_iter().flatten());
            }
            Convert::Place(parts) => {
                for part in parts.rules() {
                    all.extend(part.columns());
                }
            }
            Convert::Date(rule) => all.extend(&rule.reference_column),
            Convert::Text
            | Convert::Html
            | Convert::Json
            | Convert::Id
            | Convert::List { .. }
            | Convert::Number
            | Convert::Flag
            | Convert::Remote
            | Convert::Language => {}
        }
        all
    }
}

impl PlaceParts {
    pub(super) fn rules(&self) -> impl Iterator<Item = &Rule> {
        [
            &self.city,
            &self.region,
            &self.country,
            &self.lat,
            &self.lon,
        ]
        .into_iter()
        .flatten()
    }
}
