use crate::analysis::{Words, analyse};
use crate::facts::titled;

use super::*;

fn places(title: &str, text: &str) -> Vec<String> {
    let whole = titled(title, text);
    let mut words = Words::default();
    analyse(&whole, None, &mut words);
    let reading = Reading::of_titled(&whole, title.len(), Prose::Ad, &words);
    let mut facts = Vec::new();
    read(&reading, &mut facts);
    let mut told: Vec<String> = facts
        .iter()
        .map(|fact| {
            let Value::Place {
                city,
                region,
                country,
            } = &fact.value
            else {
                panic!("{fact:?}");
            };
            format!("{city}|{region}|{country}")
        })
        .collect();
    told.sort();
    told
}

#[test]
fn places_as_ads_say_them() {
    let cases: [(&str, &str, &[&str]); 24] = [
        (
            "Cook",
            "Location: Berlin, Germany\nWe cook.",
            &["Berlin|Berlin|DE"],
        ),
        (
            "Cook",
            "POSITION LOCATION: Yerevan, Armenia",
            &["Yerevan|Yerevan|AM"],
        ),
        (
            "Cook",
            "We cook.\nLocation\nDallas\nOverview",
            &["Dallas||"],
        ),
        (
            "Cook",
            "This role is based in New York City.",
            &["New York City||"],
        ),
        ("Cook", "Join our team in San Jose, CA", &["San Jose|CA|US"]),
        (
            "Cook",
            "hybrid, 2 days per week in our Seattle office",
            &["Seattle||"],
        ),
        ("Cook - Berlin", "We cook.", &["Berlin||"]),
        ("Cook (London)", "We cook.", &["London||"]),
        ("Cook, Phoenix, AZ", "We cook.", &["Phoenix|AZ|US"]),
        ("Teach English in China!", "We teach.", &["||CN"]),
        ("Customer manager (UK)", "We sell.", &["||GB"]),
        (
            "Cook",
            "New York, NY\nAbout us\nWe cook.",
            &["New York City|NY|US"],
        ),
        ("Analyst", "Jr Analyst\nWV\nFull Time", &["|WV|US"]),
        (
            "Cook",
            "For Chicago, IL-based roles: pay is good.",
            &["Chicago|IL|US"],
        ),
        (
            "Cook",
            "Location : Oakhurst, CA (Required)",
            &["Oakhurst|CA|US"],
        ),
        (
            "Cook",
            "You are based in (or willing to relocate to) Paris, Bordeaux or Lyon.",
            &["Bordeaux||", "Lyon||", "Paris||"],
        ),
        (
            "Cook",
            "Arbeitsort ist München. Du bist flexibel.",
            &["Munich||"],
        ),
        (
            "Cook",
            "This position is located in New Albany, OH.",
            &["New Albany|OH|US"],
        ),
        (
            "Cook",
            "an Estate Agency in Hertfordshire",
            &["|Hertfordshire|"],
        ),
        (
            "Sales Manager",
            "Sales Manager Wakefield £25,000 per annum",
            &["Wakefield||"],
        ),
        ("Cook", "Location: Redcarton", &["Redcarton||"]),
        (
            "Cook",
            "Our company has offices in Berlin, Paris and Rome. This job is in Madrid.",
            &["Madrid||"],
        ),
        (
            "Cook",
            "We are headquartered in London. The role is based in Leeds.",
            &["Leeds||"],
        ),
        ("Cook", "Location: Remote, United Kingdom", &["||GB"]),
    ];
    for (title, text, expected) in cases {
        assert_eq!(places(title, text), expected, "{title}: {text}");
    }
}

#[test]
fn places_of_forms_and_employers() {
    let cases: [(&str, &str, &[&str]); 9] = [
        (
            "Cook",
            "Primary Location: United States-Walker",
            &["Walker||"],
        ),
        (
            "Cook",
            "Locations: Dublin, Ga; Atlanta, GA",
            &["Atlanta|GA|US", "Dublin|GA|US"],
        ),
        (
            "Cook",
            "Locations: Australia, New Zealand, Canada",
            &["||AU", "||CA", "||NZ"],
        ),
        ("Cook -Denver", "We cook.", &["Denver||"]),
        (
            "Cook",
            "The Goddard School in Richmond is seeking a cook.",
            &["Richmond||"],
        ),
        ("Cook", "Join our Omaha, NE team!", &["Omaha|NE|US"]),
        ("Cook", "A role based out of Austin.", &["Austin||"]),
        (
            "Cook",
            "Acme is headquartered in Ann Arbor, MI. We cook.",
            &["Ann Arbor|MI|US"],
        ),
        (
            "Cook",
            "Acme is headquartered in Ann Arbor, MI. The role is based in Leeds.",
            &["Leeds||"],
        ),
    ];
    for (title, text, expected) in cases {
        assert_eq!(places(title, text), expected, "{title}: {text}");
    }
}

#[test]
fn other_places_are_none() {
    let cases = [
        ("Cook", "Location: Remote\nWe cook."),
        ("Cook", "Work Location: One location"),
        (
            "Customer Support with German",
            "fluent in German, Reading and Mobile skills",
        ),
        ("Store Manager", "Our products sell to clients from London."),
        ("Engineer, Mobile", "Build with Go."),
        ("Cook", "Benefits\nWellness activities in our Paris office"),
    ];
    for (title, text) in cases {
        assert!(
            places(title, text).is_empty(),
            "{title}: {text}: {:?}",
            places(title, text)
        );
    }
}

#[test]
fn long_texts_are_read_in_time_and_tell_few_places() {
    let text = "This job is in Berlin or Paris, following cities: Location: Rome ".repeat(20_000);
    assert!(places("Cook", &text).len() <= PLACES_MAX);
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_strange(text in "([A-Z][a-z]{0,6}|Berlin|in|our|Location|[-:,.()\n ]){0,30}") {
        places("Cook", &text);
    }
}
