//! Where the work is done: remote, hybrid, onsite; of this job, not of the
//! employer's other people, customers or machines. Owns which mention counts;
//! words are `workplace.tsv`. Every mention is a fact of its own.
//! `sure`: 95 title or field, 80 a phrase, 60 "remotely" and the like.

use super::contract::describes_job;
use super::{Cue, Fact, Prose, Reading, Section, Value, What, Workplace};

// Behind a word that alone means more: the job.
const JOB: [&str; 12] = [
    "position",
    "role",
    "job",
    "work",
    "working",
    "opportunity",
    "only",
    "eligible",
    "based",
    "candidates",
    "ok",
    "possible",
];

/// Mentions of one place that are told at most.
const MENTIONS_MAX: usize = 6;

/// Reads where an ad's work is done.
pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    if reading.prose != Prose::Ad {
        return;
    }
    let from = out.len();
    for cue in reading.cues_of(What::Workplace) {
        let (name, weak) = match cue.value.strip_suffix('?') {
            Some(name) => (name, true),
            None => (cue.value, false),
        };
        let place = match name {
            // "Work remotely: No".
            "remote" if answered_no(reading, cue) => Workplace::Onsite,
            // "Work from home two days a week".
            "remote" if some_days(reading, cue) => Workplace::Hybrid,
            "remote" => Workplace::Remote,
            "hybrid" => Workplace::Hybrid,
            "onsite" => Workplace::Onsite,
            "days" => match days_there(reading, cue) {
                Some(place) => place,
                None => continue,
            },
            _ => continue,
        };
        let answered = name == "remote" && place == Workplace::Onsite;
        let sure = if answered {
            Some(95)
        } else {
            judge(reading, cue, place, weak)
        };
        let Some(sure) = sure else {
            continue;
        };
        let told = out.iter().skip(from);
        let told = told.filter(|held| held.value == Value::Workplace(place));
        if told.count() < MENTIONS_MAX {
            out.push(Fact {
                value: Value::Workplace(place),
                start: cue.start,
                end: cue.end,
                sure,
            });
        }
    }
    // "Three days a week in the office" says both words of a hybrid.
    let hybrid = out
        .iter()
        .skip(from)
        .any(|fact| fact.value == Value::Workplace(Workplace::Hybrid) && fact.sure >= 80);
    let mut at = 0;
    out.retain(|fact| {
        at += 1;
        at <= from
            || !hybrid
            || fact.sure >= 95
            || fact.value == Value::Workplace(Workplace::Hybrid)
    });
}

// Whether a field asks for a place and the answer is no: "Telework Position: No".
fn answered_no(reading: &Reading<'_>, cue: &Cue) -> bool {
    let end = cue.end_word as usize;
    (end..end + 3).any(|word| {
        reading.folded(word) == "no"
            && reading.gap(word).contains([':', '?'])
            && (end..word).all(|word| reading.gap(word) == " ")
    })
}

fn some_days(reading: &Reading<'_>, cue: &Cue) -> bool {
    let end = cue.end_word as usize;
    let days = (end..end + 5).find(|word| {
        matches!(
            reading.folded(*word),
            "day" | "days" | "tage" | "jours" | "fridays" | "mondays"
        )
    });
    days.is_some_and(|word| {
        !(end..=word).any(|word| reading.breaks(word))
            && !reading.any(end..word, &["5", "five", "every", "all"])
    })
}

// "Three days a week in our Boston office": some days are a hybrid, five are all.
fn days_there(reading: &Reading<'_>, cue: &Cue) -> Option<Workplace> {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let number = reading.folded(first.checked_sub(1)?);
    let days = match number {
        "one" | "1" | "two" | "2" | "three" | "3" | "four" | "4" => 1,
        "five" | "5" => 5,
        _ => return None,
    };
    let sentence = reading.sentence(first);
    let there = [
        "office",
        "onsite",
        "site",
        "person",
        "hq",
        "studio",
        "headquarters",
    ];
    let home = ["home", "remote", "remotely", "wfh"];
    let behind = end..(end + 7).min(sentence.end.max(end));
    let before = first.saturating_sub(7).max(sentence.start)..first;
    let named =
        |words: &[&str]| reading.any(behind.clone(), words) || reading.any(before.clone(), words);
    match days {
        5 => (named(&there) && !named(&home)).then_some(Workplace::Onsite),
        _ => (named(&there) || named(&home)).then_some(Workplace::Hybrid),
    }
}

fn judge(reading: &Reading<'_>, cue: &Cue, place: Workplace, weak: bool) -> Option<u8> {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let before = first.checked_sub(1).map_or("", |word| reading.folded(word));
    let sentence = reading.sentence(first);
    let denied = first.saturating_sub(4).max(sentence.start)..first;
    if place != Workplace::Onsite
        && (before == "non" || reading.any(denied.clone(), &["not", "no", "cannot"]))
    {
        return None;
    }
    if formal(reading, cue) {
        return Some(95);
    }
    if weak {
        // "Remote-first" is a culture more often than a place.
        let job = end - first == 1
            && JOB.contains(&reading.folded(end))
            && matches!(reading.gap(end), " " | "-");
        let opened = reading.gap(first).ends_with('(')
            && reading.gap(end).starts_with([')', ',', '/', ' '])
            && end - first == 1;
        let job = job || describes_job(reading, cue);
        return (job || opened && !reading.aside(cue.start)).then_some(if job { 80 } else { 60 });
    }
    // Perks tell of a hybrid; elsewhere they are about the employer.
    let section = reading.section(cue.start);
    // "This position is remote" says so wherever it stands, "we are an in-person
    // company" where the employer speaks of itself.
    let of_job = reading.any(denied, &["position", "role", "job", "positions", "roles"]);
    let of_all = reading.any(first..end, &["company", "first", "culture", "together"]);
    if (section == Section::Legal && !of_job)
        || (section == Section::About && place == Workplace::Onsite && !of_job && !of_all)
    {
        return None;
    }
    let close = first.saturating_sub(5).max(sentence.start)..first;
    let others = [
        "experience",
        "customers",
        "clients",
        "users",
        "interviews",
        "unless",
        "occasionally",
        "occasional",
        "colleagues",
    ];
    if reading.any(close, &others)
        || reading.any(
            end..end + 2,
            &["experience", "stipend", "allowance", "teams"],
        )
    {
        return None;
    }
    Some(
        if reading.folded(first) == "remotely" || section == Section::Offered {
            60
        } else {
            80
        },
    )
}

// In the title, in a field, a hashtag, or alone on its line.
fn formal(reading: &Reading<'_>, cue: &Cue) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    if cue.end <= reading.title_end() {
        return true;
    }
    if reading.gap(first).ends_with('#') {
        return true;
    }
    let Some(line) = reading.line_at(cue.start) else {
        return false;
    };
    let opens = reading
        .part(line.start, cue.start)
        .chars()
        .all(|letter| !letter.is_alphanumeric());
    if opens && line.end.saturating_sub(cue.end) <= 3 {
        return true;
    }
    let near = first.saturating_sub(10)..first + 1;
    reading.cues_near(What::Workplace, near).any(|field| {
        field.value == "where"
            && field.end_word <= cue.first_word
            && cue.first_word - field.end_word <= 5
            && reading
                .gap(field.end_word as usize)
                .contains([':', '\n', '|'])
            && reading.part(field.end, cue.start).matches('\n').count() <= 1
            && !reading.part(field.end, cue.start).contains(". ")
    }) && !matches!(reading.folded(end), "team" | "teams")
}
