//! Adjustments: place, pay, availability, contract, freshness, rating. Owns
//! their values; bounds are `components`'s.

use tandem_index::columns::Column;
use tandem_index::gazetteer::distance_km;
use tandem_index::rates::convert;
use tandem_index::segment::Segment;

use super::interval::{Met, Value};
use super::source::Side;
use super::tables::{Contract, Remote, Tables};
use super::{Pair, words};
use crate::query::{PayFact, PlaceFact};

const DAY_MS: f64 = 86_400_000.0;
const FRESHNESS_HALF_LIFE_DAYS: f64 = 30.0;
const LATE_DAYS_MAX: f64 = 90.0;
const NEAR_KM: f64 = 25.0;
const FAR_KM: f64 = 100.0;
/// What is thought of who has not been rated yet, and how many ratings weigh as
/// much as that.
const RATING_PRIOR: f64 = 3.5;
const RATING_PRIOR_COUNT: f64 = 5.0;
const RATING_MAX: f64 = 5.0;

fn is_remote(place: Option<&PlaceFact>) -> Option<Remote> {
    place
        .and_then(|place| place.remote.as_deref())
        .map(Remote::of)
}

// How the row works, and which of both it is that can be anywhere: the side that
// is remote, not the one that wants to be.
fn remotes(
    pair: Pair<'_>,
    tables: &mut Tables,
    segment: &Segment,
    row: u32,
) -> (Option<Remote>, Option<Remote>) {
    let column = pair.source.columns.remote.map(|at| &segment.columns[at]);
    let held = column.and_then(|column| tables.remote.first(column, row, Remote::of));
    (is_remote(pair.source.place.as_ref()), held)
}

/// Place: `None` where neither says where it is, nor can be anywhere.
pub(super) fn place(
    pair: Pair<'_>,
    tables: &mut Tables,
    segment: &Segment,
    row: u32,
) -> Option<Value> {
    pair.source.sides.place?;
    let (own_remote, held_remote) = remotes(pair, tables, segment, row);
    let anywhere = if pair.wants_remote {
        own_remote
    } else {
        held_remote
    };
    let columns = pair
        .source
        .columns
        .city
        .map(|at| &segment.columns[at..at + 5]);
    let held = columns.is_some_and(|columns| columns.iter().any(|column| column.known(row)));
    let own = pair.source.place.as_ref();
    let can_be_remote = if pair.wants_remote {
        pair.source.can_be_remote
    } else {
        pair.source.columns.remote.is_some()
    };
    if anywhere == Some(Remote::Anywhere) {
        return Some(Value::known(1.0));
    }
    // Where neither says where it is, one of them can still be anywhere.
    if own.is_none() && !held && held_remote.is_none() && !can_be_remote {
        return None;
    }
    let (Some(own), Some(columns)) = (own, columns) else {
        return Some(Value::unknown());
    };
    let coordinates = columns[3].number(row).zip(columns[4].number(row));
    let by_distance = own.coordinates.zip(coordinates).map(|(a, b)| {
        let km = distance_km(a, b);
        ((FAR_KM - km) / (FAR_KM - NEAR_KM)).clamp(0.0, 1.0)
    });
    let by_name = by_name(own, columns, tables, row);
    let value = match (by_name, by_distance) {
        (Some(a), Some(b)) => a.max(b),
        (Some(value), None) | (None, Some(value)) => value,
        (None, None) => return Some(Value::unknown()),
    };
    let cities = own.names[0].is_some() && columns[0].known(row);
    Some(match (cities, by_distance) {
        (true, Some(_)) if anywhere.is_some() || !can_be_remote => Value::known(value),
        // The other of both can only bring them closer.
        (true, _) | (_, Some(_)) => Value::between(value, value, 1.0),
        (false, None) => Value::between(value, 0.0, 1.0),
    })
}

