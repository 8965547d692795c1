//! Facets: how often each value stands in a match set. Owns counting and order.

use std::collections::HashMap;

use tandem_index::columns::Column;
use tandem_index::document::show_date_ms;
use tandem_index::snapshot::Collection;

use crate::answer::FacetValue;
use crate::retrieve::Rows;

/// Most values of a facet an answer may have.
pub const FACET_VALUES_MAX: usize = 1_000;

// A number as filters read it: dates in RFC 3339.
fn shown(number: f64, date: bool) -> String {
    if date {
        return show_date_ms(number as i64);
    }
    number.to_string()
}

/// Counts a column's values (dates, if `date`) over `rows`: the `limit` most frequent, by falling
/// count, then value. Numbers are counted by value. Linear in the rows.
pub fn count(
    collection: &Collection,
    (column, date): (usize, bool),
    rows: &Rows,
    limit: usize,
) -> Vec<FacetValue> {
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
    let mut values: Vec<FacetValue> = counts
        .into_iter()
        .map(|(value, count)| FacetValue {
            value,
            count,
            ..FacetValue::default()
        })
        .collect();
    let order =
        |a: &FacetValue, b: &FacetValue| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value));
    if values.len() > limit {
        values.select_nth_unstable_by(limit, order);
        values.truncate(limit);
    }
    values.sort_unstable_by(order);
    values
}
