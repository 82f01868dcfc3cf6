//! Times as RFC 3339 in JSON, to the millisecond.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serializer, de, ser};

/// Cuts a time to what the file keeps, so that a ban is the same before and after a restart. `None` for a time that
/// has no date (before 1970, after 9999).
pub(crate) fn to_millis(time: SystemTime) -> Option<SystemTime> {
    Timestamp::try_from(time).ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    let nanos = since.subsec_millis().saturating_mul(1_000_000);
    UNIX_EPOCH.checked_add(Duration::new(since.as_secs(), nanos))
}

pub(crate) fn serialize<S: Serializer>(time: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
    let time = Timestamp::try_from(*time).map_err(ser::Error::custom)?;
    to.collect_str(&time)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SystemTime, D::Error> {
    let text = String::deserialize(from)?;
    // The text is not repeated: whoever edits such a file by hand may have put a token there.
    let time = text.parse::<Timestamp>();
    time.map(SystemTime::from).map_err(|_| de::Error::custom("not a time as in RFC 3339"))
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
