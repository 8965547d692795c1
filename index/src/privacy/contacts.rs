//! Contacts by their own shape: e-mail addresses, links, telephone numbers and,
//! in a CV's header, street addresses.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Line, pattern};

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[\w.+%'-]+(?:@|\s?[\[({<]\s?at\s?[\])}>]\s?)[\w-]+(?:(?:\.|\s?[\[({<]\s?dot\s?[\])}>]\s?)[\w-]+)+",
    )
});

/// What an e-mail address without `@` needs.
static AT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i-u)[\[({<]\s?at\s?[\])}>]"));

/// Digits of a telephone number.
const PHONE_DIGITS: Range<usize> = 7..16;

static LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?:https?://|\bwww\.)[^\s<>()\[\]"|]+|\b(?:[a-z]{2,3}\.)?(?:linkedin|github|gitlab|facebook|fb|twitter|instagram|behance|xing|dribbble|medium|x)\.(?:com|net|de)/[^\s<>()\[\]"|]+"#,
    )
});

/// Links that name a person or show one.
static PERSONAL_LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)linkedin\.com/(?:in|pub|profile)/|xing\.(?:com|de)/profile",
        r"|(?:^|[/.])(?:facebook|fb|twitter|x|instagram|tiktok|behance|dribbble)\.(?:com|net)/",
        r"|(?:github|gitlab)\.com/[^/]+/?$|medium\.com/@|t\.me/|wa\.me/|stackoverflow\.com/users/",
        r"|\.(?:jpe?g|png|gif|webp|bmp|heic|svg)(?:[?#]|$)|gravatar\.com|googleusercontent\.com",
    ))
});

static PHONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:\+\s?|\b00|\(\+?|\b)\d[\d()./ \u{a0}–-]{5,24}\d"));

static PHONE_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:tel|telephone|telefon|téléphone|tél|phone|ph|mobile|mobil|mob|cell|handy|fax|whatsapp|call|text|contact(?: no| number)?|telefono|teléfono|telefoon)\b[^\w\n/]{0,4}(?:(?:no|number|nr|us|at|on|is)\b[^\w\n/]{0,3})?$",
    )
});

static STREET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:\b\d{1,5}[a-zA-Z]?,?\s+(?:[NSEW]\.?\s+)?(?:[A-Z0-9][\w.'’-]*\s+){1,4}",
        r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Way|Court|Ct|Place|Pl|Circle|Cir|Terrace|Parkway|Pkwy|Highway|Hwy|Trail|Close|Crescent|Gardens|Square)\b\.?",
        r"(?:,?\s*(?:(?:Apt|Apartment|Unit|Suite|Ste|Flat)\b\.?|#)\s*#?\w+)?)",
        r"|(?:\b\p{Lu}[\p{L}-]*(?:str\.|straße|strasse|weg|platz|allee|gasse|straat|laan|gatan|vägen)\s*\d{1,4}\s?[a-z]?\b)",
        r"|(?:\b\d{1,4}\s?(?:bis|ter)?,?\s+(?:rue|avenue|boulevard|place|chemin|allée|impasse)\s+[\p{L} '’-]{3,40})",
        r"|(?:\b(?:Calle|Via|Viale|Piazza|Rua|Avenida)\s+(?:\p{Lu}[\p{L}.'’-]*\s*){1,4},?\s*\d{1,4}\b)",
    ))
});

/// A header line of a CV that is longer is prose.
const HEADER_LINE_BYTES_MAX: usize = 100;

/// The contacts of a text. In short lines of the header block of a CV every
/// link and street address is one, and a bare number of ten digits too.
pub(super) fn find(text: &str, lines: &[Line], is_person: bool) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for line in lines {
        let shown = text.get(line.range.clone()).unwrap_or("");
        let in_header = is_person && line.is_header() && shown.len() <= HEADER_LINE_BYTES_MAX;
        let found = in_line(shown, in_header).into_iter();
        ranges.extend(
            found.map(|range| line.range.start + range.start..line.range.start + range.end),
        );
    }
    ranges
}

