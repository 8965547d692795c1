//! From a request to a checked, compiled question. Owns the checks of a
//! request's members; every fault is reported, with a pointer.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tandem_index::kinds::{Kind, did_you_mean};
use tandem_index::rates;
use tandem_index::skills::SkillId;
use tandem_index::snapshot::{Collection, Snapshot};
use tandem_index::taxonomy::Taxonomy;

use crate::answer::{Failure, Fault};
use crate::boolean::{Expression, is_boolean};
use crate::facets::{self, Facet};
use crate::filter::{self, Filter, PayColumns, compile, names, unknown_column};
use crate::near::{Radius, ambiguity};
use crate::query::Query;
use crate::request::{Request, Scope, Source};
use crate::score::Scorer;
use crate::weigh::{self, Weighing};

/// Most hits of one answer.
pub const LIMIT_MAX: usize = 1_000;
/// Longest query in bytes.
pub const QUERY_BYTES_MAX: usize = 8_192;
/// Most ids of a request.
pub const IDS_MAX: usize = 10_000;

/// What hits are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// The score.
    Score,
    /// A column.
    Column(usize),
    /// The most a field of pay pays a year, converted.
    Pay(PayColumns),
    /// The distance from the middle of `near`.
    Distance,
}

/// A sort key, falling or rising.
#[derive(Clone, Copy, Debug)]
pub struct SortKey {
    /// By what.
    pub by: SortBy,
    /// Greatest first.
    pub falling: bool,
}

/// A checked question to one collection.
pub struct Question<'a> {
    /// The kind looked in.
    pub kind: &'a Kind,
    /// Its documents.
    pub collection: &'a Collection,
    /// Skills, links and titles as the space has them.
    pub taxonomy: &'a Arc<Taxonomy>,
    /// The compiled query.
    pub query: Query,
    /// Compiled filters.
    pub filters: Vec<Filter>,
    /// What the query's text says of columns, or all of it in Boolean.
    pub expression: Option<Expression>,
    /// Only rows within this radius.
    pub near: Option<Radius>,
    /// Only rows within one of these, where there are any: several places that
    /// were understood.
    pub around: Vec<Radius>,
    /// Whether the request itself says where; how many of the filters are its own.
    pub(crate) near_explicit: bool,
    pub(crate) explicit: usize,
    /// A column of strings and how many hits may share a value.
    pub max_per: Option<(usize, usize)>,
    /// What is counted.
    pub facets: Vec<Facet>,
    /// How hits are sorted; empty is by score.
    pub sort: Vec<SortKey>,
    /// Fields shown; `None` is all.
    pub fields: Option<Vec<String>>,
    /// Whether documents about people are masked.
    pub blind: bool,
    /// Whether a document is the source.
    pub from_document: bool,
    /// The id of a stored source of the same kind, which is no hit.
    pub exclude: Option<String>,
    /// Names of skills of the source that no dictionary knows.
    pub skill_names: HashMap<u32, String>,
    /// What was understood.
    pub applied: Map<String, Value>,
    /// What the caller should know.
    pub warnings: Vec<String>,
    /// The query as it was probably meant.
    pub did_you_mean: Option<String>,
}

impl Question<'_> {
    /// A scorer for it. One serves all of an answer: what it has looked up once it
    /// knows.
    pub fn scorer(&self) -> Scorer<'_> {
        Scorer::new(&self.query, self.kind, &self.collection.statistics)
    }
}

/// Checks and compiles a request against a snapshot.
pub fn prepare<'a>(snapshot: &'a Snapshot, request: &Request) -> Result<Question<'a>, Failure> {
    let (kind, source) = kinds_of(snapshot, request)?;
    let mut faults = Vec::new();
    let filters = compile(kind, &request.filters).unwrap_or_else(|found| {
        faults.extend(found);
        Vec::new()
    });
    blind(&filters, request, &mut faults);
    let facets = facets(kind, request, &mut faults);
    let near = request
        .near
        .as_ref()
        .and_then(|near| kept(Radius::compile(kind, near), &mut faults));
    let max_per = max_per(kind, request, &mut faults);
    let sort = sort(kind, request, &mut faults);
    let fields = fields(kind, request, &mut faults);
    let from_document = source.is_some();
    let weighing = Weighing::of(kind, request, from_document, &mut faults);
    limits(request, &mut faults);
    if !faults.is_empty() {
        return Err(Failure { faults });
    }
    let collection = snapshot.collection(kind.id);
    let mut question = Question {
        kind,
        collection,
        taxonomy: snapshot.taxonomy(),
        query: Query::default(),
        explicit: filters.len(),
        filters,
        expression: None,
        near_explicit: near.is_some(),
        near,
        around: Vec::new(),
        max_per,
        facets,
        sort,
        fields,
        blind: request.blind,
        from_document,
        exclude: None,
        skill_names: HashMap::new(),
        applied: Map::new(),
        warnings: request
            .near
            .as_ref()
            .and_then(ambiguity)
            .into_iter()
            .collect(),
        did_you_mean: None,
    };
    match (&request.source, source) {
        (Source::Query { q, vector }, _) if is_boolean(q, request.reading.syntax) => {
            question.read_boolean(q, vector.as_deref())?;
        }
        (Source::Query { q, vector }, _) => question.read_query(q, vector.as_deref(), request)?,
        (_, Some(source)) => question.read_document(snapshot, source, request)?,
        (_, None) => {}
    }
    weighing.put(&mut question.query, &mut question.applied);
    question.finish(request)?;
    question.apply(request);
    Ok(question)
}

