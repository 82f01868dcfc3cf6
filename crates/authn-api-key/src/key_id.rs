//! The public name of a key.

use std::{fmt, str::FromStr};

use palisade_core::ConfigError;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::digits;

/// The number of digits.
pub(crate) const LEN: usize = 12;

const EXPECTED: &str = "12 digits of Crockford's base32 in lower case";

/// The public name of a key: 12 digits that stand in the key, in lists, files and logs. Who knows it can do nothing with it.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId([u8; LEN]);

// === impl KeyId ===

impl KeyId {
    pub(crate) fn random() -> Self {
        Self(digits::random())
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes: [u8; LEN] = text.as_bytes().try_into().ok()?;
        digits::are_all(&bytes).then_some(Self(bytes))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Digits are ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for KeyId {
    type Err = ConfigError;

    /// Reads an id. The error does not repeat the text: it may be a whole key.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        Self::read(text).ok_or_else(|| ConfigError::new("id of a key", "…").expected(EXPECTED))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::read(&text).ok_or_else(|| de::Error::custom(EXPECTED))
    }
}
