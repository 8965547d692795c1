//! The score: one function of (query, row). Owns the formulas of docs/score.md;
//! everything that shows, sorts or explains a score calls `Scorer::score`.

mod needles;

use std::collections::HashMap;

use tandem_index::analysis::TermKey;
use tandem_index::columns::Column;
use tandem_index::document::{GROUPS, Group, Level};
use tandem_index::gazetteer::distance_km;
use tandem_index::hash::PlainHash;
use tandem_index::kinds::{FactColumns, Kind, Role};
use tandem_index::rates::convert;
use tandem_index::row::Entry;
use tandem_index::segment::Segment;
use tandem_index::statistics::Statistics;
use tandem_index::vectors::Cosine;

use crate::components::Component;
use crate::query::{
    K1, PayFact, PlaceFact, Query, Word, length_norms, skill_weight, weighted_frequency,
};
use needles::Needles;

/// Contributions a score is the sum of, in their order.
pub const PARTS: usize = 12;

/// Names of the contributions.
pub const PART_NAMES: [&str; PARTS] = [
    "text.title",
    "text.name",
    "text.skills",
    "text.text",
    "similarity",
    "skills.required",
    "skills.preferred",
    "title",
    "years",
    "place",
    "pay",
    "freshness",
];

const SIMILARITY: usize = 4;
const REQUIRED: usize = 5;
const TITLE: usize = 7;
const YEARS: usize = 8;
const PLACE: usize = 9;
const PAY: usize = 10;
const FRESHNESS: usize = 11;

/// A score in parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Points of each part; the score is their sum.
    pub points: [u32; PARTS],
    /// The most each part could have added for this query and row.
    pub max: [u32; PARTS],
    /// Bit n: the row says nothing about part n.
    pub unknown: u16,
}

impl Score {
    /// The score.
    pub fn total(&self) -> u32 {
        self.points.iter().sum()
    }
}

/// Cosine at which a similarity is worth nothing.
const SIMILARITY_LOW: f64 = 0.15;
/// Cosine at which a similarity is worth everything.
const SIMILARITY_HIGH: f64 = 0.85;
/// Weight of wanted skills from which on a document is taken at its word: about
/// three required ones of middling rarity, or six that its prose names.
pub const WANTS_MIN: f64 = 12.0;
const DAY_MS: f64 = 86_400_000.0;
const FRESHNESS_HALF_LIFE_DAYS: f64 = 30.0;
const NEAR_KM: f64 = 25.0;
const FAR_KM: f64 = 100.0;

/// Scores rows of one collection for one query.
pub struct Scorer<'a> {
    query: &'a Query,
    statistics: &'a Statistics,
    facts: FactColumns,
    offers_pay: Role,
    wants_years: bool,
    wants_remote: bool,
    needles: Needles,
    word_weight: f64,
    title_weight: f64,
    best: Vec<([f64; GROUPS], f64)>,
    rarity: HashMap<u64, f64, PlainHash>,
}

impl<'a> Scorer<'a> {
    /// A scorer for rows of `kind`.
    pub fn new(query: &'a Query, kind: &Kind, statistics: &'a Statistics) -> Self {
        use tandem_index::kinds::Meaning;
        let role = |meaning| kind.meaning(meaning).map_or(Role::Is, |field| field.role);
        Self {
            query,
            statistics,
            facts: kind.facts(),
            offers_pay: role(Meaning::Pay),
            wants_years: role(Meaning::Years) == Role::Wants,
            wants_remote: role(Meaning::Remote) == Role::Wants,
            needles: Needles::of(&query.words),
            word_weight: query.words.iter().map(|word| word.weight).sum(),
            title_weight: query.title.iter().map(|word| word.weight).sum(),
            best: vec![([0.0; GROUPS], 0.0); query.words.len()],
            rarity: HashMap::default(),
        }
    }

    /// The score of a row. Panics only for a row the segment does not have.
    pub fn score(&mut self, segment: &Segment, row: u32) -> Score {
        let mut score = Score::default();
        let max = |component| self.query.maxima.of(component);
        let (text, similarity, skills, title) = (
            max(Component::Text),
            max(Component::Similarity),
            max(Component::Skills),
            max(Component::Title),
        );
        let facts = [
            (YEARS, max(Component::Years)),
            (PLACE, max(Component::Place)),
            (PAY, max(Component::Pay)),
            (FRESHNESS, max(Component::Freshness)),
        ];
        if text > 0 {
            self.text(segment, row, text, &mut score);
        }
        if similarity > 0 {
            let cosine = self
                .query
                .vector
                .as_ref()
                .and_then(|vector| segment.vectors.similarity(row, vector));
            set(
                &mut score,
                SIMILARITY,
                similarity,
                cosine.map(similarity_value),
            );
        }
        if skills > 0 {
            self.skills(segment, row, skills, &mut score);
        }
        if title > 0 {
            set(&mut score, TITLE, title, self.title(segment, row));
        }
        for (part, max) in facts.into_iter().filter(|(_, max)| *max > 0) {
            let value = match part {
                YEARS => self.years(segment, row),
                PLACE => self.place(segment, row),
                PAY => self.pay(segment, row),
                _ => self.freshness(segment, row),
            };
            set(&mut score, part, max, value);
        }
        score
    }

