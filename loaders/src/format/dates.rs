//! Moments that a format keeps as numbers, as RFC 3339 texts. Owns how they are
//! written; the calendar is jiff's. Knows nothing of dates written as text.

use jiff::SignedDuration;
use jiff::civil::DateTime;

/// More days than the calendar has.
const DAYS_MAX: i64 = 1 << 32;
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// Days from 1970-01-01 as `2026-11-20`; a day outside the calendar stays the
/// number it is.
pub(super) fn day(days: i64) -> String {
    // Not as a timestamp: that ends a day before the calendar does.
    EPOCH
        .checked_add(SignedDuration::from_hours(
            days.clamp(-DAYS_MAX, DAYS_MAX) * 24,
        ))
        .map_or_else(|_far| days.to_string(), |day| day.date().to_string())
}

/// Microseconds from 1970 as `2026-11-20T09:30:00Z`, parts of a second only
/// where there are any; one outside the calendar stays the number it is.
pub(super) fn moment(us: i64) -> String {
    EPOCH
        .checked_add(SignedDuration::from_micros(us))
        .map_or_else(|_far| us.to_string(), |time| format!("{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::{day, moment};

    #[test]
    fn numbers_are_the_days_and_moments_they_stand_for() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (20_777, "2026-11-20"),
            (-25_509, "1900-02-28"),
            (-25_508, "1900-03-01"),
            (2_932_896, "9999-12-31"),
            (2_932_897, "2932897"),
            (i64::MIN, "-9223372036854775808"),
        ] {
            assert_eq!(day(days), text);
        }
        for (us, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (1_500, "1970-01-01T00:00:00.0015Z"),
            (1_795_166_999_250_000, "2026-11-20T09:29:59.25Z"),
            (i64::MAX, "9223372036854775807"),
        ] {
            assert_eq!(moment(us), text);
        }
    }
}
