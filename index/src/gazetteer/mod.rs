//! The gazetteer: cities, regions and countries by the names people write.
//! Owns their data and how a text is read as a place; knows nothing of
//! documents. Names and places from GeoNames, see data/gazetteer/README.md.

mod data;
mod fold;
mod noise;
mod resolve;

use std::cmp::Reverse;

use data::TABLE;
pub use fold::fold;
pub(crate) use noise::is_nothing;
pub use resolve::{Given, Resolution, resolve};

/// A city of 15,000 people or more, or the seat of a region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct City {
    /// The one name it is kept under.
    pub name: &'static str,
    /// Region as documents keep it: a US state's two letters, else its name.
    pub region: Option<&'static str>,
    /// ISO 3166-1 alpha-2 code.
    pub country: &'static str,
    /// Latitude in degrees.
    pub lat: f64,
    /// Longitude in degrees.
    pub lon: f64,
    /// People.
    pub population: u32,
}

/// A state, province or the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// As documents keep it: a US state's two letters, else its name.
    pub name: &'static str,
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: &'static str,
}

/// Every city of exactly this name, by any of its names, whatever the case and
/// accents; by falling population.
pub fn named(name: &str) -> Vec<City> {
    TABLE.named(&fold(name)).map(|(city, _)| city).collect()
}

/// The city a text means: `Berlin`, `Springfield, IL`, `NYC`, `Paris, France`;
/// the most populous that fits. None where the text names no known city.
pub fn find(text: &str) -> Option<City> {
    resolve(text, &Given::default()).city
}

/// Cities of fewer people are no guess at what a mistyped name means.
const ALIKE_POPULATION_MIN: u32 = 100_000;
/// From this many letters on a name may be two edits away, below it one.
const TWO_EDITS_CHARS_MIN: usize = 6;

/// The large city whose name a text was probably meant to be, as a text that
/// `find` reads as it: `Berln` is Berlin, `Parsi, France` Paris, France. The
/// nearest name, of equally near ones that of most people. Looks at every large
/// city, so it is for refusals only.
pub fn alike(text: &str) -> Option<String> {
    let (name, rest) = text.find(',').map_or((text, ""), |at| text.split_at(at));
    let typed = fold(name);
    let letters = typed.chars().count();
    let edits_max = if letters < TWO_EDITS_CHARS_MIN { 1 } else { 2 };
    let mut near: Vec<(usize, Reverse<u32>, &str)> = TABLE
        .cities()
        .iter()
        .filter(|city| city.population >= ALIKE_POPULATION_MIN)
        .map(|city| {
            let edits = strsim::osa_distance(&fold(city.name), &typed);
            (edits, Reverse(city.population), city.name)
        })
        .filter(|(edits, _, _)| (1..=edits_max).contains(edits) && letters > 2)
        .collect();
    near.sort_unstable();
    near.into_iter().find_map(|(_, _, name)| {
        let meant = format!("{name}{rest}");
        find(&meant)
            .is_some_and(|city| city.name == name)
            .then_some(meant)
    })
}

/// The other cities a name may mean as well as the one it is read as: those of
/// the same name with at least a quarter of its people, by falling population.
/// None where a region or country is named too.
pub fn namesakes(name: &str) -> Vec<City> {
    let Some(city) = find(name) else {
        return Vec::new();
    };
    let own = [fold(name), fold(city.name)];
    let mut others = named(name);
    others.retain(|other| {
        *other != city && other.population >= city.population / 4 && own.contains(&fold(other.name))
    });
    others
}

/// Whether a text by itself is a word or half the world before it is the town
/// or region that has its name too: `hub`, `Western`, `APAC`.
pub fn is_no_place(text: &str) -> bool {
    let key = fold(text);
    noise::is_wide(&key) || noise::is_word(&key)
}

/// Whether a name, folded by `fold`, is one of a city, region or country: the
/// cheapest question.
pub fn is_name(key: &str) -> bool {
    TABLE.is_name(key)
}

/// The name documents keep a city under: `NYC` is New York City. A city's own
/// name stays, whichever larger one also goes by it. None for unknown towns.
pub fn city_name(text: &str) -> Option<&'static str> {
    let own = named(text).into_iter().find(|city| city.name == text);
    own.or_else(|| find(text)).map(|city| city.name)
}

/// The ISO 3166-1 code of a country's name, in several languages, or code.
pub fn country_code(name: &str) -> Option<&'static str> {
    TABLE.country(&fold(name))
}

/// Whether a name or code is one of a country or region.
pub fn is_wide(name: &str) -> bool {
    let key = fold(name);
    TABLE.country(&key).is_some() || TABLE.is_region(&key)
}

/// The English name of a country's code in capitals.
pub fn country_name(code: &str) -> Option<&'static str> {
    TABLE.country_name(code)
}

/// The regions of exactly this name or code (`Bayern`, `Texas`, `TX`), the one
/// with most people first.
pub fn regions(name: &str) -> Vec<Region> {
    TABLE.regions(&fold(name))
}

/// Great-circle distance of two (latitude, longitude) in degrees, in km
/// (haversine on a sphere of 6,371 km).
pub fn distance_km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
    let (lat, lon) = ((lat_b - lat_a) / 2.0, (b.1 - a.1).to_radians() / 2.0);
    let (sin_lat, sin_lon) = (libm::sin(lat), libm::sin(lon));
    let h = sin_lat * sin_lat + libm::cos(lat_a) * libm::cos(lat_b) * sin_lon * sin_lon;
    2.0 * 6_371.0 * libm::asin(h.sqrt().min(1.0))
}

/// A region as documents keep it: `Texas` is TX, `Bayern` is Bavaria. Of several
/// in `country` (or anywhere) the one of that very name, else the one with most
/// people. None for a region that is not known.
pub fn region_name(text: &str, country: Option<&str>) -> Option<&'static str> {
    let mut found = regions(text);
    found.retain(|region| country.is_none_or(|country| region.country == country));
    let own = found.iter().find(|region| region.name == text);
    own.or(found.first()).map(|region| region.name)
}

#[cfg(test)]
mod tests;
