//! As much of an address as is kept.

use std::{fmt, net::IpAddr, str::FromStr};

use palisade_core::ConfigError;
use serde::{Serialize, Serializer};

/// As much of a client's address as is kept. Shown and serialized as text: `203.0.113.7`, or `~` and 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "who stores records must handle both")]
pub enum RecordedAddress {
    /// The address; or that of its network, where networks alone are kept.
    Ip(IpAddr),
    /// What is the same for all requests of an address on one day, and says nothing of the address: see
    /// [`Addresses::DailyHash`](crate::Addresses::DailyHash).
    Pseudonym(u128),
}

// === impl RecordedAddress ===

impl fmt::Display for RecordedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Pseudonym(hash) => write!(f, "~{hash:032x}"),
        }
    }
}

impl FromStr for RecordedAddress {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            ConfigError::new("address", text)
                .expected("an address, or `~` and 32 hexadecimal digits")
        };
        match text.strip_prefix('~') {
            None => text
                .parse()
                .map(|address: IpAddr| Self::Ip(address.to_canonical()))
                .map_err(|_| wrong()),
            Some(digits)
                if digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
            {
                u128::from_str_radix(digits, 16).map(Self::Pseudonym).map_err(|_| wrong())
            }
            Some(_) => Err(wrong()),
        }
    }
}

impl Serialize for RecordedAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
