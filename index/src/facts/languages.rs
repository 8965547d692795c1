//! Spoken languages: asked for in an ad, spoken by a person. Owns when a
//! language's name is a skill of speaking it, and how well; names are
//! `language.tsv`, levels `fluency.tsv`. One fact a language: where its level is
//! said, else where it is named first. `sure`: 95 with a level beside it, 80 with
//! another word of speaking, 60 by its list alone.

use std::sync::LazyLock;

use super::near::WordSet;
use super::need::asked_at;
use super::{Cue, Fact, Fluency, Prose, Reading, Section, Value, What};

// A level is looked for this many words around a language.
const LEVEL_WORDS_MAX: usize = 9;
const SOFT_WORDS_MAX: usize = 6;

// Behind the name: a people, a market, a school subject.
static THING: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "literature teacher teachers tutor tutors tutoring teaching department market markets \
         company companies customers customer clients learners curriculum class classes \
         lessons arts degree major government team office law food cuisine art culture \
         society version students studies composition courses faculty nationals national \
         citizens citizen owned based bank group restaurant subtitles channel people army 1 \
         history businesses headquarters gcse maths math mathematics entity subsidiary \
         science",
    )
});
static SPEAKERS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "market markets countries country customers audience community communities clients \
         population families regions region world users patients parents territories",
    )
});

/// A language in a text that may be one somebody speaks.
struct Named<'a> {
    cue: &'a Cue,
    level: Option<Fluency>,
    sure: u8,
}

/// Reads the spoken languages of a text.
pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    let cues: Vec<&Cue> = reading
        .cues_of(What::Language)
        .filter(|cue| cue.value != "-")
        .collect();
    if cues.is_empty() {
        return;
    }
    let levels: Vec<&Cue> = reading.cues_of(What::Fluency).collect();
    let mut named: Vec<Option<Named<'_>>> = cues
        .iter()
        .map(|cue| judge(reading, cue, &levels, &cues))
        .collect();
    spread(reading, &cues, &mut named);
    let from = out.len();
    for one in named.into_iter().flatten() {
        let need = asked_at(reading, one.cue.start, one.cue.end);
        let fact = Fact {
            value: Value::Language(one.cue.value, one.level.unwrap_or(Fluency::Any), need),
            start: one.cue.start,
            end: one.cue.end,
            sure: one.sure,
        };
        let weight = place(reading, fact.start, fact.end);
        let held = out
            .iter_mut()
            .skip(from)
            .find(|held| matches!(held.value, Value::Language(code, ..) if code == one.cue.value));
        match held {
            Some(held) => {
                let vague = matches!(held.value, Value::Language(_, Fluency::Any, _));
                let held_weight = place(reading, held.start, held.end);
                if (vague && one.level.is_some())
                    || (weight > held_weight
                        && (!vague || one.level.is_none())
                        && one.level.is_some() != vague)
                {
                    *held = fact;
                }
            }
            None => out.push(fact),
        }
    }
}

// Where a language is asked for counts more than where it is named first: 0 in
// the title, 1 in a question ("Are you fluent in Hebrew?").
fn place(reading: &Reading<'_>, start: u32, end: u32) -> u8 {
    if end <= reading.title_end() {
        return 0;
    }
    let sentence = reading.sentence(reading.word_from(start));
    if reading.gap(sentence.end).contains('?') {
        1
    } else {
        2
    }
}

// A list shares its level: "fluent in English, Armenian and Russian".
fn spread<'a>(reading: &Reading<'_>, cues: &[&'a Cue], named: &mut [Option<Named<'a>>]) {
    for at in 1..cues.len() {
        if !listed(reading, cues[at - 1], cues[at]) {
            continue;
        }
        let (head, tail) = named.split_at_mut(at);
        let (before, after) = (&mut head[at - 1], &mut tail[0]);
        match (before.as_ref(), after.as_mut()) {
            (Some(first), Some(second)) if second.level.is_none() => second.level = first.level,
            (Some(first), None) if !thing(reading, cues[at]) => {
                *after = Some(Named {
                    cue: cues[at],
                    level: first.level,
                    sure: 60,
                });
            }
            _ => {}
        }
    }
    for at in (1..cues.len()).rev() {
        if !listed(reading, cues[at - 1], cues[at]) {
            continue;
        }
        let (head, tail) = named.split_at_mut(at);
        let (before, after) = (&mut head[at - 1], &mut tail[0]);
        match (before.as_mut(), after.as_ref()) {
            (Some(first), Some(second)) if first.level.is_none() => first.level = second.level,
            (None, Some(second)) if !thing(reading, cues[at - 1]) => {
                *before = Some(Named {
                    cue: cues[at - 1],
                    level: second.level,
                    sure: 60,
                });
            }
            _ => {}
        }
    }
}

