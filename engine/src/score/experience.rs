//! Experience: title and occupation, years, seniority. Owns their formulas.

use std::sync::{LazyLock, OnceLock};

use tandem_index::analysis::TermKey;
use tandem_index::document::Group;
use tandem_index::segment::Segment;
use tandem_index::taxonomy::{OccupationId, Occupations};
use tandem_index::terms::word_of;

use super::interval::{Met, Value};
use super::source::{Side, occupation};
use super::tables::Tables;
use super::{Pair, words};
use crate::query::Word;

/// What the same occupation is worth where no word of the title is the same.
pub(crate) const OCCUPATION_FACTOR: f64 = 0.9;
const RELATED: f64 = 0.6;
const SAME_MINOR_GROUP: f64 = 0.45;
const SAME_MAJOR_GROUP: f64 = 0.2;
/// The root of what work that is not related at all makes of the rest.
const UNRELATED: f64 = 0.2;
const YEARS_APART_MAX: f64 = 10.0;
const RANKS_APART_MAX: f64 = 4.0;

/// Title: always looked at; unknown where either side has none.
pub(super) fn title(
    pair: Pair<'_>,
    tables: &mut Tables,
    segment: &Segment,
    row: u32,
    words: &TitleWords,
) -> Value {
    let kin = kinship(pair, tables, segment, row);
    let own = [
        !pair.query.title.is_empty(),
        !pair.source.occupations.is_empty(),
    ];
    let length = segment.terms.lengths(row)[Group::Title as usize];
    let known = |at: usize| segment.columns[at].known(row);
    let held = [
        length > 0,
        pair.source.columns.occupation.is_some_and(known),
    ];
    let (wants, offers) = match pair.source.sides.lead {
        Side::Row => (held, own),
        Side::Source | Side::Both => (own, held),
    };
    let words = (own[0] && held[0]).then(|| words.f_measure(segment, row));
    let value = match (words, kin.map(|kin| OCCUPATION_FACTOR * kin)) {
        (Some(words), Some(kin)) => words.max(kin),
        (Some(value), None) | (None, Some(value)) => value,
        (None, None) => return Value::unknown(),
    };
    match offers {
        // A title brings words, and an occupation in the place of another.
        [false, _] => Value::between(value, 0.0, 1.0),
        [true, false] if wants[1] => Value::between(value, value, value.max(OCCUPATION_FACTOR)),
        [true, _] => Value::known(value),
    }
}

/// How far the work of both sides is related, 0.04 to 1: what somebody has done and
/// learned counts by it. The square of 0.2 + 0.8 × the mean of title and
/// similarity, as far as they are known; what is not may join the mean.
/// `similarity` is `None` where none is looked at.
pub(super) fn relevance(title: Value, similarity: Option<Value>) -> Value {
    let all = || [Some(title), similarity].into_iter().flatten();
    let mean = |values: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = values.fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
        (count > 0.0).then(|| sum / count)
    };
    let known = || all().filter(|value| value.known.is_some());
    let value = mean(&mut known().filter_map(|value| value.known)).unwrap_or(1.0);
    let alone = mean(&mut known().map(|value| value.high)).unwrap_or(1.0);
    let low = mean(&mut all().map(|value| value.low)).unwrap_or(0.0);
    let high = mean(&mut all().map(|value| value.high)).unwrap_or(1.0);
    Value::between(
        relatedness(value),
        relatedness(low),
        relatedness(high.max(alone)),
    )
}

/// What somebody has done and learned counts where work is related so far.
pub(crate) fn relatedness(mean: f64) -> f64 {
    (UNRELATED + (1.0 - UNRELATED) * mean).powi(2)
}

/// The words of the source's title as rows are looked through for them.
pub(super) struct TitleWords {
    // Of each word its weight, and where its keys end.
    words: Vec<(f64, usize)>,
    keys: Vec<TermKey>,
    weight: f64,
}

impl TitleWords {
    pub(super) fn of(title: &[Word]) -> Self {
        let mut keys = Vec::new();
        let mut words = Vec::with_capacity(title.len());
        for word in title {
            let terms = word
                .alternatives
                .iter()
                .map(|alternative| &alternative.terms);
            // Phrases stand for no word of a title.
            let single = terms.filter(|terms| terms.len() == 1);
            keys.extend(single.flatten().map(|(_, key)| *key));
            words.push((word.weight, keys.len()));
        }
        let weight = title.iter().map(|word| word.weight).sum();
        Self {
            words,
            keys,
            weight,
        }
    }

    /// About the title's value of a row, of whose words it has this part by weight.
    pub(super) fn about(&self, part: f32, kinship: f64, length: u16) -> f32 {
        let precision = (part * self.words.len() as f32 / f32::from(length)).min(1.0);
        let words = if part > 0.0 {
            2.0 * part * precision / (part + precision)
        } else {
            0.0
        };
        words.max((OCCUPATION_FACTOR * kinship) as f32)
    }

    // Recall of the words by weight, precision by their count.
    fn f_measure(&self, segment: &Segment, row: u32) -> f64 {
        let length = segment.terms.lengths(row)[Group::Title as usize];
        let held = segment.terms.words(row);
        let in_title = |key: &TermKey| {
            let entry = match key.as_skill() {
                None => word_of(held, *key),
                Some(_) => segment.terms.get(row, *key),
            };
            entry.is_some_and(|entry| entry.count(Group::Title as usize) > 0)
        };
        let (mut weight, mut count, mut from) = (0.0, 0_u32, 0);
        for (of_word, to) in &self.words {
            if self.keys[from..*to].iter().any(in_title) {
                weight += of_word;
                count += 1;
            }
            from = *to;
        }
        if count == 0 || self.weight <= 0.0 {
            return 0.0;
        }
        let recall = weight / self.weight;
        let precision = (f64::from(count) / f64::from(length)).min(1.0);
        2.0 * recall * precision / (recall + precision)
    }
}

