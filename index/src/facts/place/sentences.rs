//! Places in sentences: "based in X", "role in X", "our X office", "X-based
//! roles". Owns which words around a place say that the job is there.

use super::WEAK;
use super::name::{self, Named};
use crate::facts::{Reading, Section};

/// Words of a sentence that are looked at in front of a place.
const BEFORE_WORDS: usize = 16;

// "based in X", "role in X", "our X office", "X-based roles".
pub(super) fn from_words(reading: &Reading<'_>, found: &mut Vec<(u8, Named)>) {
    let items = reading.words.items();
    let body = reading.title.map_or(0, |(_, end)| end);
    let first = items.partition_point(|word| word.start < body);
    for at in first..items.len() {
        match reading.words.folded(&items[at]) {
            "in" | "to" | "near" | "from" | "around" | "at" => behind_in(reading, at, found),
            "our" | "the" | "ihre" | "unserem" => {
                if let Some(named) =
                    name::at(reading, at + 1).filter(|named| office(reading, named.next))
                {
                    if !is_aside(reading, at) {
                        found.push((80, named));
                    }
                }
            }
            "for" => {
                if let Some(named) =
                    name::at(reading, at + 1).filter(|named| based_roles(reading, named.next))
                {
                    found.push((90, named));
                }
            }
            _ => {}
        }
    }
}

// "X office", "X headquarters".
fn office(reading: &Reading<'_>, next: usize) -> bool {
    let items = reading.words.items();
    let kinds = [
        "office",
        "hq",
        "headquarters",
        "site",
        "location",
        "studio",
        "lab",
        "campus",
        "branch",
        "store",
        "hub",
        "clinic",
        "plant",
        "factory",
        "warehouse",
        "showroom",
        "restaurant",
    ];
    items
        .get(next)
        .is_some_and(|word| kinds.contains(&reading.words.folded(word)))
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

// Benefits and the company's own story say where things are, not the job.
fn is_aside(reading: &Reading<'_>, at: usize) -> bool {
    let Some(word) = reading.words.items().get(at) else {
        return true;
    };
    let line = reading.line_at(word.start);
    line.is_some_and(|line| matches!(line.section, Section::Offered | Section::Legal))
}

const JOB: [&str; 46] = [
    "role",
    "roles",
    "position",
    "positions",
    "job",
    "jobs",
    "you",
    "candidate",
    "candidates",
    "must",
    "team",
    "teams",
    "looking",
    "seeking",
    "hiring",
    "applicant",
    "applicants",
    "individual",
    "hybrid",
    "remote",
    "onsite",
    "opportunity",
    "opportunities",
    "join",
    "vacancy",
    "recruit",
    "recruiting",
    "relocate",
    "reside",
    "live",
    "living",
    "commutable",
    "located",
    "based",
    "person",
    "employee",
    "posting",
    "internship",
    "required",
    "need",
    "needed",
    "opening",
    "openings",
    "work",
    "assignment",
    "preferably",
];

const FIRM: [&str; 28] = [
    "company",
    "startup",
    "start",
    "agency",
    "firm",
    "headquartered",
    "headquarters",
    "hq",
    "organisation",
    "organization",
    "founded",
    "client",
    "clients",
    "customers",
    "offices",
    "centers",
    "centres",
    "studios",
    "born",
    "university",
    "school",
    "markets",
    "events",
    "conference",
    "investors",
    "degree",
    "campus",
    "business",
];

// Where people studied, may work or sell is not where the job is.
const ASIDE: [&str; 26] = [
    "certified",
    "certification",
    "certificate",
    "licensed",
    "license",
    "licensure",
    "teach",
    "authorized",
    "authorised",
    "eligible",
    "legally",
    "authorization",
    "sales",
    "market",
    "markets",
    "countries",
    "visa",
    "taxes",
    "founded",
    "born",
    "degree",
    "investors",
    "conference",
    "events",
    "studied",
    "registered",
];

fn behind_in(reading: &Reading<'_>, at: usize, found: &mut Vec<(u8, Named)>) {
    let items = reading.words.items();
    let the = items
        .get(at + 1)
        .is_some_and(|word| reading.words.folded(word) == "the");
    let start = at + 1 + usize::from(the);
    let folded = reading.words.folded(&items[at]);
    let Some(named) = name::at(reading, start) else {
        return;
    };
    let before = at
        .checked_sub(1)
        .and_then(|at| items.get(at))
        .map_or("", |word| reading.words.folded(word));
    let places = [
        "based",
        "located",
        "office",
        "relocate",
        "relocation",
        "reside",
        "residing",
        "live",
        "living",
        "position",
        "role",
        "job",
        "team",
        "opportunity",
        "opportunities",
        "vacancy",
        "site",
        "onsite",
        "person",
        "home",
        "remote",
        "remotely",
        "hybrid",
        "work",
        "working",
        "available",
        "commutable",
        "commute",
        "be",
        "store",
        "campus",
        "branch",
        "area",
        "exclusively",
        "physically",
        "currently",
        "primarily",
        "recruiting",
        "hiring",
        "offices",
    ];
    let strict = match folded {
        "in" => false,
        "to" => !["relocate", "commute", "relocation", "move", "moving"].contains(&before),
        "at" => true,
        _ => ![
            "based",
            "located",
            "commutable",
            "remote",
            "remotely",
            "work",
            "office",
        ]
        .contains(&before),
    };
    if strict || is_aside(reading, at) {
        return;
    }
    let (job, firm, aside) = sentence(reading, at);
    if aside && !places.contains(&before) {
        return;
    }
    let sure = if places.contains(&before) && !(firm && !job) && before != "offices" {
        let speaks = matches!(
            before,
            "based"
                | "located"
                | "office"
                | "work"
                | "working"
                | "be"
                | "site"
                | "store"
                | "campus"
                | "area"
                | "currently"
                | "branch"
        );
        if speaks && !job { WEAK } else { 90 }
    } else if office(reading, named.next) && !firm {
        90
    } else {
        WEAK
    };
    // Cities that are also words need a cue.
    if sure > WEAK || (folded == "in" && !is_about(reading, at)) {
        let more = joined(reading, named.next);
        found.push((sure, named));
        found.extend(more.into_iter().map(|named| (sure, named)));
    }
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
        // What made us look here says nothing itself.
        job |= JOB.contains(&folded) && !matches!(folded, "based" | "located" | "work");
        firm |= FIRM.contains(&folded);
        aside |= ASIDE.contains(&folded);
    }
    (job, firm, aside)
}
