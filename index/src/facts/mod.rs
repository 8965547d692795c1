//! Facts that prose says: years asked for, degrees, licences, spoken languages,
//! pay, contract, careers; each with the bytes it was read from and how sure the
//! reading is. Owns what a fact is and the order of reading; what phrases mean is
//! data (`data/facts/*.tsv`, see `book`). Deterministic: a function of the text
//! and of what sort of text it is alone. Skills' names are `skills`' business.

mod book;
mod career;
mod certificates;
mod contract;
mod education;
mod industry;
mod languages;
mod lines;
mod near;
mod need;
mod pay;
mod place;
#[cfg(test)]
mod reader_tests;
mod seniority;
mod sentences;
#[cfg(test)]
mod skill_tests;
mod skills;
mod unlisted;
mod values;
mod workplace;
mod years;

use crate::analysis::Words;
use crate::skills::{Dictionary, Mention, SkillId};

pub use book::{Cue, What};
pub use career::{latest_month, years_of, years_total};
pub use lines::{Line, Section};
pub use sentences::Sentence;
pub use values::{Spoken, certificate_named, language_name, spoken};

/// What sort of text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prose {
    /// It says what somebody looks for: an ad.
    Ad,
    /// It says what somebody is: a CV.
    Cv,
}

/// How much an ad wants something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// It must be there.
    Required,
    /// It is welcome.
    Preferred,
    /// The work does it; nobody is asked for it.
    Used,
}

/// Levels of education, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Education {
    /// School until about 18.
    Secondary,
    /// A diploma or certificate below a bachelor's degree.
    Vocational,
    /// A bachelor's degree; a "degree" that says no more.
    Bachelor,
    /// A master's degree.
    Master,
    /// A doctorate.
    Doctorate,
}

/// Where the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Workplace {
    /// Anywhere, or at home.
    Remote,
    /// Partly at the employer's.
    Hybrid,
    /// At the employer's.
    Onsite,
}

/// A month of a career; `month` is absent where only the year is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// The year, such as 2019.
    pub year: u16,
    /// 1 to 12.
    pub month: Option<u8>,
}

/// When a position ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// It has not.
    Now,
    /// In this month.
    At(Month),
}

