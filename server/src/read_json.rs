//! Reads JSON bodies. Owns turning what a reader refuses into a code, a
//! pointer and a suggestion; knows nothing of routes.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
pub(crate) use tandem_loaders::strict::Strict;

use crate::limits::JSON_DEPTH_MAX;
use crate::suggest;
use crate::wire::problem::{Code, Fault, Outcome, Refusal};

/// The digits of 2^64.
const DIGITS_LONG: usize = 20;

/// Reads a body; the bytes are used up, simd-json parses in place.
pub(crate) fn read<T: DeserializeOwned>(body: &mut [u8]) -> Outcome<T> {
    if depth_exceeds(body, JSON_DEPTH_MAX) {
        let detail = format!("nested deeper than {JSON_DEPTH_MAX} levels");
        return Err(Refusal::at(Code::InvalidJson, "", detail));
    }
    // simd-json takes no integer beyond 64 bits and says not of which member it
    // is; this reader takes it for a number, and its member's check refuses it.
    if has_long_number(body) {
        let mut reader = serde_json::Deserializer::from_slice(body);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().clone();
            let error = error.into_inner();
            if error.is_data() {
                let text = error.to_string();
                refuse_shape(&path, text.split(" at line ").next().unwrap_or_default())
            } else {
                Refusal::at(Code::InvalidJson, "", format!("not valid JSON: {error}"))
            }
        })?;
        let rest = reader.end();
        rest.map_err(|_more| Refusal::at(Code::InvalidJson, "", "something follows the JSON"))?;
        return Ok(value);
    }
    let mut reader =
        simd_json::Deserializer::from_slice(body).map_err(|error| refuse_json(&error))?;
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().clone();
        refuse_shape(&path, &message(&error.into_inner()))
    })
}

/// Reads a body that must be an object: serde would also take a list of a
/// struct's members in order.
pub(crate) fn read_object<T: DeserializeOwned>(body: &mut [u8]) -> Outcome<T> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{') {
        return read(body);
    }
    // What is no JSON at all says so.
    read::<serde::de::IgnoredAny>(body)?;
    Err(Refusal::at(Code::InvalidRequest, "", "expected an object"))
}

/// Whether there is a number, or a run in a string, of more digits than 64 bits
/// surely hold.
fn has_long_number(body: &[u8]) -> bool {
    let mut digits = 0;
    body.iter().any(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits == DIGITS_LONG
    })
}

