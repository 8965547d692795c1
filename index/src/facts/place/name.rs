//! Names of places at a word of a text. Owns how far a name goes; which names
//! there are is the gazetteer's.

use crate::analysis::Word;
use crate::facts::Reading;
use crate::gazetteer::{self, Given};

/// A place that is named in a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Named {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The word behind its last.
    pub(super) next: usize,
    pub(super) city: String,
    pub(super) region: String,
    pub(super) country: String,
    /// People of the city; none for what is no known city.
    pub(super) population: u32,
    /// The gazetteer knows it.
    pub(super) known: bool,
}

/// Words of one name at most.
const NAME_WORDS_MAX: usize = 4;
/// Parts of an address at most: city, region, country.
const PARTS_MAX: usize = 3;

/// A city is meant by another name than its own from so many people on.
const OTHER_NAME_POPULATION: u32 = 300_000;
/// Countries that are a city.
const CITY_STATES: [&str; 5] = ["SG", "MC", "HK", "MO", "LU"];

const DIRECTIONS: [&str; 16] = [
    "north", "south", "east", "west", "central", "greater", "downtown", "inner", "northern",
    "southern", "eastern", "western", "metro", "outer", "mid", "midtown",
];

/// Areas that are neither cities nor regions of the gazetteer: English counties
/// and the like, which ads name in a town's stead.
#[rustfmt::skip]
const AREAS: [&str; 74] = [
    "south west", "south east", "north west", "north east", "south west england", "east of england", "m4 corridor", "thames valley",
    "kent", "essex", "surrey", "sussex", "west sussex", "east sussex", "norfolk", "suffolk", "cornwall", "devon", "dorset", "somerset",
    "cumbria", "lancashire", "yorkshire", "west yorkshire", "north yorkshire", "south yorkshire", "east yorkshire", "cheshire", "derbyshire",
    "nottinghamshire", "lincolnshire", "leicestershire", "staffordshire", "shropshire", "worcestershire", "warwickshire",
    "herefordshire", "gloucestershire", "oxfordshire", "buckinghamshire", "berkshire", "hampshire", "wiltshire",
    "hertfordshire", "bedfordshire", "cambridgeshire", "northamptonshire", "middlesex", "merseyside", "tyne and wear",
    "west midlands", "east midlands", "midlands", "home counties", "county durham", "northumberland", "rutland",
    "isle of wight", "east anglia", "lanarkshire", "ayrshire", "aberdeenshire", "fife", "gwent", "dyfed", "clwyd",
    "bay area", "san francisco bay area", "silicon valley", "dmv", "orange county", "long island", "ruhrgebiet", "randstad",
];

/// Names of places that are words of ads far more often.
#[rustfmt::skip]
const WORDS: [&str; 46] = [
    "enterprise", "mission", "federal", "national", "national capital", "nord", "sud", "est", "ouest", "central", "capital",
    "commerce", "media", "growth", "mobile", "march", "university", "college", "hospital", "republic", "progress", "union",
    "justice", "industry", "independence", "liberty", "most", "best", "split", "nice", "orange", "sale", "street", "santa",
    "time", "drama", "harvey", "pacific", "atlantic", "trust", "data", "spring", "summit", "bar", "imperial", "police",
];

/// Regions of other countries are more often words.
#[rustfmt::skip]
const REGION_COUNTRIES: [&str; 22] = [
    "US", "CA", "GB", "AU", "DE", "FR", "ES", "IT", "IN", "NL", "BE", "AT", "CH", "SE", "BR", "MX", "PT", "IE", "NZ", "PL", "ZA",
    "AE",
];

/// Names of three letters and fewer that people use alone; others are words.
const SHORT: [&str; 14] = [
    "UK", "US", "SF", "LA", "DC", "NYC", "USA", "UAE", "DFW", "KSA", "Ulm", "Aix", "Pau", "Hof",
];

enum Sort {
    City(u32),
    /// A region or country.
    Wide,
    /// One of `AREAS`.
    Area,
}