    fn text(&mut self, segment: &Segment, row: u32, max: u32, score: &mut Score) {
        let norms = length_norms(segment.terms.lengths(row), self.statistics);
        self.best.fill(([0.0; GROUPS], 0.0));
        let words = &self.query.words;
        let best = &mut self.best;
        let mut count = |word: u32, factor: f64, counts: [u32; GROUPS]| {
            let (parts, tf) = weighted_frequency(counts, norms);
            let saturated = factor * tf / (K1 + tf);
            let best = &mut best[word as usize];
            if saturated > best.1 {
                *best = (parts.map(|part| part / tf), saturated);
            }
        };
        self.needles.count(segment, row, &mut count);
        let mut sums = [0.0; GROUPS];
        for (word, (parts, saturated)) in words.iter().zip(&self.best) {
            for (sum, part) in sums.iter_mut().zip(parts) {
                *sum += word.weight * saturated * part;
            }
        }
        for (group, sum) in sums.into_iter().enumerate() {
            let value = if self.word_weight > 0.0 {
                sum / self.word_weight
            } else {
                0.0
            };
            set(score, group, max, Some(value));
        }
    }

    fn rarity(&mut self, key: TermKey) -> f64 {
        let statistics = self.statistics;
        *self.rarity.entry(key.0).or_insert_with(|| {
            let skill = tandem_index::skills::SkillId(key.as_skill().unwrap_or_default());
            skill_weight(skill, statistics)
        })
    }

    fn skills(&mut self, segment: &Segment, row: u32, max: u32, score: &mut Score) {
        let held = segment.terms.skills(row);
        // (found, asked) of required and of preferred skills.
        let mut sums = [(0.0, 0.0); 2];
        let query = self.query;
        let offers = held
            .iter()
            .any(|entry| entry.payload() as u8 & query.asked_levels != 0);
        if offers {
            for asked in &query.asked {
                let sum = &mut sums[usize::from(!asked.required)];
                sum.1 += asked.weight;
                if has_skill(held, asked.skill.0, query.asked_levels) {
                    sum.0 += asked.weight;
                }
            }
        }
        if query.wanted_levels != 0 && !query.offered.is_empty() {
            for entry in held {
                let level = entry.payload() as u8 & query.wanted_levels;
                let Some(number) = entry.key().as_skill().filter(|_| level != 0) else {
                    continue;
                };
                let required = level & Level::REQUIRED.0 != 0;
                let weight = self.rarity(entry.key()) * if required { 1.0 } else { 0.5 };
                let sum = &mut sums[usize::from(!required)];
                sum.1 += weight;
                if query
                    .offered
                    .binary_search(&tandem_index::skills::SkillId(number))
                    .is_ok()
                {
                    sum.0 += weight;
                }
            }
        }
        let asked = sums[0].1 + sums[1].1;
        // A document that names one skill has hardly said what it wants.
        let wants = query.wanted_levels != 0 && !query.offered.is_empty();
        let sure = if wants {
            (asked / WANTS_MIN).min(1.0)
        } else {
            1.0
        };
        if asked <= 0.0 {
            set(score, REQUIRED, max, None);
            return;
        }
        let required = (f64::from(max) * sums[0].1 / asked) as u32;
        for (at, max) in [required, max - required].into_iter().enumerate() {
            let (found, asked) = (sums[at].0, sums[at].1);
            if asked > 0.0 {
                set(score, REQUIRED + at, max, Some(found / asked * sure));
            }
        }
    }

    fn title(&self, segment: &Segment, row: u32) -> Option<f64> {
        let length = segment.terms.lengths(row)[Group::Title as usize];
        if length == 0 {
            return None;
        }
        let in_title = |word: &Word| {
            word.alternatives.iter().any(|alternative| {
                let [(_, key)] = alternative.terms.as_slice() else {
                    return false;
                };
                segment
                    .terms
                    .get(row, *key)
                    .is_some_and(|entry| entry.count(Group::Title as usize) > 0)
            })
        };
        let (mut weight, mut count) = (0.0, 0_u32);
        for word in self.query.title.iter().filter(|word| in_title(word)) {
            weight += word.weight;
            count += 1;
        }
        if count == 0 || self.title_weight <= 0.0 {
            return Some(0.0);
        }
        let recall = weight / self.title_weight;
        let precision = (f64::from(count) / f64::from(length)).min(1.0);
        Some(2.0 * recall * precision / (recall + precision))
    }

    fn years(&self, segment: &Segment, row: u32) -> Option<f64> {
        let held = segment.columns[self.facts.years?].number(row)?;
        let (own, role) = self.query.years?;
        let wants = role == Role::Wants;
        if wants == self.wants_years {
            return Some(1.0 - ((own - held).abs() / 10.0).min(1.0));
        }
        let (wanted, offered) = if wants { (own, held) } else { (held, own) };
        Some(if wanted <= 0.0 {
            1.0
        } else {
            (offered / wanted).clamp(0.0, 1.0)
        })
    }

