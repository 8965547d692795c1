use crate::analysis::{Words, analyse};
use crate::facts::titled;

use super::*;

fn pays(title: &str, text: &str) -> Vec<String> {
    let whole = titled(title, text);
    let mut words = Words::default();
    analyse(&whole, None, &mut words);
    let reading = Reading::of_titled(&whole, title.len(), Prose::Ad, &words);
    let mut facts = Vec::new();
    read(&reading, &mut facts);
    let side = |amount: Option<f64>| amount.map(|a| a.to_string()).unwrap_or_default();
    facts
        .iter()
        .map(|fact| {
            let Value::Pay {
                min,
                max,
                currency,
                period,
            } = &fact.value
            else {
                panic!("{fact:?}");
            };
            format!("{}-{} {currency} {period}", side(*min), side(*max))
        })
        .collect()
}

#[test]
fn pay_as_ads_write_it() {
    let cases = [
        ("Salary: $53,000 - $91,000 per year", "53000-91000 USD year"),
        (
            "Pay: $45,000.00 - $60,000.00 per year",
            "45000-60000 USD year",
        ),
        (
            "Pay: $60,000.00 - $95,000.00 per year Benefits: 401(k) Dental Insurance",
            "60000-95000 USD year",
        ),
        (
            "Salary: $45,000.00 to $55,000.00 /year",
            "45000-55000 USD year",
        ),
        ("a salary of £25k-£30k per annum", "25000-30000 GBP year"),
        ("Gehalt: € 2.500 brutto/Monat", "2500-2500 EUR month"),
        ("Salary range: USD 80K–100K", "80000-100000 USD year"),
        ("Pay is $20/hr.", "20-20 USD hour"),
        ("The hourly rate is $18.50.", "18.5-18.5 USD hour"),
        ("Salary up to £45,000 DOE", "-45000 GBP year"),
        ("Compensation: $120,000 -$140,000", "120000-140000 USD year"),
        (
            "Salary banding between £50,000 and £70,000",
            "50000-70000 GBP year",
        ),
        (
            "The base salary range for this role is USD$31.98 per hour - USD$33.78 per hour.",
            "31.98-33.78 USD hour",
        ),
        ("Rate: $70/HR MAX", "-70 USD hour"),
        ("rates start at $18/hour", "18- USD hour"),
        ("Salary is $7,500/month.", "7500-7500 USD month"),
        ("Salary: $7,500 – $12,000 monthly", "7500-12000 USD month"),
        (
            "a salary of 55000-60000 SEK gross per month",
            "55000-60000 SEK month",
        ),
        (
            "Rémunération : 38 000,00€ à 45 000,00€ par an",
            "38000-45000 EUR year",
        ),
        (
            "Competitive annual salary: €21,500;",
            "21500-21500 EUR year",
        ),
        (
            "an internship allowance of 500 euro (maximum)",
            "500-500 EUR month",
        ),
        (
            "Salary: $120k-$130k plus a 10% bonus",
            "120000-130000 USD year",
        ),
        ("$24-$35 per hour", "24-35 USD hour"),
        ("Pay details\n$62,000 - $83,000", "62000-83000 USD year"),
        ("On target earnings: OTE £60k", "60000-60000 GBP year"),
        (
            "Salary: €61,200–€100,100 EUR annually",
            "61200-100100 EUR year",
        ),
        ("Salary: $90,000 - $110,000 CAD", "90000-110000 CAD year"),
    ];
    for (text, expected) in cases {
        assert_eq!(pays("", text), [expected], "{text}");
    }
    assert_eq!(
        pays("Analyst - London - £85,000 - £90,000", "x"),
        ["85000-90000 GBP year"]
    );
}

#[test]
fn other_money_is_no_pay() {
    let cases = [
        "We raised $250M from investors.",
        "annual revenue of € 12 billion",
        "401k plan with up to $5,000 match",
        "Up to $10,000 in annual tuition reimbursement",
        "Employees refer friends for a $3,000 referral bonus.",
        "$200/month Quality of Life perk",
        "professional development budget of $1,000",
        "responsible for a budget of $500,000 per year",
        "a term life insurance policy of $40,000",
        "£1,200/€1,200 annual home office budget",
        "$1,395 per credit hour",
        "Backed by $153MM in venture funding",
        "manage accounts worth $100,000 to $500,000",
        "Salary: competitive",
    ];
    for text in cases {
        assert!(pays("", text).is_empty(), "{text}: {:?}", pays("", text));
    }
}

#[test]
fn earnings_on_target_give_way_to_pay() {
    let text = "OTE for this role is $200,000 - $220,000. The base salary is $140,000 - $150,000.";
    assert_eq!(pays("", text), ["140000-150000 USD year"]);
}

#[test]
fn long_texts_without_lines_are_read_in_time() {
    let text = "$20 - $30 or so and $40,000 ".repeat(20_000);
    assert!(pays("", &text).len() < 60_000);
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_strange(text in "[-$€£k0-9 .,/+–perhouMaäK\n]{0,60}") {
        pays("", &text);
    }
}
