//! Questions on the wire. Owns how they are written; turns them into the
//! engine's requests.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use tandem_engine::{FacetRequest, Request, Scope, Source, WordsRule};

use super::filter::Filters;
use super::problem::{Code, Outcome, Refusal};
use crate::clock;
use crate::limits::{
    FACET_VALUES_DEFAULT, FACET_VALUES_MAX, HITS_DEFAULT, HITS_MAX, IDS_MAX, QUERY_BYTES_MAX,
};

/// How many of a query's words a document must have.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Words {
    /// Every word.
    All,
    /// At least n − ⌊n/3⌋ of n words.
    #[default]
    Most,
    /// At least one.
    Any,
}

/// Whether the total and the facets are counted.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// They are.
    #[default]
    Exact,
    /// They are not, which is faster.
    None,
}

/// What an answer tells about itself.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Explain {
    /// What was retrieved how.
    Plan,
}

/// A facet to count.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Facet {
    /// A field, with 20 values.
    Name(String),
    /// A field and how many values.
    Limited(LimitedFacet),
}

/// A facet and how many values of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitedFacet {
    /// The field.
    pub field: String,
    /// 1 to 1,000.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
}

/// A search.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    /// Words, phrases, `+must`, `-not`, `field:word`.
    #[schemars(length(max = 8192))]
    pub q: Option<String>,
    /// Conditions on fields.
    pub filters: Option<Filters>,
    /// Fields to count.
    pub facets: Option<Vec<Facet>>,
    /// Fields, `-` in front for descending, `score` for the score.
    pub sort: Option<Vec<String>>,
    /// Hits in an answer.
    #[schemars(range(min = 0, max = 1000))]
    pub limit: Option<usize>,
    /// From the previous answer.
    pub cursor: Option<String>,
    /// Component → weight, 0 to 100.
    pub weights: Option<BTreeMap<String, f64>>,
    /// Which documents the text matches.
    pub words: Option<Words>,
    /// Whether the total and the facets are counted.
    pub count: Option<Count>,
    /// Fields an answer shows; `["*"]` for all.
    pub fields: Option<Vec<String>>,
    /// Whether highlights are made.
    pub highlight: Option<bool>,
    /// A query vector of the caller's own.
    pub vector: Option<Vec<f32>>,
    /// The time freshness and expiry are seen from: RFC 3339.
    pub now: Option<String>,
    /// What the answer tells about itself.
    pub explain: Option<Explain>,
}

/// A document to match: one of `id`, `document` and `text`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct From {
    /// Its kind.
    pub kind: String,
    /// The id of a stored document.
    pub id: Option<String>,
    /// A document sent with the request.
    pub document: Option<Value>,
    /// Plain text, such as a pasted CV.
    pub text: Option<String>,
}

/// A match of one document against the documents of a kind.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The document.
    pub from: From,
    /// The kind to look in; the one `from`'s kind matches if none is named.
    pub to: Option<String>,
    /// Conditions on fields.
    pub filters: Option<Filters>,
    /// Fields to count.
    pub facets: Option<Vec<Facet>>,
    /// Fields, `-` in front for descending, `score` for the score.
    pub sort: Option<Vec<String>>,
    /// Hits in an answer.
    #[schemars(range(min = 0, max = 1000))]
    pub limit: Option<usize>,
    /// From the previous answer.
    pub cursor: Option<String>,
    /// Component → weight, 0 to 100.
    pub weights: Option<BTreeMap<String, f64>>,
    /// Whether the total and the facets are counted.
    pub count: Option<Count>,
    /// Fields an answer shows; `["*"]` for all.
    pub fields: Option<Vec<String>>,
    /// Whether highlights are made.
    pub highlight: Option<bool>,
    /// The time freshness and expiry are seen from: RFC 3339.
    pub now: Option<String>,
    /// What the answer tells about itself.
    pub explain: Option<Explain>,
}

