//! Pay: `{min, max, currency, period}` to yearly numbers. Owns the periods and
//! the signs of currencies; amounts stay in their own currency.

use serde_json::Value;

/// The largest amount, of any currency and period.
const AMOUNT_MAX: f64 = 1e12;

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
const PERIODS: [(f64, [&str; 6]); 5] = [
    (2_080.0, ["hour", "hourly", "hours", "per hour", "hr", "h"]),
    (260.0, ["day", "daily", "days", "per day", "d", "diem"]),
    (52.0, ["week", "weekly", "weeks", "per week", "wk", "w"]),
    (12.0, ["month", "monthly", "months", "per month", "mo", "m"]),
    (
        1.0,
        ["year", "yearly", "annual", "annually", "per year", "annum"],
    ),
];

// Signs that mean one currency; `$`, `¥` and `kr` mean several.
#[rustfmt::skip]
const SIGNS: [(&str, &str); 24] = [
    ("€", "EUR"), ("£", "GBP"), ("₹", "INR"), ("₩", "KRW"), ("₽", "RUB"), ("₺", "TRY"), ("₪", "ILS"), ("₴", "UAH"),
    ("₫", "VND"), ("₱", "PHP"), ("฿", "THB"), ("₦", "NGN"), ("₸", "KZT"), ("ZŁ", "PLN"), ("KČ", "CZK"), ("FT", "HUF"),
    ("US$", "USD"), ("CA$", "CAD"), ("C$", "CAD"), ("A$", "AUD"), ("AU$", "AUD"), ("NZ$", "NZD"), ("HK$", "HKD"),
    ("R$", "BRL"),
];

/// How many of a period make a year: `hour`, `Hourly`, `per month`, `annual`.
pub fn per_year(period: &str) -> Option<f64> {
    let period = period.trim().to_lowercase();
    PERIODS
        .iter()
        .find(|(_, names)| names.contains(&period.as_str()))
        .map(|(factor, _)| *factor)
}

/// The ISO 4217 code of a code in any case or of a sign that means only one
/// currency. A code need not be one there are rates for.
pub fn currency(text: &str) -> Option<String> {
    let text = text.trim().to_uppercase();
    if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
        return Some(text);
    }
    SIGNS
        .iter()
        .find(|(sign, _)| *sign == text)
        .map(|(_, code)| (*code).to_owned())
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
        Some(period) => period.as_str().and_then(per_year).ok_or((
            "period",
            "expected hour, day, week, month or year".to_owned(),
        ))?,
    };
    let amount = |member: &'static str| match members.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(number) => match number.as_f64() {
            Some(number) if (0.0..=AMOUNT_MAX).contains(&number) => Ok(Some(number * factor)),
            _ => Err((member, format!("expected an amount from 0 to {AMOUNT_MAX}"))),
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
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(value) => {
            let code = value.as_str().and_then(currency);
            Some(code.ok_or((
                "currency",
                "expected an ISO 4217 code such as \"EUR\" or a sign of one currency".to_owned(),
            ))?)
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
    fn currencies_and_periods_as_people_write_them() {
        let cases = [
            ("eur", "Monthly", "EUR", 12.0),
            ("€", "per hour", "EUR", 2_080.0),
            ("US$", "annual", "USD", 1.0),
            (" £ ", "DAILY", "GBP", 260.0),
            ("zł", "month", "PLN", 12.0),
            ("Usd", "weekly", "USD", 52.0),
        ];
        for (written, period, code, factor) in cases {
            let value = json!({"min": 1, "currency": written, "period": period});
            let pay = parse(&value).unwrap();
            assert_eq!(
                (pay.min, pay.currency.as_deref()),
                (Some(factor), Some(code)),
                "{value}"
            );
        }
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
            (json!({"min": 2, "currency": "$"}), "currency"),
            (json!({"min": 2, "currency": "kr"}), "currency"),
            (json!({"min": 2, "currency": 2}), "currency"),
            (json!({"min": 2, "period": "decade"}), "period"),
            (json!({"min": 2, "period": 12}), "period"),
            (json!({"min": 2, "curency": "EUR"}), ""),
        ];
        for (value, member) in cases {
            assert_eq!(parse(&value).unwrap_err().0, member, "{value}");
        }
    }

    #[test]
    fn an_amount_that_is_too_large_is_told_the_largest() {
        let refused = parse(&json!({"min": 1e15})).unwrap_err();
        assert_eq!(refused.0, "min");
        assert!(refused.1.contains("from 0 to 1000000000000"), "{refused:?}");
    }
}
