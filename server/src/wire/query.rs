//! The GET twin of search: a query string becomes the same [`Search`] its JSON
//! body would be.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tandem_index::Kind;
use tandem_index::kinds::FieldType;

use super::filter::Filters;
use super::members::{
    Count, CountedFacet, Explain, Facet, MaxPer, Near, Syntax, Unknown, Weights, Words,
};
use super::parameters::{self, SEARCH};
use super::problem::{Code, Fault, Outcome, Refusal};
use super::request::Search;
use crate::suggest;

// How the parameters of weights, filters and facets begin.
const WEIGHT: &str = "weight.";
const FILTER: &str = "filter.";
const FACET: &str = "facet.";

/// Reads a query string; the kind's columns tell numbers from text.
pub fn read(query: &str, kind: &Kind) -> Outcome<Search> {
    let pairs = pairs(query, &["literal", "exclude"])?;
    let mut search = Search::default();
    let mut filters = Map::new();
    let mut weights = BTreeMap::new();
    // A facet's own parameters may stand before the list that names it.
    let (late, first): (Vec<_>, Vec<_>) = pairs.iter().partition(|(name, _)| {
        name.starts_with(FACET) || ["km", "near.unknown"].contains(&name.as_str())
    });
    let names: Vec<&str> = pairs
        .iter()
        .filter_map(|(name, _)| name.strip_prefix(FILTER))
        .collect();
    for (name, value) in first.into_iter().chain(late) {
        if let Some(field) = name.strip_prefix(FILTER) {
            if value.trim().is_empty() {
                return Err(wrong(name, "is empty; it needs a value or a range"));
            }
            add_filter(&mut filters, (field, value), kind, &names);
        } else if let Some(component) = name.strip_prefix(WEIGHT) {
            let weight = value
                .parse()
                .map_err(|_text| wrong(name, "must be a number"))?;
            weights.insert(component.to_owned(), weight);
        } else if let Some(rest) = name.strip_prefix(FACET) {
            set_facet(&mut search, name, rest, value, kind)?;
        } else {
            set(&mut search, name, value)?;
        }
    }
    if !filters.is_empty() {
        search.filters = Some(Filters(filters));
    }
    if !weights.is_empty() {
        search.weights = Some(Weights(weights));
    }
    Ok(search)
}

/// Names and values of a query string. Only the values of a filter and the
/// names of `several` may be given more than once.
pub fn pairs(query: &str, several: &[&str]) -> Outcome<Vec<(String, String)>> {
    parameters::check(query)?;
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name.contains('\u{fffd}') || value.contains('\u{fffd}') {
            return Err(Refusal::new(
                Code::InvalidRequest,
                "the query string is not UTF-8",
            ));
        }
        let any_of =
            name.starts_with(FILTER) && !name.ends_with(".unknown") && !value.contains("..");
        let repeats = any_of || several.contains(&&*name);
        if !repeats && pairs.iter().any(|(other, _)| *other == name) {
            return Err(wrong(&name, "is given twice"));
        }
        pairs.push((name.into_owned(), value.into_owned()));
    }
    Ok(pairs)
}