/// The score of one source over all rows, a filter or an id list.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rank {
    /// A document; or `q` with `to`.
    pub from: Option<From>,
    /// A query, in place of `from`.
    #[schemars(length(max = 8192))]
    pub q: Option<String>,
    /// A query vector of the caller's own, with `q`.
    pub vector: Option<Vec<f32>>,
    /// Which documents the text of `q` matches.
    pub words: Option<Words>,
    /// The kind to look in.
    pub to: Option<String>,
    /// The documents to score; all of the kind if absent.
    #[schemars(length(max = 10000))]
    pub ids: Option<Vec<String>>,
    /// Conditions on fields.
    pub filters: Option<Filters>,
    /// Fields to count.
    pub facets: Option<Vec<Facet>>,
    /// Fields, `-` in front for descending, `score` for the score.
    pub sort: Option<Vec<String>>,
    /// Hits in an answer.
    #[schemars(range(min = 0, max = 1000))]
    pub limit: Option<usize>,
    /// From the previous answer.
    pub cursor: Option<String>,
    /// Component → weight, 0 to 100.
    pub weights: Option<BTreeMap<String, f64>>,
    /// Whether the total and the facets are counted.
    pub count: Option<Count>,
    /// Fields an answer shows; `["*"]` for all.
    pub fields: Option<Vec<String>>,
    /// Whether highlights are made.
    pub highlight: Option<bool>,
    /// The time freshness and expiry are seen from: RFC 3339.
    pub now: Option<String>,
    /// What the answer tells about itself.
    pub explain: Option<Explain>,
}

/// The other side of a pair.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct To {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// The score of one pair.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// A document; or `q`.
    pub from: Option<From>,
    /// A query, in place of `from`.
    #[schemars(length(max = 8192))]
    pub q: Option<String>,
    /// A query vector of the caller's own, with `q`.
    pub vector: Option<Vec<f32>>,
    /// Which documents the text of `q` matches.
    pub words: Option<Words>,
    /// The stored document whose score is explained.
    pub to: To,
    /// Component → weight, 0 to 100.
    pub weights: Option<BTreeMap<String, f64>>,
    /// Fields the answer shows; `["*"]` for all.
    pub fields: Option<Vec<String>>,
    /// Whether highlights are made.
    pub highlight: Option<bool>,
    /// The time freshness and expiry are seen from: RFC 3339.
    pub now: Option<String>,
}

/// What search, match and rank have in common.
struct Common {
    filters: Option<Filters>,
    facets: Option<Vec<Facet>>,
    sort: Option<Vec<String>>,
    limit: Option<usize>,
    cursor: Option<String>,
    weights: Option<BTreeMap<String, f64>>,
    words: Option<Words>,
    count: Option<Count>,
    fields: Option<Vec<String>>,
    highlight: bool,
    now: Option<String>,
    explain: Option<Explain>,
}

/// Takes the members of [`Common`] out of a request.
macro_rules! common {
    ($from:ident, $words:expr, $highlight:expr) => {
        Common {
            filters: $from.filters,
            facets: $from.facets,
            sort: $from.sort,
            limit: $from.limit,
            cursor: $from.cursor,
            weights: $from.weights,
            words: $words,
            count: $from.count,
            fields: $from.fields,
            highlight: $from.highlight.unwrap_or($highlight),
            now: $from.now,
            explain: $from.explain,
        }
    };
}

impl Search {
    /// The engine's request; `now_ms` is the server's clock.
    pub fn request(self, kind: &str, now_ms: i64) -> Outcome<Request> {
        let source = Source::Query {
            q: query(self.q.unwrap_or_default())?,
            vector: self.vector,
        };
        let common = common!(self, self.words, true);
        common.request(source, Some(kind.to_owned()), Scope::Pool, now_ms)
    }
}

impl Match {
    /// The engine's request; `now_ms` is the server's clock.
    pub fn request(self, now_ms: i64) -> Outcome<Request> {
        let source = self.from.source()?;
        let common = common!(self, None, false);
        common.request(source, self.to, Scope::Pool, now_ms)
    }
}

impl Rank {
    /// The engine's request; `now_ms` is the server's clock.
    pub fn request(self, now_ms: i64) -> Outcome<Request> {
        let source = either(self.from, self.q, self.vector)?;
        if matches!(source, Source::Query { .. }) && self.to.is_none() {
            return Err(Refusal::at(
                Code::InvalidRequest,
                "/to",
                "a query needs the kind to look in",
            ));
        }
        if self.ids.as_ref().is_some_and(|ids| ids.len() > IDS_MAX) {
            return Err(Refusal::at(
                Code::InvalidRequest,
                "/ids",
                format!("at most {IDS_MAX} ids"),
            ));
        }
        let scope = self.ids.map_or(Scope::All, Scope::Ids);
        let common = common!(self, self.words, false);
        common.request(source, self.to, scope, now_ms)
    }
}

impl Pair {
    /// The engine's request and the kind and id of the other side.
    pub fn request(self, now_ms: i64) -> Outcome<(Request, To)> {
        let common = Common {
            filters: None,
            facets: None,
            sort: None,
            limit: None,
            cursor: None,
            weights: self.weights,
            words: self.words,
            count: None,
            fields: self.fields,
            highlight: self.highlight.unwrap_or(false),
            now: self.now,
            explain: None,
        };
        let source = either(self.from, self.q, self.vector)?;
        let scope = Scope::Ids(vec![self.to.id.clone()]);
        let request = common.request(source, Some(self.to.kind.clone()), scope, now_ms)?;
        Ok((request, self.to))
    }
}

