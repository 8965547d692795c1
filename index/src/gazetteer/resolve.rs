//! A text read as a place. Owns the rules; the names are the table's.
//!
//! The parts behind the first say where it is, and of the cities of its name
//! the most populous that fits is meant. Of several places the first decides.

use super::data::TABLE;
use super::noise::{self, Part};
use super::{City, Region, distance_km, fold};

/// What a text says about where something is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolution {
    /// The city, where it is a known one.
    pub city: Option<City>,
    /// The town as typed, where it is none.
    pub town: Option<String>,
    /// Region as documents keep it.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<&'static str>,
}

/// What is known before the text is read; it wins over what the text says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// Region as documents keep it.
    pub region: Option<&'a str>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<&'a str>,
    /// Latitude and longitude: a city of the name near it is meant.
    pub near: Option<(f64, f64)>,
}

/// Longer parts are no town.
const TOWN_BYTES_MAX: usize = 64;
/// A city with a region of the same name elsewhere is meant from this size on.
const OVER_REGION: u32 = 500_000;
/// A city's first name counts as so many times the people of another one's.
const FIRST_NAME_FACTOR: u64 = 8;
/// "Richmond, CA" is in California, though Canada's Richmond is larger; another
/// country's city must be so many times larger to be meant by a state's code.
const OVER_STATE: u64 = 20;
/// "Salem, IN" is a town of Indiana the table does not know, though India has a
/// Salem: America has towns of that name. "Delhi, IN" is India's: none of them is
/// within so many times of it.
const OVER_NAMESAKE: u64 = 8;
/// Of these countries towns are written with their own code as often; a state's
/// town that is meant is known.
const OWN_CODES: [&str; 2] = ["CA", "DE"];
/// Coordinates farther away than this are of another place.
const NEAR_KM: f64 = 60.0;
/// Countries that are a city.
const CITY_STATES: [&str; 6] = ["SG", "MC", "HK", "MO", "GI", "VA"];
/// Reads a text as a place.
pub fn resolve(text: &str, given: &Given) -> Resolution {
    if noise::is_nothing(text) {
        return Resolution::default();
    }
    let text = noise::shortened(text);
    // "Frankfurt (Oder)" is a name of its own.
    let (outside, inside) = if TABLE.is_name(&fold(text)) {
        (text.to_owned(), String::new())
    } else {
        noise::brackets(text)
    };
    let pieces = noise::pieces(&outside);
    let mut found = pieces.iter().map(|piece| one(piece, given));
    let mut first = found
        .find(|found| *found != Resolution::default())
        .unwrap_or_default();
    let inner = noise::pieces(&inside)
        .into_iter()
        .map(|piece| one(piece, given))
        .find(|found| *found != Resolution::default());
    if first == Resolution::default() {
        return inner.unwrap_or_default();
    }
    let only_where = |found: &Resolution| found.city.is_none() && found.town.is_none();
    // "Weave - Headquarters (Lehi, UT)".
    if first.city.is_none()
        && first.country.is_none()
        && let Some(inner) = inner.as_ref().filter(|inner| inner.city.is_some())
    {
        return inner.clone();
    }
    // "Valencia (Spain)": what stands in brackets says where.
    if let Some(inner) = inner.filter(only_where)
        && let Some(country) = inner.country
        && first.country != Some(country)
    {
        let given = Given {
            country: given.country.or(Some(country)),
            ..*given
        };
        let there = pieces.iter().map(|piece| one(piece, &given));
        if let Some(better) = there.clone().find(|there| there.city.is_some()) {
            return better;
        }
    }
    // "Kleindorf / Germany".
    if first.country.is_none()
        && let Some(other) = found.find(|other| only_where(other) && other.country.is_some())
    {
        first.country = other.country;
        first.region = first.region.or(other.region);
    }
    first
}

// Where something is: a country, or a region of it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Where {
    country: &'static str,
    region: Option<&'static str>,
}

impl Where {
    fn has(&self, city: &City) -> bool {
        city.country == self.country && (self.region.is_none() || city.region == self.region)
    }
}

impl From<Region> for Where {
    fn from(region: Region) -> Self {
        Self {
            country: region.country,
            region: Some(region.name),
        }
    }
}

fn country_of(part: &Part) -> Option<&'static str> {
    let short = ["us", "uk", "usa", "uae"].contains(&part.key.as_str());
    TABLE
        .country(&part.key)
        .filter(|_| part.code || short || part.key.len() > 3)
}

