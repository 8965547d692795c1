//! Names in sentences of a CV: whom it says it is about ("Jane Doe is an
//! accountant …", "My name is Jane Doe"), and people with a title ("Mrs. Doe").
//! Owns what tells a person from a company; the names' looks are `shape`'s.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::names::is_known;
use super::pattern;
use super::shape::{is_caseless, looks_like_name, speaks_of_work};

/// A CV says whom it is about among its first bytes.
const ABOUT_BYTES_MAX: usize = 4_000;

/// What tells a person stands this close behind the verb.
const TOLD_BYTES: usize = 90;

/// Who says their own name.
static OWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i:\b(?:my (?:full )?name is|i am called|mein name ist|ich heiße|ich bin|je m['’]appelle|je suis",
        r"|me llamo|mi nombre es|mi chiamo|ik heet|mijn naam is|nazywam się|benim adım|adım|tên tôi là",
        r"|i['’]?m|i am))\s+",
    ))
});

/// The verb of a sentence that may say who somebody is.
static VERB: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r",?[ \u{a0}\n](?:is|was|has|had|holds|brings|works|worked|joined|graduated|earned|received|specialize[sd]|specialise[sd]",
        r"|possesses|offers|served|serves|began|started|comes|lives|ist|est|es|war|arbeitet|hat)[ \u{a0}\n]",
    ))
});

/// A subject of more bytes is no name.
const SUBJECT_BYTES_MAX: usize = 100;

/// A title in front of a name.
static TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:Mr|Mrs|Ms|Herr|Herrn|Frau|Mme|Mlle|Monsieur|Madame|Sra|Señor|Señora)\.?[ \u{a0}]([\p{Lu}][\p{L}\p{M}'’-]+(?:[ \u{a0}][\p{Lu}][\p{L}\p{M}'’-]+){0,2})",
    )
});

/// How those begin, which is looked for faster.
const TITLES: [&str; 10] = [
    "Mr", "Ms", "Herr", "Frau", "Mme", "Mlle", "Monsieur", "Madame", "Sra", "Señor",
];

/// What a person is or has.
static PERSON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:\w+(?:eer|ist|ian|ant)s?|\w{3,}(?:er|or)|nurse|chef|graduate|student|executive|clerk|professional|agent",
        r"|representative|secretary|advocate|attorney|pilot|lead|associate|intern|apprentice|expert|specialist|cook",
        r"|years?|experience|degree|bachelor['’]?s?|master['’]?s|diploma|skills|expertise|background|knowledge|certified",
        r"|career|university|college|jahre|erfahrung|ans|expérience|años|experiencia)\b",
    ))
});

/// What a company, a program or a product is.
static THING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:compan(?:y|ies)|provider|firm|organi[sz]ation|manufacturer|retailer|supplier|distributor|platform",
        r"|tool|framework|library|language|software|system|product|service provider|subsidiary|division|agency|chain",
        r"|restaurant|brand|start-?up|leader in|producer of|developer of|operator of|maker of|contractor|non-?profit",
        r"|located|headquartered|founded|established|owned|publicly|privately|fortune|largest|program|project|website",
        r"|store|hospital|bank|center|centre|department|customer of|server|computer|number|order|newsletter|me|us|our)\b",
    ))
});

/// The names of people in the sentences of a CV.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let head = text
        .get(..text.floor_char_boundary(ABOUT_BYTES_MAX.min(text.len())))
        .unwrap_or(text);
    let mut found = Vec::new();
    for own in OWN.find_iter(head) {
        found.extend(named(text, own.end()));
    }
    for verb in VERB.find_iter(head) {
        if let Some(name) = subject(head, verb.start())
            && tells_a_person(text, verb.end())
        {
            found.push(name);
        }
    }
    if !TITLES.iter().any(|title| text.contains(title)) {
        return found;
    }
    for titled in TITLED.captures_iter(text) {
        // "Ms Office" is no person.
        let name = titled
            .get(1)
            .filter(|name| !speaks_of_work(name.as_str()) && !is_known(name.as_str()));
        found.extend(name.map(|name| name.range()));
    }
    found
}

/// The words at `start` that look like a name: the most that do.
fn named(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let line = rest.get(..rest.find('\n').unwrap_or(rest.len()))?;
    let end = line
        .find([',', ';', '(', '|', '!', '?'])
        .unwrap_or(line.len());
    let part = line.get(..end)?;
    // A sentence ends here, an initial does not.
    let stop = part.match_indices(". ").find(|(at, _)| {
        let before = part.get(..*at).and_then(|text| text.chars().next_back());
        before.is_some_and(|letter| !letter.is_uppercase())
    });
    let part = part.get(..stop.map_or(part.len(), |(at, _)| at))?;
    let ends = part
        .char_indices()
        .filter(|(_, letter)| letter.is_whitespace())
        .map(|(at, _)| at)
        .chain([part.len()])
        .take(4);
    let names = ends.filter_map(|end| {
        let name = part.get(..end)?.trim_end_matches(['.', ' ']);
        // In capitals it is a heading that begins with "I am".
        let proper = name.contains(char::is_lowercase) || is_caseless(name);
        (proper && looks_like_name(name)).then_some(start..start + name.len())
    });
    names.last()
}

/// What looks like a name between the beginning of a sentence and its verb at `end`.
fn subject(head: &str, end: usize) -> Option<Range<usize>> {
    let from = head.ceil_char_boundary(end.saturating_sub(SUBJECT_BYTES_MAX));
    let before = head.get(from..end)?;
    let mut start = 0;
    for (at, sign) in before.char_indices() {
        let behind = at + sign.len_utf8();
        let rest = before.get(behind..).unwrap_or("");
        let ends = match sign {
            '\n' | '!' | '?' | ':' | ';' | '|' | '(' | '•' | '·' | '●' | '▪' | '*' => true,
            ' ' | '-' | '–' => rest.starts_with(' '),
            '.' => rest.starts_with(' ') && !is_short(before.get(..at).unwrap_or("")),
            _ => false,
        };
        if ends {
            start = behind;
        }
    }
    let part = before.get(start..)?;
    let name = part.trim_start();
    let start = from + start + (part.len() - name.len());
    let name = name.trim_end_matches([' ', ',', '\u{a0}']);
    looks_like_name(name).then_some(start..start + name.len())
}

/// Whether the point behind this is of an initial or a title.
fn is_short(before: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or("");
    let title = ["Mr", "Mrs", "Ms", "Dr", "Prof"].contains(&word);
    title || word.chars().count() == 1 && word.starts_with(char::is_uppercase)
}

/// Whether what stands behind the verb is said of a person and not of a company or
/// a program.
fn tells_a_person(text: &str, start: usize) -> bool {
    let end = text.ceil_char_boundary((start + TOLD_BYTES).min(text.len()));
    let told = text.get(start..end).unwrap_or("");
    let told = told.split(['\n', '!', '?']).next().unwrap_or("");
    let told = told.split(". ").next().unwrap_or("");
    PERSON.is_match(told) && !THING.is_match(told)
}