// Whether two names stand in one list.
fn listed(reading: &Reading<'_>, one: &Cue, other: &Cue) -> bool {
    let between = one.end_word as usize..other.first_word as usize;
    between.len() <= 2
        && (!between.is_empty() || reading.gap(other.first_word as usize) != " ")
        && !reading
            .part(one.end, other.start)
            .contains(['.', ';', ':', '\n', '!', '?'])
        && between.into_iter().all(|word| {
            matches!(
                reading.folded(word),
                "and"
                    | "or"
                    | "und"
                    | "oder"
                    | "et"
                    | "ou"
                    | "och"
                    | "en"
                    | "of"
                    | "also"
                    | "both"
                    | "as"
                    | "y"
                    | "plus"
                    | "eller"
                    | "in"
            )
        })
}

fn thing(reading: &Reading<'_>, cue: &Cue) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let next = reading.folded(end);
    let gap = reading.gap(end);
    let joined = gap == " " || gap == "-" || gap.contains('&') || gap.contains('/');
    if joined && THING.has(next) {
        return true;
    }
    if matches!(next, "speaking" | "speakers") && SPEAKERS.has(reading.folded(end + 1)) {
        return true;
    }
    let before = first.checked_sub(1).map_or("", |word| reading.folded(word));
    if matches!(
        before,
        "teach" | "taught" | "teaches" | "gcse" | "maths" | "learn" | "tutor" | "us"
    ) {
        return true;
    }
    let sentence = reading.sentence(first);
    let close = first.saturating_sub(3).max(sentence.start)..(end + 3).min(sentence.end.max(end));
    if reading.any(close, &["maths", "math", "mathematics", "gcse", "gcses"]) {
        return true;
    }
    // "BA in English": a subject.
    let near = (cue.first_word as usize).saturating_sub(20)..cue.first_word as usize;
    reading.cues_near(What::Education, near).any(|other| {
        other.value != "-"
            && other.end_word <= cue.first_word
            && cue.first_word - other.end_word <= 3
            && !reading
                .part(other.end, cue.start)
                .contains(['\n', '.', ';', ','])
    })
}

// Those of some cues that begin among some words.
fn among<'a, 'b>(cues: &'b [&'a Cue], words: &std::ops::Range<usize>) -> &'b [&'a Cue] {
    let first = cues.partition_point(|cue| (cue.first_word as usize) < words.start);
    let end = cues.partition_point(|cue| (cue.first_word as usize) < words.end);
    cues.get(first..end).unwrap_or(&[])
}

fn judge<'a>(
    reading: &Reading<'_>,
    cue: &'a Cue,
    levels: &[&Cue],
    cues: &[&Cue],
) -> Option<Named<'a>> {
    if thing(reading, cue) || (reading.prose == Prose::Ad && reading.aside(cue.start)) {
        return None;
    }
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let sentence = reading.sentence(first);
    let near = first.saturating_sub(20)..end + 20;
    let (levels, cues) = (among(levels, &near), among(cues, &near));
    let level = level(reading, cue, levels, cues, &sentence);
    let near = |cue: &&&Cue| {
        let (start, stop) = (cue.first_word as usize, cue.end_word as usize);
        stop <= first && first - stop <= 3 && start >= sentence.start
            || start >= end && start - end <= 3 && start < sentence.end
    };
    let said = levels.iter().filter(near).any(|cue| cue.value == "say");
    let section = reading.section(cue.start) == Section::Languages;
    let titled = cue.end <= reading.title_end();
    let sure = match (level, said) {
        (Some((_, true)), _) | (Some(_), true) => 95,
        (Some(_), false) if section || close(reading, cue, levels) => 80,
        (None, true) if !subject(reading, cue) => 80,
        (None, false) if section => 80,
        // "Support agent with German".
        (None, false)
            if titled
                && matches!(
                    reading.folded(first.wrapping_sub(1)),
                    "with" | "mit" | "avec"
                ) =>
        {
            60
        }
        _ => return None,
    };
    let level = level.map(|(level, _)| level);
    // "Kenntnisse" in one word are no level; neither is a word of speaking.
    Some(Named { cue, level, sure })
}

