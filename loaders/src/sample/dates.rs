//! Dates as text, and when people work. Reads no clock.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::rng::Rng;

/// Milliseconds of a day.
pub(super) const DAY_MS: i64 = 86_400_000;

/// Stands for days outside the calendar, which no sample has.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// The date of a day counted from 1970-01-01.
fn civil(days: i64) -> Date {
    let second = Timestamp::from_second(days.saturating_mul(86_400));
    second.map_or(EPOCH, |second| Offset::UTC.to_datetime(second).date())
}

/// `2026-11-03T09:14:00Z`
pub(super) fn date_time(ms: i64) -> String {
    let day = civil(ms.div_euclid(DAY_MS));
    let minutes = ms.rem_euclid(DAY_MS) / 60_000;
    format!("{day}T{:02}:{:02}:00Z", minutes / 60, minutes % 60)
}

/// The time moved to when ads are posted: seldom at weekends, mostly between seven and six, never after `now_ms`.
pub(super) fn working_time(rng: &mut Rng, ms: i64, now_ms: i64) -> i64 {
    let mut day = ms.div_euclid(DAY_MS);
    // 1970-01-01 was a Thursday; Monday is 0.
    let weekday = (day + 3).rem_euclid(7);
    if weekday > 4 && !rng.chance(15) {
        day -= weekday - 4 + rng.below(5) as i64;
    }
    let minute = if rng.chance(85) {
        // The sum of two makes noon likelier than seven or six.
        7 * 60 + rng.below(330) as i64 + rng.below(330) as i64
    } else {
        rng.below(1_440) as i64
    };
    let moved = day * DAY_MS + minute * 60_000;
    if moved <= now_ms - 3_600_000 {
        moved
    } else {
        ms
    }
}

/// Months since the year 0 of a time.
pub(super) fn month_of(ms: i64) -> i64 {
    let day = civil(ms.div_euclid(DAY_MS));
    i64::from(day.year()) * 12 + i64::from(day.month()) - 1
}

/// `2019-03-01`, the first day of the month.
pub(super) fn month_start(month: i64) -> String {
    format!(
        "{:04}-{:02}-01",
        month.div_euclid(12),
        month.rem_euclid(12) + 1
    )
}
