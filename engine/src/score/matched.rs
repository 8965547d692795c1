//! A match: two documents, compared by what either side wants. Owns how leaves,
//! the skills group and the adjustments of a pair come together.

use tandem_index::document::Group as Texts;
use tandem_index::segment::Segment;

use super::interval::{Met, Part, Score, Value};
use super::skills::Skills;
use super::source::{Side, SourceFacts};
use super::{
    AVAILABILITY, BASE, CERTIFICATES, CONTRACT, DEGREE, LANGUAGES, PAY, PLACE, Pair, SENIORITY,
    SIMILARITY, Scorer, TITLE, YEARS, adjust, education, experience, gate, placed, skills_parts,
};
use crate::components::{Component, LEAVES, Leaf};
use crate::profiles::Must;

// What the skills group of a pair is made of.
struct Group {
    found: Skills,
    max: i32,
    text: Option<f64>,
    near: Option<Value>,
    open: bool,
}

impl<'a> Scorer<'a> {
    pub(super) fn matched(
        &mut self,
        segment: &Segment,
        row: u32,
        text: Option<f64>,
        source: &'a SourceFacts,
        score: &mut Score,
    ) {
        let query = self.query;
        let pair = self.pair(source);
        let looked_at = self.looked_at;
        let skills = (looked_at & Leaf::Skills.bit() != 0).then(|| self.skills.of(segment, row));
        // Every word that is added changes text and vector.
        let placed = placed(self.columns.city, segment, row);
        let complete = skills.is_some_and(|skills| skills.complete);
        let open = !(complete && source.placed && placed);
        let near = source
            .comparable
            .then(|| self.similarity(segment, row, open));
        let tables = self.tables.of(segment);
        let best = &mut self.best;
        let mut active = looked_at & Leaf::Skills.bit();
        let mut values = [None; LEAVES];
        let mut look = |leaf: Leaf, value: &mut dyn FnMut() -> Option<Value>| {
            if looked_at & leaf.bit() != 0 {
                values[leaf as usize] = value();
                active |= leaf.bit() * u8::from(values[leaf as usize].is_some());
            }
        };
        let title = experience::title(pair, tables, segment, row, &self.title);
        let related = experience::relevance(title, near);
        let times = |value: Value| value.times(related);
        look(Leaf::Title, &mut || Some(title));
        look(Leaf::Years, &mut || {
            experience::years(pair, segment, row).map(times)
        });
        look(Leaf::Seniority, &mut || {
            experience::seniority(pair, tables, segment, row).map(times)
        });
        look(Leaf::Degree, &mut || {
            education::degree(pair, tables, segment, row).map(times)
        });
        look(Leaf::Languages, &mut || {
            education::languages(pair, tables, (segment, row), best).map(times)
        });
        look(Leaf::Certificates, &mut || {
            education::certificates(pair, tables, (segment, row), best).map(times)
        });
        let shares = self.shares[usize::from(active)];
        let sides = &source.sides;
        let named = [
            (Leaf::Title, TITLE, None),
            (Leaf::Years, YEARS, Some((Must::Years, sides.years))),
            (Leaf::Seniority, SENIORITY, None),
            (Leaf::Degree, DEGREE, Some((Must::Degree, sides.degree))),
            (
                Leaf::Languages,
                LANGUAGES,
                Some((Must::Languages, sides.languages)),
            ),
            (
                Leaf::Certificates,
                CERTIFICATES,
                Some((Must::Certificates, sides.certificates)),
            ),
        ];
        for (leaf, part, must) in named {
            let value = values[leaf as usize];
            if let Some(value) = value {
                score.parts[part] = Part::share(shares[leaf as usize], value);
            }
            if let Some((must, side)) = must {
                gate(score, query.musts, must, met(value, side));
            }
        }
        if let Some(found) = skills {
            let group = Group {
                found,
                max: shares[Leaf::Skills as usize],
                text,
                near,
                open,
            };
            self.skills_group(segment, row, source, &group, score);
        }
        self.adjusted(segment, row, pair, score);
    }

