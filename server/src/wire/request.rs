//! Questions on the wire. Owns which members each has; turns them into the
//! engine's requests.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use tandem_engine::{Reading, Request, Scope, Source, WordsRule};

use super::filter::Filters;
use super::members::{Choice, Count, Explain, Page, Query, Syntax, View, Words, request};
use super::parts::{facets, near};
use super::problem::{Code, Outcome, Refusal};
use super::score::Boost;
use crate::clock;
use crate::limits::{EXCLUDE_MAX, HITS_DEFAULT, HITS_MAX, IDS_MAX, QUERY_BYTES_MAX};
use crate::read_json::Strict;

request! {
    /// A search.
    #[derive(Default)]
    #[schemars(example = serde_json::json!({"q": "data engineer", "filters": {"remote": "remote"}, "facets": ["company"], "limit": 10}))]
    pub struct Search: query, choice, page, view, visible {}
}

request! {
    /// One search of several.
    #[schemars(example = serde_json::json!({"kind": "jobs", "q": "nurse", "limit": 3}))]
    pub struct OneSearch: query, choice, page, view {
        /// The kind to search.
        pub kind: String,
    }
}

request! {
    /// A search all of whose hits are wanted.
    #[schemars(example = serde_json::json!({"q": "data engineer", "fields": ["title", "company"]}))]
    pub struct ExportSearch: query, choice, view, visible {}
}

request! {
    /// A match of one document against the documents of a kind.
    #[schemars(example = serde_json::json!({"from": {"kind": "candidates", "text": "Registered nurse, 6 years"}, "limit": 5,
        "musts": ["certificates"], "boosts": [{"label": "nearby", "filters": {"location.country": "US"}, "points": 5000}]}))]
    pub struct Match: choice, page, view, visible {
        /// The document.
        #[serde(deserialize_with = "super::members::object")]
        pub from: From,
        /// The kind to look in; the one `from`'s kind matches if none is named.
        pub to: Option<String>,
        /// Wants that take all points where they are known not to be met; those of the
        /// profile if not given, none if empty.
        #[schemars(length(max = 8), example = ["certificates"])]
        pub musts: Option<Vec<String>>,
    }
}

request! {
    /// A match all of whose hits are wanted.
    #[schemars(example = serde_json::json!({"from": {"kind": "jobs", "id": "job-0000017"}, "fields": ["headline"]}))]
    pub struct ExportMatch: choice, view, visible {
        /// The document.
        #[serde(deserialize_with = "super::members::object")]
        pub from: From,
        /// The kind to look in; the one `from`'s kind matches if none is named.
        pub to: Option<String>,
        /// Wants that take all points where they are known not to be met; those of the
        /// profile if not given, none if empty.
        #[schemars(length(max = 8), example = ["certificates"])]
        pub musts: Option<Vec<String>>,
    }
}

request! {
    /// The same score over all documents, a filter or an id list.
    #[schemars(example = serde_json::json!({"q": "nurse", "to": "jobs", "ids": ["job-0000001", "job-0000002"]}))]
    pub struct Rank: query, choice, page, view, visible {
        /// A document; or `q`.
        #[serde(default, deserialize_with = "super::members::object_or_none")]
        pub from: Option<From>,
        /// The kind to look in.
        pub to: Option<String>,
        /// The documents to score; all of the kind if absent.
        #[schemars(length(max = 10000))]
        pub ids: Option<Vec<String>>,
        /// Wants that take all points where they are known not to be met; those of the
        /// profile if not given, none if empty.
        #[schemars(length(max = 8), example = ["certificates"])]
        pub musts: Option<Vec<String>>,
    }
}

request! {
    /// The score of one pair.
    #[schemars(example = serde_json::json!({"from": {"kind": "candidates", "id": "cand-0000007"}, "to": {"kind": "jobs", "id": "job-0000001"}}))]
    pub struct Pair: query, view, visible {
        /// A document; or `q`.
        #[serde(default, deserialize_with = "super::members::object_or_none")]
        pub from: Option<From>,
        /// The stored document whose score is explained.
        #[serde(deserialize_with = "super::members::object")]
        pub to: To,
        /// Wants that take all points where they are known not to be met; those of the
        /// profile if not given, none if empty.
        #[schemars(length(max = 8), example = ["certificates"])]
        pub musts: Option<Vec<String>>,
        /// Whether highlights are made.
        pub highlight: Option<bool>,
        /// Whether the hit says what each of its points was read from; true if not given.
        pub evidence: Option<bool>,
    }
}

