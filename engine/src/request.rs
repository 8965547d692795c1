//! What can be asked. Owns the request types; the server fills them from the
//! wire, `prepare` checks them against the kinds.

use serde_json::Value;

/// What a request looks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Words, phrases, musts and nots as a person types them, and an optional
    /// vector of the caller's own in place of the query's embedding.
    Query {
        /// The query's text; empty matches everything.
        q: String,
        /// A vector of the target kind's dimensions.
        vector: Option<Vec<f32>>,
    },
    /// A stored document.
    Stored {
        /// Its kind.
        kind: String,
        /// Its id.
        id: String,
    },
    /// A document sent with the request, in its kind's natural JSON.
    Inline {
        /// Its kind.
        kind: String,
        /// The document.
        document: Value,
    },
    /// Plain text, such as a pasted CV: a document with only its text field.
    Text {
        /// The kind the text is one of.
        kind: String,
        /// The text.
        text: String,
    },
}

/// Which rows are scored.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Scope {
    /// Those a retrieval pool of fixed depth finds first, then the others.
    #[default]
    Pool,
    /// Every row of the match set.
    All,
    /// The named documents.
    Ids(Vec<String>),
}

/// How many of a query's words a document must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WordsRule {
    /// Every word.
    All,
    /// At least n − ⌊n/3⌋ of n words.
    #[default]
    Most,
    /// At least one.
    Any,
}

/// A condition on one field. All its parts must hold.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Condition {
    /// At least one of these values, where given.
    pub any: Option<Vec<Value>>,
    /// Every one of these values.
    pub all: Vec<Value>,
    /// None of these values.
    pub none: Vec<Value>,
    /// At least (number, or RFC 3339 date on date fields).
    pub gte: Option<Value>,
    /// More than.
    pub gt: Option<Value>,
    /// At most.
    pub lte: Option<Value>,
    /// Less than.
    pub lt: Option<Value>,
    /// Whether a document without the field passes.
    pub include_unknown: bool,
    /// The currency of a condition on `pay`.
    pub currency: Option<String>,
    /// The period of a condition on `pay`: hour, day, week, month or year.
    pub period: Option<String>,
}

/// How the text of a query is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Syntax {
    /// Boolean where it has `AND`, `OR` or `NOT` in capitals outside quotes, else words.
    #[default]
    Auto,
    /// Words, phrases, musts, nots and fields; never fails.
    Words,
    /// Strict Boolean: the match set is what the expression says, nothing else.
    Boolean,
}

/// How the text of a query is read, beyond its grammar.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, named on the wire one by one"
)]
pub struct Reading {
    /// Words or Boolean.
    pub syntax: Syntax,
    /// Whether unknown and rare words also match words a few edits away.
    pub typo: bool,
    /// Whether the last word also matches words that begin with it.
    pub prefix: bool,
    /// Whether synonyms and the other names of skills match.
    pub synonyms: bool,
    /// Whether parts that say a place, pay, a date and the like become filters.
    pub understand: bool,
    /// Words and phrases of the query that are taken as they stand: no filter, no
    /// typo, no prefix, no synonym.
    pub literal: Vec<String>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            syntax: Syntax::Auto,
            typo: true,
            prefix: true,
            synonyms: true,
            understand: true,
            literal: Vec::new(),
        }
    }
}

/// Where a radius is measured from.
#[derive(Clone, Debug, PartialEq)]
pub enum Center {
    /// Latitude and longitude in degrees.
    Point(f64, f64),
    /// A place's name, such as `"Berlin"` or `"Springfield, IL"`.
    Place(String),
}

/// Documents within a radius of a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// The middle.
    pub center: Center,
    /// The radius in kilometres, more than 0, at most 20,038.
    pub km: f64,
    /// Whether a document without coordinates passes.
    pub include_unknown: bool,
}

