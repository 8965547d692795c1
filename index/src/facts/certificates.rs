//! Certificates, licences, registrations, clearances and checks: asked for in an
//! ad, held in a CV. Owns which of them a text means; their names are
//! `certificate.tsv`. One that has no name there is read from the words beside
//! "certified", "licence" and the like; its value says only what sort it is, its
//! span says the name. `sure`: 95 a name that means nothing else, 80 letters
//! beside a word such as "licence", 60 what has no name.

mod lists;

use std::sync::LazyLock;

use super::near::WordSet;
use super::need::asked_at;
use super::{Cue, Fact, Prose, Reading, Section, Value, What};

/// More of one text are not read.
const CERTIFICATES_MAX: usize = 200;
/// Mentions of one certificate that are told at most.
const MENTIONS_MAX: usize = 5;
const CERTIFICATION: &str = "Certification";
const LICENCE: &str = "Licence";
const REGISTRATION: &str = "Registration";

// Beside letters such as PE or RN: they are a certificate here.
static BESIDE: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "certified certification certifications certificate certificates license licence \
         licensed licensure licenses licences registered registration accredited \
         accreditation qualified qualification qualifications designation designations \
         credential credentials exam chartered card member membership practitioner status \
         endorsement permit qualify",
    )
});
// In the sentence of a check: it is one of who applies.
static CHECKED: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "pass passing undergo subject required require requires must successful successfully clear \
         satisfactory contingent mandatory conditional able ability obtain hold consent submit \
         complete completion offer will dependent candidate candidates applicants employment you \
         enhanced valid current needed need",
    )
});
// Before "certification": it is none in particular.
static VAGUE: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "a an the any all of and or relevant professional industry other additional \
         appropriate required valid current following such product related our your this with \
         applicable necessary preferred more obtain in for to technical new training \
         trainings degree degrees skills license licenses education including have these \
         complete by multiple special advanced formal as on desired some minimum is are be no \
         not proper specific recognized recognised earn their own etc diploma qualifications \
         experience certification certifications s get hold des de les la le du academic test \
         request factor dual toward towards public ged working u.s possess maintain active \
         external awards courses job level must full similar plus one equivalent",
    )
});

/// Reads the certificates of a text.
pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    let from = out.len();
    let mut mentions: Vec<(&'static str, u32, u32)> = Vec::new();
    for cue in reading.cues_of(What::Certificate) {
        if out.len() >= from + CERTIFICATES_MAX {
            break;
        }
        let fact = if let Some(sort) = cue.value.strip_prefix('*') {
            unnamed(reading, cue, sort)
        } else {
            named(reading, cue)
        };
        let Some(fact) = fact else { continue };
        if let Value::Certificate(name, _) = fact.value
            && fact.sure > 60
            && mentions.len() < CERTIFICATES_MAX
        {
            mentions.push((name, fact.start, fact.end));
        }
        let double = out.iter_mut().skip(from).find(|held| {
            held.start < fact.end && fact.start < held.end || same(reading, held, &fact)
        });
        match double {
            // A name says more than the words around it; where it is asked for
            // counts more than where it is mentioned first.
            Some(held) if better(reading, held, &fact) => *held = fact,
            Some(_) => {}
            None => out.push(fact),
        }
    }
    match reading.prose {
        Prose::Ad => lists::named_list(reading, out, from),
        Prose::Cv => lists::listed(reading, out, from),
    }
    mentioned(&mentions, out, from);
}

