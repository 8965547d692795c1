//! The GET twin of search: a query string becomes the same [`Search`] its JSON
//! body would be.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tandem_index::Kind;

use super::filter::Filters;
use super::problem::{Code, Fault, Outcome, Refusal};
use super::request::{Count, Explain, Facet, Search, Words};
use crate::limits::QUERY_STRING_BYTES_MAX;
use crate::suggest;

/// The parameters, with what each means for `/openapi.json`.
pub const PARAMETERS: [(&str, &str); 12] = [
    ("q", "words, phrases, +must, -not, field:word"),
    ("limit", "hits in an answer, 0 to 1,000"),
    ("cursor", "from the previous answer"),
    ("words", "all, most or any"),
    ("count", "exact or none"),
    (
        "now",
        "the time freshness and expiry are seen from: RFC 3339",
    ),
    ("highlight", "true or false"),
    ("explain", "plan"),
    ("facets", "fields to count, separated by commas"),
    (
        "sort",
        "fields, - in front for descending, separated by commas",
    ),
    (
        "fields",
        "fields an answer shows, separated by commas; * for all",
    ),
    (
        "filter.FIELD",
        "a value (repeat for any of them) or a range 10..20, 10.., ..20; filter.FIELD.unknown=include",
    ),
];

/// A weight's parameter begins with this.
const WEIGHT: &str = "weight.";
/// A filter's parameter begins with this.
const FILTER: &str = "filter.";

/// Reads a query string; the kind's columns tell numbers from text.
pub fn read(query: &str, kind: &Kind) -> Outcome<Search> {
    if query.len() > QUERY_STRING_BYTES_MAX {
        let detail = format!(
            "the query string has {} bytes, at most {QUERY_STRING_BYTES_MAX} are read",
            query.len()
        );
        return Err(Refusal::new(Code::InvalidRequest, detail));
    }
    let mut search = Search::default();
    let mut filters = Map::new();
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name.contains('\u{fffd}') || value.contains('\u{fffd}') {
            return Err(Refusal::new(
                Code::InvalidRequest,
                "the query string is not UTF-8",
            ));
        }
        // Only the values of a filter can be several.
        let several =
            name.starts_with(FILTER) && !name.ends_with(".unknown") && !value.contains("..");
        if !several && seen.iter().any(|other| *other == name) {
            return Err(wrong(&name, "is given twice"));
        }
        seen.push(name.clone().into_owned());
        if let Some(field) = name.strip_prefix(FILTER) {
            add_filter(&mut filters, field, &value, kind);
        } else if let Some(component) = name.strip_prefix(WEIGHT) {
            let weight = value
                .parse()
                .map_err(|_text| wrong(&name, "must be a number"))?;
            search
                .weights
                .get_or_insert_with(BTreeMap::new)
                .insert(component.to_owned(), weight);
        } else {
            set(&mut search, &name, &value)?;
        }
    }
    if !filters.is_empty() {
        search.filters = Some(Filters(filters));
    }
    Ok(search)
}

fn set(search: &mut Search, name: &str, value: &str) -> Outcome<()> {
    match name {
        "q" => search.q = Some(value.to_owned()),
        "cursor" => search.cursor = Some(value.to_owned()),
        "now" => search.now = Some(value.to_owned()),
        "limit" => {
            search.limit = Some(
                value
                    .parse()
                    .map_err(|_text| wrong(name, "must be a number from 0 to 1,000"))?,
            );
        }
        "words" => {
            search.words = Some(one_of(
                name,
                value,
                [
                    ("all", Words::All),
                    ("most", Words::Most),
                    ("any", Words::Any),
                ],
            )?);
        }
        "count" => {
            search.count = Some(one_of(
                name,
                value,
                [("exact", Count::Exact), ("none", Count::None)],
            )?);
        }
        "highlight" => {
            search.highlight = Some(one_of(name, value, [("true", true), ("false", false)])?);
        }
        "explain" => search.explain = Some(one_of(name, value, [("plan", Explain::Plan)])?),
        "facets" => search.facets = Some(comma_list(value).map(Facet::Name).collect()),
        "sort" => search.sort = Some(comma_list(value).collect()),
        "fields" => search.fields = Some(comma_list(value).collect()),
        _ => return Err(unknown(name)),
    }
    Ok(())
}

