//! Numbers as people write them: `1,234.5`, `1.234,5`, `12 000`, `5+ years`.

use serde_json::Value;

use super::Fault;

/// A JSON number of a value; whole numbers stay whole.
pub(in crate::mapping) fn make(value: &Value) -> Result<Option<Value>, Fault> {
    if value.is_number() {
        return Ok(Some(value.clone()));
    }
    Ok(of(value)?.map(json))
}

/// A number as JSON, whole where it is.
pub(super) fn json(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}

/// The number a value is.
pub(in crate::mapping) fn of(value: &Value) -> Result<Option<f64>, Fault> {
    let fault = || Fault::new("not_a_number", "not a number");
    match value {
        Value::Number(number) => Ok(number.as_f64()),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => words(text).map(Some).ok_or_else(fault),
        Value::Array(items) if items.len() == 1 => items.first().map_or(Ok(None), of),
        Value::Null => Ok(None),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(fault()),
    }
}

// One number, with a sign before and words without digits around it: "5+ years".
fn words(text: &str) -> Option<f64> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = text.split_at(start);
    let length = span(rest);
    let (digits, after) = rest.split_at(length);
    let has_digit = after.chars().any(|c| c.is_ascii_digit());
    let wordy = |text: &str| {
        text.chars()
            .all(|c| !c.is_numeric() && c != ':' && c != '/')
    };
    // A thousand is a pay's word; here it would be a guess.
    let scaled = matches!(after.chars().next(), Some('k' | 'K' | 'm' | 'M'))
        && !after.chars().nth(1).is_some_and(char::is_alphabetic);
    if has_digit || scaled || !wordy(before) || !wordy(after) {
        return None;
    }
    let number = plain(digits)?;
    let negative = before.trim_end().ends_with(['-', '−']) && before.trim().chars().count() == 1;
    Some(if negative { -number } else { number })
}

/// Bytes of the number a text starts with: digits in groups of three with
/// separators between them, and decimals.
pub(super) fn span(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_digit = |place: usize| bytes.get(place).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while is_digit(end) {
        end += 1;
    }
    if end == 0 {
        return 0;
    }
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let Some(mark) = rest.chars().next() else {
            break;
        };
        let next = end + mark.len_utf8();
        let digits = (next..bytes.len())
            .take_while(|place| is_digit(*place))
            .count();
        let joins = match mark {
            '.' | ',' => digits > 0,
            // A space joins groups of three alone: "12 000", not "2 100".
            ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’' => {
                digits == 3 && !is_decimal(text.get(..end))
            }
            _ => false,
        };
        if !joins {
            break;
        }
        end = next + digits;
    }
    end
}

// Whether the number so far has decimals already: nothing joins behind them.
fn is_decimal(text: Option<&str>) -> bool {
    text.and_then(|text| text.rsplit_once(['.', ',']))
        .is_some_and(|(_, behind)| behind.chars().count() != 3)
}

/// The value of digits with separators, as [`span`] finds them. A single
/// separator before exactly three digits marks thousands.
pub(super) fn plain(digits: &str) -> Option<f64> {
    let digits: String = digits
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        .collect();
    let dots = digits.matches('.').count();
    let commas = digits.matches(',').count();
    let thousands_end = |mark: char| {
        let mut groups = digits.split(mark);
        let first = groups.next().unwrap_or_default();
        (1..=3).contains(&first.len())
            && first != "0"
            && digits
                .rsplit(mark)
                .next()
                .is_some_and(|last| last.len() == 3)
    };
    let decimal = match (dots, commas) {
        (0, 0) => None,
        (1, 0) if !thousands_end('.') => Some('.'),
        (0, 1) if !thousands_end(',') => Some(','),
        (_, 0) if thousands_end('.') => None,
        (0, _) if thousands_end(',') => None,
        (1, _) if digits.rfind('.') > digits.rfind(',') => Some('.'),
        (_, 1) if digits.rfind(',') > digits.rfind('.') => Some(','),
        _ => return None,
    };
    let clean: String = digits
        .chars()
        .filter_map(|c| match c {
            c if Some(c) == decimal => Some('.'),
            '.' | ',' => None,
            c => Some(c),
        })
        .collect();
    clean.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_as_people_write_them() {
        let cases = [
            (json!("1,234.5"), Some(json!(1234.5))),
            (json!("1.234,5"), Some(json!(1234.5))),
            (json!("12 000"), Some(json!(12_000))),
            (json!("12\u{a0}000,50"), Some(json!(12_000.5))),
            (json!("80'000"), Some(json!(80_000))),
            (json!("6,00,000"), Some(json!(600_000))),
            (json!("0.125"), Some(json!(0.125))),
            (json!("3,5"), Some(json!(3.5))),
            (json!("5+ years"), Some(json!(5))),
            (json!("min. 3 Jahre"), Some(json!(3))),
            (json!("-7"), Some(json!(-7))),
            (json!(4), Some(json!(4))),
            (json!(""), None),
        ];
        for (value, expected) in cases {
            assert_eq!(make(&value).unwrap(), expected, "{value}");
        }
        for wrong in [
            json!("3-5"),
            json!("many"),
            json!("10k"),
            json!(true),
            json!("1.2.3"),
            json!("12:30"),
        ] {
            assert_eq!(make(&wrong).unwrap_err().code, "not_a_number", "{wrong}");
        }
    }
}
