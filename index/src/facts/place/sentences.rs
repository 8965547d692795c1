//! Places in sentences: "based in X", "role in X", "our X office", "X-based
//! roles". Owns which words around a place say that the job is there.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::name::{self, Named};
use super::{SEAT, WEAK, lines};
use crate::analysis::TermKey;
use crate::facts::{Reading, Section};
use crate::hash::PlainHash;

/// Words of a sentence that are looked at in front of a place.
const BEFORE_WORDS: usize = 16;

/// Words that places are looked for at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trigger {
    /// "in X", "to X".
    In,
    /// "our X office".
    Our,
    /// "for X-based roles".
    For,
    /// "one of the following cities:".
    Following,
    /// "Location: X".
    Label,
    /// "office" itself.
    Office,
    /// "based" itself.
    Based,
}

#[rustfmt::skip]
const TRIGGERS: [(Trigger, &[&str]); 7] = [
    (Trigger::In, &["in", "to", "near", "from", "around", "i", "a", "of"]),
    (Trigger::Our, &["our", "the", "their", "ihre", "unserem"]),
    (Trigger::For, &["for"]),
    (Trigger::Following, &["following"]),
    (Trigger::Label, &[
        "location", "locations", "standort", "arbeitsort", "einsatzort", "dienstort", "lieu", "travail", "affectation",
        "localisation", "locatie", "standplaats", "ort", "plats", "placeringsort", "placering", "ubicacion", "sede", "trabalho",
        "trabajo", "city", "workplace", "standorte", "kontor",
    ]),
    (Trigger::Office, &[
        "office", "hq", "headquarters", "site", "studio", "lab", "campus", "branch", "store", "hub", "clinic", "plant",
        "factory", "warehouse", "showroom", "restaurant", "facility", "team", "region",
    ]),
    (Trigger::Based, &["based"]),
];

static KEYS: LazyLock<HashMap<TermKey, Trigger, PlainHash>> = LazyLock::new(|| {
    let pairs = TRIGGERS
        .iter()
        .flat_map(|(trigger, words)| words.iter().map(move |word| (TermKey::of(word), *trigger)));
    pairs.collect()
});

/// Words between a name and what makes it one of an office, at most.
const AHEAD: usize = 5;

/// Looks at every word of a text but its title's once.
pub(super) fn from_words(reading: &Reading<'_>, found: &mut Vec<(u8, Named)>) {
    let items = reading.words.items();
    let body = reading.title.map_or(0, |(_, end)| end);
    let first = items.partition_point(|word| word.start < body);
    let keys = &*KEYS;
    for (at, word) in items.iter().enumerate().skip(first) {
        let Some(trigger) = keys.get(&word.key) else {
            if word.end - word.start > 8 {
                let raw = reading.text.get(word.start as usize..word.end as usize);
                if raw.is_some_and(|raw| raw.ends_with("Location")) {
                    lines::labelled(reading, at, true, found);
                }
            }
            continue;
        };
        let ahead = |wanted: Trigger| {
            let next = items.get(at + 2..(at + 2 + AHEAD).min(items.len()));
            let mut next = next.unwrap_or_default().iter();
            next.any(|word| {
                let found = keys.get(&word.key);
                found == Some(&wanted)
                    || wanted == Trigger::Office && found == Some(&Trigger::Label)
            })
        };
        match trigger {
            Trigger::In => behind_in(reading, at, found),
            Trigger::Our if ahead(Trigger::Office) => {
                let named = name::at(reading, at + 1);
                let named = named.filter(|named| {
                    // "The Hartford region" is any.
                    let next = items.get(named.next);
                    let next = next.map_or("", |word| reading.words.folded(word));
                    let wide = matches!(next, "team" | "region");
                    office(reading, named.next)
                        && !is_aside(reading, at)
                        && !(wide && reading.words.folded(word) == "the")
                });
                found.extend(named.map(|named| (80, named)));
            }
            Trigger::For if ahead(Trigger::Based) => {
                let named = name::at(reading, at + 1);
                let named = named.filter(|named| based_roles(reading, named.next));
                found.extend(named.map(|named| (90, named)));
            }
            Trigger::Following => following(reading, at, found),
            Trigger::Label => lines::labelled(reading, at, false, found),
            Trigger::Based => before_based(reading, at, found),
            Trigger::Our | Trigger::For | Trigger::Office => {}
        }
    }
}

/// Words of one of them at most.
const LISTED_WORDS: usize = 60;
/// Lines that may list places.
const LISTED_LINES: usize = 10;

