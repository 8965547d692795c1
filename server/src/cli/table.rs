//! Tables for a terminal: fitted to its width, without control characters.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{applied, explain, print};

/// Points of the highest score.
const SCORE_MAX: f64 = 1_000_000.0;

/// The hits of an answer, two lines each; then facets, the total and notes.
pub(super) fn hits(answer: &Value, width: usize) -> String {
    let mut table = String::new();
    let read = applied::line(answer);
    if !read.is_empty() {
        push(&mut table, &dim(&fit(&read, width)));
    }
    push_hits(&mut table, answer, width);
    push_facets(&mut table, &answer["facets"], width);
    push_total(&mut table, answer, width);
    if let Some(plan) = answer["plan"].as_object() {
        push(
            &mut table,
            &format!("plan: {}", Value::Object(plan.clone())),
        );
    }
    table
}

fn push_hits(table: &mut String, answer: &Value, width: usize) {
    let hits = answer["hits"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let id_width = hits
        .iter()
        .map(|hit| text(&hit["id"]).chars().count())
        .max()
        .unwrap_or(0)
        .clamp(2, 24);
    for (place, hit) in hits.iter().enumerate() {
        let id = fit(&text(&hit["id"]), id_width);
        let (score, word) = standing(hit);
        let head = format!("{:>4}  {score}  {id}  {word}", place + 1);
        let room = width.saturating_sub(head.chars().count());
        push(
            table,
            &format!("{}{}", bold(&head), fit(&document(&hit["document"]), room)),
        );
        let indent = " ".repeat(13);
        push(
            table,
            &format!(
                "{indent}{}",
                dim(&fit(&reasons(hit), width.saturating_sub(13)))
            ),
        );
    }
}

fn push_total(table: &mut String, answer: &Value, width: usize) {
    let shown = answer["hits"].as_array().map_or(0, Vec::len);
    if let Some(total) = answer["total"]["value"].as_u64() {
        let rule = text(&answer["total"]["rule"]);
        let head = format!("{shown} of {total}");
        let room = width.saturating_sub(head.chars().count() + 2);
        push(table, &format!("{head}  {}", dim(&fit(&rule, room))));
    } else {
        push(table, &format!("{shown} shown"));
    }
    if answer["total"]["value"] == 0 && answer["did_you_mean"].is_null() {
        push(table, "nothing fits: try fewer words, or fewer filters");
    }
    for warning in answer["warnings"].as_array().into_iter().flatten() {
        push(table, &format!("note: {}", text(warning)));
    }
}

/// The values of each facet on a line; the levels of a hierarchy indented.
fn push_facets(table: &mut String, facets: &Value, width: usize) {
    for (field, values) in facets.as_object().into_iter().flatten() {
        let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
        let shown: Vec<String> = values.iter().map(facet_value).collect();
        let head = format!("{field}: ");
        let room = width.saturating_sub(head.chars().count());
        push(
            table,
            &format!("{}{}", bold(&head), fit(&shown.join(", "), room)),
        );
    }
}

/// `DE 12 (Berlin 7, Bonn 2)`.
fn facet_value(value: &Value) -> String {
    let shown = format!("{} {}", text(&value["value"]), value["count"]);
    let children: Vec<String> = value["children"]
        .as_array()
        .into_iter()
        .flatten()
        .map(facet_value)
        .collect();
    if children.is_empty() {
        shown
    } else {
        format!("{shown} ({})", children.join(", "))
    }
}

/// Suggestions, a line each.
pub(super) fn suggestions(answer: &Value, width: usize) -> String {
    let mut table = String::new();
    let list = answer["suggestions"].as_array();
    for one in list.into_iter().flatten() {
        let alias = one["alias"].as_str().map(|alias| format!(" ({alias})"));
        let line = format!(
            "{:>7}  {:<8} {}{}",
            text(&one["count"]),
            text(&one["type"]),
            text(&one["text"]),
            alias.unwrap_or_default()
        );
        push(&mut table, &fit(&line, width));
    }
    if table.is_empty() {
        push(&mut table, "no suggestions");
    }
    table
}

/// The score, and the word for one that is no comparison: a document that says
/// nothing has no number.
fn standing(hit: &Value) -> (String, &'static str) {
    let gates = hit["gates"]
        .as_array()
        .is_some_and(|gates| !gates.is_empty());
    match (hit["insufficient_data"] == true, gates) {
        (true, _) => ("    –".to_owned(), "insufficient data  "),
        (false, true) => (percent(&hit["score"]), "gated  "),
        (false, false) => (percent(&hit["score"]), ""),
    }
}

/// How far it is, and the three parts that add most and the one that takes most;
/// of a gated hit why it is.
fn reasons(hit: &Value) -> String {
    let gates = hit["gates"].as_array().map(Vec::as_slice);
    if let Some(gates @ [_, ..]) = gates {
        let gates: Vec<String> = gates.iter().map(explain::gated).collect();
        return gates.join("; ");
    }
    let distance = hit["distance_km"]
        .as_f64()
        .map(|km| format!("{km:.0} km  "));
    let mut parts: Vec<&Value> = hit["contributions"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let points = |part: &Value| part["points"].as_i64().unwrap_or(0);
    parts.sort_by_key(|part| std::cmp::Reverse(points(part)));
    let taken = parts.last().copied().filter(|part| points(part) < 0);
    let added = parts.into_iter().filter(|part| points(part) > 0).take(3);
    let parts: Vec<String> = added
        .chain(taken)
        .map(|part| {
            let shown = percent(&part["points"]).trim().replace('-', "−");
            format!("{} {shown}", text(&part["name"]))
        })
        .collect();
    distance.unwrap_or_default() + &parts.join("  ")
}

/// The shown fields of a document on one line.
pub(super) fn document(document: &Value) -> String {
    let Some(fields) = document.as_object() else {
        return String::new();
    };
    let lead = ["title", "headline", "name"];
    let mut parts: Vec<String> = lead
        .iter()
        .filter_map(|name| fields.get(*name))
        .map(text)
        .collect();
    let rest = fields
        .iter()
        .filter(|(name, _)| !lead.contains(&name.as_str()) && name.as_str() != "url");
    parts.extend(rest.map(|(_, value)| text(value)));
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// A value as text on one line.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect(),
        Value::Bool(_) => value.to_string(),
        // Amounts are kept as floating point; nobody writes 60000.0.
        Value::Number(number) => {
            let shown = number.to_string();
            shown.strip_suffix(".0").unwrap_or(&shown).to_owned()
        }
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(members) if ["min", "max"].iter().any(|m| members.contains_key(*m)) => {
            pay(value)
        }
        Value::Object(members) if says_its_place(members) => text(&value["text"]),
        // Where a place is named, its coordinates say nothing to a reader.
        Value::Object(members) => {
            let members = members
                .iter()
                .filter(|(name, _)| !["lat", "lon"].contains(&name.as_str()));
            let mut parts: Vec<String> = members.map(|(_, value)| text(value)).collect();
            // Berlin is a city and a region.
            parts.dedup();
            parts.join(" ")
        }
    }
}

/// Whether an object is a place whose text, as its source writes it, says its
/// parts too: its city, or what else it has.
fn says_its_place(members: &Map<String, Value>) -> bool {
    let parts = ["city", "region", "country"];
    let known = |name: &String| ["text", "lat", "lon"].contains(&name.as_str());
    let own = |name: &String| known(name) || parts.contains(&name.as_str());
    let Some(said) = members.get("text").and_then(Value::as_str) else {
        return false;
    };
    let said = said.to_lowercase();
    let mut named = parts.iter().filter_map(|part| members.get(*part)?.as_str());
    let first = named.next().unwrap_or_default().to_lowercase();
    // A country is a code beside its name.
    let is_said = said.contains(&first) || !members.contains_key("city");
    members.keys().all(own) && !said.trim().is_empty() && is_said
}

/// `2,800–3,400 EUR/month`.
fn pay(value: &Value) -> String {
    let [min, max] = ["min", "max"].map(|bound| value[bound].as_f64().map(grouped));
    let mut shown = match (min, max) {
        (Some(min), Some(max)) if min == max => min,
        (Some(min), Some(max)) => format!("{min}–{max}"),
        (Some(min), None) => format!("from {min}"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => String::new(),
    };
    if value["currency"].is_string() {
        shown.extend([" ", &text(&value["currency"])]);
    }
    if value["period"].is_string() {
        shown.extend(["/", &text(&value["period"])]);
    }
    shown
}

/// `2,800`, `17.50`.
fn grouped(amount: f64) -> String {
    let shown = if amount.fract() == 0.0 {
        format!("{amount:.0}")
    } else {
        format!("{amount:.2}")
    };
    let whole = shown.find('.').unwrap_or(shown.len());
    let mut out = String::new();
    for (at, digit) in shown.chars().enumerate() {
        if at > 0 && at < whole && (whole - at).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Points in percent of the highest score: ` 73.5`.
pub(super) fn percent(points: &Value) -> String {
    format!(
        "{:>5.1}",
        points.as_f64().unwrap_or(0.0) / SCORE_MAX * 100.0
    )
}

/// At most so many characters, with an ellipsis where something is cut.
pub(super) fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

pub(super) fn push(table: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _written = writeln!(table, "{}", line.trim_end());
}

pub(super) fn bold(text: &str) -> String {
    style("1", text)
}

pub(super) fn dim(text: &str) -> String {
    style("2", text)
}

fn style(code: &str, text: &str) -> String {
    if print::has_colours() {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{hits, text};

    #[test]
    fn pay_is_shown_as_people_write_it() {
        let cases = [
            (
                json!({"min": 5.0, "max": 5.0, "currency": "EUR", "period": "hour"}),
                "5 EUR/hour",
            ),
            (
                json!({"min": 2800, "max": 3400, "currency": "EUR", "period": "month"}),
                "2,800–3,400 EUR/month",
            ),
            (
                json!({"min": 17.5, "currency": "USD", "period": "hour"}),
                "from 17.50 USD/hour",
            ),
            (
                json!({"max": 1_234_567, "currency": "INR"}),
                "up to 1,234,567 INR",
            ),
            (
                json!({"city": "Berlin", "country": "DE", "lat": 52.5}),
                "Berlin DE",
            ),
            (
                json!({"text": "Berlin, Germany", "city": "Berlin", "region": "Berlin", "country": "DE"}),
                "Berlin, Germany",
            ),
            (
                json!({"city": "Berlin", "region": "Berlin", "country": "DE"}),
                "Berlin DE",
            ),
            // A text that does not say where it is stands beside what does.
            (
                json!({"text": "Headquarters", "city": "Berlin", "country": "DE"}),
                "Headquarters Berlin DE",
            ),
            (json!({"text": "Germany", "country": "DE"}), "Germany"),
            // Anything else that has a text keeps the rest.
            (json!({"text": "see", "more": "this"}), "see this"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(&value), expected);
        }
    }

    #[test]
    fn lines_fit_the_terminal_and_hold_no_control_characters() {
        let answer = json!({
            "hits": [{
                "id": "j-1", "kind": "jobs", "score": 734_512,
                "contributions": [{"name": "text.title", "points": 210_334, "max": 300_000, "unknown": false}],
                "document": {"title": "Data\u{1b}[31m Engineer ".repeat(9), "skills": ["SQL"]},
            }],
            "total": {"value": 12, "rule": "filters"},
        });
        for width in [40, 80] {
            let table = hits(&answer, width);
            assert!(
                table
                    .lines()
                    .take(2)
                    .all(|line| line.chars().count() <= width),
                "{table}"
            );
            assert!(!table.contains('\u{1b}'));
            assert!(table.contains("73.5") && table.contains("1 of 12"));
        }
    }

    #[test]
    fn a_hit_that_is_no_comparison_says_so_in_a_word() {
        let hit = |more: serde_json::Value| {
            let mut hit = json!({"id": "j-1", "kind": "jobs", "score": 0, "document": {"title": "Nurse"},
                "contributions": [{"name": "text.title", "points": 9_000}, {"name": "place", "points": -90_000}]});
            hit.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            hits(&json!({"hits": [hit]}), 100)
        };
        let shown = hit(json!({}));
        assert!(
            shown.contains("0.0  j-1  Nurse") && shown.contains("text.title 0.9  place −9.0"),
            "{shown}"
        );
        let gates = json!([{"must": "pay", "reason": "less is paid than is wanted"}]);
        let shown = hit(json!({"gates": gates}));
        assert!(shown.contains("0.0  j-1  gated  Nurse"), "{shown}");
        assert!(
            shown.contains("gated by pay: less is paid than is wanted"),
            "{shown}"
        );
        let shown = hit(json!({"insufficient_data": true}));
        assert!(
            shown.contains("–  j-1  insufficient data  Nurse") && !shown.contains("0.0"),
            "{shown}"
        );
    }
}