/// Reads a value of a body that was read already.
pub(crate) fn from_value<T: DeserializeOwned>(value: Value) -> Outcome<T> {
    if !value.is_object() {
        return Err(Refusal::at(Code::InvalidRequest, "", "expected an object"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().clone();
        refuse_shape(&path, &error.into_inner().to_string())
    })
}

/// Whether brackets outside strings nest deeper than this. Bytes that are not
/// JSON may count wrongly; the parser refuses them anyway.
fn depth_exceeds(body: &[u8], depth_max: usize) -> bool {
    let (mut depth, mut inside_string, mut escaped) = (0_usize, false, false);
    for byte in body {
        if inside_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => inside_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => inside_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > depth_max {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

fn refuse_json(error: &simd_json::Error) -> Refusal {
    // The reader's own text shows the character it met; a position is enough,
    // and a body's content stays out of errors.
    let at = error.index();
    let detail = if matches!(error.error(), simd_json::ErrorType::InvalidUtf8) {
        "not UTF-8".to_owned()
    } else if matches!(error.error(), simd_json::ErrorType::InvalidNumber) {
        format!("not a number of JSON, or beyond the 64 bits of the largest, at byte {at}")
    } else {
        format!("not valid JSON, at byte {at}")
    };
    Refusal::at(Code::InvalidJson, "", detail)
}

/// What serde says, without the position simd-json puts around it.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the reader's other errors are not about a value's shape"
)]
fn message(error: &simd_json::Error) -> String {
    if let simd_json::ErrorType::Serde(text) = error.error() {
        return text.clone();
    }
    let expected = match error.error() {
        simd_json::ErrorType::ExpectedArray => "a list",
        simd_json::ErrorType::ExpectedBoolean => "true or false",
        simd_json::ErrorType::ExpectedFloat | simd_json::ErrorType::ExpectedInteger => "a number",
        simd_json::ErrorType::ExpectedMap => "an object",
        simd_json::ErrorType::ExpectedNull => "null",
        simd_json::ErrorType::ExpectedString | simd_json::ErrorType::ExpectedEnum => "a string",
        simd_json::ErrorType::ExpectedUnsigned => "a whole number from 0",
        simd_json::ErrorType::ExpectedSigned => "a whole number",
        _ => "another value",
    };
    format!("expected {expected}")
}

/// A body that is JSON but not of the shape asked for.
fn refuse_shape(path: &Path, message: &str) -> Refusal {
    let mut pointer = pointer(path);
    let Some(name) = quoted(message, "unknown field `") else {
        return refuse_value(pointer, message);
    };
    let last = format!("/{}", suggest::escape(name));
    if !pointer.ends_with(&last) {
        pointer.push_str(&last);
    }
    let known = expected(message);
    Refusal::because(vec![Fault {
        pointer,
        code: Code::UnknownMember,
        detail: if known.is_empty() {
            "no member is known here".to_owned()
        } else {
            format!("no such member; there are {}", known.join(", "))
        },
        did_you_mean: suggest::nearest(name, known),
    }])
}

/// A member that is known, but missing, given twice or of a value it cannot have.
fn refuse_value(mut pointer: String, message: &str) -> Refusal {
    let mut detail = safe_detail(message);
    let mut did_you_mean = None;
    for (before, what) in [
        ("missing field `", "is missing"),
        ("duplicate field `", "is given twice"),
    ] {
        if let Some(name) = quoted(message, before) {
            let last = format!("/{}", suggest::escape(name));
            if !pointer.ends_with(&last) {
                pointer.push_str(&last);
            }
            what.clone_into(&mut detail);
        }
    }
    if let Some(given) = quoted(message, "unknown variant `") {
        let known = expected(message);
        did_you_mean = suggest::nearest(given, known.iter().copied());
        detail = format!("must be {}", known.join(" or "));
    }
    Refusal::because(vec![Fault {
        pointer,
        code: Code::InvalidRequest,
        detail,
        did_you_mean,
    }])
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.extend(["/", &index.to_string()]),
            Segment::Map { key } => pointer.extend(["/", &suggest::escape(key)]),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// The name in backticks after `before`.
fn quoted<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    let (_, rest) = message.split_once(before)?;
    rest.split_once('`').map(|(name, _)| name)
}

/// The names in backticks after "expected".
fn expected(message: &str) -> Vec<&str> {
    let Some((_, names)) = message.rsplit_once("expected ") else {
        return Vec::new();
    };
    names.split('`').skip(1).step_by(2).collect()
}

/// serde quotes a value it did not expect; the body's content stays out of errors.
fn safe_detail(message: &str) -> String {
    match (
        message.strip_prefix("invalid type: "),
        message.strip_prefix("invalid value: "),
    ) {
        (Some(rest), _) | (None, Some(rest)) => match rest.rsplit_once(", expected ") {
            Some((found, expected)) => {
                let found = found
                    .split(['`', '"'])
                    .next()
                    .unwrap_or_default()
                    .trim_end();
                // What a type is called here is nobody's business elsewhere.
                let expected = match expected {
                    "usize" | "u64" | "u32" | "u16" | "u8" => "a whole number from 0",
                    "isize" | "i64" | "i32" | "i16" | "i8" => "a whole number",
                    "f64" | "f32" => "a number",
                    "a boolean" => "true or false",
                    other if other.starts_with("struct ") => "an object",
                    other => other,
                };
                let found = match found {
                    "floating point" => "one with a fraction or beyond 64 bits",
                    other => other,
                };
                format!("expected {expected}, found {found}")
            }
            None => "of the wrong type".to_owned(),
        },
        (None, None) => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{read, read_object};
    use crate::wire::problem::Code;
    use crate::wire::request::{Match, Search};

    #[test]
    fn what_is_wrong_is_named_where_it_stands() {
        let cases: [(&str, Code, &str, Option<&str>); 14] = [
            (r#"{"q": "a", "#, Code::InvalidJson, "", None),
            (r#"{"vector": [NaN]}"#, Code::InvalidJson, "", None),
            (
                r#"{"filter": {}}"#,
                Code::UnknownMember,
                "/filter",
                Some("filters"),
            ),
            (r#"{"limit": "ten"}"#, Code::InvalidRequest, "/limit", None),
            (r#"{"limit": -1}"#, Code::InvalidRequest, "/limit", None),
            (
                r#"{"vector": [1, "a"]}"#,
                Code::InvalidRequest,
                "/vector/1",
                None,
            ),
            (r#"{"words": "some"}"#, Code::InvalidRequest, "/words", None),
            (
                r#"{"weights": {"text": "much"}}"#,
                Code::InvalidRequest,
                "/weights/text",
                None,
            ),
            ("[]", Code::InvalidRequest, "", None),
            ("null", Code::InvalidRequest, "", None),
            ("[", Code::InvalidJson, "", None),
            (
                r#"{"max_per": ["company", 1]}"#,
                Code::InvalidRequest,
                "/max_per",
                None,
            ),
            (
                r#"{"near": ["Berlin", null, null, 10, null]}"#,
                Code::InvalidRequest,
                "/near",
                None,
            ),
            (
                r#"{"limit": 18446744073709551616}"#,
                Code::InvalidRequest,
                "/limit",
                None,
            ),
        ];
        for (body, code, pointer, suggestion) in cases {
            let refusal = read_object::<Search>(&mut body.as_bytes().to_vec()).unwrap_err();
            let fault = &refusal.errors[0];
            assert_eq!(
                (
                    fault.code,
                    fault.pointer.as_str(),
                    fault.did_you_mean.as_deref()
                ),
                (code, pointer, suggestion),
                "{body}: {refusal:?}"
            );
            assert!(!refusal.detail.contains("struct"), "{body}: {refusal:?}");
        }
        let search = read_object::<Search>(&mut br#"{"near": null, "max_per": null}"#.to_vec());
        assert!(search.unwrap().near.is_none());
    }

    #[test]
    fn nested_and_missing_members_have_pointers() {
        let cases = [
            (
                r#"{"from": {"kind": "jobs", "idd": "1"}}"#,
                Code::UnknownMember,
                "/from/idd",
            ),
            (
                r#"{"from": {"id": "1"}}"#,
                Code::InvalidRequest,
                "/from/kind",
            ),
            (r#"{"to": "jobs"}"#, Code::InvalidRequest, "/from"),
            (
                r#"{"from": ["jobs", "1", null, null]}"#,
                Code::InvalidRequest,
                "/from",
            ),
        ];
        for (body, code, pointer) in cases {
            let refusal = read_object::<Match>(&mut body.as_bytes().to_vec()).unwrap_err();
            assert_eq!(
                (refusal.errors[0].code, refusal.errors[0].pointer.as_str()),
                (code, pointer)
            );
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_or_too_deep_are_refused() {
        for mut body in [
            b"{\"q\": \"\xff\xfe\"}".to_vec(),
            "[".repeat(1 << 20).into_bytes(),
            Vec::new(),
        ] {
            assert_eq!(
                read::<Value>(&mut body).unwrap_err().code,
                Code::InvalidJson
            );
        }
        let mut strings = br#"{"q": "[[[[\"[[[["}"#.to_vec();
        assert!(read::<Value>(&mut strings).is_ok());
    }

    #[test]
    fn numbers_that_are_none_of_the_member_are_said_in_words() {
        for (body, expected) in [
            (
                r#"{"limit": 18446744073709551616}"#,
                "expected a whole number from 0, found one with a fraction or beyond 64 bits",
            ),
            (r#"{"limit": 1.5}"#, "expected a whole number from 0"),
            (
                r#"{"boosts": [{"label": "a", "filters": {}, "points": 1.5}]}"#,
                "expected a whole number",
            ),
            (r#"{"evidence": 1}"#, "expected true or false"),
        ] {
            let refusal = read_object::<Search>(&mut body.as_bytes().to_vec()).unwrap_err();
            assert_eq!(refusal.errors[0].detail, expected, "{body}");
        }
    }

    #[test]
    fn a_value_of_the_body_is_not_repeated_in_the_error() {
        let refusal = read_object::<Search>(&mut br#"{"limit": "a secret"}"#.to_vec()).unwrap_err();
        assert!(!refusal.detail.contains("secret"), "{}", refusal.detail);
    }
}
