//! Proposals: from the columns and a sample of a table nobody mapped yet to a
//! mapping file with reasons. Owns which column is offered for which field;
//! `names` compares headers, `looks` values, `rules` writes the rules.

mod looks;
mod names;
mod rules;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_told;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Field, Mapping, MappingError};
use crate::record::Record;
use looks::Column;
use names::Concept;

/// What a header that names the kind weighs: more than all fields.
const KIND_WEIGHT: f64 = 100.0;
/// Columns a mapping is proposed for at most; every one is compared with every
/// field, and no table of people has so many.
pub const COLUMNS_MAX: usize = 2_000;
/// Depth to which objects of a record are columns of their own.
const DEPTH_MAX: usize = 4;
/// What is surer than this is proposed.
const SURE_MIN: f64 = 0.35;

/// A mapping for a table nobody mapped yet, with reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The kind its documents would be of.
    pub kind: String,
    /// The path to the records, where they are an array inside the one record.
    pub records: Option<String>,
    /// The header's row, where rows of titles stand above it.
    pub header_row: Option<u64>,
    /// The fields and where they come from, those of the kind's order.
    pub fields: Vec<Proposed>,
    /// The columns no field is proposed for.
    pub left_out: Vec<LeftOut>,
    /// How many columns and records were looked at.
    pub looked_at: (usize, usize),
    /// What stands for nothing in the columns, besides what always does.
    pub empty: Option<&'static str>,
    /// Columns may have been named twice and numbered (`a`, `a 2`): the file is
    /// read in the same way then.
    pub numbered: bool,
}

/// A rule that is proposed.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    /// The field.
    pub field: String,
    /// The rule as TOML: `"Job Title"` or `{ column = … }`.
    pub rule: String,
    /// The columns it reads.
    pub columns: Vec<String>,
    /// How sure it is, 0 to 1.
    pub confidence: f64,
    /// Why.
    pub why: String,
    /// A value of the first column.
    pub sample: String,
    /// What to look at before loading.
    pub notes: Vec<String>,
}

/// A column no field is proposed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The column.
    pub column: String,
    /// Why.
    pub why: String,
    /// One of its values.
    pub sample: String,
}

/// Columns chosen for concepts, and how sure that is.
struct Chosen<'a> {
    columns: BTreeMap<Concept, Vec<(&'a Column, f64, &'static str)>>,
}

/// The columns of records: members in the order they are first seen, objects
/// as paths.
pub fn columns_of(records: &[Record]) -> Vec<String> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for record in records {
        for (name, value) in &record.fields {
            collect(name, value, 1, &mut all, &mut seen);
        }
    }
    all
}

fn collect(
    path: &str,
    value: &Value,
    depth: usize,
    all: &mut Vec<String>,
    seen: &mut BTreeSet<String>,
) {
    let inside = || {
        let items = value.as_array()?.iter();
        let members = items.clone().find_map(Value::as_object)?;
        Some((format!("{path}.*"), members))
    };
    let members = value.as_object().map(|members| (path.to_owned(), members));
    match members.or_else(inside).filter(|_| depth < DEPTH_MAX) {
        Some((path, members)) => {
            for (name, value) in members {
                collect(&format!("{path}.{name}"), value, depth + 1, all, seen);
            }
        }
        None if seen.insert(path.to_owned()) => all.push(path.to_owned()),
        None => {}
    }
}

/// Takes the records out of a document that holds them in an array, with the
/// path to it: `{"jobs": [{…}]}`. Other records stay as they are.
pub fn unwrap(records: Vec<Record>) -> (Vec<Record>, Option<String>) {
    let [only] = records.as_slice() else {
        return (records, None);
    };
    let arrays = only.fields.iter().filter_map(|(name, value)| {
        let items = value.as_array()?;
        let objects = items.iter().filter(|item| item.is_object()).count();
        (objects > 0 && objects == items.len()).then_some((name, items))
    });
    let arrays = arrays.filter(|(_, items)| !is_part(&only.fields, items));
    let Some((name, items)) = arrays.max_by_key(|(_, items)| items.len()) else {
        return (records, None);
    };
    let inside = items.iter().filter_map(Value::as_object);
    let inside = inside.map(|fields| Record {
        number: only.number,
        fields: fields.clone(),
    });
    (inside.collect(), Some(name.clone()))
}

// Whether the items of an array are parts of the record: what has an id, or a
// title, is a document rather than a list of some without.
fn is_part(fields: &Map<String, Value>, items: &[Value]) -> bool {
    let has = |fields: &Map<String, Value>, concept| {
        let mut said = fields.iter().filter(|(_, value)| !value.is_array());
        said.any(|(name, _)| names::likeness(name, concept).0 >= 0.9)
    };
    let first = items.first().and_then(Value::as_object);
    [Concept::Id, Concept::Title]
        .into_iter()
        .any(|concept| has(fields, concept) && !first.is_some_and(|first| has(first, concept)))
}

