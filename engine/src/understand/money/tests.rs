//! Amounts that are pay, and numbers that are not.

use super::*;
use crate::understand::tokens::of_text;

fn shown(text: &str) -> String {
    let tokens = of_text(text);
    let Some((count, said)) = read(&tokens) else {
        return "-".into();
    };
    let bound = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let plain = if said.plain { "?" } else { "" };
    format!(
        "{}..{}{plain} {} {} {count}",
        bound(said.low),
        bound(said.high),
        said.currency.unwrap_or("-"),
        said.period
    )
}

#[test]
fn pay_as_people_type_it() {
    let cases = [
        ("80k", "80000..? - year 1"),
        ("€80k", "80000..? EUR year 1"),
        ("80.000 €", "80000..? EUR year 2"),
        ("80 000 €", "80000..? EUR year 3"),
        ("$120k+", "120000.. $ year 1"),
        ("60-70k", "60000..70000 - year 1"),
        ("€60–70k", "60000..70000 EUR year 1"),
        ("60k - 70k eur", "60000..70000 EUR year 4"),
        ("60k to 70k", "60000..70000 - year 3"),
        ("between 60k and 70k", "60000..70000 - year 4"),
        ("80000 eur", "80000..? EUR year 2"),
        ("eur 80000", "80000..? EUR year 2"),
        ("25/h", "25..? - hour 1"),
        ("25€/h", "25..? EUR hour 1"),
        ("$25 an hour", "25..? $ hour 3"),
        ("at least 80k", "80000.. - year 3"),
        ("up to 50 per hour", "..50 - hour 5"),
        (">80k", "80000.. - year 1"),
        ("<=90k", "..90000 - year 1"),
        ("ab 55.000 euro", "55000.. EUR year 3"),
        ("500 per day", "500..? - day 3"),
        ("3.000 € pro monat", "3000..? EUR month 4"),
        ("22,50 €/h", "22.5..? EUR hour 2"),
        ("salary 80k", "80000..? - year 2"),
        ("80k salary", "80000..? - year 2"),
        ("80 k", "80000..? - year 2"),
        ("500 eur/day", "500..? EUR day 2"),
        ("40 eur/hour", "40..? EUR hour 2"),
        ("40 €/Std", "40..? EUR hour 2"),
        ("40 €/Std.", "40..? EUR hour 2"),
        ("40 € / Std", "40..? EUR hour 4"),
        ("500-600 eur/day", "500..600 EUR day 2"),
        ("500 / day", "500..? - day 3"),
        ("£30,000", "30000..? GBP year 1"),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn other_numbers_are_words() {
    let cases = [
        "80",
        "80000",
        "80,000",
        "80 hours",
        "401k",
        "10k",
        "100k users",
        "24/7",
        "k8s",
        "3d",
        "c 3.11",
        "2026",
        "€",
        "9/11",
        "20 per week",
        "40h/week",
        "$10 million",
        "$5m",
        "4k",
        "3.11",
        "5 years",
        "365",
        "1/day",
        "10-15",
        "at least 5",
        "between 60k",
        "80k-60k",
        "0k",
        "k",
        "-",
        "$",
        "$.",
        "1,2,3",
        "99999999999999999999k",
    ];
    for text in cases {
        assert_eq!(shown(text), "-", "{text}");
    }
}