fn regions_of(part: &Part) -> Vec<Region> {
    if part.code || part.key.len() > 3 {
        TABLE.regions(&part.key)
    } else {
        Vec::new()
    }
}

fn one(text: &str, given: &Given) -> Resolution {
    let found = noise::parts(text);
    let given = Given {
        country: given.country.or(found.country),
        ..*given
    };
    let mut parts = without_words(found.list, &given);
    // A noise word as the only part before: "Remote, Texas".
    turn(&mut parts);
    let Some((first, rest)) = parts.split_first() else {
        return Resolution::default();
    };
    let place = narrowed(first, rest, &given, found.noisy);
    if rest.is_empty() || place.is_none() {
        let found = alone(first, &given, place);
        if found.city.is_some() || rest.is_empty() {
            return found;
        }
        // "Kreuzberg, Berlin"; and else what was typed.
        return rest
            .iter()
            .find_map(|part| best(&part.key, &given, |_| true))
            .map_or_else(|| typed(found, rest), of_city);
    }
    match place {
        Some(place) => {
            let found = within(first, rest, place, &given);
            // "Canada, UK": two countries, the first decides.
            let own = country_of(first).filter(|own| *own != place.country);
            let listed = place.region.is_none() && found.town.is_some() && given.country.is_none();
            match own {
                Some(_) if listed => alone(first, &given, None),
                _ => found,
            }
        }
        None => Resolution::default(),
    }
}

// Without what is no place by itself: "APAC", "Hub". The city of such a name is
// meant only where the rest says where it is: "Metro, Indonesia"; the country of
// most ads says too little ("Central, US").
fn without_words(parts: Vec<Part>, given: &Given) -> Vec<Part> {
    let is_word = |part: &Part| noise::is_word(&part.key);
    let said = |part: &Part| !is_word(part) && !noise::is_wide(&part.key);
    if parts.iter().all(said) {
        return parts;
    }
    let sure = |place: &Where| place.region.is_some() || place.country != "US";
    let others = parts.iter().filter(|part| said(part));
    let places: Vec<Where> = others
        .flat_map(|part| options(part, None))
        .filter(sure)
        .collect();
    let is_given = |city: &City| {
        let country = given.country == Some(city.country);
        let region = given.region.is_some() && city.region == given.region;
        let near = given
            .near
            .is_some_and(|at| distance_km(at, (city.lat, city.lon)) <= NEAR_KM);
        near || (country && (region || city.country != "US"))
    };
    let is_city = |part: &Part| {
        TABLE.named(&part.key).any(|(city, first_name)| {
            let there = || places.iter().any(|place| place.has(&city));
            first_name && (is_given(&city) || (is_word(part) && there()))
        })
    };
    // "Western, Ghana".
    let is_region = |part: &Part| {
        let mut regions = TABLE.regions(&part.key).into_iter();
        is_word(part) && regions.any(|region| places.iter().any(|p| p.country == region.country))
    };
    let kept: Vec<bool> = parts
        .iter()
        .map(|part| said(part) || is_city(part) || is_region(part))
        .collect();
    let parts = parts.into_iter().zip(kept);
    parts
        .filter_map(|(part, kept)| kept.then_some(part))
        .collect()
}

fn typed(mut found: Resolution, rest: &[Part]) -> Resolution {
    if found.region.is_none() && found.town.is_some() {
        found.region = rest
            .last()
            .filter(|part| !noise::is_no_town(&part.key) && part.typed.len() <= TOWN_BYTES_MAX)
            .map(|part| part.typed.clone());
    }
    found
}

// The first part where it is known in which country or region.
fn within(first: &Part, rest: &[Part], place: Where, given: &Given) -> Resolution {
    let found = alone(first, given, Some(place));
    if found.city.is_some() || found.town.is_none() {
        return found;
    }
    // "Kreuzberg, Berlin, Germany", "Carmel Valley, San Diego, CA".
    let district = rest
        .iter()
        .filter(|part| country_of(part).is_none())
        .find_map(|part| best(&part.key, given, |city| place.has(city)))
        .filter(|city| city.region != place.region || rest.len() > 1);
    if let Some(city) = district {
        return of_city(city);
    }
    // "London, New York": two cities beside each other.
    let large = |city: &City| city.population >= OVER_REGION;
    let is_large = |part: &Part| !part.code && TABLE.named(&part.key).any(|(city, _)| large(&city));
    if rest.len() == 1
        && rest.iter().all(is_large)
        && let Some(city) = best(&first.key, given, large)
    {
        return of_city(city);
    }
    found
}

