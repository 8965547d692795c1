//! Lines and sections of a text. Owns which headings open which section and how a
//! heading is told from a sentence; says nothing of what is in a section. A line
//! that has headings in its middle, as in ads that run together, is several lines.

use crate::analysis::{Word, Words};
use crate::skills::is_flat;

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
    /// What is offered: benefits, perks, pay.
    Offered,
    /// Who the employer is.
    About,
    /// Equal opportunity, privacy, how to apply.
    Legal,
    /// Education of a person, or asked for.
    Education,
    /// A person's career, or experience asked for.
    Experience,
    /// A list of skills.
    Skills,
    /// Certificates and licences.
    Certificates,
    /// Spoken languages.
    Languages,
    /// A summary or profile of a person.
    Summary,
    /// What says nothing of the work: place and hours, interests, references.
    Other,
}

/// A line that is not empty, or the part of one behind or before a heading.
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

/// Longest line that can be a heading alone.
const HEADING_BYTES_MAX: usize = 72;

/// A heading with words of its own beside those of the book has at most these:
/// `Your skills and experience at a glance:`.
const HEADING_WORDS_MAX: usize = 8;

/// A preference said at most this many bytes before a heading softens it.
const SOFTENED_BYTES: u32 = 60;

impl Section {
    /// The section a heading's value names; a heading that is none in this sort
    /// of text names none.
    fn named(value: &str, prose: Prose) -> Option<Self> {
        let mut names = value.split('+').map(|name| name.trim_end_matches('!'));
        names.find_map(|name| Self::of_name(name, prose))
    }

    fn of_name(name: &str, prose: Prose) -> Option<Self> {
        let ad = prose == Prose::Ad;
        Some(match name {
            "required" if ad => Self::Required,
            "preferred" if ad => Self::Preferred,
            "duties" | "summary" if ad => Self::Duties,
            "offered" if ad => Self::Offered,
            "about" if ad => Self::About,
            "legal" if ad => Self::Legal,
            "education" => Self::Education,
            "experience" => Self::Experience,
            "skills" => Self::Skills,
            "certificates" => Self::Certificates,
            "languages" => Self::Languages,
            "summary" => Self::Summary,
            "highlights" if !ad => Self::Skills,
            "accomplishments" if !ad => Self::Experience,
            "meta" if ad => Self::Other,
            "other" => Self::Other,
            _ => return None,
        })
    }
}

/// The lines of a text with their sections.
pub(super) fn lines(text: &str, prose: Prose, words: &Words, cues: &[Cue]) -> Vec<Line> {
    let mut reader = Lines {
        text,
        prose,
        words,
        flat: is_flat(text),
        section: Section::Open,
        back: None,
        out: Vec::new(),
    };
    let mut rest = cues;
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let start = from + (line.len() - line.trim_start().len());
        let end = start + line.trim().len();
        from += line.len();
        let before = rest.partition_point(|cue| (cue.start as usize) < start);
        rest = rest.get(before..).unwrap_or(&[]);
        let inside = rest.partition_point(|cue| (cue.start as usize) < end);
        let (here, behind) = rest.split_at(inside);
        rest = behind;
        if start < end {
            reader.line(start, end, here);
        }
    }
    reader.out
}

struct Lines<'a> {
    text: &'a str,
    prose: Prose,
    words: &'a Words,
    // The text has no capitals, so they say nothing.
    flat: bool,
    section: Section,
    // What goes on behind a line such as `Location: Paris`.
    back: Option<Section>,
    out: Vec<Line>,
}