fn set(search: &mut Search, name: &str, value: &str) -> Outcome<()> {
    let flag = || one_of(name, value, [("true", true), ("false", false)]).map(Some);
    match name {
        "q" => search.q = Some(value.to_owned()),
        "cursor" => search.cursor = Some(value.to_owned()),
        "now" => search.now = Some(value.to_owned()),
        "profile" => search.profile = Some(value.to_owned()),
        "limit" => {
            search.limit = Some(
                value
                    .parse()
                    .map_err(|_text| wrong(name, "must be a number from 0 to 1,000"))?,
            );
        }
        "words" => {
            let rules = [
                ("all", Words::All),
                ("most", Words::Most),
                ("any", Words::Any),
            ];
            search.words = Some(one_of(name, value, rules)?);
        }
        "syntax" => {
            let syntaxes = [
                ("auto", Syntax::Auto),
                ("words", Syntax::Words),
                ("boolean", Syntax::Boolean),
            ];
            search.syntax = Some(one_of(name, value, syntaxes)?);
        }
        "typo" => search.typo = flag()?,
        "prefix" => search.prefix = flag()?,
        "synonyms" => search.synonyms = flag()?,
        "understand" => search.understand = flag()?,
        "literal" => search
            .literal
            .get_or_insert_default()
            .push(value.to_owned()),
        "near" => search.near = Some(near(name, value)?),
        "km" => {
            let km = value
                .parse()
                .map_err(|_text| wrong(name, "must be a number of kilometres"))?;
            near_of(search, name)?.km = Some(km);
        }
        "near.unknown" => {
            let rules = [("exclude", Unknown::Exclude), ("include", Unknown::Include)];
            near_of(search, name)?.unknown = Some(one_of(name, value, rules)?);
        }
        "exclude" => search
            .exclude
            .get_or_insert_default()
            .extend(comma_list(name, value)?),
        "max_per" => search.max_per = Some(max_per(name, value)?),
        "count" => {
            search.count = Some(one_of(
                name,
                value,
                [("exact", Count::Exact), ("none", Count::None)],
            )?);
        }
        "highlight" => search.highlight = flag()?,
        "evidence" => search.evidence = flag()?,
        "blind" => search.blind = flag()?,
        "explain" => search.explain = Some(one_of(name, value, [("plan", Explain::Plan)])?),
        "facets" => {
            let names = comma_list(name, value)?;
            search.facets = Some(names.into_iter().map(Facet::Name).collect());
        }
        "sort" => search.sort = Some(comma_list(name, value)?),
        "fields" => search.fields = Some(comma_list(name, value)?),
        _ => {
            let known = SEARCH.iter().map(|known| known.0);
            let mut refusal = unknown(name, known.chain([super::at_least::MIN_SEQUENCE]));
            let families = ["filter", "facet", "weight"];
            if let Some((family, rest)) = name.split_once('.')
                && let Some(meant) = suggest::nearest(family, families)
                && let Some(fault) = refusal.errors.first_mut()
            {
                fault.did_you_mean = Some(format!("{meant}.{rest}"));
            }
            return Err(refusal);
        }
    }
    Ok(())
}

/// `52.52,13.40`, or a place's name.
fn near(name: &str, value: &str) -> Outcome<Near> {
    let mut near = Near::default();
    let numbers: Option<Vec<f64>> = value
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    match numbers.as_deref() {
        Some(&[lat, lon]) => (near.lat, near.lon) = (Some(lat), Some(lon)),
        Some(_) => return Err(wrong(name, "needs a place, or latitude,longitude")),
        None => near.place = Some(value.to_owned()),
    }
    Ok(near)
}

fn near_of<'a>(search: &'a mut Search, name: &str) -> Outcome<&'a mut Near> {
    search
        .near
        .as_mut()
        .ok_or_else(|| wrong(name, "goes with near"))
}

fn max_per(name: &str, value: &str) -> Outcome<MaxPer> {
    let read = value.rsplit_once(':').and_then(|(field, count)| {
        Some(MaxPer {
            field: field.to_owned(),
            count: count.parse().ok()?,
        })
    });
    read.ok_or_else(|| wrong(name, "must be FIELD:N, such as company:2"))
}