    fn pair(&self, source: &'a SourceFacts) -> Pair<'a> {
        Pair {
            query: self.query,
            source,
            wants_remote: self.wants_remote,
            contract: self.contract,
        }
    }

    /// About the value of a row's title, which has this part of the source's; 0 in a
    /// search.
    pub(crate) fn about_title(&mut self, segment: &Segment, row: u32, part: f32) -> f32 {
        let Some(source) = &self.query.source else {
            return 0.0;
        };
        let (pair, tables) = (self.pair(source), self.tables.of(segment));
        let kinship = experience::kinship(pair, tables, segment, row).unwrap_or(0.0);
        let length = segment.terms.lengths(row)[Texts::Title as usize];
        self.title.about(part, kinship, length)
    }

    // What is asked for explicitly, and what stands in for it.
    fn skills_group(
        &mut self,
        segment: &Segment,
        row: u32,
        source: &SourceFacts,
        group: &Group,
        score: &mut Score,
    ) {
        let query = self.query;
        let Group {
            found,
            max,
            text,
            near: similarity,
            open,
        } = *group;
        let weight = |component: Component| query.weights[component as usize];
        let most = weight(Component::StandIns) / 100.0;
        let stand_ins = (most * (1.0 - found.explicit)).max(2.0 * most - 1.0);
        // Where the row asks, words and vector are what the source has to offer, and
        // can be unknown.
        let offers = source.sides.lead == Side::Row;
        let has_words = offers || !query.words.is_empty();
        let has_vector = query.vector.is_some() || (offers && source.comparable);
        let words = weight(Component::Text) * f64::from(u8::from(has_words));
        let near = weight(Component::Similarity) * f64::from(u8::from(has_vector));
        let mut left = max;
        if words + near > 0.0 {
            let points = (f64::from(max) * stand_ins) as i32;
            let words = (f64::from(points) * words / (words + near)) as i32;
            left = max - points;
            if words > 0 {
                self.text_part(segment, row, (words, text, open), score);
            }
            if points > words {
                let value = similarity.unwrap_or_else(Value::unknown);
                score.parts[SIMILARITY] = Part::share(points - words, value);
            }
        }
        skills_parts(&found, left, score);
        if source.sides.lead != Side::Both {
            gate(score, query.musts, Must::SkillsRequired, found.met);
        }
    }

    fn adjusted(&mut self, segment: &Segment, row: u32, pair: Pair<'_>, score: &mut Score) {
        let musts = self.query.musts;
        let tables = self.tables.of(segment);
        let bounds = |part: usize| self.bounds[part - BASE];
        let mut put = |part: usize, value: Option<Value>| {
            if let Some(value) = value {
                score.parts[part] = Part::adjustment(bounds(part), value);
            }
        };
        if bounds(PLACE) != (0, 0) {
            put(PLACE, adjust::place(pair, tables, segment, row));
        }
        if bounds(AVAILABILITY) != (0, 0) {
            put(AVAILABILITY, adjust::availability(pair, segment, row));
        }
        let pay = adjust::pay(pair, tables, segment, row);
        put(PAY, pay);
        let contract = adjust::contract(pair, tables, segment, row);
        put(CONTRACT, contract);
        let sides = &pair.source.sides;
        gate(score, musts, Must::Pay, met(pay, sides.pay));
        gate(score, musts, Must::Contract, met(contract, sides.contract));
        if musts & Must::Remote.bit() != 0 {
            let met = adjust::remote(pair, tables, segment, row);
            gate(score, musts, Must::Remote, met);
        }
    }
}

// What both sides only compare is no must, and what nobody wants is met.
fn met(value: Option<Value>, side: Option<Side>) -> Met {
    match (value, side) {
        (Some(value), Some(Side::Source | Side::Row)) => value.met,
        (None, _) | (_, Some(Side::Both) | None) => Met::Yes,
    }
}
