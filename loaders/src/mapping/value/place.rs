//! Places as people write them, as far as the text is clear: "Austin, TX
//! 78701", "Remote, Germany", "San Francisco, California, United States".
//! Names of countries and US states are those of the index.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::{Fault, number};
use crate::mapping::path::text_of;

struct Names {
    countries: HashMap<String, &'static str>,
    states: HashMap<String, &'static str>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let (mut countries, mut states) = (HashMap::new(), HashMap::new());
    for line in include_str!("../../../../index/data/gazetteer/countries.tsv").lines() {
        let mut parts = line.split('\t');
        let (Some(sort), Some(code)) = (parts.next(), parts.next()) else {
            continue;
        };
        let table = match sort {
            "C" => &mut countries,
            "S" => &mut states,
            _ => continue,
        };
        for name in std::iter::once(code).chain(parts) {
            table.insert(name.to_lowercase(), code);
        }
    }
    Names { countries, states }
});

/// Names people write that the table of countries does not have.
const MORE: [(&str, &str); 13] = [
    ("netherlands", "NL"),
    ("u.s.", "US"),
    ("u.s.a.", "US"),
    ("united states of america", "US"),
    ("england", "GB"),
    ("scotland", "GB"),
    ("wales", "GB"),
    ("northern ireland", "GB"),
    ("great britain", "GB"),
    ("the netherlands", "NL"),
    ("czech republic", "CZ"),
    ("uae", "AE"),
    ("korea", "KR"),
];

/// The ISO 3166-1 code of a country's name or code.
pub(in crate::mapping) fn country_code(name: &str) -> Option<&'static str> {
    let plain = name.trim().to_lowercase();
    let known = NAMES.countries.get(&plain).copied();
    known.or_else(|| {
        MORE.iter()
            .find(|(more, _)| *more == plain)
            .map(|(_, code)| *code)
    })
}

fn state(name: &str) -> Option<&'static str> {
    NAMES.states.get(&name.trim().to_lowercase()).copied()
}

/// Degrees as a number: "1.735" is not one thousand.
pub(in crate::mapping) fn degrees(value: &Value) -> Result<f64, Fault> {
    let text = text_of(value).unwrap_or_default();
    text.trim_end_matches('°')
        .replace(',', ".")
        .parse()
        .map_err(|_cause| {
            Fault::new(
                "not_coordinates",
                "a latitude or longitude that is no number",
            )
        })
}

/// The parts of a place that are clear.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::mapping) struct Place {
    pub(in crate::mapping) text: Option<String>,
    pub(in crate::mapping) city: Option<String>,
    pub(in crate::mapping) region: Option<String>,
    pub(in crate::mapping) country: Option<String>,
    coordinates: Option<(f64, f64)>,
}

/// Reads the first text that names a city, else the first that names anything.
pub(in crate::mapping) fn first<'a>(
    texts: impl Iterator<Item = Cow<'a, str>>,
    in_country: Option<&str>,
) -> Place {
    let mut places: Vec<Place> = texts.map(|text| read(&text, in_country)).collect();
    let named = places.iter().position(|place| place.city.is_some());
    let said = || places.iter().position(|place| place.country.is_some());
    match named.or_else(said) {
        Some(place) => places.swap_remove(place),
        None => read("", in_country),
    }
}