// A part by itself: a city, a region, a country, or a town nobody knows.
fn alone(part: &Part, given: &Given, place: Option<Where>) -> Resolution {
    let fits = |city: &City| place.is_none_or(|place| place.has(city));
    let only_where = |country: &'static str, region: Option<&'static str>| Resolution {
        country: Some(country),
        region: region.map(str::to_owned),
        ..Resolution::default()
    };
    let given_country = given.country.and_then(|code| TABLE.country(&fold(code)));
    let inside = |country: &str| {
        place.is_none_or(|place| place.country == country)
            && given_country.is_none_or(|given| given == country)
    };
    let city = best(&part.key, given, fits);
    let mut regions = regions_of(part);
    regions.retain(|region| {
        inside(region.country)
            && place.is_none_or(|p| p.region.is_none_or(|name| name == region.name))
    });
    // A city's name far from its coordinates is not the region either.
    if city.is_none() && given.near.is_some() && TABLE.named(&part.key).next().is_some() {
        regions.clear();
    }
    // "Luxembourg, Luxembourg": the country is said, the name is the city's.
    // "England" is a region to us and a country to many: both.
    if let Some(country) = country_of(part).filter(|country| inside(country)) {
        let same = city.filter(|c| CITY_STATES.contains(&country) && c.country == country);
        let region = regions.iter().find(|region| region.country == country);
        if let Some(city) = same.or(city.filter(|_| place.is_some())) {
            return of_city(city);
        }
        return only_where(country, region.map(|region| region.name));
    }
    if let Some(city) = city {
        let home = |r: &Region| r.country == city.country && city.region == Some(r.name);
        if regions.is_empty() || city.population >= OVER_REGION || regions.iter().any(home) {
            return of_city(city);
        }
    }
    if let Some(region) = regions.first() {
        return only_where(region.country, Some(region.name));
    }
    let town = Some(&part.typed).filter(|town| {
        !noise::is_no_town(&part.key)
            && town.len() <= TOWN_BYTES_MAX
            && town.chars().any(char::is_alphabetic)
    });
    Resolution {
        city: None,
        town: town.cloned(),
        region: place.and_then(|place| place.region).map(str::to_owned),
        country: place.map(|place| place.country).or(given_country),
    }
}

fn of_city(city: City) -> Resolution {
    Resolution {
        city: Some(city),
        town: None,
        region: city.region.map(str::to_owned),
        country: Some(city.country),
    }
}

// The most populous city of a name that fits; with coordinates, one near them.
fn best(key: &str, given: &Given, fits: impl Fn(&City) -> bool) -> Option<City> {
    let given_country = |city: &City| given.country.is_none_or(|code| code == city.country);
    let given_region = |city: &City| given.region.is_none_or(|name| city.region == Some(name));
    let near = |city: &City| {
        given
            .near
            .is_none_or(|at| distance_km(at, (city.lat, city.lon)) <= NEAR_KM)
    };
    // "Taipei City", "Ijevan town".
    let bare = [" city", " town"]
        .into_iter()
        .find_map(|kind| key.strip_suffix(kind))
        .filter(|_| TABLE.named(key).next().is_none());
    TABLE
        .named(bare.unwrap_or(key))
        .filter(|(city, _)| fits(city) && given_country(city) && given_region(city) && near(city))
        // Of equals the first: the larger one.
        .reduce(|a, b| if weight(b) > weight(a) { b } else { a })
        .map(|(city, _)| city)
}

fn weight((city, first_name): (City, bool)) -> u64 {
    u64::from(city.population) * if first_name { FIRST_NAME_FACTOR } else { 1 }
}

