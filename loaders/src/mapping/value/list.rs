//! Lists as people write them: separated text, JSON or a list as Python prints
//! it. Items are trimmed, and the second of two equal ones is left out.

use std::collections::HashSet;

use serde_json::Value;

use super::Fault;
use crate::mapping::path::text_of;

/// A list of texts. Items longer than `max` letters are left out: half a name
/// is no name.
pub(in crate::mapping) fn make(
    value: Value,
    split: &[String],
    max: Option<usize>,
) -> Result<Value, Fault> {
    let items = match value {
        Value::Array(items) => items,
        Value::String(text) => from_text(&text, split)?,
        Value::Null => Vec::new(),
        value @ (Value::Bool(_) | Value::Number(_) | Value::Object(_)) => vec![value],
    };
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for item in items {
        let text = text_of(&item).ok_or_else(|| {
            Fault::new(
                "not_text",
                "an item of the list is an object; name a part of it with `.*.`",
            )
        })?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = max.is_none_or(|max| text.chars().count() <= max);
        if !text.is_empty() && fits && seen.insert(text.to_lowercase()) {
            all.push(Value::String(text));
        }
    }
    Ok(Value::Array(all))
}

fn from_text(text: &str, split: &[String]) -> Result<Vec<Value>, Fault> {
    let text = text.trim();
    if text.starts_with('[') && text.ends_with(']') {
        if let Ok(items) = serde_json::from_str(text) {
            return Ok(items);
        }
        if let Some(items) = from_python(text) {
            return Ok(items);
        }
        return Err(Fault::new(
            "not_a_list",
            "starts like a list of JSON or Python and is none",
        ));
    }
    let mut parts = vec![text];
    for mark in split.iter().filter(|mark| !mark.is_empty()) {
        parts = parts
            .iter()
            .flat_map(|part| part.split(mark.as_str()))
            .collect();
    }
    let bullets = ['•', '·', '*', '-', '–'];
    Ok(parts
        .into_iter()
        .map(|part| part.trim().trim_start_matches(bullets).into())
        .collect())
}

/// `['a', "it's", None]`: a list of texts as Python's `repr` writes it.
fn from_python(text: &str) -> Option<Vec<Value>> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    let mut letters = inside.chars().peekable();
    let mut items = Vec::new();
    loop {
        while letters.next_if(|c| c.is_whitespace()).is_some() {}
        let Some(quote) = letters.next() else {
            return Some(items);
        };
        let mut item = String::new();
        if quote == '\'' || quote == '"' {
            loop {
                match letters.next()? {
                    '\\' => match letters.next()? {
                        'n' => item.push('\n'),
                        't' => item.push('\t'),
                        c @ ('\\' | '\'' | '"') => item.push(c),
                        _ => return None,
                    },
                    c if c == quote => break,
                    c => item.push(c),
                }
            }
            items.push(Value::String(item));
        } else {
            item.push(quote);
            while let Some(c) = letters.next_if(|c| *c != ',') {
                item.push(c);
            }
            match item.trim() {
                "None" => items.push(Value::Null),
                word if word.parse::<f64>().is_ok() => items.push(word.into()),
                _ => return None,
            }
        }
        while letters.next_if(|c| c.is_whitespace()).is_some() {}
        match letters.next() {
            None => return Some(items),
            Some(',') => {}
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_as_people_write_them() {
        let marks = [",", ";"].map(str::to_owned);
        let cases = [
            (json!("Rust, Go; Python"), json!(["Rust", "Go", "Python"])),
            (json!("Rust,,rust , RUST"), json!(["Rust"])),
            (json!(["a", " b ", "", null, 3]), json!(["a", "b", "3"])),
            (json!("[\"a\", \"b,c\"]"), json!(["a", "b,c"])),
            (
                json!("['a', \"it's, so\", 'x\\'y', None, 3]"),
                json!(["a", "it's, so", "x'y", "3"]),
            ),
            (json!("[]"), json!([])),
            (json!("• Excel, • Word"), json!(["Excel", "Word"])),
            (json!("C++"), json!(["C++"])),
            (json!("a very long thing indeed, b"), json!(["b"])),
        ];
        for (value, expected) in cases {
            assert_eq!(
                make(value.clone(), &marks, Some(12)).unwrap(),
                expected,
                "{value}"
            );
        }
        for wrong in [
            json!("['a'"),
            json!("['a' 'b']"),
            json!("[a]"),
            json!([{"x": 1}]),
        ] {
            let made = make(wrong.clone(), &[], None);
            let is_text = wrong == json!("['a'");
            assert_eq!(made.is_ok(), is_text, "{wrong}");
        }
    }
}
