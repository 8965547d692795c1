//! What a reader yields: records, and rejects in the place of records. Owns
//! their shape; knows nothing of formats, mappings or kinds.

use std::fmt;

use serde_json::{Map, Value};

/// One record of a source, as the format has it: not yet a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Where it is: the line of its first byte in text formats, its row number
    /// (from 1, header rows counted as they stand in the sheet) in others.
    pub number: u64,
    /// Its members or columns, in the source's order.
    pub fields: Map<String, Value>,
}

/// Codes of rejects behind which nothing of the source can be read.
const ENDS: [&str; 9] = [
    "truncated",
    "damaged",
    "unreadable",
    "unpacks_too_large",
    "broken_json",
    "header",
    "duplicate_header",
    "unknown_format",
    "columns",
];

/// A record that is none, or a document that is none, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// As [`Record::number`].
    pub line: u64,
    /// The column or member, where it is one.
    pub field: Option<String>,
    /// What is wrong, as a program tells rejects apart.
    pub code: &'static str,
    /// What happened, without the value: rejects are shown and logged.
    pub reason: String,
}

impl Reject {
    /// A record that is rejected as a whole.
    pub fn new(line: u64, code: &'static str, reason: impl Into<String>) -> Self {
        Self {
            line,
            field: None,
            code,
            reason: reason.into(),
        }
    }

    /// Whether nothing behind this place could be read.
    pub fn ends_source(&self) -> bool {
        ENDS.contains(&self.code)
    }

    /// Names the column or member.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Line 0 is the source as a whole.
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.reason)
    }
}
