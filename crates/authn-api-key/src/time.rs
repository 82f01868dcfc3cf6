//! Times as RFC 3339 in JSON, and ends that can be written so.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use palisade_core::{ConfigError, Moment};
use serde::{Deserialize, Deserializer, Serializer, de, ser};

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

pub(crate) fn serialize<S: Serializer>(time: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
    let time = Timestamp::try_from(*time).map_err(ser::Error::custom)?;
    to.collect_str(&time)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SystemTime, D::Error> {
    let text = String::deserialize(from)?;
    // The text is not repeated: whoever edits such a file by hand may have put a key there.
    let time = text.parse::<Timestamp>();
    time.map(SystemTime::from).map_err(|_| de::Error::custom("a time as in RFC 3339"))
}

/// A time that may be missing.
pub(crate) mod option {
    use super::{Deserializer, Serializer, SystemTime};

    #[expect(clippy::ref_option, reason = "serde asks for it")]
    pub(crate) fn serialize<S: Serializer>(
        time: &Option<SystemTime>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::serialize(time, to),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<SystemTime>, D::Error> {
        super::deserialize(from).map(Some)
    }
}
