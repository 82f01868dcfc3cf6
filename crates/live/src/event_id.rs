//! The name of an event, by which a client says what it saw last.

use std::{fmt, str::FromStr};

use palisade_core::ConfigError;

/// The name of an event: the epoch of the feed that published it, and its number there. Written as 16 hexadecimal digits, `-`
/// and a decimal number, without zeros in front: `Last-Event-ID: 00c0ffee00c0ffee-42`.
///
/// The epoch is random: a name that another process gave is recognised as such.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct EventId {
    epoch: u64,
    number: u64,
}

// === impl EventId ===

impl EventId {
    pub(crate) const fn new(epoch: u64, number: u64) -> Self {
        Self { epoch, number }
    }

    /// The epoch of its feed.
    #[must_use]
    pub const fn epoch(self) -> u64 {
        self.epoch
    }

    /// Its number: 1 for the first event of the epoch.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.number
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.epoch, self.number)
    }
}

impl FromStr for EventId {
    type Err = ConfigError;

    /// Reads the one form in which a name is written.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            ConfigError::new("id of an event", text)
                .expected("16 hexadecimal digits, `-` and a number")
        };
        let (epoch, number) = text.split_once('-').ok_or_else(wrong)?;
        let is_hex = epoch.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit())
            && (number == "0" || !number.starts_with('0'));
        if epoch.len() != 16 || !is_hex || !is_number {
            return Err(wrong());
        }
        let epoch = u64::from_str_radix(epoch, 16).map_err(|_| wrong())?;
        Ok(Self { epoch, number: number.parse().map_err(|_| wrong())? })
    }
}
