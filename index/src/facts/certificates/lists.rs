//! Certificates that stand in lists: behind a colon in an ad, in a CV's section of
//! them. Owns how lists are taken apart; a piece needs no name in the book.

use super::{CERTIFICATION, fact};
use crate::facts::{Fact, Line, Reading, Section, What};

// "Certifications desired in: X, Y": what stands behind the colon.
pub(super) fn named_list(reading: &Reading<'_>, out: &mut Vec<Fact>, from: usize) {
    for cue in reading
        .cues_of(What::Certificate)
        .filter(|cue| cue.value == "*certification" || cue.value == "*licence")
    {
        let sentence = reading.sentence(cue.first_word as usize);
        let last = (cue.end_word as usize + 6).min(sentence.end);
        let Some(first) =
            (cue.end_word as usize..last).find(|word| reading.gap(*word).contains(':'))
        else {
            continue;
        };
        if reading.aside(cue.start) || reading.gap(first).contains('\n') {
            continue;
        }
        let mut at = first;
        while at < sentence.end && at < first + 30 {
            let mut end = at + 1;
            while end < sentence.end
                && !reading.gap(end).contains([',', '(', ')', '/', ':'])
                && reading.folded(end) != "or"
            {
                end += 1;
            }
            let (start, stop) = (reading.start_of(at), reading.end_of(end - 1));
            let named = reading.cues_near(What::Certificate, at..end).any(|cue| {
                cue.start >= start && cue.end <= stop && !cue.value.starts_with(['*', '-'])
            });
            let free = !named
                && !out
                    .iter()
                    .skip(from)
                    .any(|held| held.start < stop && start < held.end);
            let letters = reading
                .part(start, stop)
                .chars()
                .filter(|letter| letter.is_alphabetic())
                .count();
            if end - at > 4 || letters < 3 || !reading.written(at).starts_with(char::is_uppercase) {
                break;
            }
            // "License: CDL (Required)": the next word begins another field.
            if matches!(reading.folded(at), "required" | "preferred" | "none" | "n")
                || reading.gap(end).contains(':')
            {
                break;
            }
            if free {
                out.push(fact(reading, CERTIFICATION, start, stop, 60));
            }
            at = if reading.folded(end) == "or" {
                end + 1
            } else {
                end
            };
        }
    }
}

// "Licenses: Series 6 (2009) Life Insurance (2008)" in another section.
fn inline_list(reading: &Reading<'_>, line: &Line) -> bool {
    let word = reading.word_from(line.start);
    matches!(
        reading.folded(word),
        "licenses" | "licences" | "certifications" | "certificates" | "licensure" | "credentials"
    ) && reading.gap(word + 1).trim_start().starts_with(':')
}

// What a CV's section of certificates lists.
pub(super) fn listed(reading: &Reading<'_>, out: &mut Vec<Fact>, from: usize) {
    for line in &reading.lines {
        let inline = line.section != Section::Certificates && inline_list(reading, line);
        if !(line.section == Section::Certificates || inline)
            || line.heading
            || line.end - line.start > 200
        {
            continue;
        }
        let mut first = reading.word_from(line.start) + usize::from(inline);
        while reading.start_of(first) < line.end && first < reading.words.len() {
            let mut end = first + 1;
            while end < reading.words.len()
                && reading.start_of(end) < line.end
                && !reading
                    .gap(end)
                    .contains([',', ';', '•', '|', '\n', '·', '(', ')', '*'])
            {
                end += 1;
            }
            let (start, stop) = (reading.start_of(first), reading.end_of(end - 1));
            let free = !out
                .iter()
                .skip(from)
                .any(|held| held.start < stop && start < held.end);
            let wordy = (1..=7).contains(&(end - first))
                && stop - start >= 3
                && reading.part(start, stop).chars().any(char::is_alphabetic)
                && 2 * (first..end)
                    .filter(|word| {
                        reading
                            .written(*word)
                            .starts_with(|letter: char| !letter.is_lowercase())
                    })
                    .count()
                    > end - first
                && !matches!(
                    reading.folded(first),
                    "city"
                        | "state"
                        | "company"
                        | "jan"
                        | "issued"
                        | "expires"
                        | "associate"
                        | "bachelor"
                        | "master"
                        | "present"
                        | "current"
                        | "university"
                        | "college"
                        | "school"
                        | "institute"
                        | "usa"
                );
            if free && wordy && reading.written(first).starts_with(char::is_uppercase) {
                out.push(fact(reading, CERTIFICATION, start, stop, 60));
            }
            first = end;
        }
    }
}
