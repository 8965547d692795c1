//! Suggestions: values of documents that begin as a person types. Owns what
//! fits, its order and its marks; the names of a segment are the index's.
//!
//! Only titles, skills, organisations' names and cities are suggested, of living
//! documents that have not expired, each with the exact number of documents that have it. Nothing of a
//! private field can be among them: titles something private was cut out of are
//! not kept (tandem_index::row), the others are columns.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, LazyLock};

use tandem_index::hash::PlainHash;
use tandem_index::kinds::{FieldType, Kind, Meaning};
use tandem_index::skills::Dictionary;
use tandem_index::snapshot::{Collection, Live, Snapshot};
use tandem_index::suggest::{Dead, Names, normal};
use xxhash_rust::xxh3::xxh3_64;

mod edits;
mod mark;

use edits::{begins_within_one_edit, is_like};
use mark::marked;

/// Most suggestions of one answer.
pub const SUGGESTIONS_MAX: usize = 100;
/// From this many letters on, the last word may be one edit away.
pub const FUZZY_CHARS_MIN: usize = 4;
/// From this many letters on, a word before the last may as a whole be one edit away.
const WHOLE_FUZZY_CHARS_MIN: usize = 3;
/// From this many letters on, another name of a skill finds it.
const ALIAS_CHARS_MIN: usize = 2;

/// What is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuggestType {
    /// The title of a document.
    Title,
    /// A skill.
    Skill,
    /// An organisation.
    Company,
    /// A city.
    Place,
}

impl SuggestType {
    /// All of them, in the order of ties.
    pub const ALL: [Self; 4] = [Self::Title, Self::Skill, Self::Company, Self::Place];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Skill => "skill",
            Self::Company => "company",
            Self::Place => "place",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == name)
    }

    // The column its names are of; behind the last one stand the titles.
    fn column(self, kind: &Kind) -> Option<usize> {
        match self {
            Self::Title => kind.meaning(Meaning::Title).map(|_| kind.columns().len()),
            Self::Skill => kind.facts().skills,
            Self::Company => {
                let field = kind.meaning(Meaning::Name)?;
                let keyword = field.field_type == FieldType::Keyword;
                keyword.then(|| kind.column(&field.name)).flatten()
            }
            Self::Place => kind.facts().city,
        }
    }
}

/// The types a kind has values of.
pub fn types(kind: &Kind) -> Vec<SuggestType> {
    let has = |sort: &SuggestType| sort.column(kind).is_some();
    SuggestType::ALL.into_iter().filter(has).collect()
}

/// A value that fits what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The value in its most frequent spelling.
    pub text: String,
    /// What it is.
    pub kind_of: SuggestType,
    /// How many documents have it.
    pub count: u64,
    /// The text, HTML-escaped, with `<mark>` around what was typed.
    pub highlight: String,
    /// The other name of a skill that was typed, where its own was not.
    pub alias: Option<String>,
}

/// How well a value fits; the first is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It begins with what was typed, or another name of it is just that.
    Whole,
    /// The last word typed begins one of its words, the others are among them.
    Word,
    /// Each word typed begins one of its words.
    Beginnings,
    /// Another name of it begins with what was typed.
    Alias,
    /// As `Word` but for one edit in the last word.
    Fuzzy,
    /// As `Beginnings` but for one edit in each word.
    Loose,
}

/// What was typed: the last word is a beginning, the others are whole, or
/// beginnings too.
struct Typed {
    whole: String,
    last: String,
    others: Vec<String>,
}

impl Typed {
    fn new(q: &str) -> Self {
        let whole = normal(q);
        let mut others: Vec<String> = whole.split(' ').map(str::to_owned).collect();
        let last = others.pop().unwrap_or_default();
        Self {
            whole,
            last,
            others,
        }
    }

    fn has_others(&self, text: &str) -> bool {
        self.others
            .iter()
            .all(|other| text.split(' ').any(|word| word == other))
    }

    fn begins_others(&self, text: &str) -> bool {
        self.others
            .iter()
            .all(|other| text.split(' ').any(|word| word.starts_with(other.as_str())))
    }

