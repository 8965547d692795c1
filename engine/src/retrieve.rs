//! Retrieval: which rows are in the match set, and which of them are scored
//! first. Owns the legs (text, skills, vectors) and the pool; every choice is a
//! function of the documents and the query, never of how rows are laid out.

use std::cmp::Ordering;

use tandem_index::bits::Bits;
use tandem_index::columns::Column;
use tandem_index::snapshot::Collection;
use tandem_index::vectors::{Cosine, Options, Part, nearest};

use crate::filter::{Filter, allowed};
use crate::guess::{Guess, Known};
use crate::legs::{SkillsLeg, TextLeg};
use crate::query::{Need, Query};
use crate::score::{Scorer, similarity_value};

/// Most similar rows a match looks at.
pub const MATCH_SIMILAR: usize = 1_200;
/// Rows that are scored but for their text, in a match.
pub const MATCH_FIRST: usize = 1_200;
/// Candidates that are scored first, in a match. A document has many words and
/// skills, so an estimate can be off by more.
pub const MATCH_POOL: usize = 256;
/// Rows that are scored but for their text, in a search.
pub const SEARCH_FIRST: usize = 480;
/// Candidates that are scored first, in a search.
pub const SEARCH_POOL: usize = 192;
/// Up to this many rows all are scored without looking for the best: walking a
/// document's postings costs as much.
pub const MATCH_ALL: usize = 1_024;
/// Most similar rows that may be in a search's match set.
pub const SIMILAR_ROWS_MAX: usize = 400;
/// Least cosine of a row that is in a match set for its similarity alone.
pub const SIMILAR_COSINE: Cosine = Cosine((0.45 * 32_767.0 * 32_767.0) as i32);

/// A row of a collection: its segment's position and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// Position of the segment.
    pub segment: u32,
    /// Row in it.
    pub row: u32,
}

