//! The prose of a document as the one text that facts are read from: its title as
//! the first line, then its prose in the order of the kind's fields. Owns how it is
//! put together and the way back to the document's own texts; every text is taken
//! apart into words once, here. What is not the main text stands under its field's
//! name as a heading, positions as lines with their dates.

use std::ops::Range;

use serde_json::Value;

use super::{Masked, WORDS_MAX};
use crate::analysis::{self, Language, Words};
use crate::document::{Document, Group, InPosition};
use crate::facts::{Fact, Prose, Reading};
use crate::kinds::{Field, FieldType, Kind, Meaning, Role};

/// Longest first line of an ad without a title that can be one.
const TITLE_BYTES_MAX: usize = 80;
const TITLE_WORDS_MAX: usize = 10;

/// What sort of prose documents of a kind have: an ad where its `skills` are
/// wanted, a CV where they are offered. Of a kind without such a field no facts
/// are read.
pub(crate) fn prose_of(kind: &Kind) -> Option<Prose> {
    let field = kind.meaning(Meaning::Skills)?;
    Some(match field.role {
        Role::Wants => Prose::Ad,
        Role::Is | Role::Offers => Prose::Cv,
    })
}

/// Where one of a document's texts stands in the whole.
#[derive(Debug)]
struct Piece {
    /// Which of the document's texts.
    of: usize,
    bytes: Range<usize>,
    words: Range<usize>,
}

/// The prose of a document.
#[derive(Debug, Default)]
pub(crate) struct Whole {
    text: String,
    words: Words,
    title_bytes: usize,
    pieces: Vec<Piece>,
    // What privacy cut, in order.
    cuts: Vec<Range<usize>>,
}

impl Whole {
    /// Puts the prose of a document together and takes it apart into words.
    /// `texts` are the document's, with what privacy cuts masked.
    pub(crate) fn of(
        kind: &Kind,
        document: &Document,
        texts: &[Masked],
        language: Option<Language>,
    ) -> Self {
        let prose = prose_of(kind);
        let mut whole = Self::default();
        let bytes = texts.iter().map(|text| text.text.len() + 1).sum();
        whole.text.reserve(bytes);
        whole.words.reserve(bytes);
        let title = texts.iter().position(|text| text.group == Group::Title);
        if let Some((at, text)) = title.and_then(|at| Some((at, texts.get(at)?))) {
            // One line; a line end is a byte, so all places stay.
            whole.piece(at, &text.text.replace('\n', " "), &text.cut, language);
            whole.title_bytes = whole.text.len();
        }
        // The main text first: headings of its own do not end with it.
        for main in [true, false] {
            let is_next = |field: &&Field| (field.meaning == Some(Meaning::Text)) == main;
            let mut under = None;
            for (at, (text, origin)) in texts.iter().zip(&document.origins).enumerate() {
                let field = kind.fields.get(origin.field).filter(is_next);
                let Some(field) = field.filter(|field| is_prose(field, text.group)) else {
                    continue;
                };
                whole.end_line();
                if prose.is_some() && !main && under != Some(origin.field) {
                    whole.say(&heading(field), language);
                    whole.end_line();
                }
                under = Some(origin.field);
                let dates = origin
                    .position
                    .filter(|_| prose.is_some())
                    .and_then(|(number, _)| dates(&document.json, &field.name, number as usize));
                let before = at
                    .checked_sub(1)
                    .and_then(|before| document.origins.get(before));
                let is_titled = before.is_some_and(|before| before.is_of_same(*origin));
                let place = origin.position.map(|(_, place)| place);
                match (place, dates) {
                    (Some(InPosition::Title), Some(dates)) => {
                        whole.piece(at, &text.text, &text.cut, language);
                        whole.say(&format!(", {dates}"), language);
                    }
                    (Some(InPosition::Text), Some(dates)) if !is_titled => {
                        whole.say(&dates, language);
                        whole.end_line();
                        whole.piece(at, &text.text, &text.cut, language);
                    }
                    _ => whole.piece(at, &text.text, &text.cut, language),
                }
            }
        }
        if title.is_none() && prose == Some(Prose::Ad) {
            whole.title_bytes = title_line(&whole.text);
        }
        whole
    }