// What a name is: of two letters it must be a name people use alone.
fn sort(name: &str) -> Option<Sort> {
    let letters = name.chars().count();
    let short = letters <= 3;
    if short && !SHORT.contains(&name) {
        return None;
    }
    let folded = gazetteer::fold(name);
    if !gazetteer::is_name(&folded) {
        return AREAS.contains(&folded.as_str()).then_some(Sort::Area);
    }
    if AREAS.contains(&folded.as_str()) {
        return Some(Sort::Area);
    }
    let country = gazetteer::country_code(&folded);
    if country.is_some_and(|code| CITY_STATES.contains(&code)) && !short {
        return Some(Sort::City(1));
    }
    if country.is_some() {
        return Some(Sort::Wide);
    }
    let cities = gazetteer::named(&folded);
    // Another name of a small town is more often a word: Rust, California.
    let own = |city: &&gazetteer::City| {
        city.population >= OTHER_NAME_POPULATION || gazetteer::fold(city.name) == folded
    };
    let city = cities.iter().find(own).map(|city| city.population);
    let found = city.map(Sort::City).or_else(|| {
        let regions = gazetteer::regions(&folded);
        let usual = |region: &gazetteer::Region| REGION_COUNTRIES.contains(&region.country);
        (!short && regions.iter().any(usual)).then_some(Sort::Wide)
    })?;
    (!WORDS.contains(&folded.as_str()) && !gazetteer::is_no_place(name)).then_some(found)
}

// What says where a town is: a country, a region, or a state's code.
fn says_where(name: &str) -> bool {
    let code = name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_uppercase());
    let long = name.chars().count() > 3;
    let named = ["USA", "UAE", "U.S.", "U.K.", "D.C."].contains(&name);
    named || ((long || code) && gazetteer::is_wide(name))
}

fn starts_upper(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_uppercase)
}

fn raw<'a>(reading: &Reading<'a>, from: &Word, to: &Word) -> &'a str {
    let range = from.start as usize..to.end as usize;
    reading.text.get(range).unwrap_or_default()
}

fn gap<'a>(reading: &Reading<'a>, before: &Word, behind: &Word) -> &'a str {
    let range = before.end as usize..(behind.start.max(before.end)) as usize;
    reading.text.get(range).unwrap_or("\n")
}

// Whether two words can be of one name.
fn inside_name(gap: &str) -> bool {
    matches!(gap, " " | "-" | "'" | "’" | ". " | "." | "\u{a0}" | "/")
}

/// The place that begins at a word, by one of the gazetteer's names.
pub(super) fn at(reading: &Reading<'_>, first: usize) -> Option<Named> {
    let items = reading.words.items();
    let begin = items.get(first)?;
    let upper = starts_upper(raw(reading, begin, begin));
    // "downtown Toronto".
    if !upper
        && !matches!(
            reading.words.folded(begin),
            "downtown" | "central" | "greater" | "midtown"
        )
    {
        return None;
    }
    let mut from = first;
    while from < first + 2 && direction(reading, from) {
        from += 1;
    }
    // "North Carolina" is a name of its own.
    let behind = (from > first).then_some(from);
    std::iter::once(first).chain(behind).find_map(|from| {
        let (last, sort) = longest(reading, from)?;
        if of_another(reading, last) {
            return None;
        }
        Some(extended(reading, first, from, last, &sort))
    })
}

/// Words behind a name that make it one of something else.
#[rustfmt::skip]
const OTHERS: [&str; 32] = [
    "street", "st", "road", "rd", "avenue", "ave", "blvd", "boulevard", "drive", "lane", "ln", "way", "court", "square",
    "university", "college", "hospital", "school", "time", "bank", "business", "times", "post", "stock", "airlines", "airport",
    "insurance", "institute", "law", "bay", "fair", "foundation",
];

// "5000 Clayton Rd", "Boston College", "Harvey's".
fn of_another(reading: &Reading<'_>, last: usize) -> bool {
    let items = reading.words.items();
    let Some(word) = items.get(last) else {
        return true;
    };
    let rest = reading.text.get(word.end as usize..).unwrap_or_default();
    if rest.starts_with("'s") || rest.starts_with("’s") {
        return true;
    }
    items.get(last + 1).is_some_and(|next| {
        gap(reading, word, next) == " " && OTHERS.contains(&reading.words.folded(next))
    })
}

