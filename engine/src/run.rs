//! Answers: retrieve, score, order, page, count, show. Owns the sequence of
//! the phases; one function serves search, match and rank.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};
use tandem_index::bits::Bits;
use tandem_index::columns::Column;
use tandem_index::snapshot::Snapshot;
use xxhash_rust::xxh3::xxh3_64;

use crate::answer::{Answer, FacetValue, Failure, Hit, Total};
use crate::cursor::Cursor;
use crate::facets;
use crate::hits::Shower;
use crate::legs::TextLeg;
use crate::prepare::{Question, SortKey, prepare};
use crate::request::{Request, Scope, Source, WordsRule};
use crate::retrieve::{
    self, At, Retrieved, Rows, allowed_rows, by_id, count, document, exhaustive, id, match_set,
    rest, search,
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
    let retrieved = retrieve_rows(&question, request, allowed, text.as_ref());
    phase("retrieve");
    let page = page(&question, request, &retrieved, cursor.as_ref())?;
    phase("score");
    let mut facet_counts = Vec::new();
    if request.count {
        facet_counts = count_facets(&question, request, &retrieved, text.as_ref());
        phase("facets");
    }
    let mut shower = Shower::new(&question, request.highlight);
    let hits: Vec<Hit> = page.rows.iter().map(|at| shower.hit(*at)).collect();
    phase("show");
    let total = request.count.then(|| Total {
        value: retrieved.total,
        rule: total_rule(&question, request),
    });
    let next = page.more.then(|| page.rows.last()).flatten().map(|last| {
        Cursor {
            sequence: snapshot.sequence,
            now_ms: request.now_ms,
            request: request_hash(request),
            behind_pool: page.behind_pool,
            last: id(question.collection, *last).to_owned(),
        }
        .encode()
    });
    let pool = retrieved.pool.len() as u64;
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
    let retrieved = retrieve_rows(&question, request, allowed, text.as_ref());
    let whole = Request {
        limit: usize::MAX,
        ..request.clone()
    };
    page(&question, &whole, &retrieved, None).map(|page| page.rows)
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
    Ok(Shower::new(&question, request.highlight).hit(at))
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
    if cursor.sequence != snapshot.sequence {
        return Err(Failure::new(
            "snapshot_gone",
            "/cursor",
            "the cursor's snapshot is no longer held",
        ));
    }
    Ok(Some(cursor))
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
        words,
        reading,
        near,
        exclude,
        max_per,
        ..
    } = request;
    let filters: Vec<String> = filters.iter().map(|filter| format!("{filter:?}")).collect();
    let key = format!(
        "{source:?} {to:?} {scope:?} {filters:?} {sort:?} {weights:?} {words:?} \
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
    within(question, request, None)
}

// The rows in scope that pass the filters, but for those on column `except`.
fn within(question: &Question<'_>, request: &Request, except: Option<usize>) -> Rows {
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
    let source = question.exclude.as_deref();
    if let Some((segment, row)) = source.and_then(|id| collection.find(id)) {
        rows[segment].clear(row);
    }
    rows
}

fn walk_text(question: &Question<'_>) -> Option<TextLeg> {
    let query = &question.query;
    let searched = !question.from_document && !query.words.is_empty();
    searched.then(|| TextLeg::walk(question.collection, &query.words, query.words_counted))
}

fn retrieve_rows(
    question: &Question<'_>,
    request: &Request,
    allowed: Rows,
    text: Option<&TextLeg>,
) -> Retrieved {
    let (collection, query) = (question.collection, &question.query);
    match (&request.scope, question.from_document) {
        (Scope::Pool, true) => document(collection, query, allowed),
        (Scope::Pool, false) => search(collection, query, &allowed, text),
        (Scope::All | Scope::Ids(_), _) => exhaustive(allowed),
    }
}

struct Page {
    rows: Vec<At>,
    more: bool,
    behind_pool: bool,
}

fn page(
    question: &Question<'_>,
    request: &Request,
    retrieved: &Retrieved,
    cursor: Option<&Cursor>,
) -> Result<Page, Failure> {
    let last = match cursor {
        None => None,
        Some(cursor) => match question.collection.find(&cursor.last) {
            Some((segment, row)) => Some(At {
                segment: segment as u32,
                row,
            }),
            None => {
                return Err(Failure::new(
                    "invalid_cursor",
                    "/cursor",
                    "the cursor is damaged",
                ));
            }
        },
    };
    let limit = request.limit;
    if !question.sort.is_empty() {
        let all = rest(&retrieved.matched, &[]);
        return Ok(sorted_page(question, all, last, limit));
    }
    let behind = cursor.is_some_and(|cursor| cursor.behind_pool);
    let mut page = if behind {
        Page {
            rows: Vec::new(),
            more: true,
            behind_pool: true,
        }
    } else {
        by_score(question, retrieved.pool.clone(), last, limit)
    };
    let left = retrieved.total as usize > retrieved.pool.len();
    if left && (behind || !page.more) {
        if page.rows.len() == limit && !behind {
            page.more = true;
            return Ok(page);
        }
        let rows = rest(&retrieved.matched, &retrieved.pool);
        let tail = by_score(
            question,
            rows,
            last.filter(|_| behind),
            limit - page.rows.len(),
        );
        page.behind_pool = behind || !tail.rows.is_empty();
        page.more = tail.more;
        page.rows.extend(tail.rows);
    }
    Ok(page)
}