    fn is_like_others(&self, text: &str) -> bool {
        self.others
            .iter()
            .all(|other| text.split(' ').any(|word| is_like(word, other)))
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What was typed.
    pub q: &'a str,
    /// The types of values.
    pub types: &'a [SuggestType],
    /// How many values, at most [`SUGGESTIONS_MAX`].
    pub limit: usize,
    /// The time from which on documents have expired, in milliseconds since 1970.
    pub now_ms: i64,
}

/// The best `limit` values of a kind for what was typed, of the given types:
/// those that begin with it, those with a word that does, those with words that
/// begin as its words do, skills another name of which begins with it, and, where these are too few, those one edit away in
/// the last word, or where there is nothing, in each; of equal fit the most
/// frequent first. Without a word in `q` these are the most frequent values.
/// Linear in the values that fit, and in the rows that died or expired since the
/// last question.
pub fn suggest(snapshot: &Snapshot, kind: &Kind, asked: Asked<'_>) -> Vec<Suggestion> {
    let collection = snapshot.collection(kind.id);
    let limit = asked.limit.min(SUGGESTIONS_MAX);
    let typed = Typed::new(asked.q);
    let expires = kind.facts().expires.map(|column| (column, asked.now_ms));
    let mut sources: Vec<Source<'_>> = SuggestType::ALL
        .into_iter()
        .filter(|sort| asked.types.contains(sort))
        .filter_map(|sort| Source::new(collection, kind, sort, expires))
        .collect();
    let mut found = 0;
    for source in &mut sources {
        source.find(&typed);
        found += source.found.len();
    }
    if found < limit && typed.last.chars().count() >= FUZZY_CHARS_MIN {
        for source in &mut sources {
            source.find_within_an_edit(&typed, Fit::Fuzzy);
            found += source.found.len();
        }
    }
    if found == 0 && !typed.others.is_empty() {
        for source in &mut sources {
            source.find_within_an_edit(&typed, Fit::Loose);
        }
    }
    let mut best: Vec<(Fit, Reverse<u64>, &str, usize)> = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        let of_source = source.best(limit);
        best.extend(of_source.map(|(fit, count, text)| (fit, Reverse(count), text, at)));
    }
    best.sort_unstable();
    best.truncate(limit);
    let shown = best.into_iter().map(|(_, Reverse(count), text, at)| {
        let source = &sources[at];
        let spelled = source.spelling(text);
        Suggestion {
            highlight: marked(&spelled, &typed),
            kind_of: source.sort,
            text: spelled,
            count,
            alias: source.alias(text).map(str::to_owned),
        }
    });
    shown.collect()
}

struct Part<'a> {
    live: &'a Live,
    names: &'a Names,
    dead: Arc<Dead>,
}

#[derive(Clone, Copy)]
struct Found<'a> {
    fit: Fit,
    count: u64,
    text: &'a str,
    alias: Option<&'static str>,
}

// The names of one type over all segments, and those found so far by the hash
// of their text.
struct Source<'a> {
    sort: SuggestType,
    column: usize,
    parts: Vec<Part<'a>>,
    found: HashMap<u64, Found<'a>, PlainHash>,
}

impl<'a> Source<'a> {
    fn new(
        collection: &'a Collection,
        kind: &Kind,
        sort: SuggestType,
        expires: Option<(usize, i64)>,
    ) -> Option<Self> {
        let column = sort.column(kind)?;
        let parts = collection.segments.iter().filter_map(|live| {
            let names = live.segment.names(column)?;
            let dead = live.gone(column, expires)?;
            Some(Part { live, names, dead })
        });
        Some(Self {
            sort,
            column,
            parts: parts.collect(),
            found: HashMap::default(),
        })
    }

    fn find(&mut self, typed: &Typed) {
        let mut hits: Vec<(u32, Fit)> = Vec::new();
        for part in &self.parts {
            hits.clear();
            if typed.last.is_empty() {
                hits.extend((0..part.names.len()).map(|name| (name, Fit::Whole)));
            }
            for start in part.names.beginning(&typed.last) {
                let text = part.names.text(start.name);
                if typed.last.is_empty() || !typed.begins_others(text) {
                    continue;
                }
                let fit = if !typed.has_others(text) {
                    Fit::Beginnings
                } else if text.starts_with(&typed.whole) {
                    Fit::Whole
                } else {
                    Fit::Word
                };
                hits.push((start.name, fit));
            }
            hits.sort_unstable();
            hits.dedup_by_key(|(name, _)| *name);
            add(&mut self.found, part, &hits, None);
        }
        self.find_other_names(typed);
    }

    // `k8s` is another name of Kubernetes.
    fn find_other_names(&mut self, typed: &Typed) {
        let long = typed.whole.chars().count() >= ALIAS_CHARS_MIN;
        if self.sort != SuggestType::Skill || !long {
            return;
        }
        let aliases: &'static [Alias] = &ALIASES;
        let first = aliases.partition_point(|one| one.normal.as_str() < typed.whole.as_str());
        let of_typed = aliases[first..]
            .iter()
            .take_while(|one| one.normal.starts_with(&typed.whole));
        let mut names: Vec<(&str, Fit, &'static str)> = of_typed
            .map(|one| {
                let exact = one.normal == typed.whole;
                let fit = if exact { Fit::Whole } else { Fit::Alias };
                (one.name.as_str(), fit, one.spelled)
            })
            .collect();
        names.sort_unstable();
        names.dedup_by_key(|(name, ..)| *name);
        for (name, fit, alias) in names {
            let hash = xxh3_64(name.as_bytes());
            if let Some(found) = self.found.get_mut(&hash) {
                found.fit = found.fit.min(fit);
                continue;
            }
            for part in &self.parts {
                if let Some(at) = part.names.find(name) {
                    add(&mut self.found, part, &[(at, fit)], Some(alias));
                }
            }
        }
    }

    fn alias(&self, text: &str) -> Option<&'static str> {
        self.found.get(&xxh3_64(text.as_bytes()))?.alias
    }