/// Sets `facet.FIELD.PART`; a facet that is not in the list joins it.
fn set_facet(search: &mut Search, name: &str, rest: &str, value: &str, kind: &Kind) -> Outcome<()> {
    const PARTS: [&str; 4] = ["limit", "search", "ranges", "currency"];
    let (field, part) = rest.rsplit_once('.').unwrap_or((rest, ""));
    if !PARTS.contains(&part) {
        let mut refusal = unknown(name, []);
        if let Some(fault) = refusal.errors.first_mut() {
            fault.did_you_mean = suggest::nearest(part, PARTS)
                .map(|part| format!("{FACET}{field}.{part}"))
                .or_else(|| Some("facets".to_owned()));
        }
        return Err(refusal);
    }
    let facets = search.facets.get_or_insert_default();
    let place = facets.iter().position(|facet| match facet {
        Facet::Name(known) => known == field,
        Facet::Counted(known) => known.field == field,
    });
    let place = place.unwrap_or_else(|| {
        facets.push(Facet::Name(field.to_owned()));
        facets.len() - 1
    });
    let Some(facet) = facets.get_mut(place) else {
        return Ok(());
    };
    if let Facet::Name(field) = facet {
        *facet = Facet::Counted(CountedFacet {
            field: std::mem::take(field),
            ..CountedFacet::default()
        });
    }
    if let Facet::Counted(facet) = facet {
        match part {
            "limit" => {
                let limit = value.parse();
                facet.limit = Some(limit.map_err(|_text| wrong(name, "must be a number"))?);
            }
            "search" => facet.search = Some(value.to_owned()),
            "ranges" => {
                let numeric = kind.is_numeric(field);
                let bounds = comma_list(name, value)?;
                let bounds = bounds.iter().map(|bound| scalar(bound, numeric));
                facet.ranges = Some(bounds.collect());
            }
            _ => facet.currency = Some(value.to_owned()),
        }
    }
    Ok(())
}

/// The items of a list with commas. Errors: an item without a letter, as the
/// only one of an empty list or the last behind a comma.
pub fn comma_list(name: &str, value: &str) -> Outcome<Vec<String>> {
    let items: Vec<String> = value
        .split(',')
        .map(|item| item.trim().to_owned())
        .collect();
    if items.iter().all(|item| !item.is_empty()) {
        return Ok(items);
    }
    Err(wrong(
        name,
        if items.len() == 1 {
            "the list is empty; leave the parameter out for the default"
        } else {
            "the list has an empty item: a comma too many"
        },
    ))
}

/// The meaning of a value that is one of a few words.
pub fn one_of<T: Copy, const N: usize>(
    name: &str,
    value: &str,
    known: [(&str, T); N],
) -> Outcome<T> {
    known
        .iter()
        .find(|(text, _)| *text == value)
        .map(|(_, meaning)| *meaning)
        .ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(text, _)| *text).collect();
            wrong(name, &format!("must be {}", names.join(" or ")))
        })
}

/// The refusal of a parameter's value.
pub fn wrong(name: &str, detail: &str) -> Refusal {
    Refusal::at(
        Code::InvalidRequest,
        format!("/{}", suggest::escape(name)),
        detail,
    )
}

/// The refusal of a parameter that is none of the `known` ones.
pub fn unknown<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Refusal {
    let known: Vec<&str> = known.into_iter().collect();
    let detail = if known.is_empty() {
        "no such query parameter".to_owned()
    } else {
        format!("no such query parameter; there are {}", known.join(", "))
    };
    Refusal::because(vec![Fault {
        pointer: format!("/{}", suggest::escape(name)),
        code: Code::UnknownMember,
        detail,
        did_you_mean: suggest::nearest(name, known),
    }])
}

/// What is known of fields, to read their values from text: by the server of
/// its kinds, by the command line of what the server told.
pub trait Fields {
    /// Whether it is compared as a number: a numeric column, or pay.
    fn is_numeric(&self, field: &str) -> bool;
    /// Whether it is a field of type pay.
    fn is_pay(&self, field: &str) -> bool;
}

impl Fields for Kind {
    fn is_numeric(&self, field: &str) -> bool {
        let mut columns = self.columns().iter();
        columns.any(|column| column.name == field && column.numeric) || self.is_pay(field)
    }

    fn is_pay(&self, field: &str) -> bool {
        self.field(field)
            .is_some_and(|field| field.field_type == FieldType::Pay)
    }
}

