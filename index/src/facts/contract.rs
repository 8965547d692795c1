//! Ways of being employed: full time, permanent, an internship … Owns which
//! words say them of this job and not of the employer's other people; words are
//! `contract.tsv`. Every mention is a fact of its own. `sure`: 95 a field ("Job type: Full-time") or the title, 80 the text, 60 a length of time.

use super::{Cue, Fact, Prose, Reading, Section, Value, What};

// Behind a word that alone means more: the job.
const JOB: [&str; 18] = [
    "position",
    "role",
    "job",
    "basis",
    "opportunity",
    "assignment",
    "contract",
    "employment",
    "vacancy",
    "post",
    "appointment",
    "work",
    "hire",
    "employee",
    "opening",
    "full",
    "part",
    "hours",
];

/// Mentions of one way that are told at most.
const MENTIONS_MAX: usize = 6;

/// Reads the ways of being employed an ad offers.
pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    if reading.prose != Prose::Ad {
        return;
    }
    let from = out.len();
    for cue in reading.cues_of(What::Contract) {
        let only_formal = cue.value.ends_with('!');
        let (value, weak) = match cue.value.strip_suffix(['?', '!']) {
            Some(value) => (value, true),
            None => (cue.value, false),
        };
        if matches!(value, "-" | "field") {
            continue;
        }
        let (start, end, sure) = if value == "duration" {
            let Some(length) = length(reading, cue) else {
                continue;
            };
            (length.0, length.1, 60)
        } else {
            match formality(reading, cue) {
                Some(sure) => (cue.start, cue.end, sure),
                None if only_formal || weak && !work(reading, cue) => continue,
                None if other(reading, cue, value) => continue,
                None => (cue.start, cue.end, 80),
            }
        };
        let value = if value == "duration" {
            "fixed_term"
        } else {
            value
        };
        let told = out.iter().skip(from);
        let told = told.filter(|held| held.value == Value::Contract(value));
        if told.count() < MENTIONS_MAX {
            out.push(Fact {
                value: Value::Contract(value),
                start,
                end,
                sure,
            });
        }
    }
}

// How formally a cue is said: in a field, alone on its line or in the title.
fn formality(reading: &Reading<'_>, cue: &Cue) -> Option<u8> {
    if cue.end <= reading.title_end() {
        return Some(95);
    }
    let line = reading.line_at(cue.start)?;
    let alone = reading
        .part(line.start, cue.start)
        .chars()
        .all(|letter| !letter.is_alphanumeric())
        && line.end.saturating_sub(cue.end) <= 12
        && !reading.part(cue.end, line.end).contains('.');
    // "Job Types: Full-time, Contract": other ways may stand between.
    let named = reading
        .cues_near(What::Contract, around(cue, 12))
        .any(|field| {
            field.value == "field"
                && field.end_word <= cue.first_word
                && cue.first_word - field.end_word <= 8
                && reading
                    .gap(field.end_word as usize)
                    .contains([':', '\n', '|'])
                && reading
                    .part(field.end, cue.start)
                    .chars()
                    .filter(|letter| *letter == '\n')
                    .count()
                    <= 1
                && list_of_ways(reading, field.end_word as usize, cue.first_word as usize)
        });
    // "… Developer (Contract)" and hashtags.
    let tag = reading.gap(cue.first_word as usize).ends_with('#');
    (alone || named || tag).then_some(95)
}

// The words up to a cue, so many before it.
fn around(cue: &Cue, before: usize) -> std::ops::Range<usize> {
    (cue.first_word as usize).saturating_sub(before)..cue.end_word as usize
}

// Whether only ways of being employed stand between two words.
fn list_of_ways(reading: &Reading<'_>, first: usize, end: usize) -> bool {
    (first..end).all(|word| {
        let joins = matches!(
            reading.folded(word),
            "and"
                | "or"
                | "regular"
                | "time"
                | "full"
                | "part"
                | "a"
                | "this"
                | "is"
                | "monday"
                | "friday"
                | "to"
        );
        joins
            || reading
                .cues_near(What::Contract, word.saturating_sub(8)..word + 1)
                .any(|cue| {
                    (cue.first_word as usize..cue.end_word as usize).contains(&word)
                        && cue.value != "-"
                })
    })
}

