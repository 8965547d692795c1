//! From a checked document to an analysed row. Owns what is indexed of a
//! document and how often; knows nothing of segments.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

use crate::analysis::{self, Language, TermKey, Words};
use crate::document::{Cell, Document, GROUPS, Group, Level, SKILLS_MAX};
use crate::embed::{self, Embedder};
use crate::hash::PlainHash;
use crate::kinds::Kind;
use crate::privacy::{self, Cut};
use crate::skills::{Dictionary, Mention, SkillId};
use crate::suggest::clean_title;

/// Words of one document that are analysed; the rest is stored only.
pub const WORDS_MAX: usize = 20_000;

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
    pub term_texts: Vec<Box<str>>,
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
    found: Vec<(TermKey, u16, Box<str>)>,
}

impl Terms {
    fn add(&mut self, key: TermKey, text: &str) -> u16 {
        if let Some(at) = self.at.get(&key) {
            return *at;
        }
        let at = self.found.len() as u16;
        self.at.insert(key, at);
        self.found.push((key, 0, text.into()));
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
        let at = self.add(TermKey::skill(skill.0), &skill_term(skill));
        self.found[usize::from(at)].1 |= u16::from(level.0);
    }
}

/// Analyses a document of `kind`: cuts out names and contacts, finds words,
/// stems, skills and the vector. Pure; about 0.3 ms for an ad of 500 words.
pub fn analyse(kind: &Kind, document: Document) -> Row {
    let cuts = privacy::cuts_of(kind, &document);
    let texts: Vec<(Group, String)> = document
        .texts
        .iter()
        .zip(&cuts)
        .map(|((group, text), cuts)| (*group, cut(text, cuts)))
        .collect();
    // What is read up to so many bytes must not end elsewhere for a longer name.
    let short: Vec<(Group, Cow<'_, str>)> = document
        .texts
        .iter()
        .zip(&cuts)
        .map(|((group, text), cuts)| (*group, privacy::without(text, cuts)))
        .collect();
    let language = language_of(&document, &short);
    let vector = match document.vector {
        Some(_) => None,
        None => embedding(kind, &short),
    };
    drop(short);
    let title = suggested_title(&document, &texts);
    let mut terms = Terms::default();
    let mut lengths = [0_u16; GROUPS];
    let mut tokens = Vec::new();
    let mut skills: Vec<SkillId> = Vec::new();
    let mut words = Words::default();
    let mut mentions: Vec<Mention> = Vec::new();
    let mut left = WORDS_MAX;
    for (group, text) in &texts {
        words.clear();
        analysis::analyse(text, language, &mut words);
        if matches!(group, Group::Title | Group::Text) {
            mentions.clear();
            Dictionary::builtin().find(text, &words, &mut mentions);
            skills.extend(mentions.iter().map(|mention| mention.skill));
        }
        for word in words.items().iter().take(left) {
            let at = terms.add(word.key, words.folded(word));
            terms.count(at, *group);
            tokens.push(at);
            if let Some(stem) = word.stem_key {
                let at = terms.add(stem, words.stem(word));
                terms.count(at, *group);
            }
        }
        let used = words.len().min(left);
        left -= used;
        let length = &mut lengths[*group as usize];
        *length = length.saturating_add(used.min(usize::from(u16::MAX)) as u16);
        tokens.push(gap(*group));
    }
    let mut cells = document.cells;
    add_skills(kind, &mut terms, &mut cells, &document.skills, skills);
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
            term_texts: Vec::new(),
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

fn cut(text: &str, cuts: &[Cut]) -> String {
    let ranges: Vec<Range<usize>> = cuts.iter().map(|cut| cut.range.clone()).collect();
    privacy::mask(text, &ranges).into_owned()
}

// A title something was cut out of is suggested to nobody.
fn suggested_title(document: &Document, texts: &[(Group, String)]) -> Option<String> {
    let of_title = |text: &&(Group, String)| text.0 == Group::Title;
    let written = document.texts.iter().find(of_title)?;
    let kept = texts.iter().find(of_title)?;
    (written.1 == kept.1)
        .then(|| clean_title(&kept.1))
        .flatten()
}

fn language_of(document: &Document, texts: &[(Group, Cow<'_, str>)]) -> Option<Language> {
    if let Some(tag) = &document.language {
        return Language::from_tag(tag);
    }
    let longest = texts
        .iter()
        .max_by_key(|(group, text)| (text.len(), std::cmp::Reverse(*group as usize)))?;
    analysis::detect(&longest.1)
}

fn add_skills(
    kind: &Kind,
    terms: &mut Terms,
    cells: &mut [Cell],
    listed: &[(String, Level)],
    found: Vec<SkillId>,
) {
    for (name, level) in listed {
        terms.skill(skill_number(name), *level);
    }
    let level = Level::found(kind.skills_role());
    let listed: Vec<SkillId> = listed.iter().map(|(name, _)| skill_number(name)).collect();
    let mut seen: Vec<SkillId> = Vec::new();
    for skill in found {
        if !seen.contains(&skill) {
            seen.push(skill);
            if !listed.contains(&skill) {
                terms.skill(skill, level);
            }
        }
    }
    let Some(column) = kind.facts().skills else {
        return;
    };
    // The facet counts what a document has, under the dictionary's name,
    // whether it was listed or found.
    let mut names: Vec<String> = match &cells[column] {
        Cell::Words(names) => names
            .iter()
            .map(|name| skill_name(skill_number(name)).unwrap_or(name).to_owned())
            .collect(),
        Cell::Unknown | Cell::Number(_) => Vec::new(),
    };
    names.extend(seen.into_iter().filter_map(skill_name).map(str::to_owned));
    names.sort_unstable();
    names.dedup();
    if !names.is_empty() {
        cells[column] = Cell::Words(names);
    }
}

/// A skill's name in the dictionary.
pub fn skill_name(skill: SkillId) -> Option<&'static str> {
    Dictionary::builtin().get(skill).map(|skill| skill.name)
}

/// Weight of a person's headline in the vector, that of the text being 1.
const HEADLINE: f32 = 0.4;

fn embedding(kind: &Kind, texts: &[(Group, Cow<'_, str>)]) -> Option<Vec<f32>> {
    if kind.dimensions != embed::DIMENSIONS {
        return None;
    }
    // What an ad is called says as much as what it goes on to say; a headline
    // such as "Manager" says less than the career below it.
    let of = |wanted: Group| -> String {
        let parts: Vec<&str> = texts
            .iter()
            .filter(|(group, _)| *group == wanted)
            .map(|(_, text)| text.as_ref())
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
    row.term_texts.reserve_exact(order.len());
    let mut found = terms.found;
    for (new, old) in order.iter().enumerate() {
        renumbered[usize::from(*old)] = new as u16;
        let (key, payload, text) = &mut found[usize::from(*old)];
        row.entries.push(Entry(key.0 << 16 | u64::from(*payload)));
        row.term_texts.push(std::mem::take(text));
    }
    for token in row.tokens.iter_mut().filter(|token| **token < GAPS) {
        *token = renumbered[usize::from(*token)];
    }
    row
}

/// A document's JSON read back from a row.
pub fn stored_json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or(Value::Null)
}