    // `Fuzzy` forgives an edit in the last word, `Loose` one in each. The first
    // letter is kept: people seldom miss it, and it leaves few words.
    fn find_within_an_edit(&mut self, typed: &Typed, fit: Fit) {
        let Some(first) = typed.last.chars().next() else {
            return;
        };
        let wanted: Vec<char> = typed.last.chars().collect();
        let mut hits: Vec<(u32, Fit)> = Vec::new();
        for part in &self.parts {
            hits.clear();
            let mut before: Option<(&str, bool)> = None;
            for start in part.names.beginning(first.encode_utf8(&mut [0; 4])) {
                let word = part.names.at(*start).split(' ').next().unwrap_or("");
                let fits = match before {
                    Some((last, fits)) if last == word => fits,
                    _ if wanted.len() >= FUZZY_CHARS_MIN => begins_within_one_edit(word, &wanted),
                    _ => word.starts_with(&typed.last),
                };
                before = Some((word, fits));
                let text = part.names.text(start.name);
                let held = || self.found.get(&xxh3_64(text.as_bytes()));
                if fits
                    && held().is_none_or(|found| found.fit == fit)
                    && if fit == Fit::Loose {
                        typed.is_like_others(text)
                    } else {
                        typed.has_others(text)
                    }
                {
                    hits.push((start.name, fit));
                }
            }
            hits.sort_unstable();
            hits.dedup();
            add(&mut self.found, part, &hits, None);
        }
    }

    fn best(&self, limit: usize) -> impl Iterator<Item = (Fit, u64, &'a str)> + use<'a> {
        let mut best: Vec<(Fit, Reverse<u64>, &'a str)> = self
            .found
            .values()
            .map(|found| (found.fit, Reverse(found.count), found.text))
            .collect();
        if best.len() > limit && limit > 0 {
            best.select_nth_unstable(limit - 1);
            best.truncate(limit);
        }
        best.into_iter()
            .map(|(fit, Reverse(count), text)| (fit, count, text))
    }

    // The spelling most documents have; of equal ones the first by text.
    fn spelling(&self, text: &str) -> String {
        let mut spelled: HashMap<&str, u64> = HashMap::new();
        for part in &self.parts {
            let Some(values) = part.live.segment.values(self.column) else {
                continue;
            };
            for ordinal in part
                .names
                .find(text)
                .map_or(&[][..], |name| part.names.spellings(name))
            {
                let living = part.names.living_spelling(*ordinal, &part.dead);
                *spelled.entry(values.value(*ordinal)).or_default() += u64::from(living);
            }
        }
        spelled
            .into_iter()
            .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)))
            .map_or_else(String::new, |(spelling, _)| spelling.to_owned())
    }
}

fn add<'a>(
    found: &mut HashMap<u64, Found<'a>, PlainHash>,
    part: &Part<'a>,
    names: &[(u32, Fit)],
    alias: Option<&'static str>,
) {
    for (name, fit) in names {
        let count = u64::from(part.names.living(*name, &part.dead));
        if count == 0 {
            continue;
        }
        let text = part.names.text(*name);
        match found.entry(xxh3_64(text.as_bytes())) {
            Entry::Occupied(mut held) => held.get_mut().count += count,
            Entry::Vacant(free) => {
                free.insert(Found {
                    fit: *fit,
                    count,
                    text,
                    alias,
                });
            }
        }
    }
}

// Another name of a skill, normal and as it is spelled, and the skill's, normal.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alias {
    normal: String,
    name: String,
    spelled: &'static str,
}

// By the other name.
static ALIASES: LazyLock<Vec<Alias>> = LazyLock::new(|| {
    let mut aliases = Vec::new();
    for skill in Dictionary::builtin().iter() {
        let name = normal(skill.name);
        let others = skill.spellings().map(|spelled| Alias {
            normal: normal(spelled),
            name: name.clone(),
            spelled,
        });
        aliases.extend(others.filter(|one| one.normal != name && !one.normal.is_empty()));
    }
    aliases.sort_unstable();
    aliases.dedup_by(|a, b| a.normal == b.normal && a.name == b.name);
    aliases
});
