//! A query, ready to be scored: words with their rarity, a vector, skills,
//! facts, weights and musts. Owns nothing of a document but its meaning as a
//! query; pure function of (source, statistics, weights, now).

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use tandem_index::analysis::TermKey;
use tandem_index::document::{GROUPS, Group, Level};
use tandem_index::hash::PlainHash;
use tandem_index::kinds::Kind;
use tandem_index::row::{Row, skill_term};
use tandem_index::skills::{Category, Dictionary, SkillId};
use tandem_index::statistics::Statistics;
use tandem_index::taxonomy::{self, CREDIT_WHOLE, Taxonomy};
use tandem_index::vectors::QueryVector;

use crate::components::Weights;
use crate::filter::Filter;
use crate::reduce;
use crate::score::{Side, SourceFacts};

/// Most words of a query that are scored; the rest are named in a warning.
pub const QUERY_WORDS_MAX: usize = 64;
/// Most boosts of a request.
pub const BOOSTS_MAX: usize = 16;
/// Most words a document is reduced to when it is the query.
pub const DOCUMENT_WORDS_MAX: usize = 32;
/// A stem says a little less than the word itself.
pub const STEM_FACTOR: f64 = 0.9;
/// BM25F: how fast repetitions saturate.
pub const K1: f64 = 1.2;
/// BM25F: weight and length normalisation (b) of title, name, skills, text.
pub const GROUP_WEIGHTS: [(f64, f64); GROUPS] = [(3.0, 0.5), (1.0, 0.5), (2.0, 0.5), (1.0, 0.75)];

/// Why a document with an alternative has the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is the word.
    Word,
    /// It has its stem.
    Stem,
    /// The word was probably mistyped.
    Typo,
    /// It begins with the word.
    Prefix,
    /// The word and its neighbour written as one.
    Joined,
    /// The word written as two.
    Split,
    /// It means the same.
    Synonym,
    /// It is the skill the word names, under any of its names.
    Skill,
}

impl Why {
    /// The reason as answers show it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Stem => "stem",
            Self::Typo => "typo",
            Self::Prefix => "prefix",
            Self::Joined => "joined",
            Self::Split => "split",
            Self::Synonym => "synonym",
            Self::Skill => "skill",
        }
    }
}

/// A way to say a word.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Texts and keys of its terms: one, or those of a phrase.
    pub terms: Vec<(String, TermKey)>,
    /// 1 for the word, less for what stands for it.
    pub factor: f64,
    /// Why it stands for the word.
    pub why: Why,
}

impl Alternative {
    /// The rows that have it, where it is one term; of a phrase at most so many.
    pub fn frequency(&self, statistics: &Statistics) -> u32 {
        let frequencies = self.terms.iter().map(|term| statistics.frequency(term.1));
        frequencies.min().unwrap_or(0)
    }
}

/// A scored word.
#[derive(Clone, Debug)]
pub struct Word {
    /// As typed, folded.
    pub word: String,
    /// The best one a document has counts.
    pub alternatives: Vec<Alternative>,
    /// Its part of the query: rarity, times how much a document as query says it.
    pub weight: f64,
    /// Rows with its most frequent alternative: of the word and its stems, where
    /// there are any.
    pub frequency: u32,
    /// Rows with the word or its stems.
    pub known: u32,
}

/// A word or phrase a document must or must not have.
#[derive(Clone, Debug)]
pub struct Need {
    /// One word's alternatives, or a phrase's words.
    pub terms: Vec<(String, TermKey)>,
    /// Whether the terms are a phrase.
    pub phrase: bool,
    /// Where: anywhere, or in one group.
    pub group: Option<Group>,
    /// Whether it must be absent.
    pub absent: bool,
}

/// A phrase no dictionary knows, linked to a skill one knows, by their meaning.
#[derive(Clone, Copy, Debug)]
pub struct Linked {
    /// The phrase, as a skill of its own.
    pub phrase: SkillId,
    /// The skill whose name is nearest to it.
    pub concept: SkillId,
    /// The cosine of the two, from `concepts::LINK_COSINE` to 1.
    pub cosine: f64,
}

impl Linked {
    /// What each meets of a demand for the other, in 1/256: half the cosine.
    pub fn credit(&self) -> u16 {
        (f64::from(CREDIT_WHOLE) / 2.0 * self.cosine) as u16
    }
}

/// A skill asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Which.
    pub skill: SkillId,
    /// Whether it is required.
    pub required: bool,
    /// Whether it was listed or said, not found in a document's prose.
    pub listed: bool,
    /// Its weight: 1 if required, ½ if not, ¼ if it is only used, times rarity.
    pub weight: f64,
}

