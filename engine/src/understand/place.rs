//! Places as people type them: `in berlin`, `berlin 50km`, `within 20 km of
//! munich`, `paris, texas`, `germany`. Owns when a name is a place and when only
//! a word; the names are the gazetteer's.
//!
//! Many names of places are ordinary words (mobile, reading, nice). A name
//! stands for the place where the query says so: behind a word such as `in` or
//! `near`, before a radius, or with its region or country behind it. A bare name
//! does where the documents say so: of those that have its words in their text
//! and say where they are, at least one in `SHARE` is at that place, or half of
//! them where it is a city of fewer than `PEOPLE_MIN` people. Where no document
//! has the words, greater cities do that documents are in, unless they are a
//! skill's name or what is being typed may still become another word; and so does
//! a misspelt name of one, if no word of the documents is as near (`slips`).

mod share;
mod slips;

use tandem_index::gazetteer::{self, City};
use tandem_index::skills::Dictionary;
use tandem_index::snapshot::Collection;

use share::{Share, having, lives, longer};
pub(super) use slips::{mended, offered};

use super::tokens::{Token, phrase};
use crate::reduce::is_silent;

/// Of the documents with a bare name's words, at least one in this many is there.
/// Of 26,564 real ads a fifth parts London, Singapore and Ottawa (0.25 to 0.7)
/// from orange, reading, nice and mobile (0.12 to 0.00).
pub(crate) const SHARE: u64 = 5;
/// People of a city that is meant by a word no document has.
pub(crate) const PEOPLE_MIN: u32 = 100_000;
/// A word that is still being typed becomes another one if that stands in so many
/// times more documents: `agen` becomes agency.
const LONGER: u64 = 100;
/// The radius around a city, where none is said.
pub(crate) const KM: f64 = 50.0;
const KM_MAX: f64 = 2_000.0;
const KM_A_MILE: f64 = 1.609_344;
/// Words of the longest name.
const NAME_TOKENS_MAX: usize = 4;

/// A place that was said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    /// Around a city.
    City {
        /// Which.
        city: City,
        /// Kilometres.
        km: f64,
    },
    /// In a region, as documents name it, of a country.
    Region(&'static str, &'static str),
    /// In a country, by its code.
    Country(&'static str),
}

impl Said {
    /// The country it is in, by its code.
    pub(crate) fn country(&self) -> &'static str {
        match self {
            Self::City { city, .. } => city.country,
            Self::Region(_, country) | Self::Country(country) => country,
        }
    }
}

/// What place reading knows of the documents.
pub(crate) struct Ground<'a> {
    /// The documents.
    pub(crate) collection: &'a Collection,
    /// The column of cities; regions and countries follow it.
    pub(crate) city: usize,
    /// Where the query ends, if its last word may go on there.
    pub(crate) open: Option<usize>,
}

// How surely a place follows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lead {
    None,
    // `in`: most often a place.
    Weak,
    // `near`, `20 km of`: always one.
    Strong,
}

const STRONG: [&str; 24] = [
    "near",
    "near to",
    "close to",
    "around",
    "in and around",
    "based in",
    "located in",
    "living in",
    "nearby",
    "nahe",
    "in der nahe von",
    "nahe bei",
    "raum",
    "im raum",
    "grossraum",
    "pres de",
    "autour de",
    "a proximite de",
    "situe a",
    "base a",
    "basee a",
    "ansassig in",
    "bei",
    "umkreis",
];
const WEAK: [&str; 8] = [
    "in", "in the", "within", "inside", "en", "dans", "im", "in der",
];
const OF: [&str; 9] = [
    "of",
    "around",
    "from",
    "um",
    "von",
    "de",
    "near",
    "to",
    "autour de",
];

// Before `in` these ask for a subject, not for a place.
const SUBJECT: [&str; 26] = [
    "experience",
    "experienced",
    "experte",
    "expert",
    "expertise",
    "skill",
    "skills",
    "skilled",
    "specialist",
    "specialised",
    "specialized",
    "specializing",
    "interest",
    "interested",
    "background",
    "knowledge",
    "degree",
    "course",
    "master",
    "masters",
    "bachelor",
    "phd",
    "training",
    "trained",
    "fluent",
    "certified",
];