fn direction(reading: &Reading<'_>, at: usize) -> bool {
    let items = reading.words.items();
    items
        .get(at)
        .is_some_and(|word| DIRECTIONS.contains(&reading.words.folded(word)))
}

/// Small words inside names: "Stratford upon Avon", "Rio de Janeiro".
const SMALL: [&str; 20] = [
    "de", "la", "le", "les", "del", "of", "upon", "on", "am", "an", "der", "den", "do", "dos",
    "da", "di", "sur", "in", "the", "y",
];

// The longest known name from a word on: its last word.
fn longest(reading: &Reading<'_>, from: usize) -> Option<(usize, Sort)> {
    let items = reading.words.items();
    let begin = items.get(from)?;
    let mut last = from;
    while last + 1 < items.len() && last + 1 < from + NAME_WORDS_MAX {
        let next = &items[last + 1];
        let may =
            starts_upper(raw(reading, next, next)) || SMALL.contains(&reading.words.folded(next));
        if !may || !inside_name(gap(reading, &items[last], next)) {
            break;
        }
        last += 1;
    }
    (from..=last).rev().find_map(|last| {
        if last > from && !starts_upper(raw(reading, &items[last], &items[last])) {
            return None;
        }
        Some((last, sort(raw(reading, begin, &items[last]))?))
    })
}

// With the region and country that stand behind it.
fn extended(reading: &Reading<'_>, first: usize, from: usize, last: usize, sort: &Sort) -> Named {
    let own_last = last;
    let items = reading.words.items();
    let (mut last, mut parts) = addressed(reading, last);
    let mut text = raw(reading, &items[from], &items[last]);
    let mut meant = gazetteer::resolve(text, &Given::default());
    // "Toronto, New York": what stands behind is another place.
    if parts > 1
        && matches!(sort, Sort::City(_))
        && meant.city.is_none()
        && is_large_city(reading, own_last + 1, last)
    {
        (last, parts) = (own_last, 1);
        text = raw(reading, &items[from], &items[last]);
        meant = gazetteer::resolve(text, &Given::default());
    }
    let alone = parts == 1;
    let (mut city, mut region, mut country) = (String::new(), String::new(), String::new());
    match sort {
        Sort::City(_) => {
            city = meant
                .city
                .map(|city| city.name.to_owned())
                .or(meant.town)
                .unwrap_or_default();
            if !alone {
                region = meant.region.unwrap_or_default();
                meant.country.unwrap_or_default().clone_into(&mut country);
            }
        }
        Sort::Wide => {
            meant.country.unwrap_or_default().clone_into(&mut country);
            region = meant.region.or(meant.town).unwrap_or_default();
        }
        Sort::Area => raw(reading, &items[from], &items[own_last]).clone_into(&mut region),
    }
    let population = match sort {
        Sort::City(people) => meant.city.map_or(*people, |city| city.population),
        Sort::Wide | Sort::Area => 0,
    };
    if city.is_empty() && region.is_empty() && country.is_empty() {
        text.clone_into(&mut region);
    }
    Named {
        start: items[first].start as usize,
        end: items[last].end as usize,
        next: last + 1,
        city,
        region,
        country,
        population,
        known: true,
    }
}

fn is_large_city(reading: &Reading<'_>, from: usize, last: usize) -> bool {
    let items = reading.words.items();
    let (Some(begin), Some(end)) = (items.get(from), items.get(last)) else {
        return false;
    };
    let name = gazetteer::fold(raw(reading, begin, end));
    gazetteer::named(&name)
        .first()
        .is_some_and(|city| city.population >= OTHER_NAME_POPULATION)
}