fn by_name(own: &PlaceFact, columns: &[Column], tables: &mut Tables, row: u32) -> Option<f64> {
    let mut same = |part: usize| {
        let own = own.names[part].as_deref()?;
        let is = |held: &str| held.to_lowercase() == own;
        tables.places[part].first(&columns[part], row, is)
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

/// Whether remote work is as it is wanted.
pub(super) fn remote(pair: Pair<'_>, tables: &mut Tables, segment: &Segment, row: u32) -> Met {
    let (own, held) = remotes(pair, tables, segment, row);
    let (wanted, offered) = match pair.source.sides.remote {
        Some(Side::Source) => (own, held),
        Some(Side::Row) => (held, own),
        Some(Side::Both) | None => return Met::Yes,
    };
    match (wanted, offered) {
        (None | Some(Remote::Other), _) => Met::Yes,
        (Some(_), None) => Met::Open,
        (Some(wanted), Some(offered)) => offered.meets(wanted).map_or(Met::Open, Met::of),
    }
}

/// Pay: `None` where nobody wants some.
pub(super) fn pay(
    pair: Pair<'_>,
    tables: &mut Tables,
    segment: &Segment,
    row: u32,
) -> Option<Value> {
    let side = pair.source.sides.pay?;
    let at = pair.source.columns.pay_min?;
    let own = pair.source.pay.as_ref();
    let number = |at: usize| segment.columns[at].number(row).unwrap_or(f64::NAN);
    let held = (number(at), number(at + 1));
    let holds = !held.0.is_nan() || !held.1.is_nan();
    let asked = match side {
        Side::Source | Side::Both => own.is_some(),
        Side::Row => holds,
    };
    if !asked {
        return None;
    }
    let Some(own) = own.filter(|_| holds) else {
        return Some(Value::unknown());
    };
    // Amounts without a currency are compared as they stand; one without a rate
    // cannot be.
    let currency = &segment.columns[at + 2];
    let rate = match &own.currency {
        None => Some(1.0),
        Some(own) => tables
            .currency
            .first(currency, row, |held| {
                if held == own.as_str() {
                    Some(1.0)
                } else {
                    convert(1.0, own, held)
                }
            })
            .unwrap_or(Some(1.0)),
    };
    let Some(rate) = rate else {
        return Some(Value::unknown());
    };
    let value = pay_value(side, own, rate, held)?;
    let same_form = own.currency.is_some() == currency.known(row);
    Some(if same_form {
        value
    } else {
        Value {
            low: 0.0,
            high: 1.0,
            met: Met::Open,
            ..value
        }
    })
}

fn pay_value(side: Side, own: &PayFact, rate: f64, held: (f64, f64)) -> Option<Value> {
    let own = (own.min * rate, own.max * rate);
    let (wanted, offered) = match side {
        // Two of a kind: the closer the better.
        Side::Both => {
            let (a, b) = (middle(own.0, own.1)?, middle(held.0, held.1)?);
            let value = 1.0 - ((a - b).abs() / a.max(b).max(1.0)).min(1.0);
            let ends = [held.0, held.1].iter().all(|end| !end.is_nan());
            return Some(if ends {
                Value::known(value)
            } else {
                Value::between(value, 0.0, 1.0)
            });
        }
        Side::Source => (own, held),
        Side::Row => (held, own),
    };
    let least = first_known(wanted.0, wanted.1)?;
    let most = first_known(offered.1, offered.0)?;
    let value = if most >= least {
        1.0
    } else {
        (1.0 - 2.0 * (least - most) / least).max(0.0)
    };
    let met = Met::of(most >= least);
    Some(if offered.1.is_nan() {
        let met = if met == Met::No { Met::Open } else { met };
        Value::between(value, value, 1.0).with(met)
    } else {
        Value::known(value).with(met)
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

/// Availability: `None` where nobody wants a day.
pub(super) fn availability(pair: Pair<'_>, segment: &Segment, row: u32) -> Option<Value> {
    let side = pair.source.sides.available?;
    let held = segment.columns[pair.source.columns.available?].number(row);
    let own = pair.source.available;
    let (wanted, offered) = match side {
        Side::Source | Side::Both => (own?, held),
        Side::Row => (held?, own),
    };
    Some(offered.map_or_else(Value::unknown, |offered| {
        let late = (offered - wanted) / DAY_MS;
        let late = if side == Side::Both {
            late.abs()
        } else {
            late.max(0.0)
        };
        Value::known((1.0 - late / LATE_DAYS_MAX).max(0.0))
    }))
}

/// Whether ways of being employed say hours, and a form.
pub(super) fn says(contract: &[String]) -> [bool; 2] {
    let mut says = [false; 2];
    for word in contract {
        says[usize::from(words::is_hours(word))] = true;
    }
    says
}

/// Contract: `None` where nobody wants one.
pub(super) fn contract(
    pair: Pair<'_>,
    tables: &mut Tables,
    segment: &Segment,
    row: u32,
) -> Option<Value> {
    let side = pair.source.sides.contract?;
    let held = segment.columns[pair.source.columns.contract?].keywords()?;
    let source = &pair.source.contract;
    // Of hours and of form: whether each side says it, whether they share one.
    let own = pair.contract;
    let (mut other, mut common) = ([false; 2], [false; 2]);
    for ordinal in held.of(row) {
        let one = tables.contract.get(held, *ordinal, |value| Contract {
            hours: words::is_hours(value),
            common: source.iter().any(|own| words::same(own, value)),
        });
        other[usize::from(one.hours)] = true;
        common[usize::from(one.hours)] |= one.common;
    }
    let (wants, offers) = match side {
        Side::Source | Side::Both => (own, other),
        Side::Row => (other, own),
    };
    let count = |of: &dyn Fn(usize) -> bool| (0..2).filter(|at| of(*at)).count() as f64;
    let wanted = count(&|at| wants[at]);
    if wanted == 0.0 {
        return None;
    }
    let said = count(&|at| wants[at] && offers[at]);
    let met = count(&|at| wants[at] && common[at]);
    if said == 0.0 {
        return Some(Value::unknown());
    }
    let open = wanted - said;
    let value = Value::between(met / said, met / wanted, (met + open) / wanted);
    Some(value.with(match (met < said, open > 0.0) {
        (true, _) => Met::No,
        (false, true) => Met::Open,
        (false, false) => Met::Yes,
    }))
}

/// Freshness.
pub(super) fn freshness(now_ms: i64, posted: Option<f64>) -> Value {
    posted.map_or_else(Value::unknown, |posted| {
        let age_days = ((now_ms as f64 - posted) / DAY_MS).max(0.0);
        Value::known(libm::exp2(-age_days / FRESHNESS_HALF_LIFE_DAYS))
    })
}

/// Rating, of so many ratings.
pub(super) fn rating(rating: Option<f64>, ratings: Option<f64>) -> Value {
    let Some(rating) = rating else {
        return Value::unknown();
    };
    let rating = rating.clamp(0.0, RATING_MAX);
    let of = |count: f64| {
        (RATING_PRIOR_COUNT * RATING_PRIOR + count * rating)
            / (RATING_PRIOR_COUNT + count)
            / RATING_MAX
    };
    if let Some(count) = ratings {
        return Value::known(of(count.max(0.0)));
    }
    // None at all would be the prior, very many the rating itself.
    let all = [of(0.0), of(1.0), rating / RATING_MAX];
    let low = all.iter().copied().fold(f64::INFINITY, f64::min);
    let high = all.iter().copied().fold(0.0, f64::max);
    Value::between(of(1.0), low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_five_is_no_five() {
        let of = |r, n| rating(Some(r), n).known.unwrap();
        assert!(of(5.0, Some(1.0)) < of(4.5, Some(200.0)));
        assert!((of(5.0, None) - of(5.0, Some(1.0))).abs() < 1e-12);
        assert!((of(0.0, Some(0.0)) - 0.7).abs() < 1e-12);
        assert!(of(9.0, Some(1e12)) <= 1.0 && of(-1.0, Some(1e12)) >= 0.0);
        let open = rating(Some(5.0), None);
        assert!(open.low < 0.71 && open.high > 0.999, "{open:?}");
        assert_eq!(rating(None, Some(7.0)).known, None);
    }
}
