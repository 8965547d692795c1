//! Facets: how often each value stands in a match set. Owns their checks,
//! counting and order; hierarchies of places are in `tree`.

mod tree;

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::Value;
use tandem_index::analysis::fold;
use tandem_index::columns::Column;
use tandem_index::document::{parse_date_ms, show_date_ms};
use tandem_index::kinds::{FieldType, Kind};
use tandem_index::snapshot::Collection;

use crate::answer::{FacetValue, Fault};
use crate::filter::{Amount, Filter, PayColumns, currency, unknown_column};
use crate::request::FacetRequest;
use crate::retrieve::Rows;

/// Most values of a facet an answer may have, of each level of a hierarchy.
pub const FACET_VALUES_MAX: usize = 1_000;
/// Most bounds of a facet of ranges.
pub const RANGES_MAX: usize = 100;

/// A checked facet.
#[derive(Clone, Debug)]
pub struct Facet {
    /// Its name in the answer.
    pub name: String,
    /// The columns it counts: filters on them are left out for it.
    pub columns: Vec<usize>,
    limit: usize,
    // Folded; only values one of whose words begins with it.
    search: Option<String>,
    counted: Counted,
}

#[derive(Clone, Debug)]
enum Counted {
    Values {
        date: bool,
    },
    Numbers(Vec<Edge>),
    Pay {
        columns: PayColumns,
        currency: String,
        edges: Vec<Edge>,
    },
    /// City, region and country, whose columns' names these are.
    Places([String; 3]),
}

/// A bound between two ranges: its number and as it was given.
#[derive(Clone, Debug)]
struct Edge {
    value: f64,
    given: Value,
}

/// Checks a facet; `at` is its place in the request.
pub fn compile(kind: &Kind, request: &FacetRequest, at: usize) -> Result<Facet, Fault> {
    let fault = |member: &str, detail: String| Fault {
        pointer: format!("/facets/{at}{member}"),
        code: "invalid_request",
        detail,
        did_you_mean: None,
    };
    let name = request.field.as_str();
    if request.limit == 0 || request.limit > FACET_VALUES_MAX {
        let detail = format!("a facet has 1 to {FACET_VALUES_MAX} values");
        return Err(fault("/limit", detail));
    }
    let field_type = kind.field(name).map(|field| field.field_type);
    if request.currency.is_some() && field_type != Some(FieldType::Pay) {
        return Err(fault("/currency", "only pay has a currency".into()));
    }
    if request.search.is_some() && request.ranges.is_some() {
        let detail = "ranges have no values to search";
        return Err(fault("/search", detail.into()));
    }
    let edges = |date: bool| edges(request, date).map_err(|(member, d)| fault(&member, d));
    let (columns, counted) = match (kind.column(name), field_type) {
        (Some(column), _) => {
            let def = &kind.columns()[column];
            let counted = match &request.ranges {
                None => Counted::Values { date: def.date },
                Some(_) if def.numeric => Counted::Numbers(edges(def.date)?),
                Some(_) => {
                    let detail = "ranges need a field of numbers, dates or pay";
                    return Err(fault("/ranges", detail.into()));
                }
            };
            (vec![column], counted)
        }
        (None, Some(FieldType::Pay)) => {
            let Some(columns) = PayColumns::of(kind, name) else {
                return Err(unknown_column(kind, format!("/facets/{at}/field"), name));
            };
            if request.ranges.is_none() {
                return Err(fault("/ranges", "pay is counted in ranges".into()));
            }
            let currency = currency(request.currency.as_deref())
                .map_err(|detail| fault("/currency", detail))?;
            let counted = Counted::Pay {
                columns,
                currency,
                edges: edges(false)?,
            };
            (vec![columns.min, columns.min + 1], counted)
        }
        (None, Some(FieldType::Place)) if request.ranges.is_none() => {
            let parts = ["city", "region", "country"].map(|part| format!("{name}.{part}"));
            let Some(city) = kind.column(&parts[0]) else {
                return Err(unknown_column(kind, format!("/facets/{at}/field"), name));
            };
            (vec![city, city + 1, city + 2], Counted::Places(parts))
        }
        (None, Some(FieldType::Place)) => {
            let detail = "ranges need a field of numbers, dates or pay";
            return Err(fault("/ranges", detail.into()));
        }
        (None, _) => return Err(unknown_column(kind, format!("/facets/{at}/field"), name)),
    };
    let search = request.search.as_deref().map(|text| fold(text.trim()));
    Ok(Facet {
        name: name.to_owned(),
        columns,
        limit: request.limit,
        search: search.filter(|text| !text.is_empty()),
        counted,
    })
}