/// Proposes a mapping of `columns` to the fields of a kind. `records` are a
/// sample; a few hundred say enough.
pub fn propose(kind: &str, fields: &[Field], columns: &[String], records: &[Record]) -> Proposal {
    let names: BTreeSet<&String> = columns.iter().collect();
    let numbered = columns
        .iter()
        .any(|name| names.contains(&format!("{name} 2")));
    let columns: Vec<Column> = columns
        .iter()
        .map(|name| Column::new(name, records))
        .collect();
    let chosen = choose(fields, &columns);
    let mut proposed = vec![rules::id(&chosen, &columns)];
    for field in fields {
        proposed.extend(rules::field(&chosen, field, &columns));
    }
    if !fields.iter().any(|field| field.name == "language") {
        proposed.extend(rules::language(&chosen));
    }
    let used: BTreeSet<&str> = proposed
        .iter()
        .flat_map(|proposed| proposed.columns.iter().map(String::as_str))
        .collect();
    let left_out = columns
        .iter()
        .filter(|column| !used.contains(column.name.as_str()))
        .map(|column| LeftOut {
            column: column.name.clone(),
            why: why_left_out(column, &chosen, fields),
            sample: column.sample(),
        })
        .collect();
    let looked_at = (columns.len(), records.len());
    Proposal {
        kind: kind.to_owned(),
        records: None,
        header_row: None,
        fields: proposed,
        left_out,
        looked_at,
        empty: chosen.nothing(),
        numbered,
    }
}

fn why_left_out(column: &Column, chosen: &Chosen<'_>, fields: &[Field]) -> String {
    if column.is_empty() {
        return "nothing in it".to_owned();
    }
    let named = names::NAMES
        .iter()
        .map(|(concept, _)| (names::likeness(&column.name, *concept).0, *concept))
        .filter(|(score, _)| *score >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((_, concept)) = named else {
        return "no field is called like it".to_owned();
    };
    if let Some((other, ..)) = chosen.first(concept) {
        return format!("`{}` is surer", other.name);
    }
    let known = fields
        .iter()
        .any(|field| names::of_field(field) == Some(concept));
    let what = if known {
        "its values do not fit"
    } else {
        "the kind has no field for it"
    };
    what.to_owned()
}

/// Whether columns are called like this, by a name of the dictionary and
/// nothing besides.
pub fn is_name(header: &str) -> bool {
    names::is_known(header)
}

/// The proposal for the kind whose fields fit best, of equals for the first.
pub fn best<'a>(
    kinds: impl IntoIterator<Item = (&'a str, &'a [Field])>,
    columns: &[String],
    records: &[Record],
) -> Option<Proposal> {
    let proposals = kinds
        .into_iter()
        .map(|(kind, fields)| propose(kind, fields, columns, records));
    proposals.reduce(|best, next| {
        let better = next.weight() > best.weight();
        if better { next } else { best }
    })
}

/// Which concepts a kind has fields for.
fn wanted(fields: &[Field]) -> BTreeSet<Concept> {
    let mut all: BTreeSet<Concept> = fields.iter().filter_map(names::of_field).collect();
    if all.contains(&Concept::Location) {
        all.extend([
            Concept::City,
            Concept::Region,
            Concept::Country,
            Concept::Lat,
            Concept::Lon,
        ]);
    }
    if all.contains(&Concept::Pay) {
        all.extend([
            Concept::PayMin,
            Concept::PayMax,
            Concept::Currency,
            Concept::Period,
        ]);
    }
    if all.contains(&Concept::Description) {
        all.insert(Concept::Section);
    }
    all.extend([Concept::Id, Concept::Language]);
    all
}

/// Concepts that take several columns.
const MANY: [Concept; 2] = [Concept::Section, Concept::Name];