/// Reads a text; `in_country` is that of places that name none.
pub(in crate::mapping) fn read(text: &str, in_country: Option<&str>) -> Place {
    let default = in_country.and_then(country_code).map(str::to_owned);
    let mut place = Place::default();
    let plain = without_brackets(text);
    // Behind line ends stands something else.
    let plain = plain.trim();
    let mut parts: Vec<&str> = plain
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let last = parts.last().copied().unwrap_or_default();
    let is_state = |part: &str| {
        part.len() == 2 && part.chars().all(|c| c.is_ascii_uppercase()) && state(part).is_some()
    };
    let american = |part: &str| is_state(without_zip(part));
    // "Atlanta, GA" is in the state; a city before two letters of a state reads
    // as American, but for a German city before "DE".
    let german = last == "DE"
        && parts
            .first()
            .is_some_and(|city| !DELAWARE.contains(&city.to_lowercase().as_str()));
    let last = if last.len() > 3 {
        without_zip_of_two(last)
    } else {
        last
    };
    if let Some(code) = country_code(last).filter(|_| german || parts.len() == 1 || !american(last))
    {
        place.country = Some(code.to_owned());
        parts.pop();
    } else if parts.len() > 1 && american(last) {
        place.country = Some("US".to_owned());
    } else {
        place.country = default;
    }
    if parts.len() > 1
        && place.country.as_deref().is_none_or(|code| code == "US")
        && let Some(code) = parts.last().and_then(|part| state(without_zip(part)))
    {
        place.region = Some(code.to_owned());
        place.country = Some("US".to_owned());
        parts.pop();
    }
    let city = parts.first().copied().filter(|city| is_city(city));
    if place.country.is_some() || parts.len() > 1 {
        place.city = city.map(str::to_owned);
    }
    if place.region.is_none()
        && place.city.is_some()
        && place.country.is_some()
        && let [_, region] = parts.as_slice()
        && is_city(region)
    {
        place.region = Some((*region).to_owned());
    }
    place
}

/// Countries that are cities.
const CITY_STATES: [&str; 7] = ["SG", "LU", "MC", "HK", "MO", "VA", "DJ"];
const DELAWARE: [&str; 7] = [
    "wilmington",
    "dover",
    "newark",
    "new castle",
    "middletown",
    "lewes",
    "georgetown",
];

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut made = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            letter if depth == 0 => made.push(letter),
            _ => {}
        }
    }
    made
}

// "TX 75023" and "TX 75023-1234" are Texas.
fn without_zip(part: &str) -> &str {
    part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-' || c == ' ')
}

// "PR 00902": two letters and a zip code; other names keep their numbers.
fn without_zip_of_two(part: &str) -> &str {
    let short = without_zip(part);
    let is_code = short.len() == 2 && short.chars().all(|c| c.is_ascii_uppercase());
    if is_code { short } else { part }
}

const NOT_CITIES: [&str; 18] = [
    "remote",
    "anywhere",
    "hybrid",
    "multiple",
    "various",
    "global",
    "worldwide",
    "nationwide",
    "office",
    "headquarters",
    "distributed",
    "home",
    "onsite",
    "on-site",
    "or",
    "and",
    "remotely",
    "homeoffice",
];

fn is_city(part: &str) -> bool {
    let odd = |c: char| matches!(c, '/' | ';' | '|' | '&') || c.is_ascii_digit();
    let plain = part.to_lowercase();
    part.chars().count() <= 64
        && part.chars().any(char::is_alphabetic)
        && !part.chars().any(odd)
        && !plain
            .split(|c: char| !c.is_alphanumeric() && c != '-')
            .any(|word| NOT_CITIES.contains(&word))
}

impl Place {
    /// Parts that come in columns of their own beat those read from the text.
    pub(in crate::mapping) fn overlay(
        &mut self,
        city: Option<String>,
        region: Option<String>,
        country: Option<String>,
    ) {
        if let Some(country) = country {
            let code = country_code(&country);
            self.country = Some(code.map_or(country, str::to_owned));
        }
        self.city = city.or(self.city.take());
        if let Some(region) = region {
            let american = self.country.as_deref().is_none_or(|code| code == "US");
            let code = state(&region).filter(|_| american);
            self.region = Some(code.map_or(region, str::to_owned));
        }
    }

    /// "Portugal, PT" names no city; Singapore is one.
    pub(in crate::mapping) fn without_country_as_city(&mut self) {
        let Some(code) = self.city.as_deref().and_then(country_code) else {
            return;
        };
        let fits = self
            .country
            .as_deref()
            .is_none_or(|country| country == code);
        if fits && !CITY_STATES.contains(&code) {
            self.country = Some(code.to_owned());
            self.city = None;
        }
    }