fn comma_list(value: &str) -> impl Iterator<Item = String> {
    value
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
}

fn one_of<T: Copy, const N: usize>(name: &str, value: &str, known: [(&str, T); N]) -> Outcome<T> {
    known
        .iter()
        .find(|(text, _)| *text == value)
        .map(|(_, meaning)| *meaning)
        .ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(text, _)| *text).collect();
            wrong(name, &format!("must be {}", names.join(" or ")))
        })
}

fn wrong(name: &str, detail: &str) -> Refusal {
    Refusal::at(
        Code::InvalidRequest,
        format!("/{}", suggest::escape(name)),
        detail,
    )
}

fn unknown(name: &str) -> Refusal {
    Refusal::because(vec![Fault {
        pointer: format!("/{}", suggest::escape(name)),
        code: Code::UnknownMember,
        detail: "no such query parameter".to_owned(),
        did_you_mean: suggest::nearest(name, PARAMETERS.iter().map(|(known, _)| *known)),
    }])
}

/// Adds one `filter.FIELD` to the object the JSON form would have.
fn add_filter(filters: &mut Map<String, Value>, field: &str, value: &str, kind: &Kind) {
    let (field, part) = match field.strip_suffix(".unknown") {
        Some(field) => (field, "unknown"),
        None => (field, "any"),
    };
    let numeric = kind
        .columns()
        .iter()
        .any(|column| column.name == field && column.numeric);
    let condition = filters
        .entry(field)
        .or_insert_with(|| Value::Object(Map::new()));
    let Some(condition) = condition.as_object_mut() else {
        return;
    };
    if part == "unknown" {
        condition.insert(part.to_owned(), Value::from(value));
    } else if let Some((from, to)) = value.split_once("..") {
        for (bound, text) in [("gte", from), ("lte", to)] {
            if !text.is_empty() {
                condition.insert(bound.to_owned(), scalar(text, numeric));
            }
        }
    } else if let Value::Array(values) = condition
        .entry(part)
        .or_insert_with(|| Value::Array(Vec::new()))
    {
        values.push(scalar(value, numeric));
    }
}

/// A number where the column holds numbers and it reads as one, else text.
fn scalar(text: &str, numeric: bool) -> Value {
    if !numeric {
        return Value::from(text);
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Value::from(whole);
    }
    let number = text
        .parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64);
    number.map_or_else(|| Value::from(text), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use tandem_index::Kinds;

    use super::read;
    use crate::wire::problem::Code;

    #[test]
    fn filters_become_what_the_body_would_say() {
        let kinds = Kinds::builtin();
        let query = "filter.company=A%26B&filter.company=12&filter.pay.max=10..20&filter.years_min=3..\
            &filter.pay.max.unknown=include";
        let search = read(query, kinds.get("jobs").unwrap()).unwrap();
        let filters = serde_json::Value::Object(search.filters.unwrap().0);
        assert_eq!(
            filters,
            json!({
                "company": {"any": ["A&B", "12"]},
                "pay.max": {"gte": 10, "lte": 20, "unknown": "include"},
                "years_min": {"gte": 3},
            })
        );
    }

    #[test]
    fn wrong_parameters_are_named() {
        let cases = [
            ("facet=a", Code::UnknownMember, "/facet"),
            ("limit=many", Code::InvalidRequest, "/limit"),
            ("weight.text=x", Code::InvalidRequest, "/weight.text"),
            ("words=some", Code::InvalidRequest, "/words"),
        ];
        let kinds = Kinds::builtin();
        for (query, code, pointer) in cases {
            let refusal = read(query, kinds.get("jobs").unwrap()).unwrap_err();
            assert_eq!(
                (refusal.code, refusal.errors[0].pointer.as_str()),
                (code, pointer)
            );
        }
    }
}
