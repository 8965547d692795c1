//! The score: one function of (query, row), in parts. Owns how the formulas of
//! docs/score.md, each in a file of its own, come together; everything that
//! shows, sorts or explains a score calls `Scorer::score`.

mod adjust;
mod education;
mod experience;
mod interval;
mod matched;
mod needles;
mod skills;
mod source;
mod tables;
mod text;
pub(crate) mod words;

use tandem_index::bits::Bits;
use tandem_index::document::{GROUPS, Group};
use tandem_index::kinds::{FactColumns, Kind, Meaning, Role};
use tandem_index::segment::Segment;
use tandem_index::statistics::Statistics;
use tandem_index::vectors::Cosine;

use crate::components::{BOOST_BOUNDS, Component, LEAVES, Leaf, POINTS, share, share_search};
use crate::profiles::Must;
use crate::query::{BOOSTS_MAX, Query};
pub(crate) use education::{degree_value, language_credit};
use experience::TitleWords;
pub(crate) use experience::{OCCUPATION_FACTOR, kinship_of, rank_value, relatedness, years_value};
use interval::{Met, Value};
pub use interval::{Part, Score};
pub use skills::WANTS_MIN;
pub(crate) use skills::{MUST_PERCENT, Wanted, best_offers};
use skills::{Matcher, Skills};
pub use source::{Certificate, Side, Sides, SourceFacts, Spoken};
use tables::BySegment;
use text::Text;
pub(crate) use words::{
    degree as degree_of, degree_name, is_check, language as language_of, rank as rank_of,
    same as same_word,
};

/// Contributions with a name of their own, in their order.
pub const PART_NAMES: [&str; NAMED] = [
    "text.title",
    "text.name",
    "text.skills",
    "text.text",
    "similarity",
    "skills.required",
    "skills.preferred",
    "title",
    "years",
    "seniority",
    "degree",
    "languages",
    "certificates",
    "place",
    "pay",
    "availability",
    "contract",
    "freshness",
    "rating",
];

pub(crate) const TEXT: usize = 0;
pub(crate) const SIMILARITY: usize = 4;
pub(crate) const REQUIRED: usize = 5;
const TITLE: usize = 7;
const YEARS: usize = 8;
const SENIORITY: usize = 9;
const DEGREE: usize = 10;
const LANGUAGES: usize = 11;
const CERTIFICATES: usize = 12;
/// Where the skills group ends, experience, education, and all that shares the
/// million.
pub(crate) const SKILLS_END: usize = TITLE;
pub(crate) const EXPERIENCE_END: usize = DEGREE;
pub(crate) const EDUCATION_END: usize = CERTIFICATES;
pub(crate) const BASE: usize = 13;
const PLACE: usize = 13;
const PAY: usize = 14;
const AVAILABILITY: usize = 15;
const CONTRACT: usize = 16;
const FRESHNESS: usize = 17;
const RATING: usize = 18;
/// From here on boosts, one a place.
pub(crate) const NAMED: usize = 19;
/// Contributions a score is the sum of, but for limit and gate.
pub const PARTS: usize = NAMED + BOOSTS_MAX;

/// Most words of a place: a document with no more than these says where it is and
/// nothing else.
const PLACE_WORDS_MAX: u16 = 6;

/// Cosine at which a similarity is worth nothing.
const SIMILARITY_LOW: f64 = 0.15;
/// Cosine at which a similarity is worth everything.
const SIMILARITY_HIGH: f64 = 0.85;

/// What the formulas of a match look at, beside the row.
#[derive(Clone, Copy)]
struct Pair<'a> {
    query: &'a Query,
    source: &'a SourceFacts,
    wants_remote: bool,
    // Whether the source says hours, and the form of a contract.
    contract: [bool; 2],
}

/// Scores rows of one collection for one query.
pub struct Scorer<'a> {
    query: &'a Query,
    columns: FactColumns,
    wants_remote: bool,
    contract: [bool; 2],
    text: Text<'a>,
    skills: Matcher<'a>,
    title: TitleWords,
    tables: BySegment,
    // Shares of a match by what is active.
    shares: Vec<[i32; LEAVES]>,
    // Leaves that have to be looked at: for their points, or because they are musts.
    looked_at: u8,
    // What adjustments can take and add.
    bounds: [(i32, i32); NAMED - BASE],
    best: Vec<(f64, f64, f64)>,
}

const ADJUSTMENTS: [Component; NAMED - BASE] = [
    Component::Place,
    Component::Pay,
    Component::Availability,
    Component::Contract,
    Component::Freshness,
    Component::Rating,
];

