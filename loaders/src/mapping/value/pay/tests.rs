//! Pay as people write it, against what people read in it.

use super::*;

fn shown(pay: Option<Pay>) -> String {
    let amount = |amount: Option<f64>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    pay.map_or("-".to_owned(), |pay| {
        let (min, max) = (amount(pay.min), amount(pay.max));
        format!("{min}..{max} {} {}", pay.currency, pay.period)
    })
}

#[test]
fn pay_says_what_people_read_in_it() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for line in include_str!("cases.tsv").lines() {
        if line.starts_with("# ") {
            continue;
        }
        let parts: Vec<&str> = line.split('\t').collect();
        let [currency, period, text, expected] = parts.as_slice() else {
            panic!("not four columns: {line}");
        };
        let given = |text: &'static str| Some(text).filter(|text| !text.is_empty());
        let rule = PayRule::new(given(currency), given(period)).unwrap();
        let text = text.replace("\\n", "\n");
        let found = from_text(&text, &rule).map_or_else(|fault| fault.code.to_owned(), shown);
        if found != *expected {
            wrong.push(format!("{text:?}: {found}, not {expected}"));
        }
        cases += 1;
    }
    assert!(cases >= 120, "{cases}");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn pay_in_columns_of_its_own() {
    use serde_json::json;
    let euro = PayRule::new(Some("EUR"), Some("YEARLY")).unwrap();
    let none = PayRule::default();
    let cases = [
        (
            json!("60000"),
            json!("75000"),
            &euro,
            json!({"min": 60000, "max": 75000, "currency": "EUR", "period": "year"}),
        ),
        (
            json!(null),
            json!("75.000 €"),
            &none,
            json!({"max": 75000, "currency": "EUR", "period": "year"}),
        ),
        (
            json!(90_000),
            json!(0),
            &euro,
            json!({"min": 90000, "currency": "EUR", "period": "year"}),
        ),
        (
            json!("60k"),
            json!("70k"),
            &euro,
            json!({"min": 60000, "max": 70000, "currency": "EUR", "period": "year"}),
        ),
    ];
    for (min, max, rule, expected) in cases {
        let value = |value: &Value| Some(value.clone()).filter(|value| !value.is_null());
        let (min, max) = (value(&min), value(&max));
        let made = from_amounts(min.as_ref(), max.as_ref(), rule).unwrap();
        assert_eq!(made, Some(expected));
    }
    assert_eq!(from_amounts(Some(&json!(0)), None, &none).unwrap(), None);
    let code = |min: &Value, rule: &PayRule| from_amounts(Some(min), None, rule).unwrap_err().code;
    assert_eq!(code(&json!(60_000), &none), "no_currency");
    assert_eq!(code(&json!("a lot"), &euro), "not_pay");
    assert_eq!(code(&json!(3), &euro), "implausible_pay");
    assert_eq!(
        euro.told(Some("gold"), None).unwrap_err().code,
        "unknown_currency"
    );
    assert_eq!(
        euro.told(None, Some("sometimes")).unwrap_err().code,
        "unknown_period"
    );
    assert_eq!(
        euro.told(Some("£"), Some("1 HOUR")).unwrap().period,
        Some("hour")
    );
    PayRule::new(Some("euros!"), None).unwrap_err();
}

#[test]
fn no_text_panics_the_reader() {
    // Every piece of a nasty text: signs and letters of two and more bytes.
    let text = "US$ 1’200,50–€k 1.2.3 kr ½ 9999999999999999999999 ₹5 l·% $-$ a/h 401(k) R$ Rs.5 ∞K\u{0}\u{a0}7 ";
    let rule = PayRule::default();
    let letters: Vec<char> = text.chars().collect();
    for start in 0..letters.len() {
        for end in start..letters.len() {
            let part: String = letters[start..end].iter().collect();
            // What is read does not matter here.
            drop(from_text(&part, &rule));
        }
    }
}
