//! Pages: the rows of a match set in the asked order, from where the last page
//! ended. Owns the orders; unknown stands last, equals by id.

use std::cmp::Ordering;

use tandem_index::columns::Column;

use crate::answer::Failure;
use crate::cap::Cap;
use crate::cursor::Cursor;
use crate::filter::CURRENCY;
use crate::prepare::{Question, SortBy, SortKey};
use crate::retrieve::{At, Retrieved, by_id, rest};
use crate::score::Scorer;

/// The rows of one answer.
pub struct Page {
    /// In order.
    pub rows: Vec<At>,
    /// Whether there are more.
    pub more: bool,
    /// Whether the last one was behind the pool.
    pub behind_pool: bool,
    /// How many leading hits of the whole list came from the pool.
    pub from_pool: usize,
}

impl Page {
    fn empty() -> Self {
        Self {
            rows: Vec::new(),
            more: false,
            behind_pool: false,
            from_pool: 0,
        }
    }
}

/// The page behind a cursor, or the first one.
pub fn page(
    question: &Question<'_>,
    scorer: &mut Scorer<'_>,
    retrieved: &Retrieved,
    (limit, cursor): (usize, Option<&Cursor>),
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
    let mut cap = question
        .max_per
        .map(|max_per| Cap::new(question.collection, max_per));
    if !question.sort.is_empty() {
        let all = rest(&retrieved.matched, &[]);
        return Ok(sorted((question, scorer), all, (last, limit), &mut cap));
    }
    let behind = cursor.is_some_and(|cursor| cursor.behind_pool);
    let pool = retrieved.pool.clone();
    let mut page = if !behind {
        by_score((question, scorer), pool, (last, limit), &mut cap)
    } else if cap.is_some() {
        // What the pages before took of each value counts.
        Page {
            rows: Vec::new(),
            ..by_score((question, scorer), pool, (None, usize::MAX), &mut cap)
        }
    } else {
        Page::empty()
    };
    page.behind_pool = behind;
    page.from_pool = match question.max_per {
        None => retrieved.pool.len(),
        // What the cap leaves out of the pool is no hit.
        Some(max_per) => {
            let mut cap = Some(Cap::new(question.collection, max_per));
            let pool = retrieved.pool.clone();
            let all = by_score((question, scorer), pool, (None, usize::MAX), &mut cap);
            all.rows.len()
        }
    };
    let left = retrieved.total as usize > retrieved.pool.len();
    if !left || page.more {
        return Ok(page);
    }
    let others = rest(&retrieved.matched, &retrieved.pool);
    if page.rows.len() == limit && !behind {
        page.more = cap
            .as_ref()
            .is_none_or(|cap| others.iter().any(|at| cap.has_room(*at)));
        return Ok(page);
    }
    let from = (last.filter(|_| behind), limit - page.rows.len());
    let tail = by_score((question, scorer), others, from, &mut cap);
    page.behind_pool = behind || !tail.rows.is_empty();
    page.more = tail.more;
    page.rows.extend(tail.rows);
    Ok(page)
}

// The rows behind a row in the order (score falling, id rising).
fn by_score<'a>(
    (question, scorer): (&Question<'a>, &mut Scorer<'_>),
    rows: Vec<At>,
    from: (Option<At>, usize),
    cap: &mut Option<Cap<'a>>,
) -> Page {
    let falling = |a: &u32, b: &u32| b.cmp(a);
    cut(
        question,
        rows,
        from,
        (points(question, scorer), falling),
        cap,
    )
}

// The score of a row.
fn points<'q, 's>(
    question: &'q Question<'_>,
    scorer: &'q mut Scorer<'s>,
) -> impl FnMut(At) -> u32 + use<'q, 's> {
    let collection = question.collection;
    move |at| {
        let segment = &collection.segments[at.segment as usize].segment;
        scorer.score(segment, at.row).total()
    }
}

