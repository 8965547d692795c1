//! How a query was read, on one line: what became a filter, which other words
//! match, and what was probably meant.

use serde_json::Value;

use super::table::text;

/// The line; empty where the query was taken as it stands.
pub(super) fn line(answer: &Value) -> String {
    let applied = &answer["applied"];
    let mut parts = Vec::new();
    if let Some(boolean) = applied["boolean"].as_str() {
        parts.push(format!("boolean: {boolean}"));
    }
    parts.extend(list(&applied["understood"]).map(understood));
    let near = &applied["near"];
    let by_words = list(&applied["understood"]).any(|one| one["as"] == "place");
    if near.is_object() && !by_words {
        parts.push(around(near));
    }
    parts.extend(list(&applied["expansions"]).map(expansion));
    if let Some(meant) = answer["did_you_mean"].as_str() {
        parts.push(format!("did you mean \"{}\"?", text(&Value::from(meant))));
    }
    parts.join(" · ")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// `"80k" is pay ≥ 80000 EUR`.
fn understood(one: &Value) -> String {
    let words = text(&one["text"]);
    if one["near"].is_object() {
        return format!("\"{words}\" is {}", around(&one["near"]));
    }
    let filters = one["filter"].as_object().into_iter().flatten();
    let filters: Vec<String> = filters
        .map(|(field, condition)| match bounds(condition) {
            // `remote` has the value `remote`.
            value if value == *field => value,
            value => format!("{field} {value}"),
        })
        .collect();
    format!("\"{words}\" is {}", filters.join(" and "))
}

fn around(near: &Value) -> String {
    let place = if near["place"].is_string() {
        text(&near["place"])
    } else {
        format!("{}, {}", near["lat"], near["lon"])
    };
    format!("within {} km of {place}", text(&near["km"]))
}

/// A condition in short.
fn bounds(condition: &Value) -> String {
    let Some(members) = condition.as_object() else {
        return text(condition);
    };
    let signs = [("gte", "≥"), ("gt", ">"), ("lte", "≤"), ("lt", "<")];
    let mut parts: Vec<String> = signs
        .into_iter()
        .filter_map(|(name, sign)| Some(format!("{sign} {}", text(members.get(name)?))))
        .collect();
    parts.extend(members.get("any").map(text));
    parts.extend(members.get("all").map(text));
    parts.extend(
        members
            .get("none")
            .map(|none| format!("not {}", text(none))),
    );
    parts.extend(members.get("currency").map(text));
    parts.extend(
        members
            .get("period")
            .map(|period| format!("a {}", text(period))),
    );
    parts.join(" ")
}

/// `enginer → engineer (typo)`.
fn expansion(one: &Value) -> String {
    let words = |value: &Value| match value {
        Value::Array(list) => {
            let mut shown: Vec<String> = list.iter().take(3).map(text).collect();
            if list.len() > 3 {
                shown.push("…".to_owned());
            }
            shown.join(", ")
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            text(value)
        }
    };
    let (word, why) = (text(&one["word"]), text(&one["why"]));
    format!("{word} → {} ({why})", words(&one["to"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::line;

    #[test]
    fn how_a_query_was_read_is_said_on_one_line() {
        let answer = json!({
            "applied": {
                "understood": [
                    {"text": "80k", "as": "pay", "filter": {"pay": {"gte": 80000, "currency": "EUR"}}},
                    {"text": "berlin", "as": "place", "near": {"place": "Berlin, DE", "km": 50, "lat": 1, "lon": 2}},
                ],
                "near": {"place": "Berlin, DE", "km": 50},
                "expansions": [{"word": "enginer", "to": ["engineer"], "why": "typo"}],
            },
            "did_you_mean": "data engineer",
        });
        let expected = "\"80k\" is pay ≥ 80000 EUR · \"berlin\" is within 50 km of Berlin, DE · \
            enginer → engineer (typo) · did you mean \"data engineer\"?";
        assert_eq!(line(&answer), expected);
        let remote =
            json!({"text": "remote", "as": "remote", "filter": {"remote": {"any": ["remote"]}}});
        let home = json!({"text": "home office", "as": "remote", "filter": {"remote": {"any": ["hybrid"]}}});
        let both = json!({"applied": {"understood": [remote, home]}});
        assert_eq!(
            line(&both),
            "\"remote\" is remote · \"home office\" is remote hybrid"
        );
        assert_eq!(line(&json!({"applied": {"words": ["data"]}})), "");
        let boolean =
            json!({"applied": {"boolean": "rust AND go", "near": {"lat": 1, "lon": 2, "km": 5}}});
        assert_eq!(line(&boolean), "boolean: rust AND go · within 5 km of 1, 2");
    }
}
