//! Years of experience: asked for in an ad, said of oneself in a CV. Owns what
//! a number of years is about; spans hold the numbers and the unit. A statement
//! is weighed by the words around it: `sure` is 95 where experience, a least
//! number and nothing else is said, 80 where two signs agree, 60 where one does.

use std::sync::LazyLock;

use super::near::WordSet;
use super::{Fact, Prose, Reading, Section, Value, What};

/// Nobody is asked for more.
const YEARS_MAX: f64 = 45.0;
/// Without the word "experience" more is an age or a company's history.
const BARE_YEARS_MAX: f64 = 15.0;
/// Points that make a statement one of experience.
const POINTS_MIN: i32 = 2;

static EXPERIENCE: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "experience experiences experienced exp expertise experiance experince erfahrung \
         berufserfahrung praxiserfahrung erfahrungen ervaring background pqe yoe werkervaring \
         qualified exposure employment practice",
    )
});
static LEAST: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "minimum min least mindestens minimal requires require required ideally preferably \
         must mind approximately possess",
    )
});
static WORK: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "working work driving managing leading building developing professional hands role \
         roles position relevant similar designing teaching selling industry field related \
         supervisory career successful leadership progressive practical supervising \
         supervision proven",
    )
});
// What is counted in years and is no experience.
static OTHER: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "ago old alt contract contracts warranty term fixed degree degrees program programme \
         college university diploma course plan journey history heritage tradition \
         anniversary period project ftc secondment maternity internship placement funding \
         lease vesting cliff maturity award guarantee probation probationary leave notice \
         salary commitment assignment row age since vertrag befristet befristung mission \
         fellowship residency later roadmap strategy post prior preceding before institution \
         school cycle renewable extension running record visa",
    )
});
// Directly before a number: of time that passes, not of what somebody has.
static PASSING: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "last past next first previous after every within each per coming age aged under nach \
         letzten ersten recent preceding following in lasting during",
    )
});
static COMPANY: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "we our us company founded established has business been wir unser team clients \
         organisation organization firm trading leader startup serving",
    )
});
static ASKED: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "you your candidate candidates applicant applicants must minimum required require \
         requires should preferred least need needs ideal sie du looking",
    )
});

/// A number of years: where it stands and what it says.
struct Span {
    first: usize,
    // The word behind the unit.
    end: usize,
    min: f64,
    max: Option<f64>,
    plus: bool,
    months: bool,
}

/// Reads the years of a text.
pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    let mut behind = 0;
    let mut held: Option<(usize, Span)> = None;
    for unit in units(reading) {
        let Some(span) = number_before(reading, &unit, behind) else {
            continue;
        };
        behind = span.end;
        // "6 months to 1 year": one statement.
        if let Some((at, first)) = held.as_ref()
            && first.end < span.first + 2
            && span.first <= first.end + 1
            && joined(reading, first.end, span.first)
            && let Some(Fact {
                value: Value::Years { max, .. },
                end,
                ..
            }) = out.get_mut(*at)
        {
            *max = Some(span.max.unwrap_or(span.min));
            *end = reading.end_of(span.end - 1);
            continue;
        }
        if let Some(sure) = judge(reading, &span) {
            out.push(Fact {
                value: Value::Years {
                    min: span.min,
                    max: span.max,
                },
                start: reading.start_of(span.first),
                end: reading.end_of(span.end - 1),
                sure,
            });
            held = Some((out.len() - 1, span));
        }
    }
    if reading.prose == Prose::Ad {
        none(reading, out);
    }
}

// The first statement that no experience is needed.
fn none(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    let cue = reading
        .cues_of(What::Time)
        .filter(|cue| cue.value == "none" && !reading.aside(cue.start))
        // "With or without experience".
        .find(|cue| reading.folded((cue.first_word as usize).wrapping_sub(1)) != "or");
    if let Some(cue) = cue {
        out.push(Fact {
            value: Value::Years {
                min: 0.0,
                max: None,
            },
            start: cue.start,
            end: cue.end,
            sure: 80,
        });
    }
}

/// A unit of time: its word, and whether it is glued to its number (`5yrs`).
struct Unit {
    word: usize,
    months: bool,
    glued: bool,
}

fn units(reading: &Reading<'_>) -> Vec<Unit> {
    let mut units: Vec<Unit> = reading
        .cues_of(What::Time)
        .filter(|cue| cue.value == "year" || cue.value == "month")
        .map(|cue| Unit {
            word: cue.first_word as usize,
            months: cue.value == "month",
            glued: false,
        })
        .collect();
    for (word, item) in reading.words.items().iter().enumerate() {
        let text = reading.words.folded(item);
        if text.starts_with(|letter: char| letter.is_ascii_digit())
            && !text.ends_with(|letter: char| letter.is_ascii_digit())
        {
            let tail =
                text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
            let months = matches!(tail, "months" | "month" | "mo" | "mos" | "mths");
            if months
                || matches!(
                    tail,
                    "years" | "year" | "yrs" | "yr" | "y" | "yoe" | "jahre"
                )
            {
                units.push(Unit {
                    word,
                    months,
                    glued: true,
                });
            }
        }
    }
    units.sort_unstable_by_key(|unit| unit.word);
    units
}