    /// Adds coordinates in degrees; one without the other is nothing.
    pub(in crate::mapping) fn at(
        &mut self,
        lat: Option<f64>,
        lon: Option<f64>,
    ) -> Result<(), Fault> {
        let (Some(lat), Some(lon)) = (lat, lon) else {
            return Ok(());
        };
        if !(-90.0..=90.0).contains(&lat) || !(-180.0..=180.0).contains(&lon) {
            return Err(Fault::new(
                "not_coordinates",
                "latitude or longitude out of range",
            ));
        }
        self.coordinates = Some((lat, lon));
        Ok(())
    }

    /// The place as documents have it, `None` for one nothing is known of.
    pub(in crate::mapping) fn to_json(&self) -> Option<Value> {
        let mut parts = Map::new();
        let named = [
            ("text", &self.text),
            ("city", &self.city),
            ("region", &self.region),
            ("country", &self.country),
        ];
        for (name, part) in named {
            if let Some(part) = part
                .as_deref()
                .map(str::trim)
                .filter(|part| !part.is_empty())
            {
                let words: Vec<&str> = part.split_whitespace().collect();
                parts.insert(name.to_owned(), words.join(" ").into());
            }
        }
        if let Some((lat, lon)) = self.coordinates {
            parts.insert("lat".to_owned(), number::json(lat));
            parts.insert("lon".to_owned(), number::json(lon));
        }
        (!parts.is_empty()).then_some(Value::Object(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_as_people_write_them() {
        let cases = [
            ("Albuquerque, NM", None, "Albuquerque|NM|US"),
            ("Pittsburgh, PA 15289", None, "Pittsburgh|PA|US"),
            (
                "Mountain View, CA, United States",
                None,
                "Mountain View|CA|US",
            ),
            (
                "San Francisco, California, United States",
                None,
                "San Francisco|CA|US",
            ),
            (
                "Washington, District of Columbia, United States",
                None,
                "Washington|DC|US",
            ),
            ("Dublin, Ireland", None, "Dublin||IE"),
            (
                "Bangalore, Karnataka, India",
                None,
                "Bangalore|Karnataka|IN",
            ),
            ("Lisbon, PT", None, "Lisbon||PT"),
            ("Munich, DE", None, "Munich||DE"),
            ("Dover, DE", None, "Dover|DE|US"),
            ("Germany", None, "||DE"),
            ("Remote", None, "||"),
            ("Remote, Germany", None, "||DE"),
            ("Remote (USA)", None, "||"),
            ("Göteborg", Some("SE"), "Göteborg||SE"),
            ("Göteborg", None, "||"),
            ("London or Berlin", Some("GB"), "||GB"),
            ("NL", None, "||NL"),
            ("UK", Some("GB"), "||GB"),
            ("", Some("US"), "||US"),
            ("Los Angeles, CA/Remote", None, "Los Angeles||"),
            ("Tbilisi, Georgia", None, "Tbilisi||GE"),
            ("San Juan, PR 00902", None, "San Juan||PR"),
            ("Rotterdam, Netherlands", None, "Rotterdam||NL"),
            ("Armenia, Village Merdzavan", None, "||AM"),
            ("Portugal, PT", None, "||PT"),
            ("Singapore, SG", None, "Singapore||SG"),
            ("Atlanta, Georgia, United States", None, "Atlanta|GA|US"),
        ];
        for (text, country, expected) in cases {
            let mut place = read(text, country);
            place.without_country_as_city();
            let part = |part: &Option<String>| part.clone().unwrap_or_default();
            let found = [part(&place.city), part(&place.region), part(&place.country)].join("|");
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn parts_beat_text_and_coordinates_are_checked() {
        let mut place = read("San Francisco, Seattle", None);
        place.overlay(
            Some("Seattle".into()),
            Some("Washington".into()),
            Some("USA".into()),
        );
        assert_eq!(place.region.as_deref(), Some("WA"));
        assert_eq!(place.country.as_deref(), Some("US"));
        place.at(Some(91.0), Some(0.0)).unwrap_err();
        place.at(Some(47.6), None).unwrap();
        assert!(place.to_json().unwrap().get("lat").is_none());
    }
}
