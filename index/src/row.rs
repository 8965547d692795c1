//! From a checked document to an analysed row. Owns what is indexed of a
//! document and how often; what its prose says fills the fields it leaves open
//! (docs/facts.md). Knows nothing of segments.

mod fill;
mod prose;
mod whole;

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

use crate::analysis::{self, Language, TermKey, Words};
use crate::document::{Cell, Document, GROUPS, Group, Level, SKILLS_MAX};
use crate::embed::{self, Embedder};
use crate::hash::PlainHash;
use crate::kinds::Kind;
use crate::privacy;
use crate::skills::{Dictionary, SkillId};
use crate::suggest::clean_title;

pub use fill::{
    OCCUPATION_SURE_MIN, OCCUPATION_SURE_MIN_ELSEWHERE, OCCUPATIONS_MAX, SURE_MIN,
    SURE_MIN_ELSEWHERE,
};
pub(crate) use prose::is_read;
pub(crate) use whole::{Whole, prose_of};

/// Words of one document that are analysed; the rest is stored only.
pub const WORDS_MAX: usize = 20_000;

/// Names no dictionary knows that become skills of one document.
pub const UNLISTED_MAX: usize = 24;

/// From here on a token is not a word but the end of a text, and says which
/// group the text was of: `u16::MAX` − group. No phrase crosses it.
pub const GAPS: u16 = u16::MAX - GROUPS as u16 + 1;

const _: () = assert!(
    2 * WORDS_MAX + SKILLS_MAX + 16_384 < GAPS as usize,
    "a row's terms are numbered below the gaps"
);

/// The token that ends a text of a group.
pub fn gap(group: Group) -> u16 {
    u16::MAX - group as u16
}

/// A term of a row: the key in the high 48 bits; below it, for a word, how often
/// it stands in each group (4 bits a group, at most 15), for a skill its levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, rkyv::Archive, rkyv::Serialize)]
pub struct Entry(pub u64);

impl Entry {
    /// The term.
    pub fn key(self) -> TermKey {
        TermKey(self.0 >> 16)
    }

    /// The 16 bits below the key.
    pub fn payload(self) -> u16 {
        self.0 as u16
    }

    /// How often the term stands in a group, 0 to 15.
    pub fn count(self, group: usize) -> u32 {
        (self.0 >> (4 * group)) as u32 & 15
    }

    /// What the postings keep of the entry: 1 for a skill; for a word how often it
    /// stands outside the title (at most 15), plus 16 times how often in it (at
    /// most 3). See `Posting`.
    pub fn posting(self) -> u32 {
        if self.key().as_skill().is_some() {
            return 1;
        }
        let rest: u32 = (1..GROUPS).map(|group| self.count(group)).sum();
        let posting = Posting {
            title: self.count(Group::Title as usize).min(3),
            rest: rest.min(15),
        };
        posting.write()
    }
}

/// A posting's count, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Occurrences in the title, at most 3.
    pub title: u32,
    /// Occurrences elsewhere, at most 15.
    pub rest: u32,
}

impl Posting {
    /// The count as `Entry::posting` has it.
    pub fn write(self) -> u32 {
        self.title << 4 | self.rest
    }

    /// Reads what `Entry::posting` wrote.
    pub fn read(count: u32) -> Self {
        Self {
            title: count >> 4,
            rest: count & 15,
        }
    }
}

/// An analysed document, ready to be stored.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// The version it came with.
    pub version: Option<u64>,
    /// The document as it came.
    pub json: Vec<u8>,
    /// Its terms by key.
    pub entries: Vec<Entry>,
    /// The texts of the terms, in the order of `entries`.
    pub term_texts: TermTexts,
    /// Its words in order, each as the number of its entry; a gap behind each text.
    pub tokens: Vec<u16>,
    /// Words in each group.
    pub lengths: [u16; GROUPS],
    /// A cell for each column of the kind.
    pub cells: Vec<Cell>,
    /// Its title as it is suggested, where nothing private stands in it.
    pub title: Option<String>,
    /// Its unit vector.
    pub vector: Option<Vec<f32>>,
    /// Language of its texts.
    pub language: Option<Language>,
}

/// The texts of a row's terms, one behind the other: a text of its own for each
/// costs as much as finding it.
#[derive(Clone, Debug, Default)]
pub struct TermTexts {
    arena: String,
    places: Vec<(u32, u32)>,
}

impl TermTexts {
    /// The texts in the order of the entries.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let texts = self.places.iter();
        texts.map(|(start, end)| {
            let text = self.arena.get(*start as usize..*end as usize);
            text.unwrap_or("")
        })
    }
}

