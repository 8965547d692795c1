//! Skills: what is asked for, what of it is met, by itself or in part. Owns the
//! credit of each wanted skill; how many points that is, is the score's.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

use tandem_index::document::{Group, Level};
use tandem_index::hash::PlainHash;
use tandem_index::segment::Segment;
use tandem_index::skills::{Dictionary, SkillId};
use tandem_index::statistics::Statistics;
use tandem_index::taxonomy::{CREDIT_WHOLE, Taxonomy};

use super::interval::{Met, Value};
use super::placed;
use super::source::Side;
use crate::query::{Query, level_factor, skill_weight};

/// Weight of wanted skills from which on a document is taken at its word: about
/// three required ones of middling rarity, or six that its prose names.
pub const WANTS_MIN: f64 = 12.0;

/// What a required skill that is a must has to be met by: a kind of it, or what
/// cannot be done without it (230), not what is merely like it.
const MUST_CREDIT: u16 = 200;
/// The same in percent, as it is shown.
pub(crate) const MUST_PERCENT: u8 = (MUST_CREDIT as u32 * 100 / CREDIT_WHOLE as u32) as u8;

/// A wanted skill and how it is met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wanted {
    /// Which.
    pub(crate) skill: u32,
    /// Whether it is required.
    pub(crate) required: bool,
    /// Whether it was listed, not found in prose.
    pub(crate) listed: bool,
    /// What it weighs.
    pub(crate) weight: f64,
    /// What of it is met, in 1/256.
    pub(crate) credit: u16,
    /// By which skill.
    pub(crate) by: u32,
}

/// What the skills of a pair come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Skills {
    /// Weight of required and of other wanted skills.
    pub(super) asked: [f64; 2],
    /// Values of both; `None` where there is none of the sort.
    pub(super) values: [Option<Value>; 2],
    /// How far the wants are listed: 1 where nothing has to stand in.
    pub(super) explicit: f64,
    /// Whether the offering side has said it all.
    pub(super) complete: bool,
    /// Whether the required ones are met.
    pub(super) met: Met,
}

// What of a demand is met, and by which skill: of two that meet as much the lower.
type Best = (u16, Reverse<u32>);

// What a skill of rows means to one query.
#[derive(Clone, Copy, Debug, Default)]
struct Meaning {
    // What holding it brings for demands of the source, as a range of `credits`.
    brings: (u32, u32),
    // What wanting it weighs, and what of that the source meets, by which skill;
    // `None` until a row wants it.
    wanted: Option<(f64, u16, u32)>,
}

// By a skill's number plus one its place in `known`: the dictionary's numbers are
// dense, others are hashes. 0 is none yet.
#[derive(Debug, Default)]
struct Meanings {
    numbered: Vec<u32>,
    others: HashMap<u32, u32, PlainHash>,
    known: Vec<Meaning>,
}

impl Meanings {
    fn of(&mut self, skill: u32) -> &mut Meaning {
        let place = match self.numbered.get_mut(skill as usize) {
            Some(place) => place,
            None => self.others.entry(skill).or_default(),
        };
        if *place == 0 {
            self.known.push(Meaning::default());
            *place = self.known.len() as u32;
        }
        &mut self.known[*place as usize - 1]
    }
}

// Of a skill the demands it meets in part, and what of each.
type Demands = HashMap<u32, Vec<(u32, u16)>, PlainHash>;

// Demands skills meet in part: `Links::neighbours` the other way
// round.
static MEETS: LazyLock<Demands> = LazyLock::new(|| {
    let mut meets = Demands::default();
    for demand in Dictionary::builtin().iter() {
        for near in Taxonomy::builtin().links().neighbours(demand.id) {
            let met = meets.entry(near.skill.0).or_default();
            met.push((demand.id.0, near.credit));
        }
    }
    meets
});

// Numbers of the dictionary end below this.
static NUMBERS: LazyLock<usize> = LazyLock::new(|| {
    let numbers = Dictionary::builtin()
        .iter()
        .map(|skill| skill.id.0 as usize + 1);
    numbers.max().unwrap_or(0)
});

/// Of every demand that skills meet, what of it they meet at best, and which does.
pub(crate) fn best_offers(offered: &[SkillId]) -> HashMap<u32, Best, PlainHash> {
    let mut best: HashMap<u32, Best, PlainHash> = HashMap::default();
    let mut offer = |demand: u32, credit: u16, by: SkillId| {
        let best = best.entry(demand).or_default();
        *best = (credit, Reverse(by.0)).max(*best);
    };
    for skill in offered {
        offer(skill.0, CREDIT_WHOLE, *skill);
        for (demand, credit) in MEETS.get(&skill.0).map_or(&[][..], Vec::as_slice) {
            offer(*demand, *credit, *skill);
        }
    }
    best
}

