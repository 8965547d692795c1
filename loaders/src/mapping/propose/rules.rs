//! The rules that are proposed for chosen columns, as TOML. Owns what a column
//! needs beside its name: a type, separators, day or month first.

use std::collections::BTreeSet;

use super::looks::{Column, Dates};
use super::names::{self, Concept};
use super::{Chosen, Proposed, quoted, words};
use crate::mapping::Field;

/// How much a header must be like the names of ids to be taken for one.
const CALLED_ID_MIN: f64 = 0.7;

/// Rules in the making.
struct Draft {
    parts: Vec<String>,
    columns: Vec<String>,
    notes: Vec<String>,
}

impl Draft {
    fn new() -> Self {
        Self {
            parts: Vec::new(),
            columns: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn column(&mut self, key: &str, column: &Column) {
        self.parts.push(format!("{key} = {}", quoted(&column.name)));
        self.columns.push(column.name.clone());
    }

    fn part(&mut self, part: impl Into<String>) {
        self.parts.push(part.into());
    }

    /// The rule; a column alone is its name.
    fn done(self, field: &str, (column, confidence, why): (&Column, f64, &str)) -> Proposed {
        let rule = match self.parts.as_slice() {
            [only] if only.starts_with("column = ") => quoted(&column.name),
            parts => format!("{{ {} }}", parts.join(", ")),
        };
        Proposed {
            field: field.to_owned(),
            rule,
            columns: self.columns,
            confidence,
            why: why.to_owned(),
            sample: column.sample(),
            notes: self.notes,
        }
    }
}

/// A unique column, else a hash of what tells documents apart.
pub(super) fn id(chosen: &Chosen<'_>, columns: &[Column]) -> Proposed {
    if let Some(found) = chosen.first(Concept::Id) {
        let mut draft = Draft::new();
        draft.column("column", found.0);
        if let (blank @ 1.., records) = found.0.blanks() {
            draft.notes.push(format!(
                "{blank} of {records} records say nothing in it and are rejected: an id of their own lets them in"
            ));
        }
        return draft.done("id", found);
    }
    // What makes an ad or a CV another one, as far as there is any of it.
    let telling = [
        Concept::Url,
        Concept::Email,
        Concept::Title,
        Concept::Company,
        Concept::Location,
        Concept::City,
        Concept::Name,
        Concept::Description,
    ];
    let unique = [Concept::Url, Concept::Email]
        .into_iter()
        .find_map(|concept| {
            let found = chosen.first(concept)?;
            let is_whole = found.0.is_unique() && found.0.blanks().0 == 0;
            (is_whole && found.0.fits(Concept::Id) > 0.0).then_some(found.0)
        });
    let called = called_id(chosen, columns);
    let mut hashed: Vec<&Column> = match unique {
        Some(column) => vec![column],
        // An id some records lack, or share, still tells those apart that have one.
        None => called
            .into_iter()
            .chain(telling.iter().flat_map(|concept| {
                let found = chosen.all(*concept).iter();
                found.map(|(column, ..)| *column)
            }))
            .collect(),
    };
    if hashed.is_empty() {
        hashed = columns.iter().collect();
    }
    let names: Vec<String> = hashed.iter().map(|column| quoted(&column.name)).collect();
    let mut notes = vec![
        "the same columns always make the same id; a row that changes in them is a new document"
            .to_owned(),
    ];
    if let (alike @ 1.., records) = alike(&hashed) {
        notes.push(format!(
            "{alike} of {records} records have the same as one before them in these columns, and would replace it: add a column they differ in"
        ));
    }
    Proposed {
        field: "id".to_owned(),
        rule: format!("{{ hash = [{}] }}", names.join(", ")),
        columns: Vec::new(),
        confidence: 0.4,
        why: format!("{}; a hash of what tells documents apart", no_id(called)),
        sample: hashed
            .first()
            .map(|column| column.sample())
            .unwrap_or_default(),
        notes,
    }
}

/// The column that is called an id and is none, where it is no field either.
fn called_id<'a>(chosen: &Chosen<'_>, columns: &'a [Column]) -> Option<&'a Column> {
    let is_used = |column: &Column| {
        let mut used = chosen.columns.values().flatten();
        used.any(|(other, ..)| other.name == column.name)
    };
    let called = columns
        .iter()
        .map(|column| (names::likeness(&column.name, Concept::Id).0, column))
        .filter(|(likeness, column)| {
            *likeness >= CALLED_ID_MIN
                && !column.is_empty()
                && column.is_short()
                && !is_used(column)
        });
    let best = called.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, column)| column)
}

/// Why no column is the id.
fn no_id(called: Option<&Column>) -> String {
    let Some(column) = called else {
        return "no column is a unique id".to_owned();
    };
    let name = &column.name;
    let (blank, records) = column.blanks();
    if !column.is_unique() {
        return format!("`{name}` is no id: records share its values");
    }
    format!("`{name}` is no id: {blank} of {records} records say nothing in it")
}

