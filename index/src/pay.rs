//! Pay: `{min, max, currency, period}` to yearly numbers. Owns the periods;
//! currencies are kept apart, never converted here.

use serde_json::Value;

/// Checked pay, a year, in `currency`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Pay {
    /// Lowest, a year.
    pub min: Option<f64>,
    /// Highest, a year.
    pub max: Option<f64>,
    /// ISO 4217 code.
    pub currency: Option<String>,
}

// A working year: 52 weeks of 40 hours (2,080 hours, 260 days), the convention
// of the US Office of Personnel Management for comparing pay.
const PERIODS: [(&str, f64); 5] = [
    ("hour", 2_080.0),
    ("day", 260.0),
    ("week", 52.0),
    ("month", 12.0),
    ("year", 1.0),
];

/// How many of a period a working year has: hour, day, week, month or year.
pub fn a_year(period: &str) -> Option<f64> {
    PERIODS
        .iter()
        .find(|(name, _)| *name == period)
        .map(|(_, factor)| *factor)
}

/// Checks pay. The error is the member it is about (empty for the whole) and
/// what is wrong.
pub fn parse(value: &Value) -> Result<Pay, (&'static str, String)> {
    let Some(members) = value.as_object() else {
        return Err(("", "expected {min, max, currency, period}".into()));
    };
    let known = ["min", "max", "currency", "period"];
    if let Some(other) = members.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(("", format!("pay has no member `{}`", other.escape_debug())));
    }
    let factor = match members.get("period") {
        None | Some(Value::Null) => 1.0,
        Some(period) => period.as_str().and_then(a_year).ok_or((
            "period",
            "expected hour, day, week, month or year".to_owned(),
        ))?,
    };
    let amount = |member: &'static str| match members.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(number) => match number.as_f64() {
            Some(number) if (0.0..=1e12).contains(&number) => Ok(Some(number * factor)),
            _ => Err((member, "expected an amount from 0".to_owned())),
        },
    };
    let (min, max) = (amount("min")?, amount("max")?);
    if min.is_none() && max.is_none() {
        return Err(("", "needs min, max or both".into()));
    }
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        return Err(("max", "is less than min".into()));
    }
    let currency = match members.get("currency") {
        None | Some(Value::Null) => None,
        Some(Value::String(code))
            if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) =>
        {
            Some(code.clone())
        }
        Some(_) => {
            return Err((
                "currency",
                "expected an ISO 4217 code such as \"EUR\"".into(),
            ));
        }
    };
    Ok(Pay { min, max, currency })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hourly_pay_becomes_yearly() {
        let pay = parse(&json!({"min": 20, "max": 30, "currency": "USD", "period": "hour"}));
        let pay = pay.unwrap();
        assert_eq!((pay.min, pay.max), (Some(41_600.0), Some(62_400.0)));
        assert_eq!(pay.currency.as_deref(), Some("USD"));
    }

    #[test]
    fn wrong_pay_names_its_member() {
        let cases = [
            (json!(5), ""),
            (json!({}), ""),
            (json!({"min": "5"}), "min"),
            (json!({"min": -1}), "min"),
            (json!({"min": 2, "max": 1}), "max"),
            (json!({"min": 2, "currency": "euro"}), "currency"),
            (json!({"min": 2, "period": "decade"}), "period"),
            (json!({"min": 2, "curency": "EUR"}), ""),
        ];
        for (value, member) in cases {
            assert_eq!(parse(&value).unwrap_err().0, member, "{value}");
        }
    }
}
