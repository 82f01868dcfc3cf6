//! Times as the file keeps them: in whole seconds, and with a date.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use palisade_core::{ConfigError, Moment};

/// The time of `now`, in whole seconds.
pub(crate) fn at(now: Moment) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(now.unix_seconds())).unwrap_or(UNIX_EPOCH)
}

/// The time that is `length` after `start`.
pub(crate) fn after(start: SystemTime, length: Duration) -> Result<SystemTime, ConfigError> {
    let end = start.checked_add(length).filter(|end| Timestamp::try_from(*end).is_ok());
    end.ok_or_else(|| {
        let length = format!("{} s", length.as_secs());
        ConfigError::new("life of a key", length).expected("an end before the year 10000")
    })
}