// Names of countries that are ordinary words or names of people.
const UNSURE: [&str; 12] = [
    "turkey", "jordan", "chad", "jersey", "georgia", "guinea", "mali", "togo", "cuba", "niger",
    "oman", "us",
];

/// The place the tokens from `at` on begin with, and how many say it.
pub(crate) fn read(
    ground: &Ground<'_>,
    tokens: &[Token],
    before: Option<&Token>,
) -> Option<(usize, Said)> {
    let (mut lead, mut at, mut km) = (Lead::None, 0, None);
    if let Some((count, said, sure)) = radius_before(tokens) {
        let found = if sure { Lead::Strong } else { Lead::Weak };
        (lead, at, km) = (found, count, Some(said));
    } else if let Some(count) = longest(tokens, &STRONG) {
        (lead, at) = (Lead::Strong, count);
    } else if let Some(count) = longest(tokens, &WEAK).or_else(|| french_at(tokens)) {
        (lead, at) = (Lead::Weak, count);
    }
    if lead == Lead::Weak && before.is_some_and(|token| SUBJECT.contains(&token.text.as_str())) {
        return None;
    }
    // `University of Michigan` is not a wish to work there.
    let part = before.is_some_and(|token| matches!(token.text.as_str(), "of" | "at" | "the"));
    if lead == Lead::None && part {
        return None;
    }
    let rest = tokens.get(at..)?;
    for count in (1..=rest.len().min(NAME_TOKENS_MAX)).rev() {
        let Some((name, more)) = rest.split_at_checked(count) else {
            continue;
        };
        if !name.iter().all(may_name) || name[..count - 1].iter().any(|token| token.comma) {
            continue;
        }
        if let Some((used, said)) = named(ground, name, more, (lead, km)) {
            return Some((at + count + used, said));
        }
    }
    None
}

/// Whether a word belongs to what stands around a name.
pub(crate) fn is_around(word: &str) -> bool {
    let phrases = STRONG.iter().chain(&WEAK).chain(&OF);
    phrases
        .into_iter()
        .any(|phrase| phrase.split(' ').any(|one| one == word))
        || matches!(
            word,
            "area"
                | "metro"
                | "umgebung"
                | "und"
                | "km"
                | "miles"
                | "mile"
                | "mi"
                | "kilometers"
                | "radius"
                | "+"
        )
}

fn longest(tokens: &[Token], phrases: &[&str]) -> Option<usize> {
    phrases.iter().filter_map(|text| phrase(tokens, text)).max()
}

// `à Paris`; without its accent the word is English.
fn french_at(tokens: &[Token]) -> Option<usize> {
    tokens.first().filter(|token| token.raw == "à").map(|_| 1)
}

fn may_name(token: &Token) -> bool {
    token.text.chars().any(char::is_alphabetic) && !token.text.chars().any(|c| c.is_ascii_digit())
}

// `50km`, `50 km`, `30 miles`, `+20km`.
fn distance(tokens: &[Token]) -> Option<(usize, f64)> {
    let text = tokens.first()?.text.trim_start_matches(['+', '<', '~']);
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.'));
    let (digits, unit) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let number: f64 = digits.parse().ok()?;
    let (count, unit) = if unit.is_empty() {
        (2, tokens.get(1)?.text.as_str())
    } else {
        (1, unit)
    };
    let km = match unit {
        "km" | "kms" | "kilometer" | "kilometers" | "kilometre" | "kilometres" | "kilometern" => {
            number
        }
        "mi" | "mile" | "miles" | "meilen" => (number * KM_A_MILE * 10.0).round() / 10.0,
        _ => return None,
    };
    (1.0..=KM_MAX).contains(&km).then_some((count, km))
}

// `within 20 km of`, `20 miles from`, `im Umkreis von 30 km um`, and whether a
// word says that a place follows: `20km berlin` does not.
fn radius_before(tokens: &[Token]) -> Option<(usize, f64, bool)> {
    let leads = [
        "within",
        "in",
        "im umkreis von",
        "umkreis von",
        "umkreis",
        "im umkreis",
        "a moins de",
        "dans un rayon de",
        "less than",
        "radius of",
        "up to",
    ];
    let lead = longest(tokens, &leads).unwrap_or(0);
    let (count, km) = distance(tokens.get(lead..)?)?;
    let behind = tokens.get(lead + count..)?;
    let of = longest(behind, &OF).unwrap_or(0);
    Some((lead + count + of, km, of > 0 || lead > 0))
}

