//! Answers: retrieve, score, order, page, count, show. Owns the sequence of
//! the phases; one function serves search, match and rank.

use serde_json::{Map, Value, json};
use tandem_index::bits::Bits;
use tandem_index::snapshot::Snapshot;
use xxhash_rust::xxh3::xxh3_64;

use crate::answer::{Answer, FacetValue, Failure, Hit, Total};
use crate::cursor::Cursor;
use crate::evidence::{Explainer, SourceRead};
use crate::filter::Filter;
use crate::hits::Shower;
use crate::legs::TextLeg;
use crate::nothing;
use crate::page::page;
use crate::prepare::{Question, prepare};
use crate::request::{Request, Scope, Source, WordsRule};
use crate::retrieve::{
    self, At, Retrieved, Rows, allowed_rows, count, document, exhaustive, id, match_set, search,
};
use crate::score::Scorer;

/// Answers a search, match or rank. `phase` is told the name of each phase as
/// it ends. Errors: faults of the request, with pointers.
pub fn answer(
    snapshot: &Snapshot,
    request: &Request,
    phase: &mut dyn FnMut(&'static str),
) -> Result<Answer, Failure> {
    let mut question = prepare(snapshot, request)?;
    let cursor = read_cursor(snapshot, request)?;
    phase("prepare");
    let allowed = allowed(&mut question, request);
    phase("filter");
    let text = walk_text(&question);
    let statistics = &question.collection.statistics;
    let mut scorer = Scorer::new(&question.query, question.kind, statistics);
    let retrieved = retrieve_rows((&question, &mut scorer), request, allowed, text.as_ref());
    phase("retrieve");
    if request.count
        && retrieved.total == 0
        && let Some((said, without)) = nothing_found(snapshot, request, &question)
    {
        question.warnings.push(said);
        question.applied.insert("without".into(), without);
    }
    let cut = (request.limit, cursor.as_ref());
    let page = page(&question, &mut scorer, &retrieved, cut)?;
    phase("score");
    let mut facet_counts = Vec::new();
    if request.count {
        facet_counts = count_facets(&question, request, &retrieved, text.as_ref());
        phase("facets");
    }
    let source = if request.evidence {
        SourceRead::of(snapshot, request)?
    } else {
        None
    };
    let explainer = Explainer::new(&question, source.as_ref(), false);
    let explainer = request.evidence.then_some(explainer);
    let mut shower = Shower::of(&question, scorer, request.highlight).with(explainer);
    let hits: Vec<Hit> = page.rows.iter().map(|at| shower.hit(*at)).collect();
    phase("show");
    let total = request.count.then(|| Total {
        value: retrieved.total,
        rule: total_rule(&question, request),
    });
    let next = page.more.then(|| page.rows.last()).flatten().map(|last| {
        Cursor {
            history: history_of(snapshot),
            sequence: snapshot.sequence,
            now_ms: request.now_ms,
            request: request_hash(request),
            behind_pool: page.behind_pool,
            last: id(question.collection, *last).to_owned(),
        }
        .encode()
    });
    let pool = if (retrieved.pool.len() as u64) < retrieved.total {
        page.from_pool as u64
    } else {
        retrieved.total
    };
    Ok(Answer {
        hits,
        total,
        facets: facet_counts,
        cursor: next,
        sequence: snapshot.sequence,
        did_you_mean: question.did_you_mean.take(),
        exact_until: (question.sort.is_empty() && pool < retrieved.total).then_some(pool),
        plan: request.plan.then(|| plan(&question, &retrieved)),
        applied: question.applied,
        warnings: question.warnings,
    })
}

/// Every row of the match set in the order of the pages. Errors: as `answer`.
pub(crate) fn order(snapshot: &Snapshot, request: &Request) -> Result<Vec<At>, Failure> {
    let mut question = prepare(snapshot, request)?;
    let allowed = allowed(&mut question, request);
    let text = walk_text(&question);
    let mut scorer = question.scorer();
    let retrieved = retrieve_rows((&question, &mut scorer), request, allowed, text.as_ref());
    let all = (usize::MAX, None);
    page(&question, &mut scorer, &retrieved, all).map(|page| page.rows)
}

/// The score of one document for a request's source. Errors: as `answer`, and
/// `not_found` where the document is not stored.
pub fn explain(
    snapshot: &Snapshot,
    request: &Request,
    to_kind: &str,
    to_id: &str,
) -> Result<Hit, Failure> {
    let request = Request {
        to: Some(to_kind.to_owned()),
        ..request.clone()
    };
    let question = prepare(snapshot, &request)?;
    let Some((segment, row)) = question.collection.find(to_id) else {
        return Err(Failure::new(
            "not_found",
            "/to/id",
            "there is no document of this id",
        ));
    };
    let at = At {
        segment: segment as u32,
        row,
    };
    let source = if request.evidence {
        SourceRead::of(snapshot, &request)?
    } else {
        None
    };
    let explainer = Explainer::new(&question, source.as_ref(), true);
    let explainer = request.evidence.then_some(explainer);
    let mut shower = Shower::new(&question, request.highlight).with(explainer);
    Ok(shower.hit(at))
}

// Of which understood parts it comes that nothing is found: what would be found
// without them.
fn nothing_found(
    snapshot: &Snapshot,
    request: &Request,
    question: &Question<'_>,
) -> Option<(String, Value)> {
    let Source::Query { q, vector } = &request.source else {
        return None;
    };
    let count = |q: &str| {
        let (q, vector) = (q.to_owned(), vector.clone());
        let mut request = request.clone();
        request.source = Source::Query { q, vector };
        let Ok(mut question) = prepare(snapshot, &request) else {
            return 0;
        };
        let allowed = allowed(&mut question, &request);
        let words = walk_text(&question);
        let asked = (&question, &mut question.scorer());
        retrieve_rows(asked, &request, allowed, words.as_ref()).total
    };
    nothing::found(q, question.applied.get("understood")?, count)
}

fn read_cursor(snapshot: &Snapshot, request: &Request) -> Result<Option<Cursor>, Failure> {
    let Some(text) = &request.cursor else {
        return Ok(None);
    };
    let cursor = Cursor::decode(text)?;
    if cursor.request != request_hash(request) || cursor.now_ms != request.now_ms {
        return Err(Failure::new(
            "invalid_cursor",
            "/cursor",
            "the cursor belongs to another request: everything but `cursor` and `limit` must be the same",
        ));
    }
    if (cursor.history, cursor.sequence) != (history_of(snapshot), snapshot.sequence) {
        return Err(Failure::new(
            "snapshot_gone",
            "/cursor",
            "the cursor's snapshot is no longer held",
        ));
    }
    Ok(Some(cursor))
}

/// The history of documents a snapshot's number is of; 0 where it has none.
fn history_of(snapshot: &Snapshot) -> u32 {
    snapshot.history.map_or(0, |history| history.0.get())
}

// What must be the same for a cursor to go on: all that decides the order.
fn request_hash(request: &Request) -> u64 {
    let Request {
        source,
        to,
        scope,
        filters,
        sort,
        weights,
        profile,
        musts,
        boosts,
        words,
        reading,
        near,
        exclude,
        max_per,
        ..
    } = request;
    let filters: Vec<String> = filters.iter().map(|filter| format!("{filter:?}")).collect();
    let key = format!(
        "{source:?} {to:?} {scope:?} {filters:?} {sort:?} {weights:?} {profile:?} {musts:?} {boosts:?} {words:?} \
         {reading:?} {near:?} {exclude:?} {max_per:?}"
    );
    xxh3_64(key.as_bytes())
}

fn allowed(question: &mut Question<'_>, request: &Request) -> Rows {
    let collection = question.collection;
    if let Scope::Ids(ids) = &request.scope {
        let missing = ids
            .iter()
            .filter(|id| collection.find(id).is_none())
            .count();
        if missing > 0 {
            question
                .warnings
                .push(format!("{missing} of the ids are not stored"));
        }
    }
    within(question, request, &[])
}

// The rows in scope that pass the filters, but for those on the columns `except`.
fn within(question: &Question<'_>, request: &Request, except: &[usize]) -> Rows {
    let collection = question.collection;
    let needs = &question.query.needs;
    let expires = question
        .kind
        .facts()
        .expires
        .map(|column| (column, request.now_ms));
    let mut rows = allowed_rows(collection, &question.filters, needs, except, expires);
    if let Scope::Ids(ids) = &request.scope {
        let mut named: Rows = rows.iter().map(|bits| Bits::new(bits.len())).collect();
        for (segment, row) in ids.iter().filter_map(|id| collection.find(id)) {
            named[segment].set(row);
        }
        for (bits, named) in rows.iter_mut().zip(&named) {
            bits.and_assign(named);
        }
    }
    let source = question.exclude.as_ref();
    let out = request.exclude.iter().chain(source);
    for (segment, row) in out.filter_map(|id| collection.find(id)) {
        rows[segment].clear(row);
    }
    for (bits, live) in rows.iter_mut().zip(&collection.segments) {
        if let Some(near) = &question.near {
            bits.and_assign(&near.rows(&live.segment));
        }
        let mut places = question.around.iter();
        if let Some(first) = places.next() {
            let mut any = first.rows(&live.segment);
            places.for_each(|place| any.or_assign(&place.rows(&live.segment)));
            bits.and_assign(&any);
        }
        if let Some(expression) = &question.expression {
            *bits = expression.rows(&live.segment, bits);
        }
    }
    rows
}

fn walk_text(question: &Question<'_>) -> Option<TextLeg> {
    let query = &question.query;
    let searched = !question.from_document && !query.words.is_empty();
    searched.then(|| TextLeg::walk(question.collection, &query.words, query.words_counted, &[]))
}

fn retrieve_rows(
    (question, scorer): (&Question<'_>, &mut Scorer<'_>),
    request: &Request,
    allowed: Rows,
    text: Option<&TextLeg>,
) -> Retrieved {
    let (collection, query) = (question.collection, &question.query);
    match (&request.scope, question.from_document) {
        (Scope::Pool, true) => document(scorer, collection, query, allowed),
        (Scope::Pool, false) => search(scorer, collection, query, &allowed, text),
        (Scope::All | Scope::Ids(_), _) => exhaustive(allowed),
    }
}

fn count_facets(
    question: &Question<'_>,
    request: &Request,
    retrieved: &Retrieved,
    text: Option<&TextLeg>,
) -> Vec<(String, Vec<FacetValue>)> {
    let collection = question.collection;
    let counted = question.facets.iter().map(|facet| {
        let own = |filter: &&Filter| filter.columns.iter().any(|at| facet.columns.contains(at));
        let own_filters: Vec<Filter> = question.filters.iter().filter(own).cloned().collect();
        let values = if own_filters.is_empty() {
            facet.count(collection, &retrieved.matched, &[])
        } else {
            let relaxed = within(question, request, &facet.columns);
            let rows = if question.from_document || request.scope != Scope::Pool {
                relaxed
            } else {
                match_set(collection, &question.query, text, &relaxed).0
            };
            facet.count(collection, &rows, &own_filters)
        };
        (facet.name.clone(), values)
    });
    counted.collect()
}

fn total_rule(question: &Question<'_>, request: &Request) -> String {
    if let Scope::Ids(_) = request.scope {
        return "the documents named that pass the filters".into();
    }
    if question.from_document || request.scope == Scope::All {
        return "the documents that pass the filters".into();
    }
    let Source::Query { q, .. } = &request.source else {
        return "the documents that pass the filters".into();
    };
    if question.query.strict {
        return "the documents that pass the filters and match the expression".into();
    }
    let query = &question.query;
    let says = !query.words.is_empty() || !query.needs.is_empty();
    if (q.trim().is_empty() || !says) && query.vector.is_none() {
        return "the documents that pass the filters".into();
    }
    let words = match request.words {
        WordsRule::All => "every word",
        WordsRule::Most => "most of the words",
        WordsRule::Any => "any of the words",
    };
    if query.unknown {
        return format!("the documents that pass the filters and have {words}");
    }
    format!(
        "the documents that pass the filters and have {words}, or are among the {} most similar with a cosine of at least {:.2}",
        retrieve::SIMILAR_ROWS_MAX,
        retrieve::SIMILAR_COSINE.value(),
    )
}

fn plan(question: &Question<'_>, retrieved: &Retrieved) -> Value {
    let legs: Map<String, Value> = retrieved
        .legs
        .iter()
        .map(|(name, count)| ((*name).to_owned(), json!(count)))
        .collect();
    json!({
        "documents": question.collection.rows(),
        "matched": count(&retrieved.matched),
        "legs": legs,
    })
}
