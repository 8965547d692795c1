//! Places of foreign data: the text that names one among several, and parts in
//! columns of their own. What a text means is the index's gazetteer to say.

use std::borrow::Cow;

use serde_json::{Map, Value};
use tandem_index::gazetteer::{Given, country_code, resolve};

use super::{Fault, number};
use crate::mapping::path::text_of;

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

/// Reads a text as documents' places are read; `in_country` is the country of
/// places that name none.
pub(in crate::mapping) fn read(text: &str, in_country: Option<&str>) -> Place {
    let default = in_country.and_then(country_code);
    let last = text.rsplit(',').next().unwrap_or_default();
    let given = Given {
        country: default.filter(|_| country_code(last).is_none()),
        ..Given::default()
    };
    let found = resolve(text, &given);
    Place {
        text: None,
        city: found.city.map(|city| city.name.to_owned()).or(found.town),
        region: found.region,
        country: found.country.or(default).map(str::to_owned),
        coordinates: None,
    }
}

/// Countries that are cities.
const CITY_STATES: [&str; 7] = ["SG", "LU", "MC", "HK", "MO", "VA", "DJ"];

impl Place {
    /// Parts that come in columns of their own beat those read from the text.
    pub(in crate::mapping) fn overlay(
        &mut self,
        city: Option<String>,
        region: Option<String>,
        country: Option<String>,
    ) {
        if let Some(country) = country {
            // "EMEA" is no country; the place's text still says it.
            self.country = country_code(&country)
                .map(str::to_owned)
                .or(self.country.take());
        }
        self.city = city.or(self.city.take());
        if let Some(region) = region {
            self.region = Some(region);
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
    fn the_country_of_places_that_name_none() {
        let cases = [
            ("Göteborg", Some("SE"), "Gothenburg||SE"),
            ("Paris", Some("US"), "Paris|TX|US"),
            ("Paris, France", Some("US"), "Paris||FR"),
            ("Remote", Some("DE"), "||DE"),
            ("Remote", None, "||"),
            ("", Some("US"), "||US"),
            ("Portugal, PT", None, "||PT"),
        ];
        for (text, country, expected) in cases {
            let mut place = read(text, country);
            place.without_country_as_city();
            let region = place.region.filter(|region| region.len() == 2);
            let part = |part: &Option<String>| part.clone().unwrap_or_default();
            let found = [part(&place.city), part(&region), part(&place.country)].join("|");
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn american_towns_are_american_through_a_mapping() {
        let text = "[fields]\nid = \"id\"\nlocation = { column = \"where\", type = \"place\" }";
        let mapping = crate::mapping::Mapping::parse(text).unwrap();
        let towns = [
            "Richmond, VA",
            "Boston, MA",
            "Denver, CO",
            "Indianapolis, IN",
            "Austin, TX",
            "Salem, IN",
        ];
        for text in towns {
            let (town, state) = text.split_once(", ").unwrap();
            let fields = serde_json::json!({"id": "1", "where": text});
            let record = crate::record::Record {
                number: 1,
                fields: fields.as_object().unwrap().clone(),
            };
            let place = mapping.map(&record).documents[0]["location"].clone();
            let expected =
                serde_json::json!({"text": text, "city": town, "region": state, "country": "US"});
            assert_eq!(place, expected, "{text}");
        }
    }

    #[test]
    fn of_several_texts_the_first_with_a_city_is_taken() {
        let texts = ["Remote", "Germany", "Munich, Germany", "Berlin"];
        let place = first(texts.iter().map(|text| Cow::Borrowed(*text)), None);
        assert_eq!(place.city.as_deref(), Some("Munich"));
    }

    #[test]
    fn parts_beat_text_and_coordinates_are_checked() {
        let mut place = read("San Francisco, Seattle", None);
        place.overlay(
            Some("Seattle".into()),
            Some("Washington".into()),
            Some("USA".into()),
        );
        assert_eq!(place.city.as_deref(), Some("Seattle"));
        assert_eq!(place.country.as_deref(), Some("US"));
        place.at(Some(91.0), Some(0.0)).unwrap_err();
        place.at(Some(47.6), None).unwrap();
        assert!(place.to_json().unwrap().get("lat").is_none());
    }
}
