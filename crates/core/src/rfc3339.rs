//! Times as RFC 3339 in files and answers: `#[serde(with = "palisade_core::rfc3339")]`.

use std::time::SystemTime;

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer, Serializer,
    de::{Error as _, Unexpected},
    ser::Error as _,
};

/// Writes a time in UTC.
///
/// # Errors
///
/// If the time has no date that can be written: before the year −9999, after 9999.
pub fn serialize<S: Serializer>(time: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
    let time = Timestamp::try_from(*time).map_err(S::Error::custom)?;
    to.collect_str(&time)
}

/// Reads a time.
///
/// # Errors
///
/// If the text is something else. It is not repeated: whoever edits a file by hand may have put a secret there.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SystemTime, D::Error> {
    let text = String::deserialize(from)?;
    text.parse::<Timestamp>().map(SystemTime::from).map_err(|_| {
        let other = Unexpected::Other("another text");
        D::Error::invalid_value(other, &"a time as in RFC 3339")
    })
}

/// A time that may be missing.
pub mod option {
    use super::{Deserializer, Serializer, SystemTime};

    /// Writes a time in UTC, or null.
    ///
    /// # Errors
    ///
    /// If the time has no date that can be written.
    pub fn serialize<S: Serializer>(time: &Option<SystemTime>, to: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::serialize(time, to),
            None => to.serialize_none(),
        }
    }

    /// Reads a time. One that may be left out needs `default` beside `with`.
    ///
    /// # Errors
    ///
    /// If the text is something else.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SystemTime>, D::Error> {
        super::deserialize(from).map(Some)
    }
}