fn kinds_of<'a>(
    snapshot: &'a Snapshot,
    request: &Request,
) -> Result<(&'a Kind, Option<&'a Kind>), Failure> {
    let find = |name: &str, pointer: &str| {
        snapshot.kind(name).ok_or_else(|| {
            let mut failure =
                Failure::new("unknown_kind", pointer, "there is no such kind of document");
            failure.faults[0].did_you_mean =
                did_you_mean(name, snapshot.kinds().iter().map(|kind| kind.name.as_str()));
            failure
        })
    };
    let source = match &request.source {
        Source::Query { .. } => None,
        Source::Stored { kind, .. } | Source::Inline { kind, .. } | Source::Text { kind, .. } => {
            Some(find(kind, "/from/kind")?)
        }
    };
    let target = match (&request.to, source) {
        (Some(to), _) => find(to, "/to")?,
        (None, Some(source)) => match &source.matches {
            Some(to) => find(to, "/to")?,
            None => {
                return Err(Failure::new(
                    "invalid_request",
                    "/to",
                    format!(
                        "{} are matched with no kind by default, so `to` is needed",
                        source.name
                    ),
                ));
            }
        },
        (None, None) => {
            return Err(Failure::new("invalid_request", "/to", "`to` is needed"));
        }
    };
    Ok((target, source))
}

// Who asks for a name learns whose a masked document is.
fn blind(filters: &[Filter], request: &Request, faults: &mut Vec<Fault>) {
    let named = filters.iter().filter(|filter| filter.is_person());
    faults.extend(named.filter(|_| request.blind).map(|filter| Fault {
        pointer: filter::pointer("filters", &filter.shown().0),
        code: "invalid_filter",
        detail: "a blind answer cannot be asked for by name".into(),
        did_you_mean: None,
    }));
}

// A result, or its fault among the others.
fn kept<T>(result: Result<T, Fault>, faults: &mut Vec<Fault>) -> Option<T> {
    result.map_err(|fault| faults.push(fault)).ok()
}

fn facets(kind: &Kind, request: &Request, faults: &mut Vec<Fault>) -> Vec<Facet> {
    let facets = request.facets.iter().enumerate();
    facets
        .filter_map(|(at, facet)| kept(facets::compile(kind, facet, at), faults))
        .collect()
}

fn sort(kind: &Kind, request: &Request, faults: &mut Vec<Fault>) -> Vec<SortKey> {
    let mut out = Vec::new();
    for (at, name) in request.sort.iter().enumerate() {
        let (falling, bare) = match name.strip_prefix('-') {
            Some(bare) => (true, bare),
            None => (false, name.as_str()),
        };
        let by = match (bare, kind.column(bare), PayColumns::of(kind, bare)) {
            ("score", _, _) => SortBy::Score,
            (_, Some(column), _) => SortBy::Column(column),
            (_, None, Some(columns)) => SortBy::Pay(columns),
            ("distance", None, None) => SortBy::Distance,
            (_, None, None) => {
                let known = names(kind).chain(["score", "distance"]);
                faults.push(Fault {
                    did_you_mean: did_you_mean(bare, known),
                    ..unknown_column(kind, format!("/sort/{at}"), bare)
                });
                continue;
            }
        };
        out.push(SortKey { by, falling });
    }
    out
}

fn max_per(kind: &Kind, request: &Request, faults: &mut Vec<Fault>) -> Option<(usize, usize)> {
    let (name, count) = request.max_per.as_ref()?;
    let mut refuse = |member: &str, detail: &str| {
        faults.push(Fault {
            pointer: format!("/max_per/{member}"),
            code: "invalid_request",
            detail: detail.into(),
            did_you_mean: None,
        });
        None
    };
    if *count == 0 {
        return refuse("count", "is at least 1");
    }
    match kind.column(name) {
        Some(column) if kind.columns()[column].numeric => {
            refuse("field", "hits are counted by a field of strings")
        }
        Some(column) => Some((column, *count)),
        None => {
            let mut fault = unknown_column(kind, "/max_per/field".into(), name);
            // A place as a whole has no value to count by; its city has.
            let city = format!("{}.city", fault.did_you_mean.as_deref().unwrap_or(name));
            if kind.column(&city).is_some() {
                fault.did_you_mean = Some(city);
            }
            faults.push(fault);
            None
        }
    }
}