/// Points for the documents that pass some filters.
#[derive(Clone, Debug)]
pub struct Boost {
    /// Its name in answers.
    pub label: String,
    /// What it gives or takes.
    pub points: i32,
    /// Which documents; all must hold.
    pub filters: Vec<Filter>,
}

/// Where a document is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaceFact {
    /// City, region, country in lower case.
    pub names: [Option<String>; 3],
    /// Latitude and longitude.
    pub coordinates: Option<(f64, f64)>,
    /// Remote, hybrid, onsite.
    pub remote: Option<String>,
}

/// Pay a year.
#[derive(Clone, Debug, PartialEq)]
pub struct PayFact {
    /// Lowest and highest, NaN where unknown.
    pub min: f64,
    /// See `min`.
    pub max: f64,
    /// Currency, if given.
    pub currency: Option<String>,
}

/// A compiled query.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Skills and links as the space has them; none is as they are without an
    /// overlay.
    pub taxonomy: Option<Arc<Taxonomy>>,
    /// Scored words.
    pub words: Vec<Word>,
    /// How many of the first `counted` words a document must have for the text to match.
    pub words_needed: usize,
    /// Leading words that count for that.
    pub words_counted: usize,
    /// Whether the words only score: the match set is all that is allowed.
    pub strict: bool,
    /// Whether nothing in it is known, so that being similar to it says nothing.
    pub unknown: bool,
    /// Musts, nots and phrases.
    pub needs: Vec<Need>,
    /// The vector.
    pub vector: Option<QueryVector>,
    /// Skills asked for, by number.
    pub asked: Vec<Asked>,
    /// Levels a document may have an asked skill at.
    pub asked_levels: u8,
    /// Skills offered, by number, for documents that want some.
    pub offered: Vec<SkillId>,
    /// Levels at which a document wants a skill; 0 if its wants are not met here.
    pub wanted_levels: u8,
    /// Skills asked for or offered that nobody knows, and what they may mean.
    pub linked: Vec<Linked>,
    /// Words of a document's title.
    pub title: Vec<Word>,
    /// What a document says as the source; `None` in a search.
    pub source: Option<SourceFacts>,
    /// The target kind's date that freshness is computed from, if it has one.
    pub posted_column: Option<usize>,
    /// The weight of each component.
    pub weights: Weights,
    /// Musts, by bit.
    pub musts: u8,
    /// Boosts, in the request's order.
    pub boosts: Vec<Boost>,
    /// The time freshness is seen from.
    pub now_ms: i64,
}

impl Word {
    /// A word with its alternatives and rarity, as the statistics have it.
    pub fn new(
        word: String,
        alternatives: Vec<(String, TermKey)>,
        statistics: &Statistics,
    ) -> Self {
        let frequency = alternatives
            .iter()
            .map(|(_, key)| statistics.frequency(*key))
            .max()
            .unwrap_or(0);
        let alternative = |(at, term)| Alternative {
            terms: vec![term],
            factor: if at == 0 { 1.0 } else { STEM_FACTOR },
            why: if at == 0 { Why::Word } else { Why::Stem },
        };
        Self {
            alternatives: alternatives
                .into_iter()
                .enumerate()
                .map(alternative)
                .collect(),
            word,
            weight: statistics.idf(frequency),
            frequency,
            known: frequency,
        }
    }

    /// Another way to say it; the better factor of the same terms counts. A word
    /// that is known keeps its own rarity, so that what stands for it never makes
    /// the word itself count less.
    pub fn add(&mut self, alternative: Alternative, statistics: &Statistics) {
        if self.known == 0 {
            self.frequency = self.frequency.max(alternative.frequency(statistics));
            self.weight = statistics.idf(self.frequency);
        }
        let held = self.alternatives.iter_mut();
        match held
            .into_iter()
            .find(|held| held.terms == alternative.terms)
        {
            Some(held) => held.factor = held.factor.max(alternative.factor),
            None => self.alternatives.push(alternative),
        }
    }
}

impl Query {
    /// Makes a document the query: what it wants is asked of the others'
    /// offers, what it offers is held against the others' wants.
    pub fn from_row(
        source: &Kind,
        target: &Kind,
        (row, vector): (&Row, Option<QueryVector>),
        statistics: &Statistics,
    ) -> Self {
        let facts = SourceFacts::of(source, target, row);
        let mut query = Self {
            words: reduce::words(row, statistics),
            title: reduce::title(row, statistics),
            vector,
            posted_column: target.facts().posted,
            ..Self::default()
        };
        if source.dimensions != target.dimensions {
            query.vector = None;
        }
        query.skills_of(facts.sides.lead == Side::Both, row, statistics);
        query.source = Some(facts);
        query
    }

