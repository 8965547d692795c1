//! What a rule does to a text before its type reads it: pattern, letters,
//! replacements, value map; and how ids are made. Owns no types of values.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::path::text_of;
use super::rule::{Letters, Other, Rule, ValueMap};
use super::value::Fault;

/// Ids longer than this become a hash behind what is before their first colon.
const ID_BYTES_MAX: usize = 120;
/// Bytes of a hash that end up in an id.
const HASH_BYTES: usize = 8;

type Read<T> = Result<Option<T>, Fault>;

pub(super) fn step(rule: &Rule, value: &Value) -> Read<Value> {
    let Some(text) = text_of(value) else {
        return Err(Fault::new("not_text", "is an object; name a part of it"));
    };
    let mut text = text.into_owned();
    if let Some(pattern) = &rule.pattern {
        let Some(found) = pattern.captures(&text) else {
            return Ok(None);
        };
        let part = (1..found.len())
            .find_map(|part| found.get(part))
            .or(found.get(0));
        text = part.map_or_else(String::new, |part| part.as_str().trim().to_owned());
    }
    if let Some(letters) = rule.letters {
        text = spelt(&text, letters);
    }
    for (from, to) in &rule.replace {
        text = text.replace(from, to);
    }
    match &rule.map {
        Some(map) => mapped(map, text),
        None => Ok(Some(Value::String(text))),
    }
}

fn mapped(map: &ValueMap, text: String) -> Read<Value> {
    match (map.values.get(&text.trim().to_lowercase()), map.other) {
        (Some(value), _) => Ok(Some(value.clone())),
        (None, Other::Keep) => Ok(Some(Value::String(text))),
        (None, Other::Drop) => Ok(None),
        (None, Other::Reject) => Err(Fault::new(
            "unmapped_value",
            "the value map does not name the value",
        )),
    }
}

fn spelt(text: &str, letters: Letters) -> String {
    let sentence = |text: &str| {
        let mut letters = text.chars();
        let first = letters.next().map(char::to_uppercase).into_iter().flatten();
        first.chain(letters.flat_map(char::to_lowercase)).collect()
    };
    match letters {
        Letters::Lower => text.to_lowercase(),
        Letters::Upper => text.to_uppercase(),
        Letters::Sentence => sentence(text),
        Letters::Title => title(text),
        Letters::Calm => {
            let has_letters = text.chars().any(char::is_uppercase);
            if has_letters && !text.chars().any(char::is_lowercase) {
                title(text)
            } else {
                text.to_owned()
            }
        }
    }
}

// A letter behind none is the first of a word.
fn title(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut inside = false;
    for letter in text.chars() {
        if inside {
            made.extend(letter.to_lowercase());
        } else {
            made.extend(letter.to_uppercase());
        }
        inside = letter.is_alphabetic();
    }
    made
}

pub(super) fn id(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let clean = clean.trim();
    if clean.len() <= ID_BYTES_MAX {
        return clean.to_owned();
    }
    // URLs: the end of the path tells most, the hash keeps them apart.
    let before = clean.split(':').next().unwrap_or_default();
    let before: String = before.chars().take(32).collect();
    format!("{before}:{}", hash(clean))
}

pub(super) fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    // Eight bytes as one number: as many digits as it takes.
    let bytes = digest.iter().take(HASH_BYTES);
    let number = bytes.fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{number:016x}")
}

// Lists are cut by the rule of their items.
pub(super) fn cut(value: Option<Value>, max: Option<usize>) -> Option<Value> {
    match (value, max) {
        (Some(Value::String(text)), Some(max)) if text.len() > max => {
            let short: String = text.chars().take(max).collect();
            Some(Value::String(short.trim_end().to_owned()))
        }
        (value, _) => value,
    }
}
