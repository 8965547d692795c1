//! Places: text or parts to city, region, country and coordinates. Owns the
//! names of countries and US states; knows no cities.

use serde_json::Value;

use crate::gazetteer;

/// A checked place. Country is an ISO 3166-1 code where the name is known.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Place {
    /// City.
    pub city: Option<String>,
    /// Region; a US state as its two letters.
    pub region: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Latitude and longitude in degrees.
    pub coordinates: Option<(f64, f64)>,
    /// What can be searched as text.
    pub text: String,
}

pub use crate::gazetteer::country_code;

// The two letters of a US state's name or code.
fn state(name: &str) -> Option<&'static str> {
    let regions = gazetteer::regions(name).into_iter();
    regions
        .filter(|region| region.country == "US")
        .map(|region| region.name)
        .next()
}

/// Checks a place: `"Berlin, Germany"` or `{city, region, country, lat, lon,
/// text}`. The error is the member it is about and what is wrong.
pub fn parse(value: &Value) -> Result<Place, (&'static str, String)> {
    match value {
        Value::String(text) => Ok(from_text(text)),
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
    let mut place = text.as_deref().map(from_text).unwrap_or_default();
    if city.is_some() || region.is_some() || country.is_some() {
        let shown: Vec<&str> = [&city, &region, &country]
            .into_iter()
            .filter_map(|part| part.as_deref())
            .collect();
        place.text = shown.join(", ");
        place.country = country.map(|name| match country_code(&name) {
            Some(code) => code.to_owned(),
            None => name,
        });
        place.city = city;
        place.region = region;
    }
    place.coordinates = coordinates;
    Ok(place)
}

// "Berlin, Germany", "Plano, TX 75023", "Austin, Texas, United States",
// "Remote" or "Germany": the last parts that are known names decide.
fn from_text(text: &str) -> Place {
    let mut place = Place {
        text: text.trim().to_owned(),
        ..Place::default()
    };
    if is_nothing(text.trim()) {
        place.text.clear();
        return place;
    }
    let mut parts: Vec<&str> = text
        .split([',', '/', '|', ';'])
        .map(|part| {
            part.trim()
                .trim_end_matches(|c: char| c.is_ascii_digit() || c == '-')
                .trim()
        })
        .filter(|part| !part.is_empty() && !is_nothing(part))
        .collect();
    let said_us = parts.last().copied().and_then(country_code) == Some("US");
    if let Some(last) = parts.last().copied() {
        let state = state(last);
        match (country_code(last), state) {
            // "Atlanta, GA" is in Georgia, the state: a city before two
            // letters reads as American.
            (_, Some(code)) if parts.len() > 1 && last.len() == 2 && !is_german(&parts) => {
                place.region = Some(code.to_owned());
                place.country = Some("US".to_owned());
                parts.pop();
            }
            (Some(code), _) => {
                place.country = Some(code.to_owned());
                parts.pop();
            }
            (None, Some(code)) => {
                place.region = Some(code.to_owned());
                place.country = Some("US".to_owned());
                parts.pop();
            }
            (None, None) => {}
        }
    }
    if parts.len() > 1
        && place.region.is_none()
        && let Some(last) = parts.last().copied()
    {
        let state = state(last).filter(|_| said_us);
        place.region = Some(state.unwrap_or(last).to_owned());
        parts.pop();
    }
    let city = parts.first().copied().filter(|city| {
        let plain = city.to_lowercase();
        !["remote", "anywhere", "worldwide", "hybrid", "onsite"].contains(&plain.as_str())
            && city.len() <= 64
            && city.chars().any(char::is_alphabetic)
    });
    place.city = city.map(str::to_owned);
    place
}

// Ways to say that there is no place; "NA" would be Namibia.
fn is_nothing(part: &str) -> bool {
    let plain = part.to_lowercase();
    ["na", "n/a", "n.a.", "tbd", "none", "null", "unknown"].contains(&plain.as_str())
}

// "Munich, DE" is in Germany; of Delaware's towns a few are in ads.
fn is_german(parts: &[&str]) -> bool {
    let delaware = [
        "wilmington",
        "dover",
        "newark",
        "new castle",
        "middletown",
        "lewes",
        "georgetown",
    ];
    parts.last().is_some_and(|last| *last == "DE")
        && parts
            .first()
            .is_some_and(|city| !delaware.contains(&city.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parts(text: &str) -> (Option<String>, Option<String>, Option<String>) {
        let place = from_text(text);
        (place.city, place.region, place.country)
    }

    #[test]
    fn places_as_people_write_them() {
        let some = |text: &str| Some(text.to_owned());
        let cases = [
            ("Berlin, Germany", some("Berlin"), None, some("DE")),
            (
                "Albuquerque, NM",
                some("Albuquerque"),
                some("NM"),
                some("US"),
            ),
            (
                "Pittsburgh, PA 15289",
                some("Pittsburgh"),
                some("PA"),
                some("US"),
            ),
            (
                "Austin, Texas, United States",
                some("Austin"),
                some("TX"),
                some("US"),
            ),
            ("Atlanta, GA", some("Atlanta"), some("GA"), some("US")),
            ("Tbilisi, Georgia", some("Tbilisi"), None, some("GE")),
            ("UK", None, None, some("GB")),
            ("Remote", None, None, None),
            ("Munich, DE", some("Munich"), None, some("DE")),
            ("Dover, DE", some("Dover"), some("DE"), some("US")),
            ("NA", None, None, None),
            ("N/A", None, None, None),
            ("Yerevan, Armenia", some("Yerevan"), None, some("AM")),
            ("Solna", some("Solna"), None, None),
            ("", None, None, None),
        ];
        for (text, city, region, country) in cases {
            assert_eq!(parts(text), (city, region, country), "{text}");
        }
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