// "to", "-", "or" and the like between two numbers.
fn joined(reading: &Reading<'_>, end: usize, first: usize) -> bool {
    if end == first {
        return dashed(reading.gap(first));
    }
    matches!(
        reading.folded(end),
        "to" | "or" | "bis" | "and" | "until" | "through" | "à" | "tot"
    )
}

fn dashed(gap: &str) -> bool {
    gap.contains(['-', '–', '—', '‐', '‑', '/', '~']) && gap.len() <= 8 && !gap.contains('\n')
}

fn number(reading: &Reading<'_>, word: usize) -> Option<f64> {
    let text = reading.folded(word);
    if text.starts_with(|letter: char| letter.is_ascii_digit()) {
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        return digits.parse().ok().filter(|number| *number <= 999.0);
    }
    let at = reading
        .cues
        .partition_point(|cue| (cue.first_word as usize) < word);
    let same = reading
        .cues
        .iter()
        .skip(at)
        .take_while(|cue| cue.first_word as usize == word);
    same.filter(|cue| cue.what == What::Time)
        .find_map(|cue| cue.value.parse().ok())
}

// Words between a number and its unit.
fn filler(word: &str) -> bool {
    matches!(
        word,
        "full"
            | "complete"
            | "unrestricted"
            | "solid"
            | "plus"
            | "or"
            | "more"
            | "additional"
            | "and"
            | "consecutive"
            | "continuous"
            | "progressive"
            | "relevant"
            | "calendar"
            | "total"
            | "minimum"
            | "professional"
            | "greater"
            | "over"
            | "half"
            | "experience"
            | "of"
            | "recent"
            | "verifiable"
            | "volle"
    )
}

fn number_before(reading: &Reading<'_>, unit: &Unit, behind: usize) -> Option<Span> {
    let mut at = unit.word;
    if !unit.glued {
        let lowest = at.saturating_sub(4).max(behind);
        loop {
            at = at.checked_sub(1).filter(|at| *at >= lowest)?;
            if number(reading, at).is_some() {
                break;
            }
            if !filler(reading.folded(at)) || reading.breaks(at + 1) {
                return None;
            }
        }
    }
    let mut last = number(reading, at)?;
    let plus = reading.gap(at + 1).contains('+')
        || reading.any(at + 1..unit.word, &["plus", "more", "greater"]);
    let opened = reading.gap(at).contains('(');
    // "five (5) years", "5 (five) years": the same number twice.
    let twin = at
        .checked_sub(1)
        .filter(|twin| *twin >= behind && opened && number(reading, *twin).is_some());
    if let Some(twin) = twin {
        last = number(reading, twin)?;
        at = twin;
    }
    // "twenty five" is one number in words; "1 1/2" is not read.
    let unit_years = if unit.months { 12.0 } else { 1.0 };
    let (mut min, mut max) = (last / unit_years, None);
    if let Some(first) = range_start(reading, at, behind) {
        let low = number(reading, first)?;
        if low < last {
            min = low / unit_years;
            max = Some(last / unit_years);
            at = first;
            let twin = at.checked_sub(1).filter(|twin| {
                *twin >= behind && reading.gap(at).contains('(') && number(reading, *twin).is_some()
            });
            at = twin.unwrap_or(at);
        }
    } else if at >= 2 && reading.folded(at - 1) == "to" && reading.folded(at - 2) == "up" {
        max = Some(min);
        min = 0.0;
    }
    Some(Span {
        first: at,
        end: unit.word + 1,
        min,
        max,
        plus,
        months: unit.months,
    })
}

// The lower number of a range whose higher one stands at a word.
fn range_start(reading: &Reading<'_>, at: usize, behind: usize) -> Option<usize> {
    let before = at.checked_sub(1).filter(|before| *before >= behind)?;
    if number(reading, before).is_some() && dashed(reading.gap(at)) {
        return Some(before);
    }
    let between = match reading.folded(before) {
        "to" | "or" | "bis" | "through" | "tot" | "à" => true,
        "and" => {
            before >= 2 && reading.any(before.saturating_sub(3)..before, &["between", "zwischen"])
        }
        _ => false,
    };
    let first = before
        .checked_sub(1)
        .filter(|first| *first >= behind && between)?;
    number(reading, first).map(|_| first)
}