    fn place(&self, segment: &Segment, row: u32) -> Option<f64> {
        let own = self.query.place.as_ref()?;
        let column = |at: Option<usize>| at.map(|at| &segment.columns[at]);
        let remote = column(self.facts.remote).and_then(|column| column.word(row));
        // The side that does not want, but is, remote can be anywhere.
        let anywhere = if self.wants_remote {
            own.remote.as_deref()
        } else {
            remote
        };
        if anywhere == Some("remote") {
            return Some(1.0);
        }
        let city = self.facts.city?;
        let columns = &segment.columns[city..city + 5];
        let by_name = by_name(own, columns, row);
        let by_distance = own
            .coordinates
            .zip(columns[3].number(row).zip(columns[4].number(row)))
            .map(|(a, b)| {
                let km = distance_km(a, b);
                ((FAR_KM - km) / (FAR_KM - NEAR_KM)).clamp(0.0, 1.0)
            });
        match (by_name, by_distance) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        }
    }

    fn pay(&self, segment: &Segment, row: u32) -> Option<f64> {
        let own: &PayFact = self.query.pay.as_ref()?;
        let at = self.facts.pay_min?;
        let number = |at: usize| segment.columns[at].number(row).unwrap_or(f64::NAN);
        let held = (number(at), number(at + 1));
        // Amounts without a currency are compared as they stand; one without a
        // rate cannot be.
        let rate = match (own.currency.as_deref(), segment.columns[at + 2].word(row)) {
            (Some(own), Some(held)) if own != held => convert(1.0, own, held)?,
            _ => 1.0,
        };
        let (own_min, own_max) = (own.min * rate, own.max * rate);
        let own_wants = own.role == Role::Wants;
        if own_wants == (self.offers_pay == Role::Wants) {
            // Two of a kind: the closer the better.
            let (a, b) = (middle(own_min, own_max)?, middle(held.0, held.1)?);
            return Some(1.0 - ((a - b).abs() / a.max(b).max(1.0)).min(1.0));
        }
        let (wanted, offered) = if own_wants {
            ((own_min, own_max), held)
        } else {
            (held, (own_min, own_max))
        };
        let wanted = first_known(wanted.0, wanted.1)?;
        let offered = first_known(offered.1, offered.0)?;
        if offered >= wanted {
            return Some(1.0);
        }
        Some((1.0 - 2.0 * (wanted - offered) / wanted).max(0.0))
    }

    fn freshness(&self, segment: &Segment, row: u32) -> Option<f64> {
        let posted = segment.columns[self.facts.posted?].number(row)?;
        let age_days = ((self.query.now_ms as f64 - posted) / DAY_MS).max(0.0);
        Some(libm::exp2(-age_days / FRESHNESS_HALF_LIFE_DAYS))
    }
}

/// The similarity table: cosine to 0…1, linear between two bends.
pub fn similarity_value(cosine: Cosine) -> f64 {
    ((cosine.value() - SIMILARITY_LOW) / (SIMILARITY_HIGH - SIMILARITY_LOW)).clamp(0.0, 1.0)
}

/// Whether a row's skills hold one at one of these levels.
pub fn has_skill(held: &[Entry], number: u32, levels: u8) -> bool {
    let from = Entry(TermKey::skill(number).0 << 16);
    held.get(held.partition_point(|entry| *entry < from))
        .is_some_and(|entry| entry.key() == from.key() && entry.payload() as u8 & levels != 0)
}

fn set(score: &mut Score, part: usize, max: u32, value: Option<f64>) {
    score.max[part] = max;
    match value {
        Some(value) => score.points[part] = (f64::from(max) * value.clamp(0.0, 1.0)) as u32,
        None => score.unknown |= 1 << part,
    }
}

fn by_name(own: &PlaceFact, columns: &[Column], row: u32) -> Option<f64> {
    let same = |part: usize| {
        let held = columns[part].word(row)?;
        let own = own.names[part].as_deref()?;
        Some(held.to_lowercase() == own)
    };
    let (city, region, country) = (same(0), same(1), same(2));
    if city.is_none() && region.is_none() && country.is_none() {
        return None;
    }
    Some(match (city, region, country) {
        (_, _, Some(false)) => 0.0,
        (Some(true), _, _) => 1.0,
        (_, Some(true), _) => 0.5,
        (_, _, Some(true)) => 0.25,
        _ => 0.0,
    })
}

fn first_known(a: f64, b: f64) -> Option<f64> {
    [a, b].into_iter().find(|value| !value.is_nan())
}

fn middle(a: f64, b: f64) -> Option<f64> {
    match (a.is_nan(), b.is_nan()) {
        (false, false) => Some(f64::midpoint(a, b)),
        _ => first_known(a, b),
    }
}