/// How many records have the same in these columns as one before them, of how
/// many.
fn alike(columns: &[&Column]) -> (usize, usize) {
    let records = columns.first().map_or(0, |column| column.blanks().1);
    let mut seen = BTreeSet::new();
    let again = (0..records).filter(|record| {
        let key: Vec<Option<String>> = columns
            .iter()
            .map(|column| Some(column.text_of(*record)?.trim().to_lowercase()))
            .collect();
        !seen.insert(key)
    });
    (again.count(), records)
}

/// The language of documents, which every kind has.
pub(super) fn language(chosen: &Chosen<'_>) -> Option<Proposed> {
    let found = chosen.first(Concept::Language)?;
    let mut draft = Draft::new();
    draft.column("column", found.0);
    draft.part("type = \"language\"");
    draft.part("on_error = \"drop_field\"");
    Some(draft.done("language", found))
}

/// The rule of a field, where columns were chosen for it.
pub(super) fn field(chosen: &Chosen<'_>, field: &Field, columns: &[Column]) -> Option<Proposed> {
    let concept = names::of_field(field);
    match field.field_type.as_str() {
        "place" => place(chosen, field),
        "pay" => pay(chosen, field),
        "positions" => None,
        _ => {
            let own = || {
                // A field no table of names knows is found by its own name alone.
                let name = names::plain(&field.name);
                let column = columns.iter().find(|column| {
                    concept.is_none() && names::plain(&column.name) == name && !column.is_empty()
                })?;
                Some((column, 0.95, "the header is the field's name"))
            };
            let found = concept
                .and_then(|concept| chosen.first(concept))
                .or_else(own);
            match (found, concept) {
                (found, Some(Concept::Description)) => description(chosen, field, found),
                (Some(found), _) => Some(plain(chosen, field, concept, found)),
                (None, _) => None,
            }
        }
    }
}

fn plain(
    chosen: &Chosen<'_>,
    field: &Field,
    concept: Option<Concept>,
    found: (&Column, f64, &str),
) -> Proposed {
    let column = found.0;
    let mut draft = Draft::new();
    if concept == Some(Concept::Name) && chosen.all(Concept::Name).len() > 1 {
        let all = chosen.all(Concept::Name);
        let names: Vec<String> = all
            .iter()
            .map(|(column, ..)| quoted(&column.name))
            .collect();
        draft.part(format!("join = [{}]", names.join(", ")));
        draft
            .columns
            .extend(all.iter().map(|(column, ..)| column.name.clone()));
        return draft.done(&field.name, found);
    }
    draft.column("column", column);
    match (field.field_type.as_str(), concept) {
        (_, Some(Concept::Remote)) => draft.part("type = \"remote\""),
        ("skills", _) | (_, Some(Concept::Languages | Concept::OpenTo)) => list(&mut draft, column),
        ("number", _) => {
            draft.part("type = \"number\"");
            draft.part("on_error = \"drop_field\"");
        }
        ("flag", _) => draft.part("type = \"flag\""),
        ("date", _) => date(&mut draft, column),
        ("text", _) if column.is_html() => draft.part("type = \"html\""),
        ("private", Some(Concept::Links)) if column.is_list() => draft.part("type = \"json\""),
        _ => {}
    }
    if matches!(concept, Some(Concept::Contract | Concept::OpenTo)) {
        let map = words::map(column);
        draft.parts.extend(map);
    }
    draft.done(&field.name, found)
}

fn list(draft: &mut Draft, column: &Column) {
    draft.part("type = \"list\"");
    let marks = column.separators();
    if !marks.is_empty() && !column.is_list() {
        let marks: Vec<String> = marks.into_iter().map(quoted).collect();
        draft.part(format!("split = [{}]", marks.join(", ")));
    }
    draft.part("max = 120");
}

fn date(draft: &mut Draft, column: &Column) {
    draft.part("type = \"date\"");
    let dates = column.dates();
    if !dates.short.is_empty() {
        short_years(draft, &dates);
    } else if dates.faults.contains("ambiguous_date") {
        match (dates.day_first, dates.month_first) {
            (true, false) => draft.part("day_first = true"),
            (false, true) => draft.part("day_first = false"),
            (true, true) => draft.notes.push(
                "some dates have the day first, others the month: those that can be both are left out".to_owned(),
            ),
            (false, false) => draft.notes.push(
                "no date of the sample tells whether the day or the month comes first: say day_first = true or false".to_owned(),
            ),
        }
    }
    if dates.faults.contains("relative_date") {
        draft.notes.push(
            "dates such as \"3 days ago\" need the day they count from: say reference = \"2026-11-20\"".to_owned(),
        );
    }
    draft.part("on_error = \"drop_field\"");
}