impl<'a> Scorer<'a> {
    /// A scorer for rows of `kind`.
    pub fn new(query: &'a Query, kind: &Kind, statistics: &'a Statistics) -> Self {
        let role = |meaning| kind.meaning(meaning).map_or(Role::Is, |field| field.role);
        let musts = [
            (Leaf::Skills, Must::SkillsRequired),
            (Leaf::Years, Must::Years),
            (Leaf::Degree, Must::Degree),
            (Leaf::Languages, Must::Languages),
            (Leaf::Certificates, Must::Certificates),
        ];
        let must = |leaf: Leaf| {
            let mut musts = musts.iter().filter(|(of, _)| *of == leaf);
            musts.any(|(_, must)| query.musts & must.bit() != 0)
        };
        let leaves = [
            Leaf::Skills,
            Leaf::Title,
            Leaf::Years,
            Leaf::Seniority,
            Leaf::Degree,
            Leaf::Languages,
            Leaf::Certificates,
        ];
        let looked_at = leaves
            .into_iter()
            .filter(|leaf| leaf.counts(&query.weights) || must(*leaf));
        Self {
            query,
            columns: kind.facts(),
            wants_remote: role(Meaning::Remote) == Role::Wants,
            contract: adjust::says(
                query
                    .source
                    .as_ref()
                    .map_or(&[][..], |source| source.contract.as_slice()),
            ),
            text: Text::new(&query.words, statistics),
            skills: Matcher::new(query, statistics, kind.facts().city),
            title: TitleWords::of(&query.title),
            tables: BySegment::default(),
            shares: (0..1 << LEAVES)
                .map(|active| share(&query.weights, active as u8))
                .collect(),
            looked_at: looked_at.map(Leaf::bit).sum(),
            bounds: ADJUSTMENTS.map(|component| component.scaled(&query.weights)),
            best: Vec::new(),
        }
    }

    /// The score of a row. Panics only for a row the segment does not have.
    pub fn score(&mut self, segment: &Segment, row: u32) -> Score {
        self.scored(segment, row, None)
    }

    /// About the score of a row whose text has this value: what a leg knows of it.
    pub(crate) fn estimate(&mut self, segment: &Segment, row: u32, text: f64) -> u32 {
        self.scored(segment, row, Some(text)).total()
    }

    /// Calls `wanted` for every skill wanted by either side of a pair. Says whether
    /// the side that should offer names any.
    pub(crate) fn wanted(
        &mut self,
        segment: &Segment,
        row: u32,
        wanted: impl FnMut(Wanted),
    ) -> bool {
        self.skills.each(segment, row, wanted).0
    }

    fn scored(&mut self, segment: &Segment, row: u32, text: Option<f64>) -> Score {
        let query = self.query;
        let mut score = Score::default();
        let asks = match &query.source {
            Some(source) => {
                self.matched(segment, row, text, source, &mut score);
                true
            }
            None => self.searched(segment, row, text, &mut score),
        };
        let number = |column: Option<usize>| segment.columns[column?].number(row);
        if self.columns.posted.is_some() {
            // Where nothing else is asked, the newest is the best.
            let whole = !asks && self.bounds[FRESHNESS - BASE] != (0, 0);
            let bounds = if whole {
                (0, POINTS as i32)
            } else {
                self.bounds[FRESHNESS - BASE]
            };
            let value = adjust::freshness(query.now_ms, number(self.columns.posted));
            score.parts[FRESHNESS] = Part::adjustment(bounds, value);
        }
        if self.columns.rating.is_some() {
            let (rating, ratings) = (self.columns.rating, self.columns.ratings);
            let value = adjust::rating(number(rating), number(ratings));
            score.parts[RATING] = Part::adjustment(self.bounds[RATING - BASE], value);
        }
        self.boosts(segment, row, &mut score);
        score.insufficient = asks && self.says_nothing(segment, row);
        score.close();
        score
    }

    fn says_nothing(&self, segment: &Segment, row: u32) -> bool {
        let columns = &self.columns;
        let facts = [
            columns.years,
            columns.seniority,
            columns.occupation,
            columns.degree,
            columns.languages,
            columns.languages_preferred,
            columns.certificates,
            columns.certificates_preferred,
        ];
        // Where it is are words too.
        let [0, 0, 0, words] = segment.terms.lengths(row) else {
            return false;
        };
        let placed = columns.city.is_some() && placed(columns.city, segment, row);
        let silent = words == 0 || (placed && words <= PLACE_WORDS_MAX);
        silent
            && segment.terms.skill_count(row) == 0
            && (words > 0 || segment.vectors.words(row).is_none())
            && !facts
                .into_iter()
                .flatten()
                .any(|at| segment.columns[at].known(row))
    }

