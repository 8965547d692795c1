//! `--filter FIELD=VALUE` and the like as the JSON the API takes, with the
//! rules of the GET twin.

use serde_json::{Map, Value};

use super::client::Server;
use super::error::{CliError, Exit};
use crate::wire::query::{Fields, add_filter, scalar};

/// What a server knows of the fields of a kind.
pub(super) struct Known(Value);

impl Known {
    /// Asks the server; nothing is known of a kind it does not have.
    pub(super) fn ask(server: &Server, kind: &str) -> Result<Self, CliError> {
        let kinds = server.ask("GET", "/v1/kinds", None)?;
        let mut kinds = kinds["kinds"].as_array().into_iter().flatten();
        let known = kinds.find(|known| known["name"] == kind);
        Ok(Self(known.cloned().unwrap_or_default()))
    }

    /// Where it makes no difference.
    pub(super) fn nothing() -> Self {
        Self(Value::Null)
    }

    fn any(&self, list: &str, fits: impl Fn(&Value) -> bool) -> bool {
        self.0[list].as_array().into_iter().flatten().any(fits)
    }
}

impl Fields for Known {
    fn is_numeric(&self, field: &str) -> bool {
        self.is_pay(field)
            || self.any("columns", |column| {
                column["name"] == field && column["numeric"] == true
            })
    }

    fn is_pay(&self, field: &str) -> bool {
        self.any("fields", |known| {
            known["name"] == field && known["type"] == "pay"
        })
    }
}

/// The `filters` member.
pub(super) fn filters(known: &dyn Fields, given: &[String]) -> Result<Option<Value>, CliError> {
    let split: Result<Vec<_>, _> = given.iter().map(|one| split(one, "--filter")).collect();
    let split = split?;
    let names: Vec<&str> = split.iter().map(|(name, _)| *name).collect();
    let mut filters = Map::new();
    for (name, value) in &split {
        add_filter(&mut filters, (name, value), known, &names);
    }
    Ok((!filters.is_empty()).then_some(Value::Object(filters)))
}

/// The `facets` member: names, or `FIELD=10,20,30` with bounds.
pub(super) fn facets(known: &dyn Fields, given: &[String]) -> Option<Value> {
    let one = |facet: &String| match facet.split_once('=') {
        None => Value::from(facet.as_str()),
        Some((field, bounds)) => {
            let numeric = known.is_numeric(field);
            let bounds = bounds.split(',').map(|bound| scalar(bound.trim(), numeric));
            serde_json::json!({"field": field, "ranges": bounds.collect::<Vec<_>>()})
        }
    };
    (!given.is_empty()).then(|| given.iter().map(one).collect())
}

/// The `weights` member.
pub(super) fn weights(given: &[String]) -> Result<Option<Value>, CliError> {
    let mut weights = Map::new();
    for weight in given {
        let (name, value) = split(weight, "--weight")?;
        let number: f64 = value.parse().map_err(|_text| {
            CliError::new(
                Exit::Usage,
                format!("--weight {weight}: {value} is not a number"),
            )
        })?;
        weights.insert(name.to_owned(), Value::from(number));
    }
    Ok((!weights.is_empty()).then_some(Value::Object(weights)))
}

/// Splits `NAME=VALUE`.
pub(super) fn split<'a>(given: &'a str, option: &str) -> Result<(&'a str, &'a str), CliError> {
    given
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| {
            CliError::new(
                Exit::Usage,
                format!("{option} {given}: expected NAME=VALUE"),
            )
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Known, facets, filters, weights};

    fn known() -> Known {
        Known(json!({
            "columns": [{"name": "years", "numeric": true}, {"name": "city", "numeric": false}],
            "fields": [{"name": "pay", "type": "pay"}],
        }))
    }

    #[test]
    fn filters_follow_the_rules_of_the_query_string() {
        let given = [
            "city=Bonn",
            "city=12",
            "years=3..5",
            "years=4",
            "pay=60000..",
            "pay.currency=USD",
        ];
        let read = filters(&known(), &given.map(str::to_owned)).unwrap();
        let expected = json!({
            "city": {"any": ["Bonn", "12"]}, "years": {"gte": 3, "lte": 5, "any": [4]},
            "pay": {"gte": 60000, "currency": "USD"},
        });
        assert_eq!(read, Some(expected));
        assert!(filters(&known(), &["city".to_owned()]).is_err());
    }

    #[test]
    fn facets_are_names_or_have_bounds() {
        let given = ["city".to_owned(), "pay=40000,60000".to_owned()];
        let expected = json!(["city", {"field": "pay", "ranges": [40000, 60000]}]);
        assert_eq!(facets(&known(), &given), Some(expected));
    }

    #[test]
    fn weights_are_numbers() {
        assert_eq!(
            weights(&["text=5".into()]).unwrap(),
            Some(json!({"text": 5.0}))
        );
        assert!(weights(&["text=much".into()]).is_err());
        assert!(weights(&["text".into()]).is_err());
    }
}