impl Common {
    fn request(
        self,
        source: Source,
        to: Option<String>,
        scope: Scope,
        now_ms: i64,
    ) -> Outcome<Request> {
        let mut request = Request::new(source, to, self.now_ms(now_ms)?);
        request.scope = scope;
        request.filters = match self.filters.map(Filters::conditions) {
            Some(conditions) => conditions.map_err(Refusal::because)?,
            None => Vec::new(),
        };
        request.facets = facets(self.facets.unwrap_or_default())?;
        request.sort = self.sort.unwrap_or_default();
        request.limit = self.limit.unwrap_or(HITS_DEFAULT);
        if request.limit > HITS_MAX {
            return Err(Refusal::at(
                Code::InvalidRequest,
                "/limit",
                format!("at most {HITS_MAX}"),
            ));
        }
        request.cursor = self.cursor;
        request.weights = self.weights.unwrap_or_default().into_iter().collect();
        request.words = match self.words.unwrap_or_default() {
            Words::All => WordsRule::All,
            Words::Most => WordsRule::Most,
            Words::Any => WordsRule::Any,
        };
        request.count = matches!(self.count.unwrap_or_default(), Count::Exact);
        request.fields = self.fields;
        request.highlight = self.highlight;
        request.plan = matches!(self.explain, Some(Explain::Plan));
        Ok(request)
    }

    /// The time named, that of the cursor, or the server's: pages of one list
    /// are seen from one time.
    fn now_ms(&self, clock_ms: i64) -> Outcome<i64> {
        if let Some(now) = &self.now {
            return clock::parse_rfc3339_ms(now).ok_or_else(|| {
                Refusal::at(
                    Code::InvalidRequest,
                    "/now",
                    "not an RFC 3339 time such as 2026-11-20T00:00:00Z",
                )
            });
        }
        match &self.cursor {
            Some(cursor) => Ok(tandem_engine::cursor_sequence(cursor)?.1),
            None => Ok(clock_ms),
        }
    }
}

impl From {
    fn source(self) -> Outcome<Source> {
        let kind = self.kind;
        match (self.id, self.document, self.text) {
            (Some(id), None, None) => Ok(Source::Stored { kind, id }),
            (None, Some(document), None) => Ok(Source::Inline { kind, document }),
            (None, None, Some(text)) => Ok(Source::Text { kind, text }),
            _ => Err(Refusal::at(
                Code::InvalidRequest,
                "/from",
                "needs exactly one of id, document and text",
            )),
        }
    }
}

fn either(from: Option<From>, q: Option<String>, vector: Option<Vec<f32>>) -> Outcome<Source> {
    match (from, q) {
        (Some(_), None) if vector.is_some() => Err(Refusal::at(
            Code::InvalidRequest,
            "/vector",
            "goes with q; a document brings its own",
        )),
        (Some(from), None) => from.source(),
        (None, Some(q)) => Ok(Source::Query {
            q: query(q)?,
            vector,
        }),
        (Some(_), Some(_)) | (None, None) => Err(Refusal::at(
            Code::InvalidRequest,
            "/from",
            "needs exactly one of from and q",
        )),
    }
}

fn query(q: String) -> Outcome<String> {
    if q.len() > QUERY_BYTES_MAX {
        let detail = format!("has {} bytes, at most {QUERY_BYTES_MAX} are read", q.len());
        return Err(Refusal::at(Code::InvalidRequest, "/q", detail));
    }
    Ok(q)
}

fn facets(facets: Vec<Facet>) -> Outcome<Vec<FacetRequest>> {
    let mut read = Vec::with_capacity(facets.len());
    for (place, facet) in facets.into_iter().enumerate() {
        let (field, limit) = match facet {
            Facet::Name(field) => (field, FACET_VALUES_DEFAULT),
            Facet::Limited(facet) => (facet.field, facet.limit.unwrap_or(FACET_VALUES_DEFAULT)),
        };
        if limit == 0 || limit > FACET_VALUES_MAX {
            let pointer = format!("/facets/{place}/limit");
            return Err(Refusal::at(
                Code::InvalidRequest,
                pointer,
                format!("1 to {FACET_VALUES_MAX}"),
            ));
        }
        read.push(FacetRequest::new(field, limit));
    }
    Ok(read)
}
