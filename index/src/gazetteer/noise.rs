//! The parts of a text about a place, without what is no place: ways of
//! working, kinds of buildings, postcodes. Owns those words; what a part means
//! is decided elsewhere.

use super::data::TABLE;
use super::fold;

/// Longer texts are prose; their first line and bytes decide.
const TEXT_BYTES_MAX: usize = 256;

/// Of Delaware's towns, those in ads; others before "DE" are in Germany.
#[rustfmt::skip]
pub(super) const DELAWARE: [&str; 10] = [
    "wilmington", "dover", "newark", "new castle", "middletown", "lewes", "georgetown", "bear", "smyrna", "milford",
];

/// Words that are left out at the ends of a part.
#[rustfmt::skip]
const NOISE: [&str; 68] = [
    "remote", "remotely", "hybrid", "onsite", "site", "office", "offices", "hq", "headquarters", "headquarter",
    "head", "area", "metro", "metropolitan", "greater", "based", "only", "in", "at", "near", "around", "the", "of",
    "anywhere", "everywhere", "worldwide", "global", "globally", "nationwide", "wfh", "home", "homeoffice", "work",
    "from", "fully", "full", "flexible", "location", "locations", "arrondissement", "cedex", "downtown", "campus",
    "hub", "friendly", "preferred", "ok", "possible", "within", "or", "and", "oder", "und", "optional", "on", "virtual",
    "telework", "telecommute", "teletravail", "multiple", "various", "several", "all", "other", "raum", "großraum",
    "grossraum", "nahe",
];
/// Parts of the world: places, but no town, region or country.
#[rustfmt::skip]
const WIDE: [&str; 51] = [
    "europe", "eu", "emea", "apac", "latam", "asia", "africa", "americas", "north america", "south america",
    "latin america", "european union", "dach", "nordics", "benelux", "middle east", "world", "international",
    "international remote", "relocation", "cet", "est", "pst", "bay",
    "namer", "amer", "east coast", "west coast", "midwest", "mena", "apj", "anz", "asean", "cee", "gcc", "uki",
    "iberia", "oceania", "scandinavia", "balkans", "baltics", "southeast asia", "central europe", "western europe",
    "eastern europe", "northern europe", "southern europe", "asia pacific", "central america", "overseas", "earth",
];
/// Words of directions and departments that are towns or regions somewhere.
#[rustfmt::skip]
const WORDS: [&str; 26] = [
    "western", "eastern", "northern", "southern", "central", "north", "south", "east", "west", "northeast",
    "northwest", "southeast", "southwest", "field", "corporate", "sales", "center", "centre", "region", "regional",
    "national", "local", "airport", "university", "market", "plaza",
];
/// Ways to say that there is no place; "NA" would be Namibia.
const NOTHING: [&str; 9] = [
    "na", "n a", "tbd", "tba", "none", "null", "unknown", "nan", "any",
];

/// A part of a text, between commas and the like.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) typed: String,
    pub(super) key: String,
    /// Two or three capitals: may be a code.
    pub(super) code: bool,
    /// Five digits stood behind it, as a US postcode does.
    pub(super) postcode: bool,
}

/// What is left of a piece of text.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) list: Vec<Part>,
    /// A word was left out that says how one works.
    pub(super) noisy: bool,
    /// The country a leading French département says.
    pub(super) country: Option<&'static str>,
}

impl Part {
    pub(super) fn new(typed: &str, postcode: bool) -> Self {
        let mut letters = typed.chars().filter(|c| *c != '.');
        let length = letters.clone().count();
        Self {
            typed: typed.to_owned(),
            key: fold(typed),
            code: (2..=3).contains(&length) && letters.all(|c| c.is_ascii_uppercase()),
            postcode,
        }
    }
}

/// Whether a part is no town: a word of ads or half the world.
pub(super) fn is_no_town(key: &str) -> bool {
    key.is_empty() || NOTHING.contains(&key) || is_wide(key) || is_word(key) || NOISE.contains(&key)
}

/// Whether this is half the world, though a town has the name too ("Apac").
pub(super) fn is_wide(key: &str) -> bool {
    WIDE.contains(&key)
}

/// Whether this is a word before it is a place ("Hub", "Western"). Other words
/// of two letters are codes ("Portland, OR").
pub(super) fn is_word(key: &str) -> bool {
    (key.len() > 2 || key == "of") && (WORDS.contains(&key) || NOISE.contains(&key))
}

/// Whether a text says that there is no place.
pub(crate) fn is_nothing(text: &str) -> bool {
    NOTHING.contains(&fold(text).as_str())
}

/// The first line, and of it what fits.
pub(super) fn shortened(text: &str) -> &str {
    let line = text.trim().lines().next().unwrap_or_default().trim();
    let mut end = line.len().min(TEXT_BYTES_MAX);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or_default()
}

/// A text without what stands in brackets, and that.
pub(super) fn brackets(text: &str) -> (String, String) {
    let (mut outside, mut inside, mut depth) = (String::new(), String::new(), 0_u32);
    for c in text.chars() {
        match c {
            '(' | '[' => {
                depth += 1;
                outside.push(' ');
            }
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                inside.push(' ');
            }
            _ if depth > 0 => inside.push(c),
            _ => outside.push(c),
        }
    }
    (outside.trim().to_owned(), inside.trim().to_owned())
}