fn edges(request: &FacetRequest, date: bool) -> Result<Vec<Edge>, (String, String)> {
    let bounds = request.ranges.as_deref().unwrap_or_default();
    if bounds.is_empty() || bounds.len() > RANGES_MAX {
        let detail = format!("ranges have 1 to {RANGES_MAX} bounds");
        return Err(("/ranges".into(), detail));
    }
    let mut edges: Vec<Edge> = Vec::with_capacity(bounds.len());
    for (at, given) in bounds.iter().enumerate() {
        let wrong = |detail: &str| (format!("/ranges/{at}"), detail.to_owned());
        let value = if date {
            let ms = given.as_str().and_then(parse_date_ms);
            ms.ok_or_else(|| wrong("expected an RFC 3339 date"))? as f64
        } else {
            given.as_f64().ok_or_else(|| wrong("expected a number"))?
        };
        if edges.last().is_some_and(|last| value <= last.value) || value.is_nan() {
            return Err(wrong("bounds rise"));
        }
        edges.push(Edge {
            value,
            given: given.clone(),
        });
    }
    Ok(edges)
}

impl Facet {
    /// Whether amounts are converted between currencies.
    pub fn converts(&self) -> bool {
        matches!(self.counted, Counted::Pay { .. })
    }

    /// Counts over `rows`. The values the filters name are always among them.
    /// Linear in the rows.
    pub fn count(
        &self,
        collection: &Collection,
        rows: &Rows,
        filters: &[Filter],
    ) -> Vec<FacetValue> {
        let named = |at: usize| -> Vec<&str> {
            let filters = filters.iter();
            filters
                .flat_map(|filter| filter.named(self.columns[at]))
                .collect()
        };
        match &self.counted {
            Counted::Values { date } => {
                let counts = counts(collection, (self.columns[0], *date), rows);
                self.values(counts, &named(0))
            }
            Counted::Numbers(edges) => {
                let mut ranges = Ranges::new(edges);
                for (live, bits) in collection.segments.iter().zip(rows) {
                    let column = &live.segment.columns[self.columns[0]];
                    for value in bits.iter().filter_map(|row| column.number(row)) {
                        ranges.add(value, value);
                    }
                }
                ranges.values()
            }
            Counted::Pay {
                columns,
                currency,
                edges,
            } => {
                let mut ranges = Ranges::new(edges);
                for (live, bits) in collection.segments.iter().zip(rows) {
                    let factors = columns.factors(&live.segment, currency);
                    for row in bits.iter() {
                        let pay = columns.amount(&live.segment, row, &factors);
                        if let Some(Amount { least, most }) = pay {
                            ranges.add(least, most);
                        }
                    }
                }
                ranges.values()
            }
            Counted::Places(names) => tree::count(
                (collection, rows),
                (self.columns[0], names),
                &[named(0), named(1), named(2)],
                |value| self.finds(value),
                self.limit,
            ),
        }
    }

    // Whether one of a value's words begins with what is searched.
    fn finds(&self, value: &str) -> bool {
        let Some(search) = &self.search else {
            return true;
        };
        let folded = fold(value);
        let mut before = None;
        folded.char_indices().any(|(at, letter)| {
            let starts = before.is_none_or(|last: char| !last.is_alphanumeric());
            before = Some(letter);
            starts
                && folded
                    .get(at..)
                    .is_some_and(|rest| rest.starts_with(search.as_str()))
        })
    }

