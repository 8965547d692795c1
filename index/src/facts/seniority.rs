//! The rank of the work of an ad: at most one. The title says it first, then the
//! board's field ("Seniority level"), then a phrase about the job such as "entry
//! level position". Owns which of a title's ranks counts; words are
//! `seniority.tsv`. `sure`: 95 the title, 80 a field, 60 a phrase of the text.

use super::{Cue, Fact, Prose, Reading, Value, What};

// Of two ranks of a title the first of these counts.
const ORDER: [&str; 8] = [
    "intern",
    "executive",
    "director",
    "lead",
    "junior",
    "senior",
    "mid",
    "manager",
];

/// Reads the rank an ad's work has.
pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    if reading.prose != Prose::Ad {
        return;
    }
    let found = title(reading, 0, reading.title_end())
        .map(|found| (found, 95))
        .or_else(|| field(reading).map(|found| (found, 80)))
        .or_else(|| phrase(reading).map(|found| (found, 60)));
    if let Some(((value, start, end), sure)) = found {
        out.push(Fact {
            value: Value::Seniority(value),
            start,
            end,
            sure,
        });
    }
}

type Found = (&'static str, u32, u32);

fn found(cue: &Cue) -> Found {
    (cue.value.trim_end_matches(['!', '?']), cue.start, cue.end)
}

/// The rank a title says that stands at these bytes.
pub(super) fn rank_of(reading: &Reading<'_>, start: u32, end: u32) -> Option<&'static str> {
    title(reading, start, end).map(|(value, ..)| value)
}

fn title(reading: &Reading<'_>, start: u32, end: u32) -> Option<Found> {
    let cues = || {
        reading.cues_of(What::Seniority).filter(move |cue| {
            cue.start >= start
                && cue.end <= end
                && cue.value != "-"
                && cue.value != "level:"
                && meant(reading, cue)
        })
    };
    let best = cues().min_by_key(|cue| {
        let (value, ..) = found(cue);
        // "Senior Manager" is a manager's grade, "Senior Product Manager" a senior's.
        let graded = value == "senior"
            && matches!(
                reading.folded(cue.end_word as usize),
                "manager" | "director" | "vice"
            );
        let rank = ORDER
            .iter()
            .position(|name| *name == value)
            .unwrap_or(ORDER.len());
        (if graded { ORDER.len() } else { rank }, cue.start)
    })?;
    Some(found(best))
}

// Whether a word of a title is a rank of the job and not of somebody else.
fn meant(reading: &Reading<'_>, cue: &Cue) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let word = reading.folded(first);
    let before = first.checked_sub(1).map_or("", |word| reading.folded(word));
    let next = reading.folded(end);
    match word {
        // "Lead" is a rank before a noun or at the end, not in "lead the team".
        "lead" | "leads" => !matches!(
            next,
            "the" | "our" | "a" | "and" | "to" | "on" | "generation" | "exposed"
        ),
        "head" => {
            next == "of"
                || end - first > 1
                || matches!(reading.folded(end), "teacher" | "chef" | "coach" | "nurse")
        }
        "management" | "managing" => end - first > 1 || matches!(next, "editor"),
        "president" | "director" | "manager" | "ceo" | "cto" | "cfo" => {
            let helped = matches!(next, "assistant" | "support") && reading.gap(end) == " ";
            before == "assistant" || !(helped || matches!(before, "to" | "the"))
        }
        "chief" => !matches!(next, "engineer" | "officer") || end - first > 1,
        "stage" => matches!(before, "") || reading.gap(end).contains(['-', '–', ':', '/']),
        "principal" | "middle" => !next.is_empty() && cue.start > 0 || next.len() > 3,
        "intermediate" => !matches!(next, "care"),
        _ => true,
    }
}

// A field of the board: "Seniority level", then the rank.
fn field(reading: &Reading<'_>) -> Option<Found> {
    let label = reading.cues_of(What::Seniority).find(|cue| {
        let gap = reading.gap(cue.end_word as usize);
        cue.value == "level:" && (gap.contains(':') || gap.contains('\n'))
    })?;
    reading
        .cues_of(What::Seniority)
        .find(|cue| cue.first_word >= label.end_word && cue.first_word <= label.end_word + 1)
        .filter(|cue| !matches!(cue.value, "-" | "level:"))
        .map(found)
}

fn phrase(reading: &Reading<'_>) -> Option<Found> {
    let said = reading.cues_of(What::Seniority).find(|cue| {
        let own = match cue.value {
            "intern" => own_internship(reading, cue),
            "junior" | "mid" | "senior" => {
                reading.folded(cue.first_word as usize).starts_with("entry") || sought(reading, cue)
            }
            value => value.ends_with('!'),
        };
        own && (!reading.aside(cue.start) || reading.gap(cue.first_word as usize).ends_with('#'))
    });
    said.map(found)
}

// "Seeking an experienced Senior Software Engineer".
fn sought(reading: &Reading<'_>, cue: &Cue) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let before = first.saturating_sub(4)..first;
    reading.any(
        before.clone(),
        &[
            "seeking",
            "looking",
            "hiring",
            "recruiting",
            "require",
            "recruit",
            "seeks",
        ],
    ) && reading.any(
        first.saturating_sub(2)..first,
        &["a", "an", "experienced", "talented"],
    ) && reading.gap(end) == " "
        && reading.written(end).starts_with(char::is_uppercase)
}

/// Whether an internship is what the ad offers, not what one did before or what
/// the employer also has.
pub(super) fn own_internship(reading: &Reading<'_>, cue: &Cue) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    if !reading.folded(first).contains("intern")
        && !reading.folded(first).contains("prakti")
        && !reading.folded(first).starts_with("stag")
    {
        return false;
    }
    if reading.folded(first) == "stage"
        && !reading.any(
            first.saturating_sub(2)..first,
            &["een", "un", "de", "jouw", "je", "meewerk"],
        )
    {
        return false;
    }
    let before = first.saturating_sub(4)..first;
    let after = end..end + 3;
    !reading.any(
        before,
        &[
            "previous",
            "prior",
            "or",
            "through",
            "including",
            "years",
            "supervise",
            "mentor",
            "manage",
            "other",
            "former",
            "past",
            "and",
            "our",
            "with",
        ],
    ) && !reading.any(
        after,
        &[
            "experience",
            "or",
            "experiences",
            "program",
            "programs",
            "and",
            "opportunities",
        ],
    )
}
