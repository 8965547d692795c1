//! From a request to a checked, compiled question. Owns the checks of a
//! request's members; every fault is reported, with a pointer.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use tandem_index::kinds::{Kind, did_you_mean};
use tandem_index::row;
use tandem_index::skills::SkillId;
use tandem_index::snapshot::{Collection, Snapshot};

use crate::answer::{Failure, Fault};
use crate::components::{ALL, COMPONENTS, Component, MATCH_WEIGHTS, SEARCH_WEIGHTS};
use crate::facets::FACET_VALUES_MAX;
use crate::filter::{Filter, compile, pointer, unknown_column};
use crate::query::Query;
use crate::request::{FacetRequest, Request, Scope, Source};

/// Most hits of one answer.
pub const LIMIT_MAX: usize = 1_000;
/// Longest query in bytes.
pub const QUERY_BYTES_MAX: usize = 8_192;
/// Most ids of a request.
pub const IDS_MAX: usize = 10_000;

/// A sort key: a column (`None` is the score), falling or rising.
#[derive(Clone, Copy, Debug)]
pub struct SortKey {
    /// The column, or the score.
    pub column: Option<usize>,
    /// Greatest first.
    pub falling: bool,
}

/// A checked question to one collection.
pub struct Question<'a> {
    /// The kind looked in.
    pub kind: &'a Kind,
    /// Its documents.
    pub collection: &'a Collection,
    /// The compiled query.
    pub query: Query,
    /// Compiled filters.
    pub filters: Vec<Filter>,
    /// Column, name and most values of each facet.
    pub facets: Vec<(usize, String, usize)>,
    /// How hits are sorted; empty is by score.
    pub sort: Vec<SortKey>,
    /// Fields shown; `None` is all.
    pub fields: Option<Vec<String>>,
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

/// Checks and compiles a request against a snapshot.
pub fn prepare<'a>(snapshot: &'a Snapshot, request: &Request) -> Result<Question<'a>, Failure> {
    let (kind, source) = kinds_of(snapshot, request)?;
    let mut faults = Vec::new();
    let filters = compile(kind, &request.filters).unwrap_or_else(|found| {
        faults.extend(found);
        Vec::new()
    });
    let facets = facets(kind, request, &mut faults);
    let sort = sort(kind, request, &mut faults);
    let fields = fields(kind, request, &mut faults);
    let from_document = source.is_some();
    let defaults = if from_document {
        MATCH_WEIGHTS
    } else {
        SEARCH_WEIGHTS
    };
    let weights = weights(request, defaults, &mut faults);
    limits(request, &mut faults);
    if !faults.is_empty() {
        return Err(Failure { faults });
    }
    let collection = snapshot.collection(kind.id);
    let mut question = Question {
        kind,
        collection,
        query: Query::default(),
        filters,
        facets,
        sort,
        fields,
        from_document,
        exclude: None,
        skill_names: HashMap::new(),
        applied: Map::new(),
        warnings: Vec::new(),
        did_you_mean: None,
    };
    match (&request.source, source) {
        (Source::Query { q, vector }, _) => question.read_query(q, vector.as_deref(), request)?,
        (_, Some(source)) => question.read_document(snapshot, source, request)?,
        (_, None) => {}
    }
    question.query.now_ms = request.now_ms;
    question.query.share_points(&weights);
    question.apply(&weights);
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

fn facets(kind: &Kind, request: &Request, faults: &mut Vec<Fault>) -> Vec<(usize, String, usize)> {
    let mut out = Vec::new();
    for FacetRequest {
        field: name, limit, ..
    } in &request.facets
    {
        match kind.column(name) {
            Some(_) if *limit == 0 || *limit > FACET_VALUES_MAX => faults.push(Fault {
                pointer: "/facets".into(),
                code: "invalid_request",
                detail: format!("a facet has 1 to {FACET_VALUES_MAX} values"),
                did_you_mean: None,
            }),
            Some(column) => out.push((column, name.clone(), *limit)),
            None => faults.push(unknown_column(kind, "facets", name)),
        }
    }
    out
}

fn sort(kind: &Kind, request: &Request, faults: &mut Vec<Fault>) -> Vec<SortKey> {
    let mut out = Vec::new();
    for name in &request.sort {
        let (falling, bare) = match name.strip_prefix('-') {
            Some(bare) => (true, bare),
            None => (false, name.as_str()),
        };
        if bare == "score" {
            out.push(SortKey {
                column: None,
                falling,
            });
        } else if let Some(column) = kind.column(bare) {
            out.push(SortKey {
                column: Some(column),
                falling,
            });
        } else {
            faults.push(unknown_column(kind, "sort", bare));
        }
    }
    out
}

fn fields(kind: &Kind, request: &Request, faults: &mut Vec<Fault>) -> Option<Vec<String>> {
    let Some(names) = &request.fields else {
        return Some(kind.display.clone());
    };
    if names.iter().any(|name| name == "*") {
        return None;
    }
    for name in names {
        let common = tandem_index::kinds::COMMON_MEMBERS;
        if kind.field(name).is_none() && !common.contains(&name.as_str()) {
            let known = kind.fields.iter().map(|field| field.name.as_str());
            faults.push(Fault {
                pointer: pointer("fields", name),
                code: "unknown_field",
                detail: format!("{} have no such field", kind.name),
                did_you_mean: did_you_mean(name, known.chain(common)),
            });
        }
    }
    Some(names.clone())
}

fn weights(
    request: &Request,
    defaults: [f64; COMPONENTS],
    faults: &mut Vec<Fault>,
) -> [f64; COMPONENTS] {
    let mut weights = defaults;
    for (name, weight) in &request.weights {
        match Component::from_name(name) {
            Some(component) if (0.0..=100.0).contains(weight) => {
                weights[component as usize] = *weight;
            }
            Some(_) => faults.push(Fault {
                pointer: pointer("weights", name),
                code: "invalid_request",
                detail: "a weight is 0 to 100".into(),
                did_you_mean: None,
            }),
            None => faults.push(Fault {
                pointer: pointer("weights", name),
                code: "unknown_member",
                detail: "no component of the score has this name".into(),
                did_you_mean: did_you_mean(name, ALL.into_iter().map(Component::as_str)),
            }),
        }
    }
    weights
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
}

impl Question<'_> {
    /// The name of a skill of the dictionary or of the source document.
    pub fn name_of(&self, number: u32) -> Option<String> {
        row::skill_name(SkillId(number))
            .map(str::to_owned)
            .or_else(|| self.skill_names.get(&number).cloned())
    }

    fn apply(&mut self, weights: &[f64; COMPONENTS]) {
        let mut shown = Map::new();
        for component in ALL {
            if self.query.maxima.of(component) > 0 {
                shown.insert(
                    component.as_str().into(),
                    json!(weights[component as usize]),
                );
            }
        }
        self.applied.insert("weights".into(), Value::Object(shown));
        let filters: Map<String, Value> = self.filters.iter().map(Filter::shown).collect();
        self.applied
            .insert("filters".into(), Value::Object(filters));
        if self.kind.facts().expires.is_some() {
            self.applied.insert("expired".into(), json!("excluded"));
        }
        let similar = self.query.vector.is_some();
        self.applied.insert("similarity".into(), json!(similar));
    }
}