/// Adds one `filter.FIELD` to the object the JSON form would have; `names` are
/// those of all filters.
pub fn add_filter(
    filters: &mut Map<String, Value>,
    (name, value): (&str, &str),
    known: &dyn Fields,
    names: &[&str],
) {
    // Beside a range of pay its currency is a part of that condition; without
    // one it is the column of documents' currencies.
    let of_pay = |field: &str| known.is_pay(field) && names.contains(&field);
    let parts = ["unknown", "currency", "period"];
    let (field, part) = match name.rsplit_once('.') {
        Some((field, part)) if parts.contains(&part) && (part == "unknown" || of_pay(field)) => {
            (field, part)
        }
        _ => (name, "any"),
    };
    let numeric = known.is_numeric(field);
    let condition = filters
        .entry(field)
        .or_insert_with(|| Value::Object(Map::new()));
    let Some(condition) = condition.as_object_mut() else {
        return;
    };
    if part != "any" {
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
pub fn scalar(text: &str, numeric: bool) -> Value {
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
    use crate::wire::request::Search;

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
    fn the_members_of_a_body_can_be_said_in_a_query_string() {
        let kinds = Kinds::builtin();
        let query = "facet.pay.ranges=40000,60000.5&facet.pay.currency=EUR&facets=company,pay&km=20&near=Paris,+France\
            &near.unknown=include&literal=80k&literal=new+york&exclude=a,b&exclude=c&max_per=company:2&typo=false\
            &syntax=boolean&profile=sales&filter.pay=50000..&filter.pay.currency=USD&filter.pay.period=month";
        let search = read(query, kinds.get("jobs").unwrap()).unwrap();
        let body = json!({
            "facets": ["company", {"field": "pay", "ranges": [40000, 60000.5], "currency": "EUR"}],
            "near": {"place": "Paris, France", "km": 20, "unknown": "include"},
            "literal": ["80k", "new york"], "exclude": ["a", "b", "c"],
            "max_per": {"field": "company", "count": 2}, "typo": false, "syntax": "boolean", "profile": "sales",
            "filters": {"pay": {"gte": 50000, "currency": "USD", "period": "month"}},
        });
        let body: Search = serde_json::from_value(body).unwrap();
        assert_eq!(
            search.request("jobs", 0).unwrap(),
            body.request("jobs", 0).unwrap()
        );
        let alone = read(
            "filter.pay.currency=USD&near=52.5,13.4",
            kinds.get("jobs").unwrap(),
        );
        let alone = alone.unwrap();
        assert_eq!(
            json!(alone.filters.unwrap().0),
            json!({"pay.currency": {"any": ["USD"]}})
        );
        assert_eq!(alone.near.unwrap().lon, Some(13.4));
    }

    #[test]
    fn a_family_of_parameters_is_suggested_with_its_member() {
        let kinds = Kinds::builtin();
        for (query, meant) in [
            ("filters.company=x", "filter.company"),
            ("facets.skills.limit=1", "facet.skills.limit"),
            ("filter=x", "filter.FIELD"),
        ] {
            let found = read(query, kinds.get("jobs").unwrap()).unwrap_err().errors;
            assert_eq!(found[0].did_you_mean.as_deref(), Some(meant), "{query}");
        }
    }

    #[test]
    fn wrong_parameters_are_named() {
        let cases = [
            ("facet=a", Code::UnknownMember, "/facet"),
            ("facet.pay.range=1", Code::UnknownMember, "/facet.pay.range"),
            ("km=5", Code::InvalidRequest, "/km"),
            ("near=1,2,3", Code::InvalidRequest, "/near"),
            ("max_per=company", Code::InvalidRequest, "/max_per"),
            ("typo=no", Code::InvalidRequest, "/typo"),
            ("q=a&q=b", Code::InvalidRequest, "/q"),
            ("limit=many", Code::InvalidRequest, "/limit"),
            ("weight.text=x", Code::InvalidRequest, "/weight.text"),
            ("words=some", Code::InvalidRequest, "/words"),
            ("facets=", Code::InvalidRequest, "/facets"),
            ("filter.company=", Code::InvalidRequest, "/filter.company"),
            ("fields=+", Code::InvalidRequest, "/fields"),
            ("sort=,pay", Code::InvalidRequest, "/sort"),
            ("exclude=a,,b", Code::InvalidRequest, "/exclude"),
            ("exclude=a&exclude=", Code::InvalidRequest, "/exclude"),
            ("fields=title,", Code::InvalidRequest, "/fields"),
            (
                "facet.pay.ranges=1,",
                Code::InvalidRequest,
                "/facet.pay.ranges",
            ),
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