// Other places a certificate is named at are facts too; how much it is wanted is
// what the best of them says.
fn mentioned(mentions: &[(&'static str, u32, u32)], out: &mut Vec<Fact>, from: usize) {
    for (name, start, end) in mentions {
        let named = |held: &&Fact| matches!(held.value, Value::Certificate(own, _) if own == *name);
        let held = out.iter().skip(from);
        if held
            .clone()
            .any(|held| held.start < *end && *start < held.end)
        {
            continue;
        }
        let best = held
            .clone()
            .find(|held| named(held) && held.sure > 60)
            .cloned();
        if let Some(best) = best.filter(|_| held.filter(named).count() < MENTIONS_MAX) {
            out.push(Fact {
                start: *start,
                end: *end,
                ..best
            });
        }
    }
}

fn better(reading: &Reading<'_>, held: &Fact, fact: &Fact) -> bool {
    let named = |fact: &Fact| fact.sure > 60;
    match (named(held), named(fact)) {
        (true, false) => false,
        (false, true) => true,
        _ => weight(reading, held) < weight(reading, fact),
    }
}

// How much a mention tells: 0 in the title, up to 3 where it is asked for by a word
// beside it or stands in a section of such things.
fn weight(reading: &Reading<'_>, fact: &Fact) -> u8 {
    if fact.end <= reading.title_end() {
        return 0;
    }
    let (first, end) = (reading.word_from(fact.start), reading.word_from(fact.end));
    let section = reading.section(fact.start);
    let asked = matches!(
        section,
        Section::Required | Section::Preferred | Section::Certificates
    );
    let held = [
        "valid",
        "current",
        "active",
        "possess",
        "hold",
        "required",
        "preferred",
        "requires",
        "have",
    ];
    let stated =
        reading.any(end..end + 2, &held) || reading.any(first.saturating_sub(4)..first, &held);
    1 + u8::from(stated)
        + u8::from(
            asked
                || reading.any_of(first..end + 1, &BESIDE)
                || reading.any_of(first.saturating_sub(1)..first, &BESIDE),
        )
}

fn fact(reading: &Reading<'_>, name: &'static str, start: u32, end: u32, sure: u8) -> Fact {
    let need = asked_at(reading, start, end);
    Fact {
        value: Value::Certificate(name, need),
        start,
        end,
        sure,
    }
}

// The same certificate said again.
fn same(reading: &Reading<'_>, held: &Fact, fact: &Fact) -> bool {
    let (Value::Certificate(one, _), Value::Certificate(other, _)) = (&held.value, &fact.value)
    else {
        return false;
    };
    let (left, right) = (
        reading.part(held.start, held.end),
        reading.part(fact.start, fact.end),
    );
    if left.eq_ignore_ascii_case(right) {
        return true;
    }
    // "Certified Public Accountant (CPA)".
    let between = reading.part(held.end.min(fact.end), fact.start.max(held.start));
    let letters =
        |text: &str| !text.contains(' ') && text.chars().all(|letter| !letter.is_lowercase());
    if between == " (" && letters(right) && left.contains(' ') {
        return true;
    }
    // "AWS certified …" and "AWS certification".
    let shared = || {
        let (left, right) = (left.split_once(' '), right.split_once(' '));
        left.zip(right).is_some_and(|(left, right)| {
            left.0.eq_ignore_ascii_case(right.0)
                && (["certif", "licen"]
                    .iter()
                    .any(|word| left.1.starts_with(word) || right.1.starts_with(word)))
        })
    };
    if one != other {
        return shared();
    }
    !matches!(*one, CERTIFICATION | LICENCE | REGISTRATION) || shared()
}

fn named(reading: &Reading<'_>, cue: &Cue) -> Option<Fact> {
    let (name, weak) = match cue.value.strip_suffix('?') {
        Some(name) => (name, true),
        None => (cue.value, false),
    };
    if name == "-" || elsewhere(reading, cue, name) {
        return None;
    }
    let listed = reading.section(cue.start) == Section::Certificates;
    if weak && !listed && !meant(reading, cue) {
        return None;
    }
    Some(fact(
        reading,
        name,
        cue.start,
        cue.end,
        if weak { 80 } else { 95 },
    ))
}

// Whether a name stands where nobody is asked for it, or is part of another.
fn elsewhere(reading: &Reading<'_>, cue: &Cue, name: &str) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let check = matches!(
        name,
        "Background check" | "DBS check" | "Tuberculosis test" | "Credit check"
    );
    let section = reading.section(cue.start);
    if reading.prose == Prose::Ad {
        // Who does checks is not checked.
        let wanted = matches!(
            section,
            Section::Required | Section::Preferred | Section::Certificates | Section::Legal
        );
        if check && !wanted && !reading.any_of(reading.sentence(first), &CHECKED) {
            return true;
        }
        let cleared = name == "Security clearance" && section == Section::Legal;
        if !check
            && !cleared
            && matches!(section, Section::Offered | Section::About | Section::Legal)
        {
            return true;
        }
        let sentence = reading.sentence(first);
        let close = first.saturating_sub(5).max(sentence.start)..first;
        if reading.any(
            close.clone(),
            &[
                "firm",
                "reimbursement",
                "no",
                "our",
                "conduct",
                "conducting",
                "perform",
                "performing",
                "pass",
            ],
        ) && !(check && reading.any(close, &["pass", "no"]))
        {
            return true;
        }
        let paid = [
            "reimbursement",
            "reimbursed",
            "paid",
            "provided",
            "sponsor",
            "sponsorship",
            "sponsored",
        ];
        return reading.any(end..(end + 3).min(sentence.end.max(end)), &paid)
            || matches!(
                reading.folded(end),
                "firm" | "firms" | "nursing" | "program" | "programs" | "candidates" | "software"
            );
    }
    // A CV's jobs name what others hold, and jobs that are named like licences.
    let held = matches!(
        section,
        Section::Certificates
            | Section::Education
            | Section::Skills
            | Section::Summary
            | Section::Open
    );
    check && !matches!(section, Section::Certificates | Section::Education)
        || (!held
            && !reading.any_of(first..end + 2, &BESIDE)
            && !reading.any_of(first.saturating_sub(2)..first, &BESIDE))
        // "CMA candidate, expected 2016".
        || reading.any(
            end..end + 2,
            &["candidate", "expected", "pending", "student", "exam", "exams"],
        )
        || reading.any(
            first.saturating_sub(3)..first,
            &[
                "pursuing",
                "perform",
                "performed",
                "conducted",
                "conduct",
                "teach",
                "supervised",
                "process",
            ],
        )
}

// Whether letters are a certificate here: what stands beside them says so.
fn meant(reading: &Reading<'_>, cue: &Cue) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let sentence = reading.sentence(first);
    let near = first.saturating_sub(5).max(sentence.start)..(end + 5).min(sentence.end.max(end));
    if reading.any_of(near.start..first, &BESIDE) || reading.any_of(end..near.end, &BESIDE) {
        return true;
    }
    let (low, high) = (
        reading.start_of(near.start),
        reading.end_of(near.end.saturating_sub(1)),
    );
    reading.cues_near(What::Certificate, near).any(|other| {
        other.first_word != cue.first_word
            && other.start >= low
            && other.end <= high
            && !other.value.ends_with('?')
            && other.value != "-"
    })
}

// A certificate that has no name in the book, by the words beside it.
fn unnamed(reading: &Reading<'_>, cue: &Cue, sort: &str) -> Option<Fact> {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    if reading.aside(cue.start) || cue.end <= reading.title_end() {
        return None;
    }
    let section = reading.section(cue.start);
    if reading.prose == Prose::Cv
        && !matches!(
            section,
            Section::Certificates | Section::Education | Section::Summary | Section::Open
        )
    {
        return None;
    }
    let sentence = reading.sentence(first);
    if reading.prose == Prose::Ad
        && reading.any(
            sentence.clone(),
            &[
                "our",
                "we",
                "software",
                "query",
                "reimbursement",
                "tuition",
                "company",
                "customers",
            ],
        )
    {
        return None;
    }
    let before = names_before(reading, first, sentence.start);
    let behind = names_behind(reading, end, sentence.end);
    let (start, stop, name) = match sort {
        "certification" if before < first => (before, end, CERTIFICATION),
        "licence" if before < first => (before, end, LICENCE),
        "certification" | "certified" if matches!(reading.folded(end), "in" | "as") => {
            let subject = (end + 3).min(sentence.end);
            let said =
                subject > end + 1 && reading.gap(end) == " " && !VAGUE.has(reading.folded(end + 1));
            said.then_some((first, subject, CERTIFICATION))?
        }
        "certified" if behind > end => (first, behind, CERTIFICATION),
        "certified"
            if before < first && reading.written(before).starts_with(char::is_uppercase) =>
        {
            (before, end, CERTIFICATION)
        }
        "licensed" => {
            let next = reading.folded(end);
            let profession = reading.gap(end) == " "
                && next.len() > 3
                && !matches!(
                    next,
                    "with"
                        | "from"
                        | "under"
                        | "care"
                        | "facility"
                        | "state"
                        | "staff"
                        | "professional"
                        | "professionals"
                );
            (profession && end < sentence.end).then_some((first, end + 1, LICENCE))?
        }
        "registration" => {
            let next = (end + 2).min(sentence.end);
            (first, next.max(end), REGISTRATION)
        }
        _ => return None,
    };
    Some(fact(
        reading,
        name,
        reading.start_of(start),
        reading.end_of(stop - 1),
        60,
    ))
}

// The first of up to four words before a word that name something.
fn names_before(reading: &Reading<'_>, word: usize, lowest: usize) -> usize {
    let mut first = word;
    while first > lowest
        && word - first < 4
        && matches!(reading.gap(first), " " | "-" | "®" | "® " | "™ " | " - ")
    {
        let text = reading.folded(first - 1);
        let name = reading.written(first - 1).starts_with(char::is_uppercase);
        let many = reading.written(word).ends_with('s');
        if VAGUE.has(text) || (!name && (first < word || many || text.len() < 3)) {
            break;
        }
        first -= 1;
        if !name {
            break;
        }
    }
    first
}

// The word behind up to four words that name something.
fn names_behind(reading: &Reading<'_>, word: usize, highest: usize) -> usize {
    let mut end = word;
    while end < highest && end - word < 4 && reading.gap(end) == " " {
        if !reading.written(end).starts_with(char::is_uppercase) || VAGUE.has(reading.folded(end)) {
            break;
        }
        end += 1;
    }
    end
}
