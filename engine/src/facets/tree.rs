//! Hierarchies: places counted as country › region › city. Owns the tree; a
//! level a document does not name is left out of its path, so every value says
//! which column it is of.

use std::collections::{BTreeMap, HashMap};

use tandem_index::columns::Keywords;
use tandem_index::gazetteer::country_name;
use tandem_index::segment::SEGMENT_ROWS_MAX;
use tandem_index::snapshot::Collection;

use super::most_frequent;
use crate::answer::FacetValue;
use crate::filter::fold_equal;
use crate::retrieve::Rows;

// From the widest to the narrowest: the columns behind that of cities.
const LEVELS: [usize; 3] = [COUNTRY, 1, 0];
const COUNTRY: usize = 2;

#[derive(Default)]
struct Node {
    count: u64,
    // By level and value.
    children: BTreeMap<(usize, String), Node>,
}

/// Counts the paths of `rows`. At each level stay the `limit` most frequent
/// values that `finds` takes or that hold one, and the `named` ones.
pub(super) fn count(
    (collection, rows): (&Collection, &Rows),
    (city, names): (usize, &[String; 3]),
    named: &[Vec<&str>; 3],
    finds: impl Fn(&str) -> bool,
    limit: usize,
) -> Vec<FacetValue> {
    let mut root = Node::default();
    for (live, bits) in collection.segments.iter().zip(rows) {
        let columns = LEVELS.map(|part| live.segment.columns[city + part].keywords());
        let mut paths: HashMap<u64, u64> = HashMap::new();
        for row in bits.iter() {
            let first = |held: Option<&Keywords>| held?.of(row).first().copied();
            *paths.entry(packed(columns.map(first))).or_default() += 1;
        }
        for (path, count) in paths {
            root.add(&columns, unpacked(path), count);
        }
    }
    for (part, values) in named.iter().enumerate() {
        for value in values {
            if !root.holds(part, value) {
                root.children
                    .entry((part, (*value).to_owned()))
                    .or_default();
            }
        }
    }
    let keep = Keep {
        names,
        named,
        finds: &finds,
        limit,
    };
    keep.children(root, false)
}

// Bits of a number into a segment's dictionary, 0 being none: three fit a word.
const ORDINAL_BITS: u32 = 21;
const _: () = assert!(SEGMENT_ROWS_MAX < 1 << ORDINAL_BITS);

fn packed(path: [Option<u32>; 3]) -> u64 {
    path.into_iter().fold(0, |all, ordinal| {
        all << ORDINAL_BITS | ordinal.map_or(0, |at| u64::from(at) + 1)
    })
}

fn unpacked(path: u64) -> [Option<u32>; 3] {
    [2, 1, 0].map(|at| {
        let held = path >> (at * ORDINAL_BITS) & ((1 << ORDINAL_BITS) - 1);
        held.checked_sub(1).map(|at| at as u32)
    })
}

impl Node {
    fn add(&mut self, columns: &[Option<&Keywords>; 3], path: [Option<u32>; 3], count: u64) {
        let mut node = self;
        for ((part, column), ordinal) in LEVELS.into_iter().zip(columns).zip(path) {
            if let (Some(column), Some(ordinal)) = (column, ordinal) {
                let key = (part, column.value(ordinal).to_owned());
                node = node.children.entry(key).or_default();
                node.count += count;
            }
        }
    }

    fn holds(&self, part: usize, value: &str) -> bool {
        self.children.iter().any(|((held, name), node)| {
            (*held == part && fold_equal(name, value)) || node.holds(part, value)
        })
    }
}

struct Keep<'a, F> {
    names: &'a [String; 3],
    named: &'a [Vec<&'a str>; 3],
    finds: &'a F,
    limit: usize,
}

impl<F: Fn(&str) -> bool> Keep<'_, F> {
    // `found`: whether a value above was what is searched.
    fn children(&self, node: Node, found: bool) -> Vec<FacetValue> {
        let mut kept = Vec::new();
        let mut named = Vec::new();
        for ((part, value), child) in node.children {
            let own = self.named[part].iter().any(|name| fold_equal(name, &value));
            // A country is kept by its code and known by its name.
            let name = (part == COUNTRY).then(|| country_name(&value)).flatten();
            let here = found || (self.finds)(&value) || name.is_some_and(self.finds);
            let count = child.count;
            let holds = self.holds_named(&child);
            let children = self.children(child, here);
            if !(own || here || !children.is_empty()) {
                continue;
            }
            if own || holds {
                named.push((part, value.clone()));
            }
            kept.push(FacetValue {
                value,
                count,
                field: Some(self.names[part].clone()),
                children,
                ..FacetValue::default()
            });
        }
        most_frequent(kept, self.limit, |value| {
            named.iter().any(|(part, name)| {
                *name == value.value && value.field.as_ref() == Some(&self.names[*part])
            })
        })
    }

    fn holds_named(&self, node: &Node) -> bool {
        let mut parts = self.named.iter().enumerate();
        parts.any(|(part, values)| values.iter().any(|value| node.holds(part, value)))
    }
}