/// What the vectors' leg did, by name.
pub type Counts = [(&'static str, u64); 3];

/// A bitmap a segment.
pub type Rows = Vec<Bits>;

/// The rows a query can answer with.
pub struct Retrieved {
    /// The match set.
    pub matched: Rows,
    /// Its size.
    pub total: u64,
    /// Rows to score first.
    pub pool: Vec<At>,
    /// What each leg did, for `plan`.
    pub legs: Vec<(&'static str, u64)>,
}

/// The rows alive that pass filters (but those on the columns `except`), musts, nots and phrases, and have not
/// expired by the time given with the column that says when.
pub fn allowed_rows(
    collection: &Collection,
    filters: &[Filter],
    needs: &[Need],
    except: &[usize],
    expires: Option<(usize, i64)>,
) -> Rows {
    let mut rows: Rows = collection
        .segments
        .iter()
        .map(|live| allowed(filters, &live.segment, &live.alive, except))
        .collect();
    if let Some((column, now_ms)) = expires {
        for (bits, live) in rows.iter_mut().zip(&collection.segments) {
            if let Column::Numbers(values) = &live.segment.columns[column] {
                let now = now_ms as f64;
                let over = |row: u32| values[row as usize] <= now;
                bits.and_not_assign(&Bits::from_fn(bits.len(), over));
            }
        }
    }
    // Phrases last: they are looked for only in rows that pass everything else.
    let (phrases, words): (Vec<&Need>, Vec<&Need>) = needs.iter().partition(|need| need.phrase);
    for need in words.into_iter().chain(phrases) {
        for (bits, live) in rows.iter_mut().zip(&collection.segments) {
            let found = rows_with(need, &live.segment, bits);
            if need.absent {
                bits.and_not_assign(&found);
            } else {
                bits.and_assign(&found);
            }
        }
    }
    rows
}

/// The rows of a segment that have what is needed; of a phrase, those `among`
/// others.
pub fn rows_with(need: &Need, segment: &tandem_index::segment::Segment, among: &Bits) -> Bits {
    let mut bits = Bits::new(segment.rows() as usize);
    let group = need.group.map(|group| group as usize);
    if !need.phrase {
        for (text, key) in &need.terms {
            segment.text.postings(text, &mut |row, _| {
                let in_group = |group| {
                    segment
                        .terms
                        .get(row, *key)
                        .is_some_and(|entry| entry.count(group) > 0)
                };
                if group.is_none_or(in_group) {
                    bits.set(row);
                }
            });
        }
        return bits;
    }
    let keys: Vec<_> = need.terms.iter().map(|(_, key)| *key).collect();
    let mut all = among.clone();
    for (text, _) in &need.terms {
        let mut with = Bits::new(segment.rows() as usize);
        segment.text.postings(text, &mut |row, _| with.set(row));
        all.and_assign(&with);
    }
    for row in all
        .iter()
        .filter(|row| segment.terms.has_phrase(*row, &keys, need.group))
    {
        bits.set(row);
    }
    bits
}

pub(crate) fn best_of(
    collection: &Collection,
    mut scored: Vec<(f32, At)>,
    depth: usize,
) -> Vec<At> {
    let order = |a: &(f32, At), b: &(f32, At)| {
        b.0.total_cmp(&a.0)
            .then_with(|| by_id(collection, a.1, b.1))
    };
    if scored.len() > depth {
        scored.select_nth_unstable_by(depth, order);
        scored.truncate(depth);
    }
    scored.into_iter().map(|(_, at)| at).collect()
}

/// The order of two rows' ids.
pub fn by_id(collection: &Collection, a: At, b: At) -> Ordering {
    id(collection, a).cmp(id(collection, b))
}

/// A row's id.
pub fn id(collection: &Collection, at: At) -> &str {
    collection.segments[at.segment as usize].segment.id(at.row)
}

/// The most similar of the allowed rows, best first.
pub fn similar(
    collection: &Collection,
    query: &Query,
    allowed: &Rows,
    k: usize,
) -> (Vec<(At, Cosine)>, Counts) {
    let Some(vector) = &query.vector else {
        return (
            Vec::new(),
            [
                ("vectors.rows", 0),
                ("vectors.scanned", 0),
                ("vectors.cells", 0),
            ],
        );
    };
    let parts: Vec<Part<'_>> = collection
        .segments
        .iter()
        .zip(allowed)
        .map(|(live, bits)| Part {
            rows: &live.segment.vectors,
            cells: live.cells.as_deref(),
            allowed: Some(bits),
        })
        .collect();
    let options = Options {
        k,
        centroids: collection.centroids.as_deref(),
    };
    let found = nearest(&parts, vector, &options, |part, row| {
        collection.segments[part].segment.id(row)
    });
    let counts = [
        ("vectors.rows", found.rows_allowed as u64),
        ("vectors.scanned", found.rows_scanned as u64),
        ("vectors.cells", found.cells_probed as u64),
    ];
    let rows = found
        .neighbours
        .into_iter()
        .map(|near| {
            let at = At {
                segment: near.part as u32,
                row: near.row,
            };
            (at, near.cosine)
        })
        .collect();
    (rows, counts)
}

/// How many bits are set.
pub fn count(rows: &Rows) -> u64 {
    rows.iter().map(|bits| bits.count() as u64).sum()
}

fn every(rows: &Rows) -> Vec<At> {
    rows.iter()
        .enumerate()
        .flat_map(|(segment, bits)| {
            bits.iter().map(move |row| At {
                segment: segment as u32,
                row,
            })
        })
        .collect()
}

/// The match set of a search within `allowed`, and the similar rows in it.
pub fn match_set(
    collection: &Collection,
    query: &Query,
    text: Option<&TextLeg>,
    allowed: &Rows,
) -> (Rows, Vec<(At, Cosine)>, Counts) {
    let mut matched = match text {
        _ if query.strict => allowed.clone(),
        Some(leg) => leg.matching(allowed, query.words_needed),
        // A vector alone: only its nearest rows. Musts and phrases match by
        // themselves, and have been applied to `allowed`.
        None if query.vector.is_some() && query.needs.iter().all(|need| need.absent) => {
            allowed.iter().map(|bits| Bits::new(bits.len())).collect()
        }
        None => allowed.clone(),
    };
    let (similar, counts) = similar(collection, query, allowed, SIMILAR_ROWS_MAX);
    let mut near = Vec::new();
    for (at, cosine) in similar {
        if cosine >= SIMILAR_COSINE && !query.strict && !query.unknown {
            matched[at.segment as usize].set(at.row);
            near.push((at, cosine));
        } else if matched[at.segment as usize].get(at.row) {
            near.push((at, cosine));
        }
    }
    (matched, near, counts)
}

/// The match set and pool of a search.
pub fn search(
    scorer: &mut Scorer<'_>,
    collection: &Collection,
    query: &Query,
    allowed: &Rows,
    text: Option<&TextLeg>,
) -> Retrieved {
    let (matched, near, counts) = match_set(collection, query, text, allowed);
    let total = count(&matched);
    let mut legs = vec![("text.postings", text.map_or(0, |leg| leg.postings))];
    legs.extend(counts);
    let pool = if total as usize <= SEARCH_POOL {
        every(&matched)
    } else if text.is_none() && query.vector.is_none() {
        freshest(collection, query, &matched)
    } else {
        let legs = (text, None, near);
        let depths = (SEARCH_FIRST, SEARCH_POOL);
        cascade((scorer, collection), query, &matched, legs, depths)
    };
    legs.push(("pool", pool.len() as u64));
    Retrieved {
        matched,
        total,
        pool,
        legs,
    }
}

/// The pool of a match: every allowed row is in the match set.
pub fn document(
    scorer: &mut Scorer<'_>,
    collection: &Collection,
    query: &Query,
    allowed: Rows,
) -> Retrieved {
    let total = count(&allowed);
    if total as usize <= MATCH_ALL {
        return Retrieved {
            pool: every(&allowed),
            legs: vec![("pool", total)],
            matched: allowed,
            total,
        };
    }
    let text = TextLeg::walk(collection, &query.words, 0, &query.title);
    let skills = SkillsLeg::walk(collection, query);
    let (similar, counts) = similar(collection, query, &allowed, MATCH_SIMILAR);
    let mut legs = vec![
        ("text.postings", text.postings),
        ("skills.postings", skills.walk.postings),
    ];
    legs.extend(counts);
    let pool = cascade(
        (scorer, collection),
        query,
        &allowed,
        (Some(&text), Some(&skills), similar),
        (MATCH_FIRST, MATCH_POOL),
    );
    legs.push(("pool", pool.len() as u64));
    Retrieved {
        matched: allowed,
        total,
        pool,
        legs,
    }
}

// The pool: of all rows that a leg knows, those with the best first estimate are
// scored but for their text, and the best of these are the pool.
fn cascade(
    (scorer, collection): (&mut Scorer<'_>, &Collection),
    query: &Query,
    among: &Rows,
    (text, skills, mut near): (Option<&TextLeg>, Option<&SkillsLeg>, Vec<(At, Cosine)>),
    (first, depth): (usize, usize),
) -> Vec<At> {
    let weight: f64 = query.words.iter().map(|word| word.weight).sum();
    let weight = weight.max(f64::MIN_POSITIVE);
    let guess = Guess::new(query);
    // What is not among the nearest is no nearer than the last of them.
    let least = near.last().map(|(_, cosine)| *cosine);
    near.sort_unstable_by_key(|(at, _)| *at);
    let mut near = near.into_iter().peekable();
    let mut guessed: Vec<(f32, At)> = Vec::new();
    for (number, bits) in among.iter().enumerate() {
        let segment = &collection.segments[number].segment;
        for row in bits.iter() {
            let at = At {
                segment: number as u32,
                row,
            };
            let cosine = near.next_if(|near| near.0 == at).map(|near| near.1);
            let (words, title) = text.map_or((0.0, 0.0), |leg| leg.seen(at));
            let held = skills.map_or(0.0, |leg| leg.walk.score(at));
            if words <= 0.0 && held <= 0.0 && cosine.is_none() {
                continue;
            }
            let known = Known {
                text: words / weight as f32,
                skills: skills.map_or(0.0, |leg| leg.value(collection, held, at)),
                near: cosine
                    .or(least)
                    .map_or(0.0, |cosine| similarity_value(cosine) as f32),
                title: scorer.about_title(segment, row, title),
            };
            guessed.push((guess.of(&known), at));
        }
    }
    let mut best = best_of(collection, guessed, first);
    // In the order of memory.
    best.sort_unstable();
    let estimate = |at: At| {
        let segment = &collection.segments[at.segment as usize].segment;
        let text = text.map_or(0.0, |leg| f64::from(leg.score(at)) / weight);
        (scorer.estimate(segment, at.row, text) as f32, at)
    };
    let estimated = best.into_iter().map(estimate).collect();
    best_of(collection, estimated, depth)
}

/// Every allowed row is scored.
pub fn exhaustive(allowed: Rows) -> Retrieved {
    let pool = every(&allowed);
    let total = pool.len() as u64;
    Retrieved {
        legs: vec![("pool", total)],
        matched: allowed,
        total,
        pool,
    }
}

// Without words and vector only freshness tells rows apart.
fn freshest(collection: &Collection, query: &Query, matched: &Rows) -> Vec<At> {
    let posted = |at: At| {
        let segment = &collection.segments[at.segment as usize].segment;
        let column = query.posted_column?;
        segment.columns[column].number(at.row)
    };
    let now = query.now_ms as f64;
    let scored = every(matched)
        .into_iter()
        .map(|at| {
            (
                -(posted(at).map_or(f64::MAX, |ms| (now - ms).max(0.0)) as f32),
                at,
            )
        })
        .collect();
    best_of(collection, scored, SEARCH_POOL)
}

/// The rows of `rows` that are not in the pool.
pub fn rest(rows: &Rows, pool: &[At]) -> Vec<At> {
    let mut left = rows.clone();
    for at in pool {
        left[at.segment as usize].clear(at.row);
    }
    every(&left)
}