fn fields(kind: &Kind, request: &Request, faults: &mut Vec<Fault>) -> Option<Vec<String>> {
    let Some(names) = &request.fields else {
        return Some(kind.display.clone());
    };
    if names.iter().any(|name| name == "*") {
        return None;
    }
    for (at, name) in names.iter().enumerate() {
        let common = tandem_index::kinds::COMMON_MEMBERS;
        if kind.field(name).is_none() && !common.contains(&name.as_str()) {
            let known = kind.fields.iter().map(|field| field.name.as_str());
            faults.push(Fault {
                pointer: format!("/fields/{at}"),
                code: "unknown_field",
                detail: format!("{} have no field {name:.80}", kind.name),
                did_you_mean: did_you_mean(name, known.chain(common)),
            });
        }
    }
    Some(names.clone())
}

fn limits(request: &Request, faults: &mut Vec<Fault>) {
    let mut refuse = |pointer: &str, detail: String| {
        faults.push(Fault {
            pointer: pointer.into(),
            code: "invalid_request",
            detail,
            did_you_mean: None,
        });
    };
    if request.limit > LIMIT_MAX {
        refuse("/limit", format!("an answer has at most {LIMIT_MAX} hits"));
    }
    if request.evidence && request.limit > crate::evidence::HITS_MAX {
        let most = crate::evidence::HITS_MAX;
        refuse(
            "/limit",
            format!("an answer with evidence has at most {most} hits"),
        );
    }
    if let Source::Query { q, .. } = &request.source
        && q.len() > QUERY_BYTES_MAX
    {
        refuse("/q", format!("a query has at most {QUERY_BYTES_MAX} bytes"));
    }
    if let Scope::Ids(ids) = &request.scope
        && ids.len() > IDS_MAX
    {
        refuse("/ids", format!("at most {IDS_MAX} ids"));
    }
    if request.exclude.len() > IDS_MAX {
        refuse("/exclude", format!("at most {IDS_MAX} ids"));
    }
}

impl Question<'_> {
    /// The name of a skill of the taxonomy or of the source document.
    pub fn name_of(&self, number: u32) -> Option<String> {
        self.taxonomy
            .skill_name(SkillId(number))
            .map(str::to_owned)
            .or_else(|| self.skill_names.get(&number).cloned())
    }

    // What needs to know all that was read: the query may have added filters.
    fn finish(&mut self, request: &Request) -> Result<(), Failure> {
        self.query.now_ms = request.now_ms;
        self.query.taxonomy = Some(Arc::clone(self.taxonomy));
        let mut filters: Vec<&mut Filter> = self.filters.iter_mut().collect();
        filters.extend(self.expression.iter_mut().flat_map(Expression::filters_mut));
        let boosts = self.query.boosts.iter_mut();
        filters.extend(boosts.flat_map(|boost| boost.filters.iter_mut()));
        let stored = (self.kind, self.collection, &**self.taxonomy);
        filter::resolve(filters, stored, &mut self.warnings);
        let far = self.sort.iter().position(|key| key.by == SortBy::Distance);
        match far {
            Some(at) if self.near.is_none() => Err(Failure::new(
                "invalid_request",
                format!("/sort/{at}"),
                "a sort by distance needs `near`",
            )),
            _ => Ok(()),
        }
    }

    fn apply(&mut self, request: &Request) {
        weigh::show(&self.query, self.kind, &mut self.applied);
        let filters: Map<String, Value> = self.filters.iter().map(Filter::shown).collect();
        self.applied
            .insert("filters".into(), Value::Object(filters));
        if let Some(near) = &self.near {
            self.applied.insert("near".into(), near.shown());
        }
        if let Some((field, count)) = &request.max_per {
            let shown = json!({"field": field, "count": count});
            self.applied.insert("max_per".into(), shown);
        }
        if !request.exclude.is_empty() {
            let mut stored: Vec<(usize, u32)> = Vec::new();
            stored.extend(
                request
                    .exclude
                    .iter()
                    .filter_map(|id| self.collection.find(id)),
            );
            stored.sort_unstable();
            stored.dedup();
            self.applied.insert("excluded".into(), json!(stored.len()));
        }
        if self.converts() {
            let shown = json!({"date": rates::date(), "source": rates::source()});
            self.applied.insert("rates".into(), shown);
        }
        if self.kind.facts().expires.is_some() {
            self.applied.insert("expired".into(), json!("excluded"));
        }
        let similar = self.query.vector.is_some();
        self.applied.insert("similarity".into(), json!(similar));
    }

    // Whether amounts are converted between currencies anywhere.
    fn converts(&self) -> bool {
        let boosts = self.query.boosts.iter();
        let pay = self
            .query
            .source
            .as_ref()
            .is_some_and(|source| source.pay.is_some());
        self.filters.iter().any(Filter::converts)
            || pay
            || boosts
                .flat_map(|boost| &boost.filters)
                .any(Filter::converts)
            || self.expression.as_ref().is_some_and(Expression::converts)
            || self.facets.iter().any(Facet::converts)
            || self.sort.iter().any(|key| matches!(key.by, SortBy::Pay(_)))
    }
}