// Whether a level stands directly before a language: "some Italian".
fn close(reading: &Reading<'_>, cue: &Cue, levels: &[&Cue]) -> bool {
    levels
        .iter()
        .any(|other| other.end_word == cue.first_word && other.value != "say")
        && reading.gap(cue.first_word as usize) == " "
}

// "Degree in Journalism, English or Communications".
fn subject(reading: &Reading<'_>, cue: &Cue) -> bool {
    let near = (cue.first_word as usize).saturating_sub(20)..cue.first_word as usize;
    reading.cues_near(What::Education, near).any(|other| {
        other.value != "-"
            && other.end_word <= cue.first_word
            && cue.first_word - other.end_word <= 8
            && (reading.folded(other.end_word as usize) == "in"
                || reading.gap(other.end_word as usize).contains(':'))
            && !reading
                .part(other.end, cue.start)
                .contains(['\n', '.', ';'])
    })
}

// How well a language is spoken, and whether the word for it leaves no doubt.
fn level(
    reading: &Reading<'_>,
    cue: &Cue,
    levels: &[&Cue],
    cues: &[&Cue],
    sentence: &std::ops::Range<usize>,
) -> Option<(Fluency, bool)> {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let mut before: Option<(usize, &Cue)> = None;
    let mut after: Option<(usize, &Cue)> = None;
    for other in levels.iter().filter(|other| other.value != "say") {
        let (start, stop) = (other.first_word as usize, other.end_word as usize);
        let reach = if other.value.ends_with('~') {
            SOFT_WORDS_MAX
        } else {
            LEVEL_WORDS_MAX
        };
        if stop <= first && start >= sentence.start && first - stop <= reach {
            let between = cues
                .iter()
                .any(|held| held.first_word as usize >= stop && (held.end_word as usize) <= first);
            // "Fluency and good writing skills in English".
            let weaker = other.value.ends_with('~')
                && before.is_some_and(|(_, held)| !held.value.ends_with('~'));
            if !between && !weaker {
                before = Some((first - stop, other));
            }
        } else if start >= end
            && start < sentence.end
            && start - end <= reach
            && after.is_none_or(|(_, held)| !framework(held.value) && framework(other.value))
        {
            let between = cues
                .iter()
                .any(|held| held.first_word as usize >= end && (held.end_word as usize) <= start);
            if !between {
                after = Some((start - end, other));
            }
        }
    }
    let opened = reading.gap(end).contains(['(', ':', '-', '–', '—']);
    let chosen = match (before, after) {
        (_, Some((_, other))) | (Some((_, other)), _) if framework(other.value) => other,
        (_, Some((0..=1, other))) if opened => other,
        (Some((far, _)), Some((close, other)))
            if close == 0 && far > 2 && !other.value.ends_with('~') =>
        {
            other
        }
        (Some((_, other)), _) | (None, Some((0..=4, other))) => other,
        _ => return None,
    };
    let soft = chosen.value.ends_with('~');
    fluency_of(chosen.value).map(|fluency| (fluency, !soft))
}

fn framework(value: &str) -> bool {
    value.len() == 2
}

/// The level that a value of `fluency.tsv` names.
pub(super) fn fluency_of(value: &str) -> Option<Fluency> {
    fluency(value.trim_end_matches('~'))
}

fn fluency(name: &str) -> Option<Fluency> {
    Some(match name {
        "native" => Fluency::Native,
        "fluent" => Fluency::Fluent,
        "business" => Fluency::Business,
        "conversational" => Fluency::Conversational,
        "basic" => Fluency::Basic,
        "A1" => Fluency::Cefr(1),
        "A2" => Fluency::Cefr(2),
        "B1" => Fluency::Cefr(3),
        "B2" => Fluency::Cefr(4),
        "C1" => Fluency::Cefr(5),
        "C2" => Fluency::Cefr(6),
        _ => return None,
    })
}