// "6 month contract", "contract position".
fn work(reading: &Reading<'_>, cue: &Cue) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let gap = reading.gap(end);
    if JOB.contains(&reading.folded(end)) && matches!(gap, " " | "-" | ", " | "/") {
        return true;
    }
    // "Full time and permanent".
    let time = |back: usize| first >= back && reading.folded(first - back).ends_with("time");
    if cue.value == "permanent?"
        && (time(1) || reading.folded(first.saturating_sub(1)) == "and" && time(2))
    {
        return true;
    }
    if matches!(
        cue.value,
        "temporary?" | "permanent?" | "freelance?" | "seasonal?"
    ) && describes_job(reading, cue)
    {
        return true;
    }
    if cue.value == "full_time?" {
        return reading.folded(end).starts_with('1') || gap.starts_with(')');
    }
    let months = reading
        .cues_near(What::Time, around(cue, 4))
        .any(|unit| unit.end_word == cue.first_word && matches!(unit.value, "month" | "year"));
    let numbered = months && first >= 2 && {
        let number = reading.folded(first - 2);
        number.starts_with(|letter: char| letter.is_ascii_digit())
            || matches!(
                number,
                "six" | "three" | "twelve" | "two" | "one" | "nine" | "four"
            )
    };
    numbered
        || cue.value == "freelance?"
            && reading.any(
                first.saturating_sub(3)..first,
                &["as", "independent", "hire"],
            )
}

/// Words between "a" and the job that describe it, at most.
const DESCRIBING_WORDS: usize = 5;

/// Whether a cue is one of several words that describe the job: "this is a
/// temporary, remote, hourly role".
pub(super) fn describes_job(reading: &Reading<'_>, cue: &Cue) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let before = |word: usize| {
        matches!(
            reading.folded(word),
            "a" | "an" | "this" | "our" | "fully" | "is" | "as" | "currently"
        )
    };
    let led = (1..=3).any(|back| {
        first >= back
            && before(first - back)
            && (first - back + 1..=first).all(|word| matches!(reading.gap(word), " " | ", "))
    });
    let job = |word: usize| {
        matches!(
            reading.folded(word),
            "role"
                | "position"
                | "job"
                | "opportunity"
                | "vacancy"
                | "assignment"
                | "post"
                | "project"
        )
    };
    led && (end..end + DESCRIBING_WORDS)
        .take_while(|word| matches!(reading.gap(*word), " " | ", " | "-" | "/"))
        .any(job)
}

// A way that others are employed in, or that one was before.
fn other(reading: &Reading<'_>, cue: &Cue, value: &str) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let before = first.saturating_sub(3)..first;
    let next = reading.folded(end);
    // "You learned of this volunteering opportunity".
    if reading.folded(before.end.saturating_sub(1)) == "this" {
        return false;
    }
    match value {
        "full_time" | "part_time" => {
            let counted = before.clone().any(|word| {
                let text = reading.folded(word);
                text.len() >= 2
                    && text.bytes().all(|byte| byte.is_ascii_digit())
                    && text.parse::<u32>().is_ok_and(|count| count >= 50)
            });
            counted
                || matches!(next, "employees" | "workers" | "colleagues" | "faculty" | "experience" | "student" | "students" | "study" | "studies" | "degree" | "master" | "mba" | "program" | "remote" if next != "remote")
                || reading.any(
                    reading.sentence(first),
                    &[
                        "enrolled",
                        "university",
                        "pursuing",
                        "studying",
                        "education",
                        "school",
                    ],
                )
                || reading.any(before, &["years", "year", "not", "no"]) && next != "contract"
        }
        "internship" => !super::seniority::own_internship(reading, cue) || reading.aside(cue.start),
        "apprenticeship" | "volunteer" | "seasonal" | "freelance" => {
            reading.aside(cue.start)
                || reading.any(
                    before,
                    &[
                        "previous",
                        "no",
                        "not",
                        "unable",
                        "completed",
                        "or",
                        "manage",
                        "supervise",
                        "our",
                        "with",
                        "and",
                        "other",
                        "years",
                    ],
                )
                || matches!(
                    reading.section(cue.start),
                    Section::Required | Section::Preferred
                )
        }
        "student" => reading.aside(cue.start),
        "temporary" | "fixed_term" => {
            reading.any(before, &["previous", "manage", "hire", "our", "other"])
                || reading.section(cue.start) == Section::Legal
        }
        _ => false,
    }
}

// The length a field such as "Duration: two months" says.
fn length(reading: &Reading<'_>, field: &Cue) -> Option<(u32, u32)> {
    let word = field.end_word as usize;
    if !reading.gap(word).contains([':', '\n']) && !matches!(reading.folded(word), "is" | "of") {
        return None;
    }
    let unit = reading.cues_near(What::Time, word..word + 6).find(|cue| {
        matches!(cue.value, "month" | "year")
            && cue.first_word as usize > word
            && (cue.first_word as usize) < word + 5
    })?;
    let blank = reading.part(field.end, unit.start).contains(". ");
    (!blank).then_some((reading.start_of(word), unit.end))
}
