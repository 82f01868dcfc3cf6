//! The name of a browser's session.

use std::{fmt, str::FromStr};

use palisade_core::ConfigError;
use serde::{Serialize, Serializer};

/// The name of a browser's session: 128 random bits, shown as 32 lowercase hexadecimal digits.
///
/// It groups requests and proves nothing: a client may present any name it likes.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct SessionId(u128);

impl SessionId {
    /// Draws a new one.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// Reads the one form in which a name is written: no sign, no upper case, no other length.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let digits = text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 32 || !digits {
            return None;
        }
        u128::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok().map(Self)
    }
}

impl FromStr for SessionId {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text.as_bytes()).ok_or_else(|| {
            ConfigError::new("session", text).expected("32 lowercase hexadecimal digits")
        })
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
