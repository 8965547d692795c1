//! The employer's field, or a person's: one value or none. Owns the weighing of
//! the words such texts use; words and weights are `industry.tsv`. A board's own
//! field ("Industries: Insurance") and what is said about the employer count more,
//! benefits and legal text not at all. `sure`: 80 where the first is far ahead of
//! the second, else 60. Of a person the words of the work count as well (`words`).

mod words;

use super::{Cue, Fact, Prose, Reading, Section, Value, What};

/// Fields of `industry.tsv`; technology first, whose words other fields use too.
const FIELDS: [&str; 20] = [
    "technology",
    "finance",
    "healthcare",
    "marketing",
    "sales",
    "consulting",
    "education",
    "engineering",
    "legal",
    "manufacturing",
    "retail",
    "hospitality",
    "government",
    "nonprofit",
    "media",
    "transport",
    "energy",
    "construction",
    "realestate",
    "other",
];
/// A word is counted this often; the tenth "patient" says nothing new.
const REPEATS_MAX: u8 = 3;
/// Ads begin with who looks for somebody.
const OPENING_BYTES: u32 = 700;
/// Points a field needs, in a text of a hundred words or more.
const POINTS_MIN: u32 = 20;

/// Reads the field of a text.
pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    let mut points = [0_u32; FIELDS.len()];
    let mut first: [Option<(u32, u32, u32)>; FIELDS.len()] = [None; FIELDS.len()];
    let mut seen: Vec<(&'static str, u64, u8)> = Vec::new();
    let field = reading.cues_of(What::Industry).find(|cue| {
        cue.value == "field" && reading.gap(cue.end_word as usize).contains([':', '\n'])
    });
    for cue in reading.cues_of(What::Industry) {
        let Some((name, weight)) = cue.value.split_once(' ') else {
            continue;
        };
        let (Some(at), Ok(weight)) = (
            FIELDS.iter().position(|field| *field == name),
            weight.parse::<u32>(),
        ) else {
            continue;
        };
        let key = reading
            .words
            .items()
            .get(cue.first_word as usize)
            .map_or(0, |word| word.key.0)
            ^ u64::from(cue.end_word - cue.first_word);
        let held = seen
            .iter_mut()
            .find(|(value, held, _)| *value == cue.value && *held == key);
        let times = if let Some((_, _, times)) = held {
            *times += 1;
            *times
        } else {
            seen.push((cue.value, key, 1));
            1
        };
        if times > REPEATS_MAX {
            continue;
        }
        // An ad's words for a trade tell of the role as often as of the employer.
        let role = matches!(
            name,
            "marketing" | "sales" | "engineering" | "consulting" | "legal" | "media"
        );
        let halved =
            reading.prose == Prose::Ad && (role && weight < 6 || name == "finance" && weight < 4);
        let worth = weight * weight * place(reading, cue, field) / if halved { 12 } else { 4 };
        points[at] += worth;
        if first[at].is_none_or(|(_, _, most)| worth > most) {
            first[at] = Some((cue.start, cue.end, worth));
        }
    }
    if reading.prose == Prose::Cv {
        of_person(reading, &points, &first, out);
    } else {
        decide(reading, &points, &first, out);
    }
}

/// Shares of what phrases and of what words say, in thousandths.
const PHRASES_SHARE: u64 = 1000;
const WORDS_SHARE: u64 = 600;
/// Words that speak for a field, times their weights: less is no career.
const TOLD_MIN: u32 = 60;

// Phrases and words, each by its share of all that speak for any field.
fn of_person(
    reading: &Reading<'_>,
    phrases: &[u32; FIELDS.len()],
    first: &[Option<(u32, u32, u32)>; FIELDS.len()],
    out: &mut Vec<Fact>,
) {
    let told = words::told(reading);
    if told.points.iter().sum::<u32>() < TOLD_MIN {
        return decide(reading, phrases, first, out);
    }
    let share = |points: &[u32; FIELDS.len()], at: usize, of: u64| {
        let sum: u64 = points.iter().map(|points| u64::from(*points)).sum();
        u64::from(points[at]) * of * 1000 / sum.max(1)
    };
    let both = |at: usize| share(phrases, at, PHRASES_SHARE) + share(&told.points, at, WORDS_SHARE);
    let Some(best) = (0..FIELDS.len()).max_by_key(|at| (both(*at), usize::MAX - *at)) else {
        return;
    };
    let others = (0..FIELDS.len()).filter(|at| *at != best);
    let second = others.map(both).max().unwrap_or(0);
    if let Some((start, end, _)) = first[best].or(told.first[best]) {
        out.push(Fact {
            value: Value::Industry(FIELDS[best]),
            start,
            end,
            sure: if both(best) >= 2 * second { 80 } else { 60 },
        });
    }
}

fn decide(
    reading: &Reading<'_>,
    points: &[u32],
    first: &[Option<(u32, u32, u32)>],
    out: &mut Vec<Fact>,
) {
    let Some(best) = (0..points.len()).max_by_key(|at| (points[*at], usize::MAX - *at)) else {
        return;
    };
    let second = (0..points.len())
        .filter(|at| *at != best)
        .map(|at| points[at])
        .max()
        .unwrap_or(0);
    let least = POINTS_MIN * (reading.words.len() as u32).clamp(40, 200)
        / if best == 0 { 200 } else { 100 };
    if points[best] < least {
        return;
    }
    if let Some((start, end, _)) = first[best] {
        out.push(Fact {
            value: Value::Industry(FIELDS[best]),
            start,
            end,
            sure: if points[best] >= 2 * second { 80 } else { 60 },
        });
    }
}

// How much a mention counts by where it stands, 4 is plain.
fn place(reading: &Reading<'_>, cue: &Cue, field: Option<&Cue>) -> u32 {
    if let Some(field) = field
        && cue.first_word >= field.end_word
        && cue.first_word < field.end_word + 12
    {
        // Boards put what is sold with software beside its own field.
        return if cue.value.starts_with("technology") {
            4
        } else {
            12
        };
    }
    if cue.end <= reading.title_end() {
        return if reading.prose == Prose::Cv { 24 } else { 5 };
    }
    let section = reading.section(cue.start);
    if reading.prose == Prose::Cv {
        return if section == Section::Education { 2 } else { 4 };
    }
    if section == Section::About {
        8
    } else if reading.aside(cue.start) {
        0
    } else if matches!(section, Section::Required | Section::Preferred) {
        2
    } else if section == Section::Duties {
        3
    } else if cue.start < OPENING_BYTES {
        6
    } else {
        4
    }
}