impl<'t> FromIterator<&'t str> for TermTexts {
    fn from_iter<I: IntoIterator<Item = &'t str>>(texts: I) -> Self {
        let mut all = Self::default();
        for text in texts {
            let start = all.arena.len() as u32;
            all.arena.push_str(text);
            all.places.push((start, all.arena.len() as u32));
        }
        all
    }
}

/// Number of a listed skill: the dictionary's, or one made of the name where no
/// dictionary knows it (the high bit is set, the rest is the folded name's hash).
pub fn skill_number(name: &str) -> SkillId {
    Dictionary::builtin().named(name).unwrap_or_else(|| {
        SkillId((TermKey::of(&analysis::fold(name.trim())).0 as u32) | (1 << 31))
    })
}

/// The text a skill has as a term.
pub fn skill_term(skill: SkillId) -> String {
    format!("~skill:{}", skill.0)
}

#[derive(Default)]
struct Terms {
    at: HashMap<TermKey, u16, PlainHash>,
    found: Vec<(TermKey, u16, (u32, u32))>,
    arena: String,
}

impl Terms {
    // With room for those of so many words.
    fn of(words: usize) -> Self {
        let words = words.min(WORDS_MAX);
        Self {
            at: HashMap::with_capacity_and_hasher(words, PlainHash::default()),
            found: Vec::with_capacity(words),
            arena: String::with_capacity(8 * words),
        }
    }

    fn add(&mut self, key: TermKey, text: &str) -> u16 {
        if let Some(at) = self.at.get(&key) {
            return *at;
        }
        let at = self.found.len() as u16;
        self.at.insert(key, at);
        let start = self.arena.len() as u32;
        self.arena.push_str(text);
        self.found.push((key, 0, (start, self.arena.len() as u32)));
        at
    }

    fn count(&mut self, at: u16, group: Group) {
        let shift = 4 * group as usize;
        let payload = &mut self.found[usize::from(at)].1;
        if (*payload >> shift) & 15 < 15 {
            *payload += 1 << shift;
        }
    }

    fn skill(&mut self, skill: SkillId, level: Level) {
        let key = TermKey::skill(skill.0);
        let held = self.at.get(&key).copied();
        let at = held.unwrap_or_else(|| self.add(key, &skill_term(skill)));
        self.found[usize::from(at)].1 |= u16::from(level.0);
    }
}

/// Analyses a document of `kind`: cuts out names and contacts, finds words,
/// stems, skills, facts and the vector. Pure; docs/facts.md says what it takes.
pub fn analyse(kind: &Kind, document: Document) -> Row {
    let texts = masked(kind, &document);
    let language = language_of(&document, &texts);
    let vector = match document.vector {
        Some(_) => None,
        None => embedding(kind, &texts),
    };
    let title = suggested_title(&document, &texts);
    let mut whole = Whole::of(kind, &document, &texts, language);
    let mut terms = Terms::of(whole.words().len());
    let mut lengths = [0_u16; GROUPS];
    let mut tokens = Vec::with_capacity(whole.words().len().min(WORDS_MAX));
    let mut words = Words::default();
    let mut left = WORDS_MAX;
    for (at, Masked { group, text, .. }) in texts.iter().enumerate() {
        let (words, part) = if let Some(part) = whole.words_of(at) {
            (whole.words(), part)
        } else {
            words.clear();
            analysis::analyse(text, language, &mut words);
            (&words, 0..words.len())
        };
        let part = words.items().get(part).unwrap_or(&[]);
        for word in part.iter().take(left) {
            let at = terms.add(word.key, words.folded(word));
            terms.count(at, *group);
            tokens.push(at);
            if let Some(stem) = word.stem_key {
                let at = terms.add(stem, words.stem(word));
                terms.count(at, *group);
            }
        }
        let used = part.len().min(left);
        left -= used;
        let length = &mut lengths[*group as usize];
        *length = length.saturating_add(used.min(usize::from(u16::MAX)) as u16);
        tokens.push(gap(*group));
    }
    whole.limit();
    let mut cells = document.cells;
    let named = prose::read(kind, &whole, language, &mut cells);
    prose::add_skills(kind, &mut terms, &mut cells, &document.skills, named);
    if let Some(language) = language {
        cells[0] = Cell::Words(vec![language.tag().to_owned()]);
    }
    let vector = match document.vector {
        Some(mut own) => embed::normalize(&mut own).then_some(own),
        None => vector,
    };
    finish(
        Row {
            id: document.id,
            version: document.version,
            json: serde_json::to_vec(&document.json).unwrap_or_default(),
            entries: Vec::new(),
            term_texts: TermTexts::default(),
            tokens,
            lengths,
            cells,
            title,
            vector,
            language,
        },
        terms,
    )
}