fn choose<'a>(fields: &[Field], columns: &'a [Column]) -> Chosen<'a> {
    let mut pairs = Vec::new();
    for concept in wanted(fields) {
        let own: Vec<String> = fields
            .iter()
            .filter(|field| names::of_field(field) == Some(concept))
            .map(|field| names::plain(&field.name))
            .collect();
        for (place, column) in columns.iter().enumerate() {
            if column.is_empty() {
                continue;
            }
            let is_own = own.contains(&names::plain(&column.name));
            let (mut named, mut why) = names::likeness(&column.name, concept);
            if is_own {
                (named, why) = (0.99, "the header is the field's name");
            }
            let fit = column.fits(concept);
            let by_name = if fit >= 0.3 {
                named * (0.6 + 0.4 * fit)
            } else {
                0.0
            };
            let looks = column.looks(concept);
            let (sure, why) = if by_name >= looks {
                (by_name, why)
            } else {
                (looks, "its values look like it")
            };
            if sure >= SURE_MIN {
                pairs.push((sure, place, concept, why));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut chosen = Chosen {
        columns: BTreeMap::new(),
    };
    let mut taken = BTreeSet::new();
    for (sure, place, concept, why) in pairs {
        let full = chosen.columns.contains_key(&concept) && !MANY.contains(&concept);
        // Looks alone say that a column is prose, not which part of the document.
        if full || taken.contains(&place) {
            continue;
        }
        if let Some(column) = columns.get(place) {
            taken.insert(place);
            let list = chosen.columns.entry(concept).or_default();
            list.push((column, sure, why));
        }
    }
    // Parts stand in the table's order, not in that of how sure they are.
    for list in chosen.columns.values_mut() {
        let place = |column: &Column| columns.iter().position(|other| other.name == column.name);
        list.sort_by_key(|(column, ..)| place(column));
    }
    chosen
}

impl<'a> Chosen<'a> {
    /// What stands for nothing: pay of -1 is none.
    fn nothing(&self) -> Option<&'static str> {
        let pay = [Concept::Pay, Concept::PayMin, Concept::PayMax];
        let mut columns = pay.iter().flat_map(|concept| self.all(*concept));
        columns
            .any(|(column, ..)| column.has_minus_one())
            .then_some("-1")
    }

    fn first(&self, concept: Concept) -> Option<(&'a Column, f64, &'static str)> {
        self.all(concept).first().copied()
    }

    fn all(&self, concept: Concept) -> &[(&'a Column, f64, &'static str)] {
        self.columns.get(&concept).map_or(&[], Vec::as_slice)
    }
}

impl Proposal {
    /// How sure all of it is: the sum over its fields. Of two kinds, the
    /// larger fits better. Headers that name what a row is come before all
    /// others: `Job Title`, `Stellen-ID`, `Bewerber`.
    pub fn weight(&self) -> f64 {
        let sure: f64 = self.fields.iter().map(|field| field.confidence).sum();
        let columns = self.fields.iter().flat_map(|field| &field.columns);
        let left = self.left_out.iter().map(|left| &left.column);
        let headers = columns.chain(left).map(String::as_str);
        sure + KIND_WEIGHT * f64::from(names::lean(&self.kind, headers))
    }

    /// Whether a column was taken for a field of the kind: an id alone, or one
    /// that is counted, makes documents that say nothing.
    pub fn has_fields(&self) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|field| field.field != "id" && !field.columns.is_empty())
    }

    /// The mapping file, with what was found out as comments. `source`: what it
    /// was proposed from.
    pub fn to_toml(&self, source: &str) -> String {
        let (columns, records) = self.looked_at;
        let (source, kind) = (one_line(source), one_line(&self.kind));
        let numbered = if self.numbered {
            " --number-duplicates"
        } else {
            ""
        };
        let mut lines = vec![
            format!("# Proposed for {source} from {columns} columns and {records} records."),
            format!(
                "# Read it, correct it, and load with: tandem load {source} --kind {kind}{numbered} --mapping THIS_FILE"
            ),
            format!("kind = {}", quoted(&self.kind)),
        ];
        if let Some(records) = &self.records {
            lines.push("# Where the records are in the document.".to_owned());
            lines.push(format!("records = {}", quoted(records)));
        }
        if let Some(row) = self.header_row {
            lines.push("# The header's row; those above it are titles.".to_owned());
            lines.push(format!("header_row = {row}"));
        }
        if let Some(empty) = self.empty {
            lines.push("# Cells that say nothing, besides those that are empty.".to_owned());
            lines.push(format!("empty = [{}]", quoted(empty)));
        }
        lines.extend([String::new(), "[fields]".to_owned()]);
        for field in &self.fields {
            let percent = (field.confidence * 100.0).round();
            let sample = quoted(&field.sample);
            lines.push(format!("# {percent} %, {}; e.g. {sample}", field.why));
            lines.extend(
                field
                    .notes
                    .iter()
                    .map(|note| format!("# Look at this: {note}")),
            );
            lines.push(format!("{} = {}", key(&field.field), field.rule));
        }
        if !self.left_out.is_empty() {
            lines.extend([String::new(), "# Left out:".to_owned()]);
        }
        for left in &self.left_out {
            let (column, sample) = (quoted(&left.column), quoted(&left.sample));
            lines.push(format!("#   {column}: {}; e.g. {sample}", left.why));
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// The mapping that is proposed.
    ///
    /// # Errors
    /// None is expected: a proposal is a mapping.
    pub fn mapping(&self) -> Result<Mapping, MappingError> {
        Mapping::parse(&self.to_toml(""))
    }
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A text as TOML.
fn quoted(text: &str) -> String {
    let mut made = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => made.push_str("\\\""),
            '\\' => made.push_str("\\\\"),
            '\n' => made.push_str("\\n"),
            '\t' => made.push_str("\\t"),
            c if c.is_control() => made.extend(escaped(c)),
            c => made.push(c),
        }
    }
    made.push('"');
    made
}

// A control character as TOML writes it.
fn escaped(control: char) -> impl Iterator<Item = char> {
    let code = u32::from(control);
    let digits = [12, 8, 4, 0].map(|shift| char::from_digit((code >> shift) & 0xf, 16));
    ['\\', 'u'].into_iter().chain(digits.into_iter().flatten())
}

fn key(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare { name.to_owned() } else { quoted(name) }
}