    // Whether the search asks anything at all.
    fn searched(
        &mut self,
        segment: &Segment,
        row: u32,
        text: Option<f64>,
        score: &mut Score,
    ) -> bool {
        let query = self.query;
        let has = [
            !query.words.is_empty(),
            query.vector.is_some(),
            !query.asked.is_empty(),
        ];
        let [words, similarity, skills] = share_search(&query.weights, has);
        if words > 0 {
            self.text_part(segment, row, (words, text, false), score);
        }
        if similarity > 0 {
            let value = self.similarity(segment, row, false);
            score.parts[SIMILARITY] = Part::share(similarity, value);
        }
        let must = query.musts & Must::SkillsRequired.bit() != 0;
        if skills > 0 || (must && has[2]) {
            let found = self.skills.of(segment, row);
            skills_parts(&found, skills, score);
            gate(score, query.musts, Must::SkillsRequired, found.met);
        }
        words + similarity + skills > 0
    }

    fn text_part(
        &mut self,
        segment: &Segment,
        row: u32,
        (max, known, open): (i32, Option<f64>, bool),
        score: &mut Score,
    ) {
        let values = match known {
            // Which group it is in makes no difference to the sum.
            Some(value) => [0.0, 0.0, 0.0, value],
            None => self.text.values(segment, row),
        };
        let lengths = segment.terms.lengths(row);
        let says = lengths != [0; GROUPS] && !self.query.words.is_empty();
        let silent = self.query.source.is_some() && !says;
        let mut left = max;
        for (group, value) in values.into_iter().enumerate() {
            let last = group == Group::Text as usize;
            let mut part = Part::share(max, Value::known(value));
            if open || silent {
                part.low = 0;
                // All four together can come to `max`.
                part.high = if last { left } else { part.points };
                part.unknown = silent;
            }
            left = (left - part.points).max(0);
            score.parts[TEXT + group] = part;
        }
    }

    fn similarity(&self, segment: &Segment, row: u32, open: bool) -> Value {
        let vector = self.query.vector.as_ref();
        let cosine = vector.and_then(|vector| segment.vectors.similarity(row, vector));
        cosine.map_or_else(Value::unknown, |cosine| {
            let value = similarity_value(cosine);
            if open {
                Value::between(value, 0.0, 1.0)
            } else {
                Value::known(value)
            }
        })
    }

    fn boosts(&mut self, segment: &Segment, row: u32, score: &mut Score) {
        let query = self.query;
        if query.boosts.is_empty() {
            return;
        }
        let tables = self.tables.of(segment);
        let rows = tables.boosts.get_or_insert_with(|| {
            let rows = query.boosts.iter().map(|boost| {
                let mut rows = Bits::full(segment.rows() as usize);
                for filter in &boost.filters {
                    rows.and_assign(&filter.rows(segment));
                }
                rows
            });
            rows.collect()
        });
        // What is left of the bounds, in the request's order.
        let (mut low, mut high) = BOOST_BOUNDS;
        for (at, (boost, rows)) in query.boosts.iter().zip(rows).enumerate() {
            let points = boost.points.clamp(low, high);
            let known = |at: &usize| segment.columns[*at].known(row);
            let mut columns = boost.filters.iter().flat_map(|filter| &filter.columns);
            let open = !columns.all(known);
            let has = rows.get(row);
            let given = if has { points } else { 0 };
            if has {
                low -= points.min(0);
                high -= points.max(0);
            }
            score.parts[NAMED + at] = Part {
                points: given,
                min: points.min(0),
                max: points.max(0),
                low: if open { points.min(0) } else { given },
                high: if open { points.max(0) } else { given },
                unknown: false,
            };
        }
    }
}

// Whether a row says where it is, where it could.
fn placed(city: Option<usize>, segment: &Segment, row: u32) -> bool {
    city.is_none_or(|city| {
        let columns = &segment.columns[city..city + 5];
        columns.iter().any(|column| column.known(row))
    })
}

fn gate(score: &mut Score, musts: u8, must: Must, met: Met) {
    let bit = musts & must.bit();
    match met {
        Met::Yes => {}
        Met::No => score.failed |= bit,
        Met::Open => score.unsure |= bit,
    }
}

// The share of required and of other skills, by the weight of each.
fn skills_parts(found: &Skills, max: i32, score: &mut Score) {
    let asked = found.asked[0] + found.asked[1];
    if asked <= 0.0 {
        score.parts[REQUIRED] = Part::share(max, Value::unknown());
        return;
    }
    let required = (f64::from(max) * found.asked[0] / asked) as i32;
    for (at, max) in [required, max - required].into_iter().enumerate() {
        if let Some(value) = found.values[at] {
            score.parts[REQUIRED + at] = Part::share(max, value);
        }
    }
}

/// The similarity table: cosine to 0…1, linear between two bends.
pub fn similarity_value(cosine: Cosine) -> f64 {
    ((cosine.value() - SIMILARITY_LOW) / (SIMILARITY_HIGH - SIMILARITY_LOW)).clamp(0.0, 1.0)
}