/// Matches skills of rows with those of one query.
pub(super) struct Matcher<'a> {
    query: &'a Query,
    statistics: &'a Statistics,
    // The rows' column of cities.
    city: Option<usize>,
    meanings: Meanings,
    // What of a demand the source's skills meet at best, and by which.
    offers: HashMap<u32, Best, PlainHash>,
    // Credits of a held skill for what the source asks: place of the demand, credit.
    credits: Vec<(u16, u16)>,
    // Of each demand of the source the best credit of the row, and by what.
    best: Vec<(u16, u32)>,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(query: &'a Query, statistics: &'a Statistics, city: Option<usize>) -> Self {
        let links = Taxonomy::builtin().links();
        let mut all: Vec<(u32, u16, u16)> = Vec::new();
        for (at, asked) in query.asked.iter().enumerate() {
            all.push((asked.skill.0, at as u16, CREDIT_WHOLE));
            // Who searches for a skill wants that skill.
            if query.source.is_some() {
                let near = links.neighbours(asked.skill).iter();
                all.extend(near.map(|near| (near.skill.0, at as u16, near.credit)));
            }
        }
        all.sort_unstable();
        let mut meanings = Meanings {
            numbered: vec![0; *NUMBERS],
            ..Meanings::default()
        };
        let mut credits = Vec::with_capacity(all.len());
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            let from = credits.len() as u32;
            credits.extend(same.iter().map(|(_, at, credit)| (*at, *credit)));
            meanings.of(same[0].0).brings = (from, credits.len() as u32);
        }
        let offers = if query.wanted_levels == 0 {
            HashMap::default()
        } else {
            best_offers(&query.offered)
        };
        Self {
            query,
            statistics,
            city,
            meanings,
            offers,
            credits,
            best: vec![(0, 0); query.asked.len()],
        }
    }

    // What a skill a row wants weighs, and what of it the source meets.
    fn wanted_by_row(&mut self, number: u32) -> (f64, u16, u32) {
        let (offers, statistics) = (&self.offers, self.statistics);
        *self.meanings.of(number).wanted.get_or_insert_with(|| {
            let (credit, Reverse(by)) = offers.get(&number).copied().unwrap_or_default();
            (skill_weight(SkillId(number), statistics), credit, by)
        })
    }

    /// Calls `wanted` for every skill that is wanted, by either side, and how it is
    /// met. Says whether the side that should offer names any, and whether it lists
    /// any.
    pub(super) fn each(
        &mut self,
        segment: &Segment,
        row: u32,
        mut wanted: impl FnMut(Wanted),
    ) -> (bool, bool) {
        let held = segment.terms.skills(row);
        let query = self.query;
        let (mut offers, mut lists) = (false, false);
        if !query.asked.is_empty() {
            self.best.fill((0, 0));
            for entry in held {
                let level = entry.payload() as u8;
                let Some(number) = entry.key().as_skill() else {
                    continue;
                };
                if level & query.asked_levels == 0 {
                    continue;
                }
                offers = true;
                lists |= level & Level::FOUND.0 == 0;
                let (from, to) = self.meanings.of(number).brings;
                for (at, credit) in &self.credits[from as usize..to as usize] {
                    let best = &mut self.best[usize::from(*at)];
                    if *credit > best.0 {
                        *best = (*credit, number);
                    }
                }
            }
            for (asked, (credit, by)) in query.asked.iter().zip(&self.best) {
                wanted(Wanted {
                    skill: asked.skill.0,
                    required: asked.required,
                    listed: asked.listed,
                    weight: asked.weight,
                    credit: *credit,
                    by: *by,
                });
            }
        }
        if query.wanted_levels != 0 {
            offers |= !query.offered.is_empty();
            for entry in held {
                let level = Level(entry.payload() as u8 & query.wanted_levels);
                let Some(number) = entry.key().as_skill().filter(|_| level.0 != 0) else {
                    continue;
                };
                let (rarity, credit, by) = self.wanted_by_row(number);
                wanted(Wanted {
                    skill: number,
                    required: level.0 & Level::REQUIRED.0 != 0,
                    listed: entry.payload() as u8 & Level::FOUND.0 == 0,
                    weight: rarity * level_factor(level),
                    credit,
                    by,
                });
            }
        }
        (offers, lists)
    }

    /// What the skills of the source and a row come to.
    pub(super) fn of(&mut self, segment: &Segment, row: u32) -> Skills {
        let mut asked = [0.0; 2];
        let mut found = [0.0; 2];
        let (mut listed, mut missing) = (0.0, false);
        let (offers, lists) = self.each(segment, row, |wanted| {
            let at = usize::from(!wanted.required);
            asked[at] += wanted.weight;
            found[at] += wanted.weight * f64::from(wanted.credit) / f64::from(CREDIT_WHOLE);
            missing |= wanted.required && wanted.credit < MUST_CREDIT;
            if wanted.listed {
                listed += wanted.weight;
            }
        });
        let query = self.query;
        let lead = query.source.as_ref().map(|source| source.sides.lead);
        let complete = match (lead, &query.source) {
            (Some(Side::Row), Some(source)) => source.complete,
            (Some(Side::Source | Side::Both), _) => {
                let lengths = segment.terms.lengths(row);
                let has = |group: Group| lengths[group as usize] > 0;
                lists && has(Group::Title) && has(Group::Text) && placed(self.city, segment, row)
            }
            // The words of a document that is searched are what they are.
            (None, _) | (Some(Side::Row), None) => true,
        };
        // A document that names one skill has hardly said what it wants.
        let sure = if query.wanted_levels != 0 && !query.offered.is_empty() {
            ((asked[0] + asked[1]) / WANTS_MIN).min(1.0)
        } else {
            1.0
        };
        let value = |at: usize| {
            (asked[at] > 0.0).then(|| {
                let value = found[at] / asked[at] * sure;
                match offers {
                    true if !complete => Value::between(value, 0.0, 1.0),
                    true if sure < 1.0 => Value::between(value, value, 1.0),
                    true => Value::known(value),
                    false => Value::unknown(),
                }
            })
        };
        Skills {
            asked,
            values: [value(0), value(1)],
            explicit: (listed / WANTS_MIN).min(1.0),
            complete,
            met: match (missing, complete && offers) {
                (_, false) if asked[0] > 0.0 => Met::Open,
                (true, true) => Met::No,
                (false, true) | (_, false) => Met::Yes,
            },
        }
    }
}
