//! Times as the file keeps them: to the millisecond, and with a date.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// Cuts a time to what the file keeps, so that a ban is the same before and after a restart. `None` for a time that
/// has no date (before 1970, after 9999).
pub(crate) fn to_millis(time: SystemTime) -> Option<SystemTime> {
    Timestamp::try_from(time).ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    let nanos = since.subsec_millis().saturating_mul(1_000_000);
    UNIX_EPOCH.checked_add(Duration::new(since.as_secs(), nanos))
}
