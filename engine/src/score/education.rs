//! Education and certificates: degree, languages with their levels, licences.
//! Owns their formulas.

use tandem_index::columns::{Column, Keywords};
use tandem_index::facts::language_name;
use tandem_index::segment::Segment;

use super::interval::{Met, Value};
use super::source::{PREFERRED, Side};
use super::tables::{Own, Table, Tables};
use super::{Pair, words};

const DEGREE_STEP: f64 = 0.4;
/// In the place of a language's number: the one the source is written in.
const WRITTEN: u16 = u16::MAX;
const LANGUAGE_STEP: f64 = 0.3;
/// A language that is spoken at a level nobody says, where one is wanted.
const LEVEL_UNSAID: f64 = 0.7;

/// Degree: `None` where nobody wants one.
pub(super) fn degree(
    pair: Pair<'_>,
    tables: &mut Tables,
    segment: &Segment,
    row: u32,
) -> Option<Value> {
    let side = pair.source.sides.degree?;
    let held = segment.columns[pair.source.columns.degree?].keywords()?;
    let mut levels: Option<(u8, u8)> = None;
    for ordinal in held.of(row) {
        if let Some(level) = tables.degree.get(held, *ordinal, words::degree) {
            let (least, most) = levels.unwrap_or((level, level));
            levels = Some((least.min(level), most.max(level)));
        }
    }
    let own = pair.source.degree;
    let (wanted, offered) = match side {
        Side::Source | Side::Both => (own?, levels.map(|levels| levels.1)),
        Side::Row => (levels?.0, own),
    };
    Some(offered.map_or_else(Value::unknown, |offered| {
        let value = degree_value(side, wanted, offered);
        Value::known(value).with(Met::of(offered >= wanted))
    }))
}

/// What a degree is worth where another is wanted.
pub(crate) fn degree_value(side: Side, wanted: u8, offered: u8) -> f64 {
    let below = match side {
        Side::Both => wanted.abs_diff(offered),
        Side::Source | Side::Row => wanted.saturating_sub(offered),
    };
    (1.0 - DEGREE_STEP * f64::from(below)).max(0.0)
}

/// What a wanted language is met with: value, least and most it can become.
pub(crate) type Credit = (f64, f64, f64);

/// What a language at a level meets of a demand; 0 is a level nobody says.
pub(crate) fn language_credit(wanted: u8, offered: u8) -> Credit {
    let at =
        |offered: u8| (1.0 - LANGUAGE_STEP * f64::from(wanted.saturating_sub(offered))).max(0.0);
    match (wanted, offered) {
        (0, _) => (1.0, 1.0, 1.0),
        (_, 0) => (LEVEL_UNSAID, at(1).min(LEVEL_UNSAID), 1.0),
        (_, offered) => (at(offered), at(offered), at(offered)),
    }
}

// Weighted means of values and of what they can become.
#[derive(Default)]
struct Sum {
    weight: f64,
    credit: Credit,
    short: bool,
    open: bool,
}

impl Sum {
    fn add(&mut self, weight: f64, credit: Credit) {
        self.weight += weight;
        self.credit.0 += weight * credit.0;
        self.credit.1 += weight * credit.1;
        self.credit.2 += weight * credit.2;
        if weight >= 1.0 {
            self.short |= credit.2 < 1.0;
            self.open |= credit.1 < 1.0;
        }
    }

    // As `value`; without a list what is met by the language a document is written
    // in is known, and more may be said.
    fn listed(self, lists: bool) -> Option<Value> {
        if lists || self.credit.0 <= 0.0 {
            return self.value(lists);
        }
        let met = if self.open || self.short {
            Met::Open
        } else {
            Met::Yes
        };
        let (value, low, _) = self.credit;
        let part = |sum: f64| sum / self.weight;
        Some(Value::between(part(value), part(low), 1.0).with(met))
    }

    // `None` where nothing was wanted.
    fn value(self, offers: bool) -> Option<Value> {
        if self.weight <= 0.0 {
            return None;
        }
        let met = match (offers, self.short, self.open) {
            // What is only welcome is no must.
            (_, false, false) => Met::Yes,
            (true, true, _) => Met::No,
            (true, false, true) | (false, _, _) => Met::Open,
        };
        if !offers {
            return Some(Value::unknown().with(met));
        }
        let (value, low, high) = self.credit;
        let part = |sum: f64| sum / self.weight;
        Some(Value::between(part(value), part(low), part(high)).with(met))
    }
}

