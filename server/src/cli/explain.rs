//! The score of one pair for a terminal: groups with their points, parts with
//! bars, what is taken with a minus, gates with their reasons. Owns the layout;
//! the numbers are the server's.

use serde_json::Value;

use super::table::{bold, dim, document, fit, percent, push, text};

const BAR: i64 = 20;
/// Width of a part's name: `skills.preferred` behind its indent.
const NAME: usize = 18;

/// The score of one hit in parts.
pub(super) fn explanation(hit: &Value, width: usize) -> String {
    let mut table = String::new();
    let head = format!(
        "{} {}  {}",
        text(&hit["kind"]),
        text(&hit["id"]),
        standing(hit)
    );
    push(&mut table, &bold(&fit(&head, width)));
    push(&mut table, &fit(&document(&hit["document"]), width));
    for gate in list(&hit["gates"]) {
        push(&mut table, &fit(&gated(gate), width));
    }
    let parts: Vec<&Value> = list(&hit["contributions"]).collect();
    let mut groups: Vec<&str> = Vec::new();
    for part in &parts {
        let group = part["group"].as_str().unwrap_or_default();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    for group in groups {
        let of = |part: &&&Value| part["group"].as_str().unwrap_or_default() == group;
        let parts: Vec<&Value> = parts.iter().filter(of).copied().collect();
        push(&mut table, &bold(&fit(&heading(group, &parts), width)));
        for part in parts {
            push(&mut table, &fit(&line(part), width));
        }
    }
    for (side, name) in [("source_wants", "source"), ("document_wants", "document")] {
        let wants = &hit["two_way"][side];
        if let Some(points) = wants["points"].as_i64() {
            let line = format!(
                "what the {name} wants: {} of {}",
                signed(points),
                text(&wants["max"])
            );
            push(&mut table, &dim(&fit(&line, width)));
        }
    }
    table
}

/// `73.5 of 100, 71.2 to 80.0 when more is said, 92 % known`; no number where
/// nothing is known.
fn standing(hit: &Value) -> String {
    if hit["insufficient_data"] == true {
        return "insufficient data".to_owned();
    }
    let score = format!("{} of 100", percent(&hit["score"]).trim());
    if list(&hit["gates"]).next().is_some() {
        return format!("{score}, gated");
    }
    let mut shown = vec![score];
    if hit["low"] != hit["high"] {
        let [low, high] = ["low", "high"].map(|end| percent(&hit[end]));
        let range = format!("{} to {} when more is said", low.trim(), high.trim());
        shown.push(range);
    }
    if let Some(known) = hit["completeness"].as_u64() {
        shown.push(format!("{known} % known"));
    }
    shown.join(", ")
}

/// `gated by certificates: why (missing: CPA)`.
pub(super) fn gated(gate: &Value) -> String {
    let missing: Vec<String> = list(&gate["missing"]).map(text).collect();
    let mut shown = format!(
        "gated by {}: {}",
        text(&gate["must"]),
        text(&gate["reason"])
    );
    if !missing.is_empty() {
        shown.extend([" (missing: ", &missing.join(", "), ")"]);
    }
    shown
}

/// The group with the sum of its points, of what they could have come to.
fn heading(group: &str, parts: &[&Value]) -> String {
    let points: i64 = parts.iter().map(|part| whole(&part["points"])).sum();
    if ["adjustment", "limit", "gate"].contains(&group) {
        return format!("{:<41} {:>8}", format!("{group}s"), signed(points));
    }
    // The parts of the text share one maximum.
    let mut shared = false;
    let max: i64 = (parts.iter())
        .filter(|part| {
            let is_text = text(&part["name"]).starts_with("text.");
            !is_text || !std::mem::replace(&mut shared, true)
        })
        .map(|part| whole(&part["max"]))
        .sum();
    format!("{group:<41} {:>8} of {max:>7}", signed(points))
}

/// A part: its name, a bar, its points, and the names behind them.
fn line(part: &Value) -> String {
    let (points, min, max) = (
        whole(&part["points"]),
        whole(&part["min"]),
        whole(&part["max"]),
    );
    let most = if points < 0 { -min } else { max };
    let filled = if most <= 0 {
        0
    } else {
        ((points.abs() * BAR + most - 1) / most).min(BAR) as usize
    };
    let sign = if points < 0 { "▒" } else { "█" };
    let bar = format!(
        "{}{}",
        sign.repeat(filled),
        "·".repeat(BAR as usize - filled)
    );
    let room = match (min, max) {
        (_, 0) if points <= 0 => String::new(),
        (0, max) => format!(" of {max:>7}"),
        (min, max) => format!(" of {} … {}", signed(min), signed(max)),
    };
    let open = if part["unknown"] == true {
        "  unknown"
    } else {
        ""
    };
    let could = match (whole(&part["low"]), whole(&part["high"])) {
        (low, high) if low == high => String::new(),
        (low, high) => format!("  ({} … {} when more is said)", signed(low), signed(high)),
    };
    format!(
        "  {:<NAME$} {bar} {:>8}{room}{open}{could}{}",
        text(&part["name"]),
        signed(points),
        names(part)
    )
}

/// `  + Python, SQL  ~ MySQL for PostgreSQL 50 %  − Airflow`.
fn names(part: &Value) -> String {
    let plain = |member: &str| list(&part[member]).map(text).collect::<Vec<_>>().join(", ");
    let partial = list(&part["partial"]).map(|one| {
        let (wanted, held) = (text(&one["wanted"]), text(&one["held"]));
        format!("{held} for {wanted} {} %", text(&one["percent"]))
    });
    let lists = [
        ("  + ", plain("found")),
        ("  ~ ", partial.collect::<Vec<_>>().join(", ")),
        ("  − ", plain("missing")),
    ];
    let mut shown = String::new();
    for (sign, names) in lists.iter().filter(|(_, names)| !names.is_empty()) {
        shown.extend([*sign, names]);
    }
    shown
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn whole(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

/// A minus people read as one.
pub(super) fn signed(points: i64) -> String {
    if points < 0 {
        format!("−{}", -points)
    } else {
        points.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::explanation;

    fn pair() -> Value {
        json!({
            "kind": "candidates", "id": "c-1", "score": 500_000, "low": 480_000, "high": 620_000, "completeness": 80,
            "document": {"headline": "Nurse"},
            "two_way": {"source_wants": {"points": 520_000, "max": 1_000_000},
                "document_wants": {"points": -20_000, "max": 10_000}},
            "contributions": [
                {"name": "text.title", "group": "skills", "points": 100_000, "min": 0, "max": 300_000, "low": 100_000, "high": 100_000, "unknown": false},
                {"name": "text.text", "group": "skills", "points": 50_000, "min": 0, "max": 300_000, "low": 50_000, "high": 50_000, "unknown": false},
                {"name": "skills.required", "group": "skills", "points": 370_000, "min": 0, "max": 400_000, "low": 370_000, "high": 370_000, "unknown": false,
                    "found": ["Triage"], "partial": [{"wanted": "PostgreSQL", "held": "MySQL", "percent": 50}], "missing": ["dbt"]},
                {"name": "years", "group": "experience", "points": 0, "min": 0, "max": 90_000, "low": 0, "high": 90_000, "unknown": true},
                {"name": "place", "group": "adjustment", "points": -20_000, "min": -100_000, "max": 10_000, "low": -20_000, "high": -20_000, "unknown": false},
            ],
        })
    }

    #[test]
    fn groups_adjustments_and_what_is_open_are_told_apart() {
        let shown = explanation(&pair(), 200);
        for part in [
            "candidates c-1  50.0 of 100, 48.0 to 62.0 when more is said, 80 % known",
            // The parts of the text share one maximum.
            "520000 of  700000",
            "370000 of  400000  + Triage  ~ MySQL for PostgreSQL 50 %  − dbt",
            "of   90000  unknown  (0 … 90000 when more is said)",
            "▒▒▒▒················   −20000 of −100000 … 10000",
            "what the source wants: 520000 of 1000000",
            "what the document wants: −20000 of 10000",
        ] {
            assert!(shown.contains(part), "{part} is not in\n{shown}");
        }
        assert!(
            explanation(&pair(), 60)
                .lines()
                .all(|line| line.chars().count() <= 60)
        );
    }

    #[test]
    fn a_gate_is_said_with_its_reason_and_nothing_known_has_no_number() {
        let mut gated = pair();
        gated["score"] = json!(0);
        gated["gates"] =
            json!([{"must": "certificates", "reason": "one is missing", "missing": ["CPA"]}]);
        let shown = explanation(&gated, 120);
        assert!(shown.contains("0.0 of 100, gated\n"), "{shown}");
        assert!(shown.contains("gated by certificates: one is missing (missing: CPA)"));
        let mut silent = pair();
        silent["insufficient_data"] = json!(true);
        let head = explanation(&silent, 120).lines().next().unwrap().to_owned();
        assert_eq!(head, "candidates c-1  insufficient data");
    }
}