/// A document to match: one of `id`, `document` and `text`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = serde_json::json!({"kind": "jobs", "id": "job-0000017"}))]
pub struct From {
    /// Its kind.
    pub kind: String,
    /// The id of a stored document.
    pub id: Option<String>,
    /// A document sent with the request.
    #[serde(default, deserialize_with = "document")]
    pub document: Option<Value>,
    /// Plain text, such as a pasted CV.
    pub text: Option<String>,
}

// A stored document may not name a member twice, so this one may not either.
fn document<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Value>, D::Error> {
    Strict::deserialize(reader).map(|document| Some(document.0))
}

/// Several searches, answered on one snapshot.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Searches {
    /// Read one by one, so that one that is wrong does not take the others with it.
    pub searches: Vec<Strict>,
    /// From which sequence number on they are to be answered.
    pub min_sequence: Option<super::at_least::AtLeast>,
}

/// Several searches, as their schema is written.
#[derive(JsonSchema)]
#[schemars(rename = "Searches", deny_unknown_fields)]
#[expect(dead_code, reason = "the schema; the list is read one by one")]
pub struct SearchesSchema {
    /// 1 to 32 searches.
    #[schemars(length(min = 1, max = 32))]
    searches: Vec<OneSearch>,
    /// Waits until the space shows this sequence number, as a write answered it.
    min_sequence: Option<super::at_least::AtLeast>,
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

impl Search {
    /// The engine's request; `now_ms` is the server's clock.
    pub fn request(mut self, kind: &str, now_ms: i64) -> Outcome<Request> {
        let (query, page) = (self.query(), self.page());
        let mut request = query.searched(kind, self.view(), page.cursor.as_deref(), now_ms)?;
        self.choice().fill(&mut request)?;
        page.fill(&mut request, true)?;
        Ok(request)
    }
}

impl OneSearch {
    /// The engine's request; `now_ms` is the server's clock.
    pub fn request(mut self, now_ms: i64) -> Outcome<Request> {
        let (query, page, view) = (self.query(), self.page(), self.view());
        let mut request = query.searched(&self.kind, view, page.cursor.as_deref(), now_ms)?;
        self.choice().fill(&mut request)?;
        page.fill(&mut request, true)?;
        Ok(request)
    }
}

impl ExportSearch {
    /// The engine's request; `now_ms` is the server's clock.
    pub fn request(mut self, kind: &str, now_ms: i64) -> Outcome<Request> {
        let mut request = self.query().searched(kind, self.view(), None, now_ms)?;
        self.choice().fill(&mut request)?;
        request.count = false;
        Ok(request)
    }
}

impl Match {
    /// The engine's request; `now_ms` is the server's clock.
    pub fn request(mut self, now_ms: i64) -> Outcome<Request> {
        let page = self.page();
        let (choice, view) = (self.choice(), self.view());
        let source = self.from.source()?;
        let mut request = view.request(source, self.to, page.cursor.as_deref(), now_ms)?;
        request.musts = self.musts;
        choice.fill(&mut request)?;
        page.fill(&mut request, false)?;
        Ok(request)
    }
}

impl ExportMatch {
    /// The engine's request; `now_ms` is the server's clock.
    pub fn request(mut self, now_ms: i64) -> Outcome<Request> {
        let (choice, view) = (self.choice(), self.view());
        let source = self.from.source()?;
        let mut request = view.request(source, self.to, None, now_ms)?;
        request.musts = self.musts;
        choice.fill(&mut request)?;
        request.count = false;
        Ok(request)
    }
}

impl Rank {
    /// The engine's request; `now_ms` is the server's clock.
    pub fn request(mut self, now_ms: i64) -> Outcome<Request> {
        let (query, choice, page) = (self.query(), self.choice(), self.page());
        let view = self.view();
        let (source, reading) = either(self.from, query)?;
        if matches!(source, Source::Query { .. }) && self.to.is_none() {
            return Err(invalid("/to", "a query needs the kind to look in"));
        }
        if self.ids.as_ref().is_some_and(|ids| ids.len() > IDS_MAX) {
            return Err(invalid("/ids", &format!("at most {IDS_MAX} ids")));
        }
        let mut request = view.request(source, self.to, page.cursor.as_deref(), now_ms)?;
        request.scope = self.ids.map_or(Scope::All, Scope::Ids);
        (request.words, request.reading) = reading;
        request.musts = wants(&request.source, self.musts)?;
        choice.fill(&mut request)?;
        page.fill(&mut request, false)?;
        Ok(request)
    }
}

impl Pair {
    /// The engine's request and the kind and id of the other side.
    pub fn request(mut self, now_ms: i64) -> Outcome<(Request, To)> {
        let view = self.view();
        let (source, reading) = either(self.from.take(), self.query())?;
        let to = Some(self.to.kind.clone());
        let mut request = view.request(source, to, None, now_ms)?;
        request.scope = Scope::Ids(vec![self.to.id.clone()]);
        (request.words, request.reading) = reading;
        request.musts = wants(&request.source, self.musts)?;
        request.highlight = self.highlight.unwrap_or(false);
        request.evidence = self.evidence.unwrap_or(true);
        Ok((request, self.to))
    }
}

impl Query {
    /// The request of a search.
    fn searched(
        self,
        kind: &str,
        view: View,
        cursor: Option<&str>,
        now_ms: i64,
    ) -> Outcome<Request> {
        let (source, (words, reading)) = self.source()?;
        let mut request = view.request(source, Some(kind.to_owned()), cursor, now_ms)?;
        (request.words, request.reading) = (words, reading);
        Ok(request)
    }