// Years of two digits are read in named formats alone.
fn short_years(draft: &mut Draft, dates: &Dates) {
    let formats = |is_day_first: fn(char, &Dates) -> bool| {
        let made = dates.short.iter().flat_map(|mark| {
            let (first, second) = if is_day_first(*mark, dates) {
                ("%d", "%m")
            } else {
                ("%m", "%d")
            };
            ["%y", "%Y"].map(|year| quoted(&format!("{first}{mark}{second}{mark}{year}")))
        });
        let made: Vec<String> = made.chain([quoted("iso")]).collect();
        format!("formats = [{}]", made.join(", "))
    };
    let dots = dates.short.iter().all(|mark| *mark == '.');
    if dots || dates.day_first != dates.month_first {
        draft.part(formats(|mark, dates| mark == '.' || dates.day_first));
    } else {
        draft.notes.push(format!(
            "no date of the sample tells whether the day or the month comes first: say {} or {}",
            formats(|_, _| true),
            formats(|_, _| false)
        ));
    }
}

fn description(
    chosen: &Chosen<'_>,
    field: &Field,
    found: Option<(&Column, f64, &str)>,
) -> Option<Proposed> {
    let sections = chosen.all(Concept::Section);
    let first = found.or_else(|| sections.first().copied())?;
    let mut draft = Draft::new();
    let all: Vec<&Column> = found
        .iter()
        .map(|(column, ..)| *column)
        .chain(sections.iter().map(|(column, ..)| *column))
        .collect();
    if all.len() == 1 {
        draft.column("column", first.0);
    } else {
        let names: Vec<String> = all.iter().map(|column| quoted(&column.name)).collect();
        draft.part(format!("join = [{}]", names.join(", ")));
        draft.part("with = \"\\n\\n\"");
        draft.columns = all.iter().map(|column| column.name.clone()).collect();
    }
    if all.iter().any(|column| column.is_html()) {
        draft.part("type = \"html\"");
    }
    Some(draft.done(&field.name, first))
}

fn place(chosen: &Chosen<'_>, field: &Field) -> Option<Proposed> {
    let parts = [
        ("column", Concept::Location),
        ("city", Concept::City),
        ("region", Concept::Region),
        ("country", Concept::Country),
        ("lat", Concept::Lat),
        ("lon", Concept::Lon),
    ];
    let mut draft = Draft::new();
    let mut first = None;
    let both = chosen.first(Concept::Lat).is_some() && chosen.first(Concept::Lon).is_some();
    for (key, concept) in parts {
        let coordinate = matches!(concept, Concept::Lat | Concept::Lon);
        if let Some(found) = chosen.first(concept).filter(|_| both || !coordinate) {
            // A "Town" that says "Austin, TX" is the whole place.
            let is_whole = concept == Concept::City && first.is_none() && found.0.is_of_parts();
            first = first.or(Some(found));
            draft.column(if is_whole { "column" } else { key }, found.0);
        }
    }
    draft.part("type = \"place\"");
    first.map(|first| draft.done(&field.name, first))
}

fn pay(chosen: &Chosen<'_>, field: &Field) -> Option<Proposed> {
    let (min, max) = (chosen.first(Concept::PayMin), chosen.first(Concept::PayMax));
    let text = chosen.first(Concept::Pay);
    let first = min.or(max).or(text)?;
    let mut draft = Draft::new();
    if min.is_some() || max.is_some() {
        for (key, found) in [("min_column", min), ("max_column", max)] {
            if let Some((column, ..)) = found {
                draft.column(key, column);
            }
        }
    } else {
        draft.column("column", first.0);
    }
    draft.part("type = \"pay\"");
    let (currency, period) = names::pay_words(&first.0.name);
    let said = [
        ("currency", chosen.first(Concept::Currency), currency),
        ("period", chosen.first(Concept::Period), period),
    ];
    for (key, column, word) in said {
        match (column, word) {
            (Some((column, ..)), _) => draft.column(&format!("{key}_column"), column),
            (None, Some(word)) => draft.part(format!("{key} = {}", quoted(word))),
            (None, None) => {}
        }
    }
    let mut faults = first.0.pay_faults(currency, period);
    faults.retain(|fault| *fault != "no_currency" || chosen.first(Concept::Currency).is_none());
    let agreed = first.0.currency(period).filter(|(_, count, all)| {
        // A bound in a column of its own is in the rule's currency whatever stands there.
        let in_text = min.is_none() && max.is_none();
        faults.contains(&"no_currency") && (in_text || count == all)
    });
    if let Some((code, count, all)) = agreed {
        draft.part(format!("currency = {}", quoted(&code)));
        draft.notes.push(format!(
            "amounts without a currency are taken for {code}, as {count} of {all} that name one say"
        ));
    } else if faults.contains(&"no_currency") {
        draft.notes.push(
            "amounts without a currency: say currency = \"EUR\", or whatever it is".to_owned(),
        );
    }
    if faults.contains(&"no_period") && chosen.first(Concept::Period).is_none() {
        draft.notes.push("amounts that do not say what they are of: say period = \"year\", \"month\" or \"hour\"".to_owned());
    }
    draft.part("on_error = \"drop_field\"");
    Some(draft.done(&field.name, first))
}