// Whether a number of years is one of experience, and how sure that is.
fn judge(reading: &Reading<'_>, span: &Span) -> Option<u8> {
    let highest = span.max.unwrap_or(span.min);
    if highest > YEARS_MAX || highest <= 0.0 {
        return None;
    }
    let sentence = reading.sentence(span.first);
    let before = span.first.saturating_sub(7).max(sentence.start)..span.first;
    let after = span.end..(span.end + 9).min(sentence.end.max(span.end));
    let near = span.end..(span.end + 4).min(after.end);
    let experience = points_of_experience(reading, &before, &after);
    if passes(reading, span, &near, experience) {
        return None;
    }
    let least = reading.any_of(before.clone(), &LEAST);
    let asked = reading.any_of(sentence.clone(), &ASKED);
    let mut points = experience;
    points += 2 * i32::from(span.plus) + 2 * i32::from(least);
    points += i32::from(reading.any_of(after.clone(), &WORK))
        + i32::from(reading.folded(span.end) == "in");
    points += i32::from(matches!(
        reading.section(reading.start_of(span.first)),
        Section::Required | Section::Preferred | Section::Experience | Section::Skills
    ));
    let label = reading.gap(span.end).contains('(')
        && reading.any(
            span.end..span.end + 1,
            &["preferred", "required", "desirable", "essential"],
        );
    points += 3 * i32::from(label);
    if span.months && experience < 2 && !label {
        return None;
    }
    if highest > BARE_YEARS_MAX && experience < 2 && reading.prose == Prose::Ad {
        return None;
    }
    if reading.prose == Prose::Ad {
        if !asked && !span.plus && reading.any_of(sentence.start..span.first, &COMPANY) {
            points -= 4;
        }
        if others(reading, span, &before, &sentence) {
            points -= 4;
        }
        if reading.aside(reading.start_of(span.first)) && !(asked && experience > 1) {
            points -= 3;
        }
        let since = span
            .first
            .checked_sub(1)
            .map_or("", |word| reading.folded(word));
        if matches!(since, "for" | "over" | "nearly" | "almost" | "than")
            && !asked
            && reading.any(before.clone(), &["for", "with"])
        {
            points -= 2;
        }
    } else if experience < 2 {
        // "Over ten years in social services", "a 22-year veteran".
        let told = reading.any(
            before.clone(),
            &["over", "than", "with", "nearly", "almost", "have"],
        ) || span.plus;
        let next = reading.folded(span.end);
        let own = told && matches!(next, "in" | "as" | "of")
            || matches!(next, "veteran" | "career" | "professional");
        return (own && !span.months).then_some(60);
    }
    (points >= POINTS_MIN).then_some(match points {
        5.. => 95,
        4 => 80,
        _ => 60,
    })
}

// "Our lead developer (7 years of experience)", "With over 40 years of
// experience, we deliver …".
fn others(
    reading: &Reading<'_>,
    span: &Span,
    before: &std::ops::Range<usize>,
    sentence: &std::ops::Range<usize>,
) -> bool {
    if reading.any_of(before.clone(), &ASKED) {
        return false;
    }
    let opens = reading.folded(sentence.start) == "with" && span.first <= sentence.start + 4;
    let behind = span.end..(span.end + 16).min(sentence.end.max(span.end));
    reading.any(before.clone(), &["our", "we", "us"])
        || opens
            && reading.any(
                behind,
                &["we", "our", "is", "has", "company", "offers", "provides"],
            )
}

fn points_of_experience(
    reading: &Reading<'_>,
    before: &std::ops::Range<usize>,
    after: &std::ops::Range<usize>,
) -> i32 {
    let near = after.start..(after.start + 5).min(after.end);
    let close = before.end.saturating_sub(5).max(before.start)..before.end;
    if reading.any_of(near, &EXPERIENCE) || reading.any_of(close, &EXPERIENCE) {
        3
    } else if reading.any_of(after.clone(), &EXPERIENCE) {
        2
    } else {
        0
    }
}

// Years that pass, or are the length of something else.
fn passes(
    reading: &Reading<'_>,
    span: &Span,
    near: &std::ops::Range<usize>,
    experience: i32,
) -> bool {
    let next = reading.folded(span.end);
    if OTHER.has(next)
        || (next == "of"
            && reading.any(
                near.clone(),
                &[
                    "age",
                    "college",
                    "university",
                    "school",
                    "study",
                    "studies",
                    "age",
                    "education",
                    "service",
                    "history",
                    "innovation",
                    "success",
                    "excellence",
                    "coursework",
                    "courses",
                ],
            ))
    {
        return !(next == "of"
            && experience > 2
            && reading.any(near.clone(), &["service", "education"]));
    }
    if matches!(next, "or") && matches!(reading.folded(span.end + 1), "older" | "age") {
        return true;
    }
    let last = span
        .first
        .checked_sub(1)
        .map_or("", |word| reading.folded(word));
    let second = span
        .first
        .checked_sub(2)
        .map_or("", |word| reading.folded(word));
    PASSING.has(last) && !(last == "in" && experience > 2)
        || last == "the" && PASSING.has(second)
        || last == "over" && second == "the"
}
