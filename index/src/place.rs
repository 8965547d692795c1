//! Places: text or parts to city, region, country and coordinates. Owns what a
//! document may say; how a text is read is the gazetteer's.

use serde_json::Value;

use crate::gazetteer::{self, Given};

/// A checked place. Country is an ISO 3166-1 code where the name is known.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Place {
    /// City, a known one under the gazetteer's name.
    pub city: Option<String>,
    /// Region by name; a US state as its two letters.
    pub region: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Latitude and longitude in degrees.
    pub coordinates: Option<(f64, f64)>,
    /// What can be searched as text.
    pub text: String,
}

pub use crate::gazetteer::country_code;

/// Checks a place: `"Berlin, Germany"` or `{city, region, country, lat, lon,
/// text}`. The error is the member it is about and what is wrong.
pub fn parse(value: &Value) -> Result<Place, (&'static str, String)> {
    match value {
        Value::String(text) => Ok(from_text(text, &Given::default())),
        Value::Object(members) => from_parts(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => Err((
            "",
            "expected text or {city, region, country, lat, lon, text}".into(),
        )),
    }
}

fn from_parts(members: &serde_json::Map<String, Value>) -> Result<Place, (&'static str, String)> {
    let known = ["city", "region", "country", "lat", "lon", "text"];
    if let Some(other) = members.keys().find(|key| !known.contains(&key.as_str())) {
        return Err((
            "",
            format!("a place has no member `{}`", other.escape_debug()),
        ));
    }
    let word = |member: &'static str| match members.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
        }
        Some(_) => Err((member, "expected a string".to_owned())),
    };
    let degrees = |member: &'static str, limit: f64| match members.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(number) => match number.as_f64() {
            Some(number) if (-limit..=limit).contains(&number) => Ok(Some(number)),
            _ => Err((member, format!("expected degrees from -{limit} to {limit}"))),
        },
    };
    let (city, region, country) = (word("city")?, word("region")?, word("country")?);
    let text = word("text")?;
    let coordinates = match (degrees("lat", 90.0)?, degrees("lon", 180.0)?) {
        (Some(lat), Some(lon)) => Some((lat, lon)),
        (None, None) => None,
        (Some(_), None) => return Err(("lon", "lat needs lon".into())),
        (None, Some(_)) => return Err(("lat", "lon needs lat".into())),
    };
    let given = Given {
        region: None,
        country: None,
        near: coordinates,
    };
    let mut place = match text.as_deref() {
        Some(text) if city.is_none() && region.is_none() && country.is_none() => {
            from_text(text, &given)
        }
        _ => from_given(city, region, country, coordinates),
    };
    place.coordinates = coordinates.or(place.coordinates);
    Ok(place)
}

// "Berlin, Germany", "Plano, TX 75023", "Remote" or "Germany".
fn from_text(text: &str, given: &Given) -> Place {
    let found = gazetteer::resolve(text, given);
    Place {
        city: found.city.map(|city| city.name.to_owned()).or(found.town),
        region: found.region,
        country: found.country.map(str::to_owned),
        coordinates: found.city.map(|city| (city.lat, city.lon)),
        text: if gazetteer::is_nothing(text) {
            String::new()
        } else {
            text.trim().to_owned()
        },
    }
}