// "you must reside in one of the following cities:" and a list.
fn following(reading: &Reading<'_>, at: usize, found: &mut Vec<(u8, Named)>) {
    let items = reading.words.items();
    let Some(kind) = items.get(at + 1) else {
        return;
    };
    let kinds = [
        "cities",
        "city",
        "locations",
        "location",
        "states",
        "areas",
        "countries",
        "regions",
    ];
    let rest = reading.text.get(kind.end as usize..).unwrap_or_default();
    let (job, _, _) = sentence(reading, at);
    if !job || !kinds.contains(&reading.words.folded(kind)) || !rest.starts_with(':') {
        return;
    }
    let behind = reading.lines.partition_point(|line| line.end <= kind.start);
    let lines = reading.lines.iter().skip(behind);
    for line in lines.take(LISTED_LINES) {
        let mut word = items.partition_point(|word| word.start < line.start.max(kind.end));
        let end = items.partition_point(|word| word.start < line.end);
        let end = end.min(word + LISTED_WORDS);
        let before = found.len();
        let begins = word;
        while word < end {
            if let Some(named) = name::at(reading, word).filter(|named| named.next <= end) {
                word = named.next;
                found.push((80, named));
            } else {
                word += 1;
            }
        }
        if found.len() == before && end > begins {
            return;
        }
    }
}

// "X office", "X headquarters".
fn office(reading: &Reading<'_>, next: usize) -> bool {
    let word = reading.words.items().get(next);
    word.is_some_and(|word| {
        KEYS.get(&word.key) == Some(&Trigger::Office) || reading.words.folded(word) == "location"
    })
}

// "X-based roles", "X based candidates".
fn based_roles(reading: &Reading<'_>, next: usize) -> bool {
    let items = reading.words.items();
    let is = |at: usize, list: &[&str]| {
        items
            .get(at)
            .is_some_and(|word| list.contains(&reading.words.folded(word)))
    };
    is(next, &["based"])
        && is(
            next + 1,
            &[
                "role",
                "roles",
                "position",
                "positions",
                "candidates",
                "employees",
                "hires",
                "applicants",
            ],
        )
}

// "This role is San Francisco based", "Berlin-based employees".
fn before_based(reading: &Reading<'_>, at: usize, found: &mut Vec<(u8, Named)>) {
    let named = (1..4).rev().find_map(|back| {
        let named = name::at(reading, at.checked_sub(back)?)?;
        (named.next == at && !named.city.is_empty()).then_some(named)
    });
    let Some(named) = named.filter(|_| !is_aside(reading, at)) else {
        return;
    };
    let (job, firm, _) = sentence(reading, at);
    if based_roles(reading, at) || (job && !firm) {
        found.push((80, named));
    }
}

// Benefits and the company's own story say where things are, not the job.
fn is_aside(reading: &Reading<'_>, at: usize) -> bool {
    let Some(word) = reading.words.items().get(at) else {
        return true;
    };
    let line = reading.line_at(word.start);
    line.is_some_and(|line| matches!(line.section, Section::Offered | Section::Legal))
}

/// Words of a sentence about a job.
#[rustfmt::skip]
const JOB: [&str; 44] = [
    "role", "roles", "position", "positions", "job", "jobs", "you", "candidate", "candidates", "must", "team", "teams", "looking",
    "seeking", "hiring", "applicant", "applicants", "individual", "hybrid", "remote", "onsite", "opportunity", "opportunities",
    "join", "vacancy", "recruit", "recruiting", "relocate", "reside", "live", "living", "commutable", "employee",
    "posting", "internship", "required", "need", "needed", "opening", "openings", "assignment", "preferably", "manager", "engineer",
];

/// Words of a sentence about a company.
#[rustfmt::skip]
const FIRM: [&str; 20] = [
    "company", "startup", "agency", "firm", "organisation", "organization", "client", "clients", "customers", "offices",
    "centers", "centres", "studios", "university", "school", "campus", "business", "we", "partners", "investment",
];

/// Where a company sits, people studied, may work or sell is not where the job is.
#[rustfmt::skip]
const ASIDE: [&str; 42] = [
    "certified", "certification", "certificate", "licensed", "license", "licensure", "teach", "authorized", "authorised",
    "eligible", "legally", "authorization", "sales", "market", "markets", "countries", "visa", "taxes", "founded", "born",
    "degree", "investors", "conference", "events", "studied", "registered", "headquartered", "headquarters", "hq", "hqs",
    "gravity", "awards", "award", "unlawful", "law", "laws", "promotional", "sites", "launching", "offices", "residents", "click",
];

