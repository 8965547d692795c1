//! Values as documents spell them. Owns looking them up in the columns of a
//! snapshot; only living documents count, so that the layout cannot matter.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tandem_index::analysis::fold;
use tandem_index::columns::Keywords;
use tandem_index::gazetteer::country_name;
use tandem_index::kinds::{FieldType, Kind, did_you_mean};
use tandem_index::snapshot::Collection;
use tandem_index::taxonomy::Taxonomy;

use super::Filter;

/// Values no document has that are warned of one by one.
const WARNED_MAX: usize = 3;

/// Whether two texts are the same but for case and accents.
pub(crate) fn fold_equal(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    fold(a) == fold(b)
}

/// Takes the filters' values as documents spell them: exactly where one does, else
/// folded. A value no document has stays, so that nothing passes for it, and is
/// warned of. Every column is looked through once, whatever the filters ask.
/// A skill the space's overlay names is taken by any of its spellings.
pub(crate) fn resolve(
    filters: Vec<&mut Filter>,
    (kind, collection, taxonomy): (&Kind, &Collection, &Taxonomy),
    warnings: &mut Vec<String>,
) {
    let mut columns: BTreeMap<usize, Vec<&mut Filter>> = BTreeMap::new();
    for filter in filters {
        if let Some(column) = filter.columns.first() {
            columns.entry(*column).or_default().push(filter);
        }
    }
    for (column, mut filters) in columns {
        let wanted: Vec<String> = filters.iter().flat_map(|filter| filter.wanted()).collect();
        let Some(name) = filters.first().map(|filter| filter.name.clone()) else {
            continue;
        };
        if !wanted.is_empty() {
            let about = About {
                column,
                name: &name,
                countries: is_country(kind, column),
            };
            let own = own_spellings(collection, &about, (kind, taxonomy), &wanted);
            let others = wanted.iter().zip(&own);
            let others: Vec<String> = others
                .filter(|(_, own)| own.is_empty())
                .map(|(value, _)| value.clone())
                .collect();
            let mut others = spellings(collection, &about, &others, warnings).into_iter();
            let mut spelt = own.into_iter().map(|own| {
                if own.is_empty() {
                    others.next().unwrap_or_default()
                } else {
                    own
                }
            });
            for filter in &mut filters {
                filter.spell(&mut spelt);
            }
        }
    }
}

// Of each value that is a skill the overlay names the spellings documents have;
// nothing for others, and where no document has any.
fn own_spellings(
    collection: &Collection,
    about: &About<'_>,
    (kind, taxonomy): (&Kind, &Taxonomy),
    values: &[String],
) -> Vec<Vec<String>> {
    let field = kind.columns().get(about.column);
    let field = field.and_then(|column| kind.field(&column.name));
    let are_skills = field.is_some_and(|field| field.field_type == FieldType::Skills);
    let own = |value: &String| {
        let skill = taxonomy.skill_named(value).filter(|_| are_skills)?;
        taxonomy.own_skill(skill)?;
        let names = taxonomy.spellings(skill).into_iter();
        let names: Vec<String> = names.map(str::to_owned).collect();
        let spelt = spellings(collection, about, &names, &mut Vec::new());
        let held: BTreeSet<String> = spelt
            .into_iter()
            .flatten()
            .filter(|value| is_held(collection, about.column, value))
            .collect();
        Some(held.into_iter().collect())
    };
    let owns = values.iter().map(|value| own(value).unwrap_or_default());
    owns.collect()
}

// What values are of.
struct About<'a> {
    column: usize,
    // What the condition calls it.
    name: &'a str,
    // Its values are the codes of countries, which people write by their names.
    countries: bool,
}

fn is_country(kind: &Kind, column: usize) -> bool {
    let name = kind.columns().get(column).map(|column| &column.name);
    let field = name.and_then(|name| kind.field(name.strip_suffix(".country")?));
    field.is_some_and(|field| field.field_type == FieldType::Place)
}

