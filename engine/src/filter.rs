//! Filters: conditions on columns, compiled once, then a bitmap a segment. Owns
//! their checks and meaning; what pay and places need beyond a column is in
//! `pay` and `place`, spellings of values in `values`.

mod bounds;
mod pay;
mod person;
mod place;
mod values;
mod words;

use serde_json::{Map, Value, json};
use tandem_index::analysis::TermKey;
use tandem_index::bits::Bits;
use tandem_index::columns::Column;
use tandem_index::document::parse_date_ms;
use tandem_index::kinds::{ColumnDef, FieldType, Kind, did_you_mean};
use tandem_index::segment::Segment;

use crate::answer::Fault;
use crate::request::Condition;
use bounds::{Wrong, range};
use words::{rows as word_rows, words};

pub use pay::{Amount, Bound, CURRENCY, PayColumns, currency};
pub(crate) use person::only_by_filter;
pub(crate) use values::{fold_equal, resolve};

/// The words of a phrase: term texts and keys, one behind the other.
pub type Phrase = Vec<(String, TermKey)>;

/// What a filter does with a document that says nothing about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It does not pass.
    Exclude,
    /// It passes.
    Include,
    /// It passes if its text has one of these phrases, word for word.
    Phrases(Vec<Phrase>),
}

/// A checked condition.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The columns it is about: a facet of one of them is counted without it.
    pub columns: Vec<usize>,
    /// What it does with documents that say nothing about it.
    pub unknown: Unknown,
    name: String,
    test: Test,
    condition: Condition,
}

#[derive(Clone, Debug)]
enum Test {
    Words {
        any: Option<Vec<String>>,
        // Of each group one spelling.
        all: Vec<Vec<String>>,
        none: Vec<String>,
    },
    Numbers {
        any: Option<Vec<f64>>,
        none: Vec<f64>,
        low: Option<Bound>,
        high: Option<Bound>,
    },
    Pay(pay::Overlap),
    Places(place::Places),
    // Names of people, folded.
    Person(Vec<String>),
}