// Of the occupations of both the closest pair.
pub(super) fn kinship(
    pair: Pair<'_>,
    tables: &mut Tables,
    segment: &Segment,
    row: u32,
) -> Option<f64> {
    let own = &pair.source.occupations;
    let held = segment.columns[pair.source.columns.occupation?].keywords()?;
    if own.is_empty() {
        return None;
    }
    let of = |ordinal: &u32| {
        tables.occupation.get(held, *ordinal, |title| {
            let other = occupation(title);
            let kin = |own: &OccupationId| other.map_or(0.0, |other| kin_of(*own, other));
            own.iter().map(kin).fold(0.0, f64::max)
        })
    };
    held.of(row).iter().map(of).reduce(f64::max)
}

// How close an occupation is to every other, worked out when one has it first.
static KIN: LazyLock<Vec<OnceLock<Box<[f64]>>>> = LazyLock::new(|| {
    let all = Occupations::builtin();
    std::iter::repeat_with(OnceLock::new)
        .take(all.len())
        .collect()
});

// The groups of each occupation, the major one first; some have no minor one.
static GROUPS: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    let all = Occupations::builtin();
    let codes = |id| all.groups(id).into_iter().map(|group| group.code).collect();
    all.iter().map(|(id, _)| codes(id)).collect()
});

fn kin_of(a: OccupationId, b: OccupationId) -> f64 {
    let Some(kin) = KIN.get(usize::from(a.0)) else {
        return 0.0;
    };
    let all = || {
        Occupations::builtin()
            .iter()
            .map(|(b, _)| related(a, b))
            .collect()
    };
    kin.get_or_init(all)
        .get(usize::from(b.0))
        .copied()
        .unwrap_or(0.0)
}

fn related(a: OccupationId, b: OccupationId) -> f64 {
    if a == b {
        return 1.0;
    }
    let all = Occupations::builtin();
    let lists = |a, b| all.get(a).is_some_and(|one| one.related.contains(&b));
    if lists(a, b) || lists(b, a) {
        return RELATED;
    }
    let same = GROUPS[usize::from(a.0)]
        .iter()
        .zip(&GROUPS[usize::from(b.0)]);
    match same.take_while(|(a, b)| a == b).count() {
        0 => 0.0,
        1 => SAME_MAJOR_GROUP,
        _ => SAME_MINOR_GROUP,
    }
}

/// Years of experience: `None` where nobody wants some.
pub(super) fn years(pair: Pair<'_>, segment: &Segment, row: u32) -> Option<Value> {
    let side = pair.source.sides.years?;
    let held = segment.columns[pair.source.columns.years?].number(row);
    let (wanted, offered) = match side {
        Side::Source | Side::Both => (pair.source.years?, held),
        Side::Row => (held?, pair.source.years),
    };
    if side == Side::Both {
        let apart = |offered: f64| years_value(side, wanted, offered);
        return Some(offered.map_or_else(Value::unknown, |offered| Value::known(apart(offered))));
    }
    if wanted <= 0.0 {
        return Some(Value::known(1.0));
    }
    Some(offered.map_or_else(Value::unknown, |offered| {
        Value::known(years_value(side, wanted, offered)).with(Met::of(offered >= wanted))
    }))
}

/// What so many years are worth where more than none are wanted.
pub(crate) fn years_value(side: Side, wanted: f64, offered: f64) -> f64 {
    match side {
        Side::Both => 1.0 - ((wanted - offered).abs() / YEARS_APART_MAX).min(1.0),
        Side::Source | Side::Row => (offered / wanted).clamp(0.0, 1.0),
    }
}

/// What a rank so far from the wanted one is worth.
pub(crate) fn rank_value(apart: u8) -> f64 {
    (1.0 - f64::from(apart) / RANKS_APART_MAX).max(0.0)
}

/// How far the occupations of two of O*NET's titles are related.
pub(crate) fn kinship_of(a: &str, b: &str) -> f64 {
    let both = occupation(a).zip(occupation(b));
    both.map_or(0.0, |(a, b)| related(a, b))
}

/// Rank: `None` where nobody wants one.
pub(super) fn seniority(
    pair: Pair<'_>,
    tables: &mut Tables,
    segment: &Segment,
    row: u32,
) -> Option<Value> {
    let side = pair.source.sides.seniority?;
    let held = segment.columns[pair.source.columns.seniority?].keywords()?;
    let mut apart: Option<u8> = None;
    let mut says = false;
    for ordinal in held.of(row) {
        if let Some(rank) = tables.seniority.get(held, *ordinal, words::rank) {
            says = true;
            let nearest = pair.source.ranks.iter().map(|own| own.abs_diff(rank)).min();
            apart = apart.into_iter().chain(nearest).min();
        }
    }
    let asked = match side {
        Side::Source | Side::Both => !pair.source.ranks.is_empty(),
        Side::Row => says,
    };
    asked.then(|| apart.map_or_else(Value::unknown, |apart| Value::known(rank_value(apart))))
}