fn column(segment: &Segment, at: Option<usize>) -> Option<&Keywords> {
    at.and_then(|at| segment.columns.get(at))
        .and_then(Column::keywords)
}

/// Languages: `None` where nobody wants one.
pub(super) fn languages(
    pair: Pair<'_>,
    tables: &mut Tables,
    (segment, row): (&Segment, u32),
    best: &mut Vec<Credit>,
) -> Option<Value> {
    let side = pair.source.sides.languages?;
    let source = &pair.source.languages;
    let written = pair.source.written.as_deref();
    let own = |value: &str| {
        let (name, level) = words::language(value);
        let at = source.iter().position(|own| words::same(&own.name, name));
        let writes = written.is_some_and(|written| words::same(written, name));
        Own {
            at: at.map(|at| at as u16).or(writes.then_some(WRITTEN)),
            level,
        }
    };
    let columns = [
        pair.source.columns.languages,
        pair.source.columns.languages_preferred,
    ];
    let mut sum = Sum::default();
    let mut says = false;
    best.clear();
    best.resize(source.len(), (0.0, 0.0, 0.0));
    for ((at, table), weight) in columns
        .into_iter()
        .zip(&mut tables.languages)
        .zip([1.0, PREFERRED])
    {
        let Some(held) = column(segment, at) else {
            continue;
        };
        for ordinal in held.of(row) {
            says = true;
            let one = table.get(held, *ordinal, own);
            let at = one.at.map(usize::from);
            let known = at.and_then(|at| Some((at, source.get(at)?)));
            if side == Side::Row {
                let level = match known {
                    Some((_, own)) => Some(own.level),
                    None => one.at.map(|_| 0),
                };
                let credit = level.map(|level| language_credit(one.level, level));
                sum.add(weight, credit.unwrap_or((0.0, 0.0, 0.0)));
            } else if let Some((at, own)) = known {
                let (a, b) = (best[at], language_credit(own.level, one.level));
                best[at] = (a.0.max(b.0), a.1.max(b.1), a.2.max(b.2));
            }
        }
    }
    if side == Side::Row {
        return sum.listed(!source.is_empty());
    }
    // The language a row is written in.
    let tag = segment.columns.first().filter(|_| side == Side::Source);
    tables.written.resize_with(source.len(), Table::default);
    for ((own, credit), written) in source.iter().zip(best).zip(&mut tables.written) {
        let same = |tag: &str| language_name(tag).is_some_and(|name| words::same(name, &own.name));
        let mut writes = || tag.and_then(|tag| written.first(tag, row, same)) == Some(true);
        if credit.0 <= 0.0 && writes() {
            *credit = language_credit(own.level, 0);
        }
        sum.add(own.weight, *credit);
    }
    sum.listed(says)
}

/// Certificates: `None` where nobody wants one.
pub(super) fn certificates(
    pair: Pair<'_>,
    tables: &mut Tables,
    (segment, row): (&Segment, u32),
    best: &mut Vec<Credit>,
) -> Option<Value> {
    let side = pair.source.sides.certificates?;
    let source = &pair.source.certificates;
    let own = |value: &str| Own {
        at: (source.iter())
            .position(|own| words::same(&own.name, value))
            .map(|at| at as u16),
        level: u8::from(words::is_check(value)),
    };
    let columns = [
        pair.source.columns.certificates,
        pair.source.columns.certificates_preferred,
    ];
    let mut sum = Sum::default();
    let mut says = false;
    best.clear();
    best.resize(source.len(), (0.0, 0.0, 0.0));
    let whole = (1.0, 1.0, 1.0);
    for ((at, table), weight) in columns
        .into_iter()
        .zip(&mut tables.certificates)
        .zip([1.0, PREFERRED])
    {
        let table: &mut Table<Own> = table;
        let Some(held) = column(segment, at) else {
            continue;
        };
        for ordinal in held.of(row) {
            says = true;
            let one = table.get(held, *ordinal, own);
            if side == Side::Row {
                // Checks are made when somebody is hired.
                if one.level == 0 {
                    sum.add(weight, one.at.map_or((0.0, 0.0, 0.0), |_| whole));
                }
            } else if let Some(at) = one.at {
                best[usize::from(at)] = whole;
            }
        }
    }
    if side == Side::Row {
        return sum.value(!source.is_empty());
    }
    for (own, credit) in source.iter().zip(best) {
        sum.add(own.weight, *credit);
    }
    sum.value(says)
}