impl Lines<'_> {
    fn line(&mut self, start: usize, end: usize, cues: &[Cue]) {
        let text = self.text.get(start..end).unwrap_or("");
        let first_word = self
            .words
            .items()
            .partition_point(|word| (word.start as usize) < start);
        let end_word = self
            .words
            .items()
            .partition_point(|word| (word.start as usize) < end);
        let known = |cue: &&Cue| cue.what == What::Heading && (cue.end as usize) <= end;
        let headings = cues.iter().filter(known);
        if let Some((opened, meta)) = self.whole(text, headings.clone(), first_word..end_word) {
            self.open(opened, meta);
            self.push(start, end, true);
            return;
        }
        if self.is_unknown_heading(text, end_word - first_word) {
            // Whoever wrote a heading ended the part before it.
            if matches!(
                self.section,
                Section::About | Section::Offered | Section::Legal | Section::Other
            ) {
                self.section = Section::Open;
            }
            self.push(start, end, true);
            return;
        }
        let mut at = start;
        for cue in headings {
            let from = cue.start as usize;
            let Some((mut opened, behind)) = self.opens(cue, start, end).filter(|_| from >= at)
            else {
                continue;
            };
            // "Preference will be given to candidates with these skills:"
            let softened = |need: &&Cue| {
                need.what == What::Need
                    && need.value == "preferred>"
                    && need.end <= cue.start
                    && need.end + SOFTENED_BYTES >= cue.start
            };
            if cues.iter().any(|need| softened(&need)) && opened != Section::Offered {
                opened = Section::Preferred;
            }
            self.push(at, from, false);
            self.open(opened, cue.value.starts_with("meta"));
            self.push(from, behind, true);
            at = behind;
        }
        self.push(at, end, false);
        if let Some(section) = self.back.take() {
            self.section = section;
        }
    }

    /// Opens a section; behind a line of facts of the ad the one before goes on.
    fn open(&mut self, section: Section, meta: bool) {
        let before = self.back.unwrap_or(self.section);
        self.back = meta.then_some(before);
        self.section = section;
    }

    /// What a line opens that is a heading as a whole.
    fn whole<'c>(
        &self,
        text: &str,
        headings: impl Iterator<Item = &'c Cue> + Clone,
        words: std::ops::Range<usize>,
    ) -> Option<(Section, bool)> {
        if text.len() > HEADING_BYTES_MAX || words.len() > HEADING_WORDS_MAX {
            return None;
        }
        let marked = is_marked(text);
        let covered = self.covered(&headings, words.clone());
        let mut opened = None;
        for cue in headings {
            let Some(section) = Section::named(cue.value, self.prose) else {
                continue;
            };
            let leads = cue.first_word as usize == words.start;
            let alone = leads && covered == words.len();
            let titled = leads
                && (cue.end_word as usize + 1 >= words.end || cue.end_word - cue.first_word >= 3)
                && self.prose == Prose::Ad
                && is_titled(text);
            let mixed = marked && self.prose == Prose::Ad || leads && text.ends_with(':');
            // "Preferred skills and experience": what softens rules the rest.
            if (alone || titled || mixed)
                && opened.is_none_or(|(held, _)| {
                    held != Section::Preferred && section == Section::Preferred
                })
            {
                opened = Some((section, cue.value.starts_with("meta")));
            }
        }
        opened
    }

    /// How many words of a line are of headings or join two.
    fn covered<'c>(
        &self,
        headings: &(impl Iterator<Item = &'c Cue> + Clone),
        words: std::ops::Range<usize>,
    ) -> usize {
        let joins = |word: &Word| matches!(self.words.folded(word), "and" | "or" | "the" | "und");
        let items = self.words.items();
        let covers = |at: &usize| {
            let named = |cue: &Cue| (cue.first_word as usize..cue.end_word as usize).contains(at);
            headings.clone().any(named) || items.get(*at).is_some_and(joins)
        };
        words.filter(covers).count()
    }

    /// A short line that is marked as a heading and is in no book.
    fn is_unknown_heading(&self, text: &str, words: usize) -> bool {
        let marked = self.prose == Prose::Ad && words <= HEADING_WORDS_MAX && is_marked(text);
        marked && text.len() <= HEADING_BYTES_MAX && !text.starts_with(['-', '•', '·'])
    }

    /// Where a heading in a line opens a section: which, and the byte behind it.
    fn opens(&self, cue: &Cue, start: usize, end: usize) -> Option<(Section, usize)> {
        let section = Section::named(cue.value, self.prose)?;
        let (from, to) = (cue.start as usize, cue.end as usize);
        let before = self.text.get(start..from)?;
        let after = self.text.get(to..end)?;
        let first = !before.contains(|letter: char| letter.is_alphanumeric());
        let signs = after.len()
            - after
                .trim_start_matches(['*', '_', ' ', '\u{a0}', '?'])
                .len();
        let colon = after.get(signs..)?.starts_with(':');
        let strong = cue.value.contains('!');
        let capital = self.flat || self.text.get(from..)?.starts_with(char::is_uppercase);
        let opens = if self.prose == Prose::Cv {
            // "Certificate : Accounting" among degrees is one of them.
            let one = self.text.get(from..to)?.eq_ignore_ascii_case("certificate");
            first && colon && !(one && self.section == Section::Education)
        } else if colon {
            capital
                || first
                || strong
                || matches!(
                    section,
                    Section::Required | Section::Preferred | Section::Duties
                )
        } else {
            let ended = first || ends_sentence(before);
            let dash = after
                .trim_start()
                .starts_with(['-', '–', '—', '•', '·', '●', '▪', '*'])
                && after.starts_with([' ', '*']);
            let loud = self.is_loud(cue);
            let new = after.starts_with("  ") || starts_new(after, self.flat);
            // "Requirements Java", but not "Must have Java, preferably 8".
            let noun = self.text.get(from..to)?.ends_with(['s', 'S']);
            let work = noun && matches!(section, Section::Required | Section::Duties);
            capital && (new && (strong || loud || ended && work) || dash && (strong || ended))
        };
        let skipped = after.len()
            - after
                .trim_start_matches([':', '*', '_', ' ', '\u{a0}', '?', '-', '–'])
                .len();
        opens.then_some((section, to + skipped))
    }

    /// Whether a heading is written in capitals where its text is not.
    fn is_loud(&self, cue: &Cue) -> bool {
        let text = self
            .text
            .get(cue.start as usize..cue.end as usize)
            .unwrap_or("");
        text.len() >= 5 && !text.contains(char::is_lowercase) && !self.flat
    }

    fn push(&mut self, start: usize, end: usize, heading: bool) {
        let text = self.text.get(start..end).unwrap_or("");
        let from = start + (text.len() - text.trim_start().len());
        if !text.trim().is_empty() {
            self.out.push(Line {
                start: from as u32,
                end: (from + text.trim().len()) as u32,
                section: self.section,
                heading,
            });
        }
    }
}

