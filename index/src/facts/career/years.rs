//! Years of a career: unions of periods. Owns the arithmetic; a period has all
//! of its first and last month, a bare year lasts from January to December.

use crate::facts::{End, Fact, Month, Value};

/// Positions that are less sure are no work: a volunteer's.
const SURE_MIN: u8 = 50;

// Months since the year 0.
fn first(month: Month) -> u32 {
    u32::from(month.year) * 12 + u32::from(month.month.unwrap_or(1)) - 1
}

fn last(month: Month) -> u32 {
    u32::from(month.year) * 12 + u32::from(month.month.unwrap_or(12)) - 1
}

/// The years of all positions together, time that overlaps counted once. `now`
/// is the month that "current" means; without it the latest the positions name.
/// None where no position has dates.
pub fn years_total(facts: &[Fact], now: Option<Month>) -> Option<f64> {
    years(facts, facts.iter(), now)
}

/// The years of those positions that one of the places stands in, such as the
/// mentions of a skill, counted in the same way. None where none of them does.
pub fn years_of(facts: &[Fact], places: &[(u32, u32)], now: Option<Month>) -> Option<f64> {
    let named = |fact: &&Fact| {
        let Value::Position { about, .. } = &fact.value else {
            return false;
        };
        places
            .iter()
            .any(|place| about.0 <= place.0 && place.1 <= about.1)
    };
    years(facts, facts.iter().filter(named), now)
}

fn years<'a>(
    all: &[Fact],
    positions: impl Iterator<Item = &'a Fact>,
    now: Option<Month>,
) -> Option<f64> {
    let now = now
        .map(last)
        .or_else(|| all.iter().filter_map(latest).max())?;
    let paid = positions.filter(|fact| fact.sure >= SURE_MIN);
    let mut periods: Vec<(u32, u32)> = paid.filter_map(|fact| period(fact, now)).collect();
    if periods.is_empty() {
        return None;
    }
    periods.sort_unstable();
    let (mut months, mut behind) = (0, 0);
    for (from, to) in periods {
        let from = from.max(behind);
        if to >= from {
            months += to + 1 - from;
            behind = to + 1;
        }
    }
    // A sole position "to now" from the latest month named says nothing of its length.
    let open = all
        .iter()
        .any(|fact| matches!(dates(fact), Some((_, Some(End::Now)))));
    (months > 1 || !open).then(|| f64::from(months) / 12.0)
}

fn dates(fact: &Fact) -> Option<(Option<Month>, Option<End>)> {
    let Value::Position { from, to, .. } = &fact.value else {
        return None;
    };
    Some((*from, *to))
}

// The last month a position names.
fn latest(fact: &Fact) -> Option<u32> {
    let (from, to) = dates(fact)?;
    match to {
        Some(End::At(month)) => Some(last(month)),
        Some(End::Now) | None => from.map(first),
    }
}

fn period(fact: &Fact, now: u32) -> Option<(u32, u32)> {
    let (from, to) = dates(fact)?;
    let to = match to? {
        End::At(month) => last(month),
        End::Now => now,
    };
    let from = first(from?);
    (from <= to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(from: (u16, Option<u8>), to: Option<(u16, Option<u8>)>, about: (u32, u32)) -> Fact {
        let month = |(year, month)| Month { year, month };
        Fact {
            value: Value::Position {
                from: Some(month(from)),
                to: Some(to.map_or(End::Now, |to| End::At(month(to)))),
                dates: None,
                about,
            },
            start: about.0,
            end: about.0 + 1,
            sure: 95,
        }
    }

    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 0.01, "{found}, not {expected}");
    }

    #[test]
    fn overlaps_count_once() {
        let facts = [
            position((2010, Some(1)), Some((2011, Some(12))), (0, 10)),
            position((2011, Some(7)), Some((2012, Some(6))), (10, 20)),
            position((2015, None), Some((2015, None)), (20, 30)),
        ];
        near(years_total(&facts, None), 2.5 + 1.0);
    }

    #[test]
    fn now_is_what_the_caller_says_or_the_latest_date() {
        let facts = [
            position((2020, Some(1)), None, (0, 10)),
            position((2021, Some(1)), Some((2021, Some(6))), (10, 20)),
        ];
        near(years_total(&facts, None), 1.5);
        let now = Month {
            year: 2024,
            month: Some(12),
        };
        near(years_total(&facts, Some(now)), 5.0);
    }

    #[test]
    fn a_skill_has_the_years_of_its_positions() {
        let facts = [
            position((2010, Some(1)), Some((2010, Some(12))), (0, 100)),
            position((2012, Some(1)), Some((2013, Some(12))), (100, 200)),
        ];
        near(years_of(&facts, &[(150, 156)], None), 2.0);
        near(
            years_of(&facts, &[(50, 56), (150, 156), (160, 166)], None),
            3.0,
        );
        assert_eq!(years_of(&facts, &[(250, 256)], None), None);
        assert_eq!(years_total(&[], None), None);
    }

    #[test]
    fn a_period_that_ends_before_it_begins_counts_nothing() {
        let facts = [position((2010, Some(5)), Some((2010, Some(1))), (0, 9))];
        assert_eq!(years_total(&facts, None), None);
    }
}
