//! Dates as text, and when people work. Owns the calendar arithmetic the sampler needs; reads no clock.

use super::rng::Rng;

/// Milliseconds of a day.
pub(super) const DAY_MS: i64 = 86_400_000;

/// Year, month and day of a day counted from 1970-01-01 (the proleptic Gregorian calendar).
pub(super) fn civil(days: i64) -> (i64, i64, i64) {
    // The year starts in March, so that the leap day is its last: Hinnant, "chrono-compatible low-level date algorithms".
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `2026-11-03T09:14:00Z`
pub(super) fn date_time(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(DAY_MS));
    let minutes = ms.rem_euclid(DAY_MS) / 60_000;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:00Z",
        minutes / 60,
        minutes % 60
    )
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
    let (year, month, _) = civil(ms.div_euclid(DAY_MS));
    year * 12 + month - 1
}

/// `2019-03-01`, the first day of the month.
pub(super) fn month_start(month: i64) -> String {
    format!(
        "{:04}-{:02}-01",
        month.div_euclid(12),
        month.rem_euclid(12) + 1
    )
}
