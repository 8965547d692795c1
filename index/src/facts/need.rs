//! How much something at some bytes of an ad is wanted: by the nearest cue of
//! its sentence, else by its section. Owns how cues reach; the phrases are
//! `data/facts/need.tsv`.

use super::{Cue, Need, Prose, Reading, Section, What};

/// `experience`, `skills` say what stands at most this many bytes before them:
/// `teaching experience`.
const ASKED_BYTES: u32 = 16;

/// `experience with` asks for what begins at most this far behind it; longer
/// lists stand under a heading.
const ASKED_FORWARD_BYTES: u32 = 110;

/// Cues reach this far, so that one word does not rule a text without stops.
const CUE_BYTES: u32 = 250;

/// What says that a sentence asks for nothing reaches no farther than this.
const APART_BYTES: u32 = 120;

/// How much what stands at these bytes is wanted; nothing where the text does
/// not speak of what it wants: benefits, the employer, the law, "no experience
/// needed". Everything in a CV is `Used`.
pub(super) fn need_at(reading: &Reading<'_>, start: u32, end: u32) -> Option<Need> {
    if reading.prose == Prose::Cv {
        return Some(Need::Used);
    }
    let section = reading
        .line_at(start)
        .map_or(Section::Open, |line| line.section);
    if matches!(section, Section::Legal | Section::Other) {
        return None;
    }
    let cues = cues_around(reading, start);
    let said = said(reading, cues, start, end);
    let near = |cue: &Cue| cue.start <= end + APART_BYTES && cue.end + APART_BYTES >= start;
    let apart = cues
        .iter()
        .any(|cue| cue.what == What::Need && cue.value == "apart" && near(cue));
    if apart && !matches!(said, Said::Required | Said::Preferred) {
        return None;
    }
    match said {
        Said::Unwanted => None,
        Said::Preferred => Some(Need::Preferred),
        Said::Asked if section == Section::Preferred => Some(Need::Preferred),
        Said::Required | Said::Asked => Some(Need::Required),
        Said::Nothing if section == Section::Open && introduces(reading, start) => None,
        Said::Nothing => of_section(section),
    }
}

/// The same of what an ad asks for wherever it names it, a degree, a licence, a
/// language: required unless it is softened.
pub(super) fn asked_at(reading: &Reading<'_>, start: u32, end: u32) -> Need {
    match (reading.prose, need_at(reading, start, end)) {
        (Prose::Cv, _) => Need::Used,
        (Prose::Ad, Some(Need::Preferred)) => Need::Preferred,
        (Prose::Ad, _) => Need::Required,
    }
}

/// Whether what stands here introduces the employer: a sentence before the first
/// heading of an ad that speaks of the employer and not of the work, where a heading
/// follows that does.
fn introduces(reading: &Reading<'_>, byte: u32) -> bool {
    let of_work = |section| matches!(section, Section::Duties | Section::Required);
    let mut later = reading
        .lines
        .iter()
        .rev()
        .take_while(|line| line.start > byte);
    let cues = reading.sentence_at(byte).map_or(&[][..], |sentence| {
        reading.cues_within(sentence.start, sentence.end)
    });
    let mut employer = false;
    for cue in cues.iter().filter(|cue| cue.what == What::Need) {
        match cue.value {
            "employer" => employer = true,
            "apart" | "none" => {}
            _ => return false,
        }
    }
    employer && later.any(|line| line.heading && of_work(line.section))
}

/// How much an ad wants what it only names in a section.
fn of_section(section: Section) -> Option<Need> {
    match section {
        Section::Preferred => Some(Need::Preferred),
        Section::Open | Section::Duties | Section::Summary => Some(Need::Used),
        Section::Required
        | Section::Education
        | Section::Experience
        | Section::Skills
        | Section::Certificates
        | Section::Languages => Some(Need::Required),
        Section::Offered | Section::About | Section::Legal | Section::Other => None,
    }
}

/// The cues of the sentence a byte stands in.
pub(super) fn cues_around<'r>(reading: &'r Reading<'_>, byte: u32) -> &'r [Cue] {
    let sentence = reading.sentence_at(byte);
    sentence.map_or(&[], |sentence| {
        let start = sentence.start.max(byte.saturating_sub(CUE_BYTES));
        reading.cues_within(start, sentence.end.min(byte + CUE_BYTES))
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Required,
    Preferred,
    Asked,
    Unwanted,
    Nothing,
}

/// What the cues of a sentence say of the bytes.
fn said(reading: &Reading<'_>, cues: &[Cue], start: u32, end: u32) -> Said {
    let needs = cues.iter().filter(|cue| cue.what == What::Need);
    let mut behind: Option<(Said, &Cue)> = None;
    let mut before: Option<(Said, &Cue)> = None;
    for cue in needs {
        let Some((name, forward)) = reach(reading, cue) else {
            continue;
        };
        let asked = name == Said::Asked;
        if !forward && cue.start >= end {
            let near = cue.start - end <= ASKED_BYTES && !has_comma(reading.text, end, cue.start);
            // What softens stands behind "experience": `Java experience a plus`.
            let first = behind.is_none_or(|(held, _)| held == Said::Asked);
            if first && (!asked || near && behind.is_none()) {
                behind = Some((name, cue));
            }
        } else if forward && cue.end <= start {
            // The nearest, but "must have experience with" is a must.
            let weak = before.is_none_or(|(held, _)| held == Said::Asked);
            if !asked || weak && start - cue.end <= ASKED_FORWARD_BYTES {
                before = Some((name, cue));
            }
        }
    }
    match (before, behind) {
        (Some((Said::Unwanted, _)), _) | (_, Some((Said::Unwanted, _))) => Said::Unwanted,
        // "Must have Java, Python preferred": a comma parts them.
        (Some((Said::Required, _)), Some((Said::Preferred, cue)))
            if has_comma(reading.text, end, cue.start) =>
        {
            Said::Required
        }
        (Some((name, _)), Some((Said::Asked, _)) | None) | (_, Some((name, _))) => name,
        (None, None) => Said::Nothing,
    }
}

/// What a cue says, and whether it says it of what follows.
fn reach(reading: &Reading<'_>, cue: &Cue) -> Option<(Said, bool)> {
    let (name, forward) = match cue.value.strip_suffix('>') {
        Some(name) => (name, true),
        None => (cue.value.strip_suffix('<')?, false),
    };
    let said = match name {
        "required" => Said::Required,
        "preferred" => Said::Preferred,
        "asked" => Said::Asked,
        "unwanted" => Said::Unwanted,
        _ => return None,
    };
    // "Required: Java", "Preferred experience: Java", at the begin of a sentence.
    let first = reading.sentence_at(cue.start).is_some_and(|sentence| {
        let before = reading
            .text
            .get(sentence.start as usize..cue.start as usize);
        before.is_some_and(|before| !before.contains(|letter: char| letter.is_alphanumeric()))
    });
    let colon = reading
        .text
        .get(cue.end as usize..)
        .is_some_and(|rest| rest.starts_with([':', '*']));
    Some((said, forward || said != Said::Asked && (first || colon)))
}

fn has_comma(text: &str, from: u32, to: u32) -> bool {
    text.get(from as usize..to as usize)
        .is_some_and(|gap| gap.contains([',', '(']))
}