    fn end_line(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    // What is no text of the document.
    fn say(&mut self, text: &str, language: Option<Language>) {
        analysis::analyse_at(text, language, self.text.len() as u32, &mut self.words);
        self.text.push_str(text);
    }

    fn piece(&mut self, of: usize, text: &str, cut: &[Range<usize>], language: Option<Language>) {
        let (start, first) = (self.text.len(), self.words.len());
        self.say(text, language);
        self.cuts
            .extend(cut.iter().map(|cut| start + cut.start..start + cut.end));
        self.pieces.push(Piece {
            of,
            bytes: start..self.text.len(),
            words: first..self.words.len(),
        });
    }

    /// All its words.
    pub(crate) fn words(&self) -> &Words {
        &self.words
    }

    /// Which of its words are those of a text, where the text stands in it.
    pub(crate) fn words_of(&self, text: usize) -> Option<Range<usize>> {
        let piece = self.pieces.iter().find(|piece| piece.of == text)?;
        Some(piece.words.clone())
    }

    /// Forgets what stands behind the words that are analysed of a document.
    pub(crate) fn limit(&mut self) {
        if let Some(last) = self.words.items().get(WORDS_MAX - 1)
            && self.words.len() > WORDS_MAX
        {
            self.text.truncate(last.end as usize);
            self.words.truncate(WORDS_MAX);
            self.title_bytes = self.title_bytes.min(self.text.len());
        }
    }

    /// Its text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Takes it apart for the readers of facts.
    pub(crate) fn reading(&self, prose: Prose) -> Reading<'_> {
        Reading::of_titled(&self.text, self.title_bytes, prose, &self.words)
    }

    /// Whether nothing that privacy cuts stands where a fact was read.
    pub(crate) fn is_public(&self, fact: &Fact) -> bool {
        let (start, end) = (fact.start as usize, fact.end as usize);
        let first = self.cuts.partition_point(|cut| cut.end <= start);
        self.cuts.get(first).is_none_or(|cut| cut.start >= end)
    }

    /// Which text bytes stand in, and where in it; none where they are of several
    /// or of none.
    pub(crate) fn place(&self, start: usize, end: usize) -> Option<(usize, usize, usize)> {
        let piece = self
            .pieces
            .iter()
            .find(|piece| piece.bytes.start <= start && end <= piece.bytes.end)?;
        let from = piece.bytes.start;
        Some((piece.of, start - from, end - from))
    }
}

// Whether a text is prose: not a place, not a title, not names.
fn is_prose(field: &Field, group: Group) -> bool {
    group == Group::Text && matches!(field.field_type, FieldType::Text | FieldType::Positions)
}

fn heading(field: &Field) -> String {
    if field.field_type == FieldType::Positions {
        return "Experience:".to_owned();
    }
    let mut heading = field.name.replace('_', " ");
    heading.push(':');
    heading
}

// The dates of a position as a CV would write them.
fn dates(json: &Value, field: &str, number: usize) -> Option<String> {
    let position = json.get(field)?.get(number)?;
    let date = |member: &str| {
        let text = position.get(member)?.as_str()?.trim();
        (!text.is_empty()).then(|| month(text))
    };
    let from = date("from")?;
    Some(format!("{from} – {}", date("to").unwrap_or("present")))
}

// "2019-03-15" to the month, which is what careers are counted in.
fn month(text: &str) -> &str {
    let digits = |part: Option<&str>| {
        part.is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let exact = digits(text.get(..4)) && text.get(4..5) == Some("-") && digits(text.get(5..7));
    text.get(..7).filter(|_| exact).unwrap_or(text)
}

// The bytes up to the end of the first line, where that reads like a title.
fn title_line(text: &str) -> usize {
    let from = text.len() - text.trim_start().len();
    let rest = text.get(from..).unwrap_or_default();
    let Some((line, behind)) = rest.split_once('\n') else {
        return 0;
    };
    let line = line.trim_end();
    let fits = (3..=TITLE_BYTES_MAX).contains(&line.len())
        && line.split_whitespace().count() <= TITLE_WORDS_MAX
        && !line.ends_with(['.', ':', '!', '?', ',', ';'])
        && !behind.trim().is_empty();
    if fits { from + line.len() } else { 0 }
}