// The `limit` rows behind `last` in the order of a key, equals by id.
fn cut<T>(
    question: &Question<'_>,
    rows: Vec<At>,
    (last, limit): (Option<At>, usize),
    (mut key, compare): (impl FnMut(At) -> T, impl Fn(&T, &T) -> Ordering),
    cap: &mut Option<Cap<'_>>,
) -> Page {
    let mut rows: Vec<(T, At)> = rows.into_iter().map(|at| (key(at), at)).collect();
    let last = last.map(|last| (key(last), last));
    let order = |a: &(T, At), b: &(T, At)| {
        compare(&a.0, &b.0).then_with(|| by_id(question.collection, a.1, b.1))
    };
    let behind = |item: &(T, At)| {
        let last = last.as_ref();
        last.is_none_or(|last| order(item, last) == Ordering::Greater)
    };
    if let Some(cap) = cap {
        return capped(rows, limit, &order, behind, cap);
    }
    rows.retain(behind);
    let more = rows.len() > limit;
    if more {
        rows.select_nth_unstable_by(limit, &order);
        rows.truncate(limit);
    }
    rows.sort_unstable_by(&order);
    Page {
        rows: rows.into_iter().map(|(_, at)| at).collect(),
        more,
        ..Page::empty()
    }
}

// The order from its beginning, what is over the cap left out; so pages add up
// to one capped list. Rows are put in order a part at a time.
fn capped<T>(
    mut rows: Vec<(T, At)>,
    limit: usize,
    order: &impl Fn(&(T, At), &(T, At)) -> Ordering,
    behind: impl Fn(&(T, At)) -> bool,
    cap: &mut Cap<'_>,
) -> Page {
    let mut page = Page::empty();
    let mut left = rows.as_mut_slice();
    let mut part = 256;
    while !left.is_empty() {
        let size = part.min(left.len());
        if size < left.len() {
            left.select_nth_unstable_by(size, order);
        }
        let (next, others) = left.split_at_mut(size);
        next.sort_unstable_by(order);
        for item in next.iter() {
            let is_behind = behind(item);
            if is_behind && page.rows.len() == limit {
                if cap.has_room(item.1) {
                    page.more = true;
                    return page;
                }
            } else if cap.take(item.1) && is_behind {
                page.rows.push(item.1);
            }
        }
        left = others;
        part *= 4;
    }
    page
}

#[derive(Clone, Debug, PartialEq)]
enum Key<'a> {
    Number(Option<f64>),
    Word(Option<&'a str>),
}

fn sorted<'a>(
    (question, scorer): (&Question<'a>, &mut Scorer<'_>),
    rows: Vec<At>,
    from: (Option<At>, usize),
    cap: &mut Option<Cap<'a>>,
) -> Page {
    let mut points = points(question, scorer);
    let factors = factors(question);
    let keys = |at: At| -> Vec<Key<'a>> {
        let segment = &*question.collection.segments[at.segment as usize].segment;
        let key = |(place, key): (usize, &SortKey)| match key.by {
            SortBy::Score => Key::Number(Some(f64::from(points(at)))),
            SortBy::Column(column) => match &segment.columns[column] {
                numbers @ Column::Numbers(_) => Key::Number(numbers.number(at.row)),
                words @ Column::Keywords(_) => Key::Word(words.word(at.row)),
            },
            SortBy::Pay(columns) => {
                let factors = &factors[place][at.segment as usize];
                let pay = columns.amount(segment, at.row, factors);
                Key::Number(pay.map(|pay| pay.most))
            }
            SortBy::Distance => {
                let near = question.near.as_ref();
                Key::Number(near.and_then(|near| near.distance_km(segment, at.row)))
            }
        };
        question.sort.iter().enumerate().map(key).collect()
    };
    let in_turn = |a: &Vec<Key<'_>>, b: &Vec<Key<'_>>| {
        let by_keys = a.iter().zip(b).zip(&question.sort);
        by_keys
            .map(|((a, b), sort)| compare(a, b, sort.falling))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal)
    };
    cut(question, rows, from, (keys, in_turn), cap)
}

// Of each sort key by pay, what each segment's currencies are multiplied with.
fn factors(question: &Question<'_>) -> Vec<Vec<Vec<Option<f64>>>> {
    let of = |key: &SortKey| match key.by {
        SortBy::Pay(columns) => {
            let segments = question.collection.segments.iter();
            segments
                .map(|live| columns.factors(&live.segment, CURRENCY))
                .collect()
        }
        SortBy::Score | SortBy::Column(_) | SortBy::Distance => Vec::new(),
    };
    question.sort.iter().map(of).collect()
}

// Unknown comes last, whichever way the others go.
fn compare(a: &Key<'_>, b: &Key<'_>, falling: bool) -> Ordering {
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
