//! Evidence: why each contribution has its points, with the bytes of both
//! documents it was read from. Owns the lines of an explanation; the numbers are
//! `score`'s, the facts `tandem_index::evidence`'s. Computed when it is asked for.

mod document;
mod facts;
mod money;
mod shown;
mod skills;
mod words;

use serde_json::Value;
use tandem_index::document::Group;
use tandem_index::kinds::Kind;
use tandem_index::privacy;
use tandem_index::segment::Segment;
use tandem_index::snapshot::Snapshot;

use crate::answer::{Contribution, Failure};
use crate::prepare::Question;
use crate::request::{Request, Source};
use crate::score::{Scorer, Side};
use crate::sources::source_document;
use document::{Doc, Read};
use shown::Which;

/// Most hits of an answer with evidence.
pub const HITS_MAX: usize = 50;
/// Places of one thing that are shown of each document.
const SPANS_MAX: usize = 6;

/// Where something stands in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Pointer (RFC 6901) into the document.
    pub pointer: String,
    /// First byte in the string there, as UTF-8, and the byte behind the last;
    /// `None` where there is no string but a number or an object.
    pub bytes: Option<(u32, u32)>,
    /// The same in code units of UTF-16.
    pub utf16: Option<(u32, u32)>,
    /// What stands there.
    pub text: String,
    /// Whether a field or a list gives it; else prose says it.
    pub given: bool,
    /// How sure the reading is, in percent; what is given is 100.
    pub sure: u8,
}

/// One step from what is held to what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// From this skill.
    pub from: String,
    /// To this one.
    pub to: String,
    /// `is`, `needs`, `like`, `near`, `sibling`, of ESCO `esco_is` and so on.
    pub relation: &'static str,
    /// `up` to the broader one, `down`, or `side`.
    pub way: &'static str,
}

/// An amount in another currency, of a year.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    /// The amount as it was meant.
    pub amount: f64,
    /// Its currency.
    pub currency: String,
    /// What it was compared as.
    pub into_amount: f64,
    /// In this currency.
    pub into_currency: String,
    /// Units of the other currency for one.
    pub rate: f64,
    /// The day of the table.
    pub date: String,
    /// Where the table comes from.
    pub source: String,
}

/// One thing a contribution is made of: a want and how it is met, a word, a place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// The contribution.
    pub contribution: String,
    /// Who wants it: `source`, `document`, or `both` where both are compared.
    pub wanted_by: Option<&'static str>,
    /// What is wanted.
    pub want: Option<String>,
    /// `required`, `preferred` or `used`.
    pub need: Option<&'static str>,
    /// What meets it.
    pub have: Option<String>,
    /// How much of it is met, in percent; `None` is unknown.
    pub met: Option<u8>,
    /// By what: `same`, `alias`, `path`, `word`, `stem`, `synonym`, `occupation`, …
    pub how: &'static str,
    /// The path from what is held to what is wanted.
    pub path: Vec<Step>,
    /// The conversion that was made.
    pub conversion: Option<Conversion>,
    /// What is to be said besides, in words.
    pub note: Option<String>,
    /// Where the source says it.
    pub source: Vec<Span>,
    /// Where the document says it.
    pub document: Vec<Span>,
}

/// A string of a document, as spans cut it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Pointer (RFC 6901) into the document.
    pub pointer: String,
    /// The whole string.
    pub text: String,
}

/// The texts of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// The document's kind.
    pub kind: String,
    /// Its id; of a pasted one none.
    pub id: Option<String>,
    /// Its texts in its order.
    pub texts: Vec<Text>,
}

/// Why a hit has its points.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The source's texts, where they were asked for; words have none.
    pub source: Option<Texts>,
    /// The document's.
    pub document: Option<Texts>,
    /// Line by line, in the order of the contributions.
    pub lines: Vec<Line>,
}

/// The source of a question, read again to be explained: once for all its hits.
pub(crate) struct SourceRead<'a> {
    kind: &'a Kind,
    read: Read,
    json: Value,
}

impl<'a> SourceRead<'a> {
    /// Reads it; words are no document. Errors: as reading the source.
    pub(crate) fn of(snapshot: &'a Snapshot, request: &Request) -> Result<Option<Self>, Failure> {
        let kind = match &request.source {
            Source::Query { .. } => None,
            Source::Stored { kind, .. }
            | Source::Inline { kind, .. }
            | Source::Text { kind, .. } => snapshot.kind(kind),
        };
        let Some(kind) = kind else {
            return Ok(None);
        };
        let document = source_document(snapshot, kind, &request.source)?;
        let json = document.json.clone();
        let read = Read::of(kind, document);
        Ok(Some(Self { kind, read, json }))
    }
}

/// Explains hits of one question.
pub(crate) struct Explainer<'a> {
    question: &'a Question<'a>,
    source: Option<Doc<'a>>,
    // The source as it is stored and as a blind answer shows it.
    masked: Option<(Value, Value)>,
    texts: bool,
}

/// What a hit's lines are made of.
pub(crate) struct Pair<'p> {
    question: &'p Question<'p>,
    source: Option<&'p Doc<'p>>,
    hit: Doc<'p>,
    segment: &'p Segment,
    row: u32,
}