// What is given stays, under the gazetteer's names; what is not is filled where
// the gazetteer knows the city.
fn from_given(
    city: Option<String>,
    region: Option<String>,
    country: Option<String>,
    coordinates: Option<(f64, f64)>,
) -> Place {
    let shown: Vec<&str> = [&city, &region, &country]
        .into_iter()
        .filter_map(|part| part.as_deref())
        .collect();
    let text = shown.join(", ");
    let code = country.as_deref().map(country_code);
    let known = code.flatten();
    // Without the country, or with one nobody knows, a region's name is one of
    // many; the gazetteer's is taken for a country that is given.
    let kept = region.as_deref().and_then(|name| {
        let found = gazetteer::regions(name);
        let fits = |region: &&gazetteer::Region| known.is_none_or(|code| code == region.country);
        found.iter().find(fits).copied()
    });
    let unknown_country = country.is_some() && known.is_none();
    let found = city
        .as_deref()
        .filter(|_| !unknown_country)
        .map(|city| {
            let given = Given {
                region: kept.map(|region| region.name),
                country: known.or(kept.map(|region| region.country)),
                near: coordinates,
            };
            gazetteer::resolve(city, &given)
        })
        .unwrap_or_default();
    let place = found.city;
    Place {
        city: place.map(|city| city.name.to_owned()).or(city),
        region: match kept {
            Some(kept) if !unknown_country => Some(kept.name.to_owned()),
            _ => region.or(found.region),
        },
        country: match known.or(found.country).or(kept.map(|kept| kept.country)) {
            Some(code) if !unknown_country => Some(code.to_owned()),
            _ => country,
        },
        coordinates: place.map(|city| (city.lat, city.lon)),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_given_wins_and_the_rest_is_filled() {
        // (given, city, region, country, whether it has coordinates)
        let cases = [
            (json!("Berlin"), "Berlin", "Berlin", "DE", true),
            (json!("Springfield, IL"), "Springfield", "IL", "US", true),
            (json!("Kleindorf, Germany"), "Kleindorf", "", "DE", false),
            (json!("Remote"), "", "", "", false),
            (json!({"text": "NYC"}), "New York City", "NY", "US", true),
            (
                json!({"city": "Berlin", "country": "Germany"}),
                "Berlin",
                "Berlin",
                "DE",
                true,
            ),
            (
                json!({"city": "New York", "region": "New York"}),
                "New York City",
                "NY",
                "US",
                true,
            ),
            (
                json!({"city": "München", "region": "Bayern"}),
                "Munich",
                "Bavaria",
                "DE",
                true,
            ),
            (
                json!({"city": "Paris", "country": "US"}),
                "Paris",
                "TX",
                "US",
                true,
            ),
            (
                json!({"city": "Berlin", "country": "FR"}),
                "Berlin",
                "",
                "FR",
                false,
            ),
            (
                json!({"city": "Berlin", "country": "Atlantis"}),
                "Berlin",
                "",
                "Atlantis",
                false,
            ),
            (
                json!({"city": "Clichy", "region": "92", "country": "FR"}),
                "Clichy",
                "92",
                "FR",
                true,
            ),
            (
                json!({"city": "Springfield", "lat": 37.2, "lon": -93.3}),
                "Springfield",
                "MO",
                "US",
                true,
            ),
            (
                json!({"city": "Berlin", "lat": 10.0, "lon": 10.0}),
                "Berlin",
                "",
                "",
                true,
            ),
            (json!({"region": "Texas"}), "", "TX", "US", false),
            (json!({"country": "Deutschland"}), "", "", "DE", false),
            (json!({"lat": 1.5, "lon": 2.5}), "", "", "", true),
        ];
        for (value, city, region, country, known) in cases {
            let place = parse(&value).unwrap();
            let held = [&place.city, &place.region, &place.country]
                .map(|part| part.clone().unwrap_or_default());
            assert_eq!(held, [city, region, country], "{value}");
            assert_eq!(place.coordinates.is_some(), known, "{value}");
        }
        let exact = parse(&json!({"city": "Berlin", "lat": 52.6, "lon": 13.3})).unwrap();
        assert_eq!(exact.coordinates, Some((52.6, 13.3)));
        assert_eq!(parse(&json!(" NYC ")).unwrap().text, "NYC");
        assert_eq!(parse(&json!("N/A")).unwrap().text, "");
    }

    #[test]
    fn wrong_places_name_their_member() {
        let cases = [
            (json!(5), ""),
            (json!({"lat": 91, "lon": 0}), "lat"),
            (json!({"lat": 1}), "lon"),
            (json!({"town": "x"}), ""),
            (json!({"city": 1}), "city"),
        ];
        for (value, member) in cases {
            assert_eq!(parse(&value).unwrap_err().0, member, "{value}");
        }
        let place = parse(&json!({"city": "Berlin", "country": "Germany"})).unwrap();
        assert_eq!(place.country.as_deref(), Some("DE"));
    }
}
