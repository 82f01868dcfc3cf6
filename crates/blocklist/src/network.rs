//! One network, and the mistakes people make when they write one.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use palisade_core::ConfigError;

/// Below these lengths a network is more likely a typo than meant (mailcow#2027: a `/8` for a `/28`).
const SHORTEST_V4: u8 = 8;
const SHORTEST_V6: u8 = 16;

/// A network by its first address and the length of its prefix. IPv4-mapped networks are IPv4.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Network {
    V4 { start: u32, prefix: u8 },
    V6 { start: u128, prefix: u8 },
}

/// Bits of an address, so that both families share one structure.
pub(crate) trait Bits: Copy + Ord {
    /// Itself with all bits behind the first `prefix` cleared.
    fn masked(self, prefix: u8) -> Self;
}

// === impl Network ===

impl Network {
    /// Reads `203.0.113.50`, `203.0.113.0/24`, `2001:db8::1` or `2001:db8::/32`.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        // No address is longer: this may be a token in the wrong list, and it is not repeated.
        let shown = if text.len() > 50 { "…" } else { text };
        let wrong = || {
            ConfigError::new("address", shown)
                .expected("an address (`203.0.113.50`) or a network (`203.0.113.0/24`)")
        };
        let (addr, prefix) = match text.split_once('/') {
            Some((addr, prefix)) => (addr, Some(decimal(prefix).ok_or_else(wrong)?)),
            None => (text, None),
        };
        let addr: IpAddr = addr.parse().map_err(|_| wrong())?;
        let network = Self::of(addr, prefix).ok_or_else(wrong)?;
        let masked = network.masked();
        if masked == network {
            return Ok(network);
        }
        // Which of the two was meant, the address or the network, only the author knows.
        Err(ConfigError::new("network", text)
            .expected("an address alone, or a network with no bit set behind its prefix")
            .meant(masked.to_string()))
    }

    /// Refuses a network that holds a large part of all addresses.
    pub(crate) fn refuse_wide(self) -> Result<Self, ConfigError> {
        let (prefix, shortest) = match self {
            Self::V4 { prefix, .. } => (prefix, SHORTEST_V4),
            Self::V6 { prefix, .. } => (prefix, SHORTEST_V6),
        };
        if prefix >= shortest {
            return Ok(self);
        }
        let expected = format!(
            "a prefix of at least /{shortest}; if so many addresses are meant, write \
             {{\"value\": \"{self}\", \"wide\": true}}"
        );
        Err(ConfigError::new("network", self.to_string()).expected(expected))
    }

    /// `None` if the prefix is longer than the address.
    fn of(addr: IpAddr, prefix: Option<u8>) -> Option<Self> {
        match addr {
            IpAddr::V4(v4) => Self::v4(v4, prefix.unwrap_or(32)),
            IpAddr::V6(v6) => {
                let prefix = prefix.unwrap_or(128);
                match (v6.to_ipv4_mapped(), prefix.checked_sub(96)) {
                    (Some(v4), Some(prefix)) => Self::v4(v4, prefix),
                    _ => (prefix <= 128).then(|| Self::V6 { start: v6.to_bits(), prefix }),
                }
            }
        }
    }

    fn v4(addr: Ipv4Addr, prefix: u8) -> Option<Self> {
        (prefix <= 32).then(|| Self::V4 { start: addr.to_bits(), prefix })
    }

    fn masked(self) -> Self {
        match self {
            Self::V4 { start, prefix } => Self::V4 { start: start.masked(prefix), prefix },
            Self::V6 { start, prefix } => Self::V6 { start: start.masked(prefix), prefix },
        }
    }
}

/// Shows a single address without its prefix.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4 { start, prefix: 32 } => Ipv4Addr::from_bits(start).fmt(f),
            Self::V4 { start, prefix } => write!(f, "{}/{prefix}", Ipv4Addr::from_bits(start)),
            Self::V6 { start, prefix: 128 } => Ipv6Addr::from_bits(start).fmt(f),
            Self::V6 { start, prefix } => write!(f, "{}/{prefix}", Ipv6Addr::from_bits(start)),
        }
    }
}

/// Digits alone: the standard parser would also take `+8`.
fn decimal(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

// === impl Bits ===

impl Bits for u32 {
    fn masked(self, prefix: u8) -> Self {
        self & Self::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0)
    }
}

impl Bits for u128 {
    fn masked(self, prefix: u8) -> Self {
        self & Self::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0)
    }
}