fn radius_behind(tokens: &[Token]) -> Option<(usize, f64)> {
    let lead = longest(tokens, &["+", "radius", "umkreis", "within", "in"]).unwrap_or(0);
    let (count, km) = distance(tokens.get(lead..)?)?;
    let more = tokens.get(lead + count..)?;
    // `berlin 50 km of hamburg`: the radius is the next place's.
    if longest(more, &OF).is_some() {
        return None;
    }
    let tail = longest(more, &["radius", "umkreis", "away"]).unwrap_or(0);
    Some((lead + count + tail, km))
}

// The place of exactly this name, and how many tokens behind it belong to it.
fn named(
    ground: &Ground<'_>,
    name: &[Token],
    more: &[Token],
    (lead, km): (Lead, Option<f64>),
) -> Option<(usize, Said)> {
    let texts: Vec<&str> = name.iter().map(|token| token.text.as_str()).collect();
    let text = texts.join(" ");
    let short = text.chars().count() < 3;
    let open = ground.open.is_some() && name.last().map(|token| token.range.end) == ground.open;
    let capitals = name
        .iter()
        .all(|token| token.raw.chars().all(|c| !c.is_lowercase()));
    // Two letters are codes, and codes are words.
    let known_code = matches!(text.as_str(), "uk" | "us" | "u.s" | "u.k" | "usa" | "uae");
    // "in asia", "hub": towns have these names, and nobody means them.
    if gazetteer::is_no_place(&text) {
        return None;
    }
    if is_silent(&text) || (short && !known_code && !(capitals && lead > Lead::None)) {
        return None;
    }
    let country = gazetteer::country_code(text.trim_matches('.').replace("u.", "u").as_str())
        .filter(|_| text.len() > 3 || known_code);
    if let Some(code) = country
        && let Some(said) = country_or_region(ground, (&texts, &text), code, (lead, capitals))
    {
        let (used, _) = around(more);
        return Some((used, said));
    }
    let comma = name.last().is_some_and(|token| token.comma);
    if let Some((used, city)) = city(ground, (&texts, &text), (more, comma), (lead, open)) {
        let (tail, behind) = around(more.get(used..).unwrap_or(&[]));
        let km = km.or(behind).unwrap_or(KM);
        return Some((used + tail, Said::City { city, km }));
    }
    let region = gazetteer::regions(&text)
        .into_iter()
        .next()
        .filter(|_| text.len() > 3)?;
    let share = having(ground, &texts, 1, region.name);
    let unknown =
        region.country == "US" && share.rows == 0 && !open && lives(ground, 1, region.name);
    let good = lead > Lead::None || unknown || share.is_home(PEOPLE_MIN);
    let (used, _) = around(more);
    (good && !is_skill(&text, lead, share))
        .then_some((used, Said::Region(region.name, region.country)))
}

// Words and radius behind a name: `berlin area`, `berlin 50km`.
fn around(more: &[Token]) -> (usize, Option<f64>) {
    let words = [
        "area",
        "metro area",
        "und umgebung",
        "umgebung",
        "& umgebung",
        "und umland",
        "state",
    ];
    let tail = longest(more, &words).unwrap_or(0);
    match radius_behind(more.get(tail..).unwrap_or(&[])) {
        Some((count, km)) => (tail + count, Some(km)),
        None => (tail, None),
    }
}

