//! What is answered. Owns the answer types; the server writes them as JSON.

use std::borrow::Cow;

use serde_json::{Map, Value};
/// One thing wrong with a request, in the form of one with a document.
pub use tandem_index::document::FieldFault as Fault;

/// A want that is met in part, by something close to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartMet {
    /// What is wanted.
    pub wanted: String,
    /// What is held instead.
    pub held: String,
    /// How much of the want that meets, in percent.
    pub percent: u8,
}

/// One part of a score.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// As in docs/score.md: `text.title`, `similarity`, `boost:LABEL`, …
    pub name: Cow<'static, str>,
    /// `skills`, `experience`, `education`, `certificates`, of a search `search`;
    /// `adjustment`, `limit`, `gate`.
    pub group: &'static str,
    /// What it adds to the score, `min` to `max`.
    pub points: i32,
    /// The least it can add to any document of this pair of wants.
    pub min: i32,
    /// The most; parts of the text share one.
    pub max: i32,
    /// The least it can come to for this document when more is said.
    pub low: i32,
    /// The most.
    pub high: i32,
    /// Whether nothing is known of it.
    pub unknown: bool,
    /// Names found, of those asked for.
    pub found: Vec<String>,
    /// Names asked for that are met in part.
    pub partial: Vec<PartMet>,
    /// Names asked for and not found.
    pub missing: Vec<String>,
}

/// A must that is known not to be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Which: `certificates`, `languages`, …
    pub must: &'static str,
    /// Why it is not met, in words.
    pub reason: String,
    /// What is missing, where there are names.
    pub missing: Vec<String>,
}

/// What one side's wants came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wants {
    /// Points of the contributions that meet them.
    pub points: i32,
    /// The most these could have added.
    pub max: i32,
}

/// Whose wants were met how far; the points of both add up to the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoWay {
    /// What the source wants.
    pub source_wants: Wants,
    /// What the document wants.
    pub document_wants: Wants,
}

/// A document, its score and the contributions that add up to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The document's kind.
    pub kind: String,
    /// The document's id.
    pub id: String,
    /// 0 to 1,000,000: the sum of the contributions' points.
    pub score: u32,
    /// The least the score can become when more is said.
    pub low: u32,
    /// The most.
    pub high: u32,
    /// The share of the million points that is known, in whole percent.
    pub completeness: u8,
    /// Whether the document says nothing that is scored.
    pub insufficient_data: bool,
    /// Musts that are not met; the score is 0 where there are any.
    pub gates: Vec<Gate>,
    /// Whose wants were met; `None` in a search.
    pub two_way: Option<TwoWay>,
    /// In the order of docs/score.md.
    pub contributions: Vec<Contribution>,
    /// The fields asked for, as they were stored.
    pub document: Map<String, Value>,
    /// Kilometres from the centre of `near`, where both are known.
    pub distance_km: Option<f64>,
    /// Field → fragments, HTML-escaped but for `<mark>`; `None` when not asked for.
    pub highlights: Option<Vec<(String, Vec<String>)>>,
}

/// The size of the match set and the rule that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// How many documents are in the match set.
    pub value: u64,
    /// What was counted, in words.
    pub rule: String,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FacetValue {
    /// The value; of a range its bounds as `from..to`.
    pub value: String,
    /// How many documents of the match set have it.
    pub count: u64,
    /// A range's lower bound, included.
    pub from: Option<Value>,
    /// A range's upper bound, not included.
    pub to: Option<Value>,
    /// Of a hierarchy, the column the value is of: what a filter on it names.
    pub field: Option<String>,
    /// The next level of a hierarchy.
    pub children: Vec<FacetValue>,
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The hits in order.
    pub hits: Vec<Hit>,
    /// Absent with `count: none`.
    pub total: Option<Total>,
    /// Field → values by falling count, then value.
    pub facets: Vec<(String, Vec<FacetValue>)>,
    /// For the next page; `None` on the last.
    pub cursor: Option<String>,
    /// The sequence number of the snapshot that answered.
    pub sequence: u64,
    /// What was understood and done, member by member.
    pub applied: Map<String, Value>,
    /// What the caller should know.
    pub warnings: Vec<String>,
    /// The query as it was probably meant, where words of it were not found.
    pub did_you_mean: Option<String>,
    /// Leading hits that came from the retrieval pool, where the match set is larger.
    pub exact_until: Option<u64>,
    /// What was retrieved how, when asked for.
    pub plan: Option<Value>,
}

/// Why a request was not answered: at least one fault; the first one's code is
/// the answer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, in the request's order.
    pub faults: Vec<Fault>,
}

impl Failure {
    /// A failure of one fault.
    pub fn new(code: &'static str, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            faults: vec![Fault {
                pointer: pointer.into(),
                code,
                detail: detail.into(),
                did_you_mean: None,
            }],
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{}: {}", fault.pointer, fault.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