    // `compared`: both sides want skills, or neither does.
    fn skills_of(&mut self, compared: bool, row: &Row, statistics: &Statistics) {
        for entry in &row.entries {
            let Some(number) = entry.key().as_skill() else {
                continue;
            };
            let level = Level(entry.payload() as u8);
            let wants = level.0 & WANTS != 0;
            let offers = level.0 & Level::OFFERED.0 != 0;
            if wants || (compared && offers) {
                let share = if wants { level_factor(level) } else { 1.0 };
                self.asked.push(Asked {
                    skill: SkillId(number),
                    required: level.0 & Level::REQUIRED.0 != 0,
                    listed: level.0 & Level::FOUND.0 == 0,
                    weight: share * skill_weight(SkillId(number), statistics),
                });
            }
            if !compared && offers {
                self.offered.push(SkillId(number));
            }
        }
        self.asked_levels = if compared {
            WANTS | Level::OFFERED.0
        } else {
            Level::OFFERED.0
        };
        self.wanted_levels = if compared { 0 } else { WANTS };
    }

    /// Asks for skills a search query names.
    pub fn ask_skills(&mut self, skills: &[SkillId], statistics: &Statistics) {
        for skill in skills {
            let frequency = statistics.frequency(TermKey::skill(skill.0));
            self.asked.push(Asked {
                skill: *skill,
                required: true,
                listed: true,
                weight: statistics.idf(frequency),
            });
        }
        self.asked.sort_by_key(|asked| asked.skill);
        self.asked.dedup_by_key(|asked| asked.skill);
        self.asked_levels = u8::MAX;
    }

    /// What it compares skills by.
    pub fn taxonomy(&self) -> &Taxonomy {
        self.taxonomy.as_deref().unwrap_or_else(|| taxonomy::base())
    }
}

const WANTS: u8 = Level::REQUIRED.0 | Level::PREFERRED.0 | Level::USED.0;

/// What a wanted skill counts at the best of its levels.
pub fn level_factor(level: Level) -> f64 {
    if level.0 & Level::REQUIRED.0 != 0 {
        1.0
    } else if level.0 & Level::PREFERRED.0 != 0 {
        0.5
    } else {
        0.25
    }
}

/// What a skill weighs in a match: its rarity, and three tenths of it for what
/// every field asks for (general skills, office programs), which is rare in
/// texts only because it goes without saying.
pub fn skill_weight(skill: SkillId, statistics: &Statistics) -> f64 {
    let rarity = statistics.idf(statistics.frequency(skill.key()));
    if says_little(skill) {
        COMMON_FACTOR * rarity
    } else {
        rarity
    }
}

fn says_little(skill: SkillId) -> bool {
    LITTLE.contains(&skill.0)
}

static LITTLE: LazyLock<HashSet<u32, PlainHash>> = LazyLock::new(|| {
    let all = Dictionary::builtin().iter();
    let little =
        all.filter(|skill| skill.category == Category::General || OFFICE.contains(&skill.name));
    little.map(|skill| skill.id.0).collect()
});

const COMMON_FACTOR: f64 = 0.3;
const OFFICE: [&str; 9] = [
    "Email",
    "Google Workspace",
    "Microsoft Excel",
    "Microsoft Office",
    "Microsoft Outlook",
    "Microsoft PowerPoint",
    "Microsoft Windows",
    "Microsoft Word",
    "Typing",
];

/// The terms of a skill, for retrieval: all numbers that are it.
pub fn skill_word(taxonomy: &Taxonomy, skill: SkillId, weight: f64) -> Word {
    let numbers = taxonomy.links().numbers(skill).into_iter();
    let terms = numbers.map(|number| Alternative {
        terms: vec![(skill_term(number), number.key())],
        factor: 1.0,
        why: Why::Skill,
    });
    Word {
        word: String::new(),
        alternatives: terms.collect(),
        weight,
        frequency: 0,
        known: 0,
    }
}

/// BM25F's weighted frequency of a term and each group's part of it.
pub fn weighted_frequency(counts: [u32; GROUPS], norms: [f64; GROUPS]) -> ([f64; GROUPS], f64) {
    let mut parts = [0.0; GROUPS];
    let mut sum = 0.0;
    for group in 0..GROUPS {
        if counts[group] > 0 {
            parts[group] = GROUP_WEIGHTS[group].0 * f64::from(counts[group]) / norms[group];
            sum += parts[group];
        }
    }
    (parts, sum)
}

/// BM25F's length norm of each group: 1 − b + b · length / mean length.
pub fn length_norms(lengths: [u16; GROUPS], statistics: &Statistics) -> [f64; GROUPS] {
    std::array::from_fn(|group| {
        let b = GROUP_WEIGHTS[group].1;
        1.0 - b + b * f64::from(lengths[group]) / statistics.mean_length(group)
    })
}