/// Words in front of "in" that say what is there.
#[rustfmt::skip]
const BEFORE_IN: [&str; 38] = [
    "based", "located", "office", "relocate", "relocation", "reside", "residing", "live", "living", "position", "role", "job",
    "team", "opportunity", "opportunities", "vacancy", "site", "onsite", "person", "home", "remote", "remotely", "hybrid", "work",
    "working", "available", "be", "store", "campus", "branch", "exclusively", "physically", "currently", "primarily",
    "recruiting", "hiring", "stay", "situated",
];

/// Those of them that may speak of a company as well.
const EITHER: [&str; 13] = [
    "based",
    "located",
    "office",
    "work",
    "working",
    "be",
    "site",
    "store",
    "campus",
    "currently",
    "branch",
    "situated",
    "live",
];

/// "Is based in", "Be located in", "Currently living in" of a list.
const VERBS: [&str; 5] = ["is", "be", "are", "currently", "already"];

// How sure the words in front say that the job is there; none if they say that
// it is not.
fn cue(reading: &Reading<'_>, at: usize, before: &str, named: &Named) -> Option<u8> {
    let (job, firm, aside) = sentence(reading, at);
    // "Located in Leeds." of a list is about who is wanted.
    let verb = at > 1
        && matches!(reading.words.items().get(at - 2), Some(word) if VERBS.contains(&reading.words.folded(word)));
    let job = job || begins_line(reading, at.checked_sub(if verb { 2 } else { 1 })?);
    // "based at offices in Leeds", "on-site in our HQ in Berlin", but lists of
    // offices are the company's.
    if matches!(before, "offices" | "hq" | "headquarters") {
        return (job && joined(reading, named.next).is_empty()).then_some(80);
    }
    if BEFORE_IN.contains(&before) && (job || !firm) {
        let unsure = EITHER.contains(&before) && !job;
        return match (unsure, aside) {
            (true, true) => None,
            (true, false) => Some(WEAK),
            (false, _) => Some(90),
        };
    }
    if aside {
        return None;
    }
    let office_behind = office(reading, named.next) && !firm;
    Some(if office_behind { 90 } else { WEAK })
}

fn begins_line(reading: &Reading<'_>, at: usize) -> bool {
    let items = reading.words.items();
    let Some(word) = items.get(at) else {
        return false;
    };
    let line = reading.line_at(word.start).map_or(0, |line| line.start);
    let first = items.partition_point(|word| word.start < line);
    let upper = reading.text.get(word.start as usize..);
    first == at && upper.is_some_and(|rest| rest.starts_with(char::is_uppercase))
}

/// The same in Swedish and French.
#[rustfmt::skip]
const NORTH: [&str; 17] = [
    "kontor", "placerad", "placerat", "placerade", "arbeta", "jobba", "jobb", "bor", "tjansten", "base", "basee", "situe",
    "situee", "poste", "bureaux", "localise", "teamet",
];

/// Beyond so many bytes a place nothing points to is not the job's.
const WEAK_BYTES: u32 = 1_500;