// The rows behind `last` in the order (score falling, id rising).
fn by_score(question: &Question<'_>, rows: Vec<At>, last: Option<At>, limit: usize) -> Page {
    let collection = question.collection;
    let mut scorer = Scorer::new(&question.query, question.kind, &collection.statistics);
    let mut score = |at: At| {
        scorer
            .score(&collection.segments[at.segment as usize].segment, at.row)
            .total()
    };
    let mut scored: Vec<(u32, At)> = rows.into_iter().map(|at| (score(at), at)).collect();
    let order =
        |a: &(u32, At), b: &(u32, At)| b.0.cmp(&a.0).then_with(|| by_id(collection, a.1, b.1));
    if let Some(last) = last {
        let last = (score(last), last);
        scored.retain(|item| order(item, &last) == Ordering::Greater);
    }
    cut(scored, limit, order)
}

fn cut<T>(
    mut rows: Vec<(T, At)>,
    limit: usize,
    order: impl Fn(&(T, At), &(T, At)) -> Ordering,
) -> Page {
    let more = rows.len() > limit;
    if more {
        rows.select_nth_unstable_by(limit, &order);
        rows.truncate(limit);
    }
    rows.sort_unstable_by(&order);
    Page {
        rows: rows.into_iter().map(|(_, at)| at).collect(),
        more,
        behind_pool: false,
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Key {
    Number(Option<f64>),
    Word(Option<String>),
}

fn sorted_page(question: &Question<'_>, rows: Vec<At>, last: Option<At>, limit: usize) -> Page {
    let collection = question.collection;
    let mut scorer = Scorer::new(&question.query, question.kind, &collection.statistics);
    let mut keys = |at: At| -> Vec<Key> {
        let segment = &collection.segments[at.segment as usize].segment;
        let key = |key: &SortKey| match key.column {
            None => Key::Number(Some(f64::from(scorer.score(segment, at.row).total()))),
            Some(column) => match &segment.columns[column] {
                numbers @ Column::Numbers(_) => Key::Number(numbers.number(at.row)),
                words @ Column::Keywords(_) => Key::Word(words.word(at.row).map(str::to_owned)),
            },
        };
        question.sort.iter().map(key).collect()
    };
    let mut keyed: Vec<(Vec<Key>, At)> = rows.into_iter().map(|at| (keys(at), at)).collect();
    let order = |a: &(Vec<Key>, At), b: &(Vec<Key>, At)| {
        let by_keys = a.0.iter().zip(&b.0).zip(&question.sort);
        by_keys
            .map(|((a, b), sort)| compare(a, b, sort.falling))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or_else(|| by_id(collection, a.1, b.1))
    };
    if let Some(last) = last {
        let last = (keys(last), last);
        keyed.retain(|item| order(item, &last) == Ordering::Greater);
    }
    cut(keyed, limit, order)
}

// Unknown comes last, whichever way the others go.
fn compare(a: &Key, b: &Key, falling: bool) -> Ordering {
    let known = |unknown_a: bool, unknown_b: bool, order: Ordering| {
        unknown_a
            .cmp(&unknown_b)
            .then(if falling { order.reverse() } else { order })
    };
    match (a, b) {
        (Key::Number(a), Key::Number(b)) => {
            let order = a.unwrap_or(0.0).total_cmp(&b.unwrap_or(0.0));
            known(a.is_none(), b.is_none(), order)
        }
        (Key::Word(a), Key::Word(b)) => known(a.is_none(), b.is_none(), a.cmp(b)),
        (Key::Number(_), Key::Word(_)) | (Key::Word(_), Key::Number(_)) => Ordering::Equal,
    }
}

fn count_facets(
    question: &Question<'_>,
    request: &Request,
    retrieved: &Retrieved,
    text: Option<&TextLeg>,
) -> Vec<(String, Vec<FacetValue>)> {
    let collection = question.collection;
    let counted = question.facets.iter().map(|(column, name, limit)| {
        let own_filter = question
            .filters
            .iter()
            .any(|filter| filter.column == *column);
        let date = question.kind.columns()[*column].date;
        let values = if own_filter {
            let relaxed = within(question, request, Some(*column));
            let rows = if question.from_document || request.scope != Scope::Pool {
                relaxed
            } else {
                match_set(collection, &question.query, text, &relaxed).0
            };
            facets::count(collection, (*column, date), &rows, *limit)
        } else {
            facets::count(collection, (*column, date), &retrieved.matched, *limit)
        };
        (name.clone(), values)
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
    if q.trim().is_empty() && question.query.vector.is_none() {
        return "the documents that pass the filters".into();
    }
    let words = match request.words {
        WordsRule::All => "every word",
        WordsRule::Most => "most of the words",
        WordsRule::Any => "any of the words",
    };
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