// The spellings of each value that documents have: itself if one has it, else
// every one that folds to the same, else itself and a warning.
fn spellings(
    collection: &Collection,
    about: &About<'_>,
    values: &[String],
    warnings: &mut Vec<String>,
) -> Vec<Vec<String>> {
    let column = about.column;
    let mut spelt: Vec<Vec<String>> = values.iter().map(|value| vec![value.clone()]).collect();
    let mut missing: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, value) in values.iter().enumerate() {
        if !is_held(collection, column, value) {
            missing.entry(fold(value.trim())).or_default().push(at);
        }
    }
    if missing.is_empty() {
        return spelt;
    }
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for held in dictionaries(collection, column) {
        for value in (0..held.distinct() as u32).map(|ordinal| held.value(ordinal)) {
            if let Some((folded, _)) = missing.get_key_value(&fold(value))
                && is_held(collection, column, value)
            {
                found.entry(folded).or_default().insert(value);
            }
        }
    }
    let mut unheld: Vec<usize> = Vec::new();
    for (folded, places) in &missing {
        match found.get(folded.as_str()) {
            Some(spellings) => {
                for at in places {
                    spelt[*at] = spellings.iter().map(|value| (*value).to_owned()).collect();
                }
            }
            None => unheld.extend(places),
        }
    }
    unheld.sort_unstable();
    warn(collection, about, values, &unheld, warnings);
    spelt
}

fn warn(
    collection: &Collection,
    about: &About<'_>,
    values: &[String],
    unheld: &[usize],
    warnings: &mut Vec<String>,
) {
    let name = about.name;
    for at in unheld.iter().take(WARNED_MAX) {
        let value = &values[*at];
        let hint = similar(collection, about, value)
            .map_or_else(String::new, |other| format!("; did you mean \"{other}\"?"));
        warnings.push(format!("{name}: no document has \"{value}\"{hint}"));
    }
    if let Some(more) = unheld
        .len()
        .checked_sub(WARNED_MAX)
        .filter(|more| *more > 0)
    {
        warnings.push(format!("{name}: {more} more values that no document has"));
    }
}

// The value that looks most like one nobody has. Only values of about its
// length can.
fn similar(collection: &Collection, about: &About<'_>, value: &str) -> Option<String> {
    let column = about.column;
    let wanted = fold(value);
    let length = wanted.chars().count();
    let mut folded: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for held in dictionaries(collection, column) {
        for other in (0..held.distinct() as u32).map(|ordinal| held.value(ordinal)) {
            // What a reader would write, and a filter takes as well as its code.
            let named = country_name(other).filter(|_| about.countries);
            let shown = named.unwrap_or(other);
            let far = shown.chars().count().abs_diff(length);
            if far <= length / 2 {
                folded.entry(fold(shown)).or_default().insert(other);
            }
        }
    }
    // A deleted document's value may look more like it than any living one's.
    while let Some(best) = did_you_mean(&wanted, folded.keys().map(String::as_str)) {
        let spellings = folded.remove(&best)?;
        let mut living = spellings
            .into_iter()
            .filter(|other| is_held(collection, column, other));
        if let Some(other) = living.next() {
            let named = country_name(other).filter(|_| about.countries);
            return Some(named.unwrap_or(other).to_owned());
        }
    }
    None
}

fn dictionaries(collection: &Collection, column: usize) -> impl Iterator<Item = &Keywords> {
    collection
        .segments
        .iter()
        .filter_map(move |live| live.segment.columns[column].keywords())
}

// Whether a living row has a value.
fn is_held(collection: &Collection, column: usize, value: &str) -> bool {
    collection.segments.iter().any(|live| {
        let Some(held) = live.segment.columns[column].keywords() else {
            return false;
        };
        let Some(ordinal) = held.ordinal(value) else {
            return false;
        };
        live.alive.count() == live.alive.len()
            || live.alive.iter().any(|row| held.of(row).contains(&ordinal))
    })
}
