//! Conditions on a place as a whole: `"Berlin, Germany"` is its city and its
//! country. Owns what such a condition means; places are read by the index.

use serde_json::Value;
use tandem_index::bits::Bits;
use tandem_index::columns::Column;
use tandem_index::kinds::Kind;
use tandem_index::place;
use tandem_index::segment::Segment;

use super::has_range;
use super::values::fold_equal;
use crate::request::Condition;

/// Parts of a place that columns are kept of, in their order.
const PARTS: usize = 3;

/// City, region and country, as far as a place names them.
type Parts = [Option<String>; PARTS];

/// A checked condition on a place.
#[derive(Clone, Debug)]
pub(super) struct Places {
    city: usize,
    any: Option<Vec<Parts>>,
    all: Vec<Parts>,
    none: Vec<Parts>,
}

pub(super) fn compile(kind: &Kind, name: &str, condition: &Condition) -> Result<Places, String> {
    if has_range(condition) {
        return Err("a range needs a field of numbers or dates".into());
    }
    let city = kind
        .column(&format!("{name}.city"))
        .ok_or("this place has no columns")?;
    let list = |values: &[Value]| values.iter().map(parts).collect::<Result<Vec<_>, _>>();
    Ok(Places {
        city,
        any: condition.any.as_deref().map(list).transpose()?,
        all: list(&condition.all)?,
        none: list(&condition.none)?,
    })
}

fn parts(value: &Value) -> Result<Parts, String> {
    let place = place::parse(value).map_err(|(_, detail)| detail)?;
    let parts = [place.city, place.region, place.country];
    if parts.iter().all(Option::is_none) {
        return Err("expected a city, a region or a country".into());
    }
    Ok(parts)
}

impl Places {
    /// The columns the condition is about.
    pub(super) fn columns(&self) -> Vec<usize> {
        let all = self.any.iter().flatten().chain(&self.all).chain(&self.none);
        let mut used = [false; PARTS];
        for parts in all {
            for (used, part) in used.iter_mut().zip(parts) {
                *used |= part.is_some();
            }
        }
        (0..PARTS)
            .filter(|part| used[*part])
            .map(|part| self.city + part)
            .collect()
    }

    /// Values of a column that the condition asks for.
    pub(super) fn named(&self, column: usize) -> Vec<&str> {
        let Some(part) = column.checked_sub(self.city).filter(|part| *part < PARTS) else {
            return Vec::new();
        };
        let wanted = self.any.iter().flatten().chain(&self.all);
        wanted.filter_map(|parts| parts[part].as_deref()).collect()
    }

    pub(super) fn rows(&self, segment: &Segment, unknown: &Bits) -> Bits {
        let columns = &segment.columns[self.city..self.city + PARTS];
        let compiled = |list: &[Parts]| -> Vec<Compiled<'_>> {
            list.iter()
                .map(|parts| Compiled::new(columns, parts))
                .collect()
        };
        let any = self.any.as_deref().map(compiled);
        let (all, none) = (compiled(&self.all), compiled(&self.none));
        Bits::from_fn(unknown.len(), |row| {
            if !columns.iter().any(|column| column.known(row)) {
                return unknown.get(row);
            }
            any.as_ref()
                .is_none_or(|any| any.iter().any(|place| place.holds(row)))
                && all.iter().all(|place| place.holds(row))
                && !none.iter().any(|place| place.holds(row))
        })
    }
}

// A place against one segment: of each part it names, the spellings there.
struct Compiled<'a>(Vec<(&'a Column, Bits)>);

impl<'a> Compiled<'a> {
    fn new(columns: &'a [Column], parts: &Parts) -> Self {
        let named = columns.iter().zip(parts);
        let spelt = named.filter_map(|(column, part)| {
            let (held, part) = (column.keywords()?, part.as_deref()?);
            let is = |ordinal: u32| fold_equal(held.value(ordinal), part);
            Some((column, Bits::from_fn(held.distinct(), is)))
        });
        Self(spelt.collect())
    }

    fn holds(&self, row: u32) -> bool {
        self.0.iter().all(|(column, wanted)| {
            let held = column.keywords().map_or(&[][..], |held| held.of(row));
            held.iter().any(|ordinal| wanted.get(*ordinal))
        })
    }
}