    fn source(self) -> Outcome<(Source, (WordsRule, Reading))> {
        let q = self.q.unwrap_or_default();
        if q.len() > QUERY_BYTES_MAX {
            let detail = format!("has {} bytes, at most {QUERY_BYTES_MAX} are read", q.len());
            return Err(invalid("/q", &detail));
        }
        let words = match self.words.unwrap_or_default() {
            Words::All => WordsRule::All,
            Words::Most => WordsRule::Most,
            Words::Any => WordsRule::Any,
        };
        let reading = Reading {
            syntax: match self.syntax.unwrap_or_default() {
                Syntax::Auto => tandem_engine::Syntax::Auto,
                Syntax::Words => tandem_engine::Syntax::Words,
                Syntax::Boolean => tandem_engine::Syntax::Boolean,
            },
            typo: self.typo.unwrap_or(true),
            prefix: self.prefix.unwrap_or(true),
            synonyms: self.synonyms.unwrap_or(true),
            understand: self.understand.unwrap_or(true),
            literal: self.literal.unwrap_or_default(),
        };
        let blank = |phrase: &String| phrase.trim().is_empty();
        if let Some(place) = reading.literal.iter().position(blank) {
            return Err(invalid(&format!("/literal/{place}"), "has no word"));
        }
        let vector = self.vector;
        Ok((Source::Query { q, vector }, (words, reading)))
    }

    /// The first member that says how words are read.
    fn given(&self) -> Option<&'static str> {
        let given = [
            ("/words", self.words.is_some()),
            ("/syntax", self.syntax.is_some()),
            ("/typo", self.typo.is_some()),
            ("/prefix", self.prefix.is_some()),
            ("/synonyms", self.synonyms.is_some()),
            ("/understand", self.understand.is_some()),
            ("/literal", self.literal.is_some()),
        ];
        given
            .into_iter()
            .find(|(_, given)| *given)
            .map(|(name, _)| name)
    }
}

impl View {
    fn request(
        self,
        source: Source,
        to: Option<String>,
        cursor: Option<&str>,
        clock_ms: i64,
    ) -> Outcome<Request> {
        let mut request = Request::new(source, to, self.now_ms(cursor, clock_ms)?);
        request.weights = self.weights.unwrap_or_default().0.into_iter().collect();
        request.profile = self.profile;
        request.boosts = Boost::requests(self.boosts.unwrap_or_default())?;
        let fields = self.fields.iter().flatten().map(String::as_str);
        once("/fields", fields)?;
        request.fields = self.fields;
        request.blind = self.blind.unwrap_or(false);
        Ok(request)
    }