impl<'a> Explainer<'a> {
    /// An explainer; `texts` adds the whole texts.
    pub(crate) fn new(
        question: &'a Question<'a>,
        source: Option<&'a SourceRead<'a>>,
        texts: bool,
    ) -> Self {
        let masked = source.filter(|_| question.blind).map(|source| {
            let shown = blind(source.kind, &source.json);
            (source.json.clone(), shown)
        });
        Self {
            question,
            source: source.map(|source| Doc::of(source.kind, &source.read)),
            masked,
            texts,
        }
    }

    /// Why a row has these contributions.
    pub(crate) fn evidence(
        &self,
        scorer: &mut Scorer<'_>,
        (segment, row): (&Segment, u32),
        stored: &Value,
        contributions: &[Contribution],
    ) -> Evidence {
        let kind = self.question.kind;
        let none = || Evidence {
            source: None,
            document: None,
            lines: Vec::new(),
        };
        // What is stored was checked when it came.
        let Some(read) = Read::stored(kind, stored, segment.id(row)) else {
            return none();
        };
        let pair = Pair {
            question: self.question,
            source: self.source.as_ref(),
            hit: Doc::of(kind, &read),
            segment,
            row,
        };
        let mut lines = Vec::new();
        for part in contributions {
            let from = lines.len();
            pair.explain(scorer, part, &mut lines);
            for line in lines.iter_mut().skip(from) {
                part.name.as_ref().clone_into(&mut line.contribution);
            }
        }
        let (source, document) = if self.texts {
            let of = pointers(&lines, |line| &line.source);
            let document = pair.hit.texts(&pointers(&lines, |line| &line.document));
            let source = pair.source.as_ref().map(|source| source.texts(&of));
            (source, Some(document))
        } else {
            (None, None)
        };
        let mut evidence = Evidence {
            source,
            document,
            lines,
        };
        if let Some((raw, shown)) = &self.masked {
            evidence.show(Which::Source, raw, shown);
        }
        if self.question.blind {
            let shown = blind(kind, stored);
            evidence.show(Which::Document, stored, &shown);
        }
        evidence
    }
}

/// A document as a blind answer shows it.
fn blind(kind: &Kind, stored: &Value) -> Value {
    let mut shown = stored.clone();
    if let Value::Object(members) = &mut shown {
        privacy::show(kind, members);
    }
    shown
}

// What spans of one side point at.
fn pointers(lines: &[Line], spans: fn(&Line) -> &[Span]) -> Vec<String> {
    let spans = lines.iter().flat_map(spans);
    let mut pointers: Vec<String> = spans.map(|span| span.pointer.clone()).collect();
    pointers.sort_unstable();
    pointers.dedup();
    pointers
}

impl Pair<'_> {
    fn explain(&self, scorer: &mut Scorer<'_>, part: &Contribution, lines: &mut Vec<Line>) {
        match part.name.as_ref() {
            "text.title" => words::text(self, Group::Title, lines),
            "text.name" => words::text(self, Group::Name, lines),
            "text.skills" => words::text(self, Group::Skills, lines),
            "text.text" => words::text(self, Group::Text, lines),
            "similarity" => words::similarity(self, lines),
            "skills.required" => skills::lines(self, scorer, true, lines),
            "skills.preferred" => skills::lines(self, scorer, false, lines),
            "title" => words::title(self, lines),
            "years" => facts::years(self, part, lines),
            "seniority" => facts::seniority(self, part, lines),
            "degree" => facts::degree(self, part, lines),
            "languages" => facts::languages(self, lines),
            "certificates" => facts::certificates(self, lines),
            "place" => facts::place(self, part, lines),
            "pay" => money::pay(self, part, lines),
            "availability" => facts::availability(self, part, lines),
            "contract" => facts::contract(self, part, lines),
            "freshness" => facts::freshness(self, part, lines),
            "rating" => facts::rating(self, part, lines),
            name => facts::rest(self, name, part, lines),
        }
    }

    /// Who wants and who offers, and whose the first is.
    fn ends(&self, side: Side) -> Option<(&Doc<'_>, &Doc<'_>)> {
        let source = self.source?;
        Some(match side {
            Side::Source | Side::Both => (source, &self.hit),
            Side::Row => (&self.hit, source),
        })
    }
}

impl Line {
    /// A line of a want of one side, with where both say what it is about.
    fn of(side: Side, wants: Vec<Span>, offers: Vec<Span>) -> Self {
        let (source, document) = match side {
            Side::Source | Side::Both => (wants, offers),
            Side::Row => (offers, wants),
        };
        Self {
            wanted_by: Some(match side {
                Side::Source => "source",
                Side::Row => "document",
                Side::Both => "both",
            }),
            how: "same",
            source,
            document,
            ..Self::default()
        }
    }
}

impl Line {
    /// Where the side that does not want says it.
    fn put_offers(&mut self, side: Side, spans: Vec<Span>) {
        match side {
            Side::Source | Side::Both => self.document = spans,
            Side::Row => self.source = spans,
        }
    }
}

/// A share as whole percent; never nothing for something, nor all for less.
fn percent(value: f64) -> u8 {
    let percent = (value * 100.0).round().clamp(0.0, 100.0) as u8;
    match percent {
        0 if value > 0.0 => 1,
        100 if value < 1.0 => 99,
        percent => percent,
    }
}

/// Where an adjustment stands between its bounds; `None` is unknown.
fn adjusted(part: &Contribution) -> Option<u8> {
    let room = f64::from(part.max) - f64::from(part.min);
    let above = f64::from(part.points) - f64::from(part.min);
    (!part.unknown && room > 0.0).then(|| percent(above / room))
}
