//! Answers on the wire.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::evidence::Evidence;
use super::problem::Problem;
use super::score::{Contribution, Gate, TwoWay};
use super::token::Of;

/// The last line of an answer that could not be ended.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ErrorLine {
    /// Why.
    pub error: Problem,
}

/// A line of an export, as the schema of the whole names it.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum ExportLine {
    /// One for every hit.
    Hit(Box<Hit>),
    /// In the place of the rest.
    Error(ErrorLine),
}

/// A document, its score and the contributions that add up to it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Hit {
    /// The document's kind.
    pub kind: String,
    /// The document's id.
    pub id: String,
    /// 0 to 1,000,000: the sum of the contributions' points.
    pub score: u32,
    /// The least the score can become when more is said of the pair.
    pub low: u32,
    /// The most it can become.
    pub high: u32,
    /// The share of the million points that is known, in whole percent.
    pub completeness: u8,
    /// Whether the document says nothing that is scored: no percentage should be made of the score.
    #[serde(default, skip_serializing_if = "is_false")]
    pub insufficient_data: bool,
    /// Musts that are known not to be met; the score is 0 where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// Whose wants were met; only where a document is the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_way: Option<TwoWay>,
    /// The parts of the score.
    pub contributions: Vec<Contribution>,
    /// The fields asked for, as they were stored.
    pub document: Map<String, Value>,
    /// Kilometres from the centre of `near`, where both are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<f64>,
    /// Field → fragments, HTML-escaped but for `<mark>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highlights: Option<BTreeMap<String, Vec<String>>>,
    /// What each point was read from, where it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// The size of the match set and the rule that made it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Total {
    /// How many documents are in the match set.
    pub value: u64,
    /// What was counted, in words.
    pub rule: String,
}

/// One value of a facet.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(example = json!({"value": "40000..60000", "count": 12, "from": 40000, "to": 60000}))]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// How many documents of the match set have it.
    pub count: u64,
    /// A range's lower bound, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// A range's upper bound, not included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
    /// Of a hierarchy, the column the value is of: what a filter on it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The next level of a hierarchy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<FacetValue>,
}

impl From<tandem_engine::FacetValue> for FacetValue {
    fn from(value: tandem_engine::FacetValue) -> Self {
        Self {
            value: value.value,
            count: value.count,
            from: value.from,
            to: value.to,
            field: value.field,
            children: value.children.into_iter().map(Self::from).collect(),
        }
    }
}

/// The answer to search, match and rank.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// The hits in order.
    pub hits: Vec<Hit>,
    /// Absent with `"count": "none"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Total>,
    /// Field → values by falling count, then value.
    pub facets: BTreeMap<String, Vec<FacetValue>>,
    /// For the next page; null on the last.
    pub cursor: Option<String>,
    /// Space and sequence number of the snapshot that answered.
    pub snapshot: String,
    /// What was understood and done.
    pub applied: Map<String, Value>,
    /// What the caller should know.
    pub warnings: Vec<String>,
    /// The query as it was probably meant, where words of it were not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
    /// Leading hits that came from the retrieval pool, where the match set is larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact_until: Option<u64>,
    /// What was retrieved how, when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Value>,
}

/// What became of one search of several: an answer, or a problem.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct OneAnswer {
    /// The status it would have had alone.
    pub status: u16,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Why there is none; pointers are into its search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// The answer to several searches, in their order.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Answers {
    /// One for each search.
    pub answers: Vec<OneAnswer>,
}

/// An end of what is being typed.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(example = json!({"text": "Data Engineer", "type": "title", "count": 123, "highlight": "<mark>Dat</mark>a Engineer"}))]
pub struct Suggestion {
    /// What could be meant.
    pub text: String,
    /// `title`, `skill`, `company` or `place`.
    #[serde(rename = "type")]
    pub kind_of: String,
    /// How many documents have it.
    pub count: u64,
    /// The text, HTML-escaped but for `<mark>` around what was typed.
    pub highlight: String,
    /// The other name of a skill that was typed, where its own was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// The answer to suggest.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Suggestions {
    /// The best first.
    pub suggestions: Vec<Suggestion>,
    /// Space and sequence number of the snapshot that answered.
    pub snapshot: String,
}

/// The answer to explain.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The pair's hit.
    #[serde(flatten)]
    pub hit: Hit,
    /// Space and sequence number of the snapshot that answered.
    pub snapshot: String,
}

/// A field of a kind.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// Its name in documents.
    pub name: String,
    /// Its type: `text`, `keyword`, `skills`, …
    #[serde(rename = "type")]
    pub kind_of: String,
    /// What it means to the score.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// `is`, `offers` or `wants`.
    pub role: String,
    /// The only values it may have, where the kind says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Unit of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A name that filters, facets and sorting know.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// The name, such as `location.city`.
    pub name: String,
    /// Whether it is compared as a number or a time.
    pub numeric: bool,
}

/// A kind of documents.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Kind {
    /// Its name in routes.
    pub name: String,
    /// The kind it is matched with when a request names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// Whether a document is about a person: its own id, where it has no `subject`.
    #[serde(default)]
    pub person: bool,
    /// Documents held that have not expired.
    pub documents: u64,
    /// Dimensions of its vectors.
    pub dimensions: usize,
    /// Fields an answer shows when a request names none.
    pub display: Vec<String>,
    /// Facets worth offering first.
    pub facets: Vec<String>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// What filters, facets and sorting know.
    pub columns: Vec<Column>,
}

/// The kinds of a server.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Kinds {
    /// Every kind.
    pub kinds: Vec<Kind>,
    /// Space and sequence number of the snapshot that was counted.
    pub snapshot: String,
}

impl From<tandem_engine::Hit> for Hit {
    fn from(hit: tandem_engine::Hit) -> Self {
        let contributions = hit.contributions.into_iter();
        Self {
            kind: hit.kind,
            id: hit.id,
            score: hit.score,
            low: hit.low,
            high: hit.high,
            completeness: hit.completeness,
            insufficient_data: hit.insufficient_data,
            gates: hit.gates.into_iter().map(Gate::from).collect(),
            two_way: hit.two_way.map(TwoWay::from),
            contributions: contributions.map(Contribution::from).collect(),
            document: hit.document,
            distance_km: hit.distance_km,
            highlights: hit.highlights.map(|fields| fields.into_iter().collect()),
            evidence: hit.evidence.map(Evidence::from),
        }
    }
}

impl Answer {
    /// The engine's answer from a space.
    pub fn new(answer: tandem_engine::Answer, of: Of<'_>) -> Self {
        Self {
            hits: answer.hits.into_iter().map(Hit::from).collect(),
            total: answer.total.map(|total| Total {
                value: total.value,
                rule: total.rule,
            }),
            facets: answer
                .facets
                .into_iter()
                .map(|(field, values)| {
                    let values = values.into_iter().map(FacetValue::from).collect();
                    (field, values)
                })
                .collect(),
            cursor: answer.cursor,
            snapshot: of.token(answer.sequence),
            applied: answer.applied,
            warnings: answer.warnings,
            did_you_mean: answer.did_you_mean,
            exact_until: answer.exact_until,
            plan: answer.plan,
        }
    }
}

/// Where lines come from, and how far it is read.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(example = json!({"name": "jobs.ndjson", "position": 4_811}))]
pub struct Source {
    /// The name bulk requests gave it.
    pub name: String,
    /// How far it is read: everything in front of it is kept.
    pub position: u64,
}

/// Every source of a space, by name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Sources {
    /// The sources.
    pub sources: Vec<Source>,
}