fn behind_in(reading: &Reading<'_>, at: usize, found: &mut Vec<(u8, Named)>) {
    let items = reading.words.items();
    let word_at = |at: usize| items.get(at).map_or("", |word| reading.words.folded(word));
    let before = at.checked_sub(1).map_or("", word_at);
    let raw = |at: usize| {
        let word = items.get(at).copied();
        word.and_then(|word| reading.text.get(word.start as usize..word.end as usize))
            .unwrap_or_default()
    };
    let moving =
        |word: &str| word.starts_with("relocat") || matches!(word, "commute" | "move" | "moving");
    let fits = match word_at(at) {
        // "Built In" is a name.
        "in" => raw(at) == "in" || begins_line(reading, at),
        // "based out of X", "within commuting distance of X".
        "of" => matches!(before, "out" | "distance" | "drive" | "outskirts" | "miles"),
        "to" => moving(before) || at > 1 && moving(word_at(at - 2)) && before == "support",
        "i" | "a" => raw(at) != "I" && raw(at) != "a" && NORTH.contains(&before),
        _ => matches!(
            before,
            "based" | "located" | "remote" | "remotely" | "work" | "office"
        ),
    };
    if !fits {
        return;
    }
    let moved = word_at(at) == "to";
    // "in or near X", "in the X area".
    let or = 2 * usize::from(word_at(at + 1) == "or");
    let the = or + usize::from(word_at(at + 1 + or) == "the");
    let pointed = BEFORE_IN.contains(&before);
    let start = at + 1 + the;
    let asked = || pointed || word_at(at) == "in" && sentence(reading, at).0;
    let region = || name::in_region(reading, start).filter(|_| asked());
    let Some(named) = name::at(reading, start).or_else(region) else {
        return;
    };
    let hiring = matches!(word_at(at), "in" | "near") && hires(reading, named.next);
    if is_aside(reading, at) && !moved && !hiring {
        return;
    }
    let sure = match word_at(at) {
        "to" | "i" | "a" => Some(80),
        "of" if before == "out" => Some(80),
        "of" => sentence(reading, at).0.then_some(80),
        _ if hiring => Some(80),
        _ => cue(reading, at, before, &named),
    };
    let seat = || {
        let sits = matches!(
            before,
            "based" | "located" | "headquartered" | "situated" | "headquarters"
        );
        (sits && word_at(at) == "in" && !named.city.is_empty()).then_some(SEAT)
    };
    let Some(sure) = sure.or_else(seat) else {
        return;
    };
    // A state or country nothing points to is most often about law or business.
    let wide = named.city.is_empty() && (!named.country.is_empty() || named.region.is_empty());
    let far = named.start as u32 > WEAK_BYTES;
    if sure <= WEAK && (far || is_about(reading, at)) {
        found.extend(seat().map(|sure| (sure, named)));
        return;
    }
    if sure > WEAK || (word_at(at) == "in" && !wide && !far && !is_about(reading, at)) {
        let more = joined(reading, named.next);
        found.push((sure, named));
        if sure > WEAK {
            found.extend(more.into_iter().map(|named| (sure, named)));
        }
    }
}

// "The school in Richmond is seeking …".
fn hires(reading: &Reading<'_>, next: usize) -> bool {
    let items = reading.words.items();
    let word = |at: usize| items.get(at).map_or("", |word| reading.words.folded(word));
    let mut at = next;
    while at < next + 2 && matches!(word(at), "is" | "are" | "currently" | "now" | "has") {
        at += 1;
    }
    let adverb = usize::from(matches!(word(at), "currently" | "now" | "actively"));
    matches!(
        word(at + adverb),
        "seeking" | "hiring" | "recruiting" | "seeks" | "looking" | "requires"
    ) && (at > next || matches!(word(at), "seeks" | "requires"))
}

fn is_about(reading: &Reading<'_>, at: usize) -> bool {
    let start = reading.words.items().get(at).map_or(0, |word| word.start);
    reading
        .line_at(start)
        .is_some_and(|line| line.section == Section::About)
}

// "Paris, Bordeaux or Lyon".
fn joined(reading: &Reading<'_>, mut next: usize) -> Vec<Named> {
    let items = reading.words.items();
    let mut more = Vec::new();
    while more.len() < 6 {
        let Some(word) = items.get(next) else {
            break;
        };
        let before = items.get(next - 1).map_or(word.start, |before| before.end);
        let gap = reading
            .text
            .get(before as usize..word.start as usize)
            .unwrap_or("\n");
        let or = matches!(reading.words.folded(word), "or" | "oder" | "ou");
        let comma = matches!(gap, ", " | "/" | " / ");
        let Some(named) = name::at(reading, next + usize::from(or)).filter(|_| or || comma) else {
            break;
        };
        next = named.next;
        more.push(named);
    }
    more
}

// Whether a sentence speaks of a job, of a company, and of neither, before a word.
fn sentence(reading: &Reading<'_>, at: usize) -> (bool, bool, bool) {
    let items = reading.words.items();
    let (mut job, mut firm, mut aside) = (false, false, false);
    let mut behind = items.get(at).map_or(0, |word| word.start);
    for word in items
        .get(at.saturating_sub(BEFORE_WORDS)..at)
        .unwrap_or_default()
        .iter()
        .rev()
    {
        let gap = reading
            .text
            .get(word.end as usize..behind as usize)
            .unwrap_or_default();
        if gap.contains(['\n', '!', '?', ';']) || gap.contains(". ") || gap.contains(".\u{a0}") {
            break;
        }
        behind = word.start;
        let folded = reading.words.folded(word);
        job |= JOB.contains(&folded);
        firm |= FIRM.contains(&folded);
        aside |= ASIDE.contains(&folded);
    }
    (job, firm, aside)
}