// `Georgia` is a country and a state: the one more documents are in.
fn country_or_region(
    ground: &Ground<'_>,
    (texts, text): (&[&str], &str),
    code: &'static str,
    (lead, capitals): (Lead, bool),
) -> Option<Said> {
    let share = having(ground, texts, 2, code);
    let region = gazetteer::regions(text)
        .into_iter()
        .find(|region| region.country == "US");
    if let Some(region) = region {
        let of_region = having(ground, texts, 1, region.name);
        if of_region.there > share.there {
            let good = lead > Lead::None || of_region.is_home(PEOPLE_MIN);
            return good.then_some(Said::Region(region.name, region.country));
        }
    }
    let unsure = UNSURE.contains(&text) && !(text == "us" && capitals);
    // "us" is a word in every ad, even behind "in".
    let led = lead > Lead::None && text != "us";
    // A name beside the country's own where nobody is, such as `inde`; codes are
    // meant, `uk` is not the beginning of Ukraine.
    let begins = || {
        let own = gazetteer::country_name(code).map(gazetteer::fold);
        text.len() > 3
            && share.there == 0
            && own.as_deref() != Some(text)
            && longer(ground, texts) > 0
    };
    let sure = !unsure && (lead > Lead::None || !begins());
    let good = sure || led || (text != "us" && share.is_home(PEOPLE_MIN));
    good.then_some(Said::Country(code))
}

fn city(
    ground: &Ground<'_>,
    (texts, text): (&[&str], &str),
    (more, comma): (&[Token], bool),
    (lead, open): (Lead, bool),
) -> Option<(usize, City)> {
    let most = gazetteer::named(text).into_iter().next()?;
    let share = having(ground, texts, 0, most.name);
    let home = share.is_home(most.population);
    let meant = home || !is_skill(text, lead, share);
    if meant && let Some(found) = qualified(text, more, comma) {
        return Some(found);
    }
    let next = more.first().map_or("", |token| token.text.as_str());
    if matches!(
        next,
        "county" | "university" | "college" | "airport" | "airlines"
    ) {
        return None;
    }
    let large = most.population >= PEOPLE_MIN;
    let good = match lead {
        Lead::Strong => true,
        Lead::Weak => share.there > 0 || large,
        Lead::None if share.rows > 0 => {
            home && !(open && longer(ground, texts) >= LONGER * share.rows)
        }
        Lead::None => large && is_unheard(ground, (texts, text), most.name, open),
    };
    (good && meant).then_some((0, most))
}

// A bare name no document has is that of a city if documents are there and it is
// no half-typed word. Names beside a city's own are beginnings of words as often.
fn is_unheard(ground: &Ground<'_>, (texts, text): (&[&str], &str), city: &str, open: bool) -> bool {
    let own = || gazetteer::fold(city) == gazetteer::fold(text) || lives(ground, 0, text);
    lives(ground, 0, city) && (longer(ground, texts) == 0 || (!open && own()))
}

// A skill of this name is meant, unless a place must follow or most documents
// with the word are there.
fn is_skill(text: &str, lead: Lead, share: Share) -> bool {
    let home = share.is_home(PEOPLE_MIN);
    lead < Lead::Strong && !home && Dictionary::builtin().named(text).is_some()
}

// `paris texas`, `springfield, il`, `cambridge uk`: the city of that region or
// country, and how many tokens name it.
fn qualified(text: &str, more: &[Token], comma: bool) -> Option<(usize, City)> {
    for count in (1..=more.len().min(2)).rev() {
        let qualifier: Vec<&str> = more[..count].iter().map(|t| t.text.as_str()).collect();
        let qualifier = qualifier.join(" ");
        let capitals = more[0].raw.chars().all(char::is_uppercase);
        // Two letters that are a word too need a comma or capitals.
        let word = CODES_THAT_ARE_WORDS.contains(&qualifier.as_str()) || is_silent(&qualifier);
        if word && !capitals && !comma {
            continue;
        }
        let country = gazetteer::country_code(&qualifier);
        let regions = gazetteer::regions(&qualifier);
        let fits = |city: &City| {
            let of = |region: &gazetteer::Region| {
                region.country == city.country && Some(region.name) == city.region
            };
            country == Some(city.country) || regions.iter().any(of)
        };
        if let Some(city) = gazetteer::named(text).into_iter().find(fits) {
            return Some((count, city));
        }
    }
    None
}

const CODES_THAT_ARE_WORDS: [&str; 32] = [
    "ab", "al", "am", "as", "at", "be", "bis", "by", "co", "de", "do", "go", "hi", "id", "in",
    "is", "it", "la", "ma", "me", "my", "no", "of", "oh", "ok", "or", "pa", "pm", "so", "to", "up",
    "us",
];