/// Places beside each other; the whole where it is a name of its own
/// ("Dallas/Fort Worth", "Bosnia and Herzegovina").
pub(super) fn pieces(text: &str) -> Vec<&str> {
    if TABLE.is_name(&fold(text)) {
        return vec![text];
    }
    let signs = [
        "/", "|", ";", "•", "+", " & ", " or ", " and ", " oder ", " und ", " ou ", " et ",
    ];
    let mut pieces = vec![text];
    for sign in signs {
        pieces = pieces
            .into_iter()
            .flat_map(|piece| piece.split(sign))
            .collect();
    }
    pieces
}

/// The parts of a piece of text that may name something.
pub(super) fn parts(text: &str) -> Parts {
    let mut found = Parts {
        country: departement(text),
        ..Parts::default()
    };
    for part in text
        .split([',', ':', '–', '—'])
        .flat_map(|p| p.split(" - "))
    {
        for part in hyphened(part.trim()) {
            let (typed, postcode, noisy) = stripped(part);
            found.noisy |= noisy;
            let part = Part::new(&typed, postcode);
            if part.key.is_empty() || NOTHING.contains(&part.key.as_str()) {
                continue;
            }
            found.list.extend(unglued(part));
        }
    }
    found
}

// "31 - TOULOUSE", "2A - AJACCIO", "974 - Port": French public ads.
fn departement(text: &str) -> Option<&'static str> {
    let (number, _) = text.split_once(" - ")?;
    Some(match number.trim() {
        "2A" | "2B" => "FR",
        "971" => "GP",
        "972" => "MQ",
        "973" => "GF",
        "974" => "RE",
        "976" => "YT",
        digits if digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()) => "FR",
        _ => return None,
    })
}

// "China-Beijing", "Remote-Kuala Lumpur", "US-CA-San Francisco", but
// "Aix-en-Provence".
fn hyphened(part: &str) -> Vec<&str> {
    let says = |word: &str| {
        let key = fold(word);
        NOISE.contains(&key.as_str()) || (word.len() > 1 && Part::new(word, false).names_country())
    };
    if part.contains('-') && !TABLE.is_name(&fold(part)) && part.split('-').any(|w| says(w.trim()))
    {
        return part.split('-').map(str::trim).collect();
    }
    vec![part]
}

// The part without noise and postcodes at its ends, whether it had five digits
// behind it, and whether it had noise.
fn stripped(part: &str) -> (String, bool, bool) {
    let mut words: Vec<&str> = part.split_whitespace().collect();
    let (mut postcode, mut noisy) = (false, false);
    while !words.is_empty() && !TABLE.is_name(&fold(&words.join(" "))) {
        let no_word = |word: &str| word.chars().any(|c| c.is_ascii_digit());
        let is_noise = |word: &str| {
            let key = fold(word);
            key.is_empty() || NOISE.contains(&key.as_str())
        };
        let (first, last) = (words[0], words[words.len() - 1]);
        if no_word(last) {
            let start: String = last.chars().take(5).collect();
            postcode |= start.len() == 5 && start.bytes().all(|b| b.is_ascii_digit());
            words.pop();
        } else if is_noise(last) {
            noisy = true;
            words.pop();
        } else if no_word(first) {
            // "1016 AB Amsterdam".
            let dutch = words.len() > 2 && first.len() == 4 && Part::new(words[1], false).code;
            words.drain(..if dutch { 2 } else { 1 });
        } else if is_noise(first) {
            noisy = true;
            words.remove(0);
        } else {
            break;
        }
    }
    (words.join(" "), postcode, noisy)
}

// "Lehi UT", "London England": a town and where it is without a comma, only
// where the whole is no name.
fn unglued(part: Part) -> Vec<Part> {
    let words: Vec<&str> = part.typed.split_whitespace().collect();
    if words.len() < 2 || is_no_town(&part.key) || TABLE.is_name(&part.key) {
        return vec![part];
    }
    let joins = [
        "de", "du", "des", "en", "la", "le", "les", "of", "del", "di", "da", "do", "y", "new",
    ];
    for taken in 1..words.len().min(4) {
        let (front, back) = words.split_at(words.len() - taken);
        let behind = Part::new(&back.join(" "), part.postcode);
        let joined = front
            .last()
            .is_some_and(|w| joins.contains(&fold(w).as_str()));
        if !joined && behind.says_where() {
            return vec![Part::new(&front.join(" "), false), behind];
        }
        let (front, back) = words.split_at(taken);
        let before = Part::new(&front.join(" "), false);
        let joins_back = back
            .first()
            .is_some_and(|w| joins.contains(&fold(w).as_str()));
        if !joins_back && before.key.len() > 2 && before.names_country() {
            return vec![Part::new(&back.join(" "), part.postcode), before];
        }
    }
    vec![part]
}

impl Part {
    // A country's name, or a code that is no US state's.
    fn names_country(&self) -> bool {
        TABLE.country(&self.key).is_some()
            && (self.key.len() > 3
                || (self.code && !TABLE.regions(&self.key).iter().any(|r| r.country == "US")))
    }

    // A country, or a region of those countries whose addresses end with one.
    fn says_where(&self) -> bool {
        self.names_country()
            || ((self.code || self.key.len() > 3)
                && TABLE
                    .regions(&self.key)
                    .iter()
                    .any(|region| ["US", "CA", "GB", "AU"].contains(&region.country)))
    }
}
