//! The server's clock. The only place that reads the time of day.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    // A clock before 1970 is answered as 1970: freshness is then wrong, nothing else.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64)
}

/// Milliseconds since 1970 of an RFC 3339 date or date-time.
pub(crate) fn parse_rfc3339_ms(text: &str) -> Option<i64> {
    tandem_index::document::parse_date_ms(text)
}