    /// The time named, that of the cursor, or the server's: pages of one list
    /// are seen from one time.
    fn now_ms(&self, cursor: Option<&str>, clock_ms: i64) -> Outcome<i64> {
        if let Some(now) = &self.now {
            return clock::parse_rfc3339_ms(now).ok_or_else(|| {
                invalid("/now", "not an RFC 3339 time such as 2026-11-20T00:00:00Z")
            });
        }
        match cursor {
            Some(cursor) => Ok(tandem_engine::cursor_place(cursor)?.now_ms),
            None => Ok(clock_ms),
        }
    }
}

impl Choice {
    fn fill(self, request: &mut Request) -> Outcome<()> {
        if let Some(filters) = self.filters {
            request.filters = Filters::conditions(filters).map_err(Refusal::because)?;
        }
        request.near = self.near.map(near).transpose()?;
        request.exclude = self.exclude.unwrap_or_default();
        if request.exclude.len() > EXCLUDE_MAX {
            return Err(invalid("/exclude", &format!("at most {EXCLUDE_MAX} ids")));
        }
        request.max_per = match self.max_per {
            Some(per) if per.count == 0 => return Err(invalid("/max_per/count", "at least 1")),
            per => per.map(|per| (per.field, per.count)),
        };
        request.sort = self.sort.unwrap_or_default();
        // What comes second of a field orders nothing, in either direction.
        let fields = request.sort.iter();
        once(
            "/sort",
            fields.map(|name| name.strip_prefix('-').unwrap_or(name)),
        )?;
        Ok(())
    }
}

impl Page {
    fn fill(self, request: &mut Request, highlight: bool) -> Outcome<()> {
        request.facets = facets(self.facets.unwrap_or_default())?;
        // An answer has one list a field.
        let fields = request.facets.iter();
        once("/facets", fields.map(|facet| facet.field.as_str()))?;
        request.limit = self.limit.unwrap_or(HITS_DEFAULT);
        if request.limit > HITS_MAX {
            return Err(invalid("/limit", &format!("at most {HITS_MAX}")));
        }
        request.cursor = self.cursor;
        request.count = matches!(self.count.unwrap_or_default(), Count::Exact);
        request.highlight = self.highlight.unwrap_or(highlight);
        request.plan = matches!(self.explain, Some(Explain::Plan));
        request.evidence = self.evidence.unwrap_or(false);
        Ok(())
    }
}

impl From {
    fn source(self) -> Outcome<Source> {
        let kind = self.kind;
        match (self.id, self.document, self.text) {
            (Some(id), None, None) => Ok(Source::Stored { kind, id }),
            (None, Some(document), None) => Ok(Source::Inline { kind, document }),
            (None, None, Some(text)) => Ok(Source::Text { kind, text }),
            _ => Err(invalid(
                "/from",
                "needs exactly one of id, document and text",
            )),
        }
    }
}

fn either(from: Option<From>, query: Query) -> Outcome<(Source, (WordsRule, Reading))> {
    match (from, &query.q) {
        (Some(_), None) if query.vector.is_some() => {
            Err(invalid("/vector", "goes with q; a document brings its own"))
        }
        (Some(from), None) => match query.given() {
            Some(pointer) => Err(invalid(pointer, "goes with q; a document is not a query")),
            None => Ok((from.source()?, (WordsRule::Most, Reading::default()))),
        },
        (None, Some(_)) => query.source(),
        (Some(_), Some(_)) | (None, None) => {
            Err(invalid("/from", "needs exactly one of from and q"))
        }
    }
}

/// Musts are wants of documents; words have none.
fn wants(source: &Source, musts: Option<Vec<String>>) -> Outcome<Option<Vec<String>>> {
    if musts.is_some() && matches!(source, Source::Query { .. }) {
        return Err(invalid("/musts", "goes with from; words have no wants"));
    }
    Ok(musts)
}

/// Refuses a list that names something twice.
fn once<'a>(pointer: &str, names: impl Iterator<Item = &'a str>) -> Outcome<()> {
    let mut seen = HashMap::new();
    for (place, name) in names.enumerate() {
        if let Some(first) = seen.insert(name, place) {
            let detail = format!("the same as {pointer}/{first}");
            return Err(invalid(&format!("{pointer}/{place}"), &detail));
        }
    }
    Ok(())
}

pub(super) fn invalid(pointer: &str, detail: &str) -> Refusal {
    Refusal::at(Code::InvalidRequest, pointer, detail)
}