    fn values(&self, counts: HashMap<String, u64>, named: &[&str]) -> Vec<FacetValue> {
        let mut counts = counts;
        for name in named {
            counts.entry((*name).to_owned()).or_default();
        }
        let (mut own, mut values): (Vec<FacetValue>, Vec<FacetValue>) = counts
            .into_iter()
            .map(|(value, count)| FacetValue {
                value,
                count,
                ..FacetValue::default()
            })
            .partition(|found| named.contains(&found.value.as_str()));
        values.retain(|found| self.finds(&found.value));
        // The filter's own values take part in the limit, but never fall to it.
        values.append(&mut own);
        most_frequent(values, self.limit, |found| {
            named.contains(&found.value.as_str())
        })
    }
}

/// The `limit` most frequent, and those `always` names, by falling count, then
/// value.
fn most_frequent(
    mut values: Vec<FacetValue>,
    limit: usize,
    always: impl Fn(&FacetValue) -> bool,
) -> Vec<FacetValue> {
    if values.len() > limit {
        values.select_nth_unstable_by(limit, by_count);
        let beyond = values.split_off(limit);
        values.extend(beyond.into_iter().filter(always));
    }
    values.sort_unstable_by(by_count);
    values
}

fn by_count(a: &FacetValue, b: &FacetValue) -> Ordering {
    b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value))
}

// A number as filters read it: dates in RFC 3339.
fn shown(number: f64, date: bool) -> String {
    if date {
        return show_date_ms(number as i64);
    }
    number.to_string()
}

fn counts(
    collection: &Collection,
    (column, date): (usize, bool),
    rows: &Rows,
) -> HashMap<String, u64> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for (live, bits) in collection.segments.iter().zip(rows) {
        match &live.segment.columns[column] {
            Column::Keywords(values) => {
                let mut ordinals = vec![0_u64; values.distinct()];
                for row in bits.iter() {
                    for ordinal in values.of(row) {
                        ordinals[*ordinal as usize] += 1;
                    }
                }
                for (ordinal, count) in ordinals.into_iter().enumerate().filter(|(_, n)| *n > 0) {
                    let value = values.value(ordinal as u32);
                    match counts.get_mut(value) {
                        Some(sum) => *sum += count,
                        None => drop(counts.insert(value.to_owned(), count)),
                    }
                }
            }
            numbers @ Column::Numbers(_) => {
                for number in bits.iter().filter_map(|row| numbers.number(row)) {
                    // Adding zero makes −0 and 0 one value.
                    *counts.entry(shown(number + 0.0, date)).or_default() += 1;
                }
            }
        }
    }
    counts
}

// Counts of the ranges below the first bound, between two, and from the last. A
// span is in every range it touches, as a filter of that range would find it.
struct Ranges<'a> {
    edges: &'a [Edge],
    counts: Vec<u64>,
}

impl<'a> Ranges<'a> {
    fn new(edges: &'a [Edge]) -> Self {
        Self {
            edges,
            counts: vec![0; edges.len() + 1],
        }
    }

    fn add(&mut self, least: f64, most: f64) {
        let range = |value: f64| self.edges.partition_point(|edge| edge.value <= value);
        for at in range(least)..=range(most) {
            self.counts[at] += 1;
        }
    }

    fn values(self) -> Vec<FacetValue> {
        let text = |edge: Option<&Edge>| match edge.map(|edge| &edge.given) {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let mut out = Vec::with_capacity(self.counts.len());
        for (at, count) in self.counts.iter().enumerate() {
            let from = at.checked_sub(1).and_then(|at| self.edges.get(at));
            let to = self.edges.get(at);
            if from.is_none() && *count == 0 {
                continue;
            }
            out.push(FacetValue {
                value: format!("{}..{}", text(from), text(to)),
                count: *count,
                from: from.map(|edge| edge.given.clone()),
                to: to.map(|edge| edge.given.clone()),
                ..FacetValue::default()
            });
        }
        out
    }
}