// "Germany, Berlin", "US, CA, San Francisco": the wide before the narrow.
fn turn(parts: &mut [Part]) {
    for _ in 1..parts.len() {
        let (Some(first), Some(second)) = (parts.first(), parts.get(1)) else {
            return;
        };
        let mut wheres: Vec<Where> = regions_of(first).into_iter().map(Where::from).collect();
        let known = TABLE
            .named(&first.key)
            .any(|(city, _)| wheres.contains(&whole(&city)));
        if known {
            return;
        }
        wheres.extend(country_of(first).map(|country| Where {
            country,
            region: None,
        }));
        let there = |place: &Where| {
            TABLE.named(&second.key).any(|(city, _)| place.has(&city))
                || (place.region.is_none()
                    && regions_of(second)
                        .iter()
                        .any(|r| r.country == place.country))
        };
        let nowhere = country_of(second).is_none() && regions_of(second).is_empty();
        let unknown = nowhere && TABLE.named(&second.key).next().is_none();
        let says = country_of(first).is_some() && unknown;
        if wheres.is_empty() || !(says || wheres.iter().any(there)) {
            return;
        }
        parts.rotate_left(1);
    }
}

fn whole(city: &City) -> Where {
    Where {
        country: city.country,
        region: city.region,
    }
}

// What the parts behind the first say about where it is.
fn narrowed(first: &Part, rest: &[Part], given: &Given, noisy: bool) -> Option<Where> {
    // A country that can be nothing else decides what the others mean.
    let sure = rest.iter().rev().find_map(|part| {
        let country = country_of(part)?;
        let only = part.key.len() <= 3 && ["us", "uk", "usa", "uae"].contains(&part.key.as_str());
        (only
            || regions_of(part)
                .iter()
                .all(|region| region.country == country))
        .then_some(country)
    });
    let country = given
        .country
        .and_then(|code| TABLE.country(&fold(code)))
        .or(sure);
    let mut options = rest.iter().rev().map(|part| (part, options(part, country)));
    if country.is_some() {
        // The narrowest of the given country.
        let region = options
            .flat_map(|(_, options)| options)
            .find(|place| place.region.is_some());
        return region.or(country.map(|country| Where {
            country,
            region: None,
        }));
    }
    let alone = rest.is_empty() && noisy && first.code;
    if alone && let Some(state) = state_of(first).filter(|state| state.region != Some("DE")) {
        return Some(state);
    }
    let (part, options) = options.find(|(_, options)| !options.is_empty())?;
    Some(chosen(first, part, &options, given))
}

fn state_of(part: &Part) -> Option<Where> {
    regions_of(part)
        .into_iter()
        .find(|region| region.country == "US")
        .map(Where::from)
}

fn options(part: &Part, country: Option<&'static str>) -> Vec<Where> {
    let regions = regions_of(part).into_iter().map(Where::from);
    let own = country_of(part).map(|country| Where {
        country,
        region: None,
    });
    let mut options: Vec<Where> = own.into_iter().chain(regions).collect();
    options.retain(|place| country.is_none_or(|country| place.country == country));
    options
}

// Which of several readings of a part ("CA", "DE", "Georgia") is meant.
fn chosen(first: &Part, part: &Part, options: &[Where], given: &Given) -> Where {
    let state = options
        .iter()
        .copied()
        .find(|place| place.country == "US" && place.region.is_some());
    if let Some(state) = state.filter(|_| part.postcode) {
        return state;
    }
    let people = |place: &Where| {
        let city = best(&first.key, given, |city| place.has(city));
        city.map_or(0, |city| {
            let state = Some(*place) == state && part.code;
            u64::from(city.population) * if state { OVER_STATE } else { 1 }
        })
    };
    // Of equals the first: a country before a region of its name.
    let mut most = options[0];
    for place in options {
        if people(place) > people(&most) {
            most = *place;
        }
    }
    if let Some(state) = state.filter(|_| part.code && !OWN_CODES.contains(&most.country))
        && most.country != "US"
        && people(&state) == 0
        && has_namesake(first, most, given)
    {
        return state;
    }
    match state {
        Some(state) if people(&most) == 0 => {
            // A town before a state's letters or name reads as American, but
            // "Kleindorf, DE".
            let german = part.key == "de" && !noise::DELAWARE.contains(&first.key.as_str());
            if german { most } else { state }
        }
        _ => most,
    }
}

// Whether America has a city of the name that is not dwarfed by the one there.
fn has_namesake(first: &Part, place: Where, given: &Given) -> bool {
    let there = best(&first.key, given, |city| place.has(city));
    let own = best(&first.key, given, |city| city.country == "US");
    own.zip(there).is_some_and(|(own, there)| {
        u64::from(own.population) * OVER_NAMESAKE >= u64::from(there.population)
    })
}