/// How well a language is spoken. Words and CEFR levels are kept apart: who said
/// "fluent" did not say C1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fluency {
    /// Not said.
    Any,
    /// Basic, elementary.
    Basic,
    /// Conversational, intermediate, good.
    Conversational,
    /// Business, professional, advanced.
    Business,
    /// Fluent, excellent.
    Fluent,
    /// A mother tongue.
    Native,
    /// A level of the Common European Framework, 1 (A1) to 6 (C2).
    Cefr(u8),
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A skill of the dictionary. Every mention is a fact of its own; all mentions
    /// of one skill have the same need.
    Skill(SkillId, Need),
    /// A skill that no dictionary has, by the fact's own bytes.
    Unlisted(Need),
    /// Years of experience: asked for in an ad, said of oneself in a CV.
    Years {
        /// The least.
        min: f64,
        /// The most, where it is said.
        max: Option<f64>,
    },
    /// A level of education, and the subject's bytes in a CV.
    Education(Education, Need),
    /// A certificate, licence or clearance, by its usual name.
    Certificate(&'static str, Need),
    /// A spoken language (ISO 639-1) and how well.
    Language(&'static str, Fluency, Need),
    /// The rank of the work: a word of `data/facts/seniority.tsv`.
    Seniority(&'static str),
    /// Pay offered, as said.
    Pay {
        /// Lowest amount.
        min: Option<f64>,
        /// Highest amount.
        max: Option<f64>,
        /// ISO 4217 code.
        currency: &'static str,
        /// `hour`, `day`, `week`, `month` or `year`.
        period: &'static str,
    },
    /// Where the work is done.
    Workplace(Workplace),
    /// A place of work, as the gazetteer names it; parts that were not said are
    /// empty.
    Place {
        /// The city.
        city: String,
        /// The region.
        region: String,
        /// ISO 3166 code of the country.
        country: String,
    },
    /// A way of being employed: a word of `data/facts/contract.tsv`.
    Contract(&'static str),
    /// The employer's or the person's field: a word of `data/facts/industry.tsv`.
    Industry(&'static str),
    /// A job held; the fact's own bytes are those of its title.
    Position {
        /// When it began.
        from: Option<Month>,
        /// When it ended.
        to: Option<End>,
        /// Bytes of the dates.
        dates: Option<(u32, u32)>,
        /// Bytes of all the CV says of it, title and dates among them.
        about: (u32, u32),
    },
}

/// One fact of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What it says.
    pub value: Value,
    /// First byte it was read from.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
    /// How sure the reading is, in percent.
    pub sure: u8,
}

/// A text taken apart, as every reader of facts needs it.
pub struct Reading<'a> {
    /// The text, with what privacy cuts masked.
    pub text: &'a str,
    /// What sort of text it is.
    pub prose: Prose,
    /// Its words.
    pub words: &'a Words,
    /// The phrases of the book that stand in it, in order of their first words;
    /// of one kind of phrase the longest, never overlapping.
    pub cues: Vec<Cue>,
    /// Its lines that are not empty, in order, with the section each stands in.
    pub lines: Vec<Line>,
    /// Its sentences and items of lists, in order.
    pub sentences: Vec<Sentence>,
    /// Names of the dictionary in it, in order; readers say which are facts.
    pub mentions: Vec<Mention>,
    /// Bytes of its title, the first line, where it has one: see `titled`.
    pub title: Option<(u32, u32)>,
}

/// A title and its text as the one text that readers take: the title is the
/// first line. A byte of the text stands `title.len() + 1` behind its own place.
pub fn titled(title: &str, text: &str) -> String {
    let mut whole = String::with_capacity(title.len() + 1 + text.len());
    // A line end is a byte, so all places stay.
    whole.extend(title.chars().map(|c| if c == '\n' { ' ' } else { c }));
    whole.push('\n');
    whole.push_str(text);
    whole
}

/// A reader of facts: adds those it finds.
type Reader = fn(&Reading<'_>, &mut Vec<Fact>);

// In order; a reader may look at what those before it found.
const READERS: &[Reader] = &[
    skills::read,
    years::read,
    education::read,
    certificates::read,
    languages::read,
    seniority::read,
    pay::read,
    contract::read,
    workplace::read,
    industry::read,
    career::read,
];

/// Every fact of a text, in order of its bytes.
pub fn read(reading: &Reading<'_>) -> Vec<Fact> {
    read_with(reading, true)
}

/// The same, without places unless they are asked for: most documents give theirs.
pub fn read_with(reading: &Reading<'_>, places: bool) -> Vec<Fact> {
    let mut facts = Vec::new();
    for reader in READERS {
        reader(reading, &mut facts);
    }
    if places {
        place::read(reading, &mut facts);
    }
    facts.sort_by_key(|fact| (fact.start, fact.end));
    facts
}

impl<'a> Reading<'a> {
    /// Takes a text apart: one pass over its words.
    pub fn new(text: &'a str, prose: Prose, words: &'a Words) -> Self {
        let cues = book::cues(text, words);
        let lines = lines::lines(text, prose, words, &cues);
        let sentences = sentences::sentences(text, &lines);
        let mut mentions = Vec::new();
        Dictionary::builtin().find(text, words, &mut mentions);
        Self {
            text,
            prose,
            words,
            cues,
            lines,
            sentences,
            mentions,
            title: None,
        }
    }

    /// The same of a text that begins with a title of so many bytes.
    pub fn of_titled(text: &'a str, title_bytes: usize, prose: Prose, words: &'a Words) -> Self {
        let title = (title_bytes > 0).then_some((0, title_bytes as u32));
        Self {
            title,
            ..Self::new(text, prose, words)
        }
    }

    /// The rank that the words of a title say, which stands at these bytes: a word
    /// of `data/facts/seniority.tsv`.
    pub fn rank_of(&self, start: u32, end: u32) -> Option<&'static str> {
        seniority::rank_of(self, start, end)
    }

    /// Whether an ad says of what stands at these bytes that it is welcome, not
    /// required.
    pub fn is_softened(&self, start: u32, end: u32) -> bool {
        need::asked_at(self, start, end) == Need::Preferred
    }

    /// The cues of one kind, in order.
    pub fn cues_of(&self, what: What) -> impl Iterator<Item = &Cue> {
        self.cues.iter().filter(move |cue| cue.what == what)
    }

    /// The line a byte stands in.
    pub fn line_at(&self, byte: u32) -> Option<&Line> {
        let behind = self.lines.partition_point(|line| line.start <= byte);
        self.lines.get(behind.checked_sub(1)?)
    }

    /// The sentence a byte stands in.
    pub fn sentence_at(&self, byte: u32) -> Option<&Sentence> {
        let behind = self
            .sentences
            .partition_point(|sentence| sentence.start <= byte);
        self.sentences.get(behind.checked_sub(1)?)
    }

    /// The cues that begin within some bytes, of all kinds, in order.
    pub fn cues_within(&self, start: u32, end: u32) -> &[Cue] {
        let first = self.cues.partition_point(|cue| cue.start < start);
        let behind = self.cues.partition_point(|cue| cue.start < end);
        self.cues.get(first..behind.max(first)).unwrap_or(&[])
    }
}
