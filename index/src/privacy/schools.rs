//! When somebody went to school: years and dates in the education of a CV, which
//! say how old a person is. Owns where that section begins and ends; dates of
//! positions stay, since years of experience are read from them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Line, pattern};

/// Headings are short.
const HEADING_BYTES_MAX: usize = 60;
const HEADING_WORDS_MAX: usize = 6;

/// Of a section without an end only so many lines are education.
const SECTION_LINES_MAX: usize = 60;

/// Headings of education, folded to small letters.
static EDUCATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:(?:formal|my|professional|higher|relevant|post[- ]?secondary)\s+)?",
        r"(?:education(?:al)?(?:\s+(?:background|history|qualifications?|details|profile|experience|credentials|information))?",
        r"|academics?(?:\s+(?:background|history|qualifications?|details|profile|credentials|record|education))?",
        r"|schooling|degrees?|schools?|scholastics?(?: profile| record)?",
        r"|ausbildung|schulbildung|schulische ausbildung|bildungsweg|bildung|studium|hochschulstudium|akademische ausbildung",
        r"|formation(?: académique)?|études|éducation|diplômes|educación|formación(?: académica)?|estudios",
        r"|istruzione(?: e formazione)?|formazione|opleiding(?:en)?|wykształcenie|eğitim(?: bilgileri)?|formação(?: acadêmica)?",
        r"|educação|học vấn|教育背景|教育经历|学历|التعليم)\b",
    ))
});

/// Headings that end it: the words they begin or end with.
static OTHER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:experience|employment|history|career|positions?|internships?|work|skills?|highlights|summary|profile",
        r"|objective|accomplishments|achievements|awards|honou?rs|certifications?|certificates|licen[cs]es?|licensure",
        r"|interests|hobbies|references|languages|publications|presentations|projects|affiliations|memberships",
        r"|volunteer(?:ing)?|activities|additional|information|personal|details|strengths|qualifications|competencies",
        r"|training|courses|coursework|service|leadership|research|portfolio|technical|involvement|credentials",
        r"|berufserfahrung|berufliche|beruflicher|werdegang|kenntnisse|sprachen|praktika|expérience|compétences|langues",
        r"|experiencia|idiomas|habilidades|esperienza|lingue|ervaring|talen)\b",
    ))
});

/// Headings that end it also where their content stands behind a colon.
static WITH_CONTENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:(?:work|professional|technical|computer|other|additional|key)\s+)?(?:skills?|experience|employment|languages?|certifications?",
        r"|licen[cs]es?|interests|hobbies|references|projects|summary|objective|profile|volunteer\w*|kenntnisse|sprachen)$",
    ))
});

/// Words of schools and degrees.
static STUDY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:university|college|school|institute?|academy|polytechnic|seminary|universit\w+|hochschule|\w*schule|lehre|gymnasium",
        r"|abitur|lycée|école|universidad|instituto|università|universiteit|uniwersytet|üniversitesi|bachelor\S*|master['’]?s?",
        r"|masters|doctor(?:ate|al)?|associates?['’]?s?|degree|diploma|ged|mba|ph\.?d|b\.?sc?|m\.?sc?|b\.?a|m\.?a|b\.?tech|m\.?tech",
        r"|bba|bsn|msn|j\.?d|g\.?p\.?a|major|minor|coursework|graduat\w+|certificate|studies|licence|maîtrise|licenciatura)\b",
    ))
});

/// A period of more than one date.
static PERIOD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:19[4-9]\d|20[0-4]\d|\d{1,2}/\d{2,4})\s*(?:-|–|—|to|until|till|bis|au|a|/)\s*",
        r"(?:(?:\p{L}{3,9}\.?|\d{1,2}[/.])\s*)?(?:19[4-9]\d|20[0-4]\d|\d{1,2}/\d{2,4}|present|current|now|today|heute)",
    ))
});

/// A date or a year, with the month in front.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?",
        r"|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?|spring|summer|fall|autumn|winter",
        r"|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre",
        r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\.?,?\s*['’]?(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?",
        r"|\b\d{1,2}\s?[./-]\s?(?:\d{1,2}\s?[./-]\s?)?)?",
        r"\b(?:19[4-9]\d|20[0-4]\d)(?:\s?[-/.]\s?(?:0?[1-9]|1[0-2])\b(?:[-/.]\d{1,2}\b)?)?",
        r"|\b(?:19[4-9]\d|20[0-4]\d)\s?[-–/]\s?\d{2}\b|\b(?:0?[1-9]|1[0-2])/\d{2}\b",
    ))
});

/// What a year is said of in any part of a CV.
static GRADUATED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:graduat(?:ed|ion|ing)(?:\s+(?:date|year))?|class of|year of graduation|passing year|passed out|year of passing",
        r"|matriculat(?:ed|ion)|abitur|degree awarded)\b[^\n;]{0,40}?",
        r"((?:\p{L}{3,9}\.?\s+)?(?:\d{1,2}[/.])?(?:19[4-9]\d|20[0-4]\d)|['’]\d{2})\b",
    ))
});