/// Whether a line says by its signs that it is a heading: a colon at its end,
/// bold from end to end, the sign of Markdown.
fn is_marked(text: &str) -> bool {
    let bare = text.trim_end_matches(['*', '_', ' ']);
    let bold = (text.starts_with("**") && text.ends_with("**") || text.starts_with("__"))
        && text.matches("**").count() <= 2;
    bare.ends_with(':')
        || text.starts_with('#')
        || bold
        || text.starts_with("----")
        || text.starts_with("\\-\\-")
}

/// Whether every longer word of a line has a capital.
fn is_titled(text: &str) -> bool {
    !text.ends_with(['.', ',', ';'])
        && !text.trim_end_matches(':').contains(':')
        && text
            .split_whitespace()
            .filter(|word| word.len() > 3)
            .all(|word| !word.starts_with(char::is_lowercase))
}

/// Whether a new sentence may begin behind this.
fn ends_sentence(before: &str) -> bool {
    before.ends_with("  ")
        || before.trim_end().ends_with([
            '.', '!', '?', ':', ';', '•', '·', '●', '▪', '*', '|', '-', '–', ')', '…',
        ])
}

/// Whether what stands behind a heading begins anew: a capital, a figure, an end.
fn starts_new(after: &str, flat: bool) -> bool {
    let mut letters = after.trim_start_matches(['?', '*', '_']).chars();
    let blank = letters.next().is_none_or(char::is_whitespace);
    let next = letters.find(|letter| !letter.is_whitespace());
    blank
        && next.is_none_or(|letter| {
            flat || !letter.is_lowercase() && letter != '&' && letter != '/' && letter != '('
        })
}
