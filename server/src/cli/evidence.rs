//! What the points of a pair were read from, for a terminal: a line a want, with
//! what meets it and the words of either document. Owns the layout.

use serde_json::Value;

use super::table::{bold, fit, push, text};

/// Longest quote, in characters.
const QUOTE_MAX: usize = 40;

/// Wants and how they are met; nothing where there are none.
pub(super) fn evidence(hit: &Value, width: usize) -> String {
    let lines = hit["evidence"]["lines"].as_array();
    let wants: Vec<&Value> = lines
        .into_iter()
        .flatten()
        .filter(|line| is_want(line))
        .collect();
    let mut table = String::new();
    if wants.is_empty() {
        return table;
    }
    push(&mut table, &bold(&fit("what is wanted", width)));
    for line in wants {
        push(&mut table, &fit(&shown(line), width));
    }
    table
}

// Words that both say are too many for a terminal.
fn is_want(line: &Value) -> bool {
    let name = line["contribution"].as_str().unwrap_or_default();
    !name.starts_with("text.") && (line["how"] != "word") && !line["want"].is_null()
}

/// `  ~ PostgreSQL (required)  MySQL 50 %  “MySQL” (text)`.
fn shown(line: &Value) -> String {
    let sign = match line["met"].as_u64() {
        Some(100) => '+',
        Some(0) => '−',
        Some(_) => '~',
        None => '?',
    };
    let mut shown = format!("  {sign} {}", text(&line["want"]));
    if let Some(need) = line["need"].as_str() {
        shown.extend([format!(" ({need})")]);
    }
    if !line["have"].is_null() && line["have"] != line["want"] {
        shown.extend([format!("  {}", text(&line["have"]))]);
    }
    if let Some(met @ 1..100) = line["met"].as_u64() {
        shown.extend([format!(" {met} %")]);
    }
    let has = if line["wanted_by"] == "document" {
        "source"
    } else {
        "document"
    };
    if let Some(quote) = line[has][0]["text"].as_str() {
        let cut: String = quote.chars().take(QUOTE_MAX).collect();
        let cut = cut.split_whitespace().collect::<Vec<_>>().join(" ");
        let field = text(&line[has][0]["pointer"]);
        shown.extend([format!("  “{cut}” ({})", field.trim_start_matches('/'))]);
    }
    if let Some(note) = line["note"].as_str() {
        shown.extend([format!("  {note}")]);
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::evidence;

    #[test]
    fn wants_stand_with_what_meets_them() {
        let hit = json!({"evidence": {"lines": [
            {"contribution": "skills.required", "wanted_by": "source", "want": "PostgreSQL", "need": "required",
             "have": "MySQL", "met": 50, "how": "path", "source": [],
             "document": [{"pointer": "/text", "text": "MySQL"}]},
            {"contribution": "years", "wanted_by": "source", "want": "5 years", "met": null, "how": "amount",
             "source": [], "document": []},
            {"contribution": "text.text", "want": "nurse", "met": 100, "how": "word", "source": [], "document": []}]}});
        let shown = evidence(&hit, 200);
        assert!(
            shown.contains("  ~ PostgreSQL (required)  MySQL 50 %  “MySQL” (text)\n"),
            "{shown}"
        );
        assert!(shown.contains("  ? 5 years\n") && !shown.contains("nurse"));
        assert_eq!(evidence(&json!({}), 80), "");
    }
}
