//! Lines and sections of a text. Owns which headings open which section and how
//! a heading is told from a sentence; says nothing of what is in a section.

use crate::analysis::Words;

use super::{Cue, Prose, What};

/// What a part of a text is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// No heading said.
    Open,
    /// Requirements, qualifications.
    Required,
    /// Nice to have.
    Preferred,
    /// What the work is.
    Duties,
    /// What is offered: benefits, perks.
    Offered,
    /// Who the employer is.
    About,
    /// Equal opportunity, privacy, how to apply.
    Legal,
    /// Education of a person, or asked for.
    Education,
    /// A person's career.
    Experience,
    /// A list of skills.
    Skills,
    /// Certificates and licences.
    Certificates,
    /// Spoken languages.
    Languages,
    /// A summary or profile of a person.
    Summary,
}

/// A line that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// First byte that is not blank.
    pub start: u32,
    /// The byte behind the last that is not blank.
    pub end: u32,
    /// The section it stands in; of a heading the one it opens.
    pub section: Section,
    /// It is a heading alone.
    pub heading: bool,
}

impl Section {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "required" => Self::Required,
            "preferred" => Self::Preferred,
            "duties" => Self::Duties,
            "offered" => Self::Offered,
            "about" => Self::About,
            "legal" => Self::Legal,
            "education" => Self::Education,
            "experience" => Self::Experience,
            "skills" => Self::Skills,
            "certificates" => Self::Certificates,
            "languages" => Self::Languages,
            "summary" => Self::Summary,
            _ => return None,
        })
    }
}

/// The lines of a text with their sections. A heading is a short line that
/// begins with one of the book's headings and says little else.
pub(super) fn lines(text: &str, _prose: Prose, _words: &Words, cues: &[Cue]) -> Vec<Line> {
    let mut headings = cues
        .iter()
        .filter(|cue| cue.what == What::Heading)
        .peekable();
    let mut section = Section::Open;
    let mut out = Vec::new();
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let start = from + (line.len() - line.trim_start().len());
        let end = start + line.trim().len();
        from += line.len();
        while headings.peek().is_some_and(|cue| (cue.start as usize) < start) {
            headings.next();
        }
        if start >= end {
            continue;
        }
        let cue = headings.peek().filter(|cue| (cue.end as usize) <= end);
        let heading = cue.is_some_and(|cue| end - start <= (cue.end - cue.start) as usize + 12);
        if let Some(opened) = cue.filter(|_| heading).and_then(|cue| Section::named(cue.value)) {
            section = opened;
        }
        out.push(Line {
            start: start as u32,
            end: end as u32,
            section,
            heading,
        });
    }
    out
}