/// A text of a document as it is analysed.
#[derive(Debug)]
pub(crate) struct Masked {
    /// Which group it is of.
    pub(crate) group: Group,
    /// The text, with what privacy cuts masked.
    pub(crate) text: String,
    /// What was cut: sorted, apart.
    pub(crate) cut: Vec<Range<usize>>,
    // The text without what was cut, where something was.
    short: Option<String>,
}

impl Masked {
    // What is read up to so many bytes must not end elsewhere for a longer name.
    fn short(&self) -> &str {
        self.short.as_deref().unwrap_or(&self.text)
    }
}

/// The texts of a document as they are analysed, in their order.
pub(crate) fn masked(kind: &Kind, document: &Document) -> Vec<Masked> {
    let cuts = privacy::cuts_of(kind, document);
    let texts = document.texts.iter().zip(&cuts);
    let texts = texts.map(|((group, text), cuts)| {
        let cut: Vec<Range<usize>> = cuts.iter().map(|cut| cut.range.clone()).collect();
        Masked {
            group: *group,
            text: privacy::mask(text, &cut).into_owned(),
            short: (!cut.is_empty()).then(|| privacy::without(text, cuts).into_owned()),
            cut,
        }
    });
    texts.collect()
}

// A title something was cut out of is suggested to nobody.
fn suggested_title(document: &Document, texts: &[Masked]) -> Option<String> {
    let of_title = |(group, _): &&(Group, String)| *group == Group::Title;
    let (_, written) = document.texts.iter().find(of_title)?;
    let kept = texts.iter().find(|text| text.group == Group::Title)?;
    (*written == kept.text)
        .then(|| clean_title(&kept.text))
        .flatten()
}

/// The language of a document: the one it says, else that of its longest text.
pub(crate) fn language_of(document: &Document, texts: &[Masked]) -> Option<Language> {
    if let Some(tag) = &document.language {
        return Language::from_tag(tag);
    }
    let longest = texts
        .iter()
        .max_by_key(|text| (text.short().len(), std::cmp::Reverse(text.group as usize)))?;
    analysis::detect(longest.short())
}

/// A skill's name in the dictionary.
pub fn skill_name(skill: SkillId) -> Option<&'static str> {
    Dictionary::builtin().get(skill).map(|skill| skill.name)
}

/// Weight of a person's headline in the vector, that of the text being 1.
const HEADLINE: f32 = 0.4;

fn embedding(kind: &Kind, texts: &[Masked]) -> Option<Vec<f32>> {
    if kind.dimensions != embed::DIMENSIONS {
        return None;
    }
    // What an ad is called says as much as what it goes on to say; a headline
    // such as "Manager" says less than the career below it.
    let of = |wanted: Group| -> String {
        let parts: Vec<&str> = texts
            .iter()
            .filter(|text| text.group == wanted)
            .map(Masked::short)
            .collect();
        parts.join("\n")
    };
    let (title, skills, text) = (of(Group::Title), of(Group::Skills), of(Group::Text));
    let mut out = vec![0.0; embed::DIMENSIONS];
    let parts = [
        (
            title.as_str(),
            if kind.is_person() { HEADLINE } else { 1.0 },
        ),
        (skills.as_str(), 0.5),
        (text.as_str(), 1.0),
    ];
    Embedder::builtin()
        .embed_parts(&parts, &mut out)
        .then_some(out)
}

// Terms are numbered as they come; rows keep them sorted by key, so that the
// skills (whose keys are the highest) stand together at the end.
fn finish(mut row: Row, terms: Terms) -> Row {
    let mut order: Vec<u16> = (0..terms.found.len() as u16).collect();
    order.sort_unstable_by_key(|at| terms.found[usize::from(*at)].0);
    let mut renumbered = vec![0_u16; order.len()];
    row.entries.reserve_exact(order.len());
    let mut places = Vec::with_capacity(order.len());
    let found = terms.found;
    for (new, old) in order.iter().enumerate() {
        renumbered[usize::from(*old)] = new as u16;
        let (key, payload, place) = &found[usize::from(*old)];
        row.entries.push(Entry(key.0 << 16 | u64::from(*payload)));
        places.push(*place);
    }
    row.term_texts = TermTexts {
        arena: terms.arena,
        places,
    };
    for token in row.tokens.iter_mut().filter(|token| **token < GAPS) {
        *token = renumbered[usize::from(*token)];
    }
    row
}

/// A document's JSON read back from a row.
pub fn stored_json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests;