/// A line of a degree, wherever it stands.
static DEGREE_LINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^[\s•*●▪-]*(?:bachelor['’]?s?\b|master['’]?s?\s+(?:of|in|degree|:)|masters\s+(?:of|in|degree|:)|associate['’]?s?\s+(?:of|in|degree|:)",
        r"|doctor\s+of|ph\.?d\b|m\.?b\.?a\b|b\.?sc?\b|m\.?sc?\b|high school\b|diploma\b|ged\b|abitur\b|b\.?tech\b|m\.?tech\b)",
    ))
});

/// The years and dates of schools in a CV; `all` where the whole text is about
/// them.
pub(super) fn find(text: &str, lines: &[Line], all: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let said = [
        "raduat",
        "RADUAT",
        "lass of",
        "CLASS OF",
        "atriculat",
        "assing",
        "assed out",
        "bitur",
        "egree awarded",
    ];
    let graduated = said.iter().any(|said| text.contains(said));
    let mut left = if all { usize::MAX } else { 0 };
    for (at, line) in lines.iter().enumerate() {
        let shown = text.get(line.range.clone()).unwrap_or("");
        let (heading, behind) = heading(shown);
        match heading {
            Some(true) => left = if all { usize::MAX } else { SECTION_LINES_MAX },
            Some(false) if !all => left = 0,
            Some(false) | None => {}
        }
        if !shown.bytes().any(|byte| byte.is_ascii_digit()) {
            left = left.saturating_sub(1);
            continue;
        }
        let mut add = |range: Range<usize>| {
            found.push(line.range.start + range.start..line.range.start + range.end);
        };
        let near = || {
            let first = at.saturating_sub(1);
            let lines = lines.get(first..(at + 2).min(lines.len())).unwrap_or(&[]);
            let mut near = lines.iter().filter_map(|line| text.get(line.range.clone()));
            near.any(|line| STUDY.is_match(line))
        };
        // A period beside no word of a school is of a position under a heading that
        // was not seen.
        let is_position = || !all && PERIOD.is_match(shown) && !near();
        let is_degree = || DEGREE_LINE.is_match(shown) && !PERIOD.is_match(shown);
        if left > 0 && !is_position() || left == 0 && is_degree() {
            let part = shown.get(behind..).unwrap_or("");
            for date in DATE
                .find_iter(part)
                .filter(|date| is_whole(part, &date.range()))
            {
                add(behind + date.start()..behind + date.end());
            }
        } else if graduated {
            for found in GRADUATED.captures_iter(shown) {
                if let Some(year) = found.get(1) {
                    add(year.range());
                }
            }
        }
        left = left.saturating_sub(1);
    }
    found
}

/// Whether a date stands alone: no amount, no version, no number of a course.
fn is_whole(part: &str, date: &Range<usize>) -> bool {
    let before = part
        .get(..date.start)
        .and_then(|text| text.chars().next_back());
    let mut behind = part.get(date.end..).unwrap_or("").chars();
    let next = behind.next();
    let glued = |letter: char| letter.is_alphanumeric() || "$€£#_".contains(letter);
    let decimals =
        matches!(next, Some('.' | ',')) && behind.next().is_some_and(|l| l.is_ascii_digit());
    !before.is_some_and(|letter| glued(letter) || letter == '.')
        && !next.is_some_and(|letter| glued(letter) || letter == '%')
        && !decimals
}

/// Whether a line is a heading, and then whether of education; and where its
/// content begins.
fn heading(shown: &str) -> (Option<bool>, usize) {
    let head = match shown.find([':', '：']) {
        Some(colon) if colon <= HEADING_BYTES_MAX => shown.get(..colon).unwrap_or(""),
        _ => shown,
    };
    let behind = if head.len() < shown.len() {
        head.len()
    } else {
        0
    };
    let words = head.split_whitespace().count();
    let digits = head.bytes().any(|byte| byte.is_ascii_digit());
    if head.len() > HEADING_BYTES_MAX || words == 0 || words > HEADING_WORDS_MAX || digits {
        return (None, 0);
    }
    let bare = head.trim_matches(|letter: char| !letter.is_alphanumeric());
    let folded = bare.to_lowercase();
    if let Some(found) = EDUCATION.find(&folded) {
        // "Education: …" and "Education and Training", not "Education of children".
        let rest = folded.get(found.end()..).unwrap_or("").trim_start();
        let goes_on = ["", "and ", "& ", "/", "und ", "et ", "y ", ", ", "(", "- "];
        if rest.is_empty() || goes_on.iter().skip(1).any(|start| rest.starts_with(start)) {
            return (Some(true), behind);
        }
    }
    let titled = bare
        .split_whitespace()
        .all(|word| word.len() <= 3 || !word.starts_with(char::is_lowercase));
    let ended =
        behind == 0 || shown.trim_end().ends_with([':', '：']) || WITH_CONTENT.is_match(&folded);
    let other = titled && ended && words <= 5 && OTHER.is_match(&folded) && !STUDY.is_match(bare);
    (other.then_some(false), behind)
}
