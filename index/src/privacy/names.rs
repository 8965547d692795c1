//! Names of people in a CV: found by shape and surroundings, not by a list of
//! names. Owns where a name stands: in the first lines, beside contacts, under the
//! end of a letter. Names in sentences are `prose`'s.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::shape::{is_caseless, looks_like_name, speaks_of_work};
use super::{Line, pattern};
use crate::gazetteer;
use crate::skills::Dictionary;

/// The name stands among the first lines.
const NAME_LINES: usize = 5;

/// A contact or heading this many lines below makes a name of the line.
const NEAR_LINES: usize = 6;

/// Elsewhere a contact this many lines below, or on the same line.
const BLOCK_LINES: usize = 2;

/// The end of a letter or a declaration stands among the last lines.
const LAST_LINES: usize = 4;

/// Longer lines are prose.
const LINE_BYTES_MAX: usize = 100;

/// Section headings that may follow a name without any contact.
const HEADINGS: [&str; 24] = [
    "summary",
    "profile",
    "objective",
    "experience",
    "education",
    "skills",
    "highlights",
    "about",
    "qualifications",
    "overview",
    "career",
    "professional",
    "work",
    "employment",
    "curriculum",
    "profil",
    "kurzprofil",
    "berufserfahrung",
    "ausbildung",
    "expérience",
    "compétences",
    "formation",
    "experiencia",
    "perfil",
];

/// What may stand before the name in its line.
static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:(?:resume|résumé|cv|curriculum vitae)(?: of|:|\s*[-–|])?\s+",
        r"|lebenslauf(?: von|:)?\s+",
        r"|(?:full |candidate(?:['’]?s)? |applicant(?:['’]?s)? |my )?name\s*(?:[-–—=\t]|is\s)\s*)",
    ))
});

/// What ends a letter or a declaration, in front of the name or on the line before.
static CLOSING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^[\s(~*_-]*(?:sd/-|/s/|signed(?:\s+by)?|signature|unterschrift|unterzeichnet|firmado",
        r"|(?:yours\s+)?(?:sincerely|faithfully|truly|respectfully|cordially)(?:\s+yours)?",
        r"|(?:with\s+)?(?:best|kind|kindest|warm|warmest)?\s*(?:regards|wishes)|thanks(?: and regards)?|thank you",
        r"|mit freundlichen? gr(?:ü|ue)(?:ß|ss)en?|hochachtungsvoll|viele grüße|cordialement|bien à vous",
        r"|atentamente|saludos|cordiali saluti|distinti saluti|z poważaniem|saygılarımla|trân trọng)",
        r"[\s,:.)~*_-]*",
    ))
});

/// Every name found by where it stands. `contacts` are the ranges found so far, in
/// order.
pub(super) fn find(text: &str, lines: &[Line], contacts: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut first = lines.iter().take(NAME_LINES);
    found.extend(first.find_map(|line| name_of(text, lines, line, contacts)));
    for range in contacts {
        found.extend(beside(text, lines, contacts, range));
    }
    found.extend(last(text, lines));
    found
}

/// The name's bytes, where the line is a name line.
fn name_of(
    text: &str,
    lines: &[Line],
    line: &Line,
    contacts: &[Range<usize>],
) -> Option<Range<usize>> {
    let shown = text.get(line.range.clone())?;
    let opening = OPENING.find(shown).map_or(0, |opening| opening.end());
    let name = leading_name(text, line, opening, contacts)?;
    let below = lines.get(line.number..)?;
    let near = below.get(..below.len().min(NEAR_LINES + 1))?;
    let near_end = near.last()?.range.end;
    let has_contact = contacts
        .iter()
        .any(|range| range.end > name.start && range.start < near_end);
    let has_heading = || line.number == 0 && near.iter().skip(1).any(|line| is_heading(text, line));
    let written = text.get(name.clone())?;
    // In capitals and without a contact it is rather the headline of the CV, unless
    // that stands below.
    let is_mixed = || written.contains(char::is_lowercase);
    let headline = || {
        near.get(1)
            .and_then(|line| text.get(line.range.clone()))
            .is_some_and(|line| speaks_of_work(line) && !is_heading_text(line))
    };
    let by_heading = || match (is_mixed(), has_heading()) {
        (true, heading) => heading || line.number == 0 && headline(),
        (false, heading) => heading && headline(),
    };
    (opening > 0 || has_contact || by_heading() || is_foreign(text, written)).then_some(name)
}

