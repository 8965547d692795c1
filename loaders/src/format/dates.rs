//! Moments that a format keeps as numbers, as RFC 3339 texts. Owns the
//! calendar; knows nothing of dates written as text.

/// Days from 1970-01-01 as `2026-11-20`.
pub(super) fn day(days: i64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Microseconds from 1970 as `2026-11-20T09:30:00Z`; parts of a second only
/// where there are any.
pub(super) fn moment(us: i64) -> String {
    let seconds = us.div_euclid(1_000_000);
    let part = us.rem_euclid(1_000_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let part = match part {
        0 => String::new(),
        us if us % 1_000 == 0 => format!(".{:03}", us / 1_000),
        us => format!(".{us:06}"),
    };
    format!(
        "{}T{:02}:{:02}:{:02}{part}Z",
        day(days),
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

/// Year, month and day of days since 1970, in the Gregorian calendar.
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    (year + era * 400 + i64::from(month <= 2), month, day)
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
        ] {
            assert_eq!(day(days), text);
        }
        for (us, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (1_500, "1970-01-01T00:00:00.001500Z"),
            (1_795_166_999_250_000, "2026-11-20T09:29:59.250Z"),
        ] {
            assert_eq!(moment(us), text);
        }
    }
}