/// A facet to count.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetRequest {
    /// A column, `pay`, or a field of type place (counted as country › region › city).
    pub field: String,
    /// The most values, 1 to 1,000.
    pub limit: usize,
    /// Only values one of whose words begins with this.
    pub search: Option<String>,
    /// Rising bounds: counts the ranges between them, below the first and from the last.
    pub ranges: Option<Vec<Value>>,
    /// The currency of the bounds of `pay`.
    pub currency: Option<String>,
}

impl FacetRequest {
    /// A facet of the most frequent values.
    pub fn new(field: impl Into<String>, limit: usize) -> Self {
        Self {
            field: field.into(),
            limit,
            search: None,
            ranges: None,
            currency: None,
        }
    }
}

/// Points for the documents that pass filters.
#[derive(Clone, Debug, PartialEq)]
pub struct BoostRequest {
    /// Its name in answers, 1 to 80 bytes, not the same twice.
    pub label: String,
    /// What it gives, −30,000 to 10,000.
    pub points: i32,
    /// Field and condition; all must hold.
    pub filters: Vec<(String, Condition)>,
}

/// One search, match, rank or explain.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, named on the wire one by one"
)]
pub struct Request {
    /// What to look for.
    pub source: Source,
    /// The kind to look in; for a document source, `None` is the kind it matches.
    pub to: Option<String>,
    /// Which rows are scored.
    pub scope: Scope,
    /// Field and condition; all must hold.
    pub filters: Vec<(String, Condition)>,
    /// What is counted.
    pub facets: Vec<FacetRequest>,
    /// Fields, `-` in front for descending; empty sorts by score.
    pub sort: Vec<String>,
    /// Hits in the answer, 0 to 1,000.
    pub limit: usize,
    /// The cursor of the previous answer.
    pub cursor: Option<String>,
    /// Component and weight, 0 to 100.
    pub weights: Vec<(String, f64)>,
    /// The profile of the score by name; `None` is `search` or `default`.
    pub profile: Option<String>,
    /// Wants that take all points where they are not met; `None` is the profile's.
    pub musts: Option<Vec<String>>,
    /// Points for documents that pass filters.
    pub boosts: Vec<BoostRequest>,
    /// How many of the query's words a document must have.
    pub words: WordsRule,
    /// How the query's text is read.
    pub reading: Reading,
    /// Only documents within a radius.
    pub near: Option<Near>,
    /// Documents that are no hits, at most 10,000 ids.
    pub exclude: Vec<String>,
    /// A column of strings and how many hits may share a value, at least 1.
    pub max_per: Option<(String, usize)>,
    /// Whether the total and the facets are counted.
    pub count: bool,
    /// Fields to show; `None` is the kind's display, `["*"]` all.
    pub fields: Option<Vec<String>>,
    /// Whether highlights are made.
    pub highlight: bool,
    /// Whether documents about people are shown without names, contacts, ages and the
    /// like.
    pub blind: bool,
    /// The time freshness and expiry are seen from, milliseconds since 1970.
    pub now_ms: i64,
    /// Whether the answer describes its plan.
    pub plan: bool,
    /// Whether hits say what each of their points was read from; at most
    /// `evidence::HITS_MAX` hits then.
    pub evidence: bool,
}

impl Request {
    /// A request with every default, as documented in docs/api.md.
    pub fn new(source: Source, to: Option<String>, now_ms: i64) -> Self {
        Self {
            source,
            to,
            scope: Scope::Pool,
            filters: Vec::new(),
            facets: Vec::new(),
            sort: Vec::new(),
            limit: 10,
            cursor: None,
            weights: Vec::new(),
            profile: None,
            musts: None,
            boosts: Vec::new(),
            words: WordsRule::Most,
            reading: Reading::default(),
            near: None,
            exclude: Vec::new(),
            max_per: None,
            count: true,
            fields: None,
            highlight: false,
            blind: false,
            now_ms,
            plan: false,
            evidence: false,
        }
    }
}