/// The patterns run only on lines that have what every match needs: most lines
/// have none of it, and counting bytes is ten times as fast.
fn in_line(shown: &str, in_header: bool) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let opens = |byte| matches!(byte, b'[' | b'(' | b'{' | b'<');
    if shown.contains('@') || shown.bytes().any(opens) && AT.is_match(shown) {
        ranges.extend(EMAIL.find_iter(shown).map(|found| found.range()));
    }
    if shown.contains('/') || shown.contains("www.") {
        for link in LINK.find_iter(shown) {
            let bare = link
                .as_str()
                .trim_end_matches(['.', ',', ';', ':', '!', '?', '\'']);
            if in_header || PERSONAL_LINK.is_match(bare) {
                ranges.push(link.start()..link.start() + bare.len());
            }
        }
    }
    if shown.bytes().filter(u8::is_ascii_digit).count() >= PHONE_DIGITS.start {
        for number in PHONE.find_iter(shown) {
            let before = shown.get(..number.start()).unwrap_or("");
            let after = shown.get(number.end()..).unwrap_or("");
            if is_phone(number.as_str(), before, after, in_header) {
                ranges.push(number.range());
            }
        }
    }
    if in_header {
        ranges.extend(STREET.find_iter(shown).map(|found| found.range()));
    }
    ranges
}

/// Whether a run of digits and signs is a telephone number, by its grouping and
/// what stands around it. Years, dates, money, postal codes and ids are none.
fn is_phone(number: &str, before: &str, after: &str, in_header: bool) -> bool {
    let tail_start = before.ceil_char_boundary(before.len().saturating_sub(24));
    let labelled = PHONE_LABEL.is_match(before.get(tail_start..).unwrap_or(""));
    let unit = |letter: char| letter.is_alphanumeric() || "%$€£".contains(letter);
    if !labelled && is_glued(before) || after.starts_with(unit) {
        return false;
    }
    let groups: Vec<usize> = number
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .map(str::len)
        .collect();
    let digits: usize = groups.iter().sum();
    if !PHONE_DIGITS.contains(&digits) || is_dates(number) || number.contains("..") {
        return false;
    }
    let international = number.starts_with('+') || number.starts_with("(+");
    labelled
        || international && digits >= 8
        || is_american(number, &groups)
        || is_national(number, &groups, digits)
        || in_header && groups == [10] && !number.starts_with("19") && !number.starts_with("20")
}

/// Whether a number belongs to what stands before it: an id, a price, a time.
fn is_glued(before: &str) -> bool {
    let mut letters = before.chars().rev();
    let last = letters.next().unwrap_or(' ');
    let before_last = letters.next().unwrap_or(' ');
    last.is_alphanumeric()
        || "$€£#%_=@&/-".contains(last)
        || ":.,".contains(last) && before_last.is_ascii_digit()
}

/// `(555) 123-4567`, `555.123.4567`, `1-800-555-1234`, `(555) 1234567`. With
/// blanks alone it may be numbers in a row, unless the first is no round one.
fn is_american(number: &str, groups: &[usize]) -> bool {
    let grouped = matches!(groups, [3, 3, 4] | [1, 3, 3, 4])
        || matches!(groups, [3, 7]) && number.starts_with('(');
    let area = number.trim_start_matches(['1', '(', ' ', '-', '.']);
    let signs = number.contains(['(', '-', '.', '–']) || !number.contains("00 ");
    grouped
        && signs
        && !number.contains('/')
        && area.starts_with(|first: char| ('2'..='9').contains(&first))
}

/// European national forms: a leading zero, nine to twelve digits, two to six
/// groups: `020 7946 0958`, `030/1234567`, `06 12 34 56 78`.
fn is_national(number: &str, groups: &[usize], digits: usize) -> bool {
    let first = groups.first().copied().unwrap_or(0);
    let slashes = number.matches('/').count();
    let slash_fits = slashes == 0 || slashes == 1 && first >= 3 && groups.len() == 2;
    let point_fits = !number.contains('.') || groups.len() > 3 && !number.contains('-');
    number.trim_start_matches('(').starts_with('0')
        && (9..=14).contains(&digits)
        && (2..=6).contains(&groups.len())
        && (2..=6).contains(&first)
        && slash_fits
        && point_fits
}

/// Dates and ranges of dates or years: every group has one, two or four digits
/// and those of four look like years.
fn is_dates(number: &str) -> bool {
    let groups = || {
        number
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|group| !group.is_empty())
    };
    let is_year =
        |group: &str| group.len() == 4 && (group.starts_with("19") || group.starts_with("20"));
    groups().any(is_year)
        && groups().all(|group| {
            is_year(group) || group.len() <= 2 && group.parse().is_ok_and(|part: u8| part <= 31)
        })
}