/// Checks the conditions of a request against a kind. Every fault is reported.
pub fn compile(kind: &Kind, conditions: &[(String, Condition)]) -> Result<Vec<Filter>, Vec<Fault>> {
    let mut filters = Vec::with_capacity(conditions.len());
    let mut faults = Vec::new();
    for (name, condition) in conditions {
        match Filter::compile(kind, name, condition) {
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

/// The fault of a name that nothing can be done with here. A list's pointer has
/// the place in it, an object's the name.
pub fn unknown_column(kind: &Kind, pointer: String, name: &str) -> Fault {
    if kind.person_column(name).is_some() {
        return Fault {
            pointer,
            code: "invalid_request",
            detail: only_by_filter(name),
            did_you_mean: None,
        };
    }
    Fault {
        pointer,
        code: "unknown_field",
        detail: format!("{} have no field {name:.80} to use here", kind.name),
        did_you_mean: did_you_mean(name, names(kind)),
    }
}

/// Everything a condition can name: columns, and fields of pay and places as a
/// whole.
pub fn names(kind: &Kind) -> impl Iterator<Item = &str> {
    let columns = kind.columns().iter().filter(|column| !column.exact);
    let columns = columns.map(|column| column.name.as_str());
    let whole = kind
        .fields
        .iter()
        .filter(|field| matches!(field.field_type, FieldType::Pay | FieldType::Place))
        .map(|field| field.name.as_str());
    columns.chain(whole)
}

fn has_range(condition: &Condition) -> bool {
    let bounds = [&condition.gte, &condition.gt, &condition.lte, &condition.lt];
    bounds.iter().any(|bound| bound.is_some())
}

fn numbers(def: &ColumnDef, condition: &Condition) -> Result<Test, Wrong> {
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
    let (low, high) = range(condition, number)?;
    Ok(Test::Numbers {
        any: condition.any.as_deref().map(list).transpose()?,
        none: list(&condition.none)?,
        low,
        high,
    })
}

fn shown(condition: &Condition, unknown: &Unknown) -> Value {
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
    for (name, word) in [
        ("currency", &condition.currency),
        ("period", &condition.period),
    ] {
        if let Some(word) = word {
            out.insert(name.into(), json!(word));
        }
    }
    out.insert("unknown".into(), unknown.shown());
    Value::Object(out)
}

impl Unknown {
    /// Included or not, as a request says.
    pub fn from_request(include: bool) -> Self {
        if include {
            Self::Include
        } else {
            Self::Exclude
        }
    }

    /// As `applied` shows it.
    pub(crate) fn shown(&self) -> Value {
        match self {
            Self::Exclude => json!("exclude"),
            Self::Include => json!("include"),
            Self::Phrases(_) => json!("words"),
        }
    }

    // The rows of a segment that pass if they say nothing.
    pub(crate) fn rows(&self, segment: &Segment) -> Bits {
        let rows = segment.rows() as usize;
        match self {
            Self::Exclude => Bits::new(rows),
            Self::Include => Bits::full(rows),
            Self::Phrases(phrases) => {
                let mut out = Bits::new(rows);
                for phrase in phrases {
                    let mut with = Bits::full(rows);
                    for (text, _) in phrase {
                        let mut one = Bits::new(rows);
                        segment.text.postings(text, &mut |row, _| one.set(row));
                        with.and_assign(&one);
                    }
                    let keys: Vec<TermKey> = phrase.iter().map(|(_, key)| *key).collect();
                    match keys.len() {
                        0 => {}
                        1 => out.or_assign(&with),
                        _ => {
                            with.and_not_assign(&out);
                            let found = |row: &u32| segment.terms.has_phrase(*row, &keys, None);
                            with.iter().filter(found).for_each(|row| out.set(row));
                        }
                    }
                }
                out
            }
        }
    }
}

impl Filter {
    /// Checks a condition on a column of a kind, or on a field of pay or places
    /// as a whole. The fault's pointer is of `/filters`.
    pub fn compile(kind: &Kind, name: &str, condition: &Condition) -> Result<Self, Fault> {
        let fault = |Wrong { part, detail }: Wrong| {
            let mut pointer = pointer("filters", name);
            if !part.is_empty() {
                pointer.extend(["/", part]);
            }
            Fault {
                pointer,
                code: "invalid_filter",
                detail,
                did_you_mean: None,
            }
        };
        let whole = kind.field(name).map(|field| field.field_type);
        let mut condition = condition.clone();
        if whole != Some(FieldType::Pay)
            && (condition.currency.is_some() || condition.period.is_some())
        {
            return Err(fault("only pay has a currency and a period".into()));
        }
        if let Some(column) = kind.person_column(name) {
            let names = person::compile(name, &condition).map_err(fault)?;
            return Ok(Self {
                columns: vec![column],
                unknown: Unknown::Exclude,
                name: name.to_owned(),
                test: Test::Person(names),
                condition,
            });
        }
        let (columns, test) = match (kind.column(name), whole) {
            (Some(column), _) => {
                let def = &kind.columns()[column];
                let test = if def.numeric {
                    numbers(def, &condition)
                } else {
                    words(kind, name, &condition)
                };
                (vec![column], test.map_err(fault)?)
            }
            (None, Some(FieldType::Pay)) => {
                let columns = PayColumns::of(kind, name)
                    .ok_or_else(|| unknown_column(kind, pointer("filters", name), name))?;
                let overlap = pay::compile(columns, &mut condition).map_err(fault)?;
                (vec![columns.min, columns.min + 1], Test::Pay(overlap))
            }
            (None, Some(FieldType::Place)) => {
                let places = place::compile(kind, name, &condition)
                    .map_err(|detail| fault(detail.into()))?;
                (places.columns(), Test::Places(places))
            }
            (None, _) => {
                let mut unknown = unknown_column(kind, pointer("filters", name), name);
                let person = kind.columns().iter().find(|column| column.exact);
                let person = person.map(|column| column.name.as_str());
                unknown.did_you_mean = did_you_mean(name, names(kind).chain(person));
                return Err(unknown);
            }
        };
        Ok(Self {
            columns,
            unknown: Unknown::from_request(condition.include_unknown),
            name: name.to_owned(),
            test,
            condition,
        })
    }

    // The values of a column of strings it names, in the order `spell` takes them.
    fn wanted(&self) -> Vec<String> {
        match &self.test {
            Test::Words { any, all, none } => {
                let any = any.iter().flatten();
                any.chain(all.iter().flatten())
                    .chain(none)
                    .cloned()
                    .collect()
            }
            Test::Numbers { .. } | Test::Pay(_) | Test::Places(_) | Test::Person(_) => Vec::new(),
        }
    }

    // Takes the spellings of what it wanted.
    fn spell(&mut self, spelt: &mut impl Iterator<Item = Vec<String>>) {
        let Test::Words { any, all, none } = &mut self.test else {
            return;
        };
        let given = |values: &[Value]| -> Vec<String> { values.iter().map(plain).collect() };
        let shown = |values: &[String]| -> Vec<Value> { values.iter().map(|v| json!(v)).collect() };
        if let (Some(any), Some(asked)) = (any, &mut self.condition.any) {
            *any = spelt.take(any.len()).flatten().collect();
            if *any != given(asked) {
                *asked = shown(any);
            }
        }
        *all = spelt.take(all.len()).collect();
        for (asked, spelt) in self.condition.all.iter_mut().zip(all.iter()) {
            if let [one] = spelt.as_slice()
                && plain(asked) != *one
            {
                *asked = json!(one);
            }
        }
        *none = spelt.take(none.len()).flatten().collect();
        if *none != given(&self.condition.none) {
            self.condition.none = shown(none);
        }
    }

    /// Values of a column that the filter asks for by name.
    pub fn named(&self, column: usize) -> Vec<&str> {
        match &self.test {
            Test::Words { any, all, .. } if self.columns.contains(&column) => any
                .iter()
                .flatten()
                .chain(all.iter().flatten())
                .map(String::as_str)
                .collect(),
            Test::Places(places) => places.named(column),
            Test::Words { .. } | Test::Numbers { .. } | Test::Pay(_) | Test::Person(_) => {
                Vec::new()
            }
        }
    }

    /// Whether it asks for a person by name.
    pub fn is_person(&self) -> bool {
        matches!(self.test, Test::Person(_))
    }

    /// Whether amounts are converted between currencies.
    pub fn converts(&self) -> bool {
        matches!(self.test, Test::Pay(_))
    }

    /// The filter as `applied` shows it: name and condition.
    pub fn shown(&self) -> (String, Value) {
        (self.name.clone(), shown(&self.condition, &self.unknown))
    }

    /// The rows of a segment that pass. Linear in its rows.
    pub fn rows(&self, segment: &Segment) -> Bits {
        let unknown = self.unknown.rows(segment);
        let column = self.columns.first().map(|at| &segment.columns[*at]);
        match (&self.test, column) {
            (Test::Words { any, all, none }, Some(Column::Keywords(column))) => {
                word_rows(&unknown, column, any.as_deref(), all, none)
            }
            (
                Test::Numbers {
                    any,
                    none,
                    low,
                    high,
                },
                Some(Column::Numbers(values)),
            ) => Bits::from_fn(segment.rows() as usize, |row| {
                let value = values[row as usize];
                if value.is_nan() {
                    return unknown.get(row);
                }
                any.as_ref().is_none_or(|any| any.contains(&value))
                    && !none.contains(&value)
                    && low.is_none_or(|bound| bound.at_most(value))
                    && high.is_none_or(|bound| bound.at_least(value))
            }),
            (Test::Person(names), Some(Column::Keywords(column))) => {
                word_rows(&unknown, column, Some(names), &[], &[])
            }
            (Test::Pay(overlap), _) => overlap.rows(segment, &unknown),
            (Test::Places(places), _) => places.rows(segment, &unknown),
            // A compiled filter's test is of its column's type.
            (Test::Words { .. } | Test::Numbers { .. } | Test::Person(_), _) => {
                Bits::new(segment.rows() as usize)
            }
        }
    }
}

// A value as a column of strings keeps it.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The rows of a segment that are alive and pass every filter but those on one
/// of the columns `except`.
pub fn allowed(filters: &[Filter], segment: &Segment, alive: &Bits, except: &[usize]) -> Bits {
    let mut bits = alive.clone();
    let own = |filter: &&Filter| !filter.columns.iter().any(|at| except.contains(at));
    for filter in filters.iter().filter(own) {
        bits.and_assign(&filter.rows(segment));
    }
    bits
}