/// The bytes of a line behind `opening` that look like a name, as far as the first
/// contact or sign that ends one.
fn leading_name(
    text: &str,
    line: &Line,
    opening: usize,
    contacts: &[Range<usize>],
) -> Option<Range<usize>> {
    let start = line.range.start + opening;
    // The name may share its line with contacts or a job title.
    let contact = contacts
        .iter()
        .find(|range| range.end > start)
        .map_or(text.len(), |range| range.start);
    let rest = text.get(start..line.range.end.min(contact.max(start)))?;
    let separator = rest.find(['|', '•', '·', '/', '(', '\t', '–', '—', ';', ':']);
    let part = rest.get(..separator.unwrap_or(rest.len()))?;
    let part = part.split(" - ").next()?.split("  ").next()?;
    let name = part.trim_end_matches([' ', ',', '-', '\u{a0}']);
    looks_like_name(name).then_some(start..start + name.len())
}

/// The name of the block a contact stands in: on its line, or on one of the two
/// before.
fn beside(
    text: &str,
    lines: &[Line],
    contacts: &[Range<usize>],
    contact: &Range<usize>,
) -> Option<Range<usize>> {
    let number = lines
        .partition_point(|line| line.range.start <= contact.start)
        .checked_sub(1)?;
    let first = number.saturating_sub(BLOCK_LINES);
    let mut near = lines.get(first..=number)?.iter().rev();
    near.find_map(|line| {
        let short = line.range.len() <= LINE_BYTES_MAX;
        leading_name(text, line, 0, contacts).filter(|_| short)
    })
}

/// The name under the end of a letter, or alone on the last line.
fn last(text: &str, lines: &[Line]) -> Option<Range<usize>> {
    let first = lines.len().saturating_sub(LAST_LINES);
    let mut closed = false;
    for line in lines.get(first..)? {
        let shown = text.get(line.range.clone())?;
        let closing = CLOSING.find(shown).map_or(0, |closing| closing.end());
        let name = shown.get(closing..)?.trim_end_matches([' ', '.', ')', ',']);
        let start = line.range.start + closing;
        if (closing > 0 || closed) && looks_like_name(name) {
            return Some(start..start + name.len());
        }
        closed = closing > 0 && name.is_empty();
    }
    let line = lines.last().filter(|line| line.number > NAME_LINES)?;
    let shown = text.get(line.range.clone())?;
    let name = shown.trim_start_matches(['(', '-', '–', '—', '~', ' ']);
    let start = line.range.end - name.len();
    let name = name.trim_end_matches([' ', '.', ')']);
    let alone = name.contains(char::is_lowercase) || is_foreign(text, name);
    (alone && looks_like_name(name) && !is_known(name)).then_some(start..start + name.len())
}

/// Whether words are a skill, an application or a place, or have one among them.
pub(super) fn is_known(name: &str) -> bool {
    let skills = Dictionary::builtin();
    // "Palo Alto" of more, but not "Kim" of "Kim Min-jun", which is a town too.
    let head = name.rsplit_once(' ').map_or("", |(head, _)| head);
    let head = if head.contains(' ') { head } else { "" };
    skills.named(name).is_some()
        || gazetteer::city_name(name).is_some()
        || gazetteer::city_name(head).is_some()
        || gazetteer::country_code(name).is_some()
        || name
            .split_whitespace()
            .any(|word| skills.named(word).is_some())
}

/// Whether a name is in a script without capitals and the text around it is not.
fn is_foreign(text: &str, name: &str) -> bool {
    if !is_caseless(name) {
        return false;
    }
    let cased = |letter: &char| letter.is_lowercase() || letter.is_uppercase();
    let letters = text.chars().filter(|letter| letter.is_alphabetic());
    let (all, with_case) = letters.fold((0_usize, 0_usize), |(all, with), letter| {
        (all + 1, with + usize::from(cased(&letter)))
    });
    with_case * 10 >= all * 8
}

fn is_heading(text: &str, line: &Line) -> bool {
    is_heading_text(text.get(line.range.clone()).unwrap_or(""))
}

fn is_heading_text(shown: &str) -> bool {
    let shown = shown.to_lowercase();
    let words: Vec<&str> = shown.split_whitespace().collect();
    let is_one = |word: Option<&&str>| {
        word.is_some_and(|word| HEADINGS.contains(&word.trim_end_matches(':')))
    };
    // "Executive Profile", "Work History".
    words.len() <= 3 && (is_one(words.first()) || is_one(words.last()))
}
