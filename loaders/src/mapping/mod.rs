//! Mappings: how the columns of a foreign table become the fields of a
//! document. Owns the language of mapping files, the values it reads (pay,
//! dates, places, numbers, lists) and proposals for tables nobody mapped yet.
//! Knows no formats (records come in) and no kinds but what it is told of
//! their fields.

mod apply;
mod builtin;
mod path;
pub mod propose;
mod read;
mod rule;
mod rules;
mod steps;
mod table;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroU64;

use serde_json::Value;

pub use path::Path;
use rule::{Case, Extras, OnError, Rule, Skip};

use crate::record::Reject;

/// A mapping that cannot be used, and where in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingError {
    /// The key, from outside in: `fields.pay.currency`; empty for the file.
    pub at: String,
    /// What is wrong.
    pub what: String,
    /// The name most like the one given.
    pub did_you_mean: Option<String>,
}

impl MappingError {
    fn new(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            what: what.into(),
            did_you_mean: None,
        }
    }
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        f.write_str(&self.what)?;
        match &self.did_you_mean {
            Some(name) => write!(f, "; did you mean `{name}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for MappingError {}

/// A field documents may have: what a mapping is told of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in documents.
    pub name: String,
    /// `text`, `keyword`, `skills`, `number`, `date`, `flag`, `place`, `pay`,
    /// `positions`, `private` or `stored`.
    pub field_type: String,
    /// What it means to the score (`title`, `posted` …), where it means something.
    pub meaning: Option<String>,
}

/// The fields every document may have.
const COMMON_FIELDS: [&str; 5] = ["id", "version", "subject", "language", "vector"];

/// How records become documents.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    about: Option<String>,
    kind: Option<String>,
    records: Option<Path>,
    header_row: Option<NonZeroU64>,
    each: Option<Path>,
    empty: Vec<String>,
    on_error: Option<OnError>,
    skips: Vec<Skip>,
    rules: Vec<Rule>,
    cases: Vec<Case>,
    extras: Option<Extras>,
}

/// What became of one record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapped {
    /// The documents: one, but for mappings with `each` or `records`.
    pub documents: Vec<Value>,
    /// Documents that could not be made.
    pub rejects: Vec<Reject>,
    /// Fields that could not be read and were left out, as the mapping says.
    pub dropped: Vec<Reject>,
    /// Why no document was to be made, once for each that was not.
    pub skipped: Vec<String>,
}

impl Mapping {
    /// Reads a mapping file (TOML).
    ///
    /// # Errors
    /// What is wrong and where: no TOML, an unknown key, a wrong value.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        read::mapping(text)
    }

    /// A mapping that is built in, by its name.
    pub fn builtin(name: &str) -> Option<&'static Self> {
        builtin::find(name)
    }

    /// The names of the built-in mappings, sorted.
    pub fn builtins() -> impl Iterator<Item = &'static str> {
        builtin::names()
    }

    /// The text of a built-in mapping, to start one's own from.
    pub fn builtin_text(name: &str) -> Option<&'static str> {
        builtin::text(name)
    }

    /// The error for a name that is neither a file nor built in.
    pub fn no_builtin(name: &str) -> MappingError {
        let mut error =
            MappingError::new("", format!("no built-in mapping `{}`", name.escape_debug()));
        error.did_you_mean = table::nearest(name, builtin::names());
        error
    }

    /// One sentence on what it is for.
    pub fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// The kind its documents are of, where the file says so.
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// The path to the array of records inside a JSON document (`jobs`). A
    /// reader may stream its elements as records; a record that still has the
    /// array is taken apart by [`Mapping::map`].
    pub fn records(&self) -> Option<&str> {
        self.records.as_ref().map(Path::as_str)
    }

    /// The row of a table's header, where rows above it are to be left out.
    pub fn header_row(&self) -> Option<NonZeroU64> {
        self.header_row
    }

    /// The target fields, sorted.
    pub fn fields(&self) -> BTreeSet<&str> {
        let cases = self.cases.iter().flat_map(|case| &case.fields);
        self.rules
            .iter()
            .map(|rule| rule.field.as_str())
            .chain(cases.map(|(field, _)| field.as_str()))
            .chain(self.extras.iter().map(|extras| extras.field.as_str()))
            .collect()
    }

    /// Checks the target fields against those of the kind.
    ///
    /// # Errors
    /// The first field the kind does not have.
    pub fn check_fields(&self, known: &[Field]) -> Result<(), MappingError> {
        let names = || {
            let own = known.iter().map(|field| field.name.as_str());
            own.chain(COMMON_FIELDS)
        };
        match self
            .fields()
            .into_iter()
            .find(|field| !names().any(|name| name == *field))
        {
            None => Ok(()),
            Some(field) => {
                let mut error = MappingError::new(
                    format!("fields.{field}"),
                    format!("the kind has no field `{field}`"),
                );
                error.did_you_mean = table::nearest(field, names());
                Err(error)
            }
        }
    }

    /// Checks that the data has the columns the mapping names. `columns`: the
    /// header, or for JSON the members of a sample of records.
    ///
    /// # Errors
    /// The first column that is missing and not `optional`.
    pub fn check_columns(&self, columns: &BTreeSet<String>) -> Result<(), MappingError> {
        if self.records.is_some() {
            // The sample may be of the document or of its records.
            return Ok(());
        }
        for (at, path) in self.columns() {
            let own = [path::ITEM, path::ITEM_SUFFIX].contains(&path.first());
            let is_item = self.each.is_some() && own;
            if is_item || columns.contains(path.as_str()) || columns.contains(path.first()) {
                continue;
            }
            let mut error = MappingError::new(
                at,
                format!("the data has no column `{}`", path.as_str().escape_debug()),
            );
            error.did_you_mean = table::nearest(path.as_str(), columns.iter().map(String::as_str));
            return Err(error);
        }
        Ok(())
    }

    /// Every column the mapping needs, with the key that names it.
    fn columns(&self) -> Vec<(String, &Path)> {
        let mut all: Vec<(String, &Path)> = Vec::new();
        let cases = self.cases.iter().flat_map(|case| &case.fields);
        let rules = cases.filter_map(|(_, rule)| rule.as_ref());
        for rule in self.rules.iter().chain(rules).filter(|rule| !rule.optional) {
            let named = rule.columns().into_iter();
            all.extend(named.map(|path| (format!("fields.{}", rule.field), path)));
        }
        let whens = self.skips.iter().map(|skip| ("skip", &skip.when));
        let whens = whens.chain(self.cases.iter().map(|case| ("case", &case.when)));
        for (at, when) in whens {
            all.extend(when.0.iter().map(|(path, _)| (format!("{at}.when"), path)));
        }
        let extras = self.extras.iter().flat_map(|extras| &extras.columns);
        all.extend(extras.map(|path| ("extras.columns".to_owned(), path)));
        all.extend(self.each.iter().map(|path| ("each".to_owned(), path)));
        all
    }
}