// How far region and country go behind a name: the last word, and the parts.
fn addressed(reading: &Reading<'_>, mut last: usize) -> (usize, usize) {
    let items = reading.words.items();
    let mut parts = 1;
    while parts < PARTS_MAX {
        let Some(next) = items.get(last + 1) else {
            break;
        };
        let between = gap(reading, &items[last], next);
        // A postcode between state and country.
        let code = raw(reading, next, next);
        let digits = code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit());
        let skipped = usize::from(digits && parts > 1);
        let Some(begin) = items.get(last + 1 + skipped) else {
            break;
        };
        let comma = matches!(between, "," | ", " | " , " | " (" | " - ");
        let found = (0..3).rev().find_map(|more| {
            let end = items.get(last + 1 + skipped + more)?;
            let name = raw(reading, begin, end);
            let short = name.len() <= 3 && name.bytes().all(|byte| byte.is_ascii_uppercase());
            let joined = comma || skipped == 1 || (between == " " && short && parts == 1);
            let simple = !name.contains([',', '\n', '(', ';', ':']);
            // Behind a region only its country stands: "CA, New York" are two places.
            let fits = || parts == 1 || gazetteer::country_code(name).is_some();
            (joined && simple && fits() && says_where(name)).then_some(last + 1 + skipped + more)
        });
        let Some(end) = found else {
            break;
        };
        last = end;
        parts += 1;
    }
    (last, parts)
}

/// The place that begins at a word, though no name of the gazetteer: a run of
/// words in capitals, as a line says it where only a place can stand.
pub(super) fn unknown(reading: &Reading<'_>, first: usize) -> Option<Named> {
    let items = reading.words.items();
    let mut last = first;
    let begin = items.get(first)?;
    let town = |word: &Word| {
        let text = raw(reading, word, word);
        let mut letters = text.chars();
        letters.next().is_some_and(char::is_uppercase)
            && letters
                .clone()
                .all(|c| c.is_alphabetic() || matches!(c, '\'' | '-' | '’' | '.'))
            && letters.any(char::is_lowercase)
            && !gazetteer::is_no_place(text)
    };
    if !town(begin) {
        return None;
    }
    while last < first + 2
        && items
            .get(last + 1)
            .is_some_and(|next| inside_name(gap(reading, &items[last], next)) && town(next))
    {
        last += 1;
    }
    let name_end = last;
    let (last, parts) = addressed(reading, last);
    let text = raw(reading, begin, &items[last]);
    // Looked up only where it is asked: most such words are no places.
    let meant = (parts > 1).then(|| gazetteer::resolve(text, &Given::default()));
    let meant = meant.unwrap_or_default();
    let name = raw(reading, begin, &items[name_end]).to_owned();
    Some(Named {
        start: begin.start as usize,
        end: items[last].end as usize,
        next: last + 1,
        city: name,
        region: meant.region.unwrap_or_default(),
        country: meant.country.unwrap_or_default().to_owned(),
        population: 0,
        known: parts > 1,
    })
}

/// A town the gazetteer does not know with its region or country: "Troy, OH".
pub(super) fn in_region(reading: &Reading<'_>, first: usize) -> Option<Named> {
    unknown(reading, first).filter(|named| named.known)
}

/// The place a word begins with that lost the blank behind it: "LeedsSalary".
pub(super) fn glued(reading: &Reading<'_>, first: usize) -> Option<Named> {
    let word = reading.words.items().get(first)?;
    let text = raw(reading, word, word);
    let mut before = false;
    let cut = text.char_indices().find(|(_, c)| {
        let here = before && c.is_uppercase();
        before = c.is_lowercase();
        here
    });
    let name = text.get(..cut?.0)?;
    let found = sort(name)?;
    let mut named = extended(reading, first, first, first, &found);
    let meant = gazetteer::resolve(name, &Given::default());
    named.end = word.start as usize + name.len();
    named.city = match found {
        Sort::City(_) => meant
            .city
            .map_or_else(|| name.to_owned(), |city| city.name.to_owned()),
        Sort::Wide | Sort::Area => String::new(),
    };
    Some(named)
}

/// A state by its two letters, where they stand alone.
pub(super) fn state(reading: &Reading<'_>, at: usize) -> Option<Named> {
    let items = reading.words.items();
    let word = items.get(at)?;
    let text = raw(reading, word, word);
    let code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let region = gazetteer::regions(text)
        .into_iter()
        .find(|region| region.country == "US");
    let region = region.filter(|_| code)?;
    Some(Named {
        start: word.start as usize,
        end: word.end as usize,
        next: at + 1,
        city: String::new(),
        region: region.name.to_owned(),
        country: region.country.to_owned(),
        population: 0,
        known: true,
    })
}
